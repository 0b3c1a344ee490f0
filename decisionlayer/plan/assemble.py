"""The naive plan: one pass over rows for each measure, all meeting in one DrillAcross, finishes above it, then the result.

It is correct and slow; ``rules/`` make it fast. Each step is a column of its own, so that nothing is computed in two places.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from decimal import Decimal
from functools import partial

from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bases import Base, Picks, rows_of
from decisionlayer.plan.bind.bound import BoundQuestion
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.bind.comparisons import compared_columns
from decisionlayer.plan.bind.expanding import share_of, weighted
from decisionlayer.plan.bind.grids import Grid
from decisionlayer.plan.bind.periods import period_type
from decisionlayer.plan.bind.prices import Price
from decisionlayer.plan.bind.result import BoundRows
from decisionlayer.plan.bind.targets import TARGET
from decisionlayer.plan.bind.tree import Node, Tree
from decisionlayer.plan.kinds.along import along_time
from decisionlayer.plan.kinds.counting import Counting
from decisionlayer.plan.kinds.defined import defined, unbroken
from decisionlayer.plan.kinds.formula import Atom, Keep, Null, Value, evaluate, finish, literal, scale
from decisionlayer.plan.kinds.looked import change_of, share_of_past
from decisionlayer.plan.kinds.measure import COUNTS, Decomposition
from decisionlayer.plan.kinds.own_units import in_one_unit, units_of
from decisionlayer.plan.nodes import Aggregate, Cells, Compute, Derived, DrillAcross, Field, Output, Present
from decisionlayer.plan.over_time import OverTime
from decisionlayer.plan.rules.walking import conjuncts
from decisionlayer.plan.types import type_of
from decisionlayer.resolve.language import tree as language
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name, names
from decisionlayer.resolve.language.types import FLOAT, UNKNOWN, DataType
from decisionlayer.resolve.model import Formula, Metric, Model


@dataclass(frozen=True, slots=True)
class Given:
    """Numbers that are worked out elsewhere: for a metric in a context the column of ``beside`` that it is, in the question's cells.

    Where such a metric has no rows, and what that means, is as its own rows say.
    """

    values: Mapping[Node, str] = field(default_factory=dict)
    beside: tuple[Cells, ...] = ()


NOTHING = Given()


def assemble(question: BoundQuestion, model: Model, given: Given = NOTHING) -> Present:
    """Return the naive plan of a question; what is ``given`` is not worked out again."""
    columns = Columns.of(model)
    if question.tree is None:
        rows = question.rows[None]
        return _present(question, Aggregate(rows_of(columns, rows, (), []), rows.keys, ()), {})
    tree = question.tree
    ledger = _Ledger(question)
    inputs: list[Aggregate] = []
    beside: dict[Cells, None] = {}
    values: dict[Node, Value] = {}
    reads = None
    if question.timing is not None:
        reads = OverTime(question, model, columns, ledger.fresh, ledger.namer, ledger.types, ledger.derived)
    for node in tree.nodes:
        if node.since:
            value = defined(
                (values[child.node] for child in node.children.values()),
                (_since(node, day, question, model, reads) for day in node.since),
                ledger.keeper(node),
            )
        elif isinstance(node.metric.body, Formula):
            value = _formula(node, values, question, model, ledger, reads)
        else:
            measure = partial(_measure, node, question.rows[node], columns=columns, ledger=ledger)
            if reads is not None:
                value, counted = reads.measure(node, measure)
            else:
                base = measure(len(inputs))
                inputs.append(base.aggregate)
                if base.instants is not None:
                    beside[base.instants] = None
                value, counted = base.value, base.counted
            if counted is not None:
                ledger.counted[counted.rows] = counted
        if node in given.values:
            value = Value(Name((given.values[node],)), value.atoms, Null.unknown)
            ledger.types[given.values[node]] = FLOAT
        values[node] = ledger.settle(node, value)
    ledger.name_roots(values)
    metrics = {root.metric.name: _type(root, question) for root in tree.roots}
    metrics |= _compared(question, tree, values, ledger, lambda node, day: _since(node, day, question, model, reads))
    ledger.derive(question.derived)
    if reads is not None:
        cells: Cells = reads.cells(ledger.used((*question.derived, *metrics)))
    else:
        counts = frozenset(state.name for each in inputs for state in each.states if state.function in COUNTS)
        cells = DrillAcross(tuple(inputs), question.groups, counts, tuple(beside))
    if given.beside and reads is None and not ledger.used(metrics) & {state.name for each in inputs for state in each.states}:
        cells = DrillAcross(given.beside, question.groups)  # they have a row wherever the metrics have rows
    elif given.beside:
        cells = DrillAcross((cells,), ledger.groups, frozenset(), given.beside)
    return _present(question, ledger.computed(cells, (*question.derived, *metrics)), metrics)


def _since(node: Node, day: dt.date, question: BoundQuestion, model: Model, reads: OverTime | None) -> Expr:
    """Return the condition that what a node reads in a cell began on a day or after it."""
    if reads is not None:
        return reads.told.since(node, day)
    assert question.key is not None
    column, unit = question.key
    return Call(">=", (Name((column,)), Literal(Grid(unit, model.project).on(day))))


def _compared(
    question: BoundQuestion, tree: Tree, values: Mapping[Node, Value], ledger: _Ledger, since: Callable[[Node, dt.date], Expr]
) -> dict[str, DataType]:
    """Define what stands beside the asked metrics: another cell's value, the change from it, and that as a fraction of it."""
    roots = {root.metric.name: root for root in tree.roots}
    found: dict[str, DataType] = {}
    for column, node in tree.compared.items():
        columns = compared_columns(column, _type(node, question))
        change, fraction = (name for name, _ in columns[1:])
        now, then = values[roots[node.metric.name]], values[node]
        if not isinstance(then.expr, Name):  # a year ago may be the period before, under the name of that
            then = replace(then, expr=Name((column,)))
        root = roots[node.metric.name]
        crossed = [
            (Literal(True) if each.after else since(root, each.day), Literal(False) if each.before else since(node, each.day))
            for each in question.breaks.get(column, ())
        ]
        ledger.define(change, unbroken(change_of(now, then, ledger.keeper(node)).expr, crossed))
        ledger.define(fraction, share_of_past(Name((change,)), Name((column,))))
        found |= dict(columns)
    for metric, (promised, type) in question.targets.items():
        columns = compared_columns(f"{metric}__{TARGET}", type)
        target, change, fraction = (name for name, _ in columns)
        ledger.define(target, promised)
        now = values[roots[metric]]
        ledger.define(change, Call("-", (now.expr, Name((target,)))))
        ledger.define(fraction, share_of_past(Name((change,)), Name((target,))))
        found |= dict(columns)
    return found


def _type(node: Node, question: BoundQuestion) -> DataType:
    """Return the type of a metric's column; what is shared out over a bridge is no whole number any more."""
    assert question.tree is not None
    under = (question.rows[leaf].expansions for leaf in question.tree.under(node) if leaf in question.rows)
    shares = any(share_of(each) is not None for each in under)
    return FLOAT if shares and node.metric.type.is_number else node.metric.type


def _present(question: BoundQuestion, cells: Cells, metrics: Mapping[str, DataType]) -> Present:
    fields = (*question.groups, *(Field(name, type) for name, type in metrics.items()))
    return Present(cells, fields, question.having, question.order, question.limit)


def _measure(leaf: Node, rows: BoundRows, number: int, *, columns: Columns, ledger: _Ledger) -> Base:
    """Return the states of a measure over its rows, whichever cells are read of them; ``number`` tells the rows apart."""
    metric = leaf.metric
    # What another cell is read of is the measure as it is in its own.
    name, namer = (metric.name, ledger.fresh) if leaf.context.looks else (leaf.name, ledger.namer(leaf))
    counting = Counting.of(leaf, rows, columns, ledger.derived, ledger.today)
    own, measure = list(counting.own), counting.measure
    decomposition = Decomposition(
        name, number, metric.decimals, lambda expr: columns.type_of(rows.source, expr), namer, share=share_of(rows.expansions)
    )
    told = metric.name in ledger.told_missing
    stock = counting.stock
    units = units_of(leaf, rows.source, columns, ledger.fresh)
    if stock is not None and not stock.is_one_instant:
        along = along_time(counting, stock, decomposition, ledger.keeper(leaf), ledger.instants, told=told, summed=leaf in ledger.summed)
        for state in along.aggregate.states:
            ledger.types[state.name] = state.type
        return Base(along.aggregate, along.value, frozenset(own), along.counted, instants=along.instants)
    value = decomposition.value(measure, ledger.keeper(leaf), alone=not units and _stays(metric, measure))
    value = in_one_unit(value, metric, units)
    counted = None
    if told and (decomposition.share is not None or not _null_is_no_rows(measure, own)):  # a share of 0 is not NULL either
        counted = decomposition.all_rows()
    states = tuple(decomposition.states.values())
    states = weighted(metric.name, states, rows.expansions)
    states = (*states, *units) if decomposition.beside is None else (*states, decomposition.beside, *units)
    for state in states:
        ledger.types[state.name] = state.type
    read = [part for state in states for part in (state.argument, state.where) if part is not None]
    aggregate = Aggregate(counting.rows(tuple(read)), rows.keys, states, rows.clock)
    picks = None if stock is None else Picks(stock.over_time, stock.counted_periods(rows, columns))
    return Base(aggregate, value, frozenset(own), counted, picks=picks)


def _null_is_no_rows(measure: Expr, conditions: list[Expr]) -> bool:
    """Whether no kept row can leave ``measure`` NULL: it aggregates one column, and a filter keeps only rows that have it."""
    if not isinstance(measure, language.Aggregate) or measure.function in COUNTS or measure.where is not None:
        return False
    parts = [part for condition in conditions for part in conjuncts(condition)]
    return isinstance(measure.argument, Name) and any(_needs(part, measure.argument) for part in parts)


def _needs(condition: Expr, column: Name) -> bool:
    """Whether a condition is never true where ``column`` is NULL."""
    match condition:
        case Call(function="not", arguments=(Call(function="is_null", arguments=(tested,)),)):
            return tested == column
        case Call(function="=" | "<>" | "<" | "<=" | ">" | ">=", arguments=sides):
            return column in sides
        case _:
            return False


def _stays(metric: Metric, measure: Expr) -> bool:
    """Whether a single aggregate is the metric, with nothing to finish."""
    if not isinstance(measure, language.Aggregate):
        return False
    is_count = measure.function in COUNTS
    return metric.missing is None or metric.missing == ("zero" if is_count else "null")


def _priced(price: Price, node: Node, question: BoundQuestion, model: Model, reads: OverTime | None) -> Value:
    """Return the price that holds in a cell: one for all, or by when what the cell reads begins."""
    if price.first is None:
        return literal(Literal(_exact(price.lives[0].value)))
    assert question.key is not None
    grid = Grid(question.key[1], model.project)
    first = price.first
    if reads is not None and not isinstance(first, Name):
        words = "_".join(look.word for look in node.context.looks)
        first = reads.told.column(first, f"begins__{words}", period_type(grid.unit))
    branches: list[tuple[Expr, Expr]] = []
    for life in price.lives[:-1]:
        assert life.since is not None
        branches.append((Call(">=", (first, Literal(grid.on(life.since)))), Literal(life.value)))
    oldest, changed = price.lives[-1], price.lives[-2].since
    assert changed is not None
    branches.append((Call("<", (first, Literal(grid.on(changed)))), Literal(oldest.value)))
    return Value(Case(tuple(branches), None), frozenset(), Null.unknown)  # what has no time has no price


def _formula(
    node: Node, values: Mapping[Node, Value], question: BoundQuestion, model: Model, ledger: _Ledger, reads: OverTime | None
) -> Value:
    body = node.metric.body
    assert isinstance(body, Formula) and node.formula is not None

    def leaf(name: Name | language.Aggregate) -> Value:
        if isinstance(name, language.Aggregate):
            raise LookupError(f"an aggregate stands in the formula of {node.metric.name}")
        child = node.children.get(name.text)
        if child is not None:
            return scale(values[child.node], child.factor)
        if name.text in node.lengths:
            assert reads is not None
            return Value(reads.told.length(node.lengths[name.text]), frozenset(), Null.unknown)
        price = question.prices.get((node, name.text))
        if price is not None:
            return _priced(price, node, question, model, reads)
        return literal(Literal(_exact(model.assumptions[name.text].value)))

    return evaluate(node.formula, leaf, ledger.keeper(node))


def _exact(value: language.Value) -> language.Value:
    """Return 74 for 74.0, so that whole prices keep whole numbers whole."""
    if isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) < 2**31:
        return int(value)
    return value


class _Ledger:
    """The columns between the aggregates and the result: what each is, by which name, over which others."""

    def __init__(self, question: BoundQuestion) -> None:
        assert question.tree is not None
        self.groups = tuple(group for group in question.groups if group.name not in question.derived)
        self.today = question.today
        #: What the question derives before it counts.
        self.derived: dict[Cells, Derived] = {}
        self._instants: dict[Aggregate, Aggregate] = {}
        self.types: dict[str, DataType] = {}
        #: The leaves beneath a metric that says what holds where it has no rows, and how many rows each has.
        tree = question.tree
        self.told_missing = frozenset(
            leaf.metric.name for node in tree.nodes if node.metric.missing for leaf in tree.under(node)
        )
        #: The leaves that may be part of a sum: beneath a formula, or compared.
        formulas = [node for node in tree.nodes if node.formula is not None]
        self.summed = frozenset(tree.leaves if tree.compared else (leaf for node in formulas for leaf in tree.under(node)))
        self.counted: dict[int, Atom] = {}
        self._defined: dict[str, Expr] = {}
        self._level: dict[str, int] = {}
        #: Every asked column with its node: two may be one number, as the year before and a year ago are by year.
        self.named = (*((root.metric.name, root) for root in tree.roots), *tree.compared.items())
        self._roots = {node: name for name, node in reversed(self.named)}
        #: Names that are spoken for, without case: warehouses do not tell ``Late`` from ``late``.
        self._taken = {name.casefold() for name in (*(group.name for group in question.groups), *(name for name, _ in self.named))}

    def namer(self, leaf: Node) -> Callable[[str], str]:
        """Return what names the aggregates of a leaf: one that is an asked metric itself bears the metric's name."""
        asked = self._roots.get(leaf)
        return lambda name: name if name == asked else self.fresh(name)

    def fresh(self, name: str) -> str:
        """Return ``name``, or it with a number, so that nothing else bears it."""
        candidate, number = name, 1
        while candidate.casefold() in self._taken:
            number += 1
            candidate = f"{name}_{number}"
        self._taken.add(candidate.casefold())
        return candidate

    def instants(self, cells: Aggregate) -> Aggregate:
        """Return cells that count instants, under a column of their own, the same for equal ones."""
        if cells not in self._instants:
            state = replace(cells.states[0], name=self.fresh(cells.states[0].name))
            self.types[state.name] = state.type
            self._instants[cells] = replace(cells, states=(state,))
        return self._instants[cells]

    def keeper(self, node: Node) -> Keep:
        """Return what gives an expression of ``node`` a column of its own."""
        return lambda expr: Name((self.define(self.fresh(f"{node.name}__part"), expr),))

    def settle(self, node: Node, value: Value) -> Value:
        """Return the finished value of a node as a column."""
        finished = finish(value, node.metric.missing, self.keeper(node), self.counted)
        if isinstance(finished.expr, Name | Literal):
            return finished
        column = self._roots[node] if node in self._roots else self.fresh(node.name)
        return Value(Name((self.define(column, finished.expr),)), finished.atoms, finished.null)

    def name_roots(self, values: Mapping[Node, Value]) -> None:
        """Give each asked column its name where it is another one's under this name."""
        for name, root in self.named:
            expr = values[root].expr
            if expr != Name((name,)):
                self.define(name, expr)

    def derive(self, groups: Mapping[str, Expr]) -> None:
        """Define the groups that follow from the asked period."""
        for name, expr in groups.items():
            self.define(name, expr)

    def define(self, column: str, expr: Expr) -> str:
        """Give an expression over other columns a column, and return its name."""
        self._defined[column] = expr
        self.types[column] = type_of(expr, lambda each: self.types.get(each.text, UNKNOWN))
        self._level[column] = 1 + max((self._level.get(each.text, 0) for each in names(expr)), default=0)
        return column

    def used(self, wanted: Iterable[str]) -> frozenset[str]:
        """Return every column that ``wanted`` stand on, themselves included."""
        found: set[str] = set()
        waiting = list(wanted)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += (each.text for each in names(self._defined[name])) if name in self._defined else ()
        return frozenset(found)

    def computed(self, cells: Cells, wanted: tuple[str, ...]) -> Cells:
        """Return ``cells`` with one Compute for each step of the columns that lead to ``wanted``."""
        needed = [set(wanted)]
        top = max((self._level.get(name, 0) for name in wanted), default=0)
        for level in range(top, 0, -1):
            below: set[str] = set()
            for name in needed[-1]:
                at_level = self._level.get(name, 0) == level
                below |= {each.text for each in names(self._defined[name])} if at_level else {name}
            needed.append(below - {group.name for group in self.groups})  # keys pass through by themselves
        for level, columns in enumerate(reversed(needed[:-1]), start=1):
            ordered = wanted if level == top else sorted(columns)
            outputs = tuple(
                Output(name, self.types.get(name, FLOAT), self._defined[name] if self._level.get(name, 0) == level else Name((name,)))
                for name in ordered
            )
            cells = Compute(cells, self.groups, outputs)
        return cells

"""The mean of what gathers over the days of a longer period: its states day by day, added up and divided by how many days there are.

::

    over_time: avg, trailing(sales, '28 days')  by month and shop

    base     sales by day and shop
    days     each day from the first row to the last, within the range
    read     for each day the sales of 28 days, by shop
    cells    by month and shop, added up over the days; beside each month how many days it has

A group without rows on a day adds nothing, and the day counts: parts make the whole. docs/adr/0014-conventions.md has the reasons.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.bases import MERGES, Base
from decisionlayer.plan.bind.calendars import expanded
from decisionlayer.plan.bind.filling import MOST_PERIODS, every_step
from decisionlayer.plan.bind.grids import Grid
from decisionlayer.plan.bind.means import Averaged
from decisionlayer.plan.bind.periods import period_at, period_type
from decisionlayer.plan.bind.timing import earliest, latest, span_column
from decisionlayer.plan.bind.tree import Node
from decisionlayer.plan.kinds.formula import Null, Value
from decisionlayer.plan.kinds.measure import COUNTS
from decisionlayer.plan.kinds.stock import derive
from decisionlayer.plan.nodes import (
    Aggregate,
    Cells,
    Derived,
    DrillAcross,
    Every,
    Field,
    Output,
    Spine,
    State,
)
from decisionlayer.plan.shape import fields
from decisionlayer.plan.spine_reads import counted_anew, gathered
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name, conjunction, transform
from decisionlayer.resolve.language.types import INTEGER

if TYPE_CHECKING:
    from decisionlayer.plan.over_time import OverTime


def averaged(over: OverTime, leaf: Node, base: Base, read: Averaged) -> Base:
    """Return the cells of a measure by the asked period, each its mean over the days of that; ``base`` are its own by day or shorter."""
    if leaf.over_time is not None or any(state.type.is_number is False for state in base.aggregate.states):
        raise QueryError(_not_built(leaf))
    days = Grid(read.unit, over.project)
    spine = _days(over, leaf, read)
    cells = _each_day(over, base, read, spine)
    derived = derive(cells, f"{leaf.rows_are_of}_each_{read.unit.replace('.', '_')}", over.derived)
    period = _period(over, derived, read.key, days)
    types = {field.name: field.type for field in fields(cells)}
    own = over.base_key(read.base)
    keys = tuple(
        period if key.name == own else Output(key.name, types[key.name], Name((derived.alias, key.name))) for key in base.aggregate.keys
    )
    states = tuple(State(each.name, each.type, "sum", Name((derived.alias, each.name))) for each in base.aggregate.states)
    number = _number(over, spine, read, days)
    value = _mean(base, Name((number.states[0].name,)))
    counts = frozenset(each.name for each in base.aggregate.states if each.function in COUNTS)
    return Base(Aggregate(derived, keys, states), value, base.conditions, base.counted, instants=number, counts=counts)


def _days(over: OverTime, leaf: Node, read: Averaged) -> Spine:
    """Return each day from the first to the last row of all that stands in the number, within the range."""
    days = Grid(read.unit, over.project)
    low, high = (None if edge is None else Literal(edge) for edge in (read.first, read.last))
    spans: dict[Aggregate, None] = {}
    ends: dict[str, list[Expr]] = {"first": [], "last": []}
    for source, column in leaf.context.ends or ((leaf.rows_are_of, leaf.measure.clock),):
        clock = over.model.sources[source].clock(column)
        assert clock is not None
        over.told.span(source, clock)
        spans[over.told.spans[source, clock.column]] = None
        for end, found in ends.items():
            found.append(period_at(Name((span_column(source, clock, end),)), clock, days.unit, over.project))
    cells: Cells = next(iter(spans)) if len(spans) == 1 else DrillAcross(tuple(spans), ())
    first, last = reduce(earliest, ends["first"]), reduce(latest, ends["last"])
    within_data = ([Call("<=", (low, last))] if low is not None else []) + ([Call("<=", (first, high))] if high is not None else [])
    opening = first if low is None else Call("greatest", (first, low))
    closing = last if high is None else Call("least", (last, high))
    there = conjunction(tuple(within_data))  # where the data end before the range, no day of it is one
    inputs = [
        (cells, expanded(each if there is None else Case(((there, each),), None), over.project)) for each in (opening, closing)
    ]
    key = Name((read.key,))
    within = [Call(">=", (key, low))] if low is not None else []
    within += [Call("<=", (key, high))] if high is not None else []
    count, unit, each, starts = every_step(days, key)
    every = Every(None, None, count, unit, MOST_PERIODS * each, starts)
    return Spine(tuple(inputs), Field(read.key, period_type(read.unit)), where=conjunction(tuple(within)), every=every)


def _each_day(over: OverTime, base: Base, read: Averaged, spine: Spine) -> Cells:
    """Return the states of a measure in what each day reads."""
    fine = Grid(read.base, over.project)
    key = over.base_key(read.base)
    ends = fine.ends(read.interval)
    known: dict[Expr, str] = {}
    for end, called in zip(ends, ("from", "to"), strict=True):
        if end is not None:
            known.setdefault(end, end.text if isinstance(end, Name) else f"{read.key}__{called}")
    columns = (
        Output(name, period_type(read.base), expanded(end, over.project)) for end, name in known.items() if not isinstance(end, Name)
    )
    spine = replace(spine, columns=tuple(columns))
    first, last = None if ends[0] is None else known[ends[0]], known[ends[1]]
    states = {each.name: each for each in base.aggregate.states}
    if first != last and any(state.function not in MERGES for state in states.values()):
        return counted_anew(base.aggregate, key, spine, first, last, states)
    return gathered(base.aggregate, key, spine, first, last, states, over.running(read.interval, fine, key))


def _period(over: OverTime, derived: Derived, key: str, days: Grid) -> Output:
    timing = over.question.timing
    assert timing is not None and timing.key is not None and timing.unit is not None
    asked = Grid(timing.unit, over.project)
    return Output(timing.key, period_type(asked.unit), expanded(asked.at(Name((derived.alias, key)), days), over.project))


def _number(over: OverTime, spine: Spine, read: Averaged, days: Grid) -> Aggregate:
    """Return how many days each asked period has."""
    derived = derive(spine, f"each_{read.unit.replace('.', '_')}", over.derived)
    period = _period(over, derived, read.key, days)
    known = next((each for each in over.days if (each.input, each.keys) == (derived, (period,))), None)
    if known is None:
        known = Aggregate(derived, (period,), (State(over.fresh("instants"), INTEGER, "count", None),))
        over.days.append(known)
        over.types[known.states[0].name] = INTEGER
    return known


def _mean(base: Base, number: Name) -> Value:
    counts = {state.name for state in base.aggregate.states if state.function in COUNTS}
    states = {state.name for state in base.aggregate.states}

    def share(node: Expr) -> Expr | None:
        if not isinstance(node, Name) or node.text not in states:
            return None
        quotient = Call("/", (node, number))
        there = Call("not", (Call("is_null", (number,)),))  # a period without a day in the data has no mean
        return Case(((there, Call("coalesce", (quotient, Literal(0)))),), None) if node.text in counts else quotient

    value = base.value
    null = Null.implied if value.null is Null.absent else value.null
    return Value(transform(value.expr, share), value.atoms, null)


def _not_built(leaf: Node) -> Finding:
    what = "a stock" if leaf.over_time is not None else "amounts in a unit of their own"
    return Finding(
        "not-built", "question", f"the mean over days of what gathers `{leaf.metric.name}`, {what}, is not answered in this version yet",
        leaf.metric.place, help="leave `over_time: avg` out, for the last day of each period",
    )  # fmt: skip

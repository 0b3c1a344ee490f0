"""A plan as one statement, as a person would write it: a step has a name and says what one of its rows is.

A question over one source is one SELECT. States that are needed in more than one place of a column get a step of their own,
and so does each source where several meet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from typing import assert_never

from decisionlayer.capabilities import Capabilities
from decisionlayer.frozen import dataclass
from decisionlayer.plan.nodes import (
    LEVEL,
    Aggregate,
    Cells,
    Compute,
    Cover,
    Derived,
    DrillAcross,
    Expand,
    Field,
    First,
    Instants,
    Join,
    Keep,
    MatchEvents,
    Plan,
    Present,
    Readings,
    RollUp,
    Rows,
    Scan,
    SemiJoin,
    Shift,
    Spine,
    Stack,
    Window,
)
from decisionlayer.plan.rules.walking import with_inputs
from decisionlayer.plan.shape import grain
from decisionlayer.resolve.language.tree import Expr, Name, names, transform
from decisionlayer.resolve.language.types import UNKNOWN
from decisionlayer.resolve.model import DataFile, Lines, SqlText, Table, Tree
from decisionlayer.sql.cells import drill_across, first, instants, shift, spine, window
from decisionlayer.sql.dialects import Dialect, dialect_of
from decisionlayer.sql.expressions import Speller, written_out
from decisionlayer.sql.functions import Text
from decisionlayer.sql.levels import by_levels, known_level, named_again, numbered, roll_up, stack
from decisionlayer.sql.naming import identifier, literal, unshadowed, words_of
from decisionlayer.sql.rows import Known, RowsText
from decisionlayer.sql.select import Column, Select, Step, statement, verbatim
from decisionlayer.sql.statement import Statement, StatementColumn


def emit(plan: Plan, capabilities: Capabilities, *, inline: bool = False) -> Statement:
    """Return the statement of a plan; ``inline`` writes parameters out, for what takes none, such as views.

    Raises QueryError (``not-built``) for a dialect that this version does not write.
    """
    emission = _Emission(dialect_of(capabilities.dialect), capabilities, plan, inline)
    text = emission.statement()
    metrics = dict(plan.metrics)
    columns = tuple(
        StatementColumn(shown.name, shown.type, "metric" if shown.name in metrics else "group", metrics.get(shown.name))
        for shown in plan.root.fields
    )
    # A rewrite may have found that a parameter says nothing, and an engine refuses a value that the text has no place for.
    parameters = {name: value for name, value in plan.parameters.items() if name in emission.bound}
    return Statement(text, capabilities.dialect, columns, parameters, tuple(sorted(emission.reads)), _is_leveled(plan))


@dataclass(slots=True)
class _Emission:
    dialect: Dialect
    capabilities: Capabilities
    plan: Plan
    inline: bool
    steps: list[Step] = field(default_factory=list)
    reads: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    written: dict[int, tuple[str, Mapping[str, Known]]] = field(default_factory=dict)
    readers: Counter[int] = field(default_factory=Counter)
    levels: Mapping[str, int] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)

    def statement(self) -> str:
        """Return the whole text."""
        self.levels = numbered(self.plan.root)
        self._look_around(self.plan.root.input)
        self._count_readers(self.plan.root.input, set())
        return statement(self.steps, self._present(self.plan.root))

    # the result

    def _present(self, root: Present) -> Select:
        cells = root.input
        compute: Compute | None = cells if isinstance(cells, Compute) and cells.where is None else None
        below: Cells = cells if compute is None else compute.input
        if isinstance(below, Aggregate) and self._fits_one_select(root, compute, below):
            return self._one_select(root, compute, below)
        if compute is not None and root.having is not None and not _only_shown_columns(root.having, compute):
            below = compute
            compute = None
        source, known = self.step(below)
        speller = self.speller(known)
        outputs = self._outputs(root, compute)
        having = None if root.having is None else _written_out(root.having, compute)
        return Select(
            columns=tuple(self._shown(speller, shown, outputs[shown.name]) for shown in root.fields),
            sources=(f"FROM {source}",),
            where=() if having is None else speller.filter_over_groups(having),
            order=self._order(root, source),
            limit=root.limit,
        )

    def _fits_one_select(self, root: Present, compute: Compute | None, below: Aggregate) -> bool:
        """Whether no column needs a state twice, and the filter over the result speaks of no group."""
        if root.having is not None:
            keys = {key.name for key in below.keys}
            if any(name.text in keys for name in names(root.having)):
                return False
        return compute is None or _uses_each_once(compute, below)

    def _one_select(self, root: Present, compute: Compute | None, below: Aggregate) -> Select:
        rows = RowsText(self, below)
        speller = self.speller(rows.known, rows.written())
        outputs = self._outputs(root, compute)
        having = None if root.having is None else _written_out(root.having, compute)
        keys = {key.name for key in below.keys}
        shown = sorted(root.fields, key=lambda each: each.name not in keys)
        return Select(
            columns=tuple(self._shown(speller, each, outputs[each.name]) for each in shown),
            sources=rows.sources(),
            where=rows.where(),
            grouped=len(below.keys),
            having=() if having is None else speller.condition(having),
            order=self._order(root),
            limit=root.limit,
        )

    def _outputs(self, root: Present, compute: Compute | None) -> Mapping[str, Expr]:
        outputs: dict[str, Expr] = {shown.name: Name((shown.name,)) for shown in root.fields}
        if compute is not None:
            outputs |= {column.name: column.expr for column in compute.columns}
        return outputs

    def _shown(self, speller: Speller, shown: Field, expr: Expr) -> Column:
        text = speller.text(expr)
        if self.levels and shown == LEVEL:
            return Column(named_again(self.levels, text.sql), self.quoted(shown.name))
        wanted = self.dialect.type(shown.type)
        if wanted and speller.physical(expr) != wanted:
            text = speller.cast(text, shown.type)
        return Column(text.sql, self.quoted(shown.name))

    def _order(self, root: Present, source: str = "") -> tuple[str, ...]:
        return tuple(
            f"{self._ordered(order.column, source)}{' DESC' if order.descending else ''} NULLS LAST"
            for order in root.order
        )

    def _ordered(self, column: str, source: str) -> str:
        """A level is sorted by its number, in the step below, not by the name that is shown."""
        return f"{source}.{self.quoted(column)}" if self.levels and column == LEVEL.name else self.quoted(column)

    # steps

    def step(self, cells: Cells) -> tuple[str, Mapping[str, Known]]:
        """Write ``cells`` as a step, once however many read it; return its name and columns."""
        if id(cells) not in self.written:
            self.written[id(cells)] = self._step(cells)
        return self.written[id(cells)]

    def _step(self, cells: Cells) -> tuple[str, Mapping[str, Known]]:
        match cells:
            case Aggregate():
                return self._aggregate(cells)
            case Instants():
                return instants(self, cells)
            case First():
                return first(self, cells)
            case DrillAcross():
                return drill_across(self, cells)
            case Compute():
                return self._compute(cells)
            case RollUp():
                return roll_up(self, cells)
            case Stack():
                return stack(self, cells)
            case Spine():
                return spine(self, cells)
            case Shift():
                return shift(self, cells)
            case Window():
                return window(self, cells)
            case _:
                assert_never(cells)

    def named(self, name: str, keys: tuple[str, ...], text: str) -> str:
        """Add a step under ``name``, or it with a number; return what it is called."""
        step = identifier(unshadowed(name, self.taken), self.dialect)
        by = " and ".join(key.replace("__", ".").replace("\n", " ") for key in keys)
        self.steps.append(Step(step, f"one row per {by}" if keys else "exactly one row", text))
        return step

    def _aggregate(self, cells: Aggregate) -> tuple[str, Mapping[str, Known]]:
        rows = RowsText(self, cells)
        columns = [Column(rows.speller.text(key.expr).sql, self.quoted(key.name)) for key in cells.keys]
        level, group_by = by_levels(self, {key.name: column.text for key, column in zip(cells.keys, columns, strict=True)}, cells.levels)
        columns += [*level, *(Column(rows.state(state.name).sql, self.quoted(state.name)) for state in cells.states)]
        select = Select(tuple(columns), rows.sources(), rows.where(), 0 if level else len(cells.keys), group_by=group_by)
        keys = grain(cells)
        name = self.named(f"{rows.scan.source}_{'cells' if keys else 'in_all'}", keys, select.text())
        return name, rows.known | known_level(cells.levels)

    def _compute(self, cells: Compute) -> tuple[str, Mapping[str, Known]]:
        keys = tuple(key.name for key in cells.keys)
        alone = isinstance(cells.input, Aggregate) and self.readers[id(cells.input)] < 2 and not cells.input.levels
        if alone and isinstance(cells.input, Aggregate) and cells.where is None and _uses_each_once(cells, cells.input):
            rows = RowsText(self, cells.input)
            below: Mapping[str, Known] = rows.known
            speller = self.speller(below, rows.written())
            name, sources, where, grouped = f"{rows.scan.source}_cells", rows.sources(), rows.where(), len(keys)
        else:
            source, below = self.step(cells.input)
            if cells.where is None and _passes_all_on(cells, below):
                return source, below
            speller = self.speller(below)
            where = () if cells.where is None else speller.filter_over_groups(cells.where)
            name, sources, grouped = "finished" if cells.where is None else "cells_asked", (f"FROM {source}",), 0
        columns = [Column(speller.text(Name((key,))).sql, self.quoted(key)) for key in keys]
        columns += [Column(speller.text(each.expr).sql, self.quoted(each.name)) for each in cells.columns]
        known = {key: below[key] for key in keys}
        known |= {each.name: Known(each.type, speller.physical(each.expr)) for each in cells.columns}
        return self.named(name, keys, Select(tuple(columns), sources, where, grouped).text()), known

    def level(self, name: str) -> str:
        """Return the number of a level, or its name where a condition reads names."""
        return str(self.levels[name]) if self.levels else verbatim(literal(name))

    def quoted(self, name: str) -> str:
        """Return a column's name as this dialect writes it."""
        return verbatim(identifier(name, self.dialect))

    def speller(self, known: Mapping[str, Known], written: Mapping[str, Text] | None = None) -> Speller:
        """Return a speller of columns of a step, or, with ``written``, of what stands for them in one SELECT."""
        return Speller(
            self.dialect,
            name=lambda name: Text(self.quoted(name.text)) if written is None else written[name.text],
            type=lambda name: known[name.text].type if name.text in known else UNKNOWN,
            physical=lambda name: known[name.text].physical if name.text in known else "",
            parameter=self.parameter,
        )

    def parameter(self, name: str) -> Text:
        """Return what stands for a parameter: its name, or its value where the statement takes none."""
        if self.inline:
            return written_out(self.plan.parameters[name])
        self.bound.add(name)
        return Text(f"${name}")

    def _count_readers(self, cells: Cells, seen: set[int]) -> None:
        """Count for each node how many others read it; what several read is a step of its own."""
        if id(cells) in seen:
            return
        seen.add(id(cells))

        def reads(below: Cells) -> Cells:
            self.readers[id(below)] += 1
            self._count_readers(below, seen)
            return below

        with_inputs(cells, reads)

    def _look_around(self, cells: Cells) -> None:
        """Take note of every name that relations use, so that no step shadows one."""
        match cells:
            case Aggregate() | Instants():
                self._look_below(cells.input)
            case _:
                with_inputs(cells, self._looked)

    def _looked(self, cells: Cells) -> Cells:
        self._look_around(cells)
        return cells

    def _look_below(self, rows: Rows) -> None:
        match rows:
            case Scan():
                self._read(rows)
                return
            case Derived():
                self._look_around(rows.cells)
                return
            case Join():
                self._read(rows.scan)
            case SemiJoin() | Expand():
                self._look_around(rows.cells)
            case MatchEvents():
                self._look_below(rows.events)
            case Keep() | Cover() | Readings():
                pass
            case _:
                assert_never(rows)
        self._look_below(rows.input)

    def _read(self, scan: Scan) -> None:
        self.taken |= words_of(scan.relation)
        match scan.relation.rows if isinstance(scan.relation, Tree) else scan.relation:
            case Table(parts):
                self.reads.add(".".join(parts))
            case DataFile(path=path):
                self.reads.add(path)
            case SqlText():
                self.reads.add(scan.source)
            case Lines():  # they are part of the statement
                pass


def _is_leveled(plan: Plan) -> bool:
    cells = plan.root.input
    while isinstance(cells, Compute):
        cells = cells.input
    return isinstance(cells, Stack)


def _uses_each_once(compute: Compute, below: Aggregate) -> bool:
    """Whether no column needs an aggregate twice, so that writing it where it is used says nothing double.

    Without keys one must be used: it is what makes one row of all.
    """
    states = {state.name for state in below.states}
    if not below.keys and not any(name.text in states for column in compute.columns for name in names(column.expr)):
        return False
    for column in compute.columns:
        used = Counter(name.text for name in names(column.expr))
        if any(count > 1 for name, count in used.items() if name in states):
            return False
    return True


def _passes_all_on(cells: Compute, below: Mapping[str, Known]) -> bool:
    """Whether a step would only say again what is there."""
    shown = {key.name for key in cells.keys} | {column.name for column in cells.columns}
    return shown == set(below) and all(column.expr == Name((column.name,)) for column in cells.columns)


def _only_shown_columns(having: Expr, compute: Compute) -> bool:
    """Whether the filter over the result speaks of keys and of columns that are passed on as they are."""
    plain = {column.name for column in compute.columns if isinstance(column.expr, Name)}
    plain |= {key.name for key in compute.keys}
    return all(name.text in plain for name in names(having))


def _written_out(having: Expr, compute: Compute | None) -> Expr:
    if compute is None:
        return having
    inside = {column.name: column.expr for column in compute.columns}
    return transform(having, lambda node: inside.get(node.text) if isinstance(node, Name) else None)

"""The plan of a question that reads other cells than its own: rows once, then everything on the few rows that are left.

::

    revenue - prior(revenue, '1 month')  by month

    base     revenue by month, over all months that anything reads
    spine    the asked months, and beside each the month before
    cells    drill across: base where the month is asked; the base of the month before; what is known of the past, beside
    compute  the formula
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field

from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.averages import averaged
from decisionlayer.plan.bases import (
    MERGES,
    Base,
    Fresh,
    Group,
    Picks,
    base_key,
    counts_all,
    moved_word,
    only,
    plain,
    rows_of,
    source_of,
)
from decisionlayer.plan.bind.bound import BoundQuestion
from decisionlayer.plan.bind.calendars import expanded
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.bind.grids import Grid, Interval, has_outside, periods_in
from decisionlayer.plan.bind.periods import period_type
from decisionlayer.plan.bind.result import BoundRows
from decisionlayer.plan.bind.timing import Reading, forgets_time
from decisionlayer.plan.bind.tree import Context, Node
from decisionlayer.plan.kinds.counting import Counting
from decisionlayer.plan.kinds.formula import Atom, Null, Value
from decisionlayer.plan.kinds.looked import looked
from decisionlayer.plan.kinds.measure import COUNTS
from decisionlayer.plan.nodes import (
    Aggregate,
    Cells,
    Compute,
    Derived,
    DrillAcross,
    Field,
    Output,
    Running,
    Shift,
    Spine,
    State,
)
from decisionlayer.plan.period_columns import PeriodColumns
from decisionlayer.plan.shape import grain
from decisionlayer.plan.spine_reads import counted_anew, gathered
from decisionlayer.plan.stepping import stepped
from decisionlayer.plan.stock_reads import count_instants, instants, picks, refuse_each
from decisionlayer.plan.types import type_of
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, conjunction, names
from decisionlayer.resolve.language.types import INTEGER, DataType
from decisionlayer.resolve.model import Model, Project


@dataclass(slots=True)
class OverTime:
    """The inputs of one question's cells while they are gathered; ``cells`` puts them together."""

    question: BoundQuestion
    model: Model
    columns: Columns
    fresh: Fresh
    namer: Callable[[Node], Fresh]
    types: dict[str, DataType]
    derived: dict[Cells, Derived]
    bases: dict[tuple[str, Context, Group], Base] = field(default_factory=dict)
    shown: dict[Node, dict[str, str]] = field(default_factory=dict)
    spine_columns: dict[Expr, str] = field(default_factory=dict)
    #: By whose instants, what is read of them, and whether that is the cell itself.
    instants: dict[tuple[Aggregate, Interval | None, bool], tuple[str, Node]] = field(default_factory=dict)
    picked: dict[tuple[Picks, Interval], str] = field(default_factory=dict)
    #: What means over days are made of: the cells by day or shorter, and how many days there are.
    inner: dict[Group, tuple[Aggregate, str]] = field(default_factory=dict)
    days: list[Aggregate] = field(default_factory=list)
    told: PeriodColumns = field(init=False)

    def __post_init__(self) -> None:
        self.told = PeriodColumns(self.question, self.model, self.columns, self.fresh, self.types)

    @property
    def project(self) -> Project:
        """The project, which cuts time."""
        return self.model.project

    # measures

    def measure(self, leaf: Node, measure: Callable[[int], Base]) -> tuple[Value, Atom | None]:
        """Return the value of a measure in the cell that its looks read, and the count of its rows there if somebody asks.

        ``measure`` makes its base, where no other look has yet.
        """
        key = (leaf.metric.name, plain(leaf), self.group(leaf))
        if key not in self.bases:
            found = measure(len(self.bases))
            mean = self.reading(leaf).mean
            if mean is not None:
                self.inner[self.group(leaf)] = found.aggregate, mean.base
            self.bases[key] = found if mean is None else averaged(self, leaf, found, mean)
        base = self.bases[key]
        states = base.aggregate.states
        reading = self.reading(leaf)
        if reading.interval is None and reading.walls is None:
            self.shown[leaf] = {state.name: state.name for state in states} | count_instants(self, leaf, base)
            return base.value, base.counted
        refuse_each(self, leaf)
        known = self.told.of_the_past(leaf, reading)
        stays = len(states) == 1 and base.value.null is Null.absent and isinstance(base.value.expr, Name)
        name = self.namer(leaf) if stays else self.fresh
        called = {
            state.name: name(leaf.name if len(states) == 1 else f"{leaf.name}__{state.function}") for state in states
        }
        self.types |= {called[state.name]: state.type for state in states}
        called |= count_instants(self, leaf, base)
        self.shown[leaf] = called
        rows = -len(self.shown)
        counted = None if base.counted is None else replace(base.counted, column=called[base.counted.column], rows=rows)
        hides = reading.mean is not None and reading.mean.may_be_unknown
        return looked(base.value, called, known, rows, hides=hides), counted

    def group(self, leaf: Node) -> Group:
        """Return which bases a measure's can be one with."""
        rows, reading = self.question.rows[leaf], self.reading(leaf)
        base = reading.base
        keys = tuple(key.name for key in rows.keys)
        if reading.mean is not None:  # what it is the mean of tells it from every other
            own, timing = self.base_key(reading.mean.base), self.question.timing
            assert timing is not None and timing.key is not None
            words = "_".join(look.word for look in leaf.context.looks)
            # Its days end with the rows of all that stands in the number.
            asked = tuple(timing.key if key == own else key for key in keys)
            among = f"{leaf.metric.name} {words} {leaf.context.among or ''} {leaf.context.ends}"
            return Group(base if timing.key in asked else None, asked, reading.range, among)
        return Group(base if base is not None and self.base_key(base) in keys else None, keys, self.reading(leaf).range, leaf.context.among)

    def reading(self, leaf: Node) -> Reading:
        """Return what a measure reads."""
        assert self.question.timing is not None
        return self.question.timing.readings[leaf]

    def base_key(self, base: str) -> str:
        """Return the column of the periods that rows are counted by."""
        return base_key(self.question, base)

    # cells

    def cells(self, used: frozenset[str]) -> DrillAcross:
        """Return everything that the question's columns stand on, met in its cells; ``used`` are the names that they use."""
        self.told.keep(used)
        counts = frozenset(
            name
            for leaf, called in self.shown.items()
            for state in self.base(leaf).aggregate.states
            if (state.function in COUNTS or state.name in self.base(leaf).counts) and (name := called[state.name])
        )
        signatures = self._signatures()
        self._count_rows(signatures.values())
        groups = self._groups()
        wanted = self._keys()
        inputs: dict[object, Cells] = {}
        beside: list[Cells] = []
        spine = self._spine(groups)
        for signature, leaves in signatures.items():
            made = self._read(leaves, groups, spine)
            if tuple(key.name for key in wanted) == grain(made):
                inputs[signature] = made
            else:
                beside.append(made)
        if not inputs:
            inputs[None] = self._where_rows_are()
        if self.told.exprs:
            beside.append(self.told.cells(spine))
        beside += (instants(self, cells, name, leaf, spine) for (cells, *_), (name, leaf) in self.instants.items())
        filled = spine if spine is not None and spine.every is not None else None
        return DrillAcross(tuple(inputs.values()), wanted, counts, tuple(beside), filled)

    def base(self, leaf: Node) -> Base:
        """Return the states that a measure is read of."""
        return self.bases[leaf.metric.name, plain(leaf), self.group(leaf)]

    def _keys(self) -> tuple[Field, ...]:
        timing = self.question.timing
        assert timing is not None
        return tuple(group for group in self.question.groups if group.name not in self.question.derived)

    def _groups(self) -> dict[Group, Cells]:
        """Return the bases that can be one as one, each."""
        found: dict[Group, list[Aggregate]] = {}
        for (_, _, group), base in self.bases.items():
            found.setdefault(group, []).append(base.aggregate)
        made: dict[Group, Cells] = {}
        for group, aggregates in found.items():
            keys = tuple(Field(key.name, key.type) for key in aggregates[0].keys)
            counts = frozenset(
                state.name for each in aggregates for state in each.states if state.function in COUNTS
            )
            made[group] = DrillAcross(tuple(aggregates), keys, counts)
        return made

    def _signatures(self) -> dict[object, list[Node]]:
        """Return the measures by what they read: those of one signature are read in one step."""
        found: dict[object, list[Node]] = {}
        for leaf in self.shown:
            reading = self.reading(leaf)
            states = self.base(leaf).aggregate.states
            # What goes back to rows goes back to its own.
            rows = None if all(state.function in MERGES for state in states) else (leaf.metric.name, plain(leaf))
            picked = self.base(leaf).picks
            found.setdefault((self.group(leaf), reading.interval, reading.walls, rows, picked), []).append(leaf)
        return found

    def _read(self, leaves: list[Node], groups: Mapping[Group, Cells], spine: Spine | None) -> Cells:
        """Return the states of measures of one signature, under the names by which the question's columns know them."""
        group = self.group(leaves[0])
        base = groups[group]
        reading = self.reading(leaves[0])
        states = self._called(leaves)
        columns = tuple(Output(name, state.type, Name((state.name,))) for name, state in states.items())
        present = self._present(leaves, group)
        if reading.interval is None or group.base is None:
            keys = tuple(Field(key.name, key.type) for key in self.base(leaves[0]).aggregate.keys)
            timing = self.question.timing
            asked = () if timing is None or group.base is None else timing.where
            # A single row stands beside every cell, also where its measure has no rows: without it there would be no cells.
            return Compute(base, keys, columns, conjunction((*asked, *(present if keys else ()))))
        assert spine is not None
        grid = Grid(group.base, self.project)
        key = self.base_key(group.base)
        first, last = grid.ends(reading.interval)
        picked = self.base(leaves[0]).picks
        if picked is not None and first != last:
            read = only(base, present) if present else base
            return Shift(read, key, spine, self.picked[picked, reading.interval], columns)
        holistic = any(state.function not in MERGES for state in states.values())
        from_, to = None if first is None else self.spine_columns[first], self.spine_columns[last]
        if holistic and first != last:
            return counted_anew(self.base(leaves[0]).aggregate, key, spine, from_, to, states)
        if present:
            base = only(base, present)
        return gathered(base, key, spine, from_, to, states, self.running(reading.interval, grid, key))

    def _called(self, leaves: Iterable[Node]) -> dict[str, State]:
        """Return the states of measures by the names under which the question's columns know them."""
        return {
            called[state.name]: state
            for leaf in leaves
            for called in (self.shown[leaf],)
            for state in self.base(leaf).aggregate.states
            if called[state.name]
        }

    def _count_rows(self, signatures: Iterable[list[Node]]) -> None:
        """Let bases count their rows where a cell of theirs may come from the rows of another measure only."""
        for leaves in signatures:
            group = self.group(leaves[0])
            own = {self._rows_of(leaf) for leaf in leaves}
            others = {
                (self.model.metrics[name].body, base.conditions) for (name, _, each), base in self.bases.items() if each == group
            }
            needs = {source_of(body, conditions) for body, conditions in others} - own
            for leaf in leaves if needs else ():
                base = self.base(leaf)
                if base.all_rows is None:
                    counting = next((each for each in base.aggregate.states if counts_all(each)), None)
                    if counting is None:
                        counting = State(self.fresh(f"{leaf.metric.name}__rows"), INTEGER, "count", None)
                        base.aggregate = replace(base.aggregate, states=(*base.aggregate.states, counting))
                        self.types[counting.name] = INTEGER
                        for each, called in self.shown.items():
                            if self.base(each) is base:
                                called.setdefault(counting.name, "")
                    base.all_rows = counting.name

    def _rows_of(self, leaf: Node) -> tuple[str, str | None, frozenset[Expr]]:
        return leaf.rows_are_of, leaf.measure.clock, self.base(leaf).conditions

    def _present(self, leaves: Iterable[Node], group: Group) -> tuple[Expr, ...]:
        """Return the condition that a cell of the base has rows of one of ``leaves``; none where every cell has."""
        counting = dict.fromkeys(self.base(leaf).all_rows for leaf in leaves)
        if None in counting:
            return ()
        tests = tuple(Call(">", (Name((column,)), Literal(0))) for column in counting if column is not None)
        return (tests[0] if len(tests) == 1 else Call("or", tests),)

    def running(self, interval: Interval, grid: Grid, key: str) -> Running | None:
        """Return an accumulation as a function of its last period; None where its reach is no fixed number of periods."""
        look = interval.running
        if look is None:
            return None
        if look.unit is None:
            return Running()
        if look.function == "to_date":
            if has_outside(look.unit, self.project):
                return None  # what lies outside of the calendar is no period that begins anew
            return Running(bucket=Grid(look.unit, self.project).at(Name((key,)), grid))
        reach = periods_in(look.count, look.unit, grid.unit, self.project)
        return None if reach is None else Running(reach=reach[0], unit=reach[1])

    # the spine

    def _spine(self, groups: Mapping[Group, Cells]) -> Spine | None:
        timing = self.question.timing
        if timing is None or timing.key is None or timing.unit is None:
            return None
        asked = Grid(timing.unit, self.project)
        read: dict[Expr, None] = {}
        for leaf in self.shown:
            reading = self.reading(leaf)
            if reading.interval is None or reading.base is None:
                continue
            for end in Grid(reading.base, self.project).ends(reading.interval):
                if end is not None:
                    read[end] = None
        for leaf in self.shown:
            for source, column in (*leaf.context.ends, (leaf.rows_are_of, leaf.measure.clock)):
                if (clock := self.model.sources[source].clock(column)) is not None:
                    self.told.span(source, clock)
        for number, expr in enumerate(read, start=1):
            if isinstance(expr, Name):
                self.spine_columns[expr] = expr.text
            else:
                self.spine_columns[expr] = self.fresh(f"{timing.key}__{moved_word(expr) or number}")
        outputs = [
            Output(name, type_of(expr, lambda each: period_type(asked.unit)), expr)
            for expr, name in self.spine_columns.items()
            if not isinstance(expr, Name)
        ]
        outputs += [Output(name, self.types[name], expr) for name, expr in self.told.exprs.items()]
        key = Field(timing.key, period_type(timing.unit))
        known = {key.name: key.type} | {state.name: state.type for span in self.told.spans.values() for state in span.states}
        steps, columns = stepped(outputs, known, lambda expr: expanded(expr, self.project), self.fresh, f"{timing.key}__part")
        used = {name.text for step in (*steps, columns) for each in step for name in names(each.expr)}
        spans = tuple(span for span in self.told.spans.values() if any(state.name in used for state in span.states))
        elsewhere = self._of_other_units()
        moved = {self.group(leaf) for leaf in elsewhere}
        inputs = tuple(
            (self._inside(cells, base), asked.at(Name((self.base_key(base),)), Grid(base, self.project)))
            for group, own in groups.items()
            if group.base is not None and group not in moved
            for cells, base in (self.inner.get(group, (own, group.base)),)
        )
        told = {(leaf.metric.name, leaf.context.members) for leaf in self.shown if leaf not in elsewhere}
        others = [self._rows_in_cells(leaf) for leaf in elsewhere if (leaf.metric.name, leaf.context.members) not in told]
        inputs += tuple((cells, Name((key.name,))) for cells in dict.fromkeys(others))
        inputs += tuple((cells, Name((key.name,))) for rows in self.question.also_by for cells in self._periods_of(rows, key.name))
        inputs += tuple((cells, Name((key.name,))) for cells in dict.fromkeys(self._between_instants(key.name)))
        if all(len(self.base(leaf).aggregate.keys) < len(self._keys()) for leaf in self.shown):
            # Every measure forgets a split, so that cells are where rows are, those of what reads the whole range too.
            whole = dict.fromkeys(self._rows_in_cells(leaf) for leaf in self.shown if forgets_time(leaf))
            inputs += tuple((cells, Name((key.name,))) for cells in whole)
        return Spine(inputs, key, spans, columns, conjunction(timing.where), tuple(picks(self)), timing.every, steps)

    def _between_instants(self, key: str) -> Iterator[Cells]:
        """Yield the asked periods in which a stock has rows at any instant: at the one that is read a filter may have left none.

        A shelf of one article that is empty at the end of the year has no cell of that year, and yet it was there, and had more before.
        """
        rows = self._cells_of()
        for leaf in self.shown:
            if self.base(leaf).picks is None or forgets_time(leaf):  # the whole range makes no period
                continue
            counting = Counting.of(leaf, rows[leaf], self.columns, self.derived, self.question.today).at_any_instant()
            keys = self._keys_of(rows[leaf])  # all of them: what crosses a bridge is told apart by its own
            if counting is not None and any(each.name == key for each in keys):
                yield Aggregate(counting.rows(()), keys, (), rows[leaf].clock)

    def _periods_of(self, rows: BoundRows, key: str) -> tuple[Cells, ...]:
        """Return the asked periods in which another question has rows, or more; none of what has no such period."""
        keys = tuple(each for each in rows.keys if each.name == key)
        conditions = rows.conditions if rows.met is None else rows.of_time  # others may be about what was met
        rows = replace(rows, keys=keys, conditions=conditions, met=None, expansions=(), ways=())
        return (Aggregate(rows_of(self.columns, rows, (), []), keys, (), rows.clock),) if keys else ()

    def _inside(self, cells: Cells, base: str) -> Cells:
        """Return the cells of a base within the range, where it cuts an asked period."""
        edges = self.question.timing.edges.get(base, ()) if self.question.timing else ()
        return only(cells, edges) if edges else cells

    def _of_other_units(self) -> list[Node]:
        """Return the measures whose rows are of the units of another period than the one that they lie in."""
        cells = self._cells_of()
        # What reads all groups meets nothing, and so has no units; where it has rows there is no cell.
        met = {leaf: self.question.rows[leaf].met for leaf in self.shown}
        return [leaf for leaf in self.shown if met[leaf] is not None and met[leaf] != cells[leaf].met]

    def _where_rows_are(self) -> Cells:
        """Return the cells that any measure has rows in, where every measure forgets splits."""
        return DrillAcross(tuple(dict.fromkeys(self._rows_in_cells(leaf) for leaf in self.shown)), self._keys())

    def _rows_in_cells(self, leaf: Node) -> Aggregate:
        """Return the cells that a measure has rows in: a stock where it is measured, whatever else is read of it."""
        rows = self._cells_of()[leaf]
        counting = Counting.of(leaf, rows, self.columns, self.derived, self.question.today)
        return Aggregate(counting.rows(()), self._keys_of(rows), (), rows.clock)

    def _cells_of(self) -> dict[Node | None, BoundRows]:
        """Return the rows of each measure as they lie in the asked cells."""
        return dict(zip(self.question.rows, self.question.rows_of_cells, strict=True))

    def _keys_of(self, rows: BoundRows) -> tuple[Output, ...]:
        """Return the keys that rows have before what is derived of them."""
        return tuple(key for key in rows.keys if key.name not in self.question.derived)

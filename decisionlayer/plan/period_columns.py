"""What the asked period alone decides, one column each: whether the past is known, how long the period is, which price holds.

::

    month       sales__prior_1_month__known   length__day
    2026-01-01  false                         31
    2026-02-01  true                          28
"""

from __future__ import annotations

import datetime as dt
from dataclasses import field

from decisionlayer.frozen import dataclass
from decisionlayer.plan.bases import Fresh, extent, touches
from decisionlayer.plan.bind.bound import BoundQuestion
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.bind.grids import Grid, has_outside
from decisionlayer.plan.bind.periods import period_at
from decisionlayer.plan.bind.timing import Reading, span_column
from decisionlayer.plan.bind.tree import Node
from decisionlayer.plan.nodes import Aggregate, Cells, Compute, DrillAcross, Output, Spine
from decisionlayer.resolve.drafting.looks import Length
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, conjunction
from decisionlayer.resolve.language.types import BOOLEAN, FLOAT, DataType
from decisionlayer.resolve.model import Clock, Model


@dataclass(slots=True)
class PeriodColumns:
    """The columns over the asked period, while they are gathered, and the first and last rows that they ask for."""

    question: BoundQuestion
    model: Model
    columns: Columns
    fresh: Fresh
    types: dict[str, DataType]
    exprs: dict[str, Expr] = field(default_factory=dict)
    spans: dict[tuple[str, str], Aggregate] = field(default_factory=dict)

    def of_the_past(self, leaf: Node, reading: Reading) -> str | None:
        """Return the column that says whether what a measure reads touches its data at all; None where nothing can say."""
        clock = self.model.sources[leaf.rows_are_of].clock(leaf.measure.clock)
        if clock is None:
            return None
        source = leaf.rows_are_of
        first, last = (Name((span_column(source, clock, end),)) for end in ("first", "last"))
        self.span(source, clock)
        conditions: list[Expr] = []
        if reading.walls is not None:
            conditions = touches(first, last, reading, clock, self.model.project)
        elif reading.interval is not None and reading.base is not None:
            from_, to = Grid(reading.base, self.model.project).ends(reading.interval)
            base, sign = reading.base, "<="
            if has_outside(base, self.model.project):  # data may begin and end on days that lie in no period
                base, sign, from_, to = "day", "<", reading.interval.first, reading.interval.before
            mean = reading.mean
            if mean is not None:
                opens, closes = mean.days(reading.interval, Grid(reading.base, self.model.project))
                conditions.append(Call("<=", (opens, closes)))
                # The first of its days reads furthest back, and the last furthest on.
                base, sign, from_ = mean.base, "<=", mean.read_on(opens, self.model.project)[0]
                last_from, to = mean.read_on(closes, self.model.project)
                if mean.may_be_unknown and last_from is not None:
                    conditions.append(Call("not", (Call("is_null", (last_from,)),)))
            conditions.append(Call(sign, (period_at(first, clock, base, self.model.project), to)))
            if from_ is not None:
                conditions.append(Call(">=", (period_at(last, clock, base, self.model.project), from_)))
        condition = conjunction(tuple(conditions))
        if condition is None:
            return None
        return self.column(condition, f"{source}__{'_'.join(look.word for look in leaf.context.looks)}__known").text

    def length(self, length: Length) -> Expr:
        """Return how long the period is that is read: a constant, or a column."""
        assert self.question.timing is not None
        told = self.question.timing.lengths[length]
        if isinstance(told, Literal):
            return told
        words = "_".join(look.word for look in length.looks)
        return self.column(told, "__".join(("length", length.unit.replace(".", "_"), *([words] if words else []))), FLOAT)

    def since(self, node: Node, day: dt.date) -> Expr:
        """Return the condition that what a node reads in a cell began on a day or after it."""
        leaf = self.question.tree.under(node)[0] if self.question.tree is not None else node
        timing = self.question.timing
        assert timing is not None
        reading = timing.readings[leaf]
        if reading.walls is not None or timing.key is None or timing.unit is None:
            begins = None if reading.walls is None else reading.walls[0]
            start = reading.range.start
            first = begins or (None if start is None else start.wall)
            return Literal(first is not None and first >= dt.datetime.combine(day, dt.time()))
        if reading.interval is None or reading.interval.first is None or reading.base is None:
            return Call(">=", (Name((timing.key,)), Literal(Grid(timing.unit, self.model.project).on(day))))
        return self.column(
            Call(">=", (reading.interval.first, Literal(Grid(reading.base, self.model.project).on(day)))),
            f"{node.name}__since_{day:%Y_%m_%d}",
        )

    def column(self, condition: Expr, called: str, type: DataType = BOOLEAN) -> Name:
        """Return the column that holds a condition over the asked period, or something else that it alone decides."""
        for name, known in self.exprs.items():
            if known == condition:
                return Name((name,))
        name = self.fresh(called)
        self.exprs[name] = condition
        self.types[name] = type
        return Name((name,))

    def keep(self, used: frozenset[str]) -> None:
        """Forget the columns that nothing uses."""
        self.exprs = {name: condition for name, condition in self.exprs.items() if name in used}

    def span(self, source: str, clock: Clock) -> None:
        """Have the first and the last time of a source's rows at hand, by one clock."""
        if (source, clock.column) in self.spans:
            return
        moment = next(iter(self.question.rows.values())).moment  # what was known is of the question
        self.spans[source, clock.column] = extent(self.columns, self.model.sources[source], clock, moment)

    def cells(self, spine: Spine | None) -> Cells:
        """Return what is known of the past, one row a period, or one row where the range is the period."""
        columns = tuple(Output(name, self.types[name], Name((name,))) for name in self.exprs)
        if spine is not None:
            return Compute(spine, (spine.key,), columns)
        spans = DrillAcross(tuple(self.spans.values()), ())
        return Compute(spans, (), tuple(Output(name, self.types[name], expr) for name, expr in self.exprs.items()))

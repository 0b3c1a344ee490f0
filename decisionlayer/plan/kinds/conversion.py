"""Conversions: base rows that know what followed them.

::

    visits followed by orders of the same visitor within 7 days

    match events    each visit with the time of the next order
    orders_end      the last time of any order
    converted       next order <= visit + 7 days
    closed          visit + 7 days <= orders_end, and not after the question's today

docs/adr/0006-shapes.md says why open visits are left out, and what ``counts: to_events`` counts instead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan import operations
from decisionlayer.plan.bind.columns import Columns, base_alias
from decisionlayer.plan.bind.moments import earliest
from decisionlayer.plan.bind.result import BoundRows
from decisionlayer.plan.bind.structure import Moment
from decisionlayer.plan.kinds.stock import derive, is_about
from decisionlayer.plan.nodes import (
    Aggregate,
    Cells,
    Derived,
    Expand,
    Join,
    Keep,
    MatchEvents,
    Rows,
    Scan,
    SemiJoin,
    State,
)
from decisionlayer.plan.rules.walking import conjuncts
from decisionlayer.resolve.language import tree as language
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, conjunction, transform
from decisionlayer.resolve.language.types import DATE, INSTANT, TIMESTAMP, DataType
from decisionlayer.resolve.model import CLOSED, CONVERTED, Clock, Match, Measure, Project
from decisionlayer.resolve.reach.grain import is_whole_periods

_LAST = "last_time"


@dataclass(frozen=True, slots=True)
class Times:
    """How the two clocks of a conversion are compared: as days, as wall clocks of one zone, or as instants."""

    type: DataType
    zone: str | None
    project: Project

    @classmethod
    def of(cls, base: Clock, target: Clock, unit: str, project: Project) -> Times:
        """Return the common reading of two clocks: the coarser where one is a date, instants where zones differ."""
        if DATE in (base.type, target.type):
            return cls(DATE, None, project)
        by_wall = base.type == target.type == TIMESTAMP and base.zone == target.zone
        # Days go by the wall clock of the project; hours are as long on any.
        if by_wall and (base.zone == project.timezone or not is_whole_periods("day", unit)):
            return cls(TIMESTAMP, base.zone, project)
        return cls(INSTANT, None, project)

    def read(self, expr: Expr, clock: Clock) -> Expr:
        """Return the value of a clock in this reading."""
        match self.type.kind:
            case DATE.kind if clock.type == DATE:
                return expr
            case DATE.kind:
                held = clock.zone if clock.type == TIMESTAMP else None
                return operations.period_day(operations.wall(expr, held, self.project.timezone), "day", "monday")
            case INSTANT.kind if clock.type == TIMESTAMP:
                return operations.point(expr, clock.zone or self.project.timezone)
            case _:
                return expr

    def later(self, expr: Expr, count: int, unit: str) -> Expr:
        """Return a time of this reading so much later."""
        if self.type == DATE:
            return operations.moved(expr, count, unit)
        if self.type == INSTANT and is_whole_periods("day", unit):
            return operations.moved_clock(expr, count, unit, self.project.timezone)
        return operations.moved_point(expr, count, unit)

    def over_by(self, expr: Expr, today: dt.date) -> Expr:
        """Return the condition that a time was over by the end of a day."""
        if self.type == DATE:
            return Call("<=", (expr, Literal(today)))
        if today == dt.date.max:
            return Literal(True)
        edge = earliest(dt.datetime.combine(today + dt.timedelta(days=1), dt.time()), self.project.timezone)
        if edge is None:
            return Literal(True)
        if self.type == TIMESTAMP:
            edge = edge.astimezone(ZoneInfo(self.zone or self.project.timezone)).replace(tzinfo=None)
        return Call("<", (expr, Literal(edge)))


@dataclass(frozen=True, slots=True)
class Conversion:
    """One conversion over the rows of a question."""

    measure: Measure
    match: Match
    times: Times
    source: str
    columns: Columns
    today: dt.date | None
    moment: Moment

    @classmethod
    def of(cls, measure: Measure, columns: Columns, today: dt.date | None, moment: Moment) -> Conversion | None:
        """Return the conversion that a measure is, None for any other."""
        match = measure.match
        if match is None:
            return None
        base, target = columns.sources[measure.source].clock(measure.clock), columns.sources[match.source].clock(match.clock)
        assert base is not None and target is not None
        return cls(measure, match, Times.of(base, target, match.unit, columns.project), measure.source, columns, today, moment)

    @property
    def alias(self) -> str:
        """The alias of what follows."""
        return f"{self.match.source}_after"

    def _clock(self) -> Expr:
        source = self.columns.sources[self.source]
        clock = source.clock(self.measure.clock)
        assert clock is not None
        return self.times.read(Name((base_alias(source), clock.column)), clock)

    def _window_end(self) -> Expr:
        return self.times.later(self._clock(), self.match.count, self.match.unit)

    def reads(self) -> tuple[Expr, ...]:
        """Return what matching reads of the base rows."""
        source = base_alias(self.columns.sources[self.source])
        return (self._clock(), *(Name((source, mine)) for mine, _ in self.match.entity), *(mine for mine, _ in self._same()))

    def _same(self) -> tuple[tuple[Expr, Expr], ...]:
        return tuple(
            (self.columns.of_row(self.source, mine), self.columns.of_row(self.match.source, theirs))
            for mine, theirs in self.match.same
        )

    def expression(self, known: dict[Cells, Derived]) -> Expr:
        """Return the measure over scans."""
        if self.match.by_event:
            return self.measure.expr
        said = {CONVERTED: self._converted(), CLOSED: self._closed(known)}
        return transform(self.measure.expr, lambda node: said[node.text] if isinstance(node, Name) else None)

    def _converted(self) -> Expr:
        return Call("<=", (Name((self.alias, "next_time")), self._window_end()))

    def _closed(self, known: dict[Cells, Derived]) -> Expr:
        last = Name((derive(self._end(), f"{self.match.source}_end", known).alias, _LAST))
        over: Expr = Call("<=", (self._window_end(), last))
        if self.today is not None:
            over = Call("and", (over, self.times.over_by(self._window_end(), self.today)))
        expr = self.measure.expr
        if isinstance(expr, language.Aggregate) and isinstance(expr.where, Call) and expr.where.function == "not":
            # Where no event ever happened, and of a row without a time, nobody knows that its window is over.
            return Call("coalesce", (over, Literal(False)))
        return over

    def _end(self) -> Aggregate:
        """Return the last time of any event that could follow."""
        time = self._event_time()
        known = self._known()
        rows = self.columns.rows(self.match.source, (time, *known))
        return Aggregate(_kept(rows, known), (), (State(_LAST, self.times.type, "max", time),))

    def _known(self) -> tuple[Expr, ...]:
        """Return the conditions that an event had arrived by the day on which the question is put."""
        source = self.columns.sources[self.match.source]
        return self.moment.known(source, base_alias(source))

    def _event_time(self) -> Expr:
        source = self.columns.sources[self.match.source]
        clock = source.clock(self.match.clock)
        assert clock is not None
        return self.times.read(Name((base_alias(source), clock.column)), clock)

    def _events(self, moment: Moment) -> Rows:
        columns, name = self.columns, self.match.source
        source = base_alias(columns.sources[name])
        where = None if self.match.where is None else columns.of_row(name, self.match.where)
        keys = (*(Name((source, theirs)) for _, theirs in self.match.entity), *(theirs for _, theirs in self._same()))
        clock = columns.sources[name].clock(self.match.clock)
        own = replace(moment, clock=clock, alias=source)
        kept = (*([] if where is None else [where]), *self._known())
        return _kept(columns.rows(name, (self._event_time(), *keys, *kept), moment=own), kept)

    def _matched(self, input: Rows, moment: Moment) -> MatchEvents:
        base, target = (base_alias(self.columns.sources[name]) for name in (self.source, self.match.source))
        entity = tuple((Name((base, mine)), Name((target, theirs))) for mine, theirs in self.match.entity)
        return MatchEvents(
            input, self._events(moment), self.alias, (*entity, *self._same()), self._clock(), self._event_time(), self.times.type,
            self.match.by_event,
        )  # fmt: skip

    def rows(self, input: Rows, bound: BoundRows, own: list[Expr], known: dict[Cells, Derived]) -> Rows:
        """Return the rows that the measure counts, each with what it must know; ``own`` are the metric's filters."""
        clock = self.measure.clock
        assert clock is not None
        conditions = tuple(part for each in (*bound.conditions, *own) for part in conjuncts(each))
        if not self.match.by_event:
            joined = _replaced(input, lambda scan: self._matched(scan, bound.moment))
            end = derive(self._end(), f"{self.match.source}_end", known)
            rows: Rows = SemiJoin(joined, end.cells, end.alias, ())
            return _kept(rows, conditions)
        # Which base row an event is counted for is settled among those that count; the range cuts afterwards.
        name = Name((base_alias(self.columns.sources[self.source]), clock))
        later = tuple(part for part in conditions if is_about(part, name))
        first = tuple(part for part in conditions if part not in later)
        wanted = (*first, *self.reads(), *later)
        counted = _kept(self.columns.rows(self.source, wanted, moment=bound.moment, marks=bound.marks), first)
        above = _replaced(input, lambda scan: self._matched(_widened(counted, scan), bound.moment))
        in_time: tuple[Expr, ...] = ()
        if self.match.count:
            in_time = (Call("<", (Name((self.alias, "next_time")), self._window_end())),)
        return _kept(above, (*later, *in_time))


def _replaced(rows: Rows, made: Callable[[Scan], Rows]) -> Rows:
    """Return rows with something else at their bottom."""
    if isinstance(rows, Scan):
        return made(rows)
    assert isinstance(rows, Join | SemiJoin | Expand)
    return replace(rows, input=_replaced(rows.input, made))


def _kept(rows: Rows, conditions: tuple[Expr, ...]) -> Rows:
    condition = conjunction(conditions)
    return rows if condition is None else Keep(rows, condition)


def _widened(rows: Rows, scan: Scan) -> Rows:
    """Return rows whose scan has the columns of another one, too."""
    if isinstance(rows, Scan):
        return replace(rows, fields=tuple({each.name: each for each in (*rows.fields, *scan.fields)}.values()))
    assert isinstance(rows, Keep | Join | SemiJoin)
    return replace(rows, input=_widened(rows.input, scan))

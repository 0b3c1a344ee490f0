"""Timing: which period a question is told by, and what each of its measures reads for a cell under its looks.

Only questions with metric functions or comparisons need it. Their rows are first counted by the finest period that anything
reads, over the widest range that anything reads; what a cell reads is then settled on those few rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import field
from functools import reduce

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind import moments
from decisionlayer.plan.bind.comparable import divided, unequal
from decisionlayer.plan.bind.filling import every_of
from decisionlayer.plan.bind.intervals import (
    Grid,
    Interval,
    LastRow,
    finest,
    is_accumulated,
    moved_wall,
    needed,
    read_by,
)
from decisionlayer.plan.bind.lengths import lengths_of
from decisionlayer.plan.bind.moments import earliest
from decisionlayer.plan.bind.periods import Period, is_plain, period_at
from decisionlayer.plan.bind.ranges import Edge, Range, begins, narrowed
from decisionlayer.plan.bind.tree import Comparison, Node, Tree
from decisionlayer.plan.bind.walls import ends_tonight, read_walls
from decisionlayer.plan.nodes import Every
from decisionlayer.plan.query import Query
from decisionlayer.resolve.drafting.looks import Length, Look
from decisionlayer.resolve.frames.timeunits import MICROSECONDS, Almanac, is_below_a_day, is_clocked
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name, Value
from decisionlayer.resolve.language.types import FLOAT, DataType
from decisionlayer.resolve.model import Clock, Model, Project
from decisionlayer.resolve.reach.grain import allows_time


@dataclass(frozen=True, slots=True)
class Reading:
    """What one measure reads: rows of ``range`` by periods of ``base``, and of those the ``interval`` of a cell.

    ``base`` None: no period; the range is what is read. ``interval`` None: the cell itself. ``walls`` is what a cell
    reads where the whole range is the cell.
    """

    base: str | None
    interval: Interval | None
    range: Range
    walls: tuple[dt.datetime | None, dt.datetime | None] | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """The time of a question: its ``key`` column and ``unit`` (None: the range is the period), and each measure's reading.

    ``where`` is the condition over ``key`` that keeps the asked periods. Where the range cuts one of them, ``edges`` keeps the
    periods of a finer base, by its unit, inside the range; they are over the base's own key. ``every`` are the periods that are
    filled in. ``lengths`` are how long the periods are that ``per`` divides by, over ``key``.
    """

    key: str | None
    unit: str | None
    readings: Mapping[Node, Reading]
    where: tuple[Expr, ...]
    edges: Mapping[str, tuple[Expr, ...]] = field(default_factory=dict)
    every: Every | None = None
    lengths: Mapping[Length, Expr] = field(default_factory=dict)


def comparisons(
    asked: Iterable[str], metrics: Iterable[str], period: Period | None, range: Range, project: Project, findings: list[Finding]
) -> tuple[Comparison, ...]:
    """Return what a question sets beside each of its metrics; findings for what its periods have no counterpart of."""
    found: list[Comparison] = []
    metrics = tuple(metrics)
    for word in asked:
        if word == "target":  # no other cell, but what was promised for this one
            continue
        look = _comparison(word, period, range, project, findings)
        if look is not None:
            found += (Comparison(f"{metric}__{word}", metric, look) for metric in metrics)
    return tuple(found)


def compared_columns(column: str, type: DataType) -> tuple[tuple[str, DataType], ...]:
    """Return the columns of one comparison: the other value, the change, and the change as a fraction of the other."""
    return (column, type), (f"{column}_change", type), (f"{column}_pct", FLOAT)


def _weeks_without_years(project: Project) -> Finding:
    """``needs-period``: only weeks from Monday to Sunday have a number that everybody knows; others have their calendar's."""
    own = (f"{name}.week" for name, calendar in project.calendars.items() if "week" in calendar.grains)
    fitting = next((unit for unit in own if project.almanac.is_whole("week", unit)), None)
    declare = "declare a calendar of weeks (`frames`) and ask by its week"
    return Finding(
        "needs-period", "question",
        f"`year_ago` sets a week beside the one of its number, and weeks from {project.week_start} have no number",
        why="a year is no number of weeks: only a calendar says which is the first, and whether there is a 53rd",
        help=f"{f'ask by `{fitting}`' if fitting else declare}, or by day with `same_weekday_last_year`",
    )  # fmt: skip


def _comparison(word: str, period: Period | None, range: Range, project: Project, findings: list[Finding]) -> Look | None:
    if period is not None and (period.unit is None or not is_plain(period.unit)):
        _needs_period(f"`compare` with `{word}`", findings)
        return None
    unit = None if period is None else period.unit
    if unit is None and (range.start is None or range.end is None):
        _needs_period(f"`compare` with `{word}`", findings)
        return None
    match word:
        case "previous" if unit is None:
            return _length_of(range)
        case "previous":
            return Look("prior", 1, unit)
        case "year_ago" if unit == "week" and project.almanac.calendar("week") is None:
            findings.append(_weeks_without_years(project))
            return None
        case "year_ago" if unit is not None and (frame := unit.partition(".")[0]) and (frame == "week" or "." in unit):
            return Look("prior", 1, f"{frame}.{project.calendar(frame).coarsest}")
        case "year_ago":
            return Look("prior", 1, "year")
        case _ if unit is not None and unit != "day" and not is_below_a_day(unit):
            findings.append(Finding(
                "needs-period", "question", f"`{word}` sets a day beside a day, and the question asks by {unit}",
                why="364 days before a period of another length lies no such period", help="ask by day, or compare with `year_ago`",
            ))  # fmt: skip
            return None
        case _:
            return Look("prior", 364, "day")


def finest_period(periods: Iterable[Period], almanac: Almanac) -> Period | None:
    """Return the period that makes up all the others, as each metric's own clock tells it; None without one.

    Parts of a time are no periods, and follow from one.
    """
    named = [period for period in periods if period.unit is not None and is_plain(period.unit) and period.clock is None]
    for period in named:
        if all(each.unit == period.unit or almanac.is_whole(period.unit or "", each.unit or "") for each in named):
            return period
    return None


def _length_of(range: Range) -> Look:
    """Return the move by a whole range: in months where it is made of them, else in days."""
    assert range.start is not None and range.end is not None
    start, end = range.start.wall, range.end.wall
    if all(each.day == 1 and each.time() == dt.time() for each in (start, end)):
        return Look("prior", (end.year - start.year) * 12 + end.month - start.month, "month")
    length = (end - start) // dt.timedelta(microseconds=1)
    unit = next(each for each in ("day", "second", "millisecond", "microsecond") if length % MICROSECONDS[each] == 0)
    return Look("prior", length // MICROSECONDS[unit], unit)


def _needs_period(what: str, findings: list[Finding]) -> None:
    findings.append(Finding(
        "needs-period", "question", f"{what} needs a period",
        why="without one there is no other cell to read", help="ask `by` a period such as month, or give `start` and `end`",
    ))  # fmt: skip


class Timer:
    """The readings of one question, while they are worked out."""

    def __init__(
        self, model: Model, tree: Tree, asked: Period | None, key: str | None, range: Range, query: Query,
        findings: list[Finding],
    ) -> None:  # fmt: skip
        self.model = model
        self.project: Project = model.project
        self.tree = tree
        self.asked = asked
        self.key = key
        self.range = range
        self.today = query.today
        self.is_filled = query.fill is not None
        self.findings = findings

    def _narrowed(self, found: Mapping[Node, Reading]) -> Mapping[Node, Reading]:
        """Return what is read, each measure by rows of the time in which its definition was in force."""
        return {
            leaf: reading if leaf.context.span is None else replace(reading, range=narrowed(reading.range, leaf.context.span))
            for leaf, reading in found.items()
        }

    def timing(self, period_filters: tuple[Expr, ...]) -> Timing | None:
        """Return the timing of the question; None after findings. ``period_filters`` are over the key already."""
        if self.is_filled and self.asked is None:
            _needs_period("`fill`", self.findings)
            return None
        if self.asked is None:
            readings = {leaf: self._whole_range(leaf) for leaf in self.tree.leaves}
            lengths = self._lengths(None)
            return None if self.findings else Timing(None, None, readings, (), lengths=lengths)
        unit = self.asked.unit
        if unit is None or not is_plain(unit):
            _needs_period("a metric function", self.findings)
            return None
        self._check_looks(unit)
        if self.findings:
            return None
        grid = Grid(unit, self.project)
        bases = {leaf: self._base(leaf, unit) for leaf in self.tree.leaves}
        widest = self._widest(unit)
        assert self.key is not None
        found = {}
        is_cut = self._is_cut(unit)
        for leaf, base in bases.items():
            looks = time_looks(leaf)
            if forgets_time(leaf):
                found[leaf] = self._whole_range(leaf)
                continue
            if not looks:
                # A cut cell holds the rows within the range only, so those rows are counted by themselves.
                found[leaf] = Reading(base, None, self.range if is_cut else widest)
                continue
            fine = Grid(base, self.project)
            cell = self._cell(grid, fine)
            found[leaf] = Reading(base, read_by(looks, cell, grid, fine, self._last_row(leaf)), widest)
        finer = dict.fromkeys(base for base in bases.values() if is_cut and base != unit)
        edges = {base: self._within(base_column(self.key, base), Grid(base, self.project)) for base in finer}
        every = every_of(grid, self.key, self.range, self.findings) if self.is_filled else None
        where = (*self._within(self.key, grid), *period_filters)
        lengths = self._lengths(grid)
        return None if self.findings else Timing(self.key, unit, self._narrowed(found), where, edges, every, lengths)

    def _lengths(self, asked: Grid | None) -> Mapping[Length, Expr]:
        read = dict.fromkeys(length for node in self.tree.nodes for length in node.lengths.values())
        if not read:
            return {}
        own = asked or Grid("day", self.project)
        is_cut = self._is_cut(own.unit) or self._tonight(own.unit) is not None
        edges = self._edge_unit() if is_cut else own.unit
        return lengths_of(
            read, asked, lambda base: self._cell(own, base), edges, self.range, self.today, self.project, self.findings
        )  # fmt: skip

    def _last_row(self, leaf: Node) -> LastRow | None:
        """Return the period of the last row: of the latest one of all that stand in one number, so that its parts end together."""
        clock = self.model.sources[leaf.rows_are_of].clock(leaf.measure.clock)
        if clock is None:
            return None
        ends = leaf.context.ends or ((leaf.rows_are_of, clock.column),)
        clocks = [(source, found) for source, column in ends if (found := self.model.sources[source].clock(column)) is not None]

        def period(unit: str) -> Expr:
            each = (period_at(Name((span_column(source, one, "last"),)), one, unit, self.project) for source, one in clocks)
            return reduce(latest, each)

        return period

    # checks

    def _check_looks(self, unit: str) -> None:
        """Refuse moves that periods do not make, and what nobody answers for so finely."""
        refused: set[tuple[str, Look]] = set()
        for node in self.tree.nodes:
            for look in time_looks(node):
                fine = needed(look, unit, self.project.almanac)
                if fine is None:
                    if (unit, look) not in refused:
                        refused.add((unit, look))
                        self.findings.append(Finding(
                            "needs-period", "question", f"a {unit} has no counterpart {look.count} {look.unit} before it",
                            why=f"a {look.unit} is not made of whole {unit}s", help=f"ask by {look.unit}, or by day",
                        ))  # fmt: skip
                elif node in self.tree.leaves and not divided(node, look) and (found := unequal(unit, look, self.range, self.project)):
                    if (unit, look) not in refused:
                        refused.add((unit, look))
                        self.findings.append(found)
                elif not allows_time(node.metric.limit, fine, self.project.almanac):
                    self.findings.append(Finding(
                        "finer-than-grain", "question",
                        f"`{node.metric.name}` answers no finer than by {node.metric.limit.time}, and `{look.function}` reads it by {fine}",
                        node.metric.place, help=f"take whole {node.metric.limit.time}s",
                    ))  # fmt: skip
                elif node in self.tree.leaves:
                    self._check_clock(node, look, fine)

    def _check_days(self, leaf: Node, looks: Iterable[Look]) -> None:  # days cannot be moved by minutes
        for look in (look for look in looks if is_below_a_day(look.unit or "day")):
            self._check_clock(leaf, look, look.unit or "day")

    def _check_clock(self, leaf: Node, look: Look, fine: str) -> None:
        clock = self.model.sources[leaf.rows_are_of].clock(leaf.measure.clock)
        if clock is not None and not self.project.almanac.is_whole(clock.grain, fine):
            self.findings.append(Finding(
                "finer-than-grain", "question",
                f"`{look.function}` reads `{leaf.metric.name}` by {fine}, and its rows tell no finer than by {clock.grain}",
                leaf.metric.place, help=f"take whole {clock.grain}s",
            ))  # fmt: skip

    # bases

    def _base(self, leaf: Node, unit: str) -> str:
        units = [fine for look in time_looks(leaf) if (fine := needed(look, unit, self.project.almanac)) is not None]
        if (self._is_cut(unit) or self._tonight(unit) is not None) and time_looks(leaf):
            units.append(self._edge_unit())
        return finest((unit, *units), self.project.almanac)

    def _is_cut(self, unit: str) -> bool:
        edges = [edge for edge in (self.range.start, self.range.end) if edge is not None]
        return any(begins(edge.wall, unit, self.project) != edge.wall for edge in edges)

    def _edge_unit(self) -> str:
        """Return the longest period, of a day or shorter, that begins wherever the range begins and ends."""
        edges = [edge.wall for edge in (self.range.start, self.range.end) if edge is not None]
        units = ("day", "hour", "minute", "second")
        return next((unit for unit in units if all(begins(wall, unit, self.project) == wall for wall in edges)), "millisecond")

    def _cell(self, grid: Grid, base: Grid) -> Interval:
        """Return the cell's own interval as values of the base grid, cut where the range cuts it."""
        assert self.key is not None
        key: Expr = Name((self.key,))
        first, before = base.holding(key, grid), base.holding(grid.next(key), grid)
        start = self.range.start
        if start is not None and (cut := self._cut(start, grid, base)) is not None:
            first = Case(((Call("=", (key, cut[0])), cut[1]),), first)
        is_cut = False
        # The period of today may end earlier than the range, which may cut a later one.
        for end in (self.range.end, self._tonight(grid.unit)):
            if end is not None and (cut := self._cut(end, grid, base)) is not None:
                before = Case(((Call("=", (key, cut[0])), cut[1]),), before)
                is_cut = True
        return Interval(first, before, is_cut=is_cut)

    def _tonight(self, unit: str) -> Edge | None:
        """Return the end of today where an asked period still runs then: what it is compared with ends in like manner."""
        if self.today is None or is_below_a_day(unit):
            return None
        tonight = dt.datetime.combine(self.today, dt.time()) + dt.timedelta(days=1)
        start, end = self.range.start, self.range.end
        if (end is not None and end.wall <= tonight) or (start is not None and tonight <= start.wall):
            return None  # today lies outside of what is asked
        return None if begins(tonight, unit, self.project) == tonight else Edge(tonight)

    def _cut(self, edge: Edge, grid: Grid, base: Grid) -> tuple[Expr, Expr] | None:
        """Return the period that an edge cuts, and the edge, as values of the two grids; None where it cuts none."""
        period = begins(edge.wall, grid.unit, self.project)
        if period == edge.wall:
            return None
        at = self._at(edge, base)
        if is_below_a_day(grid.unit) and not is_clocked(grid.unit) and isinstance(at, dt.datetime):
            return Literal(at - (edge.wall - period)), Literal(at)  # an hour that comes twice is two
        return Literal(self._value(period, grid)), Literal(at)

    def _at(self, edge: Edge, grid: Grid) -> Value:
        """Return an end of the range as a value of a grid; a time that comes twice ends with the second and begins with the first."""
        if not grid.is_instant:
            return edge.wall.date()
        if edge.instant is not None:
            return edge.instant
        return (moments.latest if edge is self.range.end else earliest)(edge.wall, self.project.timezone)

    def _value(self, wall: dt.datetime, grid: Grid) -> Value:
        return earliest(wall, self.project.timezone) if grid.is_instant else wall.date()

    def _within(self, column: str, grid: Grid) -> tuple[Expr, ...]:
        """Return the range as a condition over a column of periods: from the one that it begins in to the one that it ends in."""
        found: list[Expr] = []
        if self.range.start is not None:
            first = begins(self.range.start.wall, grid.unit, self.project)
            found.append(Call(">=", (Name((column,)), Literal(self._value(first, grid)))))
        if self.range.end is not None:
            within = not grid.is_instant and self.range.end.wall.time() != dt.time()
            found.append(Call("<=" if within else "<", (Name((column,)), Literal(self._at(self.range.end, grid)))))
        return tuple(found)

    # ranges

    def _widest(self, unit: str) -> Range:
        """Return the range that holds everything any measure reads."""
        start, end = self.range.start, self._latest(unit)
        if start is None:
            return Range(None, end, (None, self.range.texts[1]))
        first = begins(start.wall, unit, self.project)
        ends = moved_wall(first, 1, unit, self.project)
        lowest: dt.datetime | None = start.wall
        for leaf in self.tree.leaves:
            looks = time_looks(leaf)
            if not looks or lowest is None:
                continue
            # The first cell reads earliest; a cut one from its cut.
            reach = read_walls(looks, start.wall, ends, self.project, unit, early=True)[0]
            lowest = None if reach is None else min(lowest, reach)
        edge = None if lowest is None else (start if lowest == start.wall else Edge(lowest))
        return Range(edge, end, self.range.texts)

    def _latest(self, unit: str) -> Edge | None:
        """Return where what is read ends: with the range, but the first piece of a longer period is a whole one."""
        end = self.range.end
        if end is None or not any(look.function == "period_start" for leaf in self.tree.leaves for look in time_looks(leaf)):
            return end
        period = begins(end.wall, unit, self.project)
        after = end.wall if period == end.wall else moved_wall(period, 1, unit, self.project)
        return None if after is None else end if after == end.wall else Edge(after)

    def _whole_range(self, leaf: Node) -> Reading:
        """Return what a measure reads where the range of the question is its only period."""
        looks = time_looks(leaf)
        if not looks:
            return Reading(None, None, self.range)
        self._check_days(leaf, looks)
        start, end = (None if edge is None else edge.wall for edge in (self.range.start, self.range.end))
        needs_start = looks[0].function in ("prior", "period_start") or not is_accumulated(looks)
        if end is None or (needs_start and start is None):
            _needs_period(f"`{looks[0].function}`", self.findings)
            return Reading(None, None, self.range)
        first, before = read_walls(looks, start, ends_tonight(start, end, self.today), self.project)
        opens, closes = (None if wall is None else Edge(wall) for wall in (first, before))
        return Reading(None, None, Range(opens, closes, self.range.texts), (first, before))


def latest(one: Expr, other: Expr) -> Expr:
    """Return the later of two times; of a source without rows there is none."""
    return Call("greatest", (Call("coalesce", (one, other)), Call("coalesce", (other, one))))


def span_column(source: str, clock: Clock, end: str) -> str:
    """Return the column that holds the first or the last time of a source's rows by one clock."""
    return f"{source}__{clock.column}__{end}"


def base_column(key: str, unit: str) -> str:
    """Return the column of the periods of a finer unit beneath the asked one."""
    return f"{key}__{unit}"


def forgets_time(node: Node) -> bool:
    """Say whether a node reads the whole range of the question, whatever the period of the cell (``total(m, all)``)."""
    return any(look.drops_time for look in node.context.looks)


def time_looks(node: Node) -> tuple[Look, ...]:
    """Return the looks of a node that read another time; those above one that reads the whole range have nothing to move."""
    looks = node.context.looks
    while any(look.drops_time for look in looks):
        looks = looks[1:]
    return tuple(look for look in looks if look.is_in_time)

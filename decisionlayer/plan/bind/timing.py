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
from decisionlayer.plan.bind.comparable import divided, unequal
from decisionlayer.plan.bind.comparisons import needs_period
from decisionlayer.plan.bind.cuts import Cuts
from decisionlayer.plan.bind.filling import every_of
from decisionlayer.plan.bind.grids import Grid, Interval, finest, has_outside, moved_wall
from decisionlayer.plan.bind.intervals import RowAt, has_no_beginning, is_accumulated, needed, opens_nowhere, read_by
from decisionlayer.plan.bind.lengths import lengths_of
from decisionlayer.plan.bind.means import Averaged
from decisionlayer.plan.bind.moments import TICK, kept_by_changes
from decisionlayer.plan.bind.periods import Period, is_plain, period_at
from decisionlayer.plan.bind.ranges import Edge, Range, begins, edge_of, empty, narrowed, walls_of
from decisionlayer.plan.bind.tree import Node, Tree
from decisionlayer.plan.bind.walls import ends_tonight, reach_walls, read_walls
from decisionlayer.plan.nodes import Every
from decisionlayer.plan.query import Query
from decisionlayer.resolve.drafting.looks import ACCUMULATIONS, MOVES, Length, Look
from decisionlayer.resolve.frames.timeunits import Almanac, is_below_a_day
from decisionlayer.resolve.language.tree import Call, Expr, Name
from decisionlayer.resolve.model import Clock, Model, Project
from decisionlayer.resolve.reach.grain import allows_time


@dataclass(frozen=True, slots=True)
class Reading:
    """What one measure reads: rows of ``range`` by periods of ``base``, and of those the ``interval`` of a cell.

    ``base`` None: no period; the range is what is read. ``interval`` None: the cell itself. ``walls`` is what a cell
    reads where the whole range is the cell; ``is_outside`` says that it lies outside of a calendar, where nothing is.
    """

    base: str | None
    interval: Interval | None
    range: Range
    walls: tuple[dt.datetime | None, dt.datetime | None] | None = None
    is_outside: bool = False
    mean: Averaged | None = None

    @property
    def counted_by(self) -> str | None:
        """The period by which rows are counted."""
        return self.base if self.mean is None else self.mean.base


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
        self.cuts = Cuts(model.project, range, query.today)
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
            needs_period("`fill`", self.findings)
            return None
        self._check_beginnings()
        if self.findings:
            return None
        if self.asked is None:
            readings = {leaf: self._whole_range(leaf) for leaf in self.tree.leaves}
            lengths = self._lengths(None)
            return None if self.findings else Timing(None, None, readings, (), lengths=lengths)
        unit = self.asked.unit
        if unit is None or not is_plain(unit):
            needs_period("a metric function", self.findings)
            return None
        self._check_looks(unit)
        if self.findings:
            return None
        grid = Grid(unit, self.project)
        bases = {leaf: self._base(leaf, unit) for leaf in self.tree.leaves}
        widest = self._widest(unit)
        assert self.key is not None
        found = {}
        is_cut = self.cuts.is_cut(unit)
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
            place = next((number for number, look in enumerate(looks) if look.function == "avg"), None)
            if place is not None and not self.project.almanac.is_whole(unit, looks[place].unit or unit):
                found[leaf] = self._averaged(leaf, looks[:place], looks[place:], grid, base, widest)
                continue
            cell = self._cell(grid, fine)
            interval = read_by(looks, cell, grid, fine, self._row_at(leaf, "last"), self._row_at(leaf, "first"))
            found[leaf] = Reading(base, interval, widest)
        finer = dict.fromkeys(base for base in bases.values() if is_cut and base != unit)
        edges = {base: self.cuts.within(base_column(self.key, base), Grid(base, self.project)) for base in finer}
        every = every_of(grid, self.key, self.range, self.findings) if self.is_filled else None
        where = (*self.cuts.asked(self.key, grid), *period_filters)
        lengths = self._lengths(grid)
        return None if self.findings else Timing(self.key, unit, self._narrowed(found), where, edges, every, lengths)

    def _averaged(self, leaf: Node, around: tuple[Look, ...], looks: tuple[Look, ...], asked: Grid, base: str, widest: Range) -> Reading:
        """Return what is read for a mean over days: what each day reads, and the asked cell whose mean it is."""
        assert self.key is not None
        unit = looks[0].unit or "day"
        days, fine = Grid(unit, self.project), Grid(base, self.project)
        why = self._no_mean(leaf, around, looks, asked, days)
        if why is not None:
            self.findings.append(Finding(
                "not-built", "question", f"`over_time: avg` is not answered {why} in this version yet", leaf.metric.place,
                help="ask without it, or say `over_time: first`, or leave it out for the last day of a period",
            ))  # fmt: skip
        key = base_column(self.key, unit)
        day: Expr = Name((key,))
        inner = read_by(looks[1:], Interval(fine.holding(day, days), fine.holding(days.next(day), days)), days, fine)
        own: Expr = Name((self.key,))
        outer = read_by(around, Interval(own, asked.next(own)), asked, asked)
        start, end = self.range.start, self.range.end
        first = None if around or start is None else begins(start.wall, unit, self.project).date()
        last = None if around or end is None else begins(end.wall - dt.timedelta(microseconds=1), unit, self.project).date()
        first_row, last_row = (self._row_at(leaf, end) for end in ("first", "last"))
        assert first_row is not None and last_row is not None  # what has no clock is not asked by a period
        mean = Averaged(
            unit, key, base, inner, (first_row(unit), last_row(unit)), first, last,
            may_be_unknown=any(has_outside(look.unit or unit, self.project) for look in looks[1:]),
        )  # fmt: skip
        return Reading(asked.unit, outer, widest, mean=mean)

    def _no_mean(self, leaf: Node, around: tuple[Look, ...], looks: tuple[Look, ...], asked: Grid, days: Grid) -> str | None:
        """Return beside what a mean over days would not be right, None where it is."""
        if is_accumulated(around) or any(look.function in ("first", "avg") for look in (*around, *looks[1:])):
            return "inside of what gathers or is read along time itself"
        moves = next((look for look in looks if look.function == "prior" and not self.project.almanac.is_even(look.unit or "day")), None)
        if moves is not None:
            return f"of what is moved by a {moves.unit}, in which days may lack a counterpart,"
        if any(look.function in ACCUMULATIONS and is_below_a_day(look.unit or days.unit) for look in looks):
            return f"of what gathers by less than a {days.unit}, which on the last one ends with the data"
        if "." in days.unit or has_outside(asked.unit, self.project):
            return f"over each {days.unit} of a {asked.unit}"
        if self.cuts.is_cut(days.unit):
            return f"over a range that cuts a {days.unit}"
        if self.cuts.tonight(asked.unit) is not None:
            return "over a period that `today` lies in"
        if around and self.cuts.is_cut(asked.unit):
            return f"beside another period where the range cuts a {asked.unit}"
        if leaf.context.span is not None:
            return "under several definitions"
        outer = asked.ends(read_by(around, Interval(Name((self.key or "",)), asked.next(Name((self.key or "",)))), asked, asked))
        return None if outer[0] == outer[1] else f"by {asked.unit} for what is moved by a period of another length"

    def _lengths(self, asked: Grid | None) -> Mapping[Length, Expr]:
        read = dict.fromkeys(length for node in self.tree.nodes for length in node.lengths.values())
        if not read:
            return {}
        own = asked or Grid("day", self.project)
        is_cut = self.cuts.is_cut(own.unit) or self.cuts.tonight(own.unit) is not None
        edges = self.cuts.edge_unit() if is_cut else own.unit
        return lengths_of(
            read, asked, lambda base: self._cell(own, base), edges, self.range, self.today, self.project, self.findings
        )  # fmt: skip

    def _cell(self, grid: Grid, base: Grid) -> Interval:
        assert self.key is not None
        return self.cuts.cell(self.key, grid, base)

    def _row_at(self, leaf: Node, end: str) -> RowAt | None:
        """Return the period of the last row, or the first: of all that stand in one number, so that its parts begin and end together."""
        clock = self.model.sources[leaf.rows_are_of].clock(leaf.measure.clock)
        if clock is None:
            return None
        ends = leaf.context.ends or ((leaf.rows_are_of, clock.column),)
        clocks = [(source, found) for source, column in ends if (found := self.model.sources[source].clock(column)) is not None]

        def period(unit: str) -> Expr:
            each = (period_at(Name((span_column(source, one, end),)), one, unit, self.project) for source, one in clocks)
            return reduce(latest if end == "last" else earliest, each)

        return period

    # checks

    def _check_beginnings(self) -> None:
        """Refuse the first piece of what has no beginning."""
        for leaf in self.tree.leaves:
            looks = time_looks(leaf)
            if opens_nowhere("period_start", looks):
                self.findings.append(Finding(
                    "bad-question", "question", f"`all_time` around `period_start` has no first piece of `{leaf.metric.name}`",
                    leaf.metric.place, why="all time has no beginning",
                    help="let `period_start` stand around `all_time`: what it was after the first piece of the period",
                ))  # fmt: skip
                return

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
                        f"`{node.metric.name}` answers no finer than by {node.metric.limit.time}, and `{look.said}` reads it by {fine}",
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
                f"`{look.said}` reads `{leaf.metric.name}` by {fine}, and its rows tell no finer than by {clock.grain}",
                leaf.metric.place, help=f"take whole {clock.grain}s",
            ))  # fmt: skip

    # bases

    def _base(self, leaf: Node, unit: str) -> str:
        units = [fine for look in time_looks(leaf) if (fine := needed(look, unit, self.project.almanac)) is not None]
        if (self.cuts.is_cut(unit) or self.cuts.tonight(unit) is not None) and time_looks(leaf):
            units.append(self.cuts.edge_unit())
        if has_outside(unit, self.project) and has_no_beginning(time_looks(leaf)):
            units.append("day")  # what lies outside of a file has no period there, and is read all the same
        base = finest((unit, *units), self.project.almanac)
        even = kept_by_changes(self.project.timezone)
        if even == "hour" or not time_looks(leaf) or not is_below_a_day(base):
            return base
        return finest((base, even), self.project.almanac)  # what an hour is moved to may begin within another

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
            reach = reach_walls(looks, start.wall, ends, self.project, unit, early=True)[0]
            lowest = None if reach is None else min(lowest, reach)
        edge = None if lowest is None else (start if lowest == start.wall else edge_of(lowest, self.project))
        return Range(edge, end, self.range.texts)

    def _latest(self, unit: str) -> Edge | None:
        """Return where what is read ends: with the range, but the first piece of a longer period is a whole one, be it later."""
        end = self.range.end
        read = [time_looks(leaf) for leaf in self.tree.leaves]
        pieces = [looks for looks in read if any(look.function == "period_start" for look in looks)]
        if end is None or not pieces:
            return end
        last = begins(end.wall - TICK, unit, self.project)
        after = moved_wall(last, 1, unit, self.project)
        if self.range.start is not None:
            last = max(last, self.range.start.wall)  # a cut cell begins in a later one of the longer periods
        latest = end.wall
        for looks in pieces:
            reach = reach_walls(looks, last, after, self.project, unit)[1]
            if reach is None:
                return None
            latest = max(latest, reach)
        return end if latest == end.wall else edge_of(latest, self.project, is_end=True)

    def _whole_range(self, leaf: Node) -> Reading:
        """Return what a measure reads where the range of the question is its only period."""
        looks = time_looks(leaf)
        if not looks:
            return Reading(None, None, self.range)
        means = any(look.function == "avg" for look in looks)
        if means or opens_nowhere("first", looks):
            self.findings.append(Finding(
                "needs-period", "question", f"`over_time: {'avg' if means else 'first'}` of `{leaf.metric.name}` needs a split by a period",
                why="it is the mean over the days of each" if means else "all time has no first day",
                help="ask `by` a period such as month",
            ))  # fmt: skip
            return Reading(None, None, self.range)
        self._check_days(leaf, looks)
        start, end = walls_of(self.range, self.project)
        needs_start = looks[0].function in MOVES or not is_accumulated(looks)
        if end is None or (needs_start and start is None):
            needs_period(f"`{looks[0].said}`", self.findings)
            return Reading(None, None, self.range)
        walls = read_walls(looks, start, ends_tonight(start, end, self.today), self.project)
        if walls is None:
            return Reading(None, None, empty(end, self.range.texts), (None, None), is_outside=True)
        first, before = walls
        opens = None if first is None else edge_of(first, self.project)
        closes = None if before is None else edge_of(before, self.project, is_end=True)
        return Reading(None, None, Range(opens, closes, self.range.texts), (first, before))


def latest(one: Expr, other: Expr) -> Expr:
    """Return the later of two times; of a source without rows there is none."""
    return Call("greatest", (Call("coalesce", (one, other)), Call("coalesce", (other, one))))


def earliest(one: Expr, other: Expr) -> Expr:
    """Return the earlier of two times; of a source without rows there is none."""
    return Call("least", (Call("coalesce", (one, other)), Call("coalesce", (other, one))))


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


def finest_period(periods: Iterable[Period], almanac: Almanac) -> Period | None:
    """Return the period that makes up all the others, as each metric's own clock tells it; None without one.

    Parts of a time are no periods, and follow from one.
    """
    named = [period for period in periods if period.unit is not None and is_plain(period.unit) and period.clock is None]
    for period in named:
        if all(each.unit == period.unit or almanac.is_whole(period.unit or "", each.unit or "") for each in named):
            return period
    return None

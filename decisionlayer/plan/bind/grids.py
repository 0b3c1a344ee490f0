"""Grids: periods of one kind, a value of one and how far another is from it, and what is read of them.

Everything here is arithmetic on one column, so that a warehouse works it out once a period, never once a row; what is known of
constants is said of them as it is.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable

from decisionlayer.frozen import dataclass
from decisionlayer.names import PERIODS
from decisionlayer.plan import operations
from decisionlayer.plan.bind import calendars
from decisionlayer.plan.bind.moments import earliest, keeps_midnights
from decisionlayer.plan.bind.periods import keeps, part_of, period_instant
from decisionlayer.resolve.drafting.looks import Look
from decisionlayer.resolve.frames.calendars import MONTHS_OF, Listed, YearsOfMonths, YearsOfWeeks
from decisionlayer.resolve.frames.timeunits import MICROSECONDS, MONTHS, Almanac, is_below_a_day, is_clocked
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Value
from decisionlayer.resolve.model import Project
from decisionlayer.resolve.reach.grain import PLAIN


@dataclass(frozen=True, slots=True)
class Grid:
    """Periods of one kind, and how the project cuts them; values are dates, or instants below a day.

    Instants are times of day, unless ``edges`` says of what they begin and end: of a ``day``, whatever a clock shows there that skips a
    midnight, or of several hours.
    """

    unit: str
    project: Project
    edges: str | None = None

    @property
    def is_instant(self) -> bool:
        """Whether its periods are instants."""
        return is_below_a_day(self.unit)

    def on(self, day: dt.date) -> Value:
        """Return the value of the period that begins with a day."""
        if not self.is_instant:
            return day
        return earliest(dt.datetime.combine(day, dt.time()), self.project.timezone)

    def at(self, value: Expr, finer: Grid) -> Expr:
        """Return the period of this grid that a period of a finer one lies in."""
        if self.unit == finer.unit:
            return value
        if self.is_instant:
            wall = operations.wall(value, None, self.project.timezone)
            return period_instant(value, wall, self.unit, self.project)
        return part_of(value, self.unit, self.project, is_instant=finer.is_instant)

    def moved(self, value: Expr, count: int, unit: str, *, clamped: bool = False) -> Expr:
        """Return a value of this grid ``count`` periods of ``unit`` on; whole days go by the wall clock.

        In a calendar with periods of several lengths a shorter one may have no counterpart: NULL, or with ``clamped`` its end.
        """
        by, of = plain_length(count, unit, self.project)
        own = self.project.almanac.parse(self.unit)
        assert own is not None
        if "." in of:
            found = self.project.almanac.parse(of)
            assert found is not None
            if self.is_instant:
                return self._moved_instant(value, by, of, clamped=clamped)
            cut_by = own.base if own.calendar == found.calendar else None
            if self.unit == of and isinstance(value, Call) and value.function == operations.LATER and value.arguments[2] == Literal(of):
                value, already = value.arguments[:2]
                by += int(str(already.value)) if isinstance(already, Literal) else 0
            return operations.later(value, by, of, cut_by, clamped=clamped and cut_by != found.base)
        if own.calendar is None and own.base in MONTHS and of in MONTHS and by * MONTHS[of] % MONTHS[own.base] == 0:
            by, of = by * MONTHS[of] // MONTHS[own.base], own.base  # a year of months is twelve of them
        begins_alike = own.calendar is None and of == own.base and not is_clocked(unit)
        if begins_alike and isinstance(value, Call) and value.function in (operations.MOVED, operations.MOVED_POINT):
            inner, already, kind, *_ = value.arguments
            if kind == Literal(of) and isinstance(already, Literal) and isinstance(already.value, int):
                value, by = inner, already.value + by  # periods of this grid begin where this grid's begin
        if not by:
            return value
        if not self.is_instant:
            return operations.moved(value, by, of)
        if is_below_a_day(of) and not (is_clocked(self.unit) or is_clocked(unit)):
            return operations.moved_point(value, by, of)
        if self._hours is not None:
            return self._told(operations.shifted(self._shown(value), by, of))
        if self.edges == "day" and not is_below_a_day(of) and not keeps_midnights(self.project.timezone):
            return operations.moved_edge(value, by, of, self.project.timezone)
        return operations.moved_clock(value, by, of, self.project.timezone)

    @property
    def _hours(self) -> str | None:
        """The several hours that values begin and end, where clocks of the project skip one of their edges or come to it twice."""
        hours = self.edges or self.unit
        return hours if is_clocked(hours) and not keeps(hours, self.project) else None

    def _shown(self, value: Expr) -> Expr:
        """Return what clocks show at an instant; where several hours begin, the time at which they do, be it skipped."""
        if isinstance(value, Call) and value.function == operations.FIRST_POINT:
            return value.arguments[0]
        zone = self.project.timezone
        return operations.wall(value, None, zone) if self._hours is None else operations.edge_wall(value, self._hours, zone)

    def _told(self, wall: Expr) -> Expr:
        """Return the instant at which clocks show ``wall``: the first where several hours begin."""
        return (operations.point if self._hours is None else operations.first_point)(wall, self.project.timezone)

    def _moved_instant(self, value: Expr, count: int, unit: str, *, clamped: bool) -> Expr:
        """Return the same time of day as many periods of a calendar on; where a shorter one ends before, NULL or its end."""
        wall = self._shown(value)
        day = operations.period_day(wall, "day", "monday")
        there = operations.later(day, count, unit, None, clamped=False)
        found = self._told(operations.on_day(there, wall))
        if not clamped or there == day:
            return found
        ends = self._midnight(operations.later(day, count, unit, None, clamped=True))
        return Case(((Call("not", (Call("is_null", (there,)),)), found),), ends)

    def holding(self, value: Expr, coarser: Grid) -> Expr:
        """Return the beginning of a period of a coarser grid as a value of this one."""
        if self.is_instant and not coarser.is_instant:
            return self._midnight(value)
        return value

    def _midnight(self, day: Expr) -> Expr:
        zone = self.project.timezone
        return operations.midnight(day, zone) if keeps_midnights(zone) else operations.first_moment(day, zone)

    def next(self, value: Expr) -> Expr:
        """Return the beginning of the period after the one that begins at ``value``; after the last of a file, the day after it."""
        following = self.moved(value, 1, self.unit)
        own, rule = self.project.almanac.parse(self.unit), file_of(self.unit, self.project)
        if own is None or rule is None:
            return following
        return Case(((Call("=", (value, Literal(rule.starts[own.base][-1]))), Literal(rule.after)),), following)

    def ends(self, interval: Interval) -> tuple[Expr | None, Expr]:
        """Return the first and the last period that an interval holds; None for one without a beginning."""
        return interval.first, self.moved(interval.before, -1, self.unit)


@dataclass(frozen=True, slots=True)
class Interval:
    """What is read: from ``first`` (None: from the beginning) to before ``before``, expressions over one column.

    ``running`` is the accumulation that ends there, where ``first`` is a function of ``before`` alone; ``gathers`` says that it is one,
    however it was moved, ``is_cut`` that ``before`` may lie inside an asked period, and ``opens_inside`` that ``first`` may.
    ``may_lack`` says that an end may have no counterpart in a shorter period, and be NULL: nothing is read.
    """

    first: Expr | None
    before: Expr
    running: Look | None = None
    gathers: bool = False
    is_cut: bool = False
    opens_inside: bool = False
    may_lack: bool = False


def file_of(unit: str, project: Project) -> Listed | None:
    """Return the file by which the periods of a unit are cut; None for a rule."""
    found = project.almanac.parse(unit)
    rule = None if found is None or found.calendar is None else project.calendar(found.calendar).rule
    return rule if isinstance(rule, Listed) else None


def plain_length(count: int, unit: str, project: Project) -> tuple[int, str]:
    """Return a length in single periods; one of a calendar in months or days where it is always so many.

    What is left with a dot is of a calendar whose periods differ in length.
    """
    found = project.almanac.parse(unit)
    if found is None:
        return count, unit
    count *= found.count
    if found.calendar is not None:
        match project.calendar(found.calendar).rule:
            case YearsOfMonths():
                return count * MONTHS_OF[found.base], "month"
            case YearsOfWeeks() if found.base == "week":
                return count * 7, "day"
            case _:
                return count, found.of_one
    return count, found.base


def finest(units: Iterable[str], almanac: Almanac = PLAIN) -> str:
    """Return the longest period that makes up every one of ``units``.

    >>> finest(["month", "year"]), finest(["month", "week"]), finest(["week", "day"])
    ('month', 'day', 'day')
    """
    named = tuple(units)
    return next(
        fine for fine in (*named, *reversed(PERIODS)) if all(fine == unit or almanac.is_whole(fine, unit) for unit in named)
    )


def has_outside(unit: str, project: Project) -> bool:
    """Say whether days lie outside of all periods of a unit: those that a file does not list."""
    return file_of(unit, project) is not None


def periods_in(count: int, unit: str, base: str, project: Project) -> tuple[int, str] | None:
    """Return how long a length reaches and one period of ``base`` is, in one unit; None where that hangs on the calendar.

    >>> project = Project("p", "UTC", "monday")
    >>> periods_in(2, "week", "day", project), periods_in(1, "year", "month", project), periods_in(1, "month", "day", project)
    ((13, 'day'), (11, 'month'), None)
    """
    length, of = _smallest(*plain_length(count, unit, project))
    step, by = _smallest(*plain_length(1, base, project))
    return (length - step, of) if of == by and "." not in of and length % step == 0 else None


def _smallest(count: int, unit: str) -> tuple[int, str]:
    """Return a length in months, days or microseconds; what is left is of a calendar."""
    if unit in MONTHS:
        return count * MONTHS[unit], "month"
    if is_below_a_day(unit):
        return count * MICROSECONDS[unit], "microsecond"
    return (count * 7, "day") if unit == "week" else (count, unit)


# constants


def moved_wall(value: dt.datetime, count: int, unit: str, project: Project, *, clamped: bool = True) -> dt.datetime | None:
    """Return a wall clock ``count`` periods on, a day that its month lacks being the last; None outside the calendar.

    In a calendar with periods of several lengths a shorter one may have no such day: its end or, where not ``clamped``, None.

    >>> project = Project("p", "UTC", "monday")
    >>> moved_wall(dt.datetime(2013, 3, 31), -1, "month", project), moved_wall(dt.datetime(2013, 3, 31), 1, "week", project)
    (datetime.datetime(2013, 2, 28, 0, 0), datetime.datetime(2013, 4, 7, 0, 0))
    """
    by, of = plain_length(count, unit, project)
    try:
        if "." in of:
            found = project.almanac.parse(of)
            assert found is not None and found.calendar is not None
            day = calendars.moved_day(project.calendar(found.calendar), found.base, value.date(), by, clamped=clamped)
            return None if day is None else dt.datetime.combine(day, value.time())
        if of not in MONTHS:
            return value + by * dt.timedelta(**{f"{of}s": 1})
        index = value.year * 12 + value.month - 1 + by * MONTHS[of]
        year, month = index // 12, index % 12 + 1
        return value.replace(year=year, month=month, day=min(value.day, calendar.monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return None

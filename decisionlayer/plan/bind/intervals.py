"""Intervals: what a cell reads under its looks, as expressions over its period and as constants.

A cell is the interval from its period's beginning to the next one's, half open. Each look makes another interval of it
(docs/adr/0004-time.md); the first and the last cell of a range may be cut, and a look then maps the cut. Everything here
is arithmetic on one column ``key``, so that a warehouse works it out once a period, never once a row.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterable
from typing import TypeAlias

from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import PERIODS
from decisionlayer.plan import operations
from decisionlayer.plan.bind import calendars
from decisionlayer.plan.bind.moments import earliest
from decisionlayer.plan.bind.periods import part_of, period_instant
from decisionlayer.resolve.drafting.looks import ACCUMULATIONS, Look
from decisionlayer.resolve.frames.calendars import MONTHS_OF, Listed, YearsOfMonths, YearsOfWeeks
from decisionlayer.resolve.frames.timeunits import MICROSECONDS, MONTHS, Almanac, is_below_a_day, is_clocked
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Value, conjunction
from decisionlayer.resolve.model import Project
from decisionlayer.resolve.reach.grain import PLAIN

#: The period of a unit that the last, or the first, row of the data lies in.
RowAt: TypeAlias = Callable[[str], Expr]


@dataclass(frozen=True, slots=True)
class Grid:
    """Periods of one kind, and how the project cuts them; values are dates, or instants below a day."""

    unit: str
    project: Project

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
        begins_alike = own.calendar is None and of == own.base
        if begins_alike and isinstance(value, Call) and value.function in (operations.MOVED, operations.MOVED_POINT):
            inner, already, kind, *_ = value.arguments
            if kind == Literal(of) and isinstance(already, Literal) and isinstance(already.value, int):
                value, by = inner, already.value + by  # periods of this grid begin where this grid's begin
        if not by:
            return value
        if not self.is_instant:
            return operations.moved(value, by, of)
        if is_below_a_day(of) and not is_clocked(self.unit):
            return operations.moved_point(value, by, of)
        return operations.moved_clock(value, by, of, self.project.timezone)

    def _moved_instant(self, value: Expr, count: int, unit: str, *, clamped: bool) -> Expr:
        """Return the same time of day as many periods of a calendar on; where a shorter one ends before, NULL or its end."""
        zone = self.project.timezone
        wall = operations.wall(value, None, zone)
        day = operations.period_day(wall, "day", "monday")
        there = operations.later(day, count, unit, None, clamped=False)
        found = operations.point(operations.on_day(there, wall), zone)
        if not clamped or there == day:
            return found
        ends = operations.midnight(operations.later(day, count, unit, None, clamped=True), zone)
        return Case(((Call("not", (Call("is_null", (there,)),)), found),), ends)

    def holding(self, value: Expr, coarser: Grid) -> Expr:
        """Return the beginning of a period of a coarser grid as a value of this one."""
        if self.is_instant and not coarser.is_instant:
            return operations.midnight(value, self.project.timezone)
        return value

    def next(self, value: Expr) -> Expr:
        """Return the beginning of the period after the one that begins at ``value``; after the last of a file, the day after it."""
        following = self.moved(value, 1, self.unit)
        own, rule = self.project.almanac.parse(self.unit), _listed(self)
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


def read_by(
    looks: Iterable[Look], interval: Interval, asked: Grid, base: Grid, last_row: RowAt | None = None, first_row: RowAt | None = None
) -> Interval:
    """Return what ``looks``, the outermost first, make of the interval of a cell.

    ``last_row`` gives the period of a unit that the last row of the data lies in. By month the last 28 days of a month that
    still runs are those up to the last row, so an accumulation by finer periods than the asked one ends there. In the same way the first
    day of a month in which the data begin is that of the ``first_row``.
    """
    gathers = False
    within = asked
    for look in looks:
        if look.function in ACCUMULATIONS and interval.may_lack and interval.first is not None:  # what gathers begins elsewhere
            there = Call("not", (Call("is_null", (interval.first,)),))
            interval = replace(interval, before=Case(((there, interval.before),), None), may_lack=False)
        if last_row is not None and look.function in ACCUMULATIONS:
            interval = _not_beyond(interval, look, within, base, last_row)
        gathers = gathers or look.function in ACCUMULATIONS
        match look.function:
            case "first" | "avg":
                if look.function == "first" and (gathers or not asked.project.almanac.is_whole(asked.unit, look.unit or asked.unit)):
                    interval = _opening(interval, look, base, first_row)
                within = Grid(look.unit or "day", base.project)  # the day in which the data end is read until then, as by day
            case "prior":
                interval = _moved(interval, look, asked, base)
            case "period_start":
                assert look.unit is not None and interval.first is not None
                unit = Grid(look.unit, base.project)
                begins = base.holding(unit.at(interval.first, base), unit)
                if interval.may_lack:  # of nothing there is no first piece
                    begins = Case(((Call("not", (Call("is_null", (interval.before,)),)), begins),), None)
                may_lack = not base.project.almanac.is_even(asked.unit)
                interval = Interval(begins, asked_next(begins, asked, base), is_cut=_leaves(look.unit, asked), may_lack=may_lack)
                within = asked
            case "trailing":
                assert look.unit is not None
                first = base.moved(interval.before, -look.count, look.unit, clamped=True)
                interval = replace(interval, first=first, running=look, gathers=True)
            case "to_date":
                assert look.unit is not None
                unit = Grid(look.unit, base.project)
                last = base.moved(interval.before, -1, base.unit)
                interval = replace(interval, first=base.holding(unit.at(last, base), unit), running=look, gathers=True)
            case "all_time":
                interval = replace(interval, first=None, running=look, gathers=True)
            case _:
                pass
    return interval


def _not_beyond(interval: Interval, look: Look, asked: Grid, base: Grid, last_row: RowAt) -> Interval:
    fine = finest((asked.unit, look.unit or asked.unit), base.project.almanac)
    if fine == asked.unit:
        return interval
    period = base.holding(last_row(fine), Grid(fine, base.project))
    ends = base.moved(period, 1, fine)
    inside: Expr = Call("<", (ends, interval.before))
    if interval.first is not None:  # a cell that is cut may begin within the period of the last row, and hold that row all the same
        holds = Call(">=", (last_row(base.unit), interval.first))
        gathered = interval.running
        if gathered is not None and has_outside(gathered.unit or "day", base.project):  # it began before the calendar, so nobody knows when
            holds = Call("or", (Call("is_null", (interval.first,)), holds))
        inside = Call("and", (holds, inside))
    return replace(interval, before=Case(((inside, ends),), interval.before), is_cut=True)


def _opening(interval: Interval, look: Look, base: Grid, first_row: RowAt | None) -> Interval:
    """Return the first day of an interval, the one of the first row where the data begin within it."""
    assert look.unit is not None
    days = Grid(look.unit, base.project)
    first = interval.first
    if first_row is not None:
        begins = base.holding(first_row(look.unit), days)
        inside: Expr = Call("<", (begins, interval.before))
        if first is not None:
            inside = Call("and", (Call(">", (begins, first)), inside))
        first = Case(((inside, begins),), first)
    assert first is not None
    before = base.holding(days.next(days.at(first, base)), days)
    if interval.is_cut and base.unit != days.unit:
        before = Case(((Call(">", (before, interval.before)), interval.before),), before)
    return Interval(first, before)


def asked_next(value: Expr, asked: Grid, base: Grid) -> Expr:
    """Return where the asked period ends that begins at ``value``, a value of the base grid."""
    return base.moved(value, 1, asked.unit)


def _moved(interval: Interval, look: Look, asked: Grid, base: Grid) -> Interval:
    """Return an interval that begins and ends so much earlier.

    By days (where a range cuts a period) each end goes as far into the other period; but what begins and ends with asked periods of a
    file goes to those of the same place, as it does where nothing is cut: the years of a file may be cut otherwise each.
    """
    by_base = _as_far_in(interval, look, asked, base)
    rule = _listed(asked)
    own, of = asked.project.almanac.parse(asked.unit), asked.project.almanac.parse(look.unit or "day")
    if rule is None or base.unit == asked.unit or own is None or of is None or own.calendar != of.calendar:
        return by_base
    after = Literal(rule.after)
    closes = Case(((Call("=", (interval.before, base.holding(after, asked))), after),), asked.at(interval.before, base))
    opens = None if interval.first is None else asked.at(interval.first, base)
    tests = [Call("=", (base.holding(closes, asked), interval.before))]
    if opens is not None and interval.first is not None:
        tests.append(Call("=", (base.holding(opens, asked), interval.first)))
    both = conjunction(tuple(tests))
    assert both is not None
    placed = _as_far_in(replace(interval, first=opens, before=closes, is_cut=False, opens_inside=False), look, asked, asked)
    first = by_base.first
    if first is not None and placed.first is not None:
        first = Case(((both, base.holding(placed.first, asked)),), first)
    before = Case(((both, base.holding(placed.before, asked)),), by_base.before)
    return replace(by_base, first=first, before=before, may_lack=by_base.may_lack or placed.may_lack)


def _listed(grid: Grid) -> Listed | None:
    """Return the file by which the periods of a grid are cut; None for a rule."""
    found = grid.project.almanac.parse(grid.unit)
    rule = None if found is None or found.calendar is None else grid.project.calendar(found.calendar).rule
    return rule if isinstance(rule, Listed) else None


def _as_far_in(interval: Interval, look: Look, asked: Grid, base: Grid) -> Interval:
    assert look.unit is not None
    first = None if interval.first is None else base.moved(interval.first, -look.count, look.unit)
    by_place = first is not None and not interval.gathers and look.unit != asked.unit and not base.project.almanac.is_even(look.unit)
    if first is not None and by_place and not (interval.is_cut or interval.opens_inside):
        return Interval(first, asked_next(first, asked, base))
    by_months = plain_length(1, look.unit, base.project)[1] in MONTHS
    by_days = asked.unit == "day"
    if not by_months or not (interval.is_cut or by_days or asked.is_instant):
        before = base.moved(interval.before, -look.count, look.unit, clamped=True)
        if first is not None and interval.first is not None and by_place:  # a whole period goes to the one that has its place
            begins = asked.at(interval.first, base)
            ends = ((begins, interval.first), (asked.next(begins), interval.before))
            is_whole = Call("and", tuple(Call("=", (base.holding(edge, asked), end)) for edge, end in ends))
            before = Case(((is_whole, asked_next(first, asked, base)),), before)
        leaves = _leaves(look.unit, asked)
        may_lack = not base.project.almanac.is_even(look.unit)
        if may_lack and interval.gathers and first is not None and interval.first is not None:
            # Where what gathers begins may be unknown and no matter; here it was known, and has no counterpart.
            lost = Call("and", (Call("not", (Call("is_null", (interval.first,)),)), Call("is_null", (first,))))
            before, may_lack = Case(((Call("not", (lost,)), before),), None), False
        may_lack = may_lack or interval.may_lack
        return replace(interval, first=first, before=before, running=None, is_cut=interval.is_cut or leaves, may_lack=may_lack)
    # What ends with a day goes to the end of a day, which a shorter month may lack; and what ends with an hour to the end of an hour.
    step = asked.unit if asked.is_instant else "day"
    last = base.moved(base.moved(base.moved(interval.before, -1, step), -look.count, look.unit), 1, step)
    if asked.is_instant or (by_days and not (interval.is_cut and base.is_instant)):
        return replace(interval, first=first, before=last, running=None)
    # So does a cut month; a whole one ends where the next begins, and a time of day is a time.
    moved = base.moved(interval.before, -look.count, look.unit)
    at_end_of = {unit: Call("=", (base.holding(grid.at(interval.before, base), grid), interval.before))
            for unit in ("month", "day") if (grid := Grid(unit, base.project))}
    branches = ([] if by_days else [(at_end_of["month"], moved)]) + ([(at_end_of["day"], last)] if base.is_instant else [])
    before = Case(tuple(branches), moved if base.is_instant else last)
    return replace(interval, first=first, before=before, running=None)


def _leaves(unit: str, asked: Grid) -> bool:
    """Say whether asked periods leave their places when moved by a unit: a month a week earlier lies in two, and a day 36 hours earlier."""
    if asked.is_instant or asked.unit == "day":
        return is_below_a_day(unit) and not asked.is_instant
    return plain_length(1, unit, asked.project)[1] not in MONTHS


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


def needed(look: Look, asked: str, almanac: Almanac = PLAIN) -> str | None:
    """Return the period by which rows must be told apart for a look, None when no period does.

    >>> needed(Look("prior", 1, "year"), "month"), needed(Look("trailing", 28, "day"), "month")
    ('month', 'day')
    >>> needed(Look("prior", 1, "month"), "week"), needed(Look("to_date", unit="month"), "week")
    (None, 'day')
    """
    if look.unit is None:
        return asked
    if almanac.is_whole(asked, look.unit):
        return None if is_below_a_day(asked) and _is_uneven(look.unit, almanac) and look.function != "to_date" else asked
    if look.function == "prior" and not almanac.is_whole(look.unit, asked):
        return None
    return finest((asked, look.unit), almanac)


def _is_uneven(unit: str, almanac: Almanac) -> bool:
    return not almanac.is_even(unit)


def has_outside(unit: str, project: Project) -> bool:
    """Say whether days lie outside of all periods of a unit: those that a file does not list."""
    found = project.almanac.parse(unit)
    return found is not None and found.calendar is not None and isinstance(project.calendar(found.calendar).rule, Listed)


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


def is_accumulated(looks: Iterable[Look]) -> bool:
    """Whether any of ``looks`` gathers more than a cell."""
    return any(look.function in ACCUMULATIONS for look in looks)


def has_no_beginning(looks: Iterable[Look]) -> bool:
    """Whether what ``looks``, the outermost first, make of a cell goes back to the first row: a length or a period begins it again."""
    found = False
    for look in looks:
        found = look.function == "all_time" or (found and look.function not in ("trailing", "to_date", "period_start"))
    return found


def opens_nowhere(function: str, looks: tuple[Look, ...]) -> bool:
    """Whether a look of this function asks for the first piece of what has no beginning.

    >>> opens_nowhere("period_start", (Look("all_time"), Look("period_start", unit="month")))
    True
    """
    return any(look.function == function and has_no_beginning(looks[:place]) for place, look in enumerate(looks))

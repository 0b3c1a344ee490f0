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
from decisionlayer.resolve.grain import is_whole_periods
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal
from decisionlayer.resolve.looks import ACCUMULATIONS, Look
from decisionlayer.resolve.model import Project
from decisionlayer.resolve.timeunits import is_below_a_day

#: The period of a unit that the last row of the data lies in.
LastRow: TypeAlias = Callable[[str], Expr]

#: Months in each period that is counted in months.
MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Grid:
    """Periods of one kind, and how the project cuts them; values are dates, or instants below a day."""

    unit: str
    project: Project

    @property
    def is_instant(self) -> bool:
        """Whether its periods are instants."""
        return is_below_a_day(self.unit)

    def at(self, value: Expr, finer: Grid) -> Expr:
        """Return the period of this grid that a period of a finer one lies in."""
        if self.unit == finer.unit:
            return value
        if self.is_instant:
            wall = operations.wall(value, None, self.project.timezone)
            return operations.period_point(value, wall, self.unit)
        day = operations.wall(value, None, self.project.timezone) if finer.is_instant else value
        return operations.period_day(day, self.unit, self.project.week_start)

    def moved(self, value: Expr, count: int, unit: str) -> Expr:
        """Return a value of this grid ``count`` periods of ``unit`` on; whole days go by the wall clock."""
        in_own = periods_in(abs(count), unit, self.unit)
        if in_own is not None and unit != self.unit and self.unit in MONTHS:
            count, unit = in_own if count > 0 else -in_own, self.unit  # a year of months is twelve of them
        if unit == self.unit and isinstance(value, Call) and value.function in (operations.MOVED, operations.MOVED_POINT):
            inner, by, of, *_ = value.arguments
            if of == Literal(unit) and isinstance(by, Literal) and isinstance(by.value, int):
                value, count = inner, by.value + count  # periods of this grid begin where this grid's begin
        if not count:
            return value
        if not self.is_instant:
            return operations.moved(value, count, unit)
        if is_below_a_day(unit):
            return operations.moved_point(value, count, unit)
        return operations.moved_clock(value, count, unit, self.project.timezone)

    def next(self, value: Expr) -> Expr:
        """Return the beginning of the period after the one that begins at ``value``."""
        return self.moved(value, 1, self.unit)


@dataclass(frozen=True, slots=True)
class Interval:
    """What is read: from ``first`` (None: from the beginning) to before ``before``, expressions over one column.

    ``running`` is the accumulation that ends there, where ``first`` is a function of ``before`` alone; ``is_cut`` says that
    ``before`` may lie inside an asked period.
    """

    first: Expr | None
    before: Expr
    running: Look | None = None
    is_cut: bool = False


def read_by(looks: Iterable[Look], interval: Interval, asked: Grid, base: Grid, last_row: LastRow | None = None) -> Interval:
    """Return what ``looks``, the outermost first, make of the interval of a cell.

    ``last_row`` gives the period of a unit that the last row of the data lies in. By month the last 28 days of a month that
    still runs are those up to the last row, so an accumulation by finer periods than the asked one ends there.
    """
    for look in looks:
        if last_row is not None and look.function in ACCUMULATIONS:
            interval = _not_beyond(interval, look, asked, base, last_row)
        match look.function:
            case "prior":
                interval = _moved(interval, look, asked, base)
            case "period_start":
                assert look.unit is not None and interval.first is not None
                unit = Grid(look.unit, base.project)
                begins = _in(base, unit.at(interval.first, base), unit)
                interval = Interval(begins, asked_next(begins, asked, base))
            case "trailing":
                assert look.unit is not None
                first = base.moved(interval.before, -look.count, look.unit)
                interval = replace(interval, first=first, running=look)
            case "to_date":
                assert look.unit is not None
                unit = Grid(look.unit, base.project)
                last = base.moved(interval.before, -1, base.unit)
                interval = replace(interval, first=_in(base, unit.at(last, base), unit), running=look)
            case "all_time":
                interval = replace(interval, first=None, running=look)
            case _:
                pass
    return interval


def _not_beyond(interval: Interval, look: Look, asked: Grid, base: Grid, last_row: LastRow) -> Interval:
    fine = finest((asked.unit, look.unit or asked.unit))
    if fine == asked.unit:
        return interval
    period = _in(base, last_row(fine), Grid(fine, base.project))
    ends = base.moved(period, 1, fine)
    inside: Expr = Call("<", (ends, interval.before))
    if interval.first is not None:
        inside = Call("and", (Call(">=", (period, interval.first)), inside))
    return replace(interval, before=Case(((inside, ends),), interval.before))


def asked_next(value: Expr, asked: Grid, base: Grid) -> Expr:
    """Return where the asked period ends that begins at ``value``, a value of the base grid."""
    return base.moved(value, 1, asked.unit)


def _in(base: Grid, value: Expr, unit: Grid) -> Expr:
    """Return the beginning of a period of ``unit`` as a value of the base grid."""
    if base.is_instant and not unit.is_instant:
        return operations.midnight(value, base.project.timezone)
    return value


def _moved(interval: Interval, look: Look, asked: Grid, base: Grid) -> Interval:
    assert look.unit is not None
    first = None if interval.first is None else base.moved(interval.first, -look.count, look.unit)
    if first is not None and interval.running is None and look.unit in MONTHS and asked.unit not in MONTHS:
        # The asked period is shorter than what it moves by: day 31 reads the last day of a shorter month, and only that.
        return Interval(first, asked_next(first, asked, base))
    if look.unit not in MONTHS or not interval.is_cut:
        return replace(interval, first=first, before=base.moved(interval.before, -look.count, look.unit), running=None)
    # A cut month ends with a day, which a shorter month may lack; a whole one ends where the next begins.
    whole = Call("=", (Grid("month", base.project).at(interval.before, base), interval.before))
    last = base.moved(base.moved(base.moved(interval.before, -1, base.unit), -look.count, look.unit), 1, base.unit)
    before = Case(((whole, base.moved(interval.before, -look.count, look.unit)),), last)
    return replace(interval, first=first, before=before, running=None)


def finest(units: Iterable[str]) -> str:
    """Return the longest period that makes up every one of ``units``.

    >>> finest(["month", "year"]), finest(["month", "week"]), finest(["week", "day"])
    ('month', 'day', 'day')
    """
    named = tuple(units)
    return next(
        fine for fine in reversed(PERIODS) if all(fine == unit or is_whole_periods(fine, unit) for unit in named)
    )


def needed(look: Look, asked: str) -> str | None:
    """Return the period by which rows must be told apart for a look, None when no period does.

    >>> needed(Look("prior", 1, "year"), "month"), needed(Look("trailing", 28, "day"), "month")
    ('month', 'day')
    >>> needed(Look("prior", 1, "month"), "week"), needed(Look("to_date", unit="month"), "week")
    (None, 'day')
    """
    if look.unit is None:
        return asked
    if is_whole_periods(asked, look.unit):
        return asked
    if look.function == "prior" and not is_whole_periods(look.unit, asked):
        return None
    return finest((asked, look.unit))


def periods_in(count: int, unit: str, base: str) -> int | None:
    """Return how many periods of ``base`` a length always has, None where that hangs on the calendar.

    >>> periods_in(2, "week", "day"), periods_in(1, "year", "month"), periods_in(1, "month", "day"), periods_in(1, "day", "hour")
    (14, 12, None, None)
    """
    if unit == base:
        return count
    if unit in MONTHS and base in MONTHS:
        return count * MONTHS[unit] // MONTHS[base]
    return count * 7 if (unit, base) == ("week", "day") else None


# constants


def moved_wall(value: dt.datetime, count: int, unit: str) -> dt.datetime | None:
    """Return a wall clock ``count`` periods on, a day that its month lacks being the last; None outside the calendar.

    >>> moved_wall(dt.datetime(2013, 3, 31), -1, "month"), moved_wall(dt.datetime(2013, 3, 31), 1, "week")
    (datetime.datetime(2013, 2, 28, 0, 0), datetime.datetime(2013, 4, 7, 0, 0))
    """
    try:
        if unit not in MONTHS:
            return value + count * dt.timedelta(**{f"{unit}s": 1})
        index = value.year * 12 + value.month - 1 + count * MONTHS[unit]
        year, month = index // 12, index % 12 + 1
        return value.replace(year=year, month=month, day=min(value.day, calendar.monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return None


def is_accumulated(looks: Iterable[Look]) -> bool:
    """Whether any of ``looks`` gathers more than a cell."""
    return any(look.function in ACCUMULATIONS for look in looks)

"""Periods: ``month``, ``delivered_at.month``, ``day_of_week``, as expressions over a clock, in the project's zone.

A clock is a date, a wall clock in a zone, or an instant. Dates never shift. Everything else is read by the wall clock of
the project's zone; a period of a day or more is then the date on which it begins, a shorter one the instant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from decisionlayer.names import PERIODS
from decisionlayer.plan import operations
from decisionlayer.resolve.grain import PARTS
from decisionlayer.resolve.language.tree import Call, Expr, Name
from decisionlayer.resolve.language.types import DATE, INSTANT, INTEGER, DataType, Kind
from decisionlayer.resolve.model import Clock, Project

#: Periods that are instants; the others are dates.
BELOW_A_DAY = frozenset({"second", "minute", "hour"})

_MULTIPLE = re.compile(r"(\d+) (second|minute|hour|day|week|month|quarter|year)s?\Z")
_FUNCTIONS = {
    "minute_of_hour": "minute", "hour_of_day": "hour", "day_of_week": "day_of_week", "day_of_month": "day",
    "day_of_year": "day_of_year", "week_of_year": "week", "month_of_year": "month", "quarter_of_year": "quarter",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """A time as it was asked: a period or a part (None: the clock's own grain), and the named clock (None: each metric's own)."""

    text: str
    unit: str | None
    clock: str | None

    def of(self, clock: Clock) -> str:
        """Return the period or part, for a clock."""
        return self.unit or clock.grain


def read_period(text: str, clocks: frozenset[str]) -> Period | None:
    """Return the period that ``text`` asks for, or None when it is a path; ``clocks`` are all that any source has.

    >>> read_period("month", frozenset()), read_period("carrier.name", frozenset())
    (Period(text='month', unit='month', clock=None), None)
    """
    clock, _, last = text.rpartition(".")
    if clock and clock not in clocks:
        return None
    if last in PERIODS or last in PARTS:
        return Period(text, last, clock or None)
    return Period(text, None, last) if not clock and last in clocks else None


def is_multiple(text: str) -> bool:
    """Say whether ``text`` asks for several periods as one: ``15 minutes``."""
    return _MULTIPLE.match(text.rpartition(".")[2]) is not None


def period_type(unit: str) -> DataType:
    """Return the type of a period or part: a date, an instant, or a whole number."""
    if unit in PARTS:
        return INTEGER
    return INSTANT if unit in BELOW_A_DAY else DATE


def period_of(clock: Clock, alias: str, unit: str, project: Project) -> Expr:
    """Return the period or part ``unit`` that the clock of a row lies in; conversions that do nothing are left out."""
    return period_at(Name((alias, clock.column)), clock, unit, project)


def period_at(column: Expr, clock: Clock, unit: str, project: Project) -> Expr:
    """Return the period that ``column``, a time of that clock, lies in."""
    if clock.type.kind is Kind.date:
        return _of_wall(column, unit, project.week_start, is_date=True)
    wall = operations.wall(column, clock.zone, project.timezone)
    if unit not in BELOW_A_DAY:
        return _of_wall(wall, unit, project.week_start)
    instant = column if clock.zone is None else operations.point(column, clock.zone)
    return operations.period_point(instant, wall, unit)


def part_of(period: Expr, part: str, project: Project, *, is_instant: bool) -> Expr:
    """Return a part of the time at which a period begins, a date or an instant."""
    return _of_wall(operations.wall(period, None, project.timezone) if is_instant else period, part, project.week_start)


def _of_wall(wall: Expr, unit: str, week_start: str, *, is_date: bool = False) -> Expr:
    if unit in PARTS:
        return Call(_FUNCTIONS[unit], (wall,))
    if is_date and unit == "day":
        return wall
    return operations.period_day(wall, unit, week_start)

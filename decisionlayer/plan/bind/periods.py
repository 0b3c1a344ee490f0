"""Periods: ``month``, ``15 minutes``, ``retail.quarter``, ``delivered_at.month``, ``day_of_week``, as expressions over a clock.

A clock is a date, a wall clock in a zone, or an instant. Dates never shift. Everything else is read by the wall clock of
the project's zone; a period of a day or more is then the date on which it begins, a shorter one the instant.
"""

from __future__ import annotations

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.plan import operations
from decisionlayer.plan.bind import calendars
from decisionlayer.plan.bind.moments import keeps_edges
from decisionlayer.resolve.frames.timeunits import MONTHS, Almanac, is_below_a_day, is_clocked, why_uneven
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name
from decisionlayer.resolve.language.types import DATE, INSTANT, INTEGER, DataType, Kind
from decisionlayer.resolve.model import Clock, Project
from decisionlayer.resolve.reach.grain import ATTRIBUTES, PARTS, PLAIN

_FUNCTIONS = {
    "minute_of_hour": "minute", "hour_of_day": "hour", "day_of_week": "day_of_week", "day_of_month": "day",
    "day_of_year": "day_of_year", "week_of_year": "week", "month_of_year": "month", "quarter_of_year": "quarter",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """A time as it was asked: a period or a part (None: the clock's own grain), and the named clock (None: each metric's own).

    The unit is in its one spelling: ``15 minutes``, ``retail.week``, ``retail.week.position``.
    """

    text: str
    unit: str | None
    clock: str | None

    def of(self, clock: Clock) -> str:
        """Return the period or part, for a clock."""
        return self.unit or clock.grain


def read_period(text: str, clocks: frozenset[str], almanac: Almanac = PLAIN) -> Period | None:
    """Return the period that ``text`` asks for, or None when it is a path; ``clocks`` are all that any source has.

    >>> read_period("month", frozenset()), read_period("carrier.name", frozenset())
    (Period(text='month', unit='month', clock=None), None)
    >>> read_period("sent.15 minutes", frozenset({"sent"}))
    Period(text='sent.15 minutes', unit='15 minutes', clock='sent')
    """
    unit = _unit(text, almanac)
    if unit is not None:
        return Period(text, unit, None)
    if text in clocks:
        return Period(text, None, text)
    for clock in clocks:
        if text.startswith(f"{clock}."):
            unit = _unit(text[len(clock) + 1 :], almanac)
            if unit is not None:
                return Period(text, unit, clock)
    return None


def _unit(text: str, almanac: Almanac) -> str | None:
    if text in PARTS:
        return text
    period, _, attribute = text.rpartition(".")
    asks = "." in period and attribute in ATTRIBUTES
    unit = almanac.parse(period if asks else text)
    if unit is None:
        return None
    return f"{unit}.{attribute}" if asks else str(unit)


def uneven(period: Period, almanac: Almanac) -> Finding | None:
    """``bad-question`` for several of a period that cannot be cut as one, None when all is well."""
    unit = None if period.unit is None else almanac.parse(period.unit)
    why = None if unit is None else why_uneven(unit)
    if why is None:
        return None
    return Finding(
        "bad-question", "question", f"`{period.text}` is no period: {why}",
        why="longer periods could not be made of whole ones of it",
        help="ask by a number that divides the next longer period, such as 15 minutes, 6 hours or 2 months",
    )  # fmt: skip


def is_plain(unit: str) -> bool:
    """Say whether ``unit`` is a period, and no part or attribute of one."""
    return unit not in PARTS and unit.rpartition(".")[2] not in ATTRIBUTES


def period_type(unit: str) -> DataType:
    """Return the type of a period, a part or an attribute: a date, an instant, a whole number or a text."""
    attribute = unit.rpartition(".")[2]
    if attribute in ATTRIBUTES:
        return calendars.attribute_type(attribute)
    if unit in PARTS:
        return INTEGER
    return INSTANT if is_below_a_day(unit) else DATE


def period_of(clock: Clock, alias: str, unit: str, project: Project) -> Expr:
    """Return the period or part ``unit`` that the clock of a row lies in; conversions that do nothing are left out."""
    return period_at(Name((alias, clock.column)), clock, unit, project)


def period_at(column: Expr, clock: Clock, unit: str, project: Project) -> Expr:
    """Return the period that ``column``, a time of that clock, lies in."""
    if clock.type.kind is Kind.date:
        return _of_wall(column, unit, project, is_date=True)
    wall = operations.wall(column, clock.zone, project.timezone)
    if not is_below_a_day(unit):
        return _of_wall(wall, unit, project)
    instant = column if clock.zone is None else operations.point(column, clock.zone)
    return period_instant(instant, wall, unit, project)


def period_instant(instant: Expr, wall: Expr, unit: str, project: Project) -> Expr:
    """Return the instant at which a period below a day began.

    An hour that comes twice is two hours, and so are its quarters. Several hours are cut from midnight by the wall clock, so in
    the night of a change they are an hour longer or shorter, and still one period.
    """
    if is_clocked(unit):
        begins = operations.period_wall(wall, unit)
        return (operations.point if keeps(unit, project) else operations.first_point)(begins, project.timezone)
    return operations.period_point(instant, wall, unit)


def keeps(unit: str, project: Project) -> bool:
    """Say whether clocks show every time once at which several hours begin: then it tells the instant."""
    return keeps_edges(project.timezone, int(unit.partition(" ")[0]))


def part_of(period: Expr, part: str, project: Project, *, is_instant: bool) -> Expr:
    """Return a part or attribute of the time at which a period begins, a date or an instant."""
    if is_instant:
        return _of_wall(operations.wall(period, None, project.timezone), part, project)
    return _of_wall(period, part, project, is_date=True)


def _of_wall(wall: Expr, unit: str, project: Project, *, is_date: bool = False) -> Expr:
    if unit in PARTS:
        return Call(_FUNCTIONS[unit], (wall,))
    if "." in unit:
        return _of_calendar(wall if is_date else operations.period_day(wall, "day", "monday"), unit, project)
    if is_date and unit == "day":
        return wall
    found = project.almanac.parse(unit)
    # Hours of a date are refused, where the limits of its metric are checked.
    if found is not None and found.count > 1 and found.base in MONTHS:
        return _of_several(wall, found.count * MONTHS[found.base])
    return operations.period_day(wall, unit, project.week_start)


def _of_calendar(day: Expr, unit: str, project: Project) -> Expr:
    period, _, attribute = unit.rpartition(".")
    asked = attribute if attribute in ATTRIBUTES else None
    found = project.almanac.parse(period if asked else unit)
    assert found is not None and found.calendar is not None
    return calendars.attribute(project.calendar(found.calendar), found.base, asked, day)


def _of_several(wall: Expr, months: int) -> Expr:
    """Return the first day of so many months, counted from January, or of so many years, counted from the year 0."""
    year = Call("year", (wall,))
    if months % 12 == 0:
        years = months // 12
        first = Call("*", (operations.divided(year, years), Literal(years)))
        return operations.make_day(Call("greatest", (first, Literal(1))), Literal(1), Literal(1))
    before = operations.divided(Call("-", (Call("month", (wall,)), Literal(1))), months)
    return operations.make_day(year, Call("+", (Call("*", (before, Literal(months))), Literal(1))), Literal(1))

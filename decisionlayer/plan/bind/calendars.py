"""Periods of calendars as expressions over a day: their first day, what they are called, and the one some periods later.

``start(retail, "quarter", day)`` is the first day of the quarter, as ``resolve/frames/calendars.py`` computes it for one day.
Rules are arithmetic, so that no day is outside; what stands in a file is a tree of comparisons with its days, and NULL
outside. A NULL day has no period.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import assert_never

from decisionlayer.plan import operations
from decisionlayer.plan.operations import add_days, days_between, divided, make_day
from decisionlayer.resolve.frames.calendars import (
    A_YEAR,
    MONTHS_OF,
    WEEKDAYS,
    Calendar,
    Listed,
    YearsOfMonths,
    YearsOfWeeks,
    letters,
    named_later,
)
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal
from decisionlayer.resolve.language.types import DATE as DATES
from decisionlayer.resolve.language.types import INTEGER as INTEGERS
from decisionlayer.resolve.language.types import TEXT, DataType

#: What may be asked of a period beside its first day, and the type of it.
ATTRIBUTES: dict[str, DataType] = {"label": TEXT, "position": INTEGERS}


def start(calendar: Calendar, grain: str, day: Expr) -> Expr:
    """Return the first day of the period that ``day`` lies in."""
    match calendar.rule:
        case YearsOfMonths() as rule:
            return _start_of_months(rule, MONTHS_OF[grain], day)
        case YearsOfWeeks() as rule:
            if grain == "week":
                return _week(rule, day)
            year = _year_of_weeks(rule, day)
            if grain == "year":
                return year
            return add_days(year, _by_week(rule, grain, day, _days_before(rule, grain)))
        case Listed() as rule:
            return _found(rule, grain, day, [Literal(each) for each in rule.starts[grain]])
        case _:
            assert_never(calendar.rule)


def position(calendar: Calendar, grain: str, day: Expr) -> Expr:
    """Return the place of the period in its year, from 1; for the year itself the number that it is called by."""
    match calendar.rule:
        case YearsOfMonths() as rule:
            if grain == "year":
                return _name_of_months(rule, day)
            places = [(month - rule.month) % 12 // MONTHS_OF[grain] + 1 for month in range(1, 13)]
            return _by_month(day, [Literal(place) for place in places])
        case YearsOfWeeks() as rule:
            if grain == "year":
                return _name_of_weeks(rule, day)
            return _place_of_week(rule, day) if grain == "week" else _by_week(rule, grain, day, lambda place: place + 1)
        case Listed() as rule:
            return _found(rule, grain, day, [Literal(calendar.position(grain, each)) for each in rule.starts[grain]])
        case _:
            assert_never(calendar.rule)


def label(calendar: Calendar, grain: str, day: Expr) -> Expr:
    """Return what the period is called."""
    match calendar.rule:
        case Listed() as rule:
            return _found(rule, grain, day, [Literal(each) for each in rule.labels[grain]])
        case YearsOfMonths() | YearsOfWeeks() as rule:
            year = _name_of_months(rule, day) if isinstance(rule, YearsOfMonths) else _name_of_weeks(rule, day)
            if grain == "year":
                return operations.cast(year, TEXT)
            return Call("concat", (operations.cast(year, TEXT), _letters(rule, grain, day)))
        case _:
            assert_never(calendar.rule)


def attribute(calendar: Calendar, grain: str, name: str | None, day: Expr) -> Expr:
    """Return the first day of the period, or its ``label`` or ``position``."""
    asked: dict[str | None, Callable[[Calendar, str, Expr], Expr]] = {None: start, "label": label, "position": position}
    return asked[name](calendar, grain, day)


def attribute_type(name: str | None) -> DataType:
    """Return the type of a period's first day (None), label or position."""
    return DATES if name is None else ATTRIBUTES[name]


# years of months


def _start_of_months(rule: YearsOfMonths, length: int, day: Expr) -> Expr:
    plain = {1: "month", 3: "quarter", 12: "year"}
    if length in plain and (rule.month - 1) % length == 0:
        return operations.period_day(day, plain[length], "monday")
    back = [(month - rule.month) % length for month in range(1, 13)]
    year = Call("-", (Call("year", (day,)), _by_month(day, [Literal(int(month <= back[month - 1])) for month in range(1, 13)])))
    month = _by_month(day, [Literal((month - back[month - 1] - 1) % 12 + 1) for month in range(1, 13)])
    return make_day(year, month, Literal(1))


def _name_of_months(rule: YearsOfMonths, day: Expr) -> Expr:
    later = named_later(rule)
    more = [Literal(later - (month < rule.month)) for month in range(1, 13)]
    return Call("+", (Call("year", (day,)), _by_month(day, more)))


def _by_month(day: Expr, values: Sequence[Expr]) -> Expr:
    """Return the one of twelve values that belongs to the month of ``day``."""
    return operations.pick(Call("month", (day,)), values)


def _letters(rule: YearsOfMonths | YearsOfWeeks, grain: str, day: Expr) -> Expr:
    """Return what follows the year in a label: `` Q1``."""
    if isinstance(rule, YearsOfMonths):
        places = [(month - rule.month) % 12 // MONTHS_OF[grain] + 1 for month in range(1, 13)]
        return _by_month(day, [Literal(f" {letters(grain, place)}") for place in places])
    if grain == "week":
        return operations.pick(_place_of_week(rule, day), [Literal(f" {letters(grain, place)}") for place in range(1, 54)])
    return _by_week(rule, grain, day, lambda place: f" {letters(grain, place + 1)}")


# years of weeks


def _week(rule: YearsOfWeeks, day: Expr) -> Expr:
    return operations.period_day(day, "week", WEEKDAYS[(rule.weekday + 1) % 7])


def _first_day_of(rule: YearsOfWeeks, year: Expr) -> Expr:
    """Return the first day of the year that follows the end in the Gregorian ``year``."""
    return _week(rule, add_days(make_day(year, Literal(rule.month), Literal(rule.day)), Literal(rule.plus)))


def _near(rule: YearsOfWeeks, day: Expr) -> Expr:
    return Call("year", (add_days(day, Literal(rule.shift)) if rule.shift else day,))


def _choose(rule: YearsOfWeeks, day: Expr, then: Callable[[Expr], Expr]) -> Expr:
    """Return ``then`` of the number of the year that ``day`` lies in, one of two Gregorian years."""
    near = _near(rule, day)
    before = _plus(near, -1)
    return Case(((Call(">=", (day, _first_day_of(rule, near))), then(near)),), then(before))


def _year_of_weeks(rule: YearsOfWeeks, day: Expr) -> Expr:
    return _choose(rule, day, lambda year: _first_day_of(rule, year))


def _name_of_weeks(rule: YearsOfWeeks, day: Expr) -> Expr:
    return _choose(rule, day, lambda year: _plus(year, named_later(rule)))


def _place_of_week(rule: YearsOfWeeks, day: Expr) -> Expr:
    """Return the place of the week in its year, from 1 to 53."""
    return _plus(divided(days_between(day, _year_of_weeks(rule, day)), 7), 1)


def _days_before(rule: YearsOfWeeks, grain: str) -> Callable[[int], int]:
    return lambda place: 7 * rule.offset(grain, place)


def _by_week(rule: YearsOfWeeks, grain: str, day: Expr, value: Callable[[int], int | str]) -> Expr:
    """Return the value of the place, from 0, that the period has in its year."""
    places = [max(at for at in range(A_YEAR[grain]) if rule.offset(grain, at) <= week) for week in range(53)]
    return operations.pick(_place_of_week(rule, day), [Literal(value(place)) for place in places])


# files


def _found(rule: Listed, grain: str, day: Expr, values: Sequence[Expr]) -> Expr:
    """Return the value of the period that ``day`` lies in, NULL outside the calendar."""
    starts = rule.starts[grain]
    inside = Call("and", (Call(">=", (day, Literal(starts[0]))), Call("<", (day, Literal(rule.after)))))
    return Case(((inside, _halved(day, starts, values)),), None)


def _halved(day: Expr, starts: Sequence[dt.date], values: Sequence[Expr]) -> Expr:
    """Compare with the middle first, so that a calendar of a hundred periods takes seven comparisons."""
    if len(set(values)) == 1:
        return values[0]
    middle = len(starts) // 2
    before = _halved(day, starts[:middle], values[:middle])
    return Case(((Call("<", (day, Literal(starts[middle]))), before),), _halved(day, starts[middle:], values[middle:]))


def _plus(number: Expr, more: int) -> Expr:
    if more == 0:
        return number
    return Call("+" if more > 0 else "-", (number, Literal(abs(more))))

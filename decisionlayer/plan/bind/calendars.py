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
from decisionlayer.plan.operations import add_days, days_between, divided, let, make_day
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
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, transform
from decisionlayer.resolve.language.types import DATE as DATES
from decisionlayer.resolve.language.types import INTEGER as INTEGERS
from decisionlayer.resolve.language.types import TEXT, DataType
from decisionlayer.resolve.model import Project

#: No day, where a calendar has none that is so much earlier.
NOWHERE = operations.cast(Literal(None), DATES)
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


# periods before and after


def moved(calendar: Calendar, grain: str, value: Expr, count: int, cut_by: str | None, *, clamped: bool = False) -> Expr:
    """Return the day that lies in the period ``count`` later where ``value`` lies in its own.

    ``cut_by`` is the grain of the calendar whose periods ``value`` begins (None: any day). Where the other period is
    shorter and has no such day, NULL, or with ``clamped`` the day after its last: week 53 has no counterpart.
    """
    if not count:
        return value
    match calendar.rule:
        case YearsOfMonths():
            return operations.moved(value, count * MONTHS_OF[grain], "month")
        case YearsOfWeeks() as rule:
            if grain == "week":
                return operations.moved(value, 7 * count, "day")
            if cut_by == grain:
                return _first_day_later(calendar, rule, grain, value, count)
            weeks = rule
            return let(value, lambda day: _as_far_in(calendar, weeks, grain, day, count, clamped=clamped))
        case Listed() as rule:
            listed = rule
            return let(value, lambda day: _moved_in_file(calendar, listed, grain, day, count, cut_by, clamped=clamped))
        case _:
            assert_never(calendar.rule)


def _as_far_in(calendar: Calendar, rule: YearsOfWeeks, grain: str, day: Expr, count: int, *, clamped: bool) -> Expr:
    """Return the day as far into the period ``count`` later as ``day`` is in its own."""

    def within(own: Expr) -> Expr:
        begins, after = (_first_day_later(calendar, rule, grain, own, more) for more in (count, count + 1))
        found = add_days(begins, days_between(day, own))
        return Case(((Call("<", (found, after)), found),), after if clamped else None)

    return let(start(calendar, grain, day), within)


def _first_day_later(calendar: Calendar, rule: YearsOfWeeks, grain: str, begins: Expr, count: int) -> Expr:
    """Return the first day of the period ``count`` after the one that begins on ``begins``.

    A day that surely lies in it tells: a year has 365.2425 days on average, and its periods stray from their share of it by
    less than a week, or, for a few periods, by what ``pattern`` says.
    """
    if count == 0:
        return begins
    if count == -1:
        return _start_near(calendar, grain, add_days(begins, Literal(-1)))
    if grain == "period" and count % 12:
        if count == 1:  # 28, 35 or 42 days
            return _start_near(calendar, grain, add_days(begins, Literal(42)))
        return _periods_later(calendar, rule, begins, count)
    margin = {"period": 13, "quarter": 45, "half": 90, "year": 180}[grain]
    return _start_near(calendar, grain, add_days(begins, Literal(round(365.2425 * count / A_YEAR[grain]) + margin)))


def _start_near(calendar: Calendar, grain: str, day: Expr) -> Expr:
    return let(day, lambda it: start(calendar, grain, it))


def _periods_later(calendar: Calendar, rule: YearsOfWeeks, begins: Expr, count: int) -> Expr:
    """Return the first day of a period some periods later, by how far it is from each place in the year."""
    far: dict[int, int] = {}
    for place in range(12):
        years, later = divmod(place + count, 12)
        far[place] = 7 * (rule.offset("period", later) - rule.offset("period", place)) + round(365.2425 * years) + 13
    days = _by_week(rule, "period", begins, far.__getitem__)
    return _start_near(calendar, "period", add_days(begins, days))


def _moved_in_file(
    calendar: Calendar, rule: Listed, grain: str, day: Expr, count: int, cut_by: str | None, *, clamped: bool
) -> Expr:
    if cut_by is None:
        return _moved_within(calendar, rule, grain, day, count, clamped=clamped)
    days = (*rule.starts[cut_by], rule.after)
    return _known_days(day, days, [counterpart(calendar, grain, cut_by, each, count, clamped=clamped) for each in days])


def _known_days(value: Expr, days: Sequence[dt.date], targets: Sequence[dt.date | None]) -> Expr:
    """Return the target of the one of some days that ``value`` is, NULL for any other day."""
    found = [(day, target) for day, target in zip(days, targets, strict=True) if target is not None]
    if not found:
        return NOWHERE
    return Case(tuple((Call("=", (value, Literal(day))), Literal(target)) for day, target in found), None)


def _moved_within(calendar: Calendar, rule: Listed, grain: str, value: Expr, count: int, *, clamped: bool) -> Expr:
    """Return the day as far into the other period, which a file says for each of its periods."""
    values: list[Expr] = []
    for number, begins in enumerate(rule.starts[grain]):
        target, after = calendar.first_day(grain, number + count), calendar.first_day(grain, number + count + 1)
        if target is None:
            values.append(Literal(None))
            continue
        if after is None:  # the last period ends where the calendar does
            values.append(Case(((Call("=", (value, Literal(begins))), Literal(target)),), None))
            continue
        found = add_days(value, Literal((target - begins).days))
        values.append(Case(((Call("<", (found, Literal(after))), found),), Literal(after) if clamped else None))
    inside = NOWHERE if set(values) == {Literal(None)} else _found(rule, grain, value, values)
    end = calendar.first_day(grain, len(rule.starts[grain]) + count)
    if end is None:
        return inside
    if not isinstance(inside, Case):
        return Case(((Call("=", (value, Literal(rule.after))), Literal(end)),), None)
    return Case((*inside.branches, (Call("=", (value, Literal(rule.after))), Literal(end))), None)


def counterpart(
    calendar: Calendar, grain: str, cut_by: str, day: dt.date, count: int, *, clamped: bool
) -> dt.date | None:
    """Return where the period begins that has the place of the one beginning on ``day``, in the period ``count`` later."""
    number = calendar.number(grain, day)
    if number is None:  # the day after the last period
        rule = calendar.rule
        return calendar.first_day(grain, len(rule.starts[grain]) + count) if isinstance(rule, Listed) else None
    own, begins = calendar.first_day(grain, number), calendar.first_day(grain, number + count)
    after = calendar.first_day(grain, number + count + 1)
    if own is None or begins is None:
        return None
    place = _number(calendar, cut_by, day) - _number(calendar, cut_by, own)
    if not place:  # the last period of a calendar ends where the calendar does
        return begins
    if after is None:
        return None
    found = calendar.first_day(cut_by, _number(calendar, cut_by, begins) + place)
    return found if found is not None and found < after else after if clamped else None


def _number(calendar: Calendar, grain: str, day: dt.date) -> int:
    number = calendar.number(grain, day)
    assert number is not None, (calendar.name, grain, day)
    return number


def moved_day(calendar: Calendar, grain: str, day: dt.date, count: int, *, clamped: bool = True) -> dt.date | None:
    """Return the day as far into the period ``count`` later, or the day after it where it is shorter; None outside."""
    rule = calendar.rule
    if isinstance(rule, Listed) and day == rule.after:  # where the last period ends
        return calendar.first_day(grain, len(rule.starts[grain]) + count)
    number = calendar.number(grain, day)
    if number is None:
        return None
    own, begins = calendar.first_day(grain, number), calendar.first_day(grain, number + count)
    after = calendar.first_day(grain, number + count + 1)
    if own is None or begins is None:
        return None
    found = begins + (day - own)
    if after is None:  # the last period of a calendar ends where the calendar does
        return found if day == own else None
    return found if found < after else after if clamped else None


def expanded(expr: Expr, project: Project) -> Expr:
    """Return ``expr`` with every ``later`` written out."""

    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Call) or node.function != operations.LATER:
            return None
        value, count, unit, cut_by, clamped = node.arguments
        assert isinstance(count, Literal) and isinstance(unit, Literal) and isinstance(cut_by, Literal) and isinstance(clamped, Literal)
        frame, _, grain = str(unit.value).partition(".")
        cut = None if cut_by.value is None else str(cut_by.value)
        calendar, far = project.calendar(frame), int(str(count.value))
        return moved(calendar, grain, expanded(value, project), far, cut, clamped=bool(clamped.value))

    return transform(expr, change)

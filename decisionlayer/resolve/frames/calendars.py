"""Calendars: how days are put into periods that no almanac prints, as values that need no warehouse.

A calendar has grains, finest first, and each of them cuts time without a gap. Periods of a grain are numbered one after the
other, so that the one before is the number before. All that holds for every day there is, unless the calendar stands in a
file and ends with it: a day outside has no period (None).

::

    retail, weeks 4-5-4, year ends on the saturday nearest january 31, named after its start
    day 2013-02-02  →  year 2012 (53 weeks), quarter 2012-10-28, period 2012-12-30, week 2013-01-27
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from typing import TypeAlias, assert_never

from decisionlayer.findings import Place
from decisionlayer.frozen import dataclass

#: Months of the year and days of the week, by the words that people write.
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

#: How many months a period of each grain of years of months has.
MONTHS_OF = {"month": 1, "quarter": 3, "half": 6, "year": 12}
#: How many periods of each grain a year of weeks has; a week is none of these, for a year has 52 or 53.
A_YEAR = {"period": 12, "quarter": 4, "half": 2, "year": 1}


@dataclass(frozen=True, slots=True)
class YearsOfMonths:
    """Years that begin with ``month`` (1 to 12) and are named after the Gregorian year of their ``start`` or ``end``."""

    month: int
    named: str


@dataclass(frozen=True, slots=True)
class YearsOfWeeks:
    """Years of 52 or 53 whole weeks: the next begins with the week that ``plus`` days after ``month`` and ``day`` lie in.

    ``pattern`` is how many weeks each period of a quarter has, empty when there are weeks and years only. ``weekday`` is the
    last of the week, 0 being Monday. The 53rd week joins the last period.
    """

    pattern: tuple[int, ...]
    weekday: int
    month: int
    day: int
    plus: int
    named: str

    def offset(self, grain: str, position: int) -> int:
        """Return after how many weeks of the year its period at ``position``, from 0, begins."""
        if grain == "period":
            quarter, within = divmod(position, 3)
            return quarter * 13 + sum(self.pattern[:within])
        return position * 52 // A_YEAR[grain]

    @property
    def shift(self) -> int:
        """By how many days a day is moved so that the Gregorian year tells which of two years it may lie in."""
        return -180 if self.month >= 10 else 180 if self.month == 1 and self.day <= 9 else 0


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """Periods that stand in a file: for each grain the first days and the labels, and the day ``after`` the last."""

    starts: dict[str, tuple[dt.date, ...]]
    labels: dict[str, tuple[str, ...]]
    after: dt.date


Rule: TypeAlias = YearsOfMonths | YearsOfWeeks | Listed


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """A calendar: its grains, finest first, and the rule by which it cuts time.

    Numbers of periods mean nothing but their order. ``coarsest`` is the year, whatever it is called.
    """

    name: str
    grains: tuple[str, ...]
    rule: Rule
    owner: str | None
    place: Place
    meaning: str = ""
    wording: str = ""

    @property
    def coarsest(self) -> str:
        """The longest period."""
        return self.grains[-1]

    def number(self, grain: str, day: dt.date) -> int | None:
        """Return the number of the period that ``day`` lies in, None outside the calendar."""
        match self.rule:
            case YearsOfMonths():
                return (day.year * 12 + day.month - self.rule.month) // MONTHS_OF[grain]
            case YearsOfWeeks():
                return _number(self.rule, grain, day)
            case Listed():
                if day >= self.rule.after or day < self.rule.starts[grain][0]:
                    return None
                return bisect_right(self.rule.starts[grain], day) - 1
            case _:
                assert_never(self.rule)

    def first_day(self, grain: str, number: int) -> dt.date | None:
        """Return the day on which a period begins, None outside the calendar; after the last of a file, the day after it."""
        try:
            match self.rule:
                case YearsOfMonths():
                    months = number * MONTHS_OF[grain] + self.rule.month - 1
                    return dt.date(months // 12, months % 12 + 1, 1)
                case YearsOfWeeks():
                    if grain == "week":
                        return dt.date.fromordinal(_first_week(self.rule) + 7 * number)
                    year, position = divmod(number, A_YEAR[grain])
                    return dt.date.fromordinal(_starts(self.rule, year) + 7 * self.rule.offset(grain, position))
                case Listed():
                    starts = self.rule.starts[grain]
                    if number == len(starts):
                        return self.rule.after
                    return starts[number] if 0 <= number < len(starts) else None
                case _:
                    assert_never(self.rule)
        except (ValueError, OverflowError):
            return None

    def start(self, grain: str, day: dt.date) -> dt.date | None:
        """Return the first day of the period that ``day`` lies in."""
        number = self.number(grain, day)
        return None if number is None else self.first_day(grain, number)

    def after(self, grain: str, day: dt.date) -> dt.date | None:
        """Return the first day after the period that ``day`` lies in."""
        number = self.number(grain, day)
        return None if number is None else self.first_day(grain, number + 1)

    def year(self, day: dt.date) -> int | None:
        """Return the number by which the year of ``day`` is called: 2014; in a file, its place from 1."""
        number = self.number(self.coarsest, day)
        match self.rule:
            case _ if number is None:
                return None
            case Listed():
                return number + 1
            case _:
                return number + named_later(self.rule)

    def position(self, grain: str, day: dt.date) -> int | None:
        """Return the place of the period in its year, from 1; for the year itself, what it is called."""
        if grain == self.coarsest:
            return self.year(day)
        number, year = self.number(grain, day), self.start(self.coarsest, day)
        first = None if year is None else self.number(grain, year)
        return None if number is None or first is None else number - first + 1

    def label(self, grain: str, day: dt.date) -> str | None:
        """Return what the period is called: ``2014``, ``2014 Q1``, ``2014 W05``; in a file, what stands there."""
        if isinstance(self.rule, Listed):
            number = self.number(grain, day)
            return None if number is None else self.rule.labels[grain][number]
        year, position = self.year(day), self.position(grain, day)
        if year is None or position is None:
            return None
        return str(year) if grain == self.coarsest else f"{year} {letters(grain, position)}"


#: Weeks from Monday to Sunday; a year ends on the Sunday nearest its last day (ISO 8601).
ISO = YearsOfWeeks((), 6, 12, 31, 4, "end")
#: The years that bare weeks make where they begin on Mondays: `week.year`. A frame cannot bear the name of a period.
YEARS_OF_BARE_WEEKS = Calendar("week", ("week", "year"), ISO, None, Place(""))


def letters(grain: str, position: int) -> str:
    """Return a place in the year as labels write it.

    >>> letters("week", 5), letters("quarter", 1), letters("period", 12), letters("half", 2)
    ('W05', 'Q1', 'P12', 'H2')
    """
    digits = 1 if grain in ("quarter", "half") else 2
    return f"{grain[0].upper()}{position:0{digits}d}"


def named_later(rule: YearsOfMonths | YearsOfWeeks) -> int:
    """Return by how much a year's name is later than its number, which is that of the Gregorian year it follows or starts in."""
    match rule:
        case YearsOfMonths():
            return 1 if rule.named == "end" and rule.month > 1 else 0
        case YearsOfWeeks():
            return 1 if rule.named == "end" else 0


def _starts(rule: YearsOfWeeks, year: int) -> int:
    """Return the ordinal of the first day of the year that follows the end in the Gregorian ``year``."""
    day = dt.date(year, rule.month, rule.day).toordinal() + rule.plus
    return day - (day - 1 - (rule.weekday + 1)) % 7


def _year_of(rule: YearsOfWeeks, day: dt.date) -> int:
    """Return the number of the year that ``day`` lies in."""
    ordinal = day.toordinal()
    near = dt.date.fromordinal(ordinal + rule.shift).year
    return near if ordinal >= _starts(rule, near) else near - 1


def _first_week(rule: YearsOfWeeks) -> int:
    """Return the ordinal of the first day of the week that holds the first day there is; weeks are counted from it."""
    return 1 - -(rule.weekday + 1) % 7


def _number(rule: YearsOfWeeks, grain: str, day: dt.date) -> int | None:
    if grain == "week":
        return (day.toordinal() - _first_week(rule)) // 7
    try:
        year = _year_of(rule, day)
        week = (day.toordinal() - _starts(rule, year)) // 7
    except (ValueError, OverflowError):  # the first and the last days that there are
        return None
    places = range(A_YEAR[grain])
    return year * len(places) + max(place for place in places if rule.offset(grain, place) <= week)

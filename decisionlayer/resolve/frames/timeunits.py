"""Units of time: a period, several of one, or a period of a calendar, and which of them are made of whole others.

Units are written as text everywhere, in one spelling: ``month``, ``15 minutes``, ``retail.quarter``. Several hours are cut
from midnight, several minutes from the hour, several months from January, several years from the year 0, so that every
period longer than that is made of whole ones; a number that does not divide the next longer unit is refused.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import TypeAlias

from decisionlayer.frozen import dataclass
from decisionlayer.names import PERIODS
from decisionlayer.resolve.frames.calendars import WEEKDAYS, YEARS_OF_BARE_WEEKS, Calendar, Listed, YearsOfWeeks

#: Calendars by name.
Calendars: TypeAlias = Mapping[str, Calendar]

_NONE: Calendars = MappingProxyType({})

#: How long the units below a day are, in microseconds.
MICROSECONDS = {
    "microsecond": 1, "millisecond": 1_000, "second": 1_000_000, "minute": 60_000_000, "hour": 3_600_000_000,
    "day": 86_400_000_000,
}  # fmt: skip
#: How many months the units of whole months have.
MONTHS = {"month": 1, "quarter": 3, "year": 12}
#: How many of a unit the next longer one has, that is: what several of it must divide.
_NEXT = {
    "microsecond": (1000, "millisecond"), "millisecond": (1000, "second"), "second": (60, "minute"), "minute": (60, "hour"),
    "hour": (24, "day"), "month": (12, "year"), "quarter": (4, "year"),
}  # fmt: skip
#: The longest a multiple of years may be, so that the year 1 has a period.
_MOST_YEARS = 1000

_WRITTEN = re.compile(r"(?:(\d{1,9}) +)?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Unit:
    """``count`` of a period: one of ``PERIODS``, or a grain of the calendar of that name."""

    count: int
    base: str
    calendar: str | None = None

    @property
    def of_one(self) -> str:
        """The single period: ``minute`` of 15 minutes, ``retail.week``."""
        return self.base if self.calendar is None else f"{self.calendar}.{self.base}"

    def __str__(self) -> str:
        return self.of_one if self.count == 1 else f"{self.count} {self.of_one}s"


@dataclass(frozen=True, slots=True)
class Almanac:
    """The units that a project may speak of: those of everyone, and the grains of its calendars; weeks begin on ``week_start``."""

    calendars: Calendars = _NONE
    week_start: str = "monday"

    def calendar(self, name: str) -> Calendar | None:
        """Return the calendar of that name; ``week`` is that of bare weeks, which have years of their own where they begin on Mondays.

        >>> Almanac().calendar("week").name, Almanac(week_start="sunday").calendar("week"), Almanac().calendar("retail")
        ('week', None, None)
        """
        if name == YEARS_OF_BARE_WEEKS.name:
            return YEARS_OF_BARE_WEEKS if self.week_start == "monday" else None
        return self.calendars.get(name)

    def parse(self, text: str) -> Unit | None:
        """Return the unit or the length that ``text`` writes, None when it is none; the number may be any but 0.

        >>> parse = Almanac().parse
        >>> parse("15 minutes"), parse("month"), parse("carrier.name"), parse("0 days")
        (Unit(count=15, base='minute', calendar=None), Unit(count=1, base='month', calendar=None), None, None)
        """
        found = _WRITTEN.match(text.strip())
        if found is None:
            return None
        count = int(found[1] or 1)
        name, dot, grain = found[2].rpartition(".")
        calendar = self.calendar(name) if dot else None
        known: Iterable[str] = PERIODS if not dot else calendar.grains if calendar is not None else ()
        for base in (grain, grain.removesuffix("s")) if found[1] else (grain,):
            if base in known and count > 0:
                return Unit(count, base, name or None)
        return None

    def is_whole(self, fine: str, coarse: str) -> bool:
        """Say whether every ``coarse`` period is made of whole ``fine`` ones.

        >>> is_whole = Almanac().is_whole
        >>> is_whole("hour", "day"), is_whole("15 minutes", "30 minutes"), is_whole("10 minutes", "15 minutes")
        (True, True, False)
        >>> is_whole("month", "6 months"), is_whole("week", "month"), is_whole("2 years", "quarter")
        (True, False, False)
        """
        if "." not in fine and "." not in coarse:
            return _is_whole(fine, coarse)
        first, second = self.parse(fine), self.parse(coarse)
        if first is None or second is None:
            return False
        return _in_calendars(first, second, self._calendar(first), self._calendar(second), self.week_start)

    def grains(self) -> tuple[str, ...]:
        """Return every period that may be asked by its name, those of calendars last."""
        return (*PERIODS, *(f"{name}.{grain}" for name, calendar in self.calendars.items() for grain in calendar.grains))

    def days_in(self, unit: Unit) -> int | None:
        """Return how many days every one of such periods has, None where they differ or are no days."""
        calendar = self._calendar(unit)
        if calendar is not None and not isinstance(calendar.rule, YearsOfWeeks):
            return None
        days = {"day": 1, "week": 7}.get(unit.base)
        return None if days is None else days * unit.count

    def microseconds_in(self, unit: Unit) -> int | None:
        """Return how long every one of such periods is, a day by the calendar, None where they differ."""
        if unit.calendar is None and unit.base in MICROSECONDS:
            return unit.count * MICROSECONDS[unit.base]
        days = self.days_in(unit)
        return None if days is None else days * MICROSECONDS["day"]

    def is_even(self, text: str) -> bool:
        """Say whether one period is as long as the next, Gregorian months, quarters and years counting as equal.

        Those of weeks are not: a quarter has 13 weeks or 14. Neither need be what stands in a file.
        """
        unit = self.parse(text)
        calendar = None if unit is None else self._calendar(unit)
        if unit is None or calendar is None:
            return True
        match calendar.rule:
            case YearsOfWeeks():
                return unit.base == "week"
            case Listed(starts=starts, after=after):
                return len({later - earlier for earlier, later in pairwise((*starts[unit.base], after))}) <= 1
            case _:
                return True

    def _calendar(self, unit: Unit) -> Calendar | None:
        return None if unit.calendar is None else self.calendar(unit.calendar)


def why_uneven(unit: Unit) -> str | None:
    """Return why several of a period cannot be cut as one, None when they can.

    >>> why_uneven(Unit(15, "minute")), why_uneven(Unit(45, "minute"))
    (None, '45 minutes do not divide the hour')
    >>> why_uneven(Unit(2, "week"))
    'nothing says with which week 2 weeks begin; a calendar of weeks (`frames`) does'
    """
    if unit.count == 1:
        return None
    if unit.calendar is not None:
        return f"{unit} are no period of the calendar `{unit.calendar}`"
    if unit.base == "week":
        return f"nothing says with which week {unit} begin; a calendar of weeks (`frames`) does"
    if unit.base == "day":
        return f"nothing says with which day {unit} begin"
    if unit.base == "year":
        return None if unit.count <= _MOST_YEARS else f"{unit} are longer than {_MOST_YEARS} years"
    most, longer = _NEXT[unit.base]
    return None if most % unit.count == 0 else f"{unit} do not divide the {longer}"


def is_below_a_day(text: str) -> bool:
    """Say whether a period is shorter than a day, so that it begins at an instant and not on a date.

    >>> is_below_a_day("15 minutes"), is_below_a_day("day"), is_below_a_day("retail.week")
    (True, False, False)
    """
    return _is_below_a_day(text)


def is_clocked(text: str) -> bool:
    """Say whether a period below a day is cut and moved by the wall clock alone: several hours.

    >>> is_clocked("6 hours"), is_clocked("hour"), is_clocked("15 minutes")
    (True, False, False)
    """
    return " hour" in text


@lru_cache(maxsize=4096)
def _is_below_a_day(text: str) -> bool:
    unit = Almanac().parse(text)
    # Nobody asks by the microsecond, but a range may be so many of them long.
    return text == "microsecond" if unit is None else unit.base in MICROSECONDS and unit.base != "day"


@lru_cache(maxsize=4096)
def _is_whole(fine: str, coarse: str) -> bool:
    first, second = Almanac().parse(fine), Almanac().parse(coarse)
    if first is None or second is None:
        return False
    if first == second:
        return True
    if first.base == "week":
        return False
    if first.base in MONTHS:
        return second.base in MONTHS and second.count * MONTHS[second.base] % (first.count * MONTHS[first.base]) == 0
    length = first.count * MICROSECONDS[first.base]
    if second.base not in MICROSECONDS:
        return MICROSECONDS["day"] % length == 0
    return second.count * MICROSECONDS[second.base] % length == 0


@lru_cache(maxsize=4096)
def _in_calendars(fine: Unit, coarse: Unit, cuts: Calendar | None, makes: Calendar | None, week_start: str) -> bool:
    """Say whether each coarse period begins where a fine one does; ``cuts`` and ``makes`` are their calendars, if any."""
    if fine == coarse:
        return True
    if cuts is not None and cuts is makes:
        return fine.count == coarse.count == 1 and cuts.grains.index(fine.base) < cuts.grains.index(coarse.base)
    if fine.base in MICROSECONDS:
        return MICROSECONDS["day"] % (fine.count * MICROSECONDS[fine.base]) == 0
    if coarse.base in MICROSECONDS:
        return False
    return all(_begins(fine, cuts, day, week_start) for day in _boundaries(coarse, makes, week_start))


def _begins(unit: Unit, calendar: Calendar | None, day: dt.date, week_start: str) -> bool:
    """Say whether a period of ``unit`` begins on ``day``; outside a calendar none does."""
    if calendar is not None:
        if isinstance(calendar.rule, Listed) and day == calendar.rule.after:
            return True
        return calendar.start(unit.base, day) == day
    if unit.base == "week":
        return WEEKDAYS[day.weekday()] == week_start
    return day.day == 1 and (day.year * 12 + day.month - 1) % (unit.count * MONTHS[unit.base]) == 0


def _boundaries(unit: Unit, calendar: Calendar | None, week_start: str) -> Iterable[dt.date]:
    """Yield days on which periods of ``unit`` begin: all in a file, else enough years that every kind of year is among them."""
    if calendar is not None and isinstance(calendar.rule, Listed):
        yield from (*calendar.rule.starts[unit.base], calendar.rule.after)
        return
    for ordinal in range(_FIRST.toordinal(), _FIRST.toordinal() + _MOST_DAYS):
        day = dt.date.fromordinal(ordinal)
        if _begins(unit, calendar, day, week_start):
            yield day


#: Gregorian years repeat their weekdays after 28, so no kind of year is missing here.
_FIRST = dt.date(2001, 1, 1)
_MOST_DAYS = 29 * 366

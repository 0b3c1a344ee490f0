"""Calendars as lists: every period of two centuries written down one after the other, and looked up among them.

A calendar is declared as a rule, or stands in a file. Here it is a list for each grain, of the first day of each period, the day
after its last, what it is called and its place in its year. No arithmetic on numbers of periods is left: the one before is the one
above in the list.
"""

from __future__ import annotations

import datetime as dt
import itertools
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from decisionlayer.resolve.frames.calendars import Calendar, Listed, Rule, YearsOfMonths, YearsOfWeeks

DAY = dt.timedelta(days=1)
#: What a period has beside its first day.
ATTRIBUTES = ("label", "position")
#: The years that are written down; a file says its own.
FIRST, LAST = 1890, 2110


@dataclass(frozen=True)
class Period:
    """A period of a calendar: ``[begins, after)``, what it is called, and its place in its year; of a year, its name."""

    begins: dt.date
    after: dt.date
    label: str
    position: int


class Pages:
    """A calendar as lists of periods, by grain."""

    def __init__(self, calendar: Calendar) -> None:
        self.grains = calendar.grains
        self.of: dict[str, list[Period]] = {grain: [] for grain in calendar.grains}
        match calendar.rule:
            case YearsOfMonths():
                years = _years_of_months(calendar.rule)
            case YearsOfWeeks():
                years = _years_of_weeks(calendar.rule)
            case Listed():
                years = iter(())
                self._copy(calendar.rule)
        for name, cuts in years:
            for grain in calendar.grains:
                edges = cuts[grain]
                for place, (begins, after) in enumerate(itertools.pairwise(edges), 1):
                    label = str(name) if grain == "year" else f"{name} {_letter(grain, place)}"
                    self.of[grain].append(Period(begins, after, label, name if grain == "year" else place))
        self.rule = calendar.rule
        self.starts = {grain: [one.begins for one in listed] for grain, listed in self.of.items()}

    def _copy(self, rule: Listed) -> None:
        years = rule.starts[self.grains[-1]]
        for grain in self.grains:
            edges = (*rule.starts[grain], rule.after)
            for begins, after, label in zip(edges, edges[1:], rule.labels[grain], strict=False):
                own_year = max(year for year in years if year <= begins)
                within = [edge for edge in edges if own_year <= edge <= begins]
                place = years.index(begins) + 1 if grain == self.grains[-1] else len(within)
                self.of[grain].append(Period(begins, after, label, place))

    def index(self, grain: str, day: dt.date) -> int | None:
        """Return the place of the period in the list in which a day lies, None outside the calendar."""
        found = bisect_right(self.starts[grain], day) - 1
        return found if found >= 0 and day < self.of[grain][found].after else None

    def period(self, grain: str, day: dt.date) -> Period | None:
        """Return the period in which a day lies."""
        index = self.index(grain, day)
        return None if index is None else self.of[grain][index]

    def at(self, grain: str, index: int) -> Period | None:
        """Return a period by its place in the list."""
        return self.of[grain][index] if 0 <= index < len(self.of[grain]) else None

    def ends_with(self, day: dt.date) -> bool:
        """Say whether the calendar ends before a day, and not earlier."""
        return self.of[self.grains[-1]][-1].after == day

    def far_in(self, grain: str, count: int, day: dt.date, by: str | None, *, is_end: bool) -> dt.date | None:
        """Return the day as far into the period ``count`` later as ``day`` is in its own, counted in days or in periods of ``by``.

        Where the other period is too short: None, or for the end of something where it ends.
        """
        own = self.index(grain, day)
        if own is None and self.ends_with(day):  # the day after the last
            own, far = len(self.of[grain]), 0
        elif own is None:
            return None
        else:
            far = self._far(self.of[grain][own].begins, day, by)
        other = self.at(grain, own + count)
        if other is None:
            return self.of[grain][-1].after if far == 0 and own + count == len(self.of[grain]) else None
        if by is None:
            found: dt.date | None = other.begins + far * DAY
        else:
            place = self.index(by, other.begins)
            piece = None if place is None else self.at(by, place + far)
            found = other.after if piece is None else piece.begins
        if found is not None and found < other.after:
            return found
        return other.after if is_end else None

    def _far(self, begins: dt.date, day: dt.date, by: str | None) -> int:
        if by is None:
            return (day - begins).days
        return len([one for one in self.of[by] if begins <= one.begins < day])


#: Calendars by rule are the same in every company, and two centuries of weeks take their time to write down.
_RULES: dict[tuple[Rule, tuple[str, ...]], Pages] = {}


def pages(calendar: Calendar) -> Pages:
    """Return the lists of a calendar, which are made once for a rule."""
    if isinstance(calendar.rule, Listed):
        return _of_file(calendar)
    said = calendar.rule, calendar.grains
    if said not in _RULES:
        _RULES[said] = Pages(calendar)
    return _RULES[said]


@lru_cache(maxsize=16)
def _of_file(calendar: Calendar) -> Pages:
    return Pages(calendar)


@lru_cache(maxsize=256)
def begins_of(listed: Pages, grain: str) -> Collection[dt.date]:
    """Return the days on which periods begin, with the day after the last."""
    return frozenset({*listed.starts[grain], listed.of[grain][-1].after})


def _letter(grain: str, place: int) -> str:
    return {"quarter": "Q{}", "half": "H{}", "week": "W{:02}", "period": "P{:02}", "month": "M{:02}"}[grain].format(place)


def _years_of_months(rule: YearsOfMonths) -> Iterator[tuple[int, dict[str, list[dt.date]]]]:
    for year in range(FIRST, LAST):
        firsts = [dt.date(year + (rule.month - 1 + more) // 12, (rule.month - 1 + more) % 12 + 1, 1) for more in range(13)]
        name = (firsts[-1] - DAY).year if rule.named == "end" else firsts[0].year
        yield name, {"month": firsts, "quarter": firsts[::3], "half": firsts[::6], "year": firsts[::12]}


def _years_of_weeks(rule: YearsOfWeeks) -> Iterator[tuple[int, dict[str, list[dt.date]]]]:
    for year in range(FIRST, LAST):
        begins, after = (_last_day(rule, each) + DAY for each in (year, year + 1))
        weeks = [begins + 7 * number * DAY for number in range((after - begins).days // 7 + 1)]
        assert weeks[-1] == after and len(weeks) in (53, 54)
        cuts = {"week": weeks, "year": [begins, after]}
        if rule.pattern:
            numbers = [0]
            for length in rule.pattern * 4:
                numbers.append(numbers[-1] + length)
            cuts["period"] = [*(weeks[number] for number in numbers[:-1]), after]
            cuts["quarter"] = [*(weeks[number] for number in (0, 13, 26, 39)), after]
            cuts["half"] = [weeks[0], weeks[26], after]
        yield year + 1 if rule.named == "end" else year, cuts


def _last_day(rule: YearsOfWeeks, year: int) -> dt.date:
    """Return the last day of the year of weeks that ends about the named day of a Gregorian year: nearest to it, or the last before."""
    named = dt.date(year, rule.month, rule.day)
    lowest, highest = {4: (-3, 3), 1: (-6, 0), 0: (-7, -1)}[rule.plus]  # nearest, the last of December, the last before a first
    (found,) = [named + far * DAY for far in range(lowest, highest + 1) if (named + far * DAY).weekday() == rule.weekday]
    return found

"""Calendars as lists beside the rules that the compiler computes with: no day of a century is put into another period."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from decisionlayer.findings import Place
from decisionlayer.resolve.frames.calendars import Calendar, Rule, YearsOfMonths, YearsOfWeeks
from tests.reference.almanac import Pages, Period

NAMES = ("start", "end")
ENDS = ((1, 31), (12, 31), (6, 30), (2, 28), (1, 1), (10, 31))
OF_MONTHS = [YearsOfMonths(month, named) for month in range(1, 13) for named in NAMES]
OF_WEEKS = [
    YearsOfWeeks(pattern, weekday, month, day, plus, named)
    for pattern in ((4, 5, 4), (4, 4, 5), (5, 4, 4), ()) for weekday in (5, 6, 0) for month, day in ENDS for plus in (4, 1, 0) for named in NAMES
]  # fmt: skip


def calendar(rule: Rule) -> Calendar:
    months, weeks = ("month", "quarter", "half", "year"), ("week", "period", "quarter", "half", "year")
    grains = months if isinstance(rule, YearsOfMonths) else weeks if isinstance(rule, YearsOfWeeks) and rule.pattern else ("week", "year")
    return Calendar("own", grains, rule, None, Place("frames.yml", 1, 1))


@pytest.mark.parametrize("rules", [OF_MONTHS, OF_WEEKS], ids=["months", "weeks"])
def test_rules_and_lists_say_the_same_of_every_day(rules: list[Rule]) -> None:
    chance = random.Random(1)
    for rule in rules:
        ruled, listed = calendar(rule), Pages(calendar(rule))
        for _ in range(30):
            day = dt.date(1895, 1, 1) + dt.timedelta(chance.randrange(70000))
            for grain in ruled.grains:
                told = (ruled.start(grain, day), ruled.after(grain, day), ruled.label(grain, day), ruled.position(grain, day))
                found = listed.period(grain, day)
                assert found is not None and (found.begins, found.after, found.label, found.position) == told, (rule, grain, day)


def test_a_retail_year_by_hand() -> None:
    """The year 2012 of the retailers, to the Saturday nearest January 31, 2013, has 53 weeks, and the last month of it five."""
    retail = Pages(calendar(YearsOfWeeks((4, 5, 4), 5, 1, 31, 4, "start")))
    assert retail.period("year", dt.date(2013, 2, 2)) == Period(dt.date(2012, 1, 29), dt.date(2013, 2, 3), "2012", 2012)
    assert retail.period("period", dt.date(2013, 2, 2)) == Period(dt.date(2012, 12, 30), dt.date(2013, 2, 3), "2012 P12", 12)
    assert retail.period("week", dt.date(2013, 2, 2)) == Period(dt.date(2013, 1, 27), dt.date(2013, 2, 3), "2012 W53", 53)
    assert retail.far_in("year", -1, dt.date(2013, 1, 27), "week", is_end=False) is None
    assert retail.far_in("year", -1, dt.date(2013, 1, 20), "week", is_end=False) == dt.date(2012, 1, 22)

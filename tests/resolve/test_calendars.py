"""Calendars against an almanac: ISO weeks as Python counts them, the years of 53 weeks that retailers had, fiscal quarters by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from decisionlayer.findings import Place
from decisionlayer.resolve.frames.calendar_rules import ISO, OF_ISO_WEEKS, OF_MONTHS, OF_WEEKS
from decisionlayer.resolve.frames.calendars import Calendar, Listed, Rule, YearsOfMonths, YearsOfWeeks
from decisionlayer.resolve.frames.timeunits import Almanac, Unit, why_uneven

RETAIL = YearsOfWeeks((4, 5, 4), 5, 1, 31, 4, "start")  # the Saturday nearest January 31


def made(rule: Rule, *grains: str) -> Calendar:
    return Calendar("c", grains, rule, None, Place("x"))


retail = made(RETAIL, *OF_WEEKS)
iso = made(ISO, *OF_ISO_WEEKS)


def days(first: str, last: str) -> list[dt.date]:
    begins, ends = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    return [begins + dt.timedelta(days=more) for more in range((ends - begins).days + 1)]


def test_iso_weeks_are_those_of_python() -> None:
    for day in days("1900-01-01", "2150-12-31"):
        assert (iso.year(day), iso.position("week", day)) == day.isocalendar()[:2], day


def test_the_years_of_53_weeks_are_those_that_retailers_had() -> None:
    starts = sorted({retail.start("year", day) for day in days("2000-02-01", "2030-01-20")} - {None})
    long = [begins.year for begins in starts if (retail.after("year", begins) - begins).days == 371]
    assert long == [2000, 2006, 2012, 2017, 2023, 2028]


def test_the_53rd_week_joins_the_last_period_quarter_and_half() -> None:
    last = dt.date(2013, 2, 2)
    assert [str(retail.start(grain, last)) for grain in OF_WEEKS] == [
        "2013-01-27", "2012-12-30", "2012-10-28", "2012-07-29", "2012-01-29",
    ]  # fmt: skip
    assert {str(retail.after(grain, last)) for grain in OF_WEEKS} == {"2013-02-03"}
    assert [retail.label(grain, last) for grain in OF_WEEKS] == ["2012 W53", "2012 P12", "2012 Q4", "2012 H2", "2012"]


@pytest.mark.parametrize(
    ("pattern", "starts"),
    [((4, 5, 4), ["02-03", "03-03", "04-07"]), ((4, 4, 5), ["02-03", "03-03", "03-31"]), ((5, 4, 4), ["02-03", "03-10", "04-07"])],
)
def test_periods_have_the_weeks_of_their_pattern(pattern: tuple[int, ...], starts: list[str]) -> None:
    calendar = made(YearsOfWeeks(pattern, 5, 1, 31, 4, "start"), *OF_WEEKS)
    found = dict.fromkeys(calendar.start("period", day) for day in days("2013-02-03", "2013-05-04"))
    assert [day.isoformat()[5:] for day in found if day] == starts


@pytest.mark.parametrize(
    ("named", "label"), [("end", "2014 Q1"), ("start", "2013 Q1")], ids=["after its end", "after its start"]
)
def test_a_fiscal_year_is_named_after_its_start_or_end(named: str, label: str) -> None:
    fiscal = made(YearsOfMonths(7, named), *OF_MONTHS)
    day = dt.date(2013, 9, 30)
    assert fiscal.label("quarter", day) == label
    assert [str(fiscal.start(grain, day)) for grain in OF_MONTHS] == ["2013-09-01", "2013-07-01", "2013-07-01", "2013-07-01"]
    assert fiscal.position("month", day) == 3


def test_numbers_of_periods_follow_each_other() -> None:
    for calendar in (retail, iso, made(YearsOfMonths(11, "end"), *OF_MONTHS)):
        for grain in calendar.grains:
            for day in days("2011-12-01", "2014-03-01"):
                number = calendar.number(grain, day)
                assert number is not None
                begins, after = calendar.first_day(grain, number), calendar.first_day(grain, number + 1)
                assert begins is not None and after is not None and begins <= day < after


def test_outside_a_file_there_is_no_period() -> None:
    listed = Listed({"term": (dt.date(2024, 1, 8), dt.date(2024, 4, 15))}, {"term": ("spring", "summer")}, dt.date(2024, 7, 20))
    school = made(listed, "term")
    assert [school.label("term", dt.date(2024, *day)) for day in ((1, 7), (1, 8), (4, 14), (4, 15), (7, 19), (7, 20))] == [
        None, "spring", "spring", "summer", "summer", None,
    ]  # fmt: skip


# units

ALMANAC = Almanac({"retail": retail, "iso": iso, "fiscal": made(YearsOfMonths(7, "end"), *OF_MONTHS)}, "sunday")


@pytest.mark.parametrize(
    ("fine", "coarse", "whole"),
    [
        ("month", "fiscal.quarter", True), ("fiscal.quarter", "quarter", True), ("fiscal.year", "year", False),
        ("fiscal.half", "year", True), ("week", "retail.quarter", True), ("week", "iso.week", False),
        ("retail.week", "week", True), ("month", "retail.period", False), ("retail.week", "retail.half", True),
        ("retail.quarter", "retail.week", False), ("day", "retail.week", True), ("15 minutes", "retail.week", True),
        ("retail.year", "day", False), ("iso.week", "iso.year", True), ("2 months", "fiscal.quarter", False),
        ("3 months", "fiscal.quarter", True), ("2 days", "week", False), ("10 minutes", "15 minutes", False),
        ("quarter", "6 months", True), ("4 hours", "6 hours", False), ("week", "retail.nothing", False),
    ],
)  # fmt: skip
def test_which_periods_are_made_of_whole_others(fine: str, coarse: str, whole: bool) -> None:
    assert ALMANAC.is_whole(fine, coarse) is whole


def test_units_have_one_spelling() -> None:
    assert str(ALMANAC.parse("15 minute")) == str(ALMANAC.parse("15  minutes")) == "15 minutes"
    assert str(ALMANAC.parse("1 retail.year")) == "retail.year"
    assert ALMANAC.parse("retail.month") is None


def test_what_divides_nothing_is_uneven() -> None:
    uneven = [Unit(45, "minute"), Unit(5, "hour"), Unit(5, "month"), Unit(2, "week"), Unit(2, "day"), Unit(2, "week", "retail")]
    assert all(why_uneven(unit) for unit in uneven)
    assert not any(why_uneven(unit) for unit in (Unit(20, "minute"), Unit(6, "hour"), Unit(6, "month"), Unit(10, "year")))

from __future__ import annotations

import datetime as dt

import pytest

from decisionlayer.resolve.language.types import DATE, INSTANT, TIMESTAMP
from decisionlayer.resolve.model import Clock, Project
from tests.reference.clocks import first_day, lies_between, period, stretch

NEW_YORK = Project("p", "America/New_York", "sunday")
IN_UTC = Clock("at", "second", TIMESTAMP, "UTC")
ON_THE_WALL = Clock("at", "second", TIMESTAMP, "America/New_York")
A_POINT = Clock("at", "second", INSTANT, None)
A_DAY = Clock("at", "day", DATE, None)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(("grain", "day"), [
    ("day", "2024-05-15"), ("week", "2024-05-12"), ("month", "2024-05-01"), ("quarter", "2024-04-01"), ("year", "2024-01-01"),
])  # fmt: skip
def test_a_wednesday_in_may_lies_in_periods_that_begin(grain: str, day: str) -> None:
    assert first_day(dt.date(2024, 5, 15), grain, Project("p", "UTC", "sunday")) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(("start", "first"), [("monday", 13), ("wednesday", 15), ("thursday", 9), ("sunday", 12)])
def test_a_week_begins_on_the_day_that_the_project_says(start: str, first: int) -> None:
    assert first_day(dt.date(2024, 5, 15), "week", Project("p", "UTC", start)) == dt.date(2024, 5, first)


def test_the_same_hour_twice_in_the_night_of_autumn_is_two_hours() -> None:
    first = period(at("2024-11-03 05:30:00"), IN_UTC, "hour", NEW_YORK)
    second = period(at("2024-11-03 06:30:00"), IN_UTC, "hour", NEW_YORK)
    assert (first, second) == (at("2024-11-03 05:00:00+00:00"), at("2024-11-03 06:00:00+00:00"))


def test_a_day_is_cut_at_midnight_in_the_project_and_not_in_utc() -> None:
    days = [
        period(at(text), IN_UTC, "day", NEW_YORK)
        for text in ("2024-03-10 04:59:59", "2024-03-10 05:00:00", "2024-03-11 03:59:59")
    ]
    assert days == [dt.date(2024, 3, 9), dt.date(2024, 3, 10), dt.date(2024, 3, 10)]


def test_a_clock_on_the_wall_and_a_date_never_shift() -> None:
    assert period(at("2024-12-31 23:59:59"), ON_THE_WALL, "year", NEW_YORK) == dt.date(2024, 1, 1)
    assert period(dt.date(2024, 12, 31), A_DAY, "month", NEW_YORK) == dt.date(2024, 12, 1)


def test_no_time_lies_in_no_period_and_in_no_range() -> None:
    assert period(None, IN_UTC, "day", NEW_YORK) is None
    assert not lies_between(None, IN_UTC, "2024", None, NEW_YORK) and lies_between(None, IN_UTC, None, None, NEW_YORK)


@pytest.mark.parametrize(("text", "begins", "ends"), [
    ("2013", "2013-01-01", "2014-01-01"), ("2013-12", "2013-12-01", "2014-01-01"), ("2013-W01", "2012-12-31", "2013-01-07"),
    ("2024-02-29", "2024-02-29", "2024-03-01"), ("2013-01-01T10", "2013-01-01 10:00", "2013-01-01 11:00"),
    ("2013-01-01 10:59", "2013-01-01 10:59", "2013-01-01 11:00"), ("2013-12-31T23:59:59", "2013-12-31 23:59:59", "2014-01-01"),
    ("2013-01-01T10:00Z", "2013-01-01T10:00+00:00", "2013-01-01T10:01+00:00"),
])  # fmt: skip
def test_a_time_as_written_is_the_whole_stretch_that_it_names(text: str, begins: str, ends: str) -> None:
    assert stretch(text) == (at(begins), at(ends))


def test_the_last_year_has_no_end() -> None:
    assert stretch("9999") == (dt.datetime(9999, 1, 1), None) and stretch("9999-12-31")[1] is None


@pytest.mark.parametrize(("clock", "moment", "inside"), [
    (IN_UTC, "2024-03-10 04:59:59", False), (IN_UTC, "2024-03-10 05:00:00", True), (IN_UTC, "2024-03-11 03:59:59", True),
    (IN_UTC, "2024-03-11 04:00:00", False), (A_POINT, "2024-03-10 00:00:00-05:00", True), (A_POINT, "2024-03-09 23:59:59-05:00", False),
    (ON_THE_WALL, "2024-03-10 00:00:00", True), (ON_THE_WALL, "2024-03-11 00:00:00", False),
])  # fmt: skip
def test_start_and_end_are_whole_days_of_the_project(clock: Clock, moment: str, inside: bool) -> None:
    assert lies_between(at(moment), clock, "2024-03-10", "2024-03-10", NEW_YORK) is inside

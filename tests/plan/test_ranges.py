"""``start`` and ``end``: what they mean to the second, on a raw column, across zones, clock changes and the calendar's ends."""

from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest

from decisionlayer.plan.bind.moments import earliest, latest, wall_of
from decisionlayer.plan.bind.periods import period_of, read_period
from decisionlayer.plan.bind.ranges import bounds, broken_edge, cut_notes, read_range
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.types import DATE, INSTANT, TIMESTAMP
from decisionlayer.resolve.model import Clock, Project

NEW_YORK = Project("p", "America/New_York", "monday")
UTC_CLOCK = Clock("t", "second", TIMESTAMP, "UTC")
OWN_CLOCK = Clock("t", "second", TIMESTAMP, "America/New_York")
INSTANT_CLOCK = Clock("t", "second", INSTANT, None)
DATE_CLOCK = Clock("t", "day", DATE, None)


def conditions(clock: Clock, start: str | None = None, end: str | None = None, project: Project = NEW_YORK) -> list[str]:
    findings: list = []
    found = read_range(start, end, project, findings)
    assert findings == []
    return [text_of(each) for each in bounds(clock, "x", found, project)]


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("2013", "2013-01-01 05:00:00", "2014-01-01 05:00:00"),
        ("2013-12", "2013-12-01 05:00:00", "2014-01-01 05:00:00"),
        ("2013-07", "2013-07-01 04:00:00", "2013-08-01 04:00:00"),
        ("2013-W05", "2013-01-28 05:00:00", "2013-02-04 05:00:00"),
        ("2013-W05-3", "2013-01-30 05:00:00", "2013-01-31 05:00:00"),
        ("2013-01-31", "2013-01-31 05:00:00", "2013-02-01 05:00:00"),
        ("2013-01-31T10", "2013-01-31 15:00:00", "2013-01-31 16:00:00"),
        ("2013-01-31T10:30", "2013-01-31 15:30:00", "2013-01-31 15:31:00"),
        ("2013-01-31 10:30:15", "2013-01-31 15:30:15", "2013-01-31 15:30:16"),
        ("2013-01-31T10:30Z", "2013-01-31 10:30:00", "2013-01-31 10:31:00"),
        ("2013-01-31T10:30+05:30", "2013-01-31 05:00:00", "2013-01-31 05:01:00"),
        ("2013-01-31T10:30-0500", "2013-01-31 15:30:00", "2013-01-31 15:31:00"),
        # the day on which clocks go forward has 23 hours, the one on which they go back 25
        ("2013-03-10", "2013-03-10 05:00:00", "2013-03-11 04:00:00"),
        ("2013-11-03", "2013-11-03 04:00:00", "2013-11-04 05:00:00"),
        # one o'clock comes twice, and both are meant; half past two never comes
        ("2013-11-03T01", "2013-11-03 05:00:00", "2013-11-03 07:00:00"),
        ("2013-03-10T02", "2013-03-10 07:00:00", "2013-03-10 07:00:00"),
        ("2013-03-10T02:30", "2013-03-10 07:00:00", "2013-03-10 07:00:00"),
    ],
)
def test_both_ends_are_inclusive_as_written_and_half_open_on_the_column(text, begins, ends):
    assert conditions(UTC_CLOCK, text, text) == [f"x.t >= timestamp '{begins}'", f"x.t < timestamp '{ends}'"]


def test_a_wall_clock_of_the_projects_zone_is_compared_as_it_is():
    assert conditions(OWN_CLOCK, "2013-11-03T01", "2013-11-03T01") == [
        "x.t >= timestamp '2013-11-03 01:00:00'", "x.t < timestamp '2013-11-03 02:00:00'",
    ]  # fmt: skip


def test_an_instant_is_compared_with_an_instant():
    assert conditions(INSTANT_CLOCK, "2013-01") == ["x.t >= timestamp '2013-01-01 05:00:00+00:00'"]


def test_dates_never_shift():
    assert conditions(DATE_CLOCK, "2013", "2013") == ["x.t >= date '2013-01-01'", "x.t < date '2014-01-01'"]


def test_half_hour_zones_are_exact():
    kolkata = Project("p", "Asia/Kolkata", "monday")
    assert conditions(UTC_CLOCK, "2013-01-01", project=kolkata) == ["x.t >= timestamp '2012-12-31 18:30:00'"]


@pytest.mark.parametrize("clock", [UTC_CLOCK, OWN_CLOCK, DATE_CLOCK])
def test_the_ends_of_the_calendar_do_not_overflow(clock):
    assert conditions(clock, end="9999") == ["x.t is not null"]
    assert conditions(clock, "0001") != []
    assert conditions(clock, "0001", "9999") != []


def test_the_first_day_east_of_greenwich_bounds_nothing_below():
    east = Project("p", "Pacific/Auckland", "monday")
    assert conditions(UTC_CLOCK, "0001", "9998", project=east) == ["x.t < timestamp '9998-12-31 11:00:00'"]


@pytest.mark.parametrize(
    ("text", "unit", "broken"),
    [
        ("2013-01-15", "month", "start"), ("2013-01", "month", None), ("2013-02", "quarter", "start"), ("2013-04", "quarter", None),
        ("2013-W05", "week", None), ("2013-01-29", "week", "start"), ("2013-01-01T05", "day", "start"),
        ("2013-01-01T05:30", "hour", "start"), ("2013-01-01T05:00Z", "day", None), ("2013", "year", None),
    ],
)  # fmt: skip
def test_a_range_is_made_of_whole_periods_or_not(text, unit, broken):
    assert broken_edge(read_range(text, None, NEW_YORK, []), unit, NEW_YORK) == broken


def test_weeks_begin_on_the_projects_day():
    found = read_range("2013-02-03", None, NEW_YORK, [])  # a Sunday
    assert broken_edge(found, "week", Project("p", "America/New_York", "sunday")) is None
    assert broken_edge(found, "week", NEW_YORK) == "start"


def test_cut_periods_are_named_at_both_ends():
    found = read_range("2013-01-15", "2013-02-14", NEW_YORK, [])
    assert cut_notes(found, "month", "month", NEW_YORK) == (
        "the month of 2013-01-01 (`month`) is incomplete: `start` 2013-01-15 cuts it",
        "the month of 2013-02-01 (`month`) is incomplete: `end` 2013-02-14 cuts it",
    )


def test_an_instant_in_the_first_run_of_a_repeated_hour_lies_before_all_of_it():
    # 05:30 UTC was half past one, for the first time; data that says half past one is read as the second
    first = dt.datetime(2013, 11, 3, 5, 30, tzinfo=dt.UTC)
    assert wall_of(first, "America/New_York") == dt.datetime(2013, 11, 3, 1, 0)
    second = dt.datetime(2013, 11, 3, 6, 30, tzinfo=dt.UTC)
    assert wall_of(second, "America/New_York") == dt.datetime(2013, 11, 3, 1, 30)


@pytest.mark.parametrize("name", ["America/New_York", "Australia/Lord_Howe", "Europe/London", "Asia/Kolkata", "America/Sao_Paulo"])
def test_bounds_on_a_wall_clock_agree_with_its_instants(name):
    # every half hour of 2018 as a wall clock, read as warehouses read it, against bounds around both changes of clocks
    instants = [dt.datetime(2018, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=30 * n) for n in range(48 * 365)]
    changes = [
        b for a, b in itertools.pairwise(instants)
        if a.astimezone(ZoneInfo(name)).utcoffset() != b.astimezone(ZoneInfo(name)).utcoffset()
    ]  # fmt: skip
    for change in changes:
        around = [change + dt.timedelta(minutes=30 * n) for n in range(-8, 9)]
        walls = [instant.astimezone(ZoneInfo(name)).replace(tzinfo=None, fold=0) for instant in around]
        for bound in around:
            edge = wall_of(bound, name)
            for wall in walls:
                assert (wall >= edge) == (latest(wall, name) >= bound), (wall, bound)


def test_a_time_that_clocks_skip_is_the_moment_of_the_change():
    change = dt.datetime(2013, 3, 10, 7, tzinfo=dt.UTC)
    assert earliest(dt.datetime(2013, 3, 10, 2, 30), "America/New_York") == change
    assert latest(dt.datetime(2013, 3, 10, 2, 0), "America/New_York") == change


@pytest.mark.parametrize(
    ("clock", "unit", "text"),
    [
        (DATE_CLOCK, "day", "x.t"),
        (DATE_CLOCK, "month", "period_day(x.t, 'month', 'monday')"),
        (OWN_CLOCK, "month", "period_day(x.t, 'month', 'monday')"),
        (UTC_CLOCK, "day", "period_day(wall(x.t, 'UTC', 'America/New_York'), 'day', 'monday')"),
        (INSTANT_CLOCK, "day", "period_day(wall(x.t, null, 'America/New_York'), 'day', 'monday')"),
        (INSTANT_CLOCK, "hour", "period_point(x.t, wall(x.t, null, 'America/New_York'), 'hour')"),
        (OWN_CLOCK, "hour", "period_point(point(x.t, 'America/New_York'), x.t, 'hour')"),
        (OWN_CLOCK, "day_of_week", "day_of_week(x.t)"),
    ],
)
def test_conversions_that_do_nothing_are_left_out(clock, unit, text):
    assert text_of(period_of(clock, "x", unit, NEW_YORK)) == text


def test_a_path_is_no_period():
    assert read_period("shop.name", frozenset({"paid_on"})) is None
    assert read_period("paid_on.month", frozenset()) is None
    assert read_period("paid_on.month", frozenset({"paid_on"})).unit == "month"

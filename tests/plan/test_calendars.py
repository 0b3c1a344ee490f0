"""The text that cuts days into a calendar's periods says what the calendar says, day by day; a day without a period is kept."""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pytest

from decisionlayer.layer import Layer
from tests.worlds.made import made, metric, shop

FRAMES = {
    "iso": {"weeks": "iso"},
    "retail": {"weeks": "4-5-4", "year_ends": "saturday nearest january 31", "year_named": "start"},
    "cinema": {"weeks": "5-4-4", "year_ends": "sunday nearest december 31", "year_named": "end"},
    "farm": {"weeks": "4-4-5", "year_ends": "last friday of december", "year_named": "end"},
    "ski": {"weeks": "4-5-4", "year_ends": "last tuesday of february", "year_named": "start"},
    "early": {"weeks": "4-4-5", "year_ends": "thursday nearest january 2", "year_named": "end"},
    "autumn": {"weeks": "5-4-4", "year_ends": "last wednesday of november", "year_named": "end"},
    "fiscal": {"year_starts": "july", "year_named": "end"},
    "tax": {"year_starts": "february", "year_named": "start"},
    "late": {"year_starts": "december", "year_named": "end"},
    "school": {"file": "frames/terms.csv", "grains": {"term": "term", "year": "year"}},
}


def terms() -> str:
    """Return terms of uneven lengths, three a year, from 2001 on."""
    lines, years = ["day,term,year"], random.Random(7)
    found = duckdb.sql("select cast(unnest(generate_series(date '2001-09-01', date '2012-03-11', interval 1 day)) as date)").fetchall()
    waiting = [day.isoformat() for (day,) in found]
    year = 2001
    while waiting:
        for number in (1, 2, 3):
            length = years.randint(40, 160)
            lines += [f"{day},{year} {number},{year}" for day in waiting[:length]]
            waiting = waiting[length:]
        year += 1
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Layer:
    folder: Path = tmp_path_factory.mktemp("calendars")
    (folder / "frames").mkdir()
    (folder / "frames/terms.csv").write_text(terms())
    frames = [{"frame": name, "owner": "desk", "calendar": calendar} for name, calendar in FRAMES.items()]
    tables = """
        create table sales as select i as id, date '2000-12-01' + i::int as day, 'A' as shop, 1 as amount from range(4300) r(i)
        union all values (-1, date '0404-02-29', 'A', 1), (-2, date '9990-12-31', 'A', 1), (-3, null, 'A', 1)
    """
    return made(folder, shop(metric("n", measure="count(*)"), frames=frames), tables)


def test_they_are_declared_without_a_fault(layer: Layer) -> None:
    assert [finding.render() for finding in layer.check() if finding.is_error] == []


@pytest.mark.parametrize("frame", FRAMES)
def test_every_day_lies_in_the_period_that_the_calendar_says(layer: Layer, frame: str) -> None:
    calendar = layer.model.project.calendars[frame]
    for grain in calendar.grains:
        by = [f"{frame}.{grain}", f"{frame}.{grain}.label", f"{frame}.{grain}.position"]
        rows = layer.query(metrics=["n"], by=["day", *by]).rows()
        assert len(rows) == 4303
        for day, *found, _ in rows:
            said = [None] * 3 if day is None else [ask(grain, day) for ask in (calendar.start, calendar.label, calendar.position)]
            assert found == said, (grain, day)


@pytest.mark.parametrize("frame", FRAMES)
def test_parts_make_the_whole_also_outside_a_calendar(layer: Layer, frame: str) -> None:
    for grain in layer.model.project.calendars[frame].grains:
        assert sum(n for _, n in layer.query(metrics=["n"], by=[f"{frame}.{grain}"]).rows()) == 4303


def test_a_filter_by_a_calendar_keeps_its_days(layer: Layer) -> None:
    found = layer.query(metrics=["n"], where="retail.week.position = 53 and retail.year.position = 2006").rows()
    assert found == [(7,)]
    assert layer.query(metrics=["n"], where="fiscal.quarter.label = '2002 Q1'").rows() == [(92,)]  # July to September 2001

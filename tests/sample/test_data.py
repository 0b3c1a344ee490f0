"""The real data: what was loaded, the dirt in it, and that a failure leaves nothing half."""

from __future__ import annotations

import importlib.metadata
import shutil
import zipfile
from pathlib import Path

import duckdb
import pytest

from decisionlayer.cli import sample
from decisionlayer.errors import EngineError
from decisionlayer.run.flights import TABLES, load_flights

pytestmark = pytest.mark.flights


@pytest.mark.parametrize(
    ("table", "rows"),
    [("airlines", 16), ("airports", 1_458), ("planes", 3_322), ("weather", 26_115), ("flights", 336_776)],
)
def test_every_row_of_a_file_is_loaded(raw, table, rows):
    assert raw.execute(f"select count(*) from {table}").fetchone() == (rows,)


@pytest.mark.parametrize("table", TABLES)
def test_types_are_the_ones_that_are_said(raw, table):
    described = raw.execute(
        "select column_name, data_type from duckdb_columns() where table_name = ?", [table]
    ).fetchall()
    assert dict(described) == TABLES[table]


DIRT = {
    "departures whose aircraft the register does not know": (
        "select count(*) from flights where tailnum is null or tailnum not in (select tailnum from planes)",
        52_606,
    ),
    "departures that never left": ("select count(*) from flights where dep_time is null", 8_255),
    "of which the delay is empty too": (
        "select count(*) from flights where dep_time is null and dep_delay is null",
        8_255,
    ),
    "departures that left and have no arrival delay": (
        "select count(*) from flights where dep_time is not null and arr_delay is null",
        1_175,
    ),
    "departures to airports that have no name": (
        "select count(*) from flights where dest not in (select faa from airports)",
        7_602,
    ),
    "departures that stand on another day by their UTC hour": (
        "select count(*) from flights where time_hour::date <> make_date(year, month, day)",
        38_444,
    ),
    "departures that stand on another day by New York's clock": (
        "select count(*) from flights where (time_hour at time zone 'UTC' at time zone 'America/New_York')"
        " <> make_timestamp(year, month, day, hour, 0, 0)",
        0,
    ),
    "departures that share hour, carrier and flight number": (
        "select count(*) - count(distinct (time_hour, carrier, flight)) from flights",
        0,
    ),
    "hours of weather that come twice by the wall clock": (
        "select count(*) - count(distinct (origin, month, day, hour)) from weather",
        3,
    ),
    "hours of weather that come twice by the UTC clock": (
        "select count(*) - count(distinct (origin, time_hour)) from weather",
        0,
    ),
    "departures in an hour without a weather reading": (
        "select count(*) from flights anti join weather using (origin, time_hour)",
        1_556,
    ),
    "readings of a wind that cannot be": ("select count(*) from weather where wind_speed > 200", 1),
    "departures of an Embraer 190, which the register seats with twenty": (
        "select count(*) from flights join planes using (tailnum) where model = 'ERJ 190-100 IGW' and seats = 20",
        23_716,
    ),
    "departures with the tail number of something smaller than an airliner": (
        "select count(*) from flights join planes using (tailnum) where model <> 'ERJ 190-100 IGW' and seats < 50",
        2_920,
    ),
}


@pytest.mark.parametrize("dirt", DIRT)
def test_dirt_is_as_counted(raw, dirt):
    sql, counted = DIRT[dirt]
    assert raw.execute(sql).fetchone() == (counted,)


def test_the_page_for_readers_names_each_count():
    page = (Path(__file__).resolve().parents[2] / "docs" / "sample.md").read_text(encoding="utf-8")
    assert [f"{counted:,}" for _, counted in DIRT.values() if counted > 3 and f"{counted:,}" not in page] == []


def test_a_missing_package_is_named_with_the_way_to_install_it(monkeypatch, tmp_path):
    def nowhere(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(sample.importlib.metadata, "distribution", nowhere)
    with pytest.raises(EngineError) as refused:
        sample.build(tmp_path / "flights.duckdb", say=print)
    assert refused.value.codes == ("missing-package",)
    assert "pip install 'decisionlayer-metrics[data]'" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", ["missing file", "wrong type", "broken zip"])
def test_a_failure_leaves_the_file_that_was_there(tmp_path, fault):
    data = tmp_path / "data"
    shutil.copytree(sample.data_folder(), data, ignore=shutil.ignore_patterns("flights*"))
    if fault == "wrong type":
        text = (data / "planes.csv").read_text(encoding="utf-8")
        (data / "planes.csv").write_text(text.replace(",55,", ",fifty-five,"), encoding="utf-8")
    if fault == "broken zip":
        (data / "flights.csv.zip").write_bytes(b"PK, but nothing else")
    target = tmp_path / "made" / "flights.duckdb"
    target.parent.mkdir()
    target.write_bytes(b"what was there")

    with pytest.raises(EngineError) as refused:
        load_flights(data, target, say=lambda line: None)

    assert refused.value.codes == ("warehouse-failed",)
    assert target.read_bytes() == b"what was there"
    assert list(target.parent.iterdir()) == [target]


def test_loading_says_each_table_and_makes_its_folder(tmp_path):
    data = tmp_path / "data"
    shutil.copytree(sample.data_folder(), data, ignore=shutil.ignore_patterns("flights*"))
    head = b"".join(_first_lines(sample.data_folder() / "flights.csv.zip", 3))
    (data / "flights.csv").write_bytes(head)
    said: list[str] = []

    rows = load_flights(data, tmp_path / "new" / "flights.duckdb", say=said.append)

    assert rows == {"airlines": 16, "airports": 1_458, "planes": 3_322, "weather": 26_115, "flights": 2}
    assert said[-2:] == ["weather: 26,115 rows", "flights: 2 rows"]
    with duckdb.connect(str(tmp_path / "new" / "flights.duckdb"), read_only=True) as made:
        first = made.execute("select tailnum, time_hour::varchar from flights").fetchall()
    assert first == [("N14228", "2013-01-01 10:00:00"), ("N24211", "2013-01-01 10:00:00")]


def _first_lines(zipped: Path, lines: int) -> list[bytes]:
    with zipfile.ZipFile(zipped) as archive, archive.open("flights.csv") as file:
        return [next(file) for _ in range(lines)]

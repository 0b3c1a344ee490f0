"""The sample project as a project: what it declares, that it passes its own checks, and what it refuses."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer
from decisionlayer.errors import DecisionLayerError
from decisionlayer.resolve.model import Purpose

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def layer():
    return Layer.load(ROOT)


@pytest.fixture(scope="module")
def metrics(layer):
    return layer.model.metrics.values()


def test_the_project_has_nothing_to_find(layer):
    assert [finding.render() for finding in layer.check()] == []


@pytest.mark.flights
def test_the_data_breaks_no_declaration(flights_warehouse):
    with duckdb.connect(str(flights_warehouse), read_only=True) as connection:
        found = Layer.load(ROOT, warehouse=connection).check(data=True)
    assert [finding.render() for finding in found if finding.is_error] == []


def test_the_frontline_has_its_numbers_and_the_executives_theirs(metrics):
    action = [metric for metric in metrics if metric.purpose is Purpose.action]
    choice = [metric for metric in metrics if metric.purpose is Purpose.choice]
    assert len(action) == 29
    assert len(choice) == 9
    assert all(metric.respond for metric in action)
    assert all(metric.translation and metric.translation.owner for metric in choice)
    assert all(len(metric.translation.loses) > 20 and len(metric.translation.why) > 20 for metric in choice)


def test_two_numbers_change_their_population_on_the_way_up(metrics):
    replaced = {
        metric.name
        for metric in metrics
        for term in (getattr(metric.body, "terms", None) or {}).values()
        if term.replaces
    }
    assert replaced == {"kept_promise", "arrived_as_sold"}


def test_two_numbers_change_their_unit_on_the_way_up(metrics):
    converted = {
        metric.name
        for metric in metrics
        for term in (getattr(metric.body, "terms", None) or {}).values()
        if term.factor != 1
    }
    assert converted == {"late_hours", "late_hour_share"}


@pytest.mark.flights
@pytest.mark.parametrize("view", ["carrier_quarter", "station_month", "reach_quarter", "slot_use", "network_year",
                                  "gate_day", "station_hour"])  # fmt: skip
def test_each_view_has_rows_without_a_repeated_key(flights_warehouse, view):
    with duckdb.connect(str(flights_warehouse), read_only=True) as connection:
        layer = Layer.load(ROOT, warehouse=connection)
        keys = dict(layer.model.views[view].question)
        rows = layer.query(**keys).rows()
    groups = [tuple(map(_as_told_apart, row[: len(keys["by"])])) for row in rows]
    assert groups
    assert len(set(groups)) == len(groups)


def _as_told_apart(value: object) -> object:
    """Two wall-clock hours that read alike, when the clocks go back, differ in UTC only."""
    return value.astimezone(dt.UTC) if isinstance(value, dt.datetime) else value


REFUSED = {
    "a station's hour is not for the network": (
        {"metrics": ["late_cost_per_seat"], "by": ["hour"]},
        "finer-than-grain",
    ),
    "late minutes say nothing about destinations": (
        {"metrics": ["late_minutes"], "by": ["destination"]},
        "finer-than-grain",
    ),
    "nor may they be filtered by one": (
        {"metrics": ["late_minutes"], "where": "destination = 'BOS'"},
        "finer-than-grain",
    ),
    "weeks do not make the months of a choice": (
        {"metrics": ["kept_promise"], "by": ["week"]},
        "finer-than-grain",
    ),
    "a wind blows for many carriers at once": ({"metrics": ["wind"], "by": ["carrier"]}, "fan-out"),
    "a typo is answered with the near name": ({"metrics": ["late_minuts"]}, "unknown-name"),
    "a dimension with a typo": ({"metrics": ["late_minutes"], "by": ["carier"]}, "unreachable-dimension"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_question_that_would_mislead_is_refused(layer, case):
    keys, code = REFUSED[case]
    with pytest.raises(DecisionLayerError) as refused:
        layer.sql(**keys)
    assert refused.value.codes == (code,)

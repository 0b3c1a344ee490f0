"""A manifest as a project of ours: files that load, numbers that agree where the two say the same, and every loss told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from decisionlayer import Layer
from decisionlayer.cli import run
from decisionlayer.exchange import metricflow
from tests.exchange import shop


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Layer:
    return metricflow.load_layer(shop.write(tmp_path_factory.mktemp("shop")), warehouse=shop.connect())


def told(layer: Layer) -> dict[str, str]:
    return {f"{loss.subject}: {loss.told}": loss.instead for loss in metricflow.losses(layer)}


def test_what_differs_is_said_aloud(layer: Layer) -> None:
    found = told(layer)
    assert found["metric revenue_to_date: dbt's first day of a period is the first at which a group's rows are read"].startswith("`over_time: first`")
    assert {told for told in found if "growth" in told} == {"metric growth: dbt shows the periods in which the moved value is there"}
    assert found["metric orders_each_day: dbt shows every period of its spine"].startswith('ask with `fill="spine"`')
    assert found["metric revenue_sprint_before: an offset by `sprint`, a grain of its spine"] == "left out; `metricflow.query` answers it"
    assert "metric bought: dbt counts every later event, so that a rate may pass 100 %" in found
    assert "grain sprint: dbt keeps a calendar's own grain as a column of its spine" in found


def test_every_metric_is_there_or_its_loss_is(layer: Layer) -> None:
    declared = {entry.name for entry in layer.book.of("metric")}
    left_out = {
        loss.subject.removeprefix("metric ")
        for loss in metricflow.losses(layer)
        if loss.subject.startswith("metric ") and loss.instead.startswith("left out")
    }
    assert declared | left_out == {metric["name"] for metric in shop.MANIFEST["metrics"]} | {"bought_followed", "visits_base"}
    assert not declared & left_out


@pytest.mark.parametrize(
    ("ours", "dbts"),
    [
        ({"metrics": ["revenue", "orders"], "by": ["customer.city"]}, {"metrics": ["revenue", "orders"], "group_by": ["customer__city"]}),
        ({"metrics": ["gift_share"], "by": ["size"]}, {"metrics": ["gift_share"], "group_by": ["order__size"]}),
        ({"metrics": ["gifts"], "by": ["month"]}, {"metrics": ["gifts"], "group_by": ["metric_time__month"]}),
        ({"metrics": ["revenue_to_date"], "by": ["month"]}, {"metrics": ["revenue_to_date"], "group_by": ["metric_time__month"]}),
    ],
)  # fmt: skip
def test_where_both_say_the_same_the_numbers_agree(layer: Layer, ours: dict[str, Any], dbts: dict[str, Any]) -> None:
    def plain(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return sorted((tuple(str(v)[:10] if hasattr(v, "year") else v if isinstance(v, str | None) else float(v) for v in row) for row in rows), key=repr)

    assert plain(layer.query(**ours).rows()) == plain(metricflow.query(layer, **dbts).rows())


#: Losses that say which rows come out, and not what stands in them; and what is said aloud because it is odd.
OF_ROWS = ("dbt shows", "dbt's first day of a period", "dbt counts every later event")
#: And which days there are: dbt's end with its spine, ours with the data.
OF_DAYS = "dbt's mean is over those days"


@pytest.mark.parametrize("grain", ["day", "month"])
def test_every_number_without_a_loss_of_its_own_is_dbts_wherever_both_have_a_row(layer: Layer, grain: str) -> None:
    others = {loss.subject.removeprefix("metric ") for loss in metricflow.losses(layer) if not loss.told.startswith(OF_ROWS)}
    compared = [name for each in shop.MANIFEST["metrics"] if (name := each["name"]) not in others]
    assert {"growth", "bought", "revenue_day_before", "revenue_to_date", "revenue_in_two_days", "orders_or_seven", "pieces", "typical"} <= set(compared)
    for metric in compared:
        ours = {str(row[0])[:10]: row[1] for row in layer.query(metrics=[metric], by=[grain]).rows()}
        dbts = {str(row[0])[:10]: row[1] for row in metricflow.query(layer, metrics=[metric], group_by=[f"metric_time__{grain}"]).rows()}
        both = ours.keys() & dbts.keys()
        assert both, metric
        assert {key: _number(ours[key]) for key in both} == {key: _number(dbts[key]) for key in both}, metric
        assert all(ours[key] is None for key in ours.keys() - dbts.keys()), metric


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def test_a_mean_over_days_is_dbts_where_its_spine_ends_with_the_data(layer: Layer) -> None:
    assert any(loss.told.startswith(OF_DAYS) for loss in metricflow.losses(layer))
    asked = {"metrics": ["revenue_to_date_mean"], "group_by": ["metric_time__month"]}
    assert [_number(row[1]) for row in layer.query(metrics=["revenue_to_date_mean"], by=["month"]).rows()] == [20.0, (30 + 30 + 70) / 3]
    assert [_number(row[1]) for row in metricflow.query(layer, **asked, end_time="2024-02-29").rows()] == [20.0, (30 + 30 + 70 + 70 + 70) / 5]


def test_a_saved_query_is_a_view_that_answers_alike(layer: Layer) -> None:
    (entry,) = layer.book.of("view")
    view = entry.item
    assert (view.view, view.audience, view.owner) == ("cities", "frontline", None)
    asked = {key: getattr(view, key) for key in ("metrics", "by", "where", "order", "limit")}
    assert asked["by"] == ("month", "customer.city") and asked["order"] == ("-revenue",)
    saved = {
        "metrics": ["revenue", "orders"], "group_by": ["metric_time__month", "customer__city"], "order_by": ["-revenue"], "limit": 3,
        "where": ["{{ Dimension('order__size') }} = 'small' or {{ Dimension('customer__city') }} is null"],
    }  # fmt: skip
    ours, dbts = layer.query(**asked), metricflow.query(layer, **saved)
    assert [tuple(map(_shown, row)) for row in ours.rows()] == [tuple(map(_shown, row)) for row in dbts.rows()]
    assert [tuple(map(_shown, row)) for row in ours.rows()] == [("2024-02-01", None, 40.0, 1.0), ("2024-01-01", "Rome", 30.0, 2.0)]
    assert "saved query weekdays: it splits by `metric_time__extract_dow`, a part of a time" in told(layer)


def _shown(value: Any) -> Any:
    return value if isinstance(value, str | None) else _plain(value)


def test_what_dbt_reads_for_nothing_is_read_where_another_metric_has_a_row(layer: Layer) -> None:
    asked = layer.query(metrics=["gifts_or_seven", "orders_or_seven", "pieces"], by=["day"]).rows()
    dbts = metricflow.query(layer, metrics=["gifts_or_seven", "orders_or_seven", "pieces"], group_by=["metric_time__day"]).rows()
    assert [tuple(map(_plain, row)) for row in asked] == sorted(tuple(map(_plain, row)) for row in dbts)
    assert ("2024-01-31", 7.0, 1.0, 11.0) in [tuple(map(_plain, row)) for row in asked]  # not None, nor 0: no gift on that day


def _plain(value: Any) -> Any:
    return str(value)[:10] if hasattr(value, "year") else _number(value)


def test_the_verb_writes_a_project_that_loads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = shop.write(tmp_path)
    assert run(["import", "metricflow", str(file), "--to", str(tmp_path / "ours")]) == 0
    captured = capsys.readouterr()
    assert captured.out == f"Next: decisionlayer check --project {tmp_path / 'ours'}\n"
    assert "dbt's first day of a period is the first at which a group's rows are read" in captured.err
    layer = Layer.load(tmp_path / "ours", warehouse=shop.connect())
    codes = {finding.code for finding in layer.check()}
    assert {"no-owner", "no-purpose", "no-unit"} <= codes
    assert not codes & {"unreadable", "unknown-key", "wrong-type", "bad-expression", "missing-key", "bad-name", "unknown-name"}
    assert layer.query(metrics=["revenue"]).rows() == [(100,)]
    assert run(["import", "metricflow", str(file), "--to", str(tmp_path / "ours")]) == 2
    assert "is there already" in capsys.readouterr().err


def test_the_verb_says_how_it_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", "looker", "x.json", "--to", str(tmp_path)]) == 2
    assert "there is no importer for `looker`" in capsys.readouterr().err
    assert run(["import", "metricflow", "x.json"]) == 2
    assert "say --to DIR" in capsys.readouterr().err
    assert run(["import", "metricflow", str(tmp_path / "x.json"), "--to", str(tmp_path / "y")]) == 1
    assert "there is no such file" in capsys.readouterr().err
    assert not (tmp_path / "y").exists()

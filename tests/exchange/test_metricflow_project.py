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
    assert found["metric growth: in dbt a sum with a part that has no rows is NULL"] == "that part counts as nothing"
    assert found["metric orders_each_day: dbt shows every period of its spine"].startswith('ask with `fill="spine"`')
    assert found["metric revenue_sprint_before: an offset by `sprint`, a grain of its spine"] == "left out; `metricflow.query` answers it"
    assert "metric bought: dbt counts every later event, so that a rate may pass 100 %" in found
    assert "grain sprint: dbt keeps a calendar's own grain as a column of its spine" in found


def test_every_metric_is_there_or_its_loss_is(layer: Layer) -> None:
    declared = {entry.name for entry in layer.book.of("metric")}
    left_out = {loss.subject.removeprefix("metric ") for loss in metricflow.losses(layer) if loss.instead.startswith("left out")}
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

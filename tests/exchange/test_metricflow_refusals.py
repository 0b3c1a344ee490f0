"""What a dbt question or a manifest gets wrong is refused by name, with the nearest right thing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from decisionlayer import DeclarationError, Layer, QueryError
from decisionlayer.exchange import metricflow
from tests.exchange import shop


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layer]:
    yield metricflow.load_layer(shop.write(tmp_path_factory.mktemp("shop")), warehouse=shop.connect())


@pytest.mark.parametrize(
    ("question", "code", "told"),
    [
        ({"metrics": ["revenu"]}, "unknown-name", "there is no metric `revenu`\n  help: Did you mean revenue"),
        ({"metrics": ["revenue"], "group_by": ["customer__town"]}, "unreachable-dimension", "`orders` leads to nothing called `customer__town`"),
        ({"metrics": ["revenue", "pieces"], "group_by": ["customer__city"]}, "unreachable-dimension", "`stock` leads to nothing called `customer__city`"),
        ({"metrics": ["revenue"], "group_by": ["metric_time__hour"]}, "finer-than-grain", "`metric_time__hour` is finer than the data"),
        ({"metrics": ["revenue"], "group_by": ["customer__city__month"]}, "bad-question", "`customer__city` is no time, and has no month"),
        ({"metrics": ["revenue"], "group_by": ["TimeDimension('metric_time', 'fortnight')"]}, "bad-question", "`fortnight` is no grain"),
        ({"metrics": ["growth"]}, "needs-period", "`revenue` is read at another time than it is asked for"),
        ({"metrics": ["revenue_in_two_days"]}, "needs-period", "`revenue_in_two_days` accumulates over a window"),
        ({"metrics": ["revenue"], "where": ["{{ Dimension('order__size') }} ="]}, "bad-question", "is no SQL expression"),
        ({"metrics": ["revenue"], "where": ["regexp_matches({{ Dimension('order__size') }}, 'b.*')"]}, "not-built", "is nothing that our language says"),
        ({"metrics": ["revenue"], "where": ["{% if true %} 1 = 1 {% endif %}"]}, "not-built", "is a program, not a condition"),
        ({"metrics": ["revenue"], "where": ["{{ Dimension(open('x')) }}"]}, "bad-question", "holds something other than names"),
        ({"metrics": ["revenue"], "where": ["{{ env_var('x') }}"]}, "bad-question", "dbt knows no `env_var(…)` in a filter"),
        ({"metrics": ["revenue"], "where": ["{{ Metric('revenue') }} > 1"]}, "bad-question", "needs `group_by`"),
        ({"metrics": ["revenue"], "order_by": ["-city"]}, "bad-question", "`city` is no column of the answer"),
        ({"metrics": ["revenue"], "limit": -1}, "bad-question", "`limit` takes a whole number of rows, not -1"),
        ({"metrics": ["revenue"], "start_time": "soon"}, "bad-time", "`start_time` is 'soon', which is no time"),
        ({"metrics": ["revenue"], "start_time": "2024-02-02", "end_time": "2024-02-01"}, "bad-time", "the range ends before it begins"),
        ({"metrics": "revenue"}, "bad-question", "`metrics` takes a list, not the text 'revenue'"),
        ({}, "bad-question", "the question asks for nothing"),
        ({"group_by": ["customer__town"]}, "unreachable-dimension", "no model leads to anything called `customer__town`\n  help: Did you mean customer__city"),
        ({"metrics": ["revenue"], "min_max_only": True}, "bad-question", "`min_max_only` takes one group-by item"),
        ({"metrics": ["revenue"], "group_by": ["__"]}, "bad-question", "`__` is no name"),
    ],
)  # fmt: skip
def test_a_question_is_refused_by_name(layer: Layer, question: dict[str, Any], code: str, told: str) -> None:
    with pytest.raises(QueryError) as refused:
        metricflow.query(layer, **question)
    assert refused.value.findings[0].code == code
    assert told in str(refused.value)


def test_a_text_in_a_filter_stays_a_text(layer: Layer) -> None:
    hostile = "{{ Dimension('customer__city') }} = 'x'' OR 1=1; drop table orders --'"
    assert metricflow.query(layer, metrics=["revenue"], where=[hostile]).rows() == [(None,)]
    assert metricflow.query(layer, metrics=["orders"]).rows() == [(4,)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("not json", "line 1 is no JSON"),
        ("{}", "it lacks 'semantic_models'"),
        ("[]", "it has another shape than dbt writes"),
        ('{"semantic_models": [{"name": "x"}], "metrics": []}', "it lacks 'node_relation'"),
        ('{"semantic_models": [], "metrics": [{"name": "x", "type": "simple", "type_params": {}}]}', "metric x has no measure"),
    ],
)
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "semantic_manifest.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError) as refused:
        metricflow.load_layer(file)
    assert refused.value.findings[0].code == "unreadable"
    assert told in str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="there is no such file"):
        metricflow.load_layer(tmp_path / "nothing.json")


def test_an_element_in_two_models_is_ambiguous(tmp_path: Path) -> None:
    twice = [
        *shop.MANIFEST["semantic_models"],
        shop.model("members", "customers", [shop.entity("customer", "primary", "customer_id")], [shop.word("city")], [], None),
    ]
    layer = metricflow.load_layer(shop.write(tmp_path, {**shop.MANIFEST, "semantic_models": twice}), warehouse=shop.connect())
    with pytest.raises(QueryError, match="`customer__city` can be read in `customers` and `members`"):
        metricflow.query(layer, metrics=["revenue"], group_by=["customer__city"])


def test_a_layer_from_elsewhere_is_not_asked_in_dbts_words(tmp_path: Path) -> None:
    with Layer.load(tmp_path) as ours, pytest.raises(QueryError, match="this layer was not read from a semantic manifest"):
        metricflow.query(ours, metrics=["revenue"])


def test_a_table_that_is_not_there_is_told_by_the_warehouse(tmp_path: Path) -> None:
    from decisionlayer import EngineError

    layer = metricflow.load_layer(shop.write(tmp_path))
    with pytest.raises(EngineError, match="orders"):
        metricflow.query(layer, metrics=["revenue"])

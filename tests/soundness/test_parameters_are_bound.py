"""A parameter is a value: it is bound, never read, and what is not a value for its place is refused before the warehouse sees it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from decisionlayer import QueryError
from tests.worlds import open_world, shared_world

HOSTILE = [
    "'", "''", "' or '1'='1", "x' or 1=1 --", "'; drop table \"user\"; --", "\\", "\\'", "%", "_", "$1", "?", ":text",
    "{text}", "\x00", "null",
    "\u2019", "😀", "a\nb", "/* */", ";", "\"", "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_hostile_text_finds_nothing_and_breaks_nothing(text: str) -> None:
    layer = open_world("odd_names")
    assert layer.query(metrics=["sum"], where='"where" = :text', params={"text": text}).rows() == [(None,)]
    assert layer.query(metrics=["sum"], where='"where" <> :text', params={"text": text}).rows() == [(63,)]
    assert layer.query(metrics=["count"], by=["from.limit"]).rows() == [("null", 2), ("where", 2), (None, 2)]


@pytest.mark.parametrize(
    ("text", "worth"),
    [("O'Brien", 2), ("'; drop table users; --", 4), ("100%_\\", 8), ("two\nlines", 16), ('"quoted"', 32)],
)
def test_a_hostile_text_finds_itself(text: str, worth: int) -> None:
    layer, _ = shared_world("odd_names")
    assert layer.query(metrics=["sum"], where='"where" = :text', params={"text": text}).rows() == [(worth,)]
    assert layer.query(
        metrics=["sum"], where='"where" in (:text, :other)', params={"text": text, "other": "no"}
    ).rows() == [(worth,)]


def test_the_text_of_a_parameter_is_not_in_the_sql() -> None:
    layer, _ = shared_world("odd_names")
    assert "Bobby" not in layer.sql(metrics=["sum"], where='"where" = :text', params={"text": "Bobby"})


@pytest.mark.parametrize(("name", "where", "value", "rows"), [
    ("two_facts", "month = :value", dt.date(2024, 2, 1), [(30,)]), ("two_facts", "month = :value", "2024-02-01", [(30,)]),
    ("two_facts", "month >= :value", dt.date(2024, 1, 2), [(30,)]),
])  # fmt: skip
def test_a_day_may_be_a_day_or_its_text(name: str, where: str, value: object, rows: object) -> None:
    assert shared_world(name)[0].query(metrics=["revenue"], where=where, params={"value": value}).rows() == rows


@pytest.mark.parametrize(("where", "params"), [
    ("region = :who", {}), ("region = :who", {"who": "N", "else": 1}), ("region = 'N'", {"who": "N"}),
    ("region = :who", {"Who": "N"}),
    ("region = :who", {"who": None}), ("region = :who", {"who": 5}), ("region = :who", {"who": Decimal(5)}),
    ("month = :who", {"who": 5}),
    ("month = :who", {"who": "yesterday"}), ("region = :who", {"who": True}),
])  # fmt: skip
def test_a_parameter_that_is_missing_left_over_or_of_another_kind_is_refused(
    where: str, params: dict[str, object]
) -> None:
    with pytest.raises(QueryError) as refused:
        shared_world("two_facts")[0].query(metrics=["revenue"], where=where, params=params)
    assert set(refused.value.codes) == {"bad-parameter"}


def test_a_condition_on_the_result_takes_parameters_too() -> None:
    rows = (
        shared_world("two_facts")[0]
        .query(metrics=["profit"], by=["region"], having="profit > :least", params={"least": 40})
        .rows()
    )
    assert rows == [("S", 80)]

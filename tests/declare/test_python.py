"""Declarations made in Python: what they take, and how they refuse."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import pytest

from decisionlayer import declare
from decisionlayer.errors import DeclarationError


def refused(model: type[declare.Declaration], **keys: object) -> list[tuple[str, str, str, str]]:
    with pytest.raises(DeclarationError) as caught:
        model(**keys)
    assert all(f.place is not None and f.place.file == __file__ for f in caught.value.findings)
    return [(f.code, f.subject, f.message, f.help) for f in caught.value.findings]


def test_a_mistake_in_python_is_said_in_plain_words() -> None:
    assert refused(declare.Metric, metric="late", measre="count(*)", purpose="actoin", watch="carrier") == [
        ("unknown-key", "metric late", "`measre` is no key of a metric", "Did you mean measure or earlier?"),
        ("wrong-type", "metric late", "`purpose` takes action or choice, not 'actoin'", "Did you mean action?"),
        ("wrong-type", "metric late", "`watch` takes a list: write [carrier]", ""),
    ]


def test_a_part_made_in_python_says_what_it_is() -> None:
    assert refused(declare.Scale, worst=1) == [("missing-key", "scale", "a scale needs `best`", "add `best: …`")]


def test_a_python_value_of_another_kind_is_named() -> None:
    assert refused(declare.Metric, metric="late", title={1, 2}) == [
        ("wrong-type", "metric late", "`title` takes text, not Python's set", "")
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), True, "1", None, 1j])
def test_a_price_is_a_number(value: object) -> None:
    ((code, _, message, _),) = refused(declare.Assumption, assumption="cost", value=value)
    assert code == "wrong-type"
    assert message.startswith("`value` takes a number, not ")


@pytest.mark.parametrize(("value", "exact"), [(1, "1"), (0.1, "0.1"), (Decimal("2.50"), "2.50")])
def test_a_float_is_read_by_its_shortest_spelling(value: object, exact: str) -> None:
    assert str(declare.Assumption(assumption="cost", value=value).value) == exact  # type: ignore[arg-type]


def test_equal_declarations_are_equal_wherever_they_stand() -> None:
    one = declare.Metric(metric="late", measure="count(*)")
    other = declare.Metric(metric="late", measure="count(*)")
    assert one == other
    assert one.written_at != other.written_at
    assert copy.deepcopy(one) == one
    assert pickle.loads(pickle.dumps(one)) == one


def test_a_declaration_cannot_be_changed() -> None:
    metric = declare.Metric(metric="late", measure="count(*)")
    with pytest.raises(Exception, match="frozen"):
        metric.measure = "sum(x)"  # type: ignore[misc]


def test_words_that_python_keeps_for_itself_have_an_underscore_there() -> None:
    term = declare.Term(from_="late", where="x > 1")
    assert (term.from_, declare.View(view="v", as_="table").as_) == ("late", "table")
    assert declare.Translation(terms={"a": "late"}).terms["a"].from_ == "late"  # type: ignore[dict-item]


def test_the_unit_of_a_pure_number_needs_no_quotes() -> None:
    assert declare.Metric(metric="buyers", unit=1).unit == "1"
    assert declare.Assumption(assumption="rate", value=1, unit=1).unit == "1"
    assert declare.Column(unit=1).unit == "1"
    ((code, _, message, help),) = refused(declare.Metric, metric="buyers", unit=2)
    assert (code, message) == ("wrong-type", "`unit` takes text or keys with values, not a number")
    assert help == "write '2' in quotes"
    assert refused(declare.Metric, metric="buyers", unit=True)[0][0] == "wrong-type"

"""A split that would multiply rows is refused by its name, however it is spelt, and so is a filter that would."""

from __future__ import annotations

import pytest

from decisionlayer import QueryError
from tests.worlds import shared_world


@pytest.mark.parametrize("path", ["size", "flights.size", "transfers.from_airport"])
def test_a_split_against_a_link_is_refused(path: str) -> None:
    """Three airports are asked by what several flights each have: a join counts the airports 5 times."""
    with pytest.raises(QueryError) as refused:
        shared_world("roles")[0].query(metrics=["airports"], by=[path])
    assert set(refused.value.codes) <= {"fan-out", "unreachable-dimension"}


def test_it_says_that_rows_would_be_multiplied() -> None:
    with pytest.raises(QueryError) as refused:
        shared_world("roles")[0].query(metrics=["airports"], by=["size"])
    assert refused.value.codes == ("fan-out",) and refused.value.findings[0].rule.id == "DL108"


def test_a_filter_against_a_link_is_refused_too() -> None:
    with pytest.raises(QueryError):
        shared_world("roles")[0].query(metrics=["airports"], where="size = 'large'")


def test_the_other_metrics_of_the_question_do_not_smuggle_it_in() -> None:
    with pytest.raises(QueryError):
        shared_world("roles")[0].query(metrics=["seats", "airports"], by=["size"])

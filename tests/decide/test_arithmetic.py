"""Formulas over known numbers keep the language's rules for what is missing."""

from __future__ import annotations

import pytest

from decisionlayer import QueryError
from decisionlayer.decide.arithmetic import evaluate
from decisionlayer.resolve.language import parse_formula

NUMBERS = {"a": 6.0, "b": 4.0, "zero": 0.0, "none": None}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a + b * 2", 14.0),
        ("a - none", 6.0),  # without rows it counts as nothing
        ("none - a", -6.0),
        ("none + none", None),
        ("none - 1", None),  # a constant brings nothing to life
        ("a * none", None),
        ("a / zero", None),
        ("-a", -6.0),
        ("coalesce(none, b)", 4.0),
        ("nullif(a, 6)", None),
        ("least(a, b)", 4.0),
        ("greatest(a, none)", None),
        ("abs(b - a)", 2.0),
        ("round(2.5)", 3.0),
        ("round(a / 9, 2)", 0.67),
        ("sqrt(b)", 2.0),
        ("sqrt(-b)", None),
        ("ln(zero)", None),
        ("power(a, 2)", 36.0),
        ("case when a > b and none is null then 1 else 2 end", 1.0),
        ("case when none > b then 1 end", None),
        ("case when a in (4, 6) then a end", 6.0),
    ],
)
def test_a_formula_has_the_value_that_the_language_gives_it(text: str, value: float | None) -> None:
    expr = parse_formula(text).expr
    assert expr is not None
    assert evaluate(expr, NUMBERS) == value


def test_text_is_no_number() -> None:
    expr = parse_formula("lower('A')").expr
    assert expr is not None
    with pytest.raises(QueryError, match="cannot be read naively"):
        evaluate(expr, NUMBERS)

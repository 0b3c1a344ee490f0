from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest

from decisionlayer.resolve.language import parse_dimension
from tests.reference.language import Value, apply, rounded, value_of

DAY = dt.date(2024, 12, 30)  # a Monday, in ISO week 1 of 2025


@pytest.mark.parametrize(("text", "value"), [
    ("null and false", False), ("null and true", None), ("null or true", True), ("null or false", None), ("not null", None),
    ("null = null", None), ("null is null", True), ("1 in (1, null)", True), ("1 in (2, null)", None), ("1 in (2, 3)", False),
    ("null in (1)", None), ("coalesce(null, 2, 1)", 2), ("nullif(2, 2)", None), ("nullif(2, null)", 2), ("nullif(null, 2)", None),
    ("1 / 0", None), ("1 / 4", 0.25), ("7 / 2", 3.5), ("0.1 + 0.2", Fraction(3, 10)), ("2 - 3", -1), ("1 + null", None),
    ("least(1, null)", None), ("greatest(1, 3, 2)", 3), ("abs(-2)", 2), ("-(1 - 3)", 2),
    ("round(2.5)", 3), ("round(-2.5)", -3), ("round(0.125, 2)", Fraction(13, 100)), ("floor(-1.5)", -2), ("ceil(-1.5)", -1),
    ("ln(0)", None), ("ln(-1)", None), ("ln(1)", 0.0), ("sqrt(-1)", None), ("sqrt(9)", 3.0), ("exp(0)", 1.0),
    ("power(2, 3)", 8.0), ("power(0, -1)", None), ("power(-8, 0.5)", None), ("power(-2, 3)", -8.0),
    ("'a' || 'b' || null", None), ("'a' || 'b'", "ab"), ("lower('Ab')", "ab"), ("upper('Ab')", "AB"), ("trim('  a ')", "a"),
    ("length('añ')", 2), ("substring('abcdef', 2, 3)", "bcd"), ("substring('abcdef', 5)", "ef"),
    ("'100%' like '1%\\%'", False), ("'abc' like 'a_c'", True), ("'Abc' like 'a%'", False), ("'a.c' like 'a.c'", True),
    ("'abc' like 'a.c'", False), ("null like '%'", None), ("'a' < 'B'", False),
    ("case when null then 1 when 1 = 1 then 2 else 3 end", 2), ("case when null then 1 end", None),
    ("case when 1 = 2 then 1 else 3 end", 3),
    ("year(d)", 2024), ("quarter(d)", 4), ("month(d)", 12), ("week(d)", 1), ("day(d)", 30), ("day_of_week(d)", 1),
    ("day_of_year(d)", 365), ("d = '2024-12-30'", True), ("d < date '2024-12-31'", True), ("d >= timestamp '2024-12-30 00:00:00'", True),
])  # fmt: skip
def test_an_expression_over_a_row_is_worth(text: str, value: Value) -> None:
    parsed = parse_dimension(text)
    assert parsed.expr is not None, parsed.problems
    found = value_of(parsed.expr, lambda name: DAY)
    assert found == value and isinstance(found, float) is isinstance(value, float)


def test_a_condition_is_neither_true_nor_false_where_a_value_is_unknown() -> None:
    assert apply("<>", [1, None]) is None and apply("and", [None, False]) is False


def test_halves_are_rounded_away_from_zero_whatever_their_kind() -> None:
    assert (rounded(0.5), rounded(-0.5), rounded(Fraction(5, 2)), rounded(25, -1)) == (1.0, -1.0, 3, 30)

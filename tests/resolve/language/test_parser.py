"""What the parser reads: precedence, spellings that are read as others, and where every node stood."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest

from decisionlayer.resolve.language import (
    Aggregate,
    Call,
    Case,
    Expr,
    Literal,
    Name,
    Param,
    Parsed,
    parse_dimension,
    parse_filter,
    parse_formula,
    parse_measure,
    parse_question_filter,
)
from decisionlayer.resolve.language.tree import walk


def read(parse: Callable[[str], Parsed], text: str) -> Expr:
    parsed = parse(text)
    assert parsed.problems == ()
    assert parsed.expr is not None
    return parsed.expr


def value(text: str) -> Expr:
    return read(parse_dimension, text)


A, B, C, D = (Name((letter,)) for letter in "abcd")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a + b * c", "a + (b * c)"),
        ("a - b - c", "(a - b) - c"),
        ("a / b / c", "(a / b) / c"),
        ("a / b * c", "(a / b) * c"),
        ("-a * b", "(-a) * b"),
        ("-a + b", "(-a) + b"),
        ("a || b + c", "a || (b + c)"),
        ("a + b = c - d", "(a + b) = (c - d)"),
        ("a || b = c", "(a || b) = c"),
        ("not a = b", "not (a = b)"),
        ("not a and b", "(not a) and b"),
        ("a or b and c", "a or (b and c)"),
        ("a and b or c and d", "(a and b) or (c and d)"),
        ("not a in (b) and c", "(not (a in (b))) and c"),
        ("a between b and c and d", "(a between b and c) and d"),
        ("a + b is null", "(a + b) is null"),
        ("a between b + c and c * d", "a between (b + c) and (c * d)"),
        ("a not between b and c or d", "(not (a between b and c)) or d"),
    ],
)
def test_precedence_is_that_of_sql(text: str, meant: str) -> None:
    assert value(text) == value(meant)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("a + b * c", "(a + b) * c"),
        ("a - b - c", "a - (b - c)"),
        ("not a and b", "not (a and b)"),
        ("-a * b", "-(a * b)"),
    ],
)
def test_parentheses_against_precedence_change_the_tree(text: str, other: str) -> None:
    assert value(text) != value(other)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a != b", Call("<>", (A, B))),
        ("a <> b", Call("<>", (A, B))),
        ("a between b and c", Call("and", (Call(">=", (A, B)), Call("<=", (A, C))))),
        ("a not in (b, c)", Call("not", (Call("in", (A, B, C)),))),
        ("a is null", Call("is_null", (A,))),
        ("a is not null", Call("not", (Call("is_null", (A,)),))),
        ("a is true", Call("coalesce", (A, Literal(False)))),
        ("a is not true", Call("not", (Call("coalesce", (A, Literal(False))),))),
        ("a is false", Call("coalesce", (Call("not", (A,)), Literal(False)))),
        ("a not like 'x%'", Call("not", (Call("like", (A, Literal("x%"))),))),
        ("a and (b and c) and d", Call("and", (A, B, C, D))),
        ("(a or b) or c", Call("or", (A, B, C))),
        ("a || (b || c)", Call("concat", (A, B, C))),
        ("concat(a, b, c)", Call("concat", (A, B, C))),
        ("extract(YEAR from a)", Call("year", (A,))),
        ("Coalesce(a, 0)", Call("coalesce", (A, Literal(0)))),
        ("case a when 1 then b end", Case(((Call("=", (A, Literal(1))), B),), None)),
        ("CASE WHEN a THEN b ELSE c END", Case(((A, B),), C)),
        ("a and b between c and d", Call("and", (A, Call(">=", (B, C)), Call("<=", (B, D))))),
    ],
)
def test_spellings_are_read_as_one_tree(text: str, tree: Expr) -> None:
    assert value(text) == tree


@pytest.mark.parametrize(
    ("text", "constant"),
    [
        ("15", 15),
        ("-15", -15),
        ("-(15)", -15),
        ("- - 15", 15),
        ("-0", 0),
        ("0.95", Decimal("0.95")),
        (".5", Decimal("0.5")),
        ("5.", Decimal("5.0")),
        ("1e3", Decimal("1000.0")),
        ("1.5E-3", Decimal("0.0015")),
        ("0.1000000000000000000000000000000000001", Decimal("0.1000000000000000000000000000000000001")),
        ("-0.1000000000000000000000000000000000001", Decimal("-0.1000000000000000000000000000000000001")),
        ("9223372036854775807", 9223372036854775807),
        ("'it''s'", "it's"),
        ("''", ""),
        ("'a;b--c/*'", "a;b--c/*"),
        ("TRUE", True),
        ("false", False),
        ("Null", None),
        ("date '2013-01-31'", dt.date(2013, 1, 31)),
        ("timestamp '2013-01-31 10:00:00'", dt.datetime(2013, 1, 31, 10)),
        ("timestamp '2013-01-31T10:00:00.5'", dt.datetime(2013, 1, 31, 10, 0, 0, 500_000)),
        ("timestamp '2013-01-31 10:00Z'", dt.datetime(2013, 1, 31, 10, tzinfo=dt.UTC)),
    ],
)
def test_constants_are_read_exactly(text: str, constant: object) -> None:
    found = value(text)
    assert isinstance(found, Literal)
    assert (found.value, type(found.value)) == (constant, type(constant))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("origin.region.name", ("origin", "region", "name")),
        ("origin . region", ("origin", "region")),
        ('"odd name"', ("odd name",)),
        ('"say ""hi"""', ('say "hi"',)),
        ('carrier."full name".x', ("carrier", "full name", "x")),
        ('"a.b"', ("a.b",)),
        ("retail.end", ("retail", "end")),
        ("Carrier", ("Carrier",)),
        ("date", ("date",)),
        ("filter", ("filter",)),
        ("größe", ("größe",)),
    ],
)
def test_names_keep_their_case_and_quotes(text: str, parts: tuple[str, ...]) -> None:
    assert value(text) == Name(parts)


def test_keywords_and_functions_are_read_in_any_case_and_names_are_not() -> None:
    assert value("CASE WHEN A IS NULL THEN LOWER(b) END") == value("case when A is null then lower(b) end")
    assert value("a") != value("A")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("count(*)", Aggregate("count", None)),
        ("COUNT(a)", Aggregate("count", A)),
        ("count(distinct a)", Aggregate("count_distinct", A)),
        ("count(distinct (a))", Aggregate("count_distinct", A)),
        ("count(distinct)", Aggregate("count", Name(("distinct",)))),
        ("median(a)", Aggregate("quantile", A, None, Decimal("0.5"))),
        ("quantile(a, 0.95)", Aggregate("quantile", A, None, Decimal("0.95"))),
        ("quantile_disc(a, 0.5)", Aggregate("quantile_disc", A, None, Decimal("0.5"))),
        ("quantile(a, 1)", Aggregate("quantile", A, None, Decimal(1))),
        ("sum(a) filter (where b = 1)", Aggregate("sum", A, Call("=", (B, Literal(1))))),
        ("min(a) / max(b)", Call("/", (Aggregate("min", A), Aggregate("max", B)))),
        ("case when count(*) > 9 then avg(a) end", Case(((Call(">", (Aggregate("count", None), Literal(9))), Aggregate("avg", A)),), None)),
    ],
)  # fmt: skip
def test_measures_hold_aggregates(text: str, tree: Expr) -> None:
    assert read(parse_measure, text) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("prior(a, '1 month')", Call("prior", (A, Literal("1 month")))),
        ("trailing(a, '28 days')", Call("trailing", (A, Literal("28 days")))),
        ("to_date(a, retail.year)", Call("to_date", (A, Name(("retail", "year"))))),
        ("period_start(a, month)", Call("period_start", (A, Name(("month",))))),
        ("all_time(a)", Call("all_time", (A,))),
        ("total(a)", Call("total", (A,))),
        ("total(a, all)", Call("total", (A, Name(("all",))))),
        ("total(a, b, c.d)", Call("total", (A, B, Name(("c", "d"))))),
        ("per(a - b, week)", Call("per", (Call("-", (A, B)), Name(("week",))))),
    ],
)
def test_formulas_hold_metric_functions(text: str, tree: Expr) -> None:
    assert read(parse_formula, text) == tree


def test_only_the_filter_of_a_question_holds_parameters() -> None:
    assert read(parse_question_filter, "a = :b") == Call("=", (A, Param("b")))
    assert read(parse_question_filter, "a like :b") == Call("like", (A, Param("b")))
    assert parse_filter("a = :b").expr is None


def test_every_node_knows_where_it_stood() -> None:
    text = "sum(  x + 1 ) filter (where a.b IN ('p', q)) / count(*)"
    stood = {
        type(node).__name__ + " " + text[node.span.start : node.span.end] for node in walk(read(parse_measure, text))
    }
    assert stood == {
        "Call sum(  x + 1 ) filter (where a.b IN ('p', q)) / count(*)",
        "Aggregate sum(  x + 1 ) filter (where a.b IN ('p', q))",
        "Call x + 1",
        "Name x",
        "Literal 1",
        "Call a.b IN ('p', q)",
        "Name a.b",
        "Literal 'p'",
        "Name q",
        "Aggregate count(*)",
    }


def test_trees_are_equal_wherever_they_stood() -> None:
    assert value("a+b") == value("   a\n  +  b ")


def test_a_thousand_measures_are_read_in_a_moment() -> None:
    """The budget is 60 ms on the machine it was set for; ten times that catches a change of order, not a slow day."""
    import time

    texts = [f"count(*) filter (where wait_s_{i} <= 20) / count(*)" for i in range(1000)]
    start = time.process_time()
    assert all(parse_measure(text).expr is not None for text in texts)
    assert time.process_time() - start < 0.6

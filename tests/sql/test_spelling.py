"""Each function of the language does in DuckDB what the language says: NULL, zero, ends of domains, narrow columns."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from zoneinfo import ZoneInfo

import duckdb
import pytest

from decisionlayer.capabilities import DUCKDB, Capabilities
from decisionlayer.errors import QueryError
from decisionlayer.plan.nodes import State
from decisionlayer.plan.operations import period_day, period_point, point, wall
from decisionlayer.resolve.language import parse_dimension, parse_filter, parse_question_filter
from decisionlayer.resolve.language.functions import SCALARS
from decisionlayer.resolve.language.tree import Literal, Name
from decisionlayer.resolve.language.types import FLOAT, INTEGER, UNKNOWN
from decisionlayer.sql import dialects, functions
from decisionlayer.sql.expressions import Speller, written_out
from decisionlayer.sql.functions import Text
from decisionlayer.sql.naming import identifier, literal, unshadowed
from decisionlayer.sql.select import Column, Select, Step, statement, verbatim

TYPES = {"i": INTEGER, "tiny": INTEGER, "unsigned": INTEGER, "f": FLOAT}


def speller(parameters: dict[str, object] | None = None) -> Speller:
    written = {} if parameters is None else {"parameter": lambda name: written_out(parameters[name])}
    return Speller(
        dialects.DUCKDB,
        name=lambda name: Text(identifier(name.text, dialects.DUCKDB)),
        type=lambda name: TYPES.get(name.text, UNKNOWN),
        physical=lambda name: "",
        **written,
    )


CONNECTION = duckdb.connect()
CONNECTION.execute("set timezone = 'Asia/Kolkata'").fetchall()
CONNECTION.execute(
    "create table t as select 7 as i, null::integer as n, 100::tinyint as tiny, 3::utinyint as unsigned, 2.5::double as f, "
    "'Grüße' as s, date '2024-02-29' as d, timestamp '2024-02-29 23:30:15' as w"
).fetchall()


def value(text: str) -> object:
    parsed = parse_dimension(text)
    assert parsed.expr is not None, parsed.problems
    sql = speller().text(parsed.expr).sql
    return CONNECTION.sql(f"select {sql} from t").fetchall()[0][0]


def test_every_function_of_the_language_has_a_spelling():
    assert set(SCALARS) - {"not"} <= set(functions.DUCKDB)


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        # division is floating, and by zero nothing
        ("i / 2", 3.5), ("i / 0", None), ("0 / 0", None), ("i / n", None), ("f / 0", None), ("1 / 3 * 3", 1.0),
        # least and greatest know NULL
        ("least(i, 3)", 3), ("least(i, n)", None), ("greatest(n, 3, i)", None), ("greatest(i, 9)", 9),
        # ends of domains
        ("ln(i / 7)", 0.0), ("ln(0)", None), ("ln(-1)", None), ("ln(n)", None), ("ln(0 - f)", None),
        ("sqrt(0)", 0.0), ("sqrt(-1)", None), ("sqrt(n)", None), ("power(2, 10)", 1024.0), ("power(0, -1)", None),
        ("power(0, 0)", 1.0), ("power(0 - 8, 1 / 3)", None), ("power(0 - 8, 2)", 64.0), ("power(0 - 2, 0 - 3)", -0.125),
        ("power(n, 2)", None), ("exp(0)", 1.0),
        # rounding goes away from zero at the half
        ("round(2.5)", Decimal(3)), ("round(-2.5)", Decimal(-3)), ("round(0.125, 2)", Decimal("0.13")),
        ("floor(-2.5)", -3), ("ceil(2.1)", 3), ("abs(-7)", 7),
        # narrow columns
        ("tiny * tiny", 10_000), ("tiny * 60", 6_000), ("60 * tiny", 6_000), ("tiny + 100", 200), ("unsigned - i", -4), ("-unsigned", -3),
        ("tiny * tiny * tiny", 1_000_000), ("(tiny + 1) * (tiny - 1)", 9_999),
        # texts
        ("length(s)", 5), ("upper('äb')", "ÄB"), ("substring(s, 3, 2)", "üß"), ("s || n", None),
        ("trim('  a ') || '|'", "a|"), ("lower('ÄB')", "äb"),
        # tests
        ("case when n = 1 then 'a' else 'b' end", "b"), ("coalesce(n, i)", 7), ("nullif(i, 7)", None),
        ("case when not n is null then 1 else 2 end", 2), ("case when i not in (1, 2) then 1 end", 1),
        ("case when s like 'Gr%' and s not like '%x' then 1 end", 1), ("case when s like 'G_ü%' then 1 end", 1),
        ("case when 'a\\b' like 'a\\b' then 1 end", 1), ("case when (i = 7) = (f > 9) then 1 else 0 end", 0),
        # parts
        ("year(d)", 2024), ("quarter(d)", 1), ("month(d)", 2), ("week(d)", 9), ("day(d)", 29), ("day_of_week(d)", 4),
        ("day_of_year(d)", 60), ("hour(w)", 23), ("minute(w)", 30),
        # precedence
        ("2 - (3 - 4)", 3), ("2 * (3 + 4)", 14), ("-(2 + 3)", -5), ("8 / (4 / 2)", 4.0), ("- - 3", 3), ("2 - -3", 5),
    ],
)  # fmt: skip
def test_a_function_does_what_the_language_says(text, worth):
    found = value(text)
    assert found == (pytest.approx(worth) if isinstance(worth, float) else worth)


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("a or b and c", "a OR b AND c"),
        ("(a or b) and c", "(a OR b) AND c"),
        ("not (a and b)", "NOT (a AND b)"),
        ("not a = 1", "NOT a = 1"),
        ("a not in (1, 2)", "a NOT IN (1, 2)"),
        ("a is not null and not b", "a IS NOT NULL AND NOT b"),
        ("a || b || 'x' = 'y'", "a || b || 'x' = 'y'"),
    ],
)
def test_parentheses_are_the_fewest(text, sql):
    parsed = parse_filter(text)
    assert parsed.expr is not None
    assert speller().text(parsed.expr).sql == sql


@pytest.mark.parametrize(
    ("constant", "sql"),
    [
        ("it's", "'it''s'"), ("a\0b", "('a' || chr(0) || 'b')"), (None, "NULL"), (True, "TRUE"), (-3, "-3"),
        (Decimal("0.50"), "0.50"), (Decimal("1E+3"), "1000"), (1e-7, "CAST(1e-07 AS DOUBLE)"),
        (dt.date(1, 1, 1), "DATE '0001-01-01'"), (dt.datetime(9999, 12, 31, 23, 59, 59), "TIMESTAMP '9999-12-31 23:59:59'"),
        (dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=5))), "TIMESTAMPTZ '2023-12-31 19:00:00+00'"),
    ],
)  # fmt: skip
def test_constants_mean_themselves_and_nothing_else(constant, sql):
    assert literal(constant) == sql
    found = CONNECTION.sql(f"select {sql}").fetchall()[0][0]
    if isinstance(constant, dt.datetime) and constant.tzinfo is not None:
        assert found.astimezone(dt.UTC) == constant
    else:
        assert found == constant


@pytest.mark.parametrize(
    "name", ["carrier", "order", "Order", "a b", 'quo"te', "Grüße", "1st", "select", "at", "new\nline", "month"]
)
def test_names_are_quoted_where_they_must_be(name):
    quoted = identifier(name, dialects.DUCKDB)
    relation = CONNECTION.sql(f"select 1 as {quoted}")
    assert relation.columns == [name]
    assert CONNECTION.sql(f"with {quoted} as (select 1 as {quoted}) select {quoted}.{quoted} from {quoted}").fetchall() == [(1,)]


def test_plain_names_are_left_alone():
    assert [identifier(name, dialects.DUCKDB) for name in ("carrier", "late_2", "_x", "month", "name")] == [
        "carrier", "late_2", "_x", "month", "name",
    ]  # fmt: skip


def test_parameters_stay_named_or_are_written_out():
    expr = parse_question_filter("s = :v").expr
    assert expr is not None
    assert speller().text(expr).sql == "s = $v"
    assert speller({"v": "it's"}).text(expr).sql == "s = 'it''s'"


def test_a_dialect_without_filters_gets_a_case():
    where = parse_filter("i > 5").expr
    count = State("n", INTEGER, "count", None, where)
    total = State("n", INTEGER, "sum", Name(("i",)), where)
    assert speller().state(count, has_filter=True).sql == "COUNT(*) FILTER (WHERE i > 5)"
    assert speller().state(count, has_filter=False).sql == "COUNT(CASE WHEN i > 5 THEN 1 END)"
    assert speller().state(total, has_filter=False).sql == "SUM(CASE WHEN i > 5 THEN i END)"


def test_a_dialect_that_is_not_written_is_refused_by_name():
    with pytest.raises(QueryError, match="writes no SQL for `snowflake`"):
        dialects.dialect_of(Capabilities("snowflake").dialect)
    assert dialects.dialect_of(DUCKDB.dialect) is dialects.DUCKDB


@pytest.mark.parametrize(
    ("week_start", "first"),
    [("monday", "2024-02-26"), ("sunday", "2024-02-25"), ("saturday", "2024-02-24"), ("thursday", "2024-02-29"), ("friday", "2024-02-23")],
)
def test_weeks_begin_on_any_day(week_start, first):
    expr = period_day(Name(("w",)), "week", week_start)  # Thursday, 29 February 2024
    assert str(CONNECTION.sql(f"select {speller().text(expr).sql} from t").fetchall()[0][0]) == first


@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "year"])
def test_periods_of_a_day_or_more_are_dates(period):
    sql = speller().text(period_day(Name(("w",)), period, "sunday")).sql
    assert CONNECTION.sql(f"select typeof({sql}) from t").fetchall() == [("DATE",)]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_hours_begin_by_the_wall_clock_of_the_zone(zone):
    instant = point(Name(("w",)), "UTC")
    sql = speller().text(period_point(instant, wall(Name(("w",)), "UTC", zone), "hour")).sql
    found = CONNECTION.sql(f"select {sql} from t").fetchall()[0][0]
    local = dt.datetime(2024, 2, 29, 23, 30, 15, tzinfo=dt.UTC).astimezone(ZoneInfo(zone))
    assert found == local.replace(minute=0, second=0)


def test_a_step_never_takes_a_name_that_is_in_use():
    taken = {"cells"}
    assert [unshadowed("cells", taken), unshadowed("cells", taken), unshadowed("Cells", taken)] == ["cells_2", "cells_3", "Cells_4"]


def test_line_breaks_of_a_text_are_not_moved_with_the_step_that_holds_it():
    inner = Select((Column(verbatim("'one\ntwo'"), "x"),), ("FROM t",))
    text = statement([Step("s", "one row", inner.text())], Select((Column("x", "x"),), ("FROM s",)))
    assert "    'one\ntwo' AS x" in text
    assert CONNECTION.sql(text).fetchall() == [("one\ntwo",)]


def test_numbers_outside_float_stay_what_the_engine_makes_of_them():
    assert math.isinf(value("exp(1000)"))  # type: ignore[arg-type]


def test_a_quantile_is_computed_on_floats():
    state = State("q", FLOAT, "quantile", Name(("i",)), None, Literal(Decimal("0.5")))
    assert speller().state(state, has_filter=True).sql == "QUANTILE_CONT(CAST(i AS DOUBLE), 0.5)"


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        # a text CASE that may be NULL is compared inside its branches
        ("case when i > 5 then 'x' end = 'a'", "CASE WHEN i > 5 THEN 'x' = 'a' END"),
        ("case when i > 5 then 'x' end not in ('a', 'b')", "NOT CASE WHEN i > 5 THEN 'x' IN ('a', 'b') END"),
        ("coalesce(case when i > 5 then 'x' end, s) like 'a%'",
         "CASE WHEN i > 5 THEN COALESCE('x', s) LIKE 'a%' ELSE COALESCE(NULL, s) LIKE 'a%' END"),
        ("s in ('a', case when i > 5 then 'x' end)", "CASE WHEN i > 5 THEN s IN ('a', 'x') ELSE s IN ('a', NULL) END"),
        ("case when i > 5 then 'x' end = case when i > 6 then 'y' end",
         "CASE WHEN i > 5 THEN CASE WHEN i > 6 THEN 'x' = 'y' END END"),
        # one that says something for every row, or that gives numbers, is left alone
        ("case when i > 5 then 'x' else 'y' end = 'x'", "CASE WHEN i > 5 THEN 'x' ELSE 'y' END = 'x'"),
        ("case when i > 5 then 1 end = 1", "CASE WHEN i > 5 THEN 1 END = 1"),
    ],
)  # fmt: skip
def test_a_text_case_is_compared_where_the_engine_answers_rightly(text, sql):
    parsed = parse_filter(text)
    assert parsed.expr is not None
    assert speller().text(parsed.expr).sql == sql

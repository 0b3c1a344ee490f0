"""Types come out as the table says, what does not fit is refused, and texts beside dates become dates."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from decisionlayer.resolve.language import (
    Expr,
    Name,
    check,
    check_filter,
    parse_dimension,
    parse_filter,
    parse_formula,
    parse_measure,
    settle,
    text_of,
    type_of,
)
from decisionlayer.resolve.language.types import (
    BOOLEAN,
    DATE,
    FLOAT,
    INSTANT,
    INTEGER,
    TEXT,
    TIMESTAMP,
    DataType,
    decimal,
)

COLUMNS = {
    "n": INTEGER,
    "money": decimal(18, 2),
    "rate": decimal(9, 4),
    "f": FLOAT,
    "s": TEXT,
    "b": BOOLEAN,
    "day": DATE,
    "clock": TIMESTAMP,
    "at": INSTANT,
}
NEW_YORK = ZoneInfo("America/New_York")


def lookup(name: Name) -> DataType | None:
    return COLUMNS.get(name.text)


def value(text: str) -> Expr:
    parsed = parse_dimension(text)
    assert parsed.expr is not None, parsed.problems
    return parsed.expr


def measure(text: str) -> Expr:
    parsed = parse_measure(text)
    assert parsed.expr is not None, parsed.problems
    return parsed.expr


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("n + 1", "integer"),
        ("n - n", "integer"),
        ("n * n", "integer"),
        ("n / n", "float"),
        ("money / 2", "float"),
        ("money + n", "decimal(38,2)"),
        ("money + rate", "decimal(38,4)"),
        ("money - 0.125", "decimal(38,3)"),
        ("money * rate", "decimal(38,6)"),
        ("n * 1.5", "decimal(38,1)"),
        ("n * 1.500", "decimal(38,1)"),
        ("money * f", "float"),
        ("f + n", "float"),
        ("0.00000000000000000000001 * 0.0000000000000000000001 * money", "float"),
        ("unheard + n", "unknown"),
        ("unheard / n", "float"),
        ("-money", "decimal(18,2)"),
        ("abs(n)", "integer"),
        ("round(money)", "decimal(38,0)"),
        ("round(rate, 2)", "decimal(38,2)"),
        ("round(money, 3)", "decimal(38,2)"),
        ("round(f, 1)", "float"),
        ("floor(money)", "decimal(38,0)"),
        ("ceil(n)", "integer"),
        ("sqrt(n)", "float"),
        ("power(n, 2)", "float"),
        ("n > 1 and b", "boolean"),
        ("s || 'x'", "text"),
        ("length(s)", "integer"),
        ("month(day)", "integer"),
        ("hour(clock)", "integer"),
        ("coalesce(n, 0)", "integer"),
        ("coalesce(money, 0)", "decimal(38,2)"),
        ("coalesce(money, null)", "decimal(18,2)"),
        ("coalesce(unheard, 0)", "unknown"),
        ("nullif(s, '')", "text"),
        ("least(n, f)", "float"),
        ("greatest(day, clock)", "timestamp"),
        ("case when b then 1 when n > 1 then 2.5 end", "decimal(38,1)"),
        ("case when b then null else s end", "text"),
        ("15", "integer"),
        ("0.95", "decimal(2,2)"),
        ("12.5", "decimal(3,1)"),
        ("null", "unknown"),
        ("date '2013-01-31'", "date"),
        ("timestamp '2013-01-31 10:00'", "timestamp"),
        ("timestamp '2013-01-31 10:00Z'", "instant"),
    ],
)
def test_values_have_the_type_that_the_table_gives(text: str, type_: str) -> None:
    found, problems = type_of(value(text), lookup)
    assert (str(found), problems) == (type_, ())


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        ("count(*)", "integer"),
        ("count(distinct s)", "integer"),
        ("sum(n)", "integer"),
        ("sum(money)", "decimal(38,2)"),
        ("sum(money * rate)", "decimal(38,6)"),
        ("sum(f)", "float"),
        ("sum(unheard)", "float"),
        ("avg(n)", "float"),
        ("min(day)", "date"),
        ("max(s)", "text"),
        ("max(money)", "decimal(18,2)"),
        ("median(n)", "float"),
        ("count(*) / count(*)", "float"),
        ("sum(n) - count(*)", "integer"),
        ("sum(case when b then 1 else 0 end)", "integer"),
    ],
)
def test_aggregates_have_the_type_that_the_table_gives(text: str, type_: str) -> None:
    found, problems = type_of(measure(text), lookup)
    assert (str(found), problems) == (type_, ())


@pytest.mark.parametrize(
    ("text", "message", "help"),
    [
        ("n + s", "s is a text, and `+` takes numbers", "Texts are joined by `||`."),
        ("-s", "s is a text, and `-` takes numbers", ""),
        ("abs(s || 'x')", "`s || 'x'` is a text, and `abs` takes numbers", ""),
        ("n * b", "b is a condition, and `*` takes numbers", "Write case when … then 1 else 0 end."),
        ("clock - n", "clock is a timestamp, and `-` takes numbers", "There is no arithmetic on dates; let the source compute a column."),
        ("n || s", "n is a whole number, and `||` takes texts", ""),
        ("n like 'x'", "n is a whole number, and `like` takes texts", ""),
        ("lower(day)", "day is a date, and `lower` takes texts", ""),
        ("b and n", "n is a whole number, and `and` takes conditions", "Compare it with something, as in a > 0."),
        ("not s", "s is a text, and `not` takes conditions", ""),
        ("case when f then 1 end", "f is a number, and `case when` takes conditions", "Compare it with something, as in a > 0."),
        ("year(n)", "n is a whole number, and `year` takes dates and timestamps", ""),
        ("year(at)", "at is an instant, and `year` takes dates and timestamps",
         "Its parts hang on a zone: split by a period of its clock, or let the source compute a column."),
        ("hour(day)", "day is a date, and `hour` takes timestamps", "A date has no hours; a timestamp has."),
        ("day > 5", "day is a date, `5` a whole number: they cannot be compared", ""),
        ("n = '11'", "n is a whole number, `'11'` a text: they cannot be compared", "Write 11 without quotes."),
        ("s = 11", "s is a text, `11` a whole number: they cannot be compared", "Write '11' in quotes."),
        ("n in (1, 'x')", "n is a whole number, `'x'` a text: they cannot be compared", ""),
        ("b = 1", "b is a condition, `1` a whole number: they cannot be compared", ""),
        ("b > true", "b is a condition, and `>` takes what has an order", ""),
        ("s = day", "s is a text, day a date: they cannot be compared", ""),
        ("day = at", "day is a date, at an instant: they cannot be compared", ""),
        ("coalesce(n, 'none')", "n is a whole number, `'none'` a text: they cannot be used for one another", ""),
        ("case when b then 1 else 'x' end", "`1` is a whole number, `'x'` a text: they cannot be used for one another", ""),
        ("n = null", "`n = null` holds for no row: NULL equals nothing, not even NULL", "Write n is null."),
        ("null <> n", "`null <> n` holds for no row: NULL equals nothing, not even NULL", "Write n is not null."),
        ("n not in (1, null)", "`null` in a list equals nothing, and `not in` such a list holds for no row",
         "Write n is null or n in (…) without it."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(text: str, message: str, help: str) -> None:
    _, problems = type_of(value(text), lookup)
    assert [(p.code, p.message, p.help) for p in problems] == [("wrong-argument", message, help)]


@pytest.mark.parametrize(
    ("text", "message", "help"),
    [
        ("sum(s)", "s is a text, and `sum` takes numbers", "Count them with count(distinct s), or let the source compute a number."),
        ("sum(b)", "b is a condition, and `sum` takes numbers", "Write count(*) filter (where b)."),
        ("avg(day)", "day is a date, and `avg` takes numbers", "There is no arithmetic on dates; let the source compute a column."),
        ("max(b)", "b is a condition, and `max` takes what has an order", ""),
        ("quantile(s, 0.9)", "s is a text, and `quantile` takes numbers",
         "Count them with count(distinct s), or let the source compute a number."),
        ("count(*) filter (where n)", "n is a whole number, and `filter` takes conditions", "Compare it with something, as in a > 0."),
    ],
)  # fmt: skip
def test_aggregates_of_what_cannot_be_aggregated_are_refused(text: str, message: str, help: str) -> None:
    _, problems = type_of(measure(text), lookup)
    assert [(p.message, p.help) for p in problems] == [(message, help)]


def test_problems_point_at_the_part_that_is_wrong() -> None:
    text = "n > 1 and coalesce(s, n) = 'x'"
    (problem,) = type_of(value(text), lookup)[1]
    assert text[problem.span.start : problem.span.end] == "n"
    assert problem.span.start == 22


def test_all_problems_come_at_once() -> None:
    _, problems = type_of(value("s + 1 > 0 and day > 5 or n"), lookup)
    assert len(problems) == 3


def test_a_column_of_unknown_type_passes_everywhere() -> None:
    for text in ("x + y", "x || y", "x and y", "x like 'p'", "year(x)", "x > '2013-01-01'", "coalesce(x, 1)"):
        assert type_of(value(text), lambda name: None)[1] == ()


def test_a_filter_is_a_condition() -> None:
    assert check_filter(value("n > 1"), lookup).problems == ()
    assert check_filter(value("unheard"), lookup).problems == ()
    (problem,) = check_filter(value("n + 1"), lookup).problems
    assert problem.message == "`n + 1` is a whole number, and a filter is a condition"


def test_a_metric_function_has_the_type_of_its_metric() -> None:
    for text, type_ in (
        ("prior(n, '1 month')", "integer"),
        ("total(money, all)", "decimal(18,2)"),
        ("per(n, week)", "float"),
    ):
        expr = parse_formula(text).expr
        assert expr is not None
        assert str(type_of(expr, lookup)[0]) == type_


# -- texts beside dates ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("day >= '2013-01-31'", "day >= date '2013-01-31'"),
        ("'2013-01-31' >= day", "date '2013-01-31' >= day"),
        ("day in ('2013-01-01', '2013-01-02')", "day in (date '2013-01-01', date '2013-01-02')"),
        ("day between '2013-01-01' and '2013-01-02'", "day >= date '2013-01-01' and day <= date '2013-01-02'"),
        ("coalesce(day, '2013-01-01') = day", "coalesce(day, date '2013-01-01') = day"),
        ("case when b then '2013-01-01' else day end = day", "case when b then date '2013-01-01' else day end = day"),
        ("clock < '2013-01-31'", "clock < timestamp '2013-01-31 00:00:00'"),
        ("clock < date '2013-01-31'", "clock < timestamp '2013-01-31 00:00:00'"),
        ("clock < '2013-01-31T10:30'", "clock < timestamp '2013-01-31 10:30:00'"),
        ("at < '2013-01-31 10:30Z'", "at < timestamp '2013-01-31 10:30:00+00:00'"),
        ("at < '2013-01-31 10:30-05:00'", "at < timestamp '2013-01-31 10:30:00-05:00'"),
        ("s = '2013-01-31'", "s = '2013-01-31'"),
        ("unheard = '2013-01-31'", "unheard = '2013-01-31'"),
    ],
)
def test_a_text_beside_a_date_is_a_date(text: str, settled: str) -> None:
    assert text_of(settle(value(text), lookup)) == settled
    assert type_of(value(text), lookup)[1] == ()


def test_it_is_settled_inside_measures_too() -> None:
    settled = settle(measure("sum(n) filter (where day >= '2013-01-31')"), lookup)
    assert text_of(settled) == "sum(n) filter (where day >= date '2013-01-31')"


def test_an_instant_takes_the_zone_that_is_given() -> None:
    typed = check(value("at >= '2013-01-01'"), lookup, NEW_YORK)
    assert text_of(typed.expr) == "at >= timestamp '2013-01-01 05:00:00+00:00'"
    assert typed.problems == ()


@pytest.mark.parametrize(
    ("text", "zone", "message"),
    [
        ("day > 'yesterday'", None, "day is a date, and `'yesterday'` is none"),
        ("day > '2013-02-30'", None, "day is a date, and `'2013-02-30'` is none"),
        ("day > '2013-01-31 10:00'", None, "day is a date without time of day, and `'2013-01-31 10:00'` has one"),
        ("clock > '2013-01'", None, "clock is a timestamp, and `'2013-01'` is none"),
        ("clock > '2013-01-31 10:00Z'", None, "clock is a wall clock without a zone, and `'2013-01-31 10:00Z'` names one"),
        ("at > '2013-01-31'", None, "at is an instant, and `'2013-01-31'` does not say in which zone it counts"),
        ("at > '2013-03-10 02:30'", NEW_YORK,
         "`'2013-03-10 02:30'` is no one point in time in America/New_York, where clocks are changed then"),
        ("at > '2013-11-03 01:30'", NEW_YORK,
         "`'2013-11-03 01:30'` is no one point in time in America/New_York, where clocks are changed then"),
        ("at > '9999-12-31 23:59'", NEW_YORK, "`'9999-12-31 23:59'` lies outside the calendar"),
    ],
)  # fmt: skip
def test_a_text_that_is_no_such_date_is_refused(text: str, zone: dt.tzinfo | None, message: str) -> None:
    assert [p.message for p in check(value(text), lookup, zone).problems] == [message]


def test_a_tree_without_dates_is_returned_as_it_was() -> None:
    for parse, text in (
        (parse_filter, "n > 1 and s in ('a', 'b')"),
        (parse_measure, "sum(n) filter (where b) / count(*)"),
    ):
        expr = parse(text).expr
        assert expr is not None
        assert settle(expr, lookup) is expr

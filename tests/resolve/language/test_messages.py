"""Every way to write it wrong, and the whole message, word for word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from decisionlayer.findings import RULES, Place
from decisionlayer.resolve.language import (
    Parsed,
    Problem,
    parse_dimension,
    parse_filter,
    parse_formula,
    parse_measure,
    parse_question_filter,
)

BAD, ARG = "bad-expression", "wrong-argument"
MEASURE, FORMULA, FILTER, DIMENSION = parse_measure, parse_formula, parse_filter, parse_dimension

# parser, text, code, where it points, message, help
GALLERY: list[tuple[Callable[[str], Parsed], str, str, str, str, str]] = [
    # the text ends too early, too late, or with something odd
    (FILTER, "", BAD, "", "the filter is empty", ""),
    (FILTER, "  ", BAD, "", "the filter is empty", ""),
    (FILTER, "a >", BAD, "", "a value is missing at the end", ""),
    (FILTER, "(a > 1", BAD, "", "`)` is missing at the end", ""),
    (FILTER, "a > 1)", BAD, ")", "`)` where an operator or the end was expected", ""),
    (FILTER, "a b", BAD, "b", "`b` where an operator or the end was expected", ""),
    (FILTER, "a and and b", BAD, "and", "`and` where a value was expected", ""),
    (FILTER, "a not b", BAD, "b", "`b` where `in`, `between` or `like` after `not` was expected", ""),
    (FILTER, "a + not b", BAD, "not", "`not` binds loosely, so here it needs parentheses", "Write (not …)."),
    (FILTER, "a in ()", BAD, ")", "the list after `in` is empty", "Name at least one value."),
    (FILTER, "a in b", BAD, "b", "`b` where a list in parentheses after `in` was expected", ""),
    (FILTER, "a between 1 or 2", BAD, "or", "`or` where `and` between the two ends was expected", ""),
    (FILTER, "a is 1", BAD, "1", "`1` where `null`, `true` or `false` after `is` was expected", ""),
    (FILTER, "a < b < c", BAD, "<", "comparisons cannot be chained: `<` follows another one",
     "Write `a < b and b < c`, or put parentheses around one of the two."),
    (FILTER, "a = b is null", BAD, "is", "comparisons cannot be chained: `is` follows another one",
     "Write `a < b and b < c`, or put parentheses around one of the two."),
    (FILTER, "end > 5", BAD, "end", "`end` where a value was expected",
     '`end` is a word of the language; a column of that name is written "end".'),
    (FILTER, "a. > 5", BAD, ">", "`>` where a name after `.` was expected", ""),
    (FILTER, "a . 5", BAD, "5", "`5` where a name after `.` was expected", ""),
    (DIMENSION, "case a end", BAD, "end", "`end` where `when` after `case` was expected", ""),
    (DIMENSION, "case when a 1 end", BAD, "1", "`1` where `then` was expected", ""),
    (DIMENSION, "case when a then 1", BAD, "", "`when`, `else` or `end` is missing at the end", ""),
    # characters and numbers
    (FILTER, "a = 'x", BAD, "'", "a text that starts here is never closed: a quote within a text is doubled, as in 'it''s'", ""),
    (FILTER, 'a = "x', BAD, '"', "a quoted name that starts here is never closed, or is empty", ""),
    (FILTER, 'a = ""', BAD, '"', "a quoted name that starts here is never closed, or is empty", ""),
    (FILTER, "a = 1 -- one", BAD, "--",
     "`--` is no part of the language: comments belong beside the expression, and minus minus needs parentheses", ""),
    (FILTER, "a /* x */ = 1", BAD, "/*", "`/*` is no part of the language: comments belong beside the expression", ""),
    (FILTER, "a = 1; drop table b", BAD, ";", "`;` is no part of the language: an expression is not a statement", ""),
    (FILTER, "a == 1", BAD, "==", "`==` is no operator here: equality is written `=`", ""),
    (FILTER, "a && b", BAD, "&&", "`&&` is no operator here: write `and`", ""),
    (FILTER, "a % 2 = 0", BAD, "%", "`%` is no operator here; the language has no remainder", ""),
    (FILTER, "a::date > b", BAD, "::",
     "`::` is no part of the language: it has no casts; say the column's type under `columns:`", ""),
    (FILTER, "a > : b", BAD, ":", "a parameter is written `:name`, without a space", ""),
    (FILTER, "a > {{ b }}", BAD, "{", "`{` is no part of the language: nothing is pasted into an expression", ""),
    (FILTER, "a = “x”", BAD, "“", "curly quotes are no part of the language: texts are written '…', names \"…\"", ""),
    (FILTER, "a ≤ 1", BAD, "≤", "`≤` is no operator here: write `<=`", ""),
    (FILTER, "a = \\", BAD, "\\", "`\\` is no part of the language", ""),
    (FILTER, "a = '\x00'", BAD, "\x00", "the text holds a character that is no text (NUL or half of a pair)", ""),
    (FILTER, "a = '\ud800'", BAD, "\ud800", "the text holds a character that is no text (NUL or half of a pair)", ""),
    (FILTER, "a = \x07", BAD, "\x07", "`U+0007` is no part of the language", ""),
    (FILTER, "a > 12abc", BAD, "12abc", "`12abc` is neither a number nor a name", ""),
    (FILTER, "a > 1_000", BAD, "1_000", "`1_000` is neither a number nor a name", ""),
    (FILTER, "a > 9223372036854775808", BAD, "9223372036854775808",
     "`9223372036854775808` is too large for a whole number", "Write it as a decimal: 9223372036854775808.0"),
    (FILTER, "a > 1e400", BAD, "1e400", "`1e400` has more than 38 digits",
     "Warehouses keep no more than that exactly; round it."),
    (FILTER, "a > date '2013-02-30'", BAD, "'2013-02-30'", "`2013-02-30` is no day", "Write it as date '2013-01-31'."),
    (FILTER, "a > timestamp 'noon'", BAD, "'noon'", "`noon` is no date and time",
     "Write it as timestamp '2013-01-31 10:00:00'."),
    # functions that are not there, and other languages
    (DIMENSION, "lowr(a)", BAD, "lowr", "there is no function `lowr`", "Did you mean lower or floor or power?"),
    (DIMENSION, "zzz(a)", BAD, "zzz", "there is no function `zzz`",
     "docs/language.md lists the functions."),
    (DIMENSION, "IFNULL(a, 0)", BAD, "IFNULL", "there is no function `IFNULL`", "Write coalesce(a, b)."),
    (DIMENSION, "pg.zzz(1)", BAD, "pg.zzz", "there is no function `pg.zzz`", "docs/language.md lists the functions."),
    (FORMULA, "count_distinct(a)", BAD, "count_distinct", "there is no function `count_distinct`",
     "Write count(distinct a)."),
    (DIMENSION, "interval '1 day'", BAD, "'1 day'", "`'1 day'` where an operator or the end was expected",
     "There is no arithmetic on dates; compare with date '2013-01-31' or with a parameter."),
    (FILTER, "a in (select b from c)", BAD, "b", "`b` where `,` or `)` was expected",
     "There are no subqueries: what they compute is a source with `sql:`, or a metric."),
    (FILTER, "a ilike 'x'", BAD, "ilike", "`ilike` where an operator or the end was expected", "Write lower(a) like '…'."),
    (MEASURE, "sum(a) over (order by b)", BAD, "over", "`over` where an operator or the end was expected",
     "There are no window functions; formulas have trailing(m, '28 days') and to_date(m, year)."),
    (DIMENSION, "extract(epoch from a)", BAD, "epoch", "`epoch` is no part of a date",
     "There are: year, quarter, month, week, day, day_of_week, day_of_year, hour, minute."),
    # arguments
    (DIMENSION, "nullif(a)", ARG, "nullif(a)", "`nullif` takes 2 arguments, 1 was given", "Write it as nullif(a, b)."),
    (DIMENSION, "lower()", ARG, "lower()", "`lower` takes 1 argument, none was given", "Write it as lower(a)."),
    (DIMENSION, "coalesce(a)", ARG, "coalesce(a)", "`coalesce` takes at least 2 arguments, 1 was given",
     "Write it as coalesce(a, b, …)."),
    (DIMENSION, "round(a, 1, 2)", ARG, "round(a, 1, 2)", "`round` takes 1 to 2 arguments, 3 were given",
     "Write it as round(a, n)."),
    (DIMENSION, "round(a, b)", ARG, "b", "the second argument of `round` is a whole number from 0, written out; it is `b`",
     "Write it as round(a, n)."),
    (DIMENSION, "substring(a, 0)", ARG, "0",
     "the second argument of `substring` is a whole number from 1, written out; it is `0`",
     "Write it as substring(a, start, length)."),
    (FILTER, "a like b", ARG, "b", "the second argument of `like` is a pattern, written out; it is `b`", "Write a like 'EW%'."),
    (FORMULA, "prior(m, 1)", ARG, "1", "the second argument of `prior` is a length of whole periods, as '28 days'; it is `1`",
     "Write prior(m, '1 month')."),
    (FORMULA, "prior(m, 'a month')", ARG, "'a month'",
     "the second argument of `prior` is a length of whole periods, as '28 days'; it is `'a month'`",
     "Write prior(m, '1 month')."),
    (FORMULA, "to_date(m, 'year')", ARG, "'year'", "the second argument of `to_date` is a period, as month; it is `'year'`",
     "Write to_date(m, year)."),
    (FORMULA, "total(m, 1 + 1)", ARG, "1 + 1",
     "the second argument of `total` is a path, as region, or all; it is an expression", "Write total(m, region)."),
    (FORMULA, "per(m)", ARG, "per(m)", "`per` takes 2 arguments, 1 was given", "Write it as per(m, week)."),
    (MEASURE, "quantile(a, 95)", ARG, "95",
     "the second argument of `quantile` is a share from 0 to 1, written out; it is `95`", "Write quantile(a, 0.95)."),
    (MEASURE, "quantile_disc(a, 2)", ARG, "2",
     "the second argument of `quantile_disc` is a share from 0 to 1, written out; it is `2`", "Write quantile_disc(a, 0.95)."),
    (MEASURE, "quantile(a)", ARG, "quantile(a)", "`quantile` takes 2 arguments, 1 was given",
     "Write it as quantile(a, q), median(a)."),
    (MEASURE, "median(a, 2)", ARG, "median(a, 2)", "`median` takes 1 argument, 2 were given", "Write it as median(a)."),
    (MEASURE, "count()", ARG, "count()", "`count` takes 1 argument, none was given", "Write it as count(*), count(a)."),
    (MEASURE, "count(distinct a, b)", ARG, "count(distinct a, b)",
     "`count(distinct …)` takes 1 argument, 2 were given", "Write it as count(distinct a)."),
    (MEASURE, "sum(*)", BAD, "*", "only `count` takes `*`, not `sum`", "Name what to aggregate: sum(amount)."),
    (MEASURE, "sum(distinct a)", BAD, "distinct", "only `count` takes `distinct`, not `sum`",
     "Write sum(…) over all rows; different values are counted by count(distinct …)."),
    (MEASURE, "sum(a) filter (b > 1)", BAD, "b", "`b` where `where` in `filter (where …)` was expected", ""),
    # what belongs elsewhere
    (MEASURE, "amount", ARG, "amount", "`amount` is the value of one row; a measure says how rows become one number",
     "Write sum(amount), max(amount) or another aggregate of it."),
    (MEASURE, "sum(a) / b", ARG, "b", "`b` stands outside every aggregate: each row has a value, the group has none",
     "Write sum(b), max(b) or another aggregate of it."),
    (MEASURE, "15 * 2", ARG, "15 * 2", "the measure `15 * 2` has no aggregate, so it does not depend on the rows",
     "Write an aggregate such as count(*) or sum(amount); a price is an assumption."),
    (MEASURE, "sum(avg(a))", ARG, "avg(a)", "an aggregate of an aggregate: `avg(…)` stands inside `sum(…)`",
     "Declare the inner one as a dimension of its entity, or aggregate the rows at once."),
    (MEASURE, "sum(a) filter (where max(b) > 1)", ARG, "max(b)",
     "an aggregate of an aggregate: `max(…)` stands inside `sum(…)`",
     "Declare the inner one as a dimension of its entity, or aggregate the rows at once."),
    (MEASURE, "sum(prior(a, '1 day'))", ARG, "prior(a, '1 day')",
     "`prior(…)` works on metrics, so it belongs into a formula; this is a measure",
     "Declare a metric for the part, and a second one with `formula:`."),
    (FILTER, "sum(a) > 5", ARG, "sum(a)", "`sum(…)` is an aggregate over rows, and a filter looks at one row at a time",
     "Aggregates belong into `measure:`; a condition on a metric is `having`."),
    (FILTER, "a = :b", ARG, ":b", "`:b` is a parameter, and parameters belong into the filter of a question",
     "Write the value itself; a price or rate is an assumption."),
    (parse_question_filter, "sum(a) > 5", ARG, "sum(a)",
     "`sum(…)` is an aggregate over rows, and a question's filter looks at one row at a time",
     "Aggregates belong into `measure:`; a condition on a metric is `having`."),
    (FORMULA, "avg(on_time)", "average-of-averages", "avg(on_time)",
     "`avg(…)` around a metric: a formula's parts are aggregated at the asked grain first",
     "Write on_time alone; it already is one number for each group."),
    (FORMULA, "count(orders)", ARG, "count(orders)", "`count(…)` counts rows, and a formula has metrics, not rows",
     "Declare a metric with `measure: count(*)` and name it here."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("parse", "text", "code", "at", "message", "help"), GALLERY, ids=[row[1][:30] for row in GALLERY]
)
def test_the_message(parse: Callable[[str], Parsed], text: str, code: str, at: str, message: str, help: str) -> None:
    parsed = parse(text)
    assert parsed.expr is None
    (problem,) = parsed.problems
    assert (problem.code, problem.message, problem.help) == (code, message, help)
    assert text[problem.span.start : problem.span.end] == at
    assert problem.code in RULES


@pytest.mark.parametrize("name", ["sum", "avg", "median", "quantile", "min", "max"])
def test_every_aggregate_around_a_metric_is_an_average_of_averages(name: str) -> None:
    arguments = "m, 0.5" if name == "quantile" else "m"
    (problem,) = parse_formula(f"{name}({arguments})").problems
    assert (problem.code, RULES[problem.code].id) == ("average-of-averages", "DL101")


def test_all_problems_of_a_text_are_reported_at_once_in_their_order() -> None:
    text = "sum(avg(a)) / foo(b) + quantile(c, 7) - d e"
    problems = parse_measure(text).problems
    assert [text[p.span.start : p.span.end] for p in problems] == ["avg(a)", "foo", "7", "e"]


def test_what_cannot_be_read_does_not_hide_an_earlier_mistake() -> None:
    (problem,) = parse_filter("a b ; c").problems
    assert problem.message == "`b` where an operator or the end was expected"


def test_a_problem_becomes_a_finding_at_its_place() -> None:
    finding = Problem(BAD, "`b` is odd", help="Remove it.").finding("metric late", Place("metrics/a.yml", 3, 14))
    assert finding.render() == ("error[bad-expression]: `b` is odd\n  --> metrics/a.yml:3:14\n  help: Remove it.")

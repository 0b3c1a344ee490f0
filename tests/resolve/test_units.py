"""Units: read, printed, multiplied, converted; what does not fit is refused, what is unknown is let pass."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from decisionlayer.resolve.language import Expr, Name, parse_filter, parse_formula, parse_measure
from decisionlayer.resolve.quantities.units import (
    PERCENT,
    PURE,
    Unit,
    exact_factor,
    fits,
    parse_unit,
    unit_of,
    unlike_declared,
)

PRICE = "Multiply minute by a price in USD/minute, declared under `assumptions:` with its owner."
DECLARED = frozenset({"mile", "seat", "flight"})


def unit(text: str) -> Unit:
    found, problems = parse_unit(text, DECLARED)
    assert found is not None, problems
    return found


@pytest.mark.parametrize(
    ("text", "powers"),
    [
        ("1", {}),
        ("percent", {}),
        ("minute", {"minute": 1}),
        ("USD/seat", {"USD": 1, "seat": -1}),
        ("seat*mile", {"mile": 1, "seat": 1}),
        (" USD / ( seat * mile ) ", {"USD": 1, "mile": -1, "seat": -1}),
        ("USD/seat/hour", {"USD": 1, "hour": -1, "seat": -1}),
        ("1/hour", {"hour": -1}),
        ("mile^2", {"mile": 2}),
        ("mile^-1", {"mile": -1}),
        ("mile^(1/2)", {"mile": Fraction(1, 2)}),
        ("(seat*mile)^2", {"mile": 2, "seat": 2}),
        ("mile/mile", {}),
    ],
)
def test_units_are_read(text: str, powers: dict[str, int | Fraction]) -> None:
    assert unit(text) == Unit.of(powers)
    assert dict(unit(text).powers) == {base: Fraction(power) for base, power in powers.items()}


@pytest.mark.parametrize(
    ("text", "at", "code", "message", "help"),
    [
        ("", "", "bad-expression", "the unit is empty", "A number without a unit has the unit 1, a share percent."),
        ("kilometre", "kilometre", "unknown-name", "there is no unit `kilometre`",
         "Counted things and units of measure are declared under `units:`."),
        ("miles", "miles", "unknown-name", "there is no unit `miles`",
         "Did you mean mile? Counted things and units of measure are declared under `units:`."),
        ("USD/minuts", "minuts", "unknown-name", "there is no unit `minuts`",
         "Did you mean minute? Counted things and units of measure are declared under `units:`."),
        ("usd", "usd", "unknown-name", "there is no unit `usd`", "Write USD."),
        ("hrs", "hrs", "unknown-name", "there is no unit `hrs`", "Write hour."),
        ("share", "share", "unknown-name", "there is no unit `share`", "Write percent."),
        ("$/hour", "$", "bad-expression", "`$` stands where a unit was expected", "Write USD."),
        ("%", "%", "bad-expression", "`%` stands where a unit was expected", "Write percent."),
        ("USD/seat*mile", "*", "bad-expression", "`USD/seat*mile` can be read in two ways", "Write a*c/b or a/(b*c)."),
        ("seat mile", "mile", "bad-expression", "`mile` has no place there", "Between two units stands `*` or `/`."),
        ("percent/hour", "percent", "bad-expression", "`percent` is how a share is printed, so it stands alone",
         "Write 1 in its place."),
        ("USD/", "", "bad-expression", "a unit is missing at the end",
         "Counted things and units of measure are declared under `units:`."),
        ("mile^x", "x", "bad-expression", "the power after `^` is no whole number", "Write mile^2."),
        ("mile^(1/0)", ")", "bad-expression", "the power in parentheses is no fraction", "Write mile^(1/2)."),
        ("(USD", "", "bad-expression", "a parenthesis is not closed", ""),
    ],
)  # fmt: skip
def test_what_is_no_unit_is_refused(text: str, at: str, code: str, message: str, help: str) -> None:
    found, (problem,) = parse_unit(text, DECLARED)
    assert found is None
    assert (problem.code, problem.message, problem.help) == (code, message, help)
    assert text[problem.span.start : problem.span.end] == at


@given(
    st.dictionaries(
        st.sampled_from(["minute", "USD", "seat", "mile"]), st.fractions(-3, 3, max_denominator=3), max_size=4
    )
)
@settings(max_examples=100, deadline=None)
def test_a_unit_reads_back_from_its_text(powers: dict[str, Fraction]) -> None:
    assert unit(str(Unit.of(powers))) == Unit.of(powers)


@given(st.text("a1^*/()- %$\x00é", max_size=30) | st.text(max_size=20))
@settings(max_examples=100, deadline=None)
def test_any_text_is_a_unit_or_is_refused(text: str) -> None:
    found, problems = parse_unit(text, DECLARED)
    assert (found is None) == bool(problems)


def test_a_long_text_is_refused_soon() -> None:
    assert parse_unit("(" * 100_000)[0] is None
    assert parse_unit("*".join(["hour"] * 100_000))[0] is None


@pytest.mark.parametrize(
    ("powers", "text"),
    [
        ({}, "1"),
        ({"minute": -1}, "1/minute"),
        ({"USD": 1, "minute": -1}, "USD/minute"),
        ({"USD": 1, "seat": -1, "mile": -1}, "USD/(mile*seat)"),
        ({"mile": 2, "seat": 1}, "mile^2*seat"),
        ({"mile": Fraction(1, 2)}, "mile^(1/2)"),
    ],
)
def test_units_are_printed(powers: dict[str, int | Fraction], text: str) -> None:
    assert str(Unit.of(powers)) == text


def test_percent_is_a_pure_number_that_is_printed_by_the_hundred() -> None:
    assert unit("percent") == unit("1") == PURE
    assert (str(unit("percent")), str(unit("1")), unit("percent").printed) == ("percent", "1", PERCENT.printed)


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("minute", "hour", "1/60"),
        ("hour", "minute", "60"),
        ("week", "second", "604800"),
        ("USD/minute", "USD/hour", "60"),
        ("hour^2", "minute^2", "3600"),
        ("minute/hour", "1", "1/60"),
        ("quarter", "month", "3"),
        ("USD/month", "USD/year", "12"),
        ("percent", "1", "1"),
        ("USD", "USD", "1"),
        ("day", "month", None),
        ("year", "day", None),
        ("USD", "EUR", None),
        ("USD/minute", "EUR/hour", None),
        ("minute", "1", None),
        ("hour", "minute^2", None),
        ("hour^(1/2)", "minute^(1/2)", None),
        ("mile", "seat", None),
    ],
)
def test_conversions_are_exact_or_none(source: str, target: str, factor: str | None) -> None:
    assert exact_factor(unit(source), unit(target)) == (None if factor is None else Fraction(factor))


# -- units of expressions ----------------------------------------------------------------------------------------------

NAMES = {
    "late": "minute",
    "ride": "hour",
    "cost": "USD",
    "sales": "EUR",
    "late_minute_cost": "USD/minute",
    "seats": "seat",
    "distance": "mile",
    "share": "percent",
}


def lookup(name: Name) -> Unit | None:
    text = NAMES.get(name.text)
    return None if text is None else unit(text)


def formula(text: str) -> Expr:
    parsed = parse_formula(text)
    assert parsed.expr is not None, parsed.problems
    return parsed.expr


def measure(text: str) -> Expr:
    parsed = parse_measure(text)
    assert parsed.expr is not None, parsed.problems
    return parsed.expr


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("late * late_minute_cost / seats", "USD/seat"),
        ("seats * distance", "mile*seat"),
        ("cost + late * late_minute_cost", "USD"),
        ("late / ride", "minute/hour"),
        ("cost / cost - 1", "1"),
        ("1 - share", "1"),
        ("2 * cost", "USD"),
        ("cost - 0", "USD"),
        ("coalesce(cost, 0)", "USD"),
        ("case when cost > 0 then cost else null end", "USD"),
        ("greatest(late, 0)", "minute"),
        ("-late", "minute"),
        ("abs(late)", "minute"),
        ("round(cost, 2)", "USD"),
        ("nullif(seats, 0)", "seat"),
        ("sqrt(distance * distance)", "mile"),
        ("sqrt(distance)", "mile^(1/2)"),
        ("power(distance, 2)", "mile^2"),
        ("power(distance, 0.5)", "mile^(1/2)"),
        ("power(share, share)", "1"),
        ("exp(share)", "1"),
        ("ln(cost / cost)", "1"),
        ("cost - prior(cost, '1 month')", "USD"),
        ("cost / total(cost, all)", "1"),
        ("per(cost, week)", "USD/week"),
        ("unheard", None),
        ("unheard * cost", None),
        ("unheard + cost", "USD"),
        ("per(cost, retail.week)", None),
        ("cost > 0", None),
    ],
)
def test_formulas_have_the_unit_of_their_parts(text: str, found: str | None) -> None:
    computed, problems = unit_of(formula(text), lookup, literals="pure")
    assert (computed, problems) == (None if found is None else unit(found), ())


@pytest.mark.parametrize(
    ("text", "message", "help"),
    [
        ("late + cost", "late is in minute, cost in USD: they cannot be added",
         PRICE),
        ("cost - late", "cost is in USD, late in minute: they cannot be subtracted",
         PRICE),
        ("late + ride", "late is in minute, ride in hour: they cannot be added",
         "Write `to: hour` on the term late; 1 hour is 60 minute."),
        ("ride - late", "ride is in hour, late in minute: they cannot be subtracted",
         "Write `to: hour` on the term late; 1 hour is 60 minute."),
        ("cost / ride + late_minute_cost", "`cost / ride` is in USD/hour, late_minute_cost in USD/minute: they cannot be added",
         "Write `to: minute` on the term ride; 1 hour is 60 minute."),
        ("cost + sales", "cost is in USD, sales in EUR: they cannot be added",
         "USD becomes EUR only through an fx frame, with the rate of each row's own date."),
        ("cost > sales", "cost is in USD, sales in EUR: they cannot be compared",
         "USD becomes EUR only through an fx frame, with the rate of each row's own date."),
        ("cost + 15", "cost is in USD, `15` a pure number: they cannot be added",
         "Numbers in a formula have no unit; declare this one under `assumptions:` with its unit, and name it."),
        ("share + cost", "share is a pure number, cost in USD: they cannot be added", ""),
        ("case when share > 0.5 then late else cost end",
         "late is in minute, cost in USD: they cannot be used for one another",
         PRICE),
        ("coalesce(late, cost)", "late is in minute, cost in USD: they cannot be used for one another",
         PRICE),
        ("case when late > cost then 1 end", "late is in minute, cost in USD: they cannot be compared",
         PRICE),
        ("case when late in (cost, 0) then 1 end", "late is in minute, cost in USD: they cannot be compared",
         PRICE),
        ("ln(cost)", "cost is in USD, and `ln` takes pure numbers", "Divide it by something in USD first."),
        ("power(cost, share)", "cost is in USD, and `power` takes pure numbers", "Divide it by something in USD first."),
        ("power(2, cost)", "cost is in USD, and `power` takes pure numbers", "Divide it by something in USD first."),
    ],
)  # fmt: skip
def test_units_that_do_not_fit_are_refused(text: str, message: str, help: str) -> None:
    computed, problems = unit_of(formula(text), lookup, literals="pure")
    assert computed is None or computed == PURE
    assert [(p.code, p.message, p.help) for p in problems] == [("mixed-units", message, help)]


def test_every_place_is_reported_once() -> None:
    _, problems = unit_of(formula("(late + cost) / (late + sales)"), lookup, literals="pure")
    assert [p.span.start for p in problems] == [1, 17]


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("sum(late)", "minute"),
        ("avg(cost)", "USD"),
        ("quantile(late, 0.9)", "minute"),
        ("sum(late) filter (where late > 15)", "minute"),
        ("sum(late + 5)", "minute"),
        ("sum(greatest(late, 0))", "minute"),
        ("sum(seats * distance)", "seat*mile"),
        ("sum(cost) / sum(seats)", "USD/seat"),
        ("count(*)", "flight"),
        ("count(*)", "1"),
        ("count(distinct unheard)", "seat"),
        ("count(*) / count(*)", "percent"),
        ("count(*) / count(distinct unheard)", "1"),
        ("sum(cost) / count(*)", "USD/flight"),
        ("sum(cost) / count(*)", "USD"),
        ("count(*) * sum(distance)", "flight*mile"),
        ("count(*) + sum(seats)", "seat"),
        ("sum(case when late > 15 then 1 else 0 end)", "flight"),
        ("avg(case when late > 15 then 1 else 0 end)", "percent"),
        ("sum(unheard)", "USD"),
        ("ln(count(*))", "1"),
    ],
)
def test_measures_fit_the_unit_they_declare(text: str, declared: str) -> None:
    computed, problems = unit_of(measure(text), lookup, literals="adapt")
    assert problems == ()
    assert unlike_declared(computed, unit(declared)) is None


@pytest.mark.parametrize(
    ("text", "declared", "message", "help"),
    [
        ("sum(late)", "hour", "what it computes is in minute, but `unit` says hour",
         "Declare `unit: minute`; a term of a translation is converted by `to: hour`."),
        ("sum(late) / 60", "hour", "what it computes is in minute, but `unit` says hour",
         "Declare `unit: minute`; a term of a translation is converted by `to: hour`."),
        ("sum(cost)", "EUR", "what it computes is in USD, but `unit` says EUR",
         "Declare `unit: USD`, or look for a part that is missing or too many."),
        ("count(*)", "USD", "what it computes is a count, but `unit` says USD",
         "Rows counted are in a unit declared under `units:`, as flight, or have the unit 1."),
        ("count(*)", "minute", "what it computes is a count, but `unit` says minute",
         "Rows counted are in a unit declared under `units:`, as flight, or have the unit 1."),
        ("count(*)", "seat*mile", "what it computes is a count, but `unit` says mile*seat",
         "Rows counted are in a unit declared under `units:`, as flight, or have the unit 1."),
        ("count(*) / count(*)", "flight", "what it computes is a pure number, but `unit` says flight",
         "Declare `unit: 1`, or look for a part that is missing or too many."),
        ("avg(case when late > 15 then 1 else 0 end)", "USD", "what it computes is a pure number, but `unit` says USD",
         "Declare `unit: 1`, or look for a part that is missing or too many."),
        ("sum(late)", "percent", "what it computes is in minute, but `unit` says percent",
         "Declare `unit: minute`, or look for a part that is missing or too many."),
    ],
)  # fmt: skip
def test_measures_that_do_not_fit_are_refused(text: str, declared: str, message: str, help: str) -> None:
    computed, _ = unit_of(measure(text), lookup, literals="adapt")
    problem = unlike_declared(computed, unit(declared))
    assert problem is not None
    assert (problem.code, problem.message, problem.help) == ("mixed-units", message, help)


def test_literals_adapt_in_measures_and_filters_only() -> None:
    expr = parse_filter("late > 15 and cost <= 100 / 2 and late <> 0").expr
    assert expr is not None
    assert unit_of(expr, lookup, literals="adapt")[1] == ()
    assert len(unit_of(expr, lookup, literals="pure")[1]) == 2


def test_columns_of_two_units_do_not_mix_within_a_measure() -> None:
    _, problems = unit_of(measure("sum(late + ride)"), lookup, literals="adapt")
    assert [(p.message, p.help) for p in problems] == [
        (
            "late is in minute, ride in hour: they cannot be added",
            "Declare both columns in one unit; 1 hour is 60 minute.",
        )
    ]
    _, problems = unit_of(measure("count(*) + sum(late)"), lookup, literals="adapt")
    assert [p.message for p in problems] == ["`count(*)` is a count, `sum(late)` in minute: they cannot be added"]


def test_a_count_fits_one_counted_thing_or_none() -> None:
    counted, problems = unit_of(measure("count(*)"), lookup, literals="adapt")
    assert counted is not None and problems == ()
    assert [fits(counted, unit(text)) for text in ("flight", "1", "percent", "hour", "USD", "1/flight", "flight^2")] == [
        True, True, True, False, False, False, False,
    ]  # fmt: skip

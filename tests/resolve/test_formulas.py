"""Formulas, translations and the purpose law in its three cases."""

from __future__ import annotations

from fractions import Fraction

import pytest

from decisionlayer.resolve.circles import circle, in_order
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.tree import Name
from decisionlayer.resolve.model import Additivity, Formula, Metric, Term, Translation
from tests.resolve.made import ACT, CHOOSE, OWNED, codes, found, model_of, only, said, with_metrics


def formula(metric: Metric) -> Formula:
    assert isinstance(metric.body, Formula)
    return metric.body


# -- bodies -------------------------------------------------------------------------------------------------------------


def test_a_formula_names_metrics_and_assumptions() -> None:
    metric = with_metrics(f"metric: x, {ACT}, unit: USD/flight, formula: late_minutes * minute_cost / flights").metrics[
        "x"
    ]
    body = formula(metric)
    assert body.terms == {"late_minutes": Term("late_minutes"), "flights": Term("flights")}
    assert body.assumptions == ("minute_cost",)
    assert text_of(body.expr) == "late_minutes * minute_cost / flights"
    assert (str(metric.type), metric.additivity, metric.translation) == ("float", Additivity.ratio, None)


def test_a_metric_for_other_people_is_a_term_of_its_own_name() -> None:
    metric = with_metrics(
        f"metric: x, {CHOOSE}, unit: hour, translation: {{{OWNED}, from: late_minutes, to: hour, where: distance > 500, population: all}}"
    ).metrics["x"]
    body = formula(metric)
    assert body.expr == Name(("late_minutes",))
    term = body.terms["late_minutes"]
    assert (term.metric, term.population, term.replaces, term.factor) == ("late_minutes", None, True, Fraction(1, 60))
    assert term.where is not None and text_of(term.where) == "distance > 500"
    assert metric.translation == Translation("planning", "Because it matters.", "The hour.", ("late_minutes",))
    assert str(metric.type) == "float"


def test_terms_carry_filters_a_population_and_an_exact_conversion() -> None:
    metric = with_metrics(
        f"metric: x, {CHOOSE}, unit: second/seat, formula: late / seats, translation: {{{OWNED}, terms: "
        "{late: {from: late_minutes, to: second}, seats: {from: seats_flown, where: haul = 'long', population: distance > 100}}}"
    ).metrics["x"]
    late, seats = formula(metric).terms["late"], formula(metric).terms["seats"]
    assert (late.factor, late.replaces, late.where) == (Fraction(60), False, None)
    assert seats.replaces and seats.population is not None and text_of(seats.population) == "distance > 100"
    assert seats.where is not None and text_of(seats.where) == "haul = 'long'"
    assert metric.translation is not None and metric.translation.source_metrics == ("late_minutes", "seats_flown")


@pytest.mark.parametrize(
    ("formula", "unit", "type", "additivity"),
    [
        ("late_minutes", "minute", "integer", Additivity.additive),
        ("late_minutes * minute_cost", "USD", "decimal(38,0)", Additivity.additive),
        ("late_minutes - late_minutes", "minute", "integer", Additivity.additive),
        ("late_minutes / flights", "minute/flight", "float", Additivity.ratio),
        ("late_minutes / 2", "minute", "float", Additivity.additive),
        ("late_minutes * flights", "minute*flight", "integer", Additivity.ratio),
        ("wind_speed", "mile/hour", "float", Additivity.ratio),
        ("coalesce(late_minutes, 0)", "minute", "integer", Additivity.additive),
    ],
)
def test_a_formula_knows_its_type_and_how_its_parts_make_the_whole(
    formula: str, unit: str, type: str, additivity: Additivity
) -> None:
    model = with_metrics(f"metric: x, {ACT}, unit: {unit}, formula: '{formula}'")
    assert codes(model) == []
    assert (str(model.metrics["x"].type), model.metrics["x"].additivity) == (type, additivity)


def test_what_is_approximate_beneath_is_approximate_above() -> None:
    model = with_metrics(
        f"metric: x, {ACT}, unit: mile/hour, formula: wind_speed",
        f"metric: y, {ACT}, unit: minute, formula: late_minutes",
    )
    assert (model.metrics["x"].approximate, model.metrics["y"].approximate) == (True, False)


def test_formulas_may_stand_on_formulas_declared_in_any_order() -> None:
    model = with_metrics(
        f"metric: a, {ACT}, unit: minute/flight, formula: b / flights",
        f"metric: b, {ACT}, unit: minute, formula: late_minutes",
        f"metric: c, {ACT}, unit: minute/flight, formula: a + a",
    )
    assert codes(model) == []
    assert list(model.metrics)[-3:] == ["a", "b", "c"]


# -- names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        (
            f"{ACT}, unit: minute, formula: late_minuts",
            "unknown-name",
            "the formula of metric `x` names `late_minuts`, which is neither a metric nor an assumption",
        ),
        (
            f"{ACT}, unit: minute, formula: late.minutes",
            "unknown-name",
            "the formula of metric `x` names `late.minutes`, which is neither a metric nor an assumption",
        ),
        (
            f"{ACT}, unit: minute, formula: late_minutes, where: dep_delay > 3",
            "wrong-argument",
            "metric `x` is a formula, and `where` is about rows",
        ),
        (
            f"{ACT}, unit: minute, formula: late_minutes, decimals: 2",
            "wrong-argument",
            "metric `x` is a formula, and `decimals` is about rows",
        ),
        (
            f"{ACT}, unit: minute, formula: sum(late_minutes)",
            "average-of-averages",
            "`sum(…)` around a metric: a formula's parts are aggregated at the asked grain first",
        ),
        (
            f"{CHOOSE}, unit: minute, translation: {{{OWNED}, from: late_minuts}}",
            "unknown-name",
            "there is no metric `late_minuts`",
        ),
        (
            f"{CHOOSE}, unit: minute, formula: a + b, translation: {{{OWNED}, terms: {{a: late_minutes, b: late_minuts}}}}",
            "unknown-name",
            "there is no metric `late_minuts`",
        ),
        (
            f"{CHOOSE}, unit: minute, formula: a, translation: {{{OWNED}, terms: {{a: late_minutes, flights: flights}}}}",
            "wrong-argument",
            "the term `flights` stands nowhere in the formula of metric `x`",
        ),
        (
            f"{CHOOSE}, unit: flight, formula: late_minutes, translation: {{{OWNED}, terms: {{late_minutes: flights}}}}",
            "bad-name",
            "the term `late_minutes` bears the name of another metric",
        ),
        (
            f"{CHOOSE}, unit: flight, formula: minute_cost, translation: {{{OWNED}, terms: {{minute_cost: flights}}}}",
            "bad-name",
            "the term `minute_cost` bears the name of an assumption",
        ),
        (
            f"{CHOOSE}, unit: minute, translation: {{{OWNED}, from: late_minutes, where: dep_dealy > 3}}",
            "unknown-name",
            "`departures` has no column `dep_dealy`",
        ),
        (
            f"{CHOOSE}, unit: mile/hour, translation: {{{OWNED}, from: wind_speed, where: aircraft.seats > 3}}",
            "unknown-name",
            "`weather` has no link `aircraft`",
        ),
        (
            f"{CHOOSE}, unit: minute, formula: a, translation: {{{OWNED}, terms: {{a: {{from: late_minutes, over_time: avg}}}}}}",
            "wrong-argument",
            "`late_minutes` is to be read as `over_time: avg`, and is no stock",
        ),
    ],
)
def test_a_formula_that_cannot_be_read_is_refused(line: str, code: str, message: str) -> None:
    model = with_metrics(f"metric: x, {line}")
    finding = only(model)
    assert (finding.code, finding.subject, finding.message) == (code, "metric x", message)
    assert "metric x" in model.broken


def test_a_formula_names_a_metric() -> None:
    finding = only(with_metrics(f"metric: x, {ACT}, unit: USD/minute, formula: minute_cost * 2"))
    assert (finding.code, finding.message) == (
        "wrong-argument",
        "the formula of metric `x` names no metric, so it is the same in every cell",
    )


def test_a_condition_is_no_metric() -> None:
    finding = only(with_metrics(f"metric: x, {ACT}, unit: '1', formula: late_minutes > late_minutes"))
    assert finding.message == "metric `x` is a condition, and a metric is a number"


TWO_DAYS = """
sources:
  - {source: a, one_row_is: a row, table: a, key: [id], columns: {at: date}, owner: ops}
  - {source: b, one_row_is: a row, table: b, key: [id], columns: {at: timestamp}, owner: ops}
"""


def test_a_filter_that_two_sources_read_in_two_ways_is_refused() -> None:
    counted = f"""
    for_all: {{{ACT}, unit: '1'}}
    metrics:
      - {{metric: one, source: a, measure: count(*)}}
      - {{metric: two, source: b, measure: count(*)}}
      - {{metric: both, formula: one + two}}
    """
    narrowed = f"metrics: [{{metric: x, {CHOOSE}, unit: '1', translation: {{{OWNED}, from: both, where: at >= '2013-01-01'}}}}]"
    finding = only(model_of(TWO_DAYS, counted, narrowed))
    assert (
        finding.message == "the filter on `both` reads days in one way in `b` and in another in the sources beside it"
    )
    alike = TWO_DAYS.replace("timestamp", "date")
    assert codes(model_of(alike, counted, narrowed)) == []


def test_a_source_named_by_for_all_does_not_trouble_a_formula() -> None:
    assert (
        codes(with_metrics(f"metric: x, {ACT}, source: departures, clock: booked, unit: minute, formula: late_minutes"))
        == []
    )


def test_a_manual_step_is_told_and_kept() -> None:
    manual = "manual: [{by: planning, does: Retypes it., hours: 3}]"
    line = f"metric: x, {CHOOSE}, unit: minute, translation: {{{OWNED}, from: late_minutes, {manual}}}"
    model = with_metrics(line)
    assert (only(model).severity.value, "metric x" in model.broken) == ("info", False)


# -- units --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "unit: USD, formula: late_minutes * minute_cost + late_minutes",
            "`late_minutes * minute_cost` is in USD, late_minutes in minute: they cannot be added",
        ),
        (
            "unit: minute, formula: late_minutes + 15",
            "late_minutes is in minute, `15` a pure number: they cannot be added",
        ),
        (
            "unit: minute, formula: late_minutes / flights",
            "metric `x`: what it computes is in minute/flight, but `unit` says minute",
        ),
    ],
)
def test_a_formulas_unit_is_computed(line: str, message: str) -> None:
    finding = only(with_metrics(f"metric: x, {ACT}, {line}"))
    assert (finding.code, finding.message) == ("mixed-units", message)


def test_hours_and_minutes_are_not_added_and_the_message_says_how_to_convert() -> None:
    model = with_metrics(
        f"metric: h, {CHOOSE}, unit: hour, translation: {{{OWNED}, from: late_minutes, to: hour}}",
        f"metric: x, {CHOOSE}, unit: minute, formula: h + m, translation: {{{OWNED}, terms: {{m: late_minutes}}}}",
    )
    finding = only(model)
    assert finding.message == "h is in hour, m in minute: they cannot be added"
    assert finding.help == "Write `to: hour` on the term m; 1 hour is 60 minute."


@pytest.mark.parametrize("to", ["hour", "USD"])
def test_a_conversion_that_is_not_exact_is_refused(to: str) -> None:
    finding = only(
        with_metrics(f"metric: x, {CHOOSE}, unit: {to}, translation: {{{OWNED}, from: seats_flown, to: {to}}}")
    )
    assert (finding.code, finding.message) == (
        "mixed-units",
        f"`seats_flown` has the unit seat, which does not become {to} exactly",
    )


def test_a_rounded_metric_is_not_added() -> None:
    rounded = f"metric: r, {ACT}, source: departures, unit: minute, measure: round(avg(dep_delay))"
    finding = only(with_metrics(rounded, f"metric: x, {ACT}, unit: minute, formula: r + late_minutes"))
    assert (finding.code, finding.message) == ("rounded-before-adding", "`r` is rounded before it is added")
    assert codes(with_metrics(rounded, f"metric: x, {ACT}, unit: '1', formula: r / late_minutes")) == []


# -- purpose ------------------------------------------------------------------------------------------------------------


def test_a_choice_metric_on_an_action_metric_is_refused() -> None:
    assert said(with_metrics(f"metric: x, {CHOOSE}, unit: minute/flight, formula: late_minutes / flights")) == (
        "error[purpose-mismatch] DL201: "
        "metric `x` is for choosing, and its formula names `late_minutes` and `flights`, which are for acting\n"
        "  --> metrics/m1.yml:2:123\n"
        "  why: `late_minutes` tells ops what to do next; nobody has said what it means for a choice\n"
        "  help: name them under `terms:` of a translation with `owner`, `why` and `loses`, "
        "such as `{late: late_minutes, flights_term: flights}`"
    )


def test_a_choice_metric_on_raw_rows_is_refused() -> None:
    assert said(with_metrics(f"metric: x, {CHOOSE}, source: departures, unit: minute, measure: sum(dep_delay)")) == (
        "error[purpose-mismatch] DL201: metric `x` is for choosing, and is counted straight from the rows of `departures`\n"
        "  --> metrics/m1.yml:2:136\n"
        "  why: raw rows are the frontline's: nobody has said what they mean for a choice, or what is lost on the way\n"
        "  help: add `translation:` with `owner`, `why` and `loses`"
    )


def test_a_choice_metric_on_raw_rows_that_somebody_owns_is_fine() -> None:
    line = f"metric: x, {CHOOSE}, source: departures, unit: minute, measure: sum(dep_delay), translation: {{{OWNED}}}"
    model = with_metrics(line)
    assert codes(model) == []
    assert model.metrics["x"].translation == Translation("planning", "Because it matters.", "The hour.", ())


CHOICE_BELOW = f"metric: c, {CHOOSE}, unit: minute, translation: {{{OWNED}, from: late_minutes}}"


def test_on_choice_metrics_and_assumptions_alone_nothing_is_switched() -> None:
    model = with_metrics(CHOICE_BELOW, f"metric: x, {CHOOSE}, unit: USD, formula: c * minute_cost")
    assert codes(model) == [] and model.metrics["x"].translation is None


def test_an_action_metric_may_stand_on_a_choice_metric() -> None:
    assert codes(with_metrics(CHOICE_BELOW, f"metric: x, {ACT}, unit: minute, formula: c + late_minutes")) == []


def test_beside_terms_a_formula_names_choice_metrics_only() -> None:
    terms = f"translation: {{{OWNED}, terms: {{late: late_minutes}}}}"
    assert codes(with_metrics(CHOICE_BELOW, f"metric: x, {CHOOSE}, unit: minute, formula: late + c, {terms}")) == []
    finding = only(with_metrics(f"metric: x, {CHOOSE}, unit: minute/flight, formula: late / flights, {terms}"))
    assert (finding.code, finding.message) == (
        "purpose-mismatch",
        "metric `x` is for choosing, and its formula names `flights`, which is for acting, beside the terms of its translation",
    )


def test_a_metric_that_says_no_purpose_counts_as_acting() -> None:
    below = "metric: a, owner: ops, definition: D., unit: minute, source: departures, measure: sum(dep_delay)"
    findings = found(with_metrics(below, f"metric: x, {CHOOSE}, unit: minute, formula: a"))
    assert [finding.code for finding in findings] == ["no-purpose", "purpose-mismatch"]
    assert findings[1].message.endswith("names `a`, whose purpose nobody has said")


@pytest.mark.parametrize(
    ("written", "lacks"),
    [
        ("from: late_minutes", "no owner, no reason (`why`) and no word on what is lost (`loses`)"),
        ("why: W., loses: L., from: late_minutes", "no owner"),
        ("owner: planning, loses: L., from: late_minutes", "no reason (`why`)"),
        ("owner: planing, why: W., loses: L., from: late_minutes", "an owner, `planing`, whom nobody knows"),
    ],
)
def test_a_translation_has_owner_why_and_loses(written: str, lacks: str) -> None:
    model = with_metrics(f"metric: x, {CHOOSE}, unit: minute, translation: {{{written}}}")
    finding = only(model)
    assert (finding.code, finding.message) == ("unowned-translation", f"the translation of metric `x` has {lacks}")
    assert "metric x" in model.broken


def test_a_translator_who_has_left_keeps_the_metric_from_being_published() -> None:
    model = with_metrics(
        f"metric: x, {CHOOSE}, unit: minute, translation: {{owner: former, why: W., loses: L., from: late_minutes}}"
    )
    assert only(model).code == "no-owner"
    assert "metric x" in model.licence and "metric x" not in model.broken


def test_an_action_metric_is_not_translated() -> None:
    assert (
        only(with_metrics(f"metric: x, {ACT}, unit: minute, translation: {{{OWNED}, from: late_minutes}}")).code
        == "wrong-argument"
    )


# -- what stands on what ------------------------------------------------------------------------------------------------


def test_a_circle_is_found_once_with_every_metric_in_it() -> None:
    model = with_metrics(*(f"metric: {a}, {ACT}, unit: minute, formula: {b}" for a, b in ("ab", "bc", "ca", "da")))
    cycle, fell = sorted(found(model), key=lambda finding: finding.code)
    assert (cycle.code, cycle.message) == ("cycle", "metrics stand on each other in a circle: `a` → `b` → `c` → `a`")
    assert (fell.code, fell.subject) == ("stands-on-broken", "metric d")
    assert {"metric a", "metric b", "metric c", "metric d"} <= set(model.broken)


def test_a_metric_that_stands_on_itself_is_a_circle() -> None:
    assert (
        only(with_metrics(f"metric: x, {ACT}, unit: minute, formula: x + late_minutes")).message
        == "metric `x` stands on itself"
    )


def test_a_long_chain_is_resolved_and_falls_with_its_root() -> None:
    links = [f"metric: m{n}, {ACT}, unit: minute, formula: m{n + 1}" for n in range(1500)]
    fine = with_metrics(*links, f"metric: m1500, {ACT}, unit: minute, source: departures, measure: sum(dep_delay)")
    assert codes(fine) == []
    broken = with_metrics(*links, f"metric: m1500, {ACT}, unit: minute, source: departures, measure: sum(dep_dealy)")
    findings = found(broken)
    assert [finding.code for finding in findings].count("stands-on-broken") == 1500
    assert all("metric `m1500`" in finding.message for finding in findings if finding.code == "stands-on-broken")


def test_what_stands_on_a_broken_metric_has_one_finding_that_names_the_root() -> None:
    model = with_metrics(
        f"metric: a, {ACT}, source: departures, unit: minute, measure: sum(dep_dealy)",
        f"metric: b, {CHOOSE}, unit: minute, formula: a + a + flights",
    )
    cause, fell = found(model)
    assert (cause.subject, cause.code) == ("metric a", "unknown-name")
    assert (fell.subject, fell.code, fell.message) == (
        "metric b",
        "stands-on-broken",
        "metric `b` stands on metric `a`, which cannot be used: `departures` has no column `dep_dealy`",
    )
    assert "metric late_minutes" not in model.broken


def test_what_stands_on_something_unread_says_so() -> None:
    model = model_of("metrics: [{metric: x, nonsense: 3}]", f"metrics: [{{metric: y, {ACT}, unit: '1', formula: x}}]")
    assert sorted(codes(model)) == ["stands-on-broken", "unknown-key"]


def test_an_assumption_without_a_unit_is_no_price() -> None:
    model = model_of(
        "assumptions: [{assumption: a, value: 3, owner: ops, why: W.}]",
        f"metrics: [{{metric: x, {ACT}, unit: '1', source: departures, measure: count(*)}}, "
        f"{{metric: y, {ACT}, unit: '1', formula: x * a}}]",
    )
    assert sorted(codes(model)) == ["missing-key", "stands-on-broken"]


def test_an_assumption_with_an_end_holds_until_then() -> None:
    model = model_of("assumptions: [{assumption: a, value: 3, unit: '1', owner: ops, why: W., until: 2013-01-01}]")
    assert model.findings == ()
    assert model.assumptions["a"].told == "3 until 2013-01-01"


def test_order_puts_what_is_needed_first_and_finds_every_circle() -> None:
    needs = {"a": ["b", "x"], "b": ["c"], "c": ["b"], "d": ["d"], "e": ["a", "d"], "f": []}
    order, groups = in_order(needs)
    assert sorted(order) == sorted(needs)
    assert order.index("b") < order.index("a") < order.index("e")
    assert sorted(tuple(sorted(group)) for group in groups) == [("b", "c"), ("d",)]
    assert circle(("c", "b"), needs) == ("b", "c")


def test_a_total_keeps_only_what_its_metric_can_be_split_by() -> None:
    finding = only(with_metrics(f"metric: x, {ACT}, unit: 1, formula: 'flights / total(flights, nowhere)'"))
    assert (finding.code, finding.message) == (
        "unreachable-dimension",
        "`x` cannot be split by `nowhere`: `departures` leads to nothing of that name",
    )
    assert not found(with_metrics(f"metric: x, {ACT}, unit: 1, formula: 'flights / total(flights, origin.region)'"))
    assert not found(with_metrics(f"metric: x, {ACT}, unit: 1, formula: 'flights / total(flights, all)'"))

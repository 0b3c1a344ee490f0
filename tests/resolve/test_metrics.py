"""Metrics over rows: names, types, units, and the numbers that are refused because they would be wrong."""

from __future__ import annotations

import pytest

from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.model import Additivity, Measure
from tests.resolve.made import ACT, codes, found, model_of, only, said, with_metrics

D = f"{ACT}, source: departures"


def test_a_measure_is_read_with_its_clock_and_filters() -> None:
    body = with_metrics().metrics["late_minutes"].body
    assert isinstance(body, Measure)
    assert (body.source, body.clock, text_of(body.expr)) == ("departures", "time_hour", "sum(dep_delay)")
    assert body.where is not None and text_of(body.where) == "dep_delay > 15"
    assert body.population is None


def test_everybody_is_no_filter() -> None:
    body = with_metrics(f"metric: x, {D}, unit: flight, measure: count(*), population: all").metrics["x"].body
    assert isinstance(body, Measure) and body.population is None


def test_texts_beside_dates_become_dates() -> None:
    body = (
        with_metrics(f"metric: x, {D}, unit: flight, measure: count(*), where: booked >= '2013-01-01'")
        .metrics["x"]
        .body
    )
    assert isinstance(body, Measure) and body.where is not None
    assert text_of(body.where) == "booked >= date '2013-01-01'"


def test_missing_null_is_an_answer_although_yaml_reads_nothing() -> None:
    made = with_metrics(
        f"metric: a, {D}, unit: flight, measure: count(*)",
        f"metric: b, {D}, unit: flight, measure: count(*), missing: null",
        f"metric: c, {D}, unit: minute, measure: sum(dep_delay), missing: zero",
    ).metrics
    assert [made[name].missing for name in "abc"] == [None, "null", "zero"]


@pytest.mark.parametrize(
    ("measure", "unit", "type", "additivity", "approximate"),
    [
        ("count(*)", "flight", "integer", Additivity.additive, False),
        ("sum(dep_delay)", "minute", "integer", Additivity.additive, False),
        ("sum(fare)", "USD", "decimal(38,2)", Additivity.additive, False),
        ("sum(fuel)", "'1'", "float", Additivity.additive, True),
        ("sum(undeclared)", "'1'", "float", Additivity.additive, True),
        ("avg(dep_delay)", "minute", "float", Additivity.ratio, False),
        ("avg(fuel)", "'1'", "float", Additivity.ratio, True),
        ("max(dep_delay)", "minute", "integer", Additivity.extreme, False),
        ("max(fuel)", "'1'", "float", Additivity.extreme, False),
        ("count(distinct carrier)", "'1'", "integer", Additivity.holistic, False),
        ("quantile(dep_delay, 0.9)", "minute", "float", Additivity.holistic, False),
        ("sum(fare) / count(*)", "USD/flight", "float", Additivity.ratio, False),
        ("sum(dep_delay) - sum(dep_delay)", "minute", "integer", Additivity.additive, False),
        ("sum(fare) / 2", "USD", "float", Additivity.additive, False),
        ("2 * sum(fare)", "USD", "decimal(38,2)", Additivity.additive, False),
        ("2 / sum(fare)", "1/USD", "float", Additivity.ratio, False),
        ("sum(dep_delay) + 1", "minute", "integer", Additivity.ratio, False),
        ("coalesce(sum(dep_delay), 0)", "minute", "integer", Additivity.additive, False),
        ("coalesce(sum(dep_delay), 1)", "minute", "integer", Additivity.ratio, False),
        ("sum(fare) * sum(fare)", "USD*USD", "decimal(38,4)", Additivity.ratio, False),
        ("max(dep_delay) - min(dep_delay)", "minute", "integer", Additivity.ratio, False),
        ("count(distinct carrier) / count(*)", "'1'", "float", Additivity.holistic, False),
        ("abs(sum(dep_delay))", "minute", "integer", Additivity.ratio, False),
    ],
)
def test_a_measure_knows_its_type_and_how_its_parts_make_the_whole(
    measure: str, unit: str, type: str, additivity: Additivity, approximate: bool
) -> None:
    model = with_metrics(f"metric: x, {D}, unit: {unit}, measure: '{measure}'")
    assert codes(model) == []
    metric = model.metrics["x"]
    assert (str(metric.type), metric.additivity, metric.approximate) == (type, additivity, approximate)


def test_decimals_make_a_floating_sum_exact() -> None:
    metric = with_metrics(f"metric: x, {D}, unit: '1', measure: sum(fuel), decimals: 3").metrics["x"]
    assert (str(metric.type), metric.approximate, metric.decimals) == ("decimal(38,3)", False, 3)
    assert only(with_metrics(f"metric: x, {D}, unit: '1', measure: sum(fuel), decimals: 40")).code == "wrong-argument"


# -- names --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("source: departure, measure: count(*)", "unknown-name", "there is no source `departure`"),
        ("measure: count(*)", "missing-key", "metric `x` does not say over which rows it is measured"),
        ("source: departures, measure: sum(dep_dealy)", "unknown-name", "`departures` has no column `dep_dealy`"),
        (
            "source: departures, measure: sum(aircraft.engines)",
            "unknown-name",
            "`planes`, where `aircraft` leads, has no column or dimension `engines` that is declared",
        ),
        ("source: departures, measure: sum(aircrft.seats)", "unknown-name", "`departures` has no link `aircrft`"),
        ("source: departures, clock: bookd, measure: count(*)", "unknown-name", "`departures` has no clock `bookd`"),
        ("source: departures, measure: sum(carrier)", "wrong-argument", "carrier is a text, and `sum` takes numbers"),
        (
            "source: departures, measure: max(carrier)",
            "wrong-argument",
            "metric `x` is a text, and a metric is a number",
        ),
        (
            "source: departures, measure: count(*), where: dep_delay",
            "wrong-argument",
            "dep_delay is a whole number, and a filter is a condition",
        ),
        ("source: departures, measure: sum(avg(dep_delay))", "wrong-argument", None),
        ("source: departures, measure: dep_delay", "wrong-argument", None),
        ("source: departures, measure: 'sum((dep_delay)'", "bad-expression", None),
    ],
)
def test_a_measure_that_cannot_be_read_is_refused(line: str, code: str, message: str | None) -> None:
    model = with_metrics(f"metric: x, {ACT}, unit: '1', {line}")
    finding = only(model)
    assert (finding.code, finding.subject) == (code, "metric x")
    assert message is None or finding.message == message
    assert "metric x" in model.broken


def test_every_unknown_name_is_found_in_one_run_at_its_own_place() -> None:
    line = f"metric: x, {D}, unit: minute, measure: sum(dep_dealy), where: distnace > 3 and fuell > 1"
    findings = found(with_metrics(line))
    assert [finding.message for finding in findings] == [
        "`departures` has no column `dep_dealy`",
        "`departures` has no column `distnace`",
        "`departures` has no column `fuell`",
    ]
    written = "  - {" + line
    assert [finding.place.column for finding in findings if finding.place] == [
        written.index(name) + 1 for name in ("dep_dealy", "distnace", "fuell")
    ]


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("carrier", "a role of `departures` already"),
        ("haul", "a dimension of `departures` already"),
        ("month", "a word for time"),
        ("day_of_week", "a word for time"),
        ("minute_cost", "an assumption already"),
    ],
)
def test_a_metric_stays_out_of_the_names_of_dimensions(name: str, what: str) -> None:
    finding = only(with_metrics(f"metric: {name}, {D}, unit: flight, measure: count(*)"))
    assert (finding.code, finding.message) == ("bad-name", f"a metric cannot be called `{name}`, which is {what}")


# -- what is missing ----------------------------------------------------------------------------------------------------


def test_what_a_metric_does_not_say_keeps_it_from_being_published_only() -> None:
    model = with_metrics("metric: x, source: departures, measure: sum(dep_delay)")
    assert sorted(codes(model)) == ["no-definition", "no-owner", "no-purpose", "no-unit"]
    assert "metric x" not in model.broken
    assert {finding.code for finding in model.licence["metric x"]} == set(codes(model))
    assert model.metrics["x"].purpose is None


def test_licence_is_inherited() -> None:
    model = with_metrics(
        "metric: x, source: departures, measure: sum(dep_delay)", f"metric: y, {ACT}, unit: minute, formula: x"
    )
    assert model.licence["metric y"] == model.licence["metric x"]


@pytest.mark.parametrize(
    ("owner", "message", "help"),
    [
        ("opps", "`opps` answers for metric `x`, and no party has that name", "Did you mean ops?"),
        (
            "former",
            "`former` answers for metric `x`, and was a party only until 2013-11-30",
            "write `planning`, the successor on file",
        ),
        (
            "coming",
            "`coming` answers for metric `x`, and is no party before 2014-02-01",
            "name a party that is there today",
        ),
    ],
)
def test_an_owner_is_somebody_who_is_there_today(owner: str, message: str, help: str) -> None:
    line = f"metric: x, purpose: action, owner: {owner}, definition: D., better: none, source: departures, unit: flight, measure: count(*)"
    finding = only(with_metrics(line))
    assert (finding.code, finding.message, finding.help) == ("no-owner", message, help)


def test_the_last_day_of_a_party_is_a_whole_day() -> None:
    import datetime as dt

    line = (
        "metric: x, purpose: action, owner: former, definition: D., source: departures, unit: flight, measure: count(*)"
    )
    assert codes(with_metrics(line, today=dt.date(2013, 11, 30))) == []
    assert codes(with_metrics(line, today=dt.date(2013, 12, 1))) == ["no-owner"]


# -- wrong numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "unit", "code"),
    [
        ("avg(mean_wait)", "minute", "average-of-averages"),
        ("sum(mean_wait)", "minute", "average-of-averages"),
        ("quantile(mean_wait, 0.5)", "minute", "average-of-averages"),
        ("sum(coalesce(mean_wait, 0))", "minute", "average-of-averages"),
        ("sum(mean_wait * 60)", "minute", "average-of-averages"),
        ("sum(case when distance > 3 then mean_wait end)", "minute", "average-of-averages"),
        ("avg(load_factor)", "percent", "stored-ratio"),
        ("sum(load_factor) / count(*)", "percent", "stored-ratio"),
        ("sum(visitors)", "'1'", "distinct-summed"),
        ("max(slow_wait)", "minute", "rebuilt-quantile"),
        ("avg(slow_wait * distance)", "minute*mile", "rebuilt-quantile"),
        ("sum(round(dep_delay))", "minute", "rounded-before-adding"),
        ("avg(floor(dep_delay / 2))", "minute", "rounded-before-adding"),
        ("round(sum(dep_delay)) + round(sum(dep_delay))", "minute", "rounded-before-adding"),
        ("sum(dep_delay) - 2 * ceil(sum(dep_delay))", "minute", "rounded-before-adding"),
        ("sum(dep_delay + taxi_seconds)", "minute", "mixed-units"),
        ("sum(dep_delay) + sum(distance)", "minute", "mixed-units"),
        ("sum(dep_delay) filter (where dep_delay > distance)", "minute", "mixed-units"),
        ("sum(dep_delay)", "hour", "mixed-units"),
        ("count(*)", "minute", "mixed-units"),
    ],
)
def test_a_measure_that_could_be_wrong_is_refused(measure: str, unit: str, code: str) -> None:
    model = with_metrics(f"metric: x, {D}, unit: {unit}, measure: '{measure}'")
    finding = only(model)
    assert (finding.code, finding.subject, finding.why != "") == (code, "metric x", True)
    assert "metric x" in model.broken


@pytest.mark.parametrize(
    ("measure", "unit"),
    [
        ("sum(mean_wait * distance) / sum(distance)", "minute"),
        ("max(mean_wait)", "minute"),
        ("count(mean_wait)", "'1'"),
        ("avg(visitors)", "'1'"),
        ("count(slow_wait)", "'1'"),
        ("sum(dep_delay) filter (where mean_wait > 3)", "minute"),
        ("sum(case when round(mean_wait) > 3 then dep_delay end)", "minute"),
        ("round(sum(dep_delay))", "minute"),
        ("round(sum(dep_delay)) / count(*)", "minute/flight"),
        ("sum(load_factor * distance) / sum(distance)", "percent"),
        ("count(distinct round(dep_delay))", "'1'"),
        ("count(*) filter (where dep_delay <= 15) / count(*)", "percent"),
        ("sum(case when dep_delay > 15 then 1 else 0 end)", "flight"),
        ("sum(fare) / count(*)", "USD"),
    ],
)
def test_what_only_looks_like_it_stays_silent(measure: str, unit: str) -> None:
    assert codes(with_metrics(f"metric: x, {D}, unit: {unit}, measure: '{measure}'")) == []


@pytest.mark.parametrize(
    ("measure", "code"),
    [
        ("sum(heads)", "stock-summed"),
        ("count(*)", "stock-summed"),
        ("sum(heads) / count(distinct team)", "stock-summed"),
        ("max(heads)", None),
        ("avg(heads)", None),
        ("count(distinct team)", None),
    ],
)
def test_a_snapshot_is_not_added_up(measure: str, code: str | None) -> None:
    unit = "head" if measure != "count(distinct team)" and "count(*)" not in measure else "'1'"
    model = with_metrics(f"metric: x, {ACT}, source: staff, unit: {unit}, measure: {measure}")
    assert codes(model) == ([code] if code else [])


def test_the_message_of_an_average_of_averages() -> None:
    assert said(with_metrics(f"metric: x, {D}, unit: minute, measure: avg(mean_wait)")) == (
        "error[average-of-averages] DL101: `mean_wait` holds averages, and their average is not the average of the rows behind them\n"
        "  --> metrics/m1.yml:2:146\n"
        "  why: each part would weigh the same, however many rows are behind it, so it is another number than that over all rows\n"
        "  help: divide the total by the count that it was made from, or weigh it: `sum(mean_wait * …) / sum(…)`"
    )


# -- money ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("roll_forward: {in: [came], out: [came]}", "wrong-argument"),
        ("over_time: avg, roll_forward: {in: [came]}", "wrong-argument"),
        ("over_time: last, roll_forward: {in: [], out: []}", "missing-key"),
        ("over_time: last, roll_forward: {in: [come]}", "unknown-name"),
        ("over_time: last, roll_forward: {in: [came], out: [came]}", "duplicate-name"),
        ("over_time: last, roll_forward: {in: [waited]}", "mixed-units"),
        ("over_time: last, roll_forward: {in: [x]}", "wrong-argument"),
    ],
)
def test_flows_lead_from_one_level_of_a_stock_to_the_next(keys: str, code: str) -> None:
    model = with_metrics(
        f"metric: came, {D}, unit: flight, measure: count(*)",
        f"metric: waited, {D}, unit: minute, measure: sum(dep_delay)",
        f"metric: x, {D}, unit: flight, measure: count(*), {keys}",
    )
    assert [finding.code for finding in found(model) if finding.is_error] == [code]


def test_each_row_may_say_its_own_unit() -> None:
    metric = with_metrics(f"metric: x, {D}, unit: {{column: currency}}, measure: sum(fare)").metrics["x"]
    assert (metric.unit, metric.unit_column, metric.unit_said) == (None, ("currency",), "as `currency` of each row says")


@pytest.mark.parametrize(
    ("unit", "code"),
    [("{columns: currency}", "unknown-key"), ("{column: currency, of: fare}", "unknown-key"), ("{column: dep_delay}", "wrong-argument")],
)
def test_a_unit_by_the_row_is_a_text_of_its_source(unit: str, code: str) -> None:
    assert only(with_metrics(f"metric: x, {D}, unit: {unit}, measure: sum(fare)")).code == code


def test_a_watch_is_a_dimension_that_the_rows_lead_to_whatever_the_grain() -> None:
    watched = "metric: x, {D}, unit: minute, measure: sum(dep_delay), grain: {by: []}, watch: [%s]".replace("{D}", D)
    assert with_metrics(watched % "carrier").metrics["x"].watch == ("carrier",)
    assert only(with_metrics(watched % "carier")).code == "unreachable-dimension"
    assert only(with_metrics(watched % "month")).code == "wrong-argument"


def test_keys_that_only_print_are_taken() -> None:
    metric = with_metrics(f"metric: x, {D}, unit: minute, measure: sum(dep_delay), digits: 1, nulls: skip").metrics["x"]
    assert metric.digits == 1


def test_an_empty_book_is_an_empty_model() -> None:
    model = model_of(base="project: {name: p}\n")
    assert (model.metrics, model.sources, model.findings) == ({}, {}, ())


# -- what a dimension hides -----------------------------------------------------------------------------------------------

HIDING = """
sources:
  - source: days
    one_row_is: one gate on one day
    table: days
    key: [id]
    links: {carrier: carrier}
    columns: {id: integer, wait: {type: float, is: average}, paid: {type: 'decimal(18,2)'}}
    dimensions: {waiting: wait * 60, whole: round(paid)}
    owner: ops
"""


@pytest.mark.parametrize(
    ("measure", "code"),
    [
        ("avg(waiting)", "average-of-averages"),
        ("max(waiting)", None),
        ("sum(whole)", "rounded-before-adding"),
        ("max(whole)", None),
    ],
)
def test_a_dimension_hides_neither_an_average_nor_rounding(measure: str, code: str | None) -> None:
    model = model_of(HIDING, f"metrics: [{{metric: x, {ACT}, source: days, unit: '1', measure: {measure}}}]")
    assert codes(model) == ([code] if code else [])

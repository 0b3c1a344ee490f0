"""Grain: which periods are made of which, which paths determine which, and what a metric promises."""

from __future__ import annotations

from itertools import pairwise

import pytest

from decisionlayer.names import PERIODS
from decisionlayer.resolve.model import Grain
from decisionlayer.resolve.reach.grain import PARTS, allows_time, coarsest, determines, is_whole_periods
from decisionlayer.resolve.reach.paths import Paths
from tests.resolve.made import ACT, CHOOSE, OWNED, codes, model_of, only, with_metrics


def test_every_period_is_made_of_itself() -> None:
    assert all(is_whole_periods(period, period) for period in PERIODS)


def test_weeks_make_nothing_longer() -> None:
    assert [period for period in PERIODS if is_whole_periods("week", period)] == ["week"]


def test_all_other_periods_are_made_of_the_next_finer_one() -> None:
    without_week = [period for period in PERIODS if period != "week"]
    assert all(is_whole_periods(fine, coarse) for fine, coarse in pairwise(without_week))
    assert is_whole_periods("day", "week") and is_whole_periods("hour", "week")


def test_nothing_is_made_of_coarser_periods() -> None:
    for place, fine in enumerate(PERIODS):
        assert not any(is_whole_periods(coarse, fine) for coarse in PERIODS[place + 1 :])


@pytest.mark.parametrize(
    ("limit", "asked", "allowed"),
    [
        (None, "second", True),
        ("day", "day", True),
        ("day", "week", True),
        ("day", "hour", False),
        ("week", "month", False),
        ("month", "quarter", True),
        ("month", "day_of_week", False),
        ("day", "day_of_week", True),
        ("month", "month_of_year", True),
        ("quarter", "month_of_year", False),
        ("week", "month_of_year", False),
        ("week", "week_of_year", True),
    ],
)
def test_a_limit_allows_whole_periods_and_the_parts_that_they_tell(
    limit: str | None, asked: str, allowed: bool
) -> None:
    assert allows_time(Grain(limit, None), asked) is allowed


def test_every_part_names_a_period_that_tells_it() -> None:
    assert set(PARTS.values()) <= set(PERIODS)


def test_the_coarsest_of_weeks_and_months_is_none() -> None:
    assert coarsest(["hour", "day", None]) == "day"
    assert coarsest(["day", "week"]) == "week"
    with pytest.raises(LookupError):
        coarsest(["week", "month"])


@pytest.mark.parametrize(
    ("source", "by", "asked", "settled"),
    [
        ("departures", ["carrier"], "carrier", True),
        ("departures", ["carrier"], "carrier.name", True),
        ("departures", ["carrier", "origin"], "origin.region.label", True),
        ("departures", ["origin"], "destination.region.label", False),
        ("departures", ["origin"], "aircraft", False),
        ("departures", ["origin.region"], "origin.region.label", True),
        ("departures", ["origin.region"], "origin", False),
        ("departures", ["carrier.name"], "carrier", False),
        ("departures", ["haul"], "haul", True),
        ("departures", ["haul"], "is_long", False),
        ("departures", [], "carrier", False),
        ("airports", ["airport"], "name", True),
        ("airports", ["airport"], "region.label", True),
        ("airports", ["name"], "airport", False),
    ],
)
def test_a_key_settles_all_that_lies_behind_it(source: str, by: list[str], asked: str, settled: bool) -> None:
    paths = Paths.of(model_of())
    routes = [paths.exact(source, tuple(path.split("."))) for path in (*by, asked)]
    assert None not in routes
    assert determines(routes[:-1], routes[-1]) is settled  # type: ignore[arg-type]


# -- what metrics promise ---------------------------------------------------------------------------------------------

MEASURE = f"{ACT}, source: departures, unit: minute, measure: sum(dep_delay)"


def limit(line: str, *others: str) -> Grain:
    model = with_metrics(*others, line)
    assert codes(model) == []
    return model.metrics["x"].limit


def test_a_measure_without_grain_answers_what_its_clock_tells() -> None:
    assert limit(f"metric: x, {MEASURE}") == Grain("hour", None)
    assert limit(f"metric: x, {MEASURE}, clock: booked") == Grain("day", None)


def test_a_measure_without_a_clock_has_no_time() -> None:
    assert limit(f"metric: x, {ACT}, source: carriers, unit: '1', measure: count(*)") == Grain(None, None)


def test_a_measure_answers_what_it_promises() -> None:
    assert limit(f"metric: x, {MEASURE}, grain: {{time: week, by: []}}") == Grain("week", ())


def test_a_formula_takes_the_coarsest_time_and_what_all_its_parts_answer() -> None:
    # late_minutes answers each hour by carrier and origin, flights each hour by everything
    assert limit(f"metric: x, {ACT}, unit: minute/flight, formula: late_minutes / flights") == Grain(
        "hour", ("carrier", "origin")
    )
    coarse = f"metric: c, {MEASURE}, grain: {{time: month, by: [origin.region, haul]}}"
    assert limit(f"metric: x, {ACT}, unit: '1', formula: late_minutes / c", coarse) == Grain(
        "month", ("origin.region",)
    )


def test_a_formula_meets_another_source_in_the_attribute_that_both_reach() -> None:
    # weather has one airport, so it meets `origin`; departures have two, so nobody knows which one `airport` means
    wind = f"metric: w, {ACT}, source: weather, unit: mile/hour, measure: max(wind), grain: {{by: [airport]}}"
    at = f"metric: o, {MEASURE}, grain: {{by: [origin]}}"
    assert limit(f"metric: x, {ACT}, unit: minute*hour/mile, formula: o / w", wind, at) == Grain("hour", ("origin",))


def test_a_formula_may_promise_less() -> None:
    assert limit(
        f"metric: x, {CHOOSE}, unit: minute, grain: {{time: quarter, by: [origin.region.label]}}, "
        f"translation: {{{OWNED}, from: late_minutes}}"
    ) == Grain("quarter", ("origin.region.label",))


@pytest.mark.parametrize(
    ("grain", "message"),
    [
        ("{time: second}", "metric `x` promises each second, and `late_minutes` answers each hour at the finest"),
        ("{by: [aircraft]}", "metric `x` promises `aircraft`, and `late_minutes` answers `carrier` and `origin`"),
        (
            "{by: [carrier, destination]}",
            "metric `x` promises `destination`, and `late_minutes` answers `carrier` and `origin`",
        ),
    ],
)
def test_a_formula_that_promises_more_than_its_parts_is_refused(grain: str, message: str) -> None:
    finding = only(
        with_metrics(f"metric: x, {CHOOSE}, unit: minute, grain: {grain}, translation: {{{OWNED}, from: late_minutes}}")
    )
    assert (finding.code, finding.message) == ("finer-than-grain", message)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            f"{MEASURE}, clock: booked, grain: {{time: hour}}",
            "metric `x` promises each hour, and the clock `booked` of `departures` tells one day from another",
        ),
        (
            f"{ACT}, source: carriers, unit: '1', measure: count(*), grain: {{time: day}}",
            "metric `x` promises each day, and `carriers` has no clock",
        ),
    ],
)
def test_a_measure_that_promises_more_than_its_clock_is_refused(line: str, message: str) -> None:
    finding = only(with_metrics(f"metric: x, {line}"))
    assert (finding.code, finding.message) == ("finer-than-grain", message)


def test_parts_by_week_and_by_month_meet_nowhere() -> None:
    weekly, monthly = (f"metric: {n}, {MEASURE}, grain: {{time: {p}}}" for n, p in (("a", "week"), ("b", "month")))
    finding = only(with_metrics(weekly, monthly, f"metric: x, {ACT}, unit: '1', formula: a / b"))
    assert finding.render() == (
        "error[finer-than-grain] DL109: the parts of metric `x` meet on no period: `a` each week and `b` each month\n"
        "  --> metrics/m1.yml:4:123\n"
        "  why: weeks make no whole months, so no period holds whole periods of both\n"
        "  help: take parts whose periods fit into each other"
    )


@pytest.mark.parametrize(
    ("grain", "code"),
    [
        ("{time: mnth}", "unknown-name"),
        ("{time: 45 minutes}", "wrong-argument"),
        ("{time: 2 weeks}", "wrong-argument"),
        ("{time: retail.week}", "unknown-name"),
        ("{by: [carier]}", "unreachable-dimension"),
        ("{by: [label]}", "ambiguous-path"),
        ("{by: [distance]}", "unreachable-dimension"),
        ("{by: [carrier, carrier]}", "duplicate-name"),
        ("{by: [month]}", "wrong-argument"),
    ],
)
def test_a_grain_that_cannot_be_read_is_refused(grain: str, code: str) -> None:
    finding = only(with_metrics(f"metric: x, {MEASURE}, grain: {grain}"))
    assert (finding.code, finding.subject) == (code, "metric x")

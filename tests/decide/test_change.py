"""Walks between two numbers, each of which a person can add up by hand; the steps sum to the change exactly and in a fixed order.

North took 80 simple calls of 4 minutes and 20 complex ones of 20, South 60 of 3 and 140 of 18. North stands for the first quarter
of 2026 and South for the second.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer, QueryError
from decisionlayer.cli import run
from decisionlayer.decide import Walk
from decisionlayer.decide.chain import ORDER, steps_of
from decisionlayer.decide.drivers import factors_of, mix_of
from decisionlayer.decide.option_walks import option_walks
from decisionlayer.plan.query import Query
from decisionlayer.report import as_text
from tests.decide.conftest import CALLS, CALLS_PROJECT
from tests.scenarios import doors
from tests.scenarios.kit import scenarios
from tests.worlds import open_world

PROJECT = (
    CALLS_PROJECT.replace("from: handle_time}", "from: handle_time}\n    watch: [kind]")
    .replace("  - metric: talk\n", "  - metric: talk\n    watch: [kind]\n")
    .replace("    key: [id]\n", "    key: [id]\n    time: {day: day}\n")
    .replace("columns: {id: integer,", "columns: {id: integer, day: date,")
)
DATED = "create or replace table calls as select *, case when site = 'North' then date '2026-02-03' else date '2026-05-03' end as day from calls"


@pytest.fixture
def quarters(tmp_path: Path) -> Iterator[Layer]:
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "all.yml").write_text(PROJECT)
    connection = duckdb.connect(str(tmp_path / "calls.duckdb"))
    connection.execute(CALLS).fetchall()
    connection.execute(DATED).fetchall()
    connection.close()
    with Layer.load(tmp_path, tmp_path / "calls.duckdb") as layer:
        yield layer


def lines(walk: Walk, name: str) -> dict[str, Decimal]:
    return {line.name: line.change for step in walk.steps if step.name == name for line in step.lines}


def sums(walk: Walk) -> bool:
    parts = [step.change or Decimal(0) for step in walk.steps]
    in_lines = all(not step.lines or sum(line.change for line in step.lines) == step.change for step in walk.steps)
    names = [ORDER.index(step.name) for step in walk.steps]
    return sum(parts, Decimal(0)) == walk.change and in_lines and names == sorted(names)


def test_a_quotient_changes_by_its_mix_and_its_rates(quarters: Layer) -> None:
    walk = quarters.walk("effort", start="2026-04", end="2026-06", against="previous")
    assert (walk.before, walk.after, walk.change) == (Decimal("7.2"), Decimal("13.5"), Decimal("6.3"))
    assert steps_of(walk) == {**dict.fromkeys(ORDER, 0), "mix": Decimal("7.75"), "rate": Decimal("-1.45")}
    assert lines(walk, "mix") == {"simple": Decimal("3.425"), "complex": Decimal("4.325")}
    assert lines(walk, "rate") == {"simple": Decimal("-0.55"), "complex": Decimal("-0.9")}
    assert sums(walk)  # the mean of the classes, 12.0 to 10.5, would have fallen by 1.5


def test_every_class_got_faster_and_the_total_slower(quarters: Layer) -> None:
    (found,) = quarters.walk("effort", start="2026-04", end="2026-06", against="previous").findings
    assert (found.code, found.rule.id, found.subject) == ("mix-misleads", "DL601", "metric effort")
    assert "each of the 2 classes of `kind` fell" in found.message
    assert found.damage == "+6.30 = rate -1.45 + mix +7.75"


def test_two_groups_are_walked_like_two_times(quarters: Layer) -> None:
    walk = quarters.walk("effort", where="site = 'South'", against={"where": "site = 'North'"})
    assert (walk.change, steps_of(walk)["rate"]) == (Decimal("6.3"), Decimal("-1.45"))
    assert walk.ends == ("site = 'North'", "site = 'South'")


def test_an_amount_changes_by_what_its_classes_bring(quarters: Layer) -> None:
    walk = quarters.walk("talk", start="2026-04", end="2026-06", against="previous")
    assert steps_of(walk)["rest"] == walk.change == 2700 - 720
    assert lines(walk, "rest") == {"simple": 180 - 320, "complex": 2520 - 400}


def test_a_quotient_that_watches_nothing_has_a_rate_only(quarters: Layer) -> None:
    walk = quarters.walk("handle_time", start="2026-04", end="2026-06", against="previous")
    assert [step.name for step in walk.steps] == ["rate"] and walk.change == Decimal("6.3") and not walk.findings


def test_a_longer_time_is_no_growth(quarters: Layer) -> None:
    # All 720 minutes of the winter lie in ten days of February; in 61 days as busy there would be 4,392.
    walk = quarters.walk("talk", start="2026-04-01", end="2026-05-31", against={"start": "2026-02-01", "end": "2026-02-10"})
    assert steps_of(walk)["calendar"] == 720 * 61 / Decimal(10) - 720 and sums(walk)
    even = quarters.walk("talk", start="2026-05", end="2026-05", against={"start": "2026-02", "end": "2026-02"})
    assert steps_of(even)["calendar"] == 0  # February and May count as equal
    assert steps_of(quarters.walk("effort", start="2026-05-01", end="2026-05-31", against={"start": "2026-02-03", "end": "2026-02-03"}))["calendar"] == 0


def test_a_move_between_divisions_is_a_step_of_its_own() -> None:
    layer = open_world("reorg")
    found = {
        name: layer.walk("revenue", where=f"org.division = '{name}'", start="2026", end="2026", against="previous", structure={"at": "FY26"})
        for name in ("Retail", "Online")
    }
    retail, online = found["Retail"], found["Online"]
    assert (retail.before, retail.after, retail.change) == (140, 103, -37)
    assert (steps_of(retail)["structure"], steps_of(retail)["rest"]) == (-40, 3)
    assert (steps_of(online)["structure"], steps_of(online)["rest"]) == (40, 15)  # 13 of its shops, 2 of the one without a region
    assert sum(steps_of(walk)["structure"] or 0 for walk in found.values()) == 0  # transfers cancel
    assert all(sums(walk) for walk in found.values())


def test_under_the_old_line_the_other_end_moves() -> None:
    walk = open_world("reorg").walk(
        "revenue", where="org.division = 'Retail'", start="2026", end="2026", against="previous", structure={"at": "FY25"},
    )  # fmt: skip
    assert walk.change == -37 and (steps_of(walk)["structure"], steps_of(walk)["rest"]) == (-50, 13)  # 140 to 153, and U2 left with 50


def test_reported_and_like_for_like_mean_nothing_between_two_single_numbers() -> None:
    asked = {"where": "org.division = 'Retail'", "start": "2026", "end": "2026", "against": "previous", "today": "2026-12-31"}
    for basis in ("as_reported", "restated", "like_for_like"):
        walk = open_world("reorg").walk("revenue", basis=basis, **asked)  # type: ignore[arg-type]
        assert (walk.change, steps_of(walk)["structure"], steps_of(walk)["rest"]) == (-37, -40, 3), basis


def test_a_change_of_definition_is_a_step_of_its_own() -> None:
    scenario = next(each for each in scenarios() if each.name == "S6")
    layer = doors.opened(scenario, {"records": ["restated"]})
    walk = layer.walk("on_time_rate", start="2026-07-01", end="2026-12-31", against={"start": "2026-01-01", "end": "2026-06-30"})
    assert (walk.before, walk.after) == (Decimal("0.92"), Decimal("0.84"))
    assert (steps_of(walk)["definition"], steps_of(walk)["rate"]) == (Decimal("-0.12"), Decimal("0.04")) and sums(walk)
    then, now = (
        layer.query(metrics=["on_time_rate"], start=start, end=end, definition="as_then").facts()[0]
        for start, end in (("2026-01-01", "2026-06-30"), ("2026-07-01", "2026-12-31"))
    )
    assert [reason.rule.id for reason in now.compared_with(then).reasons] == ["DL401"]
    restated = layer.query(metrics=["on_time_rate"], start="2026-01-01", end="2026-06-30", definition="restated").facts()[0]
    assert now - restated == Decimal("0.04")  # and not 0.84 - 0.92


def test_ends_that_say_their_own_structure_are_taken_at_their_word() -> None:
    walk = open_world("reorg").walk(
        "revenue", where="org.division = 'Retail'", start="2026", end="2026", structure={"at": "FY26"},
        against={"structure": {"at": "FY25"}},
    )  # fmt: skip
    assert (walk.before, walk.after) == (153, 103) and steps_of(walk)["structure"] == -50


def test_where_a_number_goes_through_no_history_there_is_no_structure() -> None:
    walk = open_world("reorg").walk("revenue", start="2026", end="2026", against="previous")
    assert [step.name for step in walk.steps] == ["rest"] and walk.change == 226 - 205


def test_a_number_that_is_missing_is_not_walked_from(quarters: Layer) -> None:
    walk = quarters.walk("effort", start="2026-04", end="2026-06", against={"start": "2020", "end": "2020"})
    assert (walk.before, walk.change, walk.steps) == (None, None, ())


@pytest.mark.parametrize("question, against, code", [
    ({"by": ["site"]}, "previous", "bad-question"), ({}, "previous", "needs-period"), ({"start": "2026"}, "previous", "needs-period"),
    ({"start": "2026-04", "end": "2026-06"}, "last_week", "bad-question"), ({"start": "2026-04", "end": "2026-06"}, {"stat": "2026"}, "bad-question"),
])  # fmt: skip
def test_what_is_no_walk_is_refused(quarters: Layer, question: dict[str, object], against: object, code: str) -> None:
    with pytest.raises(QueryError) as refused:
        quarters.walk("effort", against=against, **question)  # type: ignore[arg-type]
    assert refused.value.codes == (code,)


def test_an_unknown_metric_is_refused(quarters: Layer) -> None:
    with pytest.raises(QueryError, match="Did you mean effort"):
        quarters.walk("effrt", start="2026", end="2026", against="previous")


def kit(name: str) -> Layer:
    return doors.opened(next(scenario for scenario in scenarios() if scenario.name == name), {})


def test_other_rates_are_no_business() -> None:
    # 100 USD at 0.92 in February, 200 at 0.97 in March; at one rate sales doubled, in euros they more than doubled.
    walk = kit("S5").walk("sales_eur", where="market = 'US'", start="2026-03", end="2026-03", against="previous")
    assert (walk.before, walk.after) == (92, 194)
    assert (steps_of(walk)["fx"], steps_of(walk)["rest"]) == (5, 97) and lines(walk, "fx") == {"USD": 5}
    assert sums(walk)
    whole = kit("S5").walk("sales_eur", start="2026-03", end="2026-03", against="previous")
    assert steps_of(whole)["fx"] == 5 and sums(whole)  # euros have no rate


def test_the_rates_of_days_without_money_move_nothing() -> None:
    walk = kit("S5").walk("sales_eur", where="market = 'EU'", start="2026-03", end="2026-03", against="previous")
    assert walk.change == 0 and all(not step.change for step in walk.steps)


def test_a_regrouped_number_has_one_structure() -> None:
    walk = kit("S3").walk("revenue_by_line", where="org.division = 'Retail'", start="2026", end="2026", against="previous")
    assert (walk.before, walk.after) == (100, 103) and [step.name for step in walk.steps] == ["rest"]  # 140 as it was


def test_a_product_changes_by_its_factors(quarters: Layer) -> None:
    walk = quarters.walk("known_cost", start="2026-04", end="2026-06", against="previous")
    assert walk.change == Decimal("12.6") and lines(walk, "rate") == {"time": Decimal("12.6")}  # the price stood still


def test_each_option_of_a_decision_is_walked_to() -> None:
    desk = kit("S3").desk
    query = Query.of(metrics=["revenue"], by=["year", "org.division"], start="2026", end="2026", structure={"at": "FY26"})
    found = [each.as_json() for each in option_walks(desk, query, "org.division", [("Retail", "Retail"), ("Online", "Online")], "previous")]
    assert [(each["metric"], each["option"], each["change"]) for each in found] == [("revenue", "Retail", -37), ("revenue", "Online", 53)]
    steps = found[0]["steps"]
    assert isinstance(steps, dict) and tuple(steps) == ORDER and (steps["structure"], steps["rest"]) == (-40, 3)


def test_an_option_that_cannot_be_walked_to_says_why() -> None:
    query = Query.of(metrics=["revenue"], by=["org.division"])
    (found,) = option_walks(kit("S3").desk, query, "org.division", [("Retail", "Retail")], "previous")
    assert found.walk is None and "needs a period" in found.refused


LINES = """
decisions:
  - decision: staff
    question: Which line do we staff?
    decider: board
    mode: support
    options: {dimension: line, status_quo: none, because: All.}
    criteria: [{metric: line_effort, scale: {worst: 20, best: 2}, weight: 1}]
    horizons: [{name: quarter, period: quarter, against: previous}, {name: half, start: 2026-01, end: 2026-06}]
    review_on: 2026-12-31
    expects: [{option: one, line_effort: 9}]
"""
LINE = """
  - {metric: line_effort, title: Effort by line, definition: Minutes., purpose: choice, owner: board, unit: minute, better: lower, watch: [kind],
     grain: {by: [line]}, translation: {owner: board, why: A., loses: B., from: any_time}}
  - {metric: any_time, title: Any, definition: Minutes., purpose: action, owner: desk, unit: minute, better: lower, source: calls,
     grain: {by: [line]}, measure: avg(minutes), respond: Look.}
"""


def test_a_brief_tells_what_a_change_is_made_of(tmp_path: Path) -> None:
    (tmp_path / "definitions").mkdir()
    lined = PROJECT.replace("metrics:\n", f"metrics:{LINE}", 1).replace("dimensions: {site: site,", "dimensions: {line: \"coalesce('one', site)\", site: site,")
    (tmp_path / "definitions" / "all.yml").write_text(lined + LINES)
    connection = duckdb.connect()
    connection.execute(CALLS).fetchall()
    connection.execute(DATED).fetchall()
    brief = Layer.load(tmp_path, connection).brief("staff", today=dt.date(2026, 7, 1))
    quarter, half = brief.horizons
    (walk,) = quarter["walks"]  # type: ignore[misc]
    assert (walk["metric"], walk["option"], walk["change"]) == ("line_effort", "one", Decimal("6.3"))
    assert walk["steps"] == {**dict.fromkeys(ORDER, 0), "mix": Decimal("7.75"), "rate": Decimal("-1.45")}
    assert half["walks"] == []  # held against nothing
    assert [finding.rule.id for finding in brief.findings if finding.code == "mix-misleads"] == ["DL601"]
    assert "changed by +6.30 minute: mix +7.75 minute, rate -1.45 minute" in " ".join(as_text(brief).split())


# -- comparisons look where the metric watches ---------------------------------------------------------------------------


def test_a_comparison_says_where_a_mix_misleads(quarters: Layer) -> None:
    result = quarters.query(metrics=["effort"], by=["quarter"], compare=["previous"], start="2026-04", end="2026-06")
    assert result.rows()[0][1:4] == (13.5, 7.2, pytest.approx(6.3))
    (found,) = result.findings
    assert found.code == "mix-misleads" and "in quarter 2026-04-01 against the one before" in found.message
    assert "DL601" in result._repr_html_()


def test_a_metric_that_watches_nothing_is_left_alone(quarters: Layer) -> None:
    assert quarters.query(metrics=["handle_time"], by=["quarter"], compare=["previous"]).findings == ()


def test_a_mix_that_goes_with_its_classes_is_silent(quarters: Layer) -> None:
    # Of complex calls alone: 20 to 18 minutes, in one class.
    asked = {"metrics": ["effort"], "by": ["quarter"], "compare": ["previous"], "start": "2026-04", "end": "2026-06"}
    assert quarters.query(**asked, where="site = 'South'").findings == ()


def test_the_command_line_walks(quarters: Layer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quarters.close()
    asked = ["--project", str(tmp_path), "--warehouse", str(tmp_path / "calls.duckdb"), "query", "effort", "--start", "2026-04", "--end", "2026-06"]
    assert run([*asked, "--walk", "previous"]) == 0
    told = capsys.readouterr().out
    assert "rate" in told and "-1.45" in told and "the change is +6.30 minute" in told and "DL601" in told
    assert run([*asked, "--walk", "2026-01..2026-03", "--format", "json"]) == 0
    (walk,) = json.loads(capsys.readouterr().out)["walks"]
    assert {step["name"]: step["change"] for step in walk["steps"]} == {"mix": 7.75, "rate": -1.45}
    assert run([*asked, "--walk", "yesterday"]) == 1
    assert run([*asked, "--by", "quarter", "--compare", "previous", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["findings"][0]["rule"] == "DL601"


# -- the arithmetic ------------------------------------------------------------------------------------------------------


def test_plan_and_actual_of_two_desks() -> None:
    plan = {"Alpha": (Fraction(60), Fraction(100)), "Beta": (Fraction(228), Fraction(300))}
    actual = {"Alpha": (Fraction(66), Fraction(120)), "Beta": (Fraction(210), Fraction(280))}
    mix = mix_of(plan, actual)
    assert mix is not None
    assert (mix.change, mix.rate, mix.mix) == (Fraction(-3, 100), Fraction(-21, 1000), Fraction(-9, 1000))
    assert not mix.misleads  # both fell, and so did the total


def test_a_class_that_comes_or_goes_is_mix() -> None:
    before = {"old": (Fraction(50), Fraction(10)), "both": (Fraction(10), Fraction(10))}
    after = {"new": (Fraction(90), Fraction(10)), "both": (Fraction(10), Fraction(10))}
    mix = mix_of(before, after)
    assert mix is not None
    assert (mix.before, mix.after, mix.rate, mix.mix) == (3, 5, 0, 2)
    # Against the mean of the totals, 4: half of 9 - 4 came, half of 5 - 4 went.
    assert {driver.name: driver.mix for driver in mix.drivers} == {"old": Fraction(-1, 2), "both": 0, "new": Fraction(5, 2)}


def test_a_small_class_does_not_spoil_a_reversal() -> None:
    before = {"simple": (Fraction(320), Fraction(80)), "complex": (Fraction(400), Fraction(20)), "odd": (Fraction(1), Fraction(1))}
    after = {"simple": (Fraction(180), Fraction(60)), "complex": (Fraction(2520), Fraction(140)), "odd": (Fraction(9), Fraction(1))}
    mix = mix_of(before, after)
    assert mix is not None
    assert not mix.is_reversed() and mix.is_reversed(min_base=5)


@pytest.mark.parametrize("before, after", [([2, 3], [5, 7]), ([10, 4, 3], [10, 1, 9]), ([1, 6], [2, 3])])
def test_factors_of_positive_numbers_sum_to_the_change(before: list[int], after: list[int]) -> None:
    parts = factors_of([Fraction(x) for x in before], [Fraction(x) for x in after])
    was = now = 1
    for x, y in zip(before, after, strict=True):
        was, now = was * x, now * y
    assert parts is not None and sum(parts) == now - was
    assert all((y > x) == (part > 0) or x == y for x, y, part in zip(before, after, parts, strict=True))


def test_factors_with_a_zero_or_a_sign_are_averaged_over_their_orders() -> None:
    # 0 x 4 to 3 x 6: the first alone 3 x 4 or 3 x 6, so 15; the second 0 or 3 x 2, so 3.
    assert factors_of([Fraction(0), Fraction(4)], [Fraction(3), Fraction(6)]) == (15, 3)

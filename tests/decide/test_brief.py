"""Briefs over a company that a person can add up: three funds, where one word and one merger turn the ranking round (S7)."""

from __future__ import annotations

import copy
import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from decisionlayer import Layer, PolicyError, QueryError
from decisionlayer.decide.brief import written
from decisionlayer.decide.option_walks import option_walks
from decisionlayer.errors import DecisionLayerError, DeclarationError
from decisionlayer.frozen import replace
from decisionlayer.plan.query import Query
from decisionlayer.report import as_markdown, as_text
from tests.worlds.made import choice, made, metric, shop

SWITCH = {"owner": "board", "why": "W.", "loses": "L."}
BY = {"time": "day", "by": ["fund"]}
#: fund, tickets, marked, held, cost; revenue of branches before and now, and whether they were there in both years.
TABLES = """
create table tickets as
select fund, date '2026-05-01' as day, outcome, n, cost
from (values ('A', 'held', 300, 10800), ('A', 'reopened', 60, 0), ('A', 'open', 40, 0),
             ('B', 'held', 270, 9450), ('B', 'open', 30, 0),
             ('C', 'held', 200, 8400), ('C', 'open', 50, 0)) t(fund, outcome, n, cost);
create table branches as
select fund, date '2026-05-01' as day, in_both, last_year, this_year
from (values ('A', true, 100, 105), ('A', false, 100, 125), ('B', true, 100, 105), ('C', true, 100, 112), ('C', false, 100, 68))
     t(fund, in_both, last_year, this_year);
create table plans as
select fund, make_date(y, 6, 30) as day, amount
from (values ('A', 2027, 50), ('A', 2028, 25), ('A', 2029, 15), ('B', 2027, 30), ('B', 2028, 45), ('B', 2029, 45),
             ('C', 2027, -10), ('C', 2028, 60), ('C', 2029, 90)) t(fund, y, amount);
"""


def source(name: str, key: list[str], **columns: str) -> dict[str, Any]:
    return {
        "source": name, "one_row_is": f"one of {name}", "table": name, "key": key, "time": {"day": "day"}, "owner": "desk",
        "columns": {"fund": "text", "day": "date", **columns},
        "dimensions": {"fund": "fund", **{key: key for key in columns if columns[key] == "text"}},
    }  # fmt: skip


def world(**more: Any) -> dict[str, Any]:
    made_up = shop(
        metric("tickets", source="tickets", measure="sum(n)", grain=BY),
        metric("marked", source="tickets", measure="sum(n)", where="outcome in ('held', 'reopened')", grain=BY),
        metric("cost", source="tickets", measure="sum(cost)", grain=BY),
        metric("revenue", source="branches", measure="sum(this_year)", grain=BY),
        metric("revenue_before", source="branches", measure="sum(last_year)", grain=BY),
        metric("planned", source="plans", measure="sum(amount)", grain=BY),
        choice("cost_per_resolved", better="lower", formula="spent / held",
               translation={**SWITCH, "terms": {"spent": "cost", "held": {"from": "marked", "where": "outcome = 'held'"}}}),
        choice("resolved_rate", better="higher", formula="held / all_tickets",
               translation={**SWITCH, "terms": {"held": {"from": "marked", "where": "outcome = 'held'"}, "all_tickets": "tickets"}}),
        choice("growth", better="higher", formula="now / before - 1",
               translation={**SWITCH, "terms": {"now": {"from": "revenue", "where": "in_both"},
                                                "before": {"from": "revenue_before", "where": "in_both"}}}),
        choice("flow", better="higher", translation={**SWITCH, "from": "planned"}),
        decisions=[copy.deepcopy(FUND), copy.deepcopy(YEARS)],
    )  # fmt: skip
    made_up["sources"] = [
        source("tickets", ["fund", "outcome"], outcome="text", n="integer", cost="integer"),
        source("branches", ["fund", "in_both"], in_both="boolean", last_year="integer", this_year="integer"),
        source("plans", ["fund", "day"], amount="integer"),
    ]
    return {**made_up, **more}


FUND: dict[str, Any] = {
    "decision": "fund_choice", "question": "Which fund gets the money?", "decider": "board",
    "options": {"dimension": "fund", "status_quo": "none", "because": "The money is there."},
    "criteria": [
        {"metric": "cost_per_resolved", "scale": {"worst": 60, "best": 20}, "weight": 0.5},
        {"metric": "resolved_rate", "scale": {"worst": 0.5, "best": 1}, "weight": 0.3},
        {"metric": "growth", "scale": {"worst": 0, "best": 0.2}, "weight": 0.2},
    ],
    "horizons": [{"name": "the year", "start": "2026", "end": "2026"}, {"name": "last month", "period": "month"}],
    "review_on": "2027-12-31", "expects": [{"option": "A", "growth": 0.05}],
}  # fmt: skip
YEARS: dict[str, Any] = {
    "decision": "fund_years", "question": "Which fund pays, and by when?", "decider": "board",
    "options": {"dimension": "fund", "status_quo": "none", "because": "The money is there."},
    "criteria": [{"metric": "flow"}],
    "horizons": [
        {"name": "one year", "start": "2027", "end": "2027"}, {"name": "two years", "start": "2027", "end": "2028"},
        {"name": "three years", "start": "2027", "end": "2029"},
        {"name": "worth today", "start": "2027", "end": "2029", "discount": {"rate": 0.1, "each": "year"}},
    ],
    "review_on": "2028-12-31", "expects": [{"option": "C", "flow": 140}],
}  # fmt: skip


@pytest.fixture
def funds(tmp_path: Path) -> Layer:
    return made(tmp_path, world(), TABLES)


def scores(options: Any) -> list[tuple[str, int | None, Decimal | None]]:
    return [(one["option"], one["place"], one["score"]) for one in options]


def test_the_governed_ranking_and_the_naive_one_lead_to_different_choices(funds: Layer) -> None:
    year, _ = funds.brief("fund_choice", today="2026-06-10").horizons
    assert scores(year["options"]) == [("B", 1, Decimal("0.6025")), ("C", 2, Decimal("0.525")), ("A", 3, Decimal("0.5"))]
    assert scores(year["naive"]) == [("A", 1, Decimal("0.765")), ("B", 2, Decimal("0.6025")), ("C", 3, Decimal("0.405"))]
    assert [one["dominated_by"] for one in year["options"]] == [[], [], ["B"]]
    governed = {one["option"]: one["values"] for one in year["options"]}
    assert {metric: round(value, 12) for metric, value in governed["A"].items()} == {
        "cost_per_resolved": 36, "resolved_rate": Decimal("0.75"), "growth": Decimal("0.05"),
    }  # fmt: skip


def test_one_definition_under_two_criteria_is_swapped_in_both(funds: Layer) -> None:
    year, _ = funds.brief("fund_choice", today="2026-06-10").horizons
    swaps = {one["definition"]: one for one in year["swaps"]}
    assert list(swaps) == ["held", "growth"]
    assert swaps["held"]["metrics"] == ["cost_per_resolved", "resolved_rate"]
    # only growth governed: A 0.6650 stays first; only resolved governed: B first by 0.0025
    assert scores(swaps["held"]["options"]) == [("A", 1, Decimal("0.665")), ("B", 2, Decimal("0.6025")), ("C", 3, Decimal("0.525"))]
    assert scores(swaps["growth"]["options"]) == [("B", 1, Decimal("0.6025")), ("A", 2, Decimal("0.6")), ("C", 3, Decimal("0.405"))]
    only = {one["definition"]: scores(one["options"]) for one in year["only"]}
    assert only["growth"] == scores(swaps["held"]["options"]) and only["held"] == scores(swaps["growth"]["options"])


def test_the_last_whole_month_is_the_one_before_today(funds: Layer) -> None:
    for today, month in (("2026-06-01", "2026-05"), ("2026-06-30", "2026-05"), ("2026-07-01", "2026-06")):
        _, last = funds.brief("fund_choice", today=today).horizons
        assert (str(last["start"])[:7], str(last["end"])[:7]) == (month, month)
    assert last["options"] == []  # June has no rows: nobody is an option


def test_firmness_is_said_in_words_and_as_findings(funds: Layer) -> None:
    brief = funds.brief("fund_choice", today="2026-06-10")
    year = brief.horizons[0]
    assert year["says"] == (
        "B is first; if `held` is read as the frontline reads it, A is; if the weight of `growth` exceeds 34.5 % (now 20.0 %), C is."
    )
    found = {finding.code: finding for finding in brief.findings}
    assert "the first place of `B` is lost if `held`" in found["fragile-ranking"].message
    assert "expects to choose `A`" in found["dominated-choice"].message and "`B` is no worse" in found["dominated-choice"].message
    (nearest,) = [one for one in year["break_evens"] if one["criterion"] == "growth" and one["nearest"]]
    assert nearest["between"] == ["B", "C"] and nearest["weight"] == Decimal("0.345029239766")


def test_a_trade_off_says_who_gives_up_what(funds: Layer) -> None:
    year = funds.brief("fund_choice", today="2026-06-10").horizons[0]
    assert year["trade_offs"] == ["B has cost_per_resolved 7 lower and resolved_rate 0.1 higher than C; C has growth 0.07 higher."]


def test_horizons_tie_and_cross_over_and_are_discounted(funds: Layer) -> None:
    brief = funds.brief("fund_years", today="2026-06-10")
    told = {one["name"]: [(o["option"], o["place"], o["values"]["flow"]) for o in one["options"]] for one in brief.horizons}
    assert told["one year"] == [("A", 1, 50), ("B", 2, 30), ("C", 3, -10)]
    assert told["two years"] == [("A", 1, 75), ("B", 1, 75), ("C", 3, 50)]
    assert told["three years"] == [("C", 1, 140), ("B", 2, 120), ("A", 3, 90)]
    assert [(option, place, round(value, 2)) for option, place, value in told["worth today"]] == [
        ("C", 1, Decimal("108.11")), ("B", 2, Decimal("98.27")), ("A", 3, Decimal("77.39")),
    ]  # fmt: skip
    assert [(one["between"], one["from"], one["to"]) for one in brief.crossovers] == [
        (["A", "C"], "two years", "three years"), (["B", "C"], "two years", "three years"),
    ]  # fmt: skip


def test_the_same_inputs_give_the_same_bytes_and_a_changed_row_other_ones(tmp_path: Path) -> None:
    first, second = (made(tmp_path / name, world(), TABLES).brief("fund_choice", today="2026-06-10").as_json() for name in "ab")
    assert first == second
    told = json.loads(first)
    assert told["hash"].startswith("b1:") and told["status"] == "draft" and told["known_on"] is None
    assert set(told["passports"]) == {"cost_per_resolved", "resolved_rate", "growth"}
    other = made(tmp_path / "c", world(), TABLES.replace("300, 10800", "299, 10800")).brief("fund_choice", today="2026-06-10")
    assert other.hash != told["hash"]


def test_an_option_of_which_nothing_is_known_is_said_and_not_scored(tmp_path: Path) -> None:
    listed = {**FUND, "options": {"dimension": "fund", "list": ["A", "B", "Z"], "status_quo": "Z"}, "expects": [{"option": "A", "growth": 0.05}]}
    brief = made(tmp_path, world(decisions=[listed]), TABLES).brief("fund_choice", today="2026-06-10")
    last = brief.horizons[0]["options"][-1]
    assert (last["option"], last["place"], last["score"], last["values"]["growth"]) == ("Z", None, None, None)
    assert any(finding.code == "no-value" and "`Z`" in finding.message for finding in brief.findings)
    assert "NO VALUE; status quo" in as_text(brief)


def test_a_day_beyond_the_data_is_said_once_with_where_the_data_ends(funds: Layer) -> None:
    brief = funds.brief("fund_choice", today="2030-06-10")
    said = [finding.message for finding in brief.findings if finding.code == "no-value"]
    assert said == [
        "decision `fund_choice` over `last month`: there are no rows at all from 2030-05-01 to 2030-05-31; "
        "the last month with any begins on 2026-05-01: ask as of a day after it with `--today`"
    ]


def test_options_without_a_dimension_have_the_same_numbers(tmp_path: Path) -> None:
    listed = {**FUND, "options": {"list": ["keep", "stop"], "status_quo": "keep"}, "expects": [{"option": "keep", "growth": 0.05}]}
    year = made(tmp_path, world(decisions=[listed]), TABLES).brief("fund_choice", today="2026-06-10").horizons[0]
    assert [(one["option"], one["place"]) for one in year["options"]] == [("keep", 1), ("stop", 1)]
    # 28,650 for 770 held tickets
    assert float(year["options"][0]["values"]["cost_per_resolved"]) == pytest.approx(28650 / 770)


def test_a_vetoed_option_is_marked_in_words(tmp_path: Path) -> None:
    vetoed = copy.deepcopy(FUND)
    vetoed["criteria"][1]["veto"] = 0.78
    brief = made(tmp_path, world(decisions=[vetoed]), TABLES).brief("fund_choice", today="2026-06-10")
    last = brief.horizons[0]["options"][-1]
    assert (last["option"], last["place"], last["vetoed"]) == ("A", None, ["resolved_rate"])
    assert "VETO: resolved_rate" in as_text(brief) and "VETO: resolved_rate" in as_markdown(brief)


def test_a_page_fits_eighty_columns_and_shows_a_tie(funds: Layer) -> None:
    for decision in ("fund_choice", "fund_years"):
        text = as_text(funds.brief(decision, today="2026-06-10"))
        assert max(map(len, text.splitlines())) <= 80
    assert ("   =1  A" in text and "A = B > C" in text) or "=1" in text
    assert "A is ahead of C over two years, and behind it over three years." in " ".join(text.split())


def test_what_may_not_be_weighed_has_no_brief(tmp_path: Path) -> None:
    headless = {**FUND, "decider": ["board", "desk"]}
    with pytest.raises(PolicyError, match="has 2 deciders"):
        made(tmp_path / "a", world(decisions=[headless]), TABLES).brief("fund_choice")
    broken = copy.deepcopy(FUND)
    broken["criteria"][0]["metric"] = "marked"
    with pytest.raises(DeclarationError, match="number for action"):
        made(tmp_path / "b", world(decisions=[broken]), TABLES).brief("fund_choice")
    with pytest.raises(QueryError, match="Did you mean fund_choice"):
        made(tmp_path / "c", world(), TABLES).brief("fund_choise")


def test_what_asking_refuses_is_said_of_the_horizon(funds: Layer) -> None:
    with pytest.raises(DecisionLayerError, match="decision `fund_choice` over `the year`: `known_on` asks what was known"):
        funds.brief("fund_choice", known_on=dt.date(2026, 6, 1))


def test_json_holds_every_digit() -> None:
    assert written({"value": Decimal("0.1000000000000000055511151231257827"), "on": dt.date(2026, 1, 2), "no": None}) == (
        '{"value": 0.1000000000000000055511151231257827, "on": "2026-01-02", "no": null}'
    )


def test_every_criterion_walks_from_governed_to_naive_and_sums_to_the_gap(funds: Layer) -> None:
    brief = funds.brief("fund_choice", today="2026-06-10")
    year = brief.horizons[0]
    walks = {walk["metric"]: walk for walk in year["naive_walks"]}
    growth = {one["option"]: one for one in walks["growth"]["options"]}
    # A: 105 / 100 - 1 = 5 % of what was there in both years; with what it took over 230 / 200 - 1 = 15 %
    assert [step["cause"] for step in walks["growth"]["steps"]] == ["population", "population"]
    assert (round(growth["A"]["governed"], 9), round(growth["A"]["naive"], 9)) == (Decimal("0.05"), Decimal("0.15"))
    # first what is now, 230 / 100 - 1 = 130 %, then what was before
    assert [round(change, 9) for change in growth["A"]["changes"]] == [Decimal("1.25"), Decimal("-1.15")]
    for walk in walks.values():
        for one in walk["options"]:
            assert sum(one["changes"]) == one["gap"] == one["naive"] - one["governed"]
    naive = {one["option"]: one["values"] for one in year["naive"]}
    assert all(one["naive"] == naive[one["option"]][metric] for metric, walk in walks.items() for one in walk["options"])
    text = " ".join(as_text(brief).split())
    assert "read naively" in text and "most of it" in text
    # A's cost for each resolved is 36 governed, 30 read naively; B is first, and its definitions change nothing
    assert "cost_per_resolved A 36.00 30.00 -6.00 population -6.00" in text
    assert "growth C 0.1200 -0.1000 -0.22 population -0.22" in text  # its two steps are +0.68 and -0.90
    assert "cost_per_resolved, population: `marked` is counted over all its rows" in text
    assert "| cost_per_resolved | A | 36.00 | 30.00 | -6.00 | population -6.00 |" in as_markdown(brief)


def test_what_the_options_are_asked_at_once_is_what_each_is_asked_alone(tmp_path: Path) -> None:
    """A share of all, a stock and an option without rows: where a split would say another thing, each is asked by itself."""
    stock = {
        "source": "levels", "one_row_is": "a fund on a day", "table": "levels", "key": ["day", "fund"], "time": {"day": "day"}, "owner": "desk",
        "snapshot": True, "columns": {"day": "date", "fund": "text", "held": "integer"}, "dimensions": {"fund": "fund"},
    }  # fmt: skip
    said = world()
    said["sources"].append(stock)
    said["metrics"] += [
        metric("level", source="levels", measure="sum(held)", over_time="last", grain=BY),
        choice("level_now", better="higher", translation={**SWITCH, "from": "level"}),
        choice("share", better="higher", formula="part / total(part)", translation={**SWITCH, "terms": {"part": "tickets"}}),
    ]
    tables = TABLES + """
    create table levels as select * from (values (date '2026-04-30', 'A', 5), (date '2026-04-30', 'B', 7), (date '2026-05-31', 'A', 9)) t(day, fund, held);
    insert into tickets values ('A', date '2026-04-01', 'held', 40, 400), ('B', date '2026-04-01', 'held', 10, 500);
    """
    layer = made(tmp_path, said, tables)
    query = Query.of(metrics=["cost_per_resolved", "resolved_rate", "level_now", "share"], start="2026-05-01", end="2026-05-31")
    options = [("A", "A"), ("B", "B"), ("D", "D")]
    at_once = [(one.metric, one.option, one.as_json()) for one in option_walks(layer.desk, query, "fund", options, "previous")]
    alone = [
        (one.metric, one.option, one.as_json())
        for name in query.metrics
        for option in options
        for one in option_walks(layer.desk, replace(query, metrics=(name,)), "fund", [option], "previous")
    ]
    assert at_once == alone
    walks = {(name, option): told for name, option, told in at_once}
    assert (walks["level_now", "A"]["before"], walks["level_now", "A"]["after"]) == (5, 9)
    assert walks["level_now", "B"]["after"] is None  # B has no row in the last snapshot
    assert walks["share", "A"]["after"] == 1  # of what is left by the filter, not 400 of 950

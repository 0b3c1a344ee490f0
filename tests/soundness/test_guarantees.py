"""What must tie, R1 to R12: each guarantee has tests that prove it and tests in which a planted fault is seen.

``GUARANTEES`` says which; most of them stand in other files. Here stand those that read the scenarios across each other.
"""

from __future__ import annotations

import ast
import json
import random
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.layer import Layer
from tests.reference.answer import answer_of
from tests.scenarios import doors
from tests.scenarios.kit import Item, Scenario, read_csv, scenarios
from tests.scenarios.test_compiler import is_number, rule_of
from tests.scenarios.waiting import GUARANTEES as WAITING

TESTS = Path(__file__).parent.parent
HERE = "soundness/test_guarantees.py::"
KIT = "scenarios/test_compiler.py::"
DAMAGE = "scenarios/test_mutations.py::test_the_damage_is_seen"

#: What must tie, the tests that prove it, and those in which a planted fault is seen.
GUARANTEES: dict[str, tuple[str, list[str], list[str]]] = {
    "R1": (
        "each row of a source is counted, excluded under a reason, or late, and exactly once",
        [HERE + "test_r1_every_row_is_somewhere_and_once", KIT + "test_ledger", "soundness/test_orphans_are_kept.py::test_no_split_loses_a_kilo"],
        [DAMAGE, HERE + "test_r1_a_row_that_is_there_twice_is_seen", "soundness/test_joined_keys_are_unique.py::test_a_join_that_would_multiply_is_refused"],
    ),
    "R2": (
        "leaves make every grouping, and every grouping the total",
        ["soundness/test_parts_make_the_whole.py::test_parts_of_every_split_add_up", "properties/test_properties.py::test_parts_of_an_additive_metric_make_the_whole",
         "properties/test_properties.py::test_a_row_worth_nothing_and_a_row_in_two_halves_add_nothing"],
        ["publish/test_proofs.py::test_a_repeated_key_two_hops_away_breaks_the_proof", "publish/test_proofs.py::test_broken_parts_are_a_finding_with_both_numbers"],
    ),
    "R3": (
        "a ratio ties through its two parts, and is computed from them anew",
        [HERE + "test_r3_a_ratio_is_its_parts_at_every_grain", "soundness/test_ratios_of_totals.py::test_a_quotient_across_sources_is_a_quotient_of_totals"],
        ["soundness/test_ratios_of_totals.py::test_a_column_that_holds_averages_is_not_averaged_again", "soundness/test_ratios_of_totals.py::test_an_aggregate_around_a_metric_is_refused"],
    ),
    "R4": (
        "opening, what came in and went out, and what the rates did make the closing",
        [HERE + "test_r4_a_stock_rolls_forward_month_by_month"],
        [HERE + "test_r4_a_payment_that_is_lost_is_seen"],
    ),
    "R5": (
        "moves sum to nothing, and the total is the same in every version of a line",
        [HERE + "test_r5_the_total_is_the_same_in_every_version_and_moves_sum_to_nothing"],
        [HERE + "test_r5_a_unit_under_two_parents_stops_every_version", DAMAGE],
    ),
    "R6": (
        "what was reported and what the change did make the restated number, and the reported one is kept",
        [HERE + "test_r6_reported_and_effect_make_the_restated"],
        [HERE + "test_r6_a_past_that_nobody_restated_is_not_told"],
    ),
    "R7": (
        "flows, balances and the translation difference close",
        [HERE + "test_r7_every_row_at_the_rate_of_its_month"],
        [HERE + "test_r7_a_rate_that_lacks_is_not_borrowed", DAMAGE],
    ),
    "R8": (
        "periods cover each day once and make the quarter",
        [HERE + "test_r8_periods_make_quarters_and_quarters_years"],
        [HERE + "test_r8_a_day_in_no_period_is_seen", DAMAGE],
    ),
    "R9": (
        "printed parts and a printed total are consistent",
        [HERE + "test_r9_rounded_parts_of_a_whole_are_consistent", KIT + "test_prints"],
        [HERE + "test_r9_a_part_that_is_changed_is_seen"],
    ),
    "R10": (
        "the SQL, the SQL without rewrites and the slow evaluator say the same",
        ["properties/test_properties.py::test_the_engine_answers_as_the_reference_does", "scenarios/test_reference.py::test_the_evaluator_says_the_same",
         "properties/test_properties.py::test_an_answer_is_the_same_without_rewrites_and_with_its_parameters_written_out"],
        [HERE + "test_r10_a_row_that_one_of_them_does_not_see_is_seen"],
    ),
    "R11": (
        "Python, the command line, the view and the brief show one number",
        [HERE + "test_r11_every_surface_shows_one_number"],
        [HERE + "test_r11_two_prints_of_different_numbers_are_told_apart"],
    ),
    "R12": (
        "what is pinned is rebuilt byte for byte",
        [HERE + "test_r12_a_brief_is_rebuilt_from_rows_in_any_order", KIT + "test_bytes"],
        [HERE + "test_r12_another_row_is_another_brief"],
    ),
}  # fmt: skip


def test_each_guarantee_names_tests_that_are_there() -> None:
    assert list(GUARANTEES) == [f"R{number}" for number in range(1, 13)]
    for name, (claim, proves, breaks) in GUARANTEES.items():
        assert claim and proves and breaks, name
        for told in (*proves, *breaks):
            file, _, function = told.partition("::")
            tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
            assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, told


def waits(test: Any) -> Any:
    """Mark a test that waits for a feature; see tests/scenarios/waiting.py."""
    return pytest.mark.xfail(strict=True, reason=WAITING[test.__name__])(test) if test.__name__ in WAITING else test


def scenario(name: str) -> Scenario:
    return next(one for one in scenarios() if one.name == name)


def seen(name: str, item: Item, *damage: Item) -> tuple[Scenario, Layer]:
    return scenario(name), doors.opened(scenario(name), item, *damage)


def rows(name: str, ask: Item, item: Item | None = None) -> list[tuple[Any, ...]]:
    told, layer = seen(name, item or {})
    found: list[tuple[Any, ...]] = doors.asked(told, layer, ask).rows()
    return found


# -- R1, R3 ----------------------------------------------------------------------------------------------------------


@waits
def test_r1_every_row_is_somewhere_and_once() -> None:
    """The ledger against the file itself, counted in plain Python."""
    for name, metric, file, amount in (
        ("S1", "time_on_calls", "calls", "minutes"), ("S3", "revenue", "revenue", "amount"), ("S8", "ticket_cost", "tickets", "cost"),
    ):  # fmt: skip
        told, layer = seen(name, {})
        lines = read_csv(told.folder / "data" / f"{file}.csv")[1]
        pinned = {"known_on": "2026-01-31"} if name == "S8" else {}
        ledger = doors.ledger(told, layer, {"ask": {"metrics": [metric], **pinned}, "metric": metric})
        assert ledger["source"]["rows"] == len(lines)
        assert Fraction(ledger["source"]["amount"]) == sum(Fraction(line[amount]) for line in lines)
        gone = [ledger["counted"], ledger["late"], *ledger["excluded"].values()]
        assert sum(line["rows"] for line in gone) == len(lines)
        assert sum(Fraction(line["amount"]) for line in gone) == Fraction(ledger["source"]["amount"])


def test_r1_a_row_that_is_there_twice_is_seen() -> None:
    told, layer = seen("S8", {}, {"do": "double", "on": "data/tickets.csv", "row": {"ticket": "3"}})
    found = [finding for finding in doors.found(told, layer, None) if finding.code == "key-not-unique"]
    assert found and "3" in found[0].render()


@waits
def test_r3_a_ratio_is_its_parts_at_every_grain() -> None:
    for name, ratio, over, under, paths in (
        ("S1", "pooled_handle_time", "time_on_calls", "calls_served", ["site", "kind", "month"]),
        ("S7", "cost_per_resolved", "spend", "resolved", ["fund", "month"]),
    ):
        for by in ([], *([path] for path in paths), paths):
            for row in rows(name, {"metrics": [ratio, over, under], "by": by}):
                assert is_number(row[-3], str(Fraction(row[-2]) / Fraction(row[-1]))), row


# -- R4, R7 ----------------------------------------------------------------------------------------------------------


@waits
def test_r4_a_stock_rolls_forward_month_by_month() -> None:
    by_month = {"by": ["month"], "start": "2026-01", "end": "2026-03"}
    flows = {row[0]: row[1:] for row in rows("S5", {"metrics": ["sales_eur", "collections_eur"], "where": "market = 'US'", **by_month})}
    stocks = rows("S5", {"metrics": ["receivables_eur"], "by": ["month"], "where": "market = 'US'"})
    told, layer = seen("S5", {})
    walk = doors.walked(told, layer, next(item for item in told.items("walks") if item["id"] == "roll forward"))
    fx = sum(Fraction(step.change) for step in walk.steps if step.cause == "fx")
    opening, closing = Fraction(stocks[0][1]), Fraction(stocks[-1][1])
    assert opening + sum(Fraction(came) - Fraction(went) for came, went in flows.values()) + fx == closing


@waits
def test_r4_a_payment_that_is_lost_is_seen() -> None:
    told, layer = seen("S5", {}, {"do": "drop", "on": "data/collections.csv", "row": {"id": "2"}})
    assert "DL602" in [rule_of(finding) for finding in doors.found(told, layer, None)]


@waits
def test_r7_every_row_at_the_rate_of_its_month() -> None:
    told = scenario("S5")
    rates = {(line["currency"], line["month"][:7]): line for line in read_csv(told.folder / "project/frames/rates.csv")[1]}
    for file, day, metric in (("sales", "sold_on", "sales_eur"), ("collections", "paid_on", "collections_eur")):
        worth: dict[str, Fraction] = defaultdict(Fraction)
        for line in read_csv(told.folder / f"data/{file}.csv")[1]:
            worth[line[day][:7]] += Fraction(line["amount"]) * Fraction(rates[line["currency"], line[day][:7]]["mean"])
        assert {row[0].isoformat()[:7]: Fraction(row[1]) for row in rows("S5", {"metrics": [metric], "by": ["month"]})} == worth
    owed: dict[str, Fraction] = defaultdict(Fraction)
    for line in read_csv(told.folder / "data/receivables.csv")[1]:
        owed[line["day"][:7]] += Fraction(line["amount"]) * Fraction(rates[line["currency"], line["day"][:7]]["close"])
    found = rows("S5", {"metrics": ["receivables_eur"], "by": ["month"]})
    assert {row[0].isoformat()[:7]: Fraction(row[1]) for row in found} == owed


@waits
def test_r7_a_rate_that_lacks_is_not_borrowed() -> None:
    with pytest.raises(DecisionLayerError, match="USD"):
        rows("S5", {"metrics": ["sales_eur"]}, {"variant": "no rate"})


# -- R5, R8 ----------------------------------------------------------------------------------------------------------


@waits
def test_r5_the_total_is_the_same_in_every_version_and_moves_sum_to_nothing() -> None:
    _, layer = seen("S3", {})
    [frame] = [entry.item for entry in layer.book.of("frame") if entry.name == "org"]
    versions = list(frame.versions)  # type: ignore[attr-defined]
    assert len(versions) == 2
    for year in ("2025", "2026"):
        span = {"start": year, "end": year}
        [(total,)] = rows("S3", {"metrics": ["revenue"], **span})
        split = {version: dict(rows("S3", {"metrics": ["revenue"], "by": [f"org@{version}.division"], **span})) for version in versions}
        assert all(sum(parts.values()) == total for parts in split.values()), split
        old, new = (split[version] for version in versions)
        moves = {division: new.get(division, 0) - old.get(division, 0) for division in {*old, *new}}
        assert sum(moves.values()) == 0 and any(moves.values()), moves


def test_r5_a_unit_under_two_parents_stops_every_version() -> None:
    told, layer = seen("S3", {"variant": "two parents"})
    for ask in ({"structure": {"at": "FY25"}}, {"structure": {"at": "FY26"}}, {"structure": "as_was"}):
        with pytest.raises(DecisionLayerError) as refused:
            doors.asked(told, layer, {"metrics": ["sales"], "by": ["org.division"], **ask})
        assert "DL405" in [rule_of(finding) for finding in refused.value.findings]


@waits
def test_r8_periods_make_quarters_and_quarters_years() -> None:
    told = scenario("S4")
    days = read_csv(told.folder / "project/frames/fiscal.csv")[1]
    assert len({line["day"] for line in days}) == len(days) == (53 + 52) * 7
    [(total,)] = rows("S4", {"metrics": ["people_cost"]})
    for grain in ("period", "quarter", "year"):
        assert sum(row[-1] for row in rows("S4", {"metrics": ["people_cost"], "by": [f"fiscal.{grain}"]})) == total
    above = {line["period"]: line["quarter"] for line in days}
    costs: dict[str, Fraction] = defaultdict(Fraction)
    period_of = {line["day"]: line["period"] for line in days}
    for line in read_csv(told.folder / "data/costs.csv")[1]:
        costs[above[period_of[line["booked_on"]]]] += Fraction(line["thousand"])
    assert sorted(costs.values()) == sorted(Fraction(row[-1]) for row in rows("S4", {"metrics": ["people_cost"], "by": ["fiscal.quarter"]}))


def test_r8_a_day_in_no_period_is_seen() -> None:
    told, layer = seen("S4", {}, {"do": "drop", "on": "project/frames/fiscal.csv", "row": {"day": "2026-02-22"}})
    with pytest.raises(DecisionLayerError) as refused:
        doors.asked(told, layer, {"metrics": ["cost_booked"], "by": ["fiscal.period"]})
    assert "DL404" in [rule_of(finding) for finding in refused.value.findings] and "2026-02-22" in str(refused.value)


# -- R6 --------------------------------------------------------------------------------------------------------------


@waits
def test_r6_reported_and_effect_make_the_restated() -> None:
    item = {"records": ["restated"]}
    ask = {"metrics": ["on_time_rate"], "start": "2026-01-01", "end": "2026-06-30"}
    [(reported,)] = rows("S6", {**ask, "definition": "as_then"}, item)
    [(restated,)] = rows("S6", {**ask, "definition": "restated"}, item)
    told, layer = seen("S6", item)
    walk = doors.walked(told, layer, next(one for one in told.items("walks") if one["id"] == "first half to second"))
    effect = next(step.change for step in walk.steps if step.name == "definition")
    assert is_number(reported, "0.92") and is_number(float(Fraction(reported) + Fraction(effect)), "0.8")
    assert is_number(restated, "0.8")


@waits
def test_r6_a_past_that_nobody_restated_is_not_told() -> None:
    with pytest.raises(DecisionLayerError) as refused:
        rows("S6", {"metrics": ["on_time_rate"], "start": "2026-01-01", "end": "2026-06-30", "definition": "restated"})
    assert "DL406" in [rule_of(finding) for finding in refused.value.findings]


# -- R9, R11 ---------------------------------------------------------------------------------------------------------


def rounded(number: Fraction, decimals: int) -> Decimal:
    return (Decimal(number.numerator) / number.denominator).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)


def printed(parts: list[Decimal], total: Decimal, decimals: int) -> Item:
    return {"parts": [str(part) for part in parts], "total": str(total), "decimals": decimals}


@waits
def test_r9_rounded_parts_of_a_whole_are_consistent() -> None:
    dice = random.Random(9)
    for _ in range(300):
        parts = [Fraction(dice.randint(-9999, 99999), dice.choice((1, 3, 7, 100, 1000))) for _ in range(dice.randint(1, 6))]
        decimals = dice.randint(0, 3)
        shown = printed([rounded(part, decimals) for part in parts], rounded(sum(parts, Fraction(0)), decimals), decimals)
        assert doors.prints_consistently(shown), shown


@waits
def test_r9_a_part_that_is_changed_is_seen() -> None:
    dice = random.Random(90)
    for _ in range(300):
        decimals, count = dice.randint(0, 3), dice.randint(1, 6)
        parts = [rounded(Fraction(dice.randint(0, 99999), 7), decimals) for _ in range(count)]
        off = sum(parts, Decimal(0)) + Decimal(count + 2).scaleb(-decimals)
        assert not doors.prints_consistently(printed(parts, off, decimals))


@waits
def test_r11_every_surface_shows_one_number(tmp_path: Path) -> None:
    told = scenario("S2")
    layer = doors.opened(told, {"variant": "a view"})
    result = layer.query(metrics=["held_rate"], by=["team"])
    shown = dict(result.rows())
    assert shown == {"Alpha": 0.6, "Beta": 0.7}
    facts = {fact.cell["team"]: fact.value for fact in result.facts()}
    brief = json.loads(doors.brief_as_json(told, layer, {"decision": "fund_team", "today": "2026-06-01"}))
    options = {one["option"]: one["values"]["held_rate"] for one in brief["horizons"][0]["options"]}
    layer.publish(to=tmp_path / "executive.duckdb")
    import duckdb

    with duckdb.connect(str(tmp_path / "executive.duckdb"), read_only=True) as reader:
        view = dict(reader.execute("select team, held_rate from executive.held_by_team").fetchall())
    assert facts == shown == view
    assert {name: float(one["value"] if isinstance(one, dict) else one) for name, one in options.items()} == shown


@waits
def test_r11_two_prints_of_different_numbers_are_told_apart() -> None:
    assert not doors.prints_consistently(printed([Decimal("7.2")], Decimal("7.4"), 1))
    assert doors.prints_consistently(printed([Decimal("7.2")], Decimal("7.2"), 1))


# -- R10, R12 --------------------------------------------------------------------------------------------------------


def test_r10_a_row_that_one_of_them_does_not_see_is_seen() -> None:
    told, layer = seen("S1", {}, {"do": "drop", "on": "data/calls.csv", "row": {"id": "100"}})
    _, whole = seen("S1", {})
    ask = {"metrics": ["handle_time", "calls_taken"], "by": ["site"]}
    assert answer_of(whole.model, doors.tables_of(whole), **ask)[1] != answer_of(layer.model, doors.tables_of(layer), **ask)[1]
    assert doors.asked(told, layer, ask).rows() != doors.asked(told, whole, ask).rows()


@waits
def test_r12_a_brief_is_rebuilt_from_rows_in_any_order() -> None:
    told = scenario("S7")
    item = {"decision": "fund_choice"}
    first = doors.brief_as_json(told, doors.opened(told, item), item)
    turned = [{"do": "drop", "on": "data/tickets.csv", "row": {"id": "1"}},
              {"do": "add", "on": "data/tickets.csv", "row": read_csv(told.folder / "data/tickets.csv")[1][0]}]  # fmt: skip
    assert doors.brief_as_json(told, doors.opened(told, item, *turned), item) == first


@waits
def test_r12_another_row_is_another_brief() -> None:
    told = scenario("S7")
    item = {"decision": "fund_choice"}
    first = doors.brief_as_json(told, doors.opened(told, item), item)
    other = {"do": "set", "on": "data/branches.csv", "row": {"branch": "C1"}, "column": "this_year", "to": "85"}
    assert doors.brief_as_json(told, doors.opened(told, item, other), item) != first

"""The scenarios put to the layer on DuckDB: every number to the digit, every refusal by its rule, and no rule too many."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.findings import Finding
from tests.scenarios import doors
from tests.scenarios.kit import Item, Scenario, exact, scenarios
from tests.scenarios.waiting import WAITING

KEYS = {
    "scenario", "claim", "today", "values", "refused", "naive", "walks", "ranking", "ledger", "prints", "findings", "silent",
    "bytes", "variants", "records", "mutations",
}  # fmt: skip


def cases(kind: str) -> Iterator[Any]:
    """Return each item of a kind as a test, marked where it waits."""
    for scenario in scenarios():
        for item in scenario.items(kind):
            name = f"{scenario.name} {kind}: {item['id']}"
            marks = [pytest.mark.xfail(strict=True, reason=WAITING[name])] if name in WAITING else []
            yield pytest.param(scenario, item, id=name, marks=marks)


def rule_of(finding: Finding) -> str:
    return finding.rule.id or finding.code


def is_number(value: object, wanted: str | None) -> bool:
    """Say whether a value of an answer is a number of the kit: exactly, or the nearest where it is a binary floating one."""
    number = exact(wanted)
    if value is None or number is None:
        return value is number
    assert isinstance(value, int | float | Decimal | Fraction) and not isinstance(value, bool), value
    if isinstance(value, float):
        return abs(Fraction(value) - number) <= abs(number) / 10**9 + Fraction(1, 10**12)
    return Fraction(value) == number


def is_group(value: object, wanted: str | None) -> bool:
    return (value.isoformat() if isinstance(value, dt.date) else value) == wanted


def same(rows: Sequence[Sequence[object]], item: Item) -> bool:
    groups = len(item["ask"].get("by", ()))
    return len(rows) == len(item["rows"]) and all(
        len(row) == len(wanted)
        and all(is_group(value, want) for value, want in zip(row[:groups], wanted[:groups], strict=True))
        and all(is_number(value, want) for value, want in zip(row[groups:], wanted[groups:], strict=True))
        for row, wanted in zip(rows, item["rows"], strict=True)
    )


@pytest.mark.parametrize(("scenario", "item"), list(cases("values")))
def test_values(scenario: Scenario, item: Item) -> None:
    layer = doors.opened(scenario, item)
    result = doors.asked(scenario, layer, item["ask"])
    rows = result.rows()
    assert same(rows, item), f"\nfound    {rows}\nexpected {item['rows']}"
    groups = len(item["ask"].get("by", ()))
    for wrong in item.get("naive", ()):
        assert not any(value is not None and is_number(value, wrong["value"]) for row in rows for value in row[groups:]), wrong["is"]
    if "previously" in item:
        (metric,) = item["ask"]["metrics"]
        told = json.dumps(result.passport(metric)["previously"], default=str)
        assert item["previously"] in told, told


@pytest.mark.parametrize(("scenario", "item"), list(cases("refused")))
def test_refused(scenario: Scenario, item: Item) -> None:
    layer = doors.opened(scenario, item)
    with pytest.raises(DecisionLayerError) as refused:
        doors.asked(scenario, layer, item["ask"])
    rules = [rule_of(finding) for finding in refused.value.findings]
    assert rules != ["not-built"] and ("rule" not in item or item["rule"] in rules), refused.value


@pytest.mark.parametrize(("scenario", "item"), list(cases("naive")))
def test_naive(scenario: Scenario, item: Item) -> None:
    if "rows" in item:
        asked = doors.asked(scenario, doors.opened(scenario, item), {**item["ask"], "naive": True})
        assert asked.columns[-2:] == tuple(f"{item['ask']['metrics'][0]}__naive{end}" for end in ("", "_gap"))
        assert same([row[:-1] for row in asked.rows()], item), asked.rows()
        assert all(row[-1] is None if row[-2] is None else row[-1] == pytest.approx(row[-2] - row[-3]) for row in asked.rows())
        return
    walk = doors.naive(scenario, doors.opened(scenario, item), item)
    assert is_number(float(walk.governed), item["governed"]), walk.render()
    assert is_number(float(walk.naive), item["naive"]), walk.render()
    assert sum((Fraction(step.change) for step in walk.steps), Fraction(0)) == Fraction(walk.gap), walk.render()
    assert walk.steps and all(step.why for step in walk.steps)
    causes = {step.cause: Fraction(step.change) for step in walk.steps if step.change}
    if "steps" in item:
        assert causes.keys() == item["steps"].keys(), walk.render()
        assert all(is_number(float(causes[cause]), change) for cause, change in item["steps"].items()), walk.render()


@pytest.mark.parametrize(("scenario", "item"), list(cases("walks")))
def test_walks(scenario: Scenario, item: Item) -> None:
    walk = doors.walked(scenario, doors.opened(scenario, item), item)
    shown = walk.render()
    steps = {called(step): Fraction(step.change) for step in walk.steps}
    assert sum(steps.values()) == Fraction(walk.after) - Fraction(walk.before), shown
    if "real" in item["steps"]:
        steps["real"] = sum((steps.pop(name, Fraction(0)) for name in ("mix", "rate", "rest")), Fraction(0))
    assert near(walk.before, item["before"]) and near(walk.after, item["after"]), shown
    for name, wanted in item["steps"].items():
        assert near(steps.pop(name), wanted), shown
    assert not any(steps.values()), f"more steps than there are: {shown}"
    assert sum((exact(step) or 0 for step in item["steps"].values()), Fraction(0)) == exact(item["change"])
    lines = {called(step): {line.name: line.change for line in step.lines} for step in walk.steps}
    for kind, parts in item.get("classes", {}).items():
        assert all(near(lines[step][kind], wanted) for step, wanted in parts.items()), shown
    for when, wanted in item.get("fx", {}).items():
        assert near(lines["fx"][when], wanted), shown


def called(step: Any) -> str:
    """Return the kit's word for a step."""
    return "fx" if step.cause == "fx" else str(step.name)


def near(value: object, wanted: str) -> bool:
    """Say whether a figure of a walk is a number of the kit; a figure that no decimal writes in full is cut after many digits."""
    assert isinstance(value, Decimal | Fraction | int), value
    return abs(Fraction(value) - (exact(wanted) or 0)) <= Fraction(1, 10**12)


@pytest.mark.parametrize(("scenario", "item"), list(cases("ledger")))
def test_ledger(scenario: Scenario, item: Item) -> None:
    told = doors.ledger(scenario, doors.opened(scenario, item), item)
    for line in ("source", "counted", "late", "unassigned", "residual"):
        if line in item:
            assert told[line]["rows"] == item[line]["rows"], (line, told)
            assert is_number(told[line]["amount"], item[line]["amount"]), (line, told)
    for reason, line in item.get("excluded", {}).items():
        assert told["excluded"][reason]["rows"] == line["rows"], told
        assert is_number(told["excluded"][reason]["amount"], line["amount"]), told
    if "excluded" in item:
        assert set(told["excluded"]) == set(item["excluded"]), told


@pytest.mark.parametrize(("scenario", "item"), list(cases("prints")))
def test_prints(scenario: Scenario, item: Item) -> None:
    assert doors.prints_consistently(item) is item["consistent"]


@pytest.mark.parametrize(("scenario", "item"), list(cases("ranking")))
def test_ranking(scenario: Scenario, item: Item) -> None:
    told = json.loads(doors.brief_as_json(scenario, doors.opened(scenario, item), item))
    (horizon,) = [one for one in told["horizons"] if one["name"] == item["horizon"]]
    if "options" in item:
        check_options(horizon["options"], item["options"])
    if "naive" in item:
        check_options(horizon["naive"], item["naive"])
    swaps = {one["definition"]: one["options"] for one in horizon["swaps"]}
    for definition, options in item.get("swaps", {}).items():
        check_options(swaps[definition], options)
    for wanted in item.get("break_evens", ()):
        hits = [one for one in horizon["break_evens"] if one["criterion"] == wanted["criterion"] and sorted(one["between"]) == wanted["between"]]
        assert [one for one in hits if is_number(float(one["weight"]), wanted["weight"])], horizon["break_evens"]
    if "status" in item:
        assert told["status"] == item["status"], told["findings"]
    if "flags" in item:
        assert len(told["flags"]) == len(item["flags"]), told["flags"]
        for flag, wanted in zip(told["flags"], item["flags"], strict=True):
            assert flag["id"] == wanted["id"] and flag["changes_outcome"] is wanted["changes_outcome"], flag
            assert is_number(float(flag["now"]), wanted["now"]) and is_number(float(flag["if_upheld"]), wanted["if_upheld"]), flag


def check_options(options: list[Item], wanted: list[Item]) -> None:
    found = {one["option"]: one for one in options}
    assert set(found) == {one["option"] for one in wanted}, options
    for want in wanted:
        one = found[want["option"]]
        if "place" in want:
            assert one["place"] == want["place"], options
        if "score" in want:
            assert is_number(float(one["score"]), want["score"]), (one, want)
        for metric, value in want.get("values", {}).items():
            told = one["values"][metric]
            assert is_number(float(told["value"] if isinstance(told, dict) else told), value), one
        if "vetoed" in want:
            assert bool(one["vetoed"]) is want["vetoed"], one
        if "dominated_by" in want:
            assert sorted(one["dominated_by"]) == want["dominated_by"], one


@pytest.mark.parametrize(("scenario", "item"), list(cases("findings")))
def test_findings(scenario: Scenario, item: Item) -> None:
    found = doors.found(scenario, doors.opened(scenario, item), item.get("in"))
    shown = "\n".join(finding.render() for finding in found)
    if "silent" in item:
        assert item["silent"] not in [rule_of(finding) for finding in found], shown
        return
    hits = [finding for finding in found if "rule" not in item or rule_of(finding) == item["rule"]]
    hits = [finding for finding in hits if finding.severity.value == item["severity"]]
    hits = [finding for finding in hits if "subject" not in item or finding.subject == item["subject"]]
    hits = [finding for finding in hits if all(word in finding.render() for word in item.get("says", ()))]
    hits = [finding for finding in hits if not any(word in finding.render() for word in item.get("says_not", ()))]
    assert hits, shown


@pytest.mark.parametrize("scenario", [
    pytest.param(one, id=f"{one.name} silent", marks=[pytest.mark.xfail(strict=True, reason=WAITING[f"{one.name} silent"])] if f"{one.name} silent" in WAITING else [])
    for one in scenarios()
])  # fmt: skip
def test_silent(scenario: Scenario) -> None:
    found = doors.found(scenario, doors.opened(scenario, {}), {"verb": "check_data"})
    loud = [finding for finding in found if rule_of(finding) in scenario.expected["silent"]]
    assert not loud, "\n".join(finding.render() for finding in loud)
    assert "not-built" not in [finding.code for finding in found if finding.is_error], "\n".join(finding.render() for finding in found)


@pytest.mark.parametrize(("scenario", "item"), list(cases("bytes")))
def test_bytes(scenario: Scenario, item: Item) -> None:
    first = doors.brief_as_json(scenario, doors.opened(scenario, item), item)
    told = json.loads(first)
    for metric, value in item["shows"].items():
        shown = [one["values"][metric] for horizon in told["horizons"] for one in horizon["options"]]
        assert all(is_number(float(one["value"] if isinstance(one, dict) else one), value) for one in shown)
    assert doors.brief_as_json(scenario, doors.opened(scenario, item), item) == first
    for variant in item["same_in"]:
        assert doors.brief_as_json(scenario, doors.opened(scenario, {**item, "variant": variant}), item) == first, variant


def test_the_kit_is_written_as_its_readme_says() -> None:
    assert len(scenarios()) == 10
    ids: set[str] = set()
    for scenario in scenarios():
        assert set(scenario.expected) <= KEYS, scenario.name
        assert scenario.items("mutations") and scenario.expected["silent"] and scenario.items("values")
        for kind in ("values", "refused", "naive", "walks", "ledger", "prints", "ranking", "findings", "bytes"):
            for item in scenario.items(kind):
                assert f"{scenario.name} {kind}: {item['id']}" not in ids, item["id"]
                ids.add(f"{scenario.name} {kind}: {item['id']}")
                assert item.get("variant") is None or item["variant"] in scenario.expected["variants"]
                assert set(item.get("records", ())) <= set(scenario.expected.get("records", {}))
    assert set(WAITING) <= ids | {f"{scenario.name} silent" for scenario in scenarios()}, set(WAITING) - ids

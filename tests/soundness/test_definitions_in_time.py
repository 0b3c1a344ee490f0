"""Definitions in time: what was published stays readable, what is restated says what it was, and an edit is found where it stands."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from decisionlayer import QueryError
from decisionlayer.resolve.model import Model
from tests.worlds import shared_world
from tests.worlds.made import made, metric, shop

TODAY = "2027-01-31"
EARLIER = {"since": "2024-01-01", "definition": "Old.", "where": "amount > 20"}
NOW = {"measure": "sum(amount)", "where": "amount > 10", "since": "2024-02-01", "past": "restated"}


def model(folder: Path, *metrics: dict[str, object]) -> Model:
    return made(folder, shop(*metrics)).model


# -- what an answer says -----------------------------------------------------------------------------------------------


def test_a_restated_number_says_what_it_was() -> None:
    layer, _ = shared_world("two_rules")
    result = layer.query(metrics=["on_time_rate"], start="2026-01", end="2026-06", definition="restated", today=TODAY)
    (fact,) = result.facts()
    assert (fact.value, fact.passport["previously"]) == (0.80, 0.92)
    assert result.notes[0] == "on_time_rate is restated: every period under its definition of 2026-07-01"


def test_each_cell_says_what_it_was_itself() -> None:
    layer, _ = shared_world("two_rules")
    facts = layer.query(metrics=["on_time_rate"], by=["quarter"], start="2026-04", end="2026-09", definition="restated", today=TODAY).facts()
    assert [(fact.value, fact.passport["previously"]) for fact in facts] == [(0.80, 0.92), (0.84, 0.84)]


def test_what_lay_under_two_definitions_was_no_number() -> None:
    layer, _ = shared_world("two_rules")
    (fact,) = layer.query(metrics=["on_time_rate"], by=["year"], start="2026", end="2026", definition="restated", today=TODAY).facts()
    assert fact.value == 0.82 and fact.passport.get("previously") is None  # neither 0.88 nor anything else was published


def test_the_passport_names_the_definitions_that_were_read() -> None:
    layer, _ = shared_world("two_rules")
    asked = {"metrics": ["short_of_promise"], "by": ["month"], "start": "2026", "end": "2026", "today": TODAY}
    told = layer.query(**asked, definition="as_then").passport("short_of_promise")["definitions"]
    assert [(each["metric"], each["since"], each["until"], each["read"]) for each in told] == [  # type: ignore[attr-defined]
        ("on_time_rate", "2026-07-01", None, "as_then"), ("on_time_rate", "2024-01-01", "2026-06-30", "as_then"),
    ]  # fmt: skip


def test_a_break_is_marked() -> None:
    layer, _ = shared_world("two_rules")
    result = layer.query(metrics=["on_time_break"], by=["quarter"], compare=["previous"], basis="as_reported", start="2026", today=TODAY)
    assert any(note.startswith("on_time_break: break on 2026-07-01; before, it was:") for note in result.notes)


def test_a_refusal_measures_both_readings() -> None:
    layer, _ = shared_world("two_rules")
    with pytest.raises(QueryError) as refused:
        layer.query(metrics=["on_time_rate"], start="2026-07", end="2026-12", compare=["previous"], today=TODAY)
    (finding,) = refused.value.findings
    assert finding.rule.id == "DL401"
    assert finding.damage == "restated, `on_time_rate` is 80.0 and 84.0 percent; each period by its own definition 92.0 and 84.0 percent"


# -- who sees the earlier ones -----------------------------------------------------------------------------------------


def test_an_earlier_definition_is_no_metric_of_its_own(tmp_path: Path) -> None:
    layer = made(tmp_path, shop(metric("late", **NOW, earlier=[EARLIER]), metric("same", measure="sum(amount)", where="amount > 20")))
    assert set(layer.model.metrics) == {"late", "late@2024-01-01", "same"}
    assert set(layer.model.named_metrics) == {"late", "same"}
    assert not [found for found in layer.check() if found.code == "two-names"]  # `same` is what `late` was
    with pytest.raises(QueryError) as refused:
        layer.query(metrics=["late@2024-01-01"])
    assert refused.value.codes == ("unknown-name",)


def test_nothing_counts_before_a_number_was_defined_first(tmp_path: Path) -> None:
    layer = made(tmp_path, shop(metric("late", measure="sum(amount)", since="2024-01-02"), metric("all", measure="sum(amount)")))
    asked = {"metrics": ["late", "all"], "definition": "as_then", "today": "2024-12-31"}
    assert layer.query(**asked, by=["day"]).rows()[0] == (dt.date(2024, 1, 1), None, 10)
    with pytest.raises(QueryError) as refused:  # and a period that began before is none of its periods
        layer.query(**asked, by=["month"])
    assert refused.value.codes == ("unsettled-definition",)


def test_a_range_that_still_runs_ends_tonight_before_its_definition_is_asked_for(tmp_path: Path) -> None:
    """The last ten days of a range up to July are, in March, those of March, under a definition that begins in July. It was answered."""
    sold = metric("sold", measure="sum(amount)", since="2024-07-01")
    layer = made(tmp_path, shop(sold, metric("ten_days", formula="trailing(sold, '10 days')")))
    asked = {"metrics": ["ten_days"], "start": "2023-09-01", "end": "2024-07-31"}
    with pytest.raises(QueryError) as refused:
        layer.query(**asked, today="2024-03-15")
    assert refused.value.codes == ("unsettled-definition",)
    assert layer.query(**asked, today="2024-08-15").rows() == [(None,)]


def test_a_past_before_the_first_definition_is_missing_and_not_zero(tmp_path: Path) -> None:
    layer = made(tmp_path, shop(metric("late", measure="sum(amount)", since="2024-01-02")))
    rows = layer.query(metrics=["late"], by=["day"], definition="as_then", compare=["previous"], today="2024-12-31").rows()
    assert rows[0] == (dt.date(2024, 1, 2), 20, None, None, None)  # a change of 20 would take the 10 of the first for nothing


# -- what is wrong with one of them --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("more", "code"), [
    ({"earlier": [EARLIER]}, "missing-key"),
    ({"past": "break"}, "missing-key"),
    ({"since": "2024-02-01", "earlier": [EARLIER]}, "missing-key"),
    ({"since": "2024-02-01", "past": "restated", "earlier": [{**EARLIER, "since": "2024-03-01"}]}, "wrong-argument"),
    ({"since": "2024-02-01", "past": "restated", "earlier": [{**EARLIER, "since": "2024-02-01"}]}, "duplicate-name"),
    ({"since": "2024-02-01", "past": "restated", "earlier": [{**EARLIER, "unit": "EUR"}]}, "mixed-units"),
    ({"since": "2024-02-01", "past": "restated", "earlier": [{**EARLIER, "where": "amuont > 20"}]}, "unknown-name"),
    ({"since": "2024-02-01", "past": "restated", "earlier": [{**EARLIER, "measure": "avg(amount) +"}]}, "bad-expression"),
    ({"since": "2024-02-01", "past": "restated", "earlier": [{**EARLIER, "grain": {"by": ["haul"]}}]}, "unreachable-dimension"),
])  # fmt: skip
def test_what_is_wrong_with_a_definition_breaks_its_metric(tmp_path: Path, more: dict[str, object], code: str) -> None:
    found = model(tmp_path, metric("late", measure="sum(amount)", **more))
    assert code in {finding.code for finding in found.findings}
    assert "metric late" in found.broken
    assert all(finding.place is not None for finding in found.findings)


def test_an_earlier_definition_that_is_wrong_is_named(tmp_path: Path) -> None:
    found = model(tmp_path, metric("late", **NOW, earlier=[{**EARLIER, "where": "amuont > 20"}]))
    first, then = found.findings
    assert first.subject == "metric late@2024-01-01"
    assert (then.code, then.subject) == ("stands-on-broken", "metric late")


def test_what_is_wrong_with_all_definitions_is_said_once(tmp_path: Path) -> None:
    found = model(tmp_path, metric("late", **{**NOW, "measure": "sum(amuont)"}, earlier=[EARLIER]))
    assert [(finding.code, finding.subject) for finding in found.findings] == [("unknown-name", "metric late")]


# -- what it means ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("changed", [
    {"since": "2024-02-02"}, {"past": "break"}, {"earlier": []}, {"earlier": [{**EARLIER, "where": "amount > 30"}]},
    {"earlier": [{**EARLIER, "since": "2024-01-02"}]}, {"earlier": [{**EARLIER, "past": "break"}]},
])  # fmt: skip
def test_when_and_what_it_was_is_part_of_what_a_metric_means(tmp_path: Path, changed: dict[str, object]) -> None:
    said = {**NOW, "earlier": [EARLIER]}
    before = model(tmp_path / "a", metric("late", **said)).metrics["late"]
    after = model(tmp_path / "b", metric("late", **{**said, **changed})).metrics["late"]
    assert before.meaning != after.meaning


def test_how_it_was_worded_is_wording(tmp_path: Path) -> None:
    before = model(tmp_path / "a", metric("late", **NOW, earlier=[EARLIER])).metrics["late"]
    after = model(tmp_path / "b", metric("late", **NOW, earlier=[{**EARLIER, "definition": "As of old."}])).metrics["late"]
    assert before.meaning == after.meaning and before.wording != after.wording

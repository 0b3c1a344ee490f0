"""Every row of a number is counted once, or left out under one reason, or late; what does not tie is said, with its key."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from decisionlayer.errors import DecisionLayerError, DeclarationError
from decisionlayer.layer import Layer
from decisionlayer.plan.query import Query
from decisionlayer.resolve.model import Exclusion
from tests.worlds import open_world, shared_world
from tests.worlds.made import choice, made, metric, shop

NOTHING = {"rows": 0, "amount": 0}


def tally(rows: int, amount: int | None) -> dict[str, int | None]:
    return {"rows": rows, "amount": amount}


def ledger(name: str, **question: Any) -> Any:
    asked, _ = shared_world("tickets")
    return asked.query(metrics=[name], **question).passport(name)["ledger"]


def test_nothing_lost_nothing_doubled() -> None:
    """S8: 132 = 120 counted + 5 excluded + 7 late, 9 rows = 7 + 1 + 1; naive inner joins make 130 of it."""
    asked, _ = shared_world("tickets")
    result = asked.query(metrics=["support_cost"], by=["unit.division"], known_on="2026-07-01")
    assert result.rows() == [("Online", 40), ("Retail", 60), (None, 20)]
    assert result.passport("support_cost")["ledger"] == {
        "source": tally(9, 132), "counted": tally(7, 120), "excluded": {"test tickets": tally(1, 5)}, "late": tally(1, 7),
        "unassigned": tally(2, 20), "residual": NOTHING,
    }  # fmt: skip
    (account,) = asked.desk.ledger(Query.of(metrics=["support_cost"], known_on="2026-07-01"), "support_cost", by_key=True).accounts
    assert account.share_unassigned == Fraction(1, 6) and account.wrong == ()


def test_a_row_leaves_under_the_first_reason_only() -> None:
    found = ledger("by_reasons")
    assert found["excluded"] == {"test tickets": tally(1, 5), "small": tally(2, 15), "simple": tally(4, 57)}
    assert found["counted"] == tally(2, 55) and found["residual"] == NOTHING  # each reason by itself: 5, 20 and 69, in all 94


def test_what_came_late_is_late_and_not_excluded() -> None:
    found = ledger("by_reasons", known_on="2026-07-01")
    assert found["late"] == tally(1, 7) and found["excluded"]["small"] == tally(1, 8)
    assert found["residual"] == NOTHING


def test_two_translations_on_one_way_are_one_ledger() -> None:
    assert ledger("twice_cleaned") == {
        "source": tally(9, 132), "counted": tally(3, 63), "excluded": {"test tickets": tally(1, 5), "simple": tally(5, 64)},
        "late": NOTHING, "unassigned": tally(1, 8), "residual": NOTHING,
    }  # fmt: skip


def test_both_sides_of_a_quotient_tie_for_themselves() -> None:
    found = ledger("cost_each", where="kind = 'simple'")
    assert {term: (each["source"], each["counted"]) for term, each in found.items()} == {
        "cost": (tally(6, 69), tally(5, 64)), "tickets": (tally(6, 6), tally(5, 5)),
    }  # fmt: skip


def test_a_reason_over_the_many_tags_counts_a_ticket_once() -> None:
    assert ledger("untagged")["excluded"] == {"tagged b": tally(4, 70)}  # 100 with ticket 3 for each of its tags


def test_an_action_metric_has_a_ledger_too() -> None:
    assert ledger("dear_tickets", start="2026-06-03", end="2026-06-09") == {
        "source": tally(3, 3), "counted": tally(3, 3), "excluded": {}, "late": NOTHING, "unassigned": NOTHING, "residual": NOTHING,
    }  # fmt: skip


def test_a_ledger_is_asked_when_it_is_read_and_not_before() -> None:
    asked = open_world("tickets")
    result = asked.query(metrics=["support_cost"])
    asked.engine.rows("drop table tags")  # nothing that the ledger reads
    assert "ledger" not in result.passports["support_cost"]
    passport = result.passport("support_cost")
    assert "ledger" not in passport and passport["ledger"] and "ledger" in passport
    with pytest.raises(KeyError):
        passport["nothing"]
    assert asked.query(metrics=["support_cost"], ledger=True).passports["support_cost"]["ledger"] == passport["ledger"]


def test_rows_are_looked_for_by_key_whatever_grain_the_numbers_have(tmp_path: Path) -> None:
    taken = metric("taken", measure="sum(amount)", grain={"time": "month", "by": ["shop"]})
    switch = {"owner": "board", "why": "W.", "loses": "L.", "from": "taken", "exclude": [{"when": "amount < 15", "reason": "small"}]}
    layer = made(tmp_path, shop(taken, choice("earned", translation=switch)), TABLES)
    assert layer.query(metrics=["earned"], ledger=True).passports["earned"]["ledger"]["excluded"] == {"small": tally(1, 10)}
    assert [finding.code for finding in layer.check(data=True) if finding.is_error] == []


# -- breaking it


def test_a_reason_that_does_not_work_is_seen_with_its_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """What leaves by one account and stays by the other does not tie: the ledger takes nothing from the answer."""
    asked = open_world("tickets")
    everything = Exclusion(asked.model.metrics["support_cost"].excludes[0].when, "").when
    broken = []

    def stays(self: Exclusion) -> Any:
        from decisionlayer.resolve.language.tree import Literal

        broken.append(self.when == everything)
        return Literal(True)

    monkeypatch.setattr(Exclusion, "stays", stays)
    with pytest.raises(DeclarationError) as refused:
        asked.query(metrics=["support_cost"], ledger=True)
    (finding,) = refused.value.findings
    assert broken and finding.rule.id == "DL602"
    assert finding.message == "the ledger of `support_cost` does not tie: 9 rows of `tickets` in, 10 accounted for: 8 is counted 1 times"
    assert finding.damage == "9 counted, 1 left out, 0 late; -1 rows remain, which amount to -5"


def test_two_errors_that_cancel_are_seen_by_their_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row wrongly in and one wrongly out are no residual; only keys show them."""
    from decisionlayer.plan import ledger as room

    asked = open_world("tickets")
    whole = room._Made.rows

    def swapped(self: Any, part: str, conditions: Any, *, leaves: bool) -> None:
        from decisionlayer.resolve.language.parser import parse_filter

        other = parse_filter("id <> 1").expr  # the first ticket is lost, and the test counts in its place
        if part in ("counted", "arrived"):
            whole(self, part, (*conditions, other), leaves=False)
        else:
            whole(self, part, conditions, leaves=leaves)

    monkeypatch.setattr(room._Made, "rows", swapped)
    (account,) = asked.desk.ledger(Query.of(metrics=["support_cost"]), "support_cost", by_key=True).accounts
    assert account.residual.rows == 0
    assert account.wrong == ("1 is counted 0 times", "8 is counted 1 times")
    assert account.tells(asked.model.metrics["support_cost"]) is not None


# -- tolerance and control totals

TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2024-01-01', 'A', 10), (2, '2024-01-02', null, 20), (3, '2024-02-01', 'B', 70);
create table booked (month date, total integer);
insert into booked values ('2024-01-01', 30), ('2024-02-01', 70);
"""
BOOKED = {
    "source": "booked", "one_row_is": "one month in the books", "table": "booked", "key": ["month"], "time": {"month": "month"},
    "owner": "board", "columns": {"month": "date", "total": "integer"},
}  # fmt: skip


def books(folder: Path, tables: str = TABLES, unit: str = "1", **keys: Any) -> Layer:
    switch = {"owner": "board", "why": "W.", "loses": "L.", "from": "taken", **keys}
    declared = shop(
        metric("taken", measure="sum(amount)"), metric("in_books", measure="sum(total)", source="booked", unit=unit),
        choice("earned", translation=switch, grain={"by": ["shop"]}),
        choice("twice", formula="earned + earned"), choice("share", unit="percent", formula="earned / total(earned)"),
    )  # fmt: skip
    return made(folder, {**declared, "sources": [*declared["sources"], BOOKED], "units": [{"unit": "flight"}]}, tables)


CONTROL = {"control_total": {"metric": "in_books", "by": ["month"], "within": 1}}


@pytest.mark.parametrize("asked", ["earned", "twice", "share"])
def test_what_stands_in_no_group_is_refused_beyond_the_tolerance(tmp_path: Path, asked: str) -> None:
    layer = books(tmp_path, tolerance={"unassigned": 0.19})
    with pytest.raises(DeclarationError) as refused:
        layer.query(metrics=[asked])
    (finding,) = refused.value.findings
    assert (finding.rule.id, finding.severity.value) == ("DL604", "error")
    assert finding.message == "20.0% of `earned` stands under Unassigned by `shop`, and its translation tolerates 19.0%"
    assert finding.damage == "1 of 3 rows, 20 of 100"
    assert finding in layer.check(data=True)


def test_within_the_tolerance_it_is_shown(tmp_path: Path) -> None:
    layer = books(tmp_path, tolerance={"unassigned": 0.2})
    assert layer.query(metrics=["earned"]).passports["earned"]["ledger"]["unassigned"] == tally(1, 20)
    (told,) = [finding for finding in layer.check(data=True) if finding.code == "rows-without-home"]
    assert (told.severity.value, told.subject) == ("warning", "metric earned")
    assert layer.query(metrics=["earned"], start="2024-02").rows() == [(70,)]
    with pytest.raises(DeclarationError, match=r"66\.7% of `earned`"):
        layer.query(metrics=["earned"], end="2024-01")  # the range decides: 20 of 30


def test_a_number_that_ties_shows_its_control_total(tmp_path: Path) -> None:
    layer = books(tmp_path, **CONTROL)
    told = layer.query(metrics=["earned"], start="2024-01", end="2024-01").passports["earned"]["control_total"]
    assert told == {
        "metric": "in_books", "by": ["month"], "within": 1, "over": "2024-01 to 2024-01", "cells": 1, "ties": True, "gaps": [],
    }  # fmt: skip


@pytest.mark.parametrize("asked", ["earned", "twice"])
def test_a_gap_beyond_what_is_allowed_is_refused_and_never_absorbed(tmp_path: Path, asked: str) -> None:
    layer = books(tmp_path, TABLES + "delete from sales where id = 1;", **CONTROL)
    with pytest.raises(DeclarationError) as refused:
        layer.query(metrics=[asked], where="shop = 'B'")  # what the question filters out is no gap, and hides none
    (finding,) = refused.value.findings
    assert finding.rule.id == "DL602"
    assert finding.message == "`earned` does not tie to its control total `in_books`: 20 against 30 1 in month 2024-01-01"
    assert finding in layer.check(data=True)
    assert layer.query(metrics=["earned"], start="2024-02").rows() == [(70,)]  # that month ties


def test_a_month_that_the_books_lack_is_a_gap(tmp_path: Path) -> None:
    layer = books(tmp_path, TABLES + "delete from booked where total = 70;", **CONTROL)
    with pytest.raises(DeclarationError, match="70 against 0 1 in month 2024-02-01"):
        layer.query(metrics=["earned"])


def test_a_range_that_cuts_the_months_of_the_books_is_held_to_all_of_them(tmp_path: Path) -> None:
    told = books(tmp_path, **CONTROL).query(metrics=["earned"], start="2024-01-02", end="2024-01-10").passports["earned"]
    assert told["control_total"]["over"] == "all periods" and told["control_total"]["ties"]


def test_a_gap_within_what_is_allowed_is_shown(tmp_path: Path) -> None:
    layer = books(tmp_path, TABLES + "update booked set total = 31 where total = 30;", **CONTROL)
    told = layer.query(metrics=["earned"]).passports["earned"]["control_total"]
    assert told["ties"] and told["gaps"] == [{"cell": {"month": dt.date(2024, 1, 1)}, "number": 30, "control": 31, "gap": -1}]
    assert layer.query(metrics=["earned"]).rows() == [(100,)]  # 101 would be absorbed


def test_another_reading_of_a_number_is_held_to_nothing(tmp_path: Path) -> None:
    layer = books(tmp_path, where="id > 1", control_total={"metric": "in_books", "by": ["month"], "within": 10})
    assert layer.query(metrics=["earned"], naive=True).rows()[0][:2] == (90, 100)


@pytest.mark.parametrize(
    ("keys", "code", "message"),
    [
        (CONTROL, "mixed-units", "metric `earned` is in 1, and its control total `in_books` has the unit flight"),
        ({"control_total": {"metric": "in_book"}}, "unknown-name", "metric `earned` is held against `in_book`, which nothing declares"),
        ({"control_total": {"metric": "earned"}}, "wrong-argument", "metric `earned` is its own control total"),
        ({"control_total": {"metric": "taken", "within": -1}}, "wrong-argument", "metric `earned` is to tie within -1, which nothing does"),
        ({"tolerance": {"unassigned": 5}}, "wrong-argument", "metric `earned` tolerates 5 as unassigned, and a share lies between 0 and 1"),
        ({"regroup": "org@FY26"}, "unknown-name", "metric `earned` is regrouped by `org`, and no hierarchy has that name"),
        ({"manual": [{"by": "desk", "does": "It.", "hours": -1}]}, "wrong-argument", "a step of metric `earned` takes -1 hours"),
        ({"manual": [{"by": "dusk", "does": "It."}]}, "no-owner", "`dusk` does a step by hand for metric `earned`, and no party has that name"),
    ],
)
def test_what_a_switch_cannot_mean_is_refused(tmp_path: Path, keys: dict[str, Any], code: str, message: str) -> None:
    found = [(each.code, each.message) for each in books(tmp_path, unit="flight", **keys).model.findings if each.is_error]
    assert found[0] == (code, message)
    assert {code for code, _ in found[1:]} <= {"stands-on-broken"}


def test_publishing_is_refused_what_does_not_tie(tmp_path: Path) -> None:
    layer = books(tmp_path, TABLES + "delete from sales where id = 1;", **CONTROL)
    view = {"view": "month_books", "audience": "executive", "owner": "board", "definition": "D.", "metrics": ["earned"], "by": ["month"]}
    (tmp_path / "definitions" / "view.yml").write_text(f"views: [{view}]".replace("'", '"'), encoding="utf-8")
    layer = Layer.load(tmp_path, warehouse=layer.engine)
    with pytest.raises(DecisionLayerError) as refused:
        layer.publish()
    assert "parts-differ" in refused.value.codes


def test_what_stands_on_a_number_held_against_another_unit_falls_with_it(tmp_path: Path) -> None:
    layer = books(tmp_path, unit="flight", **CONTROL)
    with pytest.raises(DeclarationError) as refused:
        layer.query(metrics=["twice"])
    assert refused.value.codes == ("stands-on-broken",)

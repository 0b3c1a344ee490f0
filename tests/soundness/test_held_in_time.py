"""Each definition is held against its own control total, and has its own ledger: neither is of rows that it did not count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from decisionlayer.errors import DeclarationError
from decisionlayer.layer import Layer
from tests.worlds.made import choice, made, metric, shop

TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2024-01-01', 'A', 10), (2, '2024-01-02', 'A', 20), (3, '2024-02-01', 'B', 60), (4, '2024-02-02', 'A', 15),
  (5, '2024-02-03', 'A', 30), (6, '2024-03-03', 'A', 5), (7, '2024-03-03', null, 7);
create table booked (month date, total integer, big integer);
insert into booked values ('2024-01-01', 30, 20), ('2024-02-01', 105, 90), ('2024-03-01', 12, 0);
"""


def books(folder: Path, tables: str = TABLES, since: str = "2024-02-01", by: tuple[str, ...] = (), **more: Any) -> Layer:
    """Since February only sales of 20 are earned, which other books keep."""
    declared = shop(
        metric("sold", measure="sum(amount)"),
        metric("in_books", source="booked", measure="sum(total)"),
        metric("big_in_books", source="booked", measure="sum(big)"),
        choice(
            "earned", since=since, past="restated", grain={"time": "day"}, formula="s",
            translation={
                "owner": "desk", "why": "W.", "loses": "L.", "terms": {"s": {"from": "sold", "where": "amount >= 20"}},
                "control_total": {"metric": "big_in_books", "by": list(by)}, **more,
            },
            earlier=[{"since": "2024-01-01", "translation": {
                "terms": {"s": {"where": "true"}}, "control_total": {"metric": "in_books", "by": list(by)},
            }}],
        ),
    )  # fmt: skip
    declared["sources"].append({
        "source": "booked", "one_row_is": "one month", "table": "booked", "key": ["month"], "time": {"month": "month"}, "owner": "desk",
        "columns": {"month": "date", "total": "integer", "big": "integer"},
    })  # fmt: skip
    return made(folder, declared, tables)


@pytest.mark.parametrize("by", [(), ("month",)])
@pytest.mark.parametrize("how", [{"definition": "as_then"}, {"basis": "as_reported"}])
def test_across_a_change_each_definition_ties_to_its_own_control_total(tmp_path: Path, by: tuple[str, ...], how: dict[str, Any]) -> None:
    layer = books(tmp_path, by=by)
    result = layer.query(metrics=["earned"], by=["month"], **how)
    assert [value for _, value in result.rows()] == [30, 90]  # not 20, January by the rule of February
    told: Any = result.passport("earned")["control_total"]
    assert told["ties"]
    assert [(each["since"], each["metric"], each["ties"], each["gaps"]) for each in told["definitions"]] == [
        ("2024-01-01", "in_books", True, []), ("2024-02-01", "big_in_books", True, []),
    ]  # fmt: skip
    assert [finding.code for finding in layer.check(data=True) if finding.is_error] == []


def test_a_gap_names_the_definition_that_it_is_under(tmp_path: Path) -> None:
    layer = books(tmp_path, TABLES + "update booked set total = 33 where total = 30;")
    with pytest.raises(DeclarationError) as refused:
        layer.query(metrics=["earned"], by=["month"], definition="as_then")
    (finding,) = refused.value.findings
    assert finding.message == "`earned` does not tie to its control total `in_books` under its definition of 2024-01-01: 30 against 33 1 in the total"
    assert finding in layer.check(data=True)
    assert layer.query(metrics=["earned"], start="2024-02").rows() == [(90,)]


def test_a_range_that_cuts_a_month_is_held_in_the_life_of_its_definition(tmp_path: Path) -> None:
    layer = books(tmp_path, by=("month",))
    for keys, over in (
        ({"start": "2024-02-02"}, "2024-02-01 to …"),
        ({"start": "2024-01-02", "end": "2024-01", "definition": "as_then"}, "2024-01-01 to 2024-01-31"),
    ):
        told: Any = layer.query(metrics=["earned"], **keys).passport("earned")["control_total"]
        assert (told["over"], told["ties"]) == (over, True)  # over all periods it would be refused: two definitions


def test_a_change_within_a_month_of_the_books_is_told_and_stops_nothing(tmp_path: Path) -> None:
    layer = books(tmp_path, since="2024-02-02", by=("month",))
    result = layer.query(metrics=["earned"], by=["day"], definition="as_then")
    assert [value for _, value in result.rows()] == [10, 20, 60, 30]
    told: Any = result.passport("earned")["control_total"]
    assert not told["ties"]
    assert ["cuts one month in two" in each["because"][0] for each in told["definitions"]] == [True, True]
    found = [finding for finding in layer.check(data=True) if finding.code == "parts-differ"]
    assert [finding.severity.value for finding in found] == ["warning", "warning"]
    assert "is not held against its control total `in_books`" in found[0].message


def test_a_ledger_has_accounts_of_each_definition(tmp_path: Path) -> None:
    layer = books(tmp_path, exclude=[{"when": "amount = 60", "reason": "a gift"}], control_total={"metric": "big_in_books", "within": 1000})
    result = layer.query(metrics=["earned"], by=["month"], definition="as_then", ledger=True)
    assert [value for _, value in result.rows()] == [30, 30]
    told: Any = result.passport("earned")["ledger"]
    accounts = {name: (each["source"]["amount"], each["counted"]["amount"], each["excluded"]["a gift"]["amount"]) for name, each in told.items()}
    assert accounts == {"since 2024-01-01": (30, 30, 0), "since 2024-02-01": (90, 30, 60)}  # not 110 in all, January by today's rule
    assert all(each["residual"] == {"rows": 0, "amount": 0} for each in told.values())
    cut = layer.query(metrics=["earned"], by=["month"], start="2024-01-02", end="2024-02", definition="as_then", ledger=True)
    again: Any = cut.passport("earned")["ledger"]
    assert again["since 2024-01-01"]["counted"] == {"rows": 1, "amount": 20}

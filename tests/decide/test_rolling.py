"""From the opening to the closing of a stock: scenario S5 of the reference to the cent, and every rest refused."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from decisionlayer import DecisionLayerError
from decisionlayer.decide import naive_walk
from decisionlayer.layer import Layer
from decisionlayer.report import as_text
from tests.worlds import HERE, connect, open_world

Q1 = {"start": "2026-01", "end": "2026-03"}


def test_what_the_rates_did_is_a_line_of_its_own() -> None:
    walk = open_world("money").walk("owed_eur", against="opening", **Q1)
    assert (walk.before, walk.after, walk.ends) == (Decimal("44"), Decimal("80"), ("opening", "closing"))
    assert [(step.name, step.change, step.after) for step in walk.steps] == [
        ("us_eur", Decimal("376"), Decimal("420")),
        ("collected_eur", Decimal("-346.2"), Decimal("73.8")),
        ("fx", Decimal("6.2"), Decimal("80")),  # and not 0: 73.80 is not what is owed
    ]
    assert {line.name: line.change for line in walk.steps[-1].lines} == {
        "opening": Decimal("6"),  # 50 dollars from 0.88 to 1.00
        "2026-01": Decimal("-1"),  # 10 dollars more paid than sold, at 0.90 and worth 1.00
        "2026-02": Decimal("0"),
        "2026-03": Decimal("1.2"),  # 40 dollars from 0.97 to 1.00
    }


def test_in_its_own_money_there_is_nothing_for_rates_to_do() -> None:
    walk = open_world("money").walk("owed_us", against="opening", **Q1)
    assert [(step.name, step.change) for step in walk.steps] == [("sales_us", Decimal("400")), ("collected_us", Decimal("-370"))]
    assert (walk.before, walk.after) == (Decimal("50"), Decimal("80"))


def test_a_shorter_range_begins_with_the_level_before_it() -> None:
    walk = open_world("money").walk("owed_eur", against="opening", start="2026-02", end="2026-02")
    assert (walk.before, walk.after) == (Decimal("36.4"), Decimal("38"))
    assert [step.change for step in walk.steps] == [92, -92, Decimal("1.6")]


@pytest.mark.parametrize(
    "damage",
    [
        "update collections set amount = 101 where id = 2",
        "delete from sales where id = 3",
        "insert into sales select 12, sold_on, region, currency, amount, discount, pieces from sales where id = 1",
        "update sales set sold_on = date '2026-04-01' where id = 5",
        "update receivables set amount = 79.99 where day = date '2026-03-31'",
        "update sales set region = 'EU' where id = 1",
        "update collections set amount = null where id = 3",
    ],
)
def test_a_rest_that_no_flow_tells_of_is_refused_in_both_moneys_and_found_in_the_data(damage: str) -> None:
    warehouse = connect("money")
    warehouse.execute(damage)
    layer = Layer.load(HERE / "money", warehouse=warehouse)
    for metric in ("owed_us", "owed_eur"):
        with pytest.raises(DecisionLayerError) as refused:
            layer.walk(metric, against="opening", **Q1)
        assert refused.value.codes == ("parts-differ",)
    found = {finding.subject for finding in layer.check(data=True) if finding.code == "parts-differ"}
    assert found == {"metric owed_us", "metric owed_eur"}


def test_the_data_as_they_are_tie_at_every_level() -> None:
    assert [finding for finding in open_world("money").check(data=True) if finding.code == "parts-differ"] == []


@pytest.mark.parametrize(
    ("metric", "asked", "code"),
    [
        ("sales_us", Q1, "bad-question"),  # nothing leads from one flow to the next
        ("owed_us", {"start": "2026-01"}, "needs-period"),
        ("owed_us", {"start": "2025-12", "end": "2026-01"}, "bad-question"),  # no level before
    ],
)
def test_a_walk_that_leads_nowhere_is_refused(metric: str, asked: dict[str, str], code: str) -> None:
    with pytest.raises(DecisionLayerError) as refused:
        open_world("money").walk(metric, against="opening", **asked)
    assert refused.value.codes == (code,)


def test_read_naively_dollars_and_euros_make_a_number() -> None:
    walk = naive_walk(open_world("money"), "sales_eur", **Q1)
    assert (walk.before, walk.after) == (Decimal("766"), Decimal("790"))
    assert [(step.cause, step.change) for step in walk.steps] == [("currency", Decimal("24"))]


def test_a_brief_tells_how_a_stock_came_to_where_it_is(tmp_path: Path) -> None:
    shutil.copytree(HERE / "money", tmp_path / "money")
    (tmp_path / "money" / "definitions" / "decision.yml").write_text("""
decisions:
  - decision: who_owes
    question: Whom do we press?
    decider: board
    options: {dimension: region, list: [US], status_quo: none, because: Somebody is pressed.}
    criteria: [{metric: owed_eur, scale: {worst: 0, best: 100}, weight: 1}]
    horizons:
      - {name: the quarter, period: quarter, against: previous}
      - {name: the level, period: quarter}
    review_on: 2026-12-31
    expects: [{option: US, owed_eur: 50}]
""")
    layer = Layer.load(tmp_path / "money", warehouse=connect("money"))
    brief = layer.brief("who_owes", today="2026-04-05")
    quarter, level = brief.horizons
    (roll,) = quarter["rolls"]
    assert (roll["opening"], roll["closing"]) == (Decimal("44"), Decimal("80"))
    assert roll["steps"] == {"us_eur": Decimal("376"), "collected_eur": Decimal("-346.2"), "fx": Decimal("6.2")}  # 73.80 is not what is owed
    assert level["rolls"] == []
    assert "US, US receivables in euros: 44.00 EUR, us_eur +376.00, collected_eur -346.20, fx +6.20, 80.00 EUR" in " ".join(as_text(brief).split())
    assert quarter["says"] == "US is first, whichever definition is swapped."  # one criterion: there is no weight to be moved

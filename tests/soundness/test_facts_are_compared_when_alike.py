"""A difference of two facts is given only where they mean the same in every aspect (law 7); otherwise every reason is said.

The plausible wrong number stands in each test: Online sold 60 in 2025 and 115 in 2026, and grew from 100 to 115, for U2 moved to it.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from decisionlayer import Layer, QueryError
from decisionlayer.frozen import replace
from decisionlayer.resolve.meaning.comparing import Circumstances, Span, compare, equally_long, reasons
from decisionlayer.run.result import Fact
from tests.worlds import open_world


def fact(layer: Layer, **question: object) -> Fact:
    return next(each for each in layer.query(**question).facts() if each.cell.get("org__division", "Online") == "Online")


def test_growth_through_a_move_is_refused_until_a_structure_is_named() -> None:
    layer = open_world("reorg")
    asked = {"metrics": ["revenue"], "by": ["year", "org.division"]}
    was, now = (fact(layer, **asked, start=year, end=year) for year in ("2025", "2026"))
    assert (was.value, now.value) == (60, 115)  # 55 more would be the naive growth
    told = now.compared_with(was)
    assert told.change is None and [reason.code for reason in told.reasons] == ["unsettled-structure"]
    with pytest.raises(QueryError, match="DL402"):
        now - was
    was, now = (fact(layer, **asked, start=year, end=year, structure={"at": "FY26"}) for year in ("2025", "2026"))
    assert now - was == 15  # 100 to 115, under the line of 2026 both times


def test_two_structures_are_a_reason() -> None:
    layer = open_world("reorg")
    asked = {"metrics": ["revenue"], "by": ["year", "org.division"]}
    was = fact(layer, **asked, start="2025", end="2025", structure={"at": "FY25"})
    now = fact(layer, **asked, start="2026", end="2026", structure={"at": "FY26"})
    assert [reason.message for reason in now.compared_with(was).reasons] == [
        "not the same structure: one reads the org as it was on 2025-12-31, the other as it was on 2026-01-01"
    ]


def test_groups_of_one_time_are_compared_whatever_their_structure() -> None:
    facts = open_world("reorg").query(metrics=["revenue"], by=["org.division"], start="2026", end="2026").facts()
    online, retail = facts[:2]
    assert retail - online == 103 - 115


def test_where_a_metric_goes_through_no_history_its_structure_is_no_matter() -> None:
    layer = open_world("reorg")
    was, now = (layer.query(metrics=["revenue"], start=year, end=year).facts()[0] for year in ("2025", "2026"))
    assert now - was == 226 - 205


def test_every_reason_is_said_at_once() -> None:
    layer = open_world("reorg")
    was = layer.query(metrics=["revenue"], start="2025-01", end="2025-04", where="shop = 'U1'").facts()[0]
    now = layer.query(metrics=["sales_count"], start="2026-01", end="2026-03").facts()[0]
    told = now.compared_with(was)
    assert [reason.code for reason in told.reasons] == ["not-comparable", "mixed-units", "unequal-periods", "not-comparable"]
    assert "120 days" in told.reasons[2].message


def test_a_change_that_stands_in_the_answer_is_no_fact_of_its_time() -> None:
    facts = open_world("reorg").query(metrics=["revenue"], by=["year"], compare=["previous"], start="2026").facts()
    value, *beside = facts
    assert value.circumstances is not None and all(each.circumstances is None for each in beside)
    assert [reason.code for reason in value.compared_with(beside[0]).reasons] == ["not-comparable"]


@pytest.mark.parametrize("aspect, changes", [
    ("meaning", {"meaning": "m1:other"}), ("unit", {"unit": "USD"}), ("instant", {"is_level": True}), ("calendar", {"calendar": "m1:c"}),
    ("zone", {"zone": "Asia/Tokyo"}), ("weeks", {"week_start": "sunday"}), ("structure", {"structure": "as_was"}),
    ("definition", {"definitions": ("revenue@2024-01-01",)}), ("rows", {"where": "shop = 'U1'"}), ("members", {"members": "like_for_like"}),
    ("fx", {"fx": ("group_eur closing",)}), ("known on", {"known_on": dt.date(2026, 7, 1)}),
])  # fmt: skip
def test_each_aspect_alone_is_reason_enough(aspect: str, changes: dict[str, object]) -> None:
    year = Span(dt.datetime(2025, 1, 1), dt.datetime(2026, 1, 1), "year")
    one = Circumstances("revenue", "m1:a", "EUR", year, structure="at 2026-01-01", through=("org",))
    assert reasons(one, one) == ()
    assert len(reasons(one, replace(one, **changes))) == len(reasons(replace(one, **changes), one)) == 1, aspect


def test_what_is_divided_by_the_length_of_its_period_may_be_compared_over_unequal_ones() -> None:
    long = Span(dt.datetime(2024, 9, 29), dt.datetime(2025, 1, 5), "retail.quarter", is_even=False)  # 14 weeks
    short = Span(dt.datetime(2025, 9, 28), dt.datetime(2025, 12, 28), "retail.quarter", is_even=False)  # 13
    one = Circumstances("cost", "m1:a", "EUR", long, calendar="m1:c")
    assert [reason.code for reason in reasons(one, replace(one, span=short))] == ["unequal-periods"]
    assert reasons(replace(one, per=True), replace(one, span=short, per=True)) == ()


def test_months_count_as_equal_and_weeks_of_a_calendar_do_not() -> None:
    def span(first: str, after: str, **more: object) -> Span:
        return Span(dt.datetime.fromisoformat(first), dt.datetime.fromisoformat(after), **more)  # type: ignore[arg-type]

    assert equally_long(span("2026-02-01", "2026-03-01"), span("2026-03-01", "2026-04-01"))  # 28 and 31 days
    assert not equally_long(span("2026-02-01", "2026-03-01"), span("2026-03-02", "2026-04-02"))
    # Both begin and end with a month, by chance; a calendar of weeks counts days.
    assert not equally_long(span("2026-02-01", "2026-03-01", is_even=False), span("2026-03-01", "2026-04-01", is_even=False))
    assert not equally_long(Span(None, None), span("2026-02-01", "2026-03-01"))


def test_a_missing_number_has_no_change_and_a_past_of_zero_no_fraction() -> None:
    class Told:
        def __init__(self, value: object) -> None:
            self.value = value
            self.circumstances = Circumstances("revenue", "m1:a", "EUR", Span(None, None))

    assert compare(Told(None), Told(3)).change is None
    assert compare(Told(0), Told(3)).fraction is None
    assert compare(Told(0.1), Told(0.3)).change == Decimal("0.2")  # not 0.19999999999999998
    assert compare(Told(-4), Told(-3)).fraction == Decimal("0.25")  # less of a loss is a rise


def test_a_week_of_two_week_starts_is_not_one_week(tmp_path: Path) -> None:
    def revenue(start: str) -> Fact:
        folder = tmp_path / start / "definitions"
        folder.mkdir(parents=True)
        (folder / "all.yml").write_text(f"""
project: {{name: shop, timezone: UTC, week_start: {start}}}
parties: [{{party: desk, kind: team, name: Desk}}]
sources: [{{source: sales, one_row_is: one sale, table: sales, key: [id], time: {{day: day}}, owner: desk, columns: {{id: integer, day: date, amount: {{type: integer, unit: EUR}}}}}}]
metrics: [{{metric: revenue, title: Revenue, definition: Sold., unit: EUR, better: higher, purpose: action, owner: desk, respond: Look., source: sales, measure: sum(amount)}}]
""")
        connection = duckdb.connect()
        connection.execute("create table sales as select 1 as id, date '2026-01-05' as day, 7 as amount").fetchall()
        return Layer.load(tmp_path / start, connection).query(metrics=["revenue"], by=["week"]).facts()[0]

    # The meaning of a number that is cut by time holds the week start; the span differs too.
    told = revenue("monday").compared_with(revenue("sunday"))
    assert told.change is None and told.reasons

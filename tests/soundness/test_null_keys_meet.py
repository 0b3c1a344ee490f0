"""NULL is a group like any other: one row for it across all sources, not one for each source."""

from __future__ import annotations

from tests.worlds import shared_world


def test_an_unknown_key_is_one_row_across_two_sources() -> None:
    rows = shared_world("orphans")[0].query(metrics=["kilos", "billed"], by=["customer.name"]).rows()
    assert [row for row in rows if row[0] is None] == [
        (None, 56, 280)
    ]  # FULL JOIN … USING gives (NULL, 56, NULL) and (NULL, NULL, 280)


def test_a_composite_key_meets_part_by_part() -> None:
    rows = shared_world("orphans")[0].query(metrics=["kilos", "billed"], by=["customer"]).rows()
    assert rows[2] == ("DE", None, 8, 160) and rows[-1] == (None, None, 32, 80) and len(rows) == 6


def test_an_unknown_month_meets_an_unknown_month() -> None:
    rows = shared_world("orphans")[0].query(metrics=["kilos", "billed"], by=["month", "customer.name"]).rows()
    assert rows[-1] == (None, None, 16, 160) and len({row[:2] for row in rows}) == len(rows)


def test_three_sources_meet_in_one_unknown_region() -> None:
    rows = shared_world("two_facts")[0].query(metrics=["cost", "visits", "revenue"], by=["region.name"]).rows()
    assert rows[-1] == (None, None, 2, None) and len(rows) == 4

"""Questions answered on DuckDB, with the rows worked out by hand from ``tests/plan/company.py``."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.plan.company import layer

JAN, FEB = dt.date(2024, 1, 1), dt.date(2024, 2, 1)


def euros(amount: str) -> Decimal:
    return Decimal(amount)


def rows(**question: object) -> list[tuple[object, ...]]:
    return [tuple(row) for row in layer().query(**question).rows()]


def test_a_sale_after_midnight_utc_belongs_to_the_evening_before():
    # sale 1 (100) is at 21:00 on 31 January in New York: January holds 100 + 20, February 60 + 10 + 5, and one has no time
    assert rows(metrics=["revenue"], by=["month"]) == [
        (JAN, euros("120")), (FEB, euros("75")), (None, euros("1")),
    ]  # fmt: skip


def test_orphans_and_unknown_keys_are_kept_apart():
    # s9 is no shop on file, NULL is none at all: by key they are two rows, by name one
    assert rows(metrics=["orders"], by=["shop"]) == [("s1", 2), ("s2", 1), ("s3", 1), ("s9", 1), (None, 1)]
    assert rows(metrics=["orders"], by=["shop.name"]) == [("First", 2), ("Second", 1), ("Third", 1), (None, 2)]


def test_two_hops_keep_every_row():
    # s3 lies in a town that is not on file: 1 + 10 + 5 have no region
    assert rows(metrics=["revenue"], by=["shop.town.region"]) == [
        ("north", euros("120")), ("south", euros("60")), (None, euros("16")),
    ]  # fmt: skip


def test_what_is_not_there_is_neither_true_nor_false():
    # coalesce(region, '') = 'north' would call the unknown towns not northern
    assert rows(metrics=["revenue"], by=["shop.town.is_north"]) == [
        (False, euros("60")), (True, euros("120")), (None, euros("16")),
    ]  # fmt: skip


def test_two_roles_of_one_entity_are_two_questions():
    assert rows(metrics=["orders"], by=["buyer.name"]) == [("Ann", 2), ("Bob", 2), (None, 2)]
    assert rows(metrics=["orders"], by=["seller.name"]) == [("Ann", 1), ("Bob", 4), (None, 1)]


def test_a_key_of_two_columns_splits_and_joins():
    assert rows(metrics=["orders"], by=["slot.weather"]) == [("rain", 2), ("sun", 1), (None, 3)]
    assert rows(metrics=["orders"], by=["slot"], where="slot.weather = 'rain'") == [("s1", dt.date(2024, 1, 31), 2)]


def test_two_sources_meet_where_both_have_rows_and_where_one_has():
    # revenue s1 120, s2 60, s3 1, s9 10, NULL 5 (196); spent s1 70, s2 90, s4 8 (168)
    assert rows(metrics=["profit"], by=["shop"]) == [
        ("s1", euros("50")), ("s2", euros("-30")), ("s3", euros("1")), ("s4", euros("-8")), ("s9", euros("10")), (None, euros("5")),
    ]  # fmt: skip
    assert rows(metrics=["profit"]) == [(euros("28"),)]


def test_two_shared_dimensions_multiply_nothing():
    assert rows(metrics=["revenue", "spent"], by=["month", "shop"]) == [
        (JAN, "s1", euros("120"), euros("70")),
        (FEB, "s2", euros("60"), euros("90")),
        (FEB, "s4", None, euros("8")),
        (FEB, "s9", euros("10"), None),
        (FEB, None, euros("5"), None),
        (None, "s3", euros("1"), None),
    ]


def test_no_rows_is_not_null():
    metrics = ["orders", "revenue", "orders_or_none", "spent", "bills_or_zero"]
    assert rows(metrics=metrics, by=["shop"], where="shop = 's4' or shop = 's9'") == [
        ("s4", 0, None, None, euros("8"), euros("8")),
        ("s9", 1, euros("10"), 1, None, euros("0")),
    ]  # fmt: skip


def test_without_a_split_there_is_one_row_even_over_nothing():
    assert rows(metrics=["orders", "revenue", "small_share", "bills_or_zero", "profit"], where="shop = 'nowhere'") == [
        (0, None, None, euros("0"), None)
    ]
    assert rows(metrics=["orders"], by=["shop"], where="shop = 'nowhere'") == []


def test_a_ratio_is_one_of_totals():
    # margins by shop are 50/120 and -30/60; together (180 - 160) / 180, not their mean
    found = dict(rows(metrics=["margin"], by=["shop"], where="shop in ('s1', 's2')"))
    assert found == {"s1": pytest.approx(50 / 120), "s2": pytest.approx(-0.5)}
    assert rows(metrics=["margin"], where="shop in ('s1', 's2')") == [(pytest.approx(20 / 180),)]


def test_dividing_by_nothing_is_null():
    assert rows(metrics=["margin", "per_order", "spent"], by=["shop"], where="shop = 's4'") == [("s4", None, None, euros("8"))]


def test_a_replaced_population_counts_everybody():
    # of all six sales four are below 50; of the five that are paid, four
    assert rows(metrics=["all_small_share", "paid_share"]) == [(pytest.approx(4 / 6), pytest.approx(4 / 5))]


def test_metrics_with_filters_of_their_own_show_only_cells_that_one_of_them_has():
    assert rows(metrics=["large_revenue"], by=["shop"]) == [("s1", euros("100")), ("s2", euros("60"))]
    assert rows(metrics=["large_revenue", "small_orders"], by=["shop"], where="buyer is not null") == [
        ("s1", euros("100"), 1), ("s2", euros("60"), 0), ("s3", None, 1), ("s9", None, 1),
    ]  # fmt: skip


def test_two_clocks_meet_on_the_month():
    # sold: January 2, February 3, unknown 1; paid: January 1, February 4, never 1
    assert rows(metrics=["orders", "paid_orders"], by=["month"]) == [(JAN, 2, 1), (FEB, 3, 4), (None, 1, 1)]
    assert rows(metrics=["orders", "paid_orders"], by=["month"], start="2024-02") == [(FEB, 3, 4)]


def test_a_range_leaves_out_what_has_no_time():
    assert rows(metrics=["orders"], end="9999") == [(5,)]
    assert rows(metrics=["orders"], start="0001", end="9999") == [(5,)]
    assert rows(metrics=["orders"]) == [(6,)]


def test_the_ends_are_inclusive_to_the_second():
    assert rows(metrics=["orders"], start="2024-01-31T21:00:00", end="2024-01-31T21:00:00") == [(1,)]
    assert rows(metrics=["orders"], start="2024-01-31T21:00:01", end="2024-02-01T10:00") == [(1,)]
    assert rows(metrics=["orders"], start="2024-02-01T02:00Z", end="2024-02-01T02:00Z") == [(1,)]


def test_hours_are_the_instants_at_which_they_began():
    found = rows(metrics=["orders"], by=["hour"], end="2024-02-01")
    assert [(hour.astimezone(dt.UTC).isoformat(), n) for hour, n in found] == [
        ("2024-01-31T15:00:00+00:00", 1), ("2024-02-01T02:00:00+00:00", 1),
        ("2024-02-01T15:00:00+00:00", 1), ("2024-02-01T16:00:00+00:00", 1),
    ]  # fmt: skip


def test_parts_of_a_time_are_read_by_the_projects_wall_clock():
    assert rows(metrics=["orders"], by=["hour_of_day"], where="hour_of_day >= 20") == [(21, 1)]
    assert rows(metrics=["orders"], by=["day_of_week"], where="day_of_week = 3") == [(3, 2)]  # 31 January 2024 was a Wednesday


def test_whole_numbers_of_narrow_columns_do_not_overflow():
    # 200² + 300² + 4 · 1²: 200 * 200 alone is beyond a SMALLINT
    assert rows(metrics=["pieces_square"]) == [(130_004,)]


def test_declared_digits_add_exactly():
    assert rows(metrics=["kilograms"]) == [(Decimal("0.600"),)]


def test_medians_of_decimals_keep_their_digits():
    # 1, 5, 10, 20, 60, 100: between 10 and 20
    assert rows(metrics=["middle", "dearest", "buyers"]) == [(15.0, euros("100"), 3)]


def test_having_order_and_limit_work_on_the_result():
    assert rows(metrics=["profit"], by=["shop"], having="profit > :least", params={"least": 1}, order=["-profit"], limit=2) == [
        ("s1", euros("50")), ("s9", euros("10")),
    ]  # fmt: skip
    assert rows(metrics=["revenue"], by=["shop"], order=["revenue"], limit=2) == [("s3", euros("1")), (None, euros("5"))]
    assert rows(metrics=["revenue"], by=["shop"], limit=0) == []
    assert rows(metrics=["orders"], having="orders > 100") == []


def test_null_comes_last_either_way():
    assert [shop for shop, _ in rows(metrics=["orders"], by=["shop"], order=["-shop"])] == ["s9", "s3", "s2", "s1", None]


def test_a_filter_keeps_only_what_is_true():
    assert rows(metrics=["orders"], where="not shop = 's1'") == [(3,)]  # the sale without a shop is not known to be another's
    assert rows(metrics=["orders"], where="shop is null or shop.town.region = :r", params={"r": "south"}) == [(2,)]


def test_hostile_parameters_are_values():
    assert rows(metrics=["orders"], where="shop = :s", params={"s": "s1' or '1'='1"}) == [(0,)]
    assert rows(metrics=["orders"], where="shop = 's1'' or ''1''=''1'") == [(0,)]


def test_values_are_distinct_and_ordered():
    assert rows(by=["shop.name"]) == [("First",), ("Second",), ("Third",)]
    assert rows(by=["kind"], where="shop.town.region = 'north'") == [("large",), ("small",)]
    assert rows(by=["buyer.name"], start="2024-02", end="2024-02") == [("Ann",), (None,)]


def test_fees_count_each_order():
    assert rows(metrics=["fees"], by=["buyer"]) == [("p1", 4), ("p2", 4), ("p9", 2), (None, 2)]


def test_one_path_may_be_walked_in_another_way_for_each_metric():
    # profit by the shop's region: 120-70, 60-90, 16-8; revenue by the buyer's: Ann (north) 100+60, Bob (south) 20+1, 10+5 unknown
    paths = {"region": {"profit": "shop.town", "revenue": "buyer.home"}}
    expected = [("north", euros("50"), euros("160")), ("south", euros("-30"), euros("21")), (None, euros("8"), euros("15"))]
    assert rows(metrics=["profit", "revenue"], by=["region"], paths=paths) == expected
    assert rows(metrics=["revenue", "profit"], by=["region"], paths=paths) == [(key, b, a) for key, a, b in expected]


def test_a_filter_by_an_instant_is_one_by_the_projects_wall_clock():
    at = dt.datetime(2024, 1, 31, 21)
    assert rows(metrics=["orders"], where="hour = :at", params={"at": at}) == [(1,)]
    assert rows(metrics=["orders"], where="hour = '2024-01-31 21:00:00'") == [(1,)]

"""Questions as plans, read as text."""

from __future__ import annotations

from textwrap import dedent

import pytest

from decisionlayer.plan.show import inputs, show_node
from tests.plan.company import plan_of, shown


def expect(text: str, **question: object) -> None:
    assert shown(**question) == dedent(text).strip()


def test_one_measure_is_one_pass():
    expect(
        """
        present month date, shop text, revenue decimal(38,2)
          · order month, shop
          aggregate by month = period_day(wall(sales.sold_at, 'UTC', 'America/New_York'), 'month', 'monday'), shop = sales.shop
            · revenue = sum(sales.amount)
            scan sales (amount, shop, sold_at)
        """,
        metrics=["revenue"], by=["month", "shop"],
    )  # fmt: skip


def test_a_bare_role_is_the_rows_own_key_and_joins_nothing():
    assert "join" not in shown(metrics=["revenue"], by=["shop", "buyer"])


def test_a_key_of_two_columns_is_two_columns_of_the_result():
    plan = plan_of(metrics=["revenue"], by=["slot"])
    assert plan.groups == ("slot__shop", "slot__day")
    assert "join" not in shown(metrics=["revenue"], by=["slot"])


def test_two_roles_to_one_entity_are_two_joins():
    expect(
        """
        present buyer__name text, seller__name text, orders integer
          · order buyer__name, seller__name
          aggregate by buyer__name = buyer.name, seller__name = seller.name
            · orders = count(*)
            join people as seller (name, person) on sales.seller = seller.person
              join people as buyer (name, person) on sales.buyer = buyer.person
                scan sales (buyer, seller)
        """,
        metrics=["orders"], by=["buyer.name", "seller.name"],
    )  # fmt: skip


def test_two_paths_to_one_entity_share_their_joins():
    text = shown(metrics=["orders"], by=["shop.name", "shop.town.region", "shop.town"])
    assert text.count("join ") == 2


def test_a_join_over_a_key_of_two_columns_matches_both():
    expect(
        """
        present slot__weather text, orders integer
          · order slot__weather
          aggregate by slot__weather = slot.weather
            · orders = count(*)
            join slots as slot (day, shop, weather) on sales.shop = slot.shop and sales.day = slot.day
              scan sales (day, shop)
        """,
        metrics=["orders"], by=["slot.weather"],
    )  # fmt: skip


def test_measures_of_one_source_share_one_pass_and_what_they_have_in_common():
    expect(
        """
        present buyer text, revenue decimal(38,2), large_revenue decimal(38,2), small_share float
          · order buyer
          compute
            · revenue
            · large_revenue
            · small_share = small_share__count / small_share__count_2
            aggregate by buyer = sales.buyer
              · revenue = sum(sales.amount)
              · large_revenue = sum(sales.amount) filter (where sales.amount > 50)
              · small_share__count = count(*) filter (where sales.amount < 50)
              · small_share__count_2 = count(*)
              keep sales.sold_at >= timestamp '2024-02-01 05:00:00' and sales.shop = 's1'
                scan sales (amount, buyer, shop, sold_at)
        """,
        metrics=["revenue", "large_revenue", "small_share"], by=["buyer"], start="2024-02", where="shop = 's1'",
    )  # fmt: skip


def test_cells_without_rows_of_any_asked_metric_do_not_appear():
    text = shown(metrics=["small_orders", "large_revenue"], by=["shop"])
    small = "case when sales.amount < 50 then 'small' else 'large' end = 'small'"
    assert f"keep {small} or sales.amount > 50" in text


def test_in_total_there_is_one_row_whatever_is_kept():
    assert "keep" not in shown(metrics=["small_orders", "large_revenue"])


def test_two_sources_meet_on_what_both_have():
    expect(
        """
        present month date, shop text, profit decimal(38,2)
          · order month, shop
          compute
            · profit = coalesce(revenue - spent, revenue, -spent)
            drill across by month, shop
              aggregate by month = period_day(wall(sales.sold_at, 'UTC', 'America/New_York'), 'month', 'monday'), shop = sales.shop
                · revenue = sum(sales.amount)
                scan sales (amount, shop, sold_at)
              aggregate by month = period_day(costs.day, 'month', 'monday'), shop = costs.shop
                · spent = sum(costs.amount)
                scan costs (amount, day, shop)
        """,
        metrics=["profit"], by=["month", "shop"],
    )  # fmt: skip


def test_two_clocks_of_one_source_are_two_passes_that_meet_on_the_period():
    text = shown(metrics=["orders", "paid_orders"], by=["month"])
    assert text.count("aggregate") == 2
    assert "period_day(sales.paid_on, 'month', 'monday')" in text


def test_two_clocks_are_one_pass_where_no_time_is_asked():
    expect(
        """
        present shop text, orders integer, paid_orders integer
          · order shop
          compute
            · orders
            · paid_orders = orders
            aggregate by shop = sales.shop
              · orders = count(*)
              scan sales (shop)
        """,
        metrics=["orders", "paid_orders"], by=["shop"],
    )  # fmt: skip


def test_another_clocks_period_is_that_of_the_clock_named():
    text = shown(metrics=["orders"], by=["paid_on.month"], start="2024-02")
    assert "paid_on__month = period_day(sales.paid_on, 'month', 'monday')" in text
    assert "keep sales.sold_at >= timestamp '2024-02-01 05:00:00'" in text


def test_a_date_is_its_own_day_and_never_shifts():
    assert "day = costs.day" in shown(metrics=["spent"], by=["day"]).replace("by day", "day", 1)


def test_a_bare_clock_is_asked_at_its_own_grain():
    assert "sold_at = period_point(" in shown(metrics=["orders"], by=["sold_at"])


def test_a_replaced_population_keeps_the_metrics_own_filter_and_drops_its_population():
    text = shown(metrics=["all_small_share"], by=["shop"])
    assert "paid_on" not in text
    assert "filter (where sales.amount < 50)" in text


def test_a_dimension_is_written_out_and_what_is_not_there_has_none():
    text = shown(metrics=["orders"], by=["shop.town.is_north"])
    assert "case when shop__town.town is not null then coalesce(shop__town.region, '') = 'north' end" in text


def test_no_metric_asks_for_distinct_values_of_the_entity_that_has_them():
    expect(
        """
        present shop__name text
          · order shop__name
          aggregate by shop__name = shops.name
            scan shops (name)
        """,
        by=["shop.name"],
    )


def test_values_of_several_things_are_those_that_occur_together():
    assert "scan sales" in shown(by=["shop.name", "buyer.name"])


def test_the_result_is_ordered_as_asked_and_then_by_every_group():
    text = shown(metrics=["revenue"], by=["month", "shop"], order=["-revenue", "shop"], limit=3, having="revenue > 1")
    assert "· having revenue > 1" in text
    assert "· order -revenue, shop, month" in text
    assert "· limit 3" in text


@pytest.mark.parametrize(
    ("asked", "note"),
    [
        ({"start": "2024-01-15", "by": ["month"]}, "the month of 2024-01-01 (`month`) is incomplete: `start` 2024-01-15 cuts it"),
        ({"end": "2024-02-10", "by": ["week"]}, "the week of 2024-02-05 (`week`) is incomplete: `end` 2024-02-10 cuts it"),
    ],
)  # fmt: skip
def test_a_period_that_the_range_cuts_is_noted(asked, note):
    assert plan_of(metrics=["orders"], **asked).notes == (note,)


def test_a_whole_range_leaves_no_note():
    assert plan_of(metrics=["orders"], by=["month"], start="2024-01", end="2024-02").notes == ()


def test_a_metric_that_adds_floats_is_noted():
    assert plan_of(metrics=["loose"]).notes == (
        "loose adds floating-point numbers: its parts make up the whole only to rounding",
    )


def test_the_plan_says_which_way_each_metric_walked():
    plan = plan_of(metrics=["profit", "orders"], by=["region"], where="shop.name = 'First'", paths={"region": {"sales": "shop.town"}})
    assert plan.paths == {
        "profit": {
            "region": "sales.shop.town.region, costs.shop.town.region",
            "shop.name": "sales.shop.name, costs.shop.name",
        },
        "orders": {"region": "sales.shop.town.region", "shop.name": "sales.shop.name"},
    }


def test_every_node_is_shown_with_its_inputs():
    plan = plan_of(metrics=["profit"], by=["shop"])
    assert show_node(inputs(plan.root)[0]).startswith("compute")


def test_a_metric_and_its_parts_in_one_question_are_counted_once():
    text = shown(metrics=["revenue", "spent", "profit", "margin"], by=["shop"])
    assert text.count("sum(sales.amount)") == 1
    assert text.count("sum(costs.amount)") == 1

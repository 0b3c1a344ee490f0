"""dbt's arithmetic over the shop, worked out by hand; beside each answer the plausible number that it is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from decisionlayer import DeclarationError, Layer, QueryError
from decisionlayer.exchange import metricflow
from tests.exchange import shop


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layer]:
    yield metricflow.load_layer(shop.write(tmp_path_factory.mktemp("shop")), warehouse=shop.connect())


def plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.strftime("%m-%d")
    if isinstance(value, dt.date):
        return value.strftime("%m-%d")
    return value if value is None or isinstance(value, str | bool) else float(value)


def ask(layer: Layer, *metrics: str, **keys: Any) -> list[tuple[Any, ...]]:
    result = metricflow.query(layer, metrics=list(metrics), **keys)
    return sorted((tuple(plain(value) for value in row) for row in result.rows()), key=repr)


def test_columns_bear_dbts_names(layer: Layer) -> None:
    result = metricflow.query(layer, metrics=["revenue"], group_by=["metric_time", "customer__city"], order_by=["-revenue"], limit=1)
    assert result.columns == ("metric_time__day", "customer__city", "revenue")
    assert result.arrow().num_rows == 1
    assert result.passport("revenue")["read_as"] == "dbt's arithmetic (MetricFlow)"


def test_a_row_without_a_partner_stays(layer: Layer) -> None:
    # 10 + 20 in Rome, 30 in Oslo, 40 of a customer whom nobody knows. An inner join would lose the 40.
    assert ask(layer, "revenue", group_by=["customer__city"]) == [("Oslo", 30), ("Rome", 30), (None, 40)]


def test_a_ratio_is_one_of_totals(layer: Layer) -> None:
    # (10 + 40) / 100. The mean of the daily shares 1, 0, 0, 1 is 0.5 by chance, so by city too: Rome 10 / 30.
    assert ask(layer, "gift_share") == [(0.5,)]
    assert ask(layer, "gift_share", group_by=["customer__city"]) == [("Oslo", None), ("Rome", 10 / 30), (None, 1.0)]


def test_to_date_by_month_takes_what_the_manifest_says(layer: Layer) -> None:
    # By day: 01-30 10, 01-31 30, 02-01 30, 02-02 30, 02-03 70, 02-04 70, 02-05 70.
    by_month = ["metric_time__month"]
    assert ask(layer, "revenue_to_date", group_by=by_month) == [("01-01", 10), ("02-01", 30)]  # not 30 and 70
    assert ask(layer, "revenue_to_date_last", group_by=by_month) == [("01-01", 30), ("02-01", 70)]
    assert ask(layer, "revenue_to_date_mean", group_by=by_month) == [("01-01", 20), ("02-01", 54)]  # 270 / 5, not 70


def test_an_accumulation_stands_on_every_instant_that_reads_a_row(layer: Layer) -> None:
    # 02-02 has no order and reads 02-01; 02-05 reads nothing and is not there.
    assert ask(layer, "revenue_in_two_days", group_by=["metric_time__day"]) == [
        ("01-30", 10), ("01-31", 30), ("02-01", 50), ("02-02", 30), ("02-03", 40), ("02-04", 40),
    ]  # fmt: skip


def test_an_accumulation_that_only_a_filter_gives_a_period_is_read_by_that_period(layer: Layer) -> None:
    # All of January and February once: 100. By the day it would be 60 + 60 + 100 + …, an addend for each day of February.
    february = ["{{ TimeDimension('metric_time', 'month') }} = '2024-02-01'"]
    assert ask(layer, "revenue_ever", where=february) == [(100,)]
    assert ask(layer, "revenue_ever", where=["{{ TimeDimension('metric_time', 'day') }} = '2024-02-02'"]) == [(60,)]
    with pytest.raises(QueryError, match="gathers by month"):  # dbt cuts its rows by day there, and its instants by month
        ask(layer, "revenue_ever", where=february, start_time="2024-02-01", end_time="2024-02-03")


def test_a_range_cuts_what_is_shown_not_what_is_read(layer: Layer) -> None:
    # 02-01 still reads the 20 of 01-31: 50, not 30.
    asked = ask(layer, "revenue_in_two_days", group_by=["metric_time__day"], start_time="2024-02-01", end_time="2024-02-01")
    assert asked == [("02-01", 50)]


def test_an_offset_stands_where_it_reads(layer: Layer) -> None:
    # 01-30 reads 01-29, where nothing is: no row, and no NULL either.
    assert ask(layer, "revenue_day_before", group_by=["metric_time__day"]) == [
        ("01-31", 10), ("02-01", 20), ("02-02", 30), ("02-04", 40),
    ]  # fmt: skip


def test_a_difference_with_a_part_that_is_not_there_is_null(layer: Layer) -> None:
    # 02-03 has 40 and no day before it: NULL in dbt. Ours would say 40.
    assert ask(layer, "growth", group_by=["metric_time__day"]) == [
        ("01-30", None), ("01-31", 10), ("02-01", 10), ("02-02", None), ("02-03", None), ("02-04", None),
    ]  # fmt: skip


def test_an_offset_asked_coarser_is_moved_by_day_first(layer: Layer) -> None:
    # The 20 of 01-31 are read on 02-01: January 10, February 20 + 30 + 40 = 90. Moved by month it would be 0 and 30.
    assert ask(layer, "revenue_day_before", group_by=["metric_time__month"]) == [("01-01", 10), ("02-01", 90)]


def test_every_instant_of_the_spine_is_there_when_the_measure_says_so(layer: Layer) -> None:
    asked = ask(layer, "orders_each_day", group_by=["metric_time__day"])
    assert [value for _, value in asked] == [0, 1, 1, 1, 0, 1, 0, 0]
    assert ask(layer, "orders_each_day") == [(4,)]


def test_grains_of_a_calendar_are_columns_of_the_spine(layer: Layer) -> None:
    assert ask(layer, "orders", group_by=["metric_time__sprint"]) == [("01-01", 2), ("01-02", 2)]
    # Before the second sprint were 10 + 20, before the third 30 + 40. What a sprint is called is no day to look up.
    assert ask(layer, "revenue_sprint_before", group_by=["metric_time__sprint"]) == [("01-02", 30), ("01-03", 70)]


def test_an_offset_by_a_calendars_period_keeps_the_place_in_it(layer: Layer) -> None:
    # 01-30 and 01-31 are the second and third day of their sprint: read on 02-02 and 02-03. 02-03, the third day of four, has no
    # third day in the sprint of one day that follows: its row stands under no day.
    assert ask(layer, "revenue_sprint_before", group_by=["metric_time__day"]) == [("02-02", 10), ("02-03", 20), ("02-05", 30), (None, 40)]


def test_conversions_count_later_events(layer: Layer) -> None:
    # a's three purchases follow the visit of 02-03 (web): 3 of 1. b's comes 8 days after. 3 of 3 in all; ours would say 1 of 3.
    assert ask(layer, "bought") == [(1.0,)]
    assert ask(layer, "bought", group_by=["visit__channel"]) == [("ad", None), ("web", 3.0)]


def test_a_stock_is_taken_at_the_last_instant_of_all(layer: Layer) -> None:
    # In January the last day is 01-31: 4 + 7, not 5 + 4 + 7. In all it is 02-01, when only south was counted: 6.
    assert ask(layer, "pieces", group_by=["metric_time__month"]) == [("01-01", 11), ("02-01", 6)]
    assert ask(layer, "pieces") == [(6,)]


def test_a_metric_filters_what_it_is_counted_for(layer: Layer) -> None:
    # Only customer 1 has more than one order: 10 + 20. Orders above 1 in the whole would keep 100.
    assert ask(layer, "revenue", where=["{{ Metric('orders', group_by=['customer']) }} > 1"]) == [(30,)]


def test_filters_are_anded_and_see_what_is_missing(layer: Layer) -> None:
    assert ask(layer, "revenue", where=["{{ Dimension('customer__city') }} IS NULL", "{{ Dimension('order__is_gift') }}"]) == [(40,)]
    assert ask(layer, "revenue", where="{{ Dimension('order__size') }} = 'big' AND {{ TimeDimension('metric_time', 'day') }} < '2024-02-03'") == [(30,)]


def test_a_range_is_widened_to_whole_periods(layer: Layer) -> None:
    # The first of February alone has 30; its month has 70.
    asked = ask(layer, "revenue", group_by=["metric_time__month"], start_time="2024-02-01", end_time=dt.date(2024, 2, 1))
    assert asked == [("02-01", 70)]


def test_metrics_meet_on_items_and_neither_loses_rows(layer: Layer) -> None:
    assert ask(layer, "gifts", "growth", group_by=["metric_time__month"]) == [("01-01", 10, 20), ("02-01", 40, -20)]
    assert ask(layer, "orders", "pieces", group_by=["metric_time__day"]) == [
        ("01-30", 1, 5), ("01-31", 1, 11), ("02-01", 1, 6), ("02-03", 1, None),
    ]  # fmt: skip


def test_date_parts_are_numbers(layer: Layer) -> None:
    # 01-30 was a Tuesday: 2 in ISO's count, 3 for those who begin with Sunday.
    asked = metricflow.query(layer, metrics=["orders"], group_by=["TimeDimension('metric_time', date_part_name='dow')"])
    assert asked.columns == ("metric_time__extract_dow", "orders")
    assert sorted(tuple(map(int, row)) for row in asked.rows()) == [(2, 1), (3, 1), (4, 1), (6, 1)]
    assert ask(layer, "orders", group_by=["metric_time__extract_month"]) == [(1, 2), (2, 2)]


def test_without_metrics_it_lists_values(layer: Layer) -> None:
    assert ask(layer, group_by=["customer__city"]) == [("Oslo",), ("Rome",)]
    assert ask(layer, group_by=["order__is_gift", "customer__city"]) == [(False, "Oslo"), (False, "Rome"), (True, "Rome"), (True, None)]
    assert len(ask(layer, group_by=["order__size"], deduplicate=False)) == 4
    assert ask(layer, group_by=["metric_time__month"]) == [("01-01",), ("02-01",)]
    result = metricflow.query(layer, group_by=["customer__city"], min_max_only=True)
    assert (result.columns, result.rows()) == (("customer__city__min", "customer__city__max"), [("Oslo", "Rome")])


def test_the_same_question_is_compiled_once_and_always_reads_the_same(layer: Layer) -> None:
    asked: dict[str, Any] = {"metrics": ["growth", "gift_share"], "group_by": ["metric_time__day", "customer__city"]}
    assert metricflow.sql(layer, **asked) == metricflow.sql(layer, **asked)
    assert metricflow.sql(layer, **asked).count("FROM main.orders") == 2  # once for all, once for gifts


def test_the_same_file_is_a_layer_of_ours_too(layer: Layer) -> None:
    assert [tuple(map(plain, row)) for row in layer.query(metrics=["revenue"], by=["customer.city"]).rows()] == [
        ("Oslo", 30), ("Rome", 30), (None, 40),
    ]  # fmt: skip
    assert {finding.code for finding in layer.check()} >= {"no-owner", "no-purpose", "no-unit"}


def test_a_key_that_is_there_twice_multiplies_as_in_dbt_and_is_told(tmp_path: Path) -> None:
    connection = shop.connect()
    connection.execute("insert into customers values (1, 'Roma')")
    layer = metricflow.load_layer(shop.write(tmp_path), warehouse=connection)
    result = metricflow.query(layer, metrics=["revenue"], group_by=["customer__city"], order_by=["customer__city"])
    # Customer 1 bought for 30; dbt counts that in Rome and in Roma. Ours refuses.
    assert [(city, float(revenue)) for city, revenue in result.rows()] == [("Oslo", 30), ("Roma", 30), ("Rome", 30), (None, 40)]
    assert "would be counted as often as it is repeated, as in dbt" in result.notes[0]
    with pytest.raises(DeclarationError, match="key-not-unique"):
        layer.query(metrics=["revenue"], by=["customer.city"])
    assert metricflow.query(layer, metrics=["revenue"]).notes == ()


def test_the_newer_way_of_writing_a_metric_means_the_same(tmp_path: Path) -> None:
    newer = {
        **shop.MANIFEST,
        "metrics": [
            {"name": "income", "type": "simple", "type_params": {
                "expr": "amount", "metric_aggregation_params": {"semantic_model": "orders", "agg": "sum", "agg_time_dimension": "ordered_on"}}},
            {"name": "income_so_far", "type": "cumulative", "type_params": {"cumulative_type_params": {"metric": {"name": "income"}}}},
            {"name": "half", "type": "derived", "type_params": {"expr": "income / 2", "metrics": [{"name": "income"}]}},
        ],
    }  # fmt: skip
    layer = metricflow.load_layer(shop.write(tmp_path, newer), warehouse=shop.connect())
    assert ask(layer, "income", "half") == [(100, 50)]
    assert ask(layer, "income_so_far", group_by=["metric_time__day"], start_time="2024-02-02", end_time="2024-02-03") == [
        ("02-02", 60), ("02-03", 100),
    ]  # fmt: skip

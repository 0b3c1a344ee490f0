"""A shop of four orders in dbt's words: its tables, and the manifest that dbt would write of it. Everything adds up by hand.

::

    orders     order | customer | day        | amount | gift      customers    customer | city
               1     | 1        | 2024-01-30 |     10 | yes                     1        | Rome
               2     | 1        | 2024-01-31 |     20 | no                      2        | Oslo
               3     | 2        | 2024-02-01 |     30 | no
               4     | 9        | 2024-02-03 |     40 | yes       visits       who | day        | channel
                                                                              a   | 2024-02-01 | ad
    days       2024-01-29 … 2024-02-05; sprints begin on 01-29,               a   | 2024-02-03 | web
               02-01 and 02-05, and are called 01-01, 01-02, 01-03            b   | 2024-02-01 | ad

    buys       a on 02-03, a on 02-04 twice, b on 02-09
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

TABLES = """
create table orders as select * from (values
    (1, 1, date '2024-01-30', 10, true), (2, 1, date '2024-01-31', 20, false),
    (3, 2, date '2024-02-01', 30, false), (4, 9, date '2024-02-03', 40, true)
) as t(order_id, customer_id, ordered_on, amount, is_gift);
create table customers as select * from (values (1, 'Rome'), (2, 'Oslo')) as t(customer_id, city);
create table days as select d::date as d,
    case when d < date '2024-02-01' then date '2024-01-01' when d < date '2024-02-05' then date '2024-01-02' else date '2024-01-03' end as sprint
    from range(timestamp '2024-01-29', timestamp '2024-02-06', interval 1 day) as t(d);
create table visits as select * from (values
    ('a', date '2024-02-01', 'ad'), ('a', date '2024-02-03', 'web'), ('b', date '2024-02-01', 'ad')
) as t(who, day, channel);
create table buys as select * from (values
    ('a', date '2024-02-03'), ('a', date '2024-02-04'), ('a', date '2024-02-04'), ('b', date '2024-02-09')
) as t(who, day);
create table people as select * from (values ('a', 30), ('b', 40)) as t(who, age);
create table stock as select * from (values
    (date '2024-01-30', 'north', 5), (date '2024-01-31', 'north', 4), (date '2024-01-31', 'south', 7), (date '2024-02-01', 'south', 6)
) as t(day, store, pieces);
"""


def model(name: str, table: str, entities: list[Any], dimensions: list[Any], measures: list[Any], time: str | None, **more: Any) -> Any:
    return {
        "name": name,
        "node_relation": {"alias": table, "schema_name": "main", "relation_name": f"main.{table}"},
        "defaults": {"agg_time_dimension": time} if time else None,
        "entities": entities,
        "dimensions": dimensions,
        "measures": measures,
        **more,
    }


def time(name: str, expr: str, grain: str = "day") -> Any:
    return {"name": name, "type": "time", "expr": expr, "type_params": {"time_granularity": grain}}


def word(name: str, expr: str | None = None) -> Any:
    return {"name": name, "type": "categorical", "expr": expr}


def entity(name: str, type: str, expr: str) -> Any:
    return {"name": name, "type": type, "expr": expr}


def metric(name: str, type: str, **params: Any) -> Any:
    more = {key: params.pop(key) for key in ("filter", "time_granularity") if key in params}
    return {"name": name, "type": type, "description": f"{name} of the shop.", "type_params": params, **more}


def where(template: str) -> Any:
    return {"where_filters": [{"where_sql_template": template}]}


def along(first: str, **params: Any) -> Any:
    return {"measure": {"name": "revenue"}, "cumulative_type_params": {"period_agg": first, **params}}


MANIFEST = {
    "semantic_models": [
        model(
            "orders", "orders",
            [entity("order", "primary", "order_id"), entity("customer", "foreign", "customer_id")],
            [time("ordered_on", "ordered_on"), word("is_gift"), word("size", "case when amount >= 30 then 'big' else 'small' end")],
            [{"name": "orders", "agg": "sum", "expr": "1"}, {"name": "revenue", "agg": "sum", "expr": "amount"}, {
                "name": "typical", "agg": "percentile", "expr": "amount",
                "agg_params": {"percentile": 0.5, "use_discrete_percentile": True, "use_approximate_percentile": False},
            }],
            "ordered_on",
        ),
        model("customers", "customers", [entity("customer", "primary", "customer_id")], [word("city")], [], None),
        model("people", "people", [entity("who", "primary", "who")], [word("age")], [], None),
        model(
            "visits", "visits", [entity("who", "foreign", "who")], [time("day", "day"), word("channel")],
            [{"name": "visits", "agg": "count", "expr": "1"}], "day", primary_entity="visit",
        ),
        model(
            "buys", "buys", [entity("who", "foreign", "who")], [time("day", "day")],
            [{"name": "buys", "agg": "count", "expr": "1"}], "day", primary_entity="buy",
        ),
        model(
            "stock", "stock", [entity("store", "foreign", "store")], [time("day", "day")],
            [{
                "name": "pieces", "agg": "sum", "expr": "pieces",
                "non_additive_dimension": {"name": "day", "window_choice": "max", "window_groupings": []},
            }], "day", primary_entity="stocktake",
        ),
    ],
    "metrics": [
        metric("orders", "simple", measure={"name": "orders"}),
        metric("revenue", "simple", measure={"name": "revenue"}),
        metric("gifts", "simple", measure={"name": "revenue"}, filter=where("{{ Dimension('order__is_gift') }}")),
        metric("gift_share", "ratio", numerator={"name": "gifts"}, denominator={"name": "revenue"}),
        metric("orders_each_day", "simple", measure={"name": "orders", "join_to_timespine": True, "fill_nulls_with": 0}),
        metric("typical", "simple", measure={"name": "typical"}),
        metric("gifts_or_seven", "simple", measure={"name": "revenue", "fill_nulls_with": 7}, filter=where("{{ Dimension('order__is_gift') }}")),
        metric("orders_or_seven", "simple", measure={"name": "orders", "fill_nulls_with": 7}),
        metric("revenue_to_date", "cumulative", **along("first", grain_to_date="month")),
        metric("revenue_to_date_last", "cumulative", **along("last", grain_to_date="month")),
        metric("revenue_to_date_mean", "cumulative", **along("average", grain_to_date="month")),
        metric("revenue_in_two_days", "cumulative", **along("last", window={"count": 2, "granularity": "day"})),
        metric("revenue_ever", "cumulative", measure={"name": "revenue"}),
        metric("revenue_day_before", "derived", expr="before", metrics=[
            {"name": "revenue", "alias": "before", "offset_window": {"count": 1, "granularity": "day"}}]),
        metric("growth", "derived", expr="revenue - before", metrics=[
            {"name": "revenue"}, {"name": "revenue", "alias": "before", "offset_window": {"count": 1, "granularity": "day"}}]),
        metric("revenue_sprint_before", "derived", expr="revenue", metrics=[
            {"name": "revenue", "offset_window": {"count": 1, "granularity": "sprint"}}]),
        metric("bought", "conversion", conversion_type_params={
            "base_measure": {"name": "visits"}, "conversion_measure": {"name": "buys"}, "entity": "who",
            "calculation": "conversion_rate", "window": {"count": 3, "granularity": "day"}}),
        metric("pieces", "simple", measure={"name": "pieces"}),
    ],
    "project_configuration": {"time_spines": [{
        "node_relation": {"alias": "days", "schema_name": "main", "relation_name": "main.days"},
        "primary_column": {"name": "d", "time_granularity": "day"},
        "custom_granularities": [{"name": "sprint"}],
    }]},
    "saved_queries": [
        {"name": "cities", "query_params": {
            "metrics": ["revenue", "orders"], "group_by": ["TimeDimension('metric_time', 'month')", "Dimension('customer__city')"],
            "where": where("{{ Dimension('order__size') }} = 'small' or {{ Dimension('customer__city') }} is null"), "order_by": ["-revenue"], "limit": 3}},
        {"name": "weekdays", "query_params": {"metrics": ["revenue"], "group_by": ["TimeDimension('metric_time', date_part_name='dow')"]}},
    ],
}  # fmt: skip


def connect() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(TABLES)
    return connection


def write(folder: Path, manifest: Any = MANIFEST) -> Path:
    file = folder / "semantic_manifest.json"
    file.write_text(json.dumps(manifest), encoding="utf-8")
    return file

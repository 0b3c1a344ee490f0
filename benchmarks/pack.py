"""The executive pack: ten metrics at nine levels of organisation × time, each beside the period before and a year ago.

Three shapes of data, each beside three forms that a person would write (keys first, join first, grouping sets over raw rows) and
beside one query a level, in three ways: as tools ask that read each of a level's three times (its own, the one before, a year ago)
from raw rows; as a person asks who reads rows once a level; and ours, one level after the other.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.timing import Line, in_turn, runs, written

if TYPE_CHECKING:
    import duckdb

ROWS = 5_800_000
PERIODS = ("month", "quarter", "year")
MONTHS = {"month": 1, "quarter": 3, "year": 12}

PROJECT = """
project: {name: pack, timezone: UTC}
parties: [{party: desk, kind: team, name: The desk}]
sources:
  - {source: sales, one_row_is: one sale, table: sales, key: [id], time: {day: day}, owner: desk,
     links: {shop: shop_id, customer: customer_id, product: product_id},
     columns: {id: integer, day: date, amount: {type: integer, unit: USD}, cost: {type: integer, unit: USD}, qty: integer}}
  - {source: shops, one_row_is: one shop, describes: shop, table: shops, key: [shop_id], owner: desk,
     dimensions: {city: city, country: country}}
  - {source: customers, one_row_is: one customer, describes: customer, table: customers, key: [customer_id], owner: desk,
     dimensions: {town: town, region: region, segment: segment}}
  - {source: products, one_row_is: one product, describes: product, table: products, key: [product_id], owner: desk,
     dimensions: {category: category}}
"""
METRICS = """
for_all: {purpose: action, owner: desk, unit: USD, better: higher, respond: Look.}
metrics:
  - {metric: revenue, definition: Sales., source: sales, measure: sum(amount)}
  - {metric: costs, definition: Costs., source: sales, measure: sum(cost)}
  - {metric: orders, definition: Orders., unit: 1, source: sales, measure: count(*)}
  - {metric: pieces, definition: Pieces., unit: 1, source: sales, measure: sum(qty)}
  - {metric: large, definition: Large sales., source: sales, measure: sum(amount), where: amount > 500}
  - {metric: highest, definition: The largest sale., source: sales, measure: max(amount)}
  - {metric: margin, definition: What is left., formula: revenue - costs}
  - {metric: margin_share, definition: What is left of each dollar., unit: percent, formula: margin / revenue}
  - {metric: basket, definition: Sales an order., formula: revenue / orders}
  - {metric: price, definition: Sales a piece., formula: revenue / pieces}
"""
STATES = {
    "revenue": "SUM(amount)", "costs": "SUM(cost)", "orders": "COUNT(*)", "pieces": "SUM(qty)",
    "large": "SUM(amount) FILTER (WHERE amount > 500)", "highest": "MAX(amount)",
}  # fmt: skip
FINISHES = {
    **{state: "{" + state + "}" for state in STATES}, "margin": "{revenue} - {costs}",
    "margin_share": "({revenue} - {costs}) / NULLIF({revenue}, 0)", "basket": "{revenue} / NULLIF({orders}, 0)",
    "price": "{revenue} / NULLIF({pieces}, 0)",
}  # fmt: skip

#: For each shape: what it is split by at its three organisation levels, the table behind each, and the link keys.
SHAPES: dict[str, tuple[tuple[tuple[str, ...], ...], dict[str, str], tuple[str, ...]]] = {
    "400 shops": (
        (("shop.city", "shop.country", "shop"), ("shop.city", "shop.country"), ("shop.country",)), {"shops": "shop_id"}, ("shop_id",),
    ),
    "200,000 customers": (
        (("customer.town", "customer.region", "customer.segment"), ("customer.region", "customer.segment"), ("customer.segment",)),
        {"customers": "customer_id"}, ("customer_id",),
    ),
    "shops × products": (
        (("shop.city", "product.category"), ("shop.city",), ("product.category",)),
        {"shops": "shop_id", "products": "product_id"}, ("shop_id", "product_id"),
    ),
}  # fmt: skip


def executive_packs() -> list[Line]:
    """Time the pack on each shape."""
    import duckdb

    from decisionlayer import Layer

    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        root = written(Path(folder), PROJECT, METRICS)
        _fill(connection)
        layer = Layer.load(root, warehouse=connection)
        for shape, (splits, tables, keys) in SHAPES.items():
            levels = [[period, *split] for split in splits for period in PERIODS]
            asked: dict[str, Any] = {
                "metrics": list(FINISHES), "compare": ["previous", "year_ago"], "start": "2023-01-01", "end": "2024-12-31",
            }  # fmt: skip
            ours = layer.sql(levels=levels, **asked)
            forms = {form: _by_hand(form, levels, tables, keys) for form in ("keys first", "join first", "grouping sets")}
            singles = {
                "each time from rows": [_level_by_hand(level, tables, reads=3) for level in levels],
                "rows once a level": [_level_by_hand(level, tables, reads=1) for level in levels],
                "ours a level": [layer.sql(by=level, **asked) for level in levels],
            }
            whole = _sum(connection, [ours])
            assert all(_sum(connection, texts) == whole for texts in ([forms["join first"]], *singles.values())), shape
            by_form = in_turn({form: runs(connection, text) for form, text in forms.items()}, times=3)
            best = min(by_form, key=lambda form: by_form[form])
            mine, hand = in_turn({"ours": runs(connection, ours), "hand": runs(connection, forms[best])}, times=9).values()
            ways = {way: partial(_one_by_one, connection, texts) for way, texts in singles.items()}
            beside, *each = in_turn({"ours": runs(connection, ours), **ways}, times=5).values()
            shown = ", ".join(f"{form} {wall * 1000:.0f}" for form, (wall, _) in by_form.items())
            lines.append((
                f"pack of 9 levels over {shape}",
                f"{mine[0] * 1000:.0f} ms; by hand, {best}, {hand[0] * 1000:.0f} ms: {mine[0] / hand[0]:.2f} ×, by processor time "
                f"{mine[1] / hand[1]:.2f} × ({shown})",
            ))  # fmt: skip
            for way, (wall, processor) in zip(ways, each, strict=True):
                times = f"{wall / beside[0]:.1f} × slower, by processor time {processor / beside[1]:.1f} ×"
                lines.append((f"  one query a level, {way}", f"{wall * 1000:.0f} ms: {times}"))
    return lines


def _one_by_one(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    for text in texts:
        runs(connection, text)()


def _fill(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET threads = 2").fetchall()
    for text in (
        f"CREATE TABLE sales AS SELECT i AS id, DATE '2022-01-01' + CAST(hash(i) % 1096 AS INTEGER) AS day, "
        f"CAST(hash(i + 1) % 1000 AS INTEGER) AS amount, CAST(hash(i + 2) % 700 AS INTEGER) AS cost, "
        f"CAST(1 + hash(i + 3) % 5 AS INTEGER) AS qty, CAST(hash(i + 4) % 400 AS INTEGER) AS shop_id, "
        f"CAST(hash(i + 5) % 200000 AS INTEGER) AS customer_id, CAST(hash(i + 6) % 3000 AS INTEGER) AS product_id "
        f"FROM range({ROWS}) AS t(i)",
        "CREATE TABLE shops AS SELECT CAST(i AS INTEGER) AS shop_id, 'city ' || (i % 40) AS city, 'land ' || (i % 5) AS country "
        "FROM range(400) AS t(i)",
        "CREATE TABLE customers AS SELECT CAST(i AS INTEGER) AS customer_id, 'town ' || (i % 300) AS town, "
        "'region ' || (i % 30) AS region, "
        "'segment ' || (i % 6) AS segment FROM range(200000) AS t(i)",
        "CREATE TABLE products AS SELECT CAST(i AS INTEGER) AS product_id, 'category ' || (i % 50) AS category FROM range(3000) AS t(i)",
    ):
        connection.execute(text).fetchall()


def _by_hand(form: str, levels: list[list[str]], tables: dict[str, str], keys: tuple[str, ...]) -> str:
    """Return the pack as a person would write it, by one of the three forms, its rows in an order that is always the same."""
    columns = list(dict.fromkeys(split for level in levels for split in level if split not in PERIODS))
    named = {split: split.rpartition(".")[2] if "." in split else f"{split}_id" for split in columns}
    months = ", ".join(f"CAST(date_trunc('{period}', day) AS DATE) AS {period}" for period in PERIODS)
    joins = " ".join(f"LEFT JOIN {table} USING ({key})" for table, key in tables.items())
    within = "WHERE day >= DATE '2022-01-01' AND day < DATE '2025-01-01'"
    states = ", ".join(f"{expr} AS {state}" for state, expr in STATES.items())
    merged = ", ".join(f"{'MAX' if state == 'highest' else 'SUM'}({state}) AS {state}" for state in STATES)
    by = ", ".join((*PERIODS, *named.values()))
    sets = ", ".join("(" + ", ".join(named.get(split, split) for split in level) + ")" for level in levels)
    level = f"GROUPING({by}) AS level"
    match form:
        case "keys first":
            first = f"SELECT {months}, {', '.join(keys)}, {states} FROM sales {within} GROUP BY ALL"
            leveled = f"SELECT {by}, {level}, {merged} FROM ({first}) AS f {joins} GROUP BY GROUPING SETS ({sets})"
        case "join first":
            first = f"SELECT {months}, {', '.join(named.values())}, {states} FROM sales {joins} {within} GROUP BY ALL"
            leveled = f"SELECT {by}, {level}, {merged} FROM ({first}) AS f GROUP BY GROUPING SETS ({sets})"
        case _:
            first = f"SELECT {months}, * FROM sales {joins} {within}"
            leveled = f"SELECT {by}, {level}, {states} FROM ({first}) AS f GROUP BY GROUPING SETS ({sets})"
    listed = _shown((*PERIODS, *named.values()))
    others = " ".join(
        f"LEFT JOIN leveled AS {word} ON {word}.level = now.level AND "
        + " AND ".join(
            f"{word}.{period} IS NOT DISTINCT FROM CAST(now.{period} - INTERVAL {step[period]} MONTH AS DATE)" for period in PERIODS
        )
        + "".join(f" AND {word}.{column} IS NOT DISTINCT FROM now.{column}" for column in named.values())
        for word, step in (("previous", MONTHS), ("year_ago", dict.fromkeys(PERIODS, 12)))
    )
    asked = "WHERE COALESCE(now.month, now.quarter, now.year) >= DATE '2023-01-01'"
    order = ", ".join(f"now.{column} NULLS LAST" for column in (*PERIODS, *named.values()))
    return f"WITH leveled AS MATERIALIZED ({leveled}) SELECT {listed} FROM leveled AS now {others} {asked} ORDER BY {order}, now.level"


def _shown(groups: tuple[str, ...]) -> str:
    """Return the columns of a pack: groups, and each number with its past, the change and that as a fraction."""
    shown = [f"now.{column}" for column in groups]
    for name, finish in FINISHES.items():
        now = finish.format(**{state: f"now.{state}" for state in STATES})
        shown.append(f"{now} AS {name}")
        for word in ("previous", "year_ago"):
            then = finish.format(**{state: f"{word}.{state}" for state in STATES})
            shown.append(f"{then} AS {name}__{word}")
            shown.append(f"({now}) - ({then}) AS {name}__{word}_change")
            shown.append(f"CASE WHEN ({then}) > 0 THEN (({now}) - ({then})) / ({then}) END AS {name}__{word}_pct")
    return ", ".join(shown)


def _level_by_hand(level: list[str], tables: dict[str, str], *, reads: int) -> str:
    """Return one level of the pack by hand: each of its three times from raw rows, or all of them from rows read once."""
    period, *splits = level
    named = [split.rpartition(".")[2] if "." in split else f"{split}_id" for split in splits]
    joins = " ".join(f"LEFT JOIN {table} USING ({key})" for table, key in tables.items())
    states = ", ".join(f"{expr} AS {state}" for state, expr in STATES.items())
    by = ", ".join(named)
    back = {"now": 0, "previous": MONTHS[period], "year_ago": 12}
    steps = []
    if reads == 1:
        base = f"SELECT CAST(date_trunc('{period}', day) AS DATE) AS {period}, {by}, {states} FROM sales {joins} "
        steps.append(f"base AS ({base} WHERE day >= DATE '2022-01-01' AND day < DATE '2025-01-01' GROUP BY ALL)")
    for word, months in back.items():
        begun, ended = (f"DATE '{day}' - INTERVAL {months} MONTH" for day in ("2023-01-01", "2025-01-01"))
        if reads == 1:
            later = f"CAST({period} + INTERVAL {months} MONTH AS DATE) AS {period}"
            moved = f"SELECT * REPLACE ({later}) FROM base WHERE {period} >= {begun} AND {period} < {ended}"
        else:
            moved = (
                f"SELECT CAST(date_trunc('{period}', day) + INTERVAL {months} MONTH AS DATE) AS {period}, {by}, {states} "
                f"FROM sales {joins} WHERE day >= {begun} AND day < {ended} GROUP BY ALL"
            )
        steps.append(f"{word} AS ({moved})")
    groups = (period, *named)
    met = " ".join(
        f"LEFT JOIN {word} ON " + " AND ".join(f"{word}.{group} IS NOT DISTINCT FROM now.{group}" for group in groups)
        for word in ("previous", "year_ago")
    )
    order = ", ".join(f"now.{group} NULLS LAST" for group in groups)
    return f"WITH {', '.join(steps)} SELECT {_shown(groups)} FROM now {met} ORDER BY {order}"


def _sum(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> tuple[object, ...]:
    """Return what tells two packs apart, in one query or in several: rows, and the sums of a number with its past."""
    told = "COUNT(*), SUM(revenue), SUM(revenue__previous), SUM(revenue__year_ago), SUM(orders__previous)"
    found = [connection.sql(f"SELECT {told} FROM ({text}) AS pack").fetchall()[0] for text in texts]
    return tuple(sum(each) for each in zip(*found, strict=True))


if __name__ == "__main__":
    for name, figure in executive_packs():
        print(f"{name:<40}  {figure}")

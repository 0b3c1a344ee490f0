"""Accumulations by day over 2 M rows, beside SQL that sums by day first, and beside raw rows joined to the days that read them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.timing import paired, runs, written

ROWS = 2_000_000
DAYS = 1_096

PROJECT = """
project: {name: bench, timezone: UTC}
parties: [{party: desk, kind: team, name: The desk}]
sources:
  - {source: sales, one_row_is: one sale, table: sales, key: [id], time: {day: day}, owner: desk,
     columns: {id: integer, amount: {type: integer, unit: USD}, shop: integer, visitor: integer, day: date}, dimensions: {shop: shop}}
"""
METRICS = """
for_all: {purpose: action, owner: desk, unit: USD, better: higher, respond: Look.}
metrics:
  - {metric: sales_sum, definition: Sales., source: sales, measure: sum(amount)}
  - {metric: all_time_sales, definition: Ever., formula: all_time(sales_sum)}
  - {metric: trailing_28_days, definition: Four weeks., formula: "trailing(sales_sum, '28 days')"}
  - {metric: trailing_2_months, definition: Two months., formula: "trailing(sales_sum, '2 months')"}
  - {metric: month_to_date, definition: The month so far., formula: "to_date(sales_sum, month)"}
  - {metric: before, definition: The day a week ago., formula: "prior(sales_sum, '7 days')"}
"""

BY_DAY = "WITH daily AS (SELECT day, SUM(amount) AS amount FROM sales GROUP BY day)\n"

#: Each question, the SQL of somebody who knows DuckDB, and the raw rows joined to the spine.
QUESTIONS = {
    "all_time_sales": (
        "SELECT day, SUM(amount) OVER (ORDER BY day) FROM daily ORDER BY day",
        "SELECT s.day, SUM(amount) FROM spine s JOIN sales ON sales.day <= s.day GROUP BY s.day ORDER BY s.day",
    ),
    "trailing_28_days": (
        "SELECT day, SUM(amount) OVER (ORDER BY day RANGE BETWEEN INTERVAL 27 DAYS PRECEDING AND CURRENT ROW) FROM daily ORDER BY day",
        "SELECT s.day, SUM(amount) FROM spine s JOIN sales ON sales.day <= s.day AND sales.day > s.day - 28 GROUP BY s.day ORDER BY s.day",
    ),
    "trailing_2_months": (
        "SELECT d.day, SUM(e.amount) FROM daily d JOIN daily e ON e.day <= d.day AND e.day >= CAST(d.day + 1 - INTERVAL 2 MONTH AS DATE) "
        "GROUP BY d.day ORDER BY d.day",
        "SELECT s.day, SUM(amount) FROM spine s "
        "JOIN sales ON sales.day <= s.day AND sales.day >= CAST(s.day + 1 - INTERVAL 2 MONTH AS DATE) GROUP BY s.day ORDER BY s.day",
    ),
    "month_to_date": (
        "SELECT day, SUM(amount) OVER (PARTITION BY date_trunc('month', day) ORDER BY day) FROM daily ORDER BY day",
        "SELECT s.day, SUM(amount) FROM spine s JOIN sales ON sales.day <= s.day AND sales.day >= date_trunc('month', s.day) "
        "GROUP BY s.day ORDER BY s.day",
    ),
    "before": (
        "SELECT d.day, e.amount FROM daily d JOIN daily e ON e.day = d.day - 7 ORDER BY d.day",
        "SELECT s.day, SUM(amount) FROM spine s JOIN sales ON sales.day = s.day - 7 GROUP BY s.day ORDER BY s.day",
    ),
}


def accumulations() -> list[tuple[str, str]]:
    """Time each question beside the two other ways; all three give the same rows."""
    import duckdb

    from decisionlayer import Layer

    lines = []
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        root = written(Path(folder), PROJECT, METRICS)
        connection.execute("SET threads = 2").fetchall()
        connection.execute(
            f"CREATE TABLE sales AS SELECT i AS id, DATE '2022-01-01' + CAST(hash(i) % {DAYS} AS INTEGER) AS day, "
            f"CAST(hash(i + 1) % 1000 AS INTEGER) AS amount, CAST(hash(i + 2) % 400 AS INTEGER) AS shop, "
            f"CAST(hash(i + 3) % 100000 AS INTEGER) AS visitor FROM range({ROWS}) AS t(i)"
        ).fetchall()
        days = f"SELECT DATE '2022-01-01' + CAST(i AS INTEGER) AS day FROM range({DAYS}) AS t(i)"
        connection.execute(f"CREATE TABLE spine AS {days}").fetchall()
        layer = Layer.load(root, warehouse=connection)
        for metric, (hand, raw) in QUESTIONS.items():
            statement = layer.query(metrics=[metric], by=["day"]).statement.text
            by_hand = BY_DAY + hand
            answers = [connection.sql(text).fetchall() for text in (statement, by_hand, raw)]
            assert answers[0] == answers[1] == answers[2], metric
            mine, theirs = paired(runs(connection, statement), runs(connection, by_hand), times=9)
            slow = paired(runs(connection, statement), runs(connection, raw), times=1)[1]
            lines.append((
                f"{metric} by day, {ROWS // 1_000_000} M rows",
                f"{mine * 1000:.1f} ms, by hand {theirs * 1000:.1f} ms: {mine / theirs:.2f} ×; raw rows to the spine {slow * 1000:.0f} ms: "
                f"{slow / mine:.0f} × slower",
            ))  # fmt: skip
    return lines


if __name__ == "__main__":
    for name, figure in accumulations():
        print(f"{name:<40}  {figure}")

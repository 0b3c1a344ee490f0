"""The questions of the sample beside the SQL that a person wrote for them, and beside the same SQL over the columns that ours reads.

The SQL by hand reads New York's year, month and day, which stand in the raw data beside the UTC clock, and has the regions written
into it; that is how two ways lead to one answer. It is less work than what was asked: to tell the periods from the clock, and the
regions from their file. So it is written a second time, by rule, over those columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from benchmarks.timing import Line, paired

ROOT = Path(__file__).parent.parent

#: What the raw tables say of New York's clock, told from the UTC clock as a person would write it.
_BY_CLOCK = (
    "(SELECT * REPLACE (year(wall) AS year, month(wall) AS month, day(wall) AS day, hour(wall) AS hour) FROM "
    "(SELECT *, timezone('America/New_York', timezone('UTC', time_hour)) AS wall FROM {table}{rows})) AS {table}"
)
_REGIONS = """
    regions as (
      select faa, name, region from airports
      left join read_csv('{file}', header = true, types = {{'region': 'VARCHAR', 'tzone': 'VARCHAR'}}) as zones using (tzone)
    )"""


def beside_hand_written(path: Path) -> list[Line]:
    """Time questions over the sample company beside the SQL that a person wrote for them, on one connection."""
    import duckdb

    from decisionlayer import Layer
    from tests.sample.asked_of_departures import DEPARTURES
    from tests.sample.asked_of_the_network import NETWORK
    from tests.sample.asked_of_weather import WEATHER

    lines: list[Line] = []
    met, counted = 0, 0
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("SET threads = 2").fetchall()
        layer = Layer.load(ROOT, warehouse=connection)
        for question in (*DEPARTURES, *WEATHER, *NETWORK):
            statement = layer.query(**question.keys).statement
            params = dict(statement.parameters) or None

            def ours(text: str = statement.text, params: Mapping[str, object] | None = params) -> object:
                return connection.sql(text, params=params).to_arrow_table()

            def theirs(text: str = question.sql) -> object:
                return connection.sql(text).to_arrow_table()

            mine, hand = paired(ours, theirs, times=7)
            figure = f"{mine * 1000:.1f} ms, by hand {hand * 1000:.1f} ms: {mine / hand:.2f} ×"
            same = over_the_same_columns(question.sql, statement.text)
            if same is not None:
                assert [repr(row) for row in theirs(same).to_pylist()] == [repr(row) for row in theirs().to_pylist()]  # type: ignore[attr-defined]
                mine, hand = paired(ours, lambda text=same: theirs(text), times=7)  # type: ignore[misc]
                figure += f"; over the same columns {hand * 1000:.1f} ms: {mine / hand:.2f} ×"
            counted += 1
            met += mine <= 1.1 * hand + (0.003 if hand < 0.02 else 0)
            lines.append((question.name, figure))
    lines.append(("at most 1.1 × the SQL by hand, and 3 ms below 20 ms", f"{met} of {counted} questions"))
    return lines


def over_the_same_columns(sql: str, ours: str) -> str | None:
    """Return SQL by hand over the columns that ours reads; None where it reads them already, or for a few days with two ends.

    Of the last days a person would look for the rows by the raw clock first, and so do we: converting all would be no match.
    """
    text = sql
    if "read_csv(" in ours:
        file = ROOT / "definitions" / "data" / "time_zones.csv"
        text = re.sub(r"\s*regions as \(.*?\n    \)", _REGIONS.format(file=file), text, flags=re.DOTALL)
    few_days = re.search(r"\b(month|day|hour) (=|between|in|>=)", sql)
    since = "time_hour <" not in ours and re.search(r"time_hour >= TIMESTAMP '[^']+'", ours)
    if "timezone(" in ours and re.search(r"\b(month|day)\b", sql) and (since or not few_days):
        rows = f" WHERE {since[0]}" if since and few_days else ""
        text = re.sub(r"\b(from|join) (flights|weather)\b", lambda met: f"{met[1]} {_BY_CLOCK.format(table=met[2], rows=rows)}", text)
    return None if text == sql else text

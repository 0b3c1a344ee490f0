"""Run every measurement once and print a table of medians and ratios: `make bench`."""

from __future__ import annotations

import platform
import tempfile
from pathlib import Path

from benchmarks.clocks import utc_clock
from benchmarks.compiling import governed, start_up, wide
from benchmarks.over_time import accumulations
from benchmarks.pack import executive_packs
from benchmarks.timing import paired

ROOT = Path(__file__).parent.parent


def beside_hand_written(path: Path) -> list[tuple[str, str]]:
    """Time questions over the sample company beside the SQL that a person wrote for them, on one connection."""
    import duckdb

    from decisionlayer import Layer
    from tests.sample.asked_of_departures import DEPARTURES
    from tests.sample.asked_of_the_network import NETWORK
    from tests.sample.asked_of_weather import WEATHER

    lines = []
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("SET threads = 2").fetchall()
        layer = Layer.load(ROOT, warehouse=connection)
        for question in (*DEPARTURES, *WEATHER, *NETWORK):
            statement = layer.query(**question.keys).statement
            params = dict(statement.parameters) or None

            def ours(text: str = statement.text, params: dict[str, object] | None = params) -> object:
                return connection.sql(text, params=params).to_arrow_table()

            def theirs(text: str = question.sql) -> object:
                return connection.sql(text).to_arrow_table()

            mine, hand = paired(ours, theirs, times=7)
            lines.append((question.name, f"{mine * 1000:.1f} ms, by hand {hand * 1000:.1f} ms: {mine / hand:.2f} ×"))
    return lines


def main() -> None:
    """Print the machine, then each measurement."""
    import duckdb
    import pyarrow

    from decisionlayer.cli import sample

    print(f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, pyarrow {pyarrow.__version__}, {platform.machine()}\n")
    lines = [*start_up(1_000), *start_up(10_000), *governed(), *wide(), *utc_clock(), *accumulations(), *executive_packs()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flights.duckdb"
        sample.build(path, say=lambda _: None)
        lines += beside_hand_written(path)
    width = max(len(name) for name, _ in lines)
    for name, figure in lines:
        print(f"{name:<{width}}  {figure}")


if __name__ == "__main__":
    main()

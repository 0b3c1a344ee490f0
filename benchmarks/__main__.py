"""Run every measurement once and print a table of medians and ratios: `make bench`."""

from __future__ import annotations

import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.generate import write_project

ROOT = Path(__file__).parent.parent
QUESTION = ["m_0_0", "m_0_4", "m_0_7", "m_1_0", "--by", "month", "--by", "shop.region.country", "--start", "2024"]


def median(run: Callable[[], object], *, times: int = 9) -> float:
    """Return the median of so many runs, in seconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def paired(ours: Callable[[], object], theirs: Callable[[], object], *, times: int = 15) -> tuple[float, float]:
    """Return the medians of two things run in turn, so that a busy moment hits both."""
    first, second = [], []
    for _ in range(times):
        for run, taken in ((ours, first), (theirs, second)):
            began = time.perf_counter()
            run()
            taken.append(time.perf_counter() - began)
    return statistics.median(first), statistics.median(second)


def start_up(metrics: int) -> list[tuple[str, str]]:
    """Time a project of so many metrics: the whole process to printed SQL, each stage, the next question, the same again."""
    from decisionlayer import Layer
    from decisionlayer.load import load_project
    from decisionlayer.resolve import resolve

    with tempfile.TemporaryDirectory() as folder:
        project = write_project(Path(folder), metrics=metrics)
        command = [sys.executable, "-m", "decisionlayer", "sql", *QUESTION, "--project", str(project)]
        whole = median(lambda: subprocess.run(command, check=True, capture_output=True), times=5)
        load = median(lambda: load_project(project), times=5)
        book = load_project(project)
        resolving = median(lambda: resolve(book), times=5)
        layer = Layer.load(project)
        asked = iter(range(1, 1_000))

        def next_question() -> None:
            layer.sql(metrics=["m_0_0", "m_0_7", "m_1_4"], by=["month", "shop.region.country"], limit=next(asked))

        next_question()
        fresh = median(next_question, times=50)
        again = median(lambda: layer.sql(metrics=["m_0_0"], by=["month"]), times=50)
    size = f"{metrics:,} metrics"
    return [
        (f"{size}: interpreter start to printed SQL", f"{whole:.2f} s"),
        (f"{size}: load files", f"{load * 1000:.0f} ms"),
        (f"{size}: resolve and check", f"{resolving * 1000:.0f} ms"),
        (f"{size}: next question compiles", f"{fresh * 1000:.2f} ms"),
        (f"{size}: same question again", f"{again * 1000:.3f} ms"),
    ]


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
    lines = [*start_up(1_000), *start_up(5_000)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flights.duckdb"
        sample.build(path, say=lambda _: None)
        lines += beside_hand_written(path)
    width = max(len(name) for name, _ in lines)
    for name, figure in lines:
        print(f"{name:<{width}}  {figure}")


if __name__ == "__main__":
    main()

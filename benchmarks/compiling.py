"""Start-up and compile times: what a project of any size costs before the engine sees a statement."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.generate import WIDE_ATTRIBUTES, WIDE_METRICS, wide_tables, write_project, write_wide
from benchmarks.timing import Line, in_turn, median, read_plainly

QUESTION = ["m_0_0", "m_0_4", "m_0_7", "m_1_0", "--by", "month", "--by", "shop.region.country", "--start", "2024"]


def start_up(metrics: int) -> list[Line]:
    """Time a project of so many metrics: whole processes, loading and checking in process, the next question, the same again."""
    from decisionlayer import Layer
    from decisionlayer.load import load_project
    from decisionlayer.resolve import resolve

    size = f"{metrics:,} metrics"
    with tempfile.TemporaryDirectory() as folder:
        project = write_project(Path(folder) / "project", metrics=metrics)
        # Modules are compiled once on a user's machine, whatever the shell of this one says.
        env = {**os.environ, "PYTHONPYCACHEPREFIX": str(Path(folder) / "cache")}
        env.pop("PYTHONDONTWRITEBYTECODE", None)

        def whole(*command: str) -> float:
            def once() -> None:
                done = subprocess.run([sys.executable, *command], capture_output=True, text=True, env=env)
                assert done.returncode == 0, done.stderr

            once()
            return median(once, times=5)

        printed = whole("-m", "decisionlayer", "sql", *QUESTION, "--project", str(project))
        checked = f"from decisionlayer import Layer; Layer.load({str(project)!r}).check()"
        lines = [
            (f"{size}: interpreter start to printed SQL", f"{printed:.2f} s"),
            (f"{size}: interpreter start to loaded and checked", f"{whole('-c', checked):.2f} s"),
        ]
        book = load_project(project)
        lines += [
            (f"{size}: load files", f"{median(lambda: load_project(project), times=5) * 1000:.0f} ms"),
            (f"{size}: resolve and check", f"{median(lambda: resolve(book), times=5) * 1000:.0f} ms"),
            (f"{size}: load and check", f"{median(lambda: Layer.load(project).check(), times=5) * 1000:.0f} ms"),
        ]
        layer = Layer.load(project)
        first = iter(range(1, 1_000))

        def one_metric() -> None:
            layer.sql(metrics=["m_0_0"], by=["month"], limit=next(first))

        def next_question() -> None:
            layer.sql(metrics=["m_0_0", "m_0_7", "m_1_4"], by=["month", "shop.region.country"], limit=next(first))

        one_metric()
        next_question()
        return [
            *lines,
            (f"{size}: one metric compiles", f"{median(one_metric, times=50) * 1000:.2f} ms"),
            (f"{size}: three metrics of two sources compile", f"{median(next_question, times=50) * 1000:.2f} ms"),
            (f"{size}: same question again", f"{median(lambda: layer.sql(metrics=['m_0_0'], by=['month']), times=200) * 1000:.3f} ms"),
        ]


def governed() -> list[Line]:
    """Time loading and checking 1,000 metrics, 200 of them translations, and 100 decisions, beside only reading their YAML, in CPU time."""
    from decisionlayer import Layer

    with tempfile.TemporaryDirectory() as folder:
        project = write_project(Path(folder) / "project", metrics=1_000, decisions=100)
        taken = in_turn({"checked": lambda: Layer.load(project).check(), "read": lambda: read_plainly(project)}, times=9)
    checked, read = (taken[name][1] for name in ("checked", "read"))
    what = "1,000 metrics, 200 translations, 100 decisions: load and check, CPU time"
    return [(what, f"{checked * 1000:.0f} ms, {checked / read:.1f} × what PyYAML takes to read the files")]


def wide() -> list[Line]:
    """Time seventy derived metrics of five sources by ten joined attributes: compiling, and DuckDB's own planning of the same text."""
    import duckdb

    from decisionlayer import Layer

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        layer = Layer.load(write_wide(Path(folder)))
        for table in wide_tables():
            connection.execute(table)
        limits = iter(range(1, 1_000))

        def text() -> str:
            return layer.sql(metrics=WIDE_METRICS, by=["month", *WIDE_ATTRIBUTES], limit=next(limits))

        sql = text()
        compiling = median(text, times=15)
        planning = median(lambda: connection.execute(f"EXPLAIN {sql}").fetchall(), times=15)
    what = f"{len(WIDE_METRICS)} derived metrics of 5 sources by {len(WIDE_ATTRIBUTES)} joined attributes"
    return [
        (f"{what}: compiles", f"{compiling * 1000:.1f} ms"),
        (f"{what}: DuckDB plans it", f"{planning * 1000:.1f} ms, for {len(sql):,} characters"),
    ]

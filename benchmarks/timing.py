"""Medians, so that one busy moment of the machine says nothing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import duckdb

#: What was measured, and the figure.
Line: TypeAlias = tuple[str, str]


def median(run: Callable[[], object], *, times: int = 9) -> float:
    """Return the median of so many runs, in seconds by the clock on the wall."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def read_plainly(folder: Path) -> None:
    """Read the files of a project as PyYAML's C parser does, into dicts and lists: what a loader that checks nothing would do."""
    import yaml

    for file in folder.rglob("*.yml"):
        list(yaml.load_all(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader))


def written(root: Path, definitions: str, metrics: str) -> Path:
    """Write a project of two files into a folder, and return the folder."""
    for name, text in (("definitions", definitions), ("metrics", metrics)):
        (root / name).mkdir()
        (root / name / "bench.yml").write_text(text.lstrip())
    return root


def runs(connection: duckdb.DuckDBPyConnection, text: str) -> Callable[[], object]:
    """Return what asks a connection for all rows of a query."""
    return lambda: connection.sql(text).to_arrow_table()


def in_turn(things: Mapping[str, Callable[[], object]], *, times: int) -> dict[str, tuple[float, float]]:
    """Return for each thing the medians of its runs by the clock on the wall and by the processor's, all run in turn."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in things}
    for _ in range(times):
        for name, run in things.items():
            wall, processor = time.perf_counter(), time.process_time()
            run()
            taken[name].append((time.perf_counter() - wall, time.process_time() - processor))
    medians = {name: [statistics.median(each) for each in zip(*runs, strict=True)] for name, runs in taken.items()}
    return {name: (wall, processor) for name, (wall, processor) in medians.items()}


def paired(ours: Callable[[], object], theirs: Callable[[], object], *, times: int = 15) -> tuple[float, float]:
    """Return the medians of two things run in turn, so that a busy moment hits both."""
    first: list[float] = []
    second: list[float] = []
    for _ in range(times):
        for run, taken in ((ours, first), (theirs, second)):
            began = time.perf_counter()
            run()
            taken.append(time.perf_counter() - began)
    return statistics.median(first), statistics.median(second)

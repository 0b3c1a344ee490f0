"""Medians, so that one busy moment of the machine says nothing."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TypeAlias

#: What was measured, and the figure.
Line: TypeAlias = tuple[str, str]


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

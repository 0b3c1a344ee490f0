"""Run every measurement once and print a table of medians and ratios: `make bench`."""

from __future__ import annotations

import platform
import tempfile
from pathlib import Path

from benchmarks.clocks import utc_clock
from benchmarks.compiling import governed, start_up, wide
from benchmarks.over_time import accumulations
from benchmarks.pack import executive_packs
from benchmarks.sample_questions import beside_hand_written


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

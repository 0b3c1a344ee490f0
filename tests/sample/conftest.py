"""The sample company's warehouse and layer, built once a machine."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from decisionlayer.cli import sample

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def flights_warehouse(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with the real flight data; cached between runs, and read by many workers at once.

    The name holds the version of the data and of the code that loads it, so a stale file is never used. Two workers may
    build it at the same time: each builds aside and renames, and the later one replaces the same with the same.
    """
    try:
        version = importlib.metadata.version(sample.DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("the flight data is not installed: pip install 'decisionlayer-metrics[data]'")
    code = b"".join((ROOT / "decisionlayer" / name).read_bytes() for name in ("cli/sample.py", "run/flights.py"))
    name = f"{version}-{duckdb.__version__}-{hashlib.sha256(code).hexdigest()[:12]}.duckdb"
    cache = getattr(request.config, "cache", None)
    folder = Path(cache.mkdir("flights")) if cache is not None else tmp_path_factory.getbasetemp() / "flights"
    path = folder / name
    if not path.exists():
        sample.build(path, say=lambda line: None)
    return path


@pytest.fixture
def raw(flights_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the raw tables that cannot write."""
    with duckdb.connect(str(flights_warehouse), read_only=True) as connection:
        yield connection

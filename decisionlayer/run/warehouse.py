"""From what people call their warehouse (a URL, a file, an open connection) to an engine."""

from __future__ import annotations

from pathlib import Path

from decisionlayer.errors import EngineError
from decisionlayer.findings import Finding
from decisionlayer.run.engine import Engine


def open_warehouse(warehouse: object, *, root: str = ".", files: str | None = None) -> Engine:
    """Return the engine for ``warehouse``; nothing is opened before the first question.

    It may be a URL (``duckdb:///warehouse.duckdb``), a path to a ``.duckdb`` file, an open DuckDB connection, a SQLAlchemy
    engine over DuckDB, an engine of this library, or None: then an empty DuckDB in memory, which can read ``file:`` sources.
    Relative paths start at ``root``, and those of files that a source's query reads in memory at ``files``.
    Raises EngineError ``warehouse-failed`` for anything else.
    """
    from decisionlayer.run.duckdb import DuckDBEngine

    if warehouse is None:
        return DuckDBEngine(path=None, files=files)
    if isinstance(warehouse, Engine):
        return warehouse
    if isinstance(warehouse, str | Path):
        return DuckDBEngine(path=_path(str(warehouse), root), files=files)
    kind = f"{type(warehouse).__module__}.{type(warehouse).__name__}"
    if type(warehouse).__module__.split(".")[0] in ("duckdb", "_duckdb"):
        return DuckDBEngine(connection=warehouse)
    if kind.startswith("sqlalchemy.engine"):
        return DuckDBEngine(connection=_unwrap(warehouse))
    raise EngineError(Finding(
        "warehouse-failed", "warehouse", f"a {kind} is no warehouse",
        help="give a URL such as duckdb:///warehouse.duckdb, a path to a .duckdb file, or an open DuckDB connection",
    ))  # fmt: skip


def _path(text: str, root: str) -> str | None:
    scheme, colon, rest = text.partition("://")
    if not colon:
        return str(Path(root) / text)
    if scheme != "duckdb":
        raise EngineError(Finding(
            "warehouse-failed", "warehouse", f"this version has no engine for {scheme}:// warehouses",
            why="Only DuckDB is answered yet; other engines come in a later version.",
            help="give a URL such as duckdb:///warehouse.duckdb",
        ))  # fmt: skip
    where = rest.removeprefix("/")
    if where in ("", ":memory:"):
        return None
    return str(Path(root) / where)


def _unwrap(engine: object) -> object:
    dialect = getattr(getattr(engine, "dialect", None), "name", "")
    if dialect != "duckdb":
        raise EngineError(Finding(
            "warehouse-failed", "warehouse", f"this version has no engine for {dialect or 'this kind of'} warehouses",
            why="Only DuckDB is answered yet; other engines come in a later version.",
            help="give a SQLAlchemy engine over DuckDB, a URL such as duckdb:///warehouse.duckdb, or an open connection",
        ))  # fmt: skip
    raw = engine.raw_connection()  # type: ignore[attr-defined]
    return raw.driver_connection

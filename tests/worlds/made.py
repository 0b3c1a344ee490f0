"""Worlds that a test makes up: declarations as plain data and tables as SQL, written out and loaded like any project."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from decisionlayer.layer import Layer

#: A party, a table of three sales and what else every small project needs.
SHOP: dict[str, Any] = {
    "project": {"name": "shop", "timezone": "UTC"},
    "parties": [{"party": "desk"}, {"party": "board"}],
    "sources": [{
        "source": "sales", "one_row_is": "one sale", "table": "sales", "key": ["id"], "time": {"day": "day"}, "owner": "desk",
        "columns": {"id": "integer", "day": "date", "shop": "text", "amount": "integer"}, "dimensions": {"shop": "shop"},
    }],
    "metrics": [],
}  # fmt: skip
SHOP_TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2024-01-01', 'A', 10), (2, '2024-01-02', 'A', 20), (3, '2024-02-01', 'B', 60);
"""

#: What a metric says that is not the point of a test.
SAID = {
    "definition": "D.",
    "owner": "desk",
    "unit": "1",
    "better": "none",
    "purpose": "action",
    "respond": "Look at it.",
}


def metric(name: str, **keys: object) -> dict[str, object]:
    """Return the declaration of a metric over ``sales``, unless it says something else."""
    over = {"source": "sales"} if "measure" in keys else {}
    return {"metric": name, "title": name, **SAID, **over, **keys}


def choice(name: str, **keys: object) -> dict[str, object]:
    """Return the declaration of a metric for choosing."""
    return metric(name, **{"purpose": "choice", "owner": "board", **keys})


def shop(*metrics: Mapping[str, object], **more: object) -> dict[str, Any]:
    """Return the shop with these metrics; ``more`` replaces or adds top-level keys."""
    return {**copy.deepcopy(SHOP), "metrics": list(metrics), **more}


def made(folder: Path, declared: Mapping[str, object], tables: str | duckdb.DuckDBPyConnection = SHOP_TABLES) -> Layer:
    """Return a layer over declarations and tables; JSON is YAML, so nothing stands between them and the loader."""
    for name, keys in (("metrics", ("metrics",)), ("definitions", tuple(key for key in declared if key != "metrics"))):
        (folder / name).mkdir(parents=True, exist_ok=True)
        said = {key: declared[key] for key in keys if key in declared}
        (folder / name / "world.yml").write_text(json.dumps(said, ensure_ascii=False, default=str), encoding="utf-8")
    if isinstance(tables, str):
        connection = duckdb.connect()
        connection.execute(tables).fetchall()
    else:
        connection = tables
    return Layer.load(folder, warehouse=connection)

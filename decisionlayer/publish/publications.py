"""``dl_publications``: what stands because we put it there, with its SQL and its proof. It also says what is ours to replace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from decisionlayer.publish.catalog import FORMAT, CatalogColumn, CatalogTable, Row, catalog_columns
from decisionlayer.publish.edition import Item
from decisionlayer.resolve.language.types import INSTANT, TEXT
from decisionlayer.resolve.model import Model

#: Its name; the other catalog tables bear theirs in ``catalog.py``.
NAME = "dl_publications"

#: Every catalog table, in the order of their names.
CATALOG = ("dl_decisions", "dl_flags", "dl_lineage", "dl_metrics", NAME, "dl_translations")

COLUMNS: tuple[CatalogColumn, ...] = catalog_columns(
    ("published_at", INSTANT, "When it was published."),
    ("schema_name", TEXT, "The schema in which it stands."),
    ("object", TEXT, "Its name."),
    ("declared_as", TEXT, "view, decision, or catalog for the catalog tables themselves."),
    ("stored_as", TEXT, "view or table."),
    ("audience", TEXT, "executive or frontline."),
    ("owner", TEXT, "The party that answers for it; of a decision, the decider."),
    ("definition", TEXT, "What it shows; of a decision, its question."),
    ("question", TEXT, "The question that it answers, as JSON."),
    ("meaning", TEXT, "The fingerprint of its meaning."),
    ("sql", TEXT, "Its SQL, over the tables of the warehouse."),
    ("proof", TEXT, "The SQL that proves that its parts make up the whole: no rows, proven. Run it in the warehouse."),
    ("left_out", TEXT, "The aggregates that do not add up and that no proof covers, one a line."),
    ("status", TEXT, "draft or official."),
    ("project", TEXT, "The project that declares it."),
    ("project_meaning", TEXT, "The fingerprint of all meanings of the project."),
)  # fmt: skip


def status_of(items: Sequence[Item]) -> str:
    """Return ``official`` when everything that is published is, else ``draft``: the weakest decides for the whole."""
    return "official" if items and all(item.standing.official for item in items) else "draft"


def publications(
    model: Model, items: Sequence[Item], published_at: dt.datetime, *, home: str, copied: bool
) -> CatalogTable:
    """Return ``dl_publications``: one row for each view, decision and catalog table that now stands, these in ``home``."""
    end: Row = (model.project.name, model.meaning)
    rows: list[Row] = [
        (
            FORMAT, published_at, item.schema, item.name, item.declared_as, item.stored_as, item.audience, item.owner,
            item.definition, item.question, item.meaning, item.sql, item.proof.sql, "\n".join(item.proof.left_out) or None,
            item.standing.status, *end,
        )
        for item in items
    ]  # fmt: skip
    status = status_of(items)
    for name in CATALOG:
        rows.append((FORMAT, published_at, home, name, "catalog", "table", *[None] * 8, status, *end))
    comment = "One row per thing that was published and still stands. Only what is listed here is replaced or dropped."
    if copied:
        comment += " The rows were copied; the SQL and the proof run in the warehouse that they were copied from."
    return CatalogTable(NAME, comment, COLUMNS, tuple(rows))

"""Queries that look at reporting lines in the warehouse: does a unit or a level stand in two places on one day, or in a circle?"""

from __future__ import annotations

from decisionlayer.resolve.language.types import UNKNOWN
from decisionlayer.resolve.model import Hierarchy, Source, Tree
from decisionlayer.sql.ddl import plain
from decisionlayer.sql.dialects import DUCKDB
from decisionlayer.sql.expressions import Speller
from decisionlayer.sql.functions import Text
from decisionlayer.sql.relation import from_clause
from decisionlayer.sql.tree import circle


def in_a_circle(source: Source) -> str | None:
    """Return the query that finds units that stand under each other, as one text ``a under b under a``; None for named levels."""
    if not isinstance(source.relation, Tree):
        return None
    return circle(source.relation, from_clause(source.relation.rows))


def under_two(hierarchy: Hierarchy, source: Source, level: int) -> str:
    """Return the query that finds one unit of a level under two of the level above it on one day: it, and the two.

    A unit under nothing and, elsewhere, under something stands in two places, too.
    """
    value, parent = (_text(source, hierarchy.levels[place]) for place in (level, level - 1))
    span, both = "", ""
    if source.valid is not None:
        starts, ends = plain(source.valid.starts), plain(source.valid.ends)
        span = f", {starts} AS since, {ends} AS until"
        both = " AND (two.until IS NULL OR one.since < two.until) AND (one.until IS NULL OR two.since < one.until)"
    return "\n".join([
        f"WITH lines AS (SELECT DISTINCT {value} AS unit, {parent} AS above{span} FROM {from_clause(source.relation)} AS it)",
        "SELECT CAST(one.unit AS VARCHAR), CAST(one.above AS VARCHAR), CAST(two.above AS VARCHAR)",
        f"FROM lines AS one INNER JOIN lines AS two ON one.unit = two.unit AND one.above IS DISTINCT FROM two.above{both}",
        "ORDER BY 1, 2 NULLS LAST, 3 NULLS LAST LIMIT 1",
    ])  # fmt: skip


def _text(source: Source, level: str) -> str:
    """Return a level over the columns of its source."""
    if level in source.links:
        return " || '.' || ".join(f"CAST({plain(column)} AS VARCHAR)" for column in source.links[level].columns)
    speller = Speller(
        DUCKDB, name=lambda name: Text(plain(name.text)),
        type=lambda name: source.columns[name.text].type if name.text in source.columns else UNKNOWN,
        physical=lambda name: "",
    )  # fmt: skip
    return speller.text(source.dimensions[level].expr).sql

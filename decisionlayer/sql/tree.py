"""Trees of parents and children as levels, walked by the warehouse: one row for each unit and stretch of days.

A unit that hangs under nothing that is there, or in a circle, has no row: it stands under nothing. ``circle`` finds the latter.
"""

from __future__ import annotations

from decisionlayer.resolve.model import Tree
from decisionlayer.sql.ddl import plain


def tree(relation: Tree, rows: str) -> str:
    """Return the query of a tree over ``rows``, its units as they stand in a FROM clause.

    ::

        staff: person | manager      levels: board, director      query: person | board | director
               ann    | NULL                                             ann    | ann   | ann
               bob    | ann                                              bob    | ann   | bob
               cem    | bob                                              cem    | ann   | bob
    """
    levels = [f"way[least({place}, len(way))] AS {plain(level)}" for place, level in enumerate(relation.levels, 1)]
    columns = ",\n  ".join([f"unit AS {plain(relation.key)}", *levels, *_span(relation)])
    return f"{_walked(relation, rows)}\nSELECT\n  {columns}\nFROM ways\nWHERE above IS NULL"


def circle(relation: Tree, rows: str) -> str:
    """Return the query that finds one unit that stands, in the end, under itself; no rows when there is none."""
    shown = "array_to_string(CAST(list_append(list_reverse(way), above) AS VARCHAR[]), ' under ')"
    return f"{_walked(relation, rows)}\nSELECT {shown} AS way FROM ways WHERE above = unit ORDER BY len(way), way LIMIT 1"


def _span(relation: Tree) -> list[str]:
    if relation.valid is None:
        return []
    return [f"{name} AS {plain(column)}" for name, column in zip(("since", "until"), relation.valid, strict=True)]


def _walked(relation: Tree, rows: str) -> str:
    """Return the steps that walk from each unit up, keeping the way from above down and the days on which all of it stood."""
    own = f"{plain(relation.key)} AS unit, {plain(relation.parent)} AS above"
    span, both, shared = "", "", ""
    if relation.valid is not None:
        since, until = (plain(column) for column in relation.valid)
        span = f", {since} AS since, {until} AS until"
        # Of two ends the one that is open says nothing: least() leaves a NULL out.
        both = ", greatest(ways.since, units.since), least(ways.until, units.until)"
        shared = (
            " AND (units.until IS NULL OR ways.since < units.until) AND (ways.until IS NULL OR units.since < ways.until)"
        )
    return "\n".join([
        "WITH RECURSIVE units AS (",
        f"  SELECT {own}{span} FROM {rows} AS every_unit",
        "),",
        "ways AS (",
        f"  SELECT unit, [unit] AS way, above{', since, until' if span else ''} FROM units",
        "  UNION ALL",
        f"  SELECT ways.unit, list_prepend(units.unit, ways.way), units.above{both}",
        f"  FROM ways INNER JOIN units ON units.unit = ways.above{shared}",
        "  WHERE NOT list_contains(ways.way, ways.above)",
        ")",
    ])  # fmt: skip

"""Reporting lines in a warehouse, looked at before they are read: in a file of the project they were looked at when it was loaded."""

from __future__ import annotations

from collections.abc import Iterator

from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.resolve.model import Hierarchy, Lines, Source, Tree
from decisionlayer.run.engine import Engine
from decisionlayer.sql.checks import repeated_key
from decisionlayer.sql.lines import in_a_circle, under_two

_WHY = "its rows would count under both, and the parts would make more than the whole"


def torn(hierarchy: Hierarchy, source: Source, engine: Engine) -> tuple[Finding, ...]:
    """Return what would count a row twice or lose it: a unit in two places on one day (``two-parents``), a ``cycle``."""
    return tuple(_torn(hierarchy, source, engine))


def _torn(hierarchy: Hierarchy, source: Source, engine: Engine) -> Iterator[Finding]:
    if isinstance(source.relation, Lines):
        return
    rows = source.relation.rows if isinstance(source.relation, Tree) else source.relation
    twice = engine.rows(repeated_key(replace(source, relation=rows)))
    if twice:
        on = " on one day" if source.valid is not None else ""
        ends = "end the one line before the other begins" if source.valid is not None else "keep one line of each unit"
        yield Finding(
            "two-parents", f"frame {hierarchy.name}",
            f"{hierarchy.of} `{twice[0][0]}` stands in two places of `{hierarchy.name}`{on}", hierarchy.place,
            why=_WHY, help=f"{ends}, or say with `valid` when each line holds",
        )  # fmt: skip
        return
    query = in_a_circle(source)
    ways = [] if query is None else engine.rows(query)
    if ways:
        yield Finding(
            "cycle", f"frame {hierarchy.name}", f"units of `{hierarchy.name}` stand under each other in a circle: {ways[0][0]}",
            hierarchy.place, why="nobody is at the top, so no level can be counted from there",
            help="let one of them stand under somebody else, or under nobody",
        )  # fmt: skip


def torn_levels(hierarchy: Hierarchy, source: Source, engine: Engine) -> tuple[Finding, ...]:
    """Return ``two-parents`` for each level of which a unit stands under two of the level above on one day."""
    return tuple(_torn_levels(hierarchy, source, engine))


def _torn_levels(hierarchy: Hierarchy, source: Source, engine: Engine) -> Iterator[Finding]:
    if isinstance(source.relation, Lines | Tree):
        return
    for level in range(1, len(hierarchy.levels)):
        rows = engine.rows(under_two(hierarchy, source, level))
        if rows:
            unit, *parents = rows[0]
            one, two = ("nothing" if parent is None else f"`{parent}`" for parent in parents)
            yield Finding(
                "two-parents", f"frame {hierarchy.name}",
                f"{hierarchy.levels[level]} `{unit}` stands under {one} and under {two} in `{hierarchy.name}`", hierarchy.place,
                why=_WHY, help=f"give the two a name each, or put every {hierarchy.levels[level]} of that name under one parent",
            )  # fmt: skip

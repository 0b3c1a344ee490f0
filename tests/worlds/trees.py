"""Trees of parents as levels, for the reference evaluator: every day on which anything changes is looked at by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from decisionlayer.resolve.model import Tree

Row = Mapping[str, object]


def levels_of(tree: Tree, rows: list[Row]) -> Iterator[dict[str, object]]:
    """Yield a row for each unit and stretch of days between two changes, with what stands above it level by level."""
    if tree.valid is None:
        yield from _standing(tree, rows)
        return
    starts, ends = tree.valid
    days = sorted({row[end] for row in rows for end in (starts, ends)} - {None}, key=str)  # type: ignore[type-var]
    for position, day in enumerate(days):
        assert isinstance(day, dt.date)
        held = [row for row in rows if row[starts] is not None and row[starts] <= day and (row[ends] is None or day < row[ends])]  # type: ignore[operator]
        until = days[position + 1] if position + 1 < len(days) else None
        yield from ({**standing, starts: day, ends: until} for standing in _standing(tree, held))


def _standing(tree: Tree, rows: list[Row]) -> Iterator[dict[str, object]]:
    above = {row[tree.key]: row[tree.parent] for row in rows}
    for unit in above:
        way = [unit]
        while way[0] in above and above[way[0]] is not None:
            way.insert(0, above[way[0]])
        if way[0] in above:
            yield {tree.key: unit, **{level: way[min(place, len(way) - 1)] for place, level in enumerate(tree.levels)}}

"""Rows that several measures are over are read once, each measure counting its own by its filter.

::

    before: drill across                          after: drill across
              aggregate  late = sum(dep_delay)             aggregate  late = sum(dep_delay) filter (dep_delay > 15)
                keep dep_delay > 15                                   flights = count(*)
                  scan departures                            scan departures
              aggregate  flights = count(*)
                scan departures

A row stays when it counts for any of them, so a cell that none has rows in does not appear.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from decisionlayer.frozen import replace
from decisionlayer.plan.nodes import (
    Aggregate,
    Cells,
    Cover,
    Derived,
    DrillAcross,
    Expand,
    Join,
    Keep,
    MatchEvents,
    Present,
    Rows,
    Scan,
    SemiJoin,
)
from decisionlayer.plan.rules.walking import above_rows, alias_of, conjuncts
from decisionlayer.resolve.language.tree import Call, Expr, conjunction

#: What is read in one pass, and what its rows meet by alias.
_Pass: TypeAlias = tuple[list[Cells], dict[str, object]]


def share_scans(root: Present) -> Present:
    """Measures over one source, clock and keys share one pass over its rows."""
    return above_rows(root, _across)


def _across(cells: Cells) -> Cells:
    if not isinstance(cells, DrillAcross):
        return cells
    groups: dict[object, list[_Pass]] = {}
    passes: list[list[Cells]] = []
    for position, each in enumerate(cells.inputs):
        key: object = position
        met: dict[str, object] = {}
        if isinstance(each, Aggregate) and not isinstance(each.input, Cover):
            key = (_base(each.input), each.keys, each.clock, each.levels)
            met = met_by(each.input)
        alike = groups.setdefault(key, [])
        own = next((group for group in alike if agree(group[1], met)), None)
        if own is None:
            own = ([], {})
            alike.append(own)
            passes.append(own[0])
        own[0].append(each)
        own[1].update(met)
    if len(passes) == len(cells.inputs):
        return cells
    return replace(cells, inputs=tuple(_merged(group) for group in passes))


def met_by(rows: Rows) -> dict[str, object]:
    """Return what rows meet by alias, and how: by which key, and with which version of an entity that has several."""
    return {alias_of(join): _told(join) for join in _unfolded(rows)[1]}


def agree(met: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether what two passes meet under one alias is one and the same, whatever columns they read of it: only then are they one."""
    return all(met.get(alias, told) == told for alias, told in other.items())


def _told(join: Join | SemiJoin | Expand) -> object:
    """Return how rows are met, without the rows that meet, and without the columns that are read."""
    rows = _bare(_unfolded(join)[0])
    if isinstance(join, Join) and isinstance(join.scan, Scan):
        return replace(join, input=rows, scan=replace(join.scan, fields=()))
    return replace(join, input=rows)


def _bare(rows: Rows) -> Rows:
    return replace(rows, fields=()) if isinstance(rows, Scan) else rows


def _base(rows: Rows) -> object:
    """Return what a pass reads: passes that read the same may be one. Rows that follow each other are read on their own."""
    while not isinstance(rows, Scan | Derived | MatchEvents):
        rows = rows.input
    return rows if isinstance(rows, MatchEvents) else rows.source


def _merged(passed: list[Cells]) -> Cells:
    group = [each for each in passed if isinstance(each, Aggregate)]
    if len(group) < 2:
        return passed[0]
    conditions = [each.input.condition if isinstance(each.input, Keep) else None for each in group]
    rows = group[0].input
    rows = rows.input if isinstance(rows, Keep) else rows
    for each in group[1:]:
        rows = joined(rows, each.input.input if isinstance(each.input, Keep) else each.input)
    if len(set(conditions)) == 1:
        states = tuple(state for each in group for state in each.states)
    else:
        states = tuple(
            replace(state, where=_both(condition, state.where))
            for each, condition in zip(group, conditions, strict=True)
            for state in each.states
        )
    kept = _any(conditions)
    return replace(group[0], input=rows if kept is None else Keep(rows, kept), states=states)


def _both(condition: Expr | None, where: Expr | None) -> Expr | None:
    parts = (*conjuncts(condition), *conjuncts(where))
    return conjunction(parts)


def _any(conditions: list[Expr | None]) -> Expr | None:
    """Return the condition that one of them holds; None when one is over all rows."""
    unique = tuple(dict.fromkeys(conditions))
    if None in unique:
        return None
    known = tuple(condition for condition in unique if condition is not None)
    return known[0] if len(known) == 1 else Call("or", known)


def joined(rows: Rows, others: Rows) -> Rows:
    """Return ``rows`` with the joins that ``others`` have and they have not, parents first."""
    base, joins = _unfolded(rows)
    more_base, more = _unfolded(others)
    merged = {alias_of(join): join for join in joins}
    for join in more:
        known = merged.setdefault(alias_of(join), join)
        if isinstance(known, Join) and isinstance(join, Join) and known is not join:
            merged[alias_of(join)] = replace(known, scan=_widened(known.scan, join.scan))
    # What is derived, and rows that follow each other, are equal already.
    result = _widened(base, more_base) if isinstance(base, Scan) and isinstance(more_base, Scan) else base
    # Parents before what is found by them, and what is met by keys after all entities.
    for _, join in sorted(merged.items(), key=lambda item: (not isinstance(item[1], Join), item[0].split("__"))):
        result = replace(join, input=result)
    return result


def _unfolded(rows: Rows) -> tuple[Rows, list[Join | SemiJoin | Expand]]:
    joins: list[Join | SemiJoin | Expand] = []
    while isinstance(rows, Keep | Join | SemiJoin | Expand):
        if isinstance(rows, Join | SemiJoin | Expand):
            joins.insert(0, rows)
        rows = rows.input
    return rows, joins


def _widened(scan: Scan, other: Scan) -> Scan:
    fields = {field.name: field for field in (*scan.fields, *other.fields)}
    return replace(scan, fields=tuple(fields[name] for name in sorted(fields)))

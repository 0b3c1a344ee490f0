"""Steps over several levels: rows or cells counted by each at once, and results that stand one below the other."""

from __future__ import annotations

from collections.abc import Mapping

from decisionlayer.plan.nodes import LEVEL, Compute, Level, RollUp, Stack
from decisionlayer.plan.shape import grain
from decisionlayer.resolve.language.tree import Name
from decisionlayer.sql.dialects import DUCKDB
from decisionlayer.sql.naming import literal
from decisionlayer.sql.rows import Emission, Known
from decisionlayer.sql.select import Column, Select, verbatim


def by_levels(keys: dict[str, str], levels: tuple[Level, ...]) -> tuple[list[Column], tuple[str, ...]]:
    """Return the column that says of which level a row is, and what to group by; nothing of both without levels.

    ``keys`` are the texts of the keys. Which of them a row is not grouped by is a bit of ``GROUPING``, the last key the lowest.
    """
    if not levels:
        return [], ()
    sets = (", ".join(text for name, text in keys.items() if name in level.keys) for level in levels)
    listed = ",\n  ".join(f"({each})" for each in sets)
    bits = [sum(1 << place for place, name in enumerate(reversed(keys)) if name not in level.keys) for level in levels]
    cases = "".join(f" WHEN {bit} THEN {verbatim(literal(level.name))}" for bit, level in zip(bits, levels, strict=True))
    return [Column(f"CASE GROUPING({', '.join(keys.values())}){cases} END", LEVEL.name)], (f"GROUPING SETS (\n  {listed}\n)",)


def known_level(levels: tuple[Level, ...]) -> dict[str, Known]:
    """Return the column ``level`` as later steps know it."""
    return {LEVEL.name: Known(LEVEL.type, DUCKDB.type(LEVEL.type))} if levels else {}


def roll_up(e: Emission, cells: RollUp) -> tuple[str, Mapping[str, Known]]:
    """Write cells merged to fewer keys; a level of all their keys is made of the cells as they are."""
    source, below = e.step(cells.input)
    speller = e.speller(below)
    keys = {key.name: speller.text(key.expr).sql for key in cells.keys}
    finest = _finest(cells)
    coarser = tuple(level for level in cells.levels if level is not finest)
    used = {name: text for name, text in keys.items() if finest is None or any(name in level.keys for level in coarser)}
    alone = finest is not None and len(coarser) == 1
    level, group_by = ([_named(coarser[0])], tuple(used.values())) if alone else by_levels(used, coarser)
    columns = [*(Column(keys[name] if name in used else "NULL", e.quoted(name)) for name in keys), *level]
    in_total = not all(each.keys for each in cells.levels) if cells.levels else not keys
    for each in cells.columns:
        text = f"{each.function.upper()}({e.quoted(each.state)})"
        columns.append(Column(f"COALESCE({text}, 0)" if in_total and each.name in cells.counts else text, e.quoted(each.name)))
    where = () if cells.where is None else speller.filter_over_groups(cells.where)
    made = Select(tuple(columns), (f"FROM {source}",), where, 0 if level else len(keys), group_by=group_by).text()
    if finest is not None:
        heads = [*(Column(text, e.quoted(name)) for name, text in keys.items()), _named(finest)]
        states = (Column(e.quoted(each.state), e.quoted(each.name)) for each in cells.columns)
        made = f"{Select((*heads, *states), (f'FROM {source}',), where).text()}\nUNION ALL\n{made}"
    known = {key.name: Known(key.type, speller.physical(key.expr)) for key in cells.keys} | known_level(cells.levels)
    known |= {each.name: Known.merged(each.type, each.function, below[each.state].physical) for each in cells.columns}
    return e.named("rolled_up", grain(cells), made), known


def _finest(cells: RollUp) -> Level | None:
    """Return the level whose cells are those below, one by one; None where there is none, or nothing else."""
    passed = {key.expr.text for key in cells.keys if isinstance(key.expr, Name)}
    if len(cells.levels) < 2 or passed != set(grain(cells.input)):
        return None
    return next((level for level in cells.levels if len(level.keys) == len(cells.keys)), None)


def _named(level: Level) -> Column:
    return Column(verbatim(literal(level.name)), LEVEL.name)


def stack(e: Emission, cells: Stack) -> tuple[str, Mapping[str, Known]]:
    """Write results on different keys one below the other."""
    shown = tuple(field.name for field in cells.columns)
    selects: list[str] = []
    known: dict[str, Known] = {}
    for each, level in cells.inputs:
        called = {column: column for column in shown}
        if isinstance(each, Compute) and _only_renames(each):  # its columns can bear their new names here
            called = {column.name: column.expr.text for column in each.columns if isinstance(column.expr, Name)}
            each = each.input
        name, below = e.step(each)
        below = {key.name: below[key.name] for key in cells.keys if key.name in below} | {new: below[old] for new, old in called.items()}
        columns = []
        for key in cells.keys:
            text = e.quoted(key.name)
            if key == LEVEL and level is not None:
                columns.append(Column(verbatim(literal(level)), text))
            else:
                columns.append(Column(text if key.name in below else "NULL", text))
        columns += [Column(e.quoted(called[column]), e.quoted(column)) for column in shown]
        selects.append(Select(tuple(columns), (f"FROM {name}",)).text())
        for column, found in below.items():
            before = known.get(column)
            known[column] = found if before is None else before.stacked(found)
    known |= known_level((Level("", ()),))
    return e.named("levels", grain(cells), "\nUNION ALL\n".join(selects)), known


def _only_renames(cells: Compute) -> bool:
    return cells.where is None and all(isinstance(column.expr, Name) for column in cells.columns)

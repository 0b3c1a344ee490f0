"""Steps over several levels: rows or cells counted by each at once, and results that stand one below the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from decisionlayer.plan.nodes import (
    LEVEL,
    Aggregate,
    Cells,
    Compute,
    Derived,
    DrillAcross,
    First,
    Instants,
    Level,
    Present,
    RollUp,
    Shift,
    Spine,
    Stack,
    Window,
    over_rows,
)
from decisionlayer.plan.rules.walking import with_inputs
from decisionlayer.plan.shape import grain
from decisionlayer.resolve.language.tree import Expr, Name, names
from decisionlayer.sql.dialects import DUCKDB
from decisionlayer.sql.naming import literal
from decisionlayer.sql.rows import Emission, Known
from decisionlayer.sql.select import Column, Select, verbatim


def numbered(root: Present) -> dict[str, int]:
    """Return the number that each level bears within a statement, in the order of their names; none where a condition reads the names.

    Numbers are met and sorted in a fraction of the time that names take. The result shows the names.
    """
    found: set[str] = set()
    seen: set[int] = set()
    reads_names = root.having is not None and LEVEL.name in _texts((root.having,))

    def visit(cells: Cells) -> Cells:
        nonlocal reads_names
        if id(cells) in seen:
            return cells
        seen.add(id(cells))
        match cells:
            case Stack():
                found.update(level for _, level in cells.inputs if level is not None)
            case RollUp():
                found.update(level.name for level in cells.levels)
                reads_names |= cells.where is not None and LEVEL.name in _texts((cells.where,))
            case Compute():
                read = (*(column.expr for column in cells.columns), *(() if cells.where is None else (cells.where,)))
                reads_names |= LEVEL.name in _texts(read)
            case Aggregate():
                found.update(level.name for level in cells.levels)
                base = over_rows(cells.input)
                reads_names |= isinstance(base, Derived) and LEVEL.name in grain(base.cells)
            case First():
                reads_names |= LEVEL.name in grain(cells)
            case DrillAcross() | Spine() | Shift() | Window() | Instants():
                pass
            case _:
                assert_never(cells)
        return with_inputs(cells, visit)

    visit(root.input)
    return {} if reads_names else {name: number for number, name in enumerate(sorted(found))}


def _texts(exprs: Iterable[Expr]) -> set[str]:
    return {name.text for expr in exprs for name in names(expr)}


def named_again(numbers: Mapping[str, int], text: str) -> str:
    """Return the name of a level, out of its number."""
    cases = "".join(f" WHEN {number} THEN {verbatim(literal(name))}" for name, number in numbers.items())
    return f"CASE {text}{cases} END"


def by_levels(e: Emission, keys: dict[str, str], levels: tuple[Level, ...]) -> tuple[list[Column], tuple[str, ...]]:
    """Return the column that says of which level a row is, and what to group by; nothing of both without levels.

    ``keys`` are the texts of the keys. Which of them a row is not grouped by is a bit of ``GROUPING``, the last key the lowest.
    """
    if not levels:
        return [], ()
    sets = (", ".join(text for name, text in keys.items() if name in level.keys) for level in levels)
    listed = ",\n  ".join(f"({each})" for each in sets)
    bits = [sum(1 << place for place, name in enumerate(reversed(keys)) if name not in level.keys) for level in levels]
    cases = "".join(f" WHEN {bit} THEN {e.level(level.name)}" for bit, level in zip(bits, levels, strict=True))
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
    level, group_by = ([_named(e, coarser[0])], tuple(used.values())) if alone else by_levels(e, used, coarser)
    columns = [*(Column(keys[name] if name in used else "NULL", e.quoted(name)) for name in keys), *level]
    in_total = not all(each.keys for each in cells.levels) if cells.levels else not keys
    for each in cells.columns:
        text = f"{each.function.upper()}({e.quoted(each.state)})"
        columns.append(Column(f"COALESCE({text}, 0)" if in_total and each.name in cells.counts else text, e.quoted(each.name)))
    where = () if cells.where is None else speller.filter_over_groups(cells.where)
    made = Select(tuple(columns), (f"FROM {source}",), where, 0 if level else len(keys), group_by=group_by).text()
    if finest is not None:
        heads = [*(Column(text, e.quoted(name)) for name, text in keys.items()), _named(e, finest)]
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


def _named(e: Emission, level: Level) -> Column:
    return Column(e.level(level.name), LEVEL.name)


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
                columns.append(Column(e.level(level), text))
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

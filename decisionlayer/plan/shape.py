"""What a node's rows are: its columns, their types, and what tells one row from the next."""

from __future__ import annotations

from typing import assert_never

from decisionlayer.plan.nodes import (
    LEVEL,
    PERIODS,
    Aggregate,
    Cells,
    Compute,
    Cover,
    Derived,
    DrillAcross,
    Expand,
    Field,
    First,
    Instants,
    Join,
    Keep,
    MatchEvents,
    Node,
    Present,
    Readings,
    RollUp,
    Scan,
    SemiJoin,
    Shift,
    Spine,
    Stack,
    Window,
    over_rows,
)
from decisionlayer.resolve.language.types import BOOLEAN


def columns(node: Node) -> tuple[str, ...]:
    """Return the columns of a node by name; those of rows as ``alias.column``."""
    match node:
        case Scan() | Derived():
            return tuple(f"{node.alias}.{field.name}" for field in node.fields)
        case Keep():
            return columns(node.input)
        case MatchEvents():
            below = over_rows(node.input) if node.by_event else node.input
            return (*columns(below), f"{node.alias}.next_time")
        case Instants():
            return (*(each.name for each in node.each), node.instant.name)
        case First():
            return (*grain(node.input), node.mark)
        case Join():
            return (*columns(node.input), *columns(node.scan))
        case SemiJoin() | Expand():
            return (*columns(node.input), *(f"{node.alias}.{name}" for name in columns(node.cells)))
        case Aggregate():
            return (*grain(node), *(state.name for state in node.states))
        case RollUp():
            return (*grain(node), *(column.name for column in node.columns))
        case Stack():
            return tuple(field.name for field in fields(node))
        case DrillAcross():
            keys = tuple(key.name for key in node.keys)
            inputs = (*node.inputs, *node.beside)
            return (*keys, *(name for each in inputs for name in columns(each) if name not in keys))
        case Spine():
            return (node.key.name, *(column.name for column in node.columns), *(pick.name for pick in node.picks))
        case Shift() | Window():
            return (*grain(node), *(column.name for column in node.columns))
        case Cover():
            return (*columns(node.input), f"{PERIODS}.{node.spine.key.name}")
        case Readings():
            return (*columns(node.input), *(f"{node.alias}.{column.name}" for column in node.columns))
        case Compute():
            return (*(key.name for key in node.keys), *(column.name for column in node.columns))
        case Present():
            return tuple(field.name for field in node.fields)
        case _:
            assert_never(node)


def fields(cells: Cells) -> tuple[Field, ...]:
    """Return the columns of cells with their types."""
    match cells:
        case Aggregate():
            keys = tuple(Field(key.name, key.type) for key in cells.keys)
            return (*keys, *_level(cells), *(Field(state.name, state.type) for state in cells.states))
        case RollUp():
            keys = tuple(Field(key.name, key.type) for key in cells.keys)
            return (*keys, *_level(cells), *(Field(column.name, column.type) for column in cells.columns))
        case Stack():
            return (*cells.keys, *cells.columns)
        case First():
            below = {each.name: each for each in fields(cells.input)}
            return (*(below[name] for name in grain(cells.input)), Field(cells.mark, BOOLEAN))
        case Instants():
            return tuple(Field(each.name, each.type) for each in (*cells.each, cells.instant))
        case DrillAcross():
            known = {key.name for key in cells.keys}
            inputs = (*cells.inputs, *cells.beside)
            return (*cells.keys, *(each for input in inputs for each in fields(input) if each.name not in known))
        case Spine():
            picks = (Field(pick.name, pick.type) for pick in cells.picks)
            return (cells.key, *(Field(column.name, column.type) for column in cells.columns), *picks)
        case Shift() | Window():
            below = {each.name: each for each in fields(cells.input)} | {cells.spine.key.name: cells.spine.key}
            keys = tuple(below[name] for name in grain(cells))
            return (*keys, *(Field(column.name, column.type) for column in cells.columns))
        case Compute():
            return (*cells.keys, *(Field(column.name, column.type) for column in cells.columns))
        case _:
            assert_never(cells)


def grain(node: Node) -> tuple[str, ...]:
    """Return the columns that tell one row of a node from the next; none when it has exactly one row."""
    match node:
        case Scan():
            versions = node.valid[:1] if node.valid is not None else ()
            return tuple(f"{node.alias}.{column}" for column in dict.fromkeys((*node.key, *versions)))
        case Derived():
            return tuple(f"{node.alias}.{column}" for column in node.key)
        case MatchEvents() if node.by_event:
            return grain(node.events)
        case Keep() | Join() | SemiJoin() | Readings() | MatchEvents():
            return grain(node.input)
        case Expand():
            return (*grain(node.input), *parts_of(node))
        case Instants():
            return columns(node)
        case First():
            return grain(node.input)
        case Aggregate() | RollUp():
            return (*(key.name for key in node.keys), *(field.name for field in _level(node)))
        case DrillAcross() | Compute() | Stack():
            return tuple(key.name for key in node.keys)
        case Spine():
            return (node.key.name,)
        case Shift() | Window():
            return tuple(node.spine.key.name if name == node.key else name for name in grain(node.input))
        case Cover():
            return (*grain(node.input), f"{PERIODS}.{node.spine.key.name}")
        case Present():
            return grain(node.input)
        case _:
            assert_never(node)


def _level(node: Aggregate | RollUp) -> tuple[Field, ...]:
    return (LEVEL,) if node.levels else ()


def parts_of(node: Expand) -> tuple[str, ...]:
    """Return the columns that tell the parts of a row apart after it was multiplied."""
    matched = {column for _, column in node.on}
    return tuple(f"{node.alias}.{name}" for name in grain(node.cells) if name not in matched)

"""What a plan promises: every name is borne, every join keeps its rows, every grain holds.

``check_plan`` fails on our own mistakes only. Nothing that people write can make it fail.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from decisionlayer.plan.nodes import (
    LEVEL,
    Aggregate,
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
    Level,
    MatchEvents,
    Node,
    Plan,
    Present,
    Readings,
    RollUp,
    Rows,
    Scan,
    SemiJoin,
    Shift,
    Spine,
    Stack,
    Window,
)
from decisionlayer.plan.shape import columns, fields, grain, parts_of
from decisionlayer.resolve.language.tree import Expr, names


def check_plan(plan: Plan) -> None:
    """Fail when a plan does not hold: a join that may multiply rows, keys that differ, a name that nothing bears.

    Raises AssertionError; it means a mistake of ours.
    """
    _check(plan.root)
    shown = tuple(field.name for field in plan.root.fields)
    _hold(shown == (*plan.groups, *(column for column, _ in plan.metrics)), "the plan's columns are not those of its result")


def _check(node: Node) -> None:
    match node:
        case Scan():
            _unique(columns(node))
        case Derived():
            _derived(node)
        case MatchEvents():
            _match_events(node)
        case Instants():
            _instants(node)
        case First():
            _check(node.input)
            ordered = {order.column for order in node.order}
            _hold(set(grain(node)) <= ordered <= set(columns(node.input)), "the first of what is in no total order")
        case Keep():
            _check(node.input)
            _known(node.condition, columns(node.input), 2)
        case Join():
            _join(node)
        case SemiJoin():
            _semi_join(node)
        case Expand():
            _expand(node)
        case Aggregate():
            _aggregate(node)
        case RollUp():
            _roll_up(node)
        case Stack():
            _stack(node)
        case DrillAcross():
            _drill_across(node)
        case Compute():
            _check(node.input)
            _hold(_names(node.keys) == grain(node.input), "a computation changes the grain of its input")
            for expr in (*(column.expr for column in node.columns), *(() if node.where is None else (node.where,))):
                _known(expr, columns(node.input), 1)
            _unique(columns(node))
        case Spine():
            _spine(node)
        case Shift() | Window():
            _moved(node)
        case Cover():
            _check(node.input)
            _check(node.spine)
            _known(node.period, columns(node.input), 2)
            _hold({node.last, *filter(None, (node.first,))} <= set(columns(node.spine)), "no such column in the spine")
        case Readings():
            _check(node.input)
            for expr in (node.by, *(column.expr for column in node.columns), *(() if node.where is None else (node.where,))):
                _known(expr, columns(node.input), 2)
            for column in node.columns:
                _hold(set(names(column.expr)) == {node.by}, f"{column.name} is looked up by {node.by.text} and reads something else")
            _unique(columns(node))
        case Present():
            _present(node)
        case _:
            assert_never(node)


def _join(node: Join) -> None:
    _check(node.input)
    _check(node.scan)
    matched = tuple(column for _, column in node.on)
    _hold(sorted(matched) == sorted(node.scan.key), f"{node.scan.alias} is joined by {matched}, which is not its whole key")
    has_history = node.scan.valid is not None
    _hold(has_history == (node.moment is not None), f"{node.scan.alias} is joined {'without' if has_history else 'with'} a moment")
    for expr in (*(expr for expr, _ in node.on), *(() if node.moment is None else (node.moment,))):
        _known(expr, columns(node.input), 2)
    for name in node.scan.valid or ():
        _hold(f"{node.scan.alias}.{name}" in columns(node.scan), f"{node.scan.alias} is read without {name}")
    if node.known is not None:
        _known(node.known, columns(node.scan), 2)
    _unique(columns(node))


def _derived(node: Derived) -> None:
    _check(node.cells)
    _hold(node.fields == fields(node.cells), f"{node.alias} does not show what it is made of")
    _hold(node.key == grain(node.cells), f"{node.alias} has one row per {grain(node.cells)}, not per {node.key}")
    _unique(columns(node))


def _match_events(node: MatchEvents) -> None:
    _check(node.input)
    _check(node.events)
    for one, other in (*node.on, (node.time, node.event_time)):
        _known(one, columns(node.input), 2)
        _known(other, columns(node.events), 2)
    _unique(columns(node))


def _instants(node: Instants) -> None:
    _check(node.input)
    known = columns(node.input)
    for expr in (*node.periods, *(each.expr for each in node.each), node.instant.expr):
        _known(expr, known, 2)
    # Periods that the instant alone decides: else one instant would be the last of two of them.
    read = set(names(node.instant.expr))
    _hold(all(set(names(period)) <= read for period in node.periods), "a period hangs on more than the instant")
    _unique(columns(node))


def _semi_join(node: SemiJoin) -> None:
    _check(node.input)
    _check(node.cells)
    matched = tuple(column for _, column in node.on)
    _hold(sorted(matched) == sorted(grain(node.cells)), f"{node.alias} is met by {matched}, and has one row per {grain(node.cells)}")
    for expr, _ in node.on:
        _known(expr, columns(node.input), 2)
    _unique(columns(node))


def _expand(node: Expand) -> None:
    _check(node.input)
    _check(node.cells)
    matched = {column for _, column in node.on}
    _hold(matched < set(grain(node.cells)), f"{node.alias} is met by {matched}, and has one row per {grain(node.cells)}")
    for expr, _ in node.on:
        _known(expr, columns(node.input), 2)
    _unique(columns(node))


def _expanded(rows: Rows) -> Iterator[Expand]:
    while not isinstance(rows, Scan | Derived):
        if isinstance(rows, Expand):
            yield rows
        rows = rows.input


def _aggregate(node: Aggregate) -> None:
    _check(node.input)
    known = columns(node.input)
    for key in node.keys:
        _known(key.expr, known, 2)
    _levels(node)
    for state in node.states:
        for part in (state.argument, state.where, state.weight):
            if part is not None:
                _known(part, known, 2)
    for each in _expanded(node.input):
        for level in node.levels or (Level("", tuple(key.name for key in node.keys)),):
            told = {name.text for key in node.keys if key.name in level.keys for name in names(key.expr)}
            _hold(told >= set(parts_of(each)), f"rows are multiplied by {parts_of(each)}, and not told apart by it")
    _unique(columns(node))


def _levels(node: Aggregate | RollUp) -> None:
    keys = {key.name for key in node.keys}
    _hold(all(set(level.keys) <= keys for level in node.levels), "a level splits by what is no key")
    sets = [frozenset(level.keys) for level in node.levels]
    _hold(len(set(sets)) == len(sets), "two levels split by the same keys, and nothing tells their rows apart")


def _roll_up(node: RollUp) -> None:
    _check(node.input)
    below = columns(node.input)
    _levels(node)
    for key in node.keys:
        _known(key.expr, grain(node.input), 1)
    _hold({column.state for column in node.columns} <= set(below), "a state that is not there")
    if node.where is not None:
        _known(node.where, below, 1)
    _unique(columns(node))


def _stack(node: Stack) -> None:
    keys = {key.name for key in node.keys}
    for each, level in node.inputs:
        _check(each)
        own = set(grain(each))
        _hold(own <= keys and (LEVEL.name in own) == (level is None), f"a level has {grain(each)}, the result {_names(node.keys)}")
        _hold(set(_names(node.columns)) <= set(columns(each)), f"a level has {columns(each)}, and {_names(node.columns)} are shown")
    _unique(columns(node))


def _drill_across(node: DrillAcross) -> None:
    for each in node.inputs:
        _check(each)
        _hold(grain(each) == _names(node.keys), f"an input has {grain(each)} and not {_names(node.keys)}")
    if node.filled is not None:
        _check(node.filled)
        _hold(node.filled.key.name in _names(node.keys), "cells are filled by a period that is no key of theirs")
    for each in node.beside:
        _check(each)
        _hold(set(grain(each)) <= set(_names(node.keys)), f"what stands beside has {grain(each)}, the cells {_names(node.keys)}")
    _unique(columns(node))
    _hold(node.counts <= set(columns(node)), "a count that no input has")


def _spine(node: Spine) -> None:
    for cells, period in node.inputs:
        _check(cells)
        _known(period, columns(cells), 1)
    for span in node.spans:
        _check(span)
        _hold(not grain(span), "a span has more than one row")
    available = (node.key.name, *(name for span in node.spans for name in columns(span)))
    for step in node.steps:
        for column in step:
            _known(column.expr, available, 1)
        available = (*available, *(column.name for column in step))
        _unique(available)
    for column in node.columns:
        _known(column.expr, available, 1)
    shown = {node.key.name, *(column.name for column in node.columns)}
    for pick in node.picks:
        _check(pick.cells)
        _hold(grain(pick.cells) == (pick.key,), f"{pick.name} is picked from more than periods")
        _hold({pick.last, *filter(None, (pick.first,))} <= shown, "no such column in the spine")
    if node.where is not None:
        _known(node.where, (node.key.name,), 1)
    _unique(columns(node))


def _moved(node: Shift | Window) -> None:
    _check(node.input)
    _check(node.spine)
    _hold(node.key in grain(node.input), f"{node.key} is no period of what is moved")
    known = set(columns(node.spine))
    below = columns(node.input)
    if isinstance(node, Shift):
        _hold(node.read in known, f"the spine has no {node.read}")
        for column in node.columns:
            _known(column.expr, below, 1)
    else:
        _hold({node.last, *filter(None, (node.first,))} <= known, "no such column in the spine")
        _hold({column.state for column in node.columns} <= set(below), "a state that is not there")
        if node.running is not None and node.running.bucket is not None:
            _known(node.running.bucket, (node.key,), 1)
    _unique(columns(node))


def _present(node: Present) -> None:
    _check(node.input)
    known = columns(node.input)
    _hold(set(columns(node)) <= set(known), f"the result shows {columns(node)}, its input has {known}")
    if node.having is not None:
        _known(node.having, columns(node), 1)
    ordered = [order.column for order in node.order]
    _hold(set(ordered) <= set(columns(node)), "the order names what the result does not show")
    _hold(set(grain(node)) <= set(ordered), "the order does not tell every row from the next")


def _names(fields: Iterable[Field]) -> tuple[str, ...]:
    return tuple(field.name for field in fields)


def _known(expr: Expr, available: Iterable[str], parts: int) -> None:
    known = set(available)
    for name in names(expr):
        _hold(len(name.parts) == parts and name.text in known, f"nothing bears the name {name.text}; there are {sorted(known)}")


def _unique(found: tuple[str, ...]) -> None:
    folded = [name.casefold() for name in found]
    _hold(len(set(folded)) == len(folded), f"two columns of one name among {found}")


def _hold(promise: bool, otherwise: str) -> None:
    if not promise:
        raise AssertionError(f"a plan does not hold: {otherwise}")

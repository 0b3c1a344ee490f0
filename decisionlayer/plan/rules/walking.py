"""Walking a plan, for rules: what stands over rows, what reads them, and filters taken apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from decisionlayer.frozen import replace
from decisionlayer.plan.nodes import (
    Aggregate,
    Cells,
    Compute,
    Cover,
    Derived,
    DrillAcross,
    Expand,
    First,
    Instants,
    Join,
    Keep,
    MatchEvents,
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
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name


def above_rows(root: Present, change: Callable[[Cells], Cells]) -> Present:
    """Return the plan with ``change`` applied to each node between rows and result, those below first, each once."""
    changed = _changed(root.input, change, {})
    return root if changed is root.input else replace(root, input=changed)


def _changed(cells: Cells, change: Callable[[Cells], Cells], done: dict[int, Cells]) -> Cells:
    """What several nodes read stays one: ``done`` keeps what became of each node."""
    if id(cells) not in done:
        done[id(cells)] = change(with_inputs(cells, lambda below: _changed(below, change, done)))
    return done[id(cells)]


def with_inputs(cells: Cells, change: Callable[[Cells], Cells], *, met: bool = True) -> Cells:
    """Return a node with ``change`` applied to the cells below it; itself where they all stay.

    Without ``met`` the results stay that rows are looked up in or multiplied by: they are of other things than the question's cells.
    """

    def all_of(inputs: tuple[Cells, ...]) -> tuple[Cells, ...]:
        made = tuple(change(each) for each in inputs)
        return inputs if all(new is old for new, old in zip(made, inputs, strict=True)) else made

    match cells:
        case Aggregate() | Instants():
            rows = _met(cells.input, change, joined=met)
            return cells if rows is cells.input else replace(cells, input=rows)
        case DrillAcross():
            inputs, beside = all_of(cells.inputs), all_of(cells.beside)
            filled = None if cells.filled is None else _spine(change(cells.filled))
            same = inputs is cells.inputs and beside is cells.beside and filled is cells.filled
            return cells if same else replace(cells, inputs=inputs, beside=beside, filled=filled)
        case Compute() | RollUp() | First():
            below = change(cells.input)
            return cells if below is cells.input else replace(cells, input=below)
        case Stack():
            levels = tuple(each for each, _ in cells.inputs)
            changed = all_of(levels)
            if changed is levels:
                return cells
            return replace(cells, inputs=tuple(zip(changed, (level for _, level in cells.inputs), strict=True)))
        case Spine():
            read, spans = tuple(each for each, _ in cells.inputs), all_of(cells.spans)
            made, picked = all_of(read), tuple(pick.cells for pick in cells.picks)
            picks = all_of(picked)
            if made is read and spans is cells.spans and picks is picked:
                return cells
            periods = (period for _, period in cells.inputs)
            return replace(
                cells, inputs=tuple(zip(made, periods, strict=True)), spans=spans,
                picks=tuple(replace(pick, cells=each) for pick, each in zip(cells.picks, picks, strict=True)),
            )  # fmt: skip
        case Shift() | Window():
            below, spine = change(cells.input), _spine(change(cells.spine))
            if below is cells.input and spine is cells.spine:
                return cells
            return replace(cells, input=below, spine=spine)
        case _:
            assert_never(cells)


def _spine(cells: Cells) -> Spine:
    assert isinstance(cells, Spine), "a rule made something else of a spine"
    return cells


def _met(rows: Rows, change: Callable[[Cells], Cells], *, joined: bool) -> Rows:
    """Return rows with ``change`` applied to the results that they are met with."""
    if isinstance(rows, Scan):
        return rows
    if isinstance(rows, Derived):
        made = change(rows.cells)
        return rows if made is rows.cells else replace(rows, cells=made, fields=rows.fields)
    below = _met(rows.input, change, joined=joined)
    if isinstance(rows, MatchEvents):
        events = _met(rows.events, change, joined=joined)
        return rows if below is rows.input and events is rows.events else replace(rows, input=below, events=events)
    if isinstance(rows, SemiJoin | Expand):
        cells = change(rows.cells) if joined else rows.cells
        return rows if below is rows.input and cells is rows.cells else replace(rows, input=below, cells=cells)
    if isinstance(rows, Cover):
        spine = _spine(change(rows.spine))
        return rows if below is rows.input and spine is rows.spine else replace(rows, input=below, spine=spine)
    return rows if below is rows.input else replace(rows, input=below)


def expressions(cells: Aggregate | Instants) -> Iterator[Expr]:
    """Yield every expression that reads the rows below an aggregate, those of joins not."""
    match cells:
        case Aggregate():
            yield from (key.expr for key in cells.keys)
            for state in cells.states:
                yield from (part for part in (state.argument, state.where, state.weight) if part is not None)
        case Instants():
            yield from (*cells.periods, *(each.expr for each in cells.each), cells.instant.expr)
    yield from of_rows(cells.input)


def of_rows(rows: Rows) -> Iterator[Expr]:
    """Yield every expression that rows themselves read of what is below them, those of joins not."""
    while not isinstance(rows, Scan | Derived):
        match rows:
            case Keep():
                yield rows.condition
            case Cover():
                yield rows.period
            case MatchEvents():
                yield from (*(mine for mine, _ in rows.on), rows.time)
            case Join() | SemiJoin() | Expand():
                pass
        rows = rows.input


def joins_of(rows: Rows) -> Iterator[Join | SemiJoin | Expand]:
    """Yield the joins of rows, the last one first."""
    while not isinstance(rows, Scan | Derived):
        if isinstance(rows, Join | SemiJoin | Expand):
            yield rows
        rows = rows.input


def alias_of(join: Join | SemiJoin | Expand | Readings) -> str:
    """Return under which alias the columns of a join stand."""
    return join.scan.alias if isinstance(join, Join) else join.alias


def conjuncts(condition: Expr | None) -> tuple[Expr, ...]:
    """Return what must all hold for ``condition`` to hold; none for none."""
    match condition:
        case None:
            return ()
        case Call(function="and", arguments=parts):
            return tuple(inner for part in parts for inner in conjuncts(part))
        case _:
            return (condition,)


def read_rows(rows: Rows, change: Callable[[Expr], Expr]) -> Rows:
    """Return rows with every expression that they read changed."""
    match rows:
        case Scan() | Derived() | MatchEvents():
            return rows
        case Keep():
            return replace(rows, input=read_rows(rows.input, change), condition=change(rows.condition))
        case Join():
            on = tuple((change(expr), key) for expr, key in rows.on)
            moment = None if rows.moment is None else change(rows.moment)
            return replace(rows, input=read_rows(rows.input, change), on=on, moment=moment)
        case SemiJoin() | Expand():
            on = tuple((change(expr), key) for expr, key in rows.on)
            return replace(rows, input=read_rows(rows.input, change), on=on)
        case Cover():
            return replace(rows, input=read_rows(rows.input, change), period=change(rows.period))
        case Readings():
            return replace(rows, input=read_rows(rows.input, change))


def is_matched(rows: Rows) -> bool:
    """Whether rows are read beside those that follow them: there each is looked at by its own time."""
    while not isinstance(rows, Scan | Derived):
        if isinstance(rows, MatchEvents):
            return True
        rows = rows.input
    return False


def kept(rows: Rows) -> tuple[Expr, ...]:
    """Return what must hold of every row that stays."""
    found: tuple[Expr, ...] = ()
    while not isinstance(rows, Scan | Derived):
        if isinstance(rows, Keep):
            found = (*conjuncts(rows.condition), *found)
        rows = rows.input
    return found


def reading(cells: Aggregate, change: Callable[[Expr], Expr]) -> Aggregate:
    """Return an aggregate with every expression that reads its rows changed."""
    keys = tuple(replace(key, expr=change(key.expr)) for key in cells.keys)
    states = tuple(
        replace(
            state,
            argument=None if state.argument is None else change(state.argument),
            where=None if state.where is None else change(state.where),
            weight=None if state.weight is None else change(state.weight),
        )
        for state in cells.states
    )
    return replace(cells, input=read_rows(cells.input, change), keys=keys, states=states)


def span(conditions: Iterable[Expr], clock: Name) -> tuple[dt.datetime, dt.datetime] | None:
    """Return between which two readings a clock lies by what holds of its rows, the second excluded; None where one end is open."""
    ends: dict[str, dt.datetime] = {}
    for each in conditions:
        match each:
            case Call(function=">=" | "<" as sign, arguments=(Name() as read, Literal(value=dt.datetime() as value))) if read == clock:
                nearer = max if sign == ">=" else min
                ends[sign] = nearer(value, ends.get(sign, value))
    return (ends[">="], ends["<"]) if len(ends) == 2 else None

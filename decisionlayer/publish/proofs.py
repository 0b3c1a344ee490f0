"""Proofs: for each view and decision the query which shows that its parts make up the whole, and what it shows on this data.

The cells of the view, before ``having`` and ``limit``, are added up and compared with the same aggregate over the raw rows:
without any split, and with every joined table brought down to one row per key. A repeated key, a lost orphan or a dropped
NULL makes the two differ. Ratios are proven by their components; distinct counts and quantiles do not add up and are named
as left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from decisionlayer.ask import Desk
from decisionlayer.capabilities import Capabilities
from decisionlayer.errors import DecisionLayerError, EngineError
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass, replace
from decisionlayer.govern.lineage import Lineage
from decisionlayer.plan.levels import levels_of, name_of
from decisionlayer.plan.nodes import (
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
    State,
    Window,
)
from decisionlayer.plan.query import Query
from decisionlayer.publish.criteria import criteria_of
from decisionlayer.publish.gate import about
from decisionlayer.publish.stopping import unreadable, why_stopped
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.tree import Call, Expr, Name, names
from decisionlayer.resolve.language.types import FLOAT, INTEGER
from decisionlayer.resolve.model import SqlText
from decisionlayer.sql import emit
from decisionlayer.sql.proof import Side, Total, proof
from decisionlayer.sql.relation import one_row_per_key

#: How cells of a state add up; what is not here does not.
_ADDED = {"sum": "sum", "count": "count", "min": "min", "max": "max"}


@dataclass(frozen=True, slots=True)
class Proof:
    """The query of a proof, None when nothing adds up; the totals that it compares, and the aggregates that it must leave out."""

    sql: str | None
    proven: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Titled:
    """A plan to be proven, under the name of its question."""

    title: str
    plan: Plan


def prove(capabilities: Capabilities, name: str, questions: Sequence[Titled]) -> Proof:
    """Return the proof of what is published under ``name``, over all its questions."""
    sides = [_side(capabilities, question) for question in questions]
    totals = [total.label for side in sides for _, some in side.wholes for total in some]
    left_out = tuple(dict.fromkeys(label for question in questions for label in _left_out(question.plan)))
    if not totals:
        return Proof(None, (), left_out)
    head = [f"Proof of {name}: no rows come back when its parts make up the whole, one per broken total when not."]
    if left_out:
        head.append(f"Left out, because they do not add up: {', '.join(left_out)}.")
    sql = proof(head, [side for side in sides if side.wholes])
    return Proof(sql, tuple(dict.fromkeys(totals)), left_out)


def disprove(desk: Desk, lineage: Lineage, spoilt: frozenset[str]) -> tuple[Finding, ...]:
    """Run the proof of every view and decision; return ``parts-differ`` for each whose parts do not make up the whole.

    What is broken, or stands on something in ``spoilt``, was told of already. A question that cannot be asked is told as
    what keeps it from being asked.
    """
    found: list[Finding] = []
    model = desk.model
    for subject, place in _published(desk):
        if subject in model.broken or not spoilt.isdisjoint(lineage.beneath(subject)):
            continue
        try:
            made = prove(desk.capabilities, subject.partition(" ")[2], questions_of(desk, subject))
            text, columns = _statement(desk, subject)
        except DecisionLayerError as refused:
            found += about(subject, refused.findings)
            continue
        broken = run_proof(desk, subject, place, made.sql) if made.sql is not None else ()
        found += broken or unreadable(desk, subject, place, text, columns)
    return tuple(found)


def run_proof(desk: Desk, subject: str, place: Place, sql: str) -> tuple[Finding, ...]:
    """Return what a proof shows: nothing, or one ``parts-differ`` with every broken total and both its numbers."""
    assert desk.engine is not None
    try:
        rows = desk.engine.rows(sql)
    except EngineError as failed:
        return why_stopped(desk, subject, place, failed, "cannot be proven")
    if not rows:
        return ()
    kind, _, name = subject.partition(" ")
    broken = "; ".join(f"{total}: its cells add up to {part}, the rows to {whole}" for _, total, part, whole in rows)
    return (Finding(
        "parts-differ", subject, f"the parts of {kind} `{name}` do not make up the whole", place,
        why="rows are counted twice or lost on the way, so none of its numbers can be trusted",
        damage=broken, help="look for a repeated key in what it is split by; the proof names the totals that break",
    ),)  # fmt: skip


def questions_of(desk: Desk, subject: str) -> tuple[Titled, ...]:
    """Return the questions behind a view or a decision, compiled; raises what compiling raises."""
    kind, _, name = subject.partition(" ")
    if kind == "view":
        return of_view(desk, name)
    laid_out = criteria_of(desk, desk.model.decisions[name])
    return tuple(Titled(horizon.title, horizon.plan) for horizon in laid_out.horizons)


def _statement(desk: Desk, subject: str) -> tuple[str, tuple[str, ...]]:
    """Return what is read of a view or a decision, and its columns."""
    kind, _, name = subject.partition(" ")
    if kind == "decision":
        laid_out = criteria_of(desk, desk.model.decisions[name])
        return laid_out.sql, laid_out.columns
    statement = desk.compile(Query.of(**desk.model.views[name].question), inline=True).statement
    return statement.text, tuple(column.name for column in statement.columns)


def of_view(desk: Desk, name: str) -> tuple[Titled, ...]:
    """Return the question of a view, compiled; of a view by levels one for each, since each is what it is alone."""
    query = Query.of(**desk.model.views[name].question)
    levels = levels_of(query, desk.model, []) if query.levels or query.totals else None
    if levels is None:
        return (Titled(name, desk.compile(query, inline=True).plan),)
    each = query.of_all_cells()
    return tuple(
        Titled(f"{name} by {name_of(level)}", desk.compile(each.alone(level), inline=True).plan)
        for level in levels
    )


def _published(desk: Desk) -> Iterator[tuple[str, Place]]:
    yield from ((f"view {view.name}", view.place) for view in desk.model.views.values())
    yield from ((f"decision {decision.name}", decision.place) for decision in desk.model.decisions.values())


# -- a plan → its two sides ------------------------------------------------------------------------------------------


def _side(capabilities: Capabilities, question: Titled) -> Side:
    cells = _unfinished(question.plan.root.input)
    wholes = []
    for aggregate in _aggregates(cells):
        if _crosses(aggregate.input):
            continue
        whole = _without_split(aggregate)
        text = emit(_shown(whole, whole.states, question.plan), capabilities, inline=True).text
        totals = tuple(_total(state) for state in aggregate.states if state.function in _ADDED)
        if totals:
            wholes.append((text, totals))
    states = [state for aggregate in _aggregates(cells) for state in aggregate.states]
    return Side(question.title, emit(_shown(cells, states, question.plan), capabilities, inline=True).text, tuple(wholes))


def _unfinished(cells: Cells) -> Aggregate | DrillAcross:
    """Return the node beneath every finish: the states of the cells, as they were aggregated and met.

    Where cells read others, those are what rows were counted by: everything else is read of them.
    """
    while True:
        match cells:
            case Aggregate():
                return cells
            case Instants():
                raise LookupError("instants are no cells of a result")
            case DrillAcross():
                if all(isinstance(each, Aggregate) for each in cells.inputs):
                    return cells
                cells = cells.inputs[0]
            case Spine():
                cells = cells.inputs[0][0]
            case Compute() | Shift() | Window() | First() | RollUp():
                cells = cells.input
            case Stack():
                cells = cells.inputs[0][0]
            case _:
                assert_never(cells)


def _aggregates(cells: Aggregate | DrillAcross) -> Iterator[Aggregate]:
    if isinstance(cells, Aggregate):
        yield cells
        return
    yield from (each for each in cells.inputs if isinstance(each, Aggregate))


def _shown(cells: Aggregate | DrillAcross, states: Iterable[State], plan: Plan) -> Plan:
    """Return a plan that shows nothing but the cells and their states, as they are."""
    keys = tuple(Field(key.name, key.type) for key in cells.keys)
    fields = tuple(Field(state.name, state.type) for state in states)
    root = Present(cells, (*keys, *fields), None, (), None)
    return replace(plan, root=root, groups=tuple(key.name for key in keys), metrics=tuple((f.name, f.name) for f in fields))


def _without_split(aggregate: Aggregate) -> Aggregate:
    """Return the same aggregate over all rows at once, with two more states for each floating sum that tell how far it may be off."""
    states = []
    for state in aggregate.states:
        states.append(state)
        if _is_rounded(state):
            assert state.argument is not None
            size = Call("abs", (state.argument,))
            states.append(replace(state, name=f"{state.name}__terms", type=INTEGER, function="count"))
            states.append(replace(state, name=f"{state.name}__size", type=FLOAT, argument=size))
    needed = {name.parts[0] for state in states for expr in (state.argument, state.where) for name in _names(expr)}
    return Aggregate(_raw(aggregate.input, needed), (), tuple(states), aggregate.clock)


def _raw(rows: Rows, needed: set[str]) -> Rows:
    """Return the rows without the joins that nothing needs, each remaining one to a table that has every key once.

    ``needed`` are the aliases that are read above; what the rows themselves read is added on the way down.
    """
    match rows:
        case Scan() | Derived():
            return rows
        case MatchEvents():
            own = (rows.time, *(mine for mine, _ in rows.on))
            return replace(rows, input=_raw(rows.input, needed | {name.parts[0] for expr in own for name in _names(expr)}))
        case Keep():
            below = _raw(rows.input, needed | {name.parts[0] for name in _names(rows.condition)})
            return replace(rows, input=below)
        case Join():
            if rows.scan.alias not in needed:
                return _raw(rows.input, needed)
            read = {name.parts[0] for expr in rows.reads() for name in _names(expr)}
            columns = [field.name for field in rows.scan.fields]
            versions = () if rows.scan.valid is None else rows.scan.valid[:1]
            once = SqlText(one_row_per_key(rows.scan.relation, (*rows.scan.key, *versions), columns))
            return replace(rows, input=_raw(rows.input, needed | read), scan=replace(rows.scan, relation=once))
        case Expand():  # what it multiplies is left out
            return _raw(rows.input, needed)
        case SemiJoin():
            if rows.alias not in needed:
                return _raw(rows.input, needed)
            read = {name.parts[0] for expr in rows.reads() for name in _names(expr)}
            return replace(rows, input=_raw(rows.input, needed | read))
        case Cover():
            return _raw(rows.input, needed)
        case Readings():
            below = _raw(rows.input, needed)
            return replace(rows, input=below) if rows.alias in needed else below
        case _:
            assert_never(rows)


def _names(expr: Expr | None) -> tuple[Name, ...]:
    return () if expr is None else names(expr)


def _total(state: State) -> Total:
    rounded = _is_rounded(state)
    return Total(
        _label(state), state.name, _ADDED[state.function], f"{state.name}__terms" if rounded else None,
        f"{state.name}__size" if rounded else None,
    )  # fmt: skip


def _is_rounded(state: State) -> bool:
    return state.function == "sum" and not state.type.is_exact


def _left_out(plan: Plan) -> Iterator[str]:
    for aggregate in _aggregates(_unfinished(plan.root.input)):
        crosses = _crosses(aggregate.input)
        yield from (_label(state) for state in aggregate.states if crosses or state.function not in _ADDED)


def _crosses(rows: Rows) -> bool:
    """Whether rows are split across a bridge, where parts overlap or are shares."""
    while not isinstance(rows, Scan | Derived):
        if isinstance(rows, Expand):
            return True
        rows = rows.input
    return False


def _label(state: State) -> str:
    inside = "*" if state.argument is None else text_of(state.argument)
    kept = "" if state.where is None else f" where {text_of(state.where)}"
    function = "count distinct" if state.function == "count_distinct" else state.function
    return f"{state.name} = {function}({inside}){kept}"

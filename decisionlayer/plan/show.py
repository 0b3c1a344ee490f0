"""A plan as text: one line a node, inputs indented below, for people and for tests."""

from __future__ import annotations

from typing import assert_never

from decisionlayer.plan.nodes import (
    Aggregate,
    Compute,
    Cover,
    Derived,
    DrillAcross,
    Expand,
    First,
    Instants,
    Join,
    Keep,
    Level,
    MatchEvents,
    Node,
    Output,
    Plan,
    Present,
    Readings,
    RollUp,
    Scan,
    SemiJoin,
    Shift,
    Spine,
    Stack,
    State,
    Window,
)
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.tree import Expr, Name


def show(plan: Plan) -> str:
    """Return the plan as an indented tree, the result on top and the relations that are read at the bottom."""
    return show_node(plan.root)


def show_node(node: Node) -> str:
    """Return one node and everything below it as an indented tree."""
    lines: list[str] = []
    _write(node, 0, lines, set())
    return "\n".join(lines)


def inputs(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below; the joined entity of a join is none of them."""
    match node:
        case Scan():
            return ()
        case Derived():
            return (node.cells,)
        case MatchEvents():
            return (node.input, node.events)
        case DrillAcross():
            return (*node.inputs, *node.beside, *(() if node.filled is None else (node.filled,)))
        case SemiJoin() | Expand():
            return (node.input, node.cells)
        case Spine():
            return tuple(cells for cells, _ in node.inputs)
        case Shift() | Window() | Cover():
            return (node.input, node.spine)
        case Stack():
            return tuple(cells for cells, _ in node.inputs)
        case Keep() | Join() | Readings() | Aggregate() | Instants() | First() | Compute() | RollUp() | Present():
            return (node.input,)
        case _:
            assert_never(node)


def _write(node: Node, depth: int, lines: list[str], shown: set[int]) -> None:
    """Write a node and what is below it; what several nodes read is written out once."""
    indent = "  " * depth
    head, *details = _lines(node)
    if id(node) in shown:
        lines.append(f"{indent}the same {head}")
        return
    shown.add(id(node))
    lines.append(indent + head)
    lines += [f"{indent}  · {detail}" for detail in details]
    for below in inputs(node):
        _write(below, depth + 1, lines, shown)


def _lines(node: Node) -> list[str]:
    match node:
        case Scan():
            return [f"scan {_scan(node)}"]
        case Keep():
            return [f"keep {text_of(node.condition)}"]
        case Derived():
            return [f"derived as {node.alias} ({', '.join(field.name for field in node.fields)})"]
        case MatchEvents():
            return [_match(node)]
        case First():
            by = ", ".join(("-" if order.descending else "") + order.column for order in node.order)
            return [f"the first {node.limit} by {by}"]
        case Instants():
            each = "".join(f" of each {_output(one)}" for one in node.each)
            return [f"{node.which} {_output(node.instant)}{each} by {', '.join(text_of(one) for one in node.periods) or 'nothing'}"]
        case Join():
            on = " and ".join(f"{text_of(expr)} = {node.scan.alias}.{column}" for expr, column in node.on)
            holds = node.holds()
            return [f"join {_scan(node.scan)} on {on}" + (f" and {text_of(holds)}" if holds is not None else "")]
        case SemiJoin():
            on = " and ".join(f"{text_of(expr)} = {node.alias}.{column}" for expr, column in node.on)
            return [f"semi-join {node.alias} on {on}"]
        case Expand():
            on = " and ".join(f"{text_of(expr)} = {node.alias}.{column}" for expr, column in node.on)
            return [f"expand {node.alias} on {on}"]
        case Aggregate():
            return [f"aggregate {_by(node.keys)}", *_levels(node.levels), *(_state(state) for state in node.states)]
        case RollUp():
            kept = [] if node.where is None else [f"where {text_of(node.where)}"]
            merged = (f"{each.name} = {each.function} of {each.state}" for each in node.columns)
            return [f"roll up {_by(node.keys)}", *_levels(node.levels), *kept, *merged]
        case Stack():
            return ["stack levels", *(f"{level}" for _, level in node.inputs if level is not None)]
        case DrillAcross():
            keys = ", ".join(key.name for key in node.keys)
            return [f"drill across by {keys}" if keys else "drill across in total"]
        case Compute():
            kept = [] if node.where is None else [f"where {text_of(node.where)}"]
            return ["compute", *kept, *(_output(column) for column in node.columns)]
        case Spine():
            kept = [] if node.where is None else [f"where {text_of(node.where)}"]
            worked_out = (column for columns in (*node.steps, node.columns) for column in columns)
            return [f"spine of {node.key.name}", *kept, *(_output(column) for column in worked_out)]
        case Shift():
            return [f"shift {node.key} to {node.read}", *(_output(column) for column in node.columns)]
        case Window():
            reach = f"from {node.first or 'the beginning'} to {node.last}"
            return [f"window over {node.key} {reach}", *(f"{each.name} = {each.function} of {each.state}" for each in node.columns)]
        case Cover():
            return [f"cover {text_of(node.period)} from {node.first or 'the beginning'} to {node.last}"]
        case Readings():
            kept = [] if node.where is None else [f"where {text_of(node.where)}"]
            return [f"look up {node.alias} by {text_of(node.by)}", *kept, *(_output(column) for column in node.columns)]
        case Present():
            return _present(node)
        case _:
            assert_never(node)


def _levels(levels: tuple[Level, ...]) -> list[str]:
    return [f"level {level.name}: {', '.join(level.keys) or 'in total'}" for level in levels]


def _match(node: MatchEvents) -> str:
    on = " and ".join(f"{text_of(one)} = {text_of(other)}" for one, other in node.on)
    time, event = text_of(node.time), text_of(node.event_time)
    if node.by_event:
        return f"match events, each with the latest row on {on} and {time} <= {event}"
    return f"match events, the nearest after each row on {on} and {time} < {event} as {node.alias}.next_time"


def _scan(scan: Scan | Derived) -> str:
    read = ", ".join(field.name for field in scan.fields)
    alias = "" if scan.alias == scan.source else f" as {scan.alias}"
    return f"{scan.source}{alias} ({read})"


def _by(keys: tuple[Output, ...]) -> str:
    return "by " + ", ".join(_output(key) for key in keys) if keys else "in total"


def _output(output: Output) -> str:
    return output.name if _is(output.expr, output.name) else f"{output.name} = {text_of(output.expr)}"


def _is(expr: Expr, name: str) -> bool:
    return isinstance(expr, Name) and expr.parts == (name,)


def _state(state: State) -> str:
    inside = "*" if state.argument is None else text_of(state.argument)
    if state.function == "count_distinct":
        text = f"count(distinct {inside})"
    elif state.quantile is not None:
        text = f"{state.function}({inside}, {text_of(state.quantile)})"
    else:
        text = f"{state.function}({inside})"
    text += "" if state.weight is None else f" weighted by {text_of(state.weight)}"
    return f"{state.name} = {text}" + ("" if state.where is None else f" filter (where {text_of(state.where)})")


def _present(node: Present) -> list[str]:
    details = []
    if node.having is not None:
        details.append(f"having {text_of(node.having)}")
    if node.order:
        details.append("order " + ", ".join(("-" if order.descending else "") + order.column for order in node.order))
    if node.limit is not None:
        details.append(f"limit {node.limit}")
    return ["present " + ", ".join(f"{field.name} {field.type}" for field in node.fields), *details]

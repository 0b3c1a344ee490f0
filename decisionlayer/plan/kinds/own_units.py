"""Own units: a measure of which each row says its unit, in a cell that must have one of them only (DL105).

::

    unit: {column: currency}     states: sum(amount), min(currency), max(currency)
                                 finish: the sum where the two are one; elsewhere the statement fails

The two states add up like any other, so every cell is looked at: of a month, of a total, of all that is left over; in a published
view on the day on which it is read.
"""

from __future__ import annotations

from collections.abc import Callable

from decisionlayer.errors import QueryError
from decisionlayer.findings import RULES, Finding
from decisionlayer.frozen import replace
from decisionlayer.plan import operations
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.bind.tree import Node
from decisionlayer.plan.kinds.formula import Value
from decisionlayer.plan.nodes import State
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name
from decisionlayer.resolve.language.types import TEXT
from decisionlayer.resolve.model import Metric

#: What a row without a unit is taken to say: it is no row of any other.
NONE = "no unit"


def units_of(leaf: Node, source: str, columns: Columns, fresh: Callable[[str], str]) -> tuple[State, ...]:
    """Return the states that tell whether the rows of a cell have one unit; none where they were converted into one.

    Raises QueryError (``mixed-units``) for a stock that is taken along time, where no cell has one unit for sure.
    """
    metric = leaf.metric
    if metric.unit_column is None or leaf.context.convert is not None:
        return ()
    if leaf.over_time in ("avg", "min", "max"):
        raise QueryError(Finding(
            "mixed-units", "question",
            f"`{metric.name}` is taken along time, and each of its rows is in its own `{'.'.join(metric.unit_column)}`",
            metric.place, why="instants of two units have no mean and no greatest",
            help="convert it in a translation, or read its last instant",
        ))  # fmt: skip
    unit: Expr = Call("coalesce", (columns.of_row(source, Name(metric.unit_column)), Literal(NONE)))
    ends = (("first", "min"), ("last", "max"))
    return tuple(State(fresh(f"{metric.name}__{end}_unit"), TEXT, function, unit) for end, function in ends)


def in_one_unit(value: Value, metric: Metric, states: tuple[State, ...]) -> Value:
    """Return a value that is there only where its rows have one unit."""
    if not states:
        return value
    first, last = (Name((state.name,)) for state in states)
    said = Literal(f"{RULES['mixed-units'].told}: `{metric.name}` adds up ")
    return replace(value, expr=Call(operations.ONE_UNIT, (value.expr, first, last, said)))

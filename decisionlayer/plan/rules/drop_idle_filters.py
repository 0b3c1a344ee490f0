"""A filter that asks for what an aggregate asks for anyway is dropped: sums, counts and averages of x skip rows without x.

::

    before: delay = sum(dep_delay) filter (dep_delay is not null)      after: delay = sum(dep_delay)
"""

from __future__ import annotations

from decisionlayer.frozen import replace
from decisionlayer.plan.nodes import Aggregate, Cells, Present, State
from decisionlayer.plan.rules.walking import above_rows, conjuncts
from decisionlayer.resolve.language.tree import Call, conjunction


def drop_idle_filters(root: Present) -> Present:
    """Aggregates skip rows without a value by themselves."""
    return above_rows(root, _aggregate)


def _aggregate(cells: Cells) -> Cells:
    if not isinstance(cells, Aggregate):
        return cells
    states = tuple(_without(state) for state in cells.states)
    return cells if states == cells.states else replace(cells, states=states)


def _without(state: State) -> State:
    if state.where is None or state.argument is None:
        return state
    idle = Call("not", (Call("is_null", (state.argument,)),))
    return replace(state, where=conjunction(tuple(part for part in conjuncts(state.where) if part != idle)))

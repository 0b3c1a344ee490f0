"""An aggregate that two metrics need is computed once.

::

    before: compute  share = on_time__count / on_time__count_2,  flights
              aggregate  on_time__count = count(*) filter (…),  on_time__count_2 = count(*),  flights = count(*)
    after:  compute  share = on_time__count / flights,  flights
              aggregate  on_time__count = count(*) filter (…),  flights = count(*)
"""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from decisionlayer.plan.check import grain
from decisionlayer.plan.nodes import Aggregate, Cells, Compute, DrillAcross, Output, Present, State
from decisionlayer.resolve.language.tree import Expr, Name, transform


def share_states(root: Present) -> Present:
    """Equal aggregates over the same rows are one; what read the others reads it."""
    cells, renamed = _shared(root.input)
    if cells is root.input:
        return root
    if renamed:
        groups = grain(root)
        keys = tuple(field for field in root.fields if field.name in groups)
        columns = tuple(
            Output(field.name, field.type, Name((renamed.get(field.name, field.name),)))
            for field in root.fields
            if field not in keys
        )
        cells = Compute(cells, keys, columns)
    return replace(root, input=cells)


def _shared(cells: Cells) -> tuple[Cells, dict[str, str]]:
    """Return the cells with equal states made one, and which column is found under which other name."""
    match cells:
        case Aggregate():
            return _aggregate(cells)
        case DrillAcross():
            renamed: dict[str, str] = {}
            inputs = []
            for each in cells.inputs:
                below, names = _shared(each)
                inputs.append(below)
                renamed |= names
            if all(new is old for new, old in zip(inputs, cells.inputs, strict=True)):
                return cells, {}
            return replace(cells, inputs=tuple(inputs), counts=cells.counts - renamed.keys()), renamed
        case Compute():
            below, renamed = _shared(cells.input)
            if below is cells.input:
                return cells, {}
            columns = tuple(replace(column, expr=_renamed(column, renamed)) for column in cells.columns)
            return replace(cells, input=below, columns=columns), {}
        case _:
            assert_never(cells)


def _aggregate(cells: Aggregate) -> tuple[Cells, dict[str, str]]:
    groups: dict[object, list[State]] = {}
    for state in cells.states:
        groups.setdefault((state.function, state.argument, state.where, state.quantile), []).append(state)
    if len(groups) == len(cells.states):
        return cells, {}
    # The name that people asked for survives; internal ones give way.
    kept = {key: next((state for state in group if "__" not in state.name), group[0]) for key, group in groups.items()}
    renamed = {
        state.name: kept[key].name for key, group in groups.items() for state in group if state is not kept[key]
    }
    return replace(cells, states=tuple(kept.values())), renamed


def _renamed(column: Output, renamed: dict[str, str]) -> Expr:
    return transform(
        column.expr,
        lambda node: Name((renamed[node.text],)) if isinstance(node, Name) and node.text in renamed else None,
    )


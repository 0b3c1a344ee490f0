"""An aggregate that two metrics need is computed once.

::

    before: compute  share = on_time__count / on_time__count_2,  flights
              aggregate  on_time__count = count(*) filter (…),  on_time__count_2 = count(*),  flights = count(*)
    after:  compute  share = on_time__count / flights,  flights
              aggregate  on_time__count = count(*) filter (…),  flights = count(*)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from decisionlayer.frozen import replace
from decisionlayer.plan.nodes import (
    Aggregate,
    Cells,
    Compute,
    DrillAcross,
    Field,
    First,
    Instants,
    Output,
    Present,
    RollUp,
    Shift,
    Spine,
    Stack,
    State,
    Window,
)
from decisionlayer.plan.rules.walking import with_inputs
from decisionlayer.plan.shape import fields, grain
from decisionlayer.resolve.language.tree import Expr, Name, transform


def share_states(root: Present) -> Present:
    """Equal aggregates over the same rows are one; what read the others reads it."""
    cells, renamed = _Sharing().shared(root.input)
    if cells is root.input:
        return root
    if renamed:
        cells = _under_names(cells, root.fields, grain(root), renamed)
    return replace(root, input=cells)


class _Sharing:
    """One walk over a plan: each node once, with the columns below it that are found under another name."""

    def __init__(self) -> None:
        self.done: dict[int, tuple[Cells, dict[str, str]]] = {}

    def shared(self, cells: Cells) -> tuple[Cells, dict[str, str]]:
        """Return the cells with equal states made one, and which column is found under which other name."""
        if id(cells) not in self.done:
            self.done[id(cells)] = _aggregate(cells) if isinstance(cells, Aggregate) else self._above(cells)
        return self.done[id(cells)]

    def _above(self, cells: Cells) -> tuple[Cells, dict[str, str]]:
        if isinstance(cells, Stack):
            shown = frozenset(field.name for field in cells.columns)
            return with_inputs(cells, lambda each: self._shown(each, shown)), {}
        renamed: dict[str, str] = {}

        def below(each: Cells) -> Cells:
            made, names = self.shared(each)
            renamed.update(names)
            return made

        made = with_inputs(cells, below)
        match made:
            case Aggregate():
                return made, renamed
            case Instants():
                return made, {}
            case First():
                order = tuple(replace(each, column=renamed.get(each.column, each.column)) for each in made.order)
                return (replace(made, order=order) if renamed else made), renamed
            case DrillAcross():
                kept = made.counts - renamed.keys()
                return (made if kept == made.counts else replace(made, counts=kept)), renamed
            case Compute():
                if not renamed:
                    return made, {}
                where = None if made.where is None else _renamed(made.where, renamed)
                return replace(made, columns=_outputs(made.columns, renamed), where=where), {}
            case Shift():
                return (replace(made, columns=_outputs(made.columns, renamed)) if renamed else made), {}
            case RollUp() | Window():
                columns = tuple(replace(each, state=renamed.get(each.state, each.state)) for each in made.columns)
                return (replace(made, columns=columns) if renamed else made), {}
            case Stack():
                return made, {}
            case Spine():
                if not renamed:
                    return made, {}
                steps = tuple(_outputs(step, renamed) for step in made.steps)
                return replace(made, columns=_outputs(made.columns, renamed), steps=steps), {}
            case _:
                assert_never(made)

    def _shown(self, cells: Cells, shown: frozenset[str]) -> Cells:
        """Return cells whose columns stand under their own names, as the cells of every level do."""
        made, renamed = self.shared(cells)
        if not renamed:
            return made
        groups = grain(cells)
        return _under_names(made, [field for field in fields(cells) if field.name in shown or field.name in groups], groups, renamed)


def _under_names(cells: Cells, shown: Iterable[Field], groups: tuple[str, ...], renamed: dict[str, str]) -> Compute:
    keys = tuple(field for field in shown if field.name in groups)
    columns = tuple(
        Output(field.name, field.type, Name((renamed.get(field.name, field.name),))) for field in shown if field not in keys
    )
    return Compute(cells, keys, columns)


def _aggregate(cells: Aggregate) -> tuple[Cells, dict[str, str]]:
    groups: dict[object, list[State]] = {}
    for state in cells.states:
        groups.setdefault((state.function, state.argument, state.where, state.quantile, state.weight), []).append(state)
    if len(groups) == len(cells.states):
        return cells, {}
    # The name that people asked for survives; internal ones give way.
    kept = {key: next((state for state in group if "__" not in state.name), group[0]) for key, group in groups.items()}
    renamed = {
        state.name: kept[key].name for key, group in groups.items() for state in group if state is not kept[key]
    }
    return replace(cells, states=tuple(kept.values())), renamed


def _outputs(columns: tuple[Output, ...], renamed: dict[str, str]) -> tuple[Output, ...]:
    return tuple(replace(column, expr=_renamed(column.expr, renamed)) for column in columns)


def _renamed(expr: Expr, renamed: dict[str, str]) -> Expr:
    return transform(
        expr,
        lambda node: Name((renamed[node.text],)) if isinstance(node, Name) and node.text in renamed else None,
    )


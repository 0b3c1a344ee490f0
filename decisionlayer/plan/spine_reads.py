"""What each period of a spine reads of cells that are by finer or other periods: one of them, several merged, or their rows anew."""

from __future__ import annotations

from collections.abc import Mapping

from decisionlayer.frozen import replace
from decisionlayer.plan.bases import MERGES
from decisionlayer.plan.nodes import (
    PERIODS,
    Aggregate,
    Cells,
    Cover,
    Merge,
    Output,
    Running,
    Shift,
    Spine,
    State,
    Window,
)
from decisionlayer.resolve.language.tree import Name


def gathered(
    cells: Cells, key: str, spine: Spine, first: str | None, last: str, states: Mapping[str, State], running: Running | None
) -> Shift | Window:
    """Return states, by the names that they get, from the period in column ``first`` to the one in ``last``; the first may be open."""
    if first == last:
        return Shift(cells, key, spine, last, tuple(Output(name, state.type, Name((state.name,))) for name, state in states.items()))
    merges = tuple(Merge(name, state.type, MERGES[state.function], state.name) for name, state in states.items())
    return Window(cells, key, spine, first, last, merges, running)


def counted_anew(base: Aggregate, key: str, spine: Spine, first: str | None, last: str, states: Mapping[str, State]) -> Aggregate:
    """Return states that no merge rebuilds, from the rows of everything that is read."""
    period = next(each for each in base.keys if each.name == key)
    rows = Cover(base.input, period.expr, spine, first, last)
    keyed = Output(spine.key.name, spine.key.type, Name((PERIODS, spine.key.name)))
    named = tuple(replace(state, name=name) for name, state in states.items())
    return Aggregate(rows, tuple(keyed if each is period else each for each in base.keys), named, base.clock)

"""What a stock reads of other cells: how many instants there are in them, and which of their periods stands for all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.bases import Base
from decisionlayer.plan.bind.grids import Grid
from decisionlayer.plan.bind.tree import Node
from decisionlayer.plan.nodes import Aggregate, Cells, Compute, Field, Output, Pick, Spine
from decisionlayer.plan.spine_reads import gathered
from decisionlayer.resolve.language.tree import Name
from decisionlayer.resolve.language.types import INTEGER

if TYPE_CHECKING:
    from decisionlayer.plan.over_time import OverTime


def count_instants(over: OverTime, leaf: Node, base: Base) -> dict[str, str]:
    """Return how the number of instants is called in what a measure reads; none for a measure that does not ask."""
    if base.instants is None:
        return {}
    reading, own = over.reading(leaf), base.instants.states[0].name
    is_own = reading.interval is None and reading.walls is None
    key = (base.instants, reading.interval, is_own)
    if key not in over.instants:
        over.instants[key] = (own if is_own else over.fresh(own), leaf)
        over.types[over.instants[key][0]] = INTEGER
    return {own: over.instants[key][0]}


def instants(over: OverTime, cells: Aggregate, name: str, leaf: Node, spine: Spine | None) -> Cells:
    """Return the number of instants in what a measure reads, one row a period."""
    group, reading = over.group(leaf), over.reading(leaf)
    own = cells.states[0].name
    column = Output(name, INTEGER, Name((own,)))
    if reading.interval is None or group.base is None:
        keys = tuple(Field(key.name, key.type) for key in cells.keys)
        return Compute(cells, keys, (column,))
    assert spine is not None
    grid, key = Grid(group.base, over.project), over.base_key(group.base)
    first, last = grid.ends(reading.interval)
    return gathered(
        cells, key, spine, None if first is None else over.spine_columns[first], over.spine_columns[last],
        # An instant of one period is in no other, so their numbers add up.
        {name: replace(cells.states[0], function="count")}, over.running(reading.interval, grid, key),
    )  # fmt: skip


def picks(over: OverTime) -> Iterable[Pick]:
    """Yield the columns in which one period stands for several that a stock reads."""
    for leaf in over.shown:
        reading, found, group = over.reading(leaf), over.base(leaf).picks, over.group(leaf)
        if found is None or reading.interval is None or group.base is None or (found, reading.interval) in over.picked:
            continue
        first, last = Grid(group.base, over.project).ends(reading.interval)
        if first == last:
            continue
        name = over.fresh(f"{found.which}_of_{leaf.rows_are_of}")
        over.picked[found, reading.interval] = name
        key = found.periods.keys[0]
        yield Pick(
            name, key.type, found.periods, key.name, None if first is None else over.spine_columns[first],
            over.spine_columns[last], found.which,
        )  # fmt: skip


def refuse_each(over: OverTime, leaf: Node) -> None:
    """Refuse several periods read at once where each thing has a last instant of its own: one period cannot stand for them."""
    reading = over.reading(leaf)
    if not leaf.measure.last_of_each or reading.interval is None or reading.base is None:
        return
    first, last = Grid(reading.base, over.project).ends(reading.interval)
    if first != last:
        raise QueryError(_each_over_several(leaf, reading.base))


def _each_over_several(leaf: Node, base: str) -> Finding:
    """Return the refusal of an accumulation, or a part of a period, of what takes the last instant of each."""
    each = " and ".join(f"`{'.'.join(parts)}`" for parts in leaf.measure.last_of_each)
    read = " of ".join(f"`{look.function}`" for look in leaf.context.looks) or "the question"
    return Finding(
        "bad-question", "question", f"{read} reads `{leaf.metric.name}` over several {base}s, and it takes the last instant of each {each}",
        why="an instant that is the last of one may lie in any of them, so no one period stands for all",
        help="ask without it, or take a metric with `over_time: last`, whose instants are the same for all",
    )  # fmt: skip

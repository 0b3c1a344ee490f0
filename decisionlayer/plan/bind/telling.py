"""Telling: what a reader must know of the rows that a measure leaves out, or takes from different times."""

from __future__ import annotations

from collections.abc import Iterator

from decisionlayer.plan.bind.grids import finest
from decisionlayer.plan.bind.tree import Node
from decisionlayer.resolve.frames.timeunits import Almanac
from decisionlayer.resolve.language.tree import Aggregate, Call
from decisionlayer.resolve.model import Measure
from decisionlayer.resolve.telling.passports import within


def told_of_rows(leaf: Node) -> Iterator[str]:
    """Yield a note for a stock whose parts stand at different instants, and for a conversion that leaves open events out."""
    measure, name = leaf.measure, leaf.metric.name
    if measure.last_of_each:
        each = " and ".join(".".join(parts) for parts in measure.last_of_each)
        yield f"{name} takes the {leaf.over_time} instant of each {each}, so parts of different times stand in one number"
    match = measure.match
    if match is not None and not match.by_event and not _gives_open(measure):
        yield f"{name} leaves out what of `{measure.source}` was not {within(match)} old when the last row of `{match.source}` came"


def told_of_ends(leaf: Node, unit: str | None, almanac: Almanac) -> Iterator[str]:
    """Yield with which period an accumulation ends that is asked by a longer one, where its parts are over several sources."""
    sources = list(dict.fromkeys(f"`{source}`" for source, _ in leaf.context.ends))
    looks = leaf.context.looks
    opens = any(look.function in ("first", "avg") for look in looks)
    for look in looks if unit is not None and len(sources) > 1 and not opens else ():
        fine = finest((unit or "", look.unit or ""), almanac) if look.function in ("to_date", "trailing") else unit
        if fine != unit:
            what = look.function.replace("_", " ")
            yield f"{what} by {unit} ends with the last {fine} that any of {' and '.join(sources)} reaches, for all of them together"


def _gives_open(measure: Measure) -> bool:
    """Whether the open events are what it counts."""
    expr = measure.expr
    return isinstance(expr, Aggregate) and isinstance(expr.where, Call) and expr.where.function == "not"

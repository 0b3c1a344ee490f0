"""Stocks: what is measured at instants and then taken along time.

The instants of a stretch are those of the *source*: of every row that the metric's population keeps, whatever else is filtered or
split. So all groups are read at the same instants, and parts make the whole.

=================  ======================================================================
``last``           the rows at the last instant, ``first`` those at the first
``avg``            what each instant is worth, added up, over the number of instants
``min``, ``max``   the least, the greatest of what the instants are worth
``last_of_each``   the rows of each thing at its own last instant
=================  ======================================================================
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from decisionlayer.resolve.language.tree import Aggregate
from tests.reference.cells import Worth, shared
from tests.reference.language import Value
from tests.reference.question import Entry

#: Which thing a row is of, where each has an instant of its own.
Thing = Callable[[Entry], tuple[Value, ...]]


def picked(entries: Sequence[Entry], standing: Sequence[Entry], how: str, thing: Thing) -> list[Entry]:
    """Return the rows that count in a stretch; ``standing`` are all rows of the source in it, which say what its instants are."""
    dated = [one for one in entries if one.when is not None]
    if how not in ("last", "first"):
        return dated
    ends: dict[tuple[Value, ...], dt.date] = {}
    for one in standing:
        if one.when is not None:
            known = ends.setdefault(thing(one), one.when)
            ends[thing(one)] = max(known, one.when) if how == "last" else min(known, one.when)
    return [one for one in dated if ends.get(thing(one)) == one.when]


def along(node: Aggregate, entries: Sequence[Entry], standing: Sequence[Entry], how: str, decimals: int | None) -> Worth:
    """Return what an aggregate of a stock is worth over the rows that were picked, of which only a share may count."""

    def of(rows: Sequence[Entry]) -> Worth:
        return shared(node, [(one.read, one.share) for one in rows], decimals)

    if how in ("last", "first"):
        return of(entries)
    if how == "avg" and node.function == "avg":  # a mean is its total over its count, each of the mean instant
        return of(entries)
    instants = sorted({one.when for one in standing if one.when is not None})
    found = [of([one for one in entries if one.when == instant]) for instant in instants]
    values = [one.value for one in found if one.value is not None]
    absent = all(one.absent for one in found)
    if not values:
        return of([])
    if how == "avg":
        return Worth(float(sum(values)) / len(instants), absent)  # type: ignore[arg-type]
    return Worth(min(values) if how == "min" else max(values), absent)  # type: ignore[type-var]

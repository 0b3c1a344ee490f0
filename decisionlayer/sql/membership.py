"""Membership: a mark that only chooses rows is written as ``key IN (SELECT …)``, which reads the many side once and keeps nothing of it."""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.plan.nodes import Aggregate, Keep, Rows, SemiJoin
from decisionlayer.plan.rules.walking import conjuncts, joins_of, of_rows
from decisionlayer.resolve.language.tree import Call, Expr, Name, conjunction, names


def chosen_by(cells: Aggregate, joins: Iterable[object], condition: Expr | None) -> tuple[tuple[SemiJoin, ...], Expr | None]:
    """Return the marks that every kept row must have and that nothing else reads, and the condition without them."""
    parts = conjuncts(condition)
    found: list[SemiJoin] = []
    for join in joins:
        if not isinstance(join, SemiJoin) or not _is_plain(join):
            continue
        test = Call("not", (Call("is_null", (Name((join.alias, join.on[0][1])),)),))
        others = [*(part for part in parts if part != test), *_read(cells)]
        if test in parts and not any(name.parts[0] == join.alias for expr in others for name in names(expr)):
            found.append(join)
            parts = tuple(part for part in parts if part != test)
    return tuple(found), conjunction(parts)


def _is_plain(join: SemiJoin) -> bool:
    """Whether a mark is met by one key that cannot be NULL on both sides, and knows nothing but whether it is there."""
    return isinstance(join.cells, Aggregate) and not join.cells.states and len(join.on) == 1 and not join.null_meets_null


def _read(cells: Aggregate) -> Iterable[Expr]:
    yield from (key.expr for key in cells.keys)
    for state in cells.states:
        yield from (part for part in (state.argument, state.where, state.weight) if part is not None)
    rows: Rows = cells.input
    while isinstance(rows, Keep):  # what is kept is looked through by itself
        rows = rows.input
    yield from of_rows(rows)
    for join in joins_of(rows):
        yield from join.reads()

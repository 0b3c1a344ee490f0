"""Parts: sums and differences within one row, of which an empty part takes the others with it (DL111).

::

    sum(amount - refund)      amount | refund      a row of 60 and no refund gives nothing: 250
                                 100 |      0      sum(amount) - sum(refund) gives 310
                                  60 |   NULL

Which of the two is meant nobody can know, so a row with one part and without another stops the statement, unless the measure says
what is meant: ``coalesce(refund, 0)`` for such a part, or ``nulls: skip``. A product loses nothing with an empty factor, and a
condition has its own three values.
"""

from __future__ import annotations

from collections.abc import Callable

from decisionlayer.findings import RULES
from decisionlayer.plan import operations
from decisionlayer.resolve.language.functions import COMPARISONS
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, names, transform

_ADDS = frozenset({"+", "-"})
#: What says by itself what an empty part is.
_SAYS_SO = frozenset({"coalesce", "is_null", "and", "or", "not", "in", "like", *COMPARISONS})
_COUNTS = frozenset({"count", "count_distinct"})


def whole_rows(measure: Expr, metric: str) -> Expr:
    """Return ``measure`` with each sum or difference within a row there only where all its parts are, or none is."""

    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Aggregate) or node.argument is None:
            return None
        if node.function in _COUNTS:
            return node
        guarded = _guarded(node.argument, lambda expr, parts: _guard(expr, parts, metric))
        return node if guarded is node.argument else _with(node, guarded)

    return transform(measure, change)


def has_parts(measure: Expr) -> bool:
    """Say whether an empty column could change what a measure adds up."""
    found: list[Expr] = []

    def note(expr: Expr, parts: tuple[Expr, ...]) -> Expr:
        found.append(expr)
        return expr

    def look(node: Expr) -> Expr | None:
        if isinstance(node, Aggregate) and node.argument is not None and node.function not in _COUNTS:
            _guarded(node.argument, note)
        return None

    transform(measure, look)
    return bool(found)


def filled(measure: Expr) -> Expr:
    """Return ``measure`` as if each part were added up by itself: an empty one takes nothing with it."""

    def fill(expr: Expr, parts: tuple[Expr, ...]) -> Expr:
        def put(node: Expr) -> Expr | None:
            return Call("coalesce", (node, Literal(0))) if node in parts else None

        return Case(((Call("is_null", (Call("coalesce", parts),)), Literal(None)),), transform(expr, put))

    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Aggregate) or node.argument is None:
            return None
        return _with(node, _guarded(node.argument, fill))

    return transform(measure, change)


def _with(node: Aggregate, argument: Expr) -> Aggregate:
    return Aggregate(node.function, argument, node.where, node.quantile, node.span)


def _guarded(expr: Expr, guard: Callable[[Expr, tuple[Expr, ...]], Expr]) -> Expr:
    """Return ``expr`` with what ``guard`` makes of each sum or difference of parts in it."""

    def change(node: Expr) -> Expr | None:
        match node:
            case Call(function=function) if function in _SAYS_SO:
                return node
            case Call(function=operations.EXCHANGED, arguments=(product, *rest)):
                return Call(operations.EXCHANGED, (_guarded(product, guard), *rest))
            case Call(function=function) if function in _ADDS:
                parts = tuple(dict.fromkeys(part for part in _parts(node) if _may_be_empty(part)))
                return guard(node, parts) if len(parts) > 1 else None
            case Case():
                branches = tuple((when, _guarded(then, guard)) for when, then in node.branches)
                otherwise = None if node.otherwise is None else _guarded(node.otherwise, guard)
                return Case(branches, otherwise, node.span)
            case _:
                return None

    return transform(expr, change)


def _parts(expr: Expr) -> list[Expr]:
    match expr:
        case Call(function="+" | "-", arguments=(left, right)):
            return [*_parts(left), *_parts(right)]
        case Call(function="negate", arguments=(inner,)):
            return _parts(inner)
        case _:
            return [expr]


def _may_be_empty(part: Expr) -> bool:
    """Whether a part reads columns, and does not say itself what it is without them."""
    return bool(names(part)) and not (isinstance(part, Call) and part.function in _SAYS_SO)


def _guard(expr: Expr, parts: tuple[Expr, ...], metric: str) -> Expr:
    said = Literal(f"{RULES['empty-part'].told}: a row of `{metric}` has only a part of what it adds up")
    empty = Call("or", tuple(Call("is_null", (part,)) for part in parts))
    some = Call("not", (Call("is_null", (Call("coalesce", parts),)),))
    return Call(operations.WHOLE, (expr, Call("and", (empty, some)), said))

"""Additivity: how the parts of a number make up its whole, read from its expression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import assert_never

from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param, children
from decisionlayer.resolve.model import Additivity

_AGGREGATES = {
    "sum": Additivity.additive, "count": Additivity.additive, "avg": Additivity.ratio, "min": Additivity.extreme,
    "max": Additivity.extreme, "count_distinct": Additivity.holistic, "quantile": Additivity.holistic, "quantile_disc": Additivity.holistic,
}  # fmt: skip


def additivity_of(expr: Expr, of_name: Callable[[Name], Additivity | None]) -> Additivity:
    """Return how parts make up the whole. ``of_name`` answers for the metrics that ``expr`` names; None is a constant.

    Sums, differences and constant multiples of what adds up add up. Whatever else is computed from parts that merge is a
    ``ratio``: it ties through its components.
    """
    found = _of(expr, of_name)
    return Additivity.ratio if found is None else found


def _of(expr: Expr, of_name: Callable[[Name], Additivity | None]) -> Additivity | None:
    match expr:
        case Literal() | Param():
            return None
        case Name():
            return of_name(expr)
        case Aggregate():
            return _AGGREGATES[expr.function]
        case Call():
            parts = [_of(argument, of_name) for argument in expr.arguments]
            return _of_call(expr, parts)
        case Case():
            return _mixed([_of(child, of_name) for child in children(expr)])
        case _:
            assert_never(expr)


def _of_call(expr: Call, parts: list[Additivity | None]) -> Additivity | None:
    match expr.function:
        case "+" | "-":
            # A constant beside a total is added once a group, so the groups no longer make the whole.
            return _added(parts) or _mixed(parts)
        case "negate":
            return _added(parts) or _mixed(parts)
        case "*":
            known, constants = [part for part in parts if part is not None], parts.count(None)
            return (_added(known) if len(known) == 1 and constants else None) or _mixed(parts)
        case "/":
            return (_added(parts[:1]) if parts[1] is None else None) or _mixed(parts)
        case "coalesce":
            # Nothing counts as zero in a total, so writing the zero down changes no sum.
            zeros = all(isinstance(rest, Literal) and rest.value == 0 for rest in expr.arguments[1:])
            return (_added(parts[:1]) if zeros else None) or _mixed(parts)
        case _:
            return _mixed(parts)


def _added(parts: Sequence[Additivity | None]) -> Additivity | None:
    """What a sum of parts is: it adds up as they do, along time only when each of them does."""
    if any(part not in (Additivity.additive, Additivity.stock) for part in parts):
        return None
    return Additivity.stock if Additivity.stock in parts else Additivity.additive


def _mixed(parts: list[Additivity | None]) -> Additivity | None:
    known = [part for part in parts if part is not None]
    if not known:
        return None
    return Additivity.holistic if Additivity.holistic in known else Additivity.ratio

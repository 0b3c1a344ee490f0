"""dbt's arithmetic in our language: NULL swallows sums there, nothing is counted as nothing, and divisions are guarded by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from decisionlayer.resolve.language.functions import METRIC_FUNCTIONS
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name, transform, walk


def filled(text: str, fill: int | None) -> str:
    """Return an aggregate with what dbt reads in the place of NULL; where dbt counts nothing it has NULL, and we have 0."""
    if fill is None:
        return text
    counts = text.startswith("count(")
    if counts and fill == 0:
        return text
    return f"coalesce({f'nullif({text}, 0)' if counts else text}, {fill})"


def without_guards(expr: Expr) -> Expr:
    """Return ``a / b`` for ``a / nullif(b, 0)`` and ``a * 1.0 / b``: with us every division is one of fractions, by zero NULL."""

    def change(node: Expr) -> Expr | None:
        if isinstance(node, Call) and node.function == "/":
            above, below = (without_guards(each) for each in node.arguments)
            if isinstance(below, Call) and below.function == "nullif" and below.arguments[1] == Literal(0):
                below = below.arguments[0]
            return Call("/", (above, below))
        return None

    return transform(expr, change)


def whole(expr: Expr) -> Expr:
    """Return sums that are there only where every part of theirs is: with us a part without rows counts as nothing, in dbt for all."""
    match expr:
        case Call(function="+" | "-" | "negate"):
            signed = [(minus, whole(part)) for minus, part in _summands(expr)]
            parts = dict.fromkeys(part for _, part in signed if any(isinstance(node, Name) for node in walk(part)))
            if len(parts) < 2:
                return _added(signed)
            there = tuple(Call("not", (Call("is_null", (part,)),)) for part in parts)
            return Case(((Call("and", there), _added(signed)),), None)
        case Call(function=function, arguments=arguments) if function not in METRIC_FUNCTIONS:
            return Call(function, tuple(whole(each) for each in arguments))
        case Case(branches=branches, otherwise=otherwise):
            told = tuple((whole(when), whole(then)) for when, then in branches)
            return Case(told, None if otherwise is None else whole(otherwise))
        case _:
            return expr


def _summands(expr: Expr, minus: bool = False) -> Iterator[tuple[bool, Expr]]:
    match expr:
        case Call(function="+", arguments=parts):
            for part in parts:
                yield from _summands(part, minus)
        case Call(function="-", arguments=(left, right)):
            yield from _summands(left, minus)
            yield from _summands(right, not minus)
        case Call(function="negate", arguments=(inner,)):
            yield from _summands(inner, not minus)
        case _:
            yield minus, expr


def _added(signed: Sequence[tuple[bool, Expr]]) -> Expr:
    minus, first = signed[0]
    found: Expr = Call("negate", (first,)) if minus else first
    for minus, part in signed[1:]:
        found = Call("-" if minus else "+", (found, part))
    return found

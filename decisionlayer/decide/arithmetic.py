"""A formula over known numbers: the language's rules for one cell, in plain floating arithmetic.

Only what has to be computed outside the warehouse comes here: formulas over numbers that nobody would compute there,
such as a mean of shares. NULL is None. A number without rows counts as nothing under ``+`` and ``-`` and spreads elsewhere.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias, assert_never

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param

Number: TypeAlias = float | None

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def evaluate(expr: Expr, values: Mapping[str, Number]) -> Number:
    """Return the value of a formula whose names have ``values``; None where it has none, as after a division by zero.

    Raises QueryError ``not-built`` for an expression that is no arithmetic of numbers.

    >>> from decisionlayer.resolve.language import parse_formula
    >>> evaluate(parse_formula("late * price / seats").expr, {"late": 30.0, "price": 2.0, "seats": 4.0})
    15.0
    """
    match expr:
        case Literal():
            if isinstance(expr.value, bool) or not isinstance(expr.value, int | Decimal | None):
                raise _no_number(expr)
            return None if expr.value is None else float(expr.value)
        case Name():
            return values[expr.text]
        case Case():
            for when, then in expr.branches:
                if _holds(when, values):
                    return evaluate(then, values)
            return None if expr.otherwise is None else evaluate(expr.otherwise, values)
        case Call():
            return _call(expr, values)
        case Param() | Aggregate():
            raise _no_number(expr)
        case _:
            assert_never(expr)


def _call(expr: Call, values: Mapping[str, Number]) -> Number:
    arguments = [evaluate(argument, values) for argument in expr.arguments]
    known = [argument for argument in arguments if argument is not None]
    match expr.function:
        case "+" | "-":
            # A constant never brings a cell to life: what stands beside it must be known.
            borne = [a for a, node in zip(arguments, expr.arguments, strict=True) if not isinstance(node, Literal)]
            if borne and all(value is None for value in borne):
                return None
            left, right = (0.0 if argument is None else argument for argument in arguments)
            return left + right if expr.function == "+" else left - right
        case "coalesce":
            return known[0] if known else None
        case "nullif":
            return None if arguments[0] == arguments[1] else arguments[0]
    if len(known) < len(arguments):
        return None
    try:
        return _of_known(expr, known)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def _of_known(expr: Call, known: list[float]) -> float:
    first = known[0]
    match expr.function:
        case "*":
            return first * known[1]
        case "/":
            return first / known[1]
        case "negate":
            return -first
        case "abs":
            return abs(first)
        case "least":
            return min(known)
        case "greatest":
            return max(known)
        case "floor":
            return float(math.floor(first))
        case "ceil":
            return float(math.ceil(first))
        case "round":
            digits = Decimal(1).scaleb(-int(known[1])) if len(known) > 1 else Decimal(1)
            return float(Decimal(repr(first)).quantize(digits, ROUND_HALF_UP))
        case "ln":
            return math.log(first)
        case "exp":
            return math.exp(first)
        case "sqrt":
            return math.sqrt(first)
        case "power":
            return math.pow(first, known[1])
        case _:
            raise _no_number(expr)


def _holds(condition: Expr, values: Mapping[str, Number]) -> bool | None:
    """Return whether a condition holds; None when that is unknown."""
    if isinstance(condition, Literal) and isinstance(condition.value, bool | None):
        return condition.value
    if not isinstance(condition, Call):
        raise _no_number(condition)
    match condition.function:
        case "and" | "or":
            parts = [_holds(part, values) for part in condition.arguments]
            decides = condition.function == "or"
            return decides if decides in parts else None if None in parts else not decides
        case "not":
            inner = _holds(condition.arguments[0], values)
            return None if inner is None else not inner
        case "is_null":
            return evaluate(condition.arguments[0], values) is None
    known = [evaluate(argument, values) for argument in condition.arguments]
    if condition.function == "in":
        if known[0] is None:
            return None
        return True if known[0] in known[1:] else None if None in known[1:] else False
    if condition.function not in _COMPARISONS:
        raise _no_number(condition)
    left, right = known
    return None if left is None or right is None else _COMPARISONS[condition.function](left, right)


def _no_number(expr: Expr) -> QueryError:
    return QueryError(Finding(
        "not-built", "question", f"`{text_of(expr)}` cannot be read naively: it is no arithmetic of numbers",
        help="ask for the walk of a metric whose formula is",
    ))  # fmt: skip

"""What an expression says about one row, or about one cell once its aggregates are known.

Every value is ``None`` (NULL), ``bool``, ``int``, ``Fraction``, ``float``, ``str``, ``date`` or ``datetime``. Conditions have three
values: true, false and unknown, which is ``None``.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param

Value: TypeAlias = bool | int | Fraction | float | str | dt.date | dt.datetime | None
Lookup: TypeAlias = Callable[[Name], Value]


def exact(value: object) -> Value:
    """Return a value of the data or of a text as the evaluator knows it: a Decimal is the fraction that it spells."""
    return Fraction(value) if isinstance(value, Decimal) else value  # type: ignore[return-value]


def value_of(expr: Expr, lookup: Lookup) -> Value:
    """Return what ``expr`` is worth where its names are worth what ``lookup`` says."""
    match expr:
        case Literal():
            return exact(expr.value)
        case Name():
            return lookup(expr)
        case Case():
            for when, then in expr.branches:
                if value_of(when, lookup) is True:
                    return value_of(then, lookup)
            return None if expr.otherwise is None else value_of(expr.otherwise, lookup)
        case Call():
            return apply(expr.function, [value_of(argument, lookup) for argument in expr.arguments])
        case Param() | Aggregate():
            raise TypeError(f"{expr} has no value in a row")


def apply(function: str, arguments: list[Value]) -> Value:
    """Return the value of a function over values."""
    if function in _WITH_NULLS:
        return _WITH_NULLS[function](*arguments)
    if any(argument is None for argument in arguments):
        return None
    return _WITHOUT_NULLS[function](*arguments)


# -- what NULL does of its own -------------------------------------------------------------------------------------


def _and(*parts: Value) -> Value:
    """One false part decides; otherwise one unknown part leaves it open."""
    return False if False in parts else None if None in parts else True


def _or(*parts: Value) -> Value:
    return True if True in parts else None if None in parts else False


def _in(wanted: Value, *items: Value) -> Value:
    """NULL in the list is a value that nobody knows, so without a match the answer is open."""
    return _or(*(apply("=", [wanted, item]) for item in items))


def _nullif(value: Value, other: Value) -> Value:
    return None if apply("=", [value, other]) is True else value


_WITH_NULLS: dict[str, Callable[..., Value]] = {
    "and": _and,
    "or": _or,
    "in": _in,
    "is_null": lambda value: value is None,
    "coalesce": lambda *values: next((value for value in values if value is not None), None),
    "nullif": _nullif,
}


# -- comparisons ---------------------------------------------------------------------------------------------------


def comparable(left: Value, right: Value) -> tuple[Value, Value]:
    """Return both values as one kind: an ISO text beside a time is a time, and a date beside a time its midnight."""
    if isinstance(left, str) and isinstance(right, dt.date):
        right, left = comparable(right, left)
        return left, right
    if isinstance(left, dt.date) and isinstance(right, str):
        right = dt.datetime.fromisoformat(right) if "T" in right or " " in right else dt.date.fromisoformat(right)
    if isinstance(left, dt.datetime) and not isinstance(right, dt.datetime) and isinstance(right, dt.date):
        right = dt.datetime.combine(right, dt.time(), left.tzinfo)
    if isinstance(right, dt.datetime) and not isinstance(left, dt.datetime) and isinstance(left, dt.date):
        left = dt.datetime.combine(left, dt.time(), right.tzinfo)
    return left, right


def _compare(test: Callable[[object, object], bool]) -> Callable[..., Value]:
    return lambda left, right: test(*comparable(left, right))


def _like(text: str, pattern: str) -> bool:
    """``%`` is any run of characters, ``_`` any one; case counts and nothing escapes."""
    signs = {"%": ".*", "_": "."}
    return re.fullmatch("".join(signs.get(sign, re.escape(sign)) for sign in pattern), text, re.DOTALL) is not None


# -- arithmetic ----------------------------------------------------------------------------------------------------


def divide(left: Value, right: Value) -> Value:
    """Return the quotient as a float; by zero it is NULL."""
    return None if right == 0 else float(left) / float(right)  # type: ignore[arg-type]


def rounded(value: Value, digits: Value = 0) -> Value:
    """Round halves away from zero, so that 0.5 is 1 and -0.5 is -1."""
    scale = Fraction(10) ** int(digits)  # type: ignore[arg-type]
    shifted = abs(Fraction(value)) * scale  # type: ignore[arg-type]
    whole = Fraction(math.floor(shifted + Fraction(1, 2))) / scale
    signed = -whole if value < 0 else whole  # type: ignore[operator]
    return float(signed) if isinstance(value, float) else int(signed) if isinstance(value, int) else signed


def _power(base: Value, exponent: Value) -> Value:
    """Zero to a negative power, or a negative number to a broken one, is NULL."""
    left, right = float(base), float(exponent)  # type: ignore[arg-type]
    undefined = (left == 0 and right < 0) or (left < 0 and right != math.floor(right))
    return None if undefined else math.pow(left, right)


def _substring(text: str, start: int, length: int | None = None) -> str:
    return text[start - 1 :] if length is None else text[start - 1 : start - 1 + length]


_WITHOUT_NULLS: dict[str, Callable[..., Value]] = {
    "not": lambda value: not value,
    "=": _compare(lambda left, right: left == right),
    "<>": _compare(lambda left, right: left != right),
    "<": _compare(lambda left, right: left < right),  # type: ignore[operator]
    "<=": _compare(lambda left, right: left <= right),  # type: ignore[operator]
    ">": _compare(lambda left, right: left > right),  # type: ignore[operator]
    ">=": _compare(lambda left, right: left >= right),  # type: ignore[operator]
    "like": _like,
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": divide,
    "negate": lambda value: -value,
    "abs": abs,
    "least": min,
    "greatest": max,
    "round": rounded,
    "floor": math.floor,
    "ceil": math.ceil,
    "ln": lambda value: math.log(value) if value > 0 else None,
    "exp": lambda value: math.exp(value),
    "sqrt": lambda value: math.sqrt(value) if value >= 0 else None,
    "power": _power,
    "concat": lambda *texts: "".join(texts),
    "lower": str.lower,
    "upper": str.upper,
    "trim": lambda text: text.strip(" "),
    "length": len,
    "substring": _substring,
    "year": lambda day: day.year,
    "quarter": lambda day: (day.month + 2) // 3,
    "month": lambda day: day.month,
    "week": lambda day: day.isocalendar().week,
    "day": lambda day: day.day,
    "day_of_week": lambda day: day.isoweekday(),
    "day_of_year": lambda day: day.timetuple().tm_yday,
    "hour": lambda time: time.hour,
    "minute": lambda time: time.minute,
}

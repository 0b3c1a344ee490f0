"""The types of a plan's expressions, operations included. Nothing is refused here: what people wrote was judged before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TypeAlias, assert_never

from decisionlayer.plan.operations import CAST, GIVES, cast_type
from decisionlayer.resolve.language.functions import FUNCTIONS, Gives
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param, Value
from decisionlayer.resolve.language.types import (
    BOOLEAN,
    DATE,
    FLOAT,
    INSTANT,
    INTEGER,
    TEXT,
    TIMESTAMP,
    UNKNOWN,
    DataType,
    Kind,
    decimal,
)

Lookup: TypeAlias = Callable[[Name], DataType]

#: The most digits a decimal has.
WIDEST = 38


def type_of(expr: Expr, lookup: Lookup) -> DataType:
    """Return the type of ``expr``; ``lookup`` gives that of a name. Unknown where an unknown column decides."""
    match expr:
        case Literal():
            return type_of_value(expr.value)
        case Name():
            return lookup(expr)
        case Param():
            return UNKNOWN
        case Case():
            parts = [then for _, then in expr.branches] + ([expr.otherwise] if expr.otherwise else [])
            return common(type_of(part, lookup) for part in parts)
        case Aggregate():
            return aggregate_type(expr.function, UNKNOWN if expr.argument is None else type_of(expr.argument, lookup))
        case Call():
            if expr.function == CAST:
                return cast_type(expr)
            if expr.function in GIVES:
                return GIVES[expr.function]
            return _given(expr, [type_of(argument, lookup) for argument in expr.arguments])
        case _:
            assert_never(expr)


def type_of_value(value: Value) -> DataType:
    """Return the type of a constant; NULL has none."""
    match value:
        case None:
            return UNKNOWN
        case bool():
            return BOOLEAN
        case int():
            return INTEGER
        case Decimal():
            exponent = value.as_tuple().exponent
            scale = max(0, -exponent) if isinstance(exponent, int) else 0
            return decimal(WIDEST, min(scale, WIDEST))
        case str():
            return TEXT
        case dt.datetime():
            return TIMESTAMP if value.tzinfo is None else INSTANT
        case dt.date():
            return DATE
        case _:
            assert_never(value)


def aggregate_type(function: str, argument: DataType) -> DataType:
    """Return what an aggregate gives: counts integer, sums exact where their argument is, averages and quantiles float."""
    match function:
        case "count" | "count_distinct":
            return INTEGER
        case "sum":
            if argument.kind is Kind.decimal:
                return decimal(WIDEST, argument.scale)
            return INTEGER if argument.kind is Kind.integer else FLOAT
        case "min" | "max":
            return argument
        case _:
            return FLOAT


def common(types: Iterable[DataType]) -> DataType:
    """Return the type that holds all of ``types``; unknown ones give way.

    >>> str(common([INTEGER, decimal(10, 2)])), str(common([INTEGER, FLOAT])), str(common([TEXT, UNKNOWN]))
    ('decimal(38,2)', 'float', 'text')
    """
    known = [each for each in types if each is not UNKNOWN]
    if not known:
        return UNKNOWN
    kinds = {each.kind for each in known}
    if len(kinds) == 1 and Kind.decimal not in kinds:
        return known[0]
    if kinds <= {Kind.integer, Kind.decimal, Kind.float}:
        return FLOAT if Kind.float in kinds else decimal(WIDEST, max(each.scale for each in known))
    if kinds <= {Kind.date, Kind.timestamp}:
        return TIMESTAMP
    if kinds <= {Kind.date, Kind.timestamp, Kind.instant}:
        return INSTANT
    return known[0]


def _given(call: Call, types: list[DataType]) -> DataType:
    first = types[0] if types else UNKNOWN
    match FUNCTIONS[call.function].gives:
        case Gives.condition:
            return BOOLEAN
        case Gives.integer:
            return INTEGER
        case Gives.float:
            return FLOAT
        case Gives.text:
            return TEXT
        case Gives.wider | Gives.common:
            return common(types)
        case Gives.product:
            if all(each.is_exact for each in types) and any(each.kind is Kind.decimal for each in types):
                return decimal(WIDEST, min(WIDEST, sum(each.scale for each in types)))
            return common(types)
        case Gives.first:
            return first
        case Gives.rounded:
            return _rounded(first, call.arguments[1:])
        case Gives.total:
            return aggregate_type("sum", first)
        case other:
            assert_never(other)


def _rounded(first: DataType, digits: tuple[Expr, ...]) -> DataType:
    if first.kind is not Kind.decimal:
        return first
    kept = digits[0].value if digits and isinstance(digits[0], Literal) else 0
    return decimal(WIDEST, max(0, min(first.scale, kept if isinstance(kept, int) else 0)))

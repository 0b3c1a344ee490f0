"""The types of a plan's expressions, operations included. Nothing is refused here: what people wrote was judged before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias, assert_never

from decisionlayer.plan.operations import CAST, GIVES, PICK, STOPS, cast_type
from decisionlayer.resolve.language import type_rules
from decisionlayer.resolve.language.functions import FUNCTIONS, Gives
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param, Value
from decisionlayer.resolve.language.types import (
    FLOAT,
    INSTANT,
    INTEGER,
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
            if expr.function in STOPS:
                return type_of(expr.arguments[0], lookup)
            if expr.function == PICK:
                return type_of(expr.arguments[1], lookup)
            if expr.function in GIVES:
                return GIVES[expr.function]
            return _given(expr, [type_of(argument, lookup) for argument in expr.arguments])
        case _:
            assert_never(expr)


def type_of_value(value: Value) -> DataType:
    """Return the type of a constant; NULL has none."""
    return type_rules.type_of_value(value) or UNKNOWN


def aggregate_type(function: str, argument: DataType) -> DataType:
    """Return what an aggregate gives: counts integer, sums exact where their argument is, averages and quantiles float."""
    match function:
        case "count" | "count_distinct":
            return INTEGER
        case "sum":
            return type_rules.total(argument)
        case "min" | "max" | "quantile_disc":
            return argument
        case _:
            return FLOAT


def common(types: Iterable[DataType]) -> DataType:
    """Return the type that holds all of ``types``; unknown ones give way.

    >>> from decisionlayer.resolve.language.types import TEXT
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
    """Return what a function of the language gives, by the language's own rules; they say nothing of unknown types."""
    shared = common(types)
    row = FUNCTIONS[call.function]
    if row.gives is Gives.wider and UNKNOWN in types:
        return shared
    found = type_rules.given(row, [None if each is UNKNOWN else each for each in types], shared, _digits(call))
    return UNKNOWN if found is None else found


def _digits(call: Call) -> int:
    """Return what ``round`` keeps after the point."""
    kept = call.arguments[1].value if len(call.arguments) > 1 and isinstance(call.arguments[1], Literal) else 0
    return max(0, kept) if isinstance(kept, int) else 0

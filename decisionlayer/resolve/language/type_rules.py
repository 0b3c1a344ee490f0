"""Types without trees: what a kind of argument accepts, which type two have in common, and what a row gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import assert_never

from decisionlayer.resolve.language.functions import Function, Gives, Takes
from decisionlayer.resolve.language.tree import Value
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

_MOST_DIGITS = 38
_NUMBERS = (Kind.integer, Kind.decimal, Kind.float)


def type_of_value(value: Value) -> DataType | None:
    """Return the type of a constant; None for NULL, which fits every type."""
    match value:
        case None:
            return None
        case bool():
            return BOOLEAN
        case int():
            return INTEGER
        case Decimal():
            whole, _, broken = f"{abs(value):f}".partition(".")
            scale = min(len(broken), _MOST_DIGITS)
            return decimal(min(max(len(whole.lstrip("0")) + scale, 1), _MOST_DIGITS), scale)
        case str():
            return TEXT
        case dt.datetime():
            return TIMESTAMP if value.tzinfo is None else INSTANT
        case dt.date():
            return DATE
        case _:
            assert_never(value)


def accepts(takes: Takes, kind: Kind) -> bool:
    """Say whether an argument may be of ``kind``."""
    match takes:
        case Takes.number:
            return kind in _NUMBERS
        case Takes.text | Takes.pattern:
            return kind is Kind.text
        case Takes.condition:
            return kind is Kind.boolean
        case Takes.time:
            return kind in (Kind.date, Kind.timestamp)  # the parts of an instant hang on a zone
        case Takes.clock:
            return kind is Kind.timestamp
        case Takes.ordered:
            return kind is not Kind.boolean
        case Takes.value | Takes.alike | Takes.metric:
            return True
        case Takes.digits | Takes.share | Takes.interval | Takes.period | Takes.path:
            return True  # written out, and checked when it was read
        case _:
            assert_never(takes)


def common(left: DataType, right: DataType) -> DataType | None:
    """Return the type that holds values of both, None when there is none: a date and a timestamp meet as timestamps."""
    if left == right:
        return left
    if left.kind in _NUMBERS and right.kind in _NUMBERS:
        return wider(left, right)
    if {left.kind, right.kind} == {Kind.date, Kind.timestamp}:
        return TIMESTAMP
    return None


def wider(left: DataType, right: DataType) -> DataType:
    """Return the type of a sum or difference: integer < decimal < float; decimals keep the larger scale."""
    if UNKNOWN in (left, right) or not (left.is_number and right.is_number):
        return UNKNOWN  # what is no number was refused already
    if Kind.float in (left.kind, right.kind):
        return FLOAT
    if left.kind is right.kind is Kind.integer:
        return INTEGER
    return decimal(_MOST_DIGITS, max(left.scale, right.scale))


def product(left: DataType, right: DataType) -> DataType:
    """Return the type of a product: as a sum, but scales add up; a decimal with more than 38 of them is a float."""
    found = wider(left, right)
    if found.kind is not Kind.decimal:
        return found
    scale = left.scale + right.scale
    return decimal(_MOST_DIGITS, scale) if scale <= _MOST_DIGITS else FLOAT


def total(found: DataType | None) -> DataType:
    """Return the type of a sum over rows of ``found``; an unknown column is measured as a float."""
    if found is None or not found.is_exact:
        return FLOAT
    return INTEGER if found.kind is Kind.integer else decimal(_MOST_DIGITS, found.scale)


def given(row: Function, types: Sequence[DataType | None], shared: DataType | None, digits: int) -> DataType | None:
    """Return the type that a function or operator gives for arguments of these types.

    ``shared`` is the common type of arguments that must be alike, ``digits`` what ``round`` keeps after the point.
    """
    first = types[0]
    match row.gives:
        case Gives.condition:
            return BOOLEAN
        case Gives.integer:
            return INTEGER
        case Gives.float:
            return FLOAT
        case Gives.text:
            return TEXT
        case Gives.wider:
            return wider(first or UNKNOWN, types[1] or UNKNOWN)
        case Gives.product:
            return product(first or UNKNOWN, types[1] or UNKNOWN)
        case Gives.common:
            return shared
        case Gives.first:
            return first
        case Gives.rounded:
            if first is None or first.kind is not Kind.decimal:
                return first
            return decimal(_MOST_DIGITS, min(first.scale, digits))
        case Gives.total:
            return total(first)
        case _:
            assert_never(row.gives)

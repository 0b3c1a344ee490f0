"""Decimals that may stand for each other in one value, each given as many digits after the point as the longest of them.

The engine's own choice is not safe: the common type of DECIMAL(38, 2) and DECIMAL(38, 4) is DECIMAL(38, 2) in DuckDB, and sums
have 38 digits. ``COALESCE(prices - fees, prices, -fees)`` then rounds fees of 0.1251 to 0.13 and says nothing. ``+ - *`` and
comparisons keep all digits by themselves.

::

    before: COALESCE(prices, fees)                              prices DECIMAL(38, 2), fees DECIMAL(38, 4)
    after:  COALESCE(CAST(prices AS DECIMAL(38, 4)), fees)
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from decisionlayer.plan.types import WIDEST, Lookup, type_of
from decisionlayer.resolve.language.tree import Expr, Literal
from decisionlayer.resolve.language.types import DataType, Kind, decimal

#: The functions whose value is one of their arguments.
CHOOSING = frozenset({"coalesce", "greatest", "least"})


def lengthened(parts: Sequence[Expr], lookup: Lookup) -> tuple[DataType | None, ...]:
    """Return, for each part, the decimal type to cast it to so that no digit is lost, None where it needs no cast."""
    digits = [_digits(part, lookup) for part in parts]
    known = [each for each in digits if each is not None]
    after = max((scale for _, scale in known), default=0)
    before = max((whole for whole, _ in known), default=0)
    if before + after <= WIDEST or any(type_of(part, lookup).kind is Kind.float for part in parts):
        return (None,) * len(parts)
    return tuple(
        decimal(WIDEST, after) if each is not None and each[1] < after and not isinstance(part, Literal) else None
        for part, each in zip(parts, digits, strict=True)
    )


def _digits(part: Expr, lookup: Lookup) -> tuple[int, int] | None:
    """Return how many digits a decimal may have before and after the point; None for anything else."""
    if isinstance(part, Literal):
        return _written(part.value) if isinstance(part.value, Decimal) else None
    type = type_of(part, lookup)
    return (type.precision - type.scale, type.scale) if type.kind is Kind.decimal else None


def _written(value: Decimal) -> tuple[int, int]:
    _, digits, exponent = value.as_tuple()
    after = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return max(len(digits) - after, 1), after

"""The types of values: what a column may hold, and what comes out of an aggregate.

Counts are ``integer`` (int64). Sums of integers are ``integer``, sums of ``decimal(p, s)`` are ``decimal(38, s)``, and
everything else that is measured is ``float`` (float64). Periods of a day or more are ``date``, below a day ``instant``.
"""

from __future__ import annotations

import re
from enum import Enum

from decisionlayer.frozen import dataclass


class Kind(Enum):
    """What kind of value a column holds; ``unknown`` is a column whose type nobody declared."""

    boolean = "boolean"
    integer = "integer"
    decimal = "decimal"
    float = "float"
    text = "text"
    date = "date"
    timestamp = "timestamp"  # a wall clock without a zone
    instant = "instant"  # a point in time; timestamp with time zone
    unknown = "unknown"


@dataclass(frozen=True, slots=True)
class DataType:
    """A kind, and for decimals how many digits in all and after the point."""

    kind: Kind
    precision: int = 0
    scale: int = 0

    def __str__(self) -> str:
        return f"decimal({self.precision},{self.scale})" if self.kind is Kind.decimal else self.kind.value

    @property
    def is_number(self) -> bool:
        """Whether it can be added; an unknown column may be."""
        return self.kind in (Kind.integer, Kind.decimal, Kind.float, Kind.unknown)

    @property
    def is_exact(self) -> bool:
        """Whether sums over it are exact: integers and decimals."""
        return self.kind in (Kind.integer, Kind.decimal)


BOOLEAN, INTEGER, FLOAT, TEXT, DATE, TIMESTAMP, INSTANT, UNKNOWN = (
    DataType(kind)
    for kind in (
        Kind.boolean,
        Kind.integer,
        Kind.float,
        Kind.text,
        Kind.date,
        Kind.timestamp,
        Kind.instant,
        Kind.unknown,
    )
)

_DECIMAL = re.compile(r"decimal\s*\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\)\Z")


def parse_type(text: str) -> DataType | None:
    """Return the type that ``text`` names, or None.

    >>> str(parse_type("decimal(18, 2)")), str(parse_type("integer")), parse_type("int")
    ('decimal(18,2)', 'integer', None)
    """
    found = _DECIMAL.match(text.strip())
    if found:
        precision, scale = int(found[1]), int(found[2])
        return DataType(Kind.decimal, precision, scale) if scale <= precision <= 38 and precision > 0 else None
    if text in Kind.__members__ and text not in ("decimal", "unknown"):
        return DataType(Kind[text])
    return None


def decimal(precision: int, scale: int) -> DataType:
    """Return the decimal type of so many digits, ``scale`` of them after the point."""
    return DataType(Kind.decimal, precision, scale)

"""Values as people read them: what is missing as words, shares as percent, periods by their names. For tables and pages alike."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from decisionlayer.errors import EngineError
from decisionlayer.findings import Finding
from decisionlayer.resolve.quantities.printed import POINTS

if TYPE_CHECKING:
    import pyarrow as pa


def of_difference(unit: object) -> object:
    """Return the unit of what two numbers of one unit differ by: from 77 % to 73.3 % are -3.7 points, and -4.8 percent.

    >>> of_difference("percent"), of_difference("USD/seat")
    ('points', 'USD/seat')
    """
    return POINTS if unit == "percent" else unit


def python_values(values: pa.ChunkedArray, name: str) -> list[Any]:
    """Return a column as Python values.

    Raises EngineError (``warehouse-failed``) where it holds a date that Python has not: infinity, or a year before 1 or after 9999.
    """
    try:
        found: list[Any] = values.to_pylist()
    except (OverflowError, ValueError) as wrong:
        raise EngineError(Finding(
            "warehouse-failed", "warehouse", f"column `{name}` holds a date outside the years 1 to 9999, which Python cannot hold",
            help="mend the rows that hold it, ask with `start` and `end`, or read the answer with .arrow()",
        )) from wrong  # fmt: skip
    return found


def column_texts(name: str, is_number: bool, passport: Mapping[str, object], values: Sequence[object]) -> tuple[str, tuple[str, ...]]:
    """Return the unit of a column, empty for a group, and its cells as texts."""
    if not is_number:
        clock, _, period = name.rpartition("__")
        if clock and period in ("quarter", "year"):  # of a calendar they are others than the almanac's
            period = ""
        return "", tuple(group_text(value, period) for value in values)
    unit, digits = str(passport.get("unit") or ""), passport.get("digits")
    return unit, tuple(number_texts(values, percent=unit in ("percent", POINTS), digits=digits if isinstance(digits, int) else None))


def without_other_levels(columns: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the texts of groups, blank where the row's ``level`` does not split by them: there is nothing to be Unassigned.

    >>> without_other_levels({"month": ("2013-04", "Unassigned"), "level": ("month", "total")})
    {'month': ('2013-04', ''), 'level': ('month', 'total')}
    """
    levels = [frozenset(part.replace(".", "__") for part in level.split(", ")) for level in columns["level"]]
    shown = {}
    for name, texts in columns.items():
        own = [name == "level" or any(name == part or name.startswith(f"{part}__") for part in level) for level in levels]
        shown[name] = tuple(text if is_own else "" for text, is_own in zip(texts, own, strict=True))
    return shown


def group_text(value: object, period: str = "") -> str:
    """Return the value of a group as a person reads it; ``period`` is the name of the period that it is the first day of.

    >>> group_text(None), group_text(dt.date(2013, 4, 1), "quarter"), group_text(dt.date(2013, 4, 1), "month"), group_text(1999)
    ('Unassigned', '2013-Q2', '2013-04', '1999')
    """
    match value:
        case None:
            return "Unassigned"
        case bool():
            return "yes" if value else "no"
        case dt.datetime():
            return _moment(value)
        case dt.date() if period == "year":
            return f"{value.year:04}"
        case dt.date() if period == "quarter":
            return f"{value.year:04}-Q{(value.month + 2) // 3}"
        case dt.date() if period == "month":
            return f"{value.year:04}-{value.month:02}"
        case _:
            return _on_one_line(str(value))


def number_texts(values: Sequence[object], *, percent: bool = False, digits: int | None = None) -> list[str]:
    """Return the values of a metric as a person reads them, all with as many digits after the point.

    What is not zero never prints as zero.

    >>> number_texts([0.8137, None, 0.0001], percent=True)
    ['81.4', '–', '<0.1']
    >>> number_texts([12345, 7]), number_texts([12345.6, 7.25]), number_texts([Decimal("1.50")])
    (['12,345', '7'], ['12,346', '7'], ['1.50'])
    """
    scaled = [_hundredfold(value) if percent else value for value in values]
    sizes = [abs(value) for value in scaled if isinstance(value, float)]
    if digits is None and sizes:
        largest = max(sizes)
        digits = 1 if percent else 0 if largest >= 10_000 else 2 if largest >= 1 else 4
    return [_number(value, digits) for value in scaled]


def _hundredfold(value: object) -> object:
    return float(value) * 100 if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value


def _number(value: object, digits: int | None) -> str:
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case Decimal() if digits is None:
            return f"{value:,f}"
        case Decimal() | float():
            text = f"{value:,.{digits or 0}f}"
            if value != 0 and not any(sign in "123456789" for sign in text) and value == value:
                least = f"{10 ** -(digits or 0):.{digits or 0}f}"
                return f"<{least}" if value > 0 else f">-{least}"
            return text
        case dt.datetime():
            return _moment(value)
        case _:
            return _on_one_line(str(value))


def _moment(value: dt.datetime) -> str:
    """Return a time with as many of its seconds as it has: 06:00, 06:00:01, 06:00:01.250."""
    seconds = f":%S.{value.microsecond:06d}".removesuffix("000") if value.microsecond else ":%S" if value.second else ""
    return value.strftime(f"%Y-%m-%d %H:%M{seconds}{'%z' if value.tzinfo else ''}")


def _on_one_line(text: str) -> str:
    """Return text without line breaks, and without what would steer the terminal."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in re.sub(r"[\r\n\t]+", " ", text))

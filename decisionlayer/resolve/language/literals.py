"""Text → constants: exact decimals, days, moments, lengths of time. A reader returns None for what it cannot read."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation

#: Warehouses keep at most so many digits exactly.
MOST_DIGITS = 38

#: The largest whole number (int64).
LARGEST = 2**63 - 1

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_CLOCK = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(Z|[+-][0-9]{2}:[0-9]{2})?\Z"
)
_INTERVAL = re.compile(r"([1-9][0-9]{0,5}) ([^\W\d]\w*(?:\.[^\W\d]\w*)?)\Z")


def exact(text: str) -> Decimal | None:
    """Return the decimal of ``text`` by its value, with one zero after the point if nothing else is there.

    None when its digits, written out, are more than warehouses keep exactly.

    >>> exact("0.50"), exact("1e3"), exact("1e400")
    (Decimal('0.5'), Decimal('1000.0'), None)
    """
    try:
        read = Decimal(text)
    except InvalidOperation:
        return None
    if not read.is_finite() or (read and not -MOST_DIGITS <= read.adjusted() <= MOST_DIGITS):
        return None
    whole, _, broken = f"{read:f}".partition(".")
    broken = broken.rstrip("0") or "0"
    whole = whole.lstrip("0") or "0"
    if len(whole) + len(broken) > MOST_DIGITS + 1:
        return None
    return Decimal(f"{whole}.{broken}")


def day(text: str) -> dt.date | None:
    """Return the day that ``text`` writes as ``2013-01-31``, or None."""
    if not _DAY.match(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def clock(text: str) -> dt.datetime | None:
    """Return the moment that ``text`` writes as ``2013-01-31 10:00``, with seconds and zone if it has them, or None."""
    found = _CLOCK.match(text)
    if not found:
        return None
    zone = (found[3] or "").replace("Z", "+00:00")
    clock_part, _, fraction = found[2].partition(".")
    seconds = f"{clock_part}.{fraction.ljust(6, '0')}" if fraction else clock_part
    try:
        return dt.datetime.fromisoformat(f"{found[1]} {seconds}{zone}")
    except ValueError:
        return None


def interval(text: str) -> tuple[int, str] | None:
    """Return the count and the period of a length as ``1 month`` or ``2 retail.years``, plural as written, or None."""
    found = _INTERVAL.match(text)
    return (int(found[1]), found[2]) if found else None

"""Printed numbers and lengths in words; whether printed parts and a printed total fit (the interval rule of Calc 1.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal


def prints_tie(parts: Iterable[Decimal | int | str], total: Decimal | int | str, digits: int) -> bool:
    """Say whether parts and a total, printed with so many digits after the point, are consistent.

    Each printed number stands for all that round to it, so parts and total tie where the two intervals touch.

    >>> prints_tie([33, 33, 33], 100, 0), prints_tie([33, 33, 31], 100, 0)
    (True, False)
    """
    half = Decimal(1).scaleb(-digits) / 2
    shown = [Decimal(part) for part in parts]
    return abs(sum(shown, Decimal(0)) - Decimal(total)) <= half * (len(shown) + 1)


def rounding_line(parts: Iterable[Decimal | int | str], total: Decimal | int | str) -> Decimal:
    """Return what a reader who adds up the printed parts is off by: a line of its own, never spread over the parts.

    >>> rounding_line(["33.3", "33.3", "33.3"], 100)
    Decimal('0.1')
    """
    return Decimal(total) - sum((Decimal(part) for part in parts), Decimal(0))


def days(length: dt.timedelta) -> str:
    """Return a length in days, as people say it; what is less than a day in hours.

    >>> days(dt.timedelta(days=1)), days(dt.timedelta(days=1_400)), days(dt.timedelta(hours=36)), days(dt.timedelta(hours=1))
    ('1 day', '1,400 days', '1.5 days', '1 hour')
    """
    if dt.timedelta() < length < dt.timedelta(days=1):
        hours = f"{length / dt.timedelta(hours=1):g}"
        return f"{hours} {'hour' if hours == '1' else 'hours'}"
    whole, rest = divmod(length, dt.timedelta(days=1))
    said = f"{length / dt.timedelta(days=1):g}" if rest else f"{whole:,}"
    return f"{said} {'day' if said == '1' else 'days'}"


def in_digits(number: Decimal, *, grouped: bool = False) -> str:
    """Return an exact number in digits, without zeros that say nothing; ``grouped`` with a comma between thousands.

    >>> in_digits(Decimal("0.500")), in_digits(Decimal("1E+3")), in_digits(Decimal("12000.50"), grouped=True)
    ('0.5', '1000', '12,000.5')
    """
    return f"{number.normalize():,f}" if grouped else f"{number.normalize():f}"

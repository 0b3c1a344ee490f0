"""Printed numbers and lengths in words; whether printed parts and a printed total fit (the interval rule of Calc 1.1)."""

from __future__ import annotations

import datetime as dt
import re
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


def read_printed(text: str) -> Decimal:
    """Return the number that a reader takes a printed text for; what is printed as missing, or as next to nothing, adds nothing.

    >>> read_printed("1,234.5 EUR"), read_printed("-0.25 points"), read_printed("–"), read_printed("<0.1")
    (Decimal('1234.5'), Decimal('-0.25'), Decimal('0'), Decimal('0'))
    """
    found = None if text.startswith("<") else _NUMBER.search(text)
    return Decimal(0) if found is None else Decimal(found[0].replace(",", ""))


def rounded_away(parts: Iterable[str], total: str) -> Decimal:
    """Return what a reader who adds up printed parts is off by from the printed total, zero where they tie.

    >>> rounded_away(["33.3", "33.3", "33.3"], "100.0 EUR"), rounded_away(["+1.20", "-0.20"], "+1.00")
    (Decimal('0.1'), Decimal('0'))
    """
    off = rounding_line([read_printed(part) for part in parts], read_printed(total))
    return off.normalize() + 0 if off else Decimal(0)


_NUMBER = re.compile(r"[+-]?[\d,]*\.?\d+")


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


#: What shares differ by. Both are fractions in data, and hundredfold in print.
POINTS = "points"


def figure_text(figure: Decimal | None, unit: str, places: int = 2) -> str:
    """Return a number with its unit as people read it, shares as percent; what is missing as a dash.

    >>> figure_text(Decimal("0.765"), "percent"), figure_text(Decimal(12000), "EUR", 0), figure_text(None, "EUR")
    ('76.50 %', '12,000 EUR', '–')
    """
    if figure is None:
        return "–"
    return f"{figure * 100:,.2f} %" if unit == "percent" else f"{figure:,.{places}f}{behind(unit)}"


def change_text(change: Decimal | float | None, unit: str, places: int = 2) -> str:
    """Return by how much a number of a unit changed, shares in points; the unit is told where the number is.

    >>> change_text(Decimal("-0.03"), "percent"), change_text(Decimal("1.5"), "EUR"), change_text(None, "EUR")
    ('-3.00 points', '+1.50', '–')
    """
    if change is None:
        return "–"
    return f"{change * 100:+,.2f} {POINTS}" if unit == "percent" else f"{change:+,.{places}f}"


def behind(unit: str) -> str:
    """Return a unit as it stands behind a number: nothing where there is none.

    >>> behind("EUR"), behind("1")
    (' EUR', '')
    """
    return f" {unit}" if unit not in ("", "1") else ""


def in_digits(number: Decimal, *, grouped: bool = False) -> str:
    """Return an exact number in digits, without zeros that say nothing; ``grouped`` with a comma between thousands.

    >>> in_digits(Decimal("0.500")), in_digits(Decimal("1E+3")), in_digits(Decimal("12000.50"), grouped=True)
    ('0.5', '1000', '12,000.5')
    """
    return f"{number.normalize():,f}" if grouped else f"{number.normalize():f}"

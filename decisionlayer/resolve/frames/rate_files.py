"""The file of a table of rates: one line for each currency and day, month or stretch of days, with the place of each mistake.

::

    currency,month,mean,close
    USD,2026-01-01,0.90,0.88
    USD,2026-02-01,0.92,0.95
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from decisionlayer.declare import Fx
from decisionlayer.findings import Place
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import About, listed
from decisionlayer.resolve.frames.csv_files import MOST_TOLD, Table, cells_of, day_in, read_csv, say
from decisionlayer.resolve.frames.rates import Rate
from decisionlayer.resolve.quantities.units import CURRENCIES

#: The columns of which one says for which days a line is; a stretch of days has two.
DAY, MONTH, VALID = "day", "month", ("valid_from", "valid_to")
_AT = ("fx", "file")


def read_rates(about: About, root: str, fx: Fx) -> tuple[str, tuple[Rate, ...]] | None:
    """Return what a line is for (``day``, ``month`` or ``span``) and the lines, by currency and day; None after a finding.

    Codes: ``unreadable``, ``missing-column``, ``wrong-type``, ``wrong-argument``, ``unknown-name`` for no currency, ``duplicate-name``
    for two rates of one currency on one day.
    """
    table = read_csv(about, root, fx.file, *_AT)
    each = None if table is None else _each(about, fx, table)
    if table is None or each is None:
        return None
    told = len(about.findings)
    lines: list[tuple[int, Rate]] = []
    for number, row in table.lines:
        cells = cells_of(about, table, number, row)
        line = None if cells is None else _line(about, fx, Place(fx.file, number), cells, each)
        if line is not None:
            lines.append((number, line))
        if len(about.findings) - told >= MOST_TOLD:
            return None
    _refuse_two(about, fx, lines)
    if len(about.findings) > told:
        return None
    if not lines:
        about.say("unreadable", f"`{fx.file}` holds no rate", *_AT, help="write a line for each currency and month")
        return None
    return each, tuple(line for _, line in sorted(lines, key=lambda one: _order(one[1])))


def _order(line: Rate) -> tuple[str, dt.date]:
    return line.currency, line.since or dt.date.min



def _each(about: About, fx: Fx, table: Table) -> str | None:
    """Return what a line is for, None after a finding about the first line."""
    place = Place(fx.file)
    header = table.header
    lacks = table.lacks((fx.from_, *fx.rates.values()))
    if lacks:
        help = did_you_mean(lacks[0], header) if header else "begin it with a line that names the columns"
        say(about, "missing-column", f"`{fx.file}` has no column {listed(lacks)}", place, help)
        return None
    held = [column for column in VALID if column in header]
    found = [*(column for column in (DAY, MONTH) if column in header), *(["span"] if held else [])]
    if len(held) == 1:
        other = next(column for column in VALID if column not in held)
        told = f"`{fx.file}` has a column `{held[0]}` and no `{other}`"
        say(about, "missing-column", told, place, "leave its cells empty where it is open")
    elif not found:
        help = "add `day`, or `month` with its first day, or `valid_from` and `valid_to`"
        say(about, "missing-column", f"`{fx.file}` does not say for which days a rate is", place, help)
    elif len(found) > 1:
        told = f"`{fx.file}` says in two ways for which days a rate is: {listed(held[0] if one == 'span' else one for one in found)}"
        say(about, "wrong-argument", told, place, "keep one of them")
    else:
        return found[0]
    return None


def _line(about: About, fx: Fx, place: Place, cells: Mapping[str, str], each: str) -> Rate | None:
    currency = cells[fx.from_]
    if currency not in CURRENCIES:
        told = f"`{currency}` is no currency of ISO 4217" if currency else "this line does not say of which currency it is"
        say(about, "unknown-name", told, place, did_you_mean(currency.upper(), CURRENCIES))
        return None
    span = _span(about, place, cells, each)
    rates = [_rate(about, fx, place, currency, column, cells[column]) for column in fx.rates.values()]
    return None if span is None else Rate(currency, *span, tuple(rates))


def _span(
    about: About, place: Place, cells: Mapping[str, str], each: str
) -> tuple[dt.date | None, dt.date | None] | None:
    days: list[dt.date | None] = []
    for column in VALID if each == "span" else (each,):
        text = cells[column]
        day = day_in(text)
        if day is None and (text or each != "span"):
            say(about, "wrong-type", f"`{column}` is {text!r} in this line, which is no day", place, "write it as 2026-01-31")
            return None
        days.append(day)
    first = days[0]
    if each == "span":
        if first is not None and days[1] is not None and first >= days[1]:
            help = "`valid_to` is the first day on which it holds no more"
            say(about, "wrong-argument", f"this line holds from {first} to {days[1]}, which is no day at all", place, help)
            return None
        return first, days[1]
    assert first is not None
    if each == MONTH and first.day != 1:
        say(about, "wrong-argument", f"{first} is not the first day of a month", place, f"write {first.replace(day=1)}")
        return None
    after = first + dt.timedelta(days=1) if each == DAY else (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return first, after



def _rate(about: About, fx: Fx, place: Place, currency: str, column: str, text: str) -> Decimal | None:
    """Return a rate; an empty cell is none."""
    if not text:
        return None
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal("NaN")
    if not rate.is_finite() or len(f"{rate:f}") > 30:
        say(about, "wrong-type", f"`{column}` is {text!r} in this line, which is no rate", place, "write it as 0.9215")
    elif rate <= 0:
        say(about, "wrong-argument", f"`{column}` of {currency} is {text}, and a rate is above zero", place,
             "leave the cell empty where there is none", why="a rate of nothing would make every amount nothing")  # fmt: skip
    elif currency == fx.to and rate != 1:
        told = f"{currency} is said to be worth {text} {fx.to}"
        say(about, "wrong-argument", told, place, "take the line out: a currency is worth 1 in itself")
    else:
        return rate
    return None


def _refuse_two(about: About, fx: Fx, lines: list[tuple[int, Rate]]) -> None:
    """``duplicate-name`` where a currency has two lines for one day."""
    last: tuple[int, Rate] | None = None
    for number, line in sorted(lines, key=lambda one: _order(one[1])):
        same = last is not None and last[1].currency == line.currency
        if last is not None and same and (last[1].before is None or (line.since or dt.date.min) < last[1].before):
            first, then = sorted((last[0], number))
            day = line.since if last[1].since is None or line.since is None else max(line.since, last[1].since)
            say(
                about, "duplicate-name", f"{line.currency} has two rates on {day}: the other is on line {first}", Place(fx.file, then),
                "keep one of them" if last[1].since == line.since else "end the one line before the other begins",
                why="nobody could tell which of them an amount was converted by",
            )  # fmt: skip
            return
        last = (number, line)

"""Rates: what one unit of each currency is worth in one other, for each day, month or stretch of days.

A table of rates is part of the model, read from a file of the project; a statement that converts holds what it needs of it as
constants. A currency is worth 1 in itself, on every day; a rate that is not there is not there: nothing is borrowed from the day before.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from decimal import Decimal

from decisionlayer.findings import Place
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.types import DATE, TEXT, DataType, decimal
from decisionlayer.resolve.values.stored_rows import Lines

#: The columns of the rows that a statement holds.
CURRENCY, SINCE, BEFORE, RATE = "currency", "since", "before", "rate"


@dataclass(frozen=True, slots=True)
class Rate:
    """One line of a table: the currency, the half-open days for which it holds (None: open), and a rate of each kind, if any."""

    currency: str
    since: dt.date | None
    before: dt.date | None
    rates: tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """A table of rates into the currency ``to``; ``each`` says what a line is for: a ``day``, a ``month`` or a ``span`` of days."""

    name: str
    to: str
    each: str
    kinds: tuple[str, ...]
    lines: tuple[Rate, ...]
    owner: str | None
    place: Place
    meaning: str = ""
    wording: str = ""

    @property
    def of_row(self) -> str:
        """The period of a row's own time that finds its rate."""
        return "month" if self.each == "month" else "day"

    def type(self, kind: str) -> DataType:
        """Return the type that holds every rate of a kind exactly."""
        found = [rate for rate in self.of(kind).values() if rate is not None]
        scale = max((-int(rate.as_tuple().exponent) for rate in found), default=0)
        whole = max((rate.adjusted() + 1 for rate in found), default=1)
        return decimal(max(whole, 1) + max(scale, 0), max(scale, 0))

    def of(self, kind: str) -> Mapping[Rate, Decimal | None]:
        """Return the rate of a kind on each line."""
        at = self.kinds.index(kind)
        return {line: line.rates[at] for line in self.lines}

    def at(self, kind: str, currency: str, day: dt.date) -> Decimal | None:
        """Return what one unit of ``currency`` is worth on a day; None when the table does not say."""
        if currency == self.to:
            return Decimal(1)
        for line, rate in self.of(kind).items():
            if line.currency == currency and (line.since or day) <= day and (line.before is None or day < line.before):
                return rate
        return None

    def rows(self, kind: str, currency: str | None) -> Lines:
        """Return the rates of a kind as rows: of one currency, or of all for None. The table's own currency needs none."""
        type = self.type(kind)
        span: tuple[tuple[str, DataType], ...] = ((SINCE, DATE), (BEFORE, DATE)) if self.each == "span" else ((SINCE, DATE),)
        columns = ((CURRENCY, TEXT), *span, (RATE, type))
        rows = tuple(
            (line.currency, line.since or dt.date.min, *((line.before,) if self.each == "span" else ()), rate)
            for line, rate in self.of(kind).items()
            if rate is not None and line.currency != self.to and currency in (None, line.currency)
        )
        digest = hashlib.sha256(repr((columns, rows)).encode()).hexdigest()[:16]
        return Lines(columns, rows, digest)

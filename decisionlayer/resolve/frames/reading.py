"""The frames of a book that stand on nothing but files: calendars and tables of rates, as values of the model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from decisionlayer.declare import Book, Frame
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import About
from decisionlayer.resolve.collect import Collector
from decisionlayer.resolve.foundations import check_owner
from decisionlayer.resolve.frames.calendar_files import read_days
from decisionlayer.resolve.frames.calendar_rules import read_months, read_weeks
from decisionlayer.resolve.frames.calendars import Calendar, Rule
from decisionlayer.resolve.frames.rate_files import read_rates
from decisionlayer.resolve.frames.rates import Rates
from decisionlayer.resolve.model import Party
from decisionlayer.resolve.quantities.units import CURRENCIES
from decisionlayer.resolve.world.namespace import TIME_WORDS


def resolve_calendars(
    book: Book, parties: Mapping[str, Party], today: dt.date, collector: Collector
) -> dict[str, Calendar]:
    """Return the calendars of ``book``, by name.

    ``bad-name`` for one that bears a word for time; what keeps a calendar from cutting time is said where it stands.
    """
    calendars: dict[str, Calendar] = {}
    for entry in book.of("frame"):
        item = entry.item
        assert isinstance(item, Frame)
        about = About(entry)
        if entry.name in TIME_WORDS:
            told = f"the frame `{entry.name}` is a word for time, so a question by it could mean either"
            about.say("bad-name", told, "frame", help="give it another name")
        if item.calendar is None:  # reporting lines are read once sources are
            continue
        check_owner(about, item.owner, parties, today)
        found = None if item.calendar is None else _calendar(about, item, Path(book.root))
        broke = collector.take(about.findings)
        if found is not None and not broke:
            grains, rule = found
            calendars.setdefault(entry.name, Calendar(entry.name, grains, rule, item.owner, entry.origin.place()))
    return calendars


def resolve_rates(book: Book, parties: Mapping[str, Party], today: dt.date, collector: Collector) -> dict[str, Rates]:
    """Return the tables of rates of ``book``, by name; what keeps one from being used is said where it stands."""
    found: dict[str, Rates] = {}
    for entry in book.of("frame"):
        item = entry.item
        assert isinstance(item, Frame)
        if item.fx is None or entry.name in found:
            continue
        about = About(entry)
        check_owner(about, item.owner, parties, today)
        fx = item.fx
        if fx.to not in CURRENCIES:
            told = f"{about.title} leads to `{fx.to}`, which is no currency of ISO 4217"
            about.say("unknown-name", told, "fx", "to", help=did_you_mean(fx.to.upper(), CURRENCIES))
        if not fx.rates:
            help = "write `rates: {average: …}`, with the column of each kind: average, closing, transaction"
            about.say("missing-key", f"{about.title} names no column of rates", "fx", help=help)
        read = read_rates(about, book.root, fx) if fx.rates else None
        if not collector.take(about.findings) and read is not None:
            each, lines = read
            found[entry.name] = Rates(entry.name, fx.to, each, tuple(fx.rates), lines, item.owner, entry.origin.place())
    return found


def _calendar(about: About, item: Frame, root: Path) -> tuple[tuple[str, ...], Rule] | None:
    calendar = item.calendar
    assert calendar is not None
    if calendar.year_starts is not None:
        return read_months(about, calendar.year_starts, calendar.year_named or "start")
    if calendar.weeks is not None:
        return read_weeks(about, calendar.weeks, calendar.year_ends or "", calendar.year_named or "end")
    return read_days(about, root, calendar.file or "", calendar.grains)

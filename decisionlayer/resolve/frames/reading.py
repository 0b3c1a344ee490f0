"""The frames of a book, each by its body, as values of the model; what this version does not read yet says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from decisionlayer.declare import Book, Frame
from decisionlayer.resolve.about import About
from decisionlayer.resolve.collect import Collector
from decisionlayer.resolve.foundations import check_owner
from decisionlayer.resolve.frames.calendar_files import read_days
from decisionlayer.resolve.frames.calendar_rules import read_months, read_weeks
from decisionlayer.resolve.frames.calendars import Calendar, Rule
from decisionlayer.resolve.model import Party
from decisionlayer.resolve.namespace import TIME_WORDS


def resolve_calendars(
    book: Book, parties: Mapping[str, Party], today: dt.date, collector: Collector
) -> dict[str, Calendar]:
    """Return the calendars of ``book``, by name.

    ``not-built`` for a table of rates, ``bad-name`` for one that bears a word for time; what keeps a calendar
    from cutting time is said where it stands.
    """
    calendars: dict[str, Calendar] = {}
    for entry in book.of("frame"):
        item = entry.item
        assert isinstance(item, Frame)
        about = About(entry)
        if entry.name in TIME_WORDS:
            told = f"the frame `{entry.name}` is a word for time, so a question by it could mean either"
            about.say("bad-name", told, "frame", help="give it another name")
        if item.hierarchy is not None:  # reporting lines are read once sources are
            continue
        check_owner(about, item.owner, parties, today)
        if item.fx is not None:
            told = f"{about.title} is an fx table, which this version does not read yet"
            about.say("not-built", told, "fx", help="take it out")
        found = None if item.calendar is None else _calendar(about, item, Path(book.root))
        broke = collector.take(about.findings)
        if found is not None and not broke:
            grains, rule = found
            calendars.setdefault(entry.name, Calendar(entry.name, grains, rule, item.owner, entry.origin.place()))
    return calendars


def _calendar(about: About, item: Frame, root: Path) -> tuple[tuple[str, ...], Rule] | None:
    calendar = item.calendar
    assert calendar is not None
    if calendar.year_starts is not None:
        return read_months(about, calendar.year_starts, calendar.year_named or "start")
    if calendar.weeks is not None:
        return read_weeks(about, calendar.weeks, calendar.year_ends or "", calendar.year_named or "end")
    return read_days(about, root, calendar.file or "", calendar.grains)

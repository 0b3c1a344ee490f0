"""Foundations, resolved: the project, its units, its parties and its assumptions. Nothing here stands on a source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from decisionlayer import declare
from decisionlayer.declare import Book
from decisionlayer.frozen import dataclass
from decisionlayer.names import did_you_mean, near
from decisionlayer.resolve.about import About, check_party
from decisionlayer.resolve.collect import Collector
from decisionlayer.resolve.language.problems import Problem
from decisionlayer.resolve.model import Assumption, Life, Party, Project
from decisionlayer.resolve.quantities.units import BUILT_IN, Unit, parse_unit


@dataclass(frozen=True, slots=True)
class Foundations:
    """What sources and metrics stand on."""

    project: Project
    units: frozenset[str]
    parties: Mapping[str, Party]
    today: dt.date


#: What stands in for a project that is not declared; loading says that it is missing.
NAMELESS = Project("project", "UTC", "monday")


def is_zone(name: str) -> bool:
    """Say whether ``name`` is a time zone that this machine, or the package of zones, knows.

    >>> is_zone("America/New_York"), is_zone("America/Newyork"), is_zone("../etc")
    (True, False, False)
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def no_such_zone(about: About, zone: str, *path: str | int) -> None:
    """``unknown-name`` for a zone that does not exist, with near ones."""
    zones = available_timezones()
    city = zone.replace(" ", "_").rpartition("/")[2].casefold()
    meant = sorted(known for known in zones if known.rpartition("/")[2].casefold() == city) or near(zone, zones, most=1)
    about.say(
        "unknown-name",
        f"there is no time zone `{zone}`",
        *path,
        why="days and months are cut by the zone; in the wrong one rows fall on the wrong day",
        help=f"Did you mean {meant[0]}?" if meant else "write a region and a city, as Europe/Berlin, or UTC",
    )


def resolve_project(book: Book, collector: Collector) -> Project:
    """Return the project. ``unknown-name`` for a zone that does not exist: then UTC stands in, and every source with a clock is broken."""
    for entry in book.of("project"):
        item = entry.item
        assert isinstance(item, declare.Project)
        about = About(entry)
        zone = item.timezone
        if not is_zone(zone):
            no_such_zone(about, zone, "timezone")
            zone = "UTC"
        collector.take(about.findings)
        return Project(item.name, zone, item.week_start, item.warehouse)
    return NAMELESS


def resolve_units(book: Book, collector: Collector) -> frozenset[str]:
    """Return the project's own units. ``bad-name`` for one that time or money has already."""
    names: dict[str, None] = {}
    for entry in book.of("unit"):
        about = About(entry)
        if entry.name in BUILT_IN:
            about.say(
                "bad-name",
                f"`{entry.name}` is a unit already, without being declared",
                "unit",
                help="leave it out here, or give the counted thing a name of its own",
            )
        else:
            names[entry.name] = None
        collector.take(about.findings)
    # A unit that cannot be read has its own finding; what is measured in it need not be told as well.
    return frozenset(names) | {name for kind, name in book.unread if kind == "unit"}


def resolve_parties(book: Book, collector: Collector) -> Mapping[str, Party]:
    """Return the parties by name. ``unknown-name`` for a successor that is none, ``wrong-argument`` for dates that run back."""
    parties: dict[str, Party] = {}
    entries = [entry for entry in book.of("party") if isinstance(entry.item, declare.Party)]
    declared = {entry.name for entry in entries}
    for entry in entries:
        item = entry.item
        assert isinstance(item, declare.Party)
        about = About(entry)
        if item.since is not None and item.until is not None and item.until < item.since:
            about.say(
                "wrong-argument",
                f"`{entry.name}` ends on {item.until}, before it begins on {item.since}",
                "until",
                help="`since` is the first whole day, `until` the last",
            )
        if item.successor == entry.name:
            about.say(
                "wrong-argument",
                f"`{entry.name}` is its own successor",
                "successor",
                help="name who takes over, or leave it out",
            )
        elif item.successor is not None and item.successor not in declared:
            about.say(
                "unknown-name",
                f"the successor `{item.successor}` is no party",
                "successor",
                help=did_you_mean(item.successor, declared),
            )
        collector.take(about.findings)
        parties.setdefault(
            entry.name, Party(entry.name, item.kind, item.name or entry.name, item.since, item.until, item.successor)
        )
    for kind, name in book.unread:
        if kind == "party":  # it has its own finding; what it owns is owned all the same
            parties.setdefault(name, Party(name, None, name, None, None, None))
    return parties


def check_owner(
    about: About, owner: str | None, parties: Mapping[str, Party], today: dt.date, *, duty: str = "answers for"
) -> None:
    """``no-owner`` when nobody answers for a thing: no name, a name that no party has, or a party on leave today."""
    if owner is None:
        about.say(
            "no-owner",
            f"nobody answers for {about.title}",
            why="what nobody answers for has nobody who can be asked about it",
            help="add `owner:` with one of the parties",
        )
    else:
        check_party(about, parties, owner, ("owner",), duty=duty, today=today)


def read_unit(about: About, text: str, units: frozenset[str], *path: str | int) -> Unit | None:
    """Return the unit that ``text`` says, or None after a finding with near names."""
    unit, problems = _parsed_unit(text, units)
    for problem in problems:
        place = about.entry.origin.place(*path, offset=problem.span.start)
        about.findings.append(problem.finding(about.subject, place))
    return unit


@lru_cache(maxsize=1024)
def _parsed_unit(text: str, units: frozenset[str]) -> tuple[Unit | None, tuple[Problem, ...]]:
    """Parse a unit once, however many metrics are in it."""
    return parse_unit(text, units)


def resolve_assumptions(
    book: Book, units: frozenset[str], parties: Mapping[str, Party], collector: Collector, today: dt.date
) -> Mapping[str, Assumption]:
    """Return the assumptions by name.

    ``missing-key`` without a unit, for a price without one is no price; ``no-owner`` and ``no-definition`` when nobody
    answers for it or says where it comes from; ``wrong-argument`` for dates that do not follow each other.
    """
    assumptions: dict[str, Assumption] = {}
    for entry in book.of("assumption"):
        item = entry.item
        assert isinstance(item, declare.Assumption)
        about = About(entry)
        check_owner(about, item.owner, parties, today)
        if item.why is None:
            about.say(
                "no-definition",
                f"{about.title} does not say where its value comes from",
                why="an assumption that nobody can retrace is a guess with a decimal point",
                help="add `why:`",
            )
        lives = _lives(about, item)
        unit = None
        if item.unit is None:
            about.say(
                "missing-key",
                f"{about.title} has no unit",
                help="add `unit:`, such as `USD/minute`; a pure number has `unit: 1`",
            )
        else:
            unit = read_unit(about, item.unit, units, "unit")
        collector.take(about.findings)
        if unit is not None:
            assumptions.setdefault(
                entry.name,
                Assumption(entry.name, item.value, unit, item.owner, item.why or "", entry.origin.place(), lives=lives),
            )
    return assumptions


def _lives(about: About, item: declare.Assumption) -> tuple[Life, ...]:
    """Return the values of a price with the days in which each holds, newest first; none for one without dates."""
    if item.since is None and item.until is None and not item.earlier:
        return ()
    if item.since is not None and item.until is not None and item.until < item.since:
        about.say("wrong-argument", f"{about.title} ends before it begins", "until", help="turn `since` and `until` round")
    lives = [Life(item.value, item.since, None if item.until is None else item.until + dt.timedelta(days=1))]
    for place, older in enumerate(item.earlier):
        newer = lives[-1].since
        if newer is None:
            about.say(
                "missing-key", f"{about.title} was another before and does not say until when", *_newer(place),
                help="add `since:` with its first day",
            )  # fmt: skip
        elif older.since is not None and older.since >= newer:
            about.say(
                "wrong-argument", f"an earlier value of {about.title} begins on {older.since}, which is not before {newer}",
                "earlier", place, "since", help="write the newest first",
            )  # fmt: skip
        lives.append(Life(older.value, older.since, newer))
    return tuple(lives)


def _newer(place: int) -> tuple[str | int, ...]:
    return ("earlier", place - 1) if place else ()

"""Conversions: which rows are followed by which, and whose time is not over yet.

A row *converts* when a row of the same entity, equal in what must be the same, comes strictly after it and not later than the
window. It is *closed* when its window was over by the last row of those, or by the end of today where that is earlier.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from decisionlayer.resolve.language.types import Kind
from decisionlayer.resolve.model import Clock, Match, Measure, Project
from tests.reference.cells import Reader
from tests.reference.clocks import MONTHS, instant, local, point_in_time
from tests.reference.language import Value, exact, value_of
from tests.reference.question import Entry
from tests.reference.spans import DAYS, Outside, add
from tests.reference.walks import Row, World

#: A row that may follow: its key, its values of what must be the same, its time.
Event = tuple[tuple[Value, ...], tuple[Value, ...], dt.date]
#: Reads expressions from a row of what a measure counts.
RowReader = Callable[[Measure, Row], Reader]


@dataclass(frozen=True)
class Reading:
    """How two clocks are compared: as days where one is a date, as walls of one zone, else as points in time."""

    base: Clock
    target: Clock
    project: Project

    @property
    def is_daily(self) -> bool:
        return Kind.date in (self.base.type.kind, self.target.type.kind)

    def read(self, value: dt.date | None, clock: Clock) -> dt.date | None:
        if value is None:
            return None
        if not isinstance(value, dt.datetime):
            return value
        return local(value, clock, self.project).date() if self.is_daily else instant(value, clock, self.project)

    def later(self, moment: dt.date, count: int, unit: str) -> dt.date:
        """Return the end of a window; days go by the wall of the project."""
        if not isinstance(moment, dt.datetime):
            return add(dt.datetime.combine(moment, dt.time()), count, unit).date()
        if unit in DAYS or unit in MONTHS:
            shown = moment.astimezone(ZoneInfo(self.project.timezone)).replace(tzinfo=None)
            return point_in_time(add(shown, count, unit), self.project.timezone, later=True)
        return moment + count * dt.timedelta(**{f"{unit}s": 1})

    def over_by(self, moment: dt.date, today: dt.date) -> bool:
        """Say whether a time was over by the end of a day."""
        if not isinstance(moment, dt.datetime):
            return moment <= today
        tomorrow = dt.datetime.combine(today + dt.timedelta(days=1), dt.time())
        return moment < point_in_time(tomorrow, self.project.timezone, later=False)


class Followers:
    """The rows that may follow those of one conversion."""

    def __init__(self, world: World, measure: Measure, match: Match, reader: RowReader, today: dt.date | None) -> None:
        self.match = match
        self.today = today
        base = world.model.sources[measure.source].clock(measure.clock)
        target = world.model.sources[match.source].clock(match.clock)
        assert base is not None and target is not None
        self.reading = Reading(base, target, world.model.project)
        counted = Measure(match.source, measure.expr, None, match.where, match.clock)
        rows = [(row, reader(counted, row)) for row in world.rows[match.source]]
        times = [self.reading.read(row[target.column], target) for row, _ in rows]  # type: ignore[arg-type]
        #: When the last row was that may follow, whatever filters say.
        self.last = max((time for time in times if time is not None), default=None)
        self.events = [
            (tuple(exact(row[theirs]) for _, theirs in match.entity), tuple(read(theirs) for _, theirs in match.same), time)
            for (row, read), time in zip(rows, times, strict=True)
            if time is not None and (match.where is None or read(match.where) is True)
        ]

    def of(self, entries: list[Entry]) -> list[Entry]:
        """Return the rows of the conversion, each knowing what followed it; or each as often as it is the latest before one."""
        if self.match.by_event:
            return [entry for event in self.events for entry in self.latest(event, entries)]
        return [self.told(entry) for entry in entries]

    def told(self, entry: Entry) -> Entry:
        known = {"converted": False, "closed": False}
        if (mine := self.event(entry)) is not None and (ends := self.ends(mine)) is not None:
            key, same, moment = mine
            met = [at for other, alike, at in self.events if other == key and alike == same and None not in (*key, *same)]
            known = {
                "converted": any(moment < at <= ends for at in met),
                "closed": self.last is not None and ends <= self.last and self.is_over(ends),
            }
        return replace(entry, read=lambda expr: value_of(expr, lambda name: known[name.text]))

    def latest(self, event: Event, entries: list[Entry]) -> list[Entry]:
        """Return the latest row at or before an event, less than the window ago, in each of its groups."""
        key, same, moment = event
        found: list[tuple[dt.date, int]] = []
        for number, entry in enumerate(entries):
            mine = self.event(entry)
            if mine is None or mine[:2] != (key, same) or None in (*key, *same) or mine[2] > moment:
                continue
            ends = self.ends(mine)
            if self.match.count == 0 or ends is None or moment < ends:
                found.append((mine[2], number))
        row = entries[max(found)[1]].row if found else None
        return [entry for entry in entries if entry.row is row]

    def event(self, entry: Entry) -> Event | None:
        moment = self.reading.read(entry.when, self.reading.base)
        if moment is None:
            return None
        key = tuple(exact(entry.row[mine]) for mine, _ in self.match.entity)
        return key, tuple(entry.read(mine) for mine, _ in self.match.same), moment

    def ends(self, event: Event) -> dt.date | None:
        """Return when the window of a row is over; None where no calendar reaches."""
        try:
            return self.reading.later(event[2], self.match.count, self.match.unit)
        except (Outside, OverflowError):
            return None

    def is_over(self, ends: dt.date) -> bool:
        return self.today is None or self.reading.over_by(ends, self.today)

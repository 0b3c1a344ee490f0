"""What stretch of time a cell reads: metric functions as maps from one stretch to another.

A *span* is half open, ``[begins, ends)``, in microseconds since 1970 in UTC, so that hours in the night of a clock change stay apart
and no year is too early or too late. Days and longer are counted on the clock on the wall of the project.

=================  =========================================================
``prior``          moves the span by whole units
``period_start``   takes the first piece of a longer period
``trailing``       ends where the span ends, and is so long
``to_date``        ends where the span ends, begins with the longer period
``all_time``       ends where the span ends, and never begins
=================  =========================================================
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from decisionlayer.resolve.frames.calendars import Listed, YearsOfMonths, YearsOfWeeks
from decisionlayer.resolve.model import Project
from tests.reference.almanac import Pages, begins_of, pages
from tests.reference.clocks import MONTHS, SHORT, by_wall, first_day, past_in, point_in_time
from tests.reference.walks import Unanswerable

#: Before and after everything.
NEVER, FOREVER = -(10**30), 10**30
#: Where a stretch begins that no calendar reaches. A function that takes only its end does not ask.
UNTOLD = NEVER - 1

DAYS = {"day": 1, "week": 7}
#: A year of whole weeks, each with a number (ISO 8601).
ISO_YEAR = "week.year"
DAY = 24 * SHORT["hour"]
_EPOCH = dt.datetime(1970, 1, 1)
#: The days of some decades on which bare periods begin, by period and the first day of weeks: the same for every company.
_EDGES: dict[tuple[str, str], frozenset[dt.date]] = {}


class Outside(Exception):
    """A time that no calendar reaches: before the year 1 or after the year 9999."""


@dataclass(frozen=True)
class Span:
    """A stretch of time; ``grain`` is the period that was asked for, None where the range is the period."""

    begins: int = NEVER
    ends: int = FOREVER
    grain: str | None = None

    def holds(self, point: int) -> bool:
        return self.begins <= point < self.ends

    def cut(self, other: Span) -> Span:
        return replace(self, begins=max(self.begins, other.begins), ends=min(self.ends, other.ends))


class Wall:
    """The clock on the wall of a project: between points and the days that it shows."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.zone = ZoneInfo(project.timezone)
        self.known: dict[tuple[str, str], bool] = {}

    def point(self, shown: dt.datetime | dt.date, *, later: bool = False) -> int:
        """Return the point at which the wall shows a time; a date is its first moment."""
        if not isinstance(shown, dt.datetime):
            shown = dt.datetime.combine(shown, dt.time())
        try:
            return micros(point_in_time(shown, self.project.timezone, later=later).replace(tzinfo=None))
        except OverflowError:
            offset = shown.replace(tzinfo=self.zone).utcoffset() or dt.timedelta()
            return micros(shown) - offset // dt.timedelta(microseconds=1)

    def shown(self, point: int) -> dt.datetime:
        """Return what the wall shows at a point."""
        try:
            return _utc(point).astimezone(self.zone).replace(tzinfo=None)
        except OverflowError:
            raise Outside from None

    def edge(self, point: int, grain: str | None = None) -> dt.datetime:
        """Return where a stretch begins or ends: a day at midnight, and two hours at 02:00, also where clocks spring over it."""
        shown = self.shown(point)
        begins = shown - past_in(shown, grain if grain is not None and by_wall(grain) else "day")
        return begins if point == self.point(begins) else shown

    # -- periods ----------------------------------------------------------------------------------------------------

    def span_of(self, period: dt.date, grain: str) -> Span:
        """Return the span of a period by its name: a first day, or the point at which it began."""
        if isinstance(period, dt.datetime):
            begins = micros(period.astimezone(dt.UTC).replace(tzinfo=None))
            return Span(begins, self.later(begins, grain), grain)
        return Span(self.point(period), self.after(period, grain), grain)

    def later(self, point: int, grain: str, count: int = 1) -> int:
        """Return the point so many periods below a day later: as long as they are, and several hours by the wall."""
        if not by_wall(grain):
            return point + count * SHORT[grain]
        return self.point(self.edge(point, grain) + count * dt.timedelta(microseconds=SHORT[grain]))

    def period_at(self, point: int, grain: str) -> Span:
        """Return the period in which a point lies."""
        begins = self.start_of(point, grain)
        return Span(begins, self.later(begins, grain) if grain in SHORT else self.after(self.shown(begins).date(), grain), grain)

    def name_at(self, point: int, grain: str) -> dt.date:
        """Return the name of the period in which a point lies, as a row of the answer has it."""
        begins = self.start_of(point, grain)
        return _utc(begins) if grain in SHORT else self.shown(begins).date()

    def after(self, day: dt.date, grain: str) -> int:
        """Return where the period that begins on ``day`` ends."""
        if "." in grain:
            listed, own = self.pages(grain)
            found = listed.period(own, day)
            if found is None:
                raise Outside
            return self.point(found.after)
        try:
            return self.point(add(dt.datetime.combine(day, dt.time()), 1, grain))
        except Outside:
            return FOREVER

    def start_of(self, point: int, grain: str) -> int:
        """Return the beginning of the period in which a point lies."""
        shown = self.shown(point)
        if grain in SHORT:
            past = past_in(shown, grain)
            return self.point(shown - past) if by_wall(grain) else point - past // dt.timedelta(microseconds=1)
        first = first_day(shown.date(), grain, self.project)
        if first is None:
            raise Outside
        return self.point(first)

    # -- calendars ----------------------------------------------------------------------------------------------------

    def pages(self, unit: str) -> tuple[Pages, str]:
        """Return the calendar of a unit such as ``retail.week``, and its grain in it."""
        frame, _, grain = unit.partition(".")
        return pages(self.project.calendar(frame)), grain

    def plain(self, count: int, unit: str) -> tuple[int, str]:
        """Return a length of a calendar as months or weeks where it always is so many."""
        if "." in unit:
            listed, grain = self.pages(unit)
            if isinstance(listed.rule, YearsOfMonths):
                return count * {"month": 1, "quarter": 3, "half": 6, "year": 12}[grain], "month"
            if isinstance(listed.rule, YearsOfWeeks) and grain == "week":
                return count, "week"
        return count, unit

    def edges(self, unit: str) -> tuple[Collection[dt.date], dt.date, dt.date]:
        """Return the days of some decades on which periods begin, and between which days that is all of them."""
        if "." in unit:
            listed, grain = self.pages(unit)
            return begins_of(listed, grain), listed.starts[grain][0], listed.of[grain][-1].after
        first, last = dt.date(1990, 1, 1), dt.date(2060, 1, 1)
        said = unit, self.project.week_start
        if said not in _EDGES:
            days = (first + dt.timedelta(number) for number in range((last - first).days + 1))
            _EDGES[said] = frozenset(day for day in days if first_day(day, unit, self.project) == day)
        return _EDGES[said], first, last

    def makes(self, fine: str, coarse: str) -> bool:
        """Say whether each longer period is made of whole shorter ones."""
        if fine == coarse:
            return True
        if coarse in SHORT or fine in SHORT:
            return fine in SHORT and (coarse not in SHORT or SHORT[coarse] % SHORT[fine] == 0)
        if (fine, coarse) not in self.known:
            own, since, until = self.edges(fine)
            other, first, last = self.edges(coarse)
            first, last = max(first, since), min(last, until)
            # In a file nothing lies outside of it.
            whole = "." not in fine or not isinstance(self.pages(fine)[0].rule, Listed) or {since, until} >= {min(other), max(other)}
            self.known[fine, coarse] = whole and all(day in own for day in other if first <= day <= last)
        return self.known[fine, coarse]

    def finest(self, *units: str) -> str:
        """Return the longest period that makes up all of ``units``: days make both weeks and months."""
        for unit in (*units, "year", "quarter", "month", "week", "day"):
            if all(self.makes(unit, each) for each in units):
                return unit
        return min(units, key=lambda unit: SHORT[unit])

    def _in_calendar(self, span: Span, count: int, unit: str) -> Span:
        """Return the span ``count`` periods of a calendar earlier, whose periods are of several lengths.

        A whole asked period goes to the one that has its place. Else each end goes as many days in, or asked periods of the calendar.
        """
        whole = span.grain is not None and span.begins > NEVER and span.ends < FOREVER and (
            self.period_at(span.begins, span.grain) == Span(span.begins, span.ends, span.grain)
        )  # fmt: skip
        by = self._counted_by(span, unit)
        begins = span.begins if span.begins <= NEVER else self._far_in(span.begins, unit, -count, by, span.grain, is_end=False)
        if whole and span.grain is not None:
            return replace(span, begins=begins, ends=self.one_on(begins, span.grain))
        ends = FOREVER if span.ends == FOREVER else self._far_in(span.ends, unit, -count, by, span.grain, is_end=True)
        return replace(span, begins=begins, ends=ends)

    def one_on(self, point: int, grain: str) -> int:
        """Return the point one period later, which need not begin one: as many days into the next period of a calendar."""
        count, unit = self.plain(1, grain)
        if "." in unit:
            return self._far_in(point, unit, count, None, is_end=False)
        try:
            return self.point(add(self.edge(point), count, unit))
        except Outside:
            return FOREVER

    def _counted_by(self, span: Span, unit: str) -> str | None:
        """Return the grain in which ends are counted within a period: the asked one that makes it up, if both ends lie between two."""
        frame, _, grain = (span.grain or "").partition(".")
        if frame != unit.partition(".")[0] or not grain or not self.makes(span.grain or "", unit):
            return None
        edges = [self.edge(end) for end in (span.begins, span.ends) if NEVER < end < FOREVER]
        starts = begins_of(self.pages(unit)[0], grain)
        return grain if all(edge.time() == dt.time() and edge.date() in starts for edge in edges) else None

    def _far_in(self, point: int, unit: str, count: int, by: str | None, asked: str | None = None, *, is_end: bool) -> int:
        shown, (listed, grain) = self.edge(point, asked), self.pages(unit)
        found = listed.far_in(grain, count, shown.date(), by, is_end=is_end)
        if found is None:
            raise Outside
        return self.point(dt.datetime.combine(found, shown.time()))

    # -- metric functions -----------------------------------------------------------------------------------------------

    def prior(self, span: Span, count: int, unit: str) -> Span:
        """Return the span ``count`` units earlier.

        Both ends go by the same units. On days and shorter every day goes to a day: the 30th and the 31st of March both go to the last
        of February. On longer periods the end of a period goes to the end of a period.
        """
        if unit == ISO_YEAR:
            begins, last = self.edge(span.begins), self.shown(span.ends - 1)
            moved = dt.datetime.combine(self._week_before(last.date(), count), last.time())
            return replace(span, begins=self.point(dt.datetime.combine(self._week_before(begins.date(), count), begins.time())), ends=self.point(moved) + 1)
        count, unit = self.plain(count, unit)
        if "." in unit:
            return self._in_calendar(span, count, unit)
        if unit in SHORT:
            begins = span.begins if span.begins <= NEVER else self.later(span.begins, unit, -count)
            return replace(span, begins=begins, ends=self.later(span.ends, unit, -count))
        if span.grain in SHORT:
            if by_wall(span.grain):
                begins = span.begins if span.begins <= NEVER else self.point(add(self.edge(span.begins, span.grain), -count, unit))
                last = self.edge(self.start_of(span.ends - 1, span.grain), span.grain)
                return replace(span, begins=begins, ends=self.point(add(last, -count, unit) + (self.edge(span.ends, span.grain) - last)))
            begins = span.begins if span.begins <= NEVER else self.point(add(self.shown(span.begins), -count, unit))
            length = min(SHORT[span.grain], span.ends - span.begins)  # a piece of an hour is as long there, what gathers ends with an hour
            return replace(span, begins=begins, ends=self.point(add(self.shown(span.ends - length), -count, unit)) + length)
        begins = span.begins if span.begins <= NEVER else self.point(add(self.edge(span.begins), -count, unit))
        return replace(span, begins=begins, ends=self._ends_earlier(span, count, unit))

    @staticmethod
    def _week_before(day: dt.date, years: int) -> dt.date:
        """Return the day of the week of the same number; the 53rd may have none."""
        year, week, weekday = day.isocalendar()
        try:
            return dt.date.fromisocalendar(year - years, week, weekday)
        except ValueError:
            raise Outside from None

    def _ends_earlier(self, span: Span, count: int, unit: str) -> int:
        if span.ends == FOREVER:
            if span.begins == NEVER:
                return FOREVER
            raise Outside
        ends = self.edge(span.ends)
        daily = span.grain == "day" or (ends.day != 1 or ends.time() != dt.time())
        if unit in MONTHS and daily and ends.time() == dt.time():
            return self.point(add(ends - dt.timedelta(days=1), -count, unit) + dt.timedelta(days=1))
        return self.point(add(ends, -count, unit))

    def told(self, span: Span) -> Span:
        """Return the span that is read; :class:`Outside` where nobody knows when it begins."""
        if span.begins == UNTOLD:
            raise Outside
        return span

    def trailing(self, span: Span, count: int, unit: str) -> Span:
        """Return the ``count`` units that end with the span; those that begin before a calendar have no beginning to tell."""
        if span.ends == FOREVER and span.grain is None:
            raise Outside
        count, unit = self.plain(count, unit)
        if span.ends == FOREVER and unit not in SHORT and "." not in unit:  # the last day of all
            begins = add(dt.datetime(9600, 1, 1), -count, unit)  # calendars begin anew after 400 years
            return replace(span, begins=self.point(begins.replace(year=begins.year + 400)))
        if "." in unit:
            try:
                return replace(span, begins=self._far_in(span.ends, unit, -count, self._counted_by(span, unit), span.grain, is_end=True))
            except Outside:
                return replace(span, begins=UNTOLD)
        if unit in SHORT:
            return replace(span, begins=span.ends - count * SHORT[unit])
        try:
            return replace(span, begins=self.point(add(self.edge(span.ends, span.grain), -count, unit)))
        except Outside:
            return replace(span, begins=NEVER)

    def to_date(self, span: Span, unit: str) -> Span:
        """Return the span from the start of the unit in which its last moment lies."""
        try:
            return replace(span, begins=self.start_of(span.ends - 1, unit))
        except Outside:
            if "." not in unit:
                raise
            return replace(span, begins=UNTOLD)

    def all_time(self, span: Span) -> Span:
        return replace(span, begins=NEVER)

    def period_start(self, span: Span, unit: str) -> Span:
        """Return the first piece of the unit in which the span begins, as long as the asked period."""
        if span.begins == NEVER:
            raise Unanswerable("what has no beginning has no first piece")
        if span.begins == UNTOLD:
            raise Outside
        begins = self.start_of(span.begins, unit)
        if span.grain is None:
            length = self.edge(span.ends) - self.edge(span.begins)
            return replace(span, begins=begins, ends=self.point(self.edge(begins) + length))
        if span.grain in SHORT:
            return replace(span, begins=begins, ends=self.later(begins, span.grain))
        return replace(span, begins=begins, ends=self.one_on(begins, span.grain))

    def length(self, span: Span, unit: str) -> float:
        """Return how many units a span is long: days of the calendar, or months where it is made of months."""
        unit = self.plain(1, unit)[1]
        if unit in SHORT:
            return (span.ends - span.begins) / SHORT[unit]
        if span.grain in SHORT:  # as many hours as passed, 24 of them a day
            return (span.ends - span.begins) / (DAYS[unit] * DAY)
        begins, ends = self.edge(span.begins), self.edge(span.ends)
        if unit in DAYS:
            return (ends - begins) / dt.timedelta(days=DAYS[unit])
        months = (ends.year - begins.year) * 12 + ends.month - begins.month
        return months / MONTHS[unit]


def _utc(point: int) -> dt.datetime:
    return (_EPOCH + dt.timedelta(microseconds=point)).replace(tzinfo=dt.UTC)


def micros(moment: dt.datetime) -> int:
    """Return a moment of UTC, without its zone, as microseconds."""
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)


def add(shown: dt.datetime, count: int, unit: str) -> dt.datetime:
    """Return what the wall shows ``count`` days, weeks, months … later; a day that the month lacks is its last one."""
    if unit in DAYS:
        try:
            return shown + dt.timedelta(days=count * DAYS[unit])
        except OverflowError:
            raise Outside from None
    months = shown.year * 12 + shown.month - 1 + count * MONTHS[unit]
    year, month = months // 12, months % 12 + 1
    if not 1 <= year <= 9999:
        raise Outside
    return shown.replace(year=year, month=month, day=min(shown.day, _days_in(year, month)))


def _days_in(year: int, month: int) -> int:
    return 31 if month == 12 else (dt.date(year, month + 1, 1) - dt.timedelta(days=1)).day

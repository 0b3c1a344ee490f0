"""Which of the rows that a measure counts are read in a cell: at other times, at instants of stocks, in like units only."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from decisionlayer.resolve.model import Measure
from tests.reference.clocks import is_attribute, timed
from tests.reference.counted import Counted
from tests.reference.language import Value
from tests.reference.looks import ACCUMULATING, Look, below_the_whole, fits, mapped
from tests.reference.question import Cell, Entry, Leaf, Part
from tests.reference.spans import FOREVER, NEVER, Outside, Span
from tests.reference.stocks import picked
from tests.reference.walks import Row, Unanswerable


class Readings(Counted):
    """What the cells of one question read."""

    def over_time(self, leaf: Leaf) -> str | None:
        """Return how a stock is read along time; None for what is no stock."""
        return leaf.context.over_time or self.measure(leaf).over_time

    def named_at(self, leaf: Leaf) -> list[int]:
        """Return the places of the splits that are what a period is called: of time, and no group that stands at every instant."""
        return [place for place in self.kept(leaf) if is_attribute(self.question.splits[place], self.question.calendars)]

    def standing_at(self, leaf: Leaf, times: Part, group: tuple[Part, ...]) -> list[Entry]:
        """Return the rows of the population in a period: they say at which instants a stock was measured."""
        if leaf.bare not in self.standing:
            measure = self.measure(leaf)
            _, of_time = self.filters()
            called = [path for path in self.question.splits if is_attribute(path, self.question.calendars)]
            self.standing[leaf.bare] = [
                self.entry(leaf, measure, row, tuple(self.group_value(path, leaf.metric, measure, row) for path in called), of_time)
                for row in self.world.rows[measure.source]
                if self.is_asked_about(leaf, row)
            ]
        found = self.chosen(self.standing[leaf.bare], leaf, times) or []
        named = tuple(group[place] for place in self.named_at(leaf))
        return [one for one in found if not named or one.cell.group == named]

    def picked(self, leaf: Leaf, entries: list[Entry], times: Part) -> list[Entry]:
        """Return the rows of a stock that count in a period; all of them where it is none."""
        how, measure = self.over_time(leaf), self.measure(leaf)
        if how is None:
            return entries

        def thing(entry: Entry) -> tuple[Value, ...]:
            when = self.when(measure, entry.row)
            return tuple(self.world.read(measure.source, entry.row, path, when) for path in measure.last_of_each)

        named = self.named_at(leaf)
        found: list[Entry] = []
        for called in dict.fromkeys(tuple(one.cell.group[place] for place in named) for one in entries):
            alike = [one for one in entries if tuple(one.cell.group[place] for place in named) == called]
            found += picked(alike, self.standing_at(leaf, times, alike[0].cell.group), how, thing)
        return found

    def span_read(self, leaf: Leaf, times: Part) -> Span | None:
        """Return the stretch that a measure reads for a period; None where there is none, so that its value is missing."""
        span, looks = self.start_of(leaf.looks, times)
        if span is None:
            return None
        span = self._like_part(span)
        measure = self.measure(leaf)
        extent = self.extent(measure)
        asked = self.grain
        try:
            for look in looks:
                if extent is not None and look.function in ACCUMULATING:
                    span = self._not_beyond(span, asked, leaf.context.last or extent[1], look)
                if extent is not None and look.function == "first" and span.grain is not None:
                    first = extent[0] if leaf.context.first is None else leaf.context.first
                    span = span.cut(Span(self.wall.start_of(first, look.unit))) if span.holds(first) else span
                span = mapped(look, span, self.wall, self.range)
                # A first day is what it is asked by day, and the first piece of a longer period one of the asked ones.
                asked = look.unit if look.function == "first" else self.grain if look.function == "period_start" else asked
            self.wall.told(span)
        except Outside:
            return None
        return None if extent is None or span.ends <= extent[0] or span.begins > extent[1] else span

    def length(self, looks: tuple[Look, ...], cell: Cell, unit: str) -> float | None:
        """Return how many units the period is long that is read through ``looks``."""
        span, looks = self.start_of(looks, cell.times)
        if span is None:
            return None
        span = self._like_part(span)
        try:
            for look in looks:
                span = mapped(look, span, self.wall, self.range)
            return self.wall.length(self.wall.told(span), unit)
        except Outside:
            return None

    def check_length(self) -> None:
        """Without a split by time the range is the period, and has a length where it has both ends."""
        if self.range.begins == NEVER or self.range.ends == FOREVER:
            raise Unanswerable("per needs a period")

    def check_filled(self) -> None:
        """Gaps are filled between periods, so there must be some."""
        if self.question.fill is not None and not self.question.periods:
            raise Unanswerable("fill needs a period")

    def check_period(self, leaf: Leaf) -> None:
        """Without a split by time the range is the period; what only ends with it needs no beginning."""
        looks = below_the_whole(leaf.looks)
        for look in looks:
            if not fits(look, self.grain, self.wall):
                raise Unanswerable(f"{look.unit} and {self.grain} are not made of each other")
        self.is_mean(leaf)  # which needs a period
        first = next((look.function for look in looks if not look.forgets), "")
        begins = first in ACCUMULATING or self.range.begins != NEVER
        if self.grain is None and first and not (begins and self.range.ends != FOREVER):
            raise Unanswerable(f"{leaf.metric} needs a period")

    def _not_beyond(self, span: Span, asked: str | None, last: int, look: Look) -> Span:
        """Return a span in which the data end up to the period of the last row, where that is shorter than the asked one.

        By month the last 28 days of a month that still runs are those up to the last row. By year the year up to two months
        before stays that year, also where the data end in the one before.
        """
        if span.grain is None or asked is None or not span.holds(last) or span.ends == FOREVER:
            return span
        finest = self.wall.finest(asked, look.unit or asked)
        if finest == asked:
            return span
        try:
            return span.cut(Span(ends=self.wall.period_at(last, finest).ends))
        except Outside:  # of the calendar
            return span

    def read(self, leaf: Leaf, cell: Cell) -> list[Entry] | None:
        """Return the rows that a measure reads for a cell; None where it is asked about a time that the data do not touch."""
        entries = self.at(leaf, cell.times)
        if entries is None:
            return None
        kept = self.kept(leaf)
        ranked = len(self.question.splits) - self.beyond_first
        if self.first is not None and any(place < ranked and place not in self.named_at(leaf) for place in kept):
            kept = [*kept, len(self.question.splits)]  # a group keeps whether it is the rest, a time has none
        found = [one for one in entries if all(one.cell.group[place] == cell.group[place] for place in kept)]
        return found if len(kept) >= len(self.question.splits) else self.once(leaf, found, kept)

    def is_mean(self, leaf: Leaf) -> bool:
        """Say whether a measure is read day by day; by day a day is all that there is."""
        unit = next((look.unit for look in below_the_whole(leaf.looks) if look.function == "avg"), None)
        if unit is not None and self.grain is None:
            raise Unanswerable(f"{leaf.metric} needs a period")
        return unit is not None and not self.wall.makes(self.grain or "day", unit)

    def days(self, leaf: Leaf, times: Part) -> list[Span | None] | None:
        """Return what a measure reads on each day of a period, from the first to the last row of all that its number stands on.

        Of a day outside of a calendar nobody knows what it reads.
        """
        span, extent = self.span(times), self.extent(self.measure(leaf))
        place = next(number for number, look in enumerate(leaf.looks) if look.function == "avg")
        unit = leaf.looks[place].unit
        span = None if span is None else self.reads(leaf.looks[:place], span)
        if span is None or extent is None:
            return None
        found: list[Span | None] = []
        first = extent[0] if leaf.context.first is None else leaf.context.first
        last = extent[1] if leaf.context.last is None else leaf.context.last
        point = max(span.begins, self.wall.start_of(first, unit))
        while point < min(span.ends, self.wall.period_at(last, unit).ends):
            day = self.wall.period_at(point, unit)
            point = day.ends
            found.append(self.reads(leaf.looks[place + 1 :], day))
        is_known = any(day is not None and extent[0] < day.ends and day.begins <= extent[1] for day in found)
        return found if is_known else None

    def reads(self, looks: tuple[Look, ...], span: Span) -> Span | None:
        """Return what is read through looks where a span is asked; None where nobody knows."""
        try:
            for look in looks:
                span = mapped(look, span, self.wall, self.range)
            return self.wall.told(span)
        except Outside:
            return None

    def each_day(self, leaf: Leaf, cell: Cell) -> list[list[Entry]] | None:
        """Return the rows that a measure reads for a cell on each of its days."""
        days, entries = self.days(leaf, cell.times), self.read(leaf, cell)
        if not days or entries is None:
            return None
        told = [day for day in days if day is not None]
        if len(told) < len(days):
            return None
        return [[one for one in entries if one.point is not None and day.holds(one.point)] for day in told]

    def has_rows(self, leaf: Leaf, cell: Cell) -> bool:
        """Say whether a cell has rows of a measure; one of which no share is in its group is none."""
        return any(one.share is None or one.share for one in self.read(leaf, cell) or ())

    def once(self, leaf: Leaf, entries: list[Entry], kept: list[int]) -> list[Entry]:
        """Return rows that stand under several parts once each, where those parts are not told apart: with their share in what is kept."""
        measure = self.measure(leaf)
        if not any(self.split_road(path, measure.source) for path in self.question.splits):
            return entries
        if self.first is None:
            splits = tuple(self.question.splits[place] for place in kept)
            each = {id(one.row): one for one in entries}.values()
            return [replace(one, share=self.share_in(leaf, one, splits, tuple(one.cell.group[place] for place in kept))) for one in each]
        found: dict[int, Entry] = {}
        for one in entries:
            known = found.get(id(one.row))
            share = None if known is None or one.share is None or known.share is None else known.share + one.share
            found[id(one.row)] = one if known is None else replace(known, share=share)
        return list(found.values())

    def share_in(self, leaf: Leaf, one: Entry, splits: tuple[str, ...], group: tuple[Part, ...]) -> Fraction | None:
        """Return how much of a row counts in a group by some of the splits."""
        return dict(self.groups(leaf.metric, self.measure(leaf), one.row, splits))[group]

    def at(self, leaf: Leaf, times: Part) -> list[Entry] | None:
        """Return the rows that a measure reads for a period, of whatever group."""
        entries = self.at_any_instant(leaf, times)
        return None if entries is None else self.picked(leaf, entries, times)

    def at_any_instant(self, leaf: Leaf, times: Part) -> list[Entry] | None:
        """Return the same, those of a stock at all of its instants."""
        entries = self.chosen(self.entries(leaf), leaf, times)
        if entries is None or not self.is_like_for_like:
            return entries
        members = self.members(leaf, times)
        return [one for one in entries if self.unit(self.measure(leaf), one.row) in members]

    @property
    def is_like_for_like(self) -> bool:
        return (self.question.basis or "").startswith("like_for_like")

    def unit(self, measure: Measure, row: Row) -> tuple[Value, ...]:
        """Return which unit of the only reporting line a row is of."""
        (of,) = {line.of for line in self.world.model.hierarchies.values()}
        return self.group_value(of, "", measure, row)

    def members(self, leaf: Leaf, times: Part) -> set[tuple[Value, ...]]:
        """Return the units with rows in a period and in all that it is set beside, in each source and clock of the number that they are asked for."""
        own = self.measure(leaf)
        sides = {(one.source, one.clock): one for one in (self.measure(each) for each in self.leaves(leaf.context.asked))}
        found = [self.members_of(one, times) for one in (sides.values() if len(sides) > 1 else [own])]
        return {unit for unit in set.intersection(*found) if None not in unit}

    def members_of(self, measure: Measure, times: Part) -> set[tuple[Value, ...]]:
        """Return the units of which a source has rows in a period and in all that it is set beside."""
        found: set[tuple[Value, ...]] | None = None
        for looks in ((), *self.beside_each_other()):
            span = self.stretch(looks, Cell(times, ()))
            there = {
                self.unit(measure, row)
                for row in self.world.rows[measure.source]
                if span is not None and (point := self.point(measure, row)) is not None and span.holds(point)
            }
            found = there if found is None else found & there
        return found or set()

    def beside_each_other(self) -> list[tuple[Look, ...]]:
        """Return how the times are read that a question sets side by side: what it compares with, else what its formulas read."""
        compared = [(self.compared(name),) for name in self.looked]
        of_formulas = [tuple(look for look in leaf.looks if not look.forgets) for leaf in self.asked()]
        return compared or [looks for looks in dict.fromkeys(of_formulas) if looks]

    def chosen(self, entries: list[Entry], leaf: Leaf, times: Part) -> list[Entry] | None:
        """Return those of some rows that lie in what is read for a period."""
        looks = below_the_whole(leaf.looks)
        whole = looks != leaf.looks
        if all(look.forgets for look in looks):
            return [one for one in entries if one.inside and (whole or one.cell.times == times)]
        if self.is_mean(leaf):
            days = self.days(leaf, times)
            if days is None:
                return None
            return [one for one in entries if one.point is not None and any(day is not None and day.holds(one.point) for day in days)]
        span = self.span_read(leaf, times)
        if span is None:
            return None
        return [one for one in entries if one.point is not None and span.holds(one.point)]

    def kept(self, leaf: Leaf) -> list[int]:
        """Return the places of the splits that no function above the measure drops; a part of a time is time, as a period is."""
        splits, places = self.question.splits, list(range(len(self.question.splits)))
        for look in leaf.looks:
            if look.forgets:
                calendars = None if look.forgets_time else self.question.calendars
                places = [at for at in places if splits[at] in look.keeps or (calendars is not None and timed(splits[at], calendars))]
        return places

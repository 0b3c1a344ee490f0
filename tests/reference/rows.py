"""Which cells a question has."""

from __future__ import annotations

from itertools import product

from decisionlayer.resolve.language.tree import Name
from decisionlayer.resolve.language.types import DATE
from decisionlayer.resolve.model import Clock
from tests.reference.clocks import (
    attribute,
    is_attribute,
)
from tests.reference.language import Value, value_of
from tests.reference.question import Cell, Entry, Leaf, Part
from tests.reference.readings import Readings
from tests.reference.spans import FOREVER, NEVER, Outside, Span


class Rows(Readings):
    """The rows and the cells of one question."""

    def cells(self) -> list[Cell]:
        """Return the cells of the answer.

        Periods are those in which a measure of the question has a row in the range, like for like one of a like unit; in each of them
        stand the groups of which a metric reads a row there, be it of another time. What reads more than its group makes no cell, unless
        nothing else does; what reads the whole range makes no period beside what reads its group.
        Without any split there is one cell, whatever is read.
        """
        if not self.question.by:
            return [Cell((), ())]
        leaves = list(dict.fromkeys(self.asked()))
        own = [leaf for leaf in leaves if self.reads_its_group(leaf)]
        times = list(dict.fromkeys(
            one.cell.times
            for leaf in ([leaf for leaf in leaves if not self.forgets_time(leaf)] if own else leaves)
            for one in self.entries(leaf)
            if one.inside and self.stood(leaf, one)
        ))  # fmt: skip
        if self.is_like_for_like:
            times = [time for time in times if any(self.stood(leaf, one) for leaf in leaves for one in self.at_any_instant(leaf.bare, time) or ())]
        if not self.question.periods:
            times = [()]
        if self.question.fill == "spine":
            times = self.filled(times)
        own = own or [leaf.bare for leaf in leaves]
        found = {time: dict.fromkeys(one.cell.group for leaf in own for one in self.at(leaf, time) or ()) for time in times}
        if self.question.fill == "spine":
            everybody = dict.fromkeys(group for groups in found.values() for group in groups)
            return [Cell(*both) for both in product(times, everybody or ([] if self.question.splits else [()]))]
        return [Cell(time, group) for time, groups in found.items() for group in groups]

    def stood(self, leaf: Leaf, one: Entry) -> bool:
        """Say whether a row is of any time that its measure knows of: one of a stock may have stood at no instant."""
        return one.when is not None or not self.over_time(leaf)

    def reads_its_group(self, leaf: Leaf) -> bool:
        """Say whether a measure reads no more than the group of the cell, so that its rows make one."""
        return not self.forgets_time(leaf) and len(self.kept(leaf)) == len(self.question.splits)

    def forgets_time(self, leaf: Leaf) -> bool:
        """Say whether a measure reads the whole range, whatever the period."""
        return bool(self.question.periods) and any(look.forgets_time for look in leaf.looks)

    def is_asked(self, begins: int) -> bool:
        """Say whether the conditions on time alone keep a period, by where it begins."""
        _, of_time = self.filters()

        def told(name: Name) -> Value:
            if is_attribute(name.text, self.question.calendars):
                return attribute(self.wall.shown(begins), Clock("", "day", DATE, None), name.text, self.world.model.project)
            return self.called(begins, name.text)

        return all(value_of(each, told) is True for each in of_time)

    def filled(self, times: list[Part]) -> list[Part]:
        """Return every period of the range, or from the first to the last of ``times`` where the range is open."""
        if self.grain is None:
            return times
        place = self.question.periods.index(self.grain)
        known = [time[place] for time in times if time[place] is not None]
        is_open = self.range.begins == NEVER or self.range.ends == FOREVER
        if is_open and not known:
            return times
        begins = self.filled_by_calendar(known) if "." in self.grain else self.filled_in_steps(known)
        asked = [each for each in begins if self.is_asked(each)]
        named = [tuple(self.called(each, period) for period in self.question.periods) for each in asked]
        return named + [time for time in times if time[place] is None]

    def called(self, begins: int, period: str) -> Value:
        """Return the period in which another one begins; outside of a calendar there is none."""
        try:
            return self.wall.name_at(begins, period)
        except Outside:
            return None

    def filled_in_steps(self, known: list[Value]) -> list[int]:
        """Return where the periods begin from the first to the last of the range, or of what is ``known``."""
        assert self.grain is not None
        spans = [self.wall.span_of(name, self.grain) for name in known]  # type: ignore[arg-type]
        begins = self.range.begins if self.range.begins != NEVER else min(span.begins for span in spans)
        ends = self.range.ends if self.range.ends != FOREVER else max(span.ends for span in spans)
        found: list[int] = []
        while begins < ends:
            found.append(begins)
            begins = self.wall.period_at(begins, self.grain).ends
        return found

    def filled_by_calendar(self, known: list[Value]) -> list[int]:
        """Return where the periods begin that the calendar lists in the range, or between the first and the last of what is ``known``."""
        assert self.grain is not None
        listed, grain = self.wall.pages(self.grain)
        found: list[int] = []
        for one in listed.of[grain]:
            span = Span(self.wall.point(one.begins), self.wall.point(one.after))
            late = self.range.begins == NEVER and one.begins < min(known)  # type: ignore[type-var]
            early = self.range.ends == FOREVER and max(known) < one.begins  # type: ignore[type-var]
            if span.begins < self.range.ends and self.range.begins < span.ends and not late and not early:
                found.append(span.begins)
        return found

"""Whether periods of a calendar are as long as those they are compared with: DL403."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from decisionlayer.findings import Finding
from decisionlayer.plan.bind.calendars import counterpart
from decisionlayer.plan.bind.ranges import Range
from decisionlayer.plan.bind.tree import Node
from decisionlayer.resolve.drafting.looks import Look
from decisionlayer.resolve.frames.calendars import Calendar, Listed
from decisionlayer.resolve.meaning.comparing import unequal_periods
from decisionlayer.resolve.model import Project


def unequal(unit: str, look: Look, range: Range, project: Project) -> Finding | None:
    """DL403 for a period of the range that is longer or shorter than the one it is compared with; whatever the data hold."""
    asked = project.almanac.parse(unit)
    if look.function != "prior" or look.unit is None or asked is None or asked.calendar is None or project.almanac.is_even(unit):
        return None
    calendar = project.calendar(asked.calendar)
    of = project.almanac.parse(look.unit)
    if of is None or of.calendar != asked.calendar:
        return None
    start, end = (None if edge is None else edge.wall.date() for edge in (range.start, range.end))
    for begins_on, days, past, past_days in compared_lengths(calendar, asked.base, of.base, look.count * of.count, start, end):
        lengths = (dt.timedelta(days=count) for count in (days, past_days))
        return unequal_periods(f"the {unit} of {begins_on}", next(lengths), f"the one of {past}", next(lengths), "question")
    return None


def divided(leaf: Node, look: Look) -> bool:
    """Whether a measure that is read in another cell is divided by how long that cell is, so that its length tells nothing."""
    looks = leaf.context.looks
    return any(each.function == "per" for each in looks[looks.index(look) + 1 :])


#: Where nothing says which periods are asked, those of these years are looked at: every kind of year is among them.
_FIRST, _LAST = dt.date(2000, 1, 1), dt.date(2041, 1, 1)


def compared_lengths(
    calendar: Calendar, grain: str, unit: str, count: int, start: dt.date | None, end: dt.date | None
) -> Iterator[tuple[dt.date, int, dt.date, int]]:
    """Yield each period between two days that is not as long as the one ``count`` units before: both, with their days."""
    rule = calendar.rule
    lowest, highest = (rule.starts[grain][0], rule.after) if isinstance(rule, Listed) else (_FIRST, _LAST)
    day: dt.date | None = max(start, lowest) if start is not None and isinstance(rule, Listed) else start or lowest
    last = end or highest
    while day is not None and day < last and (begins := calendar.start(grain, day)) is not None:
        after = calendar.after(grain, begins)
        past = counterpart(calendar, unit, grain, begins, -count, clamped=False)
        ends = None if past is None else calendar.after(grain, past)
        if after is not None and past is not None and ends is not None and after - begins != ends - past:
            yield begins, (after - begins).days, past, (ends - past).days
        day = after

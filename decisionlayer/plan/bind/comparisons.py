"""Comparisons: what a question sets beside each of its metrics, by calendar and never by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from decisionlayer.findings import Finding
from decisionlayer.plan.bind.moments import told
from decisionlayer.plan.bind.periods import Period, is_plain
from decisionlayer.plan.bind.ranges import Range, walls_of
from decisionlayer.plan.bind.tree import Comparison
from decisionlayer.resolve.drafting.looks import Look
from decisionlayer.resolve.frames.timeunits import MICROSECONDS, is_below_a_day
from decisionlayer.resolve.language.types import FLOAT, DataType
from decisionlayer.resolve.model import Project


def comparisons(
    asked: Iterable[str], metrics: Iterable[str], period: Period | None, range: Range, project: Project, findings: list[Finding]
) -> tuple[Comparison, ...]:
    """Return what a question sets beside each of its metrics; findings for what its periods have no counterpart of."""
    found: list[Comparison] = []
    metrics = tuple(metrics)
    for word in asked:
        if word == "target":  # no other cell, but what was promised for this one
            continue
        look = _comparison(word, period, range, project, findings)
        if look is not None:
            found += (Comparison(f"{metric}__{word}", metric, look) for metric in metrics)
    return tuple(found)


def compared_columns(column: str, type: DataType) -> tuple[tuple[str, DataType], ...]:
    """Return the columns of one comparison: the other value, the change, and the change as a fraction of the other."""
    return (column, type), (f"{column}_change", type), (f"{column}_pct", FLOAT)


def _weeks_without_years(project: Project) -> Finding:
    """``needs-period``: only weeks from Monday to Sunday have a number that everybody knows; others have their calendar's."""
    own = (f"{name}.week" for name, calendar in project.calendars.items() if "week" in calendar.grains)
    fitting = next((unit for unit in own if project.almanac.is_whole("week", unit)), None)
    declare = "declare a calendar of weeks (`frames`) and ask by its week"
    return Finding(
        "needs-period", "question",
        f"`year_ago` sets a week beside the one of its number, and weeks from {project.week_start} have no number",
        why="a year is no number of weeks: only a calendar says which is the first, and whether there is a 53rd",
        help=f"{f'ask by `{fitting}`' if fitting else declare}, or by day with `same_weekday_last_year`",
    )  # fmt: skip


def _comparison(word: str, period: Period | None, range: Range, project: Project, findings: list[Finding]) -> Look | None:
    if period is not None and (period.unit is None or not is_plain(period.unit)):
        needs_period(f"`compare` with `{word}`", findings)
        return None
    unit = None if period is None else period.unit
    if unit is None and (range.start is None or range.end is None):
        needs_period(f"`compare` with `{word}`", findings)
        return None
    match word:
        case "previous" if unit is None:
            return _length_of(range, project)
        case "previous":
            return Look("prior", 1, unit)
        case "year_ago" if unit == "week" and project.almanac.calendar("week") is None:
            findings.append(_weeks_without_years(project))
            return None
        case "year_ago" if unit is not None and (frame := unit.partition(".")[0]) and (frame == "week" or "." in unit):
            return Look("prior", 1, f"{frame}.{project.calendar(frame).coarsest}")
        case "year_ago":
            return Look("prior", 1, "year")
        case _ if unit is not None and unit != "day" and not is_below_a_day(unit):
            findings.append(Finding(
                "needs-period", "question", f"`{word}` sets a day beside a day, and the question asks by {unit}",
                why="364 days before a period of another length lies no such period", help="ask by day, or compare with `year_ago`",
            ))  # fmt: skip
            return None
        case _:
            return Look("prior", 364, "day")


def _length_of(range: Range, project: Project) -> Look:
    """Return the move by a whole range: in months where it is made of them, in days, else by as much as passed in it."""
    assert range.start is not None and range.end is not None
    start, end = range.start.wall, range.end.wall
    if all(each.day == 1 and each.time() == dt.time() for each in (start, end)):
        return Look("prior", (end.year - start.year) * 12 + end.month - start.month, "month")
    days, rest = divmod(end - start, dt.timedelta(days=1))
    if days and not rest:
        return Look("prior", days, "day")
    opening, closing = (None if wall is None else told(wall, project.timezone) for wall in walls_of(range, project))
    passed = end - start if opening is None or closing is None else closing - opening
    length = passed // dt.timedelta(microseconds=1)
    unit = next(each for each in ("second", "millisecond", "microsecond") if length % MICROSECONDS[each] == 0)
    return Look("prior", length // MICROSECONDS[unit], unit)


def needs_period(what: str, findings: list[Finding]) -> None:
    """Add ``needs-period``: what reads another cell has none to read where the question has no periods."""
    findings.append(Finding(
        "needs-period", "question", f"{what} needs a period",
        why="without one there is no other cell to read", help="ask `by` a period such as month, or give `start` and `end`",
    ))  # fmt: skip

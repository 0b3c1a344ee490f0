"""A metric function in a formula or a comparison of a question, as one look: what is read instead of the cell that is asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name
from decisionlayer.resolve.model import Formula
from tests.reference.spans import FOREVER, ISO_YEAR, NEVER, SHORT, Span, Wall
from tests.reference.walks import Unanswerable

#: The functions whose first argument is read elsewhere; ``per`` reads its own cell and divides.
LOOKING = ("prior", "period_start", "trailing", "to_date", "all_time", "total")
ACCUMULATING = ("trailing", "to_date", "all_time")


@dataclass(frozen=True)
class Look:
    """One function with what it says: a length (``count`` of ``unit``), a period (``unit``) or the splits that it keeps."""

    function: str
    count: int = 0
    unit: str = ""
    keeps: tuple[str, ...] = ()

    @property
    def forgets(self) -> bool:
        """Whether it drops splits."""
        return self.function == "total"

    @property
    def forgets_time(self) -> bool:
        """Whether it drops the period too, and reads the whole range."""
        return self.forgets and "all" in self.keeps


def look_of(call: Call) -> Look:
    """Return the look that a call of a metric function is."""
    said = call.arguments[1:]
    match call.function:
        case "prior" | "trailing":
            return Look(call.function, *length_of(said[0]))
        case "to_date" | "period_start":
            return Look(call.function, 1, period_of(said[0]))
        case "all_time":
            return Look(call.function)
        case "total":
            return Look(call.function, keeps=tuple(period_of(path) for path in said))
    raise Unanswerable(f"{call.function} is no look")


def opening(formula: Formula) -> tuple[Look, ...]:
    """Return the look around a whole formula: its first day, or the mean over its days, where it says so."""
    return () if formula.over_time is None else (Look(formula.over_time, 1, formula.instants),)


def length_of(written: Expr) -> tuple[int, str]:
    assert isinstance(written, Literal) and isinstance(written.value, str)
    count, unit = written.value.split()
    plain = unit.removesuffix("s")
    return int(count), plain


def period_of(written: Expr) -> str:
    return written.text if isinstance(written, Name) else str(written.value) if isinstance(written, Literal) else ""


def fits(look: Look, grain: str | None, wall: Wall) -> bool:
    """Say whether asked periods have one that is so much earlier: a week has no month before it."""
    if grain in SHORT and "." in wall.plain(1, look.unit)[1] and look.function != "to_date":
        return False  # hours are not counted into years of weeks
    if look.function != "prior" or grain is None:
        return True
    return wall.finest(look.unit, grain) in (look.unit, grain)


def mapped(look: Look, span: Span, wall: Wall, whole: Span) -> Span:
    """Return the span that is read through ``look`` where ``span`` is asked; ``whole`` is the range of the question."""
    match look.function:
        case "prior":
            return wall.prior(span, look.count, look.unit)
        case "trailing":
            return wall.trailing(span, look.count, look.unit)
        case "to_date":
            return wall.to_date(span, look.unit)
        case "all_time":
            return wall.all_time(span)
        case "period_start":
            return wall.period_start(span, look.unit)
        case "first":
            if span.begins == NEVER and span.grain is None:
                raise Unanswerable("what has no beginning has no first day")
            return span.cut(Span(ends=wall.period_at(span.begins, look.unit).ends))
    return whole if look.forgets_time else span


def below_the_whole(looks: tuple[Look, ...]) -> tuple[Look, ...]:
    """Return the looks below the last that reads the whole range: there is nothing to move for those above it."""
    while any(look.forgets_time for look in looks):
        looks = looks[1:]
    return looks


def compared(name: str, grain: str | None, whole: Span, wall: Wall) -> Look:
    """Return the look that a comparison of a question is; without a split by time the range is the period."""
    if grain is None and (whole.begins == NEVER or whole.ends == FOREVER):
        raise Unanswerable(f"{name} needs a period")
    match name:
        case "previous" if grain is None:
            return Look("prior", *_length(whole, wall))
        case "previous":
            assert grain is not None
            return Look("prior", 1, grain)
        case "year_ago" if grain is not None and "." in grain:
            return Look("prior", 1, f"{grain.partition('.')[0]}.{wall.pages(grain)[0].grains[-1]}")
        case "year_ago" if grain == "week" and wall.project.week_start == "monday":
            return Look("prior", 1, ISO_YEAR)
        case "year_ago" if grain != "week":
            return Look("prior", 1, "year")
        case "same_weekday_last_year" if grain is None or grain in SHORT or grain == "day":
            return Look("prior", 364, "day")
    raise Unanswerable(f"there is no comparison {name} by {grain}")


def _length(whole: Span, wall: Wall) -> tuple[int, str]:
    """Return how long a range is: in months where it is made of them, else in days, else in the seconds that passed."""
    begins, ends = wall.edge(whole.begins), wall.edge(whole.ends)
    if all(edge.day == 1 and edge.time() == dt.time() for edge in (begins, ends)):
        return (ends.year - begins.year) * 12 + ends.month - begins.month, "month"
    days, rest = divmod(ends - begins, dt.timedelta(days=1))
    if days and not rest:
        return days, "day"
    length = whole.ends - whole.begins
    return (length, "microsecond") if length % SHORT["second"] else (length // SHORT["second"], "second")

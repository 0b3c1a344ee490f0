"""Comparable or not: two numbers, and the difference between them or every reason why there is none.

Law 7 in one place. Comparisons within a question ask for the parts of it that are settled before any data are read (equal
lengths, a named structure); facts, horizons and briefs ask for all of it.

| aspect | alike when |
|---|---|
| meaning | the same fingerprint; an old number is first restated under the definition of the new one |
| unit | the same; percent and a pure number are printed in two ways |
| period | over a time or at an instant, both; equally long, Gregorian months, quarters and years counting as equal |
| calendar | cut by the same calendar, zone and week start |
| structure | read under the same version of every reporting line that they go through, and it was said which |
| definition | counted under the same definition in time of every metric beneath |
| population | the same filter, the same members |
| fx | the same rates of the same kind |
| known on | what had arrived by the same day |
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal, localcontext
from typing import Protocol

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.meaning.unsettled import not_meant_alike
from decisionlayer.resolve.quantities.printed import days

#: Enough digits that figures of sixteen digits are subtracted exactly, however far apart they lie.
DIGITS = 400


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a number is of, by the wall clock of the project's zone: ``first`` included, ``after`` not; None is open.

    ``unit`` is the period that it is one of, None for a range as it was written. ``is_even`` says that one such period counts
    as long as the next: months do, the quarters of a calendar of weeks do not.
    """

    first: dt.datetime | None
    after: dt.datetime | None
    unit: str | None = None
    is_even: bool = True

    @property
    def months(self) -> int | None:
        """How many whole Gregorian months it has, None when it is not made of them or its periods are not even."""
        if self.first is None or self.after is None or not self.is_even or not (_opens(self.first) and _opens(self.after)):
            return None
        return (self.after.year - self.first.year) * 12 + self.after.month - self.first.month

    @property
    def length(self) -> dt.timedelta | None:
        """How long it is, None when it is open."""
        return None if self.first is None or self.after is None else self.after - self.first

    @property
    def calendar(self) -> str | None:
        """The calendar that cuts it, None for the almanac's own periods."""
        return self.unit.rpartition(".")[0] or None if self.unit else None

    def __str__(self) -> str:
        if self.first is None and self.after is None:
            return "all time"
        first, after = (None if edge is None else edge for edge in (self.first, self.after))
        if first is not None and self.unit is not None:
            return f"the {self.unit} of {_shown(first)}"
        months = self.months
        if first is not None and after is not None and months:
            year = first.month == 1 and months == 12
            end = (after - dt.timedelta(days=1)).strftime("%Y-%m")
            return f"{first:%Y}" if year else f"{first:%Y-%m}" if months == 1 else f"{first:%Y-%m} to {end}"
        last = None if after is None else after - dt.timedelta(days=1) if _is_midnight(after) else after
        return f"{'the beginning' if first is None else _shown(first)} to {'the end' if last is None else _shown(last)}"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Under which a number was taken: whatever must be alike before two are compared.

    ``meaning`` is that of the definition that the number was counted under. ``is_level`` says that it is of an instant, and not
    over a time. ``definitions`` are those in time that it was counted under, where any has more than one. ``structure`` is
    ``as_was`` or ``at DAY``, None where nothing was said; ``through`` names the entities with history that the number goes
    through, for without any the structure is no matter. ``members`` are ``like_for_like`` or all.
    ``per`` says that the number is divided by the length of its period.
    """

    metric: str
    meaning: str
    unit: str
    span: Span | None
    is_level: bool = False
    per: bool = False
    calendar: str | None = None
    zone: str = "UTC"
    week_start: str = "monday"
    structure: str | None = None
    through: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()
    where: str | None = None
    members: str | None = None
    fx: tuple[str, ...] = ()
    known_on: dt.date | None = None


class Told(Protocol):
    """A number that says under which circumstances it was taken: a fact."""

    @property
    def value(self) -> object:
        """The number."""

    @property
    def circumstances(self) -> Circumstances | None:
        """Under which it was taken, None where that is not known."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two numbers set side by side: the change from ``before`` to ``after``, or every reason why there is none.

    A number that is missing has no change and needs no reason.
    """

    before: Decimal | None
    after: Decimal | None
    reasons: tuple[Finding, ...]

    @property
    def is_comparable(self) -> bool:
        """Whether the two mean the same in every aspect."""
        return not self.reasons

    @property
    def change(self) -> Decimal | None:
        """The difference, exactly; None with reasons, or where a number is missing."""
        return None if self.reasons else difference(self.before, self.after)

    @property
    def fraction(self) -> Decimal | None:
        """The change as a fraction of the number before, None where that is missing or zero."""
        change = self.change
        return None if change is None or not self.before else change / abs(self.before)


def compare(before: Told, after: Told) -> Comparison:
    """Return the change from one fact to another, or every reason why they are not to be compared."""
    return Comparison(exact(before.value), exact(after.value), reasons(before.circumstances, after.circumstances))


def settled(comparison: Comparison) -> Decimal | None:
    """Return the change. Raises QueryError with every reason why the two are not comparable."""
    if comparison.reasons:
        raise QueryError(comparison.reasons)
    return comparison.change


def reasons(a: Circumstances | None, b: Circumstances | None) -> tuple[Finding, ...]:
    """Return every reason why two numbers are not to be compared, in the order of the aspects; none when they are."""
    if a is None or b is None:
        return (_not_alike("period", "one of the two does not say which time it is of", "ask for it as a number of its own"),)
    return tuple(_reasons(a, b))


def _reasons(a: Circumstances, b: Circumstances) -> Iterator[Finding]:
    if a.meaning != b.meaning:
        yield _other_meaning(a, b)
    if not _same_unit(a.unit, b.unit):
        yield Finding(
            "mixed-units", "comparison", f"one is in {a.unit or 'no unit'}, the other in {b.unit or 'no unit'}",
            why="a difference of two units is no number of anything", help="convert one of them: `to:` in a term, or an fx frame",
        )  # fmt: skip
    yield from _periods(a, b)
    yield from _structures(a, b)
    if a.definitions != b.definitions and a.metric == b.metric:
        yield not_meant_alike(a.metric, _definition(a), _definition(b), _WHY["meaning"])
    if a.where != b.where:
        yield _not_alike(
            "population", f"one counts {_rows(a)}, the other {_rows(b)}", "filter both alike; to hold groups side by side, ask `by` them",
        )  # fmt: skip
    if a.members != b.members:
        yield _not_alike(
            "population", "one counts only units that are there in both periods, the other all", "give both the same `basis`",
        )  # fmt: skip
    if a.fx != b.fx:
        yield _not_alike(
            "fx", f"one is converted by {', '.join(a.fx) or 'nothing'}, the other by {', '.join(b.fx) or 'nothing'}",
            "convert both by the same rates",
        )  # fmt: skip
    if a.known_on != b.known_on:
        yield _not_alike(
            "known on", f"one is as it was known {_known(a)}, the other {_known(b)}", "ask both with the same `known_on`",
        )  # fmt: skip


def _other_meaning(a: Circumstances, b: Circumstances) -> Finding:
    if a.metric == b.metric:
        return _not_alike(
            "meaning", f"`{a.metric}` did not mean the same both times: {a.meaning} and {b.meaning}",
            "read both under one definition: `basis: restated`",
        )  # fmt: skip
    return _not_alike("meaning", f"`{a.metric}` and `{b.metric}` do not mean the same", "compare a metric with itself")


def _periods(a: Circumstances, b: Circumstances) -> Iterator[Finding]:
    if a.is_level != b.is_level:
        yield _not_alike("period", "one is of an instant, the other over a time", "read both in the same way along time")
        return
    if a.calendar != b.calendar:
        yield _not_alike("calendar", "they are cut by two calendars", "ask both by a period of one calendar")
    elif (a.zone, a.week_start) != (b.zone, b.week_start):
        yield _not_alike("calendar", "their days begin in two zones, or their weeks on two days", "cut both alike")
    if a.span is None or b.span is None or (a.span != b.span and None in (a.span.length, b.span.length)):
        if a.span != b.span:
            yield _not_alike("period", "one of them has no period that could be measured", "give both a `start` and an `end`")
    elif not (a.per and b.per) and not equally_long(a.span, b.span):
        first, second = a.span.length, b.span.length
        assert first is not None and second is not None
        yield unequal_periods(str(a.span), first, str(b.span), second, "comparison")


def equally_long(a: Span, b: Span) -> bool:
    """Say whether two spans count as equally long: as many days, or as many whole Gregorian months."""
    return a == b or (a.length is not None and a.length == b.length) or (a.months is not None and a.months == b.months)


def unequal_periods(one: str, length: dt.timedelta, other: str, other_length: dt.timedelta, subject: str) -> Finding:
    """DL403: two spans of time, in words, and how long they are."""
    has, had = (days(each) for each in (length, other_length))
    return Finding(
        "unequal-periods", subject, f"{one} has {has}, and {other}, with which it is compared, {had}",
        why="more days sell more: the change would tell of the calendar and not of the business",
        help="ask by a period that is always as long, such as a week or a day, or leave that one out with `start` and `end`",
    )  # fmt: skip


def unsettled_structure(metric: str, entity: str, place: Place | None, subject: str) -> Finding:
    """DL402: a number is compared through an entity with history, and nothing says under which structure."""
    return Finding(
        "unsettled-structure", subject,
        f"`{metric}` is compared with another time through the {entity}, which has history, and nothing says under which structure",
        place,
        why="what moved from one group to another would read as growth of the one and decline of the other",
        help="say structure='as_is' (both times under today's lines) or 'as_was' (each under its own), or a `basis`",
    )  # fmt: skip


def _structures(a: Circumstances, b: Circumstances) -> Iterator[Finding]:
    through = tuple(dict.fromkeys((*a.through, *b.through)))
    if not through:
        return
    if a.structure is None or b.structure is None:
        if a.span != b.span or a.structure != b.structure:
            yield unsettled_structure(a.metric, through[0], None, "comparison")
    elif a.structure != b.structure:
        yield _not_alike(
            "structure", f"one reads the {through[0]} {_structure(a.structure)}, the other {_structure(b.structure)}",
            "give both the same `structure` or `basis`",
        )  # fmt: skip


def exact(value: object) -> Decimal | None:
    """Return a figure as an exact number; of a float the shortest spelling, which is the figure that people see."""
    match value:
        case bool():
            return None
        case Decimal() | int():
            return Decimal(value)
        case float():
            return Decimal(repr(value))
        case _:
            return None


def difference(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    """Return how far it is from ``before`` to ``after``, exactly; None where one of them is missing."""
    if before is None or after is None:
        return None
    with localcontext() as context:
        context.prec = DIGITS
        return after - before


def _not_alike(aspect: str, message: str, help: str) -> Finding:
    return Finding("not-comparable", "comparison", f"not the same {aspect}: {message}", why=_WHY.get(aspect, ""), help=help)


_WHY = {
    "meaning": "the change would tell of the definition and not of the business",
    "structure": "what moved from one group to another would read as growth of the one and decline of the other",
    "population": "the change would tell of who is counted and not of how they did",
    "fx": "the change would tell of the rates and not of the business",
    "known on": "what arrived late would read as growth",
    "calendar": "the change would tell of the calendar and not of the business",
}


def _same_unit(one: str, other: str) -> bool:
    pure = ("", "1", "percent")
    return one == other or (one in pure and other in pure)


def _structure(text: str) -> str:
    return "as it was at each row's own time" if text == "as_was" else f"as it was {text.replace('at ', 'on ')}"


def _definition(given: Circumstances) -> str:
    return " and ".join(f"`{name}`" for name in given.definitions) or "none that is dated"


def _rows(given: Circumstances) -> str:
    return f"rows where {given.where}" if given.where else "all rows"


def _known(given: Circumstances) -> str:
    return f"on {given.known_on.isoformat()}" if given.known_on else "when it was asked"


def _opens(wall: dt.datetime) -> bool:
    return wall.day == 1 and _is_midnight(wall)


def _is_midnight(wall: dt.datetime) -> bool:
    return wall.time() == dt.time()


def _shown(wall: dt.datetime) -> str:
    return wall.date().isoformat() if _is_midnight(wall) else wall.isoformat(sep=" ")

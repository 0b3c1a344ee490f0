"""Intervals: what a cell reads under its looks, as expressions over its period and as constants.

A cell is the interval from its period's beginning to the next one's, half open. Each look makes another interval of it
(docs/adr/0004-time.md); the first and the last cell of a range may be cut, and a look then maps the cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from decisionlayer.frozen import replace
from decisionlayer.plan.bind.grids import Grid, Interval, file_of, finest, has_outside, plain_length
from decisionlayer.resolve.drafting.looks import ACCUMULATIONS, Look
from decisionlayer.resolve.frames.timeunits import MONTHS, Almanac, is_below_a_day, is_clocked
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, conjunction
from decisionlayer.resolve.reach.grain import PLAIN

#: The period of a unit that the last, or the first, row of the data lies in.
RowAt: TypeAlias = Callable[[str], Expr]


def read_by(
    looks: Iterable[Look], interval: Interval, asked: Grid, base: Grid, last_row: RowAt | None = None, first_row: RowAt | None = None
) -> Interval:
    """Return what ``looks``, the outermost first, make of the interval of a cell.

    ``last_row`` gives the period of a unit that the last row of the data lies in. By month the last 28 days of a month that
    still runs are those up to the last row, so an accumulation by finer periods than the asked one ends there. In the same way the first
    day of a month in which the data begin is that of the ``first_row``.
    """
    gathers = False
    within = asked
    if base.is_instant and (is_clocked(asked.unit) or not asked.is_instant):
        base = replace(base, edges=asked.unit if asked.is_instant else "day")
    for look in looks:
        if look.function in ACCUMULATIONS and interval.may_lack and interval.first is not None:  # what gathers begins elsewhere
            there = Call("not", (Call("is_null", (interval.first,)),))
            interval = replace(interval, before=Case(((there, interval.before),), None), may_lack=False)
        if last_row is not None and look.function in ACCUMULATIONS:
            interval = _not_beyond(interval, look, within, base, last_row)
        gathers = gathers or look.function in ACCUMULATIONS
        match look.function:
            case "first" | "avg":
                if look.function == "first" and (gathers or not asked.project.almanac.is_whole(asked.unit, look.unit or asked.unit)):
                    interval = _opening(interval, look, base, first_row)
                within = Grid(look.unit or "day", base.project)  # the day in which the data end is read until then, as by day
            case "prior":
                interval = _moved(interval, look, asked, base)
            case "period_start":
                assert look.unit is not None and interval.first is not None
                unit = Grid(look.unit, base.project)
                begins = base.holding(unit.at(interval.first, base), unit)
                if interval.may_lack:  # of nothing there is no first piece
                    begins = Case(((Call("not", (Call("is_null", (interval.before,)),)), begins),), None)
                may_lack = not base.project.almanac.is_even(asked.unit)
                interval = Interval(begins, asked_next(begins, asked, base), is_cut=_leaves(look.unit, asked), may_lack=may_lack)
                within = asked
            case "trailing":
                assert look.unit is not None
                first = base.moved(interval.before, -look.count, look.unit, clamped=True)
                interval = replace(interval, first=first, running=look, gathers=True)
            case "to_date":
                assert look.unit is not None
                unit = Grid(look.unit, base.project)
                last = base.moved(interval.before, -1, base.unit)
                interval = replace(interval, first=base.holding(unit.at(last, base), unit), running=look, gathers=True)
            case "all_time":
                interval = replace(interval, first=None, running=look, gathers=True)
            case _:
                pass
    return interval


def _not_beyond(interval: Interval, look: Look, asked: Grid, base: Grid, last_row: RowAt) -> Interval:
    fine = finest((asked.unit, look.unit or asked.unit), base.project.almanac)
    if fine == asked.unit:
        return interval
    period = base.holding(last_row(fine), Grid(fine, base.project))
    ends = base.moved(period, 1, fine)
    inside: Expr = Call("<", (ends, interval.before))
    if interval.first is not None:  # a cell that is cut may begin within the period of the last row, and hold that row all the same
        holds = Call(">=", (last_row(base.unit), interval.first))
        gathered = interval.running
        if gathered is not None and has_outside(gathered.unit or "day", base.project):  # it began before the calendar, so nobody knows when
            holds = Call("or", (Call("is_null", (interval.first,)), holds))
        inside = Call("and", (holds, inside))
    return replace(interval, before=Case(((inside, ends),), interval.before), is_cut=True)


def _opening(interval: Interval, look: Look, base: Grid, first_row: RowAt | None) -> Interval:
    """Return the first day of an interval, the one of the first row where the data begin within it."""
    assert look.unit is not None
    days = Grid(look.unit, base.project)
    first = interval.first
    if first_row is not None:
        begins = base.holding(first_row(look.unit), days)
        inside: Expr = Call("<", (begins, interval.before))
        if first is not None:
            inside = Call("and", (Call(">", (begins, first)), inside))
        first = Case(((inside, begins),), first)
    assert first is not None
    before = base.holding(days.next(days.at(first, base)), days)
    if base.unit != days.unit and (interval.is_cut or base.edges != "day"):  # what is asked by hours may end within its first day
        before = Case(((Call(">", (before, interval.before)), interval.before),), before)
    return Interval(first, before)


def asked_next(value: Expr, asked: Grid, base: Grid) -> Expr:
    """Return where the asked period ends that begins at ``value``, a value of the base grid."""
    return base.moved(value, 1, asked.unit)


def _moved(interval: Interval, look: Look, asked: Grid, base: Grid) -> Interval:
    """Return an interval that begins and ends so much earlier.

    By days (where a range cuts a period) each end goes as far into the other period; but what begins and ends with asked periods of a
    file goes to those of the same place, as it does where nothing is cut: the years of a file may be cut otherwise each.
    """
    by_base = _as_far_in(interval, look, asked, base)
    rule = file_of(asked.unit, asked.project)
    own, of = asked.project.almanac.parse(asked.unit), asked.project.almanac.parse(look.unit or "day")
    if rule is None or base.unit == asked.unit or own is None or of is None or own.calendar != of.calendar:
        return by_base
    after = Literal(rule.after)
    closes = Case(((Call("=", (interval.before, base.holding(after, asked))), after),), asked.at(interval.before, base))
    opens = None if interval.first is None else asked.at(interval.first, base)
    tests = [Call("=", (base.holding(closes, asked), interval.before))]
    if opens is not None and interval.first is not None:
        tests.append(Call("=", (base.holding(opens, asked), interval.first)))
    both = conjunction(tuple(tests))
    assert both is not None
    placed = _as_far_in(replace(interval, first=opens, before=closes, is_cut=False, opens_inside=False), look, asked, asked)
    first = by_base.first
    if first is not None and placed.first is not None:
        first = Case(((both, base.holding(placed.first, asked)),), first)
    before = Case(((both, base.holding(placed.before, asked)),), by_base.before)
    return replace(by_base, first=first, before=before, may_lack=by_base.may_lack or placed.may_lack)


def _as_far_in(interval: Interval, look: Look, asked: Grid, base: Grid) -> Interval:
    assert look.unit is not None
    first = None if interval.first is None else base.moved(interval.first, -look.count, look.unit)
    by_place = first is not None and not interval.gathers and look.unit != asked.unit and not base.project.almanac.is_even(look.unit)
    if first is not None and by_place and not (interval.is_cut or interval.opens_inside):
        return Interval(first, asked_next(first, asked, base))
    by_months = plain_length(1, look.unit, base.project)[1] in MONTHS
    by_days = asked.unit == "day"
    if not by_months or not (interval.is_cut or by_days or asked.is_instant):
        before = base.moved(interval.before, -look.count, look.unit, clamped=True)
        if first is not None and interval.first is not None and by_place:  # a whole period goes to the one that has its place
            begins = asked.at(interval.first, base)
            ends = ((begins, interval.first), (asked.next(begins), interval.before))
            is_whole = Call("and", tuple(Call("=", (base.holding(edge, asked), end)) for edge, end in ends))
            before = Case(((is_whole, asked_next(first, asked, base)),), before)
        leaves = _leaves(look.unit, asked)
        may_lack = not base.project.almanac.is_even(look.unit)
        if may_lack and interval.gathers and first is not None and interval.first is not None:
            # Where what gathers begins may be unknown and no matter; here it was known, and has no counterpart.
            lost = Call("and", (Call("not", (Call("is_null", (interval.first,)),)), Call("is_null", (first,))))
            before, may_lack = Case(((Call("not", (lost,)), before),), None), False
        may_lack = may_lack or interval.may_lack
        return replace(interval, first=first, before=before, running=None, is_cut=interval.is_cut or leaves, may_lack=may_lack)
    # What ends with a day goes to the end of a day, which a shorter month may lack; and what ends with an hour to the end of an hour.
    step = asked.unit if asked.is_instant else "day"
    last = base.moved(base.moved(base.moved(interval.before, -1, step), -look.count, look.unit), 1, step)
    if asked.is_instant or (by_days and not (interval.is_cut and base.is_instant)):
        return replace(interval, first=first, before=last, running=None)
    # So does a cut month; a whole one ends where the next begins, and a time of day is a time.
    moved = base.moved(interval.before, -look.count, look.unit)
    at_end_of = {unit: Call("=", (base.holding(grid.at(interval.before, base), grid), interval.before))
            for unit in ("month", "day") if (grid := Grid(unit, base.project))}
    branches = ([] if by_days else [(at_end_of["month"], moved)]) + ([(at_end_of["day"], last)] if base.is_instant else [])
    before = Case(tuple(branches), moved if base.is_instant else last)
    return replace(interval, first=first, before=before, running=None)


def _leaves(unit: str, asked: Grid) -> bool:
    """Say whether asked periods leave their places when moved by a unit: a month a week earlier lies in two, and a day 36 hours earlier."""
    if asked.is_instant or asked.unit == "day":
        return is_below_a_day(unit) and not asked.is_instant
    return plain_length(1, unit, asked.project)[1] not in MONTHS


def needed(look: Look, asked: str, almanac: Almanac = PLAIN) -> str | None:
    """Return the period by which rows must be told apart for a look, None when no period does.

    >>> needed(Look("prior", 1, "year"), "month"), needed(Look("trailing", 28, "day"), "month")
    ('month', 'day')
    >>> needed(Look("prior", 1, "month"), "week"), needed(Look("to_date", unit="month"), "week")
    (None, 'day')
    """
    if look.unit is None:
        return asked
    if almanac.is_whole(asked, look.unit):
        return None if is_below_a_day(asked) and _is_uneven(look.unit, almanac) and look.function != "to_date" else asked
    if look.function == "prior" and not almanac.is_whole(look.unit, asked):
        return None
    return finest((asked, look.unit), almanac)


def _is_uneven(unit: str, almanac: Almanac) -> bool:
    return not almanac.is_even(unit)


def is_accumulated(looks: Iterable[Look]) -> bool:
    """Whether any of ``looks`` gathers more than a cell."""
    return any(look.function in ACCUMULATIONS for look in looks)


def has_no_beginning(looks: Iterable[Look]) -> bool:
    """Whether what ``looks``, the outermost first, make of a cell goes back to the first row: a length or a period begins it again."""
    found = False
    for look in looks:
        found = look.function == "all_time" or (found and look.function not in ("trailing", "to_date", "period_start"))
    return found


def opens_nowhere(function: str, looks: tuple[Look, ...]) -> bool:
    """Whether a look of this function asks for the first piece of what has no beginning.

    >>> opens_nowhere("period_start", (Look("all_time"), Look("period_start", unit="month")))
    True
    """
    return any(look.function == function and has_no_beginning(looks[:place]) for place, look in enumerate(looks))

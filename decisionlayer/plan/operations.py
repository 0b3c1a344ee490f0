"""What expressions of a plan may use beside the language: casts and the cutting of time. People cannot write these.

| operation | gives |
|---|---|
| `cast(x, type)` | x as that type |
| `wall(x, from, zone)` | the wall clock in ``zone`` of x, which is a wall clock in ``from``, or an instant when ``from`` is NULL |
| `point(x, zone)` | the instant of x, a wall clock in ``zone``; one that comes twice is the later, one that never came moves on |
| `first_point(x, zone)` | the same, but one to which clocks are put back is when they showed it first |
| `period_day(wall, period, week_start)` | the date on which the period of a day or more begins that holds the wall clock |
| `period_point(point, wall, period)` | the instant at which the period below a day began, by the wall clock |
| `moved(x, n, period)` | the date or wall clock n periods on; a day that its month lacks is the last one |
| `moved_point(x, n, period)` | the instant n periods shorter than a day on |
| `moved_clock(x, n, period, zone)` | the instant at which clocks in ``zone`` show the same time n periods of a day or more on |
| `moved_edge(x, n, period, zone)` | the same of where a day begins or ends, though midnight is skipped there or shown twice |
| `period_wall(wall, period)` | the wall clock at which several hours began that hold the wall clock, counted from midnight |
| `make_day(year, month, day)` | the date |
| `add_days(day, n)` | the date n days later |
| `days_between(later, earlier)` | how many days later it is |
| `shifted(wall, n, period)` | the wall clock n periods on; a day that its month lacks is the last one |
| `edge_wall(x, hours, zone)` | the wall clock of the instant x; where several hours begin, the time at which they do, be it skipped |
| `on_day(day, wall)` | the wall clock that shows on ``day`` the time of day of ``wall`` |
| `micros_between(later, earlier)` | how many microseconds later an instant or wall clock is |
| `divided(x, n)` | how many whole n there are in x, neither below 0 |
| `later(x, n, period, cut_by, clamped)` | the date n periods of a calendar on; written out before a plan is finished |
| `let(x, n, body)` | body, a date, in which `it(n)` is the date x, so that it is written once |
| `pick(place, values…)` | the constant at that place, counted from 1; NULL past the last, the place is never below 1 |
| `exchanged(product, amount, missing, text, currency, day)` | product; where an amount is ``missing`` its rate, the statement fails |
| `whole(x, torn, text)` | x; where ``torn`` holds, the statement fails |
| `one_unit(x, first, last, text)` | x; where the first and the last unit of a cell differ, the statement fails |
| `cut_to(x, unit)`, `later_by(x, n, unit)` | x at the start of its period, x moved, as other tools' questions write times |
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, walk
from decisionlayer.resolve.language.types import DATE, INSTANT, INTEGER, TIMESTAMP, UNKNOWN, DataType, parse_type

CAST, WALL, POINT, PERIOD_DAY, PERIOD_POINT = "cast", "wall", "point", "period_day", "period_point"
MOVED, MOVED_POINT, MOVED_CLOCK, MOVED_EDGE = "moved", "moved_point", "moved_clock", "moved_edge"
MAKE_DAY, ADD_DAYS, DAYS_BETWEEN, DIVIDED, PICK = "make_day", "add_days", "days_between", "divided", "pick"
CUT_TO, LATER_BY = "cut_to", "later_by"
MICROS_BETWEEN, ON_DAY = "micros_between", "on_day"
SHIFTED = "shifted"
LATER, LET, IT = "later", "let", "it"
PERIOD_WALL, FIRST_POINT, EDGE_WALL = "period_wall", "first_point", "edge_wall"
EXCHANGED, ONE_UNIT, WHOLE = "exchanged", "one_unit", "whole"
#: What makes a statement fail rather than answer.
STOPS = frozenset({EXCHANGED, ONE_UNIT, WHOLE})

#: The digits of an amount before it is multiplied by a rate, which has some of its own.
WIDEST_AMOUNT = 26

#: What each operation gives; a cast says so itself.
GIVES = {
    WALL: TIMESTAMP, POINT: INSTANT, PERIOD_DAY: DATE, PERIOD_POINT: INSTANT, MOVED: DATE, MOVED_POINT: INSTANT,
    MOVED_CLOCK: INSTANT, MOVED_EDGE: INSTANT,
    MAKE_DAY: DATE, ADD_DAYS: DATE, DAYS_BETWEEN: INTEGER, MICROS_BETWEEN: INTEGER, DIVIDED: INTEGER,
    CUT_TO: TIMESTAMP, ON_DAY: TIMESTAMP, LATER_BY: TIMESTAMP, LATER: DATE, LET: DATE, IT: DATE, PERIOD_WALL: TIMESTAMP, SHIFTED: TIMESTAMP,
    FIRST_POINT: INSTANT, EDGE_WALL: TIMESTAMP,
}  # fmt: skip


def cast(expr: Expr, to: DataType) -> Expr:
    """Return ``expr`` as the type ``to``."""
    return Call(CAST, (expr, Literal(str(to))))


def cast_type(call: Call) -> DataType:
    """Return the type that a cast casts to."""
    match call.arguments[1]:
        case Literal(value=str(text)):
            return parse_type(text) or UNKNOWN
        case _:
            return UNKNOWN


def wall(expr: Expr, held_in: str | None, zone: str) -> Expr:
    """Return the wall clock in ``zone``; nothing is done when ``expr`` holds it already."""
    return expr if held_in == zone else Call(WALL, (expr, Literal(held_in), Literal(zone)))


def point(expr: Expr, zone: str) -> Expr:
    """Return the instant of a wall clock in ``zone``."""
    return Call(POINT, (expr, Literal(zone)))


def first_point(expr: Expr, zone: str) -> Expr:
    """Return the instant of a wall clock in ``zone`` at which something begins: its first where clocks are put back to it."""
    return Call(FIRST_POINT, (expr, Literal(zone)))


def period_day(expr: Expr, period: str, week_start: str) -> Expr:
    """Return the first day of the period, a day or longer; ``week_start`` says on which weekday weeks begin."""
    start = week_start if period == "week" else "monday"
    return Call(PERIOD_DAY, (expr, Literal(period), Literal(start)))


def period_point(instant: Expr, clock: Expr, period: str) -> Expr:
    """Return the instant at which the period, shorter than a day, began by the wall clock ``clock``."""
    return Call(PERIOD_POINT, (instant, clock, Literal(period)))


def midnight(day: Expr, zone: str) -> Expr:
    """Return the instant at which a date begins in ``zone``."""
    return point(cast(day, TIMESTAMP), zone)  # DuckDB 2 makes a time of another type of a date


def first_moment(day: Expr, zone: str) -> Expr:
    """Return the instant at which a date begins in ``zone``, of a midnight that comes twice the first: when the day before is over."""
    return moved_point(point(shifted(cast(day, TIMESTAMP), -1, "microsecond"), zone), 1, "microsecond")


def moved(day: Expr, count: int, period: str) -> Expr:
    """Return the date ``count`` periods of a day or more after ``day``, itself for none."""
    return Call(MOVED, (day, Literal(count), Literal(period))) if count else day


def moved_point(instant: Expr, count: int, period: str) -> Expr:
    """Return the instant ``count`` periods shorter than a day after ``instant``, itself for none."""
    return Call(MOVED_POINT, (instant, Literal(count), Literal(period))) if count else instant


def shifted(wall: Expr, count: int, period: str) -> Expr:
    """Return the wall clock ``count`` periods after ``wall``, itself for none."""
    return Call(SHIFTED, (wall, Literal(count), Literal(period))) if count else wall


def moved_clock(instant: Expr, count: int, period: str, zone: str) -> Expr:
    """Return the instant at which clocks in ``zone`` show the time of ``instant`` again, ``count`` days or more on."""
    return Call(MOVED_CLOCK, (instant, Literal(count), Literal(period), Literal(zone))) if count else instant


def moved_edge(instant: Expr, count: int, period: str, zone: str) -> Expr:
    """Return where the day begins or ends that is ``count`` days or more on, be its midnight skipped or shown twice."""
    return Call(MOVED_EDGE, (instant, Literal(count), Literal(period), Literal(zone))) if count else instant


def make_day(year: Expr, month: Expr, day: Expr) -> Expr:
    """Return the date of a year, month and day that exist together."""
    return Call(MAKE_DAY, (year, month, day))


def add_days(day: Expr, days: Expr) -> Expr:
    """Return the date some days later; nothing is done for none."""
    return day if days == Literal(0) else Call(ADD_DAYS, (day, days))


def days_between(later: Expr, earlier: Expr) -> Expr:
    """Return by how many days a date is later than another."""
    return Call(DAYS_BETWEEN, (later, earlier))


def micros_between(later: Expr, earlier: Expr) -> Expr:
    """Return by how many microseconds an instant or a wall clock is later than another."""
    return Call(MICROS_BETWEEN, (later, earlier))


def on_day(day: Expr, wall: Expr) -> Expr:
    """Return the wall clock that shows on ``day`` the time of day of ``wall``."""
    return Call(ON_DAY, (day, wall))


def divided(number: Expr, by: int) -> Expr:
    """Return how many whole ``by`` there are in a number that is not below 0."""
    return Call(DIVIDED, (number, Literal(by)))


def pick(place: Expr, values: Sequence[Expr]) -> Expr:
    """Return the value at a place, counted from 1; the value itself where all are one."""
    return values[0] if len(set(values)) == 1 else Call(PICK, (place, *values))


def later(day: Expr, count: int, period: str, cut_by: str | None, *, clamped: bool) -> Expr:
    """Return the date ``count`` periods of a calendar after ``day``, which begins a period of ``cut_by``, if of any."""
    return Call(LATER, (day, Literal(count), Literal(period), Literal(cut_by), Literal(clamped))) if count else day


def let(day: Expr, body: Callable[[Expr], Expr]) -> Expr:
    """Return what ``body`` makes of ``day``, which is written once; a name needs no other one."""
    if isinstance(day, Name) or (isinstance(day, Call) and day.function == IT):
        return body(day)
    number = 1 + max((_it(node) for node in walk(day)), default=0)
    return Call(LET, (day, Literal(number), body(Call(IT, (Literal(number),)))))


def _it(node: Expr) -> int:
    """Return the number that a node takes: of an `it`, or of the `let` that says what it is."""
    match node:
        case Call(function="it", arguments=(Literal(value=int(number)),)):
            return number
        case Call(function="let", arguments=(_, Literal(value=int(number)), _)):
            return number
        case _:
            return 0


def period_wall(clock: Expr, period: str) -> Expr:
    """Return the wall clock at which the several hours began that hold ``clock``."""
    return Call(PERIOD_WALL, (clock, Literal(period)))


def edge_wall(instant: Expr, hours: str, zone: str) -> Expr:
    """Return what clocks in ``zone`` show at an instant; of one at which several ``hours`` begin, the time at which they do."""
    return Call(EDGE_WALL, (instant, Literal(hours), Literal(zone)))

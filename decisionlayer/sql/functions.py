"""Each function and operator of the language, and each operation of plans, in DuckDB's spelling.

The table is closed: what is not here cannot be asked. Where an engine differs from the language (NULL in ``least``, a
division by zero, a logarithm of nothing) the spelling makes it the language's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from decisionlayer.frozen import dataclass
from decisionlayer.plan import operations
from decisionlayer.resolve.language.tree import Call, Expr, Literal, is_nonzero, walk
from decisionlayer.sql.versions import ROW

#: How tightly an operator binds; parentheses follow from it.
OR, AND, NOT, PREDICATE, CONCAT, ADD, MULTIPLY, SIGN, ATOM = range(9)


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of SQL and how tightly its outermost operator binds."""

    sql: str
    binds: int = ATOM

    def within(self, tightest: int) -> str:
        """Return it for a place that takes what binds at least so tightly."""
        return self.sql if self.binds >= tightest else f"({self.sql})"


Spelling: TypeAlias = Callable[[Call, tuple[Text, ...]], Text]


def _function(name: str) -> Spelling:
    return lambda call, parts: Text(f"{name}({', '.join(part.sql for part in parts)})")


def _joined(word: str, binds: int) -> Spelling:
    return lambda call, parts: Text(f" {word} ".join(part.within(binds + 1) for part in parts), binds)


def _binary(sign: str, binds: int) -> Spelling:
    return lambda call, parts: Text(f"{parts[0].within(binds)} {sign} {parts[1].within(binds + 1)}", binds)


def _compared(sign: str) -> Spelling:
    return lambda call, parts: Text(f"{parts[0].within(CONCAT)} {sign} {parts[1].within(CONCAT)}", PREDICATE)


def _test(word: str) -> Spelling:
    """Return ``a IS NULL``, ``a IN (b, c)`` or ``a LIKE 'p'``, by its word."""

    def spell(call: Call, parts: tuple[Text, ...]) -> Text:
        subject = parts[0].within(CONCAT)
        match call.function:
            case "is_null":
                return Text(f"{subject} IS {word}NULL", PREDICATE)
            case "in":
                return Text(f"{subject} {word}IN ({', '.join(part.sql for part in parts[1:])})", PREDICATE)
            case _:
                return Text(f"{subject} {word}LIKE {parts[1].within(CONCAT)}", PREDICATE)

    return spell


TESTS, NEGATED_TESTS = _test(""), _test("NOT ")


def _negate(call: Call, parts: tuple[Text, ...]) -> Text:
    return Text(f"-{parts[0].within(ATOM)}", SIGN)


def _divided(call: Call, parts: tuple[Text, ...]) -> Text:
    """Division by zero is NULL, never an error or infinity; a third argument says that it cannot be by zero."""
    below = parts[1].within(SIGN) if is_nonzero(call.arguments[1]) or len(call.arguments) > 2 else f"NULLIF({parts[1].sql}, 0)"
    return Text(f"{parts[0].within(MULTIPLY)} / {below}", MULTIPLY)


def _of_all(name: str) -> Spelling:
    """LEAST and GREATEST skip NULL in most engines; in the language any NULL makes them NULL."""

    def spell(call: Call, parts: tuple[Text, ...]) -> Text:
        listed = f"{name}({', '.join(part.sql for part in parts)})"
        pairs = zip(call.arguments, parts, strict=True)
        doubtful = dict.fromkeys(part.within(CONCAT) for argument, part in pairs if not isinstance(argument, Literal))
        tests = " AND ".join(f"{part} IS NOT NULL" for part in doubtful)
        return Text(f"CASE WHEN {tests} THEN {listed} END") if tests else Text(listed)

    return spell


def _ln(call: Call, parts: tuple[Text, ...]) -> Text:
    # Zero and less become NULL on the way in: an engine would answer -infinity, NaN or an error.
    return Text(f"LN(NULLIF(GREATEST({parts[0].sql}, 0), 0))")


def _sqrt(call: Call, parts: tuple[Text, ...]) -> Text:
    return Text(f"CASE WHEN {parts[0].within(CONCAT)} >= 0 THEN SQRT({parts[0].sql}) END")


def _power(call: Call, parts: tuple[Text, ...]) -> Text:
    base, exponent = parts
    listed = f"POWER({base.sql}, {exponent.sql})"
    known = call.arguments[1]
    if isinstance(known, Literal) and isinstance(known.value, int) and known.value >= 0:
        return Text(listed)
    b, e = base.within(CONCAT), exponent.within(CONCAT)
    return Text(f"CASE WHEN {b} > 0 OR ({b} = 0 AND {e} >= 0) OR ({b} < 0 AND {e} = FLOOR({e})) THEN {listed} END")


def _concat(call: Call, parts: tuple[Text, ...]) -> Text:
    return Text(" || ".join(part.within(CONCAT + 1) for part in parts), CONCAT)


def _wall(call: Call, parts: tuple[Text, ...]) -> Text:
    column, held_in, zone = parts
    is_instant = isinstance(call.arguments[1], Literal) and call.arguments[1].value is None
    instant = column.sql if is_instant else f"timezone({held_in.sql}, {column.sql})"
    return Text(f"timezone({zone.sql}, {instant})")


def _point(call: Call, parts: tuple[Text, ...]) -> Text:
    return Text(f"timezone({parts[1].sql}, {parts[0].sql})")


def _first_point(call: Call, parts: tuple[Text, ...]) -> Text:
    """Clocks that are put back to a time showed it when the moment before it was over; where that was skipped nothing came before."""
    wall, zone = parts[0], parts[1].sql
    inside = {node.function for node in walk(call.arguments[0]) if isinstance(node, Call)}
    if inside.isdisjoint((operations.FIRST_POINT, operations.EDGE_WALL)):
        return Text(_first_shown(wall.within(ADD), zone))
    return Text(f"list_transform([{wall.sql}], lambda shown: {_first_shown('shown', zone)})[1]")  # written once, as what is in it


def _first_shown(wall: str, zone: str) -> str:
    tick = "INTERVAL 1 MICROSECOND"
    return f"LEAST(timezone({zone}, {wall}), timezone({zone}, {wall} - {tick}) + {tick})"


def _edge_wall(call: Call, parts: tuple[Text, ...]) -> Text:
    zone = parts[2].sql
    wall, begins = f"timezone({zone}, edge)", f"time_bucket(INTERVAL '{_word(call.arguments[1])}', timezone({zone}, edge))"
    shown = f"CASE WHEN {_first_shown(begins, zone)} = edge THEN {begins} ELSE {wall} END"
    return Text(f"list_transform([{parts[0].sql}], lambda edge: {shown})[1]")


#: How many days a week that begins on that weekday is ahead of one that begins on a Monday.
_AHEAD = {"monday": 0, "sunday": 1, "saturday": 2, "friday": 3, "thursday": 4, "wednesday": 5, "tuesday": 6}


def _period_day(call: Call, parts: tuple[Text, ...]) -> Text:
    wall, period, start = parts[0], _word(call.arguments[1]), _word(call.arguments[2])
    if period == "day":
        return Text(f"CAST({wall.sql} AS DATE)")
    ahead = _AHEAD[start]
    if period == "week" and ahead:
        inner = call.arguments[0]
        is_day = isinstance(inner, Call) and inner.function in (operations.ADD_DAYS, operations.MAKE_DAY)
        day = f"{wall.within(ADD)} + {ahead}" if is_day else f"CAST({wall.sql} AS DATE) + {ahead}"
        moved = f"CAST(date_trunc('week', {day}) AS DATE)"
        return Text(f"{moved} - {ahead}", ADD)
    return Text(f"CAST(date_trunc('{period}', {wall.sql}) AS DATE)")


def _period_point(call: Call, parts: tuple[Text, ...]) -> Text:
    point, wall, period = parts[0], parts[1], _word(call.arguments[2])
    # Buckets are counted from a midnight, and several of a period divide the day.
    begins = f"time_bucket(INTERVAL '{period}', {wall.sql})" if " " in period else f"date_trunc('{period}', {wall.sql})"
    if call.arguments[0] == Call(operations.POINT, (call.arguments[1], Literal("UTC"))):  # a clock that is never changed
        return Text(f"timezone('UTC', {begins})")
    return Text(f"{point.within(ADD)} - ({wall.within(ADD)} - {begins})", ADD)


def _period_wall(call: Call, parts: tuple[Text, ...]) -> Text:
    return Text(f"time_bucket(INTERVAL '{_word(call.arguments[1])}', {parts[0].sql})")


def _make_day(call: Call, parts: tuple[Text, ...]) -> Text:
    return Text(f"make_date({parts[0].sql}, {parts[1].sql}, {parts[2].sql})")


def _add_days(call: Call, parts: tuple[Text, ...]) -> Text:
    day, days = parts
    known = call.arguments[1]
    if isinstance(known, Literal) and isinstance(known.value, int):
        sign = "+" if known.value >= 0 else "-"
        return Text(f"{day.within(ADD)} {sign} {abs(known.value)}", ADD)
    return Text(f"{day.within(ADD)} + CAST({days.sql} AS INTEGER)", ADD)


def _days_between(call: Call, parts: tuple[Text, ...]) -> Text:
    return Text(f"{parts[0].within(ADD)} - {parts[1].within(ADD + 1)}", ADD)


def _micros_between(call: Call, parts: tuple[Text, ...]) -> Text:
    return Text(f"epoch_us({parts[0].sql}) - epoch_us({parts[1].sql})", ADD)


def _on_day(call: Call, parts: tuple[Text, ...]) -> Text:
    day, wall = parts
    return Text(f"CAST({day.sql} AS TIMESTAMP) + ({wall.within(ADD)} - date_trunc('day', {wall.sql}))", ADD)


def _divided_whole(call: Call, parts: tuple[Text, ...]) -> Text:
    return Text(f"{parts[0].within(MULTIPLY)} // {parts[1].within(MULTIPLY + 1)}", MULTIPLY)


def _pick(call: Call, parts: tuple[Text, ...]) -> Text:
    return Text(f"[{', '.join(part.sql for part in parts[1:])}][{parts[0].sql}]")


#: How a length is written: quarters and weeks by what all engines know.
_LENGTHS = {"week": (7, "DAY"), "quarter": (3, "MONTH")}


def length_of(count: int, period: str) -> str:
    """Return so many periods as an interval is written: ``14 DAY`` for two weeks."""
    times, unit = _LENGTHS.get(period, (1, period.upper()))
    return f"{count * times} {unit}"


def _moved(call: Call, parts: tuple[Text, ...]) -> Text:
    length = _length(call)
    if length.endswith(" DAY"):  # a date and a whole number of days make a date
        return Text(f"{parts[0].within(ADD)} {length[:-4]}", ADD)
    return Text(f"CAST({parts[0].within(ADD)} {length[:2]}INTERVAL {length[2:]} AS DATE)")


def _moved_point(call: Call, parts: tuple[Text, ...]) -> Text:
    length = _length(call)
    return Text(f"{parts[0].within(ADD)} {length[:2]}INTERVAL {length[2:]}", ADD)


def _moved_clock(call: Call, parts: tuple[Text, ...]) -> Text:
    length, zone = _length(call), parts[3].sql
    return Text(f"timezone({zone}, timezone({zone}, {parts[0].sql}) {length[:2]}INTERVAL {length[2:]})")


def _moved_edge(call: Call, parts: tuple[Text, ...]) -> Text:
    length, zone, tick = _length(call), parts[3].sql, "INTERVAL 1 MICROSECOND"
    moved = f"{length[:2]}INTERVAL {length[2:]}"
    if not length.endswith(" DAY"):  # the first of a month goes to a first, and not what was before it
        moved = f"+ {tick} {moved} - {tick}"
    before = f"timezone({zone}, {parts[0].within(ADD)} - {tick})"
    return Text(f"timezone({zone}, {before} {moved}) + {tick}", ADD)


def _length(call: Call) -> str:
    """Return ``+ 3 MONTH`` or ``- 1 DAY``."""
    count, period = call.arguments[1], _word(call.arguments[2])
    assert isinstance(count, Literal) and isinstance(count.value, int)
    return f"{'-' if count.value < 0 else '+'} {length_of(abs(count.value), period)}"


def _let(call: Call, parts: tuple[Text, ...]) -> Text:
    return Text(f"list_transform([{parts[0].sql}], lambda it{parts[1].sql}: {parts[2].sql})[1]")


def _it(call: Call, parts: tuple[Text, ...]) -> Text:
    return Text(f"it{parts[0].sql}")


def _exchanged(call: Call, parts: tuple[Text, ...]) -> Text:
    """An amount without a rate stops the statement; without an amount there is nothing to convert."""
    product, amount, missing, said, currency, day = parts
    which = f" || COALESCE({currency.sql}, 'no currency') || ' on '"
    if isinstance(call.arguments[4], Literal):
        which = f" || {currency.sql[:-1]} on '"
    told = f"{said.sql}{which} || COALESCE(CAST({day.sql} AS VARCHAR), 'no day')"
    return Text(f"CASE WHEN {missing.within(NOT)} AND {amount.within(CONCAT)} IS NOT NULL THEN error({told}) ELSE {product.sql} END")


def _one_unit(call: Call, parts: tuple[Text, ...]) -> Text:
    """A cell of two units stops the statement; a cell without rows has none."""
    value, first, last, said = parts
    told = f"{said.sql} || {first.within(CONCAT + 1)} || ' and ' || {last.within(CONCAT + 1)}"
    return Text(f"CASE WHEN {first.within(CONCAT)} <> {last.within(CONCAT)} THEN error({told}) ELSE {value.sql} END")


def _whole(call: Call, parts: tuple[Text, ...]) -> Text:
    """A row with a part and without another stops the statement."""
    value, torn, said = parts
    return Text(f"CASE WHEN {torn.sql} THEN error({said.sql}) ELSE {value.sql} END")


def _word(expr: Expr) -> str:
    assert isinstance(expr, Literal)
    return str(expr.value)


_COMPARISONS = {sign: _compared(sign) for sign in ("=", "<>", "<", "<=", ">", ">=")}

#: Function of the language or operation of plans → its text, from the texts of its arguments. ``not`` and casts are the
#: speller's, who looks inside their argument.
DUCKDB: Mapping[str, Spelling] = {
    "or": _joined("OR", OR),
    "and": _joined("AND", AND),
    **_COMPARISONS,
    "is_null": TESTS,
    "in": TESTS,
    "like": TESTS,
    "+": _binary("+", ADD),
    "-": _binary("-", ADD),
    "*": _binary("*", MULTIPLY),
    "/": _divided,
    "negate": _negate,
    "concat": _concat,
    "coalesce": _function("COALESCE"),
    "nullif": _function("NULLIF"),
    "least": _of_all("LEAST"),
    "greatest": _of_all("GREATEST"),
    "abs": _function("ABS"),
    "round": _function("ROUND"),
    "floor": _function("FLOOR"),
    "ceil": _function("CEIL"),
    "ln": _ln,
    "exp": _function("EXP"),
    "sqrt": _sqrt,
    "power": _power,
    "lower": _function("LOWER"),
    "upper": _function("UPPER"),
    "trim": _function("TRIM"),
    "length": _function("LENGTH"),
    "substring": _function("SUBSTRING"),
    "year": _function("year"),
    "quarter": _function("quarter"),
    "month": _function("month"),
    "week": _function("week"),
    "day": _function("day"),
    "day_of_week": _function("isodow"),
    "day_of_year": _function("dayofyear"),
    "hour": _function("hour"),
    "minute": _function("minute"),
    operations.WALL: _wall,
    operations.POINT: _point, operations.FIRST_POINT: _first_point, operations.EDGE_WALL: _edge_wall,
    operations.PERIOD_DAY: _period_day,
    operations.PERIOD_POINT: _period_point,
    operations.MOVED: _moved,
    operations.MOVED_POINT: _moved_point,
    operations.MOVED_CLOCK: _moved_clock, operations.MOVED_EDGE: _moved_edge,
    operations.SHIFTED: _moved_point,
    operations.PERIOD_WALL: _period_wall,
    operations.MAKE_DAY: _make_day,
    operations.ADD_DAYS: _add_days,
    operations.DAYS_BETWEEN: _days_between,
    operations.ON_DAY: _on_day,
    operations.MICROS_BETWEEN: _micros_between,
    operations.DIVIDED: _divided_whole,
    operations.PICK: _pick,
    operations.LET: _let,
    operations.IT: _it,
    operations.EXCHANGED: _exchanged,
    operations.ONE_UNIT: _one_unit,
    operations.WHOLE: _whole,
    ROW: _function("ROW"),
}

"""THE closed table: every operator and function of the language, what it takes, gives and does with NULL and units.

``sql`` spells exactly these for each dialect and ``units`` computes by their unit rule; what is not here is refused.
The keys are what stands in ``Call.function`` (``SCALARS``, ``METRIC_FUNCTIONS``) and ``Aggregate.function``
(``AGGREGATES``). Some spellings have no row, because the parser reads them as others:

| written | read as |
|---|---|
| `a != b` | `a <> b` |
| `a between b and c` | `a >= b and a <= c` |
| `a not in (…)`, `a not like b`, `a not between b and c`, `a is not null` | `not (…)` of the form without `not` |
| `a is true`, `a is not true` | `coalesce(a, false)`, `not coalesce(a, false)` |
| `a is false`, `a is not false` | `coalesce(not a, false)`, `not coalesce(not a, false)` |
| `case x when a then b … end` | `case when x = a then b … end` |
| `extract(year from a)` | `year(a)`, and so for each date part |
| `concat(a, b, c)` | `a \\|\\| b \\|\\| c` |
| `median(x)` | `quantile(x, 0.5)` |
| `-15` | the number minus fifteen, not a call |
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from decisionlayer.frozen import dataclass


class Takes(Enum):
    """What an argument may be; an unknown type passes everywhere, and a bare NULL wherever a value may be NULL."""

    number = "number"
    text = "text"
    condition = "condition"
    time = "date or timestamp"
    clock = "timestamp"  # a date has no hours, and those of an instant hang on a zone
    value = "anything"
    alike = "all of one kind"
    ordered = "all of one kind, not conditions"
    digits = "whole number, written out"
    pattern = "pattern, written out"
    share = "number from 0 to 1, written out"
    metric = "metric or formula"
    interval = "length, like '28 days'"
    period = "period"
    path = "path, or all"


class Gives(Enum):
    """The type that comes out."""

    condition = "condition"
    integer = "integer"
    float = "float"
    text = "text"
    wider = "the wider number"  # integer < decimal < float; decimals keep the larger scale
    product = "the wider number, scales added"
    common = "their common type"
    first = "the type of a"
    rounded = "the type of a, fewer digits"
    total = "integer, decimal(38, s) or float"


class Nulls(Enum):
    """What NULL does; every row of the table does exactly one of these, in every dialect."""

    spread = "NULL if any argument is"
    undefined = "NULL if any argument is, or where undefined"
    three_valued = "as in SQL: NULL unless the rest decides"
    tested = "never NULL"
    first_known = "NULL only if all arguments are"
    equal = "NULL if the first argument is, or equals the second"
    skipped = "rows with NULL are skipped; none left: NULL"
    counted = "rows with NULL are skipped; none left: 0"
    cells = "NULL where the metric has no value"
    outer = "no rows: counts as nothing; NULL if any argument is"


class Units(Enum):
    """How the unit of the result follows from those of the arguments; ``resolve/quantities/units.py`` computes it."""

    same = "equal, kept"
    first = "the first one's"
    product = "multiplied"
    quotient = "divided"
    power = "raised, by a number written out"
    root = "exponents halved"
    dimensionless = "pure numbers"
    compared = "equal; then none"
    counting = "the counted thing, or none"
    none = "none"


@dataclass(frozen=True, slots=True)
class Function:
    """One row: a function or operator, how it is written, its arguments (the last kind repeats), and its rules."""

    name: str
    spelling: str
    takes: tuple[Takes, ...]
    fewest: int
    most: int | None  # None: as many as you like
    gives: Gives
    nulls: Nulls
    units: Units
    says: str

    def takes_at(self, position: int) -> Takes:
        """Return what the argument at ``position`` (from 0) may be."""
        return self.takes[min(position, len(self.takes) - 1)]


def _rows(*rows: Function) -> Mapping[str, Function]:
    return MappingProxyType({row.name: row for row in rows})


def _operator(name: str, spelling: str, takes: Takes, gives: Gives, nulls: Nulls, units: Units, says: str) -> Function:
    return Function(name, spelling, (takes, takes), 2, 2, gives, nulls, units, says)


def _part(name: str, takes: Takes, says: str) -> Function:
    return Function(name, f"{name}(a)", (takes,), 1, 1, Gives.integer, Nulls.spread, Units.none, says)


def _text(name: str, gives: Gives, says: str) -> Function:
    return Function(name, f"{name}(a)", (Takes.text,), 1, 1, gives, Nulls.spread, Units.none, says)


def _number(name: str, gives: Gives, nulls: Nulls, units: Units, says: str) -> Function:
    return Function(name, f"{name}(a)", (Takes.number,), 1, 1, gives, nulls, units, says)


_C, _N, _U = Gives.condition, Nulls, Units

#: Operators and functions over values: rows within an aggregate or a filter, cells outside.
SCALARS: Mapping[str, Function] = _rows(
    Function("or", "a or b", (Takes.condition,), 2, None, _C, _N.three_valued, _U.none, "at least one holds"),
    Function("and", "a and b", (Takes.condition,), 2, None, _C, _N.three_valued, _U.none, "all hold"),
    Function("not", "not a", (Takes.condition,), 1, 1, _C, _N.spread, _U.none, "does not hold"),
    _operator("=", "a = b", Takes.alike, _C, _N.spread, _U.compared, "equal"),
    _operator("<>", "a <> b", Takes.alike, _C, _N.spread, _U.compared, "not equal"),
    _operator("<", "a < b", Takes.ordered, _C, _N.spread, _U.compared, "less, earlier, or before by code point"),
    _operator("<=", "a <= b", Takes.ordered, _C, _N.spread, _U.compared, "less or equal"),
    _operator(">", "a > b", Takes.ordered, _C, _N.spread, _U.compared, "greater, later, or after by code point"),
    _operator(">=", "a >= b", Takes.ordered, _C, _N.spread, _U.compared, "greater or equal"),
    Function("is_null", "a is null", (Takes.value,), 1, 1, _C, _N.tested, _U.none, "has no value"),
    Function("in", "a in (b, c)", (Takes.alike,), 2, None, _C, _N.three_valued, _U.compared, "equals one of the list"),
    Function("like", "a like 'p'", (Takes.text, Takes.pattern), 2, 2, _C, _N.spread, _U.none,
             "fits the pattern: `%` is any run, `_` any one character, case counts, nothing escapes"),
    _operator("+", "a + b", Takes.number, Gives.wider, _N.outer, _U.same, "sum"),
    _operator("-", "a - b", Takes.number, Gives.wider, _N.outer, _U.same, "difference"),
    _operator("*", "a * b", Takes.number, Gives.product, _N.spread, _U.product, "product"),
    _operator("/", "a / b", Takes.number, Gives.float, _N.undefined, _U.quotient,
              "quotient, never cut to a whole number; by zero NULL"),
    Function("negate", "-a", (Takes.number,), 1, 1, Gives.first, _N.spread, _U.same, "the other sign"),
    Function("concat", "a || b", (Takes.text,), 2, None, Gives.text, _N.spread, _U.none, "texts end to end"),
    Function("coalesce", "coalesce(a, b, …)", (Takes.alike,), 2, None, Gives.common, _N.first_known, _U.same,
             "the first that has a value"),
    Function("nullif", "nullif(a, b)", (Takes.alike,), 2, 2, Gives.first, _N.equal, _U.same,
             "a, but NULL where it equals b"),
    Function("least", "least(a, b, …)", (Takes.ordered,), 2, None, Gives.common, _N.spread, _U.same, "the smallest"),
    Function("greatest", "greatest(a, b, …)", (Takes.ordered,), 2, None, Gives.common, _N.spread, _U.same,
             "the greatest"),
    _number("abs", Gives.first, _N.spread, _U.same, "without its sign"),
    Function("round", "round(a, n)", (Takes.number, Takes.digits), 1, 2, Gives.rounded, _N.spread, _U.first,
             "to n digits after the point (none without n), halves away from zero"),
    _number("floor", Gives.rounded, _N.spread, _U.same, "the whole number below"),
    _number("ceil", Gives.rounded, _N.spread, _U.same, "the whole number above"),
    _number("ln", Gives.float, _N.undefined, _U.dimensionless, "natural logarithm; of zero or less NULL"),
    _number("exp", Gives.float, _N.spread, _U.dimensionless, "e to the power of a"),
    _number("sqrt", Gives.float, _N.undefined, _U.root, "square root; of less than zero NULL"),
    Function("power", "power(a, b)", (Takes.number,), 2, 2, Gives.float, _N.undefined, _U.power,
             "a to the power of b; NULL for zero to a negative power, and for a negative a to a broken one"),
    _text("lower", Gives.text, "in small letters"),
    _text("upper", Gives.text, "in capitals"),
    _text("trim", Gives.text, "without spaces at either end"),
    _text("length", Gives.integer, "how many characters"),
    Function("substring", "substring(a, start, length)", (Takes.text, Takes.digits), 2, 3, Gives.text, _N.spread,
             _U.none, "from the character at start (the first is 1), to the end without length"),
    _part("year", Takes.time, "the year"),
    _part("quarter", Takes.time, "1 to 4"),
    _part("month", Takes.time, "1 to 12"),
    _part("week", Takes.time, "the ISO week, 1 to 53"),
    _part("day", Takes.time, "the day of the month, 1 to 31"),
    _part("day_of_week", Takes.time, "Monday 1 to Sunday 7"),
    _part("day_of_year", Takes.time, "1 to 366"),
    _part("hour", Takes.clock, "0 to 23"),
    _part("minute", Takes.clock, "0 to 59"),
)  # fmt: skip

#: Aggregates over rows; in measures only, each with an optional ``filter (where …)``.
AGGREGATES: Mapping[str, Function] = _rows(
    Function("sum", "sum(a)", (Takes.number,), 1, 1, Gives.total, _N.skipped, _U.same, "total"),
    Function("avg", "avg(a)", (Takes.number,), 1, 1, Gives.float, _N.skipped, _U.same, "total over count"),
    Function("min", "min(a)", (Takes.ordered,), 1, 1, Gives.first, _N.skipped, _U.same, "the smallest"),
    Function("max", "max(a)", (Takes.ordered,), 1, 1, Gives.first, _N.skipped, _U.same, "the greatest"),
    Function("count", "count(*), count(a)", (Takes.value,), 0, 1, Gives.integer, _N.counted, _U.counting,
             "rows, or rows that have a"),
    Function("count_distinct", "count(distinct a)", (Takes.value,), 1, 1, Gives.integer, _N.counted, _U.counting,
             "different values of a"),
    Function("quantile", "quantile(a, q), median(a)", (Takes.number, Takes.share), 2, 2, Gives.float, _N.skipped,
             _U.same, "the value below which the share q of the rows lies, interpolated between neighbours"),
    Function("quantile_disc", "quantile_disc(a, q)", (Takes.number, Takes.share), 2, 2, Gives.first, _N.skipped,
             _U.same, "the smallest value that is there and that at least the share q of the rows does not exceed"),
)  # fmt: skip

#: The aggregates that take a share of the rows.
QUANTILES = frozenset({"quantile", "quantile_disc"})

_LENGTH, _METRIC = Takes.interval, Takes.metric

#: Functions over metrics; in formulas only. The first argument is a metric or a formula of metrics.
METRIC_FUNCTIONS: Mapping[str, Function] = _rows(
    Function("prior", "prior(m, '1 month')", (_METRIC, _LENGTH), 2, 2, Gives.first, _N.cells, _U.first,
             "the value so many whole periods earlier"),
    Function("period_start", "period_start(m, month)", (_METRIC, Takes.period), 2, 2, Gives.first, _N.cells, _U.first,
             "the value at the start of the period that the cell lies in"),
    Function("trailing", "trailing(m, '28 days')", (_METRIC, _LENGTH), 2, 2, Gives.first, _N.cells, _U.first,
             "over the length that ends with the cell"),
    Function("to_date", "to_date(m, year)", (_METRIC, Takes.period), 2, 2, Gives.first, _N.cells, _U.first,
             "from the start of the period to the cell"),
    Function("all_time", "all_time(m)", (_METRIC,), 1, 1, Gives.first, _N.cells, _U.first,
             "from the first row to the cell"),
    Function("total", "total(m, region)", (_METRIC, Takes.path), 1, None, Gives.first, _N.cells, _U.first,
             "without any split but time and the paths named; `total(m, all)` without time too"),
    Function("per", "per(m, week)", (_METRIC, Takes.period), 2, 2, Gives.float, _N.cells, _U.quotient,
             "divided by the length of the asked period"),
)  # fmt: skip

#: Everything that may stand in ``Call.function``.
FUNCTIONS: Mapping[str, Function] = MappingProxyType({**SCALARS, **METRIC_FUNCTIONS})

_OPERATORS = frozenset({
    "or", "and", "not", "=", "<>", "<", "<=", ">", ">=", "is_null", "in", "like", "+", "-", "*", "/", "negate",
})  # fmt: skip

#: What is called by name with parentheses; operators are not.
CALLABLE: Mapping[str, Function] = MappingProxyType({n: f for n, f in FUNCTIONS.items() if n not in _OPERATORS})

DATE_PARTS = ("year", "quarter", "month", "week", "day", "day_of_week", "day_of_year", "hour", "minute")
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")

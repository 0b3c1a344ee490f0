"""The unit of an expression, computed from the units of its names, and what does not fit together (DL105).

``* /`` multiply and divide units; ``+ -``, comparisons, ``coalesce``, ``case`` and their kin need equal ones. A column
without a unit is unknown: nothing is said about it, and what is computed from it alone is unknown too. Which rule a
function follows is in its row of ``language/functions.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeAlias, assert_never
from typing import Literal as OneOf

from decisionlayer.resolve.language.functions import AGGREGATES, COMPARISONS, FUNCTIONS, Units
from decisionlayer.resolve.language.printing import shown
from decisionlayer.resolve.language.problems import Problem
from decisionlayer.resolve.language.tree import NOWHERE, Aggregate, Call, Case, Expr, Literal, Name, Param, Span, names
from decisionlayer.resolve.quantities.unit_algebra import (
    BUILT_IN,
    COUNT,
    COUNTED,
    CURRENCIES,
    PERCENT,
    PURE,
    TIMES,
    Unit,
    exact_factor,
    fits,
    in_words,
    is_money,
    parse_unit,
)

__all__ = [
    "BUILT_IN", "COUNT", "COUNTED", "CURRENCIES", "PERCENT", "PURE", "TIMES", "Unit", "exact_factor", "fits", "parse_unit",
    "unit_of", "unlike_declared",
]  # fmt: skip

#: How literals are read: in measures and filters 15 takes the unit of what it stands beside, in formulas it is a number.
Literals: TypeAlias = OneOf["adapt", "pure"]


class _Any:
    """The unit of what fits every unit: NULL, zero, and literals where they adapt."""


_ANY: Final = _Any()
_Found: TypeAlias = Unit | _Any | None  # None is unknown


def unit_of(
    expr: Expr, lookup: Callable[[Name], Unit | None], *, literals: Literals
) -> tuple[Unit | None, tuple[Problem, ...]]:
    """Return the unit of ``expr``, None when it is unknown or there is none, and every place where units do not fit.

    ``literals`` is "adapt" for measures and filters (``dep_delay > 15`` compares minutes) and "pure" for formulas
    (``revenue > 15`` is refused: 15 of what?). A literal zero and NULL fit any unit. What counts rows comes back with
    the base ``COUNT``; compare it with a declared unit by ``unlike_declared``.
    """
    computing = _Computing(lookup, literals)
    found = computing.unit(expr)
    return (found if isinstance(found, Unit) else None), tuple(dict.fromkeys(computing.problems))


def unlike_declared(computed: Unit | None, declared: Unit, span: Span = NOWHERE) -> Problem | None:
    """Return a problem when a body is not in the unit that is declared for it; an unknown unit passes."""
    if computed is None or fits(computed, declared):
        return None
    message = f"what it computes is {in_words(computed)}, but `unit` says {declared}"
    factor = exact_factor(computed, declared)
    if factor is not None:
        help = f"Declare `unit: {computed}`; a term of a translation is converted by `to: {declared}`."
    elif COUNT in computed.powers:
        help = "Rows counted are in a unit declared under `units:`, as flight, or have the unit 1."
    else:
        help = f"Declare `unit: {computed}`, or look for a part that is missing or too many."
    return Problem("mixed-units", message, span, help)


_VERBS = {"+": "added", "-": "subtracted", "in": "compared", **dict.fromkeys(COMPARISONS, "compared")}


class _Computing:
    """One expression's units being computed, from the leaves up."""

    def __init__(self, lookup: Callable[[Name], Unit | None], literals: Literals) -> None:
        self.lookup = lookup
        self.adapt = literals == "adapt"
        self.problems: list[Problem] = []

    def unit(self, expr: Expr) -> _Found:
        """Return the unit of one node."""
        match expr:
            case Literal():
                return self.literal(expr)
            case Param():
                return _ANY
            case Name():
                return self.lookup(expr)
            case Call():
                return self.call(expr)
            case Case():
                return self.case(expr)
            case Aggregate():
                return self.aggregate(expr)
            case _:
                assert_never(expr)

    def literal(self, expr: Literal) -> _Found:
        """Return no unit of its own for what adapts, none for zero, NULL and texts, and a pure number for the rest."""
        value = expr.value
        if self.adapt or isinstance(value, bool) or not isinstance(value, int | Decimal):
            return _ANY
        return PURE if value else _ANY

    def case(self, expr: Case) -> _Found:
        """Check the conditions, and let the results agree."""
        for when, _ in expr.branches:
            self.unit(when)
        results = [then for _, then in expr.branches]
        if expr.otherwise is not None:
            results.append(expr.otherwise)
        return self.alike(results, [self.unit(result) for result in results], "used for one another", expr.span)

    def aggregate(self, expr: Aggregate) -> _Found:
        """Keep the unit of what is aggregated; rows and tallies of ones are counts."""
        if expr.where is not None:
            self.unit(expr.where)
        found = None if expr.argument is None else self.unit(expr.argument)
        if AGGREGATES[expr.function].units is Units.counting:
            return COUNTED
        if expr.argument is not None and isinstance(found, _Any) and _is_tally(expr.argument):
            # sum(case when late then 1 else 0 end) counts, and its average is a share
            return COUNTED if expr.function == "sum" else PURE
        return found

    def call(self, expr: Call) -> _Found:
        """Follow the unit rule of the function's row."""
        row = FUNCTIONS[expr.function]
        arguments = expr.arguments
        if row.name == "per":
            return self.per(arguments)
        if row.units is Units.first:
            return self.unit(arguments[0])
        found = [self.unit(argument) for argument in arguments]
        match row.units:
            case Units.same:
                return self.alike(arguments, found, _VERBS.get(row.name, "used for one another"), expr.span)
            case Units.compared:
                self.alike(arguments, found, "compared", expr.span)
                return None
            case Units.product | Units.quotient:
                return _combined(found, -1 if row.units is Units.quotient else 1)
            case Units.power:
                return self.power(expr, found)
            case Units.root:
                return found[0] ** Fraction(1, 2) if isinstance(found[0], Unit) else found[0]
            case Units.dimensionless:
                return self.pure(expr, arguments[0], found[0])
            case Units.counting | Units.none:
                return None
            case other:
                assert_never(other)

    def per(self, arguments: Sequence[Expr]) -> _Found:
        """Divide by the period where it is a base; a calendar's own week is none."""
        found = self.unit(arguments[0])
        period = arguments[1]
        word = period.value if isinstance(period, Literal) else period.text if isinstance(period, Name) else None
        if not isinstance(found, Unit) or not isinstance(word, str) or word not in TIMES:
            return None
        return found / Unit.of({word: 1})

    def power(self, expr: Call, found: Sequence[_Found]) -> _Found:
        """Raise to a power that is written out; a computed one needs pure numbers."""
        base, by = found
        exponent = expr.arguments[1].value if isinstance(expr.arguments[1], Literal) else None
        if isinstance(exponent, int | Decimal) and not isinstance(exponent, bool):
            return base ** Fraction(exponent) if isinstance(base, Unit) else base
        self.pure(expr, expr.arguments[1], by)
        return self.pure(expr, expr.arguments[0], base)

    def pure(self, expr: Call, argument: Expr, found: _Found) -> _Found:
        """Require a pure number; a count is one."""
        if isinstance(found, Unit) and not fits(found, PURE):
            name = expr.function
            message = f"{shown(argument)} is {in_words(found)}, and `{name}` takes pure numbers"
            help = f"Divide it by something in {found} first."
            self.problems.append(Problem("mixed-units", message, argument.span, help))
            return None
        return PURE if isinstance(found, Unit) else found

    def alike(self, parts: Sequence[Expr], found: Sequence[_Found], verb: str, span: Span) -> _Found:
        """Return the one unit of all parts; a problem for the first two that differ."""
        agreed: Unit | None = None
        first: Expr | None = None
        for part, unit in zip(parts, found, strict=True):
            if not isinstance(unit, Unit):
                continue
            if agreed is None or first is None:
                agreed, first = unit, part
                continue
            if fits(unit, agreed):
                continue
            if fits(agreed, unit):
                agreed, first = unit, part
                continue
            self.problems.append(self.unlike(first, agreed, part, unit, verb, span))
            return None
        if agreed is not None:
            return agreed
        return _ANY if all(isinstance(unit, _Any) for unit in found) else None

    def unlike(self, left: Expr, one: Unit, right: Expr, other: Unit, verb: str, span: Span) -> Problem:
        """Return the finding about two parts that do not fit, with the smallest fix."""
        message = f"{shown(left)} is {in_words(one)}, {shown(right)} {in_words(other)}"
        return Problem("mixed-units", f"{message}: they cannot be {verb}", span, self.mend(left, one, right, other))

    def mend(self, left: Expr, one: Unit, right: Expr, other: Unit) -> str:
        """Return the smallest fix: a conversion, an fx frame, an assumption, or the column's unit."""
        factor = exact_factor(one, other)
        if factor is not None:
            if self.adapt:
                return f"Declare both columns in one unit; {_equation(one, other, factor)}."
            fine, coarse, side = (one, other, left) if factor < 1 else (other, one, right)
            found = self.to_convert(side, fine, coarse)
            if found is None:
                return f"Write `to: {coarse}` on a term of {shown(side)}; {_equation(one, other, factor)}."
            term, own, to = found
            return f"Write `to: {to}` on the term {term.text}; {_equation(own, to, exact_factor(own, to) or factor)}."
        if is_money(one) and is_money(other) and _without_money(one) == _without_money(other):
            return f"{one} becomes {other} only through an fx frame, with the rate of each row's own date."
        if not self.adapt and not (one.is_pure or other.is_pure) and is_money(one) != is_money(other):
            money, thing = (one, other) if is_money(one) else (other, one)
            return f"Multiply {thing} by a price in {money / thing}, declared under `assumptions:` with its owner."
        if isinstance(left, Literal) or isinstance(right, Literal):
            return (
                "Numbers in a formula have no unit; declare this one under `assumptions:` with its unit, and name it."
            )
        return ""


    def to_convert(self, side: Expr, fine: Unit, coarse: Unit) -> tuple[Name, Unit, Unit] | None:
        """Return the first name in ``side`` that is a plain length of something and, converted, turns ``fine`` into ``coarse``.

        In ``waited * price``, minutes times USD/hour, that is ``waited``: a price has an owner and is not converted.
        """
        for term in dict.fromkeys(names(side)):
            own = self.lookup(term)
            if own is None:
                continue
            for to in (own * coarse / fine, own * fine / coarse):
                is_plain = len(to.exponents) == 1 or own == fine
                if is_plain and exact_factor(own, to) is not None and self.unit_with(side, term, to) == coarse:
                    return term, own, to
        return None

    def unit_with(self, expr: Expr, changed: Name, unit: Unit) -> Unit | None:
        """Return the unit that ``expr`` would have if ``changed`` had ``unit``; None when it still would not fit."""
        lookup = self.lookup
        computing = _Computing(lambda name: unit if name == changed else lookup(name), "adapt" if self.adapt else "pure")
        found = computing.unit(expr)
        return found if isinstance(found, Unit) and not computing.problems else None


def _combined(found: Sequence[_Found], sign: int) -> _Found:
    """Multiply (1) or divide (-1) two units; what fits any unit is a pure number here."""
    left, right = found
    if left is None or right is None:
        return None
    if isinstance(left, _Any):
        return _ANY if isinstance(right, _Any) else right**sign
    if isinstance(right, _Any):
        return left
    return left / right if sign < 0 else left * right


def _is_tally(expr: Expr) -> bool:
    """Say whether every row gives a literal 1, 0 or NULL."""
    match expr:
        case Literal(value=value):
            return value is None or value in (0, 1)
        case Case():
            results = (*(then for _, then in expr.branches), *(() if expr.otherwise is None else (expr.otherwise,)))
            return all(_is_tally(result) for result in results)
        case _:
            return False


def _without_money(unit: Unit) -> Unit:
    return Unit.of({base: power for base, power in unit.exponents if base not in CURRENCIES})


def _equation(one: Unit, other: Unit, factor: Fraction) -> str:
    """Return what one of the larger unit is in the smaller: ``1 hour is 60 minute``."""
    large, small, times = (one, other, factor) if factor > 1 else (other, one, 1 / factor)
    return f"1 {large} is {times} {small}"

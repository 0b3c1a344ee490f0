"""Formulas: arithmetic over values of one cell, and what absence does to it. Measures follow the same text.

**Value.** In a cell without rows a count is 0, and every other aggregate is NULL.

**Absence.** A count is absent in a cell where it is 0, every other aggregate where it is NULL (a column that is NULL in all
rows is nothing to add). Anything made of aggregates or metrics is absent where every aggregate below it is. Literals and
assumptions are never absent, and never make anything present.

**Sums.** ``+``, ``-`` and unary minus, nested in whatever way, are one sum; parentheses among them change nothing. Its
operands are what stands between the signs. An absent operand counts as nothing: its value where it has one (a count's 0),
else 0. A present operand counts with its value, and a present NULL, as from a division by zero, makes the sum NULL. Where
every operand made of metrics is absent and has the value NULL, the sum is NULL, whatever literals stand beside.

**Everything else** (``* /``, comparisons, functions, ``case``) takes the values as they are and follows the table of the
language: NULL stays NULL; a division by zero, and a function outside its domain, is NULL.

**Missing.** At a metric's own finish, before any other metric uses it, and only in a cell that none of its rows is in: with
``missing: zero`` a NULL is 0 there, with ``missing: null`` a count is NULL there. No rows is not NULL: where there are rows
and none of them says how much, the sum stays NULL. A term's factor comes after that.

::

    revenue - cost       N 100, 60 → 40      S 80, no rows → 80      W no rows, 30 → -30      in all: 180 - 90 = 90
    revenue / cost       N 100, 60 → 1.67    S 80, no rows → NULL    W no rows, 30 → NULL
    revenue - 1                              where there is no revenue → NULL
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

from decisionlayer.frozen import dataclass, replace
from decisionlayer.resolve.language.functions import FUNCTIONS, Nulls
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, is_nonzero


class Null(Enum):
    """What it means when a value is NULL."""

    never = "it is never NULL"
    absent = "it is NULL exactly where it is absent"
    implied = "it is NULL where it is absent, and perhaps elsewhere"
    outside = "it is NULL in a cell outside the data, and nowhere else"
    unknown = "nothing"


@dataclass(frozen=True, slots=True)
class Atom:
    """One aggregate that may be absent: its column, and whether absence shows as 0 (counts) or as NULL.

    ``rows`` is the number of the rows that it is over, ``covers_rows`` says that it counts all of them: where it is 0, every
    other aggregate over them is absent too. ``known`` is the column that says whether its cell touches the data at all (None:
    it does): outside the data nothing is absent, and everything is missing. ``of_shares`` says that it counts those rows alone of which a
    share is in the cell: a sum over the others is 0, and not NULL.
    """

    column: str
    is_count: bool
    rows: int
    covers_rows: bool = False
    known: str | None = None
    of_shares: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a cell: its expression, the aggregates below it, and what NULL means in it."""

    expr: Expr
    atoms: frozenset[Atom]
    null: Null

    @property
    def bears(self) -> bool:
        """Whether it is made of aggregates at all; literals and assumptions are not."""
        return bool(self.atoms)

    @property
    def is_strict(self) -> bool:
        """Whether it is NULL wherever it is absent."""
        return self.null in (Null.absent, Null.implied)


NULL = Literal(None)
ZERO = Literal(0)

Leaf: TypeAlias = Callable[[Name | Aggregate], Value]
Keep: TypeAlias = Callable[[Expr], Expr]


def literal(value: Expr) -> Value:
    """Return the value of a constant: an assumption, or a literal of the text."""
    is_null = isinstance(value, Literal) and value.value is None
    return Value(value, frozenset(), Null.unknown if is_null else Null.never)


def evaluate(expr: Expr, leaf: Leaf, keep: Keep) -> Value:
    """Return the value of ``expr`` in a cell; ``leaf`` gives those of metrics, terms, assumptions and aggregates.

    ``keep`` gives an expression that is needed more than once a column of its own, so that nothing grows with its depth.
    """
    match expr:
        case Name() | Aggregate():
            return leaf(expr)
        case Call(function="+" | "-" | "negate"):
            return _sum(_operands(expr, False, leaf, keep), keep)
        case Call():
            return _call(expr, tuple(evaluate(argument, leaf, keep) for argument in expr.arguments))
        case Case():
            return _case(expr, leaf, keep)
        case _:
            return literal(expr)


def finish(value: Value, missing: str | None, keep: Keep, counted: Mapping[int, Atom]) -> Value:
    """Return the value as the metric's ``missing:`` says it is in a cell without rows.

    ``counted`` gives for a number of rows the count of all of them; rows that it lacks are those whose NULL proves that there
    are none.
    """
    if not value.bears:
        return value
    match missing:
        case "zero" if value.null is not Null.never:
            return _zero_without_rows(_in_column(value, keep), counted)
        case "null" if not value.is_strict or any(atom.rows in counted and counted[atom.rows].of_shares for atom in value.atoms):
            counts_all = len(value.atoms) == 1 and all(atom.covers_rows and atom.known is None for atom in value.atoms)
            if isinstance(value.expr, Name) and counts_all:
                return Value(Call("nullif", (value.expr, ZERO)), value.atoms, Null.absent)
            return Value(_case_when(_without_rows(value, counted), NULL, value.expr), value.atoms, Null.unknown)
        case _:
            return value


def _zero_without_rows(value: Value, counted: Mapping[int, Atom]) -> Value:
    if value.null is Null.absent and not any(atom.rows in counted for atom in value.atoms):
        return Value(Call("coalesce", (value.expr, ZERO)), value.atoms, Null.never)
    zero = ZERO if value.is_strict else Call("coalesce", (value.expr, ZERO))
    return Value(_case_when(_without_rows(value, counted), zero, value.expr), value.atoms, Null.unknown)


def _without_rows(value: Value, counted: Mapping[int, Atom]) -> Expr:
    """Return the condition that a cell has no rows of anything below ``value``; one outside the data has none."""
    telling = frozenset(replace(counted.get(atom.rows, atom), known=None) for atom in value.atoms)
    return absent(Value(value.expr if telling == value.atoms else NULL, telling, value.null))


def scale(value: Value, factor: Fraction) -> Value:
    """Return the value times an exact factor, as from minutes to hours."""
    if factor == 1:
        return value
    expr = value.expr
    if factor.numerator != 1:
        expr = Call("*", (expr, Literal(factor.numerator)))
    if factor.denominator != 1:
        expr = Call("/", (expr, Literal(factor.denominator)))
    return Value(expr, value.atoms, value.null)


def absent(value: Value) -> Expr:
    """Return the condition that every aggregate below ``value`` is absent."""
    if value.null is Null.absent and isinstance(value.expr, Name):
        return Call("is_null", (value.expr,))
    covered = {atom.rows for atom in value.atoms if atom.covers_rows}
    telling = sorted(
        (atom for atom in value.atoms if atom.covers_rows or atom.rows not in covered), key=lambda atom: atom.column
    )
    tests: list[Expr] = [Name((known,)) for known in dict.fromkeys(atom.known for atom in telling) if known is not None]
    tests += [
        Call("=", (Name((atom.column,)), ZERO)) if atom.is_count else Call("is_null", (Name((atom.column,)),))
        for atom in telling
    ]
    return tests[0] if len(tests) == 1 else Call("and", tuple(tests))


# sums


@dataclass(frozen=True, slots=True)
class _Operand:
    value: Value
    minus: bool


def _operands(expr: Expr, minus: bool, leaf: Leaf, keep: Keep) -> tuple[_Operand, ...]:
    match expr:
        case Call(function="+", arguments=parts):
            return tuple(operand for part in parts for operand in _operands(part, minus, leaf, keep))
        case Call(function="-", arguments=(left, right)):
            return (*_operands(left, minus, leaf, keep), *_operands(right, not minus, leaf, keep))
        case Call(function="negate", arguments=(inner,)):
            return _operands(inner, not minus, leaf, keep)
        case _:
            return (_Operand(evaluate(expr, leaf, keep), minus),)


def _in_column(value: Value, keep: Keep) -> Value:
    if value.null is not Null.unknown or not value.bears or isinstance(value.expr, Name):
        return value
    return Value(keep(value.expr), value.atoms, value.null)


def _sum(operands: tuple[_Operand, ...], keep: Keep) -> Value:
    if sum(operand.value.bears for operand in operands) > 1:
        operands = tuple(_Operand(_in_column(operand.value, keep), operand.minus) for operand in operands)
    bearing = [operand.value for operand in operands if operand.value.bears]
    atoms = frozenset(atom for value in bearing for atom in value.atoms)
    others_are_known = all(operand.value.null is Null.never for operand in operands if not operand.value.bears)
    if len(bearing) <= 1:
        # An absent NULL stays NULL and everything else keeps its value: that is what plain arithmetic does.
        null = (bearing[0].null if bearing else Null.never) if others_are_known else Null.unknown
        return Value(_added([(operand.value.expr, operand.minus) for operand in operands]), atoms, null)
    nulls = {value.null for value in bearing}
    if others_are_known and len(operands) == 2 and _are_columns(bearing):
        return Value(_either(operands), atoms, Null.absent if nulls == {Null.absent} else Null.implied)
    total = _added([(_contribution(operand.value), operand.minus) for operand in operands])
    surely = others_are_known and nulls <= {Null.never, Null.absent}
    if nulls & {Null.never, Null.outside}:  # one that has a value where it is absent
        if others_are_known and Null.outside in nulls and nulls <= {Null.never, Null.absent, Null.outside}:
            return Value(total, atoms, Null.outside)
        return Value(total, atoms, Null.never if surely else Null.unknown)
    null = Null.unknown
    if others_are_known and all(value.is_strict for value in bearing):
        null = Null.absent if surely else Null.implied
    return Value(_case_when(_all_lack(bearing), NULL, total), atoms, null)


def _are_columns(values: list[Value]) -> bool:
    return all(value.is_strict and isinstance(value.expr, Name) for value in values)


def _either(operands: tuple[_Operand, ...]) -> Expr:
    """Two columns that are NULL where absent: ``coalesce(a - b, a, -b)`` is their sum, or whichever is there.

    A column that may be NULL elsewhere lets the other stand alone only where it is absent indeed.
    """
    signed = [(operand.value.expr, operand.minus) for operand in operands]
    alone = [Call("negate", (expr,)) if minus else expr for expr, minus in signed]
    others = (operands[1].value, operands[0].value)
    parts = (
        each if other.null is Null.absent else Case(((absent(other), each),), None)
        for each, other in zip(alone, others, strict=True)
    )
    return Call("coalesce", (_added(signed), *parts))


def _contribution(value: Value) -> Expr:
    if not value.bears:
        return value.expr
    match value.null:
        case Null.never | Null.outside:
            return value.expr
        case Null.absent:
            return Call("coalesce", (value.expr, ZERO))
        case Null.implied:
            return _case_when(absent(value), ZERO, value.expr)
        case _:
            lacks = absent(value)
            is_null = Call("is_null", (value.expr,))
            proven = lacks == is_null or (isinstance(lacks, Call) and lacks.function == "and" and is_null in lacks.arguments)
            return _case_when(lacks, ZERO if proven else Call("coalesce", (value.expr, ZERO)), value.expr)


def _all_lack(bearing: list[Value]) -> Expr:
    if all(value.null is Null.absent and isinstance(value.expr, Name) for value in bearing):
        return Call("is_null", (Call("coalesce", tuple(dict.fromkeys(value.expr for value in bearing))),))
    tests: dict[Expr, None] = {}
    for value in bearing:
        lacks = absent(value)
        tests.update(dict.fromkeys(lacks.arguments if isinstance(lacks, Call) and lacks.function == "and" else (lacks,)))
        if not value.is_strict:
            tests[Call("is_null", (value.expr,))] = None
    return next(iter(tests)) if len(tests) == 1 else Call("and", tuple(tests))


def _added(signed: list[tuple[Expr, bool]]) -> Expr:
    first, minus = signed[0]
    result: Expr = Call("negate", (first,)) if minus else first
    for expr, minus in signed[1:]:
        result = Call("-" if minus else "+", (result, expr))
    return result


# everything else


def _call(call: Call, values: tuple[Value, ...]) -> Value:
    expr = Call(call.function, tuple(value.expr for value in values))
    atoms = frozenset(atom for value in values for atom in value.atoms)
    return Value(expr, atoms, _null_of_call(call.function, values))


def _null_of_call(function: str, values: tuple[Value, ...]) -> Null:
    nulls = FUNCTIONS[function].nulls
    bearing = [value for value in values if value.bears]
    all_never = all(value.null is Null.never for value in values)
    if nulls is Nulls.tested:
        return Null.never
    if nulls is Nulls.first_known:
        if any(value.null is Null.never for value in values):
            return Null.never
        if all(value.null is Null.absent for value in values):
            return Null.absent
        return Null.implied if all(value.is_strict for value in values) else Null.unknown
    if nulls is Nulls.equal:
        return Null.implied if values[0].is_strict else Null.unknown
    if nulls is Nulls.three_valued:
        return Null.never if all_never else Null.unknown
    if all_never and nulls is Nulls.spread:
        return Null.never
    is_total = nulls is Nulls.spread or (function == "/" and is_nonzero(values[1].expr))
    others_are_known = all(value.null is Null.never for value in values if not value.bears)
    if len(bearing) == 1 and is_total and others_are_known:
        return bearing[0].null
    return Null.implied if any(value.is_strict for value in bearing) else Null.unknown


def _case(case: Case, leaf: Leaf, keep: Keep) -> Value:
    branches = tuple((evaluate(when, leaf, keep), evaluate(then, leaf, keep)) for when, then in case.branches)
    otherwise = None if case.otherwise is None else evaluate(case.otherwise, leaf, keep)
    results = [then for _, then in branches] + ([] if otherwise is None else [otherwise])
    every = [value for branch in branches for value in branch] + ([] if otherwise is None else [otherwise])
    never = otherwise is not None and all(value.null is Null.never for value in results)
    return Value(
        Case(tuple((when.expr, then.expr) for when, then in branches), None if otherwise is None else otherwise.expr),
        frozenset(atom for value in every for atom in value.atoms),
        Null.never if never else Null.unknown,
    )


def _case_when(condition: Expr, then: Expr, otherwise: Expr) -> Expr:
    if then == NULL:
        return Case(((Call("not", (condition,)), otherwise),), None) if _is_plain(condition) else Case(((condition, then),), otherwise)
    return Case(((condition, then),), otherwise)


def _is_plain(condition: Expr) -> bool:
    return isinstance(condition, Call) and condition.function == "is_null"

"""What a group of rows is worth: aggregates, and sums in which a side may be absent.

The rules, each of which has a test beside this file:

- A count over no rows is 0. Every other aggregate over no rows, or over nothing but NULL, is NULL.
- A count is *absent* when it is 0, another aggregate when it is NULL, and anything else when all metrics and aggregates in it are.
- ``+`` and ``-`` add what is there: an absent operand counts as its value, or as nothing when it has none. They are NULL when every
  metric or aggregate in them is absent without a value. An operand that is there and NULL makes them NULL. Numbers and assumptions
  are neither there nor absent: alone they never make a sum.
- Everything else is NULL where a part is NULL, and so is every division by zero.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from decisionlayer.resolve.language.functions import METRIC_FUNCTIONS
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param
from tests.reference.language import Value, apply, exact, rounded


@dataclass(frozen=True)
class Worth:
    """A value in a cell. ``absent`` is None for what bears no metric: a number or an assumption."""

    value: Value
    absent: bool | None = None


#: Reads an expression from one row.
Reader: TypeAlias = Callable[[Expr], Value]


def worth(expr: Expr, known: Callable[[Expr], Worth]) -> Worth:
    """Return what ``expr`` is worth in a cell, where ``known`` says what its names, aggregates and metric functions are worth."""
    match expr:
        case Name() | Aggregate():
            return known(expr)
        case Call(function=function) if function in METRIC_FUNCTIONS:
            return known(expr)
        case Literal():
            return Worth(exact(expr.value))
        case Call(function="+" | "-" | "negate"):
            return total([(sign, worth(operand, known)) for sign, operand in operands(expr, 1)])
        case Call():
            parts = [worth(argument, known) for argument in expr.arguments]
            return Worth(apply(expr.function, [part.value for part in parts]), all_absent(parts))
        case Case():
            return case(expr, known)
        case Param():
            raise TypeError(f"{expr} belongs into a question")


def operands(expr: Expr, sign: int) -> list[tuple[int, Expr]]:
    """Return what a chain of plus and minus adds, each with its sign: ``a - (b - c)`` is +a, -b, +c."""
    match expr:
        case Call(function="+", arguments=(left, right)):
            return operands(left, sign) + operands(right, sign)
        case Call(function="-", arguments=(left, right)):
            return operands(left, sign) + operands(right, -sign)
        case Call(function="negate", arguments=(inner,)):
            return operands(inner, -sign)
    return [(sign, expr)]


def total(parts: list[tuple[int, Worth]]) -> Worth:
    """Return the sum of signed parts: revenue 80 less a cost that nobody has is 80."""
    bearing = [part for _, part in parts if part.absent is not None]
    absent = all_absent([part for _, part in parts])
    if bearing and all(part.absent and part.value is None for part in bearing):
        return Worth(None, absent)
    result: Value = 0
    for sign, part in parts:
        value = 0 if part.absent and part.value is None else part.value
        result = apply("+", [result, apply("*", [sign, value])])
    return Worth(result, absent)


def case(expr: Case, known: Callable[[Expr], Worth]) -> Worth:
    """Return the first branch whose condition holds; every metric named anywhere in it counts for its absence."""
    branches = [(worth(when, known), worth(then, known)) for when, then in expr.branches]
    otherwise = Worth(None) if expr.otherwise is None else worth(expr.otherwise, known)
    value = next((then.value for when, then in branches if when.value is True), otherwise.value)
    return Worth(value, all_absent([part for branch in branches for part in branch] + [otherwise]))


def all_absent(parts: Sequence[Worth]) -> bool | None:
    """Return whether all parts that bear a metric are absent; None when none bears one."""
    bearing = [part.absent for part in parts if part.absent is not None]
    return all(bearing) if bearing else None


# -- aggregates ----------------------------------------------------------------------------------------------------


def shared(node: Aggregate, rows: Sequence[tuple[Reader, Fraction | None]], decimals: int | None) -> Worth:
    """Return an aggregate over rows of which only a share counts: amounts and counts times their shares."""
    if all(share is None for _, share in rows):
        return aggregate(node, [read for read, _ in rows], decimals)
    if node.function not in ("sum", "count", "avg"):
        raise TypeError(f"{node.function} has no parts that add up")
    chosen = [(read, Fraction(1) if share is None else share) for read, share in rows if node.where is None or read(node.where) is True]
    if node.argument is None:
        count = sum(share for _, share in chosen)
        return Worth(float(count), not count)
    known = [(value, share) for read, share in chosen if (value := read(node.argument)) is not None]
    weight = sum(share for _, share in known)
    if node.function == "count":
        return Worth(float(weight), not weight)
    if not known:
        return Worth(None, True)
    cut = [(Fraction(value) if decimals is None else Fraction(rounded(Fraction(value), decimals)), share) for value, share in known]  # type: ignore[arg-type]
    total = sum(value * share for value, share in cut)
    return Worth(float(total) if node.function == "sum" else apply("/", [total, weight]), False)


def aggregate(node: Aggregate, readers: Sequence[Reader], decimals: int | None) -> Worth:
    """Return an aggregate over rows, each of which is a reader of expressions."""
    chosen = [read for read in readers if node.where is None or read(node.where) is True]
    if node.argument is None:
        return Worth(len(chosen), not chosen)
    values = [value for value in (read(node.argument) for read in chosen) if value is not None]
    if node.function in ("count", "count_distinct"):
        number = len(values if node.function == "count" else set(values))
        return Worth(number, number == 0)
    if not values:
        return Worth(None, True)
    return Worth(_over(node, values, decimals), False)


def _over(node: Aggregate, values: Sequence[Value], decimals: int | None) -> Value:
    if decimals is not None and node.function in ("sum", "avg"):
        values = [rounded(Fraction(value), decimals) for value in values]  # type: ignore[arg-type]
    match node.function:
        case "sum":
            return sum(values)  # type: ignore[arg-type]
        case "avg":
            return float(sum(values)) / len(values)  # type: ignore[arg-type]
        case "min":
            return min(values)  # type: ignore[type-var]
        case "max":
            return max(values)  # type: ignore[type-var]
        case "quantile":
            return interpolated(sorted(float(value) for value in values), float(node.quantile or 0))  # type: ignore[arg-type]
        case "quantile_disc":
            place = max(math.ceil(Fraction(node.quantile or 0) * len(values)), 1) - 1
            return sorted(values)[place]  # type: ignore[type-var]
    raise TypeError(f"{node.function} is no aggregate")


def interpolated(values: list[float], share: float) -> float:
    """Return the value below which ``share`` of the sorted values lies, on the line between its two neighbours."""
    at = share * (len(values) - 1)
    below = int(at)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (at - below)

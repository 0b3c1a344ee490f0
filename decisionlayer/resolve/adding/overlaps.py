"""Overlaps: what a sum counts twice. DL103 for distinct counts of one thing, DL104 for quantiles of one measure.

A formula is read as a signed sum of what it hands on. Two distinct counts of one thing may be added only where no thing can be in
both: a filter that the thing itself decides (``customer.segment = 'a'`` beside ``= 'b'``) keeps them apart, a filter on rows does
not, since one customer has many rows. They may be subtracted where one set lies in the other, and so may a count and the same
count of another time, which is its change.

::

    web_customers + shop_customers              refused: whoever buys in both counts twice
    customers - prior(customers, '1 month')     a change
    visitors - visitors_who_bought              those who did not buy, when the second only narrows the first
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from decisionlayer.frozen import dataclass, replace
from decisionlayer.resolve.adding.apart import keeps_apart
from decisionlayer.resolve.language.functions import METRIC_FUNCTIONS
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.problems import Problem
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param, walk

#: Functions that hand on a value of the same kind as their arguments.
_HANDS_ON = frozenset({"coalesce", "nullif", "least", "greatest", "abs", "round", "floor", "ceil"})


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a counted row, with what the counted thing alone decides of it: its path seen from the thing, else None."""

    expr: Expr
    of_thing: tuple[tuple[Name, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """A distinct count or a quantile that enters a sum: what it is of, over which rows, at which time, with which sign.

    ``thing`` names what is counted or measured, the same for two that count the same; ``column`` is its bare column, by which
    two sources that were not linked to one entity may still count one thing.
    """

    kind: str
    thing: str
    called: str
    source: str
    argument: Expr
    read: tuple[str | None, ...]
    population: frozenset[Filter]
    where: frozenset[Filter]
    sign: int = 1
    looks: tuple[str, ...] = ()
    column: str = ""
    unit: str | None = None

    @property
    def filters(self) -> frozenset[Filter]:
        """Everything that its rows must pass."""
        return self.population | self.where

    def is_like(self, other: Counted) -> bool:
        """Whether both are of one thing."""
        if self.kind != other.kind:
            return False
        by_name = self.column != "" and (self.column, self.unit) == (other.column, other.unit)
        return self.thing == other.thing or (by_name and self.source != other.source)


#: What a name or an aggregate adds to a sum; None for a constant.
Leaf: TypeAlias = Callable[[Name | Aggregate], tuple[Counted, ...] | None]


# -- what a number is a sum of ------------------------------------------------------------------------------------------


def summed(expr: Expr, leaf: Leaf) -> tuple[Counted, ...]:
    """Return the distinct counts and quantiles that ``expr`` adds up; ``leaf`` answers for a name or an aggregate."""
    match expr:
        case Name() | Aggregate():
            return leaf(expr) or ()
        case Literal() | Param():
            return ()
        case Case():
            branches = [then for _, then in expr.branches] + ([] if expr.otherwise is None else [expr.otherwise])
            return tuple(one for branch in branches for one in summed(branch, leaf))
        case Call(function="+", arguments=(left, right)):
            return (*summed(left, leaf), *summed(right, leaf))
        case Call(function="-", arguments=(left, right)):
            return (*summed(left, leaf), *_turned(summed(right, leaf)))
        case Call(function="negate", arguments=(inner,)):
            return _turned(summed(inner, leaf))
        case Call(function="*", arguments=(left, right)):
            return _product(left, right, leaf)
        case Call(function="/", arguments=(above, below)) if _is_constant(below, leaf):
            return _signed(summed(above, leaf), below)
        case Call(function=function, arguments=(inner, *rest)) if function in METRIC_FUNCTIONS:
            look = " ".join((function, *(text_of(argument) for argument in rest)))
            return tuple(replace(one, looks=(look, *one.looks)) for one in summed(inner, leaf))
        case Call(function=function, arguments=arguments) if function in _HANDS_ON:
            return tuple(one for argument in arguments for one in summed(argument, leaf))
        case _:
            return ()


def _product(left: Expr, right: Expr, leaf: Leaf) -> tuple[Counted, ...]:
    """A constant times a count is as much of a count; a quantile stays one under any weight, which is how it gets rebuilt."""
    for one, other in ((left, right), (right, left)):
        if _is_constant(one, leaf):
            return _signed(summed(other, leaf), one)
    both = (*summed(left, leaf), *summed(right, leaf))
    return tuple(one for one in both if one.kind == "quantile")


def _is_constant(expr: Expr, leaf: Leaf) -> bool:
    return all(leaf(node) is None for node in walk(expr) if isinstance(node, Name | Aggregate))


def _signed(found: tuple[Counted, ...], constant: Expr) -> tuple[Counted, ...]:
    below_zero = isinstance(constant, Literal) and not isinstance(constant.value, str | bool) and str(constant.value)[:1] == "-"
    return _turned(found) if below_zero else found


def _turned(found: tuple[Counted, ...]) -> tuple[Counted, ...]:
    return tuple(replace(one, sign=-one.sign) for one in found)


# -- what must not be added -----------------------------------------------------------------------------------------------


def overlap_problems(expr: Expr, leaf: Leaf) -> Iterator[Problem]:
    """Yield the first sum or difference in ``expr`` that counts a thing twice (DL103) or rebuilds a quantile (DL104)."""
    means = _means(expr)
    for node in walk(expr):
        if not isinstance(node, Call) or node.function not in ("+", "-"):
            continue
        left, right = (summed(argument, leaf) for argument in node.arguments)
        turn = 1 if node.function == "+" else -1
        for one in left:
            for other in right:
                said = _clash(one, other, one.sign * other.sign * turn, is_mean=id(node) in means)
                if said is not None:
                    yield Problem(*said[:2], node.span, said[2])
                    return


def _means(expr: Expr) -> set[int]:
    """Return the sums that are divided by how many they add: a mean of counts counts nobody twice."""
    found: set[int] = set()
    for node in walk(expr):
        match node:
            case Call(function="/", arguments=(Call(function="+") as above, Literal(value=int(number)))):
                chain: list[Call] = []
                waiting: list[Expr] = [above]
                while waiting:
                    part = waiting.pop()
                    if isinstance(part, Call) and part.function == "+":
                        chain.append(part)
                        waiting += part.arguments
                if number == len(chain) + 1:
                    found |= {id(part) for part in chain}
    return found


def _clash(one: Counted, other: Counted, sign: int, *, is_mean: bool) -> tuple[str, str, str] | None:
    """Return code, message and fix when two parts of a sum are of one thing that may be in both."""
    if not one.is_like(other):
        return None
    a, b = _called(one), _called(other)
    if one.kind == "quantile":
        if sign < 0 or (one.filters, one.looks, one.read) == (other.filters, other.looks, other.read):
            return None
        return (
            "rebuilt-quantile",
            f"{a} and {b} are one quantile of different rows, and no sum or mean of them is the quantile of all",
            "take it from the rows of both: one measure whose filter lets both in; or ask them beside each other",
        )
    if is_mean or _lie_apart(one, other):
        return None
    if sign > 0:
        return (
            "distinct-summed",
            f"{a} and {b} count the same thing, and one that is in both counts twice",
            "count over the rows of both: one `count(distinct …)` whose filter lets both in; or ask them beside each other",
        )
    if one.source == other.source and one.read == other.read and (one.filters <= other.filters or other.filters <= one.filters):
        return None
    return (
        "distinct-summed",
        f"{b} is taken from {a}, which counts the same thing, and nothing says that one lies in the other",
        "count over the rows themselves who is in the one and not in the other; or narrow one metric by a filter of its own, "
        "as a term `{from: …, where: …}` does",
    )


def _called(one: Counted) -> str:
    return f"`{one.called}`" + (f" under `{one.looks[0].split()[0]}`" if one.looks else "")


def _lie_apart(one: Counted, other: Counted) -> bool:
    """Say whether no thing can be in both: what it is itself is asked to be two different things."""
    return any(
        keeps_apart(mine.expr, dict(mine.of_thing), theirs.expr, dict(theirs.of_thing))
        for mine in one.filters
        for theirs in other.filters
    )

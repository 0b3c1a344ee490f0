"""The syntax tree of the one language: measures, formulas, filters and dimensions are made of these six nodes.

Operators, casts and date parts are all ``Call``; what may stand in ``function`` is the closed table in ``functions.py``.
``span`` (offsets into the text, end exclusive) is for messages only: two trees are equal when they mean the same spelling,
wherever they stood. After binding, a ``Name`` has one part, a column of the relation that it is computed over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import field
from decimal import Decimal
from operator import is_
from typing import TypeAlias

from decisionlayer.frozen import dataclass, replace

Value: TypeAlias = bool | int | Decimal | str | dt.date | dt.datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """Where a node stood in its text, as character offsets; ``end`` is exclusive."""

    start: int = 0
    end: int = 0


NOWHERE = Span()


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A constant: ``15``, ``0.95``, ``'short'``, ``true``, ``null``, ``date '2013-01-31'``. Decimals are exact.

    Equal literals have equal types too: Python's ``1 == True == Decimal("1.0")`` would let one aggregate stand for another.
    """

    value: Value
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name: a column, a dimension path (``origin.region``), a metric or an assumption."""

    parts: tuple[str, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The name with its dots."""
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a question, written ``:name``; its value is bound, never pasted."""

    name: str
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function or operator of the closed table over its arguments: ``Call("+", (a, b))``, ``Call("is_null", (a,))``."""

    function: str
    arguments: tuple[Expr, ...]
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """``case when c1 then v1 … else otherwise end``; without ``else`` the rest is NULL (``otherwise`` is None)."""

    branches: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr | None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate over rows: ``sum avg min max count count_distinct quantile quantile_disc``.

    ``argument`` is None for ``count(*)`` only; ``where`` is its own ``filter (where …)``; ``quantile`` is the q of
    ``quantile(x, q)``, and ``median(x)`` reads as q = 0.5.
    """

    function: str
    argument: Expr | None
    where: Expr | None = None
    quantile: Decimal | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)


Expr: TypeAlias = Literal | Name | Param | Call | Case | Aggregate


def children(expr: Expr) -> tuple[Expr, ...]:
    """Return the nodes directly below ``expr``, in the order in which they are written."""
    match expr:
        case Literal() | Name() | Param():
            return ()
        case Call():
            return expr.arguments
        case Case():
            pairs = tuple(node for branch in expr.branches for node in branch)
            return pairs if expr.otherwise is None else (*pairs, expr.otherwise)
        case Aggregate():
            return tuple(node for node in (expr.argument, expr.where) if node is not None)


def walk(expr: Expr) -> Iterator[Expr]:
    """Yield ``expr`` and everything below it, parents before children."""
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Call):
            waiting += node.arguments[::-1]
        elif not isinstance(node, Name | Literal):
            waiting += children(node)[::-1]


def names(expr: Expr) -> tuple[Name, ...]:
    """Return every name in ``expr``, in the order in which they are written, repeats included."""
    found: list[Name] = []
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Name):
            found.append(node)
        elif isinstance(node, Call):
            waiting += node.arguments[::-1]
        elif not isinstance(node, Literal):
            waiting += children(node)[::-1]
    return tuple(found)


def transform(expr: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """Return ``expr`` with every node that ``change`` answers for replaced, from the top down.

    ``change`` returns the node to put in place (its inside is not visited again), or None to go on below. A node whose
    children all stay is returned as it was, so an unchanged tree is the same object.
    """
    changed = change(expr)
    if changed is not None:
        return changed
    match expr:
        case Literal() | Name() | Param():
            return expr
        case Call():
            arguments = tuple([transform(argument, change) for argument in expr.arguments])
            return expr if _same(arguments, expr.arguments) else replace(expr, arguments=arguments)
        case Case():
            branches = tuple((transform(when, change), transform(then, change)) for when, then in expr.branches)
            otherwise = None if expr.otherwise is None else transform(expr.otherwise, change)
            flat = tuple(node for branch in branches for node in branch)
            before = tuple(node for branch in expr.branches for node in branch)
            if _same(flat, before) and otherwise is expr.otherwise:
                return expr
            return replace(expr, branches=branches, otherwise=otherwise)
        case Aggregate():
            argument = None if expr.argument is None else transform(expr.argument, change)
            where = None if expr.where is None else transform(expr.where, change)
            if argument is expr.argument and where is expr.where:
                return expr
            return replace(expr, argument=argument, where=where)


def _same(left: tuple[Expr, ...], right: tuple[Expr, ...]) -> bool:
    return all(map(is_, left, right))


def conjunction(filters: tuple[Expr, ...]) -> Expr | None:
    """Return the filters joined by ``and``; None for none, the filter itself for one; repeats are dropped."""
    unique = tuple(dict.fromkeys(filters))
    if not unique:
        return None
    return unique[0] if len(unique) == 1 else Call("and", unique)


def is_nonzero(expr: Expr) -> bool:
    """Whether it is a number that is written out, and not zero."""
    return isinstance(expr, Literal) and not isinstance(expr.value, bool | str) and expr.value not in (None, 0)

"""Factoring: a number that is a product, and what each of its factors makes of a change."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from decisionlayer.ask import Desk
from decisionlayer.decide.drivers import factors_of
from decisionlayer.errors import QueryError
from decisionlayer.frozen import replace
from decisionlayer.plan.query import Query
from decisionlayer.resolve.adding.quotients import bare
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name
from decisionlayer.resolve.language.types import FLOAT
from decisionlayer.resolve.meaning.comparing import exact
from decisionlayer.resolve.model import Formula, Metric


def factors(desk: Desk, metric: Metric, before: Query, after: Query) -> tuple[tuple[str, Fraction], ...]:
    """Return the factors of a formula that multiplies and divides, each with what it makes of the change; none for any other.

    A factor below the line counts by its inverse. Prices and constants do not change between two questions, and have no line.
    """
    body = metric.body
    if not isinstance(body, Formula):
        return ()
    found = list(_factors(body.expr, 1))
    named = [(expr.text, power) for expr, power in found if isinstance(expr, Name) and expr.text in body.terms]
    if len(found) < 2 or len({name for name, _ in named}) < max(len(named), 1):
        return ()
    if any(not isinstance(expr, Name | Literal) for expr, _ in found):
        return ()
    own = {
        f"{metric.name}~{name}": replace(
            metric, name=f"{metric.name}~{name}", body=Formula(Name((name,)), {name: body.terms[name]}), type=FLOAT, missing=None,
            unit=None, digits=None, editions=(), translation=bare(metric),
        )
        for name, _ in named
    }  # fmt: skip
    asking = desk.beside(replace(desk.model, metrics={**desk.model.metrics, **own}))
    sides = []
    for query in (before, after):
        try:
            values = [exact(value) for value in asking.answer(replace(query, metrics=tuple(own))).rows()[0]]
        except QueryError:
            return ()
        if any(value is None or (not value and power < 0) for value, (_, power) in zip(values, named, strict=True)):
            return ()
        sides.append([Fraction(value or 0) ** power for value, (_, power) in zip(values, named, strict=True)])
    constant = Fraction(1)
    for expr, power in found:
        if isinstance(expr, Literal):
            value = exact(expr.value)
        elif isinstance(expr, Name) and expr.text in body.assumptions:
            if desk.model.assumptions[expr.text].lives:
                return ()  # another price at another time is no constant
            value = desk.model.assumptions[expr.text].value
        else:
            continue
        if not value:
            return ()
        constant *= Fraction(value) ** power
    parts = factors_of(*sides)
    return () if parts is None else tuple((name, part * constant) for (name, _), part in zip(named, parts, strict=True))


def _factors(expr: Expr, power: int) -> Iterator[tuple[Expr, int]]:
    match expr:
        case Call(function="*", arguments=(left, right)):
            yield from _factors(left, power)
            yield from _factors(right, power)
        case Call(function="/", arguments=(left, right)):
            yield from _factors(left, power)
            yield from _factors(right, -power)
        case _:
            yield expr, power

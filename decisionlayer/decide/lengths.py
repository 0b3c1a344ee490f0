"""Lengths: ``per(m, week)`` outside the warehouse, as a division by how many weeks the period of a cell is long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from decisionlayer.decide.arithmetic import Number
from decisionlayer.resolve.frames.timeunits import Almanac
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, transform, walk
from decisionlayer.resolve.meaning.comparing import Span


def is_divided(expr: Expr) -> bool:
    """Say whether a formula divides anything by the length of its period."""
    return any(isinstance(node, Call) and node.function == "per" for node in walk(expr))


def divided(expr: Expr, almanac: Almanac) -> tuple[Expr, Mapping[str, int]]:
    """Return a formula with ``per(m, week)`` as a division by a name, and by that name how many days such a length has.

    >>> from decisionlayer.resolve.language import parse_formula
    >>> expr, days = divided(parse_formula("per(cost, week)").expr, Almanac({}, "monday"))
    >>> text_of(expr), dict(days)
    ('cost / "length@week"', {'length@week': 7})
    """
    units: dict[str, int] = {}

    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Call) or node.function != "per":
            return None
        word = node.arguments[1]
        unit = almanac.parse(str(word.value) if isinstance(word, Literal) else text_of(word))
        days = None if unit is None else almanac.days_in(unit)
        assert days is not None, word
        units[f"length@{unit}"] = days
        return Call("/", (node.arguments[0], Name((f"length@{unit}",))))

    return transform(expr, change), units


def undivided(expr: Expr) -> Expr:
    """Return a formula that divides by no length."""
    return transform(expr, lambda node: node.arguments[0] if isinstance(node, Call) and node.function == "per" else None)


def long(span: Span | None, days: int) -> Number:
    """Return how many times so many days a time is long; None for an open one."""
    length = None if span is None else span.length
    return None if length is None else length / dt.timedelta(days=days)

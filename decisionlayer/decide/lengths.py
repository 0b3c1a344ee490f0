"""Lengths: ``per(m, week)`` outside the warehouse, as a division by how many weeks the period of a cell is long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from decisionlayer.decide.arithmetic import Number
from decisionlayer.plan.bind.moments import earliest
from decisionlayer.resolve.frames.timeunits import Almanac, is_below_a_day
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, transform, walk
from decisionlayer.resolve.meaning.comparing import Span
from decisionlayer.resolve.model import Project


def is_divided(expr: Expr) -> bool:
    """Say whether a formula divides anything by the length of its period."""
    return any(isinstance(node, Call) and node.function == "per" for node in walk(expr))


def divided(expr: Expr, almanac: Almanac) -> tuple[Expr, Mapping[str, str]]:
    """Return a formula with ``per(m, week)`` as a division by a name, and by that name the unit of length.

    >>> from decisionlayer.resolve.language import parse_formula
    >>> expr, units = divided(parse_formula("per(cost, week)").expr, Almanac({}, "monday"))
    >>> text_of(expr), dict(units)
    ('cost / "length@week"', {'length@week': 'week'})
    """
    units: dict[str, str] = {}

    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Call) or node.function != "per":
            return None
        word = node.arguments[1]
        unit = almanac.parse(str(word.value) if isinstance(word, Literal) else text_of(word))
        units[f"length@{unit}"] = str(unit)
        return Call("/", (node.arguments[0], Name((f"length@{unit}",))))

    return transform(expr, change), units


def undivided(expr: Expr) -> Expr:
    """Return a formula that divides by no length."""
    return transform(expr, lambda node: node.arguments[0] if isinstance(node, Call) and node.function == "per" else None)


def long(span: Span | None, unit: str, project: Project) -> Number:
    """Return how many units long a time is, None for an open one. Days go by the calendar, and hours by as many as passed."""
    found = project.almanac.parse(unit)
    length = None if found is None else project.almanac.microseconds_in(found)
    assert length is not None, unit
    if span is None or span.first is None or span.after is None:
        return None
    if not is_below_a_day(unit):
        return (span.after - span.first) / dt.timedelta(microseconds=length)
    first, after = (earliest(wall, project.timezone) for wall in (span.first, span.after))
    return None if first is None or after is None else (after - first) / dt.timedelta(microseconds=length)

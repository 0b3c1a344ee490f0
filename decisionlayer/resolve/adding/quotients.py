"""Quotients: a metric taken apart into what stands above the line and what stands below it, each a metric of its own.

A quotient ties through these two, never directly (law 4): the shares of the part below are the mix, and both add up over groups.

::

    avg(minutes)                         →  sum(minutes)            /  count(minutes)
    late * late_minute_cost / seats      →  late * late_minute_cost /  seats
    1 - cancelled / scheduled            →  scheduled - cancelled   /  scheduled
    effort (from: handle_time)           →  handle_time's above     /  handle_time's below, through the same term
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from decisionlayer.frozen import dataclass, replace
from decisionlayer.resolve.adding.additivity import additivity_of
from decisionlayer.resolve.language.printing import canonical
from decisionlayer.resolve.language.tree import Aggregate, Call, Expr, Literal, Name, names
from decisionlayer.resolve.language.types import FLOAT
from decisionlayer.resolve.model import Additivity, Formula, Measure, Metric, Model, Term, Translation

#: What the two parts are called; no name that people write has it.
OVER, UNDER = "~over", "~under"

_Ratio: TypeAlias = tuple[Expr, Expr | None]

_ADDS = (Additivity.additive, Additivity.stock)


@dataclass(frozen=True, slots=True)
class Quotient:
    """The two parts of a metric; ``beneath`` are all metrics that a model needs besides, by name, the two among them."""

    over: Metric
    under: Metric
    beneath: Mapping[str, Metric]

    def added_to(self, model: Model) -> Model:
        """Return a model that can be asked for the parts."""
        return replace(model, metrics={**model.metrics, **self.beneath})


def quotient_of(model: Model, metric: Metric) -> Quotient | None:
    """Return the parts of a metric that is one quotient of two numbers which add up over groups; None for any other."""
    body = metric.body
    beneath: dict[str, Metric] = {}
    over: Measure | Formula
    under: Measure | Formula
    if isinstance(body, Measure):
        halves = _halves(body.expr, lambda name: (name, None))
        if halves is None:
            return None
        over, under = replace(body, expr=halves[0]), replace(body, expr=halves[1])

        def of_name(name: Name) -> Additivity | None:
            return None
    else:
        terms = dict(body.terms)

        def leaf(name: Name) -> _Ratio:
            term = terms.get(name.text)
            return (name, None) if term is None else _of_term(model, name, term, terms, beneath)

        halves = _halves(body.expr, leaf)
        if halves is None:
            return None

        def of_name(name: Name) -> Additivity | None:
            term = terms.get(name.text)
            return None if term is None else (beneath.get(term.metric) or model.metrics[term.metric]).additivity

        over, under = replace(body, expr=halves[0], terms=terms), replace(body, expr=halves[1], terms=terms)
    found = [additivity_of(half, of_name) for half in halves]
    if not all(each in _ADDS for each in found):
        return None
    parts = [
        replace(metric, name=f"{metric.name}{mark}", body=_used(part), additivity=adds, type=FLOAT, missing=None, unit=None, digits=None,
            editions=(), translation=bare(metric))
        for mark, part, adds in ((OVER, over, found[0]), (UNDER, under, found[1]))
    ]
    return Quotient(parts[0], parts[1], {**beneath, **{part.name: part for part in parts}})


def bare(metric: Metric) -> Translation | None:
    """Return the translation that a part of a metric keeps: its line, and nothing that is done to the whole."""
    return None if metric.translation is None else replace(metric.translation, reweight=None, tolerance=None, control_total=None)


def _used(body: Measure | Formula) -> Measure | Formula:
    """Leave out the terms that a half does not name: a term without rows would bring cells of its own."""
    if isinstance(body, Measure):
        return body
    named = {name.text for name in names(body.expr)}
    terms = {name: term for name, term in body.terms.items() if name in named}
    return replace(body, terms=terms, assumptions=tuple(name for name in body.assumptions if name in named))


def _of_term(model: Model, name: Name, term: Term, terms: dict[str, Term], beneath: dict[str, Metric]) -> _Ratio:
    """Take a term apart that is a quotient itself: both halves through the same rows, a factor above the line only."""
    below = model.metrics.get(term.metric)
    if below is None or below.additivity is not Additivity.ratio:
        return name, None
    found = quotient_of(model, below)
    if found is None:
        return name, None
    beneath.update(found.beneath)
    first, second = f"{name.text}{OVER}", f"{name.text}{UNDER}"
    terms[first] = replace(term, metric=found.over.name)
    terms[second] = replace(term, metric=found.under.name, factor=type(term.factor)(1))
    return Name((first,)), Name((second,))


def _halves(expr: Expr, leaf: Callable[[Name], _Ratio]) -> tuple[Expr, Expr] | None:
    over, under = _ratio(expr, leaf)
    return None if under is None else (over, under)


def _ratio(expr: Expr, leaf: Callable[[Name], _Ratio]) -> _Ratio:
    """Return an expression as one fraction; what is no arithmetic stays whole, above the line."""
    match expr:
        case Name():
            return leaf(expr)
        case Aggregate(function="avg", argument=argument, where=where):
            return Aggregate("sum", argument, where), Aggregate("count", argument, where)
        case Call(function="negate", arguments=(inner,)):
            over, under = _ratio(inner, leaf)
            return Call("negate", (over,)), under
        case Call(function="*", arguments=(left, right)):
            (a, b), (c, d) = _ratio(left, leaf), _ratio(right, leaf)
            return _times(a, c), _line(b, d)
        case Call(function="/", arguments=(left, right)):
            (a, b), (c, d) = _ratio(left, leaf), _ratio(_safe(right), leaf)
            if b is None and d is None and isinstance(c, Literal):
                return expr, None  # divided by a constant: still a whole number of things
            return _times(a, d), _line(b, c)
        case Call(function="+" | "-", arguments=(left, right)):
            (a, b), (c, d) = _ratio(left, leaf), _ratio(right, leaf)
            if b is None and d is None:
                return expr if (a, c) == (left, right) else Call(expr.function, (a, c)), None
            if b is not None and d is not None and canonical(b) == canonical(d):
                return Call(expr.function, (a, c)), b
            return Call(expr.function, (_times(a, d), _times(c, b))), _line(b, d)
        case _:
            return expr, None


def _safe(expr: Expr) -> Expr:
    """Return what is divided by, without the guard against zero that every division has anyway."""
    if isinstance(expr, Call) and expr.function == "nullif" and expr.arguments[1] == Literal(0):
        return expr.arguments[0]
    return expr


def _times(left: Expr, right: Expr | None) -> Expr:
    if right is None or right == Literal(1):
        return left
    return right if left == Literal(1) else Call("*", (left, right))


def _line(left: Expr | None, right: Expr | None) -> Expr | None:
    return right if left is None else _times(left, right)

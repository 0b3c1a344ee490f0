"""One mix of classes: each class keeps its own value and weighs as it does in all groups together, period by period."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from decisionlayer.resolve.language.tree import Aggregate, Call, Expr, Name
from decisionlayer.resolve.model import Formula, Measure, Metric, Model, Reweight
from tests.reference.language import Value
from tests.reference.question import Part
from tests.reference.walks import Unanswerable

#: What is made of the part below the line of a quotient.
BELOW = "below~"


def without(metric: Metric) -> Metric:
    """Return a metric as it is in each group by its own mix."""
    assert metric.translation is not None
    return replace(metric, translation=replace(metric.translation, reweight=None))


def under(weight: Reweight, own: Mapping[Part, Value], weighs: Mapping[Part, Value]) -> float | None:
    """Return what a group is worth whose classes are worth ``own``; ``weighs`` is what all groups together have of each class.

    A class of the mix that the group lacks leaves nothing to say, and so does one of the group that nobody stated.
    """
    if weight.shares is None:
        shares = {kind: _exact(weighs[kind]) for kind in own}
    else:
        shares = {(name,): Fraction(share) for name, share in weight.shares}
        if any(value is not None and kind not in shares for kind, value in own.items()):
            return None
    shares = {kind: share for kind, share in shares.items() if share > 0}
    if not shares or any(own.get(kind) is None for kind in shares):
        return None
    return float(sum(_exact(own[kind]) * share for kind, share in shares.items()) / sum(shares.values(), Fraction(0)))


def below(model: Model, metric: Metric) -> tuple[Metric, ...]:
    """Return what stands below the line of a quotient, and what is made for it."""
    body = metric.body
    assert isinstance(body, Formula)
    match body.expr:
        case Call(function="/", arguments=(_, beneath)):
            return (replace(metric, name=BELOW, body=replace(body, expr=beneath)),)
        case Name() as one:
            term = body.terms[one.text]
            inner = model.metrics[term.metric]
            beneath = _divisor(inner)
            if beneath is not None:
                made = replace(inner, name=f"{BELOW}{inner.name}", body=replace(inner.body, expr=beneath))  # type: ignore[arg-type]
                entered = replace(term, metric=made.name, factor=Fraction(1))
                return made, replace(metric, name=BELOW, body=Formula(one, {one.text: entered}))
    raise Unanswerable(f"{metric.name} is no plain quotient")


def _divisor(metric: Metric) -> Expr | None:
    """Return what a measure is divided by: a mean is a total over how many there are."""
    match metric.body:
        case Measure(expr=Call(function="/", arguments=(_, beneath))):
            return beneath
        case Measure(expr=Aggregate(function="avg") as mean):
            return replace(mean, function="count")
    return None


def _exact(value: Value) -> Fraction:
    assert value is None or isinstance(value, int | float | Decimal | Fraction)
    return Fraction(0) if value is None else Fraction(value)

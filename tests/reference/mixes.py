"""One mix of classes: each class keeps its own value and weighs as it does in all groups together, period by period."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from decisionlayer.resolve.language.tree import Call, Name
from decisionlayer.resolve.model import Formula, Measure, Metric, Model, Reweight
from tests.reference.clocks import timed
from tests.reference.language import Value
from tests.reference.question import Question
from tests.reference.walks import Unanswerable

Key: TypeAlias = tuple[Value, ...]
#: Who answers a question about a model that differs in its metrics: columns and rows.
Ask: TypeAlias = Callable[[Model, Question], tuple[tuple[str, ...], list[Key]]]

_BELOW = "below~"


def one_mix(model: Model, metric: Metric, weight: Reweight, question: Question, width: Callable[[str], int], ask: Ask) -> Mapping[Key, Value]:
    """Return the value of a metric for each group of a question, by the values of its group columns."""
    assert metric.translation is not None
    bare = replace(metric, translation=replace(metric.translation, reweight=None))
    if weight.by in question.by:
        columns, rows = ask(_with(model, bare), replace(question, metrics=(metric.name,), having=None, order=(), limit=None, compare=()))
        return {row[:-1]: row[-1] for row in rows}
    made = _below(model, bare)
    asked = replace(
        question, metrics=(metric.name, _BELOW), by=(*question.by, weight.by), having=None, order=(), limit=None, compare=(), fill=None
    )
    columns, rows = ask(_with(model, bare, *made), asked)
    ends = len(columns) - 2 - width(weight.by)
    clocked = [timed(path, question.calendars) is not None for path in question.by]
    times = [is_time for path, is_time in zip(question.by, clocked, strict=True) for _ in range(1 if is_time else width(path))]
    whole: dict[tuple[Key, Key], Fraction] = {}
    found: dict[Key, dict[Key, Value]] = {}
    for row in rows:
        group, kind, own, below = row[:ends], row[ends:-2], row[-2], row[-1]
        when = tuple(value for value, is_time in zip(group, times, strict=True) if is_time)
        found.setdefault(group, {})[kind] = own
        whole[when, kind] = whole.get((when, kind), Fraction(0)) + _exact(below)
    result: dict[Key, Value] = {}
    for group, values in found.items():
        when = tuple(value for value, is_time in zip(group, times, strict=True) if is_time)
        if weight.shares is None:
            shares = {kind: share for (time, kind), share in whole.items() if time == when and share > 0}
        else:
            shares = {(name,): Fraction(share) for name, share in weight.shares if share > 0}
            named = {(name,) for name, _ in weight.shares}
            if any(own is not None and kind not in named for kind, own in values.items()):
                shares = {("nobody stated it",): Fraction(1)}
        missing = not shares or any(values.get(kind) is None for kind in shares)
        total = sum(shares.values(), Fraction(0))
        result[group] = None if missing else float(sum(_exact(values[kind]) * share for kind, share in shares.items()) / total)
    return result


def _with(model: Model, *metrics: Metric) -> Model:
    return replace(model, metrics={**model.metrics, **{metric.name: metric for metric in metrics}})


def _below(model: Model, metric: Metric) -> tuple[Metric, ...]:
    """Return what stands below the line of a quotient, and what is made for it."""
    body = metric.body
    assert isinstance(body, Formula)
    match body.expr:
        case Call(function="/", arguments=(_, below)):
            return (replace(metric, name=_BELOW, body=replace(body, expr=below)),)
        case Name() as one:
            term = body.terms[one.text]
            inner = model.metrics[term.metric]
            if isinstance(inner.body, Measure) and isinstance(inner.body.expr, Call) and inner.body.expr.function == "/":
                made = replace(inner, name=f"{_BELOW}{inner.name}", body=replace(inner.body, expr=inner.body.expr.arguments[1]))
                entered = replace(term, metric=made.name, factor=Fraction(1))
                return made, replace(metric, name=_BELOW, body=Formula(one, {one.text: entered}))
    raise Unanswerable(f"{metric.name} is no plain quotient")


def _exact(value: Value) -> Fraction:
    assert value is None or isinstance(value, int | float | Decimal | Fraction)
    return Fraction(0) if value is None else Fraction(value)

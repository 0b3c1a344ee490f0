"""The naive reading of a choice number: its frontline metrics as they are, passed up.

Whoever reads a frontline number one floor higher adds it up where it looks like an amount, and takes the mean of the
values where it looks like a rate: the mean of the values at their own grain for ratios, averages and quantiles, the sum
for all else. Every figure here is made of governed results; no part of the planner learns to be wrong.

::

    site  | calls | minutes a call        governed, a ratio of totals:  3420 / 300 = 11.40
    North |   100 |            7.2        naive, the mean of the sites: (7.2 + 13.5) / 2 = 10.35
    South |   200 |           13.5
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Protocol

from decisionlayer.ask import Desk
from decisionlayer.decide.arithmetic import Number, evaluate
from decisionlayer.decide.walk import Step, Walk
from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import PERIODS, did_you_mean
from decisionlayer.plan.query import Query
from decisionlayer.resolve.beneath import Beneath
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.tree import Aggregate, Name, walk
from decisionlayer.resolve.language.types import FLOAT
from decisionlayer.resolve.model import Additivity, Clock, Formula, Measure, Metric, Model, Purpose, Source, Term
from decisionlayer.resolve.paths import Paths


class HasDesk(Protocol):
    """Whoever can be asked: a layer."""

    @property
    def desk(self) -> Desk:
        """Where it is asked."""


class Passing(Enum):
    """How a frontline number is passed up by whoever thinks nothing of it."""

    total = "total"  # its parts add up, so the sum of them is the governed figure
    sum = "sum"  # its parts do not add up, and are added all the same
    mean = "mean"


@dataclass(frozen=True, slots=True)
class _Input:
    """A term of the number, as the governed figure takes it or less and less so; ``passed`` once it is a naive value."""

    term: Term
    passed: Number = None
    is_passed: bool = False


def naive_walk(asked: HasDesk | Desk, metric: str, **question: object) -> Walk:
    """Return the walk from the governed figure of a choice metric to its naive one, for one question without ``by``.

    The steps undo the translation one part at a time: for each term the rows that it keeps and the population that it
    replaces, then the units, then the way in which each value is passed up. A number that stands on rows themselves has no
    frontline reading, and a walk without steps. Raises QueryError: ``unknown-name``, ``bad-question``, ``not-built``.
    """
    desk = asked if isinstance(asked, Desk) else asked.desk
    query = Query.of(metrics=[metric], **question)
    subject = _subject(desk.model, metric, query)
    return _walk(desk, subject, query)


def passing(model: Model, metric: Metric) -> Passing:
    """Return how a frontline metric is passed up: by what kind of number it is, not by what would be right."""
    if metric.additivity is Additivity.additive:
        return Passing.total
    if metric.additivity is Additivity.ratio or _averages(model, metric):
        return Passing.mean
    return Passing.sum


def own_grain(model: Model, metric: Metric) -> tuple[str, ...]:
    """Return the finest question that a metric answers, as the ``by`` of that question: its period, then its paths.

    A metric that may be split by everything is at home at every role and dimension of its own source.
    """
    sources = [model.sources[measure.source] for measure in _measures(model, metric)]
    clocks = [clock.grain for measure in _measures(model, metric) if (clock := _clock(model, measure)) is not None]
    period = metric.limit.time or (max(clocks, key=PERIODS.index) if len(clocks) == len(sources) and clocks else None)
    paths = metric.limit.by if metric.limit.by is not None else _own_paths(model, sources)
    return (*((period,) if period else ()), *paths)


# -- the walk --------------------------------------------------------------------------------------------------------


def _walk(desk: Desk, metric: Metric, query: Query) -> Walk:
    governed = _figure(desk, metric, query)
    steps: list[Step] = []
    if isinstance(metric.body, Formula):
        inputs = {name: _Input(term) for name, term in metric.body.terms.items()}
        here = governed
        for name, why in _undo(desk, metric.body, query, inputs):
            there = _with(desk, metric, query, inputs)
            steps.append(Step(name, why, here, there))
            here = there
    return Walk(
        metric.name, metric.title or metric.name, "" if metric.unit is None else str(metric.unit), _cell(query), governed,
        steps[-1].after if steps else governed, tuple(steps),
    )  # fmt: skip


def _undo(desk: Desk, formula: Formula, query: Query, inputs: dict[str, _Input]) -> Iterator[tuple[str, str]]:
    """Take the translation back one part at a time, changing ``inputs``; yield what was done and why it moves the number."""
    model = desk.model
    for name, term in formula.terms.items():
        below = model.metrics[term.metric]
        if term.where is not None:
            inputs[name] = _Input(replace(inputs[name].term, where=None))
            yield f"rows of {below.name}", f"`{below.name}` is counted over all its rows, not only where {text_of(term.where)}"
        if term.replaces:
            inputs[name] = _Input(replace(inputs[name].term, population=None, replaces=False))
            yield f"population of {below.name}", _population_why(model, below, term)
    excludes = next((term.excludes for term in formula.terms.values() if term.excludes), ())
    if excludes:
        for name in inputs:
            inputs[name] = _Input(replace(inputs[name].term, excludes=()))
        told = " and ".join(each.reason for each in excludes)
        yield "exclusions", f"what the translation leaves out is counted as well: {told}"
    converted = [name for name, term in formula.terms.items() if term.factor != 1]
    if converted:
        for name in converted:
            inputs[name] = _Input(replace(inputs[name].term, factor=Fraction(1)))
        yield "units", "; ".join(_unit_why(model, formula.terms[name]) for name in converted)
    for name, term in formula.terms.items():
        below = model.metrics[term.metric]
        if below.purpose is Purpose.choice:
            inner = _walk(desk, below, replace(query, metrics=(below.name,)))
            if inner.steps:
                inputs[name] = _Input(term, None if inner.naive is None else float(inner.naive), True)
                yield f"naive {below.name}", f"`{below.name}` is itself read naively"
            continue
        how = passing(model, below)
        if how is not Passing.total:
            value, count, grain = _pass_up(desk, below, query, how)
            inputs[name] = _Input(inputs[name].term, value, True)
            yield f"{how.value} of {below.name}", _passing_why(below, how, count, grain)


def _population_why(model: Model, below: Metric, term: Term) -> str:
    wide = "all rows" if term.population is None else f"rows with {text_of(term.population)}"
    own = [text_of(measure.population) for measure in _measures(model, below) if measure.population is not None]
    narrow = f"rows with {' and '.join(dict.fromkeys(own))}" if own else "all rows"
    return f"the choice number asks about {wide}, `{below.name}` {'only ' if own else ''}about {narrow}"


def _unit_why(model: Model, term: Term) -> str:
    unit = model.metrics[term.metric].unit
    return f"`{term.metric}` stays in {unit if unit is not None else 'its own unit'}, as the frontline counts it"


def _passing_why(below: Metric, how: Passing, count: int, grain: tuple[str, ...]) -> str:
    by = ", ".join(grain) or "its total"
    if how is Passing.mean:
        return f"the mean of {count:,} values of `{below.name}` by {by}: the smallest weighs as much as the largest"
    return f"{count:,} values of `{below.name}` by {by} are added, though they overlap"


# -- the figures -----------------------------------------------------------------------------------------------------


def _figure(desk: Desk, metric: Metric, query: Query) -> Decimal | None:
    rows = desk.answer(replace(query, metrics=(metric.name,))).rows()
    return _exact(rows[0][-1])


def _with(desk: Desk, metric: Metric, query: Query, inputs: Mapping[str, _Input]) -> Decimal | None:
    """Return the figure of ``metric`` as it would be with these inputs.

    As long as none of them is a naive value it is governed arithmetic over other rows, and the warehouse computes it.
    """
    formula = metric.body
    assert isinstance(formula, Formula)
    if not any(entry.is_passed for entry in inputs.values()):
        terms = {name: entry.term for name, entry in inputs.items()}
        return _asked_as(desk, replace(metric, body=replace(formula, terms=terms)), query)
    values: dict[str, Number] = {}
    for name, entry in inputs.items():
        if entry.is_passed:
            values[name] = entry.passed
        else:
            alone = Formula(Name((name,)), {name: entry.term})
            figure = _asked_as(desk, replace(metric, body=alone, type=FLOAT, missing=None), query)
            values[name] = None if figure is None else float(figure)
    if metric.missing == "zero" and all(value is None for value in values.values()):
        return Decimal(0)
    for assumption in formula.assumptions:
        values[assumption] = float(desk.model.assumptions[assumption].value)
    return _exact(evaluate(formula.expr, values))


def _asked_as(desk: Desk, variant: Metric, query: Query) -> Decimal | None:
    """Return what the question would answer if a metric were declared as ``variant``."""
    model = replace(desk.model, metrics={**desk.model.metrics, variant.name: variant})
    return _figure(Desk(model, desk.engine), variant, query)


def _pass_up(desk: Desk, below: Metric, query: Query, how: Passing) -> tuple[Number, int, tuple[str, ...]]:
    """Return the value that arrives when the values of a frontline metric at its own grain are passed up.

    With it how many values there were, and by what. Cells without a value are nobody's report, and are left out.
    """
    grain = own_grain(desk.model, below)
    answer = desk.answer(replace(query, metrics=(below.name,), by=grain)).arrow()
    values = [float(value) for value in answer.column(below.name).to_pylist() if value is not None]
    if not values:
        return None, 0, grain
    total = math.fsum(values)
    return (total / len(values) if how is Passing.mean else total), len(values), grain


def _exact(value: object) -> Decimal | None:
    match value:
        case None:
            return None
        case Decimal() | int():
            return Decimal(value)
        case float():
            # The shortest spelling of a float names it exactly; that is the figure people see.
            return Decimal(repr(value))
        case _:
            raise QueryError(Finding("bad-question", "question", f"{value!r} is no figure that one could walk from"))


# -- what is asked ---------------------------------------------------------------------------------------------------


def _subject(model: Model, name: str, query: Query) -> Metric:
    metric = model.metrics.get(name)
    if metric is None:
        raise QueryError(model.broken.get(f"metric {name}") or Finding(
            "unknown-name", f"metric {name}", f"there is no metric `{name}`", help=did_you_mean(name, model.metrics),
        ))  # fmt: skip
    if metric.purpose is not Purpose.choice:
        choices = [other.name for other in model.metrics.values() if other.purpose is Purpose.choice]
        raise QueryError(Finding(
            "bad-question", f"metric {name}", f"`{name}` is a number for action, so there is nothing that it could be read naively from",
            help=f"ask for a choice metric. {did_you_mean(name, choices)}",
        ))  # fmt: skip
    if query.by or query.having or query.order or query.limit is not None:
        raise QueryError(Finding(
            "bad-question", "question", "a walk leads from one number to one number, so it takes no `by`, `having`, `order` or `limit`",
            help="say which number with `where`, `start` and `end`",
        ))  # fmt: skip
    return metric


def _cell(query: Query) -> str:
    span = f"{query.start or '…'} to {query.end or '…'}" if query.start or query.end else ""
    if query.start == query.end and query.start:
        span = query.start
    return ", ".join(part for part in (query.where or "", span) if part)


# -- what a metric is made of ----------------------------------------------------------------------------------------


def _measures(model: Model, metric: Metric) -> tuple[Measure, ...]:
    tree = Beneath(model.metrics).tree(metric.name)
    return tuple(below.body for below in tree if isinstance(below.body, Measure))


def _averages(model: Model, metric: Metric) -> bool:
    return any(
        isinstance(node, Aggregate) and node.function in ("avg", "quantile")
        for measure in _measures(model, metric)
        for node in walk(measure.expr)
    )


def _clock(model: Model, measure: Measure) -> Clock | None:
    return None if measure.clock is None else model.sources[measure.source].clock(measure.clock)


def _own_paths(model: Model, sources: list[Source]) -> tuple[str, ...]:
    """Return the roles and dimensions of the first source that the others have, too."""
    paths = Paths.of(model)
    first, *others = sources
    own = (*first.links, *first.dimensions)
    return tuple(path for path in own if all(paths.bind(source.name, (path,)) is not None for source in others))

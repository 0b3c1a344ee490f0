"""Definitions: the switches of meaning beneath the criteria of a decision, each of which could be left out.

A definition is what a translation changes. Where two metrics change the same thing in the same way, they have one definition
between them, so that it is left out everywhere at once:

::

    cost per case  = cost / held       held: {from: marked, where: not reopened}   -> one definition, `held`,
    resolved rate  = held / tickets    held: {from: marked, where: not reopened}      in both criteria
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from decisionlayer.decide.naive import own_steps
from decisionlayer.decide.readings import Passing, Reading, passing
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.query import Query
from decisionlayer.resolve.model import Formula, Metric, Model, Purpose, Term
from decisionlayer.resolve.reach.beneath import Beneath


@dataclass(frozen=True, slots=True)
class Definition:
    """A switch of meaning: its name, the metrics that it governs, and what it changes in words.

    One without metrics is the structure that a horizon chose.
    """

    name: str
    metrics: tuple[str, ...]
    why: str


def definitions(model: Model, criteria: Iterable[str], query: Query) -> tuple[Definition, ...]:
    """Return the definitions beneath some metrics, in the order in which they are met; last, what the question chose.

    A changed unit alone is none: the scale of a decision is in the unit of the choice metric.
    """
    beneath = Beneath(model.metrics)
    groups: list[tuple[list[Metric], set[object]]] = []
    for metric in dict.fromkeys(part.name for name in criteria for part in beneath.tree(name)):
        changed = set(_changes(model, model.metrics[metric]))
        if not changed:
            continue
        here: tuple[list[Metric], set[object]] = ([model.metrics[metric]], changed)
        for group in [group for group in groups if group[1] & changed]:
            groups.remove(group)
            here = ([*group[0], *here[0]], here[1] | group[1])
        groups.append(here)
    found = [_definition(model, metrics, changed) for metrics, changed in groups]
    return (*_told_apart(found), *_chosen(query))


def without(model: Model, left_out: Iterable[Definition], query: Query) -> Reading:
    """Return the reading in which some definitions are replaced by their frontline readings, everywhere at once."""
    reading = Reading()
    for definition in left_out:
        if not definition.metrics:
            reading = replace(reading, as_reported=True)
        for name in definition.metrics:
            for step in own_steps(model, model.metrics[name], reading):
                reading = step.reading
    return reading


def _changes(model: Model, metric: Metric) -> Iterator[object]:
    """Yield what a translation changes: a mix, a line, and the terms that are not their metrics, without their unit."""
    it = metric.translation
    if it is None:
        return
    if it.reweight is not None:
        yield metric.name
    if it.regroup is not None:
        yield it.regroup.written
    if not isinstance(metric.body, Formula):
        return
    for term in metric.body.terms.values():
        plain = replace(term, factor=Fraction(1))
        below = model.metrics.get(term.metric)
        if below is None:
            continue
        is_passed = below.purpose is not Purpose.choice and passing(model, below) is not Passing.total
        if plain != Term(term.metric) or is_passed:
            yield plain


def _definition(model: Model, metrics: list[Metric], changed: set[object]) -> Definition:
    steps = [step for metric in metrics for step in own_steps(model, metric, Reading())]
    why = "; ".join(dict.fromkeys(step.why or f"the {step.name} is passed up" for step in steps))
    return Definition(_name(metrics, changed), tuple(metric.name for metric in metrics), why)


def _name(metrics: list[Metric], changed: set[object]) -> str:
    """A definition is called as its metric, or, between several, as the term that they share."""
    if len(metrics) == 1:
        return metrics[0].name
    terms = {
        name
        for metric in metrics
        if isinstance(metric.body, Formula)
        for name, term in metric.body.terms.items()
        if replace(term, factor=Fraction(1)) in changed
    }
    return next(iter(terms)) if len(terms) == 1 else " + ".join(metric.name for metric in metrics)


def _told_apart(found: list[Definition]) -> Iterator[Definition]:
    """Yield definitions under names of their own: a term's name that is taken gives way to those of the metrics."""
    names = [definition.name for definition in found]
    for definition in found:
        is_taken = names.count(definition.name) > 1
        yield replace(definition, name=" + ".join(definition.metrics)) if is_taken else definition


def _chosen(query: Query) -> Iterator[Definition]:
    chosen = query.basis or query.structure
    if chosen is not None and query.basis != "as_reported" and query.structure != "as_was":
        yield Definition(chosen, (), "each row under the structure and the definition of its own time")

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

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from decisionlayer.ask import Desk
from decisionlayer.decide.joined import FAN_OUT, ORPHAN, joined, repeated
from decisionlayer.decide.lengths import is_divided, undivided
from decisionlayer.decide.readings import (
    Passing,
    Reading,
    Undone,
    figures,
    is_as_then,
    measures_of,
    own_grain,
    pass_up,
    passing,
)
from decisionlayer.decide.walk import Step, Walk
from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.names import did_you_mean
from decisionlayer.plan.query import Query
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.meaning.comparing import exact
from decisionlayer.resolve.model import Additivity, Formula, Metric, Model, Purpose, Term
from decisionlayer.resolve.reach.beneath import Beneath

#: What makes several numbers of a question, or cuts them off.
_SHAPES = ("by", "levels", "totals", "rest", "extremes", "compare", "having", "order", "limit")


class HasDesk(Protocol):
    """Whoever can be asked: a layer."""

    @property
    def desk(self) -> Desk:
        """Where it is asked."""


def naive_walk(asked: HasDesk | Desk, metric: str, **question: object) -> Walk:
    """Return the walk from the governed figure of a choice metric to its naive one, for one question without ``by``.

    The steps undo the translation one part at a time: for each term the rows that it keeps and the population that it
    replaces, how a stock is looked at along time, then the units, then the way in which each value is passed up, and last
    the structure that the question chose. A number that stands on rows themselves has no frontline reading, and a walk
    without steps. Raises QueryError: ``unknown-name``, ``bad-question``, ``not-built``.
    """
    desk = asked if isinstance(asked, Desk) else asked.desk
    query = Query.of(metrics=[metric], **question)
    subject = _subject(desk.model, metric, query)
    governed = here = _figure(desk, Reading(), subject, query)
    steps: list[Step] = []
    for undone in undo(desk, subject, query):
        there = _figure(desk, undone.reading, subject, query)
        if undone.cause in (ORPHAN, FAN_OUT) and there == here:
            continue
        steps.append(Step(undone.name, undone.why or _passing_why(desk, undone, query), here, there, undone.cause))
        here = there
    unit = "" if subject.unit is None else str(subject.unit)
    return Walk(metric, subject.title or metric, unit, _cell(query), governed, here, tuple(steps))


def undo(desk: Desk, metric: Metric, query: Query, *, units: bool = True) -> Iterator[Undone]:
    """Take the translation of a metric back one part at a time; each step holds all before it. First, how rows are joined.

    Without ``units`` the terms stay in the units of the choice metric, as the scale of a decision needs them.
    """
    model, reading = desk.model, Reading()
    for undone in joined(desk, metric, query, reading):
        reading = undone.reading
        yield undone
    earlier = _earlier(model, metric, query, reading, units)
    if earlier is not None:
        reading = earlier.reading
        yield earlier
    for undone in _steps(model, metric, reading, units, inner=True):
        reading = undone.reading
        yield undone
    chosen = query.basis or query.structure
    if chosen is not None and query.basis != "as_reported" and query.structure != "as_was":
        why = f"each row under the structure of its own time, not {chosen.replace('_', ' ').replace('@', ' at ')}"
        reading = replace(reading, as_reported=True)
        yield Undone("as reported", "structure", why, reading)
    joined_parts = repeated(desk, metric, query, reading)
    if joined_parts is not None:
        yield joined_parts


def _earlier(model: Model, metric: Metric, query: Query, reading: Reading, units: bool) -> Undone | None:
    """Take back what the definitions before today's change, where each period is read under its own; None where there are none."""
    told: dict[str, None] = {}
    for part in Beneath(model.metrics).tree(metric.name) if is_as_then(query) else ():
        for edition in part.editions[1:]:
            for undone in _steps(model, model.metrics[edition.name], reading, units, inner=True):
                reading = undone.reading
                told[f"`{part.name}` until {part.editions[part.editions.index(edition) - 1].since}"] = None
    why = f"what the translation of {' and '.join(told)} changed is taken back as well"
    return Undone("earlier definitions", "definition", why, reading) if told else None


def own_steps(model: Model, metric: Metric, reading: Reading) -> Iterator[Undone]:
    """Take back what the translation of one metric changes, and not its unit nor what is changed beneath it."""
    return _steps(model, metric, reading, units=False, inner=False)


def _steps(model: Model, metric: Metric, reading: Reading, units: bool, inner: bool) -> Iterator[Undone]:
    """Take one metric back, what its translation does to the whole first; with ``inner`` also the choice metrics beneath it."""
    for undone in _of_switch(metric, model, reading):
        reading = undone.reading
        yield undone
    yield from _of_terms(model, metric, reading, units, inner)


def _of_switch(metric: Metric, model: Model, reading: Reading) -> Iterator[Undone]:
    """Take back what a translation does to the whole: one mix of classes, one line for all times."""
    it = metric.translation
    if it is not None and it.reweight is not None:
        reading = reading.with_metric(replace(reading.of(model, metric.name), translation=replace(it, reweight=None)))
        yield Undone("mix", "mix", f"each group under the mix of `{it.reweight.by}` that it happens to have", reading)
    if it is not None and it.regroup is not None:
        here = reading.of(model, metric.name)
        assert here.translation is not None
        reading = reading.with_metric(replace(here, translation=replace(here.translation, regroup=None)))
        yield Undone("regrouping", "structure", f"each row under the line of its own time, not under `{it.regroup.written}`", reading)


def _of_terms(model: Model, metric: Metric, reading: Reading, units: bool, inner: bool) -> Iterator[Undone]:
    if not isinstance(metric.body, Formula):
        return
    formula = metric.body

    if units and is_divided(formula.expr):
        plain = replace(formula, expr=undivided(formula.expr))
        reading = reading.with_metric(replace(reading.of(model, metric.name), body=plain))
        why = "a longer period counts for more: nothing is divided by how long it is"
        yield Undone("lengths", "calendar", why, reading)

    def now(name: str) -> Term:
        body = reading.of(model, metric.name).body
        assert isinstance(body, Formula)
        return body.terms[name]

    def with_term(name: str, term: Term) -> Reading:
        here = reading.of(model, metric.name)
        assert isinstance(here.body, Formula)
        return reading.with_metric(replace(here, body=replace(here.body, terms={**here.body.terms, name: term})))

    for name, term in formula.terms.items():
        below = model.metrics[term.metric]
        if term.where is not None:
            reading = with_term(name, replace(now(name), where=None))
            why = f"`{below.name}` is counted over all its rows, not only where {text_of(term.where)}"
            yield Undone(f"rows of {below.name}", "population", why, reading)
        if term.replaces:
            reading = with_term(name, replace(now(name), population=None, replaces=False))
            yield Undone(f"population of {below.name}", "population", _population_why(model, below, term), reading)
        if term.over_time is not None:
            reading = with_term(name, replace(now(name), over_time=None))
            why = f"`{below.name}` is looked at along time as the frontline does, not as its {term.over_time}"
            yield Undone(f"instants of {below.name}", "grain", why, reading)
        if term.convert is not None:
            reading = with_term(name, replace(now(name), convert=None))
            for amount in term.convert.amounts:  # whoever adds dollars to euros does not look at the column that tells them apart
                reading = reading.with_metric(replace(reading.of(model, amount.metric), unit_column=None))
            why = f"amounts of `{below.name}` are added as they are written, whatever their currency"
            yield Undone(f"currency of {below.name}", "currency", why, reading)
    excludes = next((term.excludes for term in formula.terms.values() if term.excludes), ())
    if excludes:
        for name in formula.terms:
            reading = with_term(name, replace(now(name), excludes=()))
        told = " and ".join(each.reason for each in excludes)
        yield Undone("exclusions", "population", f"what the translation leaves out is counted as well: {told}", reading)
    converted = [name for name, term in formula.terms.items() if term.factor != 1]
    if converted and units:
        for name in converted:
            reading = with_term(name, replace(now(name), factor=Fraction(1)))
        yield Undone("units", "units", "; ".join(_unit_why(model, formula.terms[name]) for name in converted), reading)
    for name, term in formula.terms.items():
        below = model.metrics[term.metric]
        if below.purpose is Purpose.choice:
            within = list(_steps(model, reading.of(model, below.name), reading, units, inner)) if inner else []
            if within:
                reading = within[-1].reading
                yield Undone(f"naive {below.name}", within[0].cause, f"`{below.name}` is itself read naively", reading)
        elif (how := passing(model, below)) is not Passing.total:
            reading = reading.with_passed(metric.name, name)
            yield Undone(f"{how.value} of {below.name}", _cause(below, how), "", reading, below)


def _cause(below: Metric, how: Passing) -> str:
    if how is Passing.mean:
        return "average of averages"
    return "snapshot summed" if below.additivity is Additivity.stock else "overlap"


def _population_why(model: Model, below: Metric, term: Term) -> str:
    wide = "all rows" if term.population is None else f"rows with {text_of(term.population)}"
    own = [text_of(measure.population) for measure in measures_of(model, below) if measure.population is not None]
    narrow = f"rows with {' and '.join(dict.fromkeys(own))}" if own else "all rows"
    return f"the choice number asks about {wide}, `{below.name}` {'only ' if own else ''}about {narrow}"


def _unit_why(model: Model, term: Term) -> str:
    unit = model.metrics[term.metric].unit
    return f"`{term.metric}` stays in {unit if unit is not None else 'its own unit'}, as the frontline counts it"


def worded(model: Model, undone: Undone) -> str:
    """Return why passing a number up moves it, without counting what is passed up."""
    below = undone.passed
    assert below is not None
    by = ", ".join(own_grain(model, below)) or "its total"
    if passing(model, below) is Passing.mean:
        return f"the mean of the values of `{below.name}` by {by}: the smallest weighs as much as the largest"
    return f"the values of `{below.name}` by {by} are added, though they overlap"


def _passing_why(desk: Desk, undone: Undone, query: Query) -> str:
    below = undone.passed
    assert below is not None
    passed = pass_up(desk, below, undone.reading.question(query))
    count, by = passed.count, ", ".join(passed.grain) or "its total"
    if passed.how is Passing.mean:
        return f"the mean of {count:,} values of `{below.name}` by {by}: the smallest weighs as much as the largest"
    return f"{count:,} values of `{below.name}` by {by} are added, though they overlap"


def _figure(desk: Desk, reading: Reading, metric: Metric, query: Query) -> Decimal | None:
    values = figures(desk, reading, metric.name, query)
    value = next(iter(values.values()), None)
    found = exact(value)
    if found is None and value is not None:
        raise QueryError(Finding("bad-question", "question", f"{value!r} is no figure that one could walk from"))
    return found


# -- what is asked ---------------------------------------------------------------------------------------------------


def _subject(model: Model, name: str, query: Query) -> Metric:
    metric = model.metrics.get(name)
    if metric is None:
        raise QueryError(model.broken.get(f"metric {name}") or Finding(
            "unknown-name", f"metric {name}", f"there is no metric `{name}`", help=did_you_mean(name, model.named_metrics),
        ))  # fmt: skip
    if metric.purpose is not Purpose.choice:
        choices = [other.name for other in model.named_metrics.values() if other.purpose is Purpose.choice]
        raise QueryError(Finding(
            "bad-question", f"metric {name}", f"`{name}` is a number for action, so there is nothing that it could be read naively from",
            help=f"ask for a choice metric. {did_you_mean(name, choices)}",
        ))  # fmt: skip
    shapes = [key for key in _SHAPES if getattr(query, key) not in ((), None, False)]
    if shapes:
        raise QueryError(Finding(
            "bad-question", "question", f"a walk leads from one number to one number, so it takes no `{shapes[0]}`",
            help="say which number with `where`, `start` and `end`",
        ))  # fmt: skip
    return metric


def _cell(query: Query) -> str:
    span = f"{query.start or '…'} to {query.end or '…'}" if query.start or query.end else ""
    if query.start == query.end and query.start:
        span = query.start
    return ", ".join(part for part in (query.where or "", span) if part)

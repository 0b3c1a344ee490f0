"""What can be signed: every thing with a meaning, with who answers for it and its parts as a signer reads them.

The parts are kept with a signature, in words: when the meaning is another one later, they say which part of it is. They tell, and
decide nothing: a signature holds for a fingerprint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from weakref import WeakKeyDictionary

from decisionlayer.findings import Place
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.meaning.fingerprints import loses_of, meaning_of
from decisionlayer.resolve.model import (
    Assumption,
    Decision,
    Formula,
    Hierarchy,
    Measure,
    Metric,
    Model,
    Purpose,
    Term,
    Translation,
)
from decisionlayer.resolve.values.uses import texts


@dataclass(frozen=True, slots=True)
class Signable:
    """A thing that can be signed.

    ``loses`` is the fingerprint of what its translation loses; when it changes, a new signature is asked for too. ``for_choice`` says
    that one's own signature is not enough.
    """

    kind: str
    name: str
    meaning: str
    loses: str
    owner: str | None
    for_choice: bool
    place: Place

    @property
    def subject(self) -> str:
        """It, as findings call it: ``metric late_minutes``."""
        return f"{self.kind} {self.name}"

    @property
    def title(self) -> str:
        """It, as a sentence says it."""
        return f"{self.kind} `{self.name}`"


def signables(model: Model) -> Mapping[str, Signable]:
    """Return everything in a model that can be signed, by subject; what is broken is not among it."""
    known = _KNOWN.get(model)
    if known is None:
        found = {one.subject: one for one in _all(model)}
        known = _KNOWN[model] = {subject: one for subject, one in found.items() if subject not in model.broken}
    return known


def named(model: Model, name: str) -> tuple[Signable, ...]:
    """Return what people may mean by a name: ``held_rate``, or ``metric held_rate`` where a decision is called so too."""
    known = signables(model)
    if name in known:
        return (known[name],)
    return tuple(one for one in known.values() if one.name == name)


def parts_of_meaning(model: Model, subject: str) -> Mapping[str, str]:
    """Return the parts of what a thing means, in words, for its signature."""
    kind, _, name = subject.partition(" ")
    match kind:
        case "metric":
            return dict(_of_metric(model, model.metrics[name]))
        case "decision":
            return dict(_of_decision(model, model.decisions[name]))
        case "view":
            view = model.views[name]
            shown = {f"metric {one}": _meaning(model, one) for one in texts(view.question.get("metrics"))}
            least = {} if view.min_group is None else {"min_group": str(view.min_group)}
            return {**{key: _said(value) for key, value in view.question.items() if value not in (None, (), {})}, **least, **shown}
        case "assumption":
            return {"value": f"{_priced(model.assumptions[name])} {model.assumptions[name].unit}"}
        case _:
            return {}


def changed_parts(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Return in words what differs between the parts that were signed and those that are; empty when no part does.

    >>> changed_parts({"where": "late <= 2", "unit": "percent"}, {"where": "late <= 0", "unit": "percent"})
    '`where` was `late <= 2` and is `late <= 0`'
    """
    told = []
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        if was is None:
            told.append(f"`{key}` is new: `{now}`")
        elif now is None:
            told.append(f"`{key}` is gone; it was `{was}`")
        elif "m1:" in was and was.partition(" m1:")[0] == now.partition(" m1:")[0]:
            told.append(f"{key} means something else")
        elif key == "loses":
            told.append("what its translation loses is said otherwise")
        else:
            (was, stood), (now, stands) = (text.partition(" m1:")[::2] for text in (was, now))
            other = "" if stood == stands else ", which means something else"
            told.append(f"`{key}` was `{was}` and is `{now}`{other}")
    return "; ".join(told)


def _all(model: Model) -> Iterator[Signable]:
    for metric in model.metrics.values():
        if metric.edition_of is None:  # an earlier definition is part of its metric
            is_choice = metric.purpose is Purpose.choice
            yield Signable("metric", metric.name, metric.meaning, loses_of(metric), metric.owner, is_choice, metric.place)
    for decision in model.decisions.values():
        is_choice = decision.kind is Purpose.choice
        yield Signable("decision", decision.name, decision.meaning, "", decision.decider, is_choice, decision.place)
    for view in model.views.values():
        yield Signable("view", view.name, view.meaning, "", view.owner, view.audience == "executive", view.place)
    for target in model.targets.values():
        of = model.metrics.get(target.metric)
        is_choice = of is not None and of.purpose is Purpose.choice
        yield Signable("target", target.name, target.meaning, "", target.proposed_by, is_choice, target.place)
    for calendar in model.project.calendars.values():
        yield Signable("frame", calendar.name, calendar.meaning, "", calendar.owner, False, calendar.place)
    for rates in model.rates.values():
        yield Signable("frame", rates.name, rates.meaning, "", rates.owner, False, rates.place)
    for line in model.hierarchies.values():
        yield Signable("frame", line.name, _line_meaning(model, line), "", line.owner, False, line.place)
    for assumption in model.assumptions.values():
        yield Signable("assumption", assumption.name, assumption.meaning, "", assumption.owner, False, assumption.place)
    for source in model.sources.values():
        if source.name not in {line.source for line in model.hierarchies.values()}:
            yield Signable("source", source.name, source.meaning, "", source.owner, False, source.place)


def _line_meaning(model: Model, line: Hierarchy) -> str:
    source = model.sources.get(line.source)
    versions = [[name, day.isoformat()] for name, day in sorted(line.versions.items())]
    return meaning_of(["hierarchy", line.of, list(line.levels), versions, "" if source is None else source.meaning])


def _of_metric(model: Model, metric: Metric) -> Iterator[tuple[str, str]]:
    if metric.purpose is not None:
        yield "purpose", metric.purpose.value
    if metric.unit is not None:
        yield "unit", str(metric.unit)
    yield "better", _said(metric.better)
    yield "grain", f"{metric.limit.time or 'any time'} by {_list(metric.limit.by)}"
    for key in ("missing", "decimals"):
        value = getattr(metric, key)
        if value is not None:
            yield key, str(value)
    match metric.body:
        case Measure() as body:
            yield "measure", text_of(body.expr)
            for key, expr in (("population", body.population), ("where", body.where)):
                if expr is not None:
                    yield key, text_of(expr)
            if body.over_time is not None:
                yield "over_time", body.over_time
            if metric.skips_nulls:
                yield "nulls", "skip"
        case Formula() as body:
            yield "formula", text_of(body.expr)
            if body.over_time is not None:
                yield "over_time", body.over_time
            for name, term in body.terms.items():
                yield f"term {name}", _term(model, term)
            for name in body.assumptions:
                assumption = model.assumptions.get(name)
                if assumption is not None:
                    yield f"assumption {name}", f"{_priced(assumption)} {assumption.unit}"
    if metric.excludes:
        yield "exclude", " or ".join(sorted(text_of(each.when) for each in metric.excludes))
    if metric.translation is not None:
        yield from _of_switch(metric.translation)
    for edition in metric.editions[1:]:
        yield f"before {edition.since}", _meaning(model, edition.name)
    loses = loses_of(metric)
    if loses:
        yield "loses", loses


def _of_switch(translation: Translation) -> Iterator[tuple[str, str]]:
    if translation.regroup is not None:
        yield "regroup", translation.regroup.written
    if translation.reweight is not None:
        shares = translation.reweight.shares
        mix = "whole" if shares is None else ", ".join(f"{name} {share}" for name, share in sorted(shares))
        yield "reweight", f"by {translation.reweight.by}, mix {mix}"
    if translation.tolerance is not None:
        yield "tolerance", _said(translation.tolerance)
    if translation.control_total is not None:
        yield "control_total", f"{translation.control_total.metric} within {_said(translation.control_total.within)}"


def _term(model: Model, term: Term) -> str:
    words = [term.metric]
    if term.where is not None:
        words.append(f"where {text_of(term.where)}")
    if term.replaces:
        words.append(f"population {'all' if term.population is None else text_of(term.population)}")
    if term.over_time is not None:
        words.append(f"over_time {term.over_time}")
    if term.convert is not None:
        words.append(f"converted by {term.convert.frame} at the {term.convert.kind} rate")
    if term.factor != 1:
        words.append(f"times {term.factor}")
    return " ".join((*words, _meaning(model, term.metric)))


def _of_decision(model: Model, decision: Decision) -> Iterator[tuple[str, str]]:
    options = decision.dimension or ""
    if decision.options is not None:
        options += f" of {_list(decision.options)}"
    yield "options", options.strip()
    if decision.status_quo not in (None, "none"):
        yield "status_quo", str(decision.status_quo)
    for one in decision.criteria:
        said = {"worst": one.worst, "best": one.best, "weight": one.weight, "veto": one.veto}
        scale = " ".join(f"{key} {_said(value)}" for key, value in said.items() if value is not None)
        yield f"criterion {one.metric}", f"{scale} {_meaning(model, one.metric)}".strip()
    for horizon in decision.horizons:
        words = (horizon.period, horizon.start and f"from {horizon.start}", horizon.end and f"to {horizon.end}")
        yield f"horizon {horizon.name}", " ".join(str(word) for word in words if word)


def _meaning(model: Model, metric: str) -> str:
    return model.metrics[metric].meaning if metric in model.metrics else "absent"


def _said(value: object) -> str:
    match value:
        case Decimal():
            return format(value.normalize(), "f")
        case list() | tuple():
            return _list([str(one) for one in value])
        case _:
            return str(value)


def _list(names: Iterable[str] | None) -> str:
    return "every dimension" if names is None else ", ".join(names) or "nothing"



_KNOWN: WeakKeyDictionary[Model, Mapping[str, Signable]] = WeakKeyDictionary()


def _priced(assumption: Assumption) -> str:
    return assumption.told if assumption.lives else str(assumption.value)

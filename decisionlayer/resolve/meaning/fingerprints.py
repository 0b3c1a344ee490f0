"""Fingerprints: what a thing means, and how it is worded, as two short texts each.

A *meaning* (``m1:`` and 16 hexadecimal digits) changes with whatever could move the number or what it may be used for; a
*wording* (``w1:``) with the prose around it. Both are taken over trees and values, never over rendered text, so that
spelling, order in a file, machine, locale and hash seed leave them alone. What a thing stands on enters by its own
meaning, not by its name: a renamed metric keeps the meaning of everything above it.

An attribute is part of a metric's meaning when the metric reads it or its ``grain`` names it. What a question splits by
beyond that belongs to the meaning of the view or decision that asks. The digit in ``m1`` is the format's version: it
goes up when these rules change, so that an old signature is never compared under new rules.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import assert_never

from decisionlayer.frozen import replace
from decisionlayer.resolve.language.printing import canonical
from decisionlayer.resolve.language.tree import Expr, Name, names, transform
from decisionlayer.resolve.meaning.grounds import Grounds, Shape, calendar_shape, clock_shape, rates_shape, unit_shape
from decisionlayer.resolve.meaning.wordings import metric_wording, wording_of
from decisionlayer.resolve.model import (
    Assumption,
    Decision,
    Edition,
    Exclusion,
    Formula,
    Grain,
    Horizon,
    Match,
    Measure,
    Metric,
    Model,
    Source,
    Target,
    Term,
    View,
)
from decisionlayer.resolve.reach.askable import Askable, Ways
from decisionlayer.resolve.reach.beneath import bottom_up
from decisionlayer.resolve.values.uses import texts

_encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), check_circular=False, allow_nan=False).encode


def meaning_of(shape: Shape) -> str:
    """Return the meaning fingerprint of a canonical shape."""
    return "m1:" + _digest(shape)


def loses_of(metric: Metric) -> str:
    """Return the fingerprint of what a metric's translation loses; empty without a translation.

    It is part of the wording too. It has its own, because a changed ``loses`` asks for a new signature and a changed
    title does not.
    """
    return "" if metric.translation is None else "l1:" + _digest(" ".join(metric.translation.loses.split()))


def _digest(shape: Shape) -> str:
    return hashlib.sha256(_encode(shape).encode("ascii")).hexdigest()[:16]


def stamp(model: Model) -> Model:
    """Return the model with the meaning and wording of everything in it, and of the whole.

    A thing that stands on something which is not in the model (because it is broken) gets a fingerprint all the same;
    nothing may be signed or published while it is broken.
    """
    return _Stamper(model).stamped()


class _Stamper:
    """Fingerprints of one model, each computed once."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.cut = (model.project.timezone, model.project.week_start)
        self.assumptions = {name: _assumption(item) for name, item in model.assumptions.items()}
        self.calendars = {name: meaning_of(calendar_shape(item)) for name, item in model.project.calendars.items()}
        self.rates = {name: meaning_of(rates_shape(item)) for name, item in model.rates.items()}
        self.metrics: dict[str, str] = {}
        self.grounds = Grounds(model, self.metric)
        self.askable = Askable(model)
        for name in bottom_up(model.metrics):
            self.metric(name)

    def stamped(self) -> Model:
        model = self.model
        sources = {name: self.source(item) for name, item in model.sources.items()}
        assumptions = {
            name: replace(item, meaning=self.assumptions[name], wording=wording_of(name, item.owner, item.why))
            for name, item in model.assumptions.items()
        }
        metrics = {
            name: replace(item, meaning=self.metric(name), wording=metric_wording(item, model))
            for name, item in model.metrics.items()
        }
        decisions = {name: self.decision(item) for name, item in model.decisions.items()}
        views = {name: self.view(item) for name, item in model.views.items()}
        targets = {name: self.target(item) for name, item in model.targets.items()}
        kinds: tuple[tuple[str, Mapping[str, Source | Assumption | Metric | Decision | View | Target]], ...] = (
            ("source", sources), ("assumption", assumptions), ("metric", metrics), ("decision", decisions), ("view", views),
            ("target", targets),
        )  # fmt: skip
        calendars = {
            name: replace(item, meaning=self.calendars[name], wording=wording_of(name, item.owner))
            for name, item in model.project.calendars.items()
        }
        rates = {
            name: replace(item, meaning=self.rates[name], wording=wording_of(name, item.owner)) for name, item in model.rates.items()
        }
        frames: list[Shape] = [["frame", name, each[name].meaning] for each in (calendars, rates) for name in sorted(each)]
        everything: Shape = [*([kind, name, items[name].meaning] for kind, items in kinds for name in sorted(items)), *frames]
        return replace(
            model, project=replace(model.project, calendars=calendars), rates=rates, sources=sources, assumptions=assumptions,
            metrics=metrics, decisions=decisions, views=views, targets=targets,
            meaning=meaning_of(["model", *self.cut, everything]),
        )  # fmt: skip

    def source(self, source: Source) -> Source:
        wording = wording_of(source.name, source.one_row_is, source.owner, *([str(source.within)] if source.within is not None else []))
        return replace(source, meaning=meaning_of(self.grounds.whole(source)), wording=wording)

    # -- numbers ----------------------------------------------------------------------------------------------------

    def metric(self, name: str) -> str:
        known = self.metrics.get(name)
        if known is not None:
            return known
        self.metrics[name] = "m1:circle"  # a circle of metrics is refused elsewhere; here it only has to end
        metric = self.model.metrics.get(name)
        if metric is None:
            found = meaning_of(["absent", name])
        else:
            purpose = None if metric.purpose is None else metric.purpose.value
            rule: list[Shape] = [metric.missing, metric.decimals, _number(metric.better)]
            if metric.unit_column is not None and isinstance(metric.body, Measure):
                rule.append(["unit of each row", self.grounds.way(metric.body.source, metric.unit_column)])
            if metric.skips_nulls:
                rule.append(["nulls", "skip"])
            shape: list[Shape] = [
                "metric", purpose, unit_shape(metric.unit), self.grain(metric.limit), rule, self.body(metric), *self.switch(metric),
            ]  # fmt: skip
            if metric.roll_forward is not None:  # by name: a flow may stand on the stock
                shape.append(["rolls forward", sorted(metric.roll_forward.in_), sorted(metric.roll_forward.out)])
            if metric.editions:
                shape.append(["in time", [self.edition(name, edition) for edition in metric.editions]])
            found = meaning_of(shape)
        self.metrics[name] = found
        return found

    def edition(self, metric: str, edition: Edition) -> Shape:
        """A definition in time: from when, what it says of the past, and what it meant; the newest is the metric itself."""
        return [edition.since.isoformat(), edition.past, None if edition.name == metric else self.metric(edition.name)]

    def grain(self, grain: Grain) -> Shape:
        time = None if grain.time is None else self.unit(grain.time)
        return [time, None if grain.by is None else sorted(set(grain.by))]

    def unit(self, text: str) -> Shape:
        """A period: of a calendar by what the calendar means, so that neither its name nor its place in a file counts."""
        calendar, dot, grain = text.rpartition(".")
        return [self.calendars[calendar], grain] if dot and calendar in self.calendars else text

    def body(self, metric: Metric) -> Shape:
        match metric.body:
            case Measure() as body:
                source = self.model.sources.get(body.source)
                clock = None if source is None or body.clock is None else source.clock(body.clock)
                cut: Shape = None if clock is None else [clock_shape(clock), *self.cut]
                own = (body.expr,) if body.match is None else ()
                reads = {node.parts for expr in (*own, body.population, body.where) if expr for node in names(expr)}
                ways: Shape = [self.grounds.way(body.source, parts) for parts in sorted(reads)]
                trees: Shape = [_tree(body.expr), _tree(body.population), _tree(body.where)]
                cells = self.grounds.cells(body.source, metric.limit)
                shape: list[Shape] = ["measure", self.grounds.anchor(body.source), cut, trees, ways, cells]
                if body.over_time is not None:
                    each = [self.grounds.way(body.source, parts) for parts in sorted(body.last_of_each)]
                    shape.append(["over time", body.over_time, each])
                if body.excludes:
                    shape.append(self.excluded(body.excludes, (body.source,)))
                if body.match is not None:
                    shape.append(self.match(body.source, body.match))
                return shape
            case Formula() as body:
                meanings = {name: self.term(term) for name, term in body.terms.items()}
                meanings |= {name: self.assumptions.get(name, name) for name in body.assumptions}
                along: list[Shape] = [] if body.over_time is None else [["over time", body.over_time, self.unit(body.instants)]]
                return ["formula", canonical(_renamed(body.expr, meanings)), *along]
            case _:
                assert_never(metric.body)

    def match(self, base: str, match: Match) -> Shape:
        """What the rows of a conversion are followed by."""
        source = self.model.sources.get(match.source)
        clock = None if source is None else source.clock(match.clock)
        reads = sorted({node.parts for node in names(match.where)}) if match.where is not None else []
        pairs: list[Shape] = [
            [self.grounds.way(base, (mine,)), self.grounds.way(match.source, (theirs,))] for mine, theirs in match.entity
        ]
        pairs += [
            [self.grounds.way(base, mine.parts), self.grounds.way(match.source, theirs.parts)] for mine, theirs in match.same
        ]
        return [
            "match", self.grounds.anchor(match.source), None if clock is None else clock_shape(clock), _tree(match.where),
            [self.grounds.way(match.source, parts) for parts in reads], _in_any_order(pairs), match.count, match.unit,
            match.by_event,
        ]  # fmt: skip

    def term(self, term: Term) -> str:
        """A term that changes nothing means what its metric means."""
        meaning = self.metric(term.metric)
        if term == Term(term.metric):
            return meaning
        filters = [expr for expr in (term.where, term.population) if expr is not None]
        reads = sorted({node.parts for expr in filters for node in names(expr)})
        ways: Shape = [
            [self.grounds.way(leaf, parts) for parts in reads] for leaf in self.askable.beneath.sources(term.metric)
        ]
        factor: Shape = [term.factor.numerator, term.factor.denominator]
        along: list[Shape] = [] if term.over_time is None else [term.over_time]
        if term.excludes:
            along.append(self.excluded(term.excludes, self.askable.beneath.sources(term.metric)))
        if term.convert is not None:
            along.append(["convert", self.rates.get(term.convert.frame, term.convert.frame), term.convert.kind])
        return meaning_of(["term", meaning, _tree(term.where), _tree(term.population), term.replaces, factor, ways, *along])

    def switch(self, metric: Metric) -> list[Shape]:
        """What a translation does to the whole, and what it lets pass; a control total by its name, which may stand on the metric."""
        told: list[Shape] = []
        translation = metric.translation
        if translation is None:
            return told
        if translation.regroup is not None:
            line = self.model.hierarchies.get(translation.regroup.frame)
            anchor = None if line is None else self.grounds.anchor(line.source)
            told.append(["regroup", anchor, translation.regroup.day.isoformat()])
        if translation.reweight is not None:
            weight = translation.reweight
            shares = None if weight.shares is None else sorted([name, _number(share)] for name, share in weight.shares)
            told.append(["reweight", self.split((metric.name,), weight.by), shares])
        if translation.tolerance is not None:
            told.append(["tolerance", _number(translation.tolerance)])
        if translation.control_total is not None:
            control = translation.control_total
            told.append(["control", control.metric, sorted(control.by), _number(control.within)])
        return told

    def excluded(self, excludes: Iterable[Exclusion], sources: Iterable[str]) -> Shape:
        """Which rows leave; under which reason of several moves no number, and the reasons are prose."""
        reads = sorted({node.parts for each in excludes for node in names(each.when)})
        ways: Shape = [[self.grounds.way(source, parts) for parts in reads] for source in sources]
        return ["excluded", _in_any_order([_tree(each.when) for each in excludes]), ways]

    # -- what the numbers are for -------------------------------------------------------------------------------------

    def split(self, metrics: Sequence[str], path: str, ways: Ways = MappingProxyType({}), *, filters: bool = False) -> Shape:
        """What an asked path reads in every source beneath some metrics; a period is cut by the metrics themselves.

        A calendar's period is what the calendar means.
        """
        frames = [self.calendars[step] for step in path.split(".")[:-1] if step in self.calendars]
        if frames:
            return [path.rpartition(".")[2], *frames]
        routes = sorted(self.askable.routes(metrics, path, ways, filters=filters).items())
        return [path, [None if route is None else self.grounds.way(source, route.parts) for source, route in routes]]

    def decision(self, decision: Decision) -> Decision:
        criteria = [
            [self.metric(c.metric), _number(c.worst), _number(c.best), _number(c.weight), _number(c.veto)]
            for c in decision.criteria
        ]
        horizons = [_horizon(horizon) for horizon in decision.horizons]
        measured = [criterion.metric for criterion in decision.criteria]
        shape: Shape = [
            "decision", decision.kind.value,
            None if decision.dimension is None else self.split(measured, decision.dimension),
            None if decision.options is None else sorted(decision.options),
            None if decision.status_quo in (None, "none") else decision.status_quo,
            _in_any_order(criteria), _in_any_order(horizons),
        ]  # fmt: skip
        wording = wording_of(
            decision.name, decision.question, decision.decider, *sorted(decision.agree), None, *sorted(decision.recommend),
            None, *sorted(decision.perform), decision.mode, decision.because, decision.cadence,
            None if decision.review_on is None else decision.review_on.isoformat(),
            *sorted(horizon.name for horizon in decision.horizons), None,
            *sorted(f"{key}={value} of {expected['option']}" for expected in decision.expects for key, value in expected.items()),
        )  # fmt: skip
        return replace(decision, meaning=meaning_of(shape), wording=wording)

    def target(self, target: Target) -> Target:
        filters = [target.where, *(part.where for part in target.parts)]
        reads = sorted({node.text for expr in filters if expr is not None for node in names(expr)})
        parts: list[Shape] = [
            [_tree(part.where), _number(part.value), _number(part.base), _number(part.offer)] for part in target.parts
        ]
        shape: Shape = [
            "target", self.metric(target.metric), _number(target.value), _number(target.stretch), target.start, target.end,
            _tree(target.where), [self.split((target.metric,), path, filters=True) for path in reads], _in_any_order(parts),
        ]  # fmt: skip
        people = sorted(f"{part.accepted_by} {part.offered_by}" for part in target.parts)
        wording = wording_of(target.name, target.proposed_by, target.accepted_by, None, *people)
        return replace(target, meaning=meaning_of(shape), wording=wording)

    def view(self, view: View) -> View:
        asked = dict(view.question)
        metrics = texts(asked.pop("metrics", ()))
        by = texts(asked.pop("by", ()))
        where, having = view.where, view.having
        for written in ("where", "having"):
            asked.pop(written, None)
        reads = sorted({node.text for node in names(where)}) if where is not None else []
        levels = asked.get("levels")
        if isinstance(levels, tuple | list):
            by = tuple(dict.fromkeys(path for level in levels for path in texts(level)))
        ways = {path: _ways(asked.get("paths"), path) for path in (*by, *reads)}
        shown = {metric: self.metric(metric) for metric in metrics}
        shape: list[Shape] = [
            "view", view.audience, sorted(shown.values()),
            [self.split(metrics, path, ways[path]) for path in sorted(by)],
            _tree(where), [self.split(metrics, path, ways[path], filters=True) for path in reads],
            None if having is None else canonical(_renamed(having, shown)),
            _plain(asked), view.min_group,
        ]  # fmt: skip
        if "target" in texts(asked.get("compare")):
            beside = [target for target in self.model.targets.values() if target.metric in metrics]
            shape.append(["targets", sorted(self.target(target).meaning for target in beside)])
        if not metrics:
            shape.append(["values", self.grounds.values(by, self.cut)])
        wording = wording_of(view.name, view.owner, view.definition, view.stored_as, *metrics, None, *by)
        return replace(view, meaning=meaning_of(shape), wording=wording)


def _horizon(horizon: Horizon) -> Shape:
    """What a horizon says beyond its time enters only where it says it."""
    shape: list[Shape] = [horizon.period, horizon.start, horizon.end, horizon.against]
    if horizon.reads:
        shape.append([[key, value] for key, value in sorted(horizon.reads.items())])
    if horizon.discount is not None:
        shape.append(["discount", _number(horizon.discount.rate), horizon.discount.each])
    return shape


def _assumption(assumption: Assumption) -> str:
    """Two prices of the same height are two things, so the name is part of what an assumption means."""
    dated = [[_number(life.value), str(life.since), str(life.after)] for life in assumption.lives]
    shape = ["assumption", assumption.name, _number(assumption.value), unit_shape(assumption.unit)]
    return meaning_of([*shape, dated] if dated else shape)


def _number(value: Decimal | str | None) -> Shape:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value


def _tree(expr: Expr | None) -> Shape:
    return None if expr is None else canonical(expr)


def _renamed(expr: Expr, meanings: Mapping[str, str]) -> Expr:
    """Put meanings in the place of names, so that the order of a sum hangs on what is added, not on what it is called."""

    def change(node: Expr) -> Expr | None:
        if isinstance(node, Name) and len(node.parts) == 1 and node.parts[0] in meanings:
            return Name((meanings[node.parts[0]],))
        return None

    return transform(expr, change)



def _ways(chosen: object, path: str) -> Ways:
    """The ways that a view chose for a path."""
    found = chosen.get(path) if isinstance(chosen, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _in_any_order(shapes: Iterable[Shape]) -> Shape:
    return sorted(shapes, key=_encode)


def _plain(value: object) -> Shape:
    """The rest of a question, keys sorted; a list keeps its order."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return _number(value)
        case Mapping():
            return [[str(key), _plain(value[key])] for key in sorted(value)]
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return str(value)

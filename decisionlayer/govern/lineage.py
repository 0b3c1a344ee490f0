"""What stands on what: from a published view down to the columns of the warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from decisionlayer.errors import QueryError
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import PERIODS
from decisionlayer.plan.bind.question import Binding
from decisionlayer.plan.query import Query
from decisionlayer.resolve.language.tree import Expr, Name, names
from decisionlayer.resolve.model import Decision, Formula, Match, Measure, Metric, Model, View
from decisionlayer.resolve.reach.across import across
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.reach.paths import Paths
from decisionlayer.resolve.values.uses import texts


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """One thing that stands on another, both told as ``metric late_minutes``, and by which way.

    ``way`` is ``shows``, ``beside``, ``criterion``, ``split by PATH``, ``kept by PATH``, ``options by PATH``, ``term NAME``, ``formula``,
    ``assumption``, ``rows``, or the part of a metric that reads a column: ``measure``, ``population``, ``where``,
    ``term NAME where``, ``term NAME population``.
    """

    object: str
    stands_on: str
    way: str


class Lineage:
    """All edges of a model, and what each thing stands on in the end."""

    def __init__(self, model: Model) -> None:
        self.edges = tuple(dict.fromkeys(_edges(model)))
        self._below: dict[str, tuple[str, ...]] = {}
        downwards: dict[str, list[str]] = {}
        for edge in self.edges:
            downwards.setdefault(edge.object, []).append(edge.stands_on)
        self._downwards: Mapping[str, list[str]] = downwards

    def beneath(self, subject: str) -> tuple[str, ...]:
        """Return everything that ``subject`` stands on, itself first, nearest first."""
        if subject not in self._below:
            found = {subject: None}
            queue = [subject]
            for here in queue:
                for below in self._downwards.get(here, ()):
                    if below not in found:
                        found[below] = None
                        queue.append(below)
            self._below[subject] = tuple(found)
        return self._below[subject]


def measures(model: Model, metric: str) -> tuple[Measure, ...]:
    """Return the measures that ``metric`` comes down to, its own when it has one, in order."""
    tree = Beneath(model.metrics).tree(metric)
    return tuple(below.body for below in tree if isinstance(below.body, Measure))


def of_sources(model: Model) -> Iterator[Edge]:
    """Yield an edge for each column that a source itself declares to read, whoever asks for it: ``key``, ``clock``, ``dimension NAME`` …"""
    for source in model.sources.values():
        subject = f"source {source.name}"
        read = [("key", column) for column in source.key] + [("clock", clock.column) for clock in source.clocks]
        read += [(f"link {role}", column) for role, link in source.links.items() for column in link.columns]
        read += [] if source.valid is None else [("valid", source.valid.starts), ("valid", source.valid.ends)]
        read += [] if source.arrival is None else [("fresh", source.arrival.column)]
        yield from (Edge(subject, f"column {source.name}.{column}", way) for way, column in read)
        for role, bridge in source.bridges.items():
            if bridge.by is not None:
                yield Edge(subject, f"column {bridge.source}.{bridge.by}", f"bridge {role}")
        for dimension in source.dimensions.values():
            if dimension.metric is None:
                yield from _of_names(model, subject, source.name, f"dimension {dimension.name}", dimension.expr, dimension.name)


def _edges(model: Model) -> Iterator[Edge]:
    for view in model.views.values():
        yield from _of_view(model, view)
    for decision in model.decisions.values():
        yield from _of_decision(model, decision)
    for each in model.metrics.values():
        # What a definition stood on, its metric stands on: its numbers of that time are asked still.
        metric = each if each.edition_of is None else replace(each, name=each.edition_of)
        match metric.body:
            case Measure():
                yield from _of_measure(model, metric, metric.body)
            case Formula():
                yield from _of_formula(model, metric, metric.body)
            case _:
                assert_never(metric.body)


def _of_view(model: Model, view: View) -> Iterator[Edge]:
    metrics = texts(view.question.get("metrics"))
    for metric in metrics:
        yield Edge(f"view {view.name}", f"metric {metric}", "shows")
    levels = view.question.get("levels")
    in_levels = (path for level in levels for path in texts(level)) if isinstance(levels, tuple | list) else ()
    for path in dict.fromkeys((*texts(view.question.get("by")), *in_levels)):
        yield from _of_split(model, f"view {view.name}", metrics, path, f"split by {path}")
    if "target" in texts(view.question.get("compare")):
        yield from (Edge(f"view {view.name}", f"target {each.name}", "beside") for each in model.targets.values() if each.metric in metrics)
    if not metrics:
        yield from _of_values(model, view)
    for name in names(view.where) if view.where is not None else ():
        yield from _of_split(model, f"view {view.name}", metrics, name.text, f"kept by {name.text}")


def _of_values(model: Model, view: View) -> Iterator[Edge]:
    """Yield what a view reads that shows no number: the rows that have the values, and what their paths walk to."""
    try:
        bound = Binding(Query.of(**view.question), model).result()
    except QueryError:  # what keeps it from being asked is told where it is asked
        return
    rows = None if bound is None else bound.rows.get(None)
    if rows is not None:
        yield Edge(f"view {view.name}", f"source {rows.source}", "rows")
        for route in rows.ways:
            for source in (route.holder, *(hop.target for hop in route.hops)):
                yield Edge(f"view {view.name}", f"source {source}", f"split by {route.path}")


def _of_decision(model: Model, decision: Decision) -> Iterator[Edge]:
    metrics = [criterion.metric for criterion in decision.criteria]
    for metric in metrics:
        yield Edge(f"decision {decision.name}", f"metric {metric}", "criterion")
    if decision.dimension is not None:
        way = f"options by {decision.dimension}"
        yield from _of_split(model, f"decision {decision.name}", metrics, decision.dimension, way)


def _of_split(model: Model, subject: str, metrics: Iterable[str], path: str, way: str) -> Iterator[Edge]:
    """Yield an edge for each source that a path walks to, from the rows of any of the metrics."""
    if path in PERIODS:
        return
    paths = Paths.of(model)
    for metric in metrics:
        for measure in measures(model, metric):
            route = paths.bind(measure.source, tuple(path.split(".")))
            if route is not None:
                for source in (route.holder, *(hop.target for hop in route.hops)):
                    yield Edge(subject, f"source {source}", way)


def _of_measure(model: Model, metric: Metric, measure: Measure) -> Iterator[Edge]:
    subject = f"metric {metric.name}"
    yield Edge(subject, f"source {measure.source}", "rows")
    if measure.match is None:
        yield from _of_names(model, subject, measure.source, "measure", measure.expr)
    else:
        yield from _of_match(model, subject, measure.source, measure.match)
    for way, expr in (("population", measure.population), ("where", measure.where)):
        yield from _of_names(model, subject, measure.source, way, expr)
    for parts in (*measure.last_of_each, *(() if metric.unit_column is None else (metric.unit_column,))):
        yield from _of_names(model, subject, measure.source, "unit" if parts == metric.unit_column else "last of each", Name(parts))


def _of_match(model: Model, subject: str, base: str, match: Match) -> Iterator[Edge]:
    """Yield what a conversion reads of the rows that follow, and by which columns they are found."""
    yield Edge(subject, f"source {match.source}", "followed by")
    for mine, theirs in match.entity:
        yield Edge(subject, f"column {base}.{mine}", "entity")
        yield Edge(subject, f"column {match.source}.{theirs}", "entity")
    for mine_too, same in match.same:
        yield from _of_names(model, subject, base, "same", mine_too)
        yield from _of_names(model, subject, match.source, "same", same)
    yield Edge(subject, f"column {match.source}.{match.clock}", "clock")
    yield from _of_names(model, subject, match.source, "where", match.where)


def _of_formula(model: Model, metric: Metric, formula: Formula) -> Iterator[Edge]:
    subject = f"metric {metric.name}"
    for name, term in formula.terms.items():
        yield Edge(subject, f"metric {term.metric}", "formula" if metric.translation is None else f"term {name}")
        for part, expr in (("where", term.where), ("population", term.population)):
            if expr is not None:
                for measure in measures(model, term.metric):
                    yield from _of_names(model, subject, measure.source, f"term {name} {part}", expr)
    for assumption in formula.assumptions:
        yield Edge(subject, f"assumption {assumption}", "assumption")
    for each in metric.excludes:
        for measure in measures(model, metric.name):
            yield from _of_names(model, subject, measure.source, "excluded", each.when)


def _of_names(
    model: Model, subject: str, source: str, way: str, expr: Expr | None, dimension: str | None = None
) -> Iterator[Edge]:
    """Yield an edge for each column that an expression reads, and for each source that it must walk to for it.

    ``dimension`` is the one whose expression it is: its own name in it is the column that nobody declared.
    """
    if expr is None:
        return
    paths = Paths.of(model)
    for name in names(expr):
        if name.parts == (dimension,):
            yield Edge(subject, f"column {source}.{dimension}", way)
            continue
        route = paths.exact(source, name.parts, "row") or across(paths, source, name.parts, "row")
        if route is None:
            continue
        for hop in route.hops:
            yield Edge(subject, f"source {hop.target}", way)
        holder = model.sources[route.holder]
        if route.end == "dimension" and (of := holder.dimensions[route.name].metric) is not None:
            yield Edge(subject, f"metric {of.metric}", way)
        elif route.end == "dimension":
            yield from _of_names(model, subject, holder.name, way, holder.dimensions[route.name].expr, route.name)
        elif route.end == "key":
            link = holder.links.get(route.name)
            for column in link.columns if link is not None else holder.key:
                yield Edge(subject, f"column {holder.name}.{column}", way)
        else:
            yield Edge(subject, f"column {holder.name}.{route.name}", way)


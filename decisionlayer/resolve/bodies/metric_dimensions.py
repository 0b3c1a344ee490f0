"""Metrics as dimensions: a number of each thing, by which the thing is told from others, such as a customer's orders ever.

It is computed for each thing first, over all time unless it says `within: range`; the question's own filter does not reach into
it. Which rows are the thing's own says the metric's path to its key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from decisionlayer import declare
from decisionlayer.declare import Book
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import About
from decisionlayer.resolve.collect import Collector, fallen
from decisionlayer.resolve.language.tree import Expr, Literal, names
from decisionlayer.resolve.language.types import UNKNOWN
from decisionlayer.resolve.model import Dimension, Formula, Measure, MetricOf, Model
from decisionlayer.resolve.reach.across import across
from decisionlayer.resolve.reach.paths import Paths, Route


def check_metric_dimensions(book: Book, model: Model, collector: Collector) -> None:
    """Take what is wrong with the metrics that are dimensions: ``unknown-name stands-on-broken unreachable-dimension
    ambiguous-path cycle``. It breaks the dimension alone.
    """
    paths = Paths.of(model)
    for entry in book.of("source"):
        item = entry.item
        assert isinstance(item, declare.Source)
        source = model.sources.get(entry.name)
        for name, dimension in () if source is None else source.dimensions.items():
            if dimension.metric is None or source is None or source.describes is None:
                continue
            about = About(entry)
            found = _refusal(about, model, paths, source.describes, name, dimension.metric, collector)
            if found is not None:
                collector.take([found.at(entry.origin.place("dimensions", name))], f"dimension {entry.name}.{name}")


def _refusal(
    about: About, model: Model, paths: Paths, entity: str, name: str, of: MetricOf, collector: Collector
) -> Finding | None:
    root = f"metric {of.metric}"
    if root in collector.broken:
        who = f"dimension `{name}` of `{about.entry.name}`"
        return fallen(about.subject, collector.roots.get(root, root), collector.broken[root], None, who)
    if of.metric not in model.metrics:
        return Finding(
            "unknown-name", about.subject, f"the dimension `{name}` is the metric `{of.metric}`, which nothing declares",
            help=did_you_mean(of.metric, model.named_metrics),
        )  # fmt: skip
    if about.entry.name in model.sources and _stands_on(model, paths, of.metric, (about.entry.name, name)):
        return Finding(
            "cycle", about.subject, f"the dimension `{name}` is the metric `{of.metric}`, which is filtered by it",
            help="let the metric's own filters read columns",
        )  # fmt: skip
    column = model.metrics[of.metric].unit_column
    if column is not None:
        return Finding(
            "mixed-units", about.subject,
            f"the dimension `{name}` is the metric `{of.metric}`, of which each row is in its own `{'.'.join(column)}`",
            why="things would be put together by numbers of different units", help="take a metric that converts it",
        )  # fmt: skip
    for source in _sources(model, of.metric):
        if key_route(paths, source, entity, of.by) is None:
            routes = paths.to_attribute(source, entity, None)
            if len(routes) > 1:
                listed = " and ".join(f"`{route.path}`" for route in routes)
                return Finding(
                    "ambiguous-path", about.subject,
                    f"the dimension `{name}` is the metric `{of.metric}`, and `{source}` leads to the {entity} by {listed}",
                    why="each of them makes other rows the thing's own", help=f"say which: `by: {routes[0].path}`",
                )  # fmt: skip
            return Finding(
                "unreachable-dimension", about.subject,
                f"the dimension `{name}` is the metric `{of.metric}`, and `{source}` does not lead to the {entity}",
                help=f"link `{source}` to it, or take a metric over rows that do",
            )  # fmt: skip
    return None


def key_route(paths: Paths, source: str, entity: str, by: str) -> Route | None:
    """Return the path from rows of ``source`` to the key of an entity: as ``by`` says, else the only one there is."""
    route = paths.exact(source, tuple(by.split(".")))
    if route is not None and route.end == "key" and paths.attribute(route) == (entity, None):
        return route
    routes = paths.to_attribute(source, entity, None)
    return routes[0] if len(routes) == 1 else None


def with_metric_dimension(model: Model, source: str, name: str, of: MetricOf) -> Model:
    """Return the model with one more metric as a dimension, as if ``source`` had declared it."""
    described = model.sources[source]
    dimensions = {**described.dimensions, name: Dimension(name, Literal(None), UNKNOWN, metric=of)}
    return replace(model, sources={**model.sources, source: replace(described, dimensions=dimensions)})


def _stands_on(model: Model, paths: Paths, metric: str, dimension: tuple[str, str]) -> bool:
    """Say whether a metric reads a dimension of its own or through others."""
    seen: set[tuple[str, str]] = set()
    waiting = [metric]
    while waiting:
        for read in metric_dimensions_of(model, paths, waiting.pop()):
            if read == dimension:
                return True
            of = model.sources[read[0]].dimensions[read[1]].metric
            if read not in seen and of is not None:
                seen.add(read)
                waiting.append(of.metric)
    return False


def metric_dimensions_of(model: Model, paths: Paths, metric: str) -> Iterator[tuple[str, str]]:
    """Yield the metrics that are dimensions, by source and name, that the filters of a metric and all beneath it read."""
    for source, expr in _read(model, metric, ()):
        for name in names(expr):
            route = paths.exact(source, name.parts, "row") or across(paths, source, name.parts, "row")
            if route is not None and route.end == "dimension" and model.sources[route.holder].dimensions[route.name].metric is not None:
                yield route.holder, route.name


def _read(model: Model, metric: str, above: tuple[Expr, ...]) -> Iterator[tuple[str, Expr]]:
    it = model.metrics.get(metric)
    match it.body if it is not None else None:
        case Measure() as body:
            for expr in (body.expr, body.population, body.where, *above):
                if expr is not None:
                    yield body.source, expr
        case Formula() as body:
            for term in body.terms.values():
                filters = tuple(expr for expr in (term.where, term.population) if expr is not None)
                yield from _read(model, term.metric, (*above, *filters))
        case _:
            pass


def _sources(model: Model, metric: str) -> Mapping[str, None]:
    it = model.metrics.get(metric)
    match it.body if it is not None else None:
        case Measure() as body:
            return {body.source: None}
        case Formula() as body:
            return {source: None for term in body.terms.values() for source in _sources(model, term.metric)}
        case _:
            return {}

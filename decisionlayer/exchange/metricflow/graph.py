"""What the rows of a semantic model lead to, as dbt sees it: own elements, and those of models up to two joins away.

An entity of a model leads to another model in which it is primary, unique or, with validity, natural. Nothing is ever joined to
a model in which it is foreign: that would multiply rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from decisionlayer.exchange.metricflow.grains import coarsest
from decisionlayer.exchange.metricflow.items import Item, refused
from decisionlayer.exchange.metricflow.manifest import Dimension, Entity, Manifest, Measure, Metric, Model
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import did_you_mean

#: So many joins lead from a measure's rows at most, as in dbt.
FARTHEST = 2


@dataclass(frozen=True, slots=True)
class Hop:
    """One join: from a model, by an entity of both, to another."""

    source: str
    entity: str
    target: str


@dataclass(frozen=True, slots=True)
class Way:
    """How an element is reached: the joins, the model that holds it, and its name there."""

    hops: tuple[Hop, ...]
    model: str
    element: str


class Graph:
    """The models of a manifest and the joins between them. Every answer is kept."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self._reached: dict[str, dict[tuple[tuple[str, ...], str], list[Way]]] = {}

    # models

    def joins_from(self, model: Model, entity: str) -> Iterator[Model]:
        """Yield the models that an entity of a model leads to, in the manifest's order."""
        left = model.entities.get(entity)
        if left is None:
            return
        for other in self.manifest.models.values():
            right = other.entities.get(entity)
            if right is None or other.name == model.name or not _leads(left, right):
                continue
            if model.validity is not None and other.validity is not None:
                continue
            yield other

    def reached(self, model: str) -> dict[tuple[tuple[str, ...], str], list[Way]]:
        """Return every name that the rows of a model lead to, with the ways there; own elements come first."""
        if model not in self._reached:
            found: dict[tuple[tuple[str, ...], str], list[Way]] = {}
            for name, way in self._walk(self.manifest.models[model], (), ()):
                found.setdefault(name, []).append(way)
            for name, ways in found.items():
                nearest = min(len(way.hops) for way in ways)
                found[name] = [way for way in ways if len(way.hops) == nearest]
            self._reached[model] = found
        return self._reached[model]

    def _walk(
        self, model: Model, links: tuple[str, ...], hops: tuple[Hop, ...]
    ) -> Iterator[tuple[tuple[tuple[str, ...], str], Way]]:
        if not hops:
            for entity in model.entities:
                yield ((), entity), Way((), model.name, entity)
        prefixes = (links,) if hops else tuple((prefix,) for prefix in model.prefixes)
        for prefix in prefixes:
            for element in (*model.dimensions, *model.entities):
                if element != prefix[-1]:
                    yield (prefix, element), Way(hops, model.name, element)
        if len(hops) < FARTHEST:
            for entity in model.entities:
                if entity in links:
                    continue
                for other in self.joins_from(model, entity):
                    if all(other.name not in (hop.source, hop.target) for hop in hops):
                        hop = Hop(model.name, entity, other.name)
                        yield from self._walk(other, (*links, entity), (*hops, hop))

    # items

    def way(self, model: str, item: Item) -> Way:
        """Return the way from a model's rows to an item. Raises QueryError when there is none, or more than one."""
        ways = self.reached(model).get((item.links, item.element), [])
        if not ways:
            known = ["__".join((*links, element)) for links, element in self.reached(model)]
            raise refused(
                f"`{model}` leads to nothing called `{item.path}`", did_you_mean(item.path, known), "unreachable-dimension"
            )
        if len(ways) > 1:
            listed = " and ".join(f"`{way.model}`" for way in ways)
            raise refused(
                f"`{item.path}` can be read in {listed}",
                "give one of the two another name in dbt",
                "ambiguous-path",
            )
        return ways[0]

    def dimension(self, way: Way) -> Dimension | None:
        """Return the dimension at the end of a way, None for an entity."""
        return self.manifest.models[way.model].dimensions.get(way.element)

    def entity(self, way: Way) -> Entity:
        """Return the entity at the end of a way."""
        return self.manifest.models[way.model].entities[way.element]

    def completed(self, item: Item, models: tuple[str, ...]) -> Item:
        """Return an item with all the entities that lead to it from every one of ``models``: a suffix may be asked.

        Raises QueryError ``unreachable-dimension`` when none fits all, ``ambiguous-path`` when several do.
        """
        if item.is_metric_time or not models:
            return item
        count = len(item.links)

        def fits(model: str) -> set[tuple[str, ...]]:
            names = self.reached(model)
            return {links for links, element in names if element == item.element and links[len(links) - count :] == item.links}

        shared = set.intersection(*(fits(model) for model in models))
        if item.links in shared:
            return item
        if not count or not shared:
            self.way(next((model for model in models if not fits(model)), models[0]), item)
            listed = ", ".join(f"`{model}`" for model in models)
            raise refused(f"{listed} lead to `{item.path}` by different ways", "ask for each of them alone", "unreachable-dimension")
        shortest = min(len(links) for links in shared)
        found = sorted(links for links in shared if len(links) == shortest)
        if len(found) > 1:
            listed = " or ".join(f"`{replace(item, links=links).path}`" for links in found)
            raise refused(f"`{item.path}` can be {listed}", "write it in full", "ambiguous-path")
        return replace(item, links=found[0])

    # times

    def native(self, measure: Measure) -> str:
        """Return the grain of the time that a measure is counted by."""
        return self.manifest.models[measure.model].dimensions[measure.time].grain or "day"

    def is_time_of(self, measure: Measure, item: Item) -> bool:
        """Whether an item is the time that a measure is counted by, under either of its names."""
        if item.is_metric_time:
            return True
        model = self.manifest.models[measure.model]
        return item.element == measure.time and len(item.links) == 1 and item.links[0] in model.prefixes

    def measures(self, metric: Metric) -> tuple[Measure, ...]:
        """Return the measures that a metric stands on, each once."""
        found: dict[str, Measure] = {}
        if metric.input is not None:
            found[metric.input.measure] = self.measure(metric.input.measure)
        if metric.conversion is not None:
            for each in (metric.conversion.base, metric.conversion.conversion):
                found[each.measure] = self.measure(each.measure)
        for each_input in metric.inputs:
            found |= {measure.name: measure for measure in self.measures(self.metric(each_input.metric))}
        return tuple(found.values())

    def split_models(self, metrics: Iterable[Metric]) -> tuple[str, ...]:
        """Return the models whose rows metrics are split by: of a conversion, that of the earlier events alone."""
        found: dict[str, None] = {}
        for metric in metrics:
            if metric.conversion is not None:
                found[self.measure(metric.conversion.base.measure).model] = None
            elif metric.input is not None:
                found[self.measure(metric.input.measure).model] = None
            found |= dict.fromkeys(self.split_models(self.metric(each.metric) for each in metric.inputs))
        return tuple(found)

    def finest_time(self, metric: Metric) -> str:
        """Return the finest grain that a metric has a time at: the coarsest of its measures'."""
        return coarsest([self.native(measure) for measure in self.measures(metric)])

    def default_grain(self, metric: Metric) -> str:
        """Return the grain at which a metric's time is asked when nobody says: its own, else a day or what it has."""
        if metric.grain is not None:
            return metric.grain
        return coarsest(["day", self.finest_time(metric)])

    # names

    def metric(self, name: str) -> Metric:
        """Return a metric. Raises QueryError ``unknown-name``."""
        found = self.manifest.metrics.get(name)
        if found is None:
            raise refused(f"there is no metric `{name}`", did_you_mean(name, self.manifest.metrics), "unknown-name")
        return found

    def measure(self, name: str) -> Measure:
        """Return a measure. Raises QueryError ``unknown-name``."""
        found = self.manifest.measures.get(name)
        if found is None:
            raise refused(f"there is no measure `{name}`", did_you_mean(name, self.manifest.measures), "unknown-name")
        return found


def _leads(left: Entity, right: Entity) -> bool:
    """Whether a join by an entity of these two types finds at most one row (at a time)."""
    if right.type in ("primary", "unique"):
        return True
    return right.type == "natural" and left.type != "natural"

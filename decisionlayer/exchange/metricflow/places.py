"""Semantic models as sources of ours: keys, clocks, links, dimensions, and the paths that lead where dbt's names lead.

Several models may describe one entity of dbt. Here one source describes an entity, so the first model keeps the entity's name, and
the others describe entities of their own: ``user``, ``user_in_users_latest``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import TypeAlias

from decisionlayer.errors import QueryError
from decisionlayer.exchange.metricflow.graph import Graph, Hop
from decisionlayer.exchange.metricflow.items import Item
from decisionlayer.exchange.metricflow.losses import Loss, Lost
from decisionlayer.exchange.metricflow.manifest import Dimension, Model
from decisionlayer.exchange.metricflow.sqltext import read_sql
from decisionlayer.frozen import dataclass
from decisionlayer.load.spell import KEYWORDS, quoted_name
from decisionlayer.names import PERIODS, is_name
from decisionlayer.resolve.language.functions import FUNCTIONS
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.tree import Call, Expr, Name, names, walk

_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


#: Gives the types of a table's columns, in our words; none where they are not known.
Types: TypeAlias = Callable[[tuple[str, ...]], Mapping[str, str]]


@dataclass(slots=True)
class Places:
    """The sources of a manifest, while they are gathered; metrics ask for paths and may add dimensions."""

    graph: Graph
    types: Types
    losses: list[Loss] = field(default_factory=list)
    #: (model, entity) → the entity of ours that the model describes under that key.
    _describes: dict[str, tuple[str, str]] = field(default_factory=dict)
    #: Dimensions that metrics need: a metric of an entity.
    _counted: dict[str, dict[str, str]] = field(default_factory=dict)
    snapshots: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        taken: set[str] = set()
        for model in self.graph.manifest.models.values():
            own = [entity for entity in model.entities.values() if entity.type in ("primary", "natural", "unique")]
            own.sort(key=lambda entity: ("primary", "natural", "unique").index(entity.type))
            for entity in own[:1]:
                name = entity.name if entity.name not in taken else f"{entity.name}_in_{model.name}"
                taken.add(name)
                self._describes[model.name] = (entity.name, name)
            for entity in own[1:]:
                self.losses.append(Loss(
                    f"model {model.name}", f"dbt joins it by `{entity.name}` too", "a source describes one entity; link to it by its first"
                ))  # fmt: skip

    def sources(self) -> Iterator[Mapping[str, object]]:
        """Yield each model as a source, key by key."""
        for model in self.graph.manifest.models.values():
            yield self._source(model)

    def _source(self, model: Model) -> Mapping[str, object]:
        described = self._describes.get(model.name)
        keyed = model.entities[described[0]] if described else None
        found: dict[str, object] = {"source": model.name}
        found["one_row_is"] = f"one {(model.primary_entity or (keyed.name if keyed else model.name)).replace('_', ' ')}"
        if keyed is not None and described is not None:
            found["describes"] = described[1]
        found["table"] = ".".join(quoted_name(part) for part in model.table)
        if keyed is not None:
            found["key"] = [keyed.expr]
        clocks = {d.expr: _grain(d) for d in self._clocks(model) if _COLUMN.match(d.expr)}
        if clocks:
            found["time"] = clocks
        if model.name in self.snapshots:
            found["snapshot"] = True
        links = {role: {"entity": entity, "column": column} for role, entity, column in self._links(model)}
        if links:
            found["links"] = links
        dimensions: dict[str, object] = dict(self._dimensions(model))
        dimensions |= {name: {"metric": metric} for name, metric in self._counted.get(model.name, {}).items()}
        types = self.types(model.table)
        columns: dict[str, object] = {name: types.get(name, {}) for name in self._columns(model)}
        if columns:
            found["columns"] = columns
        if dimensions:
            found["dimensions"] = dimensions
        if model.validity is not None:
            start, end = model.validity
            found["valid"] = {"from": start.expr, "to": end.expr}
            found["history"] = "as_was"
        return found

    def _clocks(self, model: Model) -> Iterator[Dimension]:
        """Yield the times of a model, the one that is counted by first."""
        times = [each for each in model.dimensions.values() if each.grain is not None and each.validity is None]
        yield from sorted(times, key=lambda each: each.name != model.default_time)

    def _links(self, model: Model) -> Iterator[tuple[str, str, str]]:
        described = self._describes.get(model.name)
        for entity in model.entities.values():
            for other in self.graph.joins_from(model, entity.name):
                target = self._describes.get(other.name)
                if target is None or target[0] != entity.name or (described is not None and described[0] == entity.name):
                    continue
                shared = [name for name, each in other.dimensions.items() if each.is_partition and _has_partition(model, name)]
                if shared:
                    told = f"dbt joins `{other.name}` where `{shared[0]}` is the same on both sides"
                    self.losses.append(Loss(f"model {model.name}", told, "joined by the key alone, which must be unique"))
                if not _COLUMN.match(entity.expr):
                    told = f"dbt joins `{other.name}` by `{entity.expr}`"
                    self.losses.append(Loss(f"model {model.name}", told, "a link is by a column; make it one in the table"))
                    continue
                yield target[1], target[1], entity.expr

    def _dimensions(self, model: Model) -> Iterator[tuple[str, str]]:
        plain = [(each.name, each.expr) for each in model.dimensions.values() if each.grain is None]
        own = [
            (each.name, each.expr)
            for each in model.entities.values()
            if self._describes.get(model.name, ("", ""))[0] != each.name and self.key_of(model, each.name) == self.name_of(model, each.name)
        ]
        for name, expr in (*own, *plain):
            try:
                yield self.name_of(model, name), spelled(read_sql(expr))
            except (Lost, QueryError) as lost:
                why = str(lost).splitlines()[0]
                self.losses.append(Loss(f"model {model.name}", f"its dimension `{name}` is `{expr}` ({why})", "left out"))

    def _columns(self, model: Model) -> list[str]:
        """Return the columns that a model's expressions read."""
        measured = [measure.expr for measure in self.graph.manifest.measures.values() if measure.model == model.name]
        texts = [
            *(entity.expr for entity in model.entities.values()), *(each.expr for each in model.dimensions.values()), *measured
        ]  # fmt: skip
        found: dict[str, None] = {}
        for text in texts:
            try:
                found |= dict.fromkeys(name.parts[0] for name in names(read_sql(text)))
            except QueryError:
                continue
        return list(found)

    # names and paths

    def name_of(self, model: Model, dimension: str) -> str:
        """Return the name of a dimension in its source: no name that a link, a period or the language has."""
        roles = {role for role, _, _ in self._links_quietly(model)}
        taken = dimension in roles or dimension in PERIODS or dimension in KEYWORDS or not is_name(dimension)
        return f"{dimension}_of_{model.name}" if taken else dimension

    def _links_quietly(self, model: Model) -> list[tuple[str, str, str]]:
        before = list(self.losses)
        found = list(self._links(model))
        self.losses[:] = before
        return found

    def path(self, model: str, item: Item) -> tuple[str, ...]:
        """Return the path of ours from a model's rows to what an item names. Raises Lost when there is none."""
        try:
            way = self.graph.way(model, item)
        except QueryError as refused:
            raise Lost(str(refused).splitlines()[0]) from None
        roles = tuple(self._role(hop) for hop in way.hops)
        holder = self.graph.manifest.models[way.model]
        dimension = holder.dimensions.get(way.element)
        if dimension is None:
            return (*roles, self.key_of(holder, way.element))
        if dimension.grain is None:
            return (*roles, self.name_of(holder, dimension.name))
        if not _COLUMN.match(dimension.expr):
            raise Lost(f"`{item.path}` is `{dimension.expr}`, not a column")
        return (*roles, dimension.expr)

    def _role(self, hop: Hop) -> str:
        described = self._describes.get(hop.target)
        near = self._describes.get(hop.source)
        if described is None or described[0] != hop.entity or (near is not None and near[0] == hop.entity):
            raise Lost(f"`{hop.source}` is joined to `{hop.target}` by `{hop.entity}`, which describes neither alone")
        return described[1]

    def key_of(self, model: Model, entity: str) -> str:
        """Return what a model's rows are split by for an entity: the entity that they describe, a link, or a dimension."""
        described = self._describes.get(model.name)
        if described is not None and described[0] == entity:
            return described[1]
        roles = {role for role, _, _ in self._links_quietly(model)}
        main = next((name for known, name in self._describes.values() if known == entity), None)
        return main if main is not None and main in roles else self.name_of(model, entity)

    def own_name(self, model: str, element: str) -> str:
        """Return the name of a model's own element in its source: a column for an entity, else its dimension."""
        holder = self.graph.manifest.models[model]
        entity = holder.entities.get(element)
        if entity is None:
            return self.name_of(holder, element)
        if not _COLUMN.match(entity.expr):
            raise Lost(f"the entity `{element}` of `{model}` is `{entity.expr}`, not a column")
        return entity.expr

    def entity_of(self, entity: str) -> str:
        """Return the entity of ours that is one of dbt's. Raises Lost where no model describes it."""
        for known, name in self._describes.values():
            if known == entity:
                return name
        raise Lost(f"no model describes the entity `{entity}`")

    def counted(self, entity: str, metric: str) -> tuple[str, str]:
        """Return the source that describes an entity, and its dimension that is a metric of it; add it where it is not there."""
        for model, (known, _) in self._describes.items():
            if known == entity:
                name = f"{metric}_ever"
                self._counted.setdefault(model, {})[name] = metric
                return model, name
        raise Lost(f"no source describes the entity `{entity}`")


def spelled(expr: Expr) -> str:
    """Return a tree as text of our language. Raises Lost for what it does not say."""
    for node in walk(expr):
        if isinstance(node, Call) and node.function not in FUNCTIONS:
            raise Lost(f"our language has no `{node.function.replace('_', ' ')}`")
        if isinstance(node, Name) and any("__" in part and not _COLUMN.match(part) for part in node.parts):
            raise Lost(f"`{node.text}` is no name here")
    return text_of(expr)


def _has_partition(model: Model, name: str) -> bool:
    return name in model.dimensions and model.dimensions[name].is_partition


def _grain(dimension: Dimension) -> str:
    return dimension.grain if dimension.grain in PERIODS else "millisecond"



"""Rows: what one row of a source has, by the names that its metrics use: types, units, and what a column's values are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from decisionlayer.findings import Place
from decisionlayer.resolve.language.tree import Expr, Name, transform
from decisionlayer.resolve.language.types import UNKNOWN, DataType
from decisionlayer.resolve.model import Entity, Source, SourceColumn
from decisionlayer.resolve.quantities.units import Unit
from decisionlayer.resolve.reach.across import across
from decisionlayer.resolve.reach.paths import Parts, Paths, Route


class Rows:
    """The rows of one source, and of all that its links lead to. One per source and run; every answer is kept.

    ``zone`` is the project's, in which a written day counts when it stands beside an instant. ``fall`` notes that a thing
    cannot be used because of another one, once.
    """

    def __init__(
        self,
        source: str,
        sources: Mapping[str, Source],
        entities: Mapping[str, Entity],
        paths: Paths,
        zone: dt.tzinfo,
        fall: Callable[[str, str, Place | None], None],
    ) -> None:
        self.source = source
        self.fall = fall
        self.zone = zone
        self.paths = paths
        self._sources = sources
        self._entities = entities
        self._known: dict[Parts, tuple[Route, DataType, Unit | None, SourceColumn | None] | None] = {}

    def route(self, parts: Parts) -> Route | None:
        """Return where a name leads, or None when a row has nothing of that name."""
        known = self._look(parts)
        return known[0] if known else None

    def type(self, name: Name) -> DataType | None:
        """Return the type of a name, None when a row has nothing of that name."""
        known = self._look(name.parts)
        return known[1] if known else None

    def unit(self, name: Name) -> Unit | None:
        """Return the unit of a name, None when it has none on file."""
        known = self._look(name.parts)
        return known[2] if known else None

    def column(self, parts: Parts) -> SourceColumn | None:
        """Return the declared column that a name is, itself or as a dimension of nothing else; else None."""
        known = self._look(parts)
        return known[3] if known else None

    def spelled_out(self, expr: Expr) -> Expr:
        """Return ``expr`` with each dimension that it names replaced by what it is made of, as paths from here."""

        def put_in(node: Expr) -> Expr | None:
            if not isinstance(node, Name):
                return None
            route = self.route(node.parts)
            if route is None or route.end != "dimension":
                return None
            way = route.parts[:-1]
            made = self._sources[route.holder].dimensions[route.name].expr
            return transform(made, lambda inner: Name((*way, *inner.parts)) if isinstance(inner, Name) else None)

        return transform(expr, put_in)

    def is_metric(self, route: Route) -> bool:
        """Say whether a metric of each thing stands at the end of a path."""
        return route.end == "dimension" and self._sources[route.holder].dimensions[route.name].metric is not None

    def key_columns(self, route: Route) -> tuple[str, ...]:
        """Return the columns of the key at the end of a path; they belong to the source that holds it."""
        holder = self._sources[route.holder]
        return holder.key if route.is_own_key else holder.links[route.name].columns

    def _look(self, parts: Parts) -> tuple[Route, DataType, Unit | None, SourceColumn | None] | None:
        if parts not in self._known:
            route = self.paths.exact(self.source, parts, "row") or across(self.paths, self.source, parts, "row")
            self._known[parts] = None if route is None else (route, *self._nature(route))
        return self._known[parts]

    def _nature(self, route: Route) -> tuple[DataType, Unit | None, SourceColumn | None]:
        holder = self._sources[route.holder]
        if route.end == "dimension":
            dimension = holder.dimensions[route.name]
            alone = dimension.expr.parts[0] if isinstance(dimension.expr, Name) else ""
            return dimension.type, dimension.unit, holder.columns.get(alone)
        if route.end == "key":
            columns = self.key_columns(route)
            return (
                (column_type(holder, columns[0], self._sources, self._entities), None, None)
                if len(columns) == 1
                else (UNKNOWN, None, None)
            )
        column = holder.columns.get(route.name)
        unit = column.unit if column else None
        return column_type(holder, route.name, self._sources, self._entities), unit, column


def column_type(source: Source, name: str, sources: Mapping[str, Source], entities: Mapping[str, Entity]) -> DataType:
    """Return the type of a physical column: declared, or its clock's, or that of the key that it refers to; else unknown."""
    declared = source.columns.get(name)
    if declared is not None and declared.type is not UNKNOWN:
        return declared.type
    clock = source.clock(name)
    if clock is not None:
        return clock.type
    if source.valid is not None and name in (source.valid.starts, source.valid.ends):
        return source.valid.type
    if source.arrival is not None and name == source.arrival.column:
        return source.arrival.type
    for link in source.links.values():
        entity = entities.get(link.entity)
        if name not in link.columns or entity is None or entity.source not in sources:
            continue
        key = sources[entity.source].columns.get(entity.key[link.columns.index(name)])
        if key is not None:
            return key.type
    return UNKNOWN

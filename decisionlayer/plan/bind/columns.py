"""Columns: what a name means over the rows of a source, as an expression over scans. Dimensions are written out.

``carrier.name`` over departures is ``Name(("carrier", "name"))``: column ``name`` of the scan whose alias is the way
to it. Which joins a plan needs follows from the aliases that its expressions use, so none is ever written down twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from weakref import WeakKeyDictionary

from decisionlayer.frozen import replace
from decisionlayer.names import PERIODS
from decisionlayer.plan import operations
from decisionlayer.plan.bind.aliases import alias_of as alias_of
from decisionlayer.plan.bind.aliases import base_alias as base_alias
from decisionlayer.plan.bind.computed import Computed, without_rows
from decisionlayer.plan.bind.expanding import Expansion
from decisionlayer.plan.bind.joining import Joining
from decisionlayer.plan.bind.marks import Mark
from decisionlayer.plan.bind.moments import zone
from decisionlayer.plan.bind.rates import Met
from decisionlayer.plan.bind.structure import Moment
from decisionlayer.plan.nodes import (
    Field,
    Rows,
    Scan,
)
from decisionlayer.plan.types import type_of
from decisionlayer.resolve.language.functions import COMPARISONS, DATE_PARTS, FUNCTIONS, Nulls
from decisionlayer.resolve.language.tree import Call, Case, Expr, Name, names, transform
from decisionlayer.resolve.language.types import UNKNOWN, DataType, Kind
from decisionlayer.resolve.language.typing import settle
from decisionlayer.resolve.model import MetricOf, Model, Source
from decisionlayer.resolve.reach.across import Road, across, by_road, road_of
from decisionlayer.resolve.reach.paths import Hop, Parts, Paths, Route
from decisionlayer.resolve.world.rows import column_type

#: Grains of clocks that have few different readings.
_HOURLY = frozenset(PERIODS[PERIODS.index("hour") :])
_ALIKE = frozenset({*COMPARISONS, "in", "coalesce", "nullif", "least", "greatest"})


class Columns:
    """The columns of every source of one model, and of all that its links lead to. Answers are kept."""

    def __init__(self, model: Model) -> None:
        # The parts of the model, not the model: whoever drops a model must not find it kept here.
        self.sources = model.sources
        self.entities = model.entities
        self.project = model.project
        self.paths = Paths.of(model)
        self._types: dict[tuple[str, str], DataType] = {}
        self._routes: dict[Route, tuple[Expr, ...]] = {}
        self._rows: dict[tuple[str, Expr], Expr] = {}
        self._holders: dict[tuple[str, str], Source] = {}
        #: The marks that filters of metrics ask for, by source and alias.
        self.marks: dict[tuple[str, str], Mark] = {}
        self.metrics = model.metrics
        self.exchanges = model.rates
        #: The rates that measures are converted by, by source and alias.
        self.rates: dict[tuple[str, str], Met] = {}
        #: The metrics that are dimensions, as far as they were asked for, by source and alias.
        self.computed: dict[tuple[str, str], Computed] = {}

    @classmethod
    def of(cls, model: Model) -> Columns:
        """Return the columns of ``model``, the same object each time."""
        known = _KNOWN.get(model)
        if known is None:
            known = _KNOWN[model] = cls(model)
        return known

    # names → expressions

    def of_row(self, source: str, expr: Expr) -> Expr:
        """Return a metric's own expression over scans; its names are paths of one row of ``source``."""
        key = (source, expr)
        if key not in self._rows:
            self._rows[key] = by_road(
                expr,
                lambda name: road_of(across(self.paths, source, name.parts, "row")),
                lambda part: self._of_row(source, part),
                lambda road, part: self._marked(source, road, part),
            )
        return self._rows[key]

    def _of_row(self, source: str, expr: Expr) -> Expr:
        bound = transform(expr, lambda node: self._named(source, node) if isinstance(node, Name) else None)
        settled = settle(bound, lambda name: self.type_at(source, name), zone(self.project.timezone))
        return self.in_zone(source, settled)

    def _marked(self, source: str, road: Road, expr: Expr) -> Expr:
        """Return the condition that a row of ``source`` has rows beyond ``road`` for which ``expr`` holds."""
        cut = len(road)
        inner = transform(expr, lambda node: replace(node, parts=node.parts[cut:]) if isinstance(node, Name) else None)
        mark = Mark(road, self.of_row(road[-1].target, inner))
        self.marks[source, mark.alias] = mark
        return mark.is_there(self.back(road[-1])[0])

    def route(self, source: str, parts: Parts) -> Route | None:
        """Return where a name in a metric's own text leads, to a many side too."""
        return self.paths.exact(source, parts, "row") or across(self.paths, source, parts, "row")

    def back(self, step: Hop) -> tuple[str, ...]:
        """Return the columns by which the many lead back to the one, in the order of its key."""
        return self.sources[step.target].links[step.back or ""].columns

    def in_zone(self, source: str, expr: Expr) -> Expr:
        """Return ``expr`` with what hangs on a zone said out loud, so that no setting of a session decides it.

        Date parts of an instant are read by the wall clock of the project's zone, and a date or wall clock beside an instant
        counts there.
        """
        home = self.project.timezone
        if not any(self.type_at(source, name).kind is Kind.instant for name in names(expr)):
            return expr

        def change(node: Expr) -> Expr | None:
            if not isinstance(node, Call):
                return None
            parts = tuple(transform(part, change) for part in node.arguments)
            kinds = [self.type_of(source, part).kind for part in parts]
            if node.function in DATE_PARTS and kinds[0] is Kind.instant:
                parts = (operations.wall(parts[0], None, home),)
            elif node.function in _ALIKE and Kind.instant in kinds:
                naive = (Kind.date, Kind.timestamp)
                parts = tuple(
                    part if kind not in naive else _instant(part, kind, home) for part, kind in zip(parts, kinds, strict=True)
                )
            return replace(node, arguments=parts)

        return transform(expr, change)

    def at(self, route: Route) -> tuple[Expr, ...]:
        """Return what stands at the end of a path: one expression, or one for each column of a key of several."""
        if route not in self._routes:
            self._routes[route] = self._end(route)
        return self._routes[route]

    def parts(self, route: Route) -> tuple[str, ...]:
        """Return the names of the columns of a key of several; none for what is one value."""
        if route.end != "key" or len(self.at(route)) == 1:
            return ()
        holder = self.sources[route.holder]
        link = None if route.is_own_key else holder.links.get(route.name)
        return holder.key if link is None else self.entities[link.entity].key

    def _named(self, source: str, name: Name) -> Expr:
        route = self.paths.exact(source, name.parts, "row")
        if route is None:
            raise LookupError(f"{source} has no {name.text}")
        found = self.at(route)
        if len(found) != 1:
            raise LookupError(f"{name.text} of {source} is a key of several columns")
        return found[0]

    def _end(self, route: Route) -> tuple[Expr, ...]:
        holder = self.sources[route.holder]
        alias = alias_of(self.sources[route.source], route.hops)
        match route.end:
            case "column":
                return (Name((alias, route.name)),)
            case "dimension":
                return (self._dimension(route, holder, alias),)
            case _:
                columns = holder.key if route.is_own_key else holder.links[route.name].columns
                return tuple(Name((alias, column)) for column in columns)

    def _computed(self, route: Route, of: MetricOf, alias: str) -> Expr:
        """Return a metric as a dimension: what is met by the key, and what it is where the key has no rows of it."""
        computed = Computed(f"{alias}__{route.name}", route.hops, route.holder, route.name, of)
        self.computed[route.source, computed.alias] = computed
        worth = without_rows(self.metrics, of.metric)
        if worth is None:
            return computed.value
        value = Call("coalesce", (computed.value, worth))
        if not route.hops:
            return value
        key = self.met_by(self.sources[route.source], route.hops)[0]
        return Case(((Call("not", (Call("is_null", (key,)),)), value),), None)

    def met_by(self, base: Source, hops: tuple[Hop, ...]) -> tuple[Name, ...]:
        """Return the key of the entity at the end of a way, as whoever leads to it has it already."""
        columns = self.sources[hops[-1].source].links[hops[-1].role].columns if hops else base.key
        return tuple(Name((alias_of(base, hops[:-1]), column)) for column in columns)

    def _dimension(self, route: Route, holder: Source, alias: str) -> Expr:
        of = holder.dimensions[route.name].metric
        if of is not None:
            return self._computed(route, of, alias)

        def change(node: Expr) -> Expr | None:
            if not isinstance(node, Name):
                return None
            if node.parts == (route.name,):  # a dimension may bear the name of the column that it is
                return Name((alias, route.name))
            inner = self.paths.exact(holder.name, node.parts, "row")
            if inner is None:
                raise LookupError(f"{holder.name} has no {node.text}")
            return self.at(Route(route.source, (*route.hops, *inner.hops), inner.end, inner.name, inner.is_own_key))[0]

        value = transform(holder.dimensions[route.name].expr, change)
        if not route.hops or _is_strict(value):
            return value
        # An entity that is not there has no attributes, whatever an expression makes of NULL: its rows stay unassigned.
        return Case(((Call("not", (Call("is_null", (Name((alias, holder.key[0])),)),)), value),), None)

    # types

    def type_at(self, source: str, name: Name) -> DataType:
        """Return the type of a column of a scan, ``Name((alias, column))``, below rows of ``source``."""
        alias, column = name.parts
        met = self.rates.get((source, alias))
        if met is not None:
            return met.type(column)
        computed = self.computed.get((source, alias))
        if computed is not None:
            return self.metrics[column].type if column in self.metrics else UNKNOWN
        holder = self.holder(source, alias)
        key = (holder.name, column)
        if key not in self._types:
            self._types[key] = column_type(holder, column, self.sources, self.entities)
        return self._types[key]

    def type_of(self, source: str, expr: Expr) -> DataType:
        """Return the type of an expression over the scans below rows of ``source``."""
        return type_of(expr, lambda name: self.type_at(source, name))

    def type_of_route(self, route: Route) -> DataType:
        """Return the declared type of what stands at the end of a path; unknown for a key of several columns."""
        if route.end == "dimension":
            declared = self.sources[route.holder].dimensions[route.name].type
            if declared is not UNKNOWN:
                return declared
        found = self.at(route)
        return self.type_of(route.source, found[0]) if len(found) == 1 else UNKNOWN

    # aliases → scans and joins

    def holder(self, source: str, alias: str) -> Source:
        """Return the source behind an alias below rows of ``source``."""
        key = (source, alias)
        if key not in self._holders:
            here = self.sources[source]
            for hop in self.hops(source, alias):
                here = self.sources[hop.target]
            self._holders[key] = here
        return self._holders[key]

    def hops(self, source: str, alias: str) -> tuple[Hop, ...]:
        """Return the way that an alias stands for; none for that of the source itself."""
        if alias == base_alias(self.sources[source]):
            return ()
        hops: list[Hop] = []
        for role in alias.split("__"):
            hop = self.paths.hop(hops[-1].target if hops else source, role)
            if hop is None:
                raise LookupError(f"{source} has no way {alias}")
            hops.append(hop)
        return tuple(hops)

    def way_to(self, route: Route) -> tuple[Hop, ...]:
        """Return the way to what an asked path names: for the key at its end, also the step to the entity of the key."""
        if route.end != "key" or route.is_own_key:
            return route.hops
        hop = self.paths.hop(route.holder, route.name)
        return route.hops if hop is None else (*route.hops, hop)

    def rows(
        self,
        source: str,
        expressions: Iterable[Expr],
        *,
        also: Iterable[tuple[Hop, ...]] = (),
        moment: Moment | None = None,
        marks: Mapping[str, Mark] = MappingProxyType({}),
        expansions: tuple[Expansion, ...] = (),
    ) -> Rows:
        """Return the rows of ``source``, joined with every entity that ``expressions`` or the ways ``also`` walk to.

        ``moment`` says which version of an entity with history they meet; without it none may be among them. ``marks`` are
        those that the question asks for, ``expansions`` are what it splits across bridges.
        Each scan lists all columns that are known of its source; ``rules/prune_columns.py`` leaves those that are read.
        """
        return Joining(self, self.sources[source], moment).rows(expressions, also, marks, expansions)

    def scan(self, source: Source, alias: str, used: dict[str, dict[str, None]]) -> Scan:
        """Return the scan of a source under an alias, with all columns that are known of it or ``used``."""
        columns = sorted({*self.paths.columns(source.name), *used.get(alias, ())})
        fields = tuple(Field(column, self.column_type(source, column)) for column in columns)
        valid = None if source.valid is None else (source.valid.starts, source.valid.ends)
        hourly = tuple(clock.column for clock in source.clocks if clock.grain in _HOURLY and clock.type.kind is not Kind.date)
        return Scan(source.name, source.relation, alias, fields, source.key, valid, hourly)

    def column_type(self, source: Source, column: str) -> DataType:
        """Return the type of a physical column."""
        key = (source.name, column)
        if key not in self._types:
            self._types[key] = column_type(source, column, self.sources, self.entities)
        return self._types[key]


def _instant(part: Expr, kind: Kind, zone: str) -> Expr:
    return operations.midnight(part, zone) if kind is Kind.date else operations.point(part, zone)


def _is_strict(expr: Expr) -> bool:
    """Whether ``expr`` is surely NULL where every column in it is."""
    match expr:
        case Name():
            return True
        case Case():
            conditions = all(_is_strict(when) for when, _ in expr.branches)
            return conditions and (expr.otherwise is None or _is_strict(expr.otherwise))
        case Call():
            match FUNCTIONS[expr.function].nulls if expr.function in FUNCTIONS else Nulls.spread:
                case Nulls.spread | Nulls.undefined | Nulls.outer:
                    return any(_is_strict(argument) for argument in expr.arguments)
                case Nulls.equal:
                    return _is_strict(expr.arguments[0])
                case Nulls.first_known:
                    return all(_is_strict(argument) for argument in expr.arguments)
                case Nulls.three_valued if expr.function == "in":
                    return _is_strict(expr.arguments[0])
                case Nulls.three_valued:
                    return all(_is_strict(argument) for argument in expr.arguments)
                case _:
                    return False
        case _:
            return False


_KNOWN: WeakKeyDictionary[Model, Columns] = WeakKeyDictionary()

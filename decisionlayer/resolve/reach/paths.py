"""Paths: how a dotted name walks from a source over links to a column, a dimension or a key.

``Paths`` answers for two readers. In scope ``row`` the metric's own text reads rows: columns, dimensions and keys, also
behind links. In scope ``ask`` a question splits and filters: dimensions, roles and keys only, never raw columns.
Links are many-to-one, so no path can multiply rows; what lies against a link is refused by ``refusals.py``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal, TypeAlias
from weakref import WeakKeyDictionary

from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass

if TYPE_CHECKING:
    from decisionlayer.resolve.model import Model, Source

Scope: TypeAlias = Literal["row", "ask"]
Parts: TypeAlias = tuple[str, ...]

#: How many ways over links are listed from one source. A project that has more must write its paths in full.
MOST_WALKS = 5_000
#: From this likeness on, an undeclared column is taken for a mistyped declared one.
MISTYPED = 0.8


@dataclass(frozen=True, slots=True)
class Hop:
    """One step over a link: from ``source`` by ``role`` to the source that describes the entity.

    ``levels`` are those of the reporting line that it leads to, widest first; none for any other entity. ``at`` is the day on which
    a version of it stood.
    ``back`` marks a step against a link, from an entity to the rows of ``target`` whose link ``back`` leads to it (``across.py``).
    """

    source: str
    role: str
    entity: str
    target: str
    levels: Parts = ()
    at: dt.date | None = None
    back: str | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A settled path: where it starts, the links it walks, and what stands at its end.

    ``end`` is ``column`` or ``dimension`` (``name`` of the source that the last hop leads to) or ``key`` (``name`` is a role
    of that source, whose link columns are the value; or, with ``is_own_key``, the entity that this source itself describes,
    whose own key is).
    """

    source: str
    hops: tuple[Hop, ...]
    end: str
    name: str
    is_own_key: bool = False

    @property
    def path(self) -> str:
        """The path in full, from the source: ``origin.region``."""
        return ".".join((*(hop.role for hop in self.hops), self.name))

    @property
    def parts(self) -> Parts:
        """The path in full, step by step."""
        return (*(hop.role for hop in self.hops), self.name)

    @property
    def holder(self) -> str:
        """The source that holds what stands at the end."""
        return self.hops[-1].target if self.hops else self.source


class Paths:
    """Every path of a model, worked out when it is first asked for and kept.

    ``Paths.of(model)`` returns the one of a model, however often it is called.
    """

    def __init__(self, model: Model) -> None:
        self._sources: Mapping[str, Source] = model.sources
        self._entities = model.entities
        self._hierarchies = model.hierarchies
        self.broken = model.broken
        self._exact: dict[tuple[str, Parts, str], Route | None] = {}
        self._walks: dict[str, tuple[tuple[Hop, ...], ...]] = {}
        self._askable: dict[str, dict[str, list[Route]]] = {}
        self._columns: dict[str, frozenset[str]] = {}
        self._bridged: frozenset[tuple[str, str]] | None = None

    @classmethod
    def of(cls, model: Model) -> Paths:
        """Return the paths of ``model``, the same object each time."""
        known = _KNOWN.get(model)
        if known is None:
            known = _KNOWN[model] = cls(model)
        return known

    def has(self, source: str) -> bool:
        """Say whether there is such a source that can be read."""
        return source in self._sources

    def is_bridged(self, source: str, name: str) -> bool:
        """Say whether a bridge of that name leads to the rows of ``source``."""
        return (source, name) in self._bridges()

    def is_bridge(self, name: str) -> bool:
        """Say whether a bridge of that name leads anywhere."""
        return any(name == bridge for _, bridge in self._bridges())

    def _bridges(self) -> frozenset[tuple[str, str]]:
        if self._bridged is None:
            self._bridged = frozenset((each.source, each.name) for it in self._sources.values() for each in it.bridges.values())
        return self._bridged

    def source(self, name: str) -> Source:
        """Return a source by its name."""
        return self._sources[name]

    # one path

    def exact(self, source: str, parts: Parts, scope: Scope = "ask") -> Route | None:
        """Return the path that is written in full from ``source``, or None.

        A source that describes an entity may also be told by it: ``carrier.name`` of the carriers is their ``name``.
        """
        key = (source, parts, scope)
        if key not in self._exact:
            self._exact[key] = self._find(source, parts, scope)
        return self._exact[key]

    def suffix(self, source: str, parts: Parts) -> Route | None:
        """Return the only askable path that ends in ``parts``, or None when there is none or more than one."""
        found = self.ending_in(source, parts)
        return found[0] if len(found) == 1 else None

    def bind(self, source: str, parts: Parts) -> Route | None:
        """Return the askable path that ``parts`` means: exactly, else as a unique suffix, else across a bridge, else None."""
        from decisionlayer.resolve.reach.across import for_split

        return self.exact(source, parts) or self.suffix(source, parts) or for_split(self, source, parts)

    def ending_in(self, source: str, parts: Parts) -> tuple[Route, ...]:
        """Return every askable path that ends in ``parts``, shortest first; none when there are too many to list."""
        if not parts or self.is_cut(source):
            return ()
        bare = tuple(part.partition("@")[0] for part in parts)
        routes = [route for route in self._routes(source).get(bare[-1], []) if route.parts[-len(parts) :] == bare]
        if bare == parts:
            return tuple(routes)
        # A version of a reporting line is walked like the line itself, on its own day.
        found = (self.exact(source, (*route.parts[: -len(parts)], *parts)) for route in routes)
        return tuple(route for route in found if route is not None)

    def to_attribute(self, source: str, entity: str, attribute: str | None) -> tuple[Route, ...]:
        """Return every askable path to an attribute of an entity, or to its key for None; the caller wants exactly one."""
        routes = (route for group in self._routes(source).values() for route in group)
        return tuple(route for route in routes if self.attribute(route) == (entity, attribute))

    def attribute(self, route: Route) -> tuple[str, str | None] | None:
        """Return which attribute of which entity stands at the end of a path; None in place of the attribute is the key.

        None altogether for what belongs to no entity: the dimension of a source that describes nothing.
        """
        holder = self._sources[route.holder]
        if route.end == "key":
            link = holder.links.get(route.name)
            return (link.entity if link else route.name), None
        return (holder.describes, route.name) if holder.describes else None

    # many paths

    def all_paths(self, source: str) -> Mapping[str, Route]:
        """Return everything that ``source`` may be split by, by its path in full: shortest first, then by name."""
        routes = [route for group in self._routes(source).values() for route in group]
        return {route.path: route for route in sorted(routes, key=lambda route: (len(route.hops), route.path))}

    def walks(self, source: str) -> tuple[tuple[Hop, ...], ...]:
        """Return every way over links from ``source``, shortest first, the empty one included.

        None visits an entity twice, so a circle of links ends.
        """
        if source not in self._walks:
            self._walks[source] = tuple(self._spread(source))
        return self._walks[source]

    def is_cut(self, source: str) -> bool:
        """Say whether ``source`` leads to more ways than are listed, so that its paths must be written in full."""
        return len(self.walks(source)) >= MOST_WALKS

    def columns(self, source: str) -> frozenset[str]:
        """Return the physical columns of a source that some declaration names: columns, key, clocks and links."""
        if source not in self._columns:
            it = self._sources[source]
            linked = (column for link in it.links.values() for column in link.columns)
            held = () if it.valid is None else (it.valid.starts, it.valid.ends)
            arrived = () if it.arrival is None else (it.arrival.column,)
            clocks = (clock.column for clock in it.clocks)
            self._columns[source] = frozenset((*it.columns, *it.key, *clocks, *linked, *held, *arrived))
        return self._columns[source]

    def blocked(self, source: str, parts: Parts) -> str | None:
        """Return the broken thing that keeps ``parts`` from being walked (a key of ``Model.broken``), or None."""
        here, rest = source, parts
        while True:
            if f"source {here}" in self.broken:
                return f"source {here}"
            if not rest or here not in self._sources:
                return None
            for kind in ("dimension", "link", "column"):
                if f"{kind} {here}.{rest[0]}" in self.broken:
                    return f"{kind} {here}.{rest[0]}"
            link = self._sources[here].links.get(rest[0])
            if link is None:
                return None
            if f"entity {link.entity}" in self.broken:
                return f"entity {link.entity}"
            if link.entity not in self._entities or len(rest) == 1:
                return None
            here, rest = self._entities[link.entity].source, rest[1:]

    def walked(self, source: str, parts: Parts) -> tuple[Hop, ...]:
        """Return as many of the steps of ``parts`` over links as can be walked; the last part is never one."""
        hops: list[Hop] = []
        for role in parts[:-1]:
            hop = self.hop(hops[-1].target if hops else source, role) if source in self._sources else None
            if hop is None:
                break
            hops.append(hop)
        return tuple(hops)

    def against(self, source: str, parts: Parts, scope: Scope) -> tuple[Hop, ...] | None:
        """Return the shortest way back to ``source`` from one that has ``parts``: the links that would be walked against.

        It ends in an entity that ``source`` describes or, failing that, one that it leads to. None when no source has ``parts``.
        """
        own = self.describes(source)
        reach = {own, *(walk[-1].entity for walk in self.walks(source) if walk)} - {None}
        found: list[tuple[bool, int, str, tuple[Hop, ...]]] = []
        for many in self._sources:
            if many == source or not self._has(many, parts, scope):
                continue
            ways = [way for way in self.walks(many) if way and way[-1].entity in reach]
            found += [(way[-1].entity != own, len(way), many, way) for way in ways]
        return min(found, key=lambda one: (*one[:3], [hop.role for hop in one[3]]))[3] if found else None

    def _has(self, source: str, parts: Parts, scope: Scope) -> bool:
        if scope == "ask" and (self.exact(source, parts) or self.ending_in(source, parts)):
            return True
        named = parts[0] in (source, self.describes(source)) and len(parts) > 1
        return named and self.exact(source, parts[1:], scope) is not None

    def describes(self, source: str) -> str | None:
        """Return the entity that a source describes, or None."""
        return self._sources[source].describes

    def clocks(self, source: str) -> tuple[str, ...]:
        """Return the columns that are clocks of a source."""
        return tuple(clock.column for clock in self._sources[source].clocks)

    def clock_grains(self, source: str) -> tuple[str, ...]:
        """Return the finest period of each clock of a source."""
        return tuple(clock.grain for clock in self._sources[source].clocks)

    def roles(self, source: str) -> tuple[str, ...]:
        """Return the roles of a source's links."""
        return tuple(self._sources[source].links)

    def named(self, source: str) -> tuple[str, ...]:
        """Return the roles and dimensions of a source."""
        return (*self._sources[source].links, *self._sources[source].dimensions)

    # refusals, told in refusals.py

    def refusal(
        self,
        source: str,
        parts: Parts,
        *,
        subject: str = "question",
        metric: str | None = None,
        place: Place | None = None,
    ) -> Finding:
        """Return why ``parts`` is no askable path of ``source``.

        ``ambiguous-path`` with every reading, ``fan-out`` with the link it would be walked against, ``stands-on-broken`` with
        what is broken, else ``unreachable-dimension`` with near names. ``metric`` is the one that was to be split.
        """
        from decisionlayer.resolve.reach.refusals import refuse_path

        return refuse_path(self, source, parts, subject=subject, metric=metric, place=place)

    # inside

    def _find(self, source: str, parts: Parts, scope: Scope) -> Route | None:
        here = self._sources.get(source)
        if here is None or not parts:
            return None
        if len(parts) > 1 and parts[0] == here.describes and parts[0] not in here.links:
            return self.exact(source, parts[1:], scope)
        hops: list[Hop] = []
        for role in parts[:-1]:
            hop = self.hop(here.name, role)
            if hop is None:
                return None
            hops.append(hop)
            here = self._sources[hop.target]
        end = self._row_end(here, parts[-1], own=not hops) if scope == "row" else self._asked_end(here, parts[-1])
        if end is None:
            return None
        return Route(source, tuple(hops), end, parts[-1], end == "key" and parts[-1] not in here.links)

    def hop(self, source: str, role: str) -> Hop | None:
        """Return the step from ``source`` by ``role``, or None when there is none or its entity cannot be read."""
        link = self._sources[source].links.get(role)
        entity = self._entities.get(link.entity) if link else None
        if entity is None or entity.source not in self._sources:
            return None
        assert link is not None
        line = self._hierarchies.get(link.frame or "")
        return Hop(source, role, entity.name, entity.source, line.levels if line else (), link.at)

    def _is_line(self, source: Source) -> bool:
        """Whether the rows of a source are the lines of a hierarchy, which is asked by its levels and not by a key."""
        return source.describes in self._hierarchies

    def _asked_end(self, source: Source, name: str) -> str | None:
        link = source.links.get(name)
        if link is not None:
            return "key" if link.frame is None else None
        if name in source.dimensions:
            return "dimension"
        return "key" if name == source.describes and not self._is_line(source) else None

    def _row_end(self, source: Source, name: str, *, own: bool) -> str | None:
        if name in self.columns(source.name):
            return "column"
        asked = self._asked_end(source, name)
        if asked is not None:
            return asked
        # An undeclared column of the own table is believed until the warehouse says otherwise, unless it looks mistyped.
        return "column" if own and self.mistyped(source.name, name) is None else None

    def mistyped(self, source: str, name: str) -> str | None:
        """Return the declared name of ``source`` that ``name`` most probably is a slip of, or None."""
        it = self._sources[source]
        if f"column {source}.{name}" in self.broken or f"dimension {source}.{name}" in self.broken:
            return name
        return other_case(name, self.columns(source)) or slip(name, (*self.columns(source), *it.dimensions, *it.links))

    def _spread(self, source: str) -> Iterator[tuple[Hop, ...]]:
        queue: list[tuple[Hop, ...]] = [()]
        told = 0
        while queue and told < MOST_WALKS:
            later: list[tuple[Hop, ...]] = []
            for walk in queue:
                yield walk
                told += 1
                if told >= MOST_WALKS:
                    return
                here = walk[-1].target if walk else source
                seen = {hop.entity for hop in walk}
                for role, link in self._sources[here].links.items():
                    hop = self.hop(here, role) if link.at is None else None
                    if hop is not None and hop.entity not in seen:
                        later.append((*walk, hop))
            queue = later

    def _routes(self, source: str) -> Mapping[str, list[Route]]:
        if source not in self._askable:
            routes: dict[str, list[Route]] = {}
            for walk in self.walks(source):
                holder = self._sources[walk[-1].target if walk else source]
                roles = (role for role, link in holder.links.items() if link.frame is None)
                for name in (*roles, *holder.dimensions):
                    routes.setdefault(name, []).append(
                        Route(source, walk, "key" if name in holder.links else "dimension", name)
                    )
            own = self._sources[source].describes
            if own is not None and own not in self._sources[source].links and not self._is_line(self._sources[source]):
                routes.setdefault(own, []).insert(0, Route(source, (), "key", own, True))
            self._askable[source] = routes
        return self._askable[source]


def other_case(name: str, columns: Iterable[str]) -> str | None:
    """Return the column that ``name`` is but for capital letters, or None.

    A warehouse reads both as one column, so its unit, its type and what its values are would be lost on the way.

    >>> other_case("amount", ("Amount", "tax")), other_case("amounts", ("Amount",))
    ('Amount', None)
    """
    return next((column for column in sorted(columns) if column.casefold() == name.casefold()), None)


def slip(name: str, declared: tuple[str, ...]) -> str | None:
    """Return the declared name that ``name`` most probably is a slip of, or None.

    >>> slip("dep_dealy", ("dep_delay", "arr_delay")), slip("air_time", ("dep_delay",))
    ('dep_delay', None)
    """
    best, found = MISTYPED, None
    for other in sorted(set(declared)):
        matcher = SequenceMatcher(None, name, other)
        if matcher.real_quick_ratio() >= best and matcher.quick_ratio() >= best and matcher.ratio() >= best:
            best, found = matcher.ratio(), other
    return found


_KNOWN: WeakKeyDictionary[Model, Paths] = WeakKeyDictionary()

"""Where a path leads from a row, and which path a question means.

A path walks links by role; each step finds at most one row. A key that is NULL, or that the entity does not have, finds none, and
whatever is read beyond it is NULL: nobody knows it, whatever an expression would make of NULL. Of an entity with history a step
finds the version that held at a moment: the row's own, or one day for all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from decisionlayer.resolve.model import Lines, Link, Model, Validity
from tests.reference.language import Value, apply, exact, value_of

Row: TypeAlias = Mapping[str, object]
#: The values of a key.
Part: TypeAlias = tuple[object, ...]
#: The rows of each source, by the source's name.
Tables: TypeAlias = Mapping[str, Iterable[Row]]

#: The moment at which versions are read, told as their columns tell time: on the day of the link that is walked, where it has one,
#: else when the question or the row says; None for a row that has no time.
When: TypeAlias = Callable[[Validity, dt.date | None], dt.date | None]


class Unanswerable(Exception):
    """The question names something that the evaluator cannot find, or finds twice."""


@dataclass(frozen=True)
class Way:
    """A settled path from a source: the roles it walks, what it reads at the end, and what that is of which entity.

    ``attribute`` is the dimension, or None for a key; ``role`` is the link whose columns are that key, None for the entity's own.
    """

    text: str
    roles: tuple[str, ...]
    source: str
    entity: str | None
    attribute: str | None
    role: str | None


class World:
    """A model with its rows: it walks from any row along any path."""

    def __init__(self, model: Model, tables: Tables) -> None:
        self.model = model
        self.rows: dict[str, list[Row]] = {name: [dict(row) for row in rows] for name, rows in tables.items()}
        self.known: dict[str, dict[str, Way]] = {}
        #: Tells a metric of each thing that a source describes; only a question knows it.
        self.each: Callable[[str, Part, str], Value] | None = None

    @cached_property
    def index(self) -> dict[str, dict[tuple[object, ...], list[Row]]]:
        """The rows of each entity by key: one, or as many as it has versions."""
        found: dict[str, dict[tuple[object, ...], list[Row]]] = {}
        for name, entity in self.model.entities.items():
            rows = found.setdefault(name, {})
            for row in self.rows[entity.source]:
                rows.setdefault(tuple(row[part] for part in entity.key), []).append(row)
        return found

    # -- from a row -----------------------------------------------------------------------------------------------

    def follow(self, key: Part | None, link: Link, when: When | None = None) -> Row | None:
        """Return the row of the entity under a key, if there is one: of several versions the one that held ``when``."""
        rows = [] if key is None or None in key else self.index[link.entity].get(key, [])
        valid = self.model.sources[self.model.entities[link.entity].source].valid
        if valid is not None:
            moment = when(valid, link.at) if when is not None else None
            in_file = isinstance(self.model.sources[self.model.entities[link.entity].source].relation, Lines)
            rows = [row for row in rows if holds(row, valid, moment, in_file=in_file)]
        if len(rows) > 1:
            raise Unanswerable(f"{link.entity} has {len(rows)} rows for one key")
        return rows[0] if rows else None

    def walk(self, source: str, row: Row | None, roles: tuple[str, ...], when: When | None) -> tuple[str, Row | None]:
        """Return the source and the row that ``roles`` lead to from a row of ``source``.

        A reporting line has the key of what it is of, so it needs no row of that: a shop that nobody described stands in it.
        """
        key: Part | None = None
        for role in roles:
            link = self.model.sources[source].links[role]
            if not (row is None and link.frame is not None):
                key = None if row is None else tuple(row[column] for column in link.columns)
            row, source = self.follow(key, link, when), self.model.entities[link.entity].source
        return source, row

    def read(self, source: str, row: Row | None, parts: tuple[str, ...], when: When | None = None) -> Value:
        """Return what the path ``parts`` of a measure or filter reads from a row of ``source``: a column, dimension or key."""
        described = self.model.sources[source]
        if len(parts) == 2 and parts[0] in described.links:
            there = self.model.entities[described.links[parts[0]].entity].source
            if parts[1] in self.model.sources[there].dimensions and self.model.sources[there].dimensions[parts[1]].metric is not None:
                return self.metric_of(there, self.key_at(source, row, parts[:1], when), parts[1])
        if len(parts) > 1:
            return self.read(*self.walk(source, row, parts[:-1], when), parts[-1:], when)
        if row is None:
            return None
        name = parts[0]
        if name in row:
            return exact(row[name])
        if name in described.dimensions:
            return self.dimension(source, row, name)
        if name in described.links:
            return exact(row[described.links[name].columns[0]])
        raise Unanswerable(f"{source} has no {name}")

    def metric_of(self, source: str, key: Part | None, name: str) -> Value:
        """Return a metric of the thing under a key, whether or not its own source knows it; a thing that nobody knows has none."""
        assert self.each is not None
        return None if key is None or None in key else self.each(source, tuple(exact(part) for part in key), name)

    def key_at(self, source: str, row: Row | None, roles: tuple[str, ...], when: When | None) -> Part | None:
        """Return the key that the last of ``roles`` leads to from a row, whether or not there is a row of it."""
        source, row = self.walk(source, row, roles[:-1], when)
        return None if row is None else tuple(row[column] for column in self.model.sources[source].links[roles[-1]].columns)

    def dimension(self, source: str, row: Row, name: str) -> Value:
        """Return the dimension ``name`` of a row that is there."""
        if self.model.sources[source].dimensions[name].metric is not None:
            return self.metric_of(source, tuple(row[part] for part in self.model.sources[source].key), name)
        return value_of(
            self.model.sources[source].dimensions[name].expr, lambda part: self.read(source, row, part.parts)
        )

    def arrive(self, source: str, row: Row | None, way: Way, when: When | None = None) -> tuple[Value, ...]:
        """Return what ``way`` reads from a row of ``source``: one value, or one for each column of a key."""
        begun, source, row = (source, row), *self.walk(source, row, way.roles, when)
        described = self.model.sources[source]
        if way.roles and way.attribute is not None and described.dimensions[way.attribute].metric is not None:
            return (self.metric_of(source, self.key_at(*begun, way.roles, when), way.attribute),)
        if way.attribute is not None:
            return (None if row is None else self.dimension(source, row, way.attribute),)
        columns = described.key if way.role is None else described.links[way.role].columns
        return tuple(None if row is None else exact(row[column]) for column in columns)

    # -- which way -------------------------------------------------------------------------------------------------

    def ways(self, source: str) -> dict[str, Way]:
        """Return every path that may be asked from ``source``, by its text: attributes, and bare roles for their keys.

        No path leads to an entity twice, so that those who manage managers end.
        """
        if source not in self.known:
            self.known[source] = self._ways(source)
        return self.known[source]

    def _ways(self, source: str) -> dict[str, Way]:
        found: dict[str, Way] = {}
        described = self.model.sources[source]
        lines = self.model.hierarchies
        if described.describes is not None and described.describes not in lines:
            found[described.describes] = Way(described.describes, (), source, described.describes, None, None)
        waiting: list[tuple[tuple[str, ...], str, tuple[str | None, ...]]] = [((), source, (described.describes,))]
        while waiting:
            roles, name, seen = waiting.pop(0)
            here = self.model.sources[name]
            for dimension in here.dimensions:
                text = ".".join((*roles, dimension))
                found[text] = Way(text, roles, name, here.describes, dimension, None)
            for role, link in here.links.items():
                text = ".".join((*roles, role))
                if link.frame is None:  # a reporting line is asked by its levels, and has no key of its own
                    found[text] = Way(text, roles, name, link.entity, None, role)
                if link.entity not in seen:
                    waiting.append(((*roles, role), self.model.entities[link.entity].source, (*seen, link.entity)))
        return found

    def named(self, source: str, text: str) -> Way | None:
        """Return the way that ``text`` spells in full, or the only one that ends in it; None if none does."""
        ways = self.ways(source)
        text = text.removeprefix(f"{self.model.sources[source].describes}.")
        found = ways.get(text) or self.exact(source, text.split("."))
        if found is not None:
            return found
        named = [way for way in ways.values() if way.text.endswith(f".{text}")]
        return only([way for way in named if "@" in text or "@" not in way.text], text)

    def exact(self, source: str, parts: list[str]) -> Way | None:
        """Return the way that ``parts`` spell in full, which may lead to one entity twice."""
        here = source
        for role in parts[:-1]:
            if role not in self.model.sources[here].links:
                return None
            here = self.model.entities[self.model.sources[here].links[role].entity].source
        described, roles, last = self.model.sources[here], tuple(parts[:-1]), parts[-1]
        if last in described.dimensions:
            return Way(".".join(parts), roles, here, described.describes, last, None)
        link = described.links.get(last)
        return None if link is None or link.frame else Way(".".join(parts), roles, here, link.entity, None, last)

    def meeting(self, source: str, text: str, others: Mapping[str, str] | Iterable[str]) -> Way:
        """Return the way that ``text`` means from ``source``, given the other sources of the same question, each with its own text for it.

        Where ``source`` has no such path, it is its only path to what the others take ``text`` for: a reading of the weather has
        one airport, so it meets ``origin.name`` there.
        """
        spelt = others if isinstance(others, Mapping) else dict.fromkeys(others, text)
        ways = [self.named(other, each) for other, each in {**spelt, source: text}.items()]
        meant = {(way.entity, way.attribute) for way in ways if way is not None and way.entity is not None}
        if len(meant) > 1:
            raise Unanswerable(f"{text} is not one thing but {len(meant)}")
        own = self.named(source, text)
        if own is not None:
            return own
        found = [way for way in self.ways(source).values() if (way.entity, way.attribute) in meant]
        way = only(found, text)
        if way is None:
            raise Unanswerable(f"{source} does not lead to {text}")
        return way

    def columns(self, text: str, way: Way) -> tuple[str, ...]:
        """Return the result columns of an asked path: one, or one for each part of a key that has several."""
        name = text.replace(".", "__")
        if way.attribute is not None or way.entity is None:
            return (name,)
        key = self.model.entities[way.entity].key
        return (name,) if len(key) == 1 else tuple(f"{name}__{part}" for part in key)


def holds(row: Row, valid: Validity, moment: dt.date | None, *, in_file: bool) -> bool:
    """Say whether a version holds at a moment: from its first instant on, before its last; an end that is NULL is open.

    Without a beginning no row of a table ever held; in the file of a frame, whose lines people write, an empty one is open.
    """
    starts, ends = row[valid.starts], row[valid.ends]
    if moment is None:
        return False
    return ((in_file and starts is None) or apply("<=", [starts, moment]) is True) and (ends is None or apply("<", [moment, ends]) is True)  # type: ignore[list-item]


def only(ways: list[Way], text: str) -> Way | None:
    """Return the one way there is, None for none; several are for the asker to choose from."""
    if len(ways) > 1:
        raise Unanswerable(f"{text} may be {' or '.join(way.text for way in ways)}")
    return ways[0] if ways else None

"""Where a path leads from a row, and which path a question means.

A path walks links by role; each step finds at most one row. A key that is NULL, or that the entity does not have, finds none, and
whatever is read beyond it is NULL: nobody knows it, whatever an expression would make of NULL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from decisionlayer.resolve.model import Link, Model
from tests.reference.language import Value, exact, value_of

Row: TypeAlias = Mapping[str, object]
#: The rows of each source, by the source's name.
Tables: TypeAlias = Mapping[str, Iterable[Row]]

#: How many links a path may walk before it is taken for one that goes round in circles.
FURTHEST = 6


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

    @cached_property
    def index(self) -> dict[str, dict[tuple[object, ...], Row]]:
        """The rows of each entity by key."""
        found: dict[str, dict[tuple[object, ...], Row]] = {}
        for name, entity in self.model.entities.items():
            found[name] = {tuple(row[part] for part in entity.key): row for row in self.rows[entity.source]}
        return found

    # -- from a row -----------------------------------------------------------------------------------------------

    def follow(self, row: Row | None, link: Link) -> Row | None:
        """Return the row of the entity that ``row`` refers to, if there is one."""
        if row is None:
            return None
        key = tuple(row[column] for column in link.columns)
        return None if None in key else self.index[link.entity].get(key)

    def read(self, source: str, row: Row | None, parts: tuple[str, ...]) -> Value:
        """Return what the path ``parts`` of a measure or filter reads from a row of ``source``: a column, dimension or key."""
        described = self.model.sources[source]
        if len(parts) > 1:
            link = described.links[parts[0]]
            return self.read(self.model.entities[link.entity].source, self.follow(row, link), parts[1:])
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

    def dimension(self, source: str, row: Row, name: str) -> Value:
        """Return the dimension ``name`` of a row that is there."""
        return value_of(
            self.model.sources[source].dimensions[name].expr, lambda part: self.read(source, row, part.parts)
        )

    def arrive(self, source: str, row: Row | None, way: Way) -> tuple[Value, ...]:
        """Return what ``way`` reads from a row of ``source``: one value, or one for each column of a key."""
        for role in way.roles:
            link = self.model.sources[source].links[role]
            row, source = self.follow(row, link), self.model.entities[link.entity].source
        described = self.model.sources[source]
        if way.attribute is not None:
            return (None if row is None else self.dimension(source, row, way.attribute),)
        columns = described.key if way.role is None else described.links[way.role].columns
        return tuple(None if row is None else exact(row[column]) for column in columns)

    # -- which way -------------------------------------------------------------------------------------------------

    def ways(self, source: str) -> dict[str, Way]:
        """Return every path that may be asked from ``source``, by its text: attributes, and bare roles for their keys."""
        if source not in self.known:
            self.known[source] = self._ways(source)
        return self.known[source]

    def _ways(self, source: str) -> dict[str, Way]:
        found: dict[str, Way] = {}
        described = self.model.sources[source]
        if described.describes is not None:
            found[described.describes] = Way(described.describes, (), source, described.describes, None, None)
        waiting: list[tuple[tuple[str, ...], str]] = [((), source)]
        while waiting:
            roles, name = waiting.pop(0)
            here = self.model.sources[name]
            for dimension in here.dimensions:
                text = ".".join((*roles, dimension))
                found[text] = Way(text, roles, name, here.describes, dimension, None)
            for role, link in here.links.items():
                text = ".".join((*roles, role))
                found[text] = Way(text, roles, name, link.entity, None, role)
                if len(roles) < FURTHEST:
                    waiting.append(((*roles, role), self.model.entities[link.entity].source))
        return found

    def named(self, source: str, text: str) -> Way | None:
        """Return the way that ``text`` spells in full, or the only one that ends in it; None if none does."""
        ways = self.ways(source)
        text = text.removeprefix(f"{self.model.sources[source].describes}.")
        if text in ways:
            return ways[text]
        return only([way for way in ways.values() if way.text.endswith(f".{text}")], text)

    def meeting(self, source: str, text: str, others: Iterable[str]) -> Way:
        """Return the way that ``text`` means from ``source``, given the other sources of the same question.

        Where ``source`` has no such path, it is its only path to what the others take ``text`` for: a reading of the weather has
        one airport, so it meets ``origin.name`` there.
        """
        ways = [self.named(other, text) for other in {source, *others}]
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


def only(ways: list[Way], text: str) -> Way | None:
    """Return the one way there is, None for none; several are for the asker to choose from."""
    if len(ways) > 1:
        raise Unanswerable(f"{text} may be {' or '.join(way.text for way in ways)}")
    return ways[0] if ways else None

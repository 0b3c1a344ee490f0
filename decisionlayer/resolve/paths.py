"""Paths: how a dotted name walks from a source over links to a column, a dimension or a key."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hop:
    """One step over a link: from ``source`` by ``role`` to the source that describes the entity."""

    source: str
    role: str
    entity: str
    target: str


@dataclass(frozen=True, slots=True)
class Route:
    """A settled path: where it starts, the links it walks, and what stands at its end.

    ``end`` is ``column`` or ``dimension`` (``name`` of the source that the last hop leads to) or ``key`` (``name`` is a role
    of that source, whose link columns are the value; or the entity that this source itself describes, whose own key is).
    """

    source: str
    hops: tuple[Hop, ...]
    end: str
    name: str

    @property
    def path(self) -> str:
        """The path in full, from the source: ``origin.region``."""
        return ".".join((*(hop.role for hop in self.hops), self.name))

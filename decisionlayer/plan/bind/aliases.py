"""Aliases: what the scans of a plan are called, by the way that leads to them."""

from __future__ import annotations

from decisionlayer.resolve.model import Source
from decisionlayer.resolve.reach.paths import Hop


def base_alias(source: Source) -> str:
    """Return the alias of a source's own rows: its name, unless a role of its own bears that name."""
    is_taken = any(role.casefold() == source.name.casefold() for role in source.links)
    return f"{source.name}_rows" if is_taken else source.name


def alias_of(source: Source, hops: tuple[Hop, ...]) -> str:
    """Return the alias of the entity at the end of a way from ``source``: roles joined by ``__``."""
    return "__".join(hop.role for hop in hops) if hops else base_alias(source)

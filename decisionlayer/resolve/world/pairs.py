"""Pairs: a link's columns and the key that they are compared with hold values of one kind.

A warehouse compares the number 7 with the texts '7' and '07' by turning both into 7: one row then meets two, and counts
twice. So unlike kinds are refused, whatever the warehouse would make of them. Columns without a declared type pass here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from decisionlayer.declare import Entry
from decisionlayer.frozen import replace
from decisionlayer.resolve.about import About
from decisionlayer.resolve.collect import Collector
from decisionlayer.resolve.language.type_rules import common
from decisionlayer.resolve.language.types import UNKNOWN
from decisionlayer.resolve.model import Entity, Link, Source


def keep_pairs(
    entries: Mapping[str, Entry], sources: Mapping[str, Source], entities: Mapping[str, Entity], collector: Collector
) -> dict[str, Source]:
    """Return the sources without the links whose columns cannot be compared with their key: ``wrong-argument`` for each."""
    kept: dict[str, Source] = {}
    for name, source in sources.items():
        links: dict[str, Link] = {}
        for role, link in source.links.items():
            about = About(entries[name])
            for said in _unlike(source, link, sources, entities):
                about.say(
                    "wrong-argument",
                    said,
                    "links",
                    role,
                    why="the warehouse would turn one into the other, and a row could meet several others and count for each",
                    help="bring both to one type, in the table or in a source's `sql:`",
                )
            if not collector.take(about.findings, f"link {name}.{role}"):
                links[role] = link
        kept[name] = source if len(links) == len(source.links) else replace(source, links=links)
    return kept


def _unlike(source: Source, link: Link, sources: Mapping[str, Source], entities: Mapping[str, Entity]) -> Iterator[str]:
    entity = entities.get(link.entity)
    target = None if entity is None else sources.get(entity.source)
    if entity is None or target is None or len(entity.key) != len(link.columns):
        return
    for ours, theirs in zip(link.columns, entity.key, strict=True):
        own, key = source.columns.get(ours), target.columns.get(theirs)
        if own is None or key is None or UNKNOWN in (own.type, key.type):
            continue
        if common(own.type, key.type) is None:
            yield (
                f"the link `{link.role}` compares `{ours}`, which is {own.type}, "
                f"with the key `{theirs}` of `{target.name}`, which is {key.type}"
            )

"""The log as a graph: every record after those that it follows, in one order on every machine."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, TypeVar, cast

from decisionlayer.declare import Book
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass

if TYPE_CHECKING:  # most projects have no record, and do not pay for their models
    from decisionlayer.declare.records import Record

Kind = TypeVar("Kind", bound="Record")


@dataclass(frozen=True, slots=True)
class Log:
    """All records by hash, each after those that it follows and else by day and hash; and what is wrong with the log.

    ``heads`` are those that none follows: what is written next follows them. A log with ``findings`` was tampered with, and
    nothing is official while it is. ``owners`` are those that the files name, of what was ever handed over, by kind and name.
    """

    records: Mapping[str, Record] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    heads: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    owners: Mapping[str, str | None] = field(default_factory=dict)

    def of(self, kind: type[Kind]) -> Iterator[tuple[str, Kind]]:
        """Yield the records of a kind with their hashes, in order; ``log.of(records.Flag)``."""
        return ((name, record) for name, record in self.records.items() if isinstance(record, kind))


def log_of(book: Book) -> Log:
    """Return the log of a book."""
    records = {entry.name: cast("Record", entry.item) for entry in book.records}
    places = {entry.name: entry.origin.place() for entry in book.records}
    followed = {before for record in records.values() for before in record.after}
    heads = tuple(sorted(name for name in records if name not in followed))
    return Log(_in_order(records), places, heads, book.log_findings, _owners(book, records.values()))


def _owners(book: Book, records: Iterable[Record]) -> dict[str, str | None]:
    moved = {name for record in records for name in getattr(record, "hand_over", ())}
    found: dict[str, str | None] = {}
    for entry in book.entries if moved else ():
        if entry.name in moved or f"{entry.kind} {entry.name}" in moved:
            decider = getattr(entry.item, "decider", None)
            found[f"{entry.kind} {entry.name}"] = decider[0] if decider else getattr(entry.item, "owner", None)
    return found


def _in_order(records: Mapping[str, Record]) -> dict[str, Record]:
    """Return the records so that each comes after all that it follows; a gap holds nothing up."""
    waits = {name: {before for before in record.after if before in records} for name, record in records.items()}
    followers: dict[str, list[str]] = {}
    for name, before in waits.items():
        for one in before:
            followers.setdefault(one, []).append(name)
    ready = [(records[name].dated, name) for name, before in waits.items() if not before]
    heapq.heapify(ready)
    ordered: dict[str, Record] = {}
    while ready:
        _, name = heapq.heappop(ready)
        ordered[name] = records[name]
        for follower in followers.get(name, ()):
            waits[follower].discard(name)
            if not waits[follower]:
                heapq.heappush(ready, (records[follower].dated, follower))
    return ordered

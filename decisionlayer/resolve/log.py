"""The log as a graph: every record after those that it follows, in one order on every machine."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
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
    nothing is official while it is.
    """

    records: Mapping[str, Record] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    heads: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def of(self, kind: type[Kind]) -> Iterator[tuple[str, Kind]]:
        """Yield the records of a kind with their hashes, in order; ``log.of(records.Flag)``."""
        return ((name, record) for name, record in self.records.items() if isinstance(record, kind))


def log_of(book: Book) -> Log:
    """Return the log of a book."""
    records = {entry.name: cast("Record", entry.item) for entry in book.records}
    places = {entry.name: entry.origin.place() for entry in book.records}
    followed = {before for record in records.values() for before in record.after}
    heads = tuple(sorted(name for name in records if name not in followed))
    return Log(_in_order(records), places, heads, book.log_findings)


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

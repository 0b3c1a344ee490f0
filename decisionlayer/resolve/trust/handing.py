"""Handing over: who answers for a thing after the records of the log have moved it, from the owner that its file names.

A record moves a thing from whoever answers for it; one that says so of somebody else is moot, unless nobody is there any more who
answers. So a file may be written anew after a handover, or before it, and both come to the same owner.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from decisionlayer import declare
from decisionlayer.declare import Book, Entry
from decisionlayer.frozen import replace
from decisionlayer.resolve.log import Log

if TYPE_CHECKING:
    from decisionlayer.declare.records import HandOver


def owner_after(declared: str | None, moves: Iterable[HandOver], last_days: Mapping[str, dt.date | None], on: dt.date) -> str | None:
    """Return who answers for a thing on a day; ``last_days`` are the parties, each with its last day."""
    owner = declared
    for move in moves:
        if move.dated <= on and (owner == move.by or _is_gone(owner, last_days, move.dated)):
            owner = move.to
    return owner


def moves_of(log: Log) -> Mapping[str, tuple[HandOver, ...]]:
    """Return the handovers by the name that they move, in the order of their days."""
    if not log.records:
        return {}
    from decisionlayer.declare.records import HandOver

    found: dict[str, list[HandOver]] = {}
    for _, move in sorted(log.of(HandOver), key=lambda one: one[1].dated):
        for name in move.hand_over:
            found.setdefault(name, []).append(move)
    return {name: tuple(moves) for name, moves in found.items()}


def handed(book: Book, log: Log, today: dt.date) -> Book:
    """Return the book with each thing that was handed over in the hands of who took it."""
    moves = moves_of(log)
    if not moves:
        return book
    last_days = {entry.name: entry.item.until for entry in book.entries if isinstance(entry.item, declare.Party)}

    def moved(entry: Entry) -> Entry:
        mine = moves.get(entry.name, ()) or moves.get(f"{entry.kind} {entry.name}", ())
        item: Any = entry.item
        if not mine or isinstance(item, declare.Party):
            return entry
        changes: dict[str, Any] = {}
        if isinstance(item, declare.Decision):
            if len(item.decider) == 1:
                changes["decider"] = (owner_after(item.decider[0], mine, last_days, today),)
        elif hasattr(item, "owner"):
            changes["owner"] = owner_after(item.owner, mine, last_days, today)
            if isinstance(item, declare.Metric) and item.translation is not None and item.translation.owner == item.owner:
                changes["translation"] = item.translation.model_copy(update={"owner": changes["owner"]})
        return replace(entry, item=item.model_copy(update=changes)) if changes else entry

    return replace(book, entries=tuple(map(moved, book.entries)))


def _is_gone(owner: str | None, last_days: Mapping[str, dt.date | None], on: dt.date) -> bool:
    if owner is None or owner not in last_days:
        return True
    last = last_days[owner]
    return last is not None and last < on

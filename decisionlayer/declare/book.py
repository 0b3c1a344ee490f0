"""The book: every declaration with the place where each of its parts was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TypeAlias, TypeVar

from decisionlayer.declare.base import Declaration
from decisionlayer.declare.spelling import position
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass

#: The way from a declaration to one of its parts: keys and list positions, as ``("links", "origin", "column")``.
Path: TypeAlias = tuple[str | int, ...]
Kind = TypeVar("Kind", bound=Declaration)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a declaration was written: its file, and the line and column of each of its parts.

    ``parts`` maps a path to the place of its *value* (for an expression, of the first character inside the quotes); the
    empty path is the declaration itself. ``keys`` maps the path of a value to the place of its key. ``text`` is the whole
    file, so that a place within a quoted or folded expression can be found; it may be empty.
    """

    file: str
    parts: Mapping[Path, tuple[int, int]] = field(default_factory=dict)
    keys: Mapping[Path, tuple[int, int]] = field(default_factory=dict, compare=False)
    text: str = field(default="", repr=False, compare=False)

    def place(self, *path: str | int, offset: int = 0) -> Place:
        """Return the place of a part, or of the nearest part around it that has one.

        ``offset`` is how many characters of the part's own text come before: where quotes are doubled or lines folded, the
        file holds more characters than the text, and the place is that in the file.
        """
        for length in range(len(path), -1, -1):
            found = self.parts.get(path[:length])
            if found is not None:
                exact = offset if length == len(path) else 0
                return Place(self.file, *position(self.text, *found, exact))
        return Place(self.file)

    def key_place(self, *path: str | int) -> Place:
        """Return the place of the key of a part, or of the part where it has no key."""
        found = self.keys.get(path)
        return self.place(*path) if found is None else Place(self.file, *found)


@dataclass(frozen=True, slots=True)
class Entry:
    """One declaration: its kind (``metric``), its name, what it says, and where it was written."""

    kind: str
    name: str
    item: Declaration
    origin: Origin


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that is declared, in the order in which it was read, with the findings of reading it.

    ``root`` is the project's folder, which ``file:`` sources are relative to. A declaration that cannot be read is not
    an entry but a finding; ``unread`` names such things as (kind, name), so that what stands on them can say so.
    ``records`` is the log, each record named by its hash; ``log_findings`` is what was found to be wrong with it.
    """

    entries: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()
    root: str = "."
    unread: tuple[tuple[str, str], ...] = ()
    records: tuple[Entry, ...] = ()
    log_findings: tuple[Finding, ...] = ()

    def of(self, kind: str) -> Iterator[Entry]:
        """Yield the entries of a kind, in order."""
        return (entry for entry in self.entries if entry.kind == kind)

    def merged(self, other: Book) -> Book:
        """Return both books as one; this one's root stands."""
        return Book(
            self.entries + other.entries, self.findings + other.findings, self.root, self.unread + other.unread,
            self.records + other.records, self.log_findings + other.log_findings,
        )  # fmt: skip

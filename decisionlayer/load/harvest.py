"""What the reading of a project gathers, file by file, until it is a book."""

from __future__ import annotations

from dataclasses import field

from decisionlayer.declare import Book, Entry
from decisionlayer.findings import Finding, Place, in_order
from decisionlayer.frozen import dataclass


@dataclass(slots=True)
class Harvest:
    """Entries, findings, the names of what could not be read, and where each name was said first."""

    entries: list[Entry] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    #: names that seem to stand in text that could not be read: unread, unless they are declared elsewhere
    suspected: list[tuple[str, str]] = field(default_factory=list)
    mentions_project: bool = False
    said: dict[tuple[str, str], Place] = field(default_factory=dict)

    def find(self, finding: Finding) -> None:
        """Note a finding; the same one twice is one."""
        self.findings.append(finding)

    def declare(self, kind: str, name: str, place: Place) -> None:
        """Note that a name is declared at ``place``; the second time is a finding, and nothing may stand on either."""
        one_only = kind == "project"
        first = self.said.setdefault((kind, "" if one_only else name), place)
        if first is place:
            return
        told = "`project` is declared twice" if one_only else f"{kind} `{name}` is declared twice"
        why = f"nobody can tell which of the two is meant; the first stands at {first}"
        help = "take one of them out" if one_only else "rename one of them, or take it out"
        self.find(Finding("duplicate-name", f"{kind} {name}", told, place, why=why, help=help))
        self.unread.append((kind, name))

    def book(self, root: str) -> Book:
        """Return the book. Of a name that is declared twice the first stays, so that its own findings are seen."""
        kept = {(entry.kind, entry.name): entry for entry in reversed(self.entries)}
        entries = tuple(entry for entry in self.entries if kept[entry.kind, entry.name] is entry)
        unread = self.unread + [named for named in self.suspected if named not in kept]
        return Book(entries, in_order(self.findings), root, tuple(dict.fromkeys(unread)))

"""Estates, resolved: which SQL from outside is looked at, and who looks after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from decisionlayer import declare
from decisionlayer.declare import Book
from decisionlayer.findings import Finding
from decisionlayer.resolve.about import About
from decisionlayer.resolve.foundations import check_owner
from decisionlayer.resolve.model import Estate, Party


def resolve_estates(book: Book, parties: Mapping[str, Party], today: dt.date) -> tuple[Mapping[str, Estate], tuple[Finding, ...]]:
    """Return every estate by name. ``no-owner`` where nobody looks after one, ``missing-key`` where it names no files."""
    estates: dict[str, Estate] = {}
    findings: list[Finding] = []
    for entry in book.of("estate"):
        item = entry.item
        assert isinstance(item, declare.Estate)
        about = About(entry)
        check_owner(about, item.owner, parties, today, duty="looks after")
        if not item.sql:
            about.say(
                "missing-key",
                f"{about.title} names no files",
                help="write `sql: dashboards/*.sql`, a pattern from the project's folder",
            )
        estates[entry.name] = Estate(item.estate, item.owner, item.sql, entry.origin.place())
        findings += about.findings
    return estates, tuple(findings)

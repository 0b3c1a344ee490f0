"""What keeps a project from being published: all or nothing, and every reason at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from decisionlayer.findings import Finding, Stops, in_order
from decisionlayer.publish.lineage import Lineage
from decisionlayer.resolve.model import Model

#: Findings of these classes refuse a publication when they touch anything that is published or what it stands on.
_REFUSED = frozenset({Stops.shape, Stops.number, Stops.licence, Stops.ask})

#: Things that are not published themselves: a mistake in one of them silences only what stands on it.
_SILENT = frozenset({"metric", "source", "assumption", "entity", "dimension", "link", "column", "party", "word", "unit"})


def published(model: Model) -> tuple[str, ...]:
    """Return what a publication of ``model`` makes: ``view …`` and ``decision …``, in the order of declaration."""
    return (*(f"view {name}" for name in model.views), *(f"decision {name}" for name in model.decisions))


def refusals(model: Model, lineage: Lineage) -> tuple[Finding, ...]:
    """Return every finding that refuses the publication, without repeats.

    A publication is a set: a reader may join two views of it, and what is no longer declared is dropped. So one view that
    cannot stand stops all, and so does a file that cannot be read, for nobody can say which views it holds. A mistake in a
    metric that no view and no decision stands on stops nothing.
    """
    stood_on = {below for subject in published(model) for below in lineage.beneath(subject)}
    found = [finding for finding in model.findings if _refuses(finding) and _touches(finding, stood_on)]
    for subject in stood_on:
        found += [*model.broken.get(subject, ()), *model.licence.get(subject, ())]
    return in_order(found)


def warnings(model: Model, lineage: Lineage, subject: str) -> tuple[Finding, ...]:
    """Return what is stamped on ``subject``: findings that stop nothing, about it or what it stands on."""
    beneath = set(lineage.beneath(subject))
    return in_order(finding for finding in model.findings if not finding.is_error and finding.subject in beneath)


def about(subject: str, findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings of a question that was refused as findings of the view or decision that asks it."""
    kind, _, name = subject.partition(" ")
    return [
        replace(finding, subject=subject, message=f"{kind} `{name}`: {finding.message}") if finding.subject == "question" else finding
        for finding in findings
    ]


def _refuses(finding: Finding) -> bool:
    return finding.is_error and finding.rule.stops in _REFUSED


def _touches(finding: Finding, stood_on: set[str]) -> bool:
    return finding.subject in stood_on or finding.subject.partition(" ")[0] not in _SILENT

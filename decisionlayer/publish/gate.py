"""What keeps a project from being published: all or nothing, and every reason at once."""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.findings import Finding, Stops, in_order
from decisionlayer.frozen import replace
from decisionlayer.govern.lineage import Lineage
from decisionlayer.resolve.model import Model

#: Findings of these classes refuse a publication; the rest are stamped on it.
_REFUSED = frozenset({Stops.shape, Stops.number, Stops.licence, Stops.ask})


def published(model: Model) -> tuple[str, ...]:
    """Return what a publication of ``model`` makes: ``view …`` and ``decision …``, in the order of declaration."""
    return (*(f"view {name}" for name in model.views), *(f"decision {name}" for name in model.decisions))


def refusals(model: Model) -> tuple[Finding, ...]:
    """Return every finding that refuses the publication, without repeats: each error of the project, wherever it is.

    A publication is a set. Its catalog lists every metric, so it stands on all of them; what is no longer declared is dropped,
    so a mistake must never look like a retirement. Questions go on: a mistake silences only what stands on it.
    """
    held = (*model.broken.values(), *model.licence.values())
    found = (*model.findings, *(finding for findings in held for finding in findings))
    return in_order(finding for finding in found if finding.is_error and finding.rule.stops in _REFUSED)


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

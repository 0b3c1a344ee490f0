"""Licences: what keeps a thing from being published keeps everything that stands on it from being published, too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from decisionlayer.findings import Finding
from decisionlayer.resolve.model import Formula, Measure, Metric, Model


def inherited(
    model: Model, order: Iterable[str], own: Mapping[str, tuple[Finding, ...]]
) -> Mapping[str, tuple[Finding, ...]]:
    """Return, for each thing, its own findings of class ``licence`` and those of all that it stands on, each once.

    ``order`` names the metrics so that each comes after what it stands on. A source counts for what measures its rows; the
    sources that a path walks on to are read, not answered for.
    """
    if not own:
        return {}
    found = dict(own)

    def add(key: str, beneath: Iterable[str]) -> None:
        gathered = dict.fromkeys(finding for one in (key, *beneath) for finding in found.get(one, ()))
        if gathered:
            found[key] = tuple(gathered)

    for name in order:
        if name in model.metrics:
            metric = model.metrics[name]
            add(f"metric {name}", (*_beneath(metric), *(f"metric {edition.name}" for edition in metric.editions[1:])))
    for decision in model.decisions.values():
        add(f"decision {decision.name}", (f"metric {criterion.metric}" for criterion in decision.criteria))
    for view in model.views.values():
        metrics = view.question.get("metrics", ())
        if isinstance(metrics, list | tuple):
            add(f"view {view.name}", (f"metric {name}" for name in metrics))
    return found


def _beneath(metric: Metric) -> tuple[str, ...]:
    match metric.body:
        case Measure(source=source, match=match):
            return (f"source {source}",) if match is None else (f"source {source}", f"source {match.source}")
        case Formula(terms=terms, assumptions=assumptions):
            return (
                *(f"metric {term.metric}" for term in terms.values()),
                *(f"assumption {name}" for name in assumptions),
            )

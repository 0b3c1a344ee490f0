"""Regrouping: the version of a reporting line under which a metric is always read, whatever the question says of structure."""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.bind.structure import structure_of
from decisionlayer.plan.query import Query
from decisionlayer.resolve.model import Model, Regroup
from decisionlayer.resolve.reach.beneath import Beneath


def regrouped(query: Query, model: Model, findings: list[Finding]) -> Query:
    """Return the question under the line that its metrics, or what they stand on, are regrouped by.

    ``bad-question`` for two lines at once, and for a question that asks for another structure.
    """
    found = dict(_regroups(query, model))
    if not found:
        return query
    (name, first), *others = found.items()
    other = next(((metric, each) for metric, each in others if each.day != first.day), None)
    if other is not None:
        findings.append(Finding(
            "bad-question", "question",
            f"`{name}` is always read under `{first.written}`, and `{other[0]}` under `{other[1].written}`",
            model.metrics[name].place, why="side by side they would be of other groups under one name",
            help="ask for them one by one",
        ))  # fmt: skip
        return query
    for frame, version, day in _asked_versions(query, model):
        if frame == first.frame and day != first.day:
            findings.append(_beside(model, name, first, f"asks by `{frame}@{version}`", f"write `{frame}` alone: it is read so already"))
    if query.structure is None and query.basis is None:
        return replace(query, structure=f"at {first.day.isoformat()}")
    structure = structure_of(query, model, [])
    if structure.kind != "at" or structure.day != first.day:
        key = "structure" if query.structure is not None else "basis"
        said = query.structure or query.basis
        findings.append(_beside(model, name, first, f"says `{key}` {said}", f"leave `{key}` out: it is read so already"))
    return query


def _beside(model: Model, name: str, regroup: Regroup, says: str, help: str) -> Finding:
    return Finding(
        "bad-question", "question", f"`{name}` is always read under `{regroup.written}`, and the question {says}",
        model.metrics[name].place, why="its translation promises one line on both sides of every comparison", help=help,
    )  # fmt: skip


def _regroups(query: Query, model: Model) -> Iterable[tuple[str, Regroup]]:
    beneath = Beneath(model.metrics)
    for asked in query.metrics:
        for metric in beneath.tree(asked) if asked in model.metrics else ():
            if metric.translation is not None and metric.translation.regroup is not None:
                yield metric.name, metric.translation.regroup


def _asked_versions(query: Query, model: Model) -> Iterable[tuple[str, str, object]]:
    for path in dict.fromkeys((*query.by, *(each for level in query.levels for each in level))):
        for step in path.split("."):
            frame, _, version = step.partition("@")
            line = model.hierarchies.get(frame)
            if version and line is not None and version in line.versions:
                yield frame, version, line.versions[version]

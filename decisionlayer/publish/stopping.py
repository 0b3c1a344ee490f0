"""What is published must be readable: a statement that stops itself is told by the rule that stopped it, before anything is replaced.

A statement guards what no plan can know: an amount whose rate is missing, a cell of two units, a row that has only a part of what it
adds up. In a view such a guard would meet whoever reads it first.
"""

from __future__ import annotations

from decisionlayer.ask import Desk
from decisionlayer.errors import EngineError
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import replace
from decisionlayer.plan.query import Query
from decisionlayer.run.stopped import stopped, with_damage
from decisionlayer.sql.ddl import evaluated, may_stop


def unreadable(desk: Desk, subject: str, place: Place, sql: str, columns: tuple[str, ...]) -> tuple[Finding, ...]:
    """Return why what is published as ``subject`` cannot be read now; nothing where its statement has no guard, or none stops it."""
    assert desk.engine is not None
    if not may_stop(sql):
        return ()
    try:
        desk.engine.rows(evaluated(sql, columns))
    except EngineError as failed:
        return why_stopped(desk, subject, place, failed, "cannot be read")
    return ()


def why_stopped(desk: Desk, subject: str, place: Place, failed: EngineError, what: str) -> tuple[Finding, ...]:
    """Return why a statement of ``subject`` failed: by the rule of the guard that stopped it, else as the warehouse says it."""
    kind, _, name = subject.partition(" ")
    found = stopped(failed, desk.model)
    if found is None:
        return tuple(
            replace(finding, subject=subject, place=place, message=f"{kind} `{name}` {what}: {finding.message}")
            for finding in failed.findings
        )
    told = with_damage(desk, _question(desk, kind, name), found)
    told = replace(told, subject=subject) if told.subject == "question" else told
    return (replace(told, place=told.place or place, message=f"{kind} `{name}` {what}: {told.message}"),)


def _question(desk: Desk, kind: str, name: str) -> Query:
    if kind == "view":
        return Query.of(**desk.model.views[name].question)
    return Query(metrics=tuple(criterion.metric for criterion in desk.model.decisions[name].criteria))

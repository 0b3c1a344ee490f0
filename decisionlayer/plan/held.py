"""What numbers are held to beside their answer: their ledger, what their translations tolerate, their control totals."""

from __future__ import annotations

from decisionlayer.errors import QueryError, refuse
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.ledger import Ask, kept
from decisionlayer.plan.nodes import Plan
from decisionlayer.plan.query import Query
from decisionlayer.resolve.model import Metric, Model
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.switching.control import Held, held


def hold(query: Query, model: Model, plan: Plan, ask: Ask) -> dict[str, dict[str, object]]:
    """Return what the passport of each metric says of what it is held to, where its translation or the question asks for it.

    Raises what is beyond that, of every metric that the asked ones stand on: DL602, DL604.
    """
    found: dict[str, dict[str, object]] = {}
    findings: list[Finding] = []
    beneath = Beneath(model.metrics)
    for name in dict.fromkeys(below.name for asked in query.metrics for below in beneath.tree(asked)):
        metric, told = model.metrics[name], found.setdefault(name, {})
        tolerance = None if metric.translation is None else metric.translation.tolerance
        if tolerance is not None or (query.ledger and name in query.metrics):
            ledger = kept(query, metric, model, plan.paths.get(name, {}), ask, read=plan.definitions, by_key=query.ledger)
            findings += ledger.findings(tolerance)
            told["ledger"] = ledger.as_json()
        control = control_total(query, metric, model, ask)
        if control is not None:
            findings += (each for each in [control.finding()] if each is not None)
            told["control_total"] = control.as_json()
    if any(finding.is_error for finding in findings):
        raise refuse(finding for finding in findings if finding.is_error)
    return found


def control_total(query: Query, metric: Metric, model: Model, ask: Ask) -> Held | None:
    """Return a metric beside its control total in the range of a question; in all periods where the range cuts theirs."""
    control = None if metric.translation is None else metric.translation.control_total
    if control is None:
        return None
    # The whole of both: what the question filters out is no gap.
    asked = Query(
        metrics=(metric.name, control.metric), by=control.by, start=query.start, end=query.end, today=query.today,
        structure=query.structure, definition=query.definition, basis=query.whole_basis, known_on=query.known_on,
    )  # fmt: skip
    try:
        rows = ask(model, asked)
    except QueryError:
        if asked.start is None and asked.end is None:
            raise
        asked = replace(asked, start=None, end=None)
        rows = ask(model, asked)
    over = f"{asked.start or '…'} to {asked.end or '…'}" if asked.start or asked.end else "all periods"
    told = [
        ({name: value for name, value in row.items() if name not in asked.metrics}, row[metric.name], row[control.metric])
        for row in rows
    ]
    return held(metric, control, over, told)

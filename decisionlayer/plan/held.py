"""What numbers are held to beside their answer: their ledger, what their translations tolerate, their control totals."""

from __future__ import annotations

from decisionlayer.errors import QueryError, refuse
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.ledger import Ask, kept
from decisionlayer.plan.lives import Life, lives_of
from decisionlayer.plan.nodes import Plan
from decisionlayer.plan.query import Query
from decisionlayer.resolve.model import ControlTotal, Metric, Model
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
        controls = control_totals(query, metric, model, ask)
        if controls:
            findings += (wrong for each in controls if (wrong := each.finding()) is not None)
            every = [each.as_json() for each in controls]
            told["control_total"] = every[0] if len(every) == 1 else {"ties": all(each.ties for each in controls), "definitions": every}
    if any(finding.is_error for finding in findings):
        raise refuse(finding for finding in findings if finding.is_error)
    return found


def control_totals(query: Query, metric: Metric, model: Model, ask: Ask) -> tuple[Held, ...]:
    """Return a metric beside its control total in the range of a question, in each definition's life beside that definition's own.

    Of all periods of it where the range cuts those of the control total. None without one.
    """
    found: list[Held] = []
    every = (metric, *(model.metrics[edition.name] for edition in metric.editions[1:]))
    controls = dict.fromkeys(each.translation.control_total.metric for each in every if each.translation and each.translation.control_total)
    lives = lives_of(query, model, (metric.name, *controls)) if controls else ()
    for life in lives:
        translation = life.under(metric, model).translation
        control = None if translation is None else translation.control_total
        if control is not None:
            found.append(replace(_held(life, metric, control, model, ask), since=life.since if len(lives) > 1 else None))
    return tuple(found)


def _held(life: Life, metric: Metric, control: ControlTotal, model: Model, ask: Ask) -> Held:
    # The whole of both: what the question filters out is no gap.
    asked = Query(
        metrics=(metric.name, control.metric), by=control.by, start=life.query.start, end=life.query.end, today=life.query.today,
        structure=life.query.structure, definition=life.query.definition, basis=life.query.whole_basis, known_on=life.query.known_on,
    )  # fmt: skip
    whole = replace(asked, start=life.whole.start, end=life.whole.end)
    refused: QueryError | None = None
    for each in (asked,) if whole == asked else (asked, whole):
        try:
            rows = ask(model, each)
        except QueryError as cut:
            refused = cut
            continue
        over = f"{each.start or '…'} to {each.end or '…'}" if each.start or each.end else "all periods"
        told = [
            ({name: value for name, value in row.items() if name not in each.metrics}, row[metric.name], row[control.metric])
            for row in rows
        ]
        return held(metric, control, over, told)
    assert refused is not None
    if not life.editions:
        raise refused
    return Held(metric, control, f"{asked.start or '…'} to {asked.end or '…'}", 0, (), refused=refused.findings)

"""CORRIDOR of the room: a question becomes a plan. Bound, assembled, rewritten, checked."""

from __future__ import annotations

from decisionlayer.capabilities import Capabilities
from decisionlayer.errors import DecisionLayerError, QueryError, refuse
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.bind.bound import BoundQuestion
from decisionlayer.plan.bind.comparisons import compared_columns
from decisionlayer.plan.bind.targets import TARGET
from decisionlayer.plan.check import check_plan
from decisionlayer.plan.extremes import extremes
from decisionlayer.plan.levels import plan_levels
from decisionlayer.plan.nodes import Plan, Present
from decisionlayer.plan.prepared import prepare
from decisionlayer.plan.query import Query
from decisionlayer.plan.rules import RULES, Rule, rewrite
from decisionlayer.resolve.language.types import FLOAT
from decisionlayer.resolve.model import Model


def build(query: Query, model: Model, capabilities: Capabilities, *, rules: tuple[Rule, ...] = RULES) -> Plan:
    """Return the plan of a question; ``rules=()`` leaves it naive, which gives the same rows.

    Raises QueryError, PolicyError or DeclarationError with every finding that keeps the question from being answered.
    """
    if query.levels or query.totals:
        return _build_levels(query, model, rules)
    wrong: list[Finding] = []
    prepared = prepare(query, model, wrong)
    if prepared is None:
        raise _refusal(tuple(wrong))
    question = prepared.question
    ends: Present | None = None
    if query.extremes:
        ends, findings = extremes(query, question, model)
        if ends is None:
            raise _refusal(tuple(findings))
        question = replace(question, groups=ends.fields)
    root, trace = rewrite(prepared.plan() if ends is None else ends, rules)
    plan = Plan(
        root,
        groups=tuple(group.name for group in question.groups),
        metrics=_metrics(question, query),
        fractions=_beside(question, "pct"), differences=_beside(question, "change"),
        trace=trace,
        notes=question.notes,
        paths=question.paths,
        parameters=question.parameters,
        definitions=question.definitions,
        overlaps=any(each.overlaps for rows in question.rows.values() for each in rows.expansions),
        through=question.through,
    )
    check_plan(plan)
    return plan


def _build_levels(query: Query, model: Model, rules: tuple[Rule, ...]) -> Plan:
    findings: list[Finding] = []
    found = plan_levels(query, model, findings)
    if found is None:
        raise _refusal(tuple(findings))
    root, trace = rewrite(found.root, rules)
    plan = Plan(
        root, found.groups, _metrics(found.question, query),
        _beside(found.question, "pct"), _beside(found.question, "change"), trace,
        notes=found.notes, paths=found.paths, parameters=found.parameters, overlaps=found.overlaps,
        through=found.question.through,
        definitions=found.question.definitions,
    )  # fmt: skip
    check_plan(plan)
    return plan


def _beside(question: BoundQuestion, suffix: str) -> frozenset[str]:
    """Return the columns of one kind that stand beside what metrics are compared with: ``pct`` or ``change``."""
    if question.tree is None:
        return frozenset()
    promised = (f"{metric}__{TARGET}" for metric in question.targets)
    return frozenset(f"{column}_{suffix}" for column in (*question.tree.compared, *promised))


def _metrics(question: BoundQuestion, query: Query) -> tuple[tuple[str, str], ...]:
    """Return the columns after the groups, each with the metric that it tells of."""
    compared = () if question.tree is None else question.tree.compared.items()
    beside = [(column, node.metric.name) for column, node in compared]
    beside += [(f"{metric}__{TARGET}", metric) for metric in question.targets]
    told = ((name, metric) for column, metric in beside for name, _ in compared_columns(column, FLOAT))
    return (*((metric, metric) for metric in query.metrics), *told)


def _refusal(findings: tuple[Finding, ...]) -> DecisionLayerError:
    """What the question itself got wrong is mended by asking differently, whatever the code."""
    if any(finding.subject == "question" for finding in findings):
        return QueryError(findings)
    return refuse(findings)

"""CORRIDOR of the room: a question becomes a plan. Bound, assembled, rewritten, checked."""

from __future__ import annotations

from decisionlayer.capabilities import Capabilities
from decisionlayer.errors import DecisionLayerError, QueryError, refuse
from decisionlayer.findings import Finding
from decisionlayer.plan.assemble import assemble
from decisionlayer.plan.bind.question import Binding
from decisionlayer.plan.check import check_plan
from decisionlayer.plan.nodes import Plan
from decisionlayer.plan.query import Query
from decisionlayer.plan.rules import RULES, Rule, rewrite
from decisionlayer.resolve.model import Model


def build(query: Query, model: Model, capabilities: Capabilities, *, rules: tuple[Rule, ...] = RULES) -> Plan:
    """Return the plan of a question; ``rules=()`` leaves it naive, which gives the same rows.

    Raises QueryError, PolicyError or DeclarationError with every finding that keeps the question from being answered.
    """
    binding = Binding(query, model)
    question = binding.result()
    if question is None:
        raise _refusal(tuple(binding.findings))
    root, trace = rewrite(assemble(question, model), rules)
    plan = Plan(
        root,
        groups=tuple(group.name for group in question.groups),
        metrics=tuple((metric, metric) for metric in query.metrics),
        trace=trace,
        notes=question.notes,
        paths=question.paths,
        parameters=question.parameters,
    )
    check_plan(plan)
    return plan


def _refusal(findings: tuple[Finding, ...]) -> DecisionLayerError:
    """What the question itself got wrong is mended by asking differently, whatever the code."""
    if any(finding.subject == "question" for finding in findings):
        return QueryError(findings)
    return refuse(findings)

"""Foretold: what keeps a decision from being looked at, as far as it is known without data: definitions that change within a horizon."""

from __future__ import annotations

from collections.abc import Iterator

from decisionlayer.ask import Desk
from decisionlayer.decide.seen import question
from decisionlayer.errors import DecisionLayerError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.bind.structure import today_in
from decisionlayer.resolve.meaning.unsettled import CODES
from decisionlayer.resolve.model import Decision
from decisionlayer.resolve.reach.beneath import Beneath


def foretold(desk: Desk) -> Iterator[Finding]:
    """Yield DL401 and DL406 of the horizons of every decision that is not broken, as its brief would raise them today."""
    beneath = Beneath(desk.model.metrics)
    for decision in desk.model.decisions.values():
        dated = any(each.editions for criterion in decision.criteria for each in beneath.tree(criterion.metric))
        if dated and f"decision {decision.name}" not in desk.model.broken:
            yield from _of(desk, decision)


def _of(desk: Desk, decision: Decision) -> Iterator[Finding]:
    today = desk.model.today or today_in(desk.model.project)
    for horizon in decision.horizons:
        asked = question(decision, horizon, desk.model.project, today, None)
        try:
            desk.compile(replace(asked, compare=() if horizon.against is None else (horizon.against,)))
        except DecisionLayerError as refused:
            for each in refused.findings:
                if each.code in CODES:
                    yield replace(
                        each, subject=f"decision {decision.name}", place=decision.place,
                        message=f"horizon `{horizon.name}` of decision `{decision.name}`: {each.message}",
                    )  # fmt: skip

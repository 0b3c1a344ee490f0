"""Weights that were moved after numbers had been seen: the criteria of a decision beside those that were signed before.

What was seen when is told by the log: a choice, an outcome, or a flag on the decision or one of its criteria is made by somebody who
has seen numbers. Criteria that were signed before that are the ones that were fixed blindly.

::

    2026-07-01  fund_team is signed: growth weighs 0.2
    2026-07-02  somebody flags one of its numbers, so they are seen
    now         growth weighs 0.4                                       found: it was moved by what was seen
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from decisionlayer.findings import Finding
from decisionlayer.resolve.model import Decision, Model
from decisionlayer.resolve.trust.signable import changed_parts, parts_of_meaning


def moved_weights(model: Model) -> Iterator[Finding]:
    """Yield ``weights-moved`` for each decision whose scales, weights or vetoes are not those that were signed before numbers were seen."""
    if not model.log.records:
        return
    from decisionlayer.declare.records import Sign

    for name, decision in model.decisions.items():
        seen = _first_seen(model, decision)
        signed = [
            sign for _, sign in model.log.of(Sign)
            if seen is not None and sign.dated <= seen and name in sign.parts
        ]  # fmt: skip
        if not signed or f"decision {name}" in model.broken:
            continue
        last = signed[-1]
        told = changed_parts(_criteria(last.parts[name]), _criteria(parts_of_meaning(model, f"decision {name}")))
        if told:
            yield Finding(
                "weights-moved", f"decision {name}",
                f"the criteria of decision `{name}` are not those that `{last.by}` signed on {last.dated}; its numbers were seen on {seen}",
                decision.place, why=f"weights that are moved once the numbers are known can give any answer: {told}",
                help="put the criteria back, or decide anew with the new ones and say so in its `why`",
            )  # fmt: skip


def _criteria(parts: Mapping[str, str]) -> dict[str, str]:
    """Return scales, weights and vetoes; what the metrics themselves mean is another matter."""
    return {key: value.partition("m1:")[0].strip() for key, value in parts.items() if key.startswith("criterion ")}


def _first_seen(model: Model, decision: Decision) -> dt.date | None:
    """Return the day of the first record that tells of somebody who had seen numbers of the decision."""
    from decisionlayer.declare.records import Decide, Flag, Outcome

    about = {decision.name, *(criterion.metric for criterion in decision.criteria)}
    days = [one.dated for _, one in model.log.of(Decide) if one.decide == decision.name]
    days += [one.dated for _, one in model.log.of(Outcome) if one.outcome == decision.name]
    days += [one.dated for _, one in model.log.of(Flag) if one.flag in about]
    return min(days, default=None)

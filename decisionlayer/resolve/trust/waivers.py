"""Waivers: findings that somebody allows for one thing until a day. A waived finding is shown as waived, and never hidden."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from decisionlayer.findings import Finding, Stops, in_order
from decisionlayer.frozen import replace
from decisionlayer.resolve.model import Model

if TYPE_CHECKING:
    from decisionlayer.declare.records import Waive


def with_waivers(model: Model, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings, those that are waived on the model's day marked so; ``waiver-over`` for each whose waiver has ended.

    Only findings of class *advice* can be waived, whatever a record says. Told twice is told once.
    """
    found = tuple(findings)
    if not model.log.records or model.today is None:
        return found
    from decisionlayer.declare.records import Waive

    waivers = [waive for _, waive in model.log.of(Waive) if waive.dated <= model.today]
    told: list[Finding] = []
    for finding in found:
        mine = [waive for waive in waivers if finding.rule.stops is Stops.advice and _covers(waive, finding)]
        last = max(mine, key=lambda waive: waive.until, default=None)
        if last is None or finding.waived:
            told.append(finding)
        elif last.until >= model.today:
            told.append(replace(finding, waived=f"until {last.until} by `{last.by}`: {last.why}"))
        else:
            rule = finding.rule.id or finding.code
            told += [finding, Finding(
                "waiver-over", finding.subject, f"the waiver of {rule} for `{last.for_}` ended on {last.until}", finding.place,
                why=f"`{last.by}` allowed it until then: {last.why}",
                help=f"mend what it found, or allow it again: `decisionlayer record '{{waive: {rule}, for: {last.for_}, …}}'`",
            )]  # fmt: skip
    return in_order(told)


def _covers(waive: Waive, finding: Finding) -> bool:
    return waive.waive in (finding.code, finding.rule.id) and waive.for_ in (finding.subject, finding.subject.partition(" ")[2])

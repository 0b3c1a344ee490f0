"""Outcomes: what was expected of a decision, what was found when it was looked at again, and under which definitions.

::

    decided      criterion   expected   found    missed by
    2026-07-03   held_rate   0.7        0.68     -0.02
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.model import Model


@dataclass(frozen=True, slots=True)
class Outcome:
    """One expectation of a decision that was taken: ``found`` None until somebody has looked.

    ``brief`` is what it was chosen on, whose passports hold the definitions of that day.
    """

    decision: str
    chosen: str
    decided: dt.date
    metric: str
    expected: Decimal
    found: Decimal | None
    looked: dt.date | None
    brief: str | None

    @property
    def gap(self) -> Decimal | None:
        """How far what was found lies above what was expected."""
        return None if self.found is None else self.found - self.expected


def outcomes(model: Model, on: dt.date | None = None) -> tuple[Outcome, ...]:
    """Return every expectation of every decision that was taken by a day, one for each metric, in the order of the log.

    What was found is the last outcome that was recorded after the decision was taken, and before it was taken again.
    """
    if not model.log.records:
        return ()
    from decisionlayer.declare.records import Decide
    from decisionlayer.declare.records import Outcome as Looked

    day = on or model.today or dt.date.today()
    taken = [one for _, one in model.log.of(Decide) if one.dated <= day]
    looked = [one for _, one in model.log.of(Looked) if one.dated <= day]
    found: list[Outcome] = []
    for position, one in enumerate(taken):
        again = next((later.dated for later in taken[position + 1 :] if later.decide == one.decide), dt.date.max)
        since = [each for each in looked if each.outcome == one.decide and one.dated <= each.dated < again]
        for metric, expected in one.expects.items():
            last = next((each for each in reversed(since) if metric in each.found), None)
            found.append(Outcome(
                one.decide, one.choose, one.dated, metric, expected, None if last is None else last.found[metric],
                None if last is None else last.dated, one.brief,
            ))  # fmt: skip
    return tuple(found)


def said(model: Model, found: tuple[Outcome, ...]) -> str:
    """Return outcomes as people read them, one line each."""
    lines = []
    for one in found:
        head = f"{one.decision}: {one.chosen}, chosen on {one.decided}, was to bring {one.metric} to {one.expected:f}"
        if one.found is None or one.gap is None:
            review = model.decisions[one.decision].review_on if one.decision in model.decisions else None
            lines.append(f"{head}; nobody has looked yet{f', the review is on {review}' if review else ''}")
            continue
        lines.append(f"{head}; found on {one.looked}: {one.found:f}, {_way(model, one)}")
    return "\n".join(lines) or "no decision was taken with an expectation"


def _way(model: Model, one: Outcome) -> str:
    assert one.gap is not None
    if one.gap == 0:
        return "as expected"
    metric = model.metrics.get(one.metric)
    better = None if metric is None else metric.better
    told = f"{one.gap:+f}"
    if better not in ("higher", "lower"):
        return told
    return f"{told}, {'better' if (one.gap > 0) == (better == 'higher') else 'worse'} than expected"

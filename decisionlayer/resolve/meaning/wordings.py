"""Wordings: the fingerprints of prose, which change when what is said of a thing changes and none of its numbers."""

from __future__ import annotations

import hashlib

from decisionlayer.resolve.model import Metric, Model


def wording_of(*texts: str | int | None) -> str:
    """Return the wording fingerprint of some texts; how their spaces and lines are broken does not count.

    >>> wording_of("a  b\\n") == wording_of("a b"), wording_of("a", None) == wording_of(None, "a")
    (True, False)
    """
    # Joined, not encoded: prose is most of a project, and no text of it holds these two characters.
    parts = ["\x00" if text is None else " ".join(str(text).split()) for text in texts]
    return "w1:" + hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def metric_wording(metric: Metric, model: Model) -> str:
    """Return the wording fingerprint of a metric: all that is said of it and moves no number."""
    translation = metric.translation
    switch = () if translation is None else (translation.owner, translation.why, translation.loses)
    unit = None if metric.unit is None else str(metric.unit)
    reasons = (None, *(each.reason for each in metric.excludes)) if metric.excludes else ()
    watched = ("watch", *metric.watch) if metric.watch else ()  # it warns and moves no number
    least = () if metric.min_base is None else ("min_base", metric.min_base)
    hands = () if translation is None else (f"{each.by}: {each.does} {each.hours}" for each in translation.manual)
    forward = metric.roll_forward  # it is held against the number, and moves none
    rolled = () if forward is None else ("rolls", *sorted(forward.in_), None, *sorted(forward.out))
    before = [metric_wording(model.metrics[each.name], model) for each in metric.editions[1:] if each.name in model.metrics]
    return wording_of(
        metric.name, metric.title, metric.definition, metric.owner, unit, metric.digits, metric.respond, *switch, *reasons, *watched,
        *least, *hands, *before, *rolled,
    )

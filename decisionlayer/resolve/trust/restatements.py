"""Restatements: which new definitions may be read for the periods before them, because somebody wrote who, why and the effect."""

from __future__ import annotations

import datetime as dt

from decisionlayer.declare import Book
from decisionlayer.findings import Finding
from decisionlayer.resolve.about import About
from decisionlayer.resolve.model import Metric, Model


def is_restated(model: Model, metric: str, since: dt.date) -> bool:
    """Say whether a record restates the periods before a metric's definition of a day."""
    if not model.log.records:
        return False
    from decisionlayer.declare.records import Restate

    return any(record.restate == metric and record.since in (None, since) for _, record in model.log.of(Restate))


def breaks_alone(book: Book, model: Model) -> tuple[Finding, ...]:
    """Return a finding for each metric that broke with its past, with no value of both sides for one period: DL407.

    A record holds such values: what a period ``was`` under the one definition and what it is ``now`` under the other.
    """
    found: list[Finding] = []
    for entry in book.of("metric"):
        metric = model.metrics.get(entry.name)
        if metric is None:
            continue
        for position, edition in enumerate(metric.editions):
            if edition.past == "break" and not is_restated(model, metric.name, edition.since):
                about = About(entry)
                _say(about, metric, position)
                found += about.findings
    return tuple(found)


def _say(about: About, metric: Metric, position: int) -> None:
    since = metric.editions[position].since
    at = ("past",) if position == 0 else ("earlier", position - 1, "past")
    if position + 1 == len(metric.editions):
        about.say(
            "break-alone",
            f"{about.title} broke with its past on {since}, and nothing says what it was before",
            *at,
            why="beside the first numbers of the new definition there is none of the old one, so the step between them cannot be seen",
            help="keep the definition before under `earlier:`, so that its last value stays in sight",
        )
        return
    about.say(
        "break-alone",
        f"{about.title} broke with its past on {since}, and no period was measured under both definitions",
        *at,
        why="how far the number stepped because of the definition alone cannot be told any more",
        help="if the data tell old periods, say `past: restated`; else measure one period both ways, and record it: "
        f"`decisionlayer record '{{restate: {metric.name}, since: {since}, start: …, end: …, was: …, now: …, why: …, by: …}}'`",
    )

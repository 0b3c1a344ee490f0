"""Asking: the names of a question, of which metrics, clocks and things to split by, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.findings import Finding
from decisionlayer.names import did_you_mean
from decisionlayer.plan.bind.bound import Split
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.bind.periods import read_period, uneven
from decisionlayer.plan.bind.tree import Node
from decisionlayer.plan.query import Query
from decisionlayer.resolve.language.tree import Name
from decisionlayer.resolve.model import Model


def asked_metrics(query: Query, model: Model, findings: list[Finding]) -> tuple[str, ...]:
    """Return the metrics that a question asks for and that are sound; findings for the others."""
    found = []
    for name in query.metrics:
        broken = model.broken.get(f"metric {name}")
        if broken:
            findings.extend(broken)
        elif name in model.metrics and model.metrics[name].edition_of is None:
            found.append(name)
        else:
            findings.append(_unknown_metric(name, model))
    return tuple(found)


def _unknown_metric(name: str, model: Model) -> Finding:
    paths = Columns.of(model).paths
    parts = tuple(name.split("."))
    is_path = any(paths.bind(source, parts) is not None for source in model.sources)
    if is_path or read_period(name, frozenset()) is not None:
        return Finding(
            "bad-question", "question", f"`{name}` is something to split by, not a metric", help="ask for it under `by`",
        )  # fmt: skip
    unread = dict.fromkeys(f.place.file for f in model.findings if f.code == "unreadable" and f.place is not None)
    return Finding(
        "unknown-name", "question", f"there is no metric `{name}`",
        why=f"what {' and '.join(unread)} may declare cannot be read; `check` says why" if unread else "",
        help=did_you_mean(name, model.named_metrics),
    )  # fmt: skip


def askable_clocks(model: Model, leaves: Iterable[Node]) -> frozenset[str]:
    """Return the columns that a question may ask periods of: clocks of its sources that are no dimension of another kind."""
    asked = dict.fromkeys(leaf.rows_are_of for leaf in leaves) or model.sources
    found: set[str] = set()
    for source in (model.sources[name] for name in asked):
        for clock in source.clocks:
            known = source.dimensions.get(clock.column)
            if known is None or known.expr == Name((clock.column,)):
                found.add(clock.column)
    return frozenset(found)


def read_split(asked: str, model: Model, clocks: frozenset[str], findings: list[Finding]) -> Split | None:
    """Return what a question is split by; None after a finding."""
    if asked in model.metrics or f"metric {asked}" in model.broken:
        findings.append(Finding(
            "bad-question", "question", f"`{asked}` is a metric, and a question is split by dimensions",
            help="ask for it under `metrics`",
        ))  # fmt: skip
        return None
    if not all(asked.split(".")):
        findings.append(Finding("unreachable-dimension", "question", f"`{asked}` is no path"))
        return None
    period = read_period(asked, clocks, model.project.almanac)
    wrong = _no_period(asked, model) if period is None else uneven(period, model.project.almanac)
    if wrong is not None:
        findings.append(wrong)
        return None
    return Split(asked, period)


def _no_period(asked: str, model: Model) -> Finding | None:
    """``unknown-name`` for a period that a calendar does not have, and what is wrong with a calendar that cannot be used."""
    for frame in asked.split(".")[:-1]:
        broken = model.broken.get(f"frame {frame}")
        if broken:
            return broken[0]
        calendar = model.project.calendars.get(frame)
        if calendar is not None:
            return Finding(
                "unknown-name", "question", f"the calendar `{frame}` has no period `{asked.rpartition('.')[2]}`",
                help=did_you_mean(asked.rpartition(".")[2], calendar.grains),
            )  # fmt: skip
    return None

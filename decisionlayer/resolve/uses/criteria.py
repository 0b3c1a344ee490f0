"""Criteria: by what a decision weighs its options, each with a scale, a weight and perhaps a veto."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from decisionlayer import declare
from decisionlayer.findings import Severity
from decisionlayer.resolve.about import About, listed
from decisionlayer.resolve.model import Metric, Model, Purpose


def check_criteria(about: About, item: declare.Decision, model: Model, metrics: Mapping[str, Metric]) -> None:
    """Check the criteria of a decision; ``metrics`` are those that can be used.

    Codes: ``missing-key duplicate-name purpose-mismatch no-direction no-scale wrong-argument``.
    """
    if not item.criteria:
        about.say(
            "missing-key",
            f"{about.title} has no criterion by which its options are weighed",
            soft=Severity.warning,
            why="a decision without numbers can be neither shown nor learnt from",
            help="add `criteria:` with the choice metrics that matter",
        )
    seen: set[str] = set()
    for position, criterion in enumerate(item.criteria):
        if criterion.metric in seen:
            about.say(
                "duplicate-name",
                f"{about.title} weighs `{criterion.metric}` twice",
                "criteria",
                position,
                "metric",
                why="it would count twice",
                help="name each metric once and give it one weight",
            )
        seen.add(criterion.metric)
        metric = metrics.get(criterion.metric)
        if metric is not None and item.kind == "choice":
            _check_purpose(about, metric, model, position)
        _check_scale(about, criterion, metric, position)
    _check_weights(about, item)


def _check_purpose(about: About, metric: Metric, model: Model, position: int) -> None:
    if metric.purpose is not Purpose.action:
        return
    above = translations_of(model, metric.name)
    who = metric.owner or "the frontline"
    about.say(
        "purpose-mismatch",
        f"{about.title} weighs `{metric.name}`, which is a number for action",
        "criteria",
        position,
        "metric",
        why=f"it tells {who} what to do next; nobody has said what it means for this choice",
        help=(
            f"weigh {listed(above, 'or')} instead, which translates it"
            if above
            else f"declare a choice metric with a translation from `{metric.name}`, and weigh that"
        ),
    )


def translations_of(model: Model, name: str) -> tuple[str, ...]:
    """Return the choice metrics that take ``name`` in through a translation, sorted."""
    return tuple(
        sorted(
            metric.name
            for metric in model.named_metrics.values()
            if metric.translation is not None and name in metric.translation.source_metrics
        )
    )


def _check_scale(about: About, criterion: declare.Criterion, metric: Metric | None, position: int) -> None:
    better = None if metric is None else metric.better
    if metric is not None and better in (None, "none"):
        said = "says `better: none`" if better == "none" else "does not say which way is better"
        about.say(
            "no-direction",
            f"{about.title} weighs `{metric.name}`, which {said}",
            "criteria",
            position,
            "metric",
            why="without it nobody can say which option it speaks for",
            help=f"write `better: higher`, `lower` or `{{near: …}}` on `{metric.name}`",
        )
    if criterion.scale is None:
        if criterion.weight is not None:
            about.say(
                "no-scale",
                f"{about.title} gives `{criterion.metric}` a weight and no scale",
                "criteria",
                position,
                why="a scale taken from the options themselves lets a bad new option reorder the good ones",
                help="write `scale: {worst: …, best: …}`: the level that is worth 0 and the one that is worth 1",
            )
        return
    worst, best = criterion.scale.worst, criterion.scale.best
    scale = f"the scale of `{criterion.metric}` says"
    if worst == best:
        fault = f"the scale of `{criterion.metric}` has the same level, {best}, as worst and best"
    elif better == "higher" and best < worst:
        fault = f"{scale} that {best} is best and {worst} worst; the metric says that higher is better"
    elif better == "lower" and best > worst:
        fault = f"{scale} that {best} is best and {worst} worst; the metric says that lower is better"
    elif isinstance(better, Decimal) and best != better:
        fault = (
            f"the scale of `{criterion.metric}` says that {best} is best; the metric says that near {better} is better"
        )
    else:
        return
    about.say(
        "wrong-argument",
        fault,
        "criteria",
        position,
        "scale",
        why="the option that does worst would get the highest score",
        help="turn the scale round, or correct `better` on the metric" if worst != best else "give two levels",
    )


def _check_weights(about: About, item: declare.Decision) -> None:
    weights = [criterion.weight for criterion in item.criteria if criterion.weight is not None]
    for position, criterion in enumerate(item.criteria):
        if criterion.weight is not None and criterion.weight <= 0:
            about.say(
                "wrong-argument",
                f"{about.title} gives `{criterion.metric}` the weight {criterion.weight}",
                "criteria",
                position,
                "weight",
                help="a weight is above 0; which way is better stands on the metric",
            )
            return
    if weights and sum(weights) != 1:
        about.say(
            "wrong-argument",
            f"the weights of {about.title} add up to {sum(weights)}, not to 1",
            "criteria",
            why="each weight is the share of the score that its criterion decides",
            help=f"change them so that they add up to 1: {' + '.join(str(weight) for weight in weights)} = {sum(weights)}",
        )

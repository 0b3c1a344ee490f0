"""The passport of a number: its meaning in plain data, so that it can travel with the number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.model import Formula, Grain, Match, Measure, Metric, Model
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.telling.translations import as_json
from decisionlayer.resolve.trust.standing import Standing, Standings
from decisionlayer.resolve.values.editions import Read


def passport(
    model: Model, metric: Metric, *, paths: Mapping[str, str] | None = None, standing: Standing | None = None
) -> Mapping[str, object]:
    """Return what a reader must know of a metric: what it means, who answers for it, how it came to be, how far to trust it.

    ``paths`` are the asked paths as they were bound for this metric; ``standing`` is that of the number as it was asked.
    Absent texts are empty, absent things None.
    """
    standing = standing or Standings.of(model).thing(f"metric {metric.name}")
    return {
        "role": "metric",
        "metric": metric.name,
        "title": metric.title,
        "definition": metric.definition,
        "purpose": metric.purpose.value if metric.purpose else None,
        "owner": metric.owner,
        "unit": metric.unit_said,
        "better": None if metric.better is None else str(metric.better),
        "respond": metric.respond,
        "grain": _grain(metric.limit),
        "formula": _formula(metric),
        **_read_along(metric),
        "rows": _rows(metric),
        "translation": _translation(metric),
        "stands_on": _stands_on(metric),
        "words": _words(model, metric),
        "paths": dict(paths or {}),
        "additivity": metric.additivity.value,
        "approximate": metric.approximate,
        "digits": metric.digits,
        "meaning": metric.meaning,
        "wording": metric.wording,
        "status": standing.status,
        "draft_because": standing.because,
        "lacks": [finding.message for finding in standing.lacks],
        "signatures": standing.signed(),
        "flags": [flag.plain() for flag in standing.flags],
    }


def definitions(model: Model, metric: str, read: Iterable[Read]) -> list[Mapping[str, object]]:
    """Return the definitions in time that a number stands on: which metric, as it was defined from when until when, read how."""
    beneath = {each.name for each in Beneath(model.metrics).tree(metric)}
    found: list[Mapping[str, object]] = []
    for each in read:
        if each.metric not in beneath and not each.dimension:
            continue
        every = model.metrics[each.metric].editions
        for edition in each.editions:
            newer = every[every.index(edition) - 1] if every.index(edition) else None
            own = model.metrics[edition.name]
            found.append({
                "metric": each.metric,
                "read": each.definition,
                "since": edition.since.isoformat(),
                "until": None if newer is None else (newer.since - dt.timedelta(days=1)).isoformat(),
                "past": edition.past,
                "definition": own.definition,
                "meaning": own.meaning,
                **({"dimension": each.dimension} if each.dimension else {}),
            })  # fmt: skip
    return found


def _grain(grain: Grain) -> Mapping[str, object]:
    return {"time": grain.time, "by": None if grain.by is None else list(grain.by)}


def _formula(metric: Metric) -> str:
    return text_of(metric.body.expr)


def _read_along(metric: Metric) -> Mapping[str, object]:
    """Which day of a longer period an accumulation is, where it is not the last."""
    body = metric.body
    return {"over_time": body.over_time} if isinstance(body, Formula) and body.over_time is not None else {}


def _rows(metric: Metric) -> Mapping[str, object] | None:
    body = metric.body
    if not isinstance(body, Measure):
        return None
    return {
        "source": body.source,
        "population": None if body.population is None else text_of(body.population),
        "where": None if body.where is None else text_of(body.where),
        "clock": body.clock,
        "over_time": body.over_time,
        "last_of_each": [".".join(parts) for parts in body.last_of_each],
        "followed_by": _followed_by(body.match),
    }


def _followed_by(match: Match | None) -> Mapping[str, object] | None:
    """What the rows of a conversion are followed by."""
    if match is None:
        return None
    return {
        "source": match.source,
        "where": None if match.where is None else text_of(match.where),
        "clock": match.clock,
        "within": within(match),
        "same": [f"{mine.text} = {theirs.text}" for mine, theirs in match.same],
        "counts": "to_events" if match.by_event else "from_events",
    }


def within(match: Match) -> str | None:
    """Return the window as it is written: ``7 days``; None for one without end."""
    return f"{match.count} {match.unit}{'' if match.count == 1 else 's'}" if match.count else None


def _translation(metric: Metric) -> Mapping[str, object] | None:
    translation = metric.translation
    if translation is None:
        return None
    return {
        "owner": translation.owner,
        "why": translation.why,
        "loses": translation.loses,
        "from": list(translation.source_metrics),
        "excludes": [{"when": text_of(each.when), "reason": each.reason} for each in metric.excludes],
        **as_json(translation),
    }


def _stands_on(metric: Metric) -> list[str]:
    body = metric.body
    if isinstance(body, Formula):
        return [*(f"metric {term.metric}" for term in body.terms.values()), *(f"assumption {a}" for a in body.assumptions), *_frames(body)]
    return [f"source {body.source}"] if body.match is None else [f"source {body.source}", f"source {body.match.source}"]


def _frames(body: Formula) -> list[str]:
    return list(dict.fromkeys(f"frame {term.convert.frame}" for term in body.terms.values() if term.convert is not None))


def _words(model: Model, metric: Metric) -> list[Mapping[str, object]]:
    return [
        {
            "word": word.word,
            "frontline": word.frontline_says,
            "executive": word.executive_says,
            "match": word.match,
            "frontline_example": word.frontline_example,
            "executive_example": word.executive_example,
            "not_the_same_as": list(word.not_the_same_as),
        }
        for word in model.words
        if metric.name in (word.frontline_metric, word.executive_metric)
    ]

"""Sentences: what a ranking says, how firmly, and what one option gives up against another, in the executive's words."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from decisionlayer.decide.firmness import NEAR, Ranking, percent
from decisionlayer.decide.scoring import Place, leaders
from decisionlayer.resolve.model import Metric, Model
from decisionlayer.resolve.quantities.printed import POINTS, behind


def verdict(ranking: Ranking) -> str:
    """Return in one sentence who is first, and what would change that."""
    first = ranking.first
    if not first:
        return "No option has a place."
    who = first[0] if len(first) == 1 else f"{', '.join(first[:-1])} and {first[-1]}"
    says = f"{who} {'is' if len(first) == 1 else 'share the'} first" + ("" if len(first) == 1 else " place")
    hangs = [f"if `{swap.definition.name}` is read as the frontline reads it, {_them(leaders(swap.places))}" for swap in ranking.flips()]
    hangs += [
        f"if the weight of `{even.criterion}` {'exceeds' if even.weight >= weight else 'falls below'} {percent(even.weight)}"
        f" (now {percent(weight)}), {_them((even.between[1],))}"
        for even, weight in ranking.nearest()
        if abs(even.weight - weight) <= NEAR
    ]
    if not hangs:
        held = ["whichever definition is swapped"] if ranking.swaps else []
        held += ["with every weight moved by up to 15 points"] if sum(one.counts for one in ranking.criteria) > 1 else []
        return ", ".join((says, ", and ".join(held))) + "." if held else f"{says}."
    return f"{says}; {'; '.join(hangs)}."


def _them(options: tuple[str, ...]) -> str:
    if not options:
        return "nobody is"
    return f"{options[0]} is" if len(options) == 1 else f"{', '.join(options[:-1])} and {options[-1]} are"


def trade_offs(model: Model, ranking: Ranking) -> Iterator[str]:
    """Yield what each option that nothing dominates gives up against the first, and gains: one sentence each."""
    ranked = [place for place in ranking.governed if place.place is not None and not place.dominated_by]
    best = next((place for place in ranked if place.option in ranking.first), None)
    if best is None:
        return
    for other in ranked:
        if other is best:
            continue
        ahead = [_lead(model.metrics[one.metric], best, other) for one in ranking.criteria if _is_ahead(ranking, one.metric, best, other)]
        behind = [_lead(model.metrics[one.metric], other, best) for one in ranking.criteria if _is_ahead(ranking, one.metric, other, best)]
        if ahead or behind:
            gains = f"{best.option} has {_and(ahead)} than {other.option}" if ahead else f"{best.option} is ahead of {other.option} nowhere"
            yield f"{gains}; {other.option} has {_and(behind)}." if behind else f"{gains}."


def _is_ahead(ranking: Ranking, metric: str, one: Place, other: Place) -> bool:
    criterion = next(each for each in ranking.criteria if each.metric == metric)
    mine, theirs = one.values[metric], other.values[metric]
    return mine is not None and theirs is not None and criterion.good(mine) > criterion.good(theirs)


def _lead(metric: Metric, one: Place, other: Place) -> str:
    mine, theirs = one.values[metric.name], other.values[metric.name]
    assert mine is not None and theirs is not None
    gap = mine - theirs
    return f"{metric.title or metric.name} {amount(metric, abs(gap))} {'higher' if gap > 0 else 'lower'}"


def amount(metric: Metric, gap: Fraction) -> str:
    """Return a difference as people say it: shares in points, all else in the metric's unit, with digits that tell something."""
    unit = "" if metric.unit is None else str(metric.unit)
    if unit == "percent":
        return f"{_digits(gap * 100)} {POINTS}"
    return f"{_digits(gap)}{behind(unit)}"


def _digits(value: Fraction) -> str:
    places = 0 if value >= 100 else 1 if value >= 10 else 2
    text = f"{float(value):,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _and(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"

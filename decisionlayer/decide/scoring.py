"""Scoring: veto, then dominance, then one additive value on declared scales; plain arithmetic on exact fractions.

::

    cost 60 → 20, weight 0.5   rate 50 → 100 %, weight 0.3   growth 0 → 20 %, weight 0.2
    A  36  0.600               75  0.500                      5  0.250                   0.5000
    B  35  0.625               90  0.800                      5  0.250                   0.6025   no worse than A anywhere
    C  42  0.450               80  0.600                     12  0.600                   0.5250

No scale is ever taken from the options, so that a further option changes no score of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import TypeAlias

from decisionlayer.frozen import dataclass

#: Scores that agree to so many digits are one score: what lies beyond is the noise of floating columns.
DIGITS = 12

#: The value of each criterion for one option; None where it has none.
Levels: TypeAlias = Mapping[str, Fraction | None]


@dataclass(frozen=True, slots=True)
class Scored:
    """A criterion as scoring needs it: which way is better, its scale, its weight, its veto.

    ``better`` is ``higher``, ``lower`` or the level that is best to be near to.
    """

    metric: str
    better: str | Fraction
    worst: Fraction | None = None
    best: Fraction | None = None
    weight: Fraction | None = None
    veto: Fraction | None = None

    def good(self, level: Fraction) -> Fraction:
        """Return how good a level is, so that more is better."""
        if self.better == "higher":
            return level
        return -level if isinstance(self.better, str) else -abs(level - self.better)

    def worth(self, level: Fraction) -> Fraction:
        """Return what a level is worth on the scale: 0 at ``worst`` and beyond it, 1 at ``best`` and beyond it.

        A level on the other side of one that is best to be near to is worth what the level as far away on this side is.
        """
        assert self.worst is not None and self.best is not None
        if isinstance(self.better, Fraction):
            level = self.best + (abs(level - self.best) if self.worst > self.best else -abs(level - self.best))
        share = (level - self.worst) / (self.best - self.worst)
        return min(max(share, Fraction(0)), Fraction(1))

    def is_vetoed(self, level: Fraction) -> bool:
        """Whether a level lies beyond the veto; at the veto it does not."""
        return self.veto is not None and self.good(level) < self.good(self.veto)

    @property
    def counts(self) -> bool:
        """Whether it enters the score."""
        return self.weight is not None and self.worst is not None


@dataclass(frozen=True, slots=True)
class Place:
    """Where an option stands: its place (equal scores share one) and score; None for what is vetoed or lacks a value.

    ``vetoed`` names the criteria beyond whose veto it lies, ``missing`` those for which it has no value, ``dominated_by``
    the options that are no worse on any criterion and better on one.
    """

    option: str
    place: int | None
    score: Fraction | None
    values: Levels
    vetoed: tuple[str, ...]
    missing: tuple[str, ...]
    dominated_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BreakEven:
    """The weight of a criterion at which two options are worth the same, the other weights keeping their proportions."""

    criterion: str
    between: tuple[str, str]
    weight: Fraction


def places(criteria: Sequence[Scored], options: Mapping[str, Levels]) -> tuple[Place, ...]:
    """Return every option with its place: by place, then those without one, each in the order of their names."""
    vetoed = {option: tuple(c.metric for c in criteria if _vetoed(c, levels)) for option, levels in options.items()}
    missing = {option: tuple(c.metric for c in criteria if levels.get(c.metric) is None) for option, levels in options.items()}
    scores = {
        option: None if vetoed[option] or any(c.metric in missing[option] for c in criteria if c.counts) else score(criteria, levels)
        for option, levels in options.items()
    }
    order = _order(criteria, options, scores, vetoed, missing)
    found = [
        Place(
            option, order.get(option), scores[option], levels, vetoed[option], missing[option],
            tuple(sorted(
                other for other, others in options.items()
                if not vetoed[other] and not vetoed[option] and dominates(criteria, others, levels)
            )),
        )
        for option, levels in options.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.place is None, one.place or 0, bool(one.vetoed), one.option)))


def _vetoed(criterion: Scored, levels: Levels) -> bool:
    level = levels.get(criterion.metric)
    return level is not None and criterion.is_vetoed(level)


def _order(
    criteria: Sequence[Scored],
    options: Mapping[str, Levels],
    scores: Mapping[str, Fraction | None],
    vetoed: Mapping[str, tuple[str, ...]],
    missing: Mapping[str, tuple[str, ...]],
) -> Mapping[str, int]:
    """Return the place of each option that has one. A lone criterion without a weight ranks by its own level."""
    rank: dict[str, Fraction] = {option: told for option, value in scores.items() if (told := rounded(value)) is not None}
    if not rank and len(criteria) == 1 and criteria[0].weight is None:
        alone = criteria[0]
        for option, levels in options.items():
            level = levels.get(alone.metric)
            if level is not None and not vetoed[option] and not missing[option]:
                rank[option] = alone.good(level)
    return {option: 1 + sum(other > value for other in rank.values()) for option, value in rank.items()}


def score(criteria: Iterable[Scored], levels: Levels) -> Fraction | None:
    """Return the additive value of an option; None without weights, or where a value lacks."""
    total, weighed = Fraction(0), False
    for criterion in criteria:
        if criterion.counts:
            level = levels.get(criterion.metric)
            if level is None:
                return None
            assert criterion.weight is not None
            total += criterion.weight * criterion.worth(level)
            weighed = True
    return total if weighed else None


def rounded(value: Fraction | None) -> Fraction | None:
    """Return a score without the noise of floating columns."""
    return None if value is None else round(value, DIGITS)


def dominates(criteria: Iterable[Scored], one: Levels, other: Levels) -> bool:
    """Whether ``one`` is no worse on any criterion and better on at least one; never where a value lacks."""
    is_better = False
    for criterion in criteria:
        mine, theirs = one.get(criterion.metric), other.get(criterion.metric)
        if mine is None or theirs is None:
            return False
        ahead = round(criterion.good(mine) - criterion.good(theirs), DIGITS)
        if ahead < 0:
            return False
        is_better = is_better or ahead > 0
    return is_better


def leaders(found: Iterable[Place]) -> tuple[str, ...]:
    """Return the options that share the first place, none where nothing is ranked."""
    return tuple(one.option for one in found if one.place == 1)


def break_evens(criteria: Sequence[Scored], found: Sequence[Place]) -> tuple[BreakEven, ...]:
    """Return, for each weight, where a leader and another option would change places.

    One weight moves from 0 to 1 and the others keep their proportions to each other.
    """
    weighed = [criterion for criterion in criteria if criterion.counts]
    if len(weighed) < 2:
        return ()
    first = leaders(found)
    ranked = [one for one in found if one.place is not None]
    result = []
    for criterion in weighed:
        rest = [other for other in weighed if other is not criterion]
        for one, other in combinations(ranked, 2):
            if one.option not in first:
                continue
            here, there = _split(criterion, rest, one.values), _split(criterion, rest, other.values)
            own, others = here[0] - there[0], here[1] - there[1]
            if own == others:
                continue
            # own · w + others · (1 - w) = 0
            weight = others / (others - own)
            if 0 < weight < 1:
                result.append(BreakEven(criterion.metric, (one.option, other.option), weight))
    return tuple(result)


def _split(criterion: Scored, rest: Sequence[Scored], values: Levels) -> tuple[Fraction, Fraction]:
    """Return what an option is worth on one criterion, and on the others together, as if the first had no weight."""
    level = values[criterion.metric]
    assert level is not None
    share = sum((c.weight for c in rest if c.weight is not None), Fraction(0))
    return criterion.worth(level), (score(rest, values) or Fraction(0)) / share


def exact(value: object) -> Fraction | None:
    """Return a number of a result exactly as people see it; None for a missing one."""
    if value is None:
        return None
    if isinstance(value, float):
        return Fraction(Decimal(repr(value)))
    assert isinstance(value, int | Decimal | Fraction)
    return Fraction(value)


def written(value: Fraction | None) -> Decimal | None:
    """Return a level with all its digits where they end, else with twelve."""
    ends = value is not None and (value * 10**24).denominator == 1
    return decimal(value, 24 if ends else DIGITS)


def decimal(value: Fraction | None, digits: int = DIGITS) -> Decimal | None:
    """Return a fraction as a decimal of at most so many digits after the point, without zeros at its end.

    >>> decimal(Fraction(59, 171)), decimal(Fraction(1, 2)), decimal(Fraction(20))
    (Decimal('0.345029239766'), Decimal('0.5'), Decimal('20'))
    """
    if value is None:
        return None
    near = round(value, digits)
    whole = near * 10**digits
    assert whole.denominator == 1
    text = f"{abs(whole.numerator):0{digits + 1}d}"
    text = f"{text[:-digits]}.{text[-digits:]}".rstrip("0").rstrip(".")
    return Decimal(f"-{text}" if near < 0 else text)

"""Firmness: what a ranking hangs on. Which definition, left out, changes it; at which weight; over which horizon.

A score alone is never shown: beside it stand the ranking with each definition replaced by its frontline reading, the weights
at which the first place changes hands, and the horizons over which it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from decisionlayer.ask import Desk
from decisionlayer.decide.definitions import Definition, definitions, without
from decisionlayer.decide.naive_walks import NaiveWalk, naive_levels, naive_walks
from decisionlayer.decide.scoring import BreakEven, Place, Scored, break_evens, leaders, places
from decisionlayer.decide.seen import Seen
from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.about import listed
from decisionlayer.resolve.model import Criterion, Decision, Model

#: A weight that changes the first place when it moves by no more than this makes a ranking fragile.
NEAR = Fraction(15, 100)


@dataclass(frozen=True, slots=True)
class Swap:
    """The ranking under another reading; ``refused`` says why there is none."""

    definition: Definition
    places: tuple[Place, ...]
    refused: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """The options over one horizon: governed, naive, with one definition left out, with only one kept, and the break-evens."""

    seen: Seen
    criteria: tuple[Scored, ...]
    governed: tuple[Place, ...]
    naive: Swap
    swaps: tuple[Swap, ...]
    only: tuple[Swap, ...]
    break_evens: tuple[BreakEven, ...]
    naive_walks: tuple[NaiveWalk, ...] = ()

    @property
    def name(self) -> str:
        """The name of its horizon."""
        return self.seen.horizon.name

    @property
    def first(self) -> tuple[str, ...]:
        """The options that share the first place."""
        return leaders(self.governed)

    def flips(self) -> tuple[Swap, ...]:
        """Return the definitions without which other options are first."""
        return tuple(swap for swap in self.swaps if swap.places and set(leaders(swap.places)) != set(self.first))

    def nearest(self) -> Iterator[tuple[BreakEven, Fraction]]:
        """Yield, for each weight and each way that it may move, the first break-even on that way, and the weight as it is."""
        weights = {one.metric: one.weight for one in self.criteria if one.weight is not None}
        for metric, weight in weights.items():
            own = [one for one in self.break_evens if one.criterion == metric]
            above = [one for one in own if one.weight >= weight]
            below = [one for one in own if one.weight < weight]
            if below:
                yield max(below, key=lambda one: one.weight), weight
            if above:
                yield min(above, key=lambda one: one.weight), weight


@dataclass(frozen=True, slots=True)
class Crossover:
    """Two options that change places between one horizon and the next."""

    between: tuple[str, str]
    horizons: tuple[str, str]


def scored(model: Model, criterion: Criterion) -> Scored:
    """Return a criterion as scoring needs it."""
    better = model.metrics[criterion.metric].better
    assert better is not None

    def fraction(value: object) -> Fraction | None:
        return None if value is None else Fraction(str(value))

    return Scored(
        criterion.metric, better if isinstance(better, str) else Fraction(better), fraction(criterion.worst),
        fraction(criterion.best), fraction(criterion.weight), fraction(criterion.veto),
    )  # fmt: skip


def rank(desk: Desk, seen: Seen) -> Ranking:
    """Return the options of a decision ranked over one horizon, and what that ranking hangs on."""
    model = desk.model
    criteria = tuple(scored(model, criterion) for criterion in seen.decision.criteria)
    known = definitions(model, seen.criteria, seen.query)

    def read(definition: Definition, left_out: Sequence[Definition]) -> Swap:
        try:
            return Swap(definition, places(criteria, seen.levels(desk, without(model, left_out, seen.query))))
        except QueryError as refused:  # a frontline reading that cannot be compared is no ranking
            return Swap(definition, (), refused.findings)

    governed = places(criteria, seen.levels(desk))
    walked = naive_walks(desk, seen)
    return Ranking(
        seen, criteria, governed,
        naive=_naive(criteria, walked, seen.options()),
        swaps=tuple(read(one, [one]) for one in known),
        only=tuple(read(one, [other for other in known if other is not one]) for one in known),
        break_evens=break_evens(criteria, governed), naive_walks=walked,
    )  # fmt: skip


def _naive(criteria: Sequence[Scored], walked: tuple[NaiveWalk, ...], options: tuple[str, ...]) -> Swap:
    """Return the ranking at the end of every naive walk."""
    every = Definition("naive", (), "each definition replaced by its frontline reading")
    refused = tuple(finding for walk in walked for finding in walk.refused)
    return Swap(every, (), refused) if refused else Swap(every, places(criteria, naive_levels(walked, options)))


def crossovers(rankings: Sequence[Ranking]) -> tuple[Crossover, ...]:
    """Return the leaders that change places with another option between one horizon and the next."""
    found = []
    for one, other in pairwise(rankings):
        before = {place.option: place.place for place in one.governed if place.place is not None}
        after = {place.option: place.place for place in other.governed if place.place is not None}
        for option in sorted(before):
            for rival in sorted(before):
                if option not in one.first or rival not in other.first or {option, rival} - after.keys():
                    continue
                if before[option] < before[rival] and after[option] > after[rival]:
                    found.append(Crossover((option, rival), (one.name, other.name)))
    return tuple(found)


def findings(decision: Decision, ranking: Ranking, chosen: Iterable[str]) -> Iterator[Finding]:
    """Yield ``dominated-choice`` for a dominated option among those that are chosen or expected, and ``fragile-ranking``."""
    subject, where = f"decision {decision.name}", f"over `{ranking.name}`"
    expected = tuple(chosen)
    for place in ranking.governed:
        if place.option in expected and place.dominated_by:
            yield Finding(
                "dominated-choice", subject,
                f"decision `{decision.name}` expects to choose `{place.option}`, and {where} {listed(place.dominated_by)}"
                f" {'is' if len(place.dominated_by) == 1 else 'are'} no worse on any criterion and better on one",
                decision.place, why="whatever the weights say, it is the worse choice by these criteria",
                help=f"choose {listed(place.dominated_by, 'or')}, or add the criterion for which `{place.option}` is better",
            )  # fmt: skip
    if not ranking.first:
        return
    hangs = [f"`{one.definition.name}` is read as the frontline reads it ({listed(leaders(one.places))})" for one in ranking.flips()]
    for even, weight in ranking.nearest():
        if abs(even.weight - weight) <= NEAR:
            moves = "exceeds" if even.weight >= weight else "falls below"
            hangs.append(f"the weight of `{even.criterion}` {moves} {percent(even.weight)} ({listed([even.between[1]])})")
    if hangs:
        yield Finding(
            "fragile-ranking", subject,
            f"decision `{decision.name}` {where}: the first place of {listed(ranking.first)} is lost if {'; or if '.join(hangs)}",
            decision.place, why="a small disagreement about weights or words decides the choice",
            help="settle that definition and those weights before you look at the scores",
        )  # fmt: skip


def percent(value: Fraction) -> str:
    """Return a share as people read it: ``34.5 %``."""
    return f"{float(value) * 100:.1f} %"

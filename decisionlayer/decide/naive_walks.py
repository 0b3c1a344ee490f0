"""Naive walks of a brief: for each criterion and option, the steps from the governed figure to the frontline's, all options at once.

Units stay those of the choice metric, as the scale of the decision needs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from decisionlayer.ask import Desk
from decisionlayer.decide.naive import undo, worded
from decisionlayer.decide.readings import Reading, Undone
from decisionlayer.decide.scoring import Levels, written
from decisionlayer.decide.seen import Seen
from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.meaning.comparing import difference


@dataclass(frozen=True, slots=True)
class NaiveWalk:
    """The way of one criterion from governed to naive: its steps, and for each option the figure before the first and after each.

    ``refused`` says why there is none.
    """

    metric: str
    steps: tuple[tuple[str, str, str], ...] = ()
    levels: tuple[Mapping[str, Fraction | None], ...] = field(default=())
    refused: tuple[Finding, ...] = ()

    def as_json(self, options: tuple[str, ...]) -> dict[str, object]:
        """Return the walk as a brief holds it: the steps once, and what each makes of each option; changes sum to the gap."""
        if self.refused:
            return {"metric": self.metric, "steps": [], "options": [], "refused": self.refused[0].message}
        told = []
        for option in options:
            figures = [written(level.get(option)) for level in self.levels]
            changes = [difference(before, after) for before, after in pairwise(figures)]
            gap: Decimal | None = difference(figures[0], figures[-1])
            told.append({"option": option, "governed": figures[0], "naive": figures[-1], "gap": gap, "changes": changes})
        steps = [{"name": name, "cause": cause, "why": why} for name, cause, why in self.steps]
        return {"metric": self.metric, "steps": steps, "options": told}


def naive_walks(desk: Desk, seen: Seen) -> tuple[NaiveWalk, ...]:
    """Return the walk of each criterion over one horizon, in order."""
    return tuple(_walk(desk, seen, name) for name in seen.criteria)


def naive_levels(walks: tuple[NaiveWalk, ...], options: tuple[str, ...]) -> Mapping[str, Levels]:
    """Return the level of each criterion for each option as the frontline reads it, to rank by."""
    return {option: {walk.metric: walk.levels[-1].get(option) for walk in walks} for option in options}


def _walk(desk: Desk, seen: Seen, name: str) -> NaiveWalk:
    try:
        undone = tuple(undo(desk, desk.model.metrics[name], seen.query, units=False))
        levels = tuple(seen.level(desk, name, reading) for reading in _readings(undone))
    except QueryError as refused:  # a frontline reading that cannot be asked leads nowhere
        return NaiveWalk(name, refused=refused.findings)
    return NaiveWalk(name, tuple((step.name, step.cause, step.why or worded(desk.model, step)) for step in undone), levels)


def _readings(undone: tuple[Undone, ...]) -> Iterator[Reading]:
    yield Reading()
    for step in undone:
        yield step.reading

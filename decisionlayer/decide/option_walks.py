"""Option walks: for each option and criterion of a decision, the steps from what it was before to what it is over the horizon."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import cast

from decisionlayer.ask import Desk
from decisionlayer.decide.chain import steps_of
from decisionlayer.decide.change import change_between
from decisionlayer.decide.option_desk import OPTION, OptionDesk
from decisionlayer.decide.rolling import rolled_walk
from decisionlayer.decide.seen import Seen, option_text
from decisionlayer.decide.walk import Walk
from decisionlayer.errors import QueryError
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import is_name
from decisionlayer.plan.query import Parameter, Query
from decisionlayer.resolve.model import Metric


@dataclass(frozen=True, slots=True)
class OptionWalk:
    """The walk of one metric for one option; ``refused`` says why there is none."""

    metric: str
    option: str
    walk: Walk | None
    refused: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the walk as a brief holds it: the change, and every step of the published order."""
        if self.walk is None:
            return {"metric": self.metric, "option": self.option, "change": None, "steps": {}, "refused": self.refused}
        steps: Mapping[str, Decimal | None] = steps_of(self.walk)
        findings = [found.as_json() for found in self.walk.findings]
        return {
            "metric": self.metric, "option": self.option, "before": self.walk.before, "after": self.walk.after,
            "change": self.walk.change, "steps": dict(steps), "findings": findings,
        }  # fmt: skip

    def rolled_as_json(self) -> dict[str, object]:
        """Return the walk of a stock from its opening to its closing: each flow with its sign, and what the rates did."""
        if self.walk is None:
            return {"metric": self.metric, "option": self.option, "refused": self.refused}
        return {
            "metric": self.metric, "option": self.option, "opening": self.walk.before, "closing": self.walk.after,
            "steps": {step.name: step.change for step in self.walk.steps},
        }  # fmt: skip


def option_walks(
    desk: Desk, query: Query, dimension: str | None, options: Iterable[tuple[str, object]], against: str
) -> Iterator[OptionWalk]:
    """Yield the walk of every metric of a horizon's question for each option, given by how it is written and by its key.

    ``query`` has ``start`` and ``end``, and says how what has changed is read between the two ends; both are taken as reported.
    Without a ``dimension`` the number is the same for all options, and is walked to once, for the option "".
    """
    def walked(desk: Desk, metric: Metric, asked: Query) -> Walk:
        return replace(change_between(desk, metric, asked, against), ends=("before", "after"))

    yield from _each(desk, query, query.metrics, dimension, options, walked)


def _each(
    desk: Desk, query: Query, names: Iterable[str], dimension: str | None, options: Iterable[tuple[str, object]],
    walked: Callable[[Desk, Metric, Query], Walk],
) -> Iterator[OptionWalk]:  # fmt: skip
    """Yield what ``walked`` makes of each metric for each option, or why there is none."""
    plain = replace(query, by=(), compare=(), fill=None, having=None, order=(), limit=None)
    chosen = [("", None)] if dimension is None else list(options)
    where = "" if dimension is None else f"{_path(dimension)} = :{OPTION}"
    if dimension is not None and len(chosen) > 1:
        desk = OptionDesk(desk, dimension, where, cast("Parameter", chosen[0][1]))
    for name in names:
        for option, key in chosen:
            asked = replace(plain, metrics=(name,))
            if dimension is not None:
                asked = replace(asked, where=where, params={OPTION: cast("Parameter", key)})
            try:
                yield OptionWalk(name, option, walked(desk, desk.model.metrics[name], asked))
            except QueryError as refused:
                yield OptionWalk(name, option, None, refused.findings[0].message)


def _path(dimension: str) -> str:
    """Return a path as a filter names it: ``"org@FY26".division``."""
    return ".".join(part if is_name(part) else f'"{part}"' for part in dimension.split("."))


def horizon_walks(desk: Desk, seen: Seen) -> tuple[OptionWalk, ...]:
    """Return the walks over one horizon of a decision; none where it is held against nothing, or discounts what it adds up."""
    against = seen.horizon.against
    if against is None or seen.horizon.discount is not None:
        return ()
    return tuple(option_walks(desk, seen.query, seen.decision.dimension, _options(seen), against))


def horizon_rolls(desk: Desk, seen: Seen) -> tuple[OptionWalk, ...]:
    """Return the way of each stock from its level before a horizon to that at its end, where the horizon is held against anything.

    Raises DeclarationError (``parts-differ``, DL602) where the flows do not lead from one to the other.
    """
    rolling = [name for name in seen.criteria if desk.model.metrics[name].roll_forward is not None]
    if seen.horizon.against is None or seen.horizon.discount is not None or not rolling:
        return ()
    return tuple(_each(desk, seen.query, rolling, seen.decision.dimension, _options(seen), rolled_walk))


def _options(seen: Seen) -> list[tuple[str, object]]:
    keys = {option_text(row[len(seen.query.by) - 1]): row[len(seen.query.by) - 1] for row in seen.result.rows()} if seen.query.by else {}
    return [(option, keys.get(option, option)) for option in seen.options()]

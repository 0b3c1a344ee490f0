"""Open flags under a decision: what each would do to the numbers if it were upheld, and whether that changes the outcome.

::

    held rate of Harbour: 276 / 400 = 69.0 %, veto at 68 %       flag F1, where team = 'Alpha': held -6
    if upheld:            270 / 400 = 67.5 %, beyond the veto    -> the outcome changes
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from decisionlayer.ask import Desk
from decisionlayer.decide.firmness import Ranking
from decisionlayer.decide.readings import Cells, Reading, cells
from decisionlayer.decide.scoring import Place, decimal, leaders, places
from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind.ranges import Range, read_range
from decisionlayer.resolve.model import Decision, Formula, Model
from decisionlayer.resolve.reach.beneath import Beneath

if TYPE_CHECKING:
    from decisionlayer.declare.records import Flag


@dataclass(frozen=True, slots=True)
class Upheld:
    """What an open flag would do over one horizon: the number and option that it moves, and the ranking after it.

    ``why_not`` says why that cannot be told; then the outcome may change.
    """

    horizon: str
    metric: str = ""
    option: str = ""
    now: object = None
    then: object = None
    changes: bool = True
    why_not: str = ""


def open_flags(model: Model, decision: Decision, on: dt.date) -> tuple[Flag, ...]:
    """Return the flags that are open on a day, about the decision or anything that its criteria stand on, in the order of the log."""
    if not model.log.records:
        return ()
    from decisionlayer.declare.records import Close, Flag

    beneath = Beneath(model.metrics)
    names = {decision.name}
    for criterion in decision.criteria:
        names |= {metric.name for metric in beneath.tree(criterion.metric)} | set(beneath.sources(criterion.metric))
    subjects = names | {f"decision {decision.name}"} | {f"{kind} {name}" for name in names for kind in ("metric", "source")}
    closed = {(one.close, one.by) for _, one in model.log.of(Close) if one.dated <= on}
    flags = (flag for _, flag in model.log.of(Flag) if flag.dated <= on and flag.flag in subjects)
    return tuple(flag for flag in flags if (flag.id, flag.by) not in closed)


def flag_as_data(desk: Desk, flag: Flag, rankings: Sequence[Ranking]) -> Mapping[str, object]:
    """Return an open flag as the brief has it: the number that it disputes now and if it is upheld, where that matters first."""
    told = [upheld for ranking in rankings if (upheld := _over(desk, flag, ranking)) is not None]
    first = next((one for one in told if one.changes and not one.why_not), None) or next(iter(told), None)
    return {
        "id": flag.id,
        "about": flag.flag.partition(" ")[2] or flag.flag,
        "now": None if first is None else first.now,
        "if_upheld": None if first is None else first.then,
        "changes_outcome": any(one.changes for one in told),
        "by": flag.by,
        "severity": flag.severity,
        "text": flag.text,
        "option": None if first is None else first.option or None,
        "horizons": [one.horizon for one in told if one.changes and not one.why_not],
        "untold": list(dict.fromkeys(one.why_not for one in told if one.why_not)),
    }


def _over(desk: Desk, flag: Flag, ranking: Ranking) -> Upheld | None:
    """Return what a flag would do over one horizon; None where it lies outside of it or says nothing of a number."""
    seen, model = ranking.seen, desk.model
    name = flag.flag.partition(" ")[2] or flag.flag
    metric = model.metrics.get(name)
    if metric is None or not flag.if_upheld:
        return None
    within = _within(flag, ranking, model)
    if within is None:
        return None
    if not within or seen.horizon.discount is not None:
        return Upheld(ranking.name, why_not=f"`{flag.id}` is not of the time of `{ranking.name}` alone")
    body = metric.body
    if not isinstance(body, Formula) or set(flag.if_upheld) - set(body.terms):
        return Upheld(ranking.name, why_not=f"`{flag.id}` changes what is no term of `{name}`")
    try:
        touched = cells(desk, name, replace(seen.query, metrics=(name,), where=flag.where, start=flag.start, end=flag.end))
    except QueryError as refused:
        return Upheld(ranking.name, why_not=f"the rows of `{flag.id}` cannot be asked for: {refused.findings[0].message}")
    lying = [cell for cell, value in touched.items() if value is not None]
    if len(lying) != 1:
        return Upheld(ranking.name, why_not=f"`{flag.id}` lies in {len(lying)} options, and does not say how much in which")
    (cell,) = lying
    shifted: Mapping[tuple[str, str], Cells] = {(name, term): {cell: float(change)} for term, change in flag.if_upheld.items()}
    levels = seen.levels(desk, Reading(shifted=shifted))
    after = places(ranking.criteria, levels)
    moved = next((one for one in seen.options() if seen.is_option(one, cell)), "")
    criterion = next(one for one in seen.criteria if name in {part.name for part in Beneath(model.metrics).tree(one)})
    return Upheld(
        ranking.name, criterion, moved, _level(ranking.governed, moved, criterion), _level(after, moved, criterion),
        changes=_outcome(after) != _outcome(ranking.governed),
    )  # fmt: skip


def _within(flag: Flag, ranking: Ranking, model: Model) -> bool | None:
    """Say whether the time of a flag lies within a horizon; None where the two have no time in common."""
    unread: list[Finding] = []
    mine = read_range(flag.start, flag.end, model.project, unread)
    theirs = read_range(ranking.seen.query.start, ranking.seen.query.end, model.project, unread)
    if unread or None in (theirs.start, theirs.end):
        return False
    if mine.start is None or mine.end is None:
        return False
    return _holds(theirs, mine)


def _holds(outer: Range, inner: Range) -> bool | None:
    assert outer.start and outer.end and inner.start and inner.end
    if inner.end.wall <= outer.start.wall or inner.start.wall >= outer.end.wall:
        return None
    return outer.start.wall <= inner.start.wall and inner.end.wall <= outer.end.wall


def _level(found: Sequence[Place], option: str, metric: str) -> Decimal | None:
    return next((decimal(one.values[metric]) for one in found if one.option == option), None)


def _outcome(found: Sequence[Place]) -> object:
    """What a choice hangs on: who is first, and who is out."""
    return leaders(found), sorted(one.option for one in found if one.vetoed)


def chosen(model: Model, decision: Decision, on: dt.date) -> Iterator[str]:
    """Yield the option that was chosen last by a day, else those of which something is expected."""
    latest = None
    if model.log.records:
        from decisionlayer.declare.records import Decide

        latest = next(iter([one.choose for _, one in model.log.of(Decide) if one.decide == decision.name and one.dated <= on][::-1]), None)
    yield from (latest,) if latest is not None else dict.fromkeys(str(one["option"]) for one in decision.expects)

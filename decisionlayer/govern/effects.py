"""Effects: what a change does to a number, measured by asking both states of the project on the same data.

Each is asked for its total and by its natural period: that of its grain, and never finer than a day. Additive are only changes
that were asked so and by every split that the number had, and moved nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal

from decisionlayer.ask import Desk
from decisionlayer.errors import DecisionLayerError
from decisionlayer.frozen import dataclass
from decisionlayer.names import PERIODS
from decisionlayer.plan.query import Query
from decisionlayer.resolve.meaning.comparing import difference, exact
from decisionlayer.resolve.model import Measure, Metric, Model
from decisionlayer.resolve.reach.beneath import Beneath

#: Two floating-point sums over the same rows may differ by so much of themselves.
_NEAR = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Moved:
    """One cell whose number is another one: the period or the group, and both numbers; None where there is none."""

    at: str
    before: Decimal | None
    after: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """The difference, None where one of the two is missing."""
        return difference(self.before, self.after)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change does to a number: the total before and after, and how many of its periods move, the most of them first.

    ``period`` is None for a number without a clock. ``proven`` says that nothing moved however the number may be split. ``problem``
    says why it could not be measured, or not all of it; empty when it was.
    """

    total: Moved | None
    period: str | None
    periods: int
    moved: tuple[Moved, ...]
    proven: bool
    problem: str = ""

    @property
    def is_still(self) -> bool:
        """Whether it was measured and nothing moved."""
        return not self.problem and not self.moved and (self.total is None or self.total.before == self.total.after)

    def as_json(self) -> dict[str, object]:
        """Return the effect as plain data."""
        total = None if self.total is None else {"before": self.total.before, "after": self.total.after, "change": self.total.change}
        most = [{"at": each.at, "before": each.before, "after": each.after, "change": each.change} for each in self.moved[:3]]
        return {
            "total": total, "period": self.period, "periods": self.periods, "moved": len(self.moved), "most": most,
            "proven": self.proven, "problem": self.problem or None,
        }  # fmt: skip


def effect_of(before: Desk, after: Desk, was: Metric, now: Metric, *, everywhere: bool) -> Effect:
    """Return what became of a number, ``everywhere`` by each of the splits that it had as well."""
    unit = _period(before.model, was)
    total, problem = _pairs(before, after, was, now, ())
    moved: list[Moved] = []
    periods = 0
    if unit is not None:
        by_period, told = _pairs(before, after, was, now, (unit,))
        periods = len(by_period)
        moved = _sorted(each for each in by_period if not _is_same(each))
        problem = told  # a number that looks along time has no total without a period, and needs none here
    proven = everywhere and not problem and not moved
    for path in was.limit.by or () if proven else ():
        cells, told = _pairs(before, after, was, now, (path,) if unit is None else (unit, path))
        proven = proven and not told and all(_is_same(each) for each in cells)
        if not proven and not told:
            moved = _sorted(each for each in cells if not _is_same(each))
            break
    whole = total[0] if total else None
    if whole is not None and _is_same(whole):
        whole = Moved(whole.at, whole.before, whole.before)
    proven = proven and (whole is None or whole.before == whole.after)
    return Effect(whole, unit, periods, tuple(moved), proven, problem)


def _pairs(before: Desk, after: Desk, was: Metric, now: Metric, by: tuple[str, ...]) -> tuple[list[Moved], str]:
    """Return the cells of both sides, the union of their groups; none and the reason, where one side cannot be asked."""
    sides: list[dict[str, Decimal | None]] = []
    for desk, metric in ((before, was), (after, now)):
        try:
            sides.append(_cells(desk, metric, by))
        except DecisionLayerError as refused:
            side = "before" if desk is before else "after"
            return [], f"{side} the change it cannot be asked{f' by {by[0]}' if by else ''}: {refused.findings[0].message}"
    cells = [Moved(at, sides[0].get(at), sides[1].get(at)) for at in dict.fromkeys((*sides[0], *sides[1]))]
    return cells, ""


def _cells(desk: Desk, metric: Metric, by: tuple[str, ...]) -> dict[str, Decimal | None]:
    asked = Query(metrics=(metric.name,), by=by, today=desk.model.today)
    readings = [{"definition": "as_then"}] if metric.editions and metric.editions[0].past == "break" else []
    if metric.editions:
        readings = [*readings, {"definition": "restated"}, {"definition": "as_then"}]
    refused: DecisionLayerError | None = None
    for reading in readings or [{}]:
        try:
            rows = desk.answer(Query(**{**_keys(asked), **reading})).rows()  # type: ignore[arg-type]
        except DecisionLayerError as found:
            refused = refused or found
            continue
        return {", ".join(_said(key) for key in row[:-1]): exact(row[-1]) for row in rows}
    assert refused is not None
    raise refused


def _keys(query: Query) -> Mapping[str, object]:
    return {"metrics": query.metrics, "by": query.by, "today": query.today}


def _sorted(cells: Iterator[Moved]) -> list[Moved]:
    return sorted(cells, key=lambda each: (-(abs(each.change) if each.change is not None else Decimal("Infinity")), each.at))


def _is_same(cell: Moved) -> bool:
    change = cell.change
    if change is None or cell.before is None:
        return cell.before == cell.after
    return abs(change) <= _NEAR * abs(cell.before)


def _period(model: Model, metric: Metric) -> str | None:
    """Return the natural period of a number: that of its grain or else the coarsest of its clocks, never below a day."""
    measures = [below.body for below in Beneath(model.metrics).tree(metric.name) if isinstance(below.body, Measure)]
    clocks = [model.sources[each.source].clock(each.clock) if each.clock else None for each in measures]
    if not clocks or None in clocks:
        return None
    if metric.limit.time is not None and metric.limit.time not in PERIODS:
        return metric.limit.time
    grains = [clock.grain for clock in clocks if clock is not None and clock.grain in PERIODS]
    named = [*grains, "day", *([metric.limit.time] if metric.limit.time else [])]
    return max(named, key=PERIODS.index)


def _said(key: object) -> str:
    match key:
        case None:
            return "Unassigned"
        case dt.datetime() | dt.date():
            return key.isoformat()
        case _:
            return str(key)

"""Columns beside the numbers of a view, in words: what a number is set beside, the rest, the level, the ends of a dimension."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from decisionlayer.plan.bind.ranges import read_range
from decisionlayer.plan.bind.structure import structure_of, today_in
from decisionlayer.plan.nodes import LEVEL, Plan
from decisionlayer.plan.query import Query
from decisionlayer.plan.rest import REST
from decisionlayer.publish.words import as_prose, unit_of
from decisionlayer.resolve.model import Metric, Model, Validity

#: What a number is set beside.
_OF = {
    "previous": "in the period before",
    "year_ago": "in the same period of the year before",
    "same_weekday_last_year": "364 days before, on the same weekday",
    "target": "as it was promised for just these rows and this period; NULL where nothing was",
}


def of_number_beside(metric: Metric, column: str, mark: str) -> str:
    """Return the comment of a column that sets something beside ``metric``: ``revenue__previous``, its ``_change`` and ``_pct``."""
    word, part = _split(column.removeprefix(f"{metric.name}__"))
    title, beside = f"{metric.title or metric.name} ({metric.name})", f"{metric.name}__{word}"
    match part:
        case "change":
            told = (f"{title} less {beside}.", unit_of(metric))
        case "pct":
            told = (f"{title} less {beside}, as a fraction of {beside}; NULL where that is not above zero.", "")
        case _:
            told = (f"{title} {_OF[word]}.", unit_of(metric))
    return as_prose([*told, f"What it means is said at {metric.name}.", f"Meaning {metric.meaning}.", mark])


def _split(said: str) -> tuple[str, str]:
    for word in _OF:
        if said == word:
            return word, ""
        if said in (f"{word}_change", f"{word}_pct"):
            return word, said.removeprefix(f"{word}_")
    raise LookupError(f"{said} is set beside no number")


def of_told_apart(query: Query, column: str) -> str | None:
    """Return the comment of a column that tells rows apart and is no split; None for a split."""
    if column == LEVEL.name and (query.levels or query.totals):
        return "Which of the asked levels a row is of: what it is split by; total for the grand total."
    if column == REST and query.rest:
        first = "first" if query.limit == 1 else f"first {query.limit}"
        return f"True for the row that holds every group beyond the {first}, false elsewhere."
    if query.extremes:
        name, _, end = column.rpartition("__")
        return f"The {'least' if end == 'min' else 'greatest'} {name.replace('__', '.')} that any row has; NULLs aside."
    return None


def of_its_day(model: Model, query: Query, plan: Plan) -> Iterator[str]:
    """Yield what of a published question hangs on the day on which it was compiled, or on that of its reader."""
    day = query.today or today_in(model.project)
    structure = structure_of(query, model, [])
    if any(structure.of(valid) == "as_is" for valid in _histories(model, plan.through)):
        yield f"Today is {day.isoformat()} in it, until it is published again."
    if set(query.compare) - {"target"}:
        end = read_range(query.start, query.end, model.project, []).end
        if end is None or end.wall.date() > day:
            yield "A period that is not over is set beside a whole one."


def _histories(model: Model, through: Iterable[str]) -> Iterator[Validity]:
    for name in through:
        entity = model.entities.get(name)
        valid = model.sources[name if entity is None else entity.source].valid
        if valid is not None:
            yield valid

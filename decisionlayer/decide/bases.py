"""Small bases: cells of a quotient with so little below the line that one case more would be another number (DL603)."""

from __future__ import annotations

from collections.abc import Iterator

from decisionlayer.ask import Desk
from decisionlayer.decide.mixing import class_name, fraction
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.query import Query
from decisionlayer.resolve.adding.quotients import Quotient, quotient_of
from decisionlayer.resolve.model import Metric
from decisionlayer.run import Result


def small_bases(desk: Desk, query: Query, result: Result) -> Iterator[Finding]:
    """Yield DL603 for each metric of an answer that has cells with fewer below the line than its ``min_base``.

    It costs one question more for each metric that says a ``min_base``.
    """
    if query.rest or query.extremes:
        return
    for name in query.metrics:
        metric = desk.model.metrics[name]
        quotient = quotient_of(desk.model, metric) if metric.min_base is not None else None
        if quotient is not None:
            yield from _of_cells(desk, query, result, metric, quotient)


def _of_cells(desk: Desk, query: Query, result: Result, metric: Metric, quotient: Quotient) -> Iterator[Finding]:
    assert metric.min_base is not None
    under = quotient.under.name
    settled = {path: {under if who == metric.name else who: way for who, way in ways.items()} for path, ways in query.paths.items()}
    asked = replace(query.of_all_cells(), metrics=(under,), compare=(), paths=settled, naive=False, ledger=False)
    keys = sum(column.role == "group" for column in result.statement.columns)
    place = result.columns.index(metric.name)
    shown = {row[:keys] for row in result.rows() if row[place] is not None}
    bases = [(fraction(row[-1]), row[:-1]) for row in desk.beside(quotient.added_to(desk.model)).answer(asked).rows() if row[:-1] in shown]
    small = [(base, cell) for base, cell in bases if base < metric.min_base]
    if not small:
        return
    least, cell = min(small, key=lambda each: each[0])
    where = f" in {class_name(cell)}" if cell else ""
    said = f"{len(small):,} of {len(bases):,} cells of `{metric.name}` have" if keys else f"`{metric.name}` has"
    yield Finding(
        "small-base", f"metric {metric.name}",
        f"{said} fewer than {metric.min_base:,} below the line: {float(least):,.15g}{where}", metric.place,
        why="with so few, one case more or less is another number, and no sign of anything",
        help="ask it coarser or over a longer time, or read such cells case by case",
    )  # fmt: skip

"""Small groups: no cell of a view may be over fewer rows than its ``min_group``, now or when the data has changed.

::

    by team, min_group: 5      rows   wait            shown
    Alpha                        120   14.0            14.0
    Beta                           3   31.0            –      three people are no group, and 31 minutes name them

Publishing refuses while a cell is too small (DL209). A view that asks anew each time leaves out the number of a cell that has become
too small since: its number is NULL. Rows are those that are in question (``population``), whatever part of them counts (``where``); over
several sources the fewest, and none is no group at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from decisionlayer.ask import Desk
from decisionlayer.errors import DecisionLayerError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.bind.targets import TARGET
from decisionlayer.plan.levels import keys_of, levels_of, name_of
from decisionlayer.plan.nodes import LEVEL
from decisionlayer.plan.query import Query
from decisionlayer.resolve.language.functions import METRIC_FUNCTIONS
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, children
from decisionlayer.resolve.language.types import INTEGER
from decisionlayer.resolve.model import Additivity, Formula, Measure, Metric, Model, Term, View
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.values.uses import texts
from decisionlayer.sql import emit
from decisionlayer.sql.hiding import Hidden, Nested, hiding

#: Names that nobody can write, so that they meet nothing that is declared.
_ROWS, _WHOLE = "@rows", "@whole"


def guarded(desk: Desk, view: View) -> Desk:
    """Return a desk under which the numbers of a view are NULL where a cell is too small; itself for a view without ``min_group``."""
    if view.min_group is None:
        return desk
    shown = _texts(view)
    model = _with_rows(desk.model, shown)
    metrics = {name: replace(metric, body=_past(metric, shown)) for name, metric in model.metrics.items()}
    for name in shown:
        whole = metrics[name]
        metrics[name + _WHOLE] = replace(whole, name=name + _WHOLE)
        body = Formula(_if_group(view.min_group), {"rows": Term(name + _ROWS), "whole": Term(name + _WHOLE)})
        # What is counted as 0 where nothing is there is 0 in the whole already.
        metrics[name] = replace(whole, body=body, missing=None)
    return desk.beside(replace(model, metrics=metrics))


def hidden_in_levels(desk: Desk, view: View, query: Query) -> str:
    """Return the SQL of a view by levels in which no small cell is shown, and nothing that would tell one."""
    assert view.min_group is not None
    shown = _texts(view)
    whole = replace(query, metrics=(*shown, *(name + _ROWS for name in shown)), order=())
    counted = desk.beside(_with_rows(desk.model, shown)).compile(whole, inline=True)
    root = desk.compile(query, inline=True).plan.root
    levels = levels_of(query, desk.model, [])
    assert levels is not None
    groups = tuple(name for name in counted.plan.groups if name != LEVEL.name)
    nested = [Nested(name_of(level), keys_of(level, groups)) for level in sorted(levels, key=len, reverse=True)]
    numbers = [Hidden(name, name + _ROWS) for name in shown]
    order = [(each.column, each.descending) for each in root.order]
    unordered = replace(counted.plan, root=replace(counted.plan.root, order=()))
    text = emit(unordered, desk.capabilities, inline=True).text
    return hiding(text, LEVEL.name, counted.plan.groups, nested, numbers, view.min_group, order)


def small_groups(desk: Desk) -> Iterator[Finding]:
    """Yield ``small-group`` for each view that has a cell which is too small, with how many and one of them."""
    for view in desk.model.views.values():
        if view.min_group is not None and f"view {view.name}" not in desk.model.broken:
            yield from _small(desk, view, view.min_group)


def _small(desk: Desk, view: View, least: int) -> Iterator[Finding]:
    shown = _texts(view)
    counting = desk.beside(_with_rows(desk.model, shown))
    query = Query.of(**view.question)
    asked = replace(query, metrics=(*shown, *(name + _ROWS for name in shown)))
    by_levels = bool(query.levels or query.totals)
    if by_levels:  # what is left out could be worked out from its total
        asked = replace(asked, having=None, limit=None)
    try:
        groups = counting.compile(asked).plan.groups
        table = counting.answer(asked).arrow()
    except DecisionLayerError:  # what keeps a view from being asked is told where it is asked
        return
    # The cells themselves, and those that stand beside them.
    of_level = {name_of(level): keys_of(level, groups) for level in levels_of(query, desk.model, []) or ()} if by_levels else {}
    counts = [name + _ROWS + word for name in shown for word in ("", *(f"__{each}" for each in query.compare if each != TARGET))]
    small: list[tuple[int, str]] = []
    for row in table.to_pylist():
        rows = [row[name] for name in counts if row[name]]
        if rows and min(rows) < least:
            told = of_level[row[LEVEL.name]] if by_levels else groups
            small.append((min(rows), ", ".join(f"{name.replace('__', '.')} {row[name]}" for name in told)))
    if small:
        fewest, cell = min(small, key=lambda one: one[0])
        many = f"{len(small):,} of {table.num_rows:,} cells of view `{view.name}`"
        yield Finding(
            "small-group", f"view {view.name}",
            f"{many} {'is' if len(small) == 1 else 'are'} over fewer than {least} rows; the smallest, {cell or 'the whole'}, over {fewest}",
            view.place, why="a number over so few names those whose number it is",
            damage=f"{len(small) / table.num_rows:.1%} of the cells",
            help="split it by less or over longer periods, or keep the small groups out with `where`",
        )  # fmt: skip


def _with_rows(model: Model, shown: tuple[str, ...]) -> Model:
    """Return the model with, for each metric beneath some, the number of rows that are in question for it."""
    beneath = Beneath(model.metrics)
    under = {metric.name: metric for name in shown for metric in beneath.tree(name)}
    counts = {f"{name}{_ROWS}": _rows(metric) for name, metric in under.items()}
    return replace(model, metrics={**model.metrics, **counts})


def _rows(metric: Metric) -> Metric:
    name = metric.name + _ROWS
    match metric.body:
        case Measure() as measure:
            body: Measure | Formula = replace(measure, expr=Aggregate("count", None), where=None, match=None)
        case Formula() as formula:
            terms = {
                key: Term(term.metric + _ROWS, None, term.population, term.replaces) for key, term in formula.terms.items()
            }
            body = Formula(_fewest(list(_counted(formula.expr, terms))), terms)
    return replace(
        metric, name=name, title=name, body=body, type=INTEGER, missing=None, decimals=None, approximate=False, translation=None,
        additivity=Additivity.ratio if isinstance(body, Formula) else Additivity.additive, unit=None,
    )  # fmt: skip


def _counted(expr: Expr, terms: Mapping[str, Term]) -> Iterator[Expr]:
    """Yield the rows of each cell that a formula reads: under a metric function those of the cell that it reads instead."""
    match expr:
        case Name(parts=(name,)) if name in terms:
            yield Call("nullif", (Name((name,)), Literal(0)))
        case Call(function="per", arguments=(inner, *_)):
            yield from _counted(inner, terms)
        case Call(function=function, arguments=(inner, *how)) if function in METRIC_FUNCTIONS:
            yield from (Call(function, (each, *how)) for each in _counted(inner, terms))
        case _:
            yield from (found for each in children(expr) for found in _counted(each, terms))


def _fewest(counts: Sequence[Expr]) -> Expr:
    """Return the least of some counts, each NULL where it is 0; NULL where all are."""
    distinct = list(dict.fromkeys(counts))
    found: Expr = distinct[0] if distinct else Literal(None)
    for count in distinct[1:]:
        found = Call("coalesce", (Call("least", (found, count)), found, count))
    return found


def _if_group(least: int) -> Expr:
    rows, whole = Name(("rows",)), Name(("whole",))
    is_group = Call(">=", (rows, Literal(least)))
    nobody = Call("is_null", (Call("nullif", (rows, Literal(0))),))
    return Case(((Call("or", (is_group, nobody)), whole),), None)


def _past(metric: Metric, shown: tuple[str, ...]) -> Measure | Formula:
    """Return a body that stands on the whole numbers, not on what is shown of them."""
    body = metric.body
    if isinstance(body, Measure) or metric.name.endswith(_ROWS):
        return body
    terms = {
        key: replace(term, metric=term.metric + _WHOLE) if term.metric in shown else term for key, term in body.terms.items()
    }
    return replace(body, terms=terms)


def _texts(view: View) -> tuple[str, ...]:
    return texts(view.question.get("metrics"))

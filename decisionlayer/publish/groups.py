"""Small groups: no cell of a view may be over fewer rows than its ``min_group``, now or when the data has changed.

::

    by team, min_group: 5      rows   wait            shown
    Alpha                        120   14.0            14.0
    Beta                           3   31.0            –      three people are no group, and 31 minutes name them

Publishing refuses while a cell is too small (DL209). A view that asks anew each time leaves out the number of a cell that has become
too small since: its number is NULL. Rows are those that are in question (``population``), whatever part of them counts (``where``); over
several sources, and over what a number looks at in other periods, the fewest.

They are counted by a question of their own, beside that of the view, whose numbers are as they are anywhere else. By levels a small
cell could be worked out from its total and its siblings; neither is shown then (``sql/hiding.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from decisionlayer.ask import Desk
from decisionlayer.errors import DecisionLayerError, QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.bind.targets import TARGET
from decisionlayer.plan.levels import keys_of, levels_of, name_of
from decisionlayer.plan.nodes import LEVEL
from decisionlayer.plan.query import Query
from decisionlayer.publish.gate import about
from decisionlayer.resolve.language.functions import METRIC_FUNCTIONS
from decisionlayer.resolve.language.tree import Aggregate, Call, Expr, Literal, Name, children, names
from decisionlayer.resolve.language.types import FLOAT
from decisionlayer.resolve.model import Additivity, Formula, Measure, Metric, Model, Term, View
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.values.uses import texts
from decisionlayer.sql import emit
from decisionlayer.sql.hiding import Cells, Hidden, Nested, hiding
from decisionlayer.sql.statement import Statement

#: What a name has more that nobody can write, so that it meets nothing that is declared.
_ROWS = "@rows"


def hidden(desk: Desk, view: View, query: Query) -> str:
    """Return the SQL of a view in which no number of a small cell is shown, and nothing that would tell one.

    Raises QueryError ``not-built`` where the rows that a number is over cannot be told.
    """
    assert view.min_group is not None
    compiled = desk.compile(query, inline=True)
    plan = compiled.plan
    levels = levels_of(query, desk.model, []) if query.levels or query.totals else None
    groups = tuple(name for name in plan.groups if levels is None or name != LEVEL.name)
    nested = [Nested(name_of(level), keys_of(level, groups)) for level in sorted(levels or (), key=len, reverse=True)]
    numbers = [Hidden(column.name, _over(column.name, column.metric, query)) for column in compiled.statement.columns if column.metric]
    order = [(each.column, each.descending) for each in plan.root.order]
    root = plan.root if plan.root.limit is not None else replace(plan.root, order=())
    dropped = {node.text for node in names(view.having)} if view.having is not None else set()
    return hiding(
        emit(replace(plan, root=root), desk.capabilities, inline=True).text, _count(desk, view, query).text,
        Cells(plan.groups, LEVEL.name, tuple(nested)), numbers, view.min_group, order=order, dropped=dropped,
    )  # fmt: skip


def _over(column: str, metric: str, query: Query) -> tuple[str, ...]:
    """Return the columns that hold the rows which a number is over: those of its cell, and of the cell that it is set beside."""
    own = metric + _ROWS
    for word in query.compare:
        beside = () if word == TARGET else (f"{own}__{word}",)
        if column == f"{metric}__{word}":
            return beside
        if column in (f"{metric}__{word}_change", f"{metric}__{word}_pct"):
            return (own, *beside)
    return (own,)


def _count(desk: Desk, view: View, query: Query) -> Statement:
    """Return the statement that counts the rows of each cell of a view."""
    asked, counting = _counting(desk, view, query)
    told = counting.compile(asked, inline=True)
    return emit(replace(told.plan, root=replace(told.plan.root, order=())), desk.capabilities, inline=True)


def _counting(desk: Desk, view: View, query: Query) -> tuple[Query, Desk]:
    """Return the question of a view by the rows of its cells, and the desk that answers it.

    The rest needs the numbers by which it is told from the first groups; else the rows are asked alone.
    """
    shown = _texts(view)
    model = desk.model
    beneath = {metric.name: metric for name in shown for metric in Beneath(model.metrics).tree(name)}
    in_time = [name for name, metric in beneath.items() if metric.editions]
    if in_time:
        raise QueryError(Finding(
            "not-built", "question", f"small groups of `{in_time[0]}`, which has earlier definitions, cannot be hidden by this version yet",
            view.place, why="each definition may count other rows", help="leave `min_group` out, or `earlier` and `since`",
        ))  # fmt: skip
    rows = tuple(name + _ROWS for name in shown)
    paths = {path: {who + _ROWS if who in beneath else who: way for who, way in ways.items()} for path, ways in query.paths.items()}
    asked = replace(
        query, metrics=rows, having=None, order=(), limit=None, compare=tuple(each for each in query.compare if each != TARGET), paths=paths
    )
    if query.rest:
        both = {path: {**query.paths[path], **ways} for path, ways in paths.items()}
        asked = replace(asked, metrics=(*shown, *rows), order=query.order, limit=query.limit, paths=both)
    return asked, desk.beside(_with_rows(model, shown))


def small_groups(desk: Desk) -> Iterator[Finding]:
    """Yield ``small-group`` for each view that has a cell which is too small, with how many and one of them."""
    for view in desk.model.views.values():
        if view.min_group is not None and f"view {view.name}" not in desk.model.broken:
            yield from _small(desk, view, view.min_group)


def _small(desk: Desk, view: View, least: int) -> Iterator[Finding]:
    shown = _texts(view)
    query = Query.of(**view.question)
    by_levels = bool(query.levels or query.totals)
    try:
        asked, counting = _counting(desk, view, query)
        if (query.having is not None or query.limit is not None) and not by_levels:  # by levels a total tells what is left out
            both = (*shown, *(name + _ROWS for name in shown))
            asked = replace(asked, metrics=both, having=query.having, order=query.order, limit=query.limit)
        groups = counting.compile(asked).plan.groups
    except DecisionLayerError:  # what keeps a view from being asked is told where it is asked
        return
    try:
        table = counting.answer(asked).arrow()
    except DecisionLayerError as refused:
        yield from about(f"view {view.name}", refused.findings)
        return
    # The cells themselves, and those that stand beside them.
    of_level = {name_of(level): keys_of(level, groups) for level in levels_of(query, desk.model, []) or ()} if by_levels else {}
    counts = [name + _ROWS + word for name in shown for word in ("", *(f"__{each}" for each in query.compare if each != TARGET))]
    small: list[tuple[float, str]] = []
    for row in table.to_pylist():
        rows = [row[name] for name in counts if row[name]]
        if rows and min(rows) < least:
            told = of_level[row[LEVEL.name]] if by_levels else groups
            small.append((min(rows), ", ".join(f"{name.replace('__', '.')} {row[name]}" for name in told)))
    if small:
        fewest, cell = min(small, key=lambda one: one[0])
        many = f"{len(small):,} of {table.num_rows:,} cells of view `{view.name}` {'is' if len(small) == 1 else 'are'}"
        yield Finding(
            "small-group", f"view {view.name}",
            f"{many} over fewer than {least} rows; the smallest, {cell or 'the whole'}, over {fewest:g}",
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
            over_time = _along(measure.over_time)
            body: Measure | Formula = replace(measure, expr=Aggregate("count", None), where=None, match=None, over_time=over_time)
        case Formula() as formula:
            terms = {
                key: replace(
                    term, metric=term.metric + _ROWS, where=None, factor=Fraction(1), convert=None, over_time=_along(term.over_time),
                )
                for key, term in formula.terms.items()
            }
            body = Formula(_fewest(list(_counted(formula.expr, terms))), terms)
    # Which line of a hierarchy is read is part of which cells there are; what else a translation does moves no row.
    switch = None if metric.translation is None else replace(metric.translation, reweight=None, tolerance=None, control_total=None)
    return replace(
        metric, name=name, title=name, body=body, type=FLOAT, missing=None, decimals=None, approximate=False, translation=switch,
        additivity=Additivity.ratio if isinstance(body, Formula) else Additivity.additive, unit=None, unit_column=None,
    )  # fmt: skip


def _along(over_time: str | None) -> str | None:
    """Return how rows are read along time, whose number is read so: the largest may be of the instant that has the fewest."""
    return "min" if over_time == "max" else over_time


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


def _texts(view: View) -> tuple[str, ...]:
    return texts(view.question.get("metrics"))

"""What a query shows: each number that comes out of it, whatever queries it went through, as something that can be run by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field

from sqlglot import exp

from decisionlayer.exchange.estate.carrying import NotCarried, aggregates_in, carry, find_here
from decisionlayer.exchange.estate.tracing import (
    ADDED,
    Tracer,
    Untraced,
    alias_of,
    identity,
    is_star,
    own_name,
    sources_of,
)
from decisionlayer.findings import Place
from decisionlayer.frozen import dataclass, replace

#: SQL of the estate is read in the dialect of the warehouse that it is run in.
DIALECT = "duckdb"

#: Sums of sums, and what else is the same over all rows as over the groups that a window looks at.
_OF_WHOLE = {("sum", "sum"), ("sum", "count"), ("min", "min"), ("max", "max")}


@dataclass(frozen=True, slots=True)
class Shown:
    """One number that a statement shows: under which name, from which table, over which columns.

    ``measured`` are the columns inside aggregates, ``kept`` those that say which rows count; both without case. ``conditions`` say so
    as SQL. ``asked`` is the number over all rows that the statement keeps, as a query with one column ``value``.
    """

    name: str
    table: tuple[str, ...]
    functions: frozenset[str]
    measured: frozenset[str]
    kept: frozenset[str]
    conditions: tuple[str, ...]
    place: Place
    asked: exp.Select
    base: exp.Table
    tracer: Tracer = field(repr=False, compare=False)

    @property
    def columns(self) -> frozenset[str]:
        """Every column that it reads."""
        return self.measured | self.kept

    @property
    def is_sum(self) -> bool:
        """Whether it is what its rows add up to, and nothing else."""
        value = self.asked.expressions[0].this
        while isinstance(value, exp.Filter | exp.Paren | exp.Cast):
            value = value.this
        return isinstance(value, exp.Sum | exp.CountIf | exp.Count) and not isinstance(value.this, exp.Distinct)

    @property
    def file(self) -> str | None:
        """The file that it reads, None for a table."""
        return file_of(self.base)

    def total(self) -> str:
        """Return the SQL of the number over all rows that the statement keeps: one row, one column ``value``."""
        return self.asked.sql(dialect=DIALECT)

    def by_row(self, key: Iterable[str]) -> str | None:
        """Return the SQL of the number for each key of the table: the key's columns, then ``value``; None where no row can be told."""
        asked = self.asked.copy()
        value = asked.expressions[0]
        try:
            keys = carry(value.this, asked, self.base, tuple(key), Tracer(self.tracer.columns_of))
        except NotCarried:
            return None
        asked.set("expressions", [*(key.copy().as_(f"key_{place}") for place, key in enumerate(keys)), value])
        return asked.group_by(*[key.copy() for key in keys], copy=False).sql(dialect=DIALECT)


def shown_by(query: exp.Query, tracer: Tracer, place: Callable[[str], Place]) -> Iterator[Shown | Untraced]:
    """Yield each number that a query shows, or why one cannot be followed to a table; ``place`` says where a name stands.

    What a query within makes is shown where the queries around it hand it on, under the name that it has there; not what is only
    added up again, or left lying.
    """
    numbers: dict[int, Shown | Untraced] = {}
    selects = list(query.find_all(exp.Select))
    for select in selects:
        hidden = select.find_ancestor(exp.Where, exp.Having, exp.Qualify) is not None
        for projection in select.expressions:
            expr = projection.this if isinstance(projection, exp.Alias) else projection
            if is_star(projection) or isinstance(expr, exp.Column):
                continue
            name = projection.alias or expr.sql(dialect=DIALECT)
            try:
                lifted = _lifted(expr, select, tracer)
            except Untraced:
                continue  # it is no number, or its parts are told by themselves
            if lifted is None:
                continue
            try:
                numbers[id(expr)] = _number(name, *lifted, tracer, place(name))
            except Untraced as why:
                if not hidden:
                    numbers[id(expr)] = Untraced(f"`{name}`: {why}")
    seen: set[str] = set()
    for select in selects:
        for number, name in _displayed(select, tracer, numbers) if _is_outermost(select) else ():
            found = numbers[number]
            if isinstance(found, Shown):
                found = replace(found, name=name or found.name, place=place(name or found.name))
            told = str(found) if isinstance(found, Untraced) else f"{found.name} {found.total()}"
            if told not in seen:
                seen.add(told)
                yield found


def _displayed(select: exp.Select, tracer: Tracer, numbers: Mapping[int, object]) -> Iterator[tuple[int, str]]:
    """Yield the numbers that come out of a query, with the names that they have there."""

    def reveal(expr: exp.Expr, within: exp.Select, name: str, depth: int) -> Iterator[tuple[int, str]]:
        if id(expr) in numbers:
            yield id(expr), name
            return
        if depth > 100 or any(isinstance(node, ADDED) for node in _numbers_in(expr)):
            return
        for column in find_here(expr, exp.Column):
            assert isinstance(column, exp.Column)
            try:
                source = tracer.source_of(column, within)
                inner = list(tracer.within(source, column.name)) if isinstance(source, exp.Subquery) else []
            except Untraced:
                continue
            for each, select in inner:
                yield from reveal(each, select, name if expr is column else column.name, depth + 1)

    for projection in select.expressions:
        if not is_star(projection):
            expr = projection.this if isinstance(projection, exp.Alias) else projection
            yield from reveal(expr, select, projection.alias or (expr.name if isinstance(expr, exp.Column) else ""), 0)
    if any(is_star(projection) for projection in select.expressions):
        for name, expr in tracer.entries(select) or ():
            yield from reveal(expr, select, name, 0)


def _is_outermost(select: exp.Select) -> bool:
    """Whether no query reads what this one returns as if it were a table."""
    node = select.parent
    while node is not None and not isinstance(node, exp.Select):
        if isinstance(node, exp.From | exp.Join | exp.Lateral):
            return False
        node = node.parent
    return True


def _lifted(expr: exp.Expr, select: exp.Select, tracer: Tracer, depth: int = 0) -> tuple[exp.Expr, exp.Select] | None:
    """Return an expression over aggregates with the query that aggregates; None for one that stands on no aggregate.

    What a query computes of aggregates of one query within it is written out over that one's rows. Raises Untraced.
    """
    if any(isinstance(node, ADDED) for node in _numbers_in(expr)):
        return expr, select
    columns = find_here(expr, exp.Column)
    if not columns or find_here(expr, exp.Window) or depth > 100:
        return None
    inner: exp.Select | None = None
    made: list[exp.Expr] = []
    for column in columns:
        assert isinstance(column, exp.Column)
        source = tracer.source_of(column, select)
        if source is None:
            own = own_name(select, column.name)
            assert own is not None
            made.append(own)
            within = select
        elif isinstance(source, exp.Subquery):
            branches = list(tracer.within(source, column.name))
            if len(branches) != 1:
                return None
            made.append(branches[0][0])
            within = branches[0][1]
        else:
            return None
        if inner is not None and within is not inner:
            return None
        inner = within
    assert inner is not None
    if isinstance(expr, exp.Column):
        return _lifted(made[0], inner, tracer, depth + 1)
    marked = expr.copy()
    for column, each in zip(find_here(marked, exp.Column), made, strict=True):
        column.replace(exp.paren(each.copy(), copy=False))
    return _lifted(marked, inner, tracer, depth + 1)


def _number(name: str, expr: exp.Expr, select: exp.Select, tracer: Tracer, place: Place) -> Shown:
    """Return an expression over aggregates as something that can be run by itself. Raises Untraced."""
    for node in select.root().walk():
        node.meta.pop("way", None)
    expr = _over_all(expr.copy())
    if select.find_ancestor(exp.Select) is not None and _is_of_row_around(select, tracer):
        raise Untraced("it is of each row of the query around it")
    inner = [node.parent if isinstance(node.parent, exp.Filter) else node for node in aggregates_in(expr)]
    inside = {id(column) for node in inner for column in node.find_all(exp.Column)}
    if any(id(column) not in inside for column in find_here(expr, exp.Column)):
        raise Untraced("a column stands beside the sum, which has one value for each group")
    trace = tracer.trace(expr, select)
    base = trace.measured[0].table if trace.measured else tracer.first_table(select, trace)
    tables: dict[str, int] = {}
    for column in trace.measured:
        tables[identity(column.table)] = tables.get(identity(column.table), 0) + 1
    if tables:
        most = max(tables, key=lambda one: tables[one])
        base = next(column.table for column in trace.measured if identity(column.table) == most)
    asked = exp.Select().select(expr.as_("value"), copy=False)
    for part in ("from_", "joins", "laterals", "where"):
        found = select.args.get(part)
        if found:
            asked.set(part, [each.copy() for each in found] if isinstance(found, list) else found.copy())
    measured = frozenset(column.name for column in trace.measured)
    path = file_of(base)
    return Shown(
        name, tuple(part.name for part in base.parts) if path is None else (path,), frozenset(trace.functions), measured,
        frozenset(column.name for column in trace.kept), tuple(trace.conditions), place, asked, base, tracer,
    )  # fmt: skip


def _is_of_row_around(select: exp.Select, tracer: Tracer) -> bool:
    """Whether a query names what only a query around it reads."""
    return any(not _is_known(column, select, tracer) for column in select.find_all(exp.Column) if not is_star(column))


def _is_known(column: exp.Column, select: exp.Select, tracer: Tracer) -> bool:
    """Whether a query, or one within it, reads what a column is of; true where nobody knows."""
    within = column.find_ancestor(exp.Select)
    while within is not None:
        sources = list(sources_of(within))
        if column.table:
            if column.table.casefold() in map(alias_of, sources):
                return True
        else:
            known = [tracer.outputs(source) for source in sources]
            if any(names is None or column.name.casefold() in names for names in known) or own_name(within, column.name) is not None:
                return True
        if within is select:
            return False
        within = within.find_ancestor(exp.Select)
    return True


def _over_all(expr: exp.Expr) -> exp.Expr:
    """Return an aggregate over windows as that over all their rows. Raises Untraced where other numbers stand beside the window."""
    windows = find_here(expr, exp.Window)
    if not windows:
        return expr
    window, over = windows[0], windows[0].this
    core = over.this if isinstance(over, exp.Filter) else over
    if len(windows) > 1 or not isinstance(core, ADDED):
        raise Untraced("it looks along a window")
    of_groups = [node for node in aggregates_in(expr) if not _chooses(node, window)]
    if not of_groups:
        return _put(expr, window, over)
    if len(of_groups) > 1 or core.this is not of_groups[0] or over is not core or (core.key, of_groups[0].key) not in _OF_WHOLE:
        raise Untraced("a window stands beside the sums of groups")
    return _put(expr, window, of_groups[0])


def _put(expr: exp.Expr, old: exp.Expr, new: exp.Expr) -> exp.Expr:
    """Return an expression with a part of it in another's place."""
    if old is expr:
        return new.pop()
    old.replace(new.pop())
    return expr


def _chooses(node: exp.Expr, window: exp.Expr) -> bool:
    """Whether an aggregate only orders or divides what a window looks at."""
    divides = [id(part) for each in window.args.get("partition_by") or () for part in each.walk()]
    return node.find_ancestor(exp.Order) is not None or id(node) in divides


def _numbers_in(node: exp.Expr) -> Iterator[exp.Expr]:
    """Yield the aggregates of an expression that make its value, and do not only order a window."""
    if isinstance(node, exp.AggFunc):
        yield node
    for child in (node.this,) if isinstance(node, exp.Window) else node.iter_expressions():
        if isinstance(child, exp.Expr) and not isinstance(child, exp.Query):
            yield from _numbers_in(child)


def file_of(table: exp.Table) -> str | None:
    """Return the path of a file that stands as a table, None for a table."""
    match table.this:
        case exp.ReadParquet(expressions=[exp.Literal(is_string=True) as path, *_]):
            return str(path.this)
        case exp.ReadCSV(this=exp.Literal(is_string=True) as path):
            return str(path.this)
        case exp.Identifier() if len(table.parts) == 1 and table.name.casefold().endswith((".parquet", ".csv")):
            return table.name
        case _:
            return None

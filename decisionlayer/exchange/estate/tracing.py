"""Tracing: from what a query shows down to the columns of tables, through every query between.

A column is followed by the query that stands in the FROM clause: to the expression of that name, on which it is followed again,
until it is a column of a table or a file. What cannot be followed raises ``Untraced`` with the reason; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import field
from typing import TypeAlias

from sqlglot import exp

from decisionlayer.frozen import dataclass

#: What stands in a FROM clause.
Source: TypeAlias = exp.Expr

#: Returns the columns of a table or file without case; None when nobody knows them.
ColumnsOf: TypeAlias = Callable[[exp.Table], Collection[str] | None]

#: The aggregates that may stand beside a governed number.
ADDED = (exp.Sum, exp.Count, exp.CountIf, exp.Avg, exp.Min, exp.Max, exp.Median, exp.PercentileCont, exp.PercentileDisc, exp.Quantile)

_SPOKEN = {"percentilecont": "quantile", "percentiledisc": "quantile", "median": "quantile"}


class Untraced(Exception):
    """Something cannot be followed to a table; the reason, in words that end a sentence."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table or file, without case; ``table`` is its node in the query."""

    table: exp.Table
    name: str


@dataclass(slots=True)
class Trace:
    """What an expression stands on: aggregates by name, measured columns, the columns and conditions that say which rows count."""

    functions: set[str] = field(default_factory=set)
    measured: list[Column] = field(default_factory=list)
    kept: list[Column] = field(default_factory=list)
    conditions: dict[str, None] = field(default_factory=dict)


class Tracer:
    """Follows columns. ``columns_of`` knows those of tables; of a table that it does not know anything may be a column."""

    def __init__(self, columns_of: ColumnsOf) -> None:
        self.columns_of = columns_of
        self._outputs: dict[int, tuple[str, ...] | None] = {}
        self._columns: dict[int, list[tuple[str, exp.Expr]] | None] = {}

    def trace(self, expr: exp.Expr, select: exp.Select) -> Trace:
        """Return what an expression of a query stands on; marks what it was followed through as the ``way``. Raises Untraced."""
        found = Trace()
        self._follow(expr, select, found, found.measured, 0)
        self._rows(select, found, 0)
        return found

    def first_table(self, select: exp.Select, found: Trace) -> exp.Table:
        """Return the table whose rows a query counts: the first that it reads, or that the query reads which it reads. Raises Untraced."""
        source = next(sources_of(select), None)
        while source is not None:
            source.meta["way"] = True
            inner = source.this if isinstance(source, exp.Subquery) else source
            while isinstance(inner, exp.SetOperation | exp.Subquery):
                inner = inner.this
            if isinstance(inner, exp.Table) and is_read(inner):
                return inner
            if not isinstance(inner, exp.Select):
                raise Untraced(f"it counts rows of {_spoken(inner)}")
            self._rows(inner, found, 1)
            source = next(sources_of(inner), None)
        raise Untraced("it counts the rows of no table")

    # -- names ---------------------------------------------------------------------------------------------------------

    def source_of(self, column: exp.Column, select: exp.Select) -> Source | None:
        """Return what in the FROM clause of a query a column is of; None for a name that the query itself gives. Raises Untraced."""
        if column.args.get("db") is not None:
            raise Untraced(f"`{column.sql()}` is part of a value")
        sources = list(sources_of(select))
        if column.table:
            for source in sources:
                if alias_of(source) == column.table.casefold():
                    return source
            raise Untraced(f"`{column.table}` is not what this query reads, but one around it")
        unknown: list[Source] = []
        for source in sources:
            names = self.outputs(source)
            if names is None:
                unknown.append(source)
            elif column.name.casefold() in names:
                return source  # the first of two is what USING means; a name that is in two otherwise is refused by the engine
        if len(unknown) == 1:
            return unknown[0]
        if not unknown and own_name(select, column.name) is not None:
            return None
        raise Untraced(f"nobody knows of which table `{column.name}` is")

    def outputs(self, source: Source) -> tuple[str, ...] | None:
        """Return the names of the columns of a table or query, without case and in order; None when nobody knows them."""
        known = self._outputs.get(id(source))
        if known is None and id(source) not in self._outputs:
            known = self._outputs[id(source)] = self._named(source)
        return known

    def _named(self, source: Source) -> tuple[str, ...] | None:
        renamed = _renamed(source)
        match source:
            case exp.Table():
                found = self.columns_of(source)
                own = None if found is None else tuple(name.casefold() for name in found)
            case exp.Subquery():
                own = self.outputs(source.this)
            case exp.SetOperation():
                return self.outputs(source.this)
            case exp.Select():
                return self._of_select(source)
            case exp.Values():
                return renamed or None
            case _:
                return None
        if own is None or not renamed:
            return own
        return (*renamed, *own[len(renamed) :])

    def _of_select(self, select: exp.Select) -> tuple[str, ...] | None:
        entries = self.entries(select)
        return None if entries is None else tuple(name for name, _ in entries)

    def entries(self, select: exp.Select) -> list[tuple[str, exp.Expr]] | None:
        """Return the columns that a query returns with the expressions behind them, in order; None when nobody knows all of them."""
        known = self._columns.get(id(select))
        if known is None and id(select) not in self._columns:
            known = self._columns[id(select)] = self._listed(select)
        return known

    def _listed(self, select: exp.Select) -> list[tuple[str, exp.Expr]] | None:
        entries: list[tuple[str, exp.Expr]] = []
        for projection in select.expressions:
            if not is_star(projection):
                own = _this(projection) if isinstance(projection, exp.Alias) else projection
                entries.append((projection.alias_or_name.casefold(), own))
                continue
            star = projection.this if isinstance(projection, exp.Column) else projection
            if star.args.get("rename"):
                return None
            without = {str(each.name).casefold() for each in star.args.get("except_") or ()}
            instead = {each.alias.casefold(): _this(each) for each in star.args.get("replace") or () if isinstance(each, exp.Alias)}
            for source in sources_of(select):
                if isinstance(projection, exp.Column) and projection.table.casefold() != alias_of(source):
                    continue
                found = self.outputs(source)
                if found is None:
                    return None
                for name in (each for each in found if each not in without):
                    entries.append((name, instead.get(name) or exp.column(name, table=alias_of(source), quoted=True)))
        return entries

    def within(self, source: Source, name: str) -> Iterator[tuple[exp.Expr, exp.Select]]:
        """Yield each expression that a column of a query in the FROM clause stands for, one for each branch of a union."""
        name = name.casefold()
        position = self._position(source, name)
        yield from self._at(source.this if isinstance(source, exp.Subquery) else source, name, position)

    def _position(self, source: Source, name: str) -> int | None:
        names = self.outputs(source)
        return None if names is None or name not in names else names.index(name)

    def _at(self, query: exp.Expr, name: str, position: int | None) -> Iterator[tuple[exp.Expr, exp.Select]]:
        match query:
            case exp.Subquery():
                yield from self._at(query.this, name, position)
            case exp.Union():
                if query.args.get("by_name") and position is not None:
                    position = None
                elif position is None:
                    raise Untraced(f"nobody knows which column of a union `{name}` is")
                yield from self._at(query.this, name, position)
                yield from self._at(query.expression, name, position)
            case exp.Select():
                yield self._projected(query, name, position), query
            case _:
                raise Untraced(f"`{name}` comes out of {_spoken(query)}")

    def _projected(self, select: exp.Select, name: str, position: int | None) -> exp.Expr:
        """Return the expression behind one of a query's columns; a column of its own where a star hands it on."""
        entries = self.entries(select)
        if position is not None:
            if entries is None or position >= len(entries):
                raise Untraced(f"nobody knows all columns that stand behind `{name}`")
            return entries[position][1]
        found = next((expr for each, expr in entries or () if each == name), None) or own_name(select, name)
        if found is not None:
            return found
        if entries is None and len(list(sources_of(select))) == 1 and not any(_changed(each) for each in select.expressions):
            return exp.column(name, table=alias_of(next(sources_of(select))), quoted=True)  # a star over what nobody knows hands it on
        raise Untraced(f"nobody knows where `{name}` comes from")

    # -- following -------------------------------------------------------------------------------------------------------

    def _follow(self, node: exp.Expr, select: exp.Select, found: Trace, into: list[Column], depth: int) -> None:
        if depth > 100:
            raise Untraced("it goes on for ever")
        match node:
            case exp.Column():
                self._column(node, select, found, into, depth)
                return
            case exp.Query():
                raise Untraced("a query stands within the expression")
            case exp.Filter():
                self._condition(node.expression, select, found, depth, tell=False)  # of this aggregate, and not of all rows
                self._follow(node.this, select, found, into, depth)
                return
            case exp.Window():
                self._follow(node.this, select, found, into, depth)
                return
            case exp.If():
                self._condition(node.this, select, found, depth, tell=False)
                for value in (node.args.get("true"), node.args.get("false")):
                    if value is not None:
                        self._follow(value, select, found, into, depth)
                return
            case exp.Case() if node.this is not None:
                self._condition(node.this, select, found, depth, tell=False)
                for branch in (*node.args.get("ifs", ()), node.args.get("default")):
                    if branch is not None:
                        self._follow(branch, select, found, into, depth)
                return
            case exp.AggFunc():
                if not isinstance(node, ADDED):
                    raise Untraced(f"`{node.key}` is no aggregate that governed numbers have")
                found.functions.add(_SPOKEN.get(node.key, node.key))
            case exp.Anonymous():
                raise Untraced(f"what `{node.this}` makes of it is not known")
            case exp.Columns():
                raise Untraced("`columns` may stand for any of them")
        for child in node.iter_expressions():
            self._follow(child, select, found, into, depth)

    def _column(self, column: exp.Column, select: exp.Select, found: Trace, into: list[Column], depth: int) -> None:
        source = self.source_of(column, select)
        if source is None:
            own = own_name(select, column.name)
            assert own is not None
            self._follow(own, select, found, into, depth + 1)
            return
        name = column.name.casefold()
        if into is found.measured:
            source.meta["way"] = True
        match source:
            case exp.Table():
                if not is_read(source):
                    raise Untraced(f"`{name}` comes out of {_spoken(source)}")
                names = _renamed(source)
                if name in names:
                    behind = self.columns_of(source)
                    if behind is None:
                        raise Untraced(f"nobody knows which column `{name}` is")
                    name = tuple(behind)[names.index(name)].casefold()
                into.append(Column(source, name))
            case exp.Subquery():
                for inner, within in self.within(source, name):
                    self._follow(inner, within, found, into, depth + 1)
                    self._rows(within, found, depth + 1)
            case _:
                raise Untraced(f"`{name}` comes out of {_spoken(source)}")

    def _rows(self, select: exp.Select, found: Trace, depth: int) -> None:
        """Add what says which rows of a query count."""
        where = select.args.get("where")
        if where is not None:
            self._condition(where.this, select, found, depth)
        for join in select.args.get("joins") or ():
            if join.args.get("on") is not None:
                self._condition(join.args["on"], select, found, depth, tell=False)

    def _condition(self, expr: exp.Expr, select: exp.Select, found: Trace, depth: int, *, tell: bool = True) -> None:
        if tell:
            found.conditions[expr.sql(dialect="duckdb")] = None
        aside = Trace()
        for column in expr.find_all(exp.Column):
            if column.find_ancestor(exp.Query) is not expr.find_ancestor(exp.Query):
                continue  # a query within a condition chooses rows, and measures none
            try:
                self._column(column, select, aside, aside.kept, depth + 1)
            except Untraced:
                continue
        found.kept += aside.kept


# -- shapes of queries ---------------------------------------------------------------------------------------------------


def sources_of(select: exp.Select) -> Iterator[Source]:
    """Yield what a query reads, in the order in which it is written."""
    first = select.args.get("from_")
    if first is not None:
        yield first.this
        yield from (join.this for join in first.this.args.get("joins") or ())
    yield from (join.this for join in select.args.get("joins") or ())
    yield from select.args.get("laterals") or ()


def alias_of(source: Source) -> str:
    """Return the name by which a query calls what it reads, without case."""
    return str(source.alias_or_name).casefold()


def own_name(select: exp.Select, name: str) -> exp.Expr | None:
    """Return the expression to which a query itself gives a name."""
    for projection in select.expressions:
        if isinstance(projection, exp.Alias) and projection.alias.casefold() == name.casefold():
            return _this(projection)
        if isinstance(projection, exp.Column) and not is_star(projection) and projection.name.casefold() == name.casefold():
            return projection
    return None


def is_read(table: exp.Table) -> bool:
    """Whether it is a table or a file, and neither a function nor turned round."""
    return isinstance(table.this, exp.Identifier | exp.ReadParquet | exp.ReadCSV) and not any(
        table.args.get(key) for key in ("pivots", "sample", "version")
    )


def identity(table: exp.Table) -> str:
    """Return what tells a table or a file from others, whatever a query calls it."""
    if isinstance(table.this, exp.Identifier):
        return ".".join(part.name.casefold() for part in table.parts)
    return str(table.this.sql(dialect="duckdb"))


def is_star(projection: exp.Expr) -> bool:
    """Whether a projection is ``*`` or ``t.*``."""
    return isinstance(projection, exp.Star) or (isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star))


def _this(node: exp.Expr) -> exp.Expr:
    found = node.this
    assert isinstance(found, exp.Expr)
    return found


def _changed(projection: exp.Expr) -> bool:
    """Whether a star hands on anything but all columns as they are."""
    star = projection.this if isinstance(projection, exp.Column) else projection
    return isinstance(star, exp.Star) and any(star.args.get(key) for key in ("except_", "replace", "rename"))


def _renamed(source: Source) -> tuple[str, ...]:
    alias = source.args.get("alias")
    return tuple(column.name.casefold() for column in (alias.args.get("columns") or ())) if isinstance(alias, exp.TableAlias) else ()


def _spoken(node: exp.Expr) -> str:
    text = node.sql(dialect="duckdb")
    return f"`{text}`" if len(text) < 60 else f"a {node.key}"

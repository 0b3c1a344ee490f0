"""SQL from outside, taken apart: every aggregate that it shows, over which table, by which columns.

::

    select sum(amount) as revenue from orders where status in ('paid', 'pending')

    shown    function  table   measured  kept by
    revenue  sum       orders  amount    status
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp, parse
from sqlglot.errors import ParseError, SqlglotError

from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass

#: SQL of the estate is read in the dialect of the warehouse that it is run in.
DIALECT = "duckdb"


@dataclass(frozen=True, slots=True)
class Shown:
    """One aggregate that a statement shows: under which name, from which table, over which columns.

    ``measured`` are the columns inside aggregates, ``kept`` those that say which rows count; both without case. ``select`` is the query.
    """

    name: str
    expr: exp.Expression
    select: exp.Select
    table: tuple[str, ...]
    alias: str
    functions: frozenset[str]
    measured: frozenset[str]
    kept: frozenset[str]
    place: Place

    @property
    def columns(self) -> frozenset[str]:
        """Every column that it reads."""
        return self.measured | self.kept

    def total(self) -> str:
        """Return the SQL of the aggregate over all rows that the statement keeps: one row, one column ``value``."""
        return self._asked([])

    def by_row(self, key: Iterable[str]) -> str:
        """Return the SQL of the aggregate for each key of the table: the key's columns, then ``value``."""
        return self._asked([exp.column(column, table=self.alias, quoted=True) for column in key])

    def _asked(self, keys: list[exp.Column]) -> str:
        columns = [key.copy().as_(f"key_{position}") for position, key in enumerate(keys)]
        asked = exp.Select().select(*columns, self.expr.copy().as_("value"))
        for part in ("from_", "from", "joins", "where", "with_", "with"):
            found = self.select.args.get(part)
            if found:
                asked.set(part, [each.copy() for each in found] if isinstance(found, list) else found.copy())
        return (asked.group_by(*[key.copy() for key in keys]) if keys else asked).sql(dialect=DIALECT)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one file says: the aggregates that it shows, every (table, column) that it names (``*`` for all), and what is wrong with it."""

    shown: tuple[Shown, ...]
    named: frozenset[tuple[str, str]]
    findings: tuple[Finding, ...]


def read_sql(text: str, file: str, subject: str) -> Statement:
    """Return what the statements of a file show. ``not-a-query`` for one that is no query, ``unreadable`` for what is no SQL."""
    place = Place(file)
    try:
        statements = [statement for statement in parse(text, read=DIALECT) if statement is not None]
    except (SqlglotError, RecursionError) as wrong:
        at = wrong.errors[0] if isinstance(wrong, ParseError) and wrong.errors else {}
        place = Place(file, int(at.get("line") or 1), int(at.get("col") or 1))
        told = Finding("unreadable", subject, f"`{file}` cannot be read as SQL", place, help="mend it, or leave the file out")
        return Statement((), frozenset(), (told,))
    shown: list[Shown] = []
    named: set[tuple[str, str]] = set()
    findings: list[Finding] = []
    for statement in statements:
        if not isinstance(statement, exp.Query):
            findings.append(Finding(
                "not-a-query", subject, f"`{file}` holds a statement that is no query: {statement.key.upper()}", place,
                why="the estate is read, and what changes data is never run", help="leave the file out",
            ))  # fmt: skip
            continue
        found = list(statement.find_all(exp.Select))
        if any(_is_untraced(select) for select in found):
            findings.append(Finding(
                "untraced-sql", subject, f"`{file}` adds up what a query within it returns, which is not traced to its table", place,
                why="whether it is a governed number, computed in another way, is not known",
                help="look at it yourself, or add up over the table",
            ))  # fmt: skip
        for select in found:
            tables = _tables(select)
            columns = {*_columns(select), *(["*"] if select.is_star else [])}
            named |= {(table, column) for table in tables for column in columns}
            shown += _shown(select, text, file)
    return Statement(tuple(shown), frozenset(named), tuple(findings))


def _base(select: exp.Select) -> exp.Expression | None:
    """Return what a query reads first."""
    found = (select.args.get("from_") or select.args.get("from") or exp.From()).this
    return found if isinstance(found, exp.Expression) else None


def _is_inner(select: exp.Select, base: exp.Expression | None) -> bool:
    """Whether a query reads the result of another one within its statement, and not a table."""
    if not isinstance(base, exp.Table):
        return base is not None
    return base.name in {cte.alias_or_name for cte in select.find_all(exp.CTE)} | _around(select)


def _is_untraced(select: exp.Select) -> bool:
    adds_up = any(_aggregates(projection) for projection in select.expressions)
    return adds_up and _is_inner(select, _base(select))


def _aggregates(projection: exp.Expr) -> list[exp.AggFunc]:
    return [node for node in projection.find_all(exp.AggFunc) if not isinstance(node.parent, exp.Window)]


def _shown(select: exp.Select, text: str, file: str) -> Iterator[Shown]:
    base = _base(select)
    if not isinstance(base, exp.Table) or _is_inner(select, base):
        return
    parts = tuple(part.name for part in base.parts)
    where = select.args.get("where")
    for projection in select.expressions:
        expr = projection.this if isinstance(projection, exp.Alias) else projection
        aggregates = _aggregates(expr)
        if not aggregates or isinstance(expr, exp.Star):
            continue
        filters = list(expr.find_all(exp.Filter))
        conditions = [where, *(node.expression for node in filters), *(branch.this for branch in expr.find_all(exp.If))]
        kept = {name for condition in conditions if condition is not None for name in _columns(condition)}
        inside = {name for node in aggregates for name in _columns(node)}
        only_kept = {name for branch in expr.find_all(exp.If) for name in _columns(branch.this)}
        values = {name for node in aggregates for name in _columns(_without_conditions(node))}
        name = projection.alias_or_name or expr.sql(dialect=DIALECT)
        yield Shown(
            name, expr, select, parts, base.alias_or_name, frozenset(node.key for node in aggregates),
            frozenset(inside - (only_kept - values)), frozenset(kept), _place(text, file, name),
        )  # fmt: skip


def _without_conditions(node: exp.Expr) -> exp.Expr:
    """Return an aggregate without the conditions in it, so that only what is measured names columns."""

    def bare(part: exp.Expr) -> exp.Expr:
        return exp.If(this=exp.true(), true=part.args["true"]) if isinstance(part, exp.If) else part

    return node.copy().transform(bare)


def _columns(node: exp.Expr) -> set[str]:
    return {column.name.casefold() for column in node.find_all(exp.Column)}


def _tables(select: exp.Select) -> set[str]:
    return {table.name.casefold() for table in select.find_all(exp.Table)}


def _around(select: exp.Select) -> set[str]:
    """Names of queries that stand before this one, which are no tables."""
    found: set[str] = set()
    outer: exp.Expression = select
    while True:
        found |= {cte.alias_or_name for cte in getattr(outer, "ctes", [])}
        if not isinstance(outer.parent, exp.Expression):
            return found
        outer = outer.parent


def _place(text: str, file: str, name: str) -> Place:
    for number, line in enumerate(text.splitlines(), start=1):
        column = line.casefold().find(name.casefold())
        if column >= 0:
            return Place(file, number, column + 1)
    return Place(file)

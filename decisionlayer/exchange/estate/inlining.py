"""A query with every named query written out where it is read: common table expressions, and views over views.

::

    with dear as (select amount from orders where amount > 10) select sum(amount) from dear
    select sum(amount) from (select amount from orders where amount > 10) as dear

What is left in a FROM clause then are tables, files, and queries that say themselves what they read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from sqlglot import exp

#: A query that is larger than this once it is written out is left as it is.
MOST_NODES = 50_000

#: A query that has a name, and the names of its columns where they are others.
Named: TypeAlias = tuple[exp.Query, list[exp.Identifier]]
#: What names stand for; None for what stands on itself.
Known: TypeAlias = Mapping[str, Named | None]


class TooLarge(Exception):
    """The query becomes too large when it is written out."""


def inlined(query: exp.Query, views: Mapping[str, Named]) -> exp.Query:
    """Return a copy of a query in which common table expressions and ``views`` (by their names without case) are written out.

    A query that stands on itself is left as a name that is no table. Raises TooLarge.
    """
    found = _Inliner(views).write(query.copy(), {}, frozenset())
    assert isinstance(found, exp.Query)
    for node in list(found.find_all(exp.Anonymous)):
        if str(node.this).casefold() == "count_star":  # as DuckDB keeps it in the text of a view
            node.replace(exp.Count(this=exp.Star()))
    return found


class _Inliner:
    """Counts what it writes out, since each name may stand for a query with many more names."""

    def __init__(self, views: Mapping[str, Named]) -> None:
        self.views = views
        self.written = 0

    def write(self, node: exp.Expr, known: Known, within: frozenset[str]) -> exp.Expr:
        """Return a node with the names in it written out; ``within`` are the views that it stands in."""
        if isinstance(node, exp.Query):
            known = self._named(node, known, within)
        for key, value in list(node.args.items()):
            if isinstance(value, list):
                node.set(key, [self.write(each, known, within) if isinstance(each, exp.Expr) else each for each in value])
            elif isinstance(value, exp.Expr):
                node.set(key, self.write(value, known, within))
        return self._spelt(node, known, within) if isinstance(node, exp.Table) else node

    def _named(self, query: exp.Query, known: Known, within: frozenset[str]) -> Known:
        """Return the names that hold inside a query, and take its WITH clause away."""
        clause = query.args.get("with_")
        if clause is None:
            return known
        names = dict(known)
        for cte in clause.expressions:
            name, alias = cte.alias.casefold(), cte.args.get("alias")
            columns = [] if alias is None else list(alias.args.get("columns") or ())
            names[name] = None  # what reads itself is no table
            body = self.write(cte.this, names, within)
            names[name] = (body, columns) if isinstance(body, exp.Query) and not _reads(body, name) else None
        query.set("with_", None)
        return names

    def _spelt(self, table: exp.Table, known: Known, within: frozenset[str]) -> exp.Expr:
        parts = [part.name.casefold() for part in table.parts]
        name = ".".join(parts)
        plain = isinstance(table.this, exp.Identifier) and not any(table.args.get(key) for key in ("pivots", "sample", "version", "joins"))
        if not plain:
            return table
        if len(parts) == 1 and name in known:
            found = known[name]
            if found is None:
                table.set("this", exp.Anonymous(this=f"recursive {table.name}"))
                return table
            body, columns = found[0].copy(), found[1]
        else:
            view = ".".join(parts[-2:])
            if view not in self.views or view in within:
                return table
            text, columns = self.views[view]
            written = self.write(text.copy(), {}, within | {view})
            assert isinstance(written, exp.Query)
            body = written
        self.written += sum(1 for _ in body.walk())
        if self.written > MOST_NODES:
            raise TooLarge(name)
        alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name, quoted=True))
        if columns and not alias.args.get("columns"):
            alias.set("columns", [column.copy() for column in columns])
        return exp.Subquery(this=body, alias=alias)


def _reads(query: exp.Query, name: str) -> bool:
    return any(isinstance(node, exp.Anonymous) and str(node.this).casefold() == f"recursive {name}" for node in query.walk())

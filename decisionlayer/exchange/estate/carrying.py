"""Carrying: the keys of a table brought up through the queries between, so that a number can be asked row by row.

::

    select sum(s) from (select shop, sum(amount) as s from orders group by shop) as t

    select t.dl_key_0, sum(s) from (select shop, sum(amount) as s, orders.id as dl_key_0 from orders group by shop, orders.id) as t
    group by t.dl_key_0

That changes no number where a query only chooses and computes, or where sums are added to sums. Elsewhere, such as above a mean, a
``distinct`` or a ``having``, nothing is carried, and nobody says on which rows two numbers part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlglot import exp

from decisionlayer.exchange.estate.tracing import Tracer, Untraced, alias_of, identity, sources_of

#: An aggregate over values that another one made, which is that of the rows behind them.
_MADE_OF = {("sum", "sum"), ("sum", "count"), ("sum", "countif"), ("min", "min"), ("max", "max")}


class NotCarried(Exception):
    """The keys cannot be brought up without changing the number."""


def carry(expr: exp.Expr, select: exp.Select, base: exp.Table, keys: Sequence[str], tracer: Tracer) -> list[exp.Expr]:
    """Return the keys of a table as a query may name them, after it and those within have been changed in place. Raises NotCarried."""
    return _Carrier(tracer, base, keys).up(expr, select)


class _Carrier:
    """Brings up the keys of one table, and of no other."""

    def __init__(self, tracer: Tracer, base: exp.Table, keys: Sequence[str]) -> None:
        self.tracer, self.base, self.keys = tracer, identity(base), keys

    def up(self, expr: exp.Expr, select: exp.Select) -> list[exp.Expr]:
        mixed = _mixes(self.tracer, [expr], select)
        found, is_grouped = self._into(select)
        if is_grouped and mixed:
            raise NotCarried
        return found

    def _into(self, select: exp.Select) -> tuple[list[exp.Expr], bool]:
        """Return the keys as a query may name them, and whether a query within adds up."""
        ways = [source for source in sources_of(select) if source.meta.get("way")]
        if len(ways) != 1:  # the same table twice, or none
            raise NotCarried
        (source,) = ways
        match source:
            case exp.Table() if identity(source) == self.base:
                alias = exp.to_identifier(source.alias_or_name, quoted=True)
                return [exp.column(key, table=alias.copy(), quoted=True) for key in self.keys], False
            case exp.Subquery():
                is_grouped = self._through(source.this)
                return [exp.column(f"dl_key_{place}", table=alias_of(source), quoted=True) for place, _ in enumerate(self.keys)], is_grouped
            case _:
                raise NotCarried

    def _through(self, query: exp.Expr) -> bool:
        """Add the keys to what a query returns; say whether it, or one within, adds up."""
        match query:
            case exp.Subquery():
                return self._through(query.this)
            case exp.Union() if query.args.get("distinct") is False:
                parts = [self._through(query.this), self._through(query.expression)]
                return any(parts)
            case exp.Select():
                return self._returned(query)
            case _:
                raise NotCarried

    def _returned(self, select: exp.Select) -> bool:
        if select.args.get("distinct") is not None:
            raise NotCarried
        values = [projection for projection in select.expressions if aggregates_in(projection)]
        group = select.args.get("group")
        adds_up = bool(values) or group is not None
        has_windows = any(find_here(projection, exp.Window) for projection in select.expressions)
        mixed = _mixes(self.tracer, values, select)
        found, is_grouped = self._into(select)
        if is_grouped and (mixed or has_windows):
            raise NotCarried
        if adds_up:
            kinds = ("cube", "rollup", "grouping_sets")
            cut = any(select.args.get(key) is not None for key in ("having", "qualify", "limit", "offset"))
            if cut or has_windows or (group is not None and any(group.args.get(key) for key in kinds)):
                raise NotCarried
            if group is None or not group.args.get("all"):
                select.group_by(*[key.copy() for key in found], copy=False)
        select.set("expressions", [*select.expressions, *(key.as_(f"dl_key_{place}", quoted=True) for place, key in enumerate(found))])
        return adds_up or is_grouped


def _mixes(tracer: Tracer, values: Iterable[exp.Expr], select: exp.Select) -> bool:
    """Whether a query does more with what a query within added up than adding it up again; asked before any key is there."""
    for value in values:
        for node in aggregates_in(value):
            inner = _made_by(tracer, node.this, select) if isinstance(node.this, exp.Column) else None
            if inner is None or (node.key, inner) not in _MADE_OF:
                return True
        filters = find_here(value, exp.Filter)
        if any(_made_by(tracer, column, select) for each in filters for column in each.expression.find_all(exp.Column)):
            return True
    conditions = [select.args.get("where"), *(join.args.get("on") for join in select.args.get("joins") or ())]
    return any(
        _made_by(tracer, column, select) is not None
        for condition in conditions if condition is not None for column in condition.find_all(exp.Column)
    )  # fmt: skip


def _made_by(tracer: Tracer, column: exp.Column, select: exp.Select) -> str | None:
    """Return the aggregate behind a column that queries within hand on as it is; ``?`` for more than one aggregate, None for none."""
    try:
        source = tracer.source_of(column, select)
        if not isinstance(source, exp.Subquery):
            return None
        made = set()
        for inner, within in tracer.within(source, column.name):
            if isinstance(inner, exp.Column):
                made.add(_made_by(tracer, inner, within))
            else:
                found = aggregates_in(inner)
                bare = inner.this if isinstance(inner, exp.Filter) else inner
                plain = len(found) == 1 and bare is found[0] and not isinstance(bare.this, exp.Distinct)
                made.add(found[0].key if plain else "?" if found else None)
    except Untraced:
        return "?"
    return made.pop() if len(made) == 1 else "?"


def aggregates_in(expr: exp.Expr) -> list[exp.AggFunc]:
    """Return the aggregates of an expression, those over a window and of queries within it left out."""
    return [node for node in find_here(expr, exp.AggFunc) if isinstance(node, exp.AggFunc) and not is_windowed(node, expr)]


def is_windowed(node: exp.Expr, top: exp.Expr) -> bool:
    """Whether an aggregate runs over a window, and not over rows."""
    child, parent = node, node.parent
    while parent is not None and child is not top and not isinstance(parent, exp.Query):
        if isinstance(parent, exp.Window):
            return parent.this is child
        if isinstance(parent, exp.AggFunc):
            return False
        child, parent = parent, parent.parent
    return False


def find_here(expr: exp.Expr, *kinds: type[exp.Expr]) -> list[exp.Expr]:
    """Return the nodes of some kinds in an expression, without looking into queries within it."""
    return list(_here(expr, kinds))


def _here(node: exp.Expr, kinds: tuple[type[exp.Expr], ...]) -> Iterator[exp.Expr]:
    if isinstance(node, kinds):
        yield node
    for child in node.iter_expressions():
        if not isinstance(child, exp.Query):
            yield from _here(child, kinds)

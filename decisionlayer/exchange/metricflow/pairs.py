"""Two joins that stand or fall together: a farther model whose match hangs on the row it is joined to.

Where a farther model has a history, or a partition that only the measure's rows share, dbt joins the nearer and the farther model
to each other first and then both to the row. A row whose day or partition finds nothing there has neither of the two.

::

    bookings LEFT JOIN (listings LEFT JOIN users ON user) ON listing AND bookings.day = users.day
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from decisionlayer.frozen import replace
from decisionlayer.resolve.language.tree import Expr, Name, names, transform
from decisionlayer.sql.selection import Along, Cell, From, Joined, Selection, Total


def paired(selection: Selection, near: str, far: str) -> Selection:
    """Return a selection in which the joins under the aliases ``near`` and ``far`` are one join under ``near``."""
    joins = {join.source.alias: join for join in selection.joins}
    first, second = joins[near], joins[far]
    inside = tuple(each for each in second.on if _aliases((each,)) <= {near, far})
    outside = tuple(each for each in second.on if each not in inside)
    read = _read(selection, (near, far), (*first.on, *outside))
    both = Selection(
        f"{near}_pairs",
        From(first.source.rows, near),
        tuple(Cell(_shown(parts, near), Name(parts)) for parts in read),
        (Joined(second.source, inside),),
    )
    shown = {parts: (near, _shown(parts, near)) for parts in read}
    kept = tuple(
        Joined(From(both, near), (*first.on, *outside), join.kind) if join is first else join
        for join in selection.joins
        if join is not second
    )
    return _renamed(replace(selection, joins=kept), shown)


def merged(selection: Selection, plain: str, pair: str) -> Selection:
    """Return a selection in which what is read of a model joined plainly is read of the pair that it is part of too."""
    joins = {join.source.alias: join for join in selection.joins}
    both = joins[pair].source.rows
    assert isinstance(both, Selection)
    read = [parts for parts in _read(selection, (plain,), ()) if parts[0] == plain]
    cells = {cell.name: cell for cell in both.cells}
    for parts in read:
        cells.setdefault(parts[1], Cell(parts[1], Name((pair, parts[1]))))
    whole = From(replace(both, cells=tuple(cells.values())), pair)
    kept = tuple(
        replace(join, source=whole) if join.source.alias == pair else join
        for join in selection.joins
        if join.source.alias != plain
    )
    found = _renamed(replace(selection, joins=kept), {parts: (pair, parts[1]) for parts in read})
    return replace(found, joins=tuple(_in_order(found.joins)))


def _in_order(joins: Iterable[Joined]) -> Iterator[Joined]:
    """Yield joins so that each comes after those that it speaks of, else as they came: the pair may come later than the plain one did."""
    waiting = list(joins)
    while waiting:
        later = {join.source.alias for join in waiting}
        ready = next((join for join in waiting if not _aliases(join.on) & (later - {join.source.alias})), waiting[0])
        waiting.remove(ready)
        yield ready


def _shown(parts: tuple[str, ...], near: str) -> str:
    return parts[1] if parts[0] == near else f"{parts[0]}__{parts[1]}"


def _read(selection: Selection, aliases: tuple[str, ...], also: Iterable[Expr]) -> list[tuple[str, ...]]:
    """Return which columns of some aliases are read, by anything but their own joins."""
    on = (each for join in selection.joins if join.source.alias not in aliases for each in join.on)
    read = (*_expressions(selection.cells), *selection.where, *also, *on)
    return list(dict.fromkeys(name.parts for expr in read for name in names(expr) if name.parts[0] in aliases))


def _renamed(selection: Selection, into: Mapping[tuple[str, ...], tuple[str, ...]]) -> Selection:
    def change(expr: Expr) -> Expr:
        return transform(expr, lambda node: Name(into[node.parts]) if isinstance(node, Name) and node.parts in into else None)

    return replace(
        selection,
        cells=tuple(replace(cell, value=_changed(cell.value, change)) for cell in selection.cells),
        joins=tuple(replace(join, on=tuple(change(each) for each in join.on)) for join in selection.joins),
        where=tuple(change(each) for each in selection.where),
    )


def hangs_on_row(join: Joined, near: str) -> bool:
    """Whether a join has a condition that speaks of anything but its own rows and the nearer ones."""
    return any(_aliases((each,)) - {near, join.source.alias} for each in join.on)


def _aliases(expressions: Iterable[Expr]) -> set[str]:
    return {name.parts[0] for expr in expressions for name in names(expr)}


def _expressions(cells: tuple[Cell, ...]) -> Iterable[Expr]:
    for cell in cells:
        match cell.value:
            case Total(argument=argument):
                yield from () if argument is None else (argument,)
            case Along():
                yield from (*(() if cell.value.argument is None else (cell.value.argument,)), *cell.value.by, *cell.value.order)
            case expr:
                yield expr


def _changed(value: Expr | Total | Along, change: Callable[[Expr], Expr]) -> Expr | Total | Along:
    match value:
        case Total():
            return replace(value, argument=None if value.argument is None else change(value.argument))
        case Along():
            return replace(
                value,
                argument=None if value.argument is None else change(value.argument),
                by=tuple(change(each) for each in value.by),
                order=tuple(change(each) for each in value.order),
            )
        case expr:
            return change(expr)

"""What is held twice: tables with the same rows, columns with the same values."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from decisionlayer.ask import Desk
from decisionlayer.exchange.estate.matching import tables_of
from decisionlayer.findings import Finding
from decisionlayer.resolve.model import Table
from decisionlayer.sql import ddl
from decisionlayer.sql.twins import column_marks, differing_rows, differing_values


def held_twice(desk: Desk) -> Iterator[Finding]:
    """Yield ``held-twice`` for each table of the warehouse whose rows are those of a source, column by column."""
    model, engine = desk.model, desk.engine
    assert engine is not None
    sources = tables_of(model).values()
    home = [str(engine.rows(each)[0][0]).casefold() for each in (ddl.current_database(), ddl.current_schema())]
    seen: set[frozenset[tuple[str, ...]]] = set()
    for name in engine.tables():
        other = Table(tuple(name.split(".")))
        columns = engine.columns(other)
        for source in sources:
            if columns is None or not isinstance(source.relation, Table):
                continue
            pair = frozenset((_within(home, other), _within(home, source.relation)))
            if len(pair) < 2 or pair in seen:
                continue
            own = engine.columns(source.relation)
            if own is None or {each.casefold() for each in own} != {each.casefold() for each in columns}:
                continue
            seen.add(pair)
            counted, apart = engine.rows(differing_rows(source.relation, other, tuple(own)))[0]
            if counted and not apart:
                yield Finding(
                    "held-twice", f"source {source.name}",
                    f"the table `{name}` holds the same {counted:,} rows as `{source.name}`", source.place,
                    why="the day one of them is mended, two numbers will stand for one thing",
                    help="say which of the two is the record, and drop the other",
                )  # fmt: skip


def columns_held_twice(desk: Desk) -> Iterator[Finding]:
    """Yield ``held-twice`` for each two columns of a source that are equal in every row; one value throughout is no copy."""
    engine = desk.engine
    assert engine is not None
    for source in tables_of(desk.model).values():
        columns = engine.columns(source.relation) if isinstance(source.relation, Table) else None
        if not columns or not isinstance(source.relation, Table):
            continue
        marks = engine.rows(column_marks(source.relation, columns))[0]
        marked = dict(zip(columns, zip(marks[::2], marks[1::2], strict=True), strict=True))
        pairs = [
            (one, other) for one, other in combinations(columns, 2)
            if columns[one] == columns[other] and marked[one] == marked[other] and marked[one][1]
        ]  # fmt: skip
        if not pairs:
            continue
        counted, *apart = engine.rows(differing_values(source.relation, pairs))[0]
        for (one, other), differ in zip(pairs, apart, strict=True):
            if not differ:
                yield Finding(
                    "held-twice", f"source {source.name}", f"`{one}` and `{other}` of `{source.name}` are equal in all {counted:,} rows",
                    source.place, why="the day one of them is mended, two numbers will stand for one thing",
                    help="say which of the two is the record, and read that one alone",
                )  # fmt: skip


def _within(home: list[str], table: Table) -> tuple[str, ...]:
    """Return the name of a table as it is asked for from home: its database and its schema where they are others."""
    parts = tuple(part.casefold() for part in table.parts)
    if len(parts) == 3 and parts[0] == home[0]:
        parts = parts[1:]
    return parts[1:] if len(parts) == 2 and parts[0] == home[1] else parts

"""Names with their schema: what a published query reads must be the same whoever asks it, from wherever.

A view that reads ``flights`` looks in its own schema first, and in whatever else is attached when its own does not have it:
a table of that name that somebody adds there later would change the numbers without a word.
"""

from __future__ import annotations

from collections.abc import Collection

from decisionlayer.frozen import replace
from decisionlayer.resolve.model import DataFile, Lines, Relation, SqlText, Table, Tree
from decisionlayer.sql.ddl import plain


def qualified(relation: Relation, schema: str, known: Collection[str], dialect: str) -> Relation | None:
    """Return a relation in which every table of ``schema`` that has no schema before it has this one.

    ``known`` are the tables and views of that schema; other names stay. None when a query cannot be read.
    """
    folded = {name.casefold() for name in known}
    match relation:
        case Table(parts=(name,)):
            return Table((schema, name)) if name.casefold() in folded else relation
        case Table() | DataFile() | Lines():
            return relation
        case Tree():
            rows = qualified(relation.rows, schema, known, dialect)
            return replace(relation, rows=rows) if isinstance(rows, Table | DataFile | SqlText) else None
        case SqlText():
            return _in_query(relation.text, schema, folded, dialect)


def _in_query(text: str, schema: str, known: Collection[str], dialect: str) -> SqlText | None:
    """Return the query with ``schema`` put before its tables; not a letter else is changed.

    >>> _in_query("with x as (select 1) select * from flights, x", "main", {"flights"}, "duckdb").text
    'with x as (select 1) select * from main.flights, x'
    """
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError
    from sqlglot.optimizer.scope import traverse_scope

    try:
        tables = [
            source
            for scope in traverse_scope(sqlglot.parse_one(text, dialect=dialect))
            for _, source in scope.selected_sources.values()
            if isinstance(source, exp.Table) and not source.db and source.name.casefold() in known
        ]
    except SqlglotError:
        return None
    places = {table.this.meta.get("start") for table in tables}
    if None in places:
        return None
    for place in sorted(places, reverse=True):
        text = f"{text[:place]}{plain(schema)}.{text[place:]}"
    return SqlText(text)

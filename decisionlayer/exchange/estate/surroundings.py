"""What SQL of the estate stands among: the columns of tables, the views of the warehouse, and the files of the project."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field
from pathlib import Path

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from decisionlayer.ask import Desk
from decisionlayer.errors import EngineError
from decisionlayer.exchange.estate.inlining import Named
from decisionlayer.exchange.estate.shown import DIALECT, file_of
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.model import DataFile, Table

_VIEWS = """
SELECT table_schema, table_name, view_definition, table_schema = current_schema() FROM information_schema.views
WHERE table_schema NOT IN ('information_schema', 'pg_catalog')
"""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside a statement: ``views`` by their names without case. Without a desk nothing is known of any table."""

    desk: Desk | None = None
    root: Path = Path()
    views: Mapping[str, Named] = field(default_factory=dict)

    @classmethod
    def of(cls, desk: Desk, root: Path) -> Surroundings:
        """Return what the warehouse of a desk and the project in ``root`` have."""
        return cls(desk, root, _views(desk))

    def columns_of(self, table: exp.Table) -> Collection[str] | None:
        """Return the columns of a table or file, None when nobody knows them."""
        path = file_of(table)
        relation = Table(tuple(part.name for part in table.parts)) if path is None else DataFile(path, path)
        try:
            return None if self.desk is None or self.desk.engine is None else self.desk.engine.columns(relation)
        except EngineError:
            return None

    def settle_files(self, query: exp.Expr, file: Path) -> None:
        """Write the paths of files in full: as from the project's folder, or else from that of the SQL."""
        for table in query.find_all(exp.Table):
            _respell(table)
            path = file_of(table)
            if path is None:
                continue
            if not table.alias:
                name = Path(path).stem if isinstance(table.this, exp.Identifier) else table.this.sql_name().casefold()
                table.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True)))
            found = next((each for each in (self.root / path, file.parent / path) if each.is_file()), None)
            if found is not None:
                _rename(table, str(found.resolve()))


def _respell(table: exp.Table) -> None:
    """Write functions that read files by the names that SQL's reader knows."""
    function = table.this
    match function:
        case exp.Anonymous(expressions=[exp.Literal() as path, *more]) if str(function.this).casefold() == "read_csv_auto":
            table.set("this", exp.ReadCSV(this=path, expressions=more))
        case exp.Anonymous(expressions=[exp.Literal(), *_]) if str(function.this).casefold() == "parquet_scan":
            table.set("this", exp.ReadParquet(expressions=function.expressions))


def _rename(table: exp.Table, path: str) -> None:
    match table.this:
        case exp.ReadParquet():
            table.this.set("expressions", [exp.Literal.string(path), *table.this.expressions[1:]])
        case exp.ReadCSV():
            table.this.set("this", exp.Literal.string(path))
        case _:
            table.set("this", exp.to_identifier(path, quoted=True))


def _views(desk: Desk) -> dict[str, Named]:
    """Return the views of a warehouse, those left out that are governed themselves: sources, and what the project publishes."""
    if desk.engine is None or not desk.engine.is_there:
        return {}
    try:
        rows = desk.engine.rows(_VIEWS)
    except EngineError:
        return {}
    model = desk.model
    governed = {source.relation.parts[-1].casefold() for source in model.sources.values() if isinstance(source.relation, Table)}
    governed |= {name.casefold() for name in (*model.views, *model.decisions)}
    found: dict[str, Named] = {}
    for schema, name, text, is_current in rows:
        if str(name).casefold() in governed or text is None:
            continue
        named = _read(str(text))
        if named is None:
            continue
        found[f"{schema}.{name}".casefold()] = named
        if is_current:
            found[str(name).casefold()] = named
    return found


def _read(text: str) -> Named | None:
    """Return the query of a view, as the warehouse keeps it: alone, or with the statement that made it."""
    try:
        statement = parse_one(text, read=DIALECT)
    except SqlglotError:
        return None
    columns: list[exp.Identifier] = []
    if isinstance(statement, exp.Create):
        named = statement.this
        if isinstance(named, exp.Schema):
            columns = [column.this if isinstance(column, exp.ColumnDef) else column for column in named.expressions]
        statement = statement.expression
    return (statement, columns) if isinstance(statement, exp.Query) else None

"""DuckDB on its native connection: Arrow out, parameters bound, one writer at a time.

A file is opened read-only for questions, so that other readers may have it too, and opened for writing only while something
is published. A connection that the user brought is used as it is and never closed.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from decisionlayer.capabilities import DUCKDB
from decisionlayer.errors import EngineError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.resolve.language.types import (
    BOOLEAN,
    DATE,
    FLOAT,
    INSTANT,
    INTEGER,
    TEXT,
    TIMESTAMP,
    UNKNOWN,
    DataType,
    decimal,
)
from decisionlayer.resolve.model import DataFile, Relation, SqlText
from decisionlayer.run.engine import Writer
from decisionlayer.sql.relation import from_clause as from_clause
from decisionlayer.sql.statement import Bound, Statement

if TYPE_CHECKING:
    import pyarrow as pa

Answer = TypeVar("Answer")

#: Of the page that DuckDB writes about a line of a CSV file, what a person needs.
_CSV_LINE = re.compile(
    r"CSV Error on Line: (?P<line>\d+)\n(?:Original Line: [^\n]*\n)?(?P<what>[^\n]+).*?^  file = (?P<file>[^\n]+)$",
    re.DOTALL | re.MULTILINE,
)

_TYPES = {
    "BOOLEAN": BOOLEAN, "DATE": DATE, "FLOAT": FLOAT, "DOUBLE": FLOAT, "VARCHAR": TEXT, "UUID": TEXT,
    "TIMESTAMP WITH TIME ZONE": INSTANT, "TIMESTAMPTZ_NS": INSTANT, "HUGEINT": decimal(38, 0), "UHUGEINT": decimal(38, 0),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), TIMESTAMP),
    **dict.fromkeys(
        ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"), INTEGER
    ),
}  # fmt: skip
#: The optimizer that works out once what two steps of a statement have in common.
_SHARED = "common_subplan"
#: What DuckDB rounds to microseconds where it cuts a period: 23:59:59.9999999 becomes the next day.
_NANOSECONDS = ("TIMESTAMP_NS", "TIMESTAMPTZ_NS")


class DuckDBEngine:
    """A DuckDB file, a DuckDB in memory, or a connection that the user brought."""

    capabilities = DUCKDB

    def __init__(self, *, path: str | None = None, connection: object | None = None, files: str | None = None) -> None:
        self._path = path
        self._brought: Any = connection
        #: Where the files begin that a source's query names; only a DuckDB of our own in memory is told.
        self._files = files
        self._opened: Any = None
        self._is_steady = False
        self._lock = threading.RLock()
        self._columns: dict[Relation, Mapping[str, DataType] | None] = {}
        self._said: dict[Relation, str] = {}
        self._enumerated: dict[Relation, frozenset[str]] = {}
        self._nanoseconds: dict[Relation, frozenset[str]] = {}

    @property
    def name(self) -> str:
        """The file's path, or what it is when it has none."""
        if self._brought is not None:
            return "the DuckDB connection"
        return self._path or "DuckDB in memory"

    @property
    def path(self) -> str | None:
        """The file, None when the data is in memory or behind a connection that the user brought."""
        return self._path if self._brought is None else None

    @property
    def is_there(self) -> bool:
        """Whether there is a file or a connection; a DuckDB of our own in memory holds nothing."""
        return self._brought is not None or (self._path is not None and Path(self._path).is_file())

    def fetch(self, statement: Statement) -> pa.Table:
        """Return all rows of a statement as an Arrow table."""
        with self._lock, _failures(self.name, statement.text):
            params = dict(statement.parameters) or None
            return _meanwhile(self._connection(), lambda one: one.sql(statement.text, params=params).to_arrow_table())

    def reader(self, statement: Statement) -> pa.RecordBatchReader:
        """Return the rows as a stream, over a connection of its own, so that other questions go on meanwhile."""
        import duckdb

        with self._lock, _failures(self.name, statement.text):
            params = dict(statement.parameters) or None
            own = self._connection().cursor()
            try:
                return own.sql(statement.text, params=params).to_arrow_reader()
            except duckdb.CatalogException:
                # What a user registered (an Arrow table, a frame) is seen by his own connection alone.
                return self._connection().sql(statement.text, params=params).to_arrow_reader()

    def rows(self, sql: str, parameters: Mapping[str, Bound] | None = None) -> list[tuple[object, ...]]:
        """Return the rows of a query of our own."""
        with self._lock, _failures(self.name, sql):
            return _read(self._connection(), sql, parameters)

    def columns(self, relation: Relation) -> Mapping[str, DataType] | None:
        """Return the columns of a relation, or None when it does not exist; asked once for each relation."""
        if relation not in self._columns:
            self._columns[relation] = self._describe(relation)
        return self._columns[relation]

    def why_missing(self, relation: Relation) -> str:
        """Return what the warehouse said when it was last asked for a relation that does not exist; empty otherwise."""
        return self._said.get(relation, "")

    def enumerated(self, relation: Relation) -> frozenset[str]:
        """Return the columns of a relation, as it was last described, that are enumerations: they sort as they were listed."""
        return self._enumerated.get(relation, frozenset())

    def nanoseconds(self, relation: Relation) -> frozenset[str]:
        """Return the columns of a relation, as it was last described, that tell nanoseconds, which are rounded when they are cut."""
        return self._nanoseconds.get(relation, frozenset())

    def tables(self) -> tuple[str, ...]:
        """Return the tables and views of the warehouse; those outside the main schema with their schema."""
        sql = (
            "SELECT CASE WHEN table_schema = current_schema() THEN table_name ELSE table_schema || '.' || table_name END "
            "FROM information_schema.tables ORDER BY 1"
        )
        return tuple(str(name) for (name,) in self.rows(sql))

    @contextmanager
    def transaction(self) -> Iterator[Writer]:
        """Open for writing; commit at the end of the block, roll back when anything in it fails."""
        with self._lock:
            connection = self._writable()
            writer = _DuckDBWriter(connection, self.name)
            if self._brought is not None:
                # To execute on it would throw away what its owner has not read yet; to ask it first does not.
                with _failures(self.name, ""):
                    connection.sql("SELECT 1").fetchall()
            try:
                writer.execute("BEGIN TRANSACTION")
                try:
                    yield writer
                    writer.execute("COMMIT")
                except BaseException:
                    # A failed COMMIT has ended the transaction already; the first failure is the one to report.
                    with _quietly():
                        connection.execute("ROLLBACK").fetchall()
                    raise
            finally:
                self._columns.clear()
                if self._brought is None and self._path is not None:
                    connection.close()

    def close(self) -> None:
        """Close what was opened here; a connection that the user brought stays open."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _connection(self) -> Any:
        if self._brought is not None:
            if not self._is_steady:
                steady(self._brought, self.name)
                self._is_steady = True
            return self._brought
        if self._opened is None:
            self._opened = self._open(read_only=self._path is not None)
        return self._opened

    def _writable(self) -> Any:
        if self._brought is not None or self._path is None:
            return self._connection()
        self.close()
        return self._open(read_only=False)

    def _open(self, *, read_only: bool) -> Any:
        import duckdb

        if self._path is None:
            # A comma would end the first of several folders.
            files = None if self._files is None or "," in self._files else self._files
            return steady(duckdb.connect(":memory:", config={"file_search_path": files} if files else {}), self.name)
        if Path(self._path).is_dir():
            raise EngineError(Finding(
                "warehouse-failed", "warehouse", f"{self._path} is a folder, and a warehouse is a DuckDB file",
                help="name the file in it; Parquet and CSV files are read without a warehouse, by `file:` sources",
            ))  # fmt: skip
        if not Path(self._path).is_file():
            raise EngineError(Finding(
                "warehouse-failed", "warehouse", f"there is no warehouse file {self._path}",
                help="check the path after duckdb:///, or load your data into that file first",
            ))  # fmt: skip
        refuse_other_files(Path(self._path))
        with _failures(self._path, ""):
            return steady(duckdb.connect(self._path, read_only=read_only), self.name)

    def _describe(self, relation: Relation) -> Mapping[str, DataType] | None:
        import duckdb

        # A CSV says which columns it has; what they hold is what was declared, and read as such.
        declared = {name.casefold(): type for name, type in relation.types} if isinstance(relation, DataFile) else {}
        bare = replace(relation, types=()) if isinstance(relation, DataFile) else relation
        sql = f"DESCRIBE SELECT * FROM {from_clause(bare)}"
        try:
            with self._lock:
                described = _read(self._connection(), sql, None)
        except (duckdb.CatalogException, duckdb.IOException) as wrong:
            self._said[relation] = _first_line(wrong)
            return None
        except duckdb.Error as wrong:
            if isinstance(relation, SqlText) and isinstance(wrong, duckdb.ProgrammingError):
                self._said[relation] = _first_line(wrong)
                return None
            raise _engine_error(self.name, sql, wrong) from wrong
        self._enumerated[relation] = frozenset(str(name) for name, kind, *_ in described if str(kind).startswith("ENUM("))
        self._nanoseconds[relation] = frozenset(str(name) for name, kind, *_ in described if str(kind) in _NANOSECONDS)
        return {str(name): declared.get(str(name).casefold(), read_type(str(kind))) for name, kind, *_ in described}


def steady(connection: Any, name: str) -> Any:
    """Return a connection whose DuckDB works out nothing once for two steps of a statement; other settings stay.

    DuckDB 2.0.0 mixes up the columns of a table that a step joins twice when it takes two steps' joins for one (``common_subplan``).
    Statements tell the roles of their own tables apart; inside a view or a query of the user only the setting does. It is of the whole
    database, makes no answer another one, and was not found to make any slower.

    Raises EngineError ``warehouse-failed`` where the configuration is locked and lets it happen.
    """
    import duckdb

    own = connection.cursor()  # what its owner has not read yet stays readable
    try:
        ((said,),) = own.execute("SELECT current_setting('disabled_optimizers')").fetchall()
        off = [each for each in said.split(",") if each]
        if _SHARED not in off:
            own.execute(f"SET disabled_optimizers = '{','.join((*off, _SHARED))}'").fetchall()
    except duckdb.InvalidInputException as wrong:
        if "locked" not in str(wrong):
            raise
        raise EngineError(Finding(
            "warehouse-failed", "warehouse", f"the configuration of {name} is locked, and lets columns of a table be mixed up",
            why="DuckDB 2.0.0 takes the roles of a table that a view joins twice for one, where two steps of a statement read it",
            help=f"say `SET disabled_optimizers = '{_SHARED}'` before locking it",
        )) from wrong  # fmt: skip
    finally:
        own.close()
    return connection


class _DuckDBWriter:
    def __init__(self, connection: Any, name: str) -> None:
        self._connection = connection
        self._name = name

    def execute(self, sql: str, parameters: Mapping[str, Bound] | None = None) -> list[tuple[object, ...]]:
        """Run one statement and return its rows."""
        with _failures(self._name, sql):
            rows: list[tuple[object, ...]] = _run(self._connection, sql, parameters)
            return rows

    def execute_all(self, statements: Iterable[str]) -> None:
        """Run statements in order."""
        for statement in statements:
            self.execute(statement)


def read_type(text: str) -> DataType:
    """Return the type that DuckDB's name for it stands for; unknown for nested and exotic ones.

    >>> str(read_type("DECIMAL(18,2)")), str(read_type("BIGINT")), str(read_type("INTEGER[]"))
    ('decimal(18,2)', 'integer', 'unknown')
    """
    if text.startswith("DECIMAL(") and text.endswith(")"):
        precision, scale = text[8:-1].split(",")
        return decimal(int(precision), int(scale))
    if text.startswith("ENUM("):
        return TEXT
    return _TYPES.get(text, UNKNOWN)


def _run(connection: Any, sql: str, parameters: Mapping[str, Bound] | None) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = connection.execute(sql, dict(parameters) if parameters else None).fetchall()
    return rows


def _read(connection: Any, sql: str, parameters: Mapping[str, Bound] | None) -> list[tuple[object, ...]]:
    """Return the rows of a query; unlike ``execute`` this leaves alone what its owner has not read yet."""
    params = dict(parameters) if parameters else None
    return _meanwhile(connection, lambda one: one.sql(sql, params=params).fetchall())


def _meanwhile(connection: Any, ask: Callable[[Any], Answer]) -> Answer:
    """Return what ``ask`` finds on a connection, or on a second one over the same database while the first holds a result."""
    import duckdb

    try:
        return ask(connection)
    except duckdb.ResourceInUseException as busy:
        try:
            return ask(connection.cursor())
        except duckdb.CatalogException:
            # What a user registered (an Arrow table, a frame) is seen by his own connection alone.
            raise busy from None


def _engine_error(name: str, sql: str, wrong: Exception) -> EngineError:
    # DuckDB's first line says what is wrong; the lines after it point into the SQL, which the error carries whole.
    said = _first_line(wrong)
    helps = (
        "run the SQL in the warehouse to see which row or table it fails on: `decisionlayer sql` prints it, "
        "and in Python the error holds it as `sql`"
    )
    line = _CSV_LINE.search(str(wrong))
    if line is not None:
        said = f"in line {line['line']} of {line['file']}: {line['what'].rstrip('.')}"
        helps = "correct the line, or declare what the column holds under `columns:` of the source"
    if "Could not set lock" in said or "different configuration" in said:
        helps = "another process holds this file; close it, or ask over a copy"
    if "Permission denied" in said:
        helps = "ask for the right to this file; `publish --to FILE` writes a file of its own, and only reads this one"
    if "attached in read-only mode" in said:
        helps = "open the connection for writing, or publish to a file of its own with `--to FILE`"
    if "unfinished result" in said:
        helps = "read your own result on this connection to its end first, or hand in another connection"
    return EngineError(
        Finding(
            "warehouse-failed",
            "warehouse",
            f"{name} did not answer: {said}",
            help=helps,
        ),
        sql=sql,
    )


def _first_line(wrong: Exception) -> str:
    return str(wrong).strip().split("\n")[0]


def refuse_other_files(path: Path) -> None:
    """Raise EngineError ``warehouse-failed`` when a file was not written by DuckDB; one that cannot be read is left to DuckDB."""
    # A pipe or a device would be waited for, or replaced.
    head = b""
    try:
        if path.is_file():
            with path.open("rb") as file:
                head = file.read(12)
    except OSError:
        return
    if head[8:] != b"DUCK":
        raise EngineError(Finding(
            "warehouse-failed", "warehouse", f"{path} is no DuckDB file",
            help="name a file that DuckDB wrote; CSV and Parquet files are sources of a project, under `file:`",
        ))  # fmt: skip


@contextmanager
def _failures(name: str, sql: str) -> Iterator[None]:
    import duckdb

    try:
        yield
    except duckdb.Error as wrong:
        raise _engine_error(name, sql, wrong) from wrong
    except RuntimeError as wrong:
        # How DuckDB hands on Ctrl-C while a statement runs.
        if str(wrong) == "Query interrupted":
            raise KeyboardInterrupt from wrong
        raise


@contextmanager
def _quietly() -> Iterator[None]:
    import duckdb

    try:
        yield
    except duckdb.Error:
        return

"""Putting an edition where readers find it: into the warehouse in one transaction, or into a file of its own by rename."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from decisionlayer.errors import DeclarationError, EngineError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.publish.catalog import FORMAT, SCHEMA, CatalogTable
from decisionlayer.publish.edition import SCHEMAS, Item
from decisionlayer.publish.publications import NAME
from decisionlayer.run import Engine
from decisionlayer.run.aside import FileWriter, built_aside, looked_into
from decisionlayer.run.engine import Writer
from decisionlayer.sql import ddl
from decisionlayer.sql.statement import Statement


class Asked(Protocol):
    """Whoever answers a query of our own."""

    def execute(self, sql: str) -> list[tuple[object, ...]]:
        """Run one statement and return its rows."""
        ...


@dataclass(frozen=True, slots=True)
class Stands:
    """What stands in our schemas: kinds by folded schema and name, and which of them we published."""

    kinds: Mapping[tuple[str, str], str]
    ours: Mapping[tuple[str, str], tuple[str, str, str]]


def put_in_place(engine: Engine, items: Sequence[Item], tables: Sequence[CatalogTable]) -> tuple[str, ...]:
    """Replace the former edition in the warehouse by this one, in one transaction; return what was dropped for good.

    Raises DeclarationError ``bad-name`` when somebody else's table or view bears a name of ours, and EngineError when a
    statement fails; either leaves the former edition as it was.
    """
    with ExitStack() as stack:
        with _naming("opening the warehouse for writing"):
            writer = stack.enter_context(engine.transaction())
        _refuse_ambiguity(writer, items)
        stands = _look(writer, SCHEMA)
        _refuse_clashes(items, tables, stands, engine.name)
        for schema, name, stored_as in stands.ours.values():
            with _naming(f"dropping {schema}.{name}"):
                writer.execute(ddl.drop_view(schema, name) if stored_as == "view" else ddl.drop_table(schema, name))
        for schema in dict.fromkeys((SCHEMA, *(item.schema for item in items))):
            with _naming(f"creating the schema {schema}"):
                writer.execute(ddl.create_schema(schema))
        for item in items:
            with _naming(f"publishing {item.subject} as {item.full_name}"):
                make = ddl.create_view if item.stored_as == "view" else ddl.create_table_as
                writer.execute(make(item.schema, item.name, item.sql))
                writer.execute_all(_comments(item))
        for table in tables:
            with _naming(f"writing the catalog table {SCHEMA}.{table.name}"):
                writer.execute_all(_table(SCHEMA, table))
    return _dropped(stands, items, tables, SCHEMA)


def put_aside(engine: Engine, to: Path, items: Sequence[Item], tables: Sequence[CatalogTable]) -> tuple[str, ...]:
    """Build a file that holds this edition and nothing else, and swap it in for ``to``; return what is no longer in it.

    Views become tables: in another file, the tables that a view reads would not be there. Raises DeclarationError
    ``bad-name`` when ``to`` holds anything that we did not publish, the warehouse itself above all.
    """
    home = schema_in(to, SCHEMA)
    before = _look_into(to, home)
    with built_aside(to) as writer:
        for schema in dict.fromkeys((home, *(item.schema for item in items))):
            writer.execute(ddl.create_schema(schema))
        for item in items:
            with _naming(f"publishing {item.subject} as {item.full_name}"):
                _copy(engine, writer, item)
                writer.execute_all(_comments(item))
        for table in tables:
            with _naming(f"writing the catalog table {home}.{table.name}"):
                writer.execute_all(_table(home, table))
    return _dropped(before, items, tables, home)


def schema_in(to: Path, schema: str) -> str:
    """Return the schema of a file in which the things of ``schema`` stand, so that they are read by the same name everywhere.

    DuckDB names a database after its file and cannot tell ``executive``, the database, from ``executive``, the schema in it.
    In a file of that name they stand in its main schema: ``executive.carrier_quarter`` is then the database and the table.

    >>> schema_in(Path("readers.duckdb"), "executive"), schema_in(Path("executive.duckdb"), "executive")
    ('executive', 'main')
    """
    return "main" if to.stem.casefold() == schema.casefold() else schema


def _copy(engine: Engine, writer: FileWriter, item: Item) -> None:
    rows = engine.reader(Statement(item.sql, engine.capabilities.dialect, ()))
    try:
        writer.load(ddl.create_table_as(item.schema, item.name, "SELECT * FROM arriving"), rows)
    finally:
        rows.close()


def name_notes(to: Path) -> tuple[str, ...]:
    """Say of a file that is called like a schema where the things of that schema are, and how they are asked for."""
    return tuple(
        f"DuckDB calls the database of {to.name} `{schema}`, so its {schema} tables stand in its main schema; "
        f"ask for them as {schema}.NAME, as everywhere"
        for schema in SCHEMAS.values()
        if schema_in(to, schema) != schema
    )


# -- what stands there already ---------------------------------------------------------------------------------------


def _look(asked: Asked | Writer, home: str, *, also: Sequence[str] = ()) -> Stands:
    schemas = tuple(dict.fromkeys((home, *SCHEMAS.values(), *also)))
    kinds = {_key(schema, name): str(kind) for schema, name, kind in asked.execute(ddl.what_stands(schemas))}
    ours: dict[tuple[str, str], tuple[str, str, str]] = {}
    if _key(home, NAME) in kinds:
        columns = [str(column) for (column,) in asked.execute(ddl.columns_of(home, NAME))]
        wanted = ("format", "schema_name", "object", "stored_as")
        if all(column in columns for column in wanted):
            for version, schema, name, stored_as in asked.execute(ddl.select(home, NAME, wanted)):
                if not isinstance(version, int) or version > FORMAT:
                    raise DeclarationError(_newer(version))
                ours[_key(schema, name)] = (str(schema), str(name), str(stored_as))
    return Stands(kinds, {key: thing for key, thing in ours.items() if _is_as_we_left_it(kinds.get(key), thing[2])})


def _is_as_we_left_it(kind: str | None, stored_as: str) -> bool:
    # A view of ours that has become a table is somebody's own work under its name.
    return kind == ("VIEW" if stored_as == "view" else "BASE TABLE")


def _refuse_ambiguity(asked: Writer, items: Sequence[Item]) -> None:
    database = str(asked.execute(ddl.current_database())[0][0])
    for schema in dict.fromkeys((SCHEMA, *(item.schema for item in items))):
        if schema.casefold() == database.casefold():
            raise DeclarationError(Finding(
                "bad-name", "publication", f"the warehouse is called `{database}`, as the schema that would be published into it",
                why=f"DuckDB names a database after its file, and would not know which of the two `{schema}.…` means",
                help="rename the warehouse's file, or publish to a file of its own with --to",
            ))  # fmt: skip


def _refuse_clashes(items: Sequence[Item], tables: Sequence[CatalogTable], stands: Stands, where: str) -> None:
    wanted = [(item.schema, item.name, item.subject) for item in items]
    wanted += [(SCHEMA, table.name, "catalog") for table in tables]
    findings = []
    for schema, name, subject in wanted:
        kind = stands.kinds.get(_key(schema, name))
        if kind is not None and _key(schema, name) not in stands.ours:
            what = "view" if kind == "VIEW" else "table"
            findings.append(Finding(
                "bad-name", subject, f"{where} has a {what} {schema}.{name} already, and it was not published from here",
                why="publishing would replace somebody else's work",
                help="give yours another name, or move the other one out of the way" if subject != "catalog" else "move it out of the way",
            ))  # fmt: skip
    if findings:
        raise DeclarationError(findings)


def _look_into(to: Path, home: str) -> Stands:
    """Return what a file holds, which may be nothing but ours; nothing at all when there is no such file."""
    if not to.exists():
        return Stands({}, {})
    with looked_into(to) as reader:
        stands = _look(reader, home, also=[schema_in(to, schema) for schema in SCHEMAS.values()])
        everything = [(str(schema), str(name)) for schema, name in reader.execute(ddl.everything())]
    foreign = [f"{schema}.{name}" for schema, name in everything if _key(schema, name) not in stands.ours]
    if foreign or not to.is_file():
        listed = f"{', '.join(foreign[:3])}{' …' if len(foreign) > 3 else ''}"
        raise DeclarationError(Finding(
            "bad-name", "publication", f"{to} holds {listed}, which was not published from here",
            why="the whole file would be replaced, and these would be lost",
            help="publish to a file of its own; the warehouse itself is published to without a file",
        ))  # fmt: skip
    return stands


def _dropped(before: Stands, items: Sequence[Item], tables: Sequence[CatalogTable], home: str) -> tuple[str, ...]:
    now = {_key(item.schema, item.name) for item in items} | {_key(home, table.name) for table in tables}
    return tuple(f"{schema}.{name}" for key, (schema, name, _) in sorted(before.ours.items()) if key not in now)


def _newer(version: object) -> Finding:
    return Finding(
        "bad-name", "publication", f"{SCHEMA}.{NAME} has format {version}, and this version of decisionlayer knows none above {FORMAT}",
        why="it was published by a newer version, and replacing it would lose what that one knows",
        help="publish with the newer version",
    )  # fmt: skip


def _key(schema: object, name: object) -> tuple[str, str]:
    return str(schema).casefold(), str(name).casefold()


# -- statements ------------------------------------------------------------------------------------------------------


def _comments(item: Item) -> Iterator[str]:
    kind = item.stored_as.upper()
    yield ddl.comment_on(kind, item.schema, item.name, item.comment)
    for column, comment in item.columns:
        yield ddl.comment_on(kind, item.schema, item.name, comment, column=column)


def _table(schema: str, table: CatalogTable) -> Iterator[str]:
    yield ddl.create_table(schema, table.name, [(column.name, column.type) for column in table.columns])
    yield from ddl.insert(schema, table.name, table.rows)
    yield ddl.comment_on("TABLE", schema, table.name, table.comment)
    for column in table.columns:
        yield ddl.comment_on("TABLE", schema, table.name, column.comment, column=column.name)


def _or_aside(help: str) -> str:
    """Say of a warehouse that others hold that a file of its own needs no writing in it."""
    return f"{help}; readers do not stop `--to FILE`" if "another process" in help else help


@contextmanager
def _naming(step: str) -> Iterator[None]:
    """Say of a failing statement which step it belongs to, and that the former edition still stands."""
    try:
        yield
    except EngineError as failed:
        found = [
            Finding(
                finding.code, "publication", f"{step} failed: {finding.message}", finding.place,
                why="nothing was published; what stood before still stands", help=_or_aside(finding.help),
            )
            for finding in failed.findings
        ]  # fmt: skip
        raise EngineError(found, sql=failed.sql) from failed

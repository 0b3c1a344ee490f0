"""Relations: where the rows of a source are, read from what people write: a table's name, a query, a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath

from decisionlayer import declare
from decisionlayer.frozen import replace
from decisionlayer.resolve.about import About
from decisionlayer.resolve.language.types import Kind
from decisionlayer.resolve.model import DataFile, Relation, SourceColumn, SqlText, Table

_PART = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^\s".]+(?:[^".]*[^\s".])?))\s*(\.|\Z)')

#: The files that can be read, by their endings.
ENDINGS = (".parquet", ".csv")


def table_parts(text: str) -> tuple[str, ...] | None:
    """Return the parts of a table's name, or None when it cannot be read. Dots part; what stands in double quotes is kept whole.

    >>> table_parts("flights"), table_parts('sales.flights'), table_parts('"My Table"'), table_parts('a."b.c".d')
    (('flights',), ('sales', 'flights'), ('My Table',), ('a', 'b.c', 'd'))
    >>> table_parts("a..b"), table_parts('"open'), table_parts(""), table_parts("a.b.c.d")
    (None, None, None, None)
    """
    parts: list[str] = []
    at = 0
    while True:
        found = _PART.match(text, at)
        if found is None:
            return None
        parts.append(found[1].replace('""', '"') if found[1] is not None else found[2])
        at = found.end()
        if found[3] == "":
            return tuple(parts) if len(parts) <= 3 else None


def read_relation(about: About, item: declare.Source, root: str) -> Relation | None:
    """Return where the rows are; None after a finding: ``missing-key``, ``duplicate-name`` or ``wrong-argument``."""
    given = [key for key in ("table", "sql", "file") if getattr(item, key) is not None]
    if not given:
        about.say(
            "missing-key",
            f"{about.title} does not say where its rows are",
            help="add one of `table:`, `sql:` and `file:`",
        )
        return None
    if len(given) > 1:
        about.say(
            "duplicate-name",
            f"{about.title} says twice where its rows are: `{given[0]}` and `{given[1]}`",
            given[1],
            help="keep one of them",
        )
        return None
    if item.table is not None:
        parts = table_parts(item.table)
        if parts is None:
            about.say(
                "wrong-argument",
                f"`{item.table}` is no table's name",
                "table",
                help='write `table`, `schema.table` or `database.schema.table`; a part with odd letters stands in "double quotes"',
            )
            return None
        return Table(parts)
    if item.sql is not None:
        return _read_sql(about, item.sql)
    assert item.file is not None
    return _read_file(about, item.file, root)

#: How long a file may be to be looked at, and what may mean something else than itself in one.
_FEW_BYTES = 65_536
_TELLING = frozenset("\"'`\\;|\t#~^\r\0\ufeff")


def with_types(relation: Relation, columns: Mapping[str, SourceColumn]) -> Relation:
    """Return a CSV file with the declared types of its columns; Parquet files and tables know their own."""
    if not isinstance(relation, DataFile) or not relation.is_text:
        return relation
    declared = tuple((name, column.type) for name, column in sorted(columns.items()) if column.type.kind is not Kind.unknown)
    return replace(relation, types=declared, is_plain=_is_plain(relation.absolute))


def _is_plain(path: str) -> bool:
    """Whether a file of a few lines can be read in one way only: commas, as many in each line, and nothing that might quote or comment.

    A large file is not looked at: finding out how it is written is nothing beside reading it.
    """
    try:
        text = Path(path).read_text("utf-8") if Path(path).stat().st_size <= _FEW_BYTES else ""
    except (OSError, ValueError):  # it is missing, or other text: whoever reads it says so
        return False
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    commas = lines[0].count(",")
    return commas > 0 and not _TELLING.intersection(text.replace("\r\n", "\n")) and all(line.count(",") == commas for line in lines)


def _read_sql(about: About, text: str) -> Relation | None:
    # A semicolon would end the statement that the query is put into.
    query = text.strip().rstrip(";").rstrip()
    if not query:
        about.say("wrong-argument", f"the query of {about.title} is empty", "sql", help="write a `select`")
        return None
    return SqlText(query)


def _read_file(about: About, written: str, root: str) -> Relation | None:
    ending = PurePosixPath(written).suffix.lower()
    if ending not in ENDINGS:
        about.say(
            "wrong-argument",
            f"`{written}` is neither a Parquet nor a CSV file",
            "file",
            help=f"this version reads files ending in {' and '.join(ENDINGS)}; load anything else into a table",
        )
        return None
    is_absolute = PurePosixPath(written).is_absolute() or PureWindowsPath(written).is_absolute()
    return DataFile(written, written if is_absolute else str(Path(root).resolve() / written))

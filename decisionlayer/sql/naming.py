"""Names and constants as SQL text: quoted where they must be, and names for steps that shadow nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import assert_never

from decisionlayer.resolve.model import DataFile, Lines, Relation, SqlText, Table, Tree
from decisionlayer.sql.dialects import Dialect
from decisionlayer.sql.statement import Bound

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")
_WORD = re.compile(r"\w+")


def identifier(name: str, dialect: Dialect) -> str:
    """Return a name, quoted unless it is small letters, digits and underscores and no word of the dialect.

    >>> from decisionlayer.sql.dialects import DUCKDB
    >>> identifier("carrier", DUCKDB), identifier("order", DUCKDB), identifier('a "b', DUCKDB)
    ('carrier', '"order"', '"a ""b"')
    """
    if _PLAIN.match(name) and name not in dialect.keywords:
        return name
    return '"' + name.replace('"', '""') + '"'


def qualified(parts: Iterable[str], dialect: Dialect) -> str:
    """Return a name of several parts, each quoted where it must be."""
    return ".".join(identifier(part, dialect) for part in parts)


def literal(value: Bound) -> str:
    """Return a constant as SQL text that means it, and only it, whatever the settings of a session.

    >>> literal("it's"), literal(True), literal(dt.date(2013, 1, 31))
    ("'it''s'", 'TRUE', "DATE '2013-01-31'")
    """
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value)
        case float():
            return f"CAST({value!r} AS DOUBLE)"
        case Decimal():
            return f"{value:f}"
        case str():
            return _text(value)
        case dt.datetime():
            if value.tzinfo is None:
                return f"TIMESTAMP '{value.isoformat(sep=' ')}'"
            return f"TIMESTAMPTZ '{value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(sep=' ')}+00'"
        case dt.date():
            return f"DATE '{value.isoformat()}'"
        case _:
            assert_never(value)


def _text(value: str) -> str:
    quoted = value.replace("'", "''")
    if "\0" not in quoted:
        return f"'{quoted}'"
    # A NUL would end the statement's text in the engine.
    return "(" + " || chr(0) || ".join(f"'{part}'" for part in quoted.split("\0")) + ")"


def words_of(relation: Relation) -> set[str]:
    """Return every word that a relation's text uses, in small letters: a step of such a name would shadow it."""
    match relation:
        case Table():
            return {part.casefold() for part in relation.parts}
        case SqlText():
            return {word.casefold() for word in _WORD.findall(relation.text)}
        case DataFile() | Lines():
            return set()
        case Tree():
            return words_of(relation.rows) | {"units", "ways"}
        case _:
            assert_never(relation)


def unshadowed(name: str, taken: set[str]) -> str:
    """Return ``name``, or it with a number, so that it is none of ``taken``; it is taken from then on."""
    candidate, number = name, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{name}_{number}"
    taken.add(candidate.casefold())
    return candidate

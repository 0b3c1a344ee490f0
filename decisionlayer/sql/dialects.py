"""Dialects: how one engine writes types and names. What a dialect lacks is refused by name, never imitated."""

from __future__ import annotations

from collections.abc import Mapping

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.types import DataType, Kind

#: Words that DuckDB 2.0 keeps for itself in some place (`duckdb_keywords()` without the unreserved ones).
_DUCKDB_KEYWORDS = frozenset(
    """
    all analyse analyze and anti any array as asc asof asymmetric at authorization between bigint binary bit
    boolean both by case cast char character check coalesce collate collation column columns columns concurrently
    constraint create cross dec decimal default deferrable desc describe distinct do else end except exists
    extract false fetch float for foreign freeze from full generated generated glob group grouping grouping_id
    having ilike in initially inner inout int integer intersect interval into is isnull join lambda lateral
    leading left like limit map map national natural nchar none not notnull null nullif numeric offset on only or
    order out outer overlaps overlay pivot pivot_longer pivot_wider placing position positional precision primary
    qualify real references returning right row select semi setof show similar smallint some struct struct
    substring summarize symmetric table tablesample then time timestamp to trailing treat trim true try_cast
    try_cast tuple tuple union unique unpack unpivot using values varchar variadic verbose when where window with
    xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize
    xmltable
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One engine's spelling: words to quote, types, and whether filter (where …) follows an aggregate."""

    name: str
    keywords: frozenset[str]
    types: Mapping[Kind, str]

    def type(self, type: DataType) -> str:
        """Return the name of a type; empty for an unknown one, which is left as it is."""
        if type.kind is Kind.decimal:
            return f"DECIMAL({type.precision}, {type.scale})"
        return self.types.get(type.kind, "")


DUCKDB = Dialect(
    "duckdb",
    _DUCKDB_KEYWORDS,
    {
        Kind.boolean: "BOOLEAN", Kind.integer: "BIGINT", Kind.float: "DOUBLE", Kind.text: "VARCHAR", Kind.date: "DATE",
        Kind.timestamp: "TIMESTAMP", Kind.instant: "TIMESTAMP WITH TIME ZONE",
    },
)  # fmt: skip

DIALECTS: Mapping[str, Dialect] = {"duckdb": DUCKDB}


def dialect_of(name: str) -> Dialect:
    """Return the dialect of that name. Raises QueryError (``not-built``) for one that is not written yet."""
    found = DIALECTS.get(name)
    if found is None:
        raise QueryError(Finding(
            "not-built", "question", f"this version writes no SQL for `{name}`", help=f"there is: {', '.join(sorted(DIALECTS))}",
        ))  # fmt: skip
    return found

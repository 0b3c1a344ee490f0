"""What lies beneath a governed source: the table or file whose rows it has, also where a query of its own stands between."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from decisionlayer.exchange.estate.inlining import TooLarge, inlined
from decisionlayer.exchange.estate.shown import DIALECT, Shown, file_of
from decisionlayer.exchange.estate.surroundings import Surroundings
from decisionlayer.exchange.estate.tracing import Column, Tracer, Untraced, identity
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.model import DataFile, Source, SqlText, Table


@dataclass(frozen=True, slots=True)
class Ground:
    """The rows of a source: a table by its parts, or a file, and the columns of ``key`` there that tell them apart.

    ``query`` is what stands between, None where the source is the table itself.
    """

    parts: tuple[str, ...]
    file: Path | None
    key: tuple[str, ...]
    query: exp.Select | None = None
    tracer: Tracer | None = None

    def columns(self, names: Iterable[str]) -> frozenset[str]:
        """Return the columns there that some columns of the source are made of, without case."""
        if self.query is None or self.tracer is None:
            return frozenset(names)
        found: set[str] = set()
        for name in names:
            try:
                trace = self.tracer.trace(exp.column(name, table="governed", quoted=True), self.query)
            except Untraced:
                continue
            found |= {column.name for column in trace.measured}
        return frozenset(found)

    def kept(self) -> frozenset[str]:
        """Return the columns there that say which of its rows the source has."""
        if self.query is None or self.tracer is None:
            return frozenset()
        outputs = self.tracer.outputs(self.query) or ()
        try:
            trace = self.tracer.trace(exp.column(outputs[0], table="governed", quoted=True), self.query) if outputs else None
        except Untraced:
            trace = None
        return frozenset() if trace is None else frozenset(column.name for column in trace.kept)

    def is_read_by(self, shown: Shown) -> bool:
        """Whether SQL is over this table or file."""
        if self.file is not None or shown.file is not None:
            return self.file is not None and shown.file is not None and Path(shown.file).resolve() == self.file
        own, asked = ([part.casefold() for part in parts] for parts in (self.parts, shown.table))
        length = min(len(own), len(asked))
        return own[-length:] == asked[-length:]


def ground_of(source: Source, among: Surroundings) -> Ground | None:
    """Return what lies beneath a source; None for one whose rows cannot be followed to those of one table."""
    match source.relation:
        case Table(parts=parts):
            return Ground(parts, None, source.key)
        case DataFile(absolute=path):
            return Ground((), Path(path).resolve(), source.key)
        case SqlText(text=text):
            return _under_query(text, source.key, among)
        case _:
            return None


def _under_query(text: str, key: tuple[str, ...], among: Surroundings) -> Ground | None:
    """Return the one table that every column of the key comes from as it is."""
    try:
        query = parse_one(f"SELECT * FROM ({text.strip().rstrip(';')}\n) AS governed", read=DIALECT)
        whole = inlined(query, among.views) if isinstance(query, exp.Query) else None
    except (SqlglotError, TooLarge, RecursionError):
        return None
    if not isinstance(whole, exp.Select) or not key:
        return None
    tracer = Tracer(among.columns_of)
    leaves = [_leaf(exp.column(name, table="governed", quoted=True), whole, tracer) for name in key]
    found = [leaf for leaf in leaves if leaf is not None]
    if len(found) < len(leaves) or len({identity(leaf.table) for leaf in found}) != 1:
        return None
    table, path = found[0].table, file_of(found[0].table)
    parts = tuple(part.name for part in table.parts) if path is None else ()
    return Ground(parts, None if path is None else Path(path).resolve(), tuple(leaf.name for leaf in found), whole, tracer)


def _leaf(column: exp.Column, select: exp.Select, tracer: Tracer, depth: int = 0) -> Column | None:
    """Return the column of a table that a column is, handed on as it is by every query between; None for any other."""
    try:
        source = tracer.source_of(column, select)
        if isinstance(source, exp.Table):
            return Column(source, column.name.casefold()) if isinstance(source.this, exp.Identifier) and depth < 100 else None
        inner = list(tracer.within(source, column.name)) if isinstance(source, exp.Subquery) else []
    except Untraced:
        return None
    if len(inner) != 1 or not isinstance(inner[0][0], exp.Column) or depth > 100:
        return None
    return _leaf(inner[0][0], inner[0][1], tracer, depth + 1)

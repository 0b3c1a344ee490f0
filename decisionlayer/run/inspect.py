"""Look at data that nobody has described yet: columns, keys that are keys, columns that lead to other tables, clocks.

Everything is counted, nothing is meant: a name only says what is worth counting. ``load.propose`` makes a project of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import combinations, pairwise
from math import prod
from pathlib import Path

from decisionlayer.errors import DecisionLayerError, EngineError
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import replace
from decisionlayer.load.observed import (
    ENUMERATION,
    NEARLY_ALL,
    ObservedColumn,
    ObservedKey,
    ObservedLink,
    ObservedTable,
)
from decisionlayer.load.stems import is_identifier, leads_to, likely_key_first, names_rows_of, plain_names
from decisionlayer.names import PERIODS
from decisionlayer.resolve.language.types import DataType, Kind
from decisionlayer.resolve.model import DataFile, Relation, Table
from decisionlayer.run.duckdb import DuckDBEngine, from_clause

#: Rows of which a wrong key is found out before all rows are read.
_FIRST_ROWS = 20_000
#: How many columns a key may have, how many are tried for one, and how many tries over all rows a table gets.
_KEY_WIDTH, _KEY_COLUMNS, _TRIES = 3, 12, 24
_TELLING = (Kind.integer, Kind.text, Kind.date, Kind.timestamp, Kind.instant)
_TIMES = (Kind.date, Kind.timestamp, Kind.instant)
_ENDINGS = (".parquet", ".csv")
#: Periods that each are made of whole ones of the one before; weeks are not.
_GRAINS = tuple(period for period in PERIODS if period != "week")
#: In a table of fewer rows amounts are often all different.
_SMALL = 100
#: Fewer instants than this all at the beginning of a month say nothing about months.
_FEW = 4


def inspect(*targets: str) -> tuple[ObservedTable, ...]:
    """Return what stands in a DuckDB file, or in Parquet and CSV files: one file, a folder of them, or a pattern (``data/*.csv``).

    In a folder each file is a table, and so is each folder of Parquet files in it. Raises EngineError, with one finding for
    everything that cannot be read: ``warehouse-failed``.
    """
    targets = tuple(target.removeprefix("duckdb:///") for target in targets)
    warehouses = [target for target in targets if Path(target).suffix.lower() in (".duckdb", ".db", ".ddb")]
    if warehouses and len(targets) > 1:
        raise _refused(f"{warehouses[0]} is a warehouse of its own", "name one DuckDB file, or files of rows")
    if warehouses:
        with closing(DuckDBEngine(path=targets[0])) as engine:
            tables = [(name, parts, Table(parts)) for name, parts in _tables(engine)]
            if not tables:
                raise _refused(f"{targets[0]} holds no table", "load data into it first")
            return _look(engine, targets[0], tables)
    files = [file for target in targets for file in _files(target)]
    if not files:
        raise _refused("no data was named", "name a .duckdb file, a folder of Parquet files, or CSV files")
    with closing(DuckDBEngine(path=None)) as engine:
        return _look_at_files(engine, files)


def _refused(message: str, help: str) -> EngineError:
    return EngineError(Finding("warehouse-failed", "data", message, help=help))


# -- what there is ----------------------------------------------------------------------------------------------------


def _tables(engine: DuckDBEngine) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the tables and views of a warehouse, without the schemas that this library published."""
    rows = engine.rows(
        "SELECT table_schema, table_name, table_schema = current_schema() FROM information_schema.tables "
        "WHERE table_catalog = current_database() AND table_schema NOT IN "
        "(SELECT table_schema FROM information_schema.tables WHERE table_name = 'dl_publications') ORDER BY 1, 2"
    )
    for schema, table, is_main in rows:
        yield str(table), (str(table),) if is_main else (str(schema), str(table))


def _files(target: str) -> list[tuple[str, str]]:
    """Return name and path of the files that a target names."""
    path = Path(target)
    if path.is_dir():
        inside = sorted(path.iterdir(), key=lambda one: one.name)
        found = [(one.stem, str(one)) for one in inside if one.is_file() and one.suffix.lower() in _ENDINGS]
        folders = [one for one in inside if one.is_dir() and next(one.rglob("*.parquet"), None) is not None]
        found += [(one.name, str(one / "**" / "*.parquet")) for one in folders]
        if not found:
            raise _refused(f"the folder {target} holds no .parquet and no .csv file", "name the folder that holds them")
        return found
    # A pattern is looked up from the root of the disk or from here, whichever it begins with.
    pattern = str(path.relative_to(path.anchor)) if path.anchor else target
    matches = [path] if path.is_file() else sorted(one for one in Path(path.anchor).glob(pattern) if one.is_file())
    if not matches:
        raise _refused(f"there is no file {target}", "check the path")
    wrong = [one for one in matches if one.suffix.lower() not in _ENDINGS]
    if wrong:
        raise _refused(f"{wrong[0]} is neither a .duckdb file nor a .parquet nor a .csv file", "leave it out, or load it into DuckDB first")
    return [(one.stem, str(one)) for one in matches]


def passed_over(target: str) -> tuple[str, ...]:
    """Return the names of what lies in a folder and is not looked at: hidden files are not told."""
    path = Path(target)
    inside = sorted(path.iterdir(), key=lambda one: one.name) if path.is_dir() else []
    others = [one for one in inside if one.is_file() and one.suffix.lower() not in _ENDINGS]
    return tuple(one.name for one in others if not one.name.startswith("."))


def _look_at_files(engine: DuckDBEngine, files: Sequence[tuple[str, str]]) -> tuple[ObservedTable, ...]:
    """Look at files; CSV files are read once into memory, because each look would read their text again."""
    tables: list[tuple[str, tuple[str, ...], Relation]] = []
    findings: list[Finding] = []
    for position, (name, path) in enumerate(files):
        file = DataFile(path, path)
        if Path(path).is_file() and not Path(path).stat().st_size:
            findings.append(_unreadable(path, "it is empty, without even a line of names"))
            continue
        try:
            if path.lower().endswith(".csv"):
                with engine.transaction() as writer:
                    writer.execute(f"CREATE TABLE file_{position} AS SELECT * FROM {from_clause(file)}")
                tables.append((name, (), Table((f"file_{position}",))))
            elif engine.columns(file) is not None:
                tables.append((name, (), file))
            else:
                findings.append(_unreadable(path, "there are no rows to be read"))
        except DecisionLayerError as wrong:
            findings.append(_unreadable(path, wrong.findings[0].message.partition(": ")[2]))
    if findings:
        raise EngineError(findings)
    looked = _look(engine, "", tables)
    return tuple(replace(table, place=path) for table, (_, path) in zip(looked, files, strict=True))


def _unreadable(path: str, reason: str) -> Finding:
    message = f"{path} cannot be read: {reason}"
    return Finding("warehouse-failed", f"file {path}", message, Place(path), help="mend the file, or leave it out")


# -- one look ---------------------------------------------------------------------------------------------------------


def _look(
    engine: DuckDBEngine, place: str, tables: Sequence[tuple[str, tuple[str, ...], Relation]]
) -> tuple[ObservedTable, ...]:
    seen = [_Look(engine, name, relation) for name, _, relation in tables]
    observed = [
        ObservedTable(name, place, parts, look.rows, look.observed(), look.keys(), look.near_key)
        for (name, parts, _), look in zip(tables, seen, strict=True)
    ]
    seen_links = [list(_links(engine, position, observed, seen)) for position in range(len(observed))]
    used = Counter((link.table, key) for links in seen_links for link, key in links if link.found >= NEARLY_ALL * link.filled)
    # Of several keys the one that other tables use is the one that tells the rows apart for people too.
    keys = [sorted(table.keys, key=lambda key: -used[position, key]) for position, table in enumerate(observed)]
    return tuple(
        replace(table, keys=tuple(own), links=tuple(link for link, key in links if keys[link.table][:1] == [key]))
        for table, own, links in zip(observed, keys, seen_links, strict=True)
    )


class _Look:
    """One table: how many rows, how many of each column are filled, and about how many values each has."""

    def __init__(self, engine: DuckDBEngine, name: str, relation: Relation) -> None:
        self.engine = engine
        self.name = name
        self.relation = relation
        self.types: dict[str, DataType] = dict(engine.columns(relation) or {})
        self.enumerated = engine.enumerated(relation)
        self.plain = plain_names(tuple(self.types))
        self.near_key: ObservedKey | None = None
        counted = [f"count({_quoted(name)}), approx_count_distinct({_quoted(name)})" for name in self.types]
        (row,) = engine.rows(f"SELECT {', '.join(['count(*)', *counted])} FROM {from_clause(relation)}")
        numbers = [_number(value) for value in row]
        self.rows = numbers[0]
        self.filled = dict(zip(self.types, numbers[1::2], strict=True))
        self.values = dict(zip(self.types, numbers[2::2], strict=True))

    def observed(self) -> tuple[ObservedColumn, ...]:
        return tuple(
            ObservedColumn(
                name,
                None if kind.kind is Kind.unknown else ENUMERATION if name in self.enumerated else str(kind),
                self.rows - self.filled[name],
                self._finest(name) if kind.kind in _TIMES and self.filled[name] else None,
            )
            for name, kind in self.types.items()
        )

    # Keys.

    def keys(self) -> tuple[tuple[str, ...], ...]:
        """Return the narrowest sets of columns that are never empty and never twice the same; the likeliest first."""
        if self.rows == 0:
            return ()
        full = [name for name in self.types if self.filled[name] == self.rows and name not in self.enumerated]
        telling = [name for name in full if self.types[name].kind in _TELLING]
        times = [name for name in telling if self.types[name].kind in _TIMES]
        written = {self.plain[name]: name for name in telling}
        likely = likely_key_first(tuple(written), [self.plain[name] for name in times], self.name)
        columns = [written[name] for name in likely][:_KEY_COLUMNS]
        chance = [name for name in columns if self._may_be_chance(name)]
        tries = 0
        for width in range(1, _KEY_WIDTH + 1):
            found: list[tuple[str, ...]] = []
            for chosen in combinations(columns, width):
                # Counts of values are estimates, some per cent off; a set that cannot tell so many rows apart is left out.
                if prod(self.values[name] for name in chosen) * 1.2 ** width < self.rows or tries >= _TRIES:
                    continue
                if (width == 1 and chosen[0] in chance) or self._repeated(chosen, first=True):
                    continue
                tries += 1
                repeated = self._repeated(chosen)
                if repeated == 0:
                    found.append(tuple(name for name in self.types if name in chosen))
                elif self.near_key is None or repeated < self.near_key.repeated:
                    self.near_key = ObservedKey(chosen, repeated)
            if found:
                self.near_key = None
                return tuple(found)
        found = [(name,) for name in chance if self._repeated((name,)) == 0]
        if not found and columns:
            widths = range(1, min(_KEY_WIDTH, len(columns)) + 1)
            nearest = [ObservedKey(tuple(columns[:width]), self._repeated(columns[:width])) for width in widths]
            tried = nearest if self.near_key is None else [*nearest, self.near_key]
            self.near_key = min(tried, key=lambda key: (key.repeated, len(key.columns)))
        return tuple(found)

    def _may_be_chance(self, column: str) -> bool:
        """Say whether a column of a small table may be without repetition because it is small: an amount, not a name."""
        return self.rows < _SMALL and self.types[column].kind is Kind.integer and not names_rows_of(self.plain[column], self.name)

    def _repeated(self, columns: Sequence[str], *, first: bool = False) -> int:
        """Return how many rows are left over when each set of values is counted once; among the first rows only, or all."""
        if first and self.rows <= _FIRST_ROWS:
            return 0
        listed = ", ".join(map(_quoted, columns))
        rows = f"SELECT {listed} FROM {from_clause(self.relation)}" + (f" LIMIT {_FIRST_ROWS}" if first else "")
        ((distinct,),) = self.engine.rows(f"SELECT count(*) FROM (SELECT DISTINCT {listed} FROM ({rows}))")
        return (_FIRST_ROWS if first else self.rows) - _number(distinct)

    # Clocks.

    def _finest(self, column: str) -> str:
        """Return the finest period that the column's values tell apart, ``day`` when there are too few to say more."""
        name = _quoted(column)
        # An instant is looked at in UTC, not in this machine's zone, so that every machine sees the same.
        value = f"({name} AT TIME ZONE 'UTC')" if self.types[column].kind is Kind.instant else f"CAST({name} AS TIMESTAMP)"
        above = dict(pairwise(_GRAINS))
        tests = {grain: f"bool_or({value} <> date_trunc('{wider}', {value}))" for grain, wider in above.items()}
        where = f"FROM {from_clause(self.relation)} WHERE {name} IS NOT NULL AND isfinite({name})"
        ((*answers,),) = self.engine.rows(f"SELECT {', '.join(tests.values())} {where}")
        finest = next((grain for grain, is_told in zip(tests, answers, strict=True) if is_told), "year")
        is_coarse = finest in ("month", "quarter", "year")
        return "day" if is_coarse and self.values[column] < _FEW else finest


# -- links ------------------------------------------------------------------------------------------------------------


def _links(
    engine: DuckDBEngine, position: int, tables: Sequence[ObservedTable], looks: Sequence[_Look]
) -> Iterator[tuple[ObservedLink, tuple[str, ...]]]:
    """Yield the columns whose names lead to a key of another table, with how many of their values are there, and that key."""
    table, look = tables[position], looks[position]
    for target, other in enumerate(tables):
        if target == position:
            continue
        for columns, key in _leading(look, looks[target], other):
            if all(look.types[c].kind is looks[target].types[k].kind for c, k in zip(columns, key, strict=True)):
                filled, found = _contained(engine, look.relation, columns, looks[target].relation, key)
                # A table of the same rows has every value of the other's key: neither leads to the other.
                same = [sorted(columns)] == [sorted(own) for own in table.keys[:1]] and other.rows <= table.rows
                if filled and not same:
                    yield ObservedLink(columns, target, filled, found), key


def _leading(look: _Look, target: _Look, other: ObservedTable) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield columns and the key that their names lead to: the first one, or another that by its name is a key."""
    written = {look.plain[name]: name for name in look.types}
    others = [key for key in other.keys[1:] if len(key) == 1 and is_identifier(target.plain[key[0]])]
    for key in [*other.keys[:1], *others]:
        for columns in leads_to(tuple(written), other.name, [target.plain[name] for name in key]):
            yield tuple(written[name] for name in columns), key


def _contained(
    engine: DuckDBEngine, many: Relation, columns: Sequence[str], one: Relation, key: Sequence[str]
) -> tuple[int, int]:
    filled = " AND ".join(f"m.{_quoted(column)} IS NOT NULL" for column in columns)
    equal = " AND ".join(f"m.{_quoted(c)} = o.{_quoted(k)}" for c, k in zip(columns, key, strict=True))
    ((all_of_them, found),) = engine.rows(
        f"SELECT count(*), count(o.{_quoted(key[0])}) FROM {from_clause(many)} AS m "
        f"LEFT JOIN {from_clause(one)} AS o ON {equal} WHERE {filled}"
    )
    return _number(all_of_them), _number(found)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _number(value: object) -> int:
    assert isinstance(value, int)
    return value

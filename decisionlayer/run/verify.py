"""Does the warehouse have what the declarations say? Tables, columns and types, asked from its catalog, not from its data."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.frames.timeunits import is_below_a_day
from decisionlayer.resolve.language.type_rules import common
from decisionlayer.resolve.language.types import DataType, Kind
from decisionlayer.resolve.model import DataFile, Lines, Model, Relation, Source, SqlText, Table, Tree
from decisionlayer.run.engine import Engine
from decisionlayer.sql.checks import repeated_key


@dataclass(frozen=True, slots=True)
class Pair:
    """A column of a link, and the column of an entity's key that it is compared with."""

    role: str
    column: str
    target: Source
    key: str


@dataclass(frozen=True, slots=True)
class Need:
    """What is read of one source: its columns with the types that we count on, and what its links compare."""

    source: Source
    columns: Mapping[str, DataType]
    pairs: tuple[Pair, ...] = ()


_IS_METRIC = "There is a metric of that name; metrics are named in a `formula:`, a measure reads columns."


def verify(needs: Iterable[Need], engine: Engine, metrics: Container[str] = ()) -> tuple[Finding, ...]:
    """Return what is not there as declared: ``missing-table``, ``missing-column``, ``column-type``. Empty when all is well.

    ``metrics`` are the names of metrics: whoever reads one as a column is told so.
    """
    return tuple(finding for need in needs for finding in _verify(need, engine, metrics))


def repeated(sources: Iterable[Source], engine: Engine) -> tuple[Finding, ...]:
    """Return a finding ``key-not-unique`` for each source that is joined to and has a key twice: rows would be multiplied."""
    findings = []
    for source in sources:
        rows = engine.rows(repeated_key(source))
        if rows and source.valid is not None:
            findings.append(Finding(
                "key-not-unique", f"source {source.name}",
                f"versions in `{source.name}` overlap: {rows[0][0]} is there twice at one instant",
                source.place, why=f"every row that meets a {source.describes} at that instant would be counted once for each version",
                help=f"let each version end where the next begins (`{source.valid.ends}` is no part of it); `check --data` counts them",
            ))  # fmt: skip
        elif rows:
            findings.append(Finding(
                "key-not-unique", f"source {source.name}",
                f"`{source.name}` says that `{', '.join(source.key)}` tells each {source.describes} from the others, "
                f"and {rows[0][0]} comes more than once",
                source.place, why=f"every row that links to a repeated {source.describes} would be counted as often as it is repeated",
                help=f"remove the repeats, which `check --data` counts, or declare in `{source.name}` the key that is one",
            ))  # fmt: skip
    return tuple(findings)


def everything(model: Model) -> tuple[Need, ...]:
    """Return what all sources of a model say about their tables: keys, clocks, link columns and declared columns."""
    needs = []
    for source in model.sources.values():
        columns: dict[str, DataType] = {}
        for link in source.links.values():
            columns.update(dict.fromkeys(link.columns, _untyped))
        columns.update(dict.fromkeys(source.key, _untyped))
        columns.update({clock.column: clock.type for clock in source.clocks})
        if source.valid is not None:
            columns.update(dict.fromkeys((source.valid.starts, source.valid.ends), source.valid.type))
        if source.arrival is not None:
            columns[source.arrival.column] = source.arrival.type
        columns.update({column.name: column.type for column in source.columns.values()})
        needs.append(Need(source, columns, pairs_of(model, source, model.sources)))
    return tuple(needs)


def pairs_of(model: Model, source: Source, among: Container[str]) -> tuple[Pair, ...]:
    """Return what the links of ``source`` compare, of those that lead to a source in ``among``.

    A link to a unit leads to the unit's reporting lines, too.
    """
    lines: dict[str, list[str]] = {}
    for each in model.hierarchies.values():
        lines.setdefault(each.of, []).append(each.name)
    return tuple(
        Pair(link.role, column, model.sources[entity.source], key)
        for link in source.links.values()
        for name in (link.entity, *lines.get(link.entity, ()))
        if link.at is None and (entity := model.entities.get(name)) is not None and entity.source in model.sources
        if entity.source in among
        for column, key in zip(link.columns, entity.key)
    )


_untyped = DataType(Kind.unknown)


def _verify(need: Need, engine: Engine, metrics: Container[str]) -> list[Finding]:
    source = need.source
    found = engine.columns(source.relation)
    if found is None and isinstance(source.relation, SqlText):
        said = engine.why_missing(source.relation)
        if not said.startswith(("Catalog Error", "IO Error")):
            return [Finding(
                "wrong-argument", f"source {source.name}", f"{engine.name} cannot read the query of source `{source.name}`: {said}",
                source.place, help="write one query under `sql:`, and run it by itself to see what is wrong",
            )]  # fmt: skip
        return [Finding(
            "missing-table", f"source {source.name}",
            f"the query of source `{source.name}` reads what {engine.name} does not have: {said}",
            source.place, help="correct the name in `sql:`, or load what is missing",
        )]  # fmt: skip
    if found is None:
        return [Finding(
            "missing-table", f"source {source.name}",
            f"source `{source.name}` reads {_named(source.relation)}, which {_lacks(source.relation, engine)}",
            source.place, help=_where(source.relation, engine),
        )]  # fmt: skip
    # SQL names are case-insensitive where they are not quoted; DuckDB keeps one column per case-folded name.
    folded = {name.casefold(): type for name, type in found.items()}
    enumerated = {name.casefold() for name in engine.enumerated(source.relation)}
    rounded = {name.casefold() for name in engine.nanoseconds(source.relation)} & _finer_than_days(source)
    findings = []
    for name, wanted in need.columns.items():
        actual = folded.get(name.casefold())
        if actual is None:
            findings.append(Finding(
                "missing-column", f"source {source.name}", f"{_named(source.relation)} has no column `{name}`",
                source.place, help=did_you_mean(name, found) + (f" {_IS_METRIC}" if name in metrics else ""),
            ))  # fmt: skip
        elif name.casefold() in enumerated:
            findings.append(Finding(
                "column-type", f"source {source.name}", f"column `{name}` of {_named(source.relation)} is an enumeration in the warehouse",
                source.place, why="An enumeration is compared and sorted in the order of its declaration, not as the texts that it shows.",
                help=f"make it text: a view, or `sql:` with `cast({name} as varchar) as {name}`",
            ))  # fmt: skip
        elif name.casefold() in rounded:
            findings.append(Finding(
                "column-type", f"source {source.name}",
                f"the clock `{name}` of {_named(source.relation)} tells nanoseconds in the warehouse",
                source.place, why="It rounds them where it cuts a period: 23:59:59.9999999 would be counted on the next day.",
                help=f"cut them off: `sql: select * replace (make_timestamp(epoch_ns({name}) // 1000) as {name}) from …`",
            ))  # fmt: skip
        elif not _fits(wanted, actual):
            findings.append(_type_finding(source, name, wanted, actual, source.place))
    findings += [finding for pair in need.pairs if (finding := _unlike(need.source, pair, folded, engine)) is not None]
    return findings


def _unlike(source: Source, pair: Pair, columns: Mapping[str, DataType], engine: Engine) -> Finding | None:
    """A number and a text are compared by turning '07' into 7, so one row could meet two; unlike kinds are refused."""
    ours = columns.get(pair.column.casefold())
    theirs = {name.casefold(): type for name, type in (engine.columns(pair.target.relation) or {}).items()}
    key = theirs.get(pair.key.casefold())
    if ours is None or key is None or Kind.unknown in (ours.kind, key.kind) or common(ours, key) is not None:
        return None
    return Finding(
        "column-type", f"source {source.name}",
        f"the link `{pair.role}` of `{source.name}` compares `{pair.column}`, which is {_spoken(ours)} in the warehouse, "
        f"with the key `{pair.key}` of `{pair.target.name}`, which is {_spoken(key)}",
        source.place,
        why="the warehouse would turn one into the other, and a row could meet several others and count for each",
        help="bring both to one type, in the table or in a source's `sql:`",
    )  # fmt: skip


def _finer_than_days(source: Source) -> set[str]:
    return {clock.column.casefold() for clock in source.clocks if is_below_a_day(clock.grain)}


def _lacks(relation: Relation, engine: Engine) -> str:
    return "is not there" if isinstance(relation, DataFile) else f"{engine.name} does not have"


def _type_finding(source: Source, name: str, wanted: DataType, actual: DataType, place: Place) -> Finding:
    return Finding(
        "column-type", f"source {source.name}",
        f"column `{name}` of {_named(source.relation)} is {_spoken(actual)} in the warehouse, not {_spoken(wanted)}",
        place,
        why="A column read as another type may be cut, shifted by a zone, or added wrongly.",
        help=f"write `columns: {{{name}: {{type: {actual}}}}}` in source `{source.name}`, or mend the table",
    )  # fmt: skip


def _spoken(type: DataType) -> str:
    return {"instant": "instant (a timestamp with a zone)", "timestamp": "timestamp (without a zone)"}.get(str(type), str(type))


def _fits(wanted: DataType, actual: DataType) -> bool:
    """Say whether a column of the actual type may be read as the wanted one without losing anything."""
    if Kind.unknown in (wanted.kind, actual.kind) or wanted.kind is actual.kind:
        return wanted.kind is not Kind.decimal or actual.scale <= wanted.scale or actual.kind is Kind.unknown
    match wanted.kind:
        case Kind.float:
            return actual.is_number
        case Kind.decimal:
            return actual.kind is Kind.integer or (actual.kind is Kind.decimal and actual.scale <= wanted.scale)
        case Kind.integer:
            return actual.kind is Kind.decimal and actual.scale == 0
        case Kind.date:
            # A clock of a day or more is cut to days anyway, whatever the wall clock said.
            return actual.kind is Kind.timestamp
        case Kind.timestamp:
            return actual.kind is Kind.date
        case _:
            return False


def _named(relation: Relation) -> str:
    match relation:
        case Table():
            return f"table `{'.'.join(relation.parts)}`"
        case DataFile():
            return f"file `{relation.path}`"
        case SqlText() | Lines():
            return "its query"
        case Tree():
            return _named(relation.rows)


def _where(relation: Relation, engine: Engine) -> str:
    match relation:
        case Table():
            return did_you_mean(".".join(relation.parts), engine.tables())
        case DataFile():
            return "check the path: it starts at the project's folder"
        case SqlText() | Lines():
            return "run the query by itself to see what is missing"
        case Tree():
            return _where(relation.rows, engine)

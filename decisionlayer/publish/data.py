"""Checks that need the data: is what is declared there, are keys keys, do links lead somewhere, do parts make the whole?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from decisionlayer.ask import Desk
from decisionlayer.errors import EngineError
from decisionlayer.findings import Finding
from decisionlayer.govern.lineage import Lineage
from decisionlayer.names import counted
from decisionlayer.publish.freshness import stale
from decisionlayer.publish.groups import small_groups
from decisionlayer.publish.proofs import disprove
from decisionlayer.publish.ties import torn_rows, unrolled, untied
from decisionlayer.resolve.language.types import FLOAT, UNKNOWN
from decisionlayer.resolve.model import DataFile, Model, Source
from decisionlayer.run import Engine, open_warehouse
from decisionlayer.run.lines import torn, torn_levels
from decisionlayer.run.verify import Need, everything, verify
from decisionlayer.sql.checks import LinkCheck, SourceCheck, source_check


def check_data(desk: Desk) -> tuple[Finding, ...]:
    """Return what is wrong with the data under a model: one query a source, the ledgers, then the proof of each view and decision.

    Codes: ``missing-table missing-column column-type`` of the warehouse; ``key-not-unique nan-in-data rows-without-home`` of
    the rows; ``parts-differ`` of a ledger, of a control total and of what would be published. A source that cannot be read
    silences only what stands on it.
    """
    assert desk.engine is not None
    lineage = Lineage(desk.model)
    of_rows = check_rows(desk.model, desk.engine, lineage)
    bad = spoilt(of_rows)
    rows_torn = tuple(torn_rows(desk, lineage, bad))
    tied = (*untied(desk, lineage, bad), *unrolled(desk, lineage, bad), *rows_torn)
    found = (*of_rows, *tied, *disprove(desk, lineage, bad | spoilt(rows_torn)))
    found = (*found, *stale(desk.model, desk.engine, bad))
    return found if spoilt(found) else (*found, *small_groups(desk))


def check_tables(desk: Desk) -> tuple[Finding, ...]:
    """Return which tables, files and columns are not there as declared; asks the warehouse's catalog, not its rows.

    While no warehouse can be reached nobody can say what is missing in it, so only the project's own files are looked at.
    """
    assert desk.engine is not None
    sources, engine = desk.model.sources, desk.engine
    if not engine.is_there:
        sources = {name: source for name, source in sources.items() if isinstance(source.relation, DataFile)}
        engine = open_warehouse(None)
    return verify(_needs(desk.model, Lineage(desk.model), sources), engine, desk.model.metrics) if sources else ()


def check_rows(
    model: Model, engine: Engine, lineage: Lineage, only: Collection[str] | None = None
) -> tuple[Finding, ...]:
    """Return what is wrong with the rows of all sources, or of those that are in ``only`` (``source NAME``)."""
    lines = {each.source: each for each in model.hierarchies.values()}
    sources = {name: it for name, it in model.sources.items() if (only is None or f"source {name}" in only) and name not in lines}
    missing = verify(_needs(model, lineage, sources), engine, model.metrics)
    unread = {finding.subject for finding in missing}
    found = list(missing)
    for source in sources.values():
        if f"source {source.name}" not in unread and f"source {source.name}" not in model.broken:
            found += _check_source(model, engine, source, unread, _measured(lineage, source))
    for name, hierarchy in lines.items():
        if (only is None or f"source {name}" in only) and engine.columns(model.sources[name].relation) is not None:
            found += torn(hierarchy, model.sources[name], engine) or torn_levels(hierarchy, model.sources[name], engine)
    return tuple(found)


def spoilt(findings: Iterable[Finding]) -> frozenset[str]:
    """Return the subjects that data findings make unfit to stand on, so that one trouble is told once."""
    return frozenset(finding.subject for finding in findings if finding.is_error)


def _needs(model: Model, lineage: Lineage, sources: Mapping[str, Source]) -> Iterator[Need]:
    """Yield what is read of each source: all it declares, and the columns that only metrics name."""
    named: dict[str, dict[str, None]] = {}
    for edge in lineage.edges:
        kind, _, column = edge.stands_on.partition(" ")
        if kind == "column":
            holder, _, name = column.partition(".")
            named.setdefault(holder, {})[name] = None
    for need in everything(model):
        if need.source.name in sources:
            more = dict.fromkeys(named.get(need.source.name, ()), UNKNOWN)
            yield Need(need.source, {**more, **need.columns}, need.pairs)


def _measured(lineage: Lineage, source: Source) -> frozenset[str]:
    """Return the columns of a source that some measure aggregates."""
    prefix = f"column {source.name}."
    return frozenset(
        edge.stands_on.removeprefix(prefix)
        for edge in lineage.edges
        if edge.way == "measure" and edge.stands_on.startswith(prefix)
    )


def _check_source(
    model: Model, engine: Engine, source: Source, unread: Collection[str], measured: frozenset[str]
) -> Iterator[Finding]:
    types = engine.columns(source.relation) or {}
    floats = {name.casefold() for name, type in types.items() if type == FLOAT}
    links = []
    for link in source.links.values():
        entity = model.entities.get(link.entity)
        is_there = entity is not None and f"source {entity.source}" not in unread and entity.source in model.sources
        # A version is the line itself on one day: who stands in it is asked once, of the line.
        if entity is not None and is_there and link.at is None:
            links.append(LinkCheck(link, entity, model.sources[entity.source].relation))
    numbers = tuple(sorted(column for column in measured if column.casefold() in floats))
    check = SourceCheck(source, tuple(links), numbers)
    sql = source_check(check)
    try:
        rows = engine.rows(sql)
    except EngineError as failed:
        yield from (_unanswered(source, finding) for finding in failed.findings)
        return
    seen = dict(zip(check.columns, rows[0], strict=True))
    yield from _judge_key(source, seen)
    yield from _judge_links(check, seen)
    yield from _judge_numbers(check, seen)


def _judge_key(source: Source, seen: Mapping[str, object]) -> Iterator[Finding]:
    repeated = _whole(seen.get("repeated"))
    if not repeated:
        return
    key = ", ".join(source.key)
    if source.valid is not None:
        yield Finding(
            "key-not-unique", f"source {source.name}",
            f"versions in `{source.name}` overlap: {counted(repeated, source.describes or 'key')} "
            f"{'is' if repeated == 1 else 'are'} there twice at one instant, such as {seen['example']}",
            source.place, why=f"every row that meets a {source.describes} at that instant would be counted once for each version",
            damage=f"{counted(_whole(seen['surplus']), 'version')} of {_whole(seen['rows']):,} begin before the one before has ended",
            help=f"let each version end where the next begins: `{source.valid.ends}` is no part of it",
        )  # fmt: skip
        return
    if source.describes is not None:
        why = f"every row that links to a repeated {source.describes} would be counted as often as it is repeated"
        subject = f"each {source.describes}"
    else:
        why = "a row that is there twice is counted twice, in every number over this source"
        subject = f"each row, {source.one_row_is}," if source.one_row_is else "each row"
    yield Finding(
        "key-not-unique", f"source {source.name}",
        f"`{source.name}` says that `{key}` tells {subject} from the others, and {counted(repeated, 'key')} "
        f"{'comes' if repeated == 1 else 'come'} more than once, such as {seen['example']}",
        source.place, why=why, damage=f"{_whole(seen['surplus']):,} of {_whole(seen['rows']):,} rows are one too many",
        help=f"remove the repeats, or declare in `{source.name}` the key that is one",
    )  # fmt: skip


def _judge_links(check: SourceCheck, seen: Mapping[str, object]) -> Iterator[Finding]:
    rows = _whole(seen["rows"])
    for link in check.links:
        role = link.link.role
        lost, empty = _whole(seen[f"lost.{role}"]), _whole(seen[f"empty.{role}"])
        if not lost and not empty:
            continue
        share = (lost + empty) / rows
        lead = f"link by `{role}` to nothing in `{link.entity.source}`, such as {seen[f'lost_example.{role}']}"
        said = f"{lost:,} of {rows:,} rows of `{check.source.name}` {lead}" if lost else ""
        if empty:
            said += f", and {empty:,} have no `{role}`" if lost else f"{empty:,} of {rows:,} rows of `{check.source.name}` have no `{role}`"
        yield Finding(
            "rows-without-home", f"source {check.source.name}", said, check.source.place,
            why=f"split by {role}, they stand under Unassigned, and a comparison that leaves it out is not of the whole",
            damage=f"{share:.1%} of the rows",
            help=f"add what is missing to `{link.entity.source}`, or keep Unassigned in sight",
        )  # fmt: skip


def _judge_numbers(check: SourceCheck, seen: Mapping[str, object]) -> Iterator[Finding]:
    for column in check.numbers:
        broken = _whole(seen[f"broken.{column}"])
        if broken:
            yield Finding(
                "nan-in-data", f"source {check.source.name}",
                f"column `{column}` of `{check.source.name}` holds NaN or infinity in {counted(broken, 'row')}",
                check.source.place, why="one such row makes every sum and average over it meaningless",
                damage=f"{broken:,} of {_whole(seen['rows']):,} rows", help="make them NULL where the data is loaded",
            )  # fmt: skip


def _unanswered(source: Source, finding: Finding) -> Finding:
    return Finding(
        finding.code, f"source {source.name}", f"the rows of `{source.name}` could not be checked: {finding.message}",
        source.place, why="what cannot be checked cannot be trusted", help=finding.help,
    )  # fmt: skip


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int) else int(str(value or 0))

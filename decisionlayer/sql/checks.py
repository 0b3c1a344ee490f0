"""Queries that look at the data itself: is the key a key, do links lead somewhere, is every measured number a number?

One query a source, and one row comes back. The columns are told by ``SourceCheck``, so that nobody counts positions.
"""

from __future__ import annotations

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.model import Entity, Link, Relation, Source
from decisionlayer.sql.ddl import plain
from decisionlayer.sql.naming import literal
from decisionlayer.sql.relation import from_clause


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """A link to look along: its columns, and the relation and key columns of the entity that they should be found in."""

    link: Link
    entity: Entity
    relation: Relation


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What is asked of one source: its key, its links, and the columns that must hold numbers."""

    source: Source
    links: tuple[LinkCheck, ...]
    numbers: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the one row that comes back.

        ``rows``; ``repeated`` keys, the ``surplus`` of rows over keys and an ``example``; for each link ``lost.ROLE`` rows
        whose key is not there, ``empty.ROLE`` rows without one, and an ``lost_example.ROLE``; ``broken.COLUMN`` for numbers.
        """
        keys = ("repeated", "surplus", "example") if self.source.key else ()
        links = tuple(f"{what}.{check.link.role}" for check in self.links for what in ("lost", "empty", "lost_example"))
        return ("rows", *keys, *links, *(f"broken.{column}" for column in self.numbers))


def source_check(check: SourceCheck) -> str:
    """Return the query of a check, its columns in the order of ``check.columns``.

    ::

        -- carriers: the key is carrier
        rows | repeated | surplus | example
          17 |        1 |       1 | UA
    """
    source = check.source
    outputs = ["COUNT(*)"]
    ways = []
    for position, link in enumerate(check.links):
        known, condition = _known(position, link)
        ways.append(f"LEFT JOIN {known} ON {condition}")
        outputs += _along(position, link)
    for column in check.numbers:
        outputs.append(f"COUNT(*) FILTER (WHERE NOT ISFINITE(CAST(it.{plain(column)} AS DOUBLE)))")
    rows = [f"FROM {from_clause(source.relation)} AS it", *ways]
    if not source.key:
        return "\n".join([f"SELECT {', '.join(outputs)}", *rows])
    named = [f"c{position}" for position in range(len(outputs))]
    return "\n".join([
        "WITH",
        f"keys AS ({_times(source)}),",
        f"of_keys AS (SELECT COUNT(*) FILTER (WHERE times > 1) AS repeated, SUM(times) - COUNT(*) AS surplus, "
        f"MIN({_shown(source.key)}) FILTER (WHERE times > 1) AS example FROM keys),",
        "of_rows AS (",
        f"SELECT {', '.join(f'{output} AS {name}' for output, name in zip(outputs, named, strict=True))}",
        *rows,
        ")",
        f"SELECT c0, repeated, COALESCE(surplus, 0), example{''.join(f', {name}' for name in named[1:])} "
        "FROM of_rows CROSS JOIN of_keys",
    ])  # fmt: skip


def _times(source: Source) -> str:
    """Return how often each key is there at once: its rows, or for versions one more than those that overlap the next."""
    listed = ", ".join(plain(column) for column in source.key)
    if source.valid is None:
        return f"SELECT {listed}, COUNT(*) AS times FROM {from_clause(source.relation)} AS it GROUP BY {listed}"
    return f"SELECT {listed}, 1 + COUNT(*) FILTER (WHERE is_overtaken) AS times FROM ({_versions(source)}) AS versions GROUP BY {listed}"


def _versions(source: Source) -> str:
    """Return the versions of an entity that hold at any instant, each with whether the next one begins before it ends.

    If any two versions overlap, two that follow each other do.
    """
    assert source.valid is not None
    listed = ", ".join(plain(column) for column in source.key)
    starts, ends = plain(source.valid.starts), plain(source.valid.ends)
    following = f"LEAD({starts}) OVER (PARTITION BY {listed} ORDER BY {starts}, {ends})"
    return (
        f"SELECT {listed}, {following} IS NOT NULL AND COALESCE({following} < {ends}, TRUE) AS is_overtaken "
        f"FROM {from_clause(source.relation)} AS it WHERE {starts} IS NOT NULL AND ({ends} IS NULL OR {starts} < {ends})"
    )


def repeated_key(source: Source) -> str:
    """Return the query that finds one key of a source that comes more than once; no rows when there is none.

    A key that is not whole links to nothing, so it repeats nothing either. Versions repeat a key where they overlap.
    """
    if source.valid is not None:
        whole = " AND ".join(f"{plain(column)} IS NOT NULL" for column in source.key)
        return (
            f"SELECT {_shown(source.key)} AS example FROM ({_versions(source)}) AS versions WHERE is_overtaken AND {whole} "
            "ORDER BY example LIMIT 1"
        )
    listed = ", ".join(plain(column) for column in source.key)
    whole = " AND ".join(f"{plain(column)} IS NOT NULL" for column in source.key)
    return (
        f"SELECT {_shown(source.key)} AS example FROM {from_clause(source.relation)} AS it WHERE {whole} "
        f"GROUP BY {listed} HAVING COUNT(*) > 1 ORDER BY example LIMIT 1"
    )


def _known(position: int, check: LinkCheck) -> tuple[str, str]:
    """Return the keys that are there, each once so that no row is counted twice, and when a row finds its own."""
    alias = f"known{position}"
    keys = ", ".join(plain(column) for column in check.entity.key)
    known = f"(SELECT DISTINCT {keys}, TRUE AS is_there FROM {from_clause(check.relation)} AS entity) AS {alias}"
    pairs = zip(check.link.columns, check.entity.key, strict=True)
    return known, " AND ".join(f"it.{plain(ours)} = {alias}.{plain(theirs)}" for ours, theirs in pairs)


def _along(position: int, check: LinkCheck) -> list[str]:
    columns = [f"it.{plain(column)}" for column in check.link.columns]
    empty = " OR ".join(f"{column} IS NULL" for column in columns)
    lost = f"known{position}.is_there IS NULL AND NOT ({empty})"
    return [
        f"COUNT(*) FILTER (WHERE {lost})",
        f"COUNT(*) FILTER (WHERE {empty})",
        f"MIN({_shown(check.link.columns, 'it.')}) FILTER (WHERE {lost})",
    ]


def _shown(columns: tuple[str, ...], prefix: str = "") -> str:
    parts = [f"COALESCE(CAST({prefix}{plain(column)} AS VARCHAR), 'NULL')" for column in columns]
    return f" || {literal(', ')} || ".join(parts)


def newest(source: Source, column: str) -> str:
    """Return a query for the latest value of a column of a source: one row, NULL for an empty one."""
    return f"SELECT MAX(it.{plain(column)}) FROM {from_clause(source.relation)} AS it"

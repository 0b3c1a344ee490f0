"""Observed tables → the text of a project: what was counted is written down, what only people know is left to be answered.

A key is written when no two rows have it, a link when a column's name and all its values (or nearly all, with the orphans in a
comment) lead to another table's key. Owners, definitions, purposes, units and what one row is are never made up: their keys
stand as comments that ask, and ``check`` finds them missing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from decisionlayer.frozen import dataclass
from decisionlayer.load.observed import ENUMERATION, NEARLY_ALL, ObservedColumn, ObservedLink, ObservedTable
from decisionlayer.load.spell import KEYWORDS, in_braces, key, listed, quoted_name, text
from decisionlayer.load.starter import legal_name
from decisionlayer.load.stems import is_identifier, plain_names, said, singular, snake, stem
from decisionlayer.names import PERIODS, counted

#: So many sums a table gets; a person adds the others that mean something.
MOST_SUMS = 6
#: Names of numbers that must not be added up, or that only count the clock.
_NO_AMOUNTS = (
    *PERIODS, "rate", "ratio", "share", "pct", "percent", "percentage", "avg", "average", "mean", "median", "min", "max",
    "price", "index", "score", "rank", "level", "age", "lat", "lon", "lng", "latitude", "longitude", "temp", "temperature",
    "zip", "postcode", "phone", "version", "position", "time", "tz",
)  # fmt: skip
_NUMBERS = ("integer", "float", "decimal")


def propose(observed: Sequence[ObservedTable], name: str, *, folder: str | os.PathLike[str] = ".") -> Mapping[str, str]:
    """Return a project's files for tables that were looked at: path from ``folder`` → text.

    ``folder`` is where the project will be written: the warehouse and the files are named from there.
    """
    described = _describe(observed)
    warehouse = next((table.place for table in observed if table.parts), None)
    return {
        "definitions/project.yml": _project(legal_name(name, otherwise="project"), warehouse, folder),
        "definitions/sources.yml": _sources(described, folder),
        "metrics/first.yml": _metrics(described),
    }


# -- names ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Described:
    """A table with the names that its parts get in the project."""

    table: ObservedTable
    source: str
    entity: str | None = None
    #: role → the link, for those that are written
    links: dict[str, ObservedLink] = field(default_factory=dict)
    #: links that were seen and are not written, each with the reason
    doubtful: list[tuple[ObservedLink, str]] = field(default_factory=list)
    dimensions: dict[str, str] = field(default_factory=dict)

    def plain(self, column: str) -> str:
        """Return a column's name without the letters that all columns of the table begin with."""
        return plain_names(tuple(one.name for one in self.table.columns))[column]


def _describe(observed: Sequence[ObservedTable]) -> list[_Described]:
    """Settle names: sources and entities each apart, roles and dimensions of one source together."""
    sources = _Names()
    described = [_Described(table, sources.take(".".join(table.parts[-2:]) or table.name, "source")) for table in observed]
    for one in described:
        _settle_links(one, described)
    entities = _Names()
    linked = {link.table for one in described for link in one.links.values()}
    for position in sorted(linked):
        one = described[position]
        words = stem(one.plain(one.table.keys[0][0])) if len(one.table.keys[0]) == 1 else ""
        one.entity = entities.take(said(words, one.table.name) or singular(one.table.name), "entity")
    for one in described:
        _settle_names(one, described)
    return described


def _settle_links(one: _Described, described: Sequence[_Described]) -> None:
    """Keep the links that may be written: enough of their values found, and no two from the same columns."""
    rows = {link: f"{link.filled - link.found:,} of {link.filled:,} rows lead nowhere" for link in one.table.links}
    enough = [link for link in one.table.links if link.found >= NEARLY_ALL * link.filled]
    for link in one.table.links:
        rivals = [other for other in enough if other.columns == link.columns and other is not link]
        if link not in enough:
            one.doubtful.append((link, rows[link]))
        elif rivals:
            also = " and ".join(described[other.table].source for other in rivals)
            one.doubtful.append((link, f"the same column leads to {also} too; one of them is meant"))
        else:
            one.links[f"{len(one.links)}"] = link


def _settle_names(one: _Described, described: Sequence[_Described]) -> None:
    """Name the roles after their columns, then the dimensions after theirs; periods have their names already."""
    names = _Names(*PERIODS)
    roles: dict[str, ObservedLink] = {}
    for link in one.links.values():
        about = stem(one.plain(link.columns[0])) if len(link.columns) == 1 else ""
        roles[names.take(said(about, described[link.table].table.name) or described[link.table].entity or "", "link")] = link
    one.links = roles
    # What a role or the entity itself is asked by needs no second name.
    used = {column for link in roles.values() for column in link.columns if len(link.columns) == 1}
    used |= set(one.table.keys[0]) if one.entity is not None and len(one.table.keys[0]) == 1 else set()
    for column in one.table.columns:
        if column.type in ("text", "boolean") and column.name not in used:
            one.dimensions[names.take(one.plain(column.name), "dimension")] = column.name


class _Names:
    """Gives out legal names, no name twice, and none that the language keeps for itself."""

    def __init__(self, *taken: str) -> None:
        self.taken = {*taken, *KEYWORDS}

    def take(self, wanted: str, otherwise: str) -> str:
        """Return a free name like ``wanted``: ``a b`` as ``a_b``, and a second one as ``a_b_2``."""
        first = name = legal_name(wanted, otherwise=otherwise)
        count = 1
        while name in self.taken:
            count += 1
            name = f"{first}_{count}"
        self.taken.add(name)
        return name


# -- text -------------------------------------------------------------------------------------------------------------


def _project(name: str, warehouse: str | None, folder: str | os.PathLike[str]) -> str:
    data = f"\n  warehouse: {text('duckdb:///' + _from(folder, warehouse))}" if warehouse else ""
    return f"""\
# Written for data that was only looked at. `decisionlayer check` lists what is still to be answered; lines that begin
# with `# answer` ask it where it belongs: write the answer as a key there.
project:
  name: {key(name)}{data}
  timezone: UTC
  # answer: in which time zone do your days begin? Such as Europe/Berlin
  week_start: monday

# answer: who can own, decide or answer for something? Persons, roles or teams, such as
#   - {{party: sales_desk, kind: team, name: The sales desk}}
parties:
"""


def _sources(described: Sequence[_Described], folder: str | os.PathLike[str]) -> str:
    lines = [
        "# Types, keys and links were counted in the data. What a row is and who answers for it the data does not say.",
        "sources:" if described else "sources: []",
    ]
    for one in described:
        lines += _source(one, described, folder)
    return "\n".join(lines).rstrip() + "\n"


def _source(one: _Described, described: Sequence[_Described], folder: str | os.PathLike[str]) -> Iterator[str]:
    table = one.table
    yield f"  - source: {key(one.source)}"
    yield "    # answer, as one_row_is: what is one row, such as: one order line"
    yield "    # answer, as owner: which party answers for this data?"
    if table.parts:
        yield f"    table: {text('.'.join(map(quoted_name, table.parts)))}"
    else:
        yield f"    file: {text(_from(folder, table.place))}"
    yield from _key(one)
    yield from _clocks(table)
    yield from _links(one, described)
    if table.columns:
        yield "    columns:"
        yield from map(_column, table.columns)
    if one.dimensions:
        yield "    dimensions:"
        yield from (f"      {key(name)}: {text(quoted_name(column))}" for name, column in one.dimensions.items())
    yield ""


def _key(one: _Described) -> Iterator[str]:
    table = one.table
    if one.entity is not None:
        yield f"    describes: {key(one.entity)}"
    if table.keys:
        yield f"    key: {listed(table.keys[0])}"
        others = " or ".join(", ".join(columns) for columns in table.keys[1:4])
        if others:
            yield f"    # the {_rows(table)} would also be told apart by {_remark(others)}"
    elif table.rows == 0:
        yield "    # answer, as key: which columns tell the rows apart? The table is empty, so nothing could be counted"
    else:
        yield "    # answer, as key: which columns tell the rows apart? No three or fewer that are never empty do"
        near = table.near_key
        if near is not None:
            yield f"    # closest: {_remark(', '.join(near.columns))}, with {near.repeated:,} of {_rows(table)} too many"


def _clocks(table: ObservedTable) -> Iterator[str]:
    clocks = [column for column in table.columns if column.finest is not None]
    for column in table.columns:
        if column.type in ("date", "timestamp", "instant") and column.finest is None:
            yield f"    # not written as a clock: {_remark(column.name)} is always empty, so its grain could not be seen"
    if not clocks:
        years = (column for column in table.columns if column.type == "integer" and "year" in snake(column.name).split("_"))
        for column in years:
            made = f"make_date({quoted_name(column.name)}, 1, 1) as the_year"
            yield f"    # no clock: {_remark(column.name)} is a number; `sql: select *, {_remark(made)} from …` makes a day of it"
        return
    yield "    # the first clock is the one that questions mean; the grain is the finest period seen in the data"
    if any(column.type == "timestamp" for column in clocks):
        yield "    # answer: in which zone were these times written? Add `zone: UTC` or another; without, it is the project's"
    yield "    time:"
    # A clock that is never empty comes first, because rows without a time stand in no period.
    for column in sorted(clocks, key=lambda one: one.empty > 0):
        note = f"    # {column.empty:,} {'row has' if column.empty == 1 else 'rows have'} none" if column.empty else ""
        yield f"      {key(column.name)}: {{grain: {column.finest}}}{note}"


def _links(one: _Described, described: Sequence[_Described]) -> Iterator[str]:
    if one.links:
        yield "    links:"
    for role, link in one.links.items():
        columns = f"column: {in_braces(link.columns[0])}" if len(link.columns) == 1 else f"columns: {listed(link.columns)}"
        lost = link.filled - link.found
        note = f"    # {lost:,} of {link.filled:,} rows lead nowhere; they are kept as Unassigned" if lost else ""
        entity = key(described[link.table].entity or "")
        yield f"      {key(role)}: {{entity: {entity}, {columns}}}{note}"
    for link, reason in one.doubtful:
        columns = _remark(", ".join(link.columns))
        yield f"    # not written as a link: {columns} to {described[link.table].source} ({reason})"


def _column(column: ObservedColumn) -> str:
    if column.type == ENUMERATION:
        name = _remark(quoted_name(column.name))
        return f"      # left out, as an enumeration sorts as it was listed: {name}; make it text in a view, or by cast in `sql:`"
    if column.type is None:
        return f"      {key(column.name)}: {{}}    # of a type that measures cannot use"
    return f"      {key(column.name)}: {text(column.type)}"


def _metrics(described: Sequence[_Described]) -> str:
    lines = [
        "# A first metric for each source, and sums of its amounts. Keep what means something; each asks to be answered:",
        "#   title, definition   what exactly is counted, in words",
        "#   owner               the party that answers for it",
        "#   purpose             action (what do we do now?) or choice (what do we bet on?)",
        "#   unit                what one of it is: EUR, minute, or a thing that is declared under `units`",
        "#   better              higher, lower, {near: 0.85} or none",
        "#   grain               the finest question that it answers: {time: day, by: [shop]}",
    ]
    # What others link to is mostly a list of things; what has a clock or links of its own is mostly what happened, and what
    # has both happened even where others link to it: an order has lines, and is counted too.
    clocked = [one for one in described if any(column.finest for column in one.table.columns)]
    unlinked = [one for one in described if one.entity is None or (one in clocked and one.links)] or list(described)
    facts = [one for one in unlinked if one.links or one in clocked] or unlinked
    names = _Names(*(one.source for one in described))
    lines.append("metrics:" if facts else "metrics: []")
    for one in facts:
        lines += _counted(one, names.take(f"{one.source}_rows", "rows"), "count(*)")
        for column in _amounts(one)[:MOST_SUMS]:
            lines += _counted(one, names.take(f"{one.source}_{snake(one.plain(column))}", "amount"), f"sum({quoted_name(column)})")
    return "\n".join(lines).rstrip() + "\n"


def _counted(one: _Described, name: str, measure: str) -> Iterator[str]:
    yield f"  - metric: {key(name)}"
    yield f"    source: {key(one.source)}"
    yield f"    measure: {text(measure)}"
    yield "    # answer: title, definition, owner, purpose, unit, better, grain"
    yield ""


def _amounts(one: _Described) -> list[str]:
    """Return the columns that seem to be amounts: numbers that are no key, no link, no code and no ratio by their names."""
    taken = {column for columns in one.table.keys[:1] for column in columns}
    taken |= {column for link in one.table.links for column in link.columns}
    return [
        column.name
        for column in one.table.columns
        if column.type is not None and column.type.startswith(_NUMBERS) and column.name not in taken
        if not is_identifier(one.plain(column.name)) and not set(snake(column.name).split("_")) & set(_NO_AMOUNTS)
    ]


def _rows(table: ObservedTable) -> str:
    return counted(table.rows, "row")


def _remark(words: str) -> str:
    """Return words as they may stand in a comment: on one line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())


def _from(folder: str | os.PathLike[str], path: str | None) -> str:
    """Return a path as seen from ``folder``, with forward slashes; the whole path where there is no way (another drive)."""
    try:
        return Path(os.path.relpath(path or ".", folder)).as_posix()
    except ValueError:
        return Path(path or ".").resolve().as_posix()

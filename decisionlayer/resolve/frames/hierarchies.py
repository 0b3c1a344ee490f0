"""Hierarchies: reporting lines of an entity, from a file or a source, by named levels or by the way to the parent.

A hierarchy becomes a source and an entity of its own, one row for each unit and stretch of days, which the source of the unit
links to under the hierarchy's name. So ``org.region`` is a path like any other, and lines that change are history like any other.
Each version is one more link, which stands on its day.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from decisionlayer import declare
from decisionlayer.declare import Book
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import About, listed
from decisionlayer.resolve.collect import Collector
from decisionlayer.resolve.foundations import Foundations, check_owner
from decisionlayer.resolve.frames.line_files import VALID, read_lines
from decisionlayer.resolve.frames.lines import ALWAYS, Line, Loop, Twice, flatten, holds, repeated, two_parents
from decisionlayer.resolve.language.tree import Name
from decisionlayer.resolve.language.types import DATE, TEXT, UNKNOWN, DataType
from decisionlayer.resolve.model import (
    DataFile,
    Dimension,
    Entity,
    Hierarchy,
    Lines,
    Link,
    Source,
    SourceColumn,
    SqlText,
    Table,
    Tree,
    Validity,
)
from decisionlayer.resolve.world.namespace import TIME_WORDS
from decisionlayer.resolve.world.rows import column_type


@dataclass(slots=True)
class Ground:
    """What hierarchies stand on, and what they add to: each adds a source, an entity and links."""

    book: Book
    foundations: Foundations
    sources: dict[str, Source]
    entities: dict[str, Entity]
    collector: Collector
    hierarchies: dict[str, Hierarchy]


def resolve_hierarchies(
    book: Book,
    foundations: Foundations,
    sources: Mapping[str, Source],
    entities: Mapping[str, Entity],
    collector: Collector,
) -> Ground:
    """Return the sources and entities with those of every hierarchy that can be used, and the hierarchies by name."""
    ground = Ground(book, foundations, dict(sources), dict(entities), collector, {})
    for entry in book.of("frame"):
        item = entry.item
        if isinstance(item, declare.Frame) and item.hierarchy is not None and entry.name not in ground.hierarchies:
            about = About(entry)
            _resolve(about, item, item.hierarchy, ground)
            if collector.take(about.findings):
                described = ground.entities.get(item.hierarchy.of)
                if described is not None:
                    collector.block(f"link {described.source}.{entry.name}", tuple(about.findings))
    return ground


def _resolve(about: About, item: declare.Frame, body: declare.Hierarchy, ground: Ground) -> None:
    check_owner(about, item.owner, ground.foundations.parties, ground.foundations.today)
    entity = _entity(about, body, ground)
    if entity is None or not _check_names(about, body, entity, ground):
        return
    source = _of_file(about, body, entity, ground) if body.file is not None else _of_source(about, body, entity, ground)
    if source is None:
        return
    name = about.entry.name
    place = about.entry.origin.place()
    source = replace(source, name=f"frame {name}", describes=name, owner=item.owner, place=place)
    here = ground.sources[entity.source]
    links = {name: Link(name, name, entity.key, frame=name)}
    for version, day in item.versions.items():
        links[f"{name}@{version}"] = Link(f"{name}@{version}", name, entity.key, frame=name, at=day)
    ground.sources[here.name] = replace(here, links={**here.links, **links})
    ground.sources[source.name] = source
    ground.entities[name] = Entity(name, source.name, source.key)
    ground.hierarchies[name] = Hierarchy(name, entity.name, source.name, body.levels, item.versions, item.owner, place)


def _entity(about: About, body: declare.Hierarchy, ground: Ground) -> Entity | None:
    root = f"entity {body.of}"
    if root in ground.collector.broken:
        ground.collector.fall(about.subject, root, about.entry.origin.place("hierarchy", "of"))
        return None
    entity = ground.entities.get(body.of)
    if entity is None or body.of in ground.hierarchies:
        known = [name for name in ground.entities if name not in ground.hierarchies]
        about.say(
            "unknown-name", f"{about.title} is of `{body.of}`, which no source describes", "hierarchy", "of",
            help=did_you_mean(body.of, known),
        )  # fmt: skip
        return None
    if entity.source not in ground.sources:
        ground.collector.fall(about.subject, f"source {entity.source}", about.entry.origin.place("hierarchy", "of"))
        return None
    return entity


def _check_names(about: About, body: declare.Hierarchy, entity: Entity, ground: Ground) -> bool:
    """``bad-name`` and ``duplicate-name`` for a frame or a level whose name is taken."""
    name, here = about.entry.name, ground.sources[entity.source]
    before = len(about.findings)
    taken = "a word for time" if name in TIME_WORDS else "an entity" if name in ground.entities else None
    if name in (*here.links, *here.dimensions, *here.columns):
        what = "role" if name in here.links else "dimension" if name in here.dimensions else "column"
        taken = f"a {what} of `{here.name}`"
    if taken is not None:
        about.say(
            "bad-name", f"the frame `{name}` bears the name of {taken}, so a question by it could mean either",
            "frame", help="give the frame another name",
        )  # fmt: skip
    for position, level in enumerate(body.levels):
        at = ("hierarchy", "levels", position)
        if level in body.levels[:position]:
            about.say("duplicate-name", f"{about.title} names the level `{level}` twice", *at, help="name each level once")
        elif level in TIME_WORDS:
            about.say("bad-name", f"the level `{level}` is a word for time", *at, help="give it another name")
        elif level in entity.key or level in VALID or not level.isidentifier() or "__" in level:
            about.say("bad-name", f"`{level}` cannot be a level: it is a column of the unit, or no name", *at, help="give it another name")
    return len(about.findings) == before


# from a file


def _of_file(about: About, body: declare.Hierarchy, entity: Entity, ground: Ground) -> Source | None:
    assert body.file is not None
    described = ground.sources[entity.source]
    key = [(column, column_type(described, column, ground.sources, ground.entities)) for column in entity.key]
    untyped = [column for column, type in key if type is UNKNOWN]
    if untyped:
        about.say(
            "missing-key", f"`{described.name}` does not say of which type {listed(untyped)} is, so a file cannot be matched with it",
            "hierarchy", "file", why="the lines of a file are text, and '07' is not 7",
            help=f"add `columns: {{{untyped[0]}: text}}`, or what it is, to `{described.name}`",
        )  # fmt: skip
        return None
    if body.parent is not None and len(key) > 1:
        _one_column(about, entity)
        return None
    named = body.levels if body.parent is None else (body.parent,)
    lines = read_lines(about, ground.book.root, body.file, key, named)
    if lines is None:
        return None
    lines = _checked(about, body, lines)
    if lines is None:
        return None
    item = about.entry.item
    assert isinstance(item, declare.Frame)
    _check_versions(about, item.versions, lines, body.file)
    level_type = TEXT if body.parent is None else key[0][1]
    columns = (*key, *((level, level_type) for level in body.levels), *((column, DATE) for column in VALID))
    return Source(
        name="", relation=_lines(columns, lines), one_row_is=f"one unit of {body.of} and how long it stood there", key=entity.key,
        clocks=(), links={}, columns={column: SourceColumn(column, type) for column, type in columns},
        dimensions={level: Dimension(level, Name((level,)), level_type) for level in body.levels},
        describes=None, owner=None, snapshot=False, place=about.entry.origin.place(),
        valid=None if all(line.span == ALWAYS for line in lines) else Validity(*VALID, DATE, None, "as_was"),
    )  # fmt: skip


def _one_column(about: About, entity: Entity) -> None:
    about.say(
        "wrong-argument", f"{about.title} names parents, and the key of `{entity.name}` is {listed(entity.key)}",
        "hierarchy", "parent", why="a parent is named in one column", help="name the levels, without `parent`",
    )  # fmt: skip


def _checked(about: About, body: declare.Hierarchy, lines: tuple[Line, ...]) -> tuple[Line, ...] | None:
    """Return lines with every level, None where something stands in two places on one day, or in a circle."""
    found = list(two_parents(lines))
    about.findings += [_two_parents(about, body, twice) for twice in found[:3]]
    same = next(((one, two) for one, two in repeated(lines) if one.levels == two.levels), None)
    if same is not None and not found:
        one, two = same
        first = f", on line {one.place.line} already" if one.place else ""
        about.findings.append(Finding(
            "duplicate-name", about.subject, f"{_shown(two.unit)} has a line for these days{first}", two.place,
            why="each of its rows would be counted for both", help="keep one of them",
        ))  # fmt: skip
        return None
    if found:
        return None
    if body.parent is None:
        return lines
    try:
        return flatten(lines, len(body.levels))
    except Loop as loop:
        is_loop = loop.way[0] == loop.way[-1]
        way = " → ".join(f"`{unit}`" for unit in loop.way)
        on = f" on {loop.day}" if loop.day is not None else ""
        about.findings.append(Finding(
            "cycle", about.subject,
            f"units of {about.title} stand under each other in a circle{on}: {way}"
            if is_loop else f"more than 100 units of {about.title} stand one above the other, from {way} on",
            loop.place, why="nobody is at the top, so no level can be counted from there" if is_loop else "",
            help="let one of them stand under somebody else, or under nobody",
        ))  # fmt: skip
        return None


def _two_parents(about: About, body: declare.Hierarchy, twice: Twice) -> Finding:
    one, two = ("nothing" if parent is None else f"`{parent}`" for parent in twice.parents)
    on = f" on {twice.day}" if twice.day is not None else ""
    what = "" if twice.level is None else f"{body.levels[twice.level]} "
    return Finding(
        "two-parents", about.subject, f"{what}`{twice.who}` stands under {one} and under {two}{on}", twice.place,
        why="its rows would count under both, and the parts would make more than the whole",
        help="end the one line before the other begins (`valid_to` is the first day on which it holds no more), or correct one of them"
        if twice.level is None
        else f"give the two a name each, or put every {body.levels[twice.level]} of that name under one parent",
    )  # fmt: skip


def _check_versions(about: About, versions: Mapping[str, dt.date], lines: tuple[Line, ...], file: str) -> None:
    for version, day in versions.items():
        if not any(holds(line.span, day) for line in lines):
            about.say(
                "wrong-argument", f"no line of `{file}` holds on {day}, the day of version `{version}`", "versions", version,
                why="everything would be Unassigned in it", help="name a day on which the line stood",
            )  # fmt: skip


def _lines(columns: tuple[tuple[str, DataType], ...], lines: tuple[Line, ...]) -> Lines:
    rows = tuple(sorted(((*line.unit, *line.levels, line.span[0] or dt.date.min, line.span[1]) for line in lines), key=repr))
    digest = hashlib.sha256(repr((columns, rows)).encode()).hexdigest()[:16]
    return Lines(columns, rows, digest)  # type: ignore[arg-type]


def _shown(unit: tuple[object, ...]) -> str:
    return f"`{', '.join(str(part) for part in unit)}`"


# from a source


def _of_source(about: About, body: declare.Hierarchy, entity: Entity, ground: Ground) -> Source | None:
    assert body.source is not None
    written = body.source
    at = ("hierarchy", "source")
    if f"source {written}" in ground.collector.broken:
        ground.collector.fall(about.subject, f"source {written}", about.entry.origin.place(*at))
        return None
    if written not in ground.sources:
        about.say(
            "unknown-name", f"{about.title} reads the source `{written}`, which nothing declares", *at,
            help=did_you_mean(written, (name for name, each in ground.sources.items() if each.describes not in ground.hierarchies)),
        )  # fmt: skip
        return None
    source = ground.sources[written]
    key = _key(about, source, entity, body.parent, at)
    if key is None:
        return None
    return _levels(about, body, source, key) if body.parent is None else _tree(about, body, source, key, entity)


def _key(about: About, source: Source, entity: Entity, parent: str | None, at: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the columns by which a source says of which unit a row is: its own key, or those of its only link."""
    if source.describes == entity.name:
        return source.key
    links = [link for role, link in source.links.items() if link.entity == entity.name and role != parent]
    if len(links) == 1:
        return links[0].columns
    if links:
        about.say(
            "wrong-argument",
            f"`{source.name}` links to `{entity.name}` as {listed(link.role for link in links)}, and a line is of one of them",
            *at, help="read a source with one link to it",
        )  # fmt: skip
    else:
        about.say(
            "wrong-argument", f"`{source.name}` neither describes `{entity.name}` nor links to it", *at,
            help=f"add a link to `{entity.name}`, or read the source that describes it",
        )  # fmt: skip
    return None


def _levels(about: About, body: declare.Hierarchy, source: Source, key: tuple[str, ...]) -> Source | None:
    links: dict[str, Link] = {}
    dimensions: dict[str, Dimension] = {}
    for position, level in enumerate(body.levels):
        if level in source.dimensions:
            dimensions[level] = source.dimensions[level]
        elif level in source.links and source.links[level].frame is None:
            links[level] = source.links[level]
        else:
            about.say(
                "unknown-name", f"`{source.name}` has no dimension or link `{level}`", "hierarchy", "levels", position,
                help=did_you_mean(level, (*source.dimensions, *source.links)),
            )  # fmt: skip
    if len(links) + len(dimensions) < len(body.levels):
        return None
    return replace(source, key=key, links=links, dimensions=dimensions, clocks=(), snapshot=False)


def _tree(about: About, body: declare.Hierarchy, source: Source, key: tuple[str, ...], entity: Entity) -> Source | None:
    assert body.parent is not None
    link = source.links.get(body.parent)
    if link is None or link.entity != entity.name:
        about.say(
            "unknown-name", f"`{source.name}` has no link `{body.parent}` to `{entity.name}`", "hierarchy", "parent",
            help=f"name the link that leads from a {entity.name} to the one above it",
        )  # fmt: skip
        return None
    if len(key) > 1:
        _one_column(about, entity)
        return None
    relation = source.relation
    assert isinstance(relation, Table | SqlText | DataFile)
    type = source.columns[key[0]].type if key[0] in source.columns else UNKNOWN
    columns = {name: SourceColumn(name, type) for name in (key[0], *body.levels)}
    valid = None if source.valid is None else (source.valid.starts, source.valid.ends)
    return replace(
        source, relation=Tree(relation, key[0], link.columns[0], body.levels, valid), key=key, links={}, clocks=(), snapshot=False,
        columns=columns, dimensions={level: Dimension(level, Name((level,)), type) for level in body.levels},
    )  # fmt: skip

"""Sources, resolved: where rows are, what one row is, which columns, clocks and links it has.

Each part is checked for itself. A part that is wrong is left out and breaks only what reads it; the source as a whole is
broken only by what would change every number over it: no rows, no key where it describes something, versions nobody can date.
"""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from decisionlayer import declare
from decisionlayer.declare import Book, Entry
from decisionlayer.frozen import replace
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import About, listed
from decisionlayer.resolve.collect import Collector
from decisionlayer.resolve.foundations import Foundations, check_owner
from decisionlayer.resolve.model import Entity, Link, Source
from decisionlayer.resolve.world.bridges import with_bridges
from decisionlayer.resolve.world.columns import read_clocks, read_columns
from decisionlayer.resolve.world.dimensions import resolve_dimensions
from decisionlayer.resolve.world.history import read_arrival, read_validity, read_within
from decisionlayer.resolve.world.namespace import check_role
from decisionlayer.resolve.world.pairs import keep_pairs
from decisionlayer.resolve.world.relations import read_relation, with_types


def resolve_sources(
    book: Book, ground: Foundations, collector: Collector
) -> tuple[Mapping[str, Source], Mapping[str, Entity]]:
    """Return the sources that can be used, and the entities that exactly one of them describes."""
    entries = {entry.name: entry for entry in reversed(tuple(book.of("source")))}
    entries = dict(reversed(entries.items()))
    entities = _entities(entries, collector)
    unread = tuple(name for kind, name in book.unread if kind == "source")
    bare = {
        name: source
        for name, entry in entries.items()
        if (source := _source(entry, book.root, ground, entities, unread, collector)) is not None
    }
    bare = keep_pairs(entries, bare, entities, collector)
    zone = ZoneInfo(ground.project.timezone)
    sources: dict[str, Source] = {}
    for name, source in bare.items():
        dimensions = resolve_dimensions(entries[name], source, bare, entities, zone, collector)
        sources[name] = replace(source, dimensions=dimensions)
    return with_bridges(entries, sources, entities, collector), entities


def _entities(entries: Mapping[str, Entry], collector: Collector) -> Mapping[str, Entity]:
    """Return each entity with the source and key that describe it; a second description leaves it undescribed."""
    entities: dict[str, Entity] = {}
    twice: set[str] = set()
    for entry in entries.values():
        item = entry.item
        assert isinstance(item, declare.Source)
        if item.describes is None:
            continue
        about = About(entry)
        if not item.key:
            about.say(
                "missing-key",
                f"{about.title} describes the entity `{item.describes}` and has no key",
                "describes",
                why="without a key nobody can tell that a link finds one row and not several",
                help=f"add `key:` with the columns that tell one {item.describes} from another",
            )
        elif item.describes in entities:
            other = entities[item.describes].source
            about.say(
                "duplicate-name",
                f"`{other}` and `{entry.name}` both describe the entity `{item.describes}`",
                "describes",
                why="a link could find its row in either",
                help="let one of them describe it, and link the other to it",
            )
            twice.add(item.describes)
        else:
            entities[item.describes] = Entity(item.describes, entry.name, item.key)
        if collector.take(about.findings):
            collector.block(f"entity {item.describes}", tuple(about.findings))
    return {name: entity for name, entity in entities.items() if name not in twice}


def _source(
    entry: Entry,
    root: str,
    ground: Foundations,
    entities: Mapping[str, Entity],
    unread: tuple[str, ...],
    collector: Collector,
) -> Source | None:
    item = entry.item
    assert isinstance(item, declare.Source)
    about = About(entry)
    relation = read_relation(about, item, root)
    _check_whole(about, item, ground)
    is_broken = collector.take(about.findings) or about.subject in collector.broken
    # Parts are read even when the whole is broken, so that their findings come in the same run.
    columns = read_columns(entry, item, ground.units, collector)
    clocks = read_clocks(entry, item, ground.project, collector)
    history = About(entry)
    valid = read_validity(history, item, ground.project, columns, clocks)
    arrival = read_arrival(history, item, ground.project, columns, clocks)
    within = read_within(history, item)
    is_broken = collector.take(history.findings) or is_broken
    links = _links(entry, item, entities, unread, collector)
    # Without a project that can be read nobody knows where a day begins, and a guess would move rows.
    unsettled = (
        next((key for key in collector.broken if key.partition(" ")[0] == "project"), None) if item.time else None
    )
    if unsettled is not None:
        collector.roots[about.subject] = unsettled
        collector.block(about.subject, collector.broken[unsettled])
        return None
    if is_broken or relation is None:
        return None
    return Source(
        name=entry.name,
        relation=with_types(relation, columns),
        one_row_is=item.one_row_is or "",
        key=item.key or (),
        clocks=clocks,
        links=links,
        columns=columns,
        dimensions={},
        describes=item.describes,
        owner=item.owner,
        snapshot=item.snapshot,
        place=entry.origin.place(),
        valid=valid,
        arrival=arrival,
        within=within,
    )


def _check_whole(about: About, item: declare.Source, ground: Foundations) -> None:
    check_owner(about, item.owner, ground.parties, ground.today)
    if item.one_row_is is None:
        about.say(
            "no-definition",
            f"{about.title} does not say what one row is",
            why="who does not know what a row is cannot tell what a count counts",
            help="add `one_row_is:`, such as `one order line`",
        )
    if len(set(item.key or ())) != len(item.key or ()):
        about.say(
            "duplicate-name", f"the key of {about.title} names a column twice", "key", help="name each column once"
        )


def _links(
    entry: Entry, item: declare.Source, entities: Mapping[str, Entity], unread: tuple[str, ...], collector: Collector
) -> Mapping[str, Link]:
    links: dict[str, Link] = {}
    for role in item.links:
        about = About(entry)
        link = _link(about, item, role, entities, unread, collector) if check_role(about, item, role) else None
        if not collector.take(about.findings, f"link {entry.name}.{role}") and link is not None:
            links[role] = link
    return links


def _link(
    about: About,
    item: declare.Source,
    role: str,
    entities: Mapping[str, Entity],
    unread: tuple[str, ...],
    collector: Collector,
) -> Link | None:
    written = item.links[role]
    entity = written.entity or role
    at = ("links", role)
    if written.column is not None and written.columns is not None:
        about.say(
            "duplicate-name",
            f"the link `{role}` says twice by which columns it leads",
            *at,
            "columns",
            help="keep `column` or `columns`",
        )
        return None
    columns = (written.column,) if written.column is not None else written.columns or ()
    if not columns:
        about.say(
            "missing-key",
            f"the link `{role}` does not say by which column it leads",
            *at,
            help=f"write `{role}: {{entity: {entity}, column: …}}`",
        )
        return None
    if f"entity {entity}" in collector.broken:
        return Link(role, entity, columns)  # what walks it says that it cannot be walked
    if entity not in entities:
        _no_entity(about, item, role, entity, entities, unread)
        return None
    key = entities[entity].key
    if len(key) != len(columns):
        about.say(
            "wrong-argument",
            f"the link `{role}` leads by {listed(columns)}, and the key of `{entity}` is {listed(key)}",
            *at,
            why="by part of a key a row would meet several others, and count once for each",
            help=f"name {len(key)} column{'s' if len(key) > 1 else ''}, in the order of that key",
        )
        return None
    return Link(role, entity, columns)


def _no_entity(
    about: About, item: declare.Source, role: str, entity: str, entities: Mapping[str, Entity], unread: tuple[str, ...]
) -> None:
    at = ("links", role) if item.links[role].entity == "" else ("links", role, "entity")
    if unread:
        about.say(
            "stands-on-broken",
            f"the link `{role}` leads to the entity `{entity}`, which no source describes that can be read",
            *at,
            help=f"mend source {listed(unread)} first",
        )
        return
    tables = {one.source: name for name, one in entities.items()}
    if entity in tables:
        help = f"`{entity}` is a source; the entity that it describes is `{tables[entity]}`"
    else:
        help = f"{did_you_mean(entity, entities)} An entity is declared by `describes: {entity}` in the source that has one row for each."
    about.say(
        "unknown-name", f"the link `{role}` leads to the entity `{entity}`, which no source describes", *at, help=help
    )

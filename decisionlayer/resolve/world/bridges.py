"""Bridges: the declared ways from one to many, such as from an order to its lines, and what a split across them does to a total."""

from __future__ import annotations

from collections.abc import Mapping

from decisionlayer import declare
from decisionlayer.declare import Entry
from decisionlayer.frozen import replace
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import About, listed
from decisionlayer.resolve.collect import Collector
from decisionlayer.resolve.model import Bridge, Entity, Source


def with_bridges(
    entries: Mapping[str, Entry], sources: Mapping[str, Source], entities: Mapping[str, Entity], collector: Collector
) -> dict[str, Source]:
    """Return the sources with those of their bridges that can be crossed; a bridge that is wrong is left out.

    Codes: ``wrong-argument unknown-name missing-key bad-name wrong-type``.
    """
    found: dict[str, Source] = {}
    for name, source in sources.items():
        item = entries[name].item
        assert isinstance(item, declare.Source)
        bridges: dict[str, Bridge] = {}
        for bridge, written in item.bridges.items():
            about = About(entries[name])
            made = _bridge(about, source, bridge, written, sources, entities)
            if not collector.take(about.findings, f"bridge {name}.{bridge}") and made is not None:
                bridges[bridge] = made
        found[name] = replace(source, bridges=bridges) if bridges else source
    return found


def _bridge(
    about: About,
    source: Source,
    name: str,
    written: declare.Bridge,
    sources: Mapping[str, Source],
    entities: Mapping[str, Entity],
) -> Bridge | None:
    at = ("bridges", name)
    if source.describes is None or source.describes not in entities:
        about.say(
            "wrong-argument",
            f"the bridge `{name}` leads from each thing to many, and {about.title} describes none",
            *at,
            help="declare it in the source that has one row for each, and let that say what it describes",
        )
        return None
    if name in source.links or name in source.dimensions:
        what = "role" if name in source.links else "dimension"
        about.say("bad-name", f"`{name}` is a bridge and a {what} of `{source.name}`", *at, help="give the bridge another name")
        return None
    target = sources.get(written.source or name)
    if target is None:
        wanted = written.source or name
        said = did_you_mean(wanted, sources)
        help = f"{said} Write `source:` where the bridge does not bear its name." if written.source is None else said
        about.say("unknown-name", f"the bridge `{name}` leads to the source `{wanted}`, which nothing declares", *at, help=help)
        return None
    role = _role(about, source.describes, name, written, target)
    if role is None or not _shares(about, name, written, target):
        return None
    return Bridge(name, target.name, role, written.by if written.split == "allocate" else None)


def _role(about: About, entity: str, name: str, written: declare.Bridge, target: Source) -> str | None:
    roles = [role for role, link in target.links.items() if link.entity == entity]
    if written.link is not None and written.link in roles:
        return written.link
    if written.link is not None or not roles:
        wrong = f"by `{written.link}`" if written.link is not None else "by no link"
        about.say(
            "unknown-name",
            f"the bridge `{name}` leads to `{target.name}`, whose rows lead back to no {entity} {wrong}",
            "bridges",
            name,
            help=did_you_mean(written.link, roles) if written.link is not None else f"give `{target.name}` a link to the {entity}",
        )
        return None
    if len(roles) > 1:
        about.say(
            "missing-key",
            f"the bridge `{name}` leads to `{target.name}`, whose rows lead back to the {entity} by {listed(roles)}",
            "bridges",
            name,
            why="by each of them other rows belong to it",
            help=f"say which: `link: {roles[0]}`",
        )
        return None
    return roles[0]


def _shares(about: About, name: str, written: declare.Bridge, target: Source) -> bool:
    at = ("bridges", name)
    if written.split == "allocate" and written.by is None:
        about.say("missing-key", f"the bridge `{name}` shares out and does not say by what", *at, help="add `by:` with a column of numbers")
        return False
    if written.split == "overlap" and written.by is not None:
        about.say(
            "wrong-argument",
            f"the bridge `{name}` lets parts overlap and names a column to share out by",
            *at,
            "by",
            help="write `split: allocate`, or leave `by` out",
        )
        return False
    column = target.columns.get(written.by or "")
    if written.split == "allocate" and column is not None and not column.type.is_number:
        said = f"the bridge `{name}` shares out by `{written.by}`, which is {column.type}"
        about.say("wrong-type", said, *at, "by", help="name a number")
        return False
    if written.split == "allocate" and column is None:
        about.say(
            "unknown-name",
            f"the bridge `{name}` shares out by `{written.by}`, which is no declared column of `{target.name}`",
            *at,
            "by",
            help=did_you_mean(written.by or "", target.columns),
        )
        return False
    return True

"""Drift: what stands published and is no longer what is declared, by its columns, their types, its words and its meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from decisionlayer.ask import Desk
from decisionlayer.errors import DecisionLayerError
from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass
from decisionlayer.govern.lineage import Lineage
from decisionlayer.publish.catalog import FORMAT, SCHEMA
from decisionlayer.publish.edition import Item, compile_edition
from decisionlayer.publish.gate import refusals
from decisionlayer.publish.publications import NAME
from decisionlayer.resolve.about import listed
from decisionlayer.resolve.model import SqlText, Table
from decisionlayer.run import Engine
from decisionlayer.sql import ddl

_WANTED = ("format", "schema_name", "object", "declared_as", "stored_as", "meaning")
#: What a comment says of the day on which it was written.
_DAY = re.compile(r"Today is [\d-]+ in it, until it is published again\. |, at the end of [\d-]+")


@dataclass(frozen=True, slots=True)
class Published:
    """A thing as the catalog of an earlier publication lists it."""

    declared_as: str
    stored_as: str
    meaning: str


def drifted(desk: Desk) -> Iterator[Finding]:
    """Yield ``published-otherwise`` for each thing that is published otherwise than declared, not at all, or for nothing.

    Where nothing was ever published here, or nothing could be now, there is nothing to compare.
    """
    engine, model = desk.engine, desk.model
    assert engine is not None
    before = _published(engine)
    if before is None or refusals(model):
        return
    try:
        items = compile_edition(desk, Lineage(model), copied=False)
    except DecisionLayerError:  # what keeps it from being asked is told where it is asked
        return
    said = _comments(engine, dict.fromkeys(item.schema for item in items))
    for item in items:
        place = (model.views if item.declared_as == "view" else model.decisions)[item.name].place
        found = before.get((item.schema, item.name))
        told = ["it is declared and not published"] if found is None else list(_apart(engine, item, found, said))
        if told:
            what = f"{item.declared_as} `{item.name}` is published otherwise than it is declared"
            yield _finding(item.subject, f"{what}: {'; '.join(told)}", place)
    wanted = {(item.schema, item.name) for item in items}
    for (schema, name), one in before.items():
        if one.declared_as != "catalog" and (schema, name) not in wanted:
            what = f"{one.declared_as} `{name}` stands published as {schema}.{name}"
            yield _finding(f"{one.declared_as} {name}", f"{what}, and nothing declares it any more", None)


def _finding(subject: str, message: str, place: Place | None) -> Finding:
    return Finding(
        "published-otherwise", subject, message, place,
        why="whoever reads the warehouse reads something else than what is declared, and nothing there says so",
        help="publish again; if somebody changed it by hand, ask what for",
    )  # fmt: skip


def _published(engine: Engine) -> Mapping[tuple[str, str], Published] | None:
    """Return what the catalog lists; None where there is none, or one of another shape."""
    columns = engine.columns(Table((SCHEMA, NAME)))
    if columns is None or any(name not in columns for name in _WANTED):
        return None
    rows = engine.rows(ddl.select(SCHEMA, NAME, _WANTED))
    if any(row[0] != FORMAT for row in rows):
        return None
    return {(str(schema), str(name)): Published(str(kind), str(stored), str(meaning)) for _, schema, name, kind, stored, meaning in rows}


def _apart(engine: Engine, item: Item, before: Published, said: Mapping[tuple[str, str, str], str]) -> Iterator[str]:
    if before.meaning != item.meaning:
        yield f"it means {item.meaning}, and what is published means {before.meaning}"
    if before.stored_as != item.stored_as:
        yield f"it is stored as a {before.stored_as} and declared as a {item.stored_as}"
    relation = Table((item.schema, item.name))
    stands, wanted = engine.columns(relation), engine.columns(SqlText(item.sql))
    if stands is None:
        yield engine.why_missing(relation) or "it is gone"
        return
    if wanted is None:  # told by the checks of the warehouse
        return
    lost, new = [name for name in wanted if name not in stands], [name for name in stands if name not in wanted]
    if lost:
        yield f"{listed(lost)} {'is' if len(lost) == 1 else 'are'} missing in it"
    if new:
        yield f"{listed(new)} {'is' if len(new) == 1 else 'are'} in it and declared nowhere"
    for name, type in wanted.items():
        if name in stands and stands[name] != type:
            yield f"`{name}` is {stands[name]} in it and {type} as declared"
    comments = {"": item.comment, **dict(item.columns)}
    other = [name for name, text in comments.items() if _timeless(said.get((item.schema, item.name, name), "")) != _timeless(text)]
    columns = [name for name in other if name in stands]
    if other and other[0] == "":
        more = f", and so {'do those' if len(columns) > 1 else 'does that'} of {listed(columns)}" if columns else ""
        yield f"its comment says something else{more}"
    elif columns:
        yield f"the comment{'s' if len(columns) > 1 else ''} of {listed(columns)} {'say' if len(columns) > 1 else 'says'} something else"


def _timeless(comment: str) -> str:
    return _DAY.sub("", comment)


def _comments(engine: Engine, schemas: Mapping[str, None]) -> Mapping[tuple[str, str, str], str]:
    """Return the comments that stand: by schema, thing and column; the column of the thing's own is empty."""
    return {
        (str(schema), str(name), str(column)): str(comment or "") for schema, name, column, comment in engine.rows(ddl.comments_in(schemas))
    }

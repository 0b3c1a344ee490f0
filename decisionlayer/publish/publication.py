"""CORRIDOR publish: the steps of one publication, in order. Everything that can refuse comes before the first statement."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from decisionlayer.ask import Desk
from decisionlayer.errors import EngineError, refuse
from decisionlayer.findings import Finding, in_order
from decisionlayer.frozen import replace
from decisionlayer.govern.lineage import Lineage
from decisionlayer.names import counted
from decisionlayer.plan.query import Query
from decisionlayer.publish.catalog import SCHEMA, CatalogTable, catalog
from decisionlayer.publish.data import check_rows, check_tables, spoilt
from decisionlayer.publish.edition import Item, compile_edition
from decisionlayer.publish.gate import published, refusals, warnings
from decisionlayer.publish.groups import small_groups
from decisionlayer.publish.place import name_notes, put_aside, put_in_place, schema_in
from decisionlayer.publish.proofs import run_proof
from decisionlayer.publish.publications import publications, status_of
from decisionlayer.publish.receipt import Receipt, Standing
from decisionlayer.publish.stopping import unreadable
from decisionlayer.publish.ties import untied
from decisionlayer.resolve.model import Model
from decisionlayer.run import Engine
from decisionlayer.run.readings import left_out
from decisionlayer.run.stopped import stopped
from decisionlayer.sql import ddl
from decisionlayer.sql.qualify import qualified


def publish(desk: Desk, *, to: Path | None, say: Callable[[str], None]) -> Receipt:
    """Publish every view, a view for each decision, and the catalog tables, in place or into the file ``to``; all or none.

    Raises DeclarationError or PolicyError with every finding that refuses it, of the declarations or of the data, and
    EngineError naming what failed; after any of them what was published before still stands. ``say`` hears of slow steps.
    """
    began = time.monotonic()
    engine = desk.engine
    assert engine is not None
    lineage = Lineage(desk.model)
    _raise_any(refusals(desk.model))
    safe, notes = _safe_from_others(desk, engine)
    items = compile_edition(safe, lineage, copied=to is not None)
    proven = _prove(safe, engine, lineage, items, say)
    left = tuple(_left_out(desk, items))
    if to is None:
        where, home = engine.name, SCHEMA
        notes = (*notes, *(f"{item.full_name}: {note}" for item in items for note in item.notes), *left)
    else:
        where, home = str(to), schema_in(to, SCHEMA)
        items = tuple(replace(item, schema=schema_in(to, item.schema)) for item in items)
        notes = (*notes, f"{to} holds the rows as they are now; publish again when the data has changed", *left, *name_notes(to))
    tables = (*catalog(desk.model, lineage), publications(desk.model, items, _now(), home=home, copied=to is not None))
    say(f"publishing {counted(len(items), 'view')} and {len(tables)} catalog tables to {where}")
    try:
        dropped = put_in_place(engine, items, tables) if to is None else put_aside(engine, to, items, tables)
    except EngineError as failed:  # what changed since it was looked at is told by its own rule
        found = stopped(failed, desk.model)
        changed = (found,) if found is not None else check_tables(desk)
        raise refuse(changed) if changed else failed from failed
    return _receipt(where, items, tables, dropped, proven, _stamped(desk.model, lineage, items), notes, time.monotonic() - began)



def _prove(desk: Desk, engine: Engine, lineage: Lineage, items: tuple[Item, ...], say: Callable[[str], None]) -> int:
    """Refuse when the data does not bear what is published: a key that is none, parts that do not make up the whole.

    Return how many items were proven. A trouble with the rows is told once, and not again by every proof that it breaks.
    """
    say(f"checking the data under {counted(len(items), 'view')} in {engine.name}")
    stood_on = {below for subject in published(desk.model) for below in lineage.beneath(subject)}
    found = [finding for finding in check_rows(desk.model, engine, lineage, stood_on) if finding.is_error]
    bad = spoilt(found)
    found += [finding for finding in untied(desk, lineage, bad, stood_on) if finding.is_error]
    proven = 0
    for item in items:
        if not bad.isdisjoint(lineage.beneath(item.subject)):
            continue
        place = (desk.model.views if item.declared_as == "view" else desk.model.decisions)[item.name].place
        broken = run_proof(desk, item.subject, place, item.proof.sql) if item.proof.sql is not None else ()
        proven += not broken and item.proof.sql is not None
        found += broken or unreadable(desk, item.subject, place, item.sql, tuple(column for column, _ in item.columns))
    found += [] if found else small_groups(desk)
    _raise_any(in_order(found))
    return proven


def _left_out(desk: Desk, items: tuple[Item, ...]) -> Iterator[str]:
    """Yield what each view that is put like for like leaves out today, as an answer says it."""
    for item in items:
        if item.declared_as == "view":
            told = left_out(desk, Query.of(**desk.model.views[item.name].question))
            yield from (f"{item.full_name}: {note}" for note in told)


def _safe_from_others(desk: Desk, engine: Engine) -> tuple[Desk, tuple[str, ...]]:
    """Return a desk whose queries name every table with its schema, and a note for each query that could not be read."""
    schema = str(engine.rows(ddl.current_schema())[0][0])
    known = [str(name) for _, name, _ in engine.rows(ddl.what_stands([schema]))]
    notes = []
    sources = {}
    for name, source in desk.model.sources.items():
        relation = qualified(source.relation, schema, known, desk.capabilities.dialect)
        if relation is None:
            notes.append(f"the query of source `{name}` could not be read, so its tables are named as it names them")
            relation = source.relation
        sources[name] = replace(source, relation=relation)
    return Desk(replace(desk.model, sources=sources), engine), tuple(notes)


def _raise_any(findings: tuple[Finding, ...]) -> None:
    if findings:
        raise refuse(findings)


def _stamped(model: Model, lineage: Lineage, items: tuple[Item, ...]) -> tuple[Finding, ...]:
    """Return what is stamped on anything: warnings, and what keeps from being official what somebody has signed."""
    told = [finding for subject in published(model) for finding in warnings(model, lineage, subject)]
    return in_order((*told, *(finding for item in items if not item.standing.untouched for finding in item.standing.findings)))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def _receipt(
    where: str,
    items: tuple[Item, ...],
    tables: tuple[CatalogTable, ...],
    dropped: tuple[str, ...],
    proven: int,
    stamped: tuple[Finding, ...],
    notes: tuple[str, ...],
    seconds: float,
) -> Receipt:
    return Receipt(
        where=where,
        status=status_of(items),
        published=tuple(
            Standing(
                item.schema, item.name, item.declared_as, item.stored_as, item.meaning, item.standing.status, item.standing.reason,
            )
            for item in items
        ),
        catalog=tuple(table.name for table in tables),
        dropped=dropped,
        proven=proven,
        warnings=stamped,
        notes=notes,
        seconds=seconds,
    )

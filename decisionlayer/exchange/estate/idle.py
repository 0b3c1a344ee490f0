"""What nobody reads: columns that no number and no known SQL reaches."""

from __future__ import annotations

from collections.abc import Iterator

from decisionlayer.ask import Desk
from decisionlayer.exchange.estate.matching import tables_of
from decisionlayer.findings import Finding
from decisionlayer.govern.lineage import Lineage, of_sources
from decisionlayer.resolve.about import listed
from decisionlayer.resolve.model import Model


def read_by_nobody(desk: Desk, named: frozenset[tuple[str, str]]) -> Iterator[Finding]:
    """Yield ``unread-column`` for each source with columns that no declaration and no known SQL reads.

    ``named`` are the tables and columns, without case, that SQL from outside names.
    """
    model, engine = desk.model, desk.engine
    assert engine is not None
    read = _read(model)
    for table, source in tables_of(model).items():
        known = {column for each, column in named if each == table} | {column for each, column in read if each == source.name}
        idle = [column for column in engine.columns(source.relation) or {} if "*" not in known and column.casefold() not in known]
        if idle:
            yield Finding(
                "unread-column", f"source {source.name}",
                f"no metric, dimension, link or known SQL reads {listed(idle)} of `{source.name}`", source.place,
                why="what is collected and never used costs, and is a liability where it is about people",
                help="name what it is for, or stop collecting it",
            )  # fmt: skip


def _read(model: Model) -> frozenset[tuple[str, str]]:
    """Return every (source, column without case) that a declaration reads."""
    edges = (*Lineage(model).edges, *of_sources(model))
    columns = (edge.stands_on.removeprefix("column ").partition(".") for edge in edges if edge.stands_on.startswith("column "))
    return frozenset((source, column.casefold()) for source, _, column in columns)

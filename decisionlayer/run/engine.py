"""The engine protocol: what a database must do for us. A new engine is one file that keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from decisionlayer.capabilities import Capabilities
from decisionlayer.resolve.language.types import DataType
from decisionlayer.resolve.model import Relation

if TYPE_CHECKING:
    import pyarrow as pa

    from decisionlayer.sql.statement import Bound, Statement


@runtime_checkable
class Engine(Protocol):
    """One warehouse. Every method raises EngineError (``warehouse-failed``) with the SQL when the warehouse fails."""

    capabilities: Capabilities

    @property
    def name(self) -> str:
        """How the user named the warehouse, for messages; never a secret."""
        ...

    @property
    def is_there(self) -> bool:
        """Whether somebody named a warehouse that can be reached; asks nothing of it."""
        ...

    def fetch(self, statement: Statement) -> pa.Table:
        """Return all rows of a statement as an Arrow table, in the types that the database chose."""
        ...

    def reader(self, statement: Statement) -> pa.RecordBatchReader:
        """Return the rows of a statement as a stream; it holds the connection until it is read or closed."""
        ...

    def rows(self, sql: str, parameters: Mapping[str, Bound] | None = None) -> list[tuple[object, ...]]:
        """Return the rows of a query of our own, for checks and catalog tables."""
        ...

    def columns(self, relation: Relation) -> Mapping[str, DataType] | None:
        """Return the columns of a relation with their types, in order; None when there is no such relation."""
        ...

    def why_missing(self, relation: Relation) -> str:
        """Return in the warehouse's words why ``columns`` found no such relation; empty when it said nothing."""
        ...

    def enumerated(self, relation: Relation) -> frozenset[str]:
        """Return the columns of a relation, as it was last described, that sort otherwise than the texts that they show."""
        ...

    def nanoseconds(self, relation: Relation) -> frozenset[str]:
        """Return the columns of a relation, as it was last described, that tell nanoseconds, which are rounded when they are cut."""
        ...

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables and views there are, for near names in messages."""
        ...

    def transaction(self) -> AbstractContextManager[Writer]:
        """Open the warehouse for writing: all statements of the block happen, or none of them."""
        ...

    def close(self) -> None:
        """Let go of the warehouse, if it was opened by us."""
        ...


class Writer(Protocol):
    """What may be done inside ``Engine.transaction``."""

    def execute(self, sql: str, parameters: Mapping[str, Bound] | None = None) -> list[tuple[object, ...]]:
        """Run one statement and return its rows, none for DDL."""
        ...

    def execute_all(self, statements: Iterable[str]) -> None:
        """Run statements in order."""
        ...


def as_written(parameters: Mapping[str, Bound] | None) -> Iterator[tuple[str, Bound]]:
    """Yield parameters in the order of their names."""
    yield from sorted((parameters or {}).items())

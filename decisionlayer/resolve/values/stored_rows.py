"""Where rows are: a table, a query, a file, or the model itself."""

from __future__ import annotations

from dataclasses import field
from typing import TypeAlias

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import Value
from decisionlayer.resolve.language.types import DataType


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view of the warehouse: one to three name parts, unquoted."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SqlText:
    """A query that people wrote; it stands in the FROM clause as it is."""

    text: str


@dataclass(frozen=True, slots=True)
class DataFile:
    """A Parquet or CSV file, by its path from the project's folder; ``absolute`` is where it lies on this machine.

    ``types`` are the declared types of a CSV's columns: they are read so, never guessed from what they hold. ``is_plain`` when it
    was seen to be written with commas and no quotes, so that nobody has to find out how.
    """

    path: str
    absolute: str
    types: tuple[tuple[str, DataType], ...] = ()
    is_plain: bool = field(default=False, compare=False)

    @property
    def is_text(self) -> bool:
        """Whether it is a CSV, which says nothing of its columns' types."""
        return self.path.lower().endswith(".csv")


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows that are part of the model, read from a file of the project; a statement holds them as constants.

    ``digest`` stands for the rows wherever two of these are compared.
    """

    columns: tuple[tuple[str, DataType], ...]
    rows: tuple[tuple[Value, ...], ...] = field(compare=False, repr=False)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Tree:
    """Units of which each names the one above it, as one row for each unit and stretch of days with its ``levels`` from the top.

    ``key`` and ``parent`` are columns of ``rows``. The value of a level is the key of the unit there: a shorter branch repeats
    its last unit, and what hangs under nothing that is there has NULL. ``valid`` are the half-open columns, None without any.
    """

    rows: Table | SqlText | DataFile
    key: str
    parent: str
    levels: tuple[str, ...]
    valid: tuple[str, str] | None = None


Relation: TypeAlias = Table | SqlText | DataFile | Lines | Tree

"""What was seen in somebody's data, as plain values: nothing here is meant, all of it was counted."""

from __future__ import annotations

from decisionlayer.frozen import dataclass

#: The share of filled rows that must lead somewhere for a link to be written; what is below is only told.
NEARLY_ALL = 0.95
#: The type of a column whose texts sort in the order in which somebody listed them; no source may use it as it is.
ENUMERATION = "enumeration"


@dataclass(frozen=True, slots=True)
class ObservedColumn:
    """A column: its type in the words of ``columns:`` (None when the language has none), and how often it is empty.

    ``finest`` is the finest period that the values of a time column tell apart; None for one that is always empty, and for
    every other column.
    """

    name: str
    type: str | None
    empty: int
    finest: str | None = None


@dataclass(frozen=True, slots=True)
class ObservedKey:
    """Columns that might tell the rows apart, and how many rows too many have the same values: 0 makes them a key."""

    columns: tuple[str, ...]
    repeated: int


@dataclass(frozen=True, slots=True)
class ObservedLink:
    """Columns whose values stand in the key of another table: ``filled`` rows have one, ``found`` of them lead somewhere."""

    columns: tuple[str, ...]
    table: int
    filled: int
    found: int


@dataclass(frozen=True, slots=True)
class ObservedTable:
    """A table, or a file of rows. ``parts`` is the table's name in the warehouse ``place``; a file has no parts.

    ``keys`` holds the columns that tell its rows apart, the best first; when there are none, ``near_key`` comes closest.
    ``links`` are those to other tables of the same look, by their position in it.
    """

    name: str
    place: str
    parts: tuple[str, ...]
    rows: int
    columns: tuple[ObservedColumn, ...]
    keys: tuple[tuple[str, ...], ...] = ()
    near_key: ObservedKey | None = None
    links: tuple[ObservedLink, ...] = ()

    def column(self, name: str) -> ObservedColumn:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)

"""The nodes of a plan by levels: cells merged upwards, and results that stand one below the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import Expr

if TYPE_CHECKING:
    from decisionlayer.plan.nodes import Cells, Field, Merge, Output


@dataclass(frozen=True, slots=True)
class Level:
    """One of several splits of one question: its name, and the keys that it splits by."""

    name: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RollUp:
    """Cells merged to fewer keys, and with ``levels`` to several sets of them at once.

    ``keys`` follow from those of ``input``: one of them, or the year of its month. ``where`` is over the columns of ``input``.

    Without keys there is exactly one row, even over nothing; ``counts`` are then 0.

    ::

        keys: month     levels: by month (month), total ()     columns: late = sum of late
        before: month      | carrier | late      after: month      | level    | late
                2013-01-01 | UA      |   40             2013-01-01 | by month |   65
                2013-01-01 | B6      |   25             NULL       | total    |   65
    """

    input: Cells
    keys: tuple[Output, ...]
    columns: tuple[Merge, ...]
    levels: tuple[Level, ...] = ()
    counts: frozenset[str] = frozenset()
    where: Expr | None = None


@dataclass(frozen=True, slots=True)
class Stack:
    """The rows of several results on different keys, one below the other; a key that a result lacks is NULL in its rows.

    ``inputs`` come with the level that all their rows are of, None where they say it themselves. ``keys`` hold ``level``,
    ``columns`` are those of every input that are shown.
    ``families`` numbers, for each input, the level whose cells make up its own: those of one number may be merged from one.

    ::

        month      | late       late      after: month      | level | late
        2013-01-01 |   65         65             2013-01-01 | month |   65
                                                 NULL       | total |   65
    """

    inputs: tuple[tuple[Cells, str | None], ...]
    keys: tuple[Field, ...]
    columns: tuple[Field, ...]
    families: tuple[int, ...] = ()

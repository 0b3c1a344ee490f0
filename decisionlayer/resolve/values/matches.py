"""Matches: what the rows of a conversion are followed by, resolved."""

from __future__ import annotations

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import Expr, Name


@dataclass(frozen=True, slots=True)
class Match:
    """What the rows of a conversion are followed by: ``to`` rows of the same entity, within ``count`` periods of ``unit``.

    ``entity`` pairs the columns of the base rows that hold its key with those of ``source``, ``same`` paths of both that must
    be equal; ``count`` 0 is without end. Each base row has ``converted``, whether such a row lies strictly after it, and
    ``closed``, whether its window was over by the last row of ``source``. With ``by_event`` the rows are the ``to`` rows
    instead, each under the latest base row at or before it, less than the window ago.
    """

    source: str
    clock: str
    where: Expr | None
    entity: tuple[tuple[str, str], ...]
    same: tuple[tuple[Name, Name], ...]
    count: int
    unit: str
    by_event: bool = False


#: What a conversion knows of each base row, by the names that its measure uses.
CONVERTED, CLOSED = "converted", "closed"

"""Nodes between rows and cells: cells read like rows, rows that follow each other, the instants of periods, the first groups.

They are part of ``nodes.py``, which lists them with all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import Expr
from decisionlayer.resolve.language.types import DataType

if TYPE_CHECKING:
    from decisionlayer.plan.nodes import Cells, Field, Order, Output, Rows


@dataclass(frozen=True, slots=True)
class Derived:
    """Cells as rows, under an alias: what was counted first is read like a relation. One row per ``key``, the grain of ``cells``.

    ::

        cells: pieces by sunday and shop     after: by_sunday.sunday | by_sunday.shop | by_sunday.pieces
               2013-01-27 | A | 9                   2013-01-27       | A              |                9
    """

    alias: str
    cells: Cells
    fields: tuple[Field, ...]
    key: tuple[str, ...]

    @property
    def source(self) -> str:
        """What its rows are called: equal cells have one alias."""
        return self.alias


@dataclass(frozen=True, slots=True)
class MatchEvents:
    """Each row with the time of the nearest event that lies strictly after it and agrees in ``on``, as ``next_time`` under ``alias``.

    One row per row of ``input``, however many events there are; NULL where none follows. A NULL meets nothing. With
    ``by_event`` it is the other way round: one row per event, with its time and the columns of the scan of ``input``, of the
    latest row at or before it; an event without such a row leaves.

    ::

        on: visitor     time < event_time
        visits: visitor | time     orders: visitor | time     after: visitor | time | orders.next_time
                v1      |    1             v1      |    3            v1      |    1 |                3
                v1      |    4             v1      |    5            v1      |    4 |                5
                v2      |    2             v1      |    9            v2      |    2 |             NULL
    """

    input: Rows
    events: Rows
    alias: str
    on: tuple[tuple[Expr, Expr], ...]
    time: Expr
    event_time: Expr
    type: DataType
    by_event: bool = False


@dataclass(frozen=True, slots=True)
class First:
    """The groups of the first ``limit`` rows in an order that is total, each with a ``mark`` that is true.

    ::

        order: -late     limit: 1     mark: is_shown
        before: carrier | late     after: carrier | is_shown
                B6      |   65            B6      | true
                UA      |   40
    """

    input: Cells
    order: tuple[Order, ...]
    limit: int
    mark: str


@dataclass(frozen=True, slots=True)
class Instants:
    """The last instant of each period, or the first: of ``instant`` among the rows of each of ``periods``, and of each ``each``.

    One row per ``each`` and instant: periods do not overlap, so no instant is that of two. A NULL is no instant.

    ::

        periods: month     instant: sunday     which: last
        before: sunday     | shop | pieces      after: sunday
                2013-01-20 | A    |      7             2013-01-27
                2013-01-27 | A    |      9             2013-02-03
                2013-01-27 | B    |      4
                2013-02-03 | A    |      8
    """

    input: Rows
    periods: tuple[Expr, ...]
    each: tuple[Output, ...]
    instant: Output
    which: str

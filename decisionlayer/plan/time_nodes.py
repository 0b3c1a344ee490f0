"""Nodes that read other times than the cell's own: spines, shifts, windows, and rows laid under periods.

They are part of ``nodes.py``, which lists them with all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import Expr, Name
from decisionlayer.resolve.language.types import DataType

if TYPE_CHECKING:
    from decisionlayer.plan.nodes import Cells, Field, Output, Rows


@dataclass(frozen=True, slots=True)
class Every:
    """All periods from ``first`` to ``last``, each ``count`` of ``unit`` after the one before; None is where the data begin or end.

    Where they are not all as long, these are steps, and ``starts``, over the key of the spine, is the beginning of the period that a step
    lies in: those that begin one are periods. There are at most ``most`` steps.
    """

    first: Expr | None
    last: Expr | None
    count: int
    unit: str
    most: int
    starts: Expr | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """A column of a spine: the last, or first, ``key`` among ``cells`` from the column ``first`` up to and with ``last``; else NULL."""

    name: str
    type: DataType
    cells: Cells
    key: str
    first: str | None
    last: str
    which: str


@dataclass(frozen=True, slots=True)
class Spine:
    """The periods of a question: one row per period that any cell below lies in and for which ``where`` is true.

    Each of ``inputs`` comes with its period as an expression over its columns, so that days may make months. ``spans`` are
    single rows that stand beside every period; ``columns`` are over ``key`` and their columns, ``where`` over ``key``;
    ``picks`` are over those columns.
    With ``every`` the periods between are there too, in which no cell lies. ``steps`` are columns that ``columns`` are made of and that
    nobody else sees, each step's over ``key``, ``spans`` and the steps before it.

    ::

        key: month     columns: month__back = month - 1 month
        before: month      | carrier      after: month      | month__back
                2013-02-01 | UA                  2013-02-01 | 2013-01-01
                2013-02-01 | B6                  2013-04-01 | 2013-03-01
                2013-04-01 | UA
    """

    inputs: tuple[tuple[Cells, Expr], ...]
    key: Field
    spans: tuple[Cells, ...] = ()
    columns: tuple[Output, ...] = ()
    where: Expr | None = None
    picks: tuple[Pick, ...] = ()
    every: Every | None = None
    steps: tuple[tuple[Output, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """For each period of the spine the cells of another one: those whose ``key`` is the spine's column ``read``.

    One row per period of the spine and group that has a cell there; ``columns`` are names for columns of ``input``.

    ::

        spine: month 2013-02-01, month__back 2013-01-01     columns: late__back = late
        before: month      | carrier | late      after: month      | carrier | late__back
                2013-01-01 | UA      |   40             2013-02-01 | UA      |         40
                2013-02-01 | UA      |   65
    """

    input: Cells
    key: str
    spine: Spine
    read: str
    columns: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """A column in which states are merged over several periods: ``function`` is sum, min or max over ``state``."""

    name: str
    type: DataType
    function: str
    state: str


@dataclass(frozen=True, slots=True)
class Running:
    """What an accumulation reads, counted back from its last period; with neither, everything before it.

    ``bucket`` is an expression over ``key`` that periods share (to-date); ``reach`` says that the so many periods of ``unit``
    before it are read with it (trailing).
    """

    bucket: Expr | None = None
    reach: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """For each period of the spine the states of several: one row per period and group that has a cell in any of them.

    Which ones lies between the spine's columns ``first`` and ``last``, both included (``first`` None: from the beginning).
    ``running`` says the same as a function of the last period alone, where it is one: then one pass along time does. NULL
    states are skipped, so what has none stays NULL.

    ::

        spine: day 3, first 2, last 3     columns: late__2_days = sum of late
        before: day | carrier | late      after: day | carrier | late__2_days
                1   | UA      |   40             3   | UA      |           65
                2   | UA      |   65             3   | B6      |            5
                3   | B6      |    5
    """

    input: Cells
    key: str
    spine: Spine
    first: str | None
    last: str
    columns: tuple[Merge, ...]
    running: Running | None = None


@dataclass(frozen=True, slots=True)
class Cover:
    """Each row once for every period of the spine that reads it: ``period`` lies from ``first`` up to and with ``last``.

    It multiplies rows, each under another ``key``; what stands above must have that among its keys. Its columns are those of
    the rows, and ``key`` under the alias ``periods``.
    """

    input: Rows
    period: Expr
    spine: Spine
    first: str | None
    last: str


@dataclass(frozen=True, slots=True)
class Readings:
    """The same rows, with columns under ``alias`` that are worked out once for each different value of one column of the scan.

    ``where``, over the scan alone, says which rows' values are worth looking up; what a row holds never hangs on it, for one that
    is not found is worked out where it stands.

    ::

        by: time_hour     columns: month = the month in New York
        before: time_hour        | carrier    after: time_hour        | carrier | clock.month
                2013-02-01 04:00 | UA                2013-02-01 04:00 | UA      |  2013-01-01
                2013-02-01 04:00 | B6                2013-02-01 04:00 | B6      |  2013-01-01
    """

    input: Rows
    alias: str
    by: Name
    columns: tuple[Output, ...]
    where: Expr | None = None


#: The alias of a spine that rows are laid under.
PERIODS = "periods"

"""The nodes of a plan. Each says which columns it has and what one of its rows is; nothing else may stand in a plan.

Rows flow upwards. Below an ``Aggregate`` expressions name columns as ``Name((alias, column))``, alias of a scan; above it as
``Name((column,))``. The alias of a joined entity is the way to it, roles joined by ``__``. Beside the functions of the
language, expressions may use those of ``operations.py``. What one row is is computed by ``check.grain``, never stored:
``check_plan`` refuses a plan whose grain does not hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from decisionlayer.frozen import dataclass
from decisionlayer.plan.event_nodes import Derived as Derived
from decisionlayer.plan.event_nodes import First as First
from decisionlayer.plan.event_nodes import Instants as Instants
from decisionlayer.plan.event_nodes import MatchEvents as MatchEvents
from decisionlayer.plan.level_nodes import Level as Level
from decisionlayer.plan.level_nodes import RollUp as RollUp
from decisionlayer.plan.level_nodes import Stack as Stack
from decisionlayer.plan.query import Parameter
from decisionlayer.plan.time_nodes import PERIODS as PERIODS
from decisionlayer.plan.time_nodes import Cover as Cover
from decisionlayer.plan.time_nodes import Every as Every
from decisionlayer.plan.time_nodes import Merge as Merge
from decisionlayer.plan.time_nodes import Pick as Pick
from decisionlayer.plan.time_nodes import Readings as Readings
from decisionlayer.plan.time_nodes import Running as Running
from decisionlayer.plan.time_nodes import Shift as Shift
from decisionlayer.plan.time_nodes import Spine as Spine
from decisionlayer.plan.time_nodes import Window as Window
from decisionlayer.resolve.language.tree import Call, Expr, Name
from decisionlayer.resolve.language.types import TEXT, DataType
from decisionlayer.resolve.model import Relation
from decisionlayer.resolve.values.editions import Read


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a node: its name and type."""

    name: str
    type: DataType


#: The column that tells the rows of one level from those of the next.
LEVEL = Field("level", TEXT)


@dataclass(frozen=True, slots=True)
class Output:
    """A column that a node computes: its name, type and expression."""

    name: str
    type: DataType
    expr: Expr


@dataclass(frozen=True, slots=True)
class Scan:
    """The rows of one relation under an alias, only the columns that are read. One row per ``key`` of the source.

    ``valid`` are the columns between which its rows hold: then it has one row per key at each instant. ``hourly`` are clocks that
    tell whole hours or longer: columns of few different values.

    ::

        departures(carrier, dep_delay)
        carrier | dep_delay
        UA      |         2
        B6      |        40
    """

    source: str
    relation: Relation
    alias: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    valid: tuple[str, str] | None = None
    hourly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """The rows for which ``condition`` is true; false and NULL both leave.

    ::

        before: carrier | dep_delay      condition: dep_delay > 15      after: carrier | dep_delay
                UA      |         2                                            B6      |        40
                B6      |        40
                EV      |      NULL
    """

    input: Rows
    condition: Expr


@dataclass(frozen=True, slots=True)
class Join:
    """Each row with at most one row of an entity; rows without one stay, with NULL.

    Always many-to-one: ``scan.key`` is matched whole, and of an entity with history only the version that holds at ``moment``,
    an expression over the rows so far (a column of theirs, or a constant).

    ``on`` pairs an expression over the rows so far with a key column of ``scan``. ``known`` says which rows of the entity are there at
    all: those that had arrived by the day as of which the question is put.

    ::

        before: carrier     on: carrier = carrier.carrier     after: carrier | carrier.name
                UA                                                    UA      | United Air Lines
                ZZ                                                    ZZ      | NULL
                NULL                                                  NULL    | NULL
    """

    input: Rows
    scan: Scan
    on: tuple[tuple[Expr, str], ...]
    moment: Expr | None = None
    known: Expr | None = None

    def holds(self) -> Expr | None:
        """Return the condition beside the key: a version is the one that holds at the moment, and was known; None without one."""
        if self.moment is None or self.scan.valid is None:
            return self.known
        starts, ends = (Name((self.scan.alias, column)) for column in self.scan.valid)
        is_open = Call("or", (Call("is_null", (ends,)), Call("<", (self.moment, ends))))
        during = Call("and", (Call("<=", (starts, self.moment)), is_open))
        return during if self.known is None else Call("and", (during, self.known))

    def reads(self) -> tuple[Expr, ...]:
        """Return the expressions that decide which row is found."""
        return tuple(expr for expr in (*(expr for expr, _ in self.on), self.holds()) if expr is not None)


@dataclass(frozen=True, slots=True)
class SemiJoin:
    """Each row with what another result knows under its key: one row of ``cells`` at most, NULL where there is none.

    Never multiplies: ``on`` pairs an expression over the rows so far with each key of ``cells``. Columns of ``cells`` stand under
    ``alias``; its keys tell whether there is a row. ``null_meets_null`` when NULL is a key like any other. Without keys ``cells``
    are one row, which stands beside each.

    ::

        cells: aggregate by order (lines of toys)     on: orders.id = with_lines.order
        before: id | amount      after: id | amount | with_lines.order
                1  |     30             1  |     30 |                1
                2  |     40             2  |     40 |             NULL
    """

    input: Rows
    cells: Cells
    alias: str
    on: tuple[tuple[Expr, str], ...]
    null_meets_null: bool = False

    def reads(self) -> tuple[Expr, ...]:
        """Return the expressions that decide which row is found."""
        return tuple(expr for expr, _ in self.on)


@dataclass(frozen=True, slots=True)
class Expand:
    """Each row once for every row of ``cells`` under its key, and once with NULL where there is none: it crosses a bridge.

    It alone multiplies rows, each under other values of the keys of ``cells`` that are not in ``on``; what stands above must have
    those among its keys, so that a row counts once in each part. Columns of ``cells`` stand under ``alias``.

    ::

        cells: aggregate by order, category (lines)     on: orders.id = over_lines.order
        before: id | amount      after: id | amount | over_lines.category
                1  |     30             1  |     30 | Toys
                2  |     40             1  |     30 | Food
                                        2  |     40 | NULL
    """

    input: Rows
    cells: Cells
    alias: str
    on: tuple[tuple[Expr, str], ...]

    def reads(self) -> tuple[Expr, ...]:
        """Return the expressions that decide which rows are found."""
        return tuple(expr for expr, _ in self.on)


@dataclass(frozen=True, slots=True)
class State:
    """One aggregate over rows: ``function`` as in the language, its argument, its own filter.

    ``weight`` is what each row gives of itself to a sum or a count; None is all of it.
    """

    name: str
    type: DataType
    function: str
    argument: Expr | None
    where: Expr | None = None
    quantile: Expr | None = None
    weight: Expr | None = None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One row per combination of ``keys``, NULL being a value like any other; without keys exactly one row, even over nothing.

    ``clock`` is the column that its periods and its range are cut by, None when the question has neither: rows under two
    clocks are never read in one pass. With ``levels`` the rows are counted once for each of them, by its keys, the others being
    NULL, and ``level`` is one more key, which holds its name.

    ::

        keys: carrier     states: late = sum(dep_delay) filter (dep_delay > 15)
        before: carrier | dep_delay      after: carrier | late
                UA      |         2             UA      | NULL
                B6      |        40             B6      |   65
                B6      |        25
    """

    input: Rows
    keys: tuple[Output, ...]
    states: tuple[State, ...]
    clock: str | None = None
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True, slots=True)
class DrillAcross:
    """Several results on the same keys as one, by stacking and one grouping: one row per key found in any of them.

    A NULL key meets a NULL key. A column that an input lacks in a cell is NULL there, or 0 when it is among ``counts``.
    Columns of the inputs may not collide. ``beside`` are results on fewer keys: their row stands beside every cell that has
    those keys, and makes no cell of its own. ``filled``: there is a cell for each period of that spine and each group of any cell.

    ::

        departures: origin | flights     weather: origin | wind     after: origin | flights | wind
                    EWR    |       3              EWR    |   10            EWR    |       3 |   10
                    NULL   |       1              LGA    |   12            LGA    |    NULL |   12
                                                                           NULL   |       1 | NULL
    """

    inputs: tuple[Cells, ...]
    keys: tuple[Field, ...]
    counts: frozenset[str] = frozenset()
    beside: tuple[Cells, ...] = ()
    filled: Spine | None = None


@dataclass(frozen=True, slots=True)
class Compute:
    """The same rows with other columns: ``keys`` pass through, ``columns`` are computed, everything else is dropped.

    Only rows stay for which ``where``, over the columns of ``input``, is true.

    ::

        columns: share = on_time / flights
        before: carrier | on_time | flights      after: carrier | share
                UA      |       3 |       4             UA      |  0.75
                ZZ      |       0 |       0             ZZ      |  NULL
    """

    input: Cells
    keys: tuple[Field, ...]
    columns: tuple[Output, ...]
    where: Expr | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One sort key of the result: a column, and whether it runs downwards. NULLs come last either way."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Present:
    """The result as it was asked: rows that pass ``having``, columns in order and cast to their types, sorted, cut off.

    ``order`` is total: the asked order, then every group column.

    ::

        order: -late     limit: 1
        before: carrier | late     after: carrier | late
                UA      | NULL            B6      |   65
                B6      |   65
    """

    input: Cells
    fields: tuple[Field, ...]
    having: Expr | None
    order: tuple[Order, ...]
    limit: int | None


Rows: TypeAlias = Scan | Derived | Keep | Join | SemiJoin | Expand | Cover | Readings | MatchEvents
Cells: TypeAlias = Aggregate | Instants | First | DrillAcross | Spine | Shift | Window | Compute | RollUp | Stack
Node: TypeAlias = Rows | Cells | Present


def over_rows(rows: Rows) -> Scan | Derived:
    """Return the scan that everything else is joined to."""
    while not isinstance(rows, Scan | Derived):
        rows = rows.input
    return rows


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan with what the reader of its result must know.

    ``groups`` and ``metrics`` are its columns: which are splits, and of which metric the others are; ``fractions`` are those
    that hold a change as a fraction of the past, whatever the metric's unit, ``differences`` those that hold the change itself.
    ``trace`` tells the rewrites that changed something, ``notes`` what a reader must know of the result (cut periods), ``paths`` for each
    metric which path each asked one was bound to, ``parameters`` the values of the question's parameters, ready to be bound.
    ``overlaps`` says that rows count in several groups, so that the groups make more than the whole. ``through`` names the
    entities with history that its numbers go through. ``definitions`` say under which of its definitions in time each metric was
    read.
    """

    root: Present
    groups: tuple[str, ...]
    metrics: tuple[tuple[str, str], ...]
    fractions: frozenset[str] = frozenset()
    differences: frozenset[str] = frozenset()
    trace: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    paths: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    overlaps: bool = False
    through: tuple[str, ...] = ()
    definitions: tuple[Read, ...] = ()

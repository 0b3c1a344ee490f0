"""Bases: the states of each measure by the finest period that anything reads, and small things about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind.aliases import base_alias
from decisionlayer.plan.bind.bound import BoundQuestion
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.bind.ranges import Range, on_clock
from decisionlayer.plan.bind.result import BoundRows
from decisionlayer.plan.bind.structure import Moment
from decisionlayer.plan.bind.timing import Reading, base_column, span_column
from decisionlayer.plan.bind.tree import Context, Node
from decisionlayer.plan.kinds.formula import Atom, Value
from decisionlayer.plan.nodes import Aggregate, Cells, Compute, Keep, Output, Rows, State
from decisionlayer.plan.shape import fields, grain
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, conjunction
from decisionlayer.resolve.model import Body, Clock, Measure, Project, Source

#: How states of several periods merge; what is not here goes back to rows.
MERGES: Mapping[str, str] = {"sum": "sum", "count": "sum", "min": "min", "max": "max"}

Fresh = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Group:
    """Bases that can be one: periods of one unit (None: no period), the same splits, and rows of the same range and comparison."""

    base: str | None
    keys: tuple[str, ...]
    range: Range
    among: str | None = None


@dataclass(frozen=True, slots=True)
class Picks:
    """Which of the periods that a stock reads stands for all of them: the last or the first of ``periods``, those with an instant."""

    which: str
    periods: Aggregate


@dataclass(slots=True)
class Base:
    """The states of one measure over its rows, and its value of them, whichever cells are read.

    ``conditions`` are its own; ``counted`` is the count of all its rows where somebody says what holds without any.
    A stock's value may hang on how many ``instants`` there are; or one period stands for several, as its ``picks`` say. ``counts`` are the
    states that are counts, added up: 0 where there is nothing.
    """

    aggregate: Aggregate
    value: Value
    conditions: frozenset[Expr]
    counted: Atom | None = None
    all_rows: str | None = None
    instants: Aggregate | None = None
    picks: Picks | None = None
    counts: frozenset[str] = frozenset()


def plain(leaf: Node) -> Context:
    """Return the context of a measure as it is in the cell itself."""
    return replace(leaf.context, looks=(), ends=())


def base_key(question: BoundQuestion, base: str) -> str:
    """Return the column of the periods that rows are counted by: the asked one, or another name for a finer one."""
    timing = question.timing
    assert timing is not None and timing.key is not None
    return timing.key if base == timing.unit else base_column(timing.key, base)


def extent(columns: Columns, source: Source, clock: Clock, moment: Moment) -> Aggregate:
    """Return the first and the last time of a source's rows, as far as they were known; filters do not move them."""
    column = Name((base_alias(source), clock.column))
    known = moment.known(source, base_alias(source))
    states = tuple(
        State(span_column(source.name, clock, end), clock.type, function, column) for end, function in (("first", "min"), ("last", "max"))
    )
    rows = columns.rows(source.name, (column, *known))
    condition = conjunction(known)
    return Aggregate(rows if condition is None else Keep(rows, condition), (), states)


def only(base: Cells, present: tuple[Expr, ...]) -> Cells:
    """Return the cells for which ``present`` holds, all their columns."""
    keys = grain(base)
    found = fields(base)
    return Compute(
        base,
        tuple(each for each in found if each.name in keys),
        tuple(Output(each.name, each.type, Name((each.name,))) for each in found if each.name not in keys),
        conjunction(present),
    )


def touches(first: Expr, last: Expr, reading: Reading, clock: Clock, project: Project) -> list[Expr]:
    """Return the conditions that the data between ``first`` and ``last`` touch a range that is read."""
    if reading.is_outside:
        return [Literal(False)]
    found: list[Expr] = []
    start, end = reading.range.start, reading.range.end
    for edge, column, sign in ((start, last, ">="), (end, first, "<")):
        value = None if edge is None else on_clock(clock, edge, project, is_end=sign == "<")
        if value is not None:
            found.append(Call(sign, (column, Literal(value))))
    return found


def moved_word(expr: Expr) -> str:
    """Return what a moved period may be called: ``minus_1_month``."""
    match expr:
        case Call(
            function="moved" | "moved_point" | "moved_clock" | "moved_edge" | "later",
            arguments=(Name(), Literal(value=int(count)), Literal(value=unit), *_),
        ):
            return f"{'minus' if count < 0 else 'plus'}_{abs(count)}_{str(unit).replace('.', '_')}"
        case _:
            return ""


def source_of(body: Body, conditions: frozenset[Expr]) -> tuple[str, str | None, frozenset[Expr]]:
    """Return which rows a measure is over: of a source, by a clock, under its own conditions."""
    assert isinstance(body, Measure)
    return body.source, body.clock, conditions


def counts_all(state: State) -> bool:
    """Say whether a state counts all rows, each as one: shares of rows that are there may make up nothing."""
    return state.function == "count" and state.argument is None and state.where is None and state.weight is None


def rows_of(columns: Columns, rows: BoundRows, read: tuple[Expr, ...], own: list[Expr]) -> Rows:
    """Return the rows of a source, joined with all that expressions and asked paths lead to, only those in question."""
    ways = [columns.way_to(each) for each in rows.ways]
    input = columns.rows(
        rows.source, (*rows.reads(), *read), also=ways, moment=rows.moment, marks=rows.marks, expansions=rows.expansions
    )
    input = rows.looked_up(input)
    condition = conjunction((*rows.conditions, *own))
    return input if condition is None else Keep(input, condition)

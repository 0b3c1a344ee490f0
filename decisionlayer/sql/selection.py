"""SELECTs as values: relations, joins, cells and conditions, for steps that are not a plan of our own.

``exchange/`` says in these what another tool's question means; the text is written here, by the same speller as ours. A
column is ``Name((alias, column))``. Equal selections are one step of the statement, however often they are used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import TypeAlias, assert_never

from decisionlayer.capabilities import Capabilities
from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan import operations
from decisionlayer.resolve.language.tree import Call, Expr, Literal
from decisionlayer.resolve.language.types import UNKNOWN
from decisionlayer.resolve.model import DataFile, Lines, Relation, SqlText, Table, Tree
from decisionlayer.sql.dialects import Dialect, dialect_of
from decisionlayer.sql.expressions import Speller
from decisionlayer.sql.functions import ADD, Text
from decisionlayer.sql.naming import identifier, qualified, unshadowed, words_of
from decisionlayer.sql.relation import from_clause
from decisionlayer.sql.select import Column, Select, Step, indented, statement, verbatim
from decisionlayer.sql.statement import Statement, StatementColumn


def truncated(expr: Expr, unit: str) -> Expr:
    """Return the start of the period of ``unit`` that a time lies in."""
    return Call(operations.CUT_TO, (expr, Literal(unit)))


def moved(expr: Expr, count: Expr | int, unit: str) -> Expr:
    """Return a time moved by so many units; the day is cut to the last of a shorter month."""
    return Call(operations.LATER_BY, (expr, Literal(count) if isinstance(count, int) else count, Literal(unit)))


@dataclass(frozen=True, slots=True)
class Total:
    """One aggregate over the rows of a group."""

    function: str
    argument: Expr | None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Along:
    """A window over all rows that are equal in ``by``, in the order of ``order``."""

    function: str
    argument: Expr | None
    by: tuple[Expr, ...] = ()
    order: tuple[Expr, ...] = ()
    step: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a selection and its name."""

    name: str
    value: Expr | Total | Along


@dataclass(frozen=True, slots=True)
class From:
    """Where rows come from, under an alias."""

    rows: Rows
    alias: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Rows joined to those so far: ``left``, ``inner``, ``full``, ``cross`` or ``asof`` (the last row before)."""

    source: From
    on: tuple[Expr, ...]
    kind: str = "left"


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort key of the last selection: a column and whether it runs downwards; NULLs come last."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """One SELECT. ``grouped``: one row for each combination of the cells that are no totals; ``distinct``: each row once."""

    name: str
    base: From
    cells: tuple[Cell, ...]
    joins: tuple[Joined, ...] = ()
    where: tuple[Expr, ...] = ()
    grouped: bool = False
    distinct: bool = False
    order: tuple[Sort, ...] = ()
    limit: int | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(cell.name for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Stack:
    """Several selections as one, one row for each combination of ``keys`` in any of them; a NULL meets a NULL.

    ``instead`` says what a column that is NULL in a cell holds.
    """

    name: str
    inputs: tuple[Selection | Stack, ...]
    keys: tuple[str, ...]
    instead: tuple[tuple[str, Expr], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns: the keys, then what the inputs hold."""
        values = (name for each in self.inputs for name in each.columns if name not in self.keys)
        return (*self.keys, *dict.fromkeys(values))


Rows: TypeAlias = Relation | Selection | Stack


def written(
    root: Selection, capabilities: Capabilities, metrics: Mapping[str, str]
) -> Statement:
    """Return a selection as a statement; ``metrics`` tells which of its columns are numbers, and of which metric."""
    writing = _Writing(dialect_of(capabilities.dialect), capabilities)
    writing.look_around(root)
    last = writing.select(root)
    columns = tuple(
        StatementColumn(cell.name, UNKNOWN, "metric" if cell.name in metrics else "group", metrics.get(cell.name))
        for cell in root.cells
    )
    text = statement(writing.steps, last)
    return Statement(text, capabilities.dialect, columns, {}, tuple(sorted(writing.reads)))


@dataclass(slots=True)
class _Writing:
    dialect: Dialect
    capabilities: Capabilities
    steps: list[Step] = field(default_factory=list)
    reads: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    names: dict[Selection | Stack, str] = field(default_factory=dict)
    #: The totals that are asked of the same groups of the same rows, wherever in the statement.
    totals: dict[Selection, dict[str, Cell]] = field(default_factory=dict)
    #: The columns of each step.
    holds: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def look_around(self, root: Selection) -> None:
        """Take note of every relation, so that no step bears the name of one, and of all totals over the same groups."""
        for rows in steps(root):
            if isinstance(rows, Selection) and rows.grouped:
                known = self.totals.setdefault(_groups(rows), {})
                for cell in rows.cells:
                    if isinstance(cell.value, Total):
                        known.setdefault(cell.name, cell)
        for relation in relations(root):
            self.taken |= words_of(relation)
            match relation:
                case Table(parts):
                    self.reads.add(".".join(parts))
                case DataFile(path=path):
                    self.reads.add(path)
                case SqlText(text):
                    self.reads.add(text)

    def select(self, rows: Selection) -> Select:
        """Return one SELECT, the steps below it written before."""
        lines = [f"FROM {self._source(rows.base)}"]
        lines += [self._join(join) for join in rows.joins]
        speller = self._speller()
        keys = [cell for cell in rows.cells if not isinstance(cell.value, Total)]
        ordered = [*keys, *(cell for cell in rows.cells if isinstance(cell.value, Total))] if rows.grouped else list(rows.cells)
        columns = [Column(self._cell(speller, cell), self._quoted(cell.name)) for cell in ordered]
        if rows.distinct and columns:
            columns[0] = Column(f"DISTINCT {columns[0].line}", f"DISTINCT {columns[0].line}")
        return Select(
            tuple(columns),
            tuple(lines),
            tuple(line for condition in rows.where for line in speller.condition(condition, beside=True)),
            len(keys) if rows.grouped else 0,
            order=tuple(f"{self._quoted(sort.column)}{' DESC' if sort.descending else ''} NULLS LAST" for sort in rows.order),
            limit=rows.limit,
        )

    def _step(self, rows: Selection | Stack) -> str:
        if isinstance(rows, Selection) and rows.grouped:
            groups = _groups(rows)
            if all(self.totals[groups][cell.name] == cell for cell in rows.cells if isinstance(cell.value, Total)):
                rows = replace(groups, cells=(*groups.cells, *self.totals[groups].values()))
        if rows not in self.names:
            match rows:
                case Selection():
                    text, says = self.select(rows).text(), _says(rows)
                case Stack():
                    text, says = self._stacked(rows), "one row per " + " and ".join(rows.keys) if rows.keys else "exactly one row"
                case _:
                    assert_never(rows)
            name = identifier(unshadowed(rows.name, self.taken), self.dialect)
            self.steps.append(Step(name, says, text))
            self.names[rows] = name
            self.holds[name] = rows.columns
        return self.names[rows]

    def _stacked(self, rows: Stack) -> str:
        instead = dict(rows.instead)
        speller = self._speller()
        inputs = [(self._step(each), each.columns) for each in rows.inputs]
        outputs = [Column(self._quoted(key), self._quoted(key)) for key in rows.keys]
        for name in rows.columns[len(rows.keys) :]:
            text = f"MAX({self._quoted(name)})"
            if name in instead:
                text = f"COALESCE({text}, {speller.text(instead[name]).sql})"
            outputs.append(Column(text, self._quoted(name)))
        if self.capabilities.union_by_name:
            stacked = "\nUNION ALL BY NAME\n".join(
                f"SELECT {'*' if held == self.holds[name] else ', '.join(map(self._quoted, held))} FROM {name}" for name, held in inputs
            )
        else:
            stacked = "\nUNION ALL\n".join(
                "SELECT " + ", ".join(
                    self._quoted(column) if column in held else f"NULL AS {self._quoted(column)}" for column in rows.columns
                ) + f" FROM {name}"
                for name, held in inputs
            )  # fmt: skip
        alias = identifier(unshadowed("stacked", self.taken), self.dialect)
        return Select(tuple(outputs), ("FROM (", indented(stacked), f") AS {alias}"), (), len(rows.keys)).text()

    def _join(self, join: Joined) -> str:
        kind = {"left": "LEFT JOIN", "inner": "JOIN", "full": "FULL JOIN", "cross": "CROSS JOIN", "asof": "ASOF JOIN"}[join.kind]
        speller = self._speller()
        on = " AND ".join(line for condition in join.on for line in speller.condition(condition, beside=True))
        return f"{kind} {self._source(join.source)}" + (f" ON {on}" if on else "")

    def _source(self, source: From) -> str:
        alias = identifier(source.alias, self.dialect)
        match source.rows:
            case Selection() | Stack():
                name = self._step(source.rows)
            case Table(parts):
                name = verbatim(qualified(parts, self.dialect))
            case SqlText(text):
                return f"(\n{verbatim(text.strip())}\n) AS {alias}"
            case DataFile() | Lines() | Tree():
                name = verbatim(from_clause(source.rows))
            case _:
                assert_never(source.rows)
        return name if name == alias else f"{name} AS {alias}"

    def _cell(self, speller: Speller, cell: Cell) -> str:
        match cell.value:
            case Total():
                return _total(speller, cell.value)
            case Along():
                return _along(speller, cell.value)
            case expr:
                return speller.text(expr).sql

    def _quoted(self, name: str) -> str:
        return verbatim(identifier(name, self.dialect))

    def _speller(self) -> Speller:
        return _Speller(
            self.dialect,
            name=lambda name: Text(".".join(self._quoted(part) for part in name.parts)),
            type=lambda name: UNKNOWN,
            physical=lambda name: "",
        )


class _Speller(Speller):
    """The house's speller, with times that are cut and moved."""

    def _call(self, call: Call) -> Text:
        match call.function:
            case operations.CUT_TO:
                unit = call.arguments[1]
                assert isinstance(unit, Literal)
                return Text(f"date_trunc('{unit.value}', {self.text(call.arguments[0]).sql})")
            case operations.LATER_BY:
                return self._moved(call)
            case _:
                return super()._call(call)

    def _moved(self, call: Call) -> Text:
        time, count, unit = call.arguments
        assert isinstance(unit, Literal)
        base = self.text(time).within(ADD)
        if isinstance(count, Literal) and isinstance(count.value, int):
            sign = "-" if count.value < 0 else "+"
            return Text(f"{base} {sign} INTERVAL {abs(count.value)} {str(unit.value).upper()}", ADD)
        return Text(f"{base} + INTERVAL ({self.text(count).sql}) {str(unit.value).upper()}", ADD)


def relations(rows: Rows) -> Iterator[Relation]:
    """Yield every relation below ``rows``, each as often as it is read."""
    match rows:
        case Selection():
            yield from relations(rows.base.rows)
            for join in rows.joins:
                yield from relations(join.source.rows)
        case Stack():
            for each in rows.inputs:
                yield from relations(each)
        case _:
            yield rows


def steps(rows: Rows) -> Iterator[Selection | Stack]:
    """Yield every selection and stack below ``rows``, each as often as it is used."""
    match rows:
        case Selection():
            for join in rows.joins:
                yield from steps(join.source.rows)
            yield from steps(rows.base.rows)
            yield rows
        case Stack():
            for each in rows.inputs:
                yield from steps(each)
            yield rows
        case _:
            return


def _groups(rows: Selection) -> Selection:
    """Return a grouped selection without its totals."""
    return replace(rows, cells=tuple(cell for cell in rows.cells if not isinstance(cell.value, Total)), order=(), limit=None)


def _says(rows: Selection) -> str:
    keys = [cell.name.replace("__", ".") for cell in rows.cells if not isinstance(cell.value, Total)]
    if rows.grouped:
        return "one row per " + " and ".join(keys) if keys else "exactly one row"
    if rows.distinct:
        return "each combination once"
    return "rows, not counted yet"


def _total(speller: Speller, total: Total) -> str:
    inside = "*" if total.argument is None else speller.text(total.argument).sql
    match total.function:
        case "count_distinct":
            return f"COUNT(DISTINCT {inside})"
        case "quantile":
            return f"QUANTILE_CONT({inside}, {total.share})"
        case "quantile_disc":
            return f"QUANTILE_DISC({inside}, {total.share})"
        case "quantile_near":
            return f"APPROX_QUANTILE({inside}, {total.share})"
        case name:
            return f"{name.upper()}({inside})"


def _along(speller: Speller, along: Along) -> str:
    inside = "" if along.argument is None else speller.text(along.argument).sql
    if along.function == "lead":
        inside = f"{inside}, {along.step}"
    parts = []
    if along.by:
        parts.append("PARTITION BY " + ", ".join(speller.text(each).sql for each in along.by))
    if along.order:
        parts.append("ORDER BY " + ", ".join(speller.text(each).sql for each in along.order))
    if along.order and along.function in ("first_value", "last_value"):
        parts.append("ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING")
    return f"{along.function.upper()}({inside}) OVER ({' '.join(parts)})"

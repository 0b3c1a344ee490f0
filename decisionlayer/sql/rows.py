"""Rows as they stand below an aggregate: FROM, the joins, WHERE, and the text of what is read of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from decisionlayer.capabilities import Capabilities
from decisionlayer.plan.nodes import Aggregate, Join, Keep, Output, Rows, Scan
from decisionlayer.plan.query import Parameter
from decisionlayer.resolve.language.tree import Call, Expr, Name, conjunction
from decisionlayer.resolve.language.types import DATE, INSTANT, UNKNOWN, DataType
from decisionlayer.resolve.model import DataFile, Lines, SqlText, Table, Tree
from decisionlayer.sql.dialects import Dialect
from decisionlayer.sql.expressions import Speller, trusted
from decisionlayer.sql.functions import Text
from decisionlayer.sql.naming import identifier, qualified
from decisionlayer.sql.relation import from_clause
from decisionlayer.sql.select import verbatim


@dataclass(frozen=True, slots=True)
class Known:
    """A column of a step: its declared type, and the engine's where that is known."""

    type: DataType
    physical: str


class RowsText:
    """The rows below an aggregate as FROM, joins and WHERE, and a speller of what is read of them."""

    def __init__(
        self, dialect: Dialect, capabilities: Capabilities, parameters: Mapping[str, Parameter] | None, cells: Aggregate
    ) -> None:
        self.dialect = dialect
        self.capabilities = capabilities
        self.cells = cells
        self.joins: list[Join] = []
        conditions: list[Expr] = []
        rows: Rows = cells.input
        while not isinstance(rows, Scan):
            if isinstance(rows, Keep):
                conditions.insert(0, rows.condition)
            else:
                self.joins.insert(0, rows)
            rows = rows.input
        self.scan = rows
        self.condition = conjunction(tuple(conditions))
        scans = (self.scan, *(join.scan for join in self.joins))
        self._types = {(scan.alias, each.name): each.type for scan in scans for each in scan.fields}
        self.speller = Speller(
            dialect,
            name=self._name,
            type=lambda name: self._types.get((name.parts[0], name.parts[1]), UNKNOWN),
            physical=lambda name: trusted(self._types.get((name.parts[0], name.parts[1]), UNKNOWN)),
            parameters=parameters,
        )
        self.known = {key.name: Known(key.type, self._physical_key(key)) for key in cells.keys}
        self.known |= {state.name: Known(state.type, self.speller.physical_state(state)) for state in cells.states}
        self._states = {state.name: state for state in cells.states}

    def state(self, name: str) -> Text:
        """Return an aggregate's text."""
        return self.speller.state(self._states[name], has_filter=self.capabilities.aggregate_filter)

    def written(self) -> dict[str, Text]:
        """Return the text of each key and each aggregate, by name."""
        keys = {key.name: self.speller.text(key.expr) for key in self.cells.keys}
        return keys | {name: self.state(name) for name in self._states}

    def where(self) -> tuple[str, ...]:
        """Return the conditions of WHERE."""
        return () if self.condition is None else self.speller.condition(self.condition)

    def sources(self) -> tuple[str, ...]:
        """Return FROM and the joins, one a line; a table alone needs no alias."""
        lines = [f"FROM {self._relation(self.scan, alone=not self.joins)}"]
        for join in self.joins:
            alias = identifier(join.scan.alias, self.dialect)
            on = " AND ".join(
                f"{alias}.{verbatim(identifier(column, self.dialect))} = {self.speller.text(expr).sql}" for expr, column in join.on
            )
            holds = join.holds()
            during = "" if holds is None else "".join(f" AND {line}" for line in self.speller.condition(holds))
            lines.append(f"LEFT JOIN {self._relation(join.scan)} ON {on}{during}")
        return tuple(lines)

    def _relation(self, scan: Scan, *, alone: bool = False) -> str:
        alias = identifier(scan.alias, self.dialect)
        match scan.relation:
            case Table(parts):
                name = verbatim(qualified(parts, self.dialect))
                return name if alone or name == alias else f"{name} AS {alias}"
            case SqlText(text):
                return f"(\n{verbatim(text.strip())}\n) AS {alias}"
            case DataFile() | Lines() | Tree():
                return f"{verbatim(from_clause(scan.relation))} AS {alias}"

    def _name(self, name: Name) -> Text:
        alias, column = (verbatim(identifier(part, self.dialect)) for part in name.parts)
        return Text(f"{alias}.{column}" if self.joins else column)

    def _physical_key(self, key: Output) -> str:
        if key.type in (DATE, INSTANT) and isinstance(key.expr, Call):
            return self.dialect.type(key.type)
        return self.speller.physical(key.expr)

"""Rows as they stand below an aggregate: FROM, the joins, WHERE, and the text of what is read of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Protocol

from decisionlayer.capabilities import Capabilities
from decisionlayer.frozen import dataclass
from decisionlayer.plan.nodes import (
    PERIODS,
    Aggregate,
    Cells,
    Cover,
    Derived,
    Expand,
    Instants,
    Join,
    Keep,
    MatchEvents,
    Output,
    Readings,
    Rows,
    Scan,
    SemiJoin,
    over_rows,
)
from decisionlayer.plan.rules.walking import alias_of
from decisionlayer.plan.shape import fields
from decisionlayer.resolve.language.tree import Call, Expr, Name, conjunction
from decisionlayer.resolve.language.types import DATE, INSTANT, UNKNOWN, DataType, Kind
from decisionlayer.resolve.model import DataFile, Lines, SqlText, Table, Tree
from decisionlayer.sql.dialects import Dialect
from decisionlayer.sql.expressions import Speller, trusted
from decisionlayer.sql.functions import ADD, Text
from decisionlayer.sql.membership import chosen_by
from decisionlayer.sql.naming import identifier, literal, qualified
from decisionlayer.sql.relation import from_clause
from decisionlayer.sql.roles import READ_AS, told_apart
from decisionlayer.sql.select import Column, Select, indented, verbatim
from decisionlayer.sql.versions import unforeseen

#: The column of matched events under their alias.
NEXT_TIME = "next_time"

_MARK = re.compile(r"with_.+_[0-9a-f]{6}\Z")


class Emission(Protocol):
    """What a step needs of the statement that it is part of."""

    dialect: Dialect
    capabilities: Capabilities

    def parameter(self, name: str) -> Text:
        """Return what stands for a parameter: its name, or its value where the statement takes none."""

    def step(self, cells: Cells) -> tuple[str, Mapping[str, Known]]:
        """Write cells as a step, once; return its name and columns."""

    def named(self, name: str, keys: tuple[str, ...], text: str) -> str:
        """Add a step; return what it is called."""

    def quoted(self, name: str) -> str:
        """Return a column's name as this dialect writes it."""

    def level(self, name: str) -> str:
        """Return what stands for a level within the statement."""

    def speller(self, known: Mapping[str, Known], written: Mapping[str, Text] | None = None) -> Speller:
        """Return a speller of columns."""


@dataclass(frozen=True, slots=True)
class Known:
    """A column of a step: its declared type, and the engine's where that is known."""

    type: DataType
    physical: str

    @classmethod
    def merged(cls, type: DataType, function: str, of: str = "") -> Known:
        """Return what merging states gives: sums of whole numbers are wider than these, and nothing else changes."""
        return cls(type, of if function != "sum" else "HUGEINT" if type.kind is Kind.integer else "")

    def stacked(self, other: Known) -> Known:
        """Return what this column is above the other one: as wide as the wider of two whole numbers."""
        if self == other:
            return self
        wide = "HUGEINT" in (self.physical, other.physical) and self.type.kind is Kind.integer
        return Known(other.type, "HUGEINT" if wide else "")


class RowsText:
    """The rows below an aggregate as FROM, joins and WHERE, and a speller of what is read of them."""

    def __init__(self, emission: Emission, cells: Aggregate | Instants) -> None:
        self.dialect = dialect = emission.dialect
        self.capabilities = emission.capabilities
        self.emission = emission
        keys = cells.keys if isinstance(cells, Aggregate) else (*cells.each, cells.instant)
        self.cells = Aggregate(cells.input, keys, cells.states if isinstance(cells, Aggregate) else ())
        self.joins: list[Join | SemiJoin | Expand | Readings] = []
        self.cover: Cover | None = None
        self.match: MatchEvents | None = None
        conditions: list[Expr] = []
        rows: Rows = cells.input
        while not isinstance(rows, Scan | Derived):
            match rows:
                case Keep():
                    conditions.insert(0, rows.condition)
                case Cover():
                    self.cover = rows
                case Join() | SemiJoin() | Expand() | Readings():
                    self.joins.insert(0, rows)
                case MatchEvents():
                    self.match = rows
                    if rows.by_event:  # what is below stands in a SELECT of its own
                        break
            rows = rows.input
        self.scan = over_rows(rows)
        self.chosen, self.condition = chosen_by(self.cells, self.joins, conjunction(tuple(conditions)))
        self.joins = [join for join in self.joins if join not in self.chosen]
        self._types = {(self.scan.alias, each.name): each.type for each in self.scan.fields}
        self._steps: dict[str, str] = {}
        self._made: dict[str, Mapping[str, Known]] = {}
        self._shown: dict[str, str] = {}
        for join in self.joins:
            if isinstance(join, SemiJoin | Expand):
                self._types |= {(join.alias, each.name): each.type for each in fields(join.cells)}
                self._steps[join.alias], self._made[join.alias] = emission.step(join.cells)
                self._show(join.alias)
            elif isinstance(join, Join):
                self._types |= {(join.scan.alias, each.name): each.type for each in join.scan.fields}
        if isinstance(self.scan, Derived):
            self._steps[self.scan.alias], self._made[self.scan.alias] = emission.step(self.scan.cells)
        if self.match is not None:
            self._types[self.match.alias, NEXT_TIME] = self.match.type
        if self.cover is not None:
            key = self.cover.spine.key
            self._types[PERIODS, key.name] = key.type
        #: What is looked up of a clock, and what it is where it was not found.
        readings = [each for each in self.joins if isinstance(each, Readings)]
        self._looked_up = {(each.alias, column.name): column for each in readings for column in each.columns}
        self._types |= {name: column.type for name, column in self._looked_up.items()}
        self.speller = Speller(
            dialect,
            name=self._name,
            type=lambda name: self._types.get((name.parts[0], name.parts[1]), UNKNOWN),
            physical=self._physical,
            parameter=emission.parameter,
        )
        self.known = {key.name: Known(key.type, self._physical_key(key)) for key in keys}
        self.known |= {state.name: Known(state.type, self.speller.physical_state(state)) for state in self.cells.states}
        self._states = {state.name: state for state in self.cells.states}

    def _physical(self, name: Name) -> str:
        alias, column = name.parts
        if alias in self._made:
            return self._made[alias][column].physical
        return trusted(self._types.get((alias, column), UNKNOWN))

    def state(self, name: str) -> Text:
        """Return an aggregate's text."""
        return self.speller.state(self._states[name], has_filter=self.capabilities.aggregate_filter)

    def written(self) -> dict[str, Text]:
        """Return the text of each key and each aggregate, by name."""
        keys = {key.name: self.speller.text(key.expr) for key in self.cells.keys}
        return keys | {name: self.state(name) for name in self._states}

    def where(self) -> tuple[str, ...]:
        """Return the conditions of WHERE."""
        lines = () if self.condition is None else self.speller.condition(self.condition, beside=bool(self.chosen))
        return (*lines, *(self._member(join) for join in self.chosen))

    def _member(self, mark: SemiJoin) -> str:
        """Return the condition that a row's key is among those of the rows that a mark asks for."""
        assert isinstance(mark.cells, Aggregate)
        many = RowsText(self.emission, mark.cells)
        key = many.speller.text(mark.cells.keys[0].expr).sql
        select = Select((Column(key, key),), many.sources(), many.where())
        return f"{self.speller.text(mark.on[0][0]).sql} IN (\n{indented(select.text())}\n)"

    def sources(self) -> tuple[str, ...]:
        """Return FROM and the joins, one a line; a table alone needs no alias."""
        if self.match is not None:
            lines = self._matched(self.match)
        else:
            lines = [f"FROM {self._relation(self.scan, alone=not self._has_company)}"]
        read = [self.scan.relation] if isinstance(self.scan, Scan) else []
        for join in self.joins:
            if isinstance(join, Readings):
                lines.append(self._looking_up(join))
                continue
            name = self._alias(alias_of(join))
            equal = "IS NOT DISTINCT FROM" if isinstance(join, SemiJoin) and join.null_meets_null else "="
            on = " AND ".join(
                f"{name}.{verbatim(identifier(column, self.dialect))} {equal} {self.speller.text(expr).sql}" for expr, column in join.on
            )
            if isinstance(join, SemiJoin | Expand):
                step = self._steps[join.alias]
                relation = step if step == name else f"{step} AS {name}"
                lines.append(f"LEFT JOIN {relation} ON {on}" if on else f"CROSS JOIN {relation}")
                continue
            holds = join.holds()
            lone = () if holds is None else self.speller.condition(unforeseen(holds, join.scan.alias), beside=True)
            during = "".join(f" AND {line}" for line in lone)
            relation = self._relation(join.scan)
            if join.scan.relation in read:
                relation = f"{told_apart(self._relation(join.scan, alone=True), join.scan.alias)} AS {name}"
            read.append(join.scan.relation)
            lines.append(f"LEFT JOIN {relation} ON {on}{during}")
        if self.cover is not None:
            lines.append(self._covering(self.cover))
        return tuple(lines)

    @property
    def _has_company(self) -> bool:
        return bool(self.joins) or self.cover is not None or self.match is not None

    def _matched(self, match: MatchEvents) -> list[str]:
        """Return both sides of matched events and how they meet: each row finds at most one of the other side."""
        alias = identifier(match.alias, self.dialect)
        keys = [f"key_{place}" for place in range(1, len(match.on) + 1)]
        wanted = {key: theirs for key, (_, theirs) in zip(keys, match.on, strict=True)} | {NEXT_TIME: match.event_time}
        events = self._below(match.events, wanted, match.alias)
        equal = [f"{self.speller.text(mine).sql} = {alias}.{key}" for key, (mine, _) in zip(keys, match.on, strict=True)]
        time, event = self.speller.text(match.time).within(ADD), f"{alias}.{NEXT_TIME}"
        if not match.by_event:
            on = " AND ".join((*equal, f"{time} < {event}"))
            return [f"FROM {self._relation(self.scan)}", "ASOF LEFT JOIN (", events, f") AS {alias} ON {on}"]
        base = over_rows(match.input)
        shown = self._below(match.input, {each.name: Name((base.alias, each.name)) for each in base.fields})
        on = " AND ".join((*equal, f"{time} <= {event}"))
        return ["FROM (", events, f") AS {alias}", "ASOF JOIN (", shown, f") AS {self._alias(base.alias)} ON {on}"]

    def _below(self, rows: Rows, wanted: Mapping[str, Expr], role: str = "") -> str:
        """Return rows as a SELECT of their own, told apart by a role from the same rows beside them."""
        text = RowsText(self.emission, Aggregate(rows, (), ()))
        shown = [Column(text.speller.text(expr).sql, self.emission.quoted(name)) for name, expr in wanted.items()]
        shown += [Column(verbatim(literal(role)), READ_AS)] if role else []
        return indented(Select(tuple(shown), text.sources(), text.where()).text())

    def _covering(self, cover: Cover) -> str:
        """Return the join that lays each row under every period that reads it."""
        step, _ = self.emission.step(cover.spine)
        period = self.speller.text(cover.period).sql
        bounds = [f"{period} <= {PERIODS}.{self.emission.quoted(cover.last)}"]
        if cover.first is not None:
            bounds.insert(0, f"{period} >= {PERIODS}.{self.emission.quoted(cover.first)}")
        return f"JOIN {step} AS {PERIODS} ON {' AND '.join(bounds)}"

    def _looking_up(self, readings: Readings) -> str:
        """Write the step that works out what is looked up, once for each different reading; return the join with it."""
        clock = verbatim(identifier(readings.by.parts[1], self.dialect))
        alone = Speller(
            self.dialect,
            name=lambda name: Text(verbatim(identifier(name.parts[1], self.dialect))),
            type=self.speller.type,
            physical=self.speller.physical_name,
            parameter=self.emission.parameter,
        )
        where = () if readings.where is None else alone.condition(readings.where)
        each = Select((Column(clock, clock),), (f"FROM {self._relation(self.scan, alone=True)}",), where, 1)
        columns = [Column(alone.text(column.expr).sql, self.emission.quoted(column.name)) for column in readings.columns]
        select = Select((Column(clock, clock), *columns), ("FROM (", indented(each.text()), ") AS readings"))
        step = self.emission.named(f"{self.scan.source}_clock", (readings.by.parts[1],), select.text())
        alias = self._alias(readings.alias)
        return f"LEFT JOIN {step} AS {alias} ON {alias}.{clock} = {self.speller.text(readings.by).sql}"

    def _relation(self, scan: Scan | Derived, *, alone: bool = False) -> str:
        alias = self._alias(scan.alias)
        if isinstance(scan, Derived):
            step = self._steps[scan.alias]
            return step if alone or step == alias else f"{step} AS {alias}"
        match scan.relation:
            case Table(parts):
                name = verbatim(qualified(parts, self.dialect))
                return name if alone or name == alias else f"{name} AS {alias}"
            case SqlText(text):
                return f"(\n{verbatim(text.strip())}\n) AS {alias}"
            case DataFile() | Lines() | Tree():
                return f"{verbatim(from_clause(scan.relation))} AS {alias}"

    def _name(self, name: Name) -> Text:
        looked_up = self._looked_up.get((name.parts[0], name.parts[1]))
        if looked_up is not None:
            found = f"{self._alias(name.parts[0])}.{self.emission.quoted(looked_up.name)}"
            return Text(f"COALESCE({found}, {self.speller.text(looked_up.expr).sql})")
        alias, column = name.parts
        written = verbatim(identifier(column, self.dialect))
        return Text(f"{self._alias(alias)}.{written}" if self._has_company else written)

    def _alias(self, alias: str) -> str:
        return verbatim(identifier(self._shown.get(alias, alias), self.dialect))

    def _show(self, alias: str) -> None:
        """Let a mark be called by what it is, with a number where several are alike."""
        plain = alias.rpartition("_")[0] if _MARK.match(alias) else alias
        taken = {*self._shown.values(), self.scan.alias, *(alias_of(join) for join in self.joins)} - {alias}
        shown, number = plain, 1
        while shown in taken:
            number += 1
            shown = f"{plain}_{number}"
        self._shown[alias] = shown

    def _physical_key(self, key: Output) -> str:
        is_period = isinstance(key.expr, Call) or (isinstance(key.expr, Name) and key.expr.parts in self._looked_up)
        if key.type in (DATE, INSTANT) and is_period:
            return self.dialect.type(key.type)
        return self.speller.physical(key.expr)

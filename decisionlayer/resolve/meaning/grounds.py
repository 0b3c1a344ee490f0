"""Grounds: what a number is counted over, in the plain shapes that fingerprints are taken of.

A shape says what a path *reads*: the rows, every link on the way, and the column, dimension or key at its end. It holds
no names that people chose for a source or a metric, no positions and no paths of this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias, assert_never

from decisionlayer.names import PERIODS
from decisionlayer.resolve.frames.calendars import Calendar, Listed, YearsOfMonths, YearsOfWeeks
from decisionlayer.resolve.frames.rates import Rates
from decisionlayer.resolve.language.printing import canonical
from decisionlayer.resolve.language.tree import names
from decisionlayer.resolve.model import Clock, DataFile, Grain, Lines, Model, Relation, Source, SqlText, Table, Tree
from decisionlayer.resolve.quantities.units import Unit
from decisionlayer.resolve.reach.across import many
from decisionlayer.resolve.reach.paths import Paths

#: What may be hashed: values that JSON can write without a choice.
Shape: TypeAlias = "str | int | bool | Sequence[Shape] | None"


class Grounds:
    """The shapes of one model's sources and paths, each made once."""

    def __init__(self, model: Model, meaning: Callable[[str], str] = str) -> None:
        """``meaning`` gives the fingerprint of a metric that is a dimension."""
        self._model = model
        self._meaning = meaning
        self._anchors: dict[str, Shape] = {}
        self._ways: dict[tuple[str, tuple[str, ...]], Shape] = {}

    def whole(self, source: Source) -> Shape:
        """Everything that a source declares, for its own fingerprint; the first clock is the default, so order counts."""
        return [
            "source",
            self.anchor(source.name),
            [clock_shape(clock) for clock in source.clocks],
            [[role, self.way(source.name, (role,))] for role in sorted(source.links)],
            [self.way(source.name, (name,)) for name in sorted(source.columns)],
            [[name, self.way(source.name, (name,))] for name in sorted(source.dimensions)],
        ]

    def anchor(self, name: str) -> Shape:
        """Where a source's rows are and what tells them apart."""
        known = self._anchors.get(name)
        if known is None:
            source = self._model.sources.get(name)
            known = ["absent", name] if source is None else [
                _relation(source.relation), list(source.key), source.describes, source.snapshot,
            ]  # fmt: skip
            if source is not None and source.valid is not None:
                valid = source.valid
                known = [*known, [valid.starts, valid.ends, str(valid.type), valid.zone, valid.history]]
            if source is not None and source.arrival is not None:
                known = [*known, ["arrives", clock_shape(source.arrival)]]
            self._anchors[name] = known
        return known

    def way(self, source: str, parts: tuple[str, ...]) -> Shape:
        """What a path from a source reads: every link on it, and the column, dimension or key at its end."""
        key = (source, parts)
        known = self._ways.get(key)
        if known is None:
            self._ways[key] = ["circle", *parts]  # a dimension that names itself is refused elsewhere
            known = self._ways[key] = self._way(source, parts)
        return known

    def _way(self, name: str, parts: tuple[str, ...]) -> Shape:
        source = self._model.sources.get(name)
        if source is None:
            return ["absent", name, *parts]
        first, rest = parts[0], parts[1:]
        link = source.links.get(first)
        if link is None and first == source.describes:  # carrier.name of the carriers is their own name
            return self.way(name, rest) if rest else ["self", [self._column(source, column) for column in source.key]]
        if rest:
            step_across = None if link is not None else many(Paths.of(self._model), name, first)
            if step_across is not None and step_across.back is not None:
                there = self._model.sources[step_across.target]
                back: list[Shape] = [list(there.links[step_across.back].columns), step_across.entity, self.anchor(there.name)]
                bridge = source.bridges.get(first)
                if bridge is not None:  # how a total is split over the many: each counts whole, or a share by a column
                    back = [*back, "overlap" if bridge.by is None else self.way(there.name, (bridge.by,))]
                return ["many", back, self.way(there.name, rest)]
            entity = None if link is None else self._model.entities.get(link.entity)
            if link is None or entity is None:
                return ["absent", *parts]
            step: list[Shape] = [list(link.columns), link.entity, self.anchor(entity.source)]
            if link.at is not None:
                step.append(link.at.isoformat())
            return ["link", step, self.way(entity.source, rest)]
        found: list[Shape] = ["end"]
        if link is not None:
            found.append(["key", list(link.columns), link.entity, [self._column(source, c) for c in link.columns]])
        dimension = source.dimensions.get(first)
        if dimension is not None and dimension.metric is not None:
            of = dimension.metric
            found.append(["metric", self._meaning(of.metric), of.by, of.in_range])
        elif dimension is not None:
            inside = sorted({node.parts for node in names(dimension.expr)} - {parts})
            reads: Shape = [self.way(name, inner) for inner in inside]
            own = self._column(source, first) if (first,) in {node.parts for node in names(dimension.expr)} else None
            found.append(
                ["dimension", canonical(dimension.expr), str(dimension.type), unit_shape(dimension.unit), reads, own]
            )
        elif first in source.columns or link is None:
            found.append(self._column(source, first))
        return found

    def _column(self, source: Source, name: str) -> Shape:
        column = source.columns.get(name)
        if column is None:
            return ["column", name]
        return ["column", name, str(column.type), unit_shape(column.unit), column.holds]

    def cells(self, source: str, limit: Grain) -> Shape:
        """What tells the cells of a measure apart: the paths of its grain, or all that its source has of its own."""
        item = self._model.sources.get(source)
        if item is None:
            return []
        own = (*item.links, *item.dimensions)
        paths = own if limit.by is None else limit.by
        return [[path, self.way(source, tuple(path.split(".")))] for path in sorted(set(paths))]

    def values(self, paths: Sequence[str], cut: Sequence[str]) -> Shape:
        """What the values of some paths may be read from where no metric says so: each source that has them all, and its clock."""
        told: list[Sequence[Shape]] = []
        for source in self._model.sources.values():
            known = Paths.of(self._model)
            routes = [known.bind(source.name, tuple(path.split("."))) for path in paths if path not in PERIODS]
            if None not in routes:
                clock = source.clock(None)
                time: Shape = None if clock is None else [clock_shape(clock), *cut]
                told.append([self.anchor(source.name), time, [self.way(source.name, route.parts) for route in routes if route is not None]])
        return sorted(told, key=repr)


def _relation(relation: Relation) -> Shape:
    match relation:
        case Table(parts):
            return ["table", *parts]
        case SqlText(text):
            return ["sql", text.replace("\r\n", "\n").strip()]
        case DataFile(path=path):  # where it lies on this machine is nobody's meaning
            return ["file", path]
        case Lines(columns=columns, digest=digest):
            return ["lines", [[name, str(type)] for name, type in columns], digest]
        case Tree() as line:
            valid: Shape = None if line.valid is None else list(line.valid)
            return ["tree", _relation(line.rows), line.key, line.parent, list(line.levels), valid]
        case _:
            assert_never(relation)


def clock_shape(clock: Clock) -> Shape:
    """A clock: its column, finest period, type and zone."""
    return [clock.column, clock.grain, str(clock.type), clock.zone]


def unit_shape(unit: Unit | None) -> Shape:
    """Exponents over bases; percent and 1 are both a pure number, because percent is only how it is printed."""
    if unit is None:
        return None
    return [[base, power.numerator, power.denominator] for base, power in unit.exponents]


def rates_shape(rates: Rates) -> Shape:
    """Every rate of a table, and what a line of it is for; neither its name nor the order of its file counts."""
    kinds = sorted(rates.kinds)
    lines: list[Shape] = [
        [
            line.currency, None if line.since is None else line.since.isoformat(), None if line.before is None else line.before.isoformat(),
            [None if rate is None else format(rate.normalize(), "f") for rate in (line.rates[rates.kinds.index(kind)] for kind in kinds)],
        ]
        for line in rates.lines
    ]  # fmt: skip
    return ["rates", rates.to, rates.each, kinds, lines]


def calendar_shape(calendar: Calendar) -> Shape:
    """How a calendar cuts time and what it calls its periods; the periods themselves where a file lists them."""
    match calendar.rule:
        case YearsOfMonths(month=month, named=named):
            return ["months", month, named]
        case YearsOfWeeks() as rule:
            return ["weeks", list(rule.pattern), rule.weekday, rule.month, rule.day, rule.plus, rule.named]
        case Listed() as rule:
            periods: Shape = [
                [grain, [[day.isoformat(), label] for day, label in zip(rule.starts[grain], rule.labels[grain], strict=True)]]
                for grain in calendar.grains
            ]
            return ["listed", periods, rule.after.isoformat()]
        case _:
            assert_never(calendar.rule)

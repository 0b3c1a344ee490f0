"""Dimensions of a source, read: expressions over its own columns, each with the dimensions that it names put in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from decisionlayer import declare
from decisionlayer.declare import Entry
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.resolve.about import About
from decisionlayer.resolve.circles import circle, in_order
from decisionlayer.resolve.collect import Collector, fallen, told
from decisionlayer.resolve.language.parser import parse_dimension
from decisionlayer.resolve.language.tree import Expr, Literal, Name, names, transform, walk
from decisionlayer.resolve.language.types import UNKNOWN, DataType
from decisionlayer.resolve.language.typing import check
from decisionlayer.resolve.model import Dimension, Entity, MetricOf, Source
from decisionlayer.resolve.quantities.units import Unit, unit_of
from decisionlayer.resolve.reach.paths import other_case, slip
from decisionlayer.resolve.world.expressions import add_problems, read
from decisionlayer.resolve.world.namespace import check_dimension
from decisionlayer.resolve.world.rows import column_type

#: How many nodes a dimension may have once the dimensions that it names are put in.
MOST_NODES = 5_000
#: How many dimensions may stand on each other in a row.
MOST_LEVELS = 20


def resolve_dimensions(
    entry: Entry,
    source: Source,
    sources: Mapping[str, Source],
    entities: Mapping[str, Entity],
    zone: dt.tzinfo,
    collector: Collector,
) -> Mapping[str, Dimension]:
    """Return the dimensions that can be used, in the order in which they are declared."""
    read_ones = _read_all(entry, collector)
    own = _OwnNames(entry, source, sources, entities, read_ones)
    order, groups = in_order({name: own.needs(name, expr) for name, expr in read_ones.items()})
    for group in groups:
        _refuse_circle(entry, group, {name: own.needs(name, read_ones[name]) for name in group}, collector)
    for name in order:
        if f"dimension {entry.name}.{name}" not in collector.broken:
            own.settle(name, zone, collector)
    item = entry.item
    assert isinstance(item, declare.Source)
    found: dict[str, Dimension] = {}
    for name, written in item.dimensions.items():
        if name in own.dimensions:
            found[name] = own.dimensions[name]
        elif isinstance(written, declare.MetricDimension) and f"dimension {entry.name}.{name}" not in collector.broken:
            of = MetricOf(written.metric, written.by or item.describes or "", written.within == "range")
            found[name] = Dimension(name, Literal(None), UNKNOWN, metric=of)
    return found


def _read_all(entry: Entry, collector: Collector) -> Mapping[str, Expr]:
    item = entry.item
    assert isinstance(item, declare.Source)
    found: dict[str, Expr] = {}
    for name, written in item.dimensions.items():
        about = About(entry)
        path = ("dimensions", name)
        expr = None
        if isinstance(written, str):
            expr = read(about, parse_dimension, written, path)
        else:
            _check_metric(about, item, name, written)
            check_dimension(about, item, name, is_own_column=False, is_own_key=False)
            collector.take(about.findings, f"dimension {entry.name}.{name}")
            continue
        is_own_column = expr == Name((name,))
        if expr is not None and not about.findings:
            check_dimension(
                about, item, name, is_own_column=is_own_column, is_own_key=is_own_column and item.key == (name,)
            )
        if expr is not None and not about.findings and not is_own_column and Name((name,)) in names(expr):
            about.say(
                "bad-name",
                f"the dimension `{name}` is made of a column of the same name, and is something else",
                *path,
                why="a metric that reads the name could mean either",
                help="give the dimension another name",
            )
        if collector.take(about.findings, f"dimension {entry.name}.{name}") or expr is None:
            continue
        # The own key is asked by the entity's name already; as a dimension it would be a second name for the same thing.
        if not (is_own_column and name == item.describes):
            found[name] = expr
    return found


def _check_metric(about: About, item: declare.Source, name: str, written: declare.MetricDimension) -> None:
    if item.describes is None:
        about.say(
            "wrong-argument",
            f"the dimension `{name}` is the metric `{written.metric}` of each thing, and {about.title} describes none",
            "dimensions",
            name,
            help="declare it in the source that describes the thing, or add `describes:`",
        )


def _refuse_circle(
    entry: Entry, group: tuple[str, ...], needs: Mapping[str, tuple[str, ...]], collector: Collector
) -> None:
    way = circle(group, needs)
    about = About(entry)
    round_trip = " → ".join(f"`{name}`" for name in (*way, way[0]))
    about.say(
        "cycle",
        f"dimensions of `{entry.name}` stand on each other in a circle: {round_trip}",
        "dimensions",
        way[0],
        help="let one of them read columns only",
    )
    collector.take(about.findings, f"dimension {entry.name}.{way[0]}")
    for name in group:
        if name != way[0]:
            collector.block(f"dimension {entry.name}.{name}", tuple(about.findings))


class _OwnNames:
    """What the dimensions of one source may name: its columns, its roles of one column, and each other."""

    def __init__(
        self,
        entry: Entry,
        source: Source,
        sources: Mapping[str, Source],
        entities: Mapping[str, Entity],
        read_ones: Mapping[str, Expr],
    ) -> None:
        item = entry.item
        assert isinstance(item, declare.Source)
        self.entry = entry
        self.source = source
        self.sources = sources
        self.entities = entities
        self.read_ones = read_ones
        linked = (column for link in source.links.values() for column in link.columns)
        self.columns = frozenset((*item.columns, *source.key, *item.time, *linked))
        self.dimensions: dict[str, Dimension] = {}
        self.levels: dict[str, int] = {}

    def needs(self, name: str, expr: Expr) -> tuple[str, ...]:
        """Return the other dimensions that a dimension names, each once."""
        return tuple(
            dict.fromkeys(n.parts[0] for n in names(expr) if len(n.parts) == 1 and self.is_dimension(n.parts[0], name))
        )

    def is_dimension(self, name: str, within: str) -> bool:
        """Say whether a name is another dimension; a column of its own name is the column, within the dimension itself."""
        return name != within and name in self.read_ones and name not in self.columns

    def settle(self, name: str, zone: dt.tzinfo, collector: Collector) -> None:
        """Check one dimension whose needs are settled, and keep it when it can be used."""
        expr = self.read_ones[name]
        about = About(self.entry)
        path = ("dimensions", name)
        key = f"dimension {self.source.name}.{name}"
        for one in dict.fromkeys(names(expr)):
            self.check_name(about, one, name, collector)
        if collector.take(about.findings, key):
            return
        typed = check(expr, lambda one: self.type(one, name), zone)
        unit, mixed = unit_of(typed.expr, lambda one: self.unit(one, name), literals="adapt")
        add_problems(about, (*typed.problems, *mixed), path)
        needs = self.needs(name, expr)
        self.levels[name] = 1 + max((self.levels[need] for need in needs), default=0)
        whole = transform(typed.expr, lambda node: self.put_in(node, name))
        if self.levels[name] > MOST_LEVELS or _is_large(whole):
            about.say(
                "wrong-argument",
                f"the dimension `{name}` is too long once the dimensions that it names are put in",
                *path,
                help="compute part of it in the source's own query",
            )
        if not collector.take(about.findings, key):
            self.dimensions[name] = Dimension(name, whole, typed.type, unit)

    def check_name(self, about: About, one: Name, within: str, collector: Collector) -> None:
        """Add what is wrong with one name: a path, something broken, or a slip of a declared name."""
        place = about.entry.origin.place("dimensions", within, offset=one.span.start)
        first = one.parts[0]
        if len(one.parts) > 1:
            about.findings.append(
                Finding(
                    "wrong-argument",
                    about.subject,
                    f"a dimension is made of its own source's columns, and `{one.text}` is a path",
                    place,
                    help=f"ask by the path itself, or declare the dimension in the source that `{first}` leads to",
                )
            )
            return
        for kind in ("dimension", "column"):
            root = f"{kind} {self.source.name}.{first}"
            if root in collector.broken and (kind == "column" or first not in self.columns) and first != within:
                key = f"dimension {self.source.name}.{within}"
                root = collector.roots.setdefault(key, collector.roots.get(root, root))
                about.findings.append(fallen(about.subject, root, collector.broken[root], place, told(key)))
                return
        if first in self.columns or self.is_dimension(first, within):
            return
        link = self.source.links.get(first)
        if link is not None:
            if len(link.columns) > 1:
                about.findings.append(
                    Finding(
                        "wrong-argument",
                        about.subject,
                        f"`{first}` is a key of {len(link.columns)} columns",
                        place,
                        help="name the column that you mean",
                    )
                )
            return
        near = slip(first, (*self.columns, *self.read_ones)) if first != within else None
        meant = other_case(first, self.columns) or near
        if meant is not None and meant != within:
            about.findings.append(
                Finding(
                    "unknown-name",
                    about.subject,
                    f"`{self.source.name}` has no column `{first}`",
                    place,
                    help=f"did you mean `{meant}`? If it is a column of its own, declare it under `columns:`",
                )
            )

    def put_in(self, node: Expr, within: str) -> Expr | None:
        """Return what stands for a name: a dimension's expression, or a role's column; None for everything else."""
        if not isinstance(node, Name):
            return None
        if self.is_dimension(node.parts[0], within):
            return self.dimensions[node.parts[0]].expr
        return replace(node, parts=(self.column(node),))

    def column(self, name: Name) -> str:
        """Return the column that a name is: itself, or the one by which a role leads."""
        link = self.source.links.get(name.parts[0])
        return name.parts[0] if name.parts[0] in self.columns or link is None else link.columns[0]

    def type(self, name: Name, within: str) -> DataType:
        """Return the type of a name."""
        if self.is_dimension(name.parts[0], within):
            return self.dimensions[name.parts[0]].type
        return column_type(self.source, self.column(name), self.sources, self.entities)

    def unit(self, name: Name, within: str) -> Unit | None:
        """Return the unit of a name, None when it has none on file."""
        if self.is_dimension(name.parts[0], within):
            return self.dimensions[name.parts[0]].unit
        column = self.source.columns.get(self.column(name))
        return column.unit if column else None


def _is_large(expr: Expr) -> bool:
    return any(count >= MOST_NODES for count, _ in enumerate(walk(expr)))

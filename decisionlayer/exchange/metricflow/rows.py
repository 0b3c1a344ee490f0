"""The rows of a measure: its model's table, joined with what a question names, under the time that they count at.

Mostly a row counts at its own time. In dbt an accumulation, and an offset that is taken before rows are added up, let it count
at every instant of the spine that reads it; then ``instants`` is the spine, and every period is cut from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from decisionlayer.exchange.metricflow.grains import PARTS, rank
from decisionlayer.exchange.metricflow.graph import Graph, Hop, Way
from decisionlayer.exchange.metricflow.items import Item, refused
from decisionlayer.exchange.metricflow.manifest import Model, Spine
from decisionlayer.exchange.metricflow.pairs import hangs_on_row, merged, paired
from decisionlayer.exchange.metricflow.sqltext import read_sql
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, transform
from decisionlayer.resolve.model import Table
from decisionlayer.sql.selection import Cell, From, Joined, Rows, Selection, truncated

#: What gives a time at a grain.
Clock = Callable[[str], Expr]


@dataclass(frozen=True, slots=True)
class Range:
    """The instants asked, the start included and the end not; None is open."""

    start: object | None
    end: object | None

    def holds(self, time: Expr) -> tuple[Expr, ...]:
        """Return the conditions that keep a time within it."""
        found: list[Expr] = []
        for value, sign in ((self.start, ">="), (self.end, "<")):
            if value is not None:
                found.append(Call(sign, (time, Literal(value))))  # type: ignore[arg-type]
        return tuple(found)


class Source:
    """A relation in FROM with the joins that its expressions need, in order, each once."""

    def __init__(self, graph: Graph, base: From) -> None:
        self.graph = graph
        self.base = base
        self.joins: list[Joined] = []
        self._known: set[str] = set()

    def join(self, rows: Rows, alias: str, on: Sequence[Expr], kind: str = "left") -> str:
        """Join a relation under an alias, unless it is there; return the alias."""
        if alias not in self._known:
            self._known.add(alias)
            self.joins.append(Joined(From(rows, alias), tuple(on), kind))
        return alias

    def selection(
        self, name: str, cells: Sequence[Cell], where: Sequence[Expr] = (), *, grouped: bool = False, distinct: bool = False
    ) -> Selection:
        """Return a SELECT over these rows."""
        return Selection(name, self.base, tuple(cells), tuple(self.joins), tuple(where), grouped, distinct)

    def timed(self, item: Item, clock: Clock, native: str) -> Expr:
        """Return a time at the item's grain, or its date part; a calendar's own grain is looked up in its spine."""
        if item.part is not None:
            return Call(PARTS[item.part], (clock(native),))
        grain = item.grain or native
        spine = self.graph.manifest.spine_of(grain)
        if spine is None:
            if rank(grain) < rank(native):
                raise refused(
                    f"`{item.column}` is finer than the data: `{item.path}` is kept by {native}", f"ask for `{item.path}__{native}`",
                    "finer-than-grain",
                )  # fmt: skip
            return clock(grain)
        alias = self.join(
            Table(spine.table), f"{item.path}__{grain}", (Call("=", (clock(spine.grain), Name((f"{item.path}__{grain}", spine.column)))),)
        )
        return Name((alias, spine.customs[grain]))


class ModelRows(Source):
    """The rows of a semantic model. ``counted_by`` names its time dimension, None where no metric is asked."""

    def __init__(self, graph: Graph, model: Model, counted_by: str | None, *, join_kind: str = "left") -> None:
        super().__init__(graph, From(Table(model.table), model.name))
        self.model = model
        self.counted_by = counted_by
        self.join_kind = join_kind
        self.instants: Clock | None = None
        #: The calendar's own grain of which ``instants`` are whole periods already, None when they are points of the spine.
        self.counted_in: str | None = None
        #: What each joined model is the way to.
        self._beyond: dict[str, str] = {}
        #: The nearer models that are joined together with what hangs on the row, under aliases of their own.
        self._hanging: dict[str, str] = {}
        #: Through which joined model each farther one is reached.
        self._nearer: dict[str, str] = {}

    # expressions

    def own(self, text: str, alias: str | None = None) -> Expr:
        """Return an SQL expression over the columns of a model, the base one unless an alias is given."""
        at = alias or self.base.alias
        return transform(read_sql(text), lambda node: Name((at, node.parts[0])) if isinstance(node, Name) else None)

    @property
    def native(self) -> str:
        """The grain of the time that rows are counted by."""
        assert self.counted_by is not None
        return self.model.dimensions[self.counted_by].grain or "day"

    def time(self, grain: str) -> Expr:
        """Return the time that rows count at, cut to a grain."""
        return self.instants(grain) if self.instants is not None else self.raw_time(grain)

    def raw_time(self, grain: str) -> Expr:
        """Return the rows' own time, cut to a grain."""
        assert self.counted_by is not None
        return truncated(self.own(self.model.dimensions[self.counted_by].expr), grain)

    def uncut_time(self) -> Expr:
        """Return the time that rows count at as it is stored, for ranges."""
        if self.instants is not None:
            return self.instants(self.native)
        assert self.counted_by is not None
        return self.own(self.model.dimensions[self.counted_by].expr)

    def item(self, item: Item) -> Expr:
        """Return an item over these rows; joins what leads to it."""
        if item.is_metric_time or self._is_own_time(item):
            if item.grain is not None and item.grain == self.counted_in and self.instants is not None:
                return self.instants(item.grain)
            return self.timed(item, self.time, self.native)
        way = self.graph.way(self.model.name, item)
        alias = self.walk(way)
        dimension = self.graph.dimension(way)
        if dimension is None:
            return self.own(self.graph.entity(way).expr, alias)
        if dimension.grain is None:
            if item.grain or item.part:
                raise refused(f"`{item.path}` is no time, and has no {item.grain or item.part}", f"ask for `{item.path}`")
            return self.own(dimension.expr, alias)
        stored = self.own(dimension.expr, alias)
        return self.timed(item, lambda grain: truncated(stored, grain), dimension.grain)

    def _is_own_time(self, item: Item) -> bool:
        return self.counted_by is not None and item.element == self.counted_by and (
            len(item.links) == 1 and item.links[0] in self.model.prefixes
        )  # fmt: skip

    # joins

    def walk(self, way: Way) -> str:
        """Join what a way leads through; return the alias of the model at its end.

        Two models behind the same nearer one each have a join of their own to it, as in dbt. Where its key is unique, as its type
        says, that is the same; where it is not, rows come once for each pair.
        """
        at = self.base.alias
        models = [self.model]
        for number, hop in enumerate(way.hops):
            target = self.graph.manifest.models[hop.target]
            alias = "__".join((*(each.entity for each in way.hops[: number + 1]), hop.target))
            if number + 1 < len(way.hops):
                alias = self._own_near(alias, way.hops[number + 1])
            self.join(Table(target.table), alias, self._on(hop, at, alias, models), self.join_kind)
            if number:
                self._nearer[alias] = at
            models.append(target)
            at = alias
        return at

    def _own_near(self, alias: str, beyond: Hop) -> str:
        """Return the alias of the nearer model for what lies beyond it: the plain one for the first that hangs on no row."""
        own = f"{alias}__for__{beyond.entity}__{beyond.target}"
        if self._hangs(beyond):
            self._hanging.setdefault(alias, own)
            return own
        return alias if self._beyond.setdefault(alias, own) == own else own

    def _hangs(self, hop: Hop) -> bool:
        """Whether a farther join looks at the row itself: at its day for a history, at its partition where the nearer has none."""
        near, target = (self.graph.manifest.models[name] for name in (hop.source, hop.target))
        partitions = [name for name, each in target.dimensions.items() if each.is_partition]
        return target.validity is not None or any(
            not _is_partition(near, name) and _is_partition(self.model, name) for name in partitions
        )

    def _on(self, hop: Hop, left: str, right: str, models: list[Model]) -> tuple[Expr, ...]:
        source, target = (self.graph.manifest.models[name] for name in (hop.source, hop.target))
        key = (self.own(source.entities[hop.entity].expr, left), self.own(target.entities[hop.entity].expr, right))
        found: list[Expr] = [Call("=", key)]
        for name, dimension in target.dimensions.items():
            if dimension.is_partition:
                found += self._same_partition(name, dimension.grain, right, target, left, models)
        if target.validity is not None:
            if self.counted_by is None:
                raise refused(
                    f"`{target.name}` has a history, and without a metric nothing says of which day", "ask for a metric beside it",
                    "needs-period",
                )  # fmt: skip
            start, end = (self.own(each.expr, right) for each in target.validity)
            at = self.time(self.native)
            found += [Call(">=", (at, start)), Call("or", (Call("<", (at, end)), Call("is_null", (end,))))]
        return tuple(found)

    def _same_partition(
        self, name: str, grain: str | None, right: str, target: Model, left: str, models: list[Model]
    ) -> list[Expr]:
        """Return the condition that both sides are of one partition: of the nearest model on the way that has it."""
        for model, alias in ((models[-1], left), (models[0], self.base.alias)):
            if _is_partition(model, name):
                other = model.dimensions[name]
                sides = (self.own(other.expr, alias), self.own(target.dimensions[name].expr, right))
                return [Call("=", tuple(side if grain is None else truncated(side, grain) for side in sides))]
        return []

    def selection(
        self, name: str, cells: Sequence[Cell], where: Sequence[Expr] = (), *, grouped: bool = False, distinct: bool = False
    ) -> Selection:
        """Return a SELECT over these rows; joins that stand or fall together are one."""
        found = super().selection(name, cells, where, grouped=grouped, distinct=distinct)
        for far, near in self._nearer.items():
            join = next(join for join in found.joins if join.source.alias == far)
            if hangs_on_row(join, near):
                found = paired(found, near, far)
        for plain, pair in self._hanging.items():
            if plain not in self._beyond:  # what else is asked of the nearer model is that of the pair
                found = merged(found, plain, pair)
        return found

    # the spine in place of their own time

    def counted_at(self, spine: Spine, grain: str, alias: str, on: Callable[[Expr], tuple[Expr, ...]]) -> None:
        """Let each row count at every period of a grain that fits; ``on`` gives the conditions for its start."""
        rows: Rows = Table(spine.table)
        if spine.grain != grain:
            start = truncated(Name(("spine", spine.column)), grain)
            rows = Selection(f"{grain}s", From(rows, "spine"), (Cell(spine.column, start),), distinct=True)
        self.join(rows, alias, on(Name((alias, spine.column))), "inner")
        at = Name((alias, spine.column))
        self.instants = lambda asked: at if asked == grain else truncated(at, asked)


def _is_partition(model: Model, name: str) -> bool:
    dimension = model.dimensions.get(name)
    return dimension is not None and dimension.is_partition


def spine_clock(spine: Spine, alias: str) -> Clock:
    """Return what gives the instants of a spine at a grain."""
    column = Name((alias, spine.column))
    return lambda grain: column if grain == spine.grain else truncated(column, grain)

"""Joining: the rows of a source with all that is met on the way: entities, versions, marks, metrics of each thing, parts.

The order is always the same: links first, parents before what lies behind them; then what is met by keys, one row at most; last
the steps that multiply rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind.aliases import alias_of, base_alias
from decisionlayer.plan.bind.computed import Computed, cells_of
from decisionlayer.plan.bind.expanding import PART, SHARE, WHOLE, Expansion, share_of
from decisionlayer.plan.bind.marks import Mark
from decisionlayer.plan.bind.rates import Met
from decisionlayer.plan.bind.structure import Moment
from decisionlayer.plan.nodes import (
    Aggregate,
    Cells,
    Compute,
    Expand,
    Field,
    Join,
    Keep,
    Output,
    Rows,
    SemiJoin,
    State,
)
from decisionlayer.plan.types import aggregate_type
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, conjunction, names
from decisionlayer.resolve.language.types import FLOAT
from decisionlayer.resolve.model import Source
from decisionlayer.resolve.reach.paths import Hop

if TYPE_CHECKING:
    from decisionlayer.plan.bind.columns import Columns


@dataclass(frozen=True, slots=True)
class _Asked:
    """What expressions name beside columns of scans: ways to walk, marks and metrics of each thing by their aliases."""

    ways: Mapping[tuple[str, ...], tuple[Hop, ...]]
    marks: Mapping[str, Mark]
    computed: Mapping[str, Computed]


class Joining:
    """The rows of one source being put together; ``moment`` says which versions they meet."""

    def __init__(self, columns: Columns, base: Source, moment: Moment | None) -> None:
        self.columns = columns
        self.base = base
        self.moment = moment

    def rows(
        self,
        expressions: Iterable[Expr],
        also: Iterable[tuple[Hop, ...]],
        marks: Mapping[str, Mark],
        expansions: tuple[Expansion, ...],
    ) -> Rows:
        """Return the rows with everything that ``expressions`` read and the ways ``also`` walk to."""
        expressions = tuple(expressions)
        rates = self._rates(expressions)
        expressions = (*expressions, *(expr for met in rates.values() for expr in met.reads()))
        asked = self._asked(expressions, also, marks, expansions)
        rows = self._linked(expressions, asked.ways)
        for _, met in sorted(rates.items()):
            rows = met.join(rows)
        for alias, mark in sorted(asked.marks.items()):
            rows = self._marked(rows, alias, mark)
        for alias, computed in sorted(asked.computed.items()):
            assert self.moment is not None
            cells, keys = cells_of(computed, self.moment)
            met_by = self.columns.met_by(self.base, computed.hops)
            rows = SemiJoin(rows, cells, alias, tuple(zip(met_by, (key.name for key in keys), strict=True)))
        for each in expansions:
            rows = self._expanded(rows, each)
        return rows

    def _rates(self, expressions: tuple[Expr, ...]) -> dict[str, Met]:
        """Return the rates that expressions name, by alias."""
        aliases = (name.parts[0] for expr in expressions for name in names(expr))
        found = ((alias, self.columns.rates.get((self.base.name, alias))) for alias in aliases)
        return {alias: met for alias, met in found if met is not None}

    def _asked(
        self,
        expressions: tuple[Expr, ...],
        also: Iterable[tuple[Hop, ...]],
        marks: Mapping[str, Mark],
        expansions: tuple[Expansion, ...],
    ) -> _Asked:
        source = self.base.name
        found: dict[str, Mark] = {}
        each: dict[str, Computed] = {}
        walked: list[tuple[Hop, ...]] = []
        crossed = {each.alias: each.road for each in expansions}
        for alias in dict.fromkeys(name.parts[0] for expr in expressions for name in names(expr)):
            mark = marks.get(alias) or self.columns.marks.get((source, alias))
            computed = self.columns.computed.get((source, alias))
            # Whoever leads to an entity has its key already.
            if (source, alias) in self.columns.rates:
                continue
            if alias in crossed:
                walked.append(crossed[alias][:-2])
            elif mark is not None:
                found[alias] = mark
                walked.append(mark.road[:-2])
            elif computed is not None:
                each[alias] = computed
                walked.append(computed.hops[:-1])
            else:
                walked.append(self.columns.hops(source, alias))
        ways = {
            tuple(hop.role for hop in hops[:depth]): hops[:depth]
            for hops in (*walked, *also)
            for depth in range(1, len(hops) + 1)
        }
        return _Asked(ways, found, each)

    def _linked(self, expressions: tuple[Expr, ...], ways: Mapping[tuple[str, ...], tuple[Hop, ...]]) -> Rows:
        """Return the rows with the entities that links lead to, of each the version that holds at the moment."""
        base, sources = self.base, self.columns.sources
        met = {way: self._moment(hops[-1]) for way, hops in ways.items()}
        known = {way: self._known(hops) for way, hops in ways.items()}
        used: dict[str, dict[str, None]] = {}
        for expr in (*expressions, *(expr for expr in (*met.values(), *known.values()) if expr is not None)):
            for name in names(expr):
                used.setdefault(name.parts[0], {})[name.parts[1]] = None
        rows: Rows = self.columns.scan(base, base_alias(base), used)
        for way, hops in sorted(ways.items()):
            link = sources[hops[-1].source].links[hops[-1].role]
            target = sources[hops[-1].target]
            scan = self.columns.scan(target, alias_of(base, hops), used)
            before, columns = alias_of(base, hops[:-1]), link.columns
            if link.frame is not None and len(hops) > 1:  # a line is of a unit's key, which whoever leads to the unit has already
                before, columns = alias_of(base, hops[:-2]), sources[hops[-2].source].links[hops[-2].role].columns
            on = tuple((Name((before, column)), key) for column, key in zip(columns, target.key, strict=True))
            rows = Join(rows, scan, on, met[way], known[way])
        return rows

    def _moment(self, hop: Hop) -> Expr | None:
        return None if self.moment is None else self.moment.at(self.columns.sources[hop.target], hop.at)

    def _known(self, hops: tuple[Hop, ...]) -> Expr | None:
        """Return the condition that a row of an entity had arrived; None of one that does not say when its rows do."""
        target = self.columns.sources[hops[-1].target]
        if self.moment is None or target.arrival is None:
            return None
        return conjunction(self.moment.known(target, alias_of(self.base, hops)))

    def _marked(self, rows: Rows, alias: str, mark: Mark) -> SemiJoin:
        """Return rows with a mark, by the keys of all rows of the many side for which its condition holds."""
        keys, columns = self._back(mark.step)
        many = self._many(mark.step, (mark.condition, *(key.expr for key in keys)), marks=dict(mark.within))
        on = tuple(zip(self.columns.met_by(self.base, mark.road[:-1]), columns, strict=True))
        return SemiJoin(rows, Aggregate(Keep(many, mark.condition), keys, ()), alias, on)

    def _expanded(self, rows: Rows, expansion: Expansion) -> Expand:
        """Return each row once for every part that it belongs to, with its share in the part where it is shared out."""
        step, by = expansion.road[-1], expansion.bridge.by
        keys, columns = self._back(step)
        split = (*keys, *expansion.splits)
        cells: Cells = (
            Aggregate(self._many(step, (each.expr for each in split), expansion.inner), split, ())
            if by is None
            else self._shares(expansion, keys, split, by)
        )
        on = tuple(zip(self.columns.met_by(self.base, expansion.road[:-1]), columns, strict=True))
        return Expand(rows, cells, expansion.alias, on)

    def _shares(self, expansion: Expansion, keys: tuple[Output, ...], split: tuple[Output, ...], by: str) -> Cells:
        """Return the share of each part in its whole; what adds up to nothing has no shares, so its rows keep all of themselves."""
        step, within = expansion.road[-1], share_of(expansion.inner)
        there = self.columns.sources[step.target]
        column = Name((base_alias(there), by))
        whole = State(WHOLE, aggregate_type("sum", self.columns.column_type(there, by)), "sum", column)
        part = replace(whole, name=PART) if within is None else State(PART, FLOAT, "sum", column, weight=within)
        alias, entire = "of__it", Name(("of__it", WHOLE))
        wholes = Aggregate(self._many(step, (column, *(key.expr for key in keys))), keys, (whole,))
        many = self._many(step, (column, *(each.expr for each in split)), expansion.inner)
        met = SemiJoin(many, wholes, alias, tuple((key.expr, key.name) for key in keys))
        parts = Aggregate(
            Keep(met, Call("<>", (entire, Literal(0)))), split, (part, State(WHOLE, whole.type, "max", entire))
        )
        share = Call("/", (Call("coalesce", (Name((PART,)), Literal(0))), Name((WHOLE,))))
        return Compute(parts, tuple(Field(key.name, key.type) for key in split), (Output(SHARE, FLOAT, share),))

    def _back(self, step: Hop) -> tuple[tuple[Output, ...], tuple[str, ...]]:
        """Return the columns by which the many lead back to the one: as keys over their rows, and their names."""
        there = self.columns.sources[step.target]
        columns = self.columns.back(step)
        keys = (Output(each, self.columns.column_type(there, each), Name((base_alias(there), each))) for each in columns)
        return tuple(keys), columns

    def _many(
        self, step: Hop, read: Iterable[Expr], inner: tuple[Expansion, ...] = (), marks: Mapping[str, Mark] = MappingProxyType({})
    ) -> Rows:
        """Return the rows of the many side that were known, split further by ``inner``; they meet versions by a clock of their own."""
        there = self.columns.sources[step.target]
        own = None if self.moment is None else replace(self.moment, clock=there.clock(None), alias=base_alias(there))
        known = () if own is None else own.known(there, base_alias(there))
        rows = self.columns.rows(there.name, (*read, *known), moment=own, marks=marks, expansions=inner)
        condition = conjunction(known)
        return rows if condition is None else Keep(rows, condition)

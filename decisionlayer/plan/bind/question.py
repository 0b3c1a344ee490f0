"""A question bound to a model: every name settled, every filter over its rows, all that is wrong with it said at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.bind.aliases import base_alias
from decisionlayer.plan.bind.asking import askable_clocks, asked_metrics, read_split
from decisionlayer.plan.bind.bound import BoundQuestion, Split
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.bind.comparisons import compared_columns, comparisons
from decisionlayer.plan.bind.computed import read_through
from decisionlayer.plan.bind.editions import Break, Editions
from decisionlayer.plan.bind.expanding import Expansion, at_parts, crossing_all, told_of, torn
from decisionlayer.plan.bind.filters import Over, Where, bind_having, read_filter
from decisionlayer.plan.bind.limits import Limits
from decisionlayer.plan.bind.met import Met, check_compared, check_one_unit, met
from decisionlayer.plan.bind.parameters import Parameters
from decisionlayer.plan.bind.paths import Ways, check_settled
from decisionlayer.plan.bind.periods import Period, is_plain, period_of, period_type, read_period
from decisionlayer.plan.bind.prices import prices_of, told_of_prices
from decisionlayer.plan.bind.ranges import Range, bounds, cut_notes, narrowed, read_range
from decisionlayer.plan.bind.regroup import regrouped
from decisionlayer.plan.bind.result import BoundRows, ResultColumns, group_columns
from decisionlayer.plan.bind.seeing import Seeing
from decisionlayer.plan.bind.structure import Moment, leads_to_history, structure_of, told
from decisionlayer.plan.bind.targets import TARGET, Promises
from decisionlayer.plan.bind.telling import told_of_ends, told_of_rows
from decisionlayer.plan.bind.timing import finest_period, forgets_time
from decisionlayer.plan.bind.tree import NO_PARTS, Comparison, Node, Tree, Whole
from decisionlayer.plan.bind.values import source_of_values
from decisionlayer.plan.nodes import Output
from decisionlayer.plan.query import Query, is_like_for_like
from decisionlayer.resolve.language.tree import Expr, Literal, names
from decisionlayer.resolve.language.types import UNKNOWN
from decisionlayer.resolve.model import Clock, Model
from decisionlayer.resolve.reach.across import last, road_of
from decisionlayer.resolve.reach.paths import Parts, Route

#: The most metrics that may stand one above the other: a statement nests a step for each in the worst case.
TALLEST = 100


class Binding:
    """One question being bound. ``findings`` gathers everything that is wrong with it; ``result`` is of use when it is empty."""

    def __init__(self, query: Query, model: Model, parts: Mapping[str, Whole] = NO_PARTS) -> None:
        self.model = model
        self.findings: list[Finding] = []
        self.query = query = regrouped(query, model, self.findings)
        self.columns = Columns.of(model)
        settling = (who for ways in query.paths.values() for who in ways if who in model.metrics)
        metrics = asked_metrics(query, model, self.findings)
        self.range = read_range(query.start, query.end, model.project, self.findings)
        self.structure = structure_of(query, model, self.findings)
        self.editions = Editions(query, model, self.range, self._unit(), self.structure.day, self.findings)
        self.tree = Tree(
            model, metrics, frozenset(settling), self.editions, self._compared(metrics), apart=is_like_for_like(query), parts=parts
        )
        self.clocks = askable_clocks(model, self.tree.leaves)
        self.parameters = Parameters(query.params, model.project.timezone, self.findings)
        #: The entities with history that the question goes through, by the source that describes them.
        self.met: Met = {}
        self.where = Where(read_filter("where", query.where, self.findings), self.clocks, model.project.almanac)
        self.having = read_filter("having", query.having, self.findings)
        named = {name.removeprefix("-") for name in query.order} | ({name.text for name in names(self.having)} if self.having else set())
        check_one_unit((model.metrics[name] for name in metrics if query.compare or name in named), self.findings)
        self.splits = tuple(split for asked in query.by if (split := read_split(asked, model, self.clocks, self.findings)) is not None)

    def result(self) -> BoundQuestion | None:
        """Return the bound question, None when it has findings."""
        if not self.query.metrics and not self.query.by:
            self.findings.append(Finding(
                "bad-question", "question", "the question asks for nothing",
                help="name a metric under `metrics`, or a dimension under `by`",
            ))  # fmt: skip
            return None
        check_settled(self.query.paths, self._asked_paths(), self.model, self.findings)
        if not self.query.metrics:
            return self._values()
        tree = self.tree
        if not tree.roots or self._too_tall():
            return None
        split = {split.parts for split in self.splits}
        filtered = frozenset(parts for parts in self.where.paths if parts not in split)
        ways = Ways(self.model, tree, self.query.paths, self.findings, filtered)
        for parts in self._paths():
            ways.bind(parts)
        self._check_limits(Limits(self.model, tree, ways, self.findings))
        self.met = met(self.model, self.columns, tree, ways)
        check_compared(self.query, self.model, self.columns, tree, ways, self.findings)
        over = {leaf: self._over(leaf, ways) for leaf in tree.leaves}
        if self.query.fill or any(leaf.context.looks for leaf in tree.leaves):
            return self._seen(tree, over, ways)
        rows: dict[Node | None, BoundRows] = {
            leaf: self._rows(each, self.splits, narrowed(self.range, leaf.context.span), self.where)
            for leaf, each in over.items()
        }
        return self._finish(tree, rows, self._walked(tree, ways))

    def _seen(self, tree: Tree, over: Mapping[Node, Over], ways: Ways) -> BoundQuestion | None:
        """Return the question where some measures read other cells than their own."""
        seeing = Seeing(self.model, tree, self.splits, self.range, self.where, self.parameters, self.query, self.findings)
        timing = seeing.timing()
        if timing is None:
            return None
        rows: dict[Node | None, BoundRows] = {
            # A filter on time cuts the cells; what forgets the cell is of the rows that it keeps.
            leaf: self._rows(
                each, seeing.splits(leaf, each), timing.readings[leaf].range, self.where if forgets_time(leaf) else seeing.where
            )
            for leaf, each in over.items()
        }
        cells = [
            self._rows(each, self.splits, narrowed(self.range, leaf.context.span), self.where) for leaf, each in over.items()
        ]
        finished = self._finish(tree, rows, self._walked(tree, ways), cells)
        return None if finished is None else replace(finished, timing=timing, derived=seeing.derived, rows_of_cells=tuple(cells))

    def _values(self) -> BoundQuestion | None:
        """Return a question for distinct values, bound to the rows of one source."""
        periods = (*(split.period for split in self.splits if split.period is not None), *self.where.periods.values())
        if len(self.splits) < len(self.query.by):
            return None
        found = source_of_values(
            self.model, self._paths(), periods,
            in_range=not self.range.is_open, settled=self.query.paths, findings=self.findings,
        )  # fmt: skip
        if found is None:
            return None
        source, routes = found
        default = self.model.sources[source].clock(None)
        over = Over(source, None if default is None else default.column, routes.get)
        return self._finish(None, {None: self._rows(over, self.splits, self.range, self.where)}, {})

    def _compared(self, metrics: tuple[str, ...]) -> tuple[Comparison, ...]:
        if not self.query.compare:
            return ()
        return comparisons(self.query.compare, metrics, self._finest(), self.range, self.model.project, self.findings)

    def _finest(self) -> Period | None:
        """Return the period by which each metric's own clock is asked, before it is known which clocks there are."""
        almanac = self.model.project.almanac
        periods = (read_period(asked, frozenset(), almanac) for asked in self.query.by)
        return finest_period((period for period in periods if period is not None), almanac)

    def _unit(self) -> str | None:
        period = self._finest()
        return None if period is None or period.unit is None or not is_plain(period.unit) else period.unit

    def _too_tall(self) -> bool:
        """Whether a metric stands on more formulas, one above the other, than a statement can hold."""
        tall = [root for root in self.tree.roots if self.tree.depth(root) > TALLEST]
        for root in tall:
            self.findings.append(Finding(
                "bad-question", "question",
                f"`{root.metric.name}` is {self.tree.depth(root)} metrics tall, one above the other; {TALLEST} is the most",
                root.metric.place, help="write it over what the metrics in the middle stand on",
            ))  # fmt: skip
        return bool(tall)

    def _paths(self) -> tuple[Parts, ...]:
        splits = (split.parts for split in self.splits if split.period is None)
        return tuple(dict.fromkeys((*splits, *self.where.paths)))

    def _asked_paths(self) -> tuple[str, ...]:
        return tuple(".".join(parts) for parts in self._paths())

    def _check_limits(self, limits: Limits) -> None:
        limits.range(self.range)
        for split in self.splits:
            if split.period is not None:
                limits.period(split.period)
            else:
                limits.path(split.parts)
        for period in self.where.periods.values():
            limits.period(period)
        for parts in self.where.paths:
            limits.path(parts)

    # rows

    def _over(self, leaf: Node, ways: Ways) -> Over:
        return Over(leaf.rows_are_of, leaf.measure.clock, lambda parts: ways.route(parts, leaf))

    def _rows(self, over: Over, splits: Iterable[Split], within: Range, kept: Where) -> BoundRows:
        """Return the rows of a measure as the question cuts them; what is missing has its finding already."""
        source = self.model.sources[over.source]
        keys: list[Output] = []
        crossed: list[tuple[Route, Callable[[Route], list[Output]]]] = []
        walked: list[Route] = []
        clocks: set[str] = set()
        periods: set[str] = set()
        for split in splits:
            if split.period is not None:
                clock = source.clock(split.period.clock or over.clock) if split.period.clock or over.clock else None
                if clock is not None:
                    unit = split.period.of(clock)
                    expr = period_of(clock, base_alias(source), unit, self.model.project)
                    keys.append(Output(split.column, period_type(unit), expr))
                    clocks.add(clock.column)
                    periods.add(split.column)
                continue
            route = over.route(split.parts)
            road = road_of(route)
            if route is not None and road is not None:
                crossed.append((route, partial(self._keys, split)))
                keys += at_parts(road, self._keys(split, last(route)))
            elif route is not None:
                walked.append(route)
                keys += self._keys(split, route)
        clock = source.clock(over.clock) if over.clock else None
        conditions: list[Expr] = []
        if clock is not None and not within.is_open:
            conditions += bounds(clock, base_alias(source), within, self.model.project)
            clocks.add(clock.column)
        of_time = tuple(conditions)
        moment = Moment(self.structure, clock, base_alias(source), self.model, self.query)
        try:
            conditions += () if self.query.late else moment.known(source, base_alias(source))
        except QueryError as late:
            self.findings += (finding for finding in late.findings if finding not in self.findings)
        where = kept.bind(over, self.columns, self.parameters, self.findings)
        if where is not None:
            conditions.append(where)
            of_time += kept.of_time(over, self.columns, self.parameters)
        cut = " ".join(sorted(clocks)) or None
        if clock is not None and leads_to_history(self.model, over.source):
            cut = " ".join((clock.column, *sorted(clocks)))  # versions are found by this one, whatever else cuts periods
        expansions = crossing_all(crossed, self.model.sources)
        self._refuse_torn(expansions)
        return BoundRows(
            over.source, tuple(keys), tuple(conditions), tuple(walked), cut, moment, kept.marks, expansions,
            periods=frozenset(periods), of_time=of_time,
        )  # fmt: skip

    def _refuse_torn(self, expansions: tuple[Expansion, ...]) -> None:
        """Refuse what has no right answer across bridges, and what is not answered yet."""
        found = [told for told in (torn(expansions),) if told is not None]
        over = next((each.bridge.name for each in expansions if each.overlaps), None)
        if over is not None and self.query.rest:
            found.append(Finding(
                "not-built", "question", f"`rest` over `{over}`, whose parts overlap, is not answered by this version yet",
                why="a row that belongs to several parts of the rest would count in it several times",
                help="leave `rest` out, ask by other splits, or let the bridge `allocate`",
            ))  # fmt: skip
        self.findings += (told for told in found if told not in self.findings)

    def _keys(self, split: Split, route: Route) -> list[Output]:
        found = self.columns.at(route)
        name = split.column
        parts = self.columns.parts(route)
        if not parts:
            return [Output(name, self.columns.type_of_route(route), found[0])]
        return [
            Output(f"{name}__{part}", self.columns.type_of(route.source, expr), expr)
            for part, expr in zip(parts, found, strict=True)
        ]

    # the rest

    def _finish(
        self,
        tree: Tree | None,
        rows: Mapping[Node | None, BoundRows],
        paths: Mapping[str, Mapping[str, str]],
        cells: Iterable[BoundRows] | None = None,
    ) -> BoundQuestion | None:
        groups = group_columns(rows.values() if cells is None else cells, self.findings)
        asked = {split.asked: split.column for split in self.splits}
        compared = tuple(each for column, node in self.tree.compared.items() for each in compared_columns(column, node.metric.type))
        promises = Promises(self.model, self.splits, self.where.expr, self.query.params, self.range)
        targets = promises.of(tree) if TARGET in self.query.compare and tree is not None else {}
        compared += tuple(each for metric, one in targets.items() for each in compared_columns(f"{metric}__{TARGET}", one.type))
        if self.findings:  # a comparison that was refused already: its name in `order` or `having` is no second mistake
            lost = (f"{metric}__{word}" for metric in self.query.metrics for word in self.query.compare)
            compared = (*(each for column in lost for each in compared_columns(column, UNKNOWN)), *compared)
        result = ResultColumns(groups, asked, self.query.metrics, self.model.metrics, compared, self.findings)
        through, notes = read_through(rows, self.columns, self.model, self.findings)
        having = bind_having(self.having, result.known, self.model.project.timezone, self.parameters, self.findings)
        order = result.order(self.query.order)
        prices = {} if tree is None else prices_of(tree, self._key(), self.range, self.query.today, self.model, self.findings)
        if not self.findings:
            self.parameters.finish()
        if self.findings:
            return None
        return BoundQuestion(
            tree, rows, groups, having, order, self.query.limit, self.parameters.bound,
            (
                *self._notes(rows), *told_of_prices(prices, self.model), *notes,
                *promises.notes(metric for metric, one in targets.items() if one.expr == Literal(None)),
            ), paths,
            today=self.query.today, targets={metric: (one.expr, one.type) for metric, one in targets.items()},
            through=self._through(),
            key=self._key(), prices=prices, breaks=self._breaks(), definitions=(*self.editions.told.values(), *through),
        )  # fmt: skip

    def _through(self) -> tuple[str, ...]:
        return tuple(sorted({source.describes or source.name for (_, day), source in self.met.items() if day is None}))

    def _key(self) -> tuple[str, str] | None:
        """Return the column and the unit of the period that a cell is in; None where the range is the period."""
        period = finest_period((split.period for split in self.splits if split.period is not None), self.model.project.almanac)
        unit = None if period is None else period.unit
        split = next((split for split in self.splits if split.period is period), None)
        return None if unit is None or split is None else (split.column, unit)

    def _breaks(self) -> Mapping[str, tuple[Break, ...]]:
        """Return for each column that is compared with the days of the breaks in between."""
        if self.tree is None or not self.editions.told:
            return {}
        found = {
            column: self.editions.breaks(node.metric.name, node.context.looks[0]) for column, node in self.tree.compared.items()
        }
        return {column: days for column, days in found.items() if days}

    def _notes(self, rows: Mapping[Node | None, BoundRows]) -> tuple[str, ...]:
        notes: dict[str, None] = {}
        for split in self.splits:
            if split.period is None or split.period.clock is not None:
                continue
            units = {split.period.of(clock) for each in rows if (clock := self._clock_of(each)) is not None}
            for unit in sorted(units):
                if is_plain(unit):
                    notes.update(dict.fromkeys(cut_notes(self.range, unit, split.asked, self.model.project)))
        for note in sorted(told(self.structure, target, day) for (_, day), target in self.met.items()):
            notes[note] = None
        for each in rows.values():
            source = self.model.sources[each.source]
            if source.valid is not None:
                notes[f"rows of {each.source} are versions: one {source.describes} counts once for each of its versions"] = None
            notes.update(dict.fromkeys(told_of(each.expansions, source, self.model.sources)))
        for leaf in self.tree.leaves:
            notes.update(dict.fromkeys((*told_of_rows(leaf), *told_of_ends(leaf, self._unit(), self.model.project.almanac))))
        notes.update(dict.fromkeys(self.editions.notes()))
        if self.query.known_on is not None:
            notes[f"as it was known on {self.query.known_on.isoformat()}: rows that arrived later are left out"] = None
        for name in self.query.metrics:
            if self.model.metrics[name].approximate:
                notes[f"{name} adds floating-point numbers: its parts make up the whole only to rounding"] = None
        return tuple(notes)

    def _clock_of(self, leaf: Node | None) -> Clock | None:
        return None if leaf is None else self.model.sources[leaf.rows_are_of].clock(leaf.measure.clock)

    def _walked(self, tree: Tree, ways: Ways) -> Mapping[str, Mapping[str, str]]:
        """Return, for each metric, each asked path as it was walked, each of its sources once."""
        walked: dict[str, dict[str, str]] = {}
        for root in tree.roots:
            for parts in self._paths():
                found: dict[str, None] = {}
                for leaf in tree.under(root):
                    route = ways.route(parts, leaf)
                    if route is not None:
                        found[f"{leaf.rows_are_of}.{route.path}"] = None
                if found:
                    walked.setdefault(root.metric.name, {})[".".join(parts)] = ", ".join(found)
        return walked

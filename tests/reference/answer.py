"""The question itself: which cells there are, what each metric is worth in them, and in which order they come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cmp_to_key
from typing import TypeAlias

from decisionlayer.names import column_name
from decisionlayer.resolve.language.tree import Aggregate, Call, Expr, Literal, Name, walk
from decisionlayer.resolve.language.types import DATE
from decisionlayer.resolve.model import Assumption, Clock, Exchange, Formula, Measure, Metric, Model, Target
from tests.reference.cells import Worth, shared, total, worth
from tests.reference.clocks import attribute, is_attribute, period, timed
from tests.reference.language import Value, apply, exact, value_of
from tests.reference.levels import levels_of, of_all
from tests.reference.looks import Look, look_of, opening, period_of
from tests.reference.mixes import BELOW, below, under, without
from tests.reference.money import exchanging, is_amount
from tests.reference.promises import promised
from tests.reference.question import Cell, Context, Entry, Leaf, Part, Question
from tests.reference.rows import Rows
from tests.reference.spans import FOREVER, NEVER
from tests.reference.stocks import along
from tests.reference.walks import Row, Tables, Unanswerable, Way, World

Answer: TypeAlias = tuple[tuple[str, ...], list[tuple[Value, ...]]]
Looks: TypeAlias = tuple[Look, ...]


def evaluate(model: Model, tables: Tables, question: Question) -> Answer:
    """Return the columns of the answer, group columns first, and its rows in order."""
    question = replace(question, calendars=model.project.calendars, mondays=model.project.week_start == "monday")
    world = World(model, known(model, tables, question))
    world.each = of_each(world, question)
    return _Asked(world, question).answer()


def of_each(world: World, question: Question) -> Callable[[str, Part, str], Value]:
    """Return what tells a metric of each thing: the answer by its key, over all time unless it says otherwise, whatever else is asked."""
    found: dict[tuple[str, str], tuple[dict[tuple[Value, ...], Value], Value]] = {}

    def ask(source: str, name: str) -> tuple[dict[tuple[Value, ...], Value], Value]:
        of = world.model.sources[source].dimensions[name].metric
        assert of is not None
        span = (question.start, question.end) if of.in_range else (None, None)
        asked = Question(
            metrics=(of.metric,), by=(of.by,), start=span[0], end=span[1], today=question.today, structure=question.structure,
            definition=question.definition, basis=question.basis, known_on=question.known_on,
        )  # fmt: skip
        rows = evaluate(world.model, world.rows, asked)[1]
        nobody = evaluate(world.model, {source: [] for source in world.rows}, replace(asked, by=()))[1]
        return {row[:-1]: row[-1] for row in rows}, nobody[0][0]

    def told(source: str, key: Part, name: str) -> Value:
        if (source, name) not in found:
            found[source, name] = ask(source, name)
        values, nothing = found[source, name]
        return values.get(key, nothing)

    return told


def known(model: Model, tables: Tables, question: Question) -> Tables:
    """Return the tables as they were known on the day of the question: without the rows that say they arrived later."""

    def had_arrived(source: str, row: Row) -> bool:
        arrival, day = model.sources[source].arrival, question.known_on
        if arrival is None or day is None:
            return True
        when = row[arrival.column]
        return when is not None and period(when, arrival, "day", model.project) <= day  # type: ignore[arg-type, operator]

    return {name: [row for row in rows if had_arrived(name, row)] for name, rows in tables.items()}


class _Asked:
    """One question about one world."""

    def __init__(self, world: World, question: Question) -> None:
        self.world = world
        self.question = question
        self.rows = Rows(world, question)
        #: For a metric under one mix, the same question by its classes.
        self.mixes: dict[str, _Asked] = {}

    def answer(self) -> Answer:
        question = self.question
        self.rows.check_filled()
        for leaf in self.rows.asked():
            self.rows.check_period(leaf)
        if not question.periods and any(map(self.is_paced, question.metrics)):
            self.rows.check_length()
        if question.extremes:
            return self.extremes()
        if question.rest:
            self.rows.first = self.first_groups()
        columns = (*self.group_columns(), *question.metrics, *self.compared_columns())
        rows = [self.row(cell) for cell in self.rows.cells()] if question.metrics else self.distinct()
        if question.having is not None:
            condition = self.rows.filter(question.having)
            rows = [row for row in rows if value_of(condition, self.named_in(columns, row)) is True]
        rows = self.ordered(columns, rows)
        return columns, rows if question.limit is None or question.rest else rows[: question.limit]

    def is_paced(self, name: str) -> bool:
        """Say whether a metric divides by how long the period is, somewhere in what it stands on."""
        body = self.world.model.metrics[name].body
        if not isinstance(body, Formula):
            return False
        here = any(isinstance(node, Call) and node.function == "per" for node in walk(body.expr))
        return here or any(self.is_paced(term.metric) for term in body.terms.values())

    def ranked_splits(self) -> tuple[str, ...]:
        """Return the splits whose groups may be the rest: what a period is called is of time."""
        asked = self.question
        return tuple(path for path in asked.splits if not is_attribute(path, asked.calendars))

    def first_groups(self) -> set[tuple[Part, ...]]:
        """Return the groups that come first over the whole range, by the order that is asked; what lies beyond them is the rest."""
        asked = self.question
        splits = self.ranked_splits()
        if asked.limit is None or not splits or not asked.metrics:
            raise Unanswerable("the rest is what lies beyond a limit of groups")
        names = [name.removeprefix("-") for name in asked.order]
        metrics = [one for one in asked.metrics if any(name == one or name.startswith(f"{one}__") for name in names)]
        compare = [one for one in asked.compare if any(f"__{one}" in name for name in names)]
        order = tuple(name for name in asked.order if name.removeprefix("-") not in {*asked.by} - {*splits})
        ranking = _Asked(self.world, replace(
            asked, metrics=tuple(metrics) or asked.metrics[:1], by=splits, compare=tuple(compare), order=order, having=None, rest=False,
            fill=None, limit=None,
        ))  # fmt: skip
        rows = ranking.answer()[1]
        found: set[tuple[Part, ...]] = set()
        for row in rows[: asked.limit]:
            values = iter(row)
            found.add(tuple(tuple(next(values) for _ in range(self.width(path))) for path in splits))
        return found

    def width(self, path: str) -> int:
        """Return how many columns a split has."""
        return 1 if timed(path, self.question.calendars) else len(self.world.columns(path, self.some_way(path)))

    def extremes(self) -> Answer:
        """Return the least and the greatest of each split in one row."""
        columns, rows = self.group_columns(), self.distinct()
        ends: list[Value] = []
        for place in range(len(columns)):
            known = [row[place] for row in rows if row[place] is not None]
            ends += [min(known, default=None), max(known, default=None)]  # type: ignore[type-var]
        return tuple(f"{column}__{end}" for column in columns for end in ("min", "max")), [tuple(ends)]

    def row(self, cell: Cell) -> tuple[Value, ...]:
        """Return the row of a cell: what it is called, the metrics, and beside them what they are compared with."""
        called = dict(zip(self.question.periods, cell.times, strict=True))
        group = iter(cell.group)
        rest = cell.group[-1] if self.rows.first is not None else ()
        keys = [value for path in self.question.by for value in (self.of_time(path, called) or next(group))]
        metrics = [self.metric(name, self.rows.root(name), (), cell) for name in self.question.metrics]
        beside = []
        for comparison in self.rows.beside:
            for name, here in zip(self.question.metrics, metrics, strict=True):
                if comparison == "target":
                    beside += self.beside_target(name, here, cell)
                    continue
                look = self.rows.compared(comparison)
                past = self.metric(name, self.rows.root(name), (look,), cell)
                broken = self.rows.editions.is_broken(name, self.rows.stretch((look,), cell), self.rows.stretch((), cell))
                change = None if broken else total([(1, here), (-1, past)]).value
                above = past.value is not None and past.value > 0  # type: ignore[operator]
                beside += [past.value, change, apply("/", [change, past.value]) if above else None]
        return (*keys, *rest, *(metric.value for metric in metrics), *beside)

    def beside_target(self, name: str, here: Worth, cell: Cell) -> list[Value]:
        """Return what was promised for a cell, by how much it is missed, and that as a share of it."""
        kept = None if self.question.where is None else self.rows.filter(self.question.where)
        splits = {path: part[0] for path, part in zip(self.question.splits, cell.group, strict=False)}

        def is_its_time(target: Target) -> bool:
            return self.rows.is_time_of(target, cell.times)

        level = promised(self.world.model, name, kept, splits, is_its_time, self.rows.settled)
        if level is None:
            return [None, None, None]
        change = apply("-", [here.value, level])
        return [level, change, apply("/", [change, level]) if level > 0 else None]  # type: ignore[operator]

    def of_time(self, path: str, called: Mapping[str, Value]) -> tuple[Value, ...]:
        """Return the asked period, or what one is called; nothing for any other split."""
        if path in called:
            return (called[path],)
        if path not in self.question.told:
            return ()
        begins, project = called[self.question.teller(path) or ""], self.world.model.project
        return (attribute(begins, Clock("", "day", DATE, None), path, project),)  # type: ignore[arg-type]

    # -- what a metric is worth ----------------------------------------------------------------------------------------

    def metric(self, name: str, context: Context, looks: Looks, cell: Cell) -> Worth:
        """Return what a metric is worth in a cell. ``missing`` speaks where no row of it is; a row that says nothing is one."""
        defined = self.rows.definition(name, context, looks, cell)
        if defined is None:
            return Worth(None, False)  # it was no number yet, which no sum swallows
        name, context = defined
        metric = self.world.model.metrics[name]
        result = self.mixed(metric, context, looks, cell) or self.body(metric, context, looks, cell)
        if metric.missing is None or any(self.rows.has_rows(leaf, cell) for leaf in self.rows.own_leaves(name, context, looks)):
            return result
        return Worth(apply("coalesce", [result.value, 0]) if metric.missing == "zero" else None, result.absent)

    def mixed(self, metric: Metric, context: Context, looks: Looks, cell: Cell) -> Worth | None:
        """Return what a metric is worth under one mix of classes; None for one that has none, or where the classes are told apart."""
        weight = None if metric.translation is None else metric.translation.reweight
        if weight is None or self.rows.settled(weight.by) in {self.rows.settled(path) for path in self.question.splits}:
            return None
        bare = without(metric)
        if metric.name not in self.mixes:
            model = self.world.model
            made = {each.name: each for each in (bare, *([] if weight.shares is not None else below(model, bare)))}
            world = World(replace(model, metrics={**model.metrics, **made}), self.world.rows)
            world.each = self.world.each
            by_class = _Asked(world, replace(self.question, by=(*self.question.by, weight.by)))
            by_class.rows.first, by_class.rows.beyond_first = self.rows.first, 1
            self.mixes[metric.name] = by_class
        by_class = self.mixes[metric.name]
        end = len(self.question.splits)
        kinds = by_class.rows.kinds(by_class.rows.own_leaves(bare.name, context, looks))
        looks = tuple(replace(look, keeps=(*look.keeps, weight.by)) if look.forgets else look for look in looks)
        cells = {kind: Cell(cell.times, (*cell.group[:end], kind, *cell.group[end:])) for kind in kinds}
        own = {kind: by_class.body(bare, context, looks, each).value for kind, each in cells.items()}
        weighs: dict[Part, Value] = {}
        if weight.shares is None:
            alike = (*looks, Look("total", keeps=(weight.by,)))
            weighs = {kind: by_class.body(by_class.world.model.metrics[BELOW], context, alike, each).value for kind, each in cells.items()}
        return Worth(under(weight, own, weighs), self.body(bare, context, looks, cell).absent)

    def body(self, metric: Metric, context: Context, looks: Looks, cell: Cell) -> Worth:
        match metric.body:
            case Measure() as measure:
                leaf = Leaf(metric.name, context, looks)
                entries = self.rows.read(leaf, cell)
                if entries is None:  # a time that the data do not touch: nobody knows, and no sum swallows it
                    return Worth(None, False)
                if self.rows.is_mean(leaf):
                    return self.mean(measure, metric.decimals, self.rows.each_day(leaf, cell))
                how = self.rows.over_time(leaf)
                standing = [] if how is None else self.rows.standing_at(leaf, cell.times, cell.group)

                def of_rows(node: Expr) -> Worth:
                    assert isinstance(node, Aggregate)
                    read, decimals = entries, metric.decimals
                    if context.convert is not None:
                        read, decimals = self.converted(node, measure, metric, context.convert, entries)
                    if how is not None:
                        return along(node, read, standing, how, decimals)
                    return shared(node, [(entry.read, entry.share) for entry in read], decimals)

                return worth(measure.expr, of_rows)
            case Formula() as formula:
                return self.formula(formula, formula.expr, context, (*looks, *opening(formula)), cell)

    def mean(self, measure: Measure, decimals: int | None, days: list[list[Entry]] | None) -> Worth:
        """Return what a measure is worth on the mean day: each aggregate added up over the days and divided by their number."""
        if not days:
            return Worth(None, False)

        def of_days(node: Expr) -> Worth:
            assert isinstance(node, Aggregate)
            if node.function == "avg":  # its total over its count, each of the mean day
                return shared(node, [(one.read, one.share) for day in days for one in day], decimals)
            found = [shared(node, [(one.read, one.share) for one in day], decimals) for day in days]
            values = [float(one.value) for one in found if one.value is not None]  # type: ignore[arg-type]
            return Worth(sum(values) / len(days) if values else None, all(one.absent for one in found))

        return worth(measure.expr, of_days)

    def converted(
        self, node: Aggregate, measure: Measure, metric: Metric, exchange: Exchange, entries: list[Entry]
    ) -> tuple[list[Entry], int | None]:
        """Return rows that read amounts in another currency, each by the rate of its own day."""
        clock, project = self.rows.clock(measure), self.world.model.project
        if clock is None or not is_amount(exchange, metric.name, node, measure.expr):
            return entries, metric.decimals
        reading = exchanging(self.world.model, exchange, metric, node)
        days = [period(entry.row[clock.column], clock, "day", project) for entry in entries]  # type: ignore[arg-type]
        return [replace(entry, read=reading(entry.read, day)) for entry, day in zip(entries, days, strict=True)], None

    def formula(self, formula: Formula, expr: Expr, context: Context, looks: Looks, cell: Cell) -> Worth:
        def known(node: Expr) -> Worth:
            match node:
                case Call(function="per"):
                    inner = self.formula(formula, node.arguments[0], context, looks, cell)
                    length = self.rows.length(looks, cell, period_of(node.arguments[1]))
                    return replace(inner, value=apply("/", [inner.value, length]))
                case Call():
                    return self.formula(formula, node.arguments[0], context, (*looks, look_of(node)), cell)
                case Name():
                    return self.term(formula, node.text, context, looks, cell)
            raise TypeError(f"{node} is no part of a formula")

        return worth(expr, known)

    def term(self, formula: Formula, name: str, context: Context, looks: Looks, cell: Cell) -> Worth:
        if name not in formula.terms:
            return Worth(exact(self.price(self.world.model.assumptions[name], looks, cell)))
        term = formula.terms[name]
        found = self.metric(term.metric, context.under(term), looks, cell)
        if term.factor == 1:
            return found
        return replace(found, value=apply("*", [found.value, Fraction(term.factor)]))

    def price(self, assumption: Assumption, looks: Looks, cell: Cell) -> Value:
        """Return what a price is in a cell: the value that holds all the time that is read; none where there is no time."""
        if not assumption.lives:
            return assumption.value
        span = self.rows.stretch(looks, cell)
        if span is None:
            return None
        wall = self.rows.wall
        for life in assumption.lives:
            begins = NEVER if life.since is None else wall.point(life.since)
            ends = FOREVER if life.after is None else wall.point(life.after)
            if begins <= span.begins and span.ends <= ends:
                return life.value
        raise Unanswerable(f"{assumption.name} has no one value")

    # -- rows of the result --------------------------------------------------------------------------------------------

    def group_columns(self) -> tuple[str, ...]:
        names: list[str] = []
        for path in self.question.by:
            if timed(path, self.question.calendars):
                names.append(column_name(path))
                continue
            names += self.world.columns(path, self.some_way(path))
        return (*names, "rest") if self.question.rest else tuple(names)

    def compared_columns(self) -> tuple[str, ...]:
        ends = ("", "_change", "_pct")
        return tuple(
            f"{metric}__{name}{end}" for name in self.rows.beside for metric in self.question.metrics for end in ends
        )

    def some_way(self, path: str) -> Way:
        """Return what any source of the question takes ``path`` for; the others mean the same thing."""
        sources = sorted(self.rows.sources()) or [self.telling_source()]
        found = [way for source in sources if (way := self.world.named(source, self.rows.own_path(path, source))) is not None]
        found += [self.rows.way_across(path, source) for source in sources if not found and self.rows.split_road(path, source) is not None]
        if not found:
            raise Unanswerable(f"nothing leads to {path}")
        return found[0]

    def named_in(self, columns: tuple[str, ...], row: tuple[Value, ...]) -> Callable[[Name], Value]:
        values = dict(zip(columns, row, strict=True))
        return lambda name: values[column_name(name.text)]

    def ordered(self, columns: tuple[str, ...], rows: list[tuple[Value, ...]]) -> list[tuple[Value, ...]]:
        """Return rows in the asked order, then by every group column; NULLs come last, whichever way a column runs."""
        wanted = [(column_name(name.removeprefix("-")), name.startswith("-")) for name in self.question.order]
        groups = len(columns) - len(self.question.metrics) - len(self.compared_columns())
        runs = [(columns.index(name), down) for name, down in wanted] + [(index, False) for index in range(groups)]
        if self.question.rest:  # by what is of time, the groups that come first, and then the rest
            periods = {columns.index(column_name(path)) for path in self.question.by if path not in self.ranked_splits()}
            by_period = [run for run in runs if run[0] in periods]
            runs = [*by_period, (groups - 1, False), *(run for run in runs if run[0] not in periods)]

        def compare(left: tuple[Value, ...], right: tuple[Value, ...]) -> int:
            for index, down in runs:
                a, b = left[index], right[index]
                if a == b:
                    continue
                if a is None or b is None:
                    return 1 if a is None else -1
                return (1 if a > b else -1) * (-1 if down else 1)  # type: ignore[operator]
            return 0

        return sorted(rows, key=cmp_to_key(compare))

    # -- no metrics ----------------------------------------------------------------------------------------------------

    def telling_source(self) -> str:
        """Return the source that tells the distinct values: the one that leads to every asked path, or the one described."""
        model = self.world.model
        paths = [path for path in self.question.by if not timed(path, self.question.calendars)]
        able = [name for name in model.sources if all(self.world.named(name, path) for path in paths)]
        if len(able) > 1:
            able = [name for name in able if model.sources[name].describes in self.entities(paths)]
        if len(able) != 1:
            raise Unanswerable(f"{' and '.join(able) or 'nothing'} leads to {', '.join(self.question.by)}")
        return able[0]

    def entities(self, paths: list[str]) -> set[str | None]:
        sources = self.world.model.sources
        return {way.entity for name in sources for path in paths if (way := self.world.named(name, path)) is not None}

    def distinct(self) -> list[tuple[Value, ...]]:
        """Return each combination of group values that a row of the telling source has."""
        source = self.telling_source()
        clock = self.world.model.sources[source].clock(None)
        seen = Measure(source, Literal(None), None, None, None if clock is None else clock.column)
        rows = self.rows
        asked = None if self.question.where is None else rows.filter(self.question.where)
        found: dict[tuple[Value, ...], None] = {}
        for row in self.world.rows[source]:
            if asked is not None and value_of(asked, rows.asked_of("", seen, row)) is not True:
                continue
            if rows.in_range(seen, row):
                found[tuple(value for path in self.question.by for value in rows.group_value(path, "", seen, row))] = None
        return list(found)


def answer_of(model: Model, tables: Tables, **keys: object) -> Answer:
    """Return the answer to a question written as for ``Layer.query``."""
    levels = levels_of(model, keys)
    if levels is not None:
        def is_grouped(level: list[str]) -> bool:
            return bool(Question(by=tuple(level), calendars=model.project.calendars).splits)

        return of_all(levels, keys, lambda **own: answer_of(model, tables, **own), is_grouped)
    texts = ("metrics", "by", "order", "compare")
    if isinstance(keys.get("today"), str):
        keys["today"] = dt.date.fromisoformat(str(keys["today"]))
    if isinstance(keys.get("known_on"), str):
        keys["known_on"] = dt.date.fromisoformat(str(keys["known_on"]))
    return evaluate(model, tables, Question(**{k: tuple(v) if k in texts else v for k, v in keys.items()}))  # type: ignore[arg-type]

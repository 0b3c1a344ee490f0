"""The question itself: which cells there are, what each metric is worth in them, and in which order they come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cmp_to_key
from typing import TypeAlias

from decisionlayer.names import PERIODS, column_name
from decisionlayer.resolve.language import parse_question_filter
from decisionlayer.resolve.language.tree import Aggregate, Expr, Literal, Name, Param, transform
from decisionlayer.resolve.model import Clock, Formula, Measure, Metric, Model, Term
from tests.reference.cells import Reader, Worth, aggregate, worth
from tests.reference.clocks import lies_between, period
from tests.reference.language import Value, apply, exact, value_of
from tests.reference.walks import Row, Tables, Unanswerable, Way, World, only

Key: TypeAlias = tuple[Value, ...]
Answer: TypeAlias = tuple[tuple[str, ...], list[tuple[Value, ...]]]


@dataclass(frozen=True)
class Question:
    """What is asked, under the names that people use."""

    metrics: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    where: str | None = None
    having: str | None = None
    start: str | None = None
    end: str | None = None
    order: tuple[str, ...] = ()
    limit: int | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    paths: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What the terms above a measure have changed about it."""

    where: tuple[Expr, ...] = ()
    population: Expr | None = None
    replaces: bool = False

    def under(self, term: Term) -> Context:
        """Return the context beneath ``term``; a population that was replaced further out stays replaced."""
        where = self.where if term.where is None else (*self.where, term.where)
        if self.replaces or not term.replaces:
            return replace(self, where=where)
        return Context(where, term.population, replaces=True)


def evaluate(model: Model, tables: Tables, question: Question) -> Answer:
    """Return the columns of the answer, group columns first, and its rows in order."""
    return _Asked(World(model, tables), question).answer()


class _Asked:
    """One question about one world."""

    def __init__(self, world: World, question: Question) -> None:
        self.world = world
        self.question = question
        self.groups: dict[tuple[str, Context], dict[Key, list[Reader]]] = {}
        self.found: dict[tuple[str, str], Way] = {}

    def answer(self) -> Answer:
        question = self.question
        columns = (*self.group_columns(), *question.metrics)
        keys = self.cells() if question.metrics else self.distinct()
        rows = [(*key, *(self.metric(name, Context(), key).value for name in question.metrics)) for key in keys]
        if question.having is not None:
            condition = self.filter(question.having)
            rows = [row for row in rows if value_of(condition, self.named_in(columns, row)) is True]
        rows = self.ordered(columns, rows)
        return columns, rows if question.limit is None else rows[: question.limit]

    # -- cells ------------------------------------------------------------------------------------------------------

    def cells(self) -> list[Key]:
        """Return every combination of group values under which an asked metric has rows; without ``by`` the one there is."""
        if not self.question.by:
            return [()]
        found: dict[Key, None] = {}
        for metric in self.question.metrics:
            for name, context in self.measures(metric, Context()):
                found |= dict.fromkeys(self.grouped(name, context))
        return list(found)

    def measures(self, metric: str, context: Context) -> Iterable[tuple[str, Context]]:
        """Yield the measures that ``metric`` stands on, each with what the terms on the way change about it."""
        body = self.world.model.metrics[metric].body
        if isinstance(body, Measure):
            yield metric, context
            return
        for term in body.terms.values():
            yield from self.measures(term.metric, context.under(term))

    def grouped(self, name: str, context: Context) -> dict[Key, list[Reader]]:
        """Return the rows of a measure in each cell, as readers of expressions."""
        if (name, context) not in self.groups:
            self.groups[name, context] = self.group(name, context)
        return self.groups[name, context]

    def group(self, name: str, context: Context) -> dict[Key, list[Reader]]:
        measure = self.world.model.metrics[name].body
        assert isinstance(measure, Measure)
        population = context.population if context.replaces else measure.population
        conditions = [condition for condition in (population, measure.where, *context.where) if condition is not None]
        asked = None if self.question.where is None else self.filter(self.question.where)
        result: dict[Key, list[Reader]] = {}
        for row in self.world.rows[measure.source]:
            reader = self.reader(measure.source, row)
            if not all(reader(condition) is True for condition in conditions):
                continue
            if not self.in_range(measure, row):
                continue
            if asked is not None and value_of(asked, self.asked_of(name, measure, row)) is not True:
                continue
            key = tuple(value for path in self.question.by for value in self.group_value(path, name, measure, row))
            result.setdefault(key, []).append(reader)
        return result

    def reader(self, source: str, row: Row) -> Reader:
        return lambda expr: value_of(expr, lambda name: self.world.read(source, row, name.parts))

    # -- what the question's words mean for a row ----------------------------------------------------------------------

    def in_range(self, measure: Measure, row: Row) -> bool:
        question, clock = self.question, self.clock(measure)
        if clock is None:
            return True
        return lies_between(row[clock.column], clock, question.start, question.end, self.world.model.project)  # type: ignore[arg-type]

    def clock(self, measure: Measure) -> Clock | None:
        return self.world.model.sources[measure.source].clock(measure.clock)

    def group_value(self, path: str, name: str, measure: Measure, row: Row) -> tuple[Value, ...]:
        """Return what a row has under an asked path: a period of its clock, or what the path leads to."""
        stem, _, last = path.rpartition(".")
        if last in PERIODS:
            clock = self.world.model.sources[measure.source].clock(stem) if stem else self.clock(measure)
            if clock is None:
                raise Unanswerable(f"{name} has no clock for {path}")
            return (period(row[clock.column], clock, last, self.world.model.project),)  # type: ignore[arg-type]
        if (path, name) not in self.found:
            self.found[path, name] = self.way(path, name, measure.source)
        return self.world.arrive(measure.source, row, self.found[path, name])

    def asked_of(self, name: str, measure: Measure, row: Row) -> Callable[[Name], Value]:
        return lambda asked: self.group_value(asked.text, name, measure, row)[0]

    def way(self, path: str, name: str, source: str) -> Way:
        """Return the path that is meant for a measure, as the question settles it or as its words say."""
        settled = self.question.paths.get(path, {})
        wanted = settled.get(name) or settled.get(source)
        if wanted is None:
            return self.world.meeting(source, path, sorted(self.sources()))
        ways = self.world.ways(source)
        full = (wanted, f"{wanted}.{path.rpartition('.')[2]}")
        found = only(
            [ways[text] for text in full[-1:] if text in ways] or [ways[text] for text in full if text in ways], path
        )
        if found is None:
            raise Unanswerable(f"{source} has no {wanted}")
        return found

    def sources(self) -> set[str]:
        found = set()
        for metric in self.question.metrics:
            for name, _ in self.measures(metric, Context()):
                body = self.world.model.metrics[name].body
                assert isinstance(body, Measure)
                found.add(body.source)
        return found

    def filter(self, text: str) -> Expr:
        """Return a filter of the question with its parameters in place."""
        parsed = parse_question_filter(text)
        assert parsed.expr is not None, parsed.problems

        def fill(node: Expr) -> Expr | None:
            return Literal(self.question.params[node.name]) if isinstance(node, Param) else None  # type: ignore[arg-type]

        return transform(parsed.expr, fill)

    # -- what a metric is worth ----------------------------------------------------------------------------------------

    def metric(self, name: str, context: Context, key: Key) -> Worth:
        """Return what a metric is worth in a cell. ``missing`` speaks where no row of it is; a row that says nothing is one."""
        metric = self.world.model.metrics[name]
        result = self.body(metric, context, key)
        if metric.missing is None or any(self.grouped(*measure).get(key) for measure in self.measures(name, context)):
            return result
        return Worth(apply("coalesce", [result.value, 0]) if metric.missing == "zero" else None, result.absent)

    def body(self, metric: Metric, context: Context, key: Key) -> Worth:
        match metric.body:
            case Measure() as measure:
                readers = self.grouped(metric.name, context).get(key, [])

                def of_rows(node: Expr) -> Worth:
                    assert isinstance(node, Aggregate)
                    return aggregate(node, readers, metric.decimals)

                return worth(measure.expr, of_rows)
            case Formula() as formula:

                def of_terms(node: Expr) -> Worth:
                    assert isinstance(node, Name)
                    return self.term(formula, node.text, context, key)

                return worth(formula.expr, of_terms)

    def term(self, formula: Formula, name: str, context: Context, key: Key) -> Worth:
        if name not in formula.terms:
            return Worth(exact(self.world.model.assumptions[name].value))
        term = formula.terms[name]
        found = self.metric(term.metric, context.under(term), key)
        if term.factor == 1:
            return found
        return replace(found, value=apply("*", [found.value, Fraction(term.factor)]))

    # -- rows of the result --------------------------------------------------------------------------------------------

    def group_columns(self) -> tuple[str, ...]:
        names: list[str] = []
        for path in self.question.by:
            if path.rpartition(".")[2] in PERIODS:
                names.append(column_name(path))
                continue
            names += self.world.columns(path, self.some_way(path))
        return tuple(names)

    def some_way(self, path: str) -> Way:
        """Return what any source of the question takes ``path`` for; the others mean the same thing."""
        sources = sorted(self.sources()) or [self.telling_source()]
        found = [way for way in (self.world.named(source, path) for source in sources) if way is not None]
        if not found:
            raise Unanswerable(f"nothing leads to {path}")
        return found[0]

    def named_in(self, columns: tuple[str, ...], row: tuple[Value, ...]) -> Callable[[Name], Value]:
        values = dict(zip(columns, row, strict=True))
        return lambda name: values[column_name(name.text)]

    def ordered(self, columns: tuple[str, ...], rows: list[tuple[Value, ...]]) -> list[tuple[Value, ...]]:
        """Return rows in the asked order, then by every group column; NULLs come last, whichever way a column runs."""
        wanted = [(column_name(name.removeprefix("-")), name.startswith("-")) for name in self.question.order]
        groups = len(columns) - len(self.question.metrics)
        runs = [(columns.index(name), down) for name, down in wanted] + [(index, False) for index in range(groups)]

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
        paths = [path for path in self.question.by if path not in PERIODS]
        able = [name for name in model.sources if all(self.world.named(name, path) for path in paths)]
        if len(able) > 1:
            able = [name for name in able if model.sources[name].describes in self.entities(paths)]
        if len(able) != 1:
            raise Unanswerable(f"{' and '.join(able) or 'nothing'} leads to {', '.join(self.question.by)}")
        return able[0]

    def entities(self, paths: list[str]) -> set[str | None]:
        sources = self.world.model.sources
        return {way.entity for name in sources for path in paths if (way := self.world.named(name, path)) is not None}

    def distinct(self) -> list[Key]:
        """Return each combination of group values that a row of the telling source has."""
        source = self.telling_source()
        clock = self.world.model.sources[source].clock(None)
        rows = Measure(source, Literal(None), None, None, None if clock is None else clock.column)
        asked = None if self.question.where is None else self.filter(self.question.where)
        found: dict[Key, None] = {}
        for row in self.world.rows[source]:
            if asked is not None and value_of(asked, self.asked_of("", rows, row)) is not True:
                continue
            if self.in_range(rows, row):
                found[tuple(value for path in self.question.by for value in self.group_value(path, "", rows, row))] = (
                    None
                )
        return list(found)


def answer_of(model: Model, tables: Tables, **keys: object) -> Answer:
    """Return the answer to a question written as for ``Layer.query``."""
    texts = ("metrics", "by", "order")
    return evaluate(model, tables, Question(**{k: tuple(v) if k in texts else v for k, v in keys.items()}))  # type: ignore[arg-type]

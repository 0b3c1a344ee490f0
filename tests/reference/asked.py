"""A question about a world: its measures, its times, and what its words mean for a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace

from decisionlayer.resolve.language import parse_question_filter
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, Param, names, transform
from decisionlayer.resolve.model import Clock, Formula, Measure, Target, Validity
from tests.reference.clocks import (
    SHORT,
    attribute,
    end_of,
    ending,
    instant,
    is_attribute,
    is_period,
    lies_between,
    period,
    stretch,
    timed,
    told_as,
)
from tests.reference.editions import Editions, Life
from tests.reference.language import Value, value_of
from tests.reference.looks import LOOKING, Look, below_the_whole, compared, look_of, mapped, opening
from tests.reference.many import own_path
from tests.reference.question import PLAIN, Cell, Context, Entry, Leaf, Part, Question
from tests.reference.spans import FOREVER, NEVER, Outside, Span, Wall, micros
from tests.reference.walks import Row, Unanswerable, Way, When, World, only


class Asked:
    """One question about one world, and what it says of any row."""

    def __init__(self, world: World, question: Question) -> None:
        self.world = world
        self.question = question = self._regrouped(question, world)
        self.wall = Wall(world.model.project)
        self.counted: dict[Leaf, list[Entry]] = {}
        #: The groups that come first; None where nothing is put together as the rest.
        self.first: set[tuple[Part, ...]] | None = None
        #: How many of the last splits say nothing about which groups come first.
        self.beyond_first = 0
        self.standing: dict[Leaf, list[Entry]] = {}
        self.found: dict[tuple[str, str], Way] = {}
        self.extents: dict[tuple[str, str | None], tuple[int, int] | None] = {}
        self.range = self._range()
        #: The days of named versions of reporting lines.
        self.versions = {name: day for line in world.model.hierarchies.values() for name, day in line.versions.items()}
        #: The asked period: the shortest of them, None where the range is the period.
        self.grain = self._grain(question.periods)
        self.editions = Editions(world.model, question, self.wall, self.versions)

    def _grain(self, periods: tuple[str, ...]) -> str | None:
        """Return the period that makes up all others; where none does, the one that is shortest by its name."""
        makes = [period for period in periods if all(self.wall.makes(period, other) for other in periods)]
        rank = ("week", "month", "quarter", "year")
        return next(iter(makes), min(periods, key=lambda period: rank.index(period) if period in rank else 0, default=None))

    @staticmethod
    def _regrouped(question: Question, world: World) -> Question:
        """Return the question under the line that one of its metrics is regrouped by, whatever stands above it."""
        waiting, days = list(question.metrics), set()
        while waiting:
            metric = world.model.metrics[waiting.pop()]
            if metric.translation is not None and metric.translation.regroup is not None:
                days.add(metric.translation.regroup.day)
            waiting += [term.metric for term in metric.body.terms.values()] if isinstance(metric.body, Formula) else []
        if len(days) > 1:
            raise Unanswerable("two lines at once")
        return replace(question, structure={"at": days.pop().isoformat()}, basis=None) if days else question

    def leaves(self, metric: str, context: Context = PLAIN, looks: tuple[Look, ...] = ()) -> Iterator[Leaf]:
        """Yield the measures that ``metric`` stands on, each with what the terms and functions on the way change about it."""
        for life in self.editions.every(self.world.model.metrics[metric]):
            name, around = self.defined(metric, context, life)
            yield from self.own_leaves(name, around, looks)

    def own_leaves(self, metric: str, context: Context, looks: tuple[Look, ...]) -> Iterator[Leaf]:
        """Yield the measures of one definition of a metric."""
        body = self.world.model.metrics[metric].body
        if isinstance(body, Measure):
            yield Leaf(metric, context, looks)
            return
        assert isinstance(body, Formula)
        yield from self._leaves_in(body.expr, body, context, (*looks, *opening(body)))

    def defined(self, metric: str, context: Context, life: Life | None) -> tuple[str, Context]:
        """Return a definition of a metric, and the context in which it counts only rows of its own time."""
        if life is None:
            return metric, context
        return life.edition.name, replace(context, life=life.span if context.life is None else context.life.cut(life.span))

    def definition(self, metric: str, context: Context, looks: tuple[Look, ...], cell: Cell) -> tuple[str, Context] | None:
        """Return the definition of a metric for what is read in a cell; None where it had none yet."""
        it = self.world.model.metrics[metric]
        if not it.editions:
            return metric, context
        life = self.editions.chosen(it, self.stretch(looks, cell))
        return None if life is None else self.defined(metric, context, life)

    def stretch(self, looks: tuple[Look, ...], cell: Cell) -> Span | None:
        """Return the stretch of time that is read in a cell, whatever the data; None where there is none."""
        span, looks = self.start_of(looks, cell.times)
        try:
            for look in looks:
                span = None if span is None else mapped(look, self._like_part(span), self.wall, self.range)
            return None if span is None else self.wall.told(span)
        except Outside:
            return None

    def start_of(self, looks: tuple[Look, ...], times: Part) -> tuple[Span | None, tuple[Look, ...]]:
        """Return the stretch from which looks read, and the looks: from the whole range below one that takes it, whatever is above that."""
        below = below_the_whole(looks)
        return self.span(times) if below == looks else self.range, below

    def _leaves_in(self, expr: Expr, formula: Formula, context: Context, looks: tuple[Look, ...]) -> Iterator[Leaf]:
        if isinstance(expr, Call) and expr.function in LOOKING:
            yield from self._leaves_in(expr.arguments[0], formula, context, (*looks, look_of(expr)))
        elif isinstance(expr, Call) and expr.function == "per":
            yield from self._leaves_in(expr.arguments[0], formula, context, looks)
        elif isinstance(expr, Call):
            for part in expr.arguments:
                yield from self._leaves_in(part, formula, context, looks)
        else:
            for name in names(expr):
                if name.text in formula.terms:
                    term = formula.terms[name.text]
                    yield from self.leaves(term.metric, context.under(term), looks)

    def asked(self) -> Iterator[Leaf]:
        """Yield the measures of all metrics and comparisons that are asked."""
        for metric in self.question.metrics:
            yield from self.leaves(metric, self.root(metric))
            for name in self.looked:
                yield from self.leaves(metric, self.root(metric), (self.compared(name),))

    def root(self, metric: str) -> Context:
        """Return the context of an asked metric: its parts end together, with the last row of any of them."""
        extents = [extent for leaf in self.leaves(metric) if (extent := self.extent(self.measure(leaf))) is not None]
        firsts, lasts = ([each[place] for each in extents] for place in (0, 1))
        return replace(PLAIN, first=min(firsts, default=None), last=max(lasts, default=None), asked=metric)

    @property
    def looked(self) -> tuple[str, ...]:
        """What is asked beside each number of other cells; a target is promised for the cell itself."""
        return tuple(name for name in self.question.compare if name != "target")

    @property
    def beside(self) -> tuple[str, ...]:
        """What stands beside each number: other cells as asked, and then what was promised for this one."""
        return self.looked + tuple(name for name in self.question.compare if name not in self.looked)

    def is_time_of(self, target: Target, times: Part) -> bool:
        """Say whether a target is for exactly the time of a cell."""
        bounds = [stretch(target.start)[0], stretch(target.end)[1]]
        own = Span(*(self._bound(bound) for bound in bounds if bound is not None))
        if any(is_attribute(path, self.question.calendars) or (timed(path, self.question.calendars) or ("", ""))[0] for path in self.question.by):
            return False
        span = self.span(times)
        return (span is not None and span.grain not in SHORT) and (span.begins, span.ends) == (own.begins, own.ends)

    def settled(self, path: str) -> str:
        """Return a path in full, as the first source of the question walks it."""
        ways = (self.world.named(source, path) for source in sorted(self.sources()))
        return next((way.text for way in ways if way is not None), path)

    def compared(self, name: str) -> Look:
        """Return the look that a comparison of the question is."""
        return compared(name, self.grain, self.range, self.wall)

    def measure(self, leaf: Leaf) -> Measure:
        body = self.world.model.metrics[leaf.metric].body
        assert isinstance(body, Measure)
        return body

    def clock(self, measure: Measure) -> Clock | None:
        return self.world.model.sources[measure.source].clock(measure.clock)

    def when(self, measure: Measure, row: Row) -> When:
        """Return when a row meets the versions of an entity: at its own time, or on the day that the question says."""
        clock, project = self.clock(measure), self.world.model.project

        def moment(valid: Validity, at: dt.date | None) -> dt.date | None:
            how, day = ("at", at) if at is not None else self.question.structured(valid.history, self.versions)
            if how == "as_was":
                if clock is None:
                    raise Unanswerable("rows without a clock met nothing")
                return told_as(row[clock.column], clock, valid.type.kind, valid.zone, project)  # type: ignore[arg-type]
            return end_of(day, valid.type.kind, valid.zone, project)

        return moment

    def point(self, measure: Measure, row: Row) -> int | None:
        """Return when a row was; a date is its first moment."""
        clock = self.clock(measure)
        when = None if clock is None else row[clock.column]
        if clock is None or when is None:
            return None
        assert isinstance(when, dt.date)
        project = self.world.model.project
        if not isinstance(when, dt.datetime):
            return self.wall.point(when)
        if when.tzinfo is None and (clock.zone or project.timezone) == project.timezone:
            return self.wall.point(when, later=True)
        return micros(instant(when, clock, project).replace(tzinfo=None))

    def in_range(self, measure: Measure, row: Row) -> bool:
        question, clock = self.question, self.clock(measure)
        if clock is None:
            return True
        return lies_between(row[clock.column], clock, question.start, question.end, self.world.model.project)  # type: ignore[arg-type]

    def _range(self) -> Span:
        begins, ends = NEVER, FOREVER
        if self.question.start is not None:
            begins = self._bound(stretch(self.question.start)[0])
        if self.question.end is not None and (bound := stretch(self.question.end)[1]) is not None:
            ends = self._ending(bound)
        return Span(begins, ends)

    def _bound(self, moment: dt.datetime) -> int:
        if moment.tzinfo is not None:
            return micros(moment.astimezone(dt.UTC).replace(tzinfo=None))
        return self.wall.point(moment)

    def _ending(self, moment: dt.datetime) -> int:
        try:
            return micros(ending(moment, self.world.model.project).replace(tzinfo=None))
        except OverflowError:
            return self._bound(moment)

    def extent(self, measure: Measure) -> tuple[int, int] | None:
        """Return the first and the last point of all rows of the source that have a time, whatever filters say."""
        key = (measure.source, measure.clock)
        if key not in self.extents:
            points = [self.point(measure, row) for row in self.world.rows[measure.source]]
            known = [point for point in points if point is not None]
            self.extents[key] = (min(known), max(known)) if known else None
        return self.extents[key]

    def span(self, times: Part) -> Span | None:
        """Return the stretch of a cell, cut by the range; None for the cell of rows without a time, or outside of the asked calendar."""
        found = Span(grain=self.grain)
        named = [(path, name) for path, name in zip(self.question.periods, times, strict=True) if name is not None]
        if self.question.periods and not named:
            return None
        for path, name in named:  # a day outside of a calendar is a day
            found = found.cut(self.wall.span_of(name, path))  # type: ignore[arg-type]
        return found.cut(self.range)

    def _like_part(self, span: Span) -> Span:
        """Return a span in which today lies up to and with today."""
        if self.question.today is None:
            return span
        tonight = self.wall.after(self.question.today, "day")
        return span.cut(Span(ends=tonight)) if span.begins < tonight and self.wall.point(self.question.today) < span.ends else span

    def reader(self, measure: Measure, row: Row) -> Callable[[Expr], Value]:
        when = self.when(measure, row)
        return lambda expr: value_of(expr, lambda name: self.world.read(measure.source, row, name.parts, when))

    def own_path(self, path: str, source: str) -> str:
        return ".".join(own_path(self.world, source, tuple(path.split("."))))

    def group_value(self, path: str, name: str, measure: Measure, row: Row) -> tuple[Value, ...]:
        """Return what a row has under an asked path: a period of its clock, or what the path leads to."""
        time = timed(path, self.question.calendars)
        if time is not None:
            (stem, last), project = time, self.world.model.project
            clock = self.world.model.sources[measure.source].clock(stem) if stem else self.clock(measure)
            if clock is None:
                raise Unanswerable(f"{name} has no clock for {path}")
            told = attribute if is_attribute(last, self.question.calendars) else period
            return (told(row[clock.column], clock, last, project),)  # type: ignore[arg-type]
        asked, path = path, self.own_path(path, measure.source)
        key = path, name or f" {measure.source}"
        if key not in self.found:
            own = None if name else self.world.named(measure.source, path)
            self.found[key] = own or self.way(path, name, measure.source, asked)
        return self.world.arrive(measure.source, row, self.found[key], self.when(measure, row))

    def asked_of(self, name: str, measure: Measure, row: Row) -> Callable[[Name], Value]:
        return lambda asked: self.group_value(asked.text, name, measure, row)[0]

    def way(self, path: str, name: str, source: str, asked: str = "") -> Way:
        """Return the path that is meant for a measure, as the question settles it or as its words say, which may name the source itself."""
        settled = self.question.paths.get(path, {})
        wanted = settled.get(name) or settled.get(source)
        if wanted is None:
            return self.world.meeting(source, path, {other: self.own_path(asked or path, other) for other in sorted(self.sources())})
        ways = self.world.ways(source)
        full = (wanted, f"{wanted}.{path.rpartition('.')[2]}")
        found = only(
            [ways[text] for text in full[-1:] if text in ways] or [ways[text] for text in full if text in ways], path
        )
        if found is None:
            raise Unanswerable(f"{source} has no {wanted}")
        return found

    def sources(self) -> set[str]:
        return {self.measure(leaf).source for metric in self.question.metrics for leaf in self.leaves(metric)}

    def filters(self) -> tuple[list[Expr], list[Expr]]:
        """Return the question's conditions on rows, and those on the period alone, which cut the range."""
        if self.question.where is None:
            return [], []
        asked = self.filter(self.question.where)
        parts = list(asked.arguments) if isinstance(asked, Call) and asked.function == "and" else [asked]
        of_time = [part for part in parts if names(part) and all(self.is_time(name.text) for name in names(part))]
        of_rows = [part for part in parts if part not in of_time]  # which stay together: of many rows they ask one and the same
        return [Call("and", tuple(of_rows))] if len(of_rows) > 1 else of_rows, of_time

    def is_time(self, path: str) -> bool:
        """Say whether a path is the time of each metric's own clock, or what that is called."""
        return is_period(path, self.question.calendars) or is_attribute(path, self.question.calendars)

    def filter(self, text: str) -> Expr:
        """Return a filter of the question with its parameters in place."""
        parsed = parse_question_filter(text)
        assert parsed.expr is not None, parsed.problems

        def fill(node: Expr) -> Expr | None:
            return Literal(self.question.params[node.name]) if isinstance(node, Param) else None  # type: ignore[arg-type]

        return transform(parsed.expr, fill)

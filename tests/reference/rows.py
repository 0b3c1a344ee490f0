"""The rows that a question reads: which a measure counts at all, which of them a cell reads, and which cells there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product

from decisionlayer.resolve.language import parse_question_filter
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, Param, names, transform
from decisionlayer.resolve.language.types import DATE
from decisionlayer.resolve.model import Bridge, Clock, Formula, Measure, Target, Validity
from tests.reference.clocks import (
    SHORT,
    attribute,
    end_of,
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
from tests.reference.followed import Followers
from tests.reference.language import Value, value_of
from tests.reference.looks import ACCUMULATING, LOOKING, Look, compared, fits, look_of, mapped, opening
from tests.reference.many import Chosen, Road, asked_road, combined, holds, own_path, parts_of, road_of, rows_beyond
from tests.reference.question import PLAIN, Cell, Context, Entry, Leaf, Part, Question
from tests.reference.spans import FOREVER, NEVER, Outside, Span, Wall, micros
from tests.reference.stocks import picked
from tests.reference.walks import Row, Unanswerable, Way, When, World, only


class Rows:
    """The rows of one question about one world."""

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

    # -- which rows a measure counts ------------------------------------------------------------------------------------

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
        span = self.span(cell.times)
        try:
            for look in looks:
                span = None if span is None else mapped(look, self._like_part(span), self.wall, self.range)
        except Outside:
            return None
        return span

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

    def entries(self, leaf: Leaf) -> list[Entry]:
        """Return the rows that a measure counts, whenever they were."""
        if leaf.bare not in self.counted:
            entries, measure = list(self._entries(leaf)), self.measure(leaf)
            if measure.match is not None:
                entries = Followers(self.world, measure, measure.match, self.reader, self.question.today).of(entries)
            self.counted[leaf.bare] = entries
        return self.counted[leaf.bare]

    def _entries(self, leaf: Leaf) -> Iterator[Entry]:
        measure, context = self.measure(leaf), leaf.context
        conditions = [condition for condition in (measure.where, *context.where) if condition is not None]
        of_rows, of_time = self.filters()
        for row in self.world.rows[measure.source]:
            if context.life is not None and not self.lies_in(context.life, measure, row):
                continue
            if not self.is_asked_about(leaf, row) or not all(self.says(condition, measure, row) is True for condition in conditions):
                continue
            if not all(self.says(condition, measure, row, leaf.metric) is True for condition in of_rows):
                continue
            for group, share in self.groups(leaf.metric, measure, row):
                yield replace(self.entry(leaf, measure, row, self.shown(group), of_time), share=share)

    def kinds(self, leaves: Iterator[Leaf]) -> list[Part]:
        """Return the values of the last split that rows of some measures have, whenever they were."""
        last = len(self.question.splits) - 1
        return list(dict.fromkeys(one.cell.group[last] for leaf in leaves for one in self.entries(leaf)))

    # -- from one to many ----------------------------------------------------------------------------------------------

    def says(self, condition: Expr, measure: Measure, row: Row, asked: str | None = None) -> Value:
        """Return what a condition says of a row, of the question about the metric ``asked``, or of a metric itself (None)."""
        source = measure.source

        def found(name: Name) -> tuple[Road, tuple[str, ...]] | None:
            if asked is None:
                return road_of(self.world, source, name.parts)
            return None if timed(name.text, self.question.calendars) else asked_road(self.world, source, name.parts)

        def road(name: Name) -> Road | None:
            known = found(name)
            return None if known is None else known[0]

        def own(expr: Expr) -> Value:
            return self.reader(measure, row)(expr) if asked is None else value_of(expr, self.asked_of(asked, measure, row))

        def beyond(expr: Expr) -> Expr:
            return transform(expr, lambda node: Name(known[1]) if isinstance(node, Name) and (known := found(node)) else None)

        def some(way: Road, expr: Expr) -> bool:
            inner = beyond(expr)
            there = self.many_of(way.source)
            inside = None if asked is None else ""
            return any(self.says(inner, there, one, inside) is True for one in rows_beyond(self.world, source, row, way, self.when(measure, row)))

        return holds(condition, road, own, some)

    def many_of(self, source: str) -> Measure:
        """Return the rows of a many side as something that is measured by its own clock."""
        clock = self.world.model.sources[source].clock(None)
        return Measure(source, Literal(None), None, None, None if clock is None else clock.column)

    def groups(self, name: str, measure: Measure, row: Row, splits: tuple[str, ...] | None = None) -> list[Chosen]:
        """Return the groups that a row counts in, each with its share where it is shared out."""
        splits = self.question.splits if splits is None else splits
        roads = {path: self.split_road(path, measure.source) for path in splits}
        crossed = list(dict.fromkeys(found[0] for found in roads.values() if found is not None))
        choices = []
        for road in crossed:
            own = tuple(".".join(found[1]) for found in roads.values() if found is not None and found[0] == road)
            there = self.many_of(road.source)

            def shown(line: Row, own: tuple[str, ...] = own, there: Measure = there) -> list[Chosen]:
                return self.groups("", there, line, own)

            nothing = tuple((None,) * len(self.world.columns(path, self.way_across(path, road.source))) for path in own)
            lines = rows_beyond(self.world, measure.source, row, road, self.when(measure, row))
            choices.append(list(parts_of(self.bridge(measure.source, road), lines, shown, nothing)))
        found: list[Chosen] = []
        for chosen, share in combined(choices):
            values = {road: list(part) for road, part in zip(crossed, chosen, strict=True)}
            found.append((tuple(
                values[met[0]].pop(0) if (met := roads[path]) is not None else self.group_value(path, name, measure, row) for path in splits
            ), share))  # fmt: skip
        return found

    def split_road(self, path: str, source: str) -> tuple[Road, tuple[str, ...]] | None:
        """Return the way of a split across a bridge that is declared."""
        found = None if timed(path, self.question.calendars) else asked_road(self.world, source, tuple(path.split(".")))
        return found if found is None or self.bridged(source, found[0]) is not None else None

    def way_across(self, path: str, source: str) -> Way:
        """Return what is read at the end of a path, whatever it crosses."""
        road = self.split_road(path, source)
        found = self.world.named(source, self.own_path(path, source)) if road is None else self.way_across(".".join(road[1]), road[0].source)
        if found is None:
            raise Unanswerable(f"{source} does not lead to {path}")
        return found

    def own_path(self, path: str, source: str) -> str:
        return ".".join(own_path(self.world, source, tuple(path.split("."))))

    def bridge(self, source: str, road: Road) -> Bridge:
        found = self.bridged(source, road)
        if found is None:
            raise Unanswerable(f"nothing says what becomes of a total over {road.step}")
        return found

    def bridged(self, source: str, road: Road) -> Bridge | None:
        """Return what is declared of a way to many rows."""
        return self.world.model.sources[self.world.walk(source, None, road.roles, None)[0]].bridges.get(road.step)

    def lies_in(self, life: Span, measure: Measure, row: Row) -> bool:
        """Say whether a row is of the time of a definition; one without a time is of none that began or ended."""
        if life.begins == NEVER and life.ends == FOREVER:
            return True
        point = self.point(measure, row)
        return point is not None and life.holds(point)

    def entry(self, leaf: Leaf, measure: Measure, row: Row, group: tuple[Part, ...], of_time: list[Expr]) -> Entry:
        lookup = self.asked_of(leaf.metric, measure, row)
        inside = self.in_range(measure, row) and all(value_of(condition, lookup) is True for condition in of_time)
        times = tuple(self.group_value(path, leaf.metric, measure, row)[0] for path in self.question.periods)
        clock = self.clock(measure)
        when = None if clock is None else row[clock.column]
        return Entry(row, self.reader(measure, row), when, self.point(measure, row), Cell(times, group), inside)  # type: ignore[arg-type]

    def shown(self, group: tuple[Part, ...]) -> tuple[Part, ...]:
        """Return a group as it is shown: as itself or, beyond the first ones, as the rest."""
        if self.first is None:
            return group
        ranked = len(group) - self.beyond_first
        called = {place for place, path in enumerate(self.question.splits) if is_attribute(path, self.question.calendars)}  # which are of time
        is_rest = tuple(part for place, part in enumerate(group[:ranked]) if place not in called) not in self.first
        parts = (part if place in called or not is_rest else (None,) * len(part) for place, part in enumerate(group[:ranked]))
        return (*parts, *group[ranked:], (is_rest,))

    def is_asked_about(self, leaf: Leaf, row: Row) -> bool:
        """Say whether a row is in the question at all: of the population, and not left out by anything that is true of it."""
        measure = self.measure(leaf)
        population = leaf.context.population if leaf.context.replaces else measure.population
        if population is not None and self.says(population, measure, row) is not True:
            return False
        return not any(self.says(when, measure, row) is True for when in (*(each.when for each in measure.excludes), *leaf.context.left_out))

    # -- stocks and conversions ---------------------------------------------------------------------------------------------

    def over_time(self, leaf: Leaf) -> str | None:
        """Return how a stock is read along time; None for what is no stock."""
        return leaf.context.over_time or self.measure(leaf).over_time

    def named_at(self, leaf: Leaf) -> list[int]:
        """Return the places of the splits that are what a period is called: of time, and no group that stands at every instant."""
        return [place for place in self.kept(leaf) if is_attribute(self.question.splits[place], self.question.calendars)]

    def standing_at(self, leaf: Leaf, times: Part, group: tuple[Part, ...]) -> list[Entry]:
        """Return the rows of the population in a period: they say at which instants a stock was measured."""
        if leaf.bare not in self.standing:
            measure = self.measure(leaf)
            _, of_time = self.filters()
            called = [path for path in self.question.splits if is_attribute(path, self.question.calendars)]
            self.standing[leaf.bare] = [
                self.entry(leaf, measure, row, tuple(self.group_value(path, leaf.metric, measure, row) for path in called), of_time)
                for row in self.world.rows[measure.source]
                if self.is_asked_about(leaf, row)
            ]
        found = self.chosen(self.standing[leaf.bare], leaf, times) or []
        named = tuple(group[place] for place in self.named_at(leaf))
        return [one for one in found if not named or one.cell.group == named]

    def picked(self, leaf: Leaf, entries: list[Entry], times: Part) -> list[Entry]:
        """Return the rows of a stock that count in a period; all of them where it is none."""
        how, measure = self.over_time(leaf), self.measure(leaf)
        if how is None:
            return entries

        def thing(entry: Entry) -> tuple[Value, ...]:
            when = self.when(measure, entry.row)
            return tuple(self.world.read(measure.source, entry.row, path, when) for path in measure.last_of_each)

        named = self.named_at(leaf)
        found: list[Entry] = []
        for called in dict.fromkeys(tuple(one.cell.group[place] for place in named) for one in entries):
            alike = [one for one in entries if tuple(one.cell.group[place] for place in named) == called]
            found += picked(alike, self.standing_at(leaf, times, alike[0].cell.group), how, thing)
        return found

    def reader(self, measure: Measure, row: Row) -> Callable[[Expr], Value]:
        when = self.when(measure, row)
        return lambda expr: value_of(expr, lambda name: self.world.read(measure.source, row, name.parts, when))

    # -- when ---------------------------------------------------------------------------------------------------------

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
            ends = self._bound(bound)
        return Span(begins, ends)

    def _bound(self, moment: dt.datetime) -> int:
        if moment.tzinfo is not None:
            return micros(moment.astimezone(dt.UTC).replace(tzinfo=None))
        return self.wall.point(moment)

    def extent(self, measure: Measure) -> tuple[int, int] | None:
        """Return the first and the last point of all rows of the source that have a time, whatever filters say."""
        key = (measure.source, measure.clock)
        if key not in self.extents:
            points = [self.point(measure, row) for row in self.world.rows[measure.source]]
            known = [point for point in points if point is not None]
            self.extents[key] = (min(known), max(known)) if known else None
        return self.extents[key]

    def span(self, times: Part) -> Span | None:
        """Return the stretch of a cell, cut by the range; None for the cell of rows without a time."""
        found = Span(grain=self.grain)
        for path, name in zip(self.question.periods, times, strict=True):
            if name is None:
                return None
            found = found.cut(self.wall.span_of(name, path))  # type: ignore[arg-type]
        return found.cut(self.range)

    # -- what a cell reads ----------------------------------------------------------------------------------------------

    def span_read(self, leaf: Leaf, times: Part) -> Span | None:
        """Return the stretch that a measure reads for a period; None where there is none, so that its value is missing."""
        span = self.span(times)
        if span is None:
            return None
        span = self._like_part(span)
        measure = self.measure(leaf)
        extent = self.extent(measure)
        try:
            for look in leaf.looks:
                if extent is not None and look.function in ACCUMULATING:
                    span = self._not_beyond(span, leaf.context.last or extent[1], look)
                if extent is not None and look.function == "first" and self.grain is not None:
                    first = extent[0] if leaf.context.first is None else leaf.context.first
                    span = span.cut(Span(self.wall.start_of(first, look.unit))) if span.holds(first) else span
                span = mapped(look, span, self.wall, self.range)
        except Outside:
            return None
        return None if extent is None or span.ends <= extent[0] or span.begins > extent[1] else span

    def length(self, looks: tuple[Look, ...], cell: Cell, unit: str) -> float | None:
        """Return how many units the period is long that is read through ``looks``."""
        span = self.span(cell.times)
        if span is None:
            return None
        span = self._like_part(span)
        try:
            for look in looks:
                span = mapped(look, span, self.wall, self.range)
            return self.wall.length(span, unit)
        except Outside:
            return None

    def check_length(self) -> None:
        """Without a split by time the range is the period, and has a length where it has both ends."""
        if self.range.begins == NEVER or self.range.ends == FOREVER:
            raise Unanswerable("per needs a period")

    def check_filled(self) -> None:
        """Gaps are filled between periods, so there must be some."""
        if self.question.fill is not None and not self.question.periods:
            raise Unanswerable("fill needs a period")

    def check_period(self, leaf: Leaf) -> None:
        """Without a split by time the range is the period; what only ends with it needs no beginning."""
        for look in leaf.looks:
            if not fits(look, self.grain, self.wall):
                raise Unanswerable(f"{look.unit} and {self.grain} are not made of each other")
        first = next((look.function for look in leaf.looks if not look.forgets), "")
        begins = first in ACCUMULATING or self.range.begins != NEVER
        if self.grain is None and first and not (begins and self.range.ends != FOREVER):
            raise Unanswerable(f"{leaf.metric} needs a period")

    def _like_part(self, span: Span) -> Span:
        """Return a span in which today lies up to and with today."""
        if self.question.today is None:
            return span
        tonight = self.wall.after(self.question.today, "day")
        return span.cut(Span(ends=tonight)) if span.begins < tonight and self.wall.point(self.question.today) < span.ends else span

    def _not_beyond(self, span: Span, last: int, look: Look) -> Span:
        """Return a span in which the data end up to the period of the last row, where that is shorter than the asked one.

        By month the last 28 days of a month that still runs are those up to the last row. By year the year up to two months
        before stays that year, also where the data end in the one before.
        """
        if self.grain is None or not span.holds(last) or span.ends == FOREVER:
            return span
        finest = self.wall.finest(self.grain, look.unit or self.grain)
        if finest == self.grain:
            return span
        try:
            return span.cut(Span(ends=self.wall.period_at(last, finest).ends))
        except Outside:  # of the calendar
            return span

    def read(self, leaf: Leaf, cell: Cell) -> list[Entry] | None:
        """Return the rows that a measure reads for a cell; None where it is asked about a time that the data do not touch."""
        entries = self.at(leaf, cell.times)
        if entries is None:
            return None
        kept = self.kept(leaf)
        if self.first is not None and any(place < len(self.question.splits) - self.beyond_first for place in kept):
            kept = [*kept, len(self.question.splits)]
        found = [one for one in entries if all(one.cell.group[place] == cell.group[place] for place in kept)]
        return found if len(kept) >= len(self.question.splits) else self.once(leaf, found, kept)

    def is_mean(self, leaf: Leaf) -> bool:
        """Say whether a measure is read day by day; by day a day is all that there is."""
        unit = next((look.unit for look in leaf.looks if look.function == "avg"), None)
        if unit is not None and self.grain is None:
            raise Unanswerable(f"{leaf.metric} needs a period")
        return unit is not None and not self.wall.makes(self.grain or "day", unit)

    def days(self, leaf: Leaf, times: Part) -> list[Span] | None:
        """Return what a measure reads on each day of a period, from the first to the last row of all that its number stands on."""
        span, extent = self.span(times), self.extent(self.measure(leaf))
        place = next(number for number, look in enumerate(leaf.looks) if look.function == "avg")
        unit = leaf.looks[place].unit
        found: list[Span] = []
        try:
            for look in leaf.looks[:place]:
                span = None if span is None else mapped(look, span, self.wall, self.range)
            if span is None or extent is None:
                return None
            first = extent[0] if leaf.context.first is None else leaf.context.first
            last = extent[1] if leaf.context.last is None else leaf.context.last
            point = max(span.begins, self.wall.start_of(first, unit))
            while point < min(span.ends, self.wall.period_at(last, unit).ends):
                day = self.wall.period_at(point, unit)
                point = day.ends
                for look in leaf.looks[place + 1 :]:
                    day = mapped(look, day, self.wall, self.range)
                found.append(day)
        except Outside:
            return None
        is_known = any(extent[0] < day.ends and day.begins <= extent[1] for day in found)
        return found if is_known else None

    def each_day(self, leaf: Leaf, cell: Cell) -> list[list[Entry]] | None:
        """Return the rows that a measure reads for a cell on each of its days."""
        days, entries = self.days(leaf, cell.times), self.read(leaf, cell)
        if not days or entries is None:
            return None
        return [[one for one in entries if one.point is not None and day.holds(one.point)] for day in days]

    def has_rows(self, leaf: Leaf, cell: Cell) -> bool:
        """Say whether a cell has rows of a measure; one of which no share is in its group is none."""
        return any(one.share is None or one.share for one in self.read(leaf, cell) or ())

    def once(self, leaf: Leaf, entries: list[Entry], kept: list[int]) -> list[Entry]:
        """Return rows that stand under several parts once each, where those parts are not told apart: with their share in what is kept."""
        measure = self.measure(leaf)
        if not any(self.split_road(path, measure.source) for path in self.question.splits):
            return entries
        if self.first is None:
            splits = tuple(self.question.splits[place] for place in kept)
            each = {id(one.row): one for one in entries}.values()
            return [replace(one, share=self.share_in(leaf, one, splits, tuple(one.cell.group[place] for place in kept))) for one in each]
        found: dict[int, Entry] = {}
        for one in entries:
            known = found.get(id(one.row))
            share = None if known is None or one.share is None or known.share is None else known.share + one.share
            found[id(one.row)] = one if known is None else replace(known, share=share)
        return list(found.values())

    def share_in(self, leaf: Leaf, one: Entry, splits: tuple[str, ...], group: tuple[Part, ...]) -> Fraction | None:
        """Return how much of a row counts in a group by some of the splits."""
        return dict(self.groups(leaf.metric, self.measure(leaf), one.row, splits))[group]

    def at(self, leaf: Leaf, times: Part) -> list[Entry] | None:
        """Return the rows that a measure reads for a period, of whatever group."""
        entries = self.chosen(self.entries(leaf), leaf, times)
        if entries is None:
            return None
        measure = self.measure(leaf)
        if self.is_like_for_like:
            members = self.members(leaf, times)
            entries = [one for one in entries if self.unit(measure, one.row) in members]
        return self.picked(leaf, entries, times)

    @property
    def is_like_for_like(self) -> bool:
        return (self.question.basis or "").startswith("like_for_like")

    def unit(self, measure: Measure, row: Row) -> tuple[Value, ...]:
        """Return which unit of the only reporting line a row is of."""
        (of,) = {line.of for line in self.world.model.hierarchies.values()}
        return self.group_value(of, "", measure, row)

    def members(self, leaf: Leaf, times: Part) -> set[tuple[Value, ...]]:
        """Return the units with rows in a period and in all that it is set beside, in each source and clock of the number that they are asked for."""
        own = self.measure(leaf)
        sides = {(one.source, one.clock): one for one in (self.measure(each) for each in self.leaves(leaf.context.asked))}
        found = [self.members_of(one, times) for one in (sides.values() if len(sides) > 1 else [own])]
        return {unit for unit in set.intersection(*found) if None not in unit}

    def members_of(self, measure: Measure, times: Part) -> set[tuple[Value, ...]]:
        """Return the units of which a source has rows in a period and in all that it is set beside."""
        found: set[tuple[Value, ...]] | None = None
        for looks in ((), *self.beside_each_other()):
            span = self.stretch(looks, Cell(times, ()))
            there = {
                self.unit(measure, row)
                for row in self.world.rows[measure.source]
                if span is not None and (point := self.point(measure, row)) is not None and span.holds(point)
            }
            found = there if found is None else found & there
        return found or set()

    def beside_each_other(self) -> list[tuple[Look, ...]]:
        """Return how the times are read that a question sets side by side: what it compares with, else what its formulas read."""
        compared = [(self.compared(name),) for name in self.looked]
        of_formulas = [tuple(look for look in leaf.looks if not look.forgets) for leaf in self.asked()]
        return compared or [looks for looks in dict.fromkeys(of_formulas) if looks]

    def chosen(self, entries: list[Entry], leaf: Leaf, times: Part) -> list[Entry] | None:
        """Return those of some rows that lie in what is read for a period."""
        looks = leaf.looks
        whole = any(look.forgets_time for look in looks)
        while any(look.forgets_time for look in looks):  # whatever is outside reads the whole range as well
            looks = looks[1:]
        if all(look.forgets for look in looks):
            return [one for one in entries if one.inside and (whole or one.cell.times == times)]
        if self.is_mean(leaf):
            days = self.days(leaf, times)
            return None if days is None else [one for one in entries if one.point is not None and any(day.holds(one.point) for day in days)]
        span = self.span_read(leaf, times)
        if span is None:
            return None
        return [one for one in entries if one.point is not None and span.holds(one.point)]

    def kept(self, leaf: Leaf) -> list[int]:
        """Return the places of the splits that no function above the measure drops."""
        places = list(range(len(self.question.splits)))
        for look in leaf.looks:
            if look.forgets:
                places = [place for place in places if self.question.splits[place] in look.keeps]
        return places

    # -- which cells there are --------------------------------------------------------------------------------------------

    def cells(self) -> list[Cell]:
        """Return the cells of the answer.

        Periods are those in which a measure of the question has a row in the range; in each of them stand the groups of which a
        metric reads a row there, be it of another time. What reads more than its group makes no cell, unless nothing else does, and
        what reads the whole range makes no period.
        Without any split there is one cell, whatever is read.
        """
        if not self.question.by:
            return [Cell((), ())]
        leaves = list(dict.fromkeys(self.asked()))
        times = list(dict.fromkeys(
            one.cell.times
            for leaf in [leaf for leaf in leaves if not self.forgets_time(leaf)] or leaves
            for one in self.entries(leaf)
            if one.inside and not (one.when is None and self.over_time(leaf))  # which stood at no instant
        ))  # fmt: skip
        if self.is_like_for_like:
            times = [time for time in times if any(self.at(leaf, time) for leaf in leaves)]
        if not self.question.periods:
            times = [()]
        if self.question.fill == "spine":
            times = self.filled(times)
        own = [leaf for leaf in leaves if self.reads_its_group(leaf)] or [leaf.bare for leaf in leaves]
        found = {time: dict.fromkeys(one.cell.group for leaf in own for one in self.at(leaf, time) or ()) for time in times}
        if self.question.fill == "spine":
            everybody = dict.fromkeys(group for groups in found.values() for group in groups)
            return [Cell(*both) for both in product(times, everybody or ([] if self.question.splits else [()]))]
        return [Cell(time, group) for time, groups in found.items() for group in groups]

    def reads_its_group(self, leaf: Leaf) -> bool:
        """Say whether a measure reads no more than the group of the cell, so that its rows make one."""
        return not self.forgets_time(leaf) and len(self.kept(leaf)) == len(self.question.splits)

    def forgets_time(self, leaf: Leaf) -> bool:
        """Say whether a measure reads the whole range, whatever the period."""
        return bool(self.question.periods) and any(look.forgets_time for look in leaf.looks)

    def is_asked(self, begins: int) -> bool:
        """Say whether the conditions on time alone keep a period, by where it begins."""
        _, of_time = self.filters()

        def told(name: Name) -> Value:
            if is_attribute(name.text, self.question.calendars):
                return attribute(self.wall.shown(begins), Clock("", "day", DATE, None), name.text, self.world.model.project)
            return self.called(begins, name.text)

        return all(value_of(each, told) is True for each in of_time)

    def filled(self, times: list[Part]) -> list[Part]:
        """Return every period of the range, or from the first to the last of ``times`` where the range is open."""
        if self.grain is None:
            return times
        place = self.question.periods.index(self.grain)
        known = [time[place] for time in times if time[place] is not None]
        is_open = self.range.begins == NEVER or self.range.ends == FOREVER
        if is_open and not known:
            return times
        begins = self.filled_by_calendar(known) if "." in self.grain else self.filled_in_steps(known)
        asked = [each for each in begins if self.is_asked(each)]
        named = [tuple(self.called(each, period) for period in self.question.periods) for each in asked]
        return named + [time for time in times if time[place] is None]

    def called(self, begins: int, period: str) -> Value:
        """Return the period in which another one begins; outside of a calendar there is none."""
        try:
            return self.wall.name_at(begins, period)
        except Outside:
            return None

    def filled_in_steps(self, known: list[Value]) -> list[int]:
        """Return where the periods begin from the first to the last of the range, or of what is ``known``."""
        assert self.grain is not None
        spans = [self.wall.span_of(name, self.grain) for name in known]  # type: ignore[arg-type]
        begins = self.range.begins if self.range.begins != NEVER else min(span.begins for span in spans)
        ends = self.range.ends if self.range.ends != FOREVER else max(span.ends for span in spans)
        found: list[int] = []
        while begins < ends:
            found.append(begins)
            begins = self.wall.period_at(begins, self.grain).ends
        return found

    def filled_by_calendar(self, known: list[Value]) -> list[int]:
        """Return where the periods begin that the calendar lists in the range, or between the first and the last of what is ``known``."""
        assert self.grain is not None
        listed, grain = self.wall.pages(self.grain)
        found: list[int] = []
        for one in listed.of[grain]:
            span = Span(self.wall.point(one.begins), self.wall.point(one.after))
            late = self.range.begins == NEVER and one.begins < min(known)  # type: ignore[type-var]
            early = self.range.ends == FOREVER and max(known) < one.begins  # type: ignore[type-var]
            if span.begins < self.range.ends and self.range.begins < span.ends and not late and not early:
                found.append(span.begins)
        return found

    # -- what the question's words mean for a row ----------------------------------------------------------------------

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

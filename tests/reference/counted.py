"""Which rows a measure counts, across bridges too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from decisionlayer.resolve.language.tree import Expr, Literal, Name, transform
from decisionlayer.resolve.model import Bridge, Measure
from tests.reference.asked import Asked
from tests.reference.clocks import (
    is_attribute,
    timed,
)
from tests.reference.followed import Followers
from tests.reference.language import Value, value_of
from tests.reference.many import Chosen, Road, asked_road, combined, holds, parts_of, road_of, rows_beyond
from tests.reference.question import Cell, Entry, Leaf, Part
from tests.reference.spans import FOREVER, NEVER, Span
from tests.reference.walks import Row, Unanswerable, Way


class Counted(Asked):
    """The rows that the measures of one question count."""

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

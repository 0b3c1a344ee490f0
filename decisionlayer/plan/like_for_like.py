"""Like for like: only units that have rows in both of the periods that are set beside each other.

::

    revenue by year and division, beside the year before, like_for_like

    members  unit | period         units with rows in a period and in the one before it
    rows     of a period: those of its members; of the one before: those of the members of the period that it is set beside

So a unit that opened or closed in between moves neither number. A unit is what the reporting line is of; it is there when its source
has a row of it, whatever the question or a metric keeps of them.
"""

from __future__ import annotations

from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.plan.bind.aliases import base_alias
from decisionlayer.plan.bind.bound import BoundQuestion
from decisionlayer.plan.bind.calendars import expanded
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.bind.cuts import Cuts
from decisionlayer.plan.bind.grids import Grid
from decisionlayer.plan.bind.periods import period_of, period_type
from decisionlayer.plan.bind.question import Binding
from decisionlayer.plan.bind.ranges import Edge, Range, Span, begins, bounds
from decisionlayer.plan.bind.result import BoundRows, Met
from decisionlayer.plan.bind.structure import Moment
from decisionlayer.plan.bind.timing import time_looks
from decisionlayer.plan.bind.tree import Node
from decisionlayer.plan.bind.walls import read_walls
from decisionlayer.plan.nodes import Aggregate, Cells, Compute, DrillAcross, Field, Keep, Output, State
from decisionlayer.plan.query import Query
from decisionlayer.resolve.drafting.looks import Look
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, conjunction
from decisionlayer.resolve.language.types import INTEGER
from decisionlayer.resolve.model import Clock, Model, Source
from decisionlayer.resolve.reach.paths import Paths, Route

MEMBERS, UNIT, PERIOD = "like_for_like", "unit", "period"


def likeness_of(
    query: Query, binding: Binding, question: BoundQuestion, model: Model
) -> tuple[Likeness | None, tuple[Finding, ...]]:
    """Return which units a question compares, and in which periods; None and the findings of what keeps it from that."""
    try:
        return Likeness(query, binding, question, model), ()
    except QueryError as refused:
        return None, refused.findings


class Likeness:
    """Which units are in all periods that a question sets side by side, source by source.

    It is settled once: what is worked out for the question in one of its own (a number under a mix) is of the same units.
    """

    def __init__(self, query: Query, binding: Binding, question: BoundQuestion, model: Model) -> None:
        if question.tree is None:
            raise _refused("`like_for_like` is about metrics, and the question names none", "leave `basis` out")
        self.query = query
        self.binding = binding
        self.bound = question
        self.tree = question.tree
        self.model = model
        self.columns = Columns.of(model)
        #: What is set side by side: the cell and what the question compares it with, else what its formulas read of other times.
        compared = tuple(node.context.looks for node in self.tree.compared.values())
        self.chains = tuple(dict.fromkeys(((), *(compared or (time_looks(leaf) for leaf in self.tree.leaves)))))
        self._check()

    def among(self, question: BoundQuestion) -> tuple[BoundQuestion | None, tuple[Finding, ...]]:
        """Return a question with each measure over the rows of those units; None and the findings of what keeps it from that."""
        try:
            rows: dict[Node | None, BoundRows] = {
                leaf: self._among(leaf, each, time_looks(leaf)) for leaf, each in question.rows.items() if leaf is not None
            }
            cells = zip(rows, question.rows_of_cells, strict=False)
            asked = tuple(self._among(leaf, each, ()) for leaf, each in cells if leaf is not None)
            note = f"like for like: only what is {self._unit_name()} with rows in every period that is set side by side"
        except QueryError as refused:
            return None, refused.findings
        return replace(question, rows=rows, rows_of_cells=asked, notes=(*question.notes, note)), ()

    # what cannot be said

    def _check(self) -> None:
        if len(self.chains) == 1:
            raise _refused(
                "`like_for_like` sets the units of one period beside the same in another, and the question compares nothing",
                "say what with, such as `compare: [previous]`, or ask with `basis: restated`",
            )
        if self.query.rest:
            raise _refused(
                "`rest` gathers what lies beyond the first groups of the whole range, and like for like each period has units of its own",
                "leave `rest` out, or ask with `basis: restated`, which keeps the units that are in one period only",
            )
        for leaf in self.tree.leaves:
            look = next((each for each in leaf.context.looks if each.function not in ("prior", "total") or each.drops_time), None)
            if look is not None:
                raise _not_built(f"`like_for_like` of `{leaf.metric.name}` under `{look.function}`")
        key = self.bound.key
        range = self.binding.range
        if key is None:
            return
        project = self.model.project
        for edge in (range.start, range.end):
            if edge is not None and begins(edge.wall, key[1], project) != edge.wall:
                raise _not_built(f"`like_for_like` where the range cuts a {key[1]}", f"let `start` and `end` take in whole {key[1]}s")
        # What a formula reads is of the same units, also where the question says itself which periods it compares.
        read = (*self.chains, *(time_looks(leaf) for leaf in self.tree.leaves))
        for look in dict.fromkeys(look for chain in read for look in chain):
            unit = look.unit or key[1]
            if unit != key[1] and not project.almanac.is_whole(key[1], unit) and (key[1], unit) != ("day", "day"):
                raise _not_built(f"`like_for_like` by {key[1]} beside a {unit} before", f"ask by {unit}")
            if key[1] in ("day", "week") and unit not in ("day", "week"):
                raise _not_built(f"`like_for_like` by {key[1]} beside a {unit} before", "ask by month, or beside the same weekday")

    # which unit

    def _unit_name(self) -> str:
        return f"a {self._entity()}"

    def _entity(self) -> str:
        """Return what a unit is: what the lines are of that the question goes through, or the only ones that it could."""
        met = {source.name: source for (_, day), source in self.binding.met.items() if day is None}
        own = {line.of for line in self.model.hierarchies.values() if line.source in met}
        own |= {source.describes for name, source in met.items() if source.describes and name not in _lines(self.model)}
        if not own:
            bases = {leaf.rows_are_of for leaf in self.tree.leaves}
            own = {line.of for line in self.model.hierarchies.values() if all(len(self._ways(base, line.of)) == 1 for base in bases)}
        if len(own) != 1:
            raise _refused(
                "`like_for_like` does not know which units to compare: "
                + ("the question goes through no reporting line" if not own else f"{' and '.join(sorted(own))} are all there"),
                "split or filter by one reporting line, such as `org.division`",
            )
        return next(iter(own))

    def _ways(self, source: str, entity: str) -> tuple[Route, ...]:
        return Paths.of(self.model).to_attribute(source, entity, None)

    def _units(self, source: str) -> tuple[Expr, ...]:
        entity = self._entity()
        ways = self._ways(source, entity)
        if len(ways) != 1:
            raise _refused(
                f"`{source}` leads to a {entity} in {len(ways)} ways, and `like_for_like` takes one unit for each row",
                "ask with `basis: restated`",
            )
        return self.columns.at(ways[0])

    # rows

    def _among(self, leaf: Node, rows: BoundRows, chain: tuple[Look, ...]) -> BoundRows:
        """Return the rows of a measure that are of members of the period which they are shown in, that of the cells under ``chain``."""
        source = self.model.sources[rows.source]
        clock = source.clock(leaf.measure.clock)
        if clock is None:
            raise _refused(f"`{leaf.metric.name}` has no clock, and `like_for_like` compares periods", "leave `basis` out")
        units = self._units(rows.source)
        on = [(unit, f"{UNIT}_{number}" if number else UNIT) for number, unit in enumerate(units)]
        if self.bound.key is not None:
            on.append((self._period(source, clock, chain), PERIOD))
        # Rows that are looked up in two ways stand under two names, or a shared scan would take them for one.
        words = (MEMBERS, leaf.context.among if self.bound.key is not None else None, leaf.context.members)
        alias = "_".join(word for word in words if word)
        met = Met(self._members(self._sides(leaf, source, clock)), alias, tuple(on))
        known = Call("not", (Call("is_null", (Name((alias, UNIT)),)),))
        return replace(rows, met=met, conditions=(*rows.conditions, known), ways=(*rows.ways, *self._ways(rows.source, self._entity())))

    def _period(self, source: Source, clock: Clock, chain: tuple[Look, ...]) -> Expr:
        """Return the asked period that a row is shown in: its own, or the one that it is read for."""
        assert self.bound.key is not None
        unit = self.bound.key[1]
        project = self.model.project
        shown = period_of(clock, base_alias(source), unit, project)
        for look in reversed(chain):
            shown = Grid(unit, project).moved(shown, look.count, look.unit or unit)
        return expanded(shown, project)

    def _sides(self, leaf: Node, source: Source, clock: Clock) -> tuple[tuple[Source, Clock], ...]:
        """Return where a unit must have rows: in the source of a measure, or in all sources of the number that it is part of."""
        if leaf.context.members is None:
            return ((source, clock),)
        found: dict[tuple[str, str], tuple[Source, Clock]] = {}
        for each in self.tree.leaves:
            here = self.model.sources[each.rows_are_of]
            told = here.clock(each.measure.clock)
            if each.context.members == leaf.context.members and told is not None:
                found[here.name, told.column] = here, told
        return tuple(found[name] for name in sorted(found))

    def _members(self, sides: tuple[tuple[Source, Clock], ...]) -> Cells:
        """Return the units that have rows in a period and in all that it is set beside, by period where there is one."""
        inputs: list[Cells] = []
        counts: list[str] = []
        for number, ((source, clock), chain) in enumerate((side, chain) for side in sides for chain in self.chains):
            units = self._units(source.name)
            names = [f"{UNIT}_{place}" if place else UNIT for place in range(len(units))]
            keys = [
                Output(name, self.columns.type_of(source.name, unit), unit) for name, unit in zip(names, units, strict=True)
            ]
            if self.bound.key is not None:
                keys.append(Output(PERIOD, period_type(self.bound.key[1]), self._period(source, clock, chain)))
            count = State(f"rows_{number}" if number else "rows_here", INTEGER, "count", None)
            counts.append(count.name)
            alias = base_alias(source)
            reach = _reach(self.binding.editions.reach(chain), self.binding.range) if chain else self.binding.range
            moment = Moment(self.binding.structure, clock, alias, self.model, self.query)
            conditions = [
                *bounds(clock, alias, reach, self.model.project),
                *self._so_far(source, clock, chain),
                *moment.known(source, alias),
                # What has no unit is in no period, and a row without a time in none that could have one before it.
                *(Call("not", (Call("is_null", (key.expr,)),)) for key in keys),
            ]
            read = (*(key.expr for key in keys), *conditions)
            ways = [self.columns.way_to(way)[:-1] for way in self._ways(source.name, self._entity())]
            rows = self.columns.rows(source.name, read, also=ways, moment=moment)
            condition = conjunction(tuple(conditions))
            inputs.append(Aggregate(rows if condition is None else Keep(rows, condition), tuple(keys), (count,), clock.column))
        known = tuple(Field(key.name, key.type) for key in keys)
        both = conjunction(tuple(Call(">", (Name((count,)), Literal(0))) for count in counts))
        return Compute(DrillAcross(tuple(inputs), known, frozenset(counts)), known, (), both)

    def _so_far(self, source: Source, clock: Clock, chain: tuple[Look, ...]) -> tuple[Expr, ...]:
        """Return that, beside the period of today, only the like part of another counts: who came later was not there by this day of it."""
        if self.bound.key is None or not chain:
            return ()
        unit, project = self.bound.key[1], self.model.project
        tonight = Cuts(project, self.binding.range, self.query.today).tonight(unit)
        if tonight is None:
            return ()
        first = begins(tonight.wall, unit, project)
        part = read_walls(chain, first, tonight.wall, project, unit)
        if part is None or part[1] is None:
            return ()
        within = conjunction(bounds(clock, base_alias(source), Range(None, Edge(part[1]), (None, None)), project))
        assert within is not None
        elsewhere = Call("<>", (self._period(source, clock, chain), Literal(Grid(unit, project).on(first.date()))))
        return (Call("or", (elsewhere, within)),)


def _lines(model: Model) -> frozenset[str]:
    return frozenset(line.source for line in model.hierarchies.values())


def _reach(span: Span, asked: Range) -> Range:
    start, end = (None if wall is None else Edge(wall) for wall in span)
    return Range(start, end, asked.texts)


def _refused(message: str, help: str) -> QueryError:
    return QueryError(Finding("bad-question", "question", message, help=help))


def _not_built(what: str, help: str = "ask with `basis: restated`, which keeps the units that are in one period only") -> QueryError:
    return QueryError(Finding("not-built", "question", f"{what} is not answered by this version yet", help=help))

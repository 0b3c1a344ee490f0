"""Cuts: the periods that the ends of a range, or the end of today, fall into, and what of them is asked."""

from __future__ import annotations

import datetime as dt

from decisionlayer.frozen import dataclass
from decisionlayer.plan.bind.grids import Grid, Interval, has_outside, moved_wall
from decisionlayer.plan.bind.moments import earliest, ending
from decisionlayer.plan.bind.ranges import Edge, Range, begins
from decisionlayer.resolve.frames.timeunits import is_below_a_day, is_clocked
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name, Value
from decisionlayer.resolve.model import Project


@dataclass(frozen=True, slots=True)
class Cuts:
    """The ends of a question's range and of today, as values of any grid of periods."""

    project: Project
    range: Range
    today: dt.date | None

    def is_cut(self, unit: str) -> bool:
        """Say whether the range begins or ends within a period of this unit, or outside of all of them."""
        edges = [edge for edge in (self.range.start, self.range.end) if edge is not None]
        return self._leaves(unit) or any(begins(edge.wall, unit, self.project) != edge.wall for edge in edges)

    def _leaves(self, unit: str) -> bool:
        """Say whether the range has days in it that lie in no period of a file, and keeps others of them out."""
        if not has_outside(unit, self.project) or self.range.is_open:
            return False
        edges = (self.range.start, self.range.end)
        return any(edge is None or moved_wall(edge.wall, 0, unit, self.project) is None for edge in edges)

    def edge_unit(self) -> str:
        """Return the longest period, of a day or shorter, that begins wherever the range begins and ends."""
        edges = [edge.wall for edge in (self.range.start, self.range.end) if edge is not None]
        units = ("day", "hour", "minute", "second")
        return next((unit for unit in units if all(begins(wall, unit, self.project) == wall for wall in edges)), "millisecond")

    def cell(self, key: str, grid: Grid, base: Grid) -> Interval:
        """Return the cell's own interval as values of the base grid, cut where the range cuts it."""
        period: Expr = Name((key,))
        first, before = base.holding(period, grid), base.holding(grid.next(period), grid)
        start = self.range.start
        opens_inside = is_cut = False
        if start is not None and (cut := self._cut(start, grid, base)) is not None:
            first = Case(((Call("=", (period, cut[0])), cut[1]),), first)
            opens_inside = True
        # The period of today may end earlier than the range, which may cut a later one.
        for end in (self.range.end, self.tonight(grid.unit)):
            if end is not None and (cut := self._cut(end, grid, base)) is not None:
                before = Case(((Call("=", (period, cut[0])), cut[1]),), before)
                is_cut = True
        return Interval(first, before, is_cut=is_cut, opens_inside=opens_inside)

    def tonight(self, unit: str) -> Edge | None:
        """Return the end of today where an asked period still runs then: what it is compared with ends in like manner."""
        if self.today is None or is_below_a_day(unit):
            return None
        tonight = dt.datetime.combine(self.today, dt.time()) + dt.timedelta(days=1)
        start, end = self.range.start, self.range.end
        if (end is not None and end.wall <= tonight) or (start is not None and tonight <= start.wall):
            return None  # today lies outside of what is asked
        return None if begins(tonight, unit, self.project) == tonight else Edge(tonight)

    def _cut(self, edge: Edge, grid: Grid, base: Grid) -> tuple[Expr, Expr] | None:
        """Return the period that an edge cuts, and the edge, as values of the two grids; None where it cuts none."""
        period = begins(edge.wall, grid.unit, self.project)
        if period == edge.wall:
            return None
        at = self._at(edge, base)
        if is_below_a_day(grid.unit) and not is_clocked(grid.unit) and isinstance(at, dt.datetime):
            return Literal(at - (edge.wall - period)), Literal(at)  # an hour that comes twice is two
        return Literal(self._value(period, grid)), Literal(at)

    def _at(self, edge: Edge, grid: Grid) -> Value:
        """Return an end of the range as a value of a grid; a time that comes twice ends with the second and begins with the first."""
        if not grid.is_instant:
            return edge.wall.date()
        if edge.instant is not None:
            return edge.instant
        return (ending if edge is self.range.end else earliest)(edge.wall, self.project.timezone)

    def _value(self, wall: dt.datetime, grid: Grid) -> Value:
        return earliest(wall, self.project.timezone) if grid.is_instant else wall.date()

    def asked(self, key: str, grid: Grid) -> tuple[Expr, ...]:
        """Return the range as a condition over the asked periods; what lies in none of them is in the range where its rows are."""
        within = self.within(key, grid)
        if not self._leaves(grid.unit):
            return within
        nowhere = Call("is_null", (Name((key,)),))
        return tuple(Call("or", (condition, nowhere)) for condition in within)

    def within(self, column: str, grid: Grid) -> tuple[Expr, ...]:
        """Return the range as a condition over a column of periods: from the one that it begins in to the one that it ends in."""
        found: list[Expr] = []
        if self.range.start is not None:
            first = begins(self.range.start.wall, grid.unit, self.project)
            found.append(Call(">=", (Name((column,)), Literal(self._value(first, grid)))))
        if self.range.end is not None:
            within = not grid.is_instant and self.range.end.wall.time() != dt.time()
            found.append(Call("<=" if within else "<", (Name((column,)), Literal(self._at(self.range.end, grid)))))
        return tuple(found)

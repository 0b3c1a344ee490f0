"""Levels are merged from the states of the finest one: rows are read once, whatever the number of levels.

::

    before: stack                                      after: stack
              aggregate by month, region  (2 levels)            roll up by month, region  (2 levels)
                keep day >= 2024-12-01                              aggregate by month, year, region
              aggregate by year                                       keep day >= 2024-01-01
                keep day >= 2024-01-01                            roll up by year
                                                                    the same aggregate

What does not merge, a distinct count or a quantile, stays with the rows, and is counted for all levels of a part at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce

from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan import operations
from decisionlayer.plan.bases import MERGES
from decisionlayer.plan.bind.moments import earliest, latest, zone
from decisionlayer.plan.bind.ranges import WEEKDAYS
from decisionlayer.plan.kinds.measure import COUNTS
from decisionlayer.plan.nodes import (
    LEVEL,
    Aggregate,
    Cells,
    Compute,
    DrillAcross,
    Field,
    Instants,
    Join,
    Keep,
    Merge,
    Output,
    Present,
    RollUp,
    Rows,
    Scan,
    SemiJoin,
    Spine,
    Stack,
    State,
    over_rows,
)
from decisionlayer.plan.rules.share_scans import agree, joined, met_by
from decisionlayer.plan.rules.walking import conjuncts, with_inputs
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, conjunction
from decisionlayer.resolve.reach.grain import is_whole_periods


def merge_levels(root: Present) -> Present:
    """States are counted once, for the finest level, and merged upwards for the others."""
    stack = root.input
    if not isinstance(stack, Stack):
        return root
    made = list(stack.inputs)
    for family in dict.fromkeys(stack.families):
        places = [place for place, each in enumerate(stack.families) if each == family]
        found = [aggregate for place in places for aggregate in _counting(stack.inputs[place][0])]
        replaced = _merged(list({id(each): each for each in found}.values()))
        if replaced:
            done: dict[int, Cells] = {}
            for place in places:
                cells, level = made[place]
                made[place] = (_with(cells, replaced, done), level)
    if all(new[0] is old[0] for new, old in zip(made, stack.inputs, strict=True)):
        return root
    return replace(root, input=replace(stack, inputs=tuple(made)))


def _with(cells: Cells, replaced: dict[int, Cells], done: dict[int, Cells]) -> Cells:
    """Return cells with some aggregates replaced; what several nodes read stays one."""
    if id(cells) not in done:
        made = replaced.get(id(cells))
        done[id(cells)] = with_inputs(cells, lambda below: _with(below, replaced, done)) if made is None else made
    return done[id(cells)]


def _counting(cells: Cells) -> Iterator[Aggregate]:
    """Yield the aggregates over rows that cells stand on; what is met with rows, or tells how far data reach, is none of them."""
    match cells:
        case Aggregate():
            yield cells
        case DrillAcross():
            for each in (*cells.inputs, *cells.beside):
                yield from _counting(each)
        case Spine():
            for each, _ in cells.inputs:
                yield from _counting(each)
        case Stack():
            for each, _ in cells.inputs:
                yield from _counting(each)
        case Instants():
            pass
        case _:
            yield from _counting(cells.input)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A condition on the rows of one aggregate that is as well one on a period: ``sign`` and a value of ``key``."""

    condition: Expr
    clock: Name
    sign: str
    key: str
    value: dt.date


@dataclass(frozen=True, slots=True)
class _Member:
    """An aggregate that may be merged from finer states: its rows without their filter, what they meet, and the parts of the filter."""

    aggregate: Aggregate
    rows: Rows
    met: Mapping[str, object]
    conditions: tuple[Expr, ...]

    @property
    def merging(self) -> tuple[State, ...]:
        """The states that merge."""
        return tuple(state for state in self.aggregate.states if state.function in MERGES)


def _merged(aggregates: Iterable[Aggregate]) -> dict[int, Cells]:
    """Return, for each aggregate that finer states make up, what takes its place."""
    groups: list[list[_Member]] = []
    for each in aggregates:
        rows, condition = (each.input.input, each.input.condition) if isinstance(each.input, Keep) else (each.input, None)
        if not _is_plain(rows) or _tells_reach(each):
            continue
        member = _Member(each, rows, met_by(rows), conjuncts(condition))
        if member.merging or not each.states:
            own = next((group for group in groups if _are_one(group, member)), None)
            if own is None:
                groups.append([member])
            else:
                own.append(member)
    made: dict[int, Cells] = {}
    for members in groups:
        made |= _of_source(members)
    return made


def _is_plain(rows: Rows) -> bool:
    """Whether rows are those of a relation, joined and filtered; what is laid under periods or derived is of one part only."""
    while not isinstance(rows, Scan):
        if not isinstance(rows, Join | SemiJoin | Keep):
            return False
        rows = rows.input
    return True


def _are_one(group: list[_Member], member: _Member) -> bool:
    """Whether rows can be read in one pass: of one source, and under one alias nothing but one thing, met in one way."""
    if over_rows(group[0].rows).source != over_rows(member.rows).source:
        return False
    return all(agree(each.met, member.met) for each in group)


def _tells_reach(aggregate: Aggregate) -> bool:
    """Whether an aggregate is the first and last time of all rows, which has nothing to do with levels."""
    states = aggregate.states
    return not aggregate.keys and bool(states) and all(state.name.endswith(("__first", "__last")) for state in states)


def _of_source(members: list[_Member]) -> dict[int, Cells]:
    keys = _keys(members)
    if keys is None:
        return {}
    common = tuple(each for each in members[0].conditions if all(each in member.conditions for member in members))
    bounds: dict[int, tuple[_Bound, ...]] = {}
    for member in members:
        own = [_bound(each, keys.values()) for each in member.conditions if each not in common]
        known = tuple(each for each in own if each is not None)
        if len(known) < len(own):
            rest = [each for each in members if each is not member]
            return _of_source(rest) if rest else {}
        bounds[id(member.aggregate)] = known
    if sum(len(member.aggregate.levels) or 1 for member in members) < 2:
        return {}
    derived = _derived(keys)
    kept = tuple(key for key in keys.values() if key.name not in derived)
    finest, names = _finest(members, kept, (*common, *_widest(list(bounds.values()))))
    return {
        id(member.aggregate): _from_finer(member, finest, names, derived, bounds[id(member.aggregate)]) for member in members
    }


def _derived(keys: Mapping[str, Output]) -> dict[str, Expr]:
    """Return the periods that follow from shorter ones among the keys, each as an expression over the shortest."""
    found: dict[str, Expr] = {}
    for key in keys.values():
        finer = [other for other in keys.values() if other is not key and _makes_up(other.expr, key.expr)]
        shortest = next((each for each in finer if not any(_makes_up(other.expr, each.expr) for other in finer)), None)
        if shortest is not None and isinstance(key.expr, Call):
            found[key.name] = replace(key.expr, arguments=(Name((shortest.name,)), *key.expr.arguments[1:]))
    return found


def _makes_up(fine: Expr, coarse: Expr) -> bool:
    """Whether a period of days follows from another one of the same clock."""
    match coarse:
        case Call(function=operations.PERIOD_DAY, arguments=(inner, Literal(value=str(unit)), _)):
            if fine == inner:  # the days themselves
                return unit != "day"
            match fine:
                case Call(function=operations.PERIOD_DAY, arguments=(other, Literal(value=str(finer)), _)):
                    return other == inner and finer != unit and is_whole_periods(finer, unit)
    return False


def _keys(members: Iterable[_Member]) -> dict[str, Output] | None:
    """Return the keys of all members; None where one name stands for two things."""
    keys: dict[str, Output] = {}
    for member in members:
        for key in member.aggregate.keys:
            if keys.setdefault(key.name, key).expr != key.expr:
                return None
    return keys


def _finest(members: list[_Member], keys: tuple[Output, ...], conditions: tuple[Expr, ...]) -> tuple[Aggregate, dict[State, str]]:
    """Return the aggregate of all states by all keys, and the column of each state."""
    rows = reduce(joined, (member.rows for member in members))
    condition = conjunction(conditions)
    taken = {key.name.casefold() for key in keys} | {LEVEL.name}
    columns: dict[object, State] = {}
    names: dict[State, str] = {}
    for member in members:
        for state in member.merging:
            content = (state.function, state.argument, state.where)
            if content not in columns:
                name, number = state.name, 1
                while name.casefold() in taken:
                    number += 1
                    name = f"{state.name}_{number}"
                taken.add(name.casefold())
                columns[content] = replace(state, name=name)
            names[state] = columns[content].name
    return Aggregate(rows if condition is None else Keep(rows, condition), keys, tuple(columns.values())), names


def _from_finer(
    member: _Member, finest: Aggregate, names: dict[State, str], derived: Mapping[str, Expr], bounds: tuple[_Bound, ...]
) -> Cells:
    aggregate = member.aggregate
    keys = tuple(Output(key.name, key.type, derived.get(key.name, Name((key.name,)))) for key in aggregate.keys)
    asked = _conditions(finest)
    where = conjunction(tuple(
        Call(each.sign, (derived.get(each.key, Name((each.key,))), Literal(each.value))) for each in bounds if each.condition not in asked
    ))  # fmt: skip
    merging = member.merging
    groups = tuple(Field(key.name, key.type) for key in aggregate.keys)
    if not aggregate.levels and [key.name for key in keys] == [key.name for key in finest.keys]:
        made: Cells = Compute(finest, groups, tuple(Output(each.name, each.type, Name((names[each],))) for each in merging), where)
    else:
        columns = tuple(Merge(state.name, state.type, MERGES[state.function], names[state]) for state in merging)
        counts = frozenset(state.name for state in merging if state.function in COUNTS)
        made = RollUp(finest, keys, columns, aggregate.levels, counts, where)
    others = tuple(state for state in aggregate.states if state.function not in MERGES)
    if not others:
        return made
    known = (*groups, *((LEVEL,) if aggregate.levels else ()))
    counted = frozenset(state.name for state in aggregate.states if state.function in COUNTS)
    return DrillAcross((made, replace(aggregate, states=others)), known, counted)


def _conditions(finest: Aggregate) -> tuple[Expr, ...]:
    return conjuncts(finest.input.condition) if isinstance(finest.input, Keep) else ()


# ranges


def _bound(condition: Expr, keys: Iterable[Output]) -> _Bound | None:
    """Return a condition on a clock as one on a period that begins there; None where it cuts every period."""
    if not isinstance(condition, Call) or condition.function not in (">=", "<") or len(condition.arguments) != 2:
        return None
    column, literal = condition.arguments
    if not isinstance(column, Name) or not isinstance(literal, Literal) or not isinstance(literal.value, dt.date):
        return None
    for key in keys:
        value = _begins_at(key.expr, column, literal.value)
        if value is not None:
            return _Bound(condition, column, condition.function, key.name, value)
    return None


def _begins_at(key: Expr, column: Name, at: dt.date) -> dt.date | None:
    """Return the period of ``key`` that begins at a value of its clock; None where the value lies within one."""
    if key == column and not isinstance(at, dt.datetime):
        return at
    match key:
        case Call(function=operations.PERIOD_DAY, arguments=(inner, Literal(value=str(unit)), Literal(value=str(week_start)))):
            wall = _wall(inner, column, at)
            return wall.date() if wall is not None and _is_start(wall, unit, week_start) else None
        case _:
            return None


def _is_start(wall: dt.datetime, unit: str, week_start: str) -> bool:
    """Whether a period of ``unit``, a day or longer, begins at ``wall``."""
    if wall.time() != dt.time():
        return False
    match unit:
        case "day":
            return True
        case "week":
            return WEEKDAYS[wall.weekday()] == week_start
        case "month" | "quarter" | "year":
            months = {"month": 1, "quarter": 3, "year": 12}[unit]
            return wall.day == 1 and (wall.month - 1) % months == 0
        case _:
            return False


def _wall(inner: Expr, column: Name, at: dt.date) -> dt.datetime | None:
    """Return a value of a clock as the wall clock that its periods are cut by; None where that comes twice."""
    if inner == column:
        return at.replace(tzinfo=None) if isinstance(at, dt.datetime) else dt.datetime.combine(at, dt.time())
    match inner:
        case Call(function=operations.WALL, arguments=(held, Literal(value=held_in), Literal(value=str(home)))) if held == column:
            if not isinstance(at, dt.datetime):
                return None
            instant = at.replace(tzinfo=zone(held_in)) if isinstance(held_in, str) else at
            if instant.tzinfo is None:
                return None
            wall = instant.astimezone(zone(home)).replace(tzinfo=None, fold=0)
            return wall if earliest(wall, home) == latest(wall, home) == instant else None
        case _:
            return None


def _widest(bounds: list[tuple[_Bound, ...]]) -> Iterator[Expr]:
    """Yield the widest bound on each side that all members have."""
    for sign, pick in ((">=", min), ("<", max)):
        ends = [[each for each in own if each.sign == sign] for own in bounds]
        every = [each for own in ends for each in own]
        if all(ends) and len({(each.clock, type(each.value)) for each in every}) == 1:
            yield pick(every, key=lambda each: each.value).condition



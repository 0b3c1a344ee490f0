"""Levels: several splits asked in one question, subtotals and the grand total among them.

Each level is the answer to the same question split by it alone. Levels that tell time by the same periods, and of which a `total`
forgets the same, are one *part*: one plan over all their splits, in which rows are counted for each level at once. Parts are stacked.

::

    levels: [month, shop.city], [month], [year, shop.country], []

    part  by month, shop.city      levels [month, shop.city] and [month]
    part  by year, shop.country    level  [year, shop.country]
    part  in total                 level  []
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import column_name
from decisionlayer.plan.bind.bound import BoundQuestion
from decisionlayer.plan.bind.comparisons import compared_columns
from decisionlayer.plan.bind.filters import bind_having, read_filter
from decisionlayer.plan.bind.kinship import Kinship
from decisionlayer.plan.bind.parameters import Parameters
from decisionlayer.plan.bind.paths import check_settled
from decisionlayer.plan.bind.question import Binding
from decisionlayer.plan.bind.result import ResultColumns
from decisionlayer.plan.bind.targets import TARGET
from decisionlayer.plan.nodes import (
    LEVEL,
    Aggregate,
    Cells,
    Compute,
    Derived,
    DrillAcross,
    Field,
    Level,
    Output,
    Present,
    Rows,
    Scan,
    Stack,
    over_rows,
)
from decisionlayer.plan.prepared import Prepared, prepare
from decisionlayer.plan.query import TOTAL, Parameter, Query, is_like_for_like
from decisionlayer.plan.rest import REST
from decisionlayer.plan.reweighting import mixed
from decisionlayer.plan.rules.walking import with_inputs
from decisionlayer.plan.shape import fields, grain
from decisionlayer.resolve.language.tree import Name, Param, walk
from decisionlayer.resolve.model import Model

#: The most levels of one question.
MOST = 64


@dataclass(frozen=True, slots=True)
class Part:
    """Levels of one family that tell time by the same periods, and the question over all their splits."""

    family: int
    levels: tuple[tuple[str, ...], ...]
    prepared: Prepared

    @property
    def question(self) -> BoundQuestion:
        """The question as it is bound."""
        return self.prepared.question


@dataclass(frozen=True, slots=True)
class Leveled:
    """A question by levels, planned: its root, its groups, and what belongs to its answer."""

    root: Present
    groups: tuple[str, ...]
    question: BoundQuestion
    notes: tuple[str, ...]
    paths: Mapping[str, Mapping[str, str]]
    parameters: Mapping[str, Parameter]
    overlaps: bool


def name_of(level: Iterable[str]) -> str:
    """Return a level as the column ``level`` says it: ``month, shop.city``; ``total`` for the grand total."""
    return ", ".join(level) or TOTAL


def plan_levels(query: Query, model: Model, findings: list[Finding]) -> Leveled | None:
    """Return the naive plan of a question by levels; None after findings."""
    levels = levels_of(query, model, findings)
    if levels is None:
        return None
    parts = _parts(query, model, levels, findings)
    if parts is None:
        return None
    groups = _groups(parts, levels, query, findings)
    first = parts[0].question
    assert first.tree is not None
    compared = tuple(each for column, node in first.tree.compared.items() for each in compared_columns(column, node.metric.type))
    compared += tuple(each for metric, (_, type) in first.targets.items() for each in compared_columns(f"{metric}__{TARGET}", type))
    asked = {each: column_name(each) for level in levels for each in level}
    result = ResultColumns((*groups, LEVEL), asked, query.metrics, model.metrics, compared, findings)
    parameters = Parameters(_left_over(query), model.project.timezone, findings)
    having = bind_having(read_filter("having", query.having, findings), result.known, model.project.timezone, parameters, findings)
    order = result.order(query.order)
    if not findings:
        parameters.finish()
    if findings:
        return None
    keys = (*groups, LEVEL)
    made = [_cells(part) for part in parts]
    stack = Stack(tuple(cells for cells, _ in made), keys, made[0][1], tuple(part.family for part in parts))
    bound = {name: value for part in parts for name, value in part.question.parameters.items()} | parameters.bound
    paths: dict[str, dict[str, str]] = {}
    for part in parts:
        for metric, walked in part.question.paths.items():
            paths.setdefault(metric, {}).update(walked)
    return Leveled(
        Present(stack, (*keys, *stack.columns), having, order, None if query.rest else query.limit),
        tuple(key.name for key in keys), first,
        tuple(dict.fromkeys(note for part in parts for note in part.question.notes)), paths, bound,
        any(each.overlaps for part in parts for rows in part.question.rows.values() for each in rows.expansions),
    )  # fmt: skip


# which levels


def levels_of(query: Query, model: Model, findings: list[Finding]) -> tuple[tuple[str, ...], ...] | None:
    """Return the levels of a question: as asked, or for ``totals`` what is split by and every beginning of it."""
    told = None
    if query.levels and (query.by or query.totals):
        told = ("`levels` says what to split by already", "leave out `by` and `totals`")
    elif not query.metrics:
        told = ("levels are of metrics, and the question names none", "name a metric under `metrics`")
    elif len(query.levels) > MOST:
        told = (f"the question has {len(query.levels)} levels; {MOST} is the most", "ask them in several questions")
    if query.extremes:
        told = ("`extremes` gives one row of dimensions, and levels are of metrics", "leave one of the two out")
    if query.rest and query.limit is None:
        told = ("`rest` is what lies beyond a `limit`, and there is none", "say `limit`, or leave `rest` out")
    if told is not None:
        findings.append(Finding("bad-question", "question", told[0], help=told[1]))
        return None
    if query.levels:
        return query.levels
    splits = tuple(split for asked in query.by for split in _in_full(asked, model))
    return tuple(splits[:length] for length in range(len(splits), -1, -1))


def _in_full(asked: str, model: Model) -> tuple[str, ...]:
    """Return the levels of a reporting line for its bare name; anything else is itself."""
    line = model.hierarchies.get(asked.rpartition(".")[2].partition("@")[0])
    return (asked,) if line is None else tuple(f"{asked}.{level}" for level in line.levels)


def _parts(
    query: Query, model: Model, levels: tuple[tuple[str, ...], ...], findings: list[Finding]
) -> tuple[Part, ...] | None:
    """Return the parts of a question, each bound; None after the findings of all."""
    every = tuple(dict.fromkeys(each for level in levels for each in level))
    probe = Binding(replace(query, by=every, levels=(), totals=False, compare=(), having=None), model)
    check_settled(query.paths, (*every, *(".".join(parts) for parts in probe.where.paths)), model, findings)
    if findings:
        return None
    # What is worked out of more than the cells of a level is planned for each level by itself.
    apart = bool(mixed(probe)) or is_like_for_like(query) or TARGET in query.compare or query.rest
    kin = Kinship(probe, query)
    families = kin.families(levels)
    grouped: dict[tuple[int, object], list[tuple[str, ...]]] = {}
    for level in levels:
        periods = frozenset(each for each in level if kin.is_period(each))
        # Filled periods stand beside the groups that there are, of which one that splits by time alone needs none.
        is_filled = query.fill is not None and periods == {*level}
        alike = level if apart else (periods, kin.bridged(level), kin.totalled(level), not level or is_filled)
        grouped.setdefault((families[level], alike), []).append(level)
    if query.rest and all(kin.is_period(one) for one in every):
        findings.append(Finding(
            "bad-question", "question", "`rest` gathers groups, and no level has any", help="ask a level by a path, or leave `rest` out",
        ))  # fmt: skip
        return None
    parts: list[Part] = []
    for (family, _), each in grouped.items():
        by = tuple(dict.fromkeys(asked for level in each for asked in level))
        named = {*by, *(".".join(parts) for parts in probe.where.paths)}
        # The first groups are those of a level, and one without groups has no rest.
        gathers = query.rest and any(not kin.is_period(one) for one in by)
        asked = replace(
            query, by=by, levels=(), totals=False, having=None, rest=gathers,
            order=_within(query, by) if gathers else (), limit=query.limit if gathers else None,
            params={name: query.params[name] for name in _named(query.where) if name in query.params},
            paths={path: ways for path, ways in query.paths.items() if path in named},
        )  # fmt: skip
        prepared = prepare(asked, model, findings)
        if prepared is not None:
            parts.append(Part(family, tuple(each), prepared))
    return None if findings else tuple(parts)


def _within(query: Query, by: tuple[str, ...]) -> tuple[str, ...]:
    """Return the asked order as far as one level has its columns."""
    elsewhere = {name for level in (*query.levels, query.by) for path in level if path not in by for name in (path, column_name(path))}
    return tuple(text for text in query.order if text.removeprefix("-") not in {*elsewhere, LEVEL.name, REST})


def _named(text: str | None) -> tuple[str, ...]:
    """Return the parameters that a filter names."""
    expr = read_filter("where", text, [])
    return () if expr is None else tuple(dict.fromkeys(node.name for node in walk(expr) if isinstance(node, Param)))


def _left_over(query: Query) -> Mapping[str, Parameter]:
    """Return the parameters that are left for ``having``."""
    taken = set(_named(query.where)) - set(_named(query.having))
    return {name: value for name, value in query.params.items() if name not in taken}


def _groups(
    parts: Iterable[Part], levels: tuple[tuple[str, ...], ...], query: Query, findings: list[Finding]
) -> tuple[Field, ...]:
    """Return the group columns of all levels in the order in which they are asked first, whichever levels are worked out together."""
    groups: dict[str, Field] = {}
    for part in parts:
        for group in part.question.groups:
            groups.setdefault(group.name, group)
    if LEVEL.name in groups or LEVEL.name in query.metrics:
        findings.append(Finding(
            "bad-question", "question", f"`{LEVEL.name}` is the column that tells the levels apart, and is asked as well",
            help="ask for it in a question of one split",
        ))  # fmt: skip
    columns = [column_name(each) for each in dict.fromkeys(each for level in levels for each in level)]

    def place(group: Field) -> int:
        if query.rest and group.name == REST:
            return len(columns)  # what tells the rest from a group stands after the groups of all levels
        if group.name in columns:
            return columns.index(group.name)
        keys = [column for column in columns if group.name.startswith(f"{column}__")]  # one column of a key of several
        return columns.index(max(keys, key=len)) if keys else len(columns)

    return tuple(sorted(groups.values(), key=place))


# one part


def _cells(part: Part) -> tuple[tuple[Cells, str | None], tuple[Field, ...]]:
    """Return the cells of a part, their level where it has only one, and the columns after the groups."""
    root = part.prepared.plan()
    cells, shown = root.input, tuple(field for field in root.fields if field not in part.question.groups)
    if len(part.levels) > 1:
        own = tuple(group.name for group in part.question.groups)
        levels = tuple(Level(name_of(level), keys_of(level, own)) for level in part.levels)
        cells = _Counting(levels, own).leveled(cells)
    return (cells, name_of(part.levels[0]) if len(part.levels) == 1 else None), shown


def _over(rows: Rows, base: Derived) -> Rows:
    """Return rows over another base."""
    return base if isinstance(rows, Scan | Derived) else replace(rows, input=_over(rows.input, base))


def keys_of(level: Iterable[str], groups: tuple[str, ...]) -> tuple[str, ...]:
    """Return the group columns of a level; a key of several columns has one for each."""
    asked = [column_name(each) for each in level]
    return tuple(group for group in groups if any(group == each or _is_key_of(group, each, groups) for each in asked))


def _is_key_of(group: str, asked: str, groups: tuple[str, ...]) -> bool:
    return asked not in groups and group.startswith(f"{asked}__") and "__" not in group[len(asked) + 2 :]


class _Counting:
    """One plan being made to count for several levels at once; each node is made once, however many read it."""

    def __init__(self, levels: tuple[Level, ...], groups: tuple[str, ...]) -> None:
        self.levels = levels
        self.groups = groups
        self.done: dict[int, Cells] = {}

    def leveled(self, cells: Cells) -> Cells:
        """Return cells with ``level`` among their keys, where their rows are not the same for every level."""
        if id(cells) not in self.done:
            self.done[id(cells)] = self._leveled(with_inputs(cells, self.leveled, met=False))
        return self.done[id(cells)]

    def _leveled(self, cells: Cells) -> Cells:
        match cells:
            case Aggregate():
                return self._counted(cells)
            case DrillAcross():
                has_level = any(LEVEL.name in grain(each) for each in cells.inputs)
                return replace(cells, keys=(*cells.keys, LEVEL)) if has_level else cells
            case Compute():
                return replace(cells, keys=(*cells.keys, LEVEL)) if LEVEL.name in grain(cells.input) else cells
            case _:
                return cells

    def _counted(self, cells: Aggregate) -> Cells:
        base = over_rows(cells.input)
        if isinstance(base, Derived) and LEVEL.name in grain(base.cells):  # what it is made of was counted for each level
            leveled = replace(base, fields=fields(base.cells), key=grain(base.cells))
            key = Output(LEVEL.name, LEVEL.type, Name((base.alias, LEVEL.name)))
            return replace(cells, input=_over(cells.input, leveled), keys=(*cells.keys, key))
        keys = [key.name for key in cells.keys]
        kept = [Level(level.name, tuple(key for key in keys if key in level.keys or key not in self.groups)) for level in self.levels]
        if all(len(level.keys) == len(keys) for level in kept):
            return cells
        # Levels of the same keys cannot be told apart within one grouping.
        rounds: list[list[Level]] = []
        for level in kept:
            same = (number for number in count() if number == len(rounds) or all(set(e.keys) != set(level.keys) for e in rounds[number]))
            number = next(same)
            if number == len(rounds):
                rounds.append([])
            rounds[number].append(level)
        made = tuple(replace(cells, levels=tuple(each)) for each in rounds)
        if len(made) == 1:
            return made[0]
        known = (*(Field(key.name, key.type) for key in cells.keys), LEVEL)
        return Stack(tuple((each, None) for each in made), known, tuple(Field(state.name, state.type) for state in cells.states))




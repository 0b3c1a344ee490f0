"""The tree of a question: each asked metric with all it stands on, down to measures over rows.

A term narrows or replaces the rows of everything beneath it, so one metric may stand in a question several times, each time
in another context. What is equal, metric and context, is there once.

::

    kept_promise                                   translation: {from: on_time_share, population: all}
    └── on_time_share                              context: population replaced by all rows
        └── rows of departures
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from fractions import Fraction
from types import MappingProxyType
from typing import Protocol

from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind.ranges import Span
from decisionlayer.resolve.drafting.looks import Length, Look, Seen, sunk
from decisionlayer.resolve.language.tree import Expr, Name, conjunction
from decisionlayer.resolve.model import Exchange, Formula, Measure, Metric, Model, Term
from decisionlayer.resolve.switching.exchanges import converted_type


@dataclass(frozen=True, slots=True)
class Context:
    """What the terms above change: filters that are added, a population that replaces the metric's own.

    ``settles`` is the metric for which the question says how its paths are walked, where it does. ``looks`` are the metric
    functions around it, the outermost first: which cell is read for the one that is asked. ``stays`` are the conditions that a
    row was not left out under a reason; they narrow the population, replaced or not. ``convert`` makes all money another currency.
    ``span`` is the life of the definition above, outside of which it counts nothing; ``together`` are the looks by which one number
    reads cells that may lie under one definition only. ``among`` tells what reads one cell from what reads another where their
    rows differ, ``members`` is the asked metric where units must have rows in several sources. ``ends`` are the sources and clocks
    of the asked metric, where it has several: what accumulates ends for all of its parts with the same day.
    """

    wheres: tuple[Expr, ...] = ()
    population: Expr | None = None
    replaces: bool = False
    settles: str | None = None
    looks: tuple[Look, ...] = ()
    over_time: str | None = None
    stays: tuple[Expr, ...] = ()
    span: Span | None = None
    together: tuple[tuple[Look, ...], ...] = ()
    convert: Exchange | None = None
    among: str | None = None
    members: str | None = None
    ends: tuple[tuple[str, str], ...] = ()

    def under(self, term: Term, looks: tuple[Look, ...] = ()) -> Context:
        """Return the context beneath a term; a replaced population stays what the outermost term made it."""
        wheres = self.wheres if term.where is None else (*self.wheres, term.where)
        over_time = self.over_time or term.over_time
        stays = tuple(dict.fromkeys((*self.stays, *(each.stays() for each in term.excludes))))
        convert = self.convert or term.convert
        below = replace(
            self, wheres=wheres, looks=(*self.looks, *looks), over_time=over_time, stays=stays, convert=convert
        )  # fmt: skip
        if self.among is not None and looks:
            below = replace(below, among="_".join(look.word for look in below.looks))
        if self.replaces or not term.replaces:
            return below
        return replace(below, population=term.population, replaces=True)


@dataclass(frozen=True, slots=True)
class Whole:
    """What a number takes from the asked one that it is part of, where it is worked out in a question of its own.

    ``members`` and ``ends`` are as in a context.
    """

    members: str | None = None
    ends: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric in another cell beside its own, under the name of a column."""

    column: str
    metric: str
    look: Look


@dataclass(frozen=True, slots=True)
class Choice:
    """The definitions that a metric is read under, newest first, as metrics of the model.

    One: whatever the period. With ``since`` each in its own ``spans``: a cell takes the first of them from whose day on it lies, and
    the last where there is none for it.
    """

    names: tuple[str, ...]
    spans: tuple[Span, ...] = ()
    since: tuple[dt.date, ...] = ()


class Choosing(Protocol):
    """Who says under which definition a metric is read."""

    def of(self, metric: Metric, context: Context) -> Choice | None:
        """Return the definitions of a metric in one context; None for the one that it has today."""

    def together(self, parts: Iterable[tuple[Look, ...]], around: Context) -> tuple[tuple[Look, ...], ...]:
        """Return by which looks a formula reads what may lie under one definition only; none where that does not matter."""

    def names(self, metric: Metric) -> tuple[str, ...]:
        """Return the definitions that a metric may be read under, as metrics of the model."""


@dataclass(frozen=True, slots=True)
class Child:
    """One name in a formula: the node it leads to, and what its value is multiplied by."""

    node: Node
    factor: Fraction


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One metric in one context. ``children`` are the names of its ``formula``; a measure has none, and is its own leaf.

    In ``formula`` metric functions have sunk to the names beneath them (``resolve/drafting/looks.py``). With ``since`` the children are
    definitions of the metric, newest first, and a cell takes the one that was in force when what it reads began. ``lengths`` are
    those of periods, by the names that stand for them in the formula.
    """

    metric: Metric
    context: Context
    name: str
    children: Mapping[str, Child]
    formula: Expr | None = None
    since: tuple[dt.date, ...] = ()
    lengths: Mapping[str, Length] = field(default_factory=dict)

    @property
    def measure(self) -> Measure:
        """The body of a leaf."""
        assert isinstance(self.metric.body, Measure)
        return self.metric.body

    @property
    def rows_are_of(self) -> str:
        """The source of a leaf."""
        return self.measure.source

    @property
    def over_time(self) -> str | None:
        """How a leaf is read along time; None for what happens."""
        return self.context.over_time or self.measure.over_time

    def population(self) -> Expr | None:
        """Return who is in the question of a leaf at all; None for everybody."""
        return conjunction(self._in_question())

    def conditions(self) -> tuple[Expr, ...]:
        """Return the filters of a leaf's rows, its population first; names are paths from its source."""
        found = (*self._in_question(), self.measure.where, *self.context.wheres)
        return tuple(dict.fromkeys(condition for condition in found if condition is not None))

    def _in_question(self) -> tuple[Expr, ...]:
        """Return the population, and that nothing has left it under a reason; whoever replaces it does not bring those back."""
        own = self.context.population if self.context.replaces else self.measure.population
        left = (*(each.stays() for each in self.measure.excludes), *self.context.stays)
        return left if own is None else (own, *left)


#: Every asked metric is a number of its own.
NO_PARTS: Mapping[str, Whole] = MappingProxyType({})


class Tree:
    """The nodes of a question, built once each; ``roots`` are those of the asked metrics.

    ``parts`` are those of them that are part of a number asked elsewhere.
    """

    def __init__(
        self, model: Model, asked: Iterable[str], settled: frozenset[str], choosing: Choosing,
        compared: Iterable[Comparison] = (), *, apart: bool = False, parts: Mapping[str, Whole] = NO_PARTS,
    ) -> None:  # fmt: skip
        self._model = model
        self._parts = parts
        self._choosing = choosing
        self._has_editions = model.is_dated
        self._settled = settled
        self._nodes: dict[tuple[str, Context], Node] = {}
        self._leaves: dict[Node, tuple[Node, ...]] = {}
        self._depths: dict[Node, int] = {}
        self._sunk: dict[str, tuple[Expr, Mapping[str, Seen], Mapping[str, Length]]] = {}
        self.roots = tuple(self._grow(name, self._around(name, (), apart), name) for name in asked)
        #: What the question sets beside its metrics, by column.
        self.compared = {
            each.column: self._grow(each.metric, self._around(each.metric, (each.look,), apart), each.column) for each in compared
        }

    def _around(self, asked: str, looks: tuple[Look, ...], apart: bool) -> Context:
        """Return the context of an asked metric; ``apart`` where units are compared, whose rows differ from cell to cell."""
        whole = self._parts.get(asked) or self._whole(asked, apart)
        word = "_".join(look.word for look in looks) if apart else None
        return Context(looks=looks, among=word, members=whole.members, ends=whole.ends)

    def _whole(self, asked: str, apart: bool) -> Whole:
        """Return what holds for all parts of an asked metric: several sources must have its units, and end its accumulations."""
        clocks, accumulates = self._clocks(asked)
        if len(clocks) < 2:
            return Whole()
        return Whole(asked if apart else None, clocks if accumulates else ())

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node, those beneath before those above."""
        return tuple(self._nodes.values())

    @property
    def leaves(self) -> tuple[Node, ...]:
        """Every measure in every context, in the order in which the question reaches them."""
        tops = (*self.roots, *self.compared.values())
        return tuple(dict.fromkeys(leaf for top in tops for leaf in self.under(top)))

    def depth(self, node: Node) -> int:
        """Return how many metrics stand one above the other, from ``node`` down; 1 for a measure."""
        return self._depths[node]

    def under(self, node: Node) -> tuple[Node, ...]:
        """Return the leaves below a node, each once; a leaf's own is itself."""
        return self._leaves[node]

    def _grow(self, metric: str, context: Context, name: str) -> Node:
        """Return the node of an asked metric. Without recursion, so that a long chain of formulas ends well."""
        root = (metric, self._settling(metric, context))
        waiting = [(*root, name)]
        while waiting:
            it, context, called = waiting[-1]
            if (it, context) in self._nodes:
                waiting.pop()
                continue
            below = self._below(it, context, called)
            missing = [step for step in below.values() if step[:2] not in self._nodes]
            if missing:
                waiting += reversed(missing)
                continue
            waiting.pop()
            self._make(it, context, called, below)
        return self._nodes[root]

    def _clocks(self, asked: str) -> tuple[tuple[tuple[str, str], ...], bool]:
        """Return the sources and clocks that a metric is over, and whether something in it accumulates."""
        clocks: dict[tuple[str, str], None] = {}
        accumulates = False
        done: set[str] = set()
        waiting = [asked]
        while waiting:
            name = waiting.pop()
            if name in done:
                continue
            done.add(name)
            metric = self._model.metrics[name]
            if metric.editions:
                waiting += self._choosing.names(metric)
            if isinstance(metric.body, Measure):
                if metric.body.clock is not None:
                    clocks[metric.body.source, metric.body.clock] = None
                continue
            waiting += (term.metric for term in metric.body.terms.values())
            parts = self._formula(name, metric.body)[1]
            accumulates = accumulates or any(_accumulates(seen.looks) for seen in parts.values())
        return tuple(sorted(clocks)), accumulates

    def _settling(self, metric: str, context: Context) -> Context:
        is_first = context.settles is None and metric in self._settled
        return replace(context, settles=metric) if is_first else context

    def _below(self, metric: str, context: Context, name: str) -> dict[str, tuple[str, Context, str]]:
        """Return, for each name in a formula, the metric and context that it leads to, and what it may be called."""
        choice = self._choice(metric, context)
        if choice is not None:
            return self._definitions(choice, context, name)
        body = self._model.metrics[metric].body
        if isinstance(body, Measure):
            return {}
        below = {}
        parts = self._formula(metric, body)[1]
        if self._has_editions:
            context = replace(context, together=self._choosing.together((seen.looks for seen in parts.values()), context))
        for part, seen in parts.items():
            term = body.terms[seen.name]
            beneath = self._settling(term.metric, context.under(term, seen.looks))
            if beneath.ends and isinstance(self._model.metrics[term.metric].body, Measure) and not _accumulates(beneath.looks):
                beneath = replace(beneath, ends=())  # its cells end by themselves
            changed = beneath.wheres or beneath.replaces or beneath.stays or beneath.over_time or beneath.convert
            plain = not changed
            called = term.metric if plain else f"{name}__{seen.name}"
            looks = "_".join(look.word for look in beneath.looks)
            below[part] = (term.metric, beneath, f"{called}__{looks}" if looks else called)
        return below

    def _choice(self, metric: str, context: Context) -> Choice | None:
        return self._choosing.of(self._model.metrics[metric], context) if self._has_editions else None

    def _definitions(self, choice: Choice, context: Context, name: str) -> dict[str, tuple[str, Context, str]]:
        """Return the definitions that a metric is read under, as what a formula of their names leads to."""
        spans: tuple[Span | None, ...] = choice.spans or (context.span,)
        return {
            each: (each, replace(context, span=span), f"{name}__{each.partition('@')[2] or 'today'}".replace("-", "_"))
            for each, span in zip(choice.names, spans, strict=True)
        }

    def _formula(self, metric: str, body: Formula) -> tuple[Expr, Mapping[str, Seen], Mapping[str, Length]]:
        if metric not in self._sunk:
            along = () if body.over_time is None else (Look(body.over_time, unit=body.instants),)
            self._sunk[metric] = sunk(body.expr, frozenset(body.terms), along)
        return self._sunk[metric]

    def _make(self, metric: str, context: Context, name: str, below: Mapping[str, tuple[str, Context, str]]) -> None:
        it = self._model.metrics[metric]
        exchange = context.convert
        if exchange is not None and exchange.amount(metric) is not None:
            it = replace(it, type=converted_type(it, exchange, self._model.rates))
        children: dict[str, Child] = {}
        formula: Expr | None = None
        lengths: dict[str, Length] = {}
        choice = self._choice(metric, context)
        if choice is not None:
            formula = Name((choice.names[0],))
            # Each definition says itself what it is where it has no rows.
            it = replace(it, missing=None, body=Formula(formula, {each: Term(each) for each in choice.names}))
            children = {part: Child(self._nodes[step[:2]], Fraction(1)) for part, step in below.items()}
        elif isinstance(it.body, Formula):
            formula, seen, told = self._formula(metric, it.body)
            lengths = {each: replace(length, looks=(*context.looks, *length.looks)) for each, length in told.items()}
            children = {
                part: Child(self._nodes[step[:2]], it.body.terms[seen[part].name].factor) for part, step in below.items()
            }
        node = Node(it, context, name, children, formula, () if choice is None else choice.since, lengths)
        self._nodes[metric, context] = node
        self._depths[node] = 1 + max((self._depths[child.node] for child in children.values()), default=0)
        leaves = (leaf for child in children.values() for leaf in self._leaves[child.node])
        self._leaves[node] = tuple(dict.fromkeys(leaves)) if isinstance(it.body, Formula) else (node,)


def _accumulates(looks: Iterable[Look]) -> bool:
    return any(look.function in ("trailing", "to_date", "first", "avg") for look in looks)


def beneath(node: Node) -> Iterator[Node]:
    """Yield every node below ``node``, nearest first, each once; ``node`` itself not."""
    seen: dict[Node, None] = {}
    level = {child.node: None for child in node.children.values()}
    while level:
        seen.update(level)
        level = {child.node: None for each in level for child in each.children.values() if child.node not in seen}
    yield from seen


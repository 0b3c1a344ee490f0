"""The questions of a ledger: a number's own terms, asked for their rows once without what leaves them and once as they are counted.

Each term of the number is asked as it stands, under every filter above it, with ``count(*)`` in the place of what it measures. What
looks at another period is asked in its own: a ledger is of the rows in the question's range. Nothing is taken from the answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind.columns import Columns
from decisionlayer.plan.bind.filters import read_filter
from decisionlayer.plan.bind.periods import read_period
from decisionlayer.plan.bind.ranges import bounds, read_range
from decisionlayer.plan.bind.regroup import regrouped
from decisionlayer.plan.bind.tree import Context
from decisionlayer.plan.lives import lives_of
from decisionlayer.plan.query import Query, definition_of
from decisionlayer.resolve.language.tree import (
    Aggregate,
    Call,
    Expr,
    Literal,
    Name,
    Param,
    conjunction,
    names,
    transform,
    walk,
)
from decisionlayer.resolve.language.types import FLOAT, INTEGER, UNKNOWN
from decisionlayer.resolve.model import (
    Additivity,
    Dimension,
    Exchange,
    Exclusion,
    Formula,
    Grain,
    Measure,
    Metric,
    Model,
    Term,
)
from decisionlayer.resolve.reach.across import road_of
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.reach.paths import Paths
from decisionlayer.resolve.switching.ledger import Account, Amount, Ledger, Tally
from decisionlayer.resolve.values.editions import Edition, Read

#: The most terms that a ledger lists one by one.
MOST = 40
_ADDS = frozenset({"sum", "count"})
_ANY = Grain(None, None)
_COUNT = Aggregate("count", None)
#: How many rows that do not tie are named.
MOST_KEYS = 5
_KEY = "ledger_key_"

#: Who puts a question to the data of a model, and returns its rows by column.
Ask: TypeAlias = Callable[[Model, Query], list[Mapping[str, object]]]


@dataclass(frozen=True, slots=True)
class Line:
    """One account as questions. In ``raw`` and ``counted`` each column is ``PART__rows`` or ``PART__amount``."""

    called: str
    of: str
    model: Model
    raw: Query
    counted: Query
    by_key: Query | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    """How a measure enters a number: the terms that lead to it, from the number down, and what they change."""

    steps: tuple[tuple[str, Term], ...]
    metric: Metric

    @property
    def called(self) -> str:
        return ".".join(name for name, _ in self.steps)

    @property
    def body(self) -> Measure:
        assert isinstance(self.metric.body, Measure)
        return self.metric.body

    def excludes(self) -> tuple[Exclusion, ...]:
        """What leaves on the way, in the order in which it leaves: the lowest translation first."""
        return (*self.body.excludes, *(each for _, term in reversed(self.steps) for each in term.excludes))


def splits_of(query: Query, metric: Metric, model: Model) -> tuple[str, ...]:
    """Return the paths in which a row may have no home: what the question splits by, or all that the number may be split by."""
    asked = dict.fromkeys((*query.by, *(path for level in query.levels for path in level)))
    clocks = frozenset(clock.column for source in model.sources.values() for clock in source.clocks)
    paths = tuple(path for path in asked if read_period(path, clocks, model.project.almanac) is None)
    return paths or (metric.limit.by or ())


def kept(
    query: Query, metric: Metric, model: Model, walked: Mapping[str, str], ask: Ask, *, read: Iterable[Read] = (), by_key: bool = False
) -> Ledger:
    """Return the ledger of a number in a question; ``ask`` puts what is to be counted. With ``by_key`` each row is looked for.

    ``read`` are the definitions in time that the answer was read under: the one of each metric, or each in its own time, which then
    has accounts of its own.
    """
    query = regrouped(query, model, [])
    if definition_of(query) != "as_then":
        chosen = {each.metric: each.editions[0] for each in read if not each.dimension}
        return _kept(query, metric, _under(model, metric, chosen), walked, ask, by_key)
    lives = lives_of(query, model, (metric.name,))
    accounts: list[Account] = []
    for life in lives:
        ledger = _kept(life.query, metric, _under(model, metric, life.editions), walked, ask, by_key)
        since = str(life.since) if len(lives) > 1 else ""
        accounts += (replace(account, since=since) for account in ledger.accounts)
    return Ledger(metric, splits_of(query, metric, model), tuple(accounts))


def _kept(query: Query, metric: Metric, model: Model, walked: Mapping[str, str], ask: Ask, by_key: bool) -> Ledger:
    metric = model.metrics[metric.name]
    accounts = []
    for line in lines(query, metric, model, walked):
        found = {**ask(line.model, line.raw)[0], **ask(line.model, line.counted)[0]}
        out: dict[str, Tally] = {}
        for number, reason in enumerate(line.reasons):
            tallies = [_tally(found, part) for part in _parts(found) if part.startswith(f"excluded_{number}_")]
            out[reason] = Tally(sum(each.rows for each in tallies), _sum([each.amount for each in tallies]))
        wrong = () if not by_key or line.by_key is None else tuple(_key(row) for row in ask(line.model, line.by_key))
        accounts.append(Account(
            line.called, line.of, _tally(found, "source"), _tally(found, "counted"), out, _tally(found, "late"),
            _tally(found, "unassigned"), wrong,
        ))  # fmt: skip
    return Ledger(metric, splits_of(query, metric, model), tuple(accounts))


def _under(model: Model, metric: Metric, editions: Mapping[str, Edition]) -> Model:
    """Return the model with each metric beneath a number as one definition says, and no other that it ever had."""
    chosen = {name: replace(model.metrics[edition.name], name=name) for name, edition in editions.items()}
    metrics = {**model.metrics, **chosen}
    beneath = {each.name for each in Beneath(metrics).tree(metric.name)}
    return replace(model, metrics={name: replace(it, editions=()) if name in beneath else it for name, it in metrics.items()})


def _parts(found: Mapping[str, object]) -> list[str]:
    return [name.removesuffix("__rows") for name in found if name.endswith("__rows")]


def _tally(found: Mapping[str, object], part: str) -> Tally:
    """Return what was found of a part; no rows amount to nothing, as they are counted by."""
    rows, amount = found.get(f"{part}__rows"), found.get(f"{part}__amount")
    has_amount = "source__amount" in found
    assert rows is None or isinstance(rows, int)
    assert amount is None or isinstance(amount, int | float | Decimal)
    return Tally(rows or 0, (amount or 0) if has_amount else None)


def _sum(amounts: list[Amount]) -> Amount:
    if any(each is None for each in amounts):
        return None
    known = [each for each in amounts if each is not None]
    if any(isinstance(each, float) for each in known):
        return math.fsum(known)
    return sum((Decimal(each) for each in known), Decimal(0)) if any(isinstance(each, Decimal) for each in known) else sum(map(int, known))


def _key(row: Mapping[str, object]) -> str:
    """Return which row it is that is counted otherwise than it should be, and how often."""
    key = ", ".join(str(value) for name, value in row.items() if name.startswith(_KEY))
    return f"{key} is counted {row['arrived__rows']} times"


def lines(query: Query, metric: Metric, model: Model, walked: Mapping[str, str]) -> Iterator[Line]:
    """Yield the accounts of a number as questions. ``walked`` are the asked paths as the answer has bound them."""
    ways = tuple(_ways(metric, model))
    parts = [(way, called, expr) for way in ways[:MOST] for called, expr in _amounts(way, several=len(ways) > 1)]
    for way, called, expr in parts:
        yield _line(query, metric, model, walked, way, called if len(parts) > 1 else "", expr)


# -- which rows a number stands on ---------------------------------------------------------------------------------------


def _ways(metric: Metric, model: Model) -> Iterator[_Way]:
    """Yield every way down to a measure, each measure in each context once."""
    seen: set[tuple[str, Context]] = set()
    waiting: list[tuple[Metric, tuple[tuple[str, Term], ...], Context]] = [(metric, (), Context())]
    while waiting:
        here, steps, context = waiting.pop()
        if isinstance(here.body, Measure):
            if (here.name, context) not in seen:
                seen.add((here.name, context))
                yield _Way(steps, here)
            continue
        below = [(name.text, here.body.terms[name.text]) for name in dict.fromkeys(names(here.body.expr)) if name.text in here.body.terms]
        waiting += ((model.metrics[term.metric], (*steps, (name, term)), context.under(term)) for name, term in reversed(below))


def _amounts(way: _Way, *, several: bool) -> Iterator[tuple[str, Expr | None]]:
    """Yield what rows of a measure amount to: its value where rows add up, each side of a quotient, or nothing."""
    body, called = way.body, way.called if several else ""
    looked = body.over_time is not None or any(term.over_time for _, term in way.steps) or body.match is not None
    converted = any(term.convert is not None for _, term in way.steps)
    looked = looked or (way.metric.unit_column is not None and not converted)  # in several units it has no sum
    match body.expr:
        case _ if looked:
            yield called, None
        case expr if way.metric.additivity is Additivity.additive:
            yield called, expr
        case Call(function="/", arguments=(above, below)) if _adds(above) and _adds(below) and not converted:
            yield f"{called} above the line".strip(), above
            yield f"{called} below the line".strip(), below
        case _:
            yield called, None


def _adds(expr: Expr) -> bool:
    return isinstance(expr, Aggregate) and expr.function in _ADDS


# -- the questions -------------------------------------------------------------------------------------------------------


def _line(
    query: Query, metric: Metric, model: Model, walked: Mapping[str, str], way: _Way, called: str, expr: Expr | None
) -> Line:
    made = _Made(model, way, expr, metric)
    source = model.sources[way.body.source]
    reasons: dict[str, None] = {}
    known = _known(query, model, source.name)
    late = () if known is None else (Call("not", (known,)),)
    here = () if known is None else (known,)
    made.add("source", (), leaves=False)
    if late:
        made.add("late", late, leaves=False)
    before: list[Expr] = []
    for number, each in enumerate(way.excludes()):
        reasons[each.reason] = None
        made.add(f"excluded_{list(reasons).index(each.reason)}_{number}", (*here, each.when, *before), leaves=False)
        before.append(each.stays())
    homeless = _homeless(query, metric, model, walked, way)
    if homeless is not None:
        made.add("unassigned", (*here, *before, homeless), leaves=False)
    raw = tuple(made.names)
    made.add("counted", (), leaves=True)
    counted = tuple(name for name in made.names if name not in raw)
    asked = _asked(query, model, walked)
    keyed = tuple(f"{_KEY}{number}" for number, _ in enumerate(source.key, start=1))
    dimensions = {name: Dimension(name, Name((column,)), UNKNOWN, None) for name, column in zip(keyed, source.key, strict=True)}
    by_key: Query | None = None
    if keyed:
        made.rows("arrived", here, leaves=True)  # what is counted, told by the row when it had arrived
        parts = [name for name in raw if name.endswith("__rows") and name not in ("source__rows", "unassigned__rows")]
        having = f"{' - '.join(['source__rows', *parts])} <> arrived__rows"
        metrics = ("source__rows", *parts, "arrived__rows")
        by_key = replace(asked, metrics=metrics, by=keyed, having=having, late=True, limit=MOST_KEYS)
    sources = {**model.sources, source.name: replace(source, dimensions={**source.dimensions, **dimensions})}
    return Line(
        called, source.name, replace(model, metrics={**model.metrics, **made.metrics}, sources=sources if keyed else model.sources),
        replace(asked, metrics=raw, late=True), replace(asked, metrics=counted), by_key, tuple(reasons),
    )  # fmt: skip


class _Made:
    """Metrics that are made for one account: the number with all else taken out of its formulas, rows or an amount at the bottom."""

    def __init__(self, model: Model, way: _Way, amount: Expr | None, metric: Metric) -> None:
        self.way = way
        self.amount = amount
        self.metrics: dict[str, Metric] = {}
        self.names: list[str] = []
        #: The type of what was exchanged, which no column has.
        alone = isinstance(metric.body, Formula) and isinstance(metric.body.expr, Name)
        exchanged = any(term.convert is not None for _, term in way.steps)
        self.exchanged = None if not exchanged else metric.type if alone else FLOAT
        columns = Columns.of(model)
        source = way.body.source
        self.type = INTEGER if amount is None else columns.type_of(source, columns.of_row(source, amount))

    def add(self, part: str, conditions: Iterable[Expr], *, leaves: bool) -> None:
        """Add the columns of a part: rows under further conditions, and with or without what leaves them."""
        self.rows(part, conditions, leaves=leaves)
        if self.amount is not None:
            self._add(f"{part}__amount", conditions, self.amount, leaves=leaves)

    def rows(self, part: str, conditions: Iterable[Expr], *, leaves: bool) -> None:
        """Add the one column that counts the rows of a part."""
        self._add(f"{part}__rows", conditions, _COUNT, leaves=leaves)

    def _add(self, name: str, conditions: Iterable[Expr], expr: Expr, *, leaves: bool) -> None:
        way, body = self.way, self.way.body
        plain = replace(body, expr=expr, over_time=None, last_of_each=(), match=None, excludes=body.excludes if leaves else ())
        factors = [term.factor for _, term in way.steps] if expr is self.amount else []
        type = INTEGER if expr is _COUNT else self.type
        bottom = replace(
            way.metric, name=f"{name}__0", body=plain, missing=None, translation=None, grain=_ANY, limit=_ANY, type=type, editions=(),
            unit_column=None if expr is _COUNT else way.metric.unit_column,
        )  # fmt: skip
        made = [bottom]
        # Each condition has a step of its own: together they might be asked of one row of a many side.
        steps = [Term("", where=condition) for condition in conditions]
        for _, term in reversed(way.steps):
            factor = term.factor if expr is self.amount else Fraction(1)
            convert = None if expr is _COUNT or term.convert is None else _of_this(term.convert, way.metric.name, bottom.name)
            excludes = term.excludes if leaves else ()
            steps.append(replace(term, factor=factor, over_time=None, excludes=excludes, convert=convert))
        for number, term in enumerate(steps, start=1):
            below = made[-1]
            formula = Formula(Name(("it",)), {"it": replace(term, metric=below.name)})
            made.append(replace(bottom, name=f"{name}__{number}", body=formula))
        whole = all(factor.denominator == 1 for factor in factors)
        type = made[-1].type if whole else way.metric.type if way.metric.type != INTEGER else FLOAT
        if expr is self.amount and self.exchanged is not None:
            type = self.exchanged
        made[-1] = replace(made[-1], name=name, type=type)
        self.metrics |= {each.name: each for each in made}
        self.names.append(name)


def _of_this(convert: Exchange, metric: str, made: str) -> Exchange:
    """Return a conversion of what is made of a metric."""
    return replace(convert, amounts=tuple(replace(each, metric=made) for each in convert.amounts if each.metric == metric))


def _known(query: Query, model: Model, source: str) -> Expr | None:
    """Return the condition that a row had arrived by the day that the question names, true or false; None where it names none."""
    arrival = model.sources[source].arrival
    if query.known_on is None or arrival is None:
        return None
    found = bounds(arrival, "", read_range(None, query.known_on.isoformat(), model.project, []), model.project)
    condition = conjunction(found)
    assert condition is not None
    plain = transform(condition, lambda node: Name(node.parts[1:]) if isinstance(node, Name) else None)
    return Call("coalesce", (plain, Literal(False)))


def _homeless(query: Query, metric: Metric, model: Model, walked: Mapping[str, str], way: _Way) -> Expr | None:
    """Return the condition that a row stands in no group of one of the splits; None where no split is known."""
    known, source = Paths.of(model), way.body.source
    found: list[Expr] = []
    for path in splits_of(query, metric, model):
        route = known.bind(source, tuple(_on(walked, path, source).split(".")))
        if route is None or road_of(route) is not None:
            continue
        columns = Columns.of(model).parts(route)
        if not columns:
            found.append(Call("is_null", (Name(route.parts),)))
        elif route.hops == ():
            found += (Call("is_null", (Name((column,)),)) for column in model.sources[route.holder].links[route.name].columns)
    if not found:
        return None
    return found[0] if len(found) == 1 else Call("or", tuple(found))


def _on(walked: Mapping[str, str], path: str, source: str) -> str:
    """Return a path as the answer walks it from a source."""
    for each in walked.get(path, "").split(", "):
        start, _, rest = each.partition(".")
        if start == source and rest:
            return rest
    return path


def _asked(query: Query, model: Model, walked: Mapping[str, str]) -> Query:
    """Return the question for its rows alone: the same range, filter and structure, nothing split, compared or cut off."""
    where = read_filter("where", query.where, [])
    read = {name.text for name in names(where)} if where is not None else set()
    params = {node.name for node in walk(where) if isinstance(node, Param)} if where is not None else set()
    sources = [name for name in model.sources if any(f"{name}." in way for way in walked.values())]
    return Query(
        where=query.where, start=query.start, end=query.end, today=query.today, structure=query.structure, definition=query.definition,
        basis=query.whole_basis, known_on=query.known_on, params={name: value for name, value in query.params.items() if name in params},
        paths={
            path: ways for path in read
            if path in walked and (ways := {source: way for source in sources if (way := _on(walked, path, source)) != path})
        },
    )  # fmt: skip

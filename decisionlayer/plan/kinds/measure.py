"""Measures: arithmetic over aggregates of one source, as states that can be added up and a finish over them.

| aggregate | states | finish |
|---|---|---|
| `sum(x)` | `sum(x)` | itself |
| `count(*)`, `count(x)` | `count` | itself |
| `avg(x)` | `sum(x)`, `count(x)` | sum / count |
| `min(x)`, `max(x)` | itself | itself |
| `count(distinct x)`, `quantile(x, q)` | itself; it cannot be added up | itself |

::

    count(*) filter (where dep_delay <= 15) / count(*)
    states:  on_time__count = count(*) filter (where dep_delay <= 15),  on_time__count_2 = count(*)
    finish:  on_time__count / on_time__count_2
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field

from decisionlayer.frozen import dataclass
from decisionlayer.plan import operations
from decisionlayer.plan.kinds.formula import Atom, Keep, Null, Value, evaluate
from decisionlayer.plan.nodes import State
from decisionlayer.plan.types import aggregate_type
from decisionlayer.resolve.language.tree import Aggregate, Call, Expr, Literal, Name
from decisionlayer.resolve.language.types import INTEGER, UNKNOWN, DataType, decimal

COUNTS = frozenset({"count", "count_distinct"})


@dataclass(slots=True)
class Decomposition:
    """The states of one measure over one set of rows, while they are gathered; equal states are one.

    ``rows`` numbers the rows, ``decimals`` is the metric's, ``type_of`` gives the type of an expression over its rows,
    ``fresh`` a column name that nothing else has, ``finish`` what becomes of each aggregate before the arithmetic.
    ``share`` is what each row gives of itself, if that is not all of it: shares of a group that has rows may make up 0, so how many rows
    have a share in it is a count ``beside`` them.
    """

    name: str
    rows: int
    decimals: int | None
    type_of: Callable[[Expr], DataType]
    fresh: Callable[[str], str]
    states: dict[tuple[str, Expr | None, Expr | None, Expr | None], State] = field(default_factory=dict)
    finish: Callable[[Value], Value] = lambda value: value
    share: Expr | None = None
    beside: State | None = None

    def value(self, measure: Expr, keep: Keep, *, alone: bool) -> Value:
        """Return the finish of ``measure``, whose names are bound to scans.

        ``alone`` says that the value of a single aggregate is the metric itself, which may then bear its name.
        """
        single = alone and isinstance(measure, Aggregate) and measure.function != "avg"

        def leaf(node: Name | Aggregate) -> Value:
            if isinstance(node, Name):
                raise LookupError(f"{node.text} stands outside an aggregate")
            return self._aggregate(node, self.name if single else None)

        return evaluate(measure, leaf, keep)

    def all_rows(self) -> Atom:
        """Return the count of all rows, as one more state."""
        if self.share is not None:
            self.beside = State(self.fresh(f"{self.name}__rows"), INTEGER, "count", None, Call("<>", (self.share, Literal(0))))
            return Atom(self.beside.name, True, self.rows, covers_rows=True, of_shares=True)
        return self._atom(self._state("count", None, None, None, None))

    def _aggregate(self, node: Aggregate, name: str | None) -> Value:
        argument = node.argument
        if node.function == "avg":
            total = self._state("sum", self._exact(argument), node.where, None, name)
            count = self._state("count", argument, node.where, None, name)
            quotient = Call("/", (Name((total.name,)), Name((count.name,))))
            return Value(quotient, frozenset({self._atom(total)}), Null.absent)
        if node.function == "sum":
            argument = self._exact(argument)
        quantile = None if node.quantile is None else Literal(node.quantile)
        state = self._state(node.function, argument, node.where, quantile, name)
        null = Null.never if state.function in COUNTS else Null.absent
        return self.finish(Value(Name((state.name,)), frozenset({self._atom(state)}), null))

    def _exact(self, argument: Expr | None) -> Expr | None:
        """Cast what is added to the digits that the metric declares, so that parts make up the whole exactly."""
        if argument is None or self.decimals is None:
            return argument
        return operations.cast(argument, decimal(38, self.decimals))

    def _state(
        self, function: str, argument: Expr | None, where: Expr | None, quantile: Expr | None, name: str | None
    ) -> State:
        key = (function, argument, where, quantile)
        if key not in self.states:
            type = aggregate_type(function, UNKNOWN if argument is None else self.type_of(argument))
            column = self.fresh(name if name is not None else f"{self.name}__{_WORDS.get(function, function)}")
            self.states[key] = State(column, type, function, argument, where, quantile)
        return self.states[key]

    def _atom(self, state: State) -> Atom:
        counts_rows = state.function == "count" and state.argument is None and state.where is None and self.share is None
        return Atom(state.name, state.function in COUNTS, self.rows, counts_rows)


_WORDS = {"count_distinct": "distinct"}

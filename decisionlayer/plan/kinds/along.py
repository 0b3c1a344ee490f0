"""Along time: the states of a stock over its instants, and what is made of them.

| `over_time` | states | finish |
|---|---|---|
| `last`, `first` | over the rows of one instant | as any measure's |
| `avg` | over the rows of all instants; what rows do not add up to: for each instant, then added up | over the number of instants |
| `min`, `max` | the finished value of each instant, then the least or greatest | a count is 0 at an instant without rows |

The number of instants is the source's, not the group's, so it stands beside the cells: one for a period, whatever it is split by.
"""

from __future__ import annotations

from collections.abc import Callable

from decisionlayer.frozen import dataclass, replace
from decisionlayer.plan.bind.expanding import weighted
from decisionlayer.plan.kinds.counting import Counting
from decisionlayer.plan.kinds.formula import Atom, Keep, Null, Value, absent
from decisionlayer.plan.kinds.measure import COUNTS, Decomposition
from decisionlayer.plan.kinds.stock import INSTANT, Stock, derive
from decisionlayer.plan.nodes import Aggregate, Compute, Derived, Field, Output, State
from decisionlayer.plan.shape import fields
from decisionlayer.plan.types import type_of
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name, transform
from decisionlayer.resolve.language.types import BOOLEAN, INTEGER, UNKNOWN

#: States that rows of all instants add up to what the instants add up to.
_ADDED = frozenset({"sum", "count"})
_VALUE, _THERE = "value", "is_there"


@dataclass(frozen=True, slots=True)
class Along:
    """The cells of a stock and its value in them; ``instants`` counts those of each period, ``counted`` the rows of a cell."""

    aggregate: Aggregate
    value: Value
    instants: Aggregate | None
    counted: Atom | None = None


def along_time(
    counting: Counting,
    stock: Stock,
    decomposition: Decomposition,
    keep: Keep,
    instants: Callable[[Aggregate], Aggregate],
    *,
    told: bool,
    summed: bool,
) -> Along:
    """Return what a stock is in a cell when it is read as ``avg``, ``min`` or ``max``.

    ``instants`` gives the cells that count instants a column name, the same for equal ones. ``told`` says that somebody
    asks whether a cell has rows at all, ``summed`` that it may be part of a sum, which asks whether it is absent.
    """
    if stock.over_time == "avg":
        return _mean(counting, stock, decomposition, keep, instants(_number(counting, stock)), told=told, summed=summed)
    return _extreme(counting, stock, decomposition, instants, told=told, summed=summed)


def _number(counting: Counting, stock: Stock) -> Aggregate:
    """Return how many instants there are, period by period."""
    state = State("instants", INTEGER, "count_distinct", stock.clock)
    return Aggregate(stock.rows(counting.bound, counting.columns), stock.periods, (state,))


def _mean(
    counting: Counting, stock: Stock, decomposition: Decomposition, keep: Keep, number: Aggregate,
    *, told: bool, summed: bool,
) -> Along:  # fmt: skip
    instants = Name((number.states[0].name,))

    def mean(value: Value) -> Value:
        quotient = Call("/", (value.expr, instants))
        if value.null is not Null.never:
            return Value(quotient, value.atoms, value.null)
        return Value(Call("coalesce", (quotient, Literal(0))), value.atoms, Null.never)

    decomposition.finish = mean
    value = decomposition.value(counting.measure, keep, alone=False)
    adds_up = all(state.function in _ADDED for state in decomposition.states.values())
    counted = decomposition.all_rows() if told and adds_up else None
    bound = counting.bound
    states = weighted(decomposition.name, tuple(decomposition.states.values()), bound.expansions)
    if decomposition.beside is not None:
        states = (*states, decomposition.beside)
    rows = counting.rows(tuple(part for state in states for part in (state.argument, state.where) if part is not None))
    if adds_up:
        return Along(Aggregate(rows, bound.keys, states, bound.clock), value, number, counted)
    inner = Aggregate(rows, (*bound.keys, _instant(counting, stock)), states, bound.clock)
    derived = derive(inner, f"{bound.source}_instants", counting.known)
    added = tuple(State(state.name, state.type, "sum", Name((derived.alias, state.name))) for state in states)
    # A sum over instants is NULL where there is none, whatever it adds up; a count is absent where it is 0 at all of them.
    atoms = {atom: replace(atom, is_count=False, covers_rows=False) for atom in value.atoms}
    counts = sorted((atom for atom in value.atoms if atom.is_count and summed), key=lambda atom: atom.column)
    met = [(atom, _seen(decomposition, Call("<>", (Name((derived.alias, atom.column)), Literal(0))))) for atom in counts]
    atoms |= {atom: replace(atom, column=state.name, covers_rows=False) for atom, state in met}
    own, counted = _own(decomposition) if told else (None, None)
    outer = _outer(derived, counting, (*added, *(state for _, state in met), *(() if own is None else (own,))))
    return Along(outer, Value(value.expr, frozenset(atoms.values()), value.null), number, counted)


def _own(decomposition: Decomposition) -> tuple[State, Atom]:
    """Return how many instants a group has rows at."""
    state = State(decomposition.fresh(f"{decomposition.name}__instants"), INTEGER, "count", None)
    return state, Atom(state.name, True, decomposition.rows, covers_rows=True)


def _extreme(
    counting: Counting,
    stock: Stock,
    decomposition: Decomposition,
    instants: Callable[[Aggregate], Aggregate],
    *,
    told: bool,
    summed: bool,
) -> Along:
    bound = counting.bound
    taken: list[str] = []

    def local(name: str) -> str:
        taken.append(name)
        return f"state_{len(taken)}"

    parts: dict[str, Expr] = {}

    def part(expr: Expr) -> Expr:
        name = f"part_{len(parts) + 1}"
        parts[name] = expr
        return Name((name,))

    inside = Decomposition(_VALUE, 0, decomposition.decimals, decomposition.type_of, local)
    value = inside.value(counting.measure, part, alone=False)
    states = weighted(decomposition.name, tuple(inside.states.values()), bound.expansions)
    read = tuple(each for state in states for each in (state.argument, state.where) if each is not None)
    keys = (*bound.keys, _instant(counting, stock))
    inner = Aggregate(counting.rows(read), keys, states, bound.clock)
    finished = _written_out(value.expr, parts)
    types = {state.name: state.type for state in states}
    type = type_of(finished, lambda name: types.get(name.text, UNKNOWN))
    is_there = Output(_THERE, BOOLEAN, Call("not", (absent(value),)))
    never = value.null is Null.never
    shown = (Output(_VALUE, type, finished), *((is_there,) if never and summed else ()))
    each = Compute(inner, tuple(Field(key.name, key.type) for key in keys), shown)
    derived = derive(each, f"{bound.source}_instants", counting.known)
    extreme = State(decomposition.fresh(decomposition.name), type, stock.over_time, Name((derived.alias, _VALUE)))
    own, counted = _own(decomposition)
    atom = Atom(extreme.name, False, decomposition.rows)
    if not never:
        null = Null.absent if value.null is Null.absent else Null.implied
        outer = _outer(derived, counting, (extreme, own) if told else (extreme,))
        return Along(outer, Value(Name((extreme.name,)), frozenset({atom}), null), None, counted if told else None)
    # A count is there at every instant: 0 where the group has no rows. It is absent where it is 0 at all of them.
    seen = (_seen(decomposition, Name((derived.alias, _THERE))),) if summed else ()
    atoms = frozenset(Atom(each.name, True, decomposition.rows) for each in seen) or frozenset({atom})
    number = instants(_number(counting, stock))
    without = transform(finished, lambda node: _nothing(node, states) if isinstance(node, Name) else None)
    function = "least" if stock.over_time == "min" else "greatest"
    all_there = Call("=", (Name((own.name,)), Name((number.states[0].name,))))
    least = Call(function, (Call("coalesce", (Name((extreme.name,)), without)), without))
    expr = Call("coalesce", (Case(((all_there, Name((extreme.name,))),), None), least))
    outer = _outer(derived, counting, (extreme, own, *seen))
    return Along(outer, Value(expr, atoms, Null.never), number, counted if told else None)


def _seen(decomposition: Decomposition, where: Expr) -> State:
    """Return at how many instants something is there."""
    return State(decomposition.fresh(f"{decomposition.name}__seen"), INTEGER, "count", None, where)


def _nothing(name: Name, states: tuple[State, ...]) -> Expr:
    state = next(each for each in states if each.name == name.text)
    return Literal(0 if state.function in COUNTS else None)


def _written_out(expr: Expr, parts: dict[str, Expr]) -> Expr:
    return transform(
        expr, lambda node: _written_out(parts[node.text], parts) if isinstance(node, Name) and node.text in parts else None
    )


def _instant(counting: Counting, stock: Stock) -> Output:
    return Output(INSTANT, counting.columns.type_at(counting.bound.source, stock.clock), stock.clock)


def _outer(derived: Derived, counting: Counting, states: tuple[State, ...]) -> Aggregate:
    """Return the cells of a question over those of each instant."""
    known = {field.name: field.type for field in fields(derived.cells)}
    keys = tuple(Output(key.name, known[key.name], Name((derived.alias, key.name))) for key in counting.bound.keys)
    return Aggregate(derived, keys, states, counting.bound.clock)

"""Looks: what a metric function makes of the cell that is asked, read from a formula.

A look maps the cell to what is read for it: ``prior`` moves its interval, ``trailing``, ``to_date`` and ``all_time`` replace
its start, ``period_start`` takes the first piece of a longer period, ``total`` forgets splits; ``first`` takes the first day of what is
asked, ``avg`` the mean over its days (``over_time`` on what accumulates). docs/adr/0004-time.md and 0014-conventions.md have the tables.
A formula is the same formula in the cell that is read, so looks sink to the metrics beneath (``sunk``).

::

    revenue - prior(revenue / orders, '1 month')    sinks to    revenue - #1 / #2
                                                    #1 = revenue under prior 1 month,  #2 = orders under prior 1 month
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import PERIODS
from decisionlayer.resolve.frames.timeunits import Almanac, why_uneven
from decisionlayer.resolve.language.functions import METRIC_FUNCTIONS
from decisionlayer.resolve.language.literals import interval
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, transform, walk

#: Functions that read rows of another time than the cell's own.
MOVES = frozenset({"prior", "period_start", "first", "avg"})
ACCUMULATIONS = frozenset({"trailing", "to_date", "all_time"})


@dataclass(frozen=True, slots=True)
class Look:
    """One metric function as it was written: ``count`` whole periods of ``unit``, or the ``paths`` that ``total`` keeps."""

    function: str
    count: int = 0
    unit: str | None = None
    paths: tuple[str, ...] = ()

    @property
    def is_in_time(self) -> bool:
        """Whether it reads another time than the cell's own."""
        return self.function in MOVES or self.function in ACCUMULATIONS

    @property
    def drops_time(self) -> bool:
        """Whether it reads the whole range of the question, whatever the period of the cell."""
        return self.function == "total" and "all" in self.paths

    @property
    def said(self) -> str:
        """How a person wrote it."""
        return f"over_time: {self.function}" if self.function in ("first", "avg") else self.function

    @property
    def word(self) -> str:
        """What a column made by it may be called: ``prior_1_month``."""
        parts = (self.function, str(self.count) if self.count else "", *(self.unit or "").split("."), *self.paths)
        return "_".join(part.replace(".", "_") for part in parts if part)


@dataclass(frozen=True, slots=True)
class Seen:
    """One name of a formula under looks, the outermost first."""

    name: str
    looks: tuple[Look, ...]


def read_look(call: Call) -> Look:
    """Return the look of a metric function; its arguments were checked when it was read."""
    written = [_text(argument) for argument in call.arguments[1:]]
    match call.function:
        case "prior" | "trailing":
            count, unit = length_of(written[0])
            return Look(call.function, count, unit)
        case "total":
            return Look(call.function, paths=tuple(written))
        case _:
            return Look(call.function, unit=written[0] if written else None)


def length_of(text: str) -> tuple[int, str]:
    """Return the count and the period of a length, singular.

    >>> length_of("28 days"), length_of("1 retail.year")
    ((28, 'day'), (1, 'retail.year'))
    """
    found = interval(text)
    assert found is not None, text
    count, unit = found
    singular = unit.removesuffix("s")
    return count, singular if singular in PERIODS or "." in unit else unit


def settled(formula: Expr) -> Expr:
    """Return the formula with the periods and paths of metric functions as texts, so that every name is a metric's."""

    def change(node: Expr) -> Expr | None:
        if not isinstance(node, Call) or node.function not in METRIC_FUNCTIONS:
            return None
        texts = tuple(Literal(_text(argument), argument.span) for argument in node.arguments[1:])
        return replace(node, arguments=(transform(node.arguments[0], change), *texts))

    return transform(formula, change)


@dataclass(frozen=True, slots=True)
class Length:
    """How many of ``unit`` the period is long that is read under looks, the outermost first: what ``per`` divides by."""

    looks: tuple[Look, ...]
    unit: str


def sunk(
    formula: Expr, looked: frozenset[str], around: tuple[Look, ...] = ()
) -> tuple[Expr, Mapping[str, Seen], Mapping[str, Length]]:
    """Return the formula without looks, what each name in it stands for, and each length; ``looked`` are the names of metrics.

    ``around`` are looks that the whole formula is read under.

    A name outside every look keeps itself; under a look it is called ``name@look``. ``per(m, week)`` is ``m`` over a length, and what
    it divides knows that it does: two periods of unlike lengths may then be compared.
    """
    seen: dict[str, Seen] = {}
    lengths: dict[str, Length] = {}

    def sink(node: Expr, looks: tuple[Look, ...]) -> Expr:
        def change(inner: Expr) -> Expr | None:
            if isinstance(inner, Call) and inner.function == "per":
                look = read_look(inner)
                assert look.unit is not None
                name = "@".join(("length", look.unit, *(each.word for each in looks)))
                lengths[name] = Length(looks, look.unit)
                return Call("/", (sink(inner.arguments[0], (*looks, look)), Name((name,))), inner.span)
            if isinstance(inner, Call) and inner.function in METRIC_FUNCTIONS:
                return sink(inner.arguments[0], (*looks, read_look(inner)))
            if not isinstance(inner, Name) or inner.text not in looked:
                return None
            key = "@".join((inner.text, *(look.word for look in looks)))
            seen[key] = Seen(inner.text, looks)
            return Name((key,), inner.span) if looks else inner

        return transform(node, change)

    return sink(formula, around), seen, lengths


def unknown_periods(formula: Expr, almanac: Almanac) -> Iterator[tuple[Expr, str]]:
    """Yield each argument that names a period which there is not, with that name; ``formula`` is settled."""
    for node in walk(formula):
        if not isinstance(node, Call) or node.function not in METRIC_FUNCTIONS or node.function in ("total", "all_time"):
            continue
        written = _text(node.arguments[1])
        unit = length_of(written)[1] if node.function in ("prior", "trailing") else written
        found = almanac.parse(unit)
        if found is None or why_uneven(found) is not None:
            yield node.arguments[1], unit


def _text(argument: Expr) -> str:
    if isinstance(argument, Name):
        return argument.text
    assert isinstance(argument, Literal) and isinstance(argument.value, str)
    return argument.value

"""Chains: moves between two figures, put into their published order as the steps of a walk, and rounded so that they still sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

from decisionlayer.decide.walk import Line, Step, Walk
from decisionlayer.frozen import dataclass

#: The steps in their published order.
ORDER = ("definition", "structure", "calendar", "fx", "mix", "rate", "rest")

#: Digits of a figure that no decimal writes in full, such as a third; so few that Python's own decimals add them exactly.
_DIGITS = 24


@dataclass(frozen=True, slots=True)
class Move:
    """One step before it has its place: what it is called, why, how far it moves, and by what."""

    name: str
    why: str
    change: Fraction
    lines: tuple[tuple[str, Fraction], ...] = ()


def steps_of(walk: Walk) -> dict[str, Decimal | None]:
    """Return the change of each step in the published order, zero for one that is not there."""
    known = {step.name: step.change or (None if step.change is None else Decimal(0)) for step in walk.steps}
    return {name: known.get(name, Decimal(0)) for name in ORDER}


def chained(first: Fraction, last: Fraction, moves: Sequence[Move]) -> tuple[Step, ...]:
    """Return the steps in their published order, each from where the one before it ended; so do the lines within a step."""
    steps: list[Step] = []
    here = first
    rounded = rounding(first, last, *(move.change for move in moves))
    for move in sorted(moves, key=lambda move: ORDER.index(move.name)):
        lines, at = [], here
        for name, change in sorted(move.lines, key=lambda line: -abs(line[1])):
            lines.append(Line(name, rounded(at + change) - rounded(at)))
            at += change
        steps.append(Step(move.name, move.why, rounded(here), rounded(here + move.change), move.name, tuple(lines)))
        here += move.change
    return tuple(steps)


def rounding(*figures: Fraction) -> Callable[[Fraction], Decimal]:
    """Return how figures of this size become decimals with as many digits after the point, all of them exactly where they can be."""
    largest = max((abs(figure) for figure in figures), default=Fraction(0))
    places = _DIGITS - len(str(int(largest)))

    def rounded(figure: Fraction) -> Decimal:
        with localcontext() as context:
            context.prec = 2 * _DIGITS
            found = (Decimal(figure.numerator) / Decimal(figure.denominator)).quantize(Decimal(1).scaleb(-max(places, 0)))
            return found.normalize() + 0  # as short as it can be written, and no minus before a zero

    return rounded

"""Drivers: how much of a change each part of a number makes, in exact arithmetic. Arithmetic drivers, never causes.

A quotient over classes with shares w and values r changes by

    rate_i = mean(w_i) x change(r_i)
    mix_i  = (mean(r_i) - mean of the two totals) x change(w_i)

which sum to the whole change. A class that is there on one side only has no change of its own value: all that it brings, or takes
with it, is mix, measured against the same mean. A product is split by the logarithmic mean where all factors are positive, else by
Shapley's average over all orders in which the factors could have changed.

::

              share      value      rate                    mix
    simple    0.8 → 0.3    4 → 3    0.55 x -1 = -0.55       (3.5 - 10.35) x -0.5 = 3.425
    complex   0.2 → 0.7   20 → 18   0.45 x -2 = -0.90       (19 - 10.35) x 0.5 = 4.325
    all       7.2 → 13.5: +6.3            -1.45                  +7.75
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import combinations
from math import factorial
from typing import TypeAlias

from decisionlayer.frozen import dataclass

#: What stands above and below the line of one class.
Parts: TypeAlias = tuple[Fraction, Fraction]

#: More factors than this have too many orders to be averaged over.
MOST_FACTORS = 10


@dataclass(frozen=True, slots=True)
class Driver:
    """One class: its share and its own value on both sides, and what it makes of the change. A value is None on a side without it."""

    name: str
    shares: tuple[Fraction, Fraction]
    values: tuple[Fraction | None, Fraction | None]
    rate: Fraction
    mix: Fraction
    bases: tuple[Fraction, Fraction]

    @property
    def is_on_both_sides(self) -> bool:
        """Whether it neither came nor went."""
        return None not in self.values


@dataclass(frozen=True, slots=True)
class Mix:
    """A change of a quotient, told by its classes: the two totals, and the drivers, which sum to the change between them."""

    before: Fraction
    after: Fraction
    drivers: tuple[Driver, ...]

    @property
    def change(self) -> Fraction:
        """The whole change."""
        return self.after - self.before

    @property
    def rate(self) -> Fraction:
        """What the classes' own values make of it."""
        return sum((driver.rate for driver in self.drivers), Fraction(0))

    @property
    def mix(self) -> Fraction:
        """What their shares make of it."""
        return sum((driver.mix for driver in self.drivers), Fraction(0))

    @property
    def misleads(self) -> bool:
        """Whether the total moves one way and the classes' own values the other: mix dominates."""
        return self.change * self.rate < 0

    def is_reversed(self, min_base: int | None = None) -> bool:
        """Whether every class whose base is large enough on both sides moved against the total: Simpson's reversal, strictly."""
        moved = [
            values[1] - values[0]
            for driver in self.drivers
            if (values := driver.values)[0] is not None and values[1] is not None and min(driver.bases) >= (min_base or 0)
        ]
        return self.change != 0 and len(moved) > 1 and all(move * self.change < 0 for move in moved)


def mix_of(before: Mapping[str, Parts], after: Mapping[str, Parts]) -> Mix | None:
    """Return a change of a quotient by its classes; None where a side has nothing below the line.

    A class with nothing below the line is not there. What it has above the line counts all the same, as a change of mix.

    >>> mix = mix_of({"simple": (320, 80), "complex": (400, 20)}, {"simple": (180, 60), "complex": (2520, 140)})
    >>> [float(part) for part in (mix.change, mix.rate, mix.mix)]
    [6.3, -1.45, 7.75]
    """
    bases = [sum((under for _, under in side.values()), Fraction(0)) for side in (before, after)]
    if 0 in bases:
        return None
    totals = [sum((over for over, _ in side.values()), Fraction(0)) / base for side, base in zip((before, after), bases, strict=True)]
    middle = (totals[0] + totals[1]) / 2
    nothing = (Fraction(0), Fraction(0))
    drivers = []
    for name in dict.fromkeys((*before, *after)):
        sides = [tuple(Fraction(part) for part in side.get(name, nothing)) for side in (before, after)]
        shares = [under / base for (_, under), base in zip(sides, bases, strict=True)]
        values = [over / under if under else None for over, under in sides]
        was, now = values
        if was is not None and now is not None:
            rate = (shares[0] + shares[1]) / 2 * (now - was)
            mix = ((was + now) / 2 - middle) * (shares[1] - shares[0])
        else:
            brought = [over / base - share * middle for (over, _), base, share in zip(sides, bases, shares, strict=True)]
            rate, mix = Fraction(0), brought[1] - brought[0]
        drivers.append(Driver(name, (shares[0], shares[1]), (was, now), rate, mix, (sides[0][1], sides[1][1])))
    return Mix(totals[0], totals[1], tuple(drivers))


def factors_of(before: Sequence[Fraction], after: Sequence[Fraction]) -> tuple[Fraction, ...] | None:
    """Return what each factor of a product makes of its change, in order; None for more than anybody averages over.

    They sum to the change: exactly by Shapley; by the logarithmic mean to forty digits, and the largest takes what is cut beyond.

    >>> [float(part) for part in factors_of([2, -3], [4, -3])]
    [-6.0, 0.0]
    """
    change = _product(after) - _product(before)
    if all(factor > 0 for factor in (*before, *after)):
        return _log_mean(before, after, change)
    if len(before) > MOST_FACTORS:
        return None
    return tuple(_shapley(index, before, after) for index in range(len(before)))


def _log_mean(before: Sequence[Fraction], after: Sequence[Fraction], change: Fraction) -> tuple[Fraction, ...]:
    if change == 0:
        mean = _product(after)
        logs = [_log(now / was) for was, now in zip(before, after, strict=True)]
    else:
        whole = _log(_product(after) / _product(before))
        mean = change
        logs = [_log(now / was) / whole for was, now in zip(before, after, strict=True)]
    parts = [mean * log for log in logs]
    largest = max(range(len(parts)), key=lambda index: abs(parts[index]))
    parts[largest] += change - sum(parts, Fraction(0))
    return tuple(parts)


def _shapley(index: int, before: Sequence[Fraction], after: Sequence[Fraction]) -> Fraction:
    others = [other for other in range(len(before)) if other != index]
    found = Fraction(0)
    for size in range(len(others) + 1):
        weight = Fraction(factorial(size) * factorial(len(others) - size), factorial(len(before)))
        for moved in combinations(others, size):
            rest = _product([after[other] if other in moved else before[other] for other in others])
            found += weight * rest * (after[index] - before[index])
    return found


def _log(value: Fraction) -> Fraction:
    with localcontext() as context:
        context.prec = 50
        found = (Decimal(value.numerator) / Decimal(value.denominator)).ln()
        context.prec = 40
        return Fraction(+found)


def _product(values: Sequence[Fraction]) -> Fraction:
    found = Fraction(1)
    for value in values:
        found *= value
    return found

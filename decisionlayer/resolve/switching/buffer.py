"""The buffer index: the share of the numbers for choosing that cross a step by hand, on any translation beneath them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.model import Manual, Model, Purpose
from decisionlayer.resolve.reach.beneath import Beneath


@dataclass(frozen=True, slots=True)
class BufferIndex:
    """Which choice metrics cross a step by hand, of how many; ``steps`` are all such steps, with the metric whose translation has it."""

    crossing: tuple[str, ...]
    of: int
    steps: tuple[tuple[str, Manual], ...]

    @property
    def share(self) -> Fraction:
        """The index itself, from 0 to 1; 0 where nothing is for choosing."""
        return Fraction(len(self.crossing), self.of) if self.of else Fraction(0)

    @property
    def hours(self) -> Decimal:
        """The hours that the steps take, each once; one that does not say takes none."""
        return sum((step.hours for _, step in self.steps if step.hours is not None), Decimal(0))


def buffer_index(model: Model) -> BufferIndex:
    """Return the buffer index of a model."""
    beneath = Beneath(model.metrics)
    choices = [metric for metric in model.metrics.values() if metric.purpose is Purpose.choice and "@" not in metric.name]
    translated = ((metric.name, metric.translation) for metric in model.metrics.values() if metric.translation is not None)
    steps = {name: translation.manual for name, translation in translated if translation.manual}
    crossing = tuple(metric.name for metric in choices if any(below.name in steps for below in beneath.tree(metric.name)))
    return BufferIndex(crossing, len(choices), tuple((name, step) for name, manual in steps.items() for step in manual))

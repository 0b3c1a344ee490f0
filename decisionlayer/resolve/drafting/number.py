"""What a body gives, measure and formula alike."""

from __future__ import annotations

from enum import Enum

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.types import DataType
from decisionlayer.resolve.model import Additivity, Body, Grain
from decisionlayer.resolve.quantities.units import Unit


class Nature(Enum):
    """How a number grows with the length of time that it is over."""

    flow = "adds up along time"
    stock = "stands for one instant"
    mean = "is the mean of its instants"
    constant = "is the same at any time"


@dataclass(frozen=True, slots=True)
class Number:
    """A body, and what is computed from it; ``unit`` None is unknown."""

    body: Body
    limit: Grain
    type: DataType
    unit: Unit | None
    additivity: Additivity
    approximate: bool
    enters: tuple[str, ...] = ()
    nature: Nature | None = None

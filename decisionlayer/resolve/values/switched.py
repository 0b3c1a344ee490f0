"""What a translation says beside its terms: values of the model, each one key of the YAML."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from decisionlayer.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Regroup:
    """The version of a reporting line under which every question about a metric is read."""

    frame: str
    version: str
    day: dt.date

    @property
    def written(self) -> str:
        """It as people write it: ``org@FY26``."""
        return f"{self.frame}@{self.version}"


@dataclass(frozen=True, slots=True)
class Reweight:
    """A quotient under one mix of the classes ``by``: that of all that a question covers (``shares`` None), or stated shares."""

    by: str
    shares: tuple[tuple[str, Decimal], ...] | None = None


@dataclass(frozen=True, slots=True)
class ControlTotal:
    """A number from elsewhere that a metric must tie to, for each of ``by``, ``within`` so much of its unit."""

    metric: str
    by: tuple[str, ...]
    within: Decimal


@dataclass(frozen=True, slots=True)
class Manual:
    """A step that a person does by hand on the way."""

    by: str
    does: str
    hours: Decimal | None

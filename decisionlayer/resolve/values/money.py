"""Money as the model knows it: which parts of a measure are amounts, and by which rates they become another currency."""

from __future__ import annotations

from decisionlayer.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Amount:
    """What of a measure is money: ``aggregates`` by their place in its expression, in one ``currency`` or each row in its ``column``'s.

    Exactly one of ``currency`` and ``column`` is there; a column is a path from the measure's source.
    """

    metric: str
    aggregates: tuple[int, ...]
    currency: str | None = None
    column: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """Money into another currency, row by row: the table of rates, the kind of rate, and every measure beneath that is money."""

    frame: str
    kind: str
    to: str
    amounts: tuple[Amount, ...] = ()

    @property
    def said(self) -> str:
        """The exchange as people read it."""
        return f"converted into {self.to} at the {self.kind} rates of {self.frame}"

    def amount(self, metric: str) -> Amount | None:
        """Return what of a measure is converted; None when it is no money."""
        return next((each for each in self.amounts if each.metric == metric), None)


@dataclass(frozen=True, slots=True)
class RollForward:
    """The flows that lead from one level of a stock to the next: opening + ``in_`` - ``out`` = closing."""

    in_: tuple[str, ...]
    out: tuple[str, ...]

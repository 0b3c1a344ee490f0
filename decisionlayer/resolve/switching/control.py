"""Control totals: a number beside one from elsewhere, cell by cell. The gap is shown and never absorbed (DL602)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal

from decisionlayer.findings import Finding, Severity
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.model import ControlTotal, Metric
from decisionlayer.resolve.quantities.printed import in_digits

#: How many gaps a passport lists.
MOST_GAPS = 20


@dataclass(frozen=True, slots=True)
class Gap:
    """A cell in which the two are apart."""

    cell: Mapping[str, object]
    ours: Decimal
    theirs: Decimal

    @property
    def size(self) -> Decimal:
        """By how much ours is more."""
        return self.ours - self.theirs

    def as_json(self) -> Mapping[str, object]:
        """Return it as plain data."""
        return {"cell": self.cell, "number": self.ours, "control": self.theirs, "gap": self.size}


@dataclass(frozen=True, slots=True)
class Held:
    """A metric held against its control total over some periods; ``gaps`` are those of any size, the widest first.

    ``since`` is the first day of the definition that it is held under, where there are several. ``refused`` says why the two cannot
    be asked together.
    """

    metric: Metric
    control: ControlTotal
    over: str
    cells: int
    gaps: tuple[Gap, ...]
    since: dt.date | None = None
    refused: tuple[Finding, ...] = ()

    @property
    def ties(self) -> bool:
        """Whether no gap is beyond what is allowed; what could not be asked has not been shown to tie."""
        return not self.refused and all(abs(gap.size) <= self.control.within for gap in self.gaps[:1])

    def as_json(self) -> Mapping[str, object]:
        """Return it as the passport has it."""
        return {
            "metric": self.control.metric,
            "by": list(self.control.by),
            "within": self.control.within,
            "over": self.over,
            "cells": self.cells,
            "ties": self.ties,
            "gaps": [gap.as_json() for gap in self.gaps[:MOST_GAPS]],
            **({} if self.since is None else {"since": self.since.isoformat()}),
            **({"because": [finding.message for finding in self.refused]} if self.refused else {}),
        }

    def finding(self) -> Finding | None:
        """Return DL602 where the two are further apart than is allowed."""
        if self.refused:
            return self._untold()
        if self.ties:
            return None
        worst, control = self.gaps[0], self.control
        unit = "" if self.metric.unit is None else f" {self.metric.unit}"
        under = "" if self.since is None else f" under its definition of {self.since}"
        cell = ", ".join(f"{name} {value if value is not None else 'Unassigned'}" for name, value in worst.cell.items()) or "the total"
        beyond = sum(abs(gap.size) > control.within for gap in self.gaps)
        return Finding(
            "parts-differ", f"metric {self.metric.name}",
            f"`{self.metric.name}` does not tie to its control total `{control.metric}`{under}: "
            f"{in_digits(worst.ours, grouped=True)} against {in_digits(worst.theirs, grouped=True)}{unit} in {cell}",
            self.metric.place, why="the same thing counted elsewhere is another number, and nobody has said which of the two is wrong",
            damage=f"{beyond:,} of {self.cells:,} cells further apart than {in_digits(control.within, grouped=True)}{unit}",
            help="find what one of the two leaves out; the gap is a line with an owner, never spread over the rest",
        )  # fmt: skip

    def _untold(self) -> Finding:
        """Return the warning that one definition could not be held against its control total, and why."""
        under = "" if self.since is None else f" under its definition of {self.since}"
        return Finding(
            "parts-differ", f"metric {self.metric.name}",
            f"`{self.metric.name}`{under} is not held against its control total `{self.control.metric}`: {self.refused[0].message}",
            self.metric.place, why="what cannot be asked has not been shown to tie", help=self.refused[0].help, soft=Severity.warning,
        )  # fmt: skip


def held(
    metric: Metric, control: ControlTotal, over: str, rows: Iterable[tuple[Mapping[str, object], object, object]]
) -> Held:
    """Return how a metric ties to its control total; a cell that one of them lacks is nothing there."""
    found = [Gap(cell, _exact(ours), _exact(theirs)) for cell, ours, theirs in rows]
    gaps = sorted((gap for gap in found if gap.size), key=lambda gap: -abs(gap.size))
    return Held(metric, control, over, len(found), tuple(gaps))


def _exact(value: object) -> Decimal:
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(0) if value is None else Decimal(str(value))


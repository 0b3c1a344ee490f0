"""The ledger of a number: where every row of its sources went, each once. What does not tie is a finding, never spread (DL602).

::

    rows | amount
       9 |    132   source: all that the number asks about, whatever arrived and whatever leaves
       1 |      5   excluded: test tickets
       1 |      7   late: arrived after the day on which its content is asked for
       7 |    120   counted
       0 |      0   residual: source - excluded - late - counted
       2 |     20   unassigned: of what is counted, what stands in no group
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from decisionlayer.findings import Finding, Severity
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.model import Metric

Amount: TypeAlias = int | float | Decimal | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Some rows of a source, and what they amount to in the number; None where rows of it do not add up."""

    rows: int
    amount: Amount = None

    def minus(self, other: Tally) -> Tally:
        """Return what is left without other rows. What floating numbers lose to rounding is nothing."""
        if self.amount is None or other.amount is None:
            return Tally(self.rows - other.rows)
        if not isinstance(self.amount, float) and not isinstance(other.amount, float):
            return Tally(self.rows - other.rows, self.amount - other.amount)
        one, two = float(self.amount), float(other.amount)
        within = max(self.rows, other.rows, 1) * sys.float_info.epsilon * max(abs(one), abs(two))
        return Tally(self.rows - other.rows, one - two if abs(one - two) > within else 0.0)

    @property
    def is_nothing(self) -> bool:
        """Whether it is no row and amounts to nothing."""
        return not self.rows and not self.amount

    def as_json(self) -> Mapping[str, object]:
        """Return it as plain data."""
        return {"rows": self.rows, "amount": self.amount}


@dataclass(frozen=True, slots=True)
class Account:
    """The ledger of one term, or of one side of a quotient; ``called`` is empty where the number has only this one."""

    called: str
    of: str
    source: Tally
    counted: Tally
    excluded: Mapping[str, Tally]
    late: Tally
    unassigned: Tally
    #: The keys of rows that are counted otherwise than they should be, some of them, where they were looked for.
    wrong: tuple[str, ...] = ()
    #: The first day of the definition that it is under, where the number was read under several.
    since: str = ""

    @property
    def title(self) -> str:
        """What tells it from the other accounts of the number."""
        return ", ".join(part for part in (f"since {self.since}" if self.since else "", self.called) if part)

    @property
    def _where(self) -> str:
        term = f" its term `{self.called}`" if self.called else ""
        under = f" its definition of {self.since}" if self.since else ""
        return f"{term} under{under}" if term and under else term or under

    @property
    def residual(self) -> Tally:
        """What is neither counted nor left out under a reason nor late."""
        left = self.source.minus(self.counted).minus(self.late)
        for each in self.excluded.values():
            left = left.minus(each)
        return left

    @property
    def share_unassigned(self) -> Fraction:
        """The share of what is counted that stands in no group: of the amount where they amount to anything, else of the rows."""
        part, whole = self.unassigned.amount, self.counted.amount
        if not part or not whole:
            part, whole = self.unassigned.rows, self.counted.rows
        return abs(Fraction(part) / Fraction(whole)) if whole else Fraction(0)

    def as_json(self) -> Mapping[str, object]:
        """Return it as the passport has it."""
        return {
            "source": self.source.as_json(),
            "counted": self.counted.as_json(),
            "excluded": {reason: tally.as_json() for reason, tally in self.excluded.items()},
            "late": self.late.as_json(),
            "unassigned": self.unassigned.as_json(),
            "residual": self.residual.as_json(),
        }

    def tells(self, metric: Metric) -> Finding | None:
        """Return DL602 where rows are lost or doubled; None where each is there once."""
        left = self.residual
        if left.is_nothing and not self.wrong:
            return None
        out = sum(tally.rows for tally in self.excluded.values())
        where = f" of{self._where}" if self._where else ""
        keys = f": {', '.join(self.wrong)}" if self.wrong else ""
        amount = f", which amount to {left.amount}" if left.amount else ""
        return Finding(
            "parts-differ", f"metric {metric.name}",
            f"the ledger of `{metric.name}` does not tie: {self.source.rows:,} rows of `{self.of}` in{where}, "
            f"{self.counted.rows + out + self.late.rows:,} accounted for{keys}",
            metric.place, why="a row that is lost or counted twice is in no total, and two such errors may hide each other",
            damage=f"{self.counted.rows:,} counted, {out:,} left out, {self.late.rows:,} late; {left.rows:,} rows remain{amount}",
            help="look at the rows that are named; if their keys are in order, this is a fault of the library: please report it",
        )  # fmt: skip

    def beyond(self, metric: Metric, tolerance: Decimal | None, by: str) -> Finding | None:
        """Return DL604 for what stands in no group, an error beyond what the translation tolerates; None where all have one."""
        share = self.share_unassigned
        if tolerance is None or self.unassigned.is_nothing:
            return None
        above = share > Fraction(tolerance)
        where = f" in{self._where}" if self._where else ""
        amount = f", {self.unassigned.amount} of {self.counted.amount}" if self.counted.amount is not None else ""
        return Finding(
            "rows-without-home", f"metric {metric.name}",
            f"{float(share):.1%} of `{metric.name}`{where} stands under Unassigned by {by}"
            + (f", and its translation tolerates {float(tolerance):.1%}" if above else f", within the {float(tolerance):.1%} it tolerates"),
            metric.place, why="what stands in no group is compared with nothing, and groups without it are not the whole",
            damage=f"{self.unassigned.rows:,} of {self.counted.rows:,} rows{amount}",
            help="give these rows a home, or have the owner of the translation raise `tolerance: {unassigned: …}`",
            soft=Severity.error if above else Severity.warning,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ledger:
    """The accounts of one number in one question; ``by`` is what rows may lack a home in."""

    metric: Metric
    by: tuple[str, ...]
    accounts: tuple[Account, ...]

    def as_json(self) -> Mapping[str, object]:
        """Return the one account itself, or each by the name of its term and the first day of its definition."""
        if len(self.accounts) == 1:
            return self.accounts[0].as_json()
        return {account.title: account.as_json() for account in self.accounts}

    def findings(self, tolerance: Decimal | None) -> tuple[Finding, ...]:
        """Return what does not tie, and what stands in no group beyond what is tolerated."""
        by = ", ".join(f"`{path}`" for path in self.by)
        found = [told for each in self.accounts for told in (each.tells(self.metric), each.beyond(self.metric, tolerance, by))]
        return tuple(finding for finding in found if finding is not None)

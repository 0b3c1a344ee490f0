"""An audit: everything that is found in a project, its data and the SQL beside it, as plain data."""

from __future__ import annotations

import datetime as dt

from decisionlayer.findings import Finding, Severity, counts
from decisionlayer.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found on a day, worst first."""

    project: str
    on: dt.date
    findings: tuple[Finding, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each severity."""
        return counts(self.findings)

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        """Return the findings of one severity."""
        return tuple(finding for finding in self.findings if finding.severity is severity)

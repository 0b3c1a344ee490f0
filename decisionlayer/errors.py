"""Errors carry findings to whoever must act; each class is one such person.

::

    DecisionLayerError
    ├── DeclarationError   edit a file of the project
    ├── QueryError         ask differently
    ├── PolicyError        get an owner, a translation or a signature
    ├── EngineError        look at the warehouse (holds the SQL that failed)
    └── InternalError      our bug: please report it
"""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.findings import Finding, Stops, in_order


class DecisionLayerError(Exception):
    """Something was refused; ``findings`` say what, where, why and how to mend it."""

    def __init__(self, findings: Iterable[Finding] | Finding) -> None:
        self.findings: tuple[Finding, ...] = in_order([findings] if isinstance(findings, Finding) else findings)
        super().__init__("\n".join(finding.render() for finding in self.findings))

    def __reduce__(self) -> tuple[object, ...]:
        # Another process gets the findings, not their text, so that a pool of workers hands on what was refused.
        return _again, (type(self), self.findings, dict(self.__dict__))

    @property
    def codes(self) -> tuple[str, ...]:
        """The code words of its findings, in order."""
        return tuple(finding.code for finding in self.findings)


def _again(kind: type[DecisionLayerError], findings: tuple[Finding, ...], state: dict[str, object]) -> DecisionLayerError:
    error = kind(findings)
    error.__dict__.update(state)
    return error


class DeclarationError(DecisionLayerError):
    """What is declared cannot be used: edit a file of the project."""


class QueryError(DecisionLayerError):
    """The question cannot be answered as put: ask differently."""


class PolicyError(DecisionLayerError):
    """The rules of the house forbid it: get an owner, a translation or a signature."""


class EngineError(DecisionLayerError):
    """The warehouse failed; ``sql`` is the statement it failed on, where there is one."""

    def __init__(self, findings: Iterable[Finding] | Finding, *, sql: str = "") -> None:
        super().__init__(findings)
        self.sql = sql


class InternalError(DecisionLayerError):
    """A promise inside the library was broken: this is our bug, not yours."""


def refuse(findings: Iterable[Finding]) -> DecisionLayerError:
    """Return the error whose class fits the findings: the question's own faults first, then policy, then files."""
    found = tuple(findings)
    stops = {finding.rule.stops for finding in found}
    if Stops.ask in stops:
        return QueryError(found)
    if any(finding.code in POLICY_CODES for finding in found):
        return PolicyError(found)
    return DeclarationError(found)


#: Findings that are mended by a person taking responsibility, not by fixing a spelling.
POLICY_CODES = frozenset({
    "no-purpose", "no-owner", "no-unit", "no-definition", "purpose-mismatch", "unowned-translation", "no-direction",
    "no-scale", "one-decider", "two-meanings",
})  # fmt: skip

"""What is wrong with an expression, and where in its text.

A problem knows offsets only; whoever read the text from a file turns it into a finding with ``finding``.
"""

from __future__ import annotations

from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import NOWHERE, Expr, Span


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: a code of ``findings.RULES``, one sentence, the place in the text, the smallest fix."""

    code: str
    message: str
    span: Span = NOWHERE
    help: str = ""

    def finding(self, subject: str, place: Place | None = None, why: str = "") -> Finding:
        """Return it as a finding about ``subject``; ``place`` is where the problem itself starts."""
        return Finding(self.code, subject, self.message, place, why=why, help=self.help)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What came out of a text: the tree, or None exactly when there are problems, first in the text first."""

    expr: Expr | None
    problems: tuple[Problem, ...] = ()


def said(text: str, most: int = 60) -> str:
    """Return ``text`` in backticks, as ``brief`` cuts it.

    >>> said("sum( amount )")
    '`sum( amount )`'
    """
    return f"`{brief(text, most)}`"


def brief(text: str, most: int = 60) -> str:
    """Return ``text`` on one line, cut in the middle when it is long, so that a message stays readable.

    >>> brief("a" * 100, most=9)
    'aaaa … aaaa'
    """
    flat = " ".join(text.split())
    if len(flat) > most:
        half = most // 2
        flat = f"{flat[:half]} … {flat[-half:]}"
    return flat

"""What a manifest says that a project of ours says otherwise or not at all, told one by one."""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.errors import QueryError
from decisionlayer.frozen import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """One thing: of what, what dbt says, and what stands in our project instead."""

    subject: str
    told: str
    instead: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.told}; {self.instead}"


class Lost(Exception):
    """Raised where something has no counterpart; whoever writes the whole says what becomes of it."""


def reason(lost: Exception) -> str:
    """Return why something has no counterpart, as whoever found it says."""
    return lost.findings[0].message if isinstance(lost, QueryError) else str(lost)


def report(losses: Iterable[Loss]) -> str:
    """Return the losses as text, those that say the same under one head."""
    heads: dict[tuple[str, str], list[str]] = {}
    for loss in losses:
        heads.setdefault((loss.told, loss.instead), []).append(loss.subject)
    lines = []
    for (told, instead), subjects in heads.items():
        lines += [f"{told}", f"  here: {instead}", f"  in: {', '.join(subjects)}"]
    return "\n".join(lines)

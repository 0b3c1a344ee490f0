"""Flags: what does not reflect reality, said by whoever sees it; what was answered and done, and which are open on a day.

::

    raised by alpha_desk   answered by head_of_support   closed by alpha_desk
    ────────────────────── ───────────────────────────── ────────────────────
    raised                 answered, or acted             closed

Only whoever raised a flag closes it, or the successor of a raiser who is gone; until then it is open, whatever was answered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from decisionlayer.findings import Finding, Place
from decisionlayer.frozen import dataclass
from decisionlayer.resolve.model import Model

if TYPE_CHECKING:
    from decisionlayer.declare.records import Close


@dataclass(frozen=True, slots=True)
class Said:
    """What was said to a flag, by whom on which day, and what was done."""

    by: str
    dated: dt.date
    text: str
    did: str | None


@dataclass(frozen=True, slots=True)
class Flagged:
    """One flag as it stands on a day. ``if_upheld`` says by how much each term would change in its rows and its time."""

    id: str
    about: str
    severity: str
    text: str
    by: str
    dated: dt.date
    where: str | None
    start: str | None
    end: str | None
    if_upheld: Mapping[str, Decimal]
    answers: tuple[Said, ...]
    closed: dt.date | None
    place: Place

    @property
    def state(self) -> str:
        """``raised``, ``answered``, ``acted`` (something was done) or ``closed``."""
        if self.closed is not None:
            return "closed"
        if any(answer.did for answer in self.answers):
            return "acted"
        return "answered" if self.answers else "raised"

    @property
    def is_open(self) -> bool:
        """Whether its raiser has not closed it."""
        return self.closed is None

    @property
    def told(self) -> str:
        """It in one sentence, for whoever reads the number: who says what of it, and what has come of that."""
        verb = {"note": "notes of", "disputes": "disputes", "blocks": "blocks"}[self.severity]
        scope = ", ".join(part for part in (self.where, _span(self.start, self.end)) if part)
        last = self.answers[-1] if self.answers else None
        came = "no answer yet" if last is None else f"answered by {last.by}: {(last.did or last.text).rstrip('.!')}"
        return f"flag {self.id} of {self.by} {verb} {self.about}{f' ({scope})' if scope else ''}: {self.text.rstrip('.!')}; {came}"

    def plain(self) -> Mapping[str, object]:
        """Return it as plain data, for a passport."""
        return {
            "id": self.id, "about": self.about, "severity": self.severity, "text": self.text, "by": self.by,
            "dated": self.dated.isoformat(), "state": self.state, "where": self.where, "start": self.start, "end": self.end,
            "if_upheld": {term: str(change) for term, change in self.if_upheld.items()},
            "answers": [{"by": one.by, "dated": one.dated.isoformat(), "text": one.text, "did": one.did} for one in self.answers],
        }  # fmt: skip


def flags(model: Model, on: dt.date) -> tuple[Flagged, ...]:
    """Return every flag that was raised by a day, as it stood then, in the order of the log."""
    if not model.log.records:
        return ()
    from decisionlayer.declare.records import Answer, Close, Flag

    closed = {(one.close, raiser): one.dated for _, one in model.log.of(Close) if one.dated <= on for raiser in closes_for(model, one)}
    answers: dict[str, list[Said]] = {}
    for _, one in model.log.of(Answer):
        if one.dated <= on:
            answers.setdefault(one.answer, []).append(Said(one.by, one.dated, one.text, one.did))
    return tuple(
        Flagged(
            flag.id, flag.flag, flag.severity, flag.text, flag.by, flag.dated, flag.where, flag.start, flag.end, flag.if_upheld,
            tuple(answers.get(flag.id, ())), closed.get((flag.id, flag.by)), model.log.places.get(record, Place("definitions/records")),
        )
        for record, flag in model.log.of(Flag) if flag.dated <= on
    )  # fmt: skip


def closes_for(model: Model, close: Close) -> tuple[str, ...]:
    """Return whose flags somebody closes: one's own, and on that day those of whom one follows and who is gone."""
    heirs = (party for party in model.parties.values() if party.successor == close.by)
    return (close.by, *(party.name for party in heirs if party.until is not None and party.until < close.dated))


def open_about(model: Model, subjects: Iterable[str], on: dt.date) -> tuple[tuple[str, Flagged], ...]:
    """Return each open flag about one of some things, ``metric held_rate``, with the thing."""
    if not model.log.records:
        return ()
    named = tuple(subjects)
    about = {subject: subject for subject in named} | {subject.partition(" ")[2]: subject for subject in named}
    return tuple((about[flag.about], flag) for flag in flags(model, on) if flag.is_open and flag.about in about)


def blocking(found: Iterable[tuple[str, Flagged]]) -> Iterator[Finding]:
    """Yield ``flag-open`` for each of some open flags that blocks what it is about."""
    for subject, flag in found:
        if flag.severity == "blocks":
            last = flag.answers[-1] if flag.answers else None
            state = f"answered by `{last.by}`, not closed" if last is not None else "no answer"
            yield Finding(
                "flag-open", subject, f"flag `{flag.id}` blocks `{flag.about}`: {flag.text.rstrip('.!')}", flag.place,
                why=f"raised by `{flag.by}` on {flag.dated}; {state}", help=f"answer it, and let `{flag.by}` close it",
            )  # fmt: skip


def _span(start: str | None, end: str | None) -> str:
    if start == end:
        return start or ""
    return f"{start or '…'} to {end or '…'}"

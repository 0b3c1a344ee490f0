"""Signatures: what was signed, by whom and until when, and whether it holds on a day for what the thing means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import field

from decisionlayer.frozen import dataclass, replace
from decisionlayer.resolve.model import Model, Party
from decisionlayer.resolve.trust.appended import gained, meaning_then
from decisionlayer.resolve.trust.signable import Signable, named

#: Why a signature does not hold whatever the day is.
OTHER = "was given for another meaning"
LOSES = "was given for another loss"


@dataclass(frozen=True, slots=True)
class Signed:
    """What one party signed last of a thing; ``holds`` on the day that was asked for, and if not, ``why_not``.

    ``frames`` are the last days that the frames beneath knew when it was given, ``added`` says what they have gained since.
    """

    by: str
    dated: dt.date
    until: dt.date
    meaning: str
    record: str
    why_not: str = ""
    parts: Mapping[str, str] | None = None
    frames: Mapping[str, dt.date] = field(default_factory=dict)
    added: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is in force, for what the thing means."""
        return not self.why_not


def signatures(model: Model) -> Mapping[str, list[Signed]]:
    """Return the signatures in the log by what they are under, in the order of their days."""
    signed: dict[str, list[Signed]] = {}
    if not model.log.records:
        return signed
    from decisionlayer.declare.records import Sign

    for record, sign in model.log.of(Sign):
        for name in sign.sign:
            for thing in named(model, name)[:1]:
                one = Signed(sign.by, sign.dated, sign.until, sign.meaning.get(name, ""), record, "", sign.parts.get(name), sign.frames)
                signed.setdefault(thing.subject, []).append(one)
    for given in signed.values():
        given.sort(key=lambda one: one.dated)
    return signed


def judged(signed: Signed, thing: Signable, model: Model, on: dt.date) -> Signed:
    """Return a signature with the reason why it does not hold on a day, or with what frames have gained since it was given."""
    why = added = ""
    if signed.meaning != thing.meaning and signed.frames and meaning_then(model, thing.subject, signed.frames) == signed.meaning:
        added = gained(model, signed.frames)
    if signed.meaning != thing.meaning and not added:
        why = OTHER
    elif thing.loses and signed.parts is not None and signed.parts.get("loses", thing.loses) != thing.loses:
        why = LOSES
    elif signed.until < on:
        why = f"was good until {signed.until}"
    else:
        why = _gone(signed.by, model.parties.get(signed.by), on)
    return replace(signed, why_not=why, added=added)


def _gone(name: str, party: Party | None, on: dt.date) -> str:
    if party is None:
        return "is of nobody who is a party"
    if party.until is not None and party.until < on:
        heir = f"; the successor on file is `{party.successor}`" if party.successor else ""
        return f"is of a party who left on {party.until}{heir}"
    return ""

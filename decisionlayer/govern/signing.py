"""Signing: somebody stands for what some things mean, until a day; the reply says what is official by it, and what is not yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from decisionlayer.declare import Book
from decisionlayer.declare.records import Sign
from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding, in_order
from decisionlayer.frozen import dataclass
from decisionlayer.govern.recording import Recorded, bad, record
from decisionlayer.resolve.model import Model
from decisionlayer.resolve.trust.signable import Signable, named
from decisionlayer.resolve.trust.standing import Standings


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that was given: its record, and what still keeps the things that it is under from being official."""

    recorded: Recorded
    findings: tuple[Finding, ...]

    def render(self) -> str:
        """Return what was signed, by whom and until when, in a few lines."""
        sign = self.recorded.record
        assert isinstance(sign, Sign)
        lines = [f"signed by {sign.by} until {sign.until}:"]
        lines += [f"  {name}  {sign.meaning[name]}" for name in sign.sign]
        lines.append(f"recorded in {self.recorded.file}")
        if not self.findings:
            lines.append(f"official: {'it is' if len(sign.sign) == 1 else 'they are'} signed, and so is what is beneath")
        return "\n".join(lines)


def sign(book: Book, model: Model, names: Iterable[str], *, by: str, until: str, dated: str | None = None, plan: bool = False) -> Recorded:
    """Sign things by name, or with ``plan`` everything that needs a signature and does not have it for what it means now.

    Raises as ``record`` does; QueryError too when nothing is named, or a plan holds nothing to sign.
    """
    wanted = tuple(dict.fromkeys(names))
    if plan and wanted:
        raise QueryError(bad("name things to sign, or say that it is the whole plan, not both", "leave one of the two out"))
    if plan:
        wanted = tuple(_name(model, thing) for thing in unsigned(model, by, dated))
        if not wanted:
            raise QueryError(bad(f"there is nothing left for `{by}` to sign", "everything that needs a signature has it"))
    if not wanted:
        raise QueryError(bad("nothing is named that is to be signed", "name it, or say --plan for everything that is not signed yet"))
    said: dict[str, object] = {"sign": list(wanted), "by": by, "until": until}
    return record(book, model, said if dated is None else {**said, "dated": dated})


def unsigned(model: Model, by: str, dated: str | None = None) -> tuple[Signable, ...]:
    """Return what the views, the decisions and the choice metrics of a project stand on and that is not signed for what it means.

    Left out is what ``by`` has signed already, so that an author and a second person may each sign the same plan.
    """
    standings = Standings.of(model)
    day = None if dated is None else dt.date.fromisoformat(dated)
    found: dict[str, Signable] = {}
    subjects = [
        *(f"view {name}" for name in model.views), *(f"decision {name}" for name in model.decisions),
        *(f"metric {name}" for name, metric in model.metrics.items() if metric.purpose is not None and metric.purpose.value == "choice"),
    ]  # fmt: skip
    for subject in subjects:
        standing = standings.thing(subject, day)
        lacking = {finding.subject for finding in standing.findings}
        for link in standing.links:
            mine = any(one.by == by and one.holds for one in standing.signatures[link])
            if link in lacking and not mine and link in standings.signables:
                found[link] = standings.signables[link]
    return tuple(found.values())


def still_lacking(model: Model, recorded: Recorded) -> tuple[Finding, ...]:
    """Return what keeps from being official what was just signed, by the model that knows of the signature."""
    sign = recorded.record
    assert isinstance(sign, Sign)
    standings = Standings.of(model)
    found = [
        finding
        for name in sign.sign
        for thing in named(model, name)[:1]
        for standing in [standings.thing(thing.subject, sign.dated)]
        for finding in (*standing.findings, *standing.lacks)
        if finding.code != "not-pinned"
    ]
    return in_order(found)


def _name(model: Model, thing: Signable) -> str:
    return thing.name if len(named(model, thing.name)) == 1 else thing.subject

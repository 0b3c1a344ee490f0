"""What somebody says becomes a record: filled in, held against the project, and refused where it cannot stand."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, assert_never

from pydantic import ValidationError

from decisionlayer.ask import Desk
from decisionlayer.declare import Book
from decisionlayer.declare.problems import faults
from decisionlayer.declare.records import (
    RECORDS,
    Answer,
    Close,
    Decide,
    Flag,
    HandOver,
    Outcome,
    Record,
    Restate,
    Sign,
    Waive,
    kind_of_record,
    said_by,
)
from decisionlayer.errors import QueryError, refuse
from decisionlayer.findings import RULES, Finding, Stops
from decisionlayer.frozen import dataclass
from decisionlayer.govern.writing import write_record
from decisionlayer.load.records import as_record
from decisionlayer.load.yamldoc import read_yaml
from decisionlayer.names import did_you_mean
from decisionlayer.plan.query import Query
from decisionlayer.resolve.model import Formula, Model, Party
from decisionlayer.resolve.trust.appended import last_days
from decisionlayer.resolve.trust.flags import closes_for
from decisionlayer.resolve.trust.signable import named, parts_of_meaning, signables
from decisionlayer.resolve.trust.standing import Standings

#: What keeps the rows of a flag from being asked for at all.
_NOBODYS_ROWS = ("bad-expression", "wrong-argument", "unreachable-dimension", "ambiguous-path", "bad-time", "bad-question")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A record that was written: its file, from the project's folder, and what it says."""

    file: str
    record: Record

    def as_json(self) -> dict[str, Any]:
        """Return the record as plain data, with its file."""
        return {"file": self.file, **{key: _plain(value) for key, value in said_by(self.record).items()}}


def record(book: Book, model: Model, said: Mapping[str, Any] | str) -> Recorded:
    """Write what somebody said, a mapping or its YAML, into the log of the project.

    ``dated`` is the model's day where it is not said; ``after`` and ``meaning`` are filled in, and so is the ``id`` of a flag.
    Raises QueryError for what cannot be read or names what is not there, PolicyError for what the rules of the house forbid,
    DeclarationError for a log that is broken.
    """
    made = _stamped(held(model, said), model)
    file = write_record(Path(book.root), made)
    return Recorded(file, made)


def held(model: Model, said: Mapping[str, Any] | str) -> Record:
    """Return what somebody said as a record, held against the project; nothing is written. Raises what ``record`` raises for it."""
    made = _made(_filled(_read(said), model))
    found = [*_wrong(made, model)]
    if found:
        raise refuse(found)
    return made


def bad(message: str, help: str = "", why: str = "") -> Finding:
    """Return the finding for a record that cannot be written as it was said."""
    return Finding("bad-record", "record", message, why=why, help=help)


# -- reading ------------------------------------------------------------------------------------------------------------


def _read(said: Mapping[str, Any] | str) -> dict[str, Any]:
    if isinstance(said, Mapping):
        return dict(said)
    documents = read_yaml(said.encode("utf-8", "replace")).documents
    problems = [problem for document in documents for problem in document.problems]
    if problems:
        raise QueryError(bad(f"the record cannot be read: {problems[0].message}", problems[0].help))
    data = documents[0].data if len(documents) == 1 else None
    if not isinstance(data, dict):
        raise QueryError(bad("a record is keys with values, such as {close: F1, by: station_ops}"))
    return data


def _filled(given: dict[str, Any], model: Model) -> dict[str, Any]:
    today = model.today or dt.date.today()
    filled = {**given, "dated": given.get("dated", today.isoformat())}
    if "flag" in filled and "id" not in filled:
        told = "\x1f".join(f"{key}={filled[key]}" for key in sorted(filled) if key != "after")
        filled["id"] = f"F{hashlib.sha256(told.encode()).hexdigest()[:6]}"
    filled.pop("after", None)
    return filled


def _made(filled: dict[str, Any]) -> Record:
    try:
        return as_record(filled)
    except KeyError:
        first = next(iter(filled), "")
        raise QueryError(bad(f"`{first}` begins no record", did_you_mean(first, RECORDS))) from None
    except ValidationError as wrong:
        kind = next(key for key in filled if key in RECORDS)
        wrongs = faults(RECORDS[kind], filled, wrong)
        said = [fault.message.replace("a sign needs", "a signature needs") for fault in wrongs]
        raise QueryError([
            Finding("bad-record", "record", told, help=fault.help) for told, fault in zip(said, wrongs, strict=True)
        ]) from None  # fmt: skip


def _stamped(made: Record, model: Model) -> Record:
    """Return a signature with what it is given for."""
    if not isinstance(made, Sign):
        return made
    things = {name: named(model, name)[0] for name in made.sign}
    return made.model_copy(update={
        "meaning": {name: thing.meaning for name, thing in things.items()},
        "parts": {name: parts for name, thing in things.items() if (parts := dict(parts_of_meaning(model, thing.subject)))},
        "frames": dict(last_days(model, [thing.subject for thing in things.values()])),
    })  # fmt: skip


# -- what cannot stand --------------------------------------------------------------------------------------------------


def _wrong(made: Record, model: Model) -> Iterator[Finding]:
    kind = kind_of_record(made)
    yield from _no_party(model, made.by, made.dated, f"is to say `{kind}`")
    match made:
        case Sign():
            yield from _wrong_dates(made.dated, made.until)
            yield from _unknown_things(model, made.sign)
            for name, meaning in made.meaning.items():
                for thing in named(model, name):
                    if thing.meaning != meaning:
                        told = f"{thing.title} means {thing.meaning} now, not {meaning}, which is to be signed"
                        yield bad(told, "look at what it means now, and sign that")
        case Restate():
            yield from _unknown(made.restate, model.metrics, "metric")
        case Waive():
            yield from _wrong_dates(made.dated, made.until)
            yield from _not_waivable(made.waive)
            yield from _unknown_things(model, (made.for_,))
        case Decide():
            yield from _unknown(made.decide, model.decisions, "decision")
            yield from _unknown_all(made.expects, model.metrics, "metric")
            yield from _not_the_decider(made, model)
        case Outcome():
            yield from _unknown(made.outcome, model.decisions, "decision")
            yield from _unknown_all(made.found, model.metrics, "metric")
        case HandOver():
            yield from _unknown_things(model, made.hand_over)
            yield from _no_party(model, made.to, made.dated, "is to take over")
            yield from _not_the_owner(made, model)
        case Flag():
            yield from _unknown_things(model, (made.flag,))
            yield from _unknown_terms(made, model)
            yield from _no_rows(made, model)
            if any(flag.id == made.id for _, flag in model.log.of(Flag)):
                yield bad(f"there is a flag `{made.id}` already", "leave `id` out")
        case Answer():
            yield from _unknown(made.answer, [flag.id for _, flag in model.log.of(Flag)], "flag")
        case Close():
            yield from _not_to_close(made, model)
        case _:
            assert_never(made)


def _no_rows(made: Flag, model: Model) -> Iterator[Finding]:
    """``bad-record`` where the rows that a flag is about cannot be asked for by anybody; how finely they are asked is its own affair."""
    if made.flag not in model.named_metrics or (made.where is None and made.start is None and made.end is None):
        return
    try:
        Desk(model).compile(Query.of(metrics=[made.flag], where=made.where, start=made.start, end=made.end))
    except QueryError as refused:
        for finding in refused.findings:
            if finding.code in _NOBODYS_ROWS:
                yield bad(f"the rows of the flag cannot be found: {finding.message}", finding.help, finding.why)


def _wrong_dates(dated: dt.date, until: dt.date) -> Iterator[Finding]:
    if until < dated:
        yield bad(f"`until` is {until}, before the day on which it is said, {dated}", "name a day to come")


def _no_party(model: Model, name: str, on: dt.date, duty: str) -> Iterator[Finding]:
    """``no-owner`` for whoever is no party on a day, naming the successor."""
    party = model.parties.get(name)
    if party is None:
        told, help = f"`{name}` {duty}, and no party has that name", did_you_mean(name, model.parties)
    elif party.until is not None and party.until < on:
        told = f"`{name}` {duty} on {on}, and was a party only until {party.until}"
        help = _instead(model.parties, party)
    elif party.since is not None and party.since > on:
        told, help = f"`{name}` {duty} on {on}, and is no party before {party.since}", "name a party that is there on that day"
    else:
        return
    yield Finding("no-owner", "record", told, why="what is said by nobody who is there cannot be asked about", help=help)


def _instead(parties: Mapping[str, Party], party: Party) -> str:
    heir = party.successor
    return f"write `{heir}`, the successor on file" if heir in parties else "name a party that is still there"


def _unknown(name: str, known: Any, kind: str) -> Iterator[Finding]:
    if name not in known:
        yield Finding("unknown-name", "record", f"there is no {kind} `{name}`", help=did_you_mean(name, known))


def _unknown_all(names: Any, known: Any, kind: str) -> Iterator[Finding]:
    for name in names:
        yield from _unknown(name, known, kind)


def _unknown_things(model: Model, names: tuple[str, ...]) -> Iterator[Finding]:
    """Find what can be no subject of a record: unknown with near names, broken with why, or two things of one name."""
    known = signables(model)
    for name in names:
        things = named(model, name)
        if len(things) > 1:
            yield bad(f"`{name}` is {' and '.join(f'a {thing.kind}' for thing in things)}", f"write '{things[0].subject}'")
        if things:
            continue
        broken = [why for key, why in model.broken.items() if key.partition(" ")[2] == name]
        if broken:
            told = f": {broken[0][0].message}" if broken[0] else ""
            yield Finding("stands-on-broken", "record", f"`{name}` cannot be used{told}", help="mend it first")
        else:
            near = did_you_mean(name, [thing.name for thing in known.values()])
            yield Finding("unknown-name", "record", f"nothing is called `{name}`", help=near)


def _unknown_terms(made: Flag, model: Model) -> Iterator[Finding]:
    """Find what a flag would change that its number is not made of: its terms, or itself."""
    metric = model.metrics.get(made.flag)
    terms = () if metric is None else (*(metric.body.terms if isinstance(metric.body, Formula) else ()), metric.name)
    for term in made.if_upheld:
        if metric is None:
            yield bad(f"`if_upheld` says what changes a number, and `{made.flag}` is none", "leave it out")
        elif term not in terms:
            yield Finding("unknown-name", "record", f"`{term}` is no term of `{made.flag}`", help=did_you_mean(term, terms))


def _not_waivable(code: str) -> Iterator[Finding]:
    rules = {name: rule for rule in RULES.values() for name in (rule.code, rule.id) if name}
    if code not in rules:
        yield Finding("unknown-name", "record", f"there is no rule `{code}`", help=did_you_mean(code, rules))
    elif rules[code].stops is not Stops.advice:
        rule = rules[code]
        yield bad(
            f"{rule.id or rule.code} ({rule.claim}) cannot be waived", "mend what it finds",
            "only what advises may be allowed for a time; what may be a wrong number, and who signed it, never",
        )  # fmt: skip


def _not_the_decider(made: Decide, model: Model) -> Iterator[Finding]:
    decider = Standings.of(model).owner(f"decision {made.decide}", made.dated) if made.decide in model.decisions else made.by
    if decider != made.by:
        yield bad(
            f"`{made.decide}` is decided by `{decider}`, not by `{made.by}`", f"write `by: {decider}`", "a decision has one decider"
        )
    if made.decide in model.decisions:
        options = model.decisions[made.decide].options
        if options is not None and made.choose not in options:
            yield from _unknown(made.choose, options, "option")


def _not_the_owner(made: HandOver, model: Model) -> Iterator[Finding]:
    for name in made.hand_over:
        for thing in named(model, name)[:1]:
            owner = Standings.of(model).owner(thing.subject, made.dated)
            gone = owner is None or bool(list(_no_party(model, owner, made.dated, "")))
            if owner != made.by and not gone:
                yield bad(f"{thing.title} is `{owner}`'s to hand over, not `{made.by}`'s", f"write `by: {owner}`")
            elif owner == made.to:
                yield bad(f"`{made.to}` answers for {thing.title} already", f"leave `{name}` out")


def _not_to_close(made: Close, model: Model) -> Iterator[Finding]:
    raised = {flag.id: flag for _, flag in model.log.of(Flag)}
    flag = raised.get(made.close)
    if flag is None:
        yield from _unknown(made.close, raised, "flag")
    elif flag.by not in closes_for(model, made):
        yield bad(
            f"flag `{made.close}` was raised by `{flag.by}`, and only its raiser closes it", f"ask `{flag.by}`",
            "whoever does not see reality in a number says when it is there again",
        )  # fmt: skip
    elif any(one.close == made.close for _, one in model.log.of(Close)):
        yield bad(f"flag `{made.close}` is closed already")


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(one) for key, one in value.items()}
        case tuple():
            return [_plain(one) for one in value]
        case str() | int():
            return value
        case dt.date():
            return value.isoformat()
        case _:
            return float(value)

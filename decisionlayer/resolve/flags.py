"""Flags: what does not reflect reality, said by whoever sees it, and which of them are open on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from decisionlayer.findings import Finding, Place
from decisionlayer.resolve.model import Model


def blocking(model: Model, subjects: Iterable[str], on: dt.date) -> Iterator[Finding]:
    """Yield ``flag-open`` for each flag that blocks one of some things and that its raiser has not closed by a day."""
    if not model.log.records:
        return
    from decisionlayer.declare.records import Answer, Close, Flag

    about = {subject: subject for subject in subjects} | {subject.partition(" ")[2]: subject for subject in subjects}
    closed = {(one.close, one.by) for _, one in model.log.of(Close) if one.dated <= on}
    answered = {one.answer: one for _, one in model.log.of(Answer) if one.dated <= on}
    for record, flag in model.log.of(Flag):
        if flag.severity != "blocks" or flag.dated > on or flag.flag not in about or (flag.id, flag.by) in closed:
            continue
        answer = answered.get(flag.id)
        state = f"answered by `{answer.by}`, not closed" if answer is not None else "no answer"
        subject = about[flag.flag]
        yield Finding(
            "flag-open", subject, f"flag `{flag.id}` blocks `{flag.flag}`: {flag.text.rstrip('.!')}",
            model.log.places.get(record, Place("definitions/records")),
            why=f"raised by `{flag.by}` on {flag.dated}; {state}",
            help=f"answer it, and let `{flag.by}` close it",
        )  # fmt: skip

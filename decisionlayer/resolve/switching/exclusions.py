"""Exclusions: rows that leave every term of a translation, each under the first reason that is true of it.

::

    exclude: [{when: is_test, reason: test tickets}, {when: cost < 0, reason: bookings back}]

    is_test | cost        leaves under
    true    |   -5        test tickets         the first reason, and no other
    NULL    |   -5        bookings back        unknown is not true
    NULL    | NULL        nothing: it stays
"""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer import declare
from decisionlayer.frozen import replace
from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.language.tree import Expr
from decisionlayer.resolve.model import Exclusion
from decisionlayer.resolve.world.expressions import read_filter

_AT = ("translation", "exclude")


def read_exclusions(draft: Draft, bench: Bench, term: str, sources: Iterable[str]) -> tuple[Exclusion, ...] | None:
    """Return what a metric's translation leaves out of one of its terms; None after findings.

    A reason that some term's rows cannot tell would leave them in under a name that says otherwise, so it is refused there.
    """
    written = () if draft.item.translation is None else draft.item.translation.exclude
    reads = tuple(dict.fromkeys(sources))
    found: list[Exclusion] = []
    fine = _tells_reasons_apart(draft, written)
    for number, each in enumerate(written):
        trees = [_when(draft, bench, each, number, term, source) for source in reads]
        if any(tree is None for tree in trees):
            fine = False
        elif len(set(trees)) > 1:
            fine = False
            draft.about.say(
                "wrong-argument",
                f"`when: {each.when}` reads days in one way in `{reads[0]}` and in another in the sources beside it",
                *_AT, number, "when",
                why="a row of that day would leave one and stay in the other",
                help="declare the column with the same type in each of the sources",
            )  # fmt: skip
        else:
            found += (Exclusion(tree, each.reason) for tree in trees[:1] if tree is not None)
    return tuple(found) if fine else None


def _when(draft: Draft, bench: Bench, each: declare.Exclusion, number: int, term: str, source: str) -> Expr | None:
    before = len(draft.about.findings)
    when, fits = read_filter(draft.about, each.when, bench.rows(source), *_AT, number, "when")
    why = f"`{each.reason}` leaves every term, and `{term}` reads rows of `{source}`"
    step = "leave them out of the term that has them, with `where`"
    draft.about.findings[before:] = [
        replace(finding, why=finding.why or why, help=finding.help if term == draft.name else f"{finding.help}; or {step}".lstrip("; "))
        if finding.code in ("unknown-name", "fan-out") else finding
        for finding in draft.about.findings[before:]
    ]  # fmt: skip
    return when if fits else None


def _tells_reasons_apart(draft: Draft, written: tuple[declare.Exclusion, ...]) -> bool:
    """``duplicate-name`` for a reason that is given twice: the ledger counts by reason."""
    seen: set[str] = set()
    for number, each in enumerate(written):
        if each.reason in seen:
            draft.about.say(
                "duplicate-name",
                f"{draft.about.title} leaves rows out twice under the reason `{each.reason}`",
                *_AT, number, "reason",
                why="the ledger counts what left by reason, and could not tell which of the two it was",
                help="join them with `or`, or give each a reason of its own",
            )  # fmt: skip
        seen.add(each.reason)
    return len(seen) == len(written)

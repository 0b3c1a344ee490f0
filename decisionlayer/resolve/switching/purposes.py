"""Purpose is a type: what a number for choosing may stand on, and whose switch of meaning it takes (DL201, DL203).

Only choice metrics and assumptions beneath: nothing is switched. A metric for acting beneath: a translation whose terms
name it. Rows beneath: a translation without terms, for raw rows are the frontline's too.
"""

from __future__ import annotations

from decisionlayer import declare
from decisionlayer.findings import Finding
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import check_party, listed
from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.language.tree import names
from decisionlayer.resolve.model import Purpose

_WHAT = {"owner": "no owner", "why": "no reason (`why`)", "loses": "no word on what is lost (`loses`)"}


def check_purpose(draft: Draft, bench: Bench) -> None:
    """Add what law 2 has against a metric; a metric whose purpose nobody said is held to it only from above."""
    translation = draft.item.translation
    if draft.purpose is Purpose.action and translation is not None:
        draft.about.say(
            "wrong-argument",
            f"{draft.about.title} is for acting, and has a translation",
            "translation",
            why="a translation is the switch from acting to choosing",
            help="write `purpose: choice`, or leave the translation out",
        )
        return
    if translation is not None:
        _check_owned(draft, bench, translation)
    if draft.purpose is not Purpose.choice or draft.subject in bench.collector.roots:
        return
    if draft.item.measure is not None and translation is None:
        _refuse_raw(draft)
    elif draft.formula is not None:
        _refuse_untranslated(draft, bench)


def _check_owned(draft: Draft, bench: Bench, translation: declare.Translation) -> None:
    """``unowned-translation`` when nobody owns the switch, or it does not say why or what is lost; one finding for all three."""
    about = draft.about
    lacks = [what for key, what in _WHAT.items() if getattr(translation, key) is None]
    stranger = translation.owner if translation.owner not in (None, *bench.ground.parties) else None
    if stranger is not None:
        lacks.insert(0, f"an owner, `{stranger}`, whom nobody knows")
    if lacks:
        last = lacks[-1] if len(lacks) == 1 else f"{', '.join(lacks[:-1])} and {lacks[-1]}"
        step = (
            did_you_mean(stranger, bench.ground.parties)
            if stranger is not None
            else f"add {listed(k for k in _WHAT if getattr(translation, k) is None)}"
        )
        about.say(
            "unowned-translation",
            f"the translation of {about.title} has {last}",
            "translation",
            why="somebody must answer for it when the meaning of a number changes on its way up",
            help=step,
        )
    elif translation.owner is not None and draft.edition_of is None:
        check_party(
            about,
            bench.ground.parties,
            translation.owner,
            ("translation", "owner"),
            duty="owns the translation of",
            today=bench.ground.today,
        )


def _refuse_raw(draft: Draft) -> None:
    about = draft.about
    rows = "rows" if draft.item.source is None else f"the rows of `{draft.item.source}`"
    about.say(
        "purpose-mismatch",
        f"{about.title} is for choosing, and is counted straight from {rows}",
        "measure",
        why="raw rows are the frontline's: nobody has said what they mean for a choice, or what is lost on the way",
        help="add `translation:` with `owner`, `why` and `loses`",
    )


def _refuse_untranslated(draft: Draft, bench: Bench) -> None:
    assert draft.formula is not None
    used = dict.fromkeys(one.text for one in names(draft.formula) if one.text not in draft.terms)
    named = [name for name in used if name in bench.drafts and bench.drafts[name].purpose is not Purpose.choice]
    if not named:
        return
    about, first = draft.about, bench.drafts[named[0]]
    does = "which is for acting" if len(named) == 1 else "which are for acting"
    if all(bench.drafts[name].purpose is None for name in named):
        does = "whose purpose nobody has said"
    beside = ", beside the terms of its translation" if draft.item.translation is not None else ""
    one = next(one for one in names(draft.formula) if one.text == named[0])
    place = draft.entry.origin.place(*draft.formula_path, offset=one.span.start)
    who = first.item.owner or "the frontline"
    terms = ", ".join(f"{_word(name)}: {name}" for name in named)
    them = "it" if len(named) == 1 else "them"
    about.findings.append(
        Finding(
            "purpose-mismatch",
            draft.subject,
            f"{about.title} is for choosing, and its formula names {listed(named)}, {does}{beside}",
            place,
            why=f"`{first.name}` tells {who} what to do next; nobody has said what it means for a choice",
            help=f"name {them} under `terms:` of a translation with `owner`, `why` and `loses`, such as `{{{terms}}}`",
        )
    )


def _word(name: str) -> str:
    return name.partition("_")[0] if "_" in name else f"{name}_term"

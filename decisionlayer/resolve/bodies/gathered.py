"""Accumulations along time: a running number is a stock, so ``over_time`` says which of its days a longer period is.

docs/adr/0014-conventions.md says what each reads.
"""

from __future__ import annotations

from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.drafting.looks import ACCUMULATIONS
from decisionlayer.resolve.frames.timeunits import Almanac
from decisionlayer.resolve.language.tree import Call
from decisionlayer.resolve.model import Grain

#: What may be said of an accumulation. The last day is what it is anyway.
_READ = ("last", "first", "avg")


def check_along(draft: Draft) -> bool:
    """Say whether `over_time` may stand on a formula: it is one accumulation; ``not-built`` for how it is not read yet."""
    formula = draft.formula
    if draft.item.over_time is None or not isinstance(formula, Call) or formula.function not in ACCUMULATIONS:
        return False
    if draft.item.over_time not in _READ:
        draft.about.say(
            "not-built", f"{draft.about.title} gathers along time, and is not read as `over_time: {draft.item.over_time}` yet", "over_time",
            help="write `first` or `avg`, or leave it out for the last day of a period",
        )  # fmt: skip
    return True


def read_along(draft: Draft) -> str | None:
    """Return which day of a longer period an accumulation is; None for the last one, and for whatever is none."""
    return None if draft.item.over_time in (None, "last") else draft.item.over_time


def instants_of(limit: Grain, almanac: Almanac) -> str:
    """Return what an accumulation is looked at by: days, or the longer periods that it is limited to."""
    return "day" if limit.time is None or almanac.is_whole(limit.time, "day") else limit.time

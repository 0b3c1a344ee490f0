"""Horizons: over which times a decision looks at its options."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from decisionlayer import declare
from decisionlayer.declare.book import Path
from decisionlayer.names import PERIODS, did_you_mean
from decisionlayer.resolve.about import About, listed
from decisionlayer.resolve.model import Additivity, Metric
from decisionlayer.resolve.reach.askable import Askable

#: What a horizon may be compared with: the whole period before it, or the same one a year before.
AGAINST = ("previous", "year_ago")

#: The bundles of how definitions and structures are read, and how definitions alone are.
BASES = ("as_reported", "restated", "like_for_like")
DEFINITIONS = ("as_then", "restated")

_TIME = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-\d{2}([T ]\d{2}(:\d{2}(:\d{2})?)?)?)?)?\Z")


def is_time(text: str) -> bool:
    """Say whether ``text`` is a time as a declaration writes it: a year, a month, a day, perhaps with an hour.

    >>> is_time("2013-02"), is_time("2013-13")
    (True, False)
    """
    return _TIME.match(text) is not None


def check_horizons(about: About, item: declare.Decision, metrics: Mapping[str, Metric], askable: Askable) -> None:
    """Check over which times the options of a decision are seen.

    Codes: ``missing-key duplicate-name unknown-name wrong-argument needs-period finer-than-grain one-horizon``.
    """
    seen: set[str] = set()
    for position, horizon in enumerate(item.horizons):
        here = ("horizons", position)
        if horizon.name in seen:
            about.say(
                "duplicate-name",
                f"{about.title} has two horizons called `{horizon.name}`",
                *here,
                "name",
                help="give each its own name",
            )
        seen.add(horizon.name)
        for fault in _time_faults(horizon):
            about.say("wrong-argument", fault, *here)
        if horizon.period is None and horizon.start is None and horizon.end is None:
            about.say(
                "missing-key",
                f"horizon `{horizon.name}` of {about.title} says no time",
                *here,
                help="write `period: quarter` for the last whole one, or `start` and `end`",
            )
        if horizon.period is not None:
            askable.check(about, metrics, horizon.period, (*here, "period"), verb="looks at each", only_periods=True)
        if horizon.against is not None and horizon.against not in AGAINST:
            about.say(
                "unknown-name",
                f"horizon `{horizon.name}` of {about.title} is held against `{horizon.against}`, which is no earlier time",
                *here,
                "against",
                help=did_you_mean(horizon.against, AGAINST),
            )
        _check_reads(about, horizon, here)
        if horizon.discount is not None:
            _check_discount(about, horizon, horizon.discount, metrics, askable, here)
    if item.kind == "choice" and len(item.horizons) < 2:
        seen_over = f"only over `{item.horizons[0].name}`" if item.horizons else "over no horizon"
        about.say(
            "one-horizon",
            f"{about.title} sees its options {seen_over}",
            *(("horizons",) if item.horizons else ()),
            why="what is best for the next quarter may be worst for the next years",
            help="declare a second horizon of another length",
        )
    if item.cadence is not None and item.cadence not in PERIODS:
        about.say(
            "wrong-argument",
            f"{about.title} comes round each `{item.cadence}`, which is no period",
            "cadence",
            help=did_you_mean(item.cadence, PERIODS),
        )


def structure_text(written: object) -> str | None:
    """Return a structure as a question takes it: ``as_was``, ``as_is``, ``at 2025-12-31``; None where none is said.

    >>> structure_text({"at": "FY25"}), structure_text("as_is")
    ('at FY25', 'as_is')
    """
    if isinstance(written, Mapping) and set(written) == {"at"}:
        return f"at {written['at']}"
    return None if written is None else str(written)


def _check_reads(about: About, horizon: declare.Horizon, here: Path) -> None:
    """Check how a horizon reads what has changed; names of versions are known where it is asked."""
    name = f"horizon `{horizon.name}` of {about.title}"
    for key in ("structure", "definition"):
        if horizon.basis is not None and getattr(horizon, key) is not None:
            about.say(
                "wrong-argument",
                f"{name} says its {key} twice: in `basis` and by `{key}`",
                *here,
                key,
                help=f"leave out `basis` or `{key}`",
            )
    base, _, at = (horizon.basis or BASES[0]).partition("@")
    if base not in BASES or (at and base == "as_reported") or (horizon.basis or "").endswith("@"):
        about.say(
            "unknown-name", f"{name} has the basis `{horizon.basis}`, which is none", *here, "basis", help=did_you_mean(base, BASES)
        )
    if horizon.definition not in (None, *DEFINITIONS):
        about.say(
            "unknown-name",
            f"{name} reads the definition `{horizon.definition}`, which is no way to read one",
            *here,
            "definition",
            help=did_you_mean(str(horizon.definition), DEFINITIONS),
        )
    structure = structure_text(horizon.structure)
    if structure not in (None, "as_was", "as_is") and not str(structure).startswith("at "):
        about.say(
            "wrong-argument",
            f"{name} reads the structure {horizon.structure!r}, which is none",
            *here,
            "structure",
            help="write as_was, as_is or {at: 2025-12-31}",
        )


def _check_discount(
    about: About,
    horizon: declare.Horizon,
    discount: declare.Discount,
    metrics: Mapping[str, Metric],
    askable: Askable,
    here: Path,
) -> None:
    """``wrong-argument`` for a rate that takes more than all, and for a discount on anything but flows."""
    name = f"horizon `{horizon.name}` of {about.title}"
    if discount.rate <= -1:
        about.say("wrong-argument", f"{name} is discounted at {discount.rate}, which leaves nothing", *here, "discount", "rate",
                  help="write 10 % as 0.1")  # fmt: skip
    askable.check(about, metrics, discount.each, (*here, "discount", "each"), verb="discounts each", only_periods=True)
    others = [metric.name for metric in metrics.values() if metric.additivity is not Additivity.additive]
    if others:
        about.say(
            "wrong-argument",
            f"{name} is discounted, and {listed(others)} {'is' if len(others) == 1 else 'are'} no flow",
            *here,
            "discount",
            why="only what is paid period by period, and adds up along time, is worth less later; a share or a stock is not",
            help="leave `discount` out here, or weigh only flows",
        )


def _time_faults(horizon: declare.Horizon) -> Iterator[str]:
    name = f"horizon `{horizon.name}`"
    bounds = {key: value for key, value in (("start", horizon.start), ("end", horizon.end)) if value is not None}
    if horizon.period is not None and bounds:
        yield f"{name} says its time twice: as a period and by {listed(bounds)}; keep one"
    elif len(bounds) == 1:
        given = next(iter(bounds))
        yield f"{name} has a `{given}` and no `{'end' if given == 'start' else 'start'}`; write both"
    for key, value in bounds.items():
        if not is_time(value):
            yield f"`{key}` of {name} is `{value}`, which is no time; write it as 2013, 2013-12 or 2013-12-31"
            return
    if len(bounds) == 2 and bounds["start"][: len(bounds["end"])] > bounds["end"]:
        yield f"{name} ends before it starts"
    if horizon.against is not None and horizon.period is None:
        yield f"{name} is held against `{horizon.against}`, and has no `period`: write the period that each of the two is"

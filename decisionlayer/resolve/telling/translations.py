"""Translations told: what they say beside their terms, in sentences and as plain data."""

from __future__ import annotations

from collections.abc import Iterator

from decisionlayer.resolve.model import Translation
from decisionlayer.resolve.quantities.printed import in_digits


def told_of(translation: Translation) -> Iterator[str]:
    """Yield in plain sentences what a translation does to the whole, and what it is held to, in the order in which it works."""
    if translation.regroup is not None:
        yield f"It is always read under {translation.regroup.written}, the line as it stood on {translation.regroup.day.isoformat()}."
    if translation.reweight is not None:
        shares = translation.reweight.shares
        mix = "the mix of all that is asked" if shares is None else ", ".join(f"{name} {in_digits(share)}" for name, share in shares)
        yield f"Each {translation.reweight.by} keeps its own value, and weighs as in one mix: {mix}."
    if translation.tolerance is not None:
        yield f"At most {in_digits(translation.tolerance * 100)}% of it may stand under Unassigned."
    if translation.control_total is not None:
        control = translation.control_total
        by = f" by {', '.join(control.by)}" if control.by else ""
        yield f"It must tie to {control.metric}{by}, within {in_digits(control.within)}."
    for each in translation.manual:
        hours = "" if each.hours is None else f", {in_digits(each.hours)} hours each time"
        yield f"By hand, {each.by}{hours}: {each.does.rstrip('.')}."


def as_json(translation: Translation) -> dict[str, object]:
    """Return the same as plain data, for the passport; what is not said is left out."""
    said: dict[str, object] = {}
    if translation.regroup is not None:
        said["regroup"] = translation.regroup.written
    if translation.reweight is not None:
        shares = translation.reweight.shares
        mix = "whole" if shares is None else {name: in_digits(share) for name, share in shares}
        said["reweight"] = {"by": translation.reweight.by, "mix": mix}
    if translation.tolerance is not None:
        said["tolerance"] = {"unassigned": in_digits(translation.tolerance)}
    if translation.control_total is not None:
        control = translation.control_total
        said["control_total"] = {"metric": control.metric, "by": list(control.by), "within": in_digits(control.within)}
    if translation.manual:
        said["manual"] = [
            {"by": each.by, "does": each.does, "hours": None if each.hours is None else in_digits(each.hours)}
            for each in translation.manual
        ]
    return said


"""What the frontline's figures would have said, in short: for who is first, and where the gap is widest; all of it is in the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from decisionlayer.decide.brief import Brief
from decisionlayer.report.tables import Column
from decisionlayer.resolve.quantities.printed import behind, change_text
from decisionlayer.run.cells import number_texts


def naive_table(brief: Brief, horizon: Mapping[str, Any]) -> tuple[Column, ...]:
    """Return a row for each criterion that reads otherwise naively: of who is first, and of the option with the widest gap.

    ::

        read naively   option  governed  naive    off by  most of it
        Kept promises  AA          84.9   86.4  +1.45 points  population +1.45 points
    """
    rows = [row for walk in horizon.get("naive_walks", ()) for row in _rows(brief, horizon, walk)]
    if not rows:
        return ()
    heads = ("read naively", "option", "governed", "naive", "off by", "most of it")
    return tuple(
        Column(head, cells, is_number=2 <= at <= 4) for at, (head, cells) in enumerate(zip(heads, zip(*rows, strict=True), strict=True))
    )  # fmt: skip


def naive_reasons(brief: Brief, horizon: Mapping[str, Any]) -> Iterator[str]:
    """Yield why: of each criterion the cause that moves it most, and what keeps one from being read naively at all."""
    for walk in horizon.get("naive_walks", ()):
        title = str(_passport(brief, walk).get("title") or walk["metric"])
        if walk.get("refused"):
            yield f"{title}: no naive reading is told, for {walk['refused']}"
        elif moved_options := [one for one in walk["options"] if one["gap"]]:
            cause, _ = _most(walk, max(moved_options, key=_gap))
            whys = dict.fromkeys(step["why"] for step in walk["steps"] if step["cause"] == cause)
            yield f"{title}, {cause}: {'; '.join(whys)}"


def _rows(brief: Brief, horizon: Mapping[str, Any], walk: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    passport = _passport(brief, walk)
    unit, digits = str(passport.get("unit") or ""), passport.get("digits")
    off = [one for one in walk["options"] if one["gap"]]
    if not off:
        return
    first = {str(one["option"]) for one in horizon["options"] if one["place"] == 1}
    widest = max(off, key=_gap)
    shown = [one for one in off if one["option"] in first]
    shown += [] if widest in shown else [widest]
    for one in shown:
        cause, change = _most(walk, one)
        values = [float(one["governed"]), float(one["naive"])]
        texts = number_texts(values, percent=unit == "percent", digits=digits if isinstance(digits, int) else None)
        yield (
            str(passport.get("title") or walk["metric"]), str(one["option"]), *texts, moved(one["gap"], unit),
            f"{cause} {moved(change, '1' if unit != 'percent' else unit)}",
        )  # fmt: skip


def _passport(brief: Brief, walk: Mapping[str, Any]) -> Mapping[str, Any]:
    return (brief.passports or {}).get(walk["metric"], {})


def _gap(one: Mapping[str, Any]) -> Decimal:
    return abs(Decimal(one["gap"]))


def _most(walk: Mapping[str, Any], one: Mapping[str, Any]) -> tuple[str, Decimal]:
    """Return the cause that moves an option most, and by how much: all its steps together, for some may take each other back."""
    sums: dict[str, Decimal] = {}
    for step, change in zip(walk["steps"], one["changes"], strict=True):
        sums[step["cause"]] = sums.get(step["cause"], Decimal(0)) + (change or 0)
    return max(sums.items(), key=lambda each: abs(each[1]))


def moved(change: Decimal, unit: str) -> str:
    """Return a change as people read it: shares in points."""
    return change_text(change, unit) + ("" if unit == "percent" else behind(unit))

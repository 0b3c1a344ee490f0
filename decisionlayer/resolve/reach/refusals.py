"""Refusals of paths: what a name cannot mean here, why, and what to ask instead."""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.findings import Finding, Place
from decisionlayer.names import PERIODS, did_you_mean
from decisionlayer.resolve.collect import fallen
from decisionlayer.resolve.reach.paths import Hop, Parts, Paths

#: How many readings of an ambiguous path a message shows.
SHOWN = 5


def refuse_path(
    paths: Paths, source: str, parts: Parts, *, subject: str, metric: str | None, place: Place | None
) -> Finding:
    """Return why ``parts`` is no askable path of ``source``: the first of the four reasons that holds."""
    asked = ".".join(parts)
    who = f"`{metric}`" if metric else f"`{source}`"
    readings = paths.ending_in(source, parts)
    if len(readings) > 1:
        shown = [route.path for route in readings]
        return Finding(
            "ambiguous-path",
            subject,
            f"`{asked}` can be read in {len(shown)} ways for {who}: {_some(shown)}",
            place,
            why="each of them groups the rows in another way, so they are different numbers",
            help=f"write the one you mean in full, such as `{shown[0]}`",
        )
    root = paths.blocked(source, parts)
    if root is not None:
        return fallen(subject, root, paths.broken.get(root, ()), place)
    against = paths.against(source, parts, "ask")
    if against is not None:
        return refuse_fan_out(paths, source, asked, against, subject=subject, who=who, place=place)
    return Finding(
        "unreachable-dimension",
        subject,
        f"{who} cannot be split by `{asked}`: `{source}` leads to nothing of that name",
        place,
        help=_instead(paths, source, parts),
    )


def refuse_fan_out(
    paths: Paths, source: str, asked: str, against: tuple[Hop, ...], *, subject: str, who: str, place: Place | None
) -> Finding:
    """Return the ``fan-out`` finding of a path that can only be walked against a link; ``against`` leads back to us."""
    many, last = against[0].source, against[-1]
    one = last.entity
    link = f"the link `{'.'.join(hop.role for hop in against)}` of `{many}`"
    if paths.describes(source) == one:
        where = f"one {one} may have many rows in `{many}`, so it would count once for each of them"
    else:
        where = (
            f"`{source}` and `{many}` meet only in the {one}, and one {one} may have many rows in `{many}`, "
            "so each row would count once for each of them"
        )
    return Finding(
        "fan-out",
        subject,
        f"{who} cannot be split by `{asked}`: that lies against {link}",
        place,
        why=where,
        help=f"ask a metric over `{many}`, or declare a bridge to it under `bridges:` where one row is one {one}",
    )


def refuse_name(paths: Paths, source: str, parts: Parts, *, subject: str, place: Place | None) -> Finding:
    """Return why ``parts`` is nothing that a row of ``source`` has, and nothing broken: ``fan-out`` or ``unknown-name``."""
    written = ".".join(parts)
    if len(parts) == 1:
        meant = paths.mistyped(source, parts[0])
        return Finding(
            "unknown-name",
            subject,
            f"`{source}` has no column `{written}`",
            place,
            help=f"did you mean `{meant}`? If it is a column of its own, declare it under `columns:`",
        )
    against = paths.against(source, parts, "row")
    if against is not None:
        many, role = against[0].source, against[-1].role
        return Finding(
            "fan-out",
            subject,
            f"a row of `{source}` has no single `{written}`: `{many}` points here by its link `{role}`, with many rows to one",
            place,
            why="joined, each row would count once for each of the many",
            help=f"declare a metric over `{many}`, and meet it in a formula",
        )
    walked = paths.walked(source, parts)
    here = walked[-1].target if walked else source
    missing = parts[len(walked)]
    at = f"`{here}`" if not walked else f"`{here}`, where `{'.'.join(hop.role for hop in walked)}` leads,"
    if len(walked) == len(parts) - 1:
        known = (*paths.columns(here), *paths.named(here))
        return Finding(
            "unknown-name",
            subject,
            f"{at} has no column or dimension `{missing}` that is declared",
            place,
            help=f"{did_you_mean(missing, known)} Behind a link only declared names can be read.",
        )
    return Finding(
        "unknown-name", subject, f"{at} has no link `{missing}`", place, help=did_you_mean(missing, paths.roles(here))
    )


def _instead(paths: Paths, source: str, parts: Parts) -> str:
    walked = paths.walked(source, parts)
    here = walked[-1].target if walked else source
    last = parts[-1]
    if len(walked) == len(parts) - 1:
        if last in paths.clocks(here):
            return f"`{last}` is a clock: ask by a period, such as `day` or `month`"
        if last in paths.columns(here):
            return f"`{last}` is a column of `{here}`; to ask by it, declare it under its `dimensions:`"
    if paths.is_cut(source):
        return f"`{source}` leads to more paths than can be searched: write this one in full, link by link"
    return did_you_mean(".".join(parts), (*paths.all_paths(source), *_periods(paths, source)))


def _periods(paths: Paths, source: str) -> tuple[str, ...]:
    """Return the periods that some clock of a source can tell apart."""
    grains = [PERIODS.index(grain) for grain in paths.clock_grains(source) if grain in PERIODS]
    return PERIODS[min(grains) :] if grains else ()


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    shown = ", ".join(f"`{name}`" for name in listed[:SHOWN])
    return shown if len(listed) <= SHOWN else f"{shown} and {len(listed) - SHOWN} more"

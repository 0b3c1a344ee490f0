"""Limits: the finest question that a metric answers, from what it declares and from what it stands on (DL109)."""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.names import PERIODS, did_you_mean
from decisionlayer.resolve.about import listed
from decisionlayer.resolve.drafting.bench import Bench, Leaf
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.frames.timeunits import Almanac, why_uneven
from decisionlayer.resolve.model import Clock, Grain, Metric
from decisionlayer.resolve.reach.grain import coarsest, determines
from decisionlayer.resolve.reach.paths import Parts, Route
from decisionlayer.resolve.world.namespace import TIME_WORDS


def declared_grain(draft: Draft, bench: Bench) -> Grain:
    """Return the grain as it is declared, its time in one spelling; ``unknown-name`` for a time that is no period.

    ``wrong-argument`` for several of a period that cannot be cut as one.
    """
    grain = draft.item.grain
    if grain is None:
        return Grain(None, None)
    about = draft.about
    if grain.by is not None and len(set(grain.by)) < len(grain.by):
        twice = next(path for path in grain.by if grain.by.count(path) > 1)
        about.say(
            "duplicate-name", f"the grain of {about.title} names `{twice}` twice", "grain", "by", help="name it once"
        )
    for position, path in enumerate(grain.by or ()):
        if path in TIME_WORDS:
            about.say(
                "wrong-argument",
                f"the grain of {about.title} names `{path}`, a word for time, among its paths",
                "grain",
                "by",
                position,
                help=f"write `time: {path}`" if path in PERIODS else "name a period under `time:`",
            )
            draft.readable = False
    if grain.time is None:
        return Grain(None, grain.by)
    almanac = bench.ground.project.almanac
    unit = almanac.parse(grain.time)
    uneven = None if unit is None else why_uneven(unit)
    if unit is not None and uneven is None:
        return Grain(str(unit), grain.by)
    if unit is not None:
        about.say(
            "wrong-argument",
            f"{about.title} has the grain `{grain.time}`, and {uneven}",
            "grain",
            "time",
            why="longer periods could not be made of whole ones of it",
            help="use a number that divides the next longer period, such as 15 minutes, 6 hours or 2 months",
        )
    elif grain.time.partition(".")[0] in bench.declared("frame") and grain.time.partition(".")[0] not in almanac.calendars:
        frame = f"frame {grain.time.partition('.')[0]}"
        bench.collector.fall(draft.subject, frame, draft.entry.origin.place("grain", "time"))
    else:
        about.say(
            "unknown-name",
            f"there is no period `{grain.time}`",
            "grain",
            "time",
            help=did_you_mean(grain.time, almanac.grains()),
        )
    draft.readable = False
    return Grain(None, grain.by)


def measure_limit(draft: Draft, bench: Bench, source: str, clock: Clock | None, grain: Grain) -> Grain:
    """Return the limit of a measure, and note which paths it binds; DL109 for a time that the clock does not tell."""
    about = draft.about
    if grain.time is not None and clock is None:
        about.say(
            "finer-than-grain",
            f"{about.title} promises each {grain.time}, and `{source}` has no clock",
            "grain",
            "time",
            why="nobody could tell in which period a row falls",
            help=f"leave `time` out, or give `{source}` a clock under `time:`",
        )
    elif grain.time is not None and clock is not None and not bench.ground.project.almanac.is_whole(clock.grain, grain.time):
        about.say(
            "finer-than-grain",
            f"{about.title} promises each {grain.time}, and the clock `{clock.column}` of `{source}` tells one {clock.grain} from another",
            "grain",
            "time",
            why=_cut(clock.grain, grain.time, bench.ground.project.almanac),
            help=f"write `time: {clock.grain}` or something coarser",
        )
    routes: tuple[Route, ...] | None = None
    if grain.by is not None:
        found = [_bound(draft, bench, source, path, place) for place, path in enumerate(grain.by)]
        routes = tuple(route for route in found if route is not None)
    bench.leaves[draft.name] = (Leaf(source, routes),)
    return Grain(grain.time or (clock.grain if clock else None), grain.by)


def _bound(draft: Draft, bench: Bench, source: str, path: str, position: int) -> Route | None:
    parts = tuple(path.split("."))
    route = bench.paths.bind(source, parts)
    place = draft.entry.origin.place("grain", "by", position)
    if route is None and (root := bench.paths.blocked(source, parts)) is not None:
        bench.collector.fall(draft.subject, root, place)
    elif route is None:
        draft.about.findings.append(
            bench.paths.refusal(source, parts, subject=draft.subject, metric=draft.name, place=place)
        )
    return route


def _cut(fine: str, coarse: str, almanac: Almanac) -> str:
    if almanac.is_whole(coarse, fine):
        return f"every row of a {fine} would fall on its first {coarse}"
    return f"a {fine} may lie in two periods of `{coarse}`, so its rows would fall into the wrong one"


# -- formulas -----------------------------------------------------------------------------------------------------------


def formula_limit(draft: Draft, bench: Bench, parts: tuple[Metric, ...], grain: Grain) -> Grain:
    """Return the limit of a formula: the coarsest time of its parts, and the paths that all of them answer.

    DL109 where it promises more than a part keeps, or where its parts meet on no period.
    """
    time = _formula_time(draft, parts, grain, bench.ground.project.almanac)
    leaves = dict.fromkeys(leaf for part in parts for leaf in bench.leaves[part.name])
    if grain.by is None:
        by = _common(bench, parts)
    else:
        by = grain.by
        for position, path in enumerate(grain.by):
            _check_promise(draft, bench, parts, path, position)
    narrowed = {leaf.source: _leaf(bench, leaf, leaves, by) for leaf in leaves}
    bench.leaves[draft.name] = tuple(narrowed.values())
    return Grain(time, by)


def _formula_time(draft: Draft, parts: tuple[Metric, ...], grain: Grain, almanac: Almanac) -> str | None:
    about = draft.about
    try:
        limit = coarsest((part.limit.time for part in parts), almanac)
    except LookupError:
        kept = [f"`{part.name}` each {part.limit.time}" for part in parts if part.limit.time is not None]
        about.say(
            "finer-than-grain",
            f"the parts of {about.title} meet on no period: {' and '.join(kept)}",
            *draft.formula_path,
            why="weeks make no whole months, so no period holds whole periods of both",
            help="take parts whose periods fit into each other",
        )
        return grain.time
    if grain.time is None:
        return limit
    for part in parts:
        if part.limit.time is not None and not almanac.is_whole(part.limit.time, grain.time):
            about.say(
                "finer-than-grain",
                f"{about.title} promises each {grain.time}, and `{part.name}` answers each {part.limit.time} at the finest",
                "grain",
                "time",
                why=_cut(part.limit.time, grain.time, almanac),
                help=f"write `time: {limit}` or something coarser",
            )
    return grain.time


def _check_promise(draft: Draft, bench: Bench, parts: tuple[Metric, ...], path: str, position: int) -> None:
    """DL109 for a promised path that some part does not answer; a refusal for one that some part cannot be split by."""
    wanted = tuple(path.split("."))
    place = draft.entry.origin.place("grain", "by", position)
    for part in parts:
        leaves = bench.leaves[part.name]
        for leaf in leaves:
            route = _bind(bench, leaf, wanted, (leaf for other in parts for leaf in bench.leaves[other.name]))
            if route is None and (root := bench.paths.blocked(leaf.source, wanted)) is not None:
                bench.collector.fall(draft.subject, root, place)
                return
            if route is None:
                draft.about.findings.append(
                    bench.paths.refusal(leaf.source, wanted, subject=draft.subject, metric=part.name, place=place)
                )
                return
            if leaf.by is not None and not determines(leaf.by, route):
                kept = listed(part.limit.by) if part.limit.by else "the total only"
                draft.about.say(
                    "finer-than-grain",
                    f"{draft.about.title} promises `{path}`, and `{part.name}` answers {kept}",
                    "grain",
                    "by",
                    position,
                    why="nobody answers for that part at this grain",
                    help=f"leave `{path}` out, or let `{part.name}` promise it",
                )
                return


def _common(bench: Bench, parts: tuple[Metric, ...]) -> tuple[str, ...] | None:
    """Return the paths that every part answers, None when no part names any."""
    named = [path for part in parts if part.limit.by is not None for path in part.limit.by]
    if all(part.limit.by is None for part in parts):
        return None
    leaves = [leaf for part in parts for leaf in bench.leaves[part.name]]
    return tuple(path for path in dict.fromkeys(named) if _is_answered(bench, leaves, tuple(path.split("."))))


def _is_answered(bench: Bench, leaves: list[Leaf], path: Parts) -> bool:
    for leaf in leaves:
        route = _bind(bench, leaf, path, leaves)
        if route is None or (leaf.by is not None and not determines(leaf.by, route)):
            return False
    return True


def _leaf(bench: Bench, leaf: Leaf, leaves: Iterable[Leaf], by: tuple[str, ...] | None) -> Leaf:
    if by is None:
        return leaf
    routes = (_bind(bench, leaf, tuple(path.split(".")), leaves) for path in by)
    return Leaf(leaf.source, tuple(route for route in routes if route is not None))


def _bind(bench: Bench, leaf: Leaf, path: Parts, leaves: Iterable[Leaf]) -> Route | None:
    """Return what ``path`` means for one source: its own path, else its only path to what it means for another."""
    own = bench.paths.bind(leaf.source, path)
    if own is not None:
        return own
    others = (bench.paths.bind(other.source, path) for other in leaves)
    meant = {bench.paths.attribute(other) for other in others if other is not None} - {None}
    routes = [route for pair in meant if pair is not None for route in bench.paths.to_attribute(leaf.source, *pair)]
    return routes[0] if len(routes) == 1 else None

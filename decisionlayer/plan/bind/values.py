"""Questions without a metric: which rows the distinct values are read from.

They are the rows of the one source that has everything the question names. Where several have, it is the one that describes
the entity to which all of it belongs; else the question is refused, for it would be a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from decisionlayer.findings import Finding
from decisionlayer.names import did_you_mean
from decisionlayer.plan.bind.paths import Settled
from decisionlayer.plan.bind.periods import Period
from decisionlayer.resolve.model import Model, Source
from decisionlayer.resolve.reach.paths import Parts, Paths, Route


def source_of_values(
    model: Model,
    paths: tuple[Parts, ...],
    periods: tuple[Period, ...],
    *,
    in_range: bool,
    settled: Settled,
    findings: list[Finding],
) -> tuple[str, Mapping[Parts, Route]] | None:
    """Return the source whose rows hold the asked values, with its ways to them; None after a finding.

    ``settled`` may name the source; ``in_range`` says that the question has a range, which needs a clock.
    """
    known = Paths.of(model)
    named = {source for ways in settled.values() for source in ways if source in model.sources}
    found: dict[str, Mapping[Parts, Route]] = {}
    for source in model.sources.values():
        if named and source.name not in named:
            continue
        routes = {parts: route for parts in paths if (route := _route(known, source, parts, settled)) is not None}
        if len(routes) == len(paths):
            found[source.name] = routes
    if not found:
        findings.extend(_lost(model, known, paths, named or model.sources))
        return None
    timed = {name: routes for name, routes in found.items() if _has_clocks(model.sources[name], periods, in_range)}
    if not timed:
        findings.append(Finding(
            "needs-period", "question", f"the values are of {_listed(found)}, which {'have' if len(found) > 1 else 'has'} no such clock",
            help="leave the time out, or ask for a metric too",
        ))  # fmt: skip
        return None
    if len(timed) == 1:
        return next(iter(timed.items()))
    described = _described(model, known, timed)
    if described is not None:
        return described, timed[described]
    asked = [".".join(parts) for parts in paths] or [period.text for period in periods]
    findings.append(Finding(
        "ambiguous-path", "question", f"{_listed(asked)} can be read from the rows of {_listed(timed)}",
        why="each of them has other values", help="ask for a metric too, whose rows are then meant",
    ))  # fmt: skip
    return None


def _route(known: Paths, source: Source, parts: Parts, settled: Settled) -> Route | None:
    way = settled.get(".".join(parts), {}).get(source.name)
    return known.bind(source.name, parts if way is None else tuple(way.split(".")))


def _has_clocks(source: Source, periods: tuple[Period, ...], in_range: bool) -> bool:
    if in_range and not source.clocks:
        return False
    return all(source.clock(period.clock) is not None for period in periods)


def _described(model: Model, known: Paths, found: Mapping[str, Mapping[Parts, Route]]) -> str | None:
    """Return the source of the one entity to which everything that is asked belongs, wherever it is read."""
    entities = set()
    for routes in found.values():
        for route in routes.values():
            attribute = known.attribute(route)
            entities.add(attribute[0] if attribute else None)
    if len(entities) != 1:
        return None
    entity = model.entities.get(entities.pop() or "")
    return entity.source if entity is not None and entity.source in found else None


def _lost(model: Model, known: Paths, paths: tuple[Parts, ...], sources: Iterable[str]) -> list[Finding]:
    """Return why no source has everything: a path that none has, or paths that no one source has together."""
    sources = tuple(sources)
    lost = [parts for parts in paths if all(known.bind(source, parts) is None for source in sources)]
    if not lost:
        together = _listed(".".join(parts) for parts in paths)
        return [Finding(
            "unreachable-dimension", "question", f"no source leads to all of {together}",
            help="ask for a metric too, or ask for their values one by one",
        )]  # fmt: skip
    askable = {path for source in sources for path in known.all_paths(source)}
    found = []
    for parts in lost:
        asked = ".".join(parts)
        several = [source for source in sources if len(known.ending_in(source, parts)) > 1]
        if several:
            found.append(known.refusal(several[0], parts))
        else:
            found.append(Finding(
                "unreachable-dimension", "question", f"no source leads to `{asked}`", help=did_you_mean(asked, askable)
            ))  # fmt: skip
    return found


def _listed(names: Iterable[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)

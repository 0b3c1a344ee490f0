"""Random questions that a company can answer: paths are taken from those that every metric of the question leads to."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from decisionlayer.names import PERIODS
from decisionlayer.resolve.grain import is_whole_periods
from decisionlayer.resolve.language.types import Kind
from decisionlayer.resolve.model import Formula, Measure, Model
from tests.reference.walks import Unanswerable, Way, World

STARTS = (
    "2024",
    "2024-03",
    "2024-03-10",
    "2024-03-10T02",
    "2024-11-03T01",
    "2024-W10",
    "2024-03-10T05:00:00Z",
    "2024-02-29",
)
ENDS = ("2024", "2024-03", "2024-03-10", "2024-11-03", "2024-12-31", "2024-W44", "9999", "2025-01-01T04:59:59Z")


def leaves(model: Model, metric: str) -> list[Measure]:
    """Return the measures that a metric stands on."""
    body = model.metrics[metric].body
    if isinstance(body, Measure):
        return [body]
    assert isinstance(body, Formula)
    return [leaf for term in body.terms.values() for leaf in leaves(model, term.metric)]


def paths(world: World, sources: set[str]) -> dict[str, Way]:
    """Return every path that each of the sources leads to, in full or by its end, with where one of them goes."""
    texts = {text for source in sources for way in world.ways(source) for text in _ends(way)}
    found: dict[str, Way] = {}
    for text in sorted(texts):
        try:
            ways = [world.meeting(source, text, sorted(sources)) for source in sorted(sources)]
        except Unanswerable:
            continue
        found[text] = ways[0]
    return found


def _ends(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[first:]) for first in range(len(parts))]


def periods(world: World, measures: list[Measure]) -> list[str]:
    """Return the periods that all measures may be asked by, and those of another clock that all of them have."""
    model = world.model
    clocks = [model.sources[measure.source].clock(measure.clock) for measure in measures]
    if any(clock is None for clock in clocks):
        return []
    own = [period for period in PERIODS if all(clock and is_whole_periods(clock.grain, period) for clock in clocks)]
    if any(clock and clock.type.kind is Kind.date for clock in clocks):
        own = [period for period in own if period not in ("second", "minute", "hour")]
    shared = set.intersection(
        *({clock.column for clock in model.sources[measure.source].clocks} for measure in measures)
    )
    return own + [f"{clock}.{period}" for clock in sorted(shared) for period in ("month", "week")]


@st.composite
def questions(draw: st.DrawFn, world: World, *, plain: bool = False) -> dict[str, Any]:
    """Draw the keys of a question; a ``plain`` one has only metrics, splits and a filter."""
    model = world.model
    metrics = draw(st.lists(st.sampled_from(sorted(model.metrics)), min_size=1, max_size=3, unique=True))
    measured = [leaf for metric in metrics for leaf in leaves(model, metric)]
    open_paths = paths(world, {leaf.source for leaf in measured})
    open_periods = periods(world, measured)
    splits = [*open_paths, *open_periods]
    most = min(draw(st.sampled_from((1, 2, 3, 0))), len(splits))
    by = draw(st.lists(st.sampled_from(splits), min_size=most, max_size=most, unique=True)) if most else []
    asked: dict[str, Any] = {"metrics": metrics, "by": by}
    if open_paths and draw(st.booleans()):
        where, params = draw(_where(world, open_paths))
        asked |= {"where": where, **({"params": params} if params else {})}
    if plain:
        return asked
    clocked = all(model.sources[leaf.source].clock(leaf.clock) for leaf in measured)
    dated = any(
        (clock := model.sources[leaf.source].clock(leaf.clock)) and clock.type.kind is Kind.date for leaf in measured
    )
    if clocked and draw(st.integers(0, 2)) == 2:
        whole = [text for text in STARTS if "T" not in text] if dated else STARTS
        asked["start"] = draw(st.sampled_from(whole))
    if clocked and draw(st.integers(0, 2)) == 2:
        whole = [text for text in ENDS if "T" not in text] if dated else ENDS
        asked["end"] = draw(st.sampled_from(whole))
    if "start" in asked and "end" in asked and asked["end"][:7] < asked["start"][:7]:
        del asked["end"]
    if draw(st.integers(0, 5)) == 5:
        asked["having"] = draw(_having(metrics))
    if draw(st.integers(0, 2)) == 2:
        single = [path for path in by if path not in open_paths or _is_single(world, open_paths[path])]
        asked["order"] = [
            draw(st.sampled_from(("", "-"))) + name
            for name in draw(st.lists(st.sampled_from([*metrics, *single]), max_size=2, unique=True))
        ]
        asked["limit"] = draw(st.none() | st.integers(0, 4))
    return {key: value for key, value in asked.items() if value is not None}


def _is_single(world: World, way: Way) -> bool:
    return way.attribute is not None or way.entity is None or len(world.model.entities[way.entity].key) == 1


def _kind(world: World, way: Way) -> Kind:
    source = world.model.sources[way.source]
    if way.attribute is not None:
        return source.dimensions[way.attribute].type.kind
    column = source.key[0] if way.role is None else source.links[way.role].columns[0]
    return source.columns[column].type.kind


@st.composite
def _where(draw: st.DrawFn, world: World, open_paths: dict[str, Way]) -> tuple[str, dict[str, object]]:
    path = draw(st.sampled_from([path for path, way in open_paths.items() if _is_single(world, way)] or [""]))
    if not path:
        return "1 = 1", {}
    match _kind(world, open_paths[path]):
        case Kind.boolean:
            return draw(st.sampled_from((path, f"not {path}", f"{path} is not true"))), {}
        case Kind.text:
            texts = (
                "= 'a'",
                "<> 'p'",
                "is null",
                "is not null",
                "in ('a', 'p', 'big')",
                "like '%i%'",
                "= :text",
                "<> :text",
                "not in ('small', :text)",
            )
            params: dict[str, object] = {"text": draw(st.sampled_from(("a", "low", "p%", "?", "' or 1=1")))}
        case _:
            texts = ("= 1", "> 1", "is null", "in (1, 2)", "<> :number", "<= :number")
            params = {"number": draw(st.sampled_from((0, 1, 2)))}
    text = draw(st.sampled_from(texts))
    both = draw(st.sampled_from(("{0}", "not ({0})", "{0} or {1} is null", "{0} and {1} is not null"))).format(
        f"{path} {text}", path
    )
    return both, params if ":" in text else {}


@st.composite
def _having(draw: st.DrawFn, metrics: list[str]) -> str:
    name = draw(st.sampled_from(metrics))
    return draw(
        st.sampled_from(
            ("{0} > 0", "{0} is null", "{0} is not null", "not {0} > 1", "coalesce({0}, 0) <= 2", "{0} = 0")
        )
    ).format(name)

"""States: everything of a project that is no number, before and after, and what the difference is called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from decisionlayer.frozen import dataclass
from decisionlayer.govern.facets import (
    Facets,
    of_assumption,
    of_decision,
    of_hierarchy,
    of_plain,
    of_source,
    of_target,
    of_view,
)
from decisionlayer.resolve.frames.calendars import Calendar, Listed
from decisionlayer.resolve.frames.rates import Rates
from decisionlayer.resolve.model import Decision, Lines, Model, Tree, View


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a thing: the word of its class, and what changed; nothing where only what it stands on did."""

    kind: str
    what: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class State:
    """One thing before and after, None where it is not there; its facets, and how a facet that differs is classed."""

    kind: str
    name: str
    was: Any
    now: Any
    facets: tuple[Facets, Facets]
    is_broken: tuple[bool, bool]
    classed: Callable[[str, bool, bool], str]
    stands_on: tuple[str, ...] = ()

    def told(self) -> Told | None:
        """Return what changed, None where nothing did."""
        if self.was is None and self.now is None:
            return None
        if self.was is None:
            return Told("restating", ("could not be read before",)) if self.is_broken[0] else Told("additive", ("is new",))
        if self.now is None:
            return Told("restating", ("can no longer be read",)) if self.is_broken[1] else Told("incomparable", ("is gone",))
        first, last = self.facets
        what, kinds = [], []
        for name in dict.fromkeys((*first, *last)):
            was, now = first.get(name), last.get(name)
            if was is not None and now is not None and was[0] == now[0]:
                continue
            kinds.append(self.classed(name, was is None, now is None))
            if was is None or now is None:
                what.append(f"{name} is {'new' if was is None else 'gone'}: {(was or now or ('', ''))[1]}")
            else:
                what.append(f"{name}: {was[1]} → {now[1]}")
        if what:
            return Told(max(kinds, key=_ORDER.index), tuple(what))
        meanings = [getattr(each, "meaning", "") for each in (self.was, self.now)]
        if meanings[0] != meanings[1]:
            return Told("restating", ())
        words = [getattr(each, "wording", "") for each in (self.was, self.now)]
        return Told("wording", tuple(_prose(self.was, self.now)) or ("its words",)) if words[0] != words[1] else None


_ORDER = ("wording", "additive", "restating", "incomparable")


def states_of(before: Model, after: Model) -> tuple[tuple[State, ...], tuple[State, ...]]:
    """Return what numbers stand on, and what stands on numbers."""
    return tuple(_below(before, after)), tuple(_above(before, after))


def _below(before: Model, after: Model) -> Iterator[State]:
    yield from _pairs("assumption", before, after, lambda model: model.assumptions, lambda _, item: of_assumption(item), _assumption)
    yield from _pairs("source", before, after, _sources, lambda _, item: of_source(item), _source)
    yield from _pairs("frame", before, after, lambda model: model.hierarchies, lambda model, item: of_hierarchy(model, item), _line)
    yield from _pairs("frame", before, after, lambda model: model.project.calendars, lambda _, item: _calendar(item), _frame)
    yield from _pairs("frame", before, after, lambda model: model.rates, lambda _, item: _rates(item), _frame)
    cuts = [{"timezone": (m.project.timezone,) * 2, "week start": (m.project.week_start,) * 2} for m in (before, after)]
    yield State("project", after.project.name, before.project, after.project, (cuts[0], cuts[1]), (False, False), lambda *_: "restating")


def _above(before: Model, after: Model) -> Iterator[State]:
    yield from _pairs("decision", before, after, lambda m: m.decisions, lambda _, item: of_decision(item), _decision, _criteria)
    yield from _pairs("view", before, after, lambda m: m.views, lambda _, item: of_view(item), _view, _shown)
    yield from _pairs("target", before, after, lambda m: m.targets, lambda _, item: of_target(item), _target, lambda item: (item.metric,))
    yield from _pairs("party", before, after, lambda m: m.parties, lambda _, item: of_plain(item), lambda *_: "wording")
    words = [{word.word: word for word in model.words} for model in (before, after)]
    both = {id(before): words[0], id(after): words[1]}
    yield from _pairs("glossary", before, after, lambda m: both[id(m)], lambda _, item: of_plain(item), lambda *_: "wording")


def _pairs(
    kind: str, before: Model, after: Model, things: Callable[[Model], Mapping[str, Any]], facets: Callable[[Model, Any], Facets],
    classed: Callable[[str, bool, bool], str], stands_on: Callable[[Any], tuple[str, ...]] = lambda _: (),
) -> Iterator[State]:  # fmt: skip
    was, now = things(before), things(after)
    for name in dict.fromkeys((*was, *now)):
        first, last = was.get(name), now.get(name)
        sides = (
            {} if first is None else facets(before, first),
            {} if last is None else facets(after, last),
        )
        broken = (f"{kind} {name}" in before.broken, f"{kind} {name}" in after.broken)
        yield State(kind, name, first, last, sides, broken, classed, stands_on(last if last is not None else first))


def _sources(model: Model) -> Mapping[str, Any]:
    """The sources that people declared; the lines of a frame are told with their frame."""
    lines = {line.source for line in model.hierarchies.values()}
    return {name: item for name, item in model.sources.items() if name not in lines or not isinstance(item.relation, Lines | Tree)}


# how a facet that differs is classed: (name, is new, is gone)


def _assumption(name: str, came: bool, went: bool) -> str:
    return "incomparable" if name == "unit" else "restating"


def _source(name: str, came: bool, went: bool) -> str:
    return "additive" if came and name.partition(" ")[0] in ("column", "dimension", "link", "clock", "bridge") else "restating"


def _line(name: str, came: bool, went: bool) -> str:
    return "additive" if came and name.startswith("version ") else "restating"


def _frame(name: str, came: bool, went: bool) -> str:
    return "additive" if came and name.startswith(("period ", "line ")) else "restating"


def _decision(name: str, came: bool, went: bool) -> str:
    if name == "kind" or (name.startswith("criterion ") and (came or went)):
        return "incomparable"
    return "additive" if name.startswith("horizon ") and came else "restating"


def _view(name: str, came: bool, went: bool) -> str:
    if name in ("by", "audience") or went:
        return "incomparable"
    return "additive" if name.startswith("metric ") and came else "restating"


def _target(name: str, came: bool, went: bool) -> str:
    return "incomparable" if name in ("metric", "time", "rows") else "restating"


def _criteria(item: Decision) -> tuple[str, ...]:
    return tuple(criterion.metric for criterion in item.criteria)


def _shown(item: View) -> tuple[str, ...]:
    asked = item.question.get("metrics")
    return tuple(str(name) for name in asked) if isinstance(asked, list | tuple) else ()


def _calendar(item: Calendar) -> Facets:
    """A calendar that stands in a file has a facet for each period, so that later years are additive."""
    if not isinstance(item.rule, Listed):
        return of_plain(item.rule)
    return {
        f"period {grain} {start}": (label, label)
        for grain, starts in item.rule.starts.items()
        for start, label in zip(starts, item.rule.labels[grain], strict=True)
    }


def _rates(item: Rates) -> Facets:
    """A table of rates has a facet for each line, so that later days are additive."""
    found: dict[str, tuple[object, str]] = {"to": (item.to, item.to), "kinds": (item.kinds, ", ".join(item.kinds))}
    for line in item.lines:
        said = ", ".join(f"{kind} {rate}" for kind, rate in zip(item.kinds, line.rates, strict=True))
        found[f"line {line.currency} {line.since or 'always'}"] = ((line.before, line.rates), said)
    return found


def _prose(was: Any, now: Any) -> Iterator[str]:
    for key in ("owner", "why", "one_row_is", "title", "question", "definition", "decider", "mode", "because", "review_on"):
        first, last = getattr(was, key, None), getattr(now, key, None)
        if first != last:
            yield f"{key.replace('_', ' ')}: {first or 'nothing'} → {last or 'nothing'}"

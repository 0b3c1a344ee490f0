"""Random questions that a company can answer: paths are taken from those that every metric of the question leads to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from hypothesis import strategies as st

from decisionlayer.resolve.language import text_of as printed
from decisionlayer.resolve.language.types import Kind
from decisionlayer.resolve.model import Clock, Formula, Measure, Model
from decisionlayer.resolve.reach.grain import ATTRIBUTES, PARTS, is_whole_periods
from tests.properties.choosing import Choice
from tests.properties.pace import QUESTIONS
from tests.reference.walks import Unanswerable, Way, World

STARTS = ("2024", "2024-01", "2024-03", "2024-03-10", "2024-W10", "2024-02-29")
ENDS = ("2024", "9999", "2024-11", "2024-12-31", "2024-11-03", "9999", "2025-W01")
#: Only clocks that know hours can be asked so.
TIMES = ("2024-03-10T02", "2024-11-03T01", "2024-03-10T05:00:00Z", "2024-03-10T04:59", "2024-01-01T05:30:00+05:30")
LATE_TIMES = ("2024-11-03T01", "2025-01-01T04:59:59Z", "2024-12-31T23", "2024-11-03T05:30:00")

TEXT_TESTS = (
    "{0} = 'a'", "{0} <> 'p'", "{0} is null", "{0} is not null", "{0} in ('a', 'p', 'big')", "{0} like '%i%'", "{0} = :text",
    "{0} <> :text", "{0} not in ('small', :text)", "coalesce({0}, '?') = '?'", "{0} > :text",
)  # fmt: skip
NUMBER_TESTS = (
    "{0} = 1",
    "{0} > 1",
    "{0} is null",
    "{0} in (1, 2)",
    "{0} <> :number",
    "{0} <= :number",
    "abs({0}) = 1",
)
PERIOD_TESTS = (
    "{0} >= '2024-03-01'", "{0} = '2024-03-01'", "{0} is null", "{0} < :moment", "{0} <> date '2024-11-01'",
    "{0} in ('2024-03-01', '2025-01-01')", "month({0}) = 3",
)  # fmt: skip
TRUTH_TESTS = ("{0}", "not {0}", "{0} is not true", "{0} is null")
TEXTS = ("p", "a", "low", "p%", "?", "' or 1=1", "small")
WRAPPED = ("{1}", "{1}", "not ({1})", "{1} or {0} is null", "{1} and {0} is not null")
#: How the engine refuses what ``not`` would mean of many rows, where the reference takes it to be meant in one way.
MANY_ROWS = "over many rows could mean"
HAVING = ("{0} > 0", "{0} is null", "{0} is not null", "not {0} > 1", "coalesce({0}, 0) <= 2", "{0} = 0")


def leaves(model: Model, metric: str) -> list[Measure]:
    """Return the measures that a metric stands on."""
    body = model.metrics[metric].body
    if isinstance(body, Measure):
        return [body]
    assert isinstance(body, Formula)
    return [leaf for term in body.terms.values() for leaf in leaves(model, term.metric)]


def text_of(model: Model, metric: str) -> str:
    """Return the formulas that a metric stands on."""
    body = model.metrics[metric].body
    if isinstance(body, Measure):
        return ""
    assert isinstance(body, Formula)
    return printed(body.expr) + "".join(text_of(model, term.metric) for term in body.terms.values())


def paths(world: World, sources: list[str]) -> dict[str, Way]:
    """Return every path that each of the sources leads to, in full or by its end, with where one of them goes."""
    known = _KNOWN.setdefault(world, {})
    if tuple(sources) not in known:
        known[tuple(sources)] = _paths(world, sources)
    return known[tuple(sources)]


#: What was found for a company before.
_KNOWN: WeakKeyDictionary[World, dict[tuple[str, ...], dict[str, Way]]] = WeakKeyDictionary()


def _paths(world: World, sources: list[str]) -> dict[str, Way]:
    texts = {end for source in sources for path in world.ways(source) for end in _ends(path)}
    found: dict[str, Way] = {}
    for text in sorted(texts):
        try:
            ways = [world.meeting(source, text, sources) for source in sources]
        except Unanswerable:
            continue
        found[text] = ways[0]
    return found


def _ends(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[first:]) for first in range(len(parts))]


def periods(world: World, measures: list[Measure], clocks: list[Clock]) -> list[str]:
    """Return the periods that all clocks tell apart, and those of another clock that all sources have."""
    if not clocks:
        return []
    almanac = world.model.project.almanac
    own = [period for period in almanac.grains() if all(is_whole_periods(clock.grain, period, almanac) for clock in clocks)]
    shared = set.intersection(*({clock.column for clock in world.model.sources[one.source].clocks} for one in measures))
    units = ("month", "week", *(unit for unit in almanac.grains() if "." in unit))
    parts = [part for part, period in PARTS.items() if all(is_whole_periods(clock.grain, period, almanac) for clock in clocks)]
    longer = ["2 months", "2 quarters", "5 years"] if "month" in own else []
    return own + longer + parts + [f"{clock}.{unit}" for clock in sorted(shared) for unit in units] + [
        f"{unit}.{attribute}" for unit in own if "." in unit for attribute in ("label", "position")
    ]


def asked(data: st.DataObject, drawn: st.SearchStrategy[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield different questions to one company."""
    seen: set[str] = set()
    for _ in range(QUESTIONS):
        question = data.draw(drawn)
        if repr(question) not in seen:
            seen.add(repr(question))
            yield question


@st.composite
def questions(draw: st.DrawFn, world: World, *, plain: bool = False) -> dict[str, Any]:
    """Draw the keys of a question; a ``plain`` one has only metrics, splits and a filter."""
    choice = Choice(draw)
    model = world.model
    metrics = choice.several(sorted(model.metrics), 1, 2, 3)
    measured = [leaf for metric in metrics for leaf in leaves(model, metric)]
    clocks = [clock for one in measured if (clock := model.sources[one.source].clock(one.clock)) is not None]
    if len(clocks) < len(measured):
        clocks = []
    open_paths = paths(world, sorted({leaf.source for leaf in measured}))
    # time as often as everything else together
    open_periods = periods(world, measured, clocks)
    by = choice.several(open_periods, 1, 0, 0, 2) + choice.several(list(open_paths), 1, 0, 2)
    asked: dict[str, Any] = {"metrics": metrics, "by": by}
    single = [path for path, way in open_paths.items() if _is_single(world, way)]
    short = ("millisecond", "second", "minute", "hour", *ATTRIBUTES, *PARTS)
    days = [period for period in open_periods if period.rpartition(".")[2] not in short and " " not in period]
    called = [period for period in open_periods if period.rpartition(".")[2] in (*ATTRIBUTES, *PARTS)]
    if single and choice.of(False, False, True):
        asked |= _where(choice, world, open_paths, single)
    elif called and choice.of(False, False, False, True):
        name = choice.among(called)
        tests = NUMBER_TESTS[:4] if not name.endswith(".label") else ("{0} like '%1'", "{0} <> '2024 Q1'", "{0} is null")
        asked["where"] = choice.among(WRAPPED).format(name, choice.among(tests).format(name))
    elif days and choice.of(False, False, False, True):
        where = choice.among(WRAPPED).format(name := choice.among(days), choice.among(PERIOD_TESTS).format(name))
        asked |= (
            {"where": where, "params": {"moment": choice.of(dt.date(2024, 4, 1), "2024-03-01")}}
            if ":" in where
            else {"where": where}
        )
    if plain:
        return asked
    asked |= _structure(choice, model)
    if clocks:
        dated = any(clock.type.kind is Kind.date for clock in clocks)
        asked |= _range(choice, dated)
    if choice.of(0, 0, 0, 0, 0, 1):
        asked["having"] = choice.among(HAVING).format(choice.among(metrics))
    elif choice.of(0, 0, 0, 0, 0, 1) and (names := [path for path in by if path in single or path in days]):
        asked |= _of_groups(choice, world, open_paths, names, metrics)
    if choice.of(0, 0, 1):
        asked["order"] = [
            choice.of("", "-") + name
            for name in choice.several([*metrics, *(path for path in by if path in single)], 1, 2)
        ]
        asked["limit"] = choice.of(None, 4, 2, 0)
    return {key: value for key, value in asked.items() if value is not None}


def _structure(choice: Choice, model: Model, *says: bool) -> dict[str, object]:
    """Return how entities with history are read, where there are any, as often as ``says`` has it."""
    if not any(source.valid for source in model.sources.values()) or not choice.of(*(says or (False, False, True))):
        return {}
    return choice.of(
        {"structure": "as_was"}, {"structure": {"at": "2024-03-10"}}, {"structure": "as_is", "today": dt.date(2024, 11, 3)},
        {"basis": "as_reported"}, {"basis": "restated@2024-02-29"},
    )  # fmt: skip


def _range(choice: Choice, dated: bool) -> dict[str, str]:
    asked = {}
    if choice.of(0, 0, 0, 1):
        asked["start"] = choice.among(STARTS if dated else STARTS + TIMES)
    if choice.of(0, 0, 0, 1):
        asked["end"] = choice.among(ENDS if dated else ENDS + LATE_TIMES)
    return asked


def _is_single(world: World, way: Way) -> bool:
    return way.attribute is not None or way.entity is None or len(world.model.entities[way.entity].key) == 1


def _kind(world: World, way: Way) -> Kind:
    source = world.model.sources[way.source]
    if way.attribute is not None:
        return source.dimensions[way.attribute].type.kind
    column = source.key[0] if way.role is None else source.links[way.role].columns[0]
    return source.columns[column].type.kind


def _of_groups(
    choice: Choice, world: World, open_paths: dict[str, Way], names: list[str], metrics: list[str]
) -> dict[str, object]:
    """Return a condition on a group column of the result, alone or beside one on a metric."""
    name = choice.among(names)
    if name not in open_paths:
        tests: tuple[str, ...] = PERIOD_TESTS[:3] + PERIOD_TESTS[4:]
    else:
        kind = _kind(world, open_paths[name])
        tests = {Kind.boolean: TRUTH_TESTS, Kind.text: TEXT_TESTS[:6]}.get(kind, NUMBER_TESTS[:4])
    having = choice.among(tests).format(name)
    return {"having": choice.of(having, f"{having} or {choice.among(metrics)} is null", f"not ({having})")}


def _where(choice: Choice, world: World, open_paths: dict[str, Way], single: list[str]) -> dict[str, object]:
    """Return a filter of one condition or of two or three, with the parameters that they ask for."""
    parts, params = [], {}
    for _ in range(choice.of(1, 1, 2, 3)):
        part, said = _condition(choice, world, open_paths, single)
        parts.append(part)
        params |= said
    where = parts[0]
    for part in parts[1:]:
        where = choice.of("({0}) and ({1})", "({0}) or ({1})", "{1} and not ({0})").format(where, part if " or " not in part else f"({part})")
    return {"where": where, "params": params} if params else {"where": where}


def _condition(choice: Choice, world: World, open_paths: dict[str, Way], single: list[str]) -> tuple[str, dict[str, object]]:
    path = choice.among(single)
    params: dict[str, object] = {}
    match _kind(world, open_paths[path]):
        case Kind.boolean:
            test = choice.among(TRUTH_TESTS)
        case Kind.text:
            test, params = choice.among(TEXT_TESTS), {"text": choice.among(TEXTS)}
        case _:
            test, params = choice.among(NUMBER_TESTS), {"number": choice.of(1, 0, 2)}
    where = choice.among(WRAPPED).format(path, test.format(path))
    return where, params if ":" in where else {}


@st.composite
def timed_questions(draw: st.DrawFn, world: World) -> dict[str, Any]:
    """Draw the keys of a question about other times: one split by time or none, ranges, comparisons, filled gaps."""
    choice = Choice(draw)
    model = world.model
    metrics = choice.several(sorted(model.metrics, reverse=True), 1, 2)
    if all("total(" in text_of(model, metric) for metric in metrics) and choice.of(1, 1, 0):
        metrics += [next(name for name in sorted(model.metrics) if isinstance(model.metrics[name].body, Measure))]
    measured = [leaf for metric in metrics for leaf in leaves(model, metric)]
    clocks = [clock for one in measured if (clock := model.sources[one.source].clock(one.clock)) is not None]
    grains = model.project.almanac.grains()
    own = [period for period in periods(world, measured, clocks) if period in grains]
    cut = [period for period in own if "." in period]
    open_paths = paths(world, sorted({leaf.source for leaf in measured}))
    by = [choice.of("month", "day", "year", *own)] if choice.of(1, 1, 1, 0) and own else []
    if by and cut and choice.of(True, False):
        by = [choice.among(cut)]
        by += [f"{by[0]}.{choice.among(ATTRIBUTES)}"] if choice.of(0, 0, 0, 1) else []
    several = [period for period in SEVERAL if all(is_whole_periods(clock.grain, period, model.project.almanac) for clock in clocks)]
    if by and clocks and several and choice.of(0, 0, 0, 0, 0, 0, 1):
        by = [choice.among(several)]
    # What else time is told or filtered by follows from the asked period.
    longer = [period for period in own if by and period not in by and model.project.almanac.is_whole(by[0], period)]
    if len(by) == 1 and longer and choice.of(0, 0, 0, 0, 0, 1):
        by.insert(choice.of(0, 1), choice.among(longer))
    by += ["tag"] if choice.of(0, 1) else choice.several(list(open_paths), 0, 1)
    asked: dict[str, Any] = {"metrics": metrics, "by": by}
    single = [path for path, way in open_paths.items() if _is_single(world, way)]
    days = [period for period in (*longer, *by[:1]) if period in own and period not in ("millisecond", "second", "minute", "hour")]
    if single and choice.of(False, False, False, True):
        asked |= _where(choice, world, open_paths, single)
    elif days and choice.of(False, False, False, False, True):
        where = choice.among(WRAPPED).format(name := choice.among(days), choice.among(PERIOD_TESTS).format(name))
        asked |= {"where": where, **({"params": {"moment": choice.of(dt.date(2024, 4, 1), "2024-03-01")}} if ":" in where else {})}
    if own and (by[:1] in [[period] for period in own] or choice.of(0, 0, 1)):
        asked |= _range(choice, any(clock.type.kind is Kind.date for clock in clocks))
    elif own:
        late = [] if any(clock.type.kind is Kind.date for clock in clocks) else ["2024-11-03T05", "2024-03-31T11:29"]
        asked |= {"start": choice.of("2024-03", "2024", "2024-02-10", "2024-03-10"), "end": choice.of("2024", "2024-11", "2024-12-30", *late)}
    asked |= _structure(choice, model, True, True, True, False)
    if choice.of(0, 0, 1):
        asked["compare"] = choice.several(["previous", "year_ago", "same_weekday_last_year"], 1, 2)
    if choice.of(0, 0, 0, 1) and not any(short in period for period in by for short in ("second", "minute", "hour")):
        asked["fill"] = "spine"
    # Groups are ranked over the whole range, which may have no length.
    ranked = [metric for metric in metrics if not any(word in text_of(model, metric) for word in ("total(", "per("))]
    is_split = len(by) > 1 and by[-1] not in own and not by[-1].endswith(ATTRIBUTES) and not by[-1][:1].isdigit()
    if is_split and ranked and "fill" not in asked and choice.of(0, 0, 1):
        asked |= {"rest": True, "limit": choice.of(1, 2), "order": [choice.of("-", "") + choice.among(ranked)]}
    if choice.of(0, 0, 0, 1):
        asked["today"] = choice.among(TODAYS)
    ends = ("", *(f"__{name}{end}" for name in asked.get("compare", ()) for end in ("", "_change", "_pct")))
    if "rest" not in asked and choice.of(0, 0, 0, 0, 1):
        asked["having"] = choice.among(HAVING).format(choice.among(metrics) + choice.among(ends))
    if "rest" not in asked and choice.of(0, 0, 0, 0, 1):
        asked |= {"order": [choice.of("", "-") + choice.among(metrics) + choice.among(ends)], "limit": choice.of(3, 1, 2, 5)}
    return asked


#: Several of a period as one.
SEVERAL = ("2 months", "15 minutes", "6 months", "2 quarters", "2 years", "10 years", "30 seconds")
TODAYS = tuple(dt.date.fromisoformat(day) for day in ("2024-03-10", "2024-11-03", "2024-12-30", "2030-01-01"))

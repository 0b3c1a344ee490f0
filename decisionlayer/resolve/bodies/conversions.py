"""Conversions: the share of one source's rows after which the same entity has a row of another, within a time.

docs/adr/0006-shapes.md says what converts and what is open.
"""

from __future__ import annotations

from decisionlayer import declare
from decisionlayer.names import PERIODS, did_you_mean
from decisionlayer.resolve.about import listed
from decisionlayer.resolve.adding.additivity import additivity_of
from decisionlayer.resolve.bodies.measures import clock_of, source_of
from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.drafting.limits import measure_limit
from decisionlayer.resolve.drafting.number import Nature, Number
from decisionlayer.resolve.language.literals import interval
from decisionlayer.resolve.language.tree import Aggregate, Call, Expr, Name
from decisionlayer.resolve.language.types import FLOAT, INTEGER, UNKNOWN
from decisionlayer.resolve.model import CLOSED, CONVERTED, Clock, Grain, Match, Measure, Source
from decisionlayer.resolve.quantities.units import unit_of
from decisionlayer.resolve.switching.exclusions import read_exclusions
from decisionlayer.resolve.world.expressions import names_settle, read_filter
from decisionlayer.resolve.world.rows import Rows

_AT = ("conversion",)
_ROWS = Aggregate("count", None)
_CLOSED, _CONVERTED = Name((CLOSED,)), Name((CONVERTED,))
_DONE = Aggregate("count", None, Call("and", (_CONVERTED, _CLOSED)))
_OVER = Aggregate("count", None, _CLOSED)

#: What each ``give`` counts of the rows of ``from``, and of those of ``to``.
_GIVES: dict[str, Expr] = {
    "share": Call("/", (_DONE, _OVER)),
    "converted": _DONE,
    "open": Aggregate("count", None, Call("not", (_CLOSED,))),
    "closed": _OVER,
}
_GIVES_BY_EVENT: dict[str, Expr] = {"converted": _ROWS}


def resolve_conversion(draft: Draft, bench: Bench, written: declare.Conversion, grain: Grain) -> Number | None:
    """Return what a conversion is: a measure over the rows of ``from``; None when it cannot be computed at all."""
    item = draft.item
    base = _side(draft, bench, written.from_, "from", item.clock)
    after = _side(draft, bench, written.to, "to", None)
    fine = _check_keys(draft, written)
    if base is None or after is None:
        return None
    (source, clock, narrowed), (target, target_clock, target_where) = base, after
    rows = bench.rows(source.name)
    entity = _entity(draft, source, target, written.entity)
    same = _same(draft, bench, source, target, written)
    within = _within(draft, written)
    fine = _clocks_meet(draft, clock, target_clock) and fine
    everybody = item.population is not None and item.population.strip() == "all"
    population, settles = read_filter(draft.about, None if everybody else item.population, rows, "population")
    where, also_settles = read_filter(draft.about, item.where, rows, "where")
    limit = measure_limit(draft, bench, source.name, clock, grain)
    gives = _GIVES_BY_EVENT if written.counts == "to_events" else _GIVES
    excludes = read_exclusions(draft, bench, draft.name, (source.name,))
    if entity is None or same is None or within is None or excludes is None or not (fine and settles and also_settles):
        return None
    expr = gives[written.give]
    match = Match(
        target.name, target_clock.column, target_where, entity, same, *within, by_event=written.counts == "to_events"
    )
    conditions = [each for each in (where, narrowed) if each is not None]
    unit, _ = unit_of(expr, lambda _: None, literals="adapt")
    return Number(
        body=Measure(source.name, expr, population, _both(conditions), clock.column, match=match, excludes=excludes),
        limit=limit,
        type=FLOAT if written.give == "share" else INTEGER,
        unit=unit,
        additivity=additivity_of(expr, lambda _: None),
        approximate=False,
        nature=None if written.give == "share" else Nature.flow,
    )


def _both(conditions: list[Expr]) -> Expr | None:
    if not conditions:
        return None
    return conditions[0] if len(conditions) == 1 else Call("and", tuple(conditions))


def _side(
    draft: Draft, bench: Bench, written: declare.Events, side: str, clock_named: str | None
) -> tuple[Source, Clock, Expr | None] | None:
    """Return the source, the clock and the filter of one side; None after the findings of what it lacks."""
    about = draft.about
    source = source_of(draft, bench, written.source, *_AT, side)
    if source is None:
        return None
    clock, settled = clock_of(draft, bench, source, written.clock or clock_named, *_AT, side)
    where, fine = read_filter(about, written.where, bench.rows(source.name), *_AT, side, "where")
    if clock is None and settled:
        about.say(
            "wrong-argument",
            f"{about.title} asks what comes after what, and `{source.name}` has no clock",
            *_AT,
            side,
            help=f"give `{source.name}` a clock under `time:`",
        )
    return None if clock is None or not fine else (source, clock, where)


def _check_keys(draft: Draft, written: declare.Conversion) -> bool:
    """Findings for keys beside the conversion that it would not use."""
    item, about = draft.item, draft.about
    fine = True
    if item.source is not None and item.source != written.from_.source:
        about.say(
            "wrong-argument",
            f"{about.title} has the source `{item.source}`, and its conversion begins with `{written.from_.source}`",
            "source",
            help="leave `source` out",
        )
        fine = False
    if item.clock is not None and written.from_.clock not in (None, item.clock):
        about.say(
            "duplicate-name",
            f"{about.title} says twice by which clock it begins: `{item.clock}` and `{written.from_.clock}`",
            "clock",
            help="keep one of them",
        )
        fine = False
    for key in ("over_time", "last_of_each", "decimals"):
        if getattr(item, key) is not None:
            about.say("wrong-argument", f"{about.title} counts events, and `{key}` is about amounts", key, help=f"leave `{key}` out")
            fine = False
    if written.counts == "to_events" and written.give not in _GIVES_BY_EVENT:
        about.say(
            "wrong-argument",
            f"{about.title} counts `to` rows, and gives `{written.give}`, which is about `from` rows",
            *_AT,
            "counts",
            why="a visit with three orders counts three times, so no share of visits comes of it",
            help="write `give: converted`, and divide it by a metric of its own; or leave `counts` out",
        )
        fine = False
    return fine


def _entity(draft: Draft, base: Source, target: Source, name: str) -> tuple[tuple[str, str], ...] | None:
    """Return the pairs of columns by which both sides hold the entity; None after a finding."""
    about = draft.about
    found: list[tuple[str, tuple[str, ...]]] = []
    for source in (base, target):
        ways = _ways_to(source, name)
        if len(ways) == 1:
            found.append(ways[0])
            continue
        known = sorted({*(base.links), *(link.entity for link in base.links.values()), *filter(None, (base.describes,))})
        about.say(
            "ambiguous-path" if ways else "unknown-name",
            f"`{source.name}` leads to `{name}` in {len(ways)} ways" if ways else f"`{source.name}` has no link to `{name}`",
            *_AT,
            "entity",
            why="whose later rows are looked for could be either" if ways else "nobody could tell whose later rows to look for",
            help="name the role of the link" if ways else did_you_mean(name, known),
        )
        return None
    (one, columns), (other, theirs) = found
    if one != other:
        about.say(
            "wrong-argument",
            f"`{name}` is the {one} in `{base.name}` and the {other} in `{target.name}`",
            *_AT,
            "entity",
            why="their keys mean different things, even where they look alike",
            help="name an entity that both sides link to",
        )
        return None
    return tuple(zip(columns, theirs, strict=True))


def _ways_to(source: Source, name: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the entity and the columns of each way from a source to ``name``: a role of that name, else links to that entity."""
    if name in source.links:
        return [(source.links[name].entity, source.links[name].columns)]
    if source.describes == name:
        return [(name, source.key)]
    return [(link.entity, link.columns) for link in source.links.values() if link.entity == name]


def _same(
    draft: Draft, bench: Bench, base: Source, target: Source, written: declare.Conversion
) -> tuple[tuple[Name, Name], ...] | None:
    """Return what must be equal on both sides; None after findings."""
    pairs: list[tuple[Name, Name]] = []
    fine = True
    for position, one in enumerate(written.same):
        place = (*_AT, "same", position)
        for mine, theirs in [(one, one)] if isinstance(one, str) else one.items():
            left, right = Name(tuple(mine.split("."))), Name(tuple(theirs.split(".")))
            settle = [names_settle(draft.about, name, bench.rows(source.name), place) for name, source in ((left, base), (right, target))]
            fine = all(settle) and fine
            if all(settle) and not _alike(bench.rows(base.name), left, bench.rows(target.name), right):
                draft.about.say(
                    "wrong-argument",
                    f"`{mine}` of `{base.name}` and `{theirs}` of `{target.name}` are of different types and are never the same",
                    *place,
                    help="name two columns of one type",
                )
                fine = False
            pairs.append((left, right))
    return tuple(pairs) if fine else None


def _alike(base: Rows, left: Name, target: Rows, right: Name) -> bool:
    one, other = base.type(left) or UNKNOWN, target.type(right) or UNKNOWN
    return UNKNOWN in (one, other) or one.kind is other.kind or (one.is_number and other.is_number)


def _within(draft: Draft, written: declare.Conversion) -> tuple[int, str] | None:
    """Return the length of the window; 0 for one without end, which only ``to_events`` may have."""
    about = draft.about
    if written.within is None:
        if written.counts == "to_events":
            return 0, "day"
        about.say(
            "missing-key",
            f"{about.title} does not say within which time",
            *_AT,
            why="without an end no event is ever over, and the latest would always look worst",
            help="add `within: 7 days`",
        )
        return None
    found = interval(written.within)
    unit = None if found is None else found[1].removesuffix("s")
    if found is None or unit not in PERIODS:
        about.say(
            "wrong-argument",
            f"`{written.within}` is no length of time",
            *_AT,
            "within",
            help=f"write a number and one of {listed(PERIODS)}, such as `7 days`",
        )
        return None
    return found[0], unit


def _clocks_meet(draft: Draft, clock: Clock, target: Clock) -> bool:
    """Say whether rows of both sides can be told apart in time: a clock of whole weeks or longer tells no sequence."""
    coarse = [each for each in (clock, target) if PERIODS.index(each.grain) > PERIODS.index("day")]
    if coarse:
        draft.about.say(
            "finer-than-grain",
            f"{draft.about.title} asks what comes after what, and `{coarse[0].column}` tells one {coarse[0].grain} from another",
            *_AT,
            help="use clocks of a day or finer",
        )
    return not coarse

"""Editions: under which of its definitions each metric of a question is read, and what is refused (DL401, DL406).

| the question says | a period is read under |
|---|---|
| nothing | today's definition; refused where the question reaches back past the day on which that began |
| `as_then` | the definition that was in force on its first day; a period that two share belongs to neither, and is refused |
| `restated` | today's definition, or that of the day in `restated@DAY`, whatever the period |

``known_on`` leaves out definitions that were not in force yet. What is decided here is decided without a look at data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.plan.bind.ranges import Range, Span, begins, within
from decisionlayer.plan.bind.structure import today_in
from decisionlayer.plan.bind.tree import Choice, Context
from decisionlayer.plan.bind.walls import ends_tonight, reach_walls
from decisionlayer.plan.query import Query, definition_of
from decisionlayer.resolve.drafting.looks import MOVES, Look
from decisionlayer.resolve.frames.timeunits import is_below_a_day
from decisionlayer.resolve.language.tree import Call, Expr, walk
from decisionlayer.resolve.meaning.unsettled import (
    across_a_break,
    before_the_first,
    reaches_back,
    split_period,
    two_at_once,
    unrecorded,
)
from decisionlayer.resolve.model import Formula, Metric, Model
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.trust.restatements import is_restated
from decisionlayer.resolve.values.editions import Edition, Read

#: How many cells after a change are looked at.
_MOST_CELLS = 2_000
_ACCUMULATE = ("trailing", "to_date", "all_time", "period_start")


@dataclass(frozen=True, slots=True)
class Break:
    """A day on which a definition was broken with: whether every cell lies ``after`` it, and all that they are compared with ``before``."""

    day: dt.date
    after: bool
    before: bool


class Editions:
    """The definitions of one question's metrics. ``told`` gathers what a reader must know, ``findings`` what is refused."""

    def __init__(
        self, query: Query, model: Model, range: Range, unit: str | None, structure_day: dt.date, findings: list[Finding]
    ) -> None:
        self.query = query
        self.model = model
        self.range = range
        self.unit = unit
        self.findings = findings
        self.told: dict[str, Read] = {}
        self._structure_day = structure_day
        self._refused: set[tuple[str, str]] = set()
        self._chosen: dict[tuple[str, Context], Choice | None] = {}
        self._timed: dict[str, bool] = {}

    # what the question says

    @property
    def definition(self) -> str | None:
        """``as_then`` or ``restated``; None where the question says neither."""
        return definition_of(self.query)

    @property
    def day(self) -> dt.date:
        """The day on which definitions must be in force: today, or the day as of which the question is put."""
        today = self.query.today or today_in(self.model.project)
        return today if self.query.known_on is None else min(today, self.query.known_on)

    @property
    def _restated_on(self) -> dt.date:
        at = self.query.basis is not None and "@" in self.query.basis
        return self._structure_day if at else self.day

    def in_force(self, metric: Metric, day: dt.date) -> tuple[Edition, ...]:
        """Return the definitions that were in force on or before a day, newest first; the oldest, where none was."""
        found = tuple(edition for edition in metric.editions if edition.since <= day)
        return found or metric.editions[-1:]

    # choosing

    def names(self, metric: Metric) -> tuple[str, ...]:
        """Return the definitions that a metric may be read under, whatever the period."""
        editions = self.in_force(metric, self._restated_on if self.definition == "restated" else self.day)
        return tuple(edition.name for edition in (editions if self.definition == "as_then" else editions[:1]))

    def of(self, metric: Metric, context: Context) -> Choice | None:
        """Return which definitions a metric is read under in one context; None for the one that it has today."""
        if not metric.editions:
            return None
        key = (metric.name, context)
        if key not in self._chosen:
            self._chosen[key] = self._choose(metric, context)
        return self._chosen[key]

    def _choose(self, metric: Metric, context: Context) -> Choice | None:
        reach = within(self.reach(context.looks), context.span)
        editions = self.in_force(metric, self.day)
        match self.definition:
            case "as_then":
                return self._as_then(metric, context, editions, reach)
            case "restated":
                chosen = self.in_force(metric, self._restated_on)[0]
                self._check_restated(metric, editions, chosen, reach)
            case _:
                chosen = editions[0]
                if _before(reach[0], chosen.since):
                    self._refuse_unsettled(metric, editions, chosen)
        self._tell(metric, (chosen,), crosses=_before(reach[0], chosen.since))
        return None if chosen.name == metric.name else Choice((chosen.name,))

    def _as_then(self, metric: Metric, context: Context, editions: tuple[Edition, ...], reach: Span) -> Choice | None:
        spans = spans_of(editions)
        read = [(edition, span) for edition, span in zip(editions, spans, strict=True) if _meet(span, reach)]
        undefined = _before(reach[0], editions[-1].since)
        for at_once in self._at_once(context, editions, reach):
            together = [edition for edition, span in zip(editions, spans, strict=True) if _meet(span, at_once)]
            if len(together) != 1 or _before(at_once[0], editions[-1].since):
                self._refuse_mixed(metric, editions, at_once, is_look=bool(context.together))
                return None
        if not read:
            self._refuse_mixed(metric, editions, reach)
            return None
        self._tell(metric, tuple(edition for edition, _ in read), crosses=len(read) > 1)
        if len(read) == 1 and not undefined:
            chosen = read[0][0]
            return None if chosen.name == metric.name else Choice((chosen.name,))
        if not self._fits_periods(metric, read, undefined):
            return None
        if any(self._is_timed(edition.name) for edition, _ in read):
            self._say(metric, Finding(
                "not-built", "question",
                f"`{metric.name}` reads other times, and its definition changed on {read[0][0].since}: "
                "both sides at once are not answered by this version yet",
                metric.place, help=f"ask the periods before {read[0][0].since} and those from then on one by one",
            ))  # fmt: skip
            return None
        kept = tuple(within(span, context.span) for _, span in read)
        # The oldest takes what is left, unless something is read of a time before it.
        since = tuple(edition.since for edition, _ in (read if undefined else read[:-1]))
        return Choice(tuple(edition.name for edition, _ in read), kept, since)

    def _fits_periods(self, metric: Metric, read: list[tuple[Edition, Span]], undefined: bool) -> bool:
        """Say whether no period lies under two definitions; a change within a period is refused."""
        assert self.unit is not None
        edges = [edition.since for edition, _ in read[: None if undefined else -1]]
        for day in edges:
            wall = dt.datetime.combine(day, dt.time())
            if begins(wall, self.unit, self.model.project) != wall:
                period = begins(wall, self.unit, self.model.project).date()
                first = day == metric.editions[-1].since
                self._say(metric, split_period(metric, day, self.unit, period, first=first))
                return False
        return True

    def _is_timed(self, name: str) -> bool:
        """Say whether anything beneath a definition reads another time than the cell's own."""
        if name not in self._timed:
            tree = Beneath(self.model.metrics).tree(name)
            self._timed[name] = any(looks_along(each) for each in tree)
        return self._timed[name]

    # what is read

    def reach(self, looks: Iterable[Look]) -> Span:
        """Return from when until when (not included) something under ``looks`` reads; None is without end."""
        looks = tuple(looks)
        while any(look.drops_time for look in looks):
            looks = looks[1:]
        looks = tuple(look for look in looks if look.is_in_time)
        project = self.model.project
        start, end = (None if edge is None else edge.wall for edge in (self.range.start, self.range.end))
        if not looks:
            return start, end
        if self.unit is None and end is not None:
            end = ends_tonight(start, end, self.query.today)  # without a split by time the range is the period
        moves = tuple(look for look in looks if look.function == "prior")
        last = None if end is None else reach_walls(moves, None, end, project)[1]
        if start is None:
            return None, last
        if self.unit is None:
            return reach_walls(looks, start, end, project)[0], last
        first = begins(start, self.unit, project)
        ends = reach_walls((Look("prior", -1, self.unit),), None, first, project)[1]
        lows = [reach_walls(looks, each, ends, project, self.unit, early=self._may_end_early)[0] for each in (first, start)]
        return (None if None in lows else min(low for low in lows if low is not None)), last

    @property
    def _may_end_early(self) -> bool:
        """Say whether an asked period may end before it is over: with the last row of the data, with today, with the range."""
        return self.unit is not None and self.unit != "day" and not is_below_a_day(self.unit)

    def together(self, parts: Iterable[tuple[Look, ...]], around: Context) -> tuple[tuple[Look, ...], ...]:
        """Return by which looks a formula reads what goes into one number, its own cell among them; none where all read that alone."""
        below = tuple(parts)
        if not any(look.is_in_time or look.drops_time for looks in below for look in looks):
            return around.together
        return tuple(dict.fromkeys((*around.together, *((*around.looks, *looks) for looks in (*below, ())))))

    def _at_once(self, context: Context, editions: tuple[Edition, ...], reach: Span) -> Iterator[Span]:
        """Yield the stretches that one number reads: the range, or about each change the cells that may read beyond it.

        Later cells read nothing that is earlier, so those from a change on are looked at until none reads beyond it.
        """
        looks = context.together or (context.looks,)
        if self.unit is None or any(look.drops_time for each in looks for look in each):
            yield within(_around(self.reach(each) for each in looks), context.span) if context.together else reach
            return
        for day in (edition.since for edition in editions) if context.together else ():
            change = dt.datetime.combine(day, dt.time())
            for read in self._cells_from(change, looks):
                found = within(read, context.span)
                if not _before(found[0], day):
                    break
                if _after(found[1], day):
                    yield found

    def _cells_from(self, change: dt.datetime, looks: tuple[tuple[Look, ...], ...]) -> Iterator[Span]:
        """Yield what the cells of the range read together, those from a change on; the last one goes on without end."""
        assert self.unit is not None
        project = self.model.project
        start, end = (None if edge is None else edge.wall for edge in (self.range.start, self.range.end))
        cell = begins(change if start is None else max(change, start), self.unit, project)
        for _ in range(_MOST_CELLS):
            if end is not None and cell >= end:
                return
            after = reach_walls((Look("prior", -1, self.unit),), None, cell, project)[1]
            chains = (tuple(look for look in each if look.is_in_time) for each in looks)
            yield _around(reach_walls(chain, cell, after, project, self.unit, early=self._may_end_early) for chain in chains)
            if after is None:
                return
            cell = after
        yield None, None

    def breaks(self, name: str, look: Look) -> tuple[Break, ...]:
        """Return where a metric, or one beneath it, was broken with between periods that a comparison sets beside each other."""
        if self.definition != "as_then":
            return ()
        (low, earlier), (later, high) = self.reach((look,)), self.reach(())
        found = {
            edition.since
            for metric in Beneath(self.model.metrics).tree(name)
            for edition in self.in_force(metric, self.day)[:-1] if metric.editions
            if edition.past == "break" and _before(low, edition.since) and (high is None or edition.since < high.date())
        }  # fmt: skip
        return tuple(
            Break(day, not _before(later, day), not _after(earlier, day)) for day in sorted(found)
        )

    # refusals

    def _check_restated(self, metric: Metric, editions: tuple[Edition, ...], chosen: Edition, reach: Span) -> None:
        """Refuse a definition for periods on the other side of a break (DL401), or of a change that nobody signed for (DL406)."""
        for edition in editions:
            between = _before(reach[0], edition.since) if edition.since <= chosen.since else _after(reach[1], edition.since)
            if not between:
                continue
            if edition.past == "break":
                self._say(metric, across_a_break(metric, chosen.since, edition.since))
                return
        restates = chosen.name != metric.editions[-1].name and _before(reach[0], chosen.since)
        if restates and not self._is_recorded(metric, chosen):
            self._say(metric, unrecorded(metric, chosen.since))

    def _is_recorded(self, metric: Metric, edition: Edition) -> bool:
        return is_restated(self.model, metric.name, edition.since)

    def _refuse_unsettled(self, metric: Metric, editions: tuple[Edition, ...], chosen: Edition) -> None:
        broken = any(edition.past == "break" for edition in editions if edition.since <= chosen.since)
        older = next((edition.name for edition in editions if edition.since < chosen.since), None)
        self._say(metric, reaches_back(metric, chosen.since, older, self.model, broken=broken))

    def _refuse_mixed(self, metric: Metric, editions: tuple[Edition, ...], reach: Span, *, is_look: bool = False) -> None:
        days = [edition.since for edition in editions if _before(reach[0], edition.since) and _after(reach[1], edition.since)]
        first = editions[-1].since
        outside = not days or days == [first]
        self._say(metric, before_the_first(metric, first) if outside else two_at_once(metric, days[0], is_look=is_look))

    def _say(self, metric: Metric, finding: Finding) -> None:
        if (finding.code, metric.name) not in self._refused:
            self._refused.add((finding.code, metric.name))
            self.findings.append(finding)

    # telling

    def _tell(self, metric: Metric, read: tuple[Edition, ...], *, crosses: bool) -> None:
        known = self.told.get(metric.name)
        editions = {edition.name: edition for edition in (*(known.editions if known else ()), *read)}
        ordered = tuple(edition for edition in metric.editions if edition.name in editions)
        both = len(ordered) > 1 or crosses or (known is not None and known.crosses)
        self.told[metric.name] = Read(metric.name, self.definition, ordered, both)

    def notes(self) -> tuple[str, ...]:
        """Return what a reader must know: which definition each metric was read under, and where it changed."""
        found: list[str] = []
        for told in self.told.values():
            metric = self.model.metrics[told.metric]
            newest = told.editions[0]
            if told.definition == "as_then":
                for older, newer in zip(told.editions[1:], told.editions, strict=False):
                    how = "break" if newer.past == "break" else "change of definition"
                    found.append(f"{told.metric}: {how} on {newer.since}; before, it was: {self.model.metrics[older.name].definition}")
                if len(told.editions) == 1 and newest.name != metric.name:
                    found.append(f"{told.metric} as it was defined from {newest.since} on: {self.model.metrics[newest.name].definition}")
            elif told.definition == "restated" and (told.crosses or newest.name != metric.name):
                found.append(f"{told.metric} is restated: every period under its definition of {newest.since}")
            elif newest.name != metric.name:
                found.append(f"{told.metric} as it was defined from {newest.since} on: {self.model.metrics[newest.name].definition}")
        return tuple(found)


def looks_along(metric: Metric) -> bool:
    """Say whether a metric's own formula reads another time than the cell's."""
    if not isinstance(metric.body, Formula):
        return False
    return any(_is_look(node) for node in walk(metric.body.expr))


def _is_look(node: Expr) -> bool:
    return isinstance(node, Call) and (node.function in MOVES or node.function in _ACCUMULATE)


def spans_of(editions: tuple[Edition, ...]) -> tuple[Span, ...]:
    """Return from when until when each of some definitions, newest first, was in force."""
    ends: list[dt.date | None] = [None, *(edition.since for edition in editions[:-1])]
    return tuple(
        (dt.datetime.combine(edition.since, dt.time()), None if end is None else dt.datetime.combine(end, dt.time()))
        for edition, end in zip(editions, ends, strict=True)
    )


def _around(spans: Iterable[Span]) -> Span:
    """Return the stretch that holds all of some."""
    known = tuple(spans)
    lows, highs = [low for low, _ in known], [high for _, high in known]
    return (
        None if None in lows else min(low for low in lows if low is not None),
        None if None in highs else max(high for high in highs if high is not None),
    )


def _before(low: dt.datetime | None, day: dt.date) -> bool:
    """Say whether a reach begins before a day."""
    return low is None or low < dt.datetime.combine(day, dt.time())


def _after(high: dt.datetime | None, day: dt.date) -> bool:
    """Say whether a reach goes on after a day began."""
    return high is None or high > dt.datetime.combine(day, dt.time())


def _meet(span: Span, reach: Span) -> bool:
    low, high = within(span, reach)
    return low is None or high is None or low < high

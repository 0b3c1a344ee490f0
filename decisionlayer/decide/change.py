"""The walk between two numbers of one metric: what the definition, the structure, the calendar, the mix and the rest make of a change.

Both numbers are first taken as they were reported: each under the definition and the structure of its own time. Between them
both are read alike, as the question says (``structure``, ``definition`` or ``basis``; without a word, under today's). What that
moves at either end is the definition and the structure; what is left between the two that were read alike is the change itself.

| step | what it is |
|---|---|
| definition | both ends under one definition instead of each its own |
| structure | both ends under one structure: units that moved |
| calendar | a longer or shorter period: the first number stretched to the length of the second, where it grows with time |
| fx | other rates for the same money |
| mix | other shares of the classes that the metric watches |
| rate | other values within the classes; of a quotient that watches nothing, all that is left |
| rest | what is left of any other number, and whatever does not tie |

The order is fixed, the steps sum to the change exactly, and none of them is a cause: they are arithmetic drivers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from fractions import Fraction

from decisionlayer.ask import Desk
from decisionlayer.decide.chain import Move, chained, rounding
from decisionlayer.decide.drivers import Driver, Mix, Parts, mix_of
from decisionlayer.decide.exchanged import Exchanged, exchanged, is_exchanged
from decisionlayer.decide.factoring import factors
from decisionlayer.decide.mixing import apart, class_name, fraction, misleading, parts_by_class
from decisionlayer.decide.naive import HasDesk
from decisionlayer.decide.promised import promised_walk
from decisionlayer.decide.rolling import rolled_walk
from decisionlayer.decide.walk import Walk
from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.names import did_you_mean
from decisionlayer.plan.bind.grids import moved_wall
from decisionlayer.plan.bind.ranges import read_range
from decisionlayer.plan.query import Query
from decisionlayer.plan.setting import setting_of
from decisionlayer.resolve.adding.quotients import Quotient, quotient_of
from decisionlayer.resolve.meaning.comparing import Span, equally_long, exact
from decisionlayer.resolve.model import Additivity, Metric, Model
from decisionlayer.resolve.quantities.printed import days
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.uses.watches import unlimited

#: What ``against`` may say in a word.
AGAINST = ("previous", "year_ago")
#: And of a stock whose flows are declared: its level before the range.
OPENING = "opening"

_READING = ("structure", "definition", "basis")

#: What makes more than one number of a question, or another one.
_SHAPES = ("by", "levels", "totals", "having", "order", "limit", "compare", "fill", "rest", "extremes", "naive")

_NEAR = Fraction(1, 10**9)
_TICK = dt.timedelta(microseconds=1)


def change_walk(asked: HasDesk | Desk, metric: str, *, against: str | Mapping[str, object], **question: object) -> Walk:
    """Return the walk to the number of a question without ``by`` from another number of the same metric.

    ``against`` is ``previous`` or ``year_ago``, which need ``start`` and ``end``, or what is different about the other question:
    ``opening`` leads from the level of a stock before the range to that at its end by its ``roll_forward``; a mapping says more:
    ``{"start": "2025", "end": "2025"}``, ``{"where": "site = 'North'"}``; or ``{"target": "held_this_summer"}``. Raises
    QueryError: ``unknown-name bad-question needs-period``, and whatever asking raises.
    """
    desk = asked if isinstance(asked, Desk) else asked.desk
    after = Query.of(metrics=[metric], **question)
    subject = _subject(desk.model, metric, after)
    if isinstance(against, Mapping) and set(against) == {"target"}:
        return promised_walk(desk, subject, str(against["target"]), after)
    if against == OPENING:
        return rolled_walk(desk, subject, after)
    if isinstance(against, str):
        before = _moved(after, against, desk.model)
    else:
        before = Query.of(metrics=[metric], **{**question, **against})
    return walk_between(desk, subject, before, after)


def change_between(desk: Desk, metric: Metric, query: Query, against: str) -> Walk:
    """Return the walk to the number of a question without ``by`` from that of ``previous`` or ``year_ago``."""
    return walk_between(desk, metric, _moved(query, against, desk.model), query)


def walk_between(desk: Desk, metric: Metric, before: Query, after: Query) -> Walk:
    """Return the walk between the numbers that two questions without ``by`` give for one metric.

    Where both say how they read what has changed, or neither does, the ends are taken as reported, and what they say holds
    between them; where one says it differently, each end is as it says, and what ``after`` says holds between.
    """
    return _Change(desk, metric, before, after).walk()


@dataclass(frozen=True, slots=True)
class _Ends:
    """One way of reading both ends: the question and the figure of each."""

    before: Query
    after: Query
    figures: tuple[Fraction | None, Fraction | None]

    @property
    def gap(self) -> Fraction | None:
        first, last = self.figures
        return None if first is None or last is None else last - first


class _Change:
    """One change, while it is told."""

    def __init__(self, desk: Desk, metric: Metric, before: Query, after: Query) -> None:
        self.metric = metric
        self.asked = (before, after)
        self.quotient = quotient_of(desk.model, metric)
        self.desk = desk if self.quotient is None else desk.beside(apart(desk.model, self.quotient))
        tree = Beneath(desk.model.metrics).tree(metric.name)
        self.is_redefined = any(each.editions for each in tree)
        # A number that is regrouped is read under one line whatever is asked, so no structure can move it.
        is_regrouped = any(each.translation is not None and each.translation.regroup is not None for each in tree)
        bare = [_read(each, structure=None if is_regrouped else "as_was", definition=_any(desk, each)) for each in self.asked]
        plans = [desk.compile(each).plan for each in bare]
        self.spans = tuple(setting_of(each, desk.model, plan).span({}) for each, plan in zip(bare, plans, strict=True))
        self.through = [] if is_regrouped else sorted({name for plan in plans for name in plan.through})
        #: Whether a bundle names a day for definition and structure at once, so that one step holds both.
        self.is_bundled = False
        self.findings: list[Finding] = []
        #: What stands above and below the line of a quotient, by the key of the question that it answers.
        self.halves: dict[object, Parts] = {}

    def walk(self) -> Walk:
        reported, redefined, alike = self._readings()
        first, last = reported.figures
        rounded = rounding(*(each for each in (first, last) if each is not None))
        walk = Walk(
            self.metric.name, self.metric.title or self.metric.name, "" if self.metric.unit is None else str(self.metric.unit),
            self._cell(), None if first is None else rounded(first), None if last is None else rounded(last), (), self._ends(),
        )  # fmt: skip
        if first is None or last is None or redefined.gap is None or alike.gap is None:
            return walk
        moves: list[Move] = []
        assert reported.gap is not None
        if redefined is not reported:
            why = "both under one definition, instead of each under that of its own time"
            moves.append(Move("definition", why, reported.gap - redefined.gap))
        if alike is not redefined:
            why = f"both under one structure of the {' and the '.join(self.through)}, instead of each under its own: units that moved"
            if self.is_bundled:
                why += "; and both under the definition of that day, which a bundle does not tell apart"
            moves.append(Move("structure", why, redefined.gap - alike.gap))
        moves += self._of_alike(alike)
        rest = reported.gap - sum((move.change for move in moves), Fraction(0))
        if rest:
            moves.append(Move("rest", "what does not tie", rest))
        steps = chained(first, last, moves)
        if steps:  # rounded alike, however large a step
            walk = replace(walk, before=steps[0].before, after=steps[-1].after)
        return replace(walk, steps=steps, findings=tuple(self.findings))

    def _readings(self) -> tuple[_Ends, _Ends, _Ends]:
        """Return both ends as reported, then under one definition, then under one structure too; the same where nothing differs."""
        after = self.asked[1]
        said = [tuple(getattr(each, key) for key in _READING) for each in self.asked]
        own = said[0] != said[1]
        structure, definition = ("as_was" if self.through else None), ("as_then" if self.is_redefined else None)
        first = self.asked if own else tuple(_read(each, structure=structure, definition=definition) for each in self.asked)
        reported = self._at(*first)
        between = self._between(after)
        redefined = reported
        self.is_bundled = self.is_redefined and bool(self.through) and "@" in (between["basis"] or "")
        if self.is_redefined and not self.is_bundled:
            # Under one definition, and for now each end under its own structure; a bundle of a day says both, so it is taken apart.
            kept = [each.structure if own else structure for each in first]
            bundle = between["basis"] if not self.through else None
            one = {"basis": bundle} if bundle else {"definition": "restated"}
            redefined = self._at(*(
                _read(each, **one, **({} if bundle else {"structure": kept[index]})) for index, each in enumerate(self.asked)
            ))  # fmt: skip
        alike = self._at(*(_read(each, **between) for each in self.asked)) if self.through else redefined
        return reported, redefined, alike

    def _between(self, after: Query) -> dict[str, str | None]:
        """Return how both ends are read alike: as ``after`` says, else under today's definition and structure.

        The ends are taken as reported, so that this can mean nothing in between. Nor do single numbers know which units are in both
        periods: like for like is read as restated, and units of one period only stay in what is left.
        """
        if after.basis is not None and after.basis != "as_reported":
            return {"basis": after.basis.replace("like_for_like", "restated"), "structure": None, "definition": None}
        structure = after.structure if after.structure not in (None, "as_was") else "as_is"
        return {
            "basis": None, "structure": structure if self.through else None, "definition": "restated" if self.is_redefined else None,
        }  # fmt: skip

    def _at(self, before: Query, after: Query) -> _Ends:
        return _Ends(before, after, (self._figure(before), self._figure(after)))

    def _figure(self, query: Query) -> Fraction | None:
        """Return the number of a question exactly: a quotient from its two parts, which nothing has rounded."""
        if self.quotient is None:
            known = exact(self.desk.answer(query).rows()[0][-1])
            return None if known is None else Fraction(known)
        halves = (self.quotient.over.name, self.quotient.under.name)
        value, *parts = self.desk.answer(replace(query, metrics=(self.metric.name, *halves))).rows()[0]
        known, over, under = exact(value), *(exact(part) for part in parts)
        if known is None:
            return None
        if over is not None and under and abs(Fraction(over) / Fraction(under) - Fraction(known)) <= _NEAR * abs(Fraction(known)):
            self.halves[query.key()] = Fraction(over), Fraction(under)
            return Fraction(over) / Fraction(under)
        return Fraction(known)

    # between two figures that were read alike

    def _of_alike(self, ends: _Ends) -> Iterator[Move]:
        first, last = ends.figures
        assert first is not None and last is not None
        stretch = self._stretch()
        if stretch != 1:
            yield Move("calendar", self._calendar_why(), first * (stretch - 1))
        left = last - first * stretch
        mix = None if self.quotient is None else self._mix(ends, stretch, left)
        rates = self._rates(ends, first)
        moved = Fraction(0) if rates is None else (rates.value - first) * stretch
        if rates is not None and moved:
            lines = rates.lines if stretch == 1 and sum(change for _, change in rates.lines) == moved else ()
            yield Move("fx", "the amounts before, at the rates of after", moved, lines)
        if mix is None:
            lines = () if moved else self._contributions(ends, stretch, left) or self._factors(ends, stretch, left)
            yield Move("rest", "the number itself", left - moved, lines)
            return
        if self.metric.watch:
            told = misleading(self.metric, mix, f"between {self._ends()[0]} and {self._ends()[1]}")
            self.findings += [] if told is None else [told]
            classes = "other shares of " + " and ".join(f"`{path}`" for path in self.metric.watch)
            yield Move("mix", classes, mix.mix, tuple((_came(driver), driver.mix) for driver in mix.drivers))
        lines = tuple((driver.name, driver.rate) for driver in mix.drivers if driver.is_on_both_sides and self.metric.watch)
        if moved:
            lines = ()  # what the rates did lies in the values of the classes, and is a step of its own
        elif not self.metric.watch:
            lines = self._factors(ends, stretch, left)
        yield Move("rate", "other values within the classes" if self.metric.watch else "the number itself", mix.rate - moved, lines)

    def _rates(self, ends: _Ends, first: Fraction) -> Exchanged | None:
        """Return the first number at the rates of the last one, None where no rates are told from the rest."""
        if not is_exchanged(self.desk, self.metric):
            return None
        return exchanged(self.desk, self.metric, ends.before, ends.after)

    def _factors(self, ends: _Ends, stretch: Fraction, left: Fraction) -> tuple[tuple[str, Fraction], ...]:
        """Return by how much each factor of a product moved it; none where it is no product, or does not tie."""
        if stretch != 1:
            return ()
        found = factors(self.desk, self.metric, ends.before, ends.after)
        return found if sum((change for _, change in found), Fraction(0)) == left else ()

    def _mix(self, ends: _Ends, stretch: Fraction, left: Fraction) -> Mix | None:
        """Return the change by the classes that the metric watches, or as one class; None where they do not make the whole."""
        assert self.quotient is not None
        sides = [self._parts(self.quotient, query) for query in (ends.before, ends.after)]
        sides[0] = {name: (over * stretch, under) for name, (over, under) in sides[0].items()}
        mix = mix_of(*sides)
        near = _NEAR * max(abs(figure) for figure in (*ends.figures, left) if figure is not None)
        return mix if mix is not None and abs(mix.change - left) <= near else None

    def _parts(self, quotient: Quotient, query: Query) -> dict[str, Parts]:
        if not self.metric.watch and query.key() in self.halves:
            return {"": self.halves[query.key()]}  # asked already
        return parts_by_class(self.desk, quotient, query, self.metric.watch)

    def _contributions(self, ends: _Ends, stretch: Fraction, left: Fraction) -> tuple[tuple[str, Fraction], ...]:
        """Return by how much each watched class of an amount changed; none where they do not make the whole."""
        if not self.metric.watch or self.metric.additivity not in (Additivity.additive, Additivity.stock):
            return ()
        wide = self.desk.beside(unlimited(self.desk.model, [each.name for each in Beneath(self.desk.model.metrics).tree(self.metric.name)]))
        amounts: list[dict[str, Fraction]] = []
        for query in (ends.before, ends.after):
            rows = wide.answer(replace(query, by=self.metric.watch)).rows()
            amounts.append({class_name(row[:-1]): fraction(row[-1]) for row in rows})
        was, now = amounts
        zero = Fraction(0)
        found = {name: now.get(name, zero) - was.get(name, zero) * stretch for name in dict.fromkeys((*was, *now))}
        return tuple(found.items()) if sum(found.values()) == left else ()

    def _stretch(self) -> Fraction:
        """Return by what the first number is multiplied so that it is of a time as long as the last one's."""
        before, after = self.spans
        if before is None or after is None or before.length is None or after.length is None or equally_long(before, after):
            return Fraction(1)
        grows = self.metric.additivity is Additivity.additive
        if self.quotient is not None:
            grows = self.quotient.over.additivity is Additivity.additive and self.quotient.under.additivity is Additivity.stock
        return Fraction(after.length // _TICK, before.length // _TICK) if grows else Fraction(1)

    def _calendar_why(self) -> str:
        before, after = self.spans
        assert before is not None and after is not None and before.length is not None and after.length is not None
        return f"{days(before.length)} as if they were {days(after.length)}"

    # how it is called

    def _ends(self) -> tuple[str, str]:
        before, after = self.asked
        if before.where != after.where:
            return before.where or "all rows", after.where or "all rows"
        first, last = (str(span) for span in self.spans)
        return (first, last) if first != last else ("before", "after")

    def _cell(self) -> str:
        before, after = self.asked
        if before.where != after.where:
            return str(self.spans[1]) if self.spans[1] is not None and self.spans[1].length is not None else ""
        return after.where or ""


def _read(query: Query, **reading: object) -> Query:
    said = {key: reading.get(key) for key in _READING}
    return replace(query, **said)  # type: ignore[arg-type]


def _came(driver: Driver) -> str:
    if driver.is_on_both_sides:
        return driver.name
    return f"{driver.name} ({'came' if driver.values[0] is None else 'went'})"


def _any(desk: Desk, query: Query) -> str | None:
    """Return a definition under which a question can be planned, to learn what it goes through."""
    for definition in (None, "as_then", "restated"):
        try:
            desk.compile(_read(query, structure=None, definition=definition))
        except QueryError:
            continue
        return definition
    return None


def _subject(model: Model, name: str, query: Query) -> Metric:
    metric = model.metrics.get(name)
    if metric is None:
        raise QueryError(model.broken.get(f"metric {name}") or Finding(
            "unknown-name", f"metric {name}", f"there is no metric `{name}`", help=did_you_mean(name, model.metrics),
        ))  # fmt: skip
    shapes = [key for key in _SHAPES if getattr(query, key)]
    if shapes:
        raise QueryError(Finding(
            "bad-question", "question", f"a walk leads from one number to one number, so it takes no `{shapes[0]}`",
            help="say which number with `where`, `start` and `end`",
        ))  # fmt: skip
    return metric


def _moved(query: Query, word: str, model: Model) -> Query:
    """Return the question of the time before: as long as the asked one, or the same a year earlier."""
    if word not in AGAINST:
        raise QueryError(Finding(
            "bad-question", "question", f"`against` knows no {word!r}", help=did_you_mean(word, (*AGAINST, OPENING)),
        ))  # fmt: skip
    findings: list[Finding] = []
    range = read_range(query.start, query.end, model.project, findings)
    if findings:
        raise QueryError(findings)
    if range.start is None or range.end is None:
        raise QueryError(Finding(
            "needs-period", "question", f"a walk against `{word}` needs a period", help="give `start` and `end`",
        ))  # fmt: skip
    first, after = range.start.wall, range.end.wall
    months = Span(first, after).months
    if word == "year_ago":
        moved = [moved_wall(edge, -12, "month", model.project) for edge in (first, after)]
    elif months is not None:
        moved = [moved_wall(edge, -months, "month", model.project) for edge in (first, after)]
    else:
        moved = [edge - (after - first) for edge in (first, after)]
    if None in moved:
        raise QueryError(Finding("bad-time", "question", f"there is no time before {query.start}", help="ask a later one"))
    start, end = (edge for edge in moved if edge is not None)
    if start.time() == end.time() == dt.time():
        return replace(query, start=start.date().isoformat(), end=(end - dt.timedelta(days=1)).date().isoformat())
    return replace(query, start=start.isoformat(), end=(end - _TICK).isoformat(timespec="microseconds"))

"""Stocks: measures whose every instant counts the whole again, and how they are read along time (DL102, DL107).

docs/adr/0006-shapes.md says what each ``over_time`` reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from decisionlayer import declare
from decisionlayer.declare.book import Path
from decisionlayer.findings import Finding
from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.drafting.number import Nature
from decisionlayer.resolve.language.functions import METRIC_FUNCTIONS
from decisionlayer.resolve.language.problems import Problem
from decisionlayer.resolve.language.tree import Aggregate, Call, Expr, Literal, Name, names, walk
from decisionlayer.resolve.model import Additivity, Clock, Formula, Measure, Metric, Source
from decisionlayer.resolve.reach.paths import Parts

#: What takes one instant for the whole interval.
ONE_INSTANT = frozenset({"last", "first", "min", "max"})
#: What compares the finished value of each instant, so that arithmetic on the states would come too late.
EXTREMES = frozenset({"min", "max"})


# -- measures -------------------------------------------------------------------------------------------------------------


def read_over_time(
    draft: Draft, bench: Bench, source: Source, clock: Clock | None, expr: Expr
) -> tuple[str | None, tuple[Parts, ...]]:
    """Return how a measure is read along time, and of which paths each has its own last instant; findings of what cannot be."""
    item, about = draft.item, draft.about
    if item.over_time is None and item.last_of_each is None:
        _refuse_added(draft, source, expr)
        return None, ()
    key = "over_time" if item.over_time is not None else "last_of_each"
    if clock is None:
        about.say(
            "wrong-argument",
            f"{about.title} is read along time, and `{source.name}` has no clock",
            key,
            why="without a clock nobody can tell one instant from the next",
            help=f"give `{source.name}` a clock under `time:`",
        )
        return None, ()
    over_time = item.over_time or "last"
    if over_time in EXTREMES and not isinstance(expr, Aggregate):
        about.say("wrong-argument", _NO_ARITHMETIC.format(about.title, over_time), key, why=_WHY_NONE, help=_ONE_EACH)
    if item.last_of_each is not None and over_time not in ("last", "first"):
        about.say(
            "wrong-argument",
            f"`last_of_each` takes one instant of each, and {about.title} says `over_time: {over_time}`",
            "last_of_each",
            help="write `over_time: last`, or leave `last_of_each` out",
        )
    return over_time, tuple(_bound(draft, bench, source.name, item.last_of_each or ()))


_NO_ARITHMETIC = "{} is arithmetic over several aggregates, and `over_time: {}` compares the values of one"
_WHY_NONE = "the greatest of a difference is not the difference of the greatest"
_ONE_EACH = "use `last`, `first` or `avg`, or make a metric of one aggregate"


def _bound(draft: Draft, bench: Bench, source: str, paths: tuple[str, ...]) -> Iterator[Parts]:
    for path in paths:
        parts = tuple(path.split("."))
        route = bench.paths.bind(source, parts)
        place = draft.entry.origin.place("last_of_each")
        if route is not None:
            yield route.parts
        elif (root := bench.paths.blocked(source, parts)) is not None:
            bench.collector.fall(draft.subject, root, place)
        else:
            draft.about.findings.append(
                bench.paths.refusal(source, parts, subject=draft.subject, metric=draft.name, place=place)
            )


def _refuse_added(draft: Draft, source: Source, expr: Expr) -> None:
    """DL102: a snapshot counts the whole stock again, so adding its rows counts it once for each instant."""
    if not source.snapshot:
        return
    added = next((node for node in walk(expr) if isinstance(node, Aggregate) and node.function in ("sum", "count")), None)
    if added is None:
        return
    about = draft.about
    about.findings.append(
        Finding(
            "stock-summed",
            about.subject,
            f"{about.title} adds up `{source.name}`, whose every instant counts the whole stock again",
            draft.entry.origin.place("measure", offset=added.span.start),
            why="over a quarter of weekly counts it would be thirteen times too much",
            help="say how it is read along time: `over_time: last`, or `over_time: avg` for its mean",
        )
    )


def kept_along_time(additivity: Additivity, over_time: str | None) -> Additivity:
    """Return how the parts of a measure make up the whole once it is read along time."""
    match over_time:
        case None:
            return additivity
        case "min" | "max":
            return Additivity.holistic
        case _:
            return Additivity.stock if additivity is Additivity.additive else additivity


# -- terms and formulas -----------------------------------------------------------------------------------------------------


def check_term(draft: Draft, bench: Bench, written: declare.Term, path: Path) -> bool:
    """Say whether a term may be looked at in another way along time: everything beneath it must be a stock."""
    if written.over_time is None:
        return True
    about = draft.about
    for metric in beneath(written.from_, bench.metrics.get):
        body = metric.body
        if not isinstance(body, Measure):
            continue
        if body.over_time is None:
            what = "is no stock" if metric.name == written.from_ else f"stands on `{metric.name}`, which is no stock"
            about.say(
                "wrong-argument",
                f"`{written.from_}` is to be read as `over_time: {written.over_time}`, and {what}",
                *path,
                "over_time",
                why="rows that happen add up along time; only what is counted anew at each instant is read in another way",
                help="leave `over_time` out, or say it on the metric if its source counts the whole again each time",
            )
            return False
        if written.over_time in EXTREMES and not isinstance(body.expr, Aggregate):
            said = _NO_ARITHMETIC.format(f"`{metric.name}`", written.over_time)
            about.say("wrong-argument", said, *path, "over_time", why=_WHY_NONE, help=_ONE_EACH)
            return False
        if body.last_of_each and written.over_time not in ("last", "first"):
            about.say(
                "wrong-argument",
                f"`{metric.name}` takes the last instant of each, and the term says `over_time: {written.over_time}`",
                *path,
                "over_time",
                help="write `over_time: last`, or take a metric without `last_of_each`",
            )
            return False
    return True


def beneath(name: str, metric_of: Callable[[str], Metric | None]) -> Iterator[Metric]:
    """Yield a metric and every metric beneath it, each once, itself first."""
    waiting, seen = [name], {name}
    while waiting:
        metric = metric_of(waiting.pop())
        if metric is None:
            continue
        yield metric
        if isinstance(metric.body, Formula):
            below = {term.metric for term in metric.body.terms.values()} - seen
            seen |= below
            waiting += sorted(below)


def nature_of_measure(measure: Measure, additivity: Additivity, *, snapshot: bool) -> Nature | None:
    """Return how a measure grows with time; None for what does neither, such as a ratio or an extreme."""
    if additivity not in (Additivity.additive, Additivity.stock) and measure.over_time not in EXTREMES:
        return None
    return nature_over_time(measure.over_time) or (None if snapshot else Nature.flow)


def nature_over_time(over_time: str | None) -> Nature | None:
    """Return what a look along time makes of a stock; None when there is none."""
    if over_time is None:
        return None
    return Nature.stock if over_time in ONE_INSTANT else Nature.mean


def nature_of(expr: Expr, of_name: Callable[[Name], Nature | None]) -> Nature | None:
    """Return how a formula grows with time: a sum as its parts, when they all agree, and anything times a constant as itself."""
    match expr:
        case Name():
            return of_name(expr)
        case Literal():
            return Nature.constant
        case Call(function="+" | "-" | "negate" | "*" | "coalesce", arguments=parts):
            found = {nature_of(part, of_name) for part in parts} - {Nature.constant}
            return Nature.constant if not found else found.pop() if len(found) == 1 else None
        case Call(function="/", arguments=(above, below)) if nature_of(below, of_name) is Nature.constant:
            return nature_of(above, of_name)
        case Call(function=function, arguments=(inner, *_)) if function in METRIC_FUNCTIONS and function != "per":
            return nature_of(inner, of_name)
        case _:
            return None


def frame_problems(formula: Expr, of_name: Callable[[Name], Nature | None]) -> Iterator[Problem]:
    """Yield DL107 for each flow that is divided by a stock at one instant."""
    for node in walk(formula):
        if not isinstance(node, Call) or node.function != "/":
            continue
        above, below = node.arguments
        if nature_of(above, of_name) is Nature.flow and nature_of(below, of_name) is Nature.stock:
            stock = next(name.text for name in names(below) if of_name(name) is Nature.stock)
            yield Problem(
                "unlike-frames",
                f"what adds up along time is divided by `{stock}`, which stands for one instant",
                below.span,
                f"take its mean over the same time: a term `{{from: {stock}, over_time: avg}}`",
            )

"""Targets, resolved: the level that somebody promised for a number, and whether the parts of the promise make it up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from decisionlayer import declare
from decisionlayer.declare import Book
from decisionlayer.declare.book import Path
from decisionlayer.findings import Finding
from decisionlayer.resolve.about import About, check_party, metrics_of
from decisionlayer.resolve.language import Expr, parse_filter
from decisionlayer.resolve.language.printing import canonical
from decisionlayer.resolve.language.tree import Call, Literal, Name, Value, names
from decisionlayer.resolve.model import Additivity, Metric, Model, Target, TargetPart
from decisionlayer.resolve.reach.askable import Askable
from decisionlayer.resolve.uses.horizons import is_time

#: How near to the whole its parts must come, in units of the base: less than half of one thing that is counted.
_HALF = Fraction(1, 2)


def resolve_targets(
    book: Book, model: Model, askable: Askable, *, today: dt.date, roots: Mapping[str, str] = MappingProxyType({})
) -> tuple[Mapping[str, Target], tuple[Finding, ...]]:
    """Return every target by name, and what is wrong with them.

    Codes: ``unknown-name stands-on-broken no-owner missing-key wrong-argument duplicate-name bad-expression
    unreachable-dimension ambiguous-path fan-out finer-than-grain needs-period no-direction target-not-rebuilt``.
    """
    targets: dict[str, Target] = {}
    findings: list[Finding] = []
    cells: dict[object, str] = {}
    for entry in book.of("target"):
        item = entry.item
        assert isinstance(item, declare.Target)
        about = About(entry)
        metrics = metrics_of(about, model, book, [(item.metric, ("metric",))], roots)
        metric = metrics.get(item.metric)
        _check_people(about, item, model, today)
        _check_time(about, item)
        where = _filter(about, item.where, ("where",), metrics, askable)
        parts = tuple(_parts(about, item, metrics, askable))
        rebuilt = None
        if metric is not None:
            _check_direction(about, item, metric)
            if parts and len(parts) == len(item.parts) and _are_apart(about, parts):
                rebuilt = _rebuilt(about, item, parts, metric)
        if item.start is not None and item.end is not None:
            targets[entry.name] = Target(
                item.target, item.metric, item.value, where, item.start, item.end, item.stretch, item.proposed_by,
                item.accepted_by, parts, rebuilt, entry.origin.place(),
            )  # fmt: skip
            _check_once(about, targets[entry.name], cells)
        findings += about.findings
    return targets, tuple(findings)


# -- who, when, of what ------------------------------------------------------------------------------------------------


def _check_people(about: About, item: declare.Target, model: Model, today: dt.date) -> None:
    for key, duty in (("proposed_by", "proposes"), ("accepted_by", "accepts")):
        name: str | None = getattr(item, key)
        if name is not None:
            check_party(about, model.parties, name, (key,), duty=duty, today=today)
    if item.proposed_by is None:
        about.say(
            "no-owner",
            f"nobody proposes {about.title}",
            why="a promise that nobody made can be neither kept nor renegotiated",
            help="add `proposed_by:` with one of the parties",
        )
    for position, part in enumerate(item.parts):
        for key, name, duty in (("accepted_by", part.accepted_by, "accepts a part of"), ("by", part.by, "offers a part of")):
            if name is not None:
                check_party(about, model.parties, name, ("parts", position, key), duty=duty, today=today)
        if part.offer is not None and part.by is None:
            about.say(
                "missing-key",
                f"a part of {about.title} has an `offer` that nobody made",
                "parts",
                position,
                help="write `by:` with the party whose offer it is",
            )


def _check_time(about: About, item: declare.Target) -> None:
    bounds = {"start": item.start, "end": item.end}
    for key, value in bounds.items():
        if value is None:
            about.say(
                "missing-key",
                f"{about.title} has no `{key}`",
                help="write the first and the last day that it is for, as `start` and `end`",
            )
        elif not is_time(value):
            about.say(
                "wrong-argument",
                f"`{key}` of {about.title} is `{value}`, which is no time",
                key,
                help="write it as 2013, 2013-12 or 2013-12-31",
            )
    if item.start and item.end and is_time(item.start) and is_time(item.end) and item.start[: len(item.end)] > item.end:
        about.say("wrong-argument", f"{about.title} ends before it starts", "end", help="turn them round")


def _check_direction(about: About, item: declare.Target, metric: Metric) -> None:
    if metric.better in (None, "none"):
        about.say(
            "no-direction",
            f"{about.title} promises a level of `{metric.name}`, which does not say which way is better",
            "metric",
            why="without it nobody can say whether the level is the least or the most",
            help=f"write `better: higher`, `lower` or `{{near: …}}` on `{metric.name}`",
        )


def _filter(
    about: About, text: str | None, path: Path, metrics: Mapping[str, Metric], askable: Askable
) -> Expr | None:
    if text is None:
        return None
    parsed = parse_filter(text)
    for problem in parsed.problems:
        place = about.entry.origin.place(*path, offset=problem.span.start)
        about.findings.append(problem.finding(about.subject, place))
    if parsed.expr is not None and metrics:
        for asked in dict.fromkeys(node.text for node in names(parsed.expr)):
            askable.check(about, metrics, asked, path, verb="keeps rows by", filters=True)
    return parsed.expr


def _check_once(about: About, target: Target, cells: dict[object, str]) -> None:
    """Refuse a second promise for one cell: nobody could say which of them is the target."""
    scope = None if target.where is None else canonical(target.where)
    other = cells.setdefault((target.metric, scope, target.start, target.end), target.name)
    if other != target.name:
        about.say(
            "duplicate-name",
            f"{about.title} and target `{other}` promise a level of `{target.metric}` for the same rows and the same time",
            why="the number would have two targets beside it",
            help="keep one of them",
        )


# -- parts -------------------------------------------------------------------------------------------------------------


def _parts(
    about: About, item: declare.Target, metrics: Mapping[str, Metric], askable: Askable
) -> Iterator[TargetPart]:
    for position, part in enumerate(item.parts):
        where = _filter(about, part.where, ("parts", position, "where"), metrics, askable)
        if part.base is not None and part.base <= 0:
            about.say(
                "wrong-argument",
                f"a part of {about.title} has the base {part.base}",
                "parts",
                position,
                "base",
                help="the base is the planned denominator, above 0",
            )
        elif where is not None:
            yield TargetPart(where, part.value, part.base, part.accepted_by, part.offer, part.by)


def _are_apart(about: About, parts: tuple[TargetPart, ...]) -> bool:
    """Whether no row can be in two parts: each is one or more values of the same dimension, and no value comes twice."""
    chosen = [_chosen(part.where) for part in parts]
    paths = {found[0] for found in chosen if found is not None}
    if None in chosen or len(paths) > 1:
        about.say(
            "wrong-argument",
            f"the parts of {about.title} are not told apart by the values of one dimension, so they may overlap",
            "parts",
            why="a row that is in two parts is promised twice",
            help="write each part as `where: team = 'Alpha'` or `where: team in ('Alpha', 'Beta')`, by one dimension",
        )
        return False
    values = [value for found in chosen if found is not None for value in found[1]]
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        about.say(
            "wrong-argument",
            f"two parts of {about.title} hold `{twice}`",
            "parts",
            why="a row that is in two parts is promised twice",
            help="leave it in one of them",
        )
    return twice is None


def _chosen(where: Expr) -> tuple[tuple[str, ...], tuple[Value, ...]] | None:
    match where:
        case Call(function="=", arguments=(Name(parts=parts), Literal(value=value))) if value is not None:
            return parts, (value,)
        case Call(function="=", arguments=(Literal(value=value), Name(parts=parts))) if value is not None:
            return parts, (value,)
        case Call(function="in", arguments=(Name(parts=parts), *listed)) if all(isinstance(each, Literal) for each in listed):
            return parts, tuple(each.value for each in listed if isinstance(each, Literal))
        case _:
            return None


def _rebuilt(about: About, item: declare.Target, parts: tuple[TargetPart, ...], metric: Metric) -> Fraction | None:
    """Return what the parts make up as they stand, an open offer in the place of its value; a finding where that is not the whole."""
    match metric.additivity:
        case Additivity.ratio:
            found = _weighted(about, item, parts, metric)
        case Additivity.additive | Additivity.stock:
            found = sum((Fraction(part.stands_at) for part in parts), Fraction(0))
        case Additivity.holistic | Additivity.extreme:
            about.say(
                "wrong-argument",
                f"{about.title} has parts, and levels of `{metric.name}` for parts do not make up one for the whole",
                "parts",
                why="a distinct count, a quantile or an extreme of the whole follows from its rows only",
                help="declare a target for each part by itself",
            )
            return None
    if found is not None:
        _check_whole(about, item, parts, metric, found)
    return found


def _weighted(about: About, item: declare.Target, parts: tuple[TargetPart, ...], metric: Metric) -> Fraction | None:
    without = [position for position, part in enumerate(parts) if part.base is None]
    for position in without:
        about.say(
            "missing-key",
            f"a part of {about.title} has no `base`, and `{metric.name}` is a ratio",
            "parts",
            position,
            why="the mean of the parts' ratios is not the ratio of the whole",
            help="write the planned denominator of the part as `base:`",
        )
    if without:
        return None
    bases = [Fraction(part.base or 0) for part in parts]
    reached = sum((Fraction(part.stands_at) * base for part, base in zip(parts, bases, strict=True)), Fraction(0))
    return reached / sum(bases)


def _check_whole(
    about: About, item: declare.Target, parts: tuple[TargetPart, ...], metric: Metric, found: Fraction
) -> None:
    base = sum((Fraction(part.base) for part in parts if part.base is not None), Fraction(0))
    is_ratio = metric.additivity is Additivity.ratio
    gap = found - Fraction(item.value)
    missed = gap * base if is_ratio else gap
    if gap == 0 or (is_ratio and abs(missed) < _HALF):
        return
    side = "short" if gap < 0 else "over"
    of = f"{_plain(abs(missed))} {side} of {_plain(base)}" if is_ratio else f"{_plain(abs(missed))} {side}"
    about.say(
        "target-not-rebuilt",
        f"the parts of {about.title} make up {_level(found, metric)}, not {_level(Fraction(item.value), metric)}: {of}",
        "parts",
        why="the parts can all be kept and the whole still missed, or the other way round",
        help=_ways_out(parts, found, item, base, metric),
    )


def _ways_out(
    parts: tuple[TargetPart, ...], found: Fraction, item: declare.Target, base: Fraction, metric: Metric
) -> str:
    """For each part without an open offer, the level at which the whole would tie."""
    gap = Fraction(item.value) - found
    ways = []
    for part in parts:
        if part.offer is None:
            weight = base / Fraction(part.base) if metric.additivity is Additivity.ratio and part.base else Fraction(1)
            chosen = _chosen(part.where)
            name = " and ".join(str(value) for value in chosen[1]) if chosen else "the part"
            ways.append(f"{name} would need {_level(Fraction(part.value) + gap * weight, metric)}")
    return "; ".join([*ways, f"or the whole is {_level(found, metric)}"])


def _level(value: Fraction, metric: Metric) -> str:
    """A level as people read it: a share in percent to two places, everything else plainly."""
    if metric.unit is not None and str(metric.unit) == "percent":
        return f"{_plain(value * 100)} %"
    return _plain(value)


def _plain(value: Fraction) -> str:
    """A number to two places, without zeros that say nothing.

    >>> _plain(Fraction(232, 3)), _plain(Fraction(4))
    ('77.33', '4')
    """
    return f"{float(round(Decimal(value.numerator) / Decimal(value.denominator), 2)):,.2f}".rstrip("0").rstrip(".")

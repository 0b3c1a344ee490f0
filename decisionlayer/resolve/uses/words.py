"""Words: the glossary, and whether the names of metrics say what they mean.

``resolve_words`` reads the glossary; ``compare_words`` needs fingerprints, so it runs on the stamped model.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from decisionlayer import declare
from decisionlayer.declare import Book, Entry
from decisionlayer.findings import Finding
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import About, listed
from decisionlayer.resolve.language.tree import Name
from decisionlayer.resolve.model import Formula, Metric, Model, Term, Word
from decisionlayer.resolve.values.uses import heard

_DIALECTS = (("frontline", "the frontline"), ("executive", "executives"))
_WORD = re.compile(r"[A-Za-z_]\w*")


def resolve_words(book: Book, model: Model) -> tuple[tuple[Word, ...], tuple[Finding, ...]]:
    """Return the glossary in the order of the book, and what is wrong with it.

    Codes: ``unknown-name`` for a metric that nothing declares, ``one-dialect`` where one side has no sentence.
    """
    words: list[Word] = []
    findings: list[Finding] = []
    declared = {entry.name for entry in book.of("metric")} | {name for kind, name in book.unread if kind == "metric"}
    known = {entry.name for entry in book.of("word")}
    for entry in book.of("word"):
        item = entry.item
        assert isinstance(item, declare.Word)
        about = About(entry)
        for key, people in _DIALECTS:
            _check_dialect(about, item, key, people, declared)
        for position, other in enumerate(item.not_the_same_as):
            if other not in known:
                about.say(
                    "unknown-name",
                    f"{about.title} is told apart from `{other}`, which the glossary does not have",
                    "not_the_same_as",
                    position,
                    help=did_you_mean(other, known - {item.word}),
                )
        words.append(_word(item))
        findings += about.findings
    return tuple(words), tuple(findings)


def _check_dialect(about: About, item: declare.Word, key: str, people: str, declared: Iterable[str]) -> None:
    dialect: declare.Dialect | None = getattr(item, key)
    if dialect is None or dialect.says is None:
        about.say(
            "one-dialect",
            f"{people} have no sentence for `{item.word}`".replace("the frontline have", "the frontline has"),
            *(() if dialect is None else (key,)),
            why="a word that only one side can explain is a word on which the two sides do not know that they differ",
            help=f"ask them what it means, and write it under `{key}: {{says: …}}`",
        )
    if dialect is not None and dialect.metric is not None and dialect.metric not in declared:
        about.say(
            "unknown-name",
            f"{about.title} names the metric `{dialect.metric}`, which nothing declares",
            key,
            "metric",
            help=did_you_mean(dialect.metric, declared),
        )


def _word(item: declare.Word) -> Word:
    frontline, executive = item.frontline or declare.Dialect(), item.executive or declare.Dialect()
    return Word(
        item.word, frontline.metric, frontline.says or "", executive.metric, executive.says or "", item.match,
        frontline.example or "", executive.example or "", item.not_the_same_as,
    )  # fmt: skip


def compare_words(book: Book, model: Model) -> tuple[Finding, ...]:
    """Return what is found between metrics of a stamped model: two meanings, two names, no use.

    Broken metrics are left out: what they mean is not known. With declarations that could not be read, nobody can say
    that a metric is unused, so nothing is said.
    """
    entries = {entry.name: entry for entry in book.of("metric")}
    sound = [
        metric for name, metric in model.metrics.items() if name in entries and f"metric {name}" not in model.broken
    ]
    found = [*_two_meanings(sound, model, entries), *_two_names(sound, entries), *_false_friends(book, model)]
    if not book.unread:
        used = _used(book, model)
        found += [_unused(About(entries[metric.name]), metric) for metric in sound if metric.name not in used]
    return tuple(found)


def _two_meanings(metrics: Iterable[Metric], model: Model, entries: Mapping[str, Entry]) -> Iterator[Finding]:
    """One finding for each metric of a title that means more than one thing to the same people.

    ::

        title      purpose   metric           meaning
        On time    action    on_time_share    m1:aa…    found, names on_time_rate
        on time    action    on_time_rate     m1:bb…    found, names on_time_share
        On time    choice    kept_promise     m1:cc…    silent: it is for other people
    """
    explained = {frozenset((w.frontline_metric, w.executive_metric)) for w in model.words}
    groups: dict[tuple[str, object], list[Metric]] = defaultdict(list)
    for metric in metrics:
        groups[heard(metric.title), metric.purpose].append(metric)
    for (title, purpose), group in groups.items():
        if len(group) < 2 or not title or purpose is None:
            continue
        for metric in group:
            others = [
                other.name
                for other in group
                if other.meaning != metric.meaning and frozenset((metric.name, other.name)) not in explained
            ]
            if others:
                about = About(entries[metric.name])
                about.say(
                    "two-meanings",
                    f"“{metric.title}” names {about.title} and also {listed(others)}, which differ from it",
                    "title",
                    why="two people in one meeting will say the same words and mean different numbers",
                    help="give one another title, or explain both in one glossary word",
                )
                yield from about.findings


def _false_friends(book: Book, model: Model) -> Iterator[Finding]:
    """One finding for each word that the glossary calls exact and that names two meanings, one a dialect.

    A choice metric that takes the frontline's as it is means the same for other people.
    """
    for entry in book.of("word"):
        item = entry.item
        assert isinstance(item, declare.Word)
        sides = [dialect.metric for dialect in (item.frontline, item.executive) if dialect is not None and dialect.metric]
        if item.match != "exact" or len(sides) < 2 or any(f"metric {name}" in model.broken for name in sides):
            continue
        one, other = (model.metrics.get(name) for name in sides)
        if one is None or other is None or _core(one, model) == _core(other, model):
            continue
        about = About(entry)
        about.say(
            "false-friend",
            f"{about.title} is called `exact`, and `{one.name}` and `{other.name}` are different numbers",
            "match",
            why="whoever reads `exact` takes one for the other",
            help="write `match: narrower`, `broader`, `close` or `false_friend`, or let both stand for one number",
        )
        yield from about.findings


def _core(metric: Metric, model: Model) -> str:
    """Return the meaning of a metric beneath every translation that changes nothing but whom it is for."""
    while isinstance(metric.body, Formula) and metric.translation is not None and not metric.excludes:
        terms = tuple(metric.body.terms.values())
        below = model.metrics.get(terms[0].metric) if len(terms) == 1 else None
        if below is None or not isinstance(metric.body.expr, Name) or terms[0] != Term(below.name):
            break
        metric = below
    return metric.meaning


def _two_names(metrics: Iterable[Metric], entries: Mapping[str, Entry]) -> Iterator[Finding]:
    groups: dict[str, list[Metric]] = defaultdict(list)
    for metric in metrics:
        groups[metric.meaning].append(metric)
    for group in groups.values():
        for metric in group[1:]:
            about = About(entries[metric.name])
            about.say(
                "two-names",
                f"{about.title} and `{group[0].name}` are the same number under two names",
                why="whoever finds one will not find what was said, signed or decided about the other",
                help=f"keep one and use it in both places, or say in which way `{metric.name}` is to differ",
            )
            yield from about.findings


def _unused(about: About, metric: Metric) -> Finding:
    about.say(
        "unused-metric",
        f"nothing uses {about.title}: no decision, view, target, metric or response",
        why="a number that changes nothing costs its readers the time to find that out",
        help="name what it is for, retire it, or write what somebody does when it moves, as `respond:`",
    )
    return about.findings[-1]


def _used(book: Book, model: Model) -> set[str]:
    """Names of metrics that something uses; a broken thing uses what it names, so that one fault is not two."""
    used = {entry.name for entry in book.of("metric") if isinstance(entry.item, declare.Metric) and entry.item.respond}
    for metric in model.metrics.values():
        if isinstance(metric.body, Formula):
            used.update(term.metric for term in metric.body.terms.values())
    for entry in book.entries:
        match entry.item:
            case declare.Decision() as item:
                used.update(criterion.metric for criterion in item.criteria)
            case declare.View() as item:
                used.update(item.metrics)
            case declare.Target() as item:
                used.add(item.metric)
            case declare.Metric() as item:
                used.update(_named(item) - {item.metric})
            case declare.Source() as item:
                used.update(
                    body.metric for body in item.dimensions.values() if isinstance(body, declare.MetricDimension)
                )
    return used


def _named(item: declare.Metric) -> set[str]:
    found = set(_WORD.findall(item.formula or ""))
    if item.translation is not None:
        found.update(term.from_ for term in item.translation.terms.values())
        found.add(item.translation.from_ or "")
        if item.translation.control_total is not None:
            found.add(item.translation.control_total.metric)
    if item.roll_forward is not None:
        found.update((*item.roll_forward.in_, *item.roll_forward.out))
    return found

"""Views, resolved: what is published for whom, checked before anybody publishes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

from decisionlayer import declare
from decisionlayer.declare import Book
from decisionlayer.declare.book import Path
from decisionlayer.findings import Finding
from decisionlayer.resolve.about import About, check_party, metrics_of
from decisionlayer.resolve.language import Expr, parse_filter
from decisionlayer.resolve.language.tree import names
from decisionlayer.resolve.model import Metric, Model, Purpose, View
from decisionlayer.resolve.reach.askable import Askable
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.uses.criteria import translations_of

#: Keys of a question that a view may have today, in the order in which they are written.
_KEYS = (
    "metrics", "by", "where", "having", "start", "end", "order", "limit", "paths", "structure", "basis", "known_on", "levels", "totals",
    "compare", "fill", "rest", "extremes",
)  # fmt: skip


def resolve_views(
    book: Book, model: Model, askable: Askable, *, today: dt.date, roots: Mapping[str, str] = MappingProxyType({})
) -> tuple[Mapping[str, View], tuple[Finding, ...]]:
    """Return every view by name, and what is wrong with them.

    Codes: ``bad-name missing-key no-owner no-definition unknown-name stands-on-broken purpose-mismatch bad-expression
    unreachable-dimension ambiguous-path fan-out needs-period finer-than-grain duplicate-name wrong-argument not-built``.
    """
    views: dict[str, View] = {}
    findings: list[Finding] = []
    taken = {entry.name.casefold(): f"decision `{entry.name}`" for entry in book.of("decision")}
    for entry in book.of("view"):
        item = entry.item
        assert isinstance(item, declare.View)
        about = About(entry)
        _check_name(about, item, taken)
        _check_words(about, item, model, today)
        asked: list[tuple[str, Path]] = [(name, ("metrics", place)) for place, name in enumerate(item.metrics)]
        metrics = metrics_of(about, model, book, asked, roots)
        _check_purposes(about, item, metrics, model)
        where, having = _filter(about, item, "where"), _filter(about, item, "having")
        _check_splits(about, item, metrics, askable, where)
        if item.as_ == "rollup":
            about.say(
                "not-built",
                f"{about.title} is stored as a rollup, which this version does not build yet",
                "as",
                help="write `as: table`",
            )
        views[entry.name] = View(
            name=item.view,
            audience=item.audience,
            owner=item.owner,
            definition=item.definition or "",
            stored_as=item.as_,
            question=_question(item),
            place=entry.origin.place(),
            where=where,
            having=having,
            min_group=item.min_group,
        )
        findings += about.findings
    return views, tuple(findings)


def _check_name(about: About, item: declare.View, taken: dict[str, str]) -> None:
    folded = item.view.casefold()
    if folded.startswith("dl_"):
        about.say(
            "bad-name",
            f"{about.title} has a name that begins with `dl_`",
            "view",
            why="the catalog tables beside it are called so, and one would replace the other",
            help=f"call it `{item.view[3:] or 'view'}`",
        )
    elif folded in taken:
        about.say(
            "bad-name",
            f"{about.title} has the name of {taken[folded]}, and both are published into one schema",
            "view",
            why="in most warehouses one would replace the other, whatever the case of their letters",
            help="give it another name",
        )
    taken.setdefault(folded, about.title)


def _check_words(about: About, item: declare.View, model: Model, today: dt.date) -> None:
    if item.owner is None:
        about.say(
            "no-owner",
            f"nobody answers for {about.title}",
            why="whoever reads it must be able to ask what it means",
            help="write `owner:` with a party",
        )
    else:
        check_party(about, model.parties, item.owner, ("owner",), duty="answers for", today=today)
    if item.definition is None:
        about.say(
            "no-definition",
            f"{about.title} does not say what it shows",
            why="it is read by people who were not there when it was made",
            help="write one sentence as `definition:`",
        )


def _check_purposes(about: About, item: declare.View, metrics: Mapping[str, Metric], model: Model) -> None:
    if not item.metrics and not item.extremes:
        about.say("missing-key", f"{about.title} publishes no metric", help="add `metrics:`")
    for position, name in enumerate(item.metrics):
        metric = metrics.get(name)
        if name in item.metrics[:position]:
            about.say("duplicate-name", f"{about.title} names `{name}` twice", "metrics", position, help="name it once")
        elif metric is not None and item.audience == "executive" and metric.purpose is Purpose.action:
            above = translations_of(model, name)
            about.say(
                "purpose-mismatch",
                f"{about.title} shows executives `{name}`, which is a number for action",
                "metrics",
                position,
                why=f"it tells {metric.owner or 'the frontline'} what to do next; nobody has said what it means for a choice",
                help=(
                    f"show `{above[0]}`, which translates it"
                    if above
                    else f"declare a choice metric with a translation from `{name}`, or publish it for `audience: frontline`"
                ),
            )
        elif metric is not None and item.audience == "frontline" and metric.purpose is Purpose.choice and not metric.respond:
            about.say(
                "no-response",
                f"{about.title} shows the frontline `{name}`, which is a number for choosing and does not say what to do when it moves",
                "metrics",
                position,
                why="what should a team do when this moves? A number that nobody can act on is watched in vain",
                help=f"write `respond:` on `{name}`, or show the number for acting beneath it",
            )


def _filter(about: About, item: declare.View, key: str) -> Expr | None:
    text: str | None = getattr(item, key)
    if text is None:
        return None
    parsed = parse_filter(text)
    for problem in parsed.problems:
        place = about.entry.origin.place(key, offset=problem.span.start)
        about.findings.append(problem.finding(about.subject, place))
    return parsed.expr


def _check_splits(
    about: About, item: declare.View, metrics: Mapping[str, Metric], askable: Askable, where: Expr | None
) -> None:
    model = askable.model
    if item.levels is not None and (item.by or item.totals):
        about.say(
            "wrong-argument", f"{about.title} has `levels`, which say what to split by already", "levels",
            help="leave `by` and `totals` out",
        )  # fmt: skip
    if item.min_group is not None and (item.levels is not None or item.totals):
        _check_hiding(about, item)
    for number, level in enumerate(item.levels or ()):
        for path in level if metrics else ():
            askable.check(about, metrics, path, ("levels", number), verb="is split by", ways=item.paths.get(path, {}))
    for position, path in enumerate(item.by):
        if path in item.by[:position]:
            about.say("duplicate-name", f"{about.title} is split by `{path}` twice", "by", position, help="say it once")
        elif metrics:
            askable.check(about, metrics, path, ("by", position), verb="is split by", ways=item.paths.get(path, {}))
    if where is not None and metrics:
        filtered = dict.fromkeys(node.text for node in names(where))
        for path in filtered:
            askable.check(about, metrics, path, ("where",), verb="keeps rows by", ways=item.paths.get(path, {}), filters=True)
    beneath = Beneath(model.metrics) if item.min_group is not None else None
    in_time = next((each for name in metrics for each in beneath.tree(name) if each.editions), None) if beneath is not None else None
    if in_time is not None:
        about.say(
            "not-built", f"{about.title} hides small groups of `{in_time.name}`, which has earlier definitions; that is not answered yet",
            "min_group", why="each definition may count other rows", help="leave `min_group` out until it is",
        )  # fmt: skip
    if item.min_group is not None and item.min_group < 2:
        about.say(
            "wrong-argument",
            f"{about.title} allows groups of {item.min_group}",
            "min_group",
            help="a group is two rows or more; leave it out to allow every cell",
        )
    if item.limit is not None and item.limit < 0:
        about.say(
            "wrong-argument",
            f"{about.title} is limited to {item.limit} rows",
            "limit",
            help="write a number of rows, or leave it out",
        )


def _check_hiding(about: About, item: declare.View) -> None:
    """Refuse levels in which a small cell could be worked out from what is shown, whatever is hidden beside it."""
    for key in ("having", "limit", "compare"):
        if getattr(item, key):
            about.say(
                "not-built", f"{about.title} hides small groups by levels, and `{key}` beside that is not answered yet", key,
                why="what it leaves out, or shows again beside another period, could be worked out from a total",
                help=f"leave `{key}` out, or publish one level in a view",
            )  # fmt: skip
    nested = sorted(item.levels or (), key=len, reverse=True)
    for fine, coarse in pairwise(nested):
        if not set(coarse) < set(fine):
            finer, coarser = (", ".join(f"`{path}`" for path in level) or "the total" for level in (fine, coarse))
            about.say(
                "wrong-argument", f"{about.title} hides small groups, and its levels cross: by {finer}, and by {coarser}", "levels",
                why="what is hidden in one of them can be worked out from the others",
                help="let each level be split by all that the next coarser one is split by, and more",
            )  # fmt: skip
            return


def _question(item: declare.View) -> Mapping[str, object]:
    """The keys of the question that are written, with plain values, so that whoever asks it adds nothing."""
    given = {key: getattr(item, key) for key in _KEYS}
    given["definition"] = item.definition_basis
    given["known_on"] = None if item.known_on is None else item.known_on.isoformat()
    return {key: value for key, value in given.items() if value not in (None, False, (), {})}

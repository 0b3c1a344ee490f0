"""Decisions, resolved: who decides, between which options, by which criteria, over which horizons.

Declared and checked here; scored where they are evaluated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from decisionlayer import declare
from decisionlayer.declare import Book
from decisionlayer.findings import Finding
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import About, check_parties, listed, metrics_of
from decisionlayer.resolve.model import Criterion, Decision, Discount, Horizon, Metric, Model, Purpose
from decisionlayer.resolve.reach.askable import Askable
from decisionlayer.resolve.uses.components import check_components
from decisionlayer.resolve.uses.criteria import check_criteria
from decisionlayer.resolve.uses.horizons import check_horizons, structure_text


def resolve_decisions(
    book: Book, model: Model, askable: Askable, *, today: dt.date, roots: Mapping[str, str] = MappingProxyType({})
) -> tuple[Mapping[str, Decision], tuple[Finding, ...]]:
    """Return every decision by name, and what is wrong with them.

    Codes: ``missing-key one-decider no-owner unknown-name stands-on-broken duplicate-name purpose-mismatch no-direction
    no-scale wrong-argument unreachable-dimension fan-out finer-than-grain no-status-quo one-horizon no-review not-built``.
    """
    decisions: dict[str, Decision] = {}
    findings: list[Finding] = []
    for entry in book.of("decision"):
        item = entry.item
        assert isinstance(item, declare.Decision)
        about = About(entry)
        asked = [(criterion.metric, ("criteria", place, "metric")) for place, criterion in enumerate(item.criteria)]
        metrics = metrics_of(about, model, book, asked, roots)
        _check_people(about, item, model, today)
        check_criteria(about, item, model, metrics)
        check_components(about, item, model, metrics)
        _check_options(about, item, metrics, askable)
        check_horizons(about, item, metrics, askable)
        _check_learning(about, item, metrics)
        decisions[entry.name] = _decision(about, item)
        findings += about.findings
    return decisions, tuple(findings)


# -- who ------------------------------------------------------------------------------------------------------------


def _check_people(about: About, item: declare.Decision, model: Model, today: dt.date) -> None:
    if item.question is None:
        about.say(
            "missing-key",
            f"{about.title} does not say which question it answers",
            help="add `question:`, as one would ask it in the room",
        )
    if not item.decider:
        about.say(
            "one-decider",
            f"nobody decides {about.title}: it has no `decider`",
            why="a choice without a decider is made by whoever speaks last",
            help="name one party under `decider`",
        )
    elif len(item.decider) > 1:
        about.say(
            "one-decider",
            f"{about.title} has {len(item.decider)} deciders: {listed(item.decider)}",
            "decider",
            why="two deciders means none: each can say that it was the other",
            help="keep one under `decider` and put the others under `agree`",
        )
    duties = (
        ("decider", "decides"),
        ("agree", "has to agree to"),
        ("recommend", "recommends on"),
        ("perform", "performs"),
    )
    for key, duty in duties:
        check_parties(about, model.parties, getattr(item, key), key, duty=duty, today=today)


# -- between what ---------------------------------------------------------------------------------------------------


def _check_options(about: About, item: declare.Decision, metrics: Mapping[str, Metric], askable: Askable) -> None:
    options = item.options
    if options is not None and options.dimension is None and options.list is not None:
        pass  # told apart by nobody but the decider: every number holds for all of them
    elif options is None or options.dimension is None:
        about.say(
            "missing-key",
            f"{about.title} does not say what may be chosen",
            *(() if options is None else ("options",)),
            help="add `options: {dimension: carrier}`, with the dimension whose values are the options",
        )
    else:
        askable.check(about, metrics, options.dimension, ("options", "dimension"), verb="weighs the options by")
    if options is not None and options.list is not None:
        repeated = sorted({option for option in options.list if options.list.count(option) > 1})
        if repeated:
            about.say(
                "duplicate-name",
                f"{about.title} lists the option {listed(repeated)} twice",
                "options",
                "list",
                help="list each option once",
            )
        if not options.list:
            about.say(
                "missing-key",
                f"{about.title} has an empty list of options",
                "options",
                "list",
                help="leave `list` out to weigh every value",
            )
    silent = options is None or (options.status_quo in (None, "none") and options.because is None)
    if item.kind == "choice" and silent:
        about.say(
            "no-status-quo",
            f"{about.title} has no option that leaves things as they are",
            *(() if options is None else ("options",)),
            why="the best of several changes may still be worse than none",
            help="name it, `status_quo: …`, or write `status_quo: none` with `because:`",
        )


# -- what can be learnt ----------------------------------------------------------------------------------------------


def _check_learning(about: About, item: declare.Decision, metrics: Mapping[str, Metric]) -> None:
    listed_options = None if item.options is None else item.options.list
    criteria = [criterion.metric for criterion in item.criteria]
    for position, expected in enumerate(item.expects):
        here = ("expects", position)
        option = expected.get("option")
        if option is None:
            about.say(
                "missing-key",
                f"an expectation of {about.title} does not say for which option",
                *here,
                help="write `{option: …, METRIC: level}`",
            )
        elif listed_options is not None and str(option) not in listed_options:
            about.say(
                "unknown-name",
                f"{about.title} expects something of `{option}`, which is none of its options",
                *here,
                "option",
                help=did_you_mean(str(option), listed_options),
            )
        for key, level in expected.items():
            if key == "option":
                continue
            if key not in criteria:
                about.say(
                    "unknown-name",
                    f"{about.title} expects a level of `{key}`, which is none of its criteria",
                    *here,
                    key,
                    help=did_you_mean(key, criteria),
                )
            elif isinstance(level, bool) or not isinstance(level, int | float | Decimal):
                about.say("wrong-type", f"{about.title} expects {level!r} of `{key}`, which is no number", *here, key)
    lacks = [f"no `{key}`" for key, given in (("review_on", item.review_on), ("expects", item.expects)) if not given]
    if item.kind == "choice" and lacks:
        about.say(
            "no-review",
            f"{about.title} has {' and '.join(lacks)}",
            why="a decision that is never held against what was expected teaches nothing",
            help="say when it is looked at again, and which level you expect of the option that you would choose",
        )


def _decision(about: About, item: declare.Decision) -> Decision:
    options = item.options or declare.Options()
    return Decision(
        name=item.decision,
        question=item.question or "",
        kind=Purpose(item.kind),
        decider=item.decider[0] if len(item.decider) == 1 else None,
        agree=item.agree,
        recommend=item.recommend,
        perform=item.perform,
        mode=item.mode,
        dimension=options.dimension,
        options=options.list,
        status_quo=options.status_quo,
        because=options.because or "",
        criteria=tuple(_criterion(criterion) for criterion in item.criteria),
        horizons=tuple(_horizon(horizon) for horizon in item.horizons),
        cadence=item.cadence,
        review_on=item.review_on,
        expects=tuple(_expectation(expected) for expected in item.expects),
        place=about.entry.origin.place(),
    )


def _horizon(item: declare.Horizon) -> Horizon:
    discount = None if item.discount is None else Discount(item.discount.rate, item.discount.each)
    structure = structure_text(item.structure)
    return Horizon(
        item.name, item.period, item.start, item.end, item.against, item.basis, structure, item.definition, discount
    )


def _criterion(item: declare.Criterion) -> Criterion:
    scale = item.scale
    return Criterion(
        item.metric,
        None if scale is None else scale.worst,
        None if scale is None else scale.best,
        item.weight,
        item.veto,
    )


def _expectation(expected: Mapping[str, object]) -> Mapping[str, str | Decimal]:
    numbers = {key: Decimal(str(level)) for key, level in expected.items() if isinstance(level, int | float | Decimal)}
    return {"option": str(expected.get("option", ""))} | {
        key: level for key, level in numbers.items() if key != "option"
    }

"""The switch of a translation: what it says beside its terms, read and checked (DL105, DL507)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from decisionlayer import declare
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import About, check_party
from decisionlayer.resolve.adding.quotients import quotient_of
from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.drafting.number import Number
from decisionlayer.resolve.model import Formula, Metric, Model, Translation
from decisionlayer.resolve.quantities.units import unlike_declared
from decisionlayer.resolve.reach.grain import determines
from decisionlayer.resolve.values.switched import ControlTotal, Manual, Regroup, Reweight

_AT = "translation"


def read_switch(draft: Draft, bench: Bench, number: Number) -> Translation | None:
    """Return the translation of a metric, None for one that has none; findings of what it says and cannot mean."""
    written = draft.item.translation
    if written is None:
        return None
    return Translation(
        written.owner, written.why or "", written.loses or "", number.enters,
        regroup=_regroup(draft, bench, written.regroup),
        reweight=_reweight(draft, bench, written.reweight),
        tolerance=_tolerance(draft.about, written.tolerance),
        control_total=_control(draft, bench, written.control_total),
        manual=tuple(_manual(draft.about, bench, written.manual)),
    )  # fmt: skip


def _regroup(draft: Draft, bench: Bench, written: str | None) -> Regroup | None:
    if written is None:
        return None
    frame, _, version = written.partition("@")
    line = bench.hierarchies.get(frame)
    if line is None and f"frame {frame}" in bench.collector.broken:
        bench.collector.fall(draft.subject, f"frame {frame}", draft.entry.origin.place(_AT, "regroup"))
    elif line is None:
        message = f"{draft.about.title} is regrouped by `{frame}`, and no hierarchy has that name"
        draft.about.say("unknown-name", message, _AT, "regroup", help=did_you_mean(frame, bench.hierarchies))
    elif version not in line.versions:
        said = f"`{frame}` has no version `{version}`" if version else f"`{frame}` stands for every version that there is"
        named = did_you_mean(version, line.versions) if version and line.versions else ""
        draft.about.say(
            "unknown-name",
            f"{draft.about.title} is regrouped by `{written}`, and {said}",
            _AT, "regroup",
            why="the same shops under another line are other groups, so the line must have a name that stays",
            help=named or f"name the day under `versions:` of `{frame}`, and write `{frame}@NAME`",
        )  # fmt: skip
    else:
        return Regroup(frame, version, line.versions[version])
    return None


def _reweight(draft: Draft, bench: Bench, written: declare.Reweight | None) -> Reweight | None:
    if written is None:
        return None
    about, at = draft.about, (_AT, "reweight")
    parts = tuple(written.by.split("."))
    for leaf in bench.leaves.get(draft.name, ()):
        route = bench.paths.bind(leaf.source, parts)
        if route is None:
            place = draft.entry.origin.place(*at, "by")
            about.findings.append(bench.paths.refusal(leaf.source, parts, subject=draft.subject, metric=draft.name, place=place))
    return Reweight(written.by, None if written.mix == "whole" else _shares(about, written.mix))


def _shares(about: About, written: Mapping[str, Decimal]) -> tuple[tuple[str, Decimal], ...]:
    at = (_AT, "reweight", "mix")
    below = [name for name, share in written.items() if share < 0]
    whole = sum(written.values(), Decimal(0))
    if below:
        message = f"in the mix of {about.title} `{below[0]}` has the share {written[below[0]]}"
        about.say("wrong-argument", message, *at, help="a share is 0 or more")
    elif whole != 1:
        about.say(
            "wrong-argument",
            f"the shares in the mix of {about.title} add up to {whole.normalize():f}, not to 1",
            *at,
            why="the value would be of more or less than one whole",
            help="write shares that add up to 1, or `mix: whole` for the mix that the question covers",
        )
    return tuple(written.items())


def _tolerance(about: About, written: declare.Tolerance | None) -> Decimal | None:
    if written is None:
        return None
    if not 0 <= written.unassigned <= 1:
        about.say(
            "wrong-argument",
            f"{about.title} tolerates {written.unassigned} as unassigned, and a share lies between 0 and 1",
            _AT, "tolerance", "unassigned",
            help="write 0.05 for a twentieth",
        )  # fmt: skip
    return written.unassigned


def _control(draft: Draft, bench: Bench, written: declare.ControlTotal | None) -> ControlTotal | None:
    if written is None:
        return None
    at = (_AT, "control_total")
    if written.metric == draft.name:
        message = f"{draft.about.title} is its own control total"
        draft.about.say("wrong-argument", message, *at, "metric", why="it would tie whatever it is", help="name a number from elsewhere")
    elif written.metric not in bench.declared("metric"):
        message = f"{draft.about.title} is held against `{written.metric}`, which nothing declares"
        draft.about.say("unknown-name", message, *at, "metric", help=did_you_mean(written.metric, bench.declared("metric")))
    if written.within < 0:
        draft.about.say(
            "wrong-argument", f"{draft.about.title} is to tie within {written.within}, which nothing does", *at, "within",
            help="write how far the two may be apart, in the unit of the metric",
        )  # fmt: skip
    return ControlTotal(written.metric, written.by, written.within)


def _manual(about: About, bench: Bench, written: tuple[declare.Manual, ...]) -> Iterable[Manual]:
    for number, each in enumerate(written):
        at = (_AT, "manual", number)
        check_party(about, bench.ground.parties, each.by, (*at, "by"), duty="does a step by hand for", today=bench.ground.today)
        if each.hours is not None and each.hours < 0:
            message = f"a step of {about.title} takes {each.hours} hours"
            about.say("wrong-argument", message, *at, "hours", help="write how many hours it takes")
        hours = "" if each.hours is None else f", {each.hours.normalize():f} hours each time"
        about.say(
            "manual-step",
            f"a step on the way to {about.title} is done by hand: {each.does.rstrip('.')}",
            *at,
            why=f"what `{each.by}` does is in no file{hours}: nobody can retrace it, and the number waits for it",
            help="let a source hold what the step makes, or keep it and know it: it counts in the buffer index",
        )
        yield Manual(each.by, each.does, each.hours)


def check_switches(bench: Bench, order: Iterable[str], model: Model) -> None:
    """Check what only the whole tells: a control total, which may stand on the metric, and what a mix of classes is of.

    ``mixed-units`` for a control total in another unit, ``wrong-argument`` for a mix of anything but a quotient. ``order`` has each
    metric after what it stands on.
    """
    fallen: set[str] = set()
    for name in order:
        draft, metric = bench.drafts.get(name), model.metrics.get(name)
        if draft is None:
            continue
        for below in fallen.intersection(draft.needs):
            bench.collector.fall(draft.subject, f"metric {below}", draft.entry.origin.place())
            fallen.add(name)
        if metric is None:
            continue
        draft.about.findings.clear()
        if metric.min_base is not None:
            _check_base(draft.about, metric, metric.min_base, model)
        if metric.translation is None:
            bench.collector.take(draft.about.findings)
            continue
        if metric.translation.control_total is not None:
            _check_control(draft, bench, metric, metric.translation.control_total)
        if metric.translation.reweight is not None:
            _check_mix(draft, bench, metric, metric.translation.reweight, model)
        if bench.collector.take(draft.about.findings):
            fallen.add(name)


def _check_base(about: About, metric: Metric, least: int, model: Model) -> None:
    if least < 1:
        message = f"`min_base` of {about.title} is {least}, and nothing has fewer than that"
        about.say("wrong-argument", message, "min_base", help="write how many there should be below the line, such as 30")
    elif quotient_of(model, metric) is None:
        message = f"{about.title} says `min_base`, and is no quotient of two numbers that add up"
        about.say("wrong-argument", message, "min_base", help="leave it out: only what is divided has a base")


def _check_control(draft: Draft, bench: Bench, metric: Metric, control: ControlTotal) -> None:
    other = bench.metrics.get(control.metric)
    if other is None:
        if f"metric {control.metric}" in bench.collector.broken:
            bench.collector.fall(draft.subject, f"metric {control.metric}", draft.entry.origin.place(_AT, "control_total", "metric"))
        return
    unlike = None if metric.unit is None else unlike_declared(other.unit, metric.unit)
    if unlike is not None:
        has = "no unit" if other.unit is None else f"the unit {other.unit}"
        draft.about.say(
            "mixed-units",
            f"{draft.about.title} is in {metric.unit}, and its control total `{control.metric}` has {has}",
            _AT, "control_total", "metric",
            why="the gap between unlike things is no amount that anybody could explain",
            help=f"hold it against a number in {metric.unit}",
        )  # fmt: skip


def _check_mix(draft: Draft, bench: Bench, metric: Metric, weight: Reweight, model: Model) -> None:
    about, at = draft.about, (_AT, "reweight")
    if quotient_of(model, metric) is None:
        about.say(
            "wrong-argument",
            f"{about.title} is put under one mix of `{weight.by}`, and is no quotient of two numbers that add up",
            *at,
            why="only what is divided has a value of each class that a mix can weigh",
            help="write its formula as one thing over another: `a / b`",
        )
        return
    parts = tuple(weight.by.split("."))
    below = [term.metric for term in metric.body.terms.values()] if isinstance(metric.body, Formula) else []
    for entered, leaf in [(one, leaf) for one in below for leaf in bench.leaves.get(one, ())]:
        route = bench.paths.bind(leaf.source, parts)
        if route is not None and leaf.by is not None and not determines(leaf.by, route):
            about.say(
                "finer-than-grain",
                f"{about.title} is put under one mix of `{weight.by}`, by which `{entered}` is not to be split",
                *at, "by",
                why="its classes would be finer than the number beneath promises to be",
                help=f"name a path that the grain of `{entered}` determines, or widen its grain",
            )  # fmt: skip
            return

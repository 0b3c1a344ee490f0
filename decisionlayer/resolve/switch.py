"""The switch of a translation: what it says beside its terms, read and checked (DL105, DL507)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from decisionlayer import declare
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.about import About, check_party
from decisionlayer.resolve.bench import Bench
from decisionlayer.resolve.drafts import Draft
from decisionlayer.resolve.model import Translation
from decisionlayer.resolve.number import Number
from decisionlayer.resolve.switched import ControlTotal, Manual, Regroup
from decisionlayer.resolve.units import unlike_declared

_AT = "translation"


def read_switch(draft: Draft, bench: Bench, number: Number) -> Translation | None:
    """Return the translation of a metric, None for one that has none; findings of what it says and cannot mean."""
    written = draft.item.translation
    if written is None:
        return None
    return Translation(
        written.owner, written.why or "", written.loses or "", number.enters,
        regroup=_regroup(draft, bench, written.regroup),
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


def check_controls(bench: Bench, order: Iterable[str]) -> None:
    """``mixed-units`` for a control total in another unit than its metric's; ``stands-on-broken`` for one that cannot be asked.

    It is looked at last, for a control total may stand on the metric; ``order`` has each metric after what it stands on.
    """
    fallen: set[str] = set()
    for name in order:
        draft, metric = bench.drafts.get(name), bench.metrics.get(name)
        if draft is None:
            continue
        for below in fallen.intersection(draft.needs):
            bench.collector.fall(draft.subject, f"metric {below}", draft.entry.origin.place())
            fallen.add(name)
        control = None if metric is None or metric.translation is None else metric.translation.control_total
        if metric is None or control is None:
            continue
        other = bench.metrics.get(control.metric)
        draft.about.findings.clear()
        if other is None:
            if f"metric {control.metric}" in bench.collector.broken:
                bench.collector.fall(draft.subject, f"metric {control.metric}", draft.entry.origin.place(_AT, "control_total", "metric"))
            continue
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
            fallen.add(name)
        bench.collector.take(draft.about.findings)

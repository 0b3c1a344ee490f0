"""Roll-forwards: what must hold for a stock to be led from one level to the next by the flows that are named."""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.frozen import replace
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.drafting.number import Nature
from decisionlayer.resolve.model import Formula, Measure, Metric, RollForward
from decisionlayer.resolve.quantities.units import unlike_declared
from decisionlayer.resolve.reach.beneath import Beneath


def resolve_roll_forwards(bench: Bench, order: Iterable[str]) -> None:
    """Give each stock that names its flows a ``RollForward``, once every metric is there.

    ``wrong-argument`` on what is no balance at the end of a period and for a flow that is none, ``unknown-name``, ``duplicate-name``,
    ``mixed-units``.
    """
    for name in order:
        draft, metric = bench.drafts.get(name), bench.metrics.get(name)
        if draft is None or metric is None or draft.item.roll_forward is None:
            continue
        draft.about.findings.clear()
        found = _roll_forward(draft, bench, metric)
        if found is not None:
            bench.metrics[name] = replace(metric, roll_forward=found)
        bench.collector.take(draft.about.findings)


def _roll_forward(draft: Draft, bench: Bench, metric: Metric) -> RollForward | None:
    written, about = draft.item.roll_forward, draft.about
    assert written is not None
    if bench.natures.get(metric.name) is not Nature.stock or not _is_last(bench, metric):
        about.say(
            "wrong-argument", f"{about.title} has a `roll_forward`, and is no balance at the end of a period", "roll_forward",
            why="flows lead from one level of a stock to the next", help="a stock says `over_time: last`",
        )  # fmt: skip
        return None
    names = [("in", name) for name in written.in_] + [("out", name) for name in written.out]
    if not names:
        help = "write `{in: [sales], out: [collections]}`"
        about.say("missing-key", "a `roll_forward` without flows leads nowhere", "roll_forward", help=help)
        return None
    fine = True
    for place, (key, name) in enumerate(names):
        flow = bench.metrics.get(name)
        if any(name == other for _, other in names[:place]):
            about.say("duplicate-name", f"`roll_forward` names `{name}` twice", "roll_forward", key, help="name each flow once")
        elif flow is None and f"metric {name}" in bench.collector.broken:
            bench.collector.fall(draft.subject, f"metric {name}", draft.entry.origin.place("roll_forward", key))
            fine = False
        elif flow is None:
            about.say("unknown-name", f"there is no metric `{name}`", "roll_forward", key, help=did_you_mean(name, bench.metrics))
        elif bench.natures.get(name) is not Nature.flow:
            about.say(
                "wrong-argument", f"`{name}` does not add up along time, so it leads from no level to the next", "roll_forward", key,
                help="name what flows in or out",
            )  # fmt: skip
        elif metric.unit is not None and unlike_declared(flow.unit, metric.unit) is not None:
            about.say(
                "mixed-units", f"{about.title} is in {metric.unit}, and `{name}` in {flow.unit_said}", "roll_forward", key,
                why="unlike things do not lead from one to the other", help=f"name a flow in {metric.unit}",
            )  # fmt: skip
    return RollForward(written.in_, written.out) if fine and not about.findings else None


def _is_last(bench: Bench, metric: Metric) -> bool:
    """Say whether every measure beneath is read at the last instant of a period."""
    tree = Beneath(bench.metrics).tree(metric.name)
    terms = [term for it in tree if isinstance(it.body, Formula) for term in it.body.terms.values()]
    measures = [it.body for it in tree if isinstance(it.body, Measure)]
    return all(term.over_time in (None, "last") for term in terms) and all(each.over_time == "last" for each in measures)

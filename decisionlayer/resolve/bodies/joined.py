"""The definitions of one metric, joined: one unit, one type, one set of paths; what breaks one of them breaks the metric."""

from __future__ import annotations

from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import Draft
from decisionlayer.resolve.language.types import FLOAT
from decisionlayer.resolve.quantities.units import fits


def join_editions(draft: Draft, bench: Bench) -> None:
    """Settle what the definitions of a metric share, all resolved; what is wrong with one is said once.

    ``mixed-units`` for an earlier definition in another unit: one number under one name is in one unit.
    """
    metric = bench.metrics.get(draft.name)
    names = [edition.name for edition in draft.editions[1:]]
    said = _said_once(draft, bench, names)
    if metric is None:
        return
    fallen = next((name for name in names if f"metric {name}" in bench.collector.broken or name not in bench.metrics), None)
    if fallen is not None:
        if not said and not any(each.is_error for each in draft.about.findings):
            bench.collector.fall(draft.subject, f"metric {fallen}", draft.entry.origin.place("earlier"))
        del bench.metrics[draft.name]
        bench.collector.block(draft.subject, ())
        return
    earlier = [bench.metrics[name] for name in names]
    for position, each in enumerate(earlier):
        if metric.unit is not None and each.unit is not None and not fits(each.unit, metric.unit):
            draft.about.say(
                "mixed-units",
                f"{draft.about.title} is in {metric.unit}, and was in {each.unit} from {draft.editions[position + 1].since} on",
                "earlier",
                position,
                "unit",
                why="one number under one name would change its unit from one period to the next",
                help="bring the earlier definition to the unit of today, or give the new number a name of its own",
            )
    if any(each.type != metric.type for each in earlier):
        for each in (metric, *earlier):
            bench.metrics[each.name] = replace(each, type=FLOAT)
    leaves = dict.fromkeys(leaf for name in (draft.name, *names) for leaf in bench.leaves[name])
    bench.leaves[draft.name] = tuple(leaves)


def _said_once(draft: Draft, bench: Bench, names: list[str]) -> bool:
    """Take back what an earlier definition repeats of the metric, at the same place; return whether that was an error."""
    own = {(each.code, each.place) for each in draft.about.findings}
    subjects = {f"metric {name}" for name in names}

    def repeats(finding: Finding) -> bool:
        return finding.subject in subjects and (finding.code, finding.place) in own

    taken = [each for each in bench.collector.findings if repeats(each)]
    if taken:
        bench.collector.findings[:] = [each for each in bench.collector.findings if not repeats(each)]
    return any(each.is_error for each in taken)

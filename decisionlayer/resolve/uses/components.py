"""Components: what the criteria of a decision have in common, so that one thing is not counted twice (DL210).

::

    cost per case = cost / cases       cost: above the bar    cases: below it
    volume        = cases              cases: above the bar   -> both contain cases: more of them pays twice
    complaints    = complaints / cases cases: below the bar   -> a common measure to be held against; nothing counts twice
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from decisionlayer import declare
from decisionlayer.resolve.about import About, listed
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param
from decisionlayer.resolve.model import Formula, Metric, Model


def check_components(about: About, item: declare.Decision, model: Model, metrics: Mapping[str, Metric]) -> None:
    """``shared-component`` for each two weighed criteria that stand on one number, unless it is below the bar in both."""
    weighed = [(at, c.metric) for at, c in enumerate(item.criteria) if c.weight is not None and c.metric in metrics]
    parts = {name: _parts(model, name) for _, name in weighed}
    for (_, first), (position, second) in combinations(weighed, 2):
        if first == second:
            continue
        mine, theirs = parts[first], parts[second]
        shared = [name for name in mine if name in theirs and (True in mine[name] or True in theirs[name])]
        if shared:
            about.say(
                "shared-component",
                f"{about.title} weighs `{first}` and `{second}`, and both contain {listed(shared)}",
                "criteria",
                position,
                "metric",
                why="whoever does well on it is paid for it twice, whatever the two weights say",
                help="weigh one of the two, or take another number that does not contain it",
            )


def _parts(model: Model, name: str) -> Mapping[str, frozenset[bool]]:
    """Return the metrics with rows beneath a metric, each with whether it stands above the bar, below it, or both."""
    found: dict[str, set[bool]] = {}
    waiting = [(name, True)]
    seen = set(waiting)
    while waiting:
        here, above = waiting.pop()
        metric = model.metrics.get(here)
        if metric is None:
            continue
        if not isinstance(metric.body, Formula):
            found.setdefault(here, set()).add(above)
            continue
        for term, is_above in _sides(metric.body.expr, above):
            if term in metric.body.terms:
                below = (metric.body.terms[term].metric, is_above)
                if below not in seen:
                    seen.add(below)
                    waiting.append(below)
    return {part: frozenset(sides) for part, sides in sorted(found.items())}


def _sides(expr: Expr, above: bool) -> Iterator[tuple[str, bool]]:
    """Yield each name of a formula, and whether it stands above the bar."""
    match expr:
        case Name():
            yield expr.text, above
        case Call():
            for position, argument in enumerate(expr.arguments):
                yield from _sides(argument, above if expr.function != "/" or position == 0 else not above)
        case Case():
            for _, then in expr.branches:
                yield from _sides(then, above)
            if expr.otherwise is not None:
                yield from _sides(expr.otherwise, above)
        case Literal() | Param() | Aggregate():
            return

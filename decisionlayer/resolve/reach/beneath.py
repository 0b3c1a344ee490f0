"""Beneath: which metrics a metric stands on, and which sources it is counted over in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from decisionlayer.resolve.model import Formula, Measure, Metric


def parts_of(metric: Metric | None) -> tuple[str, ...]:
    """Return the metrics that ``metric`` is computed from directly, in the order of its terms; none for a measure."""
    if metric is None or not isinstance(metric.body, Formula):
        return ()
    return tuple(dict.fromkeys(term.metric for term in metric.body.terms.values()))


def stands_on(metric: Metric | None) -> tuple[str, ...]:
    """Return what a metric is computed from directly, and the definitions that it had before."""
    return () if metric is None else (*parts_of(metric), *(edition.name for edition in metric.editions[1:]))


def bottom_up(metrics: Mapping[str, Metric]) -> Iterator[str]:
    """Yield every metric after all that it stands on. No recursion, so that a long chain of formulas ends well.

    A circle (which is refused elsewhere) is yielded in some order, each metric once.
    """
    done: set[str] = set()
    for first in metrics:
        waiting = [(first, iter(stands_on(metrics.get(first))))] if first not in done else []
        done.add(first)
        while waiting:
            name, below = waiting[-1]
            part = next(below, None)
            if part is None:
                waiting.pop()
                yield name
            elif part not in done:
                done.add(part)
                if part in metrics:
                    waiting.append((part, iter(stands_on(metrics[part]))))


class Beneath:
    """For each metric of a model, itself and all metrics beneath it, and its measures' sources."""

    def __init__(self, metrics: Mapping[str, Metric]) -> None:
        self._metrics = metrics

    @cached_property
    def _sources(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}
        for name in bottom_up(self._metrics):
            body = self._metrics[name].body
            own = frozenset((body.source,)) if isinstance(body, Measure) else frozenset()
            found[name] = own.union(*(found.get(part, frozenset()) for part in stands_on(self._metrics[name])))
        return found

    def sources(self, name: str) -> tuple[str, ...]:
        """Return the sources that a metric is counted over in the end, sorted; none for one that is not known."""
        return tuple(sorted(self._sources.get(name, ())))

    def tree(self, name: str) -> tuple[Metric, ...]:
        """Return a metric and every metric beneath it, each once, itself first."""
        found: dict[str, Metric] = {}
        waiting = [name]
        while waiting:
            here = waiting.pop()
            if here not in found and here in self._metrics:
                found[here] = self._metrics[here]
                waiting += reversed(parts_of(self._metrics[here]))
        return tuple(found.values())

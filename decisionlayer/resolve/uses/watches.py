"""Watches: the dimensions in which a mix may mislead. A walk and DL601 look there and nowhere else, however coarse the grain."""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer import declare
from decisionlayer.declare import Book
from decisionlayer.frozen import replace
from decisionlayer.resolve.about import About
from decisionlayer.resolve.collect import Collector
from decisionlayer.resolve.model import Grain, Model
from decisionlayer.resolve.reach.askable import Askable


def check_watches(book: Book, model: Model, collector: Collector) -> None:
    """Take what is wrong with the dimensions that metrics watch: ``unreachable-dimension ambiguous-path fan-out wrong-argument``."""
    watching = [entry for entry in book.of("metric") if isinstance(entry.item, declare.Metric) and entry.item.watch]
    if not watching:
        return
    everywhere = unlimited(model, model.metrics)
    askable = Askable(everywhere)
    for entry in watching:
        metric = everywhere.metrics.get(entry.name)
        if metric is None or metric.place != entry.origin.place():
            continue
        about = About(entry)
        for index, path in enumerate(metric.watch):
            if askable.period_of(path, askable.beneath.sources(metric.name)) is not None:
                about.say(
                    "wrong-argument", f"{about.title} watches `{path}`, which is a time", "watch", index,
                    why="a mix is of classes that stand beside each other", help="name a dimension, such as a carrier or a kind",
                )  # fmt: skip
            else:
                askable.check(about, {metric.name: metric}, path, ("watch", index), verb="watches")
        collector.take(dict.fromkeys(about.findings))


def unlimited(model: Model, names: Iterable[str]) -> Model:
    """Return the model with some of its metrics splittable by every dimension; their periods stay limited."""
    wide = {
        name: replace(item, grain=Grain(item.grain.time, None), limit=Grain(item.limit.time, None))
        for name in names
        if (item := model.metrics.get(name)) is not None
    }
    return replace(model, metrics={**model.metrics, **wide})

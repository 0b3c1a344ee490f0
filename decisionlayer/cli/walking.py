"""Walks on the command line: ``query METRIC --start … --end … --walk previous``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from decisionlayer.cli.console import width
from decisionlayer.cli.misuse import Misuse

if TYPE_CHECKING:
    from decisionlayer.layer import Layer


def walked(layer: Layer, question: Mapping[str, Any], against: str, format: str) -> str:
    """Return the walk to each metric of a question as text or JSON; ``against`` is a word, or a range as ``2013-01..2013-03``."""
    metrics = question.get("metrics", [])
    if not metrics:
        raise Misuse("--walk leads to a number, and no metric is named", "name one")
    asked = {key: value for key, value in question.items() if key != "metrics"}
    walks = [layer.walk(metric, against=_other(against), **asked) for metric in metrics]
    if format == "json":
        return json.dumps({"walks": [walk.as_json() for walk in walks]}, ensure_ascii=False, indent=1, default=float)
    return "\n\n".join(walk.render(min(width(), 100)) for walk in walks)


def _other(against: str) -> str | Mapping[str, object]:
    start, dots, end = against.partition("..")
    return {"start": start or None, "end": end or None} if dots else against

"""The checks of a large project are over before anybody has looked up."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.generate import write_project
from decisionlayer import Layer


def test_a_thousand_metrics_with_their_translations_and_decisions_are_checked_in_half_a_second(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project", metrics=1_000, decisions=100)
    seconds = []
    for _ in range(7):
        start = time.process_time()
        layer = Layer.load(project)
        findings = layer.check()
        seconds.append(time.process_time() - start)
    translated = [metric for metric in layer.book.of("metric") if metric.item.translation is not None]  # type: ignore[attr-defined]
    assert (len(layer.model.metrics), len(translated), len(layer.model.decisions)) == (1_000, 200, 100)
    assert {finding.code for finding in findings} == {"two-names"}
    # The time of this process alone, the best of seven: other work on the machine is no reason to fail.
    assert min(seconds) <= 0.5, f"the best of seven took {min(seconds):.3f} s"

"""The checks of a large project are over before anybody has looked up."""

from __future__ import annotations

from pathlib import Path

from benchmarks.generate import write_project
from benchmarks.timing import in_turn, read_plainly
from decisionlayer import Layer


def test_a_thousand_metrics_with_their_translations_and_decisions_are_checked_in_a_few_times_what_reading_them_takes(
    tmp_path: Path,
) -> None:
    """Beside PyYAML, which only reads: 2 to 4 times as long. Seconds are for `make bench` to say, they are the machine's."""
    project = write_project(tmp_path / "project", metrics=1_000, decisions=100)
    layer = Layer.load(project)
    findings = layer.check()
    translated = [metric for metric in layer.book.of("metric") if metric.item.translation is not None]  # type: ignore[attr-defined]
    assert (len(layer.model.metrics), len(translated), len(layer.model.decisions)) == (1_000, 200, 100)
    assert {finding.code for finding in findings} == {"two-names"}
    taken = in_turn({"checked": lambda: Layer.load(project).check(), "read": lambda: read_plainly(project)}, times=7)
    checked, read = (taken[name][1] for name in ("checked", "read"))
    assert checked <= 5 * read, f"checked in {checked:.3f} s, read in {read:.3f} s of CPU time"

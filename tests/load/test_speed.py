"""A thousand metrics in forty files are read no slower than their YAML is."""

from __future__ import annotations

from pathlib import Path

from benchmarks.timing import in_turn, read_plainly
from decisionlayer.load import load_project

METRIC = """\
  - metric: late_{s}_{m}
    title: Late minutes {m}
    definition: Minutes by which flights left more than a quarter of an hour late.
    unit: minute
    better: lower
    measure: sum(amount)
    where: amount > {m}
    respond: Above 300 in an hour, open a second gate crew and call the duty manager.
"""
CHOICE = """\
  - metric: cost_{s}_{m}
    title: Cost of lateness {m}
    definition: What late departures cost, for each seat offered.
    unit: minute
    better: lower
    formula: late / other
    translation:
      owner: biz
      why: A station watches minutes to staff gates; the network bets on what a late seat costs.
      loses: The hour and the gate at which it went wrong.
      terms: {{late: late_{s}_{m}, other: {{from: late_{s}_0, where: amount > 3}}}}
"""


def write_thousand_metrics(folder: Path) -> None:
    """Write 20 sources and 1,000 metrics, 50 in each of 20 files."""
    (folder / "definitions").mkdir()
    (folder / "metrics").mkdir()
    (folder / "definitions/project.yml").write_text("project: {name: big}\nparties: [{party: ops}, {party: biz}]\n")
    for s in range(20):
        (folder / f"definitions/source_{s}.yml").write_text(
            f"sources:\n  - {{source: source_{s}, table: t_{s}, key: [id], time: {{at: hour}}, links: {{carrier: carrier}},"
            f" columns: {{id: integer, amount: {{type: integer, unit: minute}}}}, owner: ops}}\n"
        )
        shared = f"for_all: {{purpose: action, owner: ops, source: source_{s}, grain: {{time: hour, by: [carrier]}}}}\nmetrics:\n"
        switched = "---\nfor_all: {purpose: choice, owner: biz, grain: {time: month, by: [carrier]}}\nmetrics:\n"
        text = shared + "".join(METRIC.format(s=s, m=m) for m in range(25))
        text += switched + "".join(CHOICE.format(s=s, m=m) for m in range(25))
        (folder / f"metrics/metrics_{s}.yml").write_text(text)


def test_a_thousand_metrics_are_read_as_fast_as_by_a_parser_that_checks_nothing(tmp_path: Path) -> None:
    """Beside PyYAML, which only reads: 0.6 to 1 of its time. Seconds are for `make bench` to say, they are the machine's."""
    write_thousand_metrics(tmp_path)
    book = load_project(tmp_path)
    assert (len(list(book.of("metric"))), book.findings) == (1000, ())
    taken = in_turn({"loaded": lambda: load_project(tmp_path), "read": lambda: read_plainly(tmp_path)}, times=7)
    loaded, read = (taken[name][1] for name in ("loaded", "read"))
    assert loaded <= 1.5 * read, f"loaded in {loaded:.3f} s, read in {read:.3f} s of CPU time"

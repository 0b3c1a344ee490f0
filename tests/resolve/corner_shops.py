"""The small company of the rule pages, changed a little: what tests of decisions, views, words and meanings stand on."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from pathlib import Path

from decisionlayer.findings import Finding
from decisionlayer.load import load_project
from decisionlayer.resolve import resolve
from decisionlayer.resolve.model import Model

BASE = Path(__file__).parents[2] / "docs" / "rules" / "_base"

#: A choice metric with every kind of change that a translation makes, and one that is counted from rows.
RICH = """
for_all: {purpose: choice, owner: planning, grain: {time: month, by: [shop]}, respond: Discuss it in the next plan.}
metrics:
  - metric: earned
    title: Earned
    definition: What quick orders brought, less what their waiting cost.
    unit: USD
    better: higher
    formula: (paid - 2 * (waited * hour_price)) / 1
    translation:
      owner: bizops
      why: The desk watches the queue; planning prices it.
      loses: The hour of the queue.
      terms:
        paid: {from: revenue, where: wait <= 5 and picking <> 0 and (size = 'small' or shop.region.name = 'Coast')}
        waited: {from: waiting, to: hour, population: "wait is not null and amount + 1 > 2.50"}
  - metric: quick_for_all
    definition: Share of all orders whose customer waited at most five minutes.
    unit: percent
    better: {near: 0.8}
    missing: zero
    translation: {owner: bizops, why: A wait that nobody noted was not quick., loses: Who forgot., from: quick_share, population: all}
  - metric: largest
    definition: The largest order.
    unit: USD
    better: higher
    source: orders
    measure: max(amount)
    translation: {owner: bizops, why: Planning asks how large orders get., loses: Whose it was.}
"""

DECISION = """
decisions:
  - decision: opening_hours
    question: Which shops open longer?
    decider: head_of_shops
    agree: [planning]
    options: {dimension: shop, list: [N, S], status_quo: S}
    criteria:
      - {metric: order_value, scale: {worst: 20, best: 60}, weight: 0.75}
      - {metric: earned, scale: {worst: 0, best: 100}, weight: 0.25, veto: -10}
    horizons:
      - {name: last quarter, period: quarter, against: previous}
      - {name: the year, start: 2024-01, end: 2024-12}
    review_on: 2025-01-31
    expects: [{option: N, order_value: 45}]
"""


def project(folder: Path, files: Mapping[str, str] = {}, *, swap: tuple[str, str, str] | None = None) -> Path:
    """Write the base project and ``files`` into ``folder``; ``swap`` replaces one text of one file, which must be there once."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")
    if swap is not None:
        name, old, new = swap
        text = (folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        (folder / name).write_text(text.replace(old, new), encoding="utf-8", newline="")
    return folder


def resolved(folder: Path, today: dt.date | None = None) -> Model:
    """Return the model of the project in ``folder``."""
    return resolve(load_project(folder), today)


def said(findings: tuple[Finding, ...], code: str | None = None) -> list[str]:
    """Return code and message of each finding, in order; only those of ``code`` when one is given."""
    return [f"{f.code}: {f.message}" for f in findings if code in (None, f.code)]

"""Targets: who promised which level for what, and whether the parts make up the whole."""


from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from decisionlayer.findings import Severity
from tests.resolve.corner_shops import project, resolved, said

FILE, METRICS = "definitions/page.yml", "metrics/page.yml"
QUICK = """
metrics:
  - {metric: quick_part, title: Part, definition: Share of quick orders., purpose: action, owner: shop_desk, unit: percent,
     better: higher, source: orders, measure: count(*) filter (where wait <= 5) / count(*), respond: Ask.}
  - {metric: buyers, title: Buyers, definition: Customers., purpose: action, owner: shop_desk, unit: customer,
     better: higher, source: orders, measure: count(distinct customer), respond: Ask.}
"""
TARGET = """
targets:
  - target: quick_year
    metric: quick_part
    where: size = 'small'
    start: 2024
    end: 2024
    value: 0.72
    proposed_by: planning
    accepted_by: shop_desk
    parts:
      - {where: shop = 'N', value: 0.60, base: 100, accepted_by: shop_desk}
      - {where: shop = 'S', value: 0.76, base: 300, accepted_by: stock_desk}
"""


def found(folder: Path, text: str) -> list[str]:
    return said(resolved(project(folder, {FILE: text, METRICS: QUICK})).findings)


def test_parts_make_up_a_ratio_by_their_planned_denominators(tmp_path: Path) -> None:
    model = resolved(project(tmp_path, {FILE: TARGET, METRICS: QUICK}))
    target = model.targets["quick_year"]
    assert target.rebuilt == Fraction(72, 100)
    assert target.rebuilt != Fraction(68, 100), "the mean of the two levels"
    assert not [finding for finding in model.findings if finding.severity is Severity.error]


def test_an_offer_stands_in_the_place_of_the_level_that_was_asked_for(tmp_path: Path) -> None:
    text = TARGET.replace("0.60, base: 100", "0.60, base: 100, offer: 0.56, by: stock_desk")
    model = resolved(project(tmp_path, {FILE: text, METRICS: QUICK}))
    assert model.targets["quick_year"].rebuilt == Fraction(71, 100)
    (finding,) = (each for each in model.findings if each.code == "target-not-rebuilt")
    assert finding.message == "the parts of target `quick_year` make up 71 %, not 72 %: 4 short of 400"
    assert finding.help == "S would need 77.33 %; or the whole is 71 %"


def test_less_than_half_of_one_thing_is_no_gap(tmp_path: Path) -> None:
    assert found(tmp_path, TARGET.replace("0.76", "0.7611")) == []  # a third of an order
    (told,) = found(tmp_path, TARGET.replace("0.76", "0.764"))
    assert told == "target-not-rebuilt: the parts of target `quick_year` make up 72.3 %, not 72 %: 1.2 over of 400"


def test_parts_of_a_sum_add_up(tmp_path: Path) -> None:
    text = TARGET.replace("quick_part", "revenue").replace("0.72", "1000").replace("0.60, base: 100", "400").replace("0.76, base: 300", "600")
    assert found(tmp_path, text) == []
    (told,) = found(tmp_path, text.replace("value: 400", "value: 350"))
    assert told == "target-not-rebuilt: the parts of target `quick_year` make up 950, not 1,000: 50 short"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("metric: quick_part", "metric: quick_prat", "unknown-name: target `quick_year` names the metric `quick_prat`, which nothing declares"),
        ("proposed_by: planning", "proposed_by: plannign", "no-owner: `plannign` proposes target `quick_year`, and no party has that name"),
        ("accepted_by: stock_desk", "accepted_by: old_desk", "no-owner: `old_desk` accepts a part of target `quick_year`, and was a party only until 2020-12-31"),
        ("    proposed_by: planning\n", "", "no-owner: nobody proposes target `quick_year`"),
        ("    end: 2024\n", "", "missing-key: target `quick_year` has no `end`"),
        ("end: 2024", "end: 2023", "wrong-argument: target `quick_year` ends before it starts"),
        ("start: 2024", "start: 2024-13", "wrong-argument: `start` of target `quick_year` is `2024-13`, which is no time"),
        ("0.76, base: 300", "0.76", "missing-key: a part of target `quick_year` has no `base`, and `quick_part` is a ratio"),
        ("base: 300", "base: 0", "wrong-argument: a part of target `quick_year` has the base 0"),
        ("base: 300", "base: 300, offer: 0.7", "missing-key: a part of target `quick_year` has an `offer` that nobody made"),
        ("shop = 'S'", "shop = 'N'", "wrong-argument: two parts of target `quick_year` hold `N`"),
        ("where: shop = 'S'", "where: \"shop in ('S', 'N')\"", "wrong-argument: two parts of target `quick_year` hold `N`"),
        ("where: shop = 'S'", "where: size = 'large'", "wrong-argument: the parts of target `quick_year` are not told apart by the values of one dimension, so they may overlap"),
        ("shop = 'S'", "shop <> 'N'", "wrong-argument: the parts of target `quick_year` are not told apart by the values of one dimension, so they may overlap"),
        ("size = 'small'", "sise = 'small'", "unreachable-dimension: `quick_part` cannot be split by `sise`: `orders` leads to nothing of that name"),
        ("metric: quick_part", "metric: buyers", "wrong-argument: target `quick_year` has parts, and levels of `buyers` for parts do not make up one for the whole"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in TARGET
    assert told in found(tmp_path, TARGET.replace(old, new))


def test_two_targets_for_one_cell_are_refused(tmp_path: Path) -> None:
    twice = TARGET + TARGET.replace("\ntargets:\n", "").replace("quick_year", "quick_again").replace("0.72", "0.7200")
    assert found(tmp_path, twice) == [
        "duplicate-name: target `quick_again` and target `quick_year` promise a level of `quick_part` for the same rows and the same time"
    ]


def test_a_target_uses_its_metric_and_has_a_meaning_of_its_own(tmp_path: Path) -> None:
    bare = QUICK.replace(", respond: Ask.}", "}")
    unused = said(resolved(project(tmp_path / "bare", {METRICS: bare})).findings)
    assert "unused-metric: nothing uses metric `quick_part`: no decision, view, target, metric or response" in unused
    model = resolved(project(tmp_path / "used", {FILE: TARGET, METRICS: bare}))
    assert not [each for each in said(model.findings) if "quick_part" in each]
    higher = resolved(project(tmp_path / "higher", {FILE: TARGET.replace("value: 0.72", "value: 0.73"), METRICS: bare}))
    reordered = TARGET.replace("    start: 2024\n    end: 2024\n", "    end: 2024\n    start: 2024\n").replace("accepted_by: shop_desk\n", "accepted_by: planning\n")
    same = resolved(project(tmp_path / "same", {FILE: reordered, METRICS: bare}))
    own = model.targets["quick_year"]
    assert higher.targets["quick_year"].meaning != own.meaning
    assert same.targets["quick_year"].meaning == own.meaning
    assert same.targets["quick_year"].wording != own.wording

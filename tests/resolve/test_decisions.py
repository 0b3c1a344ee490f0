"""Decisions: one decider, criteria that can be read in one direction, horizons that exist, and something to learn from."""


from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from decisionlayer.findings import Finding, Severity
from decisionlayer.resolve.model import Horizon, Purpose
from tests.resolve.corner_shops import DECISION, RICH, project, resolved, said

FILE = "definitions/decision.yml"
#: What the two criteria of the decision have in common.
SHARED = "shared-component: decision `opening_hours` weighs `order_value` and `earned`, and both contain `revenue`"


def found(
    folder: Path, old: str = "", new: str = "", more: str = "", today: dt.date | None = None
) -> tuple[Finding, ...]:
    assert old in DECISION
    files = {"metrics/rich.yml": RICH + more, FILE: DECISION.replace(old, new, 1) if old else DECISION}
    findings = resolved(project(folder, files), today).findings
    # Both criteria contain revenue: what is said of that has a test of its own.
    return tuple(finding for finding in findings if finding.code != "shared-component")


def test_a_sound_decision_is_resolved_without_a_finding(tmp_path: Path) -> None:
    model = resolved(project(tmp_path, {"metrics/rich.yml": RICH, FILE: DECISION}))
    decision = model.decisions["opening_hours"]
    assert [finding.code for finding in model.findings] == ["shared-component"]
    assert (decision.decider, decision.agree, decision.kind) == ("head_of_shops", ("planning",), Purpose.choice)
    assert (decision.dimension, decision.options, decision.status_quo) == ("shop", ("N", "S"), "S")
    assert [(c.metric, c.worst, c.best, c.weight, c.veto) for c in decision.criteria] == [
        ("order_value", 20, 60, Decimal("0.75"), None),
        ("earned", 0, 100, Decimal("0.25"), -10),
    ]
    assert decision.horizons == (
        Horizon("last quarter", "quarter", None, None, "previous"),
        Horizon("the year", None, "2024-01", "2024-12", None),
    )
    assert decision.review_on == dt.date(2025, 1, 31)
    assert decision.expects == ({"option": "N", "order_value": Decimal(45)},)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    question: Which shops open longer?\n", "", "missing-key: decision `opening_hours` does not say which question it answers"),
        ("    decider: head_of_shops\n", "", "one-decider: nobody decides decision `opening_hours`: it has no `decider`"),
        ("decider: head_of_shops", "decider: [bizops, planning]", "one-decider: decision `opening_hours` has 2 deciders: `bizops` and `planning`"),
        ("decider: head_of_shops", "decider: head_of_shop", "no-owner: `head_of_shop` decides decision `opening_hours`, and no party has that name"),
        ("agree: [planning]", "agree: [old_desk]", "no-owner: `old_desk` has to agree to decision `opening_hours`, and was a party only until 2020-12-31"),
        ("agree: [planning]", "recommend: [plannig]", "no-owner: `plannig` recommends on decision `opening_hours`, and no party has that name"),
        ("agree: [planning]", "perform: [nobody]", "no-owner: `nobody` performs decision `opening_hours`, and no party has that name"),
        ("agree: [planning]", "agree: [planning, planning]", "duplicate-name: decision `opening_hours` names `planning` twice under `agree`"),
        ("metric: earned, scale", "metric: erned, scale", "unknown-name: decision `opening_hours` names the metric `erned`, which nothing declares"),
        ("metric: earned, scale", "metric: order_value, scale", "duplicate-name: decision `opening_hours` weighs `order_value` twice"),
        ("metric: earned, scale", "metric: revenue, scale", "purpose-mismatch: decision `opening_hours` weighs `revenue`, which is a number for action"),
        ("scale: {worst: 20, best: 60}, ", "", "no-scale: decision `opening_hours` gives `order_value` a weight and no scale"),
        ("{worst: 20, best: 60}", "{worst: 60, best: 20}", "wrong-argument: the scale of `order_value` says that 20 is best and 60 worst; the metric says that higher is better"),
        ("{worst: 20, best: 60}", "{worst: 60, best: 60}", "wrong-argument: the scale of `order_value` has the same level, 60, as worst and best"),
        ("weight: 0.75", "weight: 0.7", "wrong-argument: the weights of decision `opening_hours` add up to 0.95, not to 1"),
        ("weight: 0.75", "weight: -0.75", "wrong-argument: decision `opening_hours` gives `order_value` the weight -0.75"),
        ("    options: {dimension: shop, list: [N, S], status_quo: S}\n", "", "missing-key: decision `opening_hours` does not say what may be chosen"),
        ("list: [N, S]", "list: [N, S, N]", "duplicate-name: decision `opening_hours` lists the option `N` twice"),
        ("list: [N, S]", "list: []", "missing-key: decision `opening_hours` has an empty list of options"),
        (", status_quo: S", "", "no-status-quo: decision `opening_hours` has no option that leaves things as they are"),
        ("status_quo: S", "status_quo: none", "no-status-quo: decision `opening_hours` has no option that leaves things as they are"),
        ("dimension: shop,", "dimension: shp,", "unreachable-dimension: `order_value` cannot be split by `shp`: `orders` leads to nothing of that name"),
        ("period: quarter", "period: quartal", "unknown-name: decision `opening_hours` looks at each `quartal`, which is no period"),
        ("against: previous", "against: before", "unknown-name: horizon `last quarter` of decision `opening_hours` is held against `before`, which is no earlier time"),
        ("period: quarter, against", "start: 2024-01, end: 2024-03, against", "wrong-argument: horizon `last quarter` is held against `previous`, and has no `period`: write the period that each of the two is"),
        ("start: 2024-01, end: 2024-12", "start: 2024-01", "wrong-argument: horizon `the year` has a `start` and no `end`; write both"),
        ("start: 2024-01, end: 2024-12", "start: 2024-12, end: 2024-01", "wrong-argument: horizon `the year` ends before it starts"),
        ("start: 2024-01, end", "start: 2024-13, end", "wrong-argument: `start` of horizon `the year` is `2024-13`, which is no time; write it as 2013, 2013-12 or 2013-12-31"),
        ("start: 2024-01, end: 2024-12", "period: year, end: 2024-12", "wrong-argument: horizon `the year` says its time twice: as a period and by `end`; keep one"),
        ("name: the year, start: 2024-01, end: 2024-12", "name: the year", "missing-key: horizon `the year` of decision `opening_hours` says no time"),
        ("name: the year", "name: last quarter", "duplicate-name: decision `opening_hours` has two horizons called `last quarter`"),
        ("against: previous", "basis: restatd", "unknown-name: horizon `last quarter` of decision `opening_hours` has the basis `restatd`, which is none"),
        ("against: previous", "definition: now", "unknown-name: horizon `last quarter` of decision `opening_hours` reads the definition `now`, which is no way to read one"),
        ("against: previous", "structure: today", "wrong-argument: horizon `last quarter` of decision `opening_hours` reads the structure 'today', which is none"),
        ("against: previous", "basis: restated, structure: as_was", "wrong-argument: horizon `last quarter` of decision `opening_hours` says its structure twice: in `basis` and by `structure`"),
        ("against: previous", "discount: {rate: 0.1, each: year}", "wrong-argument: horizon `last quarter` of decision `opening_hours` is discounted, and `order_value` is no flow"),
        ("review_on: 2025-01-31", "cadence: fortnight", "wrong-argument: decision `opening_hours` comes round each `fortnight`, which is no period"),
        ("    review_on: 2025-01-31\n", "", "no-review: decision `opening_hours` has no `review_on`"),
        ("    expects: [{option: N, order_value: 45}]\n", "", "no-review: decision `opening_hours` has no `expects`"),
        ("option: N, order", "order", "missing-key: an expectation of decision `opening_hours` does not say for which option"),
        ("option: N, order", "option: W, order", "unknown-name: decision `opening_hours` expects something of `W`, which is none of its options"),
        ("order_value: 45", "order_valu: 45", "unknown-name: decision `opening_hours` expects a level of `order_valu`, which is none of its criteria"),
        ("order_value: 45", "order_value: much", "wrong-type: decision `opening_hours` expects 'much' of `order_value`, which is no number"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_once(tmp_path: Path, old: str, new: str, says: str) -> None:
    findings = [finding for finding in found(tmp_path, old, new) if finding.subject == "decision opening_hours"]
    assert said(tuple(findings)).count(says) == 1, said(tuple(findings))
    place = next(finding.place for finding in findings if finding.message == says.partition(": ")[2])
    assert place is not None and place.file == FILE


def test_one_horizon_is_a_warning(tmp_path: Path) -> None:
    second = "      - {name: the year, start: 2024-01, end: 2024-12}\n"
    (finding,) = found(tmp_path, second, "")
    assert finding.render() == (
        "warning[one-horizon] DL208: decision `opening_hours` sees its options only over `last quarter`\n"
        "  --> definitions/decision.yml:12:7\n"
        "  why: what is best for the next quarter may be worst for the next years\n"
        "  help: declare a second horizon of another length"
    )


def test_an_action_metric_names_the_choice_metric_that_translates_it(tmp_path: Path) -> None:
    (finding,) = (
        f
        for f in found(tmp_path, "metric: order_value, scale", "metric: revenue, scale")
        if f.code == "purpose-mismatch"
    )
    assert finding.why == "it tells shop_desk what to do next; nobody has said what it means for this choice"
    assert finding.help == "weigh `earned` or `order_value` instead, which translates it"


def test_an_action_metric_that_nothing_translates_asks_for_a_translation(tmp_path: Path) -> None:
    plain = RICH[: RICH.index("  - metric: quick_for_all")]
    files = {
        "metrics/rich.yml": plain,
        FILE: DECISION.replace("metric: order_value, scale", "metric: quick_share, scale"),
    }
    (finding,) = (f for f in resolved(project(tmp_path, files)).findings if f.code == "purpose-mismatch")
    assert finding.help == "declare a choice metric with a translation from `quick_share`, and weigh that"


def test_a_decision_of_kind_action_weighs_action_metrics_and_needs_no_review(tmp_path: Path) -> None:
    daily = """
decisions:
  - decision: second_till
    question: Do we open the second till?
    kind: action
    decider: shop_desk
    options: {dimension: shop}
    criteria: [{metric: waiting}]
    horizons: [{name: today, period: day}]
"""
    assert resolved(project(tmp_path, {FILE: daily})).findings == ()


def test_a_criterion_without_a_direction_names_the_metric(tmp_path: Path) -> None:
    rich = RICH.replace("    better: higher\n    formula", "    better: none\n    formula")
    findings = resolved(project(tmp_path, {"metrics/rich.yml": rich, FILE: DECISION})).findings
    assert said(findings) == ["no-direction: decision `opening_hours` weighs `earned`, which says `better: none`", SHARED]


def test_a_scale_ends_at_the_level_that_is_best(tmp_path: Path) -> None:
    weighed = DECISION.replace(
        "metric: earned, scale: {worst: 0, best: 100}", "metric: quick_for_all, scale: {worst: 0, best: 1}"
    )
    findings = resolved(project(tmp_path, {"metrics/rich.yml": RICH, FILE: weighed})).findings
    assert (
        "wrong-argument: the scale of `quick_for_all` says that 1 is best; the metric says that near 0.8 is better"
        in said(findings)
    )


def test_a_horizon_finer_than_a_criterion_names_what_answers_it(tmp_path: Path) -> None:
    (finding,) = found(tmp_path, "period: quarter", "period: week")
    assert (finding.code, finding.help) == (
        "finer-than-grain",
        "ask it coarser, or ask `order_count`, `revenue` or `waiting` beneath it",
    )
    assert finding.message == (
        "decision `opening_hours` looks at each `week`, finer than it may be asked: "
        "`order_value` (no finer than month) and `earned` (no finer than month)"
    )
    assert finding.why == "what its translation loses: The day and the size of the order."


def test_options_finer_than_a_criterion_are_refused(tmp_path: Path) -> None:
    findings = found(tmp_path, "dimension: shop,", "dimension: size,")
    assert said(findings, "finer-than-grain") == [
        "finer-than-grain: decision `opening_hours` weighs the options by `size`, finer than it may be asked: "
        "`order_value` (only by shop) and `earned` (only by shop)"
    ]


def test_a_decision_stands_on_a_broken_criterion_in_one_finding(tmp_path: Path) -> None:
    findings = resolved(
        project(
            tmp_path,
            {"metrics/rich.yml": RICH, FILE: DECISION},
            swap=("metrics/orders.yml", "sum(amount)", "sum(amout)"),
        )
    ).findings
    mine = [finding for finding in findings if finding.subject == "decision opening_hours"]
    assert said(tuple(mine)) == [
        "stands-on-broken: decision `opening_hours` stands on metric `revenue`, which cannot be used: `orders` has no column `amout`"
    ]


def test_a_decision_without_criteria_is_warned_of(tmp_path: Path) -> None:
    bare = (
        DECISION[: DECISION.index("    criteria:")]
        + DECISION[DECISION.index("    horizons:") : DECISION.index("    expects:")]
    )
    findings = resolved(project(tmp_path, {FILE: bare})).findings
    assert [(f.code, f.severity) for f in findings] == [
        ("missing-key", Severity.warning),
        ("no-review", Severity.warning),
    ]


def test_parties_are_asked_for_today(tmp_path: Path) -> None:
    folder = project(
        tmp_path, {"metrics/rich.yml": RICH, FILE: DECISION},
        swap=("definitions/project.yml", "name: Head of shops}", "name: Head of shops, since: 2024-06-01, until: 2024-12-31}"),
    )  # fmt: skip
    early, now, late = (resolved(folder, dt.date(*day)) for day in ((2024, 5, 31), (2024, 6, 1), (2025, 1, 1)))
    assert said(early.findings) == [
        "no-owner: `head_of_shops` decides decision `opening_hours`, and is no party before 2024-06-01",
        SHARED,
    ]
    assert said(now.findings) == [SHARED]
    assert said(late.findings) == [
        "no-owner: `head_of_shops` decides decision `opening_hours`, and was a party only until 2024-12-31",
        SHARED,
    ]
    assert early.meaning == now.meaning == late.meaning

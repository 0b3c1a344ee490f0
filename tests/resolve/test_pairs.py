"""Links compare like with like; what the warehouse would have to convert could meet several rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from decisionlayer.findings import Finding
from tests.resolve.corner_shops import project, resolved

COUPONS = """
parties: [{party: coupon_desk, kind: team, name: Coupon desk}]
sources:
  - source: campaigns
    one_row_is: one campaign
    describes: campaign
    table: campaigns
    key: [code]
    columns: {KEY}
    dimensions: {name: name}
    owner: data_team
  - source: coupons
    one_row_is: one coupon that was used
    table: coupons
    key: [coupon]
    links: {campaign: {entity: campaign, column: code}}
    columns: {OWN}
    owner: data_team
metrics:
  - {metric: coupons_used, definition: Coupons used., unit: piece, better: higher, purpose: action, owner: coupon_desk, source: coupons, measure: count(*) filter (where campaign.name = 'Spring'), respond: Print more.}
"""


def found(folder: Path, own: str, key: str) -> tuple[Finding, ...]:
    columns = COUPONS.replace("{OWN}", f"{{code: {own}}}").replace("{KEY}", f"{{code: {key}, name: text}}")
    return resolved(project(folder, {"metrics/coupons.yml": columns})).findings


@pytest.mark.parametrize(
    ("own", "key"), [("integer", "text"), ("text", "date"), ("timestamp", "instant"), ("boolean", "integer")]
)
def test_unlike_kinds_are_refused_with_what_stands_on_the_link(tmp_path: Path, own: str, key: str) -> None:
    link, metric = found(tmp_path, own, key)
    assert link.render() == (
        f"error[wrong-argument]: the link `campaign` compares `code`, which is {own}, with the key `code` of `campaigns`, which is {key}\n"
        "  --> metrics/coupons.yml:16:23\n"
        "  why: the warehouse would turn one into the other, and a row could meet several others and count for each\n"
        "  help: bring both to one type, in the table or in a source's `sql:`"
    )
    assert (metric.code, metric.subject) == ("stands-on-broken", "metric coupons_used")


@pytest.mark.parametrize(
    ("own", "key"), [("integer", "integer"), ("integer", "'decimal(18,0)'"), ("date", "timestamp"), ("text", "text")]
)
def test_like_kinds_pass(tmp_path: Path, own: str, key: str) -> None:
    assert found(tmp_path, own, key) == ()


def test_a_column_without_a_type_passes(tmp_path: Path) -> None:
    text = COUPONS.replace("    columns: {OWN}\n", "").replace("{KEY}", "{code: text, name: text}")
    assert resolved(project(tmp_path, {"metrics/coupons.yml": text})).findings == ()

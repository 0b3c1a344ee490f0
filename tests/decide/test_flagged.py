"""Open flags in a brief: two sites, a veto, and six tickets that a robot closed (S10)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from decisionlayer import Layer
from decisionlayer.report import as_text
from tests.worlds.made import choice, made, metric, shop

SWITCH = {"owner": "board", "why": "W.", "loses": "L."}
TABLES = """
create table tickets as
select row_number() over () as id, site, team, day, held, n
from (values ('Harbour', 'Alpha', date '2026-08-01', true, 66), ('Harbour', 'Alpha', date '2026-08-01', false, 54),
             ('Harbour', 'Beta', date '2026-08-01', true, 210), ('Harbour', 'Beta', date '2026-08-01', false, 70),
             ('Inland', 'Gamma', date '2026-08-01', true, 70), ('Inland', 'Gamma', date '2026-08-01', false, 30))
     t(site, team, day, held, n)
"""
FLAG: dict[str, Any] = {
    "where": "team = 'Alpha'", "start": "2026-07-01", "end": "2026-09-30", "severity": "blocks", "text": "Six were closed by the robot.",
    "if_upheld": {"held": -6}, "by": "desk", "dated": "2026-10-06",
}  # fmt: skip


def world() -> dict[str, Any]:
    made_up = shop(
        metric("closed", source="tickets", measure="sum(n)", grain={"time": "day", "by": ["site", "team"]}),
        metric("kept", source="tickets", measure="sum(n)", where="held", grain={"time": "day", "by": ["site", "team"]}),
        choice("held_rate", better="higher", formula="held / all_closed", grain={"time": "month", "by": ["site", "team"]},
               translation={**SWITCH, "terms": {"held": "kept", "all_closed": "closed"}}),
        choice("tickets_for_each_closed", better="higher", formula="held_rate * 2"),
        decisions=[{
            "decision": "second_shift", "question": "Which site gets the second shift?", "decider": "board",
            "options": {"dimension": "site", "status_quo": "none", "because": "One gets it."},
            "criteria": [{"metric": "held_rate", "scale": {"worst": 0.5, "best": 1}, "weight": 1, "veto": 0.68}],
            "horizons": [{"name": "the summer", "start": "2026-07", "end": "2026-09"}, {"name": "August", "start": "2026-08", "end": "2026-08"},
                         {"name": "the spring", "start": "2026-03", "end": "2026-05"}],
            "review_on": "2027-06-30", "expects": [{"option": "Inland", "held_rate": 0.7}],
        }],
    )  # fmt: skip
    made_up["sources"] = [{
        "source": "tickets", "one_row_is": "tickets of one end", "table": "tickets", "key": ["id"], "time": {"day": "day"}, "owner": "desk",
        "columns": {"id": "integer", "site": "text", "team": "text", "day": "date", "held": "boolean", "n": "integer"},
        "dimensions": {"site": "site", "team": "team"},
    }]  # fmt: skip
    return made_up


@pytest.fixture
def sites(tmp_path: Path) -> Layer:
    return made(tmp_path, world(), TABLES)


def flagged(layer: Layer, **more: Any) -> Any:
    said = {**FLAG, **more}
    layer.record({"flag": said.pop("about", "held_rate"), "id": "F1", **said})
    (flag,) = layer.brief("second_shift", today="2026-10-15").flags
    return flag


def test_an_open_flag_can_put_an_option_beyond_the_veto(sites: Layer) -> None:
    flag = flagged(sites)
    assert (float(flag["now"]), float(flag["if_upheld"])) == (0.69, 0.675)  # 276 and 270 of 400
    assert (flag["changes_outcome"], flag["option"], flag["horizons"]) == (True, "Harbour", ["the summer"])
    # In August alone it cannot be told: the flag is about the whole summer.
    assert flag["untold"] == ["`F1` is not of the time of `August` alone"]
    text = " ".join(as_text(sites.brief("second_shift", today="2026-10-15")).split())
    assert "F1 about held_rate: Six were closed by the robot. Now 0.69, if upheld 0.675. This can change the outcome." in text


def test_a_small_one_changes_nothing_where_it_can_be_told(sites: Layer) -> None:
    flag = flagged(sites, if_upheld={"held": -1}, start="2026-08-01", end="2026-08-31")
    assert (float(flag["now"]), float(flag["if_upheld"]), flag["changes_outcome"]) == (0.69, 0.6875, False)


def test_one_that_lies_in_two_options_may_change_the_outcome(sites: Layer) -> None:
    flag = flagged(sites, where=None, start="2026-08-01", end="2026-08-31")
    assert flag["changes_outcome"] is True and flag["if_upheld"] is None
    assert flag["untold"] == ["`F1` lies in 2 options, and does not say how much in which"]


def test_closed_by_its_raiser_or_raised_later_it_is_not_open(sites: Layer) -> None:
    sites.record({"flag": "held_rate", "id": "F1", **FLAG})
    assert sites.brief("second_shift", today="2026-10-05").flags == ()
    sites.record({"answer": "F1", "text": "So it is.", "did": "The robot is off.", "by": "board", "dated": "2026-10-09"})
    assert len(sites.brief("second_shift", today="2026-10-15").flags) == 1
    sites.record({"close": "F1", "by": "desk", "dated": "2026-10-12"})
    assert sites.brief("second_shift", today="2026-10-15").flags == ()
    assert len(sites.brief("second_shift", today="2026-10-11").flags) == 1


def test_what_was_chosen_is_held_against_the_ranking(sites: Layer) -> None:
    sites.record({"decide": "second_shift", "choose": "Harbour", "why": "It is larger.", "by": "board", "dated": "2026-10-08"})
    codes = [finding.code for finding in sites.brief("second_shift", today="2026-10-15").findings]
    assert "dominated-choice" in codes
    assert "dominated-choice" not in [finding.code for finding in sites.brief("second_shift", today="2026-10-07").findings]


def test_a_signed_decision_is_official_until_a_flag_blocks_it(sites: Layer) -> None:
    sites.sign("held_rate", "second_shift", by="desk", until="2027-06-30", dated="2026-10-01")
    signed = sites.brief("second_shift", today="2026-10-15")
    assert (signed.status, signed.draft_because) == ("official", ())
    sites.record({"flag": "held_rate", "id": "F1", **FLAG})
    blocked = sites.brief("second_shift", today="2026-10-15")
    assert blocked.status == "draft" and "flag `F1` blocks `held_rate`" in blocked.draft_because[0]
    assert "flag-open" in [finding.code for finding in blocked.findings]
    assert as_text(blocked).splitlines()[1].startswith("DRAFT: flag `F1` blocks `held_rate`")

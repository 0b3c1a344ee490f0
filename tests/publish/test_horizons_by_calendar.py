"""A horizon of a calendar's period: the brief sees the last whole one, and the decision's view keeps whole ones only."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from decisionlayer.publish.criteria import criteria_of
from tests.worlds.made import choice, made, metric, shop

RETAIL = {"weeks": "4-5-4", "year_ends": "saturday nearest january 31", "year_named": "start"}
#: 2006 began on 29 January 2006 and ended with its 53rd week on 3 February 2007, so its last quarter has 14 weeks from 29 October.
TABLES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2006-07-30', 'A', 1), (2, '2006-10-28', 'A', 2), (3, '2006-10-29', 'A', 4), (4, '2007-01-30', 'B', 8),
    (5, '2007-02-03', 'A', 16), (6, '2007-02-04', 'A', 32), (7, '2007-03-01', 'B', 64);
"""


def test_a_quarter_of_fourteen_weeks_is_whole(tmp_path: Path) -> None:
    """By thirteen weeks the last quarter of 2006 would have ended on 27 January: 4 for A, nothing for B."""
    decision = {
        "decision": "grow", "question": "Which shop?", "decider": "board", "options": {"dimension": "shop", "because": "All."},
        "kind": "choice", "review_on": "2008-01-01",
        "criteria": [{"metric": "sold", "weight": 1, "scale": {"worst": 0, "best": 100}}],
        "horizons": [{"name": "quarter", "period": "retail.quarter"}, {"name": "ever", "start": "2006", "end": "2007"}],
    }  # fmt: skip
    frames = [{"frame": "retail", "owner": "desk", "calendar": RETAIL}]
    sold = choice("sold", better="higher", translation={"owner": "board", "why": "W.", "loses": "L.", "from": "m", "population": "all"})
    layer = made(tmp_path, shop(metric("m", measure="sum(amount)"), sold, frames=frames, decisions=[decision]), TABLES)
    assert [each.render() for each in layer.check() if each.is_error] == []
    laid_out = criteria_of(layer.desk, layer.model.decisions["grow"])
    assert layer.desk.engine is not None
    rows = layer.desk.engine.rows(laid_out.sql)
    quarter, last = dt.date(2006, 7, 30), dt.date(2006, 10, 29)
    # the quarter of 4 February has data to the 1st of March only
    assert [row[1:] for row in rows if row[0] == "quarter"] == [(quarter, "A", 3), (last, "A", 20), (last, "B", 8)]
    brief = layer.brief("grow", today="2007-03-10")
    assert "2006-10-29" in str(brief.as_json() if hasattr(brief, "as_json") else brief)

"""A day outside of a calendar that stands in a file lies in no period, so nothing adds up in one from there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from tests.worlds.made import made, metric, shop

TERMS = "day,term\n" + "".join(f"2024-02-{day:02},t{1 if day < 15 else 2}\n" for day in range(1, 30))
SALES = """
create table sales (id integer, day date, shop varchar, amount integer);
insert into sales values (1, '2024-01-05', 'A', 1), (2, '2024-02-03', 'A', 2), (3, '2024-02-20', 'A', 4), (4, '2024-03-07', 'A', 8);
"""


def test_what_is_before_a_calendar_is_not_added_to_what_is_after_it(tmp_path: Path) -> None:
    """March lies in no term: nothing. What lay in none was one term, so January stood in March: 9."""
    (tmp_path / "terms.csv").write_text(TERMS, encoding="utf-8")
    terms = {"frame": "terms", "owner": "desk", "calendar": {"file": "terms.csv", "grains": {"term": "term"}}}
    so_far = metric("so_far", formula="to_date(sold, terms.term)")
    layer = made(tmp_path, shop(metric("sold", measure="sum(amount)"), so_far, frames=[terms]), SALES)
    found = layer.query(metrics=["sold", "so_far"], by=["month"]).rows()
    assert found == [(dt.date(2024, 1, 1), 1, None), (dt.date(2024, 2, 1), 6, 4), (dt.date(2024, 3, 1), 8, None)]
    days = layer.query(metrics=["so_far"], by=["day"]).rows()
    assert days == [(dt.date(2024, 2, 3), 2), (dt.date(2024, 2, 20), 4)]

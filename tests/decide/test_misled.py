"""`check --data` and `audit` say where a watched mix misleads (DL601), in the ways in which people look at the number.

North took 80 simple calls of 4 minutes and 20 complex ones of 20, South 60 of 3 and 140 of 18. North is all of the first quarter
of 2026 and South of the second: 7.2 and 13.5 minutes a call, though both kinds got shorter.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from decisionlayer import Finding, Layer
from tests.decide.conftest import CALLS
from tests.decide.test_change import DATED, PROJECT

VIEW = """
views:
  - view: board
    audience: executive
    owner: board
    definition: What a call costs.
    metrics: [effort]
    by: [PERIOD]
"""

Misled = Callable[..., list[Finding]]


@pytest.fixture
def misled(tmp_path: Path) -> Misled:
    def check(*statements: str, more: str = "", old: str = "", new: str = "", audit: bool = False) -> list[Finding]:
        (tmp_path / "definitions").mkdir()
        assert old in PROJECT
        (tmp_path / "definitions" / "all.yml").write_text(PROJECT.replace(old, new) + more)
        with duckdb.connect() as connection:
            for statement in (CALLS, DATED, *statements):
                connection.execute(statement).fetchall()
            with Layer.load(tmp_path, connection) as layer:
                found = layer.audit().findings if audit else layer.check(data=True)
                return [each for each in found if each.code == "mix-misleads"]

    return check


@pytest.mark.parametrize("audit", [False, True])
def test_by_its_own_period_where_nobody_shows_it(misled: Misled, audit: bool) -> None:
    # By the month February has no May before it: nothing is compared, so nothing misleads.
    assert misled(audit=audit) == []


def test_by_the_period_of_the_view_that_shows_it(misled: Misled) -> None:
    (found,) = misled(more=VIEW.replace("PERIOD", "quarter"))
    assert found.message.startswith("`effort` rose in quarter 2026-04-01 against the one before, and each of the 2 classes of `kind` fell")
    assert found.damage == "+6.30 = rate -1.45 + mix +7.75"  # the mean of the two kinds, 12.0 and 10.5, would have fallen by 1.5


def test_the_newest_is_told_and_the_others_are_counted(misled: Misled) -> None:
    # The second half of 2025 as the first of 2026: it rose, fell and rose, each time against both kinds.
    earlier = "insert into calls select id + 1000, site, kind, minutes, day - interval 6 months from calls"
    (found,) = misled(earlier, more=VIEW.replace("PERIOD", "quarter"))
    assert found.message.startswith("`effort` rose in quarter 2026-04-01")
    assert found.message.endswith("; and so in 2 more of 4")


@pytest.mark.parametrize("more", [
    "", VIEW.replace("PERIOD", "quarter, kind").replace("[effort]", "[handle_time]"),
    VIEW.replace("PERIOD", "quarter").replace("[effort]", "[handle_time]"),
])  # fmt: skip
def test_a_number_that_watches_nothing_is_left_alone(misled: Misled, more: str) -> None:
    assert misled(more=more, old="from: handle_time}\n    watch: [kind]", new="from: handle_time}") == []


def test_each_group_of_a_view_is_looked_at_as_it_is_shown(misled: Misled) -> None:
    # Within one site nothing but the mix moves: North's calls again a quarter later, and as many of each kind as South's.
    more = (
        "update calls set site = 'North', minutes = case when kind = 'simple' then 3 else 18 end where site = 'South'",
        "insert into calls select id + 1000, 'South', kind, minutes, day from calls where kind = 'simple'",
    )
    found = misled(*more, more=VIEW.replace("PERIOD", "quarter, site"))
    assert [each.message.split(" against ")[0] for each in found] == [
        "`effort` rose in quarter 2026-04-01", "`effort` rose in quarter 2026-04-01, site North",
    ]  # fmt: skip
    assert found[1].damage == "+6.30 = rate -1.45 + mix +7.75"


def test_what_stands_on_broken_rows_is_not_compared(misled: Misled) -> None:
    assert misled("insert into calls select * from calls limit 1", more=VIEW.replace("PERIOD", "quarter")) == []


@pytest.mark.parametrize("asked", [{}, {"having": "effort > :least", "params": {"least": 0}}])
def test_an_answer_tells_it_whatever_chooses_its_rows(tmp_path: Path, asked: dict[str, Any]) -> None:
    """A parameter that only `having` names kept the classes from being asked, and nothing was told."""
    (tmp_path / "definitions").mkdir()
    (tmp_path / "definitions" / "all.yml").write_text(PROJECT)
    with duckdb.connect() as connection:
        for statement in (CALLS, DATED):
            connection.execute(statement).fetchall()
        with Layer.load(tmp_path, connection) as layer:
            found = layer.query(metrics=["effort"], by=["quarter"], compare=["previous"], **asked).findings
    assert [each.code for each in found] == ["mix-misleads"]

"""What a question is told when it cannot be answered: the code, and for the hard ones every word."""

from __future__ import annotations

import datetime as dt

import pytest

from decisionlayer.errors import QueryError
from tests.plan.company import messages, plan_of, refused

REFUSED = {
    "nothing asked": ({}, "bad-question"),
    "unknown metric": ({"metrics": ["revenu"]}, "unknown-name"),
    "a dimension among the metrics": ({"metrics": ["shop.name"]}, "bad-question"),
    "a period among the metrics": ({"metrics": ["month"]}, "bad-question"),
    "a metric among the splits": ({"metrics": ["orders"], "by": ["revenue"]}, "bad-question"),
    "a metric in where": ({"metrics": ["orders"], "where": "revenue > 5"}, "bad-question"),
    "unknown dimension": ({"metrics": ["orders"], "by": ["shop.nme"]}, "unreachable-dimension"),
    "an empty step": ({"metrics": ["orders"], "by": ["shop..name"]}, "unreachable-dimension"),
    "two ways": ({"metrics": ["orders"], "by": ["name"]}, "ambiguous-path"),
    "against a link": ({"metrics": ["spent"], "by": ["buyer"]}, "fan-out"),
    "raw column": ({"metrics": ["orders"], "by": ["amount"]}, "unreachable-dimension"),
    "several periods that divide nothing": ({"metrics": ["orders"], "by": ["45 minutes"]}, "bad-question"),
    "finer than the clock": ({"metrics": ["spent"], "by": ["hour"]}, "finer-than-grain"),
    "finer than the metric": ({"metrics": ["board_revenue"], "by": ["day"]}, "finer-than-grain"),
    "weeks make no month": ({"metrics": ["board_revenue"], "by": ["week"]}, "finer-than-grain"),
    "a day of the week of monthly metrics": ({"metrics": ["board_revenue"], "by": ["day_of_week"]}, "finer-than-grain"),
    "a path that the metric does not answer": ({"metrics": ["board_revenue"], "by": ["buyer"]}, "finer-than-grain"),
    "a filter is a split": ({"metrics": ["board_revenue"], "where": "buyer = 'p1'"}, "finer-than-grain"),
    "a filter by day is one by day": ({"metrics": ["board_revenue"], "where": "day = '2024-01-01'"}, "finer-than-grain"),
    "a range that cuts a month": ({"metrics": ["board_revenue"], "start": "2024-01-15"}, "finer-than-grain"),
    "hours of a date": ({"metrics": ["spent"], "end": "2024-01-15T10"}, "finer-than-grain"),
    "no clock, period": ({"metrics": ["calls_taken"], "by": ["month"]}, "needs-period"),
    "no clock, range": ({"metrics": ["calls_taken"], "start": "2024"}, "needs-period"),
    "a clock that is not there": ({"metrics": ["profit"], "by": ["paid_on.month"]}, "unreachable-dimension"),
    "start after end": ({"metrics": ["orders"], "start": "2024-02", "end": "2024-01"}, "bad-time"),
    "no time": ({"metrics": ["orders"], "start": "yesterday"}, "bad-time"),
    "month 13": ({"metrics": ["orders"], "start": "2024-13"}, "bad-time"),
    "week 60": ({"metrics": ["orders"], "start": "2024-W60"}, "bad-time"),
    "year 0": ({"metrics": ["orders"], "start": "0000"}, "bad-time"),
    "no filter": ({"metrics": ["orders"], "where": "shop ="}, "bad-expression"),
    "an aggregate in where": ({"metrics": ["orders"], "where": "sum(amount) > 5"}, "wrong-argument"),
    "text beside a number": ({"metrics": ["orders"], "having": "orders > 'x'"}, "wrong-argument"),
    "no condition": ({"metrics": ["orders"], "where": "shop"}, "wrong-argument"),
    "a key of two columns is no value": ({"metrics": ["orders"], "where": "slot = 'x'"}, "bad-question"),
    "having beyond the result": ({"metrics": ["orders"], "having": "revenue > 5"}, "unknown-name"),
    "order beyond the result": ({"metrics": ["orders"], "order": ["-revenue"]}, "unknown-name"),
    "parameter missing": ({"metrics": ["orders"], "where": "shop = :s"}, "bad-parameter"),
    "parameter left over": ({"metrics": ["orders"], "params": {"s": 1}}, "bad-parameter"),
    "parameter of the wrong kind": ({"metrics": ["orders"], "where": "shop = :s", "params": {"s": 1}}, "bad-parameter"),
    "text for a number": ({"metrics": ["orders"], "having": "orders > :n", "params": {"n": "3"}}, "bad-parameter"),
    "true for a number": ({"metrics": ["orders"], "having": "orders > :n", "params": {"n": True}}, "bad-parameter"),
    "no date": ({"metrics": ["orders"], "where": "month = :m", "params": {"m": "May"}}, "bad-parameter"),
    "nothing in a comparison": ({"metrics": ["orders"], "where": "shop = :s", "params": {"s": None}}, "bad-parameter"),
    "nothing in a list": ({"metrics": ["orders"], "where": "shop in (:s)", "params": {"s": None}}, "bad-parameter"),
    "one parameter, two kinds": (
        {"metrics": ["orders"], "where": "shop = :x or buyer = 'b' or shop.town.is_north = :x", "params": {"x": "s"}},
        "bad-parameter",
    ),
    "paths that are not asked": ({"metrics": ["orders"], "paths": {"shop.name": {"sales": "shop"}}}, "bad-question"),
    "paths for nobody": (
        {"metrics": ["orders"], "by": ["name"], "paths": {"name": {"nobody": "shop", "sales": "shop.name"}}},
        "unknown-name",
    ),
    "a way that is none": ({"metrics": ["orders"], "by": ["name"], "paths": {"name": {"sales": "shp"}}}, "unreachable-dimension"),
    "values of everywhere": ({"by": ["month"]}, "ambiguous-path"),
    "values of nowhere": ({"by": ["colour"]}, "unreachable-dimension"),
    "values that never meet": ({"by": ["slot.weather", "home.region"]}, "unreachable-dimension"),
    "values in a range without a clock": ({"by": ["home.region"], "start": "2024"}, "needs-period"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_question_that_cannot_be_answered_is_refused(case):
    question, code = REFUSED[case]
    assert refused(**question) == (code,)


@pytest.mark.parametrize("case", [case for case in REFUSED if REFUSED[case][0]])
def test_it_is_the_question_that_has_to_change(case):
    with pytest.raises(QueryError):
        plan_of(**REFUSED[case][0])


def test_everything_wrong_with_a_question_is_said_at_once():
    asked = {
        "metrics": ["revenu", "orders"], "by": ["shop.nme"], "where": "shop = :x", "having": "nothing > 1",
        "start": "soon", "order": ["-colour"],
    }  # fmt: skip
    assert sorted(refused(**asked)) == [
        "bad-parameter", "bad-time", "unknown-name", "unknown-name", "unknown-name", "unreachable-dimension",
    ]  # fmt: skip


def test_a_split_beyond_a_translation_names_what_answers_and_what_is_lost():
    assert messages(metrics=["board_revenue"], by=["day"]) == (
        "error[finer-than-grain] DL109: `board_revenue` cannot be asked by `day`: it answers no finer than by month\n"
        "  --> metrics/all.yml:29:5\n"
        "  why: what the translation to `board_revenue` loses: The day and the buyer.\n"
        "  help: ask it coarser, or ask `revenue`"
    )


def test_a_range_that_cuts_a_month_names_the_fix():
    assert messages(metrics=["board_revenue"], start="2024-01-15") == (
        "error[finer-than-grain] DL109: `board_revenue` answers no finer than by month, and `start` 2024-01-15 cuts one month in two\n"
        "  why: what the translation to `board_revenue` loses: The day and the buyer.\n"
        "  help: let `start` and `end` take in whole months, such as 2013-01"
    )


def test_an_ambiguous_path_spells_out_every_reading():
    assert messages(metrics=["orders"], by=["name"]) == (
        "error[ambiguous-path]: `name` can be read in 3 ways for `orders`: `shop.name`, `buyer.name`, `seller.name`\n"
        "  why: each of them groups the rows in another way, so they are different numbers\n"
        "  help: write the one you mean in full, such as `shop.name`"
    )


def test_a_typo_is_answered_with_the_near_name():
    assert messages(metrics=["revenu"]).startswith(
        "error[unknown-name] DL001: there is no metric `revenu`\n  help: Did you mean revenue"
    )


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ("s1", "shop = :v"),
        ("2024-01-01", "month = :v"),
        (dt.date(2024, 1, 1), "month = :v"),
        (dt.date(2024, 1, 1), "hour >= :v"),
        (dt.datetime(2024, 1, 1, 5), "hour >= :v"),
        ("2024-01-01 05:00:00Z", "hour >= :v"),
        (True, "shop.town.is_north = :v"),
        (3, "day_of_week = :v"),
        (None, "coalesce(:v, 's1') = shop"),
    ],
)
def test_a_parameter_of_the_right_kind_is_taken(value, where):
    assert refused(metrics=["orders"], where=where, params={"v": value}) == ()


def test_a_parameter_beside_an_instant_counts_in_the_projects_zone():
    plan = plan_of(metrics=["orders"], where="hour >= :v", params={"v": dt.datetime(2024, 1, 1)})
    assert plan.parameters == {"v": dt.datetime(2024, 1, 1, 5, tzinfo=dt.UTC)}


def test_an_order_written_as_in_sql_is_turned_into_ours():
    assert messages(metrics=["orders"], order=["orders DESC"]) == (
        "error[unknown-name] DL001: in `order`: `orders DESC` is no column of the result\n"
        "  help: write -orders, the other way round orders"
    )
    assert messages(metrics=["orders"], order=["orders asc"]).endswith("help: write orders; -orders turns it round")


def test_a_name_that_would_move_the_cursor_or_fill_the_screen_stays_on_its_line():
    assert messages(metrics=["a\nb\x1b[2J"]).splitlines()[0] == "error[unknown-name] DL001: there is no metric `a\\nb\\x1b[2J`"
    assert len(messages(metrics=["x" * 10_000])) < 1_200


def test_a_parameter_of_half_a_character_is_no_text():
    """From the command line: bytes that are no UTF-8 arrive as such halves, and no warehouse takes them."""
    assert messages(metrics=["orders"], where="shop.name = :r", params={"r": "caf\udce9"}) == (
        "error[bad-parameter]: parameter `r` holds half of a character, or bytes that are no UTF-8\n  help: give it text"
    )


def test_of_the_readings_of_a_path_one_that_the_grain_answers_is_suggested():
    """board_revenue answers by shop; in `shop.name`, `buyer.name` and `seller.name` only the shop's is behind it."""
    assert messages(metrics=["board_revenue"], by=["name"]).splitlines()[-1] == (
        "  help: write the one you mean in full, such as `shop.name`"
    )
    assert messages(metrics=["board_revenue"], by=["region"]).splitlines()[-1] == (
        "  help: write the one you mean in full, such as `shop.town.region`"
    )

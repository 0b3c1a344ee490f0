"""Sentences: a metric read back, so that anybody can say whether that is what was meant."""


from __future__ import annotations

from pathlib import Path

from decisionlayer.resolve.telling.sentences import sentence
from tests.resolve.corner_shops import RICH, project, resolved


def told(folder: Path, name: str, extra: str = "") -> str:
    files = {"metrics/rich.yml": RICH} | ({"metrics/page.yml": extra} if extra else {})
    model = resolved(project(folder, files))
    return sentence(model, model.metrics[name])


def test_a_measure(tmp_path: Path) -> None:
    assert told(tmp_path, "revenue") == (
        "Revenue (revenue) is for action, answered for by shop_desk: What customers paid. "
        "It is sum(amount) over orders, where one row is one order at one shop. Its time is ordered_on. "
        "Unit USD; higher is better. It is asked no finer than by day, split by shop, size and whatever these determine. "
        "When it moves: Below last week's, put the offers of the day at the door."
    )


def test_a_population(tmp_path: Path) -> None:
    assert "Only rows where wait is not null are in question." in told(tmp_path, "quick_share")


def test_a_translation_of_one_metric_says_who_is_counted_now(tmp_path: Path) -> None:
    assert told(tmp_path, "quick_for_all") == (
        "quick_for_all is for choice, answered for by planning: Share of all orders whose customer waited at most five minutes. "
        "It is translated by bizops from Quick (quick_share), with every row, not only those where wait is not null, in question. "
        "Why: A wait that nobody noted was not quick. What is lost: Who forgot. "
        "Unit percent; the nearer to 0.8 the better. It is asked no finer than by month, split by shop and whatever it determines. "
        "A cell without rows is 0. When it moves: Discuss it in the next plan."
    )


def test_a_translation_with_terms_names_each_of_them_and_every_price(tmp_path: Path) -> None:
    text = told(tmp_path, "earned")
    assert (
        "It is translated by bizops as (paid - 2 * (waited * hour_price)) / 1, where paid is Revenue (revenue), "
        in text
    )
    assert (
        "with only those rows entering where wait <= 5 and picking <> 0 and (size = 'small' or shop.region.name = 'Coast'); "
        "and waited is Waiting (waiting), with every row where wait is not null and amount + 1 > 2.5 in question, divided by 60."
    ) in text
    assert "hour_price is 30 USD/hour, assumed by planning: Wage of a clerk in the budget of this year." in text


def test_a_choice_metric_from_rows_says_who_takes_it_there(tmp_path: Path) -> None:
    assert (
        "It is max(amount) over orders, where one row is one order at one shop, taken straight from the rows as bizops answers for."
        in told(tmp_path, "largest")
    )


def test_a_formula_without_a_translation(tmp_path: Path) -> None:
    extra = "metrics:\n  - {metric: basket, purpose: action, owner: shop_desk, definition: 'What one order brings in', unit: USD/order, formula: revenue / order_count}\n"
    assert told(tmp_path, "basket", extra) == (
        "basket is for action, answered for by shop_desk: What one order brings in. "
        "It is revenue / order_count, each part taken at the asked grain first. "
        "Unit USD/order; it does not say which way is better. "
        "It is asked no finer than by day, split by shop, size and whatever these determine."
    )


def test_what_is_not_said_is_named_as_missing(tmp_path: Path) -> None:
    extra = "metrics:\n  - {metric: bare, source: orders, grain: {by: []}, measure: avg(points)}\n"
    assert told(tmp_path, "bare", extra) == (
        "bare does not say whether it is for action or for choice, answered for by nobody yet, and is not defined in words. "
        "It is avg(points) over orders, where one row is one order at one shop. Its time is ordered_on. "
        "No unit is declared; it does not say which way is better. It is asked no finer than by day, never split. "
        "It adds floating numbers, so its parts make up the whole within rounding only."
    )

"""Each rewrite, before and after; and that none of them changes a row."""

from __future__ import annotations

import itertools

import pytest

from decisionlayer.capabilities import DUCKDB
from decisionlayer.frozen import replace
from decisionlayer.plan.nodes import Join, Present
from decisionlayer.plan.rules import RULES, rewrite
from decisionlayer.plan.rules.drop_idle_filters import drop_idle_filters
from decisionlayer.plan.rules.fuse_computes import fuse_computes
from decisionlayer.plan.rules.lift_filters import lift_filters
from decisionlayer.plan.rules.lone_input import lone_input
from decisionlayer.plan.rules.prune_columns import prune_columns
from decisionlayer.plan.rules.prune_joins import prune_joins
from decisionlayer.plan.rules.share_scans import share_scans
from decisionlayer.plan.rules.share_states import share_states
from decisionlayer.resolve.language.tree import Name
from decisionlayer.sql import emit
from tests.plan.company import layer, plan_of, shown


def after(rule: object, **question: object) -> str:
    """Return the plan as it is after all rules up to and including one."""
    return shown(rules=RULES[: RULES.index(rule) + 1], **question)  # type: ignore[arg-type]


def before(rule: object, **question: object) -> str:
    return shown(rules=RULES[: RULES.index(rule)], **question)  # type: ignore[arg-type]


TWO = {"metrics": ["large_revenue", "orders"], "by": ["shop"], "where": "buyer = 'p1'"}


def test_share_scans_reads_rows_once():
    assert before(share_scans, **TWO).count("scan sales") == 2
    text = after(share_scans, **TWO)
    assert text.count("scan sales") == 1
    assert "· large_revenue = sum(sales.amount) filter (where sales.buyer = 'p1' and sales.amount > 50)" in text
    assert "keep sales.buyer = 'p1' and sales.amount > 50 or sales.buyer = 'p1'" in text


def test_share_scans_keeps_apart_what_meets_another_row_under_one_name():
    """Two passes that meet a shop under one alias, each by another column, were one: both read what the first had met."""
    root = plan_of(rules=RULES[: RULES.index(share_scans)], metrics=["large_revenue", "orders"], by=["shop.name"]).root
    first, second = root.input.inputs
    met = second.input
    assert isinstance(met, Join)
    other = replace(second, input=replace(met, on=tuple((Name(("sales", "buyer")), column) for _, column in met.on)))
    apart = replace(root, input=replace(root.input, inputs=(first, other)))
    assert len(share_scans(root).input.inputs) == 1
    assert share_scans(apart).input.inputs == (first, other)


def test_lift_filters_asks_once_for_what_all_ask():
    text = after(lift_filters, **TWO)
    assert "· large_revenue = sum(sales.amount) filter (where sales.amount > 50)" in text
    assert "· orders = count(*)\n" in text
    assert "keep sales.buyer = 'p1'\n" in text


def test_lift_filters_keeps_what_tells_cells_apart():
    text = after(lift_filters, metrics=["large_revenue", "small_orders"], by=["shop"], where="buyer = 'p1'")
    assert "keep sales.buyer = 'p1' and (sales.amount > 50 or case" in text


def test_drop_idle_filters_drops_what_a_sum_skips_anyway():
    asked = {"metrics": ["paid_share", "buyers"], "where": "buyer is not null"}
    assert "count(distinct sales.buyer)" in after(drop_idle_filters, **asked)
    assert "filter (where sales.paid_on is not null" in after(drop_idle_filters, **asked)


def test_share_states_computes_an_aggregate_once():
    asked = {"metrics": ["small_share", "orders"], "by": ["shop"]}
    assert before(share_states, **asked).count("= count(*)\n") == 2
    text = after(share_states, **asked)
    assert text.count("= count(*)\n") == 1
    assert "· small_share = small_share__count / orders" in text


def test_lone_input_lets_one_source_alone():
    assert "drill across" in before(lone_input, metrics=["orders"])
    assert "drill across" not in after(lone_input, metrics=["orders"])


def test_fuse_computes_writes_a_step_where_it_is_used():
    asked = {"metrics": ["margin"], "by": ["shop"]}
    text = after(fuse_computes, **asked)
    assert text.count("compute") == 1
    assert "· margin = coalesce(revenue - spent, revenue, -spent) / revenue" in text


def test_fuse_computes_leaves_a_step_that_is_used_twice():
    asked = {"metrics": ["margin", "profit"], "by": ["shop"]}
    text = after(fuse_computes, **asked)
    assert text.count("compute") == 1 or "· profit\n" in text


def test_prune_joins_drops_a_join_that_nothing_reads():
    asked = {"metrics": ["orders"], "by": ["shop", "buyer.name"]}
    assert "join shops as shop" in before(prune_joins, **asked)
    text = after(prune_joins, **asked)
    assert "join shops" not in text
    assert "join people as buyer" in text


def test_prune_joins_keeps_what_a_kept_join_is_joined_by():
    assert after(prune_joins, metrics=["orders"], by=["shop.town.region"]).count("join") == 2


def test_prune_columns_reads_only_what_is_used():
    asked = {"metrics": ["orders"], "by": ["shop"]}
    assert "weight" in before(prune_columns, **asked)
    assert "scan sales (shop)" in after(prune_columns, **asked)


def test_a_rule_that_changes_what_comes_out_is_stopped():
    def forgets(root: Present) -> Present:
        return Present(root.input, root.fields[:1], None, (), None)

    with pytest.raises(AssertionError, match="forgets changes what comes out"):
        plan_of(metrics=["orders", "revenue"], rules=(forgets,))


def test_the_trace_names_the_rules_that_changed_something():
    plan = plan_of(metrics=["large_revenue", "orders"], by=["shop"])
    names = [line.split(":")[0] for line in plan.trace]
    assert names == ["share_scans", "lone_input", "prune_joins", "prune_columns"]


METRICS = ["revenue", "large_revenue", "small_share", "mean_amount", "spent", "bills_or_zero", "orders_or_none", "profit",
           "margin", "board_revenue", "all_small_share", "paid_share", "middle", "north_revenue", "per_order"]  # fmt: skip
QUESTIONS = [
    *({"metrics": list(pair), "by": ["shop"]} for pair in itertools.combinations(METRICS, 2)),
    {"metrics": METRICS, "by": ["month", "shop.town.region"]},
    {"metrics": METRICS, "by": ["shop.name"], "where": "shop.town.is_north or shop is null", "start": "2024-01", "end": "2024-01"},
    {"metrics": METRICS},
    {"metrics": METRICS, "having": "revenue > 5", "by": ["shop"], "order": ["-margin"], "limit": 2},
]


def test_rules_change_no_row():
    engine = layer().engine
    for question in QUESTIONS:
        naive, fast = (engine.rows(emit(plan_of(rules=rules, **question), DUCKDB).text) for rules in ((), RULES))
        assert naive == fast, question


@pytest.mark.parametrize("left_out", RULES, ids=lambda rule: rule.__name__)
def test_no_rule_needs_another(left_out):
    rules = tuple(rule for rule in RULES if rule is not left_out)
    engine = layer().engine
    for question in QUESTIONS[-4:]:
        without, fast = (engine.rows(emit(plan_of(rules=each, **question), DUCKDB).text) for each in (rules, RULES))
        assert without == fast, question


def test_rewriting_again_changes_nothing():
    plan = plan_of(metrics=METRICS, by=["month", "shop"])
    assert rewrite(plan.root)[1] == ()

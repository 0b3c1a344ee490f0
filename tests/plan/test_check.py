"""What a plan promises, and that a plan that breaks its promise is stopped."""

from __future__ import annotations

from dataclasses import replace

import pytest

from decisionlayer.plan.check import check_plan
from decisionlayer.plan.nodes import Aggregate, Compute, DrillAcross, Field, Join, Keep, Order, Output, Present
from decisionlayer.plan.shape import columns, fields, grain
from decisionlayer.resolve.language.tree import Call, Literal, Name
from decisionlayer.resolve.language.types import INTEGER, TEXT
from tests.plan.company import plan_of


def below(node: object, kind: type) -> object:
    while not isinstance(node, kind):
        node = node.inputs[0] if isinstance(node, DrillAcross) else node.input  # type: ignore[attr-defined]
    return node


def stopped(root: Present, **question: object) -> str:
    plan = replace(plan_of(**question), root=root)
    with pytest.raises(AssertionError) as found:
        check_plan(plan)
    return str(found.value)


ONE = {"metrics": ["orders"], "by": ["shop.name"]}


def test_every_step_says_what_one_row_is():
    plan = plan_of(metrics=["profit"], by=["month", "shop.name"])
    assert grain(plan.root) == ("month", "shop__name")
    aggregate = below(plan.root, Aggregate)
    assert grain(aggregate) == ("month", "shop__name")
    assert grain(aggregate.input) == ("sales.sale",)


def test_in_total_there_is_exactly_one_row():
    assert grain(plan_of(metrics=["profit"]).root) == ()


def test_columns_and_their_types_are_known():
    root = plan_of(metrics=["profit"], by=["shop"]).root
    assert columns(root) == ("shop", "profit")
    assert [str(field.type) for field in fields(root.input)] == ["text", "decimal(38,2)"]


def test_a_join_on_half_a_key_is_stopped():
    plan = plan_of(metrics=["orders"], by=["slot.weather"])
    join = below(plan.root, Join)
    aggregate = replace(below(plan.root, Aggregate), input=replace(join, on=join.on[:1]))
    assert "not its whole key" in stopped(replace(plan.root, input=aggregate), metrics=["orders"], by=["slot.weather"])


def test_a_name_that_nothing_bears_is_stopped():
    plan = plan_of(**ONE)
    aggregate = below(plan.root, Aggregate)
    lost = Keep(aggregate.input, Call("=", (Name(("sales", "colour")), Literal("red"))))
    assert "nothing bears the name sales.colour" in stopped(replace(plan.root, input=replace(aggregate, input=lost)), **ONE)


def test_inputs_of_another_grain_do_not_meet():
    plan = plan_of(metrics=["profit"], by=["shop"])
    drill = below(plan.root, DrillAcross)
    first = replace(drill.inputs[0], keys=())
    root = replace(plan.root, input=replace(plan.root.input, input=replace(drill, inputs=(first, drill.inputs[1]))))
    assert "and not ('shop',)" in stopped(root, metrics=["profit"], by=["shop"])


def test_two_columns_of_one_name_are_stopped_whatever_their_case():
    plan = plan_of(**ONE)
    compute = Compute(plan.root.input, (Field("shop__name", TEXT),), tuple(
        Output(name, INTEGER, Name(("orders",))) for name in ("orders", "Orders")
    ))  # fmt: skip
    assert "two columns of one name" in stopped(replace(plan.root, input=compute), **ONE)


def test_an_order_that_leaves_rows_in_doubt_is_stopped():
    root = replace(plan_of(**ONE).root, order=(Order("orders"),))
    assert "does not tell every row from the next" in stopped(root, **ONE)


def test_a_plan_that_does_not_show_what_it_says_is_stopped():
    plan = plan_of(**ONE)
    with pytest.raises(AssertionError, match="not those of its result"):
        check_plan(replace(plan, metrics=()))

"""Over every metric of every world each row is accounted for once, by its key, and what is counted is what is answered."""

from __future__ import annotations

import pytest

from decisionlayer.errors import DecisionLayerError
from decisionlayer.plan.query import Query
from decisionlayer.resolve.model import Additivity, Formula
from tests.worlds import NAMES, shared_world


@pytest.mark.parametrize("world", NAMES)
def test_every_ledger_ties(world: str) -> None:
    layer, _ = shared_world(world)
    for metric in layer.model.metrics.values():
        if "@" in metric.name or f"metric {metric.name}" in layer.model.broken:
            continue
        asked = Query.of(metrics=[metric.name])
        try:
            answer = layer.query(metrics=[metric.name]).rows()[0][0]
        except DecisionLayerError:  # it needs a period, or a definition
            answer = None
        try:
            accounts = layer.desk.ledger(asked, metric.name, by_key=True).accounts
        except DecisionLayerError as refused:
            assert set(refused.codes) <= {"missing-rate"}, metric.name
            continue
        assert accounts, metric.name
        assert [(each.called, each.residual.is_nothing, each.wrong) for each in accounts] == [(each.called, True, ()) for each in accounts]
        priced = isinstance(metric.body, Formula) and metric.body.assumptions
        if metric.additivity is Additivity.additive and len(accounts) == 1 and answer is not None and not priced:
            counted = accounts[0].counted
            assert counted.amount is None or float(counted.amount) == pytest.approx(float(answer)), metric.name

"""Random orders with lines, tags and payments: splits over bridges, filters over many sides, metrics of each customer, and targets."""

from __future__ import annotations

import copy
import datetime as dt
from itertools import product
from typing import Any

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from decisionlayer import QueryError
from tests.properties.choosing import Choice
from tests.properties.companies import Company, Sheet
from tests.properties.opening import opened, show
from tests.properties.pace import TALLY, examples
from tests.properties.questions import asked
from tests.reference.answer import answer_of
from tests.reference.same import same_rows
from tests.reference.walks import Unanswerable, World
from tests.soundness.test_bridges import TO_ORDER
from tests.worlds.made import metric

#: What only the engine looks at: grain, structure, parts that have no sum, and what may be read in two ways.
REFUSED = {
    "fan-out", "finer-than-grain", "unsettled-structure", "not-built", "bad-question", "needs-period", "ambiguous-path", "unreachable-dimension",
    "type-mismatch",
}  # fmt: skip
DAYS = [None, *(dt.date(2024, 1, 1) + dt.timedelta(far) for far in (0, 14, 31, 45, 59, 60, 90))]
WHERES = (
    "lines.product.category = 'X'", "not (lines.product.category = 'X')", "tags.tag = 'gift'", "tags.tag in ('gift', 'rush')", "not (tags.tag = 'rush')",
    "lines.product.category = 'X' and lines.amount > 1", "lines.product.category <> 'X' or tags.tag = 'gift'", "tags.tag = 'gift' and total > 0",
    "lines.product.maker = 'm'", "lines.product.category = 'X' and not (tags.tag = 'rush')", "lines.amount > 1 and total > 0 and lines.product.category = 'Y'",
    "not (lines.product.category = 'X' and tags.tag = 'gift')", "total > 0 or not (lines.amount > 1)",
)  # fmt: skip
OWN = ("customer.orders_ever > 1", "customer.spent > 5", "customer.orders_then = 1", "customer.spent is null", "customer.city = 'Rome'", "total > 0")
SPLITS = (
    "lines.product.category", "tags.tag", "shares.product.category", "lines.product.maker", "shares.product", "customer.city", "customer.orders_ever", "customer",
    "customer.spent", "customer.orders_then", "lines.is_big",
)  # fmt: skip
MEASURES = (
    "sum(total)", "count(*)", "sum(total) / count(*)", "count(total)", "sum(total) filter (where total > 0)", "avg(total)",
    "count(distinct customer)", "max(total)", "sum(rate)", "count(*) filter (where total > 0) / count(*)",
)  # fmt: skip
FORMULAS = (
    "m_0 / m_1", "m_0 - m_1", "prior(m_0, '1 month')", "m_0 / total(m_0)", "to_date(m_0, quarter)", "coalesce(m_1, 0) + m_0", "trailing(m_0, '2 months')",
    "m_0 / total(m_0, customer.city)", "total(m_0, tags.tag) - m_0", "all_time(m_0)", "prior(to_date(m_0, quarter), '1 quarter')", "m_0 - total(m_1, all)",
    "prior(m_0 / m_1, '1 month')", "trailing(total(m_0), '2 months')",
)  # fmt: skip


@st.composite
def shops(draw: st.DrawFn) -> Company:
    choice = Choice(draw)
    orders = [
        (number, choice.of("ann", "bob", "cyd", None, "eve"), choice.among(DAYS), choice.of(10, None, 0, 3, -4, 7), choice.of(1, 2, None))
        for number in range(choice.of(4, 6, 3, 2, 0))
    ]
    numbers = [*range(len(orders)), *range(len(orders)), None, 9]
    lines = [
        (number, choice.among(numbers), choice.of("p", "q", None, "z"), choice.of(1, None, 0, 2, 5, -1), choice.among(DAYS))
        for number in range(choice.of(5, 8, 3, 0))
    ]  # fmt: skip
    tags = [(choice.among(numbers), choice.of("gift", "rush", "")) for _ in range(choice.of(3, 5, 0))]
    tags = list(dict.fromkeys(tags))
    changed = choice.of(None, None, dt.date(2024, 1, 20), dt.date(2024, 2, 1))
    spans: list[tuple[object, ...]] = [()] if changed is None else [(dt.date(2023, 1, 1), changed), (changed, None)]
    products = [
        (name, choice.of("X", "Y", None), choice.of("m", "n"), *span)
        for name in ("p", "q")[: choice.of(2, 1, 0)] for span in spans[choice.of(0, 0, 0, -1) :]
    ]  # fmt: skip
    held = {} if changed is None else {"since": "date", "before": "date"}
    customers = [(name, choice.of("Rome", "Oslo", None)) for name in ("ann", "bob", "cyd", "dan")[: choice.of(4, 3, 1)]]
    sheets = {
        "orders": Sheet({"id": "integer", "customer": "varchar", "day": "date", "total": "integer", "rate": "integer"}, orders),
        "lines": Sheet({"id": "integer", "order_id": "integer", "product": "varchar", "amount": "integer", "packed": "date"}, lines),
        "tags": Sheet({"order_id": "integer", "tag": "varchar"}, tags),
        "products": Sheet({"product": "varchar", "category": "varchar", "maker": "varchar", **held}, products),
        "customers": Sheet({"customer": "varchar", "city": "varchar"}, customers),
    }
    return Company(_declared(choice, sheets), sheets)


def _declared(choice: Choice, sheets: dict[str, Sheet]) -> dict[str, Any]:
    def source(name: str, key: list[str], **more: Any) -> dict[str, Any]:
        return {"source": name, "one_row_is": "one row", "table": name, "key": key, "columns": sheets[name].declared(), "owner": "desk", **more}

    shares = {"split": "allocate", "by": "amount", "source": "lines"}
    packed, of_line = {"time": {"packed": "day"}}, {"order": TO_ORDER, "product": "product"}
    held = "since" in sheets["products"].columns
    history = {"valid": {"from": "since", "to": "before"}, "history": choice.of("as_is", "as_was")} if held else {}
    of_each = {"orders_ever": {"metric": "m_count"}, "spent": {"metric": "m_sum"}, "orders_then": {"metric": "m_count", "within": "range"}}
    metrics = [metric("m_count", better="higher", source="orders", measure="count(*)"), metric("m_sum", better="higher", source="orders", measure="sum(total)")]
    for number in range(2):
        where = choice.of(None, None, choice.among(WHERES), choice.among(OWN))
        said = {key: value for key, value in (("where", where), ("missing", choice.of(None, None, "zero"))) if value is not None}
        metrics.append(metric(f"m_{number}", source="orders", measure=choice.among(MEASURES), **said))
    metrics.append(metric("made", formula=choice.among(FORMULAS)))
    lasting = {"proposed_by": "desk", "accepted_by": "desk"}
    told = choice.several(list(product(("m_sum", "m_count"), TIMES, SCOPES)), 0, 2, 4)
    targets = [
        {"target": f"t_{number}", "metric": name, "value": choice.of(3, 10), **time, **scope, **lasting} for number, (name, time, scope) in enumerate(told)
    ]
    return {
        "project": {"name": "shop", "timezone": "UTC"},
        "parties": [{"party": "desk"}, {"party": "board"}],
        "sources": [
            source("orders", ["id"], describes="order", time={"day": "day"}, links={"customer": "customer"}, dimensions={"total": "total"}, bridges={
                "lines": {"split": "overlap"}, "tags": {"split": "overlap"}, "shares": shares,
            }),
            source("lines", ["id"], **choice.of(packed, packed, {}), links=of_line, dimensions={"amount": "amount", "is_big": "amount > 1"}),
            source("tags", ["order_id", "tag"], links={"order": TO_ORDER}, dimensions={"tag": "tag"}),
            source("products", ["product"], describes="product", dimensions={"category": "category", "maker": "maker"}, **history),
            source("customers", ["customer"], describes="customer", dimensions={"city": "city", **of_each}),
        ],
        "metrics": metrics,
        **({"targets": targets} if targets else {}),
    }  # fmt: skip


TIMES = (
    {"start": "2024-01", "end": "2024-01"}, {"start": "2024-01-01", "end": "2024-03-31"}, {"start": "2024-02", "end": "2024-02"}, {"start": "2024", "end": "2024"},
)  # fmt: skip
SCOPES: tuple[dict[str, str], ...] = ({}, {"where": "customer.city = 'Rome'"}, {"where": "customer = 'ann'"}, {"where": "customer = 'ann' and customer.city = 'Rome'"})


@st.composite
def questions(draw: st.DrawFn, world: World) -> dict[str, Any]:
    choice = Choice(draw)
    question: dict[str, Any] = {
        "metrics": choice.several([name for name in ("m_0", "m_1", "m_sum", "made", "m_count") if name in world.model.metrics], 1, 2),
        "by": choice.several(["month", "quarter", "year"], 0, 1, 0) + choice.several(SPLITS, 1, 0, 2, 1),
    }
    where = [choice.among(part) for part in choice.several([WHERES, OWN, OWN, WHERES], 0, 1, 0, 2, 3)]
    if where:
        question["where"] = where[0]
    for part in where[1:]:
        question["where"] = choice.of("({0}) and ({1})", "({0}) or ({1})").format(question["where"], part)
    if choice.of(False, True):
        question |= choice.among(TIMES)
    if choice.of(False, False, True) and ("start" in question or set(question["by"]) & {"month", "quarter", "year"}):
        question["compare"] = choice.several(["target", "previous", "year_ago"], 1, 2)
    shared = any("shares" in path for path in question["by"])  # shares are rounded, so that equal ones may come in any order
    if choice.of(0, 0, 0, 1) and not shared:
        question |= {"order": [f"-{question['metrics'][0]}"], "limit": choice.of(2, None)}
    elif choice.of(0, 0, 0, 1) and not shared and question["by"] and question["by"][-1] not in ("month", "quarter", "year"):
        question |= {"rest": True, "order": [f"-{question['metrics'][0]}"], "limit": choice.of(1, 2)}
    elif choice.of(0, 0, 0, 1) and set(question["by"]) & {"month", "quarter"}:
        question["fill"] = "spine"
    if choice.of(0, 0, 0, 0, 1):
        question["having"] = choice.of("{0} > 0", "{0} is null", "not ({0} > 5)").format(question["metrics"][0])
    if choice.of(0, 1):
        question["structure"] = choice.of("as_was", "as_is", {"at": "2024-01-20"})
    return {key: value for key, value in question.items() if value is not None}


@examples(200)
@given(company=shops(), data=st.data())
def test_the_engine_reads_many_sides_as_the_reference_does(
    warehouse: duckdb.DuckDBPyConnection, company: Company, data: st.DataObject
) -> None:
    with opened(warehouse, company) as (layer, world):
        for question in asked(data, questions(world)):
            show(company, question)
            try:
                columns, expected = answer_of(layer.model, world.rows, **copy.deepcopy(question))
            except (Unanswerable, TypeError) as no:
                columns, expected = (), no
            try:
                result = layer.query(**question)
            except QueryError as refused:
                assert set(refused.codes) <= REFUSED, refused
                TALLY["refused"] += 1
                continue
            assert not isinstance(expected, Exception), expected
            TALLY["compared"] += 1
            assert result.columns == columns
            assert same_rows(result.rows(), expected), f"\nengine    {result.rows()}\nreference {expected}\n{result.sql}"

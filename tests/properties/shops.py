"""Random shops with all that makes a number hard: bridges behind and beside each other, stocks, conversions, one mix, a reporting line.

Orders have lines and tags, lines have parts, customers have cards and stand under divisions that change; visits may lead to orders, and
what customers owe is measured on some days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tests.properties.choosing import Choice
from tests.properties.companies import Company, Sheet
from tests.worlds.made import choice as choosing
from tests.worlds.made import metric

DAYS = [dt.date(2024, 1, 1) + dt.timedelta(far) for far in (0, 14, 31, 45, 59, 60, 90, 366)]
CUSTOMERS = ("ann", "bob", "cyd", None, "eve")
MEASURES = (
    "sum(total)", "count(*)", "sum(total) / count(*)", "avg(total)", "sum(total) filter (where total > 0)", "max(total)",
    "count(distinct customer)", "sum(total) - sum(pieces)", "median(total)",
)  # fmt: skip
WHERES = (
    "lines.product = 'p'", "not (tags.tag = 'rush')", "kind = 'new'", "total > 0", "lines.product.category = 'X' and lines.amount > 1",
    "customer.cards.colour = 'red'", "lines.parts.maker = 'acme'",
)  # fmt: skip
#: Numbers under one mix: over terms, over a quotient as it is, over a mean.
MIXED: tuple[dict[str, Any], ...] = (
    {"formula": "t / n", "terms": {"t": "turnover", "n": "number"}},
    {"from": "worth"},
    {"from": "mean"},
    {"formula": "t / n", "terms": {"t": {"from": "turnover", "where": "total > 0"}, "n": {"from": "number", "where": "total > 0"}}},
)
MIXES: tuple[Any, ...] = ("whole", "whole", "whole", {"old": 0.25, "new": 0.75}, {"old": 1, "new": 0})
OVER = (
    "alike * 2", "pooled - alike", "alike - prior(alike, '1 month')", "trailing(alike, '2 months')", "to_date(alike, year)",
    "coalesce(alike, 0)", "alike + pooled", "prior(alike, '1 quarter') / alike", "case when alike > 4 then pooled end",
)  # fmt: skip
STOCKS = ("sum(owed)", "count(*)", "avg(owed)", "sum(owed) / count(*)", "count(owed)", "max(owed)")
FORMULAS = (
    "settled / turnover", "turnover - settled", "settled - prior(settled, '1 month')",
    "turnover / number", "turnover / came", "owes_last / number", "turnover - prior(turnover, '1 month')", "turnover / total(turnover)",
    "prior(owes_avg, '1 month')", "trailing(owes_last, '2 months')", "came_back * 2", "to_date(number, quarter) / to_date(came, quarter)",
    "came - number", "total(owes_last, customer.city)", "prior(came_back, '1 month')", "all_time(turnover)",
)  # fmt: skip


#: Days whose line has a name.
VERSIONS = {"before": "2024-01-20", "after": "2024-03-05"}
#: What leaves a number for choosing, one reason after the other.
LEAVES = [{"when": "total < 0", "reason": "returns"}, {"when": "kind = 'old' and pieces > 1", "reason": "old lots"}, {"when": "lines.product = 'q'", "reason": "of q"}]


def split(choice: Choice, by: str) -> dict[str, str]:
    return choice.of({"split": "overlap"}, {"split": "allocate", "by": by})


@st.composite
def shops(draw: st.DrawFn) -> Company:
    return shop_of(Choice(draw))


def shop_of(choice: Choice) -> Company:
    sheets = _sheets(choice)

    def source(name: str, describes: str | None = None, key: str = "id", **more: Any) -> dict[str, Any]:
        said = {"describes": describes, **more}
        return {
            "source": name, "one_row_is": "one row", "table": name, "key": [key], "columns": sheets[name].declared(), "owner": "desk",
            **{word: value for word, value in said.items() if value is not None},
        }  # fmt: skip

    def to(entity: str) -> dict[str, str]:
        return {"entity": entity, "column": f"{entity}_id"}

    sources = [
        source("orders", "order", time={"day": "day", "paid": "day"}, links={"customer": "customer"}, dimensions=["kind", "total"], bridges={
            "lines": split(choice, "amount"), "tags": split(choice, "weight"),
        }),
        source("lines", "line", links={"order": to("order"), "product": "product"}, dimensions=["amount"], bridges={"parts": split(choice, "cost")}),
        source("parts", links={"line": to("line")}, dimensions=["maker"]),
        source("tags", links={"order": to("order")}, dimensions=["tag"]),
        source("products", "product", "product", dimensions=["category"]),
        source("customers", "customer", "customer", dimensions=["city"], bridges={"cards": split(choice, "points")}),
        source("cards", links={"customer": "customer"}, dimensions=["colour"]),
        source("visits", time={"day": "day"}, links={"customer": "customer"}, dimensions=["kind"]),
        source("debts", time={"day": "day"}, links={"customer": "customer"}, snapshot=True, dimensions=["kind"]),
    ]  # fmt: skip
    of = {"of": "customer", "file": "org.csv", "levels": ["region", "division"]}
    declared = {
        "project": {"name": "shop", "timezone": "UTC"}, "parties": [{"party": "desk"}, {"party": "board"}], "sources": sources,
        "frames": [{"frame": "org", "owner": "desk", "hierarchy": of, "versions": VERSIONS}], "metrics": _metrics(choice),
        "assumptions": [{
            "assumption": "price", "value": 3, "unit": "1", "owner": "desk", "why": "So.", "since": choice.of("2024-02-01", "2024-01-01", "2024-03-05"),
            "earlier": [{"value": 2.5}],
        }],
    }  # fmt: skip
    return Company(declared, sheets, {"org.csv": _line(choice)})


def _line(choice: Choice) -> str:
    """Return a reporting line in which customers move from one division to another, and some stand in none."""
    lines = ["customer,region,division,valid_from,valid_to"]
    for name in ("ann", "bob", "cyd", "eve")[: choice.of(4, 3, 2, 1)]:
        division = choice.of("A", "B", "C")
        other = choice.of(None, "A", "B", "C")
        ends = choice.of("2024-02-01", "2024-03-01", "2025-01-01")
        lines.append(f"{name},{'N' if division == 'A' else 'S'},{division},{choice.of('', '', '2024-01-15')},{'' if other is None else ends}")
        if other is not None:
            lines.append(f"{name},{'N' if other == 'A' else 'S'},{other},{ends},")
    return "\n".join(lines) + "\n"


def _sheets(choice: Choice) -> dict[str, Sheet]:
    def day() -> dt.date | None:
        return choice.among(DAYS) if choice.of(*[True] * 9, False) else None

    orders = [
        (number, choice.among(CUSTOMERS), day(), choice.of("old", "new", "old", "new", None), choice.of(10, None, 0, 3, -4, 7), choice.of(1, 2, None), day())
        for number in range(choice.of(5, 8, 12, 3, 0))
    ]
    of_orders = [*range(len(orders)), *range(len(orders)), None, 99]
    lines = [(number, choice.among(of_orders), choice.of("p", "q", None, "z"), choice.of(1, None, 0, 2, 5)) for number in range(choice.of(6, 9, 3, 0))]
    of_lines = [*range(len(lines)), *range(len(lines)), None, 99]
    parts = [(number, choice.among(of_lines), choice.of("acme", "bolt", None), choice.of(1, None, 0, 3)) for number in range(choice.of(4, 7, 0))]
    tags = [(number, choice.among(of_orders), choice.of("gift", "rush", None), choice.of(1, None, 0, 3)) for number in range(choice.of(4, 6, 0))]
    cards = [(number, choice.among(CUSTOMERS), choice.of("red", "blue", None), choice.of(1, 3, 0)) for number in range(choice.of(3, 5, 0))]
    visits = [(number, choice.among(CUSTOMERS), day(), choice.of("old", "new", None)) for number in range(choice.of(5, 8, 2, 0))]
    debts = [(number, choice.among(CUSTOMERS), day(), choice.of(5, 8, None, 0, -2), choice.of("old", "new")) for number in range(choice.of(6, 10, 2, 0))]
    sheets: dict[str, tuple[str, Sequence[tuple[Any, ...]]]] = {
        "orders": ("id integer, customer varchar, day date, kind varchar, total integer, pieces integer, paid date", orders),
        "lines": ("id integer, order_id integer, product varchar, amount integer", lines),
        "parts": ("id integer, line_id integer, maker varchar, cost integer", parts),
        "tags": ("id integer, order_id integer, tag varchar, weight integer", tags),
        "products": ("product varchar, category varchar", [(name, choice.of("X", "Y", None)) for name in ("p", "q")[: choice.of(2, 1, 0)]]),
        "customers": ("customer varchar, city varchar", [(name, choice.of("Rome", "Oslo", None)) for name in ("ann", "bob", "cyd", "dan")[: choice.of(4, 3, 1)]]),
        "cards": ("id integer, customer varchar, colour varchar, points integer", cards),
        "visits": ("id integer, customer varchar, day date, kind varchar", visits),
        "debts": ("id integer, customer varchar, day date, owed integer, kind varchar", debts),
    }  # fmt: skip
    return {name: Sheet(dict(column.split() for column in columns.split(", ")), list(rows)) for name, (columns, rows) in sheets.items()}


def _metrics(choice: Choice) -> list[dict[str, Any]]:
    followed = {"from": "visits", "to": choice.of("orders", {"source": "orders", "where": "total > 0"}), "entity": "customer"}
    followed |= {"within": choice.of("20 days", "1 month", "60 days"), "give": choice.of("share", "converted", "open", "closed")}
    found = [
        metric("turnover", source="orders", measure="sum(total)", clock="day"), metric("number", source="orders", measure="count(*)", clock="day"),
        metric("worth", source="orders", measure="sum(total) / count(*)"), metric("mean", source="orders", measure="avg(total)"),
        metric("settled", source="orders", measure="sum(total)", clock="paid"), metric("came", source="visits", measure="count(*)"),
        metric("came_back", conversion={**followed, **choice.of({}, {"same": ["kind"]})}),
        metric("other", source="orders", measure=choice.among(MEASURES), **_said(where=choice.of(None, *WHERES), missing=choice.of(None, "null", "zero"))),
    ]  # fmt: skip
    for how in ("last", "first", "avg", "min", "max"):
        alone = [text for text in STOCKS if "/" not in text or how not in ("min", "max")]
        found.append(metric(f"owes_{how}", source="debts", over_time=how, measure=choice.among(alone) if choice.of(0, 0, 1) else "sum(owed)"))
    found.append(metric("owes_each", source="debts", last_of_each="customer", measure="sum(owed)"))
    said = dict(choice.among(MIXED))
    by = choice.of("kind", "kind", "customer.city")
    mix = choice.among(MIXES) if by == "kind" else "whole"
    formula = {key: said.pop(key) for key in ("formula",) if key in said}
    plain = {"owner": "board", "why": "W.", "loses": "L."}
    switch = {**plain, "reweight": {"by": by, "mix": mix}, **said}
    found.append(choosing("alike", translation=switch, **formula, **_said(missing=choice.of(None, None, None, "zero"))))
    found += [choosing("pooled", translation={**plain, "from": "worth"}), choosing("over", formula=choice.among(OVER))]
    found.append(choosing("kept", translation={**plain, "from": choice.of("turnover", "worth", "number"), "exclude": choice.several(LEAVES, 1, 2, 3)}))
    found.append(choosing("under_line", translation={**plain, "from": choice.of("turnover", "owes_last", "came"), "regroup": choice.of("org@before", "org@after")}))
    found.append(metric("priced", formula=choice.of("number * price", "turnover / price", "prior(number, '1 month') * price", "came * price + number")))
    found.append(metric("made", formula=choice.among(FORMULAS)))
    return found


def _said(**keys: object) -> dict[str, object]:
    return {key: value for key, value in keys.items() if value is not None}

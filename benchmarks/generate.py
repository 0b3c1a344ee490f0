"""A project of any size, for timing: sources with links to shared entities, metrics of all bodies, choice metrics on top."""

from __future__ import annotations

import argparse
from pathlib import Path


def write_project(folder: Path, *, metrics: int = 1000, sources: int = 20, decisions: int = 0) -> Path:
    """Write a project of so many metrics over so many fact sources, and decisions on them, into ``folder`` and return it.

    Of ten metrics seven are measures, one is a formula of two measures, and two are choice metrics through a translation.
    Three entities (shop, product, customer) are shared by all sources; shop links on to region.
    """
    (folder / "definitions").mkdir(parents=True, exist_ok=True)
    (folder / "metrics").mkdir(exist_ok=True)
    (folder / "definitions" / "project.yml").write_text(_project())
    (folder / "definitions" / "entities.yml").write_text(_entities())
    (folder / "definitions" / "facts.yml").write_text("sources:\n" + "".join(_fact(n) for n in range(sources)))
    each = metrics // sources
    for number in range(sources):
        extra = metrics - each * sources if number == sources - 1 else 0
        (folder / "metrics" / f"fact_{number}.yml").write_text(_metrics(number, each + extra))
    if decisions:
        text = "decisions:\n" + "".join(_decision(n, sources, each) for n in range(decisions))
        (folder / "definitions" / "decisions.yml").write_text(text)
    return folder


#: Of the wide project: seventy metrics, each a quotient of two measures, and ten attributes behind links, one of them two hops away.
WIDE_METRICS = [f"w_{source}_{n}" for source in range(5) for n in range(14)]
WIDE_ATTRIBUTES = [
    "shop.city", "shop.size", "shop.manager", "shop.format", "product.brand", "product.category", "product.colour",
    "customer.segment", "customer.age_group", "shop.region.country",
]  # fmt: skip
_WIDE_ENTITIES = {
    "region": ("regions", ["country"], ""),
    "shop": ("shops", ["city", "size", "manager", "format"], "region"),
    "product": ("products", ["brand", "category", "colour"], ""),
    "customer": ("customers", ["segment", "age_group"], ""),
}


def write_wide(folder: Path) -> Path:
    """Write a project of five sources with fourteen quotients each over shared entities into ``folder`` and return it."""
    (folder / "definitions").mkdir(parents=True, exist_ok=True)
    (folder / "metrics").mkdir(exist_ok=True)
    (folder / "definitions" / "project.yml").write_text(_project())
    entities = [
        f"  - {{source: {table}, one_row_is: one {entity}, describes: {entity}, table: {table}, key: [{entity}], owner: desk,\n"
        f"     columns: {{{', '.join(f'{name}: text' for name in _columns(entity))}}}, dimensions: [{', '.join(dimensions)}]"
        f"{f', links: {{{link}: {link}}}' if link else ''}}}\n"
        for entity, (table, dimensions, link) in _WIDE_ENTITIES.items()
    ]
    (folder / "definitions" / "sources.yml").write_text("sources:\n" + "".join(entities) + "".join(_fact(n) for n in range(5)))
    for source in range(5):
        head = "for_all: {purpose: action, owner: desk, better: higher, respond: Look., grain: {time: day}}\nmetrics:\n"
        lines = [
            f"  - {{metric: s_{source}_{n}, title: Sum {n} of {source}, definition: Timed., unit: USD, source: fact_{source}, "
            f"measure: sum(amount_{n})}}\n"
            for n in range(15)
        ] + [
            f"  - {{metric: w_{source}_{n}, title: Share {n} of {source}, definition: Timed., unit: percent, "
            f"formula: s_{source}_{n} / s_{source}_{n + 1}}}\n"
            for n in range(14)
        ]
        (folder / "metrics" / f"wide_{source}.yml").write_text(head + "".join(lines))
    return folder


def _columns(entity: str) -> list[str]:
    _, dimensions, link = _WIDE_ENTITIES[entity]
    return [entity, *dimensions, *([link] if link else [])]


def wide_tables() -> list[str]:
    """Return the statements that create the tables of the wide project, without rows: enough for an engine to plan over."""
    amounts = ", ".join(f"amount_{n} decimal(18,2)" for n in range(20))
    made = [
        f"create table {_WIDE_ENTITIES[entity][0]} ({', '.join(f'{name} varchar' for name in _columns(entity))})"
        for entity in _WIDE_ENTITIES
    ]
    keys = "shop varchar, product varchar, customer varchar"
    return made + [f'create table fact_{n} (id integer, "at" date, status varchar, {keys}, {amounts})' for n in range(5)]


def _project() -> str:
    return (
        "project: {name: generated, timezone: UTC, week_start: monday}\n"
        "parties:\n"
        "  - {party: desk, kind: team, name: The desk}\n"
        "  - {party: bizops, kind: team, name: Business operations}\n"
        "units: [{unit: piece}]\n"
    )


def _entities() -> str:
    return "".join((
        "sources:\n",
        "  - {source: regions, one_row_is: one region, describes: region, table: regions, key: [region],\n",
        "     columns: {region: text, country: text}, dimensions: [country], owner: desk}\n",
        "  - {source: shops, one_row_is: one shop, describes: shop, table: shops, key: [shop], links: {region: region},\n",
        "     columns: {shop: text, region: text, city: text, size: text}, dimensions: [city, size], owner: desk}\n",
        "  - {source: products, one_row_is: one product, describes: product, table: products, key: [product],\n",
        "     columns: {product: text, brand: text, category: text}, dimensions: [brand, category], owner: desk}\n",
        "  - {source: customers, one_row_is: one customer, describes: customer, table: customers, key: [customer],\n",
        "     columns: {customer: text, segment: text}, dimensions: [segment], owner: desk}\n",
    ))  # fmt: skip


def _fact(number: int) -> str:
    columns = ", ".join(f"amount_{n}: {{type: 'decimal(18,2)', unit: USD}}" for n in range(20))
    return (
        f"  - source: fact_{number}\n"
        f"    one_row_is: one event of kind {number}\n"
        f"    table: fact_{number}\n"
        f"    key: [id]\n"
        f"    time: {{at: day}}\n"
        f"    links: {{shop: shop, product: product, customer: customer}}\n"
        f"    columns: {{id: integer, status: text, {columns}}}\n"
        f"    dimensions: [status]\n"
        f"    owner: desk\n"
    )


def _decision(number: int, sources: int, each: int) -> str:
    tens, source, turn = each // 10, number % sources, number // sources
    told = [f"m_{source}_{10 * (turn % tens) + 8}", f"m_{source}_{10 * ((turn + 1) % tens) + 9}"]
    weights = ("0.7", "0.3")
    return (
        f"  - decision: choice_{number}\n"
        f"    question: Which shop comes first, for reason {number}?\n"
        "    decider: bizops\n"
        "    options: {dimension: shop, status_quo: none, because: All of them are weighed.}\n"
        "    criteria:\n"
        + "".join(
            f"      - {{metric: {metric}, scale: {{worst: 0, best: 100}}, weight: {weight}}}\n"
            for metric, weight in zip(told, weights, strict=True)
        )
        + "    horizons:\n"
        "      - {name: last quarter, period: quarter, against: previous}\n"
        "      - {name: the year, period: year}\n"
        "    review_on: 2027-03-31\n"
        f"    expects: [{{option: S1, {told[0]}: 50}}]\n"
    )


def _metrics(number: int, count: int) -> str:
    action = ["for_all: {purpose: action, owner: desk, better: higher, respond: Look at it., grain: {time: day}}\nmetrics:\n"]
    choice = ["---\nfor_all: {purpose: choice, owner: bizops, better: higher, grain: {time: month}}\nmetrics:\n"]
    for n in range(count):
        name = f"m_{number}_{n}"
        column = f"amount_{n % 20}"
        head = f"  - metric: {name}\n    title: Number {n} of {number}\n    definition: Made for timing, number {n} of {number}.\n"
        match n % 10:
            case 0 | 1 | 2 | 3:
                body = f"    source: fact_{number}\n    unit: USD\n    measure: sum({column})\n    where: {column} > {n}\n"
            case 4 | 5:
                body = f"    source: fact_{number}\n    unit: piece\n    measure: count(*)\n    where: status = 's{n}'\n"
            case 6:
                measure = f"count(*) filter (where {column} > {n}) / count(*)"
                body = f"    source: fact_{number}\n    unit: percent\n    measure: {measure}\n"
            case 7:
                body = f"    unit: USD/piece\n    formula: m_{number}_{n - 7} / m_{number}_{n - 3}\n"
            case _:
                below = f"m_{number}_{n - 7 - (n % 10 == 9)}"
                translation = (
                    "    translation:\n      owner: bizops\n      why: Timed from the same start.\n      loses: The day.\n"
                    f"      terms: {{money: {below}, pieces: m_{number}_{n - n % 10 + 4}}}\n"
                )
                choice.append(f"{head}    unit: USD/piece\n    formula: money / pieces\n{translation}")
                continue
        action.append(head + body)
    return "".join(action) + ("".join(choice) if len(choice) > 1 else "")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=write_project.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--metrics", type=int, default=1000)
    parser.add_argument("--sources", type=int, default=20)
    asked = parser.parse_args()
    print(write_project(asked.folder, metrics=asked.metrics, sources=asked.sources))

"""A project of any size, for timing: sources with links to shared entities, metrics of all bodies, choice metrics on top."""

from __future__ import annotations

import argparse
from pathlib import Path


def write_project(folder: Path, *, metrics: int = 1000, sources: int = 20) -> Path:
    """Write a project of so many metrics over so many fact sources into ``folder`` and return it.

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
    return folder


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

"""A small project for the resolver's tests: one base that everybody knows, and whatever a test adds to it."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from textwrap import dedent

from decisionlayer.declare import Book
from decisionlayer.findings import Finding
from decisionlayer.load import load_project
from decisionlayer.resolve import resolve
from decisionlayer.resolve.model import Model

TODAY = dt.date(2014, 1, 15)

BASE = """
project: {name: field, timezone: America/New_York}
parties:
  - {party: ops, kind: team, name: Operations}
  - {party: planning, kind: team, name: Planning}
  - {party: former, kind: role, name: Former head, until: 2013-11-30, successor: planning}
  - {party: coming, kind: role, name: Coming head, since: 2014-02-01}
units: [{unit: flight}, {unit: seat}, {unit: mile}, {unit: head}]
assumptions:
  - {assumption: minute_cost, value: 74, unit: USD/minute, owner: planning, why: The ledger of 2012.}
sources:
  - source: departures
    one_row_is: one scheduled departure
    table: flights
    key: [time_hour, carrier, flight]
    time: {time_hour: {grain: hour, zone: UTC}, booked: day}
    links:
      carrier: carrier
      origin: {entity: airport, column: origin}
      destination: {entity: airport, column: dest}
      aircraft: {entity: aircraft, column: tailnum}
    columns:
      time_hour: timestamp
      booked: date
      carrier: text
      dep_delay: {type: integer, unit: minute}
      taxi_seconds: {type: integer, unit: second}
      distance: {type: integer, unit: mile}
      fare: {type: 'decimal(18,2)', unit: USD}
      fuel: float
      mean_wait: {type: float, unit: minute, is: average}
      load_factor: {type: float, is: ratio}
      slow_wait: {type: float, unit: minute, is: quantile}
      visitors: {type: integer, is: distinct}
    dimensions:
      haul: "case when distance < 800 then 'short' else 'long' end"
      is_long: haul = 'long'
    owner: ops
  - source: carriers
    one_row_is: one airline
    describes: carrier
    table: airlines
    key: [carrier]
    columns: {carrier: text, name: text}
    dimensions: [name]
    owner: ops
  - source: airports
    one_row_is: one airport
    describes: airport
    table: airports
    key: [faa]
    links: {region: {entity: region, column: tzone}}
    columns: {faa: text, name: text, altitude: integer}
    dimensions: {name: name}
    owner: ops
  - source: regions
    one_row_is: one region
    describes: region
    table: regions
    key: [tzone]
    columns: {tzone: text, label: text}
    dimensions: {label: label}
    owner: ops
  - source: planes
    one_row_is: one aircraft
    describes: aircraft
    table: planes
    key: [tailnum]
    columns: {tailnum: text, seats: {type: integer, unit: seat}}
    owner: ops
  - source: weather
    one_row_is: one reading
    table: weather
    key: [origin, at]
    time: {at: {grain: hour, zone: UTC}}
    links: {airport: {entity: airport, column: origin}}
    columns: {wind: {type: float, unit: mile/hour}}
    owner: ops
  - source: staff
    one_row_is: one team on one Sunday
    table: staff
    key: [team, sunday]
    time: {sunday: day}
    snapshot: true
    columns: {heads: {type: integer, unit: head}, sunday: date}
    owner: ops
"""

#: What a metric has that is nobody's concern here.
ACT = "purpose: action, owner: ops, definition: What it says., better: lower, respond: Act."
CHOOSE = "purpose: choice, owner: planning, definition: What it says., better: lower"
OWNED = "owner: planning, why: Because it matters., loses: The hour."

#: Four metrics for others to stand on.
METRICS = f"""
for_all: {{{ACT}}}
metrics:
  - metric: late_minutes
    source: departures
    unit: minute
    measure: sum(dep_delay)
    where: dep_delay > 15
    grain: {{time: hour, by: [carrier, origin]}}
  - {{metric: flights, source: departures, unit: flight, measure: count(*), grain: {{time: hour}}}}
  - {{metric: seats_flown, source: departures, unit: seat, measure: sum(aircraft.seats)}}
  - {{metric: wind_speed, source: weather, unit: mile/hour, measure: avg(wind)}}
"""

#: Findings about being used are other tests' concern.
ADVICE = ("unused-metric", "two-names", "two-meanings")


def book_of(*texts: str, base: str = BASE) -> Book:
    """Return the base project and what the texts add, each as a file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "definitions").mkdir()
        (Path(folder) / "metrics").mkdir()
        (Path(folder) / "definitions" / "base.yml").write_text(dedent(base), encoding="utf-8")
        for number, text in enumerate(texts):
            (Path(folder) / "metrics" / f"m{number}.yml").write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return load_project(folder)


def model_of(*texts: str, base: str = BASE, today: dt.date = TODAY) -> Model:
    """Return the model of ``book_of``."""
    return resolve(book_of(*texts, base=base), today=today)


def with_metrics(*lines: str, base: str = BASE, today: dt.date = TODAY) -> Model:
    """Return the model of the base, its four metrics, and one more per line, each the inside of ``{…}``."""
    added = "metrics:\n" + "".join(f"  - {{{line}}}\n" for line in lines)
    return model_of(METRICS, added, base=base, today=today)


def found(model: Model) -> tuple[Finding, ...]:
    """Return the findings that are no advice."""
    return tuple(finding for finding in model.findings if finding.code not in ADVICE)


def codes(model: Model) -> list[str]:
    """Return the codes of ``found``."""
    return [finding.code for finding in found(model)]


def only(model: Model) -> Finding:
    """Return the one finding; more or none is a failure that shows them."""
    findings = found(model)
    assert len(findings) == 1, "\n\n".join(finding.render() for finding in findings) or "nothing was found"
    return findings[0]


def said(model: Model) -> str:
    """Return the one finding as people read it."""
    return only(model).render()

"""The text of a new project: a small bakery with three counters, an example of every key, and data to ask it about."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from decisionlayer.load.spell import in_braces
from decisionlayer.names import is_name


def starter_project(name: str) -> Mapping[str, str]:
    """Return a new project's files: path from its folder, with forward slashes → text.

    It passes ``check`` without a finding and answers a question at once, from the CSV files that come with it. ``name`` may be
    any text, as that of a folder; it is made a legal name.
    """
    return {
        "definitions/project.yml": _PROJECT.replace("NAME", in_braces(legal_name(name, otherwise="bakery"))),
        "definitions/sources.yml": _SOURCES,
        "definitions/decisions.yml": _DECISIONS,
        "metrics/counters.yml": _COUNTERS,
        "metrics/planning.yml": _PLANNING,
        "data/visits.csv": _VISITS,
        "data/counters.csv": _COUNTER_ROWS,
        "data/leftovers.csv": _LEFTOVERS,
    }


def legal_name(text: str, *, otherwise: str) -> str:
    """Return a legal name that is like ``text``, or ``otherwise`` where nothing of it can stay.

    >>> legal_name("My Shop-2024", otherwise="x"), legal_name("2nd", otherwise="x"), legal_name("—", otherwise="x")
    ('my_shop_2024', '_2nd', 'x')
    >>> legal_name("Große Öfen", otherwise="x")
    'grosse_ofen'
    """
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    name = f"_{name}" if name[:1].isdigit() else name
    return name if is_name(name) else otherwise


_PROJECT = """\
# A project is a folder: definitions/ holds what metrics stand on, metrics/ holds the metrics.
# Files are free-form: each key at the left edge says what its list declares, in any file of the two folders.
# Try, in this folder:
#   decisionlayer check                                         what is wrong, missing or contradictory
#   decisionlayer query served_soon --by month --by counter.name
#   decisionlayer explain welcome_kept                          a metric in one plain sentence

# The project itself. Days, weeks and months begin and end in this time zone, weeks on this day.
project: {name: NAME, timezone: Europe/Berlin, week_start: monday}

# Who can own, decide or answer for something: a person, a role or a team.
parties:
  - {party: counters, kind: team, name: The teams at the counters}
  - {party: bakehouse, kind: team, name: The bakehouse}
  - {party: books, kind: team, name: Bookkeeping}
  - {party: planning, kind: team, name: Planning}
  - {party: head_of_counters, kind: role, name: Head of the counters, since: 2025-01-01}

# Things that are counted. Hours, minutes and currencies (EUR, USD) are known already.
units:
  - {unit: guest, name: one guest who came to a counter}
  - {unit: piece, name: one loaf or one cake}

# Prices and rates that no table holds. Somebody answers for each, and says where it comes from.
assumptions:
  - assumption: cost_of_a_piece
    value: 0.60
    unit: EUR/piece
    owner: books
    why: Flour, power and the night's wages by the ledger of 2025, divided by the pieces baked.
"""

_SOURCES = """\
# Where the rows are. A source is a `table:` of your warehouse, a query (`sql: select ...`), or a `file:` of the project.
sources:
  - source: visits
    one_row_is: one guest who came to a counter            # say it: every count depends on it
    file: data/visits.csv
    key: [visit]                                           # no two rows have the same; `check --data` looks
    time: {came_at: minute}                                # the clock, and how fine it is; the first is the default
    links: {counter: counter}                              # role: column. It leads to the entity of that name, below
    columns:                                               # types, and units where a column has one
      visit: integer
      came_at: timestamp
      counter: text
      waited: {type: integer, unit: minute}                # empty: the guest left before being served
      pieces: {type: integer, unit: piece}
      paid: {type: integer, unit: EUR}
    dimensions:                                            # what to split by; expressions over this source's columns
      part_of_day: case when hour(came_at) < 12 then 'morning' else 'afternoon' end
    owner: books

  - source: counter_list
    one_row_is: one counter
    describes: counter                                     # this source is about the entity that others link to
    file: data/counters.csv
    key: [counter]
    columns: {counter: text, name: text, district: text}
    dimensions: [name, district]                           # asked as counter.name, counter.district
    owner: planning

  - source: leftovers
    one_row_is: what one counter had left on one evening
    file: data/leftovers.csv
    key: [day, counter]
    time: {day: day}
    links: {counter: counter}
    columns: {day: date, counter: text, pieces: {type: integer, unit: piece}}
    owner: bakehouse
"""

_COUNTERS = """\
# Numbers for acting: what do we do now? The counters and the bakehouse watch them every day.

# What stands under `for_all` holds for every item of this document, unless the item says otherwise.
for_all:
  purpose: action                                          # action or choice
  owner: counters
  source: visits
  grain: {time: hour, by: [counter, part_of_day]}          # the finest question that the number answers

metrics:
  - metric: guests
    title: Guests
    definition: Guests who came to a counter, served or not.
    unit: guest
    better: higher                                         # higher, lower, {near: 0.85} or none
    measure: count(*)
    respond: Above 20 in an hour, open the second till.

  - metric: served_soon
    title: Served soon
    definition: Share of the guests who were served that waited five minutes at most. Who left is no matter of the till.
    unit: percent                                          # a share: 0.5 in the data, 50 % where a person reads
    better: higher
    population: waited is not null                         # who is in the question at all
    measure: count(*) filter (where waited <= 5) / count(*)
    respond: Below 70 %, the shift lead takes a till.

  - metric: pieces_sold
    title: Pieces sold
    definition: Loaves and cakes that were sold.
    unit: piece
    better: higher
    measure: sum(pieces)
    respond: Half above yesterday by noon, the bakehouse bakes once more.

  - metric: takings
    title: Takings
    definition: What the guests paid.
    unit: EUR
    better: higher
    measure: sum(paid)
    respond: The till is counted against it every evening.

---
# Three dashes begin a new document, with a `for_all` of its own.
for_all: {purpose: action, owner: bakehouse, source: leftovers, grain: {time: day, by: [counter]}}

metrics:
  - metric: pieces_left
    title: Pieces left
    definition: Pieces that lay on the counters when they closed.
    unit: piece
    better: lower
    measure: sum(pieces)
    respond: Above 30 on an evening, bake a tray less the next day.
"""

_PLANNING = """\
# Numbers for choosing: which counters to build on? A number for acting enters only through a translation that somebody owns.
for_all: {purpose: choice, owner: planning, grain: {time: month, by: [counter]}}

metrics:
  - metric: welcome_kept
    title: Welcome kept
    definition: Share of all guests who came, those who left included, that were served within five minutes.
    unit: percent
    better: higher
    translation:
      owner: books
      why: A till cannot serve a guest who is gone. The bakery can lose one who waited too long.
      loses: The hour of the day, and who stood at the till.
      from: served_soon
      population: all                                      # the switch: other people are in the question

  - metric: cost_of_leftovers
    title: Cost of leftovers
    definition: What was baked and not sold, at what a piece costs to make, for each euro taken.
    unit: "1"                                              # euros per euro: a pure number
    better: lower
    formula: left_over * cost_of_a_piece / taken
    translation:
      owner: books
      why: The bakehouse bakes after yesterday's leftovers. Planning compares what they cost with what a counter brings in.
      loses: Which evening, and what was left.
      terms: {left_over: pieces_left, taken: takings}      # the executive's word: the frontline's metric

  - metric: pieces_per_guest
    title: Pieces per guest
    definition: Pieces sold for each guest who came.
    unit: piece/guest
    better: higher
    formula: sold / came
    translation:
      owner: books
      why: The counters count pieces to bake and guests to serve. For a choice between counters what a guest takes home counts.
      loses: The hour, and what was sold.
      terms: {sold: pieces_sold, came: guests}
"""

_DECISIONS = """\
# A word that two sides use otherwise, in both dialects.
glossary:
  - word: served in time
    frontline:
      metric: served_soon
      says: Of the guests who were served, those who waited five minutes at most.
      example: Four come, one leaves, three are served at once. That is 100 %.
    executive:
      metric: welcome_kept
      says: Of all guests who came, those who were served within five minutes.
      example: Four come, one leaves, three are served at once. That is 75 %.
    match: broader                                         # exact, close, broader, narrower, false_friend

# A question, one decider, and what the options are weighed by. It is published as a view too.
decisions:
  - decision: longer_hours
    question: Which counters open an hour longer, stay as they are, or close earlier?
    decider: head_of_counters
    agree: [counters, bakehouse]
    options: {dimension: counter, status_quo: none, because: Every counter is weighed; its hours may stay.}
    criteria:                                              # only numbers for choosing; the weights add up to 1
      - {metric: welcome_kept, scale: {worst: 0.4, best: 0.9}, weight: 0.5, veto: 0.2}
      - {metric: cost_of_leftovers, scale: {worst: 2, best: 0}, weight: 0.3}
      - {metric: pieces_per_guest, scale: {worst: 1, best: 4}, weight: 0.2}
    horizons:
      - {name: last month, period: month}
      - {name: this winter, start: 2026-01, end: 2026-02}
    review_on: 2026-09-30
    expects: [{option: harbour, welcome_kept: 0.8}]

# What is published for others to query: metrics by dimensions. For executives only numbers for choosing.
views:
  - view: counters_by_month
    audience: executive
    owner: planning
    definition: How each counter kept its welcome, and what its leftovers cost.
    metrics: [welcome_kept, cost_of_leftovers, pieces_per_guest]
    by: [month, counter.name]

  - view: counters_by_day
    audience: frontline
    owner: counters
    definition: What happened at each counter.
    metrics: [guests, served_soon, pieces_sold, takings, pieces_left]
    by: [day, counter]
"""

_COUNTER_ROWS = """\
counter,name,district
harbour,Harbour Street,old town
market,Market Square,old town
station,Central Station,new town
"""

_VISITS = """\
visit,came_at,counter,waited,pieces,paid
1,2026-01-12 07:10:00,harbour,2,4,4
2,2026-01-12 07:25:00,harbour,7,2,2
3,2026-01-12 07:40:00,harbour,,,
4,2026-01-12 08:05:00,market,1,3,5
5,2026-01-12 08:20:00,market,3,1,1
6,2026-01-12 14:30:00,market,4,2,5
7,2026-01-12 07:15:00,station,5,1,2
8,2026-01-12 07:20:00,station,6,1,2
9,2026-01-12 07:30:00,station,,,
10,2026-01-12 07:35:00,station,9,2,3
11,2026-02-09 07:05:00,harbour,1,5,5
12,2026-02-09 07:45:00,harbour,4,3,3
13,2026-02-09 15:10:00,harbour,,,
14,2026-02-09 16:00:00,harbour,2,2,4
15,2026-02-09 08:10:00,market,2,4,6
16,2026-02-09 08:50:00,market,,,
17,2026-02-09 15:20:00,market,6,1,3
18,2026-02-09 07:10:00,station,3,2,4
19,2026-02-09 07:25:00,station,5,1,2
20,2026-02-09 17:40:00,station,2,3,5
"""

_LEFTOVERS = """\
day,counter,pieces
2026-01-12,harbour,4
2026-01-12,market,1
2026-01-12,station,6
2026-02-09,harbour,2
2026-02-09,market,3
2026-02-09,station,0
"""

"""A question over the sample company: its keys, its answer in SQL by hand, and how its parts make the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: The fleet desk's view of the register, as `definitions/sources.yml` explains it, written out once more by hand.
FLEET = """
    fleet as (
      select tailnum, manufacturer, model, planes.year as built, seats as register_seats,
             case when model = 'ERJ 190-100 IGW' then 100 when seats < 50 then null else seats end as seats
      from planes
    )"""

#: The regions of `definitions/data/time_zones.csv`, by hand.
REGIONS = """
    regions as (
      select faa, name, case tzone when 'America/New_York' then 'East' when 'America/Chicago' then 'Central'
                            when 'America/Denver' then 'Mountain' when 'America/Phoenix' then 'Mountain'
                            when 'America/Los_Angeles' then 'West' when 'America/Vancouver' then 'West'
                            when 'America/Anchorage' then 'Alaska and Hawaii'
                            when 'Pacific/Honolulu' then 'Alaska and Hawaii' end as region
      from airports
    )"""


@dataclass(frozen=True)
class Question:
    """One question.

    ``sql`` reads the raw tables and returns the rows in the promised order. It cuts periods by the wall-clock columns
    ``year month day hour`` of the raw data, never by converting ``time_hour``: two ways to one answer.

    ``whole`` says for each metric how its groups make up the value without groups: ``sum``, ``max`` or ``min``;
    ``mean of M`` (weighted by metric M); ``harmonic of M``; ``between`` (no less than the least group and no more than
    the greatest); ``overlap`` (no less than the greatest group and no more than their sum).
    """

    name: str
    keys: Mapping[str, object]
    sql: str
    whole: Mapping[str, str] = field(default_factory=dict)

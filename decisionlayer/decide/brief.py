"""A brief: a decision laid out, as plain data with facts and passports in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Brief:
    """What a decider reads: the options over each horizon, how firm the ranking is, and what would flip it.

    This version declares and checks decisions and publishes their criteria; the evaluation that fills a brief comes later.
    ``horizons`` and ``flags`` have the shape that ``brief --format json`` prints.
    """

    decision: str
    status: str
    known_on: dt.date | None
    horizons: tuple[Mapping[str, object], ...]
    flags: tuple[Mapping[str, object], ...]
    findings: tuple[Finding, ...]

"""ROOM declare: what people write, as frozen pydantic models. Shape only, no lookup.

In: plain data (from YAML) or keyword arguments (from Python). Out: declarations, and the ``Book`` that holds them.
Start reading at ``metrics.py``; ``KINDS`` lists every top-level key with the model of its items. ``problems`` says what is wrong
with a shape in the words of who wrote it, ``shape`` which keys belong where, ``spelling`` where a character stands in its file.
"""

from __future__ import annotations

from decisionlayer.declare.base import Declaration
from decisionlayer.declare.book import Book, Entry, Origin
from decisionlayer.declare.decisions import Criterion, Decision, Discount, Horizon, Options, Scale, View
from decisionlayer.declare.estate import Estate
from decisionlayer.declare.foundations import Assumption, Dialect, Party, Project, UnitBase, Word
from decisionlayer.declare.frames import Calendar, Frame, Fx, Hierarchy
from decisionlayer.declare.metrics import (
    ControlTotal,
    Conversion,
    Earlier,
    EarlierTerm,
    EarlierTranslation,
    Events,
    Exchange,
    Exclusion,
    Grain,
    Manual,
    Metric,
    Near,
    Reweight,
    RollForward,
    Term,
    Tolerance,
    Translation,
)
from decisionlayer.declare.sources import Bridge, Clock, Column, Freshness, Link, MetricDimension, Source, Validity
from decisionlayer.declare.targets import Part, Target

#: Every top-level key of a file: the kind of its items and their model. The item's name stands under the kind's own key.
KINDS: dict[str, tuple[str, type[Declaration]]] = {
    "parties": ("party", Party),
    "units": ("unit", UnitBase),
    "assumptions": ("assumption", Assumption),
    "glossary": ("word", Word),
    "sources": ("source", Source),
    "frames": ("frame", Frame),
    "metrics": ("metric", Metric),
    "decisions": ("decision", Decision),
    "views": ("view", View),
    "targets": ("target", Target),
    "estate": ("estate", Estate),
}

__all__ = [
    "KINDS",
    "Assumption",
    "Book",
    "Bridge",
    "Calendar",
    "Clock",
    "Column",
    "ControlTotal",
    "Conversion",
    "Criterion",
    "Decision",
    "Declaration",
    "Dialect",
    "Discount",
    "Earlier",
    "EarlierTerm",
    "EarlierTranslation",
    "Entry",
    "Estate",
    "Events",
    "Exchange",
    "Exclusion",
    "Frame",
    "Freshness",
    "Fx",
    "Grain",
    "Hierarchy",
    "Horizon",
    "Link",
    "Manual",
    "Metric",
    "MetricDimension",
    "Near",
    "Options",
    "Origin",
    "Part",
    "Party",
    "Project",
    "Reweight",
    "RollForward",
    "Scale",
    "Source",
    "Target",
    "Term",
    "Tolerance",
    "Translation",
    "UnitBase",
    "Validity",
    "View",
    "Word",
]  # fmt: skip

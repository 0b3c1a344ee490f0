"""Chapter frames: calendars, reporting lines and rates, from the book to values of the model."""

from __future__ import annotations

from decisionlayer.resolve.frames.hierarchies import resolve_hierarchies
from decisionlayer.resolve.frames.reading import resolve_frames

__all__ = ["resolve_frames", "resolve_hierarchies"]

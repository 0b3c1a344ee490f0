"""DOORBELLS: the protocols that a plugin author keeps, in one place."""

from __future__ import annotations

from decisionlayer.capabilities import Capabilities
from decisionlayer.run.engine import Engine, Writer

__all__ = ["Capabilities", "Engine", "Writer"]

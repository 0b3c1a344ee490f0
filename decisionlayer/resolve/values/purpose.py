"""Purpose: what a number is for."""

from __future__ import annotations

from enum import Enum


class Purpose(Enum):
    """What a number is for: acting now, or choosing."""

    action = "action"
    choice = "choice"

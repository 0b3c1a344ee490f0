"""The estate scan: SQL from outside, read, run beside the governed numbers, and told apart from them.

In: a ``Desk`` and the project's folder. Out: findings. ``reading.py`` takes SQL apart, ``matching.py`` says which governed number it
competes with, ``scan.py`` runs both, ``idle.py`` finds what nobody reads and what is held twice.
"""

from __future__ import annotations

from decisionlayer.exchange.estate.scan import scan

__all__ = ["scan"]

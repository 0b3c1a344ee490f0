"""decisionlayer: the metrics layer that designs how a frontline number becomes an executive number.

>>> import decisionlayer
>>> len(decisionlayer.__all__)
12

Nothing heavy is loaded before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decisionlayer import declare, plugins
    from decisionlayer.decide.brief import Brief
    from decisionlayer.errors import DecisionLayerError, DeclarationError, EngineError, PolicyError, QueryError
    from decisionlayer.findings import Finding
    from decisionlayer.layer import Layer
    from decisionlayer.plan.query import Query
    from decisionlayer.run.result import Result

__version__ = "0.1.0"

_HOMES = {
    "Layer": "decisionlayer.layer",
    "Query": "decisionlayer.plan.query",
    "Result": "decisionlayer.run.result",
    "Brief": "decisionlayer.decide.brief",
    "Finding": "decisionlayer.findings",
    "DecisionLayerError": "decisionlayer.errors",
    "DeclarationError": "decisionlayer.errors",
    "QueryError": "decisionlayer.errors",
    "PolicyError": "decisionlayer.errors",
    "EngineError": "decisionlayer.errors",
}

__all__ = [
    "Brief",
    "DecisionLayerError",
    "DeclarationError",
    "EngineError",
    "Finding",
    "Layer",
    "PolicyError",
    "Query",
    "QueryError",
    "Result",
    "declare",
    "plugins",
]  # fmt: skip


def __getattr__(name: str) -> object:
    if name in ("declare", "plugins"):
        return import_module(f"decisionlayer.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"decisionlayer has no {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]

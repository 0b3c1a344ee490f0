"""ROOM run: a statement goes in, a result comes out. The only room that talks to a database.

In: ``Statement``. Out: ``Result`` (an Arrow table with its meaning on board), or rows, or an ``EngineError``.
Start reading at ``engine.py``, the protocol; ``duckdb.py`` keeps it natively; ``result.py`` is what users hold.
"""

from __future__ import annotations

from decisionlayer.run.engine import Engine
from decisionlayer.run.result import Fact, Result
from decisionlayer.run.warehouse import open_warehouse

__all__ = ["Engine", "Fact", "Result", "open_warehouse"]

"""ROOM decide: what numbers are for. A decision is evaluated; a naive reading, or a change, is led to step by step.

In: a ``Desk`` and a question, or the name of a decision. Out: a ``Brief`` or a ``Walk``, plain data.
Start reading at ``evaluate.py`` for briefs (``seen.py`` asks, ``scoring.py`` ranks, ``firmness.py`` says what a ranking hangs on), at
``naive.py`` and ``change.py`` for walks; ``arithmetic.py`` computes formulas over naive values.
"""

from __future__ import annotations

from decisionlayer.decide.bases import small_bases
from decisionlayer.decide.beside import with_naive
from decisionlayer.decide.change import change_walk
from decisionlayer.decide.evaluate import brief
from decisionlayer.decide.foretold import foretold
from decisionlayer.decide.misled import misled
from decisionlayer.decide.mixing import watched
from decisionlayer.decide.naive import naive_walk
from decisionlayer.decide.walk import Line, Step, Walk

__all__ = ["Line", "Step", "Walk", "brief", "change_walk", "foretold", "misled", "naive_walk", "small_bases", "watched", "with_naive"]

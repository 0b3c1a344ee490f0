"""ROOM decide: what a number is for. How far the naive reading of a choice number is off, what made it change, and by which steps.

In: a ``Desk`` and a question. Out: a ``Walk``, plain data. Decisions are declared and checked in ``resolve``, published in
``publish``, and evaluated here in a later version (``Brief``).
Start reading at ``naive.py`` and ``change.py``; ``walk.py`` is what comes out; ``arithmetic.py`` computes formulas over naive values.
"""

from __future__ import annotations

from decisionlayer.decide.bases import small_bases
from decisionlayer.decide.beside import with_naive
from decisionlayer.decide.change import change_walk
from decisionlayer.decide.mixing import watched
from decisionlayer.decide.naive import naive_walk
from decisionlayer.decide.walk import Line, Step, Walk

__all__ = ["Line", "Step", "Walk", "change_walk", "naive_walk", "small_bases", "watched", "with_naive"]

"""ROOM plan: a question and a model become a plan whose numbers are correct, and cheap by construction.

In: ``Query``, ``Model``, ``Capabilities``. Out: ``Plan``, or every finding of the question at once. No SQL is spelt here.
Start at ``build.py``, which names the steps: ``bind/`` settles names, paths, periods and filters; ``kinds/`` takes metrics
apart into aggregates and finishes; ``assemble.py`` makes the naive plan; ``rules/`` rewrite it; ``check.py`` proves it.
``nodes.py`` is what a plan is made of, ``show.py`` prints one.
"""

from decisionlayer.plan.build import build
from decisionlayer.plan.check import check_plan
from decisionlayer.plan.show import show

__all__ = ["build", "check_plan", "show"]

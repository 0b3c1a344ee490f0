"""One source needs no meeting.

::

    before: drill across          after: aggregate
              aggregate
"""

from __future__ import annotations

from decisionlayer.plan.nodes import Cells, DrillAcross, Present
from decisionlayer.plan.rules.walking import above_rows


def lone_input(root: Present) -> Present:
    """Where only one pass over rows is left, nothing has to meet."""
    return above_rows(root, _across)


def _across(cells: Cells) -> Cells:
    alone = isinstance(cells, DrillAcross) and len(cells.inputs) == 1 and not cells.beside and cells.filled is None
    return cells.inputs[0] if isinstance(cells, DrillAcross) and alone else cells

"""What does not come out yet, with the reason. A line that has come true fails its test until it is taken out.

The keys are ids of tests: ``S1 values: at one mix``. The ids of ``MUTATIONS`` tell the damage and the rule that is to see it;
``GUARANTEES`` are tests of ``tests/soundness/test_guarantees.py``.
"""

from __future__ import annotations

WAITING: dict[str, str] = {}

REFERENCE: dict[str, str] = {
    "S4 values: by period": "tests.reference.walks.Unanswerable: nothing leads to fiscal.period",
    "S4 values: cost by the week": "tests.reference.walks.Unanswerable: nothing leads to fiscal.period",
    "S4 values: cost per head": "tests.reference.walks.Unanswerable: cost_booked has no clock for fiscal.quarter",
    "S4 values: fourteen weeks against thirteen": "tests.reference.walks.Unanswerable: cost_booked has no clock for fiscal.quarter",
    "S4 values: mean heads": "tests.reference.walks.Unanswerable: heads_now has no clock for fiscal.quarter",
    "S4 values: the quarters themselves": "tests.reference.walks.Unanswerable: cost_booked has no clock for fiscal.quarter",
    "S6 values: a break: the old number stays": "tests.reference.walks.Unanswerable: nothing leads to fiscal.half",
    "S6 values: as reported": "tests.reference.walks.Unanswerable: nothing leads to fiscal.half",
    "S6 values: as reported, compared": "tests.reference.walks.Unanswerable: nothing leads to fiscal.half",
    "S6 values: both halves under the old one": "tests.reference.walks.Unanswerable: nothing leads to fiscal.half",
    "S6 values: restated": "tests.reference.walks.Unanswerable: nothing leads to fiscal.half",
    "S8 values: a filter over the tags doubles nothing": "tests.reference.walks.Unanswerable: tickets does not lead to tags.tag",
    "S10 values: against the target": "tests.reference.walks.Unanswerable: there is no comparison target by None",
    "S10 values: parts against their targets": "tests.reference.walks.Unanswerable: there is no comparison target by None",
}  # fmt: skip

MUTATIONS: dict[str, str] = {}

GUARANTEES: dict[str, str] = {}

"""What does not come out yet, with the reason. A line that has come true fails its test until it is taken out.

The keys are ids of tests: ``S1 values: at one mix``. The ids of ``MUTATIONS`` tell the damage and the rule that is to see it;
``GUARANTEES`` are tests of ``tests/soundness/test_guarantees.py``.
"""

from __future__ import annotations

WAITING: dict[str, str] = {}

REFERENCE: dict[str, str] = {
}  # fmt: skip

MUTATIONS: dict[str, str] = {}

GUARANTEES: dict[str, str] = {}

"""How long the properties are tried. The same few hundred examples every time in ``make test``; more, and new ones, by hand:

PROPERTIES=long pytest tests/properties        20 times as many, from another seed each time
PROPERTIES=200 pytest tests/properties         200 times as many
PROPERTIES_QUESTIONS=3 pytest tests/properties puts so many to each company, as ``make test`` does
PROPERTIES_SHRINK=no pytest tests/properties   shows the first failure as it is, which takes no time

The last line of a run says how many companies were opened and how many different questions to them were answered alike by both.
"""

from __future__ import annotations

import os
from collections import Counter

from hypothesis import HealthCheck, Phase, settings

ASKED = os.environ.get("PROPERTIES", "ci")
SHRINKS = os.environ.get("PROPERTIES_SHRINK") != "no"
TIMES = {"ci": 1, "long": 20}.get(ASKED) or int(ASKED)
#: How many questions a company is put: more, where it is about finding something, for a company costs more than a question.
QUESTIONS = int(os.environ.get("PROPERTIES_QUESTIONS", 3 if ASKED == "ci" else 6))
#: What was done in all.
TALLY: Counter[str] = Counter()


def examples(number: int) -> settings:
    """Return settings for so many examples, or a multiple of them when more was asked for."""
    return settings(
        max_examples=number * TIMES,
        derandomize=ASKED == "ci",
        database=None,
        deadline=None,
        print_blob=True,
        phases=tuple(Phase) if SHRINKS else (Phase.explicit, Phase.generate),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )

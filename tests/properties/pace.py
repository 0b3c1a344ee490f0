"""How long the properties are tried. The same few hundred examples every time in ``make test``; more, and new ones, by hand:

PROPERTIES=long pytest tests/properties        20 times as many, from another seed each time
PROPERTIES=200 pytest tests/properties         200 times as many
PROPERTIES_SHRINK=no pytest tests/properties   shows the first failure as it is, which takes no time
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

ASKED = os.environ.get("PROPERTIES", "ci")
SHRINKS = os.environ.get("PROPERTIES_SHRINK") != "no"
TIMES = {"ci": 1, "long": 20}.get(ASKED) or int(ASKED)


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

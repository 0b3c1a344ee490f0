"""From the opening to the closing of a stock: what came in, what went out, and what the exchange rates did, as a walk.

::

    US receivables in euros (owed_eur), 2026-01 to 2026-03
      opening                     44.00 EUR
      us_eur           +376.00   420.00 EUR
      collected_eur    -346.20    73.80 EUR
      fx                 +6.20    80.00 EUR  what is owed is worth more or less than when it came
        opening          +6.00
        2026-03          +1.20
        2026-01          -1.00
      closing                     80.00 EUR
"""

from __future__ import annotations

from decisionlayer.ask import Desk
from decisionlayer.decide.chain import rounding
from decisionlayer.decide.walk import Line, Step, Walk
from decisionlayer.errors import DeclarationError, QueryError
from decisionlayer.findings import Finding
from decisionlayer.plan.query import Query
from decisionlayer.resolve.model import Metric
from decisionlayer.run.rolling import rolled


def rolled_walk(desk: Desk, metric: Metric, query: Query) -> Walk:
    """Return the walk from the level of a stock before a range to that at its end.

    Raises DeclarationError (``parts-differ``, DL602) where something is left that no flow and no rate explains; QueryError:
    ``bad-question`` for a metric without ``roll_forward``, ``needs-period`` without a range.
    """
    if metric.roll_forward is None:
        raise QueryError(Finding(
            "bad-question", "question", f"`{metric.name}` does not say what leads from one level to the next", metric.place,
            help="declare its flows: `roll_forward: {in: […], out: […]}`",
        ))  # fmt: skip
    found = rolled(desk, metric, query)
    wrong = found.finding()
    if wrong is not None:
        raise DeclarationError(wrong)
    shown = rounding(found.opening, found.closing, *(change for _, change in found.rates), *(amount for _, _, amount in found.flows))
    steps: list[Step] = []
    here = found.opening
    for name, sign, amount in found.flows:
        why = f"{'less ' if sign < 0 else ''}{desk.model.metrics[name].title}"
        steps.append(Step(name, why, shown(here), shown(here + sign * amount), "in" if sign > 0 else "out"))
        here += sign * amount
    if found.rates:
        lines, at = [], here
        for name, change in found.rates:
            lines.append(Line(name if name == "opening" else name[:7], shown(at + change) - shown(at)))
            at += change
        lines.sort(key=lambda line: -abs(line.change))
        why = "what is owed is worth more or less than it was when it came"
        steps.append(Step("fx", why, shown(here), shown(found.closing), "fx", tuple(lines)))
    unit = "" if metric.unit is None else str(metric.unit)
    cell = " to ".join(part for part in (query.start, query.end) if part)
    return Walk(
        metric.name, metric.title or metric.name, unit, cell, shown(found.opening), shown(found.closing), tuple(steps),
        ("opening", "closing"),
    )  # fmt: skip

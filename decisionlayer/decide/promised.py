"""From a promise to what came of it: the walk from a target to its number, told by the parts that were promised.

::

              promised        came out              rate                     mix
    Alpha     100 at 60 %     120 at 55 %           0.275 x -5 points        shares 0.25 → 0.30
    Beta      300 at 76 %     280 at 75 %           0.725 x -1 point         0.75 → 0.70
    all           72.0 %          69.0 %            -2.10 points             -0.90 points
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from decisionlayer.ask import Desk
from decisionlayer.decide.chain import Move, chained
from decisionlayer.decide.drivers import Mix, Parts, mix_of
from decisionlayer.decide.mixing import apart, fraction
from decisionlayer.decide.walk import Walk
from decisionlayer.errors import QueryError
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.names import did_you_mean
from decisionlayer.plan.query import Query
from decisionlayer.resolve.adding.quotients import Quotient, quotient_of
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.tree import Expr
from decisionlayer.resolve.meaning.comparing import exact
from decisionlayer.resolve.model import Metric, Model, Target

#: How what no part was promised for is called.
OTHERS = "without a promise"


def promised_walk(desk: Desk, metric: Metric, name: str, query: Query) -> Walk:
    """Return the walk from a target of a metric to its number, over the rows and the time that the target is for.

    Raises QueryError: ``unknown-name`` for a target that the metric does not have, ``bad-question`` for other rows or another time.
    """
    target = _target(desk.model, metric, name)
    owned = {"start": target.start, "end": target.end, "where": _text(target.where)}
    for key, own in owned.items():
        said = getattr(query, key)
        if said is not None and " ".join(said.split()) != own:
            raise QueryError(Finding(
                "bad-question", "question", f"`{target.name}` is for `{key}` {own or 'nothing'}, and the question says {said}",
                help=f"leave `{key}` out",
            ))  # fmt: skip
    asked = replace(query, start=target.start, end=target.end, where=_text(target.where))
    walk = Walk(
        metric.name, metric.title or metric.name, "" if metric.unit is None else str(metric.unit), _text(target.where) or "",
        target.value, None, (), (target.name, "came out"),
    )  # fmt: skip
    quotient = quotient_of(desk.model, metric)
    figure = exact(desk.answer(asked).rows()[0][-1])
    if figure is None:
        return walk
    mix = _mix(desk, quotient, target, asked) if quotient is not None else None
    first, last = Fraction(target.value), Fraction(figure)
    if mix is not None:
        last = mix.after
    moves = list(_moves(target, mix, last - first, quotient is not None))
    steps = chained(first, last, moves)
    return replace(walk, before=steps[0].before, after=steps[-1].after, steps=steps)


def _moves(target: Target, mix: Mix | None, change: Fraction, is_quotient: bool) -> Iterator[Move]:
    if mix is None:
        yield Move("rate" if is_quotient else "rest", "the number itself", change)
        return
    both = [driver for driver in mix.drivers if driver.is_on_both_sides]
    yield Move("mix", "other shares of the parts than were planned", mix.mix, tuple((driver.name, driver.mix) for driver in mix.drivers))
    yield Move("rate", "other values of the parts than were promised", mix.rate, tuple((driver.name, driver.rate) for driver in both))
    rest = change - mix.change
    if rest:
        yield Move("rest", "the parts as promised do not make the whole", rest)


def _mix(desk: Desk, quotient: Quotient, target: Target, query: Query) -> Mix | None:
    """Return the change by the parts of the target, None where they have no base."""
    before: dict[str, Parts] = {}
    after: dict[str, Parts] = {}
    whole = _halves(desk, quotient, query)
    for part in target.parts:
        if part.base is None:
            return None
        name, base = text_of(part.where), Fraction(part.base)
        before[name] = Fraction(part.value) * base, base
        conditions = [f"({text})" for text in (_text(target.where), name) if text]
        after[name] = _halves(desk, quotient, replace(query, where=" and ".join(conditions)))
    if not before:
        return None
    left = whole[0] - sum(over for over, _ in after.values()), whole[1] - sum(under for _, under in after.values())
    return mix_of(before, after | ({OTHERS: left} if any(left) else {}))


def _halves(desk: Desk, quotient: Quotient, query: Query) -> Parts:
    asked = replace(query, metrics=(quotient.over.name, quotient.under.name))
    over, under = desk.beside(apart(desk.model, quotient)).answer(asked).rows()[0]
    return fraction(over), fraction(under)


def _text(where: Expr | None) -> str | None:
    return None if where is None else text_of(where)


def _target(model: Model, metric: Metric, name: str) -> Target:
    own = [target.name for target in model.targets.values() if target.metric == metric.name]
    if name not in own:
        raise QueryError(Finding(
            "unknown-name", f"target {name}", f"`{metric.name}` has no target `{name}`", help=did_you_mean(name, own),
        ))  # fmt: skip
    return model.targets[name]

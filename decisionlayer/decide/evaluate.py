"""A decision becomes a brief: asked over each horizon, ranked, and laid out with all that the ranking hangs on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from decisionlayer.ask import Desk
from decisionlayer.decide.brief import Brief
from decisionlayer.decide.firmness import Ranking, Swap, crossovers, findings, rank
from decisionlayer.decide.flagged import chosen, flag_as_data, open_flags
from decisionlayer.decide.option_walks import OptionWalk, horizon_rolls, horizon_walks
from decisionlayer.decide.scoring import Place, decimal, rounded, written
from decisionlayer.decide.seen import option_text, see
from decisionlayer.decide.sentences import trade_offs, verdict
from decisionlayer.decide.unread import unread
from decisionlayer.errors import DecisionLayerError, DeclarationError, PolicyError, QueryError
from decisionlayer.findings import Finding, in_order
from decisionlayer.frozen import replace
from decisionlayer.names import did_you_mean
from decisionlayer.plan.bind.structure import today_in
from decisionlayer.resolve.model import Decision, Model
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.trust.standing import Standings


def brief(desk: Desk, name: str, *, today: dt.date | None = None, known_on: dt.date | None = None) -> Brief:
    """Return the brief of a decision, as it is on ``today``; what arrived after ``known_on`` is left out of every number.

    Raises QueryError ``unknown-name``; DeclarationError for a decision that is broken; PolicyError where it must not be
    weighed yet; and what asking raises, as findings of the decision.
    """
    model = desk.model
    decision = _decision(model, name)
    on = today or known_on or today_in(model.project)
    rankings = []
    for horizon in decision.horizons:
        try:
            rankings.append(rank(desk, see(desk, decision, horizon, on, known_on)))
        except DecisionLayerError as refused:
            raise type(refused)([_of_horizon(decision, horizon.name, finding) for finding in refused.findings]) from refused
    crossed = crossovers(rankings)
    walked = [horizon_walks(desk, ranking.seen) for ranking in rankings]
    rolls = [horizon_rolls(desk, ranking.seen) for ranking in rankings]
    choice = tuple(chosen(model, decision, on))
    standing = Standings.of(model).thing(f"decision {name}", on, known_on=None if known_on is None else known_on.isoformat())
    found = [finding for ranking in rankings for finding in (*findings(decision, ranking, choice), *unread(desk, decision, ranking))]
    passports = {
        one: passport
        for ranking in rankings
        for one, passport in ranking.seen.result.passports.items()
        if one in ranking.seen.criteria
    }
    return Brief(
        decision=decision.name,
        status=standing.status,
        known_on=known_on,
        horizons=tuple(_horizon(model, *each) for each in zip(rankings, walked, rolls, strict=True)),
        flags=tuple(flag_as_data(desk, flag, rankings) for flag in open_flags(model, decision, on)),
        findings=in_order((*_stamped(model, decision), *found, *_misled(walked), *(() if standing.untouched else standing.findings))),
        question=decision.question,
        decider=decision.decider or "",
        agree=decision.agree,
        mode=decision.mode,
        today=on,
        meaning=decision.meaning,
        status_quo=None if decision.status_quo in (None, "none") else decision.status_quo,
        because=decision.because,
        draft_because=() if standing.official else tuple(standing.because),
        crossovers=tuple({"between": list(one.between), "from": one.horizons[0], "to": one.horizons[1]} for one in crossed),
        passports=dict(sorted(passports.items())),
    )


def _decision(model: Model, name: str) -> Decision:
    subject = f"decision {name}"
    broken = model.broken.get(subject)
    if broken is not None:
        raise DeclarationError(broken)
    decision = model.decisions.get(name)
    if decision is None:
        raise QueryError(Finding("unknown-name", subject, f"there is no decision `{name}`", help=did_you_mean(name, model.decisions)))
    held = model.licence.get(subject, ())
    if held:
        raise PolicyError(held)
    lacks = [what for what, there in (("criterion", decision.criteria), ("horizon", decision.horizons)) if not there]
    if lacks:
        raise DeclarationError(Finding(
            "missing-key", subject, f"decision `{name}` has no {' and no '.join(lacks)}, so there is nothing to lay out", decision.place,
            help="add `criteria:` with choice metrics and `horizons:`",
        ))  # fmt: skip
    return decision


def _of_horizon(decision: Decision, horizon: str, finding: Finding) -> Finding:
    if finding.subject != "question":
        return finding
    message = f"decision `{decision.name}` over `{horizon}`: {finding.message}"
    return replace(finding, subject=f"decision {decision.name}", message=message, place=finding.place or decision.place)


def _stamped(model: Model, decision: Decision) -> tuple[Finding, ...]:
    """Return what is stamped on the decision: findings that stop nothing, about it or about a number beneath it."""
    beneath = Beneath(model.metrics)
    stands_on = {f"metric {part.name}" for criterion in decision.criteria for part in beneath.tree(criterion.metric)}
    subjects = {f"decision {decision.name}", *stands_on}
    return tuple(finding for finding in model.findings if not finding.is_error and finding.subject in subjects)


# -- as plain data ---------------------------------------------------------------------------------------------------


def _misled(walked: Iterable[Iterable[OptionWalk]]) -> Iterator[Finding]:
    """Yield what the walks found: totals that move against their classes (DL601), each with the option that it is of."""
    for walks in walked:
        for one in walks:
            for finding in () if one.walk is None else one.walk.findings:
                yield replace(finding, message=f"for option `{one.option}`, {finding.message}" if one.option else finding.message)


def _horizon(model: Model, ranking: Ranking, walks: Iterable[OptionWalk], rolls: Iterable[OptionWalk]) -> Mapping[str, object]:
    seen = ranking.seen
    return {
        "name": ranking.name,
        "start": seen.query.start,
        "end": seen.query.end,
        "against": seen.horizon.against,
        **seen.horizon.reads,
        "says": verdict(ranking),
        "options": _options(ranking.governed),
        "naive": _options(ranking.naive.places),
        "swaps": [_swap(swap) for swap in ranking.swaps],
        "only": [_swap(swap) for swap in ranking.only],
        "break_evens": _break_evens(ranking),
        "trade_offs": list(trade_offs(model, ranking)),
        "naive_walks": [one.as_json(seen.options()) for one in ranking.naive_walks],
        "walks": [one.as_json() for one in walks],
        "rolls": [one.rolled_as_json() for one in rolls],
        "facts": _facts(ranking),
        "notes": list(seen.result.notes),
    }


def _options(places: tuple[Place, ...]) -> list[Mapping[str, object]]:
    return [
        {
            "option": one.option,
            "place": one.place,
            "score": decimal(rounded(one.score)),
            "values": {metric: written(value) for metric, value in one.values.items()},
            "vetoed": list(one.vetoed),
            "dominated_by": list(one.dominated_by),
        }
        for one in places
    ]


def _break_evens(ranking: Ranking) -> list[Mapping[str, object]]:
    """Return the break-evens; ``nearest`` marks those at which the first place changes hands."""
    near = [even for even, _ in ranking.nearest()]
    now = {one.metric: one.weight for one in ranking.criteria}
    return [
        {
            "criterion": one.criterion, "between": list(one.between), "weight": decimal(one.weight),
            "now": decimal(now[one.criterion]), "nearest": one in near,
        }
        for one in ranking.break_evens
    ]  # fmt: skip


def _swap(swap: Swap) -> Mapping[str, object]:
    plain = {"definition": swap.definition.name, "metrics": list(swap.definition.metrics), "why": swap.definition.why}
    refused = {"refused": [finding.message for finding in swap.refused]} if swap.refused else {}
    return {**plain, **refused, "options": _options(swap.places)}


def _facts(ranking: Ranking) -> list[Mapping[str, object]]:
    """Return each number of the answer with its cell, and what it stood at before where the horizon says against what."""
    seen = ranking.seen
    options = set(seen.options())
    width, columns = len(seen.query.by), seen.result.columns
    told: list[Mapping[str, object]] = []
    for row in seen.result.rows():
        cell = dict(zip(columns[:width], row[:width], strict=True))
        if seen.decision.dimension is not None and option_text(row[width - 1]) not in options:
            continue
        for metric in seen.criteria:
            own = {column: _plain(value) for column, value in zip(columns, row, strict=True) if column.startswith(f"{metric}__")}
            passport = seen.result.passport(metric)
            told.append({
                "metric": metric, "cell": cell, "value": _plain(row[columns.index(metric)]), **own,
                "unit": passport["unit"], "meaning": passport["meaning"],
            })  # fmt: skip
    return told


def _plain(value: object) -> object:
    return Decimal(repr(value)) if isinstance(value, float) else value


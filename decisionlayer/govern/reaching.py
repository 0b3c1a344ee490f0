"""Reaching: who and what a change reaches, and over how many steps; which signatures it voids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import names
from decisionlayer.resolve.model import Formula, Measure, Metric, Model, Term
from decisionlayer.resolve.reach.beneath import parts_of
from decisionlayer.resolve.reach.paths import Paths
from decisionlayer.resolve.trust.appended import meaning_then
from decisionlayer.resolve.trust.signable import named

if TYPE_CHECKING:
    from decisionlayer.declare.records import Sign


@dataclass(frozen=True, slots=True)
class Voided:
    """A signature that stands for another meaning than there is now: which record, for what, whose, and until when it would hold."""

    record: str
    name: str
    by: str
    until: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What stands on a changed thing, by name with the number of steps between, and who answers for any of it."""

    metrics: Mapping[str, int]
    decisions: Mapping[str, int]
    views: Mapping[str, int]
    targets: Mapping[str, int]
    owners: tuple[str, ...]
    signatures: tuple[Voided, ...]

    def as_json(self) -> dict[str, object]:
        """Return the reach as plain data."""
        signatures = [{"record": each.record, "for": each.name, "by": each.by, "until": each.until} for each in self.signatures]
        return {
            "metrics": dict(self.metrics), "decisions": dict(self.decisions), "views": dict(self.views), "targets": dict(self.targets),
            "owners": list(self.owners), "signatures": signatures,
        }  # fmt: skip


class Reaching:
    """What reaches what, in one state of a project or in two: whatever stood on a thing before or stands on it now."""

    def __init__(self, before: Model, after: Model) -> None:
        self.models = (before, after)
        self.above: dict[str, set[str]] = {}
        for model in self.models:
            for name, metric in model.metrics.items():
                for below in parts_of(metric):
                    self.above.setdefault(below, set()).add(metric.edition_of or name)
        self._read: dict[tuple[int, str], frozenset[str]] = {}

    def of(self, kind: str, name: str, voided: Iterable[Voided]) -> Reach:
        """Return what a changed object reaches."""
        hops = self._metrics(kind, name)
        decisions: dict[str, int] = {}
        views: dict[str, int] = {}
        targets: dict[str, int] = {}
        for model in self.models:
            for decision in model.decisions.values():
                _nearest(decisions, decision.name, [hops[c.metric] for c in decision.criteria if c.metric in hops])
            for view in model.views.values():
                asked = view.question.get("metrics")
                _nearest(views, view.name, [hops[each] for each in asked if each in hops] if isinstance(asked, list | tuple) else [])
            for target in model.targets.values():
                _nearest(targets, target.name, [hops[target.metric]] if target.metric in hops else [])
        reached = {name, *hops, *decisions, *views, *targets}
        return Reach(
            _in_order({each: count for each, count in hops.items() if count}), _in_order(decisions), _in_order(views), _in_order(targets),
            self._owners(kind, name, hops, (*decisions, *views, *targets)),
            tuple(each for each in voided if each.name in reached),
        )  # fmt: skip

    def _metrics(self, kind: str, name: str) -> dict[str, int]:
        """Return every metric that stands on a thing, with how many steps lie between."""
        found: dict[str, int] = {}
        reading = ((model, each) for model in self.models for each in model.metrics)
        here = {name} if kind == "metric" else {each for model, each in reading if self._reads(model, each, kind, name)}
        here = {self._named(each) for each in here}
        steps = 0 if kind == "metric" else 1
        while here:
            found.update(dict.fromkeys(here, steps))
            here = {above for each in here for above in self.above.get(each, ()) if above not in found}
            steps += 1
        return found

    def _named(self, name: str) -> str:
        return next((metric.edition_of for model in self.models if (metric := model.metrics.get(name)) and metric.edition_of), name)

    def _reads(self, model: Model, name: str, kind: str, other: str) -> bool:
        """Say whether a metric itself reads an assumption, a source or a frame."""
        metric = model.metrics[name]
        match kind:
            case "assumption":
                return isinstance(metric.body, Formula) and other in metric.body.assumptions
            case "source":
                return other in self.read_by(model, metric)
            case "frame":
                line = model.hierarchies.get(other)
                if line is not None:
                    return line.source in self.read_by(model, metric)
                texts = [metric.limit.time or "", *_paths(metric)]
                converts = any(term.convert is not None and term.convert.frame == other for term in _terms(metric))
                return converts or any(text.startswith(f"{other}.") for text in texts)
            case _:
                return False

    def read_by(self, model: Model, metric: Metric) -> frozenset[str]:
        """Return the sources that a measure's own rows are of, and all to which its paths lead."""
        if not isinstance(metric.body, Measure):
            return frozenset()
        first = metric.body.source
        key = (id(model), first)
        if key not in self._read:
            walks = Paths.of(model).walks(first) if first in model.sources else ()
            self._read[key] = frozenset({first, *(hop.target for walk in walks for hop in walk)})
        match = metric.body.match
        return self._read[key] if match is None else self._read[key] | {match.source}

    def _owners(self, kind: str, name: str, hops: Mapping[str, int], others: Iterable[str]) -> tuple[str, ...]:
        """Return who answers for the changed thing and for what it reaches."""
        found: set[str | None] = set()
        for model in self.models:
            kinds: Mapping[str, Mapping[str, object]] = {
                "source": model.sources, "assumption": model.assumptions,
                "frame": {**model.project.calendars, **model.rates, **model.hierarchies},
                "decision": model.decisions, "view": model.views, "target": model.targets,
            }  # fmt: skip
            things = [kinds.get(kind, {}).get(name)]
            things += [kinds[each][other] for each in ("decision", "view", "target") for other in others if other in kinds[each]]
            metrics = [model.metrics[each] for each in hops if each in model.metrics]
            for thing in (*things, *metrics, *(metric.translation for metric in metrics)):
                found |= {getattr(thing, key, None) for key in ("owner", "decider", "accepted_by")}
        return tuple(sorted(owner for owner in found if owner))


def voided_by(before: Model, after: Model) -> tuple[Voided, ...]:
    """Return the signatures that stood for a meaning of before and no longer stand for what there is."""
    if not after.log.records and not before.log.records:
        return ()
    from decisionlayer.declare.records import Sign

    was, now = _meanings(before), _meanings(after)
    found = []
    for record, sign in (after.log if after.log.records else before.log).of(Sign):
        for name, meaning in sign.meaning.items():
            if meaning in was.get(name, ()) and meaning not in now.get(name, ()) and not _still_means(after, sign, name):
                found.append(Voided(record, name, sign.by, str(sign.until)))
    return tuple(found)


def _still_means(model: Model, sign: Sign, name: str) -> bool:
    """Whether nothing but lines at the end of frames was added to what was signed."""
    return any(meaning_then(model, thing.subject, sign.frames) == sign.meaning[name] for thing in named(model, name)[:1])


def _meanings(model: Model) -> dict[str, set[str]]:
    """Return what each name means; two kinds may share one."""
    found: dict[str, set[str]] = {}
    things: tuple[Mapping[str, object], ...] = (
        model.metrics, model.decisions, model.views, model.sources, model.assumptions, model.targets, model.project.calendars, model.rates,
    )  # fmt: skip
    for kind in things:
        for name, item in kind.items():
            found.setdefault(name, set()).add(str(getattr(item, "meaning", "")))
    return found


def _nearest(found: dict[str, int], name: str, hops: list[int]) -> None:
    if hops:
        found[name] = min([hop + 1 for hop in hops] + ([found[name]] if name in found else []))


def _in_order(found: Mapping[str, int]) -> dict[str, int]:
    return {name: found[name] for name in sorted(found, key=lambda each: (found[each], each))}


def _paths(metric: Metric) -> tuple[str, ...]:
    body = metric.body
    exprs = [body.expr] if isinstance(body, Formula) else [each for each in (body.expr, body.population, body.where) if each is not None]
    return tuple(node.text for expr in exprs for node in names(expr))


def _terms(metric: Metric) -> tuple[Term, ...]:
    return tuple(metric.body.terms.values()) if isinstance(metric.body, Formula) else ()

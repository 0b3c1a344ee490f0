"""The difference between two states of a project: what changed in meaning, what it does to the numbers, and whom it reaches.

| class | what changed |
|---|---|
| wording | prose, owners, names: every number is the same and may be used as before |
| additive | a new thing, or a new slice of an old one; that no old number moves was proven by asking both states |
| restating | numbers of the past may move. Whatever is not known to be harmless counts as this |
| incomparable | another unit, kind, purpose, direction, rows of another thing, a coarser grain: the old number and the new are two |

How the past is treated is told beside it: restated, or left as it was with a break. What merely stands on a changed thing takes
its class from what reaches it, and a change that moves no meaning reaches nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from enum import Enum
from pathlib import Path

from decisionlayer.ask import Desk
from decisionlayer.frozen import dataclass, replace
from decisionlayer.govern.effects import Effect, effect_of
from decisionlayer.govern.facets import Facets, of_metric
from decisionlayer.govern.reaching import Reach, Reaching, voided_by
from decisionlayer.govern.states import State, states_of
from decisionlayer.names import PERIODS
from decisionlayer.resolve.model import DataFile, Formula, Measure, Metric, Model, Tree
from decisionlayer.resolve.reach.beneath import parts_of
from decisionlayer.resolve.trust.restatements import is_restated
from decisionlayer.run import Engine


class Kind(Enum):
    """What a change does to the meaning of numbers, from harmless to worst."""

    wording = "wording"
    additive = "additive"
    restating = "restating"
    incomparable = "incomparable"

    @property
    def weight(self) -> int:
        """How bad it is, from 0."""
        return list(Kind).index(self)


@dataclass(frozen=True, slots=True)
class History:
    """How a changed definition treats the past: ``restated`` or left with a ``break``; from when on it holds, None for ever.

    ``recorded`` says that somebody signed for the restatement.
    """

    past: str
    since: dt.date | None
    recorded: bool


@dataclass(frozen=True, slots=True)
class Change:
    """One object that is another one, by its kind and name: its class, what changed, how the past is treated, and what it reaches.

    ``because`` names the changes that reached it, where it was not changed itself. ``effect`` is there for numbers that were
    there before and are there now; ``unit`` is that of the number.
    """

    subject: str
    kind: Kind
    what: tuple[str, ...]
    because: tuple[str, ...]
    history: History | None
    effect: Effect | None
    reaches: Reach
    unit: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the change as plain data; figures are decimals."""
        history = None
        if self.history is not None:
            since = self.history.since
            history = {"past": self.history.past, "since": since and since.isoformat(), "recorded": self.history.recorded}
        return {
            "object": self.subject, "class": self.kind.value, "what": list(self.what), "because": list(self.because), "history": history,
            "effect": None if self.effect is None else self.effect.as_json(), "reaches": self.reaches.as_json(),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Diff:
    """Two states of a project and every change between them, the worst first."""

    before: str
    after: str
    changes: tuple[Change, ...]

    @property
    def worst(self) -> Kind | None:
        """The worst class of all changes, None without any."""
        return max((change.kind for change in self.changes), key=lambda kind: kind.weight, default=None)

    def as_json(self) -> dict[str, object]:
        """Return the difference as plain data."""
        return {"before": self.before, "after": self.after, "changes": [change.as_json() for change in self.changes]}

    def render(self, width: int = 100) -> str:
        """Return the difference as text."""
        from decisionlayer.govern.shown import as_text

        return as_text(self, width)

    def as_markdown(self) -> str:
        """Return the difference as Markdown, for a pull request."""
        from decisionlayer.govern.shown import as_markdown

        return as_markdown(self)


def diff_of(
    before: Model, after: Model, engine: Engine | None, names: tuple[str, str] = ("before", "after"), *, root: str | None = None
) -> Diff:
    """Return what changed from one model to another; both are asked on the same warehouse where there is one.

    With ``root`` both read the data files that lie in that folder, wherever the declarations came from.
    """
    if root is not None:
        before, after = reading_files_of(before, root), reading_files_of(after, root)
    return _Differ(before, after, engine, names).diff()


def reading_files_of(model: Model, root: str) -> Model:
    """Return a model whose files are those of one folder, so that nothing but the declarations differs."""
    sources = {}
    for name, source in model.sources.items():
        relation = source.relation
        if isinstance(relation, DataFile):
            relation = replace(relation, absolute=str(Path(root, relation.path).resolve()))
        elif isinstance(relation, Tree) and isinstance(relation.rows, DataFile):
            relation = replace(relation, rows=replace(relation.rows, absolute=str(Path(root, relation.rows.path).resolve())))
        sources[name] = source if relation is source.relation else replace(source, relation=relation)
    return replace(model, sources=sources)


class _Differ:
    """Two models, while they are set side by side."""

    def __init__(self, before: Model, after: Model, engine: Engine | None, names: tuple[str, str]) -> None:
        self.before, self.after, self.names = before, after, names
        self.desks = None if engine is None else (Desk(before, engine), Desk(after, engine))
        self.reaching = Reaching(before, after)
        self.voided = voided_by(before, after)
        #: The class of every changed thing below the metrics, and then of the metrics, by ``kind name``.
        self.kinds: dict[str, Kind] = {}
        self.changes: list[Change] = []

    def diff(self) -> Diff:
        below, above = states_of(self.before, self.after)
        for state in below:
            self._add(state)
        self._metrics()
        for state in above:
            self._add(state)
        order = sorted(self.changes, key=lambda change: (-change.kind.weight, bool(change.because), _rank(change), change.subject))
        return Diff(*self.names, tuple(order))

    # things that are no numbers

    def _add(self, state: State) -> None:
        told = state.told()
        if told is None:
            return
        kind = Kind[told.kind]
        because: tuple[str, ...] = ()
        if not told.what:  # its own words are the same: what it stands on is not
            because = tuple(name for name in (f"metric {each}" for each in state.stands_on) if self.kinds.get(name, Kind.wording).weight)
            kind = min(Kind.restating, max((self.kinds[name] for name in because), key=_weight, default=Kind.restating), key=_weight)
        self._change(state.kind, state.name, kind, told.what, because)

    def _change(
        self, of: str, name: str, kind: Kind, what: tuple[str, ...], because: tuple[str, ...] = (), history: History | None = None,
        effect: Effect | None = None, unit: str = "",
    ) -> None:  # fmt: skip
        self.kinds[f"{of} {name}"] = kind
        reach = self.reaching.of(of, name, self.voided) if kind is not Kind.wording else _of_nobody(self.reaching, of, name)
        self.changes.append(Change(f"{of} {name}", kind, what, because, history, effect, reach, unit))

    # numbers

    def _metrics(self) -> None:
        was, now = self.before.named_metrics, self.after.named_metrics
        gone = {name for name in was if name not in now and f"metric {name}" not in self.after.broken}
        came = [name for name in now if name not in was and f"metric {name}" not in self.before.broken]
        called = {was[name].meaning: name for name in sorted(gone, reverse=True)}
        for name in _bottom_up(now, self.after):
            if name in was and (lost := self._unreadable(name)):
                self._change("metric", name, Kind.restating, (lost,))
            elif name in was:
                self._metric(was[name], now[name])
            elif name not in came:
                self._change("metric", name, Kind.restating, (f"could not be read before: {_broken(self.before, name)}",))
            elif (former := called.pop(now[name].meaning, None)) is not None:
                gone.discard(former)
                self._change("metric", name, Kind.wording, (f"was called `{former}`",))
            else:
                self._change("metric", name, Kind.additive, ("is new",))
        for name in was:
            if name in gone:
                self._change("metric", name, Kind.incomparable, ("is gone",))
            elif name not in now and f"metric {name}" in self.after.broken:
                self._change("metric", name, Kind.restating, (f"can no longer be read: {_broken(self.after, name)}",))

    def _unreadable(self, name: str) -> str:
        """Return what is said of a metric that is broken on one side only; nothing of any other."""
        was, now = (f"metric {name}" in model.broken for model in (self.before, self.after))
        if was == now:
            return ""
        return f"can no longer be read: {_broken(self.after, name)}" if now else f"could not be read before: {_broken(self.before, name)}"

    def _metric(self, was: Metric, now: Metric) -> None:
        if was.meaning == now.meaning:
            if was.wording != now.wording:
                self._change("metric", now.name, Kind.wording, tuple(_prose(was, now)) or ("its words",))
            return
        first, last = of_metric(self.before, was), of_metric(self.after, now)
        what = tuple(compared(first, last))
        because = tuple(name for name in self._beneath(was, now) if self.kinds.get(name, Kind.wording).weight)
        kinds = [*_own_kinds(first, last, was, now, self.after), *(min(self.kinds[name], Kind.restating, key=_weight) for name in because)]
        kind = max(kinds, key=_weight, default=Kind.restating)
        effect = None
        if self.desks is not None:
            effect = effect_of(*self.desks, was, now, everywhere=kind is Kind.additive)
        if kind is Kind.additive and (effect is None or not effect.proven):
            what = (*what, "counts as restating, for nothing proves that no number moves")
            kind = Kind.restating
        history = _history(self.after, was, now) if what else None
        if not what and not because:
            what = ("stands on something else that has no name of its own, such as the zone or the week",)
        self._change(
            "metric", now.name, kind, what, () if what and not because else because, history, effect, now.unit_said or "",
        )  # fmt: skip

    def _beneath(self, *metrics: Metric) -> Iterator[str]:
        """Yield what a metric stands on directly, in either state, as changes are called."""
        found: dict[str, None] = {}
        for model, metric in zip((self.before, self.after), metrics, strict=True):
            found.update(dict.fromkeys(f"metric {name}" for name in parts_of(metric)))
            if isinstance(metric.body, Formula):
                found.update(dict.fromkeys(f"assumption {name}" for name in metric.body.assumptions))
                frames = (term.convert.frame for term in metric.body.terms.values() if term.convert is not None)
                found.update(dict.fromkeys(f"frame {name}" for name in frames))
            elif isinstance(metric.body, Measure):
                found.update(dict.fromkeys(f"source {name}" for name in sorted(self.reaching.read_by(model, metric))))
            lines = {line.source: name for name, line in model.hierarchies.items()}
            read = (each.removeprefix("source ") for each in tuple(found) if each.startswith("source "))
            found.update(dict.fromkeys(f"frame {lines[each]}" for each in read if each in lines))
            frames = (name for name in model.project.calendars if (metric.limit.time or "").startswith(f"{name}."))
            found.update(dict.fromkeys(f"frame {name}" for name in frames))
        yield from found


#: Facets of a metric that make another number of it.
_ANOTHER = ("purpose", "unit", "better", "kind", "rows of")


#: Facets that hold a number to something and make none of it; that none moves is proven all the same.
_CHECKS = ("tolerance", "control total")


def _own_kinds(first: Facets, last: Facets, was: Metric, now: Metric, model: Model) -> Iterator[Kind]:
    for name in dict.fromkeys((*first, *last)):
        if first.get(name, (None, ""))[0] == last.get(name, (None, ""))[0]:
            continue
        if name in _ANOTHER:
            yield Kind.incomparable
        elif name == "time":
            yield Kind.additive if _is_finer(was.limit.time, now.limit.time, model) else Kind.incomparable
        elif name == "splits":
            old, new = was.limit.by, now.limit.by
            yield Kind.additive if new is None or (old is not None and set(old) <= set(new)) else Kind.incomparable
        else:
            yield Kind.additive if name in _CHECKS else Kind.restating


def _is_finer(was: str | None, now: str | None, model: Model) -> bool:
    """Say whether every question by time that was answered still is."""
    if was is None or now is None:
        return now is None
    return model.project.almanac.is_whole(now, was) if was in PERIODS or "." in was else False


def compared(first: Facets, last: Facets) -> Iterator[str]:
    """Yield what differs between two states, facet by facet, in words."""
    for name in dict.fromkeys((*first, *last)):
        was, now = first.get(name), last.get(name)
        if was is None and now is not None:
            yield f"{name} is new: {now[1]}"
        elif now is None and was is not None:
            yield f"{name} is gone: {was[1]}"
        elif was is not None and now is not None and was[0] != now[0]:
            yield f"{name}: {was[1]} → {now[1]}"


def _prose(was: Metric, now: Metric) -> Iterator[str]:
    for key in ("title", "definition", "owner", "respond", "digits", "watch", "min_base"):
        before, after = getattr(was, key), getattr(now, key)
        if before != after:
            yield f"{key}: {_short(before)} → {_short(after)}"
    for key in ("owner", "why", "loses"):
        before, after = (getattr(each.translation, key, None) for each in (was, now))
        if before != after:
            yield f"{key} of its translation: {_short(before)} → {_short(after)}"


def _short(value: object) -> str:
    text = "nothing" if value in (None, "", ()) else ", ".join(value) if isinstance(value, tuple) else str(value)
    return text if len(text) <= 60 else f"{text[:57].rstrip()}…"


def _history(model: Model, was: Metric, now: Metric) -> History:
    """Return how the past of a changed definition is treated: as its newest dated one says, else all of it is read anew."""
    if len(now.editions) > 1 and now.editions != was.editions:
        newest = now.editions[0]
        return History(newest.past or "restated", newest.since, newest.past != "break" and is_restated(model, now.name, newest.since))
    return History("restated", None, False)


def _bottom_up(metrics: Mapping[str, Metric], model: Model) -> Iterator[str]:
    from decisionlayer.resolve.reach.beneath import bottom_up

    return (name for name in bottom_up(model.metrics) if name in metrics)


def _broken(model: Model, name: str) -> str:
    return model.broken[f"metric {name}"][0].message


#: What stands on what: in this order objects of one class are told.
_RANKS = ("project", "assumption", "source", "frame", "metric", "decision", "view", "target", "party", "glossary")


def _rank(change: Change) -> int:
    return _RANKS.index(change.subject.partition(" ")[0])


def _weight(kind: Kind) -> int:
    return kind.weight


def _of_nobody(reaching: Reaching, of: str, name: str) -> Reach:
    """Words reach nobody's number; who owns the thing, and whose signature they void, is told all the same."""
    reach = reaching.of(of, name, ())
    return replace(reach, metrics={}, decisions={}, views={}, targets={}, owners=reach.owners[:0])

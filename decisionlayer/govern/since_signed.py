"""Since it was signed: what an edit of the meaning does to the number, measured against the very state that was signed.

A signature keeps a fingerprint and no definition. Which state it was given for is not guessed: of those that git kept, one counts
only where the thing has the meaning that was signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from decisionlayer.ask import Desk
from decisionlayer.findings import Finding
from decisionlayer.frozen import replace
from decisionlayer.govern.diff import reading_files_of
from decisionlayer.govern.effects import effect_of
from decisionlayer.govern.shown import effect_said
from decisionlayer.load.kept import kept_states
from decisionlayer.load.project import load_project
from decisionlayer.load.revisions import read_state
from decisionlayer.resolve import resolve
from decisionlayer.resolve.model import Model
from decisionlayer.resolve.trust.signable import signables
from decisionlayer.resolve.trust.signatures import OTHER, Signed
from decisionlayer.resolve.trust.standing import Standings
from decisionlayer.resolve.values.uses import texts

#: So many states are read for one signature; what is older is measured by hand.
_STATES = 12


class SinceSigned:
    """What changed since it was signed, in a project whose folder is ``root``, asked at one desk. Each state is read once."""

    def __init__(self, desk: Desk, root: str) -> None:
        self.desk, self.root = desk, root
        self._read: dict[str, Model] = {}

    def measured(self, finding: Finding) -> Finding:
        """Return a ``changed-since-signed`` with what the change does to the numbers, or with how to measure it."""
        last = _last(self.desk.model, finding.subject)
        if last is None:
            return finding
        for commit in kept_states(self.root, last.record, _STATES):
            before = self._state(commit)
            then = signables(before).get(finding.subject)
            if then is not None and then.meaning == last.meaning:
                damage = "; ".join(self._effects(before, finding.subject))
                return replace(finding, damage=damage, help=f"{finding.help}; `decisionlayer diff {commit[:10]}` shows all that changed")
        told = "`decisionlayer diff REV` measures it, against a revision or a folder in which it meant what was signed"
        return replace(finding, help=f"{finding.help}; {told}")

    def _state(self, commit: str) -> Model:
        if commit not in self._read:
            found = resolve(read_state(self.root, commit, load_project), today=self.desk.model.today)
            self._read[commit] = reading_files_of(found, self.root)
        return self._read[commit]

    def _effects(self, before: Model, subject: str) -> Iterator[str]:
        """Yield what became of each number of a thing that means something else than in that state."""
        after, engine = self.desk.model, self.desk.engine
        assert engine is not None
        of = tuple(dict.fromkeys((*_numbers(before, subject), *_numbers(after, subject))))
        for name in of:
            was, now = before.metrics.get(name), after.metrics.get(name)
            label = f"`{name}` " if len(of) > 1 else ""
            if was is None or now is None:
                yield f"`{name}` {'is new' if was is None else 'is gone'}"
            elif was.meaning != now.meaning:
                effect = effect_of(Desk(before, engine), Desk(after, engine), was, now, everywhere=False)
                yield f"{label}{effect_said(effect, now.unit_said or '')}"


def _last(model: Model, subject: str) -> Signed | None:
    """Return the newest signature that was given for another meaning than the thing has."""
    given = Standings.of(model).thing(subject).signatures.get(subject, ())
    other = [one for one in given if one.why_not == OTHER]
    return max(other, key=lambda one: one.dated, default=None)


def _numbers(model: Model, subject: str) -> Iterable[str]:
    """Return the metrics that a thing shows."""
    kind, _, name = subject.partition(" ")
    match kind:
        case "metric":
            return (name,)
        case "decision" if name in model.decisions:
            return [criterion.metric for criterion in model.decisions[name].criteria]
        case "view" if name in model.views:
            return texts(model.views[name].question.get("metrics"))
        case "target" if name in model.targets:
            return (model.targets[name].metric,)
        case _:
            return ()

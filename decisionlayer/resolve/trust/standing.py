"""Standing: whether a number is official on a day, and who signed what of it; the weakest link decides.

A number stands on *links*: the metrics, decisions and frames that somebody must have signed. Those that are asked are links
themselves; of what lies beneath them the choice metrics and the frames, for a choice metric carries the meaning of all that is
beneath it. A link holds when a signature for exactly its meaning is in force on the day, by somebody who is a party, and who
is not its owner where it is for choosing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass, replace
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.model import Measure, Metric, Model, Purpose
from decisionlayer.resolve.reach.beneath import Beneath
from decisionlayer.resolve.trust.flags import Flagged, blocking, open_about
from decisionlayer.resolve.trust.handing import moves_of, owner_after
from decisionlayer.resolve.trust.signable import Signable, changed_parts, parts_of_meaning, signables
from decisionlayer.resolve.trust.signatures import LOSES, OTHER, Signed, judged, signatures
from decisionlayer.resolve.values.uses import texts

if TYPE_CHECKING:
    from decisionlayer.declare.records import HandOver

#: How long old signatures serve after somebody else has taken a thing over and not yet signed it.
COUNTERSIGN = dt.timedelta(days=30)

#: Why a thing is a draft of which no part was ever signed.
UNSIGNED = "nothing of it is signed"
_WEAKEST = "a number is official only when everything that it stands on is signed"


@dataclass(frozen=True, slots=True)
class Standing:
    """The signatures that some things have, and what keeps them from being official on a day.

    ``findings`` are of class *sign*; ``lacks`` are those that keep them from being published at all. ``flags`` are
    the open ones about anything beneath. ``signed_later`` says that some of it was signed after that day.
    """

    on: dt.date
    links: tuple[str, ...]
    signatures: Mapping[str, tuple[Signed, ...]]
    findings: tuple[Finding, ...]
    lacks: tuple[Finding, ...] = ()
    flags: tuple[Flagged, ...] = ()
    signed_later: bool = False

    @property
    def official(self) -> bool:
        """Whether everything is signed, fresh and without a blocking flag."""
        return not self.findings and not self.lacks and bool(self.links)

    @property
    def status(self) -> str:
        """``official`` or ``draft``."""
        return "official" if self.official else "draft"

    @property
    def because(self) -> list[str]:
        """Why it is a draft, one reason each; nothing when it is official."""
        untouched = f"nothing of it was signed by {self.on}" if self.signed_later else UNSIGNED
        unsigned = [untouched] if self.untouched else [finding.message for finding in self.findings]
        return [*unsigned, *(finding.message for finding in self.lacks)]

    @property
    def mark(self) -> str:
        """The mark that a published thing bears: one sentence."""
        if self.official:
            holding = [one for given in self.signatures.values() for one in given if one.holds]
            by = ", ".join(dict.fromkeys(one.by for one in holding))
            until = min(max(one.until for one in given if one.holds) for given in self.signatures.values())
            return f"OFFICIAL: signed by {by}, until {until}{self._added}."
        return f"DRAFT: {self.reason}."

    @property
    def _added(self) -> str:
        """What frames have gained since it was signed, where nothing but a signature from before it holds; else empty."""
        told: dict[str, None] = {}
        for given in self.signatures.values():
            holding = [one for one in given if one.holds]
            if holding and all(one.added for one in holding):
                told[max(holding, key=lambda one: one.dated).added] = None
        return f"; since then {'; '.join(told)}" if told else ""

    @property
    def reason(self) -> str:
        """Why it is a draft, in one sentence; empty when it is official."""
        if self.official:
            return ""
        first, *more = self.because
        return f"{first}{f'; and {len(more)} more' if more else ''}"

    @property
    def untouched(self) -> bool:
        """Whether nothing of it was ever signed, and nothing else is wrong with it."""
        untouched = not any(self.signatures.values())
        return untouched and all(finding.code == "unsigned" for finding in self.findings)

    def signed(self) -> list[Mapping[str, object]]:
        """Return the signatures as plain data, for a passport."""
        return [
            {
                "of": link, "by": one.by, "dated": one.dated.isoformat(), "until": one.until.isoformat(),
                "meaning": one.meaning, "holds": one.holds, "why_not": one.why_not,
                **({"added": one.added} if one.added else {}),
            }
            for link, given in self.signatures.items() for one in given
        ]  # fmt: skip


class Standings:
    """The standing of everything in a model, on any day."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.beneath = Beneath(model.metrics)
        self.signables = signables(model)
        self._signed = signatures(model)
        self._handed = moves_of(model.log)
        frames = (*model.project.calendars, *model.hierarchies, *model.rates)
        self._frames = re.compile(rf"\b({'|'.join(map(re.escape, frames))})(?:@\w+)?\.") if frames else None

    @classmethod
    def of(cls, model: Model) -> Standings:
        """Return the standings of ``model``, the same object each time."""
        known = _KNOWN.get(model)
        if known is None:
            known = _KNOWN[model] = cls(model)
        return known

    def thing(self, subject: str, on: dt.date | None = None, *, known_on: str | None = None) -> Standing:
        """Return the standing of ``metric …``, ``view …``, ``decision …`` or another thing that can be signed."""
        kind, _, name = subject.partition(" ")
        model = self.model
        if kind == "view" and name in model.views:
            question = model.views[name].question
            metrics = texts(question.get("metrics"))
            paths = [*texts(question.get("by")), *(str(question.get(key) or "") for key in ("where", "having"))]
            levels = question.get("levels")
            paths += [path for level in levels for path in texts(level)] if isinstance(levels, list | tuple) else []
            pinned = known_on or str(question.get("known_on") or "") or None
            first = () if metrics else (subject,)  # values are nobody's number: whoever answers for the view signs it
            return self.answer(metrics, paths, on, known_on=pinned, first=first, beside=(subject,))
        if kind == "decision" and name in model.decisions:
            decision = model.decisions[name]
            metrics = tuple(criterion.metric for criterion in decision.criteria)
            spans = [horizon.period or "" for horizon in decision.horizons]
            return self.answer(metrics, [decision.dimension or "", *spans], on, known_on=known_on, first=(subject,))
        if kind == "metric":
            return self.answer((name,), (), on, known_on=known_on)
        return self.answer((), (), on, known_on=known_on, first=(subject,))

    def answer(
        self,
        metrics: Iterable[str],
        paths: Iterable[str] = (),
        on: dt.date | None = None,
        *,
        known_on: str | None = None,
        first: tuple[str, ...] = (),
        beside: tuple[str, ...] = (),
    ) -> Standing:
        """Return the standing of numbers that are asked by some paths, which may be whole filters, as ``known_on`` a day.

        ``first`` are links besides the metrics; ``beside`` may be flagged and need no signature.
        """
        day = on or self.model.today or dt.date.today()
        asked = tuple(dict.fromkeys(name.partition("@")[0] for name in metrics))
        below = {metric.name: metric for name in asked for metric in self.beneath.tree(name)}
        chosen = [f"metric {name}" for name, metric in below.items() if name in asked or _is_link(metric)]
        links = tuple(dict.fromkeys((*first, *chosen, *self._frames_in(below.values(), paths))))
        found = list(self.model.log.findings)
        signatures = {}
        for link in links:
            signatures[link], troubles = self._link(link, day)
            found += troubles
        sources = {source for name in asked for source in self.beneath.sources(name)}
        found += self._unpinned(sources, known_on)
        stands_on = (*links, *beside, *(f"metric {name}" for name in below), *(f"source {name}" for name in sorted(sources)))
        flagged = open_about(self.model, dict.fromkeys(stands_on), day)
        found += blocking(flagged)
        raised = tuple(flag for _, flag in flagged)
        later = any(signed.dated > day for link in links for signed in self._signed.get(link, ()))
        lacks = [finding for link in (*links, *beside) for finding in self.model.licence.get(link, ())]
        return Standing(day, links, signatures, tuple(dict.fromkeys(found)), tuple(dict.fromkeys(lacks)), raised, later)

    def owner(self, subject: str, on: dt.date) -> str | None:
        """Return who answers for a thing on a day: its declared owner, or whoever it was handed over to by then."""
        thing = self.signables.get(subject)
        declared = self.model.log.owners.get(subject, None if thing is None else thing.owner)
        last_days = {name: party.until for name, party in self.model.parties.items()}
        return owner_after(declared, self._moves(subject), last_days, on)

    def signed_once(self) -> Iterator[str]:
        """Yield every thing that somebody has ever signed and that is still there."""
        return (subject for subject in self._signed if subject in self.signables)

    # -- one link -------------------------------------------------------------------------------------------------------

    def _link(self, subject: str, on: dt.date) -> tuple[tuple[Signed, ...], list[Finding]]:
        """Return who signed a thing, and what keeps it from holding."""
        thing = self.signables.get(subject)
        if thing is None:
            kind, _, name = subject.partition(" ")
            return (), [Finding("unsigned", subject, f"{kind} `{name}` cannot be used, so nobody can have signed it", why=_WEAKEST)]
        latest: dict[str, Signed] = {}
        for signed in self._signed.get(subject, ()):
            if signed.dated <= on:
                latest[signed.by] = signed
        signatures = tuple(judged(signed, thing, self.model, on) for signed in latest.values())
        owner = self.owner(subject, on)
        counting = [one for one in signatures if not thing.for_choice or one.by != owner]
        if not any(one.holds for one in counting):
            return signatures, [self._lacking(thing, owner, signatures, counting, on)]
        return signatures, list(self._countersigned(thing, signatures, on))

    def _lacking(
        self, thing: Signable, owner: str | None, signatures: tuple[Signed, ...], counting: list[Signed], on: dt.date
    ) -> Finding:
        if not signatures:
            return Finding(
                "unsigned", thing.subject, f"nobody has signed {thing.title}", thing.place, why=_WEAKEST,
                help=f"have it signed: `decisionlayer sign {thing.name} --by PARTY --until DATE`",
            )  # fmt: skip
        if not counting:
            return Finding(
                "self-signed", thing.subject, f"{thing.title} is signed by its owner `{owner}` alone", thing.place,
                why="whoever makes a number for choosing does not approve it alone",
                help=f"a second person must sign{self._who(thing, owner)}: `decisionlayer sign {thing.name} --by PARTY --until DATE`",
            )  # fmt: skip
        last = max(counting, key=lambda one: one.dated)
        if last.why_not in (OTHER, LOSES):
            told = changed_parts(last.parts or {}, parts_of_meaning(self.model, thing.subject)) if last.parts else ""
            return Finding(
                "changed-since-signed", thing.subject,
                f"{thing.title} means something else than what `{last.by}` signed on {last.dated}", thing.place,
                why=f"since then {told}" if told else f"it was {last.meaning} and is {thing.meaning}: something that it reads is another",
                help=f"look at it again and sign it: `decisionlayer sign {thing.name} --by {last.by} --until DATE`",
            )  # fmt: skip
        help = f"renew it, or hand {thing.title} over: `decisionlayer sign {thing.name} --by PARTY --until DATE`"
        return Finding(
            "signature-over", thing.subject, f"the signature of `{last.by}` under {thing.title} {last.why_not}", thing.place,
            why="a signature holds for a time, and while somebody stands behind it", help=help,
        )  # fmt: skip

    def _who(self, thing: Signable, owner: str | None) -> str:
        """Return who is near at hand to sign: whoever must agree to the decision, or answers for the translation."""
        if thing.kind == "decision":
            near = [*self.model.decisions[thing.name].agree]
        else:
            translation = self.model.metrics[thing.name].translation if thing.kind == "metric" else None
            near = [] if translation is None or translation.owner is None else [translation.owner]
        named = [f"`{party}`" for party in near if party != owner]
        return f", such as {' or '.join(named)}" if named else ""

    def _countersigned(self, thing: Signable, signatures: tuple[Signed, ...], on: dt.date) -> Iterator[Finding]:
        """Yield a finding when a thing changed hands and who took it has not signed within the time for it."""
        handed = self._handed_over(thing.subject, on)
        if handed is None or on <= handed.dated + COUNTERSIGN:
            return
        if not any(one.by == handed.to and one.holds and one.dated >= handed.dated for one in signatures):
            told = f"{thing.title} was handed over to `{handed.to}` on {handed.dated}, who has not signed it within {COUNTERSIGN.days} days"
            yield Finding(
                "signature-over", thing.subject, told, thing.place, why="who takes a number over says that it is what they answer for",
                help=f"`decisionlayer sign {thing.name} --by {handed.to} --until DATE`",
            )  # fmt: skip

    def _moves(self, subject: str) -> tuple[HandOver, ...]:
        return self._handed.get(subject.partition(" ")[2], ()) or self._handed.get(subject, ())

    def _handed_over(self, subject: str, on: dt.date) -> HandOver | None:
        """Return the record by which whoever answers for a thing took it over."""
        owner = self.owner(subject, on)
        found = [one for one in self._moves(subject) if one.dated <= on and one.to == owner]
        return found[-1] if found else None

    # -- what an answer stands on -----------------------------------------------------------------------------------------

    def _frames_in(self, metrics: Iterable[Metric], paths: Iterable[str]) -> Iterator[str]:
        """Yield the frames that paths, the bodies of metrics or their translations name."""
        if self._frames is None:
            return
        metrics = tuple(metrics)
        for metric in metrics:
            if metric.translation is not None and metric.translation.regroup is not None:
                yield f"frame {metric.translation.regroup.frame}"
            if not isinstance(metric.body, Measure):
                yield from (f"frame {term.convert.frame}" for term in metric.body.terms.values() if term.convert is not None)
        for text in (*paths, *(text for metric in metrics for text in _written(metric))):
            for name in self._frames.findall(f"{text} "):
                yield f"frame {name}"

    def _unpinned(self, sources: set[str], known_on: str | None) -> Iterator[Finding]:
        if known_on is not None:
            return
        for name in sorted(sources):
            source = self.model.sources[name]
            if source.arrival is not None:
                yield Finding(
                    "not-pinned", f"source {name}", f"rows of `{name}` may still arrive, and the question does not say `known_on`",
                    source.place, why="late rows would move a number that was signed", help="ask as it was `known_on` a day",
                )  # fmt: skip


def lost_signatures(model: Model) -> tuple[Finding, ...]:
    """Return what keeps from being official each thing that somebody has signed; a project without signatures has none.

    ``not-pinned`` for a view that is kept from it by nothing else.
    """
    if not model.log.records:
        return ()
    standings = Standings.of(model)
    found: list[Finding] = []
    for subject in standings.signed_once():
        found += [finding for finding in standings.thing(subject).findings if finding.code != "not-pinned"]
    for view in model.views.values():
        late = standings.thing(f"view {view.name}").findings
        if late and all(finding.code == "not-pinned" for finding in late):
            found += [replace(finding, subject=f"view {view.name}", place=view.place) for finding in late]
    return tuple(dict.fromkeys(found))


def _is_link(metric: Metric) -> bool:
    return metric.purpose is Purpose.choice and metric.edition_of is None


def _written(metric: Metric) -> Iterator[str]:
    """Yield the expressions of a metric, and the period of its grain, as text."""
    body = metric.body
    yield f"{text_of(body.expr)} "
    if isinstance(body, Measure):
        yield from (text_of(expr) for expr in (body.population, body.where) if expr is not None)
    else:
        yield from (text_of(expr) for term in body.terms.values() for expr in (term.where, term.population) if expr is not None)
    if metric.grain.time is not None:
        yield metric.grain.time


_KNOWN: WeakKeyDictionary[Model, Standings] = WeakKeyDictionary()

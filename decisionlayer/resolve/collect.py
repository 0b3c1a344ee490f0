"""Collecting: every finding of one run, and what each of them keeps from being used.

A finding breaks its subject, or only the part of it that is named (``dimension departures.haul``), so that a slip in one
dimension does not silence the fifty metrics that never read it. What stands on something broken gets one finding, which
names the root of the trouble and not the last link of the chain.
"""

from __future__ import annotations

from collections.abc import Iterable

from decisionlayer.findings import Finding, Place, Stops

#: Findings of these classes keep every verb from using their subject. A declaration may raise what questions raise, too.
BREAKS = frozenset({Stops.shape, Stops.number, Stops.ask})


class Collector:
    """All findings so far; ``broken`` and ``licence`` as in the model, ``roots`` says what a broken thing fell with."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.broken: dict[str, tuple[Finding, ...]] = {}
        self.licence: dict[str, tuple[Finding, ...]] = {}
        self.roots: dict[str, str] = {}

    def take(self, findings: Iterable[Finding], about: str | None = None) -> bool:
        """Keep ``findings``; those that break something break ``about``, or their subject when nothing narrower is named.

        Return whether anything broke.
        """
        broke = False
        for finding in findings:
            self.findings.append(finding)
            if not finding.is_error:
                continue
            key = about or finding.subject
            if finding.rule.stops in BREAKS:
                broke = True
                self.broken[key] = (*self.broken.get(key, ()), finding)
            elif finding.rule.stops is Stops.licence:
                self.licence[key] = (*self.licence.get(key, ()), finding)
        return broke

    def block(self, key: str, findings: tuple[Finding, ...]) -> None:
        """Break ``key`` for findings that are kept already, or for none that name it."""
        self.broken[key] = (*self.broken.get(key, ()), *findings)

    def fall(self, subject: str, on: str, place: Place | None) -> None:
        """Add the one finding of a thing that stands on a broken one; a second call for the same thing adds nothing."""
        if subject in self.roots:
            return
        root = self.roots.get(on, on)
        self.roots[subject] = root
        self.take([fallen(subject, root, self.broken.get(root, ()), place)])


def fallen(subject: str, root: str, causes: tuple[Finding, ...], place: Place | None, who: str = "") -> Finding:
    """Return the ``stands-on-broken`` finding of ``subject``, which cannot be used because of ``root``.

    ``who`` is the part of the subject that falls, when the rest of it stands.
    """
    named = told(root)
    fell = who or told(subject)
    if not causes:
        return Finding(
            "stands-on-broken",
            subject,
            f"{fell} stands on {named}, which cannot be read",
            place,
            help=f"mend {named} first",
        )
    cause = causes[0]
    at = f" ({cause.place})" if cause.place else ""
    return Finding(
        "stands-on-broken",
        subject,
        f"{fell} stands on {named}, which cannot be used: {cause.message}",
        place,
        why="a number is only as good as what it stands on",
        help=f"mend {named} first{at}",
    )


def told(key: str) -> str:
    """Return a key of ``Model.broken`` as people say it.

    >>> told("metric late_minutes"), told("dimension departures.haul")
    ('metric `late_minutes`', 'dimension `haul` of `departures`')
    """
    kind, _, name = key.partition(" ")
    if not name:
        return f"the {kind}"
    holder, dot, part = name.partition(".")
    return f"{kind} `{part}` of `{holder}`" if dot else f"{kind} `{name}`"

"""Findings about one declaration: each gets its subject and the place of the part that it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import field

from decisionlayer.declare import Book, Entry
from decisionlayer.declare.book import Path
from decisionlayer.findings import Finding, Severity
from decisionlayer.frozen import dataclass
from decisionlayer.names import did_you_mean
from decisionlayer.resolve.collect import fallen
from decisionlayer.resolve.model import Metric, Model, Party


@dataclass(slots=True)
class About:
    """What is found about one declaration, in the order in which it is found."""

    entry: Entry
    findings: list[Finding] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """The declaration as findings call it: ``decision slot_portfolio``."""
        return f"{self.entry.kind} {self.entry.name}"

    @property
    def title(self) -> str:
        """The declaration as a sentence begins with it: ``decision `slot_portfolio` ``."""
        return f"{self.entry.kind} `{self.entry.name}`"

    def say(
        self, code: str, message: str, *path: str | int, why: str = "", help: str = "", soft: Severity | None = None
    ) -> None:
        """Add a finding about the part at ``path``."""
        place = self.entry.origin.place(*path)
        self.findings.append(Finding(code, self.subject, message, place, why=why, help=help, soft=soft))


def metrics_of(
    about: About, model: Model, book: Book, asked: Iterable[tuple[str, Path]], roots: Mapping[str, str]
) -> Mapping[str, Metric]:
    """Return those of the asked metrics that can be used, by name.

    ``unknown-name`` for each that nothing declares; ``stands-on-broken``, once, for all that are declared and broken.
    ``roots`` says what a broken metric fell with, so that the finding names where to begin.
    """
    declared: set[str] | None = None  # all names of a project, needed for what is not found only
    fell = False
    found: dict[str, Metric] = {}
    for name, path in asked:
        key = f"metric {name}"
        if name in model.metrics and key not in model.broken:
            found[name] = model.metrics[name]
            continue
        if declared is None:
            declared = {entry.name for entry in book.of("metric")}
            declared |= {name for kind, name in book.unread if kind == "metric"}
        if name not in declared and name not in model.metrics:
            about.say(
                "unknown-name",
                f"{about.title} names the metric `{name}`, which nothing declares",
                *path,
                help=did_you_mean(name, declared),
            )
        elif not fell:
            fell = True
            root = roots.get(key, key)
            about.findings.append(
                fallen(about.subject, root, model.broken.get(root, ()), about.entry.origin.place(*path))
            )
    return found


def check_party(
    about: About, parties: Mapping[str, Party], name: str, path: Path, *, duty: str, today: dt.date
) -> None:
    """``no-owner`` when ``name`` is no party, no longer one, or not yet; ``duty`` is its verb: ``answers for``."""
    party = parties.get(name)
    why = "what nobody answers for has nobody who can be asked about it"
    if party is None:
        about.say(
            "no-owner",
            f"`{name}` {duty} {about.title}, and no party has that name",
            *path,
            why=why,
            help=did_you_mean(name, parties),
        )
    elif party.until is not None and party.until < today:
        heir = party.successor
        step = f"write `{heir}`, the successor on file" if heir else "name a party that is still there"
        about.say(
            "no-owner",
            f"`{name}` {duty} {about.title}, and was a party only until {party.until}",
            *path,
            why=why,
            help=step,
        )
    elif party.since is not None and party.since > today:
        about.say(
            "no-owner",
            f"`{name}` {duty} {about.title}, and is no party before {party.since}",
            *path,
            why=why,
            help="name a party that is there today",
        )


def check_parties(
    about: About, parties: Mapping[str, Party], names: Iterable[str], key: str, *, duty: str, today: dt.date
) -> None:
    """Check each of several names under ``key``; a name said twice is ``duplicate-name``."""
    seen: set[str] = set()
    for position, name in enumerate(names):
        if name in seen:
            about.say(
                "duplicate-name",
                f"{about.title} names `{name}` twice under `{key}`",
                key,
                position,
                help="name each party once",
            )
        else:
            check_party(about, parties, name, (key, position), duty=duty, today=today)
        seen.add(name)


def listed(names: Iterable[str], last: str = "and") -> str:
    """Return names as people list them.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('`a`', '`a`, `b` and `c`')
    """
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"

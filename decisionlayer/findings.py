"""Findings: a problem with a code, a place, the reason, the damage and the smallest fix.

``RULES`` is the one table of everything that can be found: code word, DLnnn or none, severity, and what it stops.
Each row has a page, ``docs/rules/<DLnnn or code>.md``, whose examples are the rule's tests.
A finding is raised where it arises and rendered once, at the edge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import Enum

from decisionlayer.frozen import dataclass, replace


class Severity(Enum):
    """How bad a finding is: an error stops something, a warning stamps, an info only tells."""

    error = "error"
    warning = "warning"
    info = "info"


class Stops(Enum):
    """Which verbs a finding stops; the table is DESIGN section 4.

    ``shape`` and ``number`` stop every verb for whatever stands on the subject, and are never waived.
    ``licence`` lets ``query``, ``sql`` and ``explain`` answer, marked draft; ``publish`` and ``brief`` refuse.
    ``sign`` publishes under the draft mark. ``advice`` only stamps. ``ask`` stops the question at hand and nothing else.
    """

    shape = "shape"
    number = "number"
    licence = "licence"
    sign = "sign"
    advice = "advice"
    ask = "ask"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table of what can be found."""

    code: str
    id: str | None
    severity: Severity
    stops: Stops
    claim: str

    @property
    def page(self) -> str:
        """The file name of its page, without folder."""
        return f"{self.id or self.code}.md"

    @property
    def told(self) -> str:
        """Its names, as a statement says them that stops itself: whoever runs it has no more than its message."""
        return f"{self.id} {self.code}" if self.id else self.code


def _rules(*rows: tuple[str, str | None, str, str, str]) -> dict[str, Rule]:
    return {code: Rule(code, id, Severity[severity], Stops[stops], claim) for code, id, severity, stops, claim in rows}


RULES: dict[str, Rule] = _rules(
    # code word, id, severity, stops, what is wrong
    ("unreadable", None, "error", "shape", "a file cannot be read as YAML 1.2 or as Python declarations"),
    ("unknown-key", None, "error", "shape", "a key that nothing declares"),
    ("missing-key", None, "error", "shape", "a key that must be there is not"),
    ("wrong-type", None, "error", "shape", "a value of another kind than the key takes"),
    ("bad-name", None, "error", "shape", "a name that is illegal or taken by something else"),
    ("duplicate-name", None, "error", "shape", "one thing said twice"),
    ("bad-expression", None, "error", "shape", "an expression that the language cannot read"),
    ("wrong-argument", None, "error", "shape", "an expression whose parts do not fit together"),
    ("unknown-name", "DL001", "error", "shape", "a reference to something that nothing declares"),
    ("cycle", None, "error", "shape", "things that stand on each other in a circle"),
    ("stands-on-broken", None, "error", "shape", "a thing that stands on another one that is broken"),
    ("not-built", None, "error", "shape", "a declared feature that this version does not answer yet"),
    ("missing-table", None, "error", "shape", "a source whose table the warehouse does not have"),
    ("missing-column", None, "error", "shape", "a column that the table does not have"),
    ("column-type", None, "error", "shape", "a column whose type in the warehouse is not the declared one"),
    ("no-purpose", "DL002", "error", "licence", "a metric that does not say whether it is for action or for choice"),
    ("no-owner", "DL003", "error", "licence", "nobody answers for a thing"),
    ("no-unit", "DL004", "error", "licence", "a metric without a unit"),
    ("no-definition", None, "error", "licence", "a metric that is not defined in words"),
    ("one-dialect", "DL005", "warning", "advice", "a glossary word that lacks one of its two dialects"),
    ("stored-ratio", "DL006", "error", "number", "a ratio stored as one column, aggregated as if it could be"),
    ("average-of-averages", "DL101", "error", "number", "an aggregate of values that are averages already"),
    ("stock-summed", "DL102", "error", "number", "a snapshot added up along time"),
    ("distinct-summed", "DL103", "error", "number", "distinct counts added over groups that may overlap"),
    ("rebuilt-quantile", "DL104", "error", "number", "a quantile or rate rebuilt from group results"),
    ("mixed-units", "DL105", "error", "number", "units that do not fit together"),
    ("wrong-rate", "DL106", "error", "number", "a kind of exchange rate that does not fit: closing for a flow, another for a balance"),
    ("unlike-frames", "DL107", "error", "number", "parts of a ratio over different times: a flow divided by one day's stock"),
    ("fan-out", "DL108", "error", "number", "a split or join that multiplies rows"),
    ("finer-than-grain", "DL109", "error", "number", "a grain finer than the data or the metric allows"),
    ("rounded-before-adding", "DL110", "error", "number", "values rounded before they are added"),
    ("empty-part", "DL111", "error", "number", "a sum within a row that an empty column changes, with neither coalesce nor `nulls: skip`"),
    ("missing-rate", None, "error", "number", "an amount whose exchange rate is not in the table"),
    ("unequal-periods", "DL403", "error", "number", "a comparison of periods that are not equally long"),
    ("calendar-broken", "DL404", "error", "number", "a calendar with a gap, an overlap or a period that comes back"),
    ("purpose-mismatch", "DL201", "error", "number", "a number for choosing that stands on a number for acting, untranslated"),
    ("unowned-translation", "DL203", "error", "number", "a switch of meaning without owner, why or loses"),
    ("no-response", "DL202", "warning", "advice", "a number for choosing on a board for acting, and nobody says what to do when it moves"),
    ("no-direction", "DL204", "error", "licence", "a criterion that does not say whether more is better"),
    ("no-scale", "DL205", "error", "licence", "a scored criterion without a declared scale"),
    ("one-decider", "DL206", "error", "licence", "a decision without exactly one decider"),
    ("no-status-quo", "DL207", "warning", "advice", "a decision that is not compared with doing nothing"),
    ("one-horizon", "DL208", "warning", "advice", "a decision seen over one horizon only"),
    ("small-group", "DL209", "error", "licence", "a cell of a published view over fewer rows than the view allows"),
    ("shared-component", "DL210", "warning", "advice", "two criteria that contain one number"),
    ("no-review", "DL211", "warning", "advice", "a decision without a review date or an expectation"),
    ("weights-moved", "DL212", "warning", "advice", "criteria that were changed after numbers had been seen"),
    ("two-meanings", "DL301", "error", "licence", "one word for two meanings"),
    ("two-names", "DL302", "warning", "advice", "two names for one meaning"),
    ("unsettled-definition", "DL401", "error", "number", "a question across a change of definition that does not say under which one"),
    ("unsigned", "DL303", "error", "sign", "a number that stands on something that nobody has signed"),
    ("changed-since-signed", "DL304", "error", "sign", "a thing that means something else than what was signed"),
    ("signature-over", "DL305", "warning", "sign", "a signature that has expired, or whose signer is gone"),
    ("self-signed", "DL306", "error", "sign", "a number for choosing that only its owner has signed"),
    ("flag-open", "DL307", "error", "sign", "a flag that blocks and that its raiser has not closed"),
    ("waiver-over", "DL308", "warning", "advice", "a waiver that has expired"),
    ("not-pinned", "DL408", "error", "sign", "a number over rows that may still arrive, not pinned to a day"),
    ("unsettled-structure", "DL402", "error", "number", "a comparison through history that does not say under which structure"),
    ("two-parents", "DL405", "error", "number", "a unit that stands under two parents on one day"),
    ("unrecorded-restatement", "DL406", "error", "number", "a past that is rewritten without a name, a reason and the effect"),
    ("break-alone", "DL407", "warning", "advice", "a break in a definition, with nothing known of the one before"),
    ("false-friend", "DL309", "warning", "advice", "a glossary word that is called exact and names two meanings"),
    ("unused-metric", "DL501", "warning", "advice", "a metric that no decision, target, view, metric or response uses"),
    ("unread-column", "DL502", "info", "advice", "a column that no declaration and no known SQL reads"),
    ("shadow", "DL503", "warning", "advice", "SQL from outside that computes a governed number in another way"),
    ("held-twice", "DL504", "warning", "advice", "a table that holds the same rows as another, or a column the same values"),
    ("ungoverned-name", "DL505", "warning", "advice", "a governed name that SQL from outside gives to something else"),
    ("same-as-governed", "DL506", "info", "advice", "SQL from outside that computes a governed number as it is"),
    ("stale-input", "DL508", "warning", "advice", "a source whose newest row is older than the source says it may be"),
    ("published-otherwise", None, "warning", "advice", "a publication that is not what is declared: its columns, types, words or meaning"),
    ("untraced-sql", None, "info", "advice", "SQL from outside that adds up the result of another query"),
    ("untraced-sql", None, "info", "advice", "SQL from outside that shows a number which cannot be traced to its rows"),
    ("not-a-query", None, "error", "shape", "SQL of the estate that is no query"),
    ("log-broken", None, "error", "sign", "a record that was edited, renamed or taken away after it was written"),
    ("manual-step", "DL507", "info", "advice", "a step of a translation that a person does by hand"),
    ("key-not-unique", None, "error", "number", "a key that is not unique in the data"),
    ("nan-in-data", None, "error", "number", "a measured column that holds NaN or infinity"),
    ("mix-misleads", "DL601", "warning", "advice", "a total that moves one way while the classes that make it up move the other"),
    ("no-value", None, "warning", "advice", "an option of which a criterion says nothing"),
    ("dominated-choice", "DL605", "warning", "advice", "an expected choice that another option beats everywhere"),
    ("fragile-ranking", "DL606", "warning", "advice", "a first place that hangs on one weight or one definition"),
    ("parts-differ", "DL602", "error", "number", "parts that do not make up the whole"),
    ("target-not-rebuilt", "DL607", "warning", "advice", "a target whose parts do not make it up"),
    ("small-base", "DL603", "warning", "advice", "a quotient with fewer below the line than its metric asks for"),
    ("rows-without-home", "DL604", "warning", "advice", "rows whose link leads nowhere, kept as Unassigned"),
    # what a question can get wrong
    ("unreachable-dimension", None, "error", "ask", "a dimension that the metric's source does not lead to"),
    ("ambiguous-path", None, "error", "ask", "a path that can be walked in more than one way"),
    ("needs-period", None, "error", "ask", "a question about time that names no period"),
    ("bad-question", None, "error", "ask", "a question whose parts do not fit together"),
    ("not-comparable", None, "error", "ask", "two numbers set against each other that do not mean the same"),
    ("bad-parameter", None, "error", "ask", "a parameter that is missing, left over or of the wrong type"),
    ("bad-time", None, "error", "ask", "a time that cannot be read"),
    ("bad-record", None, "error", "ask", "a record that cannot be written as it was said"),
    ("missing-package", None, "error", "ask", "an optional package that is not installed"),
    ("warehouse-failed", None, "error", "ask", "the warehouse did not answer"),
)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where something was written: a file as the user knows it, a line and a column, both counted from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem: what is wrong, where, why it matters, what it damages, and the smallest fix.

    ``subject`` is the thing found, as ``metric late_minutes``; ``message`` one sentence in the user's words.
    ``damage`` is measured on data and stays empty without a warehouse. Empty texts are left out when it is shown.
    ``waived`` says until when, by whom and why it is allowed.
    """

    code: str
    subject: str
    message: str
    place: Place | None = None
    why: str = ""
    damage: str = ""
    help: str = ""
    soft: Severity | None = None
    waived: str = ""

    @property
    def rule(self) -> Rule:
        """Its row in the table."""
        return RULES[self.code]

    @property
    def severity(self) -> Severity:
        """Its severity: the rule's, unless this one was found harmless."""
        return self.soft or self.rule.severity

    @property
    def is_error(self) -> bool:
        """Whether it stops anything."""
        return self.severity is Severity.error

    @property
    def id(self) -> str:
        """A name that stays the same when lines move: it hangs on code, subject and message only."""
        text = "\x1f".join((self.code, self.subject, self.message))
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def at(self, place: Place | None) -> Finding:
        """Return the same finding at ``place``, unless it has a place already."""
        return self if self.place is not None else replace(self, place=place)

    def render(self) -> str:
        """Return the finding as text: a head line, the place, then only the parts that it has."""
        head = f"{self.severity.value}[{self.code}]"
        if self.rule.id:
            head += f" {self.rule.id}"
        lines = [f"{head}: {_on_one_line(self.message)}"]
        if self.place is not None:
            lines.append(f"  --> {_on_one_line(str(self.place))}")
        lines += [f"  {label}: {_on_one_line(text)}" for label, text in self._parts() if text]
        return "\n".join(lines)

    def _parts(self) -> tuple[tuple[str, str], ...]:
        return ("why", self.why), ("damage", self.damage), ("help", self.help), ("waived", self.waived)

    def as_json(self) -> dict[str, object]:
        """Return the finding as the ``check --format json`` object."""
        return {
            "id": self.id,
            "code": self.code,
            "rule": self.rule.id,
            "severity": self.severity.value,
            "subject": self.subject,
            "file": self.place.file if self.place else None,
            "line": self.place.line if self.place else None,
            "column": self.place.column if self.place else None,
            "message": self.message,
            "why": self.why,
            "damage": self.damage,
            "help": self.help,
            **({"waived": self.waived} if self.waived else {}),
        }


#: A message says a name in full up to here; what is longer was not typed to be read.
_LONGEST = 1_000


def _on_one_line(text: str) -> str:
    """Return text as it may stand in a message: what would move the cursor is spelled out, and what is endless is cut.

    >>> print(_on_one_line("there is no `a\\nb\\x1b[2J`"), len(_on_one_line("x" * 10_000)))
    there is no `a\\nb\\x1b[2J` 1003
    """
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings without repeats: errors first, what broke before what stands on it, then by place, code and subject."""
    rank = {Severity.error: 0, Severity.warning: 1, Severity.info: 2}
    unique = dict.fromkeys(findings)
    nowhere, fallen = Place("~"), "stands-on-broken"
    return tuple(
        sorted(unique, key=lambda f: (rank[f.severity], f.code == fallen, f.place or nowhere, f.code, f.subject, f.message))
    )


def counts(findings: Iterable[Finding]) -> dict[str, int]:
    """Return how many findings there are of each severity, zeros included."""
    result = {severity.value: 0 for severity in Severity}
    for finding in findings:
        result[finding.severity.value] += 1
    return result

"""What the comments of a published view and its columns say: the meaning, in words, beside the number."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from decisionlayer.findings import Finding
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.model import Decision, Formula, Metric, Model, Term, View
from decisionlayer.resolve.quantities.printed import in_digits
from decisionlayer.resolve.reach.grain import told_apart
from decisionlayer.resolve.telling.translations import told_of


def of_metric(model: Model, metric: Metric, mark: str) -> str:
    """Return the comment of a column that holds ``metric``: what it is, its unit, who answers, what was changed on the way up.

    A sentence whose fact is not declared is left out.
    """
    sentences = [
        f"{metric.title or metric.name} ({metric.name}){': ' if metric.definition else ''}{metric.definition}",
        unit_of(metric),
        f"For {metric.purpose.value}." if metric.purpose else "",
        f"{_party(model, metric.owner)} answers for it." if metric.owner else "",
        *_translation(model, metric),
        f"What to do: {metric.respond}" if metric.respond else "",
        "It adds floating numbers, so that parts tie within rounding only." if metric.approximate else "",
        f"Meaning {metric.meaning}.",
        mark,
    ]
    return as_prose(sentences)


def of_group(path: str) -> str:
    """Return the comment of a column that rows are split by."""
    return f"Split by {path}. NULL is Unassigned: rows whose key is unknown, missing, or leads nowhere."


def of_period_column(model: Model, path: str) -> str:
    """Return the comment of a column that holds periods."""
    asked = told_apart(path)
    *_, calendar, period = ("", *asked.split("."))
    if calendar in model.project.calendars:
        words = {"label": "What it is called:", "position": "The place in its year of"}
        what = words.get(path.removeprefix(f"{asked}."), "The first day of")
        return f"{what} the {period} of the calendar {calendar}, cut in {model.project.timezone}."
    begins = f", beginning on {model.project.week_start}s" if period == "week" else ""
    if period in ("millisecond", "second", "minute", "hour"):
        return f"The moment at which the {period} begins, cut in {model.project.timezone}."
    if period == "day":
        return f"The day, in {model.project.timezone}."
    return f"The first day of the {period}{begins}, cut in {model.project.timezone}."


def of_option(path: str) -> str:
    """Return the comment of the column that holds the options of a decision."""
    return f"The option. {of_group(path.replace('__', '.'))}"


def of_view(
    model: Model, view: View, warnings: Iterable[Finding], notes: Iterable[str], *, proof: bool, mark: str
) -> str:
    """Return the comment of a published view."""
    audience = "those who choose" if view.audience == "executive" else "those who act"
    sentences = [
        view.definition,
        f"For {audience}.",
        f"{_party(model, view.owner)} answers for it." if view.owner else "",
        *_not_shown(view),
        *_hidden(view),
        *_end(view.name, view.meaning, warnings, notes, proof=proof, mark=mark),
    ]
    return as_prose(sentences)


def _not_shown(view: View) -> list[str]:
    """Return what the question of a view leaves out, so that nobody takes the sum of what is shown for the whole."""
    start, end, where, limit = (view.question.get(key) for key in ("start", "end", "where", "limit"))
    having, order = view.question.get("having"), view.question.get("order")
    by = f", by {', '.join(map(str, order))}" if isinstance(order, Iterable) and not isinstance(order, str) else ""
    between = f"from {start} to {end}, both included" if start and end else f"from {start} on" if start else f"to the end of {end}"
    return [
        f"Of the rows only those {between}." if start or end else "",
        f"Of the rows only those with {where}." if where else "",
        f"Of the results only those with {having}; the others are not shown, so what is shown does not add up to the whole."
        if having
        else "",
        f"Of the results only the first {limit}{by}; the others are not shown, so what is shown does not add up to the whole."
        if limit and not view.question.get("rest")
        else "",
    ]


def _hidden(view: View) -> list[str]:
    if view.min_group is None:
        return []
    beside = ", and so would what tells it" if view.question.get("levels") or view.question.get("totals") else ""
    return [f"No number is over fewer than {view.min_group} rows: it would be NULL{beside}."]


def of_decision(
    model: Model, decision: Decision, warnings: Iterable[Finding], notes: Iterable[str], *, proof: bool, mark: str
) -> str:
    """Return the comment of the view of a decision: its criteria by option and period."""
    agree = ", ".join(_party(model, name) for name in decision.agree)
    sentences = [
        decision.question,
        "One row per horizon, period and option; one column per criterion.",
        f"{_party(model, decision.decider)} decides{f', with {agree} agreeing' if agree else ''}." if decision.decider else "",
        f"To be looked at again on {decision.review_on}." if decision.review_on else "",
        *_end(decision.name, decision.meaning, warnings, notes, proof=proof, mark=mark),
    ]
    return as_prose(sentences)


def of_horizon() -> str:
    """Return the comment of the column that names the horizon."""
    return "The horizon over which the options are seen, as the decision names it."


def of_period() -> str:
    """Return the comment of the column that holds the period."""
    return (
        "The first day of the period. Of a horizon that repeats, only periods whose first and last day lie within the data "
        "of every criterion."
    )


def of_criterion(model: Model, decision: Decision, metric: Metric, mark: str) -> str:
    """Return the comment of a criterion's column: how the decision weighs it, then the metric's own words."""
    said = []
    for criterion in decision.criteria:
        if criterion.metric == metric.name:
            if criterion.weight is not None:
                said.append(f"Weighs {in_digits(criterion.weight)}.")
            if criterion.worst is not None and criterion.best is not None:
                said.append(f"{in_digits(criterion.worst)} is worth 0, {in_digits(criterion.best)} is worth 1.")
            if criterion.veto is not None:
                said.append(f"Beyond {in_digits(criterion.veto)} an option has no place.")
    return as_prose([*said, of_metric(model, metric, mark)])


def changes(term: Term) -> str:
    """Return in words what a term changes about the metric that enters; empty when nothing is changed."""
    said = []
    if term.replaces:
        rows = "all rows are in the question" if term.population is None else f"in the question are rows with {text_of(term.population)}"
        said.append(rows)
    if term.where is not None:
        said.append(f"only rows with {text_of(term.where)} count")
    if term.convert is not None:
        said.append(term.convert.said)
    if term.factor != 1:
        said.append(f"converted by the factor {term.factor}")
    return ", ".join(said)


def _translation(model: Model, metric: Metric) -> list[str]:
    translation = metric.translation
    if translation is None:
        return []
    entering = []
    if isinstance(metric.body, Formula):
        for name, term in metric.body.terms.items():
            changed = changes(term)
            called = f" as {name}" if name != term.metric else ""
            entering.append(f"{term.metric}{called}{f' ({changed})' if changed else ''}")
    origin = f"from {', '.join(entering)}" if entering else "from rows"
    sentences = [f"Translated {origin}{f' by {_party(model, translation.owner)}' if translation.owner else ''}."]
    sentences += told_of(translation)
    if metric.excludes:
        sentences.append(f"Left out: {', '.join(each.reason for each in metric.excludes)}.")
    if translation.why:
        sentences.append(f"Why: {translation.why}")
    if translation.loses:
        sentences.append(f"Lost on the way: {translation.loses}")
    return sentences


def unit_of(metric: Metric) -> str:
    """Return the sentence that says the unit of a column, and which way is better."""
    if metric.unit_said is None:
        return ""
    match metric.better:
        case None | "none":
            direction = ""
        case Decimal():
            direction = f"; near {in_digits(metric.better)} is better"
        case word:
            direction = f"; {word} is better"
    # A share is a fraction in data and a percentage in print; a reader of the column must know which of the two he holds.
    share = ", stored as a fraction" if str(metric.unit) == "percent" else ""
    return f"Unit {metric.unit_said}{share}{direction}."


def _end(
    name: str, meaning: str, warnings: Iterable[Finding], notes: Iterable[str], *, proof: bool, mark: str
) -> list[str]:
    proving = (
        f"To prove that its parts make the whole, run the SQL in executive.dl_publications.proof of object '{name}': "
        "no rows, proven."
    )
    return [
        *(f"Note: {note}" for note in notes),
        *(f"Warned ({finding.rule.id or finding.code}): {finding.message}{_allowed(finding)}." for finding in warnings),
        proving if proof else "",
        f"Meaning {meaning}." if meaning else "",
        mark,
    ]


def _allowed(finding: Finding) -> str:
    return f" (waived {finding.waived})" if finding.waived else ""


def _party(model: Model, name: str | None) -> str:
    party = model.parties.get(name or "")
    return party.title if party is not None and party.title else name or "nobody"



def as_prose(sentences: Iterable[str]) -> str:
    """Return sentences as one paragraph; empty ones are left out and each ends in a full stop."""
    kept = [" ".join(sentence.split()) for sentence in sentences if sentence]
    return " ".join(sentence if sentence.endswith((".", "!", "?")) else f"{sentence}." for sentence in kept)

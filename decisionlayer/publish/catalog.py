"""The catalog tables beside the views: every metric, translation, decision and dependency as rows that SQL can read."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TypeAlias

from decisionlayer.frozen import dataclass
from decisionlayer.govern.lineage import Lineage
from decisionlayer.publish.words import changes
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, DataType
from decisionlayer.resolve.model import Decision, Formula, Measure, Metric, Model
from decisionlayer.resolve.trust.flags import Flagged, flags
from decisionlayer.resolve.trust.standing import Standings
from decisionlayer.sql.statement import Bound

#: The version of these tables' shape. A reader that finds another one must not guess.
FORMAT = 1

#: The schema that holds them, whatever the audience of the views.
SCHEMA = "executive"

Row: TypeAlias = tuple[Bound, ...]


@dataclass(frozen=True, slots=True)
class CatalogColumn:
    """A column of a catalog table: its name, type and what it holds."""

    name: str
    type: DataType
    comment: str


@dataclass(frozen=True, slots=True)
class CatalogTable:
    """A catalog table: its name, what one row is, its columns and its rows."""

    name: str
    comment: str
    columns: tuple[CatalogColumn, ...]
    rows: tuple[Row, ...]


def catalog(model: Model, lineage: Lineage) -> tuple[CatalogTable, ...]:
    """Return the catalog of everything that can be used, ``dl_publications`` excepted, in the order of their names.

    What is broken is in none of them.
    """
    raised = tuple(_flag(one) for one in flags(model, model.today or dt.date.today()))
    usable = [metric for metric in model.named_metrics.values() if f"metric {metric.name}" not in model.broken]
    return (
        CatalogTable("dl_decisions", "One row per criterion of a decision.", _DECISIONS, tuple(_decisions(model))),
        CatalogTable("dl_flags", "One row per flag: what does not reflect reality, and what came of it.", _FLAGS, raised),
        CatalogTable("dl_lineage", "One row per thing, thing that it stands on, and way.", _LINEAGE, tuple(_lineage(lineage))),
        CatalogTable("dl_metrics", "One row per metric.", _METRICS, tuple(_metric(model, metric) for metric in usable)),
        CatalogTable(
            "dl_translations",
            "One row per term of a translation: what enters a choice metric, and what is changed on the way.",
            _TRANSLATIONS,
            tuple(row for metric in usable for row in _terms(metric)),
        ),
    )


def catalog_columns(*columns: tuple[str, DataType, str]) -> tuple[CatalogColumn, ...]:
    """Return columns after the one that all catalog tables begin with."""
    format_column = ("format", INTEGER, "The version of this table's shape.")
    return tuple(CatalogColumn(*column) for column in (format_column, *columns))


_FLAGS = catalog_columns(
    ("flag", TEXT, "Its id."),
    ("about", TEXT, "What it is about."),
    ("severity", TEXT, "note, disputes or blocks; what blocks keeps all that stands on it from being official."),
    ("state", TEXT, "raised, answered, acted (something was done) or closed."),
    ("text", TEXT, "What is not as the number says."),
    ("raised_by", TEXT, "Who raised it, and alone closes it."),
    ("raised_on", DATE, "The day on which it was raised."),
    ("rows", TEXT, "The rows that it is about; empty for all."),
    ("first_day", TEXT, "The time that it is about, from."),
    ("last_day", TEXT, "And to."),
    ("answered_by", TEXT, "Who answered last."),
    ("answer", TEXT, "What was answered."),
    ("did", TEXT, "What was done."),
    ("closed_on", DATE, "The day on which its raiser closed it."),
)


def _flag(flag: Flagged) -> Row:
    last = flag.answers[-1] if flag.answers else None
    return (
        FORMAT, flag.id, flag.about, flag.severity, flag.state, flag.text, flag.by, flag.dated, flag.where, flag.start, flag.end,
        None if last is None else last.by, None if last is None else last.text, None if last is None else last.did, flag.closed,
    )  # fmt: skip


_METRICS = catalog_columns(
    ("metric", TEXT, "The name under which it is asked."),
    ("title", TEXT, "Its title."),
    ("purpose", TEXT, "action: what to do now; choice: what to bet on."),
    ("definition", TEXT, "What it is, in words."),
    ("owner", TEXT, "The party that answers for it."),
    ("unit", TEXT, "Its unit; percent is stored as a fraction."),
    ("better", TEXT, "higher, lower, none, or the level near which it is best."),
    ("formula", TEXT, "How it is computed."),
    ("source", TEXT, "The source whose rows it is measured over; NULL for a formula over other metrics."),
    ("population", TEXT, "Which rows are in the question; NULL for all."),
    ("rows_kept", TEXT, "Which of them count; NULL for all."),
    ("clock", TEXT, "The time column that says when a row happened."),
    ("grain_time", TEXT, "The finest period that it may be asked by; NULL for any."),
    ("grain_by", TEXT, "The paths that it may be split by, with everything they determine; NULL for any."),
    ("additivity", TEXT, "How parts make up the whole: additive, ratio, extreme or holistic."),
    ("approximate", BOOLEAN, "Whether floating numbers are added, so that parts tie within rounding only."),
    ("missing", TEXT, "What a cell without rows holds, where it is said."),
    ("respond", TEXT, "What to do about it, on the frontline."),
    ("meaning", TEXT, "The fingerprint of its meaning; another one is another number."),
    ("wording", TEXT, "The fingerprint of its words."),
    ("status", TEXT, "draft or official."),
    ("declared_in", TEXT, "File and line."),
)

_TRANSLATIONS = catalog_columns(
    ("metric", TEXT, "The choice metric."),
    ("owner", TEXT, "The party that answers for the switch."),
    ("why", TEXT, "Why the frontline's number is not enough for a choice."),
    ("loses", TEXT, "What is lost on the way."),
    ("term", TEXT, "The word under which it enters; NULL where the choice metric reads rows itself."),
    ("from_metric", TEXT, "The metric that enters; NULL where the choice metric reads rows itself."),
    ("changes", TEXT, "What is changed about it, in words; empty when nothing is."),
    ("population", TEXT, "The population that replaces its own: a filter, or all; NULL when its own stays."),
    ("rows_kept", TEXT, "A further filter on its rows; NULL for none."),
    ("factor", FLOAT, "What it is multiplied by, to convert its unit; 1 for none."),
    ("meaning", TEXT, "The fingerprint of the choice metric's meaning."),
)

_DECISIONS = catalog_columns(
    ("decision", TEXT, "Its name, and the name of its view."),
    ("question", TEXT, "What is to be decided."),
    ("purpose", TEXT, "action or choice."),
    ("decider", TEXT, "The one party that decides."),
    ("agree", TEXT, "The parties that must agree, as a JSON list."),
    ("mode", TEXT, "support: a person chooses; replicate: the rule does."),
    ("options_by", TEXT, "The dimension whose values are the options."),
    ("options", TEXT, "The options as a JSON list; NULL when every value is one."),
    ("status_quo", TEXT, "The option that leaves things as they are."),
    ("because", TEXT, "Why the options are these."),
    ("horizons", TEXT, "The periods over which the options are seen, as a JSON list."),
    ("review_on", DATE, "The day on which it is looked at again."),
    ("position", INTEGER, "The place of the criterion, from 1."),
    ("criterion", TEXT, "The choice metric by which options are weighed."),
    ("weight", FLOAT, "Its share of the score."),
    ("worst", FLOAT, "The level that is worth 0."),
    ("best", FLOAT, "The level that is worth 1."),
    ("veto", FLOAT, "The level beyond which an option has no place."),
    ("better", TEXT, "higher, lower, or the level near which it is best."),
    ("meaning", TEXT, "The fingerprint of the decision's meaning."),
    ("status", TEXT, "draft or official."),
)

_LINEAGE = catalog_columns(
    ("object_kind", TEXT, "view, decision or metric."),
    ("object", TEXT, "The thing that stands on another."),
    ("kind", TEXT, "The kind of thing that it stands on: metric, target, assumption, source or column."),
    ("stands_on", TEXT, "What it stands on; a column with its source before it."),
    ("way", TEXT, "By which way: shows, beside, criterion, split by a path, a term, the formula, an assumption, rows, a filter."),
)


def _metric(model: Model, metric: Metric) -> Row:
    measure = metric.body if isinstance(metric.body, Measure) else None
    return (
        FORMAT,
        metric.name,
        metric.title,
        metric.purpose.value if metric.purpose else None,
        metric.definition,
        metric.owner,
        metric.unit_said,
        _better(metric),
        text_of(metric.body.expr),
        None if measure is None else measure.source,
        None if measure is None or measure.population is None else text_of(measure.population),
        None if measure is None or measure.where is None else text_of(measure.where),
        None if measure is None else measure.clock,
        metric.limit.time,
        None if metric.limit.by is None else _json(metric.limit.by),
        metric.additivity.value,
        metric.approximate,
        metric.missing,
        metric.respond or None,
        metric.meaning,
        metric.wording,
        Standings.of(model).thing(f"metric {metric.name}").status,
        f"{metric.place.file}:{metric.place.line}",
    )


def _terms(metric: Metric) -> Iterable[Row]:
    translation = metric.translation
    if translation is None:
        return
    said = (FORMAT, metric.name, translation.owner, translation.why, translation.loses)
    terms = metric.body.terms if isinstance(metric.body, Formula) else {}
    if not terms:
        yield (*said, None, None, "", None, None, 1.0, metric.meaning)
    for name, term in terms.items():
        replaced = None if not term.replaces else "all" if term.population is None else text_of(term.population)
        kept = None if term.where is None else text_of(term.where)
        yield (*said, name, term.metric, changes(term), replaced, kept, float(term.factor), metric.meaning)


def _decisions(model: Model) -> Iterable[Row]:
    for decision in model.decisions.values():
        if f"decision {decision.name}" in model.broken:
            continue
        for position, criterion in enumerate(decision.criteria, start=1):
            yield (
                *_decision(decision),
                position,
                criterion.metric,
                _float(criterion.weight),
                _float(criterion.worst),
                _float(criterion.best),
                _float(criterion.veto),
                _better(model.metrics[criterion.metric]) if criterion.metric in model.metrics else None,
                decision.meaning,
                Standings.of(model).thing(f"decision {decision.name}").status,
            )


def _decision(decision: Decision) -> Row:
    horizons: list[Mapping[str, str]] = []
    for horizon in decision.horizons:
        said = {"name": horizon.name, "period": horizon.period, "start": horizon.start, "end": horizon.end}
        horizons.append({key: value for key, value in said.items() if value is not None})
    return (
        FORMAT,
        decision.name,
        decision.question,
        decision.kind.value,
        decision.decider,
        _json(decision.agree),
        decision.mode,
        decision.dimension,
        None if decision.options is None else _json(decision.options),
        decision.status_quo,
        decision.because or None,
        _json(horizons),
        decision.review_on,
    )


def _lineage(lineage: Lineage) -> Iterable[Row]:
    for edge in sorted(lineage.edges):
        object_kind, _, name = edge.object.partition(" ")
        kind, _, stands_on = edge.stands_on.partition(" ")
        yield (FORMAT, object_kind, name, kind, stands_on, edge.way)


def _better(metric: Metric) -> str | None:
    return None if metric.better is None else str(metric.better)


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)

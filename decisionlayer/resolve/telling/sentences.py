"""Sentences: a metric read back in plain words, its translation included, so that anybody can say whether it is right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import assert_never

from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.tree import Aggregate, Call, Expr, Name
from decisionlayer.resolve.model import Assumption, Formula, Grain, Match, Measure, Metric, Model, Term, Word
from decisionlayer.resolve.telling.passports import within
from decisionlayer.resolve.telling.translations import told_of
from decisionlayer.resolve.trust.restatements import is_restated
from decisionlayer.resolve.values.editions import Edition


def sentence(model: Model, metric: Metric) -> str:
    """Return what ``metric`` is, as one short paragraph: for whom, of what, why it was translated, what is lost, how it is asked.

    The same metric always gives the same text. What a metric does not say is named as missing, never made up.
    """
    return " ".join(_sentences(model, metric))


def _sentences(model: Model, metric: Metric) -> Iterator[str]:
    yield _opening(metric)
    yield from _body(model, metric)
    if metric.translation is not None:
        yield from told_of(metric.translation)
        if metric.translation.why:
            yield f"Why: {_ended(metric.translation.why)}"
        if metric.translation.loses:
            yield f"What is lost: {_ended(metric.translation.loses)}"
    yield _unit(metric)
    yield _asked(metric.limit)
    yield from _remarks(metric)
    yield from _in_time(model, metric)
    for word in model.words:
        if metric.name in (word.frontline_metric, word.executive_metric):
            yield from _word(word)


def _body(model: Model, metric: Metric) -> Iterator[str]:
    match metric.body:
        case Measure() as body:
            yield from _counted(model, metric, body)
        case Formula() as body:
            yield from _computed(model, metric, body)
        case _:
            assert_never(metric.body)


def _in_time(model: Model, metric: Metric) -> Iterator[str]:
    """Since when a metric is defined as it is, and what it was before: who answered for it, and how it was counted otherwise."""
    for number, edition in enumerate(metric.editions):
        own = model.metrics[edition.name]
        if not number:
            yield f"It is defined so since {edition.since}{_of_the_past(model, metric, edition)}."
            continue
        above = metric.editions[number - 1]
        newer = model.metrics[above.name]
        last = above.since - dt.timedelta(days=1)
        switched = None if own.translation is None else own.translation.owner
        switch = "" if switched in (None, own.owner) else f", its translation by {switched}"
        said = f": {_ended(own.definition)}" if own.definition else "."
        past = _of_the_past(model, metric, edition) if number + 1 < len(metric.editions) else ""
        yield f"From {edition.since} to {last} it was answered for by {own.owner or 'nobody'}{switch}{past}{said}"
        known = {*_body(model, newer)}
        yield from (f"Then: {each}" for each in _body(model, own) if each not in known)


def _of_the_past(model: Model, metric: Metric, edition: Edition) -> str:
    """What becomes of the periods before a definition."""
    if edition.past == "break":
        return ", and no period before it may be read so"
    if edition.past is None:
        return ""
    if is_restated(model, metric.name, edition.since):
        return ", and a record restates the periods before it"
    return ", and the periods before it may be read so once a record restates them"


def _word(word: Word) -> Iterator[str]:
    """What the two sides mean by a word, and how far they match."""
    sides = (
        ("the frontline", word.frontline_metric, word.frontline_says, word.frontline_example),
        ("executives", word.executive_metric, word.executive_says, word.executive_example),
    )
    told = []
    for people, metric, says, example in sides:
        if says:
            by = f" ({metric})" if metric else ""
            told.append(f"to {people}{by}: {_ended(says)}{f' For example: {_ended(example)}' if example else ''}")
    match = f" The two are {_MATCHES[word.match]}." if word.match else ""
    apart = f" Not the same as {_series([f'“{other}”' for other in word.not_the_same_as])}." if word.not_the_same_as else ""
    yield f"“{word.word}” means {' And '.join(told)}{match}{apart}" if told else f"“{word.word}” is not explained.{match}{apart}"


#: How far what executives mean by a word matches what the frontline means.
_MATCHES = {
    "exact": "the same",
    "close": "close",
    "broader": "not the same: the executives' is broader",
    "narrower": "not the same: the executives' is narrower",
    "false_friend": "false friends: one word for two things",
}


def _opening(metric: Metric) -> str:
    use = (
        "does not say whether it is for action or for choice"
        if metric.purpose is None
        else f"is for {metric.purpose.value}"
    )
    owner = f"answered for by {metric.owner}" if metric.owner else "answered for by nobody yet"
    said = f": {_ended(metric.definition)}" if metric.definition else ", and is not defined in words."
    return f"{_called(metric)} {use}, {owner}{said}"


def _called(metric: Metric) -> str:
    return metric.name if metric.title in ("", metric.name) else f"{metric.title} ({metric.name})"


# -- where the number comes from ---------------------------------------------------------------------------------------


def _counted(model: Model, metric: Metric, body: Measure) -> Iterator[str]:
    source = model.sources.get(body.source)
    row = f", where one row is {source.one_row_is.rstrip('.')}" if source is not None and source.one_row_is else ""
    owner = None if metric.translation is None else metric.translation.owner
    taken = "" if metric.translation is None else f", taken straight from the rows as {owner or 'nobody'} answers for"
    if body.match is None:
        yield f"It is {text_of(body.expr)} over {body.source}{row}{taken}."
    else:
        yield f"{_converted(body.match, body.expr)} of {body.source}{row}{taken}."
    population = None if body.population is None else text_of(body.population)
    where = None if body.where is None else text_of(body.where)
    if population is not None and where is not None:
        yield f"Only rows where {population} are in question, and of these only those where {where} enter the number."
    elif population is not None:
        yield f"Only rows where {population} are in question."
    elif where is not None:
        yield f"Only rows where {where} enter the number."
    clock = None if source is None or body.clock is None else source.clock(body.clock)
    if clock is not None:
        home = model.project.timezone
        zone = "" if clock.zone in (None, home) else f", written in {clock.zone} and cut by the clock of {home}"
        yield f"Its time is {clock.column}{zone}."
    if body.over_time is not None:
        yield _ALONG_TIME[body.over_time]
    yield from _left_out(metric)
    if body.last_of_each:
        each = _series([".".join(parts) for parts in body.last_of_each])
        yield f"Each {each} has its own, so rows of different times may stand in one number."


#: How a stock is read along time.
_ALONG_TIME = {
    "last": "Each time counts the whole stock again; a period is what its last one counted.",
    "first": "Each time counts the whole stock again; a period is what its first one counted.",
    "avg": "Each time counts the whole stock again; a period is the mean of all times that are in it.",
    "min": "Each time counts the whole stock again; a period is the lowest of its times.",
    "max": "Each time counts the whole stock again; a period is the highest of its times.",
}


#: How what accumulates is read by longer periods.
_GATHERED = {
    "first": "Asked by a longer period, it is what it was at the end of that period's first {}.",
    "avg": "Asked by a longer period, it is the mean of what it was at the end of each {} of that period.",
}


def _converted(match: Match, expr: Expr) -> str:
    """What a conversion counts, up to its base rows."""
    times = within(match)
    same = f" of the same {_series([mine.text for mine, _ in match.same])}" if match.same else ""
    where = "" if match.where is None else f" where {text_of(match.where)}"
    window = "at any time after it" if times is None else f"within {times} after it"
    if match.by_event:
        return f"It is the number of rows of {match.source}{where}{same}, {window}, each counted for the latest row before it,"
    over = f"over once {times} have passed by the last row of {match.source}"
    match expr:
        case Call(function="/"):
            return f"Of rows that are {over}, it is the share with a row of {match.source}{where}{same} {window},"
        case Aggregate(where=Call(function="not")):
            return f"It is the number of rows that are not {over},"
        case Aggregate(where=Name()):
            return f"It is the number of rows that are {over},"
        case _:
            return f"Of rows that are {over}, it is the number with a row of {match.source}{where}{same} {window},"


def _computed(model: Model, metric: Metric, body: Formula) -> Iterator[str]:
    if metric.translation is None:
        parts = [_part(model, name, term) for name, term in body.terms.items() if name != term.metric or _changes(term)]
        yield f"It is {text_of(body.expr)}{_where(parts)}, each part taken at the asked grain first."
    elif isinstance(body.expr, Name) and len(body.terms) == 1:
        (term,) = body.terms.values()
        changes = _changed(model, term) or ("" if metric.excludes else ", with nothing changed but whom it is for")
        yield f"It is translated by {_translator(metric)} from {_title(model, term.metric)}{changes}."
    else:
        parts = [_part(model, name, term) for name, term in body.terms.items()]
        yield f"It is translated by {_translator(metric)} as {text_of(body.expr)}{_where(parts)}."
    if body.over_time is not None:
        yield _GATHERED[body.over_time].format(body.instants)
    yield from _left_out(metric)
    for name in body.assumptions:
        yield _assumed(name, model.assumptions.get(name))


def _left_out(metric: Metric) -> Iterator[str]:
    """What is left out of every part, under its reasons; the first that is true of a row is the one it leaves under."""
    if metric.excludes:
        told = [f"{each.reason} (where {text_of(each.when)})" for each in metric.excludes]
        yield f"Left out of it and counted by reason: {_series(told)}."


def _translator(metric: Metric) -> str:
    assert metric.translation is not None
    return metric.translation.owner or "nobody yet"


def _where(parts: list[str]) -> str:
    return f", where {_series(parts, between='; ')}" if parts else ""


def _part(model: Model, name: str, term: Term) -> str:
    return f"{name} is {_title(model, term.metric)}{_changed(model, term)}"


def _title(model: Model, name: str) -> str:
    metric = model.metrics.get(name)
    return name if metric is None else _called(metric)


def _changes(term: Term) -> bool:
    return term.where is not None or term.replaces or term.factor != 1 or term.over_time is not None or term.convert is not None


def _changed(model: Model, term: Term) -> str:
    """What a term changes about its metric, each change after a comma; empty when it takes it as it is."""
    told = []
    if term.replaces:
        before = _population(model, term.metric)
        instead = f", not only those where {before}," if before else ""
        rows = "every row" if term.population is None else f"every row where {text_of(term.population)}"
        told.append(f"with {rows}{instead} in question")
    if term.where is not None:
        told.append(f"with only those rows entering where {text_of(term.where)}")
    if term.over_time is not None:
        told.append(f"read along time as `{term.over_time}`")
    if term.convert is not None:
        told.append(term.convert.said)
    if term.factor != 1:
        told.append(_times(term.factor))
    return "".join(f", {change}" for change in told)


def _population(model: Model, name: str) -> str | None:
    metric = model.metrics.get(name)
    if metric is None or not isinstance(metric.body, Measure) or metric.body.population is None:
        return None
    return text_of(metric.body.population)


def _times(factor: Fraction) -> str:
    return f"divided by {factor.denominator}" if factor.numerator == 1 else f"multiplied by {factor}"


def _assumed(name: str, assumption: Assumption | None) -> str:
    if assumption is None:
        return f"{name} is an assumption."
    owner = f"assumed by {assumption.owner}" if assumption.owner else "assumed by nobody yet"
    why = f": {_ended(assumption.why)}" if assumption.why else "."
    return f"{name} is {assumption.told} {assumption.unit}, {owner}{why}"


# -- how it is read and asked -------------------------------------------------------------------------------------------


def _unit(metric: Metric) -> str:
    match metric.better:
        case None:
            better = "it does not say which way is better"
        case "none":
            better = "neither way is better"
        case Decimal() as level:
            better = f"the nearer to {level:f} the better"
        case direction:
            better = f"{direction} is better"
    unit = "No unit is declared" if metric.unit_said is None else f"Unit {metric.unit_said}"
    return f"{unit}; {better}."


def _asked(limit: Grain) -> str:
    if limit.by is None:
        split = "split by whatever its rows lead to"
    elif not limit.by:
        split = "never split"
    else:
        rest = "whatever it determines" if len(limit.by) == 1 else "whatever these determine"
        split = f"split by {_series([*limit.by, rest])}"
    time = "over any period" if limit.time is None else f"no finer than by {limit.time}"
    return f"It is asked {time}, {split}."


def _remarks(metric: Metric) -> Iterator[str]:
    if metric.missing == "zero":
        yield "A cell without rows is 0."
    elif metric.missing == "null":
        yield "A cell without rows has no value."
    if metric.approximate:
        yield "It adds floating numbers, so its parts make up the whole within rounding only."
    if metric.respond:
        yield f"When it moves: {_ended(metric.respond)}"


def _series(items: list[str], between: str = ", ") -> str:
    if len(items) < 2:
        return "".join(items)
    joint = f"{between}and " if between != ", " else " and "
    return f"{between.join(items[:-1])}{joint}{items[-1]}"


def _ended(text: str) -> str:
    """The text on one line, ended as a sentence is."""
    flat = " ".join(text.split())
    return flat if flat.endswith((".", "!", "?", "…")) else f"{flat}."

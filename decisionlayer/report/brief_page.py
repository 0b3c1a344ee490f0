"""A brief as a page of text: what the numbers say, how firmly, and what would flip it. Marks are words, never colour alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from decisionlayer.decide.brief import Brief
from decisionlayer.report.tables import Column, markdown_table, text_table
from decisionlayer.run.cells import number_texts

#: A page in text is no wider than this, whatever the terminal is.
WIDTH = 80


def as_text(brief: Brief, width: int = WIDTH) -> str:
    """Return the brief as text for a terminal, in lines of at most ``width``."""
    return "\n".join(_Text(width).page(brief))


def as_markdown(brief: Brief) -> str:
    """Return the brief as Markdown."""
    return "\n".join(_Markdown().page(brief))


class _Page:
    """What a page says, in order; how it is laid out is said below."""

    def page(self, brief: Brief) -> Iterator[str]:
        yield from self.title(f"{brief.decision}: {brief.question}")
        yield from self.prose(_mark(brief))
        yield from self.prose(_people(brief))
        for horizon in brief.horizons:
            yield from self._horizon(brief, horizon)
        if brief.crossovers:
            yield from self.head("From one horizon to the next")
            for one in brief.crossovers:
                yield from self.item(_crossover(one))
        if brief.flags:
            yield from self.head("Open flags")
            for one in brief.flags:
                yield from self.item(_flag(one))
        yield from self.head("What the numbers mean")
        for metric, passport in (brief.passports or {}).items():
            yield from self.item(_meaning(metric, passport))
        if brief.findings:
            yield from self.head("What was found")
            for finding in brief.findings:
                rule = f" {finding.rule.id}" if finding.rule.id else ""
                yield from self.item(f"{finding.severity.value}{rule}: {finding.message}")
        yield ""
        yield from self.prose(f"Brief {brief.hash}, meaning {brief.meaning}.")

    def _horizon(self, brief: Brief, horizon: Mapping[str, Any]) -> Iterator[str]:
        yield from self.head(f"{_capital(str(horizon['name']))}, {_span(horizon)}{_reads(horizon)}")
        yield from self.prose(str(horizon["says"]))
        yield ""
        yield from self.table(_options(brief, horizon))
        swaps, only = list(horizon["swaps"]), list(horizon["only"])
        if swaps:
            yield ""
            yield from self.table(_rankings(horizon, swaps, only))
        weights = [*_weights(brief, horizon)]
        if weights:
            yield from self.small("Weights at which the first place changes hands, the others keeping their proportions")
            for text in weights:
                yield from self.item(text)
        if horizon["trade_offs"]:
            yield from self.small("What is given up")
            for text in horizon["trade_offs"]:
                yield from self.item(text)
        walks = [walk for walk in horizon["walks"] if walk.get("refused") or sum(1 for change in walk["steps"].values() if change) > 1]
        if walks:
            yield from self.small("What the changes against the time before are made of; arithmetic drivers, no causes")
            for walk in walks:
                yield from self.item(_walk(brief, walk))
        for note in horizon["notes"]:
            yield from self.item(f"note: {note}")

    def title(self, text: str) -> Iterator[str]:
        raise NotImplementedError

    def head(self, text: str) -> Iterator[str]:
        raise NotImplementedError

    def small(self, text: str) -> Iterator[str]:
        raise NotImplementedError

    def prose(self, text: str) -> Iterator[str]:
        raise NotImplementedError

    def item(self, text: str) -> Iterator[str]:
        raise NotImplementedError

    def table(self, columns: Sequence[Column]) -> Iterator[str]:
        raise NotImplementedError


class _Text(_Page):
    def __init__(self, width: int) -> None:
        self.width = width

    def title(self, text: str) -> Iterator[str]:
        yield from self.prose(text)

    def head(self, text: str) -> Iterator[str]:
        yield from ("", *self.prose(text), "═" * min(len(text), self.width))

    def small(self, text: str) -> Iterator[str]:
        yield from ("", *self.prose(f"{text}:"))

    def prose(self, text: str) -> Iterator[str]:
        yield from textwrap.wrap(text, self.width, break_long_words=False, break_on_hyphens=False)

    def item(self, text: str) -> Iterator[str]:
        yield from textwrap.wrap(
            text, self.width, initial_indent="- ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip

    def table(self, columns: Sequence[Column]) -> Iterator[str]:
        yield from text_table(columns, self.width)


class _Markdown(_Page):
    def title(self, text: str) -> Iterator[str]:
        yield from (f"# {text}", "")

    def head(self, text: str) -> Iterator[str]:
        yield from ("", f"## {text}", "")

    def small(self, text: str) -> Iterator[str]:
        yield from ("", f"**{text}**", "")

    def prose(self, text: str) -> Iterator[str]:
        yield from (text, "")

    def item(self, text: str) -> Iterator[str]:
        yield f"- {text}"

    def table(self, columns: Sequence[Column]) -> Iterator[str]:
        yield from markdown_table(columns)


# -- words -----------------------------------------------------------------------------------------------------------


def _mark(brief: Brief) -> str:
    known = "" if brief.known_on is None else f", as it was known on {brief.known_on}"
    because = f": {brief.draft_because[0]}" if brief.draft_because and brief.status != "official" else ""
    more = f"; and {len(brief.draft_because) - 1} more" if because and len(brief.draft_because) > 1 else ""
    return f"{brief.status.upper()}{because}{more}. Seen on {brief.today}{known}."


def _people(brief: Brief) -> str:
    agree = f"; {_and(brief.agree)} {'has' if len(brief.agree) == 1 else 'have'} to agree" if brief.agree else ""
    mode = "The numbers decide" if brief.mode == "replicate" else "The numbers support the choice, and do not make it"
    nothing = f"Doing nothing is no option: {brief.because}" if brief.because else ""
    quo = f"Doing nothing is `{brief.status_quo}`." if brief.status_quo else nothing
    return f"Decided by {brief.decider}{agree}. {mode}. {quo}".strip()


def _span(horizon: Mapping[str, Any]) -> str:
    start, end = str(horizon["start"]), str(horizon["end"])
    return start if start == end else f"{start} to {end}"


def _reads(horizon: Mapping[str, Any]) -> str:
    said = [f"{key} {horizon[key]}".replace("_", " ") for key in ("basis", "structure", "definition") if horizon.get(key)]
    return f" ({', '.join(said)})" if said else ""


def _options(brief: Brief, horizon: Mapping[str, Any]) -> list[Column]:
    options = horizon["options"]
    passports = brief.passports or {}
    metrics = list(options[0]["values"]) if options else []
    ties = [one["place"] for one in options]
    columns = [
        Column("place", tuple(_place(one["place"], ties) for one in options), is_number=True),
        Column("option", tuple(str(one["option"]) for one in options)),
    ]
    for metric in metrics:
        passport = passports.get(metric, {})
        unit, digits = str(passport.get("unit") or ""), passport.get("digits")
        values = [_float(one["values"][metric]) for one in options]
        texts = number_texts(values, percent=unit == "percent", digits=digits if isinstance(digits, int) else None)
        better = {"higher": "↑", "lower": "↓"}.get(str(passport.get("better")), "→")
        columns.append(Column(f"{passport.get('title') or metric} {better} {unit}".strip(), tuple(texts), is_number=True))
    if any(one["score"] is not None for one in options):
        columns.append(Column("score", tuple("–" if one["score"] is None else f"{one['score']:.4f}" for one in options), is_number=True))
    marks = tuple(_marks(brief, one) for one in options)
    return [*columns, Column("", marks)] if any(marks) else columns


def _float(value: object) -> object:
    whole = isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) >= 1
    return float(value) if isinstance(value, Decimal) and not whole else int(value) if isinstance(value, Decimal) else value


def _place(place: int | None, all_places: Sequence[int | None]) -> str:
    return "–" if place is None else f"={place}" if all_places.count(place) > 1 else str(place)


def _marks(brief: Brief, option: Mapping[str, Any]) -> str:
    said = []
    if option["vetoed"]:
        said.append(f"VETO: {', '.join(_title(brief, metric) for metric in option['vetoed'])}")
    lacking = [metric for metric, value in option["values"].items() if value is None]
    if lacking:
        said.append("NO VALUE")
    if option["dominated_by"]:
        first, *more = option["dominated_by"]
        said.append(f"dominated by {first}{f' +{len(more)}' if more else ''}")
    if option["option"] == brief.status_quo:
        said.append("status quo")
    return "; ".join(said)


def _rankings(horizon: Mapping[str, Any], swaps: Sequence[Mapping[str, Any]], only: Sequence[Mapping[str, Any]]) -> list[Column]:
    rows = [("as governed", ranking_text(horizon["options"])), ("as the frontline reads everything", ranking_text(horizon["naive"]))]
    rows += [(f"`{one['definition']}` as the frontline reads it", _or_why(one)) for one in swaps]
    if len(swaps) > 2:
        rows += [(f"`{one['definition']}` alone governed", _or_why(one)) for one in only]
    return [Column("how the ranking depends on definitions", tuple(row[0] for row in rows)), Column("", tuple(row[1] for row in rows))]


def _or_why(swap: Mapping[str, Any]) -> str:
    return ranking_text(swap["options"]) if swap["options"] else f"cannot be ranked: {'; '.join(swap.get('refused', ()))}"


def ranking_text(options: Sequence[Mapping[str, Any]]) -> str:
    """Return a ranking in one line: ``A = B > C``, those without a place left out.

    >>> ranking_text([{"option": "A", "place": 1}, {"option": "B", "place": 1}, {"option": "C", "place": 3}])
    'A = B > C'
    """
    ranked = [one for one in options if one["place"] is not None]
    text = "".join(
        f"{'' if at == 0 else ' = ' if one['place'] == ranked[at - 1]['place'] else ' > '}{one['option']}" for at, one in enumerate(ranked)
    )
    return text or "no option has a place"


def _weights(brief: Brief, horizon: Mapping[str, Any]) -> Iterator[str]:
    for one in horizon["break_evens"]:
        if one.get("nearest"):
            first, other = one["between"]
            now = float(one["now"]) * 100
            way = "above" if one["weight"] >= one["now"] else "below"
            yield f"{_title(brief, one['criterion'])} {way} {float(one['weight']) * 100:.1f} % (now {now:.1f} %): {other} overtakes {first}"


def _title(brief: Brief, metric: str) -> str:
    return str((brief.passports or {}).get(metric, {}).get("title") or metric)


def _crossover(one: Mapping[str, Any]) -> str:
    first, other = one["between"]
    return f"{first} is ahead of {other} over {one['from']}, and behind it over {one['to']}."


def _flag(one: Mapping[str, Any]) -> str:
    changes = "This can change the outcome." if one["changes_outcome"] else "The outcome stays the same."
    told = f" {one['text']}" if one.get("text") else ""
    return f"{one['id']} about {one['about']}:{told} Now {_shown(one['now'])}, if upheld {_shown(one['if_upheld'])}. {changes}"


def _shown(value: object) -> str:
    return "–" if value is None else f"{value:,}" if isinstance(value, int | float | Decimal) else str(value)


def _walk(brief: Brief, one: Mapping[str, Any]) -> str:
    title = _title(brief, one["metric"])
    who = f"{one['option']}, {title}" if one["option"] else title
    if one.get("refused"):
        return f"{who}: no change is told, for {one['refused']}"
    unit = str((brief.passports or {}).get(one["metric"], {}).get("unit") or "")
    steps = ", ".join(f"{name} {_moved(value, unit)}" for name, value in one["steps"].items() if value)
    return f"{who} changed by {_moved(one['change'], unit)}: {steps}"


def _moved(change: Decimal, unit: str) -> str:
    if unit == "percent":
        return f"{change * 100:+,.2f} points"
    return f"{change:+,.2f}{f' {unit}' if unit not in ('', '1') else ''}"


def _meaning(metric: str, passport: Mapping[str, Any]) -> str:
    translation = passport.get("translation")
    title = passport["title"] if passport["title"] != metric else ""
    loses = f" Translated by {translation['owner']}; lost on the way: {translation['loses']}" if isinstance(translation, Mapping) else ""
    return f"{f'{title} ' if title else ''}({metric}, owned by {passport['owner']}): {passport['definition']}{loses}"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


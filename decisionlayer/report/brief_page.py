"""A brief as a page of text: what the numbers say, how firmly, and what would flip it. Marks are words, never colour alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, assert_never

from decisionlayer.decide.brief import Brief
from decisionlayer.frozen import dataclass
from decisionlayer.report.naive_words import moved, naive_reasons, naive_table
from decisionlayer.report.tables import Column, markdown_table, text_table
from decisionlayer.resolve.quantities.printed import rounded_away
from decisionlayer.run.cells import number_texts

#: A page in text is no wider than this, whatever the terminal is.
WIDTH = 80


class Kind(Enum):
    """What a block of a page is."""

    title = "title"
    head = "head"
    small = "small"
    prose = "prose"
    item = "item"
    table = "table"
    gap = "gap"


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a page: some text, or the columns of a table."""

    kind: Kind
    text: str = ""
    columns: tuple[Column, ...] = ()


def as_text(brief: Brief, width: int = WIDTH) -> str:
    """Return the brief as text for a terminal, in lines of at most ``width``."""
    return "\n".join(line for block in page(brief) for line in _text(block, width))


def as_markdown(brief: Brief) -> str:
    """Return the brief as Markdown."""
    return "\n".join(line for block in page(brief) for line in _markdown(block))


def page(brief: Brief) -> Iterator[Block]:
    """Yield what a page says, in order."""
    yield Block(Kind.title, f"{brief.decision}: {brief.question}")
    yield Block(Kind.prose, _mark(brief))
    yield Block(Kind.prose, _people(brief))
    for horizon in brief.horizons:
        yield from _horizon(brief, horizon)
    if brief.crossovers:
        yield Block(Kind.head, "From one horizon to the next")
        yield from _items(_crossover(one) for one in brief.crossovers)
    if brief.flags:
        yield Block(Kind.head, "Open flags")
        yield from _items(_flag(one) for one in brief.flags)
    yield Block(Kind.head, "What the numbers mean")
    yield from _items(_meaning(metric, passport) for metric, passport in (brief.passports or {}).items())
    if brief.findings:
        yield Block(Kind.head, "What was found")
        for finding in brief.findings:
            rule = f" {finding.rule.id}" if finding.rule.id else ""
            yield Block(Kind.item, f"{finding.severity.value}{rule}: {finding.message}")
    yield Block(Kind.gap)
    yield Block(Kind.prose, f"Brief {brief.hash}, meaning {brief.meaning}.")


def _horizon(brief: Brief, horizon: Mapping[str, Any]) -> Iterator[Block]:
    yield Block(Kind.head, f"{_capital(str(horizon['name']))}, {_span(horizon)}{_reads(horizon)}")
    yield Block(Kind.prose, str(horizon["says"]))
    yield Block(Kind.gap)
    yield Block(Kind.table, columns=tuple(_options(brief, horizon)))
    swaps, only = list(horizon["swaps"]), list(horizon["only"])
    if swaps:
        yield Block(Kind.gap)
        yield Block(Kind.table, columns=tuple(_rankings(horizon, swaps, only)))
    naive = naive_table(brief, horizon)
    if naive:
        yield Block(Kind.gap)
        yield Block(Kind.table, columns=naive)
        yield Block(Kind.gap)
    yield from _items(naive_reasons(brief, horizon))
    yield from _under("Weights at which the first place changes hands, the others keeping their proportions", _weights(brief, horizon))
    yield from _under("What is given up", horizon["trade_offs"])
    walks = [walk for walk in horizon["walks"] if walk.get("refused") or sum(1 for change in walk["steps"].values() if change) > 1]
    yield from _under(
        "What the changes against the time before are made of; arithmetic drivers, no causes", (_walk(brief, walk) for walk in walks)
    )
    yield from _under("From the level before to the level after", (_roll(brief, roll) for roll in horizon.get("rolls", ())))
    yield from _items(f"note: {note}" for note in horizon["notes"])


def _under(head: str, texts: Iterable[str]) -> Iterator[Block]:
    """Yield a list under its head, nothing where it is empty."""
    found = list(texts)
    if found:
        yield Block(Kind.small, head)
        yield from _items(found)


def _items(texts: Iterable[str]) -> Iterator[Block]:
    yield from (Block(Kind.item, text) for text in texts)


def _text(block: Block, width: int) -> Iterator[str]:
    match block.kind:
        case Kind.title | Kind.prose:
            yield from _wrapped(block.text, width)
        case Kind.head:
            yield from ("", *_wrapped(block.text, width), "═" * min(len(block.text), width))
        case Kind.small:
            yield from ("", *_wrapped(f"{block.text}:", width))
        case Kind.item:
            yield from _wrapped(block.text, width, "- ", "  ")
        case Kind.table:
            yield from text_table(block.columns, width)
        case Kind.gap:
            yield ""
        case _:
            assert_never(block.kind)


def _wrapped(text: str, width: int, first: str = "", then: str = "") -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=then, break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _markdown(block: Block) -> Iterator[str]:
    match block.kind:
        case Kind.title:
            yield from (f"# {block.text}", "")
        case Kind.head:
            yield from ("", f"## {block.text}", "")
        case Kind.small:
            yield from ("", f"**{block.text}**", "")
        case Kind.prose:
            yield from (block.text, "")
        case Kind.item:
            yield f"- {block.text}"
        case Kind.table:
            yield from markdown_table(block.columns)
        case Kind.gap:
            yield ""
        case _:
            assert_never(block.kind)


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
    change = moved(one["change"], unit)
    steps = [(name, moved(value, unit)) for name, value in one["steps"].items() if value]
    return f"{who} changed by {change}: {_listed(steps, change, unit)}"


def _roll(brief: Brief, one: Mapping[str, Any]) -> str:
    title = _title(brief, one["metric"])
    who = f"{one['option']}, {title}" if one["option"] else title
    if one.get("refused"):
        return f"{who}: nothing leads from one to the other, for {one['refused']}"
    unit = str((brief.passports or {}).get(one["metric"], {}).get("unit") or "")
    said = "" if unit in ("", "1") else f" {unit}"
    steps = [(name, f"{change:+,.2f}") for name, change in one["steps"].items()]
    opening, closing = (f"{one[end]:,.2f}{said}" for end in ("opening", "closing"))
    return f"{who}: {opening}, {_listed(steps, closing, '1', opening)}, {closing}"


def _listed(steps: Sequence[tuple[str, str]], whole: str, unit: str, *first: str) -> str:
    """Return steps with what they move, and what rounding is left where they do not add up to the whole as printed."""
    off = rounded_away((*first, *(step for _, step in steps)), whole)
    last = [("rounding", moved(off / 100 if unit == "percent" else off, unit))] if off else []
    return ", ".join(f"{name} {step}" for name, step in (*steps, *last))


def _meaning(metric: str, passport: Mapping[str, Any]) -> str:
    translation = passport.get("translation")
    title = passport["title"] if passport["title"] != metric else ""
    loses = f" Translated by {translation['owner']}; lost on the way: {translation['loses']}" if isinstance(translation, Mapping) else ""
    return f"{f'{title} ' if title else ''}({metric}, owned by {passport['owner']}): {passport['definition']}{loses}"


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


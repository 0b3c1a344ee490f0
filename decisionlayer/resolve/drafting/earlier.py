"""Editions: the definitions that a metric had before, each laid over the next newer one as a metric of its own.

::

    on_time_rate              since 2026-07-01    where days_late <= 0
    on_time_rate@2024-01-01   since 2024-01-01    where days_late <= 2, everything else as above

People cannot write such a name, so an edition is asked through its metric only. Every check of a metric holds for each of its
editions; what is wrong with one is found where its own lines are, and breaks the metric.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from decisionlayer import declare
from decisionlayer.declare import Entry
from decisionlayer.declare.book import Origin, Path
from decisionlayer.resolve.about import About
from decisionlayer.resolve.values.editions import Edition, edition_name

_BODIES = ("measure", "formula", "conversion")
#: What an edition says of itself, and never takes over from a newer one.
_OWN = frozenset({"since", "past", "earlier"})


def editions_of(entry: Entry, about: About) -> tuple[tuple[Edition, ...], tuple[Entry, ...]]:
    """Return the definitions of a metric, newest first, and the entries of those that it had before.

    ``missing-key`` where nothing says from when, or what becomes of the past; ``wrong-argument`` for days that do not go back,
    ``duplicate-name`` for one day said twice.
    """
    item = entry.item
    assert isinstance(item, declare.Metric)
    if item.since is None:
        _without_since(about, item)
        return (), ()
    if item.past is None and item.earlier:
        _say_past(about, item.since)
    found = [Edition(entry.name, item.since, item.past)]
    entries: list[Entry] = []
    newer = entry
    for position, earlier in enumerate(item.earlier):
        at = ("earlier", position)
        if earlier.since >= found[-1].since:
            same = earlier.since == found[-1].since
            about.say(
                "duplicate-name" if same else "wrong-argument",
                f"{about.title} has {'two definitions' if same else 'an earlier definition'} since {earlier.since}"
                + ("" if same else f", and the one above it since {found[-1].since}"),
                *at,
                "since",
                why="a day would have two definitions",
                help="list earlier definitions newest first, each with the day on which it began",
            )
            return (), ()
        if earlier.past is None and position + 1 < len(item.earlier):
            _say_past(about, earlier.since, *at)
        stray = _stray_term(newer, earlier)
        if stray is not None:
            about.say(
                "missing-key",
                f"{about.title} had a term `{stray}` from {earlier.since} on, and nothing says which metric it took",
                *at,
                "translation",
                "terms",
                stray,
                help="add `from:`, or take the name of a term that the newer definition has",
            )
            return (), ()
        newer = _laid_over(newer, earlier, position, entry)
        entries.append(newer)
        found.append(Edition(newer.name, earlier.since, earlier.past))
    return tuple(found), tuple(entries)


def _without_since(about: About, item: declare.Metric) -> None:
    for key in ("past", "earlier"):
        if getattr(item, key):
            about.say(
                "missing-key",
                f"{about.title} says `{key}`, and not since when it is defined as it is",
                key,
                why="which definition a period has is told by the day on which each began",
                help="add `since:`, the first day of today's definition",
            )
            return


def _say_past(about: About, since: dt.date, *at: str | int) -> None:
    about.say(
        "missing-key",
        f"{about.title} was defined anew on {since}, and nothing says what becomes of the periods before",
        *at,
        why="whether old periods may be read under a new definition is a promise that somebody makes",
        help="add `past: restated` if the data tell it for old periods too, or `past: break`",
    )


def _stray_term(newer: Entry, earlier: declare.Earlier) -> str | None:
    """Return a term that the newer definition does not have, and that names no metric."""
    item = newer.item
    assert isinstance(item, declare.Metric)
    known = {} if item.translation is None else item.translation.terms
    terms = {} if earlier.translation is None else earlier.translation.terms
    return next((name for name, term in terms.items() if name not in known and term.from_ is None), None)


# -- laying one definition over another --------------------------------------------------------------------------------


def _laid_over(newer: Entry, earlier: declare.Earlier, position: int, metric: Entry) -> Entry:
    """Return the entry of an earlier definition: what it says, and of the next newer one what it does not."""
    item = newer.item
    assert isinstance(item, declare.Metric)
    said: dict[str, Any] = {key: getattr(earlier, key) for key in earlier.model_fields_set - {"translation"}}
    if any(key in said for key in _BODIES):
        said = {**dict.fromkeys(_BODIES), **said}
    if earlier.translation is not None:
        said["translation"] = _translation(item.translation or declare.Translation(), earlier.translation)
    changed = item.model_copy(update={**said, "since": earlier.since, "past": earlier.past, "earlier": ()})
    if earlier.formula is not None and changed.translation is not None:
        changed = changed.model_copy(update={"translation": _only_used(changed.translation, earlier)})
    return Entry(metric.kind, edition_name(metric.name, earlier.since), changed, _origin(newer.origin, metric.origin, position))


def _translation(newer: declare.Translation, earlier: declare.EarlierTranslation) -> declare.Translation:
    said: dict[str, Any] = {
        key: getattr(earlier, key)
        for key in earlier.model_fields_set - {"terms"}
        if getattr(earlier, key) is not None or key in ("from_", "where", "population", "to")
    }
    terms = dict(newer.terms)
    for name, term in earlier.terms.items():
        own = {key: getattr(term, key) for key in term.model_fields_set}
        terms[name] = terms[name].model_copy(update=own) if name in terms else declare.Term.model_construct(**own)
    return newer.model_copy(update={**said, "terms": terms})


def _only_used(translation: declare.Translation, earlier: declare.Earlier) -> declare.Translation:
    """Leave out the newer definition's terms that another formula does not name; its own stay, used or not."""
    own = set() if earlier.translation is None else set(earlier.translation.terms)
    words = set(_words(earlier.formula or ""))
    kept = {name: term for name, term in translation.terms.items() if name in own or name in words}
    return translation.model_copy(update={"terms": kept})


def _words(text: str) -> Iterator[str]:
    word = ""
    for one in f"{text} ":
        if one.isalnum() or one == "_":
            word += one
        elif word:
            yield word
            word = ""


def _origin(newer: Origin, metric: Origin, position: int) -> Origin:
    """Return where the parts of an earlier definition stand: its own lines, and the newer one's for what it does not say."""
    own = ("earlier", position)
    return Origin(metric.file, _shifted(newer.parts, metric.parts, own), _shifted(newer.keys, metric.keys, own), metric.text)


def _shifted(newer: Any, metric: Any, own: Path) -> dict[Path, tuple[int, int]]:
    kept = {path: at for path, at in newer.items() if not path or path[0] not in _OWN}
    return kept | {path[len(own) :]: at for path, at in metric.items() if path[: len(own)] == own}

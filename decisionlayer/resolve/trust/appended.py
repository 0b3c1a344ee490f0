"""Appended: what things mean without the lines that were added at the end of a frame since somebody signed.

A frame whose lines stand in a file grows: next month's rates, next year's terms. Lines for days after the last that was there move no
number that could be asked before, so a signature goes on holding for what it saw. Whether nothing else was touched is not believed
but computed: without the added lines the thing must have the very meaning that was signed (docs/adr/0013-appended-frames.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from weakref import WeakKeyDictionary

from decisionlayer.frozen import replace
from decisionlayer.resolve.frames.calendars import Calendar, Listed
from decisionlayer.resolve.frames.rates import Rates
from decisionlayer.resolve.meaning.fingerprints import stamp
from decisionlayer.resolve.model import Model
from decisionlayer.resolve.trust.signable import signables

_DAY = dt.timedelta(days=1)


def last_days(model: Model, subjects: Iterable[str]) -> Mapping[str, dt.date]:
    """Return the last day that each frame knows on whose lines some things stand, by the frame's name.

    Of a table of rates the first day of its newest line. A frame that grows in no file has none.
    """
    known, subjects = signables(model), tuple(subjects)
    found: dict[str, dt.date] = {}
    for name, day in _ends(model):
        bare = signables(stamp(_without(model, name)))
        if any(bare[subject].meaning != known[subject].meaning for subject in subjects if subject in bare and subject in known):
            found[name] = day
    return found


def meaning_then(model: Model, subject: str, days: Mapping[str, dt.date]) -> str | None:
    """Return what a thing means without what frames have gained after some days; None where nothing was gained, or not only at the end."""
    known = _KNOWN.setdefault(model, {})
    key = tuple(sorted(days.items()))
    if key not in known:
        cut = _cut(model, days)
        known[key] = {} if cut is None else {name: one.meaning for name, one in signables(stamp(cut)).items()}
    return known[key].get(subject)


def gained(model: Model, days: Mapping[str, dt.date]) -> str:
    """Return in words what frames have gained after some days."""
    told = []
    for name, day in sorted(days.items()):
        calendar, rates = model.project.calendars.get(name), model.rates.get(name)
        if calendar is not None and isinstance(calendar.rule, Listed) and calendar.rule.after > day + _DAY:
            told.append(f"`{name}` goes on to {calendar.rule.after - _DAY}")
        elif rates is not None:
            added = sorted(line.since for line in rates.lines if line.since is not None and line.since > day)
            if added:
                told.append(f"`{name}` has {len(added)} more line{'s' if len(added) > 1 else ''}, from {added[0]}")
    return "; ".join(told)


def _ends(model: Model) -> Iterator[tuple[str, dt.date]]:
    for name, calendar in model.project.calendars.items():
        if isinstance(calendar.rule, Listed):
            yield name, calendar.rule.after - _DAY
    for name, rates in model.rates.items():
        days = [line.since for line in rates.lines if line.since is not None]
        if days:
            yield name, max(days)


def _without(model: Model, name: str) -> Model:
    """Return a model one of whose frames has other lines."""
    rates, calendar = model.rates.get(name), model.project.calendars.get(name)
    if rates is not None:
        return replace(model, rates={**model.rates, name: replace(rates, lines=())})
    assert calendar is not None and isinstance(calendar.rule, Listed)
    return _with(model, replace(calendar, rule=replace(calendar.rule, after=calendar.rule.after + _DAY)))


def _with(model: Model, calendar: Calendar) -> Model:
    return replace(model, project=replace(model.project, calendars={**model.project.calendars, calendar.name: calendar}))


def _cut(model: Model, days: Mapping[str, dt.date]) -> Model | None:
    """Return a model whose frames end on some days; None where none goes on, or a period of a calendar goes across its day."""
    found = model
    for name, day in days.items():
        rates, calendar = model.rates.get(name), model.project.calendars.get(name)
        if rates is not None:
            found = replace(found, rates={**found.rates, name: _rates_until(rates, day)})
        elif calendar is not None and isinstance(calendar.rule, Listed) and calendar.rule.after > day + _DAY:
            rule = _periods_until(calendar.rule, day + _DAY)
            if rule is None:
                return None
            found = _with(found, replace(calendar, rule=rule))
    return None if found is model else found


def _rates_until(rates: Rates, day: dt.date) -> Rates:
    return replace(rates, lines=tuple(line for line in rates.lines if line.since is None or line.since <= day))


def _periods_until(rule: Listed, after: dt.date) -> Listed | None:
    """Return the periods before a day; None where one of them goes on beyond it, for then that one is longer than it was."""
    if any(after not in starts for starts in rule.starts.values()):
        return None
    counts = {grain: starts.index(after) for grain, starts in rule.starts.items()}
    return Listed(
        {grain: starts[: counts[grain]] for grain, starts in rule.starts.items()},
        {grain: labels[: counts[grain]] for grain, labels in rule.labels.items()}, after,
    )  # fmt: skip


_KNOWN: WeakKeyDictionary[Model, dict[tuple[tuple[str, dt.date], ...], Mapping[str, str]]] = WeakKeyDictionary()

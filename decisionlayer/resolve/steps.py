"""CORRIDOR: from the book to the model, one step after the other. Each step adds findings; none raises."""

from __future__ import annotations

import datetime as dt

from decisionlayer.declare import Book
from decisionlayer.findings import in_order
from decisionlayer.frozen import replace
from decisionlayer.resolve.about import About
from decisionlayer.resolve.bodies.metric_dimensions import check_metric_dimensions
from decisionlayer.resolve.bodies.metrics import resolve_metrics
from decisionlayer.resolve.bodies.roll_forwards import resolve_roll_forwards
from decisionlayer.resolve.collect import Collector
from decisionlayer.resolve.drafting.bench import Bench
from decisionlayer.resolve.drafting.drafts import drafts_of
from decisionlayer.resolve.foundations import (
    Foundations,
    resolve_assumptions,
    resolve_parties,
    resolve_project,
    resolve_units,
)
from decisionlayer.resolve.frames.hierarchies import resolve_hierarchies
from decisionlayer.resolve.frames.reading import resolve_calendars, resolve_rates
from decisionlayer.resolve.log import log_of
from decisionlayer.resolve.meaning.fingerprints import stamp
from decisionlayer.resolve.model import Model
from decisionlayer.resolve.reach.askable import Askable
from decisionlayer.resolve.reach.paths import Paths
from decisionlayer.resolve.switching.switch import check_switches
from decisionlayer.resolve.trust.handing import handed
from decisionlayer.resolve.trust.licences import inherited
from decisionlayer.resolve.trust.restatements import breaks_alone
from decisionlayer.resolve.trust.standing import lost_signatures
from decisionlayer.resolve.trust.waivers import with_waivers
from decisionlayer.resolve.trust.weights_seen import moved_weights
from decisionlayer.resolve.uses.decisions import resolve_decisions
from decisionlayer.resolve.uses.estates import resolve_estates
from decisionlayer.resolve.uses.targets import resolve_targets
from decisionlayer.resolve.uses.views import resolve_views
from decisionlayer.resolve.uses.watches import check_watches
from decisionlayer.resolve.uses.words import compare_words, resolve_words
from decisionlayer.resolve.world.namespace import askable_names, frames_beside
from decisionlayer.resolve.world.sources import resolve_sources
from decisionlayer.sweeping import nothing_to_sweep


def resolve(book: Book, today: dt.date | None = None) -> Model:
    """Return the model of everything that ``book`` declares, with all findings of reading and resolving it.

    Nothing raises for what people wrote. ``today`` decides who is still a party, and nothing else: no fingerprint hangs on it.
    """
    with nothing_to_sweep():
        return _resolve(book, today or dt.date.today())


def _resolve(book: Book, today: dt.date) -> Model:
    collector = Collector()
    _take_reading(book, collector)
    log = log_of(book)
    book = handed(book, log, today)

    # foundations
    project = resolve_project(book, collector)
    units = resolve_units(book, collector)
    parties = resolve_parties(book, collector)
    assumptions = resolve_assumptions(book, units, parties, collector, today)

    # frames
    project = replace(project, calendars=resolve_calendars(book, parties, today, collector))
    rates = resolve_rates(book, parties, today, collector)
    ground = Foundations(project, units, parties, today)

    # sources, entities, dimensions
    sources, entities = resolve_sources(book, ground, collector)
    lines = resolve_hierarchies(book, ground, sources, entities, collector)
    sources, entities = lines.sources, lines.entities
    base = Model(
        project, parties, units, assumptions, sources, entities, lines.hierarchies, rates,
        broken=collector.broken, licence=collector.licence, log=log, today=today,
    )  # fmt: skip
    collector.take(base.log.findings)
    collector.take(frames_beside(book, sources))

    # metrics: bodies, units, grain, purposes, owners
    bench = Bench(book, ground, sources, entities, assumptions, Paths(base), collector, drafts_of(book), rates, lines.hierarchies)
    order = resolve_metrics(bench, {**askable_names(sources), **dict.fromkeys(project.calendars, "a frame")})
    resolve_roll_forwards(bench, order)
    metrics = {name: bench.metrics[name] for name in bench.drafts if name in bench.metrics}
    model = replace(base, metrics=metrics)

    check_metric_dimensions(book, model, collector)
    check_watches(book, model, collector)
    check_switches(bench, order, model)

    # what stands on metrics
    words, found = resolve_words(book, model)
    collector.take(found)
    askable = Askable(model)
    decisions, found = resolve_decisions(book, model, askable, today=today, roots=collector.roots)
    collector.take(found)
    views, found = resolve_views(book, model, askable, today=today, roots=collector.roots)
    collector.take(found)

    targets, found = resolve_targets(book, model, askable, today=today, roots=collector.roots)
    collector.take(found)

    estates, found = resolve_estates(book, parties, today)
    collector.take(found)

    # meanings, and what only meanings can tell
    model = stamp(replace(model, words=words, decisions=decisions, views=views, targets=targets, estates=estates))
    collector.take(compare_words(book, model))
    if model.is_dated:
        collector.take(breaks_alone(book, model))
    model = replace(model, broken=dict(collector.broken), licence=inherited(model, order, collector.licence))
    collector.take(lost_signatures(model))
    collector.take(moved_weights(model))
    return replace(model, findings=with_waivers(model, in_order(collector.findings)))


def _take_reading(book: Book, collector: Collector) -> None:
    """Take over what reading found; what could not be read is broken, whether a finding names it or not.

    ``duplicate-name`` for what two books that were put together both declare.
    """
    collector.take(book.findings)
    seen: set[tuple[str, str]] = set()
    for entry in book.entries:
        key = (entry.kind, entry.name)
        about = About(entry)
        if key in seen and about.subject not in collector.broken:
            about.say("duplicate-name", f"{about.title} is declared twice", help="rename one of them, or take it out")
            collector.take(about.findings)
        seen.add(key)
    for kind, name in book.unread:
        if f"{kind} {name}" not in collector.broken:
            collector.block(f"{kind} {name}", ())

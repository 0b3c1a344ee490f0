"""Definitions in time: which one a metric is read under for a stretch of time, by the calendar alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from decisionlayer.resolve.model import Edition, Formula, Metric, Model
from tests.reference.question import Question
from tests.reference.spans import FOREVER, Span, Wall
from tests.reference.walks import Unanswerable


@dataclass(frozen=True)
class Life:
    """A definition and the stretch in which it was in force."""

    edition: Edition
    span: Span


class Editions:
    """How one question reads the definitions of its metrics."""

    def __init__(self, model: Model, question: Question, wall: Wall, versions: dict[str, dt.date]) -> None:
        self.model = model
        self.wall = wall
        self.definition = question.definition
        today = question.today or dt.date.today()
        self.day = today if question.known_on is None else min(today, question.known_on)
        self.restated_on = self.day
        if question.basis is not None:
            name, _, at = question.basis.partition("@")
            self.definition = "as_then" if name == "as_reported" else "restated"
            if at:
                self.restated_on = versions[at] if at in versions else dt.date.fromisoformat(at)

    def lives(self, metric: Metric) -> list[Life]:
        """Return the definitions that are in force by the day of the question, newest first, each with its stretch."""
        known = [each for each in metric.editions if each.since <= self.day] or list(metric.editions[-1:])
        ends, found = FOREVER, []
        for edition in known:
            begins = self.wall.point(edition.since)
            found.append(Life(edition, Span(begins, ends)))
            ends = begins
        return found

    def every(self, metric: Metric) -> list[Life | None]:
        """Return what a metric may be read under in this question, with its stretch where that bounds it; None: as it is today."""
        if not metric.editions:
            return [None]
        if self.definition == "as_then":
            return list(self.lives(metric))
        return [Life(self.fixed(metric), Span())]

    def fixed(self, metric: Metric) -> Edition:
        """Return the one definition for every period."""
        by = self.restated_on if self.definition == "restated" else self.day
        return next((each for each in metric.editions if each.since <= by), metric.editions[-1])

    def chosen(self, metric: Metric, span: Span | None) -> Life | None:
        """Return the definition for a stretch of time; None where there was none yet."""
        if self.definition == "restated":
            return Life(self.fixed(metric), Span())
        lives = self.lives(metric)
        if self.definition is None:
            if span is None or span.begins < lives[0].span.begins:
                raise Unanswerable(f"{metric.name} was defined anew, and nothing says which definition is meant")
            return Life(lives[0].edition, Span())
        if span is None:
            return None
        met = [life for life in lives if life.span.begins < span.ends and span.begins < life.span.ends]
        if len(met) > 1 or (met and span.begins < met[-1].span.begins):
            raise Unanswerable(f"{metric.name} has two definitions in one stretch of time")
        return met[0] if met else None

    def is_broken(self, name: str, then: Span | None, now: Span | None) -> bool:
        """Say whether a metric, or one beneath it, was broken with between two stretches of time."""
        if self.definition != "as_then" or then is None or now is None:
            return False
        return any(
            life.edition.past == "break" and then.begins < life.span.begins <= now.begins
            for metric in self.tree(name) if metric.editions
            for life in self.lives(metric)[:-1]
        )  # fmt: skip

    def tree(self, name: str) -> Iterator[Metric]:
        metric = self.model.metrics[name]
        yield metric
        if isinstance(metric.body, Formula):
            for term in metric.body.terms.values():
                yield from self.tree(term.metric)

"""A question made ready: bound, of the units that it compares, with its rest as one group, its mixes put together.

Each of these changes which rows a number is of, and the parts of one question must all be of the same.
"""

from __future__ import annotations

from decisionlayer.findings import Finding
from decisionlayer.frozen import dataclass
from decisionlayer.plan.assemble import NOTHING, Given, assemble
from decisionlayer.plan.bind.bound import BoundQuestion
from decisionlayer.plan.bind.question import Binding
from decisionlayer.plan.like_for_like import Likeness, likeness_of
from decisionlayer.plan.nodes import Present
from decisionlayer.plan.query import Query, is_like_for_like
from decisionlayer.plan.rest import Top, top_of, with_rest, without_periods
from decisionlayer.plan.reweighting import mixed, under_mixes, without_mixes
from decisionlayer.resolve.model import Model


@dataclass(frozen=True, slots=True)
class Prepared:
    """A question and what its plan is made of; ``given`` are numbers that are worked out beside it."""

    question: BoundQuestion
    model: Model
    given: Given = NOTHING

    def plan(self) -> Present:
        """Return its naive plan."""
        return assemble(self.question, self.model, self.given)


def prepare(query: Query, model: Model, findings: list[Finding]) -> Prepared | None:
    """Return the question ready to be planned; None after findings."""
    binding = Binding(query, model)
    mixes = mixed(binding)
    if mixes:
        binding = Binding(query, without_mixes(model))
    question = binding.result()
    findings += (finding for finding in binding.findings if finding not in findings)
    if question is None:
        return None
    top: Top | None = None
    if query.rest and not query.extremes:
        top, wrong = top_of(query, binding, question, lambda ranking: _ranked(ranking, model, findings))
        findings += wrong
        if top is None:
            return None

    alike: Likeness | None = None
    if is_like_for_like(query):
        alike, refused = likeness_of(query, binding, question, binding.model)
        findings += (finding for finding in refused if finding not in findings)
        if alike is None:
            return None

    def shape(bound: Binding, asked: BoundQuestion) -> BoundQuestion | None:
        shaped: BoundQuestion | None = asked
        if alike is not None:
            shaped, refused = alike.among(asked)
            findings.extend(finding for finding in refused if finding not in findings)
        if top is not None and shaped is not None:
            shaped, wrong = with_rest(query, bound, shaped, top)
            findings.extend(finding for finding in wrong if finding not in findings)
        return shaped

    shaped = shape(binding, question)
    if shaped is None:
        return None
    if not mixes:
        return Prepared(shaped, binding.model)
    given, shaped = under_mixes(mixes, query, binding, shaped, shape, findings)
    return None if findings else Prepared(shaped, binding.model, given)


def _ranked(query: Query, model: Model, findings: list[Finding]) -> Present | None:
    refused: list[Finding] = []
    found = prepare(query, model, refused)
    findings += (without_periods(finding) for finding in refused)
    return None if found is None else found.plan()

"""Targets: the level that is promised for a metric, and the parts that rebuild it."""

from __future__ import annotations

from decisionlayer.declare.base import Declaration, DeclaredName, Expression, ListOf, Moment, Number


class Part(Declaration):
    """The share of one part in a target: its own level, its planned denominator (``base``), and an ``offer`` that is open.

    An open offer, made ``by`` somebody, stands in the place of ``value`` until it is taken or withdrawn.
    """

    where: Expression
    value: Number
    base: Number | None = None
    accepted_by: str | None = None
    offer: Number | None = None
    by: str | None = None


class Target(Declaration):
    """A level promised for a metric, scope and period, proposed and accepted by named parties.

    Whether it is the least or the most is told by the metric's ``better``; ``stretch`` is what was asked for beyond what is needed.
    """

    target: DeclaredName
    metric: str
    value: Number
    where: Expression | None = None
    start: Moment | None = None
    end: Moment | None = None
    stretch: Number | None = None
    proposed_by: str | None = None
    accepted_by: str | None = None
    parts: ListOf[Part] = ()

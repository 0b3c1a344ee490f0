"""A number row by row: the model in which some metrics may be split by the key of their source.

A metric of one row is what that row does to it, so that two readings of a number can be told apart by the rows on which they differ.
"""

from __future__ import annotations

from decisionlayer.frozen import replace
from decisionlayer.resolve.language.tree import Name
from decisionlayer.resolve.language.types import UNKNOWN
from decisionlayer.resolve.model import Dimension, Grain, Model, Source
from decisionlayer.resolve.reach.beneath import Beneath


def key_splits(source: Source) -> tuple[str, ...]:
    """Return what to ask ``by``, one for each column of the key; no name that people can write, since it holds two underscores."""
    return tuple(f"row__{position}" for position in range(len(source.key)))


def split_by_row(model: Model, source: Source, asked: tuple[str, ...]) -> Model:
    """Return the model in which the asked metrics, all over ``source``, may be split by ``key_splits``."""
    keys = {
        name: Dimension(name, Name((column,)), source.columns[column].type if column in source.columns else UNKNOWN)
        for name, column in zip(key_splits(source), source.key, strict=True)
    }
    beneath = Beneath(model.metrics)
    free = {
        part.name: replace(part, grain=Grain(None, None), limit=Grain(None, None)) for name in asked for part in beneath.tree(name)
    }
    sources = {**model.sources, source.name: replace(source, dimensions={**source.dimensions, **keys})}
    return replace(model, sources=sources, metrics={**model.metrics, **free})

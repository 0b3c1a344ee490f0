"""The shape of declarations: which keys belong where. For messages, which name the keys that would have been right."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from decisionlayer.declare.base import Declaration

Path: TypeAlias = tuple[str | int, ...]


def keys_of(model: type[Declaration]) -> tuple[str, ...]:
    """Return the keys that people write for a declaration, in its own order.

    >>> from decisionlayer.declare import Validity
    >>> keys_of(Validity)
    ('from', 'to')
    """
    return tuple(field.alias or name for name, field in model.model_fields.items())


def required_keys(model: type[Declaration]) -> tuple[str, ...]:
    """Return the keys without which a declaration cannot be read."""
    return tuple(field.alias or name for name, field in model.model_fields.items() if field.is_required())


def model_at(model: type[Declaration], path: Path) -> type[Declaration] | None:
    """Return the kind of declaration that stands at ``path`` within ``model``, or None where text or a number does.

    >>> from decisionlayer.declare import Metric
    >>> model_at(Metric, ("translation", "terms", "late")).__name__
    'Term'
    """
    return next((one for one in _at(model, path) if _is_declaration(one)), None)


def is_text_at(model: type[Declaration], path: Path) -> bool:
    """Say whether text may stand at ``path`` within ``model``.

    >>> from decisionlayer.declare import Decision
    >>> is_text_at(Decision, ("agree", 0)), is_text_at(Decision, ("horizons", 0))
    (True, False)
    """
    return any(one is str or (get_origin(one) is Literal and str in map(type, get_args(one))) for one in _at(model, path))


def _at(model: type[Declaration], path: Path) -> list[Any]:
    annotation: Any = model
    for step in path:
        annotation = _part(annotation, step)
    return _alternatives(annotation)


def _part(annotation: Any, step: str | int) -> Any:
    for one in _alternatives(annotation):
        if _is_declaration(one):
            for name, field in one.model_fields.items():
                if step == (field.alias or name):
                    return field.annotation
        elif get_origin(one) is tuple and isinstance(step, int):
            return get_args(one)[0]
        elif get_origin(one) in (dict, Mapping) and isinstance(step, str):
            return get_args(one)[1]
    return None


def _alternatives(annotation: Any) -> list[Any]:
    """Return what a value may be: the members of a union, without their annotations."""
    if get_origin(annotation) is Annotated:
        return _alternatives(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return [one for member in get_args(annotation) for one in _alternatives(member)]
    return [annotation]


def _is_declaration(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Declaration)

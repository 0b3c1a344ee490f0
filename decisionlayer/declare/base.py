"""What every declaration shares: frozen, no unknown keys, no coercion beyond what YAML needs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from decisionlayer.names import is_name


class Declaration(BaseModel):
    """A thing that people write. Shape only: it looks nothing up and knows no other declaration."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True, ser_json_inf_nan="strings")


def _read_date(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError as wrong:
            raise ValueError(f"{value!r} is no date; write it as 2012-01-31") from wrong
    return value


def _read_number(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("a number belongs here, not true or false")
    if isinstance(value, int | float):
        try:
            return Decimal(repr(value))
        except InvalidOperation as wrong:
            raise ValueError("a number belongs here") from wrong
    return value


def _check_name(value: str) -> str:
    if not is_name(value):
        raise ValueError(
            f"{value!r} is no name: letters, digits and single underscores, beginning with a letter or an underscore"
        )
    return value


def _one_or_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


def _list(value: Any) -> Any:
    if isinstance(value, str):
        raise ValueError(f"a list belongs here: write [{value}]")
    return tuple(value) if isinstance(value, list) else value


def _pairs(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _named_list(value: Any) -> Any:
    """Read ``[name, tz]`` as ``{name: name, tz: tz}``."""
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return {item: item for item in value}
    return value


#: A day, written ``2012-01-31``.
Day = Annotated[dt.date, BeforeValidator(_read_date)]
#: An exact number; floats are read by their shortest spelling.
Number = Annotated[Decimal, BeforeValidator(_read_number)]
#: A legal name.
DeclaredName = Annotated[str, BeforeValidator(lambda v: _check_name(v) if isinstance(v, str) else v)]
#: Prose; may not be empty.
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
#: An expression of the language, kept as text until it is resolved.
Expression = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1)]
#: A list of texts that may be written as one text.
OneOrMany = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
#: A list of texts; one text is refused, because a reader would take its letters for the list.
Texts = Annotated[tuple[str, ...], BeforeValidator(_list)]
#: Expressions by name; a plain list names each after itself.
NamedExpressions = Annotated[dict[str, Any], BeforeValidator(_named_list)]


Item = TypeVar("Item")
#: A list of things, kept as a tuple.
ListOf = Annotated[tuple[Item, ...], BeforeValidator(_pairs)]

"""What every declaration shares: frozen, no unknown keys, no coercion beyond what YAML needs.

A declaration that is written in Python remembers the line that wrote it (``written_at``), and a mistake in it is a
DeclarationError in plain words. One that is read from a file is checked by ``load``, which knows better places.
"""

from __future__ import annotations

import datetime as dt
import sys
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from decisionlayer.names import is_name


def plain_key(field: str) -> str:
    """Return the key that people write for a field: ``from_`` is ``from``, which Python keeps for itself."""
    return field.rstrip("_")


class Declaration(BaseModel):
    """A thing that people write. Shape only: it looks nothing up and knows no other declaration.

    Raises DeclarationError with one finding for each key that is wrong: ``unknown-key``, ``missing-key``, ``wrong-type``,
    ``bad-name``.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, populate_by_name=True, alias_generator=plain_key, defer_build=True
    )

    # The file and line of the call that made it; absent when it was read from a file. A slot, so that it is no field:
    # two declarations that say the same are equal wherever they stand.
    __slots__ = ("written_at",)

    def __init__(self, /, **keys: Any) -> None:
        caller = sys._getframe(1)
        written_at = (caller.f_code.co_filename, caller.f_lineno)
        try:
            super().__init__(**keys)
        except ValidationError as wrong:
            from decisionlayer.declare.problems import refusal

            raise refusal(type(self), keys, wrong, written_at) from None
        object.__setattr__(self, "written_at", written_at)

    # Without this mark pydantic calls __init__ for each nested declaration, twenty times slower.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


def _read_day(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("day_wanted", "a day such as 2012-01-31") from None
    return value


def _read_number(value: Any) -> Any:
    """Read whole numbers and floats as exact decimals; a float by its shortest spelling, as it was typed."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(repr(value))
    return value


def _read_moment(value: Any) -> Any:
    """Read a year without quotes (``start: 2013``) and Python's own dates as ISO 8601 text."""
    if isinstance(value, int) and not isinstance(value, bool) and 1000 <= value <= 9999:
        return str(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _read_pure_number(value: Any) -> Any:
    """Read the unit of a pure number without quotes: ``unit: 1``. Every other number is no unit."""
    return "1" if type(value) is int and value == 1 else value


def _check_name(value: Any) -> Any:
    if isinstance(value, str) and not is_name(value):
        raise PydanticCustomError("name_wanted", "a name")
    return value


def _one_or_many(value: Any) -> Any:
    match value:
        case str():
            return (value,)
        case list() | tuple():
            return tuple(value)
        case _:
            raise PydanticCustomError("text_or_list_wanted", "text or a list")


def _list(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def named_list(value: Any) -> Any:
    """Read ``[name, tz]`` as ``{name: name, tz: tz}``."""
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return {item: item for item in value}
    return value


def short_for(key: str, value: Any, *, wanted: str) -> Any:
    """Read one text as the declaration in which it stands under ``key``: ``carrier: text`` as ``carrier: {type: text}``."""
    match value:
        case str():
            return {key: value}
        case dict() | Declaration():
            return value
        case _:
            raise PydanticCustomError("short_form_wanted", "{wanted}", {"wanted": wanted})


Item = TypeVar("Item")
#: A list of things, kept as a tuple. One text is refused, because a reader would take its letters for the list.
ListOf = Annotated[tuple[Item, ...], BeforeValidator(_list)]
#: A list of texts.
Texts = Annotated[tuple[str, ...], BeforeValidator(_list)]
#: A list of texts that may be written as one text.
OneOrMany = Annotated[tuple[str, ...], BeforeValidator(_one_or_many, json_schema_input_type=str | tuple[str, ...])]
#: A day, written ``2012-01-31``.
Day = Annotated[dt.date, BeforeValidator(_read_day)]
#: A time of any precision, kept as it was written: ``2013``, ``2013-12``, ``2013-12-31T18:00``.
Moment = Annotated[str, BeforeValidator(_read_moment, json_schema_input_type=str | int)]
#: An exact number.
Number = Annotated[Decimal, BeforeValidator(_read_number), WithJsonSchema({"type": "number"})]
#: A unit as text; ``1``, a pure number, may be written without quotes.
UnitText = Annotated[str, BeforeValidator(_read_pure_number, json_schema_input_type=str | Literal[1])]
#: A unit, or the column in which each row says its own.
UnitOfRows = Annotated[
    str | dict[str, str], BeforeValidator(_read_pure_number, json_schema_input_type=str | Literal[1] | dict[str, str])
]
#: A legal name.
DeclaredName = Annotated[
    str, BeforeValidator(_check_name), WithJsonSchema({"type": "string", "pattern": "^(?!.*__)[A-Za-z_][A-Za-z0-9_]*$"})
]
#: Prose; may not be empty.
Prose = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
#: An expression of the language, kept as text until it is resolved.
Expression = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1)]

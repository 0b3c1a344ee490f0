"""The JSON Schema of a project's YAML files, made from the declarations, so that editors complete and check while one types.

It describes one YAML document: the keys of a file, each with its list, and ``for_all``. What it cannot say (one of ``table``,
``sql`` and ``file``; a name said twice; a shared key that nothing takes) loading says.
"""

from __future__ import annotations

from typing import Any, Final

from pydantic.json_schema import models_json_schema

from decisionlayer.declare import KINDS, Declaration, Project
from decisionlayer.load.items import PROJECT, SHARED

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a file under ``definitions/`` or ``metrics/``.

    An empty value is refused as loading refuses it; a heading may be empty, as when all its items are commented out.
    """
    models: list[type[Declaration]] = [Project, *(model for _, model in KINDS.values())]
    refs, together = models_json_schema([(model, "validation") for model in models], by_alias=True)
    parts: dict[str, Any] = _plain(together["$defs"])
    headings = {
        heading: {"type": ["array", "null"], "items": refs[model, "validation"], "description": _claim(model)}
        for heading, (_, model) in KINDS.items()
    }
    return {
        "$schema": _DIALECT,
        "title": "A file of a decisionlayer project",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {PROJECT: refs[Project, "validation"], SHARED: _shared(parts), **headings},
        "$defs": parts,
    }


def _shared(parts: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of ``for_all``: every key of every kind but the names, each as any kind takes it."""
    taken: dict[str, list[Any]] = {}
    for kind, model in KINDS.values():
        for key, schema in parts[model.__name__]["properties"].items():
            schemas = taken.setdefault(key, [])
            if key != kind and schema not in schemas:
                schemas.append(schema)
    properties = {key: schemas[0] if len(schemas) == 1 else {"anyOf": schemas} for key, schemas in taken.items() if schemas}
    return {
        "type": ["object", "null"],
        "description": "Keys that the items of this document share; an item's own key wins.",
        "additionalProperties": False,
        "properties": properties,
    }


def _claim(model: type) -> str:
    return (model.__doc__ or "").strip().splitlines()[0].replace("``", "`")


def _plain(schema: Any, *, names: bool = True) -> Any:
    """Return a schema without what only says that a key may be left out: its ``null``, its default and its made-up title.

    ``names`` is whether the keys at this level are names that people write, which may be called ``title`` or ``default``.
    """
    match schema:
        case {"anyOf": [only, {"type": "null"}], **rest} if not names:
            return {**_plain(dict(rest), names=False), **_plain(only, names=False)}
        case {"anyOf": [*several], **rest} if not names:
            kept = [_plain(one, names=False) for one in several if one != {"type": "null"}]
            return {"anyOf": kept, **_plain(dict(rest), names=False)}
        case {"patternProperties": _, **rest} if "additionalProperties" not in rest:
            return _plain({**schema, "additionalProperties": False}, names=names)
        case dict():
            dropped = () if names else ("title", "default")
            return {
                key: value.replace("``", "`").replace("\n\n", " ") if key == "description" and isinstance(value, str)
                else _plain(value, names=not names and key in ("properties", "$defs"))
                for key, value in schema.items() if key not in dropped
            }  # fmt: skip
        case list():
            return [_plain(one, names=False) for one in schema]
        case _:
            return schema

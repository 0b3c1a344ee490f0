"""Frozen dataclasses that cost little to define: the package has over a hundred, and a command waits for all that it imports.

What stands here takes the place of ``dataclasses.dataclass`` and ``dataclasses.replace``, and means the same. The library writes
and compiles seven methods for each class, half a millisecond; here only ``__init__`` is compiled, and the others are shared.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass, replace
else:

    def dataclass(cls=None, /, **options):
        """Return a class with the fields that it annotates; one that is not frozen is made by the library itself."""
        if cls is None:
            return lambda cls: dataclass(cls, **options)
        if not (options.get("frozen") and options.get("slots")):
            return dataclasses.dataclass(cls, **options)
        return _frozen(cls, options)

    def replace(value, /, **changes):
        """Return ``value`` with some fields changed."""
        fields = getattr(type(value), "__frozen_fields__", None)
        if fields is None:
            return dataclasses.replace(value, **changes)
        new = type(value).__frozen_copy__(value)
        for name, given in changes.items():
            if name not in fields:
                raise TypeError(f"{type(value).__name__} has no {name!r}")
            fields[name](new, given)
        return new


def _frozen(cls: type, options: dict[str, Any]) -> Any:
    """Return the class again, with slots, and with every method that it does not write itself."""
    assert cls.__bases__ == (object,), "a frozen dataclass has no base class"
    inside = {name: value for name, value in vars(cls).items() if name not in ("__dict__", "__weakref__")}
    types = inside.get("__annotations__", {})
    specs = {name: _spec(inside.pop(name, dataclasses.MISSING)) for name in types}
    slots = (*types, "__weakref__") if options.get("weakref_slot") else tuple(types)
    made: Any = type(cls)(cls.__name__, (), {**_SHARED, "__match_args__": tuple(types), **inside, "__slots__": slots})
    made.__qualname__ = cls.__qualname__
    made.__frozen_fields__ = {name: vars(made)[name].__set__ for name in types}
    made.__frozen_copy__ = lambda self: _copy(made)(self)
    methods = {"__init__": _init(made, specs)}
    compared = [name for name, spec in specs.items() if spec.compare]
    if options.get("eq", True):
        methods |= _equality(made, compared)
    if options.get("order"):
        methods |= _order(compared)
    shown = [name for name, spec in specs.items() if spec.repr]
    methods["__repr__"] = lambda self: f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"
    for name, method in methods.items():
        if inside.get(name) is None:  # a class that writes `__eq__` alone holds `__hash__ = None`
            method.__name__ = name
            method.__qualname__ = f"{cls.__qualname__}.{name}"
            setattr(made, name, method)
    made.__dataclass_fields__ = _Fields(made, specs)
    return made


def _spec(given: Any) -> Any:
    return given if isinstance(given, dataclasses.Field) else dataclasses.field(default=given)


def _init(cls: Any, specs: dict[str, Any]) -> Any:
    """Compile the one method that differs for each class; a slot is written through its descriptor, past ``__setattr__``."""
    known: dict[str, Any] = {"_unset": _UNSET}
    parameters, lines = [], []
    for name, spec in specs.items():
        known[f"_set_{name}"] = vars(cls)[name].__set__
        given = name
        if spec.default_factory is not dataclasses.MISSING:
            known[f"_new_{name}"] = spec.default_factory
            parameters.append(f"{name}=_unset")
            given = f"_new_{name}() if {name} is _unset else {name}"
        elif spec.default is not dataclasses.MISSING:
            known[f"_is_{name}"] = spec.default
            parameters.append(f"{name}=_is_{name}")
        else:
            parameters.append(name)
        lines.append(f" _set_{name}(self, {given})")
    exec(f"def __init__(self, {', '.join(parameters)}):\n" + ("\n".join(lines) or " pass"), known)
    init = known["__init__"]
    init.__annotations__ = {**cls.__annotations__, "return": None}
    init.__module__ = cls.__module__
    return init


def _copy(cls: Any) -> Any:
    """Compile what copies a value, when the first one is changed."""
    known = {f"_set_{name}": write for name, write in cls.__frozen_fields__.items()} | {"_new": object.__new__, "_cls": cls}
    lines = [f" _set_{name}(new, self.{name})" for name in cls.__frozen_fields__]
    exec("\n".join(["def __frozen_copy__(self):", " new = _new(_cls)", *lines, " return new"]), known)
    cls.__frozen_copy__ = known["__frozen_copy__"]
    return cls.__frozen_copy__


def _equality(cls: Any, names: list[str]) -> dict[str, Any]:
    """Return ``__eq__`` and ``__hash__``, which compile themselves when first used: most classes are never compared."""

    def compiled() -> dict[str, Any]:
        mine, others = (f"({''.join(f'{one}.{name}, ' for name in names)})" for one in ("self", "other"))
        known: dict[str, Any] = {}
        exec(
            f"def __eq__(self, other):\n return {mine} == {others} if other.__class__ is self.__class__ else NotImplemented\n"
            f"def __hash__(self):\n return hash({mine})",
            known,
        )
        return {name: known[name] for name in ("__eq__", "__hash__")}

    def settle(name: str) -> Any:
        method = compiled()[name]
        setattr(cls, name, method)
        return method

    def equal(self: Any, other: object) -> Any:
        return settle("__eq__")(self, other)

    def hashed(self: Any) -> Any:
        return settle("__hash__")(self)

    return {"__eq__": equal, "__hash__": hashed}


def _order(names: list[str]) -> dict[str, Any]:
    def comparing(compare: Any) -> Any:
        def method(self: Any, other: Any) -> Any:
            if other.__class__ is not self.__class__:
                return NotImplemented
            return compare(*(tuple(getattr(one, name) for name in names) for one in (self, other)))

        return method

    return {name: comparing(getattr(tuple, name)) for name in ("__lt__", "__le__", "__gt__", "__ge__")}


class _Unset:
    def __repr__(self) -> str:
        return "<factory>"


_UNSET = _Unset()


def _refuse_to_set(self: object, name: str, value: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, name) for name in type(self).__frozen_fields__]


def _restore(self: Any, state: list[Any]) -> None:
    for write, value in zip(type(self).__frozen_fields__.values(), state, strict=True):
        write(self, value)


_SHARED = {
    "__setattr__": _refuse_to_set,
    "__delattr__": _refuse_to_delete,
    "__getstate__": _state,
    "__setstate__": _restore,
}


class _Fields:
    """What ``dataclasses.fields`` and whoever else looks for a dataclass wants to see, made by the library when asked for."""

    def __init__(self, cls: Any, specs: dict[str, Any]) -> None:
        self.cls, self.specs = cls, specs

    def __get__(self, value: object, owner: object) -> Any:
        annotated = {"__annotations__": dict(self.cls.__annotations__), "__module__": self.cls.__module__}
        twin = type(self.cls.__name__, (), {**annotated, **self.specs})
        found = dataclasses.fields(dataclasses.dataclass(twin))
        self.cls.__dataclass_fields__ = {field.name: field for field in found}
        return self.cls.__dataclass_fields__

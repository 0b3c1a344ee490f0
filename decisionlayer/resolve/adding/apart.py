"""Apart: whether two conditions on one value cannot both hold, as ``segment = 'a'`` and ``segment in ('b', 'c')``.

Only what is plain is seen: one name against constants. Whatever else is written may overlap.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from decisionlayer.frozen import dataclass
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, Value

_TURNED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NEGATED = {"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True, slots=True)
class Test:
    """What a condition says of one name: a comparison with constants, or ``null`` / ``known``."""

    name: Name
    says: str
    values: tuple[Value, ...] = ()


def keeps_apart(one: Expr, paths: Mapping[Name, str], other: Expr, other_paths: Mapping[Name, str]) -> bool:
    """Say whether no value passes both; the paths say what each name is, and a name without one is anybody's."""
    mine, theirs = read_test(one), read_test(other)
    if mine is None or theirs is None:
        return False
    path = paths.get(mine.name)
    return path is not None and path == other_paths.get(theirs.name) and _exclude(mine, theirs)


def read_test(expr: Expr) -> Test | None:
    """Return what a condition says of one name, None when it is not plain."""
    match expr:
        case Name():
            return Test(expr, "=", (True,))
        case Call(function="not", arguments=(Name() as name,)):
            return Test(name, "=", (False,))
        case Call(function="not", arguments=(inner,)):
            test = read_test(inner)
            if test is None:
                return None
            if test.says in ("null", "known"):
                return Test(test.name, "known" if test.says == "null" else "null")
            if len(test.values) > 1:
                return Test(test.name, "<>", test.values) if test.says == "=" else None
            return Test(test.name, _NEGATED[test.says], test.values)
        case Call(function="is_null", arguments=(Name() as name,)):
            return Test(name, "null")
        case Call(function="in", arguments=(Name() as name, *listed)):
            values = [one.value for one in listed if isinstance(one, Literal)]
            return Test(name, "=", tuple(values)) if len(values) == len(listed) else None
        case Call(function=function, arguments=(Name() as name, Literal(value=value))) if function in _TURNED:
            return Test(name, function, (value,))
        case Call(function=function, arguments=(Literal(value=value), Name() as name)) if function in _TURNED:
            return Test(name, _TURNED[function], (value,))
        case _:
            return None


def _exclude(one: Test, other: Test) -> bool:
    if "null" in (one.says, other.says):
        # any comparison needs a value, and so does `is not null`
        return one.says != other.says
    if "known" in (one.says, other.says):
        return False
    for mine, theirs in ((one, other), (other, one)):
        if mine.says == "=":
            return not any(_holds(value, theirs) for value in mine.values)
    if len(one.values) != 1 or len(other.values) != 1:
        return False
    low, high = (one, other) if one.says in (">", ">=") else (other, one)
    if low.says not in (">", ">=") or high.says not in ("<", "<="):
        return False
    a, b = _ordered(low.values[0]), _ordered(high.values[0])
    if a is None or b is None:
        return False
    return a > b or (a == b and (low.says == ">" or high.says == "<"))


def _holds(value: Value, test: Test) -> bool:
    """Say whether a value may pass a test: when in doubt it does."""
    if test.says == "=":
        return any(_equal(value, other) for other in test.values)
    if test.says == "<>":
        return not any(_equal(value, other) and type(value) is type(other) for other in test.values)
    a, b = _ordered(value), _ordered(test.values[0])
    if a is None or b is None:
        return True
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[test.says]


def _equal(one: Value, other: Value) -> bool:
    """Equal, or of two kinds that a warehouse may take for equal; numbers and texts are compared as what they are."""
    a, b = _ordered(one), _ordered(other)
    if a is not None and b is not None:
        return a == b
    return one == other or type(one) is not type(other)


def _ordered(value: Value) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None

"""A frozen dataclass of ours is what the library's own would be."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from dataclasses import field

import pytest

from decisionlayer import frozen

COUNTED: list[str] = []


def _new() -> list[str]:
    COUNTED.append("made")
    return []


@frozen.dataclass(frozen=True, slots=True)
class Ours:
    """A value."""

    name: str
    parts: tuple[int, ...] = ()
    seen: list[str] = field(default_factory=_new, compare=False)
    note: str = field(default="", compare=False, repr=False)

    def size(self) -> int:
        return len(self.parts)


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """A value."""

    name: str
    parts: tuple[int, ...] = ()
    seen: list[str] = field(default_factory=list, compare=False)
    note: str = field(default="", compare=False, repr=False)


def test_values_are_made_compared_hashed_and_shown_alike() -> None:
    one, same, other = Ours("a", (1,), note="x"), Ours("a", (1,), note="y"), Ours("b")
    assert one == same and hash(one) == hash(same) and one != other and one != "a" and one != Theirs("a", (1,))
    assert repr(one) == repr(Theirs("a", (1,), note="x")).replace("Theirs", "Ours")
    assert hash(one) == hash(Theirs("a", (1,)))
    assert one.size() == 1 and Ours.__doc__ == "A value."
    assert str(inspect.signature(Ours)) == str(inspect.signature(Theirs))


def test_a_factory_is_asked_for_each_value_and_only_when_nothing_was_given() -> None:
    COUNTED.clear()
    assert Ours("a").seen is not Ours("a").seen
    assert Ours("a", (), ["x"]).seen == ["x"]
    assert COUNTED == ["made", "made"]


@pytest.mark.parametrize("name", ["name", "elsewhere"])
def test_nothing_can_be_set_or_deleted(name: str) -> None:
    value = Ours("a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(value, name, "b")
    with pytest.raises(dataclasses.FrozenInstanceError):
        delattr(value, name)
    assert value == Ours("a") and not hasattr(value, "__dict__")


def test_what_it_does_not_take_is_refused() -> None:
    for wrong in (lambda: Ours(), lambda: Ours("a", size=1), lambda: frozen.replace(Ours("a"), size=1)):  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            wrong()


def test_replacing_copying_and_pickling_keep_the_rest() -> None:
    value = Ours("a", (1, 2), ["x"], "n")
    for changed in (frozen.replace(value, name="b"), dataclasses.replace(value, name="b")):
        assert (changed.name, changed.parts, changed.seen, changed.note) == ("b", (1, 2), ["x"], "n")
    for copied in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert copied == value and copied.note == "n"
    assert frozen.replace(Theirs("a"), name="b") == Theirs("b")


def test_it_can_be_taken_apart_like_any_dataclass() -> None:
    assert dataclasses.is_dataclass(Ours)
    assert [one.name for one in dataclasses.fields(Ours)] == ["name", "parts", "seen", "note"]
    assert dataclasses.asdict(Ours("a", note="n")) == {"name": "a", "parts": (), "seen": [], "note": "n"}
    match Ours("a", (1,)):
        case Ours(name, parts):
            assert (name, parts) == ("a", (1,))


def test_what_the_class_writes_itself_stays() -> None:
    @frozen.dataclass(frozen=True, slots=True, eq=False)
    class Literal:
        value: object

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Literal) and type(self.value) is type(other.value) and self.value == other.value

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return "shown"

    assert Literal(1) != Literal(True) and hash(Literal(1)) == 7 and repr(Literal(1)) == "shown"


def test_values_are_put_in_order_by_their_fields() -> None:
    @frozen.dataclass(frozen=True, slots=True, order=True)
    class Place:
        file: str
        line: int

    assert sorted([Place("b", 1), Place("a", 2), Place("a", 1)]) == [Place("a", 1), Place("a", 2), Place("b", 1)]
    with pytest.raises(TypeError):
        assert Place("a", 1) < 3  # type: ignore[operator]


def test_one_without_fields_and_one_that_can_be_watched() -> None:
    import weakref

    @frozen.dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
    class Empty:
        """Nothing."""

    value = Empty()
    assert weakref.ref(value)() is value
    assert value != Empty()


def test_one_that_is_not_frozen_is_the_library_s_own() -> None:
    @frozen.dataclass(slots=True)
    class Draft:
        name: str

    draft = Draft("a")
    draft.name = "b"
    assert frozen.replace(draft, name="c") == Draft("c")

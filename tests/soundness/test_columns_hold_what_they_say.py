"""``paths`` says which way leads to what is asked, never to something else under its name.

Seen: ``by=["shop"], paths={"shop": {"sales": "kind"}}`` gave a column called ``shop`` that held kinds, and a second metric's
shops met them in one group.
"""

from __future__ import annotations

import pytest

from tests.plan.company import messages, refused


@pytest.mark.parametrize(
    ("asked", "way"),
    [
        ("shop", "buyer"),             # another entity's key
        ("shop.name", "buyer.name"),   # the same word, of another entity
        ("shop.name", "shop.town"),    # a role behind it
        ("shop.town.region", "shop.name"),
    ],
)  # fmt: skip
def test_a_way_to_something_else_is_refused(asked: str, way: str) -> None:
    assert refused(metrics=["orders"], by=[asked], paths={asked: {"sales": way}}) == ("bad-question",)


def test_in_a_filter_too_and_in_plain_words() -> None:
    assert messages(metrics=["orders"], where="shop.name = 'First'", paths={"shop.name": {"orders": "buyer.name"}}) == (
        "error[bad-question]: `paths` leads `shop.name` of `sales` to `buyer.name`, which is something else\n"
        "  why: a column called `shop.name` would hold what it does not say\n"
        "  help: settle `shop.name` by another way to the same thing, or ask by `buyer.name`"
    )


def test_another_way_to_the_same_thing_is_taken() -> None:
    """The buyer's home and the shop's town are both towns, and both have a region."""
    assert refused(metrics=["orders"], by=["region"], paths={"region": {"sales": "buyer.home"}}) == ()

"""Every refusal of a file, as the reader sees it: word for word, at its place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.load.refusals import REFUSALS


@pytest.mark.parametrize("text", REFUSALS)
def test_a_mistake_is_said_in_plain_words_at_its_place(text: str | bytes, said: Callable[[str | bytes], str]) -> None:
    assert said(text) == REFUSALS[text]


@pytest.mark.parametrize("text", REFUSALS)
def test_no_message_speaks_of_the_machinery(text: str | bytes, said: Callable[[str | bytes], str]) -> None:
    words = said(text).lower()
    for jargon in ("pydantic", "input should", "valid", "tuple", "dict", "mapping", "instance", "literal", "str "):
        assert jargon not in words

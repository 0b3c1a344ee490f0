"""Data → YAML text, one value at a time, so that what is written is read back as the same, here and by other readers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

#: Words that some YAML reader takes for something else than text.
_TAKEN: Final = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"})
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
#: Safe outside braces too: expressions, paths and types.
_PLAIN_LINE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_ ()*/.]*(?<! )\Z")
_SEEN: Final = re.compile("[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*\\Z")


def text(value: str) -> str:
    """Return a text as a value on a line of its own, quoted where it must be.

    >>> print(text("count(*)"), text("yes"), text("a: b"), text("it's"), text("1.5"))
    count(*) 'yes' 'a: b' 'it''s' '1.5'
    """
    return value if _PLAIN_LINE.match(value) and value.lower() not in _TAKEN else _quoted(value)


def in_braces(value: str) -> str:
    """Return a text as a value inside braces or brackets.

    >>> print(in_braces("carrier"), in_braces("a, b"))
    carrier 'a, b'
    """
    return value if _PLAIN.match(value) and value.lower() not in _TAKEN else _quoted(value)


#: A text as a key.
key = in_braces


def listed(values: Sequence[str]) -> str:
    """Return texts as a list in brackets.

    >>> listed(["a", "b c"])
    "[a, 'b c']"
    """
    return f"[{', '.join(map(in_braces, values))}]"


def quoted_name(name: str) -> str:
    """Return the name of a column or table as it is written in expressions and under ``table``.

    >>> print(quoted_name("amount"), quoted_name("My Table"), quoted_name('a"b'), quoted_name("case"))
    amount "My Table" "a""b" "case"
    """
    if _PLAIN.match(name) and "__" not in name and name.lower() not in KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def _quoted(value: str) -> str:
    """Return a text in quotes: single ones, or double ones with escapes where something in it cannot be seen."""
    if _SEEN.match(value):
        return "'" + value.replace("'", "''") + "'"
    escaped = (f"\\u{ord(letter):04x}" if not _SEEN.match(letter) or letter in '"\\' else letter for letter in value)
    return '"' + "".join(escaped) + '"'


#: Words of the language that are no names without quotes.
KEYWORDS: Final = frozenset({
    "and", "or", "not", "is", "null", "true", "false", "in", "between", "like", "case", "when", "then", "else", "end",
})  # fmt: skip

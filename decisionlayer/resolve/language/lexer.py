"""Text → tokens, with their offsets. One regular expression does the work; nothing here can fail.

What no token can start with ends the list as one ``bad`` token, which carries the message; the parser raises it when
it gets there, so that an earlier mistake is reported first.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: Words that cannot be names unless they are quoted. All others (``date``, ``filter``, ``from``) may be columns.
RESERVED = frozenset({
    "and", "or", "not", "is", "null", "true", "false", "in", "between", "like", "case", "when", "then", "else", "end",
})  # fmt: skip

#: Texts longer than this are refused unread. A list of ten thousand keys still fits.
LONGEST = 100_000


class Token(NamedTuple):
    """``kind`` is ``name number string quoted param stop bad``, the operator itself, or a reserved word, lower case."""

    kind: str
    text: str
    start: int
    end: int


_TOKEN = re.compile(
    r"""\s*+(?:
      ([^\W\d]\w*+(?:\.[^\W\d]\w*+)*+)                        # 1 name, with its dots
    | ((?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?+)  # 2 number
    | ('(?:[^']|'')*+')                                       # 3 string
    | (<>|!=|<=|>=|\|\||(?!--|/\*|==)[-+*/=<>(),.])           # 4 operator
    | ("(?:[^"]|"")++")                                       # 5 quoted name
    | (:[^\W\d]\w*+)                                          # 6 parameter
    | (\Z)                                                    # 7 end
    | (.)                                                     # 8 anything else
    )""",
    re.VERBOSE | re.DOTALL,
)
_WORD = re.compile(r"\w")
_UNSAFE = re.compile("[\x00\ud800-\udfff]")
_KINDS = ("", "name", "number", "string", "", "quoted", "param", "stop")


def tokens(text: str) -> list[Token]:
    """Return the tokens of ``text``, ended by one ``stop`` or one ``bad`` token.

    >>> [token.kind for token in tokens("sum(x) >= 'a''b' AND y")]
    ['name', '(', 'name', ')', '>=', 'string', 'and', 'name', 'stop']
    """
    if len(text) > LONGEST:
        return [_bad(f"an expression has at most {LONGEST:,} characters, this one has {len(text):,}", 0, 1)]
    unsafe = _UNSAFE.search(text)
    if unsafe is not None:
        return [_bad("the text holds a character that is no text (NUL or half of a pair)", *unsafe.span())]
    result: list[Token] = []
    append, new, reserved = result.append, tuple.__new__, RESERVED
    for match in _TOKEN.finditer(text):
        group = match.lastindex
        assert group is not None  # every alternative has its group
        start, end = match.span(group)
        found = match[group]
        if group == 1:
            word = found.lower()
            append(new(Token, (word if word in reserved else "name", found, start, end)))
        elif group == 4:
            append(new(Token, (found, found, start, end)))
        elif group == 2 and _WORD.match(text, end):
            stop = end + len(re.match(r"[\w.]*", text[end:])[0])  # type: ignore[index]
            append(_bad(f"`{text[start:stop]}` is neither a number nor a name", start, stop))
            return result
        elif group == 8:
            append(_unknown(text, start))
            return result
        else:
            append(new(Token, (_KINDS[group], found, start, end)))
            if group == 7:
                return result
    return result


def _bad(message: str, start: int, end: int) -> Token:
    return Token("bad", message, start, end)


_EXPLAINED = {
    "--": "`--` is no part of the language: comments belong beside the expression, and minus minus needs parentheses",
    "/*": "`/*` is no part of the language: comments belong beside the expression",
    "==": "`==` is no operator here: equality is written `=`",
    "::": "`::` is no part of the language: it has no casts; say the column's type under `columns:`",
    "%": "`%` is no operator here; the language has no remainder",
    ";": "`;` is no part of the language: an expression is not a statement",
    "&&": "`&&` is no operator here: write `and`",
    "!": "`!` is no operator here: write `not`",
    "[": "`[` is no part of the language; lists stand in parentheses",
    "{": "`{` is no part of the language: nothing is pasted into an expression",
    "$": "`$` is no part of the language; a name with `$` in it is quoted with \"…\"",
    "@": "`@` is no part of the language; a name with `@` in it is quoted with \"…\"",
    "`": "a backtick is no part of the language: names are quoted with \"…\"",
    "'": "a text that starts here is never closed: a quote within a text is doubled, as in 'it''s'",
    '"': 'a quoted name that starts here is never closed, or is empty',
    "\u201c": "curly quotes are no part of the language: texts are written '…', names \"…\"",
    "\u201d": "curly quotes are no part of the language: texts are written '…', names \"…\"",
    "\u2018": "curly quotes are no part of the language: texts are written '…'",
    "\u2019": "curly quotes are no part of the language: texts are written '…'",
    "\u2212": "this minus is a typographic one; write `-`",
    "\u00d7": "`×` is no operator here: write `*`",
    "\u00f7": "`÷` is no operator here: write `/`",
    "\u2264": "`≤` is no operator here: write `<=`",
    "\u2265": "`≥` is no operator here: write `>=`",
    "\u2260": "`≠` is no operator here: write `<>`",
}  # fmt: skip


def _unknown(text: str, start: int) -> Token:
    for length in (2, 1):
        found = text[start : start + length]
        if found in _EXPLAINED:
            return _bad(_EXPLAINED[found], start, start + len(found))
    character = text[start]
    if character == ":":
        return _bad("a parameter is written `:name`, without a space", start, start + 1)
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    return _bad(f"`{shown}` is no part of the language", start, start + 1)

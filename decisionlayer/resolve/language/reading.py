"""Stepping through tokens, and saying what is wrong with them; ``parser.py`` knows the grammar."""

from __future__ import annotations

from enum import Enum

from decisionlayer.resolve.language.calls import FOREIGN
from decisionlayer.resolve.language.lexer import RESERVED, Token, tokens
from decisionlayer.resolve.language.problems import Problem, said
from decisionlayer.resolve.language.tree import Expr, Span, children

#: How many nodes ``between`` and ``case x when`` may copy, which repeat what they compare.
MOST_COPIES = 20_000


class Setting(Enum):
    """What kind of expression is read; each allows something that the others do not."""

    measure = "measure"
    formula = "formula"
    filter = "filter"
    question_filter = "question's filter"
    dimension = "dimension"


class Unreadable(Exception):
    """Stops the reading at a place from which it cannot go on; caught where the reading began."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Reading:
    """One text being read; ``at`` is the index of the token to read next, ``problems`` what is wrong so far."""

    __slots__ = ("at", "copied", "problems", "setting", "text", "tokens")

    def __init__(self, text: str, setting: Setting) -> None:
        self.text = text
        self.setting = setting
        self.tokens = tokens(text)
        self.at = 0
        self.copied = 0
        self.problems: list[Problem] = []

    def source(self, span: Span) -> str:
        """Return the text that stood at ``span``."""
        return self.text[span.start : span.end]

    def take(self, kind: str, wanted: str) -> Token:
        """Step over a token that must be there."""
        token = self.tokens[self.at]
        if token.kind != kind:
            raise self.expected(wanted, token)
        self.at += 1
        return token

    def copy(self, expr: Expr) -> None:
        """Account for a part that is repeated in the tree, so that nested repeats cannot grow without end."""
        self.copied += _size(expr, MOST_COPIES)
        if self.copied > MOST_COPIES:
            help = "Split it into named dimensions."
            message = f"the {self.setting.value} nests `between` or `case … when` in what they compare, too often"
            raise Unreadable(Problem("bad-expression", message, expr.span, help))

    def check(self, problems: tuple[Problem, ...]) -> None:
        """Keep what the table found wrong with a call; reading goes on."""
        self.problems += problems

    def out_of_place(self, message: str, span: Span, help: str) -> None:
        """Keep a problem with something that is readable but may not stand here; reading goes on."""
        self.problems.append(Problem("wrong-argument", message, span, help))

    def expected(self, wanted: str, token: Token) -> Unreadable:
        """Return the stop for a token that is not what was wanted."""
        if token.kind == "bad":
            return self.unreadable(token.text, token)
        if token.kind == "stop":
            return self.unreadable(f"{wanted} is missing at the end", token)
        help = ""
        if wanted == "a value" and token.kind in RESERVED and token.kind not in ("and", "or"):
            help = f'`{token.text}` is a word of the language; a column of that name is written "{token.text}".'
        else:
            before = self.tokens[self.at - 1].text.lower() if self.at else ""
            help = FOREIGN.get(token.text.lower()) or FOREIGN.get(before) or ""
        return self.unreadable(f"{said(token.text)} where {wanted} was expected", token, help)

    def unreadable(self, message: str, token: Token, help: str = "") -> Unreadable:
        """Return the stop for a token from which reading cannot go on."""
        if token.kind == "bad":
            message, help = token.text, ""
        return Unreadable(Problem("bad-expression", message, Span(token.start, token.end), help))


def _size(expr: Expr, most: int) -> int:
    """Return how many nodes ``expr`` has, counted no further than just past ``most``."""
    count, waiting = 0, [expr]
    while waiting and count <= most:
        waiting += children(waiting.pop())
        count += 1
    return count

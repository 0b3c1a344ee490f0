"""Tokens → tree, by precedence climbing. Never raises: whatever is wrong comes back as problems.

Loosest first: ``or``; ``and``; ``not``; ``= <> != < <= > >= is in between like`` (one of them, not a chain); ``||``;
``+ -``; ``* /``; unary minus. What an expression may hold depends on its setting: aggregates in measures, metric
functions in formulas, parameters in the filters of questions. The parser stops at the first thing that it cannot read
and goes on past things that are merely out of place, so that one run reports them all.
"""

from __future__ import annotations

from functools import lru_cache

from decisionlayer.resolve.language import calls
from decisionlayer.resolve.language.lexer import Token
from decisionlayer.resolve.language.operands import ADD, AND, CONCAT, MULTIPLY, NOT, OR, PREDICATE, Operands
from decisionlayer.resolve.language.problems import Parsed, Problem, brief, said
from decisionlayer.resolve.language.reading import Setting, Unreadable
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Span, children

#: How deep parentheses, calls and operators may nest, and how long a chain of one operator may be.
DEEPEST = 100
LONGEST_CHAIN = 120


def parse_measure(text: str) -> Parsed:
    """Read arithmetic over aggregates of rows: ``sum(dep_delay) / count(*)``; every name stands inside an aggregate."""
    return _parsed(text, Setting.measure)


def parse_formula(text: str) -> Parsed:
    """Read arithmetic over metrics and assumptions: ``revenue - prior(revenue, '1 month')``; aggregates are refused."""
    return _parsed(text, Setting.formula)


def parse_filter(text: str) -> Parsed:
    """Read a declared condition over one row: ``dep_delay > 15``. Aggregates and parameters are refused."""
    return _parsed(text, Setting.filter)


def parse_question_filter(text: str) -> Parsed:
    """Read a question's ``where`` or ``having``: as ``parse_filter``, with parameters such as ``:region``."""
    return _parsed(text, Setting.question_filter)


def parse_dimension(text: str) -> Parsed:
    """Read a value of one row: ``case when distance < 800 then 'short' else 'long' end``; nothing but columns."""
    return _parsed(text, Setting.dimension)


@lru_cache(maxsize=2048)
def _parsed(text: str, setting: Setting) -> Parsed:
    """Read a text once: many metrics of a project count the same rows, and a question comes again."""
    return _Reader(text, setting).read()


_BINDS = {
    "or": OR, "and": AND,
    "=": PREDICATE, "<>": PREDICATE, "!=": PREDICATE, "<": PREDICATE, "<=": PREDICATE, ">": PREDICATE,
    ">=": PREDICATE, "is": PREDICATE, "in": PREDICATE, "between": PREDICATE, "like": PREDICATE, "not": PREDICATE,
    "||": CONCAT, "+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY,
}  # fmt: skip
_FLAT = {"or": "or", "and": "and", "||": "concat"}


class _Reader(Operands):
    """One text becoming a tree: the whole, then its operators; ``operands.py`` reads what stands between them."""

    __slots__ = ()

    def read(self) -> Parsed:
        """Return the whole text as one tree, or what is wrong with it."""
        expr: Expr | None = None
        try:
            if self.tokens[0].kind == "stop":
                raise self.unreadable(f"the {self.setting.value} is empty", self.tokens[0])
            expr = self.expression(0)
            self.finish(expr)
        except Unreadable as stop:
            self.problems.append(stop.problem)
        if not self.problems:
            return Parsed(expr)
        return Parsed(None, tuple(sorted(dict.fromkeys(self.problems), key=lambda p: (p.span.start, p.span.end))))

    def finish(self, expr: Expr) -> None:
        """Refuse what is left over, what is nested too deeply, and a measure that aggregates nothing."""
        token = self.tokens[self.at]
        if token.kind != "stop":
            raise self.expected("an operator or the end", token)
        if len(self.tokens) > LONGEST_CHAIN and _is_deep(expr):
            problem = f"the {self.setting.value} chains or nests more than {LONGEST_CHAIN} operators"
            raise Unreadable(Problem("bad-expression", problem, expr.span, "Split it into named parts."))
        if self.setting is Setting.measure:
            self.check_measure(expr)

    def check_measure(self, expr: Expr) -> None:
        for name in self.stray:
            text = self.source(name.span)
            if self.aggregates:
                message = f"{said(text)} stands outside every aggregate: each row has a value, the group has none"
            else:
                message = f"{said(text)} is the value of one row; a measure says how rows become one number"
            self.out_of_place(
                message, name.span, f"Write sum({brief(text)}), max({brief(text)}) or another aggregate of it."
            )
        if not self.aggregates and not self.stray and not self.problems:
            message = f"the measure {said(self.text)} has no aggregate, so it does not depend on the rows"
            help = "Write an aggregate such as count(*) or sum(amount); a price is an assumption."
            self.out_of_place(message, expr.span, help)

    def expression(self, loosest: int) -> Expr:
        """Read operators that bind more tightly than ``loosest``."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.unreadable(f"the {self.setting.value} is nested more than {DEEPEST} deep", self.tokens[self.at])
        if loosest > NOT and self.tokens[self.at].kind == "not":
            message = "`not` binds loosely, so here it needs parentheses"
            raise self.unreadable(message, self.tokens[self.at], "Write (not …).")
        left = self.operand()
        while True:
            token = self.tokens[self.at]
            operator = token.kind
            binds = _BINDS.get(operator, 0)
            if binds <= loosest:
                break
            if binds == PREDICATE:
                left = self.predicate(left, token)
                following = self.tokens[self.at]
                if _BINDS.get(following.kind, 0) == PREDICATE:
                    message = f"comparisons cannot be chained: {said(following.text)} follows another one"
                    help = "Write `a < b and b < c`, or put parentheses around one of the two."
                    raise self.unreadable(message, following, help)
                continue
            self.at += 1
            right = self.expression(binds)
            flat = _FLAT.get(operator)
            if flat is None:
                left = Call(operator, (left, right), Span(left.span.start, right.span.end))
            else:
                left = self.chain(flat, binds, left, right)
        self.depth -= 1
        return left

    def chain(self, function: str, binds: int, left: Expr, right: Expr) -> Expr:
        """Read the rest of ``a and b and c`` into one call with many arguments; parentheses within it say nothing."""
        operands = [left, right]
        while _BINDS.get(self.tokens[self.at].kind, 0) == binds:
            self.at += 1
            operands.append(self.expression(binds))
        return calls.flat(function, tuple(operands), Span(left.span.start, operands[-1].span.end))

    def predicate(self, left: Expr, token: Token) -> Expr:
        """Read the comparison, test or membership that follows ``left``."""
        self.at += 1
        start = left.span.start
        match token.kind:
            case "is":
                return self.test(left)
            case "not":
                following = self.tokens[self.at]
                if following.kind not in ("in", "between", "like"):
                    raise self.expected("`in`, `between` or `like` after `not`", following)
                self.at += 1
                inner = self.membership(left, following)
                return Call("not", (inner,), Span(start, inner.span.end))
            case "in" | "between" | "like":
                return self.membership(left, token)
            case operator:
                right = self.expression(PREDICATE)
                return Call("<>" if operator == "!=" else operator, (left, right), Span(start, right.span.end))

    def membership(self, left: Expr, token: Token) -> Expr:
        start = left.span.start
        if token.kind == "like":
            pattern = self.expression(PREDICATE)
            self.check(calls.argument_problems("like", (left, pattern), pattern.span))
            return Call("like", (left, pattern), Span(start, pattern.span.end))
        if token.kind == "between":
            low = self.expression(PREDICATE)
            self.take("and", "`and` between the two ends")
            high = self.expression(PREDICATE)
            self.copy(left)
            above = Call(">=", (left, low), Span(start, low.span.end))
            return calls.flat("and", (above, Call("<=", (left, high), high.span)), Span(start, high.span.end))
        self.take("(", "a list in parentheses after `in`")
        if self.tokens[self.at].kind == ")":
            raise self.unreadable("the list after `in` is empty", self.tokens[self.at], "Name at least one value.")
        items = self.listed()
        end = self.take(")", "`,` or `)`").end
        return Call("in", (left, *items), Span(start, end))

    def test(self, left: Expr) -> Expr:
        """Read what follows ``is``: ``null``, ``true`` or ``false``, each with an optional ``not`` before it."""
        negated = self.tokens[self.at].kind == "not"
        self.at += negated
        token = self.tokens[self.at]
        if token.kind not in ("null", "true", "false"):
            raise self.expected("`null`, `true` or `false` after `is`", token)
        self.at += 1
        span = Span(left.span.start, token.end)
        if token.kind == "null":
            found: Expr = Call("is_null", (left,), span)
        else:
            wanted = left if token.kind == "true" else Call("not", (left,), span)
            found = Call("coalesce", (wanted, Literal(False, span)), span)
        return Call("not", (found,), span) if negated else found


def _is_deep(expr: Expr) -> bool:
    level: tuple[Expr, ...] = (expr,)
    for _ in range(LONGEST_CHAIN):
        # the same node twice in a row of copies counts once, so that copies cannot make this slow
        level = tuple({id(below): below for node in level for below in children(node)}.values())
        if not level:
            return False
    return True

"""Reading what stands between operators: names, literals, ``case``, calls and aggregates.

Which functions there are, and with how many arguments, is the closed table's business; here is how they are written.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from decimal import Decimal

from decisionlayer.resolve.language import calls, literals
from decisionlayer.resolve.language.functions import AGGREGATES, CALLABLE, DATE_PARTS, METRIC_FUNCTIONS, QUANTILES
from decisionlayer.resolve.language.lexer import RESERVED, Token
from decisionlayer.resolve.language.problems import said
from decisionlayer.resolve.language.reading import Reading, Setting
from decisionlayer.resolve.language.tree import Aggregate, Call, Case, Expr, Literal, Name, Param, Span

#: How tightly operators bind, loosest first; ``not`` and the sign stand before their operand.
OR, AND, NOT, PREDICATE, CONCAT, ADD, MULTIPLY, SIGN = range(1, 9)

_AGGREGATE_WORDS = frozenset({*AGGREGATES, "median"}) - {"count_distinct"}  # which is written count(distinct a)


class Operands(Reading, ABC):
    """A reading that knows operands; whoever knows operators provides ``expression``."""

    __slots__ = ("aggregates", "depth", "inside", "stray")

    def __init__(self, text: str, setting: Setting) -> None:
        super().__init__(text, setting)
        self.depth = 0
        self.inside = ""  # the aggregate whose argument or filter is being read
        self.aggregates = 0
        self.stray: list[Name] = []  # names of a measure outside every aggregate

    @abstractmethod
    def expression(self, loosest: int) -> Expr:
        """Read operators that bind more tightly than ``loosest``."""

    def operand(self) -> Expr:
        """Read one value: a name, a literal, a call, a case, something in parentheses, or one of these with a sign."""
        token = self.tokens[self.at]
        kind, text, start, end = token
        self.at += 1
        if kind == "name":
            following = self.tokens[self.at].kind
            if following == "(":
                return self.call(token)
            if following == "string" and text.lower() in ("date", "timestamp"):
                return self.moment(token)
            return self.name(text.split("."), start, end)
        if kind == "number":
            return Literal(self.number(token), Span(start, end))
        if kind == "string":
            return Literal(text[1:-1].replace("''", "'"), Span(start, end))
        if kind == "(":
            inner = self.expression(0)
            self.take(")", "`)`")
            return inner
        if kind == "-":
            value = self.expression(SIGN)
            return calls.minus(value, Span(start, value.span.end))
        if kind == "not":
            value = self.expression(NOT)
            return Call("not", (value,), Span(start, value.span.end))
        if kind == "case":
            return self.case(token)
        if kind == "quoted":
            return self.name([text[1:-1].replace('""', '"')], start, end)
        if kind == "param":
            return self.parameter(token)
        if kind in ("true", "false", "null"):
            return Literal(None if kind == "null" else kind == "true", Span(start, end))
        self.at -= 1
        raise self.expected("a value", token)

    def name(self, parts: list[str], start: int, end: int) -> Name:
        """Read the rest of a name: quoted parts, and dots with space around them."""
        while self.tokens[self.at].kind == ".":
            self.at += 1
            token = self.tokens[self.at]
            if token.kind == "quoted":
                parts.append(token.text[1:-1].replace('""', '"'))
            elif token.kind == "name" or token.kind in RESERVED:
                parts += token.text.split(".")
            else:
                raise self.expected("a name after `.`", token)
            self.at += 1
            end = token.end
        name = Name(tuple(parts), Span(start, end))
        if self.setting is Setting.measure and not self.inside:
            self.stray.append(name)
        return name

    def parameter(self, token: Token) -> Expr:
        """Read ``:name``, which only the filter of a question may hold."""
        span = Span(token.start, token.end)
        if self.setting is not Setting.question_filter:
            message = f"{said(token.text)} is a parameter, and parameters belong into the filter of a question"
            self.out_of_place(message, span, "Write the value itself; a price or rate is an assumption.")
        return Param(token.text[1:], span)

    def number(self, token: Token) -> int | Decimal:
        """Read a number by its value: zeros at the end of a decimal say nothing, its point does."""
        text = token.text
        if text.isdecimal() and len(text) < 40:
            value = int(text)
            if value > literals.LARGEST:
                message = f"{said(text)} is too large for a whole number"
                raise self.unreadable(message, token, f"Write it as a decimal: {text}.0")
            return value
        exact = literals.exact(text)
        if exact is None:
            message = f"{said(text)} has more than {literals.MOST_DIGITS} digits"
            raise self.unreadable(message, token, "Warehouses keep no more than that exactly; round it.")
        return exact

    def moment(self, token: Token) -> Expr:
        """Read ``date '2013-01-31'`` or ``timestamp '2013-01-31 10:00:00'``."""
        written = self.tokens[self.at]
        self.at += 1
        span = Span(token.start, written.end)
        text = written.text[1:-1]
        if token.text.lower() == "date":
            day = literals.day(text)
            if day is None:
                raise self.unreadable(f"{said(text)} is no day", written, "Write it as date '2013-01-31'.")
            return Literal(day, span)
        clock = literals.clock(text)
        if clock is None:
            help = "Write it as timestamp '2013-01-31 10:00:00'."
            raise self.unreadable(f"{said(text)} is no date and time", written, help)
        return Literal(clock, span)

    def case(self, token: Token) -> Expr:
        """Read ``case`` with or without a subject; the subject is compared in each branch."""
        subject = None if self.tokens[self.at].kind == "when" else self.expression(0)
        branches: list[tuple[Expr, Expr]] = []
        while self.tokens[self.at].kind == "when":
            self.at += 1
            when = self.expression(0)
            if subject is not None:
                self.copy(subject)
                when = Call("=", (subject, when), when.span)
            self.take("then", "`then`")
            branches.append((when, self.expression(0)))
        if not branches:
            raise self.expected("`when` after `case`", self.tokens[self.at])
        otherwise = None
        if self.tokens[self.at].kind == "else":
            self.at += 1
            otherwise = self.expression(0)
        end = self.take("end", "`when`, `else` or `end`").end
        return Case(tuple(branches), otherwise, Span(token.start, end))

    # -- calls ---------------------------------------------------------------------------------------------------

    def call(self, token: Token) -> Expr:
        """Read a call by name; which names there are, and where, is the closed table's business."""
        name = token.text.lower()
        self.at += 1  # the parenthesis
        if name in _AGGREGATE_WORDS:
            return self.aggregate(token, name)
        if name == "extract":
            return self.extract(token)
        if name not in CALLABLE:
            self.check((calls.unknown_function(token.text, Span(token.start, token.end)),))
        if name in METRIC_FUNCTIONS:
            return self.metric_function(token, name)
        arguments = self.arguments()
        span = Span(token.start, self.tokens[self.at - 1].end)
        if name not in CALLABLE:
            return Call(name, arguments, span)
        self.check(calls.argument_problems(name, arguments, span))
        return calls.flat(name, arguments, span) if name == "concat" and arguments else Call(name, arguments, span)

    def metric_function(self, token: Token, name: str) -> Expr:
        """Read a function over metrics; outside a formula it is out of place."""
        arguments = self.arguments()
        span = Span(token.start, self.tokens[self.at - 1].end)
        if self.setting is not Setting.formula:
            message = f"`{name}(…)` works on metrics, so it belongs into a formula; this is a {self.setting.value}"
            self.out_of_place(message, span, "Declare a metric for the part, and a second one with `formula:`.")
        else:
            self.check(calls.argument_problems(name, arguments, span))
        return Call(name, arguments, span)

    def arguments(self) -> tuple[Expr, ...]:
        """Read what stands between the parentheses of a call, and the closing one."""
        if self.tokens[self.at].kind == ")":
            self.at += 1
            return ()
        items = self.listed()
        self.take(")", "`,` or `)`")
        return items

    def listed(self) -> tuple[Expr, ...]:
        """Read expressions with commas between them."""
        items = [self.expression(0)]
        while self.tokens[self.at].kind == ",":
            self.at += 1
            items.append(self.expression(0))
        return tuple(items)

    def extract(self, token: Token) -> Expr:
        """Read ``extract(year from a)`` as ``year(a)``."""
        part = self.tokens[self.at]
        name = part.text.lower()
        if part.kind != "name" or name not in DATE_PARTS:
            help = f"There are: {', '.join(DATE_PARTS)}."
            raise self.unreadable(f"{said(part.text)} is no part of a date", part, help)
        self.at += 1
        word = self.tokens[self.at]
        if word.text.lower() != "from":
            raise self.expected("`from`", word)
        self.at += 1
        value = self.expression(0)
        end = self.take(")", "`)`").end
        return Call(name, (value,), Span(token.start, end))

    # -- aggregates ----------------------------------------------------------------------------------------------

    def aggregate(self, token: Token, name: str) -> Expr:
        """Read an aggregate with its filter; where it may not stand, say so and go on."""
        outer, self.inside = self.inside, self.inside or name
        self.aggregates += 1
        argument, q, function = self.aggregated(token, name)
        end = self.tokens[self.at - 1].end
        where = None
        following = self.tokens[self.at]
        if following.kind == "name" and following.text.lower() == "filter":
            self.at += 1
            self.take("(", "`(where …)` after `filter`")
            word = self.tokens[self.at]
            if word.text.lower() != "where":
                raise self.expected("`where` in `filter (where …)`", word)
            self.at += 1
            where = self.expression(0)
            end = self.take(")", "`)`").end
        self.inside = outer
        span = Span(token.start, end)
        self.place_aggregate(name, argument, outer, span)
        return Aggregate(function, argument, where, q, span)

    def aggregated(self, token: Token, name: str) -> tuple[Expr | None, Decimal | None, str]:
        """Read between an aggregate's parentheses: what it aggregates, its q, and its name in the tree."""
        following = self.tokens[self.at]
        if name == "count" and following.kind == "*":
            self.at += 1
            self.take(")", "`)`")
            return None, None, "count"
        if following.kind == "*":
            help = f"Name what to aggregate: {name}(amount)."
            raise self.unreadable(f"only `count` takes `*`, not `{name}`", following, help)
        function = "quantile" if name == "median" else name
        if self.is_distinct(following):
            if name != "count":
                help = f"Write {name}(…) over all rows; different values are counted by count(distinct …)."
                raise self.unreadable(f"only `count` takes `distinct`, not `{name}`", following, help)
            self.at += 1
            function = "count_distinct"
        items = self.arguments()
        span = Span(token.start, self.tokens[self.at - 1].end)
        if name == "median":
            self.check(calls.count_problems("median", len(items), 1, 1, span))
            return (items[0] if items else None), Decimal("0.5"), function
        self.check(calls.aggregate_problems(function, items, span))
        q = calls.share(items[1]) if function in QUANTILES and len(items) == 2 else None
        return (items[0] if items else None), q, function

    def is_distinct(self, token: Token) -> bool:
        """Say whether ``distinct`` is the word here, not a column of that name."""
        if token.kind != "name" or token.text.lower() != "distinct":
            return False
        return self.tokens[self.at + 1].kind not in (")", ",", ".")

    def place_aggregate(self, name: str, argument: Expr | None, outer: str, span: Span) -> None:
        """Say so when an aggregate stands where none may."""
        shown = f"`{name}(…)`"
        if self.setting is Setting.formula:
            self.check((calls.aggregate_in_formula(name, self.source(argument.span) if argument else "", span),))
        elif self.setting is not Setting.measure:
            message = f"{shown} is an aggregate over rows, and a {self.setting.value} looks at one row at a time"
            self.out_of_place(message, span, "Aggregates belong into `measure:`; a condition on a metric is `having`.")
        elif outer:
            message = f"an aggregate of an aggregate: {shown} stands inside `{outer}(…)`"
            help = "Declare the inner one as a dimension of its entity, or aggregate the rows at once."
            self.out_of_place(message, span, help)

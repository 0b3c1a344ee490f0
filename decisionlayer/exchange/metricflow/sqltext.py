"""Other people's SQL expressions, read into the trees of our language. What the language lacks is refused by name.

A column is ``Name(("column",))``; what stands in quotes as ``"@0"`` is the first reference of a template. Nothing is pasted as
text: what comes out is spelled by our own speller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from decisionlayer.errors import QueryError
from decisionlayer.exchange.metricflow.grains import GRAINS
from decisionlayer.exchange.metricflow.items import refused
from decisionlayer.plan import operations
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name
from decisionlayer.resolve.language.types import BOOLEAN, DATE, FLOAT, INTEGER, TEXT, TIMESTAMP, DataType
from decisionlayer.sql.selection import moved, truncated

_BINARY: Mapping[type[exp.Expression], str] = {
    exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.Mul: "*", exp.Div: "/", exp.Or: "or", exp.And: "and", exp.Nullif: "nullif",
}  # fmt: skip
_PLAIN: Mapping[type[exp.Expression], str] = {
    exp.Abs: "abs", exp.Floor: "floor", exp.Ceil: "ceil", exp.Ln: "ln", exp.Exp: "exp", exp.Sqrt: "sqrt", exp.Lower: "lower",
    exp.Upper: "upper", exp.Length: "length", exp.Neg: "negate", exp.Not: "not", exp.Year: "year", exp.Quarter: "quarter",
    exp.Month: "month", exp.Week: "week", exp.WeekOfYear: "week", exp.Day: "day", exp.DayOfMonth: "day",
    exp.DayOfWeekIso: "day_of_week", exp.DayOfYear: "day_of_year", exp.Hour: "hour", exp.Minute: "minute",
}  # fmt: skip
_PARTS = {
    "year": "year", "quarter": "quarter", "month": "month", "week": "week", "day": "day", "isodow": "day_of_week",
    "dayofweekiso": "day_of_week", "doy": "day_of_year", "dayofyear": "day_of_year", "hour": "hour", "minute": "minute",
}  # fmt: skip
_TYPES: Mapping[str, DataType] = {
    "TIMESTAMP": TIMESTAMP, "TIMESTAMPNTZ": TIMESTAMP, "DATETIME": TIMESTAMP, "DATE": DATE, "INT": INTEGER, "BIGINT": INTEGER,
    "SMALLINT": INTEGER, "DOUBLE": FLOAT, "FLOAT": FLOAT, "REAL": FLOAT, "VARCHAR": TEXT, "TEXT": TEXT, "BOOLEAN": BOOLEAN,
}  # fmt: skip


@lru_cache(maxsize=4096)
def read_sql(text: str) -> Expr:
    """Return the tree of an SQL expression. Raises QueryError ``bad-question`` or ``not-built``, naming what cannot be read."""
    try:
        found = parse_one(text, dialect="duckdb")
    except (SqlglotError, RecursionError):
        raise refused(f"`{text.strip()}` is no SQL expression") from None
    assert isinstance(found, exp.Expression)
    return _Reader(text).read(found)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text

    def read(self, node: exp.Expression) -> Expr:
        kind = type(node)
        if kind in _BINARY:
            return Call(_BINARY[kind], (self.read(node.this), self.read(node.expression)))
        if kind in _PLAIN:
            return Call(_PLAIN[kind], (self.read(node.this),))
        reader = _READERS.get(kind)
        if reader is None:
            raise self._lacks(node)
        return reader(self, node)

    def _lacks(self, node: exp.Expression) -> QueryError:
        shown = node.sql(dialect="duckdb")
        return refused(
            f"`{shown}` in `{self.text.strip()}` is nothing that our language says",
            "compute it in the table, or in a query that the model reads",
            "not-built",
        )

    def paren(self, node: exp.Expression) -> Expr:
        return self.read(node.this)

    def column(self, node: exp.Expression) -> Expr:
        return Name((node.name,))

    def literal(self, node: exp.Expression) -> Expr:
        if node.args["is_string"]:
            return Literal(str(node.this))
        number = Decimal(str(node.this))
        return Literal(int(number) if number == number.to_integral_value() and "." not in str(node.this) else number)

    def boolean(self, node: exp.Expression) -> Expr:
        return Literal(bool(node.this))

    def null(self, node: exp.Expression) -> Expr:
        return Literal(None)

    def is_(self, node: exp.Expression) -> Expr:
        side = self.read(node.this)
        match node.expression:
            case exp.Null():
                return Call("is_null", (side,))
            case exp.Boolean(this=True):
                return Call("coalesce", (side, Literal(False)))
            case exp.Boolean():
                return Call("not", (Call("coalesce", (side, Literal(True))),))
            case exp.Not(this=exp.Null()):
                return Call("not", (Call("is_null", (side,)),))
        raise self._lacks(node)

    def in_(self, node: exp.Expression) -> Expr:
        if node.args.get("query") is not None or not node.expressions:
            raise self._lacks(node)
        return Call("in", (self.read(node.this), *(self.read(each) for each in node.expressions)))

    def like(self, node: exp.Expression) -> Expr:
        if isinstance(node, exp.ILike):
            return Call("like", (Call("lower", (self.read(node.this),)), Call("lower", (self.read(node.expression),))))
        return Call("like", (self.read(node.this), self.read(node.expression)))

    def between(self, node: exp.Expression) -> Expr:
        side = self.read(node.this)
        return Call("and", (Call(">=", (side, self.read(node.args["low"]))), Call("<=", (side, self.read(node.args["high"])))))

    def case(self, node: exp.Expression) -> Expr:
        subject = None if node.this is None else self.read(node.this)
        branches = []
        for each in node.args["ifs"]:
            when = self.read(each.this)
            branches.append((when if subject is None else Call("=", (subject, when)), self.read(each.args["true"])))
        otherwise = node.args.get("default")
        return Case(tuple(branches), None if otherwise is None else self.read(otherwise))

    def if_(self, node: exp.Expression) -> Expr:
        otherwise = node.args.get("false")
        branch = (self.read(node.this), self.read(node.args["true"]))
        return Case((branch,), None if otherwise is None else self.read(otherwise))

    def coalesce(self, node: exp.Expression) -> Expr:
        return Call("coalesce", (self.read(node.this), *(self.read(each) for each in node.expressions)))

    def least(self, node: exp.Expression) -> Expr:
        word = "least" if isinstance(node, exp.Least) else "greatest"
        return Call(word, (self.read(node.this), *(self.read(each) for each in node.expressions)))

    def concat(self, node: exp.Expression) -> Expr:
        if isinstance(node, exp.Concat):
            return Call("concat", tuple(self.read(each) for each in node.expressions))
        return Call("concat", (self.read(node.this), self.read(node.expression)))

    def round(self, node: exp.Expression) -> Expr:
        digits = node.args.get("decimals")
        return Call("round", (self.read(node.this), *((self.read(digits),) if digits is not None else ())))

    def power(self, node: exp.Expression) -> Expr:
        return Call("power", (self.read(node.this), self.read(node.expression)))

    def substring(self, node: exp.Expression) -> Expr:
        rest = (node.args.get("start"), node.args.get("length"))
        return Call("substring", (self.read(node.this), *(self.read(each) for each in rest if each is not None)))

    def trim(self, node: exp.Expression) -> Expr:
        if node.args.get("expression") is not None or node.args.get("position"):
            raise self._lacks(node)
        return Call("trim", (self.read(node.this),))

    def cast(self, node: exp.Expression) -> Expr:
        inner = self.read(node.this)
        to = node.args["to"]
        known = _TYPES.get(to.this.value if hasattr(to.this, "value") else str(to.this))
        if known is None and str(to.this).endswith("DECIMAL"):
            known = FLOAT
        if known is None:
            raise self._lacks(node)
        return operations.cast(inner, known)

    def date_trunc(self, node: exp.Expression) -> Expr:
        unit = str(node.args["unit"].name if hasattr(node.args["unit"], "name") else node.args["unit"]).lower()
        if unit not in GRAINS:
            raise self._lacks(node)
        return truncated(self.read(node.this), unit)

    def extract(self, node: exp.Expression) -> Expr:
        part = _PARTS.get(str(node.this.name).lower())
        if part is None:
            raise self._lacks(node)
        return Call(part, (self.read(node.expression),))

    def day(self, node: exp.Expression) -> Expr:
        return operations.cast(self.read(node.this), DATE)


def _shifted(reader: _Reader, node: exp.Expression) -> Expr:
    """Return ``x + interval 3 day`` as a move; any other sum or difference as it is."""
    right = node.expression
    if isinstance(right, exp.Interval) and right.this is not None and right.this.is_int and right.unit is not None:
        count = int(right.this.name) * (-1 if isinstance(node, exp.Sub) else 1)
        unit = str(right.unit.name).lower().removesuffix("s")
        if unit in GRAINS:
            return moved(reader.read(node.this), count, unit)
    return Call("-" if isinstance(node, exp.Sub) else "+", (reader.read(node.this), reader.read(right)))


_READERS: Mapping[type[exp.Expression], Callable[[_Reader, exp.Expression], Expr]] = {
    exp.Paren: _Reader.paren, exp.Column: _Reader.column, exp.Identifier: _Reader.column, exp.Literal: _Reader.literal,
    exp.Boolean: _Reader.boolean, exp.Null: _Reader.null, exp.Is: _Reader.is_, exp.In: _Reader.in_, exp.Like: _Reader.like,
    exp.ILike: _Reader.like, exp.Between: _Reader.between, exp.Case: _Reader.case, exp.If: _Reader.if_,
    exp.Coalesce: _Reader.coalesce, exp.Least: _Reader.least, exp.Greatest: _Reader.least, exp.DPipe: _Reader.concat,
    exp.Concat: _Reader.concat, exp.Round: _Reader.round, exp.Pow: _Reader.power, exp.Substring: _Reader.substring,
    exp.Trim: _Reader.trim, exp.Cast: _Reader.cast, exp.TimestampTrunc: _Reader.date_trunc, exp.DateTrunc: _Reader.date_trunc,
    exp.Extract: _Reader.extract, exp.TsOrDsToDate: _Reader.day, exp.Date: _Reader.day, exp.Add: _shifted, exp.Sub: _shifted,
}  # fmt: skip

"""What the closed table says about one call: how many arguments, which must be written out, what it is called here."""

from __future__ import annotations

from decimal import Decimal

from decisionlayer.names import near
from decisionlayer.resolve.language import literals
from decisionlayer.resolve.language.functions import AGGREGATES, CALLABLE, FUNCTIONS, QUANTILES, Function, Takes
from decisionlayer.resolve.language.problems import Problem, brief, said
from decisionlayer.resolve.language.tree import Call, Expr, Literal, Name, Param, Span

#: How other languages call what this one has, or has not.
ELSEWHERE = {
    "ifnull": "Write coalesce(a, b).",
    "nvl": "Write coalesce(a, b).",
    "isnull": "Write `a is null`, or coalesce(a, b).",
    "if": "Write `case when … then … else … end`.",
    "iff": "Write `case when … then … else … end`.",
    "countif": "Write count(*) filter (where …).",
    "count_if": "Write count(*) filter (where …).",
    "sumif": "Write sum(a) filter (where …).",
    "sum_if": "Write sum(a) filter (where …).",
    "mean": "Write avg(a).",
    "average": "Write avg(a).",
    "substr": "Write substring(a, start, length).",
    "len": "Write length(a).",
    "ceiling": "Write ceil(a).",
    "pow": "Write power(a, b).",
    "log": "Write ln(a); other bases are ln(a) / ln(10).",
    "log10": "Write ln(a) / ln(10).",
    "percentile": "Write quantile(a, 0.95).",
    "percentile_cont": "Write quantile(a, 0.95).",
    "percentile_disc": "Write quantile_disc(a, 0.95).",
    "count_distinct": "Write count(distinct a).",
    "approx_count_distinct": "Write count(distinct a).",
    "date_trunc": "A period is asked for with `by`, as month or week; its parts are year(a), month(a), …",
    "date_part": "Write year(a), month(a), week(a), …",
    "dayofweek": "Write day_of_week(a), Monday 1 to Sunday 7.",
    "cast": "There are no casts: say the column's type under `columns:`.",
    "safe_divide": "Write `a / b`: division by zero is NULL.",
    "lag": "Write prior(m, '1 month') in a formula.",
    "mod": "There is no remainder.",
    "stddev": "There is no deviation yet; avg and quantile are there.",
    "variance": "There is no variance yet; avg and quantile are there.",
}

#: Words of SQL that stand where an operator would, and what is done here instead.
FOREIGN = {
    "over": "There are no window functions; formulas have trailing(m, '28 days') and to_date(m, year).",
    "ilike": "Write lower(a) like '…'.",
    "as": "There are no casts and no aliases: a column's type stands under `columns:`, a name beside the expression.",
    "select": "There are no subqueries: what they compute is a source with `sql:`, or a metric.",
    "exists": "There are no subqueries: what they compute is a source with `sql:`, or a metric.",
    "interval": "There is no arithmetic on dates; compare with date '2013-01-31' or with a parameter.",
    "within": "Write quantile(a, 0.95).",
    "similar": "Patterns are written with `like`.",
    "rlike": "Patterns are written with `like`.",
    "regexp": "Patterns are written with `like`.",
    "distinct": "Different values are counted by count(distinct a).",
    "from": "An expression has no `from`: it belongs to the source that it is declared for.",
    "where": "A condition of one aggregate is written sum(a) filter (where …); the metric's stands under `where:`.",
    "div": "Write floor(a / b).",
    "mod": "There is no remainder.",
    "order": "Order and limit belong to the question.",
    "asc": "Order and limit belong to the question.",
    "desc": "Order and limit belong to the question.",
}


def flat(function: str, arguments: tuple[Expr, ...], span: Span) -> Call:
    """Return the call with arguments of the same function opened up: ``(a and b) and c`` has three arguments."""
    if not any(isinstance(argument, Call) and argument.function == function for argument in arguments):
        return Call(function, arguments, span)
    opened: list[Expr] = []
    for argument in arguments:
        if isinstance(argument, Call) and argument.function == function:
            opened += flat(function, argument.arguments, argument.span).arguments
        else:
            opened.append(argument)
    return Call(function, tuple(opened), span)


def minus(value: Expr, span: Span) -> Expr:
    """Return ``value`` with the other sign: a number stays a number, so that -15 is a literal; zero has no sign."""
    if isinstance(value, Literal) and isinstance(value.value, int | Decimal) and not isinstance(value.value, bool):
        number = value.value
        if not number:
            return Literal(number, span)
        # copy_negate: the unary minus of Decimal rounds to the context's precision
        return Literal(number.copy_negate() if isinstance(number, Decimal) else -number, span)
    return Call("negate", (value,), span)


def share(expr: Expr) -> Decimal | None:
    """Return the number that ``quantile`` takes, if it is written out and lies between 0 and 1."""
    value = expr.value if isinstance(expr, Literal) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= 1:
        return None
    return Decimal(value)


def count_problems(name: str, given: int, fewest: int, most: int | None, span: Span) -> tuple[Problem, ...]:
    """Return a problem when a call has too few or too many arguments."""
    if given >= fewest and (most is None or given <= most):
        return ()
    if most is None:
        takes = f"at least {_arguments(fewest)}"
    elif fewest == most:
        takes = _arguments(fewest)
    else:
        takes = f"{fewest} to {_arguments(most)}"
    were = "none was" if not given else "1 was" if given == 1 else f"{given} were"
    row = FUNCTIONS.get(name) or AGGREGATES.get(name)
    help = f"Write it as {row.spelling}." if row else f"Write it as {name}(a)."
    return (Problem("wrong-argument", f"`{_shown(name)}` takes {takes}, {were} given", span, help),)


def argument_problems(name: str, arguments: tuple[Expr, ...], span: Span) -> tuple[Problem, ...]:
    """Return what the table refuses in a call without knowing any type: the count, and what must be written out."""
    row = FUNCTIONS[name]
    counted = count_problems(name, len(arguments), row.fewest, row.most, span)
    if counted:
        return counted
    if row.takes_at(len(arguments)) not in _WRITTEN_OUT:
        return ()
    return tuple(problem for at, value in enumerate(arguments) if (problem := _written_out(row, at, value)) is not None)


def aggregate_problems(name: str, arguments: tuple[Expr, ...], span: Span) -> tuple[Problem, ...]:
    """Return what the table refuses in an aggregate: the count of arguments, and a q that is not written out."""
    row = AGGREGATES[name]
    counted = count_problems(name, len(arguments), max(row.fewest, 1), row.most, span)
    if counted or name not in QUANTILES or share(arguments[1]) is not None:
        return counted
    message = f"the second argument of `{name}` is a share from 0 to 1, written out; it is {said_of(arguments[1])}"
    return (Problem("wrong-argument", message, arguments[1].span, f"Write {name}(a, 0.95)."),)


def aggregate_in_formula(name: str, argument: str, span: Span) -> Problem:
    """Return the refusal of an aggregate around a metric: DL101 for all but a count, which has no rows to count."""
    if name == "count":
        message = "`count(…)` counts rows, and a formula has metrics, not rows"
        return Problem("wrong-argument", message, span, "Declare a metric with `measure: count(*)` and name it here.")
    message = f"`{name}(…)` around a metric: a formula's parts are aggregated at the asked grain first"
    help = (
        f"Write {brief(argument)} alone; it already is one number for each group."
        if argument
        else "Name the metric alone."
    )
    return Problem("average-of-averages", message, span, help)


def unknown_function(written: str, span: Span) -> Problem:
    """Return the refusal of a function that the table lacks, with what to write instead or the near names."""
    name = written.lower()
    help = ELSEWHERE.get(name) or FOREIGN.get(name)
    if help is None:
        close = near(name, [*CALLABLE, *(known for known in AGGREGATES if known != "count_distinct"), "median"])
        help = f"Did you mean {' or '.join(close)}?" if close else "docs/language.md lists the functions."
    return Problem("bad-expression", f"there is no function {said(written)}", span, help)


def said_of(expr: Expr) -> str:
    """Return a word or two for an argument that is not what was wanted."""
    match expr:
        case Literal(value=str() as text):
            return said(f"'{text}'")
        case Literal(value=None):
            return "`null`"
        case Literal(value=value):
            return said(str(value).lower())
        case Name():
            return said(expr.text)
        case Param():
            return said(f":{expr.name}")
        case _:
            return "an expression"


_WRITTEN_OUT = frozenset({Takes.digits, Takes.pattern, Takes.interval, Takes.period, Takes.path})
_ORDINAL = ("first", "second", "third", "fourth", "fifth")


def _written_out(row: Function, at: int, value: Expr) -> Problem | None:
    """Return a problem when an argument that the compiler must know is computed, or of the wrong kind."""
    literal = value.value if isinstance(value, Literal) else None
    match row.takes_at(at):
        case Takes.digits:
            least = 1 if row.name == "substring" and at == 1 else 0
            if isinstance(literal, int) and not isinstance(literal, bool) and least <= literal <= 1_000_000:
                return None
            wanted, help = f"a whole number from {least}, written out", f"Write it as {row.spelling}."
        case Takes.pattern:
            if isinstance(literal, str) or isinstance(value, Param):
                return None
            wanted, help = "a pattern, written out", "Write a like 'EW%'."
        case Takes.interval:
            if isinstance(literal, str) and literals.interval(literal) is not None:
                return None
            wanted, help = "a length of whole periods, as '28 days'", f"Write {row.spelling}."
        case Takes.period:
            if isinstance(value, Name):
                return None
            wanted, help = "a period, as month", f"Write {row.spelling}."
        case Takes.path:
            if isinstance(value, Name):
                return None
            wanted, help = "a path, as region, or all", f"Write {row.spelling}."
        case _:
            return None
    what = f"the {_ORDINAL[min(at, 4)]} argument of `{row.name}`"
    return Problem("wrong-argument", f"{what} is {wanted}; it is {said_of(value)}", value.span, help)


def _arguments(count: int) -> str:
    return f"{count} argument" if count == 1 else f"{count} arguments"


def _shown(name: str) -> str:
    return "count(distinct …)" if name == "count_distinct" else name

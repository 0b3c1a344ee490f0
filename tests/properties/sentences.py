"""Random measures, formulas and filters, as text of the language."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from tests.properties.choosing import Choice

OWN_FILTERS = (
    "x > 0", "x is not null", "tag = 'p'", "tag <> 'p'", "not tag = 'q'", "ok", "not ok", "x in (1, 2)", "tag like 'p%'",
    "x between 0 and 2", "ok is not true", "coalesce(x, 0) = 0", "x > 0 or tag is null", "x > 0 and ok", "y >= 0.1", "z < 0.5",
    "lower(tag) = 'p'", "length(tag) > 1", "x not in (1, 2)", "case when ok then x else y end > 0", "nullif(x, 0) is null",
    "tag || 'q' = 'pq'", "substring(tag, 2) = '%'", "abs(x) >= 3", "x / y > 1", "sqrt(x) >= 1", "power(x, 2) > 4", "least(x, y) < 0",
)  # fmt: skip
LINKED_FILTERS = (
    "{role}.kind = 'big'", "{role}.kind <> 'big'", "{role}.size > 1", "{role}.name is null", "{role}.shown = '?'",
    "{role}.size is not null and x > 0", "{role}.kind = 'small' or x is null", "coalesce({role}.name, 'none') = 'none'",
)  # fmt: skip
MEASURES = (
    "sum(x)", "sum(y)", "sum(z)", "count(*)", "count(x)", "avg(x)", "avg(y)", "min(x)", "max(y)", "count(distinct tag)",
    "count(distinct x)", "median(x)", "quantile(z, 0.9)", "quantile_disc(x, 0.5)", "quantile_disc(z, 0.9)", "sum(x) / count(*)", "sum(x) - sum(y)", "sum(x * 2 - y)",
    "sum(x) + count(*)", "sum(case when ok then x end)", "count(*) filter (where ok) / count(*)", "sum(x) filter (where tag = 'p')",
    "sum(x) filter (where ok) - sum(x) filter (where not ok)", "sum(abs(x)) / sum(z)", "max(x) - min(x)", "sum(coalesce(x, 0))",
    "sum(x / 2)", "count(*) - count(y)", "-sum(x)", "sum(x) * 2", "sum(x) - 1", "max(length(tag))", "sum(greatest(x, 0))",
    "coalesce(sum(x), 0)", "avg(x) filter (where x > 0) - avg(x)", "sum(x) - (sum(y) - count(ok)) + 2", "sum(y * y)", "sum(x * z)",
    "sum(v)", "max(v)", "sum(y) - sum(v)", "sum(coalesce(y, v))",
    "case when count(*) > 1 then sum(x) end", "nullif(count(x), 0)", "sum(x) + avg(y)",
)  # fmt: skip
LINKED_MEASURES = (
    "sum({role}.size)", "max({role}.size)", "count({role}.name)", "sum(x * {role}.size)", "count(distinct {role}.kind)",
    "count({role}.shown)", "sum(case when {role}.kind = 'small' then 1 else 0 end)",
)  # fmt: skip


def row_filter(choice: Choice, roles: Sequence[str] = ()) -> str:
    """Return a filter over a row, which may look behind one of its links."""
    return choice.among((*OWN_FILTERS, *(text.format(role=role) for text in LINKED_FILTERS for role in roles)))


def measure(choice: Choice, roles: Sequence[str] = ()) -> str:
    """Return a measure, which may add up what lies behind a link."""
    linked = [text.format(role=role) for text in LINKED_MEASURES for role in roles]
    return choice.among(linked) if linked and choice.of(0, 0, 0, 1) else choice.among(MEASURES)


def formula(choice: Choice, names: Sequence[str], *, all_of_them: bool = False) -> str:
    """Return a formula over metrics or terms; with ``all_of_them`` it uses each at least once."""
    drawn = _part(choice, (*names, *names, "rate"), 2)
    if not all_of_them:
        return f"{choice.among(names)} {choice.of('+', '-', '*', '/')} {drawn}"
    return drawn + "".join(f" {choice.of('+', '-', '/')} {name}" for name in names)


_ONE = ("-({0})", "({0} - 1)", "coalesce({0}, 0)", "nullif({0}, 0)", "abs({0})", "({0} * 2)", "sqrt({0})", "(1 - {0})")
_TWO = (
    "({0} - {1})", "({0} + {1})", "({0} * {1})", "({0} / {1})", "greatest({0}, {1})", "case when {0} > 0 then {0} else {1} end",
    "case when {0} is null then {1} end", "({0} - ({1} - rate))", "coalesce({0}, {1})",
)  # fmt: skip


def _part(choice: Choice, names: Sequence[str], depth: int) -> str:
    if depth == 0:
        return choice.among(names)
    match choice.of(0, 1, 2):
        case 0:
            return choice.among(names)
        case 1:
            return choice.among(_ONE).format(_part(choice, names, depth - 1))
        case _:
            return choice.among(_TWO).format(_part(choice, names, depth - 1), _part(choice, names, depth - 1))


LENGTHS = ("1 month", "1 day", "1 year", "2 months", "1 week", "1 quarter", "28 days", "3 days", "364 days", "2 years", "1 hour", "90 minutes")
LONGER = ("year", "month", "quarter", "week", "day")
_AROUND = ("{0}", "{1} - {0}", "{0}", "{0} / {1}", "coalesce({0}, 0)", "{0} + {1}", "{1} / {0} - 1", "nullif({0}, 0) - rate")


def looking(choice: Choice, names: Sequence[str], units: Sequence[str] = ()) -> str:
    """Return a formula with metric functions in it: of a metric, of a quotient, of each other."""
    look = f"total({choice.among(names)}, all)" if choice.of(*[0] * 9, 1) else _look(choice, names, choice.of(0, 0, 1, 2), units)
    return choice.among(_AROUND).format(look, choice.among(names))


def _look(choice: Choice, names: Sequence[str], depth: int, units: Sequence[str] = ()) -> str:
    inner = _look(choice, names, depth - 1, units) if depth else choice.of("{0}", "{0}", "{0} / {1}", "{0} - {1}")
    inner = inner.format(choice.among(names), choice.among(names))
    own = units if units and choice.of(True, False) else ()
    match choice.of("prior", "to_date", "trailing", "all_time", "total", "period_start", "prior"):
        case "prior":
            return f"prior({inner}, '{_length(choice, own)}')"
        case "trailing":
            return f"trailing({inner}, '{_length(choice, own)}')"
        case "to_date":
            return f"to_date({inner}, {choice.among(own or LONGER)})"
        case "period_start":
            return f"period_start({inner}, {choice.among(own or ('year',))})"
        case "all_time":
            return f"all_time({choice.among(names) if 'period_start' in inner else inner})"
    return f"total({inner}{choice.of('', '', ', tag')})"


def gathers(text: str) -> bool:
    """Say whether a formula is one accumulation, with nothing beside it."""
    head, _, rest = text.partition("(")
    depths = accumulate((1 if sign == "(" else -1 if sign == ")" else 0 for sign in rest), initial=1)
    return head in ("trailing", "to_date", "all_time") and list(depths).index(0) == len(rest)


def _length(choice: Choice, units: Sequence[str]) -> str:
    return f"{choice.of('1', '1', '2', '5')} {choice.among(units)}" if units else choice.among(LENGTHS)


def pace(choice: Choice, names: Sequence[str]) -> str:
    """Return a metric for each week of the asked period, or of another that is read."""
    inner = choice.among(names)
    return f"per({choice.of(inner, _look(choice, names, 0))}, week)"

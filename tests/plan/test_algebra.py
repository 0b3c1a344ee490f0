"""The algebra of absence, checked against its own text: every cell that three metrics can be in, for many formulas."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import pytest

from decisionlayer.plan.kinds.formula import Atom, Null, Value, evaluate, finish, literal, scale
from decisionlayer.plan.kinds.looked import looked
from decisionlayer.resolve.language import parse_formula
from decisionlayer.resolve.language.printing import text_of
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name

# Three metrics: `s` and `t` are sums (NULL where absent), `c` a count (0 where absent), `r` is s / c.
SUMS, COUNTS = ("s", "t"), ("c",)
#: A sum and a count of another cell, which `k` says whether the data reach.
PAST = {"p": "s", "q": "c"}


def leaf_value(name: str) -> Value:
    if name in PAST:
        return looked(leaf_value(PAST[name]), {PAST[name]: name}, "k", -1 - sorted(PAST).index(name))
    if name in SUMS:
        return Value(Name((name,)), frozenset({Atom(name, False, rows=SUMS.index(name))}), Null.absent)
    return Value(Name((name,)), frozenset({Atom(name, True, rows=2, covers_rows=True)}), Null.never)


#: The rows of `s` are counted.
COUNTED = {0: Atom("rows", True, rows=0, covers_rows=True)}


class Kept:
    """Columns that the algebra asked for, in the order in which it did."""

    def __init__(self) -> None:
        self.columns: dict[str, Expr] = {}

    def __call__(self, expr: Expr) -> Expr:
        name = f"kept{len(self.columns)}"
        self.columns[name] = expr
        return Name((name,))


def compiled(formula: str) -> tuple[Expr, Kept]:
    parsed = parse_formula(formula)
    assert parsed.expr is not None, parsed.problems
    kept = Kept()
    return evaluate(parsed.expr, lambda node: leaf_value(node.text), kept).expr, kept


def run(expr: Expr, cell: dict[str, Fraction | None]) -> object:
    """Compute an expression as SQL does."""
    match expr:
        case Literal(value):
            return value if value is None or isinstance(value, bool) else Fraction(value)
        case Name():
            return cell[expr.text]
        case Case():
            for when, then in expr.branches:
                if run(when, cell) is True:
                    return run(then, cell)
            return None if expr.otherwise is None else run(expr.otherwise, cell)
        case Call("coalesce", parts):
            return next((value for part in parts if (value := run(part, cell)) is not None), None)
        case Call("is_null", (part,)):
            return run(part, cell) is None
        case Call("not", (part,)):
            value = run(part, cell)
            return None if value is None else not value
        case Call("and", parts):
            values = [run(part, cell) for part in parts]
            return False if False in values else None if None in values else True
        case Call(function, parts):
            values = [run(part, cell) for part in parts]
            return None if None in values else arithmetic(function, values)
    raise AssertionError(expr)


def arithmetic(function: str, values: list[Fraction]) -> object:
    match function, values:
        case "+", [a, b]:
            return a + b
        case "-", [a, b]:
            return a - b
        case "*", [a, b]:
            return a * b
        case "/", [a, b]:
            return None if b == 0 else a / b
        case "negate", [a]:
            return -a
        case "abs", [a]:
            return abs(a)
        case ">", [a, b]:
            return a > b
        case "=", [a, b]:
            return a == b
        case "nullif", [a, b]:
            return None if a == b else a
    raise AssertionError(function)


def meant(expr: Expr, cell: dict[str, Fraction | None]) -> tuple[object, bool, bool]:
    """Return value, absence, and whether it is made of metrics: the text of ``formula.py``, word for word."""
    match expr:
        case Literal(value):
            return (value if value is None or isinstance(value, bool) else Fraction(value)), False, False
        case Name(("p" | "q" as name,)):
            if not cell["k"]:
                return None, False, True
            return cell[name], cell[name] in (None, 0), True
        case Name():
            value = cell[expr.text]
            return value, (value == 0 if expr.text in COUNTS else value is None), True
        case Call("+" | "-" | "negate"):
            return meant_sum(expr, cell)
        case Case():
            parts = [part for branch in expr.branches for part in branch] + ([expr.otherwise] if expr.otherwise else [])
            known = {id(part): meant(part, cell) for part in parts}
            value = None if expr.otherwise is None else known[id(expr.otherwise)][0]
            for when, then in reversed(expr.branches):
                value = known[id(then)][0] if known[id(when)][0] is True else value
            return value, *below(list(known.values()))
        case Call(function, arguments):
            parts = [meant(argument, cell) for argument in arguments]
            values = [part[0] for part in parts]
            if function == "coalesce":
                value = next((value for value in values if value is not None), None)
            elif function == "is_null":
                value = values[0] is None
            else:
                value = None if None in values else arithmetic(function, values)
            return value, *below(parts)
    raise AssertionError(expr)


def below(parts: list[tuple[object, bool, bool]]) -> tuple[bool, bool]:
    made = [absent for _, absent, is_made in parts if is_made]
    return bool(made) and all(made), bool(made)


def meant_sum(expr: Expr, cell: dict[str, Fraction | None]) -> tuple[object, bool, bool]:
    signed = [(sign, meant(part, cell)) for sign, part in operands(expr, 1)]
    absent, is_made = below([part for _, part in signed])
    made = [part for _, part in signed if part[2]]
    if made and all(part[1] and part[0] is None for part in made):
        return None, absent, is_made
    total = Fraction(0)
    for sign, (value, lacks, _) in signed:
        if value is None and not lacks:
            return None, absent, is_made
        total += sign * (value or 0)
    return total, absent, is_made


def operands(expr: Expr, sign: int) -> list[tuple[int, Expr]]:
    match expr:
        case Call("+", (left, right)):
            return operands(left, sign) + operands(right, sign)
        case Call("-", (left, right)):
            return operands(left, sign) + operands(right, -sign)
        case Call("negate", (inner,)):
            return operands(inner, -sign)
    return [(sign, expr)]


CELLS = [
    {"s": s, "t": t, "c": c}
    for s, t, c in itertools.product((None, Fraction(0), Fraction(5)), (None, Fraction(2)), (Fraction(0), Fraction(3)))
]
WRITTEN = [
    "s - t", "s + t + c", "s / c", "s - 1", "1 + s + t", "c - 1", "s / c - t", "t + s / c + s / t", "-s - t", "s * t + c",
    "coalesce(s, 5) - t", "(s + t) / (s - t)", "case when s > 1 then t end + c", "s - (t + 1)", "abs(s) + t", "s - s",
    "coalesce(s, t) + coalesce(t, 7)", "nullif(c, 3) + s", "case when s is null then 1 else t end - t", "2 * s + 3 * t",
]  # fmt: skip


@pytest.mark.parametrize("formula", WRITTEN)
def test_every_cell_is_worth_what_the_text_says(formula):
    check(formula)


def check(formula: str, cells: list[dict[str, Fraction | None]] | None = None) -> None:
    expr, kept = compiled(formula)
    parsed = parse_formula(formula).expr
    assert parsed is not None
    for cell in CELLS if cells is None else cells:
        columns: dict[str, Fraction | None] = dict(cell)
        for name, column in kept.columns.items():
            columns[name] = run(column, columns)  # type: ignore[assignment]
        assert run(expr, columns) == meant(parsed, cell)[0], (formula, cell, text_of(expr))


def test_formulas_made_by_chance_are_worth_what_the_text_says():
    chance = random.Random(20130101)

    def made(depth: int) -> str:
        if depth == 0 or chance.random() < 0.2:
            return chance.choice(["s", "t", "c", "s", "t", "1", "3"])
        form = chance.choice(["{} + {}", "{} - {}", "-({})", "{} * {}", "{} / {}", "coalesce({}, {})", "abs({})",
                              "nullif({}, {})", "case when {} > {} then {} else {} end", "case when {} is null then {} end"])  # fmt: skip
        return "(" + form.format(*(made(depth - 1) for _ in range(form.count("{}")))) + ")"

    for _ in range(600):
        check(made(chance.choice([2, 3, 4])))


#: Outside the data another cell's sum is NULL; its count may be whatever stands in the column.
BESIDE_THE_PAST = [
    {"s": s, "t": Fraction(2), "c": c, "p": p, "q": q, "k": k}
    for s, c, (p, q, k) in itertools.product(
        (None, Fraction(5)), (Fraction(0), Fraction(3)),
        [(p, q, True) for p in (None, Fraction(4)) for q in (Fraction(0), Fraction(7))] + [(None, Fraction(0), False)],
    )
]  # fmt: skip


@pytest.mark.parametrize("formula", [
    "s - p", "p - s", "s + p", "c - q", "q - c", "s - q", "q + p", "-p - s", "s / c - p / q", "p / q - s / c", "p - q - s", "s - p - t",
    "(s - p) / q", "coalesce(p, s) - q", "2 * q - s", "q * p + c", "s - 1 - p", "case when q > 1 then p end - s", "nullif(q, 7) - p",
    "(s - p) - (c - q)", "abs(p) - s", "p - p", "q - q", "p / 2 - s / 2",
])  # fmt: skip
def test_every_cell_beside_another_one_is_worth_what_the_text_says(formula):
    check(formula, BESIDE_THE_PAST)


def test_formulas_over_other_cells_made_by_chance_are_worth_what_the_text_says():
    chance = random.Random(20130102)

    def made(depth: int) -> str:
        if depth == 0 or chance.random() < 0.2:
            return chance.choice(["s", "c", "p", "q", "p", "q", "1"])
        form = chance.choice(["{} + {}", "{} - {}", "{} - {}", "-({})", "{} * {}", "{} / {}", "coalesce({}, {})", "nullif({}, {})"])
        return "(" + form.format(*(made(depth - 1) for _ in range(form.count("{}")))) + ")"

    for _ in range(600):
        check(made(chance.choice([2, 3, 4])), BESIDE_THE_PAST)


def test_depth_does_not_multiply_the_text():
    formula = "s"
    for _ in range(30):
        formula = f"(case when {'s'} > 1 then t end + {formula}) * 2"
    expr, kept = compiled(formula)
    assert len(text_of(expr)) + sum(len(text_of(column)) for column in kept.columns.values()) < 10_000


@pytest.mark.parametrize(
    ("formula", "sql"),
    [
        ("s - t", "coalesce(s - t, s, -t)"),
        ("s + t", "coalesce(s + t, s, t)"),
        ("s - 1", "s - 1"),
        ("c - 1", "c - 1"),
        ("c - q", "c - case when k then q end"),
        ("s - p", "coalesce(s - p, case when k and p is null then s end, -p)"),
        ("c + s", "c + coalesce(s, 0)"),
        ("c - c * 2", "c - c * 2"),
        ("s + t - c", "coalesce(s, 0) + coalesce(t, 0) - c"),
        ("s + t + s", "case when coalesce(s, t) is not null then coalesce(s, 0) + coalesce(t, 0) + coalesce(s, 0) end"),
        ("s / c - t", "case when c = 0 and s is null and t is null then null else "
                      "case when c = 0 and s is null then 0 else s / c end - coalesce(t, 0) end"),
    ],
)  # fmt: skip
def test_nothing_is_said_that_cannot_happen(formula, sql):
    assert text_of(compiled(formula)[0]) == sql


@pytest.mark.parametrize(
    ("name", "missing", "sql"),
    [
        ("s", "zero", "case when rows = 0 then 0 else s end"),
        ("t", "zero", "coalesce(t, 0)"),  # nobody counts the rows of t: its NULL proves that there are none
        ("s", "null", "s"),
        ("c", "zero", "c"),
        ("c", "null", "nullif(c, 0)"),
        ("s", None, "s"),
    ],
)
def test_missing_is_applied_at_the_metrics_own_finish(name, missing, sql):
    assert text_of(finish(leaf_value(name), missing, Kept(), COUNTED).expr) == sql


def test_a_quotient_is_zero_only_where_there_are_no_rows():
    quotient = evaluate(Call("/", (Name(("s",)), Name(("c",)))), lambda node: leaf_value(node.text), Kept())
    assert text_of(finish(quotient, "zero", Kept(), COUNTED).expr) == "case when c = 0 and rows = 0 then 0 else s / c end"


def test_a_unit_is_converted_exactly_and_without_making_anything_present():
    hours = scale(leaf_value("s"), Fraction(1, 60))
    assert (text_of(hours.expr), hours.null) == ("s / 60", Null.absent)
    assert text_of(scale(leaf_value("s"), Fraction(5, 3)).expr) == "s * 5 / 3"
    assert scale(literal(Literal(3)), Fraction(1)).expr == Literal(3)

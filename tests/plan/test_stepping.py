"""What several columns are made of is worked out once, in a step of its own; the columns stay what they were."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from decisionlayer.plan import operations, stepping
from decisionlayer.plan.bind.calendars import expanded
from decisionlayer.plan.nodes import Output
from decisionlayer.plan.stepping import Steps, stepped
from decisionlayer.resolve.language.tree import Call, Case, Expr, Literal, Name, children, names, transform, walk
from decisionlayer.resolve.language.types import DATE, INTEGER
from decisionlayer.resolve.model import Project

KEY = Name(("month",))


def in_steps(*exprs: Expr) -> tuple[Steps, tuple[Output, ...]]:
    made: Counter[str] = Counter()

    def fresh(called: str) -> str:
        made[called] += 1
        return f"{called}_{made[called]}"

    project = Project("shop", "UTC", "monday")
    columns = [Output(f"column_{number}", INTEGER, expr) for number, expr in enumerate(exprs)]
    return stepped(columns, {"month": DATE}, lambda expr: expanded(expr, project), fresh, "part")


def written_out(steps: Steps, columns: tuple[Output, ...]) -> list[Expr]:
    """Return the columns with every step put back in its place."""
    known: dict[Name, Expr] = {}

    def put_back(node: Expr) -> Expr | None:
        return known.get(node) if isinstance(node, Name) else None

    for step in steps:
        known |= {Name((each.name,)): transform(each.expr, put_back) for each in step}
    return [transform(each.expr, put_back) for each in columns]


def long_part(of: Expr, number: int = 0) -> Expr:
    for each in range(stepping.LONG // 2):
        of = Call("+", (of, Literal(each + number)))
    return of


def test_short_parts_stay_where_they_are() -> None:
    month = operations.moved(KEY, -1, "month")
    steps, columns = in_steps(month, Call("<=", (month, Name(("sales__day__last",)))))
    assert steps == () and columns[0].expr == month


def test_a_long_part_that_stands_once_stays_where_it_is() -> None:
    steps, columns = in_steps(long_part(KEY), long_part(KEY, 1))
    assert steps == () and [each.expr for each in columns] == [long_part(KEY), long_part(KEY, 1)]


def test_a_long_part_that_stands_twice_is_a_step_and_equal_parts_are_one() -> None:
    one, same = long_part(KEY), long_part(KEY)
    steps, columns = in_steps(Call("*", (one, Literal(2))), Case(((Call("<", (same, Literal(9))), Literal(1)),), None))
    ((part,),) = steps
    assert (part.name, part.expr, part.type) == ("part_1", one, INTEGER)
    assert columns[0].expr == Call("*", (Name(("part_1",)), Literal(2)))
    assert columns[1].expr == Case(((Call("<", (Name(("part_1",)), Literal(9))), Literal(1)),), None)


def test_a_column_that_others_are_made_of_keeps_its_name() -> None:
    first = long_part(KEY)
    steps, columns = in_steps(first, Call("<=", (first, Literal(7))))
    assert [[each.name for each in step] for step in steps] == [["column_0"]]
    assert [each.expr for each in columns] == [Name(("column_0",)), Call("<=", (Name(("column_0",)), Literal(7)))]


def test_constants_of_other_types_are_other_parts() -> None:
    whole, logical = Call("+", (long_part(KEY), Literal(1))), Call("+", (long_part(KEY), Literal(True)))
    _, columns = in_steps(whole, logical)
    assert columns[0].expr != columns[1].expr


def test_what_stands_within_a_let_is_not_taken_out_of_it() -> None:
    def twice(it: Expr) -> Expr:
        return Call("*", (long_part(it), long_part(it)))

    let = operations.let(operations.add_days(KEY, Literal(3)), twice)
    steps, columns = in_steps(let)
    assert steps == () and columns[0].expr == let


def test_what_a_calendar_moves_is_written_out_over_a_column() -> None:
    day = operations.later(long_part(KEY), 1, "week.year", None, clamped=True)
    steps, columns = in_steps(day, Call("<", (day, Literal(None))))
    written = [each.expr for step in (*steps, columns) for each in step]
    assert not [node for expr in written for node in walk(expr) if isinstance(node, Call) and node.function == operations.LATER]
    assert Call("<", (Name(("column_0",)), Literal(None))) in written


@pytest.mark.parametrize("seed", range(20))
def test_columns_are_what_they_were_and_parts_know_those_before_them(seed: int) -> None:
    drawn = random.Random(seed)
    pool: list[Expr] = [KEY, Literal(1), Literal(2)]
    for _ in range(60):
        one, other, third = (drawn.choice(pool[-6:]) for _ in range(3))
        cases = Case(((Call("<", (one, other)), third),), drawn.choice([None, one]))
        pool.append(drawn.choice([Call("+", (one, other)), cases, Call("abs", (one,))]))
        if sum(1 for _ in walk(pool[-1])) > 20_000:
            pool[-1] = Call("abs", (KEY,))
    roots = pool[-4:]
    steps, columns = in_steps(*roots)
    assert written_out(steps, columns) == roots
    known = {"month"}
    for step in (*steps, columns):
        assert all(name.text in known for each in step for name in names(each.expr))
        known |= {each.name for each in step}
    assert len(known) == 1 + len({each.name for step in (*steps, columns) for each in step})


def test_a_part_is_looked_at_once_however_often_it_stands() -> None:
    expr: Expr = KEY
    for number in range(200):  # written out, more nodes than there are atoms
        expr = Call("+", (expr, Call("*", (expr, Literal(number)))))
    steps, columns = in_steps(expr)
    assert sum(1 for step in (*steps, columns) for each in step for _ in walk(each.expr)) < 200 * stepping.LONG
    assert all(children(each.expr) for step in steps for each in step)

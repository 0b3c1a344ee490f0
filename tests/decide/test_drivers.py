"""Drivers over random classes: they sum to the change, whatever is called how, and however a class is cut in two."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from decisionlayer.decide.drivers import Parts, factors_of, mix_of

FIGURES = st.integers(-50, 200).map(Fraction)
SIDE = st.dictionaries(st.sampled_from("abcde"), st.tuples(FIGURES, st.integers(0, 40).map(Fraction)), max_size=5)


def total(side: dict[str, Parts]) -> Fraction | None:
    under = sum((part[1] for part in side.values()), Fraction(0))
    return None if under == 0 else sum((part[0] for part in side.values()), Fraction(0)) / under


@settings(max_examples=300, deadline=None)
@given(SIDE, SIDE)
def test_rate_and_mix_sum_to_the_change(before: dict[str, Parts], after: dict[str, Parts]) -> None:
    mix, was, now = mix_of(before, after), total(before), total(after)
    if was is None or now is None:
        assert mix is None
        return
    assert mix is not None
    assert (mix.before, mix.after, mix.rate + mix.mix) == (was, now, now - was)
    assert mix.rate == sum(
        ((before[name][1] / sum(u for _, u in before.values()) + after[name][1] / sum(u for _, u in after.values())) / 2)
        * (after[name][0] / after[name][1] - before[name][0] / before[name][1])
        for name in before.keys() & after.keys() if before[name][1] and after[name][1]
    )  # fmt: skip
    back = mix_of(after, before)
    assert back is not None and (back.rate, back.mix) == (-mix.rate, -mix.mix)


@settings(max_examples=200, deadline=None)
@given(SIDE, SIDE)
def test_a_class_cut_in_two_alike_halves_changes_nothing(before: dict[str, Parts], after: dict[str, Parts]) -> None:
    whole = mix_of(before, after)
    halves = [
        {f"{name}{half}": (over / 2, under / 2) for name, (over, under) in side.items() for half in (1, 2)} for side in (before, after)
    ]
    cut = mix_of(*halves)
    assert (whole is None) == (cut is None)
    if whole is not None and cut is not None:
        assert (cut.rate, cut.mix, cut.misleads) == (whole.rate, whole.mix, whole.misleads)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=5))
def test_factors_sum_to_the_change_and_what_stood_still_made_nothing(pairs: list[tuple[int, int]]) -> None:
    before, after = [Fraction(was) for was, _ in pairs], [Fraction(now) for _, now in pairs]
    parts = factors_of(before, after)
    assert parts is not None
    change = Fraction(1)
    for now in after:
        change *= now
    rest = Fraction(1)
    for was in before:
        rest *= was
    assert sum(parts) == change - rest
    assert all(part == 0 for part, was, now in zip(parts, before, after, strict=True) if was == now)

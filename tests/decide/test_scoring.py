"""Scores on declared scales: worked out by hand (S7 of the reference), and agreed on by an outside library on random decisions."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest

from decisionlayer.decide.scoring import Scored, break_evens, decimal, dominates, leaders, places

S7 = (
    Scored("cost", "lower", Fraction(60), Fraction(20), Fraction(1, 2)),
    Scored("rate", "higher", Fraction(50), Fraction(100), Fraction(3, 10)),
    Scored("growth", "higher", Fraction(0), Fraction(20), Fraction(1, 5)),
)


def options(**levels: tuple[object, ...]) -> dict[str, dict[str, Fraction | None]]:
    names = [criterion.metric for criterion in S7]
    return {
        option: {name: None if level is None else Fraction(str(level)) for name, level in zip(names, row, strict=True)}
        for option, row in levels.items()
    }


GOVERNED = options(A=(36, 75, 5), B=(35, 90, 5), C=(42, 80, 12))
NAIVE = options(A=(30, 90, 15), B=(35, 90, 5), C=(42, 80, -10))


def shown(levels: dict[str, dict[str, Fraction | None]]) -> list[tuple[str, int | None, Decimal | None, tuple[str, ...]]]:
    return [(one.option, one.place, decimal(one.score), one.dominated_by) for one in places(S7, levels)]


def test_governed_levels_put_b_first_and_a_is_dominated() -> None:
    assert shown(GOVERNED) == [("B", 1, Decimal("0.6025"), ()), ("C", 2, Decimal("0.525"), ()), ("A", 3, Decimal("0.5"), ("B",))]


def test_naive_levels_turn_the_ranking_round() -> None:
    assert shown(NAIVE) == [("A", 1, Decimal("0.765"), ()), ("B", 2, Decimal("0.6025"), ("A",)), ("C", 3, Decimal("0.405"), ("A", "B"))]


def test_the_growth_weight_at_which_c_overtakes_b_is_59_of_171() -> None:
    found = [one for one in break_evens(S7, places(S7, GOVERNED)) if one.criterion == "growth"]
    assert [(one.between, one.weight) for one in found] == [(("B", "C"), Fraction(59, 171))]


def test_at_a_break_even_two_options_are_worth_the_same() -> None:
    for even in break_evens(S7, places(S7, GOVERNED)):
        kept = 1 - next(one.weight for one in S7 if one.metric == even.criterion)
        moved = tuple(
            Scored(one.metric, one.better, one.worst, one.best,
                   even.weight if one.metric == even.criterion else one.weight * (1 - even.weight) / kept)
            for one in S7
        )  # fmt: skip
        scores = {place.option: place.score for place in places(moved, GOVERNED)}
        assert scores[even.between[0]] == scores[even.between[1]]


def test_a_bad_option_changes_no_score_of_the_others() -> None:
    """Scaled from the options themselves, D would turn B > A > C into B > C > A."""
    with_d = {**GOVERNED, **options(D=(100, 60, -5))}
    assert shown(with_d)[:3] == shown(GOVERNED)
    lows = {name: min(level[name] for level in with_d.values()) for name in ("cost", "rate", "growth")}
    highs = {name: max(level[name] for level in with_d.values()) for name in ("cost", "rate", "growth")}

    def from_the_options(levels: dict[str, Fraction | None], low: dict[str, Fraction], high: dict[str, Fraction]) -> Fraction:
        share = {name: (levels[name] - low[name]) / (high[name] - low[name]) for name in levels}
        return (1 - share["cost"]) / 2 + share["rate"] * 3 / 10 + share["growth"] / 5

    assert round(from_the_options(GOVERNED["A"], lows, highs), 4) == Fraction("0.7600")
    assert round(from_the_options(GOVERNED["C"], lows, highs), 4) == Fraction("0.8462")
    few = [{name: pick(level[name] for level in GOVERNED.values()) for name in lows} for pick in (min, max)]
    assert [round(from_the_options(GOVERNED[one], *few), 4) for one in "ABC"] == [Fraction("0.4286"), Fraction("0.8"), Fraction("0.3")]


def test_equal_scores_share_a_place_and_the_next_is_not_second() -> None:
    found = places(S7, options(A=(40, 75, 10), B=(40, 75, 10), C=(60, 50, 0)))
    assert [(one.option, one.place) for one in found] == [("A", 1), ("B", 1), ("C", 3)]
    assert leaders(found) == ("A", "B")


def test_the_noise_of_floating_columns_breaks_no_tie() -> None:
    found = places(S7, options(A=(40, 75, 0.1 + 0.2), B=(40, 75, 0.3)))
    assert [one.place for one in found] == [1, 1] and not found[0].dominated_by and not found[1].dominated_by


def test_beyond_the_veto_an_option_has_no_place_and_at_it_it_has() -> None:
    held = (Scored("rate", "higher", Fraction(50), Fraction(100), Fraction(1), veto=Fraction(68)),)
    found = places(held, {"x": {"rate": Fraction("67.5")}, "y": {"rate": Fraction(68)}, "z": {"rate": Fraction(69)}})
    assert [(one.option, one.place, one.vetoed) for one in found] == [("z", 1, ()), ("y", 2, ()), ("x", None, ("rate",))]
    cost = Scored("cost", "lower", Fraction(60), Fraction(20), Fraction(1), veto=Fraction(50))
    assert cost.is_vetoed(Fraction(51)) and not cost.is_vetoed(Fraction(50))
    near = Scored("load", Fraction(18), Fraction(30), Fraction(18), Fraction(1), veto=Fraction(26))
    assert near.is_vetoed(Fraction(9)) and not near.is_vetoed(Fraction(10))


def test_what_is_missing_is_never_scored_as_nothing() -> None:
    found = {one.option: one for one in places(S7, options(A=(36, None, 5), B=(59, 51, 1)))}
    assert (found["A"].place, found["A"].score, found["A"].missing) == (None, None, ("rate",))
    assert found["B"].place == 1 and not found["B"].dominated_by


def test_a_vetoed_option_dominates_nobody() -> None:
    two = (Scored("cost", "lower", Fraction(60), Fraction(20), Fraction(1)), Scored("rate", "higher", veto=Fraction(80)))
    found = {one.option: one for one in places(two, {"A": {"cost": Fraction(30), "rate": Fraction(70)}, "B": {"cost": Fraction(40), "rate": Fraction(81)}})}
    assert found["A"].vetoed and found["B"].place == 1 and found["B"].dominated_by == ()


def test_near_is_worth_the_same_on_both_sides() -> None:
    near = Scored("load", Fraction(18), Fraction(30), Fraction(18), Fraction(1))
    assert [near.worth(Fraction(level)) for level in (18, 24, 12, 30, 6, 0)] == [1, Fraction(1, 2), Fraction(1, 2), 0, 0, 0]
    assert dominates((near,), {"load": Fraction(19)}, {"load": Fraction(15)})


def test_a_lone_criterion_without_a_weight_ranks_by_its_own_level() -> None:
    flow = (Scored("flow", "higher"),)
    found = places(flow, {"A": {"flow": Fraction(75)}, "B": {"flow": Fraction(75)}, "C": {"flow": Fraction(50)}})
    assert [(one.option, one.place, one.score) for one in found] == [("A", 1, None), ("B", 1, None), ("C", 3, None)]


@pytest.mark.filterwarnings("ignore::UserWarning")  # it advises against dominant options
def test_spotis_agrees_on_five_hundred_random_decisions() -> None:
    """SPOTIS is the distance to the best level on declared bounds, so one less it is our score."""
    pytest.importorskip("pymcdm")
    import numpy as np
    from pymcdm.methods import SPOTIS

    rng = random.Random(20260701)
    for _ in range(500):
        width, height = rng.randint(1, 6), rng.randint(2, 8)
        parts = [rng.randint(1, 100) for _ in range(width)]
        criteria, levels = [], {f"o{row}": {} for row in range(height)}
        for column, part in enumerate(parts):
            low, high = sorted(rng.sample(range(-1000, 1001), 2))
            is_higher = rng.random() < 0.5
            worst, best = (low, high) if is_higher else (high, low)
            name = f"c{column}"
            criteria.append(Scored(name, "higher" if is_higher else "lower", Fraction(worst), Fraction(best), Fraction(part, sum(parts))))
            for row in levels.values():
                row[name] = Fraction(rng.randint(low * 10, high * 10), 10)
        matrix = np.array([[float(value) for value in row.values()] for row in levels.values()])
        bounds = np.array([sorted((float(one.worst), float(one.best))) for one in criteria])
        types = np.array([1 if one.better == "higher" else -1 for one in criteria])
        theirs = 1 - SPOTIS(bounds)(matrix, np.array([float(one.weight) for one in criteria]), types)
        ours = {place.option: place.score for place in places(criteria, levels)}
        assert [float(ours[f"o{row}"]) for row in range(height)] == pytest.approx(list(theirs), abs=1e-9)

"""What is worth collecting is found where it is known by theory, and noise is called noise."""

import numpy as np
import pytest
from scipy.stats import norm

from sim.calibration import value
from sim.calibration.value import Fit, Known, first_order, gain, learnt, perfect_gain, resampled, total_order

MEMBERS, FUTURES = 400, 2


def numbers_of(column: np.ndarray) -> Known:
    return Known(column[:, None], np.arange(len(column)), np.full(len(column), -1))


def test_the_variance_that_a_number_explains_is_found_and_one_that_explains_nothing_stays_below_the_noise() -> None:
    draws = np.random.default_rng(1)
    useful, useless = draws.normal(size=(2, MEMBERS))
    effect = 3 * useful[:, None] + draws.normal(0, 2, (MEMBERS, 1)) + draws.normal(0, 1, (MEMBERS, FUTURES))
    found, floor = learnt(numbers_of(useful), effect, np.ones(MEMBERS))
    assert found == pytest.approx(9 * useful.var(), rel=0.12)
    assert found > floor
    nothing, least = learnt(numbers_of(useless), effect, np.ones(MEMBERS))
    assert nothing < 0.3
    assert least < 0.5


def test_chance_in_one_future_does_not_pass_for_knowledge() -> None:
    """A statistic and an effect that share the chance of one future, and nothing else, tell nothing of each other's members."""
    draws = np.random.default_rng(2)
    chance = draws.normal(size=(MEMBERS, FUTURES))
    effect = chance + draws.normal(0, 1, (MEMBERS, 1))
    known = Known(chance.reshape(-1, 1), np.repeat(np.arange(MEMBERS), FUTURES), np.tile(np.arange(FUTURES), MEMBERS))
    found, _ = learnt(known, effect, np.ones(MEMBERS))
    assert found < 0.1


def test_the_gain_of_knowing_is_that_of_two_options_whose_difference_is_normal() -> None:
    """With a difference of N(m, s) given what is known, E max(0, d) = s phi(m/s) + m Phi(m/s) (Raiffa and Schlaifer, 1961)."""
    draws = np.random.default_rng(3)
    known = draws.normal(size=2000)
    mean, slope = 1.0, 2.0
    better = mean + slope * known[:, None] + draws.normal(0, 3, (2000, FUTURES))
    found, low, high, floor = gain(numbers_of(known), better, np.ones(2000))
    theory = slope * norm.pdf(mean / slope) + mean * norm.cdf(mean / slope) - mean
    assert found == pytest.approx(theory, rel=0.15)
    assert low < theory < high
    assert floor < found


def test_knowing_gains_nothing_where_one_option_is_always_better_and_never_more_than_knowing_everything() -> None:
    draws = np.random.default_rng(4)
    known = draws.uniform(size=MEMBERS)
    sure = 5 + known[:, None] + draws.normal(0, 0.1, (MEMBERS, FUTURES))
    assert gain(numbers_of(known), sure, np.ones(MEMBERS))[0] == pytest.approx(0, abs=1e-9)
    assert perfect_gain(sure, np.ones(MEMBERS)) == pytest.approx(0, abs=1e-9)
    torn = (known - 0.5)[:, None] + draws.normal(0, 0.2, (MEMBERS, 1)) + np.zeros((MEMBERS, FUTURES))
    assert gain(numbers_of(known), torn, np.ones(MEMBERS))[0] < perfect_gain(torn, np.ones(MEMBERS))


def test_a_member_that_weighs_two_counts_as_two_in_a_regression() -> None:
    draws = np.random.default_rng(5)
    column, effect = draws.normal(size=(2, 30))
    weights = draws.integers(1, 3, 30).astype(float)
    twice = np.repeat(np.arange(30), weights.astype(int))
    line = Fit.of(Known(np.sign(column)[:, None], np.arange(30), np.full(30, -1)), weights).fitted(effect)
    repeated = Fit.of(
        Known(np.sign(column[twice])[:, None], np.arange(len(twice)), np.full(len(twice), -1)), np.ones(len(twice))
    )
    np.testing.assert_allclose(line[twice], repeated.fitted(effect[twice]))


def test_first_order_and_total_shares_of_a_sum_are_its_variances() -> None:
    draws = np.random.default_rng(6)
    numbers = draws.uniform(-1, 1, (MEMBERS, 3))
    means = 3 * numbers[:, 0] + numbers[:, 1]
    first = first_order(numbers, means, np.ones(MEMBERS))
    np.testing.assert_allclose(first, [0.9, 0.1, 0.0], atol=0.08)  # variances 9 and 1, a third each
    total = total_order(numbers, means, np.ones(MEMBERS))
    assert total[0] > 0.6
    assert total[0] > total[1] > total[2]


def test_a_number_that_varies_only_where_little_weight_lies_scores_low() -> None:
    """A third of the members have 0.8 of the weight, and there the second number stands still: 0.2 / 3 of the variance beside 1 / 3, a sixth (0.4 unweighted)."""
    draws = np.random.default_rng(9)
    numbers = draws.uniform(-1, 1, (MEMBERS, 2))
    heavy = np.arange(MEMBERS) % 3 == 0
    numbers[heavy, 1] = 0
    weights = np.where(heavy, 0.8 / heavy.sum(), 0.2 / (~heavy).sum())
    means = numbers.sum(axis=1)
    np.testing.assert_allclose(first_order(numbers, means, weights), [5 / 6, 1 / 6], atol=0.1)
    assert total_order(numbers, means, weights)[1] < 0.25 < total_order(numbers, means, np.ones(MEMBERS))[1]


def test_members_come_as_often_as_they_weigh() -> None:
    np.testing.assert_array_equal(resampled(np.ones(7)), np.arange(7))
    assert np.bincount(resampled(np.array([5.0, 1, 1, 1, 1, 1])), minlength=6)[0] == 3
    assert set(resampled(np.array([0.0, 1, 1]))) == {1, 2}


def test_too_few_members_are_told_apart_from_nothing() -> None:
    assert np.isnan(first_order(np.ones((4, 2)), np.arange(4.0), np.ones(4))).all()
    assert np.isnan(total_order(np.ones((4, 2)), np.arange(4.0), np.ones(4))).all()


def in_rows(column: np.ndarray, futures: int) -> Known:
    """A number of each member that a statistic shows the same in each of its futures."""
    members = np.arange(len(column))
    return Known(
        np.repeat(column, futures)[:, None], np.repeat(members, futures), np.tile(np.arange(futures), len(column))
    )


def test_futures_that_tell_the_same_again_explain_nothing_more() -> None:
    """Four futures of a member with one and the same statistic and effect are one row four times."""
    draws = np.random.default_rng(7)
    column, effect = draws.normal(size=(2, 40))
    weights = draws.uniform(0.5, 2, 40)
    for beside in (effect, effect + column):
        known = in_rows(column, 4)
        rows = np.repeat(beside, 4)[:, None]
        once = Fit.of(numbers_of(column), weights).explained(beside[:, None])
        np.testing.assert_allclose(Fit.of(known, weights).explained(rows), once, atol=1e-12)


@pytest.mark.parametrize(("members", "futures"), [(48, 2), (48, 8), (24, 4)])
def test_the_interval_of_a_gain_holds_it_as_often_as_it_says_with_several_futures_a_member(
    monkeypatch: pytest.MonkeyPatch, members: int, futures: int
) -> None:
    """The expected difference is linear in the rank of what is known, so the gain is known too; what a member adds is shared by all its rows."""
    monkeypatch.setattr(value, "SHUFFLES", 1)  # the noise floor is not looked at
    draws = np.random.default_rng(8)
    rank = (np.arange(members) + 0.5) / members
    expected = 4 * (rank - 0.5) + 0.5
    theory = np.maximum(expected, 0).mean() - expected.mean()
    studies, held = 200, 0
    for _ in range(studies):
        chance = draws.normal(0, 0.5, (members, futures))
        better = expected[:, None] + draws.normal(0, 1, (members, 1)) + chance
        _, low, high, _ = gain(in_rows(rank, futures), better, np.ones(members))
        held += low <= theory <= high
    assert abs(held / studies - 0.95) < 4 * np.sqrt(0.95 * 0.05 / studies)

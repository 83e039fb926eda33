"""Are the named draws random, the same in every form, and close to the distributions they stand for?"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.engines import draws

WORDS = st.integers(0, draws.MASK)
BITS = st.integers(0, (1 << 52) - 1)
CVS = (0.25, 0.5, 1.0, 2.0)
TABLES = [("exponential", 1.0), *(("lognormal", cv) for cv in CVS), ("fixed", 0.0)]


def keys(*numbers: int) -> np.ndarray:
    return np.asarray(numbers, dtype=np.uint64)


# --- the hash ----------------------------------------------------------------------------------------------------------


def test_the_finaliser_is_that_of_splitmix64() -> None:
    # The reference generator adds the golden ratio to its state and returns the finaliser of it; from state 1234567 its first five are known.
    expected = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    states = [(1234567 + turn * 0x9E3779B97F4A7C15) & draws.MASK for turn in range(1, 6)]
    assert [draws.mix(state) for state in states] == expected
    assert draws.mix_array(keys(*states)).tolist() == expected


@given(WORDS, WORDS, st.integers(0, 1 << 40))
def test_one_draw_and_an_array_of_draws_are_the_same_bits(key: int, place: int, index: int) -> None:
    assert draws.mix_array(keys(key)).tolist() == [draws.mix(key)]
    assert draws.child_array(keys(key), place, keys(index)).tolist() == [draws.child(key, place, index)]
    assert draws.bits_array(keys(key), place, keys(index)).tolist() == [draws.bits(key, place, index)]


@given(BITS)
def test_one_uniform_and_an_array_of_them_are_equal_to_the_last_digit(k: int) -> None:
    assert draws.uniform_array(keys(k)).tolist() == [draws.uniform(k)]
    assert 0 < draws.uniform(k) < 1


EDGES = [0, 1, 31, 32, 2**11 - 1, 2**11, 2**11 + 1, 2**51 - 1, 2**51, 2**51 + 1, 2**52 - 2**11, 2**52 - 2, 2**52 - 1]


@pytest.mark.parametrize(("family", "cv"), TABLES)
@settings(max_examples=200)
@given(k=st.one_of(BITS, st.sampled_from(EDGES), st.integers(0, 52).map(lambda e: (1 << e) - 1)))
def test_one_quantile_and_an_array_of_them_are_equal_to_the_last_digit(family: str, cv: float, k: int) -> None:
    table = draws.quantile_table(family, cv)
    assert draws.quantile_array(table, keys(k)).tolist() == [draws.quantile(table, k)]


def test_the_edges_of_the_table_are_equal_in_both_forms() -> None:
    table = draws.quantile_table("lognormal", 1.0)
    assert draws.quantile_array(table, keys(*EDGES)).tolist() == [draws.quantile(table, k) for k in EDGES]


# --- distributions -------------------------------------------------------------------------------------------------------


@given(k=BITS, more=st.integers(1, 1 << 45))
def test_a_larger_draw_is_never_a_shorter_duration(k: int, more: int) -> None:
    for family, cv in TABLES:
        table = draws.quantile_table(family, cv)
        assert draws.quantile(table, min(k + more, (1 << 52) - 1)) >= draws.quantile(table, k)


@pytest.mark.parametrize(("family", "cv"), TABLES[:-1])
@given(k=BITS)
def test_a_quantile_is_that_of_the_distribution_within_a_thousandth(family: str, cv: float, k: int) -> None:
    u = draws.uniform(k)
    if family == "exponential":
        exact = -math.log1p(-u) if u < 0.5 else -math.log(draws.uniform((1 << 52) - 1 - k))
    else:
        spread = math.sqrt(math.log1p(cv * cv))
        tail = min(k, (1 << 52) - 1 - k)
        z = float(stats.norm.ppf(draws.uniform(tail))) * (1 if tail == k else -1)
        exact = math.exp(-spread * spread / 2 + spread * z)
    if min(k, (1 << 52) - 1 - k) >= 1 << 11:  # beyond lies a share of 2**-40 on each side
        assert draws.quantile(draws.quantile_table(family, cv), k) == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize(("family", "cv"), TABLES)
def test_the_mean_and_standard_deviation_of_a_table_are_exact_within_a_few_ten_thousandths(
    family: str, cv: float
) -> None:
    # Within a bin the quantile runs straight from a to b: its mean is (a + b) / 2, its mean square (a2 + ab + b2) / 3.
    table = np.asarray(draws.quantile_table(family, cv))
    starts = np.asarray(draws._bin_starts(), dtype=np.float64)
    weight = np.diff(starts) / 2.0**draws.BITS
    mean = square = 0.0
    for side in (table[: draws.SIDE], table[draws.SIDE :]):
        a, b = side[:-1], side[1:]
        mean += float((weight * (a + b) / 2).sum())
        square += float((weight * (a * a + a * b + b * b) / 3).sum())
    assert 2 * weight.sum() == pytest.approx(1, abs=1e-12)
    assert mean == pytest.approx(1, abs=1e-4)
    assert math.sqrt(max(square - mean * mean, 0)) == pytest.approx(cv, rel=1e-3, abs=1e-7)


def test_a_family_nobody_knows_and_a_negative_spread_are_refused() -> None:
    with pytest.raises(
        ValueError, match="no distribution is called 'gamma'; there are fixed, exponential and lognormal"
    ):
        draws.quantile_table("gamma", 1.0)
    with pytest.raises(ValueError, match="not negative"):
        draws.quantile_table("lognormal", -0.1)


# --- randomness ------------------------------------------------------------------------------------------------------------

MANY = 20_000
COUNT = np.arange(MANY, dtype=np.uint64)


def by_row(seed: int = 3) -> np.ndarray:
    rows = draws.child_array(np.full(MANY, draws.root(seed, 0), np.uint64), draws.name("row"), COUNT)
    return draws.uniform_array(draws.bits_array(rows, draws.name("a purpose"), 0))


def by_visit(seed: int = 3) -> np.ndarray:
    return draws.uniform_array(draws.bits_array(np.full(MANY, draws.root(seed, 0), np.uint64), draws.name("a"), COUNT))


def by_replication(seed: int = 3) -> np.ndarray:
    roots = keys(*(draws.root(seed, replication) for replication in range(MANY)))
    return draws.uniform_array(draws.bits_array(roots, draws.name("a"), 0))


def by_seed(seed: int = 0) -> np.ndarray:
    return draws.uniform_array(draws.bits_array(keys(*(draws.root(s, 0) for s in range(MANY))), draws.name("a"), 0))


def by_purpose(seed: int = 3) -> np.ndarray:
    root = draws.root(seed, 0)
    return np.asarray([draws.uniform(draws.bits(root, draws.name(f"purpose {n}"), 0)) for n in range(MANY)])


WAYS = [by_row, by_visit, by_replication, by_seed, by_purpose]


@pytest.mark.parametrize("way", WAYS)
def test_draws_are_uniform_over_rows_visits_replications_seeds_and_purposes(way) -> None:
    u = way()
    observed = np.bincount((u * 100).astype(int), minlength=100)
    assert stats.chisquare(observed).pvalue > 1e-4
    assert stats.kstest(u, "uniform").pvalue > 1e-4
    assert len(np.unique(u)) == MANY


@pytest.mark.parametrize("way", WAYS)
def test_neighbouring_draws_do_not_go_together(way) -> None:
    u = way()
    limit = 4.5 / math.sqrt(MANY)  # 4.5 standard errors of a correlation of 0
    for lag in (1, 2, 3, 7, 64):
        assert abs(np.corrcoef(u[:-lag], u[lag:])[0, 1]) < limit
    pairs = np.bincount((u[:-1] * 10).astype(int) * 10 + (u[1:] * 10).astype(int), minlength=100)
    assert stats.chisquare(pairs).pvalue > 1e-4


def test_two_purposes_two_visits_and_two_replications_of_one_row_are_independent() -> None:
    def uniforms(replication: int, purpose: str, visit: int) -> np.ndarray:
        rows = draws.child_array(np.full(MANY, draws.root(5, replication), np.uint64), draws.name("row"), COUNT)
        return draws.uniform_array(draws.bits_array(rows, draws.name(purpose), visit))

    first = uniforms(0, "serve effort", 0)
    for other in (uniforms(0, "serve effort", 1), uniforms(0, "serve lasts", 0), uniforms(1, "serve effort", 0)):
        assert abs(np.corrcoef(first, other)[0, 1]) < 4.5 / math.sqrt(MANY)
        square = np.bincount((first * 8).astype(int) * 8 + (other * 8).astype(int), minlength=64)
        assert stats.chisquare(square).pvalue > 1e-4


def test_a_change_of_one_bit_of_a_key_changes_about_half_of_the_bits_drawn() -> None:
    changed = [(draws.bits(1234567, 99, 0) ^ draws.bits(1234567 ^ (1 << bit), 99, 0)).bit_count() for bit in range(64)]
    # 64 times 52 coins: 26 each on average, standard error 3.6 / 8 = 0.45.
    assert abs(np.mean(changed) - 26) < 4.5 * 0.45
    assert min(changed) > 6


def test_the_first_replication_is_no_outlier() -> None:
    def mean(replication: int) -> float:
        rows = draws.child_array(np.full(2000, draws.root(1, replication), np.uint64), draws.name("row"), COUNT[:2000])
        return float(draws.uniform_array(draws.bits_array(rows, draws.name("a"), 0)).mean())

    means = np.asarray([mean(replication) for replication in range(200)])
    error = math.sqrt(1 / 12 / 2000)
    assert abs(means[0] - 0.5) < 3 * error
    assert means.std() == pytest.approx(error, rel=0.25)
    assert draws.root(0, 0) not in (0, draws.root(0, 1), draws.root(1, 0))

"""Is a queue that grows without end called so, and one that keeps up not?"""

import numpy as np
import pytest

from sim.measures.settling import LEAST_GROWTH, verdict

SERVED_A_QUARTER, QUARTERS, SEEDS = 100, 20, 60


def single_server(load: float, seed: int) -> tuple[np.ndarray, float]:
    """An M/M/1 queue from empty: cases there at the end of each quarter, and the share of the second half in which its server was busy."""
    draws = np.random.default_rng(seed)
    arrivals = load * SERVED_A_QUARTER
    number = draws.poisson((arrivals + SERVED_A_QUARTER) * QUARTERS)
    minutes = np.sort(draws.uniform(0, QUARTERS, number))
    steps = np.where(draws.uniform(size=number) < arrivals / (arrivals + SERVED_A_QUARTER), 1, -1)
    free = np.cumsum(steps)
    there = free - np.minimum(np.minimum.accumulate(free), 0)
    ends = there[np.searchsorted(minutes, np.arange(1, QUARTERS + 1), side="right") - 1]
    return ends, float((there[number // 2 :] > 0).mean())


def test_a_single_server_that_is_overloaded_is_said_never_to_settle() -> None:
    said = [verdict(*single_server(1.25, seed)).settles for seed in range(SEEDS)]
    assert said.count(False) >= 0.95 * SEEDS


def test_a_single_server_with_a_fifth_of_its_time_to_spare_settles() -> None:
    assert all(verdict(*single_server(0.8, seed)).settles for seed in range(SEEDS))


def test_growth_of_the_queue_is_what_comes_less_what_is_served() -> None:
    paces = [verdict(single_server(1.5, seed)[0]).a_quarter for seed in range(SEEDS)]
    assert np.mean(paces) == pytest.approx(0.5 * SERVED_A_QUARTER, rel=0.1)


def test_a_straight_line_never_settles_unless_the_team_has_time_to_spare() -> None:
    line = np.arange(20.0) * 5
    assert verdict(line).settles is False
    assert verdict(line, in_use=0.95).settles is False
    assert verdict(line, in_use=0.5).settles is True
    assert verdict(line).a_quarter == 5


def test_a_queue_that_fills_up_to_its_level_or_drains_settles() -> None:
    quarters = np.arange(40.0)
    assert verdict(500 * (1 - np.exp(-quarters / 3))).settles is True
    assert verdict(500 - 10 * quarters).settles is True
    assert verdict(np.full(40, 300.0)).settles is True


def test_one_day_that_takes_half_of_a_queue_does_not_hide_its_growth() -> None:
    line = 100 + np.arange(38.0) * 9
    line[35] /= 2
    assert verdict(line).settles is False


def test_few_cases_or_few_quarters_say_nothing() -> None:
    assert verdict(np.linspace(0, LEAST_GROWTH - 1, 10)).settles is True
    assert verdict(np.arange(7.0) * 100).settles is None

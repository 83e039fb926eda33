"""How far the model is from what was published, and who votes: by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from sim.calibration.score import (
    CALIBRATE,
    CONFLICT,
    FAMILIES,
    MOST_COMPUTING,
    NOT_TOLD,
    VALIDATE,
    Played,
    Score,
    by_family,
    by_world,
    implausibility,
    score_of,
    score_targets,
    verdict,
)
from sim.evidence import Target


def target(key: str = "mean", family: str = "mean", role: str = CALIBRATE, **fields: object) -> Target:
    given = {
        "key": key, "label": "T", "ids": ("row",), "role": role, "family": family, "measure": "m", "counted": "case",
        "basis": "in_period", "unit": "count", "value": 100.0, "low": 92.0, "high": 106.0, "discrepancy": 4.0,
        "discrepancy_because": "Made up.", "because": "Made up.", "window_from": date(2020, 1, 1), "window_to": date(2021, 1, 1),
    }  # fmt: skip
    return Target.model_validate(given | fields)


def played(
    *members: list[list[float]], weights: tuple[float, ...] = (), worlds: tuple[str, ...] = (), **of: object
) -> Played:
    """Members, each with its replications, each with its answers."""
    shares = np.asarray(weights or [1 / len(members)] * len(members))
    answered = frozenset(of.get("answered", ("mean",)))  # type: ignore[call-overload]
    return Played(np.asarray(members, dtype=float), shares, worlds or ("",) * len(members), answered)


def twice(*answers: float) -> list[list[float]]:
    """A member whose two futures agree: no chance, and so no error."""
    return [list(answers)] * 2


def test_a_distance_counts_the_tolerance_of_the_side_the_discrepancy_and_the_computing_error() -> None:
    """Above: (106 - 100) / 2 = 3, and 4: 5 together; below: (100 - 92) / 2 = 4, and 4; with an error of 12, 13 above."""
    assert implausibility(target(), 110) == pytest.approx(10 / 5)
    assert implausibility(target(), 90) == pytest.approx(10 / np.sqrt(32))
    assert implausibility(target(), 126, 12) == pytest.approx(26 / 13)
    assert implausibility(target(), 100) == 0
    assert np.isnan(implausibility(target(), float("nan")))


def test_a_wider_tolerance_or_discrepancy_or_error_never_makes_a_distance_longer() -> None:
    near = implausibility(target(), 130, 1)
    assert implausibility(target(high=120.0), 130, 1) < near
    assert implausibility(target(discrepancy=9.0), 130, 1) < near
    assert implausibility(target(), 130, 5) < near
    assert implausibility(target(low=1.0), 130, 1) == near, "the other side does not matter"


def test_what_is_known_exactly_is_met_or_infinitely_far() -> None:
    exact = target(low=100.0, high=100.0, discrepancy=0.0)
    assert implausibility(exact, 100) == 0
    assert implausibility(exact, 100.1) == float("inf")


@pytest.mark.parametrize(
    ("distance", "word"),
    [
        (0, "inside"),
        (2, "inside"),
        (2.01, "near"),
        (3, "near"),
        (3.01, "outside"),
        (float("inf"), "outside"),
        (float("nan"), "missing"),
    ],
)
def test_verdicts(distance: float, word: str) -> None:
    assert verdict(distance) == word


def test_the_spread_of_members_is_ignorance_and_brings_no_target_nearer() -> None:
    """Two members of weight a quarter and three quarters, at 80 and 120: mean 110; spread sqrt(0.25 * 900 + 0.75 * 100)."""
    row = score_targets([target()], played([[80.0], [80.0]], [[120.0], [120.0]], weights=(0.25, 0.75))).iloc[0]
    assert row["model"] == pytest.approx(110)
    assert row["ignorance"] == pytest.approx(np.sqrt(300))
    assert row["chance"] == row["computing"] == 0
    assert row["implausibility"] == pytest.approx(2)
    assert (row["model_low"], row["model_high"]) == (80, 120)


def test_chance_is_within_members_and_more_replications_shrink_the_computing_error() -> None:
    """Each member's futures lie 3 either side of its mean: variance 2 * 9 / 1 = 18; one of two members, two futures each."""
    row = score_targets([target()], played([[97.0], [103.0]], [[107.0], [113.0]])).iloc[0]
    assert row["chance"] == pytest.approx(np.sqrt(18))
    assert row["computing"] == pytest.approx(np.sqrt(18 * (0.25 / 2 + 0.25 / 2)))
    assert row["ignorance"] == pytest.approx(5)


def test_of_one_future_the_error_is_not_known_and_nothing_is_told() -> None:
    row = score_targets([target()], played([[100.0]], [[100.0]])).iloc[0]
    assert np.isnan([row["chance"], row["computing"], row["implausibility"]]).all()
    assert row["verdict"] == NOT_TOLD


def test_more_futures_tell_what_a_few_do_not_and_an_error_alone_brings_nothing_inside() -> None:
    """Below, tolerance and discrepancy are sqrt(4^2 + 4^2) = 5.66. Futures 10 either side of 98: 200 between two, so the error is 10, and with 32 futures
    variance 32 * 100 / 31, error 1.8."""
    few = score_targets([target()], played([[88.0], [108.0]])).iloc[0]
    assert few["computing"] == pytest.approx(10)
    assert few["computing"] > MOST_COMPUTING * np.sqrt(32)
    assert few["implausibility"] < 2
    assert few["verdict"] == NOT_TOLD
    many = score_targets([target()], played([[88.0], [108.0]] * 16)).iloc[0]
    assert many["computing"] == pytest.approx(np.sqrt(100 / 31))
    assert many["computing"] < MOST_COMPUTING * np.sqrt(32)
    assert many["verdict"] == "inside"
    far = score_targets([target()], played([[30.0], [50.0]])).iloc[0]
    assert far["verdict"] == "outside", "so far that the error does not matter"


def test_a_family_with_a_reading_that_is_not_told_is_not_inside_though_another_is_farther() -> None:
    targets = [target("one", "a"), target("two", "a")]
    table = score_targets(targets, played([[99.0, 108.0], [101.0, 108.1]], answered=("one", "two")))
    assert list(table["verdict"]) == ["inside", "inside"]
    table = score_targets(targets, played([[90.0, 108.0], [110.0, 108.1]], answered=("one", "two")))
    assert list(table["verdict"]) == [NOT_TOLD, "inside"]
    assert table["implausibility"].idxmax() == 1
    assert list(by_family(table)["verdict"]) == [NOT_TOLD]


def test_no_answer_is_missing_and_a_share_of_nothing_is_infinitely_far() -> None:
    null = played([[float("nan")]], answered=())
    assert score_targets([target()], null).iloc[0]["verdict"] == "missing"
    spoken = played([[float("nan")]], answered=("mean",))
    row = score_targets([target()], spoken).iloc[0]
    assert (row["implausibility"], row["verdict"]) == (float("inf"), "outside")


def test_each_world_is_scored_by_itself() -> None:
    table = by_world(
        [target()], played(twice(100.0), twice(200.0), twice(220.0), weights=(0.5, 0.25, 0.25), worlds=("a", "b", "b"))
    )
    assert list(table["world"]) == ["a", "b"]
    assert list(table["weight"]) == [0.5, 0.5]
    assert list(table["model"]) == [100, 210]
    assert list(table["verdict"]) == ["inside", "outside"]


def test_a_family_has_one_vote_that_of_its_worst_reading_and_a_conflict_that_of_its_better_one() -> None:
    targets = [
        target("one", "a"), target("two", "a"), target("three", "b"), target("four", "c", VALIDATE),
        target("five", "d", CONFLICT), target("six", "d", CONFLICT),
    ]  # fmt: skip
    keys = tuple(one.key for one in targets)
    table = score_targets(
        targets, played(twice(100.0, 112.0, 100.0, 200.0, 100.0, 300.0), answered=keys), frozenset({"three"})
    )
    families = by_family(table)
    assert tuple(families.columns) == FAMILIES
    told = {row.family: (row.verdict, row.worst, row.targets, row.input) for row in families.itertuples()}
    assert told == {
        "a": ("near", "two", 2, "no"), "b": ("inside", "three", 1, "yes"), "c": ("outside", "four", 1, "no"),
        "d": ("inside", "five", 2, "no"),
    }  # fmt: skip
    assert score_of(families) == Score(1, 2, 0, 1, 0, 1), "a conflict has no vote, and b is an input"


def test_nine_in_ten_are_needed_and_what_is_held_out_asks_for_nothing() -> None:
    assert Score(9, 10, 0, 10, 9, 10).passes
    assert not Score(8, 9, 9, 9, 8, 9).passes
    assert not Score(0, 0, 5, 5, 0, 0).passes


def test_inputs_carry_no_pass() -> None:
    """Nine in ten with ten inputs that are all met, and eight in ten of those that were not put in."""
    assert not Score(18, 20, 0, 0, 8, 10).passes
    assert not Score(10, 10, 0, 0, 0, 0).passes, "nothing but inputs"
    assert not Score(17, 20, 0, 0, 10, 10).passes, "nor may inputs be missed"


def test_repeating_a_family_changes_no_score() -> None:
    once = pd.DataFrame(
        [("a", CALIBRATE, 1, "t", 1.0, "inside", "no"), ("b", CALIBRATE, 1, "u", 9.0, "outside", "no")],
        columns=list(FAMILIES),
    )
    assert score_of(once) == Score(1, 2, 0, 0, 1, 2)
    more = [target("one", "a"), target("two", "a"), target("three", "a"), target("four", "b")]
    table = score_targets(more, played(twice(100.0, 101.0, 99.0, 300.0), answered=tuple(one.key for one in more)))
    assert score_of(by_family(table)) == Score(1, 2, 0, 0, 1, 2)

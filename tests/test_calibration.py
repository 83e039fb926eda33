"""A calibration finds what is known beforehand, goes on where it was stopped, says the same again, and never looks at what is held out."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.calibration.calibrate import (
    Calibrated,
    OutOfTimeError,
    Task,
    calibrate,
    combinations,
    conditions,
    emulators,
    spread,
)
from sim.calibration.emulator import fit_emulator
from sim.calibration.made import bank_table, read_bank, tables, task_of
from sim.calibration.observed import observed, scaled, unscaled
from sim.calibration.parameters import Condition, Family, Parameter, Prior, Settings, load_parameters, read_parameters
from sim.calibration.posterior import draw, family_weights, not_ruled_out, systematic
from sim.calibration.recovery import recover
from sim.calibration.simulator import Simulator
from sim.evidence import Target
from sim.experiment.tables import parquet, write_csv
from sim.report.calibration import write
from sim.scenario import Member, ScenarioError, load_scenario
from sim.scenario.files import shipped_folder

Floats = NDArray[np.float64]

SLOPES = np.array([[30.0, 0.0, 0.0], [10.0, 25.0, 0.0]])
"""Of two square roots of counts, by three parameters; the third does nothing."""
TRUTH = np.array([0.3, 0.7, 0.5])
CHANCE = 0.4
TOLERANCE = 0.3
SHIFT = {"near": 0.0, "far": 15.0}
"""What a family adds to both: no point of the second can come near the truth."""
FEWEST = 270


def _target(key: str, middle: float, role: str = "calibrate") -> Target:
    low, high = (middle - 2 * TOLERANCE) ** 2, (middle + 2 * TOLERANCE) ** 2
    return Target.model_validate(
        {
            "key": key,
            "label": key,
            "ids": ("row",),
            "role": role,
            "family": key,
            "measure": "cases_received",
            "counted": "case",
            "basis": "received_cohort",
            "unit": "count",
            "because": "made up for a test",
            "value": middle**2,
            "low": low,
            "high": high,
            "window_from": date(2020, 4, 1),
            "window_to": date(2021, 4, 1),
        }
    )


def _parameter(key: str) -> Parameter:
    return Parameter(label=key, numbers=(key,), operation="set", low=0.0, high=1.0, because="made up for a test")


PRIOR = Prior(
    {name: _parameter(name) for name in ("first", "second", "third")},
    {name: Family(label=name, because="made up for a test") for name in SHIFT},
    Settings(members=12, floor=0.1, because="made up for a test"),
    Path("parameters.toml"),
)
TARGETS = tuple(_target(f"count_{at}", 50 + float(row @ TRUTH)) for at, row in enumerate(SLOPES))


def _answer(member: Member, future: int) -> Floats:
    point = np.array([member.set[name] for name in PRIOR.parameters])
    chance = np.random.default_rng(future).normal(0, CHANCE, len(SLOPES))
    answer: Floats = (50 + SLOPES @ point + SHIFT[member.world] + chance) ** 2
    return answer


def _play(asked: Sequence[tuple[Member, int]]) -> Floats:
    return np.array([_answer(*one) for one in asked])


TASK = Task("casey_2022", PRIOR, TARGETS, _play, {"code": "made up"}, 1, FEWEST, on=date(2026, 1, 1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bank")


@pytest.fixture(scope="module")
def made(folder: Path) -> Calibrated:
    return calibrate(TASK, folder)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_linear_truth_is_found_to_within_what_the_figures_allow_for(made: Calibrated) -> None:
    near = made.families[0]
    points = near.sample.points
    inverse = np.linalg.inv(SLOPES[:, :2])
    exact = np.sqrt(np.diag(inverse @ near.evidence.covariance() @ inverse.T))
    assert points[:, :2].std(axis=0) == pytest.approx(exact, rel=0.15)
    assert points[:, :2].mean(axis=0) == pytest.approx(TRUTH[:2], abs=0.02)
    # What is not known of a figure is the chance of one future and what was printed of it.
    assert np.sqrt(np.diag(near.evidence.covariance())) == pytest.approx(np.hypot(CHANCE, TOLERANCE), rel=0.15)


def test_what_the_figures_cannot_tell_is_said(made: Calibrated) -> None:
    told = spread(made).query("family == 'near'").set_index("parameter")["told"]
    assert told["first"] > 0.85
    assert told["second"] > 0.85
    assert abs(told["third"]) < 0.15
    untold = combinations(made).query("family == 'near' and which == 'not told'")
    assert untold.iloc[-1]["combination"].startswith("+1.00 third")
    assert untold.iloc[-1]["ratio"] == pytest.approx(1, abs=0.2)


def test_a_family_of_which_no_play_agrees_is_refused_and_members_agree_in_truth(made: Calibrated) -> None:
    near, far = made.families
    assert (near.refused, near.weight) == (False, 1)
    assert (far.refused, far.weight, far.kept) == (True, 0, 0)
    assert {member.world for member in made.ensemble.members} == {"near"}
    assert sum(member.weight for member in made.ensemble.members) == pytest.approx(1)
    means = np.array([SLOPES @ [member.set[name] for name in PRIOR.parameters] for member in made.ensemble.members])
    assert (np.abs(means - SLOPES @ TRUTH) < 4 * np.hypot(CHANCE, TOLERANCE)).all()


def test_emulators_are_as_sure_as_they_should_be(made: Calibrated) -> None:
    table = emulators(made).query("family == 'near'")
    assert (table["r2"] > 0.95).all()
    assert table["coverage_of_95"].between(0.9, 0.99).all()
    assert table["error"].to_numpy() == pytest.approx(CHANCE, rel=0.2)


def test_a_calibration_that_was_killed_goes_on_to_the_same_files(
    made: Calibrated, folder: Path, tmp_path: Path
) -> None:
    played = 0

    def dies(asked: Sequence[tuple[Member, int]]) -> Floats:
        nonlocal played
        if played >= 5:
            raise KeyboardInterrupt
        played += 1
        return _play(asked)

    with pytest.raises(KeyboardInterrupt):
        calibrate(replace(TASK, play=dies), tmp_path)
    before = _files(tmp_path)
    with pytest.raises(OutOfTimeError):
        calibrate(TASK, tmp_path, minutes=0)
    played = -1000
    again = calibrate(replace(TASK, play=dies), tmp_path)
    assert _files(tmp_path) == _files(folder)
    assert before.items() <= _files(tmp_path).items()
    assert played == -1000 + sum(".design." not in name for name in _files(folder)) - 1 - 5
    assert again.ensemble == made.ensemble


def test_what_is_held_out_changes_no_digit(made: Calibrated, folder: Path, tmp_path: Path) -> None:
    held_out = replace(TASK, targets=(*TARGETS, _target("held_out", 3, "validate")))
    assert held_out.fitted == TARGETS
    again = calibrate(held_out, tmp_path)
    assert again.ensemble == made.ensemble
    assert _files(tmp_path) == _files(folder)


def test_a_bank_of_another_calibration_is_refused(made: Calibrated, folder: Path) -> None:
    before = _files(folder)
    with pytest.raises(ScenarioError, match="another calibration"):
        calibrate(replace(TASK, seed=2), folder)
    with pytest.raises(ScenarioError, match="another calibration"):
        calibrate(replace(TASK, targets=(TARGETS[0], _target("count_1", 70))), folder)
    with pytest.raises(ScenarioError, match=f"expected {2 * 60 / 0.45:.0f} or more"):
        calibrate(replace(TASK, runs=100), folder)
    assert _files(folder) == before


def test_known_truths_are_found_as_often_as_is_said(made: Calibrated) -> None:
    found = recover(made.runs, PRIOR, made.observed, seed=1, truths=45)
    assert len(found.truths) == 45 * 4  # three parameters, and all together
    assert 0.7 < found.of_intervals < 0.9  # 135 of them, of which 0.8 with a standard error of about 0.035
    assert 0.6 < found.jointly < 0.95


def test_a_sample_of_a_known_posterior_has_its_mean_spread_and_evidence() -> None:
    middle, sd = np.array([0.4, 0.6]), np.array([0.03, 0.05])

    def log_likelihood(points: Floats) -> Floats:
        away = (points[:, :2] - middle) / sd
        found: Floats = -0.5 * (away**2).sum(axis=1) - np.log(2 * np.pi * sd.prod())
        return found

    sample = draw(log_likelihood, 3, 1024, (1,))
    assert sample.points[:, :2].mean(axis=0) == pytest.approx(middle, abs=0.01)
    assert sample.points[:, :2].std(axis=0) == pytest.approx(sd, rel=0.1)
    assert sample.points[:, 2].std() == pytest.approx(np.sqrt(1 / 12), rel=0.1)
    assert sample.log_evidence == pytest.approx(0, abs=0.25)  # a density that adds up to one inside the cube


def test_an_emulator_of_a_quadratic_is_the_quadratic() -> None:
    random = np.random.default_rng(1)
    points = random.random((80, 3))
    outputs = np.column_stack([1 + 2 * points[:, 0] * points[:, 1] - points[:, 2] ** 2, points[:, 0]])
    made = fit_emulator(points, outputs, seed=1)
    new = random.random((20, 3))
    assert made.fit(new)[:, 0] == pytest.approx(1 + 2 * new[:, 0] * new[:, 1] - new[:, 2] ** 2, abs=0.02)
    assert (made.r2 > 0.99).all()


def test_scales_of_the_fit_go_there_and_back() -> None:
    for unit, values in {"days": [3.0, 400.0], "share": [0.0, 0.62, 1.0], "count": [0.0, 41.0], "ratio": [1.8]}.items():
        assert unscaled(scaled(np.array(values), unit), unit) == pytest.approx(values)


def test_a_family_of_targets_has_one_vote_and_may_speak_against_a_point_once() -> None:
    told = observed([_target("a", 10), _target("b", 10).model_copy(update={"family": "a"}), _target("c", 10)])
    assert told.votes.tolist() == [0.5, 0.5, 1]
    far = np.array([[9.0, 9.0, 0.0], [0.0, 0.0, 0.0]])
    assert not_ruled_out(far, told).tolist() == [False, True]  # of two families none may speak against it
    twenty = observed([_target(f"t{at}", 10) for at in range(20)])
    far = np.zeros((2, 20))
    far[0, :2], far[1, :3] = 9, 9
    assert not_ruled_out(far, twenty).tolist() == [True, False]  # of twenty, two may


def test_weights_of_families_by_hand() -> None:
    even = np.ones(3)
    none = np.zeros(3, dtype=bool)
    assert family_weights(even, np.log([0.5, 0.25, 0.25]), none, 0.1) == pytest.approx([0.5, 0.25, 0.25])
    assert family_weights(even, np.array([0.0, -50.0, 0.0]), none, 0.1) == pytest.approx([0.45, 0.1, 0.45])
    assert family_weights(even, np.array([0.0, -50.0, -60.0]), none, 0.1) == pytest.approx([0.8, 0.1, 0.1])
    refused = np.array([True, False, False])
    assert family_weights(even, np.array([90.0, 0.0, -50.0]), refused, 0.1) == pytest.approx([0, 0.9, 0.1])


def test_systematic_resampling_takes_each_as_often_as_its_share_asks() -> None:
    shares = np.array([0.5, 0.25, 0.2, 0.05])
    taken = np.bincount(systematic(shares, 40, np.random.default_rng(1)), minlength=4)
    assert (np.abs(taken - 40 * shares) <= 1).all()


def test_the_shipped_parameters_can_be_laid_over_the_scenario_and_say_why() -> None:
    prior = load_parameters("casey_2022")
    assert set(prior.families) == {"slack", "dps_saturated", "psu_saturated"}
    assert len(conditions(prior)) == 2
    for one in prior.parameters.values():
        assert len(one.because) > 20
    middle = np.full(len(prior.free_in("slack")), 0.5)
    member = prior.member("m", "slack", middle)
    assert load_scenario("today", member=member).world is not None


def test_every_problem_of_a_file_of_parameters_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "calibration" / "parameters.toml"
    path.parent.mkdir()
    path.write_text(
        """
        [ensemble]
        members = 1
        floor = 0.1
        because = "x"
        [families.slack]
        label = "x"
        because = "x"
        [parameters.a]
        label = "x"
        numbers = ["psu.caseload"]
        operation = "add"
        low = 3
        high = 2
        because = "x"
        by_family.slak = { low = 0, high = 1, because = "x" }
        """
    )
    _, problems = read_parameters(path)
    assert {problem.key for problem in problems} == {"ensemble.members", "parameters.a.operation", "parameters.a.low"}
    text = (
        path.read_text().replace("members = 1", "members = 3").replace('"add"', '"set"').replace("low = 3", "low = 1")
    )
    path.write_text(text)
    _, problems = read_parameters(path)
    assert [problem.found for problem in problems] == ["no family 'slak'"]


def test_unknown_numbers_kept_back_rows_and_ranges_beyond_the_evidence_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "calibration"
    folder.mkdir()
    head = '[ensemble]\nmembers = 3\nfloor = 0.1\nbecause = "x"\n[families.slack]\nlabel = "x"\nbecause = "x"\n'
    one = '[parameters.{}]\nlabel = "x"\nnumbers = ["{}"]\noperation = "set"\nlow = {}\nhigh = {}\nbecause = "x"\n'
    path = folder / "parameters.toml"
    path.write_text(
        head
        + one.format("a", "psu.caseloads", 1, 2)
        + one.format("b", "psu.caseload", 5, 6)
        + one.format("c", "psu.caseload", 5, 6)
        + one.format("d", "dps.caseload", 5, 6)
        + 'source = ["dur_share_over_2y"]\n'
    )
    with pytest.raises(ScenarioError) as caught:
        load_parameters("casey_2022", tmp_path)
    assert [problem.key for problem in caught.value.problems] == [
        "parameters.a.numbers",
        "parameters.c.numbers",
        "parameters.d.source",
    ]
    path.write_text(head + one.format("a", "psu.caseload", 1, 50) + one.format("b", "pause.share", 0, 2))
    with pytest.raises(ScenarioError) as caught:
        load_parameters("casey_2022", tmp_path)
    assert [problem.key for problem in caught.value.problems] == [
        "parameters.a",
        "parameters.b",
        "set.pause.share",
    ]


def test_members_are_played_to_the_same_digits_by_one_worker_and_by_two() -> None:
    targets = tuple(one for one in load_scenario("village").evidence.targets.values() if one.role == "calibrate")
    holds = Condition(measure="slot_utilisation", counted="slot", basis="in_period", group="team=psu", because="x")
    asked = [(Member("a", "slack", {}, {"psu.investigators": 1.2}), 0), (Member("b", "psu_saturated"), 1)]
    found = [Simulator("village", targets, [holds], seed=1, workers=workers)(asked) for workers in (1, 2)]
    np.testing.assert_array_equal(*found)
    assert len(found[0][0]) > 20
    assert not np.isnan(found[0][:, 0]).any()
    nothing = Condition(measure="slot_utilisation", counted="slot", basis="in_period", group="team=pst", because="x")
    with pytest.raises(ScenarioError, match="team=pst"):
        Simulator("village", targets, [nothing], seed=1, workers=1)


def test_a_task_says_every_problem_of_what_is_asked_before_anything_is_played() -> None:
    with pytest.raises(ScenarioError) as caught:
        task_of("caesy_2022", seed=-1, runs=0, workers=0, engine="quick")
    assert [problem.file for problem in caught.value.problems] == [
        "--engine",
        "--seed",
        "--runs",
        "--workers",
        "scenarios",
    ]


def test_without_the_extra_the_command_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['sklearn'] = None\n"
        f"from sim.__main__ import main; main(['calibrate', 'casey_2022', '--out', {str(tmp_path / 'out')!r}])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=shipped_folder().parent, check=False
    )
    assert told.returncode == 2
    assert "pip install '.[calibrate]'" in told.stderr
    assert not list(tmp_path.iterdir())


def test_a_bank_in_one_file_is_the_runs_that_were_played(made: Calibrated, tmp_path: Path) -> None:
    path = tmp_path / "bank.parquet"
    path.write_bytes(parquet(bank_table(made)))
    read = read_bank(path, PRIOR, made.observed)
    for name in ("family", "wave", "replication", "points", "outputs"):
        np.testing.assert_array_equal(getattr(read, name), getattr(made.runs, name))
    with pytest.raises(ScenarioError, match="other targets"):
        read_bank(path, PRIOR, observed(TARGETS[:1]))


def test_the_page_says_what_was_told_and_what_was_not(made: Calibrated, tmp_path: Path) -> None:
    folder = tmp_path / "calibration"
    folder.mkdir()
    for name, table in tables(made).items():
        write_csv(table, folder / f"{name}.csv")
    (folder / "record.json").write_text(json.dumps(made.ensemble.record))
    target, *figures = write(folder, tmp_path / "calibration.md")
    text = target.read_text()
    assert "Next to nothing is told of *third*" in text
    assert "| `far` | refused |" in text
    assert all(figure.stat().st_size > 5000 for figure in figures)


def test_what_is_left_out_of_the_fit_is_a_target_that_might_be_fitted() -> None:
    prior = load_parameters()
    targets = load_scenario("casey_2022").evidence.targets
    fitted = {one.key for one in prior.fitted(targets.values())}
    assert fitted == {key for key, one in targets.items() if one.role == "calibrate"} - prior.settings.left_out.keys()
    assert all(prior.settings.left_out.values()), "each with its reason"

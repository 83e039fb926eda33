"""A check plays, scores, writes and says; the page is made from its tables; and a stamp goes only with a check that passed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.__main__ import main
from sim.calibration.check import Check, check, curve_of, jobs_of, keep, problems_of_kept, write_check
from sim.calibration.frozen import FILE, freeze, read_frozen
from sim.calibration.score import FAMILIES, NOT_TOLD, TARGETS, by_family, score_of
from sim.calibration.shared import SHARED
from sim.evidence import load_evidence
from sim.experiment import run
from sim.experiment.engines import Engine
from sim.experiment.query import limits_of_result
from sim.experiment.standing import CALIBRATED, CHECKS, limits_of, passed_plans
from sim.experiment.study import LIMITS
from sim.report import tables, validation
from sim.scenario import ScenarioError, load_scenario
from sim.scenario.ensemble import Ensemble, Member, save_ensemble
from sim.scenario.files import search_folders, shipped_folder
from sim.scenario.load import evidence_of

ROOT = Path(__file__).resolve().parent.parent
DAY = date(2026, 11, 1)

MINE = """
[village_within_1_year]
label = "Within a year, village"
ids = ["dur_share_within_1y"]
role = "calibrate"
family = "village_within_1_year"
measure = "share_within_1_year"
counted = "allegation"
basis = "received_cohort"
unit = "share"
value = 0.6
low = 0.01
high = 0.99
discrepancy = 0.1
discrepancy_because = "A small force."
because = "Made up."
window_from = 2013-04-01
window_to = 2022-04-01
scenario = "village"

[village_over_2_years]
label = "Over two years, village"
ids = ["dur_share_over_2y"]
role = "validate"
family = "village_over_2_years"
measure = "share_over_2_years"
counted = "allegation"
basis = "received_cohort"
unit = "share"
value = 0.9
low = 0.89
high = 0.91
discrepancy = 0.01
discrepancy_because = "A small force."
because = "Made up, and never met."
window_from = 2013-04-01
window_to = 2022-04-01
scenario = "village"
"""


WORLDS = ("slack", "dps_saturated", "psu_saturated")


def my_folder(
    path: Path, targets: str = MINE, frozen_as: str = "", of_ensemble: Mapping[str, object] | None = None
) -> Path:
    """Scenarios of one's own, with targets for the village; frozen as they are, or as they were before.

    The worlds are its ensemble, with a record as if it had been calibrated to what was frozen, unless another record is given.
    """
    (path / "evidence").mkdir(parents=True)
    (path / "calibration").mkdir()
    file = path / "evidence" / "targets.toml"
    file.write_text(frozen_as or targets, encoding="utf-8")
    (path / "calibration" / FILE).write_text(
        freeze(load_evidence(shipped_folder() / "evidence", path / "evidence"), DAY)
    )
    file.write_text(targets, encoding="utf-8")
    frozen = read_frozen(path / "calibration" / FILE)
    assert frozen is not None
    record = {"frozen": frozen.digest} if of_ensemble is None else of_ensemble
    members = tuple(Member(world, world, weight=1 / len(WORLDS)) for world in WORLDS)
    save_ensemble(Ensemble("village", members, record), path / "calibration")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return my_folder(tmp_path_factory.mktemp("of_mine") / "mine")


@pytest.fixture(scope="module")
def found(folder: Path) -> Check:
    return check("village", replications=2, folder=folder, on=DAY)


def test_a_check_plays_every_member_and_answers_every_target_of_the_scenario(found: Check) -> None:
    assert list(found.targets["target"]) == ["village_within_1_year", "village_over_2_years"]
    assert found.targets["model"].between(0, 1).all()
    assert set(found.worlds["world"]) == {"slack", "dps_saturated", "psu_saturated"}
    weighted = found.worlds.assign(part=found.worlds["weight"] * found.worlds["model"]).groupby("target")["part"].sum()
    assert weighted["village_within_1_year"] == pytest.approx(found.targets["model"].iloc[0])


def test_it_passes_on_what_may_be_fitted_whatever_was_held_out_and_says_both(found: Check) -> None:
    assert (found.score.calibration_inside, found.score.calibration) == (1, 1)
    assert (found.score.without_inputs_inside, found.score.without_inputs) == (1, 1)
    assert found.record["calibration_without_inputs"] == [1, 1]
    assert (found.score.held_out_inside, found.score.held_out) == (0, 1)
    assert found.passed
    assert found.record["passed"] is True
    plans = {load_scenario("village", world=world).plan.fingerprint for world in WORLDS}
    assert set(found.record["plans"]) == plans


def test_no_two_members_are_played_in_the_same_future() -> None:
    plans = [load_scenario("village", world=world).plan for world in WORLDS]
    jobs = jobs_of(plans, 3, 7, Engine.reference)
    assert [job.plan.fingerprint for job in jobs] == [plan.fingerprint for plan in plans for _ in range(3)]
    assert len({job.replication for job in jobs}) == len(jobs)
    assert {job.seed for job in jobs} == {7}
    assert {job.replication for job in jobs_of(plans, 2, 7, Engine.reference)} < {job.replication for job in jobs}


def test_the_curve_of_durations_falls_and_holds_its_worlds(found: Check) -> None:
    everybody = found.curve[found.curve["world"] == ""].sort_values("days")
    assert everybody["mean"].is_monotonic_increasing
    assert (everybody["low"] <= everybody["mean"]).all()
    assert (everybody["mean"] <= everybody["high"]).all()


def test_the_curve_weighs_members() -> None:
    names = pd.DataFrame(
        [("share_finalised_within", "allegation", "received_cohort", "days=30")],
        columns=["measure", "counted", "basis", "group"],
    )
    figures = np.asarray([[[0.2], [0.4]], [[0.9], [0.9]]])
    table = curve_of(names, figures, [Member("one", "a", weight=0.75), Member("two", "b", weight=0.25)])
    assert table[["world", "mean", "low", "high"]].to_numpy().tolist() == [
        ["", pytest.approx(0.75 * 0.3 + 0.25 * 0.9), pytest.approx(0.3), 0.9],
        ["a", pytest.approx(0.3), pytest.approx(0.3), pytest.approx(0.3)],
        ["b", 0.9, 0.9, 0.9],
    ]


def run_check(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["check", *words])
    return int(left.value.code or 0)


def test_the_command_leaves_with_0_where_it_passes_and_writes_tables_figures_and_page(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        "village",
        "--replications",
        "2",
        "--scenarios",
        str(folder),
        "--out",
        str(tmp_path),
        "--keep",
        str(tmp_path),
    ]
    assert run_check(*words) == 0
    where = tmp_path / "village" / "check"
    assert {path.name for path in where.iterdir()} == {
        "check.csv", "families.csv", "worlds.csv", "curve.csv", "shared.csv", "check.json", "check.md", "figures"
    }  # fmt: skip
    assert "The check passes." in capsys.readouterr().out
    assert passed_plans(tmp_path / CHECKS) == set(json.loads((where / "check.json").read_text())["plans"])
    text = (where / "check.md").read_text(encoding="utf-8")
    assert "It passes" in text
    assert "Without those that were put in: 1 of 1" in text


NEVER_MET = MINE.replace(
    "value = 0.6\nlow = 0.01\nhigh = 0.99\ndiscrepancy = 0.1",
    "value = 0.05\nlow = 0.04\nhigh = 0.06\ndiscrepancy = 0.01",
)


@pytest.mark.parametrize(
    ("targets", "frozen_as", "said"),
    [
        (MINE.replace("high = 0.99", "high = 0.98"), MINE, "found another tolerance"),
        (MINE, MINE.replace("[village_over_2_years]", "[village_over_two_years]"), "found a new target"),
        (NEVER_MET, "", "Calibration families inside: 0 of 1"),
        (MINE.replace('"share_within_1_year"', '"share_within_9_years"'), "", "found no answer"),
    ],
)
def test_it_leaves_with_1_where_anything_was_changed_after_the_freeze_or_a_target_is_missed_or_unanswered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], targets: str, frozen_as: str, said: str
) -> None:
    mine = my_folder(tmp_path / "mine", targets, frozen_as)
    words = ["village", "--replications", "2", "--scenarios", str(mine), "--out", str(tmp_path), "--no-figures"]
    assert run_check(*words) == 1
    out = capsys.readouterr().out
    assert "The check does not pass" in out
    assert said in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no_such_scenario"], "no_such_scenario"),
        (["village", "--replications", "0"], "--replications"),
        (["village", "--replications", "1", "--keep", "kept"], "2 or more with --keep"),
        (["village_today"], "a scenario that no target is of"),
    ],
)
def test_it_leaves_with_2_where_the_input_is_wrong_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert run_check(*words, "--out", str(tmp_path / "out")) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_kept_check_holds_until_targets_or_plans_change(
    found: Check, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = my_folder(tmp_path / "mine")
    words = ("village", "--kept", "--scenarios", str(mine))
    assert problems_of_kept("village", mine)[0].found == "nothing"
    keep(found, mine)
    assert problems_of_kept("village", mine) == []
    assert run_check(*words) == 0
    keep(replace(found, record={**found.record, "plans": [*found.record["plans"][1:], "another"]}), mine)
    assert run_check(*words) == 1
    assert "the 3 plans of today, of which 2 are among them" in capsys.readouterr().out
    keep(replace(found, record={**found.record, "passed": False}), mine)
    assert [one.found for one in problems_of_kept("village", mine)] == [
        "no pass (1 of 1 calibration families inside, 1 of 1 without inputs)"
    ]
    other = my_folder(tmp_path / "other", MINE.replace("high = 0.99", "high = 0.98"), MINE)
    keep(found, other)
    assert [one.found for one in problems_of_kept("village", other)] == ["another tolerance"]


@pytest.mark.parametrize(
    ("record", "key"),
    [
        ({}, "frozen"),
        ({"frozen": "another"}, "frozen"),
        ({"provisional": True}, "provisional"),
        ("both", "provisional"),
    ],
)
def test_an_ensemble_that_was_not_calibrated_to_the_frozen_targets_passes_nothing(
    found: Check, tmp_path: Path, record: object, key: str
) -> None:
    told = {"frozen": found.record["frozen"], "provisional": True} if record == "both" else record
    assert isinstance(told, dict)
    mine = my_folder(tmp_path / "mine", of_ensemble=told)
    keep(found, mine)
    assert [one.key for one in problems_of_kept("village", mine)] == [key]
    again = check("village", replications=1, folder=mine, on=DAY)
    assert [one.key for one in again.problems] == [key]
    assert str(tmp_path) not in str(again.record["problems"]), "the record is committed"
    assert not again.passed
    assert again.record["passed"] is False


def test_with_one_future_of_each_member_nothing_is_inside(folder: Path) -> None:
    once = check("village", replications=1, folder=folder, on=DAY)
    assert once.problems == ()
    assert set(once.targets["verdict"]) == {NOT_TOLD}
    assert not once.passed


# --- the stamp --------------------------------------------------------------------------------------------------------


def test_the_stamp_goes_only_from_plans_of_a_check_that_passed(found: Check, tmp_path: Path) -> None:
    checked = load_scenario("village", world="slack").plan
    other = load_scenario("village", world="slack", settings={"psu.investigators": "90"}).plan
    record = keep(found, tmp_path / "stands")
    assert limits_of([checked], record) == CALIBRATED
    assert limits_of([checked, other], record) == limits_of([other], record) == limits_of([], record) == LIMITS
    for name, less in (("passed", False), ("fitted_to", ""), ("replications", 1)):
        failed = keep(replace(found, record={**found.record, name: less}), tmp_path / name)
        assert limits_of([checked], failed) == LIMITS
    assert limits_of([checked], tmp_path / "nothing.json") == LIMITS


def test_a_check_takes_the_place_of_the_last_of_its_scenario_and_of_no_other(found: Check, tmp_path: Path) -> None:
    keep(replace(found, scenario="elsewhere", record={**found.record, "plans": ["f"]}), tmp_path)
    path = keep(found, tmp_path)
    keep(replace(found, record={**found.record, "plans": ["g"]}), tmp_path)
    assert passed_plans.__wrapped__(path) == {"f", "g"}


def test_what_no_check_passed_is_stamped_everywhere(tmp_path: Path) -> None:
    study = run("village", replications=1, out=tmp_path, events=False)
    assert study.limits == LIMITS
    assert tables.stamp(study).startswith("Illustrative, not calibrated. ")
    assert study.folder is not None
    assert limits_of_result(study.folder) == "Illustrative, not calibrated."
    assert limits_of_result(tmp_path) == "Illustrative, not calibrated."


# --- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_is_that_of_the_kept_check() -> None:
    made = validation.page_of(ROOT / "results" / "check", "../results/check/figures")
    assert (ROOT / "docs" / "validation.md").read_text(encoding="utf-8") == made


def test_the_kept_check_covers_every_target_and_says_what_its_tables_say() -> None:
    kept, record = validation.read(ROOT / "results" / "check")
    targets = kept["check"]
    assert tuple(targets.columns) == TARGETS
    assert not (targets["verdict"] == "missing").any()
    families = by_family(targets)
    assert tuple(families.columns) == FAMILIES
    assert list(families["verdict"]) == list(kept["families"]["verdict"])
    score = score_of(families)
    assert record["calibration"] == [score.calibration_inside, score.calibration]
    assert record["calibration_without_inputs"] == [score.without_inputs_inside, score.without_inputs]
    assert record["held_out"] == [score.held_out_inside, score.held_out]
    assert record["passed"] == (score.passes and not record["problems"])


def test_the_kept_check_is_of_the_targets_of_today() -> None:
    kept, _ = validation.read(ROOT / "results" / "check")
    shipped = {key: one for key, one in evidence_of(search_folders(None)).targets.items() if one.role != "context"}
    assert set(kept["check"]["target"]) == set(shipped)
    for row in validation.rows_of(kept["check"]):
        one = shipped[row["target"]]
        assert (row["published"], row["low"], row["high"]) == pytest.approx((one.value, one.low, one.high), rel=1e-5)
        assert (row["role"], row["family"], row["unit"]) == (one.role, one.family, one.unit)


def test_every_miss_stands_on_the_page_with_what_it_suggests(found: Check, tmp_path: Path) -> None:
    write_check(found, tmp_path)
    text = validation.page_of(tmp_path, "figures")
    assert "**Over two years, village** (held back, not fitted)" in text
    assert "It suggests: the model lies below it; no reason is known." in text
    assert "| Within a year, village (" in text or "| Within a year, village |" in text
    for line in validation.NOT_KNOWN:
        assert line in text


def test_the_page_names_what_the_hold_out_shares_with_the_fit(found: Check, tmp_path: Path) -> None:
    write_check(found, tmp_path)
    assert "No held-out figure shares days or a denominator" in validation.page_of(tmp_path, "figures")
    shown = [("overlap", "a", "Fitted A", "c", "Held C", "2022-10-01", "2023-04-01")]
    shown += [("overlap", "e", "Fitted E", "c", "Held C", "2022-10-01", "2022-11-01")]
    shown += [("denominator", "b", "Fitted B", "d", "Growth D", "2022-04-01", "2022-10-01")]
    write_check(replace(found, shared=pd.DataFrame(shown, columns=list(SHARED))), tmp_path)
    text = validation.page_of(tmp_path, "figures")
    assert "reach past that day, 2 in all" in text
    assert "- **Fitted A; Fitted E** (1 held out): held C." in text
    assert "- **Growth D**, divided by what is counted in *Fitted B*." in text


def test_what_a_miss_suggests_depends_on_its_side() -> None:
    row = {"target": "officers_suspended_mar_2023", "model": 10.0, "published": 144.0}
    assert "a decision" in validation.suggests(row)
    assert validation.suggests({**row, "model": 900.0}) == "the model lies above it; no reason is known"
    assert "in no future" in validation.suggests({**row, "model": float("nan")})


def test_numbers_are_read_in_their_unit() -> None:
    assert [validation.amount(0.2, unit) for unit in ("share", "ratio")] == ["20.0%", "0.20"]
    assert validation.amount(12345.6, "count") == "12,346"
    assert validation.amount(float("nan"), "count") == "-"
    assert validation.span(1.0, 2.0, "days") == "(1 to 2)"


def test_a_scenario_that_is_wrong_is_refused_before_anything_is_played(folder: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        check("village", engine="quick", workers=0, folder=folder)
    assert {problem.file for problem in caught.value.problems} == {"--engine", "--workers"}

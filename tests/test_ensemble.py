"""An ensemble is read as it was written, says everything that is wrong with it, and its members are laid where they belong."""

from datetime import date
from pathlib import Path

import pytest

from sim.scenario import Ensemble, Member, ScenarioError, load_ensemble, load_scenario, save_ensemble

MADE = Ensemble(
    "casey_2022",
    (
        Member("one", "slack", {"psu.caseload": 7.25}, {"psu.investigators": 1.1}, 0.75),
        Member("two", "psu_saturated", {}, {"psu.investigators": 0.1 + 0.2}, 0.25),
    ),
    {"seed": 7, "targets": {"digest": "0a"}},
)


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    path = save_ensemble(MADE, tmp_path)
    read = load_ensemble(str(path))
    assert (read.scenario, read.members, read.record) == (MADE.scenario, MADE.members, MADE.record)


def test_a_scenario_uses_the_ensemble_of_what_it_is_based_on_and_a_users_own_comes_first(tmp_path: Path) -> None:
    save_ensemble(MADE, tmp_path / "calibration")
    assert load_ensemble("village_today", tmp_path).members == MADE.members
    assert load_ensemble("today").scenario == "casey_2022"


def test_a_member_is_laid_into_the_layer_of_baseline_and_world() -> None:
    of_the_world = load_scenario("village", world="psu_saturated").numbers["psu.investigators"]
    member = Member("m", "psu_saturated", {"psu.caseload": 5.5}, {"psu.investigators": 3.0})
    made = load_scenario("village", member=member)
    assert made.numbers["psu.caseload"].steps == ((date(2008, 12, 1), 5.5),)  # over the four of the world
    assert [value for _, value in made.numbers["psu.investigators"].steps] == pytest.approx(
        [3 * value for _, value in of_the_world.steps]
    )
    assert made.world is not None
    assert made.world.title == load_scenario("village", world="psu_saturated").world.title
    later = load_scenario("village", member=member, settings={"psu.caseload": "2"})
    assert later.numbers["psu.caseload"].steps == ((date(2008, 12, 1), 2.0),)  # settings are laid above it


def test_a_member_that_says_nothing_changes_nothing() -> None:
    assert load_scenario("village", member=Member("m", "slack")).plan == load_scenario("village", world="slack").plan


def test_a_member_with_wrong_numbers_says_all_of_them() -> None:
    member = Member("m", "slack", {"psu.caseloads": 5.0, "pause.share": 1.5}, {"psu.investigators": -1.0})
    with pytest.raises(ScenarioError) as caught:
        load_scenario("village", world="psu_saturated", member=member)
    told = [problem.key for problem in caught.value.problems]
    assert sorted(told) == ["scale.psu.investigators", "set.pause.share", "set.psu.caseloads", "world"]


def test_every_problem_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("member,weight,scale psu.caseloads,add psu.caseload,set psu.caseload,set psu.caseload\n")
    with pytest.raises(ScenarioError) as caught:
        load_ensemble(str(path))
    assert len(caught.value.problems) == 5  # no record, no world, an unknown number, an unknown verb, a column twice
    path.with_suffix(".json").write_text("{}")
    path.write_text("member,world,weight,set pause.share\na,nowhere,0.5,2\n,slack,x,nan\nb,slack\n")
    with pytest.raises(ScenarioError) as caught:
        load_ensemble(str(path))
    assert sorted(problem.key for problem in caught.value.problems) == [
        "line 2, set pause.share",
        "line 2, world",
        "line 3, member",
        "line 3, set pause.share",
        "line 3, weight",
        "line 4",
    ]
    path.write_text("member,world,weight\na,slack,0.5\na,slack,0.6\n")
    with pytest.raises(ScenarioError) as caught:
        load_ensemble(str(path))
    assert [problem.key for problem in caught.value.problems] == ["member", "weight"]


def test_no_ensemble_and_an_empty_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no scenario called 'caesy_2022'"):
        load_ensemble("caesy_2022")
    with pytest.raises(ScenarioError, match="0 members"):
        save_ensemble(Ensemble("casey_2022", (), {}), tmp_path)
    assert not list(tmp_path.iterdir())

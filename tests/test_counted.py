"""A force's own count: which members agree is reckoned as said, nothing is weighed by what does not agree, and what comes out says what it is of."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hamlets import with_ensemble
from rich.console import Console
from scipy.stats import norm

from sim import report
from sim.__main__ import main
from sim.experiment import Study, compare
from sim.experiment.counted import (
    AGREES,
    ERROR_SHARE,
    LEAST_ERROR,
    NEAR,
    OUTSIDE,
    SHARE_OFF,
    Count,
    counts_from,
    read_counts,
    shown_by,
    verdict_of,
    weigh,
)
from sim.experiment.study import Figures
from sim.measures import labels
from sim.report.nested import draw_intervals, shown_intervals, worlds_of
from sim.scenario import Member, ScenarioError, load_scenario

DAY = "2018-03-31"


def of(team: str, cases: float, error: float = 10.0) -> Count:
    return Count(team, pd.Timestamp(DAY).date(), cases, error)


def figures(**by_team: list[list[float]]) -> Figures:
    """Unallocated cases by team: for each member its futures."""
    names = pd.DataFrame(
        [("unallocated_cases", "case", "at_period_end", f"team={team}", DAY, "cases") for team in by_team],
        columns=["measure", "counted", "basis", "group", "period", "unit"],
    )
    return Figures(names, np.column_stack([np.ravel(values) for values in by_team.values()]))


def test_the_weights_after_are_those_of_hand_arithmetic() -> None:
    shown = figures(psu=[[90, 110], [190, 210]])
    found = weigh([of("psu", 120)], ["a", "b"], ["w", "w"], np.array([3.0, 1.0]), shown, {})
    # Chance of one future: variance 200 of each; of two futures' mean besides 100. Error 10; off by a tenth of 100 and 200.
    sd = np.sqrt([100 + 300 + 100, 100 + 300 + 400])
    far = (120 - np.array([100, 200])) / sd
    expected = np.array([0.75, 0.25]) * norm.pdf(far) / sd
    np.testing.assert_allclose(found.weights, expected / expected.sum())
    np.testing.assert_allclose(found.table["distance"], far)
    assert list(found.table["verdict"]) == [AGREES, NEAR]
    assert list(found.table["weight_before"]) == [0.75, 0.25]
    assert found.agrees
    (family,) = found.families.to_dict("records")
    assert (family["mean"], family["members"], family["left"]) == (0.75 * 100 + 0.25 * 200, 2, 2)


def test_a_member_beyond_three_deviations_of_any_count_is_left_out_and_every_count_has_a_say() -> None:
    shown = figures(psu=[[500, 520], [500, 520], [0, 0]], dps=[[0, 0], [400, 420], [400, 420]])
    names, families, weights = ["a", "b", "c"], ["u", "v", "v"], np.full(3, 1 / 3)
    only = weigh([of("psu", 510)], names, families, weights, shown, {})
    assert list(only.weights > 0) == [True, True, False]
    both = weigh([of("psu", 510), of("dps", 0)], names, families, weights, shown, {})
    np.testing.assert_array_equal(both.weights, [1, 0, 0])
    assert list(both.families.drop_duplicates("world")["left"]) == [1, 0]
    # Chance is that of a family: the third member's futures are alike, those of its family are not.
    chance = both.table[(both.table["team"] == "psu")].set_index("member")["chance"]
    assert chance["c"] == chance["b"] == pytest.approx(10)


def test_where_no_member_agrees_weights_stay_what_they_were() -> None:
    shown = figures(psu=[[500, 520], [0, 0]], dps=[[0, 0], [400, 420]])
    found = weigh([of("psu", 510), of("dps", 410)], ["a", "b"], ["u", "v"], np.array([0.9, 0.1]), shown, {})
    assert not found.agrees
    np.testing.assert_array_equal(found.weights, [0.9, 0.1])


def test_a_surer_count_tells_members_further_apart_and_one_that_knows_nothing_tells_nothing() -> None:
    shown = figures(psu=[[100, 100], [130, 130]])
    ratios = []
    for error in (5.0, 50.0, 1e9):
        after = weigh([of("psu", 100, error)], ["a", "b"], ["w", "w"], np.array([0.5, 0.5]), shown, {}).weights
        ratios.append(after[0] / after[1])
    assert ratios[0] > ratios[1] > ratios[2]
    assert ratios[2] == pytest.approx(1)


def test_worlds_fitted_by_hand_are_told_and_not_weighed() -> None:
    by_hand = {"w": figures(psu=[[100, 104]]), "x": figures(psu=[[900, 902]])}
    found = weigh([of("psu", 100)], ["a"], ["w"], np.ones(1), figures(psu=[[100, 102]]), by_hand)
    beside = found.table[found.table["member"] == ""]
    assert list(beside["verdict"]) == [AGREES, OUTSIDE]
    assert beside[["weight_before", "weight_after"]].isna().all(axis=None)


@pytest.mark.parametrize(("distance", "verdict"), [(2, AGREES), (-2.1, NEAR), (3, NEAR), (-3.1, OUTSIDE)])
def test_verdicts_are_told_by_distance(distance: float, verdict: str) -> None:
    assert verdict_of(distance) == verdict


# --- as it is given ---------------------------------------------------------------------------------------------------


def test_a_count_is_read_with_its_error_or_without() -> None:
    plan = load_scenario("village").plan
    given, problems = counts_from(["psu@2018-03-31 = 540 +- 30", "dps@2018-03-31=540", "dps@2018-06-30=0\u00b12"])
    assert not problems
    counts, problems = read_counts(given, plan, labels(plan))
    assert not problems
    assert [(one.team, one.cases, one.error) for one in counts] == [
        ("psu", 540, 30), ("dps", 540, ERROR_SHARE * 540), ("dps", 0, 2)
    ]  # fmt: skip
    small, _ = read_counts({"psu@2018-03-31": "3"}, plan, labels(plan))
    assert small[0].error == LEAST_ERROR
    assert 0 < SHARE_OFF < 1


def test_everything_that_is_wrong_with_counts_is_said_at_once() -> None:
    _, problems = counts_from(["psu=4", "psu@2018-03-31=many", "psu@2018-03-31=1", "psu@2018-03-31=2"])
    assert [problem.key for problem in problems] == ["", "", "psu@2018-03-31"]
    assert [problem.found for problem in problems][:2] == ["'psu=4'", "'psu@2018-03-31=many'"]
    plan = load_scenario("village").plan
    counts, problems = read_counts({"iopc@2018-03-30": "many", "psu@2018-03-31": "-4"}, plan, labels(plan))
    assert not counts
    told = [str(problem) for problem in problems]
    assert len(told) == 4
    assert "psu, dps" in told[0]  # whose cases wait for the force's own people
    assert "the last day of a quarter from" in told[1]
    assert all("540+-30" in one for one in told[2:])


# --- in use -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ensemble of a world whose local units are short of places and one whose are not, and a scenario of a few months."""
    place = tmp_path_factory.mktemp("scenarios")
    members = (
        Member("roomy", "slack", {}, {}, 0.5),
        Member("short", "psu_saturated", {}, {}, 0.3),
        Member("shorter", "psu_saturated", {}, {"psu.caseload": 0.3}, 0.2),
    )
    return with_ensemble(place, members, {})


def counted_as(cases: str, folder: Path, out: Path) -> Study:
    """The comparison once so many have been counted for the local units."""
    counts = {f"psu@{DAY}": cases}
    return compare(
        "hamlet",
        ["more_psu_investigators"],
        members=3,
        replications=2,
        unallocated=counts,
        folder=folder,
        out=out,
        opposites=False,
    )


@pytest.fixture(scope="module")
def plain(folder: Path) -> Study:
    return compare("hamlet", ["more_psu_investigators"], members=3, replications=2, folder=folder, opposites=False)


@pytest.fixture(scope="module")
def seen(plain: Study) -> list[float]:
    """What each member has waiting for the local units on the day."""
    assert plain.played is not None
    return list(shown_by(plain.played.figures["hamlet"], of("psu", 0), 3).mean(axis=1))


@pytest.fixture(scope="module")
def study(folder: Path, seen: list[float], tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Weighed by what the shortest member shows."""
    return counted_as(f"{seen[2]:.0f}+-2", folder, tmp_path_factory.mktemp("results"))


def test_only_members_that_agree_are_left_and_their_figures_are_what_they_were(
    study: Study, plain: Study, seen: list[float]
) -> None:
    assert seen[0] < seen[1] < seen[2]
    assert plain.played is not None
    assert study.played is not None
    assert plain.played.weighed is None
    short, shorter = study.played.members
    assert (short.name, shorter.name) == ("short", "shorter")
    assert short.weight + shorter.weight == pytest.approx(1)
    assert shorter.weight > 0.9  # it had 0.4 of the family before
    assert worlds_of(study.played) == ("psu_saturated",)
    for label, mine in study.played.figures.items():
        np.testing.assert_array_equal(mine.matrix, plain.played.figures[label].matrix[2:])
    pd.testing.assert_frame_equal(study.summary, plain.summary)
    pd.testing.assert_frame_equal(study.differences, plain.differences)


def test_what_is_said_names_the_families_left_out_and_what_the_weights_are_of(study: Study) -> None:
    console = Console(width=300, record=True, file=io.StringIO())
    report.print_summary(study, console)
    told = console.export_text()
    assert "no member of which is left: slack." in told
    assert "within 2 standard deviations shorter; within 3 short." in told
    assert "The members were calibrated to published totals; weighing them again is to the number you gave" in told
    assert "It does not say what caused them." in told
    assert "2 of 3 members of the ensemble of village, 2 futures of each, weighed again by your count" in told
    drawn = draw_intervals(study, shown_intervals(study))
    assert "weighed again by your count" in drawn.title
    assert any("weighed again by your own count" in text.get_text() for text in drawn.figure.texts)


def test_where_nobody_agrees_that_is_said_and_nothing_is_weighed(folder: Path, plain: Study) -> None:
    lost = compare(
        "hamlet",
        ["more_psu_investigators"],
        members=3,
        replications=2,
        unallocated={f"psu@{DAY}": "9000", f"dps@{DAY}": "0"},
        folder=folder,
        opposites=False,
    )
    assert lost.played is not None
    assert plain.played is not None
    pd.testing.assert_frame_equal(lost.played.intervals, plain.played.intervals)
    assert "again" not in lost.played.limits
    console = Console(width=300, record=True, file=io.StringIO())
    report.print_summary(lost, console)
    told = console.export_text()
    assert "No member agrees with all that was counted." in told
    assert "Alone, 9,000 of psu would leave none." in told
    assert "Weights are left as they were." in told


def test_what_is_written_tells_the_count_and_how_to_do_it_again(study: Study) -> None:
    assert study.folder is not None
    told = json.loads((study.folder / "run.json").read_text())
    assert told["ensemble"]["weighed_by"]["any_member_agrees"]
    (count,) = told["ensemble"]["weighed_by"]["unallocated_cases"]
    assert (count["team"], count["on"], count["error"]) == ("psu", DAY, 2.0)
    place = told["command"].index("--unallocated")
    assert told["command"][place + 1] == f"psu@{DAY}={count['cases']:.0f}+-2"
    written = pd.read_csv(study.folder / "unallocated.csv", keep_default_na=False)
    assert {"roomy", "short", "shorter", ""} == set(written["member"])


def test_another_count_is_another_study(study: Study, folder: Path, seen: list[float]) -> None:
    assert study.folder is not None
    other = counted_as(f"{seen[2]:.0f}+-3", folder, study.folder.parent.parent)
    assert other.folder != study.folder


def test_a_count_needs_members_two_futures_and_no_opening_caseload(folder: Path, tmp_path: Path) -> None:
    count = {f"psu@{DAY}": "5"}
    with pytest.raises(ScenarioError, match="it without --ensemble"):
        compare("hamlet", ["more_psu_investigators"], unallocated=count, folder=folder)
    with pytest.raises(ScenarioError, match="2 or more with --unallocated"):
        compare("hamlet", ["more_psu_investigators"], unallocated=count, members=3, replications=1, folder=folder)
    sheet = tmp_path / "cases.csv"
    sheet.write_text("")
    with pytest.raises(ScenarioError, match="it with --opening"):
        compare("hamlet", ["more_psu_investigators"], unallocated=count, members=3, opening=sheet, folder=folder)


def test_the_command_line_takes_counts_and_refuses_wrong_ones_with_all_else(
    folder: Path, tmp_path: Path, seen: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    def left(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*words, "--scenarios", str(folder), "--out", str(tmp_path / "out")])
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    code, _, told = left("run", "hamlet", "--unallocated", "psu", "--unallocated", "psu@2018-03-30=4", "--members", "2")
    assert code == 2
    assert all(one in told for one in ("found 'psu'", "'2018-03-30'", "expected with --ensemble"))
    assert list(tmp_path.iterdir()) == []
    words = ["--ensemble", "--replications", "2", "--no-figures", "--unallocated", f"psu@{DAY}={seen[2]:.0f}"]
    code, out, _ = left("run", "hamlet", *words)
    assert code == 0
    assert "Unallocated cases that you counted" in out
    assert next(tmp_path.glob("out/hamlet/*/unallocated.csv")).is_file()


def test_a_family_that_is_left_keeps_the_look_it_had(study: Study) -> None:
    """Whoever lays two figures side by side must not take one family for another."""
    assert study.played is not None
    assert study.played.weighed is not None
    everyone = replace(study.played, weighed=None)
    colours = {}
    for name, played in (("left", study.played), ("alone", everyone)):
        drawn = draw_intervals(replace(study, played=played), shown_intervals(study)).figure
        colours[name] = drawn.axes[0].lines[-2].get_color()
    assert colours["left"] != colours["alone"]  # the second of two, not the first of one

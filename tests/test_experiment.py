"""How sure are we? Runs and comparisons of a hamlet: equal digits whoever plays, pairs, intervals, and folders whole or not at all."""

import json
import math
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import sim
from sim.experiment import Study, compare, run
from sim.experiment.interrupts import interrupts_held
from sim.experiment.intervals import CHANCE_LABEL, differences, summarise
from sim.experiment.study import DIFFERENCES, KEYS, MEASURES, SUMMARY
from sim.experiment.tables import read_parquet
from sim.experiment.verbs import Progress
from sim.scenario import ScenarioError

HAMLET = """
title = "A hamlet for tests"
author = "the tests"
based_on = "village"
starts_on = 2016-01-01
window_from = 2016-04-01
window_to = 2016-12-01
extract_on = 2016-12-01
ends_on = 2016-12-01
worlds = ["calm", "busy"]
compare_with = ["later"]
[scale]
"public.cases" = 0.4
"workforce.people" = 0.6
"""
WORLD = """
title = "{title}"
author = "the tests"
[set]
"psu.investigators" = {posts}
[[points]]
text = "Posts."
changes = ["psu.investigators"]
follows_from = "assumption"
"""
REFORM = """
title = "{title}"
author = "the tests"
in_force_on = {day}
[{operation}]
"psu.investigators" = {amount}
[[points]]
text = "Posts."
changes = ["psu.investigators"]
follows_from = "{follows}"
"""
LATER_ON = date(2016, 7, 1)


def write_scenarios(folder: Path) -> Path:
    """A folder with a hamlet, its twin under another name, two worlds and three reforms."""
    (folder / "reforms").mkdir(parents=True)
    (folder / "worlds").mkdir()
    for name, posts in (("calm", 120), ("busy", 60)):
        text = WORLD.format(title=name, posts=posts)
        (folder / "worlds" / f"{name}.toml").write_text(text, encoding="utf-8")
    (folder / "hamlet.toml").write_text(HAMLET, encoding="utf-8")
    (folder / "twin.toml").write_text('title = "Twin"\nauthor = "the tests"\nbased_on = "hamlet"\n', encoding="utf-8")
    reforms = {
        "later": ("Posts from July", LATER_ON, "add", 2, "structure"),
        "nothing": ("Nothing", date(2016, 4, 1), "add", 0, "structure"),
        "assumed": ("Assumed", date(2016, 4, 1), "scale", 1.5, "assumption"),
    }
    for name, (title, day, operation, amount, follows) in reforms.items():
        text = REFORM.format(title=title, day=day, operation=operation, amount=amount, follows=follows)
        (folder / "reforms" / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_scenarios(tmp_path_factory.mktemp("own") / "scenarios")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("results")


@pytest.fixture(scope="module")
def study(folder: Path, out: Path) -> Study:
    return compare("hamlet", ["later", "nothing", "assumed"], replications=2, workers=1, folder=folder, out=out)


@pytest.fixture(scope="module")
def small(study: Study, folder: Path, out: Path) -> Study:
    """Part of the same, from what is kept of it."""
    return compare("hamlet", ["later"], replications=2, workers=1, folder=folder, out=out)


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of a result but for run.json, which alone tells when and how long."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.name != "run.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def posts_at_end(study: Study, label: str) -> float:
    plan = study.plans[label, "calm"]
    return plan.value("psu.investigators").at(plan.ends_at)


def assert_same(one: Study, other: Study) -> None:
    assert_frame_equal(one.measures, other.measures, check_exact=True)
    assert_frame_equal(one.summary, other.summary, check_exact=True)
    assert_frame_equal(one.differences, other.differences, check_exact=True)


# --- who plays, and in which order ----------------------------------------------------------------------------------


def test_two_processes_give_the_digits_of_one(small: Study, folder: Path, tmp_path: Path) -> None:
    other = compare("hamlet", ["later"], replications=2, workers=2, folder=folder, out=tmp_path)
    assert_same(small, other)
    assert small.folder is not None
    assert other.folder is not None
    assert files_of(small.folder) == files_of(other.folder)


def test_any_executor_gives_the_digits_of_one_process(small: Study, folder: Path) -> None:
    with ThreadPoolExecutor(3) as executor:
        other = compare("hamlet", ["later"], worlds=["calm"], replications=2, folder=folder, executor=executor)
    mine = small.measures.query("world == 'calm'").reset_index(drop=True)
    assert_frame_equal(mine, other.measures, check_exact=True)


def test_the_order_of_arms_and_worlds_changes_no_digit(study: Study, folder: Path, out: Path) -> None:
    asked = ["assumed", "later", "nothing"]
    other = compare("hamlet", asked, worlds=["busy", "calm"], replications=2, workers=1, folder=folder, out=out)
    both = []
    for one in (study, other):
        rows = one.differences[one.differences["scenario"].isin(asked)]
        both.append(rows.sort_values(["scenario", "world", *KEYS], kind="stable").reset_index(drop=True))
    assert_frame_equal(both[0], both[1], check_exact=True)


def test_another_seed_gives_other_futures(study: Study, folder: Path) -> None:
    other = run("hamlet", replications=1, seed=2, workers=1, folder=folder)
    mine = study.measures.query("scenario == 'hamlet' and world == 'calm' and replication == 0")
    assert mine["value"].to_list() != other.measures["value"].to_list()


# --- what is compared -----------------------------------------------------------------------------------------------


def test_a_reform_that_changes_nothing_differs_by_exactly_nothing(study: Study) -> None:
    rows = study.differences.query("scenario == 'nothing'")
    known = rows[rows["replications"] > 0]
    assert len(known) > 500
    assert (known[["mean", "low", "high"]].fillna(0.0) == 0.0).all(axis=None)
    assert (known["probability_of_increase"] == 0.5).all()
    assert (known.loc[known["replications"] == 2, ["low", "high"]] == 0.0).all(axis=None)


def test_the_same_scenario_under_another_name_differs_by_exactly_nothing(folder: Path, out: Path) -> None:
    study = compare("hamlet", ["twin"], worlds=["calm"], replications=1, workers=1, folder=folder, out=out)
    assert study.plans["hamlet", "calm"].fingerprint != study.plans["twin", "calm"].fingerprint, "played twice"
    assert (study.differences["mean"].dropna() == 0.0).all()


def test_a_reform_changes_something(study: Study) -> None:
    assert (study.differences.query("scenario == 'later'")["mean"].dropna() != 0.0).any()


def test_nothing_happens_otherwise_before_a_reform_is_in_force(folder: Path, out: Path) -> None:
    both = []
    for reforms in ([], ["later"]):
        made = run("hamlet", reforms=reforms, replications=1, workers=1, folder=folder, out=out)
        assert made.folder is not None
        rows, _ = read_parquet(made.folder / "events.parquet")
        both.append(rows.drop(columns="scenario"))
    before = [rows[rows["day"] < pd.Timestamp(LATER_ON)].reset_index(drop=True) for rows in both]
    assert len(before[0]) > 500
    assert_frame_equal(before[0], before[1])
    after = [rows[rows["day"] >= pd.Timestamp(LATER_ON)].reset_index(drop=True) for rows in both]
    assert not after[0].equals(after[1])


def test_an_assumed_effect_stands_beside_its_opposite_in_the_first_world(study: Study, folder: Path) -> None:
    opposite = [arm for arm in study.arms if arm.opposite]
    assert [(arm.label, arm.world) for arm in opposite] == [("assumed (opposite)", "calm")]
    before, scaled, turned = (posts_at_end(study, arm) for arm in ("hamlet", "assumed", "assumed (opposite)"))
    assert scaled / before == pytest.approx(before / turned) == 1.5
    assert study.assumptions("assumed (opposite)") == ("Posts.",)
    assert study.assumptions("later") == ()
    assert any("base itself" in note for note in study.notes)
    alone = compare("hamlet", ["assumed"], replications=1, workers=1, folder=folder, opposites=False)
    assert alone.labels == ("hamlet", "assumed")


def test_reforms_are_laid_together_with_a_plus(folder: Path, out: Path) -> None:
    study = compare("hamlet", ["later+assumed"], worlds=["calm"], replications=1, workers=1, folder=folder, out=out)
    assert posts_at_end(study, "later+assumed") == pytest.approx(posts_at_end(study, "hamlet") * 1.5 + 2)
    assert study.labels == ("hamlet", "later+assumed")
    assert any("would turn round too" in note for note in study.notes)


def test_the_window_can_be_moved_and_play_stays(folder: Path, out: Path) -> None:
    moved = run(
        "hamlet",
        replications=1,
        workers=1,
        folder=folder,
        out=out,
        window_from=date(2016, 6, 1),
        window_to=date(2016, 11, 1),
    )
    assert "2016-06-01/2016-10-31" in set(moved.measures["period"])
    whole = run("hamlet", replications=1, workers=1, folder=folder, out=out)
    assert moved.folder != whole.folder
    assert moved.folder is not None
    assert whole.folder is not None
    assert (moved.folder / "events.parquet").read_bytes() == (whole.folder / "events.parquet").read_bytes()


# --- every problem --------------------------------------------------------------------------------------------------


def test_every_problem_of_every_arm_is_told_once(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        compare(
            "hamlet",
            ["latr", "assumed+none_such"],
            replications=0,
            settings={"psu.investigatrs": "3"},
            folder=folder,
            out=tmp_path / "out",
        )
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) == len(set(told))
    for word in ("'latr'", "did you mean 'later'", "'none_such'", "psu.investigatrs", "--replications"):
        assert any(word in line for line in told), (word, told)
    assert not (tmp_path / "out").exists()


def test_a_scenario_based_on_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "circle.toml").write_text('title = "C"\nauthor = "t"\nbased_on = "circle"\n', encoding="utf-8")
    with pytest.raises(ScenarioError, match="based_on"):
        run("circle", folder=tmp_path)


# --- folders --------------------------------------------------------------------------------------------------------


def test_a_result_holds_what_it_says(study: Study) -> None:
    assert study.folder is not None
    assert study.folder.parent.name == "hamlet"
    names = {path.name for path in study.folder.iterdir()}
    assert names == {
        "run.json",
        "plan.json",
        "plans",
        "events.parquet",
        "measures.parquet",
        "summary.csv",
        "differences.csv",
    }
    assert len(list((study.folder / "plans").iterdir())) == len(study.arms) == 9  # 4 in two worlds, and an opposite
    told = json.loads((study.folder / "run.json").read_text(encoding="utf-8"))
    assert told["limits"] == "illustrative, not calibrated"
    assert told["fingerprint"] == study.folder.name
    assert {"hamlet.toml", "village.toml", "casey_2022.toml", "reforms/later.toml", "worlds/calm.toml"} <= set(
        told["inputs"]
    )
    measures, _ = read_parquet(study.folder / "measures.parquet")
    assert tuple(measures.columns) == MEASURES
    assert measures["value"].to_list() == pytest.approx(study.measures["value"].to_list(), nan_ok=True, abs=0, rel=0)
    for name, columns, table in (
        ("summary", SUMMARY, study.summary),
        ("differences", DIFFERENCES, study.differences),
    ):
        raw = (study.folder / f"{name}.csv").read_bytes()
        assert b"\r" not in raw
        read = pd.read_csv(study.folder / f"{name}.csv", keep_default_na=False, na_values={"mean": ""})
        assert tuple(read.columns) == columns
        pd.testing.assert_series_equal(read["mean"], table["mean"], check_exact=True)
    events, _ = read_parquet(study.folder / "events.parquet")
    assert set(events["scenario"]) == {"hamlet"}
    assert set(events["world"]) == {"calm"}
    assert set(events["replication"]) == {0}


def test_keeping_rows_or_not_changes_no_figure(small: Study, folder: Path, out: Path, tmp_path: Path) -> None:
    with_all = compare("hamlet", ["later"], replications=2, workers=1, folder=folder, out=tmp_path, events=True)
    assert with_all.folder is not None
    rows, _ = read_parquet(with_all.folder / "events.parquet")
    assert set(rows["replication"]) == {0, 1}
    assert set(rows["world"]) == {"calm", "busy"}
    without = compare("hamlet", ["later"], replications=2, workers=1, folder=folder, out=out, events=False)
    assert without.folder is not None
    assert not (without.folder / "events.parquet").exists()
    assert_same(with_all, without)
    assert_same(with_all, small)


def test_a_stopped_study_leaves_no_folder_and_goes_on_to_the_same_digits(
    small: Study, folder: Path, tmp_path: Path
) -> None:
    def stop_after(count: int) -> Progress:
        def progress(done: int, total: int, label: str) -> None:
            assert total >= done
            if done == count:
                raise KeyboardInterrupt

        return progress

    with pytest.raises(KeyboardInterrupt):
        compare("hamlet", ["later"], replications=2, workers=1, folder=folder, out=tmp_path, progress=stop_after(3))
    assert [path.name for path in tmp_path.iterdir()] == [".cache"]
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / ".cache").rglob("*.parquet")}
    assert len([path for path in kept if "events" not in path.name]) == 3

    gone_on = compare("hamlet", ["later"], replications=2, workers=1, folder=folder, out=tmp_path)
    assert_same(small, gone_on)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept, "finished replications were played again"


def test_an_interrupt_is_heard_when_nothing_can_swallow_it() -> None:
    reached = []

    def work() -> None:
        with interrupts_held():
            signal.raise_signal(signal.SIGINT)
            reached.append("the end")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached == ["the end"]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def spoilt(path: Path, events: Path, other: Path) -> Iterator[str]:
    """Ways in which a kept replication can be wrong, done one after the other."""
    path.write_bytes(b"")
    yield "empty"
    path.write_bytes(other.read_bytes()[:-40])
    yield "cut short"
    raw = bytearray(other.read_bytes())
    raw[len(raw) // 3] ^= 0xFF
    path.write_bytes(bytes(raw))
    yield "a flipped byte"
    events.write_bytes(b"PAR1")
    yield "rows that are not those"


def test_a_spoilt_replication_is_played_again(folder: Path, tmp_path: Path) -> None:
    first = run("hamlet", replications=1, workers=1, folder=folder, out=tmp_path)
    assert first.folder is not None
    good = files_of(first.folder)
    (path,) = [path for path in (tmp_path / ".cache").rglob("*.parquet") if "events" not in path.name]
    events = path.with_suffix(".events.parquet")
    kept = path.read_bytes(), events.read_bytes()
    copy = tmp_path / "copy"
    copy.write_bytes(kept[0])
    for how in spoilt(path, events, copy):
        again = run("hamlet", replications=1, workers=1, folder=folder, out=tmp_path)
        assert_same(first, again)
        assert again.folder is not None
        assert files_of(again.folder) == good, how
        assert (path.read_bytes(), events.read_bytes()) == kept, how


def test_what_fails_while_writing_leaves_what_was_there(folder: Path, tmp_path: Path) -> None:
    def fail(study: Study, place: Path) -> None:
        (place / "figures").mkdir()
        (place / "figures" / "half.png").write_bytes(b"half")
        raise OSError("no space left")

    def once(finish: object = None) -> Study:
        assert finish is None or finish is fail
        return run("hamlet", replications=1, workers=1, folder=folder, out=tmp_path, finish=fail if finish else None)

    with pytest.raises(OSError, match="no space"):
        once(fail)
    assert [path.name for path in tmp_path.iterdir()] == [".cache"]
    whole = once()
    assert whole.folder is not None
    before = files_of(whole.folder)
    with pytest.raises(OSError, match="no space"):
        once(fail)
    assert [path.name for path in whole.folder.parent.iterdir()] == [whole.folder.name]
    assert files_of(whole.folder) == before


def test_a_result_is_replaced_whole(folder: Path, out: Path) -> None:
    first = run("hamlet", replications=1, workers=1, folder=folder, out=out)
    assert first.folder is not None
    before = files_of(first.folder)
    (first.folder / "left_over.txt").write_text("x", encoding="utf-8")
    again = run("hamlet", replications=1, workers=1, folder=folder, out=out)
    assert again.folder == first.folder
    assert files_of(first.folder) == before


@pytest.mark.parametrize("inside", ["a_file", "a_file/deeper/still"])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_played(
    inside: str, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "a_file").write_text("in the way", encoding="utf-8")
    played: list[object] = []
    with pytest.raises(ScenarioError, match="--out"):
        run("hamlet", folder=folder, out=tmp_path / inside, progress=lambda *told: played.append(told))
    assert not played
    assert [path.name for path in tmp_path.iterdir()] == ["a_file"]


# --- arithmetic -----------------------------------------------------------------------------------------------------


def figures(**values: list[float]) -> pd.DataFrame:
    rows = [
        (arm, "w", replication, "days", "case", "b", "", "p", value, "days")
        for arm, series in values.items()
        for replication, value in enumerate(series)
    ]
    return pd.DataFrame(rows, columns=list(MEASURES))


def test_a_mean_has_students_interval() -> None:
    (row,) = summarise(figures(a=[1.0, 2.0, 3.0])).to_dict("records")
    half = 4.302652729911275 / math.sqrt(3)  # standard deviation 1; t of 0.975 with two degrees of freedom
    assert row["mean"] == 2.0
    assert (row["low"], row["high"]) == pytest.approx((2 - half, 2 + half), rel=1e-9)
    assert row["interval"] == "computing, 95%, t, n=3"
    assert row["replications"] == 3


def test_one_replication_has_no_interval_and_null_ones_do_not_count() -> None:
    table = summarise(figures(a=[5.0], b=[1.0, math.nan, 3.0], c=[math.nan]))
    assert table["replications"].to_list() == [1, 2, 0]
    assert table["mean"].to_list()[:2] == [5.0, 2.0]
    assert math.isnan(table["mean"][2])
    assert table["low"].isna().to_list() == [True, False, True]
    assert table["low"][1] == pytest.approx(2 - 12.706204736432095)  # standard deviation √2 over √2


def test_from_ten_replications_on_the_spread_of_single_ones_is_told() -> None:
    table = summarise(figures(a=[float(n) for n in range(11)], b=[1.0] * 9))
    assert table["interval"].to_list() == ["computing, 95%, t, n=11", CHANCE_LABEL, "computing, 95%, t, n=9"]
    assert table.loc[1, ["mean", "low", "high"]].to_list() == [5.0, 1.0, 9.0]
    assert table.loc[2, ["low", "high"]].to_list() == [1.0, 1.0]


def test_differences_are_paired_by_replication() -> None:
    table = differences(figures(a=[1.0, 10.0, 100.0, math.nan], b=[2.0, 11.0, 98.0, 7.0]), "a")
    (row,) = table.to_dict("records")
    assert (row["base"], row["scenario"], row["replications"]) == ("a", "b", 3)
    assert row["mean"] == 0.0  # +1, +1, -2
    half = 4.302652729911275  # standard deviation √3 over √3
    assert (row["low"], row["high"]) == pytest.approx((-half, half), rel=1e-9)
    assert row["probability_of_increase"] == pytest.approx(2 / 3)


def test_equal_pairs_differ_by_exactly_nothing() -> None:
    (row,) = differences(figures(a=[0.1, 0.7], b=[0.1, 0.7]), "a").to_dict("records")
    assert (row["mean"], row["low"], row["high"], row["probability_of_increase"]) == (0.0, 0.0, 0.0, 0.5)


# --- names ----------------------------------------------------------------------------------------------------------


def test_the_public_names_are_there_and_no_others() -> None:
    assert set(sim.__all__) == {
        "Scenario",
        "ScenarioError",
        "Study",
        "__version__",
        "compare",
        "load_scenario",
        "run",
    }
    for name in sim.__all__:
        assert getattr(sim, name) is not None
    assert set(dir(sim)) == set(sim.__all__)
    with pytest.raises(AttributeError):
        _ = sim.calibrate


def test_importing_the_package_waits_for_nothing() -> None:
    code = "import sys, sim; sys.exit(any(name in sys.modules for name in ('pandas', 'numpy', 'scipy', 'duckdb', 'pydantic')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

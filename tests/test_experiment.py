"""How sure are we? Runs and comparisons of a hamlet: equal digits whoever plays, pairs, intervals, and folders whole or not at all."""

import gc
import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NoReturn

import duckdb
import numpy as np
import pandas as pd
import pytest
from desk import one_team
from pandas.testing import assert_frame_equal
from scipy.stats import t as student

import sim
from sim.experiment import Figures, Study, cache, compare, run
from sim.experiment.cache import MEMORY_BYTES, Cache, Memory
from sim.experiment.engines import Engine, choose
from sim.experiment.interrupts import interrupts_held
from sim.experiment.intervals import CHANCE_LABEL, LEAST_FOR_CHANCE, differences, summarise
from sim.experiment.jobs import Job, Outcome
from sim.experiment.pools import AHEAD, play_jobs
from sim.experiment.row_groups import Below
from sim.experiment.study import DIFFERENCES, FOLLOWS_FROM, KEYS, MEASURES, SUMMARY
from sim.experiment.tables import parquet
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


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that has not played anything yet."""
    monkeypatch.setattr(cache, "MEMORY", Memory(MEMORY_BYTES))


class NobodyPlays(Executor):
    """Holds what needs no playing."""

    def submit(self, *_: object, **__: object) -> NoReturn:
        raise AssertionError("something was played")


def read(path: Path) -> pd.DataFrame:
    """The table of a Parquet file."""
    return duckdb.connect().execute("SELECT * FROM read_parquet(?)", [str(path)]).df()


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


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize("engine", list(Engine))
def test_two_workers_give_the_digits_of_one(engine: Engine, small: Study, folder: Path, tmp_path: Path) -> None:
    asked = {"engine": engine, "replications": 2, "workers": 2, "folder": folder, "out": tmp_path}
    other = compare("hamlet", ["later"], **asked)
    assert other.engine == engine
    assert_same(small, other)
    assert small.folder is not None
    assert other.folder is not None
    assert files_of(small.folder) == files_of(other.folder)


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize("engine", list(Engine))
def test_any_executor_gives_the_digits_of_one_worker(engine: Engine, small: Study, folder: Path) -> None:
    with ThreadPoolExecutor(3) as executor:
        asked = {"engine": engine, "worlds": ["calm"], "replications": 2, "folder": folder, "executor": executor}
        other = compare("hamlet", ["later"], **asked)
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


def test_what_was_played_in_this_process_is_not_played_again(study: Study, folder: Path, tmp_path: Path) -> None:
    asked = ["nothing", "assumed", "later"]
    again = compare("hamlet", asked, replications=2, folder=folder, executor=NobodyPlays())
    assert set(again.labels) == set(study.labels)
    assert len(again.measures) == len(study.measures)
    written = compare(
        "hamlet", asked, replications=2, folder=folder, out=tmp_path, events=False, executor=NobodyPlays()
    )
    assert_same(again, written)


def test_a_single_name_may_stand_as_it_is(folder: Path) -> None:
    asked = {"replications": 1, "workers": 1, "folder": folder}
    listed = compare("hamlet", ["later"], worlds=["calm"], **asked)
    alone = compare("hamlet", "later", worlds="calm", **asked)
    assert alone.arms == listed.arms
    assert (alone.labels, alone.worlds) == (("hamlet", "later"), ("calm",))
    assert run("hamlet", worlds="calm", reforms="later", **asked).labels == ("hamlet+later",)
    assert sim.load_scenario("hamlet", reforms="later", folder=folder).reforms.keys() == {"later"}
    with pytest.raises(ScenarioError) as caught:
        compare("hamlet", staffing="none.csv", worlds="calm", folder=folder)
    assert {problem.file for problem in caught.value.problems} == {"none.csv"}


@pytest.mark.usefixtures("forgotten")
def test_what_another_process_has_kept_is_not_played_again(small: Study, folder: Path, out: Path) -> None:
    assert_same(small, compare("hamlet", ["later"], replications=2, folder=folder, out=out, executor=NobodyPlays()))


def test_memory_forgets_what_was_not_asked_for_longest() -> None:
    plan = sim.load_scenario("village").plan
    first, second, third = (Job(plan, 1, replication, Engine.reference) for replication in range(3))
    memory = Memory(most_bytes=2 * np.zeros(3).nbytes)
    memory.put(first, np.array([1.0, 2.0, 3.0]))
    memory.put(second, np.array([4.0, 5.0, 6.0]))
    assert memory.get(first) is not None
    memory.put(third, np.array([7.0, 8.0, 9.0]))
    assert memory.get(second) is None
    for job, value in ((first, 1.0), (third, 7.0)):
        kept = memory.get(job)
        assert kept is not None
        assert kept[0] == value


def test_few_outcomes_wait_to_be_taken() -> None:
    plan = one_team(50, 2, 10, family="exponential", cv=1, to=date(2011, 1, 1))
    waiting = []

    def done(_: int, __: Outcome) -> None:
        time.sleep(0.05)  # meanwhile all of the others could be played
        waiting.append(sum(isinstance(one, Outcome) for one in gc.get_objects()))

    play_jobs([Job(plan, 1, replication, Engine.fast) for replication in range(12)], done, workers=2)
    assert len(waiting) == 12
    assert max(waiting) <= 2 + AHEAD


def test_what_the_fast_engine_cannot_play_the_reference_engine_does_and_that_is_said() -> None:
    plan = sim.load_scenario("village").plan
    assert choose(None, [plan]) == (Engine.fast, "")
    endless = replace(plan, ends_at=1 << 40)
    for asked in (None, "fast"):
        engine, why = choose(asked, [plan, endless])
        assert engine is Engine.reference
        assert str(1 << 40) in why
        assert "reference engine" in why
    assert choose("reference", [endless]) == (Engine.reference, "")


def test_an_engine_that_does_not_exist_is_refused_with_all_else_that_is_wrong(folder: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        run("hamlt", engine="fst", folder=folder)
    told = " ".join(map(str, caught.value.problems))
    assert "did you mean 'fast'" in told
    assert "did you mean 'hamlet'" in told


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
        rows = read(made.folder / "events.parquet")
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
    assert told["engine"] == study.engine
    assert {"hamlet.toml", "village.toml", "casey_2022.toml", "reforms/later.toml", "worlds/calm.toml"} <= set(
        told["inputs"]
    )
    measures = read(study.folder / "measures.parquet")
    assert tuple(measures.columns) == MEASURES
    assert measures["value"].to_list() == pytest.approx(study.measures["value"].to_list(), nan_ok=True, abs=0, rel=0)
    for name, columns, table in (
        ("summary", SUMMARY, study.summary),
        ("differences", (*DIFFERENCES, FOLLOWS_FROM), study.differences),
    ):
        raw = (study.folder / f"{name}.csv").read_bytes()
        assert b"\r" not in raw
        heading = [line for line in raw.decode().splitlines() if line.startswith("#")]
        assert "# Illustrative, not calibrated." in heading
        assert any("2 replications; seed 1." in line for line in heading)
        csv = pd.read_csv(study.folder / f"{name}.csv", comment="#", keep_default_na=False, na_values={"mean": ""})
        assert tuple(csv.columns) == columns
        pd.testing.assert_series_equal(csv["mean"], table["mean"], check_exact=True)
    put_in = csv.groupby("scenario")[FOLLOWS_FROM].unique().map(list).to_dict()
    assert put_in == {
        "later": ["structure"],
        "nothing": ["structure"],
        "assumed": ["assumption"],
        "assumed (opposite)": ["assumption"],
    }
    events = read(study.folder / "events.parquet")
    assert set(events["scenario"]) == {"hamlet"}
    assert set(events["world"]) == {"calm"}
    assert set(events["replication"]) == {0}


def test_keeping_rows_or_not_changes_no_figure(small: Study, folder: Path, out: Path, tmp_path: Path) -> None:
    with_all = compare("hamlet", ["later"], replications=2, workers=1, folder=folder, out=tmp_path, events=True)
    assert with_all.folder is not None
    rows = read(with_all.folder / "events.parquet")
    assert set(rows["replication"]) == {0, 1}
    assert set(rows["world"]) == {"calm", "busy"}
    without = compare("hamlet", ["later"], replications=2, workers=1, folder=folder, out=out, events=False)
    assert without.folder is not None
    assert not (without.folder / "events.parquet").exists()
    assert_same(with_all, without)
    assert_same(with_all, small)


@pytest.mark.parametrize("engine", list(Engine))
def test_a_stopped_study_leaves_no_folder_and_goes_on_to_the_same_digits(
    engine: Engine, small: Study, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_after(count: int) -> Progress:
        def progress(done: int, total: int, label: str) -> None:
            assert total >= done
            if done == count:
                raise KeyboardInterrupt

        return progress

    def ask(progress: Progress | None = None) -> Study:
        monkeypatch.setattr(cache, "MEMORY", Memory(MEMORY_BYTES))
        asked = {"engine": engine, "replications": 2, "workers": 1, "folder": folder, "out": tmp_path}
        return compare("hamlet", ["later"], progress=progress, **asked)

    with pytest.raises(KeyboardInterrupt):
        ask(stop_after(3))
    assert [path.name for path in tmp_path.iterdir()] == [".cache"]
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / ".cache").rglob("*.figures")}
    assert len(kept) == 3
    assert_same(small, ask())
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


def spoilt(path: Path, other: Path) -> Iterator[str]:
    """Ways in which a kept file can be wrong, done one after the other."""
    good = path.read_bytes()
    path.write_bytes(b"")
    yield "empty"
    path.write_bytes(good[:-40])
    yield "cut short"
    path.write_bytes(good + good[-8:])
    yield "too long"
    path.write_bytes(good[:200] + bytes([good[200] ^ 1]) + good[201:])
    yield "a flipped bit"
    path.write_bytes(other.read_bytes())
    yield "of another replication"
    path.unlink()
    yield "gone"


@pytest.mark.usefixtures("forgotten")
@pytest.mark.parametrize("what", ["figures", "rows"])
def test_a_spoilt_replication_is_played_again(
    what: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> Study:
        monkeypatch.setattr(cache, "MEMORY", Memory(MEMORY_BYTES))
        return run("hamlet", replications=2, events=True, workers=1, folder=folder, out=tmp_path)

    first = ask()
    assert first.folder is not None
    good = files_of(first.folder)
    path, other = sorted((tmp_path / ".cache").rglob(f"*.{what}"))
    kept = path.read_bytes()
    for how in spoilt(path, other):
        again = ask()
        assert_same(first, again)
        assert again.folder is not None
        assert files_of(again.folder) == good, how
        assert path.read_bytes() == kept, how


@pytest.mark.usefixtures("forgotten")
def test_what_is_kept_of_one_job_is_not_believed_of_another(tmp_path: Path) -> None:
    job = Job(sim.load_scenario("village").plan, 1, 0, Engine.reference, ("village", "slack"))
    held = Cache(tmp_path)
    held.put(job, Outcome(np.array([1.0, np.nan]), b"rows"))
    assert held.rows(job) == b"rows"
    assert held.rows(replace(job, rows=("village", "another world"))) is None
    assert held.get(replace(job, seed=2, rows=None)) is None
    assert held.get(replace(job, engine=Engine.fast)) is not None, "the engine changes no digit"


@pytest.mark.parametrize("engine", list(Engine))
def test_figures_are_told_before_anything_is_written(engine: Engine, folder: Path, tmp_path: Path) -> None:
    told: list[Study] = []

    def known(study: Study) -> None:
        assert study.folder is not None
        assert not study.folder.exists()
        told.append(study)

    made = run("hamlet", engine=engine, replications=1, workers=1, folder=folder, out=tmp_path, known=known)
    assert told == [made]
    assert made.folder is not None
    assert made.folder.is_dir()


def table_of(numbers: range, names: str) -> pd.DataFrame:
    return pd.DataFrame({"number": [*numbers], "half": [n / 2 for n in numbers], "name": [names] * len(numbers)})


def test_parquet_files_below_each_other_hold_the_rows_of_all(tmp_path: Path) -> None:
    parts = [table_of(range(10), "ten"), table_of(range(10, 300_000), "many"), table_of(range(7), "seven")]
    path = tmp_path / "all.parquet"
    with Below(path) as file:
        for part in parts:
            file.add(parquet(part))
    assert_frame_equal(read(path), pd.concat(parts, ignore_index=True), check_dtype=False)
    with duckdb.connect() as connection:  # which finds rows by what the list of contents says of each row group
        found = connection.execute(f"SELECT name FROM '{path}' WHERE number = 5 ORDER BY name").fetchall()
        assert found == [("seven",), ("ten",)]
        assert connection.execute(f"SELECT count(*) FROM '{path}' WHERE name = 'many'").fetchone() == (299_990,)
    with Below(tmp_path / "one.parquet") as file:
        file.add(parquet(parts[0]))
        with pytest.raises(ValueError, match="other columns"):
            file.add(parquet(parts[0].assign(more=1)))


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


def figures(**values: list[float]) -> dict[tuple[str, str], Figures]:
    """One figure of each arm."""
    names = pd.DataFrame([("days", "case", "b", "", "p", "days")], columns=[*KEYS, "unit"])
    return {(arm, "w"): Figures(names, np.array(series)[:, np.newaxis]) for arm, series in values.items()}


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


def random_figures(*labels: str) -> dict[tuple[str, str], Figures]:
    """Two worlds of arms that do not all have the same figures, some of them null or equal."""
    rng = np.random.default_rng(1)
    made = {}
    for label in labels:
        for world in ("w", "v"):
            kinds = ["equal", "null", *(f"kind {n}" for n in range(9 if label == "a" else 12))]
            names = pd.DataFrame([(kind, "case", "b", "", "p", "days") for kind in kinds], columns=[*KEYS, "unit"])
            matrix = 400 * rng.random((30, len(names)))
            matrix[rng.random(matrix.shape) < 0.4] = np.nan
            matrix[:, :2] = 0.1, np.nan
            made[label, world] = Figures(names, matrix)
    return made


def tidy(figures: dict[tuple[str, str], Figures]) -> pd.DataFrame:
    """One row for each figure of each replication."""
    parts = []
    for (label, world), one in figures.items():
        for replication, row in enumerate(one.matrix):
            parts.append(one.names.assign(scenario=label, world=world, replication=replication, value=row))
    return pd.concat(parts, ignore_index=True)


def test_means_and_percentiles_are_those_of_a_plain_grouping() -> None:
    made = random_figures("a", "b")
    by_hand = tidy(made).groupby(["scenario", "world", *KEYS], sort=False)["value"]
    plain = by_hand.agg(["mean", "std", "count"])
    table = summarise(made).set_index(["scenario", "world", *KEYS])
    computing = table[table["interval"] != CHANCE_LABEL]
    assert computing.index.equals(plain.index)
    assert computing["replications"].to_list() == plain["count"].to_list()
    np.testing.assert_allclose(computing["mean"], plain["mean"], rtol=1e-14)
    half = student.ppf(0.975, plain["count"] - 1) * plain["std"] / np.sqrt(plain["count"])
    np.testing.assert_allclose(computing["high"] - computing["mean"], half, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(computing["mean"] - computing["low"], half, rtol=1e-10, atol=1e-12)
    chance = table[table["interval"] == CHANCE_LABEL]
    assert chance.index.equals(plain[plain["count"] >= LEAST_FOR_CHANCE].index)
    for column, share in (("low", 0.1), ("high", 0.9)):
        assert chance[column].to_list() == by_hand.quantile(share)[chance.index].to_list()


def test_differences_are_those_of_a_plain_merge() -> None:
    made = random_figures("a", "b", "c")
    rows = tidy(made)
    both = rows[rows["scenario"] != "a"].merge(
        rows[rows["scenario"] == "a"], on=["world", "replication", *KEYS], suffixes=("", "_of_a")
    )
    both["difference"] = both["value"] - both["value_of_a"]
    by_hand = both.groupby(["scenario", "world", *KEYS], sort=False)["difference"]
    plain = by_hand.agg(["mean", "std", "count"])
    table = differences(made, "a").set_index(["scenario", "world", *KEYS])
    assert table.index.equals(plain.index)
    assert table["replications"].to_list() == plain["count"].to_list()
    np.testing.assert_allclose(table["mean"], plain["mean"], rtol=1e-12)
    rises = by_hand.agg(lambda one: ((one > 0).sum() + (one == 0).sum() / 2) / max(one.count(), 1))
    known = plain["count"] > 0
    np.testing.assert_allclose(table["probability_of_increase"][known], rises[known])


# --- names ----------------------------------------------------------------------------------------------------------


def test_the_public_names_are_there_and_no_others() -> None:
    assert set(sim.__all__) == {
        "Scenario",
        "ScenarioError",
        "Study",
        "__version__",
        "compare",
        "figure",
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

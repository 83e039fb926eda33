"""Does the command line do what it is told, and say in plain words what it cannot do?"""

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from test_experiment import files_of, write_scenarios

import sim
from sim.__main__ import main
from sim.evidence import MAXIMUM_BYTES
from sim.experiment.engines import Engine
from sim.experiment.ready import make_ready
from sim.scenario.files import shipped_folder


@dataclass
class Left:
    """How the program was left."""

    code: int
    out: str
    err: str


Call = Callable[..., Left]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, with scenarios beside where the command is given."""
    write_scenarios(tmp_path / "scenarios")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def misconduct(here: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """The command line in this process."""

    def call(*words: str) -> Left:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(words)
        told = capsys.readouterr()
        code = left.value.code
        return Left(code if isinstance(code, int) else 0, told.out, told.err)

    return call


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """What is compiled on first use is on disk, so that commands need not say that they compile."""
    for engine in Engine:
        make_ready(engine, sim.load_scenario("village").plan, print)


def process(*words: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[bytes]:
    """The command line in a process of its own."""
    command = [sys.executable, "-m", "sim", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, check=False, env={**os.environ, **more})


# --- what there is --------------------------------------------------------------------------------------------------


def test_it_lists_scenarios_worlds_and_reforms_with_their_titles(misconduct: Call) -> None:
    left = misconduct("list")
    assert left.code == 0
    assert "A hamlet for tests" in left.out
    assert "casey_2022" in left.out
    assert left.out.index("scenarios:") < left.out.index("worlds:") < left.out.index("reforms:")
    assert "Posts from July" in left.out


def test_the_users_own_folder_wins(misconduct: Call, here: Path) -> None:
    mine = here / "mine"
    shutil.copytree(here / "scenarios", mine)
    (mine / "village.toml").write_text(
        'title = "My own village"\nauthor = "the tests"\nbased_on = "casey_2022"\n', encoding="utf-8"
    )
    assert "My own village" not in misconduct("list").out
    assert "My own village" in misconduct("list", "--scenarios", "mine").out
    assert "My own village" in misconduct("show", "village", "--scenarios", "mine").out


def test_it_shows_a_number_with_unit_grade_range_reason_and_what_changed_it(misconduct: Call) -> None:
    left = misconduct(
        "show", "hamlet", "--reform", "later", "--set", "psu.investigators@2016-10-01=9", "--grep", "psu.investigators"
    )
    assert left.code == 0
    assert "psu.investigators = 6 posts on 2016-04-01" in left.out
    assert "11 from 2016-10-01" in left.out
    assert "assumed; " in left.out
    assert "changed by reforms/later.toml: add 2 from 2016-07-01" in left.out
    assert "changed by worlds/calm.toml: set 120" in left.out
    assert "changed by --set: set 9 from 2016-10-01" in left.out
    assert "workforce.people =" not in left.out


def test_it_says_where_no_number_mentions_a_text(misconduct: Call) -> None:
    assert misconduct("show", "hamlet", "--grep", "zzz").out.endswith("\n\nNo number mentions 'zzz'.\n")
    assert "No number mentions" not in misconduct("show", "hamlet", "--grep", "psu.caseload").out


def test_it_shows_every_number_of_the_evidence(misconduct: Call) -> None:
    left = misconduct("show", "hamlet")
    made = sim.load_scenario("hamlet", folder=Path("scenarios"))
    assert all(f"\n{key} = " in left.out for key in made.numbers)


def test_it_shows_what_a_reform_does_and_from_what_that_follows(misconduct: Call) -> None:
    left = misconduct("show", "assumed")
    assert left.code == 0
    assert "in force on: 2016-04-01" in left.out
    assert "Posts. [follows from assumption: psu.investigators]" in left.out
    assert "scale psu.investigators = 1.5" in left.out


def test_what_is_shipped_is_valid(misconduct: Call) -> None:
    left = misconduct("validate", str(shipped_folder()))
    assert (left.code, left.err) == (0, "")
    assert "(scenario)" in left.out
    assert "(evidence)" in left.out


# --- results --------------------------------------------------------------------------------------------------------


def test_a_comparison_is_written_told_and_can_be_replayed_and_queried(misconduct: Call, here: Path) -> None:
    left = misconduct(
        "compare", "hamlet", "assumed", "--world", "calm", "--replications", "2", "--workers", "1", "--no-figures"
    )
    assert (left.code, left.err) == (0, "")
    assert "llustrative" in left.out
    assert "not calibrated" in left.out
    place = Path(left.out.splitlines()[-1].removeprefix("results: "))
    assert place.parent == Path("results/hamlet")
    assert (place / "differences.csv").is_file()
    assert not (place / "figures").exists()

    told = json.loads((place / "run.json").read_text(encoding="utf-8"))
    before = files_of(place)
    shutil.rmtree("results")
    command = told["command"]
    assert command[0] == "misconduct"
    again = misconduct(*command[1:], "--workers", "1", "--no-figures", "--quiet")
    assert (again.code, again.out, again.err) == (0, f"{place}\n", "")
    assert files_of(place) == before

    asked = misconduct(
        "query", str(place), "select scenario, count(*) as n from measures group by scenario order by scenario"
    )
    assert asked.code == 0
    rows = list(csv.DictReader(io.StringIO(asked.out)))
    assert [row["scenario"] for row in rows] == ["assumed", "assumed (opposite)", "hamlet"]
    assert len({row["n"] for row in rows}) == 1
    assert "not calibrated" in asked.err
    for sql in (
        "select count(*) from events",
        "select count(*) from differences where \"group\" = ''",
        "select * from summary limit 1",
    ):
        assert misconduct("query", str(place), sql).code == 0, sql
    columns = misconduct("query", str(place), "select distinct follows_from from differences")
    assert columns.out.split() == ["follows_from", "assumption"]
    for above in ("results", "results/hamlet"):
        refused = misconduct("query", above, "select 1")
        assert refused.code == 2
        assert f"one of: {place.as_posix()}" in refused.err, above
    for sql in ("selec 1", "select * from read_csv('results/hamlet')", f"copy summary to '{here}/stolen.csv'"):
        refused = misconduct("query", str(place), sql)
        assert refused.code == 2, sql
        assert "Traceback" not in refused.err
    assert not (here / "stolen.csv").exists()


def test_a_run_with_an_assumed_effect_says_that_it_follows_from_assumption(misconduct: Call) -> None:
    words = ["run", "hamlet", "--replications", "1", "--workers", "1", "--no-figures"]
    plain, assumed = misconduct(*words), misconduct(*words, "--reform", "assumed")
    told = "hamlet+assumed follows from assumption: Posts."
    assert told in " ".join(assumed.out.split())
    assert "assumption" not in plain.out
    for left, held in ((plain, False), (assumed, True)):
        place = Path(left.out.splitlines()[-1].removeprefix("results: "))
        assert (told in (place / "headline.csv").read_text(encoding="utf-8")) == held


def test_a_single_change_is_an_arm_of_its_own_and_the_same_as_a_reform_that_does_it(misconduct: Call) -> None:
    arm = "psu.investigators@2016-07-01=+2"
    words = ["compare", "hamlet", "later", "--world", "calm", "--replications", "2", "--workers", "1", "--no-figures"]
    words.append("--caught")
    left = misconduct(*words, "--arm", arm, "--arm", "psu.hours_a_bout=+50%", "--arm", "psu.units=+0")
    assert (left.code, left.err) == (0, "")
    assert f"psu.investigators +2 from 2016-07-01 [{arm}]" in left.out
    assert "Opposite of: psu.hours_a_bout +50%" in left.out
    assert "What psu.hours_a_bout is changed to is put in." in left.out
    assert "psu.units=+0 changes nothing: it is what hamlet has." in left.out
    place = Path(left.out.splitlines()[-1].removeprefix("results: "))
    told = json.loads((place / "run.json").read_text(encoding="utf-8"))
    plans = {one["label"]: one["plan"] for one in told["arms"]}
    assert plans[arm] == plans["later"] != plans["hamlet"]
    assert {one["label"]: one["own"] for one in told["arms"]}[arm] == {"psu.investigators@2016-07-01": "+2"}
    again = misconduct(*told["command"][1:], "--workers", "1", "--no-figures", "--quiet")
    assert (again.code, again.out) == (0, f"{place}\n")
    rows = {
        label: list(csv.DictReader(io.StringIO(asked.out)))
        for label in ("later", arm)
        if (
            asked := misconduct(
                "query", str(place), f"select * exclude scenario from differences where scenario = '{label}'"
            )
        )
    }
    assert rows["later"] == rows[arm]
    assert rows["later"]
    asked = misconduct("query", str(place), "select scenario, count(*) as n from caught group by scenario")
    caught = {row["scenario"]: row["n"] for row in csv.DictReader(io.StringIO(asked.out))}
    assert caught[arm] == caught["later"]
    assert "psu.hours_a_bout=+50%" not in caught, "it holds from the first day, when nothing is open"


def test_every_table_of_a_result_answers_in_sql(misconduct: Call) -> None:
    left = misconduct("compare", "hamlet", "later", "--replications", "1", "--workers", "1", "--no-figures", "--quiet")
    place = Path(left.out.strip())
    for path in place.glob("*.csv"):
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
        asked = misconduct("query", str(place), f'select count(*) as n from "{path.stem}"')
        assert asked.out.split() == ["n", str(len(rows))], path.stem
    assert {"quarters", "limits", "headline"} <= {path.stem for path in place.glob("*.csv")}
    assert "quarters" in misconduct("query", str(place), "select * from nothing").err


def test_what_set_is_applied_to_and_what_says_what_it_changes_is_told(misconduct: Call) -> None:
    for command in ("run", "compare"):
        assert "Applied to the base and to every arm" in " ".join(misconduct(command, "--help").out.split())
    setting = "psu.investigators@2016-07-01=+2"
    words = ["run", "hamlet", "--replications", "1", "--workers", "1", "--no-figures"]
    told = f"These are levels. What --set changes: misconduct compare hamlet --arm '{setting}'"
    assert told in misconduct(*words, "--set", setting).out
    assert "--arm" not in misconduct(*words).out


def test_a_run_draws_its_figures(misconduct: Call) -> None:
    left = misconduct("run", "hamlet", "--replications", "1", "--workers", "1", "--no-events", "--quiet")
    assert left.code == 0
    place = Path(left.out.strip())
    assert list((place / "figures").iterdir())
    assert not (place / "events.parquet").exists()
    assert not (place / "differences.csv").exists()


def without_the_extra(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command line where numba is not installed."""
    code = "import sys\nsys.modules['numba'] = None\nfrom sim.__main__ import main\nmain()"
    return subprocess.run([sys.executable, "-c", code, *words], cwd=cwd, capture_output=True, text=True, check=False)


def test_without_the_extra_the_reference_engine_plays_the_same_digits_and_that_is_said(
    misconduct: Call, here: Path
) -> None:
    words = ["run", "hamlet", "--replications", "1", "--workers", "1", "--no-figures"]
    fast = misconduct(*words, "--out", "fast")
    other = without_the_extra(*words, "--out", "other", cwd=here)
    assert (fast.code, fast.err) == (0, "")
    assert other.returncode == 0, other.stderr
    (notice,) = other.stderr.splitlines()
    assert "pip install '.[fast]'" in notice
    assert "reference engine" in notice
    places = [Path(out.splitlines()[-1].removeprefix("results: ")) for out in (fast.out, other.stdout)]
    assert files_of(places[0]) == files_of(places[1])
    told = [json.loads((place / "run.json").read_text(encoding="utf-8")) for place in places]
    assert [one["engine"] for one in told] == ["fast", "reference"]
    assert [one["notes"] for one in told] == [[], [notice.removeprefix("misconduct: ")]]
    assert told[0]["command"] == told[1]["command"]


def test_the_fast_engine_asked_for_without_its_extra_is_refused(here: Path) -> None:
    left = without_the_extra("run", "hamlet", "--engine", "fast", cwd=here)
    assert (left.returncode, left.stdout) == (2, "")
    assert "pip install '.[fast]'" in left.stderr
    assert not (here / "results").exists()


def test_it_runs_as_a_module_on_a_screen_of_few_letters(here: Path) -> None:
    shown = process("show", "casey_2022", cwd=here, PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert shown.returncode == 0, shown.stderr
    assert b"psu.investigators" in shown.stdout
    words = ["run", "hamlet", "--replications", "1", "--workers", "1", "--no-figures"]
    left = process(*words, cwd=here, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert left.returncode == 0, left.stderr
    assert b"results: " in left.stdout
    assert left.stderr == b""


def test_help_and_version_are_there_at_once(here: Path) -> None:
    code = "import sys\nfrom sim.__main__ import main\ntry:\n    main(['--help'])\nfinally:\n    heavy = {'pandas', 'numpy', 'duckdb', 'matplotlib', 'simpy'} & set(sys.modules)\n    print(sorted(heavy), file=sys.stderr)"
    left = subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=False)
    assert (left.returncode, left.stderr) == (0, "[]\n")
    for command in ("list", "show", "validate", "run", "compare", "query"):
        assert command in left.stdout


@pytest.mark.parametrize("words", [["list"], ["show", "casey_2022"], ["show", "psu_training"]])
def test_what_is_there_is_told_without_whatever_plays_measures_and_draws(words: list[str], here: Path) -> None:
    code = f"import sys\nfrom sim.__main__ import main\ntry:\n    main({words})\nfinally:\n    heavy = {{'pandas', 'numba', 'scipy', 'duckdb', 'matplotlib', 'simpy'}} & set(sys.modules)\n    print(sorted(heavy), file=sys.stderr)"
    left = subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=False)
    assert (left.returncode, left.stderr) == (0, "[]\n")


def test_it_says_its_version(misconduct: Call) -> None:
    assert misconduct("--version").out == f"{sim.__version__}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent otherwise there")
@pytest.mark.parametrize(("engine", "replications"), [("fast", 4000), ("reference", 40)])
def test_ctrl_c_ends_it_and_its_workers_with_a_sentence(engine: str, replications: int, here: Path) -> None:
    command = [sys.executable, "-m", "sim", "run", "village", "--workers", "2"]
    command += ["--engine", engine, "--replications", str(replications)]
    with subprocess.Popen(
        command, cwd=here, stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as child:
        deadline = time.monotonic() + 60
        while not list((here / "results").glob(".cache/*/*/*.figures")) and time.monotonic() < deadline:
            time.sleep(0.05)
        os.killpg(child.pid, signal.SIGINT)
        out, err = child.communicate(timeout=30)  # which waits for all who could still write there: no worker is left
    assert child.returncode == 130, err
    assert out == b""
    assert err.decode().splitlines()[-1].startswith("misconduct: stopped")
    assert b"Traceback" not in err
    assert not list((here / "results").glob("*/*/run.json"))


# --- what is wrong --------------------------------------------------------------------------------------------------

BREACHES = ("equality_and_diversity", "sexual_misconduct", "use_of_force", "other")
BAD = {
    "an unknown scenario": (["run", "hamlt"], "did you mean 'hamlet'"),
    "an unknown scenario of a path": (["run", "nowhere.toml"], "nowhere.toml"),
    "an unknown reform": (["compare", "hamlet", "latr"], "did you mean 'later'"),
    "an unknown reform of several": (["compare", "hamlet", "later+asumed"], "did you mean 'assumed'"),
    "a reform twice": (["compare", "hamlet", "later+later"], "a reform twice"),
    "an unknown world": (["run", "hamlet", "--world", "clam"], "did you mean 'calm'"),
    "a reform as a scenario": (["run", "later"], "later is a reform, which is laid over one"),
    "the file of a reform as a scenario": (["run", "stray.toml"], "a reform lies in a folder called reforms"),
    "a reform outside": (["compare", "hamlet", "stray"], "its path, stray.toml, since it lies outside"),
    "a reform outside to lay": (["run", "hamlet", "--reform", "stray"], "its path, stray.toml, since it lies outside"),
    "a reform outside to show": (
        ["show", "stray"],
        "its path, stray.toml, since it lies outside; or the file in a folder called reforms",
    ),
    "a name too long for a file": (["compare", "hamlet", "x" * 400], "no reform or scenario called"),
    "a scenario outside": (["run", "thorp"], "its path, thorp.toml, since it lies outside"),
    "a reform without points": (["compare", "hamlet", "stray.toml"], 'changes = ["psu.investigators"]'),
    "a reform without points to look at": (["validate", "stray.toml"], 'changes = ["psu.investigators"]'),
    "a reform without points to show": (["show", "pointless"], 'follows_from = "structure"'),
    "a single change among reforms": (["compare", "hamlet", "psu.units=2"], "--arm psu.units=2"),
    "an arm without a value": (
        ["compare", "hamlet", "--arm", "psu.units"],
        "--arm: found 'psu.units'; expected path=value",
    ),
    "an arm of an unknown number": (["compare", "hamlet", "--arm", "psu.unts=2"], "--arm: set.psu.unts"),
    "an arm that is none": (["compare", "hamlet", "--arm", "psu.investigators=20%"], "+20% in --set and --arm"),
    "an unknown number": (["run", "hamlet", "--set", "psu.investigatrs=3"], "did you mean 'psu.investigators'"),
    "a wrong unit": (["run", "hamlet", "--set", "psu.investigators=3 days"], "'posts', the unit of psu.investigators"),
    "a negative capacity": (["run", "hamlet", "--set", "psu.investigators=-300"], "from 0 to 100000"),
    "no post at all": (["run", "hamlet", "--set", "psu.investigators=0"], "psu"),
    "shares that add up to nothing": (
        ["run", "hamlet", *(word for key in BREACHES for word in ("--set", f"breach.share.public.{key}=0"))],
        "add up to nothing",
    ),
    "a setting without a value": (["run", "hamlet", "--set", "psu.investigators"], "path=value"),
    "a setting twice": (["run", "hamlet", "--set", "psu.units=1", "--set", "psu.units=2"], "a second value"),
    "a setting of no date": (["run", "hamlet", "--set", "psu.investigators@soon=3"], "'soon'"),
    "a setting of no number": (["run", "hamlet", "--set", "psu.investigators=many"], "'many'"),
    "no date": (["run", "hamlet", "--from", "1 April 2016"], "--from"),
    "a window the wrong way round": (["run", "hamlet", "--from", "2016-12-01", "--to", "2016-06-01"], "--from, --to"),
    "a window beyond the extract": (["run", "hamlet", "--to", "2030-01-01"], "2030-01-01"),
    "no replication": (["run", "hamlet", "--replications", "0"], "--replications"),
    "no worker": (["run", "hamlet", "--workers", "0"], "--workers"),
    "a number that is none": (["run", "hamlet", "--replications", "many"], "integer"),
    "an unknown option": (["run", "hamlet", "--replicatons", "3"], "--replications"),
    "an unknown engine": (["run", "hamlet", "--engine", "fst"], "reference"),
    "an unknown command": (["runn", "hamlet"], "runn"),
    "a place that is a file": (["run", "hamlet", "--out", "scenarios/hamlet.toml"], "--out"),
    "a place within a file": (["run", "hamlet", "--out", "scenarios/hamlet.toml/x"], "--out"),
    "no folder of scenarios": (["run", "hamlet", "--scenarios", "nowhere"], "nowhere"),
    "nothing to compare with": (["compare", "lonely"], "compare_with"),
    "two of one name": (["compare", "hamlet", "hamlet"], "two called 'hamlet'"),
    "too early a change": (["compare", "hamlet", "early"], "2015-01-01"),
    "a deep file": (["run", "deep"], "deep.toml"),
    "a huge file": (["run", "huge"], "huge.toml"),
    "no TOML": (["run", "broken"], "broken.toml"),
    "no text": (["run", "binary"], "binary.toml"),
    "a file that is missing": (["validate", "missing.toml"], "missing.toml"),
    "a reform that is wrong": (["validate", "scenarios/reforms/early.toml"], "set.psu.investigators"),
    "a world that is wrong": (["validate", "scenarios/worlds/wrong.toml"], "psu.investigatrs"),
    "evidence that is wrong": (["validate", "scenarios/evidence/mine.toml"], "hearings.rooms.unit"),
    "what is nothing": (["validate", "what.toml"], "neither a scenario"),
    "no result": (["query", "scenarios", "select 1"], "the folder of a result"),
}


def write_what_is_wrong(folder: Path) -> None:
    (folder / "lonely.toml").write_text(
        'title = "L"\nauthor = "t"\nbased_on = "hamlet"\ncompare_with = []\n', encoding="utf-8"
    )
    early = (folder / "reforms" / "later.toml").read_text(encoding="utf-8")
    pointless = early.partition("[[points]]")[0]
    (folder / "reforms" / "pointless.toml").write_text(pointless, encoding="utf-8")
    (folder.parent / "stray.toml").write_text(pointless, encoding="utf-8")
    shutil.copy(folder / "hamlet.toml", folder.parent / "thorp.toml")
    early = early.replace("[add]", "[set]").replace("= 2\n", "= { 2015-01-01 = 9 }\n")
    (folder / "reforms" / "early.toml").write_text(early, encoding="utf-8")
    wrong = (
        (folder / "worlds" / "calm.toml").read_text(encoding="utf-8").replace("psu.investigators", "psu.investigatrs")
    )
    (folder / "worlds" / "wrong.toml").write_text(wrong, encoding="utf-8")
    (folder / "deep.toml").write_text("a = " + "[" * 30_000 + "\n", encoding="utf-8")
    (folder / "huge.toml").write_text("# x\n" * (MAXIMUM_BYTES // 4 + 1), encoding="utf-8")
    (folder / "broken.toml").write_text("title = \n", encoding="utf-8")
    (folder / "binary.toml").write_bytes(b"title = '\xff\xfe'\n")
    (folder.parent / "what.toml").write_text("x = 1\n", encoding="utf-8")


@pytest.mark.parametrize("bad", list(BAD))
def test_wrong_input_is_refused_in_words(bad: str, misconduct: Call, here: Path) -> None:
    write_what_is_wrong(here / "scenarios")
    words, told = BAD[bad]
    if bad.startswith("evidence"):
        (here / "scenarios" / "evidence").mkdir()
        (here / "scenarios" / "evidence" / "mine.toml").write_text(
            '[hearings.rooms]\nlabel = "R"\nunit = "percent"\n', encoding="utf-8"
        )
    before = {path: path.stat().st_mtime_ns for path in here.rglob("*")}
    left = misconduct(*words)
    assert left.code == 2, left
    assert left.out == ""
    assert told in left.err
    assert "Traceback" not in left.err
    assert {path: path.stat().st_mtime_ns for path in here.rglob("*")} == before, "something was written"


def test_all_that_is_wrong_is_said_at_once_a_line_each(misconduct: Call) -> None:
    left = misconduct(
        "compare",
        "hamlet",
        "latr",
        "--set",
        "psu.investigators=many",
        "--set",
        "x",
        "--from",
        "now",
        "--set",
        "psu.unts=1",
    )
    lines = left.err.splitlines()
    assert left.code == 2
    for word in ("'latr'", "'many'", "'x'", "'now'", "psu.unts"):
        assert len([line for line in lines if word in line]) == 1, (word, lines)


def test_our_own_fault_is_said_shortly_and_the_traceback_on_request(here: Path) -> None:
    code = "from sim.experiment import describe\nfrom sim.__main__ import main\ndel describe.contents\nmain(['list'])"
    for debug in ("", "1"):
        left = subprocess.run(
            [sys.executable, "-c", code],
            cwd=here,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "MISCONDUCT_DEBUG": debug},
        )
        assert left.returncode == 1
        assert ("Traceback" in left.stderr) == bool(debug)
        assert debug or "MISCONDUCT_DEBUG=1" in left.stderr

"""Is the caseload of a sheet the one that is played, and is a sheet that cannot be meant refused, cell by cell?"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from agreement import play

from sim.__main__ import main
from sim.engines import fast, reference
from sim.experiment import Study, compare, run
from sim.experiment.arms import Question, ask
from sim.experiment.opening import AGES, Synthesised, synthesise
from sim.measures import measure
from sim.plan import MINUTES_A_DAY, UNSET, Observation
from sim.record import What
from sim.report import limits
from sim.scenario import Scenario, ScenarioError, load_scenario
from sim.scenario.files import shipped_folder
from sim.scenario.opening import COLUMNS
from sim.scenario.opening_places import Places, places_on_the_first_day
from sim.scenario.opening_sheet import LAYOUT, SOURCES, read_opening, write_opening
from sim.scenario.sheets import MOST_ROWS

HEAD = "stage,count,age_from_days,age_to_days,severity,criminal,handled_by,in_stage_days,stream,source"
STAFF = "team,date,posts,how,in_post,fte,skill,until,reason,from_unit,turnover"
GOOD = "investigation,30,90,400,gross,,dps,,,"
ROWS = (
    GOOD,
    "investigation,40,0,300,misconduct,,psu,,,counted",
    "hearing,6,400,900,gross,ended,dps,30,internal,synthesised",
    "recording,8,0,20,,,,,public,",
)


def lines(folder: Path, *rows: str, head: str = HEAD, name: str = "caseload.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def stocks(table: pd.DataFrame) -> dict[str, float]:
    """Cases open at the end of each quarter, of every stream."""
    mine = table[(table.measure == "cases_open") & table.group.isin(["", "stream=public", "stream=probation"])]
    return {str(day): float(value) for day, value in mine.groupby("period")["value"].sum().items()}


@functools.cache
def village() -> Scenario:
    return load_scenario("village_today")


@functools.cache
def made() -> Synthesised:
    return synthesise(village(), "reference", lambda _: None)


def said(rows: object) -> list[dict[str, str]]:
    assert isinstance(rows, tuple)
    return [{column: str(cell) for column, cell in row.items()} for row in rows]


# --- read and written ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_what_is_synthesised_reads_back_without_loss(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"caseload{ending}"
    write_opening(made().rows, path)
    back = read_opening(path)
    assert [dict(row) for row in back.rows] == said(made().rows)
    assert load_scenario("village_today", opening=path).opening == back


def test_a_workbook_and_a_text_of_the_same_rows_are_the_same_plan_and_so_is_the_same_file_twice(tmp_path: Path) -> None:
    text = lines(tmp_path, *ROWS)
    book = tmp_path / "caseload.xlsx"
    write_opening(read_opening(text).rows, book)
    plans = [load_scenario("village_today", opening=path).plan.fingerprint for path in (text, book, text)]
    assert len(set(plans)) == 1


def test_columns_of_a_sheet_are_those_of_a_table_and_where_counts_come_from() -> None:
    assert LAYOUT.columns == (*COLUMNS, "source", "world")
    assert {column for column, _, _ in LAYOUT.explained} == set(LAYOUT.columns)
    # A workbook's own list to choose from has room for 255 characters.
    assert all(len(",".join(words)) <= 255 for words in LAYOUT.words.values())


def test_play_begins_on_the_day_the_window_does_and_the_window_is_the_same(tmp_path: Path) -> None:
    opened, plain = load_scenario("village_today", opening=lines(tmp_path, GOOD)).plan, village().plan
    assert opened.starts_on == date(2027, 1, 1) != plain.starts_on
    for name in ("window_from", "window_to", "extract_on"):
        days = [plan.day(getattr(plan.observation, name)) for plan in (opened, plain)]
        assert days[0] == days[1], name
    assert opened.day(opened.ends_at) == plain.day(plain.ends_at)


# --- bad cells ----------------------------------------------------------------------------------------------------------

BAD_ROWS = [
    ("hering,3,0,90,gross,,,,,", "stage", "'hering'", "did you mean 'hearing'?"),
    (",3,0,90,gross,,,,,", "stage", "nothing", "must be given"),
    ("interview,3,0,90,gross,,,,,", "stage", "'interview'", "where an open case can stand"),
    ("recording,,0,90,,,,,,", "count", "nothing", "must be given"),
    ("recording,-1,0,90,,,,,,", "count", "'-1'", "a whole number from 0"),
    ("recording,2.5,0,90,,,,,,", "count", "'2.5'", "a whole number from 0"),
    (f"recording,{'9' * 5000},0,90,,,,,,", "count", f"'{'9' * 20}…'", "a whole number from 0"),
    ("recording,100001,0,90,,,,,,", "count", "'100001'", "a whole number from 0 to 100000"),
    ("recording,3,old,90,,,,,,", "age_from_days", "'old'", "a whole number from 0"),
    ("recording,3,0,99999,,,,,,", "age_to_days", "'99999'", "a whole number from 0"),
    ("recording,3,90,0,,,,,,", "age_to_days", "0", "at least age_from_days, 90"),
    ("recording,3,0,90,,,,1,,", "in_stage_days", "1", "at most age_from_days, 0"),
    ("investigation,3,0,90,,,,,,", "severity", "nothing", "must be given"),
    ("investigation,3,0,90,grss,,,,,", "severity", "'grss'", "did you mean 'gross'?"),
    ("investigation,3,0,90,gross,alive,,,,", "criminal", "'alive'", "did you mean 'live'?"),
    ("investigation,3,0,90,gross,,dpss,,,", "handled_by", "'dpss'", "did you mean 'dps'?"),
    ("recording,3,0,90,,,,,intern,", "stream", "'intern'", "did you mean 'internal'?"),
    ("recording,3,0,90,,,,,,guessed", "source", "'guessed'", "one of counted, synthesised"),
]


@pytest.mark.parametrize(("line", "column", "found", "expected"), BAD_ROWS)
def test_a_bad_cell_is_told_with_its_place_and_what_is_right(
    tmp_path: Path, line: str, column: str, found: str, expected: str
) -> None:
    path = lines(tmp_path, GOOD, line)
    with pytest.raises(ScenarioError) as error:
        load_scenario("village_today", opening=path)
    told = [(one.file, one.key, one.found) for one in error.value.problems]
    assert told == [(str(path), f"row 3, column '{column}'", found)]
    assert expected in error.value.problems[0].expected


def test_rows_that_say_the_same_and_too_many_cases_are_told(tmp_path: Path) -> None:
    path = lines(tmp_path, GOOD, GOOD)
    with pytest.raises(ScenarioError, match="row 3, column 'stage'"):
        load_scenario("village_today", opening=path)
    many = lines(tmp_path, "recording,60000,0,90,,,,,,", "recording,60000,0,91,,,,,,")
    with pytest.raises(ScenarioError, match=r"row 3, column 'count': found 120,000 cases in all"):
        load_scenario("village_today", opening=many)


def test_every_problem_of_every_cell_is_told_at_once_in_a_workbook_too(tmp_path: Path) -> None:
    from xlsxwriter import Workbook

    path = tmp_path / "caseload.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet("opening")
        sheet.write_row(0, 0, HEAD.split(","))
        sheet.write_row(1, 0, ["hering", 2.5, 0, 90])
        sheet.write_row(2, 0, ["investigation", 3, 0, 90, "grss", "", "", "", "", "guessed"])
    with pytest.raises(ScenarioError) as error:
        load_scenario("village_today", opening=path)
    assert sorted(one.key for one in error.value.problems) == [
        "sheet opening, row 2, column 'count'",
        "sheet opening, row 2, column 'stage'",
        "sheet opening, row 3, column 'severity'",
        "sheet opening, row 3, column 'source'",
    ]


def test_names_and_remarks_are_refused_and_not_spread(tmp_path: Path) -> None:
    remark = "a remark that goes on and on about what somebody did"
    path = lines(tmp_path, f"{remark},3,0,90,gross,,{remark},,{remark},{remark},{remark}", head=f"{HEAD},{remark}")
    with pytest.raises(ScenarioError) as error:
        load_scenario("village_today", opening=path)
    told = str(error.value)
    assert "no names, numbers of people or remarks belong in a sheet" in told
    assert remark[:20] in told
    assert remark[:21] not in told
    assert len(error.value.problems) == 5


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"\xff\xfe", "a byte that is not UTF-8"),
        (b'stage,"count', "quotation marks that do not close"),
        (HEAD.encode(), "no rows"),
        (b"stage,count,age_from_days\nrecording,1,0\n", "no column 'age_to_days'"),
        (HEAD.encode() + b"\nrecording,1,0,90,,,,,,,more\n", "a cell beyond the last column"),
        (HEAD.encode() + b"\nrecording,1,0,90,,,,,,\n" * (MOST_ROWS + 1), "rows"),
        (b" " * 2_000_001, "more than 2,000,000 bytes"),
    ],
)
def test_a_bad_file_is_told(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "caseload.csv"
    path.write_bytes(content)
    with pytest.raises(ScenarioError) as error:
        read_opening(path)
    assert any(found in one.found for one in error.value.problems)


def test_what_is_wrong_with_the_caseload_is_told_together_with_what_is_laid_over(tmp_path: Path) -> None:
    caseload = lines(tmp_path, "hering,3,0,90,gross,,,,,", "recording,x,0,90,,,,,,")
    posts = lines(tmp_path, "psi,2027-04-01,2,recruit", head="team,date,posts,how", name="posts.csv")
    with pytest.raises(ScenarioError) as error:
        load_scenario("village_today", opening=caseload, staffing=posts, settings={"psu.unts": "2"})
    files = [Path(one.file).name for one in error.value.problems]
    assert sorted(files) == ["--set", "caseload.csv", "caseload.csv", "posts.csv"]


def test_a_scenario_whose_window_begins_on_another_day_cannot_begin_with_it(tmp_path: Path) -> None:
    question = Question(None, {}, opening=lines(tmp_path, GOOD))
    with pytest.raises(ScenarioError, match="whose window begins on"):
        ask("village_today", ["village"], question=question)


# --- synthesised --------------------------------------------------------------------------------------------------------


def test_every_open_case_is_in_the_sheet_or_told_to_be_left_out() -> None:
    """The measure of open cases counts the same play another way: by receipt and finalisation, not by where tokens stand."""
    plan = village().plan
    until = plan.observation.window_from
    past = plan.__class__(**{**vars(plan), "ends_at": until, "observation": Observation(0, until, until)})
    open_ = stocks(measure(past, reference.play(past, 1, 0)))["2026-12-31"]
    entered = sum(int(row["count"]) for row in made().rows)
    left_out = [one for one in made().sentences if one.startswith("Not in the sheet")]
    numbers = [int(word) for one in left_out for word in one.replace(",", "").split() if word.isdigit()]
    assert entered + sum(numbers) == open_
    assert made().sentences[0].startswith(f"{entered} open cases")


def test_what_is_synthesised_is_stamped_row_by_row_and_in_words() -> None:
    assert {row["source"] for row in made().rows} == {"synthesised"}
    assert "synthesised from the model, not a count of real cases" in made().sentences[0]
    assert "seed 1" in made().sentences[0]


def test_bands_of_age_are_those_that_are_said() -> None:
    for row in made().rows:
        assert row["age_from_days"] in AGES
        assert row["age_to_days"] in AGES or (row["age_from_days"] == AGES[-1] and int(row["age_to_days"]) > AGES[-1])


def test_the_sheet_that_is_shipped_begins_today_in_every_world_and_says_what_it_is() -> None:
    path = shipped_folder() / "opening" / "today.csv"
    sheet = read_opening(path)
    internal = sum(int(row["count"]) for row in sheet.rows if row.get("stream", "internal") == "internal")
    assert 0 < internal < sheet.cases
    told = f"opening caseload: {sheet.cases:,} cases of today.csv, of which {internal:,} internal ({SOURCES['synthesised']}; world slack)"
    assert sheet.sentence() == told
    for world in load_scenario("today").baseline.worlds or ():
        plan = load_scenario("today", world=world, opening=path).plan
        assert sum(one.count for one in plan.opening) == sheet.cases
        assert plan.starts_on == date(2027, 1, 1)


@pytest.mark.slow
def test_the_sheet_that_is_shipped_is_what_the_model_makes_of_today(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "today.csv"
    with pytest.raises(SystemExit) as left:
        main(["opening", "today", "--out", str(path)])
    assert left.value.code == 0
    assert SOURCES["synthesised"] in capsys.readouterr().out
    assert path.read_bytes() == (shipped_folder() / "opening" / "today.csv").read_bytes()


# --- played -------------------------------------------------------------------------------------------------------------


def test_both_engines_play_it_and_every_case_is_accounted_for(tmp_path: Path) -> None:
    """What is open at the end of a quarter is what was open at the start, and what came, less what was finalised."""
    path = lines(tmp_path, *ROWS)
    plan = load_scenario("village_today", opening=path).plan
    record = play(plan, 1)
    received, finalised = record.cases["received_on"], record.cases["finalised_on"]
    recorded = record.cases["recorded"] == plan.level("case.recorded", "yes")
    assert (received < 0).sum() == read_opening(path).cases == 84
    found = stocks(measure(plan, record))
    for day, stock in found.items():
        ends = plan.minute(date.fromisoformat(day)) + MINUTES_A_DAY
        came = recorded & (received >= 0) & (received < ends)
        over = recorded & (finalised != UNSET) & (finalised < ends)
        assert stock == 84 + came.sum() - over.sum(), day


def test_a_run_that_begins_with_its_own_caseload_goes_on_near_it(tmp_path: Path) -> None:
    """The model's own open cases, given back to it: in three months a quarter of them may come or go, and nobody begins with none."""
    path = tmp_path / "caseload.csv"
    write_opening(made().rows, path)
    number = read_opening(path).cases
    nobody, opened = (load_scenario("village_today", opening=opening).plan for opening in ([], path))
    after = [stocks(measure(plan, reference.play(plan, 1)))["2027-03-31"] for plan in (nobody, opened)]
    assert 0.75 * number <= after[1] <= 1.25 * number
    assert after[0] < 0.5 * number


def test_as_many_cases_end_in_the_first_quarter_as_in_a_run_that_played_the_years_before() -> None:
    """Of the large force, whose quarter has hundreds of ends. Begun anew, cases would end a third less often."""
    path = shipped_folder() / "opening" / "today.csv"
    ends = []
    for plan in (load_scenario("today").plan, load_scenario("today", opening=path).plan):
        first, last = (plan.minute(date(2027, month, 1)) for month in (1, 4))
        record = fast.play(
            dataclasses.replace(plan, ends_at=last, observation=Observation(first, last, last)), 1, events=False
        )
        finalised = record.cases["finalised_on"]
        ends.append(int(((finalised >= first) & (finalised < last)).sum()))
    assert 0.82 <= ends[1] / ends[0] <= 1.2


def test_a_run_says_with_what_it_begins_and_keeps_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = lines(tmp_path, *ROWS)
    words = ["run", "village_today", "--opening", str(path), "--replications", "1", "--workers", "1", "--no-figures"]
    told: dict[str, Mapping[str, object]] = {}
    for engine in ("reference", "fast"):
        out = tmp_path / engine
        with pytest.raises(SystemExit) as left:
            main([*words, "--engine", engine, "--out", str(out)])
        assert left.value.code == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert "Opening caseload: 84 cases of caseload.csv, of which 76 internal (6 synthesised from the model" in shown
        assert "played from 2027-01-01, nothing before it" in shown
        assert "village_today from 2027-01-01, no interval" in shown
        (folder,) = (one for one in (out / "village_today").iterdir())
        told[engine] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        told[engine] = {**told[engine], "summary": (folder / "summary.csv").read_text(encoding="utf-8")}
    one, other = told["reference"], told["fast"]
    for name in ("summary", "fingerprint", "opening", "arms"):
        assert one[name] == other[name], name
    kept = one["opening"]
    assert isinstance(kept, dict)
    assert (kept["file"], kept["cases"], kept["on"]) == ("caseload.csv", 84, "2027-01-01")
    assert isinstance(one["inputs"], dict)
    assert kept["sha256"] == one["inputs"]["opening/caseload.csv"]
    again = tmp_path / "again.csv"
    write_opening(kept["rows"], again)
    plans = [load_scenario("village_today", opening=file).plan.fingerprint for file in (path, again)]
    assert plans[0] == plans[1]
    command = one["command"]
    assert isinstance(command, list)
    assert command[command.index("--opening") + 1] == str(path)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A reform and a staffing sheet over a small force that begins with a caseload."""
    folder = tmp_path_factory.mktemp("opening")
    posts = lines(folder, "psu,2027-04-01,6,transfer", head="team,date,posts,how", name="six_posts.csv")
    caseload = lines(folder, *ROWS)
    return compare(
        "village_today",
        ["more_psu_investigators"],
        worlds=["psu_saturated"],
        staffing=[posts],
        opening=caseload,
        replications=2,
        engine="reference",
        workers=1,
        opposites=False,
        out=folder / "results",
    )


def test_every_arm_begins_with_the_same_caseload(study: Study) -> None:
    assert study.labels == ("village_today", "more_psu_investigators", "six_posts")
    openings = {plan.opening for plan in study.plans.values()}
    assert len(openings) == 1
    assert sum(one.count for one in next(iter(openings))) == 84
    assert all(Path(arm.opening).name == "caseload.csv" for arm in study.arms)
    assert {plan.starts_on for plan in study.plans.values()} == {date(2027, 1, 1)}


def test_what_is_laid_over_later_changes_nothing_of_the_first_quarter(study: Study) -> None:
    """Posts of 1 April 2027 take nobody from the cases before."""
    table = study.differences
    first = table[(table.scenario == "six_posts") & (table.measure == "cases_open") & (table.period == "2027-03-31")]
    assert len(first) > 0
    assert (first["mean"] == 0).all()
    assert study.folder is not None
    kept = json.loads((study.folder / "run.json").read_text(encoding="utf-8"))
    assert set(kept["inputs"]) >= {"opening/caseload.csv", "staffing/six_posts.csv"}


def test_one_more_row_leaves_the_cases_of_the_others_as_they_were(tmp_path: Path) -> None:
    records = [
        reference.play(load_scenario("village_today", opening=lines(tmp_path, *rows)).plan, 3, events=False)
        for rows in (ROWS[:3], ROWS)
    ]
    ages = [np.sort(record.cases["received_on"][record.cases["received_on"] < 0]) for record in records]
    assert len(ages[1]) - len(ages[0]) == 8
    assert set(ages[0].tolist()) <= set(ages[1].tolist())


def test_the_command_line_tells_every_problem_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    caseload = lines(tmp_path, "hering,3,0,90,gross,,,,,", "recording,x,0,90,,,,,,")
    posts = lines(tmp_path, "psi,2027-04-01,2,recruit", head="team,date,posts,how", name="posts.csv")
    for verb in ("run", "compare"):
        out = tmp_path / "results"
        with pytest.raises(SystemExit) as left:
            main([verb, "village_today", "--opening", str(caseload), "--staffing", str(posts), "--out", str(out)])
        assert left.value.code == 2
        assert len(capsys.readouterr().err.splitlines()) == 3
        assert not out.exists()


def test_a_caseload_is_only_written_as_a_sheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "caseload.txt"
    with pytest.raises(SystemExit) as left:
        main(["opening", "village_today", "--out", str(path)])
    assert left.value.code == 2
    assert "a file that ends in .csv or .xlsx" in capsys.readouterr().err
    assert not path.exists()


def test_the_command_line_shows_the_columns_of_a_caseload_and_asks_for_one_of_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["opening", "village_today", "--columns"])
    assert left.value.code in (0, None)
    shown = capsys.readouterr().out
    assert all(f"{column}: " in shown for column in LAYOUT.columns)
    path = tmp_path / "open.csv"
    for words in ([], ["--columns", "--out", str(path)]):
        with pytest.raises(SystemExit) as left:
            main(["opening", "village_today", *words])
        assert left.value.code == 2
    assert not path.exists()


# --- of which world, and of which force ---------------------------------------------------------------------------------


def test_a_caseload_of_another_world_is_that_world_s_and_says_so(tmp_path: Path) -> None:
    """The world is told by the file, row by row, and read by no plan."""
    paths = []
    for world in ("slack", "psu_saturated"):
        path = tmp_path / f"{world}.csv"
        with pytest.raises(SystemExit) as left:
            main(["opening", "village_today", "--world", world, "--out", str(path)])
        assert left.value.code == 0
        assert read_opening(path).made_in == (world,)
        paths.append(path)
    waiting = [
        sum(int(row["count"]) for row in read_opening(path).rows if row["stage"] == "psu_slot") for path in paths
    ]
    assert waiting[0] < waiting[1], "the queue that the world is about"
    told = pd.read_csv(paths[1], dtype=str, keep_default_na=False)
    bare = tmp_path / "bare.csv"
    told.drop(columns="world").to_csv(bare, index=False)
    plans = [load_scenario("village_today", opening=path).plan.fingerprint for path in (paths[1], bare)]
    assert plans[0] == plans[1]
    assert read_opening(bare).made_in == ()


@pytest.mark.parametrize(
    ("row", "found", "expected"),
    [
        ("recording,3,0,90,,,,,,synthesised,slac", "'slac'", "did you mean 'slack'?"),
        ("recording,3,0,90,,,,,,counted,slack", "'slack'", "only what is synthesised"),
        (
            "recording,3,0,90,,,,,,,somebody with a very long name",
            "'somebody with a very…'",
            "only what is synthesised",
        ),
    ],
)
def test_a_world_that_is_none_is_told(tmp_path: Path, row: str, found: str, expected: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load_scenario("village_today", opening=lines(tmp_path, row, head=f"{HEAD},world"))
    (problem,) = error.value.problems
    assert problem.key == "row 2, column 'world'"
    assert problem.found == found
    assert expected in problem.expected


def test_there_is_no_such_world_to_write_open_cases_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "open.csv"
    with pytest.raises(SystemExit) as left:
        main(["opening", "village_today", "--world", "slac", "--out", str(path)])
    assert left.value.code == 2
    assert "did you mean 'slack'?" in capsys.readouterr().err
    assert not path.exists()


def test_places_of_the_first_day_by_hand() -> None:
    """Of 10 places 7 are taken: 3 of 5 who wait have one at once. Where 12 are said to have one, 2 do not, and nobody else has."""
    assert (Places("dps", 5, 7, 10).placed, Places("dps", 5, 7, 10).without) == (3, 0)
    assert (Places("dps", 5, 12, 10).placed, Places("dps", 5, 12, 10).without) == (0, 2)
    assert (Places("dps", 2, 7, 10).placed, Places("dps", 2, 7, 10).without) == (2, 0)


@pytest.mark.parametrize(("waiting", "holding"), [(30, 130), (0, 160), (10, 20)])
def test_a_play_gives_the_places_that_are_counted(tmp_path: Path, waiting: int, holding: int) -> None:
    """Of a team without local units, on the first minute of play."""
    rows = [f"investigation,{holding},30,400,gross,,dps,,,", f"dps_slot,{waiting},0,20,gross,,dps,,,"]
    plan = load_scenario("village_today", opening=lines(tmp_path, *rows)).plan
    (team,) = places_on_the_first_day(plan)
    assert (team.team, team.waiting, team.holding) == ("dps", waiting, holding)
    one_day = dataclasses.replace(plan, ends_at=1, observation=Observation(0, 1, 1))
    record = reference.play(one_day, 1)
    opened = record.cases["received_on"][record.events["case"]] < 0
    got = int(((record.events["what"] == What.ALLOCATED) & opened).sum())
    assert got == min(waiting + holding, team.places) == team.placed + min(holding, team.places)


def crossed(study: Study, kind: str) -> dict[str, list[limits.Limit]]:
    """By world the limits of a kind that the base crosses."""
    found: dict[str, list[limits.Limit]] = {world: [] for world in study.worlds}
    for one in limits.limits(study):
        if one.limit == kind and one.scenario == study.base:
            found[one.world].append(one)
    return found


WORLDS = ("slack", "dps_saturated")


def test_a_caseload_that_contradicts_its_world_is_named_where_it_does(tmp_path: Path) -> None:
    """40 wait for the directorate, and 10 are with it: with room there nobody waits on, without it somebody does."""
    path = lines(
        tmp_path,
        "investigation,10,30,400,gross,,dps,,,",
        "dps_slot,40,0,20,gross,,dps,,,",
        "investigation,30,0,300,misconduct,,psu,,,",
    )
    study = run("village_today", worlds=WORLDS, opening=path, replications=1)
    places = {
        world: {one.team: one for one in places_on_the_first_day(study.plans[study.base, world])} for world in WORLDS
    }
    found = crossed(study, limits.AGAINST)
    for world in WORLDS:
        named = {one.key: one.value for one in found[world]}
        dps = places[world]["dps"]
        assert ("waiting, dps" in named) == (dps.placed > 4)
        assert named.get("waiting, dps", dps.placed) == dps.placed
        assert not any(key.startswith("investigated") for key in named)
    assert places["dps_saturated"]["dps"].placed < 40 == places["slack"]["dps"].placed
    assert "40 waiting for a place with DPS, of whom this world places 40" in found["slack"][0].says
    assert not any(crossed(study, limits.OTHER_WORLD).values()), "it was counted"


def test_the_shipped_caseload_is_told_to_be_of_another_world_and_of_another_force() -> None:
    """Twenty times too many for the village: none of its teams has room, and only the world it was made in is its own."""
    path = shipped_folder() / "opening" / "today.csv"
    study = run("village_today", worlds=WORLDS, opening=path, replications=1)
    assert {world: bool(found) for world, found in crossed(study, limits.OTHER_WORLD).items()} == {
        "slack": False,
        "dps_saturated": True,
    }
    for found in crossed(study, limits.SIZE).values():
        (one,) = found
        assert one.value > one.high == 3
        assert "1,557 internal cases" in one.says
    assert all("investigated, dps" in {one.key for one in found} for found in crossed(study, limits.AGAINST).values())


def test_the_model_s_own_caseload_in_its_own_world_crosses_no_limit_of_caseloads(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    write_opening(made().rows, path)
    study = run("village_today", opening=path, replications=1)
    for kind in (limits.OTHER_WORLD, limits.AGAINST, limits.SIZE):
        assert not any(crossed(study, kind).values()), kind
    few = lines(tmp_path, "recording,5,0,90,,,,,,")
    (one,) = crossed(run("village_today", opening=few, replications=1), limits.SIZE)["slack"]
    assert one.value < one.low


def test_a_sheet_that_leaves_teams_as_they_are_joins_a_caseload_though_it_is_older(tmp_path: Path) -> None:
    """`staffing` writes rows of the day the full run begins, years before a run from open cases does; they lay nothing."""
    cases = lines(tmp_path, GOOD)
    as_it_is, hired, early = (tmp_path / f"{name}.csv" for name in ("as_it_is", "hired", "early"))
    as_it_is.write_text(f"{STAFF}\npsu,2019-04-01,0,as_it_is,,,,,present,,\n")
    hired.write_text(f"{STAFF}\npsu,2019-04-01,0,as_it_is,,,,,present,,\npsu,2028-04-01,1,transfer,,,,,growth,,\n")
    early.write_text(f"{STAFF}\npsu,2019-04-01,1,transfer,,,,,growth,,\n")

    def numbers(staffing: Path | None) -> object:
        return load_scenario("village_today", opening=cases, staffing=staffing).plan.values  # noqa: PD011 (a plan's)

    assert numbers(as_it_is) == numbers(None)
    assert numbers(hired) != numbers(None)
    with pytest.raises(ScenarioError, match="while it is played"):
        load_scenario("village_today", opening=cases, staffing=early)

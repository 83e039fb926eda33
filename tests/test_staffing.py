"""Does a staffing sheet do what it says: cell by cell, day by day, and in play?"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from desk import Story, small, told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.__main__ import main
from sim.engines import reference
from sim.experiment import Study, compare, run
from sim.experiment.arms import Question, ask
from sim.pathway.kinds import Assign, Attribute, Duration, Exit, Team, Work
from sim.plan import Kind, Plan
from sim.record import EVENT_COLUMNS, What
from sim.scenario import Scenario, ScenarioError, load_scenario
from sim.scenario.files import shipped_folder
from sim.scenario.staffing import Roster, Row, plain, present_rows, read_sheet, roster, write_sheet
from sim.scenario.staffing.columns import COLUMNS, FROM_UNITS, HOWS, REASONS, SKILLS, STANDS, faults
from sim.scenario.staffing.roster import Before, Terms, value_on

TEAMS = {
    "intake": False,
    "psu": True,
    "dps": False,
    "specialist": False,
    "anti_corruption": False,
    "case_managers": False,
    "human_resources": False,
}
HEAD = ",".join(column.name for column in COLUMNS)

START, END = date(2026, 1, 1), date(2030, 1, 1)
TERMS = Terms(
    recruitment_lead=4,
    vetting_delay=2,
    training=6,
    ramp=2,
    start_speed=0.4,
    mentoring=0.2,
    speed_by_skill={"accredited": 1.0, "detective": 1.5},
    returned_by_skill={"accredited": 0.5, "detective": 0.25},
    set_up=4,
    set_up_share=0.1,
)


def made(*rows: Row, posts: float = 10, turnover: float = 0, terms: Terms = TERMS) -> Roster:
    """The roster of a team of ten."""
    before = Before(((START, float(posts)),), ((START, float(turnover)),))
    return roster("psu", rows, before, lambda day: terms, START, END)


def lines(tmp_path: Path, *rows: str, head: str = HEAD) -> Path:
    """A comma-separated sheet."""
    path = tmp_path / "plan.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


# --- by hand ------------------------------------------------------------------------------------------------------------

HIRED = Row("psu", date(2027, 4, 1), 1, "recruit")
IN_POST = date(2027, 10, 1)  # 183 days: six months of 30.4375 days
WORKS = date(2027, 11, 12)  # six weeks of training later


def test_a_hire_comes_after_lead_vetting_and_training_and_is_at_full_speed_after_the_ramp() -> None:
    one = made(HIRED)
    assert one.posts == ((START, 10.0), (WORKS, 11.0))
    assert [day for day, _ in one.speed] == [START, WORKS, WORKS + timedelta(30), WORKS + timedelta(61)]
    # Ten at full speed, one at 0.4 and a month later at 0.7, less the fifth of a colleague's time that each newcomer takes.
    assert [speed for _, speed in one.speed] == pytest.approx([1, 10.2 / 11, 10.5 / 11, 1])


def test_the_account_of_a_hire_says_when_it_was_funded_and_when_filled() -> None:
    quarters = {one.quarter: one for one in made(HIRED).ledger}
    assert next(iter(quarters)) == "2026Q1"
    assert list(quarters)[-1] == "2029Q4"
    assert len(quarters) == 16
    told = [
        (quarters[q].posts_funded, quarters[q].in_post, quarters[q].vacancies) for q in ("2027Q1", "2027Q3", "2027Q4")
    ]
    assert told == [(10, 10, 0), (11, 10, 1), (11, 11, 0)]
    # 42 of 92 days in training, 30 at 10.2, 20 at 10.5.
    assert quarters["2027Q4"].full_speed_equivalent == pytest.approx((42 * 10 + 30 * 10.2 + 20 * 10.5) / 92)
    assert quarters["2028Q2"].full_speed_equivalent == pytest.approx(11)
    assert quarters["2027Q4"].officer_days_from["external"] == 92
    assert [(name, one.training_days) for name, one in quarters.items() if one.training_days] == [("2027Q4", 42)]


def test_transfers_and_secondees_are_named_so_they_go_without_the_lead() -> None:
    vetted = date(2027, 4, 1) + timedelta(61)
    for how in ("transfer", "secondee"):
        one = made(replace(HIRED, how=how, until=date(2029, 1, 1) if how == "secondee" else None))
        assert one.posts[1] == (vetted + timedelta(42), 11.0)


def test_a_secondee_is_back_on_the_day_and_those_with_a_skill_need_no_training() -> None:
    until = date(2028, 6, 1)
    row = Row("psu", date(2027, 4, 1), 2, "secondee", fte=0.5, skill="detective", until=until, from_unit="other_crime")
    one = made(row)
    works = date(2027, 4, 1) + timedelta(61)
    assert one.posts == ((START, 10.0), (works, 12.0), (until, 10.0))
    # Two half-time posts of one and a half times the speed.
    assert value_on(one.speed, date(2028, 1, 1)) == pytest.approx((10 + 2 * 0.5 * 1.5) / 12)
    assert value_on(one.returned, date(2028, 1, 1)) == pytest.approx((10 + 2 * 0.25) / 12)
    assert value_on(one.speed, until) == 1
    assert sum(quarter.officer_days_from["other_crime"] for quarter in one.ledger) == (until - works).days
    assert not any(quarter.training_days for quarter in one.ledger)
    assert [q.posts_funded for q in one.ledger if q.quarter in ("2027Q2", "2028Q3")] == [12, 10]


def test_people_leave_one_by_one_evenly_and_each_is_replaced() -> None:
    # One in ten a year of ten: one person a year, the first when half of one was to be expected.
    one = made(posts=10, turnover=0.1, terms=replace(TERMS, recruitment_lead=0, vetting_delay=1, training=0))
    leavers = {quarter.quarter: quarter.leavers for quarter in one.ledger if quarter.leavers}
    assert sum(leavers.values()) == 4
    falls = [day for (_, before), (day, after) in pairwise(one.posts) if after == before - 1]
    assert len(falls) == 4
    assert falls[0] - START == pytest.approx(timedelta(182.6), abs=timedelta(1))
    gaps = [(later - earlier).days for earlier, later in pairwise(falls)]
    assert all(365 <= gap <= 370 for gap in gaps), "a little more than a year, since the post stands empty for a month"
    rises = [day for (_, before), (day, after) in pairwise(one.posts) if after == before + 1]
    assert [(up - down).days for down, up in zip(falls, rises, strict=True)] == [30] * 4
    assert value_on(one.speed, rises[0]) == pytest.approx((9 + 0.4 - 0.2) / 10)
    assert all(quarter.posts_funded == 10 for quarter in one.ledger)


def test_leavers_posts_given_up_and_vacancies_that_are_filled() -> None:
    leaver = made(Row("psu", date(2027, 4, 1), -1, "leaver", reason="present"))
    assert leaver.posts == ((START, 10.0), (date(2027, 4, 1), 9.0), (WORKS, 10.0))
    cut = made(Row("psu", date(2027, 4, 1), -2, "transfer", from_unit="bcu", reason="reorganisation"))
    assert cut.posts == ((START, 10.0), (date(2027, 4, 1), 8.0))
    assert [q.vacancies for q in cut.ledger] == [0] * 16
    assert cut.ledger[-1].officer_days_from["bcu"] == -2 * 92
    half = made(
        Row("psu", START, 10, "established", in_post=8, reason="present"), replace(HIRED, posts=2, reason="replacement")
    )
    assert half.posts == ((START, 8.0), (WORKS, 10.0))
    assert [q.posts_funded for q in half.ledger] == [10] * 16
    assert [q.vacancies for q in half.ledger if q.quarter in ("2027Q1", "2027Q4")] == [2, 0]


def test_a_post_never_comes_on_the_day_another_goes() -> None:
    leaver = Row("psu", WORKS, -1, "leaver", reason="present")
    one = made(HIRED, leaver)
    assert (value_on(one.posts, WORKS), value_on(one.posts, WORKS + timedelta(1))) == (9.0, 10.0)


def test_bringing_units_together_takes_everybodys_time_first() -> None:
    one = made(Row("psu", date(2027, 4, 1), 0, "pool", reason="reorganisation"))
    together = date(2027, 4, 1) + timedelta(122)
    assert one.pooled_on == together
    assert one.speed == ((START, 1.0), (date(2027, 4, 1), 0.9), (together, 1.0))
    assert one.posts == ((START, 10.0),)


def test_mentoring_takes_no_more_than_colleagues_have() -> None:
    one = made(replace(HIRED, posts=9), posts=1, terms=replace(TERMS, mentoring=0.4, start_speed=0.0))
    assert value_on(one.speed, WORKS) == 0
    assert all(speed >= 0 for _, speed in one.speed)


# --- round trips --------------------------------------------------------------------------------------------------------


def days() -> st.SearchStrategy[date]:
    return st.dates(date(2019, 4, 1), date(2031, 12, 31))


@st.composite
def right_rows(draw: st.DrawFn) -> Row:
    """Any row that is right."""
    how = draw(st.sampled_from(sorted(HOWS)))
    on = draw(days())
    posts = draw(st.floats(0, 500) if how == "established" else st.integers(1, 50).map(float))
    stands = how in STANDS
    row = Row(
        team="psu" if how == "pool" else draw(st.sampled_from(sorted(TEAMS))),
        on=on,
        posts={"leaver": -posts, "pool": 0.0, "turnover": 0.0, "as_it_is": 0.0}.get(how, posts),
        how=how,
        in_post=draw(st.none() | st.floats(0, posts)) if how == "established" else None,
        fte=draw(st.floats(0.05, 1)),
        skill="none" if how == "established" else draw(st.sampled_from(sorted(SKILLS))),
        until=draw(st.dates(on + timedelta(1), date(2040, 1, 1))) if how == "secondee" else None,
        reason="present" if stands else draw(st.sampled_from(sorted(set(REASONS) - {"present", "replacement"}))),
        from_unit=draw(st.sampled_from(sorted(FROM_UNITS))),
        turnover=draw(st.floats(0, 2)) if how == "turnover" else None,
    )
    assert not faults(row, TEAMS[row.team])
    return row


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(right_rows(), min_size=1, max_size=8, unique_by=lambda row: (row.team, row.how, row.on)))
def test_what_is_written_reads_back_equal_to_the_last_digit(tmp_path: Path, ending: str, rows: list[Row]) -> None:
    path = tmp_path / f"plan.{ending}"
    write_sheet(rows, path)
    first = path.read_bytes()
    sheet = read_sheet(path, TEAMS)
    assert sheet.rows == tuple(rows)
    write_sheet(sheet.rows, path)
    assert path.read_bytes() == first


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize(
    ("name", "world"), [("today", "slack"), ("village_today", "psu_saturated"), ("casey_2022", "dps_saturated")]
)
def test_the_staffing_of_a_scenario_laid_over_it_changes_nothing(
    tmp_path: Path, name: str, world: str, ending: str
) -> None:
    path = tmp_path / f"present.{ending}"
    with pytest.raises(SystemExit) as left:
        main(["staffing", name, "--world", world, "--out", str(path)])
    assert left.value.code in (0, None)
    before = load_scenario(name, world=world)
    after = load_scenario(name, world=world, staffing=path)
    assert after.plan == before.plan
    assert {row.team for row in after.staffing.rows} == set(TEAMS)  # type: ignore[union-attr]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("name", ["today", "casey_2022", "village_today"])
def test_an_unchanged_export_without_a_world_changes_nothing_in_any_world(
    tmp_path: Path, name: str, ending: str
) -> None:
    path = tmp_path / f"present.{ending}"
    with pytest.raises(SystemExit) as left:
        main(["staffing", name, "--out", str(path)])
    assert left.value.code in (0, None)
    posts = set()
    for world in ("slack", "psu_saturated", "dps_saturated"):
        before = load_scenario(name, world=world)
        after = load_scenario(name, world=world, staffing=path)
        assert after.plan == before.plan
        assert {row.team for row in after.staffing.rows} == set(TEAMS)  # type: ignore[union-attr]
        posts.add(tuple(made.before.posts for made in before.rosters))
    assert len(posts) == 3  # so that rows of one world would change another


def test_rows_of_one_world_laid_over_others_are_told_of_with_both_numbers(tmp_path: Path) -> None:
    path = tmp_path / "present.csv"
    with pytest.raises(SystemExit):
        main(["staffing", "today", "--world", "slack", "--out", str(path)])
    worlds = ("slack", "dps_saturated")
    asked = ask("today", question=Question(None, {}), worlds=worlds, staffing=[path])
    (told,) = (note for note in asked.notes if "established rows of present.csv" in note)
    own = {
        world: dict(zip(TEAMS, (made.before.posts[-1][1] for made in asked.rosters["today", world]), strict=True))
        for world in worlds
    }
    assert own["slack"]["dps"] != own["dps_saturated"]["dps"]
    assert f"dps {own['dps_saturated']['dps']:g} by {own['slack']['dps']:g} in dps_saturated" in told
    assert "in slack" not in told
    alone = ask("today", question=Question(None, {}), worlds=worlds[:1], staffing=[path])
    assert not any("established rows" in note for note in alone.notes)


def test_turnover_of_a_scenario_is_written_too_and_its_leavers_are_not_written_as_posts_cut(tmp_path: Path) -> None:
    asked = {"staffing.turnover.psu@2027-01-01": "0.3"}
    before = load_scenario("today", settings=asked)
    rows = present_rows(before.rosters, before.plan.starts_on, before.plan.day(before.plan.ends_at))
    path = tmp_path / "present.csv"
    write_sheet(rows, path)
    assert load_scenario("today", staffing=path).plan == before.plan
    assert before.plan != load_scenario("today").plan


@pytest.mark.parametrize("path", sorted((shipped_folder() / "staffing").glob("*.csv")), ids=lambda path: path.stem)
def test_every_sheet_that_is_shipped_loads_in_every_world_and_does_something(path: Path) -> None:
    for world in ("slack", "psu_saturated", "dps_saturated"):
        without, with_it = (load_scenario("today", world=world, staffing=one) for one in (None, path))
        assert without.plan != with_it.plan
        first = min(row.on for row in with_it.staffing.rows)  # type: ignore[union-attr]
        for one, other in zip(without.plan.values, with_it.plan.values, strict=True):
            minute = without.plan.minute(first) - 1
            assert one.at(minute) == other.at(minute), one.name


# --- bad cells ----------------------------------------------------------------------------------------------------------

GOOD = "psu,2027-04-01,2,recruit,,,,,,,"
BAD_ROWS = [
    ("psi,2027-04-01,2,recruit,,,,,,,", "team", "'psi'", "did you mean 'psu'?"),
    ("psu,2027-04-01,2,as_it_is,,,,,,,", "posts", "'2'", "0 posts"),
    (",2027-04-01,2,recruit,,,,,,,", "team", "an empty cell", "which team"),
    (
        "psu,01/10/2027,2,recruit,,,,,,,",
        "date",
        "'01/10/2027'",
        "write 2027-10-01 for 1 October 2027 or 2027-01-10 for 10 January 2027",
    ),
    ("psu,25.4.27,2,recruit,,,,,,,", "date", "'25.4.27'", "write 2027-04-25 for 25 April 2027"),
    ("psu,04/04/2027,2,recruit,,,,,,,", "date", "'04/04/2027'", "write 2027-04-04 for 4 April 2027"),
    ("psu,32/04/2027,2,recruit,,,,,,,", "date", "'32/04/2027'", "a date such as 2027-04-01"),
    ("psu,,2,recruit,,,,,,,", "date", "an empty cell", "the day"),
    ("psu,2027-04-01,two,recruit,,,,,,,", "posts", "'two'", "a number from"),
    ("psu,2027-04-01,nan,recruit,,,,,,,", "posts", "'nan'", "a number from"),
    ("psu,2027-04-01,99999,recruit,,,,,,,", "posts", "'99999'", "a number from"),
    ("psu,2027-04-01,2.5,recruit,,,,,,,", "posts", "'2.5'", "a whole number"),
    ("psu,2027-04-01,-2,recruit,,,,,,,", "posts", "'-2'", "1 or more"),
    ("psu,2027-04-01,0,transfer,,,,,,,", "posts", "'0'", "not 0"),
    ("psu,2027-04-01,1,leaver,,,,,,,", "posts", "'1'", "-1 or below"),
    ("psu,2027-04-01,1,pool,,,,,,,", "posts", "'1'", "0 posts"),
    ("psu,2027-04-01,1,turnover,,,,,,,0.1", "posts", "'1'", "0 posts"),
    ("psu,2027-04-01,-1,established,,,,,,,", "posts", "'-1'", "0 or more"),
    ("psu,2027-04-01,2,recrut,,,,,,,", "how", "'recrut'", "did you mean 'recruit'?"),
    ("dps,2027-04-01,0,pool,,,,,,,", "how", "'pool'", "no units"),
    ("psu,2027-04-01,2,established,3,,,,,,", "in_post", "'3'", "at most the posts, 2"),
    ("psu,2027-04-01,2,recruit,1,,,,,,", "in_post", "'1'", "nothing"),
    ("psu,2027-04-01,2,recruit,,1.2,,,,,", "fte", "'1.2'", "0.05 to 1"),
    ("psu,2027-04-01,2,recruit,,,detectiv,,,,", "skill", "'detectiv'", "did you mean 'detective'?"),
    ("psu,2027-04-01,2,established,,,detective,,,,", "skill", "'detective'", "none"),
    ("psu,2027-04-01,2,secondee,,,,,,,", "until", "nothing", "a day after 2027-04-01"),
    ("psu,2027-04-01,2,secondee,,,,2027-04-01,,,", "until", "'2027-04-01'", "a day after"),
    ("psu,2027-04-01,2,secondee,,,,soon,,,", "until", "'soon'", "a date such as"),
    ("psu,2027-04-01,2,recruit,,,,2028-04-01,,,", "until", "'2028-04-01'", "nothing"),
    ("psu,2027-04-01,2,recruit,,,,,grwth,,", "reason", "'grwth'", "did you mean 'growth'?"),
    ("psu,2027-04-01,2,recruit,,,,,present,,", "reason", "'present'", "any other"),
    ("psu,2027-04-01,2,established,,,,,growth,,", "reason", "'growth'", "present"),
    ("psu,2027-04-01,-2,transfer,,,,,replacement,,", "reason", "'replacement'", "another reason"),
    ("psu,2027-04-01,2,recruit,,,,,,frontline,", "from_unit", "'frontline'", "did you mean 'front_line'?"),
    ("psu,2027-04-01,2,recruit,,,,,,,0.1", "turnover", "'0.1'", "nothing"),
    ("psu,2027-04-01,0,turnover,,,,,,,", "turnover", "nothing", "a rate"),
    ("psu,2027-04-01,0,turnover,,,,,,,20%", "turnover", "'20%'", "a number from 0 to 2"),
]


@pytest.mark.parametrize(("line", "column", "found", "expected"), BAD_ROWS)
def test_a_bad_cell_is_told_with_its_place_and_what_is_right(
    tmp_path: Path, line: str, column: str, found: str, expected: str
) -> None:
    path = lines(tmp_path, GOOD, line)
    with pytest.raises(ScenarioError) as error:
        read_sheet(path, TEAMS)
    (problem,) = error.value.problems
    assert (problem.file, problem.key) == (str(path), f"row 3, column '{column}'")
    assert problem.found == found
    assert expected in problem.expected


def test_letters_large_or_small_are_the_same_names_and_words(tmp_path: Path) -> None:
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_text("team,date,posts,how,skill\npsu,2027-10-01,2,recruit,detective\n", encoding="utf-8")
    large.write_text("Team,DATE,Posts,how,Skill\nPSU,2027-10-01,2,Recruit,DETECTIVE\n", encoding="utf-8")
    assert read_sheet(large, TEAMS).rows == read_sheet(small, TEAMS).rows


@pytest.mark.parametrize(("mark", "said"), [(";", "';'"), ("\t", "tabs"), ("|", r"'\|'")])
def test_another_separator_is_told_once_and_as_such(tmp_path: Path, mark: str, said: str) -> None:
    path = lines(tmp_path, GOOD.replace(",", mark), head=HEAD.replace(",", mark).title())
    with pytest.raises(ScenarioError, match=f"cells with {said} between them") as error:
        read_sheet(path, TEAMS)
    (problem,) = error.value.problems
    assert "commas between them" in problem.expected


def test_all_that_is_wrong_is_told_at_once_in_a_workbook_too(tmp_path: Path) -> None:
    from xlsxwriter import Workbook

    path = tmp_path / "plan.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet("staffing")
        bad = [("team", "date", "posts", "how"), ("psi", 46000.5, "two", True), ("psu", "2027-04-01", 1, "recrut")]
        for at, line in enumerate(bad):
            sheet.write_row(at, 0, line)
    with pytest.raises(ScenarioError) as error:
        read_sheet(path, TEAMS)
    assert [problem.key for problem in error.value.problems] == [
        "sheet staffing, row 2, column 'team'",
        "sheet staffing, row 2, column 'date'",
        "sheet staffing, row 2, column 'posts'",
        "sheet staffing, row 2, column 'how'",
        "sheet staffing, row 3, column 'how'",
    ]


def test_names_numbers_of_people_and_remarks_are_refused_and_not_spread(tmp_path: Path) -> None:
    secret = "Somebody with a very long name"
    path = lines(
        tmp_path,
        f"psu,2027-04-01,1,recruit,{secret},{secret}",
        f"psu,2027-04-01,1,{secret},1,2",
        head="team,date,posts,how,warrant_number,remark about the person",
    )
    with pytest.raises(ScenarioError) as error:
        read_sheet(path, TEAMS)
    told = "\n".join(str(problem) for problem in error.value.problems)
    assert "row 1, column 5: found a column called 'warrant_number'" in told
    assert "row 1, column 6: found a column called 'remark about the per…'" in told
    assert "no names, numbers of people or remarks" in told
    assert secret not in told
    assert secret[:20] in told


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"\n\n", "an empty file"),
        (HEAD.encode(), "no rows"),
        (b"date,posts,how\n2027-04-01,1,recruit\n", "no column 'team'"),
        (b"team,team,date,posts,how\n,psu,2027-04-01,1,recruit\n", "a second column 'team'"),
        (b"team,date,posts,how\npsu,2027-04-01,1,recruit,extra\n", "a cell beyond the last column"),
        (b'team,date,posts,how\n"psu,2027-04-01,1,recruit\n', "quotation marks that do not close"),
        (b"team,date,posts,how\n\xff\n", "a byte that is not UTF-8"),
        (b"x" * 2_000_001, "more than 2,000,000 bytes"),
        (b"team,date,posts,how\n" + b"psu,2027-04-01,5,established\n" * 2, "a second established row"),
        (b"team,date,posts,how\n" + b"psu,2027-04-01,1,recruit\n" * 5_001, "5,001 rows"),
    ],
)
def test_a_bad_file_is_told(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "plan.csv"
    path.write_bytes(content)
    with pytest.raises(ScenarioError, match=found):
        read_sheet(path, TEAMS)


def test_a_file_that_is_not_there_or_is_no_sheet_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="No such file"):
        read_sheet(tmp_path / "none.csv", TEAMS)
    with pytest.raises(ScenarioError, match=r"ending '\.ods'"):
        read_sheet(tmp_path / "plan.ods", TEAMS)
    with pytest.raises(ScenarioError, match=r"ending '\.txt'"):
        write_sheet([HIRED], tmp_path / "plan.txt")
    with pytest.raises(ScenarioError, match="No such file"):
        write_sheet([HIRED], tmp_path / "none" / "plan.csv")
    no_workbook = tmp_path / "plan.xlsx"
    no_workbook.write_bytes(b"team,date")
    with pytest.raises(ScenarioError, match="a workbook that cannot be read"):
        read_sheet(no_workbook, TEAMS)


def test_a_workbook_has_no_other_sheets(tmp_path: Path) -> None:
    from xlsxwriter import Workbook

    path = tmp_path / "plan.xlsx"
    with Workbook(path) as book:
        book.add_worksheet("people")
    with pytest.raises(ScenarioError) as error:
        read_sheet(path, TEAMS)
    assert [problem.found for problem in error.value.problems] == [
        "a sheet called 'people'",
        "no sheet called 'staffing'",
    ]
    with Workbook(path) as book:
        book.add_worksheet("staffing")
    with pytest.raises(ScenarioError, match="an empty sheet"):
        read_sheet(path, TEAMS)


def test_what_only_the_scenario_can_tell_is_told_with_the_row(tmp_path: Path) -> None:
    path = lines(tmp_path, GOOD, "psu,2018-04-01,2,recruit,,,,,,,", "psu,9999-12-31,2,recruit,,,,,,,")
    with pytest.raises(ScenarioError) as error:
        load_scenario("today", staffing=path)
    assert [problem.key for problem in error.value.problems] == ["row 3", "row 4"]
    assert "2019-04-01 to before 2032-01-01" in error.value.problems[0].expected
    path = lines(
        tmp_path, "psu,2027-04-01,-71,transfer,,,,,reform,,", "dps,2027-04-01,1,recruit,,,,,replacement,,", GOOD
    )
    with pytest.raises(ScenarioError) as error:
        load_scenario("today", staffing=path)
    assert [(problem.key, problem.expected) for problem in error.value.problems] == [
        ("row 2", "no more than are there"),
        ("row 3", "no more than are vacant; growth funds new ones"),
    ]
    assert "when 70 are there" in error.value.problems[0].found


# --- in play: a desk that always has more to do -------------------------------------------------------------------------

OPENED = date(2010, 1, 1)
BUSY_END = date(2011, 4, 1)
BUSY_TERMS = replace(
    TERMS, recruitment_lead=3, vetting_delay=0, training=0, ramp=2, start_speed=0.1, mentoring=0.4, set_up_share=0.2
)


def busy_desk(*rows: Row, posts: float = 4, units: int = 1, slots: float = 1, all_in: int | None = None) -> Plan:
    """A team with more cases than it can do, each a day of work at full speed, staffed by rows. `all_in`: the place of all cases."""
    before = Before(((OPENED, posts),), ((OPENED, 0.0),))
    made = roster("team", rows, before, lambda day: BUSY_TERMS, OPENED, BUSY_END)
    together = {made.pooled_on: 1.0} if made.pooled_on else {}
    place = all_in or 0
    return small(
        (
            Assign("take", team="team", next="work"),
            Work("work", team="team", effort=Duration("effort"), next="give_back"),
            Assign("give_back", team=None, next="end"),
            Exit("end"),
        ),
        {
            "rate": ("rate_per_year", 6000),
            "effort": ("days", 1),
            "posts": ("posts", dict(made.posts)),
            "speed": ("ratio", dict(made.speed)),
            "slots": ("cases_per_post", slots),
            "pools": ("switch", {OPENED: 0.0, **together}),
            "units": ("count", {OPENED: float(units), **together}),
            "places": ("count", 2),
            "place.0": ("share", 1 - place),
            "place.1": ("share", place),
            "reading_in": ("hours", 12),
        },
        to=BUSY_END,
        attributes=(Attribute("case.place", levels=("0", "1"), drawn="place"),),
        teams=(
            Team(
                "team", owner="us", posts="posts", slots="slots", pools="pools", units="units", unit_of="case.place",
                places="places", calendar="all_hours", oldest="case.received_on", staffing="speed",
                hand_over="reading_in",
            ),
        ),
    )  # fmt: skip


def a_day(story: Story, first: date, after: date) -> float:
    """Cases done a day."""
    opens, ends = story.plan.minute(first), story.plan.minute(after)
    done = [row for row in story.rows(What.LEFT, node="end") if opens <= row.minute < ends]
    return len(done) / (after - first).days


def test_a_hire_hurts_while_mentored_and_helps_after_the_ramp() -> None:
    story = told(busy_desk(Row("team", date(2010, 3, 1), 2, "recruit")))
    works = date(2010, 3, 1) + timedelta(91)
    assert a_day(story, date(2010, 2, 1), works) == pytest.approx(4, rel=0.02)
    # Two newcomers at a tenth, less two fifths of a colleague each; after a month at 0.55; then at full speed.
    assert a_day(story, works + timedelta(3), works + timedelta(30)) == pytest.approx(3.4, rel=0.05)
    assert a_day(story, works + timedelta(33), works + timedelta(61)) == pytest.approx(4.3, rel=0.05)
    assert a_day(story, works + timedelta(64), BUSY_END) == pytest.approx(6, rel=0.02)


def test_bringing_units_together_hurts_first_and_then_helps() -> None:
    pool = Row("team", date(2010, 6, 1), 0, "pool", reason="reorganisation")
    story = told(busy_desk(pool, units=2, all_in=1))
    together = date(2010, 6, 1) + timedelta(122)
    # All cases belong to one of two units of two posts each.
    assert a_day(story, date(2010, 2, 1), date(2010, 6, 1)) == pytest.approx(2, rel=0.03)
    assert a_day(story, date(2010, 6, 4), together) == pytest.approx(1.6, rel=0.03)
    assert a_day(story, together + timedelta(3), BUSY_END) == pytest.approx(4, rel=0.02)


def test_what_a_leaver_held_is_handed_over_and_the_clock_shows_it() -> None:
    gone = date(2010, 7, 1)
    left, stayed = (
        told(busy_desk(*rows, slots=2)) for rows in ([Row("team", gone, -1, "leaver", reason="present")], [])
    )
    # Each post holds two cases and works on one. The highest of posts 0 to 3 ends its bout and goes; the other case waits for a place.
    (handed,) = left.rows(What.QUEUED, node="work")
    minute = left.minute(2010, 7, 1)
    assert minute <= handed.minute < minute + 1440
    posts = [row.item for row in left.rows(What.ALLOCATED, case=handed.case)]
    assert posts[0] == 3
    assert posts[1] < 3
    assert not stayed.rows(What.QUEUED, node="work")
    (begun,), (done,) = left.rows(What.STARTED, case=handed.case), left.rows(What.WORKED, case=handed.case)
    assert done.minute - begun.minute == 1440 + 12 * 60, "a day, and twelve hours of reading in"
    ends = [story.minutes(What.LEFT, case=handed.case)[0] for story in (stayed, left)]
    assert ends[1] >= ends[0] + 12 * 60
    # The post is filled again once somebody was found, and works as fast as before when they are up to speed.
    assert a_day(left, date(2010, 7, 5), gone + timedelta(91)) == pytest.approx(3, rel=0.03)
    assert a_day(left, gone + timedelta(91 + 64), BUSY_END) == pytest.approx(4, rel=0.03)


def test_secondees_help_while_they_are_there_and_leave_on_the_day() -> None:
    until = date(2010, 9, 1)
    row = Row("team", date(2010, 3, 1), 2, "secondee", skill="accredited", until=until)
    story = told(busy_desk(row, slots=2))
    minute = story.minute(2010, 9, 1)
    # At full speed after a ramp of two months.
    assert a_day(story, date(2010, 5, 4), until) == pytest.approx(6, rel=0.02)
    assert a_day(story, date(2010, 9, 3), BUSY_END) == pytest.approx(4, rel=0.02)
    begun = [row.minute for row in story.rows(What.STARTED) if row.item >= 4]
    assert minute - 2 * 1440 < max(begun) < minute, "the two highest posts begin no bout from that day on"
    # Each held two cases and had one in hand: the other is handed over on the day.
    handed = story.rows(What.QUEUED, node="work")
    assert len(handed) == 2
    assert all(minute <= row.minute < minute + 1440 for row in handed)
    for row in handed:
        posts = [given.item for given in story.rows(What.ALLOCATED, case=row.case)]
        assert posts[0] in (4, 5)
        assert posts[1] < 4


# --- in play: a small force whose local units are short of places -------------------------------------------------------


def village(tmp_path: Path, *rows: str, **more: object) -> Scenario:
    sheet = lines(tmp_path, *rows) if rows else None
    return load_scenario("village_today", world="psu_saturated", staffing=sheet, **more)  # type: ignore[arg-type]


def events(plan: Plan) -> pd.DataFrame:
    record = reference.play(plan, 1, 0)
    return pd.DataFrame({column: record.events[column] for column in EVENT_COLUMNS})


def test_a_hire_changes_nothing_before_the_day_they_take_cases(tmp_path: Path) -> None:
    without = village(tmp_path)
    hired = village(tmp_path, "psu,2027-04-01,1,recruit,,,,,growth,external,")
    (psu,) = (one for one in hired.rosters if one.team == "psu")
    works = next(day for day, posts in psu.posts if posts > psu.posts[0][1])
    assert works > date(2027, 9, 1)
    before, after = events(without.plan), events(hired.plan)
    minute = without.plan.minute(works)
    pd.testing.assert_frame_equal(before[before.minute < minute], after[after.minute < minute])
    assert len(before) != len(after) or not before.equals(after)


def test_a_leavers_cases_go_to_colleagues(tmp_path: Path) -> None:
    plans = [village(tmp_path, *rows).plan for rows in ([], ["psu,2027-04-01,-1,leaver,,,,,,,"])]
    minute = plans[0].minute(date(2027, 4, 1))
    assigns = [at for at, node in enumerate(plans[0].nodes) if node.kind == Kind.ASSIGN]
    without, left = (events(plan) for plan in plans)
    # Whoever has been allocated is allocated again only when handed over, wherever the case then is.
    again = [
        rows[(rows.what == What.ALLOCATED) & ~rows.node.isin(assigns) & rows.minute.between(minute, minute + 90 * 1440)]
        for rows in (without, left)
    ]
    assert len(again[0]) == 0
    assert 1 <= len(again[1]) <= 4, "a post of a local unit holds four at most"
    assert set(again[1].item) <= {0, 1}
    held = left[(left.what == What.ALLOCATED) & (left.minute < minute) & left.case.isin(again[1].case)]
    assert set(held.groupby("case").tail(1).item) == {2}, "the highest of posts 0 to 2 goes"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Sheets and two reforms in one small force, in the same futures."""
    folder = tmp_path_factory.mktemp("sheets")
    (folder / "two_hires.csv").write_text(f"{HEAD}\npsu,2023-04-01,2,recruit,,,,,growth,external,\n")
    (folder / "as_one.csv").write_text(f"{HEAD}\npsu,2023-04-01,0,pool,,,,,reorganisation,,\n")
    return compare(
        "village_today",
        ["caseload_cap"],
        worlds=["psu_saturated"],
        staffing=[folder / "two_hires.csv", folder / "as_one.csv"],
        settings={"psu.units": "2"},
        replications=4,
        engine="reference",
        workers=1,
        out=folder / "results",
        opposites=False,
    )


def difference(study: Study, label: str, measure: str) -> float:
    table = study.differences
    rows = table[(table.scenario == label) & (table.measure == measure) & (table.group == "team=psu")]
    whole = rows[rows.period.str.contains("/")]
    return float((whole if len(whole) else rows).iloc[-1]["mean"])


@pytest.mark.slow
def test_a_lower_cap_trades_cases_in_hand_for_cases_unallocated(study: Study) -> None:
    assert difference(study, "caseload_cap", "live_cases") < 0
    assert difference(study, "caseload_cap", "unallocated_cases") > 0


@pytest.mark.slow
def test_more_posts_and_one_pool_shorten_the_wait_for_a_place(study: Study) -> None:
    for label in ("two_hires", "as_one"):
        assert difference(study, label, "mean_days_waiting_for_a_slot") < 0
        assert difference(study, label, "unallocated_cases") < 0


@pytest.mark.slow
def test_a_result_keeps_its_sheets_so_that_it_can_be_played_again(study: Study, tmp_path: Path) -> None:
    assert study.folder is not None
    told = json.loads((study.folder / "run.json").read_text(encoding="utf-8"))
    assert [arm["staffing"] for arm in told["arms"]] == ["", "", "two_hires.csv", "as_one.csv"]
    kept = told["staffing"]["two_hires.csv"]
    assert kept["sha256"] == told["inputs"]["staffing/two_hires.csv"]
    text = io.StringIO()
    writer = csv.DictWriter(text, [column.name for column in COLUMNS])
    writer.writeheader()
    writer.writerows(kept["rows"])
    again = tmp_path / "again.csv"
    again.write_text(text.getvalue())
    plan = load_scenario("village_today", world="psu_saturated", settings={"psu.units": "2"}, staffing=again).plan
    assert plan.fingerprint == next(arm["plan"] for arm in told["arms"] if arm["label"] == "two_hires")
    assert any("staffing sheet" in one for one in told["arms"][2]["follows_from_assumption"])
    assert [word for word in told["command"] if word == "--staffing"] == ["--staffing"] * 2

    table = pd.read_csv(study.folder / "staffing.csv")
    assert set(table.scenario) == {"village_today", "caseload_cap", "two_hires", "as_one"}
    psu = table[(table.team == "psu") & (table.quarter == "2025Q1")].set_index("scenario")
    assert psu.in_post["two_hires"] == pytest.approx(psu.in_post["village_today"] + 2)
    assert psu.officer_days_from_external["two_hires"] == 2 * 90


def test_a_plain_run_takes_one_sheet_and_is_named_by_it(tmp_path: Path) -> None:
    sheet = lines(tmp_path, GOOD)
    one = run("village_today", staffing=sheet, replications=1, engine="reference", workers=1)
    assert one.labels == ("village_today", "plan")
    assert one.staffing is not None
    assert set(one.staffing.team) == set(TEAMS)


def test_the_command_line_tells_every_problem_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = lines(tmp_path, "psi,2027-04-01,2,recruit,,,,,,,", "psu,2027-04-01,2,recrut,,,,,,,")
    for words in (["run", "village_today"], ["compare", "village_today"], ["staffing", "village_today"]):
        out = tmp_path / "results"
        more = ["--out", str(out / "x.csv" if words[0] == "staffing" else out)]
        with pytest.raises(SystemExit) as left:
            main([*words, "--staffing", str(sheet), *more])
        assert left.value.code == 2
        assert len(capsys.readouterr().err.splitlines()) == 2
        assert not out.exists()


def test_the_command_line_shows_the_columns_and_the_quarters(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["staffing", "today", "--columns"])
    shown = capsys.readouterr().out
    assert all(f"{column.name}: " in shown for column in COLUMNS)
    assert "a sheet called 'staffing' of an .xlsx workbook" in shown
    for word, meaning in REASONS.items():
        assert re.search(rf"^ +{word}  +{re.escape(meaning)}$", shown, re.MULTILINE), (
            "a word and what it means stand apart"
        )
    with pytest.raises(SystemExit):
        main(["staffing", "today", "--all"])
    rows: Sequence[dict[str, str]] = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    first = next(row for row in rows if row["team"] == "dps" and row["quarter"] == "2023Q1")
    # 110 posts for January, 240 from 1 February.
    assert float(first["in_post"]) == pytest.approx((31 * 110 + 59 * 240) / 90)
    assert {row["world"] for row in rows} == {"slack", "psu_saturated", "dps_saturated"}
    assert all(
        len(row[name].partition(".")[2]) <= 6 for row in rows for name in ("posts_funded", "full_speed_equivalent")
    )


def test_posts_are_shown_where_they_change_in_the_window(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = lines(tmp_path, "psu,2028-04-01,-10,transfer,,,,,,,")
    told = {}
    for name, words in (("plain", []), ("with it", ["--staffing", str(sheet)])):
        with pytest.raises(SystemExit):
            main(["staffing", "today", *words])
        told[name] = capsys.readouterr().out
    plain, with_it = ([line.split() for line in text.splitlines()] for text in told.values())
    assert not [row for row in plain if any("2019" in cell for cell in row)], "the window opens in 2027"
    assert ["specialist", "every", "world", "2027Q1", "(Jan", "to", "Mar)", "20", "20", "20", "0", "0"] in plain
    assert ["psu", "psu_saturated", "2027Q1", "(Jan", "to", "Mar)", "55", "55", "55", "0", "0"] in plain
    more = [row for row in with_it if row not in plain]
    assert more == [["2028Q2", "(Apr", "to", "Jun)", posts, posts, posts, "0", "0"] for posts in ("60", "45")]
    assert "appropriate_authority (authority.posts) and vetting (vetting.reviewers)" in told["plain"]


def test_a_team_that_no_sheet_can_staff_is_met_with_what_changes_it(tmp_path: Path) -> None:
    names = ("authority", "Appropriate Authority", "vetting", "hearing chairs", "iopc", "psi")
    sheet = lines(tmp_path, *(f"{name},2027-04-01,6,transfer,,,,,,," for name in names))
    with pytest.raises(ScenarioError) as caught:
        load_scenario("today", staffing=sheet)
    told = [problem.expected for problem in caught.value.problems]
    for one in told[:2]:
        assert one.startswith("one of intake, psu, dps, ")
        assert "--arm authority.posts@2027-04-01=+6" in one
        assert "(more_decision_makers)" in one
    assert "--arm vetting.reviewers@2027-04-01=+6" in told[2]
    assert "--arm hearings.legally_qualified_chairs@2027-04-01=+6" in told[3]
    assert "(hearing_capacity)" in told[3]
    assert "(more_iopc_investigators)" in told[4]
    assert told[5] == "a known one; did you mean 'psu'?"
    own = {"authority.posts@2027-04-01": "+6"}
    base, changed = (load_scenario("today", own=one).numbers["authority.posts"] for one in ({}, own))
    assert changed.steps[-1][1] == base.steps[-1][1] + 6, "what it says does it"


def test_a_row_as_plain_text_leaves_out_what_is_empty() -> None:
    assert plain(Row("psu", date(2027, 4, 1), 0, "turnover", reason="present", turnover=0.2)) == {
        "team": "psu",
        "date": "2027-04-01",
        "posts": "0",
        "how": "turnover",
        "reason": "present",
        "turnover": "0.2",
    }

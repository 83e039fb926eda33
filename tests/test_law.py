"""Is the law by date whole, does each rule look at its own date, and does the book of a day say what was in force?"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sim.__main__ import main
from sim.evidence import EvidenceError, Problem, load_evidence
from sim.scenario import Scenario, ScenarioError, load_scenario
from sim.scenario.rule_book import (
    GROUPS,
    MOST_CHANGES,
    NEEDS,
    NOT_RULES,
    READINGS,
    YIELDS,
    Rule,
    in_words,
    next_changes,
    page,
    rule_book,
)

ROOT = Path(__file__).parents[1]
FIRST, TODAY = date(2008, 12, 1), date(2026, 11, 25)
DAY = timedelta(1)

# The ids of the timeline of law and events, by what can change a rule; decisions of the force alone are left out.
REGIMES = (
    "R0",
    "R1",
    "R1a",
    "R2",
    "R3",
    "R4",
    "R5",
    "R6",
    "R7",
    "R7a",
    "R8",
    "R9",
    "R10",
    "R11",
    "R12",
    "R13",
    "R14",
    "R15",
)
EVENTS = ("E1", "E2", "E3", "E4", "E5")


def plain(path: str) -> dict[str, Any]:
    """A file as TOML reads it, past the loader."""
    return tomllib.loads((ROOT / path).read_text(encoding="utf-8"))


LAW: dict[str, Any] = plain("scenarios/evidence/law.toml")["law"]
STEPS = sorted(
    ((step["from"], name, step) for name, number in LAW.items() for step in number["values"]), key=lambda step: step[:2]
)
TURNS = sorted({day for day, _, _ in STEPS if day > FIRST})


@cache
def load(name: str = "casey_2022", *reforms: str, **settings: str) -> Scenario:
    return load_scenario(name, reforms=reforms, settings={f"law.{key}": value for key, value in settings.items()})


def by_name(book: tuple[Rule, ...]) -> dict[str, Rule]:
    return {rule.key.removeprefix("law."): rule for rule in book}


# --- the law as it stands ---------------------------------------------------------------------------------------------------


def test_the_rules_of_2008_and_every_dated_change_give_exactly_the_rules_of_today() -> None:
    """Both books are written by hand; the changes are the dated steps of the evidence, in order of date."""
    then, now = plain("tests/rule_book_2008.toml"), plain("tests/rule_book_2026.toml")
    book = {name: rule["value"] for name, rule in then.items()}
    changed: dict[str, date] = {}
    for day, name, step in STEPS:
        if FIRST < day <= TODAY:
            if step["value"] != book[name]:
                changed[name] = day
            book[name] = step["value"]
    assert book == {name: rule["value"] for name, rule in now.items()}
    assert changed == {name: rule["since"] for name, rule in now.items() if "since" in rule}


def test_the_books_written_by_hand_tell_of_every_rule_and_of_no_other() -> None:
    then, now = plain("tests/rule_book_2008.toml"), plain("tests/rule_book_2026.toml")
    assert then.keys() == now.keys() == LAW.keys()
    for name, number in LAW.items():
        assert then[name]["unit"] == now[name]["unit"] == number["unit"], name
        assert now[name].get("looks_at", "now") == number.get("attach", "now"), name
        first = number["values"][0]
        assert (first["from"], first["value"]) == (FIRST, then[name]["value"]), name


def test_the_book_of_a_scenario_is_the_one_written_by_hand() -> None:
    for day, path in ((FIRST, "tests/rule_book_2008.toml"), (TODAY, "tests/rule_book_2026.toml")):
        told, book = plain(path), by_name(rule_book(load(), day))
        assert book.keys() == told.keys()
        for name, rule in book.items():
            assert (rule.value, rule.unit) == (told[name]["value"], told[name]["unit"]), name
            if "since" in told[name]:
                assert (rule.since, rule.attach) == (told[name]["since"], told[name].get("looks_at", "now")), name


@pytest.mark.parametrize("turn", TURNS, ids=str)
def test_on_a_day_of_change_only_what_has_a_step_that_day_changes(turn: date) -> None:
    before, after = (by_name(rule_book(load(), day)) for day in (turn - DAY, turn))
    stepped = {name: step for day, name, step in STEPS if day == turn}
    assert {name for name in after if after[name].since == turn} == stepped.keys()
    for name, rule in after.items():
        if name in stepped:
            assert rule.value == stepped[name]["value"], name
            assert rule.instrument == stepped[name].get("instrument", ""), name
        else:
            assert (rule.value, rule.since, rule.instrument) == (
                before[name].value,
                before[name].since,
                before[name].instrument,
            ), name


def test_changes_told_one_after_another_lead_from_the_first_book_to_that_of_today() -> None:
    words = {rule.key: rule.words for rule in rule_book(load(), FIRST)}
    turns = next_changes(load(), FIRST)
    for turn in turns:
        assert FIRST < turn.on <= TODAY
        assert words[turn.key] == turn.before
        assert turn.before != turn.after
        words[turn.key] = turn.after
    assert words == {rule.key: rule.words for rule in rule_book(load(), TODAY)}
    assert [turn.on for turn in turns] == sorted(turn.on for turn in turns)
    assert next_changes(load(), TODAY) == ()


def test_each_regime_makes_a_step_or_is_said_to_change_nothing() -> None:
    made = {step.get("regime", "") for _, _, step in STEPS}
    for regime in (*REGIMES, *EVENTS):
        assert (regime in made) != (regime in NOT_RULES), regime
        assert NOT_RULES.get(regime, "a reason"), regime
    assert NOT_RULES.keys() <= {*REGIMES, *EVENTS}


def test_both_readings_of_a_transitional_rule_are_held() -> None:
    for rule, reading, began in (("chief_officer_chairs", "panel_reads_referral", date(2024, 5, 7)),):
        assert READINGS[LAW[rule]["attach"]] == reading
        assert LAW[rule]["values"][-1]["from"] == began
        (step,) = LAW[reading]["values"]
        assert (step["value"], step["low"], step["high"]) == (0, 0, 1)
        one, other = (by_name(rule_book(load(**{reading: value}), TODAY))[rule].looks_at for value in ("0", "1"))
        assert "investigation began" in one
        assert "referral" in other


def test_every_rule_stands_once_in_the_book_and_what_it_depends_on_is_a_rule() -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(LAW)
    for mapping in (NEEDS, YIELDS):
        assert {*mapping, *mapping.values()} <= LAW.keys()
    never = {name for name, number in LAW.items() if not any(step["value"] for step in number["values"])}
    assert {*GROUPS["Off unless a reform turns them on"]} == never - {*READINGS.values()}


# --- what the loader asks of a law ------------------------------------------------------------------------------------------

PUBLISHED = 'from = 2008-12-01\nvalue = 1\ngrade = "published"\nsource = "a_row"\n'
ROW = """[a_row]
role = "context"
label = "A rule"
value = 1
unit = "rule"
period = "2008"
population = "England and Wales"
quality = "A"
title = "An Act"
"""


def faults_of(folder: Path, key: str, step: str) -> tuple[Problem, ...]:
    (folder / "register.toml").write_text(ROW, encoding="utf-8")
    text = f'[{key}]\nlabel = "A rule"\nunit = "switch"\n[[{key}.values]]\n{step}'
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    try:
        load_evidence(folder)
    except EvidenceError as error:
        return error.problems
    return ()


def test_a_published_law_says_what_put_it_there(tmp_path: Path) -> None:
    (problem,) = faults_of(tmp_path, "law.mine", PUBLISHED)
    assert (problem.key, problem.found) == ("law.mine.values[0].instrument", "nothing")
    assert "SI 2020/4" in problem.expected
    assert faults_of(tmp_path, "law.mine", PUBLISHED + 'instrument = "An Act"\nregime = "R1a"') == ()
    assert faults_of(tmp_path, "psu.mine", PUBLISHED) == ()
    derived = PUBLISHED.replace("published", "derived") + 'because = "once"\n'
    (problem,) = faults_of(tmp_path, "law.mine", derived)
    assert problem.key == "law.mine.values[0].instrument"
    assumed = PUBLISHED.replace("published", "assumed") + 'low = 0\nhigh = 1\nbecause = "not known"\n'
    assert faults_of(tmp_path, "law.mine", assumed) == ()


@pytest.mark.parametrize("regime", ["7", "r7", "R", "R7 of 2020", "X1"])
def test_a_regime_is_a_letter_and_a_number(tmp_path: Path, regime: str) -> None:
    (problem,) = faults_of(tmp_path, "psu.mine", PUBLISHED + f'regime = "{regime}"\n')
    assert problem.key == "psu.mine.values[0].regime"
    assert "R7" in problem.expected


# --- a scenario's own law ---------------------------------------------------------------------------------------------------

REFORM = """title = "Nobody may leave"
author = "the tests"
in_force_on = 2014-01-01
[set]
"law.resignation_barred" = {2014-01-01 = 1, 2016-01-01 = "base"}
[[points]]
text = "Nobody may leave."
changes = ["law.resignation_barred"]
follows_from = "structure"
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, beside which commands are given: one reform, and a scenario that begins in 2019."""
    folder = tmp_path / "scenarios"
    (folder / "reforms").mkdir(parents=True)
    (folder / "reforms" / "nobody_leaves.toml").write_text(REFORM, encoding="utf-8")
    late = (
        'title = "Late"\nauthor = "the tests"\nbased_on = "village"\nstarts_on = 2019-04-01\nwindow_from = 2020-04-01\n'
    )
    (folder / "late.toml").write_text(late, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_reform_shows_while_it_holds_and_only_in_its_rule(own: Path) -> None:
    made = load_scenario("casey_2022", reforms=["nobody_leaves"], folder=own)
    for day, value, since, by in (
        (date(2013, 12, 31), 0, FIRST, "SI 2008/2864, Police (Conduct) Regulations 2008"),
        (date(2014, 6, 1), 1, date(2014, 1, 1), "nobody_leaves"),
        (date(2015, 6, 1), 1, date(2014, 1, 1), "nobody_leaves"),
        (date(2016, 6, 1), 1, date(2015, 1, 12), "Police (Conduct) (Amendment) Regulations 2014"),
        (date(2018, 1, 1), 0, date(2017, 12, 15), LAW["resignation_barred"]["values"][2]["instrument"]),
    ):
        with_it, without = by_name(rule_book(made, day)), by_name(rule_book(load(), day))
        rule = with_it.pop("resignation_barred")
        assert (rule.value, rule.since, rule.instrument) == (value, since, by), day
        assert (rule.grade == "laid over") == (by == "nobody_leaves")
        del without["resignation_barred"]
        assert with_it == without


def test_a_setting_shows_as_laid_over_and_as_a_change_to_come() -> None:
    made = load_scenario("casey_2022", settings={"law.response@2021-01-01": "20"})
    rule = by_name(rule_book(made, date(2021, 1, 1)))["response"]
    assert (rule.words, rule.since, rule.instrument, rule.grade) == (
        "20 working days",
        date(2021, 1, 1),
        "--set",
        "laid over",
    )
    (turn,) = (turn for turn in next_changes(made, date(2020, 12, 31)) if turn.key == "law.response")
    assert (turn.on, turn.before, turn.after, turn.instrument) == (
        date(2021, 1, 1),
        "15 working days",
        "20 working days",
        "--set",
    )


def test_the_law_of_days_before_and_after_the_run_is_known(own: Path) -> None:
    late = load_scenario("late", folder=own)
    assert late.baseline.starts_on == date(2019, 4, 1)
    for day in (FIRST, date(2015, 6, 1), date(2018, 1, 1), date(2021, 1, 1), TODAY):
        assert rule_book(late, day) == rule_book(load(), day), day
        assert next_changes(late, day) == next_changes(load(), day), day


def test_a_day_before_the_law_is_known_is_refused() -> None:
    with pytest.raises(ScenarioError) as caught:
        rule_book(load(), FIRST - DAY)
    (problem,) = caught.value.problems
    assert problem.found == "2008-11-30"
    assert "2008-12-01 or later" in problem.expected


def test_a_rule_that_says_nothing_or_gives_way_says_so() -> None:
    then, now = (by_name(rule_book(load(), day)) for day in (FIRST, TODAY))
    assert "delay_reports is off" in then["delay_report_first"].remark
    assert now["delay_report_first"].remark == ""
    assert then["legally_qualified_chairs"].remark == ""
    assert "chief_officer_chairs prevails" in now["legally_qualified_chairs"].remark


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (1, "switch", "on"),
        (0, "switch", "off"),
        (15, "working_days", "15 working days"),
        (1, "working_days", "1 working day"),
        (0, "working_days", "none"),
        (1.5, "years", "1.5 years"),
        (0, "count", "0"),
        (3, "count", "3"),
    ],
)
def test_a_value_is_said_in_words(value: float, unit: str, words: str) -> None:
    assert in_words(value, unit) == words


# --- the command line -------------------------------------------------------------------------------------------------------


@dataclass
class Left:
    """How the program was left."""

    code: int
    out: str
    err: str


@pytest.fixture
def show(own: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Left]:
    def call(*words: str) -> Left:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["show", *words])
        told = capsys.readouterr()
        return Left(left.value.code if isinstance(left.value.code, int) else 0, told.out, told.err)

    return call


def test_the_book_of_a_day_is_shown_by_group_with_what_put_each_rule_there(show: Callable[..., Left]) -> None:
    left = show("casey_2022", "--on", "2026-11-25")
    assert (left.code, left.err) == (0, "")
    assert "Rules in force on 25 November 2026: casey_2022" in left.out
    places = [left.out.index(f"\n{group}\n") for group in GROUPS]
    assert places == sorted(places)
    assert all(f"[law.{name}]" in left.out for name in LAW)
    lines = left.out.splitlines()
    at = next(n for n, line in enumerate(lines) if "[law.suspension_duty]" in line)
    assert lines[at].split()[:3] == ["on", "since", "2026-07-13"]
    assert "Amendment) Regulations 2026 (R15); published; looks at the day of the conduct" in lines[at + 1]
    assert lines[-1].strip() == "None is known."


def test_at_most_ten_changes_to_come_are_shown_and_the_rest_counted(show: Callable[..., Left]) -> None:
    out = show("casey_2022", "--on", "2008-12-01").out
    told = out.partition("Next changes after 1 December 2008\n")[2].splitlines()
    turns = next_changes(load(), FIRST)
    assert len(told) == MOST_CHANGES + 1
    assert told[0].split()[:2] == ["2013-12-01", "law.disapproved_register:"]
    assert told[-1].strip() == f"and {len(turns) - MOST_CHANGES} later ones."


def test_reforms_settings_and_a_word_to_look_for_work_on_the_book_too(show: Callable[..., Left]) -> None:
    words = ("casey_2022", "--reform", "nobody_leaves", "--set", "law.response=20", "--on", "2014-06-01")
    left = show(*words, "--grep", "resign")
    assert left.code == 0
    assert "casey_2022 + nobody_leaves" in left.out
    assert "by nobody_leaves; laid over" in left.out
    assert "[law.response]" not in left.out
    assert "2017-12-15  law.resignation_barred: on -> off" in left.out
    assert "by --set; laid over" in show(*words, "--grep", "law.response").out
    nothing = show(*words, "--grep", "no such word")
    assert nothing.code == 0
    assert "No rule mentions 'no such word'." in nothing.out
    assert "None is known." in nothing.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("casey_2022", "--on", "2008-11-30"), ("--on", "2008-12-01 or later")),
        (("casey_2022", "--on", "tomorrow"), ("--on", "'tomorrow'", "a date such as")),
        (("casey_2022", "--on", ""), ("--on", "a date such as")),
        (("nobody_leaves", "--on", "2020-01-01"), ("--on", "no scenario")),
        (("casey_2022", "--on", "x", "--set", "y", "--reform", "z"), ("--on", "--set", "no reform called 'z'")),
    ],
    ids=["too early", "no date", "empty", "a reform", "three mistakes"],
)
def test_what_cannot_be_shown_is_refused_with_nothing_shown(
    show: Callable[..., Left], words: tuple[str, ...], told: tuple[str, ...]
) -> None:
    left = show(*words)
    assert (left.code, left.out) == (2, "")
    assert all(word in left.err for word in told)


# --- the page ---------------------------------------------------------------------------------------------------------------


def test_the_page_of_the_law_is_made_from_the_evidence(tmp_path: Path) -> None:
    """After a change of the law: `make docs`."""
    kept = (ROOT / "docs" / "law.md").read_text(encoding="utf-8")
    assert kept == page(load_evidence(ROOT / "scenarios" / "evidence").numbers)
    again = tmp_path / "law.md"
    subprocess.run([sys.executable, "-m", "sim.scenario.rule_book", str(again)], cwd=ROOT, check=True)
    assert again.read_text(encoding="utf-8") == kept


def test_the_page_tells_every_dated_change_once() -> None:
    rows = [
        line for line in (ROOT / "docs" / "law.md").read_text(encoding="utf-8").splitlines() if line.startswith("| 20")
    ]
    told = [(line.split(" | ")[0].removeprefix("| "), line.partition("(`law.")[2].partition("`")[0]) for line in rows]
    assert sorted(told) == sorted((str(day), name) for day, name, _ in STEPS if day > FIRST)
    assert [day for day, _ in told] == sorted(day for day, _ in told)

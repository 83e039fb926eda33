"""Do changes lay over each other as they say, whatever their order, and is every mistake in a scenario file met with a plain sentence?"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sim.evidence import MAXIMUM_BYTES, Problem
from sim.scenario import Scenario, ScenarioError, load_scenario
from sim.scenario.build import Series
from sim.scenario.files import MOST_CHANGES, as_time, known_one, shipped_folder
from sim.scenario.lay import Laid, clashes, lay
from sim.scenario.load import header, names, reforms_for

BROKEN = Path(__file__).parent / "broken"
DAY = date(2016, 4, 1)
LATER = date(2018, 4, 1)
SHIPPED = shipped_folder()

# --- files made for one test --------------------------------------------------------------------------------------------


def overlay(changes: str, *keys: str, head: str = "in_force_on = 2016-04-01") -> str:
    """A reform, or with an empty `head` a world, with one point about all its keys."""
    told = ", ".join(f'"{key}"' for key in keys)
    point = f'[[points]]\ntext = "Says what it does."\nchanges = [{told}]\nfollows_from = "structure"\n'
    return f'title = "T"\nauthor = "A"\n{head}\n{changes}\n{point if keys else ""}'


def baseline(changes: str = "", head: str = 'based_on = "casey_2022"') -> str:
    return f'title = "Mine"\nauthor = "A"\n{head}\n{changes}\n'


class Mine:
    """A scenario folder of one's own, laid before the shipped one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, text: str | bytes) -> str:
        """Write `reforms/x` and give back `x`."""
        path = self.folder / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path.stem

    def load(self, name: str = "village", **options: object) -> Scenario:
        return load_scenario(name, folder=self.folder, **options)  # type: ignore[arg-type]

    def problems(self, name: str = "village", **options: object) -> tuple[Problem, ...]:
        with pytest.raises(ScenarioError) as caught:
            self.load(name, **options)
        return caught.value.problems


@pytest.fixture
def mine(tmp_path: Path) -> Mine:
    return Mine(tmp_path)


def on(scenario: Scenario, key: str, day: date) -> float:
    """A number as laid, on a day."""
    return max((start, value) for start, value in scenario.numbers[key].steps if start <= day)[1]


def known(key: str, day: date) -> float:
    """A number of the shipped evidence, on a day."""
    return load_scenario("casey_2022").evidence.numbers[key].at(day).value


# --- laying -------------------------------------------------------------------------------------------------------------

START = date(2008, 12, 1)
DAYS = st.integers(0, 3000).map(lambda n: START + timedelta(n))
AMOUNTS = st.one_of(st.none(), st.floats(0, 50), st.sampled_from([0.0, 0.1, 0.3, 1.0, 1 / 3, 7.0]))


@st.composite
def laid_changes(draw: st.DrawFn) -> Laid:
    days = sorted(draw(st.sets(DAYS, min_size=1, max_size=3)))
    steps = tuple((day, draw(AMOUNTS)) for day in days)
    return Laid(draw(st.sampled_from("abcdef")), draw(st.sampled_from(["set", "scale", "add"])), "k", steps)


@settings(max_examples=120, deadline=None, database=None)
@given(st.lists(laid_changes(), max_size=5), st.randoms(use_true_random=False))
def test_reforms_commute_to_the_last_digit(changes: list[Laid], chance: object) -> None:
    assume(not clashes(changes))
    series = Series("k", "ratio", ((START, 2.5), (DAY, 0.7)))
    laid, problems = lay(series, changes)
    shuffled = list(changes)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert lay(series, shuffled)[0] == laid
    assert not problems
    # Said once more, day by day and without merging.
    for day in {day for one in changes for day, _ in one.steps} | {START, DAY}:
        told = [(one.operation, amount) for one in changes if (amount := one.at(day)) is not None]
        value = next((amount for word, amount in told if word == "set"), 2.5 if day < DAY else 0.7)
        for amount in [amount for word, amount in told if word == "scale"]:
            value *= amount
        value += sum(amount for word, amount in told if word == "add")
        assert max(step for step in laid.steps if step[0] <= day)[1] == pytest.approx(value)


def test_whole_scenarios_do_not_depend_on_the_order_of_reforms(mine: Mine) -> None:
    mine.write("reforms/a", overlay('[scale]\n"psu.investigators" = 1.1', "psu.investigators"))
    mine.write("reforms/b", overlay('[add]\n"psu.investigators" = 0.1', "psu.investigators"))
    mine.write("reforms/c", overlay('[set]\n"psu.investigators" = 61.7', "psu.investigators"))
    mine.write(
        "reforms/d",
        overlay('[scale]\n"psu.investigators" = 0.7\n[add]\n"dps.caseload" = 2', "psu.investigators", "dps.caseload"),
    )
    plans = {mine.load("casey_2022", reforms=order).plan for order in list(permutations("abcd"))[::4]}
    assert len(plans) == 1
    assert on(mine.load("casey_2022", reforms=tuple("abcd")), "psu.investigators", DAY) == pytest.approx(
        61.7 * 1.1 * 0.7 + 0.1
    )


def test_a_change_of_nothing_changes_nothing(mine: Mine) -> None:
    key = "enquiries.days"
    mine.write(
        "reforms/a",
        overlay(
            f'[scale]\n"{key}" = 1\n[add]\n"psu.cv" = 0\n[set]\n"file.returned_share" = "base"',
            key,
            "psu.cv",
            "file.returned_share",
        ),
    )
    assert mine.load(reforms=["a"]).plan == mine.load().plan


def test_a_change_holds_from_its_day_and_base_ends_it(mine: Mine) -> None:
    change = '[set]\n"enquiries.days" = {2016-04-01 = "20 days", 2017-04-01 = 25, 2018-04-01 = "base"}'
    mine.write("reforms/a", overlay(change, "enquiries.days"))
    scenario = mine.load(reforms=["a"])
    before = known("enquiries.days", DAY)
    expected = {DAY - timedelta(1): before, DAY: 20, date(2017, 4, 1): 25, LATER - timedelta(1): 25, LATER: before}
    assert {day: on(scenario, "enquiries.days", day) for day in expected} == expected


def test_what_lies_below_goes_on_changing_under_a_scaling(mine: Mine) -> None:
    """The central directorate grows in November 2021, and a reform of 2016 grows with it."""
    mine.write("reforms/a", overlay('[scale]\n"dps.investigators" = 1.5', "dps.investigators"))
    plain, more = mine.load("casey_2022"), mine.load("casey_2022", reforms=["a"])
    for day in (date(2016, 4, 1), date(2021, 12, 1)):
        assert on(more, "dps.investigators", day) == pytest.approx(1.5 * on(plain, "dps.investigators", day))
    assert on(plain, "dps.investigators", date(2021, 12, 1)) > on(plain, "dps.investigators", DAY)


def test_two_sets_of_one_number_clash_and_both_files_are_named(mine: Mine) -> None:
    mine.write("reforms/a", overlay('[set]\n"psu.caseload" = 8', "psu.caseload"))
    mine.write("reforms/b", overlay('[set]\n"psu.caseload" = 9', "psu.caseload", head="in_force_on = 2018-04-01"))
    (problem,) = mine.problems(reforms=["a", "b"])
    assert problem.key == "set.psu.caseload"
    assert "from 2018-04-01" in problem.found
    assert str(mine.folder / "reforms/a.toml") in str(problem)
    assert str(mine.folder / "reforms/b.toml") in str(problem)


def test_two_sets_that_say_the_same_while_both_hold_do_not_clash(mine: Mine) -> None:
    mine.write("reforms/a", overlay('[set]\n"psu.caseload" = 8', "psu.caseload"))
    mine.write("reforms/b", overlay('[set]\n"psu.caseload" = 8', "psu.caseload", head="in_force_on = 2018-04-01"))
    mine.write(
        "reforms/c",
        overlay('[set]\n"psu.caseload" = {"after 0 days" = 8, "after 1 year" = 9}', "psu.caseload"),
    )
    assert mine.load(reforms=["a", "b"]).plan == mine.load(reforms=["b", "a"]).plan == mine.load(reforms=["a"]).plan
    (problem,) = mine.problems(reforms=["a", "c"])
    assert problem.found == "a second value for psu.caseload from 2017-04-01"


def test_two_sets_on_days_apart_do_not_clash(mine: Mine) -> None:
    mine.write("reforms/a", overlay('[set]\n"psu.caseload" = {2016-04-01 = 8, 2018-04-01 = "base"}', "psu.caseload"))
    mine.write("reforms/b", overlay('[set]\n"psu.caseload" = 9', "psu.caseload", head="in_force_on = 2018-04-01"))
    scenario = mine.load(reforms=["b", "a"])
    assert (on(scenario, "psu.caseload", DAY), on(scenario, "psu.caseload", LATER)) == (8, 9)


def test_a_baseline_scales_what_its_world_sets_and_a_reform_comes_after_both(mine: Mine) -> None:
    mine.write("mine", baseline('[set]\n"psu.caseload" = 30\n[scale]\n"psu.investigators" = 0.5\n"psu.caseload" = 0.5'))
    mine.write("worlds/w", overlay('[set]\n"psu.investigators" = 90', "psu.investigators", head=""))
    mine.write("worlds/v", overlay('[set]\n"psu.caseload" = 18', "psu.caseload", head=""))
    mine.write("reforms/r", overlay('[set]\n"psu.investigators" = 80', "psu.investigators"))
    first = mine.load("mine", world="w", reforms=["r"])
    assert on(first, "psu.investigators", START) == 45
    assert on(first, "psu.caseload", START) == 15
    assert on(first, "psu.investigators", DAY) == 80, "a reform says what will be, not what would be before scaling"
    assert on(mine.load("mine", world="v"), "psu.caseload", START) == 9, (
        "the world's set takes the place of the baseline's"
    )


def test_a_scaled_count_is_rounded_to_a_whole_one(mine: Mine) -> None:
    mine.write("reforms/a", overlay('[scale]\n"hearings.rooms" = 0.6', "hearings.rooms"))
    assert on(mine.load("casey_2022", reforms=["a"]), "hearings.rooms", DAY) == round(
        0.6 * known("hearings.rooms", DAY)
    )


# --- dates --------------------------------------------------------------------------------------------------------------


def test_nothing_changes_before_it_is_announced_or_in_force(mine: Mine) -> None:
    early = '[add]\n"psu.caseload" = {2015-10-01 = 1, 2016-04-01 = 2}'
    mine.write("reforms/a", overlay(early, "psu.caseload"))
    (problem,) = mine.problems(reforms=["a"])
    assert "2015-10-01" in problem.found
    mine.write("reforms/a", overlay(early, "psu.caseload", head="announced_on = 2015-10-01\nin_force_on = 2016-04-01"))
    assert on(mine.load(reforms=["a"]), "psu.caseload", date(2015, 10, 1)) == known("psu.caseload", DAY) + 1


def test_a_reform_takes_the_day_of_the_scenario_or_of_what_it_is_based_on_nearest_first(mine: Mine) -> None:
    days = "in_force_on = { casey_2022 = 2016-04-01, mine = 2017-04-01 }\nannounced_on = { mine = 2017-01-01 }"
    mine.write("reforms/a", overlay('[add]\n"psu.caseload" = 1', "psu.caseload", head=days))
    mine.write("mine", baseline())
    mine.write("yours", baseline(head='based_on = "mine"'))
    mine.write("lone", baseline(head='based_on = "village"'))
    expected = {"casey_2022": DAY, "lone": DAY, "mine": date(2017, 4, 1), "yours": date(2017, 4, 1)}
    for name, day in expected.items():
        scenario = mine.load(name, reforms=["a"])
        header = scenario.reforms["a"]
        assert header.in_force_on == day, name
        assert header.announced_on == (date(2017, 1, 1) if name in ("mine", "yours") else None), name
        assert on(scenario, "psu.caseload", day) == on(scenario, "psu.caseload", day - timedelta(1)) + 1, name
    assert mine.load(str(mine.folder / "mine.toml"), reforms=["a"]).reforms["a"].in_force_on == date(2017, 4, 1)


def test_reforms_for_a_scenario_are_those_with_a_day_for_it(mine: Mine) -> None:
    for name, head in {
        "any": "in_force_on = 2016-04-01",
        "here": "in_force_on = { casey_2022 = 2016-04-01 }",
        "there": "in_force_on = { mine = 2016-04-01 }",
        "wrong": "in_force_on = {}",
    }.items():
        mine.write(f"reforms/{name}", overlay('[add]\n"psu.caseload" = 1', "psu.caseload", head=head))
    mine.write("mine", baseline())
    ours = {"any", "here", "there", "wrong"}
    assert ours & set(reforms_for("village", mine.folder)) == {"any", "here"}
    assert ours & set(reforms_for("mine", mine.folder)) == {"any", "here", "there"}
    assert set(names("reforms", mine.folder)) >= ours


def test_a_time_is_counted_from_the_day_in_force(mine: Mine) -> None:
    change = '[add]\n"psu.caseload" = {"after 10 days" = 1, "after 3 months" = 2, "after 1 year" = "base"}'
    mine.write("reforms/a", overlay(change, "psu.caseload", head="in_force_on = 2015-11-30"))
    scenario = mine.load(reforms=["a"])
    base = known("psu.caseload", DAY)
    expected = {
        date(2015, 12, 9): 0,
        date(2015, 12, 10): 1,
        date(2016, 2, 28): 1,
        date(2016, 2, 29): 2,  # February has no thirtieth
        date(2016, 11, 29): 2,
        date(2016, 11, 30): 0,
    }
    assert {day: on(scenario, "psu.caseload", day) - base for day in expected} == expected


@settings(max_examples=120, deadline=None, database=None)
@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 600))
def test_months_after_a_day_are_months_after_it(day: date, count: int) -> None:
    then = as_time(f"after {count} months", day)
    assert then is not None
    assert (then.year * 12 + then.month) - (day.year * 12 + day.month) == count
    assert then.day == day.day or (then.day < day.day and (then + timedelta(1)).day == 1)
    assert as_time(f"after {count} years", day) == as_time(f"after {12 * count} months", day)
    assert as_time(f"after {count} days", day) == day + timedelta(count)


def test_a_scenario_that_starts_late_reads_numbers_as_they_are_then(mine: Mine) -> None:
    """A number read once is the one of the first day, not of the first day that is known."""
    late = 'based_on = "casey_2022"\nstarts_on = 2012-01-01'
    mine.write("mine", baseline('[set]\n"reporting.spread" = 0.5\n"dps.caseload" = 7', head=late))
    scenario = mine.load("mine")
    assert scenario.numbers["reporting.spread"].steps == ((date(2012, 1, 1), 0.5),)
    stream = next(stream for stream in scenario.plan.streams if stream.name == "internal")
    assert scenario.plan.shapes[stream.spread].cv == 0.5
    value = next(value for value in scenario.plan.values if value.name == "dps.caseload")
    assert value.values == (7,)


def test_law_that_looks_at_the_day_of_receipt_keeps_its_earlier_steps(mine: Mine) -> None:
    mine.write("mine", baseline(head='based_on = "casey_2022"\nstarts_on = 2012-01-01'))
    assert mine.load("mine").numbers["law.legally_qualified_chairs"].steps[0] == (START, 0)


# --- opposites and settings ---------------------------------------------------------------------------------------------


def test_the_opposite_scales_by_the_inverse_and_adds_the_negative(mine: Mine) -> None:
    changes = '[scale]\n"psu.cv" = 0.8\n"dormancy.share" = 0\n[add]\n"psu.caseload" = {2016-04-01 = 3, 2018-04-01 = "base"}\n[set]\n"dps.caseload" = 9'
    mine.write("reforms/a", overlay(changes, "psu.cv", "dormancy.share", "psu.caseload", "dps.caseload"))
    scenario = mine.load(reforms=["a"], opposite=True)
    assert on(scenario, "psu.cv", DAY) == pytest.approx(known("psu.cv", DAY) / 0.8)
    assert on(scenario, "psu.caseload", DAY) == known("psu.caseload", DAY) - 3
    assert on(scenario, "psu.caseload", LATER) == known("psu.caseload", LATER)
    assert on(scenario, "dormancy.share", DAY) == 0, "nothing is the inverse of nothing"
    assert on(scenario, "dps.caseload", DAY) == 9, "a set has no opposite"


def test_settings_from_a_date_or_from_the_first_day(mine: Mine) -> None:
    scenario = mine.load(
        settings={"psu.caseload": "8", "dps.caseload@2018-04-01": "9 cases_per_post", "dps.caseload@2016-04-01": "6"}
    )
    assert on(scenario, "psu.caseload", START) == 8
    assert on(scenario, "dps.caseload", START) == known("dps.caseload", START)
    assert (on(scenario, "dps.caseload", DAY), on(scenario, "dps.caseload", LATER)) == (6, 9)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("psu.caseloads", "8", "did you mean 'psu.caseload'?"),
        ("psu.caseload@tomorrow", "8", "a date such as 2020-02-01"),
        ("psu.caseload", "8 posts", "'cases_per_post', the unit of psu.caseload"),
        ("psu.caseload", "", "a number"),
        ("psu.caseload", "nan", "a finite number"),
        ("psu.caseload", "-100", "0 or more"),
        ("psu.caseload", "-120%", "a factor of 0 or more"),
        ("psu.caseload", "20%", "+20% in --set and --arm"),
        ("psu.caseload", "+20%%", "a number"),
        ("psu.caseload", "+2 posts", "'cases_per_post', the unit of psu.caseload"),
        ("reporting.spread@2016-04-01", "1", "this number is read once"),
    ],
)
def test_settings_with_mistakes(mine: Mine, setting: str, value: str, words: str) -> None:
    (problem,) = mine.problems(settings={setting: value})
    assert problem.file == "--set"
    assert words in problem.expected


def test_a_setting_with_a_sign_is_a_change_of_what_there_is_otherwise(mine: Mine) -> None:
    mine.write("reforms/a", overlay('[set]\n"dps.caseload" = 30', "dps.caseload"))
    settings = {"psu.caseload@2016-04-01": "+20%", "dps.caseload": "+2 cases_per_post", "psu.cv": "-10%"}
    made = mine.load(reforms=["a"], settings=settings)
    assert on(made, "psu.caseload", START) == known("psu.caseload", START)
    assert on(made, "psu.caseload", LATER) == pytest.approx(known("psu.caseload", LATER) * 1.2)
    assert on(made, "dps.caseload", LATER) == 32, "what a reform sets, and two more"
    assert on(made, "psu.cv", LATER) == pytest.approx(known("psu.cv", LATER) * 0.9)


def test_each_date_of_a_setting_says_anew_what_holds_from_then(mine: Mine) -> None:
    days = [START.replace(year=year) for year in range(2010, 2017)]
    values = ["40", "+50%", "+5", "80", "-25%", "base", "+10"]
    made = mine.load("casey_2022", settings={f"psu.caseload@{day}": v for day, v in zip(days, values, strict=True)})
    before = known("psu.caseload", START)
    assert [on(made, "psu.caseload", day) for day in days] == [40, 60, 45, 80, 60, before, before + 10]


def test_what_an_arm_changes_alone_is_laid_over_settings_and_reforms(mine: Mine) -> None:
    mine.write("reforms/a", overlay('[add]\n"psu.caseload" = 4', "psu.caseload"))
    laid = {"reforms": ["a"], "settings": {"psu.caseload": "8", "dps.caseload": "10"}}
    alone = mine.load(**laid, own={"psu.caseload@2018-04-01": "+50%", "dps.caseload": "7"})
    assert [on(alone, "psu.caseload", day) for day in (START, DAY, LATER)] == [8, 12, 18]
    assert on(alone, "dps.caseload", START) == 7
    assert mine.load(**laid, own={}).plan == mine.load(**laid).plan
    (problem,) = mine.problems(own={"psu.caseloads": "8"})
    assert problem.file == "--arm"


def test_a_number_of_an_arm_beyond_its_range_in_the_evidence_is_found(mine: Mine) -> None:
    assert [one.key for one in mine.load("casey_2022", own={"psu.investigators": "+300"}).beyond] == [
        "psu.investigators"
    ] * 2
    assert mine.load("casey_2022", own={"psu.investigators": "+10%"}).beyond == ()


def test_a_setting_clashes_with_a_reform_that_sets_the_same(mine: Mine) -> None:
    mine.write("reforms/a", overlay('[set]\n"psu.caseload" = 8', "psu.caseload"))
    (problem,) = mine.problems(reforms=["a"], settings={"psu.caseload": "9"})
    assert "a.toml sets it too" in problem.expected


# --- files: found, based on each other, broken --------------------------------------------------------------------------


def test_a_chain_of_baselines_fills_in_what_is_not_said(mine: Mine) -> None:
    mine.write(
        "first",
        baseline(
            '[scale]\n"psu.caseload" = 0.5\n[set]\n"dps.caseload" = 9',
            head='based_on = "casey_2022"\ndescription = "D"\nreference = "R"',
        ),
    )
    mine.write(
        "second",
        baseline(
            '[scale]\n"psu.caseload" = 0.5\n[set]\n"dps.caseload" = 6',
            head='based_on = "first.toml"\nextract_on = 2022-06-01',
        ),
    )
    scenario = mine.load(str(mine.folder / "second.toml"))
    shipped = load_scenario("casey_2022").baseline
    assert scenario.name == scenario.plan.name == "second"
    assert scenario.baseline.extract_on == date(2022, 6, 1)
    assert (scenario.baseline.starts_on, scenario.baseline.worlds) == (shipped.starts_on, shipped.worlds)
    assert (scenario.baseline.description, scenario.baseline.reference) == ("D", "R"), "said once, kept"
    assert on(scenario, "psu.caseload", START) == 0.25 * known("psu.caseload", START)
    assert on(scenario, "dps.caseload", START) == 6, "the later file holds"
    assert [Path(change.source).stem for change in scenario.changes] == ["first", "first", "second", "second"]


@pytest.mark.parametrize("name", ["village", "casey_2022", "after_2022", "today"])
def test_a_header_read_alone_is_that_of_the_scenario(name: str) -> None:
    assert header(name) == load_scenario(name).baseline


def test_a_header_of_a_loop_is_refused_with_the_words_of_the_scenario(mine: Mine) -> None:
    mine.write("one", baseline(head='based_on = "two"'))
    mine.write("two", baseline(head='based_on = "one"'))
    with pytest.raises(ScenarioError) as caught:
        header("one", mine.folder)
    assert caught.value.problems == mine.problems("one")


def test_a_loop_of_baselines_is_told_from_a_long_chain(mine: Mine) -> None:
    for at in range(40):
        mine.write(f"s{at}", baseline(head=f'based_on = "s{at - 1}"' if at else 'based_on = "village"'))
    assert mine.load("s39").baseline.based_on == "s38"
    mine.write("s0", baseline(head='based_on = "s39"'))
    (problem,) = mine.problems("s39")
    assert "a circle: s39 > s38 > " in problem.found


def test_ones_own_folder_wins_file_by_file(mine: Mine) -> None:
    mine.write("reforms/psu_training", overlay('[add]\n"psu.caseload" = 1', "psu.caseload"))
    mine.write("worlds/slack", overlay("", head="points = []"))
    scenario = mine.load(world="slack", reforms=["psu_training", "more_psu_investigators"])
    assert {change.key for change in scenario.changes if "village" not in change.source} == {
        "psu.caseload",
        "psu.investigators",
    }
    assert set(names("reforms", mine.folder)) == set(names("reforms"))
    mine.write("reforms/another", overlay('[add]\n"psu.caseload" = 1', "psu.caseload"))
    assert set(names("reforms", mine.folder)) - set(names("reforms")) == {"another"}


def test_a_number_of_ones_own_that_nothing_reads_is_known_as_such(mine: Mine) -> None:
    number = '[psu.{0}]\nlabel = "L"\nunit = "{1}"\n[[psu.{0}.values]]\nfrom = 2008-12-01\nvalue = 5\nlow = 1\nhigh = 9\ngrade = "assumed"\nbecause = "A guess."\n'
    mine.write("evidence/more", number.format("caseload", "cases_per_post") + number.format("desks", "count"))
    scenario = mine.load()
    assert scenario.unread == ("psu.desks",)
    assert on(scenario, "psu.caseload", START) == 5


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.toml")), ids=lambda path: path.stem)
def test_each_broken_file_is_met_with_the_sentence_on_its_first_line(path: Path) -> None:
    expected = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# expects: ")
    kind = path.stem.partition("_")[0]
    with pytest.raises(ScenarioError) as caught:
        load_scenario(
            str(path) if kind == "scenario" else "village",
            world=str(path) if kind == "world" else None,
            reforms=[str(path)] if kind == "reform" else [],
        )
    (problem,) = caught.value.problems  # one mistake is one problem
    assert expected in str(problem)
    assert problem.file in (str(path), "pathway misconduct", "worlds")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"# " + b"x\n# " * (MAXIMUM_BYTES // 3), "more than 2,000,000 bytes"),
        (b"[add]\n" + b"a" + b".a" * 3000 + b" = 1", "a line of more than 4,000 bytes"),
        (b"add = " + b"[\n" * 5000, "nested too deeply"),
        (b'title = "\xff"', "a byte that is not UTF-8"),
        (b'title = "\x00"', "TOML that cannot be read"),
    ],
    ids=["huge", "long line", "nested", "not UTF-8", "control character"],
)
@pytest.mark.parametrize("kind", ["scenarios", "worlds", "reforms"])
def test_a_file_that_cannot_be_read_says_why(mine: Mine, kind: str, content: bytes, words: str) -> None:
    name = mine.write("x" if kind == "scenarios" else f"{kind}/x", content)
    options = {"worlds": {"world": name}, "reforms": {"reforms": [name]}}.get(kind, {})
    (problem,) = mine.problems(name if kind == "scenarios" else "village", **options)
    assert words in problem.found


def test_a_deep_key_is_an_unknown_number_and_too_many_changes_are_refused(mine: Mine) -> None:
    deep = ".".join("a" * 900)
    mine.write("reforms/a", overlay(f"[add]\n{deep} = 1", deep))
    (problem,) = mine.problems(reforms=["a"])
    assert "no number called" in problem.found
    many = "".join(f'"x{n}" = 1\n' for n in range(MOST_CHANGES + 1))
    mine.write("reforms/b", overlay(f"[add]\n{many}", "x0"))
    assert [problem for problem in mine.problems(reforms=["b"]) if problem.found == "too many changes"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("more_psu_investigator", "a known one; did you mean 'more_psu_investigators'?"),
        ("nosuchreform", "one of chair_regime, more_psu_investigators, psu.caseload"),
        ("caseloads", "a known one; did you mean 'psu.caseload'?"),
        ("psu", "a known one; did you mean 'psu.caseload'?"),
        ("Chair_Regime", "a known one; did you mean 'chair_regime'?"),
        ("", "one of chair_regime, more_psu_investigators, psu.caseload"),
    ],
)
def test_a_name_is_taken_for_another_misspelt_only_where_it_is_near(name: str, said: str) -> None:
    assert known_one(name, ["chair_regime", "more_psu_investigators", "psu.caseload"]) == said


def test_names_left_out_of_a_list_are_counted() -> None:
    said = known_one("zzz", [f"name {number}" for number in range(100)])
    named = said.removeprefix("one of ").partition(" and ")[0].split(", ")
    assert said.endswith(f" and {100 - len(named)} more")


def test_a_file_or_folder_that_is_not_there(mine: Mine) -> None:
    (problem,) = mine.problems(reforms=["mor_psu_investigators"])
    assert (
        str(problem)
        == "reforms: found no reform called 'mor_psu_investigators'; expected a known one; did you mean 'more_psu_investigators'?"
    )
    (problem,) = mine.problems(world="zzz")
    assert problem.expected.startswith("one of dps_saturated, ")
    (problem,) = mine.problems(reforms=[str(mine.folder / "none.toml")])
    assert problem.found == os.strerror(2)
    (mine.folder / "folder.toml").mkdir()
    (problem,) = mine.problems(str(mine.folder / "folder.toml"))
    assert problem.file == str(mine.folder / "folder.toml")
    with pytest.raises(ScenarioError, match="no such folder"):
        load_scenario("village", folder=mine.folder / "typo")


def test_a_reform_given_twice_is_refused(mine: Mine) -> None:
    (problem,) = mine.problems(reforms=["psu_training", str(SHIPPED / "reforms/psu_training.toml")])
    assert problem.found == "two reforms called 'psu_training'"


def test_all_problems_of_all_files_come_at_once(mine: Mine) -> None:
    mine.write("mine", baseline('[set]\n"psu.caseloads" = 3', head='based_on = "casey_2022"\nwindow_to = 2010-01-01'))
    mine.write("worlds/w", overlay('[set]\n"psu.caseload" = "3 posts"', "psu.caseload", head=""))
    mine.write(
        "reforms/a",
        overlay('[add]\n"psu.investigator" = 3\n"psu.cv" = true', "psu.investigator", head="in_force = 2016-04-01"),
    )
    mine.write("reforms/b", overlay('[add]\n"psu.investigator" = 3\n"psu.cv" = true', "psu.investigator"))
    mine.write("reforms/c", "[")
    problems = mine.problems("mine", world="w", reforms=["a", "b", "c", "d"], settings={"dps.caseload": "many"})
    assert {(Path(problem.file).name, problem.key) for problem in problems} == {
        ("mine.toml", "window_to"),
        ("mine.toml", "set.psu.caseloads"),
        ("w.toml", "set.psu.caseload"),
        ("a.toml", "in_force"),
        ("a.toml", "add.psu.investigator"),
        ("a.toml", "add.psu.cv"),
        ("b.toml", "add.psu.investigator"),
        ("b.toml", "add.psu.cv"),
        ("b.toml", "psu.cv"),
        ("c.toml", ""),
        ("reforms", ""),
        ("--set", "set.dps.caseload"),
    }
    assert len(str(ScenarioError(problems)).splitlines()) == len(problems)


# --- whatever a file holds, the answer is a scenario or a list of problems ------------------------------------------------

LINES = overlay(
    'announced_on = 2016-01-01\n[add]\n"psu.investigators" = {2016-04-01 = "3 posts"}', "psu.investigators"
).splitlines()
NONSENSE = [
    "[set]", "[points]", "[[points]]", "[set.psu]", "set = {}", "add = [[]]", "points = [3]", "points = [{}]", '"psu.cv" = {}', '"psu.cv" = nan',
    '"psu.cv" = 1e999', '"psu.cv" = "base"', '"psu.cv" = "1 2 3"', '"psu.cv" = {2016-04-01 = []}', '"psu.cv" = 2016-04-01', "in_force_on = 1",
    "in_force_on = 0001-01-01", "in_force_on = 9999-12-31", 'changes = "psu.cv"', "changes = [[]]", "title = 3", '"" = 1', 'text = ""',
    "in_force_on = {}", "in_force_on = {casey_2022 = 2016-04-01}", "in_force_on = {village = []}", "announced_on = {x = 2016-01-01}", "lever = 9",
    "lever = true", "expected = [{}]", "expected = 3", '"psu.cv" = {"after 1 day" = 1}', '"psu.cv" = {"after 999999 years" = 1}',
    '"psu.investigators" = {0001-01-01 = 1}', '"psu.investigators" = {9999-12-31 = 1}', "[scale]", "set = 3",
]  # fmt: skip


@settings(max_examples=150, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    at=st.integers(0, len(LINES) - 1),
    words=st.lists(st.sampled_from(NONSENSE), min_size=1, max_size=3),
    keep=st.booleans(),
)
def test_lines_swapped_for_nonsense(mine: Mine, at: int, words: list[str], keep: bool) -> None:
    mine.write("reforms/a", "\n".join([*LINES[:at], *words, *LINES[at + (not keep) :]]))
    with suppress(ScenarioError):
        mine.load(reforms=["a"])

"""Does every scenario, world and reform that comes with the program load, and does each do what it says and nothing else?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from sim.evidence import UNITS
from sim.plan import Dated, Plan
from sim.scenario import Scenario, load_scenario
from sim.scenario.build import Series
from sim.scenario.load import names, reforms_for

SCENARIOS, WORLDS, REFORMS = (sorted(names(kind)) for kind in ("scenarios", "worlds", "reforms"))
MAIN = "casey_2022"
BASE = {name: next(base for base in (MAIN, "today") if name in reforms_for(base)) for name in REFORMS}
"""The baseline that each reform is looked at on: the first it is written for."""

STRUCTURE = (
    "psu.investigators",
    "dps.investigators",
    "psu.units",
    "psu.pools_bouts",
    "psu.caseload",
    "dps.caseload",
    "psu.head_start.",
    "dps.head_start.",
    "dps.share",
    "dps.by_stream.public",
    "psu.other_hours",
    "dps.other_hours",
    "specialist.investigators",
    "iopc.investigators",
    "authority.posts",
    "intake.posts",
    "case_managers.posts",
    "restriction.review",
    "demand.",
    "hearings.",
    "law.",
)
"""How many there are and how many come, who takes what and in which order, how they are pooled, what the law says. Whatever else a reform changes is the size of an effect, put in."""


@cache
def load(name: str = MAIN, world: str = "slack", *reforms: str, opposite: bool = False) -> Scenario:
    return load_scenario(name, world=world, reforms=reforms, opposite=opposite)


def value_on(series: Series, day: date) -> float:
    return next((value for start, value in reversed(series.steps) if start <= day), series.steps[0][1])


def moved(one: Scenario, other: Scenario) -> set[str]:
    """Numbers that are not the same."""
    return {key for key, series in one.numbers.items() if series.steps != other.numbers[key].steps}


def laid(reform: str, opposite: bool = False) -> Scenario:
    """Its baseline with a reform."""
    return load(BASE[reform], "slack", reform, opposite=opposite)


def earliest(reform: str) -> date:
    header = laid(reform).reforms[reform]
    return min(day for day in (header.announced_on, header.in_force_on) if day)


def upto(dated: Dated, minute: int) -> tuple[tuple[int, float], ...]:
    return tuple((time, value) for time, value in zip(dated.times, dated.values, strict=True) if time < minute)


# --- everything loads ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_loads_in_every_world_and_reads_every_number(name: str, world: str) -> None:
    scenario = load(name, world)
    assert scenario.plan.world == world
    assert scenario.unread == (), "a number that nothing reads"
    assert set(scenario.numbers) == set(scenario.evidence.numbers)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_names_worlds_and_reforms_that_exist(name: str) -> None:
    made = load(name).baseline
    assert made.worlds
    assert set(made.worlds) <= set(WORLDS)
    assert set(made.compare_with or ()) <= set(REFORMS)
    assert load_scenario(name).plan.world == made.worlds[0]


def test_every_world_belongs_to_a_scenario() -> None:
    assert {world for name in SCENARIOS for world in load(name).baseline.worlds or ()} == set(WORLDS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_number_has_a_unit_a_date_a_grade_and_a_range_or_a_source(name: str) -> None:
    scenario = load(name)
    for key, series in scenario.numbers.items():
        number = scenario.evidence.numbers[key]
        assert series.unit == number.unit
        assert number.unit in UNITS, key
        for step in number.steps:
            assert isinstance(step.from_, date)
            assert step.grade
            assert step.source or step.low < step.high, f"{key} from {step.from_}: neither a source nor a range"


# --- worlds -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", WORLDS)
def test_a_world_stays_within_the_evidence_or_says_why_not(world: str) -> None:
    """For a number taken beyond its range, the point that tells of it says so, with the word 'range'."""
    scenario = load(MAIN, world)
    assert scenario.world is not None
    assert scenario.baseline.starts_on
    points = scenario.world.points
    mine = {change.key for change in scenario.changes if Path(change.source).stem == world}
    for key in mine:
        said = any(key in point.changes and "range" in point.text for point in points)
        for start, value in scenario.numbers[key].steps:
            step = scenario.evidence.numbers[key].at(max(start, scenario.baseline.starts_on))
            assert said or step.low <= value <= step.high, (
                f"{key} is {value:g} from {start}: {step.low:g} to {step.high:g}"
            )


# --- the village --------------------------------------------------------------------------------------------------------


def test_both_villages_are_made_small_in_the_same_way() -> None:
    one, other = (load(name).baseline for name in ("village", "village_today"))
    assert (one.set, one.scale, one.add) == (other.set, other.scale, other.add)


@pytest.mark.parametrize("world", WORLDS)
def test_the_village_is_a_twentieth_of_the_large_force(world: str) -> None:
    large, small = load(MAIN, world), load("village", world)

    def whole(scenario: Scenario, key: str, day: date) -> int:
        return round(value_on(scenario.numbers[key], day))

    for key in ("workforce.people", "demand.internal_incidents", "public.cases"):
        for day, value in large.numbers[key].steps:
            assert value_on(small.numbers[key], day) == pytest.approx(value / 20), key
    for day in (date(2010, 1, 1), date(2016, 4, 1), date(2022, 1, 1)):
        for team in ("psu", "dps", "authority"):
            # Posts are whole, and their speed makes up for what rounding adds or takes: hours are a twentieth exactly.
            key, speed = (f"{team}.{word}" for word in ("posts" if team == "authority" else "investigators", "speed"))
            if team == "authority":
                speed = "appropriate_authority.speed"
            minute = large.plan.minute(day)
            hours = [whole(one, key, day) * one.plan.value(speed).at(minute) for one in (large, small)]
            assert hours[1] == pytest.approx(hours[0] / 20), (team, day)
        assert 1 <= whole(small, "psu.units", day) <= 2
    assert whole(small, "authority.posts", date(2016, 4, 1)) == 1


# --- reforms ------------------------------------------------------------------------------------------------------------


def test_there_are_reforms_for_every_mechanism() -> None:
    told = {key.partition(".")[0] for reform in REFORMS for key in (change.key for change in laid(reform).changes)}
    assert told >= {
        "psu",
        "dps",
        "iopc",
        "authority",
        "severity",
        "linkage",
        "file",
        "hearing",
        "hearings",
        "accelerated",
        "law",
    }


@pytest.mark.parametrize("reform", REFORMS)
def test_a_reform_says_whose_it_is_what_it_does_and_what_it_leaves_out(reform: str) -> None:
    scenario = laid(reform)
    header = scenario.reforms[reform]
    assert header.author
    assert "Not modelled" in header.description
    assert "http" in header.reference or header.author.startswith("The police misconduct model")
    assert header.in_force_on
    assert scenario.baseline.window_from
    assert scenario.baseline.starts_on
    assert scenario.baseline.window_to
    assert scenario.baseline.starts_on < earliest(reform), "there is no time before it"
    assert header.in_force_on < scenario.baseline.window_to


@pytest.mark.parametrize("reform", REFORMS)
def test_no_size_of_an_effect_is_told_as_if_it_followed_from_structure(reform: str) -> None:
    header = laid(reform).reforms[reform]
    put_in = {key for point in header.points if point.follows_from == "assumption" for key in point.changes}
    changed = {*header.set, *header.scale, *header.add}
    assert {key for key in changed if not key.startswith(STRUCTURE)} <= put_in


@pytest.mark.parametrize("reform", REFORMS)
def test_a_reform_alone_changes_what_it_says_and_nothing_before_its_date(reform: str) -> None:
    told = {change.key for change in laid(reform).changes if Path(change.source).stem == reform}
    changed: set[str] = set()
    for world in WORLDS:
        without, alone = load(BASE[reform], world), load(BASE[reform], world, reform)
        changed |= moved(without, alone)
        assert moved(without, alone) <= told
        assert moved(without, alone), f"it does nothing in {world}"
        for key in told:
            before, after = without.numbers[key], alone.numbers[key]
            for day, _ in (*before.steps, *after.steps):
                assert day >= earliest(reform) or value_on(before, day) == value_on(after, day), (key, day)
    assert changed == told, "a change without effect in any world"


@pytest.mark.parametrize("reform", REFORMS)
def test_nothing_in_the_plan_is_different_before_the_date_of_a_reform(reform: str) -> None:
    without, alone = load(BASE[reform]).plan, laid(reform).plan
    minute = without.minute(earliest(reform))
    assert tables(without) == tables(alone)
    for one, other in zip(without.values, alone.values, strict=True):
        assert (one.name, one.unit, one.attach) == (other.name, other.unit, other.attach)
        assert upto(one, minute) == upto(other, minute), one.name
    assert without != alone


def tables(plan: Plan) -> tuple[object, ...]:
    """What a change of numbers never touches: names, calendars, teams, ways between nodes, ceilings."""
    ways = [
        (node.name, node.kind, node.goes_to, node.team, node.writes, node.when, node.branches) for node in plan.nodes
    ]
    return (
        plan.attributes,
        plan.calendars,
        plan.teams,
        plan.diaries,
        ways,
        plan.guards,
        plan.draws,
        [(replace(stream, spread=0), plan.shapes[stream.spread]) for stream in plan.streams],
        plan.population,
    )


@pytest.mark.parametrize("reform", REFORMS)
def test_an_assumed_effect_can_be_run_the_other_way_round(reform: str) -> None:
    scenario = laid(reform)
    if any(point.follows_from == "assumption" for point in scenario.reforms[reform].points):
        base, opposite = load(BASE[reform]), laid(reform, opposite=True)
        for change in scenario.changes:
            if change.operation == "scale" and Path(change.source).stem == reform:
                day = scenario.reforms[reform].in_force_on
                assert day
                one, middle, other = (value_on(s.numbers[change.key], day) for s in (scenario, base, opposite))
                assert one * other == pytest.approx(middle * middle), change.key

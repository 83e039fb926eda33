"""Does the fast engine play what the reference plays? Random pathways and reforms, everything that is shipped, and how it is asked."""

from __future__ import annotations

import dataclasses
import functools
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import numpy as np
import pytest
from agreement import first_difference, play
from desk import one_team
from hypothesis import given, settings
from hypothesis import strategies as st
from random_pathways import random_opening, random_plan
from watching import fields_of, watched

from sim.engines import fast, reference
from sim.engines.fast import engine, layout
from sim.plan import Part, Plan
from sim.scenario import load_scenario
from sim.scenario.load import names, reforms_for

REFORMS = tuple(names("reforms"))
BASE = {name: next(base for base in ("village", "village_today") if name in reforms_for(base)) for name in REFORMS}
"""The small force that each reform is played on."""
WORLDS = ("slack", "dps_saturated", "psu_saturated")


@functools.cache
def village(*reforms: str, world: str = "slack") -> Plan:
    base = BASE[reforms[0]] if reforms else "village"
    return load_scenario(base, world=world, reforms=reforms).plan


def reformed(plan: Plan, number: int) -> Plan:
    """The plan with one more step in some of its dated values."""
    dice = np.random.default_rng(number)
    values = list(plan.values)
    for at in dice.choice(len(values), size=min(3, len(values)), replace=False):
        minute, factor = int(dice.integers(1, plan.ends_at)), float(dice.uniform(0.5, 1.5))
        before = [(t, v) for t, v in zip(values[at].times, values[at].values, strict=True) if t < minute]
        steps = [*before, (minute, round(values[at].at(minute) * factor, 3))]
        times, numbers = zip(*steps, strict=True)
        values[at] = dataclasses.replace(values[at], times=times, values=numbers)
    return dataclasses.replace(plan, values=tuple(values))


# --- the same digits ----------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(number=st.integers(0, 10**9), seed=st.integers(-(2**70), 2**70))
def test_random_pathways_are_played_to_the_same_digit(number: int, seed: int) -> None:
    play(random_plan(number), seed)


@settings(max_examples=100, deadline=None)
@given(number=st.integers(0, 10**9), reform=st.integers(0, 10**9))
def test_random_reforms_are_played_to_the_same_digit(number: int, reform: int) -> None:
    plan = reformed(random_plan(number), reform)
    try:
        play(plan, 1)
    except (engine.PlayError, reference.casting.CastError):
        assert plan != random_plan(number)  # both said so in the same words; the pathway itself can always be played


@pytest.mark.parametrize("reform", REFORMS)
def test_every_shipped_reform_is_played_to_the_same_digit(reform: str) -> None:
    seed = REFORMS.index(reform)
    play(village(reform, world=WORLDS[seed % len(WORLDS)]), seed, replication=seed)


@pytest.mark.parametrize("world", WORLDS)
def test_the_shipped_scenario_is_played_to_the_same_digit_in_every_world(world: str) -> None:
    play(load_scenario("casey_2022", world=world).plan, 1)


def test_a_team_of_more_posts_than_a_number_has_bits_is_played_to_the_same_digit() -> None:
    play(one_team(20_000, 70, 1.2, family="exponential", cv=1.0, to=date(2010, 2, 1)), 1)


# --- however it is asked ------------------------------------------------------------------------------------------------


def test_a_play_without_rows_ends_with_the_same_tables() -> None:
    play(village(), 3, events=False)


def test_a_workspace_used_again_leaves_no_trace() -> None:
    space = engine.Workspace()
    for plan in (village(), random_plan(5), village("psu_training"), random_plan(8), village()):
        expected = fast.play(plan, 1, 2)
        assert first_difference(plan, expected, fast.play(plan, 1, 2, workspace=space)) == ""


def test_a_record_without_a_workspace_is_good_whatever_is_played_after_it() -> None:
    record = fast.play(village(), 1)
    fast.play(village(), 2)
    assert first_difference(village(), fast.play(village(), 1), record) == ""


@pytest.mark.parametrize("short_of", [layout.SHORT_OF_ROWS, layout.SHORT_OF_TOKENS, layout.SHORT_OF_SIGNALS])
def test_a_play_that_runs_short_of_room_is_played_again_with_more(
    short_of: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "FEWEST_ROWS", 1)
    monkeypatch.setattr(engine, "ROWS_A_CASE", 1)
    space = engine.Workspace()
    space.room[short_of] = 4
    expected = fast.play(village(), 1)
    assert first_difference(village(), expected, fast.play(village(), 1, workspace=space)) == ""
    assert space.room[short_of] > 4


def test_threads_play_what_one_thread_plays() -> None:
    plans = [village(), village("psu_training"), random_plan(5), random_plan(8)] * 4
    alone = [fast.play(plan, 1, at) for at, plan in enumerate(plans)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda pair: fast.play(pair[1], 1, pair[0]), enumerate(plans)))
    for plan, one, other in zip(plans, alone, together, strict=True):
        assert first_difference(plan, one, other) == ""


def test_columns_of_events_are_narrow() -> None:
    rows = fast.play(village(), 1).events
    assert sum(column.itemsize for column in rows.values()) <= 24


def test_a_plan_with_more_than_the_rows_can_hold_is_not_taken_on() -> None:
    plan = village()
    assert fast.cannot_play(plan) is None
    long = fast.cannot_play(dataclasses.replace(plan, ends_at=2**31))
    assert long is not None
    assert "minutes" in long
    wide = fast.cannot_play(dataclasses.replace(plan, nodes=plan.nodes[:1] * 2**15))
    assert wide is not None
    assert "nodes" in wide
    many = fast.cannot_play(dataclasses.replace(plan, teams=plan.teams[:1] * 2**7))
    assert many is not None
    assert "teams" in many
    opened = random_opening(random_plan(1), 1)
    row = dataclasses.replace(opened.opening[0], also=(Part(fork=0, node=0),) * 2**7)
    crowded = fast.cannot_play(dataclasses.replace(opened, opening=(row,)))
    assert crowded is not None
    assert "opening" in crowded


# --- nothing declared is lost -------------------------------------------------------------------------------------------

FOR_PEOPLE = {
    "Plan.name", "Plan.world", "Plan.title", "Plan.signals", "Dated.name", "Dated.unit", "Diary.name", "Diary.owner",
    "Team.owner", "Calendar.name", "Branch.name", "Node.owner", "Clock.name",
}  # fmt: skip
"""What says to a reader what a row is; no engine plays anything else for it."""
FOR_MEASURES = {
    "Plan.observation", "Observation.window_from", "Observation.window_to", "Observation.extract_on", "Node.time_is",
    "Team.own_staff", "Plan.clocks", "Clock.counted", "Clock.starts", "Clock.ends", "Clock.within", "Clock.minutes",
    "Clock.calendar",
}  # fmt: skip
"""What is read when a record is measured."""


@pytest.mark.parametrize("play_it", [reference.play, fast.play], ids=["reference", "fast"])
def test_a_field_of_a_plan_that_no_engine_reads_is_refused(play_it: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A field added to the plan has to be read in play, or be listed above with the reason why not."""
    monkeypatch.setattr(engine, "_ready", {})
    seen: set[str] = set()
    opened = [random_opening(random_plan(number), number) for number in range(4)]
    for plan in (village("chair_regime"), *(random_plan(number) for number in range(40)), *opened):
        play_it(watched(plan, seen), 1)
    assert fields_of(Plan) >= FOR_PEOPLE | FOR_MEASURES
    assert fields_of(Plan) - seen <= FOR_PEOPLE | FOR_MEASURES

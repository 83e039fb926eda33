"""What must be true of a whole run of the large force: every bout, sitting, place and case of one replication, in arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engines import fast
from sim.measures import measure
from sim.plan import MINUTES_A_DAY, UNSET, Dated, Plan
from sim.record import Record, What
from sim.scenario import load_scenario
from sim.scenario.files import shipped_folder

Ints = NDArray[np.int64]

ASIDE = (What.CHOSE, What.FORKED)
"""Rows that tell of something on the way and end no bout and no sitting."""


class Run(NamedTuple):
    plan: Plan
    record: Record
    rows: dict[str, Ints]
    """The events in order of play, without `ASIDE`."""
    until: Ints
    """Of each row the minute of its token's next one; the end of play if there is none."""


def casey() -> Plan:
    return load_scenario("casey_2022", world="psu_saturated").plan


def staffed_with_open_cases() -> Plan:
    folder = shipped_folder()
    sheet, opening = folder / "staffing" / "surge_of_secondees.csv", folder / "opening" / "today.csv"
    return load_scenario("today", world="dps_saturated", staffing=sheet, opening=opening).plan


@cache
def played(make: Callable[[], Plan]) -> Run:
    plan = make()
    record = fast.play(plan, 1, 0)
    kept = ~np.isin(record.events["what"], ASIDE)
    rows = {name: values[kept].astype(np.int64) for name, values in record.events.items()}
    order = np.lexsort((np.arange(kept.sum()), rows["token"], rows["case"]))
    same = (np.diff(rows["case"][order]) == 0) & (np.diff(rows["token"][order]) == 0)
    until = np.full(len(order), record.ended_at)
    until[order[:-1][same]] = rows["minute"][order[1:][same]]
    return Run(plan, record, rows, until)


every_run = pytest.mark.parametrize("make", [casey, staffed_with_open_cases])


def on(value: Dated, minutes: Ints) -> NDArray[np.float64]:
    """A dated value at many minutes."""
    steps = np.searchsorted(np.asarray(value.times), minutes, side="right") - 1
    return np.asarray(value.values)[np.maximum(steps, 0)]


class Bouts(NamedTuple):
    team: Ints
    post: Ints
    start: Ints
    end: Ints


def bouts(run: Run) -> Bouts:
    begun = np.flatnonzero(run.rows["what"] == What.STARTED)
    team = np.array([node.team for node in run.plan.nodes])[run.rows["node"][begun]]
    return Bouts(team, run.rows["item"][begun], run.rows["minute"][begun], run.until[begun])


@every_run
def test_no_post_does_two_bouts_at_once(make: Callable[[], Plan]) -> None:
    run = played(make)
    team, post, start, end = bouts(run)
    order = np.lexsort((end, start, post, team))
    same = (np.diff(team[order]) == 0) & (np.diff(post[order]) == 0)
    assert len(start) > 50_000
    assert (end >= start).all()
    assert (start[order][1:] >= end[order][:-1])[same].all()


@every_run
def test_nobody_begins_a_bout_for_whom_there_is_no_post(make: Callable[[], Plan]) -> None:
    """With one bout for each post, no team is ever over its size; a post that goes may end its bout first."""
    run = played(make)
    team, post, start, _ = bouts(run)
    for at, one in enumerate(run.plan.teams):
        mine = team == at
        assert (post[mine] < np.round(on(run.plan.values[one.posts], start[mine]))).all(), one.name


@every_run
def test_no_team_gives_more_attention_than_it_has(make: Callable[[], Plan]) -> None:
    run = played(make)
    for one in run.plan.teams:
        exposure = run.record.exposure
        used, room = exposure[f"busy_minutes.{one.name}"], exposure[f"open_minutes.{one.name}"]
        assert (used <= room * (1 + 1e-9)).all(), one.name


@every_run
def test_no_team_holds_more_cases_than_it_has_places_but_for_bouts_of_posts_that_go(make: Callable[[], Plan]) -> None:
    """A post that goes ends its bout first (rule 11) and holds its place till then: no longer than a bout and two weekends, in the month it goes."""
    run = played(make)
    for one in run.plan.teams:
        if one.slots < 0:
            continue
        held, places = (run.record.exposure[f"{name}.{one.name}"] for name in ("slots_held", "slots"))
        posts, slots = run.plan.values[one.posts], run.plan.values[one.slots]
        room = places.copy()
        for minute, before, after in zip(posts.times[1:], posts.values, posts.values[1:], strict=False):
            if 0 < minute < run.record.ended_at and after < before:
                day = run.plan.day(minute)
                month = (day.year - run.plan.starts_on.year) * 12 + day.month - run.plan.starts_on.month
                room[month] += (round(before) - round(after)) * slots.at(minute) * 14 * MINUTES_A_DAY
        assert (held <= room * (1 + 1e-9)).all(), one.name


@every_run
def test_all_work_is_within_hours(make: Callable[[], Plan]) -> None:
    run = played(make)
    rows = run.rows
    at_work = np.isin(rows["what"], (What.STARTED, What.WORKED))
    calendar_of = np.array([run.plan.teams[node.team].calendar if node.team >= 0 else 0 for node in run.plan.nodes])
    for number, calendar in enumerate(run.plan.calendars):
        minute = rows["minute"][at_work & (calendar_of[rows["node"]] == number)]
        day, time = np.divmod(minute, MINUTES_A_DAY)
        assert ((calendar.opens <= time) & (time <= calendar.closes)).all()
        assert is_open(run.plan, number)[day].all()


def is_open(plan: Plan, calendar: int) -> NDArray[np.bool_]:
    """Whether each day of play is a working day."""
    return np.frombuffer(plan.calendars[calendar].open_days.encode(), dtype=np.uint8) == ord("1")


@every_run
def test_no_diary_has_more_sittings_on_a_day_than_it_has_room_for_and_none_on_a_day_off(
    make: Callable[[], Plan],
) -> None:
    run = played(make)
    booked = np.flatnonzero((run.rows["what"] == What.BOOKED) & (run.rows["value"] >= 0))
    node, first = run.rows["node"][booked], run.rows["value"][booked] // MINUTES_A_DAY
    made, after = run.rows["minute"][booked], (run.until[booked] - 1) // MINUTES_A_DAY + 1
    assert (first * MINUTES_A_DAY > made).all(), "a sitting begins on a later day than it is booked"
    days = run.record.ended_at // MINUTES_A_DAY
    assert len(booked) > 100
    for number, diary in enumerate(run.plan.diaries):
        places = np.array([sum(many for one, many in node.diaries if one == number) for node in run.plan.nodes])[node]
        mine = (places > 0) & (first < np.minimum(after, days))
        opened = is_open(run.plan, diary.calendar)
        assert opened[first[mine]].all(), diary.name
        change = np.zeros(days + 1)
        np.add.at(change, first[mine], places[mine])
        np.add.at(change, np.minimum(after[mine], days), -places[mine])
        sitting = np.cumsum(change)[:days] * opened[:days]
        size = on(run.plan.values[diary.size], np.arange(days) * MINUTES_A_DAY)
        over = np.flatnonzero(sitting > np.round(size))
        assert not len(over), (diary.name, over[:5], sitting[over][:5], size[over][:5])


@every_run
def test_no_effect_comes_before_its_cause(make: Callable[[], Plan]) -> None:
    run = played(make)
    events, record = run.record.events, run.record
    assert (np.diff(events["minute"]) >= 0).all()
    assert (events["minute"] >= record.cases["received_on"][events["case"]]).all()
    # A token begins in the minute it is made, and does nothing before.
    of = events["case"].astype(np.int64) << 32
    forked, arrived = events["what"] == What.FORKED, (events["what"] == What.ARRIVED) & (events["token"] > 0)
    made, began = of[forked] + events["value"][forked], of[arrived] + events["token"][arrived]
    assert np.isin(began, made).all()
    by = np.argsort(made)
    cause = events["minute"][forked][by][np.searchsorted(made[by], began)]
    assert (cause == events["minute"][arrived]).all()
    keys = of + events["token"]
    _, first = np.unique(keys, return_index=True)
    assert (events["what"][first] == What.ARRIVED).all()

    for table, dates in (
        (record.cases, ("received_on", "finalised_on")),
        (record.subjects, ("referred_on", "heard_on", "ended_on")),
    ):
        for earlier, later in pairwise(dates):
            both = (table[earlier] != UNSET) & (table[later] != UNSET)
            assert both.any()
            assert (table[earlier][both] <= table[later][both]).all(), (earlier, later)
    decided = record.allegations["decided_on"]
    known = decided != UNSET
    assert (record.cases["received_on"][record.allegations["case"]][known] <= decided[known]).all()


@every_run
def test_cases_in_are_cases_out_and_cases_open(make: Callable[[], Plan]) -> None:
    run = played(make)
    plan, record = run.plan, run.record
    rows = run.rows
    main = rows["token"] == 0
    came, left = (rows["case"][main & (rows["what"] == what)] for what in (What.ARRIVED, What.LEFT))
    assert len(np.unique(came)) == len(came) == len(record.cases["received_on"])
    assert len(np.unique(left)) == len(left)
    still = np.setdiff1d(came, left)
    last_row = np.flatnonzero(main & (run.until == record.ended_at))
    assert np.isin(still, rows["case"][last_row]).all()

    cases = record.cases
    mine = (cases["recorded"] == 1) & (cases["stream"] == 0)
    assert plan.streams[0].name == "internal"
    table = measure(plan, record)
    stock = table[(table["measure"] == "cases_open") & (table["group"].fillna("") == "")]
    assert len(stock) > 10
    for day, value in zip(stock["period"], stock["value"], strict=True):
        end = (np.datetime64(day) - np.datetime64(plan.starts_on)).astype(int) * MINUTES_A_DAY + MINUTES_A_DAY
        received = mine & (cases["received_on"] < end)
        finalised = received & (cases["finalised_on"] != UNSET) & (cases["finalised_on"] < end)
        assert received.sum() == finalised.sum() + value, day

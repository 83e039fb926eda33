"""What must be true of any run of the real pathway, checked on the small force in each of its worlds."""

from __future__ import annotations

import itertools
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from agreement import play

import sim.engines
from sim.measures import ledger, measure
from sim.plan import MINUTES_A_DAY, UNSET, Plan
from sim.record import Record, What
from sim.scenario import Scenario, load_scenario

WORLDS = ("slack", "dps_saturated", "psu_saturated")
SEED = 20221017


@cache
def village(world: str, **settings: str) -> Scenario:
    return load_scenario("village", world=world, settings=settings)


@cache
def played(world: str) -> tuple[Plan, Record]:
    plan = village(world).plan
    return plan, play(plan, SEED)


every_world = pytest.mark.parametrize("world", WORLDS)


@every_world
def test_every_case_that_came_in_went_out_or_is_open(world: str) -> None:
    plan, record = played(world)
    rows = record.events
    main = rows["token"] == 0
    came = np.unique(rows["case"][main & (rows["what"] == What.ARRIVED)])
    left = np.unique(rows["case"][main & (rows["what"] == What.LEFT)])
    recorded = record.cases["recorded"] == 1
    finalised = record.cases["finalised_on"] != UNSET
    assert len(came) == len(record.cases["received_on"])
    last = {
        case: plan.nodes[node].name
        for case, node in zip(rows["case"][main].tolist(), rows["node"][main].tolist(), strict=True)
    }
    for_now = {case for case, node in last.items() if node == "may_be_reopened"}  # closed, and to be opened again
    assert set(np.flatnonzero(finalised | ~recorded)) - for_now == set(left)
    assert 0 < finalised.sum() < recorded.sum()


@every_world
def test_the_ledger_of_each_case_adds_up_to_its_days(world: str) -> None:
    plan, record = played(world)
    table = ledger(plan, record)
    cases = table.groupby("case")["days"].sum()
    received = record.cases["received_on"][cases.index] // MINUTES_A_DAY
    ended = record.cases["finalised_on"][cases.index]
    extract = plan.observation.extract_on
    last = np.where((ended == UNSET) | (ended >= extract), extract, ended) // MINUTES_A_DAY
    assert len(cases) > 300
    assert (cases.to_numpy() == last - received).all()


@every_world
def test_days_by_kind_add_up_to_the_mean(world: str) -> None:
    plan, record = played(world)
    table = measure(plan, record)
    whole = table[table.group == ""]
    parts = whole[whole.measure.str.startswith("days_in_")].value.sum()
    mean = whole.query("measure == 'mean_days_to_finalise' and counted == 'allegation' and basis == 'received_cohort'")
    window = mean[mean.period.str.contains("/")].value.item()
    assert parts == pytest.approx(window, abs=1e-9)


@every_world
def test_no_post_does_two_bouts_at_once_and_none_outside_its_hours(world: str) -> None:
    plan, record = played(world)
    rows = record.events
    team_of = np.array([node.team for node in plan.nodes])
    open_days = np.array([day == "1" for day in plan.calendars[0].open_days])
    busy: dict[tuple[int, int], int] = {}
    doing: dict[tuple[int, int], tuple[int, int]] = {}
    for minute, case, token, node, what, item in zip(
        *(rows[column].tolist() for column in ("minute", "case", "token", "node", "what", "item")), strict=True
    ):
        post = doing.pop((case, token), None) if what in (What.WORKED, What.CALLED) else None
        if post is not None:
            busy.pop(post)
        if what == What.STARTED:
            post = (int(team_of[node]), item)
            assert post not in busy, f"two bouts at once at {minute}"
            busy[post] = minute
            doing[case, token] = post
        if what in (What.STARTED, What.WORKED):
            day, at = divmod(minute, MINUTES_A_DAY)
            assert 9 * 60 <= at <= 17 * 60
            assert open_days[day]


@every_world
def test_caseloads_never_exceed_their_cap_and_teams_their_size(world: str) -> None:
    plan, record = played(world)
    for team in plan.teams:
        used, room = record.exposure[f"busy_minutes.{team.name}"], record.exposure[f"open_minutes.{team.name}"]
        assert (used <= room * (1 + 1e-9)).all()
        if team.slots >= 0:
            held, slots = record.exposure[f"slots_held.{team.name}"], record.exposure[f"slots.{team.name}"]
            assert (held <= slots * (1 + 1e-9)).all()
            assert held.sum() > 0 or slots[0] == 0, team.name  # a team set up late may not have had a case yet


@every_world
def test_no_effect_precedes_its_cause(world: str) -> None:
    plan, record = played(world)

    def in_order(table: dict[str, np.ndarray], *dates: str) -> None:
        for earlier, later in itertools.pairwise(dates):
            both = (table[earlier] != UNSET) & (table[later] != UNSET)
            assert (table[earlier][both] <= table[later][both]).all(), (earlier, later)

    cases, subjects, allegations = record.cases, record.subjects, record.allegations
    in_order(dict(cases), "received_on", "finalised_on")
    in_order(dict(subjects), "referred_on", "heard_on", "ended_on")
    received = cases["received_on"][allegations["case"]]
    decided = allegations["decided_on"]
    assert (received[decided != UNSET] <= decided[decided != UNSET]).all()
    dismissed = subjects["outcome"] == plan.level("subject.outcome", "dismissed")
    assert dismissed.any()
    assert (subjects["heard_on"][dismissed] != UNSET).all()
    assert (decided[allegations["decision"] == 0] == UNSET).all()


@every_world
def test_police_staff_never_meet_a_panel_the_tribunal_or_regulation_13(world: str) -> None:
    plan, record = played(world)
    staff = record.people["employment"][record.subjects["person"]] == plan.level("person.employment", "staff")
    route = record.subjects["route"][staff]
    allowed = [plan.level("subject.route", name) for name in ("none", "reflective_practice", "staff_hearing")]
    assert np.isin(route, allowed).all()
    assert (record.subjects["chair"][staff] == 0).all()
    assert (route == allowed[-1]).any()


@every_world
def test_reflective_practice_is_never_an_outcome_of_a_matter_that_came_before_2020(world: str) -> None:
    plan, record = played(world)
    reflective = record.subjects["outcome"] == plan.level("subject.outcome", "reflective_practice")
    advice = record.subjects["outcome"] == plan.level("subject.outcome", "management_advice")
    received = record.cases["received_on"][record.subjects["case"]]
    change = plan.minute(plan.starts_on.replace(year=2020, month=2, day=1))
    assert reflective.any()
    assert advice.any()
    assert (received[reflective] >= change).all()
    assert (received[advice] < change).all()


@every_world
def test_who_chairs_follows_the_day_the_case_was_received(world: str) -> None:
    plan, record = played(world)
    subjects = record.subjects
    heard = subjects["route"] == plan.level("subject.route", "hearing")
    received = record.cases["received_on"][subjects["case"]]
    lawyers = plan.minute(plan.starts_on.replace(year=2016, month=1, day=1))
    chaired = heard & (subjects["chair"] != 0)
    assert chaired.sum() > 5
    senior = plan.level("subject.chair", "senior_officer")
    assert ((subjects["chair"][chaired] == senior) == (received[chaired] < lawyers)).all()


def test_more_central_investigators_never_lengthen_the_wait_for_one() -> None:
    def wait(factor: str) -> float:
        scenario = load_scenario("village", world="dps_saturated", settings={"dps.investigators": factor})
        rows = play(scenario.plan, SEED).events
        team = next(n for n, node in enumerate(scenario.plan.nodes) if node.name == "dps_slot")
        at = rows["node"] == team
        queued = rows["minute"][at & (rows["what"] == What.QUEUED)]
        given = rows["minute"][at & (rows["what"] == What.ALLOCATED)]
        return float(
            np.minimum(scenario.plan.ends_at, np.sort(given)).sum() - np.sort(queued)[: len(given)].sum()
        ) / len(queued)

    waits = [wait(posts) for posts in ("2", "3", "4", "10")]
    assert waits[0] > waits[1] > waits[2] >= waits[3]


def test_the_events_of_two_plays_are_the_same_and_another_seed_gives_others() -> None:
    plan = village("slack").plan
    first, again, other = play(plan, 1), play(plan, 1), play(plan, 2)
    for column, values in first.events.items():
        assert (values == again.events[column]).all()
    assert len(first.events["minute"]) != len(other.events["minute"])


def test_logging_changes_no_digit() -> None:
    plan = village("psu_saturated").plan
    told, silent = play(plan, 3), play(plan, 3, events=False)
    assert len(silent.events["minute"]) == 0
    for table in ("people", "cases", "subjects", "allegations", "exposure"):
        for column, values in getattr(told, table).items():
            assert (values == getattr(silent, table)[column]).all(), (table, column)


def test_cases_that_are_brought_to_no_meeting_end_in_reflective_practice_or_management_advice() -> None:
    plan = load_scenario("village", world="slack", settings={"meeting.without_share": "1"}).plan
    record = play(plan, SEED)
    met, outcome = record.subjects["met_on"], record.subjects["outcome"]
    assert (met == UNSET).all(), "linked or warned cases go to hearings, and everything else to nobody"
    to_answer = record.subjects["case_to_answer"] == plan.level("subject.case_to_answer", "misconduct")
    assert {plan.level("subject.outcome", one) for one in ("reflective_practice", "management_advice")} <= set(
        outcome[to_answer].tolist()
    )


def test_no_engine_knows_a_word_of_the_misconduct_system() -> None:
    words = set(re.findall(r"[a-z]{4,}", " ".join(node.name for node in village("slack").plan.nodes)))
    system = {
        "misconduct",
        "hearing",
        "officer",
        "iopc",
        "dismissed",
        "dismissal",
        "appeal",
        "tribunal",
        "police",
        "gross",
        "severity",
    }
    assert {"hearing", "severity", "tribunal"} <= words
    folder = Path(sim.engines.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        found = system & set(re.findall(r"[a-z]+", path.read_text(encoding="utf-8").lower()))
        assert not found, f"{path.name} speaks of {found}"

"""Does a run begin with the cases that are open? Both engines, by theory, by hand and on random pathways."""

from __future__ import annotations

import dataclasses
import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from agreement import TABLES, first_difference, play
from desk import CLOSES, DAY, ONE_EACH, OPENS, Given, small, told
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from random_pathways import check, random_opening, random_plan

from sim.engines import cast as casting
from sim.engines import draws, fast
from sim.engines.cast import CastError
from sim.engines.fast import cast as fast_casting
from sim.pathway.kinds import (
    Assign,
    Attribute,
    Book,
    Diary,
    Duration,
    Exit,
    Fork,
    Hold,
    Join,
    Population,
    Set,
    Stream,
    Team,
    Wait,
    Work,
    Write,
)
from sim.plan import UNSET, Known, Opening, Part, Plan, Told, from_json, to_json
from sim.record import What

ATTRIBUTES = (
    Attribute("case.gate"),
    Attribute("case.done_on", date=True),
    Attribute("case.asked_on", date=True),
    Attribute("subject.over_on", date=True),
    Attribute("subject.colour", levels=("red", "blue"), drawn="colour"),
    Attribute("allegation.weight", levels=("light", "heavy"), drawn="weight"),
)
NUMBERS: dict[str, Given] = {
    **ONE_EACH,
    "rate": ("rate_per_year", 1e-9),
    "three": ("ratio", 3),
    "ten_days": ("days", 10),
    "month": ("days", 30),
    "five_working_days": ("working_days", 5),
    "three_hours": ("hours", 3),
    "two_posts": ("posts", 2),
    "one_post": ("posts", 1),
    "one_slot": ("ratio", 1),
    "cv": ("ratio", 1.2),
    **{f"colour.{level}": ("ratio", 1) for level in ("red", "blue")},
    **{f"weight.{level}": ("ratio", 1) for level in ("light", "heavy")},
}


def desk(**more: Any) -> Plan:
    """Every kind of node where time passes; hardly any case comes later. It starts on Monday 4 January 2010."""
    nodes = (
        Wait("pause", lasts=Duration("ten_days"), owner="them", time_is="another_body", next="done"),
        Wait("chance", lasts=Duration("month", family="exponential"), owner="them", time_is="another_body", next="done"),
        Wait("spread", lasts=Duration("month", cv="cv"), owner="them", time_is="another_body", next="done"),
        Wait("office", lasts=Duration("five_working_days"), owner="them", time_is="another_body", next="done"),
        Wait("cut", lasts=Duration("ten_days"), owner="them", time_is="another_body", no_later_than="case.asked_on",
             next="done"),
        Hold("gate", until=("case.gate = 1",), owner="them", time_is="legal_pause", cut_off=Duration("ten_days"), next="done"),
        Work("work", team="pool", effort=Duration("three_hours"), next="done"),
        Assign("slot", team="unit", next="own"),
        Work("own", team="unit", effort=Duration("three_hours"), next="done"),
        Book("sit", diaries=(("rooms", 1),), notice=Duration("ten_days"), length=Duration("one_day"), owner="court", next="done"),
        Fork("apart", by="subject", start="part", next="together"),
        Wait("part", lasts=Duration("ten_days"), owner="them", time_is="another_body", next="over"),
        Set("over", writes=(Write("subject.over_on", "now"),), next="part_ends"),
        Exit("part_ends"),
        Join("together", next="pause"),
        Fork("aside", start="track", side=True, next="pause"),
        Wait("track", lasts=Duration("month"), owner="them", time_is="legal_pause", next="opens"),
        Set("opens", writes=(Write("case.gate", 1),), next="part_ends"),
        Set("done", writes=(Write("case.done_on", "now"),), next="end"),
        Exit("end"),
    )  # fmt: skip
    starts = ("pause", "chance", "spread", "office", "cut", "gate", "work", "slot", "sit", "apart", "aside")
    streams = tuple(
        Stream(name, start=name, rate="rate", spread="nothing", subjects="one", allegations="three") for name in starts
    )
    numbers = {**NUMBERS, "one_day": ("days", 1), "rooms": ("ratio", 1)}
    return small(
        nodes,
        numbers,
        start=date(2010, 1, 4),
        to=date(2011, 1, 4),
        attributes=ATTRIBUTES,
        streams=streams,
        teams=(
            Team("pool", owner="us", posts="two_posts", calendar="office", oldest="case.received_on"),
            Team("unit", owner="us", posts="one_post", slots="one_slot", calendar="office", oldest="case.received_on"),
        ),
        diaries=(Diary("rooms", owner="court", size="rooms", calendar="office"),),
        **more,
    )


def stands(plan: Plan, node: str, count: int = 1, *, days: float = 100, **more: Any) -> Opening:
    """Cases that stand in a node, all of one age."""
    age = round(days * DAY)
    fields = {"name": node, "stream": 0, "age_from": age, "age_to": age} | more
    return Opening(count=count, node=at(plan, node), **fields)


def at(plan: Plan, node: str) -> int:
    return [one.name for one in plan.nodes].index(node)


def opened(plan: Plan, *rows: Opening) -> Plan:
    return dataclasses.replace(plan, opening=rows)


def done(plan: Plan, *rows: Opening) -> list[int]:
    """When the cases of an opening caseload were done, by order of play."""
    return told(opened(plan, *rows)).of("case.done_on")


# --- by hand ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "in_stage", "ends"),
    [
        ("pause", 0, 10 * DAY),
        ("pause", 3 * DAY + 7, 7 * DAY - 7),
        ("pause", 10 * DAY - 1, 1),
        ("pause", 10 * DAY, 1),
        ("pause", 90 * DAY, 1),
        ("office", 0, 4 * DAY + CLOSES),
        ("office", 2 * (CLOSES - OPENS) + 60, 2 * DAY + CLOSES - 60),
        ("gate", 0, 10 * DAY),
        ("gate", 4 * DAY, 6 * DAY),
        ("work", 0, OPENS + 180),
        ("work", 100 * DAY, OPENS + 180),  # a file half read is read again
        ("slot", 50 * DAY, OPENS + 180),
        ("sit", 0, 11 * DAY + CLOSES + 0),
        ("apart", 5 * DAY, 20 * DAY),
        ("done", 5 * DAY, 0),
    ],
)
def test_one_case_at_each_kind_of_node(node: str, in_stage: int, ends: int) -> None:
    plan = desk()
    assert done(plan, stands(plan, node, in_stage=in_stage)) == [ends]


def test_the_case_is_as_old_as_it_is_said_to_be_and_arrives_as_the_plan_starts() -> None:
    plan = desk()
    story = told(opened(plan, stands(plan, "pause", days=400)))
    assert story.received == [-400 * DAY]
    first = story.all[0]
    assert (first.minute, first.node, first.what) == (0, "pause", What.ARRIVED)


def test_ages_lie_evenly_in_the_band() -> None:
    plan = desk()
    row = stands(plan, "pause", 4000, age_from=1000, age_to=100_000)
    ages = -np.asarray(told(opened(plan, row)).received)
    assert 1000 <= ages.min() < 1500
    assert 99_500 < ages.max() <= 100_000
    assert abs(ages.mean() - 50_500) < 5 * 99_000 / math.sqrt(12 * 4000)


def test_a_case_received_one_minute_before_is_not_taken_for_one_without_a_date() -> None:
    plan = desk()
    row = stands(plan, "pause", 60, age_from=0, age_to=2)
    assert set(told(opened(plan, row)).received) == {0, -2}


def test_a_wait_ends_at_the_date_the_case_carries() -> None:
    plan = desk()
    asked = plan.find("case.asked_on")
    never = done(plan, stands(plan, "cut", in_stage=DAY))
    long_ago = done(plan, stands(plan, "cut", in_stage=DAY, sets=(Known(asked, Told.AGO, 5 * DAY),)))
    assert (never, long_ago) == ([9 * DAY], [1])


def test_old_cases_come_first_in_a_queue() -> None:
    plan = desk()
    ages = [30, 300, 3, 200]
    story = told(opened(plan, *(stands(plan, "slot", days=days, name=f"{days}") for days in ages)))
    by_age = sorted(zip(story.received, story.of("case.done_on"), strict=True))
    three = [OPENS + 180, OPENS + 360, DAY + OPENS + 60, DAY + OPENS + 240]
    assert by_age == [(-days * DAY, when) for days, when in zip((300, 200, 30, 3), three, strict=True)]


def test_cases_further_than_the_place_they_take_stand_there_once_they_have_it() -> None:
    """One place, given to the older at once: seven of its ten days are left. The younger begins the same when it is given back, and goes on as any."""
    plan = desk()
    rows = [
        stands(plan, "slot", days=days, name=f"{days}", in_stage=3 * DAY, then=at(plan, "pause")) for days in (9, 90)
    ]
    story = told(opened(plan, *rows))
    assert sorted(zip(story.received, story.of("case.done_on"), strict=True)) == [
        (-90 * DAY, 7 * DAY),
        (-9 * DAY, 14 * DAY),
    ]
    assert [row.node for row in story.all if row.what == What.WAITS] == ["pause", "pause"]


def test_what_is_known_is_written_over_what_is_drawn() -> None:
    plan = desk()
    sets = (
        Known(plan.find("case.asked_on"), Told.RECEIVED),
        Known(plan.find("case.gate"), Told.MORE, 3),
        Known(plan.find("subject.colour"), Told.IS, 1),
        Known(plan.find("subject.over_on"), Told.AGO, 1),
        Known(plan.find("allegation.weight"), Told.IS, 1),
    )
    story = told(opened(plan, stands(plan, "pause", 200, days=50, sets=sets), stands(plan, "pause", 200, name="other")))
    known = np.asarray(story.received) == -50 * DAY
    assert known.sum() == 200
    for attribute, value in (("case.asked_on", -50 * DAY), ("case.gate", 3)):
        assert set(np.asarray(story.of(attribute))[known].tolist()) == {value}
    assert set(np.asarray(story.of("case.asked_on"))[~known].tolist()) == {UNSET}
    assert set(np.asarray(story.of("subject.over_on"))[known].tolist()) == {-2}
    assert set(np.asarray(story.of("subject.colour"))[known].tolist()) == {1}
    assert set(np.asarray(story.of("subject.colour"))[~known].tolist()) == {0, 1}
    of = known[story.record.allegations["case"]]
    weight = np.asarray(story.of("allegation.weight"))
    assert set(weight[of].tolist()) == {1}
    assert set(weight[~of].tolist()) == {0, 1}
    per_case = np.bincount(story.record.allegations["case"])
    assert abs(per_case.mean() - 3) < 5 * math.sqrt(6 / 400)  # one and further ones, geometric with mean 2
    assert story.record.subjects["case"].tolist() == list(range(400))


def test_a_part_is_joined_as_if_it_had_been_forked() -> None:
    plan = desk()
    row = stands(plan, "together", also=(Part(at(plan, "apart"), at(plan, "part"), 4 * DAY),))
    story = told(opened(plan, row))
    assert story.of("subject.over_on") == [6 * DAY]
    assert story.of("case.done_on") == [16 * DAY]
    assert [(r.token, r.node, r.value) for r in story.rows(What.FORKED)] == [(0, "apart", 1)]


def test_a_side_token_runs_beside_and_writes_what_is_waited_for() -> None:
    plan = desk()
    row = stands(plan, "gate", also=(Part(at(plan, "aside"), at(plan, "track"), 25 * DAY),))
    assert done(plan, row) == [5 * DAY]


def test_parts_of_parts_are_joined_in_turn() -> None:
    plan = desk()
    apart, together = at(plan, "apart"), at(plan, "together")
    row = stands(
        plan,
        "together",
        also=(Part(apart, together), Part(at(plan, "aside"), at(plan, "track")), Part(apart, at(plan, "part"))),
    )
    story = told(opened(plan, row))
    assert story.of("subject.over_on") == [10 * DAY]
    # The part in the middle comes from the join to the wait that follows, and through it to its end.
    assert story.minutes(What.LEFT, token=1) == [20 * DAY]
    assert story.minutes(What.LEFT, token=0) == [30 * DAY]
    assert story.minutes(What.LEFT, token=2) == [30 * DAY]


# --- what is left of a duration -----------------------------------------------------------------------------------------


def left(node: str, elapsed_days: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Days left of a wait of many cases; those that outlast the run count as its length."""
    plan = desk()
    minutes = np.asarray(done(plan, stands(plan, node, 4000, in_stage=round(elapsed_days * DAY))))
    return np.where(minutes == UNSET, 365 * DAY, minutes) / DAY


def share_error(share: float) -> float:
    """Five standard errors of a share of 4,000."""
    return 5 * math.sqrt(share * (1 - share) / 4000) + 1e-3


@pytest.mark.parametrize("elapsed", [1, 45, 400])
@pytest.mark.parametrize("days", [5, 30, 100])
def test_an_exponential_has_no_memory(elapsed: float, days: float) -> None:
    share = math.exp(-days / 30)
    assert abs((left("chance", elapsed) > days).mean() - share) < share_error(share)


@pytest.mark.parametrize("elapsed", [1, 30, 200])
@pytest.mark.parametrize("days", [5, 30, 100])
def test_what_is_left_of_a_lognormal_is_what_survives(elapsed: float, days: float) -> None:
    spread = math.sqrt(math.log1p(1.2**2))

    def survives(day: float) -> float:
        return math.erfc((math.log(day / 30) + spread**2 / 2) / spread / math.sqrt(2)) / 2

    share = survives(elapsed + days) / survives(elapsed)
    assert abs((left("spread", elapsed) > days).mean() - share) < share_error(share)


@given(
    family=st.sampled_from(["fixed", "exponential", "lognormal"]),
    k=st.integers(0, 2**52 - 1),
    size=st.floats(1, 1e6),
    elapsed=st.integers(0, 10**7),
)
def test_a_duration_given_that_it_is_longer_is_longer(family: str, k: int, size: float, elapsed: int) -> None:
    table = draws.quantile_table(family, 1.5)
    found = draws.given_longer(table, k, size, elapsed)
    longest = size * draws.quantile(table, 2**52 - 1)
    assert k <= found < 2**52
    assert size * draws.quantile(table, found) > elapsed or longest <= elapsed
    assert draws.given_longer(table, k, size, 0) == k


def test_how_long_it_has_been_there_is_known_of_the_first_node_only() -> None:
    plan = desk()
    # Through the fork and the join, or once the gate is open, the next wait is drawn in full.
    assert done(plan, stands(plan, "together", in_stage=9 * DAY)) == [10 * DAY]
    assert done(plan, stands(plan, "aside", in_stage=9 * DAY)) == [10 * DAY]


# --- people -------------------------------------------------------------------------------------------------------------

FORCE = Population(
    seats="seats", leaving="leaving", joined="person.joined_on", leaves="person.leaves_on", before="person.before"
)
PEOPLE = (
    Attribute("person.joined_on", date=True),
    Attribute("person.leaves_on", date=True),
    Attribute("person.before"),
    Attribute("person.seen"),
    Attribute("person.rank", levels=("low", "high"), drawn="rank"),
    Attribute("case.rank", levels=("low", "high"), lead="person.rank"),
    Attribute("case.done_on", date=True),
)


def force(rate: float = 30, seats: float = 300, **numbers: Given) -> Plan:
    nodes = (
        Wait("wait", lasts=Duration("month", cv="cv"), owner="them", time_is="another_body", next="done"),
        Set("done", writes=(Write("case.done_on", "now"),), next="end"),
        Exit("end"),
    )
    stream = Stream(
        "cases", start="wait", rate="rate", spread="wide", subjects="one", allegations="one",
        relative={"person.rank": "more"},
    )  # fmt: skip
    given = {
        **NUMBERS,
        "rate": ("rate_per_year", rate),
        "wide": ("ratio", 1),
        "seats": ("ratio", seats),
        "leaving": ("ratio", 0.1),
        "rank.low": ("ratio", 1),
        "rank.high": ("ratio", 1),
        "more.high": ("ratio", 4),
        **numbers,
    }
    return small(nodes, given, to=date(2012, 1, 1), attributes=PEOPLE, streams=(stream,), population=FORCE)


def test_people_are_found_in_proportion_to_how_often_they_are_reported() -> None:
    plan = force()
    cast = casting.make(opened(plan, stands(plan, "wait", 4000, days=1)), 1, 0)
    person = cast.subject_person[:4000]
    all_of_them = casting.there_at_the_start(plan, draws.root(1, 0), 300)
    weight = casting.frailty_of(plan, plan.streams[0], all_of_them.keys)
    weight = weight * np.where(all_of_them.state[:, plan.find("person.rank").index] == 1, 4, 1)
    order = np.argsort(-weight)
    top = set(all_of_them.keys[order[:30]].tolist())
    share = weight[order[:30]].sum() / weight.sum()
    found = np.asarray([int(key) in top for key in cast.people.keys[person]])
    assert abs(found.mean() - share) < share_error(share)


def test_people_were_there_when_their_case_was_received_and_as_the_plan_starts() -> None:
    plan = force()
    cast = casting.make(opened(plan, stands(plan, "wait", 500, days=3000)), 2, 0)
    people = cast.people.state[cast.subject_person[:500]]
    joined, leaves = (people[:, plan.find(f"person.{name}_on").index] for name in ("joined", "leaves"))
    assert (joined <= -3000 * DAY).all()
    assert (leaves >= 0).all()
    assert (cast.cases.state[:500, plan.find("case.rank").index] == people[:, plan.find("person.rank").index]).all()


def test_people_who_have_a_case_anyway_are_the_same_people() -> None:
    plan = force(rate=400)
    without = casting.make(plan, 3, 0)
    with_ = casting.make(opened(plan, stands(plan, "wait", 500)), 3, 0)
    assert len(np.unique(with_.people.keys)) == len(with_.people.keys)
    assert (with_.people.keys[: len(without.people.keys)] == without.people.keys).all()
    assert (with_.people.state[: len(without.people.keys)] == without.people.state).all()
    assert len(set(with_.subject_person[:500].tolist()) & set(without.subject_person.tolist())) > 10
    before = plan.find("person.before").index
    everybody = casting.there_at_the_start(plan, draws.root(3, 0), 300)
    counted = casting.count_before(everybody, [casting.incidents_of(plan, 0, casting.stepped.rates(plan), everybody)])
    assert counted is not None
    of = dict(zip(everybody.keys.tolist(), counted.tolist(), strict=True))
    mine = np.unique(with_.subject_person[:500])
    assert with_.people.state[mine, before].tolist() == [of[key] for key in with_.people.keys[mine].tolist()]


def test_more_is_added_for_each_open_case_of_a_person() -> None:
    plan = force(seats=20)
    row = stands(plan, "wait", 60, sets=(Known(plan.find("person.seen"), Told.MORE, 2),))
    story = told(opened(plan, row))
    cases = np.bincount(story.record.subjects["person"][:60], minlength=len(story.of("person.seen")))
    assert (np.asarray(story.of("person.seen")) == 2 * cases).all()
    assert cases.max() > 1


def on_trial(months: float) -> Plan:
    """A stream about people who joined less than so long ago."""
    nodes = (Wait("wait", lasts=Duration("ten_days"), owner="them", time_is="another_body", next="end"), Exit("end"))
    stream = Stream(
        "cases",
        start="wait",
        rate="rate",
        spread="nothing",
        subjects="one",
        allegations="one",
        until="person.proven_on",
    )
    given: dict[str, Given] = {
        **NUMBERS,
        "rate": ("per_person_year", 0.1),
        "seats": ("ratio", 300),
        "leaving": ("ratio", 0.2),
        "trial": ("months", months),
        "rank.low": ("ratio", 1),
        "rank.high": ("ratio", 1),
    }
    population = dataclasses.replace(FORCE, marks="person.proven_on", marks_after="trial")
    attributes = (*PEOPLE, Attribute("person.proven_on", date=True))
    return small(nodes, given, to=date(2011, 1, 1), attributes=attributes, streams=(stream,), population=population)


def test_cases_of_a_stream_that_ends_for_everybody_are_about_those_for_whom_it_has_not() -> None:
    plan = on_trial(24)
    story = told(opened(plan, stands(plan, "wait", 300, days=30)))
    people = np.asarray(story.record.subjects["person"][:300])
    assert (np.asarray(story.of("person.proven_on"))[people] > 0).all()
    assert (np.asarray(story.of("person.joined_on"))[people] <= -30 * DAY).all()


def test_a_case_that_nobody_could_be_the_person_of_is_refused() -> None:
    plan = on_trial(0)
    with pytest.raises(CastError, match="nobody is there"):
        play(opened(plan, stands(plan, "wait")), 1)


# --- nothing else changes -----------------------------------------------------------------------------------------------


def by_key(cast: casting.Cast) -> dict[str, dict[int, tuple[int, ...]]]:
    tables = {"case": cast.cases, "subject": cast.subjects, "allegation": cast.allegations, "person": cast.people}
    return {
        name: dict(zip(table.keys.tolist(), map(tuple, table.state.tolist()), strict=True))
        for name, table in tables.items()
    }


@pytest.mark.parametrize("number", range(6))
def test_an_opening_of_nothing_changes_no_digit(number: int) -> None:
    plan = random_plan(number)
    nothing = opened(plan, stands(plan, plan.nodes[0].name, 0))
    record = dataclasses.replace(play(nothing, 1), plan=plan.fingerprint)
    assert first_difference(plan, play(plan, 1), record) == ""


@pytest.mark.parametrize("number", range(12))
def test_another_row_disturbs_no_draw(number: int) -> None:
    plan = random_opening(random_plan(number), number)
    sets_nothing = tuple(dataclasses.replace(row, sets=()) for row in plan.opening)
    all_ = by_key(casting.make(opened(plan, *sets_nothing), 5, 1))
    for rows in ((), sets_nothing[:1], sets_nothing[1:], sets_nothing[::-1]):
        some = by_key(casting.make(opened(plan, *rows), 5, 1))
        for table, of_key in some.items():
            assert of_key.items() <= all_[table].items()
    more = tuple(dataclasses.replace(row, count=row.count + 1) for row in sets_nothing)
    grown = by_key(casting.make(opened(plan, *more), 5, 1))
    assert all(of_key.items() <= grown[table].items() for table, of_key in all_.items())
    assert len(grown["case"]) == len(all_["case"]) + len(more)


@pytest.mark.parametrize("number", range(12))
def test_both_casts_have_the_same_opening_caseload(number: int) -> None:
    plan = random_opening(random_plan(number), number)
    one, other = casting.make(plan, 7, 2), fast_casting.make(plan, 7, 2)
    assert by_key(one) == by_key(other)
    for column in ("seats", "case_stream", "received", "subject_case", "subject_person", "allegation_subject"):
        assert (getattr(one, column) == getattr(other, column)).all()
    assert (one.opening is None) == (other.opening is None)


@settings(max_examples=60, deadline=None)
@given(number=st.integers(0, 10**9), seed=st.integers(0, 2**40))
def test_random_opening_caseloads_are_played_to_the_same_digit(number: int, seed: int) -> None:
    plan = random_opening(random_plan(number), number)
    try:
        record = play(plan, seed)
    except CastError:
        reject()  # nobody is there whom a case could be about, as is tested above
    check(plan, record)
    arrived = (record.events["what"] == What.ARRIVED) & (record.events["token"] == 0)
    opening = record.cases["received_on"] <= 0
    # Every case in is out or open, and those that were open are all there.
    assert int(arrived.sum()) == len(opening)
    assert int(opening.sum()) >= sum(row.count for row in plan.opening)
    alive = {int(c) for c in record.events["case"]} - _over(record)
    assert len(alive) + len(_over(record)) == len(opening)


def _over(record: Any) -> set[int]:
    """Cases of which every token has left."""
    made, left = (
        np.bincount(record.events["case"][record.events["what"] == what], minlength=len(record.cases["received_on"]))
        for what in (What.ARRIVED, What.LEFT)
    )
    return set(np.flatnonzero(made == left).tolist())


def test_a_play_without_rows_ends_with_the_same_tables() -> None:
    plan = random_opening(random_plan(3), 3)
    silent, loud = fast.play(plan, 1, events=False), play(plan, 1)
    for table in TABLES:
        for column, values in getattr(loud, table).items():
            assert np.array_equal(getattr(silent, table)[column], values)


def test_a_plan_with_an_opening_caseload_is_read_back_equal() -> None:
    plan = random_opening(random_plan(4), 4)
    again = from_json(to_json(plan))
    assert again == plan
    assert again.fingerprint == plan.fingerprint != random_plan(4).fingerprint

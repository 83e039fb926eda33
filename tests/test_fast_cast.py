"""Does compiled code draw the same people, cases, subjects and allegations as `engines/cast.py`, to the digit?"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from desk import Given, one_team, small
from hypothesis import given, settings
from hypothesis import strategies as st
from random_pathways import random_plan

from sim.engines import cast as reference
from sim.engines import draws, stepped
from sim.engines.cast import Cast, CastError
from sim.engines.fast import cast as fast
from sim.pathway.kinds import Attribute, Exit, Population, Stream
from sim.plan import MINUTES_A_DAY, Plan
from sim.scenario import load_scenario

START, DAYS = date(2015, 2, 1), 900


# --- comparing --------------------------------------------------------------------------------------------------------


def columns(cast: Cast) -> Iterator[tuple[str, np.ndarray]]:
    """Every array of a cast under its name."""
    for scope in ("people", "cases", "subjects", "allegations"):
        yield f"{scope}.keys", getattr(cast, scope).keys
        yield f"{scope}.state", getattr(cast, scope).state
    for name in ("seats", "case_stream", "received", "subject_case", "subject_person", "allegation_subject"):
        yield name, getattr(cast, name)
    yield from sorted(cast.person_days.items())


def equal(expected: Cast, found: Cast) -> None:
    for (name, mine), (other, others) in zip(columns(expected), columns(found), strict=True):
        assert name == other
        assert (mine.dtype, mine.shape) == (others.dtype, others.shape), name
        assert mine.tolist() == others.tolist(), name


def agree(plan: Plan, seed: int, replication: int = 0) -> Cast:
    """The cast by compiled code, held to the reference; where one refuses, the other has to refuse in the same words."""
    expected, found = (refused_or_made(engine.make, plan, seed, replication) for engine in (reference, fast))
    if isinstance(expected, CastError):
        assert (type(found), str(found)) == (CastError, str(expected))
        raise expected
    assert isinstance(found, Cast), found
    equal(expected, found)
    return found


def refused_or_made(
    make: Callable[[Plan, int, int], Cast], plan: Plan, seed: int, replication: int
) -> Cast | CastError:
    try:
        return make(plan, seed, replication)
    except CastError as error:
        return error


# --- plans in which everything that a cast can hold occurs ----------------------------------------------------------------


class Crowd:
    """Writes one random plan: who there is, who is reported, and with what levels."""

    def __init__(self, number: int) -> None:
        self.dice = np.random.default_rng(number)

    def chance(self, share: float) -> bool:
        return bool(self.dice.random() < share)

    def steps(self, unit: str, low: float, high: float, digits: int = 3) -> Given:
        """A number that steps up to four times."""
        days = sorted({0, *self.dice.integers(1, DAYS, int(self.dice.integers(0, 5))).tolist()})
        return unit, {START + timedelta(day): round(float(self.dice.uniform(low, high)), digits) for day in days}

    def shares(self, prefix: str, levels: tuple[str, ...]) -> dict[str, Given]:
        return {f"{prefix}.{level}": self.steps("ratio", 0.1, 3) for level in levels}

    def plan(self) -> Plan:
        some, ranks, kinds = ("none", "some"), ("low", "middle", "high"), ("a", "b", "c", "d")
        shared = self.chance(0.7)
        attributes = (
            Attribute("person.joined_on", date=True),
            Attribute("person.leaves_on", date=True),
            Attribute("person.proven_until", date=True),
            Attribute("person.before"),
            Attribute("person.place"),
            Attribute("person.rank", levels=ranks, drawn="rank"),
            Attribute("person.branch", levels=some, drawn="branch", given="person.rank"),
            Attribute("person.note", levels=some),
            Attribute("case.stream", levels=("calls", "letters", "trials")),
            Attribute("case.lead_rank", levels=ranks, lead="person.rank"),
            Attribute("case.lead_place", lead="person.place"),
            Attribute("case.route", levels=some, drawn="route", given="case.lead_rank"),
            Attribute("subject.outcome", levels=some, drawn="outcome", given="person.rank"),
            Attribute("subject.since", date=True),
            Attribute("allegation.kind", levels=kinds, drawn="kind", given="subject.outcome"),
            Attribute("allegation.weight", levels=some, drawn="weight", given="allegation.kind"),
            Attribute("allegation.way", levels=some, drawn="way", given="case.stream"),
        )
        numbers: dict[str, Given] = {
            "seats": self.steps("ratio", 1, 120, 0),
            "leaving": ("ratio", round(float(self.dice.uniform(0.05, 4)), 2)),
            "places": ("ratio", 7),
            "until": ("days", 400),
            "spread": ("ratio", round(float(self.dice.uniform(0, 2)), 2)),
            "even": ("ratio", 0),
            "unrecorded": self.steps("share", 0, 0.3),
            "calls": self.steps("rate_per_year", 0, 200),
            "letters": ("rate_per_year", 0) if self.chance(0.2) else self.steps("rate_per_year", 0, 150),
            **{
                f"{what}.{stream}": self.steps("ratio", 0.8, 2.5) for what in ("named", "said") for stream in ("c", "l")
            },
            **self.shares("rank", ranks),
            **self.shares("route.low", some) | self.shares("route.middle", some) | self.shares("route.high", some),
            **self.shares("branch.low", some) | self.shares("branch.middle", some) | self.shares("branch.high", some),
            **self.shares("outcome.low", some) | self.shares("outcome.middle", some),
            **self.shares("outcome.high", some),
            **self.shares("kind.none", kinds) | self.shares("kind.some", kinds),
            **{key: share for kind in kinds for key, share in self.shares(f"weight.{kind}", some).items()},
            **self.shares("way.calls", some) | self.shares("way.letters", some) | self.shares("way.trials", some),
            "oftener.high": self.steps("ratio", 0.5, 3),
            "rarer.some": self.steps("ratio", 0.1, 1),
            "trials": self.steps("per_person_year", 0, 2),
        }
        relative = {"person.rank": "oftener", "person.branch": "rarer"} if shared and self.chance(0.7) else {}
        streams: tuple[Stream, ...] = (
            Stream("calls", start="end", rate="calls", spread="spread", subjects="named.c", allegations="said.c",
                   unrecorded="unrecorded", relative=relative),
            Stream("letters", start="end", rate="letters", spread="even" if self.chance(0.5) else "spread",
                   subjects="named.l", allegations="said.l", relative={"person.rank": "oftener"} if shared else {}),
        )  # fmt: skip
        if shared and self.chance(0.5):
            # First or last: the first stream is the one whose cases before the start are counted.
            trials = Stream("trials", start="end", rate="trials", spread=streams[1].spread, subjects="one",
                            allegations="said.l", unrecorded="unrecorded", relative=relative,
                            until="person.proven_until")  # fmt: skip
            streams = (trials, *streams) if self.chance(0.5) else (*streams, trials)
        people = Population(
            seats="seats", leaving="leaving", joined="person.joined_on", leaves="person.leaves_on",
            before="person.before", place="person.place", places="places", marks="person.proven_until",
            marks_after="until",
        )  # fmt: skip
        return small(
            [Exit("end")],
            numbers,
            start=START,
            to=START + timedelta(DAYS),
            attributes=attributes,
            streams=streams,
            population=people if shared else None,
        )


@settings(max_examples=150, deadline=None)
@given(number=st.integers(0, 10**9), seed=st.integers(-(2**70), 2**70), replication=st.integers(0, 10**6))
def test_any_crowd_is_drawn_to_the_same_digit(number: int, seed: int, replication: int) -> None:
    try:
        agree(Crowd(number).plan(), seed, replication)
    except CastError:  # agreed upon too
        return


@settings(max_examples=60, deadline=None)
@given(number=st.integers(0, 10**9), seed=st.integers(0, 10**9))
def test_the_cast_of_any_random_pathway_is_drawn_to_the_same_digit(number: int, seed: int) -> None:
    agree(random_plan(number), seed)


def test_crowds_hold_what_they_are_there_for() -> None:
    casts = []
    for number in range(40):
        try:
            casts.append((plan := Crowd(number).plan(), fast.make(plan, 1, 0)))
        except CastError:
            continue
    assert {plan.population is None for plan, _ in casts} == {True, False}
    assert {stream.ceiling > 0 for plan, _ in casts for stream in plan.streams} == {False, True}
    shared = [(plan, cast) for plan, cast in casts if plan.population]
    # Several subjects and allegations, people with several cases, cases before the start, and seats that are there at times only.
    assert sum(len(cast.subject_case) - len(cast.received) for _, cast in shared) > 500
    assert sum(len(cast.allegation_subject) - len(cast.subject_case) for _, cast in casts) > 500
    assert sum(len(cast.subject_person) - len(cast.people.keys) for _, cast in shared) > 500
    assert sum(cast.people.state[:, plan.find("person.before").index].sum() for plan, cast in shared) > 500
    assert sum(len(set(plan.value("seats").values)) > 1 for plan, _ in shared) > 10
    # Streams that end at a date of each person, among the first and others, with cases.
    ends = [
        (plan.streams[n].until, n, (cast.case_stream == n).sum())
        for plan, cast in shared
        for n in range(len(plan.streams))
    ]
    assert {n for until, n, _ in ends if until} == {0, 2}
    assert sum(cases for until, _, cases in ends if until) > 100


# --- what is shipped ----------------------------------------------------------------------------------------------------


@functools.cache
def shipped(name: str, world: str, *changes: str) -> Plan:
    return load_scenario(name, world=world, settings=dict(change.split("=") for change in changes)).plan


WORLDS = ("slack", "dps_saturated", "psu_saturated")
WHO_COMES = [
    (),
    ("demand.internal_incidents@2018-04-01=90", "public.cases@2019-06-01=40"),
    ("workforce.people@2016-04-01=700", "workforce.leaving_rate=0.2"),
    ("demand.subjects_per_case@2015-04-01=1.9", "demand.allegations_per_subject@2017-04-01=1"),
    ("reporting.relative_rate.black@2018-04-01=1", "reporting.unrecorded=0.2"),
    ("regulation_13.matters@2018-04-01=0.01", "reporting.came_forward_before=0.2"),
]


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("changes", WHO_COMES, ids=lambda changes: changes[0].split("=")[0] if changes else "as it is")
def test_the_village_is_drawn_to_the_same_digit(world: str, changes: tuple[str, ...]) -> None:
    plan = shipped("village", world, *changes)
    for seed in (1, 2):
        for replication in (0, 7):
            agree(plan, seed, replication)


@pytest.mark.parametrize("world", WORLDS)
def test_the_force_of_casey_2022_is_drawn_to_the_same_digit(world: str) -> None:
    cast = agree(shipped("casey_2022", world), 5, WORLDS.index(world))
    assert len(cast.received) > 25_000


def test_dates_beyond_four_bytes_are_drawn_to_the_same_digit() -> None:
    cast = agree(shipped("village", "slack", "workforce.leaving_rate=0.0001"), 1)
    assert np.abs(cast.people.state).max() > np.iinfo(np.int32).max


def test_who_comes_is_changed_by_what_was_changed() -> None:
    sizes = {len(fast.make(shipped("village", "slack", *changes), 1, 0).allegation_subject) for changes in WHO_COMES}
    assert len(sizes) == len(WHO_COMES)


# --- rooms and threads ----------------------------------------------------------------------------------------------------


def strangers() -> Plan:
    return one_team(300, 3, 3, family="exponential", cv=1, to=date(2013, 1, 1))


@pytest.mark.parametrize(
    "plan", [shipped("village", "slack"), strangers(), Crowd(3).plan()], ids=lambda plan: plan.name
)
def test_a_room_that_is_too_small_changes_nothing(plan: Plan) -> None:
    expected = fast.make(plan, 1, 0)
    roomy = fast.prepare(plan)
    for short in ("people", "cases", "subjects"):
        equal(expected, fast.make_from(dataclasses.replace(roomy, rooms=[], **{short: 1}), 1, 0))
    equal(expected, fast.make_from(dataclasses.replace(roomy, rooms=[], people=1, cases=1, subjects=1), 1, 0))


@pytest.mark.parametrize("plan", [shipped("village", "slack"), strangers()], ids=lambda plan: plan.name)
def test_replications_drawn_in_threads_are_those_drawn_one_after_another(plan: Plan) -> None:
    prepared = fast.prepare(plan)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda replication: fast.make_from(prepared, 9, replication), range(24)))
    for replication, cast in enumerate(found):
        equal(fast.make(plan, 9, replication), cast)
    rooms = [array for room in prepared.rooms for array in (room.counts, room.found, room.subjects)]
    for one, two in pairwise(found):
        for _, array in columns(one):
            assert not any(np.shares_memory(array, other) for _, other in columns(two))
            assert not any(np.shares_memory(array, other) for other in rooms)


# --- refusals -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["village", "strangers"])
def test_a_rate_above_the_ceiling_is_refused_in_the_words_of_the_reference(name: str) -> None:
    plan = shipped("village", "slack") if name == "village" else strangers()
    streams = [dataclasses.replace(stream, ceiling=0.9 * stream.ceiling / 3) for stream in plan.streams]
    with pytest.raises(CastError, match=f"stream {plan.streams[0].name!r}"):
        agree(dataclasses.replace(plan, streams=tuple(streams)), 1)
    if len(streams) > 1:
        with pytest.raises(CastError, match=f"stream {plan.streams[1].name!r}"):
            agree(dataclasses.replace(plan, streams=(plan.streams[0], *streams[1:])), 1)


# --- the tables both read -------------------------------------------------------------------------------------------------


@given(extra=st.floats(0.001, 20), k=st.integers(0, 2**52 - 1))
def test_rows_beyond_the_first_are_geometric(extra: float, k: int) -> None:
    more, u = extra / (1 + extra), draws.uniform(k)
    exact = math.log(u) / math.log(more)  # at least n rows with chance more ** n
    if abs(exact - round(exact)) > 1e-9:
        assert np.count_nonzero(stepped.powers(more) >= u) == math.floor(exact)


def test_no_row_follows_the_first_where_the_mean_is_one_or_less() -> None:
    plan = strangers()
    one = plan.value("one")
    below = dataclasses.replace(one, values=(0.0,))
    for value in (one, below):
        values = tuple(value if old == one else old for old in plan.values)
        cast = agree(dataclasses.replace(plan, values=values), 1)
        assert len(cast.received) == len(cast.subject_case) == len(cast.allegation_subject)


def test_days_in_the_force_are_those_of_every_seat_that_is_there() -> None:
    # 30 seats until the end of June 2015 (150 days), 12 until the end of 2015 (184), 41 for the rest (567).
    marks = {START: 30.0, date(2015, 7, 1): 12.0, date(2016, 1, 1): 41.0}
    plan = Crowd(next(number for number in range(99) if Crowd(number).plan().population)).plan()
    assert plan.population is not None
    seats = plan.values[plan.population.seats]
    stepping = dataclasses.replace(seats, times=tuple(map(plan.minute, marks)), values=tuple(marks.values()))
    values = tuple(stepping if old == seats else old for old in plan.values)
    cast = agree(dataclasses.replace(plan, values=values), 3)
    expected = 30 * 150 + 12 * 184 + 41 * (plan.ends_at // MINUTES_A_DAY - 334)
    for name in ("person_days.rank", "person_days.branch"):
        assert cast.person_days[name].sum() == pytest.approx(expected, rel=1e-12)

"""Is every mistake in a pathway met with a plain sentence and its place, and does whatever can be built play by the rules?"""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from agreement import play
from desk import ONE_EACH, Given, frame, one_team, series, told
from hypothesis import given, settings
from hypothesis import strategies as st
from random_pathways import START as RANDOM_START
from random_pathways import check, parts, random_plan

from sim.pathway.kinds import (
    Assign,
    Attribute,
    Book,
    Branch,
    Clock,
    Decide,
    Diary,
    Duration,
    Exit,
    Fork,
    Guard,
    Hold,
    Pathway,
    Population,
    Set,
    Signal,
    Stage,
    Stream,
    Team,
    Wait,
    Work,
    Write,
)
from sim.plan import PLAN_VERSION, Kind, Plan, Scope, from_json, to_json
from sim.record import Record, What
from sim.scenario.build import Frame, ScenarioError, build

TO = date(2010, 7, 1)

NUMBERS: dict[str, Given] = {
    **ONE_EACH,
    "rate": ("rate_per_year", 100),
    "posts": ("posts", 3),
    "slots": ("ratio", 2),
    "units": ("ratio", 2),
    "places": ("ratio", 2),
    "hours": ("hours", 5),
    "days": ("days", 3),
    "rooms": ("rooms", 2),
    "share.mild": ("ratio", 1),
    "share.grave": ("ratio", 2),
    "weight.a": ("ratio", 1),
    "slower.grave": ("ratio", 2),
    "seats": ("ratio", 50),
    "leaving": ("ratio", 0.2),
    "trial": ("months", 24),
    "trial_years": ("years", 2),
    "each": ("per_person_year", 0.5),
    "two": ("ratio", 2),
}


def sound() -> Pathway:
    """A pathway with nothing wrong in it."""
    return Pathway(
        name="sound",
        attributes=(
            Attribute("case.received_on", date=True),
            Attribute("case.gravity", levels=("mild", "grave"), drawn="share"),
            Attribute("case.turns"),
            Attribute("subject.outcome", levels=("none", "some")),
            Attribute("subject.told_on", date=True),
            Attribute("person.joined_on", date=True),
            Attribute("person.leaves_on", date=True),
            Attribute("person.proven_on", date=True),
            Attribute("person.before"),
        ),
        teams=(
            Team("unit", owner="us", posts="posts", slots="slots", calendar="office", oldest="case.received_on"),
            Team("pool", owner="us", posts="posts", calendar="all_hours", oldest="case.received_on"),
        ),
        diaries=(Diary("rooms", owner="us", size="rooms", calendar="office"),),
        streams=(Stream("cases", start="take", rate="rate", spread="nothing", subjects="one", allegations="one"),),
        nodes=(
            Assign("take", team="unit", next="study"),
            Work("study", team="unit", effort=Duration("hours", by={"case.gravity": "slower"}), next="type"),
            Work("type", team="pool", effort=Duration("hours"), next="judge"),
            Decide(
                "judge",
                each="subject",
                into="subject.outcome",
                next="which",
                branches=(Branch("none", weight="weight.a"), Branch("some", weight=2.0)),
            ),
            Decide("which", branches=(Branch("post", when=("case.turns < 1",)), Branch("list", otherwise=True))),
            Wait("post", lasts=Duration("days"), owner="them", time_is="another_body", next="count"),
            Set("count", writes=(Write("case.turns", "+1"),), raises=(Signal("counted"),), next="which"),
            Book(
                "list",
                diaries=(("rooms", 1),),
                notice=Duration("days"),
                length=Duration("days"),
                owner="us",
                next="end",
            ),
            Exit("end"),
            Exit("away"),
        ),
        guards=(Guard(signal="counted", region=("list",), to="away"),),
    )


def made(
    change: Callable[[Pathway], Pathway] = lambda pathway: pathway, numbers: dict[str, Given] | None = None
) -> Plan:
    return build(change(sound()), series({**NUMBERS, **(numbers or {})}), frame(TO))


def node(name: str, **changed: object) -> Callable[[Pathway], Pathway]:
    """The pathway with one node changed."""

    def change(pathway: Pathway) -> Pathway:
        assert any(one.name == name for one in pathway.nodes)
        nodes = [dataclasses.replace(one, **changed) if one.name == name else one for one in pathway.nodes]
        return dataclasses.replace(pathway, nodes=tuple(nodes))

    return change


def part(table: str, **changed: object) -> Callable[[Pathway], Pathway]:
    """The pathway with the first row of a table changed."""

    def change(pathway: Pathway) -> Pathway:
        first, *rest = getattr(pathway, table)
        return dataclasses.replace(pathway, **{table: (dataclasses.replace(first, **changed), *rest)})  # type: ignore[arg-type]

    return change


def more(table: str, *rows: object) -> Callable[[Pathway], Pathway]:
    return lambda pathway: dataclasses.replace(pathway, **{table: (*getattr(pathway, table), *rows)})  # type: ignore[arg-type]


def test_a_sound_pathway_is_built_and_played() -> None:
    plan = made()
    story = told(plan)
    assert story.rows(What.LEFT)
    assert plan.ends_at == (31 + 28 + 31 + 30 + 31 + 30) * 1440


MISTAKES = [
    # What is wrong, where it is said to be, and what is said.
    (node("count", next="wich"), "node count", "no node is called 'wich'; did you mean 'which'?"),
    (part("streams", start="tak"), "stream cases", "no node is called 'tak'; did you mean 'take'?"),
    (node("study", team="unti"), "node study", "no team is called 'unti'; did you mean 'unit'?"),
    (node("list", diaries=(("room", 1),)), "node list", "no diary is called 'room'; did you mean 'rooms'?"),
    (node("list", diaries=()), "node list", "at least one diary"),
    (part("teams", calendar="offices"), "team unit", "no calendar is called 'offices'; did you mean 'office'?"),
    (part("teams", oldest="case.recieved_on"), "team unit", "did you mean 'case.received_on'?"),
    (
        node("count", writes=(Write("case.turn", 1),)),
        "node count",
        "no attribute is called 'case.turn'; did you mean 'case.turns'?",
    ),
    (
        node("count", writes=(Write("case.gravity", "grav"),)),
        "node count",
        "no level of case.gravity is called 'grav'; did you mean 'grave'?",
    ),
    (
        node("judge", branches=(Branch("non"), Branch("some"))),
        "node judge",
        "no level of subject.outcome is called 'non'; did you mean 'none'?",
    ),
    (node("count", writes=(Write("case.turns", "many"),)), "node count", "'many' is neither a whole number"),
    (node("count", writes=(Write("case.turns", "two words"),)), "node count", "cannot be given 'two words'"),
    (node("study", effort=Duration("hour")), "node study", "no number is called 'hour'; did you mean 'hours'?"),
    (node("study", effort=Duration("hours", cv="cv")), "node study", "no number is called 'cv'"),
    (node("study", effort=Duration("rooms")), "node study", "not 'rooms'"),
    (
        node("post", lasts=Duration("slots")),
        "node post",
        "one of minutes, hours, working_days, days, weeks, months, years, not 'ratio'",
    ),
    (
        node("study", effort=Duration("hours", by={"case.gravity": "slow"})),
        "node study",
        "no number is called 'slow.grave'; did you mean 'slower.grave'?",
    ),
    (
        node("post", time_is="another_bodies"),
        "node post",
        "no kind of time is called 'another_bodies'; did you mean 'another_body'?",
    ),
    (node("take", team="pool"), "node take", "team 'pool' has no slots"),
    (node("judge", into=None), "node judge", "each, into and next"),
    (node("judge", into="case.turns"), "node judge", "neither a subject nor an allegation"),
    (
        node("which", branches=(Branch("post", when=("case.turns less 1",)), Branch("list", otherwise=True))),
        "node which",
        "a condition is three words",
    ),
    (
        node("which", branches=(Branch("post", when=("posts < few",)), Branch("list", otherwise=True))),
        "node which",
        "compared with a whole number, not 'few'",
    ),
    (
        node(
            "which", branches=(Branch("post", when=("case.turns = subject.outcome",)), Branch("list", otherwise=True))
        ),
        "node which",
        "its own row or of the case",
    ),
    (node("count", raises=(Signal("counted", to="team"),)), "node count", "'case' or 'person', not 'team'"),
    (part("guards", to="awya"), "guard counted to awya", "no node is called 'awya'; did you mean 'away'?"),
    (part("guards", region=("lits",)), "guard counted to away", "no node is called 'lits'; did you mean 'list'?"),
    (part("teams", unit_of="case.gravity"), "team unit", "it must say units and places"),
    (part("teams", posts="clerks"), "team unit", "no number is called 'clerks'"),
    (part("diaries", size="rums"), "diary rooms", "no number is called 'rums'"),
    (part("streams", rate="rates"), "stream cases", "no number is called 'rates'; did you mean 'rate'?"),
    (more("attributes", Attribute("case.mood", drawn="share")), "case.mood", "it needs levels"),
    (more("attributes", Attribute("case.mood", levels=("mild", "dark"), drawn="share")), "case.mood", "'share.dark'"),
    (
        more("attributes", Attribute("case.mood", levels=("mild", "grave"), drawn="share", given="subject.outcome")),
        "case.mood",
        "declared before it, of its own row or one above",
    ),
    (
        more("attributes", Attribute("subject.rank", lead="case.gravity")),
        "subject.rank",
        "a case attribute copies a person attribute",
    ),
    (more("attributes", Attribute("force.size")), "attributes", "opens with none of person, case, subject, allegation"),
    (more("nodes", Exit("end")), "node end", "a name of its own for every node"),
    (more("nodes", Exit("nowhere")), "node nowhere", "a node that nobody reaches"),
    (
        more("nodes", Fork("split", by="case.turns", start="end", next="end")),
        "node split",
        "by a subject attribute, not 'case.turns'",
    ),
    (
        node("which", branches=(Branch("count"), Branch("post"), Branch("list"))),
        "node which",
        "a loop in which no time need pass: which > count",
    ),
    (
        more("teams", Team("idle", owner="us", posts="posts", calendar="office", oldest="case.received_on")),
        "team idle",
        "a team that does nothing",
    ),
    (
        more("diaries", Diary("chairs", owner="us", size="rooms", calendar="office")),
        "diary chairs",
        "a diary that nothing is booked in",
    ),
    (node("list", diaries=(("rooms", 3),)), "diary rooms", "room for 3 at some time"),
    (node("which", branches=()), "node which", "a decision without branches"),
    (
        node("which", branches=(Branch("post", weight=0.0), Branch("list", weight=0.0))),
        "node which",
        "weights that add up to nothing",
    ),
]


MISTAKES += [
    (
        node("count", writes=(Write("case.received_on", 1, later=Duration("days")),)),
        "node count",
        "only 'now' can be later or earlier",
    ),
    (
        node("count", writes=(Write("case.received_on", "case.turns", earlier=Duration("days")),)),
        "node count",
        "only 'now' can be later or earlier",
    ),
    (
        node("count", writes=(Write("case.received_on", "now", later=Duration("days"), earlier=Duration("days")),)),
        "node count",
        "both later and earlier than now",
    ),
    (
        node("count", writes=(Write("case.received_on", "now", earlier=Duration("hours")),)),
        "node count",
        "case.received_on lies earlier by 'hours', which is working time",
    ),
    (
        node("count", writes=(Write("case.received_on", "now", later=Duration("day")),)),
        "node count",
        "no number is called 'day'; did you mean 'days'?",
    ),
    (
        node("count", writes=(Write("case.received_on", "now", later=Duration("rooms")),)),
        "node count",
        "one of minutes, hours, working_days, days, weeks, months, years, not 'rooms'",
    ),
    (
        node("count", writes=(Write("case.turns", "load unti"),)),
        "node count",
        "no team is called 'unti'; did you mean 'unit'?",
    ),
    (node("count", writes=(Write("case.turns", "load pool"),)), "node count", "team 'pool' has no slots"),
    (
        part("streams", until="person.proven_on"),
        "stream cases",
        "incidents end at the date that marks people in the population, not at person.proven_on",
    ),
    (part("streams", until="person.proven"), "stream cases", "no attribute is called 'person.proven'"),
    (part("streams", rate="each"), "stream cases", "'each' is a rate of each person"),
]

PEOPLE = Population(
    seats="seats", leaving="leaving", joined="person.joined_on", leaves="person.leaves_on", before="person.before",
    marks="person.proven_on", marks_after="trial",
)  # fmt: skip


def populated(**stream: object) -> Callable[[Pathway], Pathway]:
    """The pathway with a force, and its stream changed."""
    return lambda p: dataclasses.replace(part("streams", **stream)(p), population=PEOPLE)


MISTAKES += [
    (populated(until="person.leaves_on", rate="each"), "stream cases", "marks people in the population, not"),
    (populated(until="person.proven_on"), "stream cases", "'rate' is a rate of each person, so its unit is per_person"),
    (populated(until="person.proven_on", rate="each", subjects="two"), "stream cases", "so 'two' is 1 for a stream"),
    (populated(rate="each"), "stream cases", "so the stream says until which date"),
    (
        lambda p: dataclasses.replace(p, population=dataclasses.replace(PEOPLE, marks_after="hours")),
        "population",
        "'hours' is working time",
    ),
    (
        lambda p: dataclasses.replace(p, population=dataclasses.replace(PEOPLE, marks_after="seats")),
        "population",
        "'seats' is a length of time",
    ),
]


def clock(name: str = "answer", starts: str = "case.received_on", ends: str = "subject.told_on", **more: str) -> Clock:
    return Clock(name, starts=starts, ends=ends, meaning="", **{"within": "days", **more})


MISTAKES += [
    (more("clocks", clock(starts="subject.told_on", ends="case.received_on")), "clock answer", "not from subject.told"),
    (more("clocks", clock(ends="person.joined_on")), "clock answer", "a clock runs between dates of a case"),
    (more("clocks", clock(ends="subject.outcome")), "clock answer", "subject.outcome is no date"),
    (more("clocks", clock(ends="subject.tolled_on")), "clock answer", "did you mean 'subject.told_on'?"),
    (more("clocks", clock(within="day")), "clock answer", "no number is called 'day'"),
    (
        more("clocks", clock(within="trial_years")),
        "clock answer",
        "one of days, working_days, weeks, months, not 'years'",
    ),
    (more("clocks", clock(counted="case")), "clock answer", "none above subject.told_on, not 'case'"),
    (more("clocks", clock(counted="cases")), "clock answer", "not 'cases'"),
    (more("clocks", clock(), clock()), "clock answer", "a name of its own for every clock"),
]


def in_stages(*stages: Stage, **changed: object) -> Callable[[Pathway], Pathway]:
    return lambda p: dataclasses.replace(p, **{"nodes": (), "stages": stages, **changed})  # type: ignore[arg-type]


def stage(name: str, number: int, *nodes: object) -> Stage:
    return Stage(name, number=number, title=name.title(), meaning="", nodes=nodes)  # type: ignore[arg-type]


SOUND_NODES = sound().nodes
MISTAKES += [
    (in_stages(stage("all", 1, *SOUND_NODES), nodes=SOUND_NODES[:-1]), "stages", "either nodes or stages"),
    (
        in_stages(stage("a", 1, *SOUND_NODES[:5]), stage("a", 2, *SOUND_NODES[5:])),
        "stage a",
        "a name of its own for every stage",
    ),
    (
        in_stages(stage("a", 1, *SOUND_NODES[:5]), stage("b", 1, *SOUND_NODES[5:])),
        "stage number 1",
        "a number of its own for every stage",
    ),
    (
        in_stages(stage("a", 1, *SOUND_NODES[:5]), stage("b", 2, *SOUND_NODES[4:])),
        "node which",
        "a node of stages 'a' and 'b'",
    ),
]


@pytest.mark.parametrize(("change", "place", "says"), MISTAKES, ids=[f"{place}: {says}" for _, place, says in MISTAKES])
def test_a_mistake_in_a_pathway_is_said_with_its_place(
    change: Callable[[Pathway], Pathway], place: str, says: str
) -> None:
    with pytest.raises(ScenarioError) as caught:
        made(change)
    problems = [problem for problem in caught.value.problems if problem.key == place]
    assert problems, caught.value
    assert any(says in str(problem) for problem in problems), caught.value
    assert all(problem.file == "pathway sound" for problem in caught.value.problems)


WRONG_NUMBERS: list[tuple[dict[str, Given], str, str]] = [
    ({"posts": ("posts", 0)}, "team unit", "0 posts for 1 unit on 2010-01-01 (posts)"),
    ({"posts": ("posts", {date(2010, 1, 1): 2, date(2010, 3, 1): 0})}, "team unit", "0 posts for 1 unit on 2010-03-01"),
    ({"rooms": ("rooms", 0)}, "diary rooms", "room for 0 (rooms)"),
    ({"share.mild": ("ratio", 0), "share.grave": ("ratio", 0)}, "share.mild", "shares that add up to nothing"),
    ({"days": ("days", -1)}, "days", "nothing below 0"),
    ({"rate": ("rate_per_year", {date(2010, 1, 1): 5, date(2010, 2, 1): -5})}, "rate", "nothing below 0"),
]


@pytest.mark.parametrize(("numbers", "place", "says"), WRONG_NUMBERS, ids=[says for *_, says in WRONG_NUMBERS])
def test_a_number_that_cannot_be_meant_is_said_with_its_place(numbers: dict[str, Given], place: str, says: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        made(numbers=numbers)
    assert any(problem.key == place and says in str(problem) for problem in caught.value.problems), caught.value


def test_a_unit_without_a_post_is_said_on_the_day_the_units_change() -> None:
    # Two posts, and from 1 March three units; the posts never step.
    change = part("teams", units="many_units", unit_of="case.gravity", places="places")
    steps: dict[str, Given] = {
        "posts": ("posts", 2),
        "many_units": ("ratio", {date(2010, 1, 1): 1, date(2010, 3, 1): 3}),
    }
    with pytest.raises(ScenarioError, match="2 posts for 3 units on 2010-03-01"):
        made(change, steps)


def test_a_team_whose_other_work_leaves_it_no_time_is_refused() -> None:
    # Three posts have 24 hours a day; 23.5 of them elsewhere leave 0.02 of each hour.
    with pytest.raises(ScenarioError, match=r"0\.02 productive hours left in a working hour on 2010-01-01"):
        made(part("teams", other_hours="other"), {"other": ("hours", 23.5)})


def test_a_rate_beyond_the_ceiling_is_refused() -> None:
    numbers = series({**NUMBERS, "rate": ("rate_per_year", 301)})
    numbers["rate"] = dataclasses.replace(numbers["rate"], highest_before_reforms=100.0)
    with pytest.raises(ScenarioError, match="301 cases a year; expected at most 300"):
        build(sound(), numbers, frame(TO))


@pytest.mark.parametrize(
    "wrong",
    [
        {"ends_on": date(2009, 1, 1)},
        {"window_from": date(2009, 12, 31)},
        {"window_to": date(2010, 1, 1)},
        {"extract_on": date(2010, 6, 1)},
        {"extract_on": date(2010, 7, 2)},
    ],
)
def test_dates_out_of_order_are_refused(wrong: dict[str, date]) -> None:
    good = Frame("x", "x", "", date(2010, 1, 1), TO, date(2010, 1, 1), date(2010, 6, 30), TO)
    build(sound(), series(NUMBERS), good)
    with pytest.raises(ScenarioError, match="dates out of order"):
        build(sound(), series(NUMBERS), dataclasses.replace(good, **wrong))


def test_all_problems_come_at_once() -> None:
    def change(pathway: Pathway) -> Pathway:
        return node("study", team="unti")(node("count", next="wich")(part("streams", rate="rates")(pathway)))

    with pytest.raises(ScenarioError) as caught:
        made(change)
    assert {problem.key for problem in caught.value.problems} == {"node study", "node count", "stream cases"}
    assert len(str(caught.value).splitlines()) == 3


def test_a_loop_with_a_wait_in_it_is_no_mistake() -> None:
    # which > post > count > which takes three days each time.
    assert [n.kind for n in made().nodes].count(Kind.WAIT) == 1


def test_a_level_may_bear_the_name_of_a_scope() -> None:
    change = more("attributes", Attribute("allegation.decision", levels=("none", "case"), drawn="decision"))
    plan = made(
        lambda p: node(
            "which",
            branches=(
                Branch("post", when=("all allegation.decision != case", "case.turns < 1")),
                Branch("list", otherwise=True),
            ),
        )(change(p)),
        {"decision.none": ("ratio", 1), "decision.case": ("ratio", 1)},
    )
    term = next(n for n in plan.nodes if n.name == "which").branches[0].when[0]
    assert (term.right, term.constant, term.every) == (None, 1, True)


# --- what is told beside the nodes ----------------------------------------------------------------------------------------


def test_nodes_told_in_stages_make_the_plan_that_nodes_make() -> None:
    change = in_stages(stage("open", 1, *SOUND_NODES[:4]), stage("close", 7, *SOUND_NODES[4:]))
    assert change(sound()).nodes == sound().nodes
    assert made(change) == made()
    # A change of something else carries the nodes along.
    assert made(lambda p: part("teams", posts="units")(change(p))) == made(part("teams", posts="units"))


def test_a_clock_is_told_in_minutes_of_its_unit_on_the_calendar_of_its_unit() -> None:
    units = {"days": (1440, -1), "weeks": (10_080, -1), "months": (43_830, -1), "working_days": (480, 1)}
    for unit, (minutes, calendar) in units.items():
        plan = made(more("clocks", clock(within="limit", counted="allegation")), {"limit": (unit, 5)})
        one = plan.clocks[0]
        assert (one.name, one.counted, one.minutes, one.calendar) == ("answer", Scope.ALLEGATION, minutes, calendar)
        assert (one.starts, one.ends) == (plan.find("case.received_on"), plan.find("subject.told_on"))
        assert plan.values[one.within] == plan.value("limit")


def test_a_clock_changes_no_play() -> None:
    timed = told(made(more("clocks", clock())))
    assert timed.all == told(made()).all


# --- plans as text ------------------------------------------------------------------------------------------------------


@settings(max_examples=25, derandomize=True, deadline=None)
@given(st.integers(0, 10**6))
def test_a_plan_written_and_read_back_is_equal_and_has_the_same_fingerprint(number: int) -> None:
    plan = random_plan(number)
    again = from_json(to_json(plan))
    assert again == plan
    assert again.fingerprint == plan.fingerprint
    assert to_json(again) == to_json(plan)
    assert random_plan(number) == plan


def test_a_plan_in_json_is_its_fields_and_nothing_else() -> None:
    """Of a plan that has been asked for its fingerprint, which it keeps, too."""
    plan = made()
    whole = json.dumps(dataclasses.asdict(plan), sort_keys=True, separators=(",", ":"), default=str)
    assert plan.fingerprint == hashlib.sha256(whole.encode()).hexdigest()[:16]
    assert to_json(plan) == whole


def test_a_plan_of_another_version_is_refused_by_reader_and_engine() -> None:
    plan = made()
    raw = json.loads(to_json(plan)) | {"version": PLAN_VERSION + 1}
    with pytest.raises(ValueError, match="this program reads version"):
        from_json(json.dumps(raw))
    with pytest.raises(ValueError, match="plays plans of version"):
        play(dataclasses.replace(plan, version=PLAN_VERSION + 1), 1)


def test_any_change_of_a_number_changes_the_fingerprint() -> None:
    prints = {made().fingerprint, made(numbers={"days": ("days", 3.0000001)}).fingerprint}
    assert len(prints) == 2
    assert made().fingerprint in prints


# --- random pathways ----------------------------------------------------------------------------------------------------


@settings(max_examples=40, derandomize=True, deadline=None)
@given(number=st.integers(0, 10**6), seed=st.integers(0, 3))
def test_whatever_is_built_plays_by_the_rules(number: int, seed: int) -> None:
    plan = random_plan(number)
    check(plan, play(plan, seed))


def test_the_random_pathways_use_every_kind_and_every_event() -> None:
    kinds, events, waits = set(), set(), 0
    for number in range(12):
        plan = random_plan(number)
        record = play(plan, number)
        kinds |= {one.kind for one in plan.nodes}
        events |= set(record.events["what"].tolist())
        waits += check(plan, record).checked_waits
    assert kinds == set(Kind)
    assert events == set(What)
    assert waits > 5_000  # so often somebody waited, and nothing was free


def same(one: Record, other: Record, *, events: bool = True) -> None:
    for table in ("people", "cases", "subjects", "allegations", "exposure", *(("events",) if events else ())):
        mine, its = getattr(one, table), getattr(other, table)
        assert mine.keys() == its.keys()
        for column in mine:
            assert np.array_equal(mine[column], its[column]), f"{table} {column}"


@settings(max_examples=10, derandomize=True, deadline=None)
@given(number=st.integers(0, 10**6))
def test_the_same_seed_gives_the_same_record_and_rows_that_are_not_kept_change_nothing(number: int) -> None:
    plan = random_plan(number)
    kept = play(plan, 5)
    same(kept, play(plan, 5))
    without = play(plan, 5, events=False)
    same(kept, without, events=False)
    assert len(kept.events["minute"]) > 0
    assert all(len(column) == 0 for column in without.events.values())


@settings(max_examples=15, derandomize=True, deadline=None)
@given(number=st.integers(0, 10**6))
def test_a_reform_that_changes_nothing_gives_identical_events(number: int) -> None:
    # Every number gets a step in June 2021 to the value that it has anyway.
    pathway, numbers, dates = parts(number)
    day = date(2021, 6, 1)
    assert day > RANDOM_START
    stepped = {}
    for key, one in numbers.items():
        now = [value for start, value in one.steps if start <= day][-1]
        steps = {**dict(one.steps), day: now}
        stepped[key] = dataclasses.replace(one, steps=tuple(sorted(steps.items())))
    before, after = build(pathway, numbers, dates), build(pathway, stepped, dates)
    assert before != after
    same(play(before, 5), play(after, 5))


# --- what must follow from a change -----------------------------------------------------------------------------------------


def waiting(plan: Plan, seed: int) -> dict[int, int]:
    """Minutes that each case waited for attention, or has waited at the end."""
    record = play(plan, seed)
    events = record.events
    started = events["what"] == What.STARTED
    first = dict(zip(events["case"][started].tolist(), events["minute"][started].tolist(), strict=True))
    return {
        case: first.get(case, plan.ends_at) - minute for case, minute in enumerate(record.cases["received_on"].tolist())
    }


@settings(max_examples=20, derandomize=True, deadline=None)
@given(seed=st.integers(0, 10**6), posts=st.integers(1, 4), load=st.floats(0.5, 1.3))
def test_one_more_post_lets_nobody_wait_longer(seed: int, posts: int, load: float) -> None:
    # One queue, first come first served, a day's service each.
    def plan(number: int) -> Plan:
        return one_team(load * posts * 365.25, number, 1, family="lognormal", cv=0, to=TO)

    fewer, more_posts = waiting(plan(posts), seed), waiting(plan(posts + 1), seed)
    assert fewer.keys() == more_posts.keys()
    assert all(more_posts[case] <= fewer[case] for case in fewer)
    assert sum(more_posts.values()) < sum(fewer.values())


def test_shorter_service_lets_nobody_wait_longer() -> None:
    long = waiting(one_team(365.25, 1, 0.95, family="lognormal", cv=0.5, to=TO), 3)
    short = waiting(one_team(365.25, 1, 0.85, family="lognormal", cv=0.5, to=TO), 3)
    assert all(short[case] <= long[case] for case in long)
    assert sum(short.values()) < sum(long.values())


def test_a_stream_that_shares_no_team_changes_nothing_for_the_others() -> None:
    def stays(extra: bool) -> list[tuple[int, int]]:
        pathway = sound()
        if extra:
            pathway = more(
                "nodes",
                Wait("aside", lasts=Duration("days"), owner="them", time_is="another_body", next="out"),
                Exit("out"),
            )(pathway)
            pathway = more(
                "streams",
                Stream("others", start="aside", rate="rate", spread="nothing", subjects="one", allegations="one"),
            )(pathway)
        story = told(build(pathway, series(NUMBERS), frame(TO)))
        stream = story.of("case.stream")
        return [(story.received[row.case], row.minute) for row in story.rows(What.LEFT) if stream[row.case] == 0]

    assert len(stays(False)) > 20
    assert stays(True) == stays(False)


def test_a_hold_on_a_number_that_comes_after_the_end_keeps_its_cases() -> None:
    # Every case in is out or alive: here all are alive at the end.
    pathway = dataclasses.replace(
        sound(),
        teams=(),
        diaries=(),
        guards=(),
        nodes=(Hold("take", until=("late = 1",), owner="us", time_is="legal_pause", next="end"), Exit("end")),
    )
    numbers: dict[str, Given] = {**NUMBERS, "late": ("ratio", {date(2010, 1, 1): 0, TO: 1})}
    story = told(build(pathway, series(numbers), frame(TO)))
    assert [row.what for row in story.all] == [What.ARRIVED, What.HELD] * len(story.cases)

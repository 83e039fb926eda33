"""Is the world played by the rules of time? One section for each numbered sentence of `sim/plan.py`, in exact minutes (17 and 18: `tests/test_opening.py`).

Most tests let a crowd of cases in over the first weekend (Friday 1 to Sunday 3 January 2010) and hold them at a gate that opens at 00:00 of
Monday 4 January, minute 3 x 1440 = 4320, so that everything after is arithmetic.
"""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

import pytest
from agreement import play_cast
from desk import CLOSES, DAY, OPENS, START, Given, Story, attached, small, told

from sim.engines import draws
from sim.engines.cast import one_case
from sim.engines.reading import PlayError
from sim.pathway.kinds import (
    Assign,
    Attribute,
    Book,
    Branch,
    Decide,
    Diary,
    Duration,
    Exit,
    Fork,
    Guard,
    Hold,
    Join,
    Node,
    Population,
    Set,
    Signal,
    Stream,
    Team,
    Wait,
    Work,
    Write,
)
from sim.plan import Plan
from sim.record import What

MONDAY = date(2010, 1, 4)
MON = 3 * DAY
HOUR = 60
NEVER = ("never = 1",)

CROWD: dict[str, Given] = {
    "rate": ("rate_per_year", {START: 1000, MONDAY: 0}),
    "gate": ("ratio", {START: 0, MONDAY: 1}),
    "never": ("ratio", 0),
    "day": ("days", 1),
    "two_days": ("days", 2),
    "ten_days": ("days", 10),
    "hour": ("hours", 1),
    "posts": ("posts", 1),
    "slots": ("ratio", 1),
}

KIND = Attribute("case.kind", levels=("plain", "marked"), drawn="kind")
KINDS: dict[str, Given] = {"kind.plain": ("ratio", 1), "kind.marked": ("ratio", 1)}


def gate(to: str) -> Hold:
    return Hold("gate", until=("gate = 1",), owner="nobody", time_is="legal_pause", next=to)


def wait(name: str, lasts: str, to: str, **more: str) -> Wait:
    return Wait(name, lasts=Duration(lasts), owner="them", time_is="another_body", next=to, **more)


def hold(name: str, *until: str, to: str, **more: object) -> Hold:
    return Hold(name, until=until, owner="them", time_is="legal_pause", next=to, **more)  # type: ignore[arg-type]


def team(name: str = "team", calendar: str = "all_hours", posts: str = "posts", **more: object) -> Team:
    return Team(name, owner="us", posts=posts, calendar=calendar, oldest="case.received_on", **more)  # type: ignore[arg-type]


def crowd(*nodes: Node, numbers: dict[str, Given] | None = None, to: date = date(2010, 4, 1), **more: object) -> Plan:
    """A crowd that waits at the gate, then goes to the first of `nodes`."""
    return small([gate(nodes[0].name), *nodes], {**CROWD, **(numbers or {})}, to=to, **more)  # type: ignore[arg-type]


def seed_where(plan: Plan, fits: object, *, most: int = 60) -> Story:
    """The first seed whose story meets a condition on the cast."""
    for seed in range(1, most):
        story = told(plan, seed)
        if fits(story):  # type: ignore[operator]
            return story
    raise AssertionError("no seed gives such a cast")


def both_kinds(story: Story) -> bool:
    kinds = story.of("case.kind")
    return kinds[0] == 1 and kinds.count(0) >= 2 and kinds.count(1) >= 2


# --- 1. whole minutes from 00:00 of the first day -----------------------------------------------------------------------


def test_a_date_means_its_first_minute() -> None:
    story = told(crowd(Exit("end")))
    assert len(story.cases) > 3
    assert story.minutes(What.LEFT) == [4320] * len(story.cases)  # Friday, Saturday, Sunday: 3 x 1440


def test_there_is_no_daylight_saving() -> None:
    # Clocks went forward on Sunday 28 March 2010: a wait of two days from Saturday still takes 2 x 1440 minutes.
    numbers: dict[str, Given] = {"gate": ("ratio", {START: 0, date(2010, 3, 27): 1})}
    story = told(crowd(wait("pause", "two_days", "end"), Exit("end"), numbers=numbers))
    saturday = (31 + 28 + 26) * DAY
    assert set(story.minutes(What.WAITS)) == {saturday}
    assert set(story.minutes(What.LEFT)) == {saturday + 2880}


# --- 2. an instant is played in rounds, its first holds everything due -----------------------------------------------


def test_what_steps_on_a_date_has_stepped_for_all_that_ends_in_that_minute() -> None:
    wednesday = date(2010, 1, 6)
    story = told(
        crowd(
            wait("pause", "two_days", "which"),
            Decide("which", branches=(Branch("early", weight="early"), Branch("late", weight="late"))),
            Exit("early"),
            Exit("late"),
            numbers={
                "early": ("ratio", {START: 1, wednesday: 0}),
                "late": ("ratio", {START: 0, wednesday: 1}),
            },
        )
    )
    assert {(row.minute, row.node) for row in story.rows(What.LEFT)} == {(5 * DAY, "late")}


def test_an_arrival_is_played_in_the_minute_it_is_received() -> None:
    story = told(small([Exit("end")], {"rate": ("rate_per_year", 500)}, to=date(2010, 3, 1)))
    assert story.minutes(What.ARRIVED) == story.minutes(What.LEFT) == story.received
    assert len(story.cases) > 30


def test_a_post_that_comes_on_a_date_serves_from_that_minute() -> None:
    thursday = date(2010, 1, 7)
    plan = crowd(
        Work("serve", team="team", effort=Duration("ten_days"), next="end"),
        Exit("end"),
        numbers={"posts": ("posts", {START: 1, thursday: 2})},
        teams=[team()],
    )
    assert [(row.minute, row.item) for row in told(plan).rows(What.STARTED)[:2]] == [(MON, 0), (MON + 3 * DAY, 1)]


# --- 3. lowest case, then lowest token; what one writes is seen by those after it ------------------------------------


def pair_in_one_minute(writer: str) -> Story:
    """Main token and side token end a wait in one minute; one writes, the other decides by what it sees."""
    write, look = ("after_main", "after_side") if writer == "main" else ("after_side", "after_main")
    return told(
        crowd(
            Fork("part", start="side_pause", side=True, next="main_pause"),
            wait("main_pause", "day", "after_main"),
            wait("side_pause", "day", "after_side"),
            Set(write, writes=(Write("case.mark", 1),), next="end"),
            Decide(
                look,
                branches=(Branch("seen", when=("case.mark = 1",)), Branch("unseen", when=("case.mark = 0",))),
            ),
            Exit("seen"),
            Exit("unseen"),
            Exit("end"),
            attributes=[Attribute("case.mark")],
        )
    )


def test_the_side_token_sees_what_the_main_one_wrote_in_the_same_minute() -> None:
    story = pair_in_one_minute("main")
    assert {row.node for row in story.rows(What.LEFT, token=1)} == {"seen"}


def test_the_main_token_does_not_see_what_the_side_one_writes_after_it() -> None:
    story = pair_in_one_minute("side")
    assert {row.node for row in story.rows(What.LEFT, token=0)} == {"unseen"}


def test_tokens_of_one_minute_move_by_case_then_by_token() -> None:
    story = pair_in_one_minute("main")
    left = [(row.case, row.token) for row in story.rows(What.LEFT)]
    assert left == [(case, token) for case in story.cases for token in (0, 1)]


# --- 4. signals and guards ------------------------------------------------------------------------------------------

STOPS = (
    Fork("watch", start="watching", side=True, when=(), next="go_on"),
    wait("watching", "two_days", "which_kind"),
    Decide("which_kind", branches=(Branch("ring", when=("case.kind = marked",)), Branch("quiet", otherwise=True))),
    Set("ring", raises=(Signal("stop"),), next="quiet"),
    Exit("quiet"),
    Set("go_on", next="place"),
)
"""Two days after the gate, Wednesday 00:00, the signal `stop` is raised in every marked case; the main token goes to `place`."""
WED = MON + 2 * DAY


def stopped(*nodes: Node, region: str = "place", numbers: dict[str, Given] | None = None, **more: object) -> Plan:
    return crowd(
        *STOPS,
        *nodes,
        numbers={**KINDS, **(numbers or {})},
        attributes=[KIND],
        guards=[Guard(signal="stop", region=(region,), to="out")],
        **more,
    )


def test_a_bout_called_off_frees_its_post_in_the_same_minute() -> None:
    plan = stopped(Work("place", team="team", effort=Duration("ten_days"), next="out"), Exit("out"), teams=[team()])
    story = seed_where(plan, both_kinds)
    plain = [case for case in story.cases if story.of("case.kind")[case] == 0]
    starts = [(row.minute, row.case) for row in story.rows(What.STARTED)]
    # The first case is stopped on Wednesday. A bout is at most 7 days: each plain case then takes 7 + 3 days, oldest first.
    assert starts[:4] == [(MON, 0), (WED, plain[0]), (WED + 7 * DAY, plain[0]), (WED + 10 * DAY, plain[1])]
    assert [row.minute for row in story.rows(What.CALLED, case=0)] == [WED]


def test_a_token_called_out_of_a_queue_is_never_served() -> None:
    plan = stopped(Work("place", team="team", effort=Duration("ten_days"), next="out"), Exit("out"), teams=[team()])
    story = seed_where(plan, both_kinds)
    marked = [case for case in story.cases if story.of("case.kind")[case] == 1]
    assert all(story.minutes(What.LEFT, case=case, token=0) == [WED] for case in marked)
    assert {row.case for row in story.rows(What.STARTED) if row.minute >= WED}.isdisjoint(marked)


def test_sitting_days_from_tomorrow_on_are_free_again() -> None:
    # All book on Monday: notice to Tuesday 00:00, so from Wednesday on, 4 days each, in order: the first case sits Wednesday to Saturday.
    # It is called away on Thursday 00:00. Those who book then find Friday and Saturday free, one day each.
    thursday = date(2010, 1, 7)
    plan = crowd(
        Decide("kinds", branches=(Branch("book", when=("case.kind = plain",)), Branch("later", otherwise=True))),
        Book(
            "book", diaries=(("room", 1),), notice=Duration("day"), length=Duration("four_days"), owner="c", next="out"
        ),
        hold("later", "second_gate = 1", to="call"),
        Set("call", writes=(Write("person.called", 1),), raises=(Signal("stop", to="person"),), next="brief"),
        Book("brief", diaries=(("room", 1),), notice=Duration("minute"), length=Duration("day"), owner="c", next="out"),
        Exit("out"),
        Exit("called"),
        attributes=[KIND, Attribute("person.called"), *PEOPLE_ATTRIBUTES],
        numbers={
            **KINDS,
            **ONE_PERSON,
            "four_days": ("days", 4),
            "minute": ("minutes", 1),
            "room": ("rooms", 1),
            "second_gate": ("ratio", {START: 0, thursday: 1}),
        },
        diaries=[Diary("room", owner="c", size="room", calendar="all_hours")],
        guards=[Guard(signal="stop", region=("book",), to="called")],
        population=SEATS,
    )
    story = seed_where(plan, lambda s: s.of("case.kind").count(0) >= 2 and s.of("case.kind").count(1) >= 2)
    booked = story.rows(What.BOOKED)
    first = [row.value // DAY for row in booked if row.node == "book"]
    assert first == [5 + 4 * turn for turn in range(len(first))]  # 6 January is day 5
    # Everybody is the same person, so every booking is called off on Thursday, day 6; days 5 and 6 of the first are spent.
    assert {row.minute for row in story.rows(What.CALLED)} == {6 * DAY}
    brief = [row.value // DAY for row in booked if row.node == "brief"]
    assert brief == [7 + turn for turn in range(len(brief))]


PEOPLE_ATTRIBUTES = (
    Attribute("person.joined_on", date=True),
    Attribute("person.leaves_on", date=True),
    Attribute("person.before"),
)
SEATS = Population(
    seats="seats", leaving="leaving", joined="person.joined_on", leaves="person.leaves_on", before="person.before"
)
ONE_PERSON: dict[str, Given] = {"seats": ("ratio", 1), "leaving": ("ratio", 3)}


def test_a_slot_stays_held_by_a_token_that_is_called_away() -> None:
    plan = stopped(
        Assign("place", team="team", next="at_desk"),
        hold("at_desk", *NEVER, to="out"),
        wait("out", "ten_days", "end"),
        Exit("end"),
        region="at_desk",
        teams=[team(slots="slots")],
    )
    story = seed_where(plan, both_kinds)
    taken = [(row.minute, row.case) for row in story.rows(What.ALLOCATED)]
    # The first case has the only slot, is called on Wednesday, waits ten days with it, and only its end lets the next one in.
    assert taken[:2] == [(MON, 0), (WED + 10 * DAY, 1)]


def test_a_token_called_while_it_queues_for_a_slot_wants_it_no_more() -> None:
    plan = stopped(
        Assign("place", team="team", next="at_desk"),
        wait("at_desk", "ten_days", "end"),
        Exit("end"),
        wait("out", "thirty_days", "end"),
        numbers={"thirty_days": ("days", 30)},
        teams=[team(slots="slots")],
    )
    story = seed_where(plan, lambda s: both_kinds(s) and s.of("case.kind")[1] == 1)
    plain = [case for case in story.cases if story.of("case.kind")[case] == 0]
    # Case 0 has its slot before the signal and is not in the region then; case 1 queues and is called, and stays for 30 days more.
    given = [(row.minute, row.case) for row in story.rows(What.ALLOCATED)]
    assert given[:3] == [(MON, 0), (MON + 10 * DAY, plain[0]), (MON + 20 * DAY, plain[1])]
    assert {case for _, case in given}.isdisjoint(set(story.cases) - {0, *plain})
    assert story.minutes(What.LEFT, case=1, token=0) == [WED + 30 * DAY]


def test_a_guard_whose_condition_fails_leaves_the_token_alone_and_the_first_that_fits_is_taken() -> None:
    nodes = (
        Set("ring", raises=(Signal("bell"),), next="listen"),
        hold("listen", *NEVER, to="end"),
        Exit("end"),
        Exit("first"),
        Exit("second"),
        Exit("third"),
    )
    guards = [
        Guard(signal="bell", region=("listen",), to="first", when=("case.kind = marked",)),
        Guard(signal="bell", region=("listen",), to="second"),
        Guard(signal="bell", region=("listen",), to="third"),
    ]
    plan = crowd(
        Fork("split", start="ring", side=True, next="listen"),
        *nodes,
        guards=guards,
        attributes=[KIND],
        numbers=KINDS,
    )
    story = seed_where(plan, both_kinds)
    for case, kind in enumerate(story.of("case.kind")):
        assert {row.node for row in story.rows(What.LEFT, case=case)} == {"first" if kind else "second"}


def test_a_signal_about_a_person_reaches_all_the_cases_of_that_person_and_no_others() -> None:
    plan = small(
        [
            Decide("sort", branches=(Branch("ring", when=("case.kind = marked",)), Branch("listen", otherwise=True))),
            Set("ring", raises=(Signal("bell", to="person"),), next="end"),
            hold("listen", *NEVER, to="end"),
            Exit("end"),
            Exit("called"),
        ],
        {
            **KINDS,
            "seats": ("ratio", 5),
            "leaving": ("ratio", 1),
            "never": ("ratio", 0),
            "rate": ("rate_per_year", 400),
        },
        to=date(2010, 3, 1),
        attributes=[KIND, *PEOPLE_ATTRIBUTES],
        guards=[Guard(signal="bell", region=("listen",), to="called")],
        population=SEATS,
    )
    story = told(plan)
    kinds, person, received = story.of("case.kind"), story.of("subject.person"), story.received
    assert len(set(person)) > 2
    for case in story.cases:
        if kinds[case] == 0:
            rings = [received[other] for other in story.cases if kinds[other] == 1 and person[other] == person[case]]
            later = [minute for minute in rings if minute >= received[case]]
            assert story.minutes(What.LEFT, case=case) == later[:1]
    assert story.rows(What.CALLED)


# --- 5. holds are read again when rows are written or values step -----------------------------------------------------


def test_a_hold_ends_in_the_minute_another_token_of_the_case_writes() -> None:
    story = told(
        crowd(
            Fork("part", start="look", side=True, next="held"),
            wait("look", "day", "found"),
            Set("found", writes=(Write("case.mark", 1),), next="end"),
            hold("held", "case.mark = 1", to="end"),
            Exit("end"),
            attributes=[Attribute("case.mark")],
        )
    )
    assert set(story.minutes(What.HELD, node="held")) == {MON}
    assert set(story.minutes(What.LEFT, token=0)) == {MON + 1440}


@pytest.mark.parametrize("scope", ["subject", "allegation"])
def test_a_hold_ends_in_the_minute_a_row_below_the_case_is_written_or_decided(scope: str) -> None:
    steps: tuple[Node, ...] = (
        Set("found", writes=(Write(f"{scope}.mark", "one"),), next="end"),
        Decide("found", each=scope, into=f"{scope}.mark", branches=(Branch("one", weight=2.0),), next="end"),
    )
    for step in steps:
        story = told(
            crowd(
                Fork("part", start="look", side=True, next="held"),
                wait("look", "day", "found"),
                step,
                hold("held", f"all {scope}.mark = one", to="end"),
                Exit("end"),
                attributes=[Attribute(f"{scope}.mark", levels=("none", "one"))],
            )
        )
        assert set(story.minutes(What.LEFT, token=0)) == {MON + 1440}


def test_any_needs_one_row_and_all_needs_every_row() -> None:
    story = families(
        Fork("fork", start="apart", next="sort"), sort=("any subject.side = right", "all subject.side = right")
    )
    for case in story.cases:
        sides = [s for c, s in zip(story.of("subject.case"), story.of("subject.side"), strict=True) if c == case]
        expected = "every" if all(sides) else "one" if any(sides) else "none"
        assert [row.node for row in story.rows(What.LEFT, case=case, token=0)] == [expected]
    assert {row.node for row in story.rows(What.LEFT, token=0)} == {"every", "one", "none"}


def test_a_hold_ends_when_another_case_writes_about_the_same_person() -> None:
    plan = small(
        [
            Decide("sort", branches=(Branch("write", when=("case.kind = marked",)), Branch("held", otherwise=True))),
            Set("write", writes=(Write("person.count", "+1"),), next="end"),
            hold("held", "person.count >= 2", to="end"),
            Exit("end"),
        ],
        {**KINDS, **ONE_PERSON, "rate": ("rate_per_year", 200)},
        to=date(2010, 3, 1),
        attributes=[KIND, Attribute("person.count"), *PEOPLE_ATTRIBUTES],
        population=SEATS,
    )
    story = seed_where(plan, lambda s: s.of("case.kind")[:3] == [0, 1, 0] and 1 in s.of("case.kind")[2:])
    second = [minute for minute, kind in zip(story.received, story.of("case.kind"), strict=True) if kind][1]
    early = [c for c in story.cases if story.of("case.kind")[c] == 0 and story.received[c] < second]
    assert early
    assert all(story.minutes(What.LEFT, case=case) == [second] for case in early)
    assert set(story.of("person.count")) == {sum(story.of("case.kind"))}


def test_a_cut_off_ends_a_hold_and_may_lead_elsewhere() -> None:
    story = told(
        crowd(
            hold("first", *NEVER, to="held", cut_off=Duration("day")),
            hold("held", *NEVER, to="end", cut_off=Duration("two_days"), cut_off_to="given_up"),
            Exit("given_up"),
            Exit("end"),
        )
    )
    assert {(row.minute, row.node) for row in story.rows(What.LEFT)} == {(MON + 3 * DAY, "given_up")}


def test_a_hold_that_came_true_is_not_cut_off_later() -> None:
    wednesday = date(2010, 1, 6)
    story = told(
        crowd(
            hold("held", "open = 1", to="long", cut_off=Duration("ten_days"), cut_off_to="given_up"),
            wait("long", "thirty_days", "end"),
            Exit("given_up"),
            Exit("end"),
            numbers={"open": ("ratio", {START: 0, wednesday: 1}), "thirty_days": ("days", 30)},
        )
    )
    assert {(row.minute, row.node) for row in story.rows(What.LEFT)} == {(WED + 30 * DAY, "end")}


# --- 6. grants come last, slots before attention --------------------------------------------------------------------


def test_a_slot_given_leads_to_attention_in_the_same_minute() -> None:
    story = told(
        crowd(
            Assign("take", team="team", next="serve"),
            Work("serve", team="team", effort=Duration("day"), next="end"),
            Exit("end"),
            teams=[team(slots="slots")],
        )
    )
    for turn, case in enumerate(story.cases):
        rows = [
            row for row in story.rows(case=case) if row.what in (What.ALLOCATED, What.ASKED, What.STARTED, What.LEFT)
        ]
        start = MON + turn * DAY  # one slot, one post, a day each
        assert [(row.what, row.minute) for row in rows] == [
            (What.ALLOCATED, start),
            (What.ASKED, start),
            (What.STARTED, start),
            (What.LEFT, start + DAY),
        ]


def test_who_comes_last_in_a_minute_but_is_older_is_served_first() -> None:
    # In one minute the plain cases ask in the first round, the marked ones two rounds later, after the slot of another team.
    # Attention is given after the first round has nothing due, so the marked ones are too late for it although they are older.
    plan = crowd(
        Decide("sort", branches=(Branch("serve", when=("case.kind = plain",)), Branch("take", otherwise=True))),
        Assign("take", team="desk", next="back"),
        Assign("back", team=None, next="serve"),
        Work("serve", team="team", effort=Duration("day"), next="end"),
        Exit("end"),
        teams=[team(), team("desk", slots="slots", posts="many")],
        numbers={**KINDS, "many": ("posts", 50)},
        attributes=[KIND],
    )
    story = seed_where(plan, both_kinds)
    plain = [case for case in story.cases if story.of("case.kind")[case] == 0]
    starts = [row.case for row in story.rows(What.STARTED)]
    rest = [case for case in story.cases if case != plain[0]]
    assert starts == [plain[0], *rest]  # from the second grant on, oldest first whatever its kind


def test_a_circle_in_which_no_time_passes_is_refused() -> None:
    plan = crowd(
        Set("ring", raises=(Signal("bell"),), next="held"),
        hold("held", *NEVER, to="end"),
        Exit("end"),
        guards=[Guard(signal="bell", region=("held",), to="ring")],
    )
    with pytest.raises(PlayError, match="circle in which no time passes"):
        told(plan)


# --- 7. the order of a queue ------------------------------------------------------------------------------------------


def service(numbers: dict[str, Given] | None = None, **more: object) -> Plan:
    return crowd(
        Work("serve", team="team", effort=Duration("day"), next="end"),
        Exit("end"),
        numbers={**KINDS, **(numbers or {})},
        attributes=[KIND],
        teams=[team(**more)],
    )


def test_the_oldest_is_served_first() -> None:
    story = told(service())
    assert [row.case for row in story.rows(What.STARTED)] == sorted(story.cases, key=lambda case: story.received[case])
    assert story.minutes(What.STARTED) == [MON + turn * DAY for turn in range(len(story.cases))]


def test_a_head_start_of_a_day_overtakes_those_up_to_a_day_older_and_no_others() -> None:
    plan = service({"ahead.marked": ("days", 1)}, head_start={"case.kind": "ahead"})

    def key(story: Story, case: int) -> tuple[int, int]:
        return story.received[case] - 1440 * story.of("case.kind")[case], case

    for seed in range(1, 6):
        story = told(plan, seed)
        assert [row.case for row in story.rows(What.STARTED)] == sorted(story.cases, key=lambda case: key(story, case))
    orders = [[row.case for row in told(plan, seed).rows(What.STARTED)] for seed in range(1, 6)]
    assert any(order != sorted(order) for order in orders)  # the head start told at least once


def test_a_place_in_a_queue_is_what_it_was_on_joining_for_all_bouts_of_one_effort() -> None:
    # Plain cases, and all begin plain, have a head start; an hour later flagged ones lose it, too late to matter.
    plan = crowd(
        Fork("split", start="later", side=True, next="serve"),
        wait("later", "hour", "mark"),
        Set("mark", writes=(Write("case.kind", "marked", when=("case.flag = yes",)),), next="end"),
        Work("serve", team="team", effort=Duration("twelve_days"), next="end"),
        Exit("end"),
        numbers={
            **KINDS,
            "kind.marked": ("ratio", 0),
            "flag.no": ("ratio", 1),
            "flag.yes": ("ratio", 1),
            "ahead.plain": ("days", 99),
            "twelve_days": ("days", 12),
        },
        attributes=[KIND, Attribute("case.flag", levels=("no", "yes"), drawn="flag")],
        teams=[team(head_start={"case.kind": "ahead"})],
        to=date(2010, 6, 1),
    )
    story = seed_where(plan, lambda s: s.of("case.flag")[:3] == [1, 1, 0])
    starts = story.rows(What.STARTED)
    # 12 days are bouts of 7 and 5: between them the same case comes first again [9], and nobody overtakes.
    assert [row.case for row in starts[:6]] == [0, 0, 1, 1, 2, 2]
    assert [row.minute - MON for row in starts[:4]] == [0, 7 * DAY, 12 * DAY, 19 * DAY]
    assert story.of("case.kind") == story.of("case.flag")


def test_one_that_cannot_be_served_does_not_block_those_behind_it() -> None:
    # Two units of one post each: cases of the full unit wait while younger ones of the other are served.
    story = seed_where(units(posts=2, slots=1), lambda s: s.of("case.kind")[:3] == [0, 0, 1])
    first = story.rows(What.ALLOCATED)[:2]
    assert [(row.case, row.minute) for row in first] == [(0, MON), (2, MON)]


# --- 8. slots -------------------------------------------------------------------------------------------------------


def units(posts: int, slots: int, numbers: dict[str, Given] | None = None, **more: object) -> Plan:
    return crowd(
        Assign("take", team="team", next="sit"),
        wait("sit", "ten_days", "end"),
        Exit("end"),
        numbers={
            **KINDS,
            "posts": ("posts", posts),
            "slots": ("ratio", slots),
            "units": ("ratio", 2),
            "places": ("ratio", 2),
            **(numbers or {}),
        },
        attributes=[KIND],
        teams=[team(slots="slots", units="units", unit_of="case.kind", places="places", **more)],
    )


def test_a_slot_goes_to_the_least_loaded_post_then_to_the_lowest() -> None:
    plan = crowd(
        Assign("take", team="team", next="sit"),
        wait("sit", "ten_days", "end"),
        Exit("end"),
        numbers={"posts": ("posts", 3), "slots": ("ratio", 2)},
        teams=[team(slots="slots")],
    )
    story = seed_where(plan, lambda s: len(s.cases) >= 8)
    given = [(row.minute, row.item) for row in story.rows(What.ALLOCATED)]
    assert given[:6] == [(MON, post) for post in (0, 1, 2, 0, 1, 2)]
    assert given[6][0] == MON + 10 * DAY  # two slots each of three posts are six; the seventh waits


def test_posts_are_spread_over_units_in_turn_and_a_case_stays_in_its_unit() -> None:
    story = seed_where(units(posts=4, slots=9), both_kinds)
    for kind in (0, 1):
        posts = [row.item for row in story.rows(What.ALLOCATED) if story.of("case.kind")[row.case] == kind]
        assert posts == [(kind, kind + 2)[turn % 2] for turn in range(len(posts))]  # posts 0, 2 or posts 1, 3


def test_a_place_is_in_the_unit_that_its_share_of_the_places_falls_in() -> None:
    places = Attribute("case.place", levels=tuple("abcde"), drawn="place")
    plan = crowd(
        Assign("take", team="team", next="sit"),
        wait("sit", "ten_days", "end"),
        Exit("end"),
        numbers={
            "rate": ("rate_per_year", {START: 3000, MONDAY: 0}),
            "posts": ("posts", 2),
            "slots": ("ratio", 99),
            "units": ("ratio", 2),
            "places": ("ratio", 5),
            **{f"place.{level}": ("ratio", 1) for level in "abcde"},
        },
        attributes=[places],
        teams=[team(slots="slots", units="units", unit_of="case.place", places="places")],
    )
    story = told(plan)
    given = {story.of("case.place")[row.case]: row.item for row in story.rows(What.ALLOCATED)}
    assert given == {0: 0, 1: 0, 2: 0, 3: 1, 4: 1}  # 0*2//5, 1*2//5, 2*2//5, 3*2//5, 4*2//5


def test_posts_stand_far_apart_and_every_place_once_before_any_twice() -> None:
    # Multiples of the golden ratio without their whole parts: 0, 0.618, 0.236, 0.854, 0.472; their ranks are 0, 3, 1, 4, 2.
    places = Attribute("case.place", levels=tuple("abcde"), drawn="place")
    plan = crowd(
        Assign("take", team="team", next="sit"),
        wait("sit", "ten_days", "end"),
        Exit("end"),
        numbers={
            "rate": ("rate_per_year", {START: 3000, MONDAY: 0}),
            "posts": ("posts", 10),
            "slots": ("ratio", 99),
            "units": ("ratio", 5),
            "places": ("ratio", 5),
            **{f"place.{level}": ("ratio", 1) for level in "abcde"},
        },
        attributes=[places],
        teams=[team(slots="slots", units="units", unit_of="case.place", places="places")],
    )
    story = told(plan)
    given = {(story.of("case.place")[row.case], row.item) for row in story.rows(What.ALLOCATED)}
    assert given == {(place, post + 5 * turn) for post, place in enumerate((0, 3, 1, 4, 2)) for turn in (0, 1)}


def test_a_place_that_is_written_on_the_way_counts() -> None:
    plan = crowd(
        Set("move", writes=(Write("case.kind", "marked"),), next="take"),
        Assign("take", team="team", next="end"),
        Exit("end"),
        numbers={
            **KINDS,
            "kind.marked": ("ratio", 0),
            "posts": ("posts", 2),
            "units": ("ratio", 2),
            "places": ("ratio", 2),
        },
        attributes=[KIND],
        teams=[team(slots="slots", units="units", unit_of="case.kind", places="places")],
    )
    assert {row.item for row in told(plan).rows(What.ALLOCATED)} == {1}


# How much of a team's caseload is held.


def loaded(**numbers: Given) -> Plan:
    """All cases take a slot of three posts on Monday 00:00 and look at the load then, on Thursday, and when they have given it back."""
    look = {at: Attribute(f"case.{at}_load") for at in ("first", "later", "last")}
    return crowd(
        Assign("take", team="team", next="look"),
        Set("look", writes=(Write("case.first_load", "load team"),), next="sit"),
        wait("sit", "three_days", "look_again"),
        Set("look_again", writes=(Write("case.later_load", "load team"),), next="sit_on"),
        wait("sit_on", "day", "give_back"),
        Assign("give_back", team=None, next="look_back"),
        Set("look_back", writes=(Write("case.last_load", "load team"),), next="end"),
        Exit("end"),
        numbers={"posts": ("posts", 3), "slots": ("ratio", 9), "three_days": ("days", 3), **numbers},
        attributes=look.values(),
        teams=[team(slots="slots")],
    )


def test_the_load_of_a_team_is_the_whole_per_cent_of_its_slots_that_are_held() -> None:
    story = told(loaded())
    held = len(story.cases)
    assert 3 < held < 27
    assert set(story.of("case.first_load")) == set(story.of("case.later_load")) == {100 * held // 27}
    # On Friday they give their slots back one after another.
    assert story.of("case.last_load") == [100 * left // 27 for left in reversed(range(held))]


def test_the_load_is_of_the_slots_of_the_day_and_100_where_there_are_none() -> None:
    wednesday = date(2010, 1, 6)
    story = told(loaded(slots=("ratio", {START: 9, wednesday: 1})))
    assert set(story.of("case.later_load")) == {100 * len(story.cases) // 3}
    story = told(loaded(slots=("ratio", {START: 9, wednesday: 0})))
    assert set(story.of("case.later_load")) == {100}


def test_the_load_of_a_team_with_units_is_that_of_the_unit_of_the_case() -> None:
    plan = crowd(
        Assign("take", team="team", next="look"),
        Set("look", writes=(Write("case.load", "load team"),), next="sit"),
        wait("sit", "ten_days", "end"),
        Exit("end"),
        numbers={
            **KINDS,
            "posts": ("posts", 3),
            "slots": ("ratio", 20),
            "units": ("ratio", 2),
            "places": ("ratio", 2),
        },
        attributes=[KIND, Attribute("case.load")],
        teams=[team(slots="slots", units="units", unit_of="case.kind", places="places")],
    )
    story = seed_where(plan, both_kinds)
    kinds = story.of("case.kind")
    # Two posts stand in place 0 and one in place 1.
    of_kind = [100 * kinds.count(0) // 40, 100 * kinds.count(1) // 20]
    assert story.of("case.load") == [of_kind[kind] for kind in kinds]


def test_a_load_cannot_be_looked_at_from_a_place_that_is_none() -> None:
    plan = crowd(
        Set("move", writes=(Write("case.kind", 5),), next="look"),
        Set("look", writes=(Write("case.load", "load team"),), next="take"),
        Assign("take", team="team", next="end"),
        Exit("end"),
        numbers={**KINDS, "posts": ("posts", 2), "units": ("ratio", 2), "places": ("ratio", 2)},
        attributes=[KIND, Attribute("case.load")],
        teams=[team(slots="slots", units="units", unit_of="case.kind", places="places")],
    )
    with pytest.raises(PlayError, match="case 0 is in place 5 of 'team', which has 2"):
        told(plan)


# --- 9. bouts ---------------------------------------------------------------------------------------------------------


def office(*, effort: str = "effort", numbers: dict[str, Given] | None = None, **more: object) -> Plan:
    return crowd(
        Work("serve", team="team", effort=Duration(effort), next="end"),
        Exit("end"),
        numbers={**KINDS, **(numbers or {})},
        attributes=[KIND],
        teams=[team(calendar="office", **more)],
    )


def test_nothing_starts_outside_working_hours_and_bouts_straddle_nights() -> None:
    # The gate opens on Monday at 00:00; the office at 09:00. 6 hours each: Monday 9-15, then Monday 15-17 and Tuesday 9-13, ...
    story = told(office(numbers={"effort": ("hours", 6)}))
    starts = story.minutes(What.STARTED)
    assert set(story.minutes(What.ASKED)) == {MON}
    assert starts[:4] == [
        MON + 9 * HOUR,
        MON + 15 * HOUR,
        MON + DAY + 13 * HOUR,
        MON + 2 * DAY + 11 * HOUR,
    ]
    assert story.minutes(What.WORKED)[:3] == [MON + 15 * HOUR, MON + DAY + 13 * HOUR, MON + 2 * DAY + 11 * HOUR]


def test_a_bout_straddles_a_weekend_and_bank_holidays() -> None:
    # Good Friday was 2 April 2010, Easter Monday 5 April. 12 hours from Thursday 1 April 09:00: 8 on Thursday, 4 on Tuesday 6 April.
    thursday = date(2010, 4, 1)
    story = told(
        crowd(
            Work("serve", team="team", effort=Duration("effort"), next="end"),
            Exit("end"),
            numbers={"effort": ("hours", 12), "gate": ("ratio", {START: 0, thursday: 1})},
            teams=[team(calendar="office")],
            to=date(2010, 6, 1),
        )
    )
    assert story.minutes(What.STARTED)[0] == story.minute(2010, 4, 1) + OPENS
    assert story.minutes(What.WORKED)[0] == story.minute(2010, 4, 6) + OPENS + 4 * HOUR


def test_a_bout_that_ends_at_closing_time_is_followed_by_one_next_morning() -> None:
    story = told(office(numbers={"effort": ("hours", 8)}))
    assert story.minutes(What.WORKED)[0] == MON + CLOSES
    assert story.minutes(What.STARTED)[1] == MON + DAY + OPENS


def test_long_effort_is_done_in_bouts_of_a_working_week() -> None:
    # 100 hours: 40 + 40 + 20. One post; the oldest asks again with the same key and goes on before the others.
    story = told(office(numbers={"effort": ("hours", 100)}))
    bouts = list(zip(story.rows(What.STARTED, case=0), story.rows(What.WORKED, case=0), strict=True))
    week = 7 * DAY
    assert [(a.minute, b.minute) for a, b in bouts] == [
        (MON + OPENS, MON + 4 * DAY + CLOSES),
        (MON + week + OPENS, MON + week + 4 * DAY + CLOSES),
        (MON + 2 * week + OPENS, MON + 2 * week + 2 * DAY + 13 * HOUR),  # 8 + 8 + 4 hours: Wednesday 13:00
    ]
    assert story.rows(What.STARTED, case=1)[0].minute == MON + 2 * week + 2 * DAY + 13 * HOUR


def test_an_urgent_case_comes_in_between_two_bouts_but_interrupts_none() -> None:
    # Marked cases are held until Wednesday and have a year's head start: they wait for the end of the week's bout, then go first.
    wednesday = date(2010, 1, 6)
    plan = crowd(
        Decide("sort", branches=(Branch("late", when=("case.kind = marked",)), Branch("serve", otherwise=True))),
        hold("late", "open = 1", to="serve"),
        Work("serve", team="team", effort=Duration("effort"), next="end"),
        Exit("end"),
        numbers={
            **KINDS,
            "effort": ("hours", 50),
            "ahead.marked": ("days", 365),
            "open": ("ratio", {START: 0, wednesday: 1}),
        },
        attributes=[KIND],
        teams=[team(calendar="office", head_start={"case.kind": "ahead"})],
    )
    story = seed_where(plan, both_kinds)
    kinds = story.of("case.kind")
    plain, marked = kinds.index(0), kinds.index(1)
    starts = [(row.minute, row.case) for row in story.rows(What.STARTED)]
    assert starts[:3] == [
        (MON + OPENS, plain),
        (MON + 7 * DAY + OPENS, marked),
        (MON + 14 * DAY + OPENS, marked),  # 50 = 40 + 10: it goes on, with the same key
    ]


def caseload(
    pools: int, numbers: dict[str, Given] | None = None, effort: str = "day", to: date = date(2010, 4, 1)
) -> Plan:
    """Two posts with three slots each, at all hours."""
    return crowd(
        Assign("take", team="team", next="serve"),
        Work("serve", team="team", effort=Duration(effort), next="sit"),
        wait("sit", "ten_days", "end"),
        Exit("end"),
        numbers={"posts": ("posts", 2), "slots": ("ratio", 3), "pools": ("ratio", pools), **(numbers or {})},
        teams=[team(slots="slots", pools="pools", hand_over="hand_over" if "hand_over" in (numbers or {}) else None)],
        to=to,
    )


def test_only_its_own_post_attends_to_a_case_unless_the_team_pools() -> None:
    own = seed_where(caseload(pools=0), lambda s: len(s.cases) >= 6)
    holder = {row.case: row.item for row in own.rows(What.ALLOCATED)}
    assert all(row.item == holder[row.case] for row in own.rows(What.STARTED))
    assert [row.case for row in own.rows(What.STARTED) if row.minute == MON + DAY] == [2, 3]
    # Pooled, when cases 0 and 1 are done: the free post with the lowest number takes the oldest, whoever holds it.
    pooled = seed_where(caseload(pools=1, numbers={"long": ("days", 3)}, effort="long"), lambda s: len(s.cases) >= 6)
    assert [(row.case, row.item) for row in pooled.rows(What.STARTED)[:4]] == [(0, 0), (1, 1), (2, 0), (3, 1)]


def test_a_pooled_colleague_takes_over_what_an_own_post_would_keep_waiting() -> None:
    # Plain cases take a day, marked ones five. Post 0 holds a long one first; its second case waits for it only if nobody pools.
    def plan(pools: int) -> Plan:
        return crowd(
            Assign("take", team="team", next="serve"),
            Work("serve", team="team", effort=Duration("day", by={"case.kind": "longer"}), next="end"),
            Exit("end"),
            numbers={
                **KINDS,
                "posts": ("posts", 2),
                "slots": ("ratio", 3),
                "pools": ("ratio", pools),
                "longer.marked": ("ratio", 5),
            },
            attributes=[KIND],
            teams=[team(slots="slots", pools="pools")],
        )

    def fits(story: Story) -> bool:
        return story.of("case.kind")[:4] == [1, 0, 0, 0]

    own, pooled = seed_where(plan(0), fits, most=200), seed_where(plan(1), fits, most=200)
    assert [(r.minute, r.item) for r in own.rows(What.STARTED, case=2)] == [(MON + 5 * DAY, 0)]
    assert [(r.minute, r.item) for r in pooled.rows(What.STARTED, case=2)] == [(MON + DAY, 1)]


# --- 10. durations and speed --------------------------------------------------------------------------------------------


def test_a_token_that_comes_back_draws_anew() -> None:
    plan = crowd(
        Wait("pause", lasts=Duration("day", family="exponential"), owner="them", time_is="another_body", next="count"),
        Set("count", writes=(Write("case.turns", "+1"),), next="again"),
        Decide("again", branches=(Branch("end", when=("case.turns >= 2",)), Branch("pause", otherwise=True))),
        Exit("end"),
        attributes=[Attribute("case.turns")],
    )
    story = told(plan)
    for case in story.cases:
        first, second = story.minutes(What.WAITS, case=case)
        (end,) = story.minutes(What.LEFT, case=case)
        assert second - first != end - second


def test_a_duration_is_at_least_a_minute() -> None:
    story = told(crowd(wait("blink", "blink", "end"), Exit("end"), numbers={"blink": ("minutes", 0)}))
    assert set(story.minutes(What.LEFT)) == {MON + 1}


def test_a_wait_in_working_days_runs_on_the_office_calendar_and_one_in_days_on_all_hours() -> None:
    for unit, end in (("working_days", MON + 7 * DAY + CLOSES), ("days", MON + 6 * DAY)):
        # Six working days from Monday 00:00: this week five, then Monday until closing time.
        story = told(crowd(wait("pause", "six", "end"), Exit("end"), numbers={"six": (unit, 6)}))
        assert set(story.minutes(What.LEFT)) == {end}


def test_a_wait_ends_at_the_date_its_row_carries_if_that_is_sooner() -> None:
    plan = crowd(
        Set("soon", writes=(Write("case.limit_on", "value limit", when=("case.kind = marked",)),), next="pause"),
        wait("pause", "ten_days", "end", no_later_than="case.limit_on"),
        Exit("end"),
        attributes=[KIND, Attribute("case.limit_on", date=True)],
        numbers={**KINDS, "limit": ("minutes", 5 * DAY + 17)},
    )
    story = seed_where(plan, both_kinds)
    for case, kind in enumerate(story.of("case.kind")):
        assert story.minutes(What.LEFT, case=case) == [5 * DAY + 17 if kind else MON + 10 * DAY]


# Dates that lie later or earlier than now.

NOTED = Attribute("case.noted_on", date=True)


def noted(unit: str, value: float, way: str = "later") -> set[int]:
    """The date that a crowd writes on Monday 00:00."""
    shift = {way: Duration("length")}
    plan = crowd(
        Set("note", writes=(Write("case.noted_on", "now", **shift),), next="end"),
        Exit("end"),
        attributes=[NOTED],
        numbers={"length": (unit, value)},
    )
    return set(told(plan).of("case.noted_on"))


@pytest.mark.parametrize(
    ("unit", "value", "minutes"),
    [
        ("minutes", 17.4, 17),
        ("days", 3, 3 * DAY),
        ("weeks", 2, 14 * DAY),
        ("months", 2, 2 * 43_830),  # 30.4375 days each
        ("years", 1, 525_960),  # 365.25 days
        ("days", 0, 0),
    ],
)
def test_a_date_may_lie_later_or_earlier_than_now_by_the_calendar(unit: str, value: float, minutes: int) -> None:
    assert noted(unit, value) == {MON + minutes}
    assert noted(unit, value, "earlier") == {MON - minutes}


def test_a_date_later_in_working_time_is_where_a_wait_would_end() -> None:
    assert noted("working_days", 6) == {MON + 7 * DAY + CLOSES}
    assert noted("hours", 9) == {MON + DAY + OPENS + HOUR}
    assert noted("hours", 0) == {MON}


def test_a_date_that_would_be_the_number_for_unset_is_a_minute_earlier() -> None:
    assert noted("minutes", MON, "earlier") == {0}
    assert noted("minutes", MON + 1, "earlier") == {-2}
    assert noted("minutes", MON + 2, "earlier") == {-2}
    assert noted("minutes", MON + 3, "earlier") == {-3}


def test_no_date_lies_farther_than_two_thousand_years() -> None:
    assert noted("years", 5000) == {2**30}
    assert noted("years", 5000, "earlier") == {-(2**30)}
    assert noted("working_days", 5e6) == {2**30}


def test_a_wait_until_a_date_that_lies_later_is_a_wait_of_that_length() -> None:
    plan = crowd(
        Set("note", writes=(Write("case.noted_on", "now", later=Duration("six")),), next="pause"),
        wait("pause", "ever", "end", no_later_than="case.noted_on"),
        Exit("end"),
        attributes=[NOTED],
        numbers={"six": ("working_days", 6), "ever": ("years", 9)},
    )
    assert set(told(plan).minutes(What.LEFT)) == {MON + 7 * DAY + CLOSES}


def test_a_date_is_drawn_by_token_write_and_visit() -> None:
    drawn = Duration("day", family="exponential")
    plan = crowd(
        Set(
            "note",
            writes=(
                Write("case.noted_on", "now", later=drawn),
                Write("case.noted_on", "now", later=drawn, when=("case.again = 0",)),
                Write("case.then_on", "now", earlier=drawn, when=("case.again = 1",)),
                Write("case.again", "+1"),
            ),
            next="pause",
        ),
        wait("pause", "ten_days", "which"),
        Decide("which", branches=(Branch("note", when=("case.again < 2",)), Branch("end", otherwise=True))),
        Exit("end"),
        attributes=[NOTED, Attribute("case.then_on", date=True), Attribute("case.again")],
    )
    table = draws.quantile_table("exponential", 1.0)

    def lasts(key: int, order: int, visit: int) -> int:
        return int(draws.quantile(table, draws.bits(key, draws.name(f"note {order} shift"), visit)) * 1440 + 0.5)

    root, again = draws.root(1, 0), MON + 10 * DAY
    keys = [draws.child(root, draws.name("incident of cases"), n) for n in range(200)]
    expected = {(again + lasts(key, 0, 1), again - lasts(key, 2, 1)) for key in keys}
    story = told(plan)
    assert len(story.cases) > 3
    assert set(zip(story.of("case.noted_on"), story.of("case.then_on"), strict=True)) <= expected
    first = told(dataclasses.replace(plan, ends_at=again)).of("case.noted_on")
    assert set(first) <= {MON + lasts(key, 1, 0) for key in keys}


def test_the_length_by_which_a_date_lies_later_is_read_for_each_row() -> None:
    plan = crowd(
        Set("note", writes=(Write("subject.noted_on", "now", later=Duration("day", by={"subject.rank": "times"})),),
            next="end"),
        Exit("end"),
        attributes=[Attribute("subject.rank", levels=("low", "high")), Attribute("subject.noted_on", date=True)],
        numbers={"times.high": ("ratio", 3)},
    )  # fmt: skip
    made = one_case(
        plan,
        received=0,
        person={},
        case={},
        subjects=[{"subject.rank": "high"}, {"subject.rank": "low"}],
        allegations=[[], []],
        stream="cases",
    )
    assert play_cast(plan, made).subjects["noted_on"].tolist() == [MON + 3 * DAY, MON + DAY]


def test_effort_is_divided_by_the_speed_on_the_day_the_bout_starts() -> None:
    # Half of each hour is productive until Tuesday, all of it from then: 4 hours take 8 on Monday, 4 on Tuesday.
    tuesday = date(2010, 1, 5)
    numbers: dict[str, Given] = {"effort": ("hours", 4), "share": ("ratio", {START: 0.5, tuesday: 1})}
    story = told(office(numbers=numbers, productive_share="share"))
    assert story.minutes(What.WORKED)[:2] == [MON + CLOSES, MON + DAY + OPENS + 4 * HOUR]


def test_other_work_is_taken_from_the_productive_hours_of_all_posts() -> None:
    # Two posts have 16 hours a day; 4 of them go elsewhere: 1 - 4 / 16 = 0.75 of each hour is left, and 3 hours take 4.
    numbers: dict[str, Given] = {"effort": ("hours", 3), "posts": ("posts", 2), "other": ("hours", 4)}
    story = told(office(numbers=numbers, other_hours="other"))
    assert story.minutes(What.WORKED)[0] == MON + OPENS + 4 * HOUR


# --- 11. posts that go, units that change ---------------------------------------------------------------------------


def test_a_post_that_goes_ends_its_bout_and_its_cases_queue_again_and_cost_reading_in() -> None:
    # Posts 0 and 1 take cases 0, 2, 4 and 1, 3, 5; one day of work each. Post 1 goes on Monday at 00:00 plus 3 days = Thursday, while it
    # works on case 1 (4 days). It ends on Friday 00:00; then its cases queue for post 0, which has three slots taken.
    thursday = date(2010, 1, 7)
    numbers: dict[str, Given] = {
        "posts": ("posts", {START: 2, thursday: 1}),
        "four_days": ("days", 4),
        "hand_over": ("hours", 5),
    }
    plan = caseload(0, numbers, effort="four_days", to=date(2010, 6, 1))
    story = seed_where(plan, lambda s: len(s.cases) == 6)
    start = {case: story.rows(What.STARTED, case=case) for case in story.cases}
    assert [row.item for row in start[1]] == [1]
    assert story.minutes(What.WORKED, case=1) == [MON + 4 * DAY]  # the bout it was in is finished
    requeued = {row.case: row.minute for row in story.rows(What.QUEUED, node="serve")}
    assert requeued == {3: MON + 4 * DAY, 5: MON + 4 * DAY}
    # Post 0 works on 0, 2, 4 until day 12 and each then sits ten days with its slot: case 0 from day 4 to day 14.
    # On day 14 the first slot is free; the oldest handed over is case 1, which needs no more work; on day 14 it ends its own wait.
    assert story.minutes(What.ALLOCATED, case=3)[1] == MON + 14 * DAY
    (begun,) = start[3]
    assert (begun.minute, begun.item) == (MON + 14 * DAY, 0)
    assert story.minutes(What.WORKED, case=3) == [
        MON + 14 * DAY + 4 * DAY + 5 * HOUR
    ]  # four days and five hours of reading in


def test_an_idle_post_that_goes_hands_over_at_once_and_only_once_is_read_in() -> None:
    # Post 1 has done its work on day 2 and goes on day 3 (Thursday): case 1 waits outside without a slot and gets one of post 0 at once.
    thursday = date(2010, 1, 7)
    plan = crowd(
        Assign("take", team="team", next="serve"),
        Work("serve", team="team", effort=Duration("two_days"), next="sit"),
        wait("sit", "ten_days", "more"),
        Work("more", team="team", effort=Duration("day"), next="yet_more"),
        Work("yet_more", team="team", effort=Duration("day"), next="end"),
        Exit("end"),
        numbers={
            "rate": ("rate_per_year", {START: 300, MONDAY: 0}),
            "posts": ("posts", {START: 2, thursday: 1}),
            "slots": ("ratio", 9),
            "hand_over": ("hours", 5),
        },
        teams=[team(slots="slots", hand_over="hand_over")],
    )
    story = seed_where(plan, lambda s: len(s.cases) == 2)
    assert [(row.minute, row.item) for row in story.rows(What.ALLOCATED, case=1)] == [(MON, 1), (MON + 3 * DAY, 0)]
    assert story.minutes(What.WORKED, case=1, node="serve") == [MON + 2 * DAY]
    # Both are back on day 12: case 0 first, a day; case 1 then a day and five hours, and its next bout is not longer.
    assert story.minutes(What.WORKED, case=0, node="more") == [MON + 13 * DAY]
    more, yet = story.rows(What.STARTED, case=1, node="more"), story.rows(What.WORKED, case=1, node="more")
    assert (more[0].minute, yet[0].minute - more[0].minute) == (MON + 14 * DAY, DAY + 5 * HOUR)
    last = story.rows(case=1, node="yet_more")
    assert last[-1].minute - last[-2].minute == DAY


def test_all_posts_that_go_on_one_day_hand_over() -> None:
    # Three posts, a case or two each; from Wednesday one post is left and takes them all, oldest first.
    wednesday = date(2010, 1, 6)
    plan = crowd(
        Assign("take", team="team", next="sit"),
        wait("sit", "ten_days", "end"),
        Exit("end"),
        numbers={"posts": ("posts", {START: 3, wednesday: 1}), "slots": ("ratio", 99)},
        teams=[team(slots="slots")],
    )
    story = seed_where(plan, lambda s: len(s.cases) >= 5)
    moved = [row.case for row in story.rows(What.ALLOCATED) if (row.minute, row.item) == (WED, 0)]
    assert moved == [case for case in story.cases if case % 3 > 0]
    assert len(story.rows(What.ALLOCATED)) == len(story.cases) + len(moved)


def test_a_case_that_waits_for_another_team_is_not_drawn_back_when_its_post_goes() -> None:
    # Case 1 is held by a post that goes on Wednesday while it waits for a pooled colleague elsewhere: it keeps its place there.
    wednesday = date(2010, 1, 6)
    plan = crowd(
        Assign("take", team="team", next="note"),
        Set("note", next="serve"),
        Work("serve", team="helpers", effort=Duration("four_days"), next="own"),
        Work("own", team="team", effort=Duration("day"), next="end"),
        Exit("end"),
        numbers={
            "rate": ("rate_per_year", {START: 300, MONDAY: 0}),
            "posts": ("posts", {START: 2, wednesday: 1}),
            "four_days": ("days", 4),
            "one_post": ("posts", 1),
            "hand_over": ("hours", 5),
        },
        teams=[team(slots="slots", hand_over="hand_over"), team("helpers", posts="one_post")],
    )
    story = seed_where(plan, lambda s: len(s.cases) == 2)
    served = story.rows(What.STARTED, node="serve")
    assert [(row.minute, row.case) for row in served] == [(MON, 0), (MON + 4 * DAY, 1)]
    # Case 0 has the one slot left until it ends on day 5; case 1 gets it then, and reading in belongs to the next holder's bout.
    assert story.minutes(What.WORKED, node="serve", case=1) == [MON + 8 * DAY]
    assert story.minutes(What.WORKED, node="own", case=1) == [MON + 9 * DAY + 5 * HOUR]


def test_when_units_change_queued_cases_move_and_held_ones_stay() -> None:
    # One unit of two posts becomes two units on Wednesday. The slots are full; what queues goes to its new unit.
    wednesday = date(2010, 1, 6)
    plan = units(2, 1, {"units": ("ratio", {START: 1, wednesday: 2})})

    def fits(story: Story) -> bool:
        return story.of("case.kind")[:4] == [1, 0, 0, 0]

    story = seed_where(plan, fits, most=200)
    given = [(row.minute, row.case, row.item) for row in story.rows(What.ALLOCATED)]
    kinds = story.of("case.kind")
    next_marked = next((case for case in story.cases if case > 3 and kinds[case] == 1), None)
    # At first any post: the marked case 0 is held by post 0, unit 0, and stays there; on day 10 both posts are free again.
    expected = [(MON, 0, 0), (MON, 1, 1), (MON + 10 * DAY, 2, 0)]
    if next_marked is not None:
        expected.append((MON + 10 * DAY, next_marked, 1))
    assert given[: len(expected)] == expected


def test_units_may_become_fewer_before_anybody_has_queued() -> None:
    plan = units(2, 9, {"units": ("ratio", {START: 2, MONDAY: 1})})
    story = seed_where(plan, both_kinds)
    assert [row.item for row in story.rows(What.ALLOCATED)] == [case % 2 for case in story.cases]


# --- 12. dated values -------------------------------------------------------------------------------------------------


def test_a_value_attached_to_a_date_is_read_at_that_date_whenever_it_is_asked() -> None:
    saturday = date(2010, 1, 2)
    plan = crowd(
        Decide("which", branches=(Branch("old", weight="old"), Branch("new", weight="new"))),
        Exit("old"),
        Exit("new"),
        numbers={"old": ("ratio", {START: 1, saturday: 0}), "new": ("ratio", {START: 0, saturday: 1})},
        attach={"old": "case.received_on", "new": "case.received_on"},
    )
    story = told(plan)
    assert {minute >= DAY for minute in story.received} == {True, False}
    for row in story.rows(What.LEFT):
        assert row.node == ("new" if story.received[row.case] >= DAY else "old")


def test_a_value_attached_to_a_date_that_is_unset_cannot_be_played() -> None:
    plan = crowd(
        Decide("which", branches=(Branch("old", weight="old"), Branch("new", weight=1.0))),
        Exit("old"),
        Exit("new"),
        attributes=[Attribute("case.decided_on", date=True)],
        numbers={"old": ("ratio", {START: 1, MONDAY: 0})},
    )
    with pytest.raises(PlayError, match="'old' is read at a date that is unset in case 0"):
        told(attached(plan, {"old": "case.decided_on"}))


TUESDAY = date(2010, 1, 5)
BEFORE, AFTER, UNSET = {"subject.told_on": 0}, {"subject.told_on": 4 * DAY}, {}


def at_dates(scope: str = "subject") -> Plan:
    """What a condition on a value that becomes 1 on Tuesday says of a case, and of each of its subjects."""
    plan = crowd(
        Set(
            "ask",
            writes=(
                Write("case.some", 1, when=("law = 1",)),
                Write("case.every", 1, when=("all law = 1",)),
                Write("subject.mine", 1, when=(f"any {scope}.told_on != unset", "law = 1")),
                Write("subject.all_mine", 1, when=(f"any {scope}.told_on != unset", "all law = 1")),
            ),
            next="end",
        ),
        Exit("end"),
        attributes=[
            Attribute("case.some"),
            Attribute("case.every"),
            Attribute("subject.mine"),
            Attribute("subject.all_mine"),
            Attribute(f"{scope}.told_on", date=True),
        ],
        numbers={"law": ("ratio", {START: 0, TUESDAY: 1})},
    )
    return attached(plan, {"law": f"{scope}.told_on"})


def asked(subjects: list[dict[str, int]]) -> tuple[int, ...]:
    """Of a case with two subjects: whether it holds for any, for all, and for each."""
    plan = at_dates()
    made = one_case(plan, received=0, person={}, case={}, subjects=subjects, allegations=[[], []], stream="cases")
    record = play_cast(plan, made)
    assert record.subjects["mine"].tolist() == record.subjects["all_mine"].tolist()  # one row each
    return record.cases["some"].item(), record.cases["every"].item(), *record.subjects["mine"].tolist()


@pytest.mark.parametrize(
    ("subjects", "says"),
    [
        # any, all, and each subject for itself
        ([BEFORE, BEFORE], (0, 0, 0, 0)),
        ([BEFORE, AFTER], (1, 0, 0, 1)),
        ([AFTER, BEFORE], (1, 0, 1, 0)),
        ([AFTER, AFTER], (1, 1, 1, 1)),
        ([UNSET, AFTER], (1, 1, 0, 1)),
        ([BEFORE, UNSET], (0, 0, 0, 0)),
    ],
)
def test_a_condition_on_a_value_attached_to_a_date_is_read_at_the_date_of_each_row(
    subjects: list[dict[str, int]], says: tuple[int, ...]
) -> None:
    assert asked(subjects) == says


def test_a_subject_is_asked_at_the_dates_of_its_own_allegations() -> None:
    before, after = {"allegation.told_on": 0}, {"allegation.told_on": 4 * DAY}
    plan = at_dates("allegation")
    made = one_case(
        plan,
        received=0,
        person={},
        case={},
        subjects=[{}, {}, {}],
        allegations=[[before, after], [after, {}], [{}]],
        stream="cases",
    )
    record = play_cast(plan, made)
    assert record.subjects["mine"].tolist() == [1, 1, 0]
    assert record.subjects["all_mine"].tolist() == [0, 1, 0]
    assert (record.cases["some"].item(), record.cases["every"].item()) == (1, 0)


def test_people_are_asked_at_their_own_dates() -> None:
    plan = at_dates("person")
    for told_on, says in ((0, 0), (4 * DAY, 1)):
        made = one_case(
            plan, received=0, person={"person.told_on": told_on}, case={}, subjects=[{}, {}], allegations=[[], []],
            stream="cases",
        )  # fmt: skip
        record = play_cast(plan, made)
        assert record.subjects["mine"].tolist() == record.subjects["all_mine"].tolist() == [says, says]
        assert (record.cases["some"].item(), record.cases["every"].item()) == (says, says)


def test_a_condition_on_a_value_attached_to_a_date_that_nobody_has_cannot_be_played() -> None:
    with pytest.raises(PlayError, match="'law' is read at a date that is unset in case 0"):
        asked([UNSET, UNSET])


def test_a_hold_on_a_value_attached_to_a_date_ends_when_that_date_is_written_and_says_so() -> None:
    plan = crowd(
        Set("note", writes=(Write("case.told_on", "now"),), next="part"),
        Fork("part", start="later", side=True, next="held"),
        hold("held", "law = 1", to="end"),
        wait("later", "two_days", "note_again"),
        Set("note_again", writes=(Write("case.told_on", "now"),), next="end"),
        Exit("end"),
        attributes=[Attribute("case.told_on", date=True)],
        numbers={"law": ("ratio", {START: 0, TUESDAY: 1})},
        attach={"law": "case.told_on"},
    )
    story = told(plan)
    assert set(story.minutes(What.LEFT, token=0)) == {MON + 2 * DAY}


# --- 13. diaries ------------------------------------------------------------------------------------------------------


def listing(length: Given, *, numbers: dict[str, Given] | None = None, diaries: tuple[str, ...] = ("room",)) -> Plan:
    return crowd(
        Book(
            "list",
            diaries=tuple((d, 1) for d in diaries),
            notice=Duration("notice"),
            length=Duration("length"),
            owner="c",
            next="end",
        ),
        Exit("end"),
        numbers={
            "notice": ("days", 1),
            "length": length,
            **dict.fromkeys(diaries, ("rooms", 1)),
            **(numbers or {}),
        },
        diaries=[Diary(d, owner="c", size=d, calendar="office") for d in diaries],
    )


def sittings(story: Story) -> list[tuple[int, int]]:
    """First sitting day and day of the end, counted from Monday 4 January."""
    ends = {row.case: row.minute for row in story.rows(What.LEFT)}
    rows = story.rows(What.BOOKED)
    assert all(row.value % DAY == OPENS for row in rows)
    assert all(minute % DAY == CLOSES for minute in ends.values())
    return [((row.value - MON) // DAY, (ends[row.case] - MON) // DAY) for row in rows]


def test_a_sitting_is_a_run_of_consecutive_sitting_days_after_the_day_the_notice_ends() -> None:
    # Notice ends on Tuesday at 00:00, so from Wednesday (day 2). Three days each: Wednesday to Friday, then Monday to Wednesday,
    # then Thursday, Friday and, over the weekend, Monday.
    story = told(listing(("working_days", 3)))
    assert sittings(story)[:3] == [(2, 4), (7, 9), (10, 14)]
    assert {row.item for row in story.rows(What.BOOKED)} == {3}


def test_two_diaries_sit_together_on_the_earliest_days_that_both_have() -> None:
    # The chair is away until Tuesday 12 January (day 8); the room is open throughout.
    numbers: dict[str, Given] = {"chair": ("ratio", {START: 0, date(2010, 1, 12): 1})}
    story = told(listing(("working_days", 2), numbers=numbers, diaries=("room", "chair")))
    assert sittings(story)[:3] == [(8, 9), (10, 11), (14, 15)]


def test_a_gap_too_short_for_one_sitting_is_filled_by_a_shorter_one_that_comes_later() -> None:
    # The room is shut on Friday (day 4). Three days do not fit before it; one day does, though it books after them.
    shut: dict[str, Given] = {"room": ("rooms", {START: 1, date(2010, 1, 8): 0, date(2010, 1, 9): 1})}
    plan = crowd(
        Book(
            "list",
            diaries=(("room", 1),),
            notice=Duration("day"),
            length=Duration("length", by={"case.kind": "shorter"}),
            owner="c",
            next="end",
        ),
        Exit("end"),
        numbers={**KINDS, **shut, "length": ("working_days", 3), "shorter.marked": ("ratio", 1 / 3)},
        attributes=[KIND],
        diaries=[Diary("room", owner="c", size="room", calendar="office")],
    )
    story = seed_where(plan, lambda s: s.of("case.kind")[:3] == [0, 1, 1])
    assert sittings(story)[:3] == [(7, 9), (2, 2), (3, 3)]


def test_a_diary_that_grows_smaller_keeps_what_is_booked_and_gives_no_more_than_its_new_size() -> None:
    # Two rooms until Friday, then one: Wednesday and Thursday take two sittings a day, later days one.
    numbers: dict[str, Given] = {"room": ("rooms", {START: 2, date(2010, 1, 8): 1})}
    story = seed_where(listing(("working_days", 1), numbers=numbers), lambda s: len(s.cases) >= 7)
    assert [first for first, _ in sittings(story)][:7] == [2, 2, 3, 3, 4, 7, 8]


def test_no_sitting_is_given_where_none_is_left_before_the_end() -> None:
    story = told(listing(("working_days", 90)))
    assert {(row.item, row.value) for row in story.rows(What.BOOKED)} == {(0, -1)}
    assert not story.rows(What.LEFT)


# --- 14. draws are named ------------------------------------------------------------------------------------------------


def test_a_duration_is_the_hash_of_seed_replication_row_node_purpose_and_visit() -> None:
    plan = crowd(
        Wait("pause", lasts=Duration("day", cv="cv"), owner="them", time_is="another_body", next="end"),
        Exit("end"),
        numbers={"cv": ("ratio", 0.7)},
    )
    table = draws.quantile_table("lognormal", 0.7)
    for seed, replication in ((1, 0), (2, 5)):
        story = told(plan, seed, replication)
        root = draws.root(seed, replication)
        potential = [draws.child(root, draws.name("incident of cases"), n) for n in range(200)]
        expected = {
            int(draws.quantile(table, draws.bits(key, draws.name("pause lasts"), 1)) * 1440 + 0.5) for key in potential
        }
        lasted = [end - begun for begun, end in zip(story.minutes(What.WAITS), sorted_by_case(story), strict=True)]
        assert len(lasted) > 3
        assert set(lasted) <= expected


def sorted_by_case(story: Story) -> list[int]:
    return [row.minute for row in sorted(story.rows(What.LEFT), key=lambda row: row.case)]


# --- 15. decisions ------------------------------------------------------------------------------------------------------


def test_a_decision_goes_through_open_branches_in_declared_order_with_one_uniform() -> None:
    # Weights 1 : 2 : 5 of 8: below 1/8 the first, below 3/8 the second, else the third. With the second shut, 1 : 5 of 6.
    for shut, steps in ((0, ((0, 1 / 8), (1, 3 / 8), (2, 1.0))), (1, ((0, 1 / 6), (2, 1.0)))):
        plan = small(
            [
                Decide(
                    "which",
                    branches=(
                        Branch("a", weight="one"),
                        Branch("b", weight="two", when=("shut = 0",)),
                        Branch("c", weight="five"),
                    ),
                ),
                Exit("a"),
                Exit("b"),
                Exit("c"),
            ],
            {"two": ("ratio", 2), "five": ("ratio", 5), "shut": ("ratio", shut), "rate": ("rate_per_year", 900)},
            to=date(2010, 4, 1),
        )
        story = told(plan)
        root, place = draws.root(1, 0), draws.name("which")
        keys = [draws.child(root, draws.name("incident of cases"), n) for n in range(3000)]
        gaps = draws.quantile_table("exponential", 1.0)
        chosen, at = [], 0.0
        for key in keys:  # the potential incidents, at three times the rate, of which a third is taken
            at += draws.quantile(gaps, draws.bits(key, draws.name("gap"), 0)) * 365.25 * DAY / 2700
            if at < plan.ends_at and draws.uniform(draws.bits(key, draws.name("mark"), 0)) < 1 / 3:
                u = draws.uniform(draws.bits(key, place, 0))
                chosen.append(next(branch for branch, up_to in steps if u < up_to))
        assert len(chosen) > 150
        assert [row.value for row in story.rows(What.CHOSE)] == chosen


def test_a_decision_for_each_row_is_made_once_for_each() -> None:
    plan = small(
        [
            Decide(
                "judge",
                each="allegation",
                into="allegation.finding",
                when=("allegation.kind = serious",),
                branches=(Branch("no", weight=2.0), Branch("yes", weight=2.0)),
                next="end",
            ),
            Exit("end"),
        ],
        {
            "rate": ("rate_per_year", 300),
            "one": ("ratio", 2.5),
            "kind.slight": ("ratio", 1),
            "kind.serious": ("ratio", 1),
        },
        to=date(2010, 7, 1),
        attributes=[
            Attribute("allegation.kind", levels=("slight", "serious"), drawn="kind"),
            Attribute("allegation.finding", levels=("none", "no", "yes")),
        ],
    )
    story = told(plan)
    kinds, findings = story.of("allegation.kind"), story.of("allegation.finding")
    rows = story.rows(What.CHOSE)
    assert sorted(row.item for row in rows) == [a for a, kind in enumerate(kinds) if kind == 1]
    assert all(findings[row.item] == row.value for row in rows)
    assert {finding for finding, kind in zip(findings, kinds, strict=True) if kind == 0} == {0}
    assert {finding for finding, kind in zip(findings, kinds, strict=True) if kind == 1} == {1, 2}


def test_where_no_branch_has_a_weight_the_first_open_one_is_taken() -> None:
    plan = crowd(
        Decide("which", branches=(Branch("a", when=("case.kind = marked",)), Branch("b"), Branch("c"))),
        Exit("a"),
        Exit("b"),
        Exit("c"),
        attributes=[KIND],
        numbers=KINDS,
    )
    story = seed_where(plan, both_kinds)
    assert [row.node for row in story.rows(What.LEFT)] == ["a" if kind else "b" for kind in story.of("case.kind")]


def test_a_branch_for_otherwise_is_open_only_if_no_other_is() -> None:
    plan = crowd(
        Decide("which", branches=(Branch("other", otherwise=True), Branch("marked", when=("case.kind = marked",)))),
        Exit("other"),
        Exit("marked"),
        attributes=[KIND],
        numbers=KINDS,
    )
    story = seed_where(plan, both_kinds)
    for row in story.rows(What.LEFT):
        assert row.node == ("marked" if story.of("case.kind")[row.case] else "other")


def test_a_decision_whose_open_weights_add_up_to_nothing_cannot_be_played() -> None:
    plan = crowd(
        Decide("which", branches=(Branch("a", weight="early"), Branch("b", when=("case.kind = marked",)))),
        Exit("a"),
        Exit("b"),
        attributes=[KIND],
        numbers={**KINDS, "early": ("ratio", 1)},
    )
    # Such numbers are refused when the plan is built, so they step down afterwards.
    values = tuple(
        dataclasses.replace(v, times=(0, MON), values=(1.0, 0.0)) if v.name == "early" else v for v in plan.values
    )
    with pytest.raises(PlayError, match="no branch of 'which' is open"):
        seed_where(dataclasses.replace(plan, values=values), both_kinds)


# --- 16. the end ----------------------------------------------------------------------------------------------------


def test_the_token_that_ends_gives_back_its_slot_in_that_minute() -> None:
    story = told(units(posts=2, slots=1))
    left = {row.case: row.minute for row in story.rows(What.LEFT)}
    second_turn = [row for row in story.rows(What.ALLOCATED) if row.minute > MON]
    assert second_turn
    assert all(row.minute in left.values() for row in second_turn)


@pytest.mark.parametrize(("minutes", "leaves"), [(10 * DAY - 1, True), (10 * DAY, False)])
def test_nothing_of_the_last_minute_or_later_is_played(minutes: int, leaves: bool) -> None:
    ends = MONDAY + timedelta(10)
    story = told(crowd(wait("pause", "long", "end"), Exit("end"), numbers={"long": ("minutes", minutes)}, to=ends))
    assert story.record.ended_at == MON + 10 * DAY
    assert bool(story.rows(What.LEFT)) is leaves


# --- forks and joins ------------------------------------------------------------------------------------------------------


def families(*forks: Fork, numbers: dict[str, Given] | None = None, sort: tuple[str, str] | None = None) -> Story:
    """Cases of three subjects on average, forked, each part a wait of its own length, then joined; or sorted by any and all."""
    any_, all_ = sort or ("", "")
    branches = (Branch("every", when=(all_,)), Branch("one", when=(any_,)), Branch("none", otherwise=True))
    extra = (
        (Decide("sort", branches=branches), Exit("every"), Exit("one"), Exit("none"))
        if sort
        else (Join("join", next="end"), Exit("end"))
    )
    plan = crowd(
        *forks,
        Wait(
            "apart", lasts=Duration("day", family="exponential"), owner="them", time_is="another_body", next="part_end"
        ),
        Exit("part_end"),
        *extra,
        numbers={"many": ("ratio", 3), "side.left": ("ratio", 1), "side.right": ("ratio", 1), **(numbers or {})},
        attributes=[Attribute("subject.side", levels=("left", "right"), drawn="side")],
        streams=[Stream("cases", start="gate", rate="rate", spread="nothing", subjects="many", allegations="one")],
    )
    return seed_where(plan, lambda s: len(s.of("subject.case")) > len(s.cases) + 4)


def parts_expected(story: Story, by: str) -> list[int]:
    sides: dict[int, list[int]] = {case: [] for case in story.cases}
    for case, side in zip(story.of("subject.case"), story.of("subject.side"), strict=True):
        sides[case].append(side)
    return [{"case": 1, "subject": len(found), "subject.side": len(set(found))}[by] for found in sides.values()]


@pytest.mark.parametrize("by", ["case", "subject", "subject.side"])
def test_a_fork_makes_a_token_for_the_case_each_subject_or_each_level_present_and_the_join_awaits_the_last(
    by: str,
) -> None:
    story = families(Fork("fork", by=by, start="apart", next="join"))
    for case, parts in zip(story.cases, parts_expected(story, by), strict=True):
        assert [row.value for row in story.rows(What.FORKED, case=case)] == list(range(1, parts + 1))
        ends = story.minutes(What.LEFT, case=case, node="part_end")
        assert len(ends) == parts
        assert story.minutes(What.JOINING, case=case) == [MON]
        assert story.minutes(What.LEFT, case=case, node="end") == [max(ends)]


def test_only_subjects_that_meet_the_condition_are_taken_and_without_any_the_join_awaits_nobody() -> None:
    story = families(Fork("fork", by="subject", when=("subject.side = right",), start="apart", next="join"))
    for case in story.cases:
        right = sum(
            side for c, side in zip(story.of("subject.case"), story.of("subject.side"), strict=True) if c == case
        )
        ends = story.minutes(What.LEFT, case=case, node="part_end")
        assert len(ends) == right
        assert story.minutes(What.LEFT, case=case, node="end") == [max(ends, default=MON)]
    assert any(not story.rows(What.FORKED, case=case) for case in story.cases)


def test_a_side_token_is_never_waited_for() -> None:
    story = families(
        Fork("fork", by="subject", side=True, start="apart", next="nobody_else"),
        Fork("nobody_else", by="subject", when=("now_and_never = 1",), start="apart", next="join"),
        numbers={"now_and_never": ("ratio", 0)},
    )
    assert set(story.minutes(What.LEFT, node="end")) == {MON}
    assert len(story.rows(What.LEFT, node="part_end")) == len(story.of("subject.case"))
    assert not story.rows(What.JOINING)


def test_what_a_part_decides_and_writes_concerns_its_own_subjects_only() -> None:
    plan = crowd(
        Fork("fork", by="subject.side", when=("subject.side = right",), start="mark", next="join"),
        Set("mark", writes=(Write("subject.seen", 1),), next="part_end"),
        Exit("part_end"),
        Join("join", next="end"),
        Exit("end"),
        numbers={"many": ("ratio", 3), "side.left": ("ratio", 1), "side.right": ("ratio", 1)},
        attributes=[Attribute("subject.side", levels=("left", "right"), drawn="side"), Attribute("subject.seen")],
        streams=[Stream("cases", start="gate", rate="rate", spread="nothing", subjects="many", allegations="one")],
    )
    story = told(plan)
    assert story.of("subject.seen") == story.of("subject.side")
    assert {0, 1} == set(story.of("subject.seen"))

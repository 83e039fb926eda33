"""Run by `test_planted_faults.py` in a process of its own, over a copy of the engine: does it still play what the reference plays?

The kernel runs uncompiled here, so that a fault costs no compiling. Leaves with 0 if all records agree, and with 1 at the first difference.
"""

import sys
import warnings
from datetime import date, timedelta

from agreement import first_difference
from desk import one_team, small
from random_pathways import random_plan

from sim.engines import cast, reference
from sim.engines.fast import engine
from sim.pathway.kinds import (
    Assign,
    Attribute,
    Branch,
    Decide,
    Duration,
    Exit,
    Fork,
    Guard,
    Hold,
    Set,
    Signal,
    Team,
    Wait,
    Work,
    Write,
)
from sim.plan import Plan

YEAR = date(2010, 1, 1)


def agrees(plan: Plan) -> bool:
    expected = reference.play(plan, 1)
    try:
        found = engine.play_cast(plan, cast.make(plan, 1, 0), 1, 0)
    except (engine.PlayError, IndexError) as error:
        print(f"{plan.name}: {error!r}")
        return False
    difference = first_difference(plan, expected, found)
    print(f"{plan.name}: {difference or 'agrees'}")
    return not difference


def shrinking() -> Plan:
    """A team that loses posts while they hold cases, and a decision by the law of the day each case was received."""
    return small(
        nodes=(
            Assign("take", team="team", next="wait"),
            Wait("wait", lasts=Duration("while"), owner="them", time_is="another_body", next="which"),
            Decide("which", branches=(Branch("serve", weight="old law"), Branch("wait", weight="new law"))),
            Work("serve", team="team", effort=Duration("effort"), next="end"),
            Exit("end"),
        ),
        numbers={
            "rate": ("rate_per_year", 400),
            "posts": ("posts", {YEAR: 4, YEAR + timedelta(20): 1}),
            "slots": ("ratio", 5),
            "while": ("days", 6),
            "effort": ("hours", 5),
            "old law": ("ratio", {YEAR: 1, YEAR + timedelta(9): 0.3}),
            "new law": ("ratio", {YEAR: 0, YEAR + timedelta(9): 0.7}),
        },
        teams=[Team("team", owner="us", posts="posts", slots="slots", calendar="office", oldest="case.received_on")],
        attach={"old law": "case.received_on", "new law": "case.received_on"},
        to=YEAR + timedelta(60),
    )


def answered() -> Plan:
    """A token held until another one writes of the case, then of the person, then decides about the subject."""

    def held(name: str, until: str, after: str) -> Hold:
        return Hold(name, until=(until,), owner="them", time_is="legal_pause", cut_off=Duration("limit"), next=after)

    def wait(name: str, after: str) -> Wait:
        return Wait(
            name, lasts=Duration("while", family="exponential"), owner="them", time_is="another_body", next=after
        )

    return small(
        nodes=(
            Fork("ask", start="first", side=True, next="case told"),
            held("case told", "case.answer >= 1", "person told"),
            held("person told", "any person.answer >= 1", "subject told"),
            held("subject told", "any subject.answer = yes", "end"),
            wait("first", "of the case"),
            Set("of the case", writes=(Write("case.answer", "+1"), Write("case.unread", "+1")), next="second"),
            wait("second", "of the person"),
            Set("of the person", writes=(Write("person.answer", "+1"),), next="third"),
            wait("third", "of the subject"),
            Decide(
                "of the subject",
                each="subject",
                into="subject.answer",
                branches=(Branch("yes", weight=1.0),),
                next="end",
            ),
            Exit("end"),
        ),
        attributes=(
            Attribute("case.answer"),
            Attribute("case.unread"),
            Attribute("person.answer"),
            Attribute("subject.answer", levels=("no", "yes")),
        ),
        numbers={"rate": ("rate_per_year", 200), "while": ("days", 3), "limit": ("days", 20)},
        to=YEAR + timedelta(60),
    )


def called_away() -> Plan:
    """Work that a signal cuts short, some of it in a bout that would have ended after the plan."""
    return small(
        nodes=(
            Fork("ask", start="wait", side=True, next="work"),
            Work("work", team="team", effort=Duration("effort"), next="end"),
            Wait("wait", lasts=Duration("while"), owner="them", time_is="another_body", next="stop"),
            Set("stop", raises=(Signal("stop"),), next="end"),
            Exit("end"),
        ),
        numbers={
            "rate": ("rate_per_year", 900),
            "posts": ("posts", 9),
            "effort": ("hours", 60),
            "while": ("days", 1),
        },
        teams=[Team("team", owner="us", posts="posts", calendar="all_hours", oldest="case.received_on")],
        guards=[Guard(signal="stop", region=("work",), to="end")],
        to=YEAR + timedelta(30),
    )


warnings.simplefilter("ignore")  # keys overflow on purpose
crowded = one_team(3000, 4, 0.5, family="fixed", cv=0.0, to=YEAR + timedelta(days=12))
plans = [shrinking(), answered(), called_away(), crowded, *(random_plan(int(number)) for number in sys.argv[1:])]
sys.exit(not all(agrees(plan) for plan in plans))

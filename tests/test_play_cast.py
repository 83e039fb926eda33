"""Can a case made by hand be played, by both engines alike, and is a drawn cast played as the plan is?"""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

import numpy as np
import pytest
from agreement import first_difference, play, play_cast
from desk import CLOSES, DAY, ONE_EACH, OPENS, Given, small
from random_pathways import random_plan

from sim.engines import cast as casting
from sim.engines import fast, reference
from sim.engines.cast import CastError, one_case
from sim.pathway.kinds import Attribute, Branch, Decide, Duration, Exit, Population, Set, Stream, Wait, Write
from sim.plan import Plan
from sim.record import What

ATTRIBUTES = (
    Attribute("person.joined_on", date=True),
    Attribute("person.leaves_on", date=True),
    Attribute("person.before"),
    Attribute("person.rank", levels=("low", "high"), drawn="rank"),
    Attribute("case.stream", levels=("calls", "letters")),
    Attribute("case.lead_rank", levels=("low", "high"), lead="person.rank"),
    Attribute("case.heavy"),
    Attribute("case.done_on", date=True),
    Attribute("subject.outcome", levels=("none", "warned", "dismissed")),
    Attribute("allegation.kind", levels=("a", "b"), drawn="kind"),
)
NUMBERS: dict[str, Given] = {
    **ONE_EACH,
    "calls": ("rate_per_year", 100),
    "letters": ("rate_per_year", 50),
    "two_working_days": ("working_days", 2),
    "seats": ("ratio", 40),
    "leaving": ("ratio", 0.2),
    "kind.a": ("ratio", 1),
    "kind.b": ("ratio", 1),
    "rank.low": ("ratio", 1),
    "rank.high": ("ratio", 1),
    "even.warned": ("ratio", 1),
    "even.dismissed": ("ratio", 1),
}


def desk(**more: Any) -> Plan:
    streams = tuple(
        Stream(name, start="which", rate=name, spread="nothing", subjects="one", allegations="one")
        for name in ("calls", "letters")
    )
    nodes = (
        Decide("which", branches=(Branch("pause", when=("case.stream = letters",)), Branch("weigh", otherwise=True))),
        Wait("pause", lasts=Duration("two_working_days"), owner="us", time_is="another_body", next="weigh"),
        Set("weigh", writes=(Write("case.heavy", "count allegation.kind", where=("allegation.kind = b",)),),
            next="decide"),
        Decide("decide", each="subject", into="subject.outcome", next="note", branches=(
            Branch("warned", weight="even.warned"), Branch("dismissed", weight="even.dismissed"))),
        Set("note", writes=(Write("case.done_on", "now"),), next="end"),
        Exit("end"),
    )  # fmt: skip
    return small(nodes, NUMBERS, to=date(2010, 7, 1), attributes=ATTRIBUTES, streams=streams, **more)


PEOPLE = Population(
    seats="seats", leaving="leaving", joined="person.joined_on", leaves="person.leaves_on", before="person.before"
)
HAND_MADE: dict[str, Any] = {
    "received": 3 * DAY + 13 * 60,  # Monday 4 January 2010, 13:00
    "person": {"person.rank": "high", "person.before": 3},
    "case": {},
    "subjects": [{}, {"subject.outcome": "dismissed"}],
    "allegations": [[{"allegation.kind": "b"}, {"allegation.kind": 1}], [{}]],
    "stream": "letters",
}


@pytest.mark.parametrize("population", [None, PEOPLE], ids=["people of their own", "a force"])
def test_a_case_made_by_hand_is_played_as_it_was_made(population: Population | None) -> None:
    plan = desk(population=population)
    record = play_cast(plan, one_case(plan, **HAND_MADE))
    wednesday = 5 * DAY + 13 * 60
    assert {name: column.tolist() for name, column in record.cases.items()} == {
        "received_on": [HAND_MADE["received"]], "stream": [1], "lead_rank": [1], "heavy": [2], "done_on": [wednesday],
    }  # fmt: skip
    assert record.people["before"].tolist() == [3, 3]
    assert record.subjects["person"].tolist() == [0, 1]
    assert record.allegations["subject"].tolist() == [0, 0, 1]
    assert record.allegations["kind"].tolist() == [1, 1, 0]
    left = record.events["what"] == What.LEFT
    assert record.events["minute"][left].tolist() == [wednesday]
    assert OPENS < wednesday % DAY < CLOSES


def test_what_is_given_comes_before_what_is_copied() -> None:
    plan = desk()
    given = one_case(plan, **{**HAND_MADE, "case": {"case.lead_rank": "low"}})
    assert given.cases.state[0, plan.find("case.lead_rank").index] == 0


def test_the_seed_of_a_case_made_by_hand_names_its_draws() -> None:
    plan = desk()
    outcomes = [
        tuple(play_cast(plan, one_case(plan, **HAND_MADE, seed=seed)).subjects["outcome"].tolist())
        for seed in range(40)
    ]
    assert outcomes[:20] == [
        tuple(play_cast(plan, one_case(plan, **HAND_MADE, seed=seed), 99).subjects["outcome"].tolist())
        for seed in range(20)
    ]
    assert set(outcomes) == {(1, 1), (1, 2), (2, 1), (2, 2)}


def test_keys_of_a_case_made_by_hand_are_all_different() -> None:
    made = one_case(desk(), **HAND_MADE)
    keys = np.concatenate([made.people.keys, made.cases.keys, made.subjects.keys, made.allegations.keys])
    assert len(set(keys.tolist())) == len(keys) == 2 + 1 + 2 + 3


@pytest.mark.parametrize("number", [3, 5, 8])
def test_a_drawn_cast_is_played_as_the_plan_is(number: int) -> None:
    plan = random_plan(number)
    assert first_difference(plan, play(plan, 4, 2), play_cast(plan, casting.make(plan, 4, 2), 4, 2)) == ""
    silent = play_cast(plan, casting.make(plan, 4, 2), 4, 2, events=False)
    assert len(silent.events["minute"]) == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"received": -1}, "arrives in minute 0 to"),
        ({"received": 181 * DAY}, "arrives in minute 0 to"),
        ({"stream": "cals"}, "no stream is called 'cals'"),
        ({"subjects": [], "allegations": []}, "0 subjects"),
        ({"allegations": [[{}]]}, "2 subjects and 1 lists"),
        ({"person": {"person.name": 1}}, "no person can be given person.name"),
        ({"person": {"case.heavy": 1}}, "no person can be given case.heavy"),
        ({"case": {"case.lead_rank": "middle"}}, "no case can be given case.lead_rank = 'middle'"),
    ],
)
def test_a_case_that_cannot_be_made_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(CastError, match=said):
        one_case(desk(), **{**HAND_MADE, **wrong})


@pytest.mark.parametrize("play_it", [reference.play_cast, fast.play_cast], ids=["reference", "fast"])
def test_a_plan_of_another_version_is_refused(play_it: Any) -> None:
    plan = desk()
    made = one_case(plan, **HAND_MADE)
    with pytest.raises(ValueError, match="plays plans of version"):
        play_it(dataclasses.replace(plan, version=plan.version + 1), made, 1, 0)

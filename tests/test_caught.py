"""Which open cases does a reform catch? Small pathways in which it can be counted by hand, and sums that hold for any."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from agreement import first_difference, play
from desk import DAY, START, Given, small
from random_pathways import random_plan

from sim.engines import reference
from sim.experiment import compare
from sim.experiment.caught import OPEN
from sim.experiment.study import SUMMARY
from sim.measures.caught import STATES, Commencement, caught
from sim.measures.reads import changes_read
from sim.measures.told import is_plain, stays_of, told, untold
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
    Set,
    Signal,
    Stream,
    Team,
    Wait,
    Work,
    Write,
)
from sim.plan import Plan, Ref, Scope
from sim.record import What
from sim.report.caught import sentences

TO = date(2010, 12, 1)
MONDAY, REFORM = date(2010, 1, 4), date(2010, 3, 1)
AT = (REFORM - START).days * DAY
CAUGHT, NOT, NEVER = range(3)
NUMBERS: dict[str, Given] = {
    "rate": ("rate_per_year", {START: 300, date(2010, 6, 1): 0}),
    "ten_days": ("days", 10),
    "twenty_days": ("days", 20),
    "switch": ("switch", 0),
    "other": ("switch", 0),
    "posts": ("posts", 3),
    "hours": ("hours", 2),
    "rooms": ("rooms", 9),
    "kind.plain": ("ratio", 1),
    "kind.marked": ("ratio", 1),
}
KIND = Attribute("case.kind", levels=("plain", "marked"), drawn="kind")
DATES = (
    Attribute("case.finalised_on", date=True),
    Attribute("case.referred_on", date=True),
    Attribute("subject.heard_on", date=True),
)
END = (Set("finalise", writes=(Write("case.finalised_on", "now"),), next="end"), Exit("end"))


def wait(name: str, to: str, lasts: str = "ten_days") -> Wait:
    return Wait(name, lasts=Duration(lasts), owner="them", time_is="another_body", next=to)


def plans(
    *nodes: Node, change: Mapping[str, Given], attach: Mapping[str, str] | None = None, **more: Any
) -> tuple[Plan, Plan]:
    """A base and a reform of it that changes some numbers."""
    given = {"attributes": (KIND, *DATES), "to": TO, "attach": attach, **more}
    nodes = (*nodes, *END)
    base = small(nodes, NUMBERS, **given)
    return base, small(nodes, {**NUMBERS, **change}, **given)


def counted(base: Plan, *reforms: Plan, minute: int = AT, seed: int = 1) -> list[dict[str, list[int]]]:
    """For each reform the counts of `STATES` of each node at which some open case stood."""
    record = reference.play(told(base), seed)
    tables = caught(base, record, [Commencement(reform, minute) for reform in reforms])
    return [{base.nodes[at].name: row for at, row in enumerate(t.tolist()) if any(row)} for t in tables]


def received(base: Plan, seed: int = 1) -> np.ndarray:
    minutes: np.ndarray = reference.play(base, seed).cases["received_on"]
    return minutes


def on(value: Given) -> Given:
    """A number that changes when the reform comes into force."""
    unit, after = value
    _, before = NUMBERS["ten_days"] if unit == "days" else (unit, 0.0)
    assert not isinstance(after, Mapping)
    assert not isinstance(before, Mapping)
    return unit, {START: before, REFORM: after}


SWITCHED = on(("switch", 1.0))
LAW = Decide("law", branches=(Branch("finalise", when=("switch = 1",)), Branch("more", otherwise=True)))

# --- by hand ------------------------------------------------------------------------------------------------------------


def test_a_rule_that_looks_at_now_catches_every_case_that_still_comes_to_it() -> None:
    # Ten days in the first wait, then the rule is read, then ten more: the first wait is caught, the second has passed it.
    base, reform = plans(wait("first", "law"), LAW, wait("more", "finalise"), change={"switch": SWITCHED})
    days = (AT - received(base)) / DAY
    first, second = int(((days > 0) & (days <= 10)).sum()), int(((days > 10) & (days <= 20)).sum())
    assert first > 3
    assert second > 3
    assert counted(base, reform) == [{"first": [first, 0, 0], "more": [0, 0, second]}]


def test_a_rule_that_looks_at_the_day_of_receipt_catches_no_case_that_is_open() -> None:
    attach = {"switch": "case.received_on"}
    base, reform = plans(
        wait("first", "law"), LAW, wait("more", "finalise"), change={"switch": SWITCHED}, attach=attach
    )
    days = (AT - received(base)) / DAY
    first, second = int(((days > 0) & (days <= 10)).sum()), int(((days > 10) & (days <= 20)).sum())
    assert counted(base, reform) == [{"first": [0, first, 0], "more": [0, 0, second]}]


def test_a_rule_that_looks_at_the_day_of_referral_catches_those_referred_from_that_day_on() -> None:
    # Referred after ten days, heard ten days after that by the law of the day of referral.
    nodes = (
        wait("first", "refer"),
        Set("refer", writes=(Write("case.referred_on", "now"),), next="second"),
        wait("second", "law"),
        LAW,
        wait("more", "finalise"),
    )
    attach = {"switch": "case.referred_on"}
    base, reform = plans(*nodes, change={"switch": SWITCHED}, attach=attach)
    days = (AT - received(base)) / DAY
    first, second, third = (int(((days > d) & (days <= d + 10)).sum()) for d in (0, 10, 20))
    assert min(first, second, third) > 3
    assert counted(base, reform) == [{"first": [first, 0, 0], "second": [0, second, 0], "more": [0, 0, third]}]


def test_cases_that_go_another_way_do_not_come_to_it() -> None:
    sort = Decide("sort", branches=(Branch("law", when=("case.kind = marked",)), Branch("more", otherwise=True)))
    base, reform = plans(wait("first", "sort"), sort, LAW, wait("more", "finalise"), change={"switch": SWITCHED})
    record = reference.play(base, 1)
    days = (AT - record.cases["received_on"]) / DAY
    in_first = (days > 0) & (days <= 10)
    marked = int((in_first & (record.cases["kind"] == 1)).sum())
    plain = int(in_first.sum()) - marked
    assert min(marked, plain) > 0
    assert counted(base, reform)[0]["first"] == [marked, 0, plain]


def test_a_duration_already_drawn_is_not_drawn_again() -> None:
    base, reform = plans(wait("first", "second"), wait("second", "finalise"), change={"ten_days": on(("days", 5.0))})
    counts = counted(base, reform)[0]
    assert counts["first"][CAUGHT] == sum(counts["first"]) > 3
    assert counts["second"][NEVER] == sum(counts["second"]) > 3


def test_a_number_of_a_side_track_catches_the_case_of_its_main_token() -> None:
    nodes = (
        Fork("beside", start="watch", side=True, next="long"),
        wait("watch", "watched"),
        Decide("watched", branches=(Branch("end", when=("switch = 1",)), Branch("end", otherwise=True))),
        wait("long", "finalise", "twenty_days"),
    )
    base, reform = plans(*nodes, change={"switch": SWITCHED})
    days = (AT - received(base)) / DAY
    young, old = int(((days > 0) & (days <= 10)).sum()), int(((days > 10) & (days <= 20)).sum())
    assert counted(base, reform) == [{"long": [young, 0, old]}]


def test_a_hold_and_a_guard_read_while_a_case_stands_there() -> None:
    ring = (
        Fork("beside", start="bell", side=True, next="held"),
        wait("bell", "ring"),
        Set("ring", raises=(Signal("stop"),), next="end"),
        Hold(
            "held",
            until=("other = 1",),
            owner="us",
            time_is="legal_pause",
            next="finalise",
            cut_off=Duration("twenty_days"),
        ),
    )
    guards = [Guard(signal="stop", region=("held",), to="finalise", when=("switch = 1",))]
    base, by_guard = plans(*ring, change={"switch": SWITCHED}, guards=guards)
    _, by_hold = plans(*ring, change={"other": SWITCHED}, guards=guards)
    for counts in counted(base, by_guard, by_hold):
        assert counts["held"][CAUGHT] == sum(counts["held"]) > 3


def test_posts_catch_those_who_still_queue_and_rooms_those_who_are_still_to_be_listed() -> None:
    teams = [Team("team", owner="us", posts="posts", calendar="office", oldest="case.received_on")]
    diaries = [Diary("rooms", owner="us", size="rooms", calendar="office")]
    nodes = (
        wait("first", "work"),
        Work("work", team="team", effort=Duration("hours"), next="second"),
        wait("second", "sit"),
        Book(
            "sit",
            diaries=(("rooms", 1),),
            notice=Duration("ten_days"),
            length=Duration("hours"),
            owner="us",
            next="finalise",
        ),
    )
    more: dict[str, Any] = {"teams": teams, "diaries": diaries}
    base, posts = plans(*nodes, change={"posts": ("posts", {START: 3, REFORM: 5})}, **more)
    _, rooms = plans(*nodes, change={"rooms": ("rooms", {START: 9, REFORM: 11})}, **more)
    by_posts, by_rooms = counted(base, posts, rooms)
    assert by_posts["first"][CAUGHT] == sum(by_posts["first"]) > 3
    assert by_posts["second"][NEVER] == sum(by_posts["second"]) > 3
    assert by_rooms["second"][CAUGHT] == sum(by_rooms["second"]) > 3
    assert by_rooms["sit"][NEVER] == sum(by_rooms["sit"]) > 3


def test_one_of_several_subjects_is_enough() -> None:
    # The date of each subject is set when its own part ends, within forty days on average; the law is read once all have.
    nodes = (
        Fork("parts", by="subject", start="part", next="join"),
        Wait(
            "part", lasts=Duration("twenty_days", family="exponential"), owner="them", time_is="listing", next="heard"
        ),
        Set("heard", writes=(Write("subject.heard_on", "now"),), next="part_end"),
        Exit("part_end"),
        Join("join", next="law"),
        LAW,
        wait("more", "finalise"),
    )
    streams = [Stream("cases", start="parts", rate="rate", spread="other", subjects="many", allegations="one")]
    numbers: dict[str, Given] = {**NUMBERS, "many": ("ratio", 3)}
    given: dict[str, Any] = {
        "attributes": (KIND, *DATES), "to": TO, "attach": {"switch": "subject.heard_on"}, "streams": streams,
    }  # fmt: skip
    base = small([*nodes, *END], numbers, **given)
    reform = small([*nodes, *END], {**numbers, "switch": SWITCHED}, **given)
    record = reference.play(base, 1)
    heard, of = record.subjects["heard_on"], record.subjects["case"]
    latest = np.array([heard[of == case].max() for case in range(len(record.cases["stream"]))])
    joined = int(((record.cases["received_on"] < AT) & (latest >= AT)).sum())
    counts = counted(base, reform)[0]
    assert counts["join"] == [joined, 0, 0]
    assert joined > 3


def test_a_reform_that_changes_nothing_or_later_than_the_run_catches_nobody() -> None:
    nodes = (wait("first", "law"), LAW, wait("more", "finalise"))
    base, same = plans(*nodes, change={})
    _, later = plans(*nodes, change={"switch": ("switch", {START: 0, date(2011, 6, 1): 1})})
    for counts in counted(base, same, later):
        assert sum(row[CAUGHT] for row in counts.values()) == 0
    assert all(row[NOT] == 0 for row in counted(base, same)[0].values())


def test_where_the_numbers_are_the_same_again_nobody_is_caught() -> None:
    nodes = (wait("first", "law"), LAW, wait("more", "finalise"))
    short = date(2010, 3, 5)
    base, reform = plans(*nodes, change={"switch": ("switch", {START: 0, REFORM: 1, short: 0})})
    days = (AT - received(base)) / DAY
    read_before = int(((days > 6) & (days <= 10)).sum())
    read_after = int(((days > 0) & (days <= 6)).sum())
    assert counted(base, reform)[0]["first"] == [read_before, read_after, 0]


def test_plans_of_different_pathways_are_not_compared() -> None:
    base, _ = plans(wait("first", "finalise"), change={})
    other, _ = plans(wait("second", "finalise"), change={})
    with pytest.raises(ValueError, match="different pathways"):
        changes_read(base, other)


# --- for any pathway ------------------------------------------------------------------------------------------------------


def reformed(plan: Plan, minute: int, dice: np.random.Generator) -> Plan:
    """A plan in which some numbers, some of them attached to dates, are others from a minute on."""
    values = list(plan.values)
    for at in dice.choice(len(values), 6, replace=False).tolist():
        one = values[at]
        kept = [(t, v) for t, v in zip(one.times, one.values, strict=True) if t < minute]
        steps = [*kept, (minute, one.at(minute) * 2 + 1)]
        values[at] = replace(one, times=tuple(t for t, _ in steps), values=tuple(v for _, v in steps))
    return replace(plan, values=tuple(values))


def attached(plan: Plan) -> Plan:
    """A plan in which every third number that a weight or duration reads is attached to the day of receipt."""
    day = Ref(Scope.CASE, plan.received.index)
    return replace(plan, values=tuple(replace(v, attach=day) if at % 3 == 0 else v for at, v in enumerate(plan.values)))


@pytest.mark.parametrize("number", range(12))
def test_the_three_states_add_up_to_the_open_cases(number: int) -> None:
    plan = random_plan(number)
    record = reference.play(told(plan), 5)
    minute = plan.minute(date(2021, 6, 1))
    reform = reformed(attached(plan), minute, np.random.default_rng(number))
    table = caught(attached(plan), record, [Commencement(reform, minute), Commencement(attached(plan), minute)])
    alive = set()
    for at, case, token, what in zip(
        *(record.events[c].tolist() for c in ("minute", "case", "token", "what")), strict=True
    ):
        if at < minute and token == 0:
            (alive.discard if what == What.LEFT else alive.add)(case)
    assert [int(one.sum()) for one in table] == [len(alive)] * 2
    assert table[1][:, [STATES.index("caught"), STATES.index("not_caught")]].sum() == 0
    assert (table[0].sum(axis=1) == table[1].sum(axis=1)).all()


@pytest.mark.parametrize("number", range(0, 24, 3))
def test_a_plan_with_every_decision_told_plays_the_same_future(number: int) -> None:
    plan = random_plan(number)
    record = reference.play(plan, 2)
    looked_at = play(told(plan), 2)
    assert first_difference(plan, record, untold(plan, looked_at)) == ""


def test_plain_routing_is_told_branch_by_branch() -> None:
    route = Decide(
        "route",
        branches=(
            Branch("first", when=("case.kind = marked",)),
            Branch("second", when=("case.kind >= plain",)),
            Branch("third"),
            Branch("fourth", otherwise=True),
        ),
    )
    ways = tuple(wait(name, "finalise") for name in ("first", "second", "third", "fourth"))
    plan, _ = plans(route, *ways, change={})
    record = play(told(plan), 1)
    node = next(at for at, one in enumerate(plan.nodes) if one.name == "route")
    assert is_plain(plan.nodes[node])
    chose = (record.events["what"] == What.CHOSE) & (record.events["node"] == node)
    assert record.events["value"][chose].tolist() == [1 - kind for kind in record.cases["kind"].tolist()]


def test_more_branches_than_can_be_told_apart_are_refused() -> None:
    route = Decide(
        "route",
        branches=(*[Branch("finalise", when=("case.kind = marked",))] * 17, Branch("finalise")),
    )
    plan, _ = plans(route, change={})
    with pytest.raises(ValueError, match="'route' has 18 branches"):
        told(plan)


def test_stays_name_every_node_passed() -> None:
    nodes = (
        wait("first", "note"),
        Set("note", writes=(Write("case.referred_on", "now"),), next="back"),
        Assign("back", team=None, next="sort"),
        Decide("sort", branches=(Branch("held", when=("case.kind = marked",)), Branch("second", otherwise=True))),
        Hold("held", until=("switch = 0",), owner="us", time_is="legal_pause", next="second"),
        wait("second", "finalise"),
    )
    plan, _ = plans(*nodes, change={})
    record = reference.play(told(plan), 1)
    cases = list(range(20))
    stays = stays_of(plan, record, cases)
    for case in cases:
        kind, came = int(record.cases["kind"][case]), int(record.cases["received_on"][case])
        ways = ["first", "note", "back", "sort", *(["held"] if kind else []), "second", "finalise", "end"]
        assert [plan.nodes[stay.node].name for stay in stays[case]] == ways
        assert [stay.came - came for stay in stays[case]] == [0, *[10 * DAY] * (len(ways) - 3), 20 * DAY, 20 * DAY]
        assert all(stay.left == later.came for stay, later in zip(stays[case], stays[case][1:], strict=False))


# --- in a comparison --------------------------------------------------------------------------------------------------------


def test_a_comparison_writes_the_table_and_says_a_sentence_for_each_reform(tmp_path: Path) -> None:
    study = compare(
        "village",
        ["chair_regime", "more_psu_investigators"],
        worlds=["slack"],
        replications=2,
        window_to=date(2016, 4, 1),
        out=tmp_path,
        caught=True,
        workers=1,
    )
    assert study.folder is not None
    table = pd.read_csv(study.folder / "caught.csv", keep_default_na=False)
    assert tuple(table.columns) == SUMMARY
    assert set(table["scenario"]) == {"chair_regime", "more_psu_investigators"}
    mean = table.pivot_table("mean", ["scenario", "group"], "measure")
    assert (mean[OPEN] == mean[list(STATES)].sum(axis=1)).all()
    for arm, groups in mean.groupby(level="scenario"):
        whole, parts = groups.xs("", level="group"), groups.drop(index="", level="group")
        assert whole[OPEN].item() == parts[OPEN].sum() > 20
        assert all(str(group).startswith("stage=") for group in parts.index.get_level_values("group"))
        sentence = sentences(study, str(arm))
        assert len(sentence) == 1
        numbers = [int(one.replace(",", "")) for one in re.findall(r"[\d,]*\d(?= (?:open|come) )", sentence[0])]
        assert numbers[0] == sum(numbers[1:]) == round(whole[OPEN].item())
    assert "--caught" in json.loads((study.folder / "run.json").read_text())["command"]


def test_the_figures_are_the_same_whether_it_is_asked_or_not() -> None:
    asked, unasked = (
        compare("village", ["chair_regime"], worlds=["slack"], replications=1, caught=caught_too, opposites=False)
        for caught_too in (True, False)
    )
    assert unasked.caught is None
    assert asked.measures.equals(unasked.measures)

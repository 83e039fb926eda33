"""Is a pathway that cannot be meant refused when it is loaded, with its place, and one that can be meant never?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from desk import START, Given, small
from random_pathways import random_plan

from sim.engines import reference
from sim.evidence import Problem
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
from sim.plan import Plan, Scope
from sim.scenario.build import ScenarioError
from sim.scenario.check import problems_of
from sim.scenario.check.levels import attributes_of, that_can_be_had

TO = date(2010, 7, 1)
MARCH, JUNE = date(2010, 3, 1), date(2010, 6, 1)
NUMBERS: dict[str, Given] = {
    "day": ("days", 1),
    "hours": ("hours", 2),
    "posts": ("posts", 1),
    "slots": ("ratio", 5),
    "kind.plain": ("ratio", 1),
    "kind.marked": ("ratio", 1),
    "kind.odd": ("ratio", 1),
    "old_law": ("ratio", {START: 1, MARCH: 0}),
    "new_law": ("ratio", {START: 0, MARCH: 1}),
    "always": ("ratio", 1),
    "never": ("ratio", 0),
    "many": ("ratio", 3),
    "law": ("days", {START: 5, MARCH: 2}),
    "switch": ("switch", {START: 0, MARCH: 1}),
}
KIND = Attribute("case.kind", levels=("plain", "marked", "odd"), drawn="kind")
DATE = Attribute("case.read_on", date=True)
ROUTE = Attribute("subject.route", levels=("none", "short", "long"))
AT_THE_DATE = {"law": "case.read_on", "switch": "case.read_on"}
END = (Exit("end"), Exit("other_end"))


def plan_of(*nodes: Node, numbers: dict[str, Given] | None = None, **more: Any) -> Plan:
    return small([*nodes, *END], {**NUMBERS, **(numbers or {})}, to=TO, **{"attributes": (KIND, DATE, ROUTE), **more})


def refused(*nodes: Node, **more: Any) -> dict[str, str]:
    """What is said at each place, when a pathway is refused; nodes that nobody reaches apart."""
    with pytest.raises(ScenarioError) as caught:
        plan_of(*nodes, **more)
    assert {problem.file for problem in caught.value.problems} == {"pathway small"}
    found = [problem for problem in caught.value.problems if problem.found != "a node that nobody reaches"]
    return {problem.key: problem.found for problem in found}


def accepted(*nodes: Node, **more: Any) -> None:
    """A pathway that is refused for nothing, nodes that nobody reaches apart."""
    problems: tuple[Problem, ...] = ()
    try:
        plan_of(*nodes, **more)
    except ScenarioError as error:
        problems = error.problems
    assert {problem.found for problem in problems} <= {"a node that nobody reaches"}, problems


def wait(name: str, to: str, lasts: str = "day", **more: Any) -> Wait:
    return Wait(name, lasts=Duration(lasts), owner="them", time_is="another_body", next=to, **more)


def hold(name: str, *until: str, to: str = "end", **more: Any) -> Hold:
    return Hold(name, until=until, owner="them", time_is="legal_pause", next=to, **more)


def split(*branches: Branch, name: str = "split") -> Decide:
    return Decide(name, branches=branches)


# --- what can be meant --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(120))
def test_random_pathways_are_not_refused(number: int) -> None:
    assert problems_of(random_plan(number), "random") == []


@pytest.mark.parametrize("number", range(6))
def test_levels_that_were_had_can_be_had(number: int) -> None:
    plan = random_plan(number)
    record = reference.play(plan, 3, events=False)
    tables = {
        Scope.PERSON: record.people,
        Scope.CASE: record.cases,
        Scope.SUBJECT: record.subjects,
        Scope.ALLEGATION: record.allegations,
    }
    had, seen = that_can_be_had(plan), 0
    for ref, attribute in attributes_of(plan).items():
        if attribute.levels:
            for level in set(tables[ref.scope][attribute.name.partition(".")[2]].tolist()):
                assert had.masks[ref] >> level & 1, (attribute.name, level)
                seen += 1
    assert seen > 4


# --- decisions ------------------------------------------------------------------------------------------------------------


def test_a_level_without_a_branch_is_told_with_the_level() -> None:
    branches = (Branch("end", when=("case.kind = plain",)), Branch("other_end", when=("case.kind = marked",)))
    found = refused(split(*branches))
    assert "weights that add up to nothing where case.kind = odd" in found["node split"]
    accepted(split(*branches, Branch("end", when=("case.kind = odd",))))
    accepted(split(*branches, Branch("end", otherwise=True)))
    accepted(split(*branches, Branch("end", weight="rest")))


def test_conditions_may_cover_all_levels_together() -> None:
    accepted(split(Branch("end", when=("case.kind >= marked",)), Branch("other_end", when=("case.kind < marked",))))
    accepted(
        split(
            Branch("end", when=("case.kind != plain", "always = 1")), Branch("other_end", when=("case.kind = plain",))
        )
    )
    found = refused(
        split(Branch("end", when=("case.kind != plain", "never = 1")), Branch("other_end", when=("case.kind = plain",)))
    )
    assert "case.kind = marked" in found["node split"]


def test_only_levels_that_can_come_there_need_a_branch() -> None:
    # Nobody odd comes to the decision: those leave before.
    branches = (Branch("end", when=("case.kind = plain",)), Branch("other_end", when=("case.kind = marked",)))
    sieve = split(Branch("end", when=("case.kind = odd",)), Branch("split", otherwise=True), name="sieve")
    accepted(sieve, split(*branches))
    accepted(Set("known", writes=(Write("case.kind", "plain"),), next="split"), split(*branches[:1]))
    # Written on a side track meanwhile, the level can come there after all.
    found = refused(
        Fork("beside", start="later", side=True, next="sieve"),
        wait("later", "changed"),
        Set("changed", writes=(Write("case.kind", "odd"),), next="end"),
        split(Branch("end", when=("case.kind = odd",)), Branch("pause", otherwise=True), name="sieve"),
        wait("pause", "split"),
        split(*branches),
    )
    assert set(found) == {"node split"}


def test_law_that_ends_before_other_law_begins_leaves_a_hole() -> None:
    accepted(split(Branch("end", weight="old_law"), Branch("other_end", weight="new_law")))
    gap: dict[str, Given] = {"new_law": ("ratio", {START: 0, JUNE: 1})}
    found = refused(split(Branch("end", weight="old_law"), Branch("other_end", weight="new_law")), numbers=gap)
    assert "old_law = 0, new_law = 0, on 2010-03-01" in found["node split"]


def test_law_read_at_different_dates_may_leave_a_hole_though_each_steps_on_one_day() -> None:
    attach = {"old_law": "case.received_on"}  # received in February, decided in March: the old law holds, and the new
    accepted(split(Branch("end", weight="old_law"), Branch("other_end", weight="new_law")), attach=attach)
    attach = {"new_law": "case.received_on"}  # received in February, decided in March: neither holds
    found = refused(split(Branch("end", weight="old_law"), Branch("other_end", weight="new_law")), attach=attach)
    assert set(found) == {"node split"}


def test_a_factor_of_nothing_closes_a_branch() -> None:
    numbers: dict[str, Given] = {"by.odd": ("ratio", 0)}
    found = refused(split(Branch("end", weight="always", by={"case.kind": "by"})), numbers=numbers)
    assert "case.kind = odd" in found["node split"]
    accepted(
        split(Branch("end", weight="always", by={"case.kind": "by"}), Branch("other_end", weight="rest")),
        numbers=numbers,
    )


def test_any_and_all_are_two_conditions_where_there_are_several_rows() -> None:
    several = {
        "streams": [Stream("cases", start="split", rate="rate", spread="nothing", subjects="many", allegations="one")]
    }
    side = {"attributes": (Attribute("subject.side", levels=("left", "right"), drawn="side"),)}
    numbers: dict[str, Given] = {"side.left": ("ratio", 1), "side.right": ("ratio", 1)}
    apart = (Branch("end", when=("all subject.side = left",)), Branch("other_end", when=("all subject.side = right",)))
    found = refused(split(*apart), numbers=numbers, **several, **side)
    assert "left and right" in found["node split"]
    accepted(split(*apart), numbers=numbers, **side)
    either = (Branch("end", when=("any subject.side = left",)), Branch("other_end", when=("all subject.side = right",)))
    accepted(split(*either), numbers=numbers, **several, **side)


def test_a_decision_for_each_row_is_judged_row_by_row() -> None:
    each = Decide("each", each="subject", into="subject.route", next="end", branches=(
        Branch("short", when=("case.kind = plain",)), Branch("long", when=("case.kind = marked",))))  # fmt: skip
    assert "case.kind = odd" in refused(each)["node each"]


def test_shares_of_more_than_one_before_the_rest_are_told() -> None:
    shares: dict[str, Given] = {"a": ("share", 0.7), "b": ("share", {START: 0.2, MARCH: 0.4})}
    found = refused(
        split(Branch("end", weight="a"), Branch("other_end", weight="b"), Branch("end", weight="rest")), numbers=shares
    )
    assert "shares of 1.1 before the rest" in found["node split"]
    assert "2010-03-01" in found["node split"]
    # Never open together, they may each be as large as they like.
    accepted(
        split(
            Branch("end", weight="a", when=("case.kind = plain",)),
            Branch("other_end", weight="b", when=("case.kind != plain",)),
            Branch("end", weight="rest"),
        ),
        numbers=shares,
    )


# --- dates that may be unset ------------------------------------------------------------------------------------------------

SOME_ARE_READ = split(Branch("read", when=("case.kind = plain",)), Branch("pause", otherwise=True), name="sieve")
READ = Set("read", writes=(Write("case.read_on", "now"),), next="pause")


def test_a_duration_read_at_a_date_that_a_branch_leaves_unset_is_told_with_the_way() -> None:
    found = refused(SOME_ARE_READ, READ, wait("pause", "end", lasts="law"), attach=AT_THE_DATE)
    assert found == {"node pause": "law read at case.read_on, which is unset on the way sieve > pause"}
    accepted(Set("read", writes=READ.writes, next="pause"), wait("pause", "end", lasts="law"), attach=AT_THE_DATE)


@pytest.mark.parametrize(
    "reader",
    [
        split(Branch("end", weight="law"), Branch("other_end", weight="rest"), name="pause"),
        split(Branch("end", when=("switch = 1",)), Branch("other_end", otherwise=True), name="pause"),
        split(Branch("end", weight="always", by={"case.kind": "by"}), name="pause"),
        Set("pause", writes=(Write("case.count", "value law"),), next="end"),
        Set("pause", writes=(Write("case.later_on", "now", later=Duration("law")),), next="end"),
        Set("pause", writes=(Write("case.count", 1, when=("switch = 1",)),), next="end"),
        Decide("pause", each="subject", into="subject.route", next="end", branches=(Branch("short", weight="law"),)),
        hold("pause", "switch = 1"),
        hold("pause", "always = 0", cut_off=Duration("law")),
        Fork("pause", start="other_end", when=("switch = 1",), side=True, next="end"),
    ],
    ids=["weight", "condition", "factor", "value", "later", "write", "each", "hold", "cut-off", "fork"],
)
def test_whatever_reads_the_value_is_told(reader: Node) -> None:
    more: dict[str, Any] = {
        "attributes": (KIND, DATE, ROUTE, Attribute("case.count"), Attribute("case.later_on", date=True)),
        "attach": {**AT_THE_DATE, "by.odd": "case.read_on"},
        "numbers": {"by.odd": ("ratio", {START: 1, MARCH: 2})},
    }
    assert set(refused(SOME_ARE_READ, READ, reader, **more)) == {"node pause"}
    accepted(Set("read", writes=READ.writes, next="pause"), reader, **more)


def test_guards_and_head_starts_read_values_too() -> None:
    ring = (
        Fork("sieve", start="bell", side=True, next="sieve_again"),
        wait("bell", "ring"),
        Set("ring", raises=(Signal("stop"),), next="end"),
        split(Branch("read", when=("case.kind = plain",)), Branch("pause", otherwise=True), name="sieve_again"),
    )
    guards = [Guard(signal="stop", region=("pause",), to="other_end", when=("switch = 1",))]
    assert set(refused(*ring, READ, wait("pause", "end"), attach=AT_THE_DATE, guards=guards)) == {"node pause"}
    team = Team(
        "team",
        owner="us",
        posts="posts",
        calendar="office",
        oldest="case.received_on",
        head_start={"case.kind": "ahead"},
    )
    work = Work("pause", team="team", effort=Duration("hours"), next="end")
    numbers: dict[str, Given] = {"ahead.odd": ("days", {START: 1, MARCH: 2})}
    more: dict[str, Any] = {"teams": [team], "numbers": numbers, "attach": {"ahead.odd": "case.read_on"}}
    assert set(refused(SOME_ARE_READ, READ, work, **more)) == {"node pause"}
    only_plain = {**more, "numbers": {}, "attach": {"ahead.plain": "case.read_on"}}
    only_plain["numbers"] = {"ahead.plain": ("days", {START: 1, MARCH: 2})}
    accepted(SOME_ARE_READ, READ, work, **only_plain)  # plain cases are those whose date is set


def test_a_date_written_under_a_condition_may_be_read_under_the_same() -> None:
    both = ("case.kind = plain", "subject.route = none")
    write = Set("write", writes=(Write("case.read_on", "now", when=both),), next="pause")
    pause = wait("pause", "split")
    same = split(Branch("end", when=(*both, "switch = 1")), Branch("other_end", otherwise=True))
    accepted(write, pause, same, attach=AT_THE_DATE)
    other = split(Branch("end", when=("case.kind = plain", "switch = 1")), Branch("other_end", otherwise=True))
    moved = Set("moved", writes=(Write("subject.route", "long"),), next="write")
    assert set(refused(moved, write, pause, other, attach=AT_THE_DATE)) == {"node split"}
    reversed_ = split(Branch("end", when=("switch = 1", *both)), Branch("other_end", otherwise=True))
    assert set(refused(write, pause, reversed_, attach=AT_THE_DATE)) == {"node split"}


def test_two_writes_under_opposite_conditions_are_one() -> None:
    writes = (
        Write("case.read_on", "case.received_on", when=("case.kind = plain",)),
        Write("case.read_on", "now", when=("case.kind != plain",)),
    )
    accepted(Set("write", writes=writes, next="pause"), wait("pause", "end", lasts="law"), attach=AT_THE_DATE)
    assert set(
        refused(Set("write", writes=writes[:1], next="pause"), wait("pause", "end", lasts="law"), attach=AT_THE_DATE)
    ) == {"node pause"}


def test_a_date_copied_from_one_that_may_be_unset_may_be_unset() -> None:
    attributes = (KIND, DATE, ROUTE, Attribute("case.copied_on", date=True))
    copy = Set("pause", writes=(Write("case.copied_on", "case.read_on"),), next="slow")
    more: dict[str, Any] = {"attributes": attributes, "attach": {"law": "case.copied_on"}}
    assert set(refused(SOME_ARE_READ, READ, copy, wait("slow", "end", lasts="law"), **more)) == {"node slow"}
    accepted(Set("read", writes=READ.writes, next="pause"), copy, wait("slow", "end", lasts="law"), **more)


def test_what_the_forked_tokens_set_is_set_behind_the_join_of_those_that_were_forked() -> None:
    attach = {"law": "subject.heard_on"}
    attributes = (
        KIND,
        Attribute("subject.heard_on", date=True),
        Attribute("subject.side", levels=("left", "right"), drawn="side"),
    )
    numbers: dict[str, Given] = {"side.left": ("ratio", 1), "side.right": ("ratio", 1)}
    inside = (
        wait("hearing", "heard"),
        Set("heard", writes=(Write("subject.heard_on", "now"),), next="part_end"),
        Exit("part_end"),
        Join("join", next="after"),
        wait("after", "end", lasts="law"),
    )
    more: dict[str, Any] = {"attributes": attributes, "numbers": numbers, "attach": attach}
    accepted(Fork("fork", by="subject", start="hearing", next="join"), *inside, **more)
    some = Fork("fork", by="subject", when=("subject.side = left",), start="hearing", next="join")
    assert set(refused(some, *inside, **more)) == {"node after"}


def test_a_date_that_a_side_token_sets_may_not_be_set_yet() -> None:
    beside = (
        Fork("beside", start="later", side=True, next="pause"),
        wait("later", "read"),
        Set("read", writes=READ.writes, next="end"),
    )
    assert set(refused(*beside, wait("pause", "end", lasts="law"), attach=AT_THE_DATE)) == {"node pause"}
    waits = hold("pause", "case.read_on != unset", to="slow")
    accepted(*beside, waits, wait("slow", "end", lasts="law"), attach=AT_THE_DATE)


def test_a_date_that_is_taken_away_is_unset_again() -> None:
    forget = Set("forget", writes=(Write("case.read_on", "unset"),), next="pause")
    found = refused(
        Set("read", writes=READ.writes, next="forget"), forget, wait("pause", "end", lasts="law"), attach=AT_THE_DATE
    )
    assert found["node pause"].endswith("on the way read > forget > pause")


def test_dates_that_the_cast_sets_are_set() -> None:
    attributes = (
        Attribute("person.joined_on", date=True),
        Attribute("person.leaves_on", date=True),
        Attribute("person.before"),
    )
    people = Population(
        seats="seats", leaving="leaving", joined="person.joined_on", leaves="person.leaves_on", before="person.before"
    )
    numbers: dict[str, Given] = {"seats": ("ratio", 40), "leaving": ("ratio", 0.2)}
    for date_ in ("case.received_on", "person.joined_on", "person.leaves_on"):
        accepted(
            wait("pause", "end", lasts="law"),
            attributes=attributes,
            population=people,
            numbers=numbers,
            attach={"law": date_},
        )
    assert refused(wait("pause", "end", lasts="law"), attributes=attributes, attach={"law": "person.joined_on"})


# --- nodes, teams, signals ------------------------------------------------------------------------------------------------


def work_of(**posts: Given) -> dict[str, Any]:
    team = Team("team", owner="us", posts="posts", calendar="office", oldest="case.received_on")
    return {"teams": [team], "numbers": posts}


def test_a_team_may_be_set_up_later_but_somebody_has_to_come() -> None:
    work = Work("work", team="team", effort=Duration("hours"), next="end")
    accepted(work, **work_of(posts=("posts", {START: 0, MARCH: 2})))
    assert "0 posts for 1 unit on 2010-01-01" in refused(work, **work_of(posts=("posts", 0)))["team team"]
    accepted(work, **work_of(posts=("posts", {START: 0, date(2011, 1, 1): 2})))  # set up after these years


def test_a_team_may_be_wound_up_once_nothing_is_sent_to_it() -> None:
    work = Work("work", team="team", effort=Duration("hours"), next="end")
    gone: Given = ("posts", {START: 2, MARCH: 0})
    assert "on 2010-03-01" in refused(work, **work_of(posts=gone))["team team"]
    by_law = split(Branch("work", weight="old_law"), Branch("end", weight="new_law"))
    accepted(by_law, work, **work_of(posts=gone))
    by_condition = split(Branch("work", when=("old_law = 1",)), Branch("end", otherwise=True))
    accepted(by_condition, work, **work_of(posts=gone))
    too_late = split(Branch("work", weight="late_law"), Branch("end", weight="always"))
    more = work_of(posts=gone, late_law=("ratio", {START: 1, JUNE: 0}))
    assert set(refused(too_late, work, **more)) == {"team team"}


def test_a_hold_that_nobody_can_end_is_told() -> None:
    mark = Attribute("case.mark", levels=("no", "yes"))
    attributes = (KIND, DATE, ROUTE, mark)
    found = refused(hold("stuck", "case.mark = yes"), attributes=attributes)
    assert "a hold that nobody can end: case.mark" in found["node stuck"]
    assert "never" in refused(hold("stuck", "never = 1"))["node stuck"]
    assert "case.read_on" in refused(hold("stuck", "case.read_on != unset"))["node stuck"]
    accepted(hold("stuck", "never = 1", cut_off=Duration("day")))
    accepted(hold("stuck", "new_law = 1"))
    beside = Fork("beside", start="mark", side=True, next="stuck")
    marks = Set("mark", writes=(Write("case.mark", "yes"),), next="end")
    accepted(beside, marks, hold("stuck", "case.mark = yes"), attributes=attributes)
    ring = Set("ring", raises=(Signal("stop"),), next="end")
    guards = [Guard(signal="stop", region=("stuck",), to="other_end")]
    accepted(Fork("beside", start="ring", side=True, next="stuck"), ring, hold("stuck", "never = 1"), guards=guards)


def test_a_signal_that_no_guard_hears_is_told() -> None:
    found = refused(Set("ring", raises=(Signal("stopp"),), next="end"))
    assert found["node ring"] == "the signal 'stopp', which no guard hears"


def test_a_level_that_nobody_can_have_is_told() -> None:
    route = split(Branch("end", when=("subject.route = long",)), Branch("other_end", otherwise=True))
    found = refused(route)
    assert found["node split"] == "subject.route tested for 'long', which nobody can ever have"
    accepted(Set("long", writes=(Write("subject.route", "long"),), next="split"), route)
    accepted(Set("never_read", writes=(Write("subject.route", "long"),), next="end"))
    at_least = split(Branch("end", when=("subject.route >= short",)), Branch("other_end", otherwise=True))
    assert set(refused(at_least)) == {"node split"}
    accepted(Set("long", writes=(Write("subject.route", "long"),), next="split"), at_least)


def test_a_join_that_no_fork_feeds_is_told() -> None:
    join = Join("join", next="end")
    assert refused(wait("pause", "join"), join)["node join"] == "a join that no fork feeds"
    inside = (wait("inside", "other_end"), join)
    assert set(refused(Fork("fork", start="inside", side=True, next="join"), *inside)) == {"node join"}
    accepted(Fork("fork", start="inside", next="join"), *inside)


def test_all_that_is_wrong_comes_at_once() -> None:
    found = refused(
        Fork("sieve", start="stuck", side=True, next="sieve_again"),
        hold("stuck", "never = 1"),
        split(
            Branch("read", when=("case.kind = plain",)), Branch("pause", when=("case.kind = odd",)), name="sieve_again"
        ),
        READ,
        wait("pause", "join", lasts="law"),
        Assign("given_back", team=None, next="end"),
        Join("join", next="split"),
        split(Branch("end", when=("subject.route = long",)), Branch("other_end", otherwise=True)),
        attach=AT_THE_DATE,
    )
    assert set(found) == {"node stuck", "node sieve_again", "node pause", "node join", "node split"}

"""Does the pathway printed in DESIGN.md do what the page says? The text itself is read, given numbers and played."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from desk import CLOSES, DAY, OPENS, Given, Story, frame, series, told

from sim.engines.clock import WorkingTime
from sim.pathway import kinds
from sim.plan import Kind
from sim.record import What
from sim.scenario.build import ScenarioError, build

PAGE = Path(__file__).parents[1] / "DESIGN.md"

NUMBERS: dict[str, Given] = {
    "clerks.posts": ("posts", 2),
    "clerks.slots": ("ratio", 6),
    "clerks.hours": ("hours", 4),
    "clerks.cv": ("ratio", 0),
    "rooms.open": ("rooms", 2),
    "rooms.notice": ("days", 5),
    "rooms.days": ("working_days", 2),
    "garage.days": ("days", 10),
    "garage.cv": ("ratio", 0),
    "garage.patience": ("days", 30),
    "kind.share.lateness": ("ratio", 2),
    "kind.share.rudeness": ("ratio", 1),
    "decision.no_case": ("ratio", 1),
    "decision.case": ("ratio", 1),
    "decision.case_by_kind.rudeness": ("ratio", 3),
    "drivers.days_to_leaving": ("days", 20),
    "complaints.per_year": ("rate_per_year", 120),
    "complaints.spread": ("ratio", 0.5),
    "complaints.drivers": ("ratio", 1.6),
    "complaints.allegations": ("ratio", 1.4),
}


def printed() -> kinds.Pathway:
    """The pathway of the page's one python block."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    words: dict[str, object] = {}
    exec(compile(block, PAGE.name, "exec"), words)
    pathway = words["bus_complaints"]
    assert isinstance(pathway, kinds.Pathway)
    return pathway


def bus(numbers: dict[str, Given] | None = None, seed: int = 1) -> Story:
    return told(build(printed(), series({**NUMBERS, **(numbers or {})}), frame(date(2012, 1, 1))), seed)


@pytest.fixture(scope="module")
def story() -> Story:
    return bus()


def test_every_kind_of_node_is_in_it_and_every_node_is_visited(story: Story) -> None:
    assert {node.kind for node in story.plan.nodes} == set(Kind)
    seen = {row.node for row in story.all}
    silent = {Kind.SET, Kind.ASSIGN, Kind.HOLD, Kind.JOIN}  # these leave no row where they let a token through
    assert {node.name for node in story.plan.nodes if node.kind not in silent} <= seen
    assert {"take", "wait_for_garage", "all_heard"} <= seen
    assert {row.what for row in story.all} == set(What)
    # What the silent ones wrote:
    assert min(story.of("case.decided_on")) >= -1 < max(story.of("case.decided_on"))
    assert {0, 1} == set(story.of("subject.upheld")) == set(story.of("subject.left"))


def test_a_number_that_is_missing_is_named_with_its_place() -> None:
    without = {key: number for key, number in NUMBERS.items() if key != "garage.patience"}
    with pytest.raises(ScenarioError) as caught:
        build(printed(), series(without), frame(date(2012, 1, 1)))
    (problem,) = caught.value.problems
    assert problem.key == "node wait_for_garage"
    assert "garage.patience" in problem.found


def test_a_clerk_reads_four_hours_in_the_office_and_never_two_cases_at_once(story: Story) -> None:
    office = WorkingTime(story.plan.calendars[1])
    started, worked = story.rows(What.STARTED), story.rows(What.WORKED)
    assert len(worked) > 150
    by_case = {row.case: row for row in worked}
    busy: dict[int, int] = {0: -1, 1: -1}
    for row in started:
        assert office.is_open(row.minute)
        assert row.minute >= busy[row.item]
        if row.case in by_case:
            assert office.count(by_case[row.case].minute) - office.count(row.minute) == 4 * 60
            busy[row.item] = by_case[row.case].minute


def test_a_case_is_decided_when_both_the_clerk_and_the_garage_have_done(story: Story) -> None:
    # The garage is asked when the case has a slot and takes 10 days, 14,400 minutes.
    read = {row.case: row.minute for row in story.rows(What.WORKED)}
    asked = {row.case: row.minute for row in story.rows(What.ALLOCATED)}
    decided = {case: minute for case, minute in enumerate(story.of("case.decided_on")) if minute >= 0}
    assert len(decided) > 150
    for case, minute in decided.items():
        assert minute == max(read[case], asked[case] + 14_400)


def test_the_clerks_patience_ends_after_thirty_days() -> None:
    # A garage that takes 100 days is not waited for longer than 30 days after the reading: 43,200 minutes.
    story = bus({"garage.days": ("days", 100)})
    read = {row.case: row.minute for row in story.rows(What.WORKED)}
    decided = {case: minute for case, minute in enumerate(story.of("case.decided_on")) if minute >= 0}
    assert len(decided) > 150
    assert all(minute == read[case] + 43_200 for case, minute in decided.items())


def test_a_hearing_is_listed_after_notice_on_two_sitting_days_running(story: Story) -> None:
    office = WorkingTime(story.plan.calendars[1])
    decided = story.of("case.decided_on")
    booked = story.rows(What.BOOKED)
    heard = {(row.case, row.token): row.minute for row in story.rows(What.LEFT, node="hearing_over")}
    assert len(booked) > 100
    for row in booked:
        assert row.minute == decided[row.case]
        if row.item == 0:
            continue  # too near the end of the plan
        assert row.item == 2
        assert row.value % DAY == OPENS
        # Notice of 5 days, 7,200 minutes; the sitting begins on a later day than the one in which it ends.
        assert row.value // DAY > (row.minute + 7_200) // DAY
        if (end := heard.get((row.case, row.token))) is not None:
            assert end % DAY == CLOSES
            assert office.count(end) - office.count(row.value) == 2 * 480


def test_a_driver_who_leaves_before_the_hearing_ends_is_not_heard(story: Story) -> None:
    called = story.rows(What.CALLED)
    assert len(called) > 20
    left_first = {(row.case, row.token, row.minute) for row in story.rows(What.LEFT, node="left_first")}
    assert left_first == {(row.case, row.token, row.minute) for row in called}
    gone = {(row.case, row.minute) for row in story.rows(What.LEFT, node="gone")}
    assert {
        (row.case, row.minute) for row in called
    } <= gone  # in the very minute in which one of the case's drivers left


def test_when_nobody_leaves_everybody_with_a_case_to_answer_is_heard() -> None:
    story = bus({"drivers.days_to_leaving": ("days", 1e7)})
    assert not story.rows(What.CALLED)
    closed = {row.case for row in story.rows(What.LEFT, node="closed")}
    upheld = np.bincount(story.of("subject.case"), weights=story.of("subject.upheld"))
    for case in closed:
        assert len(story.rows(What.LEFT, case=case, node="hearing_over")) == upheld[case]
    assert len(closed) > 150


def test_a_case_closes_when_the_last_of_its_hearings_is_over(story: Story) -> None:
    decided = story.of("case.decided_on")
    for row in story.rows(What.LEFT, node="closed"):
        ends = [
            other.minute
            for other in story.rows(What.LEFT, case=row.case)
            if other.node in ("hearing_over", "left_first")
        ]
        assert row.minute == max(ends, default=decided[row.case])


def test_rudeness_has_a_case_to_answer_three_times_as_readily() -> None:
    # Weights 1 : 1 for lateness, 1 : 3 for rudeness: a half and three quarters.
    story = bus({"complaints.per_year": ("rate_per_year", 1200), "clerks.posts": ("posts", 20)})
    kind, decision = np.asarray(story.of("allegation.kind")), np.asarray(story.of("allegation.decision"))
    for level, share in ((0, 0.5), (1, 0.75)):
        made = decision[(kind == level) & (decision > 0)]
        assert len(made) > 900
        assert abs((made == 2).mean() - share) < 4 * (share * (1 - share) / len(made)) ** 0.5


def test_clerks_are_given_no_more_cases_than_they_have_slots() -> None:
    pathway = printed()
    story = bus({"clerks.slots": ("ratio", 1), "clerks.posts": ("posts", 2), "garage.days": ("days", 25)})
    assert pathway.teams[0].slots == "clerks.slots"
    held: dict[int, int] = {}
    most = 0
    decided = story.of("case.decided_on")
    for row in story.rows(What.ALLOCATED):
        held = {case: post for case, post in held.items() if not 0 <= decided[case] <= row.minute}
        assert row.item not in held.values()
        held[row.case] = row.item
        most = max(most, len(held))
    assert most == 2
    waited = [row.minute for row in story.rows(What.QUEUED)]
    assert len(waited) > len(story.rows(What.ALLOCATED)) > 30

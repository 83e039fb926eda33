"""Does a table of open cases become the caseload it says, and is one that cannot be meant refused?"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from datetime import date

import numpy as np
import pytest
from agreement import play
from desk import ONE_EACH, frame, series
from hypothesis import given
from hypothesis import strategies as st
from test_measures import EXTRACT, START, a_plan, a_record, value

from sim.engines import reference
from sim.evidence import Problem
from sim.measures import measure
from sim.pathway.kinds import Attribute, Duration, Exit, Midway, Pathway, Stage, Stream, Wait
from sim.pathway.misconduct import PATHWAY
from sim.plan import MINUTES_A_DAY, Known, Opening, Plan, Scope, Told
from sim.scenario import load_scenario
from sim.scenario.build import ScenarioError, build
from sim.scenario.load import Scenario
from sim.scenario.opening import COLUMNS, opening_rows
from sim.scenario.opening_midway import parts, shares_done

Row = dict[str, object]


@functools.cache
def village() -> Scenario:
    return load_scenario("village_today")


def row(stage: str, **more: object) -> Row:
    return {"stage": stage, "count": 3, "age_from_days": 200, "age_to_days": 400, **more}


def read(*rows: Row) -> tuple[tuple[Opening, ...], list[Problem]]:
    return opening_rows(rows, PATHWAY, village().plan)


def one(stage: str, **more: object) -> Opening:
    rows, problems = read(row(stage, **more))
    assert problems == []
    return rows[0]


def said(opening: Opening) -> dict[str, str]:
    """What is known of the cases, in words."""
    plan = village().plan
    names = {scope: [a for a in plan.attributes if a.scope == scope] for scope in Scope}

    def word(known: Known) -> str:
        levels = names[known.attribute.scope][known.attribute.index].levels
        if known.told == Told.IS and levels:
            return levels[known.value]
        return known.told.name.lower() + (f" {known.value}" if known.value else "")

    return {names[k.attribute.scope][k.attribute.index].name: word(k) for k in opening.sets}


def stands(opening: Opening) -> list[str]:
    """Where the tokens of a case stand."""
    nodes = village().plan.nodes
    return [nodes[opening.node].name, *(f"{nodes[p.fork].name} > {nodes[p.node].name}" for p in opening.also)]


# --- what a row says ----------------------------------------------------------------------------------------------------


def test_a_case_with_the_directorate_is_assessed_counted_and_handled_by_it() -> None:
    opening = one("investigation", severity="gross", handled_by="dps", criminal="live")
    assert stands(opening) == ["dps_slot", "criminal_track > criminal_investigation", "may_leave > serving"]
    assert village().plan.nodes[opening.then].name in {"witness_enquiries", "officer_response", "other_enquiries"}
    found = said(opening)
    assert found.items() >= {
        "case.handled_by": "dps", "case.criminal": "live", "case.recorded": "yes", "case.investigated_on": "received",
        "case.severity": "gross", "subject.severity": "gross", "allegation.severity": "gross", "subject.counted": "yes",
        "case.special_procedures": "yes", "person.serious_open": "more 1", "person.cases": "more 1",
    }.items()  # fmt: skip


def test_who_handles_a_case_follows_from_where_it_stands() -> None:
    assert said(one("dps_slot", severity="gross"))["case.handled_by"] == "dps"


def test_a_case_before_its_assessment_has_no_severity() -> None:
    opening = one("recording")
    assert (opening.count, opening.age_from, opening.age_to) == (3, 200 * MINUTES_A_DAY, 400 * MINUTES_A_DAY)
    found = said(opening)
    assert "case.severity" not in found
    assert "person.serious_open" not in found


def test_a_case_in_proceedings_waits_for_those_it_was_forked_into() -> None:
    opening = one("hearing", severity="gross")
    assert stands(opening) == ["all_proceedings_over", "proceedings > postponement", "may_leave > serving"]
    found = said(opening)
    assert found.items() >= {
        "subject.case_to_answer": "gross", "subject.route": "hearing", "subject.referred_on": "received",
        "case.decided_on": "received", "allegation.decision": "case_to_answer",
    }.items()  # fmt: skip
    assert stands(one("hearing", severity="misconduct"))[1] == "proceedings > meeting_response"


def test_how_long_it_has_been_there_is_told_to_the_token_that_stands_there() -> None:
    assert one("iopc_assessment", in_stage_days=30).in_stage == 30 * MINUTES_A_DAY
    hearing = one("hearing_papers", severity="gross", in_stage_days=30)
    assert (hearing.in_stage, hearing.also[0].in_stage) == (0, 30 * MINUTES_A_DAY)
    assert one("dps_slot", severity="gross", in_stage_days=30).in_stage == 0  # a queue is not a duration


def test_working_time_before_the_start_is_counted_on_the_calendar() -> None:
    """The run starts on Monday 1 April 2019. The 100 days before have 14 weeks of weekdays less Christmas, Boxing and New Year's Day."""
    assert village().plan.starts_on == date(2019, 4, 1)
    opening = one("hearing_response", severity="gross", in_stage_days=100)
    assert opening.also[0].in_stage == (14 * 5 - 3) * 8 * 60


def known(opening: Opening, name: str) -> int:
    ref = village().plan.find(name)
    return next(known.value for known in opening.sets if known.attribute == ref)


def test_cases_under_investigation_are_further_the_older_they_are_and_none_is_lost() -> None:
    """With the directorate there are five bouts; whoever is in a wait has done one, and has one left."""
    young, old = (
        read(
            row("investigation", severity="gross", handled_by="dps", count=600, age_from_days=least, age_to_days=most)
        )[0]
        for least, most in ((30, 150), (500, 1000))
    )
    left = []
    for rows in (young, old):
        assert sum(one.count for one in rows) == 600
        assert {known(one, "case.bouts_left") for one in rows} <= {1, 2, 3, 4}
        # The present wait is taken to be half over: no case has stood there for longer than that part of its age.
        for one in rows:
            assert one.in_stage * 2 * (5 - known(one, "case.bouts_left")) <= one.age_from
        left.append(sum(one.count * known(one, "case.bouts_left") for one in rows) / 600)
    assert left[0] > left[1]


def test_cases_before_the_middle_have_all_of_it_before_them() -> None:
    assert known(one("dps_slot", severity="gross"), "case.bouts_left") == 5
    assert known(one("paused", severity="gross", handled_by="psu", criminal="live"), "case.bouts_left") == 4


def test_where_no_bouts_are_counted_a_case_has_stood_there_since_receipt_if_no_more_is_said() -> None:
    rows, _ = read(row("iopc", severity="gross", handled_by="iopc", count=60))
    assert [one.in_stage == one.age_from // MINUTES_A_DAY * MINUTES_A_DAY for one in rows] == [True] * len(rows)
    assert {village().plan.nodes[one.then].name for one in rows} == {"iopc_investigation"}
    for said_ in read(row("iopc", severity="gross", handled_by="iopc", count=60, in_stage_days=20))[0]:
        assert said_.in_stage == 20 * MINUTES_A_DAY


def test_shares_of_work_done_follow_from_the_age_by_hand() -> None:
    """At the age of a mean gap two of the halves are over in the mean: chances of 0 to 3 halves are as 1, 2, 2, 4/3."""
    assert shares_done(100, 0, 100) == [(0, 1)]
    (one_, first), (two, second) = shares_done(100, 2, 100)
    assert (one_, two) == (1, 2)
    assert first / second == pytest.approx(3 / (2 + 4 / 3))
    assert sum(share for _, share in shares_done(1e9, 4, 100)) == pytest.approx(1)


@given(
    count=st.integers(0, 500),
    ages=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
    most=st.integers(0, 6),
    name=st.text(max_size=8),
)
def test_parts_of_a_row_add_up_to_it(count: int, ages: tuple[int, int], most: int, name: str) -> None:
    found = list(parts(name, count, min(ages), max(ages), most, 200_000.0))
    assert sum(one.count for one in found) == count
    assert all(min(ages) <= one.age_from <= one.age_to <= max(ages) for one in found)
    assert all(0 <= one.since <= one.age_from and one.count > 0 for one in found)
    assert len({one.number for one in found}) == len(found)


def test_numbers_may_be_text_and_empty_cells_say_nothing() -> None:
    plain = one("investigation", severity="gross")
    text = one("investigation", severity="gross", count="3", age_from_days="200", age_to_days=" 400", handled_by="")
    assert dataclasses.replace(text, name="") == dataclasses.replace(plain, name="")


def test_a_row_is_named_by_what_it_says_but_its_count() -> None:
    assert one("recording", count=5).name == one("recording", count=7).name != one("referral").name


# --- what is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "said_"),
    [
        (row("hering"), "did you mean 'hearing'?"),
        (row("report"), "where an open case can stand"),
        (row("interview", severity="gross"), "where an open case can stand"),
        (row("witness_enquiries", severity="gross"), "holds a place in somebody's caseload"),
        (row("criminal", severity="gross"), "a stage of the case itself"),
        (row("tribunal", severity="gross"), "where an open case can stand"),
        (row("recording", count=-1), "a whole number from 0"),
        (row("recording", count="a few"), "a whole number from 0"),
        (row("recording", count=True), "a whole number from 0"),
        (row("recording", age_to_days=100), "at least age_from_days, 200"),
        (row("recording", in_stage_days=201), "at most age_from_days, 200"),
        (row("investigation", severity="grss"), "did you mean 'gross'?"),
        (row("investigation"), "the severity, which must be given"),
        (row("recording", severity="gross"), "what a case at recording can have: none"),
        (row("dps_slot", severity="gross", handled_by="psu"), "what a case at dps_slot can have: dps"),
        (row("recording", stream="intern"), "did you mean 'internal'?"),
        (row("recording", stream="probation"), "no case of probation comes to recording"),
        (row("recording", officer_name="somebody"), "no column that names or describes anybody"),
        (row("recording", notes="long"), "no column that names or describes anybody"),
        (row("recording", age_from=3), "did you mean 'age_from_days'?"),
        ({"stage": "recording"}, "age_to_days, which must be given"),
    ],
)
def test_what_cannot_be_meant_is_refused(wrong: Row, said_: str) -> None:
    _, problems = read(wrong)
    assert any(said_ in str(problem) for problem in problems), problems


def test_every_problem_of_every_row_is_told_at_once() -> None:
    rows, problems = read(row("hering", count=-1), row("recording"), row("dps_slot", handled_by="x", age_to_days=1))
    assert len(rows) == 1
    assert sorted({problem.key.partition(",")[0] for problem in problems}) == ["row 1", "row 3"]
    assert len(problems) >= 4


def test_two_rows_that_say_the_same_are_refused() -> None:
    _, problems = read(row("recording", count=1), row("recording", count=2))
    assert [problem.key for problem in problems] == ["row 2, stage"]


def test_a_scenario_with_a_wrong_table_is_refused_and_with_none_is_the_same_plan() -> None:
    with pytest.raises(ScenarioError, match="row 1, stage"):
        load_scenario("village_today", opening=[row("hering")])
    nothing = load_scenario("village_today", opening=[]).plan
    assert (nothing.starts_on, nothing.opening) == (village().baseline.window_from, ())
    assert nothing.observation.window_from == 0


@pytest.mark.parametrize(
    ("stage", "said_"),
    [
        ({"opens_at": "wit"}, "did you mean 'wait'?"),
        ({"opens_at": "wait", "opens_in": (("end", "wait"),)}, "expected a fork, one of none"),
        ({"opens_at": "wait", "opens_for": {"case.severity=grss": "wait"}}, "did you mean 'gross'?"),
        ({"opens_at": "wait", "opens_with": {"case.severty": "gross"}}, "did you mean 'case.severity'?"),
        ({"opens_at": "wait", "opens_midway": (Midway(stands=("wit",)),)}, "did you mean 'wait'?"),
        (
            {"opens_at": "wait", "opens_midway": (Midway(stands=("wait",), when=("case.severity=grss",)),)},
            "did you mean 'gross'?",
        ),
        (
            {"opens_at": "wait", "opens_midway": (Midway(stands=("wait",), left="case.severty"),)},
            "did you mean 'case.severity'?",
        ),
    ],
)
def test_a_stage_that_opens_where_nothing_is_is_refused(stage: Mapping[str, object], said_: str) -> None:
    nodes = (Wait("wait", lasts=Duration("days"), owner="them", time_is="another_body", next="end"), Exit("end"))
    pathway = Pathway(
        name="small",
        attributes=(Attribute("case.received_on", date=True), Attribute("case.severity", levels=("none", "gross"))),
        stages=(Stage("only", number=1, title="", meaning="", nodes=nodes, **stage),),  # type: ignore[arg-type]
        streams=(Stream("cases", start="wait", rate="rate", spread="nothing", subjects="one", allegations="one"),),
    )
    numbers = series({**ONE_EACH, "rate": ("rate_per_year", 10), "days": ("days", 3)})
    with pytest.raises(ScenarioError, match=r"only") as caught:
        build(pathway, numbers, frame(date(2011, 1, 1)))
    assert said_ in str(caught.value)


# --- what is played -----------------------------------------------------------------------------------------------------

SEVERE = {"recording": None, "referral": None, "iopc": None, "severity": None, "disposal": "none"}
STAGES = [stage.name for stage in PATHWAY.stages if stage.opens_at and all(join for join, _ in stage.opens_in)]


@functools.cache
def warm() -> Plan:
    table = [
        row(stage, count=6, **({"severity": level} if (level := SEVERE.get(stage, "gross")) else {}))
        for stage in STAGES
    ]
    table += [
        row("investigation", count=20, severity="gross", handled_by="dps", criminal="live"),
        row("investigation", count=20, severity="misconduct", handled_by="psu", age_from_days=10),
        row("hearing", count=5, severity="misconduct"),
        row("iopc", count=5, severity="gross", handled_by="iopc"),
        row("regulation_13", count=2, stream="probation", age_from_days=5, age_to_days=60),
        row("investigation", count=9, stream="public"),
    ]
    return load_scenario("village_today", opening=table).plan


def test_open_cases_of_every_stage_are_played_by_both_engines_and_all_are_accounted_for() -> None:
    plan = warm()
    record = play(plan, 1)
    opening = record.cases["received_on"] < 0
    assert opening.sum() == sum(one.count for one in plan.opening)
    recorded = record.cases["recorded"] == plan.level("case.recorded", "yes")
    assert recorded[opening].all()
    over = record.cases["finalised_on"] >= 0
    # What was open and what came is finalised or still open; most of what was open at the start is over in the end.
    assert (over & opening).sum() > 0.8 * opening.sum()
    serious = record.people["serious_open"]
    still = recorded & ~over
    of = record.subjects["case"]
    counted = (record.subjects["counted"] == 1) & still[of]
    assert (np.bincount(record.subjects["person"][counted], minlength=len(serious)) == serious).all()


def test_cases_that_come_later_are_the_same_whoever_was_there_before() -> None:
    nobody = load_scenario("village_today", opening=[]).plan
    plain, opened_ = (reference.play(plan, 2, events=False) for plan in (nobody, warm()))
    later = opened_.cases["received_on"] >= 0
    assert opened_.cases["received_on"][later].tolist() == plain.cases["received_on"].tolist()
    assert opened_.cases["source"][later].tolist() == plain.cases["source"].tolist()


def test_columns_are_those_that_are_read() -> None:
    every = dict.fromkeys(COLUMNS, 1)
    _, problems = read({**every, "stage": "recording", "severity": "none", "criminal": "none", "handled_by": "nobody",
                        "stream": "internal"})  # fmt: skip
    assert problems == []


# --- what is measured ---------------------------------------------------------------------------------------------------


def test_stocks_count_what_was_open_before_the_start() -> None:
    plan = a_plan()
    before = date(START.year - 2, START.month, START.day)
    cases = [{"received_on": before}, {"received_on": before, "finalised_on": date(2014, 5, 5)}]
    table = measure(plan, a_record(plan, cases))
    assert value(table, "cases_open", period="2014-03-31") == 2
    assert value(table, "cases_open_over_12_months", period="2014-03-31") == 2
    assert value(table, "cases_open", period="2014-06-30") == 1
    assert value(table, "cases_open", group="age=over_2_years", period="2014-06-30") == 1
    assert value(table, "cases_received") == 0


def test_reports_of_delay_about_old_cases_are_due_from_the_start_on() -> None:
    """Received four years before the start: every three months from the ninth on, those from April 2014 to September 2015 are six."""
    law = {
        "law.delay_reports": {START: 1.0},
        "law.delay_report_first": {START: 9.0},
        "law.delay_report_again": {START: 3.0},
    }
    plan = a_plan(law=law, window=(date(2014, 4, 1), EXTRACT))
    old = date(START.year - 4, 8, 31)
    table = measure(plan, a_record(plan, [{"received_on": old}]))
    # 31 May, 31 August, 30 November 2014; 28 February, 31 May, 31 August 2015.
    assert value(table, "twelve_month_reports_due", period="2014-04-01/2015-09-30") == 6

"""What is left of a working year? Leave, sickness, training, part-time posts and abstraction, and work that keeps to the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from math import prod

import numpy as np
import pytest
from desk import small, told

from sim.engines import reference
from sim.pathway.kinds import Duration, Exit, Team, Work
from sim.pathway.misconduct import PATHWAY
from sim.plan import MINUTES_A_DAY, Plan
from sim.record import What
from sim.scenario import ScenarioError, load_scenario
from sim.scenario.build import CLOSES, MONTHS, OPENS, months_from, open_days

AUGUST, NOVEMBER = date(2016, 8, 10), date(2016, 11, 10)
LEAVE = {AUGUST: 1.8, NOVEMBER: 0.6}


def speed(team: str, day: date, **settings: str) -> float:
    """Of a team of casey_2022."""
    plan = load_scenario("casey_2022", settings={key.replace("__", "."): value for key, value in settings.items()}).plan
    return plan.value(f"{team}.speed").at(plan.minute(day))


# --- the product of what each leaves -----------------------------------------------------------------------------------


@pytest.mark.parametrize("day", LEAVE)
def test_the_speed_of_a_team_is_the_product_of_what_each_takes_away(day: date) -> None:
    # Leave of 11% of hours falls 1.8 times as much on August and 0.6 times on November; then sickness, training, part-time posts, abstraction.
    desk = (1 - 0.11 * LEAVE[day]) * (1 - 0.045) * (1 - 0.045) * (1 - 0.05)
    assert speed("anti_corruption", day) == pytest.approx(desk * (1 - 0.16))
    assert speed("case_managers", day) == pytest.approx(desk)


def test_local_units_are_taken_away_more_and_lose_hours_to_smaller_complaints_besides() -> None:
    # 70 posts; 65 hours a working day of eight go to complaints without an investigation.
    desk = (1 - 0.11 * 0.6) * (1 - 0.045) * (1 - 0.045) * (1 - 0.05) * (1 - 0.16) * (1 - 0.02)
    assert speed("psu", NOVEMBER) == pytest.approx(desk - 65 / 8 / 70)


def test_the_months_of_leave_move_when_and_not_how_much() -> None:
    # The mean over twelve months alike is what no season at all would give.
    each = [speed("anti_corruption", date(2016, month, 15)) for month in range(1, 13)]
    without = prod((1 - 0.11, 1 - 0.045, 1 - 0.045, 1 - 0.05, 1 - 0.16))
    assert np.mean(each) == pytest.approx(without)
    assert min(each) == each[7]
    assert [MONTHS[at] for at in np.argsort(each)[:2]] == ["august", "december"]


def test_a_single_setting_changes_a_part_from_its_day_on() -> None:
    day = {"workforce__abstraction@2016-11-01": "0.3"}
    assert speed("dps", date(2016, 10, 31), **day) == pytest.approx(speed("dps", date(2016, 10, 31)))
    other = 22 / 8 / 80
    assert (speed("dps", NOVEMBER, **day) + other) / (speed("dps", NOVEMBER) + other) == pytest.approx(0.7 / 0.84)
    assert speed("case_managers", NOVEMBER, **day) == pytest.approx(speed("case_managers", NOVEMBER))


def test_a_team_that_is_never_there_is_refused() -> None:
    with pytest.raises(ScenarioError, match="productive hours left"):
        load_scenario("village", settings={"workforce.sickness": "1"})


def test_months_begin_after_the_first_day_and_before_the_last() -> None:
    found = list(months_from(date(2015, 11, 1), date(2016, 3, 1)))
    assert found == [date(2015, 12, 1), date(2016, 1, 1), date(2016, 2, 1)]


# --- what follows ---------------------------------------------------------------------------------------------------------


def desk(abstraction: float) -> Plan:
    """One post, to whom everything comes in the order in which it was received."""
    return small(
        [Work("serve", team="desk", effort=Duration("effort", cv="cv"), next="end"), Exit("end")],
        teams=[Team("desk", owner="desk", posts="posts", calendar="office", oldest="case.received_on", away=("away",))],
        numbers={"effort": ("hours", 12), "cv": ("ratio", 1.0), "posts": ("posts", 1), "away": ("share", abstraction)},
        to=date(2010, 12, 1),
    )  # fmt: skip


def test_more_abstraction_never_ends_a_case_sooner_on_paired_draws() -> None:
    # In a queue in order of receipt before posts alike, longer work can end nothing sooner; draws are the same case by case.
    ended = []
    for abstraction in (0.0, 0.2, 0.4):
        story = told(desk(abstraction))
        ended.append({row.case: row.minute for row in story.rows(What.WORKED)})
    some, more, most = ended
    assert len(most) > 20
    assert all(more[case] <= most[case] for case in most)
    assert all(some[case] <= more[case] for case in more)
    assert sum(most.values()) > sum(some[case] for case in most)


@pytest.mark.parametrize("day", [date(2018, 5, 7), date(2020, 12, 25), date(2021, 1, 2), date(2022, 6, 3)])
def test_bank_holidays_and_weekends_are_no_working_days(day: date) -> None:
    start = day - timedelta(days=3)
    assert open_days(start, 7, True)[3] == "0"


def test_nobody_works_or_sits_outside_the_calendar() -> None:
    plan = load_scenario("village").plan
    events = reference.play(plan, seed=3, events=True).events
    (office,) = plan.calendars
    opened = np.asarray([day == "1" for day in office.open_days])
    began = np.isin(events["what"], (What.STARTED,))
    minutes = events["minute"][began]
    assert len(minutes) > 1000
    assert opened[minutes // MINUTES_A_DAY].all()
    assert ((minutes % MINUTES_A_DAY >= OPENS) & (minutes % MINUTES_A_DAY < CLOSES)).all()
    ends = events["minute"][events["what"] == What.WORKED]
    assert opened[ends // MINUTES_A_DAY].all()
    assert ((ends % MINUTES_A_DAY > OPENS) & (ends % MINUTES_A_DAY <= CLOSES)).all()
    sits = events["value"][events["what"] == What.BOOKED]
    inside = sits[sits // MINUTES_A_DAY < len(opened)]
    assert len(inside) > 10
    assert opened[inside // MINUTES_A_DAY].all()


# --- who does what --------------------------------------------------------------------------------------------------------


def test_every_team_does_some_work_and_every_diary_is_booked_by_those_who_own_it() -> None:
    of = {team.name: team.owner for team in PATHWAY.teams}
    assert of["intake"] == of["case_managers"] == of["human_resources"] == "force"
    assert of["iopc_caseworkers"] == of["iopc"] == "IOPC"
    work = {node.name: node.team for node in PATHWAY.nodes if isinstance(node, Work)}
    assert {
        team: [name for name, of_team in work.items() if of_team == team] for team in ("intake", "case_managers")
    } == {
        "intake": ["intake", "severity_assessment"],
        "case_managers": ["accelerated_file", "hearing_file", "meeting_file"],
    }
    assert work["iopc_casework"] == "iopc_caseworkers"
    assert work["staff_hearing"] == "human_resources"

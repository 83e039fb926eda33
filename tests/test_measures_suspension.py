"""Who could not work? Midnights of people in one status, counted by hand."""

from datetime import date

import pandas as pd
import pytest
from desk import START as OPENS
from desk import small
from test_measures import EXTRACT, WINDOW, Event, Row, a_plan, a_record, took, value

from sim.engines.reference import play
from sim.measures import measure
from sim.pathway.kinds import Assign, Branch, Decide, Duration, Exit, Fork, Guard, Set, Signal, Team, Wait, Work
from sim.pathway.misconduct import PATHWAY
from sim.plan import MINUTES_A_DAY
from sim.record import What

START = date(2013, 1, 1)


def at(day: date, hour: int = 0) -> int:
    return (day - START).days * MINUTES_A_DAY + 60 * hour


def spell(case: int, token: int, node: str, since: int, until: int | None) -> list[Event]:
    """A token in a node, and then at its end."""
    return [
        (since, case, token, node, What.WAITS),
        *([(until, case, token, "end", What.LEFT)] if until is not None else []),
    ]


def ordered(*spells: list[Event]) -> list[Event]:
    return sorted((event for events in spells for event in events), key=lambda event: event[0])


def test_days_are_the_midnights_of_a_spell_within_the_period() -> None:
    """From 10:00 on 30 March to 09:00 on 4 April 2014: two midnights end days of 2013-14 and three of 2014-15."""
    plan = a_plan()
    events = spell(0, 1, "suspended", at(date(2014, 3, 30), 10), at(date(2014, 4, 4), 9))
    table = measure(plan, a_record(plan, [took(500)], events=events))
    assert value(table, "officer_days_suspended") == 5
    assert value(table, "officer_days_suspended", period="2013-14") == 2
    assert value(table, "officer_days_suspended", period="2014-15") == 3
    assert value(table, "officer_days_restricted") == 0


def test_a_spell_before_the_window_and_after_its_end_is_cut_to_it() -> None:
    plan = a_plan()
    events = spell(0, 1, "restricted", at(date(2013, 2, 1), 9), None)
    table = measure(plan, a_record(plan, [took(900, date(2013, 1, 10))], events=events))
    assert value(table, "officer_days_restricted", period="2013-14") == 365
    assert value(table, "officer_days_restricted") == 730
    stock = table[table["measure"].eq("people_restricted") & table["group"].eq("")]
    assert stock["value"].eq(1).all()
    assert stock["period"].iloc[-1] == "2015-09-30"


def test_the_review_that_leaves_somebody_suspended_is_no_gap() -> None:
    plan = a_plan()
    one = spell(0, 1, "suspended", at(date(2014, 1, 1), 9), at(date(2014, 3, 1), 9))
    reviewed = [
        (at(date(2014, 1, 1), 9), 0, 1, "suspended", What.WAITS),
        (at(date(2014, 1, 29), 9), 0, 1, "suspended", What.WAITS),
        (at(date(2014, 2, 26), 9), 0, 1, "suspended", What.WAITS),
        (at(date(2014, 3, 1), 9), 0, 1, "end", What.LEFT),
    ]
    figures = [
        measure(plan, a_record(plan, [took(500)], events=events))
        .query("measure.str.contains('suspended')")["value"]
        .tolist()
        for events in (one, reviewed)
    ]
    assert figures[0] == figures[1]
    assert sum(figures[0]) > 0


def test_people_are_counted_at_the_midnight_that_ends_a_quarter() -> None:
    """The status of the first ends at that very midnight, the second's begins then; the third is restricted, then suspended."""
    plan = a_plan()
    midnight = at(date(2014, 7, 1))
    events = ordered(
        spell(0, 1, "suspended", at(date(2014, 6, 1), 9), midnight),
        spell(1, 1, "suspended", midnight, at(date(2014, 9, 1))),
        [
            (at(date(2014, 2, 1), 9), 2, 1, "restricted", What.WAITS),
            (at(date(2014, 5, 1), 9), 2, 1, "suspended", What.WAITS),
            (at(date(2014, 8, 1), 9), 2, 1, "end", What.LEFT),
        ],
    )
    table = measure(plan, a_record(plan, [took(700)] * 3, events=events))
    days = ("2014-03-31", "2014-06-30", "2014-09-30")
    assert [value(table, "people_suspended", period=day) for day in days] == [0, 2, 0]
    assert [value(table, "people_restricted", period=day) for day in days] == [1, 0, 0]


def test_nothing_after_the_extract_date_is_known() -> None:
    plan = a_plan(window=(date(2014, 4, 1), EXTRACT))
    events = spell(0, 1, "suspended", at(date(2015, 9, 1), 9), None)
    table = measure(plan, a_record(plan, [took(500, date(2014, 6, 1))], events=events))
    assert value(table, "officer_days_suspended", period="2014-04-01/2015-09-30") == 30


def test_in_a_case_of_officers_and_staff_the_status_is_theirs_whose_day_it_began() -> None:
    """Token 1 is the officer's, from 1 May; token 2 nobody's by any day, so it counts only in all."""
    plan = a_plan()
    began = date(2014, 5, 1)
    subjects: list[Row] = [
        {"case": 0, "person": 0, "suspended_on": began},
        {"case": 0, "person": 1, "restricted_on": date(2014, 6, 1)},
        {"case": 1, "person": 1},
    ]
    events = ordered(
        spell(0, 1, "suspended", at(began), at(date(2014, 5, 11))),
        spell(0, 2, "suspended", at(date(2014, 7, 1)), at(date(2014, 7, 4))),
        spell(0, 3, "restricted", at(date(2014, 6, 1)), at(date(2014, 6, 8))),
        spell(1, 1, "suspended", at(date(2014, 9, 1)), at(date(2014, 9, 6))),
    )
    people = [{"employment": "officer"}, {"employment": "staff"}]
    table = measure(plan, a_record(plan, [took(700)] * 2, subjects, people=people, events=events))
    suspended = [
        value(table, "officer_days_suspended", group=g) for g in ("", "employment=officer", "employment=staff")
    ]
    assert suspended == [10 + 3 + 5, 10, 5]
    restricted = [
        value(table, "officer_days_restricted", group=g) for g in ("", "employment=officer", "employment=staff")
    ]
    assert restricted == [7, 0, 7]


def test_who_gives_them_up_is_told_apart_from_what_they_are() -> None:
    """In case 0 both are officers, of two commands; the spell of 1 July is nobody's by its day, but an officer's it is. In case 1 both are of one command."""
    plan = a_plan()
    began = date(2014, 5, 1)
    subjects: list[Row] = [
        {"case": 0, "person": 0, "suspended_on": began},
        {"case": 0, "person": 1, "suspended_on": date(2014, 6, 1)},
        {"case": 1, "person": 1},
        {"case": 1, "person": 2},
    ]
    events = ordered(
        spell(0, 1, "suspended", at(began), at(date(2014, 5, 11))),
        spell(0, 2, "suspended", at(date(2014, 6, 1)), at(date(2014, 6, 5))),
        spell(0, 3, "suspended", at(date(2014, 7, 1)), at(date(2014, 7, 2))),
        spell(1, 1, "suspended", at(date(2014, 6, 20)), at(date(2014, 7, 10))),
    )
    people = [
        {"employment": "officer", "command": "borough"},
        {"employment": "officer", "command": "specialist"},
        {"employment": "staff", "command": "specialist"},
    ]
    table = measure(plan, a_record(plan, [took(700)] * 2, subjects, people=people, events=events))

    def days(*groups: str) -> list[float]:
        return [value(table, "officer_days_suspended", group=group) for group in groups]

    assert days("") == [10 + 4 + 1 + 20]
    assert days("command=borough", "command=specialist", "command=headquarters") == [10, 4 + 20, 0]
    assert days("employment=officer", "employment=staff") == [10 + 4 + 1, 0]
    assert value(table, "people_suspended", group="command=specialist", period="2014-06-30") == 1
    assert value(table, "people_suspended", group="command=borough", period="2014-06-30") == 0


def test_no_decision_reads_who_gives_up_an_officer() -> None:
    assert any(attribute.name == "person.command" for attribute in PATHWAY.attributes)
    said = [repr(part) for part in (*PATHWAY.nodes, *PATHWAY.guards, *PATHWAY.streams, *PATHWAY.teams)]
    assert not [part for part in said if "person.command" in part]


def reviews(table: pd.DataFrame, period: str = WINDOW) -> list[float]:
    return [
        value(table, "suspension_reviews", group=group, period=period)
        for group in ("", "duty=suspended", "duty=restricted")
    ]


def test_reviews_are_counted_in_the_period_they_are_held_in() -> None:
    """The first is before the window, the last at the very minute of the extract date; one is on the last day of 2013-14."""
    plan = a_plan(window=(date(2013, 4, 1), EXTRACT))
    held = [
        (date(2013, 3, 31), "suspension_review"),
        (date(2014, 3, 31), "suspension_review"),
        (date(2014, 4, 1), "suspension_review"),
        (date(2014, 4, 1), "restriction_review"),
        (EXTRACT, "suspension_review"),
    ]
    events: list[Event] = [(at(day), 0, 1, node, What.CHOSE) for day, node in held]
    table = measure(plan, a_record(plan, [took(900, date(2013, 1, 10))], events=events))
    assert reviews(table, "2013-04-01/2015-09-30") == [3, 2, 1]
    assert reviews(table, "2013-14") == [1, 1, 0]
    assert reviews(table, "2014-15") == [2, 1, 1]


@pytest.mark.parametrize(
    ("ends_after", "to_restricted", "suspended", "restricted", "days"),
    [
        pytest.param(100, 0, 3, 0, (100, 0), id="stays suspended; the guard's end is no review"),
        pytest.param(27, 0, 0, 0, (27, 0), id="over before the first review"),
        pytest.param(100, 1, 1, 7, (28, 72), id="restricted at the first review, then reviewed every ten days"),
    ],
)
def test_a_status_is_reviewed_until_the_matter_is_over(
    ends_after: int, to_restricted: int, suspended: int, restricted: int, days: tuple[int, int]
) -> None:
    """Suspensions are reviewed every 28 days, restrictions every ten, and the case ends both by a guard. One review for each time the interval has passed."""
    plan = small(
        (
            Assign("allocated", team="team", next="considered"),
            Fork("considered", start="suspended", side=True, next="matter"),
            Work("matter", team="team", effort=Duration("matter.days"), next="over"),
            Set("over", raises=(Signal("over", to="case"),), next="end"),
            Wait("suspended", lasts=Duration("suspended.days"), owner="us", time_is="legal_pause", next="suspension_review"),
            Decide("suspension_review", branches=(
                Branch("restricted", weight="to_restricted"),
                Branch("suspended", weight="rest"))),
            Wait("restricted", lasts=Duration("restricted.days"), owner="us", time_is="legal_pause", next="restriction_review"),
            Decide("restriction_review", branches=(
                Branch("restored", weight="nothing"),
                Branch("restricted", weight="rest"))),
            Exit("restored"),
            Exit("end"),
        ),
        {
            "rate": ("rate_per_year", {OPENS: 20, date(2012, 1, 1): 0}),
            "posts": ("posts", 1000),
            "matter.days": ("days", ends_after),
            "suspended.days": ("days", 28),
            "restricted.days": ("days", 10),
            "to_restricted": ("ratio", to_restricted),
        },
        to=date(2013, 1, 1),
        teams=(Team("team", owner="us", posts="posts", slots="one", calendar="all_hours", oldest="case.received_on"),),
        guards=(Guard(signal="over", region=("suspended", "restricted"), to="restored"),),
    )  # fmt: skip
    record = play(plan, 1)
    table, cases = measure(plan, record), len(record.cases["stream"])
    assert cases > 10
    window = "2010-01-01/2012-12-31"
    assert reviews(table, window) == [cases * (suspended + restricted), cases * suspended, cases * restricted]
    measured = [value(table, f"officer_days_{status}", period=window) for status in ("suspended", "restricted")]
    assert measured == [cases * each for each in days]


def test_two_who_are_suspended_in_one_instant_are_two() -> None:
    plan = a_plan()
    began = date(2014, 5, 1)
    subjects: list[Row] = [{"case": 0, "person": person, "suspended_on": began} for person in (0, 1)]
    events = ordered(
        spell(0, 1, "suspended", at(began), at(date(2014, 5, 3))),
        spell(0, 2, "suspended", at(began), at(date(2014, 5, 8))),
    )
    people = [{"employment": "officer"}, {"employment": "staff"}]
    table = measure(plan, a_record(plan, [took(700)], subjects, people=people, events=events))
    assert value(table, "officer_days_suspended", group="employment=officer") == 2
    assert value(table, "officer_days_suspended", group="employment=staff") == 7

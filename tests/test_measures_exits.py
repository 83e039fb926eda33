"""How did people leave, and how often is work done twice? Records made by hand, so that the arithmetic can be seen."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from test_measures import COHORT, MISCONDUCT, PROBATION, PUBLIC, Row, a_plan, a_record, took, value

from sim.measures import measure

HEARD = date(2014, 5, 1)


def subjects_of(rows: list[Row]) -> list[Row]:
    """One subject a case, each another person, unless said."""
    return [{"case": number, "person": number, **row} for number, row in enumerate(rows)]


def removed(outcome: str, on: date = HEARD, **more: object) -> Row:
    return {"outcome": outcome, "heard_on": on, "ended_on": on, **more}


# --- ways out -------------------------------------------------------------------------------------------------------


def ways_out() -> pd.DataFrame:
    """Of each way one, of resigning two, and one who would have been dismissed and had resigned two months before."""
    plan = a_plan()
    left = {"gone_on": date(2014, 3, 1)}
    over = {"ended_on": HEARD, "outcome": "left"}
    rows: list[tuple[Row, Row]] = [
        (removed("dismissed", route="hearing"), {"gone": "dismissed", "gone_on": HEARD}),
        (removed("dismissed_with_notice", route="hearing"), {"gone": "dismissed", "gone_on": HEARD}),
        (
            removed("would_have_been_dismissed", route="hearing", former="yes"),
            {"gone": "resigned", **left},
        ),
        (over, {"gone": "resigned", **left}),
        (over, {"gone": "retired", **left}),
        (over, {"gone": "severance", **left}),
        (removed("discharged", route="regulation_13"), {"gone": "dismissed", "gone_on": HEARD}),
        (removed("vetting_removed", route="vetting"), {"gone": "dismissed", "gone_on": HEARD}),
        (removed("incompetence"), {"gone": "dismissed", "gone_on": HEARD}),
        (removed("dismissed", route="staff_hearing"), {"employment": "staff", "gone": "dismissed", "gone_on": HEARD}),
        (removed("final_written_warning", route="hearing"), {}),
    ]
    record = a_record(
        plan, [took(700)] * len(rows), subjects_of([subject for subject, _ in rows]), people=[p for _, p in rows]
    )
    return measure(plan, record)


def test_every_way_out_stands_beside_the_others() -> None:
    table = ways_out()
    ways = {
        row.group.removeprefix("exit="): row.value
        for row in table[table["measure"].eq("exits") & table["period"].eq("2013-04-01/2015-03-31")].itertuples()
    }
    assert ways == {
        "dismissed": 1,
        "dismissed_with_notice": 1,
        "would_have_been_dismissed": 1,
        "resigned": 2,
        "retired": 1,
        "severance": 1,
        "regulation_13": 1,
        "vetting": 1,
        "incompetence": 1,
        "staff_procedure": 1,
    }


def test_a_way_out_lies_in_the_year_of_its_own_day() -> None:
    """Left in March 2014, so in 2013-14; heard in May, so in 2014-15."""
    table = ways_out()
    by_year = {
        way: [value(table, "exits", group=f"exit={way}", period=year) for year in ("2013-14", "2014-15")]
        for way in ("resigned", "dismissed", "would_have_been_dismissed")
    }
    assert by_year == {"resigned": [2, 0], "dismissed": [0, 1], "would_have_been_dismissed": [0, 1]}


def test_removals_are_the_ways_out_but_for_leaving() -> None:
    table = ways_out()
    ways = ("dismissed", "dismissed_with_notice", "would_have_been_dismissed")
    ways += ("regulation_13", "vetting", "incompetence", "staff_procedure")
    assert value(table, "removals") == sum(value(table, "exits", group=f"exit={way}") for way in ways) == 7
    assert value(table, "dismissals") == 3  # with notice or without, staff too
    assert value(table, "dismissals", group="employment=staff") == 1
    assert value(table, "dismissal_rate_per_subject") == 3 / 11


def test_those_who_left_are_told_by_how_they_left() -> None:
    table = ways_out()
    assert value(table, "exits_while_under_investigation") == 4
    parts = [
        value(table, "exits_while_under_investigation", group=f"exit={way}")
        for way in ("resigned", "retired", "severance")
    ]
    assert parts == [2, 1, 1]


def test_somebody_who_leaves_under_two_cases_is_two_exits_and_one_person() -> None:
    plan = a_plan()
    people = [{"gone": "retired", "gone_on": date(2014, 1, 1)}]
    record = a_record(plan, [took(600)] * 2, [{"case": case, "person": 0} for case in (0, 1)], people=people)
    table = measure(plan, record)
    assert value(table, "exits", group="exit=retired") == 2
    assert value(table, "exits_while_under_investigation", group="exit=retired") == 1


def test_what_probationers_own_matters_end_in_is_counted_with_the_internal_ones() -> None:
    plan = a_plan()
    case = took(60, stream=PROBATION)
    over = {"route": "regulation_13", "ended_on": date(2013, 7, 31)}
    subjects = subjects_of(
        [{**over, "outcome": "discharged"}, {**over, "outcome": "left"}, {**over, "outcome": "no_action"}]
    )
    people = [
        {"gone": "dismissed", "gone_on": date(2013, 7, 31)},
        {"gone": "resigned", "gone_on": date(2013, 7, 31)},
        {},
    ]
    table = measure(plan, a_record(plan, [case] * 3, subjects, people=people))
    for group in ("", "stream=probation"):
        assert value(table, "removals", group=group) == 1
        assert value(table, "exits_while_under_investigation", group=group) == 1
        assert value(table, "regulation_13_dismissal_rate", group=group) == 1 / 3
    assert value(table, "exits", group="exit=regulation_13") == 1
    assert value(table, "exits_while_under_investigation", group="route=regulation_13") == 1
    assert value(table, "cases_received") == 0  # but the case itself is none of the internal ones
    assert value(table, "cases_received", group="stream=probation") == 3


def test_a_pathway_without_some_ways_out_has_the_others() -> None:
    attributes = dict(MISCONDUCT)
    attributes["subject.outcome"] = ("open", "left", "dismissed")
    attributes["person.gone"] = ("no", "dismissed", "resigned")
    plan = a_plan(attributes, limits={})
    table = measure(plan, a_record(plan, [took(600)], [removed("dismissed", case=0, person=0)]))
    assert set(table.loc[table["measure"].eq("exits"), "group"]) == {
        "exit=dismissed",
        "exit=resigned",
        "exit=staff_procedure",
    }
    assert value(table, "removals") == value(table, "dismissals") == 1
    assert not set(table["measure"]) & {"would_have_been_dismissed", "regulation_13_dismissal_rate"}


def test_the_barred_list_has_each_person_once_from_the_day_it_began() -> None:
    """In this plan the list began on 15 December 2014; the first of four was removed before, the last by discharge."""
    plan = a_plan()
    late = date(2015, 1, 10)
    subjects: list[Row] = [
        {"case": 0, "person": 0, **removed("dismissed")},
        {"case": 1, "person": 1, **removed("dismissed", late)},
        {"case": 2, "person": 1, **removed("would_have_been_dismissed", late + timedelta(days=9))},
        {"case": 3, "person": 2, **removed("would_have_been_dismissed", late), "former": "yes"},
        {"case": 4, "person": 3, **removed("discharged", late)},
        {"case": 5, "person": 4, **removed("dismissed", late)},
    ]
    barred = {"barred": "yes"}
    people = [barred, barred, barred, barred, {}]  # an appeal took the last off the list
    table = measure(plan, a_record(plan, [took(700)] * 6, subjects, people=people))
    assert value(table, "added_to_barred_list") == value(table, "added_to_barred_list", period="2014-15") == 2
    assert value(table, "added_to_barred_list", period="2013-14") == 0


# --- rates of dismissal and what they are of --------------------------------------------------------------------------


def test_each_rate_of_dismissal_has_the_number_it_is_of() -> None:
    plan = a_plan()
    gross = {"case_to_answer": "gross"}
    rows: list[Row] = [
        removed("dismissed", route="hearing", chair="legally_qualified", **gross),
        removed("not_proved", route="hearing", chair="legally_qualified", **gross),
        removed("would_have_been_dismissed", route="hearing", former="yes", **gross),
        {"case_to_answer": "misconduct"},
        {},
    ]
    table = measure(plan, a_record(plan, [took(700)] * 5, subjects_of(rows)))
    for rate, number, of in (
        ("dismissal_rate_per_subject", "subjects_finalised", 5),
        ("dismissal_rate_per_gross_case_to_answer", "gross_cases_to_answer", 3),
        ("dismissal_rate_per_hearing", "subjects_heard", 2),
    ):
        assert value(table, number) == of
        assert value(table, rate) == 1 / of


def test_a_subject_has_a_case_to_answer_if_any_allegation_has() -> None:
    plan = a_plan()
    subjects = [{"case": 0, "person": 0}, {"case": 0, "person": 1}, {"case": 1, "person": 2}]
    decisions = [
        (0, "no_case_to_answer"),
        (0, "case_to_answer"),
        (0, "case_to_answer"),
        (1, "other_end"),
        (2, "case_to_answer"),
    ]
    allegations = [{"subject": subject, "decision": decision} for subject, decision in decisions]
    cases = [took(50), {"received_on": date(2013, 6, 1)}]  # the second is open
    people = [{}, {"employment": "staff"}, {}]
    table = measure(plan, a_record(plan, cases, subjects, allegations, people))
    assert value(table, "share_of_subjects_with_case_to_answer") == 1 / 2
    assert value(table, "share_of_subjects_with_case_to_answer", group="employment=staff") == 0
    assert value(table, "case_to_answer_rate") == 2 / 4


def test_dismissals_by_which_case_it_was_are_of_those_still_there() -> None:
    """Four people: of the first cases one in four ends in dismissal, of the second cases one in two."""
    plan = a_plan()
    named = [0, 1, 2, 3, 1, 2, 2, 2, 2, 2]
    subjects = [{"case": number, "person": person} for number, person in enumerate(named)]
    for case in (0, 4):
        subjects[case] |= removed("dismissed", date(2013, 7, 1))
    cases = [took(100, date(2013, 6, 1) + timedelta(days=number)) for number in range(len(named))]
    table = measure(plan, a_record(plan, cases, subjects))
    rates = [
        value(table, "dismissal_rate_by_case_order", group=f"order={order}")
        for order in ("1", "2", "3_to_5", "6_or_more")
    ]
    assert rates == [1 / 4, 1 / 2, 0, 0]


def test_an_open_case_is_in_the_order_but_not_in_the_rate() -> None:
    plan = a_plan()
    cases = [{"received_on": date(2013, 5, 1)}, took(100)]
    subjects = [{"case": 0, "person": 0}, {"case": 1, "person": 0, **removed("dismissed", date(2013, 7, 1))}]
    table = measure(plan, a_record(plan, cases, subjects))
    assert np.isnan(value(table, "dismissal_rate_by_case_order", group="order=1"))
    assert value(table, "dismissal_rate_by_case_order", group="order=2") == 1


# --- per person-year --------------------------------------------------------------------------------------------------


def test_a_relative_rate_by_sex_is_against_male() -> None:
    """Women: two allegations in 500 days. Men: one in 1,000."""
    plan = a_plan()
    people = [{"sex": "female"}, {"sex": "male"}]
    subjects = [{"case": 0, "person": 0}, {"case": 1, "person": 0}, {"case": 2, "person": 1}]
    years = [[0, 0], [250, 500], [250, 500], [0, 0]]
    record = a_record(plan, [took(1)] * 3, subjects, people=people, exposure={"person_days.sex": years})
    table = measure(plan, record)
    assert value(table, "relative_rate_of_allegation", group="sex=female") == pytest.approx((2 / 500) / (1 / 1000))
    assert "ethnicity=black" not in set(table.loc[table["measure"].eq("relative_rate_of_allegation"), "group"])


def test_a_relative_rate_of_regulation_13_is_of_probationers_own_matters() -> None:
    """White: two in 1,000 days. Black: one in 200. The internal case counts for neither."""
    plan = a_plan()
    people = [{"ethnicity": "white"}, {"ethnicity": "black"}]
    cases = [took(9, stream=PROBATION), took(9, stream=PROBATION), took(9, date(2014, 6, 1), stream=PROBATION), took(9)]
    subjects = [{"case": case, "person": person} for case, person in enumerate((0, 1, 0, 1))]
    days = [[0] * 5, [500, 100, 0, 0, 0], [500, 100, 0, 0, 0], [0] * 5]
    record = a_record(plan, cases, subjects, people=people, exposure={"person_days.ethnicity": days})
    table = measure(plan, record)
    rate = {"group": "ethnicity=black"}
    assert value(table, "relative_rate_of_regulation_13", **rate) == pytest.approx((1 / 200) / (2 / 1000))
    assert value(table, "relative_rate_of_regulation_13", period="2013-14", **rate) == pytest.approx(
        (1 / 100) / (1 / 500)
    )
    assert value(table, "relative_rate_of_regulation_13", period="2014-15", **rate) == 0
    assert np.isnan(value(table, "relative_rate_of_regulation_13", group="ethnicity=asian"))


# --- waiting as a former officer --------------------------------------------------------------------------------------


def test_whoever_leaves_while_awaiting_a_hearing_is_a_former_officer_from_that_day() -> None:
    plan = a_plan()
    listed = {"route": "hearing", "referred_on": date(2014, 5, 1)}
    people = [{"gone": "resigned", "gone_on": date(2014, 8, 1)}, {"gone": "dismissed", "gone_on": date(2014, 8, 1)}, {}]
    table = measure(plan, a_record(plan, [took(900)] * 3, subjects_of([listed] * 3), people=people))
    days = ("2014-06-30", "2014-09-30")
    assert [value(table, "awaiting_hearing", period=day) for day in days] == [3, 3]
    assert [value(table, "awaiting_hearing", group="former=yes", period=day) for day in days] == [0, 1]


# --- twice ------------------------------------------------------------------------------------------------------------


def test_the_first_end_is_not_the_last_one_where_a_case_was_opened_again() -> None:
    plan = a_plan()
    first = date(2013, 6, 1) + timedelta(days=100)
    cases = [
        took(100, first_finalised_on=first),
        took(500, first_finalised_on=first, reopened=1),
        {"received_on": date(2013, 6, 1), "first_finalised_on": first, "reopened": 1},  # and still open
        took(50, stream=PUBLIC, first_finalised_on=date(2013, 6, 1) + timedelta(days=50)),
    ]
    allegations = [{"subject": subject} for subject in (0, 1, 1, 1, 2, 3)]
    table = measure(plan, a_record(plan, cases, allegations=allegations))
    assert value(table, "mean_days_to_first_finalisation", counted="case") == (100 + 100) / 2
    assert value(table, "mean_days_to_finalise", counted="case", basis="received_cohort") == (100 + 500) / 2
    assert value(table, "mean_days_to_first_finalisation", counted="allegation") == 100
    assert value(table, "mean_days_to_finalise", **COHORT) == (1 * 100 + 3 * 500) / 4
    assert value(table, "mean_days_to_first_finalisation", counted="case", group="stream=public") == 50
    assert value(table, "cases_reopened") == value(table, "cases_reopened", period="2013-14") == 2


def test_files_that_came_back_and_severity_revised_are_of_cases_with_a_report() -> None:
    plan = a_plan()
    report = {"report_on": date(2014, 1, 1)}
    cases = [
        took(600, handled_by="psu", returned=2, **report),
        took(600, handled_by="psu", revised=1, **report),
        took(600, handled_by="dps", **report),
        took(600, handled_by="psu", returned=1),  # no report yet
        took(600, handled_by="psu", returned=1, recorded="no", **report),
    ]
    table = measure(plan, a_record(plan, cases))
    assert value(table, "returned_files_rate") == 1 / 3
    assert value(table, "returned_files_rate", group="team=psu") == 1 / 2
    assert value(table, "severity_revised_rate") == 1 / 3
    assert value(table, "severity_revised_rate", group="team=dps") == 0
    assert np.isnan(value(table, "returned_files_rate", period="2014-15"))

"""Was it done in time? Days due, counted by hand on a calendar."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_measures import EXTRACT, START, WINDOW, Limit, Row, a_plan, a_record, took, value

from sim.measures import measure
from sim.plan import Scope

FRIDAY = date(2014, 8, 1)
REPORT = {"to the report": Limit("case.received_on", "case.report_on", 90, counted=Scope.CASE)}
HEARING = {"hearing": Limit("subject.referred_on", "subject.heard_on", 5, working=True)}


def rates(table: pd.DataFrame, clock: str, period: str = WINDOW) -> tuple[float, float]:
    group = f"clock={clock}"
    return value(table, "clock_met_rate", group=group, period=period), value(
        table, "clocks_due", group=group, period=period
    )


def of_hearings(subjects: list[Row], limit: Limit = HEARING["hearing"], **plan: object) -> tuple[float, float]:
    """Share and number of limits of some subjects in one open case."""
    made = a_plan(limits={"hearing": limit}, **plan)  # type: ignore[arg-type]
    rows = [{"case": 0, "person": number, **subject} for number, subject in enumerate(subjects)]
    return rates(measure(made, a_record(made, [{"received_on": date(2013, 6, 1)}], rows)), "hearing")


@pytest.mark.parametrize(
    ("heard", "met"), [(date(2014, 8, 7), 1), (date(2014, 8, 8), 1), (date(2014, 8, 9), 0), (None, 0)]
)
def test_five_working_days_from_a_friday_end_with_the_next_friday(heard: date | None, met: float) -> None:
    subject = {"referred_on": FRIDAY} | ({"heard_on": heard} if heard else {})
    assert of_hearings([subject]) == (met, 1)


def test_a_limit_in_days_runs_through_weekends() -> None:
    """90 days from 1 June 2013 are over on 30 August."""
    plan = a_plan(limits=REPORT)
    received = date(2013, 6, 1)
    days = (date(2013, 8, 30), date(2013, 8, 31))
    table = measure(plan, a_record(plan, [{"received_on": received, "report_on": day} for day in days]))
    assert (date(2013, 8, 30) - received).days == 90
    assert rates(table, "to the report") == (1 / 2, 2)


def test_a_limit_lies_in_the_period_of_the_day_it_fell_due() -> None:
    plan = a_plan(limits=REPORT)
    due = date(2014, 4, 1)
    cases = [took(300, due - timedelta(days=90)), took(300, due - timedelta(days=91))]
    table = measure(plan, a_record(plan, cases))
    assert rates(table, "to the report", "2013-14")[1] == 1
    assert rates(table, "to the report", "2014-15")[1] == 1


def test_what_was_not_yet_due_is_not_counted_though_it_be_done() -> None:
    """Due on the last day that is seen, and on the day after, which is the extract date."""
    window = (date(2014, 4, 1), EXTRACT)
    plan = a_plan(limits=REPORT, window=window)
    last = EXTRACT - timedelta(days=1)
    for due, number in ((last, 1), (EXTRACT, 0)):
        case = {"received_on": due - timedelta(days=90), "report_on": due - timedelta(days=80)}
        table = measure(plan, a_record(plan, [case]))
        assert rates(table, "to the report", "2014-04-01/2015-09-30")[1] == number


def test_a_clock_that_never_started_or_has_no_limit_is_not_counted() -> None:
    rate, number = of_hearings([{}, {"heard_on": FRIDAY}])
    assert np.isnan(rate)
    assert number == 0
    assert (
        of_hearings([{"referred_on": FRIDAY}], Limit("subject.referred_on", "subject.heard_on", 0, working=True))[1]
        == 0
    )


def test_the_length_is_that_of_the_law_at_the_date_it_attaches_to() -> None:
    """30 working days for cases received before February 2014, then 5; heard 9 working days after referral."""
    steps = {START: 30.0, date(2014, 2, 1): 5.0}
    subject = {"referred_on": FRIDAY, "heard_on": date(2014, 8, 14)}
    by_receipt = Limit("subject.referred_on", "subject.heard_on", steps, attach="case.received_on", working=True)
    now = Limit("subject.referred_on", "subject.heard_on", steps, working=True)
    assert of_hearings([subject], by_receipt) == (1, 1)
    assert of_hearings([subject], now) == (0, 1)


def test_a_matter_that_was_over_by_the_day_due_had_no_limit_to_keep() -> None:
    """The first left before the day due and the second after it."""
    over = [{"referred_on": FRIDAY, "ended_on": day, "outcome": "left"} for day in (date(2014, 8, 8), date(2014, 8, 9))]
    assert of_hearings(over) == (0, 1)


def test_an_end_before_the_start_is_of_an_earlier_time() -> None:
    """Referred again after a hearing."""
    assert of_hearings([{"heard_on": FRIDAY - timedelta(days=30), "referred_on": FRIDAY}]) == (0, 1)


def test_a_clock_counts_the_rows_it_names() -> None:
    """From receipt to the hearing, of every allegation: two of a subject heard in time, one of somebody who was not."""
    limit = Limit("case.received_on", "subject.heard_on", 400, counted=Scope.ALLEGATION)
    plan = a_plan(limits={"each": limit})
    subjects = [{"case": 0, "person": 0, "heard_on": date(2014, 1, 1)}, {"case": 0, "person": 1}]
    allegations = [{"subject": subject} for subject in (0, 0, 1)]
    table = measure(plan, a_record(plan, [{"received_on": date(2013, 6, 1)}], subjects, allegations))
    assert rates(table, "each") == (2 / 3, 3)
    assert set(table.loc[table["measure"].eq("clocks_due"), "counted"]) == {"allegation"}


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 900), st.integers(0, 60), st.integers(1, 40))
def test_a_day_due_is_numpys(start: int, took_days: int, limit: int) -> None:
    referred, heard = START + timedelta(days=start), START + timedelta(days=start + took_days)
    due = np.busday_offset(np.datetime64(referred), limit, roll="backward").astype(object)
    window = (START + timedelta(days=1), EXTRACT)
    plan = a_plan(
        limits={"hearing": Limit("subject.referred_on", "subject.heard_on", limit, working=True)}, window=window
    )
    subject = {"case": 0, "person": 0, "referred_on": referred, "heard_on": heard}
    table = measure(plan, a_record(plan, [{"received_on": START}], [subject]))
    met, number = rates(table, "hearing", f"{window[0]}/{EXTRACT - timedelta(days=1)}")
    assert number == (due < EXTRACT)
    assert np.isnan(met) if not number else met == (heard <= due)


# --- reports of delay -------------------------------------------------------------------------------------------------


def reports(law: dict[str, dict[date, float]], received: date = date(2014, 1, 1)) -> float:
    plan = a_plan(law={f"law.{name}": steps for name, steps in law.items()}, window=(date(2014, 4, 1), EXTRACT))
    table = measure(plan, a_record(plan, [{"received_on": received}]))
    return value(table, "twelve_month_reports_due", period="2014-04-01/2015-09-30")


def test_reports_of_delay_are_due_as_the_law_of_the_day_says() -> None:
    """Open from January 2014 to October 2015. At 9, 12, 15, 18, 21 months; from July 2015 only at 6, 18, 30 months."""
    on = {START: 1.0}
    assert reports({"delay_reports": on, "delay_report_first": {START: 9.0}, "delay_report_again": {START: 3.0}}) == 4
    later = date(2015, 7, 1)
    changed = {
        "delay_reports": on,
        "delay_report_first": {START: 9.0, later: 6.0},
        "delay_report_again": {START: 3.0, later: 12.0},
    }
    assert reports(changed) == 3 + 1
    off = {**changed, "delay_reports": {START: 1.0, later: 0.0}}
    assert reports(off) == 3


def test_without_a_next_report_there_is_only_the_first() -> None:
    law = {"delay_reports": {START: 1.0}, "delay_report_first": {START: 9.0}, "delay_report_again": {START: 0.0}}
    assert reports(law) == 1


def test_a_plan_without_that_law_says_nothing_of_reports() -> None:
    plan = a_plan(law={})
    assert "twelve_month_reports_due" not in set(measure(plan, a_record(plan, [took(900)]))["measure"])

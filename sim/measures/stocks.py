"""How many came, and how many are there? Receipts by year, and what is open at the end of each quarter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.measures.cohort import (
    AT_PERIOD_END,
    IN_PERIOD,
    RECEIVED_IN_PERIOD,
    Figure,
    View,
    distinct,
    ratio,
)
from sim.measures.durations import ONE_YEAR, TWO_YEARS
from sim.measures.periods import Bools, Ints, dates, months_later
from sim.plan import MINUTES_A_DAY

DELAY_REPORTS_BEGAN = np.datetime64("2020-02-01")
"""The report at 12 months and every 6 months after it: Police (Conduct) Regulations 2020 (SI 2020/4),
regulation 19, and Police (Complaints and Misconduct) Regulations 2020 (SI 2020/2), regulation 13; both in
force on 1 February 2020."""
FIRST_REPORT_MONTHS, NEXT_REPORT_MONTHS = 12, 6

AGES = ("under_1_year", "1_to_2_years", "over_2_years")
HEARING_ROUTES = ("hearing", "accelerated_hearing")
"""Routes whose hearing is about gross misconduct of an officer."""


def figures(view: View) -> Iterator[Figure]:
    """Receipts need nothing; stocks of cases ``case.finalised_on``; the rest the attributes it is about."""
    yield from _received(view)
    if view.has("case.handled_by"):
        yield from _by_team(view)
    if view.has("case.finalised_on"):
        yield from _open(view)
        yield from _reports_due(view)
    needed = ("subject.route=hearing", "subject.route=accelerated_hearing")
    if view.has(*needed, "subject.referred_on", "subject.heard_on", "subject.ended_on"):
        yield from _awaiting_hearing(view)


def _received(view: View) -> Iterator[Figure]:
    for period in view.periods:
        received = view.on_basis(RECEIVED_IN_PERIOD, period)
        for group, stream in view.streams:
            cases = received & stream
            subjects = cases[view.case_of("subject")]
            people = len(distinct(view.column("subject.person")[subjects]))
            allegations = np.count_nonzero(cases[view.case_of("allegation")])
            for counted, plural, number in (
                ("allegation", "allegations", allegations),
                ("case", "cases", np.count_nonzero(cases)),
                ("subject", "subjects", np.count_nonzero(subjects)),
                ("person", "people", people),
            ):
                yield Figure(f"{plural}_received", counted, RECEIVED_IN_PERIOD, group, period.label, float(number))


def _by_team(view: View) -> Iterator[Figure]:
    internal = view.streams[0][1]
    for period in view.periods:
        received = view.on_basis(RECEIVED_IN_PERIOD, period) & internal
        for team, cases in view.by_level("case.handled_by"):
            value = ratio(np.count_nonzero(cases & received), np.count_nonzero(received))
            yield Figure("share_of_cases_by_team", "case", RECEIVED_IN_PERIOD, f"team={team}", period.label, value)


def open_at(view: View, midnight: int) -> Bools:
    """Which cases had been received and not finalised before this midnight."""
    here: Bools = (view.received < midnight) & (view.finalised >= midnight)
    return here


def age_band(days: Ints) -> Ints:
    """Position in `AGES`: up to 365 days, up to 730, more."""
    band: Ints = (days > ONE_YEAR).astype(np.int64) + (days > TWO_YEARS)
    return band


def _open(view: View) -> Iterator[Figure]:
    for day, midnight in view.quarter_ends:
        open_ = open_at(view, midnight)
        bands = age_band(midnight // MINUTES_A_DAY - view.received // MINUTES_A_DAY)
        for group, stream in view.streams:
            count = np.bincount(bands[open_ & stream], minlength=len(AGES))
            over_12_months = float(count[1:].sum())
            yield Figure("cases_open", "case", AT_PERIOD_END, group, day, float(count.sum()))
            yield Figure("cases_open_over_12_months", "case", AT_PERIOD_END, group, day, over_12_months)
            if not group:
                for age, number in zip(AGES, count, strict=True):
                    yield Figure("cases_open", "case", AT_PERIOD_END, f"age={age}", day, float(number))


def _reports_due(view: View) -> Iterator[Figure]:
    """Counts, per case, the anniversaries at whose beginning it was still open."""
    chosen = np.flatnonzero(view.received < view.extract)
    received, finalised = dates(view.plan, view.received[chosen]), view.finalised[chosen]
    case, due = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    months = FIRST_REPORT_MONTHS
    while len(chosen):
        anniversary = months_later(received, months)
        minutes = (anniversary - np.datetime64(view.plan.starts_on, "D")).astype(np.int64) * MINUTES_A_DAY
        reached = (minutes <= finalised) & (minutes < view.extract)
        duty = reached & (anniversary >= DELAY_REPORTS_BEGAN)
        case.append(chosen[duty])
        due.append(minutes[duty])
        chosen, received, finalised = chosen[reached], received[reached], finalised[reached]
        months += NEXT_REPORT_MONTHS
    cases, minutes = np.concatenate(case), np.concatenate(due)
    for period in view.periods:
        for group, stream in view.streams:
            number = np.count_nonzero(period.holds(minutes) & stream[cases])
            yield Figure("twelve_month_reports_due", "case", IN_PERIOD, group, period.label, float(number))


def _awaiting_hearing(view: View) -> Iterator[Figure]:
    case = view.case_of("subject")
    listed = view.at_level("subject.route", *HEARING_ROUTES) & (view.received[case] < view.extract)
    referred = view.date("subject.referred_on")
    over = np.minimum(view.date("subject.heard_on"), view.date("subject.ended_on"))
    for day, midnight in view.quarter_ends:
        waiting = listed & (referred < midnight) & (over >= midnight)
        for group, stream in view.streams:
            number = np.count_nonzero(waiting & stream[case])
            yield Figure("awaiting_hearing", "subject", AT_PERIOD_END, group, day, float(number))

"""Which measures are there, and what exactly does each mean? Tables and documentation are made from this
list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.measures.cohort import (
    AT_PERIOD_END,
    FINALISED_IN_PERIOD,
    IN_PERIOD,
    PACE,
    RECEIVED_COHORT,
    RECEIVED_IN_PERIOD,
    SURVIVAL,
)
from sim.plan import TimeIs


@dataclass(frozen=True)
class Measure:
    """What a measure is called, in which unit, what it counts, on which bases (`BASES` says what they mean),
    and what it means."""

    label: str
    unit: str
    counted: tuple[str, ...]
    basis: tuple[str, ...]
    definition: str
    groups: tuple[str, ...] = ()
    """What it may be split by: ``stream`` for the group ``stream=public``, and so on."""


FRACTION = "fraction"
OBSERVED = (RECEIVED_COHORT, FINALISED_IN_PERIOD)
EITHER = ("allegation", "case")
CASE_PARTS = ("stream", "team", "iopc_involvement")
PARTS = (*CASE_PARTS, "breach")
EVERY_ROW = ("case", "subject", "allegation")

_DAYS = (
    "Days are a difference of dates, from the day the case first came to attention to the day everything "
    "that follows from it had ended."
)
_TIME: Mapping[TimeIs, tuple[str, str]] = {
    TimeIs.OWN_WORK: ("being worked on", "A bout of work by the force's own staff was under way."),
    TimeIs.WAITING_FOR_OWN_STAFF: (
        "waiting for the force's own staff",
        "It waited for a slot or for attention of the force's own staff.",
    ),
    TimeIs.ANOTHER_BODY: ("with another body", "Another body had it, or its staff were waited for."),
    TimeIs.OFFICER_AND_REPRESENTATIVES: (
        "waiting for the officer or representatives",
        "The officer, a police friend or a lawyer was waited for.",
    ),
    TimeIs.VICTIM_AND_WITNESSES: ("waiting for victim or witnesses", "A victim or witness was waited for."),
    TimeIs.LEGAL_PAUSE: ("paused by law", "The law did not let it go on, as while a criminal case is live."),
    TimeIs.LISTING: ("waiting to be heard", "It waited for its sitting days, or sat."),
}


def _day_kind(kind: TimeIs) -> Measure:
    label, meaning = _TIME[kind]
    return Measure(
        f"Mean days {label}",
        "days",
        ("allegation",),
        (RECEIVED_COHORT,),
        f"{meaning} Mean over finalised allegations of the midnights of their case that the ledger gives to "
        "this kind of time; over all kinds they add up to the mean days to finalise. Needs events.",
        ("owner", "stage"),
    )


_STATUS_DAYS = (
    "Midnights that end a day of the period with somebody {}, for whichever of their cases, every stream: a person has "
    "one such status at a time, and each spell is cut to the period. By employment and command where it can be told whose it "
    "was. Needs events."
)
_OWN_MATTERS = "Probationers' own matters (stream probation) are counted with the internal ones."

MEASURES: Mapping[str, Measure] = {
    "allegations_received": Measure(
        "Allegations received",
        "allegations",
        ("allegation",),
        (RECEIVED_IN_PERIOD,),
        "Allegations in recorded cases received in the period.",
        ("stream",),
    ),
    "cases_received": Measure(
        "Cases received",
        "cases",
        ("case",),
        (RECEIVED_IN_PERIOD,),
        "Recorded cases received in the period.",
        ("stream",),
    ),
    "subjects_received": Measure(
        "Officers and staff in cases received",
        "subjects",
        ("subject",),
        (RECEIVED_IN_PERIOD,),
        "People times cases: somebody in two cases counts twice.",
        ("stream",),
    ),
    "people_received": Measure(
        "People in cases received",
        "people",
        ("person",),
        (RECEIVED_IN_PERIOD,),
        "Different people named in the cases received in the period.",
        ("stream",),
    ),
    "allegations_finalised": Measure(
        "Allegations finalised",
        "allegations",
        ("allegation",),
        OBSERVED,
        "An allegation is finalised when its case is. The count that belongs beside every mean of the same "
        "basis, group and period.",
        PARTS,
    ),
    "cases_finalised": Measure(
        "Cases finalised",
        "cases",
        ("case",),
        OBSERVED,
        "A case is finalised when everything that follows from it has ended, for its last subject. The "
        "count that belongs beside every mean of the same basis, group and period.",
        CASE_PARTS,
    ),
    "share_still_open_at_extract": Measure(
        "Share still open at the extract date",
        FRACTION,
        EITHER,
        (RECEIVED_IN_PERIOD,),
        "Of those received in the period, the share not finalised before the extract date: what the "
        "received cohort leaves out.",
        PARTS,
    ),
    "share_of_cases_by_team": Measure(
        "Share of cases by who handled them",
        FRACTION,
        ("case",),
        (RECEIVED_IN_PERIOD,),
        "Of internal cases received in the period, the share handled by each body, as last recorded.",
        ("team",),
    ),
    "cases_open": Measure(
        "Cases open",
        "cases",
        ("case",),
        (AT_PERIOD_END,),
        "Cases received and not finalised by the end of the day; age up to 182 days, up to 365, up to 730, or more.",
        ("age", "stream"),
    ),
    "cases_open_over_12_months": Measure(
        "Cases open for over 12 months",
        "cases",
        ("case",),
        (AT_PERIOD_END,),
        "Open cases received more than 365 days before the end of the day.",
        ("stream",),
    ),
    "twelve_month_reports_due": Measure(
        "Delay reports due at 12 months and every 6 months after",
        "reports",
        ("case",),
        (IN_PERIOD,),
        "Anniversaries of receipt, at 12, 18, 24... calendar months, that fell in the period while the "
        "case was open: each calls for a report to the local policing body. Months and the day from which "
        "the duty holds are those of the law in force on the day due (law.delay_reports, "
        "law.delay_report_first, law.delay_report_again; SI 2020/4 regulation 19, SI 2020/2 regulation 13).",
        ("stream",),
    ),
    "mean_days_to_finalise": Measure(
        "Mean days to finalise",
        "days",
        EITHER,
        (*OBSERVED, SURVIVAL, PACE),
        f"{_DAYS} The headline counts allegations on the basis received_cohort. On the basis survival: the "
        "mean of days up to 1461 under the product-limit curve, which counts those still open; null where "
        "nobody was watched so long. On the basis pace_of_period, of quarters only: the same mean of one that meets the chances "
        "of ending which those open in the quarter had at each age; null where nobody of an age was open.",
        PARTS,
    ),
    "mean_days_to_finalise_without_iopc_involvement": Measure(
        "Mean days to finalise, cases without IOPC involvement",
        "days",
        EITHER,
        OBSERVED,
        f"{_DAYS} Cases that the IOPC investigated or directed are left out whole; its time in other cases "
        "is not subtracted. The same figure as the group iopc_involvement=no.",
    ),
    "median_days_to_finalise": Measure(
        "Median days to finalise",
        "days",
        EITHER,
        (*OBSERVED, SURVIVAL),
        f"{_DAYS} On the basis survival: the first day after which no more than half are still open.",
        PARTS,
    ),
    "share_within_1_year": Measure(
        "Share finalised within a year",
        FRACTION,
        EITHER,
        OBSERVED,
        "Of those finalised, the share that took 365 days or fewer.",
        PARTS,
    ),
    "share_over_2_years": Measure(
        "Share that took over two years",
        FRACTION,
        EITHER,
        OBSERVED,
        "Of those finalised, the share that took more than 730 days.",
        PARTS,
    ),
    "share_over_4_years": Measure(
        "Share that took over four years",
        FRACTION,
        EITHER,
        OBSERVED,
        "Of those finalised, the share that took more than 1461 days.",
        PARTS,
    ),
    "share_finalised_within": Measure(
        "Share finalised within so many days",
        FRACTION,
        EITHER,
        (RECEIVED_COHORT, SURVIVAL),
        "For every 30 days up to 1800. On the basis received_cohort: of those finalised by the extract "
        "date. On the basis survival: of all received, by the product-limit curve; null beyond what was "
        "watched.",
        ("days",),
    ),
    "mean_days_to_first_finalisation": Measure(
        "Mean days to the first finalisation",
        "days",
        EITHER,
        (RECEIVED_COHORT,),
        "Of the same allegations and cases as the mean days to finalise, days from receipt to the day it was "
        "first finalised. The two part by what opening cases again took; the headline goes to the last end.",
        ("stream",),
    ),
    "cases_reopened": Measure(
        "Cases opened again",
        "cases",
        ("case",),
        (FINALISED_IN_PERIOD,),
        "Cases first finalised in the period that were opened again before play ended.",
        ("stream",),
    ),
    "mean_days_to_two_years": Measure(
        "Mean days of those received in the quarter, to two years",
        "days",
        ("allegation", "case"),
        (SURVIVAL,),
        f"{_DAYS} Of all received in the calendar quarter, finalised or still open, none counted beyond 730 days: the exact "
        "mean of what the first two years hold. Of quarters only; null where they were not followed for two years.",
    ),
    "returned_files_rate": Measure(
        "Files that came back",
        FRACTION,
        ("case",),
        (IN_PERIOD,),
        "Of cases whose investigation report was accepted in the period, the share whose file had come back for more "
        "work at least once.",
        ("stream", "team"),
    ),
    "severity_revised_rate": Measure(
        "Severity revised",
        FRACTION,
        ("case",),
        (IN_PERIOD,),
        "Of cases whose investigation report was accepted in the period, the share whose severity assessment had been "
        "revised at least once, up or down.",
        ("stream", "team"),
    ),
    "case_to_answer_rate": Measure(
        "Case to answer",
        FRACTION,
        ("allegation",),
        (RECEIVED_COHORT,),
        "Of finalised allegations, the share with a case to answer for misconduct or gross misconduct.",
        ("stream", "breach"),
    ),
    "no_case_to_answer_rate": Measure(
        "No case to answer",
        FRACTION,
        ("allegation",),
        (RECEIVED_COHORT,),
        "Of finalised allegations, the share with no case to answer.",
        ("stream", "breach"),
    ),
    "other_end_rate": Measure(
        "Ended otherwise",
        FRACTION,
        ("allegation",),
        (RECEIVED_COHORT,),
        "Of finalised allegations, the share that ended without that decision: withdrawn, discontinued, or "
        "the officer had left.",
        ("stream", "breach"),
    ),
    "undecided_rate": Measure(
        "Finalised without a decision",
        FRACTION,
        ("allegation",),
        (RECEIVED_COHORT,),
        "Of finalised allegations, the share with no decision recorded: what the other three rates leave of 1.",
        ("stream", "breach"),
    ),
    "share_of_subjects_with_case_to_answer": Measure(
        "Subjects with a case to answer",
        FRACTION,
        ("subject",),
        (RECEIVED_COHORT,),
        "Of subjects in finalised cases, the share of whom at least one allegation had a case to answer for "
        "misconduct or gross misconduct. Per allegation it is the case to answer rate.",
        ("stream", "employment"),
    ),
    "misconduct_meetings": Measure(
        "Misconduct meetings",
        "subjects",
        ("subject",),
        (IN_PERIOD,),
        "Officers whose misconduct meeting was held in the period.",
        ("stream",),
    ),
    "gross_misconduct_hearings": Measure(
        "Gross misconduct hearings",
        "subjects",
        ("subject",),
        (IN_PERIOD,),
        "Officers whose misconduct hearing, not accelerated, was held in the period; three at one hearing are three.",
        ("stream",),
    ),
    "accelerated_hearings": Measure(
        "Accelerated hearings",
        "subjects",
        ("subject",),
        (IN_PERIOD,),
        "Officers whose accelerated hearing was held in the period.",
        ("stream",),
    ),
    "proved_rate": Measure(
        "Breach proved",
        FRACTION,
        ("subject",),
        (IN_PERIOD,),
        "Of officers heard in the period in internal cases, the share of whom any breach was proved, as it stood after any appeal.",
        ("route",),
    ),
    "referred_to_hearing": Measure(
        "Referred to a hearing",
        "subjects",
        ("subject",),
        (IN_PERIOD,),
        "Subjects referred in the period to a hearing or an accelerated one, by the route they were on last.",
        ("stream",),
    ),
    "dismissals": Measure(
        "Dismissals",
        "subjects",
        ("subject",),
        (IN_PERIOD,),
        "Officers and staff dismissed for misconduct, with notice or without, by any route, on the day they were "
        "heard; not those discharged, not those who would have been dismissed, and not those an appeal reinstated. "
        f"{_OWN_MATTERS}",
        ("stream", "employment"),
    ),
    "would_have_been_dismissed": Measure(
        "Would have been dismissed",
        "subjects",
        ("subject",),
        (IN_PERIOD,),
        "Former officers and staff of whom it was found in the period that they would have been dismissed "
        f"had they still served. {_OWN_MATTERS}",
        ("stream", "employment"),
    ),
    "removals": Measure(
        "Removals",
        "subjects",
        ("subject",),
        (IN_PERIOD,),
        "Dismissed with notice or without, would have been dismissed, discharged (regulation 13), removed because "
        "vetting was withdrawn, or dismissed for incompetence in the period, by the day heard or, without a hearing, "
        f"the day it ended. Leaving while under investigation is counted apart. {_OWN_MATTERS}",
        ("stream", "employment"),
    ),
    "dismissal_rate_per_subject": Measure(
        "Dismissals per subject",
        FRACTION,
        ("subject",),
        (RECEIVED_COHORT,),
        "Of subjects in finalised cases, the share dismissed.",
        ("stream", "employment"),
    ),
    "subjects_finalised": Measure(
        "Subjects in finalised cases",
        "subjects",
        ("subject",),
        (RECEIVED_COHORT,),
        "The number that dismissals per subject are a share of.",
        ("stream", "employment"),
    ),
    "dismissal_rate_per_gross_case_to_answer": Measure(
        "Dismissals per case to answer for gross misconduct",
        FRACTION,
        ("subject",),
        (RECEIVED_COHORT,),
        "Of subjects in finalised cases with a case to answer for gross misconduct, the share dismissed; "
        "those who left count as not dismissed.",
        ("stream", "employment"),
    ),
    "gross_cases_to_answer": Measure(
        "Subjects with a case to answer for gross misconduct",
        "subjects",
        ("subject",),
        (RECEIVED_COHORT,),
        "Subjects in finalised cases with a case to answer for gross misconduct: the number that dismissals per such "
        "case are a share of.",
        ("stream", "employment"),
    ),
    "dismissal_rate_per_hearing": Measure(
        "Dismissals per hearing",
        FRACTION,
        ("subject",),
        (IN_PERIOD,),
        "Of those who still served when heard in the period, at a hearing or an accelerated one, the "
        "share dismissed. A panel cannot dismiss whoever has left. By chair, ordinary hearings only: accelerated "
        "ones are chosen because the papers suffice.",
        ("stream", "chair"),
    ),
    "subjects_heard": Measure(
        "Subjects heard who still served",
        "subjects",
        ("subject",),
        (IN_PERIOD,),
        "Those who still served when heard in the period, at a hearing or an accelerated one: the number that "
        "dismissals per hearing are a share of.",
        ("stream", "chair"),
    ),
    "dismissal_rate_by_case_order": Measure(
        "Dismissals by which case of a person it was",
        FRACTION,
        ("subject",),
        (RECEIVED_COHORT,),
        "Of subjects in finalised internal cases received in the window, by whether the case was the person's first, "
        "second, third to fifth or later one received in the window, the share dismissed in it. A hazard among those "
        "still there to be reported again, not a share of all people: whoever is dismissed in a first case has no second.",
        ("order",),
    ),
    "regulation_13_dismissal_rate": Measure(
        "Discharges per regulation 13 case",
        FRACTION,
        ("subject",),
        (IN_PERIOD,),
        "Of probationers' regulation 13 matters that ended in the period, the share that ended in discharge. "
        f"{_OWN_MATTERS}",
        ("stream",),
    ),
    "exits_while_under_investigation": Measure(
        "Left while under investigation",
        "people",
        ("person",),
        (IN_PERIOD,),
        "Different people who resigned, retired or took severance in the period, after a case against them was "
        f"received and before their part of it ended. {_OWN_MATTERS}",
        ("stream", "employment", "exit", "route"),
    ),
    "exits": Measure(
        "Exits, by way out",
        "subjects",
        ("subject",),
        (IN_PERIOD,),
        "Subjects by how their service ended: removed, by the day heard or, without a hearing, the day it ended; left "
        "(resigned, retired, severance) between the receipt of the case and the end of their part of it, by the day "
        "they left. staff_procedure: staff dismissed by their employer's own procedure, who are not among dismissed. "
        "There is no sum over all: those who would have been dismissed had left before and are also counted there, and "
        "somebody who leaves under two cases is two subjects. The removals add up to the measure removals; those who "
        f"left are counted once each in exits while under investigation. {_OWN_MATTERS}",
        ("exit",),
    ),
    "added_to_barred_list": Measure(
        "Added to the barred list",
        "people",
        ("person",),
        (IN_PERIOD,),
        "People who are barred, every stream, by the day of the removal that put them on the list; only while "
        "law.barred_list is in force, so not those on the earlier disapproved register.",
    ),
    "share_of_people_in_more_than_one_case": Measure(
        "Share of people named in more than one case",
        FRACTION,
        ("person",),
        (RECEIVED_IN_PERIOD,),
        "Of people named in internal cases received in the window, the share named in two or more. About "
        "being reported, not about conduct.",
    ),
    "people_with_1_case": Measure(
        "People named in one case",
        "people",
        ("person",),
        (RECEIVED_IN_PERIOD,),
        "People named in exactly one internal case received in the window.",
    ),
    "people_with_2_cases": Measure(
        "People named in two cases",
        "people",
        ("person",),
        (RECEIVED_IN_PERIOD,),
        "People named in exactly two internal cases received in the window.",
    ),
    "people_with_3_to_5_cases": Measure(
        "People named in three to five cases",
        "people",
        ("person",),
        (RECEIVED_IN_PERIOD,),
        "People named in three, four or five internal cases received in the window.",
    ),
    "people_with_6_or_more_cases": Measure(
        "People named in six or more cases",
        "people",
        ("person",),
        (RECEIVED_IN_PERIOD,),
        "People named in six or more internal cases received in the window.",
    ),
    "most_cases_of_one_person": Measure(
        "Most cases that name one person",
        "cases",
        ("person",),
        (RECEIVED_IN_PERIOD,),
        "The largest number of internal cases received in the window that name the same person.",
    ),
    "dismissal_rate_per_person": Measure(
        "Dismissals per person",
        FRACTION,
        ("person",),
        (RECEIVED_IN_PERIOD,),
        "Of people named in internal cases received in the window, the share dismissed in one of them by "
        "the extract date.",
    ),
    "dismissal_rate_of_people_in_more_than_one_case": Measure(
        "Dismissals per person named in more than one case",
        FRACTION,
        ("person",),
        (RECEIVED_IN_PERIOD,),
        "Of people named in two or more internal cases received in the window, the share dismissed in one "
        "of them by the extract date.",
    ),
    "dismissal_rate_of_people_in_three_or_more_cases": Measure(
        "Dismissals per person named in three or more cases",
        FRACTION,
        ("person",),
        (RECEIVED_IN_PERIOD,),
        "Of people named in three or more internal cases received in the window, the share dismissed in one "
        "of them by the extract date.",
    ),
    "status_of_people_in_three_or_more_cases": Measure(
        "Status of people named in three or more cases",
        FRACTION,
        ("person",),
        (RECEIVED_IN_PERIOD,),
        "Of people named in three or more internal cases received in the window, the shares that had been removed, had left "
        "otherwise (with a case open or not) and still served at the extract date.",
        ("status",),
    ),
    "relative_rate_of_allegation": Measure(
        "Recorded allegations per person-year, relative to white or to male",
        "ratio",
        ("allegation",),
        (RECEIVED_IN_PERIOD,),
        "Internal allegations received in the period per person-year in the force, over the same for white, or for "
        "male, officers and staff. About what is recorded, not about conduct.",
        ("ethnicity", "sex"),
    ),
    "relative_rate_of_regulation_13": Measure(
        "Regulation 13 matters per person-year, relative to white",
        "ratio",
        ("subject",),
        (RECEIVED_IN_PERIOD,),
        "Subjects of recorded cases of the stream probation received in the period per person-year in the force, "
        "probation or not, over the same for white officers and staff. About what is recorded, not about conduct.",
        ("ethnicity",),
    ),
    "awaiting_hearing": Measure(
        "Awaiting a hearing",
        "subjects",
        ("subject",),
        (AT_PERIOD_END,),
        "Subjects referred to a hearing or an accelerated one by the end of the day and neither heard nor "
        "otherwise ended. former=yes: those of the internal ones who had left by then.",
        ("stream", "former"),
    ),
    "clock_met_rate": Measure(
        "Limits kept",
        FRACTION,
        EVERY_ROW,
        (IN_PERIOD,),
        "Of the limits that fell due in the period, internal cases, the share kept: done by the day due. The day a "
        "clock starts is not counted, working days are those of the office calendar, and the length is that of the law "
        "at the date it attaches to. Not done by the extract date is not kept. Not counted: what was not due by then, "
        "where no limit was in force, and where the matter was over by the day due without it.",
        ("clock",),
    ),
    "clocks_due": Measure(
        "Limits that fell due",
        "limits",
        EVERY_ROW,
        (IN_PERIOD,),
        "The number that the share of limits kept is of.",
        ("clock",),
    ),
    "officer_days_suspended": Measure(
        "Officer-days suspended",
        "days",
        ("person",),
        (IN_PERIOD,),
        _STATUS_DAYS.format("suspended"),
        ("employment", "command"),
    ),
    "officer_days_restricted": Measure(
        "Officer-days on restricted duty",
        "days",
        ("person",),
        (IN_PERIOD,),
        _STATUS_DAYS.format("on restricted duty"),
        ("employment", "command"),
    ),
    "people_suspended": Measure(
        "People suspended",
        "people",
        ("person",),
        (AT_PERIOD_END,),
        "People suspended at the end of the day, for whichever of their cases, every stream. Needs events.",
        ("employment", "command"),
    ),
    "people_restricted": Measure(
        "People on restricted duty",
        "people",
        ("person",),
        (AT_PERIOD_END,),
        "People on restricted duty at the end of the day, for whichever of their cases, every stream. Needs events.",
        ("employment", "command"),
    ),
    "suspension_reviews": Measure(
        "Reviews of suspensions and restrictions",
        "subjects",
        ("subject",),
        (IN_PERIOD,),
        "Reviews held in the period of whether somebody stays suspended or on restricted duty, every stream; whoever is "
        "reviewed twice counts twice. A status that ends sooner, by another event, is not reviewed. Needs events.",
        ("duty",),
    ),
    "unallocated_cases": Measure(
        "Unallocated cases",
        "cases",
        ("case",),
        (AT_PERIOD_END,),
        "Cases of every stream waiting for a slot of a team at the end of the day. Needs events.",
        ("team", "stream"),
    ),
    "cases_waiting_for_attention": Measure(
        "Cases waiting for attention",
        "cases",
        ("case",),
        (AT_PERIOD_END,),
        "Cases of every stream whose main part waits for a bout of a team's work at the end of the day. At midnight nobody "
        "works, so some wait even where a team is idle: read whether it grows. Needs events.",
        ("team",),
    ),
    "mean_days_waiting_for_a_slot": Measure(
        "Mean days waiting for a slot",
        "days",
        ("allocation",),
        (IN_PERIOD,),
        "Days from joining a team's queue to being allocated, over the allocations of the period, every "
        "stream; a case handed over waits again. Needs events.",
        ("team", "stream"),
    ),
    "live_cases": Measure(
        "Live cases",
        "cases",
        ("case",),
        (IN_PERIOD,),
        "Mean number of cases that hold a slot of the team, every stream.",
        ("team",),
    ),
    "caseload_per_investigator": Measure(
        "Caseload per investigator",
        "cases per post",
        ("case",),
        (IN_PERIOD,),
        "Time slots were held over time posts existed: mean cases held by a post of the team, every stream.",
        ("team",),
    ),
    "slot_utilisation": Measure(
        "Share of slots in use",
        FRACTION,
        ("slot",),
        (IN_PERIOD,),
        "Time slots were held over time slots existed, every stream.",
        ("team",),
    ),
    "utilisation": Measure(
        "Share of attention in use",
        FRACTION,
        ("post",),
        (IN_PERIOD,),
        "Minutes spent in bouts of work over minutes the team's posts were open for work, every stream.",
        ("team",),
    ),
    "attention_hours": Measure(
        "Hours of attention",
        "hours",
        ("post",),
        (IN_PERIOD,),
        "Working hours the team's posts spent in bouts of work, every stream.",
        ("team",),
    ),
    "post_days": Measure(
        "Officer-days of posts",
        "days",
        ("post",),
        (IN_PERIOD,),
        "Whole posts of the team times the days each existed. Of a reform that adds posts, the difference from the base is what "
        "the units that give them up go without, in officer-days.",
        ("team",),
    ),
    **{f"days_in_{kind.name.lower()}": _day_kind(kind) for kind in TimeIs},
    "mean_days_by_owner": Measure(
        "Mean days by who had the case",
        "days",
        ("allegation",),
        (RECEIVED_COHORT,),
        "Mean over finalised allegations of the midnights of their case that the ledger gives to this owner, of whatever kind; "
        "over all owners they add up to the mean days to finalise. Needs events.",
        ("owner",),
    ),
    "cost": Measure(
        "Cost",
        "GBP",
        ("pound",),
        (IN_PERIOD,),
        "Posts, sitting days and officers away in the period, every stream, each times its unit cost: pounds of 2024-25, whatever the "
        "year, not discounted. Items, payers and kinds each add up to the whole. Cashable: paid because of it. Opportunity: time or pay "
        "that is there anyway and is lost to other work. Pay during suspension is an item of its own, always a cost and never taken off "
        "another. Not counted: time of officers under investigation, of witnesses and of defence counsel, recruiting, training, and days of "
        "reading before a hearing. Nearly all unit costs are assumed. Needs events.",
        ("item", "payer", "kind"),
    ),
    "discounted_cost": Measure(
        "Cost, discounted",
        "GBP",
        ("pound",),
        (IN_PERIOD,),
        "The same cost over the window, that of each financial year after the first divided by 1 and the rate (costs.discount_rate) for "
        "every year in between. It stands beside the undiscounted one.",
    ),
    "cost_per_finalised_case": Measure(
        "Cost for each case finalised",
        "GBP per case",
        ("case",),
        (IN_PERIOD,),
        "The cost of the period over the cases of every stream finalised in it, whenever they were received and whatever was spent on "
        "them before: it falls when old cases are closed and rises when they are left.",
    ),
    "cases_finalised_in_every_stream": Measure(
        "Cases finalised, every stream",
        "cases",
        ("case",),
        (IN_PERIOD,),
        "Cases of every stream finalised in the period: the number that the cost for each case is of.",
    ),
}
"""Name -> what it means, in the order of tables."""

"""What was decided? Cases to answer, hearings, dismissals and other ends. Reported, never a goal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from sim.measures.cohort import (
    IN_PERIOD,
    INTERNAL,
    NEVER,
    RECEIVED_COHORT,
    Figure,
    View,
    distinct,
    share,
)
from sim.measures.periods import Bools, Ints
from sim.measures.stocks import HEARING_ROUTES

DECISIONS = {
    "case_to_answer_rate": "case_to_answer",
    "no_case_to_answer_rate": "no_case_to_answer",
    "other_end_rate": "other_end",
    "undecided_rate": "open",
}
"""Measure -> level of ``allegation.decision``. There are four, so that the four rates add up to 1."""

HEARD = {
    "misconduct_meetings": "meeting",
    "gross_misconduct_hearings": "hearing",
    "accelerated_hearings": "accelerated_hearing",
}
"""Measure -> level of ``subject.route``."""

OUTCOMES = {
    "dismissals": ("dismissed",),
    "would_have_been_dismissed": ("would_have_been_dismissed",),
    "removals": ("dismissed", "would_have_been_dismissed", "discharged"),
}
"""Measure -> levels of ``subject.outcome``."""


def figures(view: View) -> Iterator[Figure]:
    """Each part needs the attributes and levels it reads."""
    if view.has("case.finalised_on", *(f"allegation.decision={level}" for level in DECISIONS.values())):
        yield from _decisions(view)
    if view.has("subject.heard_on", "person.employment=officer", *_needed("subject.route", HEARD.values())):
        yield from _heard(view)
    if can_tell_dismissal(view) and view.has(*_needed("subject.outcome", OUTCOMES["removals"])):
        yield from _outcomes(view)
        yield from _dismissal_rates(view)
        yield from _regulation_13(view)
    if view.has("person.gone=left", "person.gone_on", "subject.ended_on"):
        yield from _exits(view)


def _needed(name: str, levels: Iterable[str]) -> list[str]:
    return [f"{name}={level}" for level in levels]


def can_tell_dismissal(view: View) -> bool:
    """Whether the pathway says who was dismissed, and when."""
    return view.has("subject.outcome=dismissed", "subject.ended_on", "case.finalised_on")


def decided_on(view: View) -> Ints:
    """The day of each subject's outcome: when heard, or when the matter ended if nobody was heard.

    An appeal moves no date, and what it undid does not count: a record holds the last outcome only.
    """
    ended = view.date("subject.ended_on")
    return np.minimum(view.date("subject.heard_on"), ended) if view.has("subject.heard_on") else ended


def decided_as(view: View, *outcomes: str) -> Bools:
    """Subjects with one of these outcomes by the extract date."""
    known: Bools = decided_on(view) != NEVER
    return view.at_level("subject.outcome", *outcomes) & known


def dismissed(view: View) -> Bools:
    """Subjects who were dismissed; those who would have been, had they not left, were not."""
    return decided_as(view, *OUTCOMES["dismissals"])


def _subject_groups(view: View) -> Iterator[tuple[str, Bools]]:
    """Label and subjects: of all internal cases, of the public ones, and of internal cases by employment."""
    case = view.case_of("subject")
    yield from ((label, cases[case]) for label, cases in view.streams)
    if view.has("person.employment"):
        person = view.column("subject.person")
        for employment, people in view.by_level("person.employment"):
            yield f"employment={employment}", view.stream(INTERNAL)[case] & people[person]


def _decisions(view: View) -> Iterator[Figure]:
    case = view.case_of("allegation")
    groups = {label: cases[case] for label, cases in view.streams}
    if view.has("allegation.breach"):
        for breach, rows in view.by_level("allegation.breach"):
            groups[f"breach={breach}"] = groups[""] & rows
    for period in view.periods:
        finalised = view.on_basis(RECEIVED_COHORT, period)[case]
        for measure, level in DECISIONS.items():
            decided = view.at_level("allegation.decision", level)
            for group, rows in groups.items():
                value = share(decided, finalised & rows)
                yield Figure(measure, "allegation", RECEIVED_COHORT, group, period.label, value)


def _heard(view: View) -> Iterator[Figure]:
    """Officers heard; three officers at one hearing are three."""
    case = view.case_of("subject")
    recorded = view.received[case] != NEVER
    officer = view.at_level("person.employment", "officer")[view.column("subject.person")]
    heard_on = view.date("subject.heard_on")
    for measure, route in HEARD.items():
        heard = view.at_level("subject.route", route) & officer & recorded
        for period in view.periods:
            inside = heard & period.holds(heard_on)
            for group, cases in view.streams:
                number = float(np.count_nonzero(inside & cases[case]))
                yield Figure(measure, "subject", IN_PERIOD, group, period.label, number)


def _outcomes(view: View) -> Iterator[Figure]:
    when = decided_on(view)
    recorded = view.received[view.case_of("subject")] != NEVER
    for measure, outcomes in OUTCOMES.items():
        decided = decided_as(view, *outcomes) & recorded
        for group, rows in _subject_groups(view):
            for period in view.periods:
                number = float(np.count_nonzero(decided & rows & period.holds(when)))
                yield Figure(measure, "subject", IN_PERIOD, group, period.label, number)


def _dismissal_rates(view: View) -> Iterator[Figure]:
    case = view.case_of("subject")
    out = dismissed(view)
    groups = dict(_subject_groups(view))
    of_what = {"dismissal_rate_per_subject": np.ones(len(case), bool)}
    if view.has("subject.case_to_answer=gross"):
        of_what["dismissal_rate_per_gross_case_to_answer"] = view.at_level("subject.case_to_answer", "gross")
    for period in view.periods:
        finalised = view.on_basis(RECEIVED_COHORT, period)[case]
        for measure, whole in of_what.items():
            for group, rows in groups.items():
                value = share(out, whole & finalised & rows)
                yield Figure(measure, "subject", RECEIVED_COHORT, group, period.label, value)
    if view.has("subject.former=no", "subject.heard_on", *_needed("subject.route", HEARING_ROUTES)):
        yield from _per_hearing(view, out, groups)


def _per_hearing(view: View, out: Bools, groups: dict[str, Bools]) -> Iterator[Figure]:
    """Of those who still served: a panel cannot dismiss whoever has left."""
    heard_on = view.date("subject.heard_on")
    recorded = view.received[view.case_of("subject")] != NEVER
    heard = view.at_level("subject.route", *HEARING_ROUTES) & recorded & view.at_level("subject.former", "no")
    groups = {label: rows for label, rows in groups.items() if not label.startswith("employment=")}
    if view.has("subject.chair=none"):
        # An accelerated hearing is chosen because the papers suffice: counted under its chair, it would look like an effect of chairs.
        ordinary = groups[""] & view.at_level("subject.route", "hearing")
        for chair, rows in view.by_level("subject.chair"):
            if chair != "none":
                groups[f"chair={chair}"] = ordinary & rows
    for group, rows in groups.items():
        for period in view.periods:
            value = share(out, heard & rows & period.holds(heard_on))
            yield Figure("dismissal_rate_per_hearing", "subject", IN_PERIOD, group, period.label, value)


def _regulation_13(view: View) -> Iterator[Figure]:
    if not view.has("subject.route=regulation_13"):
        return
    case = view.case_of("subject")
    mine = view.at_level("subject.route", "regulation_13") & (view.received[case] != NEVER)
    discharged, when = decided_as(view, "discharged"), decided_on(view)
    for period in view.periods:
        for group, cases in view.streams:
            value = share(discharged, mine & cases[case] & period.holds(when))
            yield Figure("regulation_13_dismissal_rate", "subject", IN_PERIOD, group, period.label, value)


def _exits(view: View) -> Iterator[Figure]:
    """People who resigned or retired between the receipt of a case and the end of their part of it."""
    case, person = view.case_of("subject"), view.column("subject.person")
    left_on = np.where(view.at_level("person.gone", "left"), view.date("person.gone_on"), NEVER)[person]
    during = (view.received[case] <= left_on) & (left_on <= view.date("subject.ended_on")) & (left_on != NEVER)
    for group, rows in _subject_groups(view):
        for period in view.periods:
            people = distinct(person[during & rows & period.holds(left_on)])
            yield Figure(
                "exits_while_under_investigation",
                "person",
                IN_PERIOD,
                group,
                period.label,
                float(len(people)),
            )

"""Who is reported, and how often? Counts of people in the cases of the window; nothing about any one of them.

Recurrence is in *being reported*. Ethnicity is read in one place, the relative rate of recorded allegations,
where evidence identifies a difference (Casey: a person-year's allegations against those of white officers and
staff).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.measures.cohort import INTERNAL, RECEIVED_IN_PERIOD, Figure, View, distinct, ratio, share
from sim.measures.decisions import can_tell_dismissal, dismissed
from sim.measures.periods import Floats, financial_years_from_the_start, share_inside

BANDS = {
    "people_with_1_case": (1, 1),
    "people_with_2_cases": (2, 2),
    "people_with_3_to_5_cases": (3, 5),
    "people_with_6_or_more_cases": (6, None),
}
"""Measure -> fewest and most cases (Casey's bands)."""

PERSON_DAYS = "person_days.ethnicity"
REFERENCE = "white"
"""The level that others are compared with."""


def figures(view: View) -> Iterator[Figure]:
    """Counts need nothing; dismissal rates ``subject.outcome``; the relative rate ``person.ethnicity`` and
    its exposure."""
    yield from _recurrence(view)
    if view.has(f"person.ethnicity={REFERENCE}") and PERSON_DAYS in view.record.exposure:
        yield from _relative_rate(view)


def _recurrence(view: View) -> Iterator[Figure]:
    case, person = view.case_of("subject"), view.column("subject.person")
    counted = (view.on_basis(RECEIVED_IN_PERIOD, view.window) & view.stream(INTERNAL))[case]
    size = int(person.max(initial=-1)) + 1
    cases = np.bincount(distinct(case[counted] * size + person[counted]) % max(size, 1), minlength=size)
    named, more_than_one = cases > 0, cases > 1
    values: dict[str, float] = {
        "share_of_people_in_more_than_one_case": share(more_than_one, named),
        "most_cases_of_one_person": float(cases.max(initial=0)),
    }
    for measure, (fewest, most) in BANDS.items():
        at_most = cases <= (most or cases.max(initial=0))
        values[measure] = float(np.count_nonzero((cases >= fewest) & at_most))
    if can_tell_dismissal(view):
        out = np.zeros(size, bool)
        out[person[counted & dismissed(view)]] = True
        values["dismissal_rate_per_person"] = share(out, named)
        values["dismissal_rate_of_people_in_more_than_one_case"] = share(out, more_than_one)
    for measure, value in values.items():
        yield Figure(measure, "person", RECEIVED_IN_PERIOD, "", view.window.label, value)


def _relative_rate(view: View) -> Iterator[Figure]:
    """Allegations received per person-day at each level, over those at the reference level."""
    levels = view.levels("person.ethnicity")
    days: Floats = view.record.exposure[PERSON_DAYS]
    starts, ends = financial_years_from_the_start(view.plan, len(days), view.record.ended_at)
    subject = view.column("allegation.subject")
    level = view.column("person.ethnicity")[view.column("subject.person")[subject]]
    internal = view.stream(INTERNAL)
    reference = levels.index(REFERENCE)
    for period in view.periods:
        received = (view.on_basis(RECEIVED_IN_PERIOD, period) & internal)[view.case_of("allegation")]
        number = np.bincount(level[received], minlength=len(levels))
        at_risk = share_inside(starts, ends, period) @ days
        rates = [ratio(n, d) for n, d in zip(number, at_risk, strict=True)]
        for name, rate in zip(levels, rates, strict=True):
            if name != REFERENCE:
                yield Figure(
                    "relative_rate_of_allegation",
                    "allegation",
                    RECEIVED_IN_PERIOD,
                    f"ethnicity={name}",
                    period.label,
                    ratio(rate, rates[reference]),
                )

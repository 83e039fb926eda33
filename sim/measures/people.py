"""Who is reported, and how often? Counts of people in the cases of the window; nothing about any one of them.

Recurrence is in *being reported*. Ethnicity is read in one place, the relative rate of recorded allegations,
where evidence identifies a difference (Casey: a person-year's allegations against those of white officers and
staff).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.compile import compiled
from sim.measures.cohort import RECEIVED_IN_PERIOD, View
from sim.measures.counting import run
from sim.measures.decisions import can_tell_dismissal, dismissed
from sim.measures.figures import Figures, by_period, ratio
from sim.measures.groups import ALL, by_stream
from sim.measures.lens import Lens
from sim.measures.periods import Floats, Ints, financial_year_edges, shares_inside
from sim.measures.rows import Rows, rows_of

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


def figures(lens: Lens) -> Iterator[Figures]:
    """Counts need nothing; dismissal rates ``subject.outcome``; the relative rate ``person.ethnicity`` and
    its exposure."""
    line = by_period(RECEIVED_IN_PERIOD, [ALL], [lens.window.label])
    measures = ("share_of_people_in_more_than_one_case", "most_cases_of_one_person", *BANDS)
    yield Figures(measures, "person", line, _recurrence)
    if can_tell_dismissal(lens):
        measures = ("dismissal_rate_per_person", "dismissal_rate_of_people_in_more_than_one_case")
        yield Figures(measures, "person", line, _dismissal_rates)
    if lens.has(f"person.ethnicity={REFERENCE}"):
        yield _relative_rate(lens)


def _recurrence(view: View) -> Floats:
    people = np.bincount(_cases_of_people(view), minlength=1)
    bands = [people[fewest : most and most + 1].sum() for fewest, most in BANDS.values()]
    return np.asarray([ratio(people[2:].sum(), people[1:].sum()), len(people) - 1, *bands])


def _dismissal_rates(view: View) -> Floats:
    """Of people named, and of people named more than once, those dismissed in one of the cases."""
    cases, named = _cases_of_people(view), _in_window(view)
    out = np.zeros(len(cases), dtype=bool)
    out[named.person[dismissed(named)]] = True
    people, dismissed_people = np.bincount(cases), np.bincount(cases[out], minlength=len(cases))
    return np.stack([ratio(dismissed_people[fewest:].sum(), people[fewest:].sum()) for fewest in (1, 2)])


def _in_window(view: View) -> Rows:
    """Subjects of internal cases received in the window."""

    def find() -> Rows:
        rows = rows_of(view, "subject")
        return rows.where(rows.of_case(view.in_window))

    return view.once(_in_window, find)


def _cases_of_people(view: View) -> Ints:
    """How many internal cases received in the window name each person."""

    def count() -> Ints:
        named = _in_window(view)
        cases = np.zeros(len(view.column("person.seat")), dtype=np.int64)
        run(tally_cases, cases, np.full_like(cases, -1), named.case, named.person)
        return cases

    return view.once(_cases_of_people, count)


@compiled
def tally_cases(cases: Ints, last: Ints, case: Ints, person: Ints) -> None:
    """Add each case to `cases` of everybody it names, once for whoever it names twice.

    Rows ascend by case; `last` is the case each person was last seen in, at first -1.
    """
    for row in range(len(case)):
        who, where = person[row], case[row]
        if last[who] != where:
            last[who] = where
            cases[who] += 1


def _relative_rate(lens: Lens) -> Figures:
    """Allegations received per person-day at each level, over those at the reference level."""
    levels = lens.levels("person.ethnicity")
    groups = by_stream(lens, "allegation")
    reference = levels.index(REFERENCE)

    def values(view: View) -> Floats:
        rows = rows_of(view, "allegation")
        number = groups.count(rows, rows.received_in, rows.attribute("person.ethnicity"), len(levels))[:, 0]
        days: Floats = view.record.exposure[PERSON_DAYS]
        edges = financial_year_edges(lens.plan.starts_on, len(days))
        at_risk = [shares @ days for shares in shares_inside(edges, view.record.ended_at, lens.periods)]
        rate = ratio(number, np.stack(at_risk, axis=1))
        return np.delete(ratio(rate, rate[reference]), reference, axis=0).T

    labels = [f"ethnicity={level}" for level in levels if level != REFERENCE]
    lines = by_period(RECEIVED_IN_PERIOD, labels, lens.labels)
    measures = ("relative_rate_of_allegation",)
    return Figures(measures, "allegation", lines, values, lambda record: PERSON_DAYS in record.exposure)

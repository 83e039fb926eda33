"""Who is reported, and how often? Counts of people in the cases of the window; nothing about any one of them.

Recurrence is in *being reported*. Ethnicity and sex are read in one place, the relative rates of what is recorded per person-year,
where evidence identifies a difference (Casey: allegations and regulation 13 matters against those of white officers and staff).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.compile import compiled
from sim.measures.cohort import RECEIVED_COHORT, RECEIVED_IN_PERIOD, View
from sim.measures.counting import run
from sim.measures.decisions import can_tell_dismissal, dismissed
from sim.measures.figures import Figures, by_period, ratio
from sim.measures.groups import ALL
from sim.measures.lens import INTERNAL, PROBATION, Lens
from sim.measures.periods import Floats, Ints, financial_year_edges, shares_inside
from sim.measures.rows import Rows, rows_in, rows_of
from sim.plan import UNSET

BANDS = {
    "people_with_1_case": (1, 1),
    "people_with_2_cases": (2, 2),
    "people_with_3_to_5_cases": (3, 5),
    "people_with_6_or_more_cases": (6, None),
}
"""Measure -> fewest and most cases (Casey's bands)."""

REPEATED = {"more_than_one_case": 2, "three_or_more_cases": 3}
"""How a measure says it -> the fewest cases."""

STATUSES = ("removed", "left", "serving")
"""What became of people by the extract date."""

ORDERS = {"1": (1, 1), "2": (2, 2), "3_to_5": (3, 5), "6_or_more": (6, None)}
"""Which of a person's cases it was: first and last of a band."""

REFERENCES = {"ethnicity": "white", "sex": "male"}
"""Attribute of people -> the level that others are compared with."""


def figures(lens: Lens) -> Iterator[Figures]:
    """Counts need nothing; dismissal rates ``subject.outcome``; relative rates their attribute and its exposure."""
    line = by_period(RECEIVED_IN_PERIOD, [ALL], [lens.window.label])
    measures = ("share_of_people_in_more_than_one_case", "most_cases_of_one_person", *BANDS)
    yield Figures(measures, "person", line, _recurrence)
    if can_tell_dismissal(lens):
        measures = ("dismissal_rate_per_person", *(f"dismissal_rate_of_people_in_{words}" for words in REPEATED))
        yield Figures(measures, "person", line, _dismissal_rates)
        if lens.has("person.gone=no", "person.gone=dismissed", "person.gone_on", "person.leaves_on"):
            lines = by_period(RECEIVED_IN_PERIOD, [f"status={status}" for status in STATUSES], [lens.window.label])
            yield Figures(("status_of_people_in_three_or_more_cases",), "person", lines, _statuses)
        lines = by_period(RECEIVED_COHORT, [f"order={order}" for order in ORDERS], [lens.window.label])
        yield Figures(("dismissal_rate_by_case_order",), "subject", lines, _dismissal_rates_by_order)
    for name, reference in REFERENCES.items():
        if lens.has(f"person.{name}={reference}"):
            yield _relative_rate(lens, "relative_rate_of_allegation", "allegation", name)
    if PROBATION in lens.streams and lens.has(f"person.ethnicity={REFERENCES['ethnicity']}"):
        yield _relative_rate(lens, "relative_rate_of_regulation_13", "subject", "ethnicity", PROBATION)


def _recurrence(view: View) -> Floats:
    people = np.bincount(_cases_of_people(view), minlength=1)
    bands = [people[fewest : most and most + 1].sum() for fewest, most in BANDS.values()]
    return np.asarray([ratio(people[2:].sum(), people[1:].sum()), len(people) - 1, *bands])


def _dismissal_rates(view: View) -> Floats:
    """Of people named, and of people named in so many cases or more, those dismissed in one of the cases."""
    cases, named = _cases_of_people(view), _in_window(view)
    out = np.zeros(len(cases), dtype=bool)
    out[named.person[dismissed(named)]] = True
    people, dismissed_people = np.bincount(cases), np.bincount(cases[out], minlength=len(cases))
    return np.stack(
        [ratio(dismissed_people[fewest:].sum(), people[fewest:].sum()) for fewest in (1, *REPEATED.values())]
    )


def _statuses(view: View) -> Floats:
    """Of people named in three or more cases, those removed, those who left, and those who still served at the extract date."""
    lens, often = view.lens, np.flatnonzero(_cases_of_people(view) >= REPEATED["three_or_more_cases"])
    gone, gone_on = view.column("person.gone")[often], view.column("person.gone_on")[often]
    known = (gone_on != UNSET) & (gone_on < lens.extract)
    removed = known & (gone == lens.level("person.gone", "dismissed"))
    went = known & (gone != lens.level("person.gone", "no"))
    leaves_on = view.column("person.leaves_on")[often]
    serving = ~removed & ~went & ((leaves_on == UNSET) | (leaves_on >= lens.extract))
    return np.asarray(
        [part.sum() / max(len(often), 1) if len(often) else np.nan for part in (removed, ~removed & ~serving, serving)]
    )


def _dismissal_rates_by_order(view: View) -> Floats:
    """Of subjects in finalised cases, those dismissed, by how many cases of the window named the person up to and with this one."""
    named = _in_window(view)
    order = _cases_in_order(view)[1]
    closed = named.of_case(view.closed)
    everybody = np.bincount(order[closed], minlength=1)
    out = np.bincount(order[closed & dismissed(named)], minlength=len(everybody))
    bands = [slice(first, last and last + 1) for first, last in ORDERS.values()]
    return np.stack([ratio(out[band].sum(), everybody[band].sum()) for band in bands])


def _allegations(view: View) -> Ints:
    """How many allegations each subject has."""
    subjects = len(view.column("subject.case"))
    return view.once(_allegations, lambda: np.bincount(view.column("allegation.subject"), minlength=subjects))


def _in_window(view: View) -> Rows:
    """Subjects of internal cases received in the window."""

    def find() -> Rows:
        rows = rows_of(view, "subject")
        return rows.where(rows.of_case(view.in_window))

    return view.once(_in_window, find)


def _cases_of_people(view: View) -> Ints:
    """How many internal cases received in the window name each person."""
    return _cases_in_order(view)[0]


def _cases_in_order(view: View) -> tuple[Ints, Ints]:
    """How many internal cases received in the window name each person; and, for each subject of those, how many had by then."""

    def count() -> tuple[Ints, Ints]:
        named = _in_window(view)
        cases, order = np.zeros(len(view.column("person.seat")), dtype=np.int64), np.zeros_like(named.case)
        run(tally_cases, cases, order, np.full_like(cases, -1), named.case, named.person)
        return cases, order

    return view.once(_cases_in_order, count)


@compiled
def tally_cases(cases: Ints, order: Ints, last: Ints, case: Ints, person: Ints) -> None:
    """Add each case to `cases` of everybody it names, once for whoever it names twice, and write into `order` how many it makes.

    Rows ascend by case; `last` is the case each person was last seen in, at first -1.
    """
    for row in range(len(case)):
        who, where = person[row], case[row]
        if last[who] != where:
            last[who] = where
            cases[who] += 1
        order[row] = cases[who]


def _relative_rate(lens: Lens, measure: str, counted: str, name: str, stream: str = INTERNAL) -> Figures:
    """What was received, of one stream, per person-day at each level of an attribute of people, over that at the reference level."""
    attribute, exposure = f"person.{name}", f"person_days.{name}"
    levels, reference = lens.levels(attribute), lens.level(attribute, REFERENCES[name])

    def values(view: View) -> Floats:
        rows = rows_in(view, "subject", stream)
        place = rows.attribute(attribute) * len(lens.pieces) + rows.received_in
        weight = rows.pick(_allegations(view)) if counted == "allegation" else None
        shape = (len(levels), len(lens.pieces))
        number = lens.pieces.add_up(np.bincount(place, weight, np.prod(shape).item()).reshape(shape))
        days, ended_at = view.record.exposure[exposure], view.record.ended_at

        def inside() -> Floats:
            return shares_inside(financial_year_edges(lens.plan.starts_on, len(days)), ended_at, lens.periods)

        at_risk = [shares @ days for shares in lens.once((_relative_rate, len(days), ended_at), inside)]
        rate = ratio(number, np.stack(at_risk, axis=1))
        return np.delete(ratio(rate, rate[reference]), reference, axis=0).T

    labels = [f"{name}={level}" for level in levels if level != REFERENCES[name]]
    lines = by_period(RECEIVED_IN_PERIOD, labels, lens.labels)
    return Figures((measure,), counted, lines, values, lambda record: exposure in record.exposure)

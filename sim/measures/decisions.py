"""What was decided? Cases to answer, hearings, dismissals and other ends. Reported, never a goal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from sim.measures.cells import Cells
from sim.measures.cohort import IN_PERIOD, NEVER, RECEIVED_COHORT, View
from sim.measures.figures import Figures, by_group, by_period, ratio
from sim.measures.groups import Group, Groups, by_level, by_stream, streams, with_probation
from sim.measures.lens import Lens
from sim.measures.periods import Bools, Floats, Ints
from sim.measures.rows import Rows, rows_of
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

NOT_PROVED = ("not_proved", "no_action", "left")
"""Levels of ``subject.outcome`` of somebody heard of whom no breach was proved."""

PROVED_ROUTES = tuple(f"route={route}" for route in HEARD.values())
"""Groups of the measure of what was proved."""

OUTCOMES = {
    "dismissals": ("dismissed", "dismissed_with_notice"),
    "would_have_been_dismissed": ("would_have_been_dismissed",),
    "removals": (
        "dismissed",
        "dismissed_with_notice",
        "would_have_been_dismissed",
        "discharged",
        "vetting_removed",
        "incompetence",
    ),
}
"""Measure -> levels of ``subject.outcome``, those that the pathway has."""


def figures(lens: Lens) -> Iterator[Figures]:
    """Each part needs the attributes and levels it reads."""
    if lens.has("case.finalised_on", *(f"allegation.decision={level}" for level in DECISIONS.values())):
        yield _decisions(lens)
    if can_tell_heard(lens):
        yield _heard(lens)
        if lens.has(*_needed("subject.outcome", ("open", *NOT_PROVED))):
            yield _proved(lens)
    if lens.has("case.finalised_on", "allegation.decision=case_to_answer"):
        yield _subjects_with_a_case(lens)
    if can_tell_dismissal(lens):
        yield _outcomes(lens)
        yield from _dismissal_rates(lens)
        if lens.has("subject.former=no", "subject.heard_on", *_needed("subject.route", HEARING_ROUTES)):
            yield _per_hearing(lens)
        if lens.has("subject.route=regulation_13", "subject.outcome=discharged"):
            yield _regulation_13(lens)


def _needed(name: str, levels: Iterable[str]) -> list[str]:
    return [f"{name}={level}" for level in levels]


def can_tell_heard(lens: Lens) -> bool:
    """Whether the pathway says which officers were heard, where and when."""
    return lens.has("subject.heard_on", "person.employment=officer", *_needed("subject.route", HEARD.values()))


def can_tell_dismissal(lens: Lens) -> bool:
    """Whether the pathway says who was dismissed, and when."""
    return lens.has("subject.outcome=dismissed", "subject.ended_on", "case.finalised_on")


def by_employment(lens: Lens, *, probation: bool = False) -> Groups:
    """Subjects by stream and employment: the internal ones, or with them those of probationers' own matters."""
    cells = Cells(lens, "subject")
    mine = with_probation(cells) if probation else None
    return Groups(cells, [*streams(cells, mine), *by_level(cells, "employment", "person.employment", mine)])


def removed(view: View) -> Rows:
    """Subjects of recorded cases whose last outcome was a removal."""

    def find() -> Rows:
        rows = rows_of(view, "subject")
        levels = view.lens.among("subject.outcome", *OUTCOMES["removals"])
        found = rows.having("subject.outcome", *levels)
        return found.where(found.recorded)

    return view.once(removed, find)


def decided_on(subjects: Rows) -> Ints:
    """The day of each subject's outcome: when heard, or when the matter ended if nobody was heard.

    An appeal moves no date, and what it undid does not count: a record holds the last outcome only.
    """
    ended = subjects.date("subject.ended_on")
    heard = subjects.view.lens.has("subject.heard_on")
    return np.minimum(subjects.date("subject.heard_on"), ended) if heard else ended


def dismissed(subjects: Rows) -> Bools:
    """Whether each subject was dismissed by the extract date; those who would have been, had they not left, were not."""
    levels = subjects.view.lens.among("subject.outcome", *OUTCOMES["dismissals"])
    found = subjects.at_level("subject.outcome", *levels)
    found[found] = decided_on(subjects.where(found)) != NEVER
    return found


def _decisions(lens: Lens) -> Figures:
    cells = Cells(lens, "allegation")
    groups = Groups(cells, [*streams(cells), *by_level(cells, "breach", "allegation.breach")])
    levels = [lens.level("allegation.decision", level) for level in DECISIONS.values()]

    def values(view: View) -> Floats:
        rows, number = rows_of(view, "allegation"), len(lens.levels("allegation.decision"))
        counts = groups.count(rows, rows.cohort_in, rows.attribute("allegation.decision"), number)
        return ratio(counts[levels], counts.sum(axis=0)).swapaxes(1, 2)

    return Figures(tuple(DECISIONS), "allegation", by_period(RECEIVED_COHORT, groups.labels, lens.labels), values)


def _heard(lens: Lens) -> Figures:
    """Officers heard; three officers at one hearing are three."""
    groups = by_stream(lens, "subject")
    routes = [lens.level("subject.route", route) for route in HEARD.values()]

    def values(view: View) -> Floats:
        officers = heard_officers(view)
        heard_in = lens.pieces.of(officers.date("subject.heard_on"))
        number = len(lens.levels("subject.route"))
        return groups.count(officers, heard_in, officers.attribute("subject.route"), number)[routes].swapaxes(1, 2)

    return Figures(tuple(HEARD), "subject", by_period(IN_PERIOD, groups.labels, lens.labels), values)


def _heard_subjects(view: View) -> Rows:
    """Subjects of recorded cases who were heard, wherever."""

    def find() -> Rows:
        heard = (rows := rows_of(view, "subject")).where(rows.is_set("subject.heard_on"))
        return heard.where(heard.recorded)

    return view.once(_heard_subjects, find)


def heard_officers(view: View) -> Rows:
    """Officers of recorded cases who were heard, wherever."""

    def find() -> Rows:
        heard = _heard_subjects(view)
        return heard.having("person.employment", "officer")

    return view.once(heard_officers, find)


def _proved(lens: Lens) -> Figures:
    """Of officers heard, those of whom any breach was proved, by where they were heard."""
    cells = Cells(lens, "subject")
    routes = [route for route in by_level(cells, "route", "subject.route") if route.label in PROVED_ROUTES]
    groups = Groups(cells, routes)
    levels = lens.among("subject.outcome", "open", *NOT_PROVED)

    def values(view: View) -> Floats:
        officers = heard_officers(view)
        found = ~officers.at_level("subject.outcome", *levels)
        return groups.share(officers, lens.pieces.of(officers.date("subject.heard_on")), found).T

    return Figures(("proved_rate",), "subject", by_period(IN_PERIOD, groups.labels, lens.labels), values)


def _subjects_with_a_case(lens: Lens) -> Figures:
    """Of subjects in finalised cases, those of whom any allegation had a case to answer."""
    groups = by_employment(lens)

    def values(view: View) -> Floats:
        rows = rows_of(view, "subject")
        to_answer = np.zeros(len(rows.case), dtype=bool)
        with_a_case = view.column("allegation.decision") == lens.level("allegation.decision", "case_to_answer")
        to_answer[view.column("allegation.subject")[with_a_case]] = True
        return groups.share(rows, rows.cohort_in, to_answer).T

    lines = by_period(RECEIVED_COHORT, groups.labels, lens.labels)
    return Figures(("share_of_subjects_with_case_to_answer",), "subject", lines, values)


def _outcomes(lens: Lens) -> Figures:
    groups = by_employment(lens, probation=True)
    number = len(lens.levels("subject.outcome"))
    outcomes = {
        measure: [lens.level("subject.outcome", level) for level in lens.among("subject.outcome", *levels)]
        for measure, levels in OUTCOMES.items()
    }
    outcomes = {measure: levels for measure, levels in outcomes.items() if levels}

    def values(view: View) -> Floats:
        rows = removed(view)
        counts = groups.count(rows, lens.pieces.of(decided_on(rows)), rows.attribute("subject.outcome"), number)
        return np.stack([counts[levels].sum(axis=0) for levels in outcomes.values()])

    return Figures(tuple(outcomes), "subject", by_group(IN_PERIOD, groups.labels, lens.labels), values)


def _dismissal_rates(lens: Lens) -> Iterator[Figures]:
    """Of subjects in finalised cases, each rate with the number it is of."""
    groups = by_employment(lens)
    lines = by_group(RECEIVED_COHORT, groups.labels, lens.labels)

    def of_all(view: View) -> Floats:
        rows = rows_of(view, "subject")
        return groups.share_and_number(rows, rows.cohort_in, dismissed(rows))

    def of_gross(view: View) -> Floats:
        gross = rows_of(view, "subject").having("subject.case_to_answer", "gross")
        return groups.share_and_number(gross, gross.cohort_in, dismissed(gross))

    yield Figures(("dismissal_rate_per_subject", "subjects_finalised"), "subject", lines, of_all)
    if lens.has("subject.case_to_answer=gross"):
        measures = ("dismissal_rate_per_gross_case_to_answer", "gross_cases_to_answer")
        yield Figures(measures, "subject", lines, of_gross)


def _per_hearing(lens: Lens) -> Figures:
    """Of those who still served: a panel cannot dismiss whoever has left."""
    cells = Cells(lens, "subject")
    groups = Groups(cells, [*streams(cells), *_chairs(cells)])

    def values(view: View) -> Floats:
        heard = _heard_subjects(view)
        serving = heard.having("subject.route", *HEARING_ROUTES).having("subject.former", "no")
        return groups.share_and_number(serving, lens.pieces.of(serving.date("subject.heard_on")), dismissed(serving))

    lines = by_group(IN_PERIOD, groups.labels, lens.labels)
    return Figures(("dismissal_rate_per_hearing", "subjects_heard"), "subject", lines, values)


def _chairs(cells: Cells) -> list[Group]:
    """Chairs of ordinary hearings of internal cases.

    An accelerated hearing is chosen because the papers suffice: counted under its chair, it would look like an effect of chairs.
    """
    if not cells.lens.has("subject.chair=none"):
        return []
    ordinary = cells.level("subject.route") == cells.lens.level("subject.route", "hearing")
    chairs = by_level(cells, "chair", "subject.chair")
    return [Group(chair.label, chair.cells & ordinary) for chair in chairs if chair.label != "chair=none"]


def _regulation_13(lens: Lens) -> Figures:
    cells = Cells(lens, "subject")
    groups = Groups(cells, streams(cells, with_probation(cells)))

    def values(view: View) -> Floats:
        mine = rows_of(view, "subject").having("subject.route", "regulation_13")
        mine = mine.where(mine.recorded)
        discharged = mine.at_level("subject.outcome", "discharged")
        return groups.share(mine, lens.pieces.of(decided_on(mine)), discharged).T

    lines = by_period(IN_PERIOD, groups.labels, lens.labels)
    return Figures(("regulation_13_dismissal_rate",), "subject", lines, values)

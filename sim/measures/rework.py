"""How often is work done twice? Files that came back, cases opened again, and how long it took the first time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.measures.cells import Cells
from sim.measures.cohort import FINALISED_IN_PERIOD, IN_PERIOD, RECEIVED_COHORT, View
from sim.measures.figures import Figures, by_group, by_period, ratio
from sim.measures.groups import Groups, by_level, by_stream, streams
from sim.measures.lens import Lens
from sim.measures.periods import Floats
from sim.measures.rows import Rows, rows_of
from sim.plan import MINUTES_A_DAY, UNSET

OF_REPORTS = {"returned_files_rate": "case.returned", "severity_revised_rate": "case.revised"}
"""Measure -> what is counted in a case."""


def figures(lens: Lens) -> Iterator[Figures]:
    """Each part needs the attributes it reads."""
    for measure, count in OF_REPORTS.items():
        if lens.has(count, "case.report_on"):
            yield _of_reports(lens, measure, count)
    if lens.has("case.first_finalised_on"):
        if lens.has("case.reopened"):
            yield _reopened(lens)
        if lens.has("case.finalised_on"):
            for counted in ("allegation", "case"):
                yield _first_time(lens, counted)


def _of_reports(lens: Lens, measure: str, count: str) -> Figures:
    """Of cases with a report in the period, those in which something counted ever happened."""
    cells = Cells(lens, "case")
    groups = Groups(cells, [*streams(cells), *by_level(cells, "team", "case.handled_by")])

    def values(view: View) -> Floats:
        rows = _reported(view)
        return groups.share(rows, lens.pieces.of(rows.date("case.report_on")), rows.attribute(count) > 0)

    lines = by_group(IN_PERIOD, groups.labels, lens.labels)
    return Figures((measure,), "case", lines, values)


def _reported(view: View) -> Rows:
    """Recorded cases with a report."""

    def find() -> Rows:
        reported = (rows := rows_of(view, "case")).where(rows.attribute("case.report_on") != UNSET)
        return reported.where(reported.recorded)

    return view.once(_reported, find)


def _reopened(lens: Lens) -> Figures:
    """By the day they had first been finalised: a record has no day of opening again."""
    groups = by_stream(lens, "case")

    def values(view: View) -> Floats:
        rows = rows_of(view, "case")
        again = rows.where(rows.recorded & (rows.attribute("case.reopened") > 0))
        number: Floats = groups.count(again, lens.pieces.of(again.date("case.first_finalised_on")))[0]
        return number.T

    lines = by_period(FINALISED_IN_PERIOD, groups.labels, lens.labels)
    return Figures(("cases_reopened",), "case", lines, values)


def _first_time(lens: Lens, counted: str) -> Figures:
    """Days from receipt to the first end, of those that have ended for good: so it parts from the mean by what opening again took."""
    groups = by_stream(lens, "case")

    def values(view: View) -> Floats:
        closed = rows_of(view, "case").where(view.cohort_in > 0)
        first = np.minimum(closed.date("case.first_finalised_on"), closed.pick(view.finalised))
        days = first // MINUTES_A_DAY - closed.pick(view.received) // MINUTES_A_DAY
        weight = np.ones_like(days)
        if counted == "allegation":
            weight = closed.pick(np.bincount(view.column("allegation.case"), minlength=len(view.received)))
        total, number = (groups.total(closed, closed.cohort_in, amount) for amount in (days * weight, weight))
        return ratio(total, number).T

    lines = by_period(RECEIVED_COHORT, groups.labels, lens.labels)
    return Figures(("mean_days_to_first_finalisation",), counted, lines, values)

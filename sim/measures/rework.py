"""How often is work done twice? Files that came back, cases opened again, and how long it took the first time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sim.measures.cells import Cells
from sim.measures.cohort import FINALISED_IN_PERIOD, IN_PERIOD, RECEIVED_COHORT, View
from sim.measures.figures import Figures, by_group, by_period, ratio
from sim.measures.groups import Groups, by_level, by_stream, streams
from sim.measures.lens import Lens
from sim.measures.periods import Floats, Ints
from sim.measures.rows import Rows, rows_of
from sim.plan import MINUTES_A_DAY

OF_REPORTS = {"returned_files_rate": "case.returned", "severity_revised_rate": "case.revised"}
"""Measure -> what is counted in a case."""


def figures(lens: Lens) -> Iterator[Figures]:
    """Each part needs the attributes it reads."""
    counts = {measure: count for measure, count in OF_REPORTS.items() if lens.has(count, "case.report_on")}
    if counts:
        yield _of_reports(lens, counts)
    if lens.has("case.first_finalised_on"):
        if lens.has("case.reopened"):
            yield _reopened(lens)
        if lens.has("case.finalised_on"):
            yield _first_time(lens, "allegation")
            yield _first_time(lens, "case")


def _of_reports(lens: Lens, counts: Mapping[str, str]) -> Figures:
    """Of cases with a report in the period, those in which something counted ever happened; for each measure what is counted."""
    cells = Cells(lens, "case")
    groups = Groups(cells, [*streams(cells), *by_level(cells, "team", "case.handled_by")])

    def values(view: View) -> Floats:
        rows = (all_rows := rows_of(view, "case")).where(all_rows.is_set("case.report_on"))
        rows = rows.where(rows.recorded)
        reported_in = lens.pieces.of(rows.date("case.report_on"))
        happened = [rows.attribute(count) > 0 for count in counts.values()]
        number = groups.count(rows, reported_in)[0]
        parts = [groups.count(rows.where(some), reported_in[some])[0] for some in happened]
        return ratio(np.stack(parts), number)

    lines = by_group(IN_PERIOD, groups.labels, lens.labels)
    return Figures(tuple(counts), "case", lines, values)


def _reopened(lens: Lens) -> Figures:
    """By the day they had first been finalised: a record has no day of opening again."""
    groups = by_stream(lens, "case")

    def values(view: View) -> Floats:
        rows = rows_of(view, "case")
        again = rows.where(view.column("case.reopened") > 0)
        again = again.where(again.recorded)
        number: Floats = groups.count(again, lens.pieces.of(again.date("case.first_finalised_on")))[0]
        return number.T

    lines = by_period(FINALISED_IN_PERIOD, groups.labels, lens.labels)
    return Figures(("cases_reopened",), "case", lines, values)


def _first_time(lens: Lens, counted: str) -> Figures:
    """Days from receipt to the first end, of those that have ended for good: so it parts from the mean by what opening again took."""
    groups = by_stream(lens, "case")

    def values(view: View) -> Floats:
        closed, days = view.once(_closed, lambda: _closed(view))
        weight = np.ones_like(days)
        if counted == "allegation":
            weight = closed.pick(view.allegations)
        total, number = (groups.total(closed, closed.cohort_in, amount) for amount in (days * weight, weight))
        return ratio(total, number).T

    lines = by_period(RECEIVED_COHORT, groups.labels, lens.labels)
    return Figures(("mean_days_to_first_finalisation",), counted, lines, values)


def _closed(view: View) -> tuple[Rows, Ints]:
    """Cases of a received cohort, and the days each took until it was first finalised."""
    closed = rows_of(view, "case").where(view.cohort_in > 0)
    first = np.minimum(closed.date("case.first_finalised_on"), closed.pick(view.finalised))
    return closed, first // MINUTES_A_DAY - closed.pick(view.received) // MINUTES_A_DAY

"""How many came, and how many are there? Receipts by year, and what is open at the end of each quarter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.compile import compiled
from sim.measures.cells import Cells
from sim.measures.cohort import AT_PERIOD_END, IN_PERIOD, RECEIVED_IN_PERIOD, View
from sim.measures.counting import run, tally_stock
from sim.measures.durations import ONE_YEAR, TWO_YEARS
from sim.measures.figures import Figures, by_period, ratio
from sim.measures.groups import ALL, Groups, by_level, by_stream, streams
from sim.measures.lens import Lens
from sim.measures.periods import Floats, Ints, months_later
from sim.measures.rows import Rows, rows_of
from sim.plan import MINUTES_A_DAY

DELAY_REPORTS_BEGAN = np.datetime64("2020-02-01")
"""The report at 12 months and every 6 months after it: Police (Conduct) Regulations 2020 (SI 2020/4),
regulation 19, and Police (Complaints and Misconduct) Regulations 2020 (SI 2020/2), regulation 13; both in
force on 1 February 2020."""
FIRST_REPORT_MONTHS, NEXT_REPORT_MONTHS = 12, 6

AGES = ("under_1_year", "1_to_2_years", "over_2_years")
HEARING_ROUTES = ("hearing", "accelerated_hearing")
"""Routes whose hearing is about gross misconduct of an officer."""

Days = NDArray[np.int32]
"""Numbers of days from the plan's start."""


def figures(lens: Lens) -> Iterator[Figures]:
    """Receipts need nothing; stocks of cases ``case.finalised_on``; the rest the attributes it is about."""
    for counted in ("allegation", "case", "subject"):
        yield _received(lens, counted)
    yield _people_received(lens)
    if lens.has("case.handled_by"):
        yield _by_team(lens)
    if lens.has("case.finalised_on"):
        yield from _open(lens)
        yield _reports_due(lens)
    needed = ("subject.route=hearing", "subject.route=accelerated_hearing")
    if lens.has(*needed, "subject.referred_on", "subject.heard_on", "subject.ended_on"):
        yield _awaiting_hearing(lens)


def _received(lens: Lens, counted: str) -> Figures:
    groups = by_stream(lens, counted)

    def values(view: View) -> Floats:
        rows = rows_of(view, counted)
        received: Floats = groups.count(rows, rows.received_in)[0].T
        return received

    return Figures(
        (f"{counted}s_received",), counted, by_period(RECEIVED_IN_PERIOD, groups.labels, lens.labels), values
    )


def _people_received(lens: Lens) -> Figures:
    groups = by_stream(lens, "subject")

    def values(view: View) -> Ints:
        rows = rows_of(view, "subject")
        return groups.different_people(rows, rows.received_in).T

    return Figures(("people_received",), "person", by_period(RECEIVED_IN_PERIOD, groups.labels, lens.labels), values)


def _by_team(lens: Lens) -> Figures:
    cells = Cells(lens, "case")
    groups = Groups(cells, [*streams(cells)[:1], *by_level(cells, "team", "case.handled_by")])

    def values(view: View) -> Floats:
        everybody, *teams = groups.count(rows_of(view, "case"), view.received_in)[0]
        return ratio(np.stack(teams), everybody).T

    return Figures(
        ("share_of_cases_by_team",), "case", by_period(RECEIVED_IN_PERIOD, groups.labels[1:], lens.labels), values
    )


def _open(lens: Lens) -> Iterator[Figures]:
    """A case is open if it had been received and not finalised."""
    groups = by_stream(lens, "case")
    days = [day for day, _ in lens.quarter_ends]

    def by_age(view: View) -> Floats:
        return view.once(groups, lambda: _stock(rows_of(view, "case"), groups, view.received, view.finalised))

    def values(view: View) -> Floats:
        counts = by_age(view)
        everybody, *others = counts.sum(axis=0)
        return np.stack([everybody, *counts[:, 0], *others]).T

    labels = (ALL, *(f"age={age}" for age in AGES), *groups.labels[1:])
    yield Figures(("cases_open",), "case", by_period(AT_PERIOD_END, labels, days), values)
    yield Figures(
        ("cases_open_over_12_months",),
        "case",
        by_period(AT_PERIOD_END, groups.labels, days),
        lambda view: by_age(view)[1:].sum(axis=0).T,
    )


def _awaiting_hearing(lens: Lens) -> Figures:
    groups = by_stream(lens, "subject")

    def values(view: View) -> Floats:
        subjects = rows_of(view, "subject")
        listed = subjects.where(subjects.at_level("subject.route", *HEARING_ROUTES) & subjects.recorded)
        over = np.minimum(listed.date("subject.heard_on"), listed.date("subject.ended_on"))
        waiting: Floats = _stock(listed, groups, listed.date("subject.referred_on"), over).sum(axis=0)
        return waiting.T

    days = [day for day, _ in lens.quarter_ends]
    return Figures(("awaiting_hearing",), "subject", by_period(AT_PERIOD_END, groups.labels, days), values)


def _stock(rows: Rows, groups: Groups, since: Ints, until: Ints) -> Floats:
    """How many there were at the end of each quarter: shape (bands of age, groups, quarters)."""
    midnights = np.asarray([midnight for _, midnight in rows.view.lens.quarter_ends], dtype=np.int64)
    counts = np.zeros((len(AGES), len(groups.cells), len(midnights)), dtype=np.int64)
    run(tally_stock, counts, since, until, groups.cells.of(rows), midnights, np.asarray([ONE_YEAR, TWO_YEARS]))
    return groups.add_up(counts)


def _reports_due(lens: Lens) -> Figures:
    groups = by_stream(lens, "case")
    days = _report_days(lens)
    minutes = np.arange(lens.extract // MINUTES_A_DAY + 1) * MINUTES_A_DAY
    began = (DELAY_REPORTS_BEGAN - np.datetime64(lens.plan.starts_on, "D")).astype(np.int64) * MINUTES_A_DAY
    piece = np.where(minutes < began, 0, lens.pieces.of(minutes))  # what is in the first piece is in no period

    def values(view: View) -> Floats:
        counts = np.zeros((len(groups.cells), len(lens.pieces)), dtype=np.int64)
        until = np.minimum(view.finalised, lens.extract - 1)
        run(tally_reports, counts, view.received, until, groups.cells.of(rows_of(view, "case")), days, piece)
        return lens.pieces.add_up(groups.add_up(counts)).T

    return Figures(("twelve_month_reports_due",), "case", by_period(IN_PERIOD, groups.labels, lens.labels), values)


def _report_days(lens: Lens) -> Days:
    """The days of the plan that begin with a report due, for each day of receipt; shape (reports, days)."""
    first = np.datetime64(lens.plan.starts_on, "D")
    received = first + np.arange(lens.extract // MINUTES_A_DAY + 1)
    rows: list[Days] = []
    months = FIRST_REPORT_MONTHS
    while not rows or rows[-1][0] <= lens.extract // MINUTES_A_DAY:
        rows.append((months_later(received, months) - first).astype(np.int32))
        months += NEXT_REPORT_MONTHS
    return np.stack(rows)


@compiled
def tally_reports(counts: Ints, received: Ints, until: Ints, cell: Ints, days: Days, piece: Ints) -> None:
    """Add to `counts` (cells, pieces), for each case, the report dates at whose beginning it was still open.

    A case is followed `until` a minute. `days` are those of `_report_days`, the last row out of reach; `piece` is of each day.
    """
    for row in range(len(received)):
        if received[row] <= until[row]:
            report = 0
            day = days[report, received[row] // MINUTES_A_DAY]
            while day * MINUTES_A_DAY <= until[row]:
                counts[cell[row], piece[day]] += 1
                report += 1
                day = days[report, received[row] // MINUTES_A_DAY]

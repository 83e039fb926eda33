"""How many came, and how many are there? Receipts by year, and what is open at the end of each quarter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compile import compiled
from sim.measures.cells import Cells
from sim.measures.cohort import AT_PERIOD_END, IN_PERIOD, NEVER, RECEIVED_IN_PERIOD, View
from sim.measures.counting import run, tally_stock
from sim.measures.durations import ONE_YEAR, TWO_YEARS
from sim.measures.figures import Figures, by_period, ratio
from sim.measures.groups import ALL, Groups, by_level, by_stream, streams
from sim.measures.lens import Lens
from sim.measures.periods import MONTHS_A_YEAR, Floats, Ints, months_later
from sim.measures.rows import Rows, rows_of
from sim.plan import MINUTES_A_DAY

DELAY_REPORTS = ("law.delay_reports", "law.delay_report_first", "law.delay_report_again")
"""Dated values: whether reports of delay are due (0 or 1), after how many months first, and how many months after each.

In law: Police (Conduct) Regulations 2020 (SI 2020/4), regulation 19, and Police (Complaints and Misconduct) Regulations 2020 (SI
2020/2), regulation 13."""

AGES = ("under_6_months", "6_to_12_months", "1_to_2_years", "over_2_years")
HALF_A_YEAR = 182
"""Days: half of a year of 365, rounded down."""
UP_TO_12_MONTHS = 2
"""Bands of `AGES` that are not over 12 months."""
HEARING_ROUTES = ("hearing", "accelerated_hearing")
"""Routes whose hearing is about gross misconduct of an officer."""

SHARED_DAYS = 1000
"""Records whose oldest cases were received within so many days of each other share a table of report dates."""

OUT_OF_REACH = 1000 * MONTHS_A_YEAR
"""Months that no play goes on for."""

LEAVING = ("resigned", "retired", "severance")
"""Levels of ``person.gone`` that are no removal."""

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
        if lens.has_value(*DELAY_REPORTS):
            yield _reports_due(lens)
    if can_tell_referral(lens):
        yield _referred(lens)
        yield _awaiting_hearing(lens)


def can_tell_referral(lens: Lens) -> bool:
    """Whether the pathway says who was referred to a hearing, and what became of it."""
    routes = [f"subject.route={route}" for route in HEARING_ROUTES]
    return lens.has(*routes, "subject.referred_on", "subject.heard_on", "subject.ended_on")


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
        lambda view: by_age(view)[UP_TO_12_MONTHS:].sum(axis=0).T,
    )


def referred(view: View) -> Rows:
    """Subjects of recorded cases referred to a hearing or an accelerated one."""

    def find() -> Rows:
        rows = rows_of(view, "subject").having("subject.route", *HEARING_ROUTES)
        return rows.where(rows.recorded)

    return view.once(referred, find)


def _referred(lens: Lens) -> Figures:
    groups = by_stream(lens, "subject")

    def values(view: View) -> Floats:
        listed = referred(view)
        found: Floats = groups.count(listed, lens.pieces.of(listed.date("subject.referred_on")))[0].T
        return found

    return Figures(("referred_to_hearing",), "subject", by_period(IN_PERIOD, groups.labels, lens.labels), values)


def _awaiting_hearing(lens: Lens) -> Figures:
    groups = by_stream(lens, "subject")
    leaving = lens.among("person.gone", *LEAVING) if lens.has("person.gone_on") else ()

    def values(view: View) -> Floats:
        listed = referred(view)
        since = listed.date("subject.referred_on")
        over = np.minimum(listed.date("subject.heard_on"), listed.date("subject.ended_on"))
        waiting: Floats = _stock(listed, groups, since, over).sum(axis=0)
        if leaving:  # at each midnight those are former who had left by then
            gone_on = np.where(listed.at_level("person.gone", *leaving), listed.date("person.gone_on"), NEVER)
            former = _stock(listed, groups, np.maximum(since, gone_on), over).sum(axis=0)[:1]
            waiting = np.concatenate([waiting, former])
        return waiting.T

    days = [day for day, _ in lens.quarter_ends]
    labels = [*groups.labels, *(["former=yes"] if leaving else [])]
    return Figures(("awaiting_hearing",), "subject", by_period(AT_PERIOD_END, labels, days), values)


def _stock(rows: Rows, groups: Groups, since: Ints, until: Ints) -> Floats:
    """How many there were at the end of each quarter: shape (bands of age, groups, quarters)."""
    lens = rows.view.lens
    counts = np.zeros((len(AGES), len(groups.cells), len(lens.quarter_ends)), dtype=np.int64)
    run(
        tally_stock,
        counts,
        since,
        until,
        groups.cells.of(rows),
        lens.quarters_over,
        lens.quarter_end_days,
        np.asarray([HALF_A_YEAR, ONE_YEAR, TWO_YEARS]),
    )
    return groups.add_up(counts)


def _reports_due(lens: Lens) -> Figures:
    groups = by_stream(lens, "case")
    laws = _delay_laws(lens)
    minutes = np.arange(lens.extract // MINUTES_A_DAY + 1) * MINUTES_A_DAY
    # What is in the first piece is in no period.
    pieces = [np.where((law.since <= minutes) & (minutes < law.until), lens.finer.of(minutes), 0) for law in laws]
    last = lens.extract // MINUTES_A_DAY

    def values(view: View) -> Floats:
        counts = np.zeros((len(groups.cells), len(lens.finer)), dtype=np.int64)
        until = np.minimum(view.finalised, lens.extract - 1)
        first = min(int(view.received.min(initial=0)) // MINUTES_A_DAY // SHARED_DAYS * SHARED_DAYS, 0)
        cell = groups.cells.of(rows_of(view, "case"))
        for law, piece in zip(laws, pieces, strict=True):
            due = _report_days(lens.plan.starts_on, law, first, last)
            run(tally_reports, counts, view.received, until, cell, due, piece, first)
        return lens.finer.add_up(groups.add_up(counts)).T

    return Figures(
        ("twelve_month_reports_due",), "case", by_period(IN_PERIOD, groups.labels, lens.finer_labels), values
    )


class _DelayLaw(NamedTuple):
    """What the law asks for from one minute until before another: months to the first report, and from each to the next."""

    since: int
    until: int
    first: int
    again: int


def _delay_laws(lens: Lens) -> list[_DelayLaw]:
    """The laws that ask for reports, one after the other."""
    due, first, again = (lens.value(name) for name in DELAY_REPORTS)
    steps = sorted({0, *(t for dated in (due, first, again) for t in dated.times if 0 < t < lens.extract)})
    return [
        _DelayLaw(since, until, round(first.at(since)), round(again.at(since)))
        for since, until in pairwise([*steps, lens.extract])
        if due.at(since) > 0
    ]


@lru_cache
def _report_days(starts_on: date, law: _DelayLaw, first: int, last: int) -> Days:
    """The days of a plan that begin with a report due, for each day of receipt from `first`, perhaps before its start, to `last`; shape (reports, days)."""
    start = np.datetime64(starts_on, "D")
    received = start + np.arange(first, last + 1)
    rows: list[Days] = []
    months = law.first
    while not rows or rows[-1][0] <= last:
        rows.append((months_later(received, months) - start).astype(np.int32))
        months += law.again if law.again > 0 else OUT_OF_REACH
    return np.stack(rows)


@compiled
def tally_reports(counts: Ints, received: Ints, until: Ints, cell: Ints, days: Days, piece: Ints, first: int) -> None:
    """Add to `counts` (cells, pieces), for each case, the report dates at whose beginning it was still open.

    A case is followed `until` a minute. `days` are those of `_report_days` from the day `first`, the last row out of reach; `piece` is of each day of the plan, and
    what was due before its start is not counted.
    """
    for row in range(len(received)):
        if received[row] <= until[row]:
            report, came = 0, received[row] // MINUTES_A_DAY - first
            day = days[report, came]
            while day * MINUTES_A_DAY <= until[row]:
                if day >= 0:
                    counts[cell[row], piece[day]] += 1
                report += 1
                day = days[report, came]

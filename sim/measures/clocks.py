"""Was it done in time? Limits of the law from one date to another, by the day on which they fell due. Internal cases.

The day on which a clock starts is not counted. It was met if what it waits for came on the day due or before, and missed if that came later or had
not come by the extract date. Not counted: what was not due by then, where no limit was in force, and where the matter itself was over by the day due
without it, as when somebody leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from sim.compile import compiled
from sim.measures.cohort import IN_PERIOD, View
from sim.measures.counting import passed, run
from sim.measures.figures import Figures, by_period, ratio
from sim.measures.lens import INTERNAL, Lens
from sim.measures.periods import Floats, Ints
from sim.measures.rows import Rows, rows_in, rows_of
from sim.plan import MINUTES_A_DAY, UNSET, Clock

OVER = ("subject.ended_on", "case.finalised_on")
"""Dates at which the matter of a row is over."""


def figures(lens: Lens) -> Iterator[Figures]:
    """Of each clock of the plan."""
    for clock in lens.plan.clocks:
        yield _figures(lens, clock)


def _figures(lens: Lens, clock: Clock) -> Figures:
    """How many limits fell due in each period, and the share that was met."""
    kind = clock.counted.name.lower()
    starts, ends = lens.name(clock.starts), lens.name(clock.ends)
    limit = lens.plan.values[clock.within]
    read_at = starts if limit.attach is None else lens.name(limit.attach)
    times, lengths = np.asarray(limit.times, dtype=np.int64), np.asarray(limit.values) * clock.minutes
    opened, open_days = _no_days()
    if clock.calendar >= 0:
        calendar = lens.plan.calendars[clock.calendar]
        lengths = lengths / (calendar.closes - calendar.opens)
        opened, open_days = _days_of(calendar.open_days)
    lengths = np.round(lengths).astype(np.int64)

    def values(view: View) -> Floats:
        rows, counts = rows_of(view, kind), np.zeros((2, len(lens.pieces)), dtype=np.int64)
        run(
            tally_clock,
            counts,
            rows_in(view, kind, INTERNAL).positions,
            view.once((_over, kind), lambda: _over(rows_in(view, kind, INTERNAL))),
            *(view.once((clock.counted, name), partial(rows.attribute, name)) for name in (starts, ends, read_at)),
            times,
            lengths,
            opened,
            open_days,
            lens.pieces.edges,
            lens.extract,
        )
        missed, met = lens.pieces.add_up(counts)
        return np.stack([ratio(met, met + missed), met + missed])

    lines = by_period(IN_PERIOD, [f"clock={clock.name}"], lens.labels)
    return Figures(("clock_met_rate", "clocks_due"), kind, lines, values)


def _no_days() -> tuple[Ints, Ints]:
    none = np.zeros(0, dtype=np.int64)
    return none, none


def _days_of(open_days: str) -> tuple[Ints, Ints]:
    """Of a calendar, one digit a day: how many days had been open up to and with each day, and which days they are."""
    is_open = np.frombuffer(open_days.encode(), dtype=np.uint8) == ord("1")
    return np.cumsum(is_open), np.flatnonzero(is_open)


def _over(rows: Rows) -> Ints:
    """When the matter of each row was over, `UNSET` while it is not."""
    over = np.full(len(rows), UNSET)
    for name in reversed(OVER):
        if rows.view.lens.has(name) and (rows.kind != "case" or name.startswith("case.")):
            date = rows.attribute(name)
            over = np.where(date == UNSET, over, date)
    return over


@compiled
def tally_clock(
    counts: Ints,
    rows: Ints,
    over: Ints,
    starts: Ints,
    ends: Ints,
    read_at: Ints,
    times: Ints,
    lengths: Ints,
    opened: Ints,
    open_days: Ints,
    edges: Ints,
    extract: int,
) -> None:
    """Add each of some rows whose limit fell due before `extract` to `counts` (missed or met, pieces), at first 0.

    Args:
        counts: what is found.
        rows: the positions of those looked at.
        over: when the matter of each of these was over.
        starts: when each row's clock started, of all rows; what is before the first day of play does not count.
        ends: when what it waits for came, `UNSET` if it did not; one before the start is of an earlier time and does not count.
        read_at: the date at which each row's limit is read.
        times: ascending, when the limit steps.
        lengths: the limit from each of `times`, in minutes, or in open days of the calendar; 0 for none.
        opened: how many days had been open up to and with each day; empty for the limit in minutes.
        open_days: the days that are open.
        edges: ascending, between pieces.
        extract: a minute.
    """
    last = extract // MINUTES_A_DAY
    for at in range(len(rows)):
        row = rows[at]
        start = starts[row]
        if start < 0 or start >= extract or read_at[row] == UNSET:
            continue
        length = lengths[max(passed(times, read_at[row]) - 1, 0)]
        if length <= 0:
            continue
        if len(opened) > 0:
            nth = opened[start // MINUTES_A_DAY] + length
            if nth > len(open_days):
                continue
            due = open_days[nth - 1]
        else:
            due = (start + length) // MINUTES_A_DAY
        if due >= last:
            continue
        met = start <= ends[row] and ends[row] // MINUTES_A_DAY <= due
        if not met and ends[row] < start and over[at] != UNSET and over[at] // MINUTES_A_DAY <= due:
            continue
        counts[1 if met else 0, passed(edges, due * MINUTES_A_DAY)] += 1

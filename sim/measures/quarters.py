"""What did one quarter look like, and another? Means by the quarter in which cases were finalised, and by that in which they were received.

Over a whole window the two hardly part. Quarter by quarter they do: whoever clears old cases lifts the mean of those finalised now, while those
received now will be finalised sooner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from sim.measures.cohort import FINALISED_IN_PERIOD, NEVER, SURVIVAL, View
from sim.measures.durations import TWO_YEARS
from sim.measures.figures import Figures, by_period, ratio
from sim.measures.groups import ALL
from sim.measures.lens import INTERNAL, Lens
from sim.measures.periods import Floats, Ints, Period
from sim.plan import MINUTES_A_DAY

OF_FINALISED = ("quarterly_mean_days_finalised", "quarterly_cases_finalised")
OF_RECEIVED = ("quarterly_mean_days_received", "quarterly_cases_received")


def figures(lens: Lens) -> Iterator[Figures]:
    """Needs ``case.finalised_on``. A quarter of receipt is given once all of it has been followed for two years."""
    if not lens.has("case.finalised_on"):
        return
    finalised = quarters(lens)
    followed = [
        one
        for one in finalised
        if one.end <= lens.window.end and one.end + TWO_YEARS * MINUTES_A_DAY <= lens.extract
    ]  # fmt: skip
    for names, basis, found, days in (
        (OF_FINALISED, FINALISED_IN_PERIOD, finalised, _finalised),
        (OF_RECEIVED, SURVIVAL, followed, _received),
    ):
        if found:
            lines = by_period(basis, [ALL], [one.label for one in found])
            yield Figures(names, "case", lines, _means(found, days))


def quarters(lens: Lens) -> list[Period]:
    """The calendar quarters that lie wholly between the opening of the window and the extract date, named ``2018Q2``."""
    ends = [0, *(midnight for _, midnight in lens.quarter_ends)]
    found = []
    for start, end in pairwise(ends):
        day = lens.plan.day(end - 1)
        first = day.replace(month=day.month - 2, day=1)
        if lens.plan.minute(first) in (start, lens.window.start) and lens.plan.minute(first) >= lens.window.start:
            found.append(Period(f"{day.year}Q{day.month // 3}", lens.plan.minute(first), end))
    return found


Found = Callable[[View], tuple[Ints, Ints]]
"""The minute that says which quarter each case is counted in, `NEVER` for none, and its days."""


def _finalised(view: View) -> tuple[Ints, Ints]:
    return view.finalised, view.days


def _received(view: View) -> tuple[Ints, Ints]:
    return view.received, np.minimum(view.days, TWO_YEARS)


def _means(periods: list[Period], find: Found) -> Callable[[View], Floats]:
    """Mean days and number of internal cases, by quarter: shape (2, quarters). The quarters follow each other."""
    edges = np.asarray([periods[0].start, *(one.end for one in periods)], dtype=np.int64)

    def values(view: View) -> Floats:
        minute, days = find(view)
        mine = view.stream(INTERNAL) & (minute != NEVER) & (minute >= edges[0]) & (minute < edges[-1])
        quarter = np.searchsorted(edges, minute[mine], side="right") - 1
        number = np.bincount(quarter, minlength=len(periods))
        total = np.bincount(quarter, weights=days[mine], minlength=len(periods))
        return np.stack([ratio(total, number), number.astype(np.float64)])

    return values

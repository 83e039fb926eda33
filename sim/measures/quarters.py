"""How did it go, quarter by quarter? Allegations received and finalised, and days to finalise on four bases. Internal cases.

Over a whole window the bases hardly part. Quarter by quarter they do: whoever clears old cases lifts the mean of those finalised now, while
those received now will be finalised sooner.

The pace of a quarter is a period life table: each allegation that was open in the quarter is watched for the ages it had there, and the
chances of ending at each age, taken together, make the mean of one that would meet them all. It is the true mean of a quarter, since
whoever is still open counts, and needs no years of waiting for those received in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from sim.compile import compiled
from sim.measures.cohort import (
    FINALISED_IN_PERIOD,
    PACE,
    RECEIVED_COHORT,
    RECEIVED_IN_PERIOD,
    SURVIVAL,
    View,
)
from sim.measures.counting import Codes, passed_by, run
from sim.measures.days import Counts
from sim.measures.durations import HORIZON, MEAN, TWO_YEARS
from sim.measures.figures import Figures, by_period, ratio
from sim.measures.groups import ALL
from sim.measures.lens import INTERNAL, Lens
from sim.measures.periods import Floats, Ints
from sim.measures.survival import product_limit, restricted_mean
from sim.plan import MINUTES_A_DAY

RECEIVED, FINALISED, OF_COHORT, DAYS_FINALISED, DAYS_OF_COHORT, DAYS_TO_TWO_YEARS = range(6)
"""Sums by quarter: those received in it, finalised in it, and received in it and finalised; the days of the latter two; and the days of those received
in it up to the extract date, none counted beyond two years."""

ENDED, COHORT, STILL_OPEN, CAME, LEFT = range(5)
"""Tables by quarter and days: finalised in it; received in it and finalised, or open at the extract date; the age at which each came under
watch in it; the age at which each still open was last watched in it. Days beyond `HORIZON` are counted as one more."""


MEAN_TO_TWO_YEARS = "mean_days_to_two_years"


def figures(lens: Lens) -> Iterator[Figures]:
    """Needs ``case.finalised_on``."""
    if not lens.has("case.finalised_on"):
        return
    quarters = [quarter.label for quarter in lens.quarters]
    for measure, counted, basis, find in (
        ("allegations_received", "allegation", RECEIVED_IN_PERIOD, partial(_sum, RECEIVED)),
        ("allegations_finalised", "allegation", FINALISED_IN_PERIOD, partial(_sum, FINALISED)),
        ("allegations_finalised", "allegation", RECEIVED_COHORT, partial(_sum, OF_COHORT)),
        (MEAN, "allegation", FINALISED_IN_PERIOD, partial(_mean, DAYS_FINALISED, FINALISED)),
        (MEAN, "allegation", RECEIVED_COHORT, partial(_mean, DAYS_OF_COHORT, OF_COHORT)),
        (MEAN, "allegation", SURVIVAL, _survival),
        (MEAN_TO_TWO_YEARS, "allegation", SURVIVAL, _two_years),
        (MEAN, "allegation", PACE, _pace),
        ("cases_received", "case", RECEIVED_IN_PERIOD, partial(_sum, RECEIVED)),
        ("cases_finalised", "case", FINALISED_IN_PERIOD, partial(_sum, FINALISED)),
        (MEAN, "case", FINALISED_IN_PERIOD, partial(_mean, DAYS_FINALISED, FINALISED)),
        (MEAN_TO_TWO_YEARS, "case", SURVIVAL, _two_years),
    ):
        yield Figures((measure,), counted, by_period(basis, [ALL], quarters), partial(find, counted))


def _sum(of: int, counted: str, view: View) -> Ints:
    found: Ints = _sums(view, counted)[of]
    return found


def _mean(days: int, number: int, counted: str, view: View) -> Floats:
    sums = _sums(view, counted)
    return ratio(sums[days], sums[number])


def _two_years(counted: str, view: View) -> Floats:
    """Mean days of those received in each quarter, none counted beyond two years; null where not all of them were followed so long."""
    lens, sums = view.lens, _sums(view, counted)
    followed = [quarter.end + TWO_YEARS * MINUTES_A_DAY <= lens.extract for quarter in lens.quarters]
    return np.where(followed, ratio(sums[DAYS_TO_TWO_YEARS], sums[RECEIVED]), np.nan)


def _survival(counted: str, view: View) -> Floats:
    tables = _tables(view, counted)
    return restricted_mean(product_limit(tables[COHORT], tables[STILL_OPEN]), HORIZON)


def _pace(counted: str, view: View) -> Floats:
    tables = _tables(view, counted)
    return restricted_mean(still_open_at_pace(tables[ENDED], tables[CAME], tables[LEFT]), HORIZON)


def _weights(view: View, counted: str) -> Ints:
    """How often each case is counted: once, or once for each allegation; not at all unless it is internal and was recorded."""
    watched = view.stream(INTERNAL) & view.recorded
    weights: Ints = watched * (view.allegations if counted == "allegation" else 1)
    return weights


def _sums(view: View, counted: str) -> Ints:
    """Shape (sums, quarters)."""

    def find() -> Ints:
        lens, sums = view.lens, np.zeros((DAYS_TO_TWO_YEARS + 1, len(view.lens.quarters)), dtype=np.int64)
        weights, begun = _weights(view, counted), lens.quarters_begun
        run(sum_quarters, sums, weights, view.received, view.finalised, begun, lens.extract)
        return sums

    return view.once((_sums, counted), find)


def _tables(view: View, counted: str) -> Counts:
    """Shape (tables, quarters, days)."""

    def find() -> Counts:
        lens = view.lens
        tables = view.memory.zeros((_tables, counted), np.int32, LEFT + 1, len(lens.quarters), HORIZON + 1)
        weights, edges = _weights(view, counted), lens.quarter_edges // MINUTES_A_DAY
        run(tally_quarters, tables, weights, view.received, view.finalised, lens.quarters_begun, edges, lens.extract)
        return tables

    return view.once((_tables, counted), find)


@compiled
def sum_quarters(sums: Ints, weight: Ints, received: Ints, finalised: Ints, begun: Codes, extract: int) -> None:
    """Add up cases by the quarters they were received and finalised in, each as often as its `weight`.

    Args:
        sums: shape (6, quarters), at first 0: see `RECEIVED`.
        weight: of each case, 0 for those that do not count.
        received: of each case, in minutes.
        finalised: the same; far beyond the extract date for those still open.
        begun: how many `quarter_edges` of the lens had come when each day of play began.
        extract: a minute.
    """
    quarters = sums.shape[1]
    for case in range(len(weight)):
        much = weight[case]
        if much == 0:
            continue
        came, ended = received[case] // MINUTES_A_DAY, min(finalised[case], extract) // MINUTES_A_DAY
        closed, days = finalised[case] < extract, (ended - came) * much
        quarter = passed_by(begun, received[case]) - 1
        if 0 <= quarter < quarters:
            sums[RECEIVED, quarter] += much
            sums[DAYS_TO_TWO_YEARS, quarter] += min(days, TWO_YEARS * much)
            if closed:
                sums[OF_COHORT, quarter] += much
                sums[DAYS_OF_COHORT, quarter] += days
        quarter = passed_by(begun, min(finalised[case], extract)) - 1
        if closed and 0 <= quarter < quarters:
            sums[FINALISED, quarter] += much
            sums[DAYS_FINALISED, quarter] += days


@compiled
def tally_quarters(
    tables: Counts, weight: Ints, received: Ints, finalised: Ints, begun: Codes, edges: Ints, extract: int
) -> None:
    """Count cases by quarter and days, each as often as its `weight`.

    Args:
        tables: shape (5, quarters, days), at first 0: see `ENDED`.
        weight: of each case, and so on to `begun`, as in `sum_quarters`.
        edges: the first day of each quarter, and last the day after all of them.
        extract: a minute.
    """
    quarters, beyond = tables.shape[1], tables.shape[2] - 1
    for case in range(len(weight)):
        much = weight[case]
        if much == 0:
            continue
        came, ended = received[case] // MINUTES_A_DAY, min(finalised[case], extract) // MINUTES_A_DAY
        closed, days = finalised[case] < extract, min(ended - came, beyond)
        first = passed_by(begun, received[case]) - 1
        last = passed_by(begun, min(finalised[case], extract)) - 1
        if 0 <= first < quarters:
            tables[COHORT if closed else STILL_OPEN, first, days] += much
        for quarter in range(max(first, 0), min(last + 1, quarters)):
            tables[CAME, quarter, min(max(edges[quarter] - came, 0), beyond)] += much
            if quarter < last:
                tables[LEFT, quarter, min(edges[quarter + 1] - 1 - came, beyond)] += much
        if closed and 0 <= last < quarters:
            tables[ENDED, last, days] += much


def still_open_at_pace(ended: Counts, came: Counts, left: Counts) -> Floats:
    """The share still open after 0, 1, 2... days of one that meets the chances of a quarter at every age: shape (quarters, days).

    Args:
        ended: how many ended at each age; shape (quarters, days).
        came: how many came under watch at each age.
        left: how many were last watched, still open, at each age.

    Returns:
        Null from the first age at which nobody was watched, unless all had ended before.
    """
    share = np.empty(ended.shape)
    run(find_pace, share, ended, came, left)
    return share


@compiled
def find_pace(share: Floats, ended: Counts, came: Counts, left: Counts) -> None:
    """Write the curves of `still_open_at_pace` into `share`."""
    for quarter in range(len(ended)):
        at_risk, still_open = 0, 1.0
        for day in range(ended.shape[1]):
            at_risk += came[quarter, day]
            if at_risk > 0 and ended[quarter, day] == at_risk:
                still_open = 0.0
            elif still_open != 0.0:  # null included
                still_open *= 1.0 - ended[quarter, day] / at_risk if at_risk > 0 else np.nan
            share[quarter, day] = still_open
            at_risk -= ended[quarter, day] + left[quarter, day]

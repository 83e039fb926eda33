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
from typing import NamedTuple

import numpy as np

from sim.compile import compiled
from sim.measures.cohort import (
    FINALISED_IN_PERIOD,
    NEVER,
    PACE,
    RECEIVED_COHORT,
    RECEIVED_IN_PERIOD,
    SURVIVAL,
    View,
)
from sim.measures.counting import passed, run
from sim.measures.days import Counts, describe
from sim.measures.durations import HORIZON, MEAN, TWO_YEARS
from sim.measures.figures import Figures, by_period, ratio
from sim.measures.groups import ALL
from sim.measures.lens import INTERNAL, Lens
from sim.measures.periods import Floats, Ints
from sim.measures.survival import product_limit, restricted_mean
from sim.plan import MINUTES_A_DAY

ENDED, COHORT, STILL_OPEN, CAME, LEFT = range(5)
"""Tables by quarter and days: finalised in it; received in it and finalised, or open at the extract date; the age at which each came under
watch in it; the age at which each still open was last watched in it."""


MEAN_TO_TWO_YEARS = "mean_days_to_two_years"


class ByQuarter(NamedTuple):
    """What is found of all quarters; each of the shape (quarters,)."""

    received: Ints
    finalised: Ints
    of_cohort: Ints
    mean_finalised: Floats
    mean_of_cohort: Floats
    survival: Floats
    two_years: Floats
    pace: Floats


def figures(lens: Lens) -> Iterator[Figures]:
    """Needs ``case.finalised_on``."""
    if not lens.has("case.finalised_on"):
        return
    quarters = [quarter.label for quarter in lens.quarters]
    for measure, counted, basis, what in (
        ("allegations_received", "allegation", RECEIVED_IN_PERIOD, "received"),
        ("allegations_finalised", "allegation", FINALISED_IN_PERIOD, "finalised"),
        ("allegations_finalised", "allegation", RECEIVED_COHORT, "of_cohort"),
        (MEAN, "allegation", FINALISED_IN_PERIOD, "mean_finalised"),
        (MEAN, "allegation", RECEIVED_COHORT, "mean_of_cohort"),
        (MEAN, "allegation", SURVIVAL, "survival"),
        (MEAN_TO_TWO_YEARS, "allegation", SURVIVAL, "two_years"),
        (MEAN, "allegation", PACE, "pace"),
        ("cases_received", "case", RECEIVED_IN_PERIOD, "received"),
        ("cases_finalised", "case", FINALISED_IN_PERIOD, "finalised"),
        (MEAN, "case", FINALISED_IN_PERIOD, "mean_finalised"),
        (MEAN_TO_TWO_YEARS, "case", SURVIVAL, "two_years"),
    ):
        yield Figures((measure,), counted, by_period(basis, [ALL], quarters), partial(_one, what, counted))


def _one(what: str, counted: str, view: View) -> Floats:
    found: Floats = getattr(view.once((ByQuarter, counted), lambda: _by_quarter(view, counted)), what)
    return found


def _by_quarter(view: View, counted: str) -> ByQuarter:
    lens = view.lens
    edges = np.asarray([*(q.start for q in lens.quarters), *(q.end for q in lens.quarters[-1:])], dtype=np.int64)
    longest = max(int(view.days.max(initial=0)), HORIZON)
    tables = np.zeros((LEFT + 1, len(lens.quarters), longest + 1), dtype=np.int32)
    weight = np.ones(len(view.received), dtype=np.int64)
    if counted == "allegation":
        weight = np.bincount(view.column("allegation.case"), minlength=len(view.received)).astype(np.int64)
    watched = view.stream(INTERNAL) & (view.received != NEVER)
    run(tally_quarters, tables, np.where(watched, weight, 0), view.received, view.finalised, edges, lens.extract)
    finalised, cohort = (describe(tables[of], ()) for of in (ENDED, COHORT))
    return ByQuarter(
        cohort.number + tables[STILL_OPEN].sum(axis=1),
        finalised.number,
        cohort.number,
        finalised.mean,
        cohort.mean,
        restricted_mean(product_limit(tables[COHORT], tables[STILL_OPEN]), HORIZON),
        np.where(edges[1:] + TWO_YEARS * MINUTES_A_DAY <= lens.extract, of_the_first_two_years(tables), np.nan),
        restricted_mean(still_open_at_pace(tables[ENDED], tables[CAME], tables[LEFT]), HORIZON),
    )


def of_the_first_two_years(tables: Counts) -> Floats:
    """Mean days of those received in each quarter, none counted beyond two years: exact where all of them were followed so long."""
    received = tables[COHORT] + tables[STILL_OPEN]
    days = np.minimum(np.arange(received.shape[1]), TWO_YEARS)
    return ratio((received @ days).astype(np.float64), received.sum(axis=1).astype(np.float64))


@compiled
def tally_quarters(tables: Counts, weight: Ints, received: Ints, finalised: Ints, edges: Ints, extract: int) -> None:
    """Count cases in the quarters between `edges`, each as often as its `weight`.

    Args:
        tables: shape (5, quarters, days), at first 0: see `ENDED`.
        weight: of each case, 0 for those that do not count.
        received: of each case, in minutes.
        finalised: the same; far beyond the extract date for those still open.
        edges: midnights, one more than quarters, ascending; none of them after `extract`.
        extract: a minute.
    """
    quarters = tables.shape[1]
    for case in range(len(weight)):
        much = weight[case]
        if much == 0:
            continue
        came, ended = received[case] // MINUTES_A_DAY, min(finalised[case], extract) // MINUTES_A_DAY
        closed = finalised[case] < extract
        quarter = passed(edges, received[case]) - 1
        if 0 <= quarter < quarters:
            tables[COHORT if closed else STILL_OPEN, quarter, ended - came] += much
        for at in range(max(quarter, 0), quarters):
            if edges[at] > finalised[case]:
                break
            opens, closes = edges[at] // MINUTES_A_DAY, edges[at + 1] // MINUTES_A_DAY
            tables[CAME, at, max(opens - came, 0)] += much
            if closed and ended < closes:
                tables[ENDED, at, ended - came] += much
            else:
                tables[LEFT, at, closes - 1 - came] += much


def still_open_at_pace(ended: Counts, came: Counts, left: Counts) -> Floats:
    """The share still open after 0, 1, 2... days of one that meets the chances of a quarter at every age: shape (quarters, days).

    Args:
        ended: how many ended at each age; shape (quarters, days).
        came: how many came under watch at each age.
        left: how many were last watched, still open, at each age.

    Returns:
        Null from the first age at which nobody was watched, unless all had ended before.
    """
    at_risk = np.cumsum(came, axis=1) - np.cumsum(ended + left, axis=1) + ended + left
    share = np.cumprod(1.0 - ratio(ended.astype(np.float64), at_risk.astype(np.float64)), axis=1)
    over = np.cumsum((at_risk > 0) & (ended == at_risk), axis=1) > 0
    left_open: Floats = np.where(over, 0.0, share)
    return left_open

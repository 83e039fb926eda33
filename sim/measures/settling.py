"""Did a queue settle? A verdict on a queue at the ends of quarters.

A queue whose server has less capacity than work grows as long as one looks, so its mean wait tells how long the run was. One that can keep up
wanders about a level. By the balance of flows a queue grows by what comes less what is taken on, so growth that lasts is inflow
above outflow; no second count is needed. Three things have to hold together before it is said that a queue never settles, since each alone can
deceive:

1. *It grew*: the trend over the last part of the window (its last half, at least two years) is at least three times the spread of the
   quarter ends about it, and at least ten cases. About a level that does not move, chance alone does so in about one window in forty.
   Trend and spread are medians (Theil and Sen), so that one day on which posts or law change does not make or hide one.
2. *It still grows at the end*: over the last half of that part, at no less than a third of the pace. A queue that fills up to its level slows down.
3. *The team is nearly all in use*: at least 90% of its slots, or of its attention. A team with time to spare has no queue without bound, however it moves. Where
   that is not known, or the team is split into units (one may be full while others are idle), the first two decide.

With fewer than eight quarter ends nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

import numpy as np

from sim.measures.periods import Floats

LEAST_QUARTERS = 8
SPREADS = 3.0
LEAST_GROWTH = 10.0
"""Cases over the last part of the window."""
STILL = 1 / 3
"""Of the pace, at the end."""
NEARLY_ALL = 0.90
"""Of slots or attention in use."""
NORMAL = 1.4826
"""Standard deviations in a median absolute deviation, of a normal distribution."""


@dataclass(frozen=True)
class Verdict:
    """What the ends of quarters say of a queue."""

    settles: bool | None
    """None where there are too few quarters to tell."""
    a_quarter: float
    """Cases by which it grew a quarter, over the last part of the window."""
    quarters: int
    """Of that part."""


def verdict(queue: Sequence[float] | Floats, in_use: float = float("nan")) -> Verdict:
    """Whether a queue settles.

    Args:
        queue: cases at the end of each quarter, in order; a mean over replications, or one of them.
        in_use: share of the team's slots or attention in use, 0 to 1; null where that is not known or does not decide.
    """
    known = np.asarray(queue, dtype=np.float64)
    known = known[~np.isnan(known)]
    if len(known) < LEAST_QUARTERS:
        return Verdict(None, float("nan"), len(known))
    late = known[-max(len(known) // 2, LEAST_QUARTERS) :]
    pace = _pace(late)
    growth = pace * (len(late) - 1)
    level = late - pace * np.arange(len(late))
    spread = NORMAL * float(np.median(np.abs(level - np.median(level))))
    grew = growth >= max(SPREADS * spread, LEAST_GROWTH)
    still = _pace(late[-(len(late) // 2) :]) >= STILL * pace
    full = isnan(in_use) or in_use >= NEARLY_ALL
    return Verdict(not (grew and still and full), pace, len(late))


def _pace(values: Floats) -> float:
    """The median of the slopes between every two values."""
    first, second = np.triu_indices(len(values), 1)
    return float(np.median((values[second] - values[first]) / (second - first)))

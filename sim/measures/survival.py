"""How long until it ends, counting those still open? Kaplan and Meier's product-limit curve, from counts by day."""

from __future__ import annotations

import numpy as np

from sim.compile import compiled
from sim.measures.counting import run
from sim.measures.days import Counts
from sim.measures.periods import Floats


def product_limit(ended: Counts, still_open: Counts) -> Floats:
    """Kaplan and Meier's share still open after 0, 1, 2... days, as far as somebody was watched.

    Args:
        ended: how many ended on each day; shape (groups, days).
        still_open: how many were open for at least so many days, and then out of sight.

    Returns:
        Shape (groups, days); null from where the last one still open went out of sight. If nobody was, it stays at 0.
    """
    share = np.empty(ended.shape)
    run(find_product_limit, share, ended, still_open)
    return share


@compiled
def find_product_limit(share: Floats, ended: Counts, still_open: Counts) -> None:
    """Write the curves of `product_limit` into `share`."""
    for group in range(len(ended)):
        at_risk, left = 0, 1.0
        for day in range(ended.shape[1]):
            at_risk += ended[group, day] + still_open[group, day]
        for day in range(ended.shape[1]):
            if at_risk > 0:
                left *= 1.0 - ended[group, day] / at_risk
            elif left > 0:
                left = np.nan
            share[group, day] = left
            at_risk -= ended[group, day] + still_open[group, day]


def restricted_mean(still_open: Floats, horizon: int) -> Floats:
    """Mean days under each curve, counting none beyond the horizon; null if the curve stops before it."""
    mean: Floats = still_open[:, :horizon].sum(axis=1)
    return mean


def first_at_most(still_open: Floats, level: float) -> Floats:
    """The first day after which no more than this share is still open; null if the curve stops before."""
    reached = still_open <= level
    return np.where(reached.any(axis=1), reached.argmax(axis=1), np.nan)

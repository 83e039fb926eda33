"""What was used of each team, month by month? The sums that the kernel keeps, as `engines/exposure.py` gives them.

A point in time adds to its month what is left of the month, and 1 to the count of points. What was used from one point on is then, in
every month, what the points of that month left of it, and the whole month for every point before it. Used time is that of the beginnings
less that of the ends, in whole minutes, so it is exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engines.clock import WorkingTime
from sim.engines.exposure import capacity, month_starts
from sim.plan import Plan

Floats = NDArray[np.float64]


class Meter:
    """What each team of a plan has open, and how to add what was used."""

    def __init__(self, plan: Plan) -> None:
        hours = [WorkingTime(calendar) for calendar in plan.calendars]
        nothing = np.zeros((0, 3), np.int64)
        months = month_starts(plan)
        self.open = capacity(plan, hours, nothing, nothing)
        self.months = np.diff(months)
        self.open_months = [np.diff(hours[team.calendar].count_array(months)) for team in plan.teams]
        self.teams = [(team.name, team.slots >= 0) for team in plan.teams]

    def read(self, sums: NDArray[np.int64]) -> dict[str, Floats]:
        """``busy_minutes``, ``open_minutes``, ``slots_held`` and ``slots`` of each team by month.

        Args:
            sums: shape (teams, 4, months): minutes and points of bouts, minutes and points of slots.
        """
        result = dict(self.open)
        for number, (name, assigns) in enumerate(self.teams):
            result[f"busy_minutes.{name}"] = _used(sums[number, :2], self.open_months[number])
            if assigns:
                result[f"slots_held.{name}"] = _used(sums[number, 2:], self.months)
        return result


def _used(sums: NDArray[np.int64], months: NDArray[np.int64]) -> Floats:
    left, points = sums
    used: Floats = (left + (np.cumsum(points) - points) * months).astype(np.float64)
    return used

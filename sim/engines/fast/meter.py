"""What was used of each team, month by month? The sums that the kernel keeps, as `engines/exposure.py` gives them.

Bouts add their open minutes to the months they lie in. Slots are held for many months, so each end of one is noted only where it is: it adds to its
month what is left of the month, and 1 to the count of points, or takes as much away. What was held in a month is then what its points left of it,
and the whole month for every point before it. All of it in whole minutes, so it is exact.
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
        self.teams = [(team.name, team.slots >= 0) for team in plan.teams]

    def read(self, sums: NDArray[np.int64]) -> dict[str, Floats]:
        """``busy_minutes``, ``open_minutes``, ``slots_held`` and ``slots`` of each team by month.

        Args:
            sums: shape (teams, 3, months): minutes of bouts, minutes left by the points of slots, and their count.
        """
        result = dict(self.open)
        for number, (name, assigns) in enumerate(self.teams):
            result[f"busy_minutes.{name}"] = sums[number, 0].astype(np.float64)
            if assigns:
                left, points = sums[number, 1:]
                held = left + (np.cumsum(points) - points) * self.months
                result[f"slots_held.{name}"] = held.astype(np.float64)
        return result

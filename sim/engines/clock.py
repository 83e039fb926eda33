"""Working time: the open minutes of a calendar, counted and added without stepping through days."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
from numpy.typing import NDArray

from sim.plan import MINUTES_A_DAY, Calendar

Ints = NDArray[np.int64]


class WorkingTime:
    """Open minutes of one calendar, `opens` to `closes` on each open day. After the last planned day every day is open."""

    def __init__(self, calendar: Calendar) -> None:
        self.opens, self.closes = calendar.opens, calendar.closes
        self.length = calendar.closes - calendar.opens
        self.open_days = [digit == "1" for digit in calendar.open_days]
        self.before = [0]
        """Open minutes before each day."""
        for is_open in self.open_days:
            self.before.append(self.before[-1] + self.length * is_open)

    def is_open(self, minute: int) -> bool:
        """Whether work can be done in this minute."""
        day, at = divmod(minute, MINUTES_A_DAY)
        return self.opens <= at < self.closes and (day >= len(self.open_days) or self.open_days[day])

    def count(self, minute: int) -> int:
        """Open minutes from the plan's start until `minute`."""
        day, at = divmod(minute, MINUTES_A_DAY)
        inside = min(max(at - self.opens, 0), self.length)
        if day < len(self.open_days):
            return self.before[day] + inside * self.open_days[day]
        return self.before[-1] + (day - len(self.open_days)) * self.length + inside

    def after(self, minute: int, work: int) -> int:
        """The minute at which `work` (at least 1) open minutes from `minute` on have passed."""
        target = self.count(minute) + work
        if target <= self.before[-1]:
            day = bisect_left(self.before, target) - 1
            return day * MINUTES_A_DAY + self.opens + target - self.before[day]
        days, inside = divmod(target - self.before[-1] - 1, self.length)
        return (len(self.open_days) + days) * MINUTES_A_DAY + self.opens + inside + 1

    def next_open(self, minute: int) -> int:
        """The first open minute at or after `minute`."""
        return minute if self.is_open(minute) else self.after(minute, 1) - 1

    def count_array(self, minutes: Ints) -> Ints:
        """`count` for minutes within the planned days."""
        day, at = np.divmod(minutes, MINUTES_A_DAY)
        opened = np.asarray([*self.open_days, True], dtype=np.int64)
        inside = np.clip(at - self.opens, 0, self.length) * opened[np.minimum(day, len(self.open_days))]
        counted: Ints = np.asarray(self.before, dtype=np.int64)[np.minimum(day, len(self.open_days))] + inside
        return counted

"""When? The window, its financial years, the ends of quarters, and how much of a stretch of exposure lies in
each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sim.plan import MINUTES_A_DAY, Dated, Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]

APRIL = 4
MONTHS_A_QUARTER = 3
MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Period:
    """From 00:00 at `start` until before `end`, in minutes of the plan; `label` is how tables name it."""

    label: str
    start: int
    end: int

    def holds(self, minutes: Ints) -> Bools:
        """Which of these minutes lie in the period."""
        inside: Bools = (minutes >= self.start) & (minutes < self.end)
        return inside


def window(plan: Plan) -> Period:
    """The plan's window, named by its first and last day: ``2013-04-01/2022-03-31``."""
    seen = plan.observation
    first, last = plan.day(seen.window_from), plan.day(seen.window_to - 1)
    return Period(f"{first.isoformat()}/{last.isoformat()}", seen.window_from, seen.window_to)


def financial_years(plan: Plan) -> list[Period]:
    """The financial years (1 April to 31 March) that lie wholly in the window, named ``2015-16``."""
    seen = plan.observation
    first, last = plan.day(seen.window_from).year, plan.day(seen.window_to).year
    years = [financial_year(plan, year) for year in range(first, last + 1)]
    return [year for year in years if year.start >= seen.window_from and year.end <= seen.window_to]


def financial_year(plan: Plan, year: int) -> Period:
    """The financial year that begins on 1 April of `year`."""
    label = f"{year}-{(year + 1) % 100:02d}"
    return Period(label, plan.minute(date(year, APRIL, 1)), plan.minute(date(year + 1, APRIL, 1)))


def financial_years_from_the_start(plan: Plan, count: int, ended_at: int) -> tuple[Ints, Ints]:
    """Where the first `count` financial years of play begin and end, in minutes, cut to what was played."""
    first = plan.starts_on.year - (plan.starts_on.month < APRIL)
    years = [financial_year(plan, first + row) for row in range(count)]
    return _cut([year.start for year in years], [year.end for year in years], ended_at)


def months_from_the_start(plan: Plan, count: int, ended_at: int) -> tuple[Ints, Ints]:
    """Where the first `count` calendar months of play begin and end, in minutes, cut to what was played."""
    first = plan.starts_on.year * MONTHS_A_YEAR + plan.starts_on.month - 1
    edges = [
        plan.minute(date(month // MONTHS_A_YEAR, month % MONTHS_A_YEAR + 1, 1))
        for month in range(first, first + count + 1)
    ]
    return _cut(edges[:-1], edges[1:], ended_at)


def _cut(starts: list[int], ends: list[int], ended_at: int) -> tuple[Ints, Ints]:
    edges = np.clip(np.asarray([starts, ends], dtype=np.int64), 0, ended_at)
    return edges[0], edges[1]


def quarter_ends(plan: Plan, extract: int) -> list[tuple[str, int]]:
    """The ends of calendar quarters from the window's opening to the extract date.

    Each is named by its last day and given as the midnight that ends it, so what happened that day has
    happened.
    """
    ends = []
    year, quarter = plan.day(plan.observation.window_from).year, 0
    while (midnight := plan.minute(date(year, quarter * MONTHS_A_QUARTER + 1, 1))) <= extract:
        if midnight >= max(plan.observation.window_from, 1):
            ends.append(((plan.day(midnight) - timedelta(days=1)).isoformat(), midnight))
        quarter += 1
        if quarter * MONTHS_A_QUARTER == MONTHS_A_YEAR:
            year, quarter = year + 1, 0
    return ends


def share_inside(starts: Ints, ends: Ints, period: Period) -> Floats:
    """How much of each stretch lies in the period, 0 to 1; exposure is taken to be even within a stretch."""
    inside = np.clip(np.minimum(ends, period.end) - np.maximum(starts, period.start), 0, None)
    shares: Floats = inside / np.maximum(ends - starts, 1)
    return shares


def post_minutes(posts: Dated, start: int, end: int) -> float:
    """Posts, whole ones as engines play them, times the minutes each exists from `start` until before `end`."""
    edges = np.clip(np.asarray([*posts.times, end], dtype=np.int64), start, end)
    edges[0] = start
    return float(np.diff(edges) @ np.round(np.asarray(posts.values)))


def dates(plan: Plan, minutes: Ints) -> Days:
    """The dates that minutes lie in."""
    days: Days = np.datetime64(plan.starts_on, "D") + minutes // MINUTES_A_DAY
    return days


def months_later(days: Days, months: int) -> Days:
    """The same day of the month so many months later, or that month's last day if it is shorter."""
    month = days.astype("datetime64[M]")
    first = (month + months).astype("datetime64[D]")
    last = (month + months + 1).astype("datetime64[D]") - 1
    later: Days = np.minimum(first + (days - month.astype("datetime64[D]")), last)
    return later

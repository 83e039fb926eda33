"""When? The window, its financial years, the ends of quarters, and how much of a stretch of exposure lies in
each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.plan import MINUTES_A_DAY, Dated, Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]
Counts = TypeVar("Counts", Ints, Floats)

APRIL = 4
MONTHS_A_QUARTER = 3
MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Period:
    """From 00:00 at `start` until before `end`, in minutes of the plan; `label` is how tables name it."""

    label: str
    start: int
    end: int


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


def quarters(plan: Plan, extract: int) -> list[Period]:
    """The calendar quarters that lie wholly between the window's opening and the extract date, named ``2027Q1``."""
    edges = [midnight for _, midnight in quarter_ends(plan, extract)]
    first = plan.day(0)
    if plan.observation.window_from == 0 and first.day == 1 and first.month % MONTHS_A_QUARTER == 1:
        edges = [0, *edges]  # the quarter before play has no end there
    return [Period(quarter_of(plan.day(start)), start, end) for start, end in pairwise(edges)]


def quarter_of(day: date) -> str:
    """The calendar quarter a day lies in, as ``2027Q1``."""
    return f"{day.year}Q{(day.month - 1) // MONTHS_A_QUARTER + 1}"


class Pieces:
    """Time cut wherever one of several periods begins or ends.

    What is counted once, in the piece it lies in, then adds up for every period, however they overlap.
    """

    def __init__(self, periods: Sequence[Period]) -> None:
        starts, ends = [period.start for period in periods], [period.end for period in periods]
        self.edges: Ints = np.unique(np.asarray(starts + ends, dtype=np.int64))
        self._first = self.of(np.asarray(starts, dtype=np.int64))
        self._after = self.of(np.asarray(ends, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.edges) + 1

    def of(self, minutes: Ints) -> Ints:
        """The piece each minute lies in; what lies in no period is in the first or the last."""
        return np.searchsorted(self.edges, minutes, side="right")

    def within(self, period: int) -> Bools:
        """Whether each piece lies in the period at this position."""
        piece = np.arange(len(self))
        inside: Bools = (piece >= self._first[period]) & (piece < self._after[period])
        return inside

    @cached_property
    def periods(self) -> Ints:
        """The positions of the periods that each piece lies in, -1 for no more: shape (pieces, most)."""
        periods = range(len(self._first))
        found = [[period for period in periods if self.within(period)[piece]] for piece in range(len(self))]
        most = max(map(len, found))
        return np.asarray([row + [-1] * (most - len(row)) for row in found])

    def add_up(self, counts: Counts) -> Counts:
        """Counts by piece as counts by period, on the last axis."""
        return counts @ self._inside.astype(counts.dtype, copy=False)

    @cached_property
    def _inside(self) -> Floats:
        """1 where a piece lies in a period: shape (pieces, periods)."""
        inside = [self.within(period) for period in range(len(self._first))]
        return np.asarray(inside, dtype=np.float64).reshape(-1, len(self)).T


def passed_by_day(midnights: Sequence[int] | Ints, days: int) -> NDArray[np.int16]:
    """How many of some midnights, which ascend, had come when each of the first `days` days began."""
    begins = np.arange(days, dtype=np.int64) * MINUTES_A_DAY
    return np.searchsorted(np.asarray(midnights, dtype=np.int64), begins, side="right").astype(np.int16)


@lru_cache
def financial_year_edges(starts_on: date, count: int) -> Ints:
    """Where the first `count` financial years of play begin, in minutes, and last where they end."""
    first = starts_on.year - (starts_on.month < APRIL)
    return _minutes(starts_on, [date(first + row, APRIL, 1) for row in range(count + 1)])


@lru_cache
def month_edges(starts_on: date, count: int) -> Ints:
    """Where the first `count` calendar months of play begin, in minutes, and last where they end."""
    first = starts_on.year * MONTHS_A_YEAR + starts_on.month - 1
    months = range(first, first + count + 1)
    return _minutes(starts_on, [date(month // MONTHS_A_YEAR, month % MONTHS_A_YEAR + 1, 1) for month in months])


def _minutes(starts_on: date, days: Sequence[date]) -> Ints:
    since = np.asarray(days, dtype="datetime64[D]") - np.datetime64(starts_on, "D")
    minutes: Ints = since.astype("timedelta64[m]").astype(np.int64)
    return minutes


def shares_inside(edges: Ints, ended_at: int, periods: Sequence[Period]) -> Floats:
    """How much of what was played of each stretch between two edges lies in each period, 0 to 1.

    Shape (periods, stretches). Exposure is taken to be even within a stretch.
    """
    cut = np.clip(edges, 0, ended_at)
    starts, ends = cut[:-1], cut[1:]
    since = np.asarray([[period.start] for period in periods], dtype=np.int64)
    until = np.asarray([[period.end] for period in periods], dtype=np.int64)
    inside = np.clip(np.minimum(ends, until) - np.maximum(starts, since), 0, None)
    shares: Floats = inside / np.maximum(ends - starts, 1)
    return shares


def post_minutes(posts: Dated, ended_at: int, periods: Sequence[Period]) -> Floats:
    """Posts, whole ones as engines play them, times the minutes each existed in each period until play ended."""
    starts = np.asarray([[period.start] for period in periods], dtype=np.int64)
    ends = np.asarray([[min(period.end, ended_at)] for period in periods], dtype=np.int64)
    edges = np.clip(np.asarray([*posts.times, ended_at], dtype=np.int64), starts, ends)
    edges[:, :1] = starts
    minutes: Floats = np.diff(edges) @ np.round(np.asarray(posts.values))
    return minutes


def months_later(days: Days, months: int) -> Days:
    """The same day of the month so many months later, or that month's last day if it is shorter."""
    month = days.astype("datetime64[M]")
    first = (month + months).astype("datetime64[D]")
    last = (month + months + 1).astype("datetime64[D]") - 1
    later: Days = np.minimum(first + (days - month.astype("datetime64[D]")), last)
    return later

"""How much capacity there was and how much of it was used, by calendar month from the plan's start."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engines.clock import WorkingTime
from sim.plan import Dated, Plan

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def month_starts(plan: Plan) -> Ints:
    """First minutes of the calendar months of the plan, the first cut at 0, and last the plan's end."""
    starts = [0]
    year, month = plan.starts_on.year, plan.starts_on.month
    while True:
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        minute = plan.minute(plan.starts_on.replace(year=year, month=month, day=1))
        if minute >= plan.ends_at:
            return np.asarray([*starts, plan.ends_at], dtype=np.int64)
        starts.append(minute)


def capacity(plan: Plan, hours: list[WorkingTime], bouts: Ints, slots: Ints) -> dict[str, Floats]:
    """Minutes of attention and slots, open and used, of each team by month.

    Args:
        plan: the plan played.
        hours: its calendars.
        bouts: team, start, end of each bout; shape (bouts, 3).
        slots: team, start, end of each slot held; shape (slots, 3).

    Returns:
        ``busy_minutes.<team>`` and ``open_minutes.<team>`` in working minutes of its posts; for teams that assign, ``slots_held.<team>`` and
        ``slots.<team>`` in minutes of slots.
    """
    months = month_starts(plan)
    result = {}
    for number, team in enumerate(plan.teams):
        clock = hours[team.calendar]
        mine = np.minimum(bouts[bouts[:, 0] == number, 1:], plan.ends_at)
        marks = clock.count_array(months)
        result[f"busy_minutes.{team.name}"] = used_between(
            clock.count_array(mine[:, 0]), clock.count_array(mine[:, 1]), marks
        )
        posts = _stepped(plan.values[team.posts])
        result[f"open_minutes.{team.name}"] = _held(posts, months, clock)
        if team.slots >= 0:
            held = slots[slots[:, 0] == number, 1:]
            result[f"slots_held.{team.name}"] = used_between(held[:, 0], held[:, 1], months)
            caps = _stepped(plan.values[team.slots])
            times = np.union1d(posts[0], caps[0])
            both = (times, _read(posts, times) * _read(caps, times))
            result[f"slots.{team.name}"] = _held(both, months, None)
    return result


def used_between(starts: Ints, ends: Ints, marks: Ints) -> Floats:
    """Time that intervals spend between each mark and the next; shape (marks - 1,)."""

    def passed(points: Ints) -> Floats:
        ordered = np.sort(points).astype(np.float64)
        upto = np.searchsorted(ordered, marks)
        total: Floats = marks * upto - np.concatenate([[0.0], np.cumsum(ordered)])[upto]
        return total

    used: Floats = np.diff(passed(starts) - passed(ends))
    return used


def _stepped(dated: Dated) -> tuple[Ints, Floats]:
    times = np.maximum(np.asarray(dated.times, dtype=np.int64), 0)
    rounded = np.asarray([round(value) for value in dated.values], dtype=np.float64)
    return times, rounded


def _read(stepped: tuple[Ints, Floats], times: Ints) -> Floats:
    result: Floats = stepped[1][np.maximum(np.searchsorted(stepped[0], times, side="right") - 1, 0)]
    return result


def _held(stepped: tuple[Ints, Floats], months: Ints, clock: WorkingTime | None) -> Floats:
    """Sum of a step function over each month, in minutes or in a calendar's open minutes."""
    cuts = np.union1d(np.clip(stepped[0], 0, months[-1]), months)
    spans = np.diff(clock.count_array(cuts) if clock else cuts) * _read(stepped, cuts[:-1])
    month = np.searchsorted(months, cuts[:-1], side="right") - 1
    total: Floats = np.bincount(month, weights=spans, minlength=len(months) - 1).astype(np.float64)
    return total

"""When is it so many open minutes later? Working time in whole minutes, without stepping through days (`engines/clock.py`)."""

from __future__ import annotations

from typing import Any

from sim.compile import inlined
from sim.plan import MINUTES_A_DAY


@inlined
def count(plan: Any, calendar: int, minute: int) -> int:
    """Open minutes from the plan's start until `minute`."""
    if plan.calendars[calendar].always:
        return minute
    day = minute // MINUTES_A_DAY
    opens, length = plan.calendars[calendar].opens, plan.calendars[calendar].closes - plan.calendars[calendar].opens
    inside = min(max(minute - day * MINUTES_A_DAY - opens, 0), length)
    days = plan.calendars[calendar].open_days
    if day < days:
        return plan.before[calendar, day] + inside * plan.is_open[calendar, day]
    return plan.before[calendar, days] + (day - days) * length + inside


@inlined
def after(plan: Any, calendar: int, minute: int, work: int) -> int:
    """The minute at which `work` (at least 1) open minutes from `minute` on have passed."""
    if plan.calendars[calendar].always:
        return minute + work
    opens, length = plan.calendars[calendar].opens, plan.calendars[calendar].closes - plan.calendars[calendar].opens
    days = plan.calendars[calendar].open_days
    target, planned = count(plan, calendar, minute) + work, plan.before[calendar, days]
    if target <= planned:
        whole = (target - 1) // length
        day, inside = plan.opened[plan.calendars[calendar].opened + whole], target - whole * length
    else:
        whole = (target - planned - 1) // length
        day, inside = days + whole, target - planned - whole * length
    return day * MINUTES_A_DAY + opens + inside


@inlined
def next_open(plan: Any, calendar: int, minute: int) -> int:
    """The first open minute at or after `minute`."""
    if plan.calendars[calendar].always:
        return minute
    day = minute // MINUTES_A_DAY
    at = minute - day * MINUTES_A_DAY
    if plan.calendars[calendar].opens <= at < plan.calendars[calendar].closes and (
        day >= plan.calendars[calendar].open_days or plan.is_open[calendar, day]
    ):
        return minute
    return after(plan, calendar, minute, 1) - 1


@inlined
def end(plan: Any, sample: int, now: int, minutes: int) -> int:
    """When a duration that begins now has passed on its calendar."""
    if sample >= 0 and plan.samples[sample].calendar >= 0:
        return after(plan, plan.samples[sample].calendar, now, minutes)
    return now + minutes

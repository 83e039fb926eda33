"""Were the teams busy? Attention, slots and the wait for a slot. A team serves every stream, so these count
them all."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.measures.cohort import AT_PERIOD_END, IN_PERIOD, Figure, View, distinct, mean, ratio
from sim.measures.events import States
from sim.measures.periods import Period, months_from_the_start, post_minutes, share_inside
from sim.plan import MINUTES_A_DAY
from sim.record import What


def figures(view: View) -> Iterator[Figure]:
    """Use of each team's attention and slots; teams whose exposure the record lacks are left out."""
    for period in view.periods:
        for team in view.plan.teams:
            group = f"team={team.name}"
            exposure = view.record.exposure
            if {f"busy_minutes.{team.name}", f"open_minutes.{team.name}"} <= exposure.keys():
                value = ratio(
                    _total(view, f"busy_minutes.{team.name}", period),
                    _total(view, f"open_minutes.{team.name}", period),
                )
                yield Figure("utilisation", "post", IN_PERIOD, group, period.label, value)
            if {f"slots_held.{team.name}", f"slots.{team.name}"} <= exposure.keys():
                held = _total(view, f"slots_held.{team.name}", period)
                end = min(period.end, view.record.ended_at)
                posts = post_minutes(view.plan.values[team.posts], period.start, end)
                for measure, counted, value in (
                    ("slot_utilisation", "slot", ratio(held, _total(view, f"slots.{team.name}", period))),
                    ("live_cases", "case", ratio(held, end - period.start)),
                    ("caseload_per_investigator", "case", ratio(held, posts)),
                ):
                    yield Figure(measure, counted, IN_PERIOD, group, period.label, value)


def _total(view: View, name: str, period: Period) -> float:
    """An exposure by calendar month, added up over a period; part of a month counts in proportion."""
    months = view.record.exposure[name]
    starts, ends = months_from_the_start(view.plan, len(months), view.record.ended_at)
    return float(share_inside(starts, ends, period) @ months)


def queues(view: View, stretches: States) -> Iterator[Figure]:
    """Cases waiting for a slot, and how long those that got one had waited."""
    team_of = np.asarray([node.team for node in view.plan.nodes], dtype=np.int64)
    queued = stretches.what == What.QUEUED
    team = team_of[stretches.node[queued]]
    case, start, end = stretches.case[queued], stretches.start[queued], stretches.end[queued]
    main = ~stretches.side[queued]
    got_one = stretches.next_what[queued] == What.ALLOCATED
    days = end // MINUTES_A_DAY - start // MINUTES_A_DAY
    with_slots = [(number, f"team={t.name}") for number, t in enumerate(view.plan.teams) if t.slots >= 0]
    groups = [("", np.ones(len(team), bool)), *((label, team == number) for number, label in with_slots)]
    for day, midnight in view.quarter_ends:
        waiting = main & (start < midnight) & (end >= midnight)
        for group, rows in groups:
            number = float(len(distinct(case[waiting & rows])))
            yield Figure("unallocated_cases", "case", AT_PERIOD_END, group, day, number)
    for period in view.periods:
        allocated = got_one & period.holds(end) & (end < view.extract)
        for group, rows in groups:
            value = mean(days[allocated & rows])
            yield Figure("mean_days_waiting_for_a_slot", "allocation", IN_PERIOD, group, period.label, value)

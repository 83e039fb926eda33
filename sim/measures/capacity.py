"""Were the teams busy? Attention and slots. A team serves every stream, so these count them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from sim.measures.cohort import IN_PERIOD, View
from sim.measures.figures import Figures, by_period, ratio
from sim.measures.lens import Lens
from sim.measures.periods import Floats, month_edges, post_minutes, shares_inside
from sim.plan import MINUTES_A_DAY, Team
from sim.record import Record

MINUTES_AN_HOUR = 60

Use = Callable[[View, Team], Floats]
"""What is found of a team, for each period."""


def figures(lens: Lens) -> Iterator[Figures]:
    """Use of each team's attention and, where it has them, slots."""
    with_slots = [team for team in lens.plan.teams if team.slots >= 0]
    yield _figures(lens, "utilisation", "post", lens.plan.teams, ("busy_minutes", "open_minutes"), _attention)
    for measure, counted, use in (
        ("slot_utilisation", "slot", _slots),
        ("live_cases", "case", _live_cases),
        ("caseload_per_investigator", "case", _caseload),
    ):
        yield _figures(lens, measure, counted, with_slots, ("slots_held", "slots"), use)
    yield _figures(lens, "attention_hours", "post", lens.plan.teams, ("busy_minutes", "open_minutes"), _hours)
    yield _figures(lens, "post_days", "post", lens.plan.teams, ("busy_minutes", "open_minutes"), _post_days)


def _figures(
    lens: Lens, measure: str, counted: str, teams: Sequence[Team], needs: tuple[str, str], use: Use
) -> Figures:
    """One measure of several teams; a record tells of those whose exposure it has."""

    def told(record: Record) -> list[bool]:
        return [all(f"{name}.{team.name}" in record.exposure for name in needs) for team in teams]

    def values(view: View) -> Floats:
        unknown = np.full(len(lens.periods), np.nan)
        rows = [use(view, team) if known else unknown for team, known in zip(teams, told(view.record), strict=True)]
        return np.asarray(rows).T

    lines = by_period(IN_PERIOD, [f"team={team.name}" for team in teams], lens.labels)
    return Figures((measure,), counted, lines, values, lambda record: told(record) * len(lens.periods))


def _attention(view: View, team: Team) -> Floats:
    return ratio(_total(view, f"busy_minutes.{team.name}"), _total(view, f"open_minutes.{team.name}"))


def _hours(view: View, team: Team) -> Floats:
    return _total(view, f"busy_minutes.{team.name}") / MINUTES_AN_HOUR


def _post_days(view: View, team: Team) -> Floats:
    posts = view.lens.plan.values[team.posts]
    return post_minutes(posts, view.record.ended_at, view.lens.periods) / MINUTES_A_DAY


def _slots(view: View, team: Team) -> Floats:
    return ratio(_total(view, f"slots_held.{team.name}"), _total(view, f"slots.{team.name}"))


def _live_cases(view: View, team: Team) -> Floats:
    played = [min(period.end, view.record.ended_at) - period.start for period in view.lens.periods]
    return ratio(_total(view, f"slots_held.{team.name}"), np.asarray(played))


def _caseload(view: View, team: Team) -> Floats:
    posts = view.lens.plan.values[team.posts]
    return ratio(_total(view, f"slots_held.{team.name}"), post_minutes(posts, view.record.ended_at, view.lens.periods))


def _total(view: View, name: str) -> Floats:
    """An exposure by calendar month, added up over each period; part of a month counts in proportion."""
    months = view.record.exposure[name]
    edges = month_edges(view.lens.plan.starts_on, len(months))

    def shares() -> Floats:
        return shares_inside(edges, view.record.ended_at, view.lens.periods)

    total: Floats = view.once((_total, len(months)), shares) @ months
    return total

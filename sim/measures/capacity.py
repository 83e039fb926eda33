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
    return _post_minutes(view, team) / MINUTES_A_DAY


def _post_minutes(view: View, team: Team) -> Floats:
    """The same in every record that ended then."""
    lens, ended_at = view.lens, view.record.ended_at
    posts = lens.plan.values[team.posts]
    return lens.once((_post_minutes, team.name, ended_at), lambda: post_minutes(posts, ended_at, lens.periods))


def _slots(view: View, team: Team) -> Floats:
    return ratio(_total(view, f"slots_held.{team.name}"), _total(view, f"slots.{team.name}"))


def _live_cases(view: View, team: Team) -> Floats:
    played = [min(period.end, view.record.ended_at) - period.start for period in view.lens.periods]
    return ratio(_total(view, f"slots_held.{team.name}"), np.asarray(played))


def _caseload(view: View, team: Team) -> Floats:
    return ratio(_total(view, f"slots_held.{team.name}"), _post_minutes(view, team))


def _total(view: View, name: str) -> Floats:
    """An exposure by calendar month, added up over each period; part of a month counts in proportion."""
    lens, ended_at, months = view.lens, view.record.ended_at, view.record.exposure[name]

    def shares() -> Floats:
        return shares_inside(month_edges(lens.plan.starts_on, len(months)), ended_at, lens.periods)

    def total() -> Floats:
        found: Floats = lens.once((_total, len(months), ended_at), shares) @ months
        return found

    return view.once((_total, name), total)

"""Which queues never settle, in which arm and world? And which teams bind?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from sim.experiment.study import Study
from sim.measures.settling import NEARLY_ALL, verdict
from sim.report import tables, words

QUEUES = {"unallocated_cases": "slot_utilisation", "cases_waiting_for_attention": "utilisation", "awaiting_hearing": ""}
"""Stocks at the ends of quarters, and the measure of how much of the team is in use."""
WAITS_FOR = {
    "unallocated_cases": "a place",
    "cases_waiting_for_attention": "attention",
    "awaiting_hearing": "a hearing",
}
STANDING = {
    "unallocated_cases": "cases unallocated",
    "cases_waiting_for_attention": "cases waiting for attention",
    "awaiting_hearing": "people awaiting a hearing",
}
NEVER = "never settles"
A_WAIT = 1.0
"""Mean days of waiting for a slot that are worth a word."""


@dataclass(frozen=True)
class Growing:
    """A queue that never settles (`sim/measures/settling.py` says what that is)."""

    scenario: str
    world: str
    queue: str
    team: str
    """Empty for hearings."""
    a_quarter: float
    """Cases by which it grew a quarter, over the last part of the window."""
    last: float
    """How long it was at the end."""

    @property
    def name(self) -> str:
        """PSU, a place."""
        of = words.short(self.team) if self.team else "hearings"
        return f"{of} ({WAITS_FOR[self.queue]})" if self.team else of


@lru_cache(maxsize=4)
def growing(study: Study) -> tuple[Growing, ...]:
    """Every queue that never settles: arms and worlds in their order."""
    found = []
    for label in study.labels:
        stocks = tables.by_quarter(tables.rows_of(study, label, *QUEUES))
        parts, teams = tables.part_and_level(stocks)
        stocks = stocks.assign(team=teams)[
            (parts == "team") | ((parts == "") & (stocks["measure"] == "awaiting_hearing"))
        ]
        use = _in_use(study, label)
        for world in study.worlds:
            units = _with_units(study, label, world)
            for queue, measure in QUEUES.items():
                mine = stocks[(stocks["world"] == world) & (stocks["measure"] == queue)]
                for team, rows in mine.groupby("team", sort=False):
                    in_use = float("nan") if team in units else use.get((world, measure, str(team)), float("nan"))
                    said = verdict(rows["mean"].to_numpy(), in_use)
                    if said.settles is False:
                        last = float(rows["mean"].iloc[-1])
                        found.append(Growing(label, world, queue, str(team), said.a_quarter, last))
    return tuple(found)


def _with_units(study: Study, label: str, world: str) -> set[str]:
    """Teams split into local units: one may be full while others are idle, so that use of the whole decides nothing."""
    plan = study.plans.get((label, world))
    return {team.name for team in plan.teams if team.units >= 0} if plan else set()


def _in_use(study: Study, label: str) -> dict[tuple[str, str, str], float]:
    """By world, measure and team the share in use: in the last full year, or over the window where there is none."""
    rows = tables.with_part(tables.rows_of(study, label, *filter(None, QUEUES.values())), "team")
    if rows.empty:
        return {}
    rows = rows.assign(whole=rows["period"] == tables.window_label(study))
    rows = rows.sort_values(["whole", "period"], ascending=[False, True], kind="stable")
    return {
        (str(one.world), str(one.measure), str(one.team)): float(one.mean_)  # type: ignore[arg-type]
        for one in rows.rename(columns={"mean": "mean_"}).itertuples()
    }


def that_never_settle(study: Study, label: str = "") -> set[tuple[str, str]]:
    """World and team of the queues for a place that never settle: of an arm, of the base if not said."""
    return {
        (one.world, one.team)
        for one in growing(study)
        if one.scenario == (label or study.base) and one.queue == "unallocated_cases"
    }


def names_by_world(study: Study, label: str) -> dict[str, str]:
    """By world the queues of an arm that never settle, as text; worlds without one are left out."""
    found: dict[str, list[str]] = {}
    for one in growing(study):
        if one.scenario == label:
            found.setdefault(one.world, []).append(one.name)
    return {world: ", ".join(names) for world, names in found.items()}


def leading(study: Study, arm: str) -> list[str]:
    """By world, each queue that never settles in the base or an arm: how long it was at the end without and with it. Read before a change of days."""
    found: dict[tuple[str, str, str], Growing] = {}
    for one in growing(study):
        if one.scenario in (study.base, arm) and (arm, one.world) in study.figures:
            found.setdefault((one.world, one.queue, one.team), one)
    said = []
    for (world, queue, team), one in found.items():
        without, with_it = (_at_the_end(study, label, world, queue, team) for label in (study.base, arm))
        where = f"In {world} a" if world else "A"
        said.append(
            f"  {where} queue never settles: {one.name}, {STANDING[queue]} at the end {without:,.0f} without and {with_it:,.0f} with. "
            "The change of days there grows with the run."
        )
    return said


def _at_the_end(study: Study, label: str, world: str, queue: str, team: str) -> float:
    rows = tables.rows_of(study, label, queue)
    rows = tables.pick(rows[rows["world"] == world], group=f"team={team}" if team else "")
    return tables.value_of(tables.by_quarter(rows).tail(1))


def binding(study: Study) -> str:
    """Which team binds in which world of the base, in a sentence: nearly all of its slots or attention in use, or a queue that never settles.

    A team that is not nearly full on average may still keep cases waiting for a slot, where it is full in some local units or years: that is said as well.
    """
    said = []
    use = _in_use(study, study.base)
    for world in study.worlds:
        teams = [team for (at, _, team), share in use.items() if at == world and share >= NEARLY_ALL]
        teams += [one.team for one in growing(study) if (one.scenario, one.world) == (study.base, world) and one.team]
        names = [words.short(team) for team in dict.fromkeys(teams)]
        waits = _waits(study, world, set(teams))
        none = "no team is nearly full on average" if waits else "no team binds"
        who = f"{words.listed(names)} {'bind' if len(names) > 1 else 'binds'}" if names else none
        said.append(", but ".join([f"in {world} {who}" if world else who, *([words.listed(waits)] if waits else [])]))
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if _told(use) else ""


def _waits(study: Study, world: str, binding_: set[str]) -> list[str]:
    """Of each other team for whose slots cases of the base wait a day or more on average over the window: how long, and how much of them is in use."""
    found = tables.pick(
        tables.base_rows(study, "mean_days_waiting_for_a_slot", "slot_utilisation"), period=tables.window_label(study)
    )
    rows = tables.with_part(found[found["world"] == world], "team")
    said = []
    for team in dict.fromkeys(rows["team"]):
        mine = rows[rows["team"] == team]
        wait = tables.value_of(mine, measure="mean_days_waiting_for_a_slot")
        slots = tables.value_of(mine, measure="slot_utilisation")
        if team not in binding_ and wait >= A_WAIT and slots < NEARLY_ALL:
            said.append(
                f"cases wait {tables.number(wait, 'days')} days for a place with {words.short(str(team))}, where {tables.number(slots, 'fraction')} are in use"
            )
    return said


def _told(use: dict[tuple[str, str, str], float]) -> bool:
    return bool(use) and not pd.isna(list(use.values())).all()

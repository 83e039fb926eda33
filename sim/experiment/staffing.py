"""How many posts, people and vacancies does each arm have, quarter by quarter, and who gives them up?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from math import nan

import pandas as pd

from sim.plan import Plan
from sim.scenario.staffing import Roster
from sim.scenario.staffing.columns import FROM_UNITS

OF_A_QUARTER = ("posts_funded", "in_post", "full_speed_equivalent", "vacancies", "leavers")
STAFFING = (
    "scenario",
    "world",
    "team",
    "quarter",
    *OF_A_QUARTER,
    *(f"officer_days_from_{unit}" for unit in FROM_UNITS),
    "training_days",
)

OUTSIDE = "external"
"""The unit that is none: nobody in the force goes without those who come from there."""
GIVEN_UP, OPPORTUNITY = "officer_days_given_up", "opportunity_cost_of_posts_given_up"
GIVEN = (
    *("base", "scenario", "world", "measure", "counted", "basis", "group", "period", "unit"),
    *("mean", "low", "high", "interval"),
)
EXACT = "none: counted from the sheet"
"""What stands for an interval where nothing is left to chance; low and high are null."""
DAYS_A_YEAR = 365.25
UNIT_COST = "costs.suspended_officer"
"""A year of an officer's pay, which is what their unit goes without whatever takes them away."""


def staffing_table(rosters: Mapping[tuple[str, str], tuple[Roster, ...]]) -> pd.DataFrame:
    """`STAFFING`, a row for each arm, world, team and quarter.

    Posts and people are means over the days of the quarter; leavers a count; officer-days calendar days in post (365 a year of a post),
    full-time equivalent; training days those of them before they take cases.

    Args:
        rosters: by label and world of an arm.
    """
    rows = [
        (
            *key,
            made.team,
            one.quarter,
            *(getattr(one, name) for name in OF_A_QUARTER),
            *(one.officer_days_from[unit] for unit in FROM_UNITS),
            one.training_days,
        )
        for key, teams in rosters.items()
        for made in teams
        for one in made.ledger
    ]
    return pd.DataFrame(rows, columns=list(STAFFING))


def given_up(table: pd.DataFrame | None, base: str, plans: Mapping[tuple[str, str], Plan]) -> pd.DataFrame:
    """`GIVEN`: the officer-days that units give up for an arm, more than for the base, by quarter and over the window; below zero where they get some.

    A row for each unit (``unit=front_line``) that gives up or gets anything in the arm and world. `OPPORTUNITY` is the same in pounds: officer-days as
    years times `UNIT_COST`, for units of the force only. It is time lost to their own work and is no money paid; the posts themselves are in the measure
    `cost`, so the two are never added. The window is that part of it which whole quarters cover, and its label is theirs.

    Args:
        table: `STAFFING`; None where no sheet was laid over anything.
        base: label of what the others are compared with.
        plans: by label and world; their windows, and the unit cost where there is one.
    """
    if table is None:
        return pd.DataFrame(columns=list(GIVEN))
    units = [f"officer_days_from_{unit}" for unit in FROM_UNITS]
    arms = table.groupby(["scenario", "world"], sort=False)
    sums = {key: mine.groupby("quarter", sort=False)[units].sum() for key, mine in arms}
    rows: list[tuple[object, ...]] = []
    for label, world in plans:
        if label == base or (label, world) not in sums or (base, world) not in sums:
            continue
        more = sums[label, world].sub(sums[base, world], fill_value=0.0)
        more = more[[_in_window(quarter, plans[label, world]) for quarter in more.index]]
        for unit, column in zip(FROM_UNITS, units, strict=True):
            if more[column].any():
                cost = 0.0 if unit == OUTSIDE else _a_day(plans[label, world])
                rows += [(base, label, world, *row) for row in _of_unit(unit, more[column], cost)]
    return pd.DataFrame(rows, columns=list(GIVEN))


def training_days(table: pd.DataFrame | None, label: str, world: str, plan: Plan) -> float:
    """Calendar days in post of those whom a sheet brings in that are training, over whole quarters of the window; 0 without a sheet.

    Args:
        table: `STAFFING`.
        label: of an arm.
        world: it is played in.
        plan: its window.
    """
    if table is None:
        return 0.0
    mine = table[(table["scenario"] == label) & (table["world"] == world)]
    return float(mine.loc[mine["quarter"].map(lambda quarter: _in_window(quarter, plan)), "training_days"].sum())


def _of_unit(unit: str, days: pd.Series, cost: float) -> Iterator[tuple[object, ...]]:
    """The rows of one unit: each quarter, then all of them, in days and, if they cost anything, in pounds."""
    first, last = quarter_days(str(days.index[0]))[0], quarter_days(str(days.index[-1]))[1]
    whole = f"{first.isoformat()}/{(last - timedelta(days=1)).isoformat()}"
    periods = [*((str(quarter), float(value)) for quarter, value in days.items()), (whole, float(days.sum()))]
    kinds = [(GIVEN_UP, "post", "days", 1.0), *([(OPPORTUNITY, "pound", "GBP", cost)] if cost else [])]
    for measure, counted, of, each in kinds:
        for period, value in periods:
            yield measure, counted, "in_period", f"unit={unit}", period, of, value * each, nan, nan, EXACT


def quarter_days(quarter: str) -> tuple[date, date]:
    """The first day of a quarter such as ``2027Q2``, and the day after its last."""
    year, number = int(quarter[:4]), int(quarter[5:])
    return date(year, 3 * number - 2, 1), date(year + number // 4, 3 * number % 12 + 1, 1)


def _in_window(quarter: str, plan: Plan) -> bool:
    first, after = quarter_days(quarter)
    seen = plan.observation
    return plan.day(seen.window_from) <= first and after <= plan.day(seen.window_to)


def _a_day(plan: Plan) -> float:
    """What an officer-day costs at the opening of the window, in pounds; 0 where the plan has no such cost."""
    try:
        return plan.value(UNIT_COST).at(plan.observation.window_from) / DAYS_A_YEAR
    except KeyError:
        return 0.0

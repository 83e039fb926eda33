"""How many posts, people and vacancies does each arm have, quarter by quarter, and who gives them up?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

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
)


def staffing_table(rosters: Mapping[tuple[str, str], tuple[Roster, ...]]) -> pd.DataFrame:
    """`STAFFING`, a row for each arm, world, team and quarter.

    Posts and people are means over the days of the quarter; leavers a count; officer-days calendar days in post, full-time equivalent.

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
        )
        for key, teams in rosters.items()
        for made in teams
        for one in made.ledger
    ]
    return pd.DataFrame(rows, columns=list(STAFFING))

"""How many cases wait for the force's own teams? The sum over them, future by future, as rows like those of a study.

The tables of a study give each queue of each team, and one of all teams, in which whoever waits for another body's people stands as well.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.experiment.study import Study
from sim.report import sums, tables

GROUP = "staff=own"
"""What the rows are grouped by: all of the force's own teams together."""


def names(study: Study) -> tuple[str, ...]:
    """The teams whose posts are the force's."""
    return tuple(team.name for team in tables.plan_of(study).teams if team.own_staff)


def summed(study: Study, measures: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Of figures given by team, the sum over the force's own: rows as of a study's summary, and as of its differences.

    Their group is `GROUP`. Both are empty where no figure is given by team.

    Args:
        study: what was played.
        measures: counts, which add up over teams.
    """
    return sums.summed(study, tuple(measures), tuple(f"team={name}" for name in names(study)), GROUP)

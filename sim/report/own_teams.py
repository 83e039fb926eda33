"""How many cases wait for the force's own teams? The sum over them, future by future, as rows like those of a study.

The tables of a study give each queue of each team, and one of all teams, in which whoever waits for another body's people stands as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from sim.experiment import intervals
from sim.experiment.study import KEYS, Figures, Study
from sim.report import tables

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
    return _summed(study, tuple(measures))


@lru_cache(maxsize=4)
def _summed(study: Study, measures: tuple[str, ...]) -> tuple[pd.DataFrame, pd.DataFrame]:
    groups = [f"team={name}" for name in names(study)]
    made: dict[tuple[str, str], Figures] = {}
    for key, figures in study.figures.items():
        mine = (figures.names["measure"].isin(measures) & figures.names["group"].isin(groups)).to_numpy()
        if mine.any():
            rows = figures.names.loc[mine, [*KEYS, "unit"]].assign(group=GROUP).astype("str")
            kept = rows.drop_duplicates(ignore_index=True)
            added = np.zeros((len(kept), len(figures.matrix)))
            places = pd.MultiIndex.from_frame(kept).get_indexer(pd.MultiIndex.from_frame(rows))
            np.add.at(added, places, figures.matrix[:, mine].T)
            made[key] = Figures(kept, added.T)
    if not made:
        return study.summary.head(0), study.differences.head(0)
    return intervals.summarise(made), intervals.differences(made, study.base)

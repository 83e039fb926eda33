"""What do the groups of a count add up to? The sum, future by future, as rows like those of a study."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from sim.experiment import intervals
from sim.experiment.study import KEYS, Figures, Study


@lru_cache(maxsize=16)
def summed(
    study: Study, measures: tuple[str, ...], groups: tuple[str, ...], named: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Of each of these figures the sum over groups: rows as of a study's summary, and as of its differences. Both are empty where there is none.

    Args:
        study: what was played.
        measures: counts, which add up over these groups.
        groups: as figures name them; ``""`` is the group without a name.
        named: what the rows are grouped by.
    """
    made: dict[tuple[str, str], Figures] = {}
    for key, figures in study.figures.items():
        group = figures.names["group"].fillna("")
        mine = (figures.names["measure"].isin(measures) & group.isin(groups)).to_numpy()
        if mine.any():
            rows = figures.names.loc[mine, [*KEYS, "unit"]].assign(group=named).astype("str")
            kept = rows.drop_duplicates(ignore_index=True)
            added = np.zeros((len(kept), len(figures.matrix)))
            places = pd.MultiIndex.from_frame(kept).get_indexer(pd.MultiIndex.from_frame(rows))
            np.add.at(added, places, figures.matrix[:, mine].T)
            made[key] = Figures(kept, added.T)
    if not made:
        return study.summary.head(0), study.differences.head(0)
    return intervals.summarise(made), intervals.differences(made, study.base)

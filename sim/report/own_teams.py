"""What of the force's own teams, taken together? Their queues, and the days that cases wait for them, summed future by future as rows like those of a study.

The tables of a study give each queue of each team, and one of all teams, in which whoever waits for another body's people stands as well; and the days of each
stage, of which those at a node where a team works or takes cases are days that its posts may shorten.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.experiment.study import Study
from sim.plan import Kind
from sim.report import sums, tables

GROUP = "staff=own"
"""What the rows are grouped by: all of the force's own teams together."""
WAITING = "days_in_waiting_for_own_staff"
POSTS = "post_days"


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


def waits(study: Study) -> pd.DataFrame:
    """Mean days that finalised allegations wait for a place with a team of the force's own, or for its attention: rows as of a study's summary.

    It is that part of `WAITING` which falls to nodes where a team takes cases or works on them. The rest are waits that no post of a team shortens: fixed
    spells of the force's, such as those of notices and enquiries. More posts take these days away and hardly more: nights within a bout that would have
    begun sooner are the rest. Empty where the runs kept no events.
    """
    plan = tables.plan_of(study)
    own = [team.own_staff for team in plan.teams]
    served = [
        node.name for node in plan.nodes if node.kind in (Kind.ASSIGN, Kind.WORK) and node.team >= 0 and own[node.team]
    ]
    return sums.summed(study, (WAITING,), tuple(f"stage={name}" for name in served), GROUP)[0]


def with_other_posts(study: Study, label: str) -> pd.DataFrame:
    """Of an arm, the teams of the force's own that have other posts over the window than in the base: columns `world`, `team` and `mean`, days of posts more."""
    rows = study.differences
    rows = tables.one_row_each(rows[(rows["measure"] == POSTS) & (rows["scenario"] == label) & (rows["mean"] != 0)])
    rows = tables.with_part(tables.pick(rows, period=tables.window_label(study)), "team")
    return rows[rows["team"].isin(names(study))][["world", "team", "mean"]].reset_index(drop=True)


def ways(study: Study, label: str) -> list[int]:
    """Which ways an arm changes the posts of teams: ``[1]`` only more, ``[-1]`` only fewer, ``[-1, 1]`` both; empty where none or nothing is known of them."""
    return sorted({1 if more > 0 else -1 for more in with_other_posts(study, label)["mean"]})


def called(study: Study, label: str) -> str:
    """What the posts that an arm changes are called: investigators if a team with a caseload is among them, or nothing is known of them, else staff."""
    teams = set(with_other_posts(study, label)["team"])
    with_caseload = {team.name for team in tables.plan_of(study).teams if team.slots >= 0}
    return "investigators" if not teams or teams & with_caseload else "staff"

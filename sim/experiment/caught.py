"""Which open cases does each reform catch, on the day it comes into force? From the plays of the base to one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.experiment.arms import Asked
from sim.experiment.study import Figures, Floats
from sim.measures.caught import STATES, Commencement
from sim.plan import Plan
from sim.scenario.files import as_date
from sim.scenario.load import PATHWAYS

if TYPE_CHECKING:
    import pandas as pd  # not needed until something has been played

OPEN = "open_at_commencement"
BASIS = "at_commencement"


@dataclass(frozen=True)
class Coming:
    """A reform that is compared with the base, in one world."""

    label: str
    world: str
    on: date
    """The day it comes into force; of several laid together, the first."""
    commencement: Commencement


def comings(asked: Asked) -> list[Coming]:
    """The reforms of a comparison that come into force while the base is played, opposites apart: they change the same numbers."""
    found = []
    of_the_base = set(asked.arms[0].reforms)
    for arm in asked.arms:
        days = [asked.headers[Path(one).stem].in_force_on for one in arm.reforms if one not in of_the_base]
        days += [as_date(path.partition("@")[2]) for path, _ in arm.own]
        known = [day for day in days if isinstance(day, date)]
        if arm.label == asked.base or arm.opposite or not known:
            continue
        plan, on = asked.plans[arm.label, arm.world], min(known)
        if 0 < plan.minute(on) < plan.ends_at:
            found.append(Coming(arm.label, arm.world, on, Commencement(plan, plan.minute(on))))
    return found


def caught_table(asked: Asked, found: Sequence[Coming], counts: Mapping[tuple[str, str], Floats]) -> pd.DataFrame:
    """Open cases on the day each reform comes into force: all of them, then by stage or, in a pathway without stages, by node.

    Args:
        asked: what was asked.
        found: the reforms.
        counts: by label and world, shape (replications, nodes, states).

    Returns:
        `SUMMARY` columns; the measures are ``open_at_commencement`` and the three states that add up to it, `period` is the day.
    """
    import pandas as pd

    from sim.experiment.intervals import summarise

    figures = {}
    for one in found:
        matrix = counts[one.label, one.world]
        parts = _parts(asked.plans[asked.base, one.world])
        names, columns = [], []
        for group, nodes in [("", list(range(matrix.shape[1]))), *parts]:
            here = matrix[:, nodes, :].sum(axis=1)
            if group and not here.any():
                continue
            for measure, column in [(OPEN, here.sum(axis=1)), *zip(STATES, here.T, strict=True)]:
                names.append((measure, "case", BASIS, group, one.on.isoformat(), "cases"))
                columns.append(column)
        table = pd.DataFrame(names, columns=["measure", "counted", "basis", "group", "period", "unit"])
        figures[one.label, one.world] = Figures(table, np.column_stack(columns).astype(np.float64))
    return summarise(figures)


def _parts(plan: Plan) -> list[tuple[str, list[int]]]:
    """The stages of a plan's pathway, or its nodes where it has none, each with the positions of its nodes."""
    names = [node.name for node in plan.nodes]
    for pathway in PATHWAYS.values():
        if pathway.stages and [node.name for node in pathway.nodes] == names:
            place = {name: at for at, name in enumerate(names)}
            return [
                (f"stage={stage.name}", [place[node.name] for node in stage.nodes])
                for stage in sorted(pathway.stages, key=lambda stage: stage.number)
            ]
    return [(f"node={name}", [at]) for at, name in enumerate(names)]

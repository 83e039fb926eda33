"""Which open cases does a reform catch? One sentence for each reform and world."""

from __future__ import annotations

from datetime import date

from sim.experiment.caught import OPEN
from sim.experiment.study import Study
from sim.report import tables, words

SAID = (("caught", "caught"), ("not_caught", "not"), ("does_not_come_to_it", "do not come to it"))
"""The states of an open case, and how each is said after its number."""


def sentences(study: Study, arm: str) -> list[str]:
    """ "On 7 May 2024, 1,312 open cases: 410 caught, 650 not, 252 do not come to it": means over replications, for each world."""
    table = study.caught
    if table is None:
        return []
    rows = tables.one_row_each(table[(table["scenario"] == arm) & (table["group"] == "")])
    said = []
    for world in study.worlds:
        mine = rows[rows["world"] == world]
        if mine.empty:
            continue
        counts = {
            str(one): tables.number(float(mean), "cases")
            for one, mean in zip(mine["measure"], mine["mean"], strict=True)
        }
        on = words.day(date.fromisoformat(str(mine["period"].iloc[0])))
        parts = [f"{counts[state]} {word}" for state, word in SAID]
        count = counts[OPEN]
        said.append(f"  {world + ': ' if world else ''}on {on}, {count} open cases: {', '.join(parts)}.")
    return said

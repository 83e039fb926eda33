"""Which open cases does a reform catch? One sentence for each reform and world."""

from __future__ import annotations

from datetime import date
from math import floor

from sim.experiment.study import Study
from sim.report import tables, words

SAID = (
    ("caught", "come to a changed rule and are under it"),
    ("not_caught", "come to one and stay under the old"),
    ("does_not_come_to_it", "come to none"),
)
"""The states of an open case, and how each is said after its number."""


def sentences(study: Study, arm: str) -> list[str]:
    """ "On 7 May 2024, of 1,312 open cases 410 come to a changed rule and are under it": means over replications, for each world.

    Under it is not the same as changed by it: a rule may be looked at and say the same as before.
    """
    table = study.caught
    if table is None:
        return []
    rows = tables.one_row_each(table[(table["scenario"] == arm) & (table["group"] == "")])
    said = []
    for world in study.worlds:
        mine = rows[rows["world"] == world]
        if mine.empty:
            continue
        means = {str(one): float(mean) for one, mean in zip(mine["measure"], mine["mean"].tolist(), strict=True)}
        on = words.day(date.fromisoformat(str(mine["period"].iloc[0])))
        count, parts = _whole([means[state] for state, _ in SAID])
        told = [f"{part:,} {word}" for part, (_, word) in zip(parts, SAID, strict=True)]
        said.append(f"  {world + ': ' if world else ''}on {on}, of {count:,} open cases {', '.join(told)}.")
    return said


def _whole(parts: list[float]) -> tuple[int, list[int]]:
    """The sum of some means, and the means as whole numbers that add up to it: the largest remainders are rounded up."""
    total = round(sum(parts))
    whole = [floor(part) for part in parts]
    by_remainder = sorted(range(len(parts)), key=lambda at: whole[at] - parts[at])
    for at in by_remainder[: total - sum(whole)]:
        whole[at] += 1
    return total, whole

"""Which members of an ensemble are played, with what weight, and what do they differ in?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.experiment.counted import Count
from sim.experiment.study import Floats
from sim.plan import Plan
from sim.scenario import Ensemble, Member, Scenario

if TYPE_CHECKING:
    import pandas as pd  # not needed to choose members

MEMBERS = 24
"""How many are played if nobody says."""
LEAST_SHARE_OF_A_WORLD = 0.5
"""Of an equal share: a world of little weight is still played by so many members, each of little weight."""
FUTURES_APART = 10_000
"""Between the replications of one member and the next, so that no two members share a future, and more replications add to those there are."""
GRADES = ("published", "derived", "elicited", "assumed")
NOT_FITTED = "provisional"
"""The entry of an ensemble's record that says that it is no calibration yet."""


@dataclass(frozen=True)
class Chosen:
    """The members that are played beside the arms of a study."""

    ensemble: str
    size: int
    members: tuple[Member, ...]
    """With the weight each stands for."""
    places: tuple[int, ...]
    """Of each in its ensemble."""
    provisional: bool
    plans: Mapping[tuple[str, str], Plan]
    """By label and member."""
    parameters: pd.DataFrame
    grades: Mapping[str, str]
    counts: tuple[Count, ...] = ()
    """What the user has counted, by which members are weighed again once they have been played."""


def stratified(ensemble: Ensemble, wanted: int, worlds: Sequence[str] = ()) -> list[tuple[int, float]]:
    """So many members, by place, with the weight that each stands for; all of them, with their own, if they are no more.

    Every world keeps its weight, and within a world members are drawn by a systematic sample in proportion to theirs, without chance: one that is
    drawn twice stands for twice as much.

    Args:
        ensemble: to choose from.
        wanted: how many at most.
        worlds: only of these; of all if empty.
    """
    of_world: dict[str, list[int]] = {}
    for at, member in enumerate(ensemble.members):
        if member.weight > 0 and (not worlds or member.world in worlds):
            of_world.setdefault(member.world, []).append(at)
    total = sum(ensemble.members[at].weight for places in of_world.values() for at in places)
    if sum(map(len, of_world.values())) <= wanted:
        return sorted((at, ensemble.members[at].weight / total) for places in of_world.values() for at in places)
    counts = _shares_out(wanted, {w: sum(ensemble.members[at].weight for at in p) for w, p in of_world.items()})
    chosen: list[tuple[int, float]] = []
    for world, places in of_world.items():
        weights = np.asarray([ensemble.members[at].weight for at in places])
        upto = np.cumsum(weights) / weights.sum()
        count = counts[world]
        if count >= len(places):
            chosen += zip(places, (weights / total).tolist(), strict=True)
            continue
        marks = np.minimum(np.searchsorted(upto, (np.arange(count) + 0.5) / count), len(places) - 1)
        for mark, times in zip(*np.unique(marks, return_counts=True), strict=True):
            chosen.append((places[int(mark)], float(times / count * weights.sum() / total)))
    return sorted(chosen)


def _shares_out(wanted: int, weights: Mapping[str, float]) -> dict[str, int]:
    """How many of each world: by weight, none below its least, and at least one."""
    least = max(int(LEAST_SHARE_OF_A_WORLD * wanted / len(weights)), 1)
    rest = max(wanted - least * len(weights), 0)
    exact = {world: rest * weight / sum(weights.values()) for world, weight in weights.items()}
    counts = {world: least + int(share) for world, share in exact.items()}
    by_remainder = sorted(exact, key=lambda world: int(exact[world]) - exact[world])
    for world in by_remainder[: max(wanted - sum(counts.values()), 0)]:
        counts[world] += 1
    return counts


def weighed(ensemble: Ensemble, chosen: Sequence[tuple[int, float]]) -> tuple[Member, ...]:
    """The members chosen, with the weight that each stands for."""
    return tuple(replace(ensemble.members[at], weight=weight) for at, weight in chosen)


def futures(place: int, replications: int) -> range:
    """The numbers of the replications of the member at this place of its ensemble."""
    return range((place + 1) * FUTURES_APART, (place + 1) * FUTURES_APART + replications)


def numbers_that_differ(scenarios: Sequence[Scenario]) -> tuple[pd.DataFrame, dict[str, str]]:
    """What the base of each member reads and not all have the same of, on the first day of the window, and the grade of each such number.

    Args:
        scenarios: the base in each member.

    Returns:
        a row for each member, by name, and a column for each number, in its unit; and by key the grade of the number in the evidence on that day.
    """
    import pandas as pd

    first = scenarios[0]
    on = first.plan.day(first.plan.observation.window_from)
    touched = sorted({change.key for made in scenarios for change in made.changes} - set(first.unread))
    names = pd.Index([made.member.name if made.member else made.name for made in scenarios], name="member")
    numbers = {key: [_on(made, key, on) for made in scenarios] for key in touched}
    table = pd.DataFrame({key: amounts for key, amounts in numbers.items() if len(set(amounts)) > 1}, index=names)
    return table, {key: first.evidence.numbers[key].at(on).grade for key in table.columns}


def _on(made: Scenario, key: str, on: date) -> float:
    steps = made.numbers[key].steps
    return next((value for day, value in reversed(steps) if day <= on), steps[0][1])


def share_by_grade(
    means: Floats, weights: Floats, parameters: pd.DataFrame, grades: Mapping[str, str]
) -> dict[str, float]:
    """Of the ignorance of one figure, the share that rests on numbers of each grade; empty where none can be told.

    Each number counts by what it explains alone: its squared correlation with the members' means, less what as many members would show of a
    number that explains nothing, 1 / (members - 1), and none below zero. What the ensemble does not vary counts nothing.

    Args:
        means: of the members.
        weights: of the members.
        parameters: what they differ in, a column for each number.
        grades: of the numbers.
    """
    share = np.asarray(weights, float) / np.sum(weights)
    by_chance = 1 / max(1 / float(np.sum(share**2)) - 1, 1.0)
    explained = dict.fromkeys(GRADES, 0.0)
    for key, alone in _explained(np.asarray(means, float), share, parameters):
        explained[grades[key]] += max(alone - by_chance, 0.0)
    total = sum(explained.values())
    return {grade: part / total for grade, part in explained.items()} if total > 0 else {}


def _explained(means: Floats, share: Floats, parameters: pd.DataFrame) -> Iterator[tuple[str, float]]:
    centred = means - share @ means
    spread = share @ centred**2
    for key in parameters.columns:
        number = parameters[key].to_numpy(float)
        number = number - share @ number
        size = share @ number**2
        if spread > 0 and size > 0:
            yield str(key), float((share @ (centred * number)) ** 2 / (spread * size))

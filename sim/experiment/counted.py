"""Which members of an ensemble agree with what a force has counted itself? Its unallocated cases, by team, on a day.

Members agree with published totals, and those do not tell whose places are taken. A force can count that in a morning. A count is given as
``psu@2022-03-31=540``, or with how far it may be off as one standard deviation, ``psu@2022-03-31=540+-30``. It is held against the measure
`unallocated_cases` of the base, played in each member: cases of every stream that wait for a place with an investigator of the team at the end of that day.

With m the mean of a member over its n futures, a count y lies (y - m) / s from it::

    s^2 = error^2 + chance^2 (1 + 1/n) + (SHARE_OFF m)^2

*error* is that of the count, *chance* the standard deviation of one future, pooled over the members of a family, and the last how far a right model of this
simplicity may be off. A member that lies more than `RULED_OUT` from any count loses its weight, since nothing counted speaks for it; the others are weighed by
the normal density of every count. If none is left, weights stay what they were: then either something else was counted, or the ensemble does not hold this force.

This is no calibration: the register's figures take no part, and what is counted is the user's. It says which queues are like those counted, and nothing of why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.evidence import Problem
from sim.experiment.study import Figures, Floats
from sim.plan import Plan

if TYPE_CHECKING:
    import pandas as pd  # not needed to read what was asked

OPTION = "--unallocated"
MEASURE = "unallocated_cases"
LEAST_FUTURES = 2
"""Of one future of each member nobody knows what chance adds."""
SHARE_OFF = 0.1
"""Assumed, as for the stocks among the targets (officers suspended, or awaiting a hearing): when a case counts as allocated is a reading, and units are
rounded to whole posts. Range 0.05 to 0.2."""
ERROR_SHARE, LEAST_ERROR = 0.1, 10.0
"""Of a count whose error is not said, assumed: a tenth of it, and no less than ten cases, since a case on its way to an investigator is counted by one
force and not by another. Ranges 0 to 0.2 and 5 to 20."""
AGREES_WITHIN, RULED_OUT = 2.0, 3.0
"""Standard deviations: what a check calls inside, and what it calls outside."""
LEAST_VARIANCE = 1.0
"""Cases are whole."""
AGREES, NEAR, OUTSIDE = "agrees", "near", "ruled out"
COUNTED = (
    *("member", "world", "team", "on", "counted", "error", "model", "chance", "distance"),
    *("verdict", "weight_before", "weight_after"),
)
"""A row for each member and count; those of the worlds fitted by hand have no member and no weights. `verdict` is of the row's own count."""
FAMILIES = (
    *("world", "team", "on", "counted", "error", "mean", "low", "high"),
    *("members", "left", "weight_before", "weight_after"),
)
"""A row for each family of the ensemble and count: mean of its members before, and between which values four in five of their single futures lie; how many
members there are, and of how many no count is too far."""

_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)(?:\s*(?:\+-|\u00b1)\s*(\d+(?:\.\d+)?))?")


@dataclass(frozen=True)
class Count:
    """Unallocated cases that somebody counted."""

    team: str
    on: date
    cases: float
    error: float
    """How far it may be off: one standard deviation, in cases."""

    def __str__(self) -> str:
        return f"{self.team}@{self.on.isoformat()}={self.cases:g}+-{self.error:g}"


@dataclass(frozen=True, eq=False)
class Weighed:
    """An ensemble weighed again."""

    counts: tuple[Count, ...]
    table: pd.DataFrame
    """`COUNTED`."""
    weights: Floats
    """Of all members that were played; they add up to one. Those before where none is left."""
    agrees: bool
    """Whether any member is left."""
    families: pd.DataFrame
    """`FAMILIES`."""

    @property
    def told(self) -> str:
        """The counts in words: ``540 (+-54) for psu on 2022-03-31``."""
        return "; ".join(
            f"{one.cases:,.0f} (+-{one.error:,.0f}) for {one.team} on {one.on.isoformat()}" for one in self.counts
        )


def counts_from(texts: Sequence[str]) -> tuple[dict[str, str], list[Problem]]:
    """Counts as a command line gives them, ``team@date=cases``, and what cannot be read of them."""
    problems: list[Problem] = []
    counts: dict[str, str] = {}
    for text in texts:
        which, equals, amount = (part.strip() for part in text.partition("="))
        if not (equals and "@" in which and _AMOUNT.fullmatch(amount)):
            problems.append(
                _wrong("", repr(text), "team@date=cases, such as psu@2022-03-31=540 or psu@2022-03-31=540+-30")
            )
        elif which in counts:
            problems.append(_wrong(which, "a second count", "one for each team and date"))
        else:
            counts[which] = amount
    return counts, problems


def read_counts(given: Mapping[str, str], plan: Plan, names: pd.DataFrame) -> tuple[tuple[Count, ...], list[Problem]]:
    """What was counted, and every problem of it.

    Args:
        given: cases by team and date, ``{"psu@2022-03-31": "540+-30"}``.
        plan: of the base; any of its worlds.
        names: of the figures of that plan (`sim.measures.labels`).
    """
    counts, problems = [], []
    rows = names[names["measure"] == MEASURE]
    teams = [team.name for team in plan.teams if team.own_staff and f"team={team.name}" in set(rows["group"])]
    days = sorted(set(rows["period"]))
    for which, amount in given.items():
        team, _, day = (part.strip() for part in which.partition("@"))
        found = _AMOUNT.fullmatch(str(amount).strip())
        if team not in teams:
            problems.append(_wrong(which, f"a team {team!r}", f"one whose cases wait for a place: {', '.join(teams)}"))
        if day not in days:
            span = f"from {days[0]} to {days[-1]}" if days else "of the window"
            wanted = f"the last day of a quarter {span}; take the nearest and allow for it in the error, or move the window with --from"
            problems.append(_wrong(which, f"a day {day!r}", wanted))
        if found is None:
            problems.append(_wrong(which, repr(str(amount)), "a number of cases, such as 540 or 540+-30"))
        if team in teams and day in days and found is not None:
            cases = float(found[1])
            error = float(found[2]) if found[2] else max(ERROR_SHARE * cases, LEAST_ERROR)
            counts.append(Count(team, date.fromisoformat(day), cases, error))
    return tuple(counts), problems


def _wrong(key: str, found: str, expected: str) -> Problem:
    return Problem(file=OPTION, key=key, found=found, expected=expected)


def shown_by(figures: Figures, count: Count, members: int = 1) -> Floats:
    """What the futures of members show of a count: shape (members, replications)."""
    names = figures.names
    mine = names.index[
        (names["measure"] == MEASURE)
        & (names["group"] == f"team={count.team}")
        & (names["period"] == count.on.isoformat())
    ]
    return figures.matrix[:, int(mine[0])].reshape(members, -1)


def chance_of(shown: Floats, families: Sequence[str]) -> Floats:
    """The variance of one future of each member, pooled over its family: shape (members,).

    Args:
        shown: shape (members, replications), two or more of these.
        families: of the members.
    """
    own = shown.var(axis=1, ddof=1)
    of = np.asarray(families)
    return np.asarray([max(float(own[of == family].mean()), LEAST_VARIANCE) for family in families], np.float64)


def deviation(count: Count, means: Floats, chance: Floats, futures: int) -> Floats:
    """One standard deviation of a count around the means of members."""
    return np.asarray(np.sqrt(count.error**2 + chance * (1 + 1 / futures) + (SHARE_OFF * means) ** 2), np.float64)


def weigh(
    counts: Sequence[Count],
    names: Sequence[str],
    families: Sequence[str],
    weights: Floats,
    figures: Figures,
    by_hand: Mapping[str, Figures],
) -> Weighed:
    """Hold counts against the members and weigh them again.

    Args:
        counts: one or more.
        names: of the members.
        families: the world of each member.
        weights: of the members before, of any sum.
        figures: of the base in the members; the futures of the first member, then those of the second...
        by_hand: of the base in each world fitted by hand, to be told apart and not weighed.
    """
    import pandas as pd

    log = np.zeros(len(names))
    kept = np.ones(len(names), bool)
    parts = []
    for count in counts:
        shown = shown_by(figures, count, len(names))
        means, chance = shown.mean(axis=1), chance_of(shown, families)
        sd = deviation(count, means, chance, shown.shape[1])
        far = (count.cases - means) / sd
        log += -np.log(sd) - far**2 / 2
        kept &= np.abs(far) <= RULED_OUT
        parts.append(pd.DataFrame(_rows(count, names, families, means, chance, far)))
        for world, one in by_hand.items():
            shown = shown_by(one, count)
            means, chance = shown.mean(axis=1), chance_of(shown, [world])
            far = (count.cases - means) / deviation(count, means, chance, shown.shape[1])
            parts.append(pd.DataFrame(_rows(count, [""], [world], means, chance, far)))
    before = np.asarray(weights, float) / np.sum(weights)
    after = before
    if kept.any():
        after = np.where(kept, before * np.exp(log - log[kept].max()), 0.0)
        after = after / after.sum()
    table = pd.concat(parts, ignore_index=True)
    table["weight_before"] = table["member"].map(dict(zip(names, before, strict=True)))
    table["weight_after"] = table["member"].map(dict(zip(names, after, strict=True)))
    told = []
    for count in counts:
        spans = spans_of(shown_by(figures, count, len(names)), families, before)
        for world, (mean, low, high) in spans.items():
            mine = np.asarray([one == world for one in families])
            weights_of = float(before[mine].sum()), float(after[mine].sum())
            number = int(mine.sum()), int((mine & kept).sum())
            what = (world, count.team, count.on.isoformat(), count.cases, count.error)
            told.append((*what, mean, low, high, *number, *weights_of))
    by_family = pd.DataFrame(told, columns=list(FAMILIES))
    return Weighed(tuple(counts), table[list(COUNTED)], after, bool(kept.any()), by_family)


def spans_of(shown: Floats, families: Sequence[str], weights: Floats) -> dict[str, tuple[float, float, float]]:
    """By family the mean of its members, and between which values four in five of their single futures lie, as members weigh.

    Args:
        shown: shape (members, replications).
        families: of the members.
        weights: of the members, of any sum.
    """
    from sim.experiment.intervals import CHANCE  # which takes a while to import
    from sim.experiment.nested import weighted_quantile

    found = {}
    for family in dict.fromkeys(families):
        mine = np.asarray([one == family for one in families])
        futures = np.repeat(np.asarray(weights, float)[mine], shown.shape[1])
        low, high = (weighted_quantile(shown[mine].ravel(), futures, share) for share in CHANCE)
        found[family] = (float(np.average(shown[mine].ravel(), weights=futures)), low, high)
    return found


def _rows(
    count: Count, names: Sequence[str], families: Sequence[str], means: Floats, chance: Floats, far: Floats
) -> dict[str, object]:
    return {
        "member": list(names),
        "world": list(families),
        "team": count.team,
        "on": count.on.isoformat(),
        "counted": count.cases,
        "error": count.error,
        "model": means,
        "chance": np.sqrt(chance),
        "distance": far,
        "verdict": [verdict_of(float(one)) for one in far],
    }


def verdict_of(distance: float) -> str:
    """Whether a count agrees that lies so many standard deviations away."""
    if abs(distance) <= AGREES_WITHIN:
        return AGREES
    return NEAR if abs(distance) <= RULED_OUT else OUTSIDE


def worst(verdicts: Sequence[str]) -> str:
    """The verdict of a member on all counts: that of the one that lies farthest."""
    return max(verdicts, key=(AGREES, NEAR, OUTSIDE).index)

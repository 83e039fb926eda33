"""How sure can we be? Three intervals of every figure, from futures nested in members of an ensemble, never mixed.

The design is nested: each member of an ensemble (a set of numbers that agrees with what was published) plays futures of its own, none of
them shared with another member. Base and reform of one member play the same futures, so a difference is paired. Then one way of random
effects holds: value of a future = mean + what its member adds + what its future adds.

* *Computing*: where the mean would settle with ever more replications and members. Both shrink it.
* *Chance*: between which values four in five single futures of one member lie. Nothing shrinks it.
* *Ignorance*: between which values four in five members lie, had each been played for ever. Only evidence shrinks it. Fewer than `LEAST_MEMBERS` cannot
  tell four in five: then it is the range of so many members, and called that.

With weights w that add up to one, means m of the members over n futures each, and W the sum of squares of w::

    within  = sum of w s^2                                          s^2: variance of a member's own futures, over n - 1
    between = (sum of w (m - mean)^2 - sum of w (1 - w) s^2 / n) / (1 - W)
    variance of the mean = W / (1 - W) * sum of w (m - mean)^2

Of equal weights these are the analysis of variance estimators, unbiased whatever the distribution, and the last gives Student's t its exact level
where what members and futures add is normal (Searle, Casella and McCulloch, Variance Components, 1992, chapter 3). Of unequal ones 1 / W stands for the number of
members (Kish, Survey Sampling, 1965). A negative estimate of `between` is set to zero, and said: the members differ no more than their futures do.

The ignorance interval is read off the members' means drawn in towards the mean, so that their variance is `between` and no more: chance of the
futures played would else widen it (Louis, Journal of the American Statistical Association 79, 1984, 393-398). Its ends are where n members in
order have p (n + 1) of them below: between those of a sample the next member lies with that probability, whatever the distribution (Wilks, Annals of
Mathematical Statistics 12, 1941, 91-96); of 8 that is from the lowest to the highest, which hold 7 in 9. Where chance is large beside what members
differ in, `between` is itself unsure, and the interval holds less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.experiment.intervals import CHANCE, CHANCE_LABEL, CONFIDENCE, shared
from sim.experiment.members import share_by_grade
from sim.experiment.study import INTERVALS, KEYS, Figures, Floats

IGNORANCE = (0.1, 0.9)
IGNORANCE_LABEL = "ignorance, 80%"
COMPUTING_LABEL = "computing, 95%"
LEAST_MEMBERS = 8
"""Of equal weight: fewer have no place in their order that a tenth of all members lies beyond."""
KINDS = (COMPUTING_LABEL, CHANCE_LABEL, IGNORANCE_LABEL)
OBSERVED, TRUE = "observed mean days", "true mean days"
EVERY_WORLD = "ensemble"
"""How tables name all worlds of an ensemble, pooled by weight."""


@dataclass(frozen=True)
class Components:
    """What the futures of a few members say of figures, each shape (figures,); null is what cannot be told."""

    mean: Floats
    within: Floats
    """Variance of the futures of one member. Null with one replication."""
    between: Floats
    """Variance of the members' own means, zero where the estimate is negative. Null with one member or one replication."""
    negative: np.ndarray
    """Whether the estimate of `between` was negative."""
    error: Floats
    """Variance of `mean`. Null with one member."""
    members: Floats
    """How many members of equal weight would tell as much."""
    means: Floats
    """The members' means drawn in, shape (members, figures): their weighted variance is `between`."""
    weights: Floats
    """Of the members that know a figure, shape (members, figures)."""


def components(values: Floats, weights: Floats) -> Components:
    """The components of variance of figures.

    Args:
        values: shape (members, replications, figures); null where a future does not know a figure.
        weights: shape (members,), of any sum.
    """
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    share = np.where(count > 0, np.asarray(weights, float)[:, None], 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = share / share.sum(axis=0)
        means, squares = _means(values, known, count)
        own = squares / np.where(count >= 2, count - 1, np.nan)
        sure = np.where(np.isnan(own), 0.0, share)
        within = _weighted(sure, own) / sure.sum(axis=0)
        least = np.fmin.reduce(means, axis=0)  # so that the mean of equal means is that mean, to the last digit
        mean = least + _weighted(share, means - least)
        squared = _weighted(share, (means - mean) ** 2)
        concentration = (share**2).sum(axis=0)
        left = np.where((count > 0).sum(axis=0) >= 2, 1 - concentration, np.nan)
        left = np.where(left > 0, left, np.nan)
        noise = _weighted(share * (1 - share), np.where(np.isnan(own), within, own) / np.maximum(count, 1))
        estimate = np.where(np.isnan(within), np.nan, (squared - noise) / left)
        between = np.where(np.isnan(estimate), np.nan, np.maximum(estimate, 0.0))
        drawn_in = np.sqrt(np.where(squared > 0, np.minimum(between * left / squared, 1.0), 0.0))
        drawn_in = np.where(np.isnan(between), np.nan, drawn_in)
        return Components(
            mean=mean,
            within=within,
            between=between,
            negative=estimate < 0,
            error=squared * concentration / left,
            members=1 / concentration,
            means=mean + drawn_in * (means - mean),
            weights=share,
        )


def _means(values: Floats, known: np.ndarray, count: np.ndarray) -> tuple[Floats, Floats]:
    """Each member's mean, exact where all are equal, and the sum of squares about it."""
    least: Floats = np.fmin.reduce(values, axis=1)
    above = np.where(known, values - least[:, None], 0.0)
    rest: Floats = np.asarray(above.sum(axis=1) / count, np.float64)
    squares: Floats = (np.where(known, above - rest[:, None], 0.0) ** 2).sum(axis=1)
    return np.add(least, rest), squares


def _weighted(share: Floats, values: Floats) -> Floats:
    """Sum over members; what a member without weight does not know does not matter."""
    total: Floats = np.where(share > 0, share * np.nan_to_num(values), 0.0).sum(axis=0)
    return np.where(share.any(axis=0), total, np.nan)


def range_label(members: int) -> str:
    """How an ignorance interval is named that is only the lowest and the highest of a few members."""
    return f"range of {members} member{'s' if members != 1 else ''}"


def kind_of(label: str) -> str:
    """Which of `KINDS` the interval of that name is: `IGNORANCE_LABEL` for a range of members."""
    return IGNORANCE_LABEL if label.startswith("range of ") else label


def ignorance_label(weights: Floats) -> str:
    """How the ignorance interval of members of these weights is named: `IGNORANCE_LABEL`, or their range where they are few."""
    return range_label(int((weights > 0).sum())) if _few(weights) else IGNORANCE_LABEL


def _few(weights: Floats) -> bool:
    """Whether members of these weights are too few to say where four in five lie."""
    shares = weights[weights > 0] / weights[weights > 0].sum()
    return not (len(shares) and 1 / float((shares**2).sum()) >= LEAST_MEMBERS - 1e-9)


def labels_of(found: Components, kind: str) -> list[str]:
    """What an interval of a kind is named, of each figure."""
    if kind != IGNORANCE_LABEL:
        return [kind] * len(found.mean)
    return [ignorance_label(mine) for mine in found.weights.T]


def bounds(found: Components) -> dict[str, tuple[Floats, Floats]]:
    """Low and high of each of `KINDS`; null where the kind cannot be told. Of few members ignorance is their range (`labels_of` says so)."""
    from scipy.special import ndtri, stdtrit  # which takes a while, and is not needed until something has been played

    several = found.members > 1
    quantile = np.full(len(found.mean), np.nan)
    quantile[several] = stdtrit(found.members[several] - 1, (1 + CONFIDENCE) / 2)
    half = quantile * np.sqrt(found.error)
    deviation = np.sqrt(found.within)
    low, high = (found.mean + ndtri(place) * deviation for place in CHANCE)
    few = np.asarray([_few(mine) for mine in found.weights.T], bool)
    ends = []
    for share in IGNORANCE:
        places = (share * (found.members + 1) - 0.5) / found.members
        places = np.where(few, float(share > 1 / 2), np.clip(places, 0, 1))
        ends.append([weighted_quantile(found.means[:, at], found.weights[:, at], p) for at, p in enumerate(places)])
    return {
        COMPUTING_LABEL: (found.mean - half, found.mean + half),
        CHANCE_LABEL: (low, high),
        IGNORANCE_LABEL: (np.asarray(ends[0], float), np.asarray(ends[1], float)),
    }


def weighted_quantile(values: Floats, weights: Floats, share: float) -> float:
    """The value below which a share of the weight lies, between two values in proportion to the middles of their weights.

    Null where a value that has weight is null.
    """
    counted = weights > 0
    if not counted.any() or np.isnan(values[counted]).any():
        return float("nan")
    order = np.argsort(values[counted], kind="stable")
    ordered, weight = values[counted][order], weights[counted][order]
    middles = (np.cumsum(weight) - weight / 2) / weight.sum()
    return float(np.interp(share, middles, ordered))


def in_members(matrix: Floats, members: int) -> Floats:
    """Futures of members one below the other, as shape (members, replications, figures)."""
    return matrix.reshape(members, len(matrix) // members, matrix.shape[1])


def intervals(figures: Mapping[str, Figures], base: str, worlds: tuple[str, ...], weights: Floats) -> pd.DataFrame:
    """`INTERVALS`: the three intervals of each figure of the whole window or of the last day or year, without a group.

    A row for each figure and each difference from the base, for the ensemble, for each world of it, and for each kind of interval.

    Args:
        figures: by label; in each matrix the futures of the first member, then those of the second...
        base: label of what the others are compared with.
        worlds: of the members.
        weights: of the members.
    """
    parts = []
    for label, played in figures.items():
        shown = _shown(played.names)
        cube = in_members(played.matrix[:, shown], len(weights))
        parts += list(_rows(played.names[shown], cube, "", label, worlds, weights))
        if label != base:
            names, mine, first = shared(played, figures[base])
            shown = _shown(names)
            cube = in_members((mine - first)[:, shown], len(weights))
            parts += list(_rows(names[shown], cube, base, label, worlds, weights))
    return pd.concat(parts, ignore_index=True)[list(INTERVALS)]


def _shown(names: pd.DataFrame) -> np.ndarray:
    """Figures without a group, of the whole window or, where there are several periods, of the last."""
    plain = names["group"] == ""
    window = names["period"].str.contains("/", regex=False)
    dated = names[plain & ~window]
    keys = [key for key in KEYS if key != "period"]
    last = dated.index.isin(dated.sort_values("period", kind="stable").drop_duplicates(keys, keep="last").index)
    chosen = plain & window
    chosen[dated.index[last]] = True
    return chosen.to_numpy()


ASSUMED_OF = ((OBSERVED, "received_cohort"), (TRUE, "survival"))


def share_assumed(
    figures: Mapping[str, Figures], base: str, weights: Floats, parameters: pd.DataFrame, grades: Mapping[str, str]
) -> dict[tuple[str, str], float | None]:
    """Of the ignorance of the observed and the true mean days, and of their differences from the base, the share that rests on assumed numbers.

    By label and `OBSERVED` or `TRUE`; None where it cannot be told (`sim.experiment.members.share_by_grade`).
    """
    found: dict[tuple[str, str], float | None] = {}
    for label, played in figures.items():
        names, mine, first = shared(played, figures[base])
        window = names["period"].str.contains("/", regex=False) & (names["group"] == "")
        days = window & (names["measure"] == "mean_days_to_finalise") & (names["counted"] == "allegation")
        for word, basis in ASSUMED_OF:
            chosen = (days & (names["basis"] == basis)).to_numpy()
            if chosen.any():
                values = mine[:, chosen] - (0.0 if label == base else first[:, chosen])
                means = components(in_members(values, len(weights)), weights).means[:, 0]
                parts = {} if np.isnan(means).any() else share_by_grade(means, weights, parameters, grades)
                found[label, word] = parts.get("assumed")
    return found


def _rows(
    names: pd.DataFrame, cube: Floats, base: str, label: str, worlds: tuple[str, ...], weights: Floats
) -> Iterator[pd.DataFrame]:
    for world in (EVERY_WORLD, *dict.fromkeys(worlds)):
        mine = np.asarray([world in (EVERY_WORLD, one) for one in worlds])
        found = components(cube[mine], weights[mine])
        for kind, (low, high) in bounds(found).items():
            variance = {COMPUTING_LABEL: found.error, CHANCE_LABEL: found.within, IGNORANCE_LABEL: found.between}[kind]
            yield names.assign(
                base=base,
                scenario=label,
                world=world,
                mean=found.mean,
                low=low,
                high=high,
                interval=labels_of(found, kind),
                variance=variance,
                set_to_zero=found.negative if kind == IGNORANCE_LABEL else False,
                members=int(mine.sum()),
                replications=cube.shape[1],
            )

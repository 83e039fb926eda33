"""How sure is the computer? Means over replications with their intervals, and paired differences.

Two intervals, never mixed. *Computing*: where the mean would settle with ever more replications, by Student's t; more replications
shrink it. *Chance*: between which values four in five single futures lie; more replications do not shrink it. What is not known about the world is
in neither: it is shown by running several worlds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiment.study import DIFFERENCES, KEYS, SUMMARY, Figures, Floats

Counts = NDArray[np.int64]

CONFIDENCE = 0.95
CHANCE = (0.1, 0.9)
CHANCE_LABEL = "chance, 80%"
LEAST_FOR_CHANCE = 10
"""With fewer replications the tenth percentile would be a guess about the shape."""


def computing_label(replications: int) -> str:
    """How tables name the interval of a mean over so many replications."""
    return f"computing, 95%, t, n={replications}"


def half_width(deviation: Floats, count: Counts) -> Floats:
    """Half the computing interval of means of `count` values with this standard deviation; null below two."""
    from scipy.special import stdtrit  # which takes a while, and is not needed until something has been played

    several = count >= 2
    quantile = np.full(len(count), np.nan)
    quantile[several] = stdtrit(count[several] - 1, (1 + CONFIDENCE) / 2)
    with np.errstate(invalid="ignore"):
        return quantile * deviation / np.sqrt(np.maximum(count, 1))


def summarise(figures: Mapping[tuple[str, str], Figures]) -> pd.DataFrame:
    """`SUMMARY`: each figure's mean over its replications, with the computing interval and, from ten on, that of chance.

    Replications in which the figure is null (a rate of nothing) are left out, and `replications` says how many were not.

    Args:
        figures: by label and world, in the order of the rows.
    """
    parts = []
    for (label, world), played in figures.items():
        mean = _Mean.of(played.matrix)
        spread = mean.count >= LEAST_FOR_CHANCE
        ordered = np.sort(played.matrix[:, spread], axis=0)  # null ones last
        low, high = (_quantile(ordered, mean.count[spread], share) for share in CHANCE)
        chance = mean.table(played.names).loc[spread].assign(low=low, high=high, interval=CHANCE_LABEL)
        both = pd.concat([mean.table(played.names), chance]).sort_index(kind="stable")
        parts.append(both.assign(scenario=label, world=world))
    return pd.concat(parts, ignore_index=True)[list(SUMMARY)]


def differences(figures: Mapping[tuple[str, str], Figures], base: str) -> pd.DataFrame:
    """`DIFFERENCES`: each arm's figures less those of the base in the same world and replication.

    A pair counts where both figures are known. Where every pair is equal the difference is exactly 0.

    Args:
        figures: by label and world, in the order of the rows.
        base: label of what the others are compared with.
    """
    parts = []
    for (label, world), played in figures.items():
        if label == base:
            continue
        names, mine, first = shared(played, figures[base, world])
        difference = mine - first
        rises = np.where(difference > 0, 1.0, np.where(difference < 0, 0.0, 0.5))
        rises[np.isnan(difference)] = np.nan
        table = _Mean.of(difference).table(names)
        table["probability_of_increase"] = _Mean.of(rises).mean
        parts.append(table.assign(base=base, scenario=label, world=world))
    return pd.concat(parts, ignore_index=True)[list(DIFFERENCES)] if parts else pd.DataFrame(columns=list(DIFFERENCES))


@dataclass(frozen=True)
class _Mean:
    """The mean of each column over its known rows."""

    mean: Floats
    deviation: Floats
    """Standard deviation; null below two values."""
    count: Counts

    @classmethod
    def of(cls, values: Floats) -> _Mean:
        known = ~np.isnan(values)
        count = known.sum(axis=0)
        least = np.fmin.reduce(values, axis=0)
        above = np.where(
            known, values - least, 0.0
        )  # so that the mean of equal values is that value, to the last digit
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = above.sum(axis=0) / count
            squares = np.where(known, above - mean, 0.0) ** 2
            deviation = np.sqrt(squares.sum(axis=0) / np.where(count >= 2, count - 1, np.nan))
        return cls(least + mean, deviation, count)

    def table(self, names: pd.DataFrame) -> pd.DataFrame:
        """The columns of names, then mean, low, high, interval and replications."""
        half = half_width(self.deviation, self.count)
        return names.assign(
            mean=self.mean,
            low=self.mean - half,
            high=self.mean + half,
            interval=[computing_label(n) for n in self.count.tolist()],
            replications=self.count,
        )


def _quantile(ordered: Floats, count: Counts, share: float) -> Floats:
    """The value below which a share of the first `count` values of each column lies, between two of them in proportion."""
    place = share * (count - 1)
    below = place.astype(np.int64)
    columns = np.arange(len(count))
    lower, upper = ordered[below, columns], ordered[np.minimum(below + 1, count - 1), columns]
    return lower + (upper - lower) * (place - below)


def shared(one: Figures, other: Figures) -> tuple[pd.DataFrame, Floats, Floats]:
    """The names of the figures that two arms both have, and the values of each."""
    keys = list(KEYS)
    if one.names[keys].equals(other.names[keys]):
        return one.names, one.matrix, other.matrix
    places = pd.MultiIndex.from_frame(other.names[keys]).get_indexer(pd.MultiIndex.from_frame(one.names[keys]))
    both = places >= 0
    return one.names[both], one.matrix[:, both], other.matrix[:, places[both]]

"""How sure is the computer? Means over replications with their intervals, and paired differences.

Two intervals, never mixed. *Computing*: where the mean would settle with ever more replications, by Student's t; more replications
shrink it. *Chance*: between which values four in five single futures lie; more replications do not shrink it. What is not known about the world is
in neither: it is shown by running several worlds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.experiment.study import DIFFERENCES, KEYS, SUMMARY

Floats = NDArray[np.float64]

CONFIDENCE = 0.95
CHANCE = (0.1, 0.9)
CHANCE_LABEL = "chance, 80%"
LEAST_FOR_CHANCE = 10
"""With fewer replications the tenth percentile would be a guess about the shape."""


def computing_label(replications: int) -> str:
    """How tables name the interval of a mean over so many replications."""
    return f"computing, 95%, t, n={replications}"


def half_width(deviation: Floats, count: NDArray[np.int64]) -> Floats:
    """Half the computing interval of means of `count` values with this standard deviation; null below two."""
    several = count >= 2
    quantile = np.full(len(count), np.nan)
    quantile[several] = stdtrit(count[several] - 1, (1 + CONFIDENCE) / 2)
    with np.errstate(invalid="ignore"):
        return quantile * deviation / np.sqrt(np.maximum(count, 1))


def summarise(measures: pd.DataFrame) -> pd.DataFrame:
    """`SUMMARY`: each figure's mean over its replications, with the computing interval and, from ten on, that of chance.

    Replications in which the figure is null (a rate of nothing) are left out, and `replications` says how many were not.
    """
    keys = ["scenario", "world", *KEYS, "unit"]
    figures = measures.groupby(keys, sort=False)["value"]
    computing = _with_interval(figures.agg(["mean", "std", "count"]))
    computing["place"] = np.arange(len(computing))
    chance = computing[computing["replications"] >= LEAST_FOR_CHANCE].copy()
    chance["low"], chance["high"] = (figures.quantile(share).loc[chance.index] for share in CHANCE)
    chance["interval"] = CHANCE_LABEL
    table = pd.concat([computing, chance]).sort_values("place", kind="stable").reset_index()
    return table[list(SUMMARY)]


def differences(measures: pd.DataFrame, base: str) -> pd.DataFrame:
    """`DIFFERENCES`: each arm's figures less those of the base in the same world and replication.

    A pair counts where both figures are known. Where every pair is equal the difference is exactly 0.
    """
    pair = ["world", "replication", *KEYS]
    first = measures.loc[measures["scenario"] == base, [*pair, "value"]].rename(columns={"value": "base_value"})
    others = measures[measures["scenario"] != base].merge(first, on=pair, how="inner", validate="many_to_one")
    others["difference"] = others["value"] - others["base_value"]
    others["rises"] = np.select([others["difference"] > 0, others["difference"] < 0], [1.0, 0.0], 0.5)
    others.loc[others["difference"].isna(), "rises"] = np.nan
    figures = others.groupby(["scenario", "world", *KEYS, "unit"], sort=False)
    table = _with_interval(figures["difference"].agg(["mean", "std", "count"]))
    table["probability_of_increase"] = figures["rises"].mean()
    table = table.reset_index()
    table["base"] = base
    return table[list(DIFFERENCES)]


def _with_interval(table: pd.DataFrame) -> pd.DataFrame:
    """Low, high, interval and replications, from mean, standard deviation and count."""
    count = table["count"].to_numpy(np.int64)
    half = half_width(table["std"].to_numpy(np.float64), count)
    label: Callable[[int], str] = computing_label
    return table.assign(
        low=table["mean"] - half,
        high=table["mean"] + half,
        interval=[label(n) for n in count.tolist()],
        replications=count,
    )

"""Does the calibration find what it is meant to find? Truths that are known, taken from a bank of runs, are calibrated like the published figures.

A truth is a run of the first wave, so it comes from the prior and its answers hold the chance of one future. What could have been printed of it is blurred
by the tolerance and discrepancy of the targets; targets of one family tell one fact, so one error moves them together. The emulator has not seen the run, nor any other of its fold.
If the method is right, regions that are meant to hold the truth four times in five do so: for each parameter, the middle 80% of its sample; for all of them
jointly, the 80% of the sample that are likeliest. What is tried is the emulator of the first wave and the sampling of points; later waves, the choice of members among
candidates and the weights of families are not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sim.calibration.bank import Runs
from sim.calibration.calibrate import bounds, scaled_outputs
from sim.calibration.emulator import fit_emulator
from sim.calibration.observed import Observed
from sim.calibration.parameters import Prior
from sim.calibration.posterior import Evidence, draw

Floats = NDArray[np.float64]
Told = Callable[[str], object]

TRUTHS = 200
REGION = 0.8
OUTER = 5
"""Parts that the runs are left out in."""
POINTS = 512
JOINT = "all together"


@dataclass(frozen=True, eq=False)
class Recovery:
    """What became of each truth."""

    truths: pd.DataFrame
    """A row for each truth and parameter: truth, family, parameter, share, low, high, rank, inside; `JOINT` for all together, without low and high."""

    def coverage(self) -> pd.DataFrame:
        """By parameter, and jointly: how many truths, and the part of them inside."""
        table = self.truths.groupby("parameter", sort=False)["inside"].agg(truths="size", inside="mean")
        return table.reset_index()

    @property
    def of_intervals(self) -> float:
        """The part of all truths and parameters inside their intervals."""
        one_by_one = self.truths[self.truths["parameter"] != JOINT]
        return float(one_by_one["inside"].mean())

    @property
    def jointly(self) -> float:
        """The part of truths inside the region of all parameters together."""
        return float(self.truths.loc[self.truths["parameter"] == JOINT, "inside"].mean())


def recover(
    runs: Runs, prior: Prior, told: Observed, *, seed: int, truths: int = TRUTHS, hear: Told = lambda _: None
) -> Recovery:
    """Calibrate to known truths.

    Args:
        runs: a bank; truths are taken from its first wave, and meet the conditions of their family.
        prior: what the runs were designed from.
        told: the targets, for what they allow for.
        seed: the same gives the same study.
        truths: how many; fewer if the bank has not so many.
        hear: hears how far it is.
    """
    with threadpool_limits(limits=1):
        first = runs.take(runs.wave == runs.wave.min())
        each = [
            truths // len(prior.families) + (at < truths % len(prior.families)) for at in range(len(prior.families))
        ]
        rows: list[tuple[object, ...]] = []
        for at, (family, count) in enumerate(zip(prior.families, each, strict=True)):
            rows += _of_family(first.of(family), prior, family, told, (seed, at), count, hear)
    columns = ["truth", "family", "parameter", "share", "low", "high", "rank", "inside"]
    return Recovery(pd.DataFrame(rows, columns=columns))


def _of_family(
    runs: Runs, prior: Prior, family: str, told: Observed, seed: tuple[int, int], count: int, hear: Told
) -> list[tuple[object, ...]]:
    names = prior.free_in(family)
    free = [list(prior.parameters).index(name) for name in names]
    points, outputs = runs.points[:, free], scaled_outputs(runs, told)
    outputs = np.where(np.isnan(outputs), np.nanmean(outputs, axis=0), outputs)
    limits = bounds(prior, family, len(told.names))
    meets = np.ones(len(runs), dtype=bool)
    for one in limits:
        meets &= (outputs[:, one.output] >= one.low) & (outputs[:, one.output] <= one.high)
    random = np.random.default_rng([*seed, 11])
    chosen = np.sort(random.permutation(np.flatnonzero(meets))[:count])
    fold = random.permutation(np.arange(len(runs)) % OUTER)
    together = [told.families.index(one) for one in told.families]
    rows: list[tuple[object, ...]] = []
    for part in range(OUTER):
        here = chosen[fold[chosen] == part]
        if not len(here):
            continue
        kept = fold != part
        emulator = fit_emulator(points[kept], outputs[kept], seed[0])
        for truth in here:
            blur = random.standard_normal(len(told.names))[together] * told.sd
            seen = replace(told, middle=outputs[truth, : len(told.names)] + blur)
            log_likelihood = Evidence(seen, limits, emulator).log_likelihood()
            sample = draw(log_likelihood, len(names), POINTS, (*seed, 12, int(truth)))
            label = f"{family} {truth}"
            low, high = np.quantile(sample.points, ((1 - REGION) / 2, (1 + REGION) / 2), axis=0)
            true = points[truth]
            rank = (sample.points < true).mean(axis=0)
            rows += [
                (label, family, name, true[j], low[j], high[j], rank[j], bool(low[j] <= true[j] <= high[j]))
                for j, name in enumerate(names)
            ]
            likelier = float((sample.log_likelihood > log_likelihood(true[None])[0]).mean())
            rows.append((label, family, JOINT, np.nan, np.nan, np.nan, likelier, likelier <= REGION))
            hear(f"{family}: truth {sum(row[2] == JOINT for row in rows)} of {len(chosen)}")
    return rows

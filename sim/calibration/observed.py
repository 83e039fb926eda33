"""What does a calibration hold the model against, and how nearly? Targets of role ``calibrate`` alone, in units in which chance is alike everywhere.

Counts are taken by their square roots, shares by the arcsine of theirs and days by logarithms, so that chance is about as large where the figure is
large as where it is small. A target is read as two standard deviations of tolerance from its value to the farther end of its range; what the model itself may
be wrong by (`Target.discrepancy`) and the chance of one future are added to that. Many tolerances hold the chance of one future already, so for those it
counts twice, which makes the fit the more cautious: posteriors are too wide, never too narrow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.evidence import Target

Floats = NDArray[np.float64]

FITTED = "calibrate"
END = 2.0
"""Standard deviations from what was published to the farther end of its tolerance."""
SMALLEST_DAYS = 0.1


def scaled(values: Floats, unit: str) -> Floats:
    """Figures of a unit in the scale in which they are compared."""
    if unit == "days":
        return np.log(np.maximum(values, SMALLEST_DAYS))
    if unit in ("share", "fraction"):
        return np.arcsin(np.sqrt(np.clip(values, 0.0, 1.0)))
    return np.sqrt(np.maximum(values, 0.0))


def unscaled(values: Floats, unit: str) -> Floats:
    """Back again."""
    if unit == "days":
        return np.exp(values)
    if unit in ("share", "fraction"):
        return np.sin(np.clip(values, 0.0, np.pi / 2)) ** 2
    return np.maximum(values, 0.0) ** 2


@dataclass(frozen=True, eq=False)
class Observed:
    """Targets as the fit sees them."""

    names: tuple[str, ...]
    units: tuple[str, ...]
    families: tuple[str, ...]
    """Targets of one family tell one fact and have one vote."""
    middle: Floats
    """What was published, scaled."""
    tolerance: Floats
    """Standard deviation of what was printed about the fact, scaled."""
    discrepancy: Floats
    """Standard deviation of the best that this model could do about the fact, scaled."""

    @cached_property
    def votes(self) -> Floats:
        """The part of one vote that each target has: one divided by the size of its family."""
        return np.array([1 / self.families.count(one) for one in self.families])

    @cached_property
    def sd(self) -> Floats:
        """Of tolerance and discrepancy together."""
        found: Floats = np.hypot(self.tolerance, self.discrepancy)
        return found

    def scaled(self, outputs: Floats) -> Floats:
        """Outputs of runs, (runs, targets), in the scale of the fit."""
        return np.column_stack([scaled(outputs[:, at], unit) for at, unit in enumerate(self.units)])


def observed(targets: Sequence[Target]) -> Observed:
    """What is fitted, of any targets: only those of role ``calibrate`` enter."""
    fitted = [target for target in targets if target.role == FITTED]

    def at(figures: Sequence[float]) -> Floats:
        return np.array([float(scaled(np.array([x]), one.unit)[0]) for x, one in zip(figures, fitted, strict=True)])

    low, high = at([one.low for one in fitted]), at([one.high for one in fitted])
    value = at([one.value for one in fitted])
    over = [one.discrepancy for one in fitted]
    upper = at([one.value + wrong for one, wrong in zip(fitted, over, strict=True)])
    lower = at([one.value - wrong for one, wrong in zip(fitted, over, strict=True)])
    return Observed(
        names=tuple(target.key for target in fitted),
        units=tuple(target.unit for target in fitted),
        families=tuple(target.family for target in fitted),
        middle=value,
        tolerance=np.maximum(high - value, value - low) / END,
        discrepancy=(upper - lower) / 2,
    )

"""What is a figure called, and what stands beside it? Figures that are found together, and arithmetic on whole arrays of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.measures.cohort import View
from sim.measures.periods import Floats, Ints
from sim.record import Record

Line = tuple[str, str, str]
"""Basis, group and period of a figure. The group is empty for all, else ``name=level``."""


@dataclass(frozen=True)
class Figures:
    """Figures of one plan that are found together: of each measure, one for each line."""

    measures: tuple[str, ...]
    counted: str
    lines: Sequence[Line]
    values: Callable[[View], Floats | Ints]
    """One for each measure and, within it, each line; of any shape."""
    told: Callable[[Record], bool | Sequence[bool]] = lambda record: True
    """Whether a record tells of them: of all, or of each line."""

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.measures) * len(self.lines)


def by_period(basis: str, groups: Iterable[str], periods: Iterable[str]) -> list[Line]:
    """Lines of every group for one period after the other."""
    groups = tuple(groups)
    return [(basis, group, period) for period in periods for group in groups]


def by_group(basis: str, groups: Iterable[str], periods: Iterable[str]) -> list[Line]:
    """Lines of every period for one group after the other."""
    periods = tuple(periods)
    return [(basis, group, period) for group in groups for period in periods]


def ratio(part: Ints | Floats, whole: Ints | Floats) -> Floats:
    """One number by another, each by each; null where the denominator is zero."""
    result: Floats = part / np.where(whole == 0, np.nan, whole)
    return result

"""What does the model say to each published figure? Figures of replications as answers in the targets' own units.

Which figures answer a target, and with which weights, follows from the names of the figures alone. It is found once (`Answers`);
answering then is a few sums over columns, so that thousands of replications cost next to nothing.

A target of a window is answered

* by the figure of exactly that window or financial year, where there is one;
* else, a flow (``in_period``, ``finalised_in_period``, ``received_in_period``) of a year or more, by the financial years that cover it,
  each by the share of its days that lie in the window: counts are added up, shares are weighted by the number that they are of;
* a stock (``at_period_end``), by the last day of the window, or the straight line between the ends of quarters around it.

Anything else is not answered: a cohort seen at its extract date is of one window and no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.evidence import Target

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAYS_A_YEAR = 365.25
FLOWS = ("in_period", "finalised_in_period", "received_in_period")
STOCK = "at_period_end"
COUNTS = ("count", "rate_per_year")
LONGEST_QUARTER = 92
SHORTEST_FLOW = 365
"""Days of the shortest window that may be made up from parts of financial years."""

NUMBER_OF: Mapping[str, str] = {
    "dismissal_rate_per_hearing": "subjects_heard",
    "clock_met_rate": "clocks_due",
}
"""Measure that is a share or mean of a period -> the measure that counts what it is of."""

Span = tuple[date, date]
"""First day, and the day after the last."""


@dataclass(frozen=True, eq=False)
class Answer:
    """How one target is read from the figures of a replication."""

    columns: Ints
    """Positions of the figures."""
    weights: Floats
    """What each counts for; the weighted sum is the answer."""
    number_of: Ints | None = None
    """Where it is a mean of shares: positions of the figures that say of how many, to weigh them by."""

    def of(self, matrix: Floats) -> Floats:
        """The answer in each replication, from replications by figures; NaN where a figure is null."""
        values = matrix[:, self.columns]
        if self.number_of is None:
            answered: Floats = values @ self.weights
            return answered
        number = matrix[:, self.number_of] * self.weights
        nothing = number == 0  # a share of nothing is null, and counts for nothing
        total = number.sum(axis=1)
        parts = (np.where(nothing, 0.0, values) * number).sum(axis=1)
        return np.divide(parts, total, out=np.full(len(matrix), np.nan), where=total > 0)


class Answers:
    """The answers of one scenario to a list of targets, from the names of its figures (columns measure, counted, basis, group, period).

    Every plan with the same pathway, window and length has the same names, whatever its numbers: make one, use it for all.
    """

    def __init__(self, names: pd.DataFrame, targets: Iterable[Target]) -> None:
        self.targets: tuple[Target, ...] = tuple(targets)
        self._named = _by_name(names)
        self.answers: tuple[Answer | None, ...] = tuple(self._answer(target) for target in self.targets)

    @property
    def answerable(self) -> tuple[Target, ...]:
        """The targets that the scenario speaks to: it has the measure, and covers the window."""
        return tuple(target for target, answer in zip(self.targets, self.answers, strict=True) if answer)

    def __call__(self, matrix: Floats) -> Floats:
        """The answers in the targets' units.

        Args:
            matrix: replications by figures, or the figures of one replication (`sim.measures.values`).

        Returns:
            Replications by targets; NaN where the scenario does not speak to a target, or its figure is null.
        """
        rows = np.atleast_2d(np.asarray(matrix, dtype=np.float64))
        found = np.full((len(rows), len(self.targets)), np.nan)
        for place, answer in enumerate(self.answers):
            if answer is not None:
                found[:, place] = answer.of(rows)
        return found

    def _answer(self, target: Target) -> Answer | None:
        """How a target is read; None where it cannot be."""
        parts = [self._of_group(target, group) for group in (target.group, *target.and_groups)]
        found = [part for part in parts if part is not None]
        if len(found) < len(parts):
            return None
        if len(found) == 1:
            return found[0]
        if target.unit not in COUNTS:
            return None  # shares of several groups do not add up
        return Answer(np.concatenate([p.columns for p in found]), np.concatenate([p.weights for p in found]))

    def _of_group(self, target: Target, group: str) -> Answer | None:
        spans = self._named.get((target.measure, target.counted, target.basis, group), {})
        window = (target.window_from, target.window_to)
        years = (target.window_to - target.window_from).days / DAYS_A_YEAR if target.unit == "rate_per_year" else 1.0
        if target.basis == STOCK:
            return _stock(spans, target.window_to - timedelta(days=1))
        if window in spans:
            return Answer(np.asarray([spans[window]]), np.asarray([1 / years]))
        if target.basis not in FLOWS or (target.window_to - target.window_from).days < SHORTEST_FLOW:
            return None
        parts = _parts(spans, window)
        if not parts:
            return None
        columns, shares = np.asarray([spans[part] for part, _ in parts]), np.asarray([share for _, share in parts])
        if target.unit in COUNTS:
            return Answer(columns, shares / years)
        number = self._named.get((NUMBER_OF.get(target.measure, ""), target.counted, target.basis, group), {})
        if any(part not in number for part, _ in parts):
            return None
        return Answer(columns, shares, np.asarray([number[part] for part, _ in parts]))


def answers(names: pd.DataFrame, matrix: Floats, targets: Sequence[Target]) -> Floats:
    """The answers of one or several replications in the targets' units: replications by targets (`Answers`)."""
    return Answers(names, targets)(matrix)


def answerable(names: pd.DataFrame, targets: Iterable[Target]) -> tuple[Target, ...]:
    """The targets that a scenario with figures of these names speaks to."""
    return Answers(names, targets).answerable


def span_of(period: str) -> Span:
    """The days of a period of a table: ``2013-04-01/2022-03-31``, ``2015-16`` or the one day ``2015-06-30``."""
    first, _, last = period.partition("/")
    if last:
        return date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1)
    if len(first) == len("2015-16"):
        return date(int(first[:4]), 4, 1), date(int(first[:4]) + 1, 4, 1)
    day = date.fromisoformat(first)
    return day, day + timedelta(days=1)


def _by_name(names: pd.DataFrame) -> dict[tuple[str, str, str, str], dict[Span, int]]:
    """Positions of figures by measure, counted, basis and group, then by the days they are of."""
    spans = {period: span_of(period) for period in names["period"].unique()}
    found: dict[tuple[str, str, str, str], dict[Span, int]] = {}
    columns = (names[name].tolist() for name in ("measure", "counted", "basis", "group", "period"))
    for place, (measure, counted, basis, group, period) in enumerate(zip(*columns, strict=True)):
        found.setdefault((measure, counted, basis, group), {})[spans[period]] = place
    return found


def _stock(spans: Mapping[Span, int], on: date) -> Answer | None:
    """A stock at the end of a day, from the ends of quarters; a straight line between two of them."""
    by_day = {first: place for (first, _), place in spans.items()}
    before, after = (
        max((d for d in by_day if d <= on), default=None),
        min((d for d in by_day if d >= on), default=None),
    )
    if before is None or after is None or (after - before).days > LONGEST_QUARTER:
        return None
    if before == after:
        return Answer(np.asarray([by_day[on]]), np.ones(1))
    late = (on - before).days / (after - before).days
    return Answer(np.asarray([by_day[before], by_day[after]]), np.asarray([1 - late, late]))


def _parts(spans: Mapping[Span, int], window: Span) -> list[tuple[Span, float]]:
    """Financial years that cover a window, each with the share of its days that lie in it; empty where they do not."""
    first, after = window
    parts = []
    covered = 0
    for span in spans:
        inside = (min(after, span[1]) - max(first, span[0])).days
        if span == (date(span[0].year, 4, 1), date(span[0].year + 1, 4, 1)) and inside > 0:
            parts.append((span, inside / (span[1] - span[0]).days))
            covered += inside
    return sorted(parts) if covered == (after - first).days else []

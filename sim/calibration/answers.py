"""What does the model say to each published figure? Figures of replications as answers in the targets' own units.

Which figures answer a target, and with which weights, follows from the names of the figures alone. It is found once (`Answers`);
answering then is a few sums over columns, so that thousands of replications cost next to nothing.

A target of a window is answered

* by the figure of exactly that window or financial year, where there is one;
* else, a flow (``in_period``, ``finalised_in_period``, ``received_in_period``), by the quarters or else the financial years that cover
  it, each by the share of its days that lie in the window: counts are added up, shares are weighted by the number that they are of;
* a stock (``at_period_end``), by the last day of the window, or the straight line between the ends of quarters around it;
* a growth, an excess or a share of several counts (`against_from`, `against_group`, `share_of`), by the ratio of two such answers.

Anything else is not answered: a cohort seen at its extract date is of one window and no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
DAYS_OF_QUARTERS, DAYS_OF_YEARS = (90, 92), (365, 366)
NUMBER_OF: Mapping[str, str] = {
    "dismissal_rate_per_hearing": "subjects_heard",
    "clock_met_rate": "clocks_due",
}
"""Measure that is a share or mean of a period -> the measure that counts what it is of."""

Name = tuple[str, str, str, str]
"""Measure, counted, basis and group of a figure."""

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
    divided_by: Answer | None = None
    """What the answer is a share of, or held against."""

    def of(self, matrix: Floats) -> Floats:
        """The answer in each replication, from replications by figures; NaN where a figure is null."""
        found = self._sum(matrix)
        return found if self.divided_by is None else _ratio(found, self.divided_by.of(matrix))

    def _sum(self, matrix: Floats) -> Floats:
        values = matrix[:, self.columns]
        if self.number_of is None:
            return np.asarray(values @ self.weights, dtype=np.float64)
        number = matrix[:, self.number_of] * self.weights
        nothing = number == 0  # a share of nothing is null, and counts for nothing
        return _ratio((np.where(nothing, 0.0, values) * number).sum(axis=1), number.sum(axis=1))


def _ratio(part: Floats, whole: Floats) -> Floats:
    """One number by another, each by each; NaN of nothing."""
    found: Floats = np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
    return found


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
        window = (target.window_from, target.window_to)
        groups = (target.group, *target.and_groups)
        measures = (target.measure, *target.and_measures)
        found = self._sum(target, measures, target.counted, groups, window)
        if target.share_of:
            under = self._sum(target, target.share_of, target.counted, groups, window)
        elif is_against(target):
            earlier = (target.against_from or window[0], target.against_to or window[1])
            others = groups if target.against_group is None else (target.against_group,)
            named = (target.against_measure,) if target.against_measure else measures
            under = self._sum(target, named, target.against_counted or target.counted, others, earlier)
        else:
            return found
        return None if found is None or under is None else replace(found, divided_by=under)

    def _sum(
        self, target: Target, measures: Sequence[str], counted: str, groups: Sequence[str], window: Span
    ) -> Answer | None:
        """The counts of several measures and groups added up, or the one figure."""
        parts = [
            self._of_group(target, (measure, counted, target.basis, group), window)
            for measure in measures
            for group in groups
        ]
        found = [part for part in parts if part is not None]
        if len(found) < len(parts):
            return None
        if len(found) == 1:
            return found[0]
        if any(part.number_of is not None for part in found):
            return None  # shares of several groups do not add up
        return Answer(np.concatenate([p.columns for p in found]), np.concatenate([p.weights for p in found]))

    def _of_group(self, target: Target, name: Name, window: Span) -> Answer | None:
        measure, counted, basis, group = name
        spans = self._named.get(name, {})
        years = (window[1] - window[0]).days / DAYS_A_YEAR if target.unit == "rate_per_year" else 1.0
        if basis == STOCK:
            return _stock(spans, window[1] - timedelta(days=1))
        if window in spans:
            return Answer(np.asarray([spans[window]]), np.asarray([1 / years]))
        parts = _parts(spans, window) if basis in FLOWS else []
        if not parts:
            return None
        columns, shares = np.asarray([spans[part] for part, _ in parts]), np.asarray([share for _, share in parts])
        if measure in NUMBER_OF:
            number = self._named.get((NUMBER_OF[measure], counted, basis, group), {})
            whole = all(part in number for part, _ in parts)
            return Answer(columns, shares, np.asarray([number[part] for part, _ in parts])) if whole else None
        is_a_count = target.unit in COUNTS or bool(target.share_of) or is_against(target)
        return Answer(columns, shares / years) if is_a_count else None


def is_against(target: Target) -> bool:
    """Whether a target is a ratio: a growth, an excess or a mean."""
    return target.against_from is not None or target.against_group is not None or bool(target.against_measure)


def answers(names: pd.DataFrame, matrix: Floats, targets: Sequence[Target]) -> Floats:
    """The answers of one or several replications in the targets' units: replications by targets (`Answers`)."""
    return Answers(names, targets)(matrix)


def answerable(names: pd.DataFrame, targets: Iterable[Target]) -> tuple[Target, ...]:
    """The targets that a scenario with figures of these names speaks to."""
    return Answers(names, targets).answerable


def span_of(period: str) -> Span:
    """The days of a period of a table: ``2013-04-01/2022-03-31``, ``2015-16``, ``2015Q3`` or the one day ``2015-06-30``."""
    first, _, last = period.partition("/")
    if last:
        return date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1)
    year, _, quarter = first.partition("Q")
    if quarter:
        months = (int(quarter) - 1) * 3 + 1
        return date(int(year), months, 1), date(int(year) + months // 10, (months + 2) % 12 + 1, 1)
    if len(first) == len("2015-16"):
        return date(int(first[:4]), 4, 1), date(int(first[:4]) + 1, 4, 1)
    day = date.fromisoformat(first)
    return day, day + timedelta(days=1)


def _by_name(names: pd.DataFrame) -> dict[Name, dict[Span, int]]:
    """Positions of figures by measure, counted, basis and group, then by the days they are of."""
    spans = {period: span_of(period) for period in names["period"].unique()}
    found: dict[Name, dict[Span, int]] = {}
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
    if before is None or after is None or (after - before).days > DAYS_OF_QUARTERS[1]:
        return None
    if before == after:
        return Answer(np.asarray([by_day[on]]), np.ones(1))
    late = (on - before).days / (after - before).days
    return Answer(np.asarray([by_day[before], by_day[after]]), np.asarray([1 - late, late]))


def _parts(spans: Mapping[Span, int], window: Span) -> list[tuple[Span, float]]:
    """Quarters, or else financial years, that cover a window, each with the share of its days that lie in it; empty where none do.

    A window that is shorter than one of them cannot be told from the rest of it.
    """
    first, after = window
    for starts, months, shortest, longest in ((1, 3, *DAYS_OF_QUARTERS), (4, 12, *DAYS_OF_YEARS)):
        parts, covered = [], 0
        for span in spans:
            days = (span[1] - span[0]).days
            inside = (min(after, span[1]) - max(first, span[0])).days
            if shortest <= days <= longest and (span[0].month - starts) % months == 0 and inside > 0:
                parts.append((span, inside / days))
                covered += inside
        if parts and covered == (after - first).days and covered >= min((s[1] - s[0]).days for s, _ in parts):
            return sorted(parts)
    return []

"""How long did it take? Days from receipt to the end, on three bases, and how many they are days of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from sim.measures.cells import Cells
from sim.measures.cohort import FINALISED_IN_PERIOD, RECEIVED_COHORT, RECEIVED_IN_PERIOD, SURVIVAL, View
from sim.measures.days import Days, Described, days_of, describe
from sim.measures.figures import Figures, Line, by_period, ratio
from sim.measures.groups import ALL, WITHOUT_IOPC, Groups, by_iopc_involvement, by_level, streams
from sim.measures.lens import Lens
from sim.measures.periods import Floats
from sim.measures.rows import rows_of
from sim.measures.survival import first_at_most, product_limit, restricted_mean

ONE_YEAR = 365
TWO_YEARS = 730
FOUR_YEARS = 1461
"""Days. A case of exactly 365 days took no more than a year."""

HORIZON = FOUR_YEARS
"""Days to which the mean on the basis `survival` is restricted; 98% were finalised by then (Casey)."""

CURVE = range(30, 1801, 30)
"""Days at which the distribution is given."""

MEAN = "mean_days_to_finalise"
MEAN_WITHOUT_IOPC = "mean_days_to_finalise_without_iopc_involvement"
MEDIAN = "median_days_to_finalise"
OF_DAYS = (MEAN, MEDIAN, "share_within_1_year", "share_over_2_years", "share_over_4_years")

OBSERVED = (RECEIVED_COHORT, FINALISED_IN_PERIOD)
"""Bases on which all days are known."""


def figures(lens: Lens) -> Iterator[Figures]:
    """Everything about days. Needs ``case.finalised_on``; groups need the attribute they are named after."""
    if lens.has("case.finalised_on"):
        for counted in ("allegation", "case"):
            yield from _Counted(lens, counted).figures()


@dataclass(frozen=True, eq=False)
class _Counted:
    """The figures of one plan that count allegations, or those that count cases."""

    lens: Lens
    counted: str

    @cached_property
    def groups(self) -> Groups:
        """What figures of the window are given for."""
        cells = Cells(self.lens, self.counted)
        breaches = by_level(cells, "breach", "allegation.breach") if self.counted == "allegation" else []
        teams = by_level(cells, "team", "case.handled_by")
        return Groups(cells, [*streams(cells), *teams, *by_iopc_involvement(cells), *breaches])

    @cached_property
    def groups_by_year(self) -> Groups:
        """What figures of a year are given for, or found from."""
        cells = self.groups.cells
        return Groups(cells, [*streams(cells)[:1], *by_iopc_involvement(cells)[1:]])

    def figures(self) -> Iterator[Figures]:
        of = self.counted
        window, years = self.lens.window.label, [year.label for year in self.lens.years]

        def lines(basis: str) -> list[Line]:
            return by_period(basis, self.groups.labels, [window]) + by_period(basis, [ALL], years)

        for basis in OBSERVED:
            yield Figures((f"{of}s_finalised", *OF_DAYS), of, lines(basis), partial(self._observed, basis))
            if WITHOUT_IOPC in self.groups.labels:
                everybody = by_period(basis, [ALL], self.lens.labels)
                yield Figures((MEAN_WITHOUT_IOPC,), of, everybody, partial(self._without_iopc, basis))
        yield Figures((MEAN, MEDIAN), of, by_period(SURVIVAL, self.groups.labels, [window]), self._survival)
        curve = [(basis, f"days={within}", window) for within in CURVE for basis in (RECEIVED_COHORT, SURVIVAL)]
        yield Figures(("share_finalised_within",), of, curve, self._distribution)
        yield Figures(("share_still_open_at_extract",), of, lines(RECEIVED_IN_PERIOD), self._still_open)

    def _days(self, view: View) -> Days:
        rows = rows_of(view, self.counted)
        return view.once(self, lambda: days_of(rows, self.groups, self.groups_by_year, CURVE[-1]))

    def _described(self, view: View, basis: str) -> Described:
        """Those finalised, on a basis: the groups in the window, then the groups by year in each year."""

        def find() -> Described:
            days, by_year = self._days(view), OBSERVED.index(basis)
            window = days.finalised if by_year else days.received[0]
            tables = np.concatenate([window, *days.by_year[by_year]])
            return describe(tables, (ONE_YEAR, TWO_YEARS, FOUR_YEARS))

        return view.once((self, basis), find)

    def _observed(self, basis: str, view: View) -> Floats:
        """Plain statistics of those that had been finalised, and how many: shape (measures, lines)."""
        number, mean, median, within = self._described(view, basis)
        figures = [number, mean, median, ratio(within[0], number), *ratio(number - within[1:], number)]
        return np.stack(figures)[:, : len(self.groups.labels) + len(self.lens.years)]

    def _without_iopc(self, basis: str, view: View) -> Floats:
        window, years = self.groups.labels.index(WITHOUT_IOPC), len(self.lens.years)
        mean = self._described(view, basis).mean
        return np.append(mean[window], mean[len(mean) - years :])

    def _survival(self, view: View) -> Floats:
        curves = self._curves(view)
        return np.stack([restricted_mean(curves, HORIZON), first_at_most(curves, 0.5)])

    def _curves(self, view: View) -> Floats:
        return view.once((self, SURVIVAL), lambda: product_limit(*self._days(view).received))

    def _distribution(self, view: View) -> Floats:
        """The share finalised within each number of days of `CURVE`, on two bases."""
        upto, still_open = self._days(view).received[0, 0].cumsum(), self._curves(view)[0]
        return np.stack([ratio(upto[CURVE], upto[-1]), 1.0 - still_open[CURVE]], axis=1)

    def _still_open(self, view: View) -> Floats:
        rows = rows_of(view, self.counted)
        share = self.groups.share(rows, rows.received_in, ~rows.of_case(view.closed))
        return np.concatenate([share[:, 0], share[0, 1:]])

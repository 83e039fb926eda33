"""How long did it take? Days from receipt to the end, on three bases, and how many they are days of."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.measures.cohort import (
    FINALISED_IN_PERIOD,
    INTERNAL,
    NEVER,
    RECEIVED_COHORT,
    RECEIVED_IN_PERIOD,
    SURVIVAL,
    Figure,
    View,
    mean,
    share,
)
from sim.measures.periods import Bools, Floats, Ints, Period

ONE_YEAR = 365
TWO_YEARS = 730
FOUR_YEARS = 1461
"""Days. A case of exactly 365 days took no more than a year."""

HORIZON = FOUR_YEARS
"""Days to which the mean on the basis `survival` is restricted; 98% were finalised by then (Casey)."""

CURVE = range(30, 1801, 30)
"""Days at which the distribution is given."""

COUNTED = ("allegation", "case")
MEAN = "mean_days_to_finalise"
MEDIAN = "median_days_to_finalise"
WITHOUT_IOPC = "iopc_involvement=no"


def figures(view: View) -> Iterator[Figure]:
    """Everything about days. Needs ``case.finalised_on``; groups need the attribute they are named after."""
    if not view.has("case.finalised_on"):
        return
    for counted in COUNTED:
        groups = dict(_groups(view, counted))
        for basis in (RECEIVED_COHORT, FINALISED_IN_PERIOD):
            for period in view.periods:
                yield from _observed(view, counted, basis, period, groups)
        yield from _survival(view, counted, groups)
        yield from _distribution(view, counted, groups[""])
        yield from _still_open(view, counted, groups)


def _groups(view: View, counted: str) -> Iterator[tuple[str, Bools]]:
    """Label and rows: all internal ones, the public ones, and parts of the internal ones."""
    case = view.case_of(counted)
    internal = view.stream(INTERNAL)[case]
    yield from ((label, cases[case]) for label, cases in view.streams)
    if view.has("case.handled_by"):
        for team, cases in view.by_level("case.handled_by"):
            yield f"team={team}", internal & cases[case]
    if view.has("case.iopc_mode=directed", "case.iopc_mode=independent"):
        yield "iopc_involvement=yes", internal & view.iopc_involved[case]
        yield WITHOUT_IOPC, internal & ~view.iopc_involved[case]
    if counted == "allegation" and view.has("allegation.breach"):
        for breach, rows in view.by_level("allegation.breach"):
            yield f"breach={breach}", internal & rows


def _observed(view: View, counted: str, basis: str, period: Period, groups: dict[str, Bools]) -> Iterator[Figure]:
    """Plain statistics of those that had been finalised, and of how many. Groups are given for the window
    only."""
    case = view.case_of(counted)
    on_basis = view.on_basis(basis, period)[case]
    for group, rows in groups.items():
        days = view.days[case[rows & on_basis]]
        if period == view.window or not group:
            everybody = np.ones(len(days), bool)
            values = {
                f"{counted}s_finalised": float(len(days)),
                MEAN: mean(days),
                MEDIAN: float(np.median(days)) if len(days) else float("nan"),
                "share_within_1_year": share(days <= ONE_YEAR, everybody),
                "share_over_2_years": share(days > TWO_YEARS, everybody),
                "share_over_4_years": share(days > FOUR_YEARS, everybody),
            }
            for measure, value in values.items():
                yield Figure(measure, counted, basis, group, period.label, value)
        if group == WITHOUT_IOPC:
            yield Figure(f"{MEAN}_without_iopc_involvement", counted, basis, "", period.label, mean(days))


def _survival(view: View, counted: str, groups: dict[str, Bools]) -> Iterator[Figure]:
    for group, rows in groups.items():
        still_open = _product_limit_of(view, counted, rows)
        for measure, value in (
            (MEAN, restricted_mean(still_open, HORIZON)),
            (MEDIAN, first_at_most(still_open, 0.5)),
        ):
            yield Figure(measure, counted, SURVIVAL, group, view.window.label, value)


def _distribution(view: View, counted: str, rows: Bools) -> Iterator[Figure]:
    """The share finalised within each number of days of `CURVE`."""
    case = view.case_of(counted)
    days = view.days[case[rows & view.on_basis(RECEIVED_COHORT, view.window)[case]]]
    everybody = np.ones(len(days), bool)
    still_open = _product_limit_of(view, counted, rows)
    for within in CURVE:
        for basis, value in (
            (RECEIVED_COHORT, share(days <= within, everybody)),
            (SURVIVAL, 1.0 - float(still_open[within]) if within < len(still_open) else float("nan")),
        ):
            yield Figure("share_finalised_within", counted, basis, f"days={within}", view.window.label, value)


def _still_open(view: View, counted: str, groups: dict[str, Bools]) -> Iterator[Figure]:
    case = view.case_of(counted)
    open_ = view.finalised[case] == NEVER
    for period in view.periods:
        received = view.on_basis(RECEIVED_IN_PERIOD, period)[case]
        for group, rows in groups.items():
            if period == view.window or not group:
                value = share(open_, received & rows)
                yield Figure("share_still_open_at_extract", counted, RECEIVED_IN_PERIOD, group, period.label, value)


# --- the product-limit curve ----------------------------------------------------------------------


def _product_limit_of(view: View, counted: str, rows: Bools) -> Floats:
    case = view.case_of(counted)
    chosen = case[rows & view.on_basis(RECEIVED_IN_PERIOD, view.window)[case]]
    return product_limit(view.days[chosen], view.finalised[chosen] != NEVER)


def product_limit(days: Ints, ended: Bools) -> Floats:
    """Kaplan and Meier's share still open after 0, 1, 2... days, as far as somebody was watched.

    Those that had not `ended` were open for at least `days`. The curve stops where the last one still open
    went out of sight; if none was, it stays at 0 for as long as anybody asks, here to the end of `CURVE`.
    """
    if not len(days):
        return np.zeros(0)
    ends = np.bincount(days[ended], minlength=int(days.max()) + 1)
    leaves = np.bincount(days, minlength=len(ends))
    at_risk = len(days) - np.cumsum(leaves) + leaves
    still_open: Floats = np.cumprod(1.0 - ends / np.maximum(at_risk, 1))
    if still_open[-1] == 0.0:
        still_open = np.append(still_open, np.zeros(max(CURVE.stop - len(still_open), 0)))
    return still_open


def restricted_mean(still_open: Floats, horizon: int) -> float:
    """Mean days, counting none beyond the horizon; null if the curve stops before it."""
    return float(still_open[:horizon].sum()) if len(still_open) >= horizon else float("nan")


def first_at_most(still_open: Floats, level: float) -> float:
    """The first day after which no more than this share is still open; null if the curve stops before."""
    reached = np.flatnonzero(still_open <= level)
    return float(reached[0]) if len(reached) else float("nan")

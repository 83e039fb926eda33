"""What does the hold-out share with the fit? Two ways in which a figure that was never fitted is not independent of those that may be.

* *Overlap*: the window of a fitted figure reaches past `HELD_BACK_FROM`, where the held-out years begin, and days of it lie in a held-out window.
* *Denominator*: a held-out ratio is divided by what a fitted figure is of: the same measure, of the same things, groups and window.

Both are read off the windows of the targets; nothing is played.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd

from sim.calibration.score import CALIBRATE, VALIDATE
from sim.evidence import Target

HELD_BACK_FROM = date(2022, 10, 1)
"""Figures of what happened from this day on are held out."""
OVERLAP, DENOMINATOR = "overlap", "denominator"
SHARED = ("kind", "fitted", "fitted_label", "held_out", "held_out_label", "window_from", "window_to")
"""Columns: how it is shared, the two targets, and the days shared, to the day after the last."""


def shared_with_the_fit(targets: Sequence[Target]) -> pd.DataFrame:
    """`SHARED`: a row for each fitted and held-out figure that share something."""
    return pd.DataFrame([*_overlaps(targets), *_denominators(targets)], columns=list(SHARED))


_Row = tuple[str, str, str, str, str, str, str]


def _overlaps(targets: Sequence[Target]) -> Iterator[_Row]:
    for fitted in _of(targets, CALIBRATE):
        for held in _of(targets, VALIDATE):
            first = max(fitted.window_from, held.window_from, HELD_BACK_FROM)
            end = min(fitted.window_to, held.window_to)
            if first < end:
                yield _row(OVERLAP, fitted, held, first, end)


def _denominators(targets: Sequence[Target]) -> Iterator[_Row]:
    for held in _of(targets, VALIDATE):
        below = _divided_by(held)
        for fitted in _of(targets, CALIBRATE) if below else ():
            if below == (fitted.measure, fitted.counted, fitted.group, fitted.window_from, fitted.window_to):
                yield _row(DENOMINATOR, fitted, held, fitted.window_from, fitted.window_to)


def _of(targets: Sequence[Target], role: str) -> list[Target]:
    return [target for target in targets if target.role == role]


def _divided_by(target: Target) -> tuple[str, str, str, date, date] | None:
    """Measure, what is counted, group and window of what a target is divided by; None where it is no such ratio."""
    if target.against_from is None and target.against_group is None and not target.against_measure:
        return None
    return (
        target.against_measure or target.measure,
        target.against_counted or target.counted,
        target.group if target.against_group is None else target.against_group,
        target.against_from or target.window_from,
        target.against_to or target.window_to,
    )


def _row(kind: str, fitted: Target, held: Target, first: date, end: date) -> _Row:
    return kind, fitted.key, fitted.label, held.key, held.label, first.isoformat(), end.isoformat()

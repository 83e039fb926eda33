"""What has to be read beside a change in days? What the reform itself expects to move, and cases that end unfinished."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

import pandas as pd

from sim.experiment.study import Study
from sim.measures import MEASURES
from sim.report import tables, verdict, words
from sim.report.tables import COHORT
from sim.scenario.files import Expectation


def expected_to_move(study: Study, arm: str, shown: Collection[str]) -> list[str]:
    """A line for each measure that the reforms of an arm say they move, with its change in every world.

    Without it a reform of suspension, say, shows zeros in every column.

    Args:
        study: a comparison.
        arm: the label of what is compared with the base.
        shown: measures that have a column already.
    """
    said = []
    for one in _expectations(study, arm):
        if one.measure in shown and not one.group:
            continue
        parts = []
        for world in study.worlds:
            row = _row(study, arm, world, one)
            if row is not None:
                spread = tables.between(row["low"], row["high"], str(row["unit"]), sign=True)
                change = tables.number(row["mean"], str(row["unit"]), sign=True)
                parts.append(f"{f'{world} ' if world else ''}{change}{f' ({spread})' if spread else ''}")
        if parts:
            of = f", {words.plain(one.group).replace('=', ' ')}" if one.group else ""
            said.append(f"  {MEASURES[one.measure].label}{of}: {'; '.join(parts)}; follows from {one.kind}")
    return said


def ends_unfinished(study: Study, arm: str) -> str:
    """A warning where days fall, the true mean too, while more allegations end without a decision; each beyond its computing interval."""
    otherwise = tables.differences(study, "other_end_rate", counted="allegation", basis=COHORT)
    rows = otherwise[(otherwise["scenario"] == arm) & otherwise["world"].isin(verdict.falls(study, arm))]
    worlds = []
    for world, *span in rows[["world", "mean", "low", "high"]].itertuples(index=False):
        if tables.direction(*map(float, span)) > 0:
            worlds.append(f"{world} {tables.number(float(span[0]), 'fraction', sign=True)} points".strip())
    if not worlds:
        return ""
    return (
        f"Warning. Days fall, and more allegations end without a decision on a case to answer ({words.listed(worlds)}): a case dropped is not a case "
        "done."
    )


def _expectations(study: Study, arm: str) -> Iterator[Expectation]:
    """What the reforms of an arm expect, each once; of an opposite nothing, since it is expected to turn round."""
    reforms = next((one.reforms for one in study.arms if one.label == arm), ())
    seen = set()
    for reform in () if tables.is_opposite(study, arm) else reforms:
        for one in study.headers[Path(reform).stem].expected:
            if (one.measure, one.group) not in seen:
                seen.add((one.measure, one.group))
                yield one


def _row(study: Study, arm: str, world: str, one: Expectation) -> pd.Series | None:
    """The change over the window, or of a stock on its last day; None where there is none, or it is null."""
    measure, table = MEASURES[one.measure], study.differences
    mine = table[(table["measure"] == one.measure) & (table["scenario"] == arm) & (table["world"] == world)]
    counted, basis = one.counted or measure.counted[0], one.basis or measure.basis[0]
    rows = tables.pick(tables.one_row_each(mine), counted=counted, basis=basis, group=one.group)
    over = tables.pick(rows, period=tables.window_label(study))
    rows = (over if len(over) else rows.sort_values("period", kind="stable").tail(1)).dropna(subset=["mean"])
    return None if rows.empty else rows.iloc[0]

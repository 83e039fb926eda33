"""What would a reform change? Differences from the base, paired, in every world."""

from __future__ import annotations

from textwrap import shorten, wrap
from typing import TYPE_CHECKING

import pandas as pd

from sim.experiment.study import Study
from sim.report import tables, verdict, words
from sim.report.style import (
    FAINT,
    INK,
    PAPER,
    SOFT,
    Drawn,
    beside,
    house_style,
    looks,
    page,
    row_of_axes,
    rows_only,
)
from sim.report.tables import COHORT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANELS = (
    ("mean_days_to_finalise", "allegation", COHORT, "Observed mean days", "days more or fewer", 1.0),
    ("mean_days_to_finalise", "allegation", verdict.SURVIVAL, "True mean days", "days more or fewer", 1.0),
    ("dismissal_rate_per_subject", "subject", COHORT, "Dismissals per subject", "percentage points", 100.0),
)
"""Measure, what it counts, basis, heading, axis and scale of each panel."""
A_NOTE = 0.3
"""Inches that a note of two lines takes."""
ASSUMED = "follows from assumption"
DEPENDS = "depends on the world"


def differences(study: Study) -> pd.DataFrame:
    """Other minus base over the window, with what each follows from and whether it depends on the world."""
    parts = []
    for measure, counted, basis, *_ in PANELS:
        rows = tables.differences(study, measure, counted=counted, basis=basis)
        if rows.empty:
            continue
        depends = {arm: tables.depends_on_the_world(mine) for arm, mine in rows.groupby("scenario", sort=False)}
        parts.append(rows.assign(depends_on_the_world=rows["scenario"].map(depends)))
    return pd.concat(parts, ignore_index=True) if parts else study.differences.head(0)


def draw_differences(study: Study, table: pd.DataFrame) -> Drawn:
    arms = [arm for arm in tables.ordered_arms(study) if (table["scenario"] == arm).any()]
    shown = [panel for panel in PANELS if len(_of(table, panel[0], panel[2]))]
    title = (
        f"Change from {study.base} in days and dismissals: allegations and subjects received {tables.window_words(study)} "
        f"and finalised before {tables.extract_words(study)}"
    )
    disagree = bool(table["depends_on_the_world"].any())
    notes = (
        [
            f"{DEPENDS.capitalize()}: worlds that the published figures leave open disagree whether, or which way, it changes."
        ]
        if disagree
        else []
    )
    notes += ["True mean: open ones counted, to 4 years.", *(parted := verdict.notes(study, arms))]
    if any(study.follows_from(arm) == "assumption" for arm in arms):
        beside = (
            "; the opposite, in open marks, stands beside it"
            if any(tables.is_opposite(study, arm) for arm in arms)
            else ""
        )
        notes.append(f"Hatched: the size of the effect was put in, so what follows is no finding{beside}.")
    names = [_row_name(study, arm, table) for arm in arms]
    longest = max(name.count("\n") + 1 for name in names)
    room = max(0.26 * len(study.worlds) + 0.34, 0.13 * longest + 0.12)
    with house_style():
        figure = page(
            1.75 + A_NOTE * len(parted) + room * len(arms),
            title,
            tables.foot(study, table, *notes),
            looks(study.worlds),
        )
        panels = row_of_axes(figure, len(shown), share_rows=True)
        for axes, (measure, _, basis, heading, unit, scale) in zip(panels, shown, strict=True):
            _panel(axes, study, _of(table, measure, basis), arms, scale)
            axes.set_title(heading)
            axes.set_xlabel(unit)
            axes.locator_params(axis="x", nbins=4)
        panels[0].set_yticks(range(len(arms)), names, size=7.2)
        panels[0].set_ylim(len(arms) - 0.5, -0.5)
    told = []
    for measure, _, basis, heading, *_ in [panel for panel in shown if panel[0] == PANELS[0][0]] or shown[:1]:
        rows = _of(table, measure, basis)
        told.append(f"{heading}: " + "; ".join(f"{arm} {_range_words(rows[rows['scenario'] == arm])}" for arm in arms))
    description = f"Points with intervals for each reform and world around a line at no change. {'. '.join(told)}."
    return Drawn(figure, title, description)


def _of(table: pd.DataFrame, measure: str, basis: str) -> pd.DataFrame:
    return table[(table["measure"] == measure) & (table["basis"] == basis)]


def _range_words(rows: pd.DataFrame) -> str:
    low, high = (tables.number(value, "days", sign=True) for value in (rows["mean"].min(), rows["mean"].max()))
    return low if low == high else f"{low} to {high} over the worlds"


def _row_name(study: Study, arm: str, table: pd.DataFrame) -> str:
    """The reform's own title on a few short lines, and what it follows from."""
    lines = wrap(shorten(tables.arm_title(study, arm), 110, placeholder=" ..."), 30)
    if study.follows_from(arm) == "assumption":
        lines.append(f"({ASSUMED})")
    worlds = [world for world in study.worlds if ((table["scenario"] == arm) & (table["world"] == world)).any()]
    if len(worlds) < len(study.worlds):
        lines.append(f"(in {words.listed(worlds)} only)")
    return "\n".join(lines)


def _panel(axes: Axes, study: Study, table: pd.DataFrame, arms: list[str], scale: float) -> None:
    from matplotlib.patches import Rectangle

    look = looks(study.worlds)
    count = len(study.worlds)
    rows_only(axes)
    axes.axvline(0, color=INK, linewidth=1.0, zorder=2)
    reach = max(float(table[["mean", "low", "high"]].abs().max().max()) * scale, 0.01)
    for row, arm in enumerate(arms):
        mine = table[table["scenario"] == arm]
        opposite = tables.is_opposite(study, arm)
        if study.follows_from(arm) == "assumption":
            across = axes.get_yaxis_transform()
            axes.add_patch(
                Rectangle(
                    (0, row - 0.46),
                    1,
                    0.92,
                    transform=across,
                    facecolor="#f7f8f9",
                    edgecolor="#d5d9de",
                    hatch="////",
                    linewidth=0,
                    zorder=0,
                )
            )
        for place, world in enumerate(study.worlds):
            found = mine[mine["world"] == world]
            if found.empty:
                continue
            one = found.iloc[0]
            at = beside(row, place, count, room=0.62)
            if pd.notna(one["low"]) and pd.notna(one["high"]):
                axes.plot(
                    [one["low"] * scale, one["high"] * scale],
                    [at, at],
                    color=look[world].colour,
                    linewidth=1.6,
                    solid_capstyle="butt",
                    zorder=3,
                )
            axes.plot(
                one["mean"] * scale, at, marker=look[world].marker, color=look[world].colour, markersize=5,
                markerfacecolor=PAPER if opposite else look[world].colour, zorder=4,
            )  # fmt: skip
        if len(mine) and bool(mine["depends_on_the_world"].iloc[0]):
            box = {"facecolor": PAPER, "edgecolor": FAINT, "linewidth": 0.6, "boxstyle": "round,pad=0.25"}
            away = 1 if float(mine["mean"].mean()) <= 0 else -1
            axes.text(
                away * reach * 1.12, row + 0.44, DEPENDS, size=5.8, color=SOFT, va="bottom", ha="right" if away > 0 else "left",
                bbox=box, zorder=1,
            )  # fmt: skip
    axes.set_xlim(-reach * 1.18, reach * 1.18)
    axes.tick_params(axis="y", length=0)

"""Were the teams busy? Slots, attention and the wait for a slot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sim.experiment.study import Study
from sim.report import own_teams, queues, tables, words
from sim.report.style import (
    FAINT,
    SOFT,
    Drawn,
    beside,
    house_style,
    looks,
    page,
    row_of_axes,
    rows_only,
    rule,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANELS = (
    ("slot_utilisation", "Slots in use", "per cent of slots", 100.0),
    ("utilisation", "Attention in use", "per cent of working minutes", 100.0),
    ("mean_days_waiting_for_a_slot", "Wait for a slot", "mean days", 1.0),
)
"""Measure, heading, axis and scale of each panel."""
UNSETTLED = queues.NEVER


def teams(study: Study) -> pd.DataFrame:
    """Use of each team and the wait for a slot over the window, in the base; below, of each arm that changes a team's posts, that team; what does not
    settle is marked."""
    parts = [_rows(study, study.base)]
    for label in tables.ordered_arms(study):
        changed = own_teams.with_other_posts(study, label)[["world", "team"]]
        if len(changed):
            parts.append(_rows(study, label).merge(changed, on=["world", "team"]))
    return pd.concat(parts, ignore_index=True)


def _rows(study: Study, label: str) -> pd.DataFrame:
    rows = tables.rows_of(study, label, *(panel[0] for panel in PANELS), "live_cases", "caseload_per_investigator")
    rows = tables.with_part(tables.pick(rows, period=tables.window_label(study)), "team")
    unsettled = queues.that_never_settle(study, label)
    return rows.assign(queue_does_not_settle=[at in unsettled for at in zip(rows["world"], rows["team"], strict=True)])


def draw_teams(study: Study, table: pd.DataFrame) -> Drawn:
    others = [label for label in dict.fromkeys(table["scenario"]) if label != study.base]
    table = table[table["scenario"] == study.base]
    names = list(dict.fromkeys(table["team"]))
    shown = [panel for panel in PANELS if (table["measure"] == panel[0]).any()]
    title = (
        f"How much of each team's slots and attention was in use, and the wait for a slot, in {study.base}"
        f"{_without(study)}: {tables.window_words(study)}, every stream"
    )
    notes = [
        "Above about 90% of slots in use, waits grow steeply."
        + (" Grey bars: range over worlds: only evidence can narrow it." if len(study.worlds) > 1 else ""),
    ]
    if others:
        notes.append(
            f"Not drawn, but in teams.csv: the teams whose posts {words.listed(others)} {'change' if len(others) > 1 else 'changes'}, with that."
        )
    unsettled = table[(table["measure"] == "mean_days_waiting_for_a_slot") & table["queue_does_not_settle"]]
    if len(unsettled):
        notes.append(
            f"'{UNSETTLED.capitalize()}': the queue grew to the end, so its mean wait says how long the run was, not how long the wait is."
        )
    with house_style():
        figure = page(1.8 + 0.42 * len(names), title, tables.foot(study, table, *notes), looks(study.worlds))
        panels = row_of_axes(figure, len(shown), share_rows=True)
        for axes, (measure, heading, unit, scale) in zip(panels, shown, strict=True):
            _panel(axes, study, table[table["measure"] == measure], names, scale)
            axes.set_title(heading)
            axes.set_xlabel(unit)
            if measure.endswith("utilisation"):
                rule(axes, 90)
                axes.set_xlim(0, 104)
            else:
                longest = max(float(table.loc[table["measure"] == measure, "mean"].max()), 1.0)
                axes.set_xlim(-0.03 * longest, 1.1 * longest)
        panels[0].set_yticks(
            range(len(names)),
            [words.team(name).replace(" of ", "\nof ").replace(" standards ", "\nstandards ") for name in names],
        )
        panels[0].set_ylim(len(names) - 0.5, -0.5)
    description = "Points for each team and world: the share of caseload slots in use, the share of working minutes in use, and mean days waiting for a slot."
    return Drawn(figure, title, description)


def _without(study: Study) -> str:
    """That the base is drawn, where something was laid over it."""
    arms = [tables.arm_of(study, label) for label in tables.ordered_arms(study)]
    if not arms:
        return ""
    sheets = (
        ["the staffing sheet" if len(arms) == 1 else "staffing sheets"] if any(arm.staffing for arm in arms) else []
    )
    return (
        f" without {words.listed([*sheets, *(['reforms'] if any(arm.reforms for arm in arms) else [])]) or 'changes'}"
    )


def _panel(axes: Axes, study: Study, table: pd.DataFrame, names: list[str], scale: float) -> None:
    look = looks(study.worlds)
    rows_only(axes)
    for row, name in enumerate(names):
        mine = table[table["team"] == name]
        if mine.empty:
            axes.text(
                0.03, row, "has no slots", size=6.8, color=SOFT, va="center", transform=axes.get_yaxis_transform()
            )
            continue
        settled = (
            mine[~mine["queue_does_not_settle"]] if (mine["measure"] == "mean_days_waiting_for_a_slot").all() else mine
        )
        if len(settled) > 1:
            axes.plot(
                [settled["mean"].min() * scale, settled["mean"].max() * scale],
                [row, row],
                color=FAINT,
                linewidth=5,
                solid_capstyle="butt",
                zorder=1,
            )
        for _, one in settled.iterrows():
            style = look[str(one["world"])]
            at = beside(row, study.worlds.index(str(one["world"])), len(study.worlds))
            axes.plot(
                one["mean"] * scale,
                at,
                marker=style.marker,
                color=style.colour,
                markersize=5,
                linestyle="none",
                zorder=3,
            )
        if len(settled) < len(mine):
            worlds = words.listed([str(world) or "base" for world in mine.loc[mine["queue_does_not_settle"], "world"]])
            axes.text(
                0.98,
                row - 0.36,
                f"{UNSETTLED}: {worlds}",
                size=6.6,
                color=SOFT,
                va="center",
                ha="right",
                transform=axes.get_yaxis_transform(),
            )

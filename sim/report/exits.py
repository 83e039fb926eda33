"""How did people go? Removals of every kind, and leaving while under investigation, in each financial year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from sim.experiment.study import Study
from sim.report import tables
from sim.report.style import BLUE, FAINT, INK, OCHRE, PAPER, PLUM, SKY, SOFT, Drawn, house_style, page

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REMOVALS = {
    "dismissed": ("dismissed", BLUE, ""),
    "dismissed_with_notice": ("dismissed with notice", SKY, "////"),
    "staff_procedure": ("staff dismissed", SKY, ""),
    "would_have_been_dismissed": ("would have been dismissed", OCHRE, ""),
    "regulation_13": ("discharged, regulation 13", FAINT, "...."),
    "vetting": ("vetting withdrawn", PLUM, "xxxx"),
    "incompetence": ("incompetence", INK, ""),
}
LEAVING = {
    "resigned": ("resigned", FAINT, ""),
    "retired": ("retired", SOFT, "\\\\\\\\"),
    "severance": ("severance", OCHRE, "////"),
}
"""Way out -> its words, colour and hatch, from the bottom of the stack."""
STOREYS = (("removed", REMOVALS), ("left while under\ninvestigation", LEAVING))
ACROSS = 3
"""Small multiples in a row."""
A_YEAR = 7
"""Characters of a financial year, ``2015-16``."""


def exits(study: Study) -> pd.DataFrame:
    """Subjects by way out in each financial year, in the base."""
    rows = tables.with_part(tables.base_rows(study, "exits"), "exit")
    return rows[rows["period"].str.len() == A_YEAR].reset_index(drop=True)


def draw_exits(study: Study, table: pd.DataFrame) -> Drawn:
    from matplotlib.ticker import MaxNLocator

    worlds = study.worlds
    across = min(ACROSS, len(worlds))
    down = -(-len(worlds) // across)
    title = "Subjects removed, and subjects who left while under investigation, in each financial year"
    notes = [
        "The two storeys are not added up: whoever would have been dismissed had left before, and is in both.",
        "Probationers' own matters are included, public complaints are not. Bars are means; intervals stand in the table beside.",
    ]
    with house_style():
        figure = page(1.35 + 3.6 * down, title, tables.foot(study, table, *notes))
        grid = figure.subplots(2 * down, across, sharex=True, squeeze=False)
        for number in range(across * down):
            row, column = 2 * (number // across), number % across
            panels = [grid[row + storey, column] for storey in range(2)]
            if number >= len(worlds):
                for axes in panels:
                    axes.set_visible(False)
                continue
            mine = table[table["world"] == worlds[number]]
            last_in_row = column == across - 1 or number == len(worlds) - 1
            panels[0].set_title(worlds[number] or "base")
            for axes, (label, ways) in zip(panels, STOREYS, strict=True):
                _stack(axes, mine, _that_happened(table, ways))
                axes.set_ylim(0, 1.06 * max(_highest(table, ways), 1.0))
                axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
                axes.grid(visible=True, axis="y")
                if last_in_row:
                    handles, labels = axes.get_legend_handles_labels()
                    axes.legend(
                        handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=1.4,
                        borderaxespad=0.3,
                    )  # fmt: skip
                if column == 0:
                    axes.set_ylabel(f"subjects {label}")
                else:
                    axes.tick_params(labelleft=False)
            panels[1].tick_params(axis="x", rotation=90, labelsize=6.5)
        figure.align_ylabels()
    last = table[table["period"] == table["period"].max()]
    said = ", ".join(
        f"{world or 'the base'} {last[(last['world'] == world) & last['exit'].isin(list(REMOVALS))]['mean'].sum():,.0f}"
        for world in worlds
    )
    description = f"Stacked bars of subjects by way out in each financial year, one column for each world; removed in the last year: {said}."
    return Drawn(figure, title, description)


def _that_happened(table: pd.DataFrame, ways: Mapping[str, tuple[str, str, str]]) -> dict[str, tuple[str, str, str]]:
    """The ways by which anybody went in any year and world."""
    seen = set(table.loc[table["mean"] > 0, "exit"])
    return {way: look for way, look in ways.items() if way in seen}


def _highest(table: pd.DataFrame, ways: Mapping[str, tuple[str, str, str]]) -> float:
    """The highest stack."""
    mine = table[table["exit"].isin(list(ways))]
    return float(mine.groupby(["world", "period"])["mean"].sum().max()) if len(mine) else 0.0


def _stack(axes: Axes, mine: pd.DataFrame, ways: Mapping[str, tuple[str, str, str]]) -> None:
    """A bar for each year."""
    periods = sorted(set(mine["period"]))
    below = pd.Series(0.0, index=periods)
    for way, (name, colour, hatch) in ways.items():
        one = mine[mine["exit"] == way].set_index("period")["mean"].reindex(periods).fillna(0.0)
        axes.bar(
            range(len(periods)), one, bottom=below, width=0.8, facecolor=colour, hatch=hatch, edgecolor=PAPER, linewidth=0.5, label=name
        )  # fmt: skip
        below = below + one
    axes.set_xticks(range(len(periods)), periods)

"""What is waiting? Open cases by age, cases without an investigator, officers awaiting a hearing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING

import pandas as pd

from sim.experiment.study import Study
from sim.report import own_teams, tables, words
from sim.report.style import (
    BLUE,
    FAINT,
    INK,
    OCHRE,
    PAPER,
    PUBLISHED,
    SKY,
    Drawn,
    house_style,
    looks,
    marker_on_line,
    on_axis,
    page,
    years,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AGE_FILLS = {
    "over_2_years": (BLUE, ""),
    "1_to_2_years": (SKY, "////"),
    "6_to_12_months": ("#c3d3de", ""),
    "under_6_months": ("#e9edf0", ""),
}
"""From the bottom of the stack: colour and hatch."""
QUEUE_LINES: Sequence[tuple[str, tuple[int, tuple[float, ...]]]] = (
    (BLUE, (0, ())),
    (OCHRE, (0, (4, 1.5))),
    (INK, (0, (1, 1))),
    (SKY, (0, (6, 1.5, 1, 1.5))),
)
"""For each of the force's own teams with slots: colour and line."""
ACROSS = 3
"""Small multiples in a row."""

# --- open cases ---------------------------------------------------------------------------------------------


def open_by_age(study: Study) -> pd.DataFrame:
    """Open cases by age and unallocated cases by team, at the end of each quarter, in the base."""
    rows = tables.base_rows(study, "cases_open", "unallocated_cases")
    if not (rows["measure"] == "cases_open").any():
        return rows.head(0)
    group = rows["group"].fillna("")
    return tables.by_quarter(rows[group.str.startswith(("age=", "team=")) | (group == "")]).drop(columns="on")


def draw_open_by_age(study: Study, table: pd.DataFrame) -> Drawn:
    from matplotlib.ticker import MaxNLocator

    worlds = study.worlds
    across = min(ACROSS, len(worlds))
    down = -(-len(worlds) // across)
    queues = tables.with_part(table[table["measure"] == "unallocated_cases"], "team")
    own = own_teams.names(study)
    teams = [team for team in dict.fromkeys(queues["team"]) if team in own]
    others = [words.short(team) for team in dict.fromkeys(queues["team"]) if team not in own]
    storeys = [2.3, 1.0] if teams else [2.3]
    title = "Cases open at the end of each quarter, by age since first coming to attention, and cases waiting for an investigator of the force"
    note = "Open cases are internal ones. Those waiting for an investigator are of every stream, public complaints too, and of the force's own teams."
    note += f" Not drawn, but in the table beside: those that wait for the {words.listed(others)}." if others else ""
    highest = _highest(table, "cases_open")
    longest = max(float(queues.loc[queues["team"].isin(teams), "mean"].max()), 1.0) if teams else 1.0
    with house_style():
        figure = page(1.25 + sum(storeys) * down, title, tables.foot(study, table, *([note] if teams else [])))
        grid = figure.subplots(len(storeys) * down, across, sharex=True, squeeze=False, height_ratios=storeys * down)
        for number in range(across * down):
            row, column = len(storeys) * (number // across), number % across
            panels = [grid[row + storey, column] for storey in range(len(storeys))]
            if number >= len(worlds):
                for axes in panels:
                    axes.set_visible(False)
                continue
            mine = tables.by_quarter(table[table["world"] == worlds[number]])
            last_in_row = column == across - 1 or number == len(worlds) - 1
            _stack(panels[0], mine, highest, named=last_in_row)
            panels[0].set_title(worlds[number] or "base")
            panels[0].set_ylim(0, highest * 1.08)
            if teams:
                _queues(panels[1], mine, teams)
                panels[1].set_ylim(0, longest * 1.15)
                if last_in_row:
                    panels[1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=2.2, borderaxespad=0.3)
            for axes, label in zip(panels, ("cases open", "waiting for\nthe force"), strict=False):
                axes.margins(x=0)
                axes.yaxis.set_major_formatter("{x:,.0f}")
                axes.yaxis.set_major_locator(MaxNLocator(5 if axes is panels[0] else 3, integer=True))
                years(axes)
                if column == 0:
                    axes.set_ylabel(label)
                else:
                    axes.tick_params(labelleft=False)
        figure.align_ylabels()
    last = tables.by_quarter(tables.pick(table[table["measure"] == "cases_open"], group=""))
    ends = [f"{world or 'the base'} {tables.value_of(last[last['world'] == world].tail(1)):,.0f}" for world in worlds]
    description = f"Stacked areas of open cases by age at the end of each quarter, one panel for each world; open at the last: {', '.join(ends)}."
    return Drawn(figure, title, description)


def _highest(table: pd.DataFrame, measure: str) -> float:
    """The highest of a stock, all groups together; 0 if there is none."""
    return float(tables.pick(table[table["measure"] == measure], group="")["mean"].max()) if len(table) else 0.0


def _stack(axes: Axes, mine: pd.DataFrame, highest: float, *, named: bool) -> None:
    """Areas by age, the oldest at the bottom; their names stand at the right."""
    floor: pd.Series | None = None
    names: list[tuple[float, str]] = []
    for age, (colour, hatch) in AGE_FILLS.items():
        band = tables.pick(mine, group=f"age={age}")
        if band.empty:
            continue
        below = floor if floor is not None else band["mean"] * 0
        floor = below + band["mean"]
        axes.fill_between(band["on"], below, floor, facecolor=colour, hatch=hatch, edgecolor=PAPER, linewidth=0.5)
        names.append(((float(below.iloc[-1]) + float(floor.iloc[-1])) / 2, words.AGES[age]))
    if floor is None:
        whole = tables.pick(mine[mine["measure"] == "cases_open"], group="")
        axes.fill_between(whole["on"], 0, whole["mean"], facecolor=FAINT)
    for height, (_, name) in zip(apart([at for at, _ in names], 0.06 * highest), names if named else [], strict=False):
        edge = axes.get_yaxis_transform()
        axes.annotate(
            name, (1, height), xycoords=edge, xytext=(5, 0), textcoords="offset points", size=7, va="center", annotation_clip=False
        )  # fmt: skip


def _queues(axes: Axes, mine: pd.DataFrame, teams: list[str]) -> None:
    """A line for each team's queue for a slot."""
    for team, (colour, line) in zip(teams, cycle(QUEUE_LINES), strict=False):
        queue = tables.pick(mine, group=f"team={team}")
        label = words.short(team)
        axes.plot(queue["on"], queue["mean"], color=colour, linestyle=line, linewidth=1.3, label=label)


# --- awaiting a hearing -------------------------------------------------------------------------------------

PUBLISHED_STOCKS = ("awaiting_hearing_sep_2022", "awaiting_hearing_sep_2023", "awaiting_hearing_oct_2023")


def awaiting(study: Study) -> pd.DataFrame:
    """Subjects awaiting a hearing at the end of each quarter, in the base."""
    rows = tables.pick(tables.base_rows(study, "awaiting_hearing"), group="")
    return tables.by_quarter(rows).drop(columns="on") if len(rows) else rows


def draw_awaiting(study: Study, table: pd.DataFrame) -> Drawn:
    title = "Officers awaiting a gross misconduct hearing at the end of each quarter, internal cases"
    look = looks(study.worlds)
    has_intervals = bool(table["low"].notna().any())
    notes = ["Shaded: the computing interval."] if has_intervals else []
    with house_style():
        figure = page(3.6, title, tables.foot(study, table, *notes), look, lines=True)
        axes = figure.subplots()
        for world in study.worlds:
            mine = tables.by_quarter(table[table["world"] == world])
            if has_intervals:
                axes.fill_between(
                    mine["on"], mine["low"], mine["high"], color=look[world].colour, alpha=0.12, linewidth=0
                )
            axes.plot(
                mine["on"], mine["mean"], color=look[world].colour, linestyle=look[world].line,
                marker=marker_on_line(look[world], study.worlds), markevery=4, markersize=3.8,
            )  # fmt: skip
        top = max(float(table[["mean", "high"]].max().max()), 1.0)
        marks = [target for key in PUBLISHED_STOCKS if (target := tables.published(study, key))]
        for target in marks:
            when = (on_axis(target.window_from) + on_axis(target.window_to)) / 2
            spread = [[target.value - target.low], [target.high - target.value]]
            axes.errorbar(
                when, target.value, yerr=spread, marker="D", markersize=5.5, color=PUBLISHED, markerfacecolor=PAPER,
                elinewidth=1.1, capsize=2.5,
            )  # fmt: skip
            text = f"published: {target.value:,.0f}, {target.window_from:%B %Y} \n({tables.role_words(target)}) "
            axes.text(when, target.value, text, size=6.8, color=PUBLISHED, ha="right", va="center")
            top = max(top, target.high)
        axes.set_ylim(0, top * 1.06)
        axes.margins(x=0.01)
        years(axes)
        axes.set_ylabel("officers")
    last = tables.by_quarter(table)
    said = ", ".join(
        f"{world or 'the base'} {tables.value_of(last[last['world'] == world].tail(1)):,.0f}" for world in study.worlds
    )
    return Drawn(
        figure,
        title,
        f"Lines of officers awaiting a hearing by quarter, one for each world; at the last quarter: {said}.",
    )


def apart(heights: list[float], gap: float) -> list[float]:
    """Ascending heights of labels, moved up just enough not to touch."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + gap) if placed else height)
    return placed

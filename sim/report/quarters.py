"""How does it go, quarter by quarter, against today's plan? Open cases by age, reports due, unallocated cases, days suspended, days to finalise."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import isnan
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.experiment.study import Study
from sim.measures.periods import MONTHS_A_QUARTER, quarter_of
from sim.measures.quarters import MEAN_TO_TWO_YEARS
from sim.report import limits, own_teams, queues, sums, tables, words
from sim.report.style import (
    BLUE,
    INK,
    OCHRE,
    PAPER,
    SOFT,
    Drawn,
    house_style,
    on_axis,
    page,
    years,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STOCK, DURING = "at_period_end", "in_period"
FINALISED, COHORT, SURVIVAL, PACE = "finalised_in_period", "received_cohort", "survival", "pace_of_period"
DAYS = "mean_days_to_finalise"
OPEN, EVERY_STREAM = "cases_open", "stream=every"
"""What cases open of every stream together are grouped by; those without a group are the internal ones."""


@dataclass(frozen=True)
class Line:
    """A figure that is given for each quarter."""

    label: str
    measure: str
    counted: str
    basis: str
    group: str = ""
    printed: bool = True


BY_TEAM = {"unallocated_cases": "Unallocated cases", "cases_waiting_for_attention": "Waiting for attention"}
"""Queues that are given by team, and how their labels open. Cases of every stream wait in them."""
EVERYBODYS = {measure: f"{label}, every team, every stream" for measure, label in BY_TEAM.items()}
"""Those who wait for another body's people too."""
TO_TWO_YEARS, RECEIVED, AT_ITS_PACE = (
    "Days to two years, received in it",
    "True mean days, received in it",
    "True mean days, at its pace",
)
DEFINED = {
    TO_TWO_YEARS: "no allegation counted beyond two years, those still open included",
    RECEIVED: "to four years, those still open included",
    AT_ITS_PACE: "to four years, of one that at every age met the chances of ending which those of that age had in the quarter",
}
"""What those figures of days are that do not fall towards the extract date."""
UNKNOWN = {
    TO_TWO_YEARS: "not all of them were followed for two years, or the interval reaches 0",
    RECEIVED: "not all of them were watched for four years, or the interval reaches 0",
    AT_ITS_PACE: "in some future nobody of some age was open in it, or so few that the interval reaches 0",
}
"""Why each may not be known."""
AGES = ("under_6_months", "6_to_12_months", "1_to_2_years", "over_2_years")
LINES = (
    Line("Cases open, internal", OPEN, "case", STOCK),
    *(Line(f"  open {words.AGES[age]}", OPEN, "case", STOCK, f"age={age}") for age in AGES),
    Line("Cases open, every stream", OPEN, "case", STOCK, EVERY_STREAM),
    Line("Unallocated, the force's own, every stream", "unallocated_cases", "case", STOCK, own_teams.GROUP),
    Line(
        "Waiting for attention, the force's own, every stream",
        "cases_waiting_for_attention",
        "case",
        STOCK,
        own_teams.GROUP,
        printed=False,
    ),
    Line(EVERYBODYS["unallocated_cases"], "unallocated_cases", "case", STOCK, printed=False),
    Line(EVERYBODYS["cases_waiting_for_attention"], "cases_waiting_for_attention", "case", STOCK, printed=False),
    Line("Delay reports due (12 months, then every 6), internal", "twelve_month_reports_due", "case", DURING),
    Line("Awaiting a hearing, internal", "awaiting_hearing", "subject", STOCK, printed=False),
    Line("Officer-days suspended, every stream", "officer_days_suspended", "person", DURING),
    Line("Days, finalised in it", DAYS, "allegation", FINALISED),
    Line("Days, received in it and finalised since", DAYS, "allegation", COHORT, printed=False),
    Line(TO_TWO_YEARS, MEAN_TO_TWO_YEARS, "allegation", SURVIVAL),
    Line(RECEIVED, DAYS, "allegation", SURVIVAL),
    Line(AT_ITS_PACE, DAYS, "allegation", PACE),
    Line("Allegations received", "allegations_received", "allegation", "received_in_period", printed=False),
    Line("Allegations finalised", "allegations_finalised", "allegation", FINALISED, printed=False),
    Line("Allegations that cohort mean is of", "allegations_finalised", "allegation", COHORT, printed=False),
)
"""The mean of those received in a quarter and finalised since is in the file alone: whoever takes long is not in it yet, so it falls towards the extract
date whatever happens. True means (`TRUE`) count to four years, whoever is still open included: of those received in the quarter where they were watched
for so long, and, for every quarter, of one that meets the chances of ending which those open in it had at each age."""

VALUES = ("mean", "low", "high")
COLUMNS = (
    "scenario",
    "world",
    "quarter",
    "ends_on",
    "label",
    *("measure", "counted", "basis", "group", "unit"),
    *VALUES,
    *(f"base_{name}" for name in VALUES),
    *("difference", "difference_low", "difference_high"),
    *("interval", "replications", "never_settles", "base_never_settles"),
)
"""`mean` is the arm's, `base_` those of the base in the same futures, `difference` the paired one; each with its computing interval. Of the base alone
the first two are equal, and there is no difference."""

MOST_PRINTED = 5
"""Quarters in a printed table."""
POINTER = "Every quarter, with intervals and the base beside it: quarters.csv; drawn in figures/quarters.png."
NO_PAST = "past suspensions are not in the caseload, so it starts near zero"
MONTHS = ("Jan-Mar", "Apr-Jun", "Jul-Sep", "Oct-Dec")
"""Of a calendar quarter, which is none of a financial year's."""
MOST_REFORMS = 2
"""Reforms that have a printed table each, where no arm has a staffing sheet."""


# --- the table ------------------------------------------------------------------------------------------------------


def quarters(study: Study) -> pd.DataFrame:
    """`COLUMNS`: a row for each arm (the base where there is no other), world, quarter and figure."""
    return _quarters(study).copy()


@lru_cache(maxsize=4)
def _quarters(study: Study) -> pd.DataFrame:
    own, own_moved = own_teams.summed(study, tuple(BY_TEAM))
    every, every_moved = sums.summed(study, (OPEN,), _streams(study), EVERY_STREAM)
    mine = _chosen(tables.one_row_each(_below(_measured(study.summary), own, every)))
    if mine.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    key = ["world", "quarter", "measure", "counted", "basis", "group"]
    base = mine[mine["scenario"] == study.base][[*key, *VALUES]]
    base = base.rename(columns={name: f"base_{name}" for name in VALUES})
    arms = mine[mine["scenario"] != study.base] if len(study.labels) > 1 else mine
    table = arms.merge(base, on=key, how="left", sort=False)
    moved = study.differences
    if len(moved):
        moved = _chosen(tables.one_row_each(_below(_measured(moved), own_moved, every_moved)))
        moved = moved.rename(columns={"mean": "difference", "low": "difference_low", "high": "difference_high"})
        columns = ["scenario", *key, "difference", "difference_low", "difference_high"]
        table = table.merge(moved[columns], on=["scenario", *key], how="left", sort=False)
    else:
        table = table.assign(difference=float("nan"), difference_low=float("nan"), difference_high=float("nan"))
    never = {(one.scenario, one.world, one.queue, one.team) for one in queues.growing(study)}
    of_the_force = own_teams.names(study)
    for column, labels in (("never_settles", table["scenario"]), ("base_never_settles", [study.base] * len(table))):
        asked = zip(labels, table["world"], table["measure"], table["group"], strict=True)
        table[column] = [_is_growing(*one, never, of_the_force) for one in asked]
    arm = {label: number for number, label in enumerate(study.labels)}
    world = {name: number for number, name in enumerate(study.worlds)}
    place = table.assign(a=table["scenario"].map(arm), w=table["world"].map(world))
    place = place.sort_values(["a", "w", "place", "group", "ends_on"], kind="stable")
    return place[list(COLUMNS)].reset_index(drop=True)


def _is_growing(
    scenario: str, world: str, measure: str, group: str, never: set[tuple[str, str, str, str]], own: Sequence[str]
) -> bool:
    """A queue of one team, or of all, or of all of the force's own, where one of them never settles."""
    if group.startswith("team=") or measure not in BY_TEAM:
        return (scenario, world, measure, group.removeprefix("team=")) in never
    here = [team for *where, team in never if where == [scenario, world, measure]]
    return any(group == "" or team in own for team in here)


def _streams(study: Study) -> tuple[str, ...]:
    """How cases open of each stream are grouped; the internal ones, of the first, have no name."""
    return ("", *(f"stream={stream.name}" for stream in tables.plan_of(study).streams[1:]))


def _below(*tables_of_rows: pd.DataFrame) -> pd.DataFrame:
    some = [rows for rows in tables_of_rows if len(rows)]
    return pd.concat(some, ignore_index=True) if some else tables_of_rows[0]


def _measured(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["measure"].isin({line.measure for line in LINES})]


def _chosen(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of `LINES`, and of teams, whose period is a quarter or the last day of one: with label, place in order, quarter and its last day."""
    rows = rows.assign(group=rows["group"].fillna("").astype(str))
    lines = {(line.measure, line.counted, line.basis, line.group): (at, line.label) for at, line in enumerate(LINES)}
    found = []
    for measure, counted, basis, group in zip(
        *(rows[name] for name in ("measure", "counted", "basis", "group")), strict=True
    ):
        whole = lines.get((measure, counted, basis, ""))
        if measure in BY_TEAM and group.startswith("team=") and whole:
            team = group.removeprefix("team=")
            found.append((whole[0], f"{BY_TEAM[measure]}, {words.short(team)}"))
        else:
            found.append(lines.get((measure, counted, basis, group), (-1, "")))
    ends = [_ends_on(str(period)) for period in rows["period"]]
    rows = rows.assign(
        place=[at for at, _ in found],
        label=[label for _, label in found],
        quarter=[quarter_of(end) if end else "" for end in ends],
        ends_on=[end.isoformat() if end else "" for end in ends],
    )
    return rows[(rows["place"] >= 0) & (rows["quarter"] != "")].reset_index(drop=True)


def _ends_on(period: str) -> date | None:
    """The last day of a quarter that a table names ``2027Q1`` or by that day; None for other periods."""
    if len(period) == len("2027Q1") and period[4] == "Q":
        month = int(period[5]) * MONTHS_A_QUARTER
        return date(int(period[:4]), month, 31 if month in (3, 12) else 30)
    return date.fromisoformat(period) if len(period) == len("2027-03-31") else None


# --- printed ---------------------------------------------------------------------------------------------------------


def told(study: Study) -> bool:
    """Whether there is anything by quarter."""
    return bool((study.summary["measure"] == "cases_open").any())


def to_print(study: Study) -> Iterator[tuple[str, str]]:
    """Arm and world of each table that is printed: of arms with a staffing sheet; if none has one, of others where they are no more than
    `MOST_REFORMS`; without another arm, of the base. Others are in the file."""
    others = [label for label in tables.ordered_arms(study) if not tables.is_opposite(study, label)]
    with_sheet = [label for label in others if tables.arm_of(study, label).staffing]
    labels = with_sheet or (others if len(others) <= MOST_REFORMS else [])
    labels = labels if len(study.labels) > 1 else [study.base]
    for label in labels:
        for world in study.worlds:
            if (label, world) in study.figures:
                yield label, world


def heading(study: Study, label: str, world: str) -> str:
    """What a printed table is of, and what its brackets are."""
    where = f" in {world}" if world else ""
    if label == study.base:
        return f"{study.caption}{where}, by calendar quarter, with half the computing interval"
    return f"{label}{where}, by calendar quarter; in brackets the change from {study.caption} in the same futures, with half its computing interval"


def printed(study: Study, label: str, world: str) -> tuple[list[str], list[list[str]]]:
    """Quarters as columns and figures as rows, of an arm in a world: the last quarter of each year, or of every second one and so on if they are many."""
    whole = quarters(study)
    whole = whole[(whole["scenario"] == label) & (whole["world"] == world)]
    table = whole[whole["label"].isin(_printed_labels()) & _is_known(whole, study.replications)]
    ends = sorted({str(end) for end in whole["ends_on"]})
    last = [end for end in ends if end.endswith("12-31")] or ends
    every = max(-(-len(last) // MOST_PRINTED), 1)
    chosen = last[::-1][::every][::-1]
    had = set(whole["label"])
    cells = {(str(row["label"]), str(row["ends_on"])): row for row in table.to_dict("records")}
    rows = []
    for line in LINES:
        found = [cells.get((line.label, end)) for end in chosen]
        if line.printed and line.label in had:
            name = line.label + _verdict(study, [row for row in found if row is not None])
            if line.measure == limits.SUSPENDED and study.opening is not None:
                name += f"\n  {NO_PAST}"
            rows.append([name, *("-" if row is None else _cell(row) for row in found)])
    return [_months(date.fromisoformat(end)) for end in chosen], rows


def notes(rows: Sequence[Sequence[str]]) -> list[str]:
    """What stands below printed tables: what their figures of days are of, and why some are not known.

    Args:
        rows: of all of them together.
    """
    said = []
    for name, meaning in DEFINED.items():
        mine = [row[1:] for row in rows if row[0].startswith(name)]
        if mine:
            dash = f" A dash: {UNKNOWN[name]}." if any("-" in cells for cells in mine) else ""
            said.append(f"{name}: {meaning}.{dash}")
    return [f"Days are of internal allegations. {said[0]}", *said[1:]] if said else []


def _months(end: date) -> str:
    """Oct-Dec 2027."""
    return f"{MONTHS[end.month // MONTHS_A_QUARTER - 1]} {end.year}"


def _is_known(rows: pd.DataFrame, futures: int) -> pd.Series:
    """Of each row, whether it is no figure of `DEFINED` or one that every future knows, in an interval that does not reach 0.

    A mean over those futures alone that happen to know it is of other quarters than the mean over all.
    """
    of_all = (rows["replications"] == futures) & ~(rows["low"] <= 0) & ~(rows["base_low"] <= 0)
    return ~rows["label"].isin(DEFINED) | of_all


def _verdict(study: Study, rows: Sequence[Mapping[Hashable, object]]) -> str:
    """That a queue never settles, in the arm or in the base alone; empty where it does in both."""
    if any(row["never_settles"] for row in rows):
        return f" ({queues.NEVER})"
    return f" ({queues.NEVER} in {study.base})" if any(row["base_never_settles"] for row in rows) else ""


def _printed_labels() -> set[str]:
    return {line.label for line in LINES if line.printed}


def _cell(row: Mapping[Hashable, object]) -> str:
    """1,642 (-166.0±12.0), or 1,642 ±50 of the base alone."""
    value = {str(name): number for name, number in row.items()}
    unit = str(value["unit"])
    mean, low, high = (float(str(value[name])) for name in VALUES)
    change, least, most = (float(str(value[name])) for name in ("difference", "difference_low", "difference_high"))
    text = _whole(mean)
    if not isnan(change):
        return f"{text} ({_signed(change)}{_half(least, most)})"
    if low < 0 or (unit == "fraction" and high > 1):  # not even on both sides: what can not be is left out
        return f"{text} ({tables.between(low, high, unit)})"
    return text + (f" {_half(low, high)}" if _half(low, high) and unit else "")


def _whole(value: float) -> str:
    return "-" if isnan(value) else f"{value:,.0f}"


def _signed(value: float) -> str:
    text = f"{value:+,.0f}"
    return "0" if text in ("+0", "-0") else text


def _half(low: float, high: float) -> str:
    return "" if isnan(low) or isnan(high) else f"±{(high - low) / 2:,.0f}"


# --- drawn -----------------------------------------------------------------------------------------------------------

AGE_FILLS = {
    "over_2_years": (BLUE, ""),
    "1_to_2_years": ("#6fa3c4", "////"),
    "6_to_12_months": ("#c3d3de", ""),
    "under_6_months": ("#e9edf0", ""),
}
ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("cases open,\ninternal", OPEN, STOCK, ""),
    ("unallocated,\nforce's teams,\nevery stream", "unallocated_cases", STOCK, own_teams.GROUP),
    ("delay reports\ndue, internal", "twelve_month_reports_due", DURING, ""),
    ("officer-days\nsuspended,\nevery stream", "officer_days_suspended", DURING, ""),
    ("mean days,\nfinalised in it", DAYS, FINALISED, ""),
    ("days to two\nyears,\nreceived in it", MEAN_TO_TWO_YEARS, SURVIVAL, ""),
    ("true mean days,\nat its pace", DAYS, PACE, ""),
)
"""Name, measure, basis and group of each row of panels."""


def drawn(study: Study) -> pd.DataFrame:
    """The rows of the arm that is drawn: the first with a staffing sheet, else the first other than the base, else the base."""
    table = quarters(study)
    others = tables.ordered_arms(study) if len(study.labels) > 1 else [study.base]
    with_sheet = [label for label in others if tables.arm_of(study, label).staffing]
    return table[table["scenario"] == [*with_sheet, *others][0]].reset_index(drop=True)


def draw_quarters(study: Study, table: pd.DataFrame) -> Drawn:
    from matplotlib.ticker import MaxNLocator

    label = str(table["scenario"].iloc[0])
    against = label != study.base
    rows = [row for row in ROWS if len(_of(table, *row[1:]))]
    named = f"{label} against {study.caption}" if against else study.caption
    title = f"By calendar quarter: {named}; open cases by age, queues, reports due, suspension and days to finalise"
    notes = [
        (f"Solid: {label}, shaded its computing interval. Dashed: {study.base}, without it, in the same futures. " if against else "Shaded: the computing interval. ")
        + "Filled, top: open cases by age, the interval between thin lines. A dot: a quarter alone. "
        + "Unallocated cases wait for an investigator of the force; those that wait for the IOPC's are in quarters.csv. Delay reports: due at 12 months, then every 6.",
        " ".join(["Days are of internal allegations.", *(f"{name}: {DEFINED[name]} (a gap: {UNKNOWN[name]})." for name in (TO_TWO_YEARS, AT_ITS_PACE))]),
    ]  # fmt: skip
    if study.opening is not None:
        notes.append(f"Officer-days suspended: {NO_PAST}.")
    others = [one for one in tables.ordered_arms(study) if one != label] if against else []
    if others:
        notes.append(f"Not drawn, but in quarters.csv: {words.listed(others)}.")
    worlds = [world for world in study.worlds if (table["world"] == world).any()]
    with house_style():
        figure = page(1.55 + 0.95 * len(rows) + 0.5, title, tables.foot(study, table, *notes))
        grid = figure.subplots(
            len(rows),
            len(worlds),
            sharex=True,
            sharey="row",
            squeeze=False,
            height_ratios=[1.6, *[1.0] * (len(rows) - 1)],
        )
        for down, (name, measure, basis, group) in enumerate(rows):
            for across, world in enumerate(worlds):
                axes, mine_of_all = grid[down, across], _of(table, measure, basis, group)
                mine = mine_of_all[mine_of_all["world"] == world]
                if measure == "cases_open":
                    highest = float(mine_of_all[["mean", "high"]].max().max())
                    _ages(axes, table[table["world"] == world], highest, named=across == len(worlds) - 1)
                known = _is_known(mine, study.replications)
                mine = mine.assign(**{name: mine[name].where(known) for name in ("mean", "low", "high", "base_mean")})
                _lines(axes, mine, against=against)
                if down == 0:
                    axes.set_title(world or study.base)
                if across == 0:
                    axes.set_ylabel(name, size=7.2)
                verdict = _verdict(study, mine.to_dict("records")).strip(" ()")
                if verdict:
                    axes.text(
                        0.03,
                        0.95,
                        verdict,
                        transform=axes.transAxes,
                        size=6.6,
                        color=OCHRE,
                        weight="bold",
                        va="top",
                    )
                axes.margins(x=0)
                axes.yaxis.set_major_formatter("{x:,.0f}")
                axes.yaxis.set_major_locator(MaxNLocator(4, integer=True, steps=[1, 2, 2.5, 5, 10]))
                axes.tick_params(labelsize=7)
                years(axes)
            grid[down, 0].set_ylim(bottom=0, top=max(grid[down, 0].get_ylim()[1], 1.0))
        figure.align_ylabels()
    last = _of(table, "cases_open", STOCK)
    last = last[last["ends_on"] == last["ends_on"].max()]
    said = ", ".join(f"{one['world'] or label} {_cell(one)}" for one in last.to_dict("records"))
    description = f"Small panels, a column for each world and a row for each figure, over the quarters. Cases open at the last: {said}."
    return Drawn(figure, title, description)


def _of(table: pd.DataFrame, measure: str, basis: str, group: str = "") -> pd.DataFrame:
    return table[(table["measure"] == measure) & (table["basis"] == basis) & (table["group"] == group)]


def _on(rows: pd.DataFrame) -> list[float]:
    return [on_axis(date.fromisoformat(str(end))) for end in rows["ends_on"]]


def _lines(axes: Axes, mine: pd.DataFrame, *, against: bool) -> None:
    mine = mine.sort_values("ends_on")
    on = _on(mine)
    over_ages = bool(mine["measure"].eq("cases_open").any())
    colour = INK if over_ages else BLUE
    if over_ages:  # a shade over filled bands would make colours that no band has
        for end in ("low", "high"):
            axes.plot(on, mine[end], color=INK, linewidth=0.6)
    elif mine["low"].notna().any():
        axes.fill_between(on, mine["low"], mine["high"], color=BLUE, alpha=0.16, linewidth=0)
    _line(axes, on, mine["mean"], color=colour, inside=colour, linewidth=1.3)
    alone = _alone(mine["mean"])
    axes.vlines(
        [at for at, one in zip(on, alone, strict=True) if one],
        mine["low"][alone],
        mine["high"][alone],
        color=colour,
        alpha=0.4,
        linewidth=1.0,
    )
    if against:
        _line(axes, on, mine["base_mean"], color=OCHRE, inside="none", linewidth=1.2, linestyle=(0, (4, 1.6)))


def _line(axes: Axes, on: Sequence[float], values: pd.Series, *, color: str, inside: str, **style: Any) -> None:
    """A line, and a dot for each value whose neighbours are not known, where a line has no length."""
    axes.plot(on, values, color=color, **style)
    alone = _alone(values)
    axes.plot(
        [at for at, one in zip(on, alone, strict=True) if one],
        values[alone],
        color=color,
        linestyle="none",
        marker="o",
        markersize=3.0,
        markerfacecolor=inside,
        markeredgewidth=0.8,
    )


def _alone(values: pd.Series) -> pd.Series:
    """Of each value, whether it is known and the one before and the one after are not."""
    known = values.notna()
    return known & ~known.shift(1, fill_value=False) & ~known.shift(-1, fill_value=False)


def _ages(axes: Axes, table: pd.DataFrame, highest: float, *, named: bool) -> None:
    """Areas by age, the oldest at the bottom, named at the right of the last panel, `highest` being as high as the panels reach."""
    floor: pd.Series | None = None
    bands = []
    for age, (colour, hatch) in AGE_FILLS.items():
        band = table[(table["measure"] == "cases_open") & (table["group"] == f"age={age}")].sort_values("ends_on")
        if band.empty:
            continue
        values = band["mean"].reset_index(drop=True)
        below = floor if floor is not None else values * 0
        floor = below + values
        axes.fill_between(_on(band), below, floor, facecolor=colour, hatch=hatch, edgecolor=PAPER, linewidth=0.4)
        bands.append((float(below.iloc[-1] + floor.iloc[-1]) / 2, words.AGES[age]))
    placed = -highest
    for at, name in bands if named else []:
        placed = max(at, placed + 0.13 * highest)
        axes.annotate(
            name, (1, placed), xycoords=axes.get_yaxis_transform(), xytext=(4, 0), textcoords="offset points", size=6.6, va="center",
            color=SOFT, annotation_clip=False,
        )  # fmt: skip

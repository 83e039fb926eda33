"""What does clearing old cases look like, quarter by quarter? Three views of one reform that part: cases finalised, cases received, cases left open.

Whoever finalises old cases first lifts the mean of those finalised in that quarter, although everybody waits less. So the mean of a period stands here
beside that of the cases received in it, and beside those open for over a year.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.experiment.study import Study
from sim.report import tables, words
from sim.report.style import INK, Drawn, house_style, looks, on_axis, page, rule, years
from sim.scenario.files import as_date
from sim.scenario.staffing.columns import AS_IT_IS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FINALISED, RECEIVED, OPEN = ("mean_days_to_finalise", "mean_days_to_two_years", "cases_open_over_12_months")
COUNTS = ("cases_finalised", "cases_received")
"""The numbers that the two means are of; they are in the table only."""
SHOWN = {
    FINALISED: ("case", "finalised_in_period"),
    COUNTS[0]: ("case", "finalised_in_period"),
    RECEIVED: ("case", "survival"),
    COUNTS[1]: ("case", "received_in_period"),
    OPEN: ("case", "at_period_end"),
}
"""What of each is shown, quarter by quarter: what it counts and on which basis, in order. By case, whose means are the steadier."""
PANELS = (
    (FINALISED, "Finalised in the quarter", "mean days"),
    (RECEIVED, "Received, open ones counted", "mean days, to two years"),
    (OPEN, "Open for over 12 months", "cases at its end"),
)
MOST_DRAWN = 6
"""Reforms in one picture; the rest are in its table."""
MIDDLE = 45.0
"""Days from the first day of a quarter to where it is drawn."""
MONTHS_A_QUARTER = 3


def clearance(study: Study) -> pd.DataFrame:
    """Other minus base by quarter, of all internal cases: `FINALISED`, `RECEIVED`, how many each is of, and `OPEN`. Empty where nothing was compared."""
    known = tables.one_row_each(study.differences)
    known = known[(known["group"] == "") & known["period"].map(of_a_quarter).astype(bool)]
    shown = [(known["measure"] == m) & (known["counted"] == c) & (known["basis"] == b) for m, (c, b) in SHOWN.items()]
    rows = known[pd.concat(shown, axis=1).any(axis=1)] if len(known) else known
    rows = rows[rows["mean"].notna()]
    if not (rows["measure"] == FINALISED).any():
        return rows.head(0)
    arms = {arm: number for number, arm in enumerate(tables.ordered_arms(study))}
    worlds = {world: number for number, world in enumerate(study.worlds)}
    measures = {name: number for number, name in enumerate(SHOWN)}
    rows = rows.assign(
        follows_from=[study.follows_from(label) for label in rows["scenario"]],
        a=rows["scenario"].map(arms),
        w=rows["world"].map(worlds),
        m=rows["measure"].map(measures),
    )
    ordered = rows.sort_values(["a", "w", "m", "period"], kind="stable")
    return ordered.drop(columns=["a", "w", "m"]).reset_index(drop=True)


# --- in words -----------------------------------------------------------------------------------------------


def sentences(study: Study, arm: str, table: pd.DataFrame | None = None) -> list[str]:
    """Where the mean of those finalised rises while fewer old cases stay open and those received take less: a sentence for each world.

    Each by more than its computing interval leaves open; of those received, where they are known.
    """
    table = clearance(study) if table is None else table
    said = []
    for world in study.worlds:
        mine = table[(table["scenario"] == arm) & (table["world"] == world)]
        if sentence := _parting(mine, world):
            said.append(sentence)
    return said


def _parting(rows: pd.DataFrame, world: str) -> str:
    """What is said of one arm in one world; empty if the views do not part."""
    found = _quarters_that_part(rows)
    if found.empty:
        return ""
    where = f"in {world} " if world else ""
    most = float(found["finalised"].max())
    known = found["received"].dropna()
    received = f"those received then take {-known.mean():.1f} days less to two years, and " if len(known) else ""
    when = list(found.index)
    fewer = f"{-found['open'].iloc[-1]:,.1f} fewer cases are open for over 12 months at the end of {when[-1]}"
    quarters = words.listed(when) if len(when) > 1 else str(when[0])
    longest = f"up to {most:.1f}" if len(when) > 1 else f"{most:.1f}"
    return (
        f"Clearing old cases makes the mean of a quarter rise for a while: {where}cases finalised in {quarters} took {longest} days longer on average, "
        f"while {received}{fewer}."
    )


def _quarters_that_part(rows: pd.DataFrame) -> pd.DataFrame:
    """`finalised`, `received` (null where it is not known) and `open` of the quarters in which they part, in order."""
    means, ways = {}, {}
    for name, measure in (("finalised", FINALISED), ("received", RECEIVED), ("open", OPEN)):
        mine = rows[rows["measure"] == measure]
        quarter = [quarter_of(period) for period in mine["period"]]
        means[name] = pd.Series(mine["mean"].to_numpy(float), index=quarter)
        spread = mine[["mean", "low", "high"]].to_numpy(float).tolist()
        ways[name] = pd.Series([tables.direction(*one) for one in spread], index=quarter, dtype=float)
    way = pd.DataFrame(ways)
    parts = (way["finalised"] > 0) & (way["open"] < 0) & ~(way["received"] >= 0)
    return pd.DataFrame(means)[parts]


def of_a_quarter(period: str) -> bool:
    """Whether it names a quarter, ``2018Q2``, or a day that ends one."""
    return bool(re.fullmatch(r"\d{4}(Q[1-4]|-(03-31|06-30|09-30|12-31))", period))


def quarter_of(period: str) -> str:
    """``2018Q2``, of that or of a day in it such as ``2018-06-30``."""
    day = re.fullmatch(r"(\d{4})-(\d{2})-\d{2}", period)
    return f"{day[1]}Q{(int(day[2]) + 2) // MONTHS_A_QUARTER}" if day else period


# --- as a picture -------------------------------------------------------------------------------------------


def draw_clearance(study: Study, table: pd.DataFrame) -> Drawn:
    there = [arm for arm in tables.ordered_arms(study) if (table["scenario"] == arm).any()]
    said = {arm: sentences(study, arm, table) for arm in there}
    arms = sorted((arm for arm in there if not tables.is_opposite(study, arm)), key=lambda arm: not said[arm])[
        :MOST_DRAWN
    ]
    arms = [arm for arm in there if arm in arms]
    title = (
        f"Change from {study.base}, quarter by quarter, in mean days of cases finalised, in mean days to two years of cases received, open ones counted, and in cases open "
        "for over 12 months; internal cases"
    )
    notes = [line for arm in arms for line in said[arm]] if len(arms) == 1 else []
    notes.append("Shaded: the computing interval." + _line_is(study, arms))
    if len(arms) < len(there):
        notes.append("Other reforms, and opposites, are in the table only.")
    look = looks(study.worlds)
    with house_style():
        figure = page(
            1.3 + 0.16 * len(notes) + (2.2 if len(arms) == 1 else 1.75 * len(arms)),
            title,
            tables.foot(study, table, *notes),
            look,
            lines=True,
        )
        grid = figure.subplots(len(arms), len(PANELS), sharex=True, squeeze=False)
        for row, arm in enumerate(arms):
            mine = table[table["scenario"] == arm]
            for axes, (measure, heading, unit) in zip(grid[row], PANELS, strict=True):
                _panel(axes, study, mine[mine["measure"] == measure])
                if starts_on := _starts_on(study, arm):
                    rule(axes, on_axis(starts_on))
                if row == 0:
                    axes.set_title(heading)
                axes.set_ylabel(unit)
            if len(arms) > 1:
                put_in = " (A)" if study.follows_from(arm) == "assumption" else ""
                grid[row, 0].set_ylabel(f"{words.sentence(arm)}{put_in}\n{PANELS[0][2]}")
        figure.align_ylabels()
    found = [f"{arm}: {line}" for arm in there for line in said[arm]]
    parts = " ".join(found) if found else "In no quarter do the three views part beyond their computing intervals."
    description = (
        f"Lines of the change in three figures by quarter, for each reform and world, around no change. {parts}"
    )
    return Drawn(figure, title, description)


def _line_is(study: Study, arms: Sequence[str]) -> str:
    """What the upright lines are; empty where none is drawn."""
    lined = [arm for arm in arms if _starts_on(study, arm)]
    by_sheet = [not _in_force(study, arm) for arm in lined]
    if not lined:
        return ""
    reform, sheet = "the day the reform comes into force", "the first change of the staffing sheet"
    said = sheet if all(by_sheet) else f"{reform}, or {sheet} where there is none" if any(by_sheet) else reform
    return f" Upright line: {said}."


def _starts_on(study: Study, arm: str) -> date | None:
    """The day the first of an arm's reforms comes into force; without one, that of the first row of its sheet that changes anything after the first day."""
    return min(_in_force(study, arm) or _of_sheet(study, arm), default=None)


def _in_force(study: Study, arm: str) -> list[date]:
    reforms = [Path(reform).stem for reform in tables.arm_of(study, arm).reforms]
    days = [study.headers[name].in_force_on for name in reforms if name in study.headers]
    days += [as_date(path.partition("@")[2]) for path, _ in tables.arm_of(study, arm).own]
    return [day for day in days if isinstance(day, date)]


def _of_sheet(study: Study, arm: str) -> list[date]:
    sheet = study.sheets.get(Path(tables.arm_of(study, arm).staffing).stem)
    first = tables.plan_of(study).starts_on
    return [row.on for row in sheet.rows if row.how != AS_IT_IS and row.on > first] if sheet else []


def _panel(axes: Axes, study: Study, rows: pd.DataFrame) -> None:
    """One figure of one reform, a line for each world."""
    look = looks(study.worlds)
    axes.axhline(0, color=INK, linewidth=0.9, zorder=2)
    for world in study.worlds:
        mine = rows[rows["world"] == world]
        at = [_place(period) for period in mine["period"]]
        style = look[world]
        if mine["low"].notna().any():
            axes.fill_between(at, mine["low"], mine["high"], color=style.colour, alpha=0.14, linewidth=0)
        axes.plot(
            at, mine["mean"], color=style.colour, linestyle=style.line, linewidth=1.3, marker=style.marker, markersize=2.6, zorder=3
        )  # fmt: skip
    axes.locator_params(axis="y", nbins=5)
    years(axes)


def _place(period: str) -> float:
    """Where a quarter, or the last day of one, is drawn."""
    found = re.fullmatch(r"(\d{4})Q([1-4])", period)
    if not found:
        return on_axis(date.fromisoformat(period))
    return on_axis(date(int(found[1]), MONTHS_A_QUARTER * int(found[2]) - 2, 1)) + MIDDLE

"""What is left in the folder? Each figure as a picture and a table, and the headline table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.experiment.study import Study
from sim.experiment.tables import write_csv
from sim.report import (
    clearance,
    compared,
    days,
    displacement,
    exits,
    limits,
    nested,
    outcomes,
    quarters,
    rates,
    stocks,
    suspension,
    tables,
    teams,
)
from sim.report.style import Drawn, save

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A figure that may be drawn: its table is chosen first, and without rows there is none."""

    stem: str
    table: Callable[[Study], pd.DataFrame]
    draw: Callable[[Study, pd.DataFrame], Drawn]
    needs: str
    """What a study without it lacks."""


PICTURES = (
    Picture("quarters", quarters.drawn, quarters.draw_quarters, "nothing by quarter"),
    Picture("days_by_stage_and_owner", days.by_owner, days.draw_by_owner, "no days by owner: the runs kept no events"),
    Picture(
        "distribution_of_days", days.distribution, days.draw_distribution, "no shares finalised within so many days"
    ),
    Picture("open_cases_by_age", stocks.open_by_age, stocks.draw_open_by_age, "no cases open at the end of a quarter"),
    Picture("outcomes", outcomes.outcomes, outcomes.draw_outcomes, "no decisions or dismissals"),
    Picture("dismissal_rates", rates.rates, rates.draw_rates, "no rates of dismissal"),
    Picture("exits", exits.exits, exits.draw_exits, "no exits"),
    Picture("differences", compared.differences, compared.draw_differences, "nothing was compared"),
    Picture(
        "displacement",
        displacement.displacement,
        displacement.draw_displacement,
        "no days by owner were compared",
    ),
    Picture("clearance", clearance.clearance, clearance.draw_clearance, "nothing was compared quarter by quarter"),
    Picture("teams", teams.teams, teams.draw_teams, "no use of teams"),
    Picture("awaiting_hearing", stocks.awaiting, stocks.draw_awaiting, "no officers awaiting a hearing"),
    Picture(
        "suspension",
        suspension.suspension,
        suspension.draw_suspension,
        "nobody suspended or restricted: the runs kept no events",
    ),
)

OF_AN_ENSEMBLE = Picture("intervals", nested.shown_intervals, nested.draw_intervals, "no ensemble was played")
"""Drawn where an ensemble was asked for; nobody misses it elsewhere."""


def not_drawn(study: Study) -> list[str]:
    """A line for each figure whose data are missing, saying what is missing."""
    return [f"{picture.stem} is not drawn: {picture.needs}." for picture in PICTURES if _is_empty(picture.table(study))]


def write_tables(study: Study, folder: Path) -> list[Path]:
    """``headline.csv`` and ``limits.csv``, and ``quarters.csv`` where there is anything by quarter.

    Returns:
        what was written.
    """
    headline, crossed, by_quarter = tables.headline_table(study), limits.table(study), quarters.quarters(study)
    foot = tables.foot(study, headline)
    written = [
        write_table(headline, folder / "headline.csv", ["Headline figures of the base.", *foot]),
        write_table(
            crossed, folder / "limits.csv", ["Limits that an arm crosses in a world; none where no row is.", *foot]
        ),
    ]
    if len(by_quarter):
        told = "By quarter: each arm beside the base in the same futures, with the paired difference."
        written.append(write_table(by_quarter, folder / "quarters.csv", [told, *foot]))
    return written


def figure(study: Study, name: str) -> Figure:
    """One of the figures of `write`, to be looked at.

    Args:
        study: what to draw.
        name: as the file is called: ``open_cases_by_age``.

    Raises:
        ValueError: there is no such figure, or the study has no data for it.
    """
    picture = next((one for one in PICTURES if one.stem == name), None)
    if picture is None:
        raise ValueError(f"no figure is called {name!r}; there are {', '.join(one.stem for one in PICTURES)}")
    table = picture.table(study)
    if _is_empty(table):
        raise ValueError(f"{name} is not drawn: {picture.needs}")
    return picture.draw(study, table).figure


def write(study: Study, folder: Path) -> list[Path]:
    """Every figure that the study has the data for, as PNG and SVG in `folder`/figures with its table beside it.

    Beside the folder of figures lie the tables of `write_tables`. Figures without data are left out; `not_drawn` says which.

    Returns:
        what was written.
    """
    figures = folder / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    written = write_tables(study, folder)
    for picture in (*PICTURES, OF_AN_ENSEMBLE):
        table = picture.table(study)
        if _is_empty(table):
            continue
        drawn = picture.draw(study, table)
        written += save(drawn, figures / picture.stem)
        heading = [f"{drawn.title}.", drawn.description, *tables.foot(study, table)]
        written.append(write_table(table, figures / f"{picture.stem}.csv", heading))
    return written


def _is_empty(table: pd.DataFrame) -> bool:
    return table.empty or bool(table["mean"].isna().all())


def write_table(table: pd.DataFrame, path: Path, heading: Sequence[str]) -> Path:
    """A CSV that opens with its heading (`write_csv`); gives back its path."""
    write_csv(table, path, heading)
    return path

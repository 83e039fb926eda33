"""Who could not work? People suspended and on restricted duty at the end of each quarter, and which command gives them up."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.evidence import Target
from sim.experiment.study import Study
from sim.report import tables, words
from sim.report.style import (
    PAPER,
    PUBLISHED,
    Drawn,
    house_style,
    looks,
    marker_on_line,
    on_axis,
    page,
    row_of_axes,
    years,
)

STATUSES = {"suspended": "Suspended", "restricted": "On restricted duty"}
MAY_BE_FITTED = "calibrate"
COMMAND = "command="
OFFICERS = "employment=officer"
BOROUGH = f"{COMMAND}borough"


def suspension(study: Study) -> pd.DataFrame:
    """People in each status at the end of each quarter, in the base: all, then by command."""
    rows = tables.base_rows(study, *(f"people_{status}" for status in STATUSES))
    group = rows["group"].fillna("").astype(str)
    parts = [tables.pick(rows, group=""), rows[group.str.startswith(COMMAND)]]
    shown = [tables.by_quarter(part).drop(columns="on") for part in parts if len(part)]
    return pd.concat(shown, ignore_index=True) if shown else rows.head(0)


def draw_suspension(study: Study, table: pd.DataFrame) -> Drawn:
    title = "People suspended and on restricted duty at the end of each quarter, for cases of every stream"
    look = looks(study.worlds)
    has_intervals = bool(table["low"].notna().any())
    everybody = tables.pick(table, group="")
    shown = [status for status in STATUSES if (everybody["measure"] == f"people_{status}").any()]
    notes = ["Shaded: the computing interval."] if has_intervals else []
    if study.opening is not None:
        notes.append("Suspensions of before the first day are not in the opening caseload, so both start near zero.")
    notes += from_boroughs(study, table, shown)
    with house_style():
        figure = page(3.4, title, tables.foot(study, table, *notes), look, lines=True)
        for axes, status in zip(row_of_axes(figure, len(shown)), shown, strict=True):
            here = everybody[everybody["measure"] == f"people_{status}"]
            for world in study.worlds:
                mine, one = tables.by_quarter(here[here["world"] == world]), look[world]
                if has_intervals:
                    axes.fill_between(mine["on"], mine["low"], mine["high"], color=one.colour, alpha=0.12, linewidth=0)
                axes.plot(
                    mine["on"], mine["mean"], color=one.colour, linestyle=one.line, marker=marker_on_line(one, study.worlds),
                    markevery=4, markersize=3.8,
                )  # fmt: skip
            top = max(float(here[["mean", "high"]].max().max()), 1.0)
            for target in published_of(study, status):
                when = (on_axis(target.window_from) + on_axis(target.window_to)) / 2
                value, low, high = target.value, target.low, target.high
                axes.errorbar(
                    when, value, yerr=[[value - low], [high - value]], marker="D", markersize=5.5, color=PUBLISHED,
                    markerfacecolor=PAPER, elinewidth=1.1, capsize=2.5,
                )  # fmt: skip
                text = f"published: {value:,.0f}, {target.window_from:%B %Y} \n({tables.role_words(target)}) "
                axes.text(when, value, text, size=6.8, color=PUBLISHED, ha="right", va="center")
                top = max(top, high)
            axes.set_ylim(0, top * 1.06)
            axes.margins(x=0.01)
            axes.set_title(STATUSES[status])
            years(axes)
            axes.set_ylabel("people")
    said = "; ".join(
        f"{STATUSES[status].lower()}, {world or 'the base'} {at_the_last_quarter(everybody, status, world):,.0f}"
        for status in shown
        for world in study.worlds
    )
    return Drawn(figure, title, f"Lines of people by quarter, one for each world; at the last quarter {said}.")


def at_the_last_quarter(table: pd.DataFrame, status: str, world: str) -> float:
    """People in a status in a world; null if there is no such row."""
    mine = table[(table["world"] == world) & (table["measure"] == f"people_{status}")]
    return tables.value_of(tables.by_quarter(mine).tail(1))


def from_boroughs(study: Study, table: pd.DataFrame, shown: Sequence[str]) -> list[str]:
    """A note of how many of these people the borough commands give up; none if the pathway does not say."""
    boroughs, everybody = tables.pick(table, group=BOROUGH), tables.pick(table, group="")
    if boroughs.empty:
        return []
    said = "; ".join(
        f"{STATUSES[status].lower()} "
        + words.listed(
            [
                f"{at_the_last_quarter(boroughs, status, world):,.0f} of {at_the_last_quarter(everybody, status, world):,.0f}"
                + (f" ({world})" if world else "")
                for world in study.worlds
            ]
        )
        for status in shown
    )
    return [f"Of borough commands at the last quarter: {said}. How many people a command has is assumed."]


def published_of(study: Study, status: str) -> list[Target]:
    """Published figures of a status that may be fitted, of this force and these days."""
    keys = [
        key
        for key, target in tables.evidence().targets.items()
        if target.measure == f"people_{status}"
        and not target.and_measures
        and target.group in ("", OFFICERS)
        and target.role == MAY_BE_FITTED
    ]
    return [target for key in keys if (target := tables.published(study, key))]

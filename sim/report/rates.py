"""How many of whom were dismissed? Three rates of dismissal side by side, each with the number of people it is of."""

from __future__ import annotations

from math import isnan

import pandas as pd

from sim.experiment.study import Study
from sim.report import tables
from sim.report.style import FAINT, SOFT, Drawn, house_style, looks, page, rows_only

RATES = {
    "dismissal_rate_per_subject": ("subjects_finalised", "Per subject in a finalised case"),
    "dismissal_rate_per_gross_case_to_answer": (
        "gross_cases_to_answer",
        "Per case to answer for gross misconduct",
    ),
    "dismissal_rate_per_hearing": ("subjects_heard", "Per hearing of somebody who still served"),
}
"""Measure -> the number it is of, and its words."""


def rates(study: Study) -> pd.DataFrame:
    """The three rates and what each is of, internal cases, over the window, in the base."""
    rows = tables.base_rows(study, *(name for rate, (number, _) in RATES.items() for name in (rate, number)))
    return tables.pick(rows, group="", period=tables.window_label(study))


def draw_rates(study: Study, table: pd.DataFrame) -> Drawn:
    shown = [rate for rate in RATES if (table["measure"] == rate).any()]
    title = f"Three rates of dismissal, internal cases, {tables.window_words(study)}: they differ in whom they are of"
    notes = [
        "The first two are of cases received in the window and finalised before the extract date, the third of hearings held in the window.",
    ]
    rows = len(shown) * (len(study.worlds) + 1)
    look = looks(study.worlds)
    ticks: list[tuple[float, str, bool]] = []
    with house_style():
        figure = page(1.35 + 0.2 * rows, title, tables.foot(study, table, *notes))
        axes = figure.subplots()
        row = 0.0
        for rate in shown:
            ticks.append((row, RATES[rate][1], True))
            for world in study.worlds:
                row += 1
                one = table[(table["measure"] == rate) & (table["world"] == world)].iloc[0]
                number = tables.value_of(table, measure=RATES[rate][0], world=world)
                if not isnan(one["low"]):
                    spread = [100 * one["low"], 100 * one["high"]]
                    axes.plot(spread, [row, row], color=FAINT, linewidth=5, solid_capstyle="butt", zorder=1)
                if not isnan(one["mean"]):
                    axes.plot(100 * one["mean"], row, color=look[world].colour, marker=look[world].marker, markersize=5)
                text = f"{tables.number(one['mean'], 'fraction')} of {tables.number(number, 'subjects')}"
                axes.text(1.02, row, text, size=7, color=SOFT, va="center", transform=axes.get_yaxis_transform())
                ticks.append((row, world or "base", False))
            row += 1.3
        axes.set_yticks([at for at, _, _ in ticks], [name for _, name, _ in ticks], size=7)
        for label, (_, _, heads) in zip(axes.get_yticklabels(), ticks, strict=True):
            label.set_fontweight("bold" if heads else "normal")
        axes.set_ylim(row - 0.6, -0.7)
        top = 100 * float(table.loc[table["measure"].isin(shown), ["mean", "high"]].max().max())
        axes.set_xlim(0, min(max(1.08 * top, 1.0), 100.0) if not isnan(top) else 1.0)
        axes.set_xlabel("per cent dismissed", loc="left")
        rows_only(axes)
    said = "; ".join(
        f"{RATES[rate][1].lower()}, {world or 'the base'} {tables.number(tables.value_of(table, measure=rate, world=world), 'fraction')}"
        for rate in shown
        for world in study.worlds
    )
    return Drawn(figure, title, f"Points with intervals for each rate and world. Dismissed {said}.")

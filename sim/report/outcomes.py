"""What was decided? Decisions by breach, dismissals and removals by year: counts and shares, never a goal."""

from __future__ import annotations

import re
from datetime import date
from math import isnan
from typing import TYPE_CHECKING

import pandas as pd

from sim.evidence import Target
from sim.experiment.study import Study
from sim.report import tables, words
from sim.report.style import (
    BLUE,
    INK,
    OCHRE,
    PAPER,
    PUBLISHED,
    SOFT,
    Drawn,
    house_style,
    looks,
    on_axis,
    page,
    row_of_axes,
    rows_only,
    storeys,
    years,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DECISIONS = {
    "case_to_answer_rate": ("case to answer", BLUE, "", PAPER),
    "other_end_rate": ("ended otherwise", OCHRE, "/////", INK),
    "undecided_rate": ("no decision recorded", SOFT, "xxxx", INK),
    "no_case_to_answer_rate": ("no case to answer", "#dfe3e8", "", INK),
}
"""Measure -> name, colour, hatch and colour of the text on it, from left to right."""
STILL_OPEN = "share_still_open_at_extract"
COUNTS = {"dismissals": "Dismissals", "removals": "Removals"}
PUBLISHED_COUNTS = {
    "dismissals": ("dismissals_a_year", "dismissals_apr_sep_2022"),
    "removals": ("removals_2020", "removals_2022", "removals_2023"),
}
"""Of published counts of a year, those that a year of the model can be read beside."""
COMPLAINTS = "stream=public"
"""The group of those counted after a public complaint."""
PUBLISHED_SHARES = {
    "": "case_to_answer",
    "equality_and_diversity": "case_to_answer_equality_and_diversity",
    "sexual_misconduct": "case_to_answer_sexual_misconduct",
}
NAMED = 6.0
"""Per cent a part of a bar needs to carry a number."""
LINE = 0.1
"""The share of a panel's height that a line of words about a published count takes, above what is drawn."""
ROOM = 0.27
"""The share from which the words about a published mark fit on its left."""
YEAR = re.compile(r"\d{4}-\d{2}")


def outcomes(study: Study) -> pd.DataFrame:
    """Decisions by breach over the window, and dismissals and removals by financial year, in the base."""
    window = tables.window_label(study)
    rows = tables.base_rows(study, *DECISIONS, STILL_OPEN, *COUNTS)
    group = rows["group"].fillna("")
    decided = (
        rows["measure"].isin([*DECISIONS, STILL_OPEN]) & (rows["counted"] == "allegation") & (rows["period"] == window)
    )
    yearly = rows["measure"].isin(list(COUNTS)) & (group == "") & rows["period"].str.fullmatch(YEAR.pattern)
    mine = rows[(decided & ((group == "") | group.str.startswith("breach="))) | yearly]
    return mine.assign(breach=mine["group"].fillna("").str.removeprefix("breach=")).reset_index(drop=True)


def draw_outcomes(study: Study, table: pd.DataFrame) -> Drawn:
    decided = table[table["measure"].isin(list(DECISIONS))]
    breaches = [breach for breach in words.BREACHES if (decided["breach"] == breach).any()]
    counts = [measure for measure in COUNTS if (table["measure"] == measure).any()]
    title = (
        f"Decisions on allegations received {tables.window_words(study)} and finalised before {tables.extract_words(study)}, "
        "and subjects dismissed or removed in each financial year"
    )
    notes = [
        "Removals: dismissed, with notice or without; would have been dismissed; discharged as probationers; vetting withdrawn; incompetence.",
        "Still open: of all received, at the extract date; the bars are of those finalised.",
        *_complaints(study),
    ]
    tall = 0.19 * len(breaches) * len(study.worlds) + 0.16 * len(breaches) + 0.85 if breaches else 0.0
    low = 2.3 if counts else 0.0
    with house_style():
        figure = page(1.6 + tall + low, title, tables.foot(study, table, *notes), looks(study.worlds), lines=True)
        parts = storeys(figure, [height for height in (tall, low) if height])
        if breaches:
            _decisions(row_of_axes(parts[0], 1)[0], study, table, breaches)
        if counts:
            for axes, measure in zip(row_of_axes(parts[-1], len(counts)), counts, strict=True):
                _by_year(axes, study, table[table["measure"] == measure], measure)
    said = ", ".join(
        f"{world or 'the base'} {tables.number(tables.value_of(decided, measure='case_to_answer_rate', world=world, breach=''), 'fraction')}"
        for world in study.worlds
    )
    description = (
        f"Stacked bars of decisions on finalised allegations by breach and world; case to answer, all allegations: {said}. "
        "Below, dismissals and removals in internal cases in each financial year, a line for each world."
    )
    return Drawn(figure, title, description)


def _complaints(study: Study) -> list[str]:
    """How the lines of the model and published counts of a year differ, where such a count stands beside them."""
    shown = [target for keys in PUBLISHED_COUNTS.values() for key in keys if (target := tables.published(study, key))]
    if not any(COMPLAINTS in target.and_groups for target in shown):
        return []
    rows = tables.pick(tables.base_rows(study, *COUNTS), group=COMPLAINTS, period=tables.window_label(study))
    years_ = tables.window_years(study)
    told = [
        f"{' to '.join(dict.fromkeys(f'{one:.1f}' for one in (min(some), max(some))))} {COUNTS[measure].lower()}"
        for measure in COUNTS
        if (some := (rows.loc[rows["measure"] == measure, "mean"] / years_).tolist())
    ]
    more = f", which here would be {words.listed(told)} a year more" if told else ""
    return [f"Lines: internal cases. Published counts hold those after public complaints too{more}."]


def _decisions(axes: Axes, study: Study, table: pd.DataFrame, breaches: list[str]) -> None:
    """A bar for each breach and world; the published share of cases to answer across the bars of a breach."""
    ticks: list[tuple[float, str, bool]] = []
    row = 0.0
    for breach in breaches:
        first = row
        ticks.append((first - 0.85, words.BREACHES[breach], True))
        for world in study.worlds:
            mine = table[(table["breach"] == breach) & (table["world"] == world)]
            left = 0.0
            for measure, (_, colour, hatch, ink) in DECISIONS.items():
                value = _per_cent(mine, measure)
                axes.barh(row, value, left=left, height=0.82, color=colour, hatch=hatch, edgecolor=PAPER, linewidth=0.6)
                if value > NAMED:
                    box = {"facecolor": PAPER, "edgecolor": "none", "pad": 0.8} if hatch else None
                    axes.text(
                        left + value / 2, row, f"{value:.0f}%", ha="center", va="center", size=6.8, color=ink, bbox=box
                    )
                left += value
            still_open = tables.number(tables.value_of(mine, measure=STILL_OPEN), "fraction")
            axes.text(103, row, still_open, size=7, va="center", ha="left")
            ticks.append((row, world, False))
            row += 1
        if target := tables.published(study, PUBLISHED_SHARES.get(breach, "")):
            text = f"published {100 * target.value:.0f}% ({tables.role_words(target)})"
            _across(axes, 100 * target.value, (first, row - 1), text, leftwards=target.value > ROOM)
        if not breach and (target := tables.published(study, "no_case_to_answer")):
            text = (
                f"published no case: {100 * target.low:.0f} to {100 * target.high:.0f}% ({tables.role_words(target)})"
            )
            _across(axes, 100 - 100 * target.value, (first, row - 1), text, leftwards=False)
        row += 1.15
    axes.set_yticks([at for at, _, _ in ticks], [name for _, name, _ in ticks], size=7)
    for label, (_, _, heads) in zip(axes.get_yticklabels(), ticks, strict=True):
        label.set_fontweight("bold" if heads else "normal")
    axes.set_ylim(row - 1.6, -1.45)
    axes.set_xlim(0, 112)
    axes.set_xticks(range(0, 101, 20))
    axes.set_xlabel("per cent of allegations finalised", loc="left")
    rows_only(axes)
    axes.grid(visible=False)
    axes.text(103, -1.35, "still open", size=6.8, va="bottom", ha="left", color=SOFT)
    left = 0.0
    shown = table[(table["breach"] == breaches[0]) & (table["world"] == study.worlds[0])]
    for measure, (name, _, _, _) in DECISIONS.items():
        value = _per_cent(shown, measure)
        if value > NAMED:
            axes.text(left + value / 2, -1.35, name, size=7, va="bottom", ha="center", color=SOFT)
        left += value


def _per_cent(table: pd.DataFrame, measure: str) -> float:
    """A share as a length of bar; nothing is drawn of what is not known."""
    value = tables.value_of(table, measure=measure)
    return 0.0 if isnan(value) else 100 * value


def _across(axes: Axes, value: float, rows: tuple[float, float], text: str, *, leftwards: bool) -> None:
    """A published share as a line across the bars it is of, with its diamond above them."""
    first, last = rows
    axes.plot(
        [value, value], [first - 0.62, last + 0.45], color=PUBLISHED, linewidth=1.4, linestyle=(0, (3, 1.5)), zorder=4
    )
    axes.plot(
        value, first - 0.85, marker="D", markersize=4.5, color=PUBLISHED, markerfacecolor=PAPER, zorder=5, clip_on=False
    )
    place, side = (value - 1.3, "right") if leftwards else (value + 1.3, "left")
    axes.text(place, first - 0.85, text, size=6.6, color=PUBLISHED, va="center", ha=side)


def _by_year(axes: Axes, study: Study, table: pd.DataFrame, measure: str) -> None:
    """Counts by financial year, drawn at the middle of the year, with what was published of the same days."""
    look = looks(study.worlds)
    top = 1.0
    for number, world in enumerate(study.worlds):
        mine = table[table["world"] == world].sort_values("period")
        aside = 45 * (number - (len(study.worlds) - 1) / 2)
        when = [on_axis(date(int(period[:4]), 10, 1)) + aside for period in mine["period"]]
        one = look[world]
        error = None if mine["low"].isna().any() else [mine["mean"] - mine["low"], mine["high"] - mine["mean"]]
        axes.errorbar(
            when, mine["mean"], yerr=error, color=one.colour, linestyle=one.line, marker=one.marker, markersize=3.8,
            linewidth=1.1, elinewidth=0.7,
        )  # fmt: skip
        top = max(top, float(mine["mean"].max()), *mine["high"].dropna())
    beside = [target for key in PUBLISHED_COUNTS[measure] if (target := tables.published(study, key))]
    for line, target in enumerate(beside):
        top = max(top, target.high)
        text = _published_count(axes, target)
        # Above everything drawn, since an interval of few replications may reach anywhere.
        axes.text(0.015, 1 - LINE * line, text, transform=axes.transAxes, size=6.6, color=PUBLISHED, va="top")
    axes.set_ylim(0, 1.05 * top / (1 - LINE * len(beside)))
    axes.set_title(f"{COUNTS[measure]} in each financial year")
    axes.set_ylabel("people, once in each case")
    years(axes)


def _published_count(axes: Axes, target: Target) -> str:
    """A published count over the days it is of, with its tolerance; gives back what is said of it."""
    first, after = on_axis(target.window_from), on_axis(target.window_to)
    if target.unit == "rate_per_year":
        axes.fill_between(
            [first, after],
            target.low,
            target.high,
            facecolor="none",
            edgecolor=PUBLISHED,
            hatch="///",
            linewidth=0.0,
            alpha=0.45,
        )
        axes.plot([first, after], [target.value] * 2, color=PUBLISHED, linewidth=1.1, linestyle=(0, (3, 1.5)))
        axes.plot(first, target.value, marker="D", markersize=4.5, color=PUBLISHED, markerfacecolor=PAPER)
        of = ", complaints included" if COMPLAINTS in target.and_groups else ""
        return f"published: {target.low:g} to {target.high:g} a year{of} ({tables.role_words(target)})"
    middle = (first + after) / 2
    spread = [[target.value - target.low], [target.high - target.value]]
    axes.errorbar(
        middle,
        target.value,
        yerr=spread,
        marker="D",
        markersize=4.5,
        color=PUBLISHED,
        markerfacecolor=PAPER,
        capsize=2.5,
    )
    return f"published, officers, {target.window_from:%Y}: {target.value:g} ({tables.role_words(target)})"

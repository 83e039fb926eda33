"""How sure is it, at one glance? Three intervals over the members of an ensemble, what each world says, and a verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from sim.experiment.nested import (
    COMPUTING_LABEL,
    EVERY_WORLD,
    IGNORANCE_LABEL,
    KINDS,
    OBSERVED,
    TRUE,
    ignorance_label,
    kind_of,
)
from sim.experiment.study import Played, Study
from sim.report import tables, words
from sim.report.style import (
    BLUE,
    FAINT,
    INK,
    PAPER,
    SKY,
    SOFT,
    Drawn,
    Look,
    house_style,
    looks,
    page,
    row_of_axes,
    rows_only,
)
from sim.report.tables import COHORT

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Shown:
    """A figure that is shown with its three intervals."""

    heading: str
    measure: str
    counted: str
    basis: str
    smallest: float
    """A change that is known to be smaller than this, in the unit of the figure, is called nothing."""
    unit: str
    period: str = r".*/.*"
    """A pattern: the window or a day."""
    a_year: bool = False
    """Whether it is shown for a year of the window."""


SHOWN = (
    Shown("Observed mean days", "mean_days_to_finalise", "allegation", COHORT, 1.0, "days"),
    Shown("True mean days", "mean_days_to_finalise", "allegation", "survival", 1.0, "days"),
    Shown("Cases open at the end", "cases_open", "case", "at_period_end", 1.0, "cases", r"\d{4}-\d{2}-\d{2}"),
    Shown("Dismissals a year", "dismissals", "subject", "in_period", 1.0, "people", a_year=True),
)
DAYS_A_YEAR = 365.25
OF_ANOTHER_SIZE = 3.0
"""Worlds whose means differ by this factor do not agree on a size."""
NOTHING = "cannot be told apart from nothing"
ONE = {"days": "day", "cases": "case", "people": "person"}
"""The unit of what is called nothing."""


def rows_of(table: pd.DataFrame, shown: Shown, label: str, base: str) -> pd.DataFrame:
    """The rows of one figure of `INTERVALS`, of the ensemble first and then of each world."""
    mine = table[
        (table["measure"] == shown.measure)
        & (table["counted"] == shown.counted)
        & (table["basis"] == shown.basis)
        & (table["scenario"] == label)
        & (table["base"] == base)
    ]
    mine = mine[[re.fullmatch(shown.period, period) is not None for period in mine["period"]]]
    if not shown.a_year or mine.empty:
        return mine
    first, last = map(date.fromisoformat, mine["period"].iloc[0].split("/"))
    years = ((last - first).days + 1) / DAYS_A_YEAR
    return mine.assign(
        **{name: mine[name] / years for name in ("mean", "low", "high")}, variance=mine["variance"] / years**2
    )


def one_of(rows: pd.DataFrame, world: str, kind: str) -> pd.Series | None:
    """The row of a world and a kind of interval; a range of members stands for ignorance."""
    found = rows[(rows["world"] == world) & (rows["interval"].map(kind_of) == kind)]
    return None if found.empty else found.iloc[0]


def is_small(rows: pd.DataFrame, world: str, smallest: float) -> bool:
    """Whether all of a world's computing interval lies within what is called nothing: then it is known to be small, and not only unknown."""
    row = one_of(rows, world, COMPUTING_LABEL)
    return row is not None and bool(
        -smallest < row["low"] and row["high"] < smallest
    )  # of an interval that is not known neither holds


def direction(rows: pd.DataFrame, world: str, smallest: float) -> int:
    """1 or -1 where a world's computing interval leaves zero out and does not lie within what is called nothing, else 0."""
    row = one_of(rows, world, COMPUTING_LABEL)
    if row is None or pd.isna(row["low"]) or is_small(rows, world, smallest):
        return 0
    return tables.direction(float(row["mean"]), float(row["low"]), float(row["high"]))


def verdict(rows: pd.DataFrame, shown: Shown, worlds: Sequence[str]) -> str:
    """What may be said of a difference: nothing, something that depends on the world, or the same sign in every world.

    A world stands still where all of its computing interval lies within what is called nothing, moves where the interval leaves zero out, and is not settled
    else: more members or replications would have to say. A mean near zero that nobody knows well is not settled, not nothing.
    """
    pooled = one_of(rows, EVERY_WORLD, IGNORANCE_LABEL)
    if pooled is None:
        return ""
    ways = {world: direction(rows, world, shown.smallest) for world in worlds}
    moved = [world for world, way in ways.items() if way]
    still = [world for world in worlds if is_small(rows, world, shown.smallest)]
    unsettled = [world for world in worlds if world not in (*moved, *still)]
    every = "every world" if len(worlds) > 1 else worlds[0] or "its world"
    unsure = pd.isna(pooled["low"]) or pooled["low"] <= 0 <= pooled["high"]
    told = tables.between(pooled["low"], pooled["high"], "days", sign=True)
    spread = f" ({told}, {pooled['interval']})" if told else ""
    parts = [f"{_signed(rows, world)} in {world or 'it'}" for world in moved]
    parts += [f"nothing in {words.listed(still)}"] if still else []
    parts += [f"not settled in {world or 'it'}: {_computing(rows, world)}" for world in unsettled]
    said = "; ".join(parts)
    if not moved:
        if unsettled:
            return f"{_capital(NOTHING)}: {said}."
        return f"Less than {shown.smallest:g} {ONE[shown.unit]} in {every}, which is called nothing{spread}."
    if len({ways[world] for world in moved}) > 1:
        return f"{_capital(NOTHING)}, since the sign depends on the world: {said}{spread}."
    if len(moved) < len(worlds):
        return f"Depends on the world: {said}." + (f" Pooled it {NOTHING}{spread}." if unsure else "")
    if unsure:
        same = "The same sign in every world" if len(worlds) > 1 else "The sign of the mean is sure"
        return f"{same} ({said}), yet pooled it {NOTHING}{spread}."
    if len(worlds) == 1:
        return f"The sign is sure: {said}."
    sizes = [abs(_mean(rows, world)) for world in worlds]
    alike = "" if max(sizes) < OF_ANOTHER_SIZE * min(sizes) else ", its size not"
    return f"The same sign in every world{alike}: {said}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _mean(rows: pd.DataFrame, world: str) -> float:
    row = one_of(rows, world, COMPUTING_LABEL)
    return 0.0 if row is None else float(row["mean"])


def _signed(rows: pd.DataFrame, world: str) -> str:
    return tables.number(_mean(rows, world), "days", sign=True)


def _computing(rows: pd.DataFrame, world: str) -> str:
    row = one_of(rows, world, COMPUTING_LABEL)
    span = "" if row is None else tables.between(float(row["low"]), float(row["high"]), "days", sign=True)
    return _signed(rows, world) + (f" ({span}, computing)" if span else "")


def heading(study: Study, played: Played) -> str:
    """What was played, and that it is no calibration where its record says so."""
    provisional = " (provisional: not calibrated yet)" if played.provisional else ""
    of = f"{len(played.members)} of {played.size}" if len(played.members) < played.size else f"all {played.size}"
    futures = f"{study.replications} future{'s' if study.replications != 1 else ''} of each"
    again = ", weighed again by your count of unallocated cases" if played.weighed and played.weighed.agrees else ""
    return f"{of} members of the ensemble of {played.ensemble}{provisional}, {futures}{again}"


def ignorance_name(played: Played) -> str:
    """What the ignorance interval of all worlds is: of four in five, or only the range of a few members."""
    return ignorance_label(played.weights)


def spans_of(rows: pd.DataFrame, played: Played, *, sign: bool) -> list[str]:
    """The intervals of all worlds as text, one of each of `KINDS`; a range of fewer members than there are says so."""
    told = []
    for kind in KINDS:
        row = one_of(rows, EVERY_WORLD, kind)
        text = span(row, sign=sign)
        other = row is not None and text != "-" and row["interval"] not in (kind, ignorance_name(played))
        told.append(f"{text} ({row['interval']})" if row is not None and other else text)
    return told


def rest_on_assumed(study: Study, played: Played) -> Iterator[str]:
    """What share of the ignorance rests on assumed numbers."""
    if set(played.grades.values()) == {"assumed"}:
        yield f"All of this ignorance rests on assumed numbers: of the {len(played.grades)} that members differ in, none is published."
        return
    for label in dict.fromkeys(label for label, _ in played.share_assumed):
        told = [
            f"{tables.number(share, 'fraction')} of the {word}"
            for word in (OBSERVED, TRUE)
            if (share := played.share_assumed.get((label, word))) is not None
        ]
        of = f"the change by {label}" if label != study.base else label
        if told:
            yield f"Ignorance of {of} that rests on assumed numbers, of what each number explains alone: {words.listed(told)}."


# --- on a screen ------------------------------------------------------------------------------------------------------


def screen_rows(study: Study, label: str, base: str) -> Iterator[list[str]]:
    """Of each figure: its name, mean, computing, chance and ignorance intervals, and then the mean in each world."""
    assert study.played is not None
    for shown in SHOWN:
        rows = rows_of(study.played.intervals, shown, label, base)
        pooled = one_of(rows, EVERY_WORLD, COMPUTING_LABEL)
        if pooled is None or pd.isna(pooled["mean"]):
            continue
        spans = spans_of(rows, study.played, sign=bool(base))
        by_world = [
            "-" if row is None else tables.number(float(row["mean"]), "days", sign=bool(base))
            for row in (one_of(rows, world, COMPUTING_LABEL) for world in worlds_of(study.played))
        ]
        yield [
            shown.heading,
            tables.number(float(pooled["mean"]), "days", sign=bool(base)),
            *spans,
            *by_world,
        ]


def worlds_of(played: Played) -> tuple[str, ...]:
    """The worlds of the members, in their order."""
    return tuple(dict.fromkeys(played.worlds))


def _looks(played: Played) -> dict[str, Look]:
    """The look of each world that is left: a count that leaves others out changes none."""
    every = looks(list(played.weighed.families["world"].unique()) if played.weighed else worlds_of(played))
    return {world: every[world] for world in worlds_of(played)}


def span(row: pd.Series | None, *, sign: bool) -> str:
    """An interval as text."""
    if row is None or pd.isna(row["low"]):
        return "-"
    if row["set_to_zero"]:
        return "none seen"
    return tables.between(float(row["low"]), float(row["high"]), "days", sign=sign)


# --- as a figure ------------------------------------------------------------------------------------------------------

BARS = (
    (IGNORANCE_LABEL, 0.56, FAINT, "ignorance"),
    (KINDS[1], 0.32, SKY, "chance"),
    (COMPUTING_LABEL, 0.11, BLUE, "computing"),
)
"""Kind, height, colour and name of the nested bars, the lowest first."""


def shown_intervals(study: Study) -> pd.DataFrame:
    """What the figure shows: differences of every arm, or the base itself where nothing was compared."""
    played = study.played
    if played is None:
        return study.summary.head(0)
    pairs = [(label, study.base) for label in played.figures if label != study.base] or [(study.base, "")]
    parts = [
        rows_of(played.intervals, shown, label, base).assign(figure=shown.heading)
        for label, base in pairs
        for shown in SHOWN
    ]
    return study.labelled(pd.concat(parts, ignore_index=True))


def draw_intervals(study: Study, table: pd.DataFrame) -> Drawn:
    """Three nested bars for each figure and arm, the worlds' means as marks below."""
    played = study.played
    assert played is not None
    arms = list(dict.fromkeys(table["scenario"]))
    compared = bool((table["base"] != "").any())
    shown = [one for one in SHOWN if (table["figure"] == one.heading).any()]
    look = _looks(played)
    what = f"Change from {study.base}" if compared else study.base
    title = f"{what}: what is computing, what is chance and what is ignorance, {heading(study, played)}"
    of = ignorance_name(played)
    which = "four in five members" if of == IGNORANCE_LABEL else f"{of}: too few to tell four in five"
    notes = [
        f"Bars: light grey, ignorance ({which}; only evidence narrows it); blue, chance (four in five single futures of a member; nothing narrows it); "
        "dark, computing (95%, of the mean; more members and replications narrow it). A bar without width: none seen beyond chance.",
        f"Marks below: the mean in {'each world' if len(look) > 1 else next(iter(look)) or 'its world'}.",
    ]
    run = f"Scenario {study.caption}; {heading(study, played)}; seed {study.seed}."
    from textwrap import shorten, wrap

    put_in = [compared and study.follows_from(arm) == "assumption" for arm in arms]
    if any(put_in):
        notes.append("(assumed): the size of the effect was put in, so what follows is no finding.")
    titles = [wrap(shorten(tables.arm_title(study, arm), 90, placeholder=" ..."), 26) for arm in arms]
    names = ["\n".join([*title, *(["(assumed)"] if mark else [])]) for title, mark in zip(titles, put_in, strict=True)]
    with house_style():
        figure = page(2.0 + 0.78 * len(arms), title, [*notes, run, tables.stamp(study, played.limits)], look)
        for column, (axes, one) in enumerate(zip(row_of_axes(figure, len(shown), share_rows=True), shown, strict=True)):
            mine = table[table["figure"] == one.heading]
            rows_only(axes)
            for row, arm in enumerate(arms):
                _bars(axes, mine[mine["scenario"] == arm], row, look)
            if compared:
                axes.axvline(0, color=INK, linewidth=0.9, zorder=7)
            axes.margins(x=0.08)
            axes.set_title(one.heading, size=8)
            axes.set_xlabel(one.unit)
            axes.locator_params(axis="x", nbins=4)
            if column == 0:
                axes.set_yticks(range(len(arms)), names, size=7.2)
                axes.set_ylim(len(arms) - 0.4, -0.5)
    first = table[(table["figure"] == shown[0].heading) & (table["world"] == EVERY_WORLD)]
    said = "; ".join(
        f"{row['scenario']} {row['interval']} {tables.between(row['low'], row['high'], 'days', sign=compared)}"
        for _, row in first.iterrows()
    )
    return Drawn(figure, title, f"Three nested bars for each figure. {shown[0].heading}: {said}.")


def _bars(axes: Axes, rows: pd.DataFrame, row: int, look: Mapping[str, Look]) -> None:
    for kind, height, colour, _ in BARS:
        one = one_of(rows, EVERY_WORLD, kind)
        if one is not None and pd.notna(one["low"]):
            axes.barh(
                row - 0.08, one["high"] - one["low"], height, left=one["low"], color=colour, edgecolor=SOFT, linewidth=0.4, zorder=2
            )  # fmt: skip
            if one["set_to_zero"]:
                axes.plot(
                    [one["mean"]] * 2, [row - 0.08 - height / 2, row - 0.08 + height / 2], color=SOFT, linewidth=1.2
                )
    middle = one_of(rows, EVERY_WORLD, COMPUTING_LABEL)
    if middle is not None:
        axes.plot(middle["mean"], row - 0.08, marker="|", color=PAPER, markersize=5, markeredgewidth=1.2, zorder=6)
    for world in look:
        one = one_of(rows, world, COMPUTING_LABEL)
        if one is not None:
            axes.plot(
                one["mean"],
                row + 0.34,
                marker=look[world].marker,
                color=look[world].colour,
                markersize=4,
                linestyle="none",
                zorder=4,
            )

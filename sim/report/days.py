"""Where do the days go, and how are they spread?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sim.experiment.study import Study
from sim.report import tables, words
from sim.report.style import (
    BLUE,
    FAINT,
    OCHRE,
    PAPER,
    PLUM,
    PUBLISHED,
    SKY,
    SOFT,
    Drawn,
    beside,
    house_style,
    looks,
    marker_on_line,
    page,
    row_of_axes,
    rows_only,
    rule,
    storeys,
)
from sim.report.tables import COHORT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORCE = "force"
IGNORANCE = "range over worlds: only evidence can narrow it"

# --- days by owner ------------------------------------------------------------------------------------------

FILLS = {
    "own_work": (BLUE, ""),
    "waiting_for_own_staff": (BLUE, "/////"),
    "another_body": (OCHRE, ""),
    "officer_and_representatives": (SKY, ""),
    "victim_and_witnesses": (FAINT, "xxxx"),
    "legal_pause": (PLUM, "-----"),
    "listing": (SOFT, "\\\\\\\\\\"),
}
"""Colour and hatch of each kind of time."""
OTHER_FILLS = ("", "|||||", "+++++", "/////\\\\\\\\\\")
"""Hatches of further owners of the same kind of time."""

SHOWN_DAYS = 0.5
"""An owner with fewer days than this in every world is in the table only."""
LETTER_DAYS, NUMBER_DAYS = 0.022, 0.062
"""Shares of the axis a part needs to carry its letter, or its letter and its days."""


def by_owner(study: Study) -> pd.DataFrame:
    """Mean days per finalised allegation in the base: in all, by owner and kind of time, and by stage."""
    kinds = list(words.KINDS)
    rows = tables.base_rows(study, *(f"days_in_{kind}" for kind in kinds))
    if rows.empty:
        return rows
    parts, names = tables.part_and_level(rows)
    rows = rows.assign(kind=rows["measure"].str.removeprefix("days_in_"), part=parts, name=names)
    rows = rows[rows["part"].isin(["owner", "stage"])]
    total = tables.pick(
        tables.base_rows(study, "mean_days_to_finalise"),
        counted="allegation",
        basis=COHORT,
        group="",
        period=tables.window_label(study),
    ).assign(kind="", part="all", name="")
    return pd.concat([total, rows], ignore_index=True)


def draw_by_owner(study: Study, table: pd.DataFrame) -> Drawn:
    owners, stages = _parts(table, "owner"), _parts(table, "stage")[:10]
    title = (
        f"Mean days to finalise an allegation, by who had the case: allegations received {tables.window_words(study)} "
        f"and finalised before {tables.extract_words(study)}"
    )
    note = "Each midnight of a case has one owner, so the parts add up to the mean."
    if len(study.worlds) > 1:
        note += f" Grey bars: {IGNORANCE}."
    with house_style():
        bars = 0.42 * len(study.worlds) + 0.55
        lists = 0.19 * max(len(owners), len(stages)) + 0.75
        figure = page(1.35 + bars + lists, title, tables.foot(study, table, note), looks(study.worlds))
        upper, lower = storeys(figure, [bars, lists])
        left, right = row_of_axes(lower, 2)
        fills = _stacks(row_of_axes(upper, 1)[0], study, table, owners)
        _ranges(left, study, table, owners, "owner", "By owner and kind of time")
        _ranges(right, study, table, stages, "stage", f"By stage: the {len(stages)} longest")
        for row, part in enumerate(owners):
            _swatch(left, row, *fills[part])
    means = ", ".join(
        f"{world or 'the base'} {tables.number(tables.value_of(table, part='all', world=world), 'days')}"
        for world in study.worlds
    )
    description = (
        f"Stacked bars of mean days by owner, one for each world; the means are: {means}. Below, the days of each owner and of the "
        "longest stages, with the range over worlds."
    )
    return Drawn(figure, title, description)


def _swatch(axes: Axes, row: int, colour: str, hatch: str) -> None:
    """A sample of a part of the bars, beside its name."""
    from matplotlib.patches import Rectangle

    across = axes.get_yaxis_transform()
    sample = Rectangle((-0.055, row - 0.32), 0.035, 0.64, facecolor=colour, edgecolor=PAPER, hatch=hatch, linewidth=0.4)
    sample.set(clip_on=False, transform=across)
    axes.add_patch(sample)


def _parts(table: pd.DataFrame, part: str) -> list[tuple[str, str]]:
    """(kind, name) of the owners in the order of the stack, or of the stages from the longest."""
    mine = table[table["part"] == part]
    most = mine.groupby(["kind", "name"], sort=False)["mean"].max()
    shown = most[most >= SHOWN_DAYS]
    if part == "stage":
        shown = shown.sort_values(ascending=False, kind="stable")
    return [(str(kind), str(name)) for kind, name in shown.index]


def _stacks(
    axes: Axes, study: Study, table: pd.DataFrame, owners: list[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, str]]:
    """One bar for each world; gives back colour and hatch of each part."""
    fills: dict[tuple[str, str], tuple[str, str]] = {}
    for kind, name in owners:
        before = sum(1 for other, _ in fills if other == kind)
        colour, hatch = FILLS.get(kind, (SOFT, ""))
        fills[kind, name] = (colour, hatch + OTHER_FILLS[before % len(OTHER_FILLS)])
    target = tables.published(study, "mean_days")
    totals = table[table["part"] == "all"]
    longest = max(float(totals["mean"].max()), target.value if target else 0.0)
    for row, world in enumerate(study.worlds):
        mine = table[(table["part"] == "owner") & (table["world"] == world)]
        left = 0.0
        for place, (kind, name) in enumerate(owners):
            days = tables.value_of(mine, kind=kind, name=name)
            colour, hatch = fills[kind, name]
            axes.barh(row, days, left=left, height=0.66, color=colour, hatch=hatch, edgecolor=PAPER, linewidth=0.6)
            if days >= LETTER_DAYS * longest:
                letter = chr(ord("A") + place)
                text = f"{letter} {days:.0f}" if days >= NUMBER_DAYS * longest else letter
                box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.0, "boxstyle": "square,pad=0.12"}
                axes.text(left + days / 2, row, text, ha="center", va="center", size=6.8, bbox=box)
            left += days
        whole = totals[totals["world"] == world].iloc[0]
        text = f"{whole['mean']:.0f} days"
        if interval := tables.between(whole["low"], whole["high"], "days"):
            text += f"\n{interval.replace('..', ' to ')}"
        axes.text(float(whole["mean"]) + 0.012 * longest, row, text, va="center", size=7.2, weight="bold", zorder=4,
                  bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5})  # fmt: skip
    axes.set_yticks(range(len(study.worlds)), [world or "base" for world in study.worlds])
    axes.set_ylim(len(study.worlds) - 0.45, -0.95 if target else -0.55)
    axes.set_xlim(0, longest * 1.17)
    axes.set_xlabel("mean days per allegation finalised")
    axes.set_title("Mean days by world")
    rows_only(axes)
    if target:
        rule(axes, target.value, colour=PUBLISHED)
        axes.plot(target.value, -0.68, marker="D", markerfacecolor=PAPER, color=PUBLISHED, markersize=4.5)
        axes.text(
            target.value - 0.012 * longest, -0.68, f"published: {target.value:g} ({tables.role_words(target)})",
            color=PUBLISHED, size=7, va="center", ha="right",
        )  # fmt: skip
    return fills


def _ranges(axes: Axes, study: Study, table: pd.DataFrame, parts: list[tuple[str, str]], part: str, title: str) -> None:
    """A row for each owner or stage: a point for each world on the bar of ignorance."""
    mine = table[table["part"] == part]
    look = looks(study.worlds)
    for row, (kind, name) in enumerate(parts):
        days = [tables.value_of(mine, kind=kind, name=name, world=world) for world in study.worlds]
        if len(days) > 1:
            axes.plot([min(days), max(days)], [row, row], color=FAINT, linewidth=5, solid_capstyle="butt", zorder=1)
        for place, (world, value) in enumerate(zip(study.worlds, days, strict=True)):
            axes.plot(
                value,
                beside(row, place, len(days)),
                linestyle="none",
                marker=look[world].marker,
                color=look[world].colour,
                markersize=4.2,
            )
    if part == "owner":
        names = [f"{chr(ord('A') + row)}  {words.owner_and_kind(name, kind)}" for row, (kind, name) in enumerate(parts)]
    else:
        names = [words.sentence(name) for _, name in parts]
    axes.set_yticks(range(len(parts)), names, size=7)
    if part == "owner":
        axes.tick_params(axis="y", pad=14)
    axes.set_ylim(max(len(parts), 1) - 0.4, -0.6)
    axes.set_xlim(left=0)
    axes.set_xlabel("mean days per allegation")
    axes.set_title(title)
    rows_only(axes)


# --- how the days are spread --------------------------------------------------------------------------------

POINTS = (
    (365, "share_within_1_year", False),
    (730, "share_over_2_years", True),
    (1461, "share_over_4_years", True),
)
"""Day, published figure, and whether it is the share that took longer."""
BOTH = ((COHORT, "As observed"), ("survival", "As it was"))


def distribution(study: Study) -> pd.DataFrame:
    """The share of allegations finalised within so many days, on both bases; published points are rows too."""
    rows = tables.pick(tables.base_rows(study, "share_finalised_within"), counted="allegation")
    rows = tables.with_part(rows, "days")
    return rows.assign(days=pd.to_numeric(rows["days"])) if len(rows) else rows


def draw_distribution(study: Study, table: pd.DataFrame) -> Drawn:
    shown = [(basis, heading) for basis, heading in BOTH if table.loc[table["basis"] == basis, "mean"].notna().any()]
    title = f"Share of allegations finalised within so many days: allegations received {tables.window_words(study)}"
    look = looks(study.worlds)
    with house_style():
        figure = page(4.4, title, tables.foot(study, table), look, lines=True)
        panels = row_of_axes(figure, len(shown), share_rows=True)
        for axes, (basis, heading) in zip(panels, shown, strict=True):
            of = (
                f"those finalised before {tables.extract_words(study)}"
                if basis == COHORT
                else "all, those still open included"
            )
            axes.set_title(f"{heading}: {of}", size=7.4)
            for world in study.worlds:
                mine = table[(table["basis"] == basis) & (table["world"] == world)].sort_values("days")
                axes.step(
                    [0, *mine["days"]], [0, *(100 * mine["mean"])], where="post", color=look[world].colour,
                    linestyle=look[world].line, marker=marker_on_line(look[world], study.worlds), markevery=(6, 12), markersize=4,
                )  # fmt: skip
            for days, name in ((365, "1 year"), (730, "2 years"), (1461, "4 years")):
                rule(axes, days, colour=FAINT)
                axes.text(days, 1.5, f" {name}", size=6.8, color=SOFT, ha="left", va="bottom")
            if basis == COHORT:
                _published_points(axes, study)
            axes.set_xlim(0, 1800)
            axes.set_ylim(0, 101)
            axes.set_xticks(range(0, 1801, 300))
            axes.set_xlabel("days since the case first came to attention")
            axes.grid(visible=True, axis="y")
        panels[0].set_ylabel("per cent of allegations")
    description = (
        "Curves of the share of allegations finalised within so many days, one line for each world. "
        + " ".join(
            f"{world or 'The base'}: {_within_a_year(table, world)} within 360 days on the observed basis."
            for world in study.worlds
        )
    )
    return Drawn(figure, title, description)


def _within_a_year(table: pd.DataFrame, world: str) -> str:
    mine = table[(table["days"] == 360) & (table["basis"] == COHORT)]
    return tables.number(tables.value_of(mine, world=world), "fraction")


def _published_points(axes: Axes, study: Study) -> None:
    for days, key, longer in POINTS:
        target = tables.published(study, key)
        if target is None:
            continue
        value, low, high = ((1 - x if longer else x) * 100 for x in (target.value, target.low, target.high))
        axes.errorbar(
            days, value, yerr=[[value - min(low, high)], [max(low, high) - value]], marker="D", markersize=5.5, color=PUBLISHED,
            markerfacecolor=PAPER, elinewidth=1.1, capsize=2.5, zorder=5,
        )  # fmt: skip
        said = f"{100 * target.value:.0f}% {'over' if longer else 'within'} {round(days / 365)} year{'s' if days > 365 else ''}"
        x, y, side = (days + 45, value - 5, "left") if days < 1461 else (1800, value - 5, "right")
        role = tables.role_words(target).replace("fitted, ", "fitted,\n")
        text = f"published: {said}\n({role})"
        axes.text(x, y, text, size=6.5, color=PUBLISHED, va="top", ha=side, zorder=4,
                  bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.0})  # fmt: skip

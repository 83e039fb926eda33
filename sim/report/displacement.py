"""What moved from whom to whom? Days, attention, waits, posts and money of each body under a reform, against the base, in every world.

A reform that shortens one body's part may lengthen another's. The meter shows both sides of every change that the tables hold, and says a sentence where
the days of one body fall and those of another rise, each by more than its computing interval leaves open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sim.experiment.staffing import GIVEN_UP, OPPORTUNITY, OUTSIDE, training_days
from sim.experiment.study import Study
from sim.report import tables, verdict, words
from sim.report.style import BLUE, INK, OCHRE, PAPER, SOFT, Drawn, house_style, page, row_of_axes, rows_only
from sim.report.tables import COHORT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

IN_PERIOD = "in_period"
DAYS, OWN_STAFF, WAIT, RECEIVED, REOPENED, COST, POSTS = (
    "mean_days_by_owner",
    "days_in_waiting_for_own_staff",
    "mean_days_waiting_for_a_slot",
    "cases_received",
    "cases_reopened",
    "cost",
    "post_days",
)
METER = (
    (DAYS, "allegation", COHORT, ("owner",)),
    (OWN_STAFF, "allegation", COHORT, ("",)),
    ("mean_days_to_finalise", "case", COHORT, ("", "stream")),
    (RECEIVED, "case", "received_in_period", ("", "stream")),
    (REOPENED, "case", "finalised_in_period", ("",)),
    ("attention_hours", "post", IN_PERIOD, ("team",)),
    ("utilisation", "post", IN_PERIOD, ("team",)),
    (WAIT, "allocation", IN_PERIOD, ("", "team", "stream")),
    ("unallocated_cases", "case", "at_period_end", ("", "team", "stream")),
    ("officer_days_suspended", "person", IN_PERIOD, ("", "command")),
    (POSTS, "post", IN_PERIOD, ("team",)),
    (COST, "pound", IN_PERIOD, ("", "payer", "kind", "item")),
    ("discounted_cost", "pound", IN_PERIOD, ("",)),
)
"""Measure, what it counts, basis and what it is split by, in the order of the table. After them come the posts that units give up for a staffing sheet."""

OWNERS = {
    "force": "with the force",
    "IOPC": "with the IOPC",
    "criminal justice system": "with the criminal justice system",
    "Crown Prosecution Service": "with the Crown Prosecution Service",
    "courts": "with the courts",
    "officer and representatives": "waiting for officers and their representatives",
    "victim and witnesses": "waiting for victims and witnesses",
    "hearing panel and parties": "waiting for a hearing",
    "Police Appeals Tribunal": "waiting for the Police Appeals Tribunal",
    "other bodies": "with other bodies",
}
"""Where days of an owner are said to be."""

PAYERS = {"force": "the force", "local_policing_body": "the local policing body", "iopc": "the IOPC"}

UNITS = {
    "front_line": "the front line",
    "bcu": "other work of basic command units",
    "other_crime": "investigations of other crime",
}
"""Units that give posts up, as they are said."""

INTERNAL = "internal"

SAID_DAYS, SHOWN_DAYS = 0.05, 0.5
"""Days that change by less than the one round to nothing and are not said; an owner with less than the other in every world is in the table only."""

Moved = tuple[str, float]
"""A name of the table, and by how much it changed."""


A_NOTE = 0.3
"""Inches that a note of two lines takes."""
LEAST_HEIGHT = 2.9
"""Inches that title, foot and the names of a few rows need."""


def displacement(study: Study) -> pd.DataFrame:
    """Other minus base for every side of the meter, arm by arm and world by world; over the window, stocks at the end of the last quarter.

    What units give up for a staffing sheet stands there by quarter too.

    Empty where nothing was compared, or the runs kept no events to say whose the days are.
    """
    known = study.differences
    if known.empty or not (known["measure"] == DAYS).any():
        return known.head(0)
    rows = tables.one_row_each(known[known["measure"].isin([measure for measure, *_ in METER])])
    parts, _ = tables.part_and_level(rows)
    found = []
    for place, (measure, counted, basis, split) in enumerate(METER):
        mine = (
            (rows["measure"] == measure) & (rows["counted"] == counted) & (rows["basis"] == basis) & parts.isin(split)
        )
        when = rows.loc[mine, "period"]
        period = tables.window_label(study) if basis != "at_period_end" else when.max()
        found.append(rows[mine & (rows["period"] == period)].assign(m=place))
    given = study.given_up
    if len(given):
        none = {"probability_of_increase": float("nan"), "replications": study.replications}
        found.append(given.assign(**none, m=len(METER)))
    table = pd.concat(found)
    arms = {arm: number for number, arm in enumerate(tables.ordered_arms(study))}
    worlds = {world: number for number, world in enumerate(study.worlds)}
    table = table.assign(
        follows_from=[study.follows_from(label) for label in table["scenario"]],
        a=table["scenario"].map(arms),
        w=table["world"].map(worlds),
    )
    ordered = table.sort_values(["a", "w", "m"], kind="stable")
    return ordered.drop(columns=["a", "w", "m"]).reset_index(drop=True)


# --- in words -----------------------------------------------------------------------------------------------


def sentences(study: Study, arm: str, table: pd.DataFrame | None = None) -> list[str]:
    """What moved under a reform, a line for each world where something did; of days nothing where the true mean rises and the observed one hides it."""
    table = displacement(study) if table is None else table
    hidden = verdict.hidden(study, arm)
    said = []
    for world in study.worlds:
        mine = table[(table["scenario"] == arm) & (table["world"] == world)]
        mine = mine[mine["measure"] != DAYS] if world in hidden else mine
        if parts := [*_moved(mine), *_taken(study, arm, mine), *_trained(study, arm, world)]:
            said.append(f"  {world or 'moved'}: {'; '.join(parts)}.")
    return said


def _moved(rows: pd.DataFrame) -> Iterator[str]:
    """The clauses of one arm in one world."""
    fewer, more = _sides(rows, DAYS, "owner")
    if fewer or more:
        yield (
            ("days moved" if fewer and more else "days")
            + ", of cases finalised: "
            + ", ".join(
                f"{abs(days):.1f} days {word} {OWNERS.get(owner, f'with {owner}')}"
                for word, side in (("fewer", fewer), ("more", more))
                for owner, days in side
            )
        )
    yield from _starved(rows)
    yield from _flooded(rows)
    lost, gained = _sides(rows, POSTS, "team", needs_interval=False)
    if lost or gained:
        yield _posts(lost, gained, named=bool((rows["measure"] == GIVEN_UP).any()))
    less, dearer = _sides(rows, COST, "payer")
    if less and dearer:
        yield "cost moved: " + ", ".join(
            f"GBP {abs(pounds):,.0f} {word} for {PAYERS.get(payer, payer)}"
            for word, side in (("less", less), ("more", dearer))
            for payer, pounds in side
        )


def _sides(
    rows: pd.DataFrame, measure: str, part: str, *, needs_interval: bool = True
) -> tuple[list[Moved], list[Moved]]:
    """What fell and what rose beyond its computing interval, the largest change first. Nothing is beyond an interval that is not there."""
    mine = tables.with_part(rows[rows["measure"] == measure], part)
    fell: list[Moved] = []
    rose: list[Moved] = []
    for _, one in mine.iterrows():
        mean, low, high = float(one["mean"]), float(one["low"]), float(one["high"])
        if needs_interval and (isnan(low) or isnan(high)):
            continue
        way = tables.direction(mean, low, high)
        if way and (one["unit"] != "days" or abs(mean) >= SAID_DAYS):
            (fell if way < 0 else rose).append((str(one[part]), mean))
    return tuple(sorted(side, key=lambda moved: -abs(moved[1])) for side in (fell, rose))  # type: ignore[return-value]


def _starved(rows: pd.DataFrame) -> Iterator[str]:
    """Streams that wait longer for a slot while another gets more cases, or waits less."""
    flooded = {_stream(group) for group in _beyond(rows, RECEIVED, 1)}
    sooner, later = _sides(rows, WAIT, "stream")
    starved = [(stream, days) for stream, days in later if flooded - {stream} or sooner]
    if not starved:
        return
    gave = [f"more {words.plain(stream)} cases come in" for stream in sorted(flooded - {name for name, _ in starved})]
    gave += [f"{words.plain(stream)} cases wait {abs(days):.1f} days less for a slot" for stream, days in sooner]
    gave = gave or [f"more {words.plain(stream)} cases come in" for stream in sorted(flooded)]
    took = [f"{words.plain(stream)} cases wait {days:.1f} days longer for a slot" for stream, days in starved]
    yield f"{words.listed(gave)}, and {words.listed(took)}"


def _flooded(rows: pd.DataFrame) -> Iterator[str]:
    """What comes in more while misconduct cases wait longer for the same people."""
    longer = rows[(rows["measure"] == OWN_STAFF) & rows["low"].notna()]
    if not _beyond(rows, OWN_STAFF, 1) or float(longer["mean"].iloc[0]) < SAID_DAYS:
        return
    more = [
        f"more {words.plain(stream) if stream != INTERNAL else 'misconduct'} cases come in"
        for stream in dict.fromkeys(_stream(group) for group in _beyond(rows, RECEIVED, 1))
    ]
    more += ["more cases are opened again"] if _beyond(rows, REOPENED, 1) else []
    if more:
        days = float(longer["mean"].iloc[0])
        yield f"{words.listed(more)}: misconduct cases wait {days:.1f} days longer for the force's own staff"


def _beyond(rows: pd.DataFrame, measure: str, way: int) -> list[str]:
    """Groups of a measure that change one way, beyond their computing interval."""
    mine = rows[(rows["measure"] == measure) & rows["low"].notna() & rows["high"].notna()]
    ways = [tables.direction(*map(float, one)) for one in mine[["mean", "low", "high"]].to_numpy()]
    return [str(group) for group, found in zip(mine["group"].fillna(""), ways, strict=True) if found == way]


def _stream(group: str) -> str:
    """The stream of a group; all is all internal cases."""
    return group.partition("=")[2] or INTERNAL


def _posts(lost: list[Moved], gained: list[Moved], *, named: bool) -> str:
    """Where posts come from and go to, in calendar days of posts that take cases, over the window; `named` if a sheet names the units, which are then said by themselves."""
    parts = [f"{abs(days):,.0f} calendar days of taking cases given up by {_team(name)}" for name, days in lost]
    parts += [f"{days:,.0f} calendar days of taking cases gained by {_team(name)}" for name, days in gained]
    outside = sum(days for _, days in (*lost, *gained))
    if outside > 0:
        parts.append(
            f"{outside:,.0f} more in all" + ("" if named else ", from units that are not modelled and go without them")
        )
    elif outside < 0:
        parts.append(f"{-outside:,.0f} fewer in all")
    return "posts moved: " + ", ".join(parts)


def _taken(study: Study, arm: str, rows: pd.DataFrame) -> Iterator[str]:
    """Which units give up how many posts for a staffing sheet, or get some, and what they go without by the end of the window."""
    over = rows[rows["period"].str.contains("/")]
    cost = tables.with_part(over[over["measure"] == OPPORTUNITY], "unit").set_index("unit")["mean"]
    for _, one in tables.with_part(over[over["measure"] == GIVEN_UP], "unit").iterrows():
        unit, days = str(one["unit"]), float(one["mean"])
        posts = abs(_posts_of(study, arm, unit))
        many = f"{posts:g} post{'' if posts == 1 else 's'}"
        by = words.day(date.fromisoformat(str(one["period"]).partition("/")[2]))
        if unit == OUTSIDE:
            yield f"{many} {'from' if days > 0 else 'to'} outside the force: {abs(days):,.0f} calendar days in post by {by}"
            continue
        moved = f"taken from {UNITS[unit]}" if days > 0 else f"given to {UNITS[unit]}"
        said = f"{many} {moved}: {abs(days):,.0f} calendar days in post by {by}, at 365 a year of a post"
        if unit in cost.index and days > 0:
            said += (
                f", worth GBP {float(cost[unit]):,.0f} at an officer's pay (opportunity: no money is paid for it, and the posts themselves are in the "
                "cost already)"
            )
        yield said


def _trained(study: Study, arm: str, world: str) -> Iterator[str]:
    """How many of the days in post of those who come for a sheet are training, in which no case is taken."""
    days = training_days(study.staffing, arm, world, study.plans[arm, world]) if (arm, world) in study.plans else 0.0
    if days > 0:
        yield f"training takes {days:,.0f} of the days in post of those who come, before they take a case"


def _posts_of(study: Study, arm: str, unit: str) -> float:
    """How many posts the sheet of an arm takes from a unit, less those it gives to it."""
    sheet = study.sheets.get(Path(tables.arm_of(study, arm).staffing).stem)
    rows = sheet.rows if sheet else ()
    return sum(row.posts for row in rows if row.from_unit == unit and row.how in ("recruit", "transfer", "secondee"))


def _team(name: str) -> str:
    return words.short(name)


# --- as a picture -------------------------------------------------------------------------------------------


def draw_displacement(study: Study, table: pd.DataFrame) -> Drawn:
    days = tables.with_part(table[table["measure"] == DAYS], "owner")
    arms = [arm for arm in tables.ordered_arms(study) if (days["scenario"] == arm).any()]
    owners = {arm: _shown(days[days["scenario"] == arm]) for arm in arms}
    title = (
        f"Change from {study.base} in mean days by who had the case: allegations received {tables.window_words(study)} "
        f"and finalised before {tables.extract_words(study)}"
    )
    notes = [
        "Plain bars: fewer days; hatched bars: more. Owners whose days change by less than half a day in every world are in the table only."
    ]
    notes += (parted := verdict.notes(study, arms))
    if any(study.follows_from(arm) == "assumption" for arm in arms):
        notes.append("(A): the size of the effect was put in, so what follows is no finding.")
    rows = sum(1 + max(len(owners[arm]), 1) for arm in arms)
    ticks: list[tuple[float, str, bool]] = []
    with house_style():
        height = max(1.55 + A_NOTE * len(parted) + 0.185 * rows + 0.09 * len(arms), LEAST_HEIGHT)
        figure = page(height, title, tables.foot(study, days, *notes))
        panels = row_of_axes(figure, len(study.worlds), share_rows=True)
        reach = max(float(days[["mean", "low", "high"]].abs().max().max()), 0.1) * 1.3
        row = 0.0
        for arm in arms:
            put_in = " (A)" if study.follows_from(arm) == "assumption" else ""
            ticks.append((row, f"{words.sentence(arm)}{put_in}", True))
            for owner in owners[arm]:
                row += 1
                for axes, world in zip(panels, study.worlds, strict=True):
                    here = days[(days["scenario"] == arm) & (days["world"] == world) & (days["owner"] == owner)]
                    if len(here):
                        _bar(axes, row, here.iloc[0], reach)
                ticks.append((row, owner[:1].upper() + owner[1:], False))
            if not owners[arm]:
                row += 1
                ticks.append((row, "less than half a day for any owner", False))
            row += 1.5
        for axes, world in zip(panels, study.worlds, strict=True):
            rows_only(axes)
            axes.axvline(0, color=INK, linewidth=0.9, zorder=3)
            axes.set_xlim(-reach, reach)
            axes.set_title(world or "Change")
            axes.set_xlabel("mean days fewer or more")
            axes.locator_params(axis="x", nbins=5)
            axes.tick_params(axis="y", length=0)
        panels[0].set_yticks([at for at, _, _ in ticks], [name for _, name, _ in ticks], size=7)
        for label, (_, _, heads) in zip(panels[0].get_yticklabels(), ticks, strict=True):
            label.set_fontweight("bold" if heads else "normal")
        panels[0].set_ylim(row - 0.7, -0.8)
    said = [
        f"{arm}{' (follows from assumption)' if study.follows_from(arm) == 'assumption' else ''}, {line.strip().rstrip('.')}"
        for arm in arms
        for line in sentences(study, arm, table)
    ]
    moved = ". ".join(said) if said else "Beyond the computing intervals nothing moved from one body to another"
    return Drawn(figure, title, f"Bars to either side of no change, for each reform, owner of time and world. {moved}.")


def _shown(days: pd.DataFrame) -> list[str]:
    """Owners whose days change in some world, in the order of the table."""
    largest = days.assign(size=days["mean"].abs()).groupby("owner", sort=False)["size"].max()
    return [str(owner) for owner in largest[largest >= SHOWN_DAYS].index]


def _bar(axes: Axes, row: float, one: pd.Series, reach: float) -> None:
    mean, low, high = float(one["mean"]), float(one["low"]), float(one["high"])
    if isnan(mean):
        return
    colour, hatch = (BLUE, "") if mean <= 0 else (OCHRE, "/////")
    axes.barh(row, mean, height=0.7, color=colour, hatch=hatch, edgecolor=PAPER, linewidth=0.5, zorder=2)
    ends = [mean, 0.0]
    if not (isnan(low) or isnan(high)):
        ends += [low, high]
        axes.plot([low, high], [row, row], color=SOFT, linewidth=1.0, solid_capstyle="butt", zorder=4)
    far, gap = (min(ends), -0.02) if mean < 0 else (max(ends), 0.02)
    text = tables.number(mean, "days", sign=True)
    axes.text(far + gap * reach, row, text, size=6.4, color=INK, va="center", ha="right" if mean < 0 else "left")

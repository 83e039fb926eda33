"""What does it say on a screen? The base, what reforms change, and whether the teams' queues settle, in every world."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.experiment.study import Study
from sim.report import (
    beside,
    caught,
    clearance,
    costs,
    counted,
    displacement,
    limits,
    nested,
    own_teams,
    quarters,
    queues,
    tables,
    verdict,
    words,
)
from sim.report.tables import COHORT
from sim.report.write import not_drawn

GAP = 3
"""Columns between two columns of a table."""
NUMBER_WIDTH = 17
"""Columns that a figure with its interval takes, the space beside it included."""
LEAST_NAME_WIDTH, MOST_NAME_WIDTH = 14, 46

STOCK = "at_period_end"
CHANGES = (
    (
        ("observed\nmean days", "mean_days_to_finalise", "allegation", COHORT),
        ("true\nmean days", "mean_days_to_finalise", "allegation", verdict.SURVIVAL),
        ("cases open\nat the end", "cases_open", "case", STOCK),
    ),
    (
        ("over 2 years,\nof finalised", "share_over_2_years", "allegation", COHORT),
        ("case to\nanswer", "case_to_answer_rate", "allegation", COHORT),
        ("dismissals,\nwhole window", "dismissals", "subject", "in_period"),
    ),
)
"""Heading, measure, what it counts and basis of each column of differences; shares are in percentage points. Days, and what comes of cases, are two tables where
one does not fit."""
Columns = dict[str, pd.DataFrame]
"""Differences of every arm and world by heading."""


def print_summary(study: Study, console: Console) -> None:
    """The main figures of a study, for people. Plain enough for 80 columns, a pipe and a terminal without UTF-8."""
    say = _Say(console)
    say.line(study.title, style="bold")
    say.line(
        f"Cases received {tables.window_words(study)}, as known on {tables.extract_words(study)}. {study.replications} "
        f"replication{'s' if study.replications != 1 else ''}, seed {study.seed}. {tables.stamp(study)}"
    )
    if study.opening is not None:
        say.line(tables.begins(study))
    if assumed := tables.assumed_base(study):
        say.line(assumed)
    _base(study, say)
    if len(study.labels) > 1:
        _changes(study, say)
    _intervals(study, say)
    _quarters(study, say)
    _teams(study, say)
    _limits(study, say)
    _last_lines(study, say)


class _Say:
    """Prints what the console can show: no markup, no highlighting, and nothing outside its encoding."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.utf8 = console.encoding.lower().replace("-", "").startswith("utf")

    def plain(self, text: str) -> str:
        if self.utf8:
            return text
        for mark, instead in (
            ("\u2013", "-"),
            ("\u2014", "-"),
            ("\u2026", "..."),
            ("\u2018", "'"),
            ("\u2019", "'"),
            ("\u00b1", "+-"),
        ):
            text = text.replace(mark, instead)
        return text.encode("ascii", "replace").decode()

    def line(self, text: str = "", style: str = "") -> None:
        self.console.print(Text(self.plain(text), style=style), markup=False, highlight=False)

    def table(self, first: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Rows of text; numbers are never broken, the names before them are."""
        needed = [
            max(len(line) for row in rows for line in [*row[place + 1].split("\n"), *head.split("\n")])
            for place, head in enumerate(columns)
        ]
        taken = sum(needed) + GAP * len(needed)
        first_width = min(max(self.console.width - taken, LEAST_NAME_WIDTH), MOST_NAME_WIDTH)
        shape = box.SIMPLE_HEAD if self.utf8 else box.ASCII_DOUBLE_HEAD
        made = Table(box=shape, show_edge=False, pad_edge=False, padding=(0, 1), header_style="bold", safe_box=False)
        made.add_column(Text(self.plain(first)), width=first_width)
        for column, width in zip(columns, needed, strict=True):
            made.add_column(Text(self.plain(column)), justify="right", min_width=width, overflow="fold")
        for row in rows:
            made.add_row(
                Text(self.plain(row[0])), *(Text(self.plain(cell), no_wrap=True, overflow="fold") for cell in row[1:])
            )
        self.console.print(made, width=max(self.console.width, first_width + taken), crop=False)


# --- the base -----------------------------------------------------------------------------------------------


def _base(study: Study, say: _Say) -> None:
    headline = tables.headline_table(study)
    if headline.empty:
        return
    with_published = bool(headline["published"].notna().any())
    for worlds in _in_groups(study.worlds, say.console.width):
        say.line()
        since = f" from {tables.begins_on(study)}" if study.opening is not None else ""
        say.line(f"{study.caption}{since}, {tables.interval_words(headline)}", style="bold")
        rows = [
            _headline_row(label, mine, worlds, tables.window_label(study), with_published=with_published)
            for label, mine in headline.groupby("label", sort=False)
        ]
        columns = [world or "value" for world in worlds] + (["published"] if with_published else [])
        say.table("", columns, rows)
    for world, names in queues.names_by_world(study, study.base).items():
        where = f"In {world} a" if world else "A"
        say.line(f"{where} queue never settles: {names}. Means of days above hold a wait that grows with the run.")
    if sentence := _without_waits(study, headline):
        say.line(sentence)


def _without_waits(study: Study, headline: pd.DataFrame) -> str:
    """Below what no number of posts takes the observed mean, about: the days that wait for the force's own teams less (`own_teams.waits`); empty where they are not known."""
    days = tables.pick(headline, counted="allegation", basis=COHORT)
    left = []
    for world in study.worlds:
        mine = days[days["world"] == world]
        observed, waits = (tables.value_of(mine, label=label) for label in (tables.OBSERVED, tables.WAITS))
        if not (isnan(observed) or isnan(waits)):
            left.append(tables.number(observed - waits, "days") + (f" in {world}" if world else ""))
    if not left:
        return ""
    if queues.that_never_settle(study):
        slow = " Where a queue never settles it stays well above that, for slow cases then end and count; the true mean may fall by more."
    else:
        slow = ""
    return f"More posts shorten the days that wait for the force's teams: no number of them takes the observed mean below about {words.listed(left)}.{slow}"


def _headline_row(
    label: object, mine: pd.DataFrame, worlds: Sequence[str], window: str, *, with_published: bool
) -> list[str]:
    one = mine.iloc[0]
    first, _, last = str(one["period"]).partition("/")
    when = "" if one["period"] == window else f", {first[:7]} to {last[:7]}" if last else f", {first}"
    row = [f"{label}\n  {_of_what(str(one['counted']), str(one['basis']))}{when}"]
    for world in worlds:
        found = mine[mine["world"] == world]
        row.append("-" if found.empty else _cell(found.iloc[0]))
    if with_published:
        row.append(_published(one))
    return row


def _of_what(counted: str, basis: str) -> str:
    short = {
        COHORT: "finalised",
        "survival": "open ones counted",
        "received_in_period": "of all received",
        "in_period": "",
        "at_period_end": "",
    }
    said = short.get(basis, words.plain(basis))
    return f"{counted}s" + (f", {said}" if said else "")


def _cell(one: pd.Series, *, sign: bool = False) -> str:
    unit = str(one["unit"])
    spread = tables.between(one["low"], one["high"], unit, sign=sign)
    return tables.number(one["mean"], unit, sign=sign) + (f"\n{spread}" if spread else "")


def _published(one: pd.Series) -> str:
    if pd.isna(one["published"]):
        return ""
    value = tables.number(one["published"], str(one["unit"]))
    years = (
        f" ({str(one['published_from'])[:4]}-{str(one['published_to'])[2:4]})" if "/" not in str(one["period"]) else ""
    )
    return f"{value}{years}\n" + "\n".join(str(one["role"]).split(", "))


def _in_groups(worlds: Sequence[str], width: int) -> list[Sequence[str]]:
    """As many worlds in one table as fit beside names and published figures."""
    at_once = max((width - LEAST_NAME_WIDTH - NUMBER_WIDTH) // NUMBER_WIDTH, 1)
    return [worlds[start : start + at_once] for start in range(0, len(worlds), at_once)]


# --- what reforms change ------------------------------------------------------------------------------------


def _changes(study: Study, say: _Say) -> None:
    parts = [found for part in CHANGES if (found := _columns(study, part))]
    if not parts:
        return
    first = next(iter(parts[0].values()))
    meter = displacement.displacement(study)
    quarterly = clearance.clearance(study)
    say.line()
    say.line(
        f"Change from {study.caption}, in the same futures; shares in percentage points; {tables.interval_words(first)}",
        style="bold",
    )
    say.line(verdict.TWO_MEANS)
    for arm in tables.ordered_arms(study):
        say.line()
        say.line(tables.arm_title(study, arm) + f" [{arm}]")
        if tables.is_opposite(study, arm):
            say.line("  follows from assumption: the effect above, turned round")
        elif study.assumptions(arm):
            say.line("  follows from assumption: " + " ".join(study.assumptions(arm)))
        for sentence in queues.leading(study, arm):
            say.line(sentence)
        _change_tables(study, arm, parts, say)
        moved = beside.expected_to_move(study, arm, {measure for part in CHANGES for _, measure, *_ in part})
        meter_says = displacement.sentences(study, arm, meter)
        for sentence in (*moved, *meter_says, costs.sentence(study, arm), *caught.sentences(study, arm)):
            if sentence:
                say.line(sentence)
        if sentence := beside.ends_unfinished(study, arm):
            say.line(sentence)
        for sentence in verdict.sentences(study, arm):
            say.line(sentence)
        parting = clearance.sentences(study, arm, quarterly)
        for sentence in parting or filter(None, [_clearing(study, arm)]):
            say.line(sentence)


def _columns(study: Study, part: Sequence[tuple[str, str, str, str]]) -> Columns:
    """By heading the changes that are known."""
    found = {
        head: tables.last_differences(study, measure, counted=counted)
        if basis == STOCK
        else tables.differences(study, measure, counted=counted, basis=basis)
        for head, measure, counted, basis in part
    }
    return {head: rows for head, rows in found.items() if len(rows)}


def _change_tables(study: Study, arm: str, parts: Sequence[Columns], say: _Say) -> None:
    """What an arm changes in each world: one table, or if that is too wide one for each part."""
    whole = {head: rows for part in parts for head, rows in part.items()}
    wide = LEAST_NAME_WIDTH + sum(GAP + _width(head, _of_arm(rows, arm)) for head, rows in whole.items())
    for number, found in enumerate([whole] if wide <= say.console.width else parts):
        if number:
            say.line()
        rows = []
        for world in study.worlds:
            mine = [_of_arm(one, arm, world) for one in found.values()]
            if any(len(one) for one in mine):
                rows.append([world or "change", *("-" if one.empty else _cell(one.iloc[0], sign=True) for one in mine)])
        if rows:
            say.table("world", list(found), rows)


def _of_arm(rows: pd.DataFrame, arm: str, world: str | None = None) -> pd.DataFrame:
    mine = rows[rows["scenario"] == arm]
    return mine if world is None else mine[mine["world"] == world]


def _width(head: str, rows: pd.DataFrame) -> int:
    """Columns that a heading and the cells below it take."""
    cells = [_cell(row, sign=True) for _, row in rows.iterrows()]
    return max(len(line) for text in (head, *cells) for line in text.split("\n"))


def _clearing(study: Study, arm: str) -> str:
    """A warning where old cases are cleared, which lifts the mean of those finalised in the period."""
    days = tables.differences(study, "mean_days_to_finalise", counted="allegation", basis="finalised_in_period")
    stock = tables.last_differences(study, "cases_open", counted="case")
    worlds = []
    for world in study.worlds:
        mine, last = (rows[(rows["scenario"] == arm) & (rows["world"] == world)] for rows in (days, stock))
        if len(mine) and len(last) and _way(mine) > 0 and _way(last) < 0:
            worlds.append(world or "this world")
    if not worlds:
        return ""
    return (
        f"In {words.listed(worlds)} fewer cases stay open, and the mean of those finalised in the period rises: old cases are "
        "being cleared."
    )


def _way(rows: pd.DataFrame) -> int:
    one = rows.iloc[0]
    return tables.direction(float(one["mean"]), float(one["low"]), float(one["high"]))


# --- by quarter, and limits ---------------------------------------------------------------------------------


def _quarters(study: Study, say: _Say) -> None:
    shown: list[list[str]] = []
    for label, world in quarters.to_print(study):
        columns, rows = quarters.printed(study, label, world)
        if rows:
            say.line()
            say.line(quarters.heading(study, label, world), style="bold")
            say.table("", columns, rows)
            shown += rows
    for note in quarters.notes(shown):
        say.line(note)
    if quarters.told(study):
        say.line()
        say.line(quarters.POINTER)


def _limits(study: Study, say: _Say) -> None:
    said = limits.sentences(study)
    if said:
        say.line()
        say.line("Limits crossed", style="bold")
        for sentence in said:
            say.line(sentence)


# --- three intervals ----------------------------------------------------------------------------------------


def _intervals(study: Study, say: _Say) -> None:
    """Computing, chance and ignorance over the members of an ensemble."""
    played = study.played
    if played is None:
        return
    if played.weighed is not None:
        say.line()
        say.line(f"Unallocated cases that you counted: {played.weighed.told}", style="bold")
        say.table("family", *counted.family_table(played.weighed))
        for sentence in counted.sentences(played, study.caption):
            say.line(sentence)
    say.line()
    say.line(f"Three intervals over {nested.heading(study, played)}", style="bold")
    more = (
        "more replications shrink it"
        if len(played.members) >= played.size
        else "more members and replications shrink it"
    )
    say.line(
        f"computing, 95%: {more}. chance, 80%: one future varies. "
        f"ignorance: {nested.ignorance_name(played).removeprefix('ignorance, ')}, members differ."
    )
    worlds = nested.worlds_of(played)
    columns = ["mean", "computing", "chance", "ignorance", *(world or "its world" for world in worlds)]
    for label in played.figures:
        base = "" if label == study.base else study.base
        rows = list(nested.screen_rows(study, label, base))
        if rows:
            say.line()
            say.line(f"{label}, change from {study.caption}" if base else study.caption)
            say.table("", columns, rows)
        for shown in nested.SHOWN[:2] if base else ():
            found = nested.rows_of(played.intervals, shown, label, base)
            if sentence := nested.verdict(found, shown, worlds):
                say.line(f"  {shown.heading}: {sentence[0].lower()}{sentence[1:]}")
    for sentence in nested.rest_on_assumed(study, played):
        say.line(sentence)


# --- teams --------------------------------------------------------------------------------------------------

TEAM_COLUMNS = (
    ("slots in use", "slot_utilisation"),
    ("attention in use", "utilisation"),
    ("days for a slot", "mean_days_waiting_for_a_slot"),
    ("live cases", "live_cases"),
)


def _teams(study: Study, say: _Say) -> None:
    """A row for each team and world of the base, and after it one for each arm that changes its posts there."""
    table = _of_teams(study, study.base)
    if table.empty:
        return
    say.line()
    others = {
        label: (_of_teams(study, label), changed)
        for label in tables.ordered_arms(study)
        if (
            changed := set(
                own_teams.with_other_posts(study, label)[["world", "team"]].itertuples(index=False, name=None)
            )
        )
    }
    with_them = f"; with {words.listed(list(others))} where that changes a team's posts" if others else ""
    say.line(f"Teams of {study.caption}, {tables.window_words(study)}, every stream{with_them}", style="bold")
    rows, warnings = [], []
    for team in dict.fromkeys(table["team"]):
        for world in study.worlds:
            with_posts = {label: found for label, (found, changed) in others.items() if (world, team) in changed}
            for label, found in {study.base: table, **with_posts}.items():
                mine = found[(found["team"] == team) & (found["world"] == world)]
                aside = ", ".join(filter(None, [world, f"with {label}" if label != study.base else ""]))
                where = f"{words.team(team)}, {aside}" if aside else words.team(team)
                unsettled = (world, team) in queues.that_never_settle(study, label)
                cells = [
                    queues.NEVER if unsettled and measure == "mean_days_waiting_for_a_slot" else _mean(mine, measure)
                    for _, measure in TEAM_COLUMNS
                ]
                rows.append([f"{words.short(team)}, {aside}" if aside else words.team(team), *cells])
                warnings += _warnings(where, tables.value_of(mine, measure="slot_utilisation"), unsettled=unsettled)
    say.table("team, world", [head for head, _ in TEAM_COLUMNS], rows)
    for warning in warnings:
        say.line(warning)


def _of_teams(study: Study, label: str) -> pd.DataFrame:
    """The use of teams over the window, of an arm."""
    table = tables.rows_of(study, label, *(measure for _, measure in TEAM_COLUMNS))
    return tables.with_part(tables.pick(table, period=tables.window_label(study)), "team")


def _warnings(where: str, slots: float, *, unsettled: bool) -> list[str]:
    """What to mind of a team's row."""
    if unsettled:
        return [
            f"Warning. {where}: a queue that never settles. It still grew at the end, so its mean wait is no figure to quote."
        ]
    if slots > tables.SLOTS_NEARLY_ALL_IN_USE:
        return [
            f"Warning. {where}: {tables.number(slots, 'fraction')} of slots in use; above 90% small changes move waits a lot."
        ]
    return []


def _mean(mine: pd.DataFrame, measure: str) -> str:
    found = mine[mine["measure"] == measure]
    return "-" if found.empty else tables.number(float(found["mean"].iloc[0]), str(found["unit"].iloc[0]))


# --- the last lines -----------------------------------------------------------------------------------------


def _last_lines(study: Study, say: _Say) -> None:
    say.line()
    crossed = limits.limits(study)
    notes = [
        note
        for note in study.notes
        if not (note.startswith(limits.MARK) and any(one.limit == limits.REPLACES for one in crossed))
    ]
    for note in (*notes, *not_drawn(study)):
        say.line(note)
    if len(study.worlds) > 1:
        say.line("Differences between worlds are not chance: they are what the published figures leave open.")
    say.line(tables.stamp(study), style="bold")
    if study.share_assumed is not None:
        say.line(
            f"{tables.number(study.share_assumed, 'fraction')} of the dated numbers behind this are assumed, not published."
        )

"""Which numbers are shown? Rows chosen from a study's own tables, with the published figures beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from math import isnan
from pathlib import Path

import numpy as np
import pandas as pd

from sim.calibration.answers import DAYS_A_YEAR, answers
from sim.evidence import Evidence, Target
from sim.experiment.intervals import summarise
from sim.experiment.study import KEYS, Arm, Figures, Study
from sim.measures import MEASURES
from sim.plan import MINUTES_A_DAY, Plan
from sim.report import words
from sim.scenario.files import Overlay, search_folders
from sim.scenario.load import evidence_of
from sim.scenario.settings import written

COMPUTING, CHANCE = "computing", "chance"
KEY = ["scenario", "world", "measure", "counted", "basis", "group", "period"]
COHORT = "received_cohort"
SAME_SIZE = 0.25
"""A force this much larger or smaller than the one the published figures are of is another force."""


# --- the study ----------------------------------------------------------------------------------------------


def plan_of(study: Study) -> Plan:
    """The base in the first world: dates and teams are the same in all of them."""
    return study.plans[study.base, study.worlds[0]]


def window_label(study: Study) -> str:
    """The window as tables name it: its first and last day."""
    plan = plan_of(study)
    seen = plan.observation
    return f"{plan.day(seen.window_from).isoformat()}/{plan.day(seen.window_to - 1).isoformat()}"


def window_words(study: Study) -> str:
    """April 2013 to March 2022, or with days where the window does not end with a month."""
    plan = plan_of(study)
    first, after = plan.day(plan.observation.window_from), plan.day(plan.observation.window_to)
    if first.day == after.day == 1:
        return f"{first:%B %Y} to {after - timedelta(days=1):%B %Y}"
    return f"{words.day(first)} to {words.day(after - timedelta(days=1))}"


def window_years(study: Study) -> float:
    """How long the window is."""
    seen = plan_of(study).observation
    return (seen.window_to - seen.window_from) / MINUTES_A_DAY / DAYS_A_YEAR


def extract_words(study: Study) -> str:
    plan = plan_of(study)
    return words.day(plan.day(plan.observation.extract_on))


def world_words(study: Study) -> str:
    names = [world or "without a world" for world in study.worlds]
    return ("world " if len(names) == 1 else "worlds ") + words.listed(names)


def interval_words(table: pd.DataFrame) -> str:
    """What the low and high of a table are, in one sentence."""
    if table.empty or table["low"].isna().all():
        return "no interval: a single replication"
    kinds = list(dict.fromkeys(table.loc[table["low"].notna(), "interval"]))
    if all(str(kind).startswith(COMPUTING) for kind in kinds):
        return "intervals: 95% computing, which more replications shrink"
    return f"intervals: {words.listed([str(kind) for kind in kinds])}"


def foot(study: Study, table: pd.DataFrame, *notes: str) -> list[str]:
    """Footnotes of a figure or table: anything else, what was run, which interval, and last the stamp."""
    run = (
        f"Scenario {study.caption}; {world_words(study)}; {study.replications} replication"
        f"{'s' if study.replications != 1 else ''}; seed {study.seed}; {interval_words(table)}."
    )
    begins_with = [begins(study)] if study.opening is not None else []
    from sim.report.limits import marks  # here, since it reads tables

    caveats = [one for one in (assumed_base(study), study.caveat) if one]
    return [*notes, run, *caveats, *marks(study), *begins_with, stamp(study)]


def assumed_base(study: Study) -> str:
    """That what the base differs in from its scenario follows from assumption, and what was put in; empty where that is not so."""
    put_in = study.assumptions(study.base)
    return f"{study.base} follows from assumption: {' '.join(put_in)}" if put_in else ""


def begins(study: Study) -> str:
    """With which open cases every arm begins, and when, in one sentence; empty where there are none."""
    if study.opening is None:
        return ""
    told = study.opening.sentence()
    return f"{told[0].upper()}{told[1:]}; played from {begins_on(study)}, nothing before it."


def begins_on(study: Study) -> date:
    """The first day that is played."""
    return study.plans[study.base, study.worlds[0]].starts_on


def like_the_met(study: Study) -> bool:
    """Whether the study is of a force of the size that the published figures are of."""
    plan, number = plan_of(study), evidence().numbers.get("workforce.people")
    opens = plan.observation.window_from
    try:
        people = plan.value("workforce.people").at(opens)
    except KeyError:  # a pathway without people of its own
        return False
    known = number.at(plan.day(opens)).value if number else 0.0
    return known > 0 and abs(people / known - 1) <= SAME_SIZE


def stamp(study: Study, limits: str | None = None) -> str:
    """What every table and figure says: that it is illustrative, or on what it was checked; of the base's own plans if not said."""
    of_what = (
        "A force like the Met, internal conduct."
        if like_the_met(study)
        else f"{plan_of(study).title}; internal conduct."
    )
    limits = study.limits if limits is None else limits
    return f"{limits[0].upper()}{limits[1:]}. {of_what}"


# --- choosing rows ------------------------------------------------------------------------------------------


def one_row_each(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each figure: that of the computing interval where there are several intervals."""
    first = ~table["interval"].astype(str).str.startswith(COMPUTING)
    ordered = table.assign(later=first).sort_values("later", kind="stable").drop_duplicates(KEY)
    return ordered.sort_index().drop(columns="later")


def base_rows(study: Study, *measures: str) -> pd.DataFrame:
    """The base's rows of these measures, every world, in the order of the measures and worlds asked for."""
    return rows_of(study, study.base, *measures)


def rows_of(study: Study, label: str, *measures: str) -> pd.DataFrame:
    """The rows of an arm, as `base_rows`."""
    known = _rows_by_measure(study)
    found = [known[label, measure] for measure in dict.fromkeys(measures) if (label, measure) in known]
    return pd.concat(found, ignore_index=True) if found else study.summary.iloc[:0].reset_index(drop=True)


@lru_cache(maxsize=4)
def _rows_by_measure(study: Study) -> dict[tuple[str, str], pd.DataFrame]:
    """By label and measure the rows of an arm, one for each figure, worlds in their order."""
    worlds = {name: number for number, name in enumerate(study.worlds)}
    rows = one_row_each(study.summary)
    rows = rows.iloc[np.argsort(rows["world"].map(worlds).to_numpy(), kind="stable")]
    return {
        (str(label), str(measure)): mine for (label, measure), mine in rows.groupby(["scenario", "measure"], sort=False)
    }


def pick(
    table: pd.DataFrame, *, counted: str = "", basis: str = "", group: str | None = None, period: str = ""
) -> pd.DataFrame:
    """The rows that agree with everything said."""
    chosen = np.ones(len(table), np.bool_)
    for column, value in (("counted", counted), ("basis", basis), ("period", period)):
        if value:
            chosen &= (table[column] == value).to_numpy()
    if group is not None:
        chosen &= (table["group"].fillna("") == group).to_numpy()
    return table[chosen].reset_index(drop=True)


def with_part(table: pd.DataFrame, part: str) -> pd.DataFrame:
    """The rows grouped by a part, ``breach`` or ``team``, whose level becomes a column of that name."""
    parts, levels = part_and_level(table)
    mine = parts == part
    return table[mine].assign(**{part: levels[mine]}).reset_index(drop=True)


def part_and_level(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """``owner`` and ``IOPC`` of the group ``owner=IOPC``, row by row; both empty for all."""
    groups = [group.partition("=") for group in table["group"].fillna("").astype(str)]
    parts = pd.Series([part for part, _, _ in groups], index=table.index, dtype=object)
    return parts, pd.Series([level for _, _, level in groups], index=table.index, dtype=object)


def by_quarter(table: pd.DataFrame) -> pd.DataFrame:
    """Stocks in the order of their days; `on` is the day as a date."""
    on = pd.to_datetime(table["period"], format="%Y-%m-%d")
    return table.assign(on=on).sort_values("on", kind="stable").reset_index(drop=True)


def value_of(table: pd.DataFrame, **where: str) -> float:
    """The mean of the one row that agrees; null if there is none."""
    chosen = table
    for column, value in where.items():
        chosen = chosen[chosen[column] == value]
    return float(chosen["mean"].iloc[0]) if len(chosen) else float("nan")


# --- what was published -------------------------------------------------------------------------------------


@cache
def evidence() -> Evidence:
    """The published figures, from the folders that scenarios are read from."""
    return evidence_of(search_folders(None))


def published(study: Study, key: str) -> Target | None:
    """A published figure, if the study is of a force of that size and of the days it speaks of.

    A figure of the received cohort is of one window, and a figure of a day or year must lie within what was
    observed; another window would compare what cannot be compared.
    """
    target = evidence().targets.get(key)
    if target is None or not like_the_met(study):
        return None
    plan = plan_of(study)
    seen = plan.observation
    first, after = plan.day(seen.window_from), plan.day(seen.window_to)
    if target.basis == COHORT:
        return target if (target.window_from, target.window_to) == (first, after) else None
    inside = first <= target.window_from and target.window_to <= plan.day(seen.extract_on)
    late_stock = target.basis == "at_period_end" and first <= target.window_from < plan.day(seen.extract_on)
    return target if inside or late_stock else None


@cache
def _met_by_input() -> frozenset[str]:
    return evidence().targets_met_by_input()


def role_words(target: Target) -> str:
    """Whether the figure may be fitted, and how firm it is."""
    notes = [words.ROLES[target.role]]
    if target.key in _met_by_input():
        notes.append("an input")
    if target.strength == "weak":
        notes.append("weak source")
    return ", ".join(notes)


# --- the headline -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Headline:
    """One line of the headline table."""

    label: str
    measure: str
    counted: str
    basis: str
    when: str = "window"
    """``window``, or ``last`` for the last day a stock is given for."""
    target: str = ""
    note: str = ""
    as_published: bool = False
    """Whether it is counted as the published figure is: its groups, its days, a year of them. Left out where none is published of the study."""


OBSERVED = "Mean days to finalise"
WAITS = "Of those days, waiting for the force's teams"
"""Its rows are those of `own_teams.waits`."""
HEADLINES = (
    Headline(OBSERVED, "mean_days_to_finalise", "allegation", COHORT, target="mean_days"),
    Headline("Allegations that mean is of", "allegations_finalised", "allegation", COHORT),
    Headline(WAITS, "days_in_waiting_for_own_staff", "allegation", COHORT),
    Headline(
        "Mean days, cases without IOPC involvement",
        "mean_days_to_finalise_without_iopc_involvement",
        "case",
        COHORT,
        target="mean_days_without_iopc_involvement",
    ),
    Headline("Median days to finalise", "median_days_to_finalise", "allegation", COHORT),
    Headline("Finalised within a year", "share_within_1_year", "allegation", COHORT, target="share_within_1_year"),
    Headline("Took over two years", "share_over_2_years", "allegation", COHORT, target="share_over_2_years"),
    Headline("Still open at the extract date", "share_still_open_at_extract", "allegation", "received_in_period"),
    Headline("True mean days, to 4 years", "mean_days_to_finalise", "allegation", "survival", note="open ones counted"),
    Headline("Case to answer", "case_to_answer_rate", "allegation", COHORT, target="case_to_answer"),
    Headline("No case to answer", "no_case_to_answer_rate", "allegation", COHORT, target="no_case_to_answer"),
    Headline(
        "Dismissals a year, complaints included",
        "dismissals",
        "subject",
        "in_period",
        target="dismissals_a_year",
        as_published=True,
    ),
    Headline("Dismissals, internal cases, last full year", "dismissals", "subject", "in_period", "year"),
    Headline("Dismissals, internal cases, whole window", "dismissals", "subject", "in_period"),
    Headline(
        "People dismissed, of those named",
        "dismissal_rate_per_person",
        "person",
        "received_in_period",
        target="dismissal_rate",
    ),
    Headline("Cases open", "cases_open", "case", "at_period_end", "last"),
)

HEADLINE_COLUMNS = (
    "label",
    *("world", "measure", "counted", "basis", "group", "period", "unit"),
    *("mean", "low", "high", "interval", "replications"),
    *("published", "published_low", "published_high", "published_from", "published_to", "role"),
    "never_settles",
)
"""The last: queues of the base that grow without end in that world. A mean of days there says how long the run was."""


def headline_table(study: Study) -> pd.DataFrame:
    """The base's headline figures, a row for each figure and world, with the published one beside it.

    Figures the study does not have are left out.
    """
    return _headline(study).copy()


@lru_cache(maxsize=4)
def _headline(study: Study) -> pd.DataFrame:
    from sim.report.own_teams import waits  # here, since they read tables
    from sim.report.queues import names_by_world

    growing = names_by_world(study, study.base)
    rows: list[pd.DataFrame] = []
    for line in HEADLINES:
        target = published(study, line.target)
        if line.as_published:
            mine = as_published(study, target) if target else study.summary.iloc[:0]
        elif line.label == WAITS:
            mine = waits(study)
            mine = one_row_each(mine[mine["scenario"] == study.base])
        else:
            mine = pick(base_rows(study, line.measure), counted=line.counted, basis=line.basis, group="")
            mine = mine[mine["period"] == _period(study, line.when, mine["period"])]
        rows.append(
            mine.assign(
                label=line.label,
                published=target.value if target else float("nan"),
                published_low=target.low if target else float("nan"),
                published_high=target.high if target else float("nan"),
                published_from=target.window_from.isoformat() if target else "",
                published_to=(target.window_to - timedelta(days=1)).isoformat() if target else "",
                role=role_words(target) if target else "",
                never_settles=[growing.get(str(world), "") for world in mine["world"]],
            )
        )
    return pd.concat(rows, ignore_index=True)[list(HEADLINE_COLUMNS)]


def as_published(study: Study, target: Target) -> pd.DataFrame:
    """The base's answer to a published figure by that figure's own definition, a row of `SUMMARY` for each world; none where it cannot be read."""
    days = f"{target.window_from.isoformat()}/{(target.window_to - timedelta(days=1)).isoformat()}"
    groups = " + ".join(group or "internal" for group in (target.group, *target.and_groups))
    name = pd.DataFrame(
        [(target.measure, target.counted, target.basis, groups if target.and_groups else target.group, days)],
        columns=list(KEYS),
    )
    name["unit"] = f"{target.counted}s a year" if target.unit == "rate_per_year" else MEASURES[target.measure].unit
    read = {}
    for world in study.worlds:
        played = study.figures[study.base, world]
        found = answers(played.names, played.matrix, [target])
        if not np.isnan(found).all():
            read[study.base, world] = Figures(name, found)
    return one_row_each(summarise(read)) if read else study.summary.iloc[:0]


def _period(study: Study, when: str, periods: Iterable[str]) -> str:
    """The period a headline is of: the window, the last full year in it, or the last day of a stock."""
    if when == "window":
        return window_label(study)
    form = r"\d{4}-\d{2}" if when == "year" else r"\d{4}-\d{2}-\d{2}"
    return max((period for period in periods if re.fullmatch(form, period)), default="")


# --- what was changed ---------------------------------------------------------------------------------------


def arm_of(study: Study, label: str) -> Arm:
    """The arm of a label, in the first world it was run in."""
    return next(arm for arm in study.arms if arm.label == label)


def is_opposite(study: Study, label: str) -> bool:
    """Whether an arm does the opposite of an assumed effect."""
    return arm_of(study, label).opposite


def headers_of(study: Study, label: str) -> list[Overlay]:
    """What the files of an arm's reforms say of themselves."""
    names = [Path(reform).stem for reform in arm_of(study, label).reforms]
    return [study.headers[name] for name in names if name in study.headers]


def arm_title(study: Study, label: str) -> str:
    """What an arm is called in its file, or its label."""
    titles = [header.title for header in headers_of(study, label)]
    sheet = arm_of(study, label).staffing
    titles += [f"the sheet {Path(sheet).name}"] if sheet and titles else []
    titles += [written(path, value) for path, value in arm_of(study, label).own]
    title = " + ".join(titles) or words.sentence(label)
    return f"Opposite of: {title}" if is_opposite(study, label) else title


def changes_investigators(study: Study, label: str) -> bool:
    """Whether an arm changes how many investigators there are, and nothing else."""
    if arm_of(study, label).staffing:
        return True
    keys = [key for header in headers_of(study, label) for point in header.points for key in point.changes]
    keys += [key.partition("@")[0] for key, _ in arm_of(study, label).own]
    return not is_opposite(study, label) and bool(keys) and all(key.endswith(".investigators") for key in keys)


def differences(study: Study, measure: str, *, counted: str, basis: str, period: str = "") -> pd.DataFrame:
    """Other minus base for one measure without a group, with what it follows from; arms and worlds in order."""
    table = study.differences
    if table.empty:
        return table.assign(follows_from=[])
    rows = one_row_each(table[table["measure"] == measure])
    rows = pick(rows, counted=counted, basis=basis, group="", period=period or window_label(study))
    arms = {arm: number for number, arm in enumerate(ordered_arms(study))}
    worlds = {world: number for number, world in enumerate(study.worlds)}
    rows = rows.assign(
        follows_from=[study.follows_from(label) for label in rows["scenario"]],
        a=rows["scenario"].map(arms),
        w=rows["world"].map(worlds),
    )
    return rows.sort_values(["a", "w"], kind="stable").drop(columns=["a", "w"]).reset_index(drop=True)


def last_differences(study: Study, measure: str, *, counted: str) -> pd.DataFrame:
    """Other minus base of a stock without a group on the last day it is given for, a row for each arm and world."""
    table = study.differences
    if table.empty:
        return table
    rows = pick(one_row_each(table[table["measure"] == measure]), counted=counted, group="")
    last = rows.sort_values("period", kind="stable").drop_duplicates(["scenario", "world"], keep="last")
    return last.sort_index().reset_index(drop=True)


def ordered_arms(study: Study) -> list[str]:
    """Labels other than the base, an opposite run straight after what it is the opposite of."""
    others = [label for label in study.labels if label != study.base]
    placed = [label for label in others if not is_opposite(study, label)]
    for label in (label for label in others if is_opposite(study, label)):
        laid = _laid(arm_of(study, label))
        same = [number for number, other in enumerate(placed) if _laid(arm_of(study, other)) == laid]
        placed.insert(same[-1] + 1 if same else len(placed), label)
    return placed


def _laid(arm: Arm) -> tuple[object, ...]:
    """What is laid over the base."""
    return arm.reforms, arm.staffing, arm.own


def direction(mean: float, low: float, high: float) -> int:
    """1 or -1 where the interval leaves zero out, else 0; of a single replication, the sign."""
    if isnan(mean):
        return 0
    if not (isnan(low) or isnan(high)) and low <= 0 <= high:
        return 0
    return (mean > 0) - (mean < 0)


def depends_on_the_world(rows: pd.DataFrame) -> bool:
    """Whether worlds disagree about the direction of a difference, nothing being a direction too."""
    ways = {direction(m, lo, hi) for m, lo, hi in zip(rows["mean"], rows["low"], rows["high"], strict=True)}
    return len(ways) > 1


# --- queues -------------------------------------------------------------------------------------------------

SLOTS_NEARLY_ALL_IN_USE = 0.90


# --- numbers as text ----------------------------------------------------------------------------------------


def number(value: float, unit: str, *, sign: bool = False) -> str:
    """A number as people write it: days and thousands without, shares with one decimal, as a percentage."""
    if isnan(value):
        return "-"
    plus = "+" if sign else ""
    if unit == "thousand":
        return _no_minus_zero(f"{value:{plus},.0f}")
    if unit == "fraction":
        text = f"{100 * value:{plus}.1f}"
        return _no_minus_zero(text) + ("" if sign else "%")
    if unit == "days" and (sign or abs(value) < 10):
        return _no_minus_zero(f"{value:{plus},.1f}")
    return _no_minus_zero(f"{value:{plus},.0f}" if not sign else f"{value:+,.1f}")


def _no_minus_zero(text: str) -> str:
    return text[1:] if text[:1] in "+-" and not float(text.replace(",", "")) else text


def between(low: float, high: float, unit: str, *, sign: bool = False) -> str:
    """A range as text, without what can not be unless it is one of changes (`sign`); empty without one."""
    if isnan(low) or isnan(high):
        return ""
    if not sign:
        low, high = possible(low, unit), possible(high, unit)
    low_text, high_text = number(low, unit, sign=sign), number(high, unit, sign=sign)
    return f"{low_text.removesuffix('%') if unit == 'fraction' else low_text}..{high_text}"


def possible(end: float, unit: str) -> float:
    """An end of an interval of a level: none is below zero, and no share above one."""
    return min(max(end, 0.0), 1.0) if unit == "fraction" else max(end, 0.0)

"""What do the levers change, how sure is that, and which missing number is worth collecting next? The page of ignorance, from a study with an ensemble."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from sim.calibration import value
from sim.experiment.nested import COMPUTING_LABEL, EVERY_WORLD, IGNORANCE_LABEL, LEAST_MEMBERS
from sim.experiment.study import Played, Study
from sim.experiment.tables import write_csv
from sim.report import counted, nested, tables, words
from sim.report.nested import SHOWN, Shown, one_of, rows_of, verdict, worlds_of
from sim.report.style import save
from sim.report.tables import COHORT

LEVERS = (
    "more_psu_investigators",
    "more_dps_investigators",
    "psu_training",
    "caseload_cap",
    "one_pool_of_local_units",
    "more_decision_makers",
    "fewer_returned_files",
    "early_triage",
    "hearing_capacity",
    "presumption_of_dismissal_sooner",
)
"""Staffing, training and regulation: what the page is about."""
FIRST, SECOND = LEVERS[:2]
"""The choice of which the page says what knowing would gain."""
TRUE_DAYS = "survival"
BASES = (COHORT, TRUE_DAYS)
NAMES = {COHORT: "observed mean days", TRUE_DAYS: "true mean days"}
VERDICTS = ("scenario", "figure", "verdict", "settled_by", "share_of_ignorance", "noise_floor")


def write(study: Study, members: int, page: Path, folder: Path) -> list[Path]:
    """The page, and beside it in a folder its tables and its figure.

    Args:
        study: of `LEVERS`, or some of them, with an ensemble.
        members: how many of it were asked for; fewer are played where one is drawn twice.
        page: the Markdown file.
        folder: for the tables; made if it is not there.

    Returns:
        what was written.
    """
    played = study.played
    assert played is not None, "a study with an ensemble"
    folder.mkdir(parents=True, exist_ok=True)
    values = value.value_table(played, study.base, list(BASES))
    shares = value.sensitivity_table(played, study.base, [days_told(played, study.base)])
    days = days_told(played, study.base)
    choice = value.choice_table(played, study.base, days, FIRST, SECOND) if _both(played) else None
    worth = worth_collecting(values, choice, days)
    told = verdicts(study, played, values)
    frames = {
        "intervals": study.labelled(
            pd.concat(
                [rows_of(played.intervals, one, label, base) for one in SHOWN for label, base in _pairs(study, played)],
                ignore_index=True,
            )
        ),
        "verdicts": told,
        "value": values,
        "worth_collecting": worth,
        "sensitivity": shares,
        "grades": grades(played),
    }
    spans = counted.family_spans(played, study.base)
    if len(spans):
        frames["unallocated"] = spans
    if choice is not None:
        frames["choice"] = choice
    written = []
    for name, frame in frames.items():
        write_csv(frame, folder / f"{name}.csv")
        written.append(folder / f"{name}.csv")
    shown = nested.shown_intervals(study)
    written += save(nested.draw_intervals(study, shown), folder / "intervals")
    text = "\n".join(_page(study, members, played, told, values, shares, choice, worth, spans, _link(page, folder)))
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(text + "\n", encoding="utf-8", newline="\n")
    return [*written, page]


def days_told(played: Played, base: str) -> str:
    """The basis of the mean days that what could be learnt is valued by: the true ones, or the observed ones where nobody was watched long enough."""
    known = [value.effects(played, label, base, TRUE_DAYS) for label in played.figures if label != base]
    return COHORT if any(bool(np.isnan(one).any()) for one in known) else TRUE_DAYS


def _both(played: Played) -> bool:
    return {FIRST, SECOND} <= set(played.figures)


def _pairs(study: Study, played: Played) -> list[tuple[str, str]]:
    return [(label, "" if label == study.base else study.base) for label in played.figures]


def _link(page: Path, folder: Path) -> str:
    """The folder as the page links to it."""
    here, there = page.parent.resolve(), folder.resolve()
    common = next(above for above in (here, *here.parents) if there.is_relative_to(above))
    up = "../" * len(here.relative_to(common).parts)
    return f"{up}{there.relative_to(common).as_posix()}"


# --- tables -----------------------------------------------------------------------------------------------------------


def verdicts(study: Study, played: Played, values: pd.DataFrame) -> pd.DataFrame:
    """`VERDICTS`: of each lever and each kind of mean days what may be said, and what of all that could be collected would settle most of it."""
    rows = []
    for label in played.figures:
        for shown in SHOWN if label != study.base else ():
            found = rows_of(played.intervals, shown, label, study.base)
            mine = values[
                (values["scenario"] == label) & (values["basis"] == shown.basis) & (values["kind"] == "evidence")
            ]
            best = mine[mine["above_noise"]].sort_values("share_of_ignorance", ascending=False, kind="stable").head(1)
            told = best.iloc[0] if len(best) else None
            rows.append(
                (
                    label,
                    shown.heading,
                    verdict(found, shown, worlds_of(played)),
                    told["name"] if told is not None else "",
                    told["share_of_ignorance"] if told is not None else float("nan"),
                    told["noise_floor"] if told is not None else float("nan"),
                )
            )
    return pd.DataFrame(rows, columns=list(VERDICTS))


def worth_collecting(values: pd.DataFrame, choice: pd.DataFrame | None, days: str) -> pd.DataFrame:
    """What could be collected, the most worthwhile first: by the gain in days of knowing it before choosing, then by the share of ignorance over all levers.

    The share over levers is of the mean days on the basis `days`, weighted by how much variance each lever's ignorance has; what is not above its noise counts nothing.
    """
    mine = values[(values["kind"] == "evidence") & (values["basis"] == days)].copy()
    mine["variance"] = mine["ignorance_sd"] ** 2
    mine["taken"] = mine["share_of_ignorance"].where(mine["above_noise"], 0.0) * mine["variance"]
    summed = mine.groupby(["name", "what"], sort=False)[["taken", "variance"]].sum().reset_index()
    summed["share_of_ignorance"] = summed["taken"] / summed["variance"].where(summed["variance"] > 0)
    table = summed[["name", "what", "share_of_ignorance"]]
    if choice is not None:
        table = table.merge(
            choice[["name", "gain_days", "low", "high", "noise_floor", "above_noise"]], on="name", how="left"
        )
        table = table.assign(
            counted=table["gain_days"].where(table["above_noise"].fillna(value=False).astype(bool), 0.0)
        )
        table = table.sort_values(["counted", "share_of_ignorance"], ascending=False, kind="stable").drop(
            columns="counted"
        )
    else:
        table = table.sort_values("share_of_ignorance", ascending=False, kind="stable")
    return table.assign(rank=range(1, len(table) + 1)).reset_index(drop=True)


def grades(played: Played) -> pd.DataFrame:
    """The share of the ignorance that rests on assumed numbers, by scenario and kind of mean days, and how many numbers of each grade differ."""
    rows = [(label, figure, share) for (label, figure), share in played.share_assumed.items()]
    table = pd.DataFrame(rows, columns=["scenario", "figure", "share_of_ignorance_on_assumed_numbers"])
    counts = pd.Series(list(played.grades.values()), dtype=object).value_counts()
    return table.assign(
        **{f"numbers_{grade}": int(counts.get(grade, 0)) for grade in ("published", "derived", "elicited", "assumed")}
    )


# --- the page ---------------------------------------------------------------------------------------------------------


def _page(
    study: Study,
    members: int,
    played: Played,
    told: pd.DataFrame,
    values: pd.DataFrame,
    shares: pd.DataFrame,
    choice: pd.DataFrame | None,
    worth: pd.DataFrame,
    spans: pd.DataFrame,
    link: str,
) -> Iterator[str]:
    yield "# What is not known, and what would settle it\n"
    command = (
        f"misconduct ignorance {study.base} --members {members} --replications {study.replications} --seed {study.seed}"
    )
    yield f"Made by `{command}`: {nested.heading(study, played)}, scenario `{study.base}`, cases received {tables.window_words(study)}.\n"
    yield f"**{tables.stamp(study, played.limits)}**\n"
    if played.provisional:
        yield "**The ensemble is provisional: its members are no calibration yet, and nothing below is a result.**\n"
    yield "Three intervals, never mixed. *Computing* (95%, of the mean): more members and replications shrink it. *Chance* (80%): between which values four in five single futures of one"
    of = nested.ignorance_name(played)
    which = (
        "(80%): between which values four in five members lie"
        if of == IGNORANCE_LABEL
        else f"({of}): between which values they lie, since fewer than {LEAST_MEMBERS} of equal weight tell no four in five"
    )
    yield f"member lie; nothing shrinks it. *Ignorance* {which}, less what chance adds; only evidence shrinks it. *None seen*: members differ no"
    yield "more than their futures do. Members that the evidence cannot tell apart are not possible futures to be averaged: read the worlds before the pooled figure.\n"
    yield "Columns by world are means over the members of that family of the ensemble. They are not the worlds fitted by hand that `misconduct compare` plays by default, which have the same names.\n"
    yield f"![Three nested bars for each lever and figure]({link}/intervals.png)\n"
    yield "## The base\n"
    yield from _table(played, [(shown, study.base, "") for shown in SHOWN])
    yield "## Levers\n"
    for label in played.figures:
        if label != study.base:
            yield from _lever(study, played, label, told)
    yield "## Which missing number is worth collecting next\n"
    days = days_told(played, study.base)
    yield from _worth(worth, choice, NAMES[days])
    if len(spans):
        yield from counted.page_lines(spans, study.base, played.size, worlds_of(played))
    yield "## Which numbers it hangs on\n"
    yield from _numbers(values, shares, days)
    yield "## How much of it rests on assumption\n"
    yield from (f"{sentence}\n" for sentence in nested.rest_on_assumed(study, played))
    if study.share_assumed is not None:
        yield f"Beside what members differ in: {tables.number(study.share_assumed, 'fraction')} of the dated numbers that the base reads are assumed. Those that no member varies add nothing to the ignorance shown, so it is a lower bound.\n"
    yield "## Limits\n"
    yield "- Ignorance here is what the members differ in, and no more: a mechanism that no member has, or a number that none varies, is not in it."
    yield "- What could be collected is valued as the model shows it, counted without error in one force over the window. Real returns have errors."
    yield f"- A change is called nothing where all of its computing interval is smaller than {SHOWN[0].smallest:g} day, case or person; where the interval reaches further and holds zero it is not settled."
    yield "- Days gained are a mean over allegations; they say nothing of whether decisions are better."
    yield f"\nTables: `{link.removeprefix('../')}/*.csv`."


def _table(played: Played, lines: Sequence[tuple[Shown, str, str]]) -> Iterator[str]:
    worlds = worlds_of(played)
    yield f"| figure | mean | computing, 95% | chance, 80% | {nested.ignorance_name(played)} | {' | '.join(world or 'its world' for world in worlds)} |"
    yield "|---|--:|--:|--:|--:|" + "--:|" * len(worlds)
    for shown, label, base in lines:
        rows = rows_of(played.intervals, shown, label, base)
        pooled = one_of(rows, EVERY_WORLD, COMPUTING_LABEL)
        if pooled is None or pd.isna(pooled["mean"]):
            continue
        spans = nested.spans_of(rows, played, sign=bool(base))
        by_world = [_in_world(rows, world, sign=bool(base)) for world in worlds]
        mean = tables.number(float(pooled["mean"]), "days", sign=bool(base))
        yield f"| {shown.heading} ({shown.unit}) | {mean} | {' | '.join([*spans, *by_world])} |"
    yield ""


def _in_world(rows: pd.DataFrame, world: str, *, sign: bool) -> str:
    mean = one_of(rows, world, COMPUTING_LABEL)
    if mean is None:
        return "-"
    computing = nested.span(mean, sign=sign)
    return tables.number(float(mean["mean"]), "days", sign=sign) + (f" ({computing})" if computing != "-" else "")


def _lever(study: Study, played: Played, label: str, told: pd.DataFrame) -> Iterator[str]:
    yield f"### {tables.arm_title(study, label)} (`{label}`)\n"
    if study.follows_from(label) == "assumption":
        yield f"Follows from assumption, so its size is no finding: {' '.join(study.assumptions(label))}\n"
    yield from _table(played, [(shown, label, study.base) for shown in SHOWN])
    for _, row in told[told["scenario"] == label].iterrows():
        yield f"- *{row['figure']}*: {row['verdict']}{_settled(row)}"
    yield ""


def _settled(row: pd.Series) -> str:
    if row["figure"] not in {shown.heading for shown in SHOWN if shown.basis in BASES}:
        return ""
    if not row["settled_by"]:
        return " No number looked at here would settle it: none stands out from noise with so many members."
    what = next(one.what for one in value.COLLECTABLE if one.name == row["settled_by"])
    return f" What would settle most of it: {what[:1].lower()}{what[1:]} ({tables.number(row['share_of_ignorance'], 'fraction')} of the ignorance)."


def _worth(worth: pd.DataFrame, choice: pd.DataFrame | None, days: str) -> Iterator[str]:
    if choice is None:
        yield f"Ranked by the share of the ignorance of {days} that it would take away, over all levers.\n"
    else:
        perfect = choice["perfect_gain_days"].iloc[0]
        bound = "what cannot be told" if pd.isna(perfect) else f"about {perfect:.1f} days an allegation"
        yield f"*Gain*: days an allegation ({days}) that would be saved on average by knowing it before choosing between `{FIRST}` and `{SECOND}`; knowing everything would gain {bound}; an estimate above that is noise of its own."
        yield f"*Noise*: what the same reckoning finds of nothing, 19 times in 20 at most; a gain or share below it is none. *Share*: of the ignorance of {days}, over all levers, that it would take away.\n"
    yield "| | what to collect | gain, days an allegation | 95% | noise | share of ignorance |"
    yield "|--:|---|--:|--:|--:|--:|"
    for _, row in worth.iterrows():
        gains = ["-", "-", "-"]
        if choice is not None and pd.notna(row["gain_days"]):
            gains = [f"{row['gain_days']:.2f}", f"{row['low']:.2f}..{row['high']:.2f}", f"{row['noise_floor']:.2f}"]
        share = "-" if pd.isna(row["share_of_ignorance"]) else tables.number(row["share_of_ignorance"], "fraction")
        yield f"| {row['rank']} | {row['what']} | {' | '.join(gains)} | {share} |"
    yield ""
    if choice is not None:
        yield f"{_alike(worth)}\n"


def _alike(worth: pd.DataFrame) -> str:
    """Which of the ranks are no more than chance apart."""
    counted = worth[worth["above_noise"].fillna(value=False).astype(bool)]
    if counted.empty:
        return "None of them gains more than noise with so many members."
    first = counted.iloc[0]
    others = [str(row["rank"]) for _, row in counted.iloc[1:].iterrows() if row["high"] >= first["gain_days"]]
    if not others:
        return "The first gains more than any other."
    return f"The order is no finding where intervals overlap: the first is not told apart from {'rank' if len(others) == 1 else 'ranks'} {words.listed(others)}."


MOST_NUMBERS = 5


def _numbers(values: pd.DataFrame, shares: pd.DataFrame, days: str) -> Iterator[str]:
    yield f"Of the ignorance of each lever's change in {NAMES[days]}: the share that lies between worlds, and the numbers with the largest first-order shares above their noise"
    yield "(RBD-FAST from given data; in brackets the total share by a random forest). Numbers calibrated together go together, so shares need not add up.\n"
    yield "| lever | ignorance, sd in days | between worlds | numbers |"
    yield "|---|--:|--:|---|"
    for label in dict.fromkeys(values["scenario"]):
        mine = values[(values["scenario"] == label) & (values["basis"] == days)]
        world = mine[mine["kind"] == "world"]
        between = "-" if world.empty or pd.isna(world["share_of_ignorance"].iloc[0]) else _share(world.iloc[0])
        first = shares[(shares["scenario"] == label) & (shares["basis"] == days)]
        first = first[first["first_order"] > first["noise_floor"]].sort_values(
            "first_order", ascending=False, kind="stable"
        )
        named = [
            f"`{row['number']}` {tables.number(row['first_order'], 'fraction')} ({tables.number(row['total'], 'fraction')}, {row['grade']})"
            for _, row in first.head(MOST_NUMBERS).iterrows()
        ]
        deviation = float(mine["ignorance_sd"].iloc[0]) if len(mine) else float("nan")
        yield f"| `{label}` | {'none seen' if deviation == 0 else tables.number(deviation, 'days')} | {between} | {', '.join(named) or 'none above noise'} |"
    yield ""


def _share(row: pd.Series) -> str:
    return tables.number(row["share_of_ignorance"], "fraction") + ("" if row["above_noise"] else ", within noise")

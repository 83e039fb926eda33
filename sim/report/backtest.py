"""What does the back-test say? The page `docs/backtest.md` and its figure, from the tables in `results/backtest`, misses as large as hits.

``make backtest`` plays the study, writes the tables, draws the figure and writes the page.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from sim.calibration.backtest import (
    ARMS,
    HIT,
    MISS,
    NEAR,
    NOTHING,
    PUBLISHED_FALL,
    QUESTIONS,
    RATIO,
    READINGS,
    REPORTED,
    UNSCORED,
    VERDICTS,
    play_backtest,
    play_switch,
    score,
)
from sim.evidence import SourceRow
from sim.report.style import (
    INK,
    PAPER,
    PUBLISHED,
    Drawn,
    beside,
    house_style,
    looks,
    rows_only,
    save,
)
from sim.report.style import page as figure_page

TABLES = ("backtest", "switch")
FIGURE = "before_and_after"
SHOWN = ("awaiting_hearing", "suspended", "dismissals_year", "dismissals_half_year", "accelerated")
HELD_OUT = "validate"
STAMP = "Illustrative, not calibrated. Nothing shown here was fitted to what it is held against."


# --- the figure -----------------------------------------------------------------------------------------------------------


def draw(table: pd.DataFrame) -> Drawn:
    """Ratios of after to before: published with its tolerance, and each world with what single futures show."""
    rows = table[(table["kind"] == RATIO) & table["key"].isin(SHOWN)]
    worlds = list(dict.fromkeys(rows["world"]))
    look = looks(worlds)
    title = "The year after September 2022 against the year before: published, and in each world told only of inflow, staffing and chairs"
    foot = [
        "Bars of worlds: 10% to 90% of single futures; open diamonds: published, with two standard deviations of chance. "
        "Crosses below: the same worlds told nothing.",
        STAMP,
    ]
    with house_style():
        figure = figure_page(3.6, title, foot, look)
        axes = figure.subplots()
        for place, key in enumerate(reversed(SHOWN)):
            here = rows[rows["key"] == key]
            first = here.iloc[0]
            spread = [[first["published"] - first["published_low"]], [first["published_high"] - first["published"]]]
            axes.errorbar(
                first["published"], place + 0.34, xerr=spread, marker="D", markersize=5.5, color=PUBLISHED, markerfacecolor=PAPER,
                elinewidth=1.1, capsize=2.5,
            )  # fmt: skip
            for number, world in enumerate(worlds):
                at = beside(place - 0.12, len(worlds) - 1 - number, len(worlds))
                mine = here[(here["world"] == world) & (here["arm"] == REPORTED)].iloc[0]
                untold = here[(here["world"] == world) & (here["arm"] == NOTHING)].iloc[0]
                one = look[world]
                reach = [[mine["model"] - mine["chance_low"]], [mine["chance_high"] - mine["model"]]]
                axes.errorbar(
                    mine["model"], at, xerr=reach, marker=one.marker, markersize=4.6, color=one.colour, elinewidth=1.0, capsize=2
                )  # fmt: skip
                axes.plot(untold["model"], place - 0.42, marker="x", markersize=4.2, color=one.colour, linestyle="none")
        labels = {one.key: one.label for one in QUESTIONS}
        axes.set_yticks(range(len(SHOWN)), [labels[key] for key in reversed(SHOWN)])
        axes.axvline(1.0, color=INK, linewidth=0.8)
        axes.set_xlim(0, None)
        axes.set_xlabel("after, as a multiple of before")
        rows_only(axes)
    said = "; ".join(
        f"{labels[key].lower()}: published {one['published'].iloc[0]:.2f}, "
        + ", ".join(f"{row['world']} {row['model']:.2f}" for _, row in one[one["arm"] == REPORTED].iterrows())
        for key in SHOWN
        for one in [rows[rows["key"] == key]]
    )
    return Drawn(figure, title, f"Ratios of after to before. {said}.")


# --- the page -------------------------------------------------------------------------------------------------------------


def page(table: pd.DataFrame, switch: pd.DataFrame, register: Mapping[str, SourceRow]) -> str:
    """The whole page, in Markdown."""
    return (
        "\n".join([*_opening(table), *_score(table), *_misses(table), *_arms(table), *_switch(switch, register)]) + "\n"
    )


def _opening(table: pd.DataFrame) -> Iterator[str]:
    replications = int(table["replications"].max())
    worlds = list(dict.fromkeys(table["world"]))
    yield "# The year after September 2022, as a back-test"
    yield ""
    yield "Made by `make backtest` from `results/backtest`; a test keeps the page equal to its tables. " + STAMP
    yield ""
    yield "**The question.** Told only what was reported of inflow, staffing and the stand-off of legally qualified chairs, does the model"
    yield "see what followed? What followed is kept back: no row of role *validate* is an input of the scenario `after_2022`, and no input was chosen by one."
    yield "Rows of other roles say where the year begins; they are shown and not counted in the score."
    yield ""
    yield f"Worlds: {', '.join(worlds)}; {replications} futures each. Fed:"
    yield ""
    for arm, what in ARMS.items():
        yield f"- *{arm}*: {what}."
    yield ""
    yield "Reported as inflow and used: the third more reports by officers and staff (`in_reports_officers_staff_growth`) and the hotline"
    yield "(`in_hotline_after`), both of role *context*. The doubling of all reports (`in_reports_2022_23`) is another measure than cases, so it is"
    yield "an arm for comparison. How many of the 130 and of the 90 did this work, and how many chairs were left, is assumed."
    yield ""
    yield "Verdicts: " + "; ".join(f"**{word}**, {what}" for word, what in VERDICTS.items()) + "."
    yield ""


def _score(table: pd.DataFrame) -> Iterator[str]:
    scored = table[(table["verdict"] != UNSCORED) & (table["role"] == HELD_OUT)]
    yield "## The score"
    yield ""
    yield "Held-out figures only."
    yield ""
    yield "| world | numbers: hit | near | miss | ratios: hit | near | miss | ratios hit that a model told nothing hits too |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    for world, mine in scored.groupby("world", sort=False):
        cells = []
        for is_ratio in (False, True):
            part = mine[(mine["kind"] == RATIO) == is_ratio]
            cells += [str(int((part["verdict"] == word).sum())) for word in (HIT, NEAR, MISS)]
        inside, hits = _also_untold(table, str(world))
        cells.append(f"{inside} of {hits}")
        yield f"| {world} | " + " | ".join(cells) + " |"
    yield ""
    told = [_also_untold(table, str(world)) for world in dict.fromkeys(scored["world"])]
    inside, hits = (sum(counts) for counts in zip(*told, strict=True))
    if hits and inside == hits:
        yield "**Every ratio that was hit is hit as well by a model that was told nothing: none of these hits says that inflow, staffing or chairs made the change.**"
        yield ""
    yield f"![Ratios of after and before](../results/backtest/figures/{FIGURE}.png)"
    yield ""
    yield "Model: mean, computing interval (95%) in brackets, then 10% to 90% of single futures. Published: with two standard deviations of chance."
    yield ""
    yield "| what | when | published | role | world | model | single futures | model over published | verdict |"
    yield "|---|---|--:|---|---|--:|--:|--:|---|"
    for _, row in table[table["arm"] == REPORTED].iterrows():
        what = f"{row['label']}, ratio" if row["kind"] == RATIO else row["label"]
        bold = "**" if row["verdict"] in (HIT, MISS) else ""
        yield (
            f"| {what} | {row['when']} | {_number(row['published'], row)} ({_number(row['published_low'], row)} to "
            f"{_number(row['published_high'], row)}) | {row['role']} | {row['world']} | {_number(row['model'], row)} ({_number(row['low'], row)} to "
            f"{_number(row['high'], row)}) | {_number(row['chance_low'], row)} to {_number(row['chance_high'], row)} | "
            f"{row['times_published']:.2f} | {bold}{row['verdict']}{bold} |"
        )
    yield ""


def _also_untold(table: pd.DataFrame, world: str) -> tuple[int, int]:
    """Of the ratios hit in a world, how many lie within the tolerance where nothing was fed too, and how many there are."""
    mine = table[(table["world"] == world) & (table["kind"] == RATIO)]
    hits = mine[(mine["arm"] == REPORTED) & (mine["verdict"] == HIT)]["key"]
    untold = mine[(mine["arm"] == NOTHING) & mine["key"].isin(hits)]
    inside = (untold["model"] >= untold["published_low"]) & (untold["model"] <= untold["published_high"])
    return int(inside.sum()), len(hits)


def _number(value: float, row: pd.Series) -> str:
    if math.isnan(value):
        return "unknown"
    return f"{value:,.2f}" if row["unit"] in ("ratio", "share", "a thousand") else f"{value:,.0f}"


def _misses(table: pd.DataFrame) -> Iterator[str]:
    yield "## What was missed, and what it suggests"
    yield ""
    for one in QUESTIONS:
        mine = table[(table["key"] == one.key) & (table["arm"] == REPORTED)]
        missed = mine[mine["verdict"].isin([MISS, NEAR])]
        if missed.empty:
            continue
        parts = []
        for (_, kind), rows in missed.groupby(["when", "kind"], sort=False):
            first = rows.iloc[0]
            models = [_number(value, first) for value in rows["model"]]
            span = (
                models[0]
                if len(set(models)) == 1
                else f"{models[0]} to {models[-1]}"
                if len(models) == 2
                else ", ".join(models)
            )
            word = "ratio " if kind == RATIO else ""
            parts.append(
                f"{word}{_number(first['published'], first)} published, {span} in the model ({first['when']}; {_worlds(rows)})"
            )
        yield f"- **{one.label}**: {'; '.join(parts)}. {' '.join(one.suggests.split())}"
    yield ""
    yield "None of this is repaired here: a number chosen so that a held-out figure is met would no longer be held out."
    yield ""


def _worlds(rows: pd.DataFrame) -> str:
    return ", ".join(dict.fromkeys(f"{row['world']} {row['verdict']}" for _, row in rows.iterrows()))


def _arms(table: pd.DataFrame) -> Iterator[str]:
    yield "## How much the feed matters"
    yield ""
    yield "Ratios of after and before by what the model was told, mean over the worlds' futures. Where the columns are alike, meeting the"
    yield "published ratio says nothing about the feed, and missing it says nothing against it."
    yield ""
    yield "| what | published | " + " | ".join(ARMS) + " |"
    yield "|---|--:|" + "--:|" * len(ARMS)
    for one in QUESTIONS:
        mine = table[(table["key"] == one.key) & (table["kind"] == RATIO)]
        if mine.empty:
            continue
        means = [mine[mine["arm"] == arm]["model"].mean() for arm in ARMS]
        note = f" ({one.unscored})" if one.unscored else ""
        yield (
            f"| {one.label}{note} | {mine['published'].iloc[0]:.2f} | "
            + " | ".join(f"{value:.2f}" for value in means)
            + " |"
        )
    yield ""


def _switch(switch: pd.DataFrame, register: Mapping[str, SourceRow]) -> Iterator[str]:
    low, high = PUBLISHED_FALL
    lawyers, police = register["hrg_sherman_lqc"].value, register["hrg_sherman_co"].value
    yield "## The switch to legally qualified chairs, 2016"
    yield ""
    yield f"**Published.** In the force the share dismissed at standard hearings fell by {low:g} to {high:g} points between {police:g} hearings before"
    yield f"chief officers and {lawyers:g} before legally qualified chairs (`hrg_dismiss_co`, `hrg_dismiss_lqc`, `N071`); nationally no fall was found"
    yield "(`N074`). A difference before and after is not an effect of chairs: the mix of cases, other rules and who had left before changed too. **In this"
    yield "model the effect of a chair is an input. Whatever is shown below is that number, or another put in with it, given back; it finds nothing out"
    yield "about chairs.** A reading in which chairs everywhere have the effect would also need a national fall, so it must be local to the force,"
    yield "or the fall must have another reason."
    yield ""
    for name, (what, _, _) in READINGS.items():
        yield f"- *{name}*: {' '.join(what.split())}."
    yield ""
    yield "Points by which the share dismissed before legally qualified chairs lies below that before police chairs (below zero: above it)."
    yield ""
    yield "| reading | world | 22 months either side of July 2016 | single futures | heard by police chairs | by legally qualified ones | all nine years (95%, computing) | verdict |"
    yield "|---|---|--:|--:|--:|--:|--:|---|"
    for _, row in switch.iterrows():
        yield (
            f"| {row['reading']} | {row['world']} | {row['fall']:+.1f} ({row['low']:+.0f} to {row['high']:+.0f}) | {row['chance_low']:+.0f} to {row['chance_high']:+.0f} | "
            f"{row['heard_by_police']:.0f} | {row['heard_by_legally_qualified']:.0f} | {row['all_years_fall']:+.1f} ({row['all_years_low']:+.1f} to "
            f"{row['all_years_high']:+.1f}) | {row['verdict']} |"
        )
    yield ""
    most = switch["heard_by_legally_qualified"].max()
    if lawyers is not None and most < lawyers / 2:
        yield f"**A miss that is not about outcomes.** In those 22 months at most {most:.0f} officers are heard by a legally qualified chair in the model,"
        yield f"against {lawyers:g} hearings published. The model reads the rule of 2016 at the day a case was received, and its cases come to a hearing"
        yield "long after: either the rule looked at a later day (as that of the referral) or cases that were heard came sooner. With so few, the 22 months"
        yield "say next to nothing about outcomes; the nine years do."
        yield ""
    effects = switch.groupby("reading", sort=False)["all_years_fall"].mean()
    yield "Over the nine years: " + "; ".join(f"{name} {value:+.1f} points" for name, value in effects.items()) + "."
    yield "Where readings without an effect of chairs come as near the published fall as one with it, what was published cannot tell them apart."


# --- the command ----------------------------------------------------------------------------------------------------------


def write_page(results: Path, docs: Path, register: Mapping[str, SourceRow]) -> None:
    """The page from the tables of a folder."""
    backtest, switch = (pd.read_csv(results / f"{name}.csv") for name in TABLES)
    (docs / "backtest.md").write_text(page(backtest, switch, register), encoding="utf-8", newline="\n")


def main(results: Path, docs: Path, replications: int) -> None:
    """Play both studies and write tables, figure and page."""
    played, register = play_backtest(replications=replications)
    (results / "figures").mkdir(parents=True, exist_ok=True)
    score(played, register).to_csv(results / "backtest.csv", index=False, float_format="%.10g", lineterminator="\n")
    play_switch(replications=replications).to_csv(
        results / "switch.csv", index=False, float_format="%.10g", lineterminator="\n"
    )
    save(draw(pd.read_csv(results / "backtest.csv")), results / "figures" / FIGURE)
    write_page(results, docs, register)


if __name__ == "__main__":
    main(Path("results/backtest"), Path("docs"), int(sys.argv[1]) if len(sys.argv) > 1 else 10)

"""Why believe it? The page of validation and its two figures, from the tables of a check and nothing else.

``python -m sim.report.validation results/check docs/validation.md`` writes the page of a kept check again.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

from sim.calibration.score import (
    CALIBRATE,
    CONFLICT,
    INSIDE,
    INSIDE_WITHIN,
    NEAR_WITHIN,
    NEEDED,
    NOT_TOLD,
    OUTSIDE,
    VALIDATE,
)
from sim.calibration.shared import DENOMINATOR, HELD_BACK_FROM, OVERLAP
from sim.experiment.standing import CALIBRATED
from sim.experiment.study import LIMITS
from sim.report import words
from sim.report.style import FAINT, INK, PAPER, PUBLISHED, SOFT, Drawn, house_style, looks, page, rule, save

FIGURES = ("durations", "distances")
FARTHEST = 8.0
"""Standard deviations the figure of distances goes to; what is farther stands at its edge."""

POINTS: Mapping[str, tuple[int, bool]] = {
    "share_within_1_year": (365, False),
    "share_over_2_years": (730, True),
    "share_over_4_years": (1461, True),
}
"""Published points of the duration distribution: at how many days, and whether the share is of those that took longer."""

SUGGESTS: Mapping[tuple[str, str], str] = {
    ("mean_days_without_iopc", "below"): "cases of the IOPC take too much of the mean, or too many count as involved",
    (
        "dismissal_rate",
        "below",
    ): "more people are dismissed by routes or in years that the model has too little of, or the published share counts other exits",
    (
        "dismissal_rate_more_than_one_case_report",
        "above",
    ): "the printed 13 of 1,809 cannot be squared with the other figures of dismissal",
    (
        "dismissal_rate_three_or_more_cases_foi",
        "below",
    ): "the later answer counts dismissals by other routes, or after the window",
    (
        "dismissal_share_lqc",
        "above",
    ): "the assumed effect of chairs is too small, or their hearings begin too late in the model",
    (
        "dismissal_share_lqc",
        "below",
    ): "hardly any hearing of 2016 has such a chair in the model: whom the change of 2016 caught is read too narrowly",
    ("regulation_13_resignations", "below"): "the rise of 2021-22 has no cause among the inputs; none was published",
    ("regulation_13_resignations", "above"): "the rate of these matters is held back too evenly",
    (
        "meeting_share",
        "above",
    ): "too few matters are assessed as gross, or national proceedings are of graver matters: the filter of dates, and this force against all",
    ("accelerated_share", "below"): "the path of accelerated hearings is used too little from 2021 on",
    ("accelerated", "below"): "the push of November 2021 and of 2022 for accelerated hearings is not among the inputs",
    (
        "dismissals",
        "below",
    ): "gross misconduct reached hearings faster after September 2022 than inflow and staff alone explain: something else changed that no input tells of",
    ("removals", "below"): "removals of 2023 include routes that grew, vetting among them, on which no input tells",
    ("barred", "below"): "vetting removals and new priorities after 2022 are only in part in the model",
    ("growth_of_barred", "below"): "vetting removals and new priorities after 2022 are only in part in the model",
    (
        "awaiting_hearing",
        "below",
    ): "referrals rose more, or hearings fell more in the stand-off, than what was reported of either",
    (
        "growth_of_awaiting",
        "below",
    ): "referrals rose more, or hearings fell more in the stand-off, than what was reported of either",
    (
        "officers_suspended",
        "below",
    ): "suspension was a decision, not a case load: the share suspended is too low and does not rise with policy",
    (
        "growth_of_suspended",
        "below",
    ): "suspension was a decision, not a case load: the share suspended does not rise with policy",
    ("referred", "below"): "more investigations were completed after September 2022 than added staff alone explain",
    (
        "growth_of_referred",
        "below",
    ): "more investigations were completed after September 2022 than added staff alone explain",
    (
        "former_of_awaiting",
        "above",
    ): "too many former officers stay in the queue: they resign too often between referral and hearing, or are heard too late",
    (
        "days_of_local_investigations",
        "below",
    ): "public complaints are finished too fast: they then take too little of the units' time",
}
"""Beginning of a target's name, and on which side of it the model lies -> what a miss suggests. The longest beginning holds."""

NOT_KNOWN = (
    "Which of queues, waits for others and work done twice makes the days long. The worlds differ in just that, and none is refused, though they do not fit alike (docs/calibration.md has the weights, and the floor below which none was let fall).",
    "The number of investigators by year and unit, their caseload, their other duties, and how much of the work was done by borrowed officers.",
    "How long a criminal investigation holds a case, by year: only IOPC and national figures were published.",
    "The extract date and the rules of counting behind the nine years, so whether matters that never closed are in the 400 days.",
    "Which routes count as dismissal in which published figure; the two answers on people in several cases cannot both be right of one thing.",
    "Why suspensions, accelerated hearings and Regulation 13 resignations rose when they did. No cause was published that could be an input.",
    "What a legally qualified chair changed. The difference between chairs is not the effect of chairs: the cases differ too.",
)
"""What no figure read so far settles."""


# --- words ------------------------------------------------------------------------------------------------------------


def amount(value: float, unit: str) -> str:
    """A number as it is read: 62%, 400, 1.81."""
    if isnan(value):
        return "-"
    if unit == "share":
        return f"{100 * value:.1f}%"
    return f"{value:.2f}" if unit == "ratio" else f"{value:,.0f}"


def span(low: float, high: float, unit: str) -> str:
    """A range in brackets."""
    return "" if isnan(low) else f"({amount(low, unit)} to {amount(high, unit)})"


def side(row: Mapping[str, Any]) -> str:
    """On which side of the published figure the model lies; ``nowhere`` without an answer."""
    model, published = float(row["model"]), float(row["published"])
    return "nowhere" if isnan(model) else "above" if model > published else "below"


def suggests(row: Mapping[str, Any]) -> str:
    """What a miss suggests; that nobody has said so yet where nothing is known."""
    if row.get("verdict") == NOT_TOLD:
        return "more futures have to be played before it can be told"
    if side(row) == "nowhere":
        return "in no future of the model did what this is a share of happen"
    fits = [name for name, way in SUGGESTS if way == side(row) and str(row["target"]).startswith(name)]
    return SUGGESTS[max(fits, key=len), side(row)] if fits else f"the model lies {side(row)} it; no reason is known"


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table by column."""
    names = [str(name) for name in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.itertuples(index=False, name=None)]


# --- the page ---------------------------------------------------------------------------------------------------------


def read(folder: Path) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The tables of a check and its record."""
    tables = {
        name: pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values={c: [""] for c in NUMBERS})
        for name in ("check", "families", "worlds", "curve", "shared")
    }
    record: dict[str, Any] = json.loads((folder / "check.json").read_text(encoding="utf-8"))
    return tables, record


NUMBERS = ("published", "low", "high", "model", "model_low", "model_high", "ignorance", "implausibility", "mean")


def page_of(folder: Path, beside: str) -> str:
    """The page, from the tables of a check.

    Args:
        folder: where the tables of the check lie.
        beside: where its figures lie, as seen from the page.
    """
    tables, record = read(folder)
    return "\n".join(_page(tables, record, beside)) + "\n"


def _page(tables: Mapping[str, pd.DataFrame], record: Mapping[str, Any], beside: str) -> Iterator[str]:
    check, families = tables["check"], tables["families"]
    inside, of = record["calibration"]
    tested, tested_of = record["calibration_without_inputs"]
    held, held_of = record["held_out"]
    yield "# Validation"
    yield ""
    yield "<!-- Made from the tables of a check by sim/report/validation.py; edit nothing here. -->"
    yield ""
    yield (
        f"The model, held against {len(check)} published figures in {len(families)} families, on {record['checked_on']}: "
        f"scenario `{record['scenario']}` and what plays on from it, {record['members']} members of its ensemble, {record['replications']} futures of each, seed {record['seed']}."
    )
    yield ""
    passed = bool(record["passed"])
    yield f"**{'It passes' if passed else 'It does not pass'}.** Of {of} families that may be fitted {inside} are inside ({inside / max(of, 1):.0%}; {NEEDED:.0%} are needed)."
    yield f"Without those that were put in: {tested} of {tested_of} ({tested / max(tested_of, 1):.0%}); as many are needed of these alone."
    yield f"Of {held_of} that were held out {held} are inside; nothing is asked of these, they are told as they are."
    yield f"Results of these plans are stamped “{CALIBRATED if passed else LIMITS}”."
    yield ""
    for problem in record["problems"]:
        yield f"- {problem}"
    if record["problems"]:
        yield ""
    yield "## How to read it"
    yield ""
    yield (
        "*Published* stands with its tolerance: rounding, wording, sampling. *Model* is the mean over the ensemble, with the span that nine in ten of the futures "
        "played lie in. *Ignorance* is the standard deviation of the members' means: more futures do not shrink it, only evidence does. *Distance* is in standard deviations, "
        "made up of the tolerance, of how far a right model of this simplicity may lie from the truth (the discrepancy, written down with its reason in "
        "`scenarios/evidence/targets.toml` and frozen in `scenarios/calibration/frozen.toml` before the calibration; worlds were fitted by hand before), and of the computing error. "
        f"*Inside* is up to {INSIDE_WITHIN:g}, *near* up to {NEAR_WITHIN:g}, *outside* beyond. Where the computing error is more than half of the rest, or not known, *inside* is *not told*. Figures that rest on one fact are one family with one vote, that of the worst "
        "of them. An *input* was put in, or is a count of what was put in: meeting it says nothing, so a pass needs as large a share of the families that are none."
    )
    yield ""
    yield f"![All targets as distances]({beside}/distances.png)"
    yield ""
    for role, heading, told in (
        (CALIBRATE, "Calibration: what may be fitted", ""),
        (VALIDATE, "Hold-out: what was never fitted", ""),
        (CONFLICT, "Sources that disagree", "Both readings stand, and neither has a vote."),
    ):
        mine = check[check["role"] == role]
        if mine.empty:
            continue
        yield f"## {heading}"
        yield ""
        if told:
            yield told
            yield ""
        yield from _table(mine)
        yield ""
    yield from _shared(tables["shared"])
    yield "## What missed, and what that suggests"
    yield ""
    missed = check[check["verdict"] != INSIDE].sort_values("implausibility", ascending=False, kind="stable")
    for row in rows_of(missed):
        unit = str(row["unit"])
        yield (
            f"- **{row['label']}** ({words.ROLES[str(row['role'])]}): {amount(row['model'], unit)} where {amount(row['published'], unit)} was published, "
            f"{row['verdict']} at {_distance(row)}. It suggests: {suggests(row)}."
        )
    yield ""
    yield "## How long cases take"
    yield ""
    yield f"![Duration distribution]({beside}/durations.png)"
    yield ""
    yield from _by_world(tables["worlds"], check)
    yield "## What is not known"
    yield ""
    for line in NOT_KNOWN:
        yield f"- {line}"
    weak = check[check["strength"] == "weak"]
    if len(weak):
        yield f"- Whether these are right at all, each from one unreliable source: {_small(map(str, weak['label']))}."


def _shared(shared: pd.DataFrame) -> Iterator[str]:
    """Which held-out figures are not independent of those that may be fitted, and by what."""
    yield "## What the hold-out shares with the fit"
    yield ""
    if shared.empty:
        yield "No held-out figure shares days or a denominator with one that may be fitted."
        yield ""
        return
    day = f"{HELD_BACK_FROM.day} {HELD_BACK_FROM:%B %Y}"
    overlaps, below = (shared[shared["kind"] == kind] for kind in (OVERLAP, DENOMINATOR))
    if len(overlaps):
        fitted = overlaps["fitted"].nunique()
        yield f"Held out is what happened from {day} on. Figures that may be fitted and reach past that day, {fitted} in all, with the held-out figures whose days they share:"
        yield ""
        alike: dict[tuple[str, ...], list[str]] = {}
        for label, mine in overlaps.groupby("fitted_label", sort=False):
            alike.setdefault(tuple(mine["held_out_label"]), []).append(str(label))
        for held_out, labels in alike.items():
            yield f"- **{'; '.join(labels)}** ({len(held_out)} held out): {_small(held_out)}."
        yield ""
    if len(below):
        yield "Held-out ratios whose denominator may be fitted, or stands in a figure that may be: only the numerator was held out."
        yield ""
        for row in rows_of(below):
            yield f"- **{row['held_out_label']}**, divided by what is counted in *{row['fitted_label']}*."
        yield ""


def _small(labels: Iterable[str]) -> str:
    """Labels as parts of a sentence."""
    return "; ".join(f"{label[0].lower()}{label[1:]}" for label in labels)


def _distance(row: Mapping[str, Any]) -> str:
    distance = float(row["implausibility"])
    return "-" if isnan(distance) else "no end" if distance == float("inf") else f"{distance:.1f}"


def _table(mine: pd.DataFrame) -> Iterator[str]:
    yield "| figure | published | model | ignorance | distance | verdict |"
    yield "|---|---|---|---|---|---|"
    for row in rows_of(mine):
        unit = str(row["unit"])
        marks = [
            word
            for word, said in (("input", row["input"] == "yes"), ("weak source", row["strength"] == "weak"))
            if said
        ]
        verdict = f"**{row['verdict']}**" if row["verdict"] == OUTSIDE else str(row["verdict"])
        yield (
            f"| {row['label']}{f' ({words.listed(marks)})' if marks else ''} "
            f"| {amount(row['published'], unit)} {span(row['low'], row['high'], unit)} | {amount(row['model'], unit)} {span(row['model_low'], row['model_high'], unit)} "
            f"| {amount(row['ignorance'], unit)} | {_distance(row)} | {verdict} |"
        )


def _by_world(worlds: pd.DataFrame, check: pd.DataFrame) -> Iterator[str]:
    """How many figures each world is inside of: what the evidence can refuse, and what not."""
    names = list(dict.fromkeys(worlds["world"]))
    if len(names) < len(("one", "other")):
        return
    roles = check.set_index("target")["role"]
    yield "## The worlds apart"
    yield ""
    yield "| world | weight | may be fitted, inside | held out, inside |"
    yield "|---|---|---|---|"
    for name in names:
        mine = worlds[worlds["world"] == name]
        counts = []
        for role in (CALIBRATE, VALIDATE):
            of = mine[mine["target"].map(roles) == role]
            counts.append(f"{(of['verdict'] == INSIDE).sum()} of {len(of)}")
        yield f"| {name} | {float(mine['weight'].iloc[0]):.0%} | {counts[0]} | {counts[1]} |"
    yield ""


# --- figures ----------------------------------------------------------------------------------------------------------


def write(folder: Path) -> list[Path]:
    """The figures of a check beside its tables, and the page, ``check.md``."""
    tables, record = read(folder)
    figures = folder / "figures"
    figures.mkdir(exist_ok=True)
    written = save(draw_durations(tables, record), figures / FIGURES[0]) + save(
        draw_distances(tables, record), figures / FIGURES[1]
    )
    text = folder / "check.md"
    text.write_text(page_of(folder, "figures"), encoding="utf-8", newline="\n")
    return [*written, text]


def _stamp(record: Mapping[str, Any]) -> list[str]:
    limits = CALIBRATED if record["passed"] else LIMITS
    run = f"Scenario {record['scenario']}; {record['members']} members of its ensemble; {record['replications']} futures of each; seed {record['seed']}."
    return [run, f"{limits[0].upper()}{limits[1:]}."]


def draw_durations(tables: Mapping[str, pd.DataFrame], record: Mapping[str, Any]) -> Drawn:
    """The share of finalised allegations that took longer than so many days, with what was published of it."""
    curve, check = tables["curve"], {str(row["target"]): row for row in rows_of(tables["check"])}
    title = "Finalised allegations that took longer than so many days, received cohort, against its published points"
    names = [world for world in dict.fromkeys(curve["world"]) if world]
    look = looks(names)
    notes = [
        "Shaded: the lowest to the highest mean of the members. Lines: each world, and the ensemble. Diamonds: published, with tolerance."
    ]
    with house_style():
        figure = page(3.9, title, [*notes, *_stamp(record)], look, lines=True)
        axes = figure.subplots()
        everybody = curve[curve["world"] == ""].sort_values("days")
        axes.fill_between(
            everybody["days"],
            100 * (1 - everybody["high"]),
            100 * (1 - everybody["low"]),
            color=FAINT,
            alpha=0.6,
            linewidth=0,
        )
        for world in names:
            mine = curve[curve["world"] == world].sort_values("days")
            axes.plot(
                mine["days"],
                100 * (1 - mine["mean"]),
                color=look[world].colour,
                linestyle=look[world].line,
                linewidth=1.2,
            )
        axes.plot(everybody["days"], 100 * (1 - everybody["mean"]), color=INK, linewidth=1.0)
        said = []
        for key, (days, longer) in POINTS.items():
            if key not in check:
                continue
            row = check[key]
            value, low, high = (
                100 * (float(row[name]) if longer else 1 - float(row[name])) for name in ("published", "low", "high")
            )
            low, high = min(low, high), max(low, high)
            axes.errorbar(
                days, value, yerr=[[value - low], [high - value]], marker="D", markersize=5.5, color=PUBLISHED, markerfacecolor=PAPER,
                elinewidth=1.1, capsize=2.5, zorder=5,
            )  # fmt: skip
            axes.text(
                days + 30,
                value + 4,
                f"published {value:.0f}%\n({words.ROLES[str(row['role'])]})",
                size=6.8,
                color=PUBLISHED,
            )
            said.append(f"{value:.0f} per cent after {days} days")
        axes.set_xlim(0, 1800)
        axes.set_ylim(0, 100)
        axes.set_xlabel("days")
        axes.set_ylabel("per cent took longer")
        axes.grid(visible=True, axis="y")
    return Drawn(figure, title, f"A falling curve for each world; published: {'; '.join(said)}.")


def draw_distances(tables: Mapping[str, pd.DataFrame], record: Mapping[str, Any]) -> Drawn:
    """Every target as a signed distance from what was published, the members' spread as a bar."""
    check = tables["check"]
    parts = [check[check["role"] == role] for role in (CALIBRATE, VALIDATE, CONFLICT)]
    title = "How far the model lies from each published figure, in standard deviations: below it to the left, above it to the right"
    notes = [
        f"Filled: inside, up to {INSIDE_WITHIN:g}; open: farther, or not told. Beyond {FARTHEST:g} at the edge. Bars: one standard deviation of the members' means. Grey: an input.",
    ]
    height = 1.5 + 0.145 * (len(check) + 2 * sum(len(part) > 0 for part in parts))
    with house_style():
        figure = page(height, title, [*notes, *_stamp(record)])
        axes = figure.subplots()
        axes.axvspan(-INSIDE_WITHIN, INSIDE_WITHIN, color=FAINT, alpha=0.45, linewidth=0)
        rule(axes, 0.0)
        for at in (-NEAR_WITHIN, NEAR_WITHIN):
            rule(axes, at)
        labels: list[tuple[float, str]] = []
        row = 0.0
        for part, heading in zip(parts, ("May be fitted", "Held out", "Sources disagree"), strict=True):
            if part.empty:
                continue
            axes.text(-FARTHEST, row, heading, weight="bold", size=7.2, va="center")
            row += 1
            for one in rows_of(part):
                _draw_distance(axes, one, row)
                labels.append((row, words.sentence(str(one["target"]))))
                row += 1
            row += 0.5
        axes.set_yticks(
            [at for at, _ in labels],
            [label for _, label in labels],
            fontsize=5.8,
        )
        axes.set_ylim(row, -1)
        axes.set_xlim(-FARTHEST - 0.4, FARTHEST + 0.4)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("standard deviations")
    inside = int((check["verdict"] == INSIDE).sum())
    return Drawn(
        figure,
        title,
        f"One mark for each of {len(check)} published figures; {inside} lie inside {INSIDE_WITHIN:g} standard deviations.",
    )


def _draw_distance(axes: Any, one: Mapping[str, Any], row: float) -> None:
    distance = float(one["implausibility"])
    if isnan(distance):
        told = "no answer" if isnan(float(one["model"])) else "not told"
        axes.text(0.1, row, told, size=6, va="center", color=PUBLISHED)
        return
    sign = 1.0 if side(one) == "above" else -1.0
    at = sign * min(distance, FARTHEST)
    gap = abs(float(one["model"]) - float(one["published"]))
    colour = SOFT if one["input"] == "yes" else INK if one["verdict"] == INSIDE else PUBLISHED
    if 0 < distance < FARTHEST and gap > 0 and float(one["ignorance"]) > 0:
        wide = float(one["ignorance"]) * distance / gap
        axes.plot(
            [max(at - wide, -FARTHEST), min(at + wide, FARTHEST)],
            [row, row],
            color=colour,
            linewidth=1.0,
            solid_capstyle="butt",
        )
    axes.plot(
        at, row, marker="o", markersize=3.8, color=colour, markerfacecolor=colour if one["verdict"] == INSIDE else PAPER
    )


if __name__ == "__main__":
    source, target = (Path(one) for one in (sys.argv[1:] or ("results/check", "docs/validation.md")))
    shown = Path(os.path.relpath(source / "figures", target.parent)).as_posix()
    target.write_text(page_of(source, shown), encoding="utf-8", newline="\n")

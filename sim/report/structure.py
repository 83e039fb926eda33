"""What does the study of both readings say? The page `docs/structure.md`, from the table in `results/structure`.

``make structure`` plays the study, writes the table and the page.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from sim.calibration.structure import (
    CONFLICTS,
    DEPENDS,
    HEADLINES,
    LEVEL,
    LEVERS,
    RULE,
    UNTOLD,
    Conflict,
    Reading,
    overall,
    write_tables,
)
from sim.evidence import SourceRow
from sim.scenario.files import shipped_folder
from sim.scenario.load import evidence_of

TABLE = "structure.csv"


def page(table: pd.DataFrame, register: Mapping[str, SourceRow]) -> str:
    """The whole page, in Markdown."""
    parts = [*_opening(table), *_conflicts(register), *_verdicts(table), *_dependent(table), *_levers(table)]
    return "\n".join(parts) + "\n"


def _opening(table: pd.DataFrame) -> Iterator[str]:
    worlds, scenarios = (", ".join(dict.fromkeys(table[name])) for name in ("world", "scenario"))
    yield "# Structure, both ways"
    yield ""
    yield "Where the literature conflicts, the model does not choose. Each conflict is played under both readings, with the same futures, and what is"
    yield "asked is whether an **answer** differs: a headline figure, or what a staffing lever changes it by. Made by `make structure` from"
    yield "`results/structure/structure.csv`; a test keeps the two the same. Illustrative, not calibrated."
    yield ""
    yield f"Scenarios: {scenarios}; worlds: {worlds}; {int(table['replications'].max())} futures each. Levers: {'; '.join(LEVERS.values())}."
    yield ""
    yield "**The rule.** " + " ".join(f"*{word[0].upper()}{word[1:]}*: {what}." for word, what in RULE.items())
    yield "Over worlds: it depends if it does in one, and does not only if it does not in any. What is material was set beforehand:"
    yield ""
    for one in HEADLINES.values():
        size = (
            f"{one.material:.0%} of it"
            if one.relative
            else f"{one.material:g} days"
            if one.material >= 1
            else f"{100 * one.material:g} points"
        )
        yield f"- {one.label}: {size}."
    yield ""


def _conflicts(register: Mapping[str, SourceRow]) -> Iterator[str]:
    yield "## The conflicts"
    yield ""
    yield "| question | scenario | reading A | played by | reading B | played by | neither plays |"
    yield "|---|---|---|---|---|---|---|"
    for one in CONFLICTS:
        cells = [one.title, one.scenario]
        for reading in (one.a, one.b):
            cells += [_says(reading, register), _played_by(reading)]
        yield "| " + " | ".join([*cells, " ".join(one.beyond.split())]) + " |"
    yield ""
    yield "Readings of role *validate* or *conflict* set no number: sizes are assumed. That a reading fits a figure worse is not said here."
    yield ""


def _says(reading: Reading, register: Mapping[str, SourceRow]) -> str:
    rows = ", ".join(f"`{row}` ({register[row].role})" for row in reading.rows)
    return f"{reading.says}{f' {rows}' if rows else ''}"


def _played_by(reading: Reading) -> str:
    parts = [f"`{name}`" for name in reading.reforms]
    parts += [f"`{key} = {value}`" for key, value in reading.settings.items()]
    return "<br>".join(parts) or "the base"


def _verdicts(table: pd.DataFrame) -> Iterator[str]:
    yield "## Does the answer depend on it?"
    yield ""
    yield "Of nine figures, how many depend on the reading in some world, and which; then how many cannot be told with this many futures."
    yield ""
    yield "| question asked of the model | " + " | ".join(one.title for one in CONFLICTS) + " |"
    yield "|---|" + "---|" * len(CONFLICTS)
    for question in (LEVEL, *LEVERS):
        cells = [_cell(table, one, question) for one in CONFLICTS]
        yield f"| {_asked(question)} | " + " | ".join(cells) + " |"
    yield ""


def _asked(question: str) -> str:
    return "what a figure is" if question == LEVEL else f"what {LEVERS[question]} change"


def _cell(table: pd.DataFrame, one: Conflict, question: str) -> str:
    mine = table[(table["conflict"] == one.key) & (table["question"] == question)]
    verdicts = {measure: overall(set(rows["verdict"])) for measure, rows in mine.groupby("measure", sort=False)}
    depends = [HEADLINES[str(measure)].label for measure, verdict in verdicts.items() if verdict == DEPENDS]
    untold = sum(verdict == UNTOLD for verdict in verdicts.values())
    said = f"**{len(depends)}**: {', '.join(depends)}" if depends else "none"
    return f"{said}; {untold} cannot be told" if untold else said


def _dependent(table: pd.DataFrame) -> Iterator[str]:
    yield "## Where it depends"
    yield ""
    mine = table[table["verdict"] == DEPENDS]
    if mine.empty:
        yield "Nowhere, with this many futures."
        yield ""
        return
    yield "| conflict | question asked | figure | world | under A | under B | difference (95%) | the sign turns |"
    yield "|---|---|---|---|--:|--:|--:|---|"
    for _, row in mine.iterrows():
        name = str(row["measure"])
        yield (
            f"| {row['conflict']} | {_asked(str(row['question']))} | {HEADLINES[name].label} | {row['world']} | {_number(row['a'], name)} | "
            f"{_number(row['b'], name)} | {_number(row['difference'], name)} ({_number(row['low'], name)} to {_number(row['high'], name)}) | "
            f"{'yes' if row['turns'] else 'no'} |"
        )
    yield ""


def _levers(table: pd.DataFrame) -> Iterator[str]:
    yield "## What the levers change mean days by, under both readings"
    yield ""
    yield "| conflict | lever | world | under A (95%) | under B (95%) | difference (95%) | does it depend? |"
    yield "|---|---|---|--:|--:|--:|---|"
    name = "mean_days_to_finalise"
    for _, row in table[(table["measure"] == name) & (table["question"] != LEVEL)].iterrows():
        cells = [
            f"{_number(row[middle], name)} ({_number(row[low], name)} to {_number(row[high], name)})"
            for middle, low, high in (("a", "a_low", "a_high"), ("b", "b_low", "b_high"), ("difference", "low", "high"))
        ]
        yield f"| {row['conflict']} | {LEVERS[str(row['question'])]} | {row['world']} | {' | '.join(cells)} | {row['verdict']} |"
    yield ""
    yield "Which world is right matters as well, and is another question: the range over worlds stands beside every comparison."


def _number(value: float, measure: str) -> str:
    if math.isnan(value):
        return "unknown"
    return (
        f"{100 * value:.1f}%"
        if HEADLINES[measure].material < 1 and not HEADLINES[measure].relative
        else f"{value:,.1f}"
    )


def write_page(results: Path, docs: Path, register: Mapping[str, SourceRow]) -> None:
    """The page from the table of a folder."""
    table = pd.read_csv(results / TABLE)
    (docs / "structure.md").write_text(page(table, register), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_tables(Path("results/structure"), int(sys.argv[1]) if len(sys.argv) > 1 else 4)
    write_page(Path("results/structure"), Path("docs"), evidence_of((shipped_folder(),)).register)

"""How is an opening caseload read from a file, and written? A sheet of counts by stage and age, as `opening.py` plays it.

There is no place for a name, a number of a person or a remark: every cell is a whole number or a word of a list.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.evidence import Problem
from sim.pathway.misconduct import PATHWAY
from sim.scenario.build import ScenarioError
from sim.scenario.files import found, known_one, search_folders
from sim.scenario.opening import COLUMNS, LEVELS, NEEDED
from sim.scenario.sheets import Layout, Reading, check_ending, read_lines, shown, write_lines

SOURCES: Mapping[str, str] = {
    "counted": "counted by those who hold the cases",
    "synthesised": "synthesised from the model, not a count of real cases",
}
"""Where the count of a row comes from, and how it is told."""
SOURCE, SYNTHESISED = "source", "synthesised"
WORLD = "world"
TOLD_ONLY = (SOURCE, WORLD)
"""Columns that say where counts come from. No plan reads them."""
FIRST_STREAM = PATHWAY.streams[0].name
MEANINGS: Mapping[str, str] = {
    "stage": "a stage of the pathway, or one of its nodes where time passes, in which the cases stand",
    "count": "how many cases",
    "age_from_days": "days since receipt, of the youngest",
    "age_to_days": "days since receipt, of the oldest",
    "severity": "how severe they have been assessed to be; empty before the assessment",
    "criminal": "whether there is a criminal side; none if empty",
    "handled_by": "who investigates; follows from the stage if empty",
    "in_stage_days": "days they have stood there; if empty it follows from their age, or is 0 at a node",
    "stream": "where they come from; the first stream if empty",
    SOURCE: "where the count comes from; counted if empty",
    WORLD: "of a synthesised count, the world in which the model made it; empty if counted",
}
"""By column, in the order in which they are written."""


def _words() -> dict[str, tuple[str, ...]]:
    levels = {attribute.name: attribute.levels for attribute in PATHWAY.attributes}
    words = {column: tuple(levels[name]) for column, name in LEVELS.items()}
    words["stage"] = tuple(stage.name for stage in PATHWAY.stages if stage.opens_at)
    words["stream"] = tuple(stream.name for stream in PATHWAY.streams)
    return {**words, SOURCE: tuple(SOURCES)}


def _explained() -> tuple[tuple[str, str, str], ...]:
    words = _words()
    lines: list[tuple[str, str, str]] = []
    for column, meaning in MEANINGS.items():
        lines.append((column, "", meaning))
        lines += [(column, word, SOURCES.get(word, "")) for word in words.get(column, ())]
    return tuple(lines)


LAYOUT = Layout(
    sheet="opening",
    title="Opening caseload",
    columns=(*COLUMNS, *TOLD_ONLY),
    needed=NEEDED,
    # A stage may also be a node, and a list to choose from has room for 255 characters.
    words={column: words for column, words in _words().items() if column != "stage"},
    explained=_explained(),
)


@dataclass(frozen=True)
class OpeningSheet:
    """An opening caseload as read."""

    path: str
    digest: str
    """SHA-256 of the file."""
    rows: tuple[Mapping[str, str], ...]
    """By column; what is empty is left out."""
    places: tuple[str, ...] = ()
    """Where each row stands, for problems that only a plan can tell."""

    @property
    def table(self) -> list[dict[str, str]]:
        """What `opening_rows` reads: the rows without where their counts come from."""
        return [{name: cell for name, cell in row.items() if name not in TOLD_ONLY} for row in self.rows]

    @property
    def cases(self) -> int:
        return sum(int(row["count"]) for row in self.rows)

    @property
    def of_the_first_stream(self) -> int:
        """Those that tables call internal, and count without a word."""
        return sum(int(row["count"]) for row in self.rows if row.get("stream", FIRST_STREAM) == FIRST_STREAM)

    @property
    def made_in(self) -> tuple[str, ...]:
        """The worlds in which the model made rows of it; empty where all were counted, or the file does not say."""
        return tuple(dict.fromkeys(row[WORLD] for row in self.rows if WORLD in row))

    def sentence(self) -> str:
        """How many cases, how many of them internal, of which file, whether they were counted, and in which world they were made if not."""
        made = sum(int(row["count"]) for row in self.rows if row.get(SOURCE) == SYNTHESISED)
        mine = self.of_the_first_stream
        told = f"opening caseload: {self.cases:,} cases of {Path(self.path).name}"
        told += f", of which {mine:,} {FIRST_STREAM}" if mine < self.cases else ""
        if not made:
            return told
        how = SOURCES[SYNTHESISED] + (f"; world {', '.join(self.made_in)}" if self.made_in else "")
        return f"{told} ({how})" if made == self.cases else f"{told} ({made:,} {how})"


def read_opening(path: Path) -> OpeningSheet:
    """An opening caseload. Whether its words and numbers can be played only a plan can tell (`problems_at`).

    Raises:
        ScenarioError: with every problem of the file and of its columns.
    """
    sheet, problems = opening_and_problems(path, found("worlds", search_folders(None)))
    if problems:
        raise ScenarioError(problems)
    return sheet


def opening_and_problems(path: Path, worlds: Collection[str]) -> tuple[OpeningSheet, list[Problem]]:
    """An opening caseload as far as it can be read, and what is wrong with it.

    Args:
        path: the file.
        worlds: names that a row may give as the world in which it was made.
    """
    reading = Reading(path)
    rows: list[dict[str, str]] = []
    places: list[str] = []
    for place, cells in read_lines(reading, LAYOUT):
        source = cells.get(SOURCE, "")
        if source and source not in SOURCES:
            reading.wrong(f"{place}, column {SOURCE!r}", shown(source), f"one of {', '.join(SOURCES)}")
        world = cells.get(WORLD, "")
        if world and source != SYNTHESISED:
            reading.wrong(
                f"{place}, column {WORLD!r}", shown(world), "nothing: only what is synthesised was made in a world"
            )
        elif world and world not in worlds:
            reading.wrong(f"{place}, column {WORLD!r}", shown(world), known_one(world, worlds))
        rows.append({name: cell for name, cell in cells.items() if cell and name in MEANINGS})
        places.append(place)
    return OpeningSheet(str(path), reading.digest, tuple(rows), tuple(places)), reading.problems


def problems_at(sheet: OpeningSheet, problems: Sequence[Problem]) -> list[Problem]:
    """Problems of `opening_rows`, each at its cell of the file."""
    told = []
    for problem in problems:
        row, _, column = problem.key.partition(", ")
        place = sheet.places[int(row.removeprefix("row ")) - 1]
        key = f"{place}, column {column!r}" if column else place
        told.append(problem.model_copy(update={"file": sheet.path, "key": key}))
    return told


def write_opening(rows: Sequence[Mapping[str, str | int]], path: Path) -> None:
    """Write rows, by column, to a file that `read_opening` reads back equal.

    Raises:
        ScenarioError: the file cannot be written, or its ending is neither ``.csv`` nor ``.xlsx``.
    """
    check_ending(path)
    write_lines([[row.get(column) for column in LAYOUT.columns] for row in rows], LAYOUT, path)

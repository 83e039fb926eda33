"""What does a staffing sheet say? Its cells become rows of `columns.Row`, with every problem of every cell at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sim.evidence import Problem
from sim.scenario.build import ScenarioError
from sim.scenario.files import known_one
from sim.scenario.sheets import Cell, Layout, Lines, Reading, cell_text, known_word, read_lines, shown, write_lines
from sim.scenario.staffing.columns import AS_IT_IS, COLUMNS, STANDS, CellError, Row, dictionary, faults

LAYOUT = Layout(
    sheet="staffing",
    title="Staffing plan",
    columns=tuple(column.name for column in COLUMNS),
    needed=tuple(column.name for column in COLUMNS if column.required),
    words={column.name: tuple(column.words) for column in COLUMNS if column.words},
    explained=tuple(dictionary()),
)
FIELDS = {"date": "on"}
"""Columns that the fields of `Row` call something else."""


@dataclass(frozen=True)
class Sheet:
    """A staffing plan as read."""

    name: str
    """What tables call it: the file's name without its ending."""
    path: str
    digest: str
    """SHA-256 of the file."""
    rows: tuple[Row, ...]
    places: tuple[str, ...]
    """Where each row stands, for problems that only a scenario can tell."""


Elsewhere = Callable[[Mapping[str, str]], str]
"""Given the cells of a row whose team no sheet can staff: how its posts are changed instead; empty where there is no such team either."""


def read_sheet(path: Path, teams: Mapping[str, bool], elsewhere: Elsewhere = lambda _: "") -> Sheet:
    """A staffing sheet.

    Args:
        path: a file that ends in ``.csv`` or ``.xlsx``.
        teams: names of teams that can be staffed, and whether each has units that can be pooled.
        elsewhere: what to do with any other.

    Raises:
        ScenarioError: with every problem of every cell.
    """
    reading = Reading(path)
    rows, places = _rows(read_lines(reading, LAYOUT), teams, elsewhere, reading)
    if reading.problems:
        raise ScenarioError(reading.problems)
    return Sheet(path.stem, str(path), reading.digest, rows, places)


def _rows(
    lines: Lines, teams: Mapping[str, bool], elsewhere: Elsewhere, reading: Reading
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    rows: list[Row] = []
    places: list[str] = []
    for place, cells in lines:
        row = _row(cells, teams, elsewhere, place, reading)
        if row is not None:
            rows.append(row)
            places.append(place)
    seen: dict[tuple[str, str, date], str] = {}
    for row, place in zip(rows, places, strict=True):
        if row.how in ("established", "turnover"):
            first = seen.setdefault((row.team, row.how, row.on), place)
            if first != place:
                told = f"a second {row.how} row for {row.team} on {row.on}"
                reading.wrong(place, told, f"one: {first} is the other")
    return tuple(rows), tuple(places)


def _row(
    cells: Mapping[str, str], teams: Mapping[str, bool], elsewhere: Elsewhere, place: str, reading: Reading
) -> Row | None:
    """A row, or None with its problems."""
    before = len(reading.problems)
    made: dict[str, Cell] = {}
    for column in COLUMNS:
        text = cells.get(column.name, "")
        text = known_word(text, teams) if column.name == "team" else text
        where = f"{place}, column {column.name!r}"
        if not text:
            if column.required:
                reading.wrong(where, "an empty cell", column.meaning)
            continue
        try:
            made[FIELDS.get(column.name, column.name)] = column.read(text)
        except CellError as error:
            reading.wrong(where, shown(text), str(error))
        if column.name == "team" and text not in teams:
            instead = elsewhere(cells)
            right = f"one of {', '.join(teams)}; {instead}" if instead else known_one(text, teams)
            reading.wrong(where, shown(text), right)
    if len(reading.problems) > before:
        return None
    if made["how"] in STANDS:
        made.setdefault("reason", "present")
    row = Row(**made)  # type: ignore[arg-type]
    for name, found, expected in faults(row, teams[row.team]):
        reading.wrong(f"{place}, column {name!r}", found, expected)
    return row if len(reading.problems) == before else None


# --- writing ------------------------------------------------------------------------------------------------------------


def cells_of(row: Row) -> list[Cell]:
    """The cells of a row in the order of `COLUMNS`; None where it is empty."""
    usual = (
        {"skill": Row.skill, "from_unit": Row.from_unit, "fte": Row.fte}
        if row.how in ("established", "turnover", "pool", AS_IT_IS)
        else {}
    )
    cells: list[Cell] = [getattr(row, FIELDS.get(column.name, column.name)) for column in COLUMNS]
    return [None if usual.get(column.name) == cell else cell for column, cell in zip(COLUMNS, cells, strict=True)]


def plain(row: Row) -> dict[str, str]:
    """A row by column, as text that reads back equal; what is empty is left out."""
    cells = zip(COLUMNS, cells_of(row), strict=True)
    return {column.name: cell_text(cell) for column, cell in cells if cell is not None}


def write_sheet(rows: Sequence[Row], path: Path) -> None:
    """Write rows to a file that `read_sheet` reads back equal.

    Raises:
        ScenarioError: the file cannot be written, or its ending is neither ``.csv`` nor ``.xlsx``.
    """
    write_lines([cells_of(row) for row in rows], LAYOUT, path)


def problems_at(sheet: Sheet, told: Iterator[tuple[int, str, str]]) -> list[Problem]:
    """Problems that only a scenario can tell, each at the place of its row."""
    return [Problem(file=sheet.path, key=sheet.places[at], found=found, expected=right) for at, found, right in told]

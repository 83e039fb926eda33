"""How is a staffing sheet read, and written without loss? ``.csv`` and ``.xlsx``, with every problem of every cell at once."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from sim.evidence import Problem
from sim.scenario.build import ScenarioError
from sim.scenario.files import known_one
from sim.scenario.staffing.columns import COLUMNS, STANDS, Cell, CellError, Row, dictionary, faults, shown

MOST_BYTES = 2_000_000
MOST_UNPACKED = 20_000_000
MOST_ROWS = 5_000
ENDINGS = (".csv", ".xlsx")
SHEET = "staffing"
"""The sheet of a workbook that holds the plan; `DICTIONARY` explains its columns and is not read."""
DICTIONARY = "columns"
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


@dataclass
class _Reading:
    """One file as it is read: its cells as text, and problems."""

    path: Path
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, place: str, found: str, expected: str) -> None:
        self.problems.append(Problem(file=str(self.path), key=place, found=found, expected=expected))


def read_sheet(path: Path, teams: Mapping[str, bool]) -> Sheet:
    """A staffing sheet.

    Args:
        path: a file that ends in ``.csv`` or ``.xlsx``.
        teams: names of teams that can be staffed, and whether each has units that can be pooled.

    Raises:
        ScenarioError: with every problem of every cell.
    """
    reading = _Reading(path)
    content = _content(reading)
    table: list[list[str]] = []
    prefix = ""
    if content is not None:
        if path.suffix == ".csv":
            table = _csv(content, reading)
        else:
            prefix = f"sheet {SHEET}, "
            table = _xlsx(content, reading)
    rows, places = _rows(table, teams, prefix, reading) if table else ((), ())
    if reading.problems:
        raise ScenarioError(reading.problems)
    return Sheet(path.stem, str(path), hashlib.sha256(content or b"").hexdigest(), rows, places)


def _content(reading: _Reading) -> bytes | None:
    path = reading.path
    if path.suffix not in ENDINGS:
        reading.wrong("", f"the ending {shown(path.suffix)}", f"a file that ends in {' or '.join(ENDINGS)}")
        return None
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        reading.wrong("", error.strerror or "an unreadable file", "a readable file")
        return None
    if len(content) > MOST_BYTES:
        reading.wrong("", f"more than {MOST_BYTES:,} bytes", "a smaller file")
        return None
    return content


def _csv(content: bytes, reading: _Reading) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")  # spreadsheets open a file with a mark of its encoding
        table = [[cell.strip() for cell in line] for line in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except UnicodeDecodeError as error:
        reading.wrong("", f"a byte that is not UTF-8 at position {error.start}", "UTF-8 text")
        return []
    except csv.Error:
        reading.wrong("", "quotation marks that do not close, or a cell without end", "comma-separated values")
        return []
    if not any(any(line) for line in table):
        reading.wrong("", "an empty file", "a line of column names, and rows")
        return []
    return table


def _xlsx(content: bytes, reading: _Reading) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook  # not needed where a sheet is comma-separated

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MOST_UNPACKED:
            reading.wrong("", f"more than {MOST_UNPACKED:,} bytes once unpacked", "a smaller workbook")
            return []
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        for name in names:
            if name not in (SHEET, DICTIONARY):
                reading.wrong("", f"a sheet called {shown(name)}", f"{SHEET!r}, and {DICTIONARY!r} or no other")
        if SHEET not in names:
            reading.wrong("", f"no sheet called {SHEET!r}", f"a sheet called {SHEET!r}")
            return []
        cells = book.get_sheet_by_name(SHEET).to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile, OSError):
        reading.wrong("", "a workbook that cannot be read", "an .xlsx workbook")
        return []
    if not any(any(cell != "" for cell in line) for line in cells):
        reading.wrong(f"sheet {SHEET}", "an empty sheet", "a line of column names, and rows")
        return []
    return [[_as_text(cell) for cell in line] for line in cells]


def _as_text(cell: object) -> str:
    """A cell of a workbook as the same cell of a comma-separated file would be."""
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, float):
        return _digits(cell)
    return str(cell).strip()


def _rows(
    table: Sequence[Sequence[str]], teams: Mapping[str, bool], prefix: str, reading: _Reading
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    head = _head(table[0], prefix, reading)
    rows: list[Row] = []
    places: list[str] = []
    if len(table) > MOST_ROWS + 1:
        reading.wrong(f"{prefix}rows", f"{len(table) - 1:,} rows", f"at most {MOST_ROWS:,}")
        return (), ()
    if not head:
        return (), ()
    for number, line in enumerate(table[1:], start=2):
        if not any(line):
            continue
        place = f"{prefix}row {number}"
        if any(line[len(table[0]) :]):
            reading.wrong(place, "a cell beyond the last column", "no more cells than there are column names")
        row = _row(dict(zip(head, line, strict=False)), teams, place, reading)
        if row is not None:
            rows.append(row)
            places.append(place)
    if not any(any(line) for line in table[1:]):
        reading.wrong(f"{prefix}rows", "no rows", "one row at least")
    seen: dict[tuple[str, str, date], str] = {}
    for row, place in zip(rows, places, strict=True):
        if row.how in ("established", "turnover"):
            first = seen.setdefault((row.team, row.how, row.on), place)
            if first != place:
                told = f"a second {row.how} row for {row.team} on {row.on}"
                reading.wrong(place, told, f"one: {first} is the other")
    return tuple(rows), tuple(places)


def _head(line: Sequence[str], prefix: str, reading: _Reading) -> list[str]:
    """The names of the columns as read, an unknown one by its place; empty where a column that is needed is not there."""
    known = [column.name for column in COLUMNS]
    names: list[str] = []
    for at, name in enumerate(line, start=1):
        place = f"{prefix}row 1, column {at}"
        if name not in known:
            extra = "no names, numbers of people or remarks belong in a sheet"
            reading.wrong(place, f"a column called {shown(name)}", f"{known_one(name, known)} ({extra})")
        elif name in names:
            reading.wrong(place, f"a second column {name!r}", "each column once")
        names.append(name if name in known and name not in names else f"column {at}")
    missing = [column.name for column in COLUMNS if column.required and column.name not in names]
    for name in missing:
        reading.wrong(f"{prefix}row 1", f"no column {name!r}", f"a column {name!r}")
    return [] if missing else names


def _row(cells: Mapping[str, str], teams: Mapping[str, bool], place: str, reading: _Reading) -> Row | None:
    """A row, or None with its problems."""
    before = len(reading.problems)
    made: dict[str, Cell] = {}
    for column in COLUMNS:
        text = cells.get(column.name, "")
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
            reading.wrong(where, shown(text), known_one(text, teams))
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
        if row.how in ("established", "turnover", "pool")
        else {}
    )
    cells: list[Cell] = [getattr(row, FIELDS.get(column.name, column.name)) for column in COLUMNS]
    return [None if usual.get(column.name) == cell else cell for column, cell in zip(COLUMNS, cells, strict=True)]


def plain(row: Row) -> dict[str, str]:
    """A row by column, as text that reads back equal; what is empty is left out."""
    cells = zip(COLUMNS, cells_of(row), strict=True)
    return {column.name: _text(cell) for column, cell in cells if cell is not None}


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, int | float):
        return _digits(float(cell))
    return cell if isinstance(cell, str) else cell.isoformat()


def _digits(number: float) -> str:
    return str(int(number)) if number.is_integer() else repr(number)


def write_sheet(rows: Sequence[Row], path: Path) -> None:
    """Write rows to a file that `read_sheet` reads back equal.

    Raises:
        ScenarioError: the file cannot be written, or its ending is neither ``.csv`` nor ``.xlsx``.
    """
    if path.suffix not in ENDINGS:
        expected = f"a file that ends in {' or '.join(ENDINGS)}"
        problem = Problem(file=str(path), key="", found=f"the ending {path.suffix!r}", expected=expected)
        raise ScenarioError([problem])
    content = _as_csv(rows) if path.suffix == ".csv" else _as_xlsx(rows)
    try:
        path.write_bytes(content)
    except OSError as error:
        found = error.strerror or "an error"
        raise ScenarioError(
            [Problem(file=str(path), key="", found=found, expected="a file that can be written")]
        ) from None


def _as_csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in COLUMNS])
    writer.writerows([_text(cell) for cell in cells_of(row)] for row in rows)
    return text.getvalue().encode()


def _as_xlsx(rows: Sequence[Row]) -> bytes:
    from xlsxwriter import Workbook  # not needed where a sheet is comma-separated

    content = io.BytesIO()
    with Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": "Staffing plan", "created": datetime(2000, 1, 1)})  # noqa: DTZ001 -- the same bytes whenever
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        plan = book.add_worksheet(SHEET)
        plan.freeze_panes(1, 0)
        plan.set_column(0, len(COLUMNS) - 1, 13)
        for at, column in enumerate(COLUMNS):
            plan.write_string(0, at, column.name, bold)
            if column.words:
                plan.data_validation(1, at, MOST_ROWS, at, {"validate": "list", "source": list(column.words)})
        for number, row in enumerate(rows, start=1):
            for at, cell in enumerate(cells_of(row)):
                if isinstance(cell, date):
                    plan.write_datetime(number, at, datetime.combine(cell, time()), day)
                elif isinstance(cell, int | float) and float(f"{cell:.15g}") == cell:
                    plan.write_number(number, at, cell)
                elif cell is not None:  # a number with more digits than a workbook keeps is written out
                    plan.write_string(number, at, _text(cell))
        explained = book.add_worksheet(DICTIONARY)
        explained.set_column(0, 1, 14)
        explained.set_column(2, 2, 90)
        for number, line in enumerate([("column", "word", "meaning"), *dictionary()]):
            for at, text in enumerate(line):
                explained.write_string(number, at, text, bold if number == 0 else None)
    return content.getvalue()


def problems_at(sheet: Sheet, told: Iterator[tuple[int, str, str]]) -> list[Problem]:
    """Problems that only a scenario can tell, each at the place of its row."""
    return [Problem(file=sheet.path, key=sheet.places[at], found=found, expected=right) for at, found, right in told]

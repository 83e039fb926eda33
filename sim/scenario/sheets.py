"""How is a sheet read into rows of text, and written without loss? ``.csv`` and ``.xlsx``, with every problem at once.

What the cells of a sheet mean is for others to say (`staffing/sheet.py`, `opening_sheet.py`). Here a file has an ending, a size, a line of column names and
rows below it, and no place for anything else.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from sim.evidence import Problem
from sim.scenario.build import ScenarioError
from sim.scenario.files import known_one

MOST_BYTES = 2_000_000
MOST_UNPACKED = 20_000_000
MOST_ROWS = 5_000
MOST_SHOWN = 20
"""Characters of a cell that a problem shows: a name typed by mistake is not spread further than that."""
ENDINGS = (".csv", ".xlsx")
SEPARATORS = {";": "';'", "\t": "tabs", "|": "'|'"}
"""What is found in place of commas, and how that is said."""
DICTIONARY = "columns"
"""The sheet of a workbook that explains its columns. It is not read."""

Cell = date | float | str | None


@dataclass(frozen=True)
class Layout:
    """What a sheet of some kind may hold."""

    sheet: str
    """The sheet of a workbook that holds the rows."""
    title: str
    """Of a workbook."""
    columns: tuple[str, ...]
    """In the order in which they are written."""
    needed: tuple[str, ...]
    """Columns that must be there."""
    words: Mapping[str, tuple[str, ...]]
    """For columns with a short list of words, that list."""
    explained: tuple[tuple[str, str, str], ...]
    """Column, word and meaning, in rows."""

    @property
    def told(self) -> str:
        """What a file of this layout is, in a sentence."""
        return (
            f"A .csv file with commas between cells (UTF-8), or a sheet called {self.sheet!r} of an .xlsx workbook: a line of these names of columns, "
            "then rows. Columns that are not needed may be left out."
        )


@dataclass
class Reading:
    """One file as it is read: its cells as text, and problems."""

    path: Path
    problems: list[Problem] = field(default_factory=list)
    digest: str = ""
    """SHA-256 of the file."""

    def wrong(self, place: str, found: str, expected: str) -> None:
        self.problems.append(Problem(file=str(self.path), key=place, found=found, expected=expected))


def known_word(text: str, words: Container[str]) -> str:
    """A cell as the word that it is, however large its letters; as it stands where it is none of them."""
    return folded if (folded := text.casefold()) in words else text


DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")


def written_as_iso(text: str) -> str:
    """How a date with its day or month first is to be written, so that it can be read in one way only; empty where it is none.

    The day is taken to stand first, as in Britain. Where the month might as well, both are told.
    """
    found = DAY_FIRST.fullmatch(text)
    if found is None:
        return ""
    one, other, year = (int(part) for part in found.groups())
    year += 2000 if year < 100 else 0
    said = []
    for day, month in dict.fromkeys(((one, other), (other, one))):
        with suppress(ValueError):
            when = date(year, month, day)
            said.append(f"{when.isoformat()} for {when.day} {when:%B %Y}")
    return f"write {' or '.join(said)}" if said else ""


Lines = list[tuple[str, dict[str, str]]]
"""For each row that is not empty its place, for problems, and its cells by column."""


def shown(text: str) -> str:
    """A cell as a problem shows it."""
    return repr(text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…")


def read_lines(reading: Reading, layout: Layout) -> Lines:
    """The rows of a file. What is wrong is told to `reading`; where columns are missing there are no rows."""
    content = _content(reading)
    if content is None:
        return []
    reading.digest = hashlib.sha256(content).hexdigest()
    if reading.path.suffix == ".csv":
        return _lines(_csv(content, layout, reading), layout, "", reading)
    return _lines(_xlsx(content, layout, reading), layout, f"sheet {layout.sheet}, ", reading)


def _content(reading: Reading) -> bytes | None:
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


def _csv(content: bytes, layout: Layout, reading: Reading) -> list[list[str]]:
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
    if (other := _other_separator(table[0], layout)) is not None:
        wanted = "commas between them: save as CSV UTF-8 (comma delimited), or as .xlsx"
        reading.wrong("", f"cells with {other} between them", wanted)
        return []
    return table


def _other_separator(head: Sequence[str], layout: Layout) -> str | None:
    """What stands between the names of columns where that is no comma, as spreadsheets of some countries have it; None where it is one."""
    for mark, name in SEPARATORS.items():
        names = [cell.strip().casefold() for cell in mark.join(head).split(mark)]
        if len(head) == 1 and len(names) > 1 and any(one in layout.columns for one in names):
            return name
    return None


def _xlsx(content: bytes, layout: Layout, reading: Reading) -> list[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook  # not needed where a sheet is comma-separated

    wanted = layout.sheet
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
        if unpacked > MOST_UNPACKED:
            reading.wrong("", f"more than {MOST_UNPACKED:,} bytes once unpacked", "a smaller workbook")
            return []
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = book.sheet_names
        for name in names:
            if name not in (wanted, DICTIONARY):
                reading.wrong("", f"a sheet called {shown(name)}", f"{wanted!r}, and {DICTIONARY!r} or no other")
        if wanted not in names:
            reading.wrong("", f"no sheet called {wanted!r}", f"a sheet called {wanted!r}")
            return []
        cells = book.get_sheet_by_name(wanted).to_python(skip_empty_area=False)
    except (CalamineError, zipfile.BadZipFile, OSError):
        reading.wrong("", "a workbook that cannot be read", "an .xlsx workbook")
        return []
    if not any(any(cell != "" for cell in line) for line in cells):
        reading.wrong(f"sheet {wanted}", "an empty sheet", "a line of column names, and rows")
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


def _lines(table: Sequence[Sequence[str]], layout: Layout, prefix: str, reading: Reading) -> Lines:
    if not table:
        return []
    head = _head(table[0], layout, prefix, reading)
    if len(table) > MOST_ROWS + 1:
        reading.wrong(f"{prefix}rows", f"{len(table) - 1:,} rows", f"at most {MOST_ROWS:,}")
        return []
    if not head:
        return []
    lines: Lines = []
    for number, line in enumerate(table[1:], start=2):
        if not any(line):
            continue
        place = f"{prefix}row {number}"
        if any(line[len(table[0]) :]):
            reading.wrong(place, "a cell beyond the last column", "no more cells than there are column names")
        lines.append((place, dict(zip(head, line, strict=False))))
    if not lines:
        reading.wrong(f"{prefix}rows", "no rows", "one row at least")
    return lines


def _head(line: Sequence[str], layout: Layout, prefix: str, reading: Reading) -> list[str]:
    """The names of the columns, however large their letters, an unknown one by its place; empty where a column that is needed is not there."""
    known = layout.columns
    names: list[str] = []
    for at, written in enumerate(line, start=1):
        name = written.casefold() if written.casefold() in known else written
        place = f"{prefix}row 1, column {at}"
        if name not in known:
            extra = "no names, numbers of people or remarks belong in a sheet"
            reading.wrong(place, f"a column called {shown(name)}", f"{known_one(name, known)} ({extra})")
        elif name in names:
            reading.wrong(place, f"a second column {name!r}", "each column once")
        names.append(name if name in known and name not in names else f"column {at}")
    missing = [name for name in layout.needed if name not in names]
    for name in missing:
        reading.wrong(f"{prefix}row 1", f"no column {name!r}", f"a column {name!r}")
    return [] if missing else names


# --- writing ------------------------------------------------------------------------------------------------------------


def check_ending(path: Path) -> None:
    """Refuse a file that could not be written as a sheet.

    Raises:
        ScenarioError: its ending is neither ``.csv`` nor ``.xlsx``.
    """
    if path.suffix not in ENDINGS:
        expected = f"a file that ends in {' or '.join(ENDINGS)}"
        raise ScenarioError([Problem(file=str(path), key="", found=f"the ending {path.suffix!r}", expected=expected)])


def write_lines(rows: Sequence[Sequence[Cell]], layout: Layout, path: Path) -> None:
    """Write rows of cells, in the order of the layout's columns, to a file that reads back equal.

    Raises:
        ScenarioError: the file cannot be written, or its ending is neither ``.csv`` nor ``.xlsx``.
    """
    check_ending(path)
    content = _as_csv(rows, layout) if path.suffix == ".csv" else _as_xlsx(rows, layout)
    try:
        path.write_bytes(content)
    except OSError as error:
        found = error.strerror or "an error"
        raise ScenarioError(
            [Problem(file=str(path), key="", found=found, expected="a file that can be written")]
        ) from None


def cell_text(cell: Cell) -> str:
    """A cell as text that reads back equal; empty where there is nothing."""
    if cell is None:
        return ""
    if isinstance(cell, int | float):
        return _digits(float(cell))
    return cell if isinstance(cell, str) else cell.isoformat()


def _digits(number: float) -> str:
    return str(int(number)) if number.is_integer() else repr(number)


def _as_csv(rows: Sequence[Sequence[Cell]], layout: Layout) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(layout.columns)
    writer.writerows([cell_text(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _as_xlsx(rows: Sequence[Sequence[Cell]], layout: Layout) -> bytes:
    from xlsxwriter import Workbook  # not needed where a sheet is comma-separated

    content = io.BytesIO()
    with Workbook(content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": layout.title, "created": datetime(2000, 1, 1)})  # noqa: DTZ001 -- the same bytes whenever
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        plan = book.add_worksheet(layout.sheet)
        plan.freeze_panes(1, 0)
        plan.set_column(0, len(layout.columns) - 1, 13)
        for at, column in enumerate(layout.columns):
            plan.write_string(0, at, column, bold)
            if column in layout.words:
                plan.data_validation(1, at, MOST_ROWS, at, {"validate": "list", "source": list(layout.words[column])})
        for number, row in enumerate(rows, start=1):
            for at, cell in enumerate(row):
                if isinstance(cell, date):
                    plan.write_datetime(number, at, datetime.combine(cell, time()), day)
                elif isinstance(cell, int | float) and float(f"{cell:.15g}") == cell:
                    plan.write_number(number, at, cell)
                elif cell is not None:  # a number with more digits than a workbook keeps is written out
                    plan.write_string(number, at, cell_text(cell))
        explained = book.add_worksheet(DICTIONARY)
        explained.set_column(0, 1, 14)
        explained.set_column(2, 2, 90)
        for number, line in enumerate([("column", "word", "meaning"), *layout.explained]):
            for at, text in enumerate(line):
                explained.write_string(number, at, text, bold if number == 0 else None)
    return content.getvalue()

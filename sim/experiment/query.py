"""What else is in a result? Its tables, for whoever speaks SQL."""

from __future__ import annotations

import csv
import json
from itertools import islice, takewhile
from pathlib import Path

import duckdb
import pandas as pd

from sim.evidence import Problem
from sim.experiment.study import LIMITS
from sim.scenario import ScenarioError

LARGE = ("measures.parquet", "events.parquet")
"""What is not written as text."""
WORDS = ("world", "group", "period")
"""Columns that hold words, whatever they look like."""
NEVER_NULL = ("world", "group")
"""Columns in which an empty cell is an empty word, and not unknown."""

NAMED = 5
"""Results that are named where a folder above them was asked."""


def limits_of_result(result: Path) -> str:
    """What is stamped on a result, as a sentence; `LIMITS` where it does not say."""
    try:
        told = json.loads((result / "run.json").read_text(encoding="utf-8"))["limits"]
    except (OSError, ValueError, KeyError, TypeError):
        told = LIMITS
    limits = str(told)
    return f"{limits[:1].upper()}{limits[1:]}."


def query(result: Path, sql: str) -> pd.DataFrame:
    """The answer to a query over the tables of a result: `measures`, `events`, and each of its CSV files by its name, as `summary`, `quarters`, `limits`.

    The tables are in memory and the query can neither read nor write files.

    Raises:
        ScenarioError: it is no result, or the query cannot be answered.
    """
    there = [*(path for name in LARGE if (path := result / name).is_file()), *sorted(result.glob("*.csv"))]
    if not there:
        raise ScenarioError([_no_result(result)])
    with duckdb.connect() as connection:
        for path in there:
            if path.stem == "events" and "events" not in sql.lower():
                continue  # by far the largest
            read, told = ("read_parquet(?)", [str(path)]) if path.suffix == ".parquet" else _csv(path)
            name = path.stem.replace('"', '""')
            connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM {read}', told)
        connection.execute("SET enable_external_access = false")
        try:
            return connection.execute(sql).df()
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise ScenarioError(
                [Problem(file="query", key="", found=first, expected="SQL over " + ", ".join(p.stem for p in there))]
            ) from None


def _csv(path: Path) -> tuple[str, list[object]]:
    """How DuckDB reads a table, and what it has to be told: lines above it, and the columns that hold words."""
    above = _lines_above(path)
    with path.open(encoding="utf-8", newline="") as lines:
        columns = next(csv.reader(islice(lines, above, None)), [])
    types = ", ".join(f"'{name}': 'VARCHAR'" for name in WORDS if name in columns)
    more = f", types = {{{types}}}" if types else ""
    more += f", force_not_null = {kept}" if (kept := [name for name in NEVER_NULL if name in columns]) else ""
    return f"read_csv(?, header = true, delim = ',', quote = '\"', skip = ?{more})", [str(path), above]


def _lines_above(path: Path) -> int:
    """How many lines of a heading, each after ``#``, stand above a table."""
    with path.open(encoding="utf-8") as lines:
        return sum(1 for _ in takewhile(lambda line: line.startswith("#"), lines))


def _no_result(folder: Path) -> Problem:
    """What is wrong with a folder without tables; results that lie below it are named, the newest first."""
    below = [path.parent for deep in ("*", "*/*") for path in folder.glob(f"{deep}/run.json")]
    shown = [one for one in below if not any(part.startswith(".") for part in one.relative_to(folder).parts)]
    newest = sorted(shown, key=lambda one: (-one.stat().st_mtime, one.as_posix()))
    more = f", and {len(newest) - NAMED} more" if len(newest) > NAMED else ""
    names = ", ".join(one.as_posix() for one in newest[:NAMED])
    expected = f"the folder of a result, one of: {names}{more}" if newest else "the folder of a result"
    return Problem(file=str(folder), key="", found="no tables", expected=expected)

"""What else is in a result? Its tables, for whoever speaks SQL."""

from __future__ import annotations

import json
from itertools import takewhile
from pathlib import Path

import duckdb
import pandas as pd

from sim.evidence import Problem
from sim.experiment.study import LIMITS
from sim.scenario import ScenarioError

TABLES = ("measures.parquet", "events.parquet", "summary.csv", "differences.csv", "caught.csv", "intervals.csv")

CSV = """read_csv(?, header = true, skip = ?, force_not_null = ['world', 'group'], types = {'world': 'VARCHAR', 'group': 'VARCHAR', 'period': 'VARCHAR'})"""

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
    """The answer to a query over the tables `measures`, `events`, `summary` and `differences` of a result.

    The tables are in memory and the query can neither read nor write files.

    Raises:
        ScenarioError: it is no result, or the query cannot be answered.
    """
    there = [result / name for name in TABLES if (result / name).is_file()]
    if not there:
        raise ScenarioError([_no_result(result)])
    with duckdb.connect() as connection:
        for path in there:
            if path.stem == "events" and "events" not in sql.lower():
                continue  # by far the largest
            parquet = path.suffix == ".parquet"
            read, told = ("read_parquet(?)", [str(path)]) if parquet else (CSV, [str(path), _lines_above(path)])
            connection.execute(f"CREATE TABLE {path.stem} AS SELECT * FROM {read}", told)
        connection.execute("SET enable_external_access = false")
        try:
            return connection.execute(sql).df()
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise ScenarioError(
                [Problem(file="query", key="", found=first, expected="SQL over " + ", ".join(p.stem for p in there))]
            ) from None


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

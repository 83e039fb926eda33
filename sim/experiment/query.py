"""What else is in a result? Its tables, for whoever speaks SQL."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pandas as pd

from sim.evidence import Problem
from sim.experiment.study import LIMITS
from sim.scenario import ScenarioError

TABLES = ("measures.parquet", "events.parquet", "summary.csv", "differences.csv", "caught.csv", "intervals.csv")

CSV = """read_csv(?, header = true, force_not_null = ['world', 'group'], types = {'world': 'VARCHAR', 'group': 'VARCHAR', 'period': 'VARCHAR'})"""


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
        raise ScenarioError([Problem(file=str(result), key="", found="no tables", expected="the folder of a result")])
    with duckdb.connect() as connection:
        for path in there:
            if path.stem == "events" and "events" not in sql.lower():
                continue  # by far the largest
            read = "read_parquet(?)" if path.suffix == ".parquet" else CSV
            connection.execute(f"CREATE TABLE {path.stem} AS SELECT * FROM {read}", [str(path)])
        connection.execute("SET enable_external_access = false")
        try:
            return connection.execute(sql).df()
        except duckdb.Error as error:
            told = str(error).splitlines()[0]
            raise ScenarioError(
                [Problem(file="query", key="", found=told, expected="SQL over " + ", ".join(p.stem for p in there))]
            ) from None

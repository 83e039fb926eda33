"""How does a table become a file? Parquet through DuckDB, and CSV that says every digit."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pandas as pd

from sim.experiment.interrupts import interrupts_held


def parquet(table: pd.DataFrame, columns: str = "*") -> bytes:
    """A table as a Parquet file, rows in their order; `columns` as SQL selects them."""
    with tempfile.TemporaryDirectory(prefix="misconduct-") as folder:
        path = Path(folder) / "table.parquet"
        # A database may swallow an interrupt, or call it an error, so none reaches it. One thread keeps rows and bytes the same.
        with interrupts_held(), duckdb.connect(config={"threads": 1}) as connection:
            connection.register("rows", table)
            connection.execute(
                f"COPY (SELECT {columns} FROM rows) TO {_quoted(str(path))} (FORMAT parquet, COMPRESSION zstd)"
            )
        return path.read_bytes()


def write_csv(table: pd.DataFrame, path: Path, heading: Sequence[str] = ()) -> None:
    """A table as CSV: the shortest digits that read back equal, the same bytes on every system.

    A heading stands above it, a line each after ``#``: ``pandas.read_csv(path, comment="#")`` reads such a table.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"# {line}\n" for line in heading)
        table.to_csv(file, index=False, lineterminator="\n")


def _quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"

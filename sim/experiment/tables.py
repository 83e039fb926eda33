"""How does a table become a file? Parquet through DuckDB, and CSV that says every digit."""

from __future__ import annotations

import tempfile
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


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """A table as CSV: the shortest digits that read back equal, the same bytes on every system."""
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"

"""How does a table become a file? Parquet through DuckDB, and CSV that says every digit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd

from sim.experiment.interrupts import interrupts_held


class UnreadableError(Exception):
    """The file is not a Parquet file that can be read."""


def write_parquet(table: pd.DataFrame, path: Path, notes: Mapping[str, str] | None = None, columns: str = "*") -> None:
    """A table as Parquet, rows in their order, with notes in the file's own key-value list; `columns` as SQL selects them."""
    listed = ", ".join(f"{name}: {quoted(text)}" for name, text in (notes or {}).items())
    extra = f", KV_METADATA {{{listed}}}" if notes else ""
    with _connection() as connection:
        connection.register("rows", table)
        connection.execute(
            f"COPY (SELECT {columns} FROM rows) TO {quoted(str(path))} (FORMAT parquet, COMPRESSION zstd{extra})"
        )


def read_parquet(path: Path) -> tuple[pd.DataFrame, dict[str, str]]:
    """The table of a Parquet file and its notes.

    Raises:
        UnreadableError: there is no such file, or it is not Parquet.
    """
    try:
        with _connection() as connection:
            table = connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).df()
            notes = connection.execute("SELECT key, value FROM parquet_kv_metadata(?)", [str(path)]).fetchall()
        return table, {key.decode(): value.decode() for key, value in notes}
    except (duckdb.Error, UnicodeDecodeError) as error:
        raise UnreadableError(f"{path}: {error}") from None


def join_parquet(parts: Sequence[tuple[Mapping[str, str], Path]], path: Path) -> None:
    """Parquet files below each other, each with columns of its own in front that say which it is."""
    selects = []
    for labels, part in parts:
        columns = ", ".join(f"{quoted(text)} AS {name}" for name, text in labels.items())
        selects.append(f"SELECT {columns}, * FROM read_parquet({quoted(str(part))})")
    with _connection() as connection:
        rows = " UNION ALL ".join(selects)
        connection.execute(f"COPY ({rows}) TO {quoted(str(path))} (FORMAT parquet, COMPRESSION zstd)")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """A table as CSV: the shortest digits that read back equal, the same bytes on every system."""
    table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def _connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that keeps rows in order. It may swallow an interrupt, or call it an error, so none reaches it."""
    with interrupts_held(), duckdb.connect(config={"threads": 1}) as connection:
        yield connection

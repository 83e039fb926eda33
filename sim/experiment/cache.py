"""Which futures are known already? Finished replications, kept so that a killed study goes on to the same digits.

A file is believed only if it says the digest of what it holds; anything else is played again.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import pandas as pd

from sim.experiment.jobs import Job, Played
from sim.experiment.tables import UnreadableError, read_parquet, write_parquet
from sim.experiment.versions import code_hash
from sim.measures import COLUMNS

FOLDER = ".cache"
TEXT = tuple(name for name in COLUMNS if name != "value")


class Cache:
    """Replications under ``<out>/.cache/<plan>/<code>/<seed>-<replication>.parquet``; without a folder nothing is kept."""

    def __init__(self, out: Path | None) -> None:
        self.folder = out / FOLDER if out else None

    def path(self, job: Job, fingerprint: str) -> Path | None:
        """Where the figures of a job are kept."""
        if self.folder is None:
            return None
        return self.folder / fingerprint / code_hash() / f"{job.seed}-{job.replication}.parquet"

    def get(self, job: Job, fingerprint: str) -> Played | None:
        """What was kept of a job, or None if it has to be played."""
        path = self.path(job, fingerprint)
        if path is None or not path.is_file():
            return None
        try:
            table, notes = read_parquet(path)
            if tuple(table.columns) != COLUMNS:
                return None
            table = table.astype(dict.fromkeys(TEXT, "str") | {"value": "float64"})
            if notes.get("digest") != _digest(table):
                return None
            events = events_path(path).read_bytes() if job.events else None
        except (UnreadableError, OSError, ValueError):
            return None
        if events is not None and notes.get("events") != hashlib.sha256(events).hexdigest():
            return None
        return Played(table, events)

    def put(self, job: Job, fingerprint: str, played: Played) -> None:
        """Keep the outcome of a job: each file whole or not at all."""
        path = self.path(job, fingerprint)
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        notes = {"digest": _digest(played.measures)}
        if played.events is not None:
            notes["events"] = hashlib.sha256(played.events).hexdigest()
        with tempfile.TemporaryDirectory(prefix=".", dir=path.parent) as folder:
            fresh = Path(folder)
            write_parquet(played.measures, fresh / "measures", notes)
            if played.events is not None:
                (fresh / "events").write_bytes(played.events)
                (fresh / "events").replace(events_path(path))
            (fresh / "measures").replace(path)


def events_path(measures: Path) -> Path:
    """Where the rows of a replication lie beside its figures."""
    return measures.with_suffix(".events.parquet")


def _digest(table: pd.DataFrame) -> str:
    return hashlib.sha256(table.to_csv(index=False, lineterminator="\n").encode()).hexdigest()

"""Which futures are known already? Finished replications, on disk so that a killed study goes on to the same digits, and in memory.

A file is believed only if it opens with the digest of what it should be and of what it holds; anything else is played again. So a file
needs no care in writing: one that was cut short is not believed.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from pathlib import Path

import numpy as np

from sim.experiment.jobs import Job, Outcome
from sim.experiment.study import Floats
from sim.experiment.versions import code_hash

FOLDER = ".cache"
DIGEST_BYTES = 32
MEMORY_BYTES = 64 * 2**20


class Memory:
    """Figures of replications played or read by this process: those last asked for, up to so many bytes. Threads may share it."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._bytes = 0
        self._known: OrderedDict[tuple[str, int, int], Floats] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, job: Job) -> Floats | None:
        """The figures of a job, if they are still here."""
        at = (job.plan.fingerprint, job.seed, job.replication)
        with self._lock:
            if at in self._known:
                self._known.move_to_end(at)
            return self._known.get(at)

    def put(self, job: Job, values: Floats) -> None:
        """Keep the figures of a job and, where there is no room, forget those not asked for longest."""
        at = (job.plan.fingerprint, job.seed, job.replication)
        with self._lock:
            if at not in self._known:
                self._bytes += values.nbytes
                self._known[at] = values
            while self._bytes > self.most_bytes:
                _, forgotten = self._known.popitem(last=False)
                self._bytes -= forgotten.nbytes


MEMORY = Memory(MEMORY_BYTES)


class Cache:
    """What is known of jobs: in memory and, with a folder, under ``<out>/.cache/<plan>/<code>/<seed>-<replication>``."""

    def __init__(self, out: Path | None) -> None:
        self.folder = out / FOLDER if out else None

    def get(self, job: Job) -> Floats | None:
        """The figures of a job, or None if it has to be played: nothing is known of it, or its rows are wanted and not kept."""
        if job.rows and self.rows(job) is None:
            return None
        raw = self._read(job, "figures")
        if raw is not None:
            values = np.frombuffer(raw, "<f8").astype(np.float64, copy=False)
            MEMORY.put(job, values)
            return values
        known = MEMORY.get(job)
        if known is not None:
            self._write(job, "figures", known.astype("<f8").tobytes())
        return known

    def rows(self, job: Job) -> bytes | None:
        """The rows of a job as Parquet, or None if they are not kept."""
        return self._read(job, "rows")

    def put(self, job: Job, outcome: Outcome) -> None:
        """Keep the outcome of a job."""
        MEMORY.put(job, outcome.values)
        self._write(job, "figures", outcome.values.astype("<f8").tobytes())
        if outcome.rows is not None:
            self._write(job, "rows", outcome.rows)

    def _read(self, job: Job, what: str) -> bytes | None:
        if self.folder is None:
            return None
        try:
            raw = self._path(self.folder, job, what).read_bytes()
        except OSError:
            return None
        content = raw[DIGEST_BYTES:]
        return content if raw[:DIGEST_BYTES] == _digest(job, what, content) else None

    def _write(self, job: Job, what: str, content: bytes) -> None:
        if self.folder is not None:
            path = self._path(self.folder, job, what)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_digest(job, what, content) + content)

    def _path(self, folder: Path, job: Job, what: str) -> Path:
        return folder / job.plan.fingerprint / code_hash() / f"{job.seed}-{job.replication}.{what}"


def _digest(job: Job, what: str, content: bytes) -> bytes:
    """Of what a file holds and of all that decides it."""
    named = hashlib.blake2b(content, digest_size=DIGEST_BYTES)
    whose = job.rows if what == "rows" else None
    named.update(repr((what, job.plan.fingerprint, code_hash(), job.seed, job.replication, whose)).encode())
    return named.digest()

"""Where are the futures played? One replication is one job; any executor may do them, in any order, to the same digits."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from sim.engines.cast import CastError
from sim.engines.reading import PlayError
from sim.engines.reference import go_on, play
from sim.experiment.interrupts import hear_no_interrupts, interrupts_held
from sim.experiment.tables import write_parquet
from sim.measures import measure
from sim.plan import MINUTES_A_DAY, Plan
from sim.record import Record, What

MOST_WORKERS_ON_WINDOWS = 61


class UnplayableError(Exception):
    """A plan led into something that cannot be played."""


@dataclass(frozen=True)
class Job:
    """One replication of one plan."""

    plan: Plan
    seed: int
    replication: int
    events: bool = False
    """Whether its rows are sent back too. The figures are the same either way."""
    keep: Mapping[int, Path] = field(default_factory=dict)
    """Where to leave its state before a minute, for jobs that tell the same story until then."""
    after: int | None = None
    """The job that leaves the state this one goes on from, by position; None for a play from the start."""
    past: Path | None = None
    """Where that state is."""


@dataclass(frozen=True)
class Played:
    """What a job sends back: small enough to travel."""

    measures: pd.DataFrame
    events: bytes | None
    """A Parquet file."""


Done = Callable[[int, Played], None]


def play_job(job: Job) -> Played:
    """Play one replication and measure it.

    Raises:
        UnplayableError: the plan led into something that cannot be played.
    """
    try:
        if job.past is not None:
            record = go_on(job.plan, job.past)
        else:
            record = play(job.plan, job.seed, job.replication, keep=job.keep)
    except (PlayError, CastError) as error:
        raise UnplayableError(str(error)) from None
    return Played(measure(job.plan, record), _events_file(job.plan, record) if job.events else None)


def play_jobs(jobs: Sequence[Job], done: Done, *, workers: int, executor: Executor | None = None) -> None:
    """Play every job; `done` is told the position and the outcome of each, in the order they end.

    Args:
        jobs: what to play.
        done: called in this process.
        workers: processes of this machine; with 1, or a single job, everything is played in this one.
        executor: plays instead, whatever `workers` says; it is not shut down.

    Raises:
        UnplayableError: a plan led into something that cannot be played.
    """
    if executor is not None:
        futures: dict[Future[Played], int] = {}
        try:
            _play_on(jobs, lambda at: executor.submit(play_job, jobs[at]), done, futures)
        finally:
            for future in futures:
                future.cancel()
    elif min(workers, len(jobs)) <= 1:
        for at, job in enumerate(jobs):
            done(at, play_job(job))
    else:
        with tempfile.TemporaryDirectory(prefix="misconduct-") as name, _own_pool(min(workers, len(jobs))) as pool:
            folder = Path(name)
            for at, job in enumerate(jobs):
                _job_file(folder, at).write_bytes(pickle.dumps(job))
            _play_on(
                jobs, lambda at: pool.submit(_play_left, folder, at), lambda at, _: done(at, _take(folder, at)), {}
            )


_Sent = TypeVar("_Sent")


def _play_on(
    jobs: Sequence[Job],
    submit: Callable[[int], Future[_Sent]],
    ended: Callable[[int, _Sent], None],
    futures: dict[Future[_Sent], int],
) -> None:
    """Each job is handed in as soon as the one it goes on from has ended; `futures` holds those that have not."""

    def hand_in(positions: Iterable[int]) -> None:
        with interrupts_held():  # a pool may start a process here
            futures.update({submit(at): at for at in positions})

    later: dict[int, list[int]] = {}
    for at, job in enumerate(jobs):
        if job.after is not None:
            later.setdefault(job.after, []).append(at)
    hand_in(at for at, job in enumerate(jobs) if job.after is None)
    while futures:
        for future in wait(futures, return_when=FIRST_COMPLETED).done:
            at = futures.pop(future)
            ended(at, future.result())
            hand_in(later.pop(at, ()))


def _play_left(folder: Path, at: int) -> None:
    """Play the job left in a folder and leave its outcome there.

    What goes through the pipes of a pool is then too small to be cut in two when a process is stopped, which would leave the
    other end waiting for the rest.
    """
    played = play_job(pickle.loads(_job_file(folder, at).read_bytes()))
    _outcome_file(folder, at).write_bytes(pickle.dumps(played))


def _take(folder: Path, at: int) -> Played:
    """The outcome of a job that was left in a folder."""
    path = _outcome_file(folder, at)
    played = pickle.loads(path.read_bytes())
    assert isinstance(played, Played)
    path.unlink()
    return played


def _job_file(folder: Path, at: int) -> Path:
    return folder / f"{at}.job"


def _outcome_file(folder: Path, at: int) -> Path:
    return folder / f"{at}.played"


@contextmanager
def _own_pool(workers: int) -> Iterator[Executor]:
    """Fresh processes (`spawn`, which is safe beside threads and the same on every system), stopped in mid-play by whatever stops this one."""
    if sys.platform == "win32":
        workers = min(workers, MOST_WORKERS_ON_WINDOWS)
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=hear_no_interrupts)
    try:
        yield pool
    except BaseException:
        # Nothing is cancelled first: a pool that loses its processes ends its futures itself, and trips over cancelled ones.
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        raise
    finally:
        pool.shutdown()


def default_workers() -> int:
    """As many as there are cores."""
    return os.cpu_count() or 1


def _events_file(plan: Plan, record: Record) -> bytes:
    """The rows of a replication as Parquet, nodes and words spelt out."""
    rows = record.events
    table = pd.DataFrame(
        {
            "replication": record.replication,
            "minute": rows["minute"],
            "day": np.datetime64(plan.starts_on, "s") + (rows["minute"] // MINUTES_A_DAY).astype("timedelta64[D]"),
            "case": rows["case"],
            "token": rows["token"],
            "node": pd.Categorical.from_codes(rows["node"], pd.Index([node.name for node in plan.nodes])),
            "what": pd.Categorical.from_codes(rows["what"], pd.Index([what.name.lower() for what in What])),
            "item": rows["item"],
            "value": rows["value"],
        }
    )
    with tempfile.TemporaryDirectory(prefix="misconduct-") as folder:
        path = Path(folder) / "events.parquet"
        write_parquet(table, path, columns="* REPLACE (CAST(day AS DATE) AS day)")
        return path.read_bytes()

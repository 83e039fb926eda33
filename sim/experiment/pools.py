"""Where are the futures played? In threads of this process, in processes of their own, or wherever an executor plays, to the same digits."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sim.experiment.engines import Engine
from sim.experiment.interrupts import hear_no_interrupts, interrupts_held
from sim.experiment.jobs import Job, Outcome, play_job

MOST_WORKERS_ON_WINDOWS = 61
AHEAD = 2
"""Jobs that threads find waiting, so that none idles while an outcome is taken; no more, so that few outcomes wait."""

Done = Callable[[int, Outcome], None]


def play_jobs(jobs: Sequence[Job], done: Done, *, workers: int, executor: Executor | None = None) -> None:
    """Play every job; `done` is told the position and the outcome of each, in the order they end.

    Args:
        jobs: what to play, all by one engine.
        done: called in this thread.
        workers: threads where the fast engine plays, which lets go of the interpreter's lock, and processes of this machine where
            the reference engine does. With 1, or a single job, the reference engine plays in this thread.
        executor: plays instead, whatever `workers` says; it is not shut down.

    Raises:
        UnplayableError: a plan led into something that cannot be played.
    """
    workers = min(workers, len(jobs))
    if executor is not None:
        futures: dict[Future[Outcome], int] = {}
        try:
            _play_on(jobs, lambda at: executor.submit(play_job, jobs[at]), done, futures, len(jobs))
        finally:
            for future in futures:
                future.cancel()
    elif jobs and jobs[0].engine is Engine.fast:
        with _own_threads(workers) as pool:
            _play_on(jobs, lambda at: pool.submit(play_job, jobs[at]), done, {}, workers + AHEAD)
    elif workers <= 1:
        for at, job in enumerate(jobs):
            done(at, play_job(job))
    else:
        with tempfile.TemporaryDirectory(prefix="misconduct-") as name, _own_processes(workers) as pool:
            folder = Path(name)
            for at, job in enumerate(jobs):
                _job_file(folder, at).write_bytes(pickle.dumps(job))
            _play_on(
                jobs,
                lambda at: pool.submit(_play_left, folder, at),
                lambda at, _: done(at, _take(folder, at)),
                {},
                len(jobs),
            )


def default_workers() -> int:
    """As many as there are cores."""
    return os.cpu_count() or 1


_Sent = TypeVar("_Sent")


def _play_on(
    jobs: Sequence[Job],
    submit: Callable[[int], Future[_Sent]],
    ended: Callable[[int, _Sent], None],
    futures: dict[Future[_Sent], int],
    most: int,
) -> None:
    """Each job is handed in as soon as the one it goes on from has ended and fewer than `most` are out; `futures` holds those."""
    ready = deque(at for at, job in enumerate(jobs) if job.after is None)
    later: dict[int, list[int]] = {}
    for at, job in enumerate(jobs):
        if job.after is not None:
            later.setdefault(job.after, []).append(at)
    while ready or futures:
        with interrupts_held():  # a pool may start a process here
            while ready and len(futures) < most:
                at = ready.popleft()
                futures[submit(at)] = at
        for future in wait(futures, return_when=FIRST_COMPLETED).done:
            at = futures.pop(future)
            ended(at, future.result())
            ready += later.pop(at, ())


@contextmanager
def _own_threads(workers: int) -> Iterator[Executor]:
    """Threads of this process. What stops it waits for the replications that are being played, and no other is begun."""
    pool = ThreadPoolExecutor(workers)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _own_processes(workers: int) -> Iterator[Executor]:
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


def _play_left(folder: Path, at: int) -> None:
    """Play the job left in a folder and leave its outcome there.

    What goes through the pipes of a pool is then too small to be cut in two when a process is stopped, which would leave the
    other end waiting for the rest.
    """
    outcome = play_job(pickle.loads(_job_file(folder, at).read_bytes()))
    _outcome_file(folder, at).write_bytes(pickle.dumps(outcome))


def _take(folder: Path, at: int) -> Outcome:
    """The outcome of a job that was left in a folder."""
    path = _outcome_file(folder, at)
    outcome = pickle.loads(path.read_bytes())
    assert isinstance(outcome, Outcome)
    path.unlink()
    return outcome


def _job_file(folder: Path, at: int) -> Path:
    return folder / f"{at}.job"


def _outcome_file(folder: Path, at: int) -> Path:
    return folder / f"{at}.played"

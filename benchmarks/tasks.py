"""What does one fresh process measure? Each task warms up, looks at the clock around what it times, and answers in plain numbers."""

from __future__ import annotations

import multiprocessing
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.child import ask
from benchmarks.engines import ENGINES, Engine, Play, Read, casts, plays
from benchmarks.given import LONG_DAYS, numbers
from sim.plan import MINUTES_A_DAY, Observation

Answer = dict[str, float]
SEED = 1
ARMS: dict[str, dict[str, int]] = {
    "2 more DPS investigators": {"dps_investigators": 25},
    "1 more PSU investigator": {"psu_investigators": 36},
    "1 more appropriate authority": {"appropriate_authority": 4},
    "1 more chair, who is never needed": {"chairs": 3},
}
"""Changes of staffing at scale 1."""


def pathway(engine: str, scale: int, first: int, replications: int) -> Answer:
    """Seconds a replication of the workload, and what came of it, from replication `first` on."""
    chosen = ENGINES[engine]
    play, read = _warm(chosen, scale)
    seconds, outcomes = [], []
    for replication in range(first, first + replications):
        began = time.perf_counter()
        result = play(replication)
        seconds.append(time.perf_counter() - began)
        outcomes.append(read(result))
        del result
    return {
        "replications": replications,
        "median_seconds": statistics.median(seconds),
        "least_seconds": min(seconds),
        "rows": statistics.fmean(outcome.rows for outcome in outcomes),
        "mean_days": statistics.fmean(outcome.days.mean() for outcome in outcomes),
        "share_over_730_days": statistics.fmean((outcome.days > LONG_DAYS).mean() for outcome in outcomes),
        "peak_megabytes": _peak_megabytes(),
    }


def workers(engine: str, replications: int) -> Answer:
    """Replications a second of one worker and of two, who play as many each."""
    chosen = ENGINES[engine]
    play, _ = _warm(chosen, 1)
    began = time.perf_counter()
    for replication in range(replications):
        play(replication)
    alone = replications / (time.perf_counter() - began)
    with _two_workers(chosen, play) as hand_in:
        began = time.perf_counter()
        for future in [hand_in(replication) for replication in range(2 * replications)]:
            future.result()
        together = 2 * replications / (time.perf_counter() - began)
    return {"alone_a_second": alone, "together_a_second": together}


def start(engine: str) -> Answer:
    """Seconds that an engine asks for before it runs at its pace: its import, and how much longer the first replication takes than the next."""
    began = time.perf_counter()
    import_module(f"sim.engines.{engine}")
    imported = time.perf_counter() - began
    play, _ = ENGINES[engine].make(numbers(), SEED)
    took = []
    for replication in range(3):
        began = time.perf_counter()
        play(replication)
        took.append(time.perf_counter() - began)
    return {"start_seconds": imported + took[0] - min(took[1:])}


def starts(engine: str) -> Answer:
    """`start` in two processes: nothing compiled is kept before the first, and the second finds what the first has left."""
    with tempfile.TemporaryDirectory(prefix="compiled-") as folder:
        first, second = (ask("start", {"NUMBA_CACHE_DIR": folder}, engine=engine)["start_seconds"] for _ in range(2))
    return {"first_start_seconds": first, "second_start_seconds": second}


def casey(engine: str, first: int, replications: int) -> Answer:
    """Seconds a replication of `casey_2022`, by what they are spent on; `play` includes another drawing of the cast."""
    import sim
    from sim.measures import measure

    plan = sim.load_scenario("casey_2022").plan
    play, cast = plays(engine), casts(engine, plan)
    a_day = replace(plan, ends_at=MINUTES_A_DAY, observation=Observation(0, MINUTES_A_DAY, MINUTES_A_DAY))
    measure(a_day, play(a_day, SEED, first))
    if ENGINES[engine].warm_up_days is None:
        play(plan, SEED, first + replications)
    spent: dict[str, list[float]] = {"cast": [], "play": [], "measures": []}
    for replication in range(first, first + replications):
        times = [time.perf_counter()]
        cast(SEED, replication)
        times.append(time.perf_counter())
        record = play(plan, SEED, replication)
        times.append(time.perf_counter())
        measure(plan, record)
        times.append(time.perf_counter())
        for part, seconds in zip(spent, np.diff(times), strict=True):
            spent[part].append(float(seconds))
    rows = len(record.events["minute"])
    return {f"{part}_seconds": statistics.median(seconds) for part, seconds in spent.items()} | {"rows": rows}


def asked_twice(replications: int) -> Answer:
    """Seconds of a question about `casey_2022`, of the same asked again in that process, and of other futures; nothing is kept on disk between."""
    import sim

    took = []
    for seed in (SEED, SEED, SEED + 1):
        began = time.perf_counter()
        sim.run("casey_2022", replications=replications, seed=seed)
        took.append(time.perf_counter() - began)
    first, again, others = took
    return {"first_seconds": first, "again_seconds": again, "others_seconds": others, "replications": replications}


def command(replications: int) -> Answer:
    """Seconds from the command line to the printed table of `casey_2022`, in a folder without results; what is compiled was compiled before."""
    took = []
    for asked in (2, replications):
        with tempfile.TemporaryDirectory(prefix="results-") as folder:
            words = ["run", "casey_2022", "--replications", str(asked), "--no-figures", "--out", folder]
            began = time.perf_counter()
            subprocess.run([sys.executable, "-m", "sim", *words], check=True, stdout=subprocess.DEVNULL)
            took.append(time.perf_counter() - began)
    return {"command_seconds": took[-1], "replications": replications}


def what_if(engine: str, arm: str, replications: int) -> Answer:
    """A change of staffing in the same futures: its effect on mean days, and the variances of the difference with keyed and with independent draws.

    The variance of a difference between independent futures is the sum of the variances of both.
    """
    chosen = ENGINES[engine]
    means = []
    for given in (numbers(), numbers().staffed(**ARMS[arm])):
        play, read = chosen.make(given, SEED)
        means.append([float(read(play(replication)).days.mean()) for replication in range(replications)])
    base, other = np.asarray(means)
    return {
        "effect_days": float((other - base).mean()),
        "variance_keyed": float(np.var(other - base, ddof=1)),
        "variance_independent": float(np.var(base, ddof=1) + np.var(other, ddof=1)),
        "largest_difference_days": float(np.abs(other - base).max()),
        "replications": replications,
    }


TASKS: dict[str, Callable[..., Answer]] = {
    task.__name__: task for task in (pathway, workers, start, starts, casey, command, asked_twice, what_if)
}


def _warm(engine: Engine, scale: int) -> tuple[Play, Read]:
    """An engine that has compiled and seen everything it needs, and that no warm-up has slowed down."""
    made = numbers(scale)
    short = made if engine.warm_up_days is None else made.until(engine.warm_up_days)
    play, _ = engine.make(short, SEED)
    play(0)
    return engine.make(made, SEED)


@contextmanager
def _two_workers(engine: Engine, play: Play) -> Iterator[Callable[[int], Future[None]]]:
    """Hands replications to two workers who are ready, and forgets what they play."""
    if engine.threads:
        with ThreadPoolExecutor(2) as pool:
            yield lambda replication: pool.submit(_play_and_forget, play, replication)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, context, _get_ready, (engine.name, context.Barrier(2))) as processes:
        for future in [processes.submit(_meet) for _ in range(2)]:
            future.result()
        yield lambda replication: processes.submit(_play_here, replication)


def _play_and_forget(play: Play, replication: int) -> None:
    play(replication)


_here: dict[str, Any] = {}
"""What a worker process plays, and where it meets the other."""


def _get_ready(engine: str, both_ready: Barrier) -> None:
    _here["play"], _ = _warm(ENGINES[engine], 1)
    _here["both_ready"] = both_ready


def _meet() -> None:
    _here["both_ready"].wait()


def _play_here(replication: int) -> None:
    _here["play"](replication)


def _peak_megabytes() -> float:
    """The most memory this process has had. Linux counts what its parent had too, but for one place."""
    status = Path("/proc/self/status")
    if status.exists():
        (peak,) = (line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 2**10
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10

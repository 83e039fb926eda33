"""Who plays the workload, and how is each asked? One signature for all; a tool is imported only when its turn has come."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.given import Numbers

if TYPE_CHECKING:
    from sim.plan import Plan
    from sim.record import Record

Play = Callable[[int], Any]
"""Plays a replication, by number, log and all."""


class Outcome(NamedTuple):
    """Days of each case closed after the warm-up, and how many rows the log has."""

    days: NDArray[np.float64]
    rows: int


Read = Callable[[Any], Outcome]
"""What a play has shown. It is read when the clock has stopped."""


@dataclass(frozen=True)
class Engine:
    name: str
    title: str
    make: Callable[[Numbers, int], tuple[Play, Read]]
    """From numbers and a seed."""
    why_not: Callable[[], str]
    """Why it cannot be asked here; empty if it can."""
    rounds: dict[int, tuple[int, int]]
    """Scale -> in how many rounds it is timed, and with how many replications in each."""
    warm_up_days: int | None = None
    """A warm-up this long will do for what compiles nothing; None for a whole replication."""
    workers: tuple[int, int] = (0, 0)
    """In how many rounds it is timed with one and two workers, and with how many replications each."""
    threads: bool = False
    """Whether its workers are threads, not processes."""


def plays(engine: str) -> Callable[..., Record]:
    """How this model's engine of that name plays (plan, seed, replication); the fast one in memory that its thread uses again, as the program does."""
    if engine == "reference":
        from sim.engines.reference import play

        return play
    from sim.engines import fast
    from sim.engines.fast.workspace import Workspace

    here = threading.local()

    def play_again(plan: Plan, seed: int, replication: int) -> Record:
        if not hasattr(here, "workspace"):
            here.workspace = Workspace()
        return fast.play(plan, seed, replication, workspace=here.workspace)

    return play_again


def casts(engine: str, plan: Plan) -> Callable[[int, int], object]:
    """How it draws the cast of (seed, replication)."""
    if engine == "reference":
        from sim.engines.cast import make

        return lambda seed, replication: make(plan, seed, replication)
    from sim.engines.fast.cast import draw_into, prepare
    from sim.engines.fast.workspace import Workspace

    space, prepared = Workspace(), prepare(plan)
    return lambda seed, replication: draw_into(space, prepared, seed, replication)


def _by_plan(engine: str) -> Callable[[Numbers, int], tuple[Play, Read]]:
    def make(numbers: Numbers, seed: int) -> tuple[Play, Read]:
        from benchmarks.workload import days_of, plan_of

        play, plan = plays(engine), plan_of(numbers)
        return (
            lambda replication: play(plan, seed, replication),
            lambda record: Outcome(days_of(plan, record), len(record.events["minute"])),
        )

    return make


def _peer(module: str) -> Callable[[Numbers, int], tuple[Play, Read]]:
    def make(numbers: Numbers, seed: int) -> tuple[Play, Read]:
        simulate = import_module(f"benchmarks.peers.{module}").simulate
        return lambda replication: simulate(numbers, 1000 * seed + replication), _lists

    return make


def _c(numbers: Numbers, seed: int) -> tuple[Play, Read]:
    return import_module("benchmarks.peers.with_c").player(numbers, seed), _lists


def _lists(days_and_log: tuple[Any, Any]) -> Outcome:
    days, log = days_and_log
    return Outcome(np.asarray(days, dtype=np.float64), len(log))


def _needs(*modules: str) -> Callable[[], str]:
    return lambda: "" if all(find_spec(module) for module in modules) else "not installed"


def _no_fast() -> str:
    from sim.compile import INSTALLED  # not above: it brings numba with it, which the other processes can do without

    return "" if INSTALLED and hasattr(import_module("sim.engines.fast"), "play") else "not installed"


def _no_compiler() -> str:
    return "" if import_module("benchmarks.peers.with_c").compiler() else "no C compiler"


ENGINES = {
    engine.name: engine
    for engine in (
        Engine("fast", "this model, fast engine", _by_plan("fast"), _no_fast,
               {1: (5, 20), 5: (3, 10), 20: (3, 4)}, workers=(3, 40), threads=True),
        Engine("c", "C, for this workload alone", _c, _no_compiler,
               {1: (5, 20), 5: (3, 10), 20: (3, 4)}, workers=(3, 40), threads=True),
        Engine("heapq", "Python, one heap and no library", _peer("with_heapq"), _needs(),
               {1: (5, 2), 5: (2, 1), 20: (1, 1)}, warm_up_days=200, workers=(1, 4)),
        Engine("simpy", "SimPy, as people write it", _peer("with_simpy"), _needs("simpy"),
               {1: (5, 1), 5: (2, 1), 20: (1, 1)}, warm_up_days=200, workers=(1, 4)),
        Engine("reference", "this model, reference engine", _by_plan("reference"), _needs("simpy"),
               {1: (3, 1), 5: (1, 1)}, warm_up_days=200, workers=(1, 2)),
        Engine("salabim", "salabim", _peer("with_salabim"), _needs("salabim"), {1: (2, 1)}, warm_up_days=200),
        Engine("ciw", "Ciw", _peer("with_ciw"), _needs("ciw"), {1: (2, 1)}, warm_up_days=200),
    )
}  # fmt: skip

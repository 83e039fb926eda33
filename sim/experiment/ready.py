"""Is what plays and measures compiled? That is done once for a machine, takes a while, is said beforehand, and does not count as playing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from sim.compile import INSTALLED
from sim.experiment.engines import Engine
from sim.experiment.jobs import Job, UnplayableError, play_job
from sim.plan import MINUTES_A_DAY, Observation, Plan

COMPILING = "Compiling for this machine, once: it takes a while, and the next start does without."

_ready: set[Engine] = set()


def make_ready(engine: Engine, plan: Plan, notice: Callable[[str], object]) -> None:
    """Play and measure the first day of a plan, the first time in this process, so that everything is compiled or read from disk."""
    if engine in _ready:
        return
    a_day = replace(plan, ends_at=MINUTES_A_DAY, observation=Observation(0, MINUTES_A_DAY, MINUTES_A_DAY))
    with _compiling_told(notice), suppress(UnplayableError):  # which is for the play of all days to say
        play_job(Job(a_day, 0, 0, engine))
    _ready.add(engine)


@contextmanager
def _compiling_told(notice: Callable[[str], object]) -> Iterator[None]:
    """A notice when something is compiled that was not found on disk."""
    if not INSTALLED:
        yield
        return
    from numba.core import event

    event.Listener.register(_Once)
    with event.install_listener("numba:compile", _Once(notice)):
        yield


class _Once:
    """Hears of every function that is compiled and tells of the first."""

    def __init__(self, notice: Callable[[str], object]) -> None:
        self.notice = notice
        self.told = False

    def notify(self, _: object) -> None:
        """Called by numba when it begins to compile and when it ends."""
        if not self.told:
            self.told = True
            self.notice(COMPILING)

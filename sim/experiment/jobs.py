"""What is one future? A replication of a plan is one job; what comes back is its figures and, where asked for, its rows."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.engines.cast import CastError
from sim.engines.reading import PlayError
from sim.experiment.engines import Engine
from sim.experiment.study import Floats
from sim.measures import values
from sim.measures.caught import Commencement, caught
from sim.measures.told import told, untold
from sim.plan import MINUTES_A_DAY, Observation, Plan
from sim.record import Record, What

if TYPE_CHECKING:
    from sim.engines.fast.workspace import Workspace  # needs its extra


class UnplayableError(Exception):
    """A plan led into something that cannot be played."""


@dataclass(frozen=True)
class Job:
    """One replication of one plan."""

    plan: Plan
    seed: int
    replication: int
    engine: Engine
    rows: tuple[str, str] | None = None
    """Label and world that its rows are sent back under; None if they are not. The figures are the same either way."""
    keep: Mapping[int, Path] = field(default_factory=dict)
    """Where to leave its state before a minute, for jobs that tell the same story until then."""
    after: int | None = None
    """The job that leaves the state this one goes on from, by position; None for a play from the start."""
    past: Path | None = None
    """Where that state is."""
    caught_by: tuple[Commencement, ...] = ()
    """Reforms of this plan of which it is asked which open cases they catch."""
    also: tuple[Observation, ...] = ()
    """Other windows that the same play is looked at through; their figures follow those of the plan's own."""


@dataclass(frozen=True)
class Outcome:
    """What a job sends back: small enough to travel."""

    values: Floats
    """Its figures, in the order of `sim.measures.labels`, once for the plan's own window and once for each of `Job.also`."""
    rows: bytes | None
    """What happened, as a Parquet file."""
    caught: Floats | None = None
    """For each of `Job.caught_by` the open cases by node and state, shape (reforms, nodes, states)."""


def play_job(job: Job) -> Outcome:
    """Play one replication and measure it.

    Raises:
        UnplayableError: the plan led into something that cannot be played.
    """
    try:
        record, counts = _play_and_look(job) if job.caught_by else (record_of(job), None)
    except (PlayError, CastError) as error:
        raise UnplayableError(str(error)) from None
    figures = [values(replace(job.plan, observation=seen), record) for seen in (job.plan.observation, *job.also)]
    return Outcome(np.concatenate(figures), _rows(job.plan, record, *job.rows) if job.rows else None, counts)


def _play_and_look(job: Job) -> tuple[Record, Floats]:
    """The record of a job, and which open cases reforms catch in it."""
    looked_at = record_of(replace(job, plan=told(job.plan), keep={}, after=None, past=None))
    counts = np.stack(caught(job.plan, looked_at, job.caught_by)).astype(np.float64)
    # Other jobs may go on from what the reference engine keeps of this one, so there the plan itself is played too.
    return untold(job.plan, looked_at) if job.engine is Engine.fast else record_of(job), counts


def record_of(job: Job) -> Record:
    # Neither engine is imported where the other plays: one needs its extra, and both take a while.
    if job.engine is Engine.fast:
        from sim.engines import fast

        return fast.play(job.plan, job.seed, job.replication, workspace=_workspace())
    from sim.engines import reference

    if job.past is not None:
        return reference.go_on(job.plan, job.past)
    return reference.play(job.plan, job.seed, job.replication, keep=job.keep)


_here = threading.local()


def _workspace() -> Workspace:
    """The memory in which this thread plays one replication after the other."""
    if not hasattr(_here, "workspace"):
        from sim.engines.fast.workspace import Workspace

        _here.workspace = Workspace()
    made: Workspace = _here.workspace
    return made


def _rows(plan: Plan, record: Record, label: str, world: str) -> bytes:
    """The rows of a replication as Parquet, nodes and words spelt out, the same whoever played."""
    import pandas as pd

    from sim.experiment.tables import parquet

    events = {name: column.astype(np.int32, copy=False) for name, column in record.events.items()}
    days = np.datetime64(plan.starts_on, "s") + (events["minute"] // MINUTES_A_DAY).astype("timedelta64[D]")
    same = np.zeros(len(days), np.int8)
    table = pd.DataFrame(
        {
            "scenario": pd.Categorical.from_codes(same, pd.Index([label])),
            "world": pd.Categorical.from_codes(same, pd.Index([world])),
            "replication": np.full(len(days), record.replication, np.int32),
            "minute": events["minute"],
            "day": days,
            "case": events["case"],
            "token": events["token"],
            "node": pd.Categorical.from_codes(events["node"], pd.Index([node.name for node in plan.nodes])),
            "what": pd.Categorical.from_codes(events["what"], pd.Index([what.name.lower() for what in What])),
            "item": events["item"],
            "value": events["value"],
        }
    )
    return parquet(table, "* REPLACE (CAST(day AS DATE) AS day)")

"""Which jobs may begin where another's past ends? The digits stay the same; only time is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sim.engines.past import same_until
from sim.experiment.engines import Engine
from sim.experiment.jobs import Job

LEAST_SHARE = 0.15
"""Of a run: a past shorter than this costs more to keep than it saves."""


def share_pasts(jobs: Sequence[Job], folder: Path) -> list[Job]:
    """The jobs, some of them going on from the state that an earlier one of the same future leaves in `folder`.

    Only the reference engine keeps its state: the fast one would be done sooner than it could be read.
    """
    shared = list(jobs)
    known: dict[tuple[int, int], int] = {}
    for at, job in enumerate(jobs):
        if job.engine is not Engine.reference:
            continue
        best, parent = int(LEAST_SHARE * job.plan.ends_at), None
        for earlier in range(at):
            other = jobs[earlier]
            if shared[earlier].after is not None or (other.seed, other.replication) != (job.seed, job.replication):
                continue
            pair = (id(other.plan), id(job.plan))
            if pair not in known:
                known[pair] = same_until(other.plan, job.plan)
            if best < known[pair] < job.plan.ends_at:
                best, parent = known[pair], earlier
        if parent is not None:
            path = shared[parent].keep.get(best, folder / f"{parent}-{best}")
            shared[parent] = replace(shared[parent], keep={**shared[parent].keep, best: path})
            shared[at] = replace(job, after=parent, past=path)
    return shared

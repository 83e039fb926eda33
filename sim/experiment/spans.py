"""What did the same futures add up to over several windows? A year can then be held against the year before it, future by future."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sim.experiment.engines import Engine, choose
from sim.experiment.intervals import CHANCE, half_width
from sim.experiment.jobs import Job, record_of
from sim.experiment.pools import default_workers
from sim.experiment.ready import make_ready
from sim.experiment.study import Floats
from sim.measures.asked import Asked
from sim.plan import Observation, Plan

if TYPE_CHECKING:
    import pandas as pd

SPANNED = ("arm", "world", "span", "measure", "counted", "basis", "group", "period", "replication", "value", "unit")


@dataclass(frozen=True)
class Span:
    """A window on a play: what is received, done or counted `since` a day until before another."""

    since: date
    until: date
    extract_on: date | None = None
    """As known on this day; that of the plan if not said."""

    def on(self, plan: Plan) -> Plan:
        """The plan seen through this window. It is played alike: engines do not read windows."""
        extract = plan.observation.extract_on if self.extract_on is None else plan.minute(self.extract_on)
        return replace(plan, observation=Observation(plan.minute(self.since), plan.minute(self.until), extract))


def play_spans(
    plans: Mapping[tuple[str, str], Plan],
    spans: Mapping[str, Span],
    measures: Sequence[str],
    *,
    seed: int,
    replications: int,
    workers: int | None = None,
    engine: str | None = None,
) -> pd.DataFrame:
    """Every figure of these measures over every span, in every replication: `SPANNED`.

    Args:
        plans: by arm and world; each is played once for each replication, however many spans there are.
        spans: by name.
        measures: names of `sim.measures.MEASURES`.
        seed: any whole number; plans that share names have the same futures under one seed.
        replications: how many futures.
        workers: threads of the fast engine; as many as cores if not said.
        engine: ``fast`` or ``reference``; the fast one where it is installed if not said.

    Raises:
        UnplayableError: a plan led into something that cannot be played.
    """
    import pandas as pd

    chosen, _ = choose(engine, plans.values())
    make_ready(chosen, next(iter(plans.values())), lambda _: None)
    asked = {key: {name: Asked(span.on(plan), measures) for name, span in spans.items()} for key, plan in plans.items()}
    jobs = [
        (key, Job(plan, seed, replication, chosen))
        for replication in range(replications)
        for key, plan in plans.items()
    ]
    # The reference engine holds the interpreter's lock: more threads would only wait for one another.
    threads = (workers or default_workers()) if chosen is Engine.fast else 1
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(lambda one: _values(asked[one[0]], one[1]), jobs))
    parts = []
    for (key, job), values in zip(jobs, found, strict=True):
        arm, world = key
        for span, known in values.items():
            table = asked[key][span].labels
            table = table.assign(value=known, arm=arm, world=world, span=span, replication=job.replication)
            parts.append(table[table["measure"].isin(measures)])
    return pd.concat(parts, ignore_index=True)[list(SPANNED)]


def _values(asked: Mapping[str, Asked], job: Job) -> dict[str, Floats]:
    record = record_of(job)
    return {span: one.values(record) for span, one in asked.items()}


@dataclass(frozen=True)
class Estimate:
    """The mean of one figure over futures, with both of its spreads."""

    mean: float
    low: float
    high: float
    """Computing, 95%: more replications shrink it. Null below two."""
    chance_low: float
    chance_high: float
    """The 10% and 90% points of single futures."""
    replications: int
    """In which it was known: a rate of nothing is not."""


def estimate(values: Floats) -> Estimate:
    """The mean of a figure from its value in each future; null where no future tells."""
    known = values[~np.isnan(values)]
    count = len(known)
    if count == 0:
        unknown = float("nan")
        return Estimate(unknown, unknown, unknown, unknown, unknown, 0)
    mean = float(known.mean())
    deviation = np.array([known.std(ddof=1) if count > 1 else np.nan])
    half = float(half_width(deviation, np.array([count]))[0])
    chance_low, chance_high = np.quantile(known, CHANCE)
    return Estimate(mean, mean - half, mean + half, float(chance_low), float(chance_high), count)

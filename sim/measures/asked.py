"""What is asked of every record of a plan? The list of its figures, made once, and their values in each record."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from functools import cached_property, lru_cache
from itertools import chain

import numpy as np
import pandas as pd

from sim.measures import (
    by_quarter,
    capacity,
    clocks,
    decisions,
    durations,
    exits,
    money,
    people,
    quarters,
    queues,
    rework,
    stocks,
    suspension,
    time_ledger,
)
from sim.measures.cohort import View
from sim.measures.figures import Figures
from sim.measures.lens import Lens
from sim.measures.memory import of_this_thread
from sim.measures.periods import Bools, Floats, Ints
from sim.measures.registry import MEASURES
from sim.plan import Plan
from sim.record import Record

LABELS = ("measure", "counted", "basis", "group", "period", "unit")


class Asked:
    """All figures of a plan that its pathway has the attributes for, or those found together with some measures, in the order of `MEASURES`."""

    def __init__(self, plan: Plan, only: Collection[str] | None = None) -> None:
        self._lens = Lens(plan)
        self._attributes: frozenset[str] = frozenset()  # those that were asked for of records before
        modules = (
            stocks,
            durations,
            quarters,
            rework,
            decisions,
            exits,
            by_quarter,
            people,
            capacity,
            queues,
            clocks,
            suspension,
            time_ledger,
            money,
        )
        figures = chain.from_iterable(module.figures(self._lens) for module in modules)
        self._figures: list[Figures] = [
            part for part in figures if only is None or not set(part.measures).isdisjoint(only)
        ]

    @cached_property
    def labels(self) -> pd.DataFrame:
        """What is said of each figure: `LABELS`."""
        rows = [
            (measure, part.counted, *line, MEASURES[measure].unit)
            for part in self._figures
            for measure in part.measures
            for line in part.lines
        ]
        return pd.DataFrame([rows[at] for at in self._order], columns=list(LABELS))

    def values(self, record: Record) -> Floats:
        """The value of each figure; null where the record does not tell.

        Raises:
            ValueError: play stopped before the extract date.
        """
        view = View(self._lens, record, of_this_thread())
        view.ask(self._attributes)
        found = [
            np.ravel(part.values(view)) if _any(part.told(record)) else np.full(part.size, np.nan)
            for part in self._figures
        ]
        view.forget()
        self._attributes |= view.asked
        return np.concatenate(found, dtype=np.float64)[self._order]

    def told(self, record: Record) -> Bools:
        """Of which figures the record tells."""
        found = [part.told(record) for part in self._figures]
        if all(map(_all, found)):
            return np.ones(sum(part.size for part in self._figures), dtype=bool)
        told = [np.resize(np.asarray(of, dtype=bool), part.size) for of, part in zip(found, self._figures, strict=True)]
        return np.concatenate(told)[self._order]

    @cached_property
    def _order(self) -> Ints:
        """The positions of the figures, as they are found, in the order of `MEASURES`."""
        place = {name: number for number, name in enumerate(MEASURES)}
        places = [place[measure] for part in self._figures for measure in part.measures for _ in part.lines]
        return np.argsort(places, kind="stable")


def _all(told: bool | Sequence[bool]) -> bool:
    return told if isinstance(told, bool) else all(told)


def _any(told: bool | Sequence[bool]) -> bool:
    return told if isinstance(told, bool) else any(told)


class _Same:
    """A plan that is equal to those made of the very same parts and seen alike, as by `dataclasses.replace`; to compare by value would take longer than to
    measure."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        parts = (getattr(plan, part.name) for part in fields(plan) if part.name != "observation")
        self._key = (plan.observation, *map(id, parts))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._key == other._key


def asked_of(plan: Plan) -> Asked:
    """What is asked of a plan, made once."""
    return _asked_of(_Same(plan))


@lru_cache(maxsize=64)
def _asked_of(same: _Same) -> Asked:
    return Asked(same.plan)

"""What did it add up to? Pure functions of a plan and the record of one replication.

`measure` gives every figure that the pathway has the attributes for, one row each; `ledger` says where the
days of each case went; `MEASURES` says what each figure means and `BASES` what each basis means. A measure
whose attributes or levels the pathway lacks is left out, as are those of events when the record kept none.
"""

from __future__ import annotations

from itertools import chain

import pandas as pd

from sim.measures import capacity, decisions, durations, people, stocks, time_ledger
from sim.measures.cohort import BASES, Figure, View
from sim.measures.events import has_events, states
from sim.measures.registry import MEASURES, Measure
from sim.measures.time_ledger import ledger
from sim.plan import Plan
from sim.record import Record

__all__ = ["BASES", "COLUMNS", "MEASURES", "Measure", "ledger", "measure"]

COLUMNS = ("measure", "counted", "basis", "group", "period", "value", "unit")
"""Columns of the table that `measure` returns."""


def measure(plan: Plan, record: Record) -> pd.DataFrame:
    """Every figure of one replication: `COLUMNS`, a row each, in the order of `MEASURES`.

    `group` is empty for all, else ``name=level``. `period` is the window (``2013-04-01/2022-03-31``), a
    financial year wholly in it (``2015-16``) or, for stocks, the last day of a quarter (``2015-06-30``). A
    zero denominator gives a null value.

    Raises:
        ValueError: play stopped before the extract date.
    """
    view = View(plan, record)
    figures: list[Figure] = list(
        chain(
            stocks.figures(view),
            durations.figures(view),
            decisions.figures(view),
            people.figures(view),
            capacity.figures(view),
        )
    )
    if has_events(record):
        stretches = states(plan, record)
        figures += capacity.queues(view, stretches)
        figures += time_ledger.figures(view, stretches)
    place = {name: number for number, name in enumerate(MEASURES)}
    figures.sort(key=lambda figure: place[figure.measure])
    return pd.DataFrame([(*figure, MEASURES[figure.measure].unit) for figure in figures], columns=list(COLUMNS))

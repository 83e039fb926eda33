"""What did it add up to? Pure functions of a plan and the record of one replication.

`measure` gives every figure that the pathway has the attributes for, one row each; `ledger` says where the
days of each case went; `MEASURES` says what each figure means and `BASES` what each basis means. A measure
whose attributes or levels the pathway lacks is left out, as are those of events when the record kept none.

What is said of a figure is the same for every record of a plan: `labels` says it once, and `values` gives what a record adds to it.
"""

from __future__ import annotations

import pandas as pd

from sim.measures.asked import LABELS, asked_of
from sim.measures.cohort import BASES
from sim.measures.periods import Floats
from sim.measures.registry import MEASURES, Measure
from sim.measures.time_ledger import ledger
from sim.plan import Plan
from sim.record import Record

__all__ = ["BASES", "COLUMNS", "MEASURES", "Measure", "labels", "ledger", "measure", "values"]

COLUMNS = (*LABELS[:-1], "value", LABELS[-1])
"""Columns of the table that `measure` returns."""


def measure(plan: Plan, record: Record) -> pd.DataFrame:
    """Every figure of one replication: `COLUMNS`, a row each, in the order of `MEASURES`.

    `group` is empty for all, else ``name=level``. `period` is the window (``2013-04-01/2022-03-31``), a
    financial year wholly in it (``2015-16``) or, for stocks, the last day of a quarter (``2015-06-30``). A
    zero denominator gives a null value. What the record does not tell, as without events, is left out.

    Raises:
        ValueError: play stopped before the extract date.
    """
    table = labels(plan)
    table.insert(COLUMNS.index("value"), "value", values(plan, record))
    told = asked_of(plan).told(record)
    return table if told.all() else table[told].reset_index(drop=True)


def labels(plan: Plan) -> pd.DataFrame:
    """What `measure` says of each figure of a record that tells everything: `COLUMNS` without the value."""
    return asked_of(plan).labels.copy()


def values(plan: Plan, record: Record) -> Floats:
    """The value of each figure of `labels`; null also where the record does not tell, as without events.

    Raises:
        ValueError: play stopped before the extract date.
    """
    return asked_of(plan).values(record)

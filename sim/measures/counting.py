"""How are rows counted? Once each, into tables of whole numbers, so that a sum has one value in any order.

What is compiled (`sim/compile.py`) writes into arrays that its caller made.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.compile import INSTALLED, compiled, inlined
from sim.measures.periods import Ints
from sim.plan import MINUTES_A_DAY

Codes = NDArray[np.int16]
"""Positions of groups, -1 for none."""

Marks = NDArray[np.int8]

Result = TypeVar("Result")


def run(kernel: Callable[..., Result], *arguments: object) -> Result:
    """Run what `compiled` made.

    Where it stayed Python, arrays are handed over as memory views: their single numbers are read several times as fast.
    """
    return kernel(*(arguments if INSTALLED else map(_viewed, arguments)))


def _viewed(argument: object) -> object:
    return argument.data if isinstance(argument, np.ndarray) else argument


@compiled
def tally_different(
    counts: Ints, seen: Marks, person: Ints, cell: Ints, group: Codes, piece: Ints, periods: Ints
) -> None:
    """Add each person to `counts` (groups, periods) once, however many of their rows lie there.

    `group` has the shape (cells, families), -1 for no more. `periods` are those that each piece is in, -1 for no more; shape (pieces, most). `seen` is all zero, shape
    (people, groups, periods).
    """
    for row in range(len(person)):
        who, of_cell, at = person[row], cell[row], piece[row]
        for number in range(periods.shape[1]):
            period = periods[at, number]
            if period < 0:
                break
            for family in range(group.shape[1]):
                of_group = group[of_cell, family]
                if of_group < 0:
                    break
                if not seen[who, of_group, period]:
                    seen[who, of_group, period] = 1
                    counts[of_group, period] += 1


@inlined
def passed(edges: Ints, minute: int) -> int:
    """How many of these minutes, which ascend, had come by a minute."""
    low, high = 0, len(edges)
    while low < high:
        middle = (low + high) // 2
        if edges[middle] <= minute:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def passed_by(by_day: Codes, minute: int) -> int:
    """The same of midnights from the plan's start on, from how many had come when each day of play began (`periods.passed_by_day`)."""
    if minute < 0:
        return 0
    number: int = by_day[min(minute // MINUTES_A_DAY, len(by_day) - 1)]
    return number


@compiled
def tally_cells(counts: Ints, cell: Ints, piece: Ints) -> None:
    """Add each row to `counts` (cells, pieces)."""
    for row in range(len(cell)):
        counts[cell[row], piece[row]] += 1


@compiled
def tally_kinds(counts: Ints, kind: Ints | Marks, cell: Ints, piece: Ints) -> None:
    """Add each row to `counts` (kinds, cells, pieces)."""
    for row in range(len(cell)):
        counts[kind[row], cell[row], piece[row]] += 1


@compiled
def tally_stock(
    counts: Ints, since: Ints, until: Ints, cell: Ints, quarters_over: Codes, quarter_days: Ints, ages: Ints
) -> None:
    """Add each row to `counts` (bands of age, cells, quarters) at the end of every quarter it was there.

    A row is there from `since` until `until`: at a midnight after the one and not after the other. `quarters_over` says how many quarters had ended when each
    day of play began, `quarter_days` which days these were. Its band is the number of `ages`, in days, that it is older than.
    """
    for row in range(len(since)):
        began, of_cell = since[row] // MINUTES_A_DAY, cell[row]
        for at in range(passed_by(quarters_over, since[row]), passed_by(quarters_over, until[row])):
            days, band = quarter_days[at] - began, 0
            for age in range(len(ages)):
                band += days > ages[age]
            counts[band, of_cell, at] += 1

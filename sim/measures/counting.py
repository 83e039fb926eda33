"""How are rows counted? Once each, into tables of whole numbers, so that a sum has one value in any order.

What is compiled (`sim/compile.py`) writes into arrays that its caller made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.compile import INSTALLED, compiled
from sim.measures.periods import Ints

Codes = NDArray[np.int16]
"""Positions of groups, -1 for none."""

Marks = NDArray[np.int8]

Result = TypeVar("Result")
Number = TypeVar("Number", bound=np.number)


def run(kernel: Callable[..., Result], *arguments: object) -> Result:
    """Run what `compiled` made.

    Where it stayed Python, arrays are handed over as memory views: their single numbers are read several times as fast.
    """
    return kernel(*(arguments if INSTALLED else map(_viewed, arguments)))


def _viewed(argument: object) -> object:
    return argument.data if isinstance(argument, np.ndarray) else argument


class _Memory(threading.local):
    """Memory that each thread keeps and writes over: to ask the system for so much of it anew takes longer than to fill it."""

    def __init__(self) -> None:
        self.kept: dict[str, NDArray[np.uint8]] = {}


_MEMORY = _Memory()


def scratch(name: str, number: int, kind: type[Number]) -> NDArray[Number]:
    """So many numbers that hold anything, good until the next time this thread asks for that name."""
    size = number * np.dtype(kind).itemsize
    if name not in _MEMORY.kept or len(_MEMORY.kept[name]) < size:
        _MEMORY.kept[name] = np.empty(size, dtype=np.uint8)
    return _MEMORY.kept[name][:size].view(kind)


@compiled
def tally_different(
    counts: Ints, seen: Marks, person: Ints, cell: Ints, group: Codes, piece: Ints, periods: Ints
) -> None:
    """Add each person to `counts` (groups, periods) once, however many of their rows lie there.

    `group` has the shape (cells, families), -1 for none. `periods` are those that each piece is in, -1 for no more; shape (pieces, most). `seen` is all zero, shape
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
                if of_group >= 0 and not seen[who, of_group, period]:
                    seen[who, of_group, period] = 1
                    counts[of_group, period] += 1


@compiled
def tally_stock(counts: Ints, first: Ints, after: Ints, day: Ints, cell: Ints, midnights: Ints, ages: Ints) -> None:
    """Add each row to `counts` (bands of age, cells, midnights) at every midnight it was there.

    These are the midnights from the position `first` until before `after`; each is the number of a day. The row began on `day`. Its band is the number of
    `ages`, in days, that it is older than.
    """
    for row in range(len(first)):
        began, of_cell = day[row], cell[row]
        for at in range(first[row], after[row]):
            band = 0
            for age in range(len(ages)):
                band += midnights[at] - began > ages[age]
            counts[band, of_cell, at] += 1

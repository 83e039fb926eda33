"""How do rows become columns? A table turned over, block by block, so that whoever reads a column reads it in one piece."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.compile import compiled

if TYPE_CHECKING:
    from sim.engines.fast.engine import Workspace

BLOCK = 64
"""Rows turned over at a time: they and their columns fit the nearest memory."""


@compiled
def _turn(rows: NDArray[Any], turned: NDArray[np.int64]) -> None:
    for begin in range(0, rows.shape[0], BLOCK):
        end = min(begin + BLOCK, rows.shape[0])
        for column in range(rows.shape[1]):
            for row in range(begin, end):
                turned[column, row] = rows[row, column]


def columns(rows: NDArray[Any], space: Workspace, called: str) -> Iterable[NDArray[np.int64]]:
    """The columns of a table of rows, in memory of the workspace."""
    turned = space.take(called, np.int64, rows.shape[1], rows.shape[0])
    _turn(rows, turned)
    return turned

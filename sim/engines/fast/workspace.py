"""Where do the arrays of a replication lie? In memory that is used again: new memory is emptied page by page as it is first touched, which takes longer than filling it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engines.fast import layout

LINE = 64
"""Bytes of a line of the processor's memory."""
SPARE = 16
"""An array has room for this part more than is asked for, so that a replication of a few more cases fits."""
CHUNK = 1 << 24
"""Small arrays share so many bytes: large pieces of memory come in large pages, of which the processor remembers where they are."""
FEWEST_TOKENS, FEWEST_SIGNALS = 1 << 12, 1 << 10


class Workspace:
    """Memory that is used again from play to play, by name, made anew only where there is too little."""

    def __init__(self) -> None:
        self.memory: dict[str, NDArray[np.uint8]] = {}
        self.left = np.empty(0, np.uint8)
        self.room = {
            layout.SHORT_OF_ROWS: 0,
            layout.SHORT_OF_TOKENS: FEWEST_TOKENS,
            layout.SHORT_OF_POOL: 0,
            layout.SHORT_OF_SIGNALS: FEWEST_SIGNALS,
        }
        """How much of what a play may run short of."""

    def take(self, called: str, kind: Any, *shape: int) -> NDArray[Any]:
        """An array of this shape that begins on a line of the processor's memory, whatever is in it."""
        size = math.prod(shape) * np.dtype(kind).itemsize
        whole = self.memory.get(called)
        if whole is None or len(whole) < size:
            whole = self.memory[called] = self._piece(size + size // SPARE)
        array: NDArray[Any] = whole[:size].view(kind).reshape(shape)
        return array

    def _piece(self, size: int) -> NDArray[np.uint8]:
        """So many bytes or a few more, from the start of a line."""
        size += -size % LINE
        if len(self.left) < size:
            left = np.empty(max(size, CHUNK) + LINE, np.uint8)
            self.left = left[-left.ctypes.data % LINE :]
        piece, self.left = self.left[:size], self.left[size:]
        return piece

    def fill(self, called: str, kind: Any, value: int, *shape: int) -> NDArray[Any]:
        """An array of this shape, full of one value."""
        array = self.take(called, kind, *shape)
        array.fill(value)
        return array

    def zeros(self, called: str, kind: Any, *shape: int) -> NDArray[Any]:
        """A record array with nothing in it."""
        array = self.take(called, kind, *shape)
        array.view(np.uint8).fill(0)
        return array

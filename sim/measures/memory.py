"""Where is what is found written down? Memory that a thread uses again from record to record.

Pages that are fresh from the operating system cost more than what is written into them.
"""

from __future__ import annotations

import threading
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Memory:
    """Arrays by name, made anew only where there is too little room. Each name stands for one array at a time."""

    def __init__(self) -> None:
        self._kept: dict[object, NDArray[np.uint8]] = {}

    def take(self, called: object, kind: type[np.generic], *shape: int) -> NDArray[Any]:
        """An array of this shape, whatever is in it."""
        size = prod(shape) * np.dtype(kind).itemsize
        if called not in self._kept or len(self._kept[called]) < size:
            self._kept[called] = np.empty(size, dtype=np.uint8)
        array: NDArray[Any] = self._kept[called][:size].view(kind).reshape(shape)
        return array

    def zeros(self, called: object, kind: type[np.generic], *shape: int) -> NDArray[Any]:
        """An array of this shape, all 0."""
        array = self.take(called, kind, *shape)
        array.fill(0)
        return array


_here = threading.local()


def of_this_thread() -> Memory:
    """The memory in which this thread measures one record after the other."""
    if not hasattr(_here, "memory"):
        _here.memory = Memory()
    memory: Memory = _here.memory
    return memory

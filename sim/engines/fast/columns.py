"""How do rows become columns, and which rows are whose?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.compile import compiled

Ints = NDArray[np.int64]


class Columns(Mapping[str, Ints]):
    """A table of a record. A column is turned over when it is first asked for: most never are."""

    def __init__(self, names: Sequence[str], rows: NDArray[Any], turned: Ints, known: Mapping[str, Ints]) -> None:
        """The columns `names` of `rows`, which will lie in `turned`, shape (columns, rows); those that are `known` stand in place of, or behind, them."""
        self._rows, self._turned = rows, turned
        self._known = dict(known)
        self._places = {name: place for place, name in enumerate(dict.fromkeys([*names, *known]))}

    def __getitem__(self, name: str) -> Ints:
        """A column in one piece."""
        if name not in self._known:
            place = self._places[name]
            self._turned[place] = self._rows[:, place]
            self._known[name] = self._turned[place]
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        """Names in their order."""
        return iter(self._places)

    def __len__(self) -> int:
        """How many columns there are."""
        return len(self._places)


@compiled
def firsts(parent: Ints, first: Ints) -> None:
    """Write the first row of each parent, and last the number of rows; `parent` ascends."""
    row, rows = 0, len(parent)
    for p in range(len(first)):
        while row < rows and parent[row] < p:
            row += 1
        first[p] = row

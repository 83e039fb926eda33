"""How do rows become columns, and which rows are whose?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
            self.turn([name])
        return self._known[name]

    def turn(self, names: Iterable[str]) -> None:
        """Turn over some columns that will be asked for: together, so that the rows are gone through once."""
        new = [name for name in names if name not in self._known]
        turn_columns(self._turned, self._rows, np.asarray([self._places[name] for name in new], dtype=np.int64))
        self._known.update((name, self._turned[self._places[name]]) for name in new)

    def __iter__(self) -> Iterator[str]:
        """Names in their order."""
        return iter(self._places)

    def __len__(self) -> int:
        """How many columns there are."""
        return len(self._places)


BLOCK = 32
"""Rows that stay close at hand while their columns are read, one after the other."""


@compiled
def turn_columns(turned: Ints, rows: NDArray[Any], places: Ints) -> None:
    """Write the columns at `places` of `rows` into the rows of `turned` at these places."""
    for start in range(0, len(rows), BLOCK):
        for at in range(len(places)):
            place = places[at]
            for row in range(start, min(start + BLOCK, len(rows))):
                turned[place, row] = rows[row, place]


@compiled
def firsts(parent: Ints, first: Ints) -> None:
    """Write the first row of each parent, and last the number of rows; `parent` ascends."""
    row, rows = 0, len(parent)
    for p in range(len(first)):
        while row < rows and parent[row] < p:
            row += 1
        first[p] = row

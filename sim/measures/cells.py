"""What is a row, as far as groups can tell? One of few cells: a combination of levels of all that groups are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from sim.measures.lens import STREAM, Lens
from sim.measures.periods import Ints
from sim.measures.rows import Rows, rows_of

MADE_OF = {
    "case": (STREAM, "case.handled_by", "case.iopc_mode"),
    "subject": (STREAM, "person.employment", "subject.route", "subject.chair"),
    "allegation": (STREAM, "case.handled_by", "case.iopc_mode", "allegation.breach"),
}
"""Attributes that tell groups apart, by kind of row; those of cases first."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of rows of one kind (``case``, ``subject``, ``allegation``), as far as the pathway has the attributes."""

    lens: Lens
    kind: str

    @cached_property
    def names(self) -> list[str]:
        """Attributes that make the difference."""
        return [name for name in MADE_OF[self.kind] if name == STREAM or self.lens.has(name)]

    @cached_property
    def _sizes(self) -> list[int]:
        return [len(self.lens.streams if name == STREAM else self.lens.levels(name)) for name in self.names]

    @cached_property
    def _number(self) -> int:
        return prod(self._sizes)

    def __len__(self) -> int:
        return self._number

    def level(self, name: str) -> Ints:
        """The level of an attribute in each cell."""
        levels: Ints = np.indices(self._sizes)[self.names.index(name)].ravel()
        return levels

    def of(self, rows: Rows) -> Ints:
        """The cell of each row."""
        return rows.pick(rows.view.once((Cells, self.kind), lambda: self._of_all(rows_of(rows.view, self.kind))))

    def _of_all(self, rows: Rows) -> Ints:
        of_case = np.zeros(len(rows.view.received), dtype=np.int64)
        sizes = dict(zip(self.names, self._sizes, strict=True))
        for name in [name for name in self.names if name.startswith("case.")]:
            of_case = of_case * sizes.pop(name) + rows.view.column(name)
        cell = rows.of_case(of_case)
        for name, size in sizes.items():
            cell = cell * size + rows.attribute(name)
        return cell

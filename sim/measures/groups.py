"""In which groups is a row counted? All internal rows, the public ones, and parts of the internal ones, each with its label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim.measures.cells import Cells
from sim.measures.counting import Codes, Marks, run, tally_cells, tally_different, tally_kinds
from sim.measures.figures import ratio
from sim.measures.lens import INTERNAL, PROBATION, PUBLIC, STREAM, Lens
from sim.measures.periods import Bools, Floats, Ints
from sim.measures.rows import Rows

ALL = ""
"""The label of the group of all internal rows."""

WITHOUT_IOPC = "iopc_involvement=no"


class Group(NamedTuple):
    """Rows that are counted together."""

    label: str
    cells: Bools
    """Whether it holds the rows of each cell."""


def streams(cells: Cells, within: Bools | None = None) -> list[Group]:
    """All internal rows, or all `within`, and those of each other stream, if the plan has any."""
    groups = [Group(ALL, internal(cells) if within is None else within)]
    return groups + [
        Group(f"stream={name}", of_stream(cells, name)) for name in (PUBLIC, PROBATION) if name in cells.lens.streams
    ]


def of_stream(cells: Cells, name: str) -> Bools:
    """Which cells are of cases of a stream; none, if the plan has no such stream."""
    names, stream = cells.lens.streams, cells.level(STREAM)
    mine: Bools = stream == (names.index(name) if name in names else len(names))
    return mine


def with_probation(cells: Cells) -> Bools:
    """Which cells are of internal cases or of probationers' own: all that is not raised by the public."""
    return internal(cells) | of_stream(cells, PROBATION)


def internal(cells: Cells) -> Bools:
    """Which cells are of internal cases: all, if the plan has no such stream."""
    names = cells.lens.streams
    stream = cells.level(STREAM)
    mine: Bools = stream == names.index(INTERNAL) if INTERNAL in names else stream >= 0
    return mine


def by_level(cells: Cells, label: str, name: str, within: Bools | None = None) -> list[Group]:
    """The internal rows, or those `within`, by a levelled attribute, if the pathway has it."""
    if not cells.lens.has(name):
        return []
    mine = internal(cells) if within is None else within
    return [
        Group(f"{label}={level}", mine & (cells.level(name) == value))
        for value, level in enumerate(cells.lens.levels(name))
    ]


def by_iopc_involvement(cells: Cells) -> list[Group]:
    """The internal rows by whether the IOPC investigated or directed the case; a referral it returned, or left to the force, is not involvement."""
    name, modes = "case.iopc_mode", ("directed", "independent")
    if not cells.lens.has(*(f"{name}={mode}" for mode in modes)):
        return []
    involved = np.isin(cells.level(name), [cells.lens.level(name, mode) for mode in modes])
    mine = internal(cells)
    return [Group("iopc_involvement=yes", mine & involved), Group(WITHOUT_IOPC, mine & ~involved)]


def by_stream(lens: Lens, kind: str) -> Groups:
    """All internal rows of a kind, and the public ones."""
    cells = Cells(lens, kind)
    return Groups(cells, streams(cells))


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups in which rows of one kind are counted. A row may be in several."""

    cells: Cells
    groups: Sequence[Group]

    @cached_property
    def labels(self) -> tuple[str, ...]:
        return tuple(group.label for group in self.groups)

    @cached_property
    def _holds(self) -> Floats:
        """1 where a group holds a cell; shape (groups, cells)."""
        return np.asarray([group.cells for group in self.groups], dtype=np.float64)

    @cached_property
    def families(self) -> Codes:
        """Groups that hold no cell together, put in one row: shape (cells, families), positions in `labels`, then -1 for no more."""
        families: list[Codes] = []
        for number, group in enumerate(self.groups):
            family = next((f for f in families if (f[group.cells] < 0).all()), None)
            if family is None:
                family = np.full(len(self.cells), -1, dtype=np.int16)
                families.append(family)
            family[group.cells] = number
        return np.ascontiguousarray(np.sort(np.stack(families, axis=1), axis=1)[:, ::-1])

    def add_up(self, counts: Ints | Floats) -> Floats:
        """Counts by cell and place as counts by group and place, on the last two axes. They are whole numbers."""
        total: Floats = self._holds @ counts.astype(np.float64)
        return total

    def count(self, rows: Rows, piece: Ints, kind: Ints | Marks | None = None, kinds: int = 1) -> Floats:
        """How many rows there are of each kind, group and period.

        Args:
            rows: what is counted.
            piece: of the lens's periods, that each row lies in.
            kind: of each row; None if they are all of one.
            kinds: how many there are.

        Returns:
            Shape (kinds, groups, periods).
        """
        pieces, cell = self.cells.lens.pieces, self.cells.of(rows)
        counts = np.zeros((kinds, len(self.cells), len(pieces)), dtype=np.int64)
        if kind is None:
            run(tally_cells, counts[0], cell, piece)
        else:
            run(tally_kinds, counts, kind, cell, piece)
        return pieces.add_up(self.add_up(counts))

    def total(self, rows: Rows, piece: Ints, amount: Ints) -> Floats:
        """The sum of a whole number over the rows of each group and period: shape (groups, periods)."""
        pieces = self.cells.lens.pieces
        shape = (len(self.cells), len(pieces))
        place = self.cells.of(rows) * len(pieces) + piece
        sums = np.bincount(place, weights=amount, minlength=np.prod(shape).item()).reshape(shape)
        total: Floats = pieces.add_up(self.add_up(sums))
        return total

    def share(self, rows: Rows, piece: Ints, part: Bools) -> Floats:
        """The share of rows that are in `part`, 0 to 1, null of nothing: shape (groups, periods)."""
        share: Floats = self.share_and_number(rows, piece, part)[0]
        return share

    def share_and_number(self, rows: Rows, piece: Ints, part: Bools) -> Floats:
        """The share of rows that are in `part`, as `share`, and of how many rows it is: shape (2, groups, periods)."""
        others, mine = self.count(rows, piece, part.view(np.int8), 2)
        number = mine + others
        return np.stack([ratio(mine, number), number])

    def different_people(self, rows: Rows, piece: Ints) -> Ints:
        """How many people have a row in each group and period, from the piece each row lies in: shape (groups, periods)."""
        lens = self.cells.lens
        counts = np.zeros((len(self.groups), len(lens.periods)), dtype=np.int64)
        people = int(rows.person.max(initial=-1)) + 1
        seen = rows.view.memory.zeros("seen", np.int8, people, *counts.shape)
        run(tally_different, counts, seen, rows.person, self.cells.of(rows), self.families, piece, lens.pieces.periods)
        return counts

"""Which rows are looked at? All cases, subjects or allegations of a record, or some of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from sim.compile import compiled
from sim.measures.cohort import View
from sim.measures.counting import run
from sim.measures.periods import Bools, Ints
from sim.plan import UNSET

Values = TypeVar("Values", Bools, Ints)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one kind (``case``, ``subject``, ``allegation``), with what the record says of each and of whatever it belongs to."""

    view: View
    kind: str
    positions: Ints | None = None
    """Of the rows in the record; None for all."""

    def __len__(self) -> int:
        if self.positions is not None:
            return len(self.positions)
        return len(self.view.received if self.kind == "case" else self.case)

    def where(self, chosen: Bools) -> Rows:
        """Those that are chosen."""
        return self._these(np.flatnonzero(chosen))

    def having(self, name: str, *levels: str) -> Rows:
        """Those whose attribute has one of these levels."""
        if self.positions is not None or name.partition(".")[0] != self.kind:
            return self.where(self.at_level(name, *levels))
        column = self.view.column(name)
        found = self.view.memory.take((Rows.having, self.kind), np.int64, len(column))
        return self._these(found[: run(find_having, found, column, self.view.lens.wanted(name, *levels))].copy())

    def _these(self, positions: Ints) -> Rows:
        """Some of these rows, by their positions among them."""
        return Rows(self.view, self.kind, positions if self.positions is None else self.positions[positions])

    def pick(self, values: Values) -> Values:
        """Of something of every row of the record, these rows'."""
        return values if self.positions is None else values[self.positions]

    # --- what is known of each row ----------------------------------------------------------------

    @cached_property
    def case(self) -> Ints:
        """The case of each row."""
        if self.kind == "case":
            return np.arange(len(self.view.received)) if self.positions is None else self.positions
        return self.pick(self.view.column(f"{self.kind}.case"))

    @cached_property
    def person(self) -> Ints:
        """The person of each subject or allegation."""
        person = self.view.column("subject.person")
        return self.pick(person if self.kind == "subject" else person[self.view.column("allegation.subject")])

    def of_case(self, values: Values) -> Values:
        """Something of each row's case."""
        return self.pick(values) if self.kind == "case" else values[self.case]

    def attribute(self, name: str) -> Ints:
        """An attribute of each row, or of its case, person or, if rows are allegations, subject."""
        if self.positions is None and name.partition(".")[0] == self.kind:
            return self.view.column(name)
        return self._read(name, self.view.column(name)).astype(np.int64, copy=False)

    def _read(self, name: str, values: Values) -> Values:
        """Something of every row that has an attribute, as `attribute` reads that."""
        scope = name.partition(".")[0]
        if scope == "person":
            return values[self.person]
        if scope == "subject" and self.kind == "allegation":
            return values[self.pick(self.view.column("allegation.subject"))]
        return self.of_case(values) if scope == "case" else self.pick(values)

    def at_level(self, name: str, *levels: str) -> Bools:
        """Whether each row's attribute has one of these levels."""
        column, wanted = self.view.column(name), self.view.lens.wanted(name, *levels)
        return self._read(name, wanted[column]) if self.positions is None else wanted[self._read(name, column)]

    def is_set(self, name: str) -> Bools:
        """Whether each row has a date, whenever that is."""
        is_set: Bools = self._read(name, self.view.column(name)) != UNSET
        return is_set

    def date(self, name: str) -> Ints:
        """A date attribute of each row, as `View.date`."""
        return self.view.by_extract(self.attribute(name))

    # --- periods ----------------------------------------------------------------------------------

    @cached_property
    def recorded(self) -> Bools:
        """Whether the row's case had been received, and recorded."""
        return self.of_case(self.view.recorded)

    @cached_property
    def received_in(self) -> Ints:
        """The piece of the lens's periods in which the case was received."""
        return self.of_case(self.view.received_in)

    @cached_property
    def cohort_in(self) -> Ints:
        """The same for cases of a received cohort; for open ones the first piece, which is in no period."""
        return self.of_case(self.view.cohort_in)


def rows_of(view: View, kind: str) -> Rows:
    """All rows of a kind."""
    return view.once((Rows, kind), lambda: Rows(view, kind))


def rows_in(view: View, kind: str, stream: str) -> Rows:
    """Rows of recorded cases of a stream."""

    def find() -> Rows:
        rows = rows_of(view, kind)
        return rows.where(rows.of_case(view.recorded & view.stream(stream)))

    return view.once((rows_in, kind, stream), find)


@compiled
def find_having(found: Ints, column: Ints, wanted: Bools) -> int:
    """Write the positions of those levels that are wanted into `found`, as long as `column`, and return how many they are."""
    number = 0
    for row in range(len(column)):
        found[number] = row
        number += wanted[column[row]]
    return number

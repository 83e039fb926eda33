"""Which rows are looked at? All cases, subjects or allegations of a record, or some of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from sim.measures.cohort import NEVER, View
from sim.measures.periods import Bools, Ints

Values = TypeVar("Values", Bools, Ints)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one kind (``case``, ``subject``, ``allegation``), with what the record says of each and of whatever it belongs to."""

    view: View
    kind: str
    positions: Ints | None = None
    """Of the rows in the record; None for all."""

    def where(self, chosen: Bools) -> Rows:
        """Those that are chosen."""
        positions = np.flatnonzero(chosen)
        return Rows(self.view, self.kind, positions if self.positions is None else self.positions[positions])

    def pick(self, values: Values) -> Values:
        """Of something of every row of the record, these rows'."""
        return values if self.positions is None else values[self.positions]

    # --- what is known of each row ----------------------------------------------------------------

    @cached_property
    def case(self) -> Ints:
        """The case of each subject or allegation."""
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
        scope, column = name.partition(".")[0], self.view.column(name)
        if scope == "person":
            return column[self.person]
        if scope == "subject" and self.kind == "allegation":
            return column[self.pick(self.view.column("allegation.subject"))]
        return self.of_case(column) if scope == "case" else self.pick(column)

    def at_level(self, name: str, *levels: str) -> Bools:
        """Whether each row's attribute has one of these levels."""
        return self.view.is_level(name, self.attribute(name), *levels)

    def date(self, name: str) -> Ints:
        """A date attribute of each row, as `View.date`."""
        return self.view.by_extract(self.attribute(name))

    # --- periods ----------------------------------------------------------------------------------

    @cached_property
    def recorded(self) -> Bools:
        """Whether the row's case had been received, and recorded."""
        return self.of_case(self.view.received != NEVER)

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

"""Through what is a record seen? All that measures read of a plan: the same for each of its records."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from sim.measures.counting import Codes
from sim.measures.owners import Owners, owners_of
from sim.measures.periods import (
    Bools,
    Ints,
    Period,
    Pieces,
    financial_years,
    passed_by_day,
    quarter_ends,
    quarters,
    window,
)
from sim.plan import MINUTES_A_DAY, Dated, Plan, Ref

INTERNAL, PUBLIC, PROBATION = "internal", "public", "probation"

STREAM = "case.stream"
"""What every record says of a case, whatever the pathway's attributes: the position of its stream in the plan."""


Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class Lens:
    """A plan as measures read it."""

    plan: Plan
    _found: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def once(self, name: Hashable, find: Callable[[], Found]) -> Found:
        """What `find` finds, found once for all records of the plan."""
        if name not in self._found:
            self._found[name] = find()
        found: Found = self._found[name]
        return found

    # --- attributes -------------------------------------------------------------------------------

    @cached_property
    def _levels(self) -> dict[str, tuple[str, ...]]:
        return {attribute.name: attribute.levels for attribute in self.plan.attributes}

    def has(self, *needed: str) -> bool:
        """Whether the pathway has all these attributes (``case.handled_by``) and levels
        (``subject.outcome=dismissed``)."""
        split = (name.partition("=") for name in needed)
        return all(n in self._levels and (not level or level in self._levels[n]) for n, _, level in split)

    def has_value(self, *needed: str) -> bool:
        """Whether the plan has dated values of all these names (``law.delay_reports``)."""
        return set(needed) <= self._values.keys()

    def value(self, name: str) -> Dated:
        """A dated value of the plan."""
        return self._values[name]

    @cached_property
    def _values(self) -> dict[str, Dated]:
        return {value.name: value for value in self.plan.values}

    def levels(self, name: str) -> tuple[str, ...]:
        """The levels of an attribute."""
        return self._levels[name]

    def among(self, name: str, *levels: str) -> tuple[str, ...]:
        """Those of some levels that the pathway has."""
        return tuple(level for level in levels if self.has(f"{name}={level}"))

    def level(self, name: str, level: str) -> int:
        """The whole number of a level of an attribute."""
        return self._levels[name].index(level)

    def wanted(self, name: str, *levels: str) -> Bools:
        """Of each level of an attribute, whether it is one of these."""
        return self.once((name, levels), lambda: np.isin(self._levels[name], levels))

    def name(self, ref: Ref) -> str:
        """What an attribute is called."""
        return [a.name for a in self.plan.attributes if a.scope == ref.scope][ref.index]

    @cached_property
    def received(self) -> str:
        """The attribute that holds when a case was received."""
        return self.name(self.plan.received)

    @cached_property
    def streams(self) -> tuple[str, ...]:
        """The streams that cases come in."""
        return tuple(stream.name for stream in self.plan.streams)

    @cached_property
    def owners(self) -> Owners:
        """To whom time belongs."""
        return owners_of(self.plan)

    # --- periods ----------------------------------------------------------------------------------

    @property
    def extract(self) -> int:
        """The minute of observation."""
        return self.plan.observation.extract_on

    @cached_property
    def window(self) -> Period:
        return window(self.plan)

    @cached_property
    def years(self) -> tuple[Period, ...]:
        """The financial years within the window."""
        return tuple(financial_years(self.plan))

    @property
    def periods(self) -> tuple[Period, ...]:
        """The window, then each financial year within it."""
        return (self.window, *self.years)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """How tables name the periods."""
        return tuple(period.label for period in self.periods)

    @cached_property
    def pieces(self) -> Pieces:
        """The pieces of `periods`."""
        return Pieces(self.periods)

    @cached_property
    def window_of_piece(self) -> Bools:
        """Whether each piece lies in the window."""
        return self.pieces.within(0)

    @cached_property
    def year_of_piece(self) -> Ints:
        """The position in `years` of the year each piece lies in, -1 for none."""
        found = np.full(len(self.pieces), -1)
        for number in range(len(self.years)):
            found[self.pieces.within(1 + number)] = number
        return found

    @cached_property
    def piece_of_day(self) -> Codes:
        """The piece of `pieces` that each day of play lies in; they begin and end with days."""
        return passed_by_day(self.pieces.edges, self._days)

    @cached_property
    def quarters_over(self) -> Codes:
        """How many of `quarter_ends` had come when each day of play began."""
        return passed_by_day(self.quarter_end_days * MINUTES_A_DAY, self._days)

    @cached_property
    def quarters_begun(self) -> Codes:
        """How many of `quarter_edges` had come when each day of play began."""
        return passed_by_day(self.quarter_edges, self._days)

    @cached_property
    def quarter_edges(self) -> Ints:
        """Where `quarters` begin, and last where the last one ends, in minutes."""
        ends = (quarter.end for quarter in self.quarters[-1:])
        return np.asarray([*(quarter.start for quarter in self.quarters), *ends], dtype=np.int64)

    @property
    def _days(self) -> int:
        """Days of play, and one more, that begins when it stops."""
        return self.plan.ends_at // MINUTES_A_DAY + 1

    @cached_property
    def quarters(self) -> tuple[Period, ...]:
        """The calendar quarters from the window's opening to the extract date."""
        return tuple(quarters(self.plan, self.extract))

    @cached_property
    def finer(self) -> Pieces:
        """The pieces of `periods` and, after them, `quarters`."""
        return Pieces((*self.periods, *self.quarters))

    @cached_property
    def finer_labels(self) -> tuple[str, ...]:
        """How tables name the periods of `finer`."""
        return (*self.labels, *(quarter.label for quarter in self.quarters))

    @cached_property
    def quarter_ends(self) -> list[tuple[str, int]]:
        """Name and midnight of the end of each quarter."""
        return quarter_ends(self.plan, self.extract)

    @cached_property
    def quarter_end_days(self) -> Ints:
        """The day that each midnight of `quarter_ends` begins."""
        return np.asarray([midnight for _, midnight in self.quarter_ends], dtype=np.int64) // MINUTES_A_DAY

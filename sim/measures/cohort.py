"""Who counts? The record as somebody sees it at 00:00 of the extract date.

What happened before that midnight has happened; everything else is open, whatever the record knows of it. A
case counts if it was recorded. Measures are of the stream ``internal`` (a plan without one counts all its
streams as internal); public complaints are a group of their own, never mixed in, as in Casey's data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, SupportsFloat

import numpy as np

from sim.measures.periods import Bools, Floats, Ints, Period, financial_years, quarter_ends, window
from sim.plan import MINUTES_A_DAY, UNSET, Plan, Scope
from sim.record import Record

NEVER = int(np.iinfo(np.int64).max)
"""The minute of what had not happened by the extract date."""

INTERNAL, PUBLIC = "internal", "public"

RECEIVED_COHORT = "received_cohort"
FINALISED_IN_PERIOD = "finalised_in_period"
SURVIVAL = "survival"
RECEIVED_IN_PERIOD = "received_in_period"
IN_PERIOD = "in_period"
AT_PERIOD_END = "at_period_end"

BASES: Mapping[str, str] = {
    RECEIVED_COHORT: "received in the period and finalised before the extract date (Casey's)",
    FINALISED_IN_PERIOD: "finalised in the period, whenever received (the Home Office's)",
    SURVIVAL: "received in the period; those still open count as open for at least so long (Kaplan-Meier)",
    RECEIVED_IN_PERIOD: "received in the period, finalised or not",
    IN_PERIOD: "what happened in the period, whenever the case was received",
    AT_PERIOD_END: "as it stood at the end of the day named",
}
"""What each basis means."""


class Figure(NamedTuple):
    """One figure of one replication; its unit is the measure's."""

    measure: str
    counted: str
    basis: str
    group: str
    period: str
    value: float


@dataclass(frozen=True)
class View:
    """A record seen at the extract date. Dates are minutes of the plan, `NEVER` for what had not happened by
    then."""

    plan: Plan
    record: Record

    @cached_property
    def extract(self) -> int:
        """The minute of observation.

        Raises:
            ValueError: play stopped before it.
        """
        extract = self.plan.observation.extract_on
        if extract > self.record.ended_at:
            raise ValueError(
                f"the extract date is {self.plan.day(extract)}, but play stopped on "
                f"{self.plan.day(self.record.ended_at)}: what was open on a day not played is not known"
            )
        return extract

    # --- attributes -------------------------------------------------------------------------------

    @cached_property
    def _levels(self) -> dict[str, tuple[str, ...]]:
        return {attribute.name: attribute.levels for attribute in self.plan.attributes}

    def has(self, *needed: str) -> bool:
        """Whether the pathway has all these attributes (``case.handled_by``) and levels
        (``subject.outcome=dismissed``)."""
        split = (name.partition("=") for name in needed)
        return all(n in self._levels and (not level or level in self._levels[n]) for n, _, level in split)

    def levels(self, name: str) -> tuple[str, ...]:
        """The levels of an attribute."""
        return self._levels[name]

    def column(self, name: str) -> Ints:
        """An attribute's values, one for each row of its scope."""
        scope, _, short = name.partition(".")
        tables = {
            Scope.PERSON: self.record.people,
            Scope.CASE: self.record.cases,
            Scope.SUBJECT: self.record.subjects,
            Scope.ALLEGATION: self.record.allegations,
        }
        return tables[Scope[scope.upper()]][short]

    def at_level(self, name: str, *levels: str) -> Bools:
        """Which rows have one of these levels."""
        return np.isin(self.column(name), [self.plan.level(name, level) for level in levels])

    def date(self, name: str) -> Ints:
        """A date attribute; `NEVER` if unset or not before the extract date."""
        minutes = self.column(name)
        return np.where((minutes == UNSET) | (minutes >= self.extract), NEVER, minutes)

    # --- cases ------------------------------------------------------------------------------------

    @cached_property
    def received(self) -> Ints:
        """When each case was received; `NEVER` if it was not, or was never recorded."""
        ref = self.plan.received
        names = [a.name for a in self.plan.attributes if a.scope == ref.scope]
        minutes = self.date(names[ref.index])
        if self.has("case.recorded=yes"):
            minutes = np.where(self.at_level("case.recorded", "yes"), minutes, NEVER)
        return minutes

    @cached_property
    def finalised(self) -> Ints:
        """When each case was finalised; `NEVER` while open at the extract date."""
        if not self.has("case.finalised_on"):
            return np.full(len(self.received), NEVER)
        return np.where(self.received == NEVER, NEVER, self.date("case.finalised_on"))

    @cached_property
    def days(self) -> Ints:
        """Days from receipt to the end, or to the extract date: a difference of dates."""
        end = np.minimum(self.finalised, self.extract)
        days = end // MINUTES_A_DAY - self.received // MINUTES_A_DAY
        return np.where(self.received == NEVER, 0, days)

    def stream(self, name: str) -> Bools:
        """Which cases are of a stream."""
        names = [stream.name for stream in self.plan.streams]
        if name == INTERNAL and INTERNAL not in names:
            return np.ones(len(self.received), bool)
        mine: Bools = self.record.cases["stream"] == names.index(name)
        return mine

    @cached_property
    def streams(self) -> list[tuple[str, Bools]]:
        """Group label and cases of each stream: all internal ones, and the public ones if the plan has
        any."""
        result = [("", self.stream(INTERNAL))]
        if PUBLIC in [stream.name for stream in self.plan.streams]:
            result.append((f"stream={PUBLIC}", self.stream(PUBLIC)))
        return result

    def on_basis(self, basis: str, period: Period) -> Bools:
        """Which cases count on a basis, of any stream."""
        if basis == RECEIVED_COHORT:
            closed: Bools = self.finalised != NEVER
            return period.holds(self.received) & closed
        if basis == FINALISED_IN_PERIOD:
            return period.holds(self.finalised)
        return period.holds(self.received)

    # --- rows of cases ----------------------------------------------------------------------------

    def case_of(self, counted: str) -> Ints:
        """The case of each row that is counted (``case``, ``subject``, ``allegation``)."""
        if counted == "case":
            return np.arange(len(self.received))
        return self.column(f"{counted}.case")

    def by_level(self, name: str) -> Iterator[tuple[str, Bools]]:
        """Level and rows, for each level of an attribute."""
        for value, level in enumerate(self._levels[name]):
            yield level, self.column(name) == value

    @cached_property
    def iopc_involved(self) -> Bools:
        """Cases that the IOPC investigated or directed; a referral it returned, or left to the force, is not
        involvement."""
        return self.at_level("case.iopc_mode", "directed", "independent")

    # --- periods ----------------------------------------------------------------------------------

    @cached_property
    def window(self) -> Period:
        return window(self.plan)

    @cached_property
    def periods(self) -> list[Period]:
        """The window, then each financial year within it."""
        return [self.window, *financial_years(self.plan)]

    @cached_property
    def quarter_ends(self) -> list[tuple[str, int]]:
        return quarter_ends(self.plan, self.extract)


def ratio(part: SupportsFloat, whole: SupportsFloat) -> float:
    """One number by another; null when the denominator is zero."""
    return float(part) / float(whole) if float(whole) else float("nan")


def share(part: Bools, whole: Bools) -> float:
    """The share of `whole` that is also in `part`, 0 to 1; null of nothing."""
    return ratio(np.count_nonzero(part & whole), np.count_nonzero(whole))


def mean(values: Ints | Floats) -> float:
    """The mean; null of nothing."""
    return ratio(values.sum(), len(values))


def distinct(values: Ints) -> Ints:
    """The different values, ascending; several times as fast as `numpy.unique` where most are different."""
    ordered = np.sort(values)
    new = np.ones(len(ordered), bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return ordered[new]

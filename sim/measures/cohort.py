"""Who counts? The record as somebody sees it at 00:00 of the extract date.

What happened before that midnight has happened; everything else is open, whatever the record knows of it. A
case counts if it was recorded. Measures are of the stream ``internal`` (a plan without one counts all its
streams as internal); public complaints are a group of their own, never mixed in, as in Casey's data.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

import numpy as np

from sim.compile import compiled
from sim.measures.counting import Codes, passed_by, run
from sim.measures.lens import INTERNAL, Lens
from sim.measures.memory import Memory
from sim.measures.periods import Bools, Ints
from sim.plan import MINUTES_A_DAY, UNSET
from sim.record import Record

NEVER = int(np.iinfo(np.int64).max)
"""The minute of what had not happened by the extract date."""

RECEIVED_COHORT = "received_cohort"
FINALISED_IN_PERIOD = "finalised_in_period"
SURVIVAL = "survival"
RECEIVED_IN_PERIOD = "received_in_period"
IN_PERIOD = "in_period"
AT_PERIOD_END = "at_period_end"
PACE = "pace_of_period"

BASES: Mapping[str, str] = {
    RECEIVED_COHORT: "received in the period and finalised before the extract date (Casey's)",
    FINALISED_IN_PERIOD: "finalised in the period, whenever received (the Home Office's)",
    SURVIVAL: "received in the period; those still open count as open for at least so long (Kaplan-Meier)",
    RECEIVED_IN_PERIOD: "received in the period, finalised or not",
    IN_PERIOD: "what happened in the period, whenever the case was received",
    PACE: "open in the period, at the chances of ending that the period had at each age (a period life table)",
    AT_PERIOD_END: "as it stood at the end of the day named",
}
"""What each basis means."""

Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class View:
    """A record seen at the extract date. Dates are minutes of the plan, `NEVER` for what had not happened by
    then.

    Raises:
        ValueError: play stopped before the extract date.
    """

    lens: Lens
    record: Record
    memory: Memory = field(default_factory=Memory, repr=False)
    """Where what is found is written; nobody else's while the view is in use."""
    asked: set[str] = field(default_factory=set, repr=False)
    """Attributes that were asked for."""
    _found: dict[object, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        plan, ended_at = self.lens.plan, self.record.ended_at
        if self.lens.extract > ended_at:
            raise ValueError(
                f"the extract date is {plan.day(self.lens.extract)}, but play stopped on "
                f"{plan.day(ended_at)}: what was open on a day not played is not known"
            )

    def once(self, name: Hashable, find: Callable[[], Found]) -> Found:
        """What `find` finds, found once for this view."""
        if name not in self._found:
            self._found[name] = find()
        found: Found = self._found[name]
        return found

    def forget(self) -> None:
        """Let go what was found once: some of it knows the view, and would stay in memory with it."""
        self._found.clear()

    # --- attributes -------------------------------------------------------------------------------

    def column(self, name: str) -> Ints:
        """An attribute's values, one for each row of its scope."""
        self.asked.add(name)
        scope, _, short = name.partition(".")
        return self._tables[scope][short].astype(np.int64, copy=False)

    def ask(self, names: Iterable[str]) -> None:
        """Say which attributes will be asked for: some records have them ready sooner if all are named at once."""
        for scope, table in self._tables.items():
            if hasattr(table, "turn"):
                table.turn([name.partition(".")[2] for name in names if name.startswith(f"{scope}.")])

    @cached_property
    def _tables(self) -> Mapping[str, Mapping[str, Ints]]:
        record = self.record
        return {
            "person": record.people,
            "case": record.cases,
            "subject": record.subjects,
            "allegation": record.allegations,
        }

    def by_extract(self, minutes: Ints) -> Ints:
        """Dates as known at the extract date: `NEVER` if unset or not before it."""
        return np.where((minutes == UNSET) | (minutes >= self.lens.extract), NEVER, minutes)

    # --- cases ------------------------------------------------------------------------------------

    @property
    def received(self) -> Ints:
        """When each case was received; `NEVER` if it was not, or was never recorded."""
        return self._cases.received

    @property
    def finalised(self) -> Ints:
        """When each case was finalised; `NEVER` while open at the extract date."""
        return self._cases.finalised

    @property
    def days(self) -> Ints:
        """Days from receipt to the end, or to the extract date: a difference of dates."""
        return self._cases.days

    @property
    def received_in(self) -> Ints:
        """The piece of the lens's periods in which each case was received."""
        return self._cases.received_in

    @property
    def finalised_in(self) -> Ints:
        """The piece in which each case was finalised."""
        return self._cases.finalised_in

    @property
    def cohort_in(self) -> Ints:
        """The piece in which each case of a received cohort was received; the first, which is in no period, for open ones."""
        return self._cases.cohort_in

    @cached_property
    def _cases(self) -> _Cases:
        lens, received = self.lens, self.column(self.lens.received)
        none = np.zeros(0, dtype=np.int64)
        recorded = self.column("case.recorded") if lens.has("case.recorded=yes") else none
        finalised = self.column("case.finalised_on") if lens.has("case.finalised_on") else none
        yes = lens.level("case.recorded", "yes") if len(recorded) else 0
        found = self.memory.take(_Cases, np.int64, len(_Cases._fields), len(received))
        run(
            find_cases, found, received, recorded, yes, finalised, lens.piece_of_day, len(lens.pieces) - 1, lens.extract
        )
        return _Cases(*found)

    @cached_property
    def recorded(self) -> Bools:
        """Which cases were received, and recorded."""
        recorded: Bools = self.received != NEVER
        return recorded

    @cached_property
    def closed(self) -> Bools:
        """Which cases were finalised."""
        closed: Bools = self.finalised != NEVER
        return closed

    @cached_property
    def allegations(self) -> Ints:
        """How many allegations each case has."""
        return np.bincount(self.column("allegation.case"), minlength=len(self.received))

    def stream(self, name: str) -> Bools:
        """Which cases are of a stream."""
        if name == INTERNAL and INTERNAL not in self.lens.streams:
            return np.ones(len(self.received), dtype=bool)
        mine: Bools = self.column("case.stream") == self.lens.streams.index(name)
        return mine

    @cached_property
    def in_window(self) -> Bools:
        """Which cases are internal and were received in the window."""
        return self.lens.window_of_piece[self.received_in] & self.stream(INTERNAL)


class _Cases(NamedTuple):
    """What a view says of each case; each of the shape (cases,)."""

    received: Ints
    finalised: Ints
    days: Ints
    received_in: Ints
    finalised_in: Ints
    cohort_in: Ints


RECEIVED, FINALISED, DAYS, RECEIVED_IN, FINALISED_IN, COHORT_IN = range(len(_Cases._fields))


@compiled
def find_cases(
    found: Ints,
    received: Ints,
    recorded: Ints,
    yes: int,
    finalised: Ints,
    piece_of_day: Codes,
    last_piece: int,
    extract: int,
) -> None:
    """Write what a view says of each case into `found`, rows as in `_Cases`.

    Args:
        found: shape (6, cases).
        received: of each case, `UNSET` if it was not.
        recorded: whether each case was: it is `yes`; empty if all were.
        yes: a level.
        finalised: of each case, `UNSET` if it was not; empty if none was.
        piece_of_day: the piece that each day of play lies in.
        last_piece: the piece of what never happened.
        extract: the minute of the extract date.
    """
    for case in range(len(received)):
        came, ended = received[case], NEVER
        if came == UNSET or came >= extract or (len(recorded) > 0 and recorded[case] != yes):
            came = NEVER
        elif len(finalised) > 0 and finalised[case] != UNSET and finalised[case] < extract:
            ended = finalised[case]
        came_in = last_piece if came == NEVER else passed_by(piece_of_day, came)
        found[RECEIVED, case], found[FINALISED, case] = came, ended
        found[DAYS, case] = 0 if came == NEVER else min(ended, extract) // MINUTES_A_DAY - came // MINUTES_A_DAY
        found[RECEIVED_IN, case] = came_in
        found[FINALISED_IN, case] = last_piece if ended == NEVER else passed_by(piece_of_day, ended)
        found[COHORT_IN, case] = 0 if ended == NEVER else came_in

"""Which open cases does a reform catch? Told by the play of the base, from the day the reform comes into force on.

A case is *open* on that day if it was received, and recorded, before it, and was neither finalised nor at its end. Take what the case does from
then on in the base. A changed number is *read* by the case if one of its tokens comes, on that day or later, to a node whose declaration names the
number (in a duration, a weight, a factor, a condition or a write); if one stands in, or comes to, the region of a guard that asks for it or a hold
that waits for it; or, for the numbers of a team, if one queues for the team, and for the size of a diary, if one is listed in it. It is read at now, or
at the date that it is attached to, of any of the case's rows; a date that is never set is never read.

``caught``
    a changed number is read at a minute at which the two plans differ;
``not_caught``
    changed numbers are read, but each at a date at which it is the same in both: the rule looks at an earlier date;
``does_not_come_to_it``
    no changed number is read from that day on.

The three add up to the open cases exactly. Dates are taken as they are at the end of play, which is what was read where a date is set once; a case that is
opened again counts as open while it was closed in between. A hand-over is counted as queueing. What a condition would have said is not asked: a node whose
first word settled it may not have looked at the changed number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measures.reads import Change, Reads, changes_read
from sim.measures.told import Stay, stays_of
from sim.plan import UNSET, Plan, Ref, Scope
from sim.record import Ints, Record, What

STATES = ("caught", "not_caught", "does_not_come_to_it")
"""What an open case may be; each is in one of these."""


@dataclass(frozen=True)
class Commencement:
    """A reform and the minute at which it comes into force."""

    reform: Plan
    minute: int


Counts = NDArray[np.int64]
"""Shape (nodes, states): open cases by the node at which their main token stood, and by `STATES`."""


def caught(plan: Plan, record: Record, commencements: Sequence[Commencement]) -> list[Counts]:
    """For each reform the open cases by node and state.

    Args:
        plan: the base.
        record: of `told(plan)` with events (`sim/measures/told.py`).
        commencements: reforms of this base.

    Raises:
        ValueError: a reform is of another pathway.
    """
    seen: dict[int, _Open] = {}
    found = []
    for one in commencements:
        if one.minute not in seen:
            seen[one.minute] = _Open(plan, record, one.minute)
        found.append(seen[one.minute].counts(changes_read(plan, one.reform)))
    return found


class _Open:
    """The cases open at a minute, where their main tokens stood, and what all their tokens did from then on."""

    def __init__(self, plan: Plan, record: Record, minute: int) -> None:
        self.plan, self.record, self.minute = plan, record, minute
        events = record.events
        before = events["minute"] < minute
        main = before & (events["token"] == 0) & ~np.isin(events["what"], (What.CHOSE, What.FORKED, What.WORKED))
        rows = np.flatnonzero(main)
        last = np.full(len(record.cases["stream"]), -1)
        last[events["case"][rows]] = rows  # the later row of a case takes the place of the earlier
        live = (last >= 0) & (events["what"][last] != What.LEFT) & self._counts()
        self.cases = np.flatnonzero(live).tolist()
        self.stood = dict(zip(self.cases, events["node"][last[live]].tolist(), strict=True))
        self.stays = stays_of(plan, record, self.cases, minute)
        self.subjects = _below(record.subjects["case"], self.cases)
        self.allegations = _below(record.allegations["case"], self.cases)

    def _counts(self) -> NDArray[np.bool_]:
        """Whether each case counts, and is not finalised, as far as the pathway says."""
        names, cases = {one.name for one in self.plan.attributes}, self.record.cases
        live = np.ones(len(cases["stream"]), bool)
        if "case.recorded" in names:
            live &= cases["recorded"] == self.plan.level("case.recorded", "yes")
        if "case.finalised_on" in names:
            live &= (cases["finalised_on"] == UNSET) | (cases["finalised_on"] >= self.minute)
        return live

    def counts(self, reads: Sequence[Reads]) -> Counts:
        """The open cases by node and state, for what is read at each node."""
        table = np.zeros((len(self.plan.nodes), len(STATES)), np.int64)
        for case in self.cases:
            table[self.stood[case], self._state(case, reads)] += 1
        return table

    def _state(self, case: int, reads: Sequence[Reads]) -> int:
        state = STATES.index("does_not_come_to_it")
        for stay in self.stays[case]:
            if stay.came >= self.minute or stay.left >= self.minute:
                for change, first, last in self._read(stay, reads[stay.node]):
                    said = self._reads(case, change, first, last)
                    if said is True:
                        return STATES.index("caught")
                    if said is False:
                        state = STATES.index("not_caught")
        return state

    def _read(self, stay: Stay, reads: Reads) -> list[tuple[Change, int, int]]:
        """What a stay reads from the commencement on, and from which minute to which."""
        found = []
        if stay.came >= self.minute:
            found += [(change, stay.came, stay.came) for change in reads.on_entry]
        found += [(change, max(stay.came, self.minute), stay.left) for change in reads.while_there]
        queued = [(first, last) for first, last in stay.queued if last >= self.minute]
        found += [(one, max(first, self.minute), last) for one in reads.when_queued for first, last in queued]
        return found

    def _reads(self, case: int, change: Change, first: int, last: int) -> bool | None:
        """Whether what a case reads is another number; None if it has no date to read it at."""
        if change.attach is None:
            return change.differs_within(first, last)
        dates = self._dates(case, change.attach)
        return any(change.differs_within(date, date) for date in dates) if dates else None

    def _dates(self, case: int, ref: Ref) -> list[int]:
        """The dates of a case's rows that are set."""
        record = self.record
        name = [one.name for one in self.plan.attributes if one.scope == ref.scope][ref.index].partition(".")[2]
        subjects = self.subjects[case]
        column: Ints
        if ref.scope == Scope.CASE:
            column, rows = record.cases[name], [case]
        elif ref.scope == Scope.SUBJECT:
            column, rows = record.subjects[name], subjects
        elif ref.scope == Scope.ALLEGATION:
            column, rows = record.allegations[name], self.allegations[case]
        else:
            column, rows = record.people[name], record.subjects["person"][subjects].tolist()
        return [date for date in column[rows].tolist() if date != UNSET]


def _below(case: Ints, chosen: Sequence[int]) -> Mapping[int, list[int]]:
    """The rows of each of some cases."""
    rows = np.flatnonzero(np.isin(case, np.asarray(chosen, dtype=np.int64)))
    found: dict[int, list[int]] = {one: [] for one in chosen}
    for row, owner in zip(rows.tolist(), case[rows].tolist(), strict=True):
        found[owner].append(row)
    return found

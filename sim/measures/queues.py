"""Who waited for a slot? Cases unallocated at the end of each quarter, and how long those allocated had waited. Every stream, and each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.compile import compiled, inlined
from sim.measures.cohort import AT_PERIOD_END, IN_PERIOD, View
from sim.measures.counting import Codes, Marks, run
from sim.measures.figures import Figures, by_period, ratio
from sim.measures.groups import ALL
from sim.measures.lens import STREAM, Lens
from sim.measures.moves import Positions, has_events, moves_of
from sim.measures.periods import Bools, Floats, Ints
from sim.plan import MINUTES_A_DAY
from sim.record import What


class Queues(NamedTuple):
    """What is found of all queues."""

    for_a_slot: Ints
    """Cases waiting at the end of each quarter: shape (groups, quarters)."""
    for_attention: Ints
    """The same: all, then by team."""
    allocations: Ints
    """Allocations before the extract date and the days they had waited, by the piece they lie in: shape (2, groups, pieces)."""


def figures(lens: Lens) -> Iterator[Figures]:
    """For all teams, each that has slots, and each stream."""
    find = _Finder(lens)
    teams = [f"team={team.name}" for team in lens.plan.teams if team.slots >= 0]
    groups = [ALL, *teams, *(f"stream={name}" for name in lens.streams)]
    quarters = [day for day, _ in lens.quarter_ends]
    lines = by_period(AT_PERIOD_END, groups, quarters)
    yield Figures(("unallocated_cases",), "case", lines, lambda view: find.queues(view).for_a_slot.T, has_events)
    everybody = [ALL, *(f"team={team.name}" for team in lens.plan.teams)]
    lines = by_period(AT_PERIOD_END, everybody, quarters)
    yield Figures(
        ("cases_waiting_for_attention",), "case", lines, lambda view: find.queues(view).for_attention.T, has_events
    )
    lines = by_period(IN_PERIOD, groups, lens.labels)
    yield Figures(("mean_days_waiting_for_a_slot",), "allocation", lines, find.mean_days, has_events)


class _Finder:
    """How the queues of one plan's records are found. Groups are those for a slot (all, teams with slots, streams), then those for attention (all, teams)."""

    def __init__(self, lens: Lens) -> None:
        nodes, teams = lens.plan.nodes, lens.plan.teams
        with_slots = [number for number, team in enumerate(teams) if team.slots >= 0]
        self._first_stream = 1 + len(with_slots)
        self._slots = self._first_stream + len(lens.streams)
        self._groups = self._slots + 1 + len(teams)
        queue = np.full((len(What), len(nodes)), -1, dtype=np.int8)
        queue[What.QUEUED] = [1 + with_slots.index(node.team) if node.team in with_slots else 0 for node in nodes]
        queue[What.ASKED] = [self._slots + 1 + node.team if node.team >= 0 else -1 for node in nodes]
        self._queue = queue.ravel()
        self._allocated = np.repeat(np.arange(len(What)) == What.ALLOCATED, len(nodes))

    def queues(self, view: View) -> Queues:
        """Of a record with events."""
        return view.once(_Finder, lambda: self._find(view))

    def mean_days(self, view: View) -> Floats:
        """Mean days that allocations of each period had waited: shape (periods, groups)."""
        number, days = view.lens.pieces.add_up(self.queues(view).allocations)
        return ratio(days, number).T

    def _find(self, view: View) -> Queues:
        lens, moves = view.lens, moves_of(view)
        waiting = np.zeros((self._groups, len(lens.quarter_ends)), dtype=np.int64)
        waited = np.zeros((2, self._slots, len(lens.pieces)), dtype=np.int64)
        run(
            find_waits,
            waiting,
            waited,
            np.full_like(waiting, -1),
            view.memory.take(_Finder, np.int32, len(moves.packed) + 1),
            moves.packed,
            moves.first,
            moves.state_bits,
            moves.token_bits,
            moves.side,
            self._queue,
            view.column(STREAM),
            self._first_stream,
            self._slots,
            self._allocated,
            lens.quarters_over,
            lens.piece_of_day,
            lens.extract,
            view.record.ended_at,
        )
        waited[:, 0] = waited[:, self._first_stream :].sum(axis=1)
        return Queues(waiting[: self._slots], waiting[self._slots :], waited)


@compiled
def find_waits(
    waiting: Ints,
    waited: Ints,
    counted: Ints,
    stretches: Positions,
    packed: Ints,
    first: Positions,
    state_bits: int,
    token_bits: int,
    side: Marks,
    queue: Marks,
    stream: Ints,
    first_stream: int,
    slots: int,
    allocated: Bools,
    quarters_over: Codes,
    piece_of: Codes,
    extract: int,
    ended_at: int,
) -> None:
    """Find every stretch in a queue.

    Args:
        waiting: cases in queues at the end of each quarter, by their main tokens; shape (groups, quarters), at first 0.
        waited: allocations before `extract` and the days they had waited, by piece; shape (2, `slots`, pieces), at first 0. Each is counted in the
            group of its queue, which is 0 if that has none of its own, and in that of its stream.
        counted: the case counted last in each place of `waiting`; at first -1.
        stretches: for use while at work; one longer than `packed`.
        packed: moves, and so on to `side`, as in `Moves`.
        queue: of each state the group of the queue it stands for; -1 for other states.
        stream: of each case.
        first_stream: the group of the first stream.
        slots: how many groups there are of queues for a slot. Group 0 is all of these, and this one all that come after.
        allocated: of each state, whether it stands for a slot given.
        quarters_over: of each day, how many quarters had ended when it began.
        piece_of: of each day.
        extract: a minute.
        ended_at: the minute play stopped.
    """
    state_mask, token_mask, minute_at = (1 << state_bits) - 1, (1 << token_bits) - 1, state_bits + token_bits
    number, case = 0, 0
    for at in range(len(packed)):
        stretches[number] = at
        number += queue[(packed[at] >> token_bits) & state_mask] >= 0
    for stretch in range(number):
        at = stretches[stretch]
        while first[case + 1] <= at:
            case += 1
        move, after, after_all = packed[at], at + 1, first[case + 1]
        of_group, token, begins = queue[(move >> token_bits) & state_mask], move & token_mask, move >> minute_at
        while after < after_all and packed[after] & token_mask != token:
            after += 1
        ends = packed[after] >> minute_at if after < after_all else ended_at
        given = after < after_all and allocated[(packed[after] >> token_bits) & state_mask]
        if given and of_group < slots and ends < extract:
            days, piece = ends // MINUTES_A_DAY - begins // MINUTES_A_DAY, piece_of[ends // MINUTES_A_DAY]
            waited[0, of_group, piece] += 1
            waited[1, of_group, piece] += days
            waited[0, first_stream + stream[case], piece] += 1
            waited[1, first_stream + stream[case], piece] += days
        if begins == ends or side[case, token]:
            continue
        everybody = 0 if of_group < slots else slots
        for quarter in range(quarters_over[begins // MINUTES_A_DAY], quarters_over[ends // MINUTES_A_DAY]):
            count_once(waiting, counted, everybody, quarter, case)
            count_once(waiting, counted, of_group, quarter, case)
            if of_group < slots:
                count_once(waiting, counted, first_stream + stream[case], quarter, case)


@inlined
def count_once(waiting: Ints, counted: Ints, group: int, quarter: int, case: int) -> None:
    """Count a case in a group at the end of a quarter, unless it was."""
    if counted[group, quarter] != case:
        counted[group, quarter] = case
        waiting[group, quarter] += 1

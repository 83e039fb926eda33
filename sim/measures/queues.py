"""Who waited for a slot? Cases unallocated at the end of each quarter, and how long those allocated had waited. Every stream, and each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.compile import compiled
from sim.measures.cohort import AT_PERIOD_END, IN_PERIOD, View
from sim.measures.counting import Marks, run
from sim.measures.figures import Figures, by_period, ratio
from sim.measures.groups import ALL
from sim.measures.lens import STREAM, Lens
from sim.measures.moves import Positions, has_events, moves_of
from sim.measures.periods import Bools, Floats, Ints
from sim.plan import MINUTES_A_DAY
from sim.record import What


def figures(lens: Lens) -> Iterator[Figures]:
    """For all teams, each that has slots, and each stream."""
    teams = [f"team={team.name}" for team in lens.plan.teams if team.slots >= 0]
    groups = [ALL, *teams, *(f"stream={name}" for name in lens.streams)]
    lines = by_period(AT_PERIOD_END, groups, [day for day, _ in lens.quarter_ends])
    yield Figures(("unallocated_cases",), "case", lines, lambda view: _queues(view)[0].T, has_events)
    everybody = [ALL, *(f"team={team.name}" for team in lens.plan.teams)]
    lines = by_period(AT_PERIOD_END, everybody, [day for day, _ in lens.quarter_ends])
    yield Figures(("cases_waiting_for_attention",), "case", lines, lambda view: _asking(view).T, has_events)
    lines = by_period(IN_PERIOD, groups, lens.labels)
    yield Figures(("mean_days_waiting_for_a_slot",), "allocation", lines, _mean, has_events)


def _mean(view: View) -> Floats:
    number, days = view.lens.pieces.add_up(_queues(view)[1])
    return ratio(days, number).T


def _queues(view: View) -> tuple[Ints, Ints]:
    """Cases waiting at the end of each quarter, shape (groups, quarters); allocations before the extract date and the days they had waited, by the piece they
    lie in, shape (2, groups, pieces)."""
    return view.once(_queues, lambda: _find(view))


def _find(view: View) -> tuple[Ints, Ints]:
    lens, nodes = view.lens, view.lens.plan.nodes
    with_slots = [number for number, team in enumerate(lens.plan.teams) if team.slots >= 0]
    groups = 1 + len(with_slots) + len(lens.streams)
    queue = np.full((len(What), len(nodes)), -1, dtype=np.int8)
    queue[What.QUEUED] = [1 + with_slots.index(node.team) if node.team in with_slots else 0 for node in nodes]
    waiting, waited = _walk(view, queue, groups, 1 + len(with_slots) + view.column(STREAM))
    waited[:, 0] = waited[:, 1 + len(with_slots) :].sum(axis=1)
    return waiting, waited


def _asking(view: View) -> Ints:
    """Cases waiting for attention at the end of each quarter: all, then by team; shape (groups, quarters)."""
    nodes, teams = view.lens.plan.nodes, len(view.lens.plan.teams)
    queue = np.full((len(What), len(nodes)), -1, dtype=np.int8)
    queue[What.ASKED] = [1 + node.team if node.team >= 0 else -1 for node in nodes]
    return _walk(view, queue, 1 + teams, np.zeros(len(view.received), dtype=np.int64))[0]


def _walk(view: View, queue: Marks, groups: int, stream: Ints) -> tuple[Ints, Ints]:
    """What `find_waits` finds of queues, each state having the group that `queue` says."""
    lens, moves = view.lens, moves_of(view)
    nodes = lens.plan.nodes
    midnights = np.asarray([midnight for _, midnight in lens.quarter_ends], dtype=np.int64)
    waiting = np.zeros((groups, len(midnights)), dtype=np.int64)
    waited = np.zeros((2, groups, len(lens.pieces)), dtype=np.int64)
    run(
        find_waits,
        waiting,
        waited,
        np.full_like(waiting, -1),
        moves.packed,
        moves.first,
        moves.state_bits,
        moves.token_bits,
        moves.side,
        queue.ravel(),
        stream,
        np.repeat(np.arange(len(What)) == What.ALLOCATED, len(nodes)),
        midnights,
        lens.pieces.edges,
        lens.extract,
        view.record.ended_at,
    )
    return waiting, waited


@compiled
def find_waits(
    waiting: Ints,
    waited: Ints,
    counted: Ints,
    packed: Ints,
    first: Positions,
    state_bits: int,
    token_bits: int,
    side: Marks,
    queue: Marks,
    stream: Ints,
    allocated: Bools,
    midnights: Ints,
    edges: Ints,
    extract: int,
    ended_at: int,
) -> None:
    """Find every stretch in a queue.

    Args:
        waiting: cases in queues at each midnight, by their main tokens; shape (groups, midnights), at first 0. Group 0 is all.
        waited: allocations before `extract` and the days they had waited, by the piece between `edges`; shape (2, groups, pieces), at first 0. Group 0 is of
            queues that have none of their own. Each is counted in the group of its queue and in that of its stream.
        counted: the case counted last in each place of `waiting`; at first -1.
        packed: moves, and so on to `side`, as in `Moves`.
        queue: of each state the group of the queue it stands for, 0 if that has none of its own; -1 for other states.
        stream: the group of each case's stream.
        allocated: of each state, whether it stands for a slot given.
        midnights: ascending.
        edges: ascending.
        extract: a minute.
        ended_at: the minute play stopped.
    """
    state_mask, token_mask, minute_at = (1 << state_bits) - 1, (1 << token_bits) - 1, state_bits + token_bits
    for case in range(len(first) - 1):
        after_all = first[case + 1]
        for at in range(first[case], after_all):
            of_group = queue[(packed[at] >> token_bits) & state_mask]
            if of_group < 0:
                continue
            token, start = packed[at] & token_mask, packed[at] >> minute_at
            after = at + 1
            while after < after_all and packed[after] & token_mask != token:
                after += 1
            end = ended_at
            if after < after_all:
                end = packed[after] >> minute_at
                if allocated[(packed[after] >> token_bits) & state_mask] and end < extract:
                    piece = 0
                    while piece < len(edges) and edges[piece] <= end:
                        piece += 1
                    days = end // MINUTES_A_DAY - start // MINUTES_A_DAY
                    waited[0, of_group, piece] += 1
                    waited[1, of_group, piece] += days
                    waited[0, stream[case], piece] += 1
                    waited[1, stream[case], piece] += days
            if start < end and not side[case, token]:
                for quarter in range(len(midnights)):
                    if start < midnights[quarter] <= end:
                        for group in range(len(waiting)):
                            if (group == 0 or group == of_group or group == stream[case]) and counted[
                                group, quarter
                            ] != case:
                                counted[group, quarter] = case
                                waiting[group, quarter] += 1

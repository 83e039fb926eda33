"""What did every case go through? The rows that move a token into a state, case by case.

Such a row begins a stretch of time in that state. It runs from just after its minute up to and including the minute of the token's next one, so that a
midnight belongs to what the token had been doing, not to what it was about to do. The last one of a token alive at the end runs to the end of play.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compile import compiled
from sim.measures.cohort import View
from sim.measures.counting import Marks, run
from sim.measures.periods import Ints
from sim.record import Record, What

FIRST_STATE, LAST_STATE, FORKED = int(What.QUEUED), int(What.LEFT), int(What.FORKED)
"""A token that has arrived does nothing yet. What comes after the last state in `What` tells of a moment and moves no token."""

Positions = NDArray[np.int32]


class Moves(NamedTuple):
    """Moves of all cases, each packed into one number: its minute, then its state, then its token, so many bits each.

    A state here is a `What` at a node: `what` times the number of nodes, plus the node.
    """

    packed: Ints
    """Case by case, in the order of play."""
    first: Positions
    """Where the moves of each case begin, and last where they end."""
    state_bits: int
    token_bits: int
    side: Marks
    """Whether a token is a side one, made by a side fork or by a side token; shape (cases, tokens)."""


def has_events(record: Record) -> bool:
    """Whether rows were asked for."""
    return len(record.events.get("minute", ())) > 0


def moves_of(view: View) -> Moves:
    """The moves of a record with events."""
    return view.once(moves_of, lambda: _sorted(view))


def _sorted(view: View) -> Moves:
    events, nodes, cases = view.record.events, view.lens.plan.nodes, len(view.received)
    minute, case, token, node, what = (events[name] for name in ("minute", "case", "token", "node", "what"))
    tokens = int(token.max(initial=0)) + 1
    state_bits, token_bits = (len(What) * len(nodes) - 1).bit_length(), (tokens - 1).bit_length()
    packed, whose = np.empty(len(minute), dtype=np.int64), np.empty(len(minute), dtype=np.int32)
    number = run(pack, packed, whose, minute, case, token, node, what, len(nodes), state_bits, token_bits)
    ordered, first = np.empty(number, dtype=np.int64), np.zeros(cases + 1, dtype=np.int32)
    run(order_by_case, ordered, first, np.empty(cases, dtype=np.int32), packed, whose)
    side = np.zeros((cases, tokens), dtype=np.int8)
    run(mark_side_tokens, side, np.flatnonzero(what == FORKED), case, token, node, events["value"], view.lens.side_nodes)
    return Moves(ordered, first, state_bits, token_bits, side)


@compiled
def pack(
    packed: Ints,
    whose: Positions,
    minute: Ints,
    case: Ints,
    token: Ints,
    node: Ints,
    what: Ints,
    nodes: int,
    state_bits: int,
    token_bits: int,
) -> int:
    """Write down the moves among the events, and the case of each, and return how many there are; the rest of the arrays holds anything."""
    number = 0
    for row in range(len(what)):
        to, of_case = what[row], case[row]
        packed[number] = (((minute[row] << state_bits) | (to * nodes + node[row])) << token_bits) | token[row]
        whose[number] = of_case
        # What is no move is written over by the next row, which is quicker than to skip it.
        number += FIRST_STATE <= to <= LAST_STATE
    return number


@compiled
def order_by_case(ordered: Ints, first: Positions, place: Positions, packed: Ints, whose: Positions) -> None:
    """Put the moves of each case together, in their order.

    `first` (cases + 1), at first 0, says where those of each case begin; `place` (cases) is for use while at work.
    """
    for move in range(len(ordered)):
        first[whose[move] + 1] += 1
    for case in range(len(place)):
        place[case] = first[case]
        first[case + 1] += first[case]
    for move in range(len(ordered)):
        case = whose[move]
        at = place[case]
        place[case] = at + 1
        ordered[at] = packed[move]


@compiled
def mark_side_tokens(
    side: Marks, forks: Ints, case: Ints, token: Ints, node: Ints, made: Ints, side_node: Marks
) -> None:
    """Mark the tokens made by side forks or by side tokens; `forks` are positions of rows, in the order of play."""
    for at in range(len(forks)):
        row = forks[at]
        of_case = case[row]
        if made[row] < side.shape[1] and (side_node[node[row]] or side[of_case, token[row]]):
            side[of_case, made[row]] = 1
